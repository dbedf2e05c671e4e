"""IOM's register of evaluations: when, of what, by whom; no reports."""

from pathlib import Path

import pandas as pd

from compacts.ingest.numeric import numbers
from compacts.ingest.raw_file import AGAIN, ingest_log, read_csv, require_unique, shown
from compacts.text.normalise import fold
from compendium.errors import UserError

_COLUMNS = {
    "File URL": "url", "Title": "title", "Year": "year", "Date of Publication": "published", "Level of Evaluation": "level",
    "Evaluation Coverage": "coverage", "Type of Evaluation Scope": "scope", "Type of Evaluation Timing": "timing",
    "Type of Evaluator": "evaluator", "Evaluation Commissioner": "commissioner", "Migration Thematic Areas": "themes",
    "Relevant Crosscutting Themes": "crosscutting_themes", "Donor": "donor", "Countries Covered": "countries",
    "Regions Covered": "regions", "Languages": "languages", "Number of Pages Excluding annexes": "pages",
    "Management response": "management_response",
}  # fmt: skip
_YES = {"Yes": True, "No": False, "": pd.NA}


def iom_evaluations(evaluations: Path) -> dict[str, pd.DataFrame]:
    """Return the table ``iom_evaluations``, one row an evaluation, and its log.

    Parameters
    ----------
    evaluations : Path
        CSV exported from the register.

    Raises
    ------
    UserError
        When the file is damaged, lacks a column, an address comes twice, or a year, date, number or answer is none.
    """
    given = read_csv(evaluations, list(_COLUMNS)).rename(columns=_COLUMNS).map(fold)
    require_unique(given, ["url"], evaluations)
    day = pd.to_datetime(given["published"], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    for column, wrong, expected in (
        ("published", day.isna(), "a date like 2020-03-31"),
        ("management_response", ~given["management_response"].isin(list(_YES)), "Yes, No or nothing"),
    ):
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise UserError(
                f"{shown(evaluations)}, row {row + 2}, column {column}: got {given[column].iloc[row]!r}, expected {expected}; {AGAIN}"
            )
    table = given.mask(given == "")
    table["year"] = numbers(given, "year", evaluations, whole=True, minimum=1951, maximum=2100).astype("int64")
    table["published"] = day
    table["pages"] = numbers(given, "pages", evaluations, whole=True, minimum=0, empty=True).astype("Int64")
    table["management_response"] = given["management_response"].map(_YES).astype("boolean")
    log = ingest_log(
        [("iom_evaluations", "texts_iom_evaluations", "kept", "one row an evaluation", "evaluations", len(table))]
    )
    return {"iom_evaluations": table.sort_values("url", ignore_index=True), "ingest_iom_evaluations": log}
