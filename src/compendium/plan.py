"""The plan: what ``compendium.toml`` declares, read and checked before anything runs."""

import ast
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compendium.errors import UserError, nearest

PLAN = "compendium.toml"


@dataclass(frozen=True)
class Build:
    """A step from raw files to tables: ``function(**raw paths, **tables)`` returns a dict of frames."""

    name: str
    function: str
    makes: tuple[str, ...]
    raw: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notebook:
    """A notebook and all that it reads and writes."""

    name: str
    path: Path
    title: str
    question: str
    parameters: Mapping[str, object]
    tables: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    exhibits: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()

    @property
    def executed(self) -> str:
        """Path of the executed copy."""
        return f"results/{self.name}.ipynb"

    @property
    def claims(self) -> str:
        """Path of the claims that this notebook states."""
        return f"results/claims/{self.name}.csv"

    @property
    def exhibit_files(self) -> list[str]:
        """Paths of figures, of the data behind them, and of the tables shown."""
        figures = [f"figures/{name}.{kind}" for name in self.figures for kind in ("svg", "png", "csv")]
        return figures + [f"results/tables/{name}.csv" for name in self.exhibits]


@dataclass(frozen=True)
class Plan:
    """A whole compendium."""

    root: Path
    title: str
    packages: tuple[str, ...]
    builds: tuple[Build, ...]
    notebooks: tuple[Notebook, ...]
    designs: Mapping[str, object]
    checks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    cell_seconds: int = 300
    notebook_seconds: int = 900
    footer: str = ""
    codebooks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def notebook(self, name: str) -> Notebook:
        """Return the notebook of this name or number.

        Raises
        ------
        UserError
            For an unknown name: it lists the right ones.
        """
        names = [notebook.name for notebook in self.notebooks]
        for notebook in self.notebooks:
            if name in (notebook.name, notebook.name.split("_")[0]):
                return notebook
        near = nearest(name, names)
        raise UserError(f"got no notebook {name!r}{near}; the notebooks are {', '.join(names)}")


def read_plan(root: Path) -> Plan:
    """Return the plan of the checkout at ``root``.

    Raises
    ------
    UserError
        When the file is missing, is not TOML, holds an unknown key, or names a notebook that is not there.
    """
    try:
        with open(root / PLAN, "rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        raise UserError(f"{PLAN}: not found in {root.name}; run the command in the compendium's folder") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{PLAN}: not valid TOML, {error}; correct the line") from None
    _known(PLAN, data, {"compendium", "limits", "build", "notebook", "design", "codebook"})
    head, limits = dict(data.get("compendium", {})), data.get("limits", {})
    _known(f"{PLAN} [compendium]", head, {"title", "packages", "checks", "rules", "footer"})
    _known(f"{PLAN} [limits]", limits, {"cell", "notebook"})
    notebooks = [_notebook(root, name, entry) for name, entry in sorted(data.get("notebook", {}).items())]
    unlisted = {path.stem for path in (root / "notebooks").glob("*.ipynb")} - {n.name for n in notebooks}
    if unlisted:
        raise UserError(f"{PLAN}: has no [notebook.{min(unlisted)}] for notebooks/{min(unlisted)}.ipynb; add it")
    return Plan(
        root=root,
        title=head.get("title", root.name),
        packages=tuple(head.get("packages", ())),
        checks=tuple(head.get("checks", ())),
        rules=tuple(head.get("rules", ())),
        builds=tuple(_build(entry) for entry in data.get("build", [])),
        notebooks=tuple(notebooks),
        designs=data.get("design", {}),
        cell_seconds=limits.get("cell", 300),
        notebook_seconds=limits.get("notebook", 900),
        footer=head.get("footer", ""),
        codebooks=data.get("codebook", {}),
    )


def _build(entry: dict[str, object]) -> Build:
    where = f"{PLAN} [[build]] {entry.get('name', '(no name)')}"
    _known(where, entry, {"name", "function", "makes", "raw", "tables", "reads"})
    for key in ("name", "function", "makes"):
        if not entry.get(key):
            raise UserError(f"{where}: got no {key}, expected one; add it")
    return Build(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})  # type: ignore[arg-type]


