"""Declarations against what is there: columns, sources, exhibits, alt texts, claims, pins, published sentences."""

import ast
import csv
import importlib
import json
import re
from collections.abc import Iterator

from compendium.claims import read_claims
from compendium.datapackage import PACKAGE, read_resources
from compendium.errors import UserError, nearest
from compendium.plan import Notebook, Plan, read_cells
from compendium.sources import SOURCES, read_sources
from compendium.steps import CLAIMS

ALT_LENGTH = 40
COLUMN_KEYS = ("type", "unit", "description", "missing", "source")
SOURCE_COLUMNS = ("title", "publisher", "repository", "commit", "path", "sha256", "licence")
CALLS = {
    "claim": ("text", "unit", "kind", "table"),
    "show_figure": ("title", "alt", "data", "note"),
    "show_table": ("title", "note"),
}


def main(plan: Plan) -> int:
    """Print problems and findings; return 1 when there is a problem. A finding is news about the data, not a fault."""
    faults, news = problems(plan), findings(plan)
    for line in faults:
        print(f"problem: {line}")
    for line in news:
        print(f"finding: {line}")
    print(f"{len(faults)} problems, {len(news)} findings." + ("" if faults else " What is declared is what is there."))
    return 1 if faults else 0


def problems(plan: Plan) -> list[str]:
    """Return one sentence for each declaration that does not hold."""
    parts = (_tables, _sources, _notebooks, _exhibits, _claims, _told, _pins)
    return [line for part in parts for line in part(plan)]


def findings(plan: Plan) -> list[str]:
    """Return the sentences of the plan's own checks, for example curated rows that the tables contradict."""
    lines: list[str] = []
    for check in plan.checks:
        module, _, name = check.partition(":")
        lines += getattr(importlib.import_module(module), name)(plan.root)
    return lines


def _tables(plan: Plan) -> Iterator[str]:
    from compendium import tables

    known = read_resources(plan.root)
    described = {str(resource["path"]) for resource in known.values()}
    for path in sorted((plan.root / "data").rglob("*.csv*")):
        relative = path.relative_to(plan.root).as_posix()
        if relative not in described | {SOURCES} and not relative.startswith("data/raw/"):
            yield f"{relative}: is not described in {PACKAGE}; add a resource"
    sources = read_sources(plan.root)
    for name, resource in known.items():
        for key in ("title", "sources"):
            if not resource.get(key):
                yield f"{PACKAGE}, table {name}: has no {key}; add it"
        for entry in resource.get("sources", ()):
            source_id = entry.get("sourceId", "") if isinstance(entry, dict) else entry
            if source_id and source_id not in sources:
                yield f"{PACKAGE}, table {name}: names the source {source_id!r}, which has no row in {SOURCES}; add it"
        for column in resource["schema"]["fields"]:
            for key in COLUMN_KEYS:
                if not str(column.get(key, "")).strip():
                    yield f"{PACKAGE}, table {name}, column {column['name']}: has no {key}; add it"
        path = plan.root / str(resource["path"])
        if not path.is_file():
            yield f"{resource['path']}: is described in {PACKAGE} and not there; build it or take it out"
            continue
        try:
            tables.read_table(name, plan.root)
        except UserError as error:
            yield str(error)


def _sources(plan: Plan) -> Iterator[str]:
    declared = read_sources(plan.root)
    for build in plan.builds:
        for source_id in build.raw.values():
            if source_id not in declared:
                hint = nearest(source_id, declared)
                yield f"compendium.toml [[build]] {build.name}: uses the source {source_id!r}{hint}, which has no row in {SOURCES}; add it"
    if not declared:
        return
    with open(plan.root / SOURCES, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            for column in SOURCE_COLUMNS:
                if not (row.get(column) or "").strip():
                    yield f"{SOURCES}, row {number}, column {column}: is empty for {row['source_id']}; fill it in"


def _notebooks(plan: Plan) -> Iterator[str]:
    for notebook in plan.notebooks:
        cells = json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]
        if any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
            yield f"notebooks/{notebook.name}.ipynb: holds outputs; clear them (results/ keeps the executed copy)"
        for number, (kind, source, _) in enumerate(read_cells(notebook.path)):
            if kind == "code":
                yield from _calls(notebook, number, source)
        executed = plan.root / notebook.executed
        if executed.is_file():
            for number, cell in enumerate(json.loads(executed.read_text(encoding="utf-8"))["cells"]):
                for output in cell.get("outputs", []):
                    if output.get("name") == "stderr":
                        yield f"{notebook.executed}, cell {number}: wrote to stderr ({''.join(output['text']).strip().splitlines()[0]}); mend the warning"


