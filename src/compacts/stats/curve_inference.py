"""All specifications together: whether chance would bring a curve as far from nought as this one.

The treatment is dealt out anew among the units, as often as asked, and every specification is estimated again. What the
curve shows (its median, the share significant, the sum of z) is compared with what it shows when the treatment means nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import factorial, prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from compendium.errors import UserError

Array = NDArray[np.float64]

STATISTICS = ("median", "share_significant", "stouffer_z")
# rounding makes equal statistics differ by about this share
SLACK = 1e-9


@dataclass(frozen=True)
class Deals:
    """Ways of dealing out the treatment.

    Attributes
    ----------
    orders
        Shape (deals, rows): row i gets the treatment of row ``orders[d, i]``.
    complete
        Whether these are all the distinct ones, the observed one among them.
    possible
        Number of distinct ones (as a float: it may be huge).
    """

    orders: NDArray[np.intp]
    complete: bool
    possible: float


@dataclass(frozen=True)
class JointTest:
    """Outcome of the joint permutation test.

    Attributes
    ----------
    summary
        One row a statistic: statistic, observed, p_value, as_extreme (deals that reach the observed), ties (of them, those
        that equal it).
    null
        Statistics of each deal.
    deals, complete
        How many, and whether they are all there are.
    smallest_p
        The smallest p-value that the test can give.
    lost
        Mean number of specifications that have no estimate in a deal though they have one in the data.
    """

    summary: pd.DataFrame
    null: pd.DataFrame
    deals: int
    complete: bool
    smallest_p: float
    lost: float


def deal_treatment(
    treatment: ArrayLike, draws: int, seed: int, within: ArrayLike | None = None, units: ArrayLike | None = None
) -> Deals:
    """Deal the treatment out anew, within blocks and by whole units; all distinct ways if there are no more than ``draws``.

    Parameters
    ----------
    treatment
        Shape (rows,) or (rows, codings): several codings of one treatment move together.
    draws
        Number of random deals.
    seed
        Of the random numbers.
    within
        Block of each row: treatments move inside blocks only.
    units
        Unit of each row (a state, a cluster): its rows keep one treatment, as they have one.

    Raises
    ------
    UserError
        If a unit has two treatments or lies in two blocks, or nothing varies inside any block.

    Examples
    --------
    Four rows, two treated: six ways.

    >>> deals = deal_treatment([1, 1, 0, 0], draws=100, seed=1)
    >>> len(deals.orders), deals.complete
    (6, True)
    """
    values = np.asarray(treatment)
    rows = len(values)
    coded = pd.factorize(pd.Series([repr(row) for row in values.reshape(rows, -1).tolist()]))[0]
    block = np.zeros(rows, dtype=int) if within is None else pd.factorize(np.asarray(within))[0]
    unit, names = (np.arange(rows), np.arange(rows)) if units is None else pd.factorize(np.asarray(units))
    first = np.unique(unit, return_index=True)[1]
    for name, codes in (("treatment", coded), ("block", block)):
        if (differ := np.flatnonzero(codes != codes[first][unit])).size:
            raise UserError(
                f"unit {names[unit[differ[0]]]}: got two values of {name}, expected one; choose larger units"
            )
    own, where = coded[first], block[first]
    places = [np.flatnonzero(where == b) for b in range(where.max() + 1)]
    counts = [np.bincount(own[place])[np.unique(own[place])].tolist() for place in places]
    ways = [factorial(sum(count)) // prod(map(factorial, count)) for count in counts]
    possible = prod(ways)
    if possible == 1:
        raise UserError("treatment: got one value in each block, expected two or more in some; choose wider blocks")
    if possible <= draws:
        dealt = np.array([_joined(parts, places, len(own)) for parts in _all_ways(own, places)])
        return Deals(_rows(dealt, own, where, first, unit), complete=True, possible=float(possible))
    rng = np.random.default_rng(seed)
    dealt = np.tile(own, (draws, 1))
    for place in places:
        dealt[:, place] = rng.permuted(dealt[:, place], axis=1)
    return Deals(
        _rows(dealt, own, where, first, unit), complete=False, possible=min(float(possible), np.finfo(float).max)
    )


def joint_permutation_test(
    estimates: Callable[[NDArray[np.intp]], tuple[Array, Array]], deals: Deals, direction: int = 0, alpha: float = 0.05
) -> JointTest:
    """Test the sharp null hypothesis that the treatment means nothing in any specification.

    Parameters
    ----------
    estimates
        Takes an order of the rows' treatments, returns estimates and p-values of all specifications (missing where there is
        none), two arrays: :meth:`compacts.stats.specification_curve.GLMCurve.shuffled`.
    deals
        Of :func:`deal_treatment`. The blocks and units must be those in which the treatment is exchangeable under the null:
        covariates that differ between treated and others are not held fixed by dealing.
    direction
        1 or -1 if the hypothesis says which sign the estimates have; 0 counts both.
    alpha
        Level of significance of single specifications.

    Returns
    -------
    JointTest
        p-values count the observed deal: (1 + as extreme) / (1 + draws), or the share as extreme among all deals. A deal
        in which no specification has an estimate counts as extreme.

    References
    ----------
    Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Specification curve analysis, Nature Human Behaviour 4,
    1208-1214, section on inference (three test statistics). Phipson, B. and Smyth, G. K. (2010), Statistical Applications
    in Genetics and Molecular Biology 9, 39 (p-values are never zero).

    Examples
    --------
    >>> y = np.array([5.0, 4.0, 1.0, 0.0])
    >>> treated = np.array([1, 1, 0, 0])
    >>> def difference(order):
    ...     gap = y[treated[order] == 1].mean() - y[treated[order] == 0].mean()
    ...     return np.array([gap]), np.array([0.5])
    >>> test = joint_permutation_test(difference, deal_treatment(treated, draws=100, seed=1), direction=1)
    >>> test.summary.set_index("statistic").p_value["median"].round(3), round(test.smallest_p, 3)
    (np.float64(0.167), 0.167)
    """
    if direction not in (-1, 0, 1):
        raise UserError(f"direction: got {direction}, expected 1, -1 or 0; choose one")
    rows = deals.orders.shape[1]
    estimate, p_value = estimates(np.arange(rows))
    usable = np.isfinite(estimate)
    if not usable.any():
        raise UserError(
            "joint permutation test: got no specification with an estimate, expected one or more; check them"
        )
    observed = curve_statistics(estimate[usable], p_value[usable], direction, alpha)
    found, lost = [], 0
    for order in deals.orders:
        estimate, p_value = (part[usable] for part in estimates(order))
        lost += int(np.isnan(estimate).sum())
        found.append(curve_statistics(estimate, p_value, direction, alpha))
    null = pd.DataFrame(found, columns=list(STATISTICS))
    number, extra = len(null), 0 if deals.complete else 1
    summary = []
    for name in STATISTICS:
        slack = SLACK * max(1.0, abs(observed[name]))
        reached, equal = null[name] >= observed[name] - slack, (null[name] - observed[name]).abs() <= slack
        summary.append(
            {
                "statistic": name,
                "observed": observed[name],
                "p_value": (reached.sum() + extra) / (number + extra),
                "as_extreme": int(reached.sum()),
                "ties": int(equal.sum()),
            }
        )
    return JointTest(
        pd.DataFrame(summary), null, number, deals.complete, 1 / (number + extra), lost / number
    )  # fmt: skip


def curve_statistics(estimate: Array, p_value: Array, direction: int = 0, alpha: float = 0.05) -> dict[str, float]:
    """Three numbers of a curve, the larger the further from nought in the direction (0: in either).

    Parameters
    ----------
    estimate, p_value
        Of each specification.
    direction, alpha
        As for :func:`joint_permutation_test`.

    Returns
    -------
    dict
        median of the estimates; share_significant (of those of one sign); stouffer_z: sum of the signed z that belong to the
        p-values, over the root of their number. Infinite if no specification has an estimate.

    Examples
    --------
    >>> found = curve_statistics(np.array([-0.2, -0.1]), np.array([0.01, 0.3]))
    >>> {name: round(value, 2) for name, value in found.items()}
    {'median': 0.15, 'share_significant': 0.5, 'stouffer_z': 2.55}
    """
    have = np.isfinite(estimate) & np.isfinite(p_value)
    if not have.any():
        return dict.fromkeys(STATISTICS, np.inf)
    estimate, p_value = estimate[have], p_value[have]
    z = np.sign(estimate) * -ndtri(np.maximum(p_value, 1e-300) / 2)
    middle, total = float(np.median(estimate)), float(z.sum() / np.sqrt(len(z)))
    up, down = ((p_value < alpha) & (estimate > 0)).mean(), ((p_value < alpha) & (estimate < 0)).mean()
    if direction == 0:
        return dict(zip(STATISTICS, (abs(middle), float(max(up, down)), abs(total)), strict=True))
    return dict(
        zip(STATISTICS, (direction * middle, float(up if direction > 0 else down), direction * total), strict=True)
    )


def _all_ways(own: NDArray[np.int_], places: list[NDArray[np.intp]]) -> Iterator[list[list[int]]]:
    """Every distinct arrangement of the values inside each block, block by block."""
    if not places:
        yield []
        return
    values, counts = np.unique(own[places[0]], return_counts=True)
    for arrangement in _arrangements(values.tolist(), counts.tolist()):
        for rest in _all_ways(own, places[1:]):
            yield [arrangement, *rest]


def _arrangements(values: list[int], counts: list[int]) -> Iterator[list[int]]:
    if not any(counts):
        yield []
    for place, value in enumerate(values):
        if counts[place]:
            for rest in _arrangements(values, [count - (place == other) for other, count in enumerate(counts)]):
                yield [value, *rest]


def _joined(parts: list[list[int]], places: list[NDArray[np.intp]], size: int) -> NDArray[np.int_]:
    joined = np.empty(size, dtype=int)
    for part, place in zip(parts, places, strict=True):
        joined[place] = part
    return joined


def _rows(
    dealt: NDArray[np.int_],
    own: NDArray[np.int_],
    where: NDArray[np.int_],
    first: NDArray[np.intp],
    unit: NDArray[np.int_],
) -> NDArray[np.intp]:
    """For each deal and row, a row of the same block that has the treatment dealt to it."""
    holder = np.zeros((where.max() + 1, own.max() + 1), dtype=np.intp)
    holder[where, own] = first
    return holder[where[None, :], dealt][:, unit]
