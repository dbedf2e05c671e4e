"""Published datasets on the authority, autonomy, accountability and openness of international organizations.

Each reader returns what its file says as body x year, one column a measure.
"""

from pathlib import Path

import pandas as pd

from compacts.ingest.numeric import numbers, whole_years
from compacts.ingest.raw_file import AGAIN, read_csv, require_unique, shown
from compacts.ingest.stata_file import read_stata
from compendium.errors import UserError

_INSTRUMENTS = [f"permanence_{number}" for number in range(1, 6)]


def stata_measures(path: Path, body: str, measures: pd.DataFrame) -> pd.DataFrame:
    """Return ``body_id``, ``year`` and the measures of a Stata file of one row a body and year.

    Parameters
    ----------
    body : str
        The column with the name of the body.
    measures : DataFrame
        ``measure``, ``column``, ``lowest`` and ``highest`` (missing: no bound).
    """
    frame = read_stata(path, [body, "year", *measures["column"]])
    return _measured(frame, body, measures, path, 1)


def text_measures(path: Path, measures: pd.DataFrame) -> pd.DataFrame:
    """Return the same of a CSV file with the columns ``IN`` and ``year``; NA is missing."""
    columns = ["IN", "year", *measures["column"]]
    frame = read_csv(path, columns).replace("NA", "")
    return _measured(frame, "IN", measures, path, 2)


def access_measures(path: Path) -> pd.DataFrame:
    """Return the access of transnational actors to the bodies of an organization, summed up by organization and year.

    Returns
    -------
    DataFrame
        ``body_id`` (the organization), ``year``, ``access_mean``, ``access_max``, ``open_share``, ``permanent_share``,
        ``bodies``. Access is permanent where an instrument of the body has the highest permanence, 1.
    """
    frame = read_stata(path, ["IO", "IDIOBO", "Year", "access", "openbody", *_INSTRUMENTS])
    frame["year"] = whole_years(frame, "Year", path, first_line=1)
    require_unique(frame, ["IDIOBO", "year"], path, first_line=1)
    _require_names(frame, "IO", path, 1)
    # twice the largest value of the published index
    frame["access"] = numbers(frame, "access", path, first_line=1, minimum=0, maximum=12)
    for column in ["openbody", *_INSTRUMENTS]:
        frame[column] = numbers(frame, column, path, first_line=1, minimum=0, maximum=1)
    frame["permanent"] = frame[_INSTRUMENTS].max(axis=1) == 1
    grouped = frame.groupby(["IO", "year"])
    table = pd.DataFrame({
        "access_mean": grouped["access"].mean(),
        "access_max": grouped["access"].max(),
        "open_share": grouped["openbody"].mean(),
        "permanent_share": grouped["permanent"].mean(),
        "bodies": grouped.size().astype("float64"),
    })  # fmt: skip
    return table.reset_index().rename(columns={"IO": "body_id"})


def long_form(table: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return ``dataset``, ``body_id``, ``year``, ``measure``, ``value``: one row a known value."""
    long = table.melt(["body_id", "year"], var_name="measure", value_name="value").dropna(subset=["value"])
    long.insert(0, "dataset", dataset)
    return long


def _measured(frame: pd.DataFrame, body: str, measures: pd.DataFrame, path: Path, first_line: int) -> pd.DataFrame:
    _require_names(frame, body, path, first_line)
    table = pd.DataFrame({"body_id": frame[body], "year": whole_years(frame, "year", path, first_line=first_line)})
    require_unique(table, ["body_id", "year"], path, first_line)
    for name, column, lowest, highest in zip(
        measures["measure"], measures["column"], measures["lowest"], measures["highest"], strict=True
    ):
        low, high = (None if pd.isna(bound) else float(bound) for bound in (lowest, highest))
        table[name] = numbers(frame, column, path, first_line=first_line, minimum=low, maximum=high, empty=True)
    return table


def _require_names(frame: pd.DataFrame, column: str, path: Path, first_line: int) -> None:
    empty = frame[column].isna() | (frame[column].astype("str").str.strip() == "")
    if empty.any():
        row = int(empty.to_numpy().argmax()) + first_line
        raise UserError(f"{shown(path)}, row {row}, column {column}: got an empty cell, expected a name; {AGAIN}")
