"""How fast are thousands of regressions in one batch?  Against statsmodels, one fit after the other.

    .venv/bin/python benchmarks/glm_batch.py                 (what it printed stands in benchmarks/glm_batch.txt)

(a) 10,000 bootstrap refits of a logit, 3,000 rows, 18 covariates, against a loop of GLM(..., freq_weights=...).fit(). The
loop runs on a part of the draws, and its time is scaled up.
(b) 1,024 specifications of a logit (two outcomes, two subsets, 256 sets of controls) against the fastest loop that
statsmodels has: methods and starts are tried on a part first, and the fastest that agrees to 1e-8 goes on. It is given a
design in good units, rows already cut out, no check of rank, and the start from the specification that differs least of
those before.

Results are compared in the same run and must be equal. Batch and loop have one thread each, for their sums as well; times
are of the processor, so that others on the machine do not count, taken in turn, ratios pair by pair.
"""

import argparse
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from statsmodels.discrete.discrete_model import Logit  # noqa: E402
from statsmodels.genmod.families import Binomial  # noqa: E402
from statsmodels.genmod.generalized_linear_model import GLM  # noqa: E402

from compacts.stats.glm_batch import fit_glm_batch  # noqa: E402

SEED = 20181219
ROWS, COVARIATES = 3000, 18
PAIRS = 3
LEAST = {"bootstrap": 20, "specifications": 4}
MOST_MEGABYTES = 1000
NEAR = 1e-8


