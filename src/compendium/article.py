"""An executed notebook as an article: prose, claims, exhibits, and folded below each the code that made it."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any

from compendium.claims import spoken
from compendium.errors import UserError
from compendium.markup import note_html, typeset
from compendium.prose import Prose, tidy_tables

Claims = Mapping[str, Mapping[str, str]]
CLAIM = r'<span class="claim" id="claim-(\w+)"[^>]*>(.*?)</span>'
# a paragraph of so many sentences and characters reads better as a list, in columns where they are short
MANY, LONG, SHORT = 4, 600, 110


@dataclass
class Article:
    """What the template asks while it walks through a notebook's cells.

    Attributes
    ----------
    name : str
        The notebook's name.
    claims : mapping
        Rows of the claims file by claim name.
    tables : mapping
        Page of each table, as seen from the notebook's page.
    makers : mapping
        Functions (name and file) behind each cell, by cell id.
    figures, exhibits : int
        Figures and tables so far: they are numbered in order.
    told : dict
        Claims so far, in order; their marks are letters, as figures beside figures would be misread.
    explained : set
        Claims whose origins were listed.
    """

    name: str
    prose: Prose
    claims: Claims
    tables: Mapping[str, str]
    makers: Mapping[str, Sequence[tuple[str, str]]]
    figures: int = 0
    exhibits: int = 0
    told: dict[str, int] = field(default_factory=dict)
    explained: set[str] = field(default_factory=set)

    @property
    def source(self) -> str:
        """Path of the notebook, for messages."""
        return f"notebooks/{self.name}.ipynb"

    def figure(self, drawing: str, about: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
        """Return an inline drawing with caption, note and data."""
        if not about.get("alt"):
            msg = f"{self.source}, cell {cell['id']}: shows a picture without an alt text; show it with show_figure"
            raise UserError(msg)
        self.figures += 1
        label, name = f"Figure {self.figures}", about["name"]
        files = [f"figures/{name}.{kind}" for kind in ("csv", "svg", "png")]
        drawing = re.sub(r'(<svg [^>]*?)width="([\d.]+)pt" height="[\d.]+pt"', r'\1width="\2pt"', drawing, count=1)
        return (
            f'<div class="exhibit" id="exhibit-{name}">\n<figure>\n'
            f'<figcaption><span class="label">{label}.</span> {typeset(about["title"])}</figcaption>\n'
            f'<div class="plate" tabindex="0" role="group" aria-label="{label}, scrolls sideways on a narrow screen">\n'
            f"{drawing.strip()}\n</div>\n</figure>\n{self._about('figure', files, about, cell)}\n</div>"
        )

    def html(self, text: str, about: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
        """Return an HTML output: claims, an exhibit's table, or whatever a library displays."""
        if "note_of" in about:
            return ""
        if '<span class="claim"' in text:
            return self._claims(text)
        if "name" in about:
            return self._table(text, about, cell)
        return tidy_tables(text, f"Output of cell {cell['execution_count']}")

    def code(self, cell: Mapping[str, Any]) -> str:
        """Return a cell's folded code; above it, where the cell states claims, what each rests on."""
        source, tags = str(cell["source"]).rstrip(), cell["metadata"].get("tags", [])
        if not source:
            return ""
        names = [name for name in _claim_names(cell) if name not in self.explained]
        self.explained.update(names)
        comment = re.match(r"#\s*(.+)", source)
        what = "Code" + (f": {html.escape(comment[1])}" if comment else "")
        if "injected-parameters" in tags:
            what = "Parameters given to this run"
        elif "parameters" in tags:
            what = "Parameters"
        elif names:
            what = "How this was made" if len(names) == 1 else "How these numbers were made"
        opened = " open" if "injected-parameters" in tags else ""
        number = cell["execution_count"] or ""
        return (
            f'<details class="code"{opened}><summary>{what}</summary>\n{self._origins(names, cell)}'
            f'<pre tabindex="0" role="group" aria-label="Code of cell {number}"><code>{coloured(source)}</code></pre>\n</details>'
        )

    def untold(self) -> str:
        """Return the claims that no cell displays, so that each has its place on the page."""
        names = [name for name in self.claims if name not in self.told]
        if not names:
            return ""
        told = " ".join(
            f'<span class="claim" id="claim-{name}">{html.escape(self.claims[name]["text"])}</span>' for name in names
        )
        heading = self.prose.heading("Further numbers", 2)
        return f"{heading}{self._claims(f'<p>{told}</p>')}\n{self._origins(names, {'id': ''})}"

    def _table(self, text: str, about: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
        self.exhibits += 1
        label = f"Table {self.exhibits}"
        caption = f'<caption><span><span class="label">{label}.</span> '
        text = text.replace("<caption>", caption, 1).replace("</caption>", "</span></caption>", 1)
        files = [f"results/tables/{about['name']}.csv"]
        return (
            f'<div class="exhibit" id="exhibit-{about["name"]}">\n{tidy_tables(text, label)}\n'
            f"{self._about('table', files, about, cell)}\n</div>"
        )

    def _about(self, kind: str, files: Sequence[str], about: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
        """Return the note, folded, and the links to the files."""
        links = ", ".join(
            f'<a href="../{path}">{html.escape(about["name"])}{PurePosixPath(path).suffix}</a>' for path in files
        )
        code = (
            f'<a href="#cell-{cell["id"]}">Cell {cell["execution_count"]} of this notebook</a>{self._functions(cell)}'
        )
        return (
            f'<details class="note"><summary>About this {kind}</summary>\n{note_html(about["note"], links + ".", code + ".")}\n'
            "</details>"
        )

    def _functions(self, cell: Mapping[str, Any]) -> str:
        """Return the functions behind a cell as the end of a sentence."""
        files: dict[str, list[str]] = {}
        for function, path in self.makers.get(cell["id"], ()):
            files.setdefault(path, []).append(f"<code>{function}</code>")
        made = [
            f'{", ".join(functions)} of <a href="../{path}">{path.removeprefix("src/")}</a>'
            for path, functions in files.items()
        ]
        return f", with {'; '.join(made)}" if made else ""

    def _claims(self, text: str) -> str:
        """Return claims as prose or, when there are many, as a list; after each sentence a mark leads to how it was made."""

        def marked(found: re.Match[str]) -> str:
            name = found[1]
            if name not in self.claims:
                msg = (
                    f"{self.source}: shows the claim {name}, which results/claims does not hold; run run_all.py --force"
                )
                raise UserError(msg)
            place = "" if name in self.told else f' id="claim-{name}"'  # a sentence shown again keeps its first place
            mark = letters(self.told.setdefault(name, len(self.told) + 1))
            return (
                f'<span class="claim"{place}>{typeset(html.unescape(found[2]))}<a class="mark" href="#origin-{name}" '
                f'aria-label="{mark}: how this was made">{mark}</a></span>'
            )

        text = re.sub(CLAIM, marked, text, flags=re.DOTALL)
        sentences: list[str] = []
        for part in re.findall(r'<span class="claim".*?</a></span>', text, flags=re.DOTALL):
            ended = not sentences or re.search(r"[.!?]\W*$", _words(sentences[-1]))
            sentences[-1:] = [*sentences[-1:], part] if ended else [f"{sentences[-1]} {part}"]
        length = sum(len(_words(sentence)) for sentence in sentences)
        if len(sentences) < MANY or length < LONG:
            return text
        columns = " columns" if length < SHORT * len(sentences) else ""
        items = "\n".join(f"<li>{sentence}</li>" for sentence in sentences)
        return f'<ul class="claims{columns}">\n{items}\n</ul>'

    def _origins(self, names: Sequence[str], cell: Mapping[str, Any]) -> str:
        """Return a list that says of each claim its value, unit, interval, tables and published counterpart."""
        if not names:
            return ""
        items = [f'<li id="origin-{name}" value="{self.told[name]}">{self._origin(name)}</li>' for name in names]
        functions = self._functions(cell)
        by = f"<p>Computed below{functions}.</p>\n" if functions else ""
        return '<ol class="origins" type="a">\n' + "\n".join(items) + f"\n</ol>\n{by}"

    def _origin(self, name: str) -> str:
        row = self.claims[name]
        value = f"<strong>{html.escape(_number(row['value']))}</strong>"
        value += f" {html.escape(row['unit'])} ({row['kind']})" if row["unit"] != row["kind"] else f" ({row['kind']})"
        if row["low"]:
            value += f", {_number(row['low'])} to {_number(row['high'])} ({typeset(row['interval'])})"
        tables = ", ".join(self._table_link(table) for table in row["tables"].split())
        parts = [f"{value}, from {tables}."]
        if row["theirs"]:
            parts.append(f"Published: {_number(row['theirs'])} (<code>{html.escape(row['figure_id'])}</code>).")
        if row["reason"]:
            parts.append(f"Difference {_number(row['difference'])}: {typeset(row['reason'])}")
        parts.append(f'Registered as <a href="#claim-{name}"><code>{name}</code></a>.')
        return " ".join(parts)

    def _table_link(self, table: str) -> str:
        path = self.tables.get(table)
        text = f"<code>{html.escape(table)}</code>"
        return f'<a href="{path}">{text}</a>' if path else text


def _words(sentence: str) -> str:
    """Return the words of a claim, or of several that make one sentence, without their marks."""
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r'<a class="mark".*?</a>', "", sentence, flags=re.DOTALL)))


