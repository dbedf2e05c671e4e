"""Actions of the UN80 reform: entities, status and deadlines."""

from pathlib import Path

import pandas as pd

from compacts.ingest.json_records import TEXT, TEXT_OR_NONE, WHOLE, records
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, shown
from compendium.errors import UserError

_KINDS = {
    "report": TEXT, "work_package_number": WHOLE, "work_package_name": TEXT, "action_number": WHOLE, "indicative_activity": TEXT,
    "sub_action_details": TEXT_OR_NONE, "action_entities": TEXT_OR_NONE, "first_milestone_deadline": TEXT_OR_NONE,
    "final_milestone_deadline": TEXT_OR_NONE, "delivery_date": TEXT_OR_NONE, "public_action_status": TEXT,
}  # fmt: skip
_DATES = ["first_milestone_deadline", "final_milestone_deadline", "delivery_date"]


def un80_actions(actions: Path) -> dict[str, pd.DataFrame]:
    """Return the table ``un80_actions``, one row an action or a part of one, and its log.

    Parameters
    ----------
    actions : Path
        JSON: a list of actions.

    Raises
    ------
    UserError
        When the file is damaged, has other keys, or a deadline is no date.
    """
    given = records(read_json(actions), _KINDS, actions, "actions")
    days = {}
    for column in _DATES:
        day = pd.to_datetime(given[column].mask(given[column] == ""), format="%Y-%m-%d", errors="coerce").astype(
            "datetime64[us]"
        )
        wrong = day.isna() & (given[column] != "")
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise UserError(
                f"{shown(actions)}, actions[{row}].{column}: got {given[column].iloc[row]!r}, expected a date like 2026-08-30; {AGAIN}"
            )
        days[column] = day
    entities = given["action_entities"].map(_entities)
    table = pd.DataFrame({
        "report": given["report"],
        "action": given["action_number"],
        "part": given.groupby(["report", "action_number"]).cumcount() + 1,
        "work_package": given["work_package_number"],
        "work_package_name": given["work_package_name"],
        "title": given["indicative_activity"],
        "entities": entities.map(lambda names: "; ".join(names) or None),
        "entities_number": entities.map(len),
        "unhcr": entities.map(lambda names: "UNHCR" in names),
        "iom": entities.map(lambda names: "IOM" in names),
        "status": given["public_action_status"],
        **days,
    })  # fmt: skip
    log = ingest_log(
        [("un80_actions", "texts_un80_actions", "kept", "one row an action or a part of one", "actions", len(table))]
    )
    return {
        "un80_actions": table.sort_values(["report", "action", "part"], ignore_index=True),
        "ingest_un80_actions": log,
    }


def _entities(cell: str) -> list[str]:
    """Return the entities of an action, in order; a dash or N/A is none."""
    return [name for name in (part.strip() for part in cell.split(";")) if name not in {"", "N/A", "-"}]
