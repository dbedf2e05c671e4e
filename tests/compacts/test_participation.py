"""Forums: what is known stays apart from what is not, and wording is kept as bounds."""

import numpy as np
import pandas as pd
import pytest

from compacts import forums, participation, roll_call_findings
from compacts.stats import endorsement
from compendium.errors import UserError


@pytest.fixture(scope="module")
def states(table):
    names = ("un_members", "un_votes", "un_participation", "unhcr_displacement")
    return endorsement.states_before_the_votes(*map(table, names), first_session=70, covariate_year=2017)


def test_the_votes_cross_as_published(states):
    crossed = participation.crossed_votes(states, "gcm", "imrf_format")
    assert crossed.sum(axis=1).tolist() == [152, 12, 5, 24]
    assert crossed.sum(axis=0).tolist() == [118, 13, 5, 57]


def test_group_shares_add_up_to_the_tally_of_each_roll_call(table):
    roll_calls = table("un_roll_calls")
    shares = participation.yes_shares(table("un_votes"), roll_calls, table("un_members"))
    sums = shares.groupby("resolution")[["yes", "no", "abstain", "not voting"]].sum()
    tallies = roll_calls.set_index("resolution")[["yes", "no", "abstain", "not_voting"]].sort_index()
    assert (sums.to_numpy() == tallies.to_numpy()).all()


def test_years_are_compared_by_the_same_resolution_and_not_by_all_texts_of_a_subject():
    calls = pd.DataFrame(
        [("2024-12-04", "Help", 3, 4), ("2024-12-24", "Help, section 26", 1, 4), ("2000-12-08", "help", 1, 2)],
        columns=["date", "title", "yes", "members"],
    )
    yearly = participation.yes_on_title(calls.assign(date=pd.to_datetime(calls["date"])), "help")
    assert yearly.to_dict() == {2000: 50.0, 2024: 75.0}


@pytest.mark.parametrize("name", roll_call_findings.SAME_TEXTS)
def test_a_yearly_resolution_is_found_at_most_once_a_year_and_without_budgets(table, name):
    yearly = participation.yes_on_title(table("un_roll_calls"), roll_call_findings.SAME_TEXTS[name][1])
    assert yearly.index.is_unique
    assert len(yearly) >= 17


def test_the_yes_on_assistance_to_palestine_refugees_rose(table):
    """A/RES/55/123: 156 of 189 members; A/RES/79/88: 171 of 193."""
    yearly = participation.yes_on_title(
        table("un_roll_calls"), roll_call_findings.SAME_TEXTS["palestine_assistance"][1]
    )
    assert yearly[[2000, 2024]].tolist() == pytest.approx([100 * 156 / 189, 100 * 171 / 193])


def test_a_role_of_no_kind_is_named_with_its_row(table):
    roles = table("forum_roles").iloc[:3].copy()
    roles.loc[1, "role"] = "juggler"
    with pytest.raises(UserError, match="row 1, column role: got 'juggler'"):
        forums.roles_by_state(roles, table("forum_events"), "2016")


def test_every_curated_role_has_a_kind_and_votes_are_left_to_the_roll_calls(table):
    held = forums.roles_by_state(table("forum_roles"), table("forum_events"), "1900")
    assert set(held["kind"]) == {*forums.FORWARD, forums.OUT}


def test_what_no_source_says_is_missing_and_not_zero():
    states = pd.DataFrame(
        {"gcm": ["yes", "no", "yes"], "gcr": ["yes", "yes", "yes"], "imrf_format": ["yes", "no", "not voting"]},
        index=pd.Index(["AAA", "BBB", "CCC"], name="iso3"),
    )
    roles = pd.DataFrame(
        [
            ("AAA", "grf_2019", "led", "verified"),
            ("BBB", "gcm_negotiations_2018", forums.OUT, "cited"),
            ("CCC", "marrakech_2018", forums.OUT, "uncertain"),
            ("VAT", "marrakech_2018", "spoke, pledged or supported", "verified"),
        ],
        columns=["iso3", "event_id", "kind", "confidence"],
    )
    facts = participation.participation_facts(states, roles)
    marrakech = facts[participation.PRESENCE_FACTS["marrakech_2018"]]
    assert marrakech["BBB"] == 0.0
    assert marrakech[["AAA", "CCC"]].isna().all()
    assert facts.loc["AAA", participation.PRESENCE_FACTS["grf_2019"]] == 1.0
    assert facts.index.tolist() == ["AAA", "BBB", "CCC"]
    assert facts[participation.VOTE_FACTS["imrf_format"]].tolist() == [1.0, 0.0, 0.0]


