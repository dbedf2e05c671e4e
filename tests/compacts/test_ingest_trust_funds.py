"""Trust funds of the Secretariat: sums as printed, births and deaths within the window, faults refused."""

import json
from collections import defaultdict

import pandas as pd
import pytest

from compacts.ingest.trust_funds import trust_funds
from compendium.errors import UserError

# printed total of the schedule of individual trust funds in 2018, and what the source could not map of it
SCHEDULE_2018, UNMAPPED_2018 = 2_132_994_935, 137_312
# recognized voluntary contributions by named contributors, as the source reconciles them with the statements
CONTRIBUTORS = {2017: 2_073_088_131, 2020: 2_230_866_461, 2024: 2_983_133_802}
NAMES = pd.DataFrame([("Kenya", "KEN", "UN member")], columns=["name", "iso3", "kind"])
FUND = {"id": "trust-fund-entity:OCHA:fund:{0}", "parentId": "trust-fund-entity:OCHA", "tier": "detail"}


@pytest.fixture
def files(tmp_path):
    """Two years: AAA in both, BBB in the first only, CCC in the statement of the second only."""

    def write(spent=None, paid=None, year_1=2017):
        spent = spent or {year_1: {"AAA": 100, "BBB": 50}, 2018: {"AAA": -10}}
        paid = paid or {
            year_1: {"AAA": [("Kenya", "Government", 7), ("A foundation", "Others", -2)], "BBB": []},
            2018: {"AAA": [("Kenya", "Government", 1)], "CCC": [("A foundation", "Mixed", 5)]},
        }
        for year, funds in spent.items():
            nodes = [
                {**FUND, "id": f"x:{code}", "code": code, "label": f"Fund {code}", "amount": amount}
                for code, amount in funds.items()
            ]
            nodes.append({"id": "whole", "parentId": None, "tier": "whole", "code": None, "label": "All", "amount": 0})
            content = {"meta": {"total": sum(funds.values())}, "nodes": nodes}
            (tmp_path / f"budget-trust-funds-{year}.json").write_text(json.dumps(content))
        for year, funds in paid.items():
            given = defaultdict(list)
            for code, rows in funds.items():
                for name, group, amount in rows:
                    given[name, group].append({"fund_code": code, "fund_name": f"Fund {code}", "amount_usd": amount})
            sums = {code: sum(amount for _, _, amount in rows) for code, rows in funds.items()}
            content = {
                "meta": {"statement_total_usd": sum(sums.values()), "contributor_total_usd": sum(sums.values())},
                "contributors": [
                    {"name": name, "counterparty_group": group, "destinations": rows}
                    for (name, group), rows in given.items()
                ],
                "reconciliation": [
                    {"fund_code": code, "statement_amount_usd": value, "named_rows_amount_usd": value}
                    for code, value in sums.items()
                ],
            }
            (tmp_path / f"trust-fund-contributors-{year}.json").write_text(json.dumps(content))
        return {
            "schedules": tuple(sorted(tmp_path.glob("budget-*"))),
            "contributors": tuple(sorted(tmp_path.glob("trust-*"))),
            "donor_names": NAMES,
        }

    return write


def test_births_and_deaths_are_seen_within_the_window_only(files):
    funds = trust_funds(**files())["trust_fund_year"]
    got = funds.set_index(["fund_code", "year"])[["in_schedule", "born_in_window", "gone_before_end", "years_seen"]]
    assert {key: tuple(row) for key, row in zip(got.index, got.to_numpy(), strict=True)} == {
        ("AAA", 2017): (True, False, False, 2),
        ("AAA", 2018): (True, False, False, 2),
        ("BBB", 2017): (True, False, True, 1),
        ("CCC", 2018): (False, True, False, 1),
    }


def test_unknown_amounts_stay_empty_and_no_contributor_is_zero(files):
    funds = trust_funds(**files())["trust_fund_year"].set_index(["fund_code", "year"])
    assert funds["expenses_usd"].isna().tolist() == [False, False, False, True]
    assert funds.loc[("CCC", 2018), "fund_name"] == "Fund CCC"
    assert funds.loc[("BBB", 2017), ["contributors", "contributions_usd"]].tolist() == [0, 0]
    assert funds.loc[("AAA", 2017), ["contributors", "paying_contributors"]].tolist() == [2, 1]


