"""Speeches of the General Debate: length, counts of terms, sentences that name an organization or a Compact."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from compacts.ingest.raw_file import AGAIN, decode, ingest_log, shown
from compacts.ingest.speakers import speakers_by_document
from compacts.text.match import CHUNK, Hit, Matcher
from compacts.text.named_sentences import NO_ORGANIZATION, code_sentences
from compacts.text.normalise import fold, sentence_starts
from compendium.errors import UserError

FIRST_YEAR = 1946
CODES = {"EU": "EUU"}
PHRASES = ["document", "position", "category", "layer", "start", "phrase", "about", "negated", "quoted", "hedged"]
_STEM = re.compile(r"([A-Z]{2,3})_(\d\d)_(\d{4})")


@dataclass
class _Read:
    """What one pass over the texts gathers."""

    words: list[int]
    sentences: list[int]
    counts: list[np.ndarray]
    named: list[tuple[int, int, str, list[Hit]]]  # speech, position, sentence, names in it


def speeches(
    texts: tuple[Path, ...],
    readme: Path,
    speakers: Path,
    un_members: pd.DataFrame,
    organization_names: pd.DataFrame,
    phrase_categories: pd.DataFrame,
    speech_terms: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return the tables ``speeches``, ``speech_sentences``, ``speech_phrases`` and their log.

    Texts are folded, then read once for names and terms; only sentences that name something are cut out and searched for
    phrases.

    Parameters
    ----------
    texts : tuple of Path
        One text a speech, named by code, session and year.
    readme : Path
        The corpus's description, which says how many speeches there are to which year.
    speakers : Path
        Workbook of speakers.
    un_members : DataFrame
        ``iso3`` of the members today.
    organization_names, phrase_categories, speech_terms : DataFrame
        Dictionaries.

    Raises
    ------
    UserError
        For a file name that is not like ``USA_73_2018.txt``, a session that does not fit its year, a speech twice, a text
        that is empty or not UTF-8, another number of texts than the description says, and a damaged workbook.
    """
    documents = _documents(texts)
    _require_number(documents, readme)
    terms = sorted(speech_terms["term"].unique())
    read = _read(texts, organization_names, speech_terms, terms)
    known, log = speakers_by_document(speakers, documents[["document", "code", "year"]])
    counts = pd.DataFrame(np.vstack(read.counts), columns=[f"n_{term}" for term in terms])
    table = documents.assign(
        is_member=documents["iso3"].isin(un_members["iso3"]), words=read.words, sentences=read.sentences
    )
    table = table.merge(known, on="document", how="left", validate="1:1")
    front = ["document", "iso3", "session", "year", "is_member", "speaker", "post", "words", "sentences"]
    table["post"] = table["post"].mask(table["post"] == "")
    table = table[front].join(counts).sort_values("document", ignore_index=True)
    coded, phrases = code_sentences(
        [sentence for _, _, sentence, _ in read.named],
        [names for _, _, _, names in read.named],
        organization_names,
        phrase_categories,
    )
    where = documents[["document", "iso3", "year"]].take([speech for speech, *_ in read.named]).reset_index(drop=True)
    where["position"] = [position for _, position, *_ in read.named]
    for column in ("document", "position"):
        phrases[column] = where[column].to_numpy()[phrases["sentence"].to_numpy()]
    log += [
        ("speeches", "texts_ungdc", "kept", "speeches", "texts", len(table)),
        ("speech_sentences", "texts_ungdc", "kept", "name an organization or a Compact", "sentences", len(coded)),
        (
            "speech_sentences",
            "texts_ungdc",
            "dropped",
            "name none",
            "sentences",
            int(table["sentences"].sum()) - len(coded),
        ),
    ]
    key = ["document", "position"]
    return {
        "speeches": table,
        "speech_sentences": where.join(coded).sort_values(key, ignore_index=True),
        "speech_phrases": phrases[PHRASES].sort_values([*key, "category", "layer", "start"], ignore_index=True),
        "ingest_speeches": ingest_log(log),
    }


