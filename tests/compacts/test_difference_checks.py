"""Differences by windows of years and with few clusters: a known truth, other fits, and cell means by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from compacts.difference_checks import FEWEST, event_time, few_clusters, windows
from compacts.free_money import placebo_interval
from compendium.errors import UserError

ORGANIZATIONS = {"IOM": "IOM", "UNHCR": "UNHCR", "WFP": "peers", "ILO": "peers", "WHO": "peers"}
WINDOWS = (2010, 2012, 2014, 2016, 2018, 2020)


def texts(
    a_year: int = 3, jump: float = 0.0, noise: float = 0.0, seed: int = 1, years=range(2010, 2022)
) -> pd.DataFrame:
    """Texts of five organizations: levels of groups, a course of years that all share, and a jump of IOM's since 2016."""
    rows = [(name, group, year, k) for name, group in ORGANIZATIONS.items() for year in years for k in range(a_year)]
    frame = pd.DataFrame(rows, columns=["organization", "group", "year", "draw"])
    level = frame["group"].map({"IOM": 0.4, "UNHCR": -0.2, "peers": 0.0})
    treated = (frame["group"] == "IOM") & (frame["year"] >= 2016)
    common = (frame["year"] - 2010) // 2 * 0.1
    return frame.assign(
        value=level + common + jump * treated + noise * np.random.default_rng(seed).normal(size=len(frame)),
        late=(frame["year"] >= 2016).astype(int), words=np.random.default_rng(seed + 1).normal(size=len(frame)),
        series=frame["organization"] + (frame["draw"] + 3 * frame["year"] % 11).astype(str),
    )  # fmt: skip


@given(st.integers(1945, 2030), st.integers(1, 9))
def test_a_window_holds_its_year_and_one_of_them_begins_in_2016(year, width):
    first = windows(pd.Series([year, 2016, 2015]), width)
    assert first[0] <= year < first[0] + width
    assert (first - 2016).mod(width).eq(0).all()
    assert (first[1], first[2]) == (2016, 2016 - width)


def test_a_jump_in_2016_is_found_window_by_window_and_nothing_before():
    found, _ = event_time(texts(jump=0.3, noise=0.01), "value", 2, 0.95)
    assert tuple(found["year"]) == WINDOWS
    assert found["estimate"].to_numpy() == pytest.approx([0, 0, 0, 0.3, 0.3, 0.3], abs=0.02)
    assert found.loc[found["year"] == 2014, ["estimate", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]]
    assert (found.loc[found["year"] >= 2016, "low"] > 0).all()
    assert (found["n"] == 6).all()


@pytest.mark.parametrize("clustered", [False, True], ids=["HC1", "clustered"])
def test_windows_and_their_joint_test_are_those_of_a_formula_in_statsmodels(clustered):
    rows = texts(jump=0.3, noise=1.0)
    found, p_value = event_time(rows, "value", 2, 0.9, "series" if clustered else "", ["words"])
    wide = rows.assign(window=windows(rows["year"], 2), own=(rows["group"] == "IOM").astype(int))
    how = (
        {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(rows["series"])[0]}}
        if clustered
        else {"cov_type": "HC1"}
    )
    other = smf.ols("value ~ own * C(window, Treatment(2014)) + C(group == 'UNHCR') + words", wide).fit(
        use_t=False, **how
    )
    names = {year: f"own:C(window, Treatment(2014))[T.{year}]" for year in WINDOWS if year != 2014}
    table = found.set_index("year")
    for year, name in names.items():
        assert table.loc[year, "estimate"] == pytest.approx(other.params[name], abs=1e-9)
        if not clustered:
            assert table.loc[year, ["low", "high"]].to_numpy(dtype=float) == pytest.approx(
                other.conf_int(0.1).loc[name].to_numpy(), abs=1e-7
            )
    early = np.zeros((2, len(other.params)))
    for row, year in enumerate((2010, 2012)):
        early[row, list(other.params.index).index(names[year])] = 1
    assert p_value == pytest.approx(float(other.wald_test(early, use_f=False, scalar=True).pvalue), rel=1e-6)


def test_the_joint_test_rejects_a_trend_before_and_rarely_anything_else():
    trend = texts(noise=0.3).assign(
        value=lambda frame: frame["value"] + 0.2 * (frame["group"] == "IOM") * (frame["year"] - 2015).clip(upper=0)
    )
    assert event_time(trend, "value", 2, 0.95)[1] < 0.001
    draws = 25
    p_values = [event_time(texts(4, noise=1.0, seed=seed), "value", 2, 0.95)[1] for seed in range(draws)]
    assert np.mean(np.array(p_values) < 0.1) <= 0.1 + 4 * np.sqrt(0.09 / draws)


