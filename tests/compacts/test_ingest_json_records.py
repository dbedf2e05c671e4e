"""Records out of JSON files: values of the kinds asked for, everything else refused with its place."""

from pathlib import Path

import pytest

from compacts.ingest.json_records import NUMBER, NUMBER_OR_NONE, TEXT, TEXT_OR_NONE, WHOLE, part, records, whole
from compendium.errors import UserError

FILE = Path("raw/owner/file.json")


def test_values_keep_their_kinds_and_nulls_become_missing():
    frame = records(
        [{"a": "x", "b": None, "c": 3.0, "d": None, "extra": 1}, {"a": "y", "b": "z", "c": 4, "d": 0.5}],
        {"a": TEXT, "b": TEXT_OR_NONE, "c": WHOLE, "d": NUMBER_OR_NONE},
        FILE,
        "rows",
    )
    assert frame["b"].tolist() == ["", "z"]
    assert (frame["c"].dtype, frame["c"].tolist()) == ("int64", [3, 4])
    assert frame["d"].isna().tolist() == [True, False]
    assert list(frame) == ["a", "b", "c", "d"]


def test_no_records_are_a_frame_with_the_columns():
    frame = records([], {"a": TEXT, "b": WHOLE}, FILE, "rows")
    assert (list(frame), len(frame)) == (["a", "b"], 0)


FAULTS = {
    "no list": ({"a": 1}, "rows: got {'a': 1}, expected a list of records"),
    "no record": ([3], r"rows[0]: got 3, expected a record"),
    "a key missing": ([{"b": 1}], "rows[0].a: got nothing of this name, expected a number"),
    "text for a number": ([{"a": 1}, {"a": "12 m"}], "rows[1].a: got '12 m', expected a number"),
    "null": ([{"a": None}], "rows[0].a: got None, expected a number"),
    "truth value": ([{"a": True}], "rows[0].a: got True, expected a number"),
    "not a number": ([{"a": float("nan")}], "rows[0].a: got nan, expected a number"),
    "infinite": ([{"a": float("inf")}], "rows[0].a: got inf, expected a number"),
    "too large": ([{"a": 10**20}], "expected a number"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused_with_their_place(fault):
    entries, message = FAULTS[fault]
    with pytest.raises(UserError) as caught:
        records(entries, {"a": NUMBER}, FILE, "rows")
    assert message in str(caught.value)
    assert str(caught.value).startswith("raw/owner/file.json, rows")


@pytest.mark.parametrize(("kind", "value"), [(WHOLE, 1.5), (TEXT, ""), (TEXT, 3), (TEXT_OR_NONE, 3)])
def test_a_value_of_another_kind_is_refused(kind, value):
    with pytest.raises(UserError, match="expected a"):
        records([{"a": value}], {"a": kind}, FILE, "rows")


def test_what_stands_inside_is_found_or_its_absence_said():
    content = {"meta": {"total": "-12", "words": "twelve"}}
    assert whole(content, ("meta", "total"), FILE) == -12
    with pytest.raises(UserError, match="got no 'sum' in meta"):
        part(content, ("meta", "sum"), FILE)
    with pytest.raises(UserError, match="got no 'meta' in the file"):
        part([], ("meta",), FILE)
    with pytest.raises(UserError, match=r"meta.words: got 'twelve', expected a whole number"):
        whole(content, ("meta", "words"), FILE)
