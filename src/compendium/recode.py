"""The command ``recode``: a human reads the items that others have read, in the terminal or in a form, and joins the readers.

What is coded is kept after every item in ``.compendium/recode``; ``--add`` puts it into the table of readings.
"""

import csv
import importlib
import io
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from compendium.arguments import Parser
from compendium.codebook import Codebook, Row, csv_text, read_codebooks, readers, replace, rows
from compendium.datapackage import read_resources
from compendium.errors import UserError, nearest
from compendium.plan import Plan
from compendium.sources import RawFiles, raw_folder
from compendium.stage import STATE_FOLDER

KEYS = "a value; ? explains, b goes back, s skips the item, q ends (all is kept)"
LINE = 100


class Back(Exception):  # noqa: N818 (an answer, not an error)
    """The reader wants the code before."""


class Skip(Exception):  # noqa: N818
    """The reader leaves the item for later."""


def main(plan: Plan, arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser(
        prog="run_all.py recode", description="Read items of a declared sample yourself and join the readers."
    )
    parser.add_argument("codebook", nargs="?", help="which texts; without it: a list")
    parser.add_argument("--reader", metavar="NAME", help="your name or initials, as kept in the table")
    parser.add_argument("--items", metavar="N", type=int, help="only the first N in your own random order")
    parser.add_argument("--form", metavar="FILE", help="write a form to fill (CSV) instead of asking")
    parser.add_argument("--from", metavar="FILE", dest="filled", help="take codes from a filled form")
    parser.add_argument("--add", action="store_true", help="put what you have coded into the table of readings")
    parser.add_argument("--raw", metavar="DIR", help="folder of raw files: with it the text itself is shown")
    options = parser.parse_args(arguments)
    books = read_codebooks(plan)
    if not options.codebook:
        for book in books.values():
            done = ", ".join(f"{reader} {n}" for reader, n in readers(book, rows(plan, book.readings)).items())
            print(
                f"{book.name}: {len(rows(plan, book.sample))} items of {book.sample}; read by {done or 'nobody'}; codes in {book.instrument}"
            )
        return 0
    if options.codebook not in books:
        raise UserError(
            f"recode {options.codebook}: got no codebook of this name{nearest(options.codebook, books)}; there are {', '.join(books) or 'none'}"
        )
    if not options.reader or not re.fullmatch(r"[A-Za-z][\w-]*", options.reader):
        raise UserError(
            f"recode {options.codebook}: got the reader {options.reader!r}, expected a name of letters and digits; add --reader NAME"
        )
    if options.items is not None and options.items < 1:
        raise UserError(f"recode {options.codebook}: got --items {options.items}, expected a number above 0")
    desk = Desk(plan, books[options.codebook], options.reader, options.items, raw_folder(plan.root, options.raw))
    if options.form:
        desk.write_form(Path(options.form))
        return 0
    if options.filled:
        desk.take(Path(options.filled))
    elif not options.add:
        desk.ask(input, print)
    told = f"{len(desk.draft)} of {len(desk.items)} items coded as {desk.reader}, kept in {desk.path.relative_to(plan.root).as_posix()}."
    if options.add:
        told += f"\nAdded to {desk.add()}. run_all.py --why says what rests on it; run_all.py makes it anew and tells which findings moved."
    elif desk.draft:
        told += "\nWith --add they join the table of readings."
    print(told)
    return 0


class Desk:
    """A reader's place: the items in the reader's own order, and what is coded so far.

    Parameters
    ----------
    items : int, optional
        Only so many: as the order is random, they are a simple random part of the sample.
    folder : Path, optional
        Raw files.
    """

    def __init__(self, plan: Plan, book: Codebook, reader: str, items: int | None, folder: Path | None) -> None:
        self.plan, self.book, self.reader = plan, book, reader
        self.sample = {row[book.key]: row for row in rows(plan, book.sample)}
        order = sorted(self.sample)
        random.Random(f"{book.name} {reader}").shuffle(order)  # noqa: S311
        self.items = order[:items]
        self.path = plan.root / STATE_FOLDER / "recode" / f"{book.name}-{reader}.csv"
        self.draft: dict[str, dict[str, str]] = {}
        if self.path.is_file():
            with self.path.open(encoding="utf-8", newline="") as file:
                self.draft = {row[book.key]: row for row in csv.DictReader(file)}
        raw = RawFiles(plan.root, folder)
        where = f"codebook {book.name}"
        self.raw = (
            raw.arguments(book.raw, where)
            if folder and book.passage and not raw.missing(book.raw.values(), where)
            else None
        )

    def passage(self, item: Row) -> str:
        """Return an item's text from the raw files, empty where they are not at hand."""
        if self.raw is None:
            return ""
        module, _, function = self.book.passage.partition(":")
        return str(getattr(importlib.import_module(module), function)(item, **self.raw))

    def ask(self, hear: Callable[[str], str], say: Callable[[str], object]) -> None:
        """Ask item by item; every finished item is kept at once."""
        todo = [key for key in self.items if key not in self.draft]
        say(f"{self.book.name}: {len(todo)} items to code. Read {self.book.instrument} first. Answer with {KEYS}.")
        if self.book.passage and self.raw is None:
            say("The text itself is shown where the raw files are: run_all.py fetch, or --raw DIR.")
        for number, key in enumerate(todo, 1):
            item = self.sample[key]
            say("")
            say(f"{number} of {len(todo)}: " + "  ".join(self._about(item)))
            for line in _wrapped(self.passage(item)):
                say(f"    {line}")
            try:
                codes = self._codes(item, hear, say)
            except Skip:
                continue
            except EOFError:
                return
            self.keep({key: codes})

    def _about(self, item: Row) -> Iterator[str]:
        yield item[self.book.key]
        for column in (*self.book.shown, *(() if self.raw is not None else self.book.found_at)):
            yield f"{column} {item[column]}"

    def _codes(self, item: Row, hear: Callable[[str], str], say: Callable[[str], object]) -> dict[str, str]:
        codes, given, at = self.book.codes_of(item), dict[str, str](), 0
        while at < len(codes):
            code = codes[at]
            choice = "/".join(code.values) or "number"
            try:
                given[code.name] = _answer(code.wrong, f"{code.name} ({choice}) > ", f"    {code.meaning}", hear, say)
            except Back:
                at = max(0, at - 1)
                continue
            at += 1
        return given

    def keep(self, coded: dict[str, dict[str, str]]) -> None:
        """Add items to the draft and write it, whole or not at all."""
        self.draft |= coded
        columns = [self.book.key, *self.book.names]
        done = [{**codes, self.book.key: key} for key, codes in sorted(self.draft.items())]
        replace(self.path, csv_text(columns, done))

    def write_form(self, path: Path) -> None:
        """Write a form: a row an item, with its text where the raw files are, and empty codes.

        Raises
        ------
        UserError
            For a file that is there already, or that would lie in the checkout beside what is committed.
        """
        inside = path.resolve().is_relative_to(self.plan.root) and not path.resolve().is_relative_to(
            self.plan.root / STATE_FOLDER
        )
        if inside or path.exists():
            got = "a file in the checkout: texts must not be committed" if inside else "a file that is there already"
            raise UserError(f"--form {path}: got {got}; name another place")
        where = [*self.book.shown, *self.book.found_at]
        columns = [self.book.key, *where, *(["text"] if self.raw is not None else []), *self.book.names]
        lines = []
        for key in self.items:
            item = self.sample[key]
            told = {column: item[column] for column in where}
            given = self.draft.get(key, {})
            lines.append(
                {
                    **told,
                    **given,
                    self.book.key: key,
                    **({"text": self.passage(item)} if self.raw is not None else {}),
                }
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(csv_text(columns, lines), encoding="utf-8", newline="")
        print(
            f"{path}: {len(lines)} items. Fill the columns {', '.join(self.book.names)} as {self.book.instrument} says, then --from {path}"
        )

    def take(self, path: Path) -> None:
        """Take the rows of a filled form in which any code is given; all of them or none.

        Raises
        ------
        UserError
            For a file that cannot be read, a column or item that is not known, an item twice, and a code that the codebook does
            not allow: it names row, column, what came, what was expected.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"--from {path}: cannot be read ({type(error).__name__}); name a form in UTF-8") from None
        reader = csv.DictReader(io.StringIO(text, newline=""))
        columns = list(reader.fieldnames or [])
        needed = [self.book.key, *self.book.names]
        known = {*needed, *self.book.shown, *self.book.found_at, "text"}
        for lost in (name for name in needed if name not in columns):
            raise UserError(f"--from {path}: got no column {lost!r}, expected {', '.join(needed)}; add it")
        for odd in (name for name in columns if name not in known):
            raise UserError(
                f"--from {path}: got the column {odd!r}{nearest(odd, known)}, which the form does not have; take it out"
            )
        taken: dict[str, dict[str, str]] = {}
        for row in reader:
            given = {name: (row[name] or "").strip() for name in needed}
            key = given.pop(self.book.key)
            if not any(given.values()):
                continue
            place = f"--from {path}, line {reader.line_num}"
            if key not in self.sample or key in taken:
                got = f"{key!r} a second time" if key in taken else f"{key!r}{nearest(key, self.sample)}"
                raise UserError(
                    f"{place}, column {self.book.key}: got {got}, expected an item of {self.book.sample}, each once; correct it"
                )
            for name, value, expected in self.book.wrong(self.sample[key], given):
                raise UserError(f"{place}, column {name}: got {value!r}, expected {expected}; correct the cell")
            taken[key] = given
        self.keep(taken)

    def add(self) -> str:
        """Put the draft into the table of readings, in place of what this reader had there; return the table's path.

        Raises
        ------
        UserError
            When nothing is coded, or the table would not be as it is described.
        """
        if not self.draft:
            raise UserError(
                f"recode {self.book.name}: nothing is coded as {self.reader} yet; run it without --add first"
            )
        resource = read_resources(self.plan.root)[self.book.readings]
        columns = [field["name"] for field in resource["schema"]["fields"]]
        kept = [
            row
            for row in rows(self.plan, self.book.readings)
            if row["reader"] != self.reader or row[self.book.key] not in self.draft
        ]
        for key, codes in self.draft.items():
            constant = {name: str(value) for name, value in self.book.constants.items()}
            carried = {name: self.sample[key][name] for name in self.book.carried}
            kept.append({**constant, **carried, **codes, self.book.key: key, "reader": self.reader})
        kept.sort(key=lambda row: (row[self.book.key], row["reader"]))
        path = self.plan.root / str(resource["path"])
        text = csv_text(columns, kept)
        trial = self.path.with_suffix(".trial.csv")
        replace(trial, text)
        from compendium import tables

        try:
            tables.read_frame(trial, resource)
        finally:
            trial.unlink()
        replace(path, text)
        return str(resource["path"])


def _answer(
    wrong: Callable[[str], str], prompt: str, meaning: str, hear: Callable[[str], str], say: Callable[[str], object]
) -> str:
    """Return an allowed value; asks again until there is one."""
    while True:
        said = hear(prompt).strip()
        if said == "q":
            raise EOFError
        if said == "s":
            raise Skip
        if said == "b":
            raise Back
        if said == "?":
            say(meaning)
        elif expected := wrong(said):
            say(f"    got {said!r}, expected {expected}")
        else:
            return said


def _wrapped(text: str) -> list[str]:
    import textwrap

    return [line for part in text.splitlines() for line in textwrap.wrap(part, LINE)]
