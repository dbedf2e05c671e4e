"""Hypotheses on endorsers and champions: the effect against another package, the verdict by its rule, ties by hand."""

import numpy as np
import pandas as pd
import pytest

from compacts import endorsers, verdict_summary, verdicts
from compacts.stats import blocks, endorsement
from compacts.stats.association import Association, associate, verdict_of_sign
from compendium.errors import UserError


@pytest.fixture(scope="module")
def states(table):
    names = ("un_members", "un_votes", "un_participation", "unhcr_displacement")
    return endorsement.states_before_the_votes(*map(table, names), first_session=70, covariate_year=2017)


def many_rows(rows=4000, seed=5):
    rng = np.random.default_rng(seed)
    trait, control = rng.normal(size=rows), rng.normal(size=rows)
    group = pd.Series(rng.choice(list("abc"), rows))
    chance = 1 / (1 + np.exp(-(0.4 + 0.5 * trait - 0.3 * control + 0.4 * (group == "b"))))
    outcome = pd.Series((rng.random(rows) < chance).astype(int))
    return outcome, pd.DataFrame({"trait": trait}), pd.DataFrame({"control": control}), group


def test_with_many_rows_the_effect_is_that_of_the_margins_of_statsmodels():
    """The penalty fades with the sample: statsmodels' logit and its average marginal effects, for one quartile step."""
    from statsmodels.discrete.discrete_model import Logit

    outcome, traits, controls, group = many_rows()
    found = associate(outcome, traits, controls, group, 0.95).effects.loc["trait"]
    x = traits.join(controls).assign(constant=1.0).join(pd.get_dummies(group, dtype=float)[["b", "c"]])
    margins = Logit(outcome, x).fit(disp=False).get_margeff().summary_frame().loc["trait"]
    step = traits["trait"].quantile(0.75) - traits["trait"].quantile(0.25)
    assert found["estimate"] == pytest.approx(100 * step * margins["dy/dx"], rel=0.01)
    assert found["high"] == pytest.approx(100 * step * margins["Cont. Int. Hi."], rel=0.02)


def test_states_with_a_missing_value_are_left_out_and_named():
    outcome, traits, controls, group = many_rows(50)
    traits.loc[[3, 4]] = np.nan
    controls.loc[7] = np.nan
    found = associate(outcome, traits, controls, group, 0.95)
    assert found.n == 47
    assert found.left_out == (3, 4, 7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda o, t: (o * 0, t), "association, outcome: got one value"),
        (lambda o, t: (o, t * 0 + 1), "association, trait: got one value"),
        (lambda o, t: (o, t.where(t.index.to_series().lt(3), 0.0, axis=0)), "association, trait: got equal quartiles"),
    ],
)
def test_an_outcome_or_trait_without_spread_is_refused(change, message):
    outcome, traits, controls, _ = many_rows(50)
    with pytest.raises(UserError, match=message):
        associate(*change(outcome, traits), controls, None, 0.95)


def made(p_value, *rows):
    effects = pd.DataFrame(rows, columns=["estimate", "low", "high"], index=[f"t{i}" for i in range(len(rows))])
    return Association(effects, p_value, 100, 20, ())


@pytest.mark.parametrize(
    ("found", "sign", "verdict"),
    [
        (made(0.01, (-9.0, -15.0, -3.0)), -1, "supported"),
        (made(0.01, (9.0, 3.0, 15.0)), -1, "contradicted"),
        (made(0.30, (1.0, -4.0, 6.0)), -1, "contradicted"),
        (made(0.30, (1.0, -14.0, 16.0)), -1, "undecided"),
        (made(0.01, (9.0, 3.0, 15.0), (1.0, -2.0, 4.0)), 1, "supported"),
        (made(0.01, (9.0, 3.0, 15.0), (-9.0, -15.0, -3.0)), 1, "undecided"),
        (made(0.01, (9.0, -1.0, 19.0), (9.0, -1.0, 19.0)), 1, "undecided"),
    ],
)
def test_a_verdict_follows_the_declared_rule(found, sign, verdict):
    assert verdict_of_sign(found, sign, 10, 0.05) == verdict


def test_ties_to_iom_are_those_of_the_tables(table, states):
    """By hand: Chad and the members that left IOM or never joined."""
    membership, spending, projects = map(table, ("iom_membership", "finance_country_entity_year", "iom_projects"))
    ties = endorsers.iom_ties(states, membership, spending, projects)
    joined = membership.query("iso3 == 'TCD' and last_year.isna()")["first_year"].max()
    paid = spending.query("iso3 == 'TCD' and entity == 'IOM' and year in (2016, 2017)")["amount_usd"].sum()
    assert ties.loc["TCD", "membership"] == 2015 - joined
    assert ties.loc["TCD", "spending"] == pytest.approx(np.log2(1 + paid / 1000))
    assert (ties.loc[~ties.index.isin(membership.query("last_year.isna()")["iso3"]), "membership"] == 0).all()
    assert ties.notna().all(axis=None)


