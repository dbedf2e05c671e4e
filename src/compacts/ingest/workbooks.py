"""Sheets of raw workbooks (.xlsx) whose cells are all text."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, require_columns, shown
from compendium.errors import UserError

# the largest workbook read here has 9 MB unpacked
LARGEST = 100_000_000


def read_sheet(path: Path, sheet: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a sheet as text, white space at the ends of cells taken off; an empty cell is an empty text.

    Raises
    ------
    UserError
        When the file is cut off or no workbook, unpacks to more than LARGEST bytes, has no such sheet, or lacks a column.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # only ingest needs it

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST:
            raise UserError(
                f"{shown(path)}: got {unpacked:,} bytes when unpacked, expected at most {LARGEST:,}; {AGAIN}"
            )
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) if sheet in names else None
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError, KeyError) as error:
        got = f"{path.stat().st_size:,} bytes that are no whole workbook ({' '.join(str(error).split())})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    if rows is None:
        raise UserError(f"{shown(path)}: got the sheets {', '.join(names)}, expected {sheet!r}; {AGAIN}")
    if not rows:
        raise UserError(f"{shown(path)}, sheet {sheet}: got no rows, expected a header; {AGAIN}")
    header = [str(cell).strip() for cell in rows[0]]
    if len(set(header)) != len(header):
        raise UserError(f"{shown(path)}, sheet {sheet}, line 1: got a column twice, expected each once; {AGAIN}")
    frame = pd.DataFrame([[_text(cell) for cell in row] for row in rows[1:]], columns=header, dtype="str")
    require_columns(frame, columns, path)
    return frame[list(columns)]


def _text(cell: object) -> str:
    # a whole number that was stored as one must not gain a point
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
