"""Pictures of forums: who came, what was pledged, who led, and how much of that is known."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line
from compacts.forums import AHEAD


@drawn
def attendance(meetings: pd.DataFrame, source: str) -> Figure:
    """Draw meetings on a lane a forum, with the number of states where it was published.

    Parameters
    ----------
    meetings
        series, start_date, low, high, basis, as :func:`compacts.forums.attendance` gives them.
    source
        Line under the figure.
    """
    lanes = meetings.groupby("series")["start_date"].min().sort_values().index.tolist()
    figure, axes = canvas(height=0.56 * len(lanes) + 0.9)
    for lane, series in enumerate(lanes):
        part = meetings[meetings["series"] == series]
        days = pd.to_datetime(part["start_date"], format="ISO8601")
        axes.plot([days.min(), days.max()], [-lane, -lane], color=GRID, linewidth=1)
        known, announced, ahead = part["low"].notna(), part["basis"].eq("announced"), part["basis"].eq(AHEAD)
        for chosen, mark in ((~known & ~ahead, "o"), (ahead, "D")):
            axes.plot(
                days[chosen], np.full(chosen.sum(), -lane), mark, color="white", markeredgecolor=MUTED, markersize=6
            )
        for chosen, fill in ((known & ~announced, "full"), (announced, "left")):
            axes.plot(days[chosen], np.full(chosen.sum(), -lane), "o", color=PALETTE[0], markersize=7, fillstyle=fill,
                      markerfacecoloralt="white")  # fmt: skip
        for day, row in zip(days[known], part[known].to_dict("records"), strict=True):
            axes.annotate(_number(row["low"], row["high"], row["basis"]), (day, -lane), xytext=(0, 7), textcoords="offset points",
                          ha="center", va="bottom")  # fmt: skip
    axes.set_yticks([-i for i in range(len(lanes))], lanes)
    axes.set_ylim(-len(lanes) + 0.55, 0.75)
    axes.set_title(
        "≥ at least; ?, half-open: announced beforehand; open: no total found; diamond: meeting only announced",
        fontweight="normal",
        fontsize=SMALLEST,
        loc="right",
    )
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=6, maxticks=10))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    axes.margins(x=0.05)
    source_line(figure, source)
    return figure


def _number(low: float, high: float, basis: str) -> str:
    if basis == "announced":
        return f"{low:.0f}?"
    if basis == "at least":
        return f"≥ {low:.0f}"
    return f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"


@drawn
def pledges(counts: pd.DataFrame, source: str) -> Figure:
    """Draw counts of pledges by the day of counting: a point, or an arrow where only one bound is known.

    Parameters
    ----------
    counts
        series, as_of, low, high, sign, as :func:`compacts.forums.pledge_counts` gives them.
    source
        Line under the figure.
    """
    figure, axes = canvas(height=3.2)
    top = np.nanmax(counts[["low", "high"]].to_numpy())
    for shade, (series, part) in zip((PALETTE[0], PALETTE[1], INK), counts.groupby("series"), strict=False):
        days = pd.to_datetime(part["as_of"], format="ISO8601")
        value = part["low"].fillna(part["high"])
        axes.plot(days, value, color=shade, linewidth=1, linestyle=(0, (4, 2)))
        for day, row in zip(days, part.to_dict("records"), strict=True):
            _bound(axes, day, row, shade)
        last = days.iloc[-1], value.iloc[-1]
        axes.annotate(f"{series}", last, xytext=(9, 0), textcoords="offset points", va="center", color=shade,
                      fontweight="bold", annotation_clip=False)  # fmt: skip
    axes.set_ylim(0, 1.15 * top)
    every_day = pd.to_datetime(counts["as_of"], format="ISO8601")
    axes.set_xlim(every_day.min() - pd.DateOffset(months=6), every_day.max() + pd.DateOffset(weeks=2))
    axes.set_ylabel("pledges counted")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=GRID)
    source_line(figure, source)
    return figure


def _bound(axes: Axes, day: Any, row: Mapping[Any, Any], shade: str) -> None:
    value = row["high"] if row["sign"] == "at most" else row["low"]
    marker, words = {"at least": ("^", "over "), "at most": ("v", "almost "), "about": ("o", "about ")}.get(
        row["sign"], ("o", "")
    )
    axes.plot(day, value, marker, color=shade, markersize=6)
    below = row["sign"] == "at least"
    axes.annotate(f"{words}{value:,.0f}", (day, value), xytext=(-7, -5 if below else 5), textcoords="offset points", ha="right",
                  va="top" if below else "bottom")  # fmt: skip


@drawn
def participation_bounds(index: pd.DataFrame, source: str) -> Figure:
    """Draw lower and upper bound of participation: a bar for all states that share both, widest knowledge on top.

    Parameters
    ----------
    index
        name, lower, upper, as :func:`compacts.participation.participation_index` gives them.
    source
        Line under the figure.
    """
    pairs = index.round(6).groupby(["lower", "upper"])["name"].agg(list).reset_index()
    pairs = pairs.sort_values(["lower", "upper"], ascending=[False, False], ignore_index=True)
    figure, axes = canvas(height=0.235 * len(pairs) + 1.1)
    ranges = [f"{100 * low:.0f} to {100 * high:.0f}" for low, high in zip(pairs["lower"], pairs["upper"], strict=True)]
    for place, row in enumerate(pairs.to_dict("records")):
        low, high = 100 * row["lower"], 100 * row["upper"]
        axes.plot([low, high], [-place, -place], color="#b9cbdb", linewidth=7, solid_capstyle="butt")
        axes.plot([low, high], [-place, -place], "|", color=PALETTE[0], markersize=9, markeredgewidth=2)
        names = sorted(row["name"])
        axes.text(103, -place, ", ".join(names) if len(", ".join(names)) < 44 else f"{len(names)} states", va="center")
    axes.set_yticks([-i for i in range(len(pairs))], ranges)
    axes.set_ylim(-len(pairs) + 0.4, 0.6)
    axes.set_xlim(0, 175)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("share of the facts that hold, %", loc="left")
    axes.grid(axis="x", color=GRID)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False)
    source_line(figure, source)
    return figure
