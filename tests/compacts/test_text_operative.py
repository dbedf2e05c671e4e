"""Verbs, roles and clauses on time in operative paragraphs."""

from datetime import date

import pandas as pd
import pytest

from compacts.text import addressee, temporal
from compacts.text.addressee import Clause, reports, role, task, topic
from compacts.text.operative import COLUMNS, Verbs

WHO = "the Fund for Rivers"


@pytest.fixture(scope="module")
def verbs(table):
    return Verbs(table("operative_verbs"))


@pytest.fixture(scope="module")
def clause(verbs):
    """A function from a text to the clause that names the Fund for Rivers."""

    def made(text):
        place = text.index(WHO)
        verb, end = verbs.governing(text, place)
        return Clause(text, verb, verb.end if verb else 0, end, place, place + len(WHO))

    return made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Requests the Office to report, and encourages States to help;", [("requests", 4), ("encourages", 2)]),
        ("Also takes note with interest of the report;", [("takes note", 1)]),
        ("Takes also note of the report;", [("takes note", 1)]),
        ("We will further strengthen it. We call upon States to act, and invite others.", [("calls upon", 3), ("invites", 2)]),
        ("Reiterates its request that the Office act;", [("reiterates its request", 4)]),
        ("Calls for the support of all;", [("calls for", 3)]),
        ("Calls in this regard upon all to act;", [("calls", 3)]),
        ("“The Security Council welcomes the report;", [("welcomes", 1)]),
        ("Recalling that the Council requests a report,", []),
    ],
)  # fmt: skip
def test_verbs_open_clauses_and_have_their_strength(verbs, text, found):
    assert [(verb.name, verb.strength) for verb in verbs.find(text)] == found


def test_every_verb_of_the_list_is_found_where_it_opens_a_paragraph(verbs, table):
    for verb in table("operative_verbs")["verb"]:
        first, *_ = verbs.find(f"{verb.capitalize()} the work of States;")
        expected = {"calls": {"calls", "calls for"}}.get(verb, {verb})
        # "recognizes the work" is an entry of its own
        assert first.name in expected or first.name.startswith(verb), verb


def test_the_verb_before_a_name_governs_it_and_a_passive_or_modal_verb_where_there_is_none(verbs):
    text = "Notes the report, and requests the Fund to act. The Fund is encouraged to write. The Fund should pay."
    places = [match for match in range(len(text)) if text.startswith("Fund", match)]
    assert [verbs.governing(text, place)[0].name for place in places] == ["requests", "encourages", "should"]
    assert verbs.governing("The Fund met in May.", 4)[0] is None


def test_an_unknown_strength_is_no_verb():
    with pytest.raises(ValueError, match="invalid literal"):
        Verbs(pd.DataFrame([("asks", "ask", "asked", "many", "")], columns=COLUMNS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Requests the Fund for Rivers to provide training;", "actor"),
        ("Requests the Fund for Rivers to submit a written report to the Council;", "reporter"),
        ("Requests the Secretary-General, in close cooperation with the Fund for Rivers, to provide training;", "partner"),
        ("Urges States to cooperate fully with the Fund for Rivers;", "partner"),
        ("Urges States to increase their contributions to the Fund for Rivers;", "recipient"),
        ("Commends the Fund for Rivers, and others;", "recipient"),
        ("Encourages States to use the guidelines of the Fund for Rivers;", "source"),
        ("Encourages States to apply the Fund for Rivers standards;", "source"),
        ("Stresses the need for cooperation among States, the Fund for Rivers and others;", "actor"),
        ("Decides to establish the Fund for Rivers;", "object"),
        ("Takes note of the meeting on rivers and the Fund for Rivers;", "mentioned"),
        ("In May, in cooperation with the Fund for Rivers, the Government built a dam.", "mentioned"),
        ("The Mission will work closely with the Fund for Rivers.", "partner"),
        ("In time the Fund for Rivers should assess dams.", "actor"),
    ],
)  # fmt: skip
def test_the_role_of_an_organization(clause, text, expected):
    assert role(clause(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Requests the Fund for Rivers to continue to provide training;", "continuing"),
        ("Requests the Fund for Rivers to provide training;", "unspecified"),
        ("Requests the Fund for Rivers to take on the care of lakes;", "new"),
        ("Welcomes the work of the Fund for Rivers;", "none"),
    ],
)
def test_the_task_is_new_continuing_or_not_said(clause, text, expected):
    made = clause(text)
    assert task(made, role(made)) == expected


def test_a_duty_to_report_is_one_to_give_something_not_to_read_it(clause):
    assert reports(clause("Requests the Fund for Rivers to provide training and to report to the Assembly;"))
    assert reports(clause("Invites the Fund for Rivers to prepare, with States, a study on dams;"))
    assert not reports(clause("Requests the Fund for Rivers to consider the report of the panel;"))
    assert not reports(clause("Requests the Fund for Rivers to support reporting by States;"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refugees and asylum-seekers", "refugee"), ("migrants and migration", "migrant"), ("refugees and migrants", "mixed"),
        ("internally displaced persons", "idp"), ("refugees and internally displaced persons", "mixed"), ("dams", "other"),
        ("migrants, migrants, migrants and one refugee", "migrant"),
    ],
)  # fmt: skip
def test_whom_a_paragraph_is_about(text, expected):
    assert topic(text, []) == expected


def test_names_do_not_say_whom_a_paragraph_is_about():
    text = "Invites the Office for Refugees and the Migration Body to help farmers"
    assert topic(text, [(12, 31), (40, 54)]) == "other"


def test_temporal_phrases_count_where_the_verb_is_strong_enough(verbs, table):
    found = temporal.TemporalClauses(table("temporal_clauses"), verbs)
    texts = [
        "Decides to extend the mandate of the panel for a period of two years;",
        "Welcomes the decision to extend the mandate of the panel for a period of two years;",
        "The weather was fine;",
    ]
    clauses = found.find_many(texts)
    assert set(clauses) == {0, 1}
    assert {"extension", "fixed_term"} <= {each.kind for each in clauses[0] if temporal.counts(each)}
    assert not any(temporal.counts(each) for each in clauses[1])
    assert temporal.term(clauses[0], texts[0]) == "fixed"


def test_a_part_of_a_sentence_is_governed_by_the_paragraph_above(verbs, table):
    found = temporal.TemporalClauses(table("temporal_clauses"), verbs)
    above = verbs.find("Decides:")[-1]
    part = "For a period of two years, a panel of five;"
    assert not any(temporal.counts(each) for each in found.find_many([part])[0])
    assert any(temporal.counts(each) for each in found.find_many([part], [above])[0])


def test_lengths_and_end_dates_of_terms():
    assert temporal.length("for a further period of eighteen months and for one year") == 18
    assert temporal.length("a period of 2 years") == 24
    assert temporal.length("for many years") is None
    assert temporal.last_day("until 31 December 2025 and until 30 June 2026") == date(2026, 6, 30)
    assert temporal.last_day("until 31 June 2026") is None


def test_all_kinds_of_temporal_phrases_have_a_least_strength(table):
    assert set(table("temporal_clauses")["kind"]) == set(temporal.LEAST_STRENGTH)


def test_roles_are_those_of_the_instrument(table):
    assert set(addressee.ROLES) == set(table("mandate_readings")["role"])
