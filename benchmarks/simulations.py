"""Do the intervals cover, and the tests reject, as often as they promise?  Where theory says so, and where it does not.

    .venv/bin/python benchmarks/simulations.py > benchmarks/simulations.txt            (three minutes)

Each line is one design, its samples made by a fixed seed. Nominal: intervals cover 95 per cent, tests reject 5 per cent
of true null hypotheses. With S samples a share of .95 is known to about 2 * sqrt(.95 * .05 / S): a point with 2,000.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from compacts.stats.agreement import krippendorff_alpha  # noqa: E402
from compacts.stats.dsl import DesignBased, design_based  # noqa: E402
from compacts.stats.wild_bootstrap import wild_cluster_bootstrap  # noqa: E402

SEED, SAMPLES, BOOTSTRAP_SAMPLES = 20181219, 2000, 1000
Z = 1.959963984540054


def units(rng: np.random.Generator, n: int, clusters: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return period, truth (half of the units in both periods), machine code (finds .9 before, .6 after), cluster."""
    late = rng.permutation(np.arange(n) % 2).astype(float)
    place = rng.integers(0, clusters, n) if clusters else np.arange(n)
    lean = rng.normal(0, 1, place.max() + 1)[place] if clusters else np.zeros(n)
    truth = (rng.normal(size=n) + lean > 0) * 1.0
    return late, truth, truth * (rng.random(n) < np.where(late == 1, 0.6, 0.9)), place


