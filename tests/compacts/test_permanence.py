"""Spells of forms and classes, terms, clauses and schedules: against counts by hand and published totals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compacts import endings, longevity, permanence, terms, time_clauses
from compacts.stats.hazards import HazardRatio
from compendium.errors import UserError

AS_OF = "2026-11-23"


@pytest.fixture(scope="module")
def forms(table):
    return [table(name) for name in ("forms", "form_date_bounds", "mandate_steps")]


@pytest.fixture(scope="module")
def spells(forms):
    return permanence.form_spells(*forms, AS_OF, "gcm gcr")


@pytest.fixture(scope="module")
def classes(table, spells):
    lists = (table(name) for name in ("organization_lifespans", "lifespan_sources", "trust_fund_year"))
    return permanence.reference_classes(*lists, spells, AS_OF)


@given(st.dates(min_value=pd.Timestamp("1921-01-01").date()), st.sampled_from([4, 7, 10]))
def test_a_cut_date_stands_for_all_days_that_begin_with_it(day, length):
    first, last = permanence.date_range(day.isoformat()[:length])
    days = pd.date_range(first - pd.Timedelta(days=1), last + pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    within = [text.startswith(day.isoformat()[:length]) for text in days]
    assert within == [False, *[True] * (len(days) - 2), False]


@pytest.mark.parametrize("text", ["spring 2019", "2019-1", "201", "2019-13"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(UserError, match="expected YYYY"):
        permanence.date_range(text)


def test_no_form_is_watched_beyond_its_last_sighting_or_the_day(spells, forms):
    seen = forms[0].set_index("form_id")["status_as_of"]
    ongoing = spells[spells["end_kind"] == "ongoing"]
    assert (ongoing["end_high"] <= [permanence.date_range(text)[1] for text in seen[ongoing.index]]).all()
    earlier = permanence.form_spells(*forms, "2010-01-01")
    assert (earlier["end_high"] <= pd.Timestamp("2010-01-01")).all()
    assert earlier.loc["gmg", "end_kind"] == "ongoing"
    assert "imrf" not in earlier.index


def test_shortest_and_longest_lives_hold_the_middle(spells):
    assert (spells["shortest"] <= spells["duration"] + 1e-9).all()
    assert (spells["duration"] <= spells["longest"] + 1e-9).all()
    assert (spells["duration"] > 0).all()
    assert (spells["start_low"] <= spells["start_high"]).all()


def test_known_forms_have_the_lives_that_history_gives_them(spells):
    assert spells.loc["icm", "duration"] == pytest.approx(9, abs=0.1)  # 1980 to 1989
    assert spells.loc["gcim", "end_kind"] == "expired"
    assert spells.loc["unhcr", "dated_at_birth"]
    assert not spells.loc["iom", "dated_at_birth"]
    assert (spells.loc["gfmd", "start_low"].year, spells.loc["gfmd", "start_high"].year) == (2006, 2007)


def test_a_form_that_is_not_there_cannot_be_left_out(forms):
    with pytest.raises(UserError, match="exclude: got 'xyz'"):
        permanence.form_spells(*forms, AS_OF, "xyz")
    with pytest.raises(UserError, match="as_of"):
        permanence.form_spells(*forms, "1900-01-01")


def test_classes_have_the_published_numbers(classes, table):
    digo = table("lifespan_sources").query("dataset == 'digo'")
    assert (len(digo), int((~digo["alive"]).sum())) == (561, 218)  # 216 in the article; three rows say neither
    size = classes.groupby("group").size()
    # 149 informal ones are published; four ended in a year that is not given. 81 missions, three of them sums, three
    # without dates, one out of date
    assert size["Informal IGOs"] == 149 - 4
    assert size["Peacekeeping missions"] == 81 - 3 - 3 - 1
    informal = classes[classes["group"] == "Informal IGOs"]["end_kind"].value_counts()
    assert informal["became formal"] == 36


def test_completed_missions_last_as_long_as_the_list_says(classes):
    """The list's own dates: 66 completed missions, median 2.5 years, among them three that sum up others."""
    done = classes[(classes["group"] == "Peacekeeping missions") & (classes["ended"] == 1)]
    assert done["duration"].median() == pytest.approx(2.5, abs=0.3)


def test_a_day_before_the_lists_end_hides_later_ends(table, forms):
    lists = [table(name) for name in ("organization_lifespans", "lifespan_sources", "trust_fund_year")]
    then = permanence.reference_classes(*lists, permanence.form_spells(*forms, "1990-06-30"), "1990-06-30")
    assert "Trust funds" not in set(then["group"])
    assert (then["start_year"] + then["duration"] <= 1991).all()


def test_a_successor_is_an_end_only_where_it_counts(spells):
    less = permanence.ends_counted(spells, replaced_counts_as_end=False)
    lost = spells[(spells["ended"] == 1) & (less == 0)]
    assert set(lost["end_kind"]) == {"replaced", "merged"}


