"""The iterations of a batch: Newton's steps with a correction for curvature, all fits of a block at once.

Near the maximum no step looks at the likelihood. Both families are self-concordant: a step that moves no linear predictor by
more than 1.5 raises the likelihood, and a longer one of r does so when it is cut to log(1 + r) / r (Bach 2010, proposition 1).
A longer one is halved until the likelihood rises, at most to there.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from compacts.stats.glm_results import GLMBatch
from compacts.stats.glm_sandwich import covariances_of, information
from compacts.stats.glm_stack import LIKELIHOODS, Array, Block, Likelihood

ITERATIONS = 100
# so many take the information in single precision: it only tells where to go; where to stay, the score tells
ROUGH = 2
# bytes of an array of a few fits that are worked on together
CACHE = 200_000
# a step that moves no linear predictor by more than this is the last; its cube is the error that is left. A covariance
# is taken where the last step begins, and has to be as exact
ARRIVED = 1e-10
ARRIVED_WITHOUT_COVARIANCE = 1e-4
# the likelihood gains less than this by a step that still moves some predictor: rounding, or separation
NO_GAIN, NEARLY = 1e-20, 1e-6
ESCAPING_GAIN = 1e-8
FULL_STEP = 1.5
# share of the gain that Newton's step promises, that a long one must bring
RISE = 1e-4
# below this, the correction for curvature is at most a quarter of the step
CURVED = 0.5
# share of the information that is added to invert it, and what is added where there is none
RIDGE, LEAST_INFORMATION = 1e-14, 1e-250
# least share of a column's weighted square that the columns before it leave unexplained
COLLINEAR = 1e-10
# in single precision, less than this calls for a closer look
DOUBTFUL = 1e-4


class Climb:
    """The iterations of one block; writes into the batch what it finds."""

    def __init__(
        self, batch: GLMBatch, block: Block, scaled: Array, pairs: Array, rough_pairs: NDArray[np.float32], back: Array
    ) -> None:
        self.batch, self.scaled, self.back = batch, scaled, back
        self.pairs, self.rough_pairs = pairs, rough_pairs
        self.likelihood: Likelihood = LIKELIHOODS[batch.stack.family]
        self.w, self.y, self.present = block.weights, block.outcome, block.present
        self.fits = np.arange(block.fits.start, block.fits.stop)
        self.arrived = ARRIVED if batch.covariances else ARRIVED_WITHOUT_COVARIANCE

    def run(self, start: Array | None) -> None:
        """Climb from these parameters (of the standardised design) to the maxima."""
        self.beta = np.zeros(self.present.shape) if start is None else start * self.present
        self._screen()
        for iteration in range(ITERATIONS):
            if not len(self.fits):
                return
            guessed = iteration == 0 and start is None
            rough = iteration < ROUGH
            variance, bend, score = self._guess() if guessed else self._evaluate(np.float32 if rough else np.float64)
            bread = information(variance, self.rough_pairs if rough else self.pairs, self.present)
            if iteration == 0 and not (sound := self._name_collinear(bread)).all():
                bend, score, bread = bend[sound], score[sound], bread[sound]
            bread = _ridged(bread)
            step = _solve(bread, score)
            self.batch.iterations[self.fits] = iteration + 1
            if guessed:
                self.beta = step
                continue
            reach, pull = self._along(step, bend)
            gain = np.einsum("bj,bj->b", step, score)
            length = self._length(reach, step, gain)
            # what the third derivative adds (Chebyshev's method)
            step -= np.where(reach < CURVED, 0.5, 0.0)[:, None] * _solve(bread, pull)
            done = (reach < self.arrived) | ((gain < NO_GAIN) & (reach < NEARLY))
            if done.any():
                self._finish(done, step, bread)
            lost = ~done & (gain < ESCAPING_GAIN) & (reach > 0.1)
            if lost.any():
                lost[lost] = self._escapes(step[lost] @ self.scaled.T, lost)
                self.batch.problem[self.fits[lost]] = "separation"
            going = ~(done | lost)
            self._keep(going)
            self.beta += length[going, None] * step[going]
        self.batch.problem[self.fits] = "no convergence"

    def _parts(self) -> Iterator[slice]:
        """A few fits at a time, whose arrays stay in the processor's cache."""
        length = max(1, CACHE // (8 * len(self.scaled)))
        return (slice(first, first + length) for first in range(0, len(self.fits), length))

    def _guess(self) -> tuple[NDArray[np.floating], NDArray[np.floating], Array]:
        """Means from the outcomes alone; the step is then to the least-squares fit of their linear predictors."""
        mean, variance, working = self.likelihood.start(self.y)
        residual = (working + self.y - mean - variance * self.batch.stack.offset) * self.w
        variance = (variance * self.w).astype(np.float32)
        return variance, variance, self._absent_as_zero(residual @ self.scaled)

    def _evaluate(self, precision: type[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating], Array]:
        """Weighted variances, their derivatives by the linear predictor, and scores, at the parameters reached."""
        logit, offset = self.batch.stack.family == "logit", self.batch.stack.offset
        variance, score = np.empty(self.w.shape, dtype=precision), np.empty(self.beta.shape)
        bend = np.empty_like(variance) if logit else variance
        alike = bool((self.beta == self.beta[:1]).all())
        mean = self.likelihood.mean(self.beta[:1] @ self.scaled.T + offset)  # everybody's, if alike
        for part in self._parts():
            if not alike:
                mean = self.likelihood.mean(self._eta(self.beta[part]))
            weights = self.w[part].astype(float)
            np.multiply(self.likelihood.variance(mean), weights, out=variance[part], casting="same_kind")
            if logit:
                np.multiply(variance[part], 1 - 2 * mean, out=bend[part], casting="same_kind")
            weights *= self.y[part] - mean
            score[part] = weights @ self.scaled
        return variance, bend, self._absent_as_zero(score)

    def _along(self, step: Array, bend: NDArray[np.floating]) -> tuple[Array, Array]:
        """How far a step moves linear predictors, at most, and the third derivative along it."""
        reach, pull = np.empty(len(step)), np.empty(step.shape)
        for part in self._parts():
            move = step[part] @ self.scaled.T
            reach[part] = np.maximum(move.max(axis=1), -move.min(axis=1))
            move *= move
            move *= bend[part]
            pull[part] = move @ self.scaled
        return reach, self._absent_as_zero(pull)

    def _length(self, reach: Array, step: Array, gain: Array) -> Array:
        """How far to go: the whole step if it is short, else the longest halving of it that raises the likelihood."""
        length = np.ones(len(reach))
        long = np.flatnonzero(reach > FULL_STEP)
        if not len(long):
            return length
        safe = np.log1p(reach) / np.maximum(reach, FULL_STEP)
        before = self._log_likelihood(long, self.beta[long])
        while len(long):
            reached = self._log_likelihood(long, self.beta[long] + length[long, None] * step[long])
            low = ~(reached >= before + RISE * length[long] * gain[long])
            long, before = long[low], before[low]
            length[long] /= 2
            safely = length[long] <= safe[long]
            length[long[safely]] = safe[long[safely]]
            long, before = long[~safely], before[~safely]
        return length

    def _log_likelihood(self, which: NDArray[np.intp], beta: Array) -> Array:
        eta = self._eta(beta)
        return self.likelihood.log_likelihood(self.y[which], eta, self.likelihood.mean(eta), self.w[which])

    def _eta(self, beta: Array) -> Array:
        return np.asarray(beta @ self.scaled.T + self.batch.stack.offset)

    def _absent_as_zero(self, score: Array) -> Array:
        return score if self.present.all() else np.where(self.present, score, 0.0)

    def _keep(self, going: NDArray[np.bool_]) -> None:
        if not going.all():
            self.w, count = self.w[going], int(going.sum())
            self.y = self.y[going] if self.y.strides[0] else self.y[:count]  # one outcome for all stays one
            self.present, self.fits = self.present[going], self.fits[going]
            self.beta = self.beta[going]

    def _screen(self) -> None:
        """Count rows and clusters; set aside fits without rows, variation or degrees of freedom."""
        stack, batch = self.batch.stack, self.batch
        used = self.w > 0
        batch.n_used[self.fits] = self.w.sum(axis=1) if stack.weight_kind == "frequency" else used.sum(axis=1)
        if stack.clusters is not None:
            order = np.argsort(stack.clusters, kind="stable")
            first = np.flatnonzero(np.diff(stack.clusters[order], prepend=-1))
            batch.clusters_used[self.fits] = np.logical_or.reduceat(used[:, order], first, axis=1).sum(axis=1)
        event = used & (self.y > 0)
        flat = ~event.any(axis=1)
        if stack.family == "logit":
            flat |= (event == used).all(axis=1)
        found = {
            "one cluster": (batch.clusters_used[self.fits] == 1) & bool({"CR1", "CR1S"} & set(batch.covariances)),
            "fewer rows than parameters": used.sum(axis=1) <= self.present.sum(axis=1),
            "the outcome does not vary": flat,
            "no rows": ~used.any(axis=1),
        }
        for words, which in found.items():
            batch.problem[self.fits[which]] = words
        self._keep(batch.problem[self.fits] == "")

    def _name_collinear(self, bread: Array) -> NDArray[np.bool_]:
        column, doubt = np.full(len(bread), -1), _doubtful(bread)
        if doubt.any():  # a far start may leave little information where there is much: the rows alone decide
            column[doubt] = first_collinear(information(self.w[doubt].astype(float), self.pairs, self.present[doubt]))
        for fit in np.flatnonzero(column >= 0):
            self.batch.problem[self.fits[fit]] = f"collinear: {self.batch.stack.covariates[column[fit]]}"
        self._keep(column < 0)
        return column < 0

    def _escapes(self, move: Array, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether a direction in which the likelihood has stopped rising lowers no observation's likelihood."""
        y, used = self.y[which], self.w[which] > 0
        if self.batch.stack.family == "logit":
            worst = np.where(y > 0, move, -move)
        else:
            worst = np.where(y > 0, -np.abs(move), -move)
        worst = np.where(used, worst, 0.0)
        reach = np.where(used, np.abs(move), 0.0).max(axis=1)
        return np.asarray((worst.min(axis=1) > -1e-3 * reach) & (reach > 0.1))

    def _finish(self, done: NDArray[np.bool_], step: Array, bread: Array) -> None:
        batch, fits, w = self.batch, self.fits[done], self.w[done]
        absent = ~self.present[done]
        batch.parameters[fits] = np.where(absent, np.nan, (self.beta[done] + step[done]) @ self.back.T)
        if not batch.covariances:
            return
        missing = absent[:, :, None] | absent[:, None, :]
        inverted = np.where(missing, 0.0, np.linalg.inv(bread[done]))
        residual = w * (self.y[done] - self.likelihood.mean(self._eta(self.beta[done])))
        counts = batch.n_used[fits], self.present[done].sum(axis=1), batch.clusters_used[fits]
        found = covariances_of(
            batch.stack, tuple(batch.covariances), inverted, w, residual, self.scaled, self.pairs, counts
        )
        for kind, covariance in found.items():
            batch.covariances[kind][fits] = np.where(missing, np.nan, self.back @ covariance @ self.back.T)


def _ridged(bread: Array) -> Array:
    """A breath of ridge, which keeps vanishing information from stopping the batch."""
    diagonal = np.einsum("bjj->bj", bread)
    diagonal *= 1 + RIDGE
    diagonal += LEAST_INFORMATION
    return bread


def _solve(bread: Array, score: Array) -> Array:
    return np.asarray(np.linalg.solve(bread, score[:, :, None])[:, :, 0])


def _doubtful(bread: Array) -> NDArray[np.bool_]:
    """Whether a column may be one that the columns before it explain, by the pivots of each matrix."""
    diagonal = np.einsum("bjj->bj", bread)
    try:
        pivots = np.einsum("bjj->bj", np.linalg.cholesky(bread)) ** 2
    except np.linalg.LinAlgError:
        return np.ones(len(bread), dtype=bool)
    return np.asarray((pivots <= DOUBTFUL * diagonal).any(axis=1))


def first_collinear(bread: Array) -> NDArray[np.int_]:
    """First column of each matrix that the columns before it explain, or -1; by Cholesky's pivots. Shape (matrices,).

    Examples
    --------
    >>> x = np.array([[1.0, 0, 1], [1, 1, 2], [1, 2, 3]])
    >>> first_collinear(np.array([x.T @ x, np.eye(3)]))
    array([ 2, -1])
    """
    diagonal = np.einsum("bjj->bj", bread)
    try:
        pivots = np.einsum("bjj->bj", np.linalg.cholesky(bread)) ** 2
    except np.linalg.LinAlgError:
        pivots = np.zeros(diagonal.shape)
    found = np.full(len(bread), -1)
    doubtful = np.flatnonzero((pivots <= COLLINEAR * diagonal).any(axis=1))
    for fit in doubtful:
        found[fit] = _first_without_pivot(bread[fit])
    return found


def _first_without_pivot(bread: Array) -> int:
    root = np.zeros_like(bread)
    for j in range(len(bread)):
        pivot = bread[j, j] - root[j, :j] @ root[j, :j]
        if pivot <= COLLINEAR * bread[j, j]:
            return j
        root[j:, j] = (bread[j:, j] - root[j:, :j] @ root[j, :j]) / np.sqrt(pivot)
    return -1
