"""The house style: told apart by everyone, read at 9 points, labels that do not touch."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from compacts.exhibits import style


def lightness(color: str) -> float:
    """Return CIE L*, 0 to 100: what a greyscale print keeps."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(116 * (linear @ (0.2126, 0.7152, 0.0722)) ** (1 / 3) - 16)


def test_the_first_four_colours_and_the_votes_differ_in_greyscale():
    for colors in (style.PALETTE[:4], tuple(style.VOTES.values())):
        steps = np.diff(sorted(lightness(color) for color in colors))
        assert steps.min() >= 9, colors


@style.drawn
def sample() -> Figure:
    figure, axes = style.canvas(height=3)
    for start in (1, 1.1, 5):
        axes.plot([0, 1], [0, start])
    axes.set(title="Title", xlabel="x", ylabel="y", ylim=(0, 6))
    style.label_ends(axes, 1, [1, 1.1, 5], ["one", "nearly one", "five"])
    style.source_line(figure, "Source: none.")
    return figure


def test_a_drawn_figure_bears_its_functions_name_the_house_width_and_no_text_below_nine_points():
    figure = sample()
    assert figure.get_label() == f"{__name__}.sample"
    assert figure.get_figwidth() == style.WIDTH
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    assert {"Title", "Source: none.", "nearly one"} <= {text.get_text() for text in texts}
    assert min(text.get_fontsize() for text in texts) >= style.SMALLEST
    assert {text.get_fontname() for text in texts} == {"DejaVu Sans"}


def test_end_labels_that_would_touch_are_moved_apart_and_the_source_lies_below_all_axes():
    figure = sample()
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in pairwise(boxes))
    source = next(text for text in figure.texts if text.get_text().startswith("Source"))
    assert source.get_window_extent().y1 <= axes.get_tightbbox().y0


def test_end_labels_in_pale_colours_are_written_in_ink():
    figure = sample()
    colors = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert colors == {"one": style.PALETTE[0], "nearly one": style.PALETTE[1], "five": style.INK}


@pytest.mark.parametrize(("fill", "text"), [("#1f4b7a", "white"), ("#e5bd54", style.INK), ("#000000", "white")])
def test_text_on_a_fill_takes_the_colour_that_reads_better(fill, text):
    assert style.text_on(fill) == text


@given(st.lists(st.floats(-1e3, 1e3), max_size=12), st.floats(0, 50))
def test_spread_keeps_order_and_gaps_and_the_mean(places, gap):
    spread = style.spread(places, gap)
    order = np.argsort(places, kind="stable")
    assert np.all(np.diff(np.array(spread)[order]) >= gap - 1e-6)
    if places:
        assert np.mean(spread) == pytest.approx(np.mean(places), abs=1e-6)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=8, unique=True))
def test_spread_leaves_places_alone_that_are_far_enough_apart(places):
    far = [place * 20.0 for place in places]
    assert style.spread(far, 20) == pytest.approx(far)
