"""What the tables hold and lack: inventories, empty cells, absences, unknown origins, published totals answered."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from compacts.checks import resolution_of

CONFIDENCE = ("verified", "cited", "uncertain")
HOW = {"tables": "from raw files", "curated": "by hand", "coded": "by rule, reading"}
REVISED = "UNHCR revises its figures after they are first published."


class Figures(NamedTuple):
    """Which cells of ``unhcr_displacement`` a published figure adds up; ISO3 codes restrict asylum and origin."""

    year: int
    columns: tuple[str, ...]
    asylum: str = ""
    origin: str = ""


_WIDE = ("refugees", "others_in_need")
PUBLISHED = {
    "gt2019_asylum": Figures(2019, ("asylum_seekers",)),
    "gt2021_asylum": Figures(2021, ("asylum_seekers",)),
    "gt2022_asylum": Figures(2022, ("asylum_seekers",)),
    "gt2020_refugees_unhcr": Figures(2020, ("refugees",)),
    "gt2021_refugees_unhcr": Figures(2021, ("refugees",)),
    "refugees_2023_wide": Figures(2023, _WIDE),
    "gt2019_venezuelans": Figures(2019, ("others_in_need",), origin="VEN"),
    "gt2020_venezuelans": Figures(2020, ("others_in_need",), origin="VEN"),
    "gt2021_venezuelans": Figures(2021, ("others_in_need",), origin="VEN"),
    "returns_2019": Figures(2019, ("returned_refugees",)),
    **{f"gt2020_host_{iso3}": Figures(2020, _WIDE, asylum=iso3) for iso3 in ("COL", "DEU", "PAK", "TUR", "UGA")},
    **{f"gt2021_host_{iso3}": Figures(2021, _WIDE, asylum=iso3) for iso3 in ("COL", "DEU", "PAK", "UGA")},
    **{f"gt2024_host_{iso3}": Figures(2024, _WIDE, asylum=iso3) for iso3 in ("COL", "DEU", "IRN", "TUR")},
}
_UNITS = {"million": 1e6, "persons": 1.0}


def inventory(resources: Sequence[Mapping[str, Any]], frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row a table: how it was made, rows, columns, share of cells that are empty, as-of date, licence."""
    rows = []
    for resource in resources:
        frame = frames[resource["name"]]
        rows.append({
            "table": resource["name"],
            "holds": resource["title"],
            "made": HOW[resource["path"].split("/")[1]],
            "rows": len(frame),
            "columns": frame.shape[1],
            "empty": float(frame.isna().to_numpy().mean()),
            "as_of": resource.get("asOf", ""),
            "licence": resource["licenses"][0]["name"].replace("other-closed", "facts"),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    made = table["made"].map({how: place for place, how in enumerate(HOW.values())})
    last = table["table"].str.startswith("ingest_")
    return (
        table.assign(made_order=made, last=last)
        .sort_values(["made_order", "last", "table"])
        .drop(columns=["made_order", "last"])
        .reset_index(drop=True)
    )


def rows_by_file(log: pd.DataFrame) -> pd.DataFrame:
    """Return a row a raw file and table made from it: what was read, kept and left out, with the reasons.

    Parameters
    ----------
    log : DataFrame
        table, source_id, outcome (kept or dropped), rows, unit, reason, as the builders write it.

    Returns
    -------
    DataFrame
        ``file``, ``table``, ``unit``, ``kept``, ``dropped`` and ``left_out`` (each reason with its number), where there is any.
    """
    keys = ["source_id", "table", "unit"]
    counts = log.pivot_table(index=keys, columns="outcome", values="rows", aggfunc="sum", fill_value=0)
    counts = counts.reindex(columns=["kept", "dropped"], fill_value=0).astype("int64")
    dropped = log[log["outcome"] == "dropped"]
    told = dropped["reason"] + " (" + dropped["rows"].map("{:,}".format) + ")"
    counts["left_out"] = told.groupby([dropped[key] for key in keys]).agg("; ".join)
    counts["left_out"] = counts["left_out"].fillna("nothing")
    return counts.rename_axis(columns=None).reset_index().rename(columns={"source_id": "file"})


def empty_cells(resources: Sequence[Mapping[str, Any]], frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row a column that has empty cells: table, column, rows, empty, share, kind and meaning of an empty cell.

    The kind is ``unknown`` (the fact exists, we do not have it) or ``does not apply``.
    """
    rows = []
    for resource in resources:
        frame = frames[resource["name"]]
        for field in resource["schema"]["fields"]:
            empty = int(frame[field["name"]].isna().sum())
            if empty:
                kind, meaning = field["missingKind"], field["missing"]
                rows.append((resource["name"], field["name"], len(frame), empty, empty / len(frame), kind, meaning))
    return pd.DataFrame(rows, columns=["table", "column", "rows", "empty", "share", "kind", "meaning"])


def not_voting(participation: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return by session and regional group: roll calls times members, how many without a vote, and their share."""
    named = participation.merge(members[["iso3", "un_group"]], on="iso3", validate="m:1")
    table = named.groupby(["session", "un_group"], as_index=False)[["roll_calls", "not_voting"]].sum()
    table["share"] = table["not_voting"] / table["roll_calls"]
    return table


def displacement_coverage(displacement: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return by year: UN members with refugees, with asylum-seekers, and with any row as country of asylum; refugees
    of unknown origin, all refugees, and the share of unknown origin.
    """  # noqa: D205
    of_members = displacement[displacement["asylum_iso3"].isin(members["iso3"])]
    by_year = {
        name: of_members[wanted].groupby("year")["asylum_iso3"].nunique()
        for name, wanted in {
            "with_refugees": of_members["refugees"] > 0,
            "with_asylum_seekers": of_members["asylum_seekers"] > 0,
            "with_any": of_members["year"] > 0,
        }.items()
    }
    unknown = displacement[displacement["origin_iso3"] == "UNK"].groupby("year")["refugees"].sum()
    table = pd.DataFrame(by_year).fillna(0).astype("int64")
    table["unknown_origin"] = unknown.reindex(table.index, fill_value=0)
    table["refugees"] = displacement.groupby("year")["refugees"].sum()
    table["unknown_share"] = table["unknown_origin"] / table["refugees"]
    return table.reset_index()


def confidence(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return by curated table the rows that are verified, cited and uncertain; tables without the column are left out."""
    counts = {name: frame["confidence"].value_counts() for name, frame in frames.items() if "confidence" in frame}
    table = pd.DataFrame(counts).T.reindex(columns=list(CONFIDENCE)).fillna(0).astype("int64")
    return table.rename_axis(index="table", columns=None).assign(rows=table.sum(axis=1))


def published_votes(figures: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """Return published tallies of our roll calls: figure_id, statement, theirs, ours, unit, difference."""
    columns = {"yes": "yes", "no": "no", "abstain": "abstain", "absent": "not_voting"}
    recorded = calls.set_index("resolution").to_dict("index")
    rows = []
    for _, figure in figures.iterrows():
        resolution, ending = resolution_of(figure["figure_id"]), figure["figure_id"].rsplit("_", 1)[-1]
        if resolution in recorded and ending in columns:
            ours = float(recorded[resolution][columns[ending]])
            rows.append((figure["figure_id"], figure["statement"], float(figure["value"]), ours, figure["unit"]))
    # by resolution, then as a tally is read: yes, no, abstain, absent
    return _compared(
        sorted(rows, key=lambda row: (resolution_of(row[0]) or "", list(columns).index(row[0].rsplit("_", 1)[-1])))
    )


def published_displacement(figures: pd.DataFrame, displacement: pd.DataFrame) -> pd.DataFrame:
    """Return published totals of `PUBLISHED` and ours, rounded as they were published.

    Returns
    -------
    DataFrame
        ``figure_id``, ``statement``, ``theirs``, ``ours``, ``unit``, ``difference``.
    """
    rows = []
    for _, figure in figures[figures["figure_id"].isin(PUBLISHED)].iterrows():
        wanted = PUBLISHED[figure["figure_id"]]
        cells = displacement[displacement["year"] == wanted.year]
        for column, code in {"asylum_iso3": wanted.asylum, "origin_iso3": wanted.origin}.items():
            cells = cells[cells[column] == code] if code else cells
        total = float(cells[list(wanted.columns)].sum().sum()) / _UNITS[figure["unit"]]
        decimals = _decimals(figure["value"])
        rows.append(
            (figure["figure_id"], figure["statement"], float(figure["value"]), round(total, decimals), figure["unit"])
        )
    return _compared(rows)


def _decimals(published: str) -> int:
    """Return the decimals to which a number was rounded, negative for zeros at the end of a whole number."""
    _, point, fraction = published.partition(".")
    return len(fraction) if point else len(published.rstrip("0")) - len(published)


def _compared(rows: list[tuple[str, str, float, float, str]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["figure_id", "statement", "theirs", "ours", "unit"])
    return table.assign(difference=(table["ours"] - table["theirs"]).round(6))


def short_resolution(symbol: str) -> str:
    """Return the number of a resolution without the words before it.

    Examples
    --------
    >>> short_resolution("A/RES/63/307")
    '63/307'
    """
    return re.sub(r"^A/(?:RES|DEC)/", "", symbol)
