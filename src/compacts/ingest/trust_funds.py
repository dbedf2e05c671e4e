"""Trust funds of the United Nations Secretariat: what each spent and who paid into it, year by year.

A comparator for how long funds last: the window is short, and a fund seen in its first or last year may be older or
younger than the window shows.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.json_records import TEXT, TEXT_OR_NONE, WHOLE, part, records, whole
from compacts.ingest.raw_file import AGAIN, ingest_log, read_csv, read_json, require_unique, shown
from compendium.errors import UserError, nearest

SCHEDULE = "budget-trust-funds"
CONTRIBUTORS = "trust-fund-contributors"
REVIEW = "trust-fund-entity-crosswalk-review.csv"
GROUPS = {"Government": "government", "Mixed": "mixed", "Others": "other"}
ENTITY = "trust-fund-entity:"
_NODE = {"id": TEXT, "parentId": TEXT_OR_NONE, "tier": TEXT, "code": TEXT_OR_NONE, "label": TEXT, "amount": WHOLE}
_STATEMENT = {"fund_code": TEXT, "statement_amount_usd": WHOLE, "named_rows_amount_usd": WHOLE}
_DESTINATION = {"fund_code": TEXT, "fund_name": TEXT_OR_NONE, "amount_usd": WHOLE}
FUND_COLUMNS = [
    "fund_code", "year", "fund_name", "entity", "in_schedule", "expenses_usd", "contributions_usd",
    "named_contributions_usd", "contributors", "paying_contributors", "first_year", "last_year", "years_seen",
    "born_in_window", "gone_before_end",
]  # fmt: skip
CONTRIBUTOR_KEYS = ["contributor", "fund_code", "year"]


def trust_funds(
    schedules: tuple[Path, ...], contributors: tuple[Path, ...], donor_names: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``trust_fund_year``, ``trust_fund_contributor_year`` and their log.

    Parameters
    ----------
    schedules : tuple of Path
        ``budget-trust-funds-YYYY.json``, one a year: expenses by fund; and a review of the mapping, not used.
    contributors : tuple of Path
        ``trust-fund-contributors-YYYY.json``, one a year: contributions by contributor and fund, and by fund.
    donor_names : DataFrame
        ``name``, ``iso3``, ``kind``: contributors of the group Government must be among them.

    Returns
    -------
    dict
        Amounts in whole US dollars. ``trust_fund_year``: a fund in a year, FUND_COLUMNS;
        ``trust_fund_contributor_year``: contributor, group, iso3, fund_code, year, amount_usd.

    Raises
    ------
    UserError
        When a file is damaged, a sum differs from the total that the file gives, a year is in one set of files only, a
        government is not known, or a key comes twice.
    """
    review = [path for path in schedules if path.name == REVIEW]
    spent = _by_year([path for path in schedules if path.name != REVIEW], SCHEDULE)
    paid = _by_year(list(contributors), CONTRIBUTORS)
    if set(spent) != set(paid) or not spent:
        years = [str(year) for year in sorted(set(spent) ^ set(paid))] or ["no year"]
        raise UserError(f"{SCHEDULE} and {CONTRIBUTORS}: got {years[0]} in one of them, expected both; {AGAIN}")
    expenses = pd.concat([_schedule(path, year) for year, path in spent.items()], ignore_index=True)
    statements = pd.concat([_statements(path, year) for year, path in paid.items()], ignore_index=True)
    given = pd.concat([_contributions(path, year) for year, path in paid.items()], ignore_index=True)
    given["iso3"] = _iso3(given, donor_names, paid)
    funds = _fund_years(expenses, statements, given)
    listed = given["contributor"].isin(donor_names["name"])
    columns = ["contributor", "contributor_group", "iso3", "fund_code", "year", "amount_usd"]
    log = [
        ("trust_fund_year", "trust_funds", "kept", "expenses of a fund in a year", "fund-years", len(expenses)),
        ("trust_fund_year", "trust_fund_contributors", "kept", "statement of contributions only: the source maps the fund to no entity, its expenses are not given", "fund-years", int((~funds["in_schedule"]).sum())),
        ("trust_fund_year", "trust_fund_contributors", "kept", "statement of contributions of a fund in the schedule", "fund-years", int((funds["in_schedule"] & funds["contributions_usd"].notna()).sum())),
        ("trust_fund_contributor_year", "trust_fund_contributors", "kept", "contributor in donor_names", "contributions", int(listed.sum())),
        ("trust_fund_contributor_year", "trust_fund_contributors", "kept", "contributor not in donor_names: no government by its group", "contributions", int((~listed).sum())),
        *((("trust_fund_year", "trust_funds", "dropped", "review of how funds were mapped to entities: not used", "rows", len(read_csv(path, ["fund_code"])))) for path in review),
    ]  # fmt: skip
    return {
        "trust_fund_year": funds,
        "trust_fund_contributor_year": given[columns].sort_values(CONTRIBUTOR_KEYS, ignore_index=True),
        "ingest_trust_funds": ingest_log(log),
    }


def _by_year(paths: list[Path], stem: str) -> dict[int, Path]:
    years: dict[int, Path] = {}
    for path in paths:
        found = re.fullmatch(rf"{stem}-([0-9]{{4}})\.json", path.name)
        if not found:
            raise UserError(f"{shown(path)}: got this name, expected {stem}-YYYY.json; {AGAIN}")
        years[int(found[1])] = path
    return years


