"""Raw files read with care: encoding, columns and keys are checked, and what is dropped is counted."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.errors import UserError, nearest

AGAIN = "get the file again with run_all.py fetch"
LOG_COLUMNS = ["table", "source_id", "outcome", "reason", "unit", "rows"]


def shown(path: Path) -> str:
    """Return the end of a raw file's path, enough to tell it from others of its name.

    Examples
    --------
    >>> shown(Path("raw/owner/repository/logs/crawl.log"))
    'repository/logs/crawl.log'
    """
    return "/".join(Path(path).parts[-3:])


def decode(data: bytes, path: Path) -> str:
    """Return UTF-8 text; raise a UserError with the line of the first byte that is not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = f"{shown(path)}, line {line}: got the byte 0x{data[error.start]:02x}, expected UTF-8; {AGAIN}"
        raise UserError(msg) from None


def read_csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a raw CSV file as text; an empty cell is an empty text.

    Raises
    ------
    UserError
        For bytes that are not UTF-8, a column that is not there, or a row with too many or too few cells.
    """
    text = decode(Path(path).read_bytes(), path)
    try:
        frame = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    except pd.errors.ParserError as error:
        raise UserError(f"{shown(path)}: got rows of different length ({str(error).strip()}); {AGAIN}") from None
    except pd.errors.EmptyDataError:
        raise UserError(f"{shown(path)}, line 1: got an empty file, expected a header; {AGAIN}") from None
    if not isinstance(frame.index, pd.RangeIndex):
        raise UserError(f"{shown(path)}, line 2: got more cells than the header has columns; {AGAIN}")
    require_columns(frame, columns, path)
    _require_full_rows(text, path)
    return frame[list(columns)]


def _require_full_rows(text: str, path: Path) -> None:
    """Refuse a row with fewer cells than the header, which pandas would fill up: where a file was cut off."""
    try:
        header, *rows = csv.reader(StringIO(text, newline=""))
    except csv.Error as error:
        raise UserError(f"{shown(path)}: got rows that cannot be read ({error}); {AGAIN}") from None
    for number, row in enumerate(rows, start=2):
        if row and len(row) < len(header):
            raise UserError(f"{shown(path)}, row {number}: got {len(row)} cells, expected {len(header)}; {AGAIN}")


def read_json(path: Path) -> Any:
    """Return the content of a raw JSON file.

    Raises
    ------
    UserError
        With the line where it breaks off, for brackets nested too deep to be data, half a character, and
        a number of thousands of digits.
    """
    text = decode(Path(path).read_bytes(), path)
    try:
        content = json.loads(text)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise UserError(
            f"{shown(path)}, line {error.lineno}: got JSON that breaks off ({error.msg}); {AGAIN}"
        ) from None
    except (RecursionError, ValueError) as error:
        raise UserError(f"{shown(path)}: got JSON that is no data ({str(error)[:80]}); {AGAIN}") from None
    return content


def require_columns(frame: pd.DataFrame, columns: Iterable[str], path: Path) -> None:
    """Raise a UserError when a column is not there; it gives the nearest of those that are."""
    there = [str(column) for column in frame.columns]
    for column in columns:
        if column not in there:
            got = f"no column {column!r}{nearest(column, there)} ({len(there)} columns)"
            raise UserError(f"{shown(path)}, line 1: got {got}; {AGAIN}, or change its builder")


def require_unique(frame: pd.DataFrame, keys: Sequence[str], path: Path, first_line: int = 2) -> None:
    """Raise a UserError when a key comes twice; the row is counted from ``first_line``."""
    twice = frame.duplicated(list(keys))
    if twice.any():
        position = int(twice.to_numpy().argmax())
        key = " ".join(str(value) for value in frame.loc[twice, list(keys)].iloc[0])
        msg = f"{shown(path)}, row {position + first_line}: got {key!r} a second time, expected each {'+'.join(keys)} once; {AGAIN}"
        raise UserError(msg)


def ingest_log(entries: Iterable[tuple[str, str, str, str, str, int]]) -> pd.DataFrame:
    """Return a log of rows from (table, source_id, outcome, reason, unit, rows); entries of no rows are left out.

    What came in is the sum over outcomes, by table, source and unit.
    """
    frame = pd.DataFrame([entry for entry in entries if entry[-1]], columns=LOG_COLUMNS)
    return frame.sort_values(LOG_COLUMNS[:-1], ignore_index=True)
