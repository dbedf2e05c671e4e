"""Pictures of reporting duties and of documents that name a Compact."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.duties import PERIODS
from compacts.exhibits.monitoring import settled
from compacts.exhibits.style import GRID, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line, strokes


@drawn
def clauses_by_organ(
    found: pd.DataFrame, organs: Sequence[str], clauses: Mapping[str, str], least: int, level: str, source: str
) -> Figure:
    """Draw the share of documents with each clause by period, a panel an organ; thin cells are left out.

    Parameters
    ----------
    found
        organ, period, clause, of, share, low, high, as :func:`compacts.duties.clause_shares` gives them.
    organs
        Panels, in order.
    clauses
        Kinds drawn and their words.
    least
        Fewest documents of a cell that is drawn.
    level
        Confidence of the intervals, in words.
    source
        Line under the figure.
    """
    figure, panels = canvas(height=2.75, columns=len(organs), sharey=True)
    drawn_cells = found[found["of"] >= least]
    for axes, organ in zip(panels, organs, strict=True):
        mine = drawn_cells[drawn_cells["organ"] == organ]
        for step, ((clause, words), shade, marker) in enumerate(
            zip(clauses.items(), (PALETTE[0], PALETTE[1], MUTED), "os^", strict=False)
        ):
            part = mine[mine["clause"] == clause].astype({"period": str}).set_index("period")
            part = part.reindex(list(PERIODS))  # no line bridges a period that is not drawn
            x = np.arange(len(PERIODS)) + 0.14 * (step - 1)
            y = 100 * part[["low", "share", "high"]].to_numpy()
            strokes(axes, y[:, 0], y[:, 2], x, upright=True, color=shade, linewidth=1)
            axes.plot(x, y[:, 1], color=shade, marker=marker, markersize=5, linewidth=1.2, label=words)
        axes.set_title("\n".join(organ.rsplit(" ", 1)), fontsize=SMALLEST)
        axes.set_xticks(range(len(PERIODS)), ["–99", "00s", "10s", "20s"])
        axes.set_xlim(-0.5, len(PERIODS) - 0.5)
        axes.set_ylim(0, 100)
        axes.set_yticks([0, 50, 100])
        axes.tick_params(left=False, bottom=False)
    panels[0].set_ylabel(f"% of documents, {level} interval")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=len(clauses))
    source_line(figure, source)
    return settled(figure)


@drawn
def shares_with_intervals(rows: pd.DataFrame, label: str, kinds: Mapping[str, str], axis: str, source: str) -> Figure:
    """Draw shares with intervals: a row a label, a mark a kind.

    Parameters
    ----------
    rows
        ``label``'s column, ``kind``, ``share``, ``low``, ``high`` (0 to 1).
    label
        Column that names the rows, drawn in order of appearance.
    kinds
        Kinds and their words, in order; named above the first row that has all.
    axis
        What the share is of, with the interval.
    source
        Line under the figure.
    """
    names = list(dict.fromkeys(rows[label]))
    figure, axes = canvas(height=(0.21 * len(kinds) + 0.14) * len(names) + 1.2)
    marks = list(zip((MUTED, PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[3]), "Dos^v", strict=True))
    height = len(kinds) + 0.7
    for step, ((kind, words), (shade, marker)) in enumerate(zip(kinds.items(), marks, strict=False)):
        part = rows[rows["kind"] == kind]
        y = np.array([-height * names.index(name) - step for name in part[label]], dtype=float)
        x = 100 * part[["low", "share", "high"]].to_numpy(dtype=float)
        strokes(axes, x[:, 0], x[:, 2], y, color=shade, linewidth=1.5, solid_capstyle="butt")
        axes.plot(x[:, 1], y, marker, color=shade, markersize=6, label=words)
        for place, (low, share, high) in zip(y, x, strict=True):
            told = f"{share:.1f}" if low == high else f"{share:.1f} ({low:.1f} to {high:.1f})"
            axes.annotate(told, (high, place), xytext=(6, 0), textcoords="offset points", va="center")
    axes.set_yticks([-height * i - (len(kinds) - 1) / 2 for i in range(len(names))], names)
    axes.set_ylim(-height * len(names) + 0.7, 0.9)
    top = 100 * float(rows["high"].max())
    axes.set_xlim(-0.02 * top, 1.25 * top)
    axes.set_xlabel(axis)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=min(3, len(kinds)))
    axes.grid(axis="x", color=GRID)
    axes.tick_params(left=False)
    source_line(figure, source)
    return settled(figure)
