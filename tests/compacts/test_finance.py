"""Revenue, donors, countries and the donor panel: shaped as told, on the committed tables and on small frames."""

import numpy as np
import pandas as pd
import pytest

from compacts import donor_panel, finance
from compacts.finance import PAIR
from compacts.stats.panel import ppml
from compendium.errors import UserError


@pytest.fixture(scope="module")
def revenue(table):
    return finance.revenue_by_type(table("finance_entity_year"))


@pytest.fixture(scope="module")
def money(table):
    return finance.donor_money(table("finance_donor_entity_year"))


def test_revenue_of_both_is_that_of_the_reconciliation_and_of_what_they_published(table, revenue):
    both = revenue.merge(table("finance_reconciliation"), on=["entity", "year"])
    assert both["total"].to_numpy() == pytest.approx(both["revenue_usd"].to_numpy(), rel=1e-9)
    total = revenue.set_index(["entity", "year"])["total"] / 1e6
    assert total["UNHCR", 2018] == pytest.approx(
        4338.3, abs=0.05
    )  # 4,338.294 in the Performance of International Institutions Project
    core = revenue.set_index(["entity", "year"])["voluntary core"] / 1e6
    assert core["IOM", 2018] == pytest.approx(
        30, abs=0.5
    )  # IOM, report on the use of unearmarked funding 2018: 30 million


def test_peers_follow_the_rule_and_a_rule_that_leaves_none_is_refused(revenue):
    found = finance.peers(revenue, 1000)
    mean = revenue.groupby("entity")["total"].mean() / 1e6
    assert all(mean[peer] >= 1000 for peer in found)
    assert not set(found) & set(PAIR)
    assert "UN-DPO" not in found  # large, and assessed
    with pytest.raises(UserError, match="peers_from_musd: got 9000, which leaves 0 peers"):
        finance.peers(revenue, 9000)


def test_profiles_grow_at_the_compound_rate():
    frame = pd.DataFrame({"entity": "A", "year": range(2000, 2011), **dict.fromkeys(finance.TYPES, 0.0)})
    frame["voluntary core"] = frame["total"] = 100 * 1.1 ** (frame["year"] - 2000.0)
    found = finance.profiles(frame, ["A"], [2000], [2010]).iloc[0]
    assert found["growth"] == pytest.approx(10)
    assert found[["earmarked", "core", "assessed", "other"]].tolist() == [0, 100, 0, 0]


def test_donors_are_named_states_and_the_union_without_dues(table, money):
    raw = table("finance_donor_entity_year")
    usa = raw[(raw["iso3"] == "USA") & (raw["entity"] == "UNHCR") & (raw["year"] == 2018)]["amount_usd"].sum()
    assert usa == pytest.approx(1589.8e6, abs=5e4)  # the same in UNHCR's own IATI file of 2018
    found = money[(money["donor"] == "United States") & (money["entity"] == "UNHCR") & (money["year"] == 2018)]
    assert found["amount_usd"].sum() == pytest.approx(usa)
    assert money["iso3"].isna().sum() == (money["donor"] == "European Union").sum() > 0
    assert not money.duplicated(["entity", "year", "donor"]).any()


def test_dues_of_iom_can_be_told_from_gifts_in_all_years(table):
    frame = table("finance_type_reconciliation")
    dues = frame[(frame["entity"] == "IOM") & (frame["revenue_type"] == "assessed") & (frame["year"] >= 2013)]
    assert len(dues) == 12
    assert dues["difference_usd"].abs().max() < 10_000


def test_a_change_of_means_needs_years_on_both_sides():
    series = pd.Series([10.0, 20, 30, 90], index=[2016, 2017, 2018, 2019])
    assert finance.change_of_means(series, 2017, 2018) == 15
    for last in (2015, 2019):
        with pytest.raises(UserError, match=f"last_year_before: got {last}, expected a year from 2016 to 2018"):
            finance.change_of_means(series, last, 2019)


def test_years_without_one_of_the_pair_are_refused(money):
    with pytest.raises(UserError, match="years 1990 to 1991: got money of nobody"):
        finance.over_years(money, [1990, 1991])


