"""Resolutions and decisions cited as mandates: dates, size, clauses on time, organizations named."""

from collections import Counter
from pathlib import Path

import pandas as pd

from compacts.ingest.json_records import TEXT, WHOLE, records
from compacts.ingest.mandate_dates import dated, kind, organ, session, symbol
from compacts.ingest.mandate_texts import Operative, Paragraph, documents, operative
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, shown
from compacts.text.match import Matcher
from compacts.text.normalise import fold
from compacts.text.operative import Verbs
from compacts.text.temporal import LEAST_STRENGTH, Temporal, TemporalClauses, counts, last_day, length
from compendium.errors import UserError

SOURCE = "texts_un_mandate_paragraphs"
COLUMNS = [
    "document", "symbol", "organ", "kind", "session", "title", "date", "date_earliest", "date_latest", "date_rule", "year", "words",
    "paragraphs", "preambular", "operative", "operative_by_verb", "other_language", "languages", *LEAST_STRENGTH, "term_months",
    "term_until", "organizations", "series",
]  # fmt: skip
SERIES_KINDS = {"entity": TEXT, "cited_symbol": TEXT, "cited_year": WHOLE, "group_title": TEXT, "latest_symbol": TEXT}
SERIES_COLUMNS = ["entity", "series", "symbol", "year", "newer_cited", "newer_cited_number", "latest_symbol"]