def equal(rng: np.random.Generator, n: int, drawn: int) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and who was drawn: a simple random sample."""
    return np.full(n, drawn / n), rng.permutation(n) < drawn


def fit(design: dict, predicted: np.ndarray, truth: np.ndarray, draw: tuple, **options: object) -> DesignBased:
    """Return the estimates."""
    chance, drawn = draw
    coded = pd.Series(np.where(drawn, truth, np.nan))
    return design_based(pd.DataFrame(design), pd.Series(predicted), coded, pd.Series(chance), **options)  # type: ignore[arg-type]


def periods(
    model: str, n: int, drawn: int, clusters: int = 0
) -> Callable[[np.random.Generator], tuple[DesignBased, float]]:
    """A difference between periods that is nil in truth."""

    def sample(rng: np.random.Generator) -> tuple[DesignBased, float]:
        late, truth, machine, place = units(rng, n, clusters)
        options = {"clusters": pd.Series(place)} if clusters else {}
        return fit({"constant": 1.0, "late": late}, machine, truth, equal(rng, n, drawn), model=model, **options), 0.0

    return sample


def strata(rng: np.random.Generator) -> tuple[DesignBased, float]:
    """Four strata drawn with probabilities from .1 to 1, as in the readings of speeches."""
    late, truth, machine, _ = units(rng, 600)
    names = np.repeat(np.arange(4), 150)
    chance = np.array([0.1, 0.2, 0.4, 1.0])[names]
    drawn = np.concatenate([rng.permutation(150) < round(150 * p) for p in (0.1, 0.2, 0.4, 1.0)])
    design = {"constant": 1.0, "late": late}
    return fit(design, machine, truth, (chance, drawn), strata=pd.Series(names)), 0.0


def finite(rng: np.random.Generator) -> tuple[DesignBased, float]:
    """Always the same 600 units, of which 180 are drawn in three strata; the share in the later period."""
    late, truth, machine, _ = units(np.random.default_rng(1), 600)
    names, chance = np.repeat(np.arange(3), 200), np.repeat([0.2, 0.3, 0.4], 200)
    drawn = np.concatenate([rng.permutation(200) < round(200 * p) for p in (0.2, 0.3, 0.4)])
    found = fit(
        {"early": 1 - late, "late": late}, machine, truth, (chance, drawn), strata=pd.Series(names), population="finite"
    )
    return found, float(truth[late == 1].mean())


def covariate(rng: np.random.Generator) -> tuple[DesignBased, float]:
    """The machine errs in a covariate, more often where the outcome is 1; true slope .5."""
    n = 800
    x = (rng.random(n) < 0.4) * 1.0
    y = 0.5 * x + rng.normal(size=n)
    seen = np.where(rng.random(n) < np.where(y > 0, 0.3, 0.1), 1 - x, x)
    design = {"constant": 1.0, "late": seen}
    coded = pd.DataFrame({"constant": 1.0, "late": x})
    return fit(design, y, y, equal(rng, n, 160), coded_design=coded), 0.5


def coverage() -> None:
    """Print how often intervals of the three estimators hold the truth."""
    designs: dict[str, Callable[[np.random.Generator], tuple[DesignBased, float]]] = {
        "linear, 120 of 600 coded": periods("linear", 600, 120),
        "logit, 120 of 600 coded": periods("logit", 600, 120),
        "logit, 40 of 600 coded": periods("logit", 600, 40),
        "linear, 20 of 600 coded": periods("linear", 600, 20),
        "linear, 60 clusters": periods("linear", 600, 120, 60),
        "linear, 8 clusters": periods("linear", 600, 120, 8),
        "linear, four strata": strata,
        "share, finite population": finite,
        "covariate with error": covariate,
    }
    print(
        f"Design-based supervised learning: share of {SAMPLES:,} intervals that hold the truth, and mean error of the estimate"
    )
    for name, sample in designs.items():
        rng = np.random.default_rng(SEED)
        rows = []
        for _ in range(SAMPLES):
            found, truth = sample(rng)
            pairs = [found.contrast({"late": 1}, kind) for kind in ("DSL", "gold", "naive")]
            rows.append(
                [value for estimate, error in pairs for value in (abs(estimate - truth) <= Z * error, estimate - truth)]
            )
        mean = np.nanmean(np.array(rows, dtype=float), axis=0)
        words = [
            f"{kind} {mean[2 * k]:.3f} ({mean[2 * k + 1]:+.3f})" for k, kind in enumerate(("DSL", "gold", "naive"))
        ]
        print(f"  {name:28s} {'   '.join(words)}")


def rejection() -> None:
    """Print how often tests of a treatment that does nothing reject at 5 per cent."""
    print(
        f"Few clusters: share of {BOOTSTRAP_SAMPLES:,} true null hypotheses rejected at 5 per cent (399 draws, or all samples)"
    )
    for clusters, treated in ((5, 2), (6, 3), (8, 4), (12, 6), (12, 2), (20, 10), (20, 3)):
        rng = np.random.default_rng(SEED)
        sizes = np.linspace(6, 30, clusters).astype(int)
        place = np.repeat(rng.permutation(clusters), sizes)
        names = pd.Series(place)
        design = pd.DataFrame({"constant": 1.0, "treated": (place < treated) * 1.0, "x": rng.normal(size=len(place))})
        rows = []
        for draw in range(BOOTSTRAP_SAMPLES):
            outcome = pd.Series(rng.normal(size=clusters)[place] + rng.normal(size=len(place)))
            found = [
                wild_cluster_bootstrap(
                    design, outcome, names, "treated", weights=weights, restricted=restricted, draws=399, seed=draw,
                    confidence=None,
                )
                for weights, restricted in (("Rademacher", True), ("Webb", True), ("Rademacher", False))
            ]  # fmt: skip
            size = abs(found[0].statistic)
            rows.append([size > Z, size > student.ppf(0.975, clusters - 1), *(one.p_value <= 0.05 for one in found)])
        kinds = ("normal", f"t({clusters - 1})", "restricted", "restricted Webb", "unrestricted")
        words = "   ".join(f"{kind} {share:.3f}" for kind, share in zip(kinds, np.mean(rows, axis=0), strict=True))
        print(f"  {clusters:2d} clusters, {treated:2d} treated: {words}")


def agreement() -> None:
    """Print how often bootstrap intervals of alpha hold the alpha of the population."""
    print(f"Krippendorff's alpha: share of {BOOTSTRAP_SAMPLES:,} intervals that hold the population's (1,000 draws)")
    for number, prevalence in ((400, 0.3), (100, 0.3), (100, 0.06), (40, 0.3)):
        rng = np.random.default_rng(SEED)

        def readings(n: int, rng: np.random.Generator = rng, prevalence: float = prevalence) -> pd.DataFrame:
            truth = rng.random(n) < prevalence
            return pd.DataFrame(
                {k: np.where(rng.random(n) < 0.1, rng.random(n) < prevalence, truth) * 1.0 for k in "AB"}
            )

        whole = krippendorff_alpha(readings(400_000), draws=1).alpha
        found = [krippendorff_alpha(readings(number), draws=1000, seed=k) for k in range(BOOTSTRAP_SAMPLES)]
        defined = [one for one in found if not one.undefined]
        inside = np.mean([one.low <= whole <= one.high for one in defined])
        print(
            f"  {number:3d} units, prevalence {prevalence:.2f}: alpha {whole:.3f}, covered {inside:.3f}, "
            f"undefined {len(found) - len(defined)}"
        )


if __name__ == "__main__":
    coverage()
    rejection()
    agreement()