def test_every_direction_of_change_has_its_name():
    rows = [(iso3, entity, year, amount) for iso3, pairs in {
        "AAA": ((1, 2), (1, 2)), "BBB": ((1, 2), (2, 1)), "CCC": ((2, 1), (1, 2)), "DDD": ((2, 1), (2, 1)),
        "EEE": ((1, 2), (0, 0)), "FFF": ((0, 0), (2, 1)), "GGG": ((0, 2), (1, 0))}.items()
        for entity, pair in zip(PAIR, pairs, strict=True) for year, amount in zip((1, 2), pair, strict=True)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["iso3", "entity", "year", "amount_usd"]).assign(
        country=lambda part: part["iso3"]
    )
    found = finance.country_change(frame, [1], [2]).set_index("iso3")["direction"]
    opposite = ["IOM grew, UNHCR shrank", "UNHCR grew, IOM shrank"]
    assert found.tolist() == ["both grew", *opposite, "both shrank", "one alone", "one alone", opposite[0]]


def test_scaled_countries_add_up_to_all_expenses(table):
    countries, books = table("finance_country_entity_year"), table("finance_reconciliation")
    some = countries[countries["entity"].isin(PAIR) & (countries["year"] >= 2016)]
    found = finance.scaled_to_total(some, books).groupby(["entity", "year"])["amount_usd"].sum()
    expected = books.set_index(["entity", "year"])["expenses_usd"][found.index]
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-6)


def test_the_hosting_panel_takes_people_of_the_year_before_and_no_rich_country(table):
    found = finance.hosting_panel(
        table("finance_country_entity_year"),
        table("displacement_year"),
        table("income_groups"),
        range(2014, 2025),
        2018,
    )
    people = table("displacement_year").set_index(["code", "year"])
    uganda = found[(found["iso3"] == "UGA") & (found["year"] == 2020)].iloc[0]
    assert (
        uganda["hosted"]
        == people.loc[("UGA", 2019), ["refugees_hosted", "asylum_seekers_hosted", "others_in_need_hosted"]].sum()
    )
    assert not found["iso3"].isin(["DEU", "USA"]).any()
    assert found["hosted"].min() >= 1000
    assert (found["log_hosted_after"] == found["log_hosted"] * (found["year"] > 2018)).all()


def test_gifts_of_donors_without_costs_are_not_counted_beside_them():
    costs = pd.DataFrame(
        {"iso3": ["AAA", "BBB"], "year": 2020, "in_donor_refugee_costs_musd": [3.0, np.nan], "oda_musd": 9.0}
    )
    money = pd.DataFrame({"entity": "IOM", "iso3": ["AAA", "BBB"], "year": 2020, "amount_usd": [1e6, 5e6]})
    found = finance.refugee_costs_beside_gifts(costs, money).iloc[0]
    assert (found["donors"], found["ratio"]) == (1, 3.0)


GIFTS = pd.DataFrame(
    [("IOM", year, donor, iso3, amount) for year in (1, 2, 3, 4) for donor, iso3, amount in (("Yes", "YES", 1e6), ("No", "NOO", 2e6), ("Union", None, 3e6))]
    + [("UNHCR", year, donor, iso3, 4e6) for year in (1, 2, 3, 4) for donor, iso3 in (("Yes", "YES"), ("No", "NOO"))]
    + [("UNHCR", 1, "Union", None, -1e6), ("UNHCR", 2, "Idle", "IDL", 0.0)],
    columns=["entity", "year", "donor", "iso3", "amount_usd"],
)  # fmt: skip
VOTES = pd.DataFrame({"resolution": donor_panel.GCM, "iso3": ["YES", "NOO", "IDL"], "vote": ["yes", "abstain", "yes"]})


def test_the_panel_keeps_zeros_and_leaves_out_negative_amounts_and_idle_donors():
    found = donor_panel.donor_panel(GIFTS, VOTES, PAIR, [1, 2, 3, 4], 2)
    rows = found.rows.set_index(["donor", "agency", "year"])
    assert (found.negative, found.negative_musd, found.without_vote) == (1, -1.0, ["Union"])
    assert len(rows) == 3 * 2 * 4 - 1
    assert rows.loc[("Union", "UNHCR", 3), "amount"] == 0
    assert rows["endorser_agency_after"].sum() == 2  # Yes, IOM, years 3 and 4
    assert set(donor_panel.voters(found.rows, found.without_vote)["donor"]) == {"Yes", "No"}


