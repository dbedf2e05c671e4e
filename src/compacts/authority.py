"""Authority on four faces: claimed by organizations, recognised by states, delegated by resolutions, paid with free money.

Each face is shaped here as one row a text (document, sentence, paragraph) with the mean of its readers' codes, the group of the
organization and the period; a code on which readers differ counts as a half.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm, spearmanr

from compacts.stats.proportions import sampled_mean, wilson
from compendium.errors import UserError

CLAIMS = ("delegated", "moral", "expert", "capacity", "convening")
STANCES = ("demand", "service", "gratitude", "resources")
GROUNDS = tuple(f"ground_{claim}" for claim in CLAIMS)
PERIODS: Mapping[str, tuple[int, int]] = {"to 2015": (0, 2015), "2016–2018": (2016, 2018), "2019 on": (2019, 9999)}
FEWEST = 4  # organizations in a correlation
GROUPS = ("IOM", "UNHCR", "peers")
#: code of the readers of speeches, and category of the dictionary
IN_SPEECHES: Mapping[str, str] = {
    **{f"ground_{claim}": claim for claim in CLAIMS}, "thanks": "gratitude", "supports": "support", "cooperates": "cooperation",
    "criticizes": "criticism", "instrumental": "service",
}  # fmt: skip


def group_of(organizations: pd.Series) -> pd.Series:
    """Return IOM, UNHCR or peers for names or codes of organizations."""
    upper = organizations.str.upper()
    return upper.where(upper.isin(GROUPS[:2]), "peers")


def period_of(years: pd.Series) -> pd.Series:
    """Return the period of each year, missing where there is no year."""
    found = pd.Series(pd.NA, index=years.index, dtype="str")
    for name, (first, last) in PERIODS.items():
        found = found.mask(years.between(first, last).fillna(value=False).astype(bool), name)
    return found


def claimed(documents: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a document: what its organization claims, and its stance towards states.

    Parameters
    ----------
    documents, readings : DataFrame
        The tables documents and document_readings; only main readings count.
    readers : sequence of str
        Only these; all without it.

    Returns
    -------
    DataFrame
        ``document_id``, ``organization``, ``group``, ``year``, ``period``, ``genre``, ``grid``, the codes, ``any_claim`` and ``autonomy``
        (demand less service, -1 to 1), each the mean of the readers.
    """
    main = _of(readings[readings["main"] == 1], readers)
    derived = main.assign(any_claim=main[list(CLAIMS)].max(axis=1), autonomy=main["demand"] - main["service"])
    columns = [*CLAIMS, "any_claim", *STANCES, "autonomy", "words_read"]
    codes = derived.groupby("document_id")[columns].mean()
    frame = documents[["document_id", "organization", "genre", "grid", "date", "place"]].join(
        codes, on="document_id", how="inner"
    )
    frame["year"] = frame["date"].str[:4].astype(int)
    return frame.assign(group=group_of(frame["organization"]), period=period_of(frame["year"])).reset_index(drop=True)


