"""Duties to report in mandate documents, and the documents that name a Compact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from compacts.stats.proportions import corrected_share, shares
from compendium.errors import UserError

AGENDA = r"(A/)?(RES/)?70/1"  # the resolution on the 2030 Agenda, as links to it are written
PERIODS = ("before 2000", "2000-2009", "2010-2019", "2020 on")
ORGANS = ("General Assembly", "Human Rights Council", "Security Council", "Economic and Social Council")
CLAUSES: Mapping[str, str] = {
    "reporting": "a report is asked for",
    "periodicity": "a session or interval is named",
    "review": "a review is set",
}
NAMED: Mapping[str, tuple[str, ...]] = {
    "Compact on migration": ("gcm", "imrf", "mptf"),
    "Compact on refugees": ("gcr", "grf"),
    "IOM": ("iom",),
    "UNHCR": ("unhcr",),
}


def dated(documents: pd.DataFrame, other: str = "other organs") -> pd.DataFrame:
    """Return the documents whose year is known, with ``period`` (as PERIODS) and ``organ`` (ORGANS, or ``other``)."""
    known = documents[documents["year"].notna()]
    years = known["year"].astype(int)
    return known.assign(
        period=pd.cut(years, [0, 1999, 2009, 2019, 9999], labels=list(PERIODS)),
        organ=known["organ"].where(known["organ"].isin(ORGANS), other),
    )


def clause_shares(documents: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the share of documents with a clause of each kind of CLAUSES, by organ and period.

    Returns
    -------
    DataFrame
        ``organ``, ``period``, ``clause``, ``yes``, ``of``, ``share``, ``low``, ``high`` (Wilson's interval).
    """
    frame = dated(documents)
    found = [
        shares(frame.assign(clause=name, has=frame[name] > 0), ["organ", "period", "clause"], "has", confidence)
        for name in CLAUSES
    ]
    return pd.concat(found, ignore_index=True)


def clause_density(documents: pd.DataFrame) -> pd.DataFrame:
    """Return reporting clauses per 100 operative paragraphs, by organ and period: long documents ask for more."""
    sums = (
        dated(documents)
        .groupby(["organ", "period"], observed=True)[["reporting", "operative", "operative_by_verb"]]
        .sum()
    )
    return (100 * sums["reporting"] / (sums["operative"] + sums["operative_by_verb"])).rename("per_100").reset_index()


def read_paragraphs(sample: pd.DataFrame, readings: pd.DataFrame, paragraphs: pd.DataFrame) -> pd.DataFrame:
    """Return the paragraphs read, with the machine's code beside that of the first reader.

    Returns
    -------
    DataFrame
        Columns of ``sample`` with ``stratum``, ``size``, ``reader`` and ``machine`` (0 or 1), ``agree`` (both readers say
        the same) and ``held_out`` (not used when the machine's rules were set).

    Raises
    ------
    UserError
        When a paragraph read has no machine code.
    """
    codes = readings.pivot(index="item", columns="reader", values="reporting")
    coded = paragraphs.set_index(["document", "position", "organization"])["reporting"]
    rows = sample.merge(codes, on="item", validate="1:1")
    places = pd.MultiIndex.from_frame(rows[["document", "position", "target"]])
    lost = ~places.isin(coded.index)
    if lost.any():
        raise UserError(
            f"mandate_sample: got {rows['item'][lost].iloc[0]}, expected a row of mandate_paragraphs; rebuild it"
        )
    first = rows["sha1"].str[0]
    return rows.assign(
        stratum=rows["target"] + ", " + rows["stratum_period"], size=rows["stratum_size"], reader=rows["A"].astype(int),
        machine=coded.loc[places].astype(int).to_numpy(), agree=rows["A"] == rows["B"],
        held_out=rows["sha1"].str[-1].isin(list("13579bdf")) & first.isin(list("89abcdef")),
    )  # fmt: skip


