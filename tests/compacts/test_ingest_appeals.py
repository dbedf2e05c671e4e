"""Appeals and refugee costs at home: plans as published, sums over years taken apart, faults refused."""

import csv

import pandas as pd
import pytest

from compacts.ingest.appeals import TRACKING, UNHCR, appeals
from compacts.ingest.donor_refugee_costs import in_donor_refugee_costs
from compendium.errors import UserError

# US dollars asked for by UNHCR's plans in their first year, which the table holds only inside sums over years:
# revised Syria plan of September 2012 (about 488 million); sources of the Global Humanitarian Assistance Report 2023
SYRIA_2012, AFGHANISTAN_2021, CONGO_2018 = 487_983_480, 299_210_282, 472_803_912
# million US dollars: published needs of the Rohingya plan 2018 and of the Venezuela plans
ROHINGYA_2018, VENEZUELA_TOTALS = 950.8, {2020: 1407.6, 2021: 1439.2, 2022: 1786.2}
# OECD: in-donor refugee costs of 2016, billion US dollars and percent of ODA; of 2022 (preliminary release)
COSTS_2016, SHARE_2016, COSTS_2022 = (15.4, 16.0), (10.8, 11.1), 29.3

MEMBERS = pd.DataFrame([("Kenya", "KEN"), ("Greece", "GRC")], columns=["name", "iso3"])
TRACKED = "countryCode,id,name,code,typeName,startDate,endDate,year,requirements,funding\n"
PLAN = "KEN,7,Refugee Plan 2020,R20,Regional response plan,2020-01-01,2020-12-31,2020,{0},{1}\n"
RESPONSE = "RRP,Year,Country,Funds Requested,Funds Received (From all agencies),# Agencies in Plan\n"
TOTALS = "Name,Year,UNOCHA req,UNOCHA fund,UNHCR req,UNHCR fund\n"
SOUND = {
    "fts.csv": TRACKED + PLAN.format(100, 40) + "KEN,,Not specified,,,,,2020,,-3\n",
    "rrp_data.csv": RESPONSE
    + '"East RRP",2018,Kenya,"$1,000",$300,9\nEast RRP,2019,Kenya,$400,$100,7\nEast RRP,2019,Regional,(Blank),$5,(Blank)\n',
    "combined_rrps.csv": TOTALS + 'East RRP 2019,2019, -   , -   ,"1,400","1,105"\n',
}


@pytest.fixture
def build(tmp_path):
    """A function that writes the raw files and reads them."""

    def build(**texts):
        for name, text in {**SOUND, **{key.replace("_csv", ".csv"): value for key, value in texts.items()}}.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return appeals(tmp_path / "fts.csv", (tmp_path / "combined_rrps.csv", tmp_path / "rrp_data.csv"), MEMBERS)

    return build


def test_the_first_year_is_what_the_later_ones_leave_of_the_sum(build):
    rows = build()["appeal_country_year"]
    plans = rows[rows["source"] == UNHCR].set_index(["country", "year"])
    assert plans.loc[("Kenya", 2018), ["requirements_usd", "funding_usd", "derived"]].tolist() == [600, 200, True]
    assert plans.loc[("Kenya", 2019), ["requirements_usd", "funding_usd", "derived"]].tolist() == [400, 100, False]
    assert plans["agencies"].isna().tolist() == [True, False, True]
    assert plans.loc[("Regional", 2019), ["iso3", "requirements_usd"]].isna().all()


def test_a_plan_with_sums_without_a_year_keeps_its_first_year(build):
    rows = (
        '"East RRP",(Blank),Kenya,$500,$300,9\nEast RRP,2018,Kenya,$400,$100,7\nEast RRP,2019,Kenya,(Blank),(Blank),1\n'
    )
    made = build(rrp_data_csv=RESPONSE + rows)
    plans = made["appeal_country_year"].query("source == @UNHCR")
    assert plans[["year", "requirements_usd", "derived"]].to_numpy().tolist() == [[2018, 400, False]]
    log = made["ingest_appeals"].set_index("reason")["rows"]
    assert log["no year: the sum over all years"] == 1
    assert log["neither requirements nor funding in that year"] == 1


def test_funding_outside_of_plans_stays_with_its_sign(build):
    rows = build()["appeal_country_year"].query("source == @TRACKING").set_index("plan")
    assert rows.loc["Not specified", ["in_plan", "funding_usd"]].tolist() == [False, -3]
    assert rows.loc["Refugee Plan 2020", ["in_plan", "names_refugees", "names_migrants"]].tolist() == [
        True,
        True,
        False,
    ]


