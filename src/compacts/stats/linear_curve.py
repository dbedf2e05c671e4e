"""Specification curve of least-squares regressions that share a few designs: fast enough to be estimated again under every deal.

Many specifications differ in their outcome alone (how a text was coded, by which reader). Then one factorisation of the design serves all of
them, and a deal of the treatment costs as many factorisations as there are designs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from compacts.stats.specification_curve import p_values, specifications
from compendium.errors import UserError

Array = NDArray[np.float64]
ROUNDING = 1e-9  # relative: below, a sum of squares is nought
Options = Mapping[str, Any]


@dataclass(frozen=True)
class LinearSpecification:
    """What a combination of options means for a linear regression.

    Attributes
    ----------
    outcome
        Name of an outcome.
    treatment
        Column of the design whose coefficient is wanted.
    controls
        The other columns, the constant among them.
    sample
        Name of a sample.
    """

    outcome: str
    treatment: str
    controls: tuple[str, ...]
    sample: str


class LinearCurve:
    """A specification curve of least-squares coefficients with HC1 errors.

    Parameters
    ----------
    choices, allowed
        As for :func:`compacts.stats.specification_curve.specifications`.
    specify
        Tells what the options of a specification mean.
    design
        Columns of all specifications, one row an observation.
    outcomes
        By name, shape (rows,), no value missing.
    samples
        By name, shape (rows,): True where a row is in.

    Raises
    ------
    UserError
        For names that a specification uses and nobody declared, or missing values.

    References
    ----------
    MacKinnon, J. G. and White, H. (1985), Journal of Econometrics 29, 305-325 (HC1).

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "late": [0.0, 0, 1, 1]})
    >>> curve = LinearCurve(
    ...     {"outcome": ["a", "b"]}, lambda options: LinearSpecification(options["outcome"], "late", ("constant",), "all"),
    ...     design, {"a": [0, 1, 2, 3], "b": [1, 0, 1, 0]}, {"all": [True] * 4},
    ... )
    >>> curve.run()[["outcome", "estimate", "std_error"]].round(4).values.tolist()
    [['a', 2.0, 0.7071], ['b', 0.0, 0.7071]]
    """

    def __init__(
        self,
        choices: Mapping[str, Sequence[Any]],
        specify: Callable[[Options], LinearSpecification],
        design: pd.DataFrame,
        outcomes: Mapping[str, ArrayLike],
        samples: Mapping[str, ArrayLike],
        *,
        allowed: Callable[[Options], bool] | None = None,
    ) -> None:
        self.grid = specifications(choices, allowed)
        self.names, self.matrix = list(design.columns), design.to_numpy(dtype=float)
        self.outcomes = {name: np.asarray(values, dtype=float) for name, values in outcomes.items()}
        self.samples = {name: np.flatnonzero(np.asarray(rows, dtype=bool)) for name, rows in samples.items()}
        specified = [
            specify(dict(zip(map(str, self.grid), row, strict=True)))
            for row in self.grid.itertuples(index=False, name=None)
        ]
        for each in specified:
            unknown = (
                {each.treatment, *each.controls} - set(self.names)
                | {each.outcome} - set(outcomes)
                | {each.sample} - set(samples)
            )
            if unknown:
                raise UserError(
                    f"specification: got {min(unknown)}, which is not among the columns, outcomes or samples; add it"
                )
        used = sorted({name for each in specified for name in (each.treatment, *each.controls)})
        arrays = [self.matrix[:, [self.names.index(name) for name in used]], *self.outcomes.values()]
        if any(np.isnan(values).any() for values in arrays):
            raise UserError("specification: got missing values, expected none; leave those rows out and say so")
        self.treatments = sorted({self.names.index(each.treatment) for each in specified})
        groups: dict[tuple[str, tuple[str, ...], str], list[int]] = {}
        for place, each in enumerate(specified):
            groups.setdefault((each.treatment, each.controls, each.sample), []).append(place)
        self.groups = []
        for (treatment, controls, sample), places in groups.items():
            rows = self.samples[sample]
            y = np.column_stack([self.outcomes[specified[place].outcome][rows] for place in places])
            columns = np.array([self.names.index(name) for name in (treatment, *controls)])
            self.groups.append((columns, rows, np.array(places), y, y**2))

    def run(self, confidence: float = 0.95) -> pd.DataFrame:
        """Estimate all; columns as of :func:`compacts.stats.specification_curve.run_specifications`."""
        from scipy.special import ndtri

        estimate, error, n = self._found(self.matrix)
        reach = ndtri(0.5 + confidence / 2) * error
        found = pd.DataFrame(
            {
                "estimate": estimate,
                "std_error": error,
                "low": estimate - reach,
                "high": estimate + reach,
                "p_value": p_values(estimate, error, np.full(len(n), np.inf)),
                "n": n,
                "excluded": np.where(
                    np.isnan(estimate), "the treatment is a combination of the controls, or all residuals are zero", ""
                ),
            }
        )
        return pd.concat([self.grid, found], axis=1)

    def shuffled(self, order: NDArray[np.intp]) -> tuple[Array, Array]:
        """Estimates and p-values with the treatments of row ``order[i]`` given to row i; each of shape (specifications,)."""
        matrix = self.matrix.copy()
        matrix[:, self.treatments] = self.matrix[order][:, self.treatments]
        estimate, error, _ = self._found(matrix)
        return estimate, p_values(estimate, error, np.full(len(estimate), np.inf))

    def _found(self, matrix: Array) -> tuple[Array, Array, NDArray[np.int_]]:
        size = len(self.grid)
        estimate, error, number = np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, dtype=int)
        for columns, rows, places, y, squared in self.groups:
            x = matrix[np.ix_(rows, columns)]
            number[places] = len(rows)
            gram = x.T @ x
            try:
                inverse = np.linalg.inv(gram)
            except np.linalg.LinAlgError:
                continue
            spread = 1 / inverse[0, 0]
            exact = np.abs(gram @ inverse - np.eye(len(columns))).max() < ROUNDING
            if len(rows) <= len(columns) or not exact or not spread > ROUNDING * gram[0, 0]:
                continue
            beta = inverse @ (x.T @ y)
            # squares of the treatment, less what the controls tell of it: weights of the squared residuals (Frisch and Waugh)
            weights = (x @ (inverse[:, 0] * spread)) ** 2
            weighted = (x * weights[:, None]).T
            totals = weights @ squared
            squares = (
                totals
                - 2 * np.einsum("ij,ij->j", beta, weighted @ y)
                + np.einsum("ij,ij->j", beta, (weighted @ x) @ beta)
            )
            usable = squares > ROUNDING * totals
            factor = len(rows) / (len(rows) - len(columns))
            estimate[places[usable]] = beta[0][usable]
            error[places[usable]] = np.sqrt(factor * squares[usable]) / spread
        return estimate, error, number
