"""What the page for reviewers shows: the last recorded verification, and the table that data editors ask for."""

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compendium.datapages import grid
from compendium.notebook_files import showing_cell
from compendium.plan import Plan

RECORD = "results/verify.json"
NONE = "<p>No verification has been recorded here yet: <code>python3 run_all.py verify --record</code> writes one.</p>"


def read_record(root: Path) -> dict[str, Any]:
    """Return the recorded verification, or nothing."""
    if not (root / RECORD).is_file():
        return {}
    record: dict[str, Any] = json.loads((root / RECORD).read_text(encoding="utf-8"))
    return record


def review_places(plan: Plan) -> dict[str, str]:
    """Return the parts of the page by the name of their place: ``verification``, ``exhibits``."""
    record = read_record(plan.root)
    return {"verification": verification(record), "exhibits": exhibits(plan, record)}


def verification(record: Mapping[str, Any]) -> str:
    """Return the recorded verification: what was executed, where, and what was found by notebook."""
    if not record:
        return NONE
    packages = ", ".join(f"{name} {version}" for name, version in record["packages"].items())
    locked = "all as <code>requirements.lock</code> pins them" if record["packages_as_locked"] else "not all as <code>requirements.lock</code> pins them"  # fmt: skip
    found = len(record["differences"])
    told = [
        (
            f"<p>On {record['date']}, starting from the {html.escape(record['started_from'])}, {len(record['executed'])} steps were "
            f"executed anew in {record['seconds']:.0f} seconds with at most {record['peak_megabytes']:,.0f} MB of memory, and nothing was "
            f"reused. Python {html.escape(record['python'])} on {html.escape(record['system'])}; {html.escape(packages)}; {locked}. "
            f"{'Nothing differed.' if not found else f'{found} differences were found.'}</p>"
        )
    ]
    rows = [
        [html.escape(name), *(f"{counts[key]:,}" for key in ("compared", "equal", "within_tolerance", "different"))]
        for name, counts in record["groups"].items()
    ]
    told.append(
        grid(
            "The last verification",
            ["Part", "Compared", "Equal", "Within tolerance", "Different"],
            rows,
            right={1, 2, 3, 4},
        )
    )
    if found:
        lines = [
            [
                html.escape(f"{one['file']}, {one['place']}"),
                html.escape(one["kind"]),
                html.escape(one["committed"]),
                html.escape(one["anew"]),
            ]
            for one in record["differences"]
        ]
        told.append(grid("Differences found", ["Where", "Kind", "Committed", "Anew"], lines))
    return "\n".join(told)


def exhibits(plan: Plan, record: Mapping[str, Any]) -> str:
    """Return a table of all exhibits: notebook, cell, files, and how long their notebook took."""
    took = record.get("executed", {})
    rows = []
    for notebook in plan.notebooks:
        step = took.get(notebook.name, {})
        for kind, names in (("Figure", notebook.figures), ("Table", notebook.exhibits)):
            for name in names:
                files = [path for path in notebook.exhibit_files if Path(path).stem == name]
                links = ", ".join(f'<a href="../{path}">{Path(path).suffix[1:]}</a>' for path in files)
                cell = showing_cell(notebook, name)
                rows.append([
                    f'<a href="{notebook.name}.html#exhibit-{name}">{html.escape(name)}</a>', kind,
                    f'<a href="../notebooks/{notebook.name}.ipynb">{html.escape(notebook.name)}</a>',
                    f"<code>{html.escape(cell)}</code>", links, f"{step['seconds']:.0f} s" if "seconds" in step else "",
                    f"{step['peak_megabytes']:.0f} MB" if "peak_megabytes" in step else "",
                ])  # fmt: skip
    heads = ["Exhibit", "Kind", "Notebook", "Cell", "Files", "Its notebook took", "Memory"]
    return grid("All exhibits", heads, rows, right={5, 6})
