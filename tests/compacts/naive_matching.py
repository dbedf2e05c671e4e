"""A slow way to find dictionary entries, to compare with: regular expressions, one entry after the other.

It shares no code with the matcher: it reads the notation, searches and settles overlaps by itself.
"""

import re


def spelled(phrase):
    """All spellings of a phrase with braces."""
    before, brace, rest = phrase.partition("{")
    if not brace:
        return [phrase]
    choices, _, after = rest.partition("}")
    return [before + choice + end for choice in choices.split(",") for end in spelled(after)]


def expression(spelling):
    """The regular expression of a spelling, without word bounds."""
    return re.escape(spelling).replace(r"\ ", " ").replace(r"\*", r"\w*")


def compiled(entries):
    """One expression an entry, longer spellings first, at word bounds."""
    expressions = []
    for phrase, case in zip(entries["phrase"], entries["case"], strict=True):
        ways = "|".join(expression(way) for way in sorted(spelled(phrase), key=len, reverse=True))
        flags = re.IGNORECASE if case == "ignore" else re.NOFLAG
        expressions.append(re.compile(rf"(?<!\w)(?:{ways})(?!\w)", flags))
    return expressions


def pattern_by_pattern(expressions, groups, texts):
    """(text, entry, start, end) of all that wins, as a list; overlaps are settled within groups."""
    found = []
    for number, text in enumerate(texts):
        candidates = {}
        for entry, expression in enumerate(expressions):
            for match in expression.finditer(text):
                candidates.setdefault(groups[entry], []).append((match.start(), -match.end(), entry))
        for listed in candidates.values():
            limit = 0
            for start, minus_end, entry in sorted(listed):
                if start >= limit:
                    limit = -minus_end
                    found.append((number, entry, start, limit))
    return sorted(found, key=lambda row: (row[0], row[2], row[3], row[1]))
