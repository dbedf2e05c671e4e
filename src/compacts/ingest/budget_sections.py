"""The budget of the United Nations Secretariat by section: what was spent from which funds, and the cuts for 2026."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.json_records import NUMBER_OR_NONE, TEXT, TEXT_OR_NONE, part, records, whole
from compacts.ingest.numeric import numbers
from compacts.ingest.raw_file import AGAIN, ingest_log, read_csv, read_json, require_unique, shown
from compendium.errors import UserError

# source of funds in the files, and column here
FUNDS = {
    "regular_budget": "regular_budget_usd",
    "other_assessed": "other_assessed_usd",
    "extrabudgetary": "extrabudgetary_usd",
}
DOCUMENTS, AUDITED = "programme budget documents", "audited statements"
# names of the files: what they hold, and the level of their lowest rows that are kept
FILES = {
    "budget-ppb": DOCUMENTS,
    "budget-audited-ppb": AUDITED,
    "budget-audited-pko": AUDITED,
}
MISSIONS = "peacekeeping missions"
SECTION, UNIT, MISSION = "section", "unit", "mission"
TIERS = {"section": SECTION, "budget_unit": UNIT, "mission": MISSION}
WHOLE_SECTION = "whole section"
STATEMENT = "un-secretariat-expenses.csv"
STATEMENT_FUNDS = {
    "Regular assessed": "regular_budget",
    "Other Assessed": "other_assessed",
    "Voluntary": "extrabudgetary",
}
# documents print hundreds of dollars: sums of sections may miss the total by some of them
ROUNDING = 1000
_NODE = {"id": TEXT, "parentId": TEXT_OR_NONE, "tier": TEXT, "code": TEXT_OR_NONE, "label": TEXT}
SECTION_KEYS = ["source", "year", "level", "section", "unit"]
SECTION_COLUMNS = [*SECTION_KEYS, "part", "section_name", "entity", "unit_kind", *FUNDS.values()]
AMOUNTS_2026 = {
    "2025 approved": "approved_2025_usd",
    "2026 proposed programme budget": "proposed_2026_usd",
    "UN80 changes (excluding transitional capacities) – Total": "un80_change_usd",
    "2026 revised estimate": "revised_2026_usd",
    "Transitional capacities": "transitional_usd",
}
LEVELS_2026 = {"part_total": "part", "section_total": SECTION, "entity_total": "entity"}
KEYS_2026 = ["level", "part", "section", "entity"]


def budget_sections(ppb: tuple[Path, ...], audited: tuple[Path, ...]) -> dict[str, pd.DataFrame]:
    """Return ``budget_section_year`` and its log.

    Parameters
    ----------
    ppb : tuple of Path
        ``budget-ppb-YYYY.json``: expenditure of a year as printed in the programme budget two editions later.
    audited : tuple of Path
        ``budget-audited-ppb-YYYY.json`` and ``budget-audited-pko-YYYY.json`` (peacekeeping missions), and the export
        from which they were made, ``un-secretariat-expenses.csv``, whose sums by year and fund they must meet.

    Returns
    -------
    dict
        ``budget_section_year``: SECTION_COLUMNS, in whole US dollars; a fund that is not printed is missing.

    Raises
    ------
    UserError
        When a file is damaged, has another name, gives sums other than those of the export, or a key comes twice.
    """
    statements = [path for path in audited if path.name == STATEMENT]
    if len(statements) != 1:
        raise UserError(f"ppb_audited: got {len(statements)} files named {STATEMENT}, expected one; {AGAIN}")
    parts = [_year(path) for path in [*ppb, *(path for path in audited if path.name != STATEMENT)]]
    table = pd.concat([rows for rows, _ in parts], ignore_index=True)
    left_out: dict[str, int] = {}
    for _, counts in parts:
        for tier, count in counts.items():
            left_out[tier] = left_out.get(tier, 0) + count
    exported = _require_export(table[table["source"] == AUDITED], statements[0])
    require_unique(table, SECTION_KEYS, ppb[0] if ppb else statements[0], first_line=0)
    kept = table.groupby(["source", "level"], as_index=False).size()
    source = {DOCUMENTS: "ppb_budget", AUDITED: "ppb_audited"}
    log = [
        *(("budget_section_year", source[name], "kept", f"{level} of the {name}", "nodes", int(rows)) for name, level, rows in kept.itertuples(index=False, name=None)),
        *(("budget_section_year", "ppb_budget, ppb_audited", "dropped", f"{tier}: a sum over sections, or a part of a unit", "nodes", rows) for tier, rows in left_out.items()),
        ("budget_section_year", "ppb_audited", "dropped", "the export, used as a check: its sums by year and fund are those of the audited rows", "rows", exported),
    ]  # fmt: skip
    return {
        "budget_section_year": table.sort_values(SECTION_KEYS, ignore_index=True),
        "ingest_budget_sections": ingest_log(log),
    }


def budget_2026(table_6: Path) -> dict[str, pd.DataFrame]:
    """Return ``budget_section_2026`` and its log.

    Parameters
    ----------
    table_6 : Path
        Table 6 of the revised estimates (A/80/400): parts, sections and entities, in thousand US dollars.

    Returns
    -------
    dict
        ``budget_section_2026``: level, part, section, entity, part_name, section_name, and in whole US dollars the
        amounts AMOUNTS_2026.

    Raises
    ------
    UserError
        When the file is damaged, a key comes twice, or the proposal and its changes do not make the revised amount.
    """
    names = {"row_type": "level", "Part": "part", "Part name": "part_name", "Section": "section"}
    names |= {"Section name": "section_name", "Entity name": "entity"}
    frame = read_csv(table_6, [*names, *AMOUNTS_2026]).rename(columns={**names, **AMOUNTS_2026})
    unknown = ~frame["level"].isin(list(LEVELS_2026))
    if unknown.any():
        got = frame.loc[unknown, "level"].iloc[0]
        raise UserError(
            f"{shown(table_6)}, column row_type: got {got!r}, expected one of {', '.join(LEVELS_2026)}; {AGAIN}"
        )
    frame["level"] = frame["level"].map(LEVELS_2026)
    frame["part"] = frame["part"].str.removeprefix("Part ")
    frame["section"] = frame["section"].where(frame["level"] != "part", "all")
    frame["entity"] = frame["entity"].where(frame["level"] == "entity", "all")
    frame["section_name"] = frame["section_name"].replace("", None)
    for column in AMOUNTS_2026.values():
        thousands = numbers(frame, column, table_6, empty=column == "transitional_usd")
        frame[column] = (thousands * 1000).round().astype("Int64")
    wrong = frame["proposed_2026_usd"] + frame["un80_change_usd"] != frame["revised_2026_usd"]
    if wrong.any():
        row = frame[wrong].iloc[0]
        place = f"{shown(table_6)}, row {int(wrong.to_numpy().argmax()) + 2}, column 2026 revised estimate"
        expected = f"the proposal and its changes, {row['proposed_2026_usd'] + row['un80_change_usd']:,}"
        raise UserError(f"{place}: got {row['revised_2026_usd']:,} US dollars, expected {expected}; {AGAIN}")
    require_unique(frame, KEYS_2026, table_6)
    columns = [*KEYS_2026, "part_name", "section_name", *AMOUNTS_2026.values()]
    log = [("budget_section_2026", "rb_2026_revised", "kept", "all rows", "rows", len(frame))]
    return {
        "budget_section_2026": frame[columns].sort_values(KEYS_2026, ignore_index=True),
        "ingest_budget_2026": ingest_log(log),
    }


def _year(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the rows of one file, and how many nodes of each tier are left out."""
    name = re.fullmatch(r"(.+)-([0-9]{4})\.json", path.name)
    if not name or name[1] not in FILES:
        raise UserError(f"{shown(path)}: got this name, expected one of {', '.join(FILES)} with a year; {AGAIN}")
    content = read_json(path)
    entries = part(content, ("nodes",), path)
    nodes = records(entries, _NODE, path, "nodes")
    values = [part(entry, ("values",), path) for entry in entries]
    amounts = records([_with_all(each, path) for each in values], dict.fromkeys(FUNDS, NUMBER_OR_NONE), path, "values")
    nodes = nodes.join(amounts.round().astype("Int64").rename(columns=FUNDS))
    require_unique(nodes, ["id"], path, first_line=0)
    nodes["entity"] = [_acronym(entry) for entry in entries]
    nodes["unit_kind"] = [_unit_kind(entry) for entry in entries]
    _require_total(nodes, whole(content, ("meta", "total"), path), path)
    kept = nodes[nodes["tier"].isin(list(TIERS))].copy()
    by_id = nodes.set_index("id")
    kept["level"] = kept["tier"].map(TIERS)
    above = kept["parentId"].where(kept["level"] == UNIT, kept["id"])
    is_mission = kept["level"] == MISSION
    lost = ~above.isin(by_id.index)
    if lost.any():
        raise UserError(
            f"{shown(path)}: got the node {above[lost].iloc[0]!r} as a parent only, expected it listed; {AGAIN}"
        )
    kept["section"] = above.map(by_id["code"]).where(~is_mission, MISSIONS)
    kept["section_name"] = above.map(by_id["label"]).where(~is_mission, None)
    kept["part"] = above.map(by_id["parentId"]).map(by_id["code"]).where(~is_mission, None)
    kept["unit"] = kept["label"].where(kept["level"] != SECTION, WHOLE_SECTION)
    table = kept.assign(source=FILES[name[1]], year=int(name[2]))[SECTION_COLUMNS]
    left_out = nodes.loc[~nodes["tier"].isin(list(TIERS)), "tier"].value_counts()
    return table, {str(tier): int(count) for tier, count in left_out.items()}


