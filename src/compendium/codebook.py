"""Codebooks: what a reader of texts codes, item by item, and whether codes are within them."""

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from compendium.datapackage import read_resources
from compendium.errors import UserError, nearest
from compendium.plan import PLAN, Plan

CODES = ("codebook", "number", "applies_to", "code", "values", "meaning")
WHOLE = "whole number"
Row = Mapping[str, str]


@dataclass(frozen=True)
class Code:
    """One code: its name, the values allowed (none: any whole number), and when it is given."""

    name: str
    values: tuple[str, ...]
    meaning: str

    def wrong(self, value: str) -> str:
        """Return what was expected instead of a value, empty when it is allowed."""
        if not self.values:
            return "" if value.isdigit() else f"a {WHOLE}"
        return "" if value in self.values else "one of " + ", ".join(self.values)


@dataclass(frozen=True)
class Codebook:
    """A declared sample, the table of its readings, and the codes; ``[codebook.NAME]`` of the plan.

    Attributes
    ----------
    sample, readings, codes_in : str
        Tables: the items, the codes given by each reader, and the codes to give (columns of `CODES`).
    key : str
        Column that names an item in both tables.
    shown, found_at : tuple of str
        Columns of the sample that a reader sees; those that a reader needs only where the text is not at hand.
    by : str
        Column of the sample that decides which codes apply; empty when all do.
    carried, constants
        Columns of the readings that are copied from the sample, and those that are the same for every reading.
    instrument, passage : str
        File that explains the codes; ``module:function`` that gives an item's text from raw files.
    raw : mapping
        Its arguments, as in a build.
    codes : mapping
        Codes by the value of `by`; those of the empty text apply to every other value.
    """

    name: str
    sample: str
    readings: str
    codes_in: str
    key: str
    shown: tuple[str, ...] = ()
    found_at: tuple[str, ...] = ()
    by: str = ""
    carried: tuple[str, ...] = ()
    constants: Mapping[str, object] = field(default_factory=dict)
    instrument: str = ""
    passage: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)

    def codes_of(self, item: Row) -> tuple[Code, ...]:
        """Return the codes that an item is given, in order."""
        return self.codes.get(item.get(self.by, ""), self.codes.get("", ()))

    @property
    def names(self) -> list[str]:
        """Names of all codes, in order, each once."""
        return list(dict.fromkeys(code.name for codes in self.codes.values() for code in codes))

    def wrong(self, item: Row, codes: Row) -> Iterator[tuple[str, str, str]]:
        """Yield column, value and what was expected for each code of a reading that is not as the codebook says."""
        asked = {code.name: code for code in self.codes_of(item)}
        for name in self.names:
            value = codes.get(name) or ""
            if name not in asked and value:
                yield name, value, f"an empty cell: the code is not for {self.by} {item.get(self.by, '')}"
            elif name in asked and (expected := asked[name].wrong(value)):
                yield name, value, expected


def read_codebooks(plan: Plan) -> dict[str, Codebook]:
    """Return the codebooks of a plan by name.

    Raises
    ------
    UserError
        For a key, table or column that is not known, or a codebook without codes.
    """
    return {name: _codebook(plan, name, dict(entry)) for name, entry in plan.codebooks.items()}


def _codebook(plan: Plan, name: str, entry: dict[str, object]) -> Codebook:
    where = f"{PLAN} [codebook.{name}]"
    known = {key for key in Codebook.__dataclass_fields__ if key not in ("name", "codes")}
    for key in entry:
        if key not in known:
            raise UserError(
                f"{where}: got the key {key!r}{nearest(key, known)}; it may hold {', '.join(sorted(known))}"
            )
    lost = [key for key in ("sample", "readings", "codes_in", "key") if not entry.get(key)]
    if lost:
        raise UserError(f"{where}: got no {lost[0]}, expected one; add it")
    tables = read_resources(plan.root)
    for key in ("sample", "readings", "codes_in"):
        if entry[key] not in tables:
            raise UserError(
                f"{where}: {key} names {entry[key]!r}{nearest(str(entry[key]), tables)}, which is no table; correct it"
            )
    codes: dict[str, list[Code]] = {}
    for row in sorted(rows(plan, str(entry["codes_in"])), key=lambda row: int(row["number"])):
        if row["codebook"] == name:
            values = () if row["values"] == WHOLE else tuple(row["values"].split())
            codes.setdefault(row["applies_to"], []).append(Code(row["code"], values, row["meaning"]))
    if not codes:
        raise UserError(f"{where}: the table {entry['codes_in']} holds no code of {name}; add them")
    lists = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Codebook(name=name, codes={key: tuple(part) for key, part in codes.items()}, **lists)  # type: ignore[arg-type]


def rows(plan: Plan, table: str) -> list[dict[str, str]]:
    """Return the rows of a table as texts, as they stand in its file."""
    path = plan.root / str(read_resources(plan.root)[table]["path"])
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outside(plan: Plan) -> list[str]:
    """Return a sentence for each committed reading that its codebook does not allow."""
    told = []
    for book in read_codebooks(plan).values():
        path = read_resources(plan.root)[book.readings]["path"]
        items = {row[book.key]: row for row in rows(plan, book.sample)}
        for line, row in enumerate(rows(plan, book.readings), 2):
            if row[book.key] not in items:
                told.append(
                    f"{path}, line {line}: got the {book.key} {row[book.key]!r}, which is not in {book.sample}; correct it"
                )
                continue
            told += [
                f"{path}, line {line}, column {name}: got {value!r}, the codebook {book.name} expects {expected}; correct the code"
                for name, value, expected in book.wrong(items[row[book.key]], row)
            ]
    return told


def readers(book: Codebook, readings: Sequence[Row]) -> dict[str, int]:
    """Return how many items each reader has coded."""
    seen: dict[str, set[str]] = {}
    for row in readings:
        seen.setdefault(row["reader"], set()).add(row[book.key])
    return {reader: len(items) for reader, items in sorted(seen.items())}


def csv_text(columns: Sequence[str], lines: Sequence[Row]) -> str:
    """Return rows as CSV text; a column that a row lacks is empty."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="")
    os.replace(part, path)
