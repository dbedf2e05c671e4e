"""The second source of votes: the R package unvotes (Voeten's data), made comparable with the first one."""

from pathlib import Path

import pandas as pd

from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import require_columns, require_unique, shown
from compendium.errors import UserError

FIRST_SESSION = 55
# Yugoslavia's code stays in use for Serbia
CODES = {"YU": "SRB"}
LogEntry = tuple[str, str, str, str, str, int]


def second_votes(
    votes: Path, roll_calls: Path, un_members: pd.DataFrame, calls: pd.DataFrame
) -> tuple[pd.DataFrame, list[LogEntry]]:
    """Return the second source's votes in roll calls that both sources have, and log entries.

    A roll call is matched by its symbol where this is unique in the second source: repeats are votes on paragraphs and
    amendments, not all marked. Absence is not stored there: a state that was a member on that day and has no vote is
    taken as not voting.

    Parameters
    ----------
    votes, roll_calls : Path
        R data files with the frames ``un_votes`` and ``un_roll_calls``.
    un_members : DataFrame
        ``iso3``, ``iso2``, ``admitted`` (missing: before 2000).
    calls : DataFrame
        ``resolution`` and ``date`` of the first source.

    Returns
    -------
    DataFrame
        ``resolution``, ``iso3``, ``vote``.
    """
    listed = read_r_frame(roll_calls, "un_roll_calls")
    require_columns(listed, ["rcid", "session", "unres", "date"], roll_calls)
    require_unique(listed, ["rcid"], roll_calls, first_line=1)
    cast = read_r_frame(votes, "un_votes")
    require_columns(cast, ["rcid", "country", "country_code", "vote"], votes)
    listed = listed.astype({"rcid": "int64"})
    recent = listed[listed["session"] >= FIRST_SESSION]
    symbol = recent["unres"].str.replace(r"^(?:A/RES|R)/", "A/RES/", regex=True)
    repeated = symbol.duplicated(keep=False)
    found = recent.assign(resolution=symbol)[~repeated & symbol.isin(calls["resolution"])]
    cast = cast.astype({"rcid": "int64"}).merge(found[["rcid", "resolution"]], on="rcid", validate="m:1")
    codes = {**dict(zip(un_members["iso2"], un_members["iso3"], strict=True)), **CODES}
    cast["iso3"] = cast["country_code"].map(codes)
    unknown = cast["iso3"].isna()
    if unknown.any():
        row = cast[unknown].iloc[0]
        msg = f"{shown(votes)}: got the state {row['country']!r} ({row['country_code']}) in {row['resolution']}, expected a member; correct the codes in second_votes"
        raise UserError(msg)
    require_unique(cast, ["resolution", "iso3"], votes, first_line=1)
    complete = _with_absence(cast, un_members, calls)
    log: list[LogEntry] = [
        ("un_votes_second", "st_un_roll_calls", "kept", "in both sources", "roll calls", len(found)),
        ("un_votes_second", "st_un_roll_calls", "dropped", "before the 55th session", "roll calls", len(listed) - len(recent)),
        ("un_votes_second", "st_un_roll_calls", "dropped", "symbol not unique: votes on parts and amendments", "roll calls", int(repeated.sum())),
        ("un_votes_second", "st_un_roll_calls", "dropped", "symbol not in the first source", "roll calls", len(recent) - int(repeated.sum()) - len(found)),
    ]  # fmt: skip
    return complete, log


def crosscheck(calls: pd.DataFrame, votes: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return, by roll call in both sources, how many cells agree and how the others differ.

    Returns
    -------
    DataFrame
        ``resolution``, ``session``, ``date``, ``topic``, ``cells`` (member states compared), ``agree``, ``disagree``, and
        of these ``votes_differ`` (both cast), ``only_first``, ``only_second`` (a vote cast in one source only).
    """
    both = votes.merge(second, on=["resolution", "iso3"], how="outer", suffixes=("_1", "_2"), indicator="found")
    both = both[both["resolution"].isin(second["resolution"])]
    first_cast = both["vote_1"].fillna("not voting") != "not voting"
    second_cast = both["vote_2"].fillna("not voting") != "not voting"
    differ = both["vote_1"].fillna("none") != both["vote_2"].fillna("none")
    cells = pd.DataFrame({
        "resolution": both["resolution"],
        "cells": 1,
        "agree": ~differ,
        "disagree": differ,
        "votes_differ": differ & first_cast & second_cast,
        "only_first": differ & first_cast & ~second_cast,
        "only_second": differ & ~first_cast & second_cast,
    })  # fmt: skip
    table = cells.groupby("resolution", as_index=False).sum()
    named = calls[["resolution", "session", "date", "topic"]]
    return named.merge(table, on="resolution", validate="1:1").sort_values("resolution", ignore_index=True)


def _with_absence(cast: pd.DataFrame, un_members: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    days = calls[calls["resolution"].isin(cast["resolution"])][["resolution", "date"]]
    grid = days.merge(un_members[["iso3", "admitted"]], how="cross")
    grid = grid[grid["admitted"].isna() | (grid["admitted"] <= grid["date"])]
    full = grid.merge(cast[["resolution", "iso3", "vote"]], on=["resolution", "iso3"], how="outer")
    full["vote"] = full["vote"].astype("str").fillna("not voting")
    return full[["resolution", "iso3", "vote"]].sort_values(["resolution", "iso3"], ignore_index=True)
