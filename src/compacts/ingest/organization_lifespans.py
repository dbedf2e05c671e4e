"""How long international bodies lasted: six lists, one row a body, and what each list says beside it."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest import lifespan_sources as lists
from compacts.ingest.raw_file import ingest_log
from compendium.errors import UserError

# which list's word counts, first to last; ends: the list made of ends goes first
START_ORDER = ["organizations", "cow", "digo", "iigo", "pko", "un_entities"]
END_ORDER = ["digo", "cow", "iigo", "pko", "un_entities", "organizations"]
NAME_ORDER = ["organizations", "un_entities", "cow", "digo", "iigo", "pko"]
KINDS = {"cow": "formal IGO", "digo": "formal IGO", "iigo": "informal IGO", "pko": "peacekeeping mission", "un_entities": "UN entity"}  # fmt: skip
# still active in the list of February 2024, which is known to be out of date for it
STALE = {"MINUSMA"}
# rows of the list that sum up missions which have rows of their own
AGGREGATES = {"UNEF", "UNAVEM", "UNOSOM"}
LogEntry = tuple[str, str, str, str, str, int]


def organization_lifespans(
    cow: Path,
    digo: Path,
    iigo: Path,
    pko: Path,
    un_entities: Path,
    organizations: pd.DataFrame,
    lifespan_matches: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``organization_lifespans`` (one row a body), ``lifespan_sources`` (body x list) and their log.

    Parameters
    ----------
    cow, digo, iigo, pko, un_entities : Path
        R data file, CSV file in Latin-1, .xls workbook, and two CSV files; see `lifespan_sources`.
    organizations : DataFrame
        ``org_id``, ``name``, ``abbreviation``, ``founded``.
    lifespan_matches : DataFrame
        ``dataset``, ``dataset_id``, ``body_id``: entries that are a body of another list. An entry of the list of ends
        with the acronym of the Correlates of War is the same body without an entry here.

    Raises
    ------
    UserError
        When a file is damaged, or a match names an entry or a body that is not there.
    """
    entries = pd.concat(
        [
            lists.formal_organizations(cow),
            lists.ended_organizations(digo),
            lists.informal_organizations(iigo),
            lists.peacekeeping_missions(pko),
            lists.chart_entities(un_entities),
            lists.compared_organizations(organizations),
        ],
        ignore_index=True,
    )
    named = assign_bodies(entries, lifespan_matches)
    kept = named[named["body_id"] != ""]
    table = one_row_a_body(kept)
    dropped = len(named) - len(kept)
    log: list[LogEntry] = [("organization_lifespans", "organizations", "dropped", "in none of the lists: ICRC, IFRC, Network on Migration", "entries", dropped)]  # fmt: skip
    for dataset, rows in kept.groupby("dataset"):
        alone = ~rows["body_id"].isin(kept.loc[kept["dataset"] != dataset, "body_id"])
        source = {"cow": "cow_igo_year", "pko": "un_pko"}.get(str(dataset), str(dataset))
        log += [
            ("organization_lifespans", source, "kept", "body of this list only", "entries", int(alone.sum())),
            ("organization_lifespans", source, "kept", "body of other lists too", "entries", int((~alone).sum())),
        ]
    every = "cow_igo_year, digo, iigo, un_pko, un_entities"
    for flag, unit in (("start_disputed", "bodies whose starts were compared"), ("end_disputed", "bodies whose ends were compared")):  # fmt: skip
        compared = table[flag].notna()
        log += [
            ("lifespan_sources", every, "kept", "lists agree", unit, int((compared & ~table[flag].fillna(value=True)).sum())),
            ("lifespan_sources", every, "kept", "lists differ", unit, int(table[flag].fillna(value=False).sum())),
        ]  # fmt: skip
    columns = ["body_id", "dataset", "dataset_id", "name", "acronym", "start_year", "start_date", "end_year", "end_date", "formal_year", "alive", "fate", "observed_to"]  # fmt: skip
    sources = kept[columns].copy()
    for column in ("start_year", "end_year", "formal_year"):
        sources[column] = sources[column].astype("Int64")
    sources = sources.mask(sources == "")
    sources["alive"] = kept["alive"]
    return {"organization_lifespans": table, "lifespan_sources": sources, "ingest_lifespans": ingest_log(log)}


