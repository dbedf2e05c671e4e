"""Pictures of survival: curves as small multiples, ratios under other choices, classes from an age on, clauses on time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, label_ends, source_line
from compacts.stats.survival import survival_curve

Lines = Sequence[tuple[str, pd.DataFrame, str]]


def _curve(
    axes: Axes, spells: pd.DataFrame, shade: str, until: float, confidence: float, *, dashed: bool = False
) -> float:
    """Draw a curve and its band; return its height at the right."""
    curve = survival_curve(spells["duration"], spells["ended"], confidence=confidence)
    stop = min(until, float(curve["time"].iloc[-1]))
    inside = curve[curve["time"] <= until]
    inside = inside.groupby(
        (inside["time"] * 60 / until).round(), as_index=False
    ).last()  # steps nearer than a line's width are one
    inside = pd.concat([inside, inside.iloc[[-1]].assign(time=stop)])
    x, height = inside["time"].round(2), inside["survival"].round(3)
    band = inside.dropna(subset="low").iloc[:: max(len(inside) // 16, 1)]
    axes.fill_between(band["time"], band["low"].round(3), band["high"].round(3), color=shade, alpha=0.16, linewidth=0)
    axes.step(x, height, where="post", color=shade, linewidth=1.6, linestyle=(0, (4, 2)) if dashed else "-")
    return float(height.iloc[-1])


@drawn
def survival_panels(
    panels: Sequence[tuple[str, Lines]], until: float, confidence: float, source: str, mark: float | None = None
) -> Figure:
    """Draw Kaplan-Meier curves, a panel a comparison.

    Parameters
    ----------
    panels
        Heading, and the lines of the panel: name, spells (duration, ended), colour. A line named ``(dashed)`` first is dashed.
    until
        Age at which the axis ends.
    confidence
        Of the bands.
    source
        Line under the figure.
    mark
        Age marked by a line in all panels.
    """
    rows = -(-len(panels) // 2)
    figure, grid = canvas(height=1.75 * rows + 0.6, rows=rows, columns=2, sharex=True, sharey=True, squeeze=False)
    ends: list[tuple[Axes, list[float], list[str], list[str]]] = []
    for axes, (title, lines) in zip(grid.ravel(), panels, strict=False):
        heights, names, shades = [], [], []
        for name, spells, shade in lines:
            if spells.empty:
                continue
            heights.append(_curve(axes, spells, shade, until, confidence, dashed=name.startswith("(dashed)")))
            names.append(name.removeprefix("(dashed)").strip())
            shades.append(shade)
        axes.set_title(title, fontsize=SMALLEST)
        axes.set_xlim(0, until)
        axes.set_ylim(0, 1.04)
        axes.set_yticks([0, 0.5, 1], ["0", "50", "100 %"])
        axes.grid(axis="y", color=GRID)
        if mark is not None:
            axes.axvline(mark, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
        ends.append((axes, heights, names, shades))
    for axes in grid.ravel()[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("years since the start")
    for axes, heights, names, shades in ends:
        if names:
            label_ends(axes, until, heights, names, shades)
    source_line(figure, source)
    return figure


@drawn
def ratios(table: pd.DataFrame, source: str, most: float = 300.0) -> Figure:
    """Draw hazard ratios with their intervals on a logarithmic scale, one row a choice.

    Parameters
    ----------
    table
        choice, forms, ended, ratio, low, high.
    source
        Line under the figure.
    most
        Where the axis ends; an interval beyond it ends in an arrow.
    """
    figure, axes = canvas(height=0.27 * len(table) + 0.9)
    for place, row in enumerate(table.to_dict("records")):
        shade = PALETTE[1] if place == 0 else PALETTE[0]
        high = min(row["high"], most)
        axes.plot([row["low"], high], [-place, -place], color=shade, linewidth=2)
        axes.plot(min(row["ratio"], most), -place, "o", color=shade, markersize=6)
        if row["high"] > most:
            axes.plot(most, -place, ">", color=shade, markersize=6, clip_on=False)
        axes.annotate(
            f"{row['ended']} of {row['forms']}",
            (most, -place),
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )
    axes.set_xscale("log")
    axes.set_xlim(0.8, most)
    axes.set_xticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
    axes.minorticks_off()
    axes.axvline(1, color=MUTED, linewidth=0.9)
    axes.set_yticks([-i for i in range(len(table))], table["choice"])
    axes.set_ylim(-len(table) + 0.4, 0.6)
    axes.set_xlabel("hazard of ending, fixed / open term (right: ended, of all)", loc="left")
    axes.grid(axis="x", color=GRID)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    source_line(figure, source)
    return figure


@drawn
def standing(table: pd.DataFrame, ends: Mapping[str, str], source: str) -> Figure:
    """Draw, for each class, the share that goes on for some years, by two meanings of an end.

    Parameters
    ----------
    table
        group, ends, ahead, at_risk, survival, low, high, as :func:`compacts.longevity.standing` gives them.
    ends
        The two meanings, each with its colour.
    source
        Line under the figure.
    """
    groups = list(dict.fromkeys(table["group"]))
    figure, axes = canvas(height=0.62 * len(groups) + 0.9)
    for place, group in enumerate(groups):
        for step, (meaning, shade) in enumerate(ends.items()):
            row = table[(table["group"] == group) & (table["ends"] == meaning)].iloc[0]
            y = -place + 0.17 - 0.34 * step
            axes.plot([100 * row["low"], 100 * row["high"]], [y, y], color=shade, linewidth=2)
            axes.plot(100 * row["survival"], y, "o" if step == 0 else "s", color=shade, markersize=6)
            axes.text(
                103,
                y,
                f"{100 * row['survival']:.0f}  ({100 * row['low']:.0f}\N{EN DASH}{100 * row['high']:.0f})",
                va="center",
                color=shade if step == 0 else INK,
            )
    first = table.drop_duplicates("group").set_index("group")
    axes.set_yticks(
        [-i for i in range(len(groups))],
        [f"{g}\n{first.loc[g, 'at_risk']:.0f} watched, {first.loc[g, 'ahead']:.0f} years" for g in groups],
    )
    axes.set_xlim(0, 125)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_ylim(-len(groups) + 0.45, 0.9)
    for step, (meaning, shade) in enumerate(ends.items()):
        axes.plot(2 + 32 * step, 0.66, "o" if step == 0 else "s", color=shade, markersize=6)
        axes.text(4 + 32 * step, 0.66, meaning, va="center")
    axes.set_xlabel("still there at the end of these years, % of those that reach the age", loc="left")
    axes.grid(axis="x", color=GRID)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    source_line(figure, source)
    return figure


@drawn
def clauses(panels: Sequence[tuple[str, pd.DataFrame, str]], source: str) -> Figure:
    """Draw the share of documents with each clause on time, by groups, a panel a clause and a row of panels a grouping.

    Parameters
    ----------
    panels
        Heading of the row, shares as :func:`compacts.time_clauses.clause_shares` gives them, and the column that groups them.
    source
        Line under the figure.
    """
    names = list(dict.fromkeys(panels[0][1]["clause"]))
    heights = [table[by].nunique() + 1.4 for _, table, by in panels]
    figure, grid = canvas(height=0.24 * sum(heights) + 1.5, rows=len(panels), columns=len(names), sharex=True,
                          gridspec_kw={"height_ratios": heights})  # fmt: skip
    for line, (_, table, by) in enumerate(panels):
        groups = list(dict.fromkeys(table[by]))
        sizes = table.drop_duplicates(by).set_index(by)["documents"]
        for column, clause in enumerate(names):
            axes = grid[line, column]
            part = table[table["clause"] == clause].set_index(by).loc[groups]
            rows = -np.arange(len(groups))
            axes.hlines(rows, 100 * part["low"], 100 * part["high"], color=PALETTE[2], linewidth=6)
            axes.plot(100 * part["share"], rows, "|", color=INK, markersize=9, markeredgewidth=1.8)
            axes.set_yticks(*((rows, [f"{group} ({sizes[group]:,})" for group in groups]) if column == 0 else ([],)))
            axes.set_ylim(-len(groups) + 0.4, 0.6)
            axes.set_xlim(0, 100)
            axes.set_xticks([0, 50, 100])
            axes.tick_params(left=False, bottom=False, labelbottom=line == len(panels) - 1)
            axes.axvline(50, color=GRID, linewidth=0.6, zorder=0)
            if line == 0:
                axes.set_title(
                    "\n".join(clause.rsplit(" ", 1)) if len(clause) > 8 else clause,
                    fontsize=SMALLEST,
                    fontweight="normal",
                )
    grid[-1, len(names) // 2].set_xlabel("% of documents")
    source_line(figure, source)
    return figure
