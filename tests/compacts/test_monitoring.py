"""Reports, duties and indicators: shaped as their descriptions say, and drawn so that they can be read."""

import pandas as pd
import pytest
from legible import illegible

from compacts import monitoring
from compacts.exhibits import monitoring as pictures
from compacts.published import answers
from compendium.errors import UserError

SOURCE = "Source, as of a day"
ORGANS = ["General Assembly", "Human Rights Council", "Security Council", "Economic and Social Council"]
CYCLE = pd.DataFrame({
    "report_id": ["two_years", "yearly", "once", "never"], "first_due": [2020, 2021, 2022, None], "periodicity_months": [24, 12, None, 6],
    "known_editions": ["A/75/9 (2020); A/79/590", "A/76/1 and later", None, "2019 to 2020 reports"], "binding": ["mandated", "voluntary", "negotiated", "internal"],
})  # fmt: skip


def states(schedule: pd.DataFrame, report: str) -> dict[int, str]:
    return schedule[schedule["report_id"] == report].set_index("year")["state"].to_dict()


def test_a_report_is_met_by_an_edition_of_its_year_or_the_next_and_later_ones_are_to_come() -> None:
    found = monitoring.schedule(CYCLE, 2025, 2018, 2027)
    assert states(found, "two_years") == {
        2020: "edition found",
        2022: "due, no edition found",
        2024: "edition found",
        2026: "to come",
    }
    assert states(found, "yearly") == dict.fromkeys(range(2021, 2026), "edition found") | dict.fromkeys(
        (2026, 2027), "to come"
    )
    assert states(found, "once") == {2022: "due, no edition found"}
    assert states(found, "never") == {2019: "edition found", 2020: "edition found"}
    assert set(found["kind"]) == {
        "asked for by states",
        "invited or voluntary",
        "negotiated by states",
        "own practice or contract",
    }


def test_what_our_own_tables_know_fills_a_gap_and_the_as_of_year_moves_the_line() -> None:
    assert (
        states(monitoring.schedule(CYCLE, 2025, 2018, 2027, {"two_years": [2022]}), "two_years")[2022]
        == "edition found"
    )
    assert states(monitoring.schedule(CYCLE, 2021, 2018, 2023), "two_years")[2022] == "to come"


def test_an_unknown_kind_of_report_is_an_error() -> None:
    with pytest.raises(UserError, match="column binding: got 'hoped for'"):
        monitoring.schedule(CYCLE.assign(binding="hoped for"), 2025, 2018, 2027)


def test_every_report_and_every_item_of_the_committed_lists_is_kept(table) -> None:
    cycle = table("reporting_cycle")
    schedule = monitoring.schedule(cycle, 2025, 1940, 2030)
    assert set(schedule["report_id"]) == set(
        cycle.loc[cycle["first_due"].notna() | cycle["known_editions"].notna(), "report_id"]
    )
    items = monitoring.monitored(table("frameworks"), table("indicator_matches"), table("gcm_objectives"))
    thick = monitoring.thickness(items)
    assert thick.loc["GCM objectives", "items"] == 23  # A/RES/73/195, paragraph 16
    assert thick.loc["GCR indicator framework", "items"] == 15
    assert items["iom_outputs"].sum() == len(table("srf_gcm_links"))


def test_a_match_names_a_figure_and_a_column_that_are_there(table) -> None:
    matches, figures = table("indicator_matches"), set(table("published_figures")["figure_id"])
    for row in matches.itertuples():
        if isinstance(row.figure_ids, str):
            assert set(row.figure_ids.split()) <= figures
            assert row.theirs != "none"
        assert isinstance(row.table, str) == (row.ours != "none")
        if isinstance(row.table, str):
            assert row.column in table(row.table).columns


def test_an_item_without_a_judgement_is_an_error(table) -> None:
    with pytest.raises(UserError, match="GCM07 is not in both"):
        monitoring.monitored(
            table("frameworks"), table("indicator_matches").query("item_code != 'GCM07'"), table("gcm_objectives")
        )


@pytest.mark.parametrize(
    ("gcr", "gcm", "verdict"),
    [
        ((5, 2), (2, 0), "supported"),
        ((2, 0), (4, 2), "contradicted"),
        ((5, 0), (2, 1), "undecided"),
        ((5, 2), (7, 0), "undecided"),
    ],
)
def test_the_verdict_on_thickness_needs_both_ways_of_counting(
    gcr: tuple[int, int], gcm: tuple[int, int], verdict: str
) -> None:
    thick = pd.DataFrame(
        {"items": [20, 20], "published": [gcr[0], gcm[0]], "published_same": [gcr[1], gcm[1]]}, index=["GCR indicator framework", "GCM objectives"]
    )  # fmt: skip
    assert monitoring.thickness_verdict(thick, 5) == verdict