def data() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return a design of 18 covariates (10 normal, 7 of 0 and 1) and two outcomes."""
    draw = np.random.default_rng(SEED)
    normal, switch = draw.normal(size=(ROWS, 10)), draw.integers(0, 2, (ROWS, 7))
    design = pd.DataFrame(
        np.column_stack([np.ones(ROWS), normal, switch]), columns=[f"x{k}" for k in range(COVARIATES)]
    )
    eta = design.to_numpy() @ np.r_[-0.5, draw.normal(size=COVARIATES - 1) * 0.3]
    yes = (draw.random(ROWS) < 1 / (1 + np.exp(-eta))).astype(np.int8)
    wide = yes | (draw.random(ROWS) < 0.1).astype(np.int8)
    return design, yes, wide


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor's time of a piece of work, and what it returns."""
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def peak() -> float:
    """Return the largest memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bootstrap(draws: int, part: int) -> float:
    """Print times of (a); return the ratio."""
    design, yes, _ = data()
    x, y = design.to_numpy(), yes.astype(float)
    draw = np.random.default_rng(SEED)
    weights = np.empty((draws, ROWS), dtype=np.int8)
    for first in range(0, draws, 500):
        weights[first : first + 500] = draw.multinomial(ROWS, np.full(ROWS, 1 / ROWS), min(500, draws - first))
    whole = GLM(y, x, family=Binomial()).fit().params
    every = {
        "with its own start": lambda w: GLM(y, x, family=Binomial(), freq_weights=w).fit(),
        "started at the estimate of all rows": lambda w: GLM(y, x, family=Binomial(), freq_weights=w).fit(
            start_params=whole
        ),
    }
    print(f"(a) {draws:,} bootstrap refits of a logit, {ROWS:,} rows, {COVARIATES} covariates, {part} in the loop")
    before, ratios = peak(), []

    def loop(fit: Callable[[np.ndarray], Any]) -> np.ndarray:
        return np.array([fit(weights[place].astype(float)).params for place in range(part)])

    loop_times: dict[str, list[float]] = {name: [] for name in every}
    batch_times, errors = [], []
    for _ in range(PAIRS):
        ours, found = timed(lambda: fit_glm_batch(design, yes, "logit", weights=weights, covariances=()))
        batch_times.append(ours)
        for name, fit in every.items():
            theirs, fitted = timed(lambda fit=fit: loop(fit))
            loop_times[name].append(theirs * draws / part)
            errors.append(np.abs(found.parameters[:part] - fitted).max())
    batch = statistics.median(batch_times)
    print(f"  batch: {batch:.2f} s ({batch / draws * 1e3:.3f} ms a fit), all arrived: {found.converged.all()}")
    for name, times in loop_times.items():
        ratios.append(statistics.median(a / b for a, b in zip(times, batch_times, strict=True)))
        each = statistics.median(times)
        print(
            f"  statsmodels GLM {name}: {each:.1f} s scaled ({each / draws * 1e3:.2f} ms a fit): {ratios[-1]:.1f} times"
        )
    print(f"  largest difference of a parameter: {max(errors):.1e}")
    some = min(1000, draws)
    longer, exact = timed(lambda: fit_glm_batch(design, yes, "logit", weights=weights[:some]))
    bse = GLM(y, x, family=Binomial(), freq_weights=weights[0].astype(float)).fit(start_params=found.parameters[0]).bse
    gap = np.abs(exact.std_errors("model")[0] / bse - 1).max()
    print(
        f"  with model-based covariances: {longer / some * 1e3:.3f} ms a fit, an error differs by {gap:.1e} of itself at most"
    )
    print(f"  memory: {peak():.0f} MB at most, {before:.0f} MB before (draws {weights.nbytes / 1e6:.0f} MB)")
    if max(errors) > NEAR or gap > NEAR or not found.converged.all():
        sys.exit("(a): the batch and statsmodels differ")
    return ratios[0]


def grid() -> list[tuple[int, int, np.ndarray]]:
    """Return 1,024 specifications: outcome, subset, mask of columns (ten stay, eight come and go)."""
    kept = [True] * (COVARIATES - 8)
    return [
        (outcome, subset, np.array([*kept, *chosen]))
        for outcome, subset in product((0, 1), (0, 1))
        for chosen in product((True, False), repeat=8)
    ]


def nearest(specs: Sequence[tuple[int, int, np.ndarray]], place: int) -> int:
    """Return the earlier specification that differs in fewest ways."""
    outcome, subset, mask = specs[place]
    ways = [10 * (o != outcome) + 5 * (s != subset) + int((m != mask).sum()) for o, s, m in specs[:place]]
    return int(np.argmin(ways))


def specifications(part: int) -> float:
    """Print times of (b); return the ratio."""
    design, yes, wide = data()
    x, specs = design.to_numpy(), grid()
    rows = [np.ones(ROWS, dtype=bool), x[:, 1] < 0.4]
    outcome = np.array([(yes, wide)[o] for o, _, _ in specs])
    weights = np.array([rows[s] for _, s, _ in specs])
    columns = np.array([mask for _, _, mask in specs])
    cut = [((yes, wide)[o][rows[s]].astype(float), np.ascontiguousarray(x[rows[s]][:, mask])) for o, s, mask in specs]
    before = [0, *(nearest(specs, place) for place in range(1, len(specs)))]
    print(
        f"(b) {len(specs):,} specifications of a logit, {rows[1].sum():,} or {ROWS:,} rows, 10 to {COVARIATES} covariates"
    )

    def fit(place: int, found: dict[int, np.ndarray], method: str, warm: bool, **options: object) -> np.ndarray:
        y, own = cut[place]
        start = found[before[place]][specs[place][2]] if warm and place else None
        if method == "irls":
            return GLM(y, own, family=Binomial()).fit(start_params=start).params
        model = Logit(y, own, check_rank=False)
        return model.fit(method=method, disp=False, start_params=start, **options).params

    def loop(number: int, **how: object) -> dict[int, np.ndarray]:
        found: dict[int, np.ndarray] = {}
        for place in range(number):
            params = np.zeros(COVARIATES)
            params[specs[place][2]] = fit(place, found, **how)
            found[place] = params
        return found

    ways = {
        f"{method}, {'near' if warm else 'own'} start{', no Hessian at the end' if options else ''}": {
            "method": method,
            "warm": warm,
            **options,
        }
        for method in ("newton", "irls", "bfgs", "lbfgs", "ncg")
        for warm in (False, True)
        for options in ([{}, {"skip_hessian": True}] if method != "irls" else [{}])
    }
    first = fit_glm_batch(
        design, outcome[:part], "logit", weights=weights[:part], columns=columns[:part], covariances=()
    )
    tried: dict[str, tuple[float, float]] = {}
    for _ in range(3):
        for name, how in ways.items():
            try:
                spent, looped = timed(lambda how=how: loop(part, **how))
            except np.linalg.LinAlgError:
                continue
            off = np.abs(np.array(list(looped.values())) - np.nan_to_num(first.parameters)).max()
            tried[name] = min(spent / part * 1e3, tried.get(name, (np.inf, 0.0))[0]), off
    for name, (each, off) in sorted(tried.items(), key=lambda pair: pair[1]):
        less = f", too inexact to count ({off:.0e})" if off > NEAR else ""
        print(f"  statsmodels {name}: {each:.2f} ms a fit, {part} tried{less}")
    fastest = min((each, name) for name, (each, off) in tried.items() if off <= NEAR)[1]
    times = []
    for _ in range(PAIRS):
        ours, fitted = timed(
            lambda: fit_glm_batch(design, outcome, "logit", weights=weights, columns=columns, covariances=())
        )
        theirs, looped = timed(lambda: loop(len(specs), **ways[fastest]))
        times.append((theirs, ours))
    ratio = statistics.median(a / b for a, b in times)
    found = np.nan_to_num(fitted.parameters)
    error = max(np.abs(found[place] - params).max() for place, params in looped.items())
    batch = statistics.median(b for _, b in times)
    print(f"  batch: {batch:.3f} s ({batch / len(specs) * 1e3:.3f} ms a fit), all arrived: {fitted.converged.all()}")
    print(f"  {fastest}: {statistics.median(a for a, _ in times):.2f} s: {ratio:.1f} times")
    print(f"  largest difference of a parameter: {error:.1e}")
    print(f"  memory: {peak():.0f} MB at most")
    if error > NEAR or not fitted.converged.all():
        sys.exit("(b): the batch and statsmodels differ")
    return ratio


def main() -> None:
    """Print times, ratios and memory; exit 1 where one is not what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--part", type=int, default=100)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    busy = f"; {os.getloadavg()[0]:.1f} processes at work on the machine meanwhile" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} processors, one thread each for batch and loop{busy}")
    ratios = {
        "bootstrap": bootstrap(options.draws, options.part),
        "specifications": specifications(min(options.part, 64)),
    }
    low = [
        f"{name}: {ratio:.1f} times, asked for {LEAST[name]}" for name, ratio in ratios.items() if ratio < LEAST[name]
    ]
    low += [f"memory: {peak():.0f} MB, at most {MOST_MEGABYTES} asked"] if peak() > MOST_MEGABYTES else []
    sys.exit("\n".join(low) or None)


if __name__ == "__main__":
    main()
