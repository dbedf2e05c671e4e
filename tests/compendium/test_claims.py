"""Claims: what may be stated, and how numbers are kept and spoken."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import notebook
from compendium.claims import COLUMNS, claims_csv, moved, plain, read_claims, spoken
from compendium.errors import UserError


@pytest.fixture(autouse=True)
def _stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENDIUM_STAGE", str(tmp_path))
    monkeypatch.setenv("COMPENDIUM_STEP", "09_test")
    monkeypatch.setattr(notebook, "_stated", {})


def state(name: str = "gcm_yes", value: object = 152, **more: object) -> notebook.Claim:
    options: dict[str, object] = {"text": "{value} {unit}", "unit": "states", "kind": "count", "table": "un_votes"}
    return notebook.claim(name, value, **(options | more))  # type: ignore[arg-type]


def test_a_claim_is_told_in_its_own_words_and_written_at_once(tmp_path: Path) -> None:
    claim = state(
        text="{value} states voted for it", low=150, high=155.25, interval="bounds", table=["un_votes", "un_members"]
    )
    assert claim.text == "152 states voted for it"
    (row,) = read_claims(tmp_path / "results" / "claims" / "09_test.csv")
    assert (row["name"], row["value"], row["low"], row["high"]) == ("gcm_yes", "152", "150", "155.25")
    assert row["tables"] == "un_votes un_members"
    assert row["notebook"] == "09_test"


def test_a_loop_that_states_one_name_with_two_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_cell", lambda: "one")
    state(value=1)
    with pytest.raises(UserError, match="stated twice"):
        state(value=2)


def test_a_published_figure_is_answered_with_the_difference_and_its_reason() -> None:
    claim = state(value=2.25, theirs=2.2, figure_id="unhcr_2017", reason="rounded when published")
    assert claim.difference == 0.05
    with pytest.raises(UserError, match=r"differs by 0.05 from unhcr_2017 and gives no reason"):
        state("other", 2.25, theirs=2.2, figure_id="unhcr_2017")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "GCM yes"}, "expected snake_case"),
        ({"kind": "number"}, "expected one of count, share"),
        ({"table": ""}, "got no table"),
        ({"unit": ""}, "got no unit"),
        ({"low": 1.0, "high": 2.0}, "bounds without a description"),
        ({"value": float("nan")}, "expected a finite number"),
        ({"text": "{vale}"}, "the text asks for {vale}"),
        ({"value": True}, "not a truth value"),
    ],
)
def test_a_claim_that_is_not_complete_is_refused_in_one_sentence(change: dict[str, object], told: str) -> None:
    with pytest.raises(UserError) as refused:
        state(**change)  # type: ignore[arg-type]
    assert told in str(refused.value)


def test_a_claim_is_stated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_cell", lambda: "one")
    state()
    state()  # the same cell, run again
    monkeypatch.setattr(notebook, "_cell", lambda: "two")
    with pytest.raises(UserError, match="claim gcm_yes: stated twice, in cells one and two"):
        state()


@given(st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9, allow_subnormal=False)))
def test_kept_numbers_differ_from_the_given_ones_by_less_than_six_digits_show(value: float) -> None:
    kept = plain(value)
    assert isinstance(kept, int | float)
    assert abs(kept - value) <= abs(value) * 5e-6
    assert plain(kept) == kept


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40))
def test_any_text_survives_the_file(text: str) -> None:
    claim = state(text=text.replace("{", "").replace("}", ""))
    notebook._stated.clear()
    (row,) = csv.DictReader(io.StringIO(claims_csv([claim])))
    assert row["text"] == claim.text
    assert tuple(row) == COLUMNS


def test_numbers_are_spoken_with_thousands_apart_and_a_real_minus() -> None:
    assert [spoken(-1234.5, 2), spoken(30958200), spoken("supported"), spoken(None)] == [
        "−1,234.50",
        "30,958,200",
        "supported",
        "not known",
    ]


def test_findings_that_moved_are_listed_with_bounds_and_those_that_came_or_went() -> None:
    def row(name: str, value: str, low: str = "", high: str = "") -> dict[str, str]:
        return {"name": name, "value": value, "low": low, "high": high}

    before = [row("same", "1"), row("moves", "2", "1", "3"), row("goes", "4")]
    after = [row("same", "1"), row("moves", "2", "1", "4"), row("comes", "5")]
    assert moved(before, after) == ["moves: 2 [1, 3] → 2 [1, 4]", "comes: new → 5", "goes: 4 → gone"]


def test_a_claims_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text("name,value\na,1\n")
    with pytest.raises(UserError, match=r"claims.csv, row 1: got columns \['name', 'value'\], expected"):
        read_claims(path)
