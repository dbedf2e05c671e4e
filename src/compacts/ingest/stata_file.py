"""Columns of Stata files (.dta)."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, require_columns, shown
from compendium.errors import UserError


def read_stata(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a Stata file: text as ``str``, numbers as ``float64``, codes instead of their labels.

    Numbers stored in single precision get the shortest decimal that stands for them: 0.33, not 0.330000013.

    Raises
    ------
    UserError
        When the file is cut off, is no Stata file, or lacks a column.
    """
    try:
        with warnings.catch_warnings():
            # files before Stata 14 have no declared encoding: pandas says so when it takes Latin-1
            warnings.simplefilter("ignore", UnicodeWarning)
            frame = pd.read_stata(path, convert_categoricals=False)
    except Exception as error:  # noqa: BLE001 (damaged files fail in struct, numpy, zlib and pandas in many ways)
        detail = " ".join(str(error).split())[:100]
        got = f"{path.stat().st_size:,} bytes that break off or are no Stata file ({type(error).__name__}: {detail})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    require_columns(frame, columns, path)
    return pd.DataFrame({column: _plain(frame[column]) for column in columns}).reset_index(drop=True)


def _plain(values: "pd.Series[float]") -> "pd.Series[float] | pd.Series[str]":
    if values.dtype == "float32":
        return pd.Series(values.to_numpy().astype(str).astype("float64"), index=values.index)
    return values.astype("float64") if pd.api.types.is_numeric_dtype(values.dtype) else values.astype("str")
