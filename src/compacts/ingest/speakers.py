"""Who spoke in the General Debate, by state and session."""

from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, shown
from compacts.ingest.workbooks import read_sheet
from compacts.text.normalise import fold
from compendium.errors import UserError

_COLUMNS = {
    "Year": "year",
    "Session": "session",
    "ISO Code": "code",
    "Country": "country",
    "Name of Person Speaking": "speaker",
    "Post": "post",
}
# codes of the list that are none: the country beside them says what is meant
CODES = {"CZK": "CSK", "DKN": "DNK", "EC": "EU", "PAR": "PRY", "PKR": "PRK", "POR": "PRT", "YDYE": "YMD", "ZFA": "ZAF"}
# one of a kind: the United Arab Republic under the code of the United Arab Emirates; Sweden under Switzerland's
CORRECTED = {("ARE", "1962"): "EGY", ("CHE", "2001"): "SWE"}
LogEntry = tuple[str, str, str, str, str, int]


def speakers_by_document(path: Path, documents: pd.DataFrame) -> tuple[pd.DataFrame, list[LogEntry]]:
    """Return ``document``, ``speaker``, ``post`` for speeches whose speaker the list gives, and log entries.

    Where a state stands twice in a session with two names, neither is taken: one text is kept, and nothing says whose.

    Parameters
    ----------
    path : Path
        Workbook with one row a speaker.
    documents : DataFrame
        ``document``, ``code`` (of the file's name), ``year``.

    Raises
    ------
    UserError
        When a row has a year that is no number, or no code.
    """
    listed = read_sheet(path, "Sheet1", list(_COLUMNS)).rename(columns=_COLUMNS).map(fold)
    wrong = ~listed["year"].str.fullmatch(r"(?:19|20)\d\d")
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise UserError(
            f"{shown(path)}, row {row + 2}: got the year {listed['year'].iloc[row]!r}, expected four digits; {AGAIN}"
        )
    listed["code"] = listed["code"].replace(CODES)
    fixed = [CORRECTED.get(key, key[0]) for key in zip(listed["code"], listed["year"], strict=True)]
    listed["code"] = fixed
    listed["year"] = listed["year"].astype("int64")
    listed["post"] = listed["post"].replace({"missing": ""})
    merged = listed.merge(documents, on=["code", "year"], how="left")
    lost = merged["document"].isna()
    same = merged[~lost].drop_duplicates(["document", "speaker", "post"])
    several = same["document"].duplicated(keep=False)
    nameless = ~several & (same["speaker"] == "")
    kept = same[~several & ~nameless]
    log: list[LogEntry] = [
        ("speeches", "texts_ungdc_speakers", "kept", "speaker of a speech", "rows", len(kept)),
        ("speeches", "texts_ungdc_speakers", "dropped", "no text of this state and year", "rows", int(lost.sum())),
        ("speeches", "texts_ungdc_speakers", "dropped", "the same row again", "rows", int((~lost).sum()) - len(same)),
        ("speeches", "texts_ungdc_speakers", "dropped", "two speakers, one text", "rows", int(several.sum())),
        ("speeches", "texts_ungdc_speakers", "dropped", "no name", "rows", int(nameless.sum())),
    ]
    return kept[["document", "speaker", "post"]].reset_index(drop=True), log
