"""Pictures of the Migration MPTF, of trust funds, and of the donor panel."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line


@drawn
def fund_bounds(amounts: Sequence[tuple[str, float, float]], shares: pd.DataFrame, threshold: float, source: str) -> Figure:
    """Draw amounts that are known of the fund, and the bounds of its share in IOM's revenue by year.

    Parameters
    ----------
    amounts
        Words, lower and upper bound in million US dollars, top to bottom.
    shares
        year, low, high, pooled, in per cent of revenue.
    threshold
        Per cent above which the hypothesis is refuted.
    source
        Line under the figure.
    """
    figure, (left, right) = canvas(height=3.3, columns=2, gridspec_kw={"width_ratios": [1, 1.15]})
    for place, (_, low, high) in enumerate(amounts):
        left.barh(-place, high, color="#e4e4e4", height=0.62)
        left.plot([low, high], [-place, -place], color=PALETTE[0], linewidth=5, solid_capstyle="butt")
        left.plot([low, high], [-place, -place], "|", color=PALETTE[0], markersize=13, markeredgewidth=2)
        told = f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"
        left.annotate(told, (high, -place), xytext=(6, 0), textcoords="offset points", va="center")
    left.set_yticks([-i for i in range(len(amounts))], [words for words, _, _ in amounts])
    left.set_xlim(0, 1.2 * max(high for *_, high in amounts))
    left.set_title("Million US dollars", loc="left")
    left.spines["left"].set_visible(False)
    left.tick_params(left=False)
    right.axhline(threshold, color=PALETTE[1], linewidth=1.2, linestyle=(0, (4, 2)))
    right.annotate(f"threshold: {threshold:g}", (shares["year"].max() + 0.5, threshold), xytext=(0, 3), textcoords="offset points", color=PALETTE[1],
                   ha="right")  # fmt: skip
    for row in shares.to_dict("records"):
        right.plot([row["year"]] * 2, [row["low"], row["high"]], color=PALETTE[0], linewidth=9, solid_capstyle="butt")
        right.annotate(f"{row['high']:.1f}", (row["year"], row["high"]), xytext=(0, 3), textcoords="offset points", ha="center", va="bottom")
        if row["low"] == row["high"]:
            right.plot(row["year"], row["high"], "D", color=PALETTE[0], markersize=7)
    right.plot(shares["year"], shares["pooled"], "o", color="white", markeredgecolor=MUTED, markersize=6)
    right.set_ylim(0, 1.4 * max(float(shares["pooled"].max()), threshold))
    right.set_xlim(shares["year"].min() - 0.6, shares["year"].max() + 0.6)
    right.set_title("Per cent of IOM's revenue")
    right.annotate("bars: bounds of the fund\nopen: all pooled funds", (0.02, 0.99), xycoords="axes fraction", va="top", color=MUTED)
    source_line(figure, source)
    return figure


@drawn
def trust_funds(sizes: pd.DataFrame, ours: tuple[float, float], ranks: tuple[int, int], name: str, source: str) -> Figure:
    """Draw funds by rank and size on logarithmic scales, with the place that a fund of given bounds would take.

    Parameters
    ----------
    sizes
        yearly_musd and rank, as :func:`compacts.funds.fund_sizes` gives them; funds without money are not drawn.
    ours
        Bounds of the yearly size, million US dollars.
    ranks
        Ranks at the upper and at the lower bound.
    name
        Name of the fund.
    source
        Line under the figure.
    """
    figure, axes = canvas(height=3.2)
    seen = sizes[sizes["yearly_musd"] > 0.001]
    axes.plot(seen["rank"], seen["yearly_musd"], color=MUTED, linewidth=1.4, drawstyle="steps-mid")
    born = seen[seen["first_year"] > sizes["first_year"].min()]
    axes.plot(born["rank"], born["yearly_musd"], "^", color=PALETTE[1], markersize=5)
    axes.annotate("grey: all funds; triangles: begun after the first year", (0.02, 0.05), xycoords="axes fraction")
    low, high = ours
    axes.fill_between([1, len(sizes)], low, max(high, 1.02 * low), color="#dbe7f2", linewidth=0, zorder=0)
    axes.annotate(f"{name}: {low:.0f} to {high:.0f} million a year,\nrank {ranks[0]} to {ranks[1]}", (1.05, np.sqrt(low * high)), va="center",
                  color=PALETTE[0], fontweight="bold")  # fmt: skip
    axes.set_yscale("log")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.minorticks_off()
    axes.set_xticks([1, 2, 5, 10, 20, 50, 100])
    axes.set_xlim(0.95, 1.1 * len(sizes))
    axes.set_xlabel("rank among trust funds of the UN Secretariat")
    axes.set_ylabel("contributions a year, million US$")
    axes.grid(axis="y", color=GRID)
    source_line(figure, source)
    return figure


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
            gaps = np.full(len(effects), np.nan)
            axes.plot(
                np.column_stack([place, place, gaps]).ravel(), np.column_stack([np.exp(effects[["low", "high"]]), gaps]).ravel(),
                color=shade, linewidth=1.4,
            )  # fmt: skip
            axes.plot(place, np.exp(effects["estimate"]), marker, color=shade, fillstyle=fill, markersize=5, label=words, linestyle="none")
        axes.set_yscale("log")
        axes.set_title(title, fontsize=SMALLEST)
        axes.set_xticks([year for year in effects["year"] if (year - last_before) % 3 == 0])
        axes.grid(axis="y", color=GRID)
        axes.legend(loc="upper left", handletextpad=0.1, borderpad=0)
    first = np.atleast_1d(row)[0]
    top = max(float(np.exp(part["high"]).max()) for series in panels.values() for part in series.values())
    low = min(float(np.exp(part["low"]).min()) for series in panels.values() for part in series.values())
    first.set_ylim(0.9 * low, 1.9 * top)
    first.minorticks_off()
    first.set_yticks([tick for tick in (0.25, 0.5, 1, 2, 4, 8) if 0.9 * low <= tick <= 1.9 * top])
    first.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"× {value:g}"))
    first.set_ylabel(f"money for IOM relative to UNHCR,\n{last_before} = 1, {level} intervals", color=INK)
    source_line(figure, source)
    return figure
