"""Monitoring: what is to be reported, what was, and what objectives and indicators have a number."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from compacts.stats.proportions import Proportion, corrected_share, wilson
from compendium.errors import UserError

#: how binding a report is, in four kinds
KINDS: Mapping[str, str] = {
    "mandated": "asked for by states", "requested": "asked for by states", "requested once": "asked for by states",
    "negotiated": "negotiated by states", "invited": "invited or voluntary", "voluntary": "invited or voluntary",
    "practice": "own practice or contract", "internal": "own practice or contract", "contractual": "own practice or contract",
}  # fmt: skip
FOUND, NOT_FOUND, TO_COME = "edition found", "due, no edition found", "to come"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "IOM": ("iom",), "UNHCR": ("unhcr",),
    "Ten peers": ("fao", "ilo", "ocha", "ohchr", "undp", "unicef", "unodc", "unrwa", "wfp", "who"),
}  # fmt: skip
COMPACT_NAMES = ("compact", "gcm", "gcr", "imrf", "grf", "mptf")
FEWEST = 10  # documents of an organ and decade
POORER = ("low", "lower middle", "upper middle")


def editions(cycle: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Return the editions that the reporting cycle knows: ``report_id``, ``first``, ``last`` (years that one edition or one range covers).

    "2019 to 2024" stands for an edition a year, "2019-2020" for one of both years, "and later" for one that is known up to ``as_of``. A symbol
    without a year has the year that another row gives it, else both years of its session of the General Assembly.

    Examples
    --------
    >>> texts = ["A/75/542 (2020); A/79/1", "2019-2020; 2022 to 2023 reports", None]
    >>> found = editions(pd.DataFrame({"report_id": ["a", "b", "c"], "known_editions": texts}), 2025)
    >>> found.to_numpy().tolist()
    [['a', 2020, 2020], ['a', 2024, 2025], ['b', 2019, 2020], ['b', 2022, 2022], ['b', 2023, 2023]]
    """
    texts = cycle.set_index("report_id")["known_editions"].dropna()
    known = {symbol: int(year) for text in texts for symbol, year in re.findall(r"(A/\d+/\d+) \((\d{4})\)", text)}
    rows = {(str(report), *years) for report, text in texts.items() for years in _years(text, known, as_of)}
    return pd.DataFrame(sorted(rows), columns=["report_id", "first", "last"])


def _years(text: str, known: Mapping[str, int], as_of: int) -> Iterator[tuple[int, int]]:
    for part in re.split(r"[;,]", text):
        if found := re.search(r"\b((?:19|20)\d\d) to ((?:19|20)\d\d)\b", part):
            yield from ((year, year) for year in range(int(found[1]), int(found[2]) + 1))
        elif found := re.search(r"\b((?:19|20)\d\d)(?:-((?:19|20)\d\d))?\b(?!/)", part):
            yield int(found[1]), int(found[2] or found[1])
        elif found := re.search(r"A/(?:RES/)?(\d+)/\d+", part):
            year = known.get(found[0])
            first, last = (year, year) if year else (1945 + int(found[1]), 1946 + int(found[1]))
            yield first, as_of if "and later" in part else last


def schedule(
    cycle: pd.DataFrame, as_of: int, first: int, last: int, more: Mapping[str, Sequence[int]] | None = None
) -> pd.DataFrame:
    """Return when each report was and will be due, and whether an edition of then is in the record.

    An edition stands for a due year that it covers, or that is the year before. Editions that stand for no due year are kept at their
    first year.

    Parameters
    ----------
    cycle : DataFrame
        Rows of reporting_cycle: ``report_id``, ``first_due`` (year), ``periodicity_months``, ``known_editions``, ``binding``.
    as_of : int
        Year to which the record goes: what is due later is to come.
    first, last : int
        Years to list.
    more : mapping, optional
        Years of editions by ``report_id`` that our own tables know.

    Returns
    -------
    DataFrame
        ``report_id``, ``year``, ``state``, ``kind``, sorted.

    Raises
    ------
    UserError
        For a kind of bindingness that is not known.
    """
    strange = set(cycle["binding"]) - set(KINDS)
    if strange:
        msg = f"data/curated/reporting_cycle.csv, column binding: got {min(strange)!r}, expected one of {', '.join(KINDS)}; add it to KINDS"
        raise UserError(msg)
    known: dict[str, list[tuple[int, int]]] = {
        name: [(year, year) for year in years] for name, years in (more or {}).items()
    }
    for name, begin, end in editions(cycle, as_of).itertuples(index=False, name=None):
        known.setdefault(name, []).append((begin, end))
    rows = []
    for report in cycle.to_dict("records"):
        due = _due(report, last)
        there = known.get(report["report_id"], [])
        met = {year for year in due for begin, end in there if begin - 1 <= year <= end}
        beside = {begin for begin, end in there if not any(begin - 1 <= year <= end for year in met)}
        for year in due | beside:
            state = FOUND if year in met | beside else TO_COME if year > as_of else NOT_FOUND
            rows.append((report["report_id"], year, state, KINDS[report["binding"]]))
    table = pd.DataFrame(sorted(rows), columns=["report_id", "year", "state", "kind"])
    return table[table["year"].between(first, last)].reset_index(drop=True)