FAULTS = {
    "a wrong total": ("budget-trust-funds-2018.json", '"total": -10', '"total": -11', "meta.total: got rows that add up to -10, expected -11"),
    "a wrong statement": ("trust-fund-contributors-2018.json", '"statement_total_usd": 6', '"statement_total_usd": 7', "statement_total_usd: got rows that add up to 6, expected 7"),
    "text for an amount": ("budget-trust-funds-2018.json", '"amount": -10', '"amount": "ten"', "nodes[0].amount: got 'ten', expected a whole number"),
    "a new government": ("trust-fund-contributors-2018.json", '"Kenya"', '"Kenia"', "got the government 'Kenia', did you mean Kenya?, expected a name listed in data/coded/donor_names.csv"),
    "a new group": ("trust-fund-contributors-2018.json", "Mixed", "Mixture", "got the group 'Mixture', expected one of Government, Mixed, Others"),
    "a fund twice": ("trust-fund-contributors-2018.json", '"fund_code": "CCC", "statement', '"fund_code": "AAA", "statement', "got 'AAA' a second time"),
    "a list renamed": ("trust-fund-contributors-2018.json", '"destinations"', '"destination"', "got no 'destinations'"),
    "cut off": ("budget-trust-funds-2018.json", "}", "", "got JSON that breaks off"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused(files, tmp_path, fault):
    name, old, new, message = FAULTS[fault]
    given = files()
    text = (tmp_path / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new))
    with pytest.raises(UserError) as caught:
        trust_funds(**given)
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_a_year_in_one_set_of_files_only_is_refused(files):
    given = files()
    with pytest.raises(UserError, match="got 2017 in one of them, expected both"):
        trust_funds(**{**given, "contributors": given["contributors"][1:]})


def test_the_committed_tables_meet_the_printed_sums(table):
    funds, given = table("trust_fund_year"), table("trust_fund_contributor_year")
    listed = funds[funds["in_schedule"]]
    assert int(listed[listed["year"] == 2018]["expenses_usd"].sum()) == SCHEDULE_2018 - UNMAPPED_2018
    sums = given.groupby("year")["amount_usd"].sum()
    assert {year: int(sums[year]) for year in CONTRIBUTORS} == CONTRIBUTORS
    counted = given.groupby(["fund_code", "year"]).size()
    joined = funds.set_index(["fund_code", "year"])["contributors"].dropna()
    assert joined[joined > 0].astype(int).to_dict() == counted.reindex(joined[joined > 0].index).to_dict()
    assert int(joined.sum()) == len(given)


def test_births_and_deaths_in_the_schedule_alone(table):
    listed = table("trust_fund_year").query("in_schedule")
    seen = listed.groupby("fund_code")["year"].agg(["min", "max", "size"])
    assert (len(listed), len(seen)) == (1089, 150)
    assert ((seen["size"] == 8).sum(), (seen["min"] > 2017).sum(), (seen["max"] < 2024).sum()) == (116, 24, 9)


def test_flags_follow_from_the_years(table):
    funds = table("trust_fund_year")
    years = funds.groupby("fund_code")["year"]
    assert (funds["first_year"] == years.transform("min")).all()
    assert (funds["born_in_window"] == (years.transform("min") > 2017)).all()
    assert (funds["gone_before_end"] == (years.transform("max") < 2024)).all()


def test_raw_sums_by_another_way(table, raw):
    folder = raw("trust_fund_contributors")
    got = table("trust_fund_contributor_year").groupby(["year", "fund_code"])["amount_usd"].sum().to_dict()
    expected = defaultdict(int)
    for path in folder.glob("trust-fund-contributors-*.json"):
        for entry in json.loads(path.read_text(encoding="utf-8"))["contributors"]:
            for row in entry["destinations"]:
                expected[int(path.stem[-4:]), row["fund_code"]] += row["amount_usd"]
    assert got == dict(expected)
