"""The Secretariat's budget: sections, units, cuts and assessments; sources that agree, faults refused."""

import csv
import json
from collections import defaultdict
from decimal import Decimal

import pandas as pd
import pytest

from compacts.ingest.assessments import assessed_contributions
from compacts.ingest.budget_sections import FUNDS, budget_2026, budget_sections
from compendium.errors import UserError

# regular budget and extrabudgetary expenditure of section 25 (UNHCR) as printed, million US dollars
UNHCR_REGULAR = {2019: 43.3, 2020: 40.1, 2021: 43.1, 2022: 42.2, 2023: 44.7, 2024: 47.1, 2025: 50.5}
UNHCR_EXTRABUDGETARY = {2019: 4373.2, 2022: 5558.1, 2023: 4942.2, 2025: 3900.9}
# A/80/400: total of the regular budget, million US dollars; General Assembly resolutions: 2025 approved
APPROVED_2025, PROPOSED_2026, REVISED_2026 = 3814.8, 3714.9, 3238.2
# net assessments on all members, ST/ADM/SER.B documents
ASSESSED = {2019: 2_849_023_329, 2022: 2_934_099_965, 2024: 3_220_125_936}


def _node(node_id, parent, tier, code, label, values, **more):
    return {"id": node_id, "parentId": parent, "tier": tier, "code": code, "label": label, "values": values, **more}


def _content(*nodes, total):
    part = _node("p", "w", "part", "VI", "Human rights", {})
    return {"meta": {"total": total}, "nodes": [_node("w", None, "whole", None, "All", {}), part, *nodes]}


UNIT = {"unitType": "entity", "role": "source_node", "entity": {"acronym": "OHCHR"}}


@pytest.fixture
def files(tmp_path):
    """One section with two units in the documents; one section and one mission in the audited statements."""
    section = _node("s", "p", "section", "24", "Human rights", {"regular_budget": 300, "extrabudgetary": 50})
    units = [
        _node("s~1", "s", "budget_unit", "I", "OHCHR", {"regular_budget": 200, "extrabudgetary": 50}, **UNIT),
        _node("s~2", "s", "budget_unit", None, "Not itemized", {"regular_budget": 100}, unitType="unassigned", role="coverage_remainder"),
    ]  # fmt: skip
    audited = _node("a", "p", "section", "24", "Human rights", {"regular_budget": 299})
    mission = _node("M", "w", "mission", "M", "MISSION", {"other_assessed": 70})
    contents = {
        "budget-ppb-2022.json": _content(section, *units, total=350),
        "budget-audited-ppb-2022.json": _content(audited, total=299),
        "budget-audited-pko-2022.json": _content(mission, total=70),
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content))
    export = "YEAR,AMOUNT,SOURCE_TYPE\n2022,199,Regular assessed\n2022,100,Regular assessed\n2022,70,Other Assessed\n"
    (tmp_path / "un-secretariat-expenses.csv").write_text(export)

    def given():
        return {
            "ppb": (tmp_path / "budget-ppb-2022.json",),
            "audited": tuple(sorted([*tmp_path.glob("budget-audited*"), tmp_path / "un-secretariat-expenses.csv"])),
        }

    return given


def test_sections_units_and_missions_are_told_apart(files):
    rows = budget_sections(**files())["budget_section_year"]
    got = rows[["source", "level", "section", "unit", "part", "unit_kind", "entity", *FUNDS.values()]]
    assert got.astype("object").where(got.notna(), None).to_numpy().tolist() == [
        ["audited statements", "mission", "peacekeeping missions", "MISSION", None, None, None, None, 70, None],
        ["audited statements", "section", "24", "whole section", "VI", None, None, 299, None, None],
        ["programme budget documents", "section", "24", "whole section", "VI", None, None, 300, None, 50],
        ["programme budget documents", "unit", "24", "Not itemized", "VI", "not itemized", None, 100, None, None],
        ["programme budget documents", "unit", "24", "OHCHR", "VI", "entity", "OHCHR", 200, None, 50],
    ]


