"""Blocks of covariates on the committed tables: what is known, what is missing, what a block adds."""

import numpy as np
import pytest

from compacts.stats import blocks, endorsement
from compacts.stats.firth import fit_firth_logit, likelihood_ratio
from compendium.errors import UserError


@pytest.fixture(scope="module")
def states(table):
    names = ("un_members", "un_votes", "un_participation", "unhcr_displacement")
    return endorsement.states_before_the_votes(*map(table, names), first_session=70, covariate_year=2017)


@pytest.fixture(scope="module")
def traits(table):
    return blocks.state_traits(table("country_year"), 2017, 2018)


@pytest.fixture(scope="module")
def added(states, traits):
    return blocks.blocks_added(states, traits, endorsement.endorsement_design(states, "Asia-Pacific"), 0.95)


def test_traits_of_a_state_are_those_of_the_table(table, traits):
    """Hungary by hand."""
    rows = table("country_year").query("iso3 == 'HUN'").set_index("year")
    now = rows.loc[2017]
    assert traits.loc["HUN", "migrants"] == pytest.approx(
        np.log2(now["migrant_stock_interpolated"] / now["population"])
    )
    five = rows.loc[2013:2017]
    assert traits.loc["HUN", "net_migration"] == pytest.approx(
        (1000 * five["net_migration"] / five["population"]).mean()
    )
    assert traits.loc["HUN", "populist"] == float(rows.loc[2018, "populist_in_government"])


def test_what_no_source_knows_stays_missing(table, traits):
    unknown = table("country_year").query("year == 2018 and populist_in_government.isna()")["iso3"]
    assert traits.loc[unknown, "populist"].isna().all()
    assert traits["populist"].notna().sum() == 193 - len(unknown)


@pytest.mark.parametrize(
    ("years", "message"), [((2018, 2018), "covariate_year: got 2018"), ((2017, 2019), "government_year: got 2019")]
)
def test_traits_from_after_the_votes_are_refused(table, years, message):
    with pytest.raises(UserError, match=message):
        blocks.state_traits(table("country_year"), *years)


def test_both_compacts_speak_of_the_same_states_at_each_step(added):
    steps, _ = added
    sizes = steps.pivot(index="block", columns="compact", values="n")
    assert (sizes["GCM"] == sizes["GCR"]).all()
    assert (steps["n"] + steps["left_out"].str.split(", ").str.len() == 193).all()


def test_a_step_is_the_penalised_likelihood_ratio_of_its_covariates(states, traits, added):
    steps, effects = added
    design = endorsement.endorsement_design(states, "Asia-Pacific").matrix.join(traits[["wealth", "size"]]).dropna()
    model = fit_firth_logit(design, endorsement.coded(states.loc[design.index, "gcm"], ("not yes", "yes")))
    expected = likelihood_ratio(model, ["wealth", "size"])
    row = steps[(steps["compact"] == "GCM") & (steps["block"] == "wealth and size")].iloc[0]
    assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-6)
    assert row["p_value"] == pytest.approx(expected.p_value, rel=1e-6)
    assert len(effects) == 2 * sum(map(len, blocks.BLOCKS.values()))


def test_a_block_adds_only_by_test_and_by_prediction_together(added):
    steps, effects = added
    assert (steps["added"] == ((steps["p_holm"] < 0.05) & (steps["log_score"] < 0))).all()
    assert (steps["p_holm"] >= steps["p_value"]).all()
    filled = effects[effects["associated"]]
    assert set(zip(filled["model"], filled["covariate"], strict=True)) == {("GCM", "populist"), ("GCM", "against")}


def test_one_kind_of_vote_in_a_sample_is_refused(states, traits):
    all_yes = states.assign(gcm="yes")
    with pytest.raises(UserError, match="got one kind of vote in 189 states"):
        blocks.blocks_added(all_yes, traits, endorsement.endorsement_design(states, "Asia-Pacific"), 0.95)


def test_the_table_of_effects_has_both_compacts_and_a_true_minus(added):
    table = blocks.effects_table(added[1])
    assert list(table.columns) == ["GCM", "GCR"]
    assert table.loc["Populists in government", "GCM"].startswith("\N{MINUS SIGN}13.1 (\N{MINUS SIGN}27.4 to ")
    assert not table.stack().str.contains("-").any()


def test_states_left_out_by_the_reader_enter_no_step(states, traits):
    fewer = states.drop(index=["HUN", "USA"])
    steps, _ = blocks.blocks_added(fewer, traits, endorsement.endorsement_design(fewer, "Asia-Pacific"), 0.95)
    assert steps["n"].max() == 187
