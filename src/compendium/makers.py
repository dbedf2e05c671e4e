"""Makers: which of the project's functions a notebook's cell calls, found by reading its code."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

MACHINERY = "compendium"  # what shows and states, not what computes


def makers(sources: Sequence[str], root: Path) -> list[list[tuple[str, str]]]:
    """Return for each cell the functions behind what it shows, and the files that hold them.

    These are the functions that the cell itself calls, and those called by the lines of earlier cells that last
    assigned the names which it uses: one step back. Functions that the notebook defines, or that libraries
    bring, are left out.

    Parameters
    ----------
    sources : sequence of str
        The source of each code cell, in order.
    root : pathlib.Path
        The checkout: a module counts when its file lies in ``src``.

    Examples
    --------
    >>> cells = ["from compendium.makers import makers", "found = makers([], root)", "found"]
    >>> makers(cells, Path())
    [[], [], []]
    """
    aliases: dict[str, str] = {}
    assigned: dict[str, list[tuple[str, str]]] = {}
    found: list[list[tuple[str, str]]] = []
    for source in sources:
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a cell magic
            found.append([])
            continue
        aliases |= dict(_imports(tree))
        own = _makers(tree, aliases, root)
        used = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        earlier = [maker for name in used for maker in assigned.get(name, [])]
        found.append(list(dict.fromkeys(own + earlier)))
        for line in tree.body:
            assigned |= dict.fromkeys(_assigned(line), _makers(line, aliases, root))
    return found


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each imported name and the dotted path that it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((name.asname or name.name, f"{node.module}.{name.name}") for name in node.names)
        elif isinstance(node, ast.Import):
            yield from ((name.asname, name.name) for name in node.names if name.asname)


def _assigned(line: ast.stmt) -> Iterator[str]:
    """Yield the names that a line of a cell assigns, not those of its functions and loops."""
    targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
    for target in targets:
        yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _makers(tree: ast.AST, aliases: dict[str, str], root: Path) -> list[tuple[str, str]]:
    """Return the project's functions that a piece of code calls."""
    return [maker for name in _calls(tree) if (maker := _maker(name, aliases, root))]


def _calls(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted name of each call, as written, in reading order."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node.func, ast.Name | ast.Attribute):
            yield ast.unparse(node.func)


def _maker(written: str, aliases: dict[str, str], root: Path) -> tuple[str, str] | None:
    """Return a function's name and file, or None where it is none of the project's."""
    head, dot, rest = written.partition(".")
    module, _, function = f"{aliases.get(head, head)}{dot}{rest}".rpartition(".")
    path = f"src/{module.replace('.', '/')}.py"
    if not module or module.split(".", maxsplit=1)[0] == MACHINERY or not (root / path).is_file():
        return None
    return function, path
