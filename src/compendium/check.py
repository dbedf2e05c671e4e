"""Declarations against what is there: columns, sources, exhibits, alt texts, claims, pins, published sentences."""

import ast
import csv
import importlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from compendium.claims import read_claims
from compendium.codebook import outside
from compendium.datapackage import PACKAGE, Resource, read_resources
from compendium.datapages import paths
from compendium.errors import UserError, nearest
from compendium.inputs import FileHashes, digest, imported_names
from compendium.plan import Notebook, Plan, read_cells
from compendium.sources import RAW_FILES, SOURCES, RawFiles, read_sources
from compendium.stage import STATE_FOLDER
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
    """Return one sentence for each declaration that does not hold; the plan's ``rules`` add theirs."""
    parts = (_tables, _sources, _notebooks, _exhibits, _pages, _claims, _told, _pins, _packages)
    return [line for part in parts for line in part(plan)] + outside(plan) + _told_by(plan, plan.rules)


def findings(plan: Plan) -> list[str]:
    """Return the sentences of the plan's own checks, for example curated rows that the tables contradict."""
    return _told_by(plan, plan.checks)


def _told_by(plan: Plan, functions: Iterable[str]) -> list[str]:
    """Return the sentences of functions of the compendium's own, named ``module:function``."""
    lines: list[str] = []
    for name in functions:
        module, _, function = name.partition(":")
        lines += getattr(importlib.import_module(module), function)(plan.root)
    return lines


def _tables(plan: Plan) -> Iterator[str]:
    known = read_resources(plan.root)
    described = {str(resource["path"]) for resource in known.values()}
    for path in sorted((plan.root / "data").rglob("*.csv*")):
        relative = path.relative_to(plan.root).as_posix()
        if relative not in described | {SOURCES, RAW_FILES} and not relative.startswith("data/raw/"):
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
        if not (plan.root / str(resource["path"])).is_file():
            yield f"{resource['path']}: is described in {PACKAGE} and not there; build it or take it out"
    yield from _contents(plan, known)


def _contents(plan: Plan, known: Mapping[str, Resource]) -> Iterator[str]:
    """Yield what is wrong with tables' cells; what was right is remembered by its hashes and not read again."""
    folder = plan.root / STATE_FOLDER
    hashes, memory = FileHashes(folder / "hashes.json"), folder / "checked.json"
    here = Path(__file__).parent
    rules = [hashes(here / name) for name in ("tables.py", "datapackage.py")]
    try:
        before = set(json.loads(memory.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        before = set()
    right = []
    for name, resource in known.items():
        if not (plan.root / str(resource["path"])).is_file():
            continue
        others = [key["reference"]["resource"] or name for key in resource["schema"].get("foreignKeys", ())]
        rests = [
            (known[other], hashes(plan.root / str(known[other]["path"]))) for other in (name, *others) if other in known
        ]
        key = digest([rules, rests])
        found = [] if key in before else _wrong(name, plan.root)
        yield from found
        right += [] if found else [key]
    with suppress(OSError):  # what cannot be remembered costs time, nothing else
        folder.mkdir(exist_ok=True)
        memory.write_text(json.dumps(right), encoding="utf-8")
        hashes.save()


def _wrong(name: str, root: Path) -> list[str]:
    from compendium import tables

    try:
        tables.read_table(name, root)
        return tables.check_foreign_keys(name, root)
    except UserError as error:
        return [str(error)]


def _sources(plan: Plan) -> Iterator[str]:
    declared = read_sources(plan.root)
    for build in plan.builds:
        for source_id in build.raw.values():
            if source_id not in declared:
                hint = nearest(source_id, declared)
                yield f"compendium.toml [[build]] {build.name}: uses the source {source_id!r}{hint}, which has no row in {SOURCES}; add it"
    used = {source_id for build in plan.builds for source_id in build.raw.values()}
    for source in declared.values():
        if source.source_id not in used:
            yield f"{SOURCES}, row {source.row}: no build uses {source.source_id}; use it or take the row out"
    try:
        RawFiles(plan.root, None).hashes(declared, SOURCES)
    except UserError as error:
        yield str(error)
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
        elif path.endswith(".svg"):
            alt = re.search(r'aria-label="([^"]*)"', (plan.root / path).read_text(encoding="utf-8"))
            if not alt or len(alt[1]) < ALT_LENGTH:
                yield f"{path}: has no alt text of {ALT_LENGTH} characters or more; say in show_figure what is seen"
    for folder in ("figures", "results/tables"):
        for file in sorted((plan.root / folder).glob("*")):
            relative = file.relative_to(plan.root).as_posix()
            if relative not in declared:
                yield f"{relative}: is there and declared by no notebook; delete it or declare it in compendium.toml"


def _pages(plan: Plan) -> Iterator[str]:
    """Pages of a notebook or table that is no more."""
    made = {f"site/{notebook.name}.html" for notebook in plan.notebooks} | {*paths(plan)}
    made |= {f"site/{path.stem}.html" for path in (plan.root / "notebooks").glob("*.md")}
    for file in sorted((plan.root / "site").rglob("*.html")):
        relative = file.relative_to(plan.root).as_posix()
        if relative not in made:
            yield f"{relative}: no notebook and no table makes this page; delete it"


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
        if row["difference"] and float(row["difference"]) and not row["reason"]:
            yield f"{CLAIMS}, row {number}: claim {row['name']} differs from the published {row['theirs']} by {row['difference']} without a reason; give one"
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


def _packages(plan: Plan) -> Iterator[str]:
    """Packages that are asked for and that no code names, and packages that code imports and nobody asks for."""
    from importlib.metadata import packages_distributions

    declared = plan.root / "pyproject.toml"
    if not declared.is_file():
        return
    told = tomllib.loads(declared.read_text(encoding="utf-8"))
    needed, offered, tests = (
        {re.split(r"[^\w.-]", entry)[0].lower().replace("_", "-") for entry in entries}
        for entries in (
            told.get("project", {}).get("dependencies", []),
            told.get("tool", {}).get("compendium", {}).get("offered", []),
            told.get("dependency-groups", {}).get("test", []),
        )
    )
    modules: dict[str, set[str]] = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower().replace("_", "-"), set()).add(module)
    code = [path.read_text(encoding="utf-8") for path in (plan.root / "src").rglob("*.py")]
    code += [source for n in plan.notebooks for kind, source, _ in read_cells(n.path) if kind == "code"]
    words = {word for source in code for word in re.findall(r"\w+", source)}
    for name in sorted(needed - offered):
        if not words & {*modules.get(name, ()), *name.split("-")}:
            yield f"pyproject.toml: asks for {name}, which no code names; take it out"
    imported = {name.split(".")[0] for source in code for name in imported_names(source)}
    brought = {module: package for package, there in modules.items() for module in there}
    for module in sorted(imported & brought.keys()):
        if brought[module] not in needed | tests:
            yield f"pyproject.toml: does not ask for {brought[module]}, of which code imports {module}; add it"
