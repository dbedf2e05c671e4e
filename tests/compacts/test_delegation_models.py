"""Verbs of resolutions: the ordered logit against statsmodels and cell means, shares and changes by hand on made-up paragraphs."""

import numpy as np
import pandas as pd
import pytest
from made_up_texts import YEARS, paragraphs
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compacts import delegation_models as delegation
from compacts.coded_populations import paragraphs_coded
from compendium.errors import UserError


@pytest.fixture(scope="module")
def read():
    table, documents, sample, readings = paragraphs(each=10, read=8)
    coded = paragraphs_coded(table, documents, sample, readings)
    return coded, delegation.strengths_read(coded, sample, readings), sample, readings


def test_every_paragraph_read_has_one_row_a_reader_with_that_readers_code(read):
    _, rows, sample, readings = read
    assert len(rows) == 2 * len(sample)
    key = ["item", "reader"]
    assert rows.set_index(key)["strength"].to_dict() == readings.set_index(key)["strength"].to_dict()
    assert set(rows["period"]) == set(YEARS.values())
    assert (rows["assembly"] == (rows["organ"] == "General Assembly")).all()


def test_readers_may_be_chosen(read):
    coded, _, sample, readings = read
    alone = delegation.strengths_read(coded, sample, readings, ["B"])
    assert set(alone["reader"]) == {"B"}
    assert len(alone) == len(sample)


def test_the_change_in_strength_is_that_of_an_ordered_logit_in_statsmodels_with_other_groups_taken_off(read):
    _, rows, _, _ = read
    fit = delegation.ordered_strength(rows)
    flags = pd.get_dummies(rows["group"] + " " + rows["period"], dtype=float).drop(columns=["peers to 2015"])
    design = flags.assign(assembly=rows["assembly"])
    other = OrderedModel(rows["strength"].to_numpy(), design.to_numpy(), distr="logit").fit(
        method="bfgs", disp=False, gtol=1e-8, maxiter=800
    )
    slopes, cuts = (
        other.params[: design.shape[1]],
        np.cumsum([other.params[design.shape[1]], *np.exp(other.params[design.shape[1] + 1 :])]),
    )
    place = {name: i for i, name in enumerate(design.columns)}

    def expected(part: pd.DataFrame, period: str) -> float:
        flag = (part["group"] + " " + period).map(lambda name: slopes[place[name]] if name in place else 0.0)
        index = flag + slopes[place["assembly"]] * part["assembly"]
        return float(
            sum((1 - expit(cut - index)).mean() for cut in cuts)
        )  # the mean of a count is the sum of its tails

    own, rest = rows[rows["group"] == "IOM"], rows[rows["group"] != "IOM"]
    by_hand = expected(own, "2019 on") - expected(own, "to 2015")
    assert delegation.ordered_change(fit, rows, ()).estimate == pytest.approx(by_hand, abs=1e-4)
    by_hand -= expected(rest, "2019 on") - expected(rest, "to 2015")
    found = delegation.ordered_change(fit, rows)
    assert found.estimate == pytest.approx(by_hand, abs=1e-4)
    assert (found.n, found.clusters) == (len(rows), rows["cluster"].nunique())


def test_stronger_verbs_towards_iom_after_the_compacts_are_found(read):
    _, rows, _, _ = read
    own = rows["group"] == "IOM"
    late = rows["strength"].where(~own | (rows["period"] != "2019 on"), rows["strength"] // 3 + 4)
    moved = rows.assign(strength=late.where(~own | (rows["period"] != "to 2015"), rows["strength"] // 3))
    found = delegation.ordered_change(delegation.ordered_strength(moved), moved)
    assert found.estimate == pytest.approx(4, abs=0.8)
    assert found.p_value < 0.01


def test_a_group_without_paragraphs_of_a_period_has_no_model(read):
    _, rows, _, _ = read
    with pytest.raises(UserError, match="strength: got 9 covariates of which"):
        delegation.ordered_strength(rows[(rows["group"] != "IOM") | (rows["period"] != "2016–2018")])


def test_coordinator_over_norms_is_the_difference_of_two_shares_clustered_by_hand(read):
    _, rows, _, _ = read
    own = rows[rows["group"] == "UNHCR"]
    leads, source = own["autonomy"].isin(["lead", "jointly"]), own["role"] == "source"
    found = delegation.coordinator_over_norms(rows, "UNHCR")
    assert found.estimate == pytest.approx(leads.mean() - source.mean())
    gap = leads.astype(float) - source.astype(float) - found.estimate
    sums = gap.groupby(own["cluster"]).sum()
    clusters = len(sums)
    assert found.std_error == pytest.approx(np.sqrt(clusters / (clusters - 1) * (sums**2).sum()) / len(own))
    assert found.clusters == clusters


@pytest.mark.parametrize("case", ["no paragraph", "no variation", "one series"])
def test_coordinator_over_norms_without_variation_is_refused_by_name(read, case):
    _, rows, _, _ = read
    part = {
        "no paragraph": rows[rows["group"] != "IOM"],
        "no variation": rows.assign(autonomy="lead", role="actor"),
        "one series": rows.assign(cluster="all"),
    }[case]
    with pytest.raises(UserError, match=r"D3, IOM: got (the same outcome|one cluster)"):
        delegation.coordinator_over_norms(part, "IOM")
