"""Parties in government: seat-weighted means by hand, thresholds as declared, nothing after 2019."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.parties import carried, governing_parties
from compendium.errors import UserError


@pytest.fixture
def vparty(tmp_path):
    """A function that writes two elections of one country; the second has no coded government."""

    def write(**changes):
        rows = {
            "country_text_id": ["HUN"] * 5, "year": [2014.0, 2014.0, 2014.0, 2018.0, 1950.0], "v2paid": [1.0, 2.0, 3.0, 1.0, 1.0],
            "v2pagovsup": [0.0, 1.0, 3.0, None, 0.0], "v2paseatshare": [60.0, 20.0, 20.0, 50.0, 99.0],
            "v2xpa_popul": [0.8, 0.4, 0.9, 0.8, 0.1], "v2paimmig": [-1.0, -3.0, 2.0, -4.0, 0.0],
            "v2paimmig_ord": [2.0, 1.0, 4.0, 0.0, 2.0],
        }  # fmt: skip
        pyreadr.write_rdata(tmp_path / "vparty.rda", pd.DataFrame({**rows, **changes}), df_name="vparty")
        return tmp_path / "vparty.rda"

    return write


def test_means_are_weighted_by_seats_and_flags_tell_senior_from_junior(vparty):
    rows = governing_parties(vparty())["governing_parties"].set_index("election_year")
    assert rows.index.tolist() == [2014, 2018]
    first = rows.loc[2014]
    assert first["seat_share"] == pytest.approx(0.8)
    assert first["populism"] == pytest.approx((60 * 0.8 + 20 * 0.4) / 80)
    assert first["immigration_stance"] == pytest.approx((60 * -1 + 20 * -3) / 80)
    flags = ["populist_senior", "populist_any", "anti_immigration_senior", "anti_immigration_any"]
    assert first[flags].tolist() == [True, True, False, True]
    assert rows.loc[2018, "parties"] == 0
    assert rows.loc[2018, ["populism", *flags]].isna().all()


def test_an_election_is_carried_to_the_next_one_for_six_years_at_most_and_not_after_2019():
    rows = pd.DataFrame({"code": ["HUN", "HUN", "AGO"], "election_year": [2014, 2018, 2008], "parties": [2, 0, 1]})
    made = carried(rows, list(range(2013, 2023))).set_index(["code", "year"])["election_year"]
    assert made["HUN"].to_dict() == {2014: 2014, 2015: 2014, 2016: 2014, 2017: 2014, 2018: 2018, 2019: 2018}
    assert made["AGO"].to_dict() == {2013: 2008, 2014: 2008}


FAULTS = {
    "a party twice": ({"v2paid": [1.0] * 5}, "row 2: got '1.0 2014.0' a second time"),
    "a role that is none": ({"v2pagovsup": [0.0, 1.0, 7.0, None, 0.0]}, "row 3, column v2pagovsup: got 7.0, expected a number from 0 to 4"),
    "an index above one": ({"v2xpa_popul": [1.8, 0.4, 0.9, 0.8, 0.1]}, "row 1, column v2xpa_popul: got 1.8, expected a number from 0 to 1"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(vparty, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        governing_parties(vparty(**changes))


def test_hungary_in_2018_is_fidesz_and_its_partner(table):
    row = table("governing_parties").set_index(["code", "election_year"]).loc[("HUN", 2018)]
    # seats 59.4 and 8.1 percent; populism 0.830 and 0.651; immigration -4.797 and -4.002
    assert row["populism"] == pytest.approx((59.4 * 0.830 + 8.1 * 0.651) / 67.5, abs=1e-6)
    assert row["immigration_stance"] == pytest.approx((59.4 * -4.797 + 8.1 * -4.002) / 67.5, abs=1e-6)
    assert row[["populist_senior", "anti_immigration_senior"]].all()
