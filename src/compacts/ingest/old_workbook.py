"""Sheets of old Excel workbooks (.xls)."""

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, require_columns, shown
from compendium.errors import UserError

_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")


def read_old_sheet(path: Path, sheet: str, header_row: int, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a sheet as text, white space folded; an empty cell is an empty text, a whole number has no point.

    Parameters
    ----------
    header_row : int
        The row of the sheet that names the columns, counted from 1.

    Raises
    ------
    UserError
        For a file that is no whole workbook of this kind, and for a sheet or column that is not there.
    """
    from python_calamine import CalamineWorkbook  # only ingest needs it

    with path.open("rb") as file:
        start = file.read(len(_SIGNATURE))
    if start != _SIGNATURE:
        raise UserError(f"{shown(path)}: got a file that begins with {start[:8]!r}, expected an .xls workbook; {AGAIN}")
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        found = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) if sheet in names else []
    except BaseException as error:  # a panic of the Rust reader is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        detail = " ".join(str(error).split())[:100]
        raise UserError(
            f"{shown(path)}: got no readable workbook ({type(error).__name__}: {detail}); {AGAIN}"
        ) from None
    if sheet not in names:
        raise UserError(f"{shown(path)}: got the sheets {', '.join(names)}, expected {sheet}; {AGAIN}")
    if len(found) < header_row:
        raise UserError(
            f"{shown(path)}: got {len(found)} rows in {sheet}, expected a header in row {header_row}; {AGAIN}"
        )
    text = pd.DataFrame([[_text(cell) for cell in row] for row in found])
    frame = text.iloc[header_row:].reset_index(drop=True)
    frame.columns = pd.Index(text.iloc[header_row - 1])
    require_columns(frame, columns, path)
    return frame[list(columns)].astype("str")


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())
