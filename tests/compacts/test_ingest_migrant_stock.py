"""International migrants: totals as UN DESA published them; what lies between observed years is interpolated only there."""

from collections import Counter

import pandas as pd
import pyreadr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compacts.ingest.migrant_stock import interpolated, migrant_stock
from compendium.errors import UserError

# UN DESA, International Migrant Stock 2024 (published January 2025): millions
PUBLISHED = {("WLD", 1990): 154, ("WLD", 2020): 275, ("WLD", 2024): 304, ("USA", 2024): 52.4, ("DEU", 2024): 16.8}
EMIGRANTS = {"IND": 18.5, "CHN": 11.7, "MEX": 11.6, "UKR": 9.8, "RUS": 9.1}


@pytest.fixture
def stocks(tmp_path):
    """A function that writes migrants of two origins in one country."""

    def write(rename=None, **changes):
        rows = {
            "geo": ["KEN"] * 4, "t": [2020.0] * 4, "from": ["UGA", "UGA", "OOO", "OOO"],
            "sex": ["female", "male"] * 2, "n": [3.0, 4.0, 5.0, 0.0],
            "type_b": [1.0] * 4, "type_c": [0.0] * 4, "type_r": [1.0] * 4, "type_i": [0.0] * 4,
        }  # fmt: skip
        path = tmp_path / "stocks.rda"
        pyreadr.write_rdata(
            path, pd.DataFrame({**rows, **changes}).rename(columns=rename or {}), df_name="undesa_stocks"
        )
        return path

    return write


def test_emigrants_leave_out_people_of_unknown_origin(stocks):
    table = migrant_stock(stocks())["migrant_stock_year"].set_index("code")
    assert table.loc["KEN", ["migrants", "female_migrants", "migrants_of_unknown_origin"]].tolist() == [12, 8, 5]
    assert table.loc["UGA", "emigrants"] == 7
    assert table["emigrants"].sum() == 7
    assert table.loc["KEN", ["by_birth", "by_citizenship", "refugees_added", "imputed"]].tolist() == [
        True,
        False,
        True,
        False,
    ]


FAULTS = {
    "a negative number": (
        {"n": [3.0, -4.0, 5.0, 0.0]},
        "row 2, column n: got -4.0, expected a whole number not below 0",
    ),
    "a row twice": ({"sex": ["female"] * 4}, "row 2: got 'KEN 2020.0 UGA female' a second time"),
    "another sex": ({"sex": ["female", "total"] * 2}, "row 2, column sex: got 'total', expected one of female, male"),
    "a name for a code": ({"geo": ["Kenya"] * 4}, "row 1, column geo: got 'Kenya', expected a country code"),
    "a column renamed": ({"rename": {"n": "count"}}, "line 1: got no column 'n'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(stocks, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        migrant_stock(stocks(**changes))


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=6))
def test_an_interpolated_value_lies_between_its_neighbours_and_observed_ones_stay(values):
    years = [2000, 2005, 2010, 2015, 2020, 2024][: len(values)]
    frame = pd.DataFrame({"code": "KEN", "year": years, "n": values})
    line = interpolated(frame, "n", list(range(1999, 2026)))["KEN"]
    assert line[years].tolist() == values
    assert line[[1999, *range(years[-1] + 1, 2026)]].isna().all()
    for (first, low), (last, high) in zip(
        zip(years, values, strict=True), list(zip(years, values, strict=True))[1:], strict=False
    ):
        assert line[list(range(first, last))].between(min(low, high) - 1e-6, max(low, high) + 1e-6).all()
        assert line[first + 1] - line[first] == pytest.approx((high - low) / (last - first), abs=1e-6)


@pytest.mark.parametrize(("code", "year"), PUBLISHED)
def test_totals_are_the_published_ones(table, code, year):
    rows = table("migrant_stock_year").query("year == @year").set_index("code")["migrants"]
    ours = rows.sum() if code == "WLD" else rows[code]
    assert round(ours / 1e6, 0 if code == "WLD" else 1) == PUBLISHED[code, year]


@pytest.mark.parametrize("code", EMIGRANTS)
def test_emigrants_are_the_published_ones(table, code):
    assert (
        round(table("migrant_stock_year").set_index(["code", "year"]).loc[(code, 2024), "emigrants"] / 1e6, 1)
        == EMIGRANTS[code]
    )


def test_every_migrant_has_an_origin_or_is_counted_as_without(table):
    for _, rows in table("migrant_stock_year").groupby("year"):
        assert rows["migrants"].sum() == rows["emigrants"].sum() + rows["migrants_of_unknown_origin"].sum()


def test_the_sums_are_those_of_the_raw_rows(raw, table):
    frame = pyreadr.read_r(raw("gdi_undesa_stocks"))["undesa_stocks"]
    totals = Counter()
    for geo, year, number in zip(frame["geo"], frame["t"], frame["n"], strict=True):
        totals[geo, int(year)] += int(number)
    ours = table("migrant_stock_year").dropna(subset="migrants").set_index(["code", "year"])["migrants"]
    assert ours.to_dict() == dict(totals)