def test_the_same_amount_for_many_countries_of_a_plan_is_flagged(build):
    def listed(*codes):
        return TRACKED + "".join(PLAN.format(100, 1).replace("KEN", code) for code in codes)

    for codes, expected in ((["KEN", "GRC"], 0), (["KEN", "GRC", "PER"], 3)):
        assert build(fts_csv=listed(*codes))["appeal_country_year"]["requirements_repeated"].sum() == expected


FAULTS = {
    "text for money": ("fts.csv", ",100,40", ",much,40", "row 2, column requirements: got 'much', expected a whole number"),
    "less than nothing asked": ("fts.csv", ",100,40", ",-100,40", "expected a whole number not below 0"),
    "a country by name": ("fts.csv", "KEN,7", "Kenya,7", "row 2, column countryCode: got 'Kenya'"),
    "no day": ("fts.csv", "2020-12-31", "31/12/2020", "row 2, column endDate: got '31/12/2020', expected a day"),
    "a plan twice": ("fts.csv", "KEN,,Not specified,,,,,", "KEN,,Refugee Plan 2020,,,,,", "row 3: got 'KEN Refugee Plan 2020 2020' a second time"),
    "a column renamed": ("fts.csv", "funding", "funded", "got no column 'funding', did you mean funded?"),
    "a new country": ("rrp_data.csv", "2019,Kenya", "2019,Kenia", "row 3, column Country: got 'Kenia', did you mean Kenya?"),
    "text for funds": ("rrp_data.csv", "$400", "$4oo", "row 3, column Funds Requested: got '4oo'"),
    "a sum below its parts": ("rrp_data.csv", '"$1,000"', "$200", "got less in the first year than in the later ones"),
    "a row twice": ("rrp_data.csv", "2019,Regional", "2019,Kenya", "row 4: got 'East RRP 2019 Kenya' a second time"),
    "a year in words": ("combined_rrps.csv", "2019,2019", "2019,this year", "column Year: got 'this year'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused(build, fault):
    name, old, new, message = FAULTS[fault]
    assert old in SOUND[name]
    with pytest.raises(UserError) as caught:
        build(**{name.replace(".csv", "_csv"): SOUND[name].replace(old, new)})
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_latin_1_and_a_missing_file_are_refused(build, tmp_path):
    with pytest.raises(UserError, match="got the byte 0xfc, expected UTF-8"):
        build(rrp_data_csv=SOUND["rrp_data.csv"].replace("Kenya", "Türkiye").encode("latin-1"))
    build()
    with pytest.raises(UserError, match=r"got no file combined_rrps.csv"):
        appeals(tmp_path / "fts.csv", (tmp_path / "rrp_data.csv",), MEMBERS)


@pytest.fixture(scope="module")
def plans(table):
    """The committed table."""
    return table("appeal_country_year")


def test_first_years_meet_totals_published_elsewhere(plans, table):
    asked = plans[plans["source"] == UNHCR].groupby(["plan", "year"])["requirements_usd"].sum()
    first = [("Syria Regional 3RP", 2012), ("Afghanistan Regional RRP", 2021), ("DRC Regional RRP", 2018)]
    assert [int(asked[key]) for key in first] == [SYRIA_2012, AFGHANISTAN_2021, CONGO_2018]
    totals = table("appeal_plan_year").set_index(["plan", "year"])["unhcr_requirements_usd"].dropna()
    both = totals[totals.index.isin(asked.index) & (totals.index.get_level_values("plan") != "Syria Regional 3RP")]
    assert len(both) == 17
    assert both.to_dict() == asked.reindex(both.index).to_dict()


def test_the_two_sources_agree_on_europe_in_2016(plans):
    tracked = plans[plans["plan"].str.contains("Europe 2016")].set_index("iso3")["requirements_usd"]
    derived = plans[(plans["plan"] == "Europe Regional RMRP") & (plans["year"] == 2016)].set_index("iso3")
    assert set(tracked.index) == {"GRC", "SRB", "SVN", "TUR"}
    assert derived["requirements_usd"].reindex(tracked.index).to_dict() == tracked.to_dict()


def test_plans_led_by_iom_and_unhcr_are_as_published(plans, table):
    asked = plans[plans["source"] == TRACKING]
    rohingya = asked[asked["plan"].str.contains("Rohingya") & (asked["year"] == 2018)]["requirements_usd"].sum()
    assert round(rohingya / 1e6, 1) == ROHINGYA_2018
    totals = table("appeal_plan_year").query("plan == 'Venezuela Regional RMRP'").set_index("year")
    got = (totals["ocha_requirements_usd"] / 1e6).round(1)
    assert {year: got[year] for year in VENEZUELA_TOTALS} == VENEZUELA_TOTALS
    # shares of the region as a whole are left out: countries stay below the plan
    countries = asked[asked["plan"].str.contains("RMRP")].groupby("year")["requirements_usd"].sum() / 1e6
    assert all(0.9 * got[year] < countries[year] < got[year] for year in (2021, 2022))


def test_only_the_venezuela_plan_of_2020_repeats_an_amount(plans):
    repeated = plans[plans["requirements_repeated"]]
    assert repeated.groupby(["plan", "requirements_usd"]).size().to_dict() == {
        ("Venezuela Regional Refugee and Migrant Response Plan (RMRP) 2020", 59_659_922): 13
    }


def test_tracked_sums_by_another_way(plans, raw):
    with open(raw("fts_plans"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tracked = plans[plans["source"] == TRACKING]
    assert len(tracked) == len(rows)
    for column in ("requirements", "funding"):
        assert int(tracked[f"{column}_usd"].sum()) == sum(int(row[column] or 0) for row in rows)


COSTS = {
    "total_idrc_current.csv": "year,donor_name,idrc\n2010,Kenya,5\n",
    "total_oda_current.csv": "year,donor_name,value\n2010,Kenya,50\n2010,Greece,40\n",
    "idrc_share.csv": 'year,idrc,total_oda,share,Donor\n2010,5,90,5.6,"DAC Countries, Total"\n2010,5,50,10,Kenya\n',
}


@pytest.fixture
def costs(tmp_path):
    """A function that writes the files of costs, one of them changed, and reads them."""

    def costs(name=None, old="", new=""):
        for each, text in COSTS.items():
            assert name != each or old in text
            (tmp_path / each).write_text(text.replace(old, new) if each == name else text)
        return in_donor_refugee_costs(tuple(sorted(tmp_path.glob("*.csv"))), MEMBERS)

    return costs


def test_costs_not_reported_are_missing(costs):
    rows = costs()["oda_in_donor_refugee_costs"].set_index("iso3")
    assert rows["in_donor_refugee_costs_musd"].isna().to_dict() == {"GRC": True, "KEN": False}
    assert rows.loc["KEN", "share"] == 0.1


COST_FAULTS = {
    "a new donor": ("total_idrc_current.csv", "Kenya", "Kenia", "row 2, column donor_name: got 'Kenia', did you mean Kenya?"),
    "another sum": ("total_idrc_current.csv", ",5", ",6", "expected the sum over donors 6.00"),
    "a donor twice": ("total_oda_current.csv", "Greece", "Kenya", "row 3: got 'KEN 2010' a second time"),
    "costs without ODA": ("total_oda_current.csv", "2010,Kenya", "2011,Kenya", "got no ODA of KEN in 2010"),
    "a sum twice": ("idrc_share.csv", "2010,5,50,10,Kenya", '2010,5,90,5.6,"DAC Countries, Total"', "row 3: got 'DAC Countries, Total 2010' a second time"),
    "a row cut off": ("total_oda_current.csv", "2010,Greece,40", "2010,Greece", "row 3: got 2 cells, expected 3"),
    "text": ("total_oda_current.csv", ",50", ",n/a", "row 2, column value: got 'n/a', expected a number"),
}  # fmt: skip


@pytest.mark.parametrize("fault", COST_FAULTS)
def test_faults_of_costs_are_refused(costs, fault):
    name, old, new, message = COST_FAULTS[fault]
    with pytest.raises(UserError) as caught:
        costs(name, old, new)
    assert message in str(caught.value)


def test_costs_are_within_what_the_oecd_published(table):
    rows = table("oda_in_donor_refugee_costs")
    sums = rows.groupby("year")[["in_donor_refugee_costs_musd", "oda_musd"]].sum()
    assert COSTS_2016[0] <= sums.loc[2016, "in_donor_refugee_costs_musd"] / 1000 <= COSTS_2016[1]
    assert (
        SHARE_2016[0]
        <= 100 * sums.loc[2016, "in_donor_refugee_costs_musd"] / sums.loc[2016, "oda_musd"]
        <= SHARE_2016[1]
    )
    # revised upward after the first release
    assert 1 < sums.loc[2022, "in_donor_refugee_costs_musd"] / 1000 / COSTS_2022 < 1.06
    assert set(rows.loc[rows["preliminary"], "year"]) == {2022}
