"""Authority on three faces that were read: claimed by organizations, recognised by states, delegated by resolutions.

Each face is shaped here as one row a text (document, sentence, paragraph) with the mean of its readers' codes, the group of the
organization and the period; a code on which readers differ counts as a half. Texts that are not independent share a cluster: openings
found by the same query; sentences and paragraphs of the same document, or the same word for word.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from compacts.stats.stratified import sampled_mean
from compendium.errors import UserError

CLAIMS = ("delegated", "moral", "expert", "capacity", "convening")
STANCES = ("demand", "service", "gratitude", "resources")
GROUNDS = tuple(f"ground_{claim}" for claim in CLAIMS)
RELATIONS = ("thanks", "supports", "cooperates", "asks", "criticizes")
PERIODS: Mapping[str, tuple[int, int]] = {"to 2015": (0, 2015), "2016–2018": (2016, 2018), "2019 on": (2019, 9999)}
SCALES: Mapping[str, tuple[float, float]] = {"autonomy": (-1, 1), "strength": (0, 5), "gap": (-1, 1)}  # no shares
GROUPS = ("IOM", "UNHCR", "peers")
#: codes that may be given, by column of the readings; other columns used here hold 0 and 1
ALLOWED: Mapping[str, tuple[object, ...]] = {
    "relation": (*RELATIONS, "member", "reports_on", "mentions"), "strength": (0, 1, 2, 3, 4, 5),
    "autonomy": ("lead", "jointly", "service", "none"), "task": ("new", "continuing", "unspecified", "none"),
    "role": ("actor", "partner", "reporter", "recipient", "source", "object", "mentioned"),
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
        (demand less service, -1 to 1), each the mean of the readers; ``words_read``; ``date_agreement``; ``cluster``, the query by
        which the first reader found it.

    Raises
    ------
    UserError
        For a reader that does not exist, or a code outside the instrument.
    """
    main = _of(readings[readings["main"] == 1], readers, (*CLAIMS, *STANCES))
    derived = main.assign(any_claim=main[list(CLAIMS)].max(axis=1), autonomy=main["demand"] - main["service"])
    columns = [*CLAIMS, "any_claim", *STANCES, "autonomy", "words_read"]
    codes = derived.groupby("document_id")[columns].mean()
    about = ["document_id", "organization", "genre", "grid", "date", "date_agreement", "place", "query_a"]
    frame = documents[about].join(codes, on="document_id", how="inner").rename(columns={"query_a": "cluster"})
    frame["year"] = frame["date"].str[:4].astype(int)
    return frame.assign(group=group_of(frame["organization"]), period=period_of(frame["year"])).reset_index(drop=True)


