"""The proposed programme budget's text by entity: words, resolutions cited, phrases, organizations named."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, shown
from compacts.text.match import Matcher
from compacts.text.normalise import fold
from compendium.errors import UserError

KEYS = ["entity", "entity_abbrev", "source_file", "content"]
BLOCK = ["block_type", "text", "table_content", "hyperlinks", "children"]
_SYMBOL = re.compile(r"(?:undocs|docs\.un)\.org/(?:en/)?([A-Z]+/[^\s?#]+)")
_SECTION = re.compile(r"SECT\.(\d+[A-Z]?)")


def budget_narratives(
    narratives: tuple[Path, ...], organization_names: pd.DataFrame, phrase_categories: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the table ``budget_narratives``, one row an entity, and its log.

    Parameters
    ----------
    narratives : tuple of Path
        One JSON file an entity: a tree of blocks with text, tables and links.
    organization_names : DataFrame
        ``org_id``, ``phrase``, ``case``.
    phrase_categories : DataFrame
        ``category``, ``phrase``, ``layer``, ``case``; the core layer is counted.

    Raises
    ------
    UserError
        When a file is damaged or has other keys, or an entity comes twice.
    """
    names = Matcher(organization_names)
    ids = [set(cell.split()) for cell in organization_names["org_id"]]
    core = phrase_categories[phrase_categories["layer"] == "core"].reset_index(drop=True)
    phrases = Matcher(core, group="category")
    categories = sorted(core["category"].unique())
    rows = []
    for path in narratives:
        content = read_json(path)
        lost = [key for key in KEYS if not isinstance(content, dict) or key not in content]
        if lost:
            raise UserError(f"{shown(path)}: got no key {', '.join(lost)}; {AGAIN}, or change its builder")
        if not isinstance(content["content"], list) or not all(isinstance(content[key], str) for key in KEYS[:3]):
            raise UserError(
                f"{shown(path)}: got {', '.join(KEYS)} of other kinds, expected three texts and a list; {AGAIN}"
            )
        blocks = [block for part in content["content"] for block in _blocks(part, path)]
        texts = [fold(block["text"] or "") for block in blocks]
        cells = [cell for block in blocks for row in block["table_content"] or [] for cell in row]
        links = [link for holder in (*blocks, *cells) for link in holder.get("hyperlinks") or []]
        cited = {match[1] for link in links if (match := _SYMBOL.search(str(link[1])))}
        named = {org for entry in names.find_many(texts)["entry"] for org in ids[entry]} - {"none"}
        counted = Counter(core["category"].to_numpy()[phrases.find_many(texts)["entry"].to_numpy()])
        section = _SECTION.search(content["source_file"])
        rows.append({
            "entity": content["entity_abbrev"], "name": content["entity"], "section": section[1] if section else None,
            "words": sum(len(text.split()) for text in texts),
            "table_words": sum(len(str(cell.get("text") or "").split()) for cell in cells),
            "cited_symbols": len(cited),
            "organizations": " ".join(sorted(named)) or None,
            **{f"n_{category}": counted[category] for category in categories},
        })  # fmt: skip
    table = pd.DataFrame(rows)
    twice = table["entity"].duplicated()
    if twice.any():
        raise UserError(
            f"{shown(narratives[0])}: got the entity {table.loc[twice, 'entity'].iloc[0]!r} in two files, expected one; {AGAIN}"
        )
    log = ingest_log(
        [("budget_narratives", "texts_ppb2026_by_entity", "kept", "one row an entity", "entities", len(table))]
    )
    return {"budget_narratives": table.sort_values("entity", ignore_index=True), "ingest_budget_narratives": log}


def _blocks(block: Any, path: Path) -> Iterator[dict[str, Any]]:
    """Yield a block and all within it."""
    lost = [key for key in BLOCK if not isinstance(block, dict) or key not in block]
    if lost:
        raise UserError(f"{shown(path)}: got a block without {', '.join(lost)}; {AGAIN}, or change its builder")
    table, children = block["table_content"] or [], block["children"]
    sound = isinstance(block["text"], str | None) and isinstance(children, list) and _are_links(block["hyperlinks"])
    if not sound or not (
        isinstance(table, list) and all(isinstance(row, list) and all(map(_is_cell, row)) for row in table)
    ):
        got = str({key: block[key] for key in BLOCK if key != "children"})[:80]
        raise UserError(
            f"{shown(path)}: got the block {got}, expected text, lists of links, rows of cells and a list of children; {AGAIN}"
        )
    yield block
    for child in children:
        yield from _blocks(child, path)


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, dict) and isinstance(cell.get("text"), str | None) and _are_links(cell.get("hyperlinks"))


def _are_links(links: Any) -> bool:
    pairs = links or []
    return isinstance(pairs, list) and all(isinstance(link, list) and len(link) == 2 for link in pairs)
