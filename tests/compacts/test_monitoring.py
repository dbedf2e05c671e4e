"""The calendar of reports, the frameworks, duties and published figures, held against what the tables and pages say."""

import pandas as pd
import pytest
from legible import drawing, illegible

from compacts import duties, indicators, measurement, monitoring
from compacts.exhibits import duties as duty_pictures
from compacts.exhibits import monitoring as pictures
from compendium.errors import UserError

SOURCE = "Source, as of a day"


@pytest.fixture(scope="module")
def reports(table):
    return table("reporting_cycle")


@pytest.fixture(scope="module")
def calendar(reports):
    return monitoring.cycle(reports, "2026-11-23", (2018, 2028), {"gcr_omnibus": [2018, 2023, 2024]})


@pytest.fixture(scope="module")
def matrix(table):
    return measurement.frameworks_matrix(table("frameworks"))


@pytest.fixture(scope="module")
def figures(table):
    return indicators.figures_answered(table)


@pytest.fixture(scope="module")
def read(table):
    return duties.read_paragraphs(table("mandate_sample"), table("mandate_readings"), table("mandate_paragraphs"))


def test_every_binding_of_the_table_has_a_class_and_a_new_one_is_named(reports):
    assert set(reports["binding"]) <= set(monitoring.BINDING)
    with pytest.raises(UserError, match="'sworn'"):
        monitoring.cycle(reports.assign(binding="sworn"), "2026-11-23", (2018, 2028))


def test_every_report_has_a_short_name(reports):
    assert set(reports["report_id"]) == set(monitoring.NAMES)


def test_the_secretary_generals_report_came_in_2020_2022_and_2024_and_is_due_in_2026(calendar):
    mine = calendar[calendar["report_id"] == "gcm_sg_biennial"].set_index("due")["state"].to_dict()
    assert mine == {2020: "known", 2022: "known", 2024: "known", 2026: "none known", 2028: "to come"}


def test_the_as_of_day_moves_the_line_between_due_and_to_come(reports, calendar):
    earlier = monitoring.cycle(reports, "2024-06-30", (2018, 2028))
    assert (earlier["state"] == "to come").sum() > (calendar["state"] == "to come").sum()
    assert earlier.loc[earlier["state"] == "to come", "due"].min() == 2025


def test_editions_that_are_said_to_recur_are_neither_known_nor_missing(calendar):
    states = calendar[calendar["report_id"] == "unhcr_global_trends"]["state"]
    assert set(states) == {"said to recur", "to come"}


def test_the_interval_of_editions_with_uncertain_years_has_bounds(reports):
    row = monitoring.regularity(reports).set_index("report_id").loc["gcm_regional"]
    assert (row["shortest"], row["longest"]) == (3.0, 5.0)  # 2020-2021 and 2024-2025


def test_editions_known_from_roll_calls_count_and_an_older_series_has_no_delay(reports):
    also = {"gcr_omnibus": [1995, 2018, 2019, 2020, 2021, 2023, 2024]}
    assert "gcr_omnibus" not in set(monitoring.regularity(reports)["report_id"])
    row = monitoring.regularity(reports, also).set_index("report_id").loc["gcr_omnibus"]
    assert (row["editions"], row["shortest"], row["longest"]) == (6, 6 / 5, 6 / 5)  # 2018 to 2024 in five steps
    assert pd.isna(row["late_low"])
    table = monitoring.rhythm_table(reports, monitoring.regularity(reports, also))
    assert table.loc[monitoring.NAMES["gcr_omnibus"], "delay"] == "older series"


def test_an_old_edition_is_no_sign_of_life(reports):
    found = monitoring.alive(reports, "2026-11-23").set_index("report_id")
    assert found.loc["gcr_indicator", "alive"]
    assert not found.loc["unnm_briefings", "alive"]  # last known in 2020, twice a year
    assert found["said"].ge(found["alive"]).all()


def test_an_edition_after_the_as_of_day_is_not_yet_known(reports):
    earlier = monitoring.alive(reports, "2022-12-31").set_index("report_id")["last"]
    assert earlier["gcr_indicator"] == 2021
    calendar = monitoring.cycle(reports, "2022-12-31", (2018, 2028))
    assert calendar["low"].max() <= 2022


def test_the_frameworks_have_the_numbers_of_items_that_the_compacts_have(matrix):
    counts = matrix["block"].value_counts().to_dict()
    assert counts == {
        "GCM objectives": 23,
        "GCM guiding principles": 10,
        "GCR objectives": 4,
        "GCR outcomes": 8,
        "GCR indicators": 15,
    }


def test_an_objective_has_what_its_indicators_have(matrix):
    states = matrix.set_index("item")
    assert states.loc["4.2.1", "ours"] == states.loc["GCR4.2", "ours"] == states.loc["GCR4", "ours"] == "same"
    assert states.loc["GCR2", "value"] == "near"


def test_what_is_said_to_be_measured_is_in_the_tables(table, matrix):
    assert {column for column, _, _ in measurement.MEASURED.values()} <= set(table("world_year").columns)
    known = set(table("published_figures")["figure_id"]) | set(table("frameworks")["item_code"])
    assert {name for name, _ in measurement.PUBLISHED.values()} <= known
    assert set(measurement.MEASURED) | set(measurement.PUBLISHED) <= set(matrix["item"])


def test_every_figure_has_a_subject_and_every_difference_a_reason(figures):
    assert "Others" not in set(figures["subject"])
    assert figures.loc[~figures["equal"], "explanation"].str.len().gt(0).all()