def test_pairs_are_ranked_only_where_bounds_do_not_overlap():
    index = pd.DataFrame({"lower": [0.6, 0.0, 0.2], "upper": [1.0, 0.5, 0.6]})
    assert participation.pairs_ranked(index) == 1


def event(**values):
    empty = {"event_id": "gfmd_2099", "form_id": "gfmd", "start_date": "2099-01-01", "states": pd.NA}
    return empty | {"participants_total": pd.NA, "confidence": "verified", "note": ""} | values


@pytest.mark.parametrize(
    ("given", "low", "high", "basis"),
    [
        ({"states": 123, "note": "14th; 123 governments"}, 123, 123, "counted"),
        ({"states": 140, "note": "Over 140 Member States discussed"}, 140, np.nan, "at least"),
        ({"states": 40, "note": "over 40 states accredited, announced the day before"}, 40, np.nan, "announced"),
        ({"states": 164, "note": "164 states (AP: 165 in some counts)"}, 164, 165, "counted"),
        ({}, np.nan, np.nan, "not known"),
        ({"as_of": "2098-10-04"}, np.nan, np.nan, forums.AHEAD),
        ({"start_date": "2099-03", "as_of": "2099-03"}, np.nan, np.nan, "not known"),
    ],
)
def test_the_wording_of_a_total_becomes_its_bounds(given, low, high, basis):
    row = forums.attendance(pd.DataFrame([event(**given)]), "2006").iloc[0]
    assert [row["low"], row["high"]] == pytest.approx([low, high], nan_ok=True)
    assert row["basis"] == basis


def test_meetings_announced_by_year_alone_and_votes_are_no_meetings():
    rows = [event(), event(event_id="grf_2027", start_date="2027"), event(event_id="ga_res_73_326", form_id="imrf")]
    assert forums.attendance(pd.DataFrame(rows), "2006")["event_id"].tolist() == ["gfmd_2099"]


def test_a_resolution_is_no_meeting_held_even_where_it_counts_states():
    rows = pd.DataFrame(
        [event(), event(event_id="ga_vote_73_195", states=169), event(event_id="grf_2031", start_date="2031")]
    )
    assert forums.meetings_held(rows)["event_id"].tolist() == ["gfmd_2099"]


def test_pledges_keep_over_and_almost_as_bounds(table):
    counts = forums.pledge_counts(table("published_figures")).set_index("figure_id")
    assert counts.loc["grf2023_pledges", ["low", "sign"]].tolist() == [1600, "at least"]
    assert np.isnan(counts.loc["grf2023_pledges", "high"])
    assert counts.loc["grf_total_2025_after", ["high", "sign"]].tolist() == [3500, "at most"]
    assert counts.loc["grf2019_pledges_first", ["low", "high", "sign"]].tolist() == [774, 774, "counted"]
    assert counts.loc["grf2019_pledges_later", "sign"] == "about"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        ([140, 100, 40], [140, 100, 60], "supported"),
        ([140, 100, 40], [140, 100, np.nan], "undecided"),
        ([100, 90, 120], [100, 90, np.nan], "contradicted"),
        ([140], [140], "undecided"),
    ],
)
def test_a_forum_loses_participants_only_if_the_bounds_say_so(low, high, verdict):
    days = [f"20{10 + i}-01-01" for i in range(len(low))]
    meetings = pd.DataFrame({"start_date": days, "low": low, "high": high}, dtype=object).astype(
        {"low": float, "high": float}
    )
    assert forums.attendance_verdict(meetings, 193) == verdict


def test_leaders_are_counted_after_the_day_and_among_voters_only():
    states = pd.DataFrame({"gcm": ["yes", "yes", "no", "abstain", "not voting"]}, index=list("abcde"))
    roles = pd.DataFrame(
        [
            ("a", "led", "2019-12-16"),
            ("b", "led", "2018-12-10"),
            ("c", forums.OUT, "2020-01-01"),
            ("e", "led", "2020-01-01"),
        ],
        columns=["iso3", "kind", "start_date"],
    )
    found = participation.leaders_compared(states, roles, "2018-12-19", 0.95)
    assert (found.first, found.second) == (0.0, 0.5)