def _schedule(path: Path, year: int) -> pd.DataFrame:
    """Return fund_code, fund_name, entity, expenses_usd of one year."""
    content = read_json(path)
    nodes = records(part(content, ("nodes",), path), _NODE, path, "nodes")
    funds = nodes[(nodes["tier"] == "detail") & (nodes["code"] != "")]
    entity = funds["parentId"].str.removeprefix(ENTITY)
    _require_total(int(funds["amount"].sum()), whole(content, ("meta", "total"), path), "meta.total", path)
    table = pd.DataFrame({
        "fund_code": funds["code"],
        "year": year,
        "fund_name": funds["label"],
        "entity": entity,
        "expenses_usd": funds["amount"],
    })  # fmt: skip
    require_unique(table, ["fund_code"], path, first_line=0)
    return table


def _statements(path: Path, year: int) -> pd.DataFrame:
    """Return fund_code, contributions_usd, named_contributions_usd of one year."""
    content = read_json(path)
    table = records(part(content, ("reconciliation",), path), _STATEMENT, path, "reconciliation")
    total = int(table["statement_amount_usd"].sum())
    _require_total(total, whole(content, ("meta", "statement_total_usd"), path), "meta.statement_total_usd", path)
    require_unique(table, ["fund_code"], path, first_line=0)
    names = {"statement_amount_usd": "contributions_usd", "named_rows_amount_usd": "named_contributions_usd"}
    return table.rename(columns=names).assign(year=year)


def _contributions(path: Path, year: int) -> pd.DataFrame:
    """Return contributor, contributor_group, fund_code, fund_name, amount_usd of one year."""
    content = read_json(path)
    entries = part(content, ("contributors",), path)
    names = records(entries, {"name": TEXT, "counterparty_group": TEXT}, path, "contributors")
    unknown = ~names["counterparty_group"].isin(list(GROUPS))
    if unknown.any():
        got = names.loc[unknown, "counterparty_group"].iloc[0]
        raise UserError(f"{shown(path)}: got the group {got!r}, expected one of {', '.join(GROUPS)}; {AGAIN}")
    # flat, as a frame for each of some thousand contributors would take half a minute
    given = [part(entry, ("destinations",), path) for entry in entries]
    flat = [{"contributor": n, "destination": d} for n, each in enumerate(given) for d in _listed(each, path)]
    table = records([entry["destination"] for entry in flat], _DESTINATION, path, "destinations")
    number = [entry["contributor"] for entry in flat]
    table["contributor"] = names["name"].to_numpy()[number]
    table["contributor_group"] = names["counterparty_group"].map(GROUPS).to_numpy()[number]
    table["year"] = year
    total = int(table["amount_usd"].sum())
    _require_total(total, whole(content, ("meta", "contributor_total_usd"), path), "meta.contributor_total_usd", path)
    require_unique(table, CONTRIBUTOR_KEYS, path, first_line=0)
    return table


def _listed(given: Any, path: Path) -> list[Any]:
    if isinstance(given, list):
        return given
    raise UserError(f"{shown(path)}, destinations: got {given!r}, expected a list of records; {AGAIN}")


def _iso3(given: pd.DataFrame, donor_names: pd.DataFrame, paths: dict[int, Path]) -> "pd.Series[Any]":
    known = donor_names["name"]
    unknown = (given["contributor_group"] == "government") & ~given["contributor"].isin(known)
    if unknown.any():
        row = given[unknown].iloc[0]
        got = f"got the government {row['contributor']!r}{nearest(row['contributor'], list(known))}"
        where = shown(paths[int(row["year"])])
        raise UserError(
            f"{where}: {got}, expected a name listed in data/coded/donor_names.csv; add it there, or {AGAIN}"
        )
    return given["contributor"].map(donor_names.set_index("name")["iso3"]).replace("", None)


def _fund_years(expenses: pd.DataFrame, statements: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    table = expenses.merge(statements, on=["fund_code", "year"], how="outer", validate="1:1", indicator="found")
    table["in_schedule"] = table.pop("found") != "right_only"
    for column in ("expenses_usd", "contributions_usd", "named_contributions_usd"):
        table[column] = table[column].astype("Int64")
    names = given[given["fund_name"] != ""].drop_duplicates("fund_code").set_index("fund_code")["fund_name"]
    known = expenses.drop_duplicates("fund_code").set_index("fund_code")["fund_name"]
    table["fund_name"] = table["fund_name"].fillna(table["fund_code"].map(known)).fillna(table["fund_code"].map(names))
    counts = given.assign(paying=given["amount_usd"] > 0).groupby(["fund_code", "year"])["paying"].agg(["size", "sum"])
    counts = counts.rename(columns={"size": "contributors", "sum": "paying_contributors"}).reset_index()
    table = table.merge(counts, on=["fund_code", "year"], how="left", validate="1:1")
    for column in ("contributors", "paying_contributors"):
        # without a statement of contributions it is not known whether there were any
        table[column] = table[column].astype("Int64").fillna(0).where(table["contributions_usd"].notna())
    seen = table.groupby("fund_code")["year"].agg(first_year="min", last_year="max", years_seen="size").reset_index()
    table = table.merge(seen, on="fund_code", validate="m:1")
    table["born_in_window"] = table["first_year"] > table["year"].min()
    table["gone_before_end"] = table["last_year"] < table["year"].max()
    return table[FUND_COLUMNS].sort_values(["fund_code", "year"], ignore_index=True)


def _require_total(got: int, expected: int, place: str, path: Path) -> None:
    if got != expected:
        raise UserError(f"{shown(path)}, {place}: got rows that add up to {got:,}, expected {expected:,}; {AGAIN}")
