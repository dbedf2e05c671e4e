"""Agreement between states: the share of identical votes, against a count by hand; absences do not count."""

import random

import pandas as pd
import pytest

from compacts.ingest.agreement import PARTNERS, agreement_by_year

# roll calls on resolutions as a whole in the file of ideal points and in ours, which includes emergency sessions
ROLL_CALLS = {2018: 107, 2019: 100, 2020: 100, 2021: 86, 2022: 89, 2023: 88, 2024: 95}


def _votes(rows):
    return pd.DataFrame(rows, columns=["call", "year", "iso3", "vote"])


def test_absences_count_neither_way_and_abstentions_differ_from_yes_and_no():
    cast = {"USA": ["yes", "no", "no", "not voting"], "KEN": ["yes", "abstain", "not voting", "yes"]}
    rows = [(call, 2020, state, vote) for state, votes in cast.items() for call, vote in enumerate(votes)]
    made = agreement_by_year(_votes(rows), ["USA"]).set_index("iso3")
    assert made.loc["KEN", ["roll_calls", "cast", "participation", "compared_with_usa", "agreement_usa"]].tolist() == [
        4,
        3,
        0.75,
        2,
        0.5,
    ]
    assert made.loc["USA", "compared_with_usa"] == 0
    assert pd.isna(made.loc["USA", "agreement_usa"])


def test_a_count_by_hand_gives_the_same():
    draw = random.Random(1)
    states, kinds = ["USA", "CHN", "KEN", "PER"], ["yes", "no", "abstain", "not voting"]
    votes = {(call, state): draw.choice(kinds) for call in range(60) for state in states}
    made = agreement_by_year(
        _votes([(call, 2000 + call % 3, state, vote) for (call, state), vote in votes.items()]), ["USA", "CHN"]
    ).set_index(["iso3", "year"])
    for state in states:
        for year in (2000, 2001, 2002):
            for partner in ("USA", "CHN"):
                same = both = 0
                for call in range(60):
                    mine, other = votes[call, state], votes[call, partner]
                    if 2000 + call % 3 != year or state == partner or "not voting" in (mine, other):
                        continue
                    both += 1
                    same += mine == other
                assert made.loc[(state, year), f"compared_with_{partner.lower()}"] == both
                if both:
                    assert made.loc[(state, year), f"agreement_{partner.lower()}"] == same / both


@pytest.mark.parametrize("year", ROLL_CALLS)
def test_calls_of_a_year_are_as_many_as_counted(table, year):
    rows = table("un_agreement_year").query("year == @year")
    assert rows["roll_calls"].max() == ROLL_CALLS[year]
    assert len(rows) == 193


def test_agreement_is_symmetric_between_the_partners(table):
    rows = table("un_agreement_year").set_index(["iso3", "year"])
    for one in PARTNERS:
        for two in PARTNERS:
            if one < two:
                left = rows.xs(one)[f"agreement_{two.lower()}"]
                right = rows.xs(two)[f"agreement_{one.lower()}"]
                assert left.round(9).equals(right.round(9).rename(left.name))
