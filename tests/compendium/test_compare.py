"""Two executions compared: what may differ, what may not, and that each difference is named."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.compare import RELATIVE, claims, close, rows, same_text
from compendium.compare_pages import notebook, page

ROW = {
    "name": "share", "notebook": "01_first", "cell": "a", "kind": "estimate", "value": "0.5", "unit": "share", "low": "0.4",
    "high": "0.6", "interval": "95 %", "tolerance": "0.0", "tables": "numbers", "text": "A share of 0.5.",
}  # fmt: skip


def kinds(tally: object) -> list[str]:
    return [one.kind for one in tally.differences]  # type: ignore[attr-defined]


@given(st.floats(allow_nan=True, allow_infinity=False), st.floats(-0.9, 0.9))
def test_numbers_are_close_within_the_relative_rounding_and_not_beyond(value: float, part: float):
    near = value + part * RELATIVE * abs(value)
    assert close(value, near)
    if not math.isnan(value) and abs(value) > 1e-2 and abs(value) < 1e300:
        assert not close(value, value * (1 + 3 * RELATIVE))


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("152 states", "152 states", "equal"), ("152 states", "153 states", "numbers"), ("152 states", "152 votes", "wording"),
        ("0.3333333333", "0.3333333334", "tolerated"), ("1,234", "1,235", "numbers"), ("−0.5", "−0.5000000001", "tolerated"),
        ("1e-12", "0.0", "tolerated"), ("2018-12-19", "2018-12-20", "numbers"), ("", "1", "wording"),
    ],
)  # fmt: skip
def test_texts_are_judged_by_words_first_and_by_numbers_then(first: str, second: str, found: str):
    assert same_text(first, second) == found


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"value": "0.51", "text": "A share of 0.51."}, "numbers"), ({"low": "0.3"}, "numbers"), ({"text": "A part of 0.5."}, "wording"),
        ({"tolerance": "0.2"}, "declaration"), ({"tables": "others"}, "declaration"), ({"unit": "points"}, "declaration"),
        ({"value": "yes"}, "wording"), ({"kind": "count"}, "declaration"),
    ],
)  # fmt: skip
def test_a_changed_claim_is_named_with_both_values(change: dict[str, str], kind: str):
    tally = claims("results/claims.csv", [{**ROW, **change}], [ROW])
    assert kinds(tally) == [kind]
    assert "claim share" in tally.differences[0].place
    assert tally.differences[0].committed in change.values()


def test_an_estimate_may_differ_in_the_last_digits_and_within_its_tolerance_and_a_count_not():
    near = {**ROW, "value": "0.50000000001", "text": "A share of 0.50000000001."}
    assert claims("c", [near], [ROW]).tolerated == 1
    tolerant = {**ROW, "tolerance": "0.02"}
    moved = {**tolerant, "value": "0.51", "text": "A share of 0.51."}
    assert claims("c", [moved], [tolerant]).tolerated == 1
    count = {**ROW, "kind": "count", "value": "1000000000", "text": "so many"}
    assert kinds(claims("c", [{**count, "value": "1000000001"}], [count])) == ["numbers"]


def test_dropped_new_and_reordered_claims_are_found():
    other = {**ROW, "name": "other"}
    assert kinds(claims("c", [ROW], [ROW, other])) == ["new"]
    assert kinds(claims("c", [ROW, other], [ROW])) == ["missing"]
    assert kinds(claims("c", [other, ROW], [ROW, other])) == ["order"]


TABLE = "key,value\na,1\nb,2.5\nc,3\n"


@pytest.mark.parametrize(
    ("committed", "kind", "place"),
    [
        (TABLE.replace("2.5", "2.6"), "numbers", "row 3, column value"), (TABLE.replace("b,", "d,"), "wording", "row 3, column key"),
        ("key,value\nb,2.5\na,1\nc,3\n", "order", "row 2 on"), (TABLE + "d,4\n", "missing", "row 5"), ("key,value\na,1\nb,2.5\n", "new", "row 4"),
        (TABLE.replace("value", "number"), "declaration", "columns"), ("", "declaration", "columns"),
    ],
)  # fmt: skip
def test_a_changed_table_is_named_by_row_and_column(committed: str, kind: str, place: str):
    tally = rows("t.csv", committed, TABLE)
    assert (kinds(tally), tally.differences[0].place) == ([kind], place)


def test_an_equal_table_is_counted_cell_by_cell():
    assert (rows("t", TABLE, TABLE).equal, rows("t", TABLE, TABLE).compared) == (8, 8)
    assert rows("t", TABLE.replace("2.5", "2.50000000001"), TABLE).tolerated == 1


def executed(*outputs: str, source: str = "1 + 1") -> str:
    made = [{"output_type": "stream", "name": "stdout", "text": text} for text in outputs]
    return json.dumps({"cells": [{"id": "a", "cell_type": "code", "source": source, "outputs": made, "metadata": {}}]})


def test_a_pasted_output_and_an_edited_cell_are_found_in_a_notebook():
    assert notebook("n", executed("2"), executed("2")).differences == []
    assert kinds(notebook("n", executed("3"), executed("2"))) == ["numbers"]
    assert set(kinds(notebook("n", executed("2", "more"), executed("2")))) == {"missing"}
    assert set(kinds(notebook("n", executed(), executed("2")))) == {"new"}
    assert kinds(notebook("n", executed("2", source="1 + 2"), executed("2"))) == ["numbers"]
    assert kinds(notebook("n", "not a notebook", executed("2"))) == ["new"]


PAGE = '<p id="one">152 states</p><svg><path d="M1.00 2L3 4"/><text>yes</text></svg><p id="two">More.</p>'


@pytest.mark.parametrize(
    ("committed", "found"),
    [
        (PAGE.replace("152", "153"), [("numbers", "near #one")]), (PAGE.replace("More.", "Less."), [("wording", "near #two")]),
        (PAGE.replace("M1.00", "M1.04"), []), (PAGE.replace("M1.00", "M1.50"), [("numbers", "near #one")]),
        (PAGE.replace("<text>yes</text>", "<text>no</text>"), [("wording", "near #one")]), (PAGE + "<p>x</p>", [("missing", "end")]),
        (PAGE.replace('<p id="two">More.</p>', ""), [("new", "end")]),
    ],
)  # fmt: skip
def test_a_page_edited_by_hand_is_found_and_its_place_named(committed: str, found: list[tuple[str, str]]):
    assert [(one.kind, one.place) for one in page("p", committed, PAGE).differences] == found
