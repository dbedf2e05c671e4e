"""Tables held against themselves and one another: ranges, members, sums, logs, and two sources of one fact."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.datapackage import read_package
from compendium.tables import read_table

Read = Callable[[str], pd.DataFrame]
MEMBERS = 193
SHARES = ("share", "probability")
COUNTS = ("persons", "states", "votes", "roll calls", "raw rows", "words", "paragraphs")
# balances may be negative; shares of a revenue exceed 1 where negative adjustments lower the whole, or by rounding
SIGNED = ("net_migration", "named_share", "countries_share", "goals_share")
# how far two sources of the same money may lie apart before it is told
APART = {"finance_piip_crosscheck": 0.05, "unhcr_contributions": 0.10, "finance_reconciliation": 2000.0}


def broken(root: Path) -> list[str]:
    """Return a sentence for each law that the tables break: ranges by unit, 193 members, sums."""
    read: Read = lambda name: read_table(name, root)  # noqa: E731
    resources = read_package(root)["resources"]
    outside = [line for resource in resources for line in out_of_range(resource, read(resource["name"]))]
    return [*outside, *members_apart(read), *sums_apart(read)]


def sources_apart(root: Path) -> list[str]:
    """Return a sentence for each year in which two sources of the same money lie further apart than `APART`."""
    read: Read = lambda name: read_table(name, root)  # noqa: E731
    return [
        *piip_apart(read("finance_piip_crosscheck")),
        *iati_apart(read),
        *donors_apart(read("finance_reconciliation")),
    ]


def out_of_range(resource: Mapping[str, Any], frame: pd.DataFrame) -> Iterator[str]:
    """Yield the columns of shares outside 0 to 1, and of counts below 0."""
    for field in resource["schema"]["fields"]:
        unit, name = field["unit"], field["name"]
        if name in SIGNED or unit not in SHARES + COUNTS or field["type"] not in ("integer", "number"):
            continue
        low = frame[name] < 0
        high = (frame[name] > 1) & (unit in SHARES)
        wrong = (low | high).fillna(value=False)
        if wrong.any():
            first = frame.index[wrong][0]
            yield (
                f"{resource['path']}, row {first + 2}, column {name}: got {frame.loc[first, name]:.10g} {unit}, "
                f"expected {'0 to 1' if unit in SHARES else '0 or more'}; correct the builder"
            )


def members_apart(read: Read) -> Iterator[str]:
    """Yield tables of members, and years of ``country_year``, that do not hold the 193 members once each."""
    members = set(read("un_members")["iso3"])
    if len(members) != MEMBERS:
        yield f"un_members: got {len(members)} members, expected {MEMBERS}; correct the builder"
    for year, part in read("country_year").groupby("year"):
        if set(part["iso3"]) != members or len(part) != len(members):
            yield f"country_year: {year} holds {len(part)} rows, expected each of the {len(members)} members once; correct the builder"


def sums_apart(read: Read) -> Iterator[str]:
    """Yield sums that two tables, or two columns, should share and do not."""
    calls, votes = read("un_roll_calls").set_index("resolution"), read("un_votes")
    cast = votes.groupby(["resolution", "vote"]).size().unstack(fill_value=0)
    for column, vote in {"yes": "yes", "no": "no", "abstain": "abstain", "not_voting": "not voting"}.items():
        yield from _differ(f"un_roll_calls.{column} and un_votes", calls[column], cast[vote])
    tally = calls[["yes", "no", "abstain", "not_voting"]].sum(axis=1)
    yield from _differ("un_roll_calls: its four tallies and its members", tally, calls["members"])
    people, world = read("displacement_year").groupby("year"), read("world_year").set_index("year")
    pairs = read("unhcr_displacement").query("year >= @world.index.min()").groupby("year")["refugees"].sum()
    for column in ("refugees_hosted", "refugees_originating"):
        yield from _differ(
            f"displacement_year.{column} and world_year.refugees", people[column].sum(), world["refugees"]
        )
    yield from _differ("unhcr_displacement.refugees and world_year.refugees", pairs, world["refugees"])
    asylum = read("asylum_year").groupby("year")[["asylum_applications", "origin_applications"]].sum()
    yield from _differ("asylum_year: applications by asylum and by origin", asylum.iloc[:, 0], asylum.iloc[:, 1])
    stock = read("migrant_stock_year").groupby("year")[["migrants", "emigrants", "migrants_of_unknown_origin"]].sum()
    yield from _differ(
        "migrant_stock_year: migrants, and emigrants with those of unknown origin",
        stock["migrants"],
        stock.iloc[:, 1:].sum(axis=1),
    )
    hosts = read("displacement_by_income_year").groupby(["year", "grouping"])["refugees_hosted"].sum().unstack()
    for grouping in hosts:
        yield from _differ(
            f"displacement_by_income_year, {grouping}, and world_year.refugees", hosts[grouping], world["refugees"]
        )
    flows = read("finance_entity_year").groupby(["flow", "entity", "year"])["amount_usd"].sum()
    money = read("finance_reconciliation").set_index(["entity", "year"])
    for flow, column in {"revenue": "revenue_usd", "expense": "expenses_usd"}.items():
        yield from _differ(
            f"finance_entity_year ({flow}) and finance_reconciliation", flows[flow], money[column].dropna(), 1.0
        )


def piip_apart(check: pd.DataFrame) -> Iterator[str]:
    """Yield for each entity the years in which its income differs between CEB and PIIP by more than `APART`."""
    for entity, rows in check[(check["income_ratio"] - 1).abs() > APART["finance_piip_crosscheck"]].groupby("entity"):
        told = ", ".join(
            f"{row['revenue_musd']:,.0f} and {row['piip_income_musd']:,.0f} in {row['year']}"
            for row in rows.to_dict("records")
        )
        yield f"finance_piip_crosscheck: the income of {entity} by CEB and by PIIP is far apart, in million USD: {told}"


def iati_apart(read: Read) -> Iterator[str]:
    """Yield years in which contributions to UNHCR by IATI and its revenue by CEB differ by more than `APART`."""
    given = read("unhcr_contributions").groupby("year")["amount_usd"].sum() / 1e6
    booked = read("finance_reconciliation").query("entity == 'UNHCR'").set_index("year")["revenue_usd"] / 1e6
    for year in given.index.intersection(booked.index):
        if abs(given[year] / booked[year] - 1) > APART["unhcr_contributions"]:
            yield f"unhcr_contributions: UNHCR got {given[year]:,.0f} in {year} by IATI, {booked[year]:,.0f} million USD by CEB"


def donors_apart(sums: pd.DataFrame) -> Iterator[str]:
    """Yield entities and years whose donors do not add up to their revenue within `APART`."""
    for row in sums[sums["donors_difference_usd"].abs() > APART["finance_reconciliation"]].to_dict("records"):
        yield f"finance_reconciliation: donors of {row['entity']} in {row['year']} add up to {row['donors_usd'] / 1e6:,.1f}, its revenue is {row['revenue_usd'] / 1e6:,.1f} million USD"


def _differ(what: str, first: pd.Series, second: pd.Series, within: float = 0.0) -> Iterator[str]:
    """Yield a sentence when two series with the same index differ; a key that one of them lacks is a difference."""
    one, other = first.astype("float64").align(second.astype("float64"))
    wrong = ~((one - other).abs() <= within)
    if wrong.any():
        key = one.index[wrong][0]
        yield f"{what}: differ in {int(wrong.sum())} rows, first {key}: {one[key]:.10g} and {other[key]:.10g}; correct the builder"
