"""The pictures of the models of authority: legible, the same twice, and true to their frames, with much, one row, and none."""

import re

import numpy as np
import pandas as pd
import pytest
from legible import drawing, illegible, shown_texts

from compacts.authority import GROUPS, PERIODS
from compacts.exhibits import authority_models as pictures
from compacts.exhibits.style import PALETTE
from compendium.errors import UserError

SOURCE = "Source, as of a day"
WORDS = {f"H{i}": f"H{i} a hypothesis of some words" for i in range(1, 14)}


def rows_of(number: int = 13) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    estimate = rng.normal(size=number)
    frame = pd.DataFrame(
        {"estimate": estimate, "low": estimate - 1, "high": estimate + 1.5, "plausible": 0.5,
         "expects": np.resize(["more", "less", "none"], number), "verdict": np.resize(["undecided", "supported", "contradicted"], number)},
        index=[f"H{i}" for i in range(1, number + 1)],
    )  # fmt: skip
    untested = pd.DataFrame(
        {
            "estimate": np.nan,
            "low": np.nan,
            "high": np.nan,
            "plausible": 1.0,
            "expects": "more",
            "verdict": "not tested",
        },
        index=["H99"],
    )
    return pd.concat([frame, untested])


def panel(first: int = 2004, width: int = 3) -> pd.DataFrame:
    years = np.arange(first, 2025, width)
    estimate = np.linspace(-0.3, 0.4, len(years))
    return pd.DataFrame(
        {
            "year": years,
            "estimate": estimate,
            "low": estimate - 0.2,
            "high": estimate + 0.2,
            "n": np.arange(len(years)) + 1,
            "width": width,
        }
    )


def panels(**kwargs) -> dict[str, pd.DataFrame]:
    names = (
        "Claimed: autonomy index",
        "Recognised: mentions per 1,000 speeches",
        "Delegated: strength of the verb",
        "Resourced: free share, points",
    )
    return {name: panel(**kwargs) for name in names}


def means() -> dict[str, pd.DataFrame]:
    cells = [f"{group} {period}" for group in GROUPS for period in PERIODS]
    rows = [{"estimator": name, "covariate": one, "estimate": 10 * i + k, "low": 10 * i + k - 3, "high": 10 * i + k + 3}
            for k, name in enumerate(("DSL", "gold", "naive")) for i, one in enumerate(cells)]  # fmt: skip
    return {"Sentences that grant standing, %": pd.DataFrame(rows), "Strength of the verb, 0 to 5": pd.DataFrame(rows)}


def changes(number: int = 34) -> pd.Series:
    names = ["IOM", "UNHCR", *(f"body {i}" for i in range(number - 2))]
    return pd.Series(np.random.default_rng(2).normal(0, 15, number)[: len(names)], index=names[:number])


DRAWINGS = {
    "tests": lambda: pictures.tests_on_one_scale(rows_of(), WORDS, "95 %", SOURCE),
    "one test": lambda: pictures.tests_on_one_scale(rows_of(1), WORDS, "95 %", SOURCE),
    "windows": lambda: pictures.over_time(panels(), [2016.72, 2018.94], 4, SOURCE),
    "one window": lambda: pictures.over_time(panels(first=2022), [2016.72, 2018.94], 4, SOURCE),
    "means": lambda: pictures.corrected_means(means(), SOURCE),
    "bodies": lambda: pictures.changes_ranked(changes(), ["IOM", "UNHCR"], "change, points", SOURCE),
    "one body": lambda: pictures.changes_ranked(changes().head(1), ["IOM", "UNHCR"], "change, points", SOURCE),
    "three bodies": lambda: pictures.changes_ranked(changes(3), ["IOM", "UNHCR"], "change, points", SOURCE),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_text_is_large_enough_inside_the_figure_and_apart_from_others(name):
    assert illegible(DRAWINGS[name]()) == []


@pytest.mark.parametrize("name", ["tests", "windows", "means", "bodies"])
def test_a_figure_is_the_same_twice_and_light(name):
    one, two = (drawing(DRAWINGS[name](), name) for _ in range(2))
    assert one == two
    assert len(one.encode()) < 32_000


def test_tests_stand_in_plausible_effects_turned_to_the_side_that_is_expected():
    axes = DRAWINGS["tests"]().axes[0]
    frame = rows_of().drop(index="H99")
    sign = frame["expects"].map({"more": 1, "none": 1, "less": -1})
    marks = {round(float(x), 9) for line in axes.lines if line.get_marker() == "o" for x in line.get_xdata()}
    assert marks == {round(float(x), 9) for x in frame["estimate"] / 0.5 * sign}
    filled = next(line for line in axes.lines if line.get_marker() == "o" and line.get_markerfacecolor() == PALETTE[0])
    assert len(filled.get_xdata()) == (frame["verdict"] != "undecided").sum()
    low, high = axes.get_xlim()
    assert low <= min((frame["low"] / 0.5 * sign).min(), (frame["high"] / 0.5 * sign).min())
    assert high == -low


def test_tests_that_were_not_done_are_not_drawn_and_the_verdict_stands_beside_each_other():
    words = [text.get_text() for text in shown_texts(DRAWINGS["tests"]())]
    assert [words.count(one) for one in ("undecided", "supported", "contradicted", "not tested")] == [5, 4, 4, 0]
    assert all(words.count(one) == 1 for one in WORDS.values())


def test_a_picture_of_no_test_is_refused():
    with pytest.raises(UserError, match="got no test with an estimate"):
        pictures.tests_on_one_scale(rows_of(0), WORDS, "95 %", SOURCE)


def test_thin_windows_are_hollow():
    axes = DRAWINGS["windows"]().axes[0]
    hollow = [line for line in axes.lines if line.get_marker() == "o" and line.get_markerfacecolor() == "white"]
    assert len(hollow[0].get_xdata()) == (panel()["n"] < 4).sum()
    assert list(hollow[0].get_xdata()) == list(panel()["year"][:3] + 1.5)


def test_bodies_are_ranked_and_the_first_named_is_marked():
    axes = DRAWINGS["bodies"]().axes[0]
    all_of_them, own = (line for line in axes.lines if line.get_marker() == "o")
    assert list(all_of_them.get_ydata()) == sorted(changes())
    assert list(own.get_ydata()) == [changes()["IOM"]]
    words = [text.get_text() for text in shown_texts(DRAWINGS["bodies"]())]
    assert {"IOM", "UNHCR", changes().idxmin(), changes().idxmax()} <= set(words)


@pytest.mark.parametrize("name", ["07_tests", "07_event_time", "07_corrected", "07_free_money"])
def test_a_committed_figure_is_light_and_its_alternative_text_says_what_is_seen_with_numbers(root, name):
    drawn = (root / f"figures/{name}.svg").read_text(encoding="utf-8")
    assert len(drawn.encode()) < 16_384
    alt = re.search(r'aria-label="([^"]*)"', drawn)[1]
    assert len(alt) > 100
    assert len(re.findall(r"\d", alt)) >= 6
    assert "nan" not in alt


def test_the_alternative_text_of_the_tests_has_each_in_plausible_effects_as_drawn(root):
    table = pd.read_csv(root / "figures/07_tests.csv").dropna(subset=["estimate"])
    alt = re.search(r'aria-label="([^"]*)"', (root / "figures/07_tests.svg").read_text(encoding="utf-8"))[1]
    sign = table["expects"].map(pictures.SIGNS)
    for name, value, verdict in zip(
        table["test"], table["estimate"] / table["plausible"] * sign, table["verdict"], strict=True
    ):
        assert f"{name}: {value:.1f}, {verdict}" in alt
