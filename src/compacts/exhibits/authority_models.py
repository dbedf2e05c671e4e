"""Figures of the models of authority: all tests on one scale, four faces over time, machine codes corrected, and free money."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line, strokes
from compendium.errors import UserError

SIGNS = {"more": 1.0, "less": -1.0, "none": 1.0}
ESTIMATORS = {"DSL": ("o", PALETTE[0], PALETTE[0]), "gold": ("D", "white", PALETTE[0]), "naive": ("s", PALETTE[3], INK)}


@drawn
def tests_on_one_scale(table: pd.DataFrame, names: Mapping[str, str], level: str, source: str) -> Figure:
    """Draw every test in units of its plausible effect, positive where the hypothesis expects it.

    Parameters
    ----------
    table
        By test: estimate, low, high, plausible, expects, verdict; tests without an estimate are left out.
    names
        Words of each test, in order.
    level
        Confidence, in words.
    source
        Line under the figure.

    Raises
    ------
    UserError
        Without any estimate.
    """
    rows = table.loc[[name for name in names if name in table.index]].dropna(subset=["estimate"])
    if rows.empty:
        raise UserError("tests on one scale: got no test with an estimate, expected some; leave the figure out")
    scale = rows["expects"].map(SIGNS) / rows["plausible"]
    middle, ends = rows["estimate"] * scale, np.sort(rows[["low", "high"]].mul(scale, axis=0).to_numpy(), axis=1)
    figure, axes = canvas(height=0.29 * len(rows) + 1.3)
    axes.axvspan(-1, 1, color="#ececec", linewidth=0)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    places = -np.arange(len(rows), dtype=float)
    strokes(axes, ends[:, 0], ends[:, 1], places, color=PALETTE[0], linewidth=1.8, solid_capstyle="butt")
    clear = rows["verdict"].isin(["supported", "contradicted"]).to_numpy()
    for filled, shade in ((True, PALETTE[0]), (False, "white")):
        chosen = clear == filled
        axes.plot(middle[chosen], places[chosen], "o", color=shade, markeredgecolor=PALETTE[0], markersize=6)
    axes.set_yticks(places, [names[name] for name in rows.index])
    for place, verdict in zip(places, rows["verdict"], strict=True):
        axes.annotate(
            verdict, (1.01, place), xycoords=("axes fraction", "data"), va="center", ha="left", annotation_clip=False,
            fontweight="bold" if verdict != "undecided" else "normal", fontsize=SMALLEST,
        )  # fmt: skip
    reach = max(1.6, float(np.nanmax(np.abs(np.concatenate([ends.ravel(), middle])))) * 1.05)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xlabel(
        f"estimate with {level} interval, in plausible effects (grey: less than one);\nright of zero: as the hypothesis expects; filled: decided"
    )
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    source_line(figure, source)
    return figure


@drawn
def over_time(panels: Mapping[str, pd.DataFrame], cuts: Sequence[float], fewest: int, source: str) -> Figure:
    """Draw the difference between IOM and others by windows of years, a panel a face.

    Parameters
    ----------
    panels
        By title, ``year``, ``estimate``, ``low``, ``high``, ``n``, and ``width`` of the window.
    cuts
        Years of the events.
    fewest
        Windows with fewer texts of IOM are drawn hollow.
    source
        Line under the figure.
    """
    figure, grid = canvas(height=4.7, rows=2, columns=2)
    for axes, (title, table) in zip(grid.ravel(), panels.items(), strict=True):
        axes.axhline(0, color=MUTED, linewidth=0.8)
        for cut in cuts:
            axes.axvline(cut, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
        x = table["year"] + table["width"] / 2
        strokes(
            axes, table["low"], table["high"], x, upright=True, color=PALETTE[2], linewidth=2.2, solid_capstyle="butt"
        )
        thick = (table["n"] >= fewest).to_numpy()
        axes.plot(x[thick], table["estimate"][thick], "o", color=PALETTE[0])
        axes.plot(x[~thick], table["estimate"][~thick], "o", color="white", markeredgecolor=PALETTE[0])
        axes.set_title(title, fontsize=SMALLEST, fontweight="normal")
        axes.grid(axis="y", color=GRID)
        axes.set_xlim(float(x.min()) - 2, 2026.5)
        first = int(x.min()) // 5 * 5
        axes.set_xticks(range(first + 5 * (first < x.min() - 2), 2026, 5))
    source_line(figure, source)
    return figure


@drawn
def corrected_means(panels: Mapping[str, pd.DataFrame], source: str) -> Figure:
    """Draw means by group and period as three estimators have them: corrected, readers alone, machine alone.

    Parameters
    ----------
    panels
        By title, ``estimator`` (DSL, gold, naive), ``covariate``, ``estimate``, ``low``, ``high``.
    source
        Line under the figure.
    """
    figure, grid = canvas(height=3.9, columns=len(panels), sharey=True)
    words = {"DSL": "readers correct the machine (DSL)", "gold": "readers alone", "naive": "machine alone"}
    for axes, (title, table) in zip(grid, panels.items(), strict=True):
        cells = list(dict.fromkeys(table["covariate"]))
        for step, (name, (mark, face, edge)) in enumerate(ESTIMATORS.items()):
            own = table[table["estimator"] == name].set_index("covariate").loc[cells]
            places = -np.arange(len(cells), dtype=float) + 0.24 * (1 - step) - 0.35 * (np.arange(len(cells)) // 3)
            shade = edge if name != "DSL" else PALETTE[0]
            strokes(axes, own["low"], own["high"], places, color=shade, linewidth=1.2, solid_capstyle="butt")
            axes.plot(own["estimate"], places, mark, color=face, markeredgecolor=edge, markersize=5, label=words[name])
        middles = -np.arange(len(cells), dtype=float) - 0.35 * (np.arange(len(cells)) // 3)
        axes.set_yticks(middles, cells)
        axes.set_title(title, fontsize=SMALLEST, fontweight="normal")
        axes.grid(axis="x", color=GRID)
        axes.spines["left"].set_visible(False)
        axes.tick_params(left=False)
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper left", ncols=3)
    source_line(figure, source)
    return figure


@drawn
def changes_ranked(changes: "pd.Series[float]", named: Sequence[str], label: str, source: str) -> Figure:
    """Draw the change of every unit from the least to the most, some of them named.

    Parameters
    ----------
    changes
        By unit.
    named
        Units to name; the first is drawn in another colour.
    label
        Of the axis.
    source
        Line under the figure.
    """
    ordered = changes.sort_values()
    figure, axes = canvas(height=2.3)
    places = np.arange(len(ordered), dtype=float)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.plot(places, ordered, "o", color=PALETTE[2])
    first = list(ordered.index).index(named[0])
    axes.plot([first], ordered.iloc[[first]], "o", color=PALETTE[1], markersize=7)
    for name in dict.fromkeys([*named, ordered.index[0], ordered.index[-1]]):
        if name in ordered.index:
            place = list(ordered.index).index(name)
            up = name == named[0] or place == 0
            axes.annotate(
                name, (place, ordered[name]), xytext=(0, 9 if up else -9), textcoords="offset points", ha="center",
                va="bottom" if up else "top", fontweight="bold" if name == named[0] else "normal",
            )  # fmt: skip
    low, high = float(ordered.min()), float(ordered.max())
    room = 0.16 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)
    axes.set_xticks([])
    axes.set_ylabel(label)
    source_line(figure, source)
    return figure
