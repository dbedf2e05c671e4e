"""Columns of numbers in raw files: text, gaps and impossible values are refused with their row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.raw_file import AGAIN, shown
from compendium.errors import UserError


def numbers(
    frame: pd.DataFrame,
    column: str,
    path: Path,
    *,
    first_line: int = 2,
    whole: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    empty: bool = False,
) -> "pd.Series[Any]":
    """Return a column as ``float64``, every value checked.

    Parameters
    ----------
    frame : DataFrame
        Rows of the file, indexed from 0 as they were read; some may have been filtered out.
    first_line : int
        Number of the first row in a message: 2 for a file with a header, 1 for an R data frame.
    whole, minimum, maximum, empty
        Only whole numbers; the lowest and highest value; whether a cell may be empty.

    Raises
    ------
    UserError
        For the first cell that is text, infinite, out of range or empty though it must not be.

    Examples
    --------
    >>> numbers(pd.DataFrame({"rows": ["3", "4"]}), "rows", Path("raw/file.csv"), whole=True).tolist()
    [3.0, 4.0]
    """
    given = frame[column]
    missing = given.isna() | (given.astype("str").str.strip() == "")
    values = pd.to_numeric(given.where(~missing), errors="coerce").astype("float64")
    wrong = (values.isna() | (values.abs() == float("inf"))) & ~missing
    wrong |= missing & (not empty)
    if whole:
        wrong |= values.notna() & (values % 1 != 0)
    if minimum is not None:
        wrong |= values < minimum
    if maximum is not None:
        wrong |= values > maximum
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        got = "an empty cell" if missing.iloc[position] else repr(_plain(given.iloc[position]))
        expected = ("a whole number" if whole else "a number") + _range(minimum, maximum)
        place = _place(frame, position, column, path, first_line)
        raise UserError(f"{place}: got {got}, expected {expected}; {AGAIN}")
    return values


def whole_years(
    frame: pd.DataFrame, column: str, path: Path, *, first_line: int = 2, first: int = 1400, last: int = 2200
) -> "pd.Series[Any]":
    """Return a column of years as ``int64``; see `numbers`."""
    return numbers(frame, column, path, first_line=first_line, whole=True, minimum=first, maximum=last).astype("int64")


def require_codes(frame: pd.DataFrame, column: str, path: Path, *, first_line: int = 2) -> None:
    """Raise a UserError for the first cell that is not a code of three characters, capitals and digits."""
    wrong = ~frame[column].astype("str").str.fullmatch(r"[A-Z0-9]{3}").fillna(value=False).astype(bool)
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        got = repr(_plain(frame[column].iloc[position]))
        place = _place(frame, position, column, path, first_line)
        raise UserError(f"{place}: got {got}, expected a country code of three characters; {AGAIN}")


def require_known(
    frame: pd.DataFrame, column: str, known: Sequence[object], path: Path, *, first_line: int = 2
) -> None:
    """Raise a UserError for the first cell whose value is not in the list of known ones."""
    wrong = ~frame[column].isin(known)
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        got = repr(_plain(frame[column].iloc[position]))
        place = _place(frame, position, column, path, first_line)
        expected = f"one of {', '.join(map(str, known))}" if len(known) <= 20 else f"one of the {len(known)} known ones"
        raise UserError(f"{place}: got {got}, expected {expected}; {AGAIN}, or change its builder")


def require_last_line(path: Path) -> None:
    """Raise a UserError for a text file whose last line has no end: it was cut off."""
    data = path.read_bytes()
    if not data.endswith(b"\n"):
        lines = data.count(b"\n") + 1
        raise UserError(f"{shown(path)}, line {lines}: got the end of the file in the middle of a line; {AGAIN}")


def _place(frame: pd.DataFrame, position: int, column: str, path: Path, first_line: int) -> str:
    # rows keep the number that they had when the file was read, whatever was filtered since
    return f"{shown(path)}, row {int(frame.index[position]) + first_line}, column {column}"


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum:g} to {maximum:g}"
    if minimum is not None:
        return f" not below {minimum:g}"
    return f" not above {maximum:g}" if maximum is not None else ""
