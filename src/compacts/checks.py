"""Curated rows held against our own tables: contradictions are told, never mended in silence."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from compacts import published
from compendium.tables import read_table

ROLES = {"voted for": "yes", "voted against": "no", "abstained": "abstain", "did not vote": "not voting"}
VOTE_WORDS = {"yes": "in favour", "no": "against", "abstain": "an abstention", "not voting": "not voting"}
# words of notes, and endings of figure_id, by column of un_roll_calls
_NOTE_WORDS = {"in favour": "yes", "against": "no", "abstentions": "abstain", "not present": "not_voting"}
_ENDINGS = {"yes": "yes", "no": "no", "abstain": "abstain", "absent": "not_voting"}


def curated_votes(root: Path) -> list[str]:
    """Return a sentence for each curated row that the roll calls contradict.

    Compared are roles of states in votes, dates, numbers of states and tallies of votes in ``forum_events``, and
    published tallies and dates in ``published_figures``.
    """
    names = ("un_votes", "un_roll_calls", "forum_roles", "forum_events", "published_figures")
    votes, calls, roles, events, figures = (read_table(name, root) for name in names)
    calls = calls.set_index("resolution", drop=False)
    return [*role_findings(roles, votes), *event_findings(events, calls), *figure_findings(figures, calls)]


def resolution_of(identifier: str) -> str | None:
    """Return the resolution that an identifier names, or None.

    Examples
    --------
    >>> resolution_of("ga_vote_73_195"), resolution_of("vote_73_151_c3_no")
    ('A/RES/73/195', None)
    """
    found = re.fullmatch(r"(?:ga_vote|ga_res|vote|res)_(\d+)_(\d+)(?:_(?:yes|no|abstain|absent|date))?", identifier)
    return f"A/RES/{found[1]}/{found[2]}" if found else None


def role_findings(roles: pd.DataFrame, votes: pd.DataFrame) -> Iterator[str]:
    """Yield roles in a vote that differ from the vote recorded."""
    recorded = {(str(r), str(s)): str(v) for r, s, v in votes[["resolution", "iso3", "vote"]].itertuples(index=False)}
    for line, row in _numbered(roles):
        vote = recorded.get((resolution_of(row["event_id"]) or "", row["iso3"]))
        if row["role"] in ROLES and vote is not None and vote != ROLES[row["role"]]:
            yield (
                f"data/curated/forum_roles.csv, row {line}: says that {row['iso3']} {row['role']} on "
                f"{resolution_of(row['event_id'])} ({row['confidence']}), the roll call records {VOTE_WORDS[vote]}"
            )


def event_findings(events: pd.DataFrame, calls: pd.DataFrame) -> Iterator[str]:
    """Yield votes whose date, number of voting states or tally differs from the roll call."""
    for line, row in _numbered(events):
        resolution = resolution_of(row["event_id"])
        if resolution not in calls.index:
            continue
        call, where = calls.loc[resolution], f"data/curated/forum_events.csv, row {line}, {row['event_id']}"
        day = call["date"].date().isoformat()
        if not day.startswith(row["start_date"]):
            yield f"{where}: starts on {row['start_date']}, the roll call is of {day}"
        cast = str(call[["yes", "no", "abstain"]].sum())
        if row["states"] not in ("", cast):
            yield f"{where}: has {row['states']} states, in the roll call {cast} voted"
        for words, column in _NOTE_WORDS.items():
            told = re.search(rf"(\d+) {words}", row["note"])
            if told and int(told[1]) != call[column]:
                yield f"{where}: says {told[1]} {words}, the roll call has {call[column]}"


def figure_findings(figures: pd.DataFrame, calls: pd.DataFrame) -> Iterator[str]:
    """Yield published tallies and dates that differ from the roll call."""
    for line, row in _numbered(figures):
        resolution, ending = resolution_of(row["figure_id"]), row["figure_id"].rsplit("_", 1)[-1]
        if resolution not in calls.index:
            continue
        call = calls.loc[resolution]
        counted = str(call["date"].date()) if ending == "date" else str(call[_ENDINGS[ending]])
        if counted != row["value"]:
            doubt = call["other_date"]
            also = (
                f"; another roll call of that meeting is dated {doubt.date()}"
                if ending == "date" and pd.notna(doubt)
                else ""
            )
            yield (
                f"data/curated/published_figures.csv, row {line}, {row['figure_id']}: {row['published_in']} gives {row['value']} "
                f"({row['confidence']}), the roll call of {resolution} has {counted}{also}"
            )


def _numbered(frame: pd.DataFrame) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row as text, with its number in the file (the header is row 1); missing cells are empty."""
    text = frame.astype("object").where(frame.notna(), "").astype("str")
    for number, row in enumerate(text.to_dict("records"), start=2):
        yield number, {str(key): str(value) for key, value in row.items()}


def published_figures(root: Path) -> list[str]:
    """Return a sentence for each published figure that differs from ours without a reason, or has no rule."""
    return list(published.problems(lambda name: read_table(name, root)))
