"""How good the readings of texts are: how far readers agree, by code and organization, and how many texts are no news."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from compacts.authority import CLAIMS, GROUNDS, GROUPS, RELATIONS, STANCES, of_profile, profile
from compacts.stats.agreement import TENTATIVE, agreement_table, krippendorff_alpha
from compendium.errors import UserError

#: why a code carries no headline, from its alpha and the interval
FLAGS: Mapping[str, str] = {"": "", "low": "below .667", "unsure": "may be below .667", "unknown": "not known"}
#: key and codes of each set of readings
CODED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "own words": ("document_id", (*CLAIMS, *STANCES, "lasting", "object", "compact", "other_io")),
    "speeches": ("item", ("recognition", *GROUNDS, "relation", "instrumental", "object")),
    "resolutions": ("item", ("role", "strength", "task", "autonomy", "resources", "reporting", "term", "object")),
}
UNITS: Mapping[str, str] = {
    "own words": "opening of a document", "speeches": "sentence that names the organization",
    "resolutions": "operative paragraph that names it",
}  # fmt: skip
#: columns that are values of a code
VALUES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("speeches", "relation"): RELATIONS, ("resolutions", "autonomy"): ("lead", "jointly", "service"),
    ("resolutions", "task"): ("new_task",), ("resolutions", "role"): ("actor",),
}  # fmt: skip


def agreement(
    readings: pd.DataFrame,
    key: str,
    codes: Sequence[str],
    texts: pd.DataFrame,
    *,
    draws: int,
    seed: int,
    confidence: float,
) -> pd.DataFrame:
    """Return Krippendorff's alpha of each code, over all texts and for each group of organizations.

    Parameters
    ----------
    readings : DataFrame
        ``reader``, the key and the codes; those of the readers that count.
    key : str
        Column that names the text.
    codes : sequence of str
        Columns; ``strength`` is ordinal, others are nominal.
    texts : DataFrame
        The key, ``cluster`` and ``group`` of each text; readings of other texts are left out.
    draws, seed, confidence
        Of the bootstrap by cluster.

    Returns
    -------
    DataFrame
        As `agreement_table`, and ``flag``, one of `FLAGS`' keys; ``IOM``, ``UNHCR``, ``peers``: alpha there. With one reader alpha is
        undefined, and so said.

    Raises
    ------
    UserError
        For fewer than 100 draws, or a confidence outside 0 to 1.
    """
    if draws < 100 or not 0 < confidence < 1:
        raise UserError(
            f"agreement: got {draws} draws and confidence {confidence}, expected 100 or more and a number between 0 and 1; correct the parameter"
        )
    about = texts.set_index(key)
    inside = readings[readings[key].isin(about.index)]
    if inside["reader"].nunique() < 2:
        return _undefined(codes, len(about))
    tables = {code: inside.pivot(index=key, columns="reader", values=code) for code in codes}
    levels = {"strength": "ordinal"}
    found = agreement_table(tables, levels, draws=draws, seed=seed, confidence=confidence, clusters=about["cluster"])  # type: ignore[arg-type]
    for group in GROUPS:
        members = about.index[about["group"] == group]
        alphas = [
            krippendorff_alpha(t.loc[t.index.isin(members)], levels.get(c, "nominal"), draws=1).alpha  # type: ignore[arg-type]
            for c, t in tables.items()
        ]
        found[group] = alphas
    return found.assign(
        flag=np.select(
            [found["alpha"].isna(), found["alpha"] < TENTATIVE, found["low"] < TENTATIVE],
            ["unknown", "low", "unsure"],
            "",
        )
    )


def readers_by_set(readings: Mapping[str, pd.DataFrame], readers: Sequence[str]) -> dict[str, list[str]]:
    """Return for each set those of some readers who read it; none where all of its readers count.

    Parameters
    ----------
    readings : mapping
        For the name of a set, its readings.
    readers : sequence of str
        Names; a set that none of them read keeps all its readers, so that a person may read one set alone.

    Raises
    ------
    UserError
        For a name that no set has.

    Examples
    --------
    >>> sets = {"a": pd.DataFrame({"reader": ["A", "B"]}), "b": pd.DataFrame({"reader": ["A"]})}
    >>> readers_by_set(sets, ["B"])
    {'a': ['B'], 'b': []}
    """
    known = {name: set(frame["reader"]) for name, frame in readings.items()}
    everyone = set().union(*known.values())
    strange = sorted(set(readers) - everyone)
    if strange:
        raise UserError(
            f"readers: got {strange[0]!r}, expected some of {', '.join(sorted(everyone))}; correct the parameter"
        )
    return {name: [reader for reader in readers if reader in names] for name, names in known.items()}


def agreement_of_sets(
    readings: Mapping[str, pd.DataFrame], texts: Mapping[str, pd.DataFrame], readers: Mapping[str, Sequence[str]], *,
    draws: int, seed: int, confidence: float,
) -> pd.DataFrame:  # fmt: skip
    """Return `agreement` for the three sets of texts, with a column ``set``.

    Parameters
    ----------
    readings, texts : mapping
        For each name of `CODED`: the readings, and the texts as `compacts.authority` shapes them.
    readers : mapping
        As `readers_by_set` gives it.
    draws, seed, confidence
        Of the bootstrap.
    """
    parts = []
    for name, (key, codes) in CODED.items():
        chosen = readings[name][readings[name]["reader"].isin(readers[name] or readings[name]["reader"])]
        found = agreement(chosen, key, codes, texts[name], draws=draws, seed=seed, confidence=confidence)
        parts.append(found.assign(set=name))
    return pd.concat(parts, ignore_index=True)


def weak_codes(flagged_codes: pd.DataFrame) -> dict[str, set[str]]:
    """Return for each set the codes without a headline, with those that are values of such a code.

    Examples
    --------
    >>> weak_codes(pd.DataFrame({"set": ["speeches"], "code": ["relation"]}))["speeches"] >= {"thanks", "supports"}
    True
    """
    found: dict[str, set[str]] = {name: set() for name in CODED}
    for name, code in flagged_codes[["set", "code"]].itertuples(index=False):
        found[name] |= {code, *VALUES.get((name, code), ())}
    return found


def _undefined(codes: Sequence[str], units: int) -> pd.DataFrame:
    nothing = dict.fromkeys(["alpha", "low", "high", "observed", "prevalence", *GROUPS], np.nan)
    frame = pd.DataFrame({"code": list(codes), **nothing})
    return frame.assign(commonest="", units=units, verdict="undefined", undefined="one reader only", flag="unknown")


def flagged(table: pd.DataFrame) -> pd.DataFrame:
    """Return the codes that carry no headline: over all texts, or for one group of organizations.

    Parameters
    ----------
    table : DataFrame
        Of `agreement`, with a column ``set``.

    Returns
    -------
    DataFrame
        ``set``, ``code``, ``where`` (all, or the group), ``alpha``, ``low``, ``prevalence``, ``why``; empty where none is.
    """
    rows = []
    for row in table.to_dict("records"):
        if row["flag"]:
            rows.append(
                (row["set"], row["code"], "all", row["alpha"], row["low"], row["prevalence"], FLAGS[row["flag"]])
            )
        else:
            rows += [
                (row["set"], row["code"], group, row[group], np.nan, np.nan, FLAGS["low"])
                for group in GROUPS
                if row[group] < TENTATIVE
            ]
    return pd.DataFrame(rows, columns=["set", "code", "where", "alpha", "low", "prevalence", "why"])


def samples(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how many texts of each set were read, of how many, and how many are no independent ones.

    Parameters
    ----------
    frames : mapping
        For the name of a set, texts as `compacts.authority` shapes them.

    Returns
    -------
    DataFrame
        ``texts``, ``unit``, ``read``, ``iom``, ``unhcr``; for sampled texts ``population`` (sampled from), ``repeated`` (equal to
        another one), ``elsewhere`` (to one of another document), ``same_document`` (in a document with another one); ``clusters``.
    """
    rows = []
    for name, frame in frames.items():
        row: dict[str, object] = {
            "texts": name, "unit": UNITS[name], "read": len(frame),
            **{group.lower(): int((frame["group"] == group).sum()) for group in GROUPS[:2]},
            "population": None, "repeated": None, "elsewhere": None, "same_document": None, "clusters": frame["cluster"].nunique(),
        }  # fmt: skip
        if "stratum" in frame:
            row["population"] = int(frame.groupby("stratum")["stratum_size"].first().sum())
            row["repeated"] = int(frame["sha1"].duplicated(keep=False).sum())
            row["elsewhere"] = int((frame.groupby("sha1")["document"].transform("nunique") > 1).sum())
            row["same_document"] = int(frame["document"].duplicated(keep=False).sum())
        rows.append(row)
    return pd.DataFrame(rows)


def three_ways(
    frame: pd.DataFrame, code: str, group: str, period: str, confidence: float
) -> dict[str, dict[str, float]]:
    """Return a mean with its interval as if texts were independent, clustered, and from texts that differ only.

    Returns
    -------
    dict
        ``alone``, ``clustered``, ``distinct``: each ``value``, ``low``, ``high`` (the code's own scale) and ``read``.

    Raises
    ------
    UserError
        When no text of this group and period was read.
    """
    part = frame[(frame["group"] == group) & (frame["period"] == period)]
    once = part.drop_duplicates(["stratum", "sha1"])
    found = {}
    for name, texts, clustered in (("alone", part, False), ("clustered", part, True), ("distinct", once, True)):
        table = profile(texts, [code], confidence, clustered=clustered)
        found[name] = {**of_profile(table, group, period, code, 1), "read": float(len(texts))}
    return found
