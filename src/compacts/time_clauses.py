"""Clauses on time in mandate documents, series of resolutions that return, and meetings against their schedule."""

import re
from collections.abc import Mapping

import pandas as pd

from compacts.stats.proportions import wilson

CLAUSES: Mapping[str, tuple[str, ...]] = {
    "a term": ("fixed_term", "extension", "renewal"),
    "a review": ("review",),
    "an end": ("termination",),
    "no end said": ("open_term",),
}
ORGANS = ("General Assembly", "Security Council", "Human Rights Council", "Economic and Social Council")
_SESSION = re.compile(r"A/(?:RES|DEC)/(\d+)/")
_YEAR = re.compile(r"E/(?:RES|DEC)/(\d{4})/")
_DATED = re.compile(r"\b(19|20)\d\d\b")


def clauses_of(documents: pd.DataFrame) -> pd.DataFrame:
    """Return one row a document with a truth value for each clause, decade, organ, and ``none`` (no clause on an end or review)."""
    found = pd.DataFrame({name: documents[list(columns)].gt(0).any(axis=1) for name, columns in CLAUSES.items()})
    found["none of these"] = ~found.any(axis=1)
    year = documents["year"].astype("Int64")
    decade = (year // 10 * 10).astype("str").where(year >= 1990, "before 1990") + year.ge(1990).map({True: "s"}).fillna(
        ""
    )
    return found.assign(
        organ=documents["organ"],
        decade=decade.where(year.notna()),
        symbol=documents["symbol"],
        term_months=documents["term_months"],
    )


def clause_shares(clauses: pd.DataFrame, by: str, confidence: float = 0.95, least: int = 100) -> pd.DataFrame:
    """Share of documents with each clause, by organ or decade, with Wilson's interval.

    Parameters
    ----------
    clauses
        As `clauses_of` gives them.
    by
        ``organ`` or ``decade``.
    least
        Groups with fewer documents are left out.

    Returns
    -------
    DataFrame
        by, clause, documents, with_clause, share, low, high.
    """
    rows = []
    for group, part in sorted(clauses.groupby(by), key=lambda pair: (str(pair[0])[:1].isdigit(), str(pair[0]))):
        if len(part) < least:
            continue
        for clause in (*CLAUSES, "none of these"):
            yes = int(part[clause].sum())
            low, high = wilson(yes, len(part), confidence)
            rows.append((group, clause, len(part), yes, yes / len(part), low, high))
    return pd.DataFrame(rows, columns=[by, "clause", "documents", "with_clause", "share", "low", "high"])