def _due(report: Mapping[Hashable, Any], last: int) -> set[int]:
    """Return the years in which a report is due, up to a last one; once where it has no rhythm."""
    if pd.isna(report["first_due"]):
        return set()
    months = report["periodicity_months"]
    step = max(1, round(months / 12)) if pd.notna(months) else last
    return set(range(int(report["first_due"]), last + 1, step))


def monitored(frameworks: pd.DataFrame, matches: pd.DataFrame, objectives: pd.DataFrame) -> pd.DataFrame:
    """Return each objective of the GCM and indicator of the GCR with what was found for it.

    Returns
    -------
    DataFrame
        ``framework``, ``item_code``, ``label``, ``theirs``, ``ours``, ``note``, and ``iom_outputs`` (outputs of IOM's results framework that
        name the objective; missing for the GCR).

    Raises
    ------
    UserError
        For an item without a row of matches, or a row without an item.
    """
    items = frameworks[
        frameworks["item_type"].isin(["objective", "indicator"])
        & frameworks["framework"].isin(set(matches["framework"]))
    ]
    items = items[~((items["framework"] == "GCR indicator framework") & (items["item_type"] == "objective"))]
    key = ["framework", "item_code"]
    both = items[[*key, "label"]].merge(matches, on=key, how="outer", indicator="found", validate="1:1")
    lost = both.loc[both["found"] != "both"]
    if not lost.empty:
        raise UserError(
            f"data/coded/indicator_matches.csv: {lost['item_code'].iloc[0]} is not in both this table and frameworks; add or remove its row"
        )
    outputs = {
        f"GCM{number:02d}": count for number, count in objectives.set_index("gcm_objective")["iom_outputs"].items()
    }
    both["iom_outputs"] = both["item_code"].map(outputs).astype("Int64")
    return both.drop(columns="found").sort_values(key, ignore_index=True)


def thickness(items: pd.DataFrame) -> pd.DataFrame:
    """Return for each framework how many items have a published number, and how many one of ours, by nearness."""
    counts = {
        name: {
            "items": len(part), "published": int((part["theirs"] != "none").sum()), "published_same": int((part["theirs"] == "same").sum()),
            "ours": int(part["ours"].isin(["same", "near"]).sum()), "ours_same": int((part["ours"] == "same").sum()),
            "nothing": int(((part["theirs"] == "none") & ~part["ours"].isin(["same", "near"])).sum()),
        }
        for name, part in items.groupby("framework")
    }  # fmt: skip
    return pd.DataFrame(counts).T


def thickness_verdict(thick: pd.DataFrame, margin: float) -> str:
    """Judge whether the GCR has a number for a larger share of its items than the GCM.

    ``supported`` when it leads by more than the margin (percentage points) both by published numbers near the item and by the quantity itself;
    ``contradicted`` when it leads in neither; ``undecided`` otherwise.
    """
    shares = 100 * thick[["published", "published_same"]].div(thick["items"], axis=0).T
    lead = shares["GCR indicator framework"] - shares["GCM objectives"]
    return "supported" if (lead > margin).all() else "contradicted" if (lead <= 0).all() else "undecided"


