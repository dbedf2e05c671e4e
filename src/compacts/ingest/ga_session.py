"""Sessions of the UN General Assembly: when they open, and to which one a vote belongs."""

import re
from datetime import date, timedelta

_SYMBOL = re.compile(r"A/(?:RES|DEC)/(?:(?P<special>E?S-\d+)|(?P<session>\d+))/.+")


def opening_day(session: int) -> date:
    """Return the day on which a regular session opens, from the 58th on.

    Rule 1 of the Assembly's rules of procedure: the Tuesday of the third week in September, counted from the first
    week with a working day; of the second week from the 78th session on. Sessions before the 58th opened on a Tuesday
    near it; for them the same rule is right within a week.

    Examples
    --------
    >>> opening_day(73), opening_day(78)
    (datetime.date(2018, 9, 18), datetime.date(2023, 9, 5))
    """
    first = date(1945 + session, 9, 1)
    while first.weekday() > 4:
        first += timedelta(days=1)
    weeks = 2 if session < 78 else 1
    return first - timedelta(days=first.weekday()) + timedelta(days=1 + 7 * weeks)


def session_of(symbol: str, day: date) -> tuple[int, bool]:
    """Return the regular session of a vote, and whether it was cast in a special session.

    The symbol of a regular session names it. A vote of an emergency special session belongs to the regular session
    that was open on that day.

    Examples
    --------
    >>> session_of("A/RES/73/195", date(2018, 12, 19)), session_of("A/RES/ES-11/1", date(2022, 3, 2))
    ((73, False), (76, True))
    """
    parts = _SYMBOL.fullmatch(symbol)
    if parts is None:
        raise ValueError(f"{symbol!r} is no symbol of a resolution or decision since 1976")
    if parts["session"]:
        return int(parts["session"]), False
    session = day.year - 1945
    return (session if day >= opening_day(session) else session - 1), True