def test_survival_ahead_is_the_same_as_the_share_among_fully_watched_units():
    whole = pd.DataFrame(
        {"group": "A", "clock": "age", "duration": [9.0, 12, 15, 25, 30, 40], "ended": 1, "end_kind": "dissolved"}
    )
    found = longevity.standing(whole, 10, 10).set_index("ends").loc["any end"]
    assert (found["at_risk"], found["survival"]) == (5, pytest.approx(3 / 5))
    assert found["mean"] == pytest.approx((2 + 5 + 10 * 3) / 5)
    none = longevity.standing(whole.assign(ended=0), 10, 10).iloc[0]
    assert (none["survival"], none["high"]) == (1, 1)
    assert none["low"] == pytest.approx(0.05 ** (1 / 3))
    with pytest.raises(UserError, match="earlier day"):
        longevity.standing(whole, 50, 10)


def test_every_choice_is_counted_anew_and_the_declared_one_comes_first(spells):
    table = longevity.ratio_by_choice(spells, AS_OF, 0.95, replaced_counts_as_end=True)
    part = spells[spells["term"] != "not known"]
    assert table.iloc[0]["choice"] == "as declared: dated at birth or not"
    assert (table.iloc[0]["forms"], table.iloc[0]["ended"]) == (len(part), part["ended"].sum())
    assert table.set_index("choice").loc["a successor is no end", "ended"] < part["ended"].sum()
    now = table.set_index("choice").loc["term of now: fixed against open"]
    assert now["forms"] == spells["term"].isin(["fixed", "open"]).sum()
    assert (table["low"] < table["ratio"]).all()
    assert table["choice"].is_unique


def test_leaving_a_form_out_moves_the_ratio_as_a_fit_without_it(spells):
    few = spells[spells["family"] == "Networks and platforms"]
    table = longevity.ratio_by_form(few, replaced_counts_as_end=True).set_index(["form_id", "what"])
    rest = few.drop(index="gmg")
    rest = rest[rest["term"] != "not known"]
    from compacts.stats.hazards import firth_hazard_ratio

    again = firth_hazard_ratio(rest["duration"], rest["ended"], rest["dated_at_birth"])
    assert table.loc[("gmg", "left out"), "ratio"] == pytest.approx(again.ratio)


def test_a_form_whose_date_was_moved_stays_among_those_dated_at_birth(spells):
    """Else the outcome decides on the group: who was prolonged would leave it, and all who stay would end."""
    moved = spells[spells["dated_at_birth"] & spells["term"].ne("fixed")]
    assert {"unhcr", "unrwa"} <= set(moved.index)
    families = terms.families_compared(spells, 100, 1).set_index("family")
    counted = families[["dated", "others"]].to_numpy().sum()
    assert counted == (spells["term"] != "not known").sum()
    assert families["dated"].sum() == spells["dated_at_birth"].sum()


def test_the_difference_of_survival_is_zero_between_like_groups_and_swaps_its_sign():
    one = pd.DataFrame({"duration": [1.0, 2, 4, 8, 9, 9], "ended": [1, 0, 1, 0, 0, 0]})
    other = pd.DataFrame({"duration": [3.0, 8, 8, 8, 9, 9], "ended": [1, 0, 0, 0, 0, 0]})
    there, back = longevity.survival_difference(one, other, 7), longevity.survival_difference(other, one, 7)
    assert there["difference"] == pytest.approx(-back["difference"])
    assert (there["low"], there["high"]) == (pytest.approx(-back["high"]), pytest.approx(-back["low"]))
    with pytest.raises(UserError, match="earlier age"):
        longevity.survival_difference(one, other, 20)


def test_the_interval_of_the_difference_covers_what_it_promises():
    rng = np.random.default_rng(8)

    def draw(mean):
        life, watched = rng.exponential(mean, 40), rng.uniform(4, 20, 40)
        return pd.DataFrame({"duration": np.minimum(life, watched), "ended": (life <= watched).astype(int)})

    truth = np.exp(-7 / 12) - np.exp(-7 / 8)
    found = [longevity.survival_difference(draw(12), draw(8), 7) for _ in range(400)]
    assert np.mean([row["low"] <= truth <= row["high"] for row in found]) == pytest.approx(0.95, abs=0.03)


def test_exact_bounds_are_those_of_clopper_and_pearson():
    """Clopper and Pearson (1934); Agresti and Coull (1998) give 0 to 0.308 for none of ten, 0.187 to 0.813 for five."""
    assert [round(bound, 3) for bound in (endings.exact_share(0, 10).low, endings.exact_share(0, 10).high)] == [
        0,
        0.308,
    ]
    assert [round(bound, 3) for bound in (endings.exact_share(5, 10).low, endings.exact_share(5, 10).high)] == [
        0.187,
        0.813,
    ]
    with pytest.raises(UserError, match="nothing to count"):
        endings.exact_share(0, 0)


