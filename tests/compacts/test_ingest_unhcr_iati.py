"""UNHCR's IATI files: sums as published, sources that agree, workbooks and their faults."""

import zipfile
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

from compacts.ingest import workbooks
from compacts.ingest.unhcr_iati import unhcr_iati
from compacts.ingest.workbooks import read_sheet
from compendium.errors import UserError

# million US dollars: UNHCR, Use of Unearmarked Funding 2017 (from private givers; share earmarked for a country or
# sector); Use of Flexible Funding in 2019
UNEARMARKED_PRIVATE_2017, EARMARKED_SHARE_2017, SOFTLY_2019 = 207.1, 0.65, 597.2
# regular budget of the United Nations for UNHCR as audited, million US dollars: what has no earmarking here
REGULAR_BUDGET = {2018: 43.0, 2019: 43.3, 2020: 40.1, 2021: 43.1, 2022: 42.2}
# incoming commitments by year of file, added up by hand from the workbooks, million US dollars
INCOMING = {2016: 3943.4, 2018: 4183.5, 2020: 4776.4, 2022: 5851.1, 2024: 4875.8, 2025: 4604.0}
COLUMNS = [
    "iati_identifier", "transaction_ref", "transaction_humanitarian", "transaction_type_code", "transaction_date",
    "transaction_value_currency", "transaction_value_date", "transaction_value", "transaction_value_USD",
    "transaction_description", "transaction_provider_org_type", "transaction_provider_org_ref",
    "transaction_provider_org", "transaction_aid_type_code_1", "transaction_aid_type_vocabulary_1",
    "transaction_aid_type_code_2", "transaction_aid_type_vocabulary_2",
]  # fmt: skip
BUDGET = [
    "iati_identifier", "budget_type", "budget_status", "budget_period_start", "budget_period_end", "budget_currency",
    "budget_value_date", "budget_value",
]  # fmt: skip
GIFT = {
    "iati_identifier": "XM-DAC-41121-2018", "transaction_type_code": "11", "transaction_date": "2018-01-31",
    "transaction_value_currency": "USD", "transaction_value": "10", "transaction_value_USD": "10.25",
    "transaction_provider_org_type": "10", "transaction_provider_org": "Government of Kenya",
    "transaction_aid_type_code_2": "1",
}  # fmt: skip
PLAN = {
    "iati_identifier": "XM-DAC-41121-2018-AFR-KEN", "budget_type": "1", "budget_status": "2",
    "budget_period_start": "2018-01-01", "budget_period_end": "2018-12-31", "budget_currency": "USD",
    "budget_value_date": "2018-06-15", "budget_value": ".96",
}  # fmt: skip
NAMES = pd.DataFrame([("Government of Kenya", "KEN", "UN member"), ("Private donors", None, "residual")], columns=["name", "iso3", "kind"])  # fmt: skip
MEMBERS = pd.DataFrame({"iso3": ["KEN"]})


