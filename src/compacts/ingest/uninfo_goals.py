"""Money of the United Nations country teams by Sustainable Development Goal, as the UN INFO interface adds it up."""

from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.json_records import NUMBER, TEXT_OR_NONE, WHOLE, part, records, whole
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, require_unique, shown
from compendium.errors import UserError

OFFICES, ALL, WORKSPACES = "countries_sdgs.json", "global_sdgs.json", "workspaces.json"
METRICS = {5: "required_usd", 6: "available_usd", 8: "spent_usd"}
# stands for all offices together
EVERY_OFFICE = 0
NO_GOAL = "none"
KEYS = ["workspace_id", "goal"]
COLUMNS = [*KEYS, "countries", "for_2024", "sub_outputs", *METRICS.values()]


def uninfo_goals(answers: tuple[Path, ...]) -> dict[str, pd.DataFrame]:
    """Return ``uninfo_office_goals`` and its log.

    Parameters
    ----------
    answers : tuple of Path
        Answers of the interface: goals by country, goals of all offices together, and the office of each country.

    Returns
    -------
    dict
        ``uninfo_office_goals``: workspace_id (0: all offices), goal (1 to 17, none), countries, for_2024, sub_outputs, and
        amounts in US dollars.

    Raises
    ------
    UserError
        When a file is missing or damaged, countries of an office differ, or a key comes twice.
    """
    by_name = {path.name: path for path in answers}
    for name in (OFFICES, ALL, WORKSPACES):
        if name not in by_name:
            raise UserError(f"uninfo_raw: got no file {name}, expected it beside {', '.join(by_name)}; {AGAIN}")
    path = by_name[OFFICES]
    countries, workspaces = read_json(path), read_json(by_name[WORKSPACES])
    if not isinstance(countries, dict):
        raise UserError(f"{shown(path)}: got no countries by name, expected them; {AGAIN}")
    offices: dict[int, list[str]] = {}
    for country in sorted(countries):
        office = whole(workspaces, (country,), by_name[WORKSPACES])
        if whole(countries, (country, "workspace_id"), path) != office:
            raise UserError(f"{shown(path)}, {country}: got another office than in {WORKSPACES}; {AGAIN}")
        offices.setdefault(office, []).append(country)
    parts, copies, empty = [], 0, 0
    for office, members in offices.items():
        given = [part(countries, (country, "sdgs"), path) for country in members]
        if any(each != given[0] for each in given):
            got = f"goals of office {office} that differ between {', '.join(members)}"
            raise UserError(f"{shown(path)}: got {got}, expected them equal; {AGAIN}")
        rows = _goals(given[0], path, members[0])
        copies += len(rows) * (len(members) - 1)
        empty += int(rows.empty)
        current = part(countries, (members[0], "has_year_data"), path) is True
        parts.append(rows.assign(workspace_id=office, countries="; ".join(members), for_2024=current))
    parts.append(_goals(read_json(by_name[ALL]), by_name[ALL], "all").assign(
        workspace_id=EVERY_OFFICE, countries="all", for_2024=True))  # fmt: skip
    table = pd.concat([rows for rows in parts if len(rows)], ignore_index=True)
    require_unique(table, KEYS, path, first_line=0)
    log = [
        ("uninfo_office_goals", "uninfo_raw", "kept", "goals of an office", "goals", int((table["workspace_id"] != EVERY_OFFICE).sum())),
        ("uninfo_office_goals", "uninfo_raw", "kept", "goals of all offices together", "goals", int((table["workspace_id"] == EVERY_OFFICE).sum())),
        ("uninfo_office_goals", "uninfo_raw", "dropped", "the same for another country of the office", "goals", copies),
        ("uninfo_office_goals", "uninfo_raw", "dropped", "without goals", "offices", empty),
    ]  # fmt: skip
    return {
        "uninfo_office_goals": table[COLUMNS].sort_values(KEYS, ignore_index=True),
        "ingest_uninfo_goals": ingest_log(log),
    }


def _goals(entries: Any, path: Path, place: str) -> pd.DataFrame:
    """Return goal, sub_outputs and amounts; an amount that is not given is missing."""
    heads = records(entries, {"count": WHOLE, "name": TEXT_OR_NONE}, path, f"{place}.sdgs")
    flat = [{"goal": number, "metric": each} for number, entry in enumerate(entries) for each in _metrics(entry, path)]
    metrics = records([each["metric"] for each in flat], {"metricId": WHOLE, "total": NUMBER}, path, f"{place}.metrics")
    metrics["goal"] = [each["goal"] for each in flat]
    require_unique(metrics, ["goal", "metricId"], path, first_line=0)
    if not set(metrics["metricId"]) <= set(METRICS):
        raise UserError(f"{shown(path)}, {place}.metrics: got a new metric, expected {METRICS}; {AGAIN}")
    wide = metrics.pivot_table(index="goal", columns="metricId", values="total", aggfunc="first")
    table = wide.reindex(index=range(len(entries)), columns=list(METRICS)).rename(columns=METRICS).astype("float64")
    table = table.rename_axis(index=None, columns=None)
    table["goal"] = [
        NO_GOAL if part(entry, ("id",), path) is None else str(whole(entry, ("id",), path)) for entry in entries
    ]
    return table.assign(sub_outputs=heads["count"])


def _metrics(entry: Any, path: Path) -> list[Any]:
    found = part(entry, ("metrics",), path)
    if isinstance(found, list):
        return found
    raise UserError(f"{shown(path)}, metrics: got {found!r}, expected a list of records; {AGAIN}")
