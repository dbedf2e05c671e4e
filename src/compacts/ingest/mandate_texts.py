"""Resolutions and other mandate documents as one JSON list of paragraphs each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from compacts.ingest.raw_file import AGAIN, read_json, shown
from compacts.text.normalise import fold
from compacts.text.operative import Verb, Verbs
from compendium.errors import UserError

KEYS = ["text", "type", "paragraph_type", "paragraph_level", "prefix", "links"]
TYPES = {"frontmatter", "title", "heading", "paragraph", "backmatter", "footer"}
BODY = {"paragraph", "frontmatter", "heading"}
LABELS = {None, "operative", "preambular"}


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: its place in the file (from 0), text with single blanks, and the labels of the file."""

    position: int
    text: str
    type: str
    label: str  # operative, preambular or empty
    level: int  # 0: none given
    language: str
    links: tuple[str, ...]  # symbols cited


@dataclass(frozen=True)
class Operative:
    """An operative paragraph of a document: how it was found, and the verb of the paragraph above it (its chapeau)."""

    document: str
    paragraph: Paragraph
    found_by: str  # label or verb
    chapeau: Verb | None


def documents(paths: tuple[Path, ...]) -> Iterator[tuple[str, list[Paragraph]]]:
    """Yield the name of each document (its file's stem) and its paragraphs, in the order of the paths.

    Raises
    ------
    UserError
        For a file that is no list of paragraphs, an empty list, a paragraph without its keys or with an unknown type.
    """
    for path in paths:
        entries = read_json(path)
        if not isinstance(entries, list) or not entries:
            raise UserError(f"{shown(path)}: got no list of paragraphs; {AGAIN}")
        yield path.name.removesuffix(".json"), [_paragraph(entry, number, path) for number, entry in enumerate(entries)]


def _paragraph(entry: object, number: int, path: Path) -> Paragraph:
    wrong = _wrong(entry)
    if wrong:
        raise UserError(f"{shown(path)}, paragraph {number}: got {wrong}; {AGAIN}, or change its builder")
    entry = cast("dict[str, Any]", entry)
    links = tuple(str(link[0]) for link in entry["links"] or ())
    label = entry["paragraph_type"] or ""
    return Paragraph(
        number,
        fold(entry["text"]),
        entry["type"],
        label,
        entry["paragraph_level"] or 0,
        entry.get("language") or "",
        links,
    )


def _wrong(entry: object) -> str:
    """Return what is wrong with a paragraph, empty if nothing is."""
    if not isinstance(entry, dict):
        return f"{type(entry).__name__}, expected an object"
    lost = [key for key in KEYS if key not in entry]
    if lost:
        return f"no key {', '.join(lost)}"
    if not isinstance(entry["text"], str):
        return f"the text {entry['text']!r}, expected text"
    if entry["type"] not in TYPES:
        return f"the type {entry['type']!r}, expected one of {', '.join(sorted(TYPES))}"
    if entry["paragraph_type"] not in LABELS:
        return f"the paragraph_type {entry['paragraph_type']!r}, expected operative, preambular or null"
    if not isinstance(entry["paragraph_level"], int | None):
        return f"the paragraph_level {entry['paragraph_level']!r}, expected a number or null"
    pairs = entry["links"] or []
    if not isinstance(pairs, list) or not all(isinstance(link, list) and link for link in pairs):
        return f"the links {str(pairs)[:60]}, expected pairs of symbol and address"
    return ""


def operative(document: str, paragraphs: Sequence[Paragraph], verbs: Verbs) -> list[Operative]:
    """Return the operative paragraphs of a document.

    Found by ``label`` where the file says so, else by ``verb``: a paragraph that begins with an operative verb in the third
    person, as in texts whose parts are all labelled front matter.
    """
    found: list[Operative] = []
    above: dict[int, str] = {}
    known: dict[str, Verb | None] = {}
    for paragraph in paragraphs:
        labelled = paragraph.label == "operative"
        if not labelled and (paragraph.type not in BODY or not verbs.opens(paragraph.text)):
            continue
        level = paragraph.level or 1
        chapeau = _chapeau(above, level, verbs, known)
        found.append(Operative(document, paragraph, "label" if labelled else "verb", chapeau))
        above = {upper: text for upper, text in above.items() if upper < level} | {level: paragraph.text}
    return found


def _chapeau(above: dict[int, str], level: int, verbs: Verbs, known: dict[str, Verb | None]) -> Verb | None:
    """Return the last verb of the nearest paragraph above that has one; what was found is kept in ``known``."""
    for upper in sorted((upper for upper in above if upper < level), reverse=True):
        text = above[upper]
        if text not in known:
            known[text] = next(reversed(verbs.find(text)), None)
        if known[text]:
            return known[text]
    return None
