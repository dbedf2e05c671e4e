"""Curated rows that the roll calls contradict are told with file and row; those that agree are not."""

import pandas as pd
import pytest

from compacts import checks

CALLS = pd.DataFrame({
    "resolution": ["A/RES/73/1"],
    "date": pd.to_datetime(["2018-12-17"]),
    "other_date": pd.to_datetime([None]),
    "yes": [2], "no": [1], "abstain": [0], "not_voting": [1],
}).set_index("resolution", drop=False)  # fmt: skip
VOTES = pd.DataFrame(
    [("A/RES/73/1", "DOM", "yes"), ("A/RES/73/1", "LBR", "yes"), ("A/RES/73/1", "USA", "no"), ("A/RES/73/1", "TON", "not voting")],
    columns=["resolution", "iso3", "vote"],
)  # fmt: skip


def role(iso3, name, event="ga_vote_73_1"):
    return {"iso3": iso3, "event_id": event, "role": name, "confidence": "uncertain"}


@pytest.mark.parametrize(
    ("iso3", "name"), [("DOM", "voted for"), ("USA", "voted against"), ("TON", "did not vote"), ("USA", "walked away")]
)
def test_a_role_as_recorded_is_no_finding(iso3, name):
    assert list(checks.role_findings(pd.DataFrame([role(iso3, name)]), VOTES)) == []


def test_a_role_that_was_not_recorded_is_told_with_its_row():
    roles = pd.DataFrame(
        [role("DOM", "voted for"), role("LBR", "abstained"), role("LBR", "abstained", event="forum_2018")]
    )
    assert list(checks.role_findings(roles, VOTES)) == [
        "data/curated/forum_roles.csv, row 3: says that LBR abstained on A/RES/73/1 (uncertain), the roll call records in favour"
    ]


def event(**changes):
    told = {
        "event_id": "ga_vote_73_1",
        "start_date": "2018-12",
        "states": 3,
        "note": "2 in favour, 1 against, 1 not present",
    }
    return pd.DataFrame([told | changes])


def test_an_event_as_recorded_is_no_finding():
    assert list(checks.event_findings(event(), CALLS)) == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"start_date": "2018-12-18"}, "starts on 2018-12-18, the roll call is of 2018-12-17"),
        ({"states": 4}, "has 4 states, in the roll call 3 voted"),
        ({"note": "2 in favour, 3 against"}, "says 3 against, the roll call has 1"),
    ],
)
def test_an_event_that_differs_is_told(changes, finding):
    (told,) = checks.event_findings(event(**changes), CALLS)
    assert told == f"data/curated/forum_events.csv, row 2, ga_vote_73_1: {finding}"


@pytest.mark.parametrize(
    ("figure_id", "value", "findings"),
    [
        ("vote_73_1_yes", "2", 0),
        ("vote_73_1_absent", "1", 0),
        ("vote_73_1_no", "7", 1),
        ("res_73_1_date", "2018-12-17", 0),
        ("res_73_1_date", "2018-12-16", 1),
        ("vote_73_1_c3_no", "7", 0),  # a vote in committee
        ("vote_99_1_no", "7", 0),  # not among our roll calls
    ],
)
def test_published_tallies_and_dates_are_compared(figure_id, value, findings):
    figures = pd.DataFrame(
        [{"figure_id": figure_id, "value": value, "published_in": "a press release", "confidence": "verified"}]
    )
    assert len(list(checks.figure_findings(figures, CALLS))) == findings


def test_the_curated_tables_hold_two_rows_that_the_roll_calls_contradict(root):
    found = checks.curated_votes(root)
    assert [line.split(":")[0] for line in found] == [
        "data/curated/forum_roles.csv, row 104",
        "data/curated/published_figures.csv, row 179, res_62_270_date",
    ]
    assert "LBR abstained on A/RES/73/151" in found[0]
    assert "gives 2008-06-20" in found[1]
    assert "another roll call of that meeting is dated 2008-06-20" in found[1]
