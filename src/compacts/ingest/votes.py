"""Roll calls of the UN General Assembly: votes on migration and refugees, and every member's participation.

One reading of the crawl logs serves all tables. Coverage: resolutions and decisions adopted as a whole, from the 55th
session (5 September 2000) on; participation from the 60th on.
"""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from compacts.ingest.crawl_log import NO_ROLL_CALL, Record, read_records, unique_records, votes_by_name
from compacts.ingest.ga_session import opening_day, session_of
from compacts.ingest.raw_file import ingest_log
from compacts.ingest.second_votes import crosscheck, second_votes
from compendium.errors import UserError

VOTES = ["yes", "no", "abstain", "not voting"]
FIRST_DAY = "2000-09-05"  # opening of the 55th session
FIRST_PARTICIPATION = 60
ROLL_CALL_COLUMNS = [
    "resolution", "session", "special", "date", "other_date", "meeting", "title", "topic", "record_id",
    "yes", "no", "abstain", "not_voting", "members",
]  # fmt: skip
_SUFFIX = re.compile(r"\s*:\s*(?:resolution|decision)\s*/.*$", re.DOTALL)


def un_votes(
    base: Path,
    update_1: Path,
    update_2: Path,
    votes_2: Path,
    roll_calls_2: Path,
    un_members: pd.DataFrame,
    state_names: pd.DataFrame,
    roll_call_topics: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return all tables on votes.

    Parameters
    ----------
    base, update_1, update_2 : Path
        Crawl logs of the UN Digital Library: the whole collection, and two updates.
    votes_2, roll_calls_2 : Path
        Votes and roll calls of the second source (R data files).
    un_members, state_names, roll_call_topics : DataFrame
        Members; ISO3 of each name used in roll calls; the rule that selects and names topics.

    Returns
    -------
    dict of DataFrame
        ``un_roll_calls``, ``un_votes``, ``un_sessions``, ``un_participation``, ``un_votes_second``,
        ``un_votes_crosscheck`` and the log ``ingest_votes``.

    Raises
    ------
    UserError
        For damaged files, unknown names of states, and titles that the topics do not cover.
    """
    sources = {"st_unga_base": base, "st_unga_upd1": update_1, "st_unga_upd2": update_2}
    records, log = _recent(unique_records({name: read_records(path) for name, path in sources.items()}))
    calls = _roll_calls(records, roll_call_topics)
    votes = _votes(records, state_names)
    counts = tallies(votes, ["resolution"])
    calls = calls.merge(counts, left_on="resolution", right_index=True, validate="1:1")
    calls["members"] = calls[list(counts.columns)].sum(axis=1)
    calls = calls.sort_values("resolution", ignore_index=True)
    selected = calls[calls["topic"].notna()].reset_index(drop=True)
    chosen = votes[votes["resolution"].isin(selected["resolution"])].sort_values(
        ["resolution", "iso3"], ignore_index=True
    )
    second, second_log = second_votes(votes_2, roll_calls_2, un_members, calls)
    recent = calls[calls["session"] >= FIRST_PARTICIPATION]
    log += [
        ("un_votes", "st_unga_base, st_unga_upd1, st_unga_upd2", "kept", "on migration or refugees", "roll calls", len(selected)),
        ("un_votes", "st_unga_base, st_unga_upd1, st_unga_upd2", "dropped", "on another topic", "roll calls", len(calls) - len(selected)),
        ("un_participation", "st_unga_base, st_unga_upd1, st_unga_upd2", "kept", "60th session on, any topic", "roll calls", len(recent)),
        ("un_participation", "st_unga_base, st_unga_upd1, st_unga_upd2", "dropped", "55th to 59th session", "roll calls", len(calls) - len(recent)),
    ]  # fmt: skip
    return {
        "un_roll_calls": selected[ROLL_CALL_COLUMNS],
        "un_votes": chosen,
        "un_sessions": _sessions(recent),
        "un_participation": participation(recent, votes),
        "un_votes_second": second[second["resolution"].isin(selected["resolution"])].reset_index(drop=True),
        "un_votes_crosscheck": crosscheck(calls, votes, second),
        "ingest_votes": ingest_log(log + second_log),
    }


def tallies(votes: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return the counts ``yes``, ``no``, ``abstain`` and ``not_voting``, indexed by the columns ``by``."""
    counts = pd.crosstab([votes[column] for column in by], votes["vote"]).reindex(columns=VOTES, fill_value=0)
    return counts.rename(columns={"not voting": "not_voting"}).rename_axis(columns=None)


def participation(calls: pd.DataFrame, votes: pd.DataFrame) -> pd.DataFrame:
    """Return participation and agreement with the majority by session and member.

    The majority's position in a roll call is the most frequent of yes, no and abstain among votes cast. A call without
    a single most frequent position is left out of the agreement, not of participation.

    Parameters
    ----------
    calls : DataFrame
        ``resolution``, ``session``, ``yes``, ``no``, ``abstain``.
    votes : DataFrame
        ``resolution``, ``iso3``, ``vote``.

    Returns
    -------
    DataFrame
        ``session``, ``iso3``, ``roll_calls`` (in which the state was a member), ``yes``, ``no``, ``abstain``,
        ``not_voting``, ``cast``, ``participation`` (share of roll calls with a vote cast), ``compared`` (votes cast
        where there is one majority), ``agreeing``, ``majority_agreement`` (their share; missing without votes).
    """
    cast = calls[["yes", "no", "abstain"]]
    majority = cast.idxmax(axis=1).where(cast.eq(cast.max(axis=1), axis=0).sum(axis=1) == 1)
    keyed = votes.merge(
        calls.assign(majority=majority)[["resolution", "session", "majority"]], on="resolution", validate="m:1"
    )
    by = [keyed["session"], keyed["iso3"]]
    table = tallies(keyed, ["session", "iso3"])
    table.insert(0, "roll_calls", table.sum(axis=1))
    table["cast"] = table[["yes", "no", "abstain"]].sum(axis=1)
    table["participation"] = table["cast"] / table["roll_calls"]
    table["compared"] = (keyed["majority"].notna() & (keyed["vote"] != "not voting")).groupby(by).sum()
    table["agreeing"] = (keyed["majority"] == keyed["vote"]).groupby(by).sum()
    table["majority_agreement"] = (table["agreeing"] / table["compared"]).where(table["compared"] > 0)
    return table.reset_index()


def _recent(read: Iterable[tuple[str, Record, bool]]) -> tuple[list[Record], list[tuple[str, str, str, str, str, int]]]:
    """Return roll calls of the Assembly since `FIRST_DAY`, and a log of why records were dropped."""
    kept: list[Record] = []
    counts: dict[tuple[str, str, str], int] = {}
    for source, record, new in read:
        if not new:
            outcome = ("dropped", "record scraped a second time, identical")
        elif record.symbol.startswith("S/RES/"):
            outcome = ("dropped", "Security Council")
        elif not record.symbol.startswith("A/"):
            outcome = ("dropped", "without symbol and date")
        elif record.vote == NO_ROLL_CALL:
            outcome = ("dropped", "adopted without a recorded vote")
        elif record.date < FIRST_DAY:
            outcome = ("dropped", "before the 55th session")
        else:
            outcome = ("kept", "roll calls of the Assembly, 55th session on")
            kept.append(record)
        counts[source, *outcome] = counts.get((source, *outcome), 0) + 1
    log = [
        ("roll calls of the Assembly", source, outcome, reason, "records", rows)
        for (source, outcome, reason), rows in counts.items()
    ]
    return kept, log


def _roll_calls(records: list[Record], topics: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame({
        "resolution": [record.symbol for record in records],
        "date": [record.date for record in records],
        "title": [" ".join(_SUFFIX.sub("", record.title).split()) for record in records],
        "record_id": [record.record_id for record in records],
        "meeting": [record.meeting for record in records],
    })  # fmt: skip
    twice = frame["resolution"].duplicated(keep=False)
    if twice.any():
        symbol = frame["resolution"][twice].iloc[0]
        places = " and ".join(record.where for record in records if record.symbol == symbol)
        raise UserError(f"{places}: got {symbol} in two records, expected one; correct the builder")
    sessions = [session_of(record.symbol, date.fromisoformat(record.date)) for record in records]
    frame["session"], frame["special"] = zip(*sessions, strict=True)
    named = zip(frame["resolution"], frame["title"], strict=True)
    frame["topic"] = [topic_of(symbol, title, topics) for symbol, title in named]
    frame["other_date"] = _other_dates(frame)
    dates = dict.fromkeys(("date", "other_date"), "datetime64[us]")
    return frame.astype({**dates, "topic": "str"})


def _other_dates(calls: pd.DataFrame) -> list[str | None]:
    """Return, by roll call, the most frequent other date in the source for the same meeting, if there is one."""
    dates = calls.groupby("meeting")["date"].agg(lambda days: days.value_counts().index.tolist())
    return [
        next((other for other in dates[meeting] if other != day), None)
        for meeting, day in zip(calls["meeting"], calls["date"], strict=True)
    ]


def topic_of(symbol: str, title: str, topics: pd.DataFrame) -> str | None:
    """Return the topic of a roll call by the first rule that fits, or None for one on another subject.

    Rules (``order``, ``kind``, ``pattern``, ``topic``): a ``resolution`` fits by its symbol, a ``title`` by a regular
    expression, whatever the case. Titles that fit the ``screen`` must be covered by a rule; a rule with the topic
    ``none`` says that they are about something else.

    Raises
    ------
    UserError
        When a title fits the screen and no rule.
    """
    screened = False
    for _, rule in topics.sort_values("order").iterrows():
        kind, pattern, topic = str(rule["kind"]), str(rule["pattern"]), str(rule["topic"])
        fits = symbol == pattern if kind == "resolution" else bool(re.search(pattern, title, re.IGNORECASE))
        if kind == "screen":
            screened = screened or fits
        elif fits:
            return None if topic == "none" else topic
    if screened:
        msg = (
            f"data/coded/roll_call_topics.csv: got no rule for {symbol} {title!r}, whose title names migration or refugees; "
            "add a row with its topic, or with none"
        )
        raise UserError(msg)
    return None


def _votes(records: list[Record], state_names: pd.DataFrame) -> pd.DataFrame:
    codes = dict(zip(state_names["name"], state_names["iso3"], strict=True))
    symbols: list[str] = []
    states: list[str] = []
    cast: list[str] = []
    for record in records:
        named = votes_by_name(record)
        unknown = [name for name in named if name not in codes]
        if unknown:
            msg = (
                f"{record.where}: got the state {unknown[0]!r} in {record.symbol}, expected a name in data/coded/state_names.csv; "
                "add a row there"
            )
            raise UserError(msg)
        of_record = [codes[name] for name in named]
        if len(set(of_record)) < len(of_record):
            code = next(code for code in of_record if of_record.count(code) > 1)
            raise UserError(
                f"{record.where}: got {code} under two names in {record.symbol}, expected each state once; correct state_names.csv"
            )
        symbols += [record.symbol] * len(named)
        states += of_record
        cast += named.values()
    return pd.DataFrame({"resolution": symbols, "iso3": states, "vote": cast}, dtype="str")


def _sessions(calls: pd.DataFrame) -> pd.DataFrame:
    """Return roll calls and first and last day of voting by session; the last session is open."""
    table = calls.groupby("session").agg(
        roll_calls=("resolution", "size"),
        special=("special", "sum"),
        first_vote=("date", "min"),
        last_vote=("date", "max"),
    )
    table = table.reset_index()
    opened = pd.to_datetime([opening_day(session) for session in table["session"]])
    table.insert(1, "opened", opened.astype("datetime64[us]"))
    table["complete"] = table["session"] < table["session"].max()
    return table