def test_a_cut_that_leaves_a_side_empty_is_refused():
    for last in (1, 4):
        with pytest.raises(UserError, match=f"last_year_before: got {last}, expected a year from 2 to 3"):
            donor_panel.donor_panel(GIFTS, VOTES, PAIR, [1, 2, 3, 4], last)


def made_up(effect: float) -> pd.DataFrame:
    """Gifts of 20 donors to both agencies over six years, half of them endorsers whose gifts to IOM change after year 3."""
    generator = np.random.default_rng(12)
    rows = []
    for donor in range(20):
        for year in range(2015, 2021):
            for agency in PAIR:
                change = effect if agency == "IOM" and donor % 2 == 0 and year > 2017 else 0.0
                rows.append(
                    (agency, year, f"d{donor}", f"D{donor:02d}", 1e6 * np.exp(change) * generator.gamma(20, 1 / 20))
                )
    return pd.DataFrame(rows, columns=["entity", "year", "donor", "iso3", "amount_usd"])


@pytest.fixture(scope="module")
def estimated():
    money = made_up(1.0)
    votes = pd.DataFrame({"resolution": donor_panel.GCM, "iso3": sorted(money["iso3"].unique())})
    votes["vote"] = np.where(votes["iso3"].str[1:].astype(int) % 2 == 0, "yes", "no")
    panel = donor_panel.donor_panel(money, votes, PAIR, range(2015, 2021), 2017)
    return panel, donor_panel.estimates(panel, {}, PAIR, 2017, 0.95, 199, 1, largest="d3")


def test_a_known_effect_is_found_by_every_specification_and_passes_the_rule(estimated):
    panel, found = estimated
    assert found.passes
    votes_rows = found.table[~found.table["specification"].str.startswith("years")]
    assert (votes_rows["effect"] / 100 + 1).apply(np.log).between(0.8, 1.2).all()
    assert set(found.table["specification"]) >= {
        "main: all members",
        "without d3",
        "from 2016",
        "log ratio, least squares",
    }
    main = ppml(panel.rows, "amount", ["endorser_agency_after"], donor_panel.TRIPLE, "donor")
    assert found.fits["all"].effects.to_numpy() == pytest.approx(main.effects.to_numpy())
    assert found.by_year["vote", "all"][1] > 0.01


def test_the_rule_asks_for_all_its_parts(estimated):
    _, found = estimated
    assert donor_panel.counts_as_change(found.fits, 0.5, 0.01, 0.05)
    assert not donor_panel.counts_as_change(found.fits, 0.05, 0.01, 0.05)  # an earlier trend
    assert not donor_panel.counts_as_change(
        found.fits, float("nan"), 0.01, 0.05
    )  # an earlier trend that nobody could see
    assert not donor_panel.counts_as_change(found.fits, 0.5, 0.2, 0.05)  # permuted votes as extreme
    assert not donor_panel.counts_as_change({**found.fits, "without": found.years["all"]}, 0.5, 0.01, 0.05) or (
        found.years["all"].effects["low"].iloc[0] > 0
    )


def test_leaving_out_each_large_donor_is_refitting_without_it(estimated):
    panel, found = estimated
    first = found.alone.iloc[0]
    rest = panel.rows[panel.rows["donor"] != first["donor"]]
    assert first["estimate"] == pytest.approx(donor_panel.endorsement_effect(rest, 0.95).effects["estimate"].iloc[0])
    assert len(found.alone) == 20


def test_donors_that_did_not_endorse_are_counted_among_those_in_the_model_with_their_share(table):
    """By hand: with the United States, Australia, Italy and Switzerland among them, and no endorser."""
    money, votes = finance.donor_money(table("finance_donor_entity_year")), table("un_votes")
    panel = donor_panel.donor_panel(money, votes, PAIR, range(2013, 2025), 2018)
    others = donor_panel.others_used(donor_panel.voters(panel.rows, panel.without_vote))
    assert {"United States", "Australia", "Italy", "Switzerland"} < set(others.index)
    said = votes[votes["resolution"] == donor_panel.GCM].set_index("iso3")["vote"]
    assert (said[panel.rows.drop_duplicates("donor").set_index("donor").loc[others.index, "iso3"]] != "yes").all()
    assert others["share"].is_monotonic_decreasing
    assert 0.5 < others["share"].sum() < 0.6
