"""Dictionary entries found in texts, all in one pass.

Notation of a phrase: literal words with single blanks; ``*`` at a word's end stands for any further letters of this word;
``{a,b}`` for either (``organi{s,z}ation``, ``migrant{s,}``). An entry is found at word bounds only: no letter, digit or
underscore may touch it. Its ``case`` says whether capitals count (exact) or not (ignore).

Where found entries of a group overlap, the text is read from the left: the entry that begins first wins, of those the
longest, of those the one that stands first in the dictionary. Entries of different groups do not compete.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, product

import ahocorasick_rs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium.errors import UserError

COLUMNS = ["text", "entry", "start", "end"]
CHUNK = 4_000_000
_BRACES = re.compile(r"\{([^{}]*)\}")
_FORM = re.compile(r"\S+(?: \S+)*")


@dataclass(frozen=True)
class Hit:
    """An entry found: its row in the dictionary (from 0) and where it begins and ends, ``text[start:end]``."""

    entry: int
    start: int
    end: int


@dataclass(frozen=True)
class _Form:
    """One spelling of an entry: what the automaton looks for, and what must hold where it was found."""

    entry: int
    literal: str
    exact: bool
    grows: bool  # the last letters are any
    inner: re.Pattern[str] | None  # the whole form, if ``*`` stands inside


def expand(phrase: str) -> list[str]:
    """Return the spellings of a phrase with braces, in order, each once.

    Raises
    ------
    UserError
        For braces that do not close or are nested, and for spellings with blanks at an end or in a row.

    Examples
    --------
    >>> expand("organi{s,z}ation{s,}")
    ['organisations', 'organisation', 'organizations', 'organization']
    """
    parts = _BRACES.split(phrase)
    if any(mark in part for part in parts[::2] for mark in "{}"):
        raise UserError(
            f"dictionary: got the phrase {phrase!r}, expected braces in pairs and not nested; correct the entry"
        )
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    spellings = list(dict.fromkeys("".join(choice) for choice in product(*choices)))
    for spelling in spellings:
        if not _FORM.fullmatch(spelling) or spelling.startswith("*") or re.search(r"\*(?! |$)|(?<!\w)\*", spelling):
            msg = f"dictionary: got the phrase {phrase!r} (read as {spelling!r}), expected words with single blanks and * only at a word's end; correct the entry"
            raise UserError(msg)
    return spellings


def pattern(spelling: str) -> str:
    r"""Return the regular expression that says what a spelling means.

    Examples
    --------
    >>> pattern("border* of")
    '(?<!\\w)border\\w* of(?!\\w)'
    """
    any_letters = r"\w*"
    words = [
        rf"{re.escape(word.rstrip('*'))}{any_letters if word.endswith('*') else ''}" for word in spelling.split(" ")
    ]
    return rf"(?<!\w){' '.join(words)}(?!\w)"


def lowered(text: str) -> str:
    """Return a text in small letters, of the same length: a letter whose small form is longer stays.

    Examples
    --------
    >>> lowered("İzmir and Ankara")
    'İzmir and ankara'
    """
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


class Matcher:
    """Finds the entries of a dictionary.

    Parameters
    ----------
    entries : DataFrame
        Columns ``phrase`` and ``case`` (exact, ignore), in the notation above.
    group : str, optional
        A further column: only entries with the same value compete where they overlap. Without it all entries do.

    Examples
    --------
    >>> names = pd.DataFrame({"phrase": ["UNHCR", "refugee*", "refugee camp"], "case": ["exact", "ignore", "ignore"]})
    >>> Matcher(names).find("Refugees and a refugee camp of UNHCR")
    [Hit(entry=1, start=0, end=8), Hit(entry=2, start=15, end=27), Hit(entry=0, start=31, end=36)]
    """

    def __init__(self, entries: pd.DataFrame, group: str | None = None) -> None:
        forms = list(_forms(entries))
        self._entry = np.array([form.entry for form in forms], dtype=np.int64)
        self._exact = np.array([form.exact for form in forms], dtype=bool)
        self._grows = np.array([form.grows for form in forms], dtype=bool)
        self._inner = np.array([form.inner is not None for form in forms], dtype=bool)
        self._forms = forms
        groups = [0] * len(entries) if group is None else pd.factorize(entries[group])[0].tolist()
        self._group = np.array(groups, dtype=np.int64)
        literals = [lowered(form.literal) for form in forms]
        self._automaton = ahocorasick_rs.AhoCorasick(literals, implementation=ahocorasick_rs.Implementation.DFA)

    def find(self, text: str) -> list[Hit]:
        """Return the entries found in one text, by place, then by row of the dictionary."""
        found = self.find_many([text])
        return [Hit(*row) for row in found[["entry", "start", "end"]].itertuples(index=False, name=None)]

    def find_many(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return the entries found in many texts: ``text`` (its number from 0), ``entry``, ``start``, ``end``.

        Rows are sorted by text, start, end and entry. Texts are taken as they are: fold them first.
        """
        parts = [self._find_chunk(texts[first:last], first) for first, last in pairwise(_chunks(texts))]
        whole = np.concatenate(parts) if parts else np.empty((0, 4), dtype=np.int64)
        return pd.DataFrame(whole, columns=COLUMNS)

    def _find_chunk(self, texts: Sequence[str], first: int) -> NDArray[np.int64]:
        joined = "\n".join(texts)
        small = lowered(joined)
        raw = self._automaton.find_matches_as_indexes(small, overlapping=True)
        flat = np.fromiter(chain.from_iterable(raw), dtype=np.int64, count=3 * len(raw)).reshape(-1, 3)
        # the letter at a place is codes[place + 1]: there is one before the first and after the last
        codes = np.frombuffer(f"\n{joined}\n".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        form, start, end = self._bounded(flat, codes)
        keep = np.ones(len(form), dtype=bool)
        for row in np.flatnonzero(self._inner[form]):
            inner = self._forms[form[row]].inner
            match = inner.match(joined, start[row]) if inner else None
            keep[row] = match is not None
            end[row] = match.end() if match else end[row]
        for row in np.flatnonzero(self._exact[form] & ~self._inner[form]):
            keep[row] = joined.startswith(self._forms[form[row]].literal, start[row])
        entry, start, end = self._entry[form[keep]], start[keep], end[keep]
        kept = _leftmost_longest(self._group[entry], entry, start, end)
        entry, start, end = entry[kept], start[kept], end[kept]
        begins = np.cumsum([0, *[len(text) + 1 for text in texts]])
        text = np.searchsorted(begins, start, side="right") - 1
        out = np.column_stack([text + first, entry, start - begins[text], end - begins[text]])
        return out[np.lexsort((entry, end, start))]

    def _bounded(self, flat: NDArray[np.int64], codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], ...]:
        """Return form, start and end of what stands at word bounds, ends moved to the word's end where it grows."""
        flat = flat[~_is_word(codes[flat[:, 1]])]
        form, start, end = flat[:, 0], flat[:, 1], flat[:, 2].copy()
        inside = _is_word(codes[end + 1])
        grows = self._grows[form]
        keep = ~inside | grows | self._inner[form]
        form, start, end, inside = form[keep], start[keep], end[keep], (inside & grows)[keep]
        moving = np.flatnonzero(inside)
        while len(moving):
            end[moving] += 1
            moving = moving[_is_word(codes[end[moving] + 1])]
        return form, start, end


