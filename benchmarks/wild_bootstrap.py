"""How fast is the wild cluster bootstrap?  Against the package wildboottest, with its compilation and without.

    PYTHON benchmarks/wild_bootstrap.py            (PYTHON of an environment of its own that has wildboottest)

wildboottest needs numba and llvmlite, 200 MB, so it is not in our lock; where it is absent this says so and ends. Both
test one coefficient of the same regression with 9,999 draws over 20 clusters. In each run the same draws are given to
both, and statistics and p-values must be equal; with 10 clusters all 1,024 samples are enumerated by both, and must be
equal too. wildboottest compiles anew at each call; the ratio that counts leaves this out, by keeping its compiled
function. Calls alternate, and the fastest of each is taken, since other work on the machine only slows. Matrix products
of both run in one thread; the compiled loop of wildboottest keeps its threads.
"""

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from compacts.stats.wild_bootstrap import WildBootstrap, wild_cluster_bootstrap  # noqa: E402
from compacts.stats.wild_draws import weight_patterns  # noqa: E402

SEED, DRAWS, PAIRS, LEAST = 20181219, 9999, 25, 1.0


def sample(n: int, k: int, clusters: int) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return a regression of ``k`` covariates with errors that cluster."""
    rng = np.random.default_rng(SEED)
    place = rng.integers(0, clusters, n)
    x = rng.normal(size=(n, k)) + rng.normal(size=(clusters, k))[place]
    x[:, 0] = 1.0
    y = x @ rng.normal(size=k) * 0.05 + rng.normal(size=n) + rng.normal(size=clusters)[place]
    return pd.DataFrame(x, columns=[f"x{j}" for j in range(k)]), pd.Series(y), pd.Series(place)


def ours(design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series) -> WildBootstrap:
    """Return our test, without an interval (wildboottest has none)."""
    return wild_cluster_bootstrap(design, outcome, clusters, "x1", draws=DRAWS, seed=SEED, confidence=None)


def theirs(design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series, draws: np.ndarray | None = None) -> Any:
    """Return theirs, all its steps; with these draws, shape (clusters, draws), where given."""
    from wildboottest.wildboottest import WildboottestCL

    pick = np.array([0.0, 1.0] + [0.0] * (design.shape[1] - 2))
    test = WildboottestCL(design.to_numpy(), outcome.to_numpy(), clusters.to_numpy(), pick, DRAWS, seed=SEED)
    test.get_scores(bootstrap_type="11", impose_null=True)
    test.get_weights(weights_type="rademacher")
    if draws is not None:
        test.v, test.B = draws, draws.shape[1]
    for step in (test.get_numer, test.get_denom, test.get_tboot, test.get_vcov, test.get_tstat, test.get_pvalue):
        step()
    return test


def keep_compiled() -> None:
    """Let wildboottest keep the one function that it would compile at each call."""
    import numba
    import wildboottest.wildboottest as package

    kept: dict[Any, Any] = {}

    def njit(**options: Any) -> Callable[[Any], Any]:
        return lambda function: kept.setdefault(function.__code__, numba.njit(**options)(function))

    package.njit = njit


def seconds(call: Callable[[], object]) -> float:
    """Return the time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> int:
    """Compare, time, print; return 1 where results differ or the ratio is too low."""
    if importlib.util.find_spec("wildboottest") is None:
        print("wildboottest is not installed here: nothing to compare with; see the head of this file")
        return 0
    failed = 0
    for n, k, groups in ((3000, 18, 10), (1000, 6, 20), (3000, 18, 20), (30000, 18, 20)):
        data = sample(n, k, groups)
        same = None if 2**groups <= DRAWS else weight_patterns(groups, "Rademacher", DRAWS, SEED)[0].T.copy()
        first, second = ours(*data), theirs(*data, same)
        gap = np.abs(np.sort(np.abs(first.distribution)) - np.sort(np.abs(second.t_boot))).max()
        # their comparison is strict, and takes rounding for size: as many draws off as there are ties
        off = abs(first.p_strict - second.pvalue) * first.draws
        equal = gap < 1e-8 and off <= first.ties + 1e-6 and abs(first.statistic - second.t_stat) < 1e-9
        print(
            f"n {n:,}, k {k}, {groups} clusters, {first.draws:,} draws: largest difference of statistics {gap:.1e}, equal {equal}"
        )
        failed |= not equal
        if groups < 20:
            continue
        compiling = seconds(lambda data=data: theirs(*data))
        if (n, k) == (1000, 6):
            keep_compiled()
            theirs(*data)
        pairs = [
            (seconds(lambda data=data: theirs(*data)), seconds(lambda data=data: ours(*data))) for _ in range(PAIRS)
        ]
        slow, fast = (min(pair[place] for pair in pairs) for place in (0, 1))
        ratio = slow / fast
        print(
            f"    ours {1000 * fast:.1f} ms, wildboottest {1000 * slow:.1f} ms after compilation (first call {compiling:.2f} s): "
            f"{ratio:.1f} times as fast, at least {LEAST:.0f} asked"
        )
        failed |= ratio < LEAST
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
