"""Pictures of monitoring: what is due and what came, which items are measured, published figures and ours, outputs by objective."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line, strokes
from compacts.monitoring import BOUND

COMPACT_SHADES = {"gcm": PALETTE[0], "gcr": PALETTE[1], "none": MUTED}
REASON_MARKS = {"": "1", "revision": "x", "definition": "+", "our gap": "2", "rounding": "3"}


def settled(figure: Figure) -> Figure:
    """Return the figure with its panels laid out once, at round numbers: a layout's last bits differ between drawings."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(number, 4) for number in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    return figure


@drawn
def reporting_cycle(cycle: pd.DataFrame, as_of: str, years: tuple[int, int], source: str) -> Figure:
    """Draw the reports as rows, due years and editions along the years.

    Parameters
    ----------
    cycle
        As :func:`compacts.monitoring.cycle` gives it.
    as_of
        Day to which editions were looked for; drawn as a line.
    years
        First and last year.
    source
        Line under the figure.
    """
    order = cycle.drop_duplicates("report_id").assign(rank=lambda f: f["bound"].map(list(BOUND).index))
    order = order.sort_values(["rank", "compact", "name"])
    places: dict[str, float] = {}
    headings: dict[float, str] = {}
    y = 0.0
    for bound, part in order.groupby("bound", sort=False):
        headings[y] = BOUND[str(bound)]
        for name in part["report_id"]:
            y -= 1
            places[name] = y
        y -= 1.5
    figure, axes = canvas(height=0.205 * -y + 1.0)
    rows = np.array(list(places.values()))
    strokes(
        axes,
        np.full(len(rows), years[0] - 0.5),
        np.full(len(rows), years[1] + 0.5),
        rows,
        color=GRID,
        linewidth=0.6,
        solid_capstyle="butt",
        zorder=1,
    )
    now = pd.Timestamp(as_of)
    axes.axvline(now.year + now.day_of_year / 366 - 0.5, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for compact, shade in COMPACT_SHADES.items():
        mine = cycle[cycle["compact"] == compact]
        known = mine[mine["state"] == "known"]
        height = known["report_id"].map(places).to_numpy(dtype=float)
        low, high = (known[c].astype(float).to_numpy() for c in ("low", "high"))
        strokes(axes, low, high, height, color=shade, linewidth=3, solid_capstyle="butt", zorder=1)
        axes.plot((low + high) / 2, height, "o", color=shade, markersize=6.5)
        for state, marker, size in (("said to recur", ".", 5), ("none known", "x", 5), ("to come", "D", 4.5)):
            part = mine[mine["state"] == state]
            axes.plot(part["due"].astype(float), part["report_id"].map(places), marker, linestyle="", markersize=size,
                      color=shade if state == "said to recur" else "white", markeredgecolor=shade, markeredgewidth=1.2)  # fmt: skip
    labels = {
        places[r["report_id"]]: r["name"] + ("" if r["confidence"] == "verified" else " *")
        for r in order.to_dict("records")
    }
    axes.set_yticks(list(labels), list(labels.values()))
    for tick, text in zip(order["compact"], axes.get_yticklabels(), strict=True):
        text.set_color(COMPACT_SHADES[tick])
    for place, words in headings.items():
        axes.text(years[0] - 0.4, place - 0.1, words[0].upper() + words[1:], fontweight="bold", va="center")
    axes.set_xlim(years[0] - 0.5, years[1] + 0.5)
    axes.set_ylim(y + 0.9, 0.7)
    axes.set_xticks(range(years[0], years[1] + 1, 2))
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(
        "blue: GCM, red: GCR; filled: edition known (bar: year uncertain); dot: said to recur;\n"
        "cross: due, none known here; diamond: to come; * row cited, not verified", loc="right",
    )  # fmt: skip
    source_line(figure, source)
    return settled(figure)


@drawn
def frameworks_monitored(matrix: pd.DataFrame, blocks: Sequence[str], source: str) -> Figure:
    """Draw the items of both Compacts as three tiles: indicator, value published, value from our tables.

    Parameters
    ----------
    matrix
        block, item, indicator, value, ours, as :func:`compacts.measurement.frameworks_matrix` gives them.
    blocks
        Blocks drawn, from the top.
    source
        Line under the figure.
    """
    figure, panels = canvas(height=1.12 * len(blocks) + 0.4, rows=len(blocks))
    widths = {"same": (PALETTE[0], 11.0), "near": ("#a9c6e0", 11.0), "none": (MUTED, 1.2)}
    rows = {"indicator": "indicator", "value": "value published", "ours": "value from our tables"}
    for axes, block in zip(panels, blocks, strict=True):
        part = matrix[matrix["block"] == block].reset_index(drop=True)
        step = 1.5 if block.startswith("GCR") else 1.0  # room for codes such as 4.2.1
        for state, (shade, width) in widths.items():
            spots = np.array([(step * x, -y) for y, c in enumerate(rows) for x in np.flatnonzero(part[c] == state)])
            if len(spots):
                strokes(
                    axes,
                    spots[:, 0] - 0.4,
                    spots[:, 0] + 0.4,
                    spots[:, 1],
                    color=shade,
                    linewidth=width,
                    solid_capstyle="butt",
                    zorder=1,
                )
        axes.set_title(block)
        axes.set_yticks([-i for i in range(3)], list(rows.values()))
        axes.set_xticks([step * i for i in range(len(part))], [_short(item) for item in part["item"]])
        axes.set_xlim(-0.7, 22.7)
        axes.set_ylim(-2.7, 0.7)
        axes.tick_params(left=False, bottom=False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
    panels[-1].set_xlabel(
        "dark: yes; light: for the whole Compact, or near what is meant; line: none known", loc="left"
    )
    source_line(figure, source)
    return settled(figure)


def _short(item: str) -> str:
    return item.removeprefix("GCM").removeprefix("GCR").removeprefix("GP").lstrip("0")


@drawn
def series_and_published(
    series: pd.DataFrame, points: pd.DataFrame, titles: Mapping[str, str], years: tuple[int, int], source: str
) -> Figure:
    """Draw our series as lines and published figures as crosses, a panel each.

    Parameters
    ----------
    series
        ``panel``, ``year``, ``value``.
    points
        ``panel``, ``year``, ``theirs``, in the units of the series.
    titles
        By panel, the heading, in order; a multiple of three.
    years
        First and last year.
    source
        Line under the figure.
    """
    figure, panels = canvas(height=1.55 * -(-len(titles) // 3) + 0.6, rows=-(-len(titles) // 3), columns=3, sharex=True)
    for axes, (panel, title) in zip(panels.ravel(), titles.items(), strict=True):
        ours, theirs = series[series["panel"] == panel], points[points["panel"] == panel]
        axes.plot(ours["year"], ours["value"], color=PALETTE[0])
        axes.plot(
            theirs["year"],
            theirs["theirs"],
            "x",
            color=PALETTE[1],
            markeredgewidth=1.6,
            markersize=6,
        )
        axes.set_title(title, fontsize=SMALLEST)
        axes.set_xlim(years[0] - 0.5, years[1] + 0.5)
        axes.set_xticks([year for year in range(years[0], years[1] + 1) if year % 10 == 0 or year == years[1]])
        axes.set_ylim(0, 1.08 * max(ours["value"].max(), theirs["theirs"].max() if len(theirs) else 0))
        axes.yaxis.get_major_locator().set_params(nbins=3)
        axes.tick_params(left=False, bottom=False)
    source_line(figure, source)
    return settled(figure)


@drawn
def differences(figures: pd.DataFrame, subjects: Sequence[str], source: str) -> Figure:
    """Draw ours less the published figure in per cent, a row a subject, with the number that are equal.

    Parameters
    ----------
    figures
        subject, year, percent, equal, reason, as :func:`compacts.indicators.figures_answered` gives them.
    subjects
        Rows, from the top.
    source
        Line under the figure.
    """
    figure, axes = canvas(height=0.42 * len(subjects) + 1.1)
    reach = max(2.0, float(figures["percent"].abs().max()) * 1.12)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    for place, subject in enumerate(subjects):
        part = figures[figures["subject"] == subject]
        same = int(part["equal"].sum())
        axes.plot(0, -place, "o", color=PALETTE[0], markersize=4 + 2.2 * np.sqrt(same)) if same else None
        for reason, marker in REASON_MARKS.items():
            other = part[~part["equal"] & (part["reason"] == reason)]
            axes.plot(other["percent"], np.full(len(other), -place), marker, color=PALETTE[1],
                      markeredgewidth=1.3, markersize=6)  # fmt: skip
        axes.text(reach * 1.03, -place, f"{same} of {len(part)} equal", va="center")
    axes.set_yticks([-i for i in range(len(subjects))], list(subjects))
    axes.set_ylim(-len(subjects) + 0.4, 0.6)
    axes.set_xlim(-reach, reach)
    axes.set_xlabel("ours less published, per cent; disc: equal as rounded;\nx: revision, +: definition")
    axes.grid(axis="x", color=GRID)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, bottom=False)
    source_line(figure, source)
    return settled(figure)


@drawn
def outputs(objectives: pd.DataFrame, parts: Mapping[str, str], source: str) -> Figure:
    """Draw the outputs that serve each objective of the GCM, by part of IOM's framework.

    Parameters
    ----------
    objectives
        objective, label, outputs and the columns of ``parts``, as :func:`compacts.measurement.outputs_by_objective` gives them.
    parts
        Columns and their words, in order.
    source
        Line under the figure.
    """
    figure, axes = canvas(height=0.21 * len(objectives) + 1.1)
    places, left = -np.arange(len(objectives)), np.zeros(len(objectives))
    for (column, words), shade in zip(parts.items(), (PALETTE[0], PALETTE[3], PALETTE[2]), strict=False):
        width = objectives[column].to_numpy(dtype=float)
        some = width > 0
        strokes(
            axes,
            left[some],
            (left + width)[some],
            places[some],
            color=shade,
            linewidth=9,
            solid_capstyle="butt",
            zorder=1,
        )
        axes.plot([], [], color=shade, linewidth=9, label=words)
        left = left + width
    for place, total in zip(places, left, strict=True):
        axes.text(total + 0.3, place, f"{total:.0f}", va="center")
    axes.axvline(left.mean(), color=INK, linewidth=1, linestyle=(0, (4, 3)), ymax=0.3)
    axes.text(left.mean() + 0.3, -0.8 * len(objectives), f"mean {left.mean():.1f}", va="center")
    axes.set_yticks(places, [f"{r['label']}  {r['objective']:2d}" for r in objectives.to_dict("records")])
    axes.set_ylim(-len(objectives) + 0.4, 0.6)
    axes.set_xlim(0, left.max() * 1.08)
    axes.set_xlabel("outputs of IOM's results framework")
    axes.legend(loc="center right")
    axes.tick_params(left=False)
    source_line(figure, source)
    return settled(figure)