def clauses_found_of_those_read(sample: pd.DataFrame, readings: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """How many documents with a term read in one of their paragraphs have the matching clause by rule.

    Returns
    -------
    DataFrame
        term (fixed, review, open), read_by_both, read_by_one (documents in which both readers, or at least one, saw it), found (of
        those read by at least one, documents with the clause by rule).
    """
    names = {"fixed": "a term", "review": "a review", "open": "no end said"}
    terms = readings.pivot(index="item", columns="reader", values="term").reindex(sample["item"])
    clauses = clauses_of(documents).set_index(documents["document"])
    rows = []
    for term, clause in names.items():
        seen = (
            pd.DataFrame(terms.to_numpy() == term)
            .assign(document=sample["document"].to_numpy())
            .groupby("document")
            .max()
        )
        one = seen.index[seen.any(axis=1)]
        rows.append(
            (term, int(seen.all(axis=1).sum()), len(one), int(clauses[clause].reindex(one).fillna(value=False).sum()))
        )
    return pd.DataFrame(rows, columns=["term", "read_by_both", "read_by_one", "found"])


def editions(recurring: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Return one row a series and year in which an edition of it is known.

    A series is known by its title; its editions are the resolutions cited, those named as newer, and the latest one. Years come from
    the document's date, else from the list of series, else from the symbol: a session of the General Assembly begins in September of 1945 plus its number.
    """
    cited = recurring.rename(columns={"symbol": "edition"})[["series", "edition", "year"]]
    newer = recurring.assign(edition=recurring["newer_cited"].str.split(r" \| ")).explode("edition")
    rows = pd.concat(
        [
            cited,
            newer[["series", "edition"]],
            recurring.rename(columns={"latest_symbol": "edition"})[["series", "edition"]],
        ]
    )
    rows = rows.dropna(subset="edition")
    dated = (
        cited.set_index("edition")["year"].to_dict()
        | documents.dropna(subset="year").set_index("symbol")["year"].astype(int).to_dict()
    )
    session = rows["edition"].str.extract(_SESSION)[0].astype(float) + 1945
    rows["year"] = (
        rows["edition"].map(dated).fillna(session).fillna(rows["edition"].str.extract(_YEAR)[0].astype(float))
    )
    known = rows.dropna(subset="year").astype({"year": int})
    return (
        known[["series", "year", "edition"]]
        .drop_duplicates(["series", "year"])
        .sort_values(["series", "year"], ignore_index=True)
    )


def series_lives(known: pd.DataFrame) -> pd.DataFrame:
    """Return a row a series: editions, first, last, span and the median and longest gap in years."""
    gaps = known.groupby("series")["year"].diff()
    grouped = known.assign(gap=gaps).groupby("series")
    table = grouped["year"].agg(editions="size", first="min", last="max")
    span = table["last"] - table["first"]
    lives: pd.DataFrame = table.assign(span=span, gap=grouped["gap"].median(), longest_gap=grouped["gap"].max())
    return lives.reset_index()


SCHEDULES: Mapping[str, tuple[str, int, int]] = {  # form: label, first year due, every so many years
    "imrf": ("International Migration Review Forum", 2022, 4),
    "grf": ("Global Refugee Forum", 2019, 4),
    "hlom": ("High-level Officials Meeting", 2021, 4),
    "gcm_regional_reviews": ("Regional reviews of the GCM", 2020, 4),
    "gfmd": ("Global Forum (GFMD)", 2007, 1),
}
REPORTS: Mapping[str, str] = {
    "gcm_sg_biennial": "Secretary-General on the GCM", "gcr_indicator": "GCR indicator report"
}  # fmt: skip


def schedule(events: pd.DataFrame, cycle: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return meetings and reports against the years in which they were due.

    Returns
    -------
    DataFrame
        lane, form_id, year, state (held: an event or edition is known; announced: only its announcement; not known; due: in a later
        year), due (whether the year was a due one).
    """
    last = pd.Timestamp(as_of)
    meetings = events[~events["event_id"].str.contains("^ga_|_memo_")]  # votes and memoranda are no meetings
    rows: list[tuple[str, str, int, str, bool]] = []
    for form_id, (lane, first, every) in SCHEDULES.items():
        mine = meetings[
            (meetings["form_id"] == form_id) & (pd.to_datetime(meetings["start_date"], format="ISO8601") <= last)
        ]
        sure = mine["confidence"] != "uncertain"
        held, announced = ({int(day[:4]) for day in mine.loc[chosen, "start_date"]} for chosen in (sure, ~sure))
        rows += _lane(lane, form_id, held, announced, (first, every), last.year)
    for report_id, lane in REPORTS.items():
        row = cycle[cycle["report_id"] == report_id]
        if len(row):
            record = row.iloc[0]
            held = {
                int(match.group())
                for match in _DATED.finditer(str(record["known_editions"]))
                if int(match.group()) <= last.year
            }
            every = int(record["periodicity_months"]) // 12
            rows += _lane(lane, report_id, held, set(), (int(record["first_due"]), every), last.year)
    return pd.DataFrame(rows, columns=["lane", "form_id", "year", "state", "due"])


def _lane(
    lane: str, form_id: str, held: set[int], announced: set[int], cycle: tuple[int, int], last: int
) -> list[tuple[str, str, int, str, bool]]:
    first, every = cycle
    due = set(range(first, last + every + 1, every))

    def state(year: int) -> str:
        if year in held:
            return "held"
        return "announced" if year in announced else "due" if year > last else "not known"

    return [(lane, form_id, year, state(year), year in due) for year in sorted(held | announced | due)]
