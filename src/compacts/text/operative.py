"""The verbs that govern the clauses of an operative paragraph, and their strength."""

import re
from dataclasses import dataclass

import pandas as pd

from compacts.text.normalise import sentence_starts

COLUMNS = ["verb", "base", "participle", "strength", "note"]
# words that may stand between the start of a clause and its verb
_ADVERBS = (
    r"(?:(?:also|again|once again|once more|further|furthermore|therefore|hereby|accordingly|in particular|in addition|"
    r"additionally|to this end|to that end|in (?:this|that) (?:regard|respect|context|connection)|[a-z]+ly),? )*"
)
_WITHIN = " (?:(?:also|again|further|once again) )?"
_INSIDE = re.compile(r" (?:(?:also|again|further|once again) )?(?!$)")
_BODIES = r"(?:We|The (?:General Assembly|Security Council|Economic and Social Council|Human Rights Council|Council|Assembly|Commission|Committee))"
_FOR = re.compile(r"(?:(?! upon| on )[^.;]){0,40} for\b")
_MODALS = {"We will": 3, "We shall": 3, "should": 3, "shall": 4, "must": 3}


@dataclass(frozen=True)
class Verb:
    """A verb found in a text: its name in the list, its strength (0-5), where it stands, ``text[start:end]``."""

    name: str
    strength: int
    start: int
    end: int


class Verbs:
    """Finds the governing verbs of clauses.

    A verb opens a clause at the start of the text or of a sentence, or after a comma, a semicolon or "and": in the third
    person ("Requests", ", and encourages"), after "We" or where a text begins in the plain form ("We commend",
    "Foster"), or in the passive ("are invited to").

    Parameters
    ----------
    verbs : DataFrame
        ``verb`` (third person, its name), ``base`` (plain form), ``participle`` (may be empty), ``strength`` (0-5).

    Examples
    --------
    >>> listed = [("requests", "request", "requested", 4, ""), ("notes", "note", "", 0, "")]
    >>> verbs = Verbs(pd.DataFrame(listed, columns=COLUMNS))
    >>> [(verb.name, verb.strength) for verb in verbs.find("Notes the report, and requests the Office to continue")]
    [('notes', 0), ('requests', 4)]
    """

    def __init__(self, verbs: pd.DataFrame) -> None:
        third = {verb: verb for verb in verbs["verb"]}
        base = dict(zip(verbs["base"], verbs["verb"], strict=True))
        passive = {form: verb for form, verb in zip(verbs["participle"].fillna(""), verbs["verb"], strict=True) if form}
        self._strength = {verb: int(strength) for verb, strength in zip(verbs["verb"], verbs["strength"], strict=True)}
        gerund = {_gerund(form): verb for form, verb in base.items() if self._strength[verb] >= 2}
        self._names = {**gerund, **passive, **base, **third}
        start = r"(?:^|(?<=[.;:] )|(?<=[“\"]))"
        active = rf"(?:{start}(?:{_BODIES} )?(?i:{_ADVERBS})|(?:,|;| and|—) (?:and )?{_ADVERBS})((?i:{_forms(third)}))"
        self._active = re.compile(rf"{active}\b")
        self._opening = re.compile(rf"[“\"]?(?:{_BODIES} )?(?i:{_ADVERBS})(?i:{_forms(third)})\b")
        self._plain = re.compile(rf"(?:^|{start}We (?:(?:will|shall) )?){_ADVERBS}((?i:{_forms(base)}))\b")
        self._further = re.compile(rf"[,;] (?:and )?(?:we )?{_ADVERBS}({_forms(base)})\b")
        self._gerund = re.compile(rf"(?:, (?:and |while )?| while ){_ADVERBS}({_forms(gerund)})\b")
        self._passive = re.compile(rf"\b(?:is|are|be|was|were) {_ADVERBS}({_forms(passive)})\b")
        self._modal = re.compile(rf"\b({'|'.join(_MODALS)})\b")

    def find(self, folded: str) -> list[Verb]:
        """Return the verbs that open clauses, by place; a place counts once."""
        found = {match.start(1): self._verb(match) for match in self._active.finditer(folded)}
        plain = [match for match in self._plain.finditer(folded) if match.start(1) not in found]
        found |= {match.start(1): self._verb(match) for match in plain}
        if plain:
            begins = min(match.start(1) for match in plain)
            for match in self._further.finditer(folded, begins):
                found.setdefault(match.start(1), self._verb(match))
        for match in self._gerund.finditer(folded):
            found.setdefault(match.start(1), self._verb(match))
        return [found[place] for place in sorted(found)]

    def opens(self, folded: str) -> bool:
        """Return whether a text begins with a verb of the list in the third person.

        Examples
        --------
        >>> verbs = Verbs(pd.DataFrame([("decides", "decide", "", 5, "")], columns=COLUMNS))
        >>> verbs.opens("Also decides to meet"), verbs.opens("Recalling that it decides")
        (True, False)
        """
        return self._opening.match(folded) is not None

    def governing(self, folded: str, place: int, found: list[Verb] | None = None) -> tuple[Verb | None, int]:
        """Return the verb that governs what stands at a place, and where its clause ends.

        It is the last verb before the place in its sentence; without one, a passive or a modal verb of the sentence; else
        none.
        """
        starts = [*sentence_starts(folded), len(folded) + 1]
        begin = max(start for start in starts if start <= place)
        end = min(start for start in starts if start > place) - 1
        inside = [verb for verb in (self.find(folded) if found is None else found) if begin <= verb.start < end]
        before = [verb for verb in inside if verb.start <= place]
        after = [verb.start for verb in inside if verb.start > place]
        limit = after[0] if after else end
        if before:
            return before[-1], limit
        passive = self._passive.search(folded, begin, end)
        if passive:
            return self._verb(passive), end
        modal = self._modal.search(folded, begin, end)
        if modal:
            return Verb(modal[1], _MODALS[modal[1]], modal.start(1), modal.end(1)), end
        return None, limit

    def _verb(self, match: re.Match[str]) -> Verb:
        name = self._names[_INSIDE.sub(" ", match[1].lower())]
        if name == "calls" and _FOR.match(match.string, match.end(1)):
            name = "calls for"
        return Verb(name, self._strength[name], match.start(1), match.end(1))


def _forms(forms: dict[str, str]) -> str:
    """Return an alternation, long forms first; an adverb may stand within a form of several words."""
    return "|".join(form.replace(" ", _WITHIN) for form in sorted(forms, key=len, reverse=True))


def _gerund(base: str) -> str:
    """Return the form in -ing of a verb.

    Examples
    --------
    >>> _gerund("urge"), _gerund("call upon")
    ('urging', 'calling upon')
    """
    word, blank, rest = base.partition(" ")
    return f"{word.removesuffix('e')}ing{blank}{rest}"
