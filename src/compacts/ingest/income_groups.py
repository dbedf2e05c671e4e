"""The World Bank's income groups, as published on 1 July of each fiscal year."""

import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.raw_file import AGAIN, ingest_log, require_unique, shown
from compendium.errors import UserError

SHEET = "Country Analytical History"
# LM*: Yemen in the fiscal years 1989 and 1990, two states that together would have been lower middle income
GROUPS = {"L": "low", "LM": "lower middle", "LM*": "lower middle", "UM": "upper middle", "H": "high"}
NOT_CLASSIFIED = ("..", None)
LARGEST = 50_000_000  # bytes of the workbook when unpacked; it has one million
_HEADS = {5: "Bank's fiscal year:", 6: "Data for calendar year :"}
_FORMER_YUGOSLAVIA = "YUGf"


def income_groups(oghist: Path) -> dict[str, pd.DataFrame]:
    """Return ``income_groups`` (economy x year of the data) and its log.

    The group that rests on the income of a year is in force from 1 July of the next year, the start of a fiscal year
    of the Bank: fiscal year 2026 rests on 2024.

    Parameters
    ----------
    oghist : Path
        The workbook of historical classifications.

    Raises
    ------
    UserError
        When the file is damaged, its rows stand elsewhere, a group is new, or an economy comes twice.
    """
    rows = _rows(oghist)
    years = _years(rows, oghist)
    entries: list[tuple[str, int, int, str]] = []
    unclassified = former = 0
    codes = [(number, row) for number, row in enumerate(rows, start=1) if number > 11 and row[0]]
    require_unique(pd.DataFrame({"code": [row[0] for _, row in codes]}), ["code"], oghist, first_line=12)
    for number, row in codes:
        for column, (fiscal_year, data_year) in years.items():
            group = row[column].strip() if isinstance(row[column], str) else row[column]
            if group in NOT_CLASSIFIED:
                unclassified += 1
            elif group not in GROUPS:
                place = f"{shown(oghist)}, row {number}, column {data_year}"
                raise UserError(f"{place}: got {group!r}, expected one of {', '.join(GROUPS)} or ..; {AGAIN}")
            elif row[0] == _FORMER_YUGOSLAVIA:
                former += 1
            else:
                entries.append((str(row[0]), data_year, fiscal_year, GROUPS[str(group)]))
    table = pd.DataFrame(entries, columns=["code", "data_year", "fiscal_year", "income_group"])
    log = ingest_log([
        ("income_groups", "st_oghist", "kept", "classified", "economies and years", len(table)),
        ("income_groups", "st_oghist", "dropped", "not classified in that year", "economies and years", unclassified),
        ("income_groups", "st_oghist", "dropped", "a second row of the former Yugoslavia", "economies and years", former),
    ])  # fmt: skip
    return {"income_groups": table.sort_values(["code", "data_year"], ignore_index=True), "ingest_income_groups": log}


def group_in_force(groups: pd.DataFrame) -> pd.DataFrame:
    """Return ``code``, ``year`` and the ``income_group`` in force on 31 December of that year.

    Examples
    --------
    >>> row = {"code": ["KEN"], "data_year": [2023], "fiscal_year": [2025], "income_group": ["lower middle"]}
    >>> group_in_force(pd.DataFrame(row))["year"].tolist()
    [2024]
    """
    return groups.assign(year=groups["data_year"] + 1)[["code", "year", "income_group"]]


def _rows(path: Path) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook  # starts slowly, and only ingest needs it

    try:
        _require_small(path)
        book = load_workbook(path, read_only=True, data_only=True)
        names = book.sheetnames
        rows = list(book[SHEET].iter_rows(values_only=True)) if SHEET in names else None
        book.close()
    except UserError:
        raise
    except Exception as error:  # noqa: BLE001 (a damaged workbook fails in zip, XML or openpyxl, each in its own way)
        got = f"{path.stat().st_size:,} bytes that are no whole workbook ({' '.join(str(error).split())[:100]})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    if rows is None:
        raise UserError(f"{shown(path)}: got the sheets {', '.join(names)}, expected {SHEET!r}; {AGAIN}")
    return rows


def _years(rows: list[tuple[Any, ...]], path: Path) -> dict[int, tuple[int, int]]:
    """Return (fiscal year, year of the data) by column, from the fifth and sixth row."""
    for number, head in _HEADS.items():
        got = rows[number - 1][1] if len(rows) >= number and len(rows[number - 1]) > 1 else None
        if got != head:
            raise UserError(f"{shown(path)}, sheet {SHEET}, row {number}: got {got!r}, expected {head!r}; {AGAIN}")
    years: dict[int, tuple[int, int]] = {}
    for column, (fiscal, data) in enumerate(zip(rows[4], rows[5], strict=True)):
        if column < 2 or fiscal is None:
            continue
        text = str(fiscal)
        short = int(text[2:]) if text[:2] == "FY" and text[2:].isdigit() else -1
        year = 1900 + short if short > 80 else 2000 + short
        if short < 0 or not isinstance(data, int | float) or year != data + 2:
            place = f"{shown(path)}, sheet {SHEET}, rows 5 and 6"
            raise UserError(
                f"{place}: got {fiscal!r} over {data!r}, expected a fiscal year two years after its data; {AGAIN}"
            )
        years[column] = (year, int(data))
    return years


def _require_small(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > LARGEST:
        raise UserError(f"{shown(path)}: got {unpacked:,} bytes when unpacked, expected at most {LARGEST:,}; {AGAIN}")
