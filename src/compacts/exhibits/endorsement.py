"""Pictures of the endorsement models: effects with intervals, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line, strokes


@drawn
def effects_compared(
    effects: pd.DataFrame, blocks: Mapping[str, Mapping[str, str]], models: Sequence[str], level: str, source: str
) -> Figure:
    """Draw average marginal effects in percentage points: a column a model, a block of rows on a scale of its own.

    Parameters
    ----------
    effects
        model, covariate, estimate, low, high, associated (drawn as a filled mark).
    blocks
        By heading, the covariates and their words, in order.
    models
        The columns, in order.
    level
        Confidence of the intervals, in words such as ``95 %``.
    source
        Line under the figure.
    """
    heights = [len(rows) for rows in blocks.values()]
    figure, panels = canvas(
        height=0.34 * sum(heights) + 1.9, rows=len(blocks), columns=len(models), sharex="row", sharey="row",
        gridspec_kw={"height_ratios": heights},
    )  # fmt: skip
    for line, (heading, words) in zip(panels, blocks.items(), strict=True):
        for axes, model in zip(line, models, strict=True):
            _effects(axes, effects[effects["model"] == model].set_index("covariate").loc[list(words)])
        line[0].set_yticks([-i for i in range(len(words))], list(words.values()))
        line[0].set_ylim(-len(words) + 0.4, 0.6)
        line[0].set_title(heading, loc="right", x=-0.05, fontsize=SMALLEST)
    for axes, model in zip(panels[0], models, strict=True):
        axes.set_title(model, loc="center", fontsize=SMALLEST)
    panels[-1][len(models) // 2].set_xlabel(
        f"percentage points with {level} intervals;\nfilled mark: passes the declared rule"
    )
    source_line(figure, source)
    return figure


def _effects(axes: Axes, part: pd.DataFrame) -> None:
    axes.axvline(0, color=MUTED, linewidth=0.8)
    places = -np.arange(len(part), dtype=float)
    strokes(axes, part["low"], part["high"], places, color=PALETTE[0], linewidth=1.8, solid_capstyle="butt")
    for filled, shade in {True: PALETTE[0], False: "white"}.items():
        chosen = (part["associated"] == filled).to_numpy()
        axes.plot(part["estimate"][chosen], places[chosen], "o", color=shade, markeredgecolor=PALETTE[0], markersize=6)
    axes.grid(axis="x", color=GRID)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False, bottom=False)