def _write(path, header, rows, sheet="Sheet1", before=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in [*before, sheet]:
        page = book.create_sheet(name)
        if name == sheet:
            page.append(header)
            for row in rows:
                page.append([row.get(column) for column in header])
    path.parent.mkdir(exist_ok=True)
    book.save(path)


@pytest.fixture
def build(tmp_path):
    """A function that writes the workbooks of 2018 and reads them."""

    def build(gifts=(GIFT,), plans=(PLAN,), header=COLUMNS, **more):
        folder = tmp_path / "unhcr_2018"
        _write(folder / "iati_transaction.xlsx", header, gifts, **more)
        _write(folder / "iati_budget.xlsx", BUDGET, plans)
        return unhcr_iati(tuple(sorted(folder.iterdir())), NAMES, MEMBERS)

    return build


def test_gifts_are_added_up_exactly_with_their_duplicates(build):
    other = {**GIFT, "transaction_date": "2017-12-31", "transaction_value_USD": ".000000001"}
    spent = {**GIFT, "transaction_type_code": "4", "transaction_value_USD": None, "transaction_provider_org": None}
    made = build(gifts=[GIFT, GIFT, other, spent], before=["Pivot"])
    row = made["unhcr_contributions"].iloc[0]
    assert len(made["unhcr_contributions"]) == 1
    assert row["amount_usd"] == Decimal("20.500000001")
    assert row[["iso3", "rows", "duplicate_rows", "other_year_rows"]].tolist() == ["KEN", 3, 1, 1]
    log = made["ingest_unhcr_iati"].set_index("reason")["rows"]
    assert (log["incoming commitments"], log["expenditure"]) == (3, 1)


def test_a_column_that_moved_changes_nothing(build):
    same = build(header=list(reversed(COLUMNS)))["unhcr_contributions"]
    pd.testing.assert_frame_equal(same, build()["unhcr_contributions"])


def test_an_operation_for_several_countries_has_no_country_and_a_second_entry_stays(build):
    office = {**PLAN, "iati_identifier": "XM-DAC-41121-2018-AFR-KENRO"}
    again = {**PLAN, "budget_value": "5"}
    rows = build(plans=[PLAN, office, again])["unhcr_operation_budget"]
    assert rows["operation"].tolist() == ["AFR-KEN", "AFR-KEN", "AFR-KENRO"]
    assert rows["iso3"].isna().tolist() == [False, False, True]
    assert rows["entry"].tolist() == [1, 2, 1]


FAULTS = {
    "a new donor": ({"transaction_provider_org": "Government of Kenia"}, "row 3, column transaction_provider_org: got the donor 'Government of Kenia', did you mean Government of Kenya?"),
    "an amount in words": ({"transaction_value_USD": "ten"}, "row 3, column amount_usd: got 'ten', expected an amount"),
    "no amount": ({"transaction_value_USD": None}, "row 3, column transaction_value_USD: got an empty cell"),
    "a new earmarking": ({"transaction_aid_type_code_2": "5"}, "column earmarking: got '5', expected one of 1, 2, 3, 4"),
    "a new provider": ({"transaction_provider_org_type": "99"}, "column provider: got '99'"),
    "a new type": ({"transaction_type_code": "7"}, "column type: got '7'"),
    "no day": ({"transaction_date": "31.1.2018"}, "row 3, column date: got '31.1.2018', expected a day"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_gifts_are_refused(build, fault):
    change, message = FAULTS[fault]
    with pytest.raises(UserError) as caught:
        build(gifts=[GIFT, {**GIFT, **change}])
    assert message in str(caught.value)
    assert "unhcr_2018/iati_transaction.xlsx" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget_currency": "EUR"}, "column currency: got 'EUR', expected one of USD"),
        ({"iati_identifier": "XM-DAC-41121-2019-AFR-KEN"}, "expected XM-DAC-41121-2018- and an operation"),
        ({"budget_value": "-"}, "got '-', expected an amount"),
        ({}, "a second time"),
    ],
)
def test_faults_of_budgets_are_refused(build, change, message):
    with pytest.raises(UserError) as caught:
        build(plans=[PLAN, {**PLAN, **change}])
    assert message in str(caught.value)


def test_workbooks_that_are_none_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    _write(path, ["a"], [{"a": "1"}])
    whole = path.read_bytes()
    assert read_sheet(path, "Sheet1", ["a"])["a"].tolist() == ["1"]
    with pytest.raises(UserError, match="got the sheets Sheet1, expected 'Sheet2'"):
        read_sheet(path, "Sheet2", ["a"])
    with pytest.raises(UserError, match="got no column 'b'"):
        read_sheet(path, "Sheet1", ["b"])
    for bad in (b"", whole[: len(whole) // 2], b"year,amount\n2018,3\n"):
        path.write_bytes(bad)
        with pytest.raises(UserError, match="bytes that are no whole workbook"):
            read_sheet(path, "Sheet1", ["a"])
    path.write_bytes(whole)
    monkeypatch.setattr(workbooks, "LARGEST", 100)
    with pytest.raises(UserError, match="bytes when unpacked, expected at most 100"):
        read_sheet(path, "Sheet1", ["a"])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", "x")
    with pytest.raises(UserError, match="no whole workbook"):
        read_sheet(path, "Sheet1", ["a"])


def test_a_column_twice_is_refused(tmp_path):
    path = tmp_path / "book.xlsx"
    _write(path, ["a", "a"], [])
    with pytest.raises(UserError, match="got a column twice"):
        read_sheet(path, "Sheet1", ["a"])


@pytest.fixture(scope="module")
def gifts(table):
    """The committed table."""
    return table("unhcr_contributions")


def test_the_sums_are_those_that_unhcr_published(gifts):
    sums = gifts.groupby(["year", "earmarking", "provider_type"])["amount_usd"].sum() / 1e6
    assert sums[2017, "unearmarked", "private sector"] == pytest.approx(UNEARMARKED_PRIVATE_2017, abs=0.05)
    year = sums[2017].groupby("earmarking").sum()
    assert (year["earmarked"] + year["tightly earmarked"]) / year.sum() == pytest.approx(EARMARKED_SHARE_2017, abs=0.01)
    assert sums[2019, "softly earmarked"].sum() == pytest.approx(SOFTLY_2019, rel=0.002)
    totals = (gifts.groupby("year")["amount_usd"].sum() / 1e6).round(1)
    assert {year: totals[year] for year in INCOMING} == INCOMING


def test_money_without_earmarking_is_the_regular_budget(gifts):
    plain = gifts[gifts["earmarking"] == "not stated"]
    assert set(plain["donor"]) == {"United Nations"}
    got = plain.groupby("year")["amount_usd"].sum() / 1e6
    assert all(got[year] == pytest.approx(amount, abs=0.15) for year, amount in REGULAR_BUDGET.items())


def test_governments_agree_with_the_statistics_of_the_chief_executives_board(gifts, table):
    board = table("finance_donor_entity_year").query("entity == 'UNHCR' and iso3 == iso3")
    theirs = board.groupby(["year", "iso3"])["amount_usd"].sum()
    ours = gifts.dropna(subset=["iso3"]).groupby(["year", "iso3"])["amount_usd"].sum()
    for year in (2018, 2022):
        assert ours[year, "USA"] == pytest.approx(theirs[year, "USA"], rel=0.0001)
        both = pd.DataFrame({"ours": ours[year], "theirs": theirs[year]}).dropna()
        assert len(both) >= 50
        # commitments and revenue differ donor by donor, but give the same picture
        assert both["ours"].corr(both["theirs"]) > 0.99


def test_states_have_codes_and_others_none(gifts, table):
    kinds = {"UN member", "other territory", "observer state"}
    assert (gifts["iso3"].notna() == gifts["donor_kind"].isin(kinds)).all()
    assert set(gifts.loc[gifts["donor_kind"] == "UN member", "iso3"]) <= set(table("un_members")["iso3"])


def test_one_year_of_the_workbooks_by_another_reader(gifts, raw):
    path = raw("unhcr_iati") / "unhcr_2018/iati_transaction.xlsx"
    book = openpyxl.load_workbook(path, read_only=True)
    header, *rows = book["Sheet1"].iter_rows(values_only=True)
    book.close()
    kind, amount = header.index("transaction_type_code"), header.index("transaction_value_USD")
    expected = sum((Decimal(row[amount]) for row in rows if row[kind] == "11"), Decimal(0))
    assert gifts[gifts["year"] == 2018]["amount_usd"].sum() == pytest.approx(float(expected), rel=1e-9)
