"""Pictures of the Migration MPTF, of trust funds, and of the donor panel."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, WIDTH, canvas, drawn, source_line, strokes


@drawn
def fund_bounds(
    amounts: Sequence[tuple[str, float, float]], shares: pd.DataFrame, threshold: float, sizes: pd.DataFrame, yearly: tuple[float, float],
    source: str,
) -> Figure:  # fmt: skip
    """Draw what is known of a fund: amounts, the bounds of its share in IOM's revenue, and its place among trust funds.

    Parameters
    ----------
    amounts
        Words, lower and upper bound in million US dollars, top to bottom.
    shares
        year, low, high, pooled, in per cent of revenue.
    threshold
        Per cent above which the hypothesis is refuted.
    sizes
        yearly_musd, rank and first_year of trust funds, as :func:`compacts.funds.fund_sizes` gives them.
    yearly
        Bounds of the fund's yearly size, million US dollars.
    source
        Line under the figure.
    """
    figure = Figure(figsize=(WIDTH, 5.4), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[1, 1.15])
    left, right, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, :])
    _amounts(left, amounts)
    _shares(right, shares, threshold)
    _ranks(below, sizes, yearly)
    source_line(figure, source)
    return figure


def _amounts(axes: Axes, amounts: Sequence[tuple[str, float, float]]) -> None:
    for place, (_, low, high) in enumerate(amounts):
        axes.barh(-place, high, color="#e4e4e4", height=0.62)
        axes.plot([low, high], [-place, -place], color=PALETTE[0], linewidth=5, solid_capstyle="butt")
        axes.plot([low, high], [-place, -place], "|", color=PALETTE[0], markersize=13, markeredgewidth=2)
        told = f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"
        axes.annotate(told, (high, -place), xytext=(6, 0), textcoords="offset points", va="center")
    axes.set_yticks([-i for i in range(len(amounts))], [words for words, _, _ in amounts])
    axes.set_xlim(0, 1.2 * max(high for *_, high in amounts))
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


def _ranks(axes: Axes, sizes: pd.DataFrame, yearly: tuple[float, float]) -> None:
    """Draw funds by rank and size on logarithmic scales, and the band of the fund in question."""
    seen = sizes[sizes["yearly_musd"] > 0.001]
    axes.plot(seen["rank"], seen["yearly_musd"], color=MUTED, linewidth=1.4)
    low, high = yearly
    axes.axhspan(low, max(high, 1.05 * low), color="#dbe7f2", linewidth=0, zorder=0)
    axes.annotate(
        "Migration MPTF: allocations known by 2021, to the target",
        (1.05, np.sqrt(low * high)),
        va="center",
        color=PALETTE[0],
        fontweight="bold",
    )
    axes.annotate("line: trust funds by rank", (0.02, 0.05), xycoords="axes fraction", color=MUTED)
    axes.set_yscale("log")
    axes.set_xscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.minorticks_off()
    axes.set_xticks([1, 3, 10, 30, 100])
    axes.set_yticks([0.01, 1, 100])
    axes.set_xlim(0.95, 1.1 * len(sizes))
    axes.tick_params(length=0)
    axes.grid(axis="y", color=GRID)
    axes.set_title("UN Secretariat's trust funds: million US dollars a year, by rank")


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
