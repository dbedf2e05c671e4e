"""Data frames out of R data files (.rda)."""

from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, shown
from compendium.errors import UserError


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

    try:
        objects = pyreadr.read_r(path)
    except (pyreadr.PyreadrError, pyreadr.LibrdataError) as error:
        got = f"{path.stat().st_size:,} bytes that break off or are no R data file ({str(error).strip()})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    if name not in objects:
        raise UserError(f"{shown(path)}: got the objects {', '.join(objects)}, expected {name}; {AGAIN}")
    frame = objects[name].reset_index(drop=True)
    return pd.DataFrame({column: _column(values) for column, values in frame.items()})


def _column(values: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean")
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("float64")
    if pd.api.types.infer_dtype(values, skipna=True) == "date":
        return pd.to_datetime(values).astype("datetime64[us]")
    return values.astype("str")
