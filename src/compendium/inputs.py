"""Inputs of a step, found and not listed by hand: each as a name and the hash of what counts in it."""

import ast
import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compendium.errors import UserError
from compendium.plan import Notebook, read_cells

if TYPE_CHECKING:
    import grimp

ENGINE = "compendium"


def digest(value: object) -> str:
    """Return a short hash of a JSON-able value."""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class FileHashes:
    """Hashes of files, remembered by size and time of change so that an unchanged gigabyte is not read again.

    A file changed within the last two seconds is never remembered: a second change in the same tick of the
    clock would go unseen.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        try:
            self.known = json.loads(store.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.known = {}
        self.changed = False

    def __call__(self, path: Path) -> str:
        """Return the hash of a file's bytes, ``missing`` where there is none."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return "missing"
        key, stamp = str(path), [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        known = self.known.get(key)
        if isinstance(known, list) and known[:-1] == stamp:
            return str(known[-1])
        with open(path, "rb") as file:
            value = hashlib.file_digest(file, "sha256").hexdigest()
        if time.time_ns() - status.st_mtime_ns > 2_000_000_000:
            self.known[key], self.changed = [*stamp, value], True
        return value

    def save(self) -> None:
        """Write what is remembered, whole or not at all; a failure costs time later, nothing else."""
        if self.changed:
            partial = self.store.with_suffix(".part")
            try:
                partial.write_text(json.dumps(self.known), encoding="utf-8")
                os.replace(partial, self.store)
            except OSError:
                partial.unlink(missing_ok=True)


def notebook_cells(notebook: Notebook) -> str:
    """Return the hash of a notebook's cells: type, source, tags, and the ids that claims name; nothing else of it counts."""
    cells = read_cells(notebook.path)  # tells what is wrong with a broken notebook
    ids = [cell.get("id") for cell in json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]]
    return digest([cells, ids])


def imported_names(source: str) -> set[str]:
    r"""Return the dotted names that Python source imports; IPython's ``%`` and ``!`` lines are passed over.

    Examples
    --------
    >>> sorted(imported_names("%matplotlib inline\nfrom a.b import c\nimport d"))
    ['a.b', 'a.b.c', 'd']
    """
    tree = _tree(source)
    if tree is None:
        return set()  # the kernel will say where
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _tree(source: str) -> ast.Module | None:
    """Return the tree of a cell, as it stands or as IPython would run it; None where it is not Python."""
    with suppress(SyntaxError):
        return ast.parse(source)
    from IPython.core.inputtransformer2 import TransformerManager

    with suppress(SyntaxError):
        return ast.parse(TransformerManager().transform_cell(source))
    return None


def notebook_modules(notebook: Notebook) -> set[str]:
    """Return the dotted names that a notebook's code cells import."""
    cells = read_cells(notebook.path)
    return {name for kind, source, _ in cells if kind == "code" for name in imported_names(source)}


@cache
def _graph(packages: tuple[str, ...]) -> "grimp.ImportGraph":
    import grimp
    from grimp.exceptions import GrimpException

    try:
        return grimp.build_graph(*packages, cache_dir=None)
    except (GrimpException, ValueError) as error:
        raise UserError(f"src: {error}; correct the file, or packages in compendium.toml") from None


def module_files(root: Path, packages: Iterable[str], names: Iterable[str]) -> dict[str, Path]:
    """Return label and file of every module of ``packages`` that ``names`` reach, directly or not.

    Importing ``a.b.c`` runs ``a`` and ``a.b`` first, so their files, and what they import, count too.
    """
    graph = _graph((*packages, ENGINE))
    queue, found = [name for name in names if name in graph.modules], set[str]()
    while queue:
        module = queue.pop()
        if module not in found:
            found.add(module)
            parent = module.rpartition(".")[0]
            queue += [*graph.find_modules_directly_imported_by(module), *([parent] if parent else [])]
    files = {}
    for module in sorted(found):
        base = engine_folder() if module.split(".")[0] == ENGINE else root / "src"
        path = base.joinpath(*module.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        files["src/" + path.relative_to(base).as_posix()] = path
    return files


def engine_folder() -> Path:
    """Return the ``src`` folder that this engine was imported from."""
    return Path(__file__).resolve().parent.parent
