"""Assignments of a treatment to units within blocks: how many there are, all of them, and random ones."""

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def arrangements(values: Array) -> int:
    """Number of distinct arrangements of these values.

    Examples
    --------
    >>> arrangements(np.array([1.0, 1, 0, 0]))
    6
    """
    left, number = len(values), 1
    for count in np.unique(values, return_counts=True)[1].tolist():
        number *= comb(left, count)
        left -= count
    return number


def _orders(values: Array) -> Array:
    """Every distinct arrangement of these values, shape (arrangements, values)."""
    levels, counts = np.unique(values, return_counts=True)
    if len(levels) == 1:
        return values[None]
    number, first = len(values), int(counts[0])
    chosen = np.array(list(combinations(range(number), first)))
    rest = _orders(values[values != levels[0]])
    free = np.ones((len(chosen), number), dtype=bool)
    np.put_along_axis(free, chosen, values=False, axis=1)
    orders = np.full((len(chosen), len(rest), number), levels[0])
    places = np.nonzero(free)[1].reshape(len(chosen), 1, number - first)
    np.put_along_axis(orders, np.broadcast_to(places, (len(chosen), *rest.shape)), rest[None], axis=2)
    return orders.reshape(-1, number)


def all_assignments(values: Array, groups: list[NDArray[np.int_]], size: int) -> Iterator[Array]:
    """Every assignment, in parts of so many rows.

    Parameters
    ----------
    values
        Treatment of each unit, shape (units,).
    groups
        Places of the units of each block; treatments are exchanged within these.
    size
        Rows a part, each shape (size, units).

    Examples
    --------
    >>> blocks = [np.array([0, 1]), np.array([2, 3])]
    >>> next(all_assignments(np.array([1.0, 0, 1, 0]), blocks, 9)).astype(int).tolist()
    [[0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0]]
    """
    assignments = values[None]
    for rows in groups:
        orders = _orders(values[rows])
        whole = len(assignments)
        assignments = np.repeat(assignments, len(orders), axis=0)
        assignments[:, rows] = np.tile(orders, (whole, 1))
    for start in range(0, len(assignments), size):
        yield assignments[start : start + size]


def random_assignments(
    values: Array, groups: list[NDArray[np.int_]], draws: int, seed: int, size: int
) -> Iterator[Array]:
    """So many random assignments, in parts as of :func:`all_assignments`."""
    rng = np.random.default_rng(seed)
    for start in range(0, draws, size):
        assignments = np.tile(values, (min(size, draws - start), 1))
        for rows in groups:
            assignments[:, rows] = rng.permuted(assignments[:, rows], axis=1)
        yield assignments
