"""The iterations of a batch: Newton's steps with a correction for curvature, all fits of a block at once.

Near the maximum no step looks at the likelihood. Both families are self-concordant: a step that moves no linear predictor by
more than 1.5 raises the likelihood, and a longer one of r does so when it is cut to log(1 + r) / r (Bach 2010, proposition 1).
A longer one is halved until the likelihood rises, at most to there.
"""

import numpy as np
from numpy.typing import NDArray

from compacts.stats.glm_results import GLMBatch
from compacts.stats.glm_sandwich import covariances_of, information, inverse
from compacts.stats.glm_stack import LIKELIHOODS, Array, Block, Likelihood

ITERATIONS = 100
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
# least share of a column's weighted square that the columns before it leave unexplained
COLLINEAR = 1e-10


class Climb:
    """The iterations of one block; writes into the batch what it finds."""

    def __init__(self, batch: GLMBatch, block: Block, scaled: Array, pairs: Array, back: Array) -> None:
        self.batch, self.scaled, self.pairs, self.back = batch, scaled, pairs, back
        self.likelihood: Likelihood = LIKELIHOODS[batch.stack.family]
        self.w, self.y, self.present = block.weights, block.outcome, block.present
        self.fits = np.arange(block.fits.start, block.fits.stop)
        self.eta = np.empty((0, 0))
        self.arrived = ARRIVED if batch.covariances else ARRIVED_WITHOUT_COVARIANCE

    def run(self, start: Array | None) -> None:
        """Climb from these parameters (of the standardised design) to the maxima."""
        self.beta = np.zeros(self.present.shape) if start is None else start * self.present
        self._screen()
        alike = bool((self.beta == self.beta[:1]).all())  # then one row of linear predictors is everybody's
        self.eta = self.beta[: 1 if alike else None] @ self.scaled.T + self.batch.stack.offset
        for iteration in range(ITERATIONS):
            if not len(self.fits):
                return
            guessed = iteration == 0 and start is None
            if guessed:
                mean, variance, working = self.likelihood.start(self.y)
                residual = working + self.y - mean - variance * self.batch.stack.offset
            else:
                mean = self.likelihood.mean(self.eta)
                variance = self.likelihood.variance(mean)
                residual = self.y - mean
            residual *= self.w
            variance = variance * self.w
            mean = np.broadcast_to(mean, self.w.shape)
            bread = information(variance, self.pairs, self.present)
            if iteration == 0 and not (sound := self._name_collinear(bread)).all():
                mean, variance, residual, bread = mean[sound], variance[sound], residual[sound], bread[sound]
            score = self._absent_as_zero(residual @ self.scaled)
            step = _solve(bread, score)
            move = step @ self.scaled.T
            self.batch.iterations[self.fits] = iteration + 1
            if guessed:
                self.beta, self.eta = step, move + self.batch.stack.offset
                continue
            reach = np.maximum(move.max(axis=1), -move.min(axis=1))
            gain = np.einsum("bj,bj->b", step, score)
            length = self._length(reach, move, mean, gain)
            near = reach < CURVED
            if near.any():
                step[near] -= self._curvature(near, variance, mean, move, bread)
            done = (reach < self.arrived) | ((gain < NO_GAIN) & (reach < NEARLY))
            if done.any():
                self._finish(done, step, mean, residual, bread)
            lost = ~done & (gain < ESCAPING_GAIN) & (reach > 0.1)
            if lost.any():
                lost[lost] = self._escapes(move[lost], lost)
                self.batch.problem[self.fits[lost]] = "separation"
            going = ~(done | lost)
            self._keep(going)
            self.beta += length[going, None] * step[going]
            self.eta = self.beta @ self.scaled.T + self.batch.stack.offset
        self.batch.problem[self.fits] = "no convergence"

    def _length(self, reach: Array, move: Array, mean: Array, gain: Array) -> Array:
        """How far to go: the whole step if it is short, else the longest halving of it that raises the likelihood."""
        length = np.ones(len(reach))
        long = np.flatnonzero(reach > FULL_STEP)
        if not len(long):
            return length
        safe, eta = np.log1p(reach) / np.maximum(reach, FULL_STEP), np.broadcast_to(self.eta, move.shape)
        before = self.likelihood.log_likelihood(self.y[long], eta[long], mean[long], self.w[long])
        while len(long):
            tried = eta[long] + length[long, None] * move[long]
            reached = self.likelihood.log_likelihood(self.y[long], tried, self.likelihood.mean(tried), self.w[long])
            low = ~(reached >= before + RISE * length[long] * gain[long])
            long, before = long[low], before[low]
            length[long] /= 2
            safely = length[long] <= safe[long]
            length[long[safely]] = safe[long[safely]]
            long, before = long[~safely], before[~safely]
        return length

    def _curvature(self, near: NDArray[np.bool_], variance: Array, mean: Array, move: Array, bread: Array) -> Array:
        """What the third derivative adds to Newton's step (Chebyshev's method), for the fits that are near."""
        if near.all():
            bend = move  # not needed afterwards
        else:
            bend, variance, mean, bread = move[near], variance[near], mean[near], bread[near]
        bend = bend * bend
        bend *= variance
        if self.batch.stack.family == "logit":
            bend *= 1 - 2 * mean
        pull = np.where(self.present[near], bend @ self.scaled, 0.0)
        return _solve(bread, pull) / 2

    def _absent_as_zero(self, score: Array) -> Array:
        return score if self.present.all() else np.where(self.present, score, 0.0)

    def _keep(self, going: NDArray[np.bool_]) -> None:
        if not going.all():
            self.w, self.y = self.w[going], self.y[going]
            self.present, self.fits = self.present[going], self.fits[going]
            self.beta = self.beta[going]
            self.eta = self.eta[going] if len(self.eta) == len(going) else self.eta

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
        column = first_collinear(bread)
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

    def _finish(self, done: NDArray[np.bool_], step: Array, mean: Array, residual: Array, bread: Array) -> None:
        batch, fits, w = self.batch, self.fits[done], self.w[done]
        absent = ~self.present[done]
        eta = np.broadcast_to(self.eta, mean.shape)[done]
        parameters = (self.beta[done] + step[done]) @ self.back.T
        batch.parameters[fits] = np.where(absent, np.nan, parameters)
        batch.log_likelihood[fits] = self.likelihood.log_likelihood(self.y[done], eta, mean[done], w)
        if batch.covariances:
            inverted = np.where(absent[:, :, None] | absent[:, None, :], 0.0, inverse(bread[done]))
            factors = batch.n_used[fits], self.present[done].sum(axis=1), batch.clusters_used[fits]
            found = covariances_of(
                batch.stack, tuple(batch.covariances), inverted, w, residual[done], self.scaled, self.pairs, factors
            )
            for kind, covariance in found.items():
                own = self.back @ covariance @ self.back.T
                batch.covariances[kind][fits] = np.where(absent[:, :, None] | absent[:, None, :], np.nan, own)


