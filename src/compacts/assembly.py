"""What the tables hold and lack: inventories, empty cells, absences, unknown origins, published totals answered."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

CONFIDENCE = ("verified", "cited", "uncertain")
HOW = {"tables": "from raw files", "curated": "by hand", "coded": "by rule, reading"}


def inventory(resources: Sequence[Mapping[str, Any]], frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row a table: how it was made, rows, columns, share of cells that are empty, as-of date, licence."""
    rows = []
    for resource in resources:
        frame = frames[resource["name"]]
        rows.append({
            "group": resource.get("group", ""),
            "table": resource["name"],
            "holds": resource["title"],
            "made": HOW[resource["path"].split("/")[1]],
            "rows": len(frame),
            "columns": frame.shape[1],
            "empty": float(frame.isna().to_numpy().mean()) if len(frame) else 0.0,
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


def by_group(tables: pd.DataFrame) -> pd.DataFrame:
    """Return a row a group of tables: tables, rows, columns, empty cells and the oldest and newest as-of date."""
    cells = tables["rows"] * tables["columns"]
    counted = tables.assign(cells=cells, unfilled=cells * tables["empty"], as_of=tables["as_of"].replace("", None))
    order = list(dict.fromkeys(tables["group"]))
    grouped = counted.groupby("group").agg(
        tables=("table", "size"), rows=("rows", "sum"), columns=("columns", "sum"), cells=("cells", "sum"),
        unfilled=("unfilled", "sum"), oldest=("as_of", "min"), newest=("as_of", "max"),
    )  # fmt: skip
    grouped["empty"] = grouped["unfilled"] / grouped["cells"]
    return grouped.loc[order, ["tables", "rows", "columns", "empty", "oldest", "newest"]].reset_index()


def logs(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the logs of all builders in one frame."""
    return pd.concat([frame for name, frame in frames.items() if name.startswith("ingest_")], ignore_index=True)


def largest_drops(log: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return the entries of the logs that leave out most, largest first: file, table, unit, rows, reason."""
    dropped = log[log["outcome"] == "dropped"].nlargest(number, "rows")
    return dropped[["source_id", "table", "unit", "rows", "reason"]].reset_index(drop=True)


def two_sources(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row a fact that two sources hold: what is compared, how often, and how often both say the same.

    A fact that only one of them holds is not compared. Donors are added up from 2021 on: before, a residual makes their
    sum equal to revenue.
    """
    votes, lives = frames["un_votes_crosscheck"], frames["organization_lifespans"]
    donors = frames["finance_donor_crosscheck"].dropna(subset=["derived_usd", "download_usd"])
    income = frames["finance_piip_crosscheck"]["income_ratio"].dropna()
    both = frames["finance_reconciliation"].query("year >= 2021")["donors_difference_usd"].dropna()
    unhcr = contributions_to_revenue(frames["unhcr_contributions"], frames["finance_entity_year"])
    starts, ends = lives["start_disputed"].dropna(), lives["end_disputed"].dropna()
    rows = [
        ("Votes of states", "UN Digital Library", "unvotes", "equal", int(votes["cells"].sum()), int(votes["agree"].sum())),
        ("Government donors, 2024", "derived JSON", "CEB download", "equal", len(donors), int((donors["outcome"] == "equal").sum())),
        ("Income of organizations", "CEB", "PIIP", "within 1 %", len(income), int(((income - 1).abs() <= 0.01).sum())),
        ("Contributions to UNHCR by year", "IATI", "CEB", "within 5 %", len(unhcr), int(((unhcr - 1).abs() <= 0.05).sum())),
        ("Revenue by entity, from 2021", "entities", "sum over donors", "within 2,000 USD", len(both), int((both.abs() <= 2000).sum())),
        ("Start of organizations", "first list", "other lists", "equal", len(starts), int((~starts.astype(bool)).sum())),
        ("End of organizations", "first list", "other lists", "equal", len(ends), int((~ends.astype(bool)).sum())),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["fact", "first", "second", "same_means", "compared", "same"])
    return table.assign(share=100 * table["same"] / table["compared"])


def contributions_to_revenue(contributions: pd.DataFrame, finances: pd.DataFrame) -> "pd.Series[float]":
    """Return by year UNHCR's incoming commitments (IATI) as a ratio of its revenue (CEB), for years that both hold."""
    revenue = finances[(finances["entity"] == "UNHCR") & (finances["flow"] == "revenue")]
    ratio = contributions.groupby("year")["amount_usd"].sum() / revenue.groupby("year")["amount_usd"].sum()
    return ratio.dropna()


def states_with_gaps(states: pd.DataFrame, fields: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row a member of ``country_year``: years, population of the last one and share of empty cells, most first.

    Only columns whose empty cells are facts not known count, and only years of membership.
    """
    columns = [field["name"] for field in fields if field.get("missingKind") == "unknown"]
    of_members = states[states["un_member"].astype(bool)].sort_values("year")
    grouped = of_members.assign(empty=of_members[columns].isna().mean(axis=1)).groupby("iso3")
    table = grouped.agg(years=("year", "size"), population=("population", "last"), empty=("empty", "mean"))
    return table.sort_values("empty", ascending=False, kind="stable").reset_index()


def relative_differences(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers that are numbers, with our difference in per cent of the published figure."""
    numbers = answers.assign(published=pd.to_numeric(answers["theirs"], errors="coerce"))
    numbers = numbers[numbers["difference"].notna() & numbers["published"].notna()]
    return numbers.assign(percent=100 * numbers["difference"] / numbers["published"]).drop(columns="published")


def differences_by_reason(answers: pd.DataFrame) -> pd.DataFrame:
    """Return a row a reason and explanation of answers that differ: how many, and the one that differs most."""
    apart = answers[~answers["equal"]].copy()
    apart["size"] = relative_differences(apart)["percent"].abs().reindex(apart.index).fillna(0)
    keys = ["reason", "explanation"]
    apart = apart.sort_values("size", ascending=False, kind="stable")
    table = apart.groupby(keys, sort=False).agg(
        figures=("figure_id", "size"), statement=("statement", "first"), theirs=("theirs", "first"), ours=("ours", "first"),
        unit=("unit", "first"),
    )  # fmt: skip
    return table.reset_index().sort_values(
        ["reason", "figures"], ascending=[True, False], kind="stable", ignore_index=True
    )


def known_by_year(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return the share of members whose value is known, a row a column of ``country_year``, a column a year."""
    wide = (coverage["known"] / coverage["members"]).groupby([coverage["column"], coverage["year"]]).first().unstack()
    return wide.loc[wide.mean(axis=1).sort_values(kind="stable").index]


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


def short_resolution(symbol: str) -> str:
    """Return the number of a resolution without the words before it.

    Examples
    --------
    >>> short_resolution("A/RES/63/307")
    '63/307'
    """
    return re.sub(r"^A/(?:RES|DEC)/", "", symbol)
