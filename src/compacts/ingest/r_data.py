"""Data frames out of R data files (.rda)."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.raw_file import AGAIN, shown
from compendium.errors import UserError

LARGEST = 400_000_000  # bytes unpacked; the largest file in use has a quarter of it
_COMPRESSED: dict[bytes, Callable[[Path], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}


def read_r_frame(path: Path, name: str) -> pd.DataFrame:
    """Return the data frame that an .rda file keeps under ``name``.

    Text and factors become ``str``, integers and reals ``float64`` (R's integers have missing values), dates
    ``datetime64[us]``.

    Raises
    ------
    UserError
        When the file is cut off, is no R data file, or holds no data frame of this name.
    """
    import pyreadr  # starts slowly, and only ingest needs it

    _require_whole(path)
    try:
        objects = pyreadr.read_r(path)
    except (pyreadr.PyreadrError, pyreadr.LibrdataError, UnicodeDecodeError) as error:
        got = f"{path.stat().st_size:,} bytes that break off or are no R data file ({str(error).strip()})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    if name not in objects:
        raise UserError(f"{shown(path)}: got the objects {', '.join(objects)}, expected {name}; {AGAIN}")
    frame = objects[name].reset_index(drop=True)
    return pd.DataFrame({column: _column(values) for column, values in frame.items()})


def _require_whole(path: Path) -> None:
    """Raise a UserError when the compressed content fails its checksum, which pyreadr does not look at."""
    start = path.read_bytes()[:6]
    opened = next((opened for magic, opened in _COMPRESSED.items() if start.startswith(magic)), None)
    if opened is None:
        return
    try:
        with opened(path) as file:
            size = len(file.read(LARGEST + 1))
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        got = f"{path.stat().st_size:,} bytes that break off or are no R data file ({str(error).strip()})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    if size > LARGEST:
        raise UserError(f"{shown(path)}: got more than {LARGEST:,} bytes when unpacked, expected fewer; {AGAIN}")


def _column(values: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean")
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("float64")
    if pd.api.types.infer_dtype(values, skipna=True) == "date":
        return pd.to_datetime(values).astype("datetime64[us]")
    return values.astype("str")
