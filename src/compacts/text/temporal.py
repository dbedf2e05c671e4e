"""Clauses on time in operative paragraphs: terms, extensions, reviews, ends, duties to report."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from compacts.text.match import Matcher
from compacts.text.operative import Verb, Verbs

COLUMNS = ["kind", "phrase", "case"]
# the least strength of the verb that governs a phrase for it to count as a clause: a term is decided, not welcomed
LEAST_STRENGTH = {
    "fixed_term": 4, "extension": 4, "renewal": 4, "open_term": 4, "periodicity": 4, "termination": 5, "review": 3, "reporting": 2,
}  # fmt: skip
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}  # fmt: skip
_NUMBERS |= {"a": 1, "eighteen": 18, "twenty-four": 24, "thirty-six": 36}
_LENGTH = re.compile(
    rf"\b(?:for|of|by|additional|further)(?: (?:a|an|another|further|final|the|initial|additional|renewable|period|term|of|up|to))* ({'|'.join(_NUMBERS)}|\d{{1,2}})[- ](?:calendar |additional |further )?(month|year)s?\b",
    re.IGNORECASE,
)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNTIL = re.compile(
    rf"\b(?:until|through|to|expires? on|ending(?: on)?|before) (\d{{1,2}}) ({'|'.join(MONTHS)}) ((?:19|20)\d\d)\b"
)


@dataclass(frozen=True)
class Temporal:
    """A clause on time: its kind, where its phrase stands, and the verb that governs it (None: none found)."""

    kind: str
    start: int
    end: int
    verb: Verb | None


class TemporalClauses:
    """Finds clauses on time by the phrases of a dictionary.

    Parameters
    ----------
    phrases : DataFrame
        ``kind`` (a key of LEAST_STRENGTH), ``phrase`` and ``case`` as in `compacts.text.match`.
    verbs : Verbs
        The governing verbs.
    """

    def __init__(self, phrases: pd.DataFrame, verbs: Verbs) -> None:
        self._matcher = Matcher(phrases, group="kind")
        self._kinds = phrases["kind"].tolist()
        self._verbs = verbs

    def find_many(
        self, texts: Sequence[str], chapeaux: Sequence[Verb | None] | None = None
    ) -> dict[int, list[Temporal]]:
        """Return the phrases found by number of the text, in order; texts without any are left out.

        Parameters
        ----------
        texts : sequence of str
            Folded paragraphs.
        chapeaux : sequence of Verb or None, optional
            By text, the verb of the paragraph above, which governs where the text has none of its own.
        """
        found: dict[int, list[Temporal]] = {}
        verbs: dict[int, list[Verb]] = {}
        places = self._matcher.find_many(texts)
        for number, entry, start, end in places.itertuples(index=False, name=None):
            if number not in verbs:
                verbs[number] = self._verbs.find(texts[number])
            verb, _ = self._verbs.governing(texts[number], start, verbs[number])
            if verb is None and chapeaux is not None:
                verb = chapeaux[number]
            found.setdefault(number, []).append(Temporal(self._kinds[entry], start, end, verb))
        return found


def counts(clause: Temporal) -> bool:
    """Return whether the verb that governs a phrase makes it a clause of its kind.

    Examples
    --------
    >>> counts(Temporal("extension", 0, 9, Verb("decides", 5, 0, 7))), counts(Temporal("extension", 0, 9, Verb("welcomes", 1, 0, 8)))
    (True, False)
    """
    return clause.verb is not None and clause.verb.strength >= LEAST_STRENGTH[clause.kind]


def length(text: str) -> int | None:
    """Return the longest term said in a text, in months.

    Examples
    --------
    >>> length("extends the mandate for a further period of three years"), length("until further notice")
    (36, None)
    """
    found = [_months(match[1], match[2]) for match in _LENGTH.finditer(text)]
    return max(found, default=None)


def last_day(text: str) -> date | None:
    """Return the latest end date said in a text.

    Examples
    --------
    >>> last_day("Decides to extend the mandate until 30 June 2026")
    datetime.date(2026, 6, 30)
    """
    days = []
    for match in _UNTIL.finditer(text):
        try:
            days.append(date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1])))
        except ValueError:
            continue
    return max(days, default=None)


def term(clauses: Sequence[Temporal], said: str) -> str:
    """Return fixed, review, open or none: the term that the clauses within a passage set.

    A fixed term is one with a length or an end date.
    """
    kinds = {clause.kind for clause in clauses}
    if kinds & {"fixed_term", "extension", "renewal"} and (length(said) is not None or last_day(said) is not None):
        return "fixed"
    if "review" in kinds or ("periodicity" in kinds and "provisional agenda" in said):
        return "review"
    return "open" if kinds & {"open_term", "renewal"} else "none"


def _months(number: str, unit: str) -> int:
    count = int(number) if number.isdigit() else _NUMBERS[number.lower()]
    return count * (12 if unit.lower() == "year" else 1)
