"""Poisson fits with fixed effects against R's printed output, dummies in another package, and simulation."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from compacts.stats.panel import (
    DOUBLE,
    TRIPLE,
    event_time,
    informative,
    least_squares,
    percent,
    ppml,
    year_terms,
)
from compacts.stats.permuted import permuted_groups
from compendium.errors import UserError


def simulated(seed: int, effect: float = 0.0, donors: int = 24, years: int = 6, shape: float = 4.0) -> pd.DataFrame:
    """Money of donors to two agencies, some of it zero; the group is every third donor, the change after year 3."""
    generator = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(f"d{d}", agency, year) for d in range(donors) for agency in ("IOM", "UNHCR") for year in range(1, years + 1)],
        columns=["donor", "agency", "year"],
    )
    group = rows["donor"].str[1:].astype(int) % 3 == 0
    treated = (rows["agency"] == "IOM") & (rows["year"] > years // 2) & group
    size = generator.normal(0, 0.7, donors)[rows["donor"].str[1:].astype(int)]
    rows["amount"] = np.exp(size + effect * treated) * generator.gamma(shape, 1 / shape, len(rows))
    rows.loc[generator.random(len(rows)) < 0.1, "amount"] = 0.0
    return rows.assign(
        group=group, x=treated.astype(int), donor_agency=rows["donor"] + rows["agency"],
        donor_year=rows["donor"] + "-" + rows["year"].astype(str), agency_year=rows["agency"] + rows["year"].astype(str),
    )  # fmt: skip


def dummies(frame: pd.DataFrame, terms: list[str], effects: tuple[str, ...]) -> np.ndarray:
    parts = [frame[terms].to_numpy(dtype=float)]
    parts += [
        pd.get_dummies(frame[effect], drop_first=bool(i)).to_numpy(dtype=float) for i, effect in enumerate(effects)
    ]
    design = np.column_stack(parts)
    chosen: list[int] = []  # independent columns only
    for column in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*chosen, column]]) > len(chosen):
            chosen.append(column)
    return design[:, chosen]


def test_ppml_gives_the_coefficients_that_r_prints_for_dobson():
    frame = pd.DataFrame({"counts": [18, 17, 15, 20, 10, 20, 25, 13, 12], "treatment": [1, 1, 1, 2, 2, 2, 3, 3, 3],
                          "outcome2": [0, 1, 0] * 3, "outcome3": [0, 0, 1] * 3})  # fmt: skip
    found = ppml(frame, "counts", ["outcome2", "outcome3"], ["treatment"], "treatment")
    # R, ?glm: summary(glm(counts ~ outcome + treatment, family = poisson())) prints -4.543e-01 and -2.930e-01
    assert found.effects["estimate"].to_numpy() == pytest.approx([-4.543e-01, -2.930e-01], abs=5e-5)


def test_ppml_equals_a_poisson_with_dummies_and_its_clustered_errors():
    frame = simulated(1, 0.5, donors=16)  # with dummies for all effects a larger panel takes minutes
    found = ppml(frame, "amount", ["x"], TRIPLE, "donor")
    used = informative(frame, "amount", TRIPLE)
    design = dummies(used, ["x"], TRIPLE)
    other = GLM(used["amount"].to_numpy(), design, family=Poisson()).fit(tol=1e-12, maxiter=200)
    assert found.effects.loc["x", "estimate"] == pytest.approx(other.params[0], abs=1e-6)
    # the sandwich by hand: scores added up within donors
    residual = (used["amount"].to_numpy() - other.mu)[:, None] * design
    scores = pd.DataFrame(residual).groupby(used["donor"].to_numpy()).sum().to_numpy()
    bread = np.linalg.pinv((design * other.mu[:, None]).T @ design)
    plain = np.sqrt((bread @ scores.T @ scores @ bread)[0, 0])
    clusters = used["donor"].nunique()
    # as in R's fixest: G/(G - 1), and (n - 1)/(n - k), where k leaves out effects nested in the clusters
    least = plain * np.sqrt(clusters / (clusters - 1))
    most = least * np.sqrt((len(used) - 1) / (len(used) - 1 - used["agency_year"].nunique()))
    assert least <= found.effects.loc["x", "std_error"] <= most * 1.001
    assert (found.clusters, found.observations + found.dropped) == (clusters, len(frame))


def test_rows_that_say_nothing_change_no_estimate_and_are_counted():
    frame = simulated(2, 0.3)
    idle = frame[frame["donor"] == "d1"].assign(donor="idle", donor_agency=lambda part: "idle" + part["agency"], amount=0.0,
                                                donor_year=lambda part: "idle" + part["year"].astype(str))  # fmt: skip
    first, second = (ppml(part, "amount", ["x"], TRIPLE, "donor") for part in (frame, pd.concat([frame, idle])))
    assert second.effects.loc["x"].to_numpy() == pytest.approx(first.effects.loc["x"].to_numpy(), abs=1e-7)
    assert (second.dropped - first.dropped, second.clusters) == (len(idle), first.clusters)


def test_intervals_cover_as_promised_and_permuted_groups_reject_as_rarely():
    inside, rejected, draws = 0, 0, 40
    for seed in range(draws):
        frame = simulated(100 + seed, donors=30)
        effect = ppml(frame, "amount", ["x"], TRIPLE, "donor", 0.9).effects.loc["x"]
        inside += effect["low"] <= 0 <= effect["high"]
        group = frame.groupby("donor")["group"].first()
        rows = (frame["agency"] == "IOM") & (frame["year"] > 3)
        rejected += permuted_groups(frame, "amount", rows, group, 199, seed) < 0.1
    assert 0.71 <= inside / draws <= 1.0  # 90 per cent, less four errors of simulation
    assert rejected / draws <= 0.1 + 4 * np.sqrt(0.09 / draws)


def test_a_strong_effect_is_found_by_the_fit_and_by_permuted_groups():
    frame = simulated(5, 1.5)
    assert ppml(frame, "amount", ["x"], TRIPLE, "donor").effects.loc["x", "low"] > 0
    rows = (frame["agency"] == "IOM") & (frame["year"] > 3)
    assert permuted_groups(frame, "amount", rows, frame.groupby("donor")["group"].first(), 499, 1) < 0.02


def test_event_time_has_its_zero_and_tests_only_the_years_before():
    frame = simulated(6, 1.0)
    treated = frame["group"] & (frame["agency"] == "IOM")
    effects, p_value = event_time(frame, "amount", treated, 3, TRIPLE, 0.95)
    assert effects.loc[effects["year"] == 3, ["estimate", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]]
    assert effects.loc[effects["year"] > 3, "estimate"].min() > effects.loc[effects["year"] < 3, "estimate"].max()
    wide, terms = year_terms(frame, treated, 3)
    assert p_value == pytest.approx(ppml(wide, "amount", terms, TRIPLE, "donor").joint_p(["y1", "y2"]))
    assert np.isnan(event_time(frame, "amount", treated, 1, TRIPLE, 0.95)[1])
    assert event_time(frame, "amount", frame["agency"] == "IOM", 3, DOUBLE, 0.95)[0]["year"].tolist() == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_one_term_tested_jointly_has_the_p_value_of_its_t():
    found = ppml(simulated(7, 0.4), "amount", ["x"], TRIPLE, "donor")
    assert found.joint_p(["x"]) == pytest.approx(found.effects.loc["x", "p_value"])


def test_the_smallest_detectable_effect_is_2_8_errors_with_many_clusters():
    found = ppml(simulated(8, donors=150), "amount", ["x"], TRIPLE, "donor")
    assert found.smallest_detectable("x") / found.effects.loc["x", "std_error"] == pytest.approx(
        2.80, abs=0.03
    )  # Bloom (1995)
    assert percent(np.log(1.5)) == pytest.approx(50)


def test_least_squares_equals_demeaning_by_hand():
    frame = simulated(9).assign(log=lambda part: np.log(part["amount"] + 1))
    found = least_squares(frame, "log", ["x"], ["donor_agency"], "donor").effects.loc["x", "estimate"]
    centred = frame[["log", "x"]] - frame.groupby("donor_agency")[["log", "x"]].transform("mean")
    assert found == pytest.approx((centred["log"] * centred["x"]).sum() / (centred["x"] ** 2).sum())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.assign(amount=frame["amount"] - 5), "expected zero or more"),
        (lambda frame: frame.assign(x=0), "no variation in x"),
        (
            lambda frame: frame.assign(x=frame["donor_year"].str.endswith("6").astype(int)),
            "collinear|within the fixed effects",
        ),
        (lambda frame: frame[frame["donor"] == "d0"], "no variation|1 cluster|within the fixed effects|no fit"),
        (lambda frame: frame.assign(amount=0.0), "no variation|no fit"),
    ],
    ids=["negative", "constant", "collinear", "one donor", "no money"],
)
def test_panels_that_have_no_answer_are_refused_in_one_sentence(change, told):
    with pytest.raises(UserError, match=told):
        ppml(change(simulated(10)), "amount", ["x"], TRIPLE, "donor")


def test_a_reference_outside_the_panel_and_a_group_of_all_are_refused():
    frame = simulated(11)
    with pytest.raises(UserError, match="got the reference 99, expected one of 1 to 6"):
        event_time(frame, "amount", frame["group"], 99, TRIPLE, 0.95)
    with pytest.raises(UserError, match="got 24 of 24 donors"):
        permuted_groups(
            frame, "amount", frame["agency"] == "IOM", pd.Series(data=True, index=frame["donor"].unique()), 9, 1
        )
