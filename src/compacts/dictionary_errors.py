"""The dictionary of phrases held against the readers of the same sentences: where it errs, and whether errors move with time."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import norm

from compacts.authority import CLAIMS, PERIODS, profile

#: code of the readers of speeches, and category of the dictionary
IN_SPEECHES: Mapping[str, str] = {
    **{f"ground_{claim}": claim for claim in CLAIMS}, "thanks": "gratitude", "supports": "support", "cooperates": "cooperation",
    "criticizes": "criticism", "instrumental": "service",
}  # fmt: skip


def dictionary_codes(recognitions: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences with the dictionary's answer beside the readers', one row a sentence and code.

    Parameters
    ----------
    recognitions : DataFrame
        As `compacts.authority.recognised` gives it.
    sentences : DataFrame
        speech_sentences: ``kept``, the categories that the rules leave.

    Returns
    -------
    DataFrame
        The rows of the first, each once a code, with ``code``, ``machine`` and ``reader`` (0 to 1).
    """
    found = recognitions.merge(sentences[["document", "position", "kept"]], on=["document", "position"], validate="m:1")
    categories = found["kept"].fillna("").str.split()
    parts = []
    for code, category in IN_SPEECHES.items():
        machine = np.array([float(category in words) for words in categories])
        parts.append(found.assign(code=code.removeprefix("ground_"), machine=machine, reader=found[code]))
    return pd.concat(parts, ignore_index=True)


def dictionary_scores(codes: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """Return precision, recall and F1 of the dictionary against the readers, weighted to the population sampled.

    Parameters
    ----------
    codes : DataFrame
        As `dictionary_codes` gives it.
    by : str
        Column of groups, such as ``group`` or ``period``; all together without it.

    Returns
    -------
    DataFrame
        ``part``, ``code``, ``read``, ``precision`` (missing where the dictionary found nothing), ``recall`` (where the readers found
        nothing), ``f1`` (0 where both found something and never the same), ``prevalence`` by the readers.
    """
    weight = 1 / codes["inclusion_probability"]
    sums = pd.DataFrame(
        {
            "part": codes[by] if by else "all", "code": codes["code"], "read": 1.0, "weight": weight,
            "hit": weight * codes["machine"] * codes["reader"], "said": weight * codes["machine"], "there": weight * codes["reader"],
        }
    ).groupby(["part", "code"], sort=False).sum().reset_index()  # fmt: skip
    table = sums.assign(
        precision=sums["hit"] / sums["said"].where(sums["said"] > 0),
        recall=sums["hit"] / sums["there"].where(sums["there"] > 0),
        f1=2 * sums["hit"] / (sums["said"] + sums["there"]).where((sums["said"] > 0) & (sums["there"] > 0)),
        prevalence=sums["there"] / sums["weight"],
    ).astype({"read": int})
    return table[["part", "code", "read", "precision", "recall", "f1", "prevalence"]]


def dictionary_bias(codes: pd.DataFrame, by: str, confidence: float) -> pd.DataFrame:
    """Return by how much the dictionary's share is above the readers', by part: a bias that moves with time looks like a trend.

    Parameters
    ----------
    codes : DataFrame
        As `dictionary_codes` gives it.
    by : str
        Column of groups, such as ``group`` or ``period``.
    confidence : float
        Of the interval, clustered as `compacts.authority.profile` does.

    Returns
    -------
    DataFrame
        ``part``, ``code``, ``read``, ``bias``, ``low``, ``high`` (-1 to 1), ``error`` (standard error).
    """
    parts = [
        profile(part.assign(gap=part["machine"] - part["reader"]), ["gap"], confidence, by=[by]).assign(code=code)
        for code, part in codes.groupby("code", sort=False)
    ]
    table = pd.concat(parts, ignore_index=True).rename(columns={by: "part", "share": "bias"})
    # where no text read differs, others may: the exact upper bound of none of so many
    none = 1 - (1 - confidence) ** (1 / table["read"])
    reach = (float(norm.ppf(0.5 + confidence / 2)) * table["error"]).where(table["error"] > 0, none)
    table = table.assign(low=table["bias"] - reach, high=table["bias"] + reach)
    return table[["part", "code", "read", "bias", "low", "high", "error"]]


def dictionary_drift(bias: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return by how much the dictionary's bias moved from the first period to the last.

    Parameters
    ----------
    bias : DataFrame
        As `dictionary_bias` gives it by period.
    confidence : float
        Of the normal interval.

    Returns
    -------
    DataFrame
        Indexed by code: ``drift``, ``low``, ``high`` (-2 to 2).
    """
    first, *_, last = PERIODS
    wide = bias.pivot(index="code", columns="part", values=["bias", "error"])
    drift = wide["bias"][last] - wide["bias"][first]
    reach = float(norm.ppf(0.5 + confidence / 2)) * np.hypot(wide["error"][last], wide["error"][first])
    return pd.DataFrame({"drift": drift, "low": drift - reach, "high": drift + reach})
