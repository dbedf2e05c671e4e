"""The endorsement models on the committed tables: what enters, what does not, and one foreign fit."""

import numpy as np
import pytest

from compacts.stats import endorsement
from compacts.stats.firth import fit_firth_logit
from compacts.stats.models import fit_logit
from compendium.errors import UserError

TABLES = ("un_members", "un_votes", "un_participation", "unhcr_displacement")


@pytest.fixture(scope="module")
def tables(table):
    return [table(name) for name in TABLES]


@pytest.fixture(scope="module")
def states(tables):
    return endorsement.states_before_the_votes(*tables, first_session=70, covariate_year=2017)


@pytest.fixture(scope="module")
def design(states):
    return endorsement.endorsement_design(states, "Asia-Pacific")


def test_every_member_has_both_votes_and_every_covariate(states):
    assert len(states) == 193
    assert states["gcm"].value_counts().to_dict() == {"yes": 152, "not voting": 24, "abstain": 12, "no": 5}
    assert states["gcr"].value_counts().to_dict() == {"yes": 181, "not voting": 7, "abstain": 3, "no": 2}
    assert states[list(endorsement.COVARIATES)].notna().all(axis=None)


def test_votes_of_the_73rd_session_and_later_never_enter_the_covariates(tables, states):
    members, votes, participation, displacement = tables
    spoiled = participation.copy()
    spoiled.loc[spoiled["session"] > 72, ["cast", "agreeing"]] = 0
    again = endorsement.states_before_the_votes(members, votes, spoiled, displacement, 70, 2017)
    assert again[list(endorsement.COVARIATES)].equals(states[list(endorsement.COVARIATES)])


def test_a_state_counts_missed_calls_and_people_as_the_tables_say(tables, states):
    """By hand for one state: Lebanon, sessions 70 to 72, end of 2017."""
    _, _, participation, displacement = tables
    rows = participation[(participation["iso3"] == "LBN") & participation["session"].between(70, 72)]
    people = displacement[(displacement["year"] == 2017) & (displacement["asylum_iso3"] == "LBN")]
    assert states.loc["LBN", "missed"] == np.log2(1 + rows["not_voting"].sum())
    assert states.loc["LBN", "hosted"] == np.log2(1 + people["refugees"].sum() + people["asylum_seekers"].sum())
    assert states.loc["LBN", "agreement"] == pytest.approx(10 * rows["agreeing"].sum() / rows["compared"].sum())


@pytest.mark.parametrize(
    ("session", "year", "message"),
    [(73, 2017, "first_session: got 73, expected 72 or earlier"), (70, 2018, "covariate_year: got 2018")],
)
def test_covariates_from_after_the_votes_are_refused(tables, session, year, message):
    with pytest.raises(UserError, match=message):
        endorsement.states_before_the_votes(*tables, session, year)


def test_an_unknown_reference_group_is_refused_with_the_groups(states):
    with pytest.raises(UserError, match="got 'Asian', expected one of African, Asia-Pacific"):
        endorsement.endorsement_design(states, "Asian")


def test_the_choice_of_reference_group_does_not_change_what_is_predicted(states, design):
    outcome = endorsement.coded(states["gcr"], ("not yes", "yes"))
    other = endorsement.endorsement_design(states, "African")
    one, two = fit_firth_logit(design.matrix, outcome), fit_firth_logit(other.matrix, outcome)
    assert one.probabilities() == pytest.approx(two.probabilities(), abs=1e-6)


def test_the_logit_of_the_gcm_is_that_of_statsmodels_formulas(states, design):
    from statsmodels.formula.api import logit

    frame = states.assign(yes=(states["gcm"] == "yes").astype(int))
    formula = "yes ~ C(un_group, Treatment('Asia-Pacific')) + hosted + originating + missed + agreement"
    theirs = logit(formula, frame).fit(disp=False)
    ours = fit_logit(design.matrix, endorsement.coded(states["gcm"], ("not yes", "yes")))
    assert ours.parameters == pytest.approx(theirs.params.to_numpy(), abs=1e-5)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse.to_numpy(), rel=1e-4)


def test_only_the_multinomial_models_are_separated_and_they_get_the_penalty(states, design):
    found = endorsement.separations(states, design)
    assert set(found.loc[found["kind"] != "none", "model"]) == {"multinomial"}
    assert set(endorsement.endorsement_models(states, design, "GCR")) == {
        "Firth logit",
        "logit",
        "ordered logit",
        "Firth multinomial logit",
    }


def test_effects_differ_by_the_third_table_and_holm_never_lowers_a_p_value(states, design):
    effects, comparison = endorsement.effects_of_compacts(states, design, 0.95)
    wide = effects.pivot(index="covariate", columns="model", values="estimate")
    assert (wide["GCM"] - wide["GCR"]).to_numpy() == pytest.approx(wide["GCM less GCR"].to_numpy())
    assert (effects["p_holm"] >= effects["p_value"]).all()
    assert not effects.loc[effects["p_holm"] > 0.05, "associated"].any()
    assert comparison.degrees == 8


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (("not yes", "yes"), [1, 0, 0, 0]),
        (endorsement.ORDERED, [3, 1, 0, 2]),
        (endorsement.UNORDERED, [0, 1, 1, 2]),
    ],
)
def test_votes_are_coded_by_level(states, levels, expected):
    votes = states["gcm"].iloc[:4].mask([True] * 4, list(endorsement.VOTES))
    assert endorsement.coded(votes, levels).tolist() == expected


def test_an_effect_without_states_is_that_of_a_design_that_never_had_them(states, design):
    refusers = ["HUN", "ISR", "POL", "USA"]
    got = endorsement.effect_without(states, design, "GCR", "agreement", refusers, 0.95)
    fewer = states.drop(index=refusers)
    effects, _ = endorsement.effects_of_compacts(fewer, endorsement.endorsement_design(fewer, "Asia-Pacific"), 0.95)
    row = effects[(effects["model"] == "GCR") & (effects["covariate"] == "agreement")].iloc[0]
    assert got["estimate"] == pytest.approx(row["estimate"], abs=1e-6)
    assert (got["low"], got["high"]) == pytest.approx((row["low"], row["high"]), abs=1e-5)
