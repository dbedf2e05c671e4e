"""Records in raw JSON files: every value that is used is checked for its kind, and refused with its place."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.raw_file import AGAIN, shown
from compendium.errors import UserError

# what a key must hold; a question mark allows null, "whole" no fraction
TEXT, TEXT_OR_NONE, WHOLE, NUMBER, NUMBER_OR_NONE = "text", "text?", "whole", "number", "number?"
_WORDS = {TEXT: "a text", WHOLE: "a whole number", NUMBER: "a number"}
# beyond this no amount, rate or identifier is possible
LARGEST = 10**13


def records(entries: Any, kinds: Mapping[str, str], path: Path, place: str) -> pd.DataFrame:
    """Return a list of JSON objects as a frame with the columns of ``kinds``, each value checked.

    A text that is null becomes an empty text, a number that is null becomes missing.

    Parameters
    ----------
    entries : list of dict
        As read from the file.
    kinds : mapping of str to str
        What is taken from each object: TEXT, TEXT_OR_NONE, WHOLE, NUMBER or NUMBER_OR_NONE by key.
    place : str
        What the list is, for the message: "nodes".

    Raises
    ------
    UserError
        When it is no list of objects, a key is not there, or a value is of another kind.

    Examples
    --------
    >>> records([{"code": "AHA", "amount": 5}], {"code": TEXT, "amount": WHOLE}, Path("raw/f.json"), "nodes").loc[0, "amount"]
    np.int64(5)
    """
    if not isinstance(entries, list):
        raise _refused(path, place, entries, "a list of records")
    columns: dict[str, list[Any]] = {key: [] for key in kinds}
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise _refused(path, f"{place}[{number}]", entry, "a record with named values")
        for key, kind in kinds.items():
            here = f"{place}[{number}].{key}"
            if key not in entry:
                raise UserError(f"{shown(path)}, {here}: got nothing of this name, expected {_expected(kind)}; {AGAIN}")
            columns[key].append(_checked(entry[key], kind, path, here))
    kept = {key: pd.Series(values, dtype=_dtype(kinds[key])) for key, values in columns.items()}
    return pd.DataFrame(kept, columns=list(kinds))


def part(content: Any, keys: tuple[str, ...], path: Path) -> Any:
    """Return what stands under ``keys``, one inside the other, in the content of a JSON file.

    Raises
    ------
    UserError
        When one of them is not there.

    Examples
    --------
    >>> part({"meta": {"year": 2018}}, ("meta", "year"), Path("raw/f.json"))
    2018
    """
    found = content
    for depth, key in enumerate(keys):
        if not isinstance(found, dict) or key not in found:
            inside = ".".join(keys[:depth]) or "the file"
            raise UserError(f"{shown(path)}: got no {key!r} in {inside}, expected it there; {AGAIN}")
        found = found[key]
    return found


def whole(content: Any, keys: tuple[str, ...], path: Path) -> int:
    """Return the whole number that stands under ``keys``; see `part`.

    Examples
    --------
    >>> whole({"meta": {"total": "12"}}, ("meta", "total"), Path("raw/f.json"))
    12
    """
    found = part(content, keys, path)
    if isinstance(found, str) and found.lstrip("-").isascii() and found.lstrip("-").isdigit():
        found = int(found)
    return int(_checked(found, WHOLE, path, ".".join(keys)))


def _checked(value: Any, kind: str, path: Path, here: str) -> Any:
    optional = kind.endswith("?")
    if value is None and optional:
        return "" if kind == TEXT_OR_NONE else None
    if kind.startswith("text"):
        if isinstance(value, str) and (value or optional):
            return value
        raise _refused(path, here, value, _expected(kind))
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not right or abs(value) > LARGEST or (kind == WHOLE and value % 1 != 0):
        raise _refused(path, here, value, _expected(kind))
    return int(value) if kind == WHOLE else value


def _dtype(kind: str) -> str:
    return "str" if kind.startswith("text") else "int64" if kind == WHOLE else "float64"


def _expected(kind: str) -> str:
    return _WORDS[kind.rstrip("?")] + (" or null" if kind.endswith("?") else "")


def _refused(path: Path, place: str, value: Any, expected: str) -> UserError:
    got = repr(value)
    got = got if len(got) <= 60 else f"{got[:57]}..."
    return UserError(f"{shown(path)}, {place}: got {got}, expected {expected}; {AGAIN}")
