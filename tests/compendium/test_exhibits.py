"""Exhibits: what a figure or table must bring, what it writes, and that it writes the same bytes twice."""

import dataclasses
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.image import imread

from compendium import exhibits
from compendium.errors import UserError
from compendium.exhibits import Note, show_figure, show_table
from compendium.markup import QUESTIONS, plain_svg

ANSWERS = {field.name: f"An answer about {field.name} of it." for field in dataclasses.fields(Note)}
NOTE = Note(**ANSWERS)
ALT = "Two bars, the left one three times as tall as the right one."
FRAME = pd.DataFrame({"group": ["A & <b>", "B"], "people": [3, 12_000], "share": [1 / 3, np.nan]})


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Stage outputs in ``tmp_path`` and collect what is displayed."""
    monkeypatch.setenv("COMPENDIUM_STAGE", str(tmp_path))
    displayed: list[tuple[dict[str, str], dict[str, Any]]] = []
    monkeypatch.setattr(exhibits, "_display", lambda bundle, metadata: displayed.append((bundle, metadata)))
    return displayed


def bars() -> Figure:
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.subplots()
    axes.bar([0, 1], [3, 1], hatch="//")
    axes.plot([0, 1], [0.123456, 2], marker="o", label="line")
    axes.set_title("A & B")
    axes.legend()
    return figure


def test_a_figure_leaves_a_drawing_a_picture_and_its_numbers(shown, tmp_path):
    show_figure(bars(), "01_bars", title="The left is taller", alt=ALT, data=FRAME, note=NOTE)
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        "01_bars.csv",
        "01_bars.png",
        "01_bars.svg",
    ]
    assert (tmp_path / "figures/01_bars.csv").read_text() == ("group,people,share\nA & <b>,3,0.3333333333\nB,12000,\n")
    (bundle, metadata), _ = shown
    assert bundle["text/plain"] == "The left is taller"
    about = metadata["image/svg+xml"]
    assert (about["name"], about["title"], about["alt"], about["note"]) == (
        "01_bars",
        "The left is taller",
        ALT,
        ANSWERS,
    )


@pytest.mark.usefixtures("shown")
def test_a_figure_drawn_twice_has_the_same_bytes(tmp_path):
    show_figure(bars(), "01_bars", title="T", alt=ALT, data=FRAME, note=NOTE)
    first = {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()}
    show_figure(bars(), "01_bars", title="T", alt=ALT, data=FRAME, note=NOTE)
    assert {path.name: path.read_bytes() for path in (tmp_path / "figures").iterdir()} == first


@pytest.mark.usefixtures("shown")
def test_the_drawing_is_matplotlibs_own_and_its_one_layout_cuts_no_letter_of_the_picture(tmp_path):
    def labelled() -> Figure:
        figure = bars()
        figure.axes[0].set_yticks([1, 3], ["Agreement with the majority in earlier votes", "3"])
        return figure

    own = io.StringIO()
    with rc_context({"svg.hashsalt": "01_bars", "svg.fonttype": "none"}):
        labelled().savefig(own, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    show_figure(labelled(), "01_bars", title="T", alt=ALT, data=FRAME, note=NOTE)
    assert (tmp_path / "figures/01_bars.svg").read_text() == plain_svg(own.getvalue(), ALT, "01_bars")
    inked = imread(tmp_path / "figures/01_bars.png")[:, :, :3].min(axis=(0, 2)) < 0.8
    assert 4 <= inked.argmax() <= 9  # the layout's margin, 3 points, at 150 dots an inch


def test_ids_of_two_figures_never_meet_and_every_reference_is_kept(shown):
    for name in ("01_bars", "01_more_bars"):
        show_figure(bars(), name, title="T", alt=ALT, data=FRAME, note=NOTE)
    drawings = [bundle["image/svg+xml"] for bundle, _ in shown if "image/svg+xml" in bundle]
    ids = [set(re.findall(r'\bid="([^"]+)"', drawing)) for drawing in drawings]
    used = [set(re.findall(r'(?:href="#|url\(#)([^")]+)', drawing)) for drawing in drawings]
    assert ids == used
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_last_digit_of_a_coordinate_does_not_move_the_ids_of_a_drawing(tmp_path):
    for name, nudge in (("one", 0.0), ("two", 1e-12)):
        drawing = plain_svg(
            f'<svg><g clip-path="url(#p{name}9)"><use xlink:href="#m{name}1"/></g>'
            f'<defs><path id="m{name}1" d="M{12.35 - nudge} 2"/><clipPath id="p{name}9"/></defs></svg>', ALT, "01_bars",
        )  # fmt: skip
        (tmp_path / name).write_text(drawing, encoding="utf-8")
    assert (tmp_path / "one").read_text("utf-8") == (tmp_path / "two").read_text("utf-8")


def test_lines_of_one_style_are_joined_and_none_is_lost_or_moved_over_another():
    line = '<path d="M{0} 0L{0} 9" clip-path="url(#p1)" style="fill:none;stroke:{1}"/>\n'
    grid, blue, red = "#d8d8d8", "#1f4b7a", "#c2491d"
    parts = [line.format(1, grid), '<text style="fill:#1a1a1a">1</text>\n', line.format(2, grid), line.format(3, blue), line.format(4, blue),
             line.format(5, red), line.format(6, blue)]  # fmt: skip
    drawing = plain_svg(f'<svg width="9">\n{"".join(parts)}<clipPath id="p1"/></svg>', ALT, "01_bars")
    assert re.findall(r' d="([^"]*)"', drawing) == ["M1 0V9M2 0V9", "M3 0V9M4 0V9", "M5 0V9", "M6 0V9"]
    assert "<text>1</text>" in drawing
    assert 'fill="#1a1a1a"' in drawing


def test_level_and_upright_strokes_are_written_short_and_no_other_is():
    paths = {
        "M1 2L9 2": "M1 2H9", "M1 2L1 9": "M1 2V9", "M1.5 -2.25L9 -2.25M3 4L5 6": "M1.5 -2.25H9M3 4L5 6",
        "M1 2L9 2L9 5": "M1 2H9L9 5", "M1 22L9 2": "M1 22L9 2", "M1 2L9 22": "M1 2L9 22", "M1 2L11 9": "M1 2L11 9",
        "M0 0L4 0L4 4z": "M0 0H4L4 4z",
    }  # fmt: skip
    for before, after in paths.items():
        drawing = plain_svg(f'<svg width="9"><path d="{before}" style="fill:none"/></svg>', ALT, "01_bars")
        assert re.findall(r' d="([^"]*)"', drawing) == [after]


def test_a_drawing_speaks_its_alt_text_and_sets_no_style_for_the_page(shown):
    show_figure(bars(), "01_bars", title="T", alt=ALT + ' "So" & so.', data=FRAME, note=NOTE)
    drawing = shown[0][0]["image/svg+xml"]
    assert drawing.startswith(f'<svg role="img" aria-label="{ALT} &quot;So&quot; &amp; so."')
    assert "<style" not in drawing
    assert "<text" in drawing
    assert "DejaVu Sans" in drawing


def test_the_note_is_displayed_for_code_hosts_with_the_ten_questions(shown):
    show_figure(bars(), "01_bars", title="T", alt=ALT, data=FRAME, note=NOTE)
    bundle, metadata = shown[1]
    assert metadata == {"text/html": {"note_of": "01_bars"}}
    assert all(f"<dt>{question}</dt>" in bundle["text/html"] for question in QUESTIONS.values())
    assert all(answer in bundle["text/html"] for answer in ANSWERS.values())
    assert '<a href="../figures/01_bars.csv">' in bundle["text/html"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alt": ""}, "figure 01_bars: got the alt text '', expected at least 40 characters"),
        ({"alt": "Bars."}, "expected at least 40 characters"),
        ({"alt": "T" * 50, "title": "T" * 50}, "other than the title"),
        ({"data": FRAME.iloc[:0]}, "got no data, expected the numbers drawn"),
        ({"data": None}, "got no data"),
        ({"title": " "}, "got no title"),
        ({"name": "Bars!"}, "got the name 'Bars!', expected snake_case"),
        ({"note": "A note."}, "got str as note, expected a Note"),
        ({"figure": "axes"}, "got str to draw, expected a matplotlib Figure"),
    ],
)
def test_a_figure_that_lacks_something_is_refused_and_nothing_is_written(shown, tmp_path, change, message):
    given = {"figure": bars(), "name": "01_bars", "title": "T", "alt": ALT, "data": FRAME, "note": NOTE} | change
    with pytest.raises(UserError, match=re.escape(message)):
        show_figure(given.pop("figure"), given.pop("name"), **given)
    assert not list(tmp_path.rglob("*.svg"))
    assert not shown


@pytest.mark.parametrize("answer", ["", "None.", "no full stop here", None, 3])
def test_a_note_wants_sentences_and_names_the_question(answer):
    with pytest.raises(UserError, match=r"Note, uncertainty \(How uncertain\): got .*, expected a sentence"):
        Note(**ANSWERS | {"uncertainty": answer})


def test_a_table_reads_like_this(shown, tmp_path):
    show_table(
        FRAME, "01_people", title="People & groups", note=NOTE, units={"people": "persons"}, decimals={"share": 1}
    )
    bundle, metadata = shown[0]
    assert bundle["text/html"] == (
        '<table class="exhibit">\n'
        "<caption>People &amp; groups</caption>\n"
        "<thead>\n"
        "<tr>\n"
        '<th class="left" scope="col">Group</th>\n'
        '<th class="right" scope="col">People<br><span class="unit">persons</span></th>\n'
        '<th class="right" scope="col">Share</th>\n'
        "</tr>\n"
        "</thead>\n"
        "<tbody>\n"
        "<tr>\n"
        '<th scope="row" class="left">A &amp; &lt;b&gt;</th>\n'
        '<td class="right">3</td>\n'
        '<td class="right">0.3</td>\n'
        "</tr>\n"
        "<tr>\n"
        '<th scope="row" class="left">B</th>\n'
        '<td class="right">12,000</td>\n'
        '<td class="right">–</td>\n'
        "</tr>\n"
        "</tbody>\n"
        "</table>"
    )
    assert metadata["text/html"]["name"] == "01_people"
    assert (
        tmp_path / "results/tables/01_people.csv"
    ).read_text() == "group,people,share\nA & <b>,3,0.3333333333\nB,12000,\n"


def test_years_stay_years_truths_are_words_days_are_days_and_an_index_becomes_a_column(shown):
    day = pd.to_datetime(pd.Series(["2018-12-19", None])).to_numpy()
    columns = {"asked": [True, False], "day": day, "n": [9, np.nan]}
    frame = pd.DataFrame(columns, index=pd.Index([2018, 2019], name="year"))
    show_table(frame, "01_years", title="Years", note=NOTE, labels={"n": "Number <n>"})
    table = shown[0][0]["text/html"]
    assert re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", table) == [
        "Year", "Asked", "Day", "Number &lt;n&gt;", "2018", "yes", "2018-12-19", "9", "2019", "no", "–", "–",
    ]  # fmt: skip


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("argument", ["units", "labels", "decimals"])
def test_a_table_refuses_words_for_a_column_that_is_not_there(argument):
    with pytest.raises(
        UserError, match=rf"table 01_people, {argument}: got column 'nobody', expected one of group, people"
    ):
        show_table(FRAME, "01_people", title="People", note=NOTE, **{argument: {"nobody": 1}})


@pytest.mark.usefixtures("shown")
def test_an_empty_table_is_refused():
    with pytest.raises(UserError, match="got an empty frame"):
        show_table(FRAME.iloc[:0], "01_people", title="People", note=NOTE)


@pytest.mark.usefixtures("shown")
def test_an_empty_heading_is_refused():
    with pytest.raises(UserError, match="table 01_people, labels: got an empty heading for group"):
        show_table(FRAME, "01_people", title="People", note=NOTE, labels={"group": " "})
