"""Mentions of organizations in speeches: rates and ratios counted by hand on a made-up General Debate."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from compacts.mention_models import (
    mention_change,
    mention_difference,
    of_panel,
    speeches_by_organization,
)
from compendium.errors import UserError


def debate(
    states: int = 8, years=range(2010, 2022), seed: int = 3, growth: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One speech a state and year; each names IOM, UNHCR and WFP with chances of its own, IOM more since 2017."""
    rng = np.random.default_rng(seed)
    speeches = pd.DataFrame([(f"C{s}_{year}", f"C{s}", year, True) for s in range(states) for year in years],
                            columns=["document", "iso3", "year", "is_member"])  # fmt: skip
    late = speeches["year"] >= 2017
    chances = {
        "iom": np.where(late, min(0.25 * growth, 1), 0.25),
        "unhcr": np.full(len(speeches), 0.4),
        "wfp": np.full(len(speeches), 0.2),
    }
    named = {name: rng.random(len(speeches)) < chance for name, chance in chances.items()}
    targets = [" ".join(name for name in named if named[name][i]) for i in range(len(speeches))]
    rows = speeches.assign(targets=targets)[["document", "targets"]]
    return speeches, rows[rows["targets"] != ""].reset_index(drop=True)


def pairs(**kwargs) -> pd.DataFrame:
    return speeches_by_organization(*debate(**kwargs), ["iom", "unhcr", "wfp"], 2010, 2021)


def test_every_speech_meets_every_organization_once_and_is_named_where_a_sentence_names_it():
    speeches, sentences = debate()
    again = pd.concat([sentences, sentences.head(5)])  # two sentences of a speech count once
    found = speeches_by_organization(speeches, again, ["wfp", "iom", "unhcr"], 2010, 2021)
    assert len(found) == 3 * len(speeches)
    wanted = {
        (d, name)
        for d, words in zip(sentences["document"], sentences["targets"], strict=True)
        for name in words.split()
    }
    got = found[found["named"] == 1]
    assert set(zip(got["document"], got["organization"], strict=True)) == wanted
    assert found.groupby("organization")["group"].first().to_dict() == {"iom": "IOM", "unhcr": "UNHCR", "wfp": "peers"}


def test_observers_and_other_years_are_left_out():
    speeches, sentences = debate()
    some = speeches.assign(is_member=speeches["iso3"] != "C0")
    found = speeches_by_organization(some, sentences, ["iom"], 2012, 2013)
    assert (set(found["year"]), "C0" in set(found["iso3"])) == ({2012, 2013}, False)
    with pytest.raises(UserError, match="speeches: got none from 2050 to 2051"):
        speeches_by_organization(speeches, sentences, ["iom"], 2050, 2051)


def test_with_as_many_speeches_of_each_state_the_change_is_the_logarithm_of_the_ratio_of_rates():
    rows = pairs(growth=2.0)
    own = rows[rows["organization"] == "iom"]
    used = own[own["iso3"].isin(own.loc[own["named"] == 1, "iso3"])]  # a state that never names it says nothing
    rate = used.groupby(used["year"] >= 2017)["named"].mean()
    found = of_panel(mention_change(rows, 2017, 0.95, ["iom"]), "after", "words")
    assert found.estimate == pytest.approx(np.log(rate[True] / rate[False]), abs=1e-6)
    assert (found.n, found.clusters, found.method) == (len(used), used["iso3"].nunique(), "words")


def test_interval_and_p_value_are_those_of_the_panel():
    fit = mention_change(pairs(growth=2.0), 2017, 0.9, ["iom"])
    found = of_panel(fit, "after", "")
    assert found.interval(0.9) == pytest.approx(fit.effects.loc["after", ["low", "high"]].to_numpy(dtype=float))
    assert found.p_value == pytest.approx(fit.effects.loc["after", "p_value"])


def test_the_difference_between_organizations_is_that_of_a_poisson_with_dummies():
    rows = pairs(growth=2.0)
    found = mention_difference(rows, "iom", 2017, 0.95)
    heard = rows.groupby(["iso3", "organization"])["named"].transform("sum") > 0
    used = rows[heard & (rows.groupby("year")["named"].transform("sum") > 0)]
    dummies = [
        pd.get_dummies(used["iso3"] + used["organization"], dtype=float),
        pd.get_dummies(used["year"], drop_first=True, dtype=float),
    ]
    own = ((used["organization"] == "iom") & (used["year"] >= 2017)).astype(float)
    other = GLM(used["named"].to_numpy(), np.column_stack([own, *dummies]), family=Poisson()).fit(tol=1e-12)
    assert found.effects.loc["own_after", "estimate"] == pytest.approx(other.params[0], abs=1e-6)


def test_an_organization_that_nobody_names_or_one_period_only_has_no_model():
    rows = pairs()
    for part, year in ((rows.assign(named=0.0), 2017), (rows, 2030), (rows[rows["iso3"] == "C0"], 2017)):
        with pytest.raises(UserError, match="panel"):
            mention_change(part, year, 0.95, ["iom"])