def test_thin_windows_at_the_ends_are_joined_inward_and_those_between_are_kept():
    rows = texts(noise=0.2)
    own = rows["group"] == "IOM"
    few = rows[
        ~own | rows["year"].between(2012, 2019) | (rows["draw"] == 0)
    ]  # two texts each in 2010-2011 and 2020-2021
    found, _ = event_time(few, "value", 2, 0.95)
    assert dict(zip(found["year"], found["n"], strict=True)) == {2012: 8, 2014: 6, 2016: 6, 2018: 8}
    thin = rows[~own | (rows["year"] // 2 != 1006) | (rows["draw"] == 0)]  # two in 2012-2013 only
    found, p_value = event_time(thin, "value", 2, 0.95)
    assert dict(zip(found["year"], found["n"], strict=True)) == {2010: 6, 2012: 2, 2014: 6, 2016: 6, 2018: 6, 2020: 6}
    assert FEWEST > 2
    # a window of two is drawn and not tested: the joint test is that of 2010 alone
    row = found.set_index("year").loc[2010]
    error = (row["high"] - row["low"]) / 2 / 1.959964
    assert p_value == pytest.approx(2 * norm.sf(abs(row["estimate"]) / error), rel=1e-5)


def test_the_window_before_the_entry_is_the_reference_however_thin():
    rows = texts(noise=0.2)
    lone = rows[(rows["group"] != "IOM") | (rows["year"] >= 2016) | ((rows["year"] == 2015) & (rows["draw"] < 2))]
    found, p_value = event_time(lone, "value", 2, 0.95)
    assert tuple(found["year"]) == (2014, 2016, 2018, 2020)
    assert found.loc[0, ["estimate", "n"]].tolist() == [0, 2]
    assert np.isnan(p_value)


def test_texts_of_one_cluster_count_once():
    rows = texts(noise=0.2).assign(series=lambda frame: frame["organization"] + frame["year"].astype(str))
    found, _ = event_time(rows, "value", 4, 0.95, "series")
    assert dict(zip(found["year"], found["n"], strict=True)) == {2012: 6, 2016: 6}


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (lambda rows: (rows["group"] != "IOM") | ~rows["year"].between(2014, 2015), "no text of IOM in 2014 to 2015"),
        (
            lambda rows: (rows["group"] != "IOM") | ((rows["draw"] == 0) & (rows["year"] == 2015)),
            "fewer than 4 of IOM in every window",
        ),
        (lambda rows: rows["group"] == "IOM", "are independent"),
        (lambda rows: rows["group"] != "UNHCR", "are independent"),
    ],
    ids=["no reference", "one text", "IOM alone", "no UNHCR"],
)
def test_event_time_without_texts_to_compare_is_refused(kept, told):
    rows = texts(noise=0.2)
    with pytest.raises(UserError, match=told):
        event_time(rows[kept(rows)], "value", 2, 0.95)


def test_three_ways_share_one_difference_which_is_that_of_the_cell_means():
    rows = texts(jump=0.5, noise=0.7)
    found = few_clusters(rows, "value", "IOM", 0.9, 199, 1)
    own = rows["group"] == "IOM"
    cell = rows.groupby([own, "late"])["value"].mean()
    by_hand = (cell[True, 1] - cell[True, 0]) - (cell[False, 1] - cell[False, 0])
    assert found.plain.estimate == pytest.approx(by_hand)
    assert found.by_year.estimate == pytest.approx(by_hand)
    assert found.by_organization.estimate == pytest.approx(by_hand)
    means = rows.groupby(["organization", "late"])["value"].mean()
    changes = pd.Series({name: means[name, 1] - means[name, 0] for name in ORGANIZATIONS})
    assert found.by_organization == placebo_interval(changes, "IOM", 0.9)
    assert (found.plain.n, found.plain.clusters, found.by_year.clusters) == (len(rows), 0, 12)


@pytest.mark.parametrize("clustered", [False, True], ids=["HC1", "clustered"])
def test_the_first_of_three_ways_has_the_error_of_statsmodels(clustered):
    rows = texts(jump=0.5, noise=0.7)
    found = few_clusters(rows, "value", "IOM", 0.9, 99, 1, "series" if clustered else "").plain
    how = (
        {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(rows["series"])[0]}}
        if clustered
        else {"cov_type": "HC1"}
    )
    wide = rows.assign(own=(rows["group"] == "IOM").astype(int), agency=(rows["group"] == "UNHCR").astype(int))
    other = smf.ols("value ~ own * late + agency", wide).fit(**how)
    assert found.estimate == pytest.approx(other.params["own:late"])
    assert found.std_error == pytest.approx(other.bse["own:late"], rel=1e-7)


def test_an_organization_seen_in_one_period_only_is_no_comparison():
    rows = texts(jump=0.5, noise=0.7)
    half = rows[(rows["organization"] != "WHO") | (rows["late"] == 1)]
    assert few_clusters(half, "value", "IOM", 0.9, 99, 1).by_organization.units == 4


@pytest.mark.parametrize(
    "kept",
    [lambda rows: rows["late"] == 1, lambda rows: rows["group"] != "IOM", lambda rows: rows["organization"] != "UNHCR"],
)
def test_few_clusters_without_both_periods_or_groups_are_refused(kept):
    rows = texts(noise=0.7)
    with pytest.raises(UserError, match="few clusters: got 5 covariates of which"):
        few_clusters(rows[kept(rows)], "value", "IOM", 0.9, 99, 1)
