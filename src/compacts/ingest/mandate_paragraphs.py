"""What operative paragraphs of mandate documents say of each organization they name."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from compacts.ingest.mandate_texts import Operative, documents, operative
from compacts.ingest.raw_file import ingest_log
from compacts.text.addressee import ROLES, Clause, reports, role, task, topic
from compacts.text.match import Matcher
from compacts.text.normalise import sentence_starts, sha1
from compacts.text.operative import Verb, Verbs
from compacts.text.temporal import TemporalClauses, counts, term

SOURCE = "texts_un_mandate_paragraphs"
# of the organizations in data/curated/organizations.csv those of the United Nations system
ORGANIZATIONS = [
    "fao", "ilo", "iom", "ocha", "ohchr", "unctad", "undesa", "undp", "unesco", "unfpa", "unhcr", "unicef", "unnm", "unodc",
    "unrwa", "unwomen", "wfp", "who", "worldbank",
]  # fmt: skip
Mentions = dict[str, list[tuple[int, int]]]
COMPACTS = {"compact", "crrf", "gcm", "gcr", "gmg", "grf", "imrf", "mptf", "nyd"}
# later in a paragraph the two High Commissioners are named by half of their names
_COMMISSIONER = re.compile(
    r"the Office of the High Commissioner(?! for| on)|the (?:Office|High Commissioner)(?! (?:for|of|on))"
)
TERMS = {"fixed_term", "extension", "renewal", "open_term"}
COLUMNS = [
    "document", "position", "organization", "found_by", "level", "words", "mentions", "verb", "strength", "chapeau_verb",
    "chapeau_strength", "role", "task", "reporting", "term", "object", "named_with", "compacts", "sha1",
]  # fmt: skip

COMPACT_COLUMNS = ["document", "position", "compact", "found_by", "verb", "strength", "term", "organizations", "sha1"]


def mandate_paragraphs(
    paragraphs: tuple[Path, ...],
    organization_names: pd.DataFrame,
    operative_verbs: pd.DataFrame,
    temporal_clauses: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return what operative paragraphs say of organizations and Compacts, and a log.

    ``mandate_paragraphs`` has a row an operative paragraph and organization that it names,
    ``mandate_compact_paragraphs`` a row an operative paragraph and Compact (or forum, fund, framework of one).

    Parameters
    ----------
    paragraphs : tuple of Path
        One JSON file a document: a list of paragraphs.
    organization_names : DataFrame
        ``org_id``, ``phrase``, ``case``.
    operative_verbs : DataFrame
        ``verb``, ``base``, ``participle``, ``strength``.
    temporal_clauses : DataFrame
        ``kind``, ``phrase``, ``case``.

    Raises
    ------
    UserError
        When a file is damaged or has other keys or types than these.
    """
    verbs = Verbs(operative_verbs)
    temporal = TemporalClauses(temporal_clauses, verbs)
    said: list[Operative] = []
    read = 0
    for stem, texts in documents(paragraphs):
        said += operative(stem, texts, verbs)
        read += len(texts)
    named = _named(said, organization_names)
    kept = [said[number] for number in named]
    clauses = temporal.find_many([found.paragraph.text for found in kept], [found.chapeau for found in kept])
    rows, of_compacts = [], []
    for number, (found, mentions) in enumerate(zip(kept, named.values(), strict=True)):
        # a term may stand in another clause than the name, and be welcomed
        inside = [clause for clause in clauses.get(number, []) if clause.kind in TERMS or counts(clause)]
        lasting = term(inside, found.paragraph.text)
        rows += _rows(found, mentions, lasting, verbs)
        of_compacts += _compact_rows(found, mentions, lasting, verbs)
    table = pd.DataFrame(rows, columns=COLUMNS).sort_values(["document", "position", "organization"], ignore_index=True)
    table["chapeau_strength"] = table["chapeau_strength"].astype("Int64")
    compacts = pd.DataFrame(of_compacts, columns=COMPACT_COLUMNS)
    compacts = compacts.sort_values(["document", "position", "compact"], ignore_index=True)
    either = sum(any(org in mentions for org in ORGANIZATIONS) for mentions in named.values())
    log = ingest_log([
        ("mandate_compact_paragraphs", SOURCE, "kept", "operative, names a Compact or a forum, fund or framework of one", "paragraphs", len(compacts[["document", "position"]].drop_duplicates())),
        ("mandate_paragraphs", SOURCE, "kept", "operative, names an organization of the United Nations system", "paragraphs", either),
        ("mandate_paragraphs", SOURCE, "dropped", "operative, names none of these organizations", "paragraphs", len(said) - either),
        ("mandate_paragraphs", SOURCE, "dropped", "not operative", "paragraphs", read - len(said)),
    ])  # fmt: skip
    return {"mandate_paragraphs": table, "mandate_compact_paragraphs": compacts, "ingest_mandate_paragraphs": log}


