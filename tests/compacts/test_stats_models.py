"""The ordered logit against what R prints, and against statsmodels without our derivatives."""

import numpy as np
import pandas as pd
import pytest

from compacts.stats.models import fit_ordered_logit

# Satisfaction (low, medium, high) of 1,681 tenants in Copenhagen by influence, type of housing and contact: Madsen (1976),
# as MASS::housing lists the counts; what MASS::polr(Sat ~ Infl + Type + Cont, weights = Freq) prints in R (Venables and
# Ripley 2002, section 7.3; seven digits and errors as ordinal::clm gives them).
TENANTS = [
    21, 21, 28, 34, 22, 36, 10, 11, 36, 61, 23, 17, 43, 35, 40, 26, 18, 54, 13, 9, 10, 8, 8, 12, 6, 7, 9, 18, 6, 7, 15, 13, 13, 7, 5, 11,
    14, 19, 37, 17, 23, 40, 3, 5, 23, 78, 46, 43, 48, 45, 86, 15, 25, 62, 20, 23, 20, 10, 22, 24, 7, 10, 21, 57, 23, 13, 31, 21, 13, 5, 6, 13,
]  # fmt: skip
PRINTED = {
    "influence medium": (0.5663937, 0.1046528), "influence high": (1.2888191, 0.1271561), "apartment": (-0.5723501, 0.1192380),
    "atrium": (-0.3661866, 0.1551733), "terrace": (-1.0910149, 0.1514860), "contact high": (0.3602841, 0.0955358),
    "threshold 1": (-0.4961353, 0.1248472),
}  # fmt: skip


@pytest.fixture(scope="module")
def tenants():
    cell = np.repeat(np.arange(72), TENANTS)
    influence, kind, contact = cell // 3 % 3, cell // 9 % 4, cell // 36
    columns = [np.ones(len(cell)), influence == 1, influence == 2, kind == 1, kind == 2, kind == 3, contact == 1]
    design = pd.DataFrame(np.column_stack(columns), columns=["constant", *list(PRINTED)[:-1]], dtype=float)
    return design, pd.Series(cell % 3)


def test_the_ordered_logit_is_the_one_that_r_prints(tenants):
    model = fit_ordered_logit(*tenants, ["low", "medium", "high"])
    found = model.summary().set_index("parameter")
    for name, (estimate, error) in PRINTED.items():
        assert found.loc[name, "estimate"] == pytest.approx(estimate, abs=1e-6)
        assert found.loc[name, "std_error"] == pytest.approx(error, abs=2e-7)
    assert np.exp(found.loc["log step to threshold 2", "estimate"]) == pytest.approx(0.6907083 + 0.4961353, abs=1e-6)
    assert -2 * model.log_likelihood == pytest.approx(3479.149, abs=5e-4)


def test_four_levels_are_fitted_as_statsmodels_does_by_differences():
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    rng = np.random.default_rng(1951)
    design = pd.DataFrame({"constant": 1.0, "size": rng.normal(size=300), "host": rng.integers(0, 2, 300) * 1.0})
    codes = np.digitize(0.8 * design["size"] - 0.5 * design["host"] + rng.logistic(size=300), [-2.0, -0.5, 1.0])
    ours = fit_ordered_logit(design, pd.Series(codes), ["no", "abstain", "not voting", "yes"])
    theirs = OrderedModel(codes, design[["size", "host"]].to_numpy(), distr="logit").fit(
        method="bfgs", disp=False, gtol=1e-8
    )
    assert ours.parameters == pytest.approx(theirs.params, abs=1e-5)
    assert ours.covariance == pytest.approx(theirs.cov_params(), abs=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-8)