def recognised(sample: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a sampled sentence on an organization: what the state that speaks grants it; with its stratum."""
    chosen = sample[sample["target"] != "compact"]
    codes = _of(
        readings[readings["item"].isin(chosen["item"])], readers, ("recognition", *GROUNDS, "instrumental", "relation")
    )
    relations = pd.get_dummies(codes["relation"], dtype=float)
    table = pd.concat([codes, relations.reindex(columns=list(RELATIONS), fill_value=0.0)], axis=1)
    means = table.groupby("item")[["recognition", *GROUNDS, "instrumental", *RELATIONS]].mean()
    return _sampled(chosen, means)


# one report before a commission (E/CN.9/1997/3): it tells and asks nothing, so every verb in it is of strength 0
NARRATIVE = ("E_CN.9_1997_3",)


def delegated(sample: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a sampled paragraph: the strength of its verb, and what it leaves to the organization; with its stratum."""
    codes = _of(readings, readers, ("strength", "autonomy", "task", "role", "resources"))
    table = codes.assign(
        lead=(codes["autonomy"] == "lead").astype(float), jointly=(codes["autonomy"] == "jointly").astype(float),
        service=(codes["autonomy"] == "service").astype(float), new_task=(codes["task"] == "new").astype(float),
        actor=(codes["role"] == "actor").astype(float),
    )  # fmt: skip
    return _sampled(
        sample,
        table.groupby("item")[["strength", "lead", "jointly", "service", "new_task", "actor", "resources"]].mean(),
    )


def _of(readings: pd.DataFrame, readers: Sequence[str], codes: Sequence[str]) -> pd.DataFrame:
    """Return the rows of some readers, all without a choice, when each code is one that the instrument has."""
    strange = set(readers) - set(readings["reader"])
    if strange:
        raise UserError(
            f"readers: got {min(strange)!r}, expected some of {', '.join(sorted(set(readings['reader'])))}; correct the parameter"
        )
    for code in codes:
        allowed = ALLOWED.get(code, (0, 1))
        wrong = readings.index[~readings[code].isin(allowed)]
        if len(wrong):
            row = readings.loc[wrong[0]]
            raise UserError(
                f"readings, column {code}: got {row[code]} by reader {row['reader']} of {row.iloc[0]}, "
                f"expected one of {', '.join(map(str, allowed))}; correct the code"
            )
    return readings[readings["reader"].isin(list(readers))] if len(readers) else readings


def _sampled(sample: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    frame = sample.join(codes, on="item", how="inner").rename(columns={"stratum_period": "drawn_in"})
    frame = frame.assign(
        group=group_of(frame["target"]),
        period=period_of(frame["year"]),
        stratum=frame["target"] + " " + frame["drawn_in"],
        cluster=bound_together(frame),
    )
    return frame[frame["period"].notna()].reset_index(drop=True)


def bound_together(frame: pd.DataFrame) -> pd.Series:
    """Return a number for each text, the same for texts of one document, for texts equal word for word, and for chains of both.

    Examples
    --------
    >>> bound_together(pd.DataFrame({"document": ["a", "a", "b", "c"], "sha1": ["1", "2", "2", "3"]})).tolist()
    [0, 0, 0, 3]
    """
    labels = pd.Series(range(len(frame)), index=frame.index)
    before = labels - 1
    while not labels.equals(before):
        before = labels
        for column in ("document", "sha1"):
            labels = labels.groupby(frame[column]).transform("min")
    return labels


def profile(
    frame: pd.DataFrame,
    codes: Sequence[str],
    confidence: float,
    by: Sequence[str] = ("group", "period"),
    *,
    clustered: bool = True,
) -> pd.DataFrame:
    """Return the mean of each code by group and period.

    Sampled texts (with a ``stratum``) are weighted to the population sampled, documents count alike. The interval takes the texts
    as drawn from what could have been said: where all were read there is no error of sampling, and yet a handful of sentences says
    little of what states would say again.

    Parameters
    ----------
    frame : DataFrame
        As `claimed`, `recognised` or `delegated` give it.
    codes : sequence of str
        Columns.
    confidence : float
        Of the interval, between 0 and 1.
    by : sequence of str
        Columns of groups; groups without texts have no row.
    clustered : bool
        Whether texts of one cluster count as dependent.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``code``, ``read``, ``population`` (texts sampled from), ``clusters``, ``share``, ``low``, ``high``, ``error``
        (standard error).
    """
    rows = []
    for key, part in frame.groupby(list(by)):
        strata = part if "stratum" in part else part.assign(stratum="all", stratum_size=len(part))
        design = strata[["stratum", "stratum_size", *(["cluster"] if clustered else [])]]
        for code in codes:
            values = design.assign(value=part[code])
            found = sampled_mean(values, confidence, as_draws=True, share=code not in SCALES)
            least, most = SCALES.get(code, (0, 1))
            low, high = max(found.low, least), min(found.high, most)
            rows.append(
                (*key, code, found.read, found.population, found.clusters, found.mean, low, high, found.standard_error)
            )
    return pd.DataFrame(rows, columns=[*by, "code", "read", "population", "clusters", "share", "low", "high", "error"])


def of_profile(table: pd.DataFrame, group: str, period: str, code: str, scale: float = 100) -> dict[str, float]:
    """Return value and bounds of a profile for a claim, times a scale.

    Raises
    ------
    UserError
        When no text of this group and period was read.
    """
    row = table[(table["group"] == group) & (table["period"] == period) & (table["code"] == code)]
    if row.empty:
        raise UserError(
            f"profile of {code}: got no text of {group}, {period}, expected some; choose readers that read some, or leave it out"
        )
    return {
        name: scale * float(row.iloc[0][column])
        for name, column in (("value", "share"), ("low", "low"), ("high", "high"))
    }


def change(table: pd.DataFrame, group: str, code: str, confidence: float, scale: float = 100) -> dict[str, float]:
    """Return by how much a profile's mean rose from the first period to the last, times a scale.

    The interval is Student's, with the degrees of freedom of Welch and Satterthwaite for the clusters of both periods.

    Returns
    -------
    dict
        ``value``, ``low``, ``high``, and ``p_value`` of no change, which is missing where nothing varies.

    Raises
    ------
    UserError
        When no text of one of these periods was read.
    """
    first, *_, last = PERIODS
    ends = [of_profile(table, group, period, code, scale)["value"] for period in (first, last)]
    chosen = table[(table["group"] == group) & (table["code"] == code)].set_index("period").loc[[first, last]]
    squares = (scale * chosen["error"].to_numpy(dtype=float)) ** 2
    gap, error = ends[1] - ends[0], float(np.sqrt(squares.sum()))
    if error == 0:
        return {"value": gap, "low": gap, "high": gap, "p_value": np.nan}
    freedom = squares.sum() ** 2 / float((squares**2 / (chosen["clusters"].to_numpy(dtype=float) - 1)).sum())
    reach = error * float(student.ppf(0.5 + confidence / 2, freedom))
    p_value = float(2 * student.sf(abs(gap) / error, freedom))
    return {"value": gap, "low": gap - reach, "high": gap + reach, "p_value": p_value}