def _named(said: list[Operative], organization_names: pd.DataFrame) -> dict[int, Mentions]:
    """Return, by number of the paragraph, where each name stands in it, if it names an organization or a Compact of the lists."""
    ids = [cell.split() for cell in organization_names["org_id"]]
    hits: dict[int, Mentions] = {}
    found = Matcher(organization_names).find_many([each.paragraph.text for each in said])
    for number, entry, start, end in found.itertuples(index=False, name=None):
        for org in ids[entry]:
            hits.setdefault(number, {}).setdefault(org, []).append((start, end))
    listed = {*ORGANIZATIONS, *COMPACTS}
    return {number: mentions for number, mentions in hits.items() if listed & set(mentions)}


def _rows(of: Operative, named: Mentions, lasting: str, verbs: Verbs) -> list[dict[str, object]]:
    text = of.paragraph.text
    found = verbs.find(text)
    organizations = sorted(set(named) & set(ORGANIZATIONS))
    places = [place for mentions in named.values() for place in mentions]
    about = topic(text, places)
    rows = []
    for org in organizations:
        mentions = named[org] + _later(text, org, named)
        own = [_clause(text, start, stop, found, verbs) for start, stop in mentions]
        # a part of a sentence says with the verb above it what it asks
        said = [clause if clause.verb else replace(clause, verb=of.chapeau) for clause in own]
        roles = [role(clause) for clause in said]
        main = min(range(len(said)), key=lambda number: (ROLES.index(roles[number]), -_strength(said[number].verb)))
        strongest = max((clause.verb for clause in own), key=_strength)
        rows.append({
            "document": of.document, "position": of.paragraph.position, "organization": org,
            "found_by": of.found_by, "level": of.paragraph.level or 1, "words": len(text.split()),
            "mentions": len(named[org]),
            "verb": strongest.name if strongest else None, "strength": _strength(strongest),
            "chapeau_verb": of.chapeau.name if of.chapeau else None,
            "chapeau_strength": of.chapeau.strength if of.chapeau else None,
            "role": roles[main], "task": task(said[main], roles[main]),
            "reporting": roles[main] in {"actor", "reporter"} and reports(said[main]),
            "term": lasting,
            "object": about,
            "named_with": " ".join(other for other in organizations if other != org) or None,
            "compacts": " ".join(sorted(set(named) & COMPACTS)) or None,
            "sha1": sha1(text),
        })  # fmt: skip
    return rows


def _compact_rows(of: Operative, named: Mentions, lasting: str, verbs: Verbs) -> list[dict[str, object]]:
    text = of.paragraph.text
    named_compacts = sorted(set(named) & COMPACTS)
    found = verbs.find(text) if named_compacts else []
    rows = []
    for compact in named_compacts:
        strongest = max((verbs.governing(text, start, found)[0] for start, _ in named[compact]), key=_strength)
        rows.append({
            "document": of.document, "position": of.paragraph.position, "compact": compact, "found_by": of.found_by,
            "verb": strongest.name if strongest else None, "strength": _strength(strongest), "term": lasting,
            "organizations": " ".join(sorted(set(named) & set(ORGANIZATIONS))) or None, "sha1": sha1(text),
        })  # fmt: skip
    return rows


def _clause(text: str, start: int, stop: int, found: list[Verb], verbs: Verbs) -> Clause:
    verb, end = verbs.governing(text, start, found)
    begin = verb.end if verb else max(place for place in sentence_starts(text) if place <= start)
    return Clause(text, verb, begin, end, start, stop)


def _later(text: str, org: str, mentions: Mentions) -> list[tuple[int, int]]:
    """Return where a High Commissioner is named again by a part of the name, if the paragraph names only one of the two."""
    if org not in {"unhcr", "ohchr"} or {"unhcr", "ohchr"} <= set(mentions):
        return []
    first = mentions[org][0][0]
    return [match.span() for match in _COMMISSIONER.finditer(text) if match.start() > first]


def _strength(verb: Verb | None) -> int:
    return verb.strength if verb else 0
