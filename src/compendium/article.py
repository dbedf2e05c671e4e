"""An executed notebook as an article: prose, claims, exhibits, and folded below each the code that made it."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from compendium.claims import spoken
from compendium.errors import UserError
from compendium.markup import note_html
from compendium.prose import Prose, tidy_tables

Claims = Mapping[str, Mapping[str, str]]


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
        Path in the checkout of each table.
    figures, exhibits : int
        Figures and tables so far: they are numbered in order.
    told : dict
        Claims so far, with the number of each.
    """

    name: str
    prose: Prose
    claims: Claims
    tables: Mapping[str, str]
    figures: int = 0
    exhibits: int = 0
    told: dict[str, int] = field(default_factory=dict)

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
            f'<figure class="exhibit" id="exhibit-{name}">\n'
            f'<figcaption><span class="label">{label}.</span> {html.escape(about["title"])}</figcaption>\n'
            f'<div class="plate" tabindex="0" role="group" aria-label="{label}, scrolls sideways on a narrow screen">\n'
            f"{drawing.strip()}\n</div>\n{self._about('figure', files, about, cell)}\n</figure>"
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
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        source, tags = str(cell["source"]).rstrip(), cell["metadata"].get("tags", [])
        if not source:
            return ""
        names = _claim_names(cell)
        comment = re.match(r"#\s*(.+)", source)
        what = "Code" + (f": {html.escape(comment[1])}" if comment else "")
        if "injected-parameters" in tags:
            what = "Parameters given to this run"
        elif "parameters" in tags:
            what = "Parameters"
        elif names:
            what = "How this was made" if len(names) == 1 else "How these numbers were made"
        opened = " open" if "parameters" in tags or "injected-parameters" in tags else ""
        marked = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
        number = cell["execution_count"] or ""
        return (
            f'<details class="code"{opened}><summary>{what}</summary>\n{self._origins(names)}'
            f'<pre tabindex="0" role="group" aria-label="Code of cell {number}"><code>{marked}</code></pre>\n</details>'
        )

    def untold(self) -> str:
        """Return the claims that no cell displays, so that each has its place on the page."""
        names = [name for name in self.claims if name not in self.told]
        if not names:
            return ""
        told = "\n".join(
            f'<p><span class="claim" id="claim-{name}">{html.escape(self.claims[name]["text"])}</span></p>'
            for name in names
        )
        heading = self.prose.heading("Further numbers", 2)
        return f"{heading}{self._claims(told)}\n{self._origins(names)}"

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
        code = f'<a href="#cell-{cell["id"]}">Cell {cell["execution_count"]} of this notebook</a>'
        module, _, function = about.get("made_by", "").rpartition(".")
        if module and module != "__main__":
            path = f"src/{module.replace('.', '/')}.py"
            code += f', which calls <code>{function}</code> of <a href="../{path}">{path}</a>'
        return (
            f'<details class="note"><summary>About this {kind}</summary>\n{note_html(about["note"], links + ".", code + ".")}\n'
            "</details>"
        )

    def _claims(self, text: str) -> str:
        """Return claims as prose; after each sentence a mark leads to how it was made."""

        def mark(found: re.Match[str]) -> str:
            name = found[1]
            if name not in self.claims:
                msg = f"{self.source}: shows the claim {name}, which results/claims does not hold; run run_all.py --force"
                raise UserError(msg)
            number = self.told.setdefault(name, len(self.told) + 1)
            return (
                f'<span class="claim" id="claim-{name}">{found[2]}<a class="mark" href="#origin-{name}" '
                f'aria-label="How number {number} was made">{number}</a></span>'
            )

        return re.sub(r'<span class="claim" id="claim-(\w+)"[^>]*>(.*?)</span>', mark, text, flags=re.DOTALL)

    def _origins(self, names: Sequence[str]) -> str:
        """Return a list that says of each claim its value, unit, interval, tables and published counterpart."""
        if not names:
            return ""
        items = [f'<li id="origin-{name}" value="{self.told[name]}">{self._origin(name)}</li>' for name in names]
        return '<ol class="origins">\n' + "\n".join(items) + "\n</ol>\n"

    def _origin(self, name: str) -> str:
        row = self.claims[name]
        value = f"<strong>{html.escape(_number(row['value']))}</strong> {html.escape(row['unit'])} ({row['kind']})"
        if row["low"]:
            value += f", {_number(row['low'])} to {_number(row['high'])} ({html.escape(row['interval'])})"
        tables = ", ".join(self._table_link(table) for table in row["tables"].split())
        parts = [f"{value}, from {tables}."]
        if row["theirs"]:
            parts.append(f"Published: {_number(row['theirs'])} (<code>{html.escape(row['figure_id'])}</code>).")
        if row["reason"]:
            parts.append(f"Difference {_number(row['difference'])}: {html.escape(row['reason'])}")
        parts.append(f'<a href="#claim-{name}">Back to the sentence</a>. Registered as <code>{name}</code>.')
        return " ".join(parts)

    def _table_link(self, table: str) -> str:
        path = self.tables.get(table)
        text = f"<code>{html.escape(table)}</code>"
        return f'<a href="../{path}">{text}</a>' if path else text


def _claim_names(cell: Mapping[str, Any]) -> list[str]:
    shown = "".join(str(output.get("data", {}).get("text/html", "")) for output in cell.get("outputs", ()))
    return re.findall(r'<span class="claim" id="claim-(\w+)"', shown)


def _number(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return spoken(int(value) if value == int(value) else value)