def test_other_codings_leave_out_the_champions_the_venues_and_the_day_of_the_meeting():
    states = pd.DataFrame({"gcm": ["yes", "yes", "no", "no"]}, index=list("abcd"))
    roles = pd.DataFrame(
        [
            ("a", "champions_accra_2023", "champion country GCM", "champion of the GCM", None, "2023-11-28"),
            ("c", "rr_lac_2025", "venue state", "led", None, "2025-03-18"),
            ("d", "ga_vote_73_195", "supporter", "spoke, pledged or supported", "2021-12-10", "2018-12-19"),
        ],
        columns=["iso3", "event_id", "role", "kind", "date", "start_date"],
    )
    found = participation.leaders_recoded(states, roles, "2018-12-19", 0.95)
    assert [(s.first, s.second) for s in found.values()] == [(0.5, 0.0), (0.0, 0.5), (1.0, 0.5)]


def test_the_cut_between_hosts_and_others_is_the_quantile_asked_for():
    states = pd.DataFrame({"gcr": ["yes", "no", "yes", "yes"], "people_hosted": [np.nan, 1.0, 2.0, 9.0]})
    middle, upper = (participation.hosts_compared(states, 0.95, cut) for cut in (0.5, 0.75))
    assert (middle.first, middle.second) == (1.0, 0.5)
    assert (upper.first, upper.second) == (1.0, pytest.approx(2 / 3))


def test_states_that_left_voted_yes_with_the_compact_and_not_on_the_committee(table):
    votes, roll_calls = table("un_votes"), table("un_roll_calls")
    members = table("un_members").set_index("iso3")
    gcm = votes[votes["resolution"] == endorsement.GCM].set_index("iso3")["vote"]
    moved = participation.votes_moved(votes, roll_calls, members.assign(gcm=gcm))
    wide = votes.pivot(index="iso3", columns="resolution", values="vote")
    by_hand = (wide[endorsement.GCR] == "yes") & (wide["A/RES/78/183 A"] != "yes")
    assert moved.loc["All states", "left"] == by_hand.sum() == 59
    assert moved.loc["African", "left"] == (by_hand & members["un_group"].eq("African")).sum()
    assert moved.loc["All states", "2023 78/183 A"] == pytest.approx(100 * 128 / 193)


def test_few_endorsers_voted_against_the_committee_and_most_that_left_abstained(table, states):
    """The tally of 78/183 A is 128 yes, 1 no, 46 abstentions, 18 not voting."""
    crossed = participation.committee_crossed(table("un_votes"), states)
    assert crossed.loc["all"].to_dict() == {"yes": 128, "abstain": 46, "no": 1, "not voting": 18}
    assert crossed.filter(like="GCM", axis=0).sum().tolist() == crossed.loc["all"].tolist()
    assert crossed.loc["GCM: no", "yes"] == crossed.loc["GCM: no"].sum() == 5
    assert crossed.loc["left"].to_dict() == {"yes": 0, "abstain": 43, "no": 1, "not voting": 15}


def test_published_shares_imply_the_pledges_with_an_update(table):
    """81 fulfilled are 15 per cent of those with an update, give or take the rounding of two shares."""
    reported = forums.pledges_reported(table("published_figures"))
    assert reported["updated"] == pytest.approx((81 / 0.16, 81 / 0.14))
    assert reported["fulfilled of all"][0] == pytest.approx(100 * 81 / 1400)


def test_totals_narrow_the_mean_and_stay_within_the_bounds_of_each_state():
    facts = pd.DataFrame({"yes to the GCM": [1.0, 0.0], participation.PRESENCE_FACTS["grf_2019"]: [1.0, np.nan]})
    known = pd.DataFrame({"low": [2.0], "high": [np.nan]}, index=["grf_2019"])
    assert participation.mean_with_totals(facts, known) == pytest.approx((75.0, 75.0))


def test_hosts_without_each_state_are_those_of_a_table_that_lacks_it(states):
    found = participation.hosts_without_each(states, 0.95)
    for place in (0, 77, 192):
        assert found[place] == participation.hosts_compared(states.drop(index=states.index[place]), 0.95)