def test_a_census_of_readings_is_the_plain_share_of_the_readers(table) -> None:
    readings, sample = table("mandate_readings"), table("mandate_sample")
    duties = monitoring.reporting_duties(table("mandate_paragraphs"), sample, readings, 0.95)
    of_iom = readings[readings["item"].isin(sample.loc[sample["target"] == "iom", "item"])]
    assert duties["IOM"].share == pytest.approx(of_iom["reporting"].mean())
    assert duties["IOM"].standard_error == 0
    assert duties["UNHCR"].low < duties["UNHCR"].share < duties["UNHCR"].high


def test_shares_of_clauses_and_names_are_plain_counts(table) -> None:
    documents = table("mandate_documents")
    shares = monitoring.clause_shares(documents, {"reporting": "report"}, ORGANS[:1], 0.95).set_index("decade")
    part = documents[(documents["organ"] == "General Assembly") & documents["year"].between(2010, 2019)]
    assert shares.loc["2010s", ["documents", "with_clause"]].tolist() == [len(part), int((part["reporting"] > 0).sum())]
    few = monitoring.clause_shares(
        documents[documents["organ"] == "Secretary-General"], {"reporting": "report"}, ["Secretary-General"], 0.95
    )
    assert few.empty
    named = monitoring.naming(
        documents, table("mandate_paragraphs"), table("mandate_compact_paragraphs"), 2019, ORGANS, 0.95
    )
    iom = set(table("mandate_paragraphs").query("organization == 'iom'")["document"])
    council = documents[(documents["organ"] == "Security Council") & (documents["year"] >= 2019)]
    row = named.set_index(["organ", "named"]).loc[("Security Council", "IOM")]
    assert (row["documents"], row["naming"]) == (len(council), council["document"].isin(iom).sum())


def test_series_are_in_the_units_that_their_names_say(table) -> None:
    series = monitoring.indicator_series(table("world_year"), table("displacement_by_income_year")).set_index(
        ["indicator", "year"]
    )["value"]
    assert series["Resettled,\nthousand", 2021] == pytest.approx(57.436)  # UNHCR, Global Trends 2021
    assert series["Hosted by low- and\nmiddle-income countries, %", 2024] == pytest.approx(
        73, abs=0.5
    )  # Global Trends 2024


def test_chosen_figures_alone_are_answered(table) -> None:
    read: list[str] = []

    def reading(name: str) -> pd.DataFrame:
        read.append(name)
        return table(name)

    assert answers(reading, {"returns_2019"})["figure_id"].tolist() == ["returns_2019"]
    assert set(read) == {"published_rules", "published_figures", "world_year"}


@pytest.fixture(scope="module")
def drawings(table):
    cycle, documents = table("reporting_cycle"), table("mandate_documents")
    ours = cycle[cycle["compact"] != "none"]
    reports = ours.assign(kind=ours["binding"].map(monitoring.KINDS), words=ours["report_name"].str[:40])
    items = monitoring.monitored(table("frameworks"), table("indicator_matches"), table("gcm_objectives"))
    paragraphs, compacts = table("mandate_paragraphs"), table("mandate_compact_paragraphs")
    series = monitoring.indicator_series(table("world_year"), table("displacement_by_income_year"))
    none = pd.DataFrame({"indicator": [], "year": [], "value": []})
    return {
        "cycle": pictures.cycle(monitoring.schedule(ours, 2025, 2018, 2030), reports, 2025, SOURCE),
        "duties": pictures.duties(monitoring.reporting_duties(paragraphs, table("mandate_sample"), table("mandate_readings"), 0.95), SOURCE),
        "clauses": pictures.clauses(monitoring.clause_shares(documents, {"reporting": "x"}, ORGANS, 0.95), ORGANS, "share, %", SOURCE),
        "naming": pictures.naming(monitoring.naming(documents, paragraphs, compacts, 2019, ORGANS, 0.95), SOURCE),
        "monitored": pictures.monitored(items, SOURCE),
        "results": pictures.results_framework(items, SOURCE),
        "indicators": pictures.indicators(series, none, 2000, SOURCE),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["cycle", "duties", "clauses", "naming", "monitored", "results", "indicators"])
def test_every_text_of_a_picture_can_be_read(drawings, name: str) -> None:
    assert illegible(drawings[name]) == []