@pytest.mark.parametrize(
    ("ratio", "above", "verdict"),
    [
        (HazardRatio(3, 2, 4, 0.01), True, "supported"),
        (HazardRatio(3, 2, 4, 0.01), False, "contradicted"),
        (HazardRatio(0.5, 0.3, 0.8, 0.01), False, "supported"),
        (HazardRatio(1.02, 0.95, 1.1, 0.7), True, "contradicted"),
        (HazardRatio(1.3, 0.7, 2, 0.4), True, "undecided"),
    ],
)
def test_a_ratio_is_judged_by_p_side_and_margin(ratio, above, verdict):
    assert endings.verdict_of_ratio(ratio, 0.05, 1.25, above=above) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.05, 0.2, "contradicted"), (-0.1, 0.15, "supported"), (-0.3, 0.1, "undecided")]
)
def test_likeness_is_judged_by_zero_and_margin(low, high, verdict):
    assert endings.verdict_of_likeness(low, high, 0.2) == verdict


def test_ends_shares_and_sizes_count_what_the_frames_hold(spells, classes):
    by_kind = longevity.ends_by_kind(classes).set_index("class")
    igo = by_kind.loc["Formal IGOs"]
    assert igo["ended"] == igo["successor"] + igo["no_successor"] + igo["not_told"]
    shares = endings.shares_replaced(spells, int(igo["successor"]), int(igo["no_successor"]), 0.95)
    assert shares["expired"].of - shares["declared"].of == (spells["end_kind"] == "expired").sum()
    renewed = endings.shares_renewed(spells, 0.95)
    assert renewed["declared"].majority_at_least == "undecided"  # none known of renewals is coded as none
    assert renewed["fixed"].of < renewed["declared"].of
    assert endings.ratios_of_size(classes, 0.95)["declared"].ratio < 1


def test_unhcr_was_prolonged_by_five_years_and_never_lapsed(forms):
    table = terms.renewals(forms[2], AS_OF)
    assert table.loc["unhcr", "median_added"] == pytest.approx(5, abs=0.01)
    assert table.loc["unhcr", "open_since"].year == 2003
    assert (table["least_left"] > 0).all()
    assert terms.renewals(forms[2], "1960-01-01").loc["unhcr", "decisions"] == 3


def test_days_of_renewals_are_those_of_roll_calls(forms, table):
    steps = forms[2].merge(table("un_roll_calls"), left_on="act", right_on="resolution")
    assert len(steps) == 8  # from 2001 on
    assert (steps["decided"] == pd.to_datetime(steps["date"])).all()


def test_families_with_one_group_or_no_end_get_no_p_value(spells):
    table = terms.families_compared(spells[~spells["dated_at_birth"]], 100, 1)
    assert table["p_value"].isna().all()
    assert (table["method"] == "one group, or no end").all()


def test_shares_of_clauses_add_up_and_lie_in_their_intervals(table):
    clauses = time_clauses.clauses_of(table("mandate_documents"))
    shares = time_clauses.clause_shares(clauses, "organ")
    assert ((shares["low"] <= shares["share"]) & (shares["share"] <= shares["high"])).all()
    assert shares.groupby("organ")["documents"].first()["General Assembly"] == 1640
    any_clause = clauses[list(time_clauses.CLAUSES)].any(axis=1)
    assert (any_clause != clauses["none of these"]).all()


def test_wilson_intervals_are_those_printed():
    """Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81 of 263 gives 0.2553 to 0.3662."""
    clauses = pd.DataFrame(
        {"organ": "A", **dict.fromkeys(time_clauses.CLAUSES, False), "none of these": False}, index=range(263)
    )
    clauses.loc[:80, "a review"] = True
    row = time_clauses.clause_shares(clauses, "organ").set_index("clause").loc["a review"]
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.2553, 0.3662)


def test_editions_take_their_year_from_session_or_document(table):
    known = time_clauses.editions(table("recurring_series"), table("mandate_documents"))
    years = known[known["series"] == "International migration and development"]["year"].tolist()
    assert years[-4:] == [2018, 2020, 2022, 2024]
    lives = time_clauses.series_lives(known)
    assert (lives["span"] == lives["last"] - lives["first"]).all()


def test_what_is_still_to_come_is_not_missing(table):
    found = time_clauses.schedule(table("forum_events"), table("reporting_cycle"), AS_OF)
    grf = found[found["form_id"] == "grf"].set_index("year")["state"].to_dict()
    assert grf == {2019: "held", 2023: "held", 2027: "due"}
    assert found[found["form_id"] == "imrf"].set_index("year").loc[2026, "state"] == "announced"
    early = time_clauses.schedule(table("forum_events"), table("reporting_cycle"), "2020-06-30")
    assert set(early.loc[early["year"] > 2020, "state"]) == {"due"}