def _forms(entries: pd.DataFrame) -> Iterator[_Form]:
    for entry, (phrase, case) in enumerate(zip(entries["phrase"], entries["case"], strict=True)):
        if case not in {"exact", "ignore"}:
            raise UserError(
                f"dictionary, entry {phrase!r}: got the case {case!r}, expected exact or ignore; correct the entry"
            )
        for spelling in expand(phrase):
            literal, star, rest = spelling.partition("*")
            flags = re.NOFLAG if case == "exact" else re.IGNORECASE
            inner = re.compile(pattern(spelling), flags) if rest else None
            yield _Form(entry, literal, case == "exact", bool(star) and not rest, inner)


def _chunks(texts: Sequence[str]) -> list[int]:
    """Return numbers of texts that cut them into runs of about CHUNK letters."""
    if not texts:
        return []
    total = np.cumsum([len(text) for text in texts])
    cuts = np.searchsorted(total, np.arange(CHUNK, int(total[-1]), CHUNK), side="left") + 1
    return sorted({0, *cuts.tolist(), len(texts)})


_ASCII_WORD = np.array([chr(code).isalnum() or chr(code) == "_" for code in range(128)])


def _is_word(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    r"""Return whether each code point is a letter, digit or underscore, as ``\w`` has it."""
    word = _ASCII_WORD[np.minimum(codes, 127)] & (codes < 128)
    for place in np.flatnonzero(codes > 127):
        word[place] = chr(codes[place]).isalnum()
    return word


def _leftmost_longest(
    group: NDArray[np.int64], entry: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the rows that win where hits of a group overlap."""
    if not len(group):
        return np.empty(0, dtype=np.int64)
    order = np.lexsort((entry, -end, start, group))
    far = group[order] * (int(end.max()) + 1)
    begins, ends = start[order] + far, end[order] + far
    reach = np.maximum.accumulate(ends)
    alone = np.concatenate([[True], begins[1:] >= reach[:-1]])
    keep, first = alone.copy(), np.flatnonzero(alone)
    # within a run of overlapping hits the first one wins, then the next that begins after its end, and so on
    crowded = np.flatnonzero(~alone)
    run = first[np.cumsum(alone)[crowded] - 1]
    last, limit = -1, 0
    for row, of, begin, end_ in zip(
        crowded.tolist(), run.tolist(), begins[crowded].tolist(), ends[crowded].tolist(), strict=True
    ):
        if of != last:
            last, limit = of, int(ends[of])
        if begin >= limit:
            keep[row] = True
            limit = end_
    return np.asarray(order[keep], dtype=np.int64)
