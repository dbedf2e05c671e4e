"""Symbols of United Nations documents: organ, session; and the date of a document, by the first rule that finds one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from compacts.ingest.mandate_texts import Paragraph
from compacts.text.temporal import MONTHS

_MONTH = rf"(?:{'|'.join(MONTHS)}|(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.)"
DAY = rf"(?P<day>\d{{1,2}}) ?(?P<month>{_MONTH}),? ?(?P<year>(?:19|20)\d\d)(?!\d)"
_DATE = re.compile(DAY, re.IGNORECASE)
_ALONE = re.compile(rf"^\W*{DAY}\W*$", re.IGNORECASE)
_ADOPTED = re.compile(
    rf"(?:adopted|held|endorsed)\b.{{0,160}}?\b(?:on|dated) ?{DAY}|^On {DAY.replace('P<', 'P<on_')}, in connection with",
    re.IGNORECASE,
)
_LETTER = re.compile(rf"^(?:Identical )?letters? dated {DAY}", re.IGNORECASE)
_OF = re.compile(rf"^(?:Resolution )?of {DAY}\W*$", re.IGNORECASE)
_MEETING = re.compile(rf"^.{{0,60}}\bmeeting[,.]?\)?,? ?(?:on )?{DAY}\W*$", re.IGNORECASE)
_MEETING_ENDS = re.compile(r"\bmeeting\W*$", re.IGNORECASE)
_RANGE = re.compile(rf"(?P<first>\d{{1,2}}) ?(?P<first_month>{_MONTH})? ?(?:[-–—]|and|to) ?{DAY}", re.IGNORECASE)
_SYMBOL_YEAR = re.compile(r"[/(]((?:19|20)\d\d)(?:[)/]|$)")
_ROMAN = re.compile(r"\(?((?:X{1,3}|XX)?(?:IX|IV|V?I{1,3}|V|X))\)$")
_VALUES = {"I": 1, "V": 5, "X": 10}
ORGANS = [
    ("A/HRC/", "Human Rights Council"), ("A/RES/", "General Assembly"), ("A/", "General Assembly"), ("S/", "Security Council"),
    ("E/CN.9/", "Commission on Population and Development"), ("E/", "Economic and Social Council"),
    ("UNEP/", "United Nations Environment Assembly"), ("HSP/", "United Nations Habitat Assembly"),
    ("ECE/", "Economic Commission for Europe"), ("ST/SGB/", "Secretary-General"), ("TD/", "Trade and Development Conference"),
]  # fmt: skip


@dataclass(frozen=True)
class Dated:
    """When a document was made: the first and the last day possible, and the rule that says so."""

    earliest: date | None
    latest: date | None
    rule: str


def symbol(stem: str) -> str:
    """Return the symbol of a document from its file's name.

    Examples
    --------
    >>> symbol("A_RES_73_195"), symbol("A_RES_118_(II)"), symbol("UNEP_EA.4_RES.10")
    ('A/RES/73/195', 'A/RES/118(II)', 'UNEP/EA.4/RES.10')
    """
    return re.sub(r"/+", "/", stem.replace("_", "/")).replace("/(", "(")


def organ(of: str) -> str:
    """Return the organ of a document's symbol; its successor for the Environment and Habitat Councils.

    Examples
    --------
    >>> organ("A/HRC/RES/35/17"), organ("CD/8/REV.10")
    ('Human Rights Council', 'other')
    """
    return next((name for start, name in ORGANS if of.startswith(start)), "other")


def kind(of: str) -> str:
    """Return resolution, statement (of the Security Council's President) or other document."""
    if "/PRST/" in of:
        return "presidential statement"
    return "resolution" if re.search(r"/RES[/.]|^UNEP/GC|^HSP/(?:GC|HA)", of) else "other document"


def session(of: str) -> str:
    """Return the session in a symbol of the General Assembly or the Human Rights Council; empty for others.

    Examples
    --------
    >>> session("A/RES/73/195"), session("A/RES/428(V)"), session("A/RES/S-20/3"), session("S/RES/1325(2000)")
    ('73', '5', 'S-20', '')
    """
    match = re.match(r"A/(?:HRC/)?RES/((?:E?S-)?\d+)/", of)
    if match:
        return match[1]
    roman = _ROMAN.search(of) if of.startswith("A/RES/") else None
    return str(_number(roman[1])) if roman else ""


def dated(stem: str, paragraphs: Sequence[Paragraph]) -> Dated:
    """Return the date of a document, by the first rule whose date fits the symbol.

    The rules: ``adoption`` (a line such as "adopted by the General Assembly on ...", in the head), ``letter`` (dated),
    ``meeting`` (the line under a resolution), ``session`` (first and last day of the session named in the head), ``issue``
    (a date alone in the head: of resolutions the last day possible), ``symbol`` (a year), ``assembly session`` (from
    September to September). A date fits where the symbol gives no year or session, or the same.
    """
    of = symbol(stem)
    bounds = _bounds(of)
    for found in _candidates(of, paragraphs):
        if found.latest is None:
            continue
        if bounds.latest is None or bounds.earliest is None:
            return found
        begins = bounds.earliest - timedelta(days=31) if found.rule == "letter" else bounds.earliest
        if begins <= found.latest and (found.earliest or found.latest) <= bounds.latest:
            return found
    if bounds.latest is None:
        return Dated(None, None, "undated")
    # the last day of a session's range is later than a year to let resumed sessions in
    if bounds.rule == "assembly session" and bounds.earliest is not None:
        return Dated(bounds.earliest, bounds.earliest + timedelta(days=370), bounds.rule)
    return bounds


def _candidates(of: str, paragraphs: Sequence[Paragraph]) -> Iterator[Dated]:
    texts = [paragraph.text for paragraph in paragraphs]
    begin = _own_start(of, texts)
    head = [text for text in texts[begin : begin + 16] if text]
    joined = [
        f"{first} {second}" if first.endswith(" on") else first
        for first, second in zip(head, [*head[1:], ""], strict=True)
    ]
    yield from _days(_ADOPTED, joined, "adoption")
    if kind(of) == "other document":
        yield from _days(_LETTER, head, "letter")
    yield from _days(_OF, head, "adoption")
    for number in range(begin, len(texts)):
        text = texts[number]
        match = _MEETING.match(text) if len(text) < 120 else None
        if match is None and len(text) < 80 and _MEETING_ENDS.search(text) and number + 1 < len(texts):
            match = _ALONE.match(texts[number + 1])
        if match:
            yield _day(match, "meeting")
    for text in head[:12]:
        if len(text) < 90 and (match := _RANGE.search(text)):
            yield _range(match)
    for text in head[:12]:
        if match := _ALONE.match(text) or (
            _DATE.search(text) if re.match(r"^[A-Z][\w, ]{2,30}, \d", text) and len(text) < 60 else None
        ):
            found = _day(match, "issue")
            first = date(found.latest.year, 1, 1) if found.latest and kind(of) == "resolution" else found.earliest
            yield Dated(first, found.latest, "issue")


def _own_start(of: str, texts: Sequence[str]) -> int:
    """Return where a scanned page, which may begin with the end of another resolution, comes to this one."""
    if not texts or not texts[0].startswith("<!--"):
        return 0
    number = re.escape(of.rpartition("/")[2].partition("(")[0])
    full = re.escape(of.removeprefix("A/RES/").removeprefix("E/RES/").partition("(")[0])
    own = re.compile(rf"^\W*(?:Resolution )?(?:{number} ?\(|{full}\.? )")
    return next((place for place, text in enumerate(texts) if own.match(text)), 0)


def _days(pattern: re.Pattern[str], texts: Sequence[str], rule: str) -> Iterator[Dated]:
    for text in texts:
        if match := pattern.search(text[:400]):
            yield _day(match, rule)


def _day(match: re.Match[str], rule: str) -> Dated:
    parts = match.groupdict()
    day, month, year = ((parts.get(key) or parts.get(f"on_{key}") or "") for key in ("day", "month", "year"))
    found = _date(day, month, year)
    return Dated(found, found, rule)


def _range(match: re.Match[str]) -> Dated:
    last = _date(match["day"], match["month"], match["year"])
    first = _date(match["first"], match["first_month"] or match["month"], match["year"])
    return Dated(first if first and last and first <= last else last, last, "session")


def _date(day: str, month: str, year: str) -> date | None:
    number = next(place for place, name in enumerate(MONTHS, start=1) if name.lower().startswith(month.lower()[:3]))
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def _bounds(of: str) -> Dated:
    """Return what the symbol says: a year or a session of the General Assembly."""
    year = _SYMBOL_YEAR.search(of)
    if year:
        return Dated(date(int(year[1]), 1, 1), date(int(year[1]), 12, 31), "symbol")
    match = re.match(r"A/(\d\d)/\d", of)
    number = match[1] if match else session(of) if of.startswith("A/RES/") else ""
    if not number.isdigit():
        return Dated(None, None, "")
    first = 1945 + int(number)
    return Dated(date(first, 1 if first == 1946 else 9, 1), date(first + 1, 12, 31), "assembly session")


def _number(roman: str) -> int:
    values = [_VALUES[letter] for letter in roman]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
