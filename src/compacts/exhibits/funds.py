"""Pictures of the Migration MPTF, of trust funds, and of the donor panel."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, WIDTH, canvas, drawn, source_line, strokes


@drawn
def fund_bounds(amounts: Sequence[tuple[str, float]], shares: pd.DataFrame, threshold: float, source: str) -> Figure:
    """Draw what is known of a fund: amounts in statements, and the bounds of its share in IOM's revenue.

    Parameters
    ----------
    amounts
        Words and million US dollars, top to bottom.
    shares
        year, low, high, pooled, in per cent of revenue.
    threshold
        Per cent above which the hypothesis is refuted.
    source
        Line under the figure.
    """
    figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.15])
    _amounts(left, amounts)
    _shares(right, shares, threshold)
    source_line(figure, source)
    return figure


def _amounts(axes: Axes, amounts: Sequence[tuple[str, float]]) -> None:
    for place, (_, amount) in enumerate(amounts):
        axes.barh(-place, amount, color=PALETTE[0], height=0.5)
        axes.annotate(f"{amount:.3g}", (amount, -place), xytext=(6, 0), textcoords="offset points", va="center")
    axes.set_yticks([-i for i in range(len(amounts))], [textwrap.fill(words, 18) for words, _ in amounts])
    axes.set_xlim(0, 1.2 * max(amount for _, amount in amounts))
    axes.set_xticks([])
    axes.set_title("Million US dollars")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def _shares(axes: Axes, shares: pd.DataFrame, threshold: float) -> None:
    axes.axhline(threshold, color=PALETTE[1], linewidth=1.2, linestyle=(0, (4, 2)))
    axes.annotate(f"threshold: {threshold:g}", (shares["year"].min() - 0.5, threshold), xytext=(0, 3), textcoords="offset points",
                  color=PALETTE[1])  # fmt: skip
    for row in shares.to_dict("records"):
        axes.plot([row["year"]] * 2, [row["low"], row["high"]], color=PALETTE[0], linewidth=9, solid_capstyle="butt")
        axes.annotate(
            f"{row['high']:.1f}",
            (row["year"], row["high"]),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
        )
        if row["low"] == row["high"]:
            axes.plot(row["year"], row["high"], "D", color=PALETTE[0], markersize=7)
    axes.plot(shares["year"], shares["pooled"], "o", color="white", markeredgecolor=MUTED, markersize=6)
    axes.set_ylim(0, 1.45 * max(float(shares["pooled"].max()), float(shares["high"].max()), threshold))
    axes.set_xlim(shares["year"].min() - 0.6, shares["year"].max() + 0.6)
    axes.set_title("Per cent of IOM's revenue")
    axes.annotate(
        "bars: bounds of the fund\nopen: all pooled funds",
        (0.02, 0.99),
        xycoords="axes fraction",
        va="top",
        color=MUTED,
    )
    axes.tick_params(length=0)


@drawn
def event_time(panels: Mapping[str, Mapping[str, pd.DataFrame]], last_before: int, level: str, source: str) -> Figure:
    """Draw effects by year with intervals, as factors on a logarithmic scale: a panel a question, two series each.

    Parameters
    ----------
    panels
        By title, by series, the effects: year, estimate, low, high (logarithms).
    last_before
        The year of reference, after which a line stands.
    level
        Confidence of the intervals in words.
    source
        Line under the figure.
    """
    figure, row = canvas(height=3.6, columns=len(panels), sharey=True)
    looks = (("o", PALETTE[0], "full", -0.13), ("s", PALETTE[1], "none", 0.13))
    for axes, (title, series) in zip(np.atleast_1d(row), panels.items(), strict=True):
        axes.axhline(1, color=MUTED, linewidth=0.8)
        axes.axvline(last_before + 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        for (words, effects), (marker, shade, fill, shift) in zip(series.items(), looks, strict=False):
            place = effects["year"].to_numpy() + shift
            strokes(
                axes, np.exp(effects["low"]), np.exp(effects["high"]), place, upright=True, color=shade, linewidth=1.4
            )
            axes.plot(
                place,
                np.exp(effects["estimate"]),
                marker,
                color=shade,
                fillstyle=fill,
                markersize=5,
                label=words,
                linestyle="none",
            )
        axes.set_yscale("log")
        axes.set_title(title, fontsize=SMALLEST)
        axes.set_xticks([year for year in effects["year"] if (year - last_before) % 3 == 0])
        axes.grid(axis="y", color=GRID)
        axes.tick_params(length=0)
    first = np.atleast_1d(row)[0]
    first.legend(loc="upper left", handletextpad=0.1, borderpad=0)
    top = max(float(np.exp(part["high"]).max()) for series in panels.values() for part in series.values())
    low = min(float(np.exp(part["low"]).min()) for series in panels.values() for part in series.values())
    first.set_ylim(0.9 * low, 1.9 * top)
    first.minorticks_off()
    first.set_yticks([tick for tick in (0.25, 0.5, 1, 2, 4, 8) if 0.9 * low <= tick <= 1.9 * top])
    first.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"× {value:g}"))
    first.set_ylabel(f"money for IOM relative to UNHCR,\n{last_before} = 1, {level} intervals", color=INK)
    source_line(figure, source)
    return figure
