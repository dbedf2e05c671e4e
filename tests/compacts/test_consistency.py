"""The laws between tables hold, and each of them is told when it is broken."""

import pandas as pd
import pytest

from compacts import consistency


def test_the_committed_tables_break_no_law(root):
    assert consistency.broken(root) == []


RESOURCE = {
    "path": "data/tables/t.csv",
    "schema": {"fields": [
        {"name": "part", "type": "number", "unit": "share"},
        {"name": "people", "type": "integer", "unit": "persons"},
        {"name": "net_migration", "type": "integer", "unit": "persons"},
    ]},
}  # fmt: skip


def test_shares_beyond_one_and_negative_counts_are_told_with_row_and_column():
    frame = pd.DataFrame({"part": [0.0, 1.2, None], "people": [0, 5, -1], "net_migration": [-5, 0, 5]})
    found = list(consistency.out_of_range(RESOURCE, frame))
    assert [line.partition(",")[2].split(":")[0] for line in found] == [" row 3, column part", " row 4, column people"]


CHANGES = {
    "un_roll_calls": lambda frame: frame.assign(yes=frame["yes"].where(frame.index > 0, frame["yes"] - 1)),
    "un_votes": lambda frame: frame.iloc[1:],
    "displacement_year": lambda frame: frame[frame["code"] != "DEU"],
    "unhcr_displacement": lambda frame: frame[frame["year"] < frame["year"].max()],
    "asylum_year": lambda frame: frame[frame["code"] != "SYR"],
    "migrant_stock_year": lambda frame: frame[frame["code"] != "MEX"],
    "displacement_by_income_year": lambda frame: frame[frame["group"] != "low"],
    "finance_entity_year": lambda frame: frame[frame["entity"] != "IOM"],
    "finance_reconciliation": lambda frame: frame[frame["entity"] != "UNHCR"],
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_that_is_lost_or_changed_in_one_table_no_longer_adds_up(table, name):
    whole = table(name)
    found = list(consistency.sums_apart(lambda other: CHANGES[name](whole) if other == name else table(other)))
    assert found, name
    assert any(name in line for line in found)


def test_a_member_that_is_missing_or_twice_in_a_year_is_told(table):
    year = table("country_year").query("year == 2018")
    rest = {"un_members": table("un_members")}
    for part in (year.iloc[1:], pd.concat([year, year.iloc[:1]])):
        (told,) = consistency.members_apart(lambda name, part=part: {**rest, "country_year": part}[name])
        assert told.startswith("country_year: 2018 holds")


def test_sources_of_money_that_lie_far_apart_are_named_with_both_amounts(root):
    found = consistency.sources_apart(root)
    assert any("the income of IOM by CEB and by PIIP" in line and "1,039 and 1,323 in 2011" in line for line in found)
    assert any("UNHCR got 4,680 in 2021 by IATI, 5,254 million USD by CEB" in line for line in found)
    assert not any("the income of UNHCR by CEB" in line for line in found)  # within five per cent in every year