def assign_bodies(entries: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return the entries with ``body_id``: the list and number of the first list that has the body, or an empty text.

    Raises
    ------
    UserError
        When a match names an entry or a body that no list has.
    """
    own = entries["dataset"].replace({"un_entities": "un"}) + "_" + entries["dataset_id"]
    cow = entries[entries["dataset"] == "cow"]
    same = dict(zip(cow["acronym"], "cow_" + cow["dataset_id"], strict=True))
    by_name = entries["acronym"].map(same).where(entries["dataset"] == "digo")
    coded = {(row.dataset, row.dataset_id): str(row.body_id) for row in matches.itertuples()}
    keys = list(zip(entries["dataset"], entries["dataset_id"], strict=True))
    lost = [*(set(coded) - set(keys)), *(set(coded.values()) - set(own))]
    if lost:
        raise UserError(f"lifespan_matches: got {lost[0]!r}, expected an entry of the lists; correct the table")
    by_match = pd.Series([coded.get(key) for key in keys], index=entries.index, dtype="object")
    body = by_match.fillna(by_name).fillna(own.where(entries["dataset"] != "organizations")).fillna("")
    return entries.assign(body_id=body.astype("str"))


def one_row_a_body(entries: pd.DataFrame) -> pd.DataFrame:
    """Return one row a body: each fact from the first list, in the declared order, that has it."""
    bodies = pd.Index(sorted(entries["body_id"].unique()), name="body_id")
    by_list = {str(name): rows.set_index("body_id").reindex(bodies) for name, rows in entries.groupby("dataset")}
    there = pd.DataFrame({name: rows["dataset_id"].notna() for name, rows in by_list.items()})
    table = pd.DataFrame(index=bodies)
    table["name"], _ = _first(by_list, NAME_ORDER, "name")
    table["acronym"], _ = _first(by_list, NAME_ORDER, "acronym")
    table["org_id"] = by_list["organizations"]["dataset_id"]
    table["ionum"] = by_list["cow"]["dataset_id"].astype("Int64")
    table["kind"] = None
    for name, kind in KINDS.items():
        table["kind"] = table["kind"].where(table["kind"].notna(), there[name].map({True: kind}))
    table["datasets"] = there.apply(lambda row: ", ".join(sorted(row.index[row])), axis=1)
    table["start_year"], table["start_source"] = _first(by_list, START_ORDER, "start_year")
    table["start_date"] = _dated(by_list, table["start_source"], "start_date")
    informal = by_list["iigo"]
    table["began_informal"] = there["iigo"]
    table["formal_year"] = informal["formal_year"]
    alive, known = _end(by_list, there)
    table["end_source"] = known
    table["end_year"] = _picked(by_list, known, "end_year")
    table["end_date"] = _dated(by_list, known, "end_date")
    table["end_kind"] = _picked(by_list, known, "fate").mask(alive, "alive")
    only_informal = table["end_kind"] == "became formal"
    table.loc[only_informal, "end_year"] = table.loc[only_informal, "formal_year"]
    table["stale"] = there["pko"] & table["acronym"].isin(STALE)
    table.loc[table["stale"], "end_kind"] = "unknown"
    table["aggregate"] = there["pko"] & table["acronym"].isin(AGGREGATES)
    for field in ("members_first", "members_last"):
        table[field], _ = _first(by_list, ["cow", "iigo"], field)
        table[field] = table[field].astype("float64").astype("Int64")
    table["scope"] = by_list["digo"]["scope"].replace({"": None})
    table["field"], _ = _first(by_list, ["digo", "iigo", "cow", "pko", "un_entities"], "field")
    table["as_of"] = _observed(by_list, alive, known)
    starts = pd.DataFrame({name: rows["start_year"] for name, rows in by_list.items()})
    table["start_disputed"] = _differ(starts, starts.notna())
    ends = pd.DataFrame({name: by_list[name]["end_year"] for name in ("cow", "digo", "iigo")})
    # alive in 2014 does not contradict an end in 2016
    ended_by_2014 = ends.where(ends <= lists.COW_LAST).fillna(9999)
    compared = there[["cow", "digo", "iigo"]].copy()
    compared["iigo"] &= informal["fate"] != "became formal"
    table["end_disputed"] = _differ(ended_by_2014, compared)
    for column in ("start_year", "end_year", "formal_year"):
        table[column] = table[column].astype("float64").astype("Int64")
    return table.reset_index()


def _first(
    by_list: dict[str, pd.DataFrame], order: list[str], column: str
) -> tuple["pd.Series[Any]", "pd.Series[Any]"]:
    values: pd.Series[Any] | None = None
    for name in order:
        given = by_list[name][column].astype("object")
        given = given.where(given.notna() & (given != ""), None)
        source = given.map(lambda value, name=name: None if value is None else name)
        if values is None:
            values, sources = given, source
        else:
            sources = sources.where(values.notna(), source)
            values = values.where(values.notna(), given)
    assert values is not None
    return values, sources


def _end(by_list: dict[str, pd.DataFrame], there: pd.DataFrame) -> tuple["pd.Series[bool]", "pd.Series[Any]"]:
    alive = pd.Series(True, index=there.index)
    known = pd.Series(None, index=there.index, dtype="object")
    for name in END_ORDER:
        ended = by_list[name]["alive"].astype("object").eq(False) & known.isna()
        if name == "cow":
            # the list of ends was made later and looked longer
            ended &= ~there["digo"]
        if name == "iigo":
            # what became formal is followed in the lists of formal bodies
            ended &= ~(there["cow"] | there["digo"])
        alive = alive.mask(ended, False)
        known = known.mask(ended, name)
    return alive, known


def _picked(by_list: dict[str, pd.DataFrame], source: "pd.Series[Any]", column: str) -> "pd.Series[Any]":
    picked = pd.Series(None, index=source.index, dtype="object")
    for name, rows in by_list.items():
        picked = picked.mask(source == name, rows[column].astype("object"))
    return picked


def _dated(by_list: dict[str, pd.DataFrame], source: "pd.Series[Any]", column: str) -> "pd.Series[Any]":
    return pd.to_datetime(_picked(by_list, source, column)).astype("datetime64[us]")


def _observed(by_list: dict[str, pd.DataFrame], alive: "pd.Series[bool]", source: "pd.Series[Any]") -> "pd.Series[Any]":
    seen = pd.DataFrame({name: rows["observed_to"].where(rows["alive"].eq(True)) for name, rows in by_list.items()})
    # texts as 2014 and 2024-02-19 sort as dates do
    latest = seen.fillna("").max(axis=1)
    return latest.where(alive, _picked(by_list, source, "observed_to"))


def _differ(years: pd.DataFrame, compared: pd.DataFrame) -> "pd.Series[bool]":
    values = years.astype("float64").where(compared)
    differ = values.max(axis=1) != values.min(axis=1)
    return differ.astype("boolean").where(compared.sum(axis=1) > 1)
