"""Two executions compared: executed notebooks, pages and drawings, by what they say and where."""

import csv
import gzip
import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from compendium.compare import NUMBER, Difference, Tally, as_float, claims, judge, rows, same_text, short

POINTS = 0.05  # of a drawing's coordinate, in points


def notebook(file: str, committed: str, anew: str) -> Tally:
    """Compare two executed notebooks: source and outputs of each cell."""
    old, new = ({cell.get("id", str(n)): cell for n, cell in enumerate(_cells(text))} for text in (committed, anew))
    tally = Tally()
    for name, cell in old.items():
        if name not in new:
            tally.differences.append(Difference(file, f"cell {name}", _source(cell), "", "missing"))
            continue
        judge(tally, file, f"cell {name}, source", _source(cell), _source(new[name]))
        a, b = list(_outputs(cell)), list(_outputs(new[name]))
        for number, (first, second) in enumerate(zip(a, b, strict=False)):
            judge(tally, file, f"cell {name}, output {number}", first, second)
        for extra in a[len(b) :]:
            tally.differences.append(Difference(file, f"cell {name}, outputs", short(extra), "", "missing"))
        for extra in b[len(a) :]:
            tally.differences.append(Difference(file, f"cell {name}, outputs", "", short(extra), "new"))
    for name in new.keys() - old.keys():
        tally.differences.append(Difference(file, f"cell {name}", "", _source(new[name]), "new"))
    if not tally.differences and list(old) != list(new):
        tally.differences.append(Difference(file, "cells", " ".join(old), " ".join(new), "order"))
    return tally


def _cells(text: str) -> list[dict[str, Any]]:
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError):
        return []
    return cells


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell.get("source", ""))


def _outputs(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield each output as text; drawings as what they say."""
    for output in cell.get("outputs", ()):
        told = {**output.get("data", {}), **({"text": output["text"]} if "text" in output else {})}
        for kind, content in sorted(told.items()):
            text = (
                content
                if isinstance(content, str)
                else "".join(map(str, content))
                if isinstance(content, list)
                else json.dumps(content)
            )
            if kind != "image/png":
                yield "\n".join(said(text)) if "svg" in kind else text
        yield json.dumps(output.get("metadata", {}), sort_keys=True, ensure_ascii=False)


def page(file: str, committed: str, anew: str) -> Tally:
    """Compare two pages or drawings: every piece of text with the place it stands in, every link, every coordinate."""
    tally = Tally()
    if committed == anew:
        tally.equal += 1
        return tally
    old, new = list(said(committed)), list(said(anew))
    if Counter(old) == Counter(new) and old != new:
        at = next(n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
        tally.differences.append(Difference(file, _place(committed, at), short(old[at]), short(new[at]), "order"))
        return tally
    for number, (first, second) in enumerate(zip(old, new, strict=False)):
        found = same_text(first, second)
        if found in ("wording", "numbers") and not _near(first, second):
            tally.differences.append(Difference(file, _place(committed, number), short(first), short(second), found))
            if len(old) != len(new):
                return tally  # what follows is shifted
    if len(old) != len(new) and not tally.differences:
        kind, longer = ("missing", old) if len(old) > len(new) else ("new", new)
        piece = short(longer[min(len(old), len(new))])
        tally.differences.append(Difference(file, "end", *((piece, "") if kind == "missing" else ("", piece)), kind))
    if not tally.differences:
        tally.tolerated += 1
    return tally


def said(text: str) -> Iterator[str]:
    """Yield what a page or drawing says: each run of text, and each tag with its attributes."""
    for tag, run in re.findall(r"(<[^>]*>)|([^<]+)", text):
        piece = " ".join(html.unescape(tag or run).split())
        if piece:
            yield piece


def _near(first: str, second: str) -> bool:
    """Return whether two tags of a drawing differ only in coordinates, by less than can be seen."""
    if not first.startswith(("<path", "<use", "<text", "<g", "<image", "<svg", "<rect", "<circle", "<line")):
        return False
    if NUMBER.sub("#", first) != NUMBER.sub("#", second):
        return False
    pairs = zip(NUMBER.findall(first), NUMBER.findall(second), strict=True)
    return all(abs(as_float(a) - as_float(b)) <= POINTS for a, b in pairs)


def _place(text: str, position: int) -> str:
    """Return the nearest id before a piece."""
    near = "start"
    for number, piece in enumerate(said(text)):
        if number > position:
            break
        found = re.search(r' id="([^"]+)"', piece)
        near = found[1] if found else near
    return f"near #{near}" if near != "start" else "start"


def compare_files(committed: Path, anew: Path, paths: Iterable[str]) -> dict[str, Tally]:
    """Compare files of two checkouts, by path; a file that only one has is a difference.

    A picture (PNG) is compared by its bytes where its drawing (SVG) came out the same, and by its size where not.
    """
    return {path: _file(path, committed / path, anew / path) for path in paths}


def _file(path: str, old: Path, new: Path) -> Tally:
    if not old.is_file() or not new.is_file():
        there = [("there" if one.is_file() else "") for one in (old, new)]
        return Tally(differences=[Difference(path, "file", there[0], there[1], "new" if new.is_file() else "missing")])
    first, second = old.read_bytes(), new.read_bytes()
    if path.endswith(".png"):
        drawings = [one.with_suffix(".svg") for one in (old, new)]
        same = all(one.is_file() for one in drawings) and drawings[0].read_bytes() == drawings[1].read_bytes()
        return _picture(path, first, second, same)
    if path.endswith(".gz"):
        first, second = gzip.decompress(first), gzip.decompress(second)
    a, b = first.decode("utf-8", "replace"), second.decode("utf-8", "replace")
    if path.startswith("results/claims"):
        return claims(path, *(list(csv.DictReader(io.StringIO(text, newline=""))) for text in (a, b)))
    if path.endswith((".csv", ".gz")):
        return rows(path, a, b)
    return notebook(path, a, b) if path.endswith(".ipynb") else page(path, a, b)


def _picture(path: str, first: bytes, second: bytes, same_drawing: bool) -> Tally:
    if first == second:
        return Tally(equal=1)
    if same_drawing or first[16:24] != second[16:24]:  # bytes 16 to 23 of a PNG: width and height
        sizes = [
            f"{int.from_bytes(one[16:20])}x{int.from_bytes(one[20:24])} pixels, {len(one):,} bytes"
            for one in (first, second)
        ]
        return Tally(differences=[Difference(path, "picture", sizes[0], sizes[1], "bytes")])
    return Tally(tolerated=1)