def _calls(notebook: Notebook, cell: int, source: str) -> Iterator[str]:
    """Yield what is missing or empty in a cell's calls of claim, show_figure and show_table."""
    try:
        tree = ast.parse(
            "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
        )
    except SyntaxError as error:
        yield f"notebooks/{notebook.name}.ipynb, cell {cell}: is not Python ({error.msg}); correct it"
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS):
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        name = ast.unparse(node.args[0]) if node.args else ""
        where = f"notebooks/{notebook.name}.ipynb, cell {cell}, {node.func.id}({name})"
        for key in CALLS[node.func.id]:
            value = given.get(key)
            if value is None and None not in given:  # **more may hold it
                yield f"{where}: has no {key}; add it"
            elif isinstance(value, ast.Constant) and isinstance(value.value, str) and not value.value.strip():
                yield f"{where}: its {key} is empty; write it"
            elif key == "alt" and isinstance(value, ast.Constant) and len(str(value.value)) < ALT_LENGTH:
                yield f"{where}: its alt text has fewer than {ALT_LENGTH} characters; say what the figure shows"


def _exhibits(plan: Plan) -> Iterator[str]:
    declared = {path for notebook in plan.notebooks for path in notebook.exhibit_files}
    for path in sorted(declared):
        if not (plan.root / path).is_file():
            yield f"{path}: is declared in compendium.toml and not there; run run_all.py"
    for folder in ("figures", "results/tables"):
        for file in sorted((plan.root / folder).glob("*")):
            relative = file.relative_to(plan.root).as_posix()
            if relative not in declared:
                yield f"{relative}: is there and declared by no notebook; delete it or declare it in compendium.toml"


def _claims(plan: Plan) -> Iterator[str]:
    if not (plan.root / CLAIMS).is_file():
        return
    known = read_resources(plan.root)
    exhibits = {name for notebook in plan.notebooks for name in (*notebook.figures, *notebook.exhibits)}
    for number, row in enumerate(read_claims(plan.root / CLAIMS), 2):
        if not row["tables"]:
            yield f"{CLAIMS}, row {number}: claim {row['name']} rests on no table; name it in the notebook"
        for table in row["tables"].split():
            if table not in known and table not in exhibits:
                yield f"{CLAIMS}, row {number}: claim {row['name']} rests on {table!r}{nearest(table, known)}, which {PACKAGE} does not describe; correct it"
        if not row["cell"]:
            yield f"{CLAIMS}, row {number}: claim {row['name']} names no cell; run run_all.py"


def _told(plan: Plan) -> Iterator[str]:
    """Sentences of the README that repeat claims, marked ``<!-- claim: NAME -->``, must be the claims' own."""
    readme = plan.root / "README.md"
    if not (readme.is_file() and (plan.root / CLAIMS).is_file()):
        return
    texts = {row["name"]: row["text"] for row in read_claims(plan.root / CLAIMS)}
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
        for name, told in re.findall(r"<!-- claim: (\w+) -->([^<]*)", line):
            if told.strip() != texts.get(name):
                yield f"README.md, line {number}: tells claim {name} as {told.strip()!r}, it is {texts.get(name, 'no claim')!r}; correct the line"


def pinned(text: str) -> dict[str, str]:
    r"""Return name and version of every ``name==version`` in a lock or in environment.yml.

    Examples
    --------
    >>> pinned("- pandas==3.1.1\n- numpy=2.4.6")
    {'pandas': '3.1.1', 'numpy': '2.4.6'}
    """
    return {
        name.lower().replace("_", "-"): pin
        for name, pin in re.findall(r"^\s*-?\s*([\w.-]+)==?([\w.]+)", text, re.MULTILINE)
    }


def _pins(plan: Plan) -> Iterator[str]:
    lock, conda = plan.root / "requirements.lock", plan.root / "environment.yml"
    if not (lock.is_file() and conda.is_file()):
        return
    text, pins = conda.read_text(encoding="utf-8"), pinned(lock.read_text(encoding="utf-8"))
    if "-r requirements.lock" not in text:
        yield "environment.yml: does not install from requirements.lock; add '- -r requirements.lock' under pip"
    for name, pin in pinned(text).items():
        if name not in ("python", "pip") and pins.get(name) != pin:
            yield f"environment.yml: pins {name} {pin}, requirements.lock pins {pins.get(name, 'nothing')}; make them equal"
