"""What a notebook imports: tables to read, claims to state, exhibits to show.

The engine tells the kernel, through environment variables, where outputs are staged and which notebook this is.
In plain Jupyter these are absent and outputs go to ``.compendium/scratch`` in the checkout.
"""

import html
import os
import re
import sys
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.claims import KINDS, Claim, Paragraph, claims_csv, digest, plain, spoken
from compendium.errors import UserError
from compendium.exhibits import Note, show_figure, show_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Declared", "Note", "claim", "declared", "output_path", "paragraph", "read_table", "root", "show_figure", "show_table",
]  # fmt: skip

STAGE, STEP = "COMPENDIUM_STAGE", "COMPENDIUM_STEP"
_stated: dict[str, Claim] = {}


@cache
def root() -> Path:
    """Return the checkout's folder: the nearest one above the working folder that holds ``compendium.toml``."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "compendium.toml").is_file():
            return folder
    msg = f"no compendium.toml in {here.name} or above; start Jupyter inside the checkout (python3 run_all.py lab)"
    raise UserError(msg)


def output_path(relative: str) -> Path:
    """Return where to write an output that belongs at ``relative`` in the checkout; its folder is made."""
    stage = os.environ.get(STAGE)
    path = (Path(stage) if stage else root() / ".compendium" / "scratch") / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def read_table(name: str, *columns: str) -> "pd.DataFrame":
    """Return a table of ``data/datapackage.json``, or some of its columns, with the types declared there."""
    from compendium.datapackage import PACKAGE, read_resource

    files = (root() / read_resource(name, root())["path"], root() / PACKAGE)
    seen = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
    return _table(name, columns, root(), seen).copy(deep=False)  # copied on write


def claim(
    name: str,
    value: object,
    *,
    text: str,
    unit: str,
    kind: str,
    table: str | Sequence[str],
    low: object = None,
    high: object = None,
    interval: str = "",
    tolerance: float = 0.0,
    digits: int | None = None,
    figure_id: str = "",
    theirs: float | None = None,
    reason: str = "",
) -> Claim:
    """Register a number and return it as the sentence that a page shows.

    Parameters
    ----------
    name : str
        Unique ``snake_case`` name in the whole compendium.
    value, low, high : number or str
        The number in ``unit`` and its bounds; text for verdicts and dates.
    text : str
        Sentence with ``{value}`` and, where wanted, ``{low}``, ``{high}``, ``{unit}``, ``{theirs}``, ``{difference}``.
    kind : {"count", "share", "estimate", "p-value", "verdict", "date"}
    table : str or list of str
        The tables that the number rests on.
    interval : str
        What ``low`` and ``high`` cover; required with them.
    digits : int, optional
        Decimals shown and kept; six significant digits are kept without it.
    figure_id, theirs, reason
        The published figure that is answered, its value, and the reason of a difference.

    Raises
    ------
    UserError
        For a name stated twice, an unknown kind, bounds without a description, or a missing table or unit.
    """
    where = f"claim {name}"
    tables = (table,) if isinstance(table, str) else tuple(table)
    kept = {key: plain(number, digits) for key, number in {"value": value, "low": low, "high": high}.items()}
    problems = {
        f"got the name {name!r}, expected snake_case": not re.fullmatch(r"[a-z][a-z0-9_]*", name),
        f"got kind {kind!r}, expected one of {', '.join(KINDS)}": kind not in KINDS,
        "got no table, expected the names of the tables it rests on": not tables or not all(tables),
        "got no unit, expected one (states, percentage points, ...)": not unit,
        "got bounds without a description, expected interval= (what they cover)": (low is not None) and not interval,
        f"got {value!r}, expected a finite number or a text": kept["value"] is None,
    }
    for problem, true in problems.items():
        if true:
            raise UserError(f"{where}: {problem}; correct the call")
    difference = None
    if theirs is not None and not isinstance(kept["value"], str):
        difference = plain(float(kept["value"]) - float(theirs))  # type: ignore[arg-type]
        if difference and not reason:
            raise UserError(f"{where}: differs by {difference} from {figure_id} and gives no reason; add reason=")
    shown = {key: spoken(number, digits) for key, number in kept.items()}
    try:
        sentence = text.format(**shown, unit=unit, theirs=spoken(theirs), difference=spoken(difference))
    except KeyError as error:
        raise UserError(
            f"{where}: the text asks for {{{error.args[0]}}}; it may use value, low, high, unit, theirs, difference"
        ) from None
    stated = Claim(
        name=name, notebook=os.environ.get(STEP, ""), cell=_cell(), kind=kind, value=kept["value"],  # type: ignore[arg-type]
        unit=unit, low=kept["low"], high=kept["high"], interval=interval, tolerance=tolerance, tables=tables,  # type: ignore[arg-type]
        text=sentence, figure_id=figure_id, theirs=theirs, difference=difference, reason=reason,  # type: ignore[arg-type]
    )  # fmt: skip
    if os.environ.get(STEP) and name in _stated and _stated[name] != stated:
        raise UserError(f"{where}: stated twice, in cells {_stated[name].cell} and {stated.cell}; rename one")
    _stated[name] = stated
    output_path(f"results/claims/{stated.notebook or 'scratch'}.csv").write_text(
        claims_csv(_stated.values()), encoding="utf-8", newline="\n"
    )
    return stated


def paragraph(*claims: Claim) -> Paragraph:
    """Return several claims as one paragraph."""
    return Paragraph(claims)


class Declared(dict[str, object]):
    """A ``[design.*]`` entry of compendium.toml; displays as a table of two columns."""

    def _repr_html_(self) -> str:
        def text(value: object) -> str:
            return html.escape(", ".join(map(str, value)) if isinstance(value, list) else str(value))

        rows = "".join(f'<tr><th scope="row">{html.escape(k)}</th><td>{text(v)}</td></tr>' for k, v in self.items())
        return f'<table class="declared"><caption>The declared design, from compendium.toml</caption><tbody>{rows}</tbody></table>'


def declared(name: str) -> Declared:
    """Return what ``compendium.toml`` declares under ``[design.NAME]``: outcome, controls, estimator, refutation rule."""
    plan = _parsed((root() / "compendium.toml").read_text(encoding="utf-8"))
    designs, step = plan.get("design", {}), os.environ.get(STEP)
    if step and name in designs and name not in plan["notebook"][step].get("designs", ()):
        raise UserError(f"compendium.toml [notebook.{step}]: the notebook shows [design.{name}]; add it to designs")
    if name not in designs:
        raise UserError(
            f"compendium.toml: got no [design.{name}], expected one of {', '.join(designs)}; declare it first"
        )
    return Declared(designs[name])


@cache
def _table(name: str, columns: tuple[str, ...], folder: Path, _seen: tuple[int, ...]) -> "pd.DataFrame":
    """Read a table once, and again when it or its description changed."""
    from compendium import tables

    return tables.read_table(name, folder, columns)


@cache
def _parsed(toml: str) -> dict[str, Any]:
    return tomllib.loads(toml)


def _cell() -> str:
    """Return the hash of the running cell's source; the engine turns it into the cell's id."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    parent = shell.get_parent() if shell is not None and hasattr(shell, "get_parent") else {}
    return digest(parent.get("content", {}).get("code", ""))
