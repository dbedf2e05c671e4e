"""Income groups: the World Bank's counts of economies, years and groups as in the workbook."""

import zipfile

import pytest
from openpyxl import Workbook

from compacts.ingest.income_groups import SHEET, group_in_force, income_groups
from compendium.errors import UserError


@pytest.fixture
def book(tmp_path):
    """A function that writes a workbook of two years and returns its path; cells can be changed."""

    def write(changes=None, sheet=SHEET):
        rows = [[None] * 4 for _ in range(11)]
        rows[4] = [None, "Bank's fiscal year:", "FY25", "FY26"]
        rows[5] = [None, "Data for calendar year :", 2023, 2024]
        rows += [
            ["KEN", "Kenya", "LM", "LM"],
            ["VEN", "Venezuela", "..", None],
            ["YUGf", "Yugoslavia (former)", "UM", "UM"],
        ]
        for (row, column), value in (changes or {}).items():
            rows[row - 1][column] = value
        workbook = Workbook()
        workbook.active.title = sheet
        for row in rows:
            workbook.active.append(row)
        path = tmp_path / "groups.xlsx"
        workbook.save(path)
        return path

    return write


def test_a_group_rests_on_the_income_two_years_before_its_fiscal_year(book):
    made = income_groups(book())
    rows = made["income_groups"].to_numpy().tolist()
    assert rows == [["KEN", 2023, 2025, "lower middle"], ["KEN", 2024, 2026, "lower middle"]]
    assert made["ingest_income_groups"].set_index("reason")["rows"].to_dict() == {
        "classified": 2, "not classified in that year": 2, "a second row of the former Yugoslavia": 2,
    }  # fmt: skip


FAULTS = {
    "a new group": ({(12, 2): "VH"}, r"row 12, column 2023: got 'VH', expected one of L, LM"),
    "rows moved": ({(5, 1): "Year"}, r"row 5: got 'Year', expected \"Bank's fiscal year:\""),
    "other years": ({(6, 2): 2022}, r"rows 5 and 6: got 'FY25' over 2022, expected a fiscal year two years after"),
    "an economy twice": ({(13, 0): "KEN"}, r"row 13: got 'KEN' a second time"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(book, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        income_groups(book(changes))


def test_a_broken_workbook_and_a_lost_sheet_are_named(book, tmp_path):
    with pytest.raises(UserError, match=r"got the sheets Other, expected 'Country Analytical History'"):
        income_groups(book(sheet="Other"))
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(book().read_bytes()[:2000])
    with pytest.raises(UserError, match=r"broken.xlsx: got 2,000 bytes that are no whole workbook"):
        income_groups(broken)


def test_groups_of_the_last_fiscal_year_are_as_many_as_the_bank_says(table):
    # World Bank country classifications, 1 July 2025
    counts = table("income_groups").query("fiscal_year == 2026")["income_group"].value_counts().to_dict()
    assert counts == {"high": 87, "upper middle": 54, "lower middle": 50, "low": 26}


def test_the_group_in_force_is_that_of_the_year_before(table):
    force = group_in_force(table("income_groups")).set_index(["code", "year"])["income_group"]
    # Bulgaria and Russia are high-income from 1 July 2024 on, by the income of 2023
    assert force["BGR", 2023] == "upper middle"
    assert force["BGR", 2024] == force["RUS", 2024] == "high"


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    with pytest.raises(UserError, match=r"bomb.xlsx: got 60,000,000 bytes when unpacked, expected at most 50,000,000"):
        income_groups(path)