def recognised(sample: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a sampled sentence on an organization: what the state that speaks grants it; with its stratum."""
    codes = _of(readings, readers)
    relations = pd.get_dummies(codes["relation"], dtype=float)
    wanted = ["thanks", "supports", "cooperates", "asks", "criticizes"]
    table = pd.concat([codes, relations.reindex(columns=wanted, fill_value=0.0)], axis=1)
    means = table.groupby("item")[["recognition", *GROUNDS, "instrumental", *wanted]].mean()
    return _sampled(sample[sample["target"] != "compact"], means)


def delegated(sample: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a sampled paragraph: the strength of its verb, and what it leaves to the organization; with its stratum."""
    codes = _of(readings, readers)
    table = codes.assign(
        lead=(codes["autonomy"] == "lead").astype(float), jointly=(codes["autonomy"] == "jointly").astype(float),
        service=(codes["autonomy"] == "service").astype(float), new_task=(codes["task"] == "new").astype(float),
        actor=(codes["role"] == "actor").astype(float),
    )  # fmt: skip
    return _sampled(
        sample,
        table.groupby("item")[["strength", "lead", "jointly", "service", "new_task", "actor", "resources"]].mean(),
    )


def _of(readings: pd.DataFrame, readers: Sequence[str]) -> pd.DataFrame:
    strange = set(readers) - set(readings["reader"])
    if strange:
        raise UserError(
            f"readers: got {min(strange)!r}, expected some of {', '.join(sorted(set(readings['reader'])))}; correct the parameter"
        )
    return readings[readings["reader"].isin(list(readers))] if len(readers) else readings


def _sampled(sample: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    frame = sample.join(codes, on="item", how="inner").rename(columns={"stratum_period": "drawn_in"})
    frame = frame.assign(
        group=group_of(frame["target"]),
        period=period_of(frame["year"]),
        stratum=frame["target"] + " " + frame["drawn_in"],
    )
    return frame[frame["period"].notna()].reset_index(drop=True)


def document_profile(frame: pd.DataFrame, codes: Sequence[str], confidence: float) -> pd.DataFrame:
    """Return the share of documents with each code by group and period, with Wilson's interval.

    The documents are no probability sample: the interval is that of documents like these, not of all that an organization says.
    """
    rows = []
    for (group, period), part in frame.groupby(["group", "period"]):
        for code in codes:
            share, low, high = wilson(float(part[code].sum()), len(part), confidence)
            rows.append((group, period, code, len(part), share, low, high))
    return pd.DataFrame(rows, columns=["group", "period", "code", "read", "share", "low", "high"])


def sample_profile(
    frame: pd.DataFrame, codes: Sequence[str], confidence: float, by: Sequence[str] = ("group", "period")
) -> pd.DataFrame:
    """Return the mean of each code by group and period in the population sampled.

    The interval takes the texts as drawn from what could have been said: where all were read there is no error of sampling, and yet
    a handful of sentences says little of what states would say again.
    """
    rows = []
    for key, part in frame.groupby(list(by)):
        for code in codes:
            found = sampled_mean(
                part.rename(columns={code: "value"})[["value", "stratum", "stratum_size"]], confidence, as_draws=True
            )
            rows.append((*key, code, found.read, found.population, found.mean, found.low, found.high))
    return pd.DataFrame(rows, columns=[*by, "code", "read", "population", "share", "low", "high"])


def mean_index(frame: pd.DataFrame, column: str, confidence: float) -> pd.DataFrame:
    """Return the mean of an index by group and period, with the normal interval of documents like these."""
    z = float(norm.ppf(0.5 + confidence / 2))
    found = frame.groupby(["group", "period"])[column].agg(["mean", "std", "size"]).reset_index()
    half = z * found["std"] / np.sqrt(found["size"])
    return found.assign(low=found["mean"] - half, high=found["mean"] + half).drop(columns="std")


def dictionary_scores(recognitions: pd.DataFrame, sentences: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """Return precision, recall and F1 of the dictionary against the readers, weighted to the population sampled.

    Parameters
    ----------
    recognitions : DataFrame
        As `recognised` gives it.
    sentences : DataFrame
        speech_sentences: ``kept``, the categories that the rules leave.
    by : str
        Column of groups, such as ``group`` or ``period``; all together without it.

    Returns
    -------
    DataFrame
        ``part``, ``code``, ``read``, ``precision``, ``recall``, ``f1`` (missing where nothing was found, or nothing was there), ``prevalence``
        by the readers.
    """
    found = recognitions.merge(sentences[["document", "position", "kept"]], on=["document", "position"], validate="m:1")
    weight = 1 / found["inclusion_probability"]
    categories = found["kept"].fillna("").str.split()
    rows = []
    for part, inside in found.groupby(by) if by else [("all", found)]:
        w = weight[inside.index]
        for code, category in IN_SPEECHES.items():
            machine = categories[inside.index].map(lambda words, category=category: category in words).astype(float)
            hit, said, there = (
                float((w * machine * inside[code]).sum()),
                float((w * machine).sum()),
                float((w * inside[code]).sum()),
            )
            precision, recall = hit / said if said else np.nan, hit / there if there else np.nan
            f1 = (
                2 * precision * recall / (precision + recall) if precision and recall and precision + recall else np.nan
            )
            rows.append(
                (part, code.removeprefix("ground_"), len(inside), precision, recall, f1, there / float(w.sum()))
            )
    return pd.DataFrame(rows, columns=["part", "code", "read", "precision", "recall", "f1", "prevalence"])


def free_money(finance: pd.DataFrame, entities: Sequence[str], first: int, last: int) -> pd.Series:
    """Return the share of an entity's revenue of some years that it may spend as it sees fit: dues and core gifts."""
    revenue = finance[
        (finance["flow"] == "revenue") & finance["year"].between(first, last) & finance["entity"].isin(list(entities))
    ]
    by_type = revenue.pivot_table(
        index="entity", columns="revenue_type", values="amount_usd", aggfunc="sum", fill_value=0.0
    )
    lost = {"assessed", "voluntary core"} - set(by_type.columns)
    if lost:
        raise UserError(
            f"finance_entity_year, column revenue_type: got no {min(lost)!r} in {first} to {last}; correct the years"
        )
    return (by_type["assessed"] + by_type["voluntary core"]) / by_type.sum(axis=1)


def rank_agreement(table: pd.DataFrame, ours: Sequence[str], theirs: Sequence[str]) -> pd.DataFrame:
    """Return Spearman's correlation of each of our measures with each outside one, over the organizations that both have."""
    rows = []
    for one in ours:
        for other in theirs:
            both = table[[one, other]].dropna()
            enough = len(both) >= FEWEST and not any((both[name] == both[name].iloc[0]).all() for name in (one, other))
            rho, p_value = spearmanr(both[one], both[other]) if enough else (np.nan, np.nan)
            rows.append((one, other, len(both), float(rho), float(p_value)))
    return pd.DataFrame(rows, columns=["ours", "theirs", "organizations", "rho", "p_value"])
