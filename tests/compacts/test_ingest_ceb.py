"""CEB's financial statistics: sums to the last digit, totals as published, sources that agree, faults refused."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compacts.ingest.ceb_amounts import plain, sum_by, total
from compacts.ingest.ceb_donors import finance_donors
from compacts.ingest.ceb_entities import finance_entities
from compacts.ingest.ceb_expenses import finance_countries, finance_sdgs
from compacts.ingest.ceb_nongov_donors import finance_nongov_donors
from compendium.errors import UserError

# million US dollars: unearmarked money to IOM 2018 by its own report on it; USA to UNHCR by UNHCR's IATI files
# 2018 and 2022; the Financing the UN Development System reports: expenses of the system 2022
UNEARMARKED_IOM_2018 = 30
USA_TO_UNHCR = {2018: 1589.8, 2022: 2195.6}
SYSTEM_EXPENSES_2022, BY_GOAL_2022, ENTITIES_BY_GOAL = 67_500, 57_600, {2018: 11, 2022: 40}
# the files by donor lack these entities and years
DONOR_GAPS = {("IRMCT", 2023), ("PAHO", 2024), ("UN Tourism", 2023)}

CODES = pd.DataFrame(
    [("IOM", "IOM", "IOM"), ("UN", "UN", "UN"), ("UN-UNDRR", "UN", "UN-UNDRR"), ("UNWTO", "UN Tourism", "UN Tourism")],
    columns=["code", "entity", "sub_entity"],
)
NAMES = pd.DataFrame(
    [("Kenya", "KEN", "UN member"), ("Unattributed", None, "residual"), ("UN OCHA", None, "UN organization")],
    columns=["name", "iso3", "kind"],
)
MEMBERS = pd.DataFrame({"iso3": ["KEN"], "name": ["Kenya"]})
REVENUE = "agency,sub_agency,calendar_year,amount,sub_type_name,rev_type,sub_type\n"
EXPENSES = "calendar_year,amount,currency,agency,sub_agency,transaction_type\n"
NONGOV = "amount,_currency,entity,calendar_year,rev_type,donor,contrib_type\n"
GOALS = "calendar year,entity code,type of financial information,amount,SDG goal,SDG target,SDG indicator\n"
GOVERNMENT = "government_donor,entity,rev_type,calendar_year,amount\n"
EARMARKED = "Voluntary non-core (earmarked) contributions"


@pytest.fixture
def write(tmp_path):
    """A function that writes a raw file and returns its path."""

    def write(name, text):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


@pytest.fixture
def build(write):
    """Functions that run a builder on one raw file, the other ones sound."""
    expenses = EXPENSES + "2022,8.5,USD,IOM,IOM,Humanitarian Assistance\n"
    donors = '{"Kenya": {"category": "Government", "contributions": {"IOM": {"Assessed": 5.0}}}}'
    government = GOVERNMENT + "Kenya,IOM,Assessed Contributions,2024,5\n"

    def donor_files(text=donors, other=government, name="donors-2024.json"):
        return finance_donors((write(name, text),), write("government.csv", other), NAMES, CODES)

    return {
        "revenue": lambda text: finance_entities(write("revenue.csv", text), write("expenses.csv", expenses), CODES),
        "donors": donor_files,
        "government": lambda text: donor_files(other=text),
        "nongov": lambda text: finance_nongov_donors(write("nongov.csv", text), NAMES, CODES),
        "countries": lambda text: finance_countries((write("country-expenses-2022.json", text),), MEMBERS, CODES),
        "goals": lambda text: finance_sdgs(write("goals.csv", text), CODES),
    }


def test_copies_negative_amounts_and_dashes_stay_and_are_counted(build):
    row = f"IOM,IOM,2022,{{}},Project/ programme specific contributions,{EARMARKED},R03E\n"
    made = build["revenue"](REVENUE + "".join(map(row.format, ["0.10", "0.10", "0.10", "-1", " -   ", ""])))
    got = made["finance_entity_year"].set_index("flow").loc["revenue"]
    assert got["amount_usd"] == Decimal("-0.7")
    counts = got[["rows", "negative_rows", "duplicate_rows", "blank_rows"]].to_list()
    assert counts == [6, 1, 2, 2]
    assert made["ingest_finance_entities"]["rows"].sum() == 7


def test_a_sum_of_dashes_only_is_missing_not_zero(build):
    row = f"-,USD,IOM,2020,{EARMARKED},UN OCHA,C04C\n"
    got = build["nongov"](NONGOV + row + row)["finance_nongov_donor_year"].iloc[0]
    assert (got["amount_usd"], got["blank_rows"]) == (None, 2)


def test_parts_of_an_entity_are_kept_apart(build):
    rows = "".join(
        f"UN,{part},2020,1,Assessed contributions,Assessed Contributions,R01\n" for part in ("UN", "UN-UNDRR")
    )
    got = build["revenue"](REVENUE + rows)["finance_entity_year"]
    assert got.loc[got["flow"] == "revenue", ["entity", "sub_entity"]].to_numpy().tolist() == [
        ["UN", "UN"],
        ["UN", "UN-UNDRR"],
    ]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.decimals(-(10**12), 10**12, places=9)), min_size=1, max_size=30))
def test_sums_are_exact(rows):
    frame = pd.DataFrame(rows, columns=["key", "amount_usd"]).assign(duplicate=False)
    expected = defaultdict(Fraction)
    for key, amount in rows:
        expected[key] += Fraction(amount)
    got = sum_by(frame, ["key"]).set_index("key")["amount_usd"]
    assert {key: Fraction(amount) for key, amount in got.items()} == expected


@given(st.decimals(-(10**12), 10**12, places=6))
def test_an_exact_amount_is_written_without_exponent_and_read_back_equal(amount):
    written = str(plain(amount))
    assert "E" not in written
    assert Decimal(written) == amount
    assert total([amount, None, -amount]) == 0


FAULTS = {
    "text for an amount": ("revenue", REVENUE + "IOM,IOM,2022,many,,Assessed contributions,R01\n", "row 2, column amount_usd: got 'many', expected an amount"),
    "an exponent": ("revenue", REVENUE + "IOM,IOM,2022,1E9,,Assessed contributions,R01\n", "got '1E9', expected an amount"),
    "a column renamed": ("revenue", REVENUE.replace("agency,", "agencies,", 1), "line 1: got no column 'agency', did you mean"),
    "an unknown entity": ("revenue", REVENUE + "IOMM,IOM,2022,1,,Assessed contributions,R01\n", "row 2, column agency: got 'IOMM', did you mean IOM?"),
    "an unknown instrument": ("revenue", REVENUE + "IOM,IOM,2022,1,,Assessed contributions,R1\n", "column sub_type: got 'R1'"),
    "an unknown type": ("revenue", REVENUE + "IOM,IOM,2022,1,,Assesed,R01\n", "column rev_type: got 'assesed'"),
    "half a year": ("revenue", REVENUE + "IOM,IOM,2022.5,1,,Assessed contributions,R01\n", "column year: got '2022.5', expected a whole number"),
    "a row that breaks off": ("revenue", REVENUE + "IOM,IOM,2022,1\n", "row 2: got 4 cells, expected 7"),
    "rows longer than the header": ("revenue", REVENUE + "IOM,IOM,2022,1,,Assessed contributions,R01,1\n", "line 2: got more cells than the header has"),
    "no row": ("revenue", REVENUE, "got no row under the header"),
    "an empty file": ("revenue", "", "revenue.csv, line 1: got an empty file"),
    "Latin-1": ("revenue", REVENUE.encode() + "Türkiye,".encode("latin-1"), "line 2: got the byte 0xfc, expected UTF-8"),
    "a blank amount of a donor": ("government", GOVERNMENT + "Kenya,IOM,Assessed Contributions,2024,-\n", "got '-', expected an amount"),
    "a new government in the download": ("government", GOVERNMENT + "Kenia,IOM,Assessed Contributions,2024,1\n", "got 'Kenia', did you mean Kenya?"),
    "a donor row twice": ("government", GOVERNMENT + "Kenya,IOM,Assessed Contributions,2024,1\n" * 2, "row 3: got 'Kenya IOM 2024"),
    "another currency": ("nongov", NONGOV + f"1,EUR,IOM,2020,{EARMARKED},UN OCHA,C04C\n", "row 2, column currency: got 'EUR'"),
    "an unknown donor": ("nongov", NONGOV + f"1,USD,IOM,2020,{EARMARKED},UN OCH,C04C\n", "column donor: got 'UN OCH', did you mean UN OCHA?"),
    "an unknown goal": ("goals", GOALS + "2022,IOM,EXP,1,18,,\n", "row 2, column goal: got '18', expected one of 1, 2"),
    "an unknown basis": ("goals", GOALS + "2022,IOM,EX,1,1,,\n", "row 2, column type: got 'EX', expected one of EXP"),
    "an unknown country": ("countries", json.dumps([{"iso3": "KEM", "name": "Kenya", "total": 1, "entities": {"IOM": 1}}]), "got the country 'Kenya' with the code 'KEM'"),
    "a total that does not add up": ("countries", json.dumps([{"iso3": "KEN", "name": "Kenya", "total": 9, "entities": {"IOM": 1}}]), "KEN: got the total 9, expected the sum of its entities, 1"),
    "a country twice": ("countries", json.dumps([{"iso3": "KEN", "name": "Kenya", "total": 1, "entities": {"IOM": 1}}] * 2), "row 2: got 'KEN IOM 2022' a second time"),
    "no list": ("countries", "{}", "expected a list of countries"),
    "no entities": ("countries", json.dumps([{"iso3": "KEN", "name": "Kenya", "total": 1}]), "entry 1: got no entities"),
    "a new government": ("donors", '{"Kenia": {"category": "Government", "contributions": {"IOM": {"Assessed": 1}}}}', "got the donor 'Kenia' (Government), did you mean Kenya?"),
    "a government without a code": ("donors", '{"UN OCHA": {"category": "Government", "contributions": {"IOM": {"Assessed": 1}}}}', "got the donor 'UN OCHA' (Government)"),
    "not a number": ("donors", '{"Kenya": {"category": "Government", "contributions": {"IOM": {"Assessed": NaN}}}}', "got 'nan', expected an amount"),
    "text in JSON": ("donors", '{"Kenya": {"category": "Government", "contributions": {"IOM": {"Assessed": "1"}}}}', "got '1', expected an amount"),
    "JSON that breaks off": ("donors", '{"Kenya": {"category": "Gov', "got JSON that breaks off"),
    "no contributions": ("donors", '{"Kenya": {"category": "Government"}}', "got 'None', expected names with values"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_place(build, fault):
    builder, text, message = FAULTS[fault]
    with pytest.raises(UserError) as refused:
        build[builder](text)
    assert message in str(refused.value)


def test_a_file_of_donors_says_its_year(build):
    with pytest.raises(UserError, match="expected donors-YYYY"):
        build["donors"](name="donors.json")


def test_totals_are_as_published(table):
    money = table("finance_entity_year")
    iom = money[(money["entity"] == "IOM") & (money["year"] == 2018) & (money["category"] == "R02A")]
    assert round(iom["amount_usd"].sum() / 1e6) == UNEARMARKED_IOM_2018
    spent = money.loc[(money["flow"] == "expense") & (money["year"] == 2022), "amount_usd"].sum() / 1e6
    assert spent == pytest.approx(SYSTEM_EXPENSES_2022, abs=100)
    donors = table("finance_donor_entity_year")
    usa = donors[(donors["iso3"] == "USA") & (donors["entity"] == "UNHCR")].groupby("year")["amount_usd"].sum() / 1e6
    assert {year: round(usa[year], 1) for year in USA_TO_UNHCR} == USA_TO_UNHCR


def test_expenses_by_goal_are_as_published_only_with_all_bases(table):
    goals = table("finance_sdg_year")
    assert goals.loc[goals["year"] == 2022, "amount_usd"].sum() / 1e6 == pytest.approx(BY_GOAL_2022, abs=100)
    counted = goals.groupby("year")["entity"].nunique()
    assert {year: counted[year] for year in ENTITIES_BY_GOAL} == ENTITIES_BY_GOAL


def test_donors_add_up_to_revenue_but_for_the_named_gaps(table):
    both = table("finance_reconciliation").dropna(subset=["donors_difference_usd"])
    apart = both[both["donors_difference_usd"].abs() > 2000]
    assert set(zip(apart["entity"], apart["year"], strict=True)) == DONOR_GAPS
    assert len(both) > 490


def test_donors_by_type_agree_with_entities_from_2021_only(table):
    by_type = table("finance_type_reconciliation")
    apart = by_type[(by_type["difference_usd"].abs() > 5000)].groupby("year")["difference_usd"].size()
    assert apart.loc[2021:].max() <= 5
    assert apart.loc[:2020].min() > 90


def test_named_donors_give_less_than_the_revenue_of_iom_and_unhcr(table):
    """Independent of the residuals: their share is most, and less than all, of a revenue."""
    share = table("finance_reconciliation").set_index("entity").loc[["IOM", "UNHCR"], "named_share"].dropna()
    assert len(share) == 24
    assert share.between(0.6, 1).all()


def test_totals_meet_those_that_piip_collected_apart(table):
    check = table("finance_piip_crosscheck")
    income = check["income_ratio"].dropna()
    assert ((income - 1).abs() < 0.01).mean() > 0.5
    assert abs(income.median() - 1) < 0.001
    unhcr = check[check["entity"] == "UNHCR"].set_index("year")["income_ratio"]
    # 2017: PIIP has 2 per cent more
    assert (unhcr.drop(2017) - 1).abs().max() < 0.006


def test_countries_and_goals_never_exceed_expenses_by_more_than_a_budget_may(table):
    checked = table("finance_reconciliation")
    assert checked["countries_share"].max() < 1 + 1e-6
    assert checked["goals_share"].max() < 1.01


def test_the_download_of_2024_differs_for_one_entity_only(table):
    check = table("finance_donor_crosscheck")
    apart = Counter(check.loc[check["outcome"] != "equal", "entity"])
    assert apart.pop("UNITAR") > 50
    assert sum(apart.values()) <= 5
    assert not set(apart) & {"IOM", "UNHCR"}


def test_donor_names_have_a_code_exactly_where_they_are_a_country(table):
    names, members = table("donor_names"), set(table("un_members")["iso3"])
    countries = names["kind"].isin(["UN member", "observer state", "other territory"])
    assert (names["iso3"].notna() == countries).all()
    assert (names["iso3"].isin(members) == (names["kind"] == "UN member")).all()
    assert names["name"].is_monotonic_increasing


def _written(root, name):
    path = root / "data/tables" / name
    with gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else open(path, encoding="utf-8", newline="") as file:  # fmt: skip
        yield from csv.DictReader(file)


def _raw(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(("flow", "source"), [("revenue", "ceb_revenue_entity"), ("expense", "ceb_expenses_function")])
def test_written_sums_equal_the_raw_sums_to_the_last_digit(root, raw, flow, source):
    expected, rows = defaultdict(Decimal), Counter()
    same = {"UNHABITAT": "UN-Habitat", "UNWOMEN": "UN Women", "UNWTO": "UN Tourism"}
    for row in _raw(raw(source)):
        key = same.get(row["agency"], row["agency"]), row["calendar_year"]
        amount = row["amount"].strip()
        expected[key] += Decimal(amount if amount not in ("-", "") else "0")
        rows[key] += 1
    got, counted = defaultdict(Decimal), Counter()
    for row in _written(root, "finance_entity_year.csv"):
        if row["flow"] == flow:
            got[row["entity"], row["year"]] += Decimal(row["amount_usd"])
            counted[row["entity"], row["year"]] += int(row["rows"])
    assert got == expected
    assert counted == rows


def test_written_donor_sums_equal_the_raw_sums_to_rounding(root, raw):
    expected, parts, got = defaultdict(Decimal), Counter(), defaultdict(Decimal)
    for path in raw("ceb_donors_derived").glob("donors-*.json"):
        for donor in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal).values():
            for entity, amounts in donor["contributions"].items():
                expected[entity, path.stem[-4:]] += sum(amounts.values())
                parts[entity, path.stem[-4:]] += len(amounts)
    for row in _written(root, "finance_donor_entity_year.csv.gz"):
        got[row["entity"], row["year"]] += Decimal(row["amount_usd"])
        parts[row["entity"], row["year"]] -= 1
    assert set(parts.values()) == {0}
    assert max(abs(got[key] - expected[key]) for key in expected) < 1
