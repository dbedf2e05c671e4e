"""The command ``trace``: a trace as indented lines or as JSON."""

import json
from collections.abc import Iterable
from typing import Any

from compendium.arguments import Parser
from compendium.claims import read_claims
from compendium.errors import UserError
from compendium.plan import Plan
from compendium.steps import CLAIMS
from compendium.trace import Node, trace_back, trace_forward


def as_text(node: Node) -> str:
    """Return a trace as indented lines."""
    if "given" in node:
        lines = [f"{node['kind']} {node['given']}"]
        parts = ("builds", "tables", "notebooks", "exhibits")
        lines += [f"  {key} ({len(node[key])}): {', '.join(node[key]) or 'none'}" for key in parts]
        lines.append(f"  claims ({len(node['claims'])}):")
        lines += [f"    {claim['name']} ({claim['notebook']}): {claim['text']}" for claim in node["claims"]]
        return "\n".join([*lines, f"  {node['note']}"])
    return "\n".join(_lines(node, 0))


def _lines(value: Any, depth: int) -> Iterable[str]:
    """Yield a mapping's entries, one a line, deeper ones below theirs."""
    margin = "  " * depth
    for key, entry in value.items():
        if isinstance(entry, dict) and entry and all(isinstance(part, str | int | float) for part in entry.values()):
            yield f"{margin}{key}: {', '.join(f'{name} {part}' for name, part in entry.items() if part != '')}"
        elif isinstance(entry, dict) and entry:
            yield f"{margin}{key}:"
            yield from _lines(
                {name: ", ".join(part) if isinstance(part, list) else part for name, part in entry.items()}, depth + 1
            )
        elif isinstance(entry, list) and entry and isinstance(entry[0], dict):
            yield f"{margin}{key}:"
            for part in entry:
                first, *rest = part.items()
                yield f"{margin}  - {first[0]} {first[1]}"
                yield from _lines(dict(rest), depth + 2)
        elif entry not in ("", [], {}):
            yield f"{margin}{key}: {', '.join(map(str, entry)) if isinstance(entry, list) else entry}"


def main(plan: Plan, arguments: list[str]) -> int:
    """Run ``trace NAME`` or ``trace --forward PATH``."""
    parser = Parser(prog="run_all.py trace", description="From a number back to public files, or from a file forward.")
    parser.add_argument("name", nargs="?", help="a claim, figure, table shown, or table of the Data Package")
    parser.add_argument("--forward", metavar="PATH", help="a raw file, source_id, table or module: what rests on it")
    parser.add_argument("--json", action="store_true", help="as JSON")
    options = parser.parse_args(arguments)
    if (options.name is None) == (options.forward is None):
        raise UserError("trace: expected one name, or --forward PATH; for example trace " + _example(plan))
    node = trace_forward(plan, options.forward) if options.forward else trace_back(plan, options.name)
    print(json.dumps(node, indent=1, ensure_ascii=False) if options.json else as_text(node))
    return 0


def _example(plan: Plan) -> str:
    return (
        next((row["name"] for row in read_claims(plan.root / CLAIMS)), "NAME")
        if (plan.root / CLAIMS).is_file()
        else "NAME"
    )
