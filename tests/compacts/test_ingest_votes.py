"""Votes: published tallies, the second source, brute force, and faults in names and topics."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest import votes
from compacts.ingest.crawl_log import Record
from compacts.ingest.second_votes import crosscheck, second_votes
from compendium.errors import UserError

# yes, no, abstain, not voting, as published in press releases and voting records of the UN
TALLIES = {
    "A/RES/73/195": (152, 5, 12, 24),
    "A/RES/73/151": (181, 2, 3, 7),
    "A/RES/73/326": (118, 5, 13, 57),
    "A/RES/62/270": (86, 2, 55, 49),
    "A/RES/74/130": (179, 2, 5, 7),
    "A/RES/75/163": (181, 0, 7, 5),
    "A/RES/76/143": (180, 0, 5, 8),
    "A/RES/73/241": (182, 3, 2, 6),
    "A/RES/75/226": (175, 3, 1, 14),
    "A/RES/67/219": (129, 3, 49, 12),
    "A/RES/55/92": (165, 0, 8, 16),
    "A/RES/78/183 A": (128, 1, 46, 18),
    "A/RES/78/183 B": (128, 4, 43, 18),
    "A/RES/62/249": (14, 11, 105, 62),
    "A/RES/63/307": (48, 19, 78, 47),
    "A/RES/79/292": (107, 9, 49, 28),
}
STATES = {  # published names: press releases GA/12107, GA/12113, GA/12166, GA/10724
    ("A/RES/73/195", "no"): "CZE HUN ISR POL USA",
    ("A/RES/73/195", "abstain"): "AUS AUT BGR CHE CHL DZA ITA LBY LIE LVA ROU SGP",
    ("A/RES/73/151", "no"): "HUN USA",
    ("A/RES/73/326", "no"): "EST HUN ISR POL USA",
    ("A/RES/62/270", "no"): "CAN USA",
    ("A/RES/78/183 B", "no"): "NIC PRK RUS SYR",
}
# roll calls by session in the source, emergency special sessions left out
ROLL_CALLS = [76, 99, 80, 76, 69, 73, 70, 72, 64, 81, 75, 83, 95, 110, 96, 103, 80, 88, 85, 112]


@pytest.mark.parametrize("resolution", TALLIES)
def test_the_tally_is_the_published_one(table, resolution):
    call = table("un_roll_calls").set_index("resolution").loc[resolution]
    assert (call["yes"], call["no"], call["abstain"], call["not_voting"]) == TALLIES[resolution]
    cast = table("un_votes").query("resolution == @resolution")["vote"].value_counts()
    assert tuple(cast.reindex(votes.VOTES, fill_value=0)) == TALLIES[resolution]


@pytest.mark.parametrize(("resolution", "vote"), STATES)
def test_the_states_are_the_published_ones(table, resolution, vote):
    found = table("un_votes").query("resolution == @resolution and vote == @vote")["iso3"]
    assert " ".join(sorted(found)) == STATES[resolution, vote]


def test_the_third_abstention_on_the_refugee_compact_is_the_dominican_republic(table):
    cast = table("un_votes").query("resolution == 'A/RES/73/151'").set_index("iso3")["vote"]
    assert sorted(cast[cast == "abstain"].index) == ["DOM", "ERI", "LBY"]
    assert cast["LBR"] == "yes"


def test_every_roll_call_lists_exactly_the_members_of_the_day(table):
    members, calls, cast = table("un_members"), table("un_roll_calls"), table("un_votes")
    for call in calls.itertuples():
        on_the_day = members[members["admitted"].isna() | (members["admitted"] <= call.date)]["iso3"]
        assert set(cast[cast["resolution"] == call.resolution]["iso3"]) == set(on_the_day)
        assert call.members == len(on_the_day)


def test_roll_calls_by_session_are_as_many_as_the_source_holds(table):
    sessions = table("un_sessions")
    assert (sessions["roll_calls"] - sessions["special"])[:20].tolist() == ROLL_CALLS
    assert sessions["roll_calls"].sum() == 1710
    assert sessions["special"].sum() == 20
    assert sessions["complete"].tolist() == [True] * 20 + [False]


def test_all_votes_fall_into_their_session(table):
    sessions = table("un_sessions")
    closed = sessions["opened"].shift(-1)
    assert (sessions["first_vote"] >= sessions["opened"]).all()
    assert ((sessions["last_vote"] < closed) | closed.isna()).all()


def test_votes_in_all_sessions_add_up_to_the_counts_of_the_source(table):
    part = table("un_participation")
    assert part[["yes", "no", "abstain", "not_voting"]].sum().tolist() == [244628, 21833, 34943, 28075]


def test_the_two_sources_agree_on_the_compacts_and_almost_everywhere(table):
    check = table("un_votes_crosscheck").set_index("resolution")
    named = ["A/RES/62/270", "A/RES/73/151", "A/RES/73/195", "A/RES/73/241", "A/RES/74/130"]
    assert check.loc[named, "disagree"].tolist() == [0] * 5
    recent = check[check["session"] >= 60]
    assert (len(recent), recent["cells"].sum()) == (1038, 199891)
    assert recent["disagree"].sum() / recent["cells"].sum() < 0.003
    assert (check["votes_differ"] + check["only_first"] + check["only_second"] == check["disagree"]).all()
    assert (check["agree"] + check["disagree"] == check["cells"]).all()


def test_the_cross_check_counts_what_the_two_tables_show(table):
    first = table("un_votes").set_index(["resolution", "iso3"])["vote"]
    second = table("un_votes_second").set_index(["resolution", "iso3"])["vote"]
    same = (first.reindex(second.index) == second).groupby("resolution").agg(["size", "sum"])
    check = table("un_votes_crosscheck").set_index("resolution").loc[same.index]
    assert (check["cells"] == same["size"]).all()
    assert (check["agree"] == same["sum"]).all()


def test_participation_is_what_counting_by_hand_gives():
    calls = pd.DataFrame(
        [("R1", 73, 2, 1, 0), ("R2", 73, 1, 1, 0), ("R3", 73, 0, 0, 1)],
        columns=["resolution", "session", "yes", "no", "abstain"],
    )
    cast = pd.DataFrame(
        [
            ("R1", "AAA", "yes"), ("R1", "BBB", "yes"), ("R1", "CCC", "no"), ("R1", "DDD", "not voting"),
            ("R2", "AAA", "yes"), ("R2", "BBB", "no"), ("R2", "CCC", "not voting"), ("R2", "DDD", "not voting"),
            ("R3", "AAA", "abstain"), ("R3", "BBB", "not voting"), ("R3", "CCC", "not voting"),
        ],
        columns=["resolution", "iso3", "vote"], dtype="str",
    )  # fmt: skip
    table = votes.participation(calls, cast).set_index("iso3")
    assert table["roll_calls"].tolist() == [3, 3, 3, 2]
    assert table["cast"].tolist() == [3, 2, 1, 0]
    # R2 has no single most frequent position: it counts for participation, not for agreement
    assert table["compared"].tolist() == [2, 1, 1, 0]
    assert table["majority_agreement"].fillna(-1).tolist() == [1.0, 1.0, 0.0, -1]
    assert table["participation"].round(4).tolist() == [1.0, 0.6667, 0.3333, 0.0]


TOPICS = pd.DataFrame(
    [
        (1, "screen", "migra|refugee", ""), (2, "resolution", "A/RES/1/1", "first"), (3, "title", "^trees and refugees", "trees"),
        (9, "title", "migratory fish", "none"),
    ],
    columns=["order", "kind", "pattern", "topic"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("symbol", "title", "topic"),
    [
        ("A/RES/1/1", "Refugees", "first"),
        ("A/RES/1/2", "Trees and refugees", "trees"),
        ("A/RES/1/3", "Straddling and migratory fish", None),
        ("A/RES/1/4", "Trees", None),
    ],
)
def test_the_first_rule_that_fits_gives_the_topic(symbol, title, topic):
    assert votes.topic_of(symbol, title, TOPICS) == topic


def test_a_title_about_refugees_without_a_rule_stops_the_ingest():
    with pytest.raises(UserError, match=r"got no rule for A/RES/1/5 'Other refugees', .*; add a row with its topic"):
        votes.topic_of("A/RES/1/5", "Other refugees", TOPICS)


def a_record(*vote):
    return Record(1, "A/RES/73/1", "Trees", "A/73/PV.9", "2018-12-01", vote, "logs/crawl.log, line 7")


def test_an_unknown_state_is_named_with_its_line_and_the_file_to_mend():
    names = pd.DataFrame({"name": ["CHAD"], "iso3": ["TCD"]}, dtype="str")
    with pytest.raises(
        UserError, match=r"line 7: got the state 'FREEDONIA' in A/RES/73/1, .*state_names.csv; add a row there"
    ):
        votes._votes([a_record("Y CHAD", "N FREEDONIA")], names)


def test_one_state_under_two_names_in_a_vote_is_refused():
    names = pd.DataFrame({"name": ["TURKEY", "TÜRKİYE"], "iso3": ["TUR", "TUR"]}, dtype="str")
    with pytest.raises(UserError, match="line 7: got TUR under two names in A/RES/73/1"):
        votes._votes([a_record("Y TURKEY", "N TÜRKİYE")], names)


@pytest.fixture
def second(tmp_path):
    """Files of the second source: one roll call, a repeated symbol, Serbia under Yugoslavia's code, Chad absent."""
    listed = pd.DataFrame(
        {"rcid": [1, 2, 3], "session": [73.0] * 3, "unres": ["R/73/1", "R/73/2", "R/73/2"], "date": [17866.0] * 3}
    )
    cast = pd.DataFrame(
        {
            "rcid": [1, 1, 2],
            "country": ["Albania", "Yugoslavia", "Albania"],
            "country_code": ["AL", "YU", "AL"],
            "vote": ["yes", "no", "no"],
        }
    )
    pyreadr.write_rdata(tmp_path / "calls.rda", listed, df_name="un_roll_calls")
    pyreadr.write_rdata(tmp_path / "votes.rda", cast, df_name="un_votes")
    members = pd.DataFrame({"iso3": ["ALB", "SRB", "TCD", "NEW"], "iso2": ["AL", "RS", "TD", "NW"]}, dtype="str")
    members["admitted"] = pd.to_datetime([None, None, None, "2019-01-01"])
    calls = pd.DataFrame(
        {"resolution": ["A/RES/73/1", "A/RES/73/2"], "session": 73, "date": pd.to_datetime("2018-12-01"), "topic": None}
    )
    return tmp_path, members, calls


