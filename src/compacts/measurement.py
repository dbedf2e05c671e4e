"""What of the Compacts' objectives and indicators is measured, by others or by our tables, and IOM's outputs beside them."""

from collections.abc import Mapping

import pandas as pd

# Items of the frameworks that a column of world_year measures: the same thing, or one near it. A judgement of ours.
MEASURED: Mapping[str, tuple[str, str, str]] = {
    "3.1.1": ("resettled", "near", "arrivals, with or without UNHCR's help, not departures"),
    "3.1.2": ("resettlement_countries", "near", "countries with arrivals, not countries that receive submissions"),
    "4.2.1": ("returned_refugees", "same", "refugees who returned during the year"),
    "GCR1": ("refugees_next_door_share", "near", "where refugees live, not what hosts are relieved of"),
    "GCM08": ("dead_or_missing_migrants", "near", "deaths and disappearances that became known"),
    "GCM20": ("remittances_received", "near", "money that arrives, not what it costs to send it"),
}

# Items for which a value published by others is in our lists: (record of frameworks or figure, same or near).
PUBLISHED: Mapping[str, tuple[str, str]] = {
    "2.1.1": ("labour_laws", "near"),
    "2.2.1": ("tertiary_2025", "near"),
    "3.1.1": ("resettled_2024", "near"),
    "3.1.2": ("resettled_2019_countries", "near"),
    "4.2.1": ("returns_2019", "same"),
    "GCR1": ("lmic_share_2024", "near"),
    "GCM20": ("remit_lmic_2023_final", "near"),
}

BLOCKS = ("GCR objectives", "GCR outcomes", "GCR indicators", "GCM objectives", "GCM guiding principles")


def frameworks_matrix(frameworks: pd.DataFrame) -> pd.DataFrame:
    """Return the items of both Compacts with what is known of their monitoring.

    Returns
    -------
    DataFrame
        ``block`` (of BLOCKS), ``item``, ``label``, and three states: ``indicator`` (same: in the framework; near: proposed for the
        Compact as a whole, not known for the item; none), ``value`` (published by others, in our lists) and ``ours`` (from
        our tables): same, near or none. Objectives and outcomes of the GCR have what their indicators have.
    """
    names = {kind: f"{kind}s" for kind in ("objective", "outcome", "indicator")} | {"principle": "guiding principles"}
    items = frameworks[frameworks["item_type"].isin(names)].copy()
    items["block"] = items["framework"].str[:3] + " " + items["item_type"].map(names)
    indicators = set(items.loc[items["item_type"] == "indicator", "item_code"])
    below = {
        code: [i for i in indicators if i.startswith(code.removeprefix("GCR"))] if code.startswith("GCR") else []
        for code in items["item_code"]
    }

    def best(code: str, states: Mapping[str, str]) -> str:
        held = {states.get(one, "none") for one in [code, *below[code]]}
        return "same" if "same" in held else "near" if "near" in held else "none"

    ours = {code: how for code, (_, how, _) in MEASURED.items()}
    theirs = {code: how for code, (_, how) in PUBLISHED.items()}
    offered = {"GCM objectives": "near", "GCM guiding principles": "none"}
    result = pd.DataFrame({
        "block": items["block"], "item": items["item_code"], "label": items["label"],
        "indicator": [offered.get(block, "same") for block in items["block"]],
        "value": [best(code, theirs) for code in items["item_code"]],
        "ours": [best(code, ours) for code in items["item_code"]],
    })  # fmt: skip
    order = result["block"].map(BLOCKS.index)
    return result.assign(order=order).sort_values(["order", "item"]).drop(columns="order").reset_index(drop=True)


def with_number(matrix: pd.DataFrame, block: str) -> dict[str, int]:
    """Return how many items of a block there are (``of``), have a number (``any``), and have one of the very thing (``same``)."""
    values = matrix.loc[matrix["block"] == block, ["value", "ours"]]
    return {
        "of": len(values),
        "any": int((values != "none").any(axis=1).sum()),
        "same": int((values == "same").any(axis=1).sum()),
    }


def without_number(matrix: pd.DataFrame, block: str) -> pd.DataFrame:
    """Return the rows of a block for which neither a published value nor one of ours is known."""
    return matrix[(matrix["block"] == block) & (matrix[["value", "ours"]] == "none").all(axis=1)]


def outputs_by_objective(links: pd.DataFrame, frameworks: pd.DataFrame) -> pd.DataFrame:
    """Return the 23 objectives with the outputs of IOM's results framework that serve each, most first.

    Returns
    -------
    DataFrame
        ``objective`` (1 to 23), ``label``, ``outputs``, and outputs by the framework's own objective: ``lives``, ``displacement``, ``pathways``.
    """
    named = frameworks[frameworks["framework"] == "GCM objectives"]
    label = pd.Series(named["label"].to_numpy(), index=named["item_code"].str[3:].astype(int))
    parts = links.groupby(["gcm_objective", "srf_objective"])["srf_output"].nunique().unstack(fill_value=0)
    parts = parts.reindex(label.index, fill_value=0).rename(
        columns={"1": "lives", "2": "displacement", "3": "pathways"}
    )
    parts.columns.name = None
    return (
        parts.assign(label=label, outputs=parts.sum(axis=1)).rename_axis("objective").reset_index()
        .sort_values(["outputs", "objective"], ascending=[False, True], ignore_index=True)
    )  # fmt: skip