def letters(number: int) -> str:
    """Return the mark of a claim as an ordered list of letters counts.

    Examples
    --------
    >>> [letters(number) for number in (1, 26, 27, 53)]
    ['a', 'z', 'aa', 'ba']
    """
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = "abcdefghijklmnopqrstuvwxyz"[rest] + text
    return text


def coloured(source: str) -> str:
    """Return Python as HTML with keywords, numbers and comments marked ``k``, ``m``, ``c``; strings, the most frequent, bare.

    Pygments' own formatter marks every token, which makes a page's code four times as heavy.

    Examples
    --------
    >>> coloured("if x: y = 'a'")
    "<i class=k>if</i> x: y = <i>'a'</i>"
    """
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Keyword, Number, Operator, String

    marks = {Keyword: " class=k", Operator.Word: " class=k", String: "", Number: " class=m", Comment: " class=c"}
    pieces = [
        (next((mark for kind, mark in marks.items() if token in kind), None), text)
        for token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source)
    ]
    runs = [
        (mark, html.escape("".join(text for _, text in run), quote=False))
        for mark, run in groupby(pieces, key=itemgetter(0))
    ]
    return "".join(text if mark is None else f"<i{mark}>{text}</i>" for mark, text in runs)


def _claim_names(cell: Mapping[str, Any]) -> list[str]:
    shown = "".join(str(output.get("data", {}).get("text/html", "")) for output in cell.get("outputs", ()))
    return re.findall(r'<span class="claim" id="claim-(\w+)"', shown)


def _number(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return spoken(int(value) if value == int(value) else value)