def test_a_figure_in_few_words_names_what_when_and_why(figures):
    rows = figures.set_index("figure_id", drop=False)
    assert indicators.sentence(rows.loc["lmic_share_mid2024"].to_dict()) == (
        "Share of refugees in low- and middle-income countries, mid-2024: {value} percent (published {theirs}, definition)."
    )
    assert "revision of 2020" in indicators.sentence(rows.loc["migrants_1990_r2020"].to_dict())


def test_the_series_meet_the_published_shares(table, figures):
    series, points = indicators.series_and_figures(
        table("world_year"), table("displacement_by_income_year"), figures, 2010
    )
    both = points.merge(series, on=["panel", "year"])
    near = both[both["panel"] == "refugees_next_door_share"]
    assert len(near) == 4
    assert (near["value"] - near["theirs"]).abs().max() < 0.51  # published without decimals


def test_a_first_year_beyond_the_series_is_named(table, figures):
    with pytest.raises(UserError, match="got no value of poorer"):
        indicators.series_and_figures(table("world_year"), table("displacement_by_income_year"), figures, 2100)


def test_objectives_have_the_outputs_that_the_source_counts(table):
    found = measurement.outputs_by_objective(table("srf_gcm_links"), table("frameworks")).set_index("objective")
    assert found["outputs"].sum() == 201
    assert found.loc[[7, 16, 2, 8, 13, 14], "outputs"].tolist() == [26, 25, 17, 1, 1, 1]
    assert (found[["lives", "displacement", "pathways"]].sum(axis=1) == found["outputs"]).all()
    counted = table("gcm_objectives").set_index("gcm_objective")["iom_outputs"]
    assert found["outputs"].sort_index().tolist() == counted.sort_index().tolist()


def test_titles_are_sorted_by_their_words():
    titles = pd.Series(["Violence against women migrant workers", "Protection of displaced persons", None])
    assert duties.subject(titles).tolist() == ["migration", "refugees", "other"]


def test_all_paragraphs_on_iom_were_read_so_that_its_share_is_a_count(read, table):
    found = duties.corrected_duties(read, table("mandate_paragraphs"), 0.95).set_index(["who", "basis"])
    iom = found.loc[("IOM", "all read")]
    assert iom["read"] == iom["population"] == 67
    assert iom["low"] == iom["high"]
    assert iom["share"] == pytest.approx(read.loc[read["target"] == "iom", "reader"].mean())
    assert found.loc[("IOM", "readers alone"), "share"] == pytest.approx(iom["share"])
    held_out = found.loc[("IOM", "held out")]
    assert held_out["low"] <= iom["share"] <= held_out["high"]


def test_a_paragraph_read_without_a_machine_code_is_named(table):
    with pytest.raises(UserError, match="expected a row of mandate_paragraphs"):
        duties.read_paragraphs(table("mandate_sample"), table("mandate_readings"), table("mandate_paragraphs").head(10))


def test_the_resolution_on_the_gcm_names_it_and_counter_terrorism_does_not(table):
    named = duties.naming(table("mandate_documents"), table("mandate_citations"), 2018).set_index("document")
    assert named.loc["A_RES_73_195", "Compact on migration"]
    assert not named.loc["S_RES_2482(2019)", "Compact on migration"]  # the Counter-Terrorism Coordination Compact
    with pytest.raises(UserError, match="since 2100"):
        duties.naming(table("mandate_documents"), table("mandate_citations"), 2100)


@pytest.fixture(scope="module")
def drawn(table, calendar, matrix, figures, read):
    documents, paragraphs = table("mandate_documents"), table("mandate_paragraphs")
    series, points = indicators.series_and_figures(
        table("world_year"), table("displacement_by_income_year"), figures, 2010
    )
    titles = {panel: title for panel, (title, *_) in indicators.PANELS.items()}
    subjects = list(dict.fromkeys(indicators.SUBJECTS.values()))
    rows = duties.corrected_duties(read, paragraphs, 0.95).rename(columns={"basis": "kind"})
    parts = {"pathways": "regular pathways", "displacement": "solutions to displacement", "lives": "saving lives"}
    outputs = measurement.outputs_by_objective(table("srf_gcm_links"), table("frameworks"))
    clauses = duties.clause_shares(documents, 0.95)
    compacts = calendar[calendar["compact"] != "none"]
    blocks = ["GCR objectives", "GCR indicators", "GCM objectives"]

    def draw(name):
        return {
            "cycle": lambda: pictures.reporting_cycle(compacts, "2026-11-23", (2018, 2028), SOURCE),
            "frameworks": lambda: pictures.frameworks_monitored(matrix, blocks, SOURCE),
            "series": lambda: pictures.series_and_published(series, points, titles, (2010, 2025), SOURCE),
            "differences": lambda: pictures.differences(figures, subjects, SOURCE),
            "outputs": lambda: pictures.outputs(outputs, parts, SOURCE),
            "clauses": lambda: duty_pictures.clauses_by_organ(
                clauses, duties.ORGANS, {"reporting": "report", "periodicity": "interval"}, 10, "95 %", SOURCE
            ),
            "shares": lambda: duty_pictures.shares_with_intervals(
                rows, "who", {"all read": "all that was read", "held out": "held out"}, "% of paragraphs", SOURCE
            ),
        }[name]()

    return draw


NAMES = ["cycle", "frameworks", "series", "differences", "outputs", "clauses", "shares"]


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_large_enough_inside_the_figure_and_apart_from_others(drawn, name):
    assert illegible(drawn(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_twice(drawn, name):
    assert drawing(drawn(name), name) == drawing(drawn(name), name)