def mandate_documents(
    paragraphs: tuple[Path, ...],
    citations: Path,
    organization_names: pd.DataFrame,
    operative_verbs: pd.DataFrame,
    temporal_clauses: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return the tables ``mandate_documents``, ``mandate_citations`` and ``recurring_series``, and their log.

    Parameters
    ----------
    paragraphs : tuple of Path
        One JSON file a document: a list of paragraphs.
    citations : Path
        JSON: citations in the programme budget whose resolution was followed by a newer one, with the series' title.
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
    series, series_rows = recurring_series(citations)
    verbs = Verbs(operative_verbs)
    temporal = TemporalClauses(temporal_clauses, verbs)
    read = list(documents(paragraphs))
    said = [found for stem, texts in read for found in operative(stem, texts, verbs)]
    clauses = _by_document(
        said, temporal.find_many([found.paragraph.text for found in said], [found.chapeau for found in said])
    )
    by_label = Counter(found.document for found in said if found.found_by == "label")
    by_verb = Counter(found.document for found in said if found.found_by == "verb")
    named = _named(read, organization_names)
    titles = series.groupby("symbol")["series"].agg(lambda found: " | ".join(sorted(set(found))))
    table = pd.DataFrame([
        {
            **_row(stem, texts),
            "operative": by_label[stem], "operative_by_verb": by_verb[stem], **_temporal_counts(clauses.get(stem, [])),
            "organizations": " ".join(sorted(named.get(stem, ()))) or None, "series": titles.get(symbol(stem)),
        }
        for stem, texts in read
    ])[COLUMNS].sort_values("document", ignore_index=True)  # fmt: skip
    cited_table = _citations(read)
    log = ingest_log([
        ("mandate_documents", SOURCE, "kept", "one row a document", "documents", len(table)),
        ("mandate_documents", SOURCE, "kept", "counted within their document", "paragraphs", int(table["paragraphs"].sum())),
        ("mandate_citations", SOURCE, "kept", "symbols cited, counted by document", "links", int(cited_table["citations"].sum())),
        ("recurring_series", "texts_ppb_outdated_citations", "kept", "a resolution cited that was followed by a newer one", "citations", series_rows["kept"]),
        ("recurring_series", "texts_ppb_outdated_citations", "dropped", "the same citation a second time", "citations", series_rows["again"]),
    ])  # fmt: skip
    return {
        "mandate_documents": table,
        "mandate_citations": cited_table,
        "recurring_series": series,
        "ingest_mandate_documents": log,
    }


def recurring_series(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the resolutions of recurring series cited in a programme budget: one row an entity, series and symbol."""
    entries = read_json(path)
    listed = records(entries, SERIES_KINDS, path, "citations").rename(
        columns={"cited_symbol": "symbol", "cited_year": "year"}
    )
    newer = [entry.get("newer_cited_symbols") for entry in entries]
    for number, symbols in enumerate(newer):
        if not isinstance(symbols, list) or not all(isinstance(each, str) for each in symbols):
            raise UserError(
                f"{shown(path)}, citations[{number}]: got newer_cited_symbols {str(symbols)[:60]}, expected a list of texts; {AGAIN}"
            )
    listed["series"] = [fold(title).rstrip(" .:") for title in listed["group_title"]]
    listed["newer_cited"] = [" | ".join(symbols) or None for symbols in newer]
    listed["newer_cited_number"] = [len(symbols) for symbols in newer]
    listed = listed[SERIES_COLUMNS]
    keys = ["entity", "series", "symbol"]
    once = listed.drop_duplicates()
    if once.duplicated(keys).any():
        twice = " ".join(once.loc[once.duplicated(keys), keys].iloc[0])
        raise UserError(f"{shown(path)}: got {twice!r} twice with different contents, expected once; {AGAIN}")
    return once.sort_values(keys, ignore_index=True), {"kept": len(once), "again": len(listed) - len(once)}


def _row(stem: str, texts: list[Paragraph]) -> dict[str, object]:
    of, when = symbol(stem), dated(stem, texts)
    first, last = (pd.Timestamp(day) if day else pd.NaT for day in (when.earliest, when.latest))
    return {
        "document": stem,
        "symbol": of,
        "organ": organ(of),
        "kind": kind(of),
        "session": session(of) or None,
        "title": _title(next((text.text for text in texts if text.type == "title"), "")),
        "date": first if first == last else pd.NaT,
        "date_earliest": first,
        "date_latest": last,
        "date_rule": when.rule,
        "year": last.year if first is not pd.NaT and first.year == last.year else pd.NA,
        "words": sum(len(text.text.split()) for text in texts),
        "paragraphs": len(texts),
        "preambular": sum(text.label == "preambular" for text in texts),
        "other_language": sum(text.language in {"french", "russian"} for text in texts),
        "languages": " ".join(sorted({text.language for text in texts if text.language})) or None,
    }


def _by_document(said: list[Operative], found: dict[int, list[Temporal]]) -> dict[str, list[tuple[str, set[str]]]]:
    """Return, by document, the text and the kinds of clauses of each paragraph that has any."""
    clauses: dict[str, list[tuple[str, set[str]]]] = {}
    for number, phrases in found.items():
        kinds = {phrase.kind for phrase in phrases if counts(phrase)}
        if kinds:
            clauses.setdefault(said[number].document, []).append((said[number].paragraph.text, kinds))
    return clauses


def _temporal_counts(clauses: list[tuple[str, set[str]]]) -> dict[str, object]:
    """Return, by kind, the number of operative paragraphs with such a clause; the longest term, the latest end date."""
    lasting = [text for text, kinds in clauses if kinds & {"fixed_term", "extension", "renewal"}]
    months = [number for number in map(length, lasting) if number is not None]
    days = [day for day in map(last_day, lasting) if day is not None]
    return {
        **{each: sum(each in kinds for _, kinds in clauses) for each in LEAST_STRENGTH},
        "term_months": max(months) if months else pd.NA,
        "term_until": pd.Timestamp(max(days)) if days else pd.NaT,
    }


def _named(read: list[tuple[str, list[Paragraph]]], organization_names: pd.DataFrame) -> dict[str, set[str]]:
    """Return what is named anywhere in each document, by org_id."""
    ids = [set(cell.split()) - {"none"} for cell in organization_names["org_id"]]
    stems = [stem for stem, texts in read for _ in texts]
    found = Matcher(organization_names).find_many([text.text for _, texts in read for text in texts])
    named: dict[str, set[str]] = {}
    for number, entry in found[["text", "entry"]].drop_duplicates().itertuples(index=False, name=None):
        named.setdefault(stems[number], set()).update(ids[entry])
    return named


def _citations(read: list[tuple[str, list[Paragraph]]]) -> pd.DataFrame:
    cited = Counter((stem, link) for stem, texts in read for text in texts for link in text.links)
    rows = [(stem, link, number) for (stem, link), number in sorted(cited.items())]
    return pd.DataFrame(rows, columns=["document", "cited_symbol", "citations"])


def _title(text: str) -> str | None:
    """Return a title without the number before it; none where it is longer than a title."""
    words = text.split(maxsplit=1)
    cut = words[1] if len(words) == 2 and words[0][0].isdigit() else text
    return cut if 0 < len(cut) <= 300 else None