def test_the_second_source_gets_its_absences_from_the_members_of_the_day(second):
    folder, members, calls = second
    found, log = second_votes(folder / "votes.rda", folder / "calls.rda", members, calls)
    assert found.to_numpy().tolist() == [
        ["A/RES/73/1", "ALB", "yes"],
        ["A/RES/73/1", "SRB", "no"],
        ["A/RES/73/1", "TCD", "not voting"],
    ]
    assert {entry[3]: entry[5] for entry in log}["symbol not unique: votes on parts and amendments"] == 2


def test_the_cross_check_tells_other_votes_from_absences(second):
    folder, members, calls = second
    found, _ = second_votes(folder / "votes.rda", folder / "calls.rda", members, calls)
    first = pd.DataFrame(
        [("A/RES/73/1", "ALB", "no"), ("A/RES/73/1", "SRB", "not voting"), ("A/RES/73/1", "TCD", "yes")],
        columns=["resolution", "iso3", "vote"],
    )
    (row,) = (
        crosscheck(calls, first, found)[["cells", "agree", "votes_differ", "only_first", "only_second"]]
        .to_numpy()
        .tolist()
    )
    assert row == [3, 0, 1, 1, 1]


def test_the_second_source_names_a_state_that_it_cannot_place(second, monkeypatch):
    folder, members, calls = second
    monkeypatch.setattr("compacts.ingest.second_votes.CODES", {})
    with pytest.raises(UserError, match=r"votes.rda: got the state 'Yugoslavia' \(YU\) in A/RES/73/1"):
        second_votes(folder / "votes.rda", folder / "calls.rda", members, calls)
