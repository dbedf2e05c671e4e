"""Pictures of survival: curves as small multiples; and clauses on time in mandates."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, settle, source_line, spread
from compacts.stats.survival import survival_curve

_APART = 125  # percentage points between the zeros of two scales
Lines = Sequence[tuple[str, pd.DataFrame, str]]


def _curve(
    axes: Axes, spells: pd.DataFrame, shade: str, until: float, confidence: float, *, dashed: bool = False
) -> float:
    """Draw a curve and its band; return its height at the right."""
    curve = survival_curve(spells["duration"], spells["ended"], confidence=confidence)
    stop = min(until, float(curve["time"].iloc[-1]))
    inside = curve[curve["time"] <= until]
    step = (inside["time"] * 32 / until).round().mask(inside["time"] == inside["time"].iloc[0], -1)
    inside = inside.groupby(step, as_index=False).last()  # steps nearer than a line is wide are one
    inside = pd.concat([inside, inside.iloc[[-1]].assign(time=stop)])
    x, height = inside["time"].round(2), inside["survival"].round(3)
    if not dashed:
        low, high = inside["low"].round(3), inside["high"].round(3)
        axes.fill_between(x, low, high, step="post", color=shade, alpha=0.16, linewidth=0, clip_on=False)
    axes.step(
        x, height, where="post", color=shade, linewidth=1.6, linestyle=(0, (4, 2)) if dashed else "-", clip_on=False
    )
    return float(height.iloc[-1])


@drawn
def survival_panels(
    panels: Sequence[tuple[str, Lines]], until: float, confidence: float, source: str, mark: float | None = None
) -> Figure:
    """Draw Kaplan-Meier curves, a panel a comparison.

    Parameters
    ----------
    panels
        Heading, and the lines of the panel: name, spells (duration, ended), colour. A line named ``(dashed)`` first is dashed, without a band.
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
    settle(figure)  # once for all panels
    for axes, heights, names, shades in ends:
        tall = axes.get_position().height * figure.get_figheight() * 72 / 1.04
        for name, height, place, shade in zip(
            names, heights, spread([tall * h for h in heights], 12), shades, strict=True
        ):
            axes.annotate(name, (until, height), xytext=(6, place - tall * height), textcoords="offset points", va="center",
                          color=shade, annotation_clip=False)  # fmt: skip
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
    heights = [table[by].nunique() + 0.6 for _, table, by in panels]
    figure, grid = canvas(
        height=0.27 * sum(heights) + 1.2, rows=len(panels), sharex=True, gridspec_kw={"height_ratios": heights}
    )
    for axes, (_, table, by) in zip(grid, panels, strict=True):
        groups = list(dict.fromkeys(table[by]))
        sizes = table.drop_duplicates(by).set_index(by)["documents"]
        rows = table[by].map({group: -place for place, group in enumerate(groups)})
        shift = table["clause"].map({clause: _APART * place for place, clause in enumerate(names)})
        gaps = pd.Series(float("nan"), index=table.index)  # one broken line: a file then holds one path
        ranges = pd.concat([shift + 100 * table["low"], shift + 100 * table["high"], gaps], axis=1).to_numpy().ravel()
        axes.plot(ranges, rows.repeat(3), color=PALETTE[2], linewidth=6, solid_capstyle="butt")
        axes.plot(shift + 100 * table["share"], rows, "|", color=INK, markersize=9, markeredgewidth=1.8)
        zeros = pd.Series(range(len(names))).repeat(3) * _APART
        axes.plot(zeros, [0.6, 0.4 - len(groups), float("nan")] * len(names), color=MUTED, linewidth=0.8)
        axes.set_yticks([-i for i in range(len(groups))], [f"{group} ({sizes[group]:,})" for group in groups])
        axes.set_ylim(-len(groups) + 0.4, 0.6)
        axes.tick_params(left=False, bottom=False)
        axes.spines["left"].set_visible(False)
    for place, clause in enumerate(names):
        grid[0].text(_APART * place, 0.75, clause, va="bottom")
    grid[-1].set_xlim(-3, _APART * len(names) - 15)
    ticks = [_APART * place + share for place in range(len(names)) for share in (0, 50)]
    grid[-1].set_xticks(ticks, ["0", "50"] * len(names))
    grid[-1].set_xlabel("% of documents, a scale for each kind of clause")
    source_line(figure, source)
    return figure
