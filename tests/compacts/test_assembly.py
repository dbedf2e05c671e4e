"""What the tables hold and lack: counts by brute force, published totals, and pictures that can be read."""

import pandas as pd
import pytest

from compacts import assembly, published
from compacts.exhibits import assembly as pictures
from compacts.exhibits.style import SMALLEST, WIDTH

RESOURCES = [
    {
        "name": name, "path": f"data/{kind}/{name}.csv", "title": name, "asOf": "2026", "licenses": [{"name": "CC-BY-4.0"}],
        "schema": {"fields": [{"name": "a", "missing": "never empty"}, {"name": "b", "missing": "not read", "missingKind": "unknown"}]},
    }
    for name, kind in (("notes", "curated"), ("ingest_x", "tables"), ("votes", "tables"))
]  # fmt: skip
FRAMES = {
    "notes": pd.DataFrame(
        {"a": ["x", "y", "z", "w"], "b": [None, "1", None, "2"], "confidence": ["verified"] * 3 + ["uncertain"]}
    ),
    "votes": pd.DataFrame({"a": ["x"], "b": ["y"]}),
    "ingest_x": pd.DataFrame({"a": ["x"], "b": [None]}),
}


def test_the_inventory_lists_made_tables_first_and_logs_last_among_them():
    table = assembly.inventory(RESOURCES, FRAMES)
    assert table["table"].tolist() == ["votes", "ingest_x", "notes"]
    assert table["rows"].tolist() == [1, 1, 4]
    assert table["empty"].round(3).tolist() == [0.0, 0.5, 0.167]


def test_empty_cells_are_counted_by_column_with_what_they_mean():
    cells = assembly.empty_cells(RESOURCES, FRAMES).set_index("table")
    assert cells.loc["notes", ["column", "empty", "share", "kind"]].tolist() == ["b", 2, 0.5, "unknown"]
    assert "votes" not in cells.index


def test_confidence_is_counted_where_a_table_has_it():
    counts = assembly.confidence(FRAMES)
    assert counts.loc["notes"].tolist() == [3, 0, 1, 4]
    assert counts.index.tolist() == ["notes"]


def test_votes_not_cast_are_shares_of_roll_calls_times_members():
    part = pd.DataFrame(
        {"session": [73, 73, 73], "iso3": ["AAA", "BBB", "CCC"], "roll_calls": [10, 10, 5], "not_voting": [1, 4, 0]}
    )
    groups = pd.DataFrame({"iso3": ["AAA", "BBB", "CCC"], "un_group": ["African", "African", "Asia-Pacific"]})
    table = assembly.not_voting(part, groups).set_index("un_group")
    assert table["share"].tolist() == [0.25, 0.0]


def test_unknown_origins_are_a_share_of_refugees_and_members_are_counted_once():
    rows = [
        (2000, "AAA", "UNK", 30, 0),
        (2000, "AAA", "BBB", 60, 2),
        (2000, "HKG", "BBB", 10, 0),
        (2001, "BBB", "AAA", 5, 0),
    ]
    figures = pd.DataFrame(rows, columns=["year", "asylum_iso3", "origin_iso3", "refugees", "asylum_seekers"])
    table = assembly.displacement_coverage(figures, pd.DataFrame({"iso3": ["AAA", "BBB"]})).set_index("year")
    assert table.loc[2000, ["with_refugees", "with_asylum_seekers", "unknown_share"]].tolist() == [1, 1, 0.3]
    assert table.loc[2001, ["with_refugees", "with_asylum_seekers", "unknown_share"]].tolist() == [1, 0, 0.0]