def corrected_duties(read: pd.DataFrame, paragraphs: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the share of paragraphs that put a duty to report on an organization, by machine and corrected.

    Returns
    -------
    DataFrame
        ``who`` (IOM, UNHCR, others), ``basis`` (all that was read; the readers without the machine; paragraphs held out when the rules were set),
        ``machine``, ``share``, ``low``, ``high``, ``population``, ``read``, ``differ``.
    """
    groups = {"IOM": ["iom"], "UNHCR": ["unhcr"]}
    groups["Ten peers"] = sorted(set(read["target"]) - {"iom", "unhcr"})
    rows = []
    for who, targets in groups.items():
        mine = read[read["target"].isin(targets)]
        machine = paragraphs.loc[paragraphs["organization"].isin(targets), "reporting"].astype(int)
        bases = {
            "all read": (machine, mine),
            "readers alone": (
                0 * machine,
                mine.assign(machine=0),
            ),  # knows nothing of rules that were set on these readings
            "held out": (machine, mine[mine["held_out"]]),
        }
        for basis, (codes, part) in bases.items():
            rows.append({"who": who, "basis": basis, **vars(corrected_share(codes, part, confidence))})
    return pd.DataFrame(rows)


def subject(titles: "pd.Series[str]") -> "pd.Series[str]":
    """Return what a title speaks of: ``migration``, ``refugees`` (and the displaced), or ``other``.

    Examples
    --------
    >>> subject(pd.Series(["Protection of migrants", "Assistance to refugees", "The right to food"])).tolist()
    ['migration', 'refugees', 'other']
    """
    words = titles.fillna("").str.lower()
    migration, refugees = words.str.contains("migra"), words.str.contains("refugee|displaced person|persons displaced")
    return pd.Series(np.select([migration, refugees], ["migration", "refugees"], "other"), index=titles.index)


def naming(
    documents: pd.DataFrame, citations: pd.DataFrame, since: int, names: Mapping[str, tuple[str, ...]] = NAMED
) -> pd.DataFrame:
    """Return the documents from a year on, and what each names; ``names`` as NAMED, which counts forums and the fund with their Compact.

    Returns
    -------
    DataFrame
        ``document``, ``organ``, ``title``, ``subject`` and one column of truth for each of ``names`` and ``2030 Agenda`` (cited).

    Raises
    ------
    UserError
        When no document is as young.
    """
    frame = dated(documents)
    frame = frame[frame["year"] >= since]
    if frame.empty:
        raise UserError(f"documents since {since}: got none, expected some; take an earlier year")
    named = frame["organizations"].fillna("").str.split()
    agenda = set(citations.loc[citations["cited_symbol"].str.fullmatch(AGENDA), "document"])
    flags = {who: [bool(set(words) & set(ids)) for words in named] for who, ids in names.items()}
    return frame[["document", "symbol", "organ", "title", "year"]].assign(
        subject=subject(frame["title"]), **flags, **{"2030 Agenda": frame["document"].isin(agenda)}
    )


def naming_shares(named: pd.DataFrame, by: str, confidence: float) -> pd.DataFrame:
    """Return the share of documents that name each thing, by ``by``: ``what``, ``yes``, ``of``, ``share``, ``low``, ``high``."""
    found = [shares(named.assign(what=what), [by, "what"], what, confidence) for what in (*NAMED, "2030 Agenda")]
    return pd.concat(found, ignore_index=True)


def verb_strengths(
    compact_paragraphs: pd.DataFrame, paragraphs: pd.DataFrame, documents: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Return, by what is named, in how many documents an operative paragraph names it under a verb that asks.

    A verb asks from strength 2 on (invites, urges, requests, decides); below, it welcomes, recalls or notes.

    Returns
    -------
    DataFrame
        ``what``, ``yes`` (documents that ask), ``of`` (documents with an operative paragraph that names it), ``share``, ``low``, ``high``.

    Raises
    ------
    UserError
        When no operative paragraph of these documents names any.
    """
    chosen = set(documents)
    ids = {name: what for what, names in NAMED.items() for name in names}
    one = compact_paragraphs[["document", "compact", "strength"]].rename(columns={"compact": "named"})
    two = paragraphs[["document", "organization", "strength"]].rename(columns={"organization": "named"})
    rows = pd.concat([one, two])
    rows = rows[rows["document"].isin(chosen) & rows["named"].isin(ids)]
    best = rows.assign(what=rows["named"].map(ids)).groupby(["what", "document"])["strength"].max().ge(2).reset_index()
    return shares(best.rename(columns={"strength": "asks"}), ["what"], "asks", confidence)


def naming_table(named: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return per cent of documents that name each thing, in words with the interval, by organ; the first column counts documents."""
    found = naming_shares(named, "organ", confidence)
    numbers = 100 * found[["share", "low", "high"]].to_numpy()
    found["cell"] = [f"{share:.1f} ({low:.1f} to {high:.1f})" for share, low, high in numbers]
    wide = found.pivot(index="organ", columns="what", values="cell")[list(NAMED)].rename_axis(columns=None)
    wide.insert(0, "documents", found.groupby("organ")["of"].first())
    return wide.loc[[organ for organ in (*ORGANS, "other organs") if organ in wide.index]]


@dataclass(frozen=True)
class Uptake:
    """Documents, or titles, that name one Compact and not the other, and the exact test of equality (McNemar)."""

    migration: int
    refugees: int
    p_value: float


def uptake(named: pd.DataFrame) -> Uptake:
    """Compare how often documents name the one Compact and not the other.

    Parameters
    ----------
    named
        One row a document or title, with a column of truth for each Compact, as :func:`naming` gives it.

    Examples
    --------
    >>> uptake(pd.DataFrame({"Compact on migration": [True] * 6 + [False], "Compact on refugees": [False] * 6 + [True]})).p_value
    0.125
    """
    one, other = named["Compact on migration"], named["Compact on refugees"]
    counts = int((one & ~other).sum()), int((other & ~one).sum())
    return Uptake(*counts, float(binomtest(counts[0], sum(counts)).pvalue) if sum(counts) else 1.0)


def by_title(named: pd.DataFrame) -> pd.DataFrame:
    """Return one row a title (in lower case; the symbol where there is none): whether any of its documents names each thing."""
    return named.assign(title=named["title"].fillna(named["symbol"]).str.lower()).groupby("title")[list(NAMED)].any()
