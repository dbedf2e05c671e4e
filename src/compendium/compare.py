"""Two executions compared, file by file and cell by cell, under tolerances that ``notebooks/verify.md`` argues for.

Counts, verdicts, words, order and declarations must be equal. Estimates may differ in the last digits, which differ
between processors and versions of the linear algebra; p-values and bounds of intervals follow the same rule. Drawings are
compared by what they say and where, not by their bytes.
"""

import csv
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RELATIVE = 1e-6  # of a number: tables keep ten significant digits, processors differ from about the twelfth
ABSOLUTE = 1e-9  # for numbers that are zero but for rounding
NUMBER = re.compile(r"[-−+]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")
EXACT = ("count", "verdict", "test verdict", "date")


@dataclass(frozen=True)
class Difference:
    """One difference: where, what was committed, what came out anew, and its likely kind.

    Kinds: ``numbers``, ``order``, ``wording``, ``missing`` (committed, not made anew), ``new`` (made anew, not committed),
    ``declaration``, ``bytes``.
    """

    file: str
    place: str
    committed: str
    anew: str
    kind: str


@dataclass
class Tally:
    """How many things were compared, how many were equal or within tolerance, and each difference."""

    equal: int = 0
    tolerated: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def compared(self) -> int:
        """Number of things compared."""
        return self.equal + self.tolerated + len(self.differences)

    def add(self, other: "Tally") -> None:
        """Add another tally."""
        self.equal += other.equal
        self.tolerated += other.tolerated
        self.differences += other.differences


def close(first: float, second: float, tolerance: float = 0.0) -> bool:
    """Return whether two numbers are equal but for rounding, or within an absolute tolerance.

    Examples
    --------
    >>> close(1.0, 1.0 + 1e-8), close(1.0, 1.001), close(0.0, 1e-12), close(float("nan"), float("nan"))
    (True, False, True, True)
    """
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) and math.isnan(second)
    return abs(first - second) <= max(RELATIVE * max(abs(first), abs(second)), ABSOLUTE, tolerance)


def same_text(first: str, second: str) -> str:
    """Return ``equal``, ``tolerated`` (numbers differ in the last digits), ``numbers`` or ``wording``.

    A whole number must be equal: only numbers with a point may differ.

    Examples
    --------
    >>> same_text("0.5000000001 of 3", "0.5 of 3"), same_text("4 of 3", "5 of 3"), same_text("a", "b")
    ('tolerated', 'numbers', 'wording')
    """
    if first == second:
        return "equal"
    if NUMBER.sub("#", first) != NUMBER.sub("#", second):
        return "wording"
    for a, b in zip(NUMBER.findall(first), NUMBER.findall(second), strict=True):
        if a != b and (("." not in a and "." not in b) or not close(as_float(a), as_float(b))):
            return "numbers"
    return "tolerated"


def as_float(text: str) -> float:
    """Return a number as pages write it: thousands set apart, a true minus."""
    return float(text.replace(",", "").replace("−", "-"))


def judge(tally: Tally, file: str, place: str, committed: str, anew: str) -> None:
    """Compare two texts and enter the result into a tally."""
    found = same_text(committed, anew)
    if found == "equal":
        tally.equal += 1
    elif found == "tolerated":
        tally.tolerated += 1
    else:
        tally.differences.append(Difference(file, place, short(committed), short(anew), found))


def short(text: str, length: int = 160) -> str:
    """Return a text on one line, cut."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def claims(file: str, committed: Sequence[Mapping[str, str]], anew: Sequence[Mapping[str, str]]) -> Tally:
    """Compare claims by name: values and bounds under their declared tolerance, everything else exactly."""
    tally = Tally()
    old, new = {row["name"]: row for row in committed}, {row["name"]: row for row in anew}
    for name, row in old.items():
        if name not in new:
            tally.differences.append(Difference(file, f"claim {name}", row["text"], "", "missing"))
            continue
        _claim(tally, file, row, new[name])
    for name in new.keys() - old.keys():
        tally.differences.append(Difference(file, f"claim {name}", "", new[name]["text"], "new"))
    if not tally.differences and list(old) != list(new):
        tally.differences.append(Difference(file, "claims", " ".join(old), " ".join(new), "order"))
    return tally


def _claim(tally: Tally, file: str, row: Mapping[str, str], other: Mapping[str, str]) -> None:
    where, moved = f"claim {row['name']}, cell {row['cell']}", False
    tolerance = float(other["tolerance"] or 0)
    for key in row:
        a, b = row[key], other.get(key, "")
        if a == b:
            continue
        if key in ("value", "low", "high", "difference") and _numeric(a) and _numeric(b):
            exact = other["kind"] in EXACT and key == "value"
            if not exact and close(float(a), float(b), tolerance):
                moved = True
                continue
            tally.differences.append(Difference(file, f"{where}, {key}", a, b, "numbers"))
            return
        if key == "text" and same_text(a, b) in ("tolerated", "numbers") and moved:
            continue  # the sentence tells the value, which was within its tolerance
        kind = "declaration" if key not in ("text", "value") else same_text(a, b)
        tally.differences.append(Difference(file, f"{where}, {key}", a, b, kind))
        return
    if moved:
        tally.tolerated += 1
    else:
        tally.equal += 1


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def rows(file: str, committed: str, anew: str) -> Tally:
    """Compare two CSV texts, cell by cell; the same rows in another order are one difference of order."""
    old, new = (list(csv.reader(text.splitlines(keepends=True))) for text in (committed, anew))
    tally = Tally()
    if old[:1] != new[:1]:
        tally.differences.append(Difference(file, "columns", ", ".join(old[0]) if old else "", ", ".join(new[0]) if new else "", "declaration"))  # fmt: skip
        return tally
    if old != new and Counter(map(tuple, old)) == Counter(map(tuple, new)):
        at = next(n for n, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b)
        tally.differences.append(
            Difference(file, f"row {at} on", ", ".join(old[at - 1]), ", ".join(new[at - 1]), "order")
        )
        return tally
    for number, (a, b) in enumerate(zip(old, new, strict=False), 1):
        if len(a) != len(b):
            tally.differences.append(Difference(file, f"row {number}", ", ".join(a), ", ".join(b), "wording"))
            continue
        for column, first, second in zip(old[0], a, b, strict=False):
            judge(tally, file, f"row {number}, column {column}", first, second)
    for number, row in enumerate(old[len(new) :], len(new) + 1):
        tally.differences.append(Difference(file, f"row {number}", ", ".join(row), "", "missing"))
    for number, row in enumerate(new[len(old) :], len(old) + 1):
        tally.differences.append(Difference(file, f"row {number}", "", ", ".join(row), "new"))
    return tally