def _notebook(root: Path, name: str, entry: dict[str, object]) -> Notebook:
    where = f"{PLAN} [notebook.{name}]"
    _known(where, entry, {"title", "question", "tables", "reads", "figures", "exhibits", "designs"})
    path = root / "notebooks" / f"{name}.ipynb"
    if not path.is_file():
        there = [other.stem for other in sorted(path.parent.glob("*.ipynb"))]
        raise UserError(
            f"{where}: notebooks/{name}.ipynb is not there{nearest(name, there)}; correct the name or add the file"
        )
    keys = ("tables", "reads", "figures", "exhibits", "designs")
    for key in keys:
        if not isinstance(entry.get(key, []), list):
            raise UserError(f"{where}: got {key} = {entry[key]!r}, expected a list; write [{entry[key]!r}]")
    lists: dict[str, Any] = {key: tuple(entry.get(key, ())) for key in keys}  # type: ignore[arg-type]
    return Notebook(
        name=name, path=path, title=str(entry.get("title", name)), question=str(entry.get("question", "")),
        parameters=default_parameters(path), **lists,
    )  # fmt: skip


def _known(where: str, entry: Mapping[str, object], known: set[str]) -> None:
    for key in entry:
        if key not in known:
            raise UserError(
                f"{where}: got the key {key!r}{nearest(key, known)}; it may hold {', '.join(sorted(known))}"
            )


def read_cells(path: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (type, source, tags) of each cell: what counts of a notebook, and nothing that saving changes."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            (cell["cell_type"], "".join(cell["source"]), tuple(cell.get("metadata", {}).get("tags", ())))
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise UserError(f"notebooks/{path.name}: cannot be read as a notebook ({error}); restore it from git") from None


def default_parameters(path: Path) -> dict[str, object]:
    """Return names and default values of the cell that is tagged ``parameters``; they are literals.

    Raises
    ------
    UserError
        When no cell has the tag, or a value is not a literal.
    """
    for kind, source, tags in read_cells(path):
        if kind == "code" and "parameters" in tags:
            try:
                return {
                    node.targets[0].id: _carried(ast.literal_eval(node.value))  # type: ignore[attr-defined]
                    for node in ast.parse(source).body
                }
            except (ValueError, AttributeError, SyntaxError):
                msg = f"notebooks/{path.name}: the parameters cell holds more than NAME = literal lines; move the rest into another cell"
                raise UserError(msg) from None
    raise UserError(
        f"notebooks/{path.name}: no code cell is tagged 'parameters'; tag the first code cell (it may be empty)"
    )


def _carried(value: object) -> object:
    """Return a value that papermill hands on as it is; tuples and sets would arrive as texts or not at all."""
    if not isinstance(value, str | int | float | list | dict | None):
        raise ValueError(type(value).__name__)  # noqa: TRY004 (told as one with values that are no literals)
    return value


def parse_parameters(plan: Plan, given: Iterable[str]) -> dict[str, dict[str, object]]:
    """Return overrides by notebook from ``NOTEBOOK.NAME=VALUE`` texts.

    A value is a Python literal, ``true``, ``false``, ``none``, or plain text; it has the type of the default.

    Raises
    ------
    UserError
        For a notebook or parameter that does not exist (with the nearest name) or a value of another type.
    """
    overrides: dict[str, dict[str, object]] = {}
    for text in given:
        target, equals, raw = text.partition("=")
        name, dot, parameter = target.partition(".")
        if not (equals and dot and parameter):
            raise UserError(
                f"-p {text}: expected NOTEBOOK.NAME=VALUE, for example -p {plan.notebooks[0].name}.as_of=2025"
            )
        notebook = plan.notebook(name)
        if parameter not in notebook.parameters:
            known = ", ".join(notebook.parameters) or "none"
            hint = nearest(parameter, notebook.parameters)
            raise UserError(
                f"-p {text}: {notebook.name} has no parameter {parameter!r}{hint}; its parameters are {known}"
            )
        default = notebook.parameters[parameter]
        value = _literal(raw, default)
        number = isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool)
        alike = isinstance(value, type(default)) and isinstance(value, bool) == isinstance(default, bool)
        if not (number or default is None or alike):
            kind = type(default).__name__
            raise UserError(
                f"-p {text}: got {raw!r}, expected a value of type {kind} like {default!r}; correct the value"
            )
        overrides.setdefault(notebook.name, {})[parameter] = float(value) if number else value  # type: ignore[arg-type]
    return overrides


def _literal(raw: str, default: object) -> object:
    words = {"true": True, "false": False, "none": None, "True": True, "False": False, "None": None}
    if isinstance(default, str):
        return raw.strip("'\"")
    if raw in words:
        return words[raw]
    try:
        return ast.literal_eval(raw)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return raw
