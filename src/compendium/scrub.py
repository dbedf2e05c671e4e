"""Executed notebooks without what differs from run to run: times, paths, versions, addresses, random ids."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode


def scrubbed(executed: "NotebookNode", root: Path, run: Path | None = None) -> str:
    """Return the text of an executed notebook without times, durations, paths, versions, addresses and random ids."""
    import nbformat

    executed.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in executed.cells:
        if "outputs" in cell:
            cell.outputs = [_clean(output, root, run) for output in _joined(cell.outputs)]
        tags = cell.metadata.get("tags", [])
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
        cell.metadata = {"tags": tags} if tags else {}
    executed.nbformat_minor = 5
    return str(nbformat.writes(executed, version=4)) + "\n"


def _joined(outputs: list[Any]) -> list[Any]:
    """Join what a cell prints to one text a stream, stdout first; a line that is written over keeps its last state."""
    streams: dict[str, Any] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            if output["name"] in streams:
                streams[output["name"]]["text"].append(output["text"])
            else:
                streams[output["name"]] = {**output, "text": [output["text"]]}
    for stream in streams.values():
        lines = "".join(stream["text"]).replace("\r\n", "\n").split("\n")
        stream["text"] = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    seen, order = set[str](), iter(sorted(streams, reverse=True))  # stdout before stderr: their order is chance
    kept = []
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
        elif output["name"] not in seen:
            seen.add(output["name"])
            kept.append(streams[next(order)])
    return kept


def _clean(value: Any, root: Path, run: Path | None) -> Any:
    """Return an output, or a part of one, without paths of this machine, addresses and process numbers."""
    import nbformat

    if isinstance(value, dict):
        cleaned = {k: v if k in ("image/png", "image/jpeg") else _clean(v, root, run) for k, v in value.items()}
        return nbformat.from_dict(cleaned)
    if isinstance(value, list):
        return [_clean(item, root, run) for item in value]
    if not isinstance(value, str):
        return value
    if run:
        value = re.sub(re.escape(str(run)) + r"(/ipykernel_\d+)?", "(temporary)", value)
    value = re.sub(rf"(?<![\w./-]){re.escape(str(root))}(?![\w-])", ".", value)
    return re.sub(r"\b0x[0-9a-f]{8,}\b", "0x…", value)