def reporting_duties(
    paragraphs: pd.DataFrame, sample: pd.DataFrame, readings: pd.DataFrame, confidence: float
) -> dict[str, Proportion]:
    """Return for IOM, UNHCR and ten peers the share of operative paragraphs that lay a duty to report on them.

    Parameters
    ----------
    paragraphs : DataFrame
        mandate_paragraphs: the machine's ``reporting`` for each paragraph and ``organization``.
    sample, readings : DataFrame
        mandate_sample and mandate_readings; the mean of the readers counts.
    confidence : float
        Of the intervals.
    """
    read = readings.groupby("item")["reporting"].mean().rename("reader")
    codes = paragraphs.set_index(["document", "position", "organization"])["reporting"].rename("machine")
    drawn = sample.join(read, on="item").join(codes, on=["document", "position", "target"])
    drawn["stratum"] = drawn["target"] + " " + drawn["stratum_period"]
    return {
        name: corrected_share(
            paragraphs.loc[paragraphs["organization"].isin(members), "reporting"], drawn[drawn["target"].isin(members)], confidence
        )
        for name, members in GROUPS.items()
    }  # fmt: skip


def clause_shares(
    documents: pd.DataFrame, clauses: Mapping[str, str], organs: list[str], confidence: float
) -> pd.DataFrame:
    """Return the share of documents with each clause by organ and decade, with Wilson's interval.

    Decades before the 1990s are one group, because few documents of then are still cited; groups of fewer than `FEWEST` documents are left out.

    Returns
    -------
    DataFrame
        ``organ``, ``decade``, ``clause``, ``documents``, ``with_clause``, ``share``, ``low``, ``high``.
    """
    dated = documents[documents["year"].notna() & documents["organ"].isin(organs)]
    decade = (dated["year"] // 10 * 10).astype(int).clip(lower=1980).astype(str) + "s"
    rows = []
    for (organ, when), part in dated.groupby(["organ", decade.mask(decade == "1980s", "before 1990")]):
        for column, words in clauses.items() if len(part) >= FEWEST else ():
            yes = int((part[column] > 0).sum())
            rows.append((organ, when, words, len(part), yes, *wilson(yes, len(part), confidence)))
    return pd.DataFrame(rows, columns=["organ", "decade", "clause", "documents", "with_clause", "share", "low", "high"])


def naming(
    documents: pd.DataFrame,
    paragraphs: pd.DataFrame,
    compacts: pd.DataFrame,
    since: int,
    organs: list[str],
    confidence: float,
) -> pd.DataFrame:
    """Return the share of each organ's documents since a year whose operative paragraphs name a Compact, IOM or UNHCR.

    Returns
    -------
    DataFrame
        ``organ``, ``named``, ``documents``, ``naming``, ``share``, ``low``, ``high``.
    """
    those = {
        "a Compact or its forum": set(compacts.loc[compacts["compact"].isin(COMPACT_NAMES), "document"]),
        "IOM": set(paragraphs.loc[paragraphs["organization"] == "iom", "document"]),
        "UNHCR": set(paragraphs.loc[paragraphs["organization"] == "unhcr", "document"]),
    }
    recent = documents[documents["year"] >= since]
    rows = []
    for organ in organs:
        part = recent[recent["organ"] == organ]
        for named, having in those.items():
            yes = int(part["document"].isin(having).sum())
            rows.append((organ, named, len(part), yes, *wilson(yes, len(part), confidence)))
    return pd.DataFrame(rows, columns=["organ", "named", "documents", "naming", "share", "low", "high"])


def indicator_series(world: pd.DataFrame, by_income: pd.DataFrame) -> pd.DataFrame:
    """Return the indicators that our tables give by year: ``indicator``, ``year``, ``value`` (per cent or thousand people)."""
    share = (
        by_income[by_income["group"].isin(POORER) & (by_income["grouping"] == "income")].groupby("year")["share"].sum()
    )
    rows = {
        "Hosted by low- and\nmiddle-income countries, %": 100 * share,
        "Hosted next to\ntheir country, %": 100 * world.set_index("year")["refugees_next_door_share"],
    }
    for column, words in {
        "resettled": "Resettled,\nthousand", "returned_refugees": "Returned,\nthousand", "naturalised_refugees": "Naturalized,\nthousand",
        "dead_or_missing_migrants": "Migrants dead or\nmissing, thousand",
    }.items():  # fmt: skip
        rows[words] = world.set_index("year")[column].astype("Float64") / 1000
    long = pd.concat(
        {name: column.dropna().astype(float) for name, column in rows.items()}, names=["indicator", "year"]
    )
    return long.rename("value").reset_index()
