"""From a number back to public files, and from a file forward to the numbers that rest on it.

Both ways are read from what the engine runs by: the plan, the claims file, the import graph, the sources. The graph knows
tables, not columns: the columns told are those that the code names, and the answer says so.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from compendium.claims import read_claims
from compendium.datapackage import fields, read_resources
from compendium.errors import UserError, nearest
from compendium.inputs import module_files, notebook_modules
from compendium.makers import makers
from compendium.notebook_files import cell_lines, cell_source, cells, showing_cell, text
from compendium.plan import Build, Notebook, Plan, default_parameters
from compendium.sources import RAW_FILES, SOURCES, read_members, source_rows
from compendium.steps import CLAIMS

COARSE = (
    "The engine records which tables a notebook reads, not which columns: these are the columns that the code names."
)
FORWARD = (
    "A claim is told for a table that it names or that is made from the file, and for a module that its notebook imports, "
    "directly or not: such a claim may rest on another part of that table or module."
)

Node = dict[str, Any]


def trace_back(plan: Plan, name: str) -> Node:
    """Return what a claim, an exhibit or a table rests on, down to raw files.

    Parameters
    ----------
    name : str
        A claim, a figure, a table shown, a table of the Data Package, or the path of one of these files.

    Raises
    ------
    UserError
        For a name that none of these has, with the nearest.
    """
    stem = Path(name).name.split(".")[0] if "/" in name else name
    claims = {row["name"]: row for row in _claims(plan)}
    exhibits = {shown: notebook for notebook in plan.notebooks for shown in (*notebook.figures, *notebook.exhibits)}
    tables = read_resources(plan.root)
    if stem in claims:
        row = claims[stem]
        notebook = plan.notebook(row["notebook"])
        named = row["tables"].split()
        head = {
            key: row[key]
            for key in ("text", "value", "unit", "kind", "tolerance", "interval", "low", "high")
            if row[key]
        }
        return {"claim": stem, **head, **_made(plan, notebook, row["cell"], named), "tables": _tables(plan, named)}
    if stem in exhibits:
        notebook = exhibits[stem]
        cell = showing_cell(notebook, stem)
        return {
            "exhibit": stem, "files": [path for path in notebook.exhibit_files if Path(path).stem == stem],
            **_made(plan, notebook, cell, notebook.tables), "tables": _tables(plan, _named_tables(notebook, cell)),
        }  # fmt: skip
    if stem in tables:
        return {"table": stem, **_tables(plan, [stem])[0]}
    known = [*claims, *exhibits, *tables]
    raise UserError(
        f"trace {name}: got no claim, exhibit or table of this name{nearest(stem, known)}; {CLAIMS} lists the claims, site/data.html the tables"
    )


def trace_forward(plan: Plan, given: str) -> Node:
    """Return the steps, tables, exhibits and claims that rest on a raw file, a source, a table or a module.

    Raises
    ------
    UserError
        For a path or name that nothing declared uses.
    """
    builds, tables, notebooks, kind = _resting(plan, given)
    grown = True
    while grown:  # tables made from tables
        grown = False
        for build in plan.builds:
            if build not in builds and set(build.tables) & tables:
                builds.append(build)
                grown = True
            if build in builds and not set(build.makes) <= tables:
                tables |= set(build.makes)
                grown = True
    by_module = {notebook.name for notebook in notebooks}
    readers = [n for n in plan.notebooks if n.name in by_module or set(n.tables) & tables]
    shown = {name for notebook in readers for name in (*notebook.figures, *notebook.exhibits)}
    claims = [
        row for row in _claims(plan)
        if row["notebook"] in by_module or set(row["tables"].split()) & tables
    ]  # fmt: skip
    return {
        "given": given, "kind": kind, "builds": [build.name for build in builds], "tables": sorted(tables),
        "notebooks": [notebook.name for notebook in readers],
        "exhibits": sorted(name for name in shown if any(name in _exhibit_names(n, tables, by_module) for n in readers)),
        "claims": [{key: row[key] for key in ("name", "notebook", "text")} for row in claims], "note": FORWARD,
    }  # fmt: skip


def _resting(plan: Plan, given: str) -> tuple[list[Build], set[str], list[Notebook], str]:
    """Return the builds, tables and notebooks that use a file directly, and what kind of file it is."""
    tables = read_resources(plan.root)
    path = given.removeprefix("./")
    for name, resource in tables.items():
        if given == name or path == resource["path"]:
            return [], {name}, [], "table"
    rows = source_rows(plan.root)
    for source_id in _sources_of(plan, path, rows):
        found = [build for build in plan.builds if source_id in build.raw.values()]
        return found, set(), [], "raw file" if given != source_id else "source"
    if path.endswith(".py"):
        builds = [b for b in plan.builds if path in module_files(plan.root, plan.packages, [b.function.split(":")[0]])]
        notebooks = [n for n in plan.notebooks if path in module_files(plan.root, plan.packages, notebook_modules(n))]
        if builds or notebooks or (plan.root / path).is_file():
            return builds, set(), notebooks, "module"
    known = [
        *tables,
        *rows,
        *(str(resource["path"]) for resource in tables.values()),
        *(row["path"] for row in rows.values()),
    ]
    raise UserError(
        f"trace --forward {given}: got no raw file, source, table or module of this name{nearest(given, known)}; "
        f"{SOURCES} lists the raw files, data/datapackage.json the tables"
    )


def _sources_of(plan: Plan, path: str, rows: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """Yield the source that a raw file belongs to: by id, by its place below the raw folder, or by its path's end."""
    for source_id, row in rows.items():
        if path in (source_id, row["path"]) or row["path"].endswith("/" + path) or path.endswith("/" + row["path"]):
            yield source_id
    for source_id, members in read_members(plan.root).items():
        if any(path == member or member.endswith("/" + path) or path.endswith("/" + member) for member in members):
            yield source_id


