"""Figures of robustness: what each option of each choice gives, the joint test, what is carried by one unit, and the tipping point."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line, strokes

SHADES = {"kept": PALETTE[2], "lost": "#ececec", "turned": PALETTE[3], "impossible": "white"}


@drawn
def options_compared(
    curves: Mapping[str, tuple[pd.DataFrame, Mapping[str, Sequence[str]]]], label: Mapping[str, str], source: str
) -> Figure:
    """Draw for every option of every choice where the estimates lie: middle, half of them, and nine tenths.

    Parameters
    ----------
    curves
        By title, the curve and its choices with their options, the main one first.
    label
        By title, the name of the axis.
    source
        Line under the figure.
    """
    rows = max(sum(len(options) + 1 for options in choices.values()) for _, choices in curves.values())
    figure, grid = canvas(height=0.185 * rows + 1.2, columns=len(curves), squeeze=False)
    for axes, (title, (curve, choices)) in zip(grid[0], curves.items(), strict=True):
        usable = curve[curve["excluded"] == ""]
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.axvline(float(usable["estimate"].median()), color=PALETTE[1], linewidth=0.8, linestyle=(0, (2, 2)))
        place, places, names, table = 0.0, [], [], []
        for choice, options in choices.items():
            axes.annotate(
                choice, (0, -place), xycoords=("axes fraction", "data"), xytext=(-4, 0), textcoords="offset points", ha="right",
                va="center", fontweight="bold", annotation_clip=False,
            )  # fmt: skip
            for option in options:
                place += 1
                found = usable.loc[usable[choice] == option, "estimate"]
                if len(found):
                    table.append((-place, *found.quantile([0.05, 0.25, 0.5, 0.75, 0.95])))
                places.append(-place)
                names.append(option)
            place += 1
        ends = np.array(table)
        strokes(axes, ends[:, 1], ends[:, 5], ends[:, 0], color=PALETTE[0], linewidth=1.0, solid_capstyle="butt")
        strokes(axes, ends[:, 2], ends[:, 4], ends[:, 0], color=PALETTE[2], linewidth=4.0, solid_capstyle="butt")
        axes.plot(ends[:, 3], ends[:, 0], "o", color=PALETTE[0], markersize=4)
        axes.set_yticks(places, names)
        axes.set_ylim(-place + 0.3, 0.7)
        axes.set_title(title, fontsize=SMALLEST, fontweight="normal")
        axes.set_xlabel(label[title])
        axes.grid(axis="x", color=GRID)
        axes.spines["left"].set_visible(False)
        axes.tick_params(left=False)
    source_line(figure, source)
    return figure


@drawn
def sorted_curve(
    curve: pd.DataFrame, main: pd.Series, null: pd.DataFrame, summary: pd.DataFrame, source: str
) -> Figure:
    """Draw all estimates in order beside what the same statistics are when the period means nothing.

    Parameters
    ----------
    curve
        With ``estimate``, ``p_value``, ``excluded``.
    main
        The main specification's row.
    null, summary
        Statistics of the deals, and the joint test's table.
    source
        Line under the figure.
    """
    figure, grid = canvas(height=2.9, columns=4, gridspec_kw={"width_ratios": [2.6, 1, 1, 1]})
    usable = curve[curve["excluded"] == ""].sort_values("estimate", ignore_index=True)
    axes = grid[0]
    step = max(1, len(usable) // 150)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.plot(usable.index[::step], usable["estimate"][::step], color=PALETTE[0])
    place = int(usable["estimate"].searchsorted(float(main["estimate"])))
    axes.plot([place], [main["estimate"]], "o", color=PALETTE[1])
    axes.annotate("main", (place, main["estimate"]), xytext=(-6, 6), textcoords="offset points", ha="right")
    axes.set_title(f"{len(usable):,} specifications, sorted", fontsize=SMALLEST, fontweight="normal")
    axes.set_ylabel("points")
    axes.set_xticks([])
    words = {"median": "median, points", "share_significant": "share significant", "stouffer_z": "sum of z"}
    for axes, (name, title) in zip(grid[1:], words.items(), strict=True):
        values = null[name].to_numpy()
        heights, edges = np.histogram(values[np.isfinite(values)], bins=14)
        axes.stairs(heights, edges, fill=True, color=PALETTE[2])
        row = summary.set_index("statistic").loc[name]
        axes.axvline(row["observed"], color=PALETTE[1], linewidth=2)
        axes.set_title(f"{title}\np = {row['p_value']:.2f}", fontsize=SMALLEST, fontweight="normal")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    source_line(figure, source)
    return figure


@drawn
def carried_by_one(tables: Mapping[str, pd.DataFrame], labels: Mapping[str, str], source: str) -> Figure:
    """Draw how far the estimate moves when one unit of a dimension is left out, a panel a face.

    Parameters
    ----------
    tables
        By title, as :func:`compacts.left_out.extremes` gives it.
    labels
        By title, the unit.
    source
        Line under the figure.
    """
    heights = [len(table) for table in tables.values()]
    figure, grid = canvas(
        height=0.42 * sum(heights) + 0.55 * len(heights) + 0.5, rows=len(tables), gridspec_kw={"height_ratios": heights}, squeeze=False
    )  # fmt: skip
    for axes, (title, table) in zip(grid[:, 0], tables.items(), strict=True):
        places = -np.arange(len(table), dtype=float)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.axvline(float(table["main"].iloc[0]), color=PALETTE[1], linewidth=0.8, linestyle=(0, (2, 2)))
        strokes(axes, table["low"], table["high"], places, color=PALETTE[2], linewidth=4.0, solid_capstyle="butt")
        for place, row in zip(places, table.to_dict("records"), strict=True):
            for value, name, side in (
                (row["low"], row["without_low"], "right"),
                (row["high"], row["without_high"], "left"),
            ):
                axes.annotate(
                    _short(str(name)), (value, place), xytext=(-4 if side == "right" else 4, 0), textcoords="offset points", ha=side, va="center",
                    color=INK,
                )  # fmt: skip
        axes.set_yticks(places, [f"{row.dimension} ({row.number})" for row in table.itertuples()])
        axes.set_ylim(-len(table) + 0.4, 0.6)
        low, high = min(0.0, float(table["low"].min())), max(0.0, float(table["high"].max()))
        axes.set_xlim(low - 0.45 * (high - low), high + 0.45 * (high - low))
        axes.set_title(f"{title}, {labels[title]}", fontsize=SMALLEST, fontweight="normal")
        axes.spines["left"].set_visible(False)
        axes.tick_params(left=False)
    source_line(figure, source)
    return figure


@drawn
def tipping(
    grids: Mapping[str, pd.DataFrame], seen: Mapping[str, Sequence[tuple[float, float]]], source: str
) -> Figure:
    """Draw for which errors of coding in the later period a rise is kept, lost or turned.

    Parameters
    ----------
    grids
        By title, as :func:`compacts.stats.tipping_point.tipping_grid` gives it.
    seen
        By title, sensitivity and specificity of one reader against the other, in the later period and before.
    source
        Line under the figure.
    """
    figure, panels = canvas(height=3.3, columns=len(grids), sharey=True, squeeze=False)
    kinds = list(SHADES)
    for axes, (title, grid) in zip(panels[0], grids.items(), strict=True):
        codes = grid.assign(code=grid["finding"].map(kinds.index)).pivot(
            index="specificity", columns="sensitivity", values="code"
        )
        axes.contourf(
            codes.columns, codes.index, codes.to_numpy(), levels=[-0.5, 0.5, 1.5, 2.5, 3.5], colors=list(SHADES.values()), antialiased=False
        )  # fmt: skip
        for code, kind in enumerate(kinds[:3]):
            where = grid[grid["finding"] == kind]
            if len(where) > 0.03 * len(grid):
                axes.text(
                    float(where["sensitivity"].median()), float(where["specificity"].median()), kind, ha="center", va="center",
                    fontweight="bold" if code == 0 else "normal",
                )  # fmt: skip
        for place, name, shade in zip(seen[title], ("later", "before"), (PALETTE[1], "white"), strict=True):
            axes.plot(*place, "o", color=shade, markeredgecolor=PALETTE[1], clip_on=False)
            axes.annotate(name, place, xytext=(-6, -4), textcoords="offset points", ha="right", va="top")
        axes.set_title(title, fontsize=SMALLEST, fontweight="normal")
        axes.set_xlim(0.7, 1)
        axes.set_ylim(0.7, 1)
        axes.set_xlabel("sensitivity, later period")
    panels[0][0].set_ylabel("specificity, later period")
    source_line(figure, source)
    return figure


def _short(name: str) -> str:
    """Names of organs and genres, short enough to stand beside a mark."""
    return name if len(name) <= 18 else name[:16].rstrip() + "…"
