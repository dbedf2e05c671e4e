"""Rules that judge a phrase by the sentence around it; each may be left out.

A rule looks at words of the same clause only: it ends at a semicolon, a colon, a dash, or before but, while, whereas,
although and however. Rules know no grammar: each misses some cases and takes others wrongly; the tests show both.
"""

import re
from collections.abc import Iterable, Sequence

from compacts.text.match import Hit

NEGATION_WORDS = 4
HEDGE_WORDS = 5
ACTOR_WORDS = 12
RULES = ("actor", "negation", "quotation", "hedging")

_CLAUSE = re.compile(r"[;:]| [–—-] |—|(?<!\w)(?:but|while|whereas|although|however)(?!\w)", re.IGNORECASE)
_NEGATION = re.compile(
    r"(?<!\w)(?:not|no|never|nor|neither|without|cannot|lack of|unable to|far from|refus(?:e|es|ed|ing) to|\w+n['’]t)(?!\w)",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"(?:not only|not just|not merely|no doubt|not least|no less|cannot but|without doubt)", re.IGNORECASE
)
_HEDGE = re.compile(
    r"(?<!\w)(?:may|might|could|perhaps|possibly|probably|would(?! like)|if|whether|in principle|to some extent|so-called|"
    r"seem(?:s|ed)?|appear(?:s|ed)? to|suppos(?:ed|edly)|hope(?:s|d|fully)?)(?!\w)",
    re.IGNORECASE,
)
_CAPITAL_MAY = re.compile(r"(?<!\A)May(?!\w)")
_WORD = re.compile(r"\w[\w'’-]*")


def negated(sentence: str, hit: Hit) -> bool:
    """Return whether a word of negation stands at most four words before the phrase, in its clause.

    "Not only", "no doubt" and the like are none.

    Examples
    --------
    >>> negated("UNHCR has no mandate there", Hit(0, 13, 20))
    True
    >>> negated("It has not only a mandate", Hit(0, 18, 25))
    False
    """
    before = _NO_NEGATION.sub(_blanks, _before(sentence, hit.start, NEGATION_WORDS))
    return _NEGATION.search(before) is not None


def hedged(sentence: str, hit: Hit) -> bool:
    """Return whether a word of doubt, condition or mere possibility stands at most five words before, in the clause.

    "Would like" is none, nor is the month of May.

    Examples
    --------
    >>> hedged("UNHCR could play a vital role", Hit(0, 12, 29))
    True
    >>> hedged("UNHCR plays a vital role", Hit(0, 6, 24))
    False
    """
    before = _CAPITAL_MAY.sub(_blanks, _before(sentence, hit.start, HEDGE_WORDS))
    return _HEDGE.search(before) is not None


def quoted(sentence: str, hit: Hit) -> bool:
    """Return whether the phrase stands within double quotation marks, opened or closed within the sentence.

    Examples
    --------
    >>> quoted("It spoke of a “vital role” of UNHCR", Hit(0, 15, 25))
    True
    """
    opens = sentence.rfind("“", 0, hit.start)
    closes = sentence.rfind("”", 0, hit.start)
    if opens > closes:
        return True
    first_close = sentence.find("”", hit.end)
    if "“" not in sentence[:first_close] and closes < 0 <= first_close:
        return True
    return sentence.count('"', 0, hit.start) % 2 == 1


def actors(sentence: str, hit: Hit, names: Iterable[Hit], direction: str) -> list[Hit]:
    """Return the names that a phrase is about: on the side that the dictionary says, in its clause, twelve words off at most.

    Parameters
    ----------
    sentence : str
        The sentence.
    hit : Hit
        The phrase.
    names : iterable of Hit
        Organizations and Compacts named in the sentence.
    direction : str
        Where the name stands, seen from the phrase: after ("we thank UNHCR"), before ("UNHCR has provided"), either.

    Examples
    --------
    >>> name = Hit(0, 9, 14)
    >>> actors("We thank UNHCR for its work", Hit(1, 3, 8), [name], "after") == [name]
    True
    >>> actors("We thank UNHCR for its work", Hit(1, 3, 8), [name], "before")
    []
    """
    found = []
    for name in names:
        after = name.start >= hit.end
        if direction in ("either", "after" if after else "before"):
            between = sentence[hit.end : name.start] if after else sentence[name.end : hit.start]
            if not _CLAUSE.search(between) and len(_WORD.findall(between)) <= ACTOR_WORDS:
                found.append(name)
    return found


def without_names(hits: Sequence[Hit], names: Sequence[Hit]) -> list[Hit]:
    """Return the phrases that share no letter with a name: "humanitarian" in the name of an office is no phrase.

    Examples
    --------
    >>> without_names([Hit(0, 0, 4), Hit(0, 8, 12)], [Hit(1, 2, 6)])
    [Hit(entry=0, start=8, end=12)]
    """
    return [hit for hit in hits if not any(hit.start < name.end and name.start < hit.end for name in names)]


def _before(sentence: str, place: int, words: int) -> str:
    """Return up to so many words before a place, of its clause."""
    clause = 0
    for match in _CLAUSE.finditer(sentence, 0, place):
        clause = match.end()
    return " ".join(sentence[clause:place].split()[-words:])


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())