def _exhibit_names(notebook: Notebook, tables: set[str], by_module: set[str]) -> set[str]:
    names = {*notebook.figures, *notebook.exhibits}
    if notebook.name in by_module:
        return names
    return {name for name in names if set(_named_tables(notebook, showing_cell(notebook, name))) & tables}


def _claims(plan: Plan) -> list[dict[str, str]]:
    path = plan.root / CLAIMS
    if not path.is_file():
        raise UserError(f"{CLAIMS}: not found; run run_all.py first")
    return read_claims(path)


def _made(plan: Plan, notebook: Notebook, cell_id: str, tables: Iterable[str]) -> Node:
    """Return the cell, its functions, and the parameters of its notebook."""
    code = [cell for cell in cells(notebook) if cell["cell_type"] == "code"]
    by_cell = dict(zip((cell["id"] for cell in code), makers([text(cell) for cell in code], plan.root), strict=True))
    functions = [_function(plan.root, *maker) for maker in by_cell.get(cell_id, [])]
    spoken = _words_of([cell_source(notebook, cell_id), *(function.pop("source") for function in functions)])
    columns = {
        name: [field["name"] for field in fields(resource) if field["name"] in spoken]
        for name, resource in read_resources(plan.root).items()
        if name in set(tables)
    }
    return {
        "notebook": f"notebooks/{notebook.name}.ipynb",
        "cell": {
            "id": cell_id,
            "lines": cell_lines(notebook, cell_id),
            "page": f"site/{notebook.name}.html#cell-{cell_id}",
        },
        "functions": functions,
        "parameters": default_parameters(notebook.path),
        "columns": {name: named for name, named in columns.items() if named},
        "columns_note": COARSE,
    }


def _named_tables(notebook: Notebook, cell_id: str) -> list[str]:
    """Return the tables that a cell names, in code or in its note; where it names none, all that its notebook reads."""
    source = cell_source(notebook, cell_id)
    named = [table for table in notebook.tables if re.search(rf"\b{re.escape(table)}\b", source)]
    return named or list(notebook.tables)


def _function(root: Path, name: str, path: str) -> Node:
    """Return a function's file and lines, and its source."""
    text = (root / path).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name.rpartition(".")[2]:
            source = "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
            return {"function": name, "file": path, "lines": f"{node.lineno}-{node.end_lineno}", "source": source}
    return {"function": name, "file": path, "lines": "", "source": ""}


def _words_of(sources: Iterable[str]) -> set[str]:
    return {word for source in sources for word in re.findall(r"\w+", source)}


def _tables(plan: Plan, names: Iterable[str]) -> list[Node]:
    """Return each table with its builder, the tables that it is made from, and its raw files."""
    resources, rows = read_resources(plan.root), source_rows(plan.root)
    return [_table(plan, name, resources[name], rows) for name in names if name in resources]


def _table(plan: Plan, name: str, resource: Mapping[str, Any], rows: Mapping[str, Mapping[str, str]]) -> Node:
    told: Node = {"name": name, "file": resource["path"], "title": resource.get("title", "")}
    build = next((build for build in plan.builds if name in build.makes), None)
    if build is None:
        told["made_by"] = "hand or reader: each row gives its source"
        return told
    module, _, function = build.function.partition(":")
    maker = _function(plan.root, function, f"src/{module.replace('.', '/')}.py")
    maker.pop("source")
    told["made_by"] = {"build": build.name, **maker}
    told["from_tables"] = _tables(plan, build.tables)
    told["raw_files"] = [_raw(source_id, rows[source_id]) for source_id in build.raw.values() if source_id in rows]
    return told


def _raw(source_id: str, row: Mapping[str, str]) -> Node:
    keys = ("path", "repository", "commit", "origin_path", "sha256", "origin", "licence", "as_of")
    told: Node = {"source_id": source_id, **{key: row.get(key, "") for key in keys}}
    if row.get("files", "1") not in ("", "1"):
        told["files"] = f"{row['files']}, each with its sha256 in {RAW_FILES}"
    return told
