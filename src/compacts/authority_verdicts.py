"""Tests on authority, and the declared rule by which they are judged: supported, contradicted or undecided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compacts.money_verdicts import CONTRADICTED, SUPPORTED, UNDECIDED
from compacts.stats.contrasts import Contrast
from compacts.stats.multiplicity import holm
from compacts.stats.power import power_at, smallest_detectable

UNTESTED = "not tested"


@dataclass(frozen=True)
class Tested:
    """What a test found, in the declared unit.

    Attributes
    ----------
    estimate, low, high, p_value
        Missing where it could not be done: ``problem`` says why.
    std_error
        Missing for an exact test.
    n, clusters
        Observations; clusters of the covariance, 0 without.
    method, problem
        In words.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    std_error: float
    n: int
    clusters: int
    method: str
    problem: str = ""

    @classmethod
    def of(cls, found: Contrast, confidence: float, factor: float = 1.0) -> "Tested":
        """Return a contrast as a test, times a factor; one without an error could not be done."""
        if not found.std_error > 0:
            return cls.impossible(
                f"got no variation to reckon an error from in {found.n} rows ({found.method})", found.n
            )
        low, high = found.interval(confidence)
        return cls(
            factor * found.estimate,
            factor * low,
            factor * high,
            found.p_value,
            factor * found.std_error,
            found.n,
            found.clusters,
            found.method,
        )

    @classmethod
    def impossible(cls, why: str, n: int = 0) -> "Tested":
        """Return a test that could not be done."""
        gap = float("nan")
        return cls(gap, gap, gap, gap, gap, n, 0, "", why)


def judge(found: Tested, p_holm: float, expects: int, plausible: float, alpha: float) -> str:
    """Judge one hypothesis.

    Parameters
    ----------
    found
        The test.
    p_holm
        Its p-value after Holm's correction over the family.
    expects
        1 for more, −1 for less, 0 for no change.
    plausible
        The effect that counts, in the unit of the test.
    alpha
        Level.

    Examples
    --------
    >>> judge(Tested(0.1, -0.2, 0.4, 0.5, 0.15, 90, 0, ""), 1.0, 1, 1.0, 0.05)  # whole interval below what counts
    'contradicted'
    >>> judge(Tested(0.1, -0.2, 0.4, 0.5, 0.15, 90, 0, ""), 1.0, 0, 0.3, 0.05)
    'undecided'
    """
    if found.problem or np.isnan(found.p_value):
        return UNTESTED
    clear = p_holm < alpha
    inside = max(abs(found.low), abs(found.high)) <= plausible
    if expects == 0:
        return SUPPORTED if inside else CONTRADICTED if clear and abs(found.estimate) >= plausible else UNDECIDED
    if clear:
        return SUPPORTED if found.estimate * expects > 0 else CONTRADICTED
    return CONTRADICTED if inside else UNDECIDED


def judged(found: Mapping[str, Tested], designs: Mapping[str, Mapping[str, Any]], alpha: float) -> pd.DataFrame:
    """Return all tests of a family with corrected p-values, verdicts, and what they could have found.

    Parameters
    ----------
    found
        Tests by name.
    designs
        By the same names: ``expects`` (more, less, none), ``plausible``, ``unit``.
    alpha
        Level.

    Returns
    -------
    DataFrame
        By name: estimate, low, high, p_value, p_holm, n, clusters, method, problem, unit, plausible, verdict, ``detectable`` (with a power
        of 80 per cent) and ``power`` (at the plausible effect); the last two are missing for exact tests.
    """
    table = pd.DataFrame({name: vars(test) for name, test in found.items()}).T
    numbers = ["estimate", "low", "high", "p_value", "std_error"]
    table[numbers] = table[numbers].astype(float)
    table[["n", "clusters"]] = table[["n", "clusters"]].astype(int)
    done = table["p_value"].notna()
    table["p_holm"] = np.nan
    if done.any():
        table.loc[done, "p_holm"] = holm(table.loc[done, "p_value"])
    signs = {"more": 1, "less": -1, "none": 0}
    rows = []
    for name, test in found.items():
        plan = designs[name]
        plausible, degrees = float(plan["plausible"]), test.clusters - 1 if test.clusters else np.inf
        verdict = judge(test, float(table["p_holm"][name]), signs[str(plan["expects"])], plausible, alpha)
        has_error = test.std_error > 0
        detectable = smallest_detectable(test.std_error, alpha, degrees=degrees) if has_error else np.nan
        power = power_at(plausible, test.std_error, alpha, degrees) if has_error else np.nan
        rows.append((str(plan["unit"]), plausible, verdict, detectable, power))
    extra = pd.DataFrame(rows, index=table.index, columns=["unit", "plausible", "verdict", "detectable", "power"])
    return table.join(extra).rename_axis("test")