def _solve(bread: Array, score: Array) -> Array:
    """Solve by columns scaled alike; a breath of ridge keeps vanishing information from stopping the batch."""
    size = np.sqrt(np.einsum("bjj->bj", bread))
    size = np.where(size > 0, size, 1.0)
    alike = bread / (size[:, :, None] * size[:, None, :])
    np.einsum("bjj->bj", alike)[...] += 1e-14
    return np.asarray(np.linalg.solve(alike, (score / size)[:, :, None])[:, :, 0] / size)


def first_collinear(bread: Array) -> NDArray[np.int_]:
    """First column of each matrix that the columns before it explain, or -1; by Cholesky's pivots. Shape (matrices,).

    Examples
    --------
    >>> x = np.array([[1.0, 0, 1], [1, 1, 2], [1, 2, 3]])
    >>> first_collinear(np.array([x.T @ x, np.eye(3)]))
    array([ 2, -1])
    """
    size, width = bread.shape[:2]
    root, found = np.zeros_like(bread), np.full(size, -1)
    for j in range(width):
        pivot = bread[:, j, j] - np.einsum("bm,bm->b", root[:, j, :j], root[:, j, :j])
        poor = pivot <= COLLINEAR * bread[:, j, j]
        found = np.where((found < 0) & poor, j, found)
        pivot = np.where(poor, np.inf, pivot)
        below = bread[:, j + 1 :, j] - np.einsum("bim,bm->bi", root[:, j + 1 :, :j], root[:, j, :j])
        root[:, j, j], root[:, j + 1 :, j] = np.sqrt(pivot), below / np.sqrt(pivot)[:, None]
    return found
