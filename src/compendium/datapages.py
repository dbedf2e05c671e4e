"""Pages on the data: a list of all tables, and for each table its columns, first rows, origin, rights and download.

All of it is read from ``data/datapackage.json``, ``data/sources.csv`` and the tables themselves: nothing is told twice.
"""

import csv
import gzip
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from compendium.datapackage import FOLDER, Resource, fields, keys, listed, read_resources
from compendium.markup import typeset
from compendium.pages import framed
from compendium.plan import Plan
from compendium.sources import RAW_FILES, source_rows

FIRST_ROWS = 5
WIDE = 9  # columns: a wider table's first rows are shown with a column a line
SHORT_CELL = 12
LONG_CELL = 60  # characters of a cell that are shown
LIMITS = {"minimum": "at least", "maximum": "at most", "pattern": "form"}


@dataclass(frozen=True)
class Glance:
    """What a look into a table's file tells."""

    columns: list[str]
    first: list[list[str]]
    rows: int
    size: int


def glance(path: Path) -> Glance:
    """Return columns, first rows, number of rows and bytes of a CSV file, gzipped or not."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""))
    columns = next(rows, [])
    first = list(islice(rows, FIRST_ROWS))
    return Glance(columns, first, len(first) + sum(1 for _ in rows), len(data))


def data_pages(plan: Plan) -> dict[str, str]:
    """Return the pages on the data by path in the checkout."""
    resources = read_resources(plan.root)
    there = {name: resource for name, resource in resources.items() if (plan.root / str(resource["path"])).is_file()}
    seen = {name: glance(plan.root / str(resource["path"])) for name, resource in there.items()}
    sources = source_rows(plan.root)
    pages = {"site/data.html": _list_page(plan, there, seen, sources)}
    for name, resource in there.items():
        pages[table_page_path(name)] = _table_page(plan, resource, seen[name], sources)
    return pages


def table_page_path(name: str) -> str:
    """Return where the page of a table lies."""
    return f"site/tables/{name}.html"


def _list_page(
    plan: Plan, resources: Mapping[str, Resource], seen: Mapping[str, Glance], sources: Mapping[str, Mapping[str, str]]
) -> str:
    groups: dict[str, list[str]] = {}
    for name, resource in resources.items():
        groups.setdefault(str(resource.get("group") or Path(str(resource["path"])).parent.name), []).append(name)
    total = sum(glanced.rows for glanced in seen.values())
    described = sum(len(fields(resource)) for resource in resources.values())
    parts = [
        (
            f"<p>{len(resources)} tables with {total:,} rows and {described:,} described columns. Each has a page with the meaning of "
            "every column, its first rows, its origin and its rights. The same descriptions, for machines, stand in "
            '<a href="../data/datapackage.json">data/datapackage.json</a> (a Frictionless Data Package); every file is a CSV in UTF-8, '
            "some gzipped, in which an empty cell, and nothing else, means that a value is missing.</p>"
        )
    ]
    headings = []
    for group, names in groups.items():
        anchor = _anchor(group)
        headings.append((2, anchor, group))
        parts.append(f'<h2 id="{anchor}">{html.escape(group)}</h2>')
        rows = [
            [
                f'<a href="tables/{name}.html">{html.escape(str(resources[name]["title"]))}</a>',
                f"<code>{html.escape(name)}</code>",
                _number(seen[name].rows),
                str(len(seen[name].columns)),
                html.escape(str(resources[name].get("asOf", ""))),
            ]
            for name in names
        ]
        parts.append(grid(f"Tables: {group}", ["Table", "Name", "Rows", "Columns", "As of"], rows, right={2, 3}))
    if sources:
        headings.append((2, "raw-files", "Raw files"))
        parts.append('<h2 id="raw-files">Raw files</h2>')
        parts.append(
            f"<p>The tables are made from {len(sources)} sources, each pinned by repository, commit and hash in "
            '<a href="../data/sources.csv">data/sources.csv</a>. They are not kept here: <code>run_all.py fetch</code> '
            "brings them from their public places and <code>run_all.py ingest</code> makes the tables again, byte for byte.</p>"
        )
        rows = [
            [_source_link(row), *(html.escape(row.get(key, "")) for key in ("publisher", "licence", "as_of"))]
            for row in sources.values()
        ]
        parts.append(grid("Raw files", ["Source", "Kept by", "Licence", "As of"], rows))
    return framed(
        site=plan.title, name="data", title="Data", question="Every table and every column, and where they are from",
        body="\n".join(parts), headings=headings, footer=plan.footer,
    )  # fmt: skip


def _table_page(plan: Plan, resource: Resource, seen: Glance, sources: Mapping[str, Mapping[str, str]]) -> str:
    name, path = str(resource["name"]), str(resource["path"])
    facts = [
        ("Download", f'<a href="../../{quote(path)}" download>{html.escape(path)}</a> ({_size(seen.size)})'),
        ("Rows and columns", f"{seen.rows:,} and {len(seen.columns)}"),
        ("One row for each", _codes(keys(resource)) or "row of the source: there is no key"),
        ("As of", html.escape(str(resource.get("asOf", "not stated")))),
        ("Made by", _maker(plan, name)),
        ("Made from", _made_from(plan, name)),
        ("From", _origins(resource, sources)),
        ("Rights", _rights(resource)),
        ("Read by", _readers(plan, name)),
    ]
    for key in resource["schema"].get("foreignKeys", []):
        other = key["reference"]["resource"] or name
        facts.append(
            ("Goes with", f'{_codes(listed(key["fields"]))} in <a href="{other}.html">{html.escape(other)}</a>')
        )
    told = "\n".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in facts if value)
    body = [f'<div class="note"><dl>\n{told}\n</dl></div>', '<h2 id="columns">Columns</h2>']
    heads = ["Column", "Meaning", "Type", "Unit", "Empty cell", "From"]
    body.append(grid("Columns", heads, [_column(field) for field in fields(resource)]))
    body += ['<h2 id="first-rows">First rows</h2>', _first_rows(seen)]
    headings = [(2, "columns", "Columns"), (2, "first-rows", "First rows")]
    if files := _raw_files(plan, name, sources):
        body += ['<h2 id="raw-files">Raw files</h2>', files]
        headings.append((2, "raw-files", "Raw files"))
    return framed(
        site=plan.title, name=f"tables/{name}", title=str(resource["title"]), question=str(resource.get("description", "")),
        body="\n".join(body), headings=headings, footer=plan.footer,
    )  # fmt: skip


def _column(field: Mapping[str, Any]) -> list[str]:
    limits = field.get("constraints", {})
    told = [f"one of: {', '.join(map(str, limits['enum']))}"] if "enum" in limits else []
    told += [f"{words} {limits[key]}" for key, words in LIMITS.items() if key in limits]
    meaning = typeset(str(field.get("description", "")))
    if told:
        meaning += f' <span class="unit">({typeset("; ".join(told))})</span>'
    return [
        f"<code>{html.escape(field['name'])}</code>", meaning,
        *(html.escape(str(field.get(key, ""))) for key in ("type", "unit", "missing", "source")),
    ]  # fmt: skip


def _first_rows(seen: Glance) -> str:
    cut = [[html.escape(_cut(cell)) for cell in row] for row in seen.first]
    if len(seen.columns) <= WIDE:
        return grid("First rows", [f"<code>{html.escape(column)}</code>" for column in seen.columns], cut)
    lines = [
        [f"<code>{html.escape(column)}</code>", *(row[at] for row in cut)] for at, column in enumerate(seen.columns)
    ]
    return grid("First rows, a column a line", ["Column", *(f"Row {n}" for n in range(1, len(cut) + 1))], lines)


def _cut(cell: str) -> str:
    return cell if len(cell) <= LONG_CELL else cell[: LONG_CELL - 1].rstrip() + "…"


def grid(
    label: str, heads: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] | set[int] = frozenset()
) -> str:
    """Return a table that scrolls sideways; the first cell of each row is its heading."""
    head = "".join(f'<th scope="col"{_side(n, right)}>{text}</th>' for n, text in enumerate(heads))
    lines = []
    for row in rows:
        cells = "".join(f"<td{_side(n, right, text)}>{text}</td>" for n, text in enumerate(row[1:], 1))
        lines.append(f'<tr><th scope="row">{row[0]}</th>{cells}</tr>')
    return (
        f'<div class="scroll wide" role="group" aria-label="{html.escape(label)}" tabindex="0"><table class="data">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody></table></div>"
    )


def _side(column: int, right: frozenset[int] | set[int], text: str = "") -> str:
    short = len(text) <= SHORT_CELL and " " not in text  # dates, codes
    return ' class="right"' if column in right else ' class="short"' if text and short else ""


def _maker(plan: Plan, table: str) -> str:
    for build in plan.builds:
        if table in build.makes:
            module, _, function = build.function.partition(":")
            path = f"src/{module.replace('.', '/')}.py"
            return f'<code>{html.escape(function)}</code> in <a href="../../{path}">{html.escape(path)}</a>'
    return "hand or reader: it is kept as it was written"


def _made_from(plan: Plan, table: str) -> str:
    """Return links to the tables that a table is made from."""
    return ", ".join(
        f'<a href="{name}.html"><code>{html.escape(name)}</code></a>'
        for build in plan.builds
        if table in build.makes
        for name in build.tables
    )


def _raw_files(plan: Plan, table: str, sources: Mapping[str, Mapping[str, str]]) -> str:
    """Return the raw files that a table is made from, pinned by commit and hash; empty for a table made by hand."""
    rows = []
    for build in plan.builds:
        for source_id in build.raw.values() if table in build.makes else ():
            row = sources.get(source_id, {})
            many = row.get("files", "1") not in ("", "1")
            pinned = f"each in {RAW_FILES}" if many else row.get("sha256", "")
            rows.append([
                f"<code>{html.escape(source_id)}</code>", _source_link(row) if row else "", html.escape(row.get("repository", "")),
                f"<code>{row.get('commit', '')[:7]}</code>", f"<code>{pinned}</code>",
            ])  # fmt: skip
    return grid("Raw files", ["Source", "File", "Repository", "Commit", "sha256"], rows) if rows else ""


def _origins(resource: Resource, sources: Mapping[str, Mapping[str, str]]) -> str:
    named = [entry for entry in resource.get("sources", ()) if isinstance(entry, Mapping)]
    links = []
    for entry in named:
        row = sources.get(str(entry.get("sourceId", "")))
        if row:
            links.append(f"{_source_link(row)} ({html.escape(row.get('licence') or 'no licence stated')})")
        elif entry.get("path"):
            links.append(f'<a href="{_href(str(entry["path"]))}">{html.escape(str(entry.get("title", "")))}</a>')
        else:
            links.append(html.escape(str(entry.get("title", ""))))
    return "; ".join(links)


def _source_link(row: Mapping[str, str]) -> str:
    if not row.get("repository"):
        return html.escape(row.get("title") or row["source_id"])
    kind = "blob" if row.get("files", "1") in ("", "1") else "tree"
    address = f"https://github.com/{row['repository']}/{kind}/{row['commit']}/{quote(row['origin_path'])}"
    many = f", {int(row['files']):,} files" if kind == "tree" else ""
    return f'<a href="{html.escape(address)}">{html.escape(row["title"])}</a>{many}'


def _rights(resource: Resource) -> str:
    parts = []
    for entry in resource.get("licenses", ()):
        title = html.escape(str(entry.get("title") or entry.get("name", "")))
        path = str(entry.get("path", ""))
        parts.append(f'<a href="{_href(path)}">{title}</a>' if path else title)
    return "; ".join(parts)


def _href(path: str) -> str:
    """Return a link from a table's page to an address, or to a file that the description names from its own folder."""
    return html.escape(path if path.startswith("http") else f"../../{FOLDER}/{path}")


def _readers(plan: Plan, table: str) -> str:
    return ", ".join(
        f'<a href="../{notebook.name}.html">{html.escape(notebook.title)}</a>'
        for notebook in plan.notebooks
        if table in notebook.tables
    )


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"<code>{html.escape(name)}</code>" for name in names)


def _anchor(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _number(value: int) -> str:
    return f"{value:,}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def paths(plan: Plan) -> Iterator[str]:
    """Yield the paths of all pages on the data."""
    yield "site/data.html"
    yield from (table_page_path(name) for name in read_resources(plan.root))
