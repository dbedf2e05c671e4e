"""Claims: the numbers that prose takes, each with unit, kind, interval, tolerance and the tables it rests on."""

import csv
import hashlib
import html
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from compendium.errors import UserError

KINDS = ("count", "share", "estimate", "p-value", "verdict", "date")


@dataclass(frozen=True)
class Claim:
    """One registered number (or verdict, or date) and the sentence that tells it.

    Attributes
    ----------
    name : str
        Unique in the whole compendium, ``snake_case``.
    value : int, float or str
        The number in ``unit``; a short text for verdicts and ISO dates.
    text : str
        The finished sentence, as pages show it.
    low, high, interval
        Bounds in the same unit and what they cover, for example ``95 % profile likelihood``.
    tolerance : float
        Largest absolute difference at which a second execution still agrees.
    tables : tuple of str
        Names of the tables that the number rests on.
    figure_id, theirs, difference, reason
        The published figure that this claim answers: its id, its value, ours minus theirs, and why they differ.
    """

    name: str
    notebook: str
    cell: str
    kind: str
    value: int | float | str
    unit: str
    low: float | None
    high: float | None
    interval: str
    tolerance: float
    tables: tuple[str, ...]
    text: str
    figure_id: str = ""
    theirs: float | None = None
    difference: float | None = None
    reason: str = ""

    def _repr_html_(self) -> str:
        return f'<p class="claims">{self.sentence()}</p>'

    def __repr__(self) -> str:
        return self.text

    def sentence(self) -> str:
        """Return the sentence as an HTML fragment whose anchor is ``claim-NAME``."""
        tables = " ".join(self.tables)
        return (
            f'<span class="claim" id="claim-{self.name}" data-tables="{html.escape(tables)}">'
            f"{html.escape(self.text)}</span>"
        )


@dataclass(frozen=True)
class Paragraph:
    """Several claims told in one paragraph."""

    claims: tuple[Claim, ...]

    def _repr_html_(self) -> str:
        return f'<p class="claims">{" ".join(claim.sentence() for claim in self.claims)}</p>'

    def __repr__(self) -> str:
        return " ".join(claim.text for claim in self.claims)


def plain(value: object, digits: int | None = None) -> object:
    """Return a number as the compendium writes it: whole numbers whole, others to ``digits`` decimals.

    Without ``digits`` a fraction keeps six significant digits, so that the last bits of a machine's arithmetic
    stay out of tables and prose.

    Examples
    --------
    >>> plain(152.0), plain(1 / 3), plain(12.3456, 1), plain("supported")
    (152, 0.333333, 12.3, 'supported')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        msg = "a claim's value is a number or a short text, not a truth value; say the verdict in words"
        raise UserError(msg)
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        return None
    if digits is not None:
        number = round(number, digits)
    elif number != int(number):
        number = float(f"{number:.6g}")
    return int(number) if number == int(number) else number


def spoken(value: object, digits: int | None = None) -> str:
    """Return a number as prose writes it, thousands apart.

    Examples
    --------
    >>> spoken(30958200), spoken(0.5, 2), spoken(-3)
    ('30,958,200', '0.50', '−3')
    """
    if value is None:
        return "not known"
    if isinstance(value, str):
        return value
    text = f"{value:,.{digits}f}" if digits is not None else f"{value:,}"
    return text.replace("-", "−")


def digest(text: str) -> str:
    """Return a short hash of a text, by which a cell is known while it runs."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


COLUMNS = tuple(field.name for field in fields(Claim))


def claims_csv(claims: Iterable[Claim]) -> str:
    """Return the claims as CSV text with the columns of `Claim`; ``tables`` are split by blanks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for claim in claims:
        row = vars(claim) | {"tables": " ".join(claim.tables)}
        writer.writerow(["" if row[column] is None else row[column] for column in COLUMNS])
    return text.getvalue()


def read_claims(path: Path) -> list[dict[str, str]]:
    """Return the rows of a claims file in its order, every cell as text.

    Raises
    ------
    UserError
        When the file's columns are not those of `Claim`.
    """
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        msg = f"{path.name}, row 1: got columns {reader.fieldnames}, expected {list(COLUMNS)}; run run_all.py again"
        raise UserError(msg)
    return rows


def moved(before: Iterable[dict[str, str]], after: Iterable[dict[str, str]]) -> list[str]:
    """Return one line for every claim whose value or bounds differ between two runs, came or went.

    Examples
    --------
    >>> old = {"name": "gcm_yes", "value": "152", "low": "", "high": ""}
    >>> moved([old], [old | {"value": "151"}])
    ['gcm_yes: 152 → 151']
    """

    def shown(row: dict[str, str]) -> str:
        return row["value"] + (f" [{row['low']}, {row['high']}]" if row["low"] or row["high"] else "")

    old = {row["name"]: shown(row) for row in before}
    new = {row["name"]: shown(row) for row in after}
    names = [*new, *(name for name in old if name not in new)]
    return [f"{n}: {old.get(n, 'new')} → {new.get(n, 'gone')}" for n in names if old.get(n) != new.get(n)]