def _with_all(values: Any, path: Path) -> dict[str, Any]:
    if not isinstance(values, dict) or not set(values) <= set(FUNDS):
        raise UserError(
            f"{shown(path)}, values: got {str(values)[:60]}, expected amounts by {', '.join(FUNDS)}; {AGAIN}"
        )
    return {fund: values.get(fund) for fund in FUNDS}


def _acronym(entry: Mapping[str, Any]) -> str | None:
    entity = entry.get("entity")
    acronym = entity.get("acronym") if isinstance(entity, dict) else None
    return acronym if isinstance(acronym, str) and acronym else None


def _unit_kind(entry: Mapping[str, Any]) -> str | None:
    """Return what a unit is: an entity, a programme, a remainder, or the section without parts."""
    if entry["tier"] != "budget_unit":
        return None
    role, kind = entry.get("role"), entry.get("unitType")
    if role == "coverage_remainder":
        return "not itemized"
    return {"entity": "entity", "programme": "programme", "special_purpose": "special purpose"}.get(
        str(kind), "section without units"
    )


def _require_total(nodes: pd.DataFrame, expected: int, path: Path) -> None:
    """Refuse a file whose lowest sums (sections, or missions) are not its total, up to rounding of printed amounts."""
    low = nodes[nodes["tier"].isin(["section", "mission"])]
    got = int(low[list(FUNDS.values())].sum().sum())
    if abs(got - expected) > ROUNDING:
        raise UserError(f"{shown(path)}, meta.total: got rows that add up to {got:,}, expected {expected:,}; {AGAIN}")


def _require_export(rows: pd.DataFrame, path: Path) -> int:
    """Refuse audited rows whose sums by year and fund are not those of the export; return its number of rows."""
    frame = read_csv(path, ["YEAR", "AMOUNT", "SOURCE_TYPE"])
    amounts = numbers(frame, "AMOUNT", path, whole=True)
    low = rows[rows["level"] != UNIT]
    for words, fund in STATEMENT_FUNDS.items():
        given = amounts[frame["SOURCE_TYPE"] == words].groupby(frame["YEAR"]).sum()
        got = low.groupby("year")[FUNDS[fund]].sum()
        for year in sorted({*given.index.astype("int64"), *got.index}):
            exported, summed = int(given.get(str(year), 0)), int(got.get(year, 0))
            if Decimal(exported) != Decimal(summed):
                place = f"{shown(path)}, {words}, {year}"
                raise UserError(f"{place}: got {exported:,}, expected the audited rows’ sum {summed:,}; {AGAIN}")
    return len(frame)