def test_projects_and_spending_after_the_compact_do_not_count(table, states):
    membership, spending, projects = map(table, ("iom_membership", "finance_country_entity_year", "iom_projects"))
    before = endorsers.iom_ties(states, membership, spending, projects)
    late = projects.assign(start=pd.to_datetime(projects["actual_start"].fillna(projects["planned_start"])))
    again = endorsers.iom_ties(
        states, membership, spending[spending["year"] < 2018], projects[late["start"].lt("2018-01-01")]
    )
    pd.testing.assert_frame_equal(before, again)


def test_every_hypothesis_is_told_with_a_verdict_and_texts_that_can_be_filled(table, states):
    traits = blocks.state_traits(table("country_year"), 2017, 2018)
    tested = endorsers.endorsers_tested(states, traits, traits, 0.95)
    judged = verdicts.judge_endorsers(tested, None, 10, 0.95)
    judged["B4"] = verdicts.judge_hosts(states, traits["people"], ["HUN", "USA"], 0.1, 0.95)
    assert set(judged) == {"B1", "B2", "B3", "B4"}
    for found in judged.values():
        assert found.verdict in ("supported", "contradicted", "undecided")
        for told in found.told:
            assert told["text"].format(value=1, low=0, high=2)


def test_a_verdict_by_a_rejection_that_correction_undoes_is_told_so_and_an_undecided_one_stays_bare():
    judged = {
        "B1": verdicts.Judged("supported", [{"name": "b1_verdict", "text": "That is {value}."}], "", 0.03, turned=2),
        "B2": verdicts.Judged("undecided", [], "", 0.7, turned=1),
        "B3": verdicts.Judged("contradicted", [], "", 0.001),
    }
    found = verdict_summary.qualified(judged, ["B3"], 0.05)
    assert [one.in_words for one in found.values()] == [
        "supported (before correction only; not robust)",
        "undecided",
        "contradicted",
    ]
    assert found["B1"].told[0]["text"] == "That is {value} (before correction only; not robust)."


def test_a_verdict_on_hosts_counts_what_turns_it(table, states):
    traits = blocks.state_traits(table("country_year"), 2017, 2018)
    found = verdicts.judge_hosts(states, traits["people"], ["HUN", "USA"], 0.1, 0.95)
    assert found.turned >= 5  # Hungary, Israel, Libya, Poland, United States


def test_roles_by_group_count_no_refusals():
    states = pd.DataFrame({"un_group": ["African", "African", "Asia-Pacific"]}, index=["AAA", "BBB", "CCC"])
    held = pd.DataFrame(
        [("AAA", "led"), ("AAA", "champion of the GCM"), ("BBB", "stayed out or left")], columns=["iso3", "kind"]
    )
    found = endorsers.roles_by_group(held, states)
    assert found.loc["African"].tolist() == [2, 2, 1, 1, 10.0]
    assert found.loc["Asia-Pacific"].tolist() == [1, 0, 0, 0, 0.0]


def test_the_table_of_roles_adds_up_to_all_roles():
    groups = ["African", "Asia-Pacific", "Eastern European"]
    states = pd.DataFrame({"un_group": groups, "name": ["Aland", "Beland", "Celand"]}, index=["AAA", "BBB", "CCC"])
    held = pd.DataFrame(
        [
            ("AAA", "led", "verified"),
            ("AAA", "stayed out or left", "verified"),
            ("BBB", "led", "cited"),
            ("BBB", "led", "verified"),
            ("CCC", "stayed out or left", "cited"),
        ],
        columns=["iso3", "kind", "confidence"],
    )
    found = endorsers.roles_table(held, states, least=2)
    assert found.index.tolist() == ["African", "Asia-Pacific", "Eastern European", "Beland"]
    assert found.loc["Beland"].tolist() == [1, 1, 2, 0, 0, 2, 1, 0]
    assert found.loc["African", ["states", "led", "all", "read", "stayed out or left"]].tolist() == [1, 1, 1, 1, 1]
    assert found.loc["Eastern European"].tolist() == [1, 0, 0, 0, 0, 0, 0, 1]
    assert found["all"].iloc[:3].sum() == (held["kind"] == "led").sum()


def test_a_state_left_out_leaves_one_state_fewer_in_the_test_of_b1(table, states):
    traits = blocks.state_traits(table("country_year"), 2017, 2018)
    alone = endorsers.without_each_populist(states, traits, 0.95)
    assert "HUN" in alone
    assert {found.n for found in alone.values()} == {147}