FAULTS = {
    "a wrong total": ("budget-ppb-2022.json", '"total": 350', '"total": 3500', "meta.total: got rows that add up to 350, expected 3,500"),
    "another export": ("un-secretariat-expenses.csv", "2022,70", "2022,71", "Other Assessed, 2022: got 71, expected the audited rows’ sum 70"),
    "text in the export": ("un-secretariat-expenses.csv", "2022,70", "2022,seventy", "row 4, column AMOUNT: got 'seventy', expected a whole number"),
    "an unknown fund": ("budget-ppb-2022.json", '"extrabudgetary": 50}', '"voluntary": 50}', "expected amounts by regular_budget"),
    "a lost parent": ("budget-ppb-2022.json", '"parentId": "s"', '"parentId": "t"', "got the node 't' as a parent only"),
    "text for an amount": ("budget-ppb-2022.json", '"regular_budget": 100', '"regular_budget": "100"', "regular_budget: got '100', expected a number"),
    "no nodes": ("budget-audited-pko-2022.json", '"nodes"', '"node"', "got no 'nodes' in the file"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused(files, tmp_path, fault):
    name, old, new, message = FAULTS[fault]
    text = (tmp_path / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new))
    with pytest.raises(UserError) as caught:
        budget_sections(**files())
    assert message in str(caught.value)


def test_a_file_of_another_name_and_no_export_are_refused(files, tmp_path):
    given = files()
    other = tmp_path / "budget-xyz-2022.json"
    other.write_text("{}")
    with pytest.raises(UserError, match="got this name, expected one of budget-ppb"):
        budget_sections(given["ppb"], (*given["audited"], other))
    with pytest.raises(UserError, match=r"got 0 files named un-secretariat-expenses.csv"):
        budget_sections(given["ppb"], given["audited"][:-1])


def test_section_25_is_as_printed_and_as_audited(table):
    rows = table("budget_section_year").query("section == '25' and level == 'section'")
    printed = rows[rows["source"] == "programme budget documents"].set_index("year")
    audited = rows[rows["source"] == "audited statements"].set_index("year")["regular_budget_usd"]
    assert (printed["regular_budget_usd"] / 1e6).round(1).to_dict() == UNHCR_REGULAR
    extrabudgetary = (printed["extrabudgetary_usd"] / 1e6).round(1)
    assert {year: extrabudgetary[year] for year in UNHCR_EXTRABUDGETARY} == UNHCR_EXTRABUDGETARY
    assert ((printed["regular_budget_usd"].reindex(audited.index) - audited).abs() <= 100).all()


def test_units_add_up_to_their_sections_but_for_rounding(table):
    rows = table("budget_section_year").query("source == 'programme budget documents'")
    amounts = list(FUNDS.values())
    sections = rows[rows["level"] == "section"].groupby(["year", "section"])[amounts].sum()
    units = rows[rows["level"] == "unit"].groupby(["year", "section"])[amounts].sum()
    difference = (sections - units).abs()
    assert sections.index.equals(units.index)
    assert difference["regular_budget_usd"].idxmax() == (2025, "27")
    assert int(difference.max().max()) == 1700
    assert (difference.drop((2025, "27")) <= 500).all().all()


def test_audited_rows_are_those_of_the_export(table, raw):
    path = raw("ppb_audited") / "data/un-secretariat-expenses.csv"
    with open(path, encoding="utf-8", newline="") as file:
        total = sum((Decimal(row["AMOUNT"]) for row in csv.DictReader(file)), Decimal(0))
    rows = table("budget_section_year").query("source == 'audited statements' and level != 'unit'")
    assert int(rows[list(FUNDS.values())].sum().sum()) == total


TABLE_6 = (
    "row_type,Part,Part name,Section,Section name,Entity name,2025 approved,2026 proposed programme budget,"
    "UN80 changes (excluding transitional capacities) – Total,2026 revised estimate,Transitional capacities\n"
    "part_total,Part VI,Human rights,,,,10.0,11.5,-1.5,10.0,\n"
    "section_total,Part VI,Human rights,24,Human rights,,10.0,11.5,-1.5,10.0,0.2\n"
    "entity_total,Part VI,Human rights,24,Human rights,OHCHR,10.0,11.5,-1.5,10.0,0.2\n"
)


def test_thousands_become_dollars_by_level(tmp_path):
    path = tmp_path / "table6.csv"
    path.write_text(TABLE_6, encoding="utf-8")
    rows = budget_2026(path)["budget_section_2026"]
    assert rows[["level", "part", "section", "entity"]].to_numpy().tolist() == [
        ["entity", "VI", "24", "OHCHR"], ["part", "VI", "all", "all"], ["section", "VI", "24", "all"],
    ]  # fmt: skip
    assert rows["un80_change_usd"].tolist() == [-1500] * 3
    assert rows["transitional_usd"].isna().tolist() == [False, True, False]


FAULTS_2026 = {
    "another revision": ("-1.5,10.0,\n", "-1.5,10.1,\n", "row 2, column 2026 revised estimate: got 10,100 US dollars, expected the proposal and its changes, 10,000"),
    "another level": ("entity_total", "subtotal", "column row_type: got 'subtotal', expected one of part_total"),
    "text": ("10.0,11.5,-1.5,10.0,\n", "ten,11.5,-1.5,10.0,\n", "row 2, column approved_2025_usd: got 'ten', expected a number"),
    "a column renamed": ("2025 approved", "2025 adopted", "got no column '2025 approved', did you mean 2025 adopted?"),
    "a row twice": ("entity_total,Part VI,Human rights,24,Human rights,OHCHR", "section_total,Part VI,Human rights,24,Human rights,", "row 4: got 'section VI 24 all' a second time"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS_2026)
def test_faults_of_table_6_are_refused(tmp_path, fault):
    old, new, message = FAULTS_2026[fault]
    assert old in TABLE_6
    path = tmp_path / "table6.csv"
    path.write_text(TABLE_6.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        budget_2026(path)
    assert message in str(caught.value)


def test_the_cuts_are_those_of_the_report(table):
    rows = table("budget_section_2026")
    parts = rows[rows["level"] == "part"]
    totals = [
        round(parts[column].sum() / 1e6, 1) for column in ("approved_2025_usd", "proposed_2026_usd", "revised_2026_usd")
    ]
    assert totals == [APPROVED_2025, PROPOSED_2026, REVISED_2026]
    for lower, upper, keys in (("section", "part", ["part"]), ("entity", "section", ["part", "section"])):
        sums = rows[rows["level"] == lower].groupby(keys)["revised_2026_usd"].sum()
        wholes = rows[rows["level"] == upper].set_index(keys)["revised_2026_usd"]
        assert (sums - wholes.reindex(sums.index) == 0).all()
    refugees = rows[(rows["level"] == "section") & (rows["section"] == "25")].iloc[0]
    assert (refugees["un80_change_usd"], refugees["revised_2026_usd"]) == (0, 50_466_900)


STATE = {"name": "Kenya", "assessment_rate": 0.03, "assessment_amount": 966, "payment_status": "paid_late", "payment_date": "2024-03-01"}  # fmt: skip
DONORS = pd.DataFrame([("Kenya", "KEN"), ("Chad", "TCD"), ("World Bank", None)], columns=["name", "iso3"])


@pytest.fixture
def assess(tmp_path):
    """A function that reads one file of assessments."""

    def assess(states, total, as_of="2024-12-30", name="regular-budget-contributors-2024.json"):
        meta = {"assessment_total": total, "as_of": as_of, "assessment_amount_column": "Net contributions"}
        (tmp_path / name).write_text(json.dumps({"meta": meta, "contributors": states}))
        return assessed_contributions((tmp_path / name,), DONORS)

    return assess


def test_a_state_that_did_not_pay_has_no_day(assess):
    late = {**STATE, "name": "Chad", "payment_status": "not_paid_in_full", "payment_date": None}
    rows = assess([STATE, late], 2 * 966)["assessed_contribution_year"]
    assert rows["payment"].tolist() == ["late", "not in full"]
    assert rows["paid_on"].isna().tolist() == [False, True]


FAULTS_OF_STATES = {
    "a new state": ([{**STATE, "name": "Kenia"}], 966, "got the state 'Kenia', did you mean Kenya?"),
    "no state": ([{**STATE, "name": "World Bank"}], 966, "got the state 'World Bank'"),
    "a state twice": ([STATE, STATE], 1932, "got 'KEN' a second time"),
    "another total": ([STATE], 967, "got amounts that add up to 966, expected 967"),
    "another status": ([{**STATE, "payment_status": "pending"}], 966, "payment_status: got 'pending'"),
    "no day": ([{**STATE, "payment_date": "1 March"}], 966, "payment_date: got '1 March', expected a day"),
    "half a dollar": ([{**STATE, "assessment_amount": 966.5}], 966, "got 966.5, expected a whole number"),
}


@pytest.mark.parametrize("fault", FAULTS_OF_STATES)
def test_faults_of_assessments_are_refused(assess, fault):
    states, total, message = FAULTS_OF_STATES[fault]
    with pytest.raises(UserError) as caught:
        assess(states, total)
    assert message in str(caught.value)


def test_all_members_are_assessed_the_whole_budget(table):
    rows, members = table("assessed_contribution_year"), table("un_members")
    sums = rows.groupby("year")["amount_usd"].sum()
    assert {year: int(sums[year]) for year in ASSESSED} == ASSESSED
    assert (rows.groupby("year")["rate"].sum().round(6) == 100).all()
    by_year = defaultdict(set)
    for iso3, year in zip(rows["iso3"], rows["year"], strict=True):
        by_year[year].add(iso3)
    assert all(states == set(members["iso3"]) for states in by_year.values())
    assert len(by_year) == 8
