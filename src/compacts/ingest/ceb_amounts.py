"""Amounts and codes in the financial statistics of the Chief Executives Board (CEB), exact to the last digit.

Amounts are `decimal.Decimal` from the raw text to the written table: sums of tens of thousands of rows then equal the
sums of the raw file, which floating point and ten significant digits would not keep.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.numeric import whole_years
from compacts.ingest.raw_file import AGAIN, read_csv, shown
from compendium.errors import UserError, nearest

# a dash or nothing stands where CEB gives no amount
BLANK = ("-", "")
ASSESSED, CORE, EARMARKED, OTHER = "assessed", "voluntary core", "voluntary earmarked", "other revenue"
REVENUE_TYPES = (ASSESSED, CORE, EARMARKED, OTHER)
# spellings of the broad types in the files, capitals folded
TYPE_NAMES = {
    "assessed": ASSESSED,
    "assessed contributions": ASSESSED,
    "voluntary un-earmarked": CORE,
    "voluntary core (un-earmarked) contributions": CORE,
    "voluntary earmarked": EARMARKED,
    "voluntary non-core (earmarked) contributions": EARMARKED,
    "other": OTHER,
    "revenue from other activities": OTHER,
}
FIRST_YEAR, LAST_YEAR = 2009, 2030


def plain(amount: Decimal) -> Decimal:
    """Return the same number without zeros at its end and without an exponent.

    Examples
    --------
    >>> str(plain(Decimal("1200.50"))), str(plain(Decimal("1.2E+3")))
    ('1200.5', '1200')
    """
    if amount == amount.to_integral_value():
        return Decimal(int(amount))
    return amount.normalize()


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the exact sum of the amounts that are there, or None where none is."""
    there = [amount for amount in amounts if amount is not None]
    return plain(sum(there, Decimal(0))) if there else None


def exact_amounts(frame: pd.DataFrame, column: str, path: Path, *, blank: bool = False) -> "pd.Series[Any]":
    """Return a column of text as `Decimal`, or None where a dash or nothing stands and ``blank`` allows it.

    White space inside a number is a separator of thousands.

    Raises
    ------
    UserError
        For the first cell that is neither.

    Examples
    --------
    >>> exact_amounts(pd.DataFrame({"amount": ["4 417.10", " - "]}), "amount", Path("raw/a.csv"), blank=True).tolist()
    [Decimal('4417.10'), None]
    """
    text = frame[column].str.replace(r"\s+", "", regex=True)
    missing = text.isin(BLANK)
    wrong = ~text.str.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?") & ~(missing & blank)
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        got = repr(frame[column].iloc[position])
        raise UserError(
            f"{shown(path)}, row {position + 2}, column {column}: got {got}, expected an amount in US dollars; {AGAIN}"
        )
    values = [None if gone else Decimal(number) for number, gone in zip(text, missing, strict=True)]
    return pd.Series(values, index=frame.index, dtype="object")


def read_statistics(path: Path, columns: Mapping[str, str], *, blank: bool = False) -> pd.DataFrame:
    """Return a CEB file: columns renamed, ``amount_usd`` exact, ``year`` whole, ``currency`` (if there) US dollars.

    The column ``duplicate`` tells rows that equal an earlier one in the columns asked for.

    Raises
    ------
    UserError
        For a file that cannot be read, a column that is not there, or a cell that is not what it should be.
    """
    frame = read_csv(path, list(columns)).rename(columns=dict(columns))
    if frame.empty:
        raise UserError(f"{shown(path)}: got no row under the header, expected financial statistics; {AGAIN}")
    _require_whole_rows(path)
    frame["duplicate"] = frame.duplicated()
    frame["amount_usd"] = exact_amounts(frame, "amount_usd", path, blank=blank)
    frame["year"] = whole_years(frame, "year", path, first=FIRST_YEAR, last=LAST_YEAR)
    if "currency" in frame and not (frame["currency"] == "USD").all():
        position = int((frame["currency"] != "USD").to_numpy().argmax())
        got = repr(frame["currency"].iloc[position])
        raise UserError(f"{shown(path)}, row {position + 2}, column currency: got {got}, expected 'USD'; {AGAIN}")
    return frame


def _require_whole_rows(path: Path) -> None:
    """Refuse a row with fewer cells than the header: pandas fills them up with nothing."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        cells = len(next(rows))
        for number, row in enumerate(rows, start=2):
            if row and len(row) < cells:
                got = f"got {len(row)} cells, expected {cells}"
                raise UserError(f"{shown(path)}, row {number}: {got}; {AGAIN}")


def look_up(
    values: "pd.Series[str]", known: Mapping[Any, str], path: Path, *, column: str, listed: str
) -> "pd.Series[str]":
    """Return what stands for each value in ``known``; the first unknown value is refused with the nearest known one.

    Parameters
    ----------
    listed : str
        Where the known values are declared, for the message.
    """
    found = values.map(known)
    if found.isna().any():
        position = int(found.isna().to_numpy().argmax())
        value = values.iloc[position]
        got = f"got {value!r}{nearest(value, list(known))}"
        raise UserError(
            f"{shown(path)}, row {position + 2}, column {column}: {got}, expected a value listed in {listed}; "
            f"add it there, or {AGAIN}"
        )
    return found.astype("str")


def name_entities(
    codes: "pd.Series[str]", entity_codes: pd.DataFrame, path: Path, column: str = "entity"
) -> pd.DataFrame:
    """Return ``entity`` (in whose totals the money is counted) and ``sub_entity`` for codes as written."""
    listed = entity_codes.set_index("code")
    found = {
        level: look_up(codes, listed[level].to_dict(), path, column=column, listed="data/coded/entity_codes.csv")
        for level in ("entity", "sub_entity")
    }
    return pd.DataFrame(found)


def name_types(words: "pd.Series[str]", path: Path, column: str) -> "pd.Series[str]":
    """Return the broad revenue type for its spellings in the files."""
    return look_up(words.str.lower(), TYPE_NAMES, path, column=column, listed="compacts.ingest.ceb_amounts")


def sum_by(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return exact sums by ``keys``, with counts of what the rows look like.

    Returns
    -------
    DataFrame
        The keys, ``amount_usd``, ``rows``, ``negative_rows``, ``duplicate_rows`` (equal in all columns to an earlier row
        of the file: column ``duplicate`` of ``frame``) and ``blank_rows`` (without an amount).
    """
    amounts = frame["amount_usd"]
    marked = frame[list(keys)].assign(
        rows=1,
        negative_rows=[int(amount is not None and amount < 0) for amount in amounts],
        duplicate_rows=frame["duplicate"].astype("int64"),
        blank_rows=[int(amount is None) for amount in amounts],
    )
    sums = marked.groupby(list(keys), as_index=False, sort=True).sum()
    exact = {key: total(part) for key, part in frame.groupby(list(keys), sort=True)["amount_usd"]}
    sums.insert(len(keys), "amount_usd", pd.Series(list(exact.values()), index=sums.index, dtype="object"))
    return sums
