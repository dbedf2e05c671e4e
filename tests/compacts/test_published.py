"""Published figures are answered by rules: the vocabulary, bad rules, and that every difference has its reason."""

import pandas as pd
import pytest

from compacts import published
from compendium.errors import UserError

FRAME = pd.DataFrame({
    "year": [2019, 2019, 2020], "code": ["A", "B", "A"], "people": [3.0, 4.0, 5.0], "more": [1.0, None, 2.0],
    "last": [2014.0, None, 2010.0], "here": [True, False, True], "day": pd.to_datetime(["2020-01-02", "2020-01-03", "2020-01-04"]),
})  # fmt: skip


def rule(rows: str, columns: str, how: str = "sum", times: float = 1.0) -> dict[str, object]:
    return {"figure_id": "f", "rows": rows, "columns": columns, "how": how, "times": times}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (rule("year=2019", "people"), 7), (rule("year=2019", "people+more"), 8), (rule("code=A|B;year=2020", "people"), 5),
        (rule("year>=2020", "people", times=0.1), 0.5), (rule("year<=2019", "people"), 7), (rule("code~A", "code", "count"), 1),
        (rule("last>=2012|", "code", "count"), 2), (rule("last>=2012", "code", "count"), 1), (rule("here=true", "people"), 8),
        (rule("year=2019;code=A", "people", "percent of year=2019"), 300 / 7), (rule("code=A", "people", "count percent of year>=0"), 200 / 3),
        (rule("year=2020", "day", "text"), "2020-01-04"), (rule("people=3", "people"), 3),
    ],
)  # fmt: skip
def test_the_vocabulary_of_rules(asked, found):
    assert published.evaluate(FRAME, asked) == (found if isinstance(found, str) else pytest.approx(found))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (rule("year=2019", "persons"), "got the column 'persons'"), (rule("yeer=2019", "people"), "got the condition 'yeer=2019'"),
        (rule("year", "people"), "got the condition 'year'"), (rule("year=1900", "people"), "got no numbers in 0 rows"),
        (rule("year=2019", "people", "mean"), "got the way 'mean'"), (rule("year=2019", "day", "text"), "got 2 rows, expected one"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_read_is_told_in_one_sentence(asked, told):
    with pytest.raises(UserError, match=r"published_rules\.csv, f: ") as error:
        published.evaluate(FRAME, asked)
    assert told in str(error.value)


def test_at_least_150_figures_are_answered_and_every_difference_has_its_reason(table):
    found = published.answers(table)
    assert len(found) >= 150
    assert (found["made"] == "from raw files").sum() >= 130
    apart = found[~found["equal"]]
    assert apart["reason"].isin(published.REASONS).all()
    assert apart["explanation"].str.len().min() > 20
    assert len(found) + len(published.unanswered(table)) == len(table("published_figures"))
    assert list(published.problems(table)) == []


def test_all_votes_but_a_disputed_date_are_given_again(table):
    found = published.answers(table)
    votes = found[found["table"] == "un_roll_calls"].set_index("figure_id")
    assert len(votes) >= 13
    assert list(votes.index[~votes["equal"]]) == ["res_62_270_date"]


@pytest.mark.parametrize("change", ["value", "reason", "row", "figure"])
def test_a_difference_without_a_reason_and_a_figure_without_a_rule_are_found(table, change):
    def read(name: str) -> pd.DataFrame:
        frame = table(name).copy()
        if change == "value" and name == "un_roll_calls":
            frame["yes"] += 1
        if change == "reason" and name == "published_rules":
            frame.loc[frame["figure_id"] == "gt2019_asylum", ["reason", "explanation"]] = None
        if change == "row" and name == "published_rules":
            frame = frame[frame["figure_id"] != "vote_73_195_yes"]
        if change == "figure" and name == "published_figures":
            frame = frame[frame["figure_id"] != "vote_73_195_yes"]
        return frame

    told = {
        "value": "vote_73_195_yes: ours is 153, published is 152 states", "reason": "gt2019_asylum: ours is 4.1, published is 4.2 million",
        "row": "has no row for the published figure vote_73_195_yes", "figure": "has a row for vote_73_195_yes, which is no published figure",
    }  # fmt: skip
    assert any(told[change] in line for line in published.problems(read))
