"""Randomization inference: what a statistic would have been, had the treatment fallen otherwise.

The assignment is declared: which units got the treatment together (countries, years, documents), and within which
blocks it might as well have gone to others. The null hypothesis is that it changes nothing for anyone; nothing else is
assumed, and no sample is needed. Where there are few assignments all are taken, and the p-value is exact; otherwise
random ones, with the real one counted among them. With years as units the test is only as good as the claim that any
years might have been treated: a trend breaks it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compacts.stats.assignments import all_assignments, arrangements, random_assignments
from compendium.errors import UserError

Array = NDArray[np.float64]
Alternative = Literal["two-sided", "greater", "less"]
# takes treatments, shape (assignments, observations), and returns one number an assignment
Statistic = Callable[[Array], Array]

ROUNDING = 1e-9
# assignments that are held at once, times observations
AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Randomization:
    """A randomization test.

    Attributes
    ----------
    observed
        The statistic with the real assignment.
    p_value
        Share of assignments with a statistic at least as large (two-sided: in size); with random ones the real one
        counts as one more.
    ties
        Assignments with a statistic as large as the real one.
    possible, draws, enumerated
        How many assignments there are, how many were taken, and whether those are all.
    smallest_p
        The p-value cannot be smaller with these assignments.
    alternative, units, blocks
        The side tested; numbers of units assigned together and of blocks.
    distribution
        The statistic under each assignment taken, shape (draws,).
    """

    observed: float
    p_value: float
    ties: int
    possible: int
    draws: int
    enumerated: bool
    smallest_p: float
    alternative: Alternative
    units: int
    blocks: int
    distribution: Array = field(repr=False)

    def sentence(self) -> str:
        """How the test was done, in words."""
        within = f" within {self.blocks} blocks" if self.blocks > 1 else ""
        how = (
            f"all {self.possible:,} assignments"
            if self.enumerated
            else f"{self.draws:,} random ones of {self.possible:.3g} assignments"
        )
        return f"randomization of {self.units} units{within}: {how}; no p-value below {self.smallest_p:.3g} is possible"


def randomization_test(
    treatment: pd.Series,
    statistic: Statistic,
    *,
    units: pd.Series | None = None,
    blocks: pd.Series | None = None,
    alternative: Alternative = "two-sided",
    draws: int = 9999,
    seed: int = 0,
) -> Randomization:
    """Test the hypothesis that the treatment changes nothing.

    Parameters
    ----------
    treatment
        Of each observation: 0 or 1, or any levels.
    statistic
        Such as :func:`coefficient` or :func:`difference_in_means` give; :func:`one_by_one` makes one of a function of a
        single assignment.
    units
        Observations that were assigned together; by default each alone.
    blocks
        Treatments are exchanged within these only.
    alternative
        ``two-sided`` compares sizes.
    draws, seed
        Random assignments; where there are no more than this, all are taken.

    Raises
    ------
    UserError
        For missing values, a treatment or block that differs within a unit, or nothing to exchange.

    References
    ----------
    Fisher, R. A. (1935), The Design of Experiments, chapter II. Phipson, B. and Smyth, G. K. (2010), Statistical
    Applications in Genetics and Molecular Biology 9, 39 (the real assignment counts). Young, A. (2019), Quarterly
    Journal of Economics 134, 557-598 (regressions).

    Examples
    --------
    >>> milk_first = pd.Series([1, 1, 1, 1, 0, 0, 0, 0])  # Fisher's lady, who was right eight times
    >>> said = pd.Series([1, 1, 1, 1, 0, 0, 0, 0])
    >>> found = randomization_test(milk_first, difference_in_means(said), alternative="greater")
    >>> found.possible, round(found.p_value * 70, 9)
    (70, 1.0)
    """
    values, places, groups = _assigned(treatment, units, blocks)
    possible = prod(arrangements(values[rows]) for rows in groups)
    if possible < 2:
        raise UserError(
            "treatment: got one possible assignment, expected two or more; let a block have both levels, or take larger blocks"
        )
    enumerated = possible <= draws
    size = max(1, AT_ONCE // len(treatment))
    source = (
        all_assignments(values, groups, size) if enumerated else random_assignments(values, groups, draws, seed, size)
    )
    found = [statistic(rows[:, places]) for rows in source]
    distribution = np.concatenate(found).astype(float)
    observed = float(statistic(values[places][None])[0])
    if not np.isfinite(observed) or not np.isfinite(distribution).all():
        raise UserError(
            "statistic: got a value that is no number for some assignment, expected finite ones; choose another"
        )
    theirs, ours = _sided(distribution, alternative), float(_sided(np.array([observed]), alternative)[0])
    margin = ROUNDING * max(abs(observed), float(np.abs(distribution).max()))
    larger, ties = int((theirs > ours + margin).sum()), int((np.abs(theirs - ours) <= margin).sum())
    added = 0 if enumerated else 1
    most = int((theirs >= theirs.max() - margin).sum())
    return Randomization(
        observed, (larger + ties + added) / (len(theirs) + added), ties, possible, len(theirs), enumerated,
        most / possible if enumerated else 1 / (len(theirs) + 1), alternative, len(values), len(groups), distribution,
    )  # fmt: skip


def difference_in_means(outcome: pd.Series) -> Statistic:
    """Mean outcome of the treated (1) less that of the others (0)."""
    y = _complete(outcome, "outcome")

    def statistic(treatments: Array) -> Array:
        treated = treatments.sum(axis=1)
        return np.asarray(treatments @ y / treated - (y.sum() - treatments @ y) / (treatments.shape[1] - treated))

    return statistic


def coefficient(outcome: pd.Series, controls: pd.DataFrame, clusters: pd.Series | None = None) -> Statistic:
    """Least-squares coefficient of the treatment next to controls (the constant included).

    With clusters it is divided by its cluster-robust standard error (without small-sample factor), which holds up
    better where effects differ or few clusters are treated: MacKinnon, J. G. and Webb, M. D. (2020), Journal of
    Econometrics 218, 435-450; Wu, J. and Ding, P. (2021), JASA 116, 1898-1913.

    Raises
    ------
    UserError
        If an assignment is a combination of the controls.

    Examples
    --------
    >>> test = coefficient(pd.Series([1.0, 2, 4, 5]), pd.DataFrame({"constant": [1.0] * 4}))
    >>> test(np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])).round(9).tolist()
    [3.0, 1.0]
    """
    y, x = _complete(outcome, "outcome"), controls.to_numpy(dtype=float)
    basis, sizes, _ = np.linalg.svd(x, full_matrices=False)
    basis = basis[:, sizes > sizes.max() * 1e-10]
    left = y - basis @ (basis.T @ y)
    member = None if clusters is None else pd.get_dummies(clusters, dtype=float).to_numpy()

    def statistic(treatments: Array) -> Array:
        own = treatments - (treatments @ basis) @ basis.T
        spread = np.einsum("ij,ij->i", own, own)
        if (spread <= 1e-10 * np.einsum("ij,ij->i", treatments, treatments)).any():
            raise UserError(
                "controls: got some that tell an assignment of the treatment exactly, expected none; leave them out"
            )
        slopes = own @ left / spread
        if member is None:
            return np.asarray(slopes)
        scores = (own * (left - slopes[:, None] * own)) @ member
        return np.asarray(slopes * spread / np.sqrt(np.einsum("ij,ij->i", scores, scores)))

    return statistic


def one_by_one(function: Callable[[Array], float]) -> Statistic:
    """A statistic from a function of one assignment, shape (observations,).

    Examples
    --------
    >>> one_by_one(np.ptp)(np.array([[0.0, 1], [1, 1]])).tolist()
    [1.0, 0.0]
    """
    return lambda treatments: np.array([function(row) for row in treatments])


def _sided(values: Array, alternative: Alternative) -> Array:
    return {"two-sided": np.abs(values), "greater": values, "less": -values}[alternative]


def _complete(column: pd.Series, name: str) -> Array:
    if column.isna().any():
        raise UserError(f"{name}: got {column.isna().sum()} missing values, expected none; leave those rows out")
    return column.to_numpy(dtype=float)


def _assigned(
    treatment: pd.Series, units: pd.Series | None, blocks: pd.Series | None
) -> tuple[Array, NDArray[np.int_], list[NDArray[np.int_]]]:
    """Treatment of each unit, the unit of each observation, and the units of each block."""
    x = _complete(treatment, "treatment")
    given = {"units": units, "blocks": blocks}
    for name, column in given.items():
        if column is not None and (len(column) != len(x) or column.isna().any()):
            raise UserError(
                f"{name}: got {column.notna().sum()} names, expected {len(x)}, one an observation; complete them"
            )
    places, names = pd.factorize(units) if units is not None else (np.arange(len(x)), np.arange(len(x)))
    block = pd.factorize(blocks)[0] if blocks is not None else np.zeros(len(x), dtype=int)
    first = (
        np.array([np.flatnonzero(places == place)[0] for place in range(len(names))]) if units is not None else places
    )
    for name, levels in (("treatment", x), ("block", block)):
        odd = np.flatnonzero(levels != levels[first][places])
        if len(odd):
            raise UserError(
                f"unit {names[places[odd[0]]]}: got more than one {name}, expected one; declare finer units"
            )
    groups = [np.flatnonzero(block[first] == number) for number in range(block.max() + 1)]
    return x[first], places, groups