def test_groups_of_tables_add_up():
    tables = pd.DataFrame({
        "group": ["a", "b", "a"], "table": ["x", "y", "z"], "rows": [10, 5, 30], "columns": [2, 4, 1], "empty": [0.5, 0.0, 0.1], "as_of": ["2020", "", "2018-01"],
    })  # fmt: skip
    found = assembly.by_group(tables)
    assert list(found["group"]) == ["a", "b"]
    assert found[["tables", "rows", "columns"]].to_numpy().tolist() == [[2, 40, 3], [1, 5, 4]]
    assert found["empty"].to_list() == [pytest.approx(13 / 50), 0]
    assert (found["oldest"][0], found["newest"][0]) == ("2018-01", "2020")


def test_the_largest_drops_come_first_and_nothing_kept_is_among_them():
    log = pd.DataFrame({
        "table": ["t"] * 4, "source_id": ["s"] * 4, "outcome": ["kept", "dropped", "dropped", "dropped"],
        "reason": ["all", "old", "twice", "odd"], "unit": ["rows"] * 4, "rows": [99, 1, 7, 3],
    })  # fmt: skip
    assert assembly.largest_drops(log, 2)["reason"].to_list() == ["twice", "odd"]


def test_two_sources_of_the_same_fact_agree_as_far_as_it_is_told(table):
    names = (
        "un_votes_crosscheck",
        "finance_donor_crosscheck",
        "finance_piip_crosscheck",
        "finance_reconciliation",
        "organization_lifespans",
        "unhcr_contributions",
        "finance_entity_year",
    )
    found = assembly.two_sources({name: table(name) for name in names}).set_index("fact")
    assert (found["same"] <= found["compared"]).all()
    votes = table("un_votes_crosscheck")
    assert found.loc["Votes of states", "same"] == votes["cells"].sum() - votes["disagree"].sum()
    assert found.loc["Government donors, 2024", "share"] > 99
    donors = table("finance_donor_crosscheck")
    in_both = donors["outcome"].isin(["equal", "different"]).sum()
    assert found.loc["Government donors, 2024", "compared"] == in_both < len(donors)
    assert found.loc["Revenue by entity, from 2021", "share"] > 98
    assert 40 < found.loc["Income of organizations", "share"] < 70  # booked by other rules


def test_contributions_are_a_ratio_of_revenue_in_years_that_both_hold():
    contributions = pd.DataFrame({"year": [1, 1, 2, 3], "amount_usd": [2.0, 3.0, 6.0, 7.0]})
    finances = pd.DataFrame(
        [("UNHCR", "revenue", 1, 10.0), ("UNHCR", "revenue", 2, 3.0), ("UNHCR", "expenses", 1, 99.0), ("IOM", "revenue", 3, 5.0)],
        columns=["entity", "flow", "year", "amount_usd"],
    )  # fmt: skip
    assert assembly.contributions_to_revenue(contributions, finances).to_dict() == {1: 0.5, 2: 2.0}


def test_gaps_of_states_count_unknown_facts_in_years_of_membership():
    fields = [{"name": "a", "missingKind": "unknown"}, {"name": "b", "missingKind": "unknown"}, {"name": "c", "missingKind": "does not apply"}]  # fmt: skip
    states = pd.DataFrame({
        "iso3": ["X", "X", "Y", "Y"], "year": [2, 1, 1, 2], "un_member": [True, True, False, True], "population": [20, 10, 1, 2],
        "a": [None, 1, None, None], "b": [1, 1, None, 1], "c": [None] * 4,
    })  # fmt: skip
    found = assembly.states_with_gaps(states, fields)
    assert found.to_numpy().tolist() == [["Y", 1, 2, 0.5], ["X", 2, 20, 0.25]]


ANSWERS = pd.DataFrame({
    "figure_id": ["f", "g", "h", "i", "j"], "statement": ["f", "g", "h", "i", "j"], "theirs": ["10", "100", "2008-06-20", "4", "5"],
    "ours": ["8", "105", "2008-06-30", "4", "5"], "unit": ["n", "n", "date", "n", "n"], "difference": [-2, 5, None, 0, 0],
    "equal": [False, False, False, True, True], "reason": ["revision", "revision", "revision", "", ""],
    "explanation": ["late", "late", "other", "", ""],
})  # fmt: skip


