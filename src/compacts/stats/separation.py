"""Separation: when a linear combination of covariates sorts the outcomes without error.

Then the likelihood has no maximum: estimates run off to infinity and software stops at some large number.
A linear programme decides it (Konis 2007): is there a direction in which no observation's likelihood falls
and some rise for ever?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from compendium.errors import UserError

Array = NDArray[np.float64]
Kind = Literal["none", "quasi-complete", "complete"]
Model = Literal["binary", "ordered", "multinomial"]

# the linear programme works on columns scaled to a largest entry of 1; solutions below this are zero
TOLERANCE = 1e-7


@dataclass(frozen=True)
class Separation:
    """What the linear programme found.

    Attributes
    ----------
    kind
        ``none`` (finite estimates exist), ``quasi-complete`` or ``complete``.
    directions
        Parameters without a finite estimate, each with the sign of its infinity (+1 or -1).
    """

    kind: Kind
    directions: dict[str, int]

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the parameters without a finite estimate."""
        return tuple(self.directions)

    def sentence(self) -> str:
        """The finding in words."""
        if self.kind == "none":
            return "no separation: the maximum-likelihood estimates are finite"
        names = ", ".join(f"{name} ({'+' if sign > 0 else '-'}infinity)" for name, sign in self.directions.items())
        return f"{self.kind} separation: no finite estimate for {names}"


def detect_separation(
    design: pd.DataFrame,
    outcome: Sequence[int] | pd.Series,
    model: Model = "binary",
    levels: Sequence[str] | None = None,
) -> Separation:
    """Decide whether a logit has finite maximum-likelihood estimates, and name the parameters that have none.

    Parameters
    ----------
    design
        One row an observation, one named column a covariate, the constant included
        (for ``ordered`` it is dropped: the thresholds take its place).
    outcome
        Whole numbers from 0: 0/1 for ``binary``; 0, 1, ..., K in order for ``ordered``; any codes from 0
        with 0 as the base for ``multinomial``.
    model
        Which likelihood.
    levels
        Names of the codes, for the names of a multinomial logit's parameters.

    Raises
    ------
    UserError
        If covariates are collinear: then estimates are not unique, which is another illness.

    References
    ----------
    Konis, K. (2007), Linear Programming Algorithms for Detecting Separated Data in Binary Logistic Regression
    Models, DPhil thesis, University of Oxford, ch. 4. Albert, A. and Anderson, J. A. (1984), Biometrika 71, 1-10
    (multinomial). Haberman, S. J. (1980), discussion of McCullagh, JRSS B 42, 136-137 (ordered).

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "host": [0.0, 0, 0, 1, 1]})
    >>> detect_separation(design, [0, 1, 1, 1, 1]).sentence()
    'quasi-complete separation: no finite estimate for host (+infinity)'
    """
    codes = np.asarray(outcome, dtype=int)
    if model == "ordered":
        design = design.loc[:, np.ptp(design.to_numpy(dtype=float), axis=0) > 0]
    matrix = full_rank(design)
    words = list(levels) if levels else [str(k) for k in range(codes.max() + 1)]
    rows, names = _gains(matrix, codes, [str(c) for c in design.columns], model, words)
    rows = rows / np.abs(rows).max(axis=0)
    box = [(-1.0, 1.0)] * rows.shape[1]
    solved = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=box, method="highs")
    direction = np.where(np.abs(solved.x) > TOLERANCE, np.sign(solved.x), 0).astype(int)
    infinite = {name: int(sign) for name, sign in zip(names, direction, strict=True) if sign}
    if not infinite:
        return Separation("none", {})
    return Separation("complete" if _all_gain(rows, box) else "quasi-complete", infinite)


def full_rank(design: pd.DataFrame) -> Array:
    """Covariates as a matrix, or a named error if they are collinear; see :func:`detect_separation`."""
    matrix = design.to_numpy(dtype=float)
    rank = np.linalg.matrix_rank(matrix)
    if rank < matrix.shape[1]:
        raise UserError(
            f"the covariates {', '.join(map(str, design.columns))} are collinear: got rank {rank}, "
            f"expected {matrix.shape[1]}; leave one out"
        )
    return matrix


def _gains(
    matrix: Array, codes: NDArray[np.int_], names: list[str], model: Model, words: list[str]
) -> tuple[Array, list[str]]:
    """Rows r such that no likelihood falls along a direction d exactly when r @ d >= 0 for every row."""
    if model == "binary":
        return matrix * (2 * codes - 1)[:, None], names
    levels, width = len(words), matrix.shape[1]
    rows = []
    if model == "ordered":
        # an observation of level k lies between thresholds k-1 and k; both may only move away from it
        for x, k in zip(matrix, codes, strict=True):
            for threshold, sign in ((k, 1.0), (k - 1, -1.0)):
                if 0 <= threshold < levels - 1:
                    place = np.zeros(levels - 1)
                    place[threshold] = sign
                    rows.append(np.concatenate([-sign * x, place]))
        return np.array(rows), names + [f"threshold {k + 1}" for k in range(levels - 1)]
    for x, k in zip(matrix, codes, strict=True):
        for other in range(levels):
            if other != k:
                blocks = np.zeros((levels, width))
                blocks[k], blocks[other] = x, -x
                rows.append(blocks[1:].ravel())
    return np.array(rows), [f"{name}: {word} against {words[0]}" for word in words[1:] for name in names]


def _all_gain(rows: Array, box: list[tuple[float, float]]) -> bool:
    """Whether one direction raises every likelihood: the largest smallest gain is above zero."""
    objective = np.zeros(rows.shape[1] + 1)
    objective[-1] = -1.0
    solved = linprog(
        objective,
        A_ub=np.column_stack([-rows, np.ones(len(rows))]),
        b_ub=np.zeros(len(rows)),
        bounds=[*box, (0.0, 1.0)],
        method="highs",
    )
    return bool(solved.x[-1] > TOLERANCE)