def _documents(texts: Sequence[Path]) -> pd.DataFrame:
    rows = []
    seen: dict[str, Path] = {}
    for path in texts:
        match = _STEM.fullmatch(path.stem)
        if not match:
            raise UserError(
                f"{shown(path)}: got this file name, expected code, session and year, like USA_73_2018.txt; {AGAIN}"
            )
        code, session, year = match[1], int(match[2]), int(match[3])
        if year - session != FIRST_YEAR - 1:
            raise UserError(
                f"{shown(path)}: got session {session} in {year}, expected session {year - FIRST_YEAR + 1}; {AGAIN}"
            )
        if path.stem in seen:
            raise UserError(f"{shown(path)}: got the speech {path.stem} a second time, expected each once; {AGAIN}")
        seen[path.stem] = path
        rows.append((path.stem, code, CODES.get(code, code), session, year))
    return pd.DataFrame(rows, columns=["document", "code", "iso3", "session", "year"])


def _require_number(documents: pd.DataFrame, readme: Path) -> None:
    """Compare the number of texts with the one that the corpus's description gives."""
    text = decode(readme.read_bytes(), readme)
    period = re.search(r"for the period (\d{4})-(\d{4})", text)
    number = re.search(r"There are ([\d,]+) speeches", text)
    if not period or not number:
        raise UserError(f"{shown(readme)}: got no number of speeches and no period; {AGAIN}, or change the builder")
    expected, last = int(number[1].replace(",", "")), int(period[2])
    got = int((documents["year"] <= last).sum())
    if got != expected:
        raise UserError(
            f"{shown(readme)}: got {got:,} texts to {last}, expected the {expected:,} of the description; {AGAIN}"
        )


def _read(texts: Sequence[Path], names: pd.DataFrame, terms: pd.DataFrame, columns: list[str]) -> _Read:
    """Read all texts, some megabytes at a time."""
    entries = pd.concat([names.assign(group=""), terms.assign(group=terms["term"])], ignore_index=True)
    matcher = Matcher(entries, group="group")
    column = np.array([-1] * len(names) + [columns.index(term) for term in terms["term"]])
    is_name = np.array([org_id != NO_ORGANIZATION for org_id in names["org_id"]] + [False] * len(terms))
    read = _Read([], [], [], [])
    for first, folded in _batches(texts):
        found = matcher.find_many(folded)
        text, entry = found["text"].to_numpy(), found["entry"].to_numpy()
        counts = np.zeros((len(folded), len(columns)), dtype=np.int64)
        counted = column[entry] >= 0
        np.add.at(counts, (text[counted], column[entry[counted]]), 1)
        read.counts.append(counts)
        by_text: dict[int, list[Hit]] = {}
        for number, *place in found[is_name[entry]].itertuples(index=False, name=None):
            by_text.setdefault(number, []).append(Hit(*place))
        for number, speech in enumerate(folded):
            starts = sentence_starts(speech)
            read.words.append(speech.count(" ") + 1)
            read.sentences.append(len(starts))
            if number in by_text:
                read.named += [(first + number, *cut) for cut in _cut(speech, starts, by_text[number])]
    return read


def _batches(texts: Sequence[Path]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the first text, and folded texts of some megabytes together."""
    first, batch, size = 0, [], 0
    for number, path in enumerate(texts):
        folded = fold(decode(path.read_bytes(), path))
        if not folded:
            raise UserError(f"{shown(path)}, line 1: got an empty text, expected a speech; {AGAIN}")
        batch.append(folded)
        size += len(folded)
        if size >= CHUNK:
            yield first, batch
            first, batch, size = number + 1, [], 0
    if batch:
        yield first, batch


def _cut(speech: str, starts: list[int], names: list[Hit]) -> Iterator[tuple[int, str, list[Hit]]]:
    """Yield position, text and names of the sentences of a speech that name something."""
    ends = [start - 1 for start in starts[1:]] + [len(speech)]
    for position, group in groupby(names, key=lambda name: bisect_right(starts, name.start) - 1):
        begin = starts[position]
        hits = [Hit(name.entry, name.start - begin, name.end - begin) for name in group]
        yield position, speech[begin : ends[position]], hits
