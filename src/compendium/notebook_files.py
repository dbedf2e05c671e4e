"""What a notebook's file holds, and where in it."""

import json
import re
from typing import Any

from compendium.plan import Notebook


def cells(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the cells of a notebook's source."""
    read: list[dict[str, Any]] = json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]
    return read


def text(cell: dict[str, Any]) -> str:
    """Return a cell's source."""
    return "".join(cell["source"])


def cell_source(notebook: Notebook, cell_id: str) -> str:
    """Return the source of the cell of this id, nothing where there is none."""
    return next((text(cell) for cell in cells(notebook) if cell["id"] == cell_id), "")


def cell_lines(notebook: Notebook, cell_id: str) -> str:
    """Return the lines of a cell in the notebook's file, for example ``12-30``."""
    lines = notebook.path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines, 1) if re.match(r'\s*"cell_type":', line)]
    at = next((number for number, line in enumerate(lines, 1) if f'"id": "{cell_id}"' in line), 0)
    first = max((start for start in starts if start <= at), default=at)
    last = min((start for start in starts if start > at), default=len(lines)) - 1
    return f"{first}-{last}" if at else ""


def showing_cell(notebook: Notebook, name: str) -> str:
    """Return the id of the cell that shows an exhibit."""
    for cell in cells(notebook):
        if cell["cell_type"] == "code" and re.search(rf"""["']{re.escape(name)}["']""", text(cell)):
            return str(cell["id"])
    return ""
