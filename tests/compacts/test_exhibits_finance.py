"""Pictures of money: legible, light, the same bytes twice, and moved by an export of the fund's gateway."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from compacts.exhibits import finance as pictures
from compacts.exhibits import funds as fund_pictures
from compacts.exhibits.style import SMALLEST
from compacts.finance import PAIR, TYPES
from compacts.stats.concentration import lorenz

YEARS = range(2012, 2025)


def revenue() -> pd.DataFrame:
    rows = [
        {"entity": e, "year": y, **{kind: 1e9 * (1 + i) for i, kind in enumerate(TYPES)}, "total": 1e10}
        for e in PAIR
        for y in YEARS
    ]
    return pd.DataFrame(rows)


def index() -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: np.linspace(90, high, len(YEARS))
            for name, high in {"IOM": 280, "UNHCR": 160, "WFP": 210, "UNDP": 104}.items()
        },
        index=YEARS,
    )


def over_time() -> pd.DataFrame:
    return pd.DataFrame(
        [{"entity": e, "year": y, "herfindahl": 0.2, "herfindahl_without": 0.1} for e in PAIR for y in YEARS]
    )


def common() -> pd.DataFrame:
    return pd.DataFrame({"year": YEARS, "overlap": 0.6, "jaccard": 0.5})


def band() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"year": y, "measure": m, "low": 0.3, "middle": 0.5, "high": 0.8}
            for y in YEARS
            for m in ("overlap", "jaccard")
        ]
    )


def change() -> pd.DataFrame:
    kinds = ["IOM grew, UNHCR shrank", "UNHCR grew, IOM shrank", "both grew", "both shrank"]
    return pd.DataFrame([{"country": f"Country {k}{i}", "direction": kind, **{f"{e} {w}": 10.0 * i + k for e in PAIR for w in ("before", "after")}}
                         for k, kind in enumerate(kinds) for i in range(3)])  # fmt: skip


def bounds(low: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame({"year": range(2019, 2025), "low": low, "high": 2.5, "pooled": 6.0})


def effects() -> pd.DataFrame:
    return pd.DataFrame({"year": range(2013, 2025), "estimate": np.linspace(-0.5, 0.8, 12)}).assign(
        low=lambda f: f["estimate"] - 0.4, high=lambda f: f["estimate"] + 0.4
    )


DRAWINGS = {
    "revenue": lambda: pictures.revenue(revenue(), index(), "2012-2014", "source"),
    "donors": lambda: pictures.donors({e: lorenz(pd.Series(np.arange(1.0, 60) ** 4)) for e in PAIR}, "2022-2024", over_time(), "source"),
    "donors_in_common": lambda: pictures.donors_in_common(common(), band(), "source"),
    "earmarking": lambda: pictures.earmarking(
        pd.DataFrame(dict.fromkeys(("unearmarked", "softly earmarked", "earmarked", "tightly earmarked"), 25.0), index=range(2016, 2026)).assign(**{"not stated": 0.0}),
        pd.DataFrame({"IOM": 1.0, "UNHCR": 14.0}, index=YEARS), pd.DataFrame({"low": 2.0, "middle": 9.0, "high": 50.0}, index=YEARS), "source"),
    "countries": lambda: pictures.countries(change(), ("2016-2018", "2022-2024"), "source"),
    "fund_bounds": lambda: fund_pictures.fund_bounds([("Target", 25), ("First six\nprogrammes", 12)], bounds(), 5, "source"),
    "fund_known": lambda: fund_pictures.fund_bounds([("Target", 25), ("Allocated, by\nthe gateway", 8)], bounds(2.5), 5, "source"),
    "event_time": lambda: fund_pictures.event_time({"One": {"all": effects(), "without": effects()}, "Two": {"all": effects()}}, 2018, "95 %", "source"),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_text_is_large_enough_and_inside_and_the_picture_is_light(name):
    figure = DRAWINGS[name]()
    figure.draw_without_rendering()
    assert figure.get_label().startswith("compacts.exhibits.")
    box = figure.bbox
    ticks = {
        label for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())
    }  # some lie beyond the axes, unseen
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            assert text.get_fontsize() >= SMALLEST
            extent = text.get_window_extent()
            if extent.width and text not in ticks:
                assert extent.x0 >= box.x0 - 2, text.get_text()
                assert extent.x1 <= box.x1 + 2, text.get_text()
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    assert len(buffer.getvalue()) < 90_000  # before the engine thins it


def test_bounds_are_bars_and_what_is_known_is_a_mark():
    def marks(name: str) -> int:
        return sum(line.get_marker() == "D" for axes in DRAWINGS[name]().axes for line in axes.lines)

    assert (marks("fund_bounds"), marks("fund_known")) == (0, 6)
