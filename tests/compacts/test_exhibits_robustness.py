"""The pictures of robustness: readable, inside the page, and the same twice."""

import numpy as np
import pandas as pd
import pytest
from legible import drawing, illegible, shown_texts

from compacts import left_out, robustness
from compacts.exhibits import robustness as pictures
from compacts.stats.curve_inference import deal_treatment, joint_permutation_test
from compacts.stats.tipping_point import tipping_grid

SOURCE = "Source, as of a day"
NAMES = ["own words", "both", "sorted", "left out", "tipping"]


@pytest.fixture(scope="module")
def figures(table):
    rows = robustness.document_rows(table("documents"), table("document_readings"), "2016-09-19", "2018-12-10")
    curve = robustness.own_words_curve(rows)
    found = curve.run()
    mandates = ("mandate_paragraphs", "mandate_documents", "mandate_sample", "mandate_readings")
    texts = robustness.resolutions_curve(*(table(name) for name in mandates), 0.95)
    joint = joint_permutation_test(curve.shuffled, deal_treatment(rows.design.iloc[:, curve.treatments], 9, 1))
    without = left_out.extremes(left_out.own_words_without(rows, "autonomy", {"year": "year", "genre": "genre"}))
    steps = np.linspace(0.7, 1, 9)
    grid = tipping_grid((10, 30), (60, 70), steps, steps)
    label = "change, points"

    def draw(name):
        return {
            "own words": lambda: pictures.options_compared({"own": (found, robustness.OWN_WORDS)}, {"own": label}, SOURCE),
            "both": lambda: pictures.options_compared(
                dict.fromkeys(("one", "two"), (texts, robustness.RESOLUTIONS)), dict.fromkeys(("one", "two"), label), SOURCE
            ),
            "sorted": lambda: pictures.sorted_curve(found, found.iloc[0], joint.null, joint.summary, SOURCE),
            "left out": lambda: pictures.carried_by_one({"one": without, "two": without}, {"one": "points", "two": "steps"}, SOURCE),
            "tipping": lambda: pictures.tipping({"a": grid, "b": grid}, {"a": [(0.9, 0.88), (0.9, 0.97)], "b": [(0.8, 0.9), (0.95, 0.99)]}, SOURCE),
        }[name]()  # fmt: skip

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_large_enough_inside_the_figure_and_apart_from_others(figures, name):
    assert illegible(figures(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_twice(figures, name):
    assert drawing(figures(name), name) == drawing(figures(name), name)


def test_every_option_has_its_row(figures):
    words = {text.get_text() for text in shown_texts(figures("own words"))}
    assert {option for options in robustness.OWN_WORDS.values() for option in options} <= words


def test_an_option_without_an_estimate_keeps_its_place_and_draws_nothing():
    curve = pd.DataFrame({"choice": ["a", "a", "b"], "estimate": [1.0, 2.0, np.nan], "excluded": ["", "", "why"]})
    figure = pictures.options_compared({"one": (curve, {"choice": ["a", "b"]})}, {"one": "points"}, SOURCE)
    assert "b" in {text.get_text() for text in shown_texts(figure)}
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [1]