def test_differences_from_published_figures_are_in_per_cent_and_dates_have_none():
    found = assembly.relative_differences(ANSWERS).set_index("figure_id")["percent"]
    assert found.to_dict() == {"f": -20, "g": 5, "i": 0, "j": 0}


def test_of_each_explanation_the_figure_that_differs_most_is_told_and_none_is_lost():
    found = assembly.differences_by_reason(ANSWERS)
    assert found[["explanation", "figures", "statement"]].to_numpy().tolist() == [["late", 2, "f"], ["other", 1, "h"]]


def test_every_published_figure_that_differs_is_in_the_table_of_reasons(table):
    answers = published.answers(table)
    assert assembly.differences_by_reason(answers)["figures"].sum() == (~answers["equal"]).sum()


def test_known_shares_are_of_the_members_of_the_year():
    coverage = pd.DataFrame(
        {"column": ["a", "a", "b", "b"], "year": [1, 2, 1, 2], "members": [4, 5, 4, 5], "known": [4, 5, 1, 0]}
    )
    found = assembly.known_by_year(coverage)
    assert list(found.index) == ["b", "a"]
    assert found.loc["b"].to_list() == [0.25, 0]


def test_every_log_tells_of_known_sources_and_tables_what_was_kept_and_dropped(root, table):
    import csv

    from compendium.datapackage import read_resources

    resources = read_resources(root)
    with open(root / "data/sources.csv", encoding="utf-8", newline="") as file:
        sources = {row["source_id"] for row in csv.DictReader(file)}
    log = assembly.logs({name: table(name) for name in resources if name.startswith("ingest_")})
    assert set(log["outcome"]) == {"kept", "dropped"}
    assert (log["rows"] > 0).all()
    assert log["reason"].notna().all()
    named = {source for text in log["source_id"] for source in text.split(", ")}
    assert named <= sources | set(resources)


def drawings(table, resources):
    frames = {name: table(name) for name in ("forum_events", "forum_roles", "forms")}
    cells = assembly.empty_cells([r for r in resources if r["name"] in frames], frames)
    members, check = table("un_members"), table("un_votes_crosscheck")
    shares = assembly.not_voting(table("un_participation"), members)
    names = {group: group for group in sorted(members["un_group"].unique())}
    yield pictures.unknown_cells(cells, "source")
    yield pictures.confidence_of_rows(assembly.confidence(frames), "source")
    yield pictures.known_cells(assembly.known_by_year(table("country_year_coverage")).iloc[:40], "source")
    yield pictures.votes_not_cast(shares, names, "source")
    yield pictures.displacement_gaps(
        assembly.displacement_coverage(table("unhcr_displacement"), members), {2000: "since"}, 193, "source"
    )
    yield pictures.published_differences(assembly.relative_differences(published.answers(table)), 25, "source")
    yield pictures.disagreements(check, ["A/RES/63/307"], "source")


def test_every_text_in_the_pictures_is_large_enough_and_inside(table, root):
    from compendium.datapackage import read_package

    for figure in drawings(table, read_package(root)["resources"]):
        figure.draw_without_rendering()
        width, height = figure.bbox.width, figure.bbox.height
        assert figure.get_figwidth() == WIDTH
        for text in figure.findobj(lambda artist: hasattr(artist, "get_fontsize")):
            assert text.get_fontsize() >= SMALLEST, text.get_text()
        words = [*figure.texts]
        for axes in figure.axes:
            words += [*axes.texts, axes._left_title, axes.xaxis.label, axes.yaxis.label]
        for text in (text for text in words if text.get_text().strip()):
            box = text.get_window_extent()
            inside = box.x0 > -1 and box.x1 < width + 1 and box.y0 > -1 and box.y1 < height + 1
            assert inside, f"{figure.get_label()}: {text.get_text()!r} is cut off"
