"""The text of a sampled item, for a human who reads it again: taken from the raw files, shown, and kept nowhere."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from compacts.ingest.raw_file import decode, shown
from compacts.text.normalise import fold, sha1, split_sentences
from compendium.errors import UserError


def speech_sentence(item: Mapping[str, str], texts: Sequence[Path]) -> str:
    """Return the sentence of a speech that an item names, between the one before and the one after in brackets.

    Parameters
    ----------
    item : mapping
        A row of speech_sample: ``document`` (a file's stem), ``position``, ``sha1``.
    texts : sequence of Path
        One text a speech.

    Raises
    ------
    UserError
        When there is no such speech, or its sentence is not the one that was sampled.
    """
    path = _file(item, {path.stem: path for path in texts})
    sentences = split_sentences(decode(path.read_bytes(), path))
    at = int(item["position"])
    _require(item, sentences[at] if at < len(sentences) else "", path)
    around = [
        f"[{part}]" if part else "" for part in (sentences[at - 1] if at else "", "".join(sentences[at + 1 : at + 2]))
    ]
    return "\n".join(part for part in (around[0], sentences[at], around[1]) if part)


def mandate_paragraph(item: Mapping[str, str], paragraphs: Sequence[Path]) -> str:
    """Return the paragraph of a mandate document that an item of mandate_sample names.

    Raises
    ------
    UserError
        When there is no such document, or its paragraph is not the one that was sampled.
    """
    path = _file(item, {path.name.removesuffix(".json"): path for path in paragraphs})
    entries = json.loads(decode(path.read_bytes(), path))
    at = int(item["position"])
    text = fold(entries[at]["text"]) if at < len(entries) else ""
    _require(item, text, path)
    return text


def _file(item: Mapping[str, str], files: Mapping[str, Path]) -> Path:
    if item["document"] not in files:
        raise UserError(
            f"{item['item']}: got no raw file for {item['document']}; get the raw files again with run_all.py fetch"
        )
    return files[item["document"]]


def _require(item: Mapping[str, str], text: str, path: Path) -> None:
    if (got := sha1(text)) != item["sha1"]:
        raise UserError(
            f"{shown(path)}, position {item['position']}: got a text with sha1 {got}, expected {item['sha1']} as sampled; "
            "get the raw files again with run_all.py fetch"
        )
