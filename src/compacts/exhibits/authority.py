"""Pictures of authority: how far readers agree, what is claimed, granted and delegated, and how the faces compare."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.authority import GROUPS, PERIODS
from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line
from compacts.stats.agreement import FIRM, TENTATIVE

SHADES: Mapping[str, str] = dict(zip(GROUPS, (PALETTE[1], PALETTE[0], MUTED), strict=True))
SHORT: Mapping[str, str] = dict(zip(PERIODS, ("–15", "–18", "19–"), strict=True))
MARKS: Mapping[str, str] = dict(zip(GROUPS, ("o", "s", "D"), strict=True))


@drawn
def agreement(table: pd.DataFrame, source: str) -> Figure:
    """Draw alpha with its interval for each code, a panel a set of texts; the dashed lines are Krippendorff's floors.

    Parameters
    ----------
    table : DataFrame
        ``set``, ``code``, ``alpha``, ``low``, ``high``, ``verdict``; undefined alphas are named without a mark.
    source : str
        Line under the figure.
    """
    sets = list(table["set"].drop_duplicates())
    most = table.groupby("set").size().max()
    figure, panels = canvas(height=0.21 * most + 1.2, columns=len(sets), sharex=True)
    for axes, name in zip(panels, sets, strict=True):
        part = table[table["set"] == name].sort_values("alpha", ascending=False)
        for floor in (TENTATIVE, FIRM):
            axes.axvline(floor, color=GRID, linewidth=1, linestyle=(0, (3, 2)))
        for place, row in enumerate(part.to_dict("records")):
            shade = PALETTE[1] if row["alpha"] < TENTATIVE else PALETTE[0]
            axes.plot([row["low"], row["high"]], [place, place], color=shade, linewidth=1.4)
            axes.plot(
                row["alpha"],
                place,
                "o",
                color=shade,
                markersize=5,
                markerfacecolor="white" if row["alpha"] < TENTATIVE else shade,
            )
        axes.set_yticks(range(len(part)), part["code"])
        axes.set_ylim(most - 0.4, -0.6)
        axes.set_xlim(0, 1.03)
        axes.set_xticks([0, 0.5, 1])
        axes.set_title(name, fontsize=SMALLEST)
        axes.tick_params(left=False)
    panels[0].set_xlabel("Krippendorff's alpha")
    source_line(figure, source)
    return figure


@drawn
def profiles(
    table: pd.DataFrame, codes: Mapping[str, str], source: str, *, columns: int = 4, unit: str = "%"
) -> Figure:
    """Draw small panels, one a code: the three groups over the three periods, with intervals.

    Parameters
    ----------
    table : DataFrame
        ``group``, ``period``, ``code``, ``share``, ``low``, ``high``.
    codes : mapping
        Words for each code, in the order drawn.
    source : str
        Line under the figure.
    columns : int
        Panels a row.
    unit : str
        Of the axis; shares are drawn as per cent, other means as they are.
    """
    rows = -(-len(codes) // columns)
    figure, grid = canvas(height=1.7 * rows + 0.75, rows=rows, columns=columns, sharex=True, squeeze=False)
    scale = 100 if unit == "%" else 1
    periods = list(PERIODS)
    for number, axes in enumerate(grid.ravel()):
        if number >= len(codes):
            axes.set_axis_off()
            continue
        code = list(codes)[number]
        for shift, group in enumerate(GROUPS):
            part = table[(table["code"] == code) & (table["group"] == group)].set_index("period").reindex(periods)
            at = np.arange(len(periods)) + 0.2 * (shift - 1)
            axes.vlines(at, scale * part["low"], scale * part["high"], color=SHADES[group], linewidth=1.2)
            axes.plot(
                at, scale * part["share"], MARKS[group], linestyle="-", linewidth=0.8, color=SHADES[group], markersize=4
            )
        axes.set_title(codes[code], fontsize=SMALLEST)
        axes.set_xticks(
            range(len(periods)),
            [SHORT[period] for period in periods],
        )
        axes.set_xlim(-0.5, len(periods) - 0.5)
        axes.grid(axis="y", color=GRID)
        axes.set_ylim(*((0, None) if (table.loc[table["code"] == code, "low"] >= 0).all() else (None, None)))
    for axes in grid[:, 0]:
        axes.set_ylabel(unit)
    figure.suptitle(
        "Red circles: IOM. Blue squares: UNHCR. Grey diamonds: peers. Periods: to 2015, 2016 to 2018, 2019 on.",
        x=0.008,
        ha="left",
        fontsize=SMALLEST,
    )
    source_line(figure, source)
    return figure


@drawn
def dictionary(scores: pd.DataFrame, source: str) -> Figure:
    """Draw precision and recall of the dictionary for each code."""
    figure, axes = canvas(height=0.27 * len(scores) + 1.2)
    ordered = scores.sort_values("f1", ascending=False)
    for place, row in enumerate(ordered.to_dict("records")):
        axes.plot([100 * row["precision"], 100 * row["recall"]], [place, place], color=GRID, linewidth=2, zorder=0)
        axes.plot(100 * row["precision"], place, "o", color=PALETTE[0], markersize=6)
        axes.plot(100 * row["recall"], place, "D", color="white", markeredgecolor=PALETTE[1], markersize=5.5)
        axes.text(104, place, f"{100 * row['prevalence']:.0f}", va="center", ha="left")
    axes.text(104, -0.9, "read, %", ha="left", va="center", color=MUTED)
    axes.set_yticks(range(len(ordered)), ordered["code"])
    axes.set_ylim(len(ordered) - 0.5, -1.3)
    axes.set_xlim(0, 115)
    axes.set_xticks(range(0, 101, 25))
    axes.set_xlabel("per cent; filled dot: precision, open diamond: recall")
    axes.tick_params(left=False)
    source_line(figure, source)
    return figure


@drawn
def faces(table: pd.DataFrame, columns: Mapping[str, str], source: str) -> Figure:
    """Draw organizations as rows and measures as panels, each on its own scale, IOM and UNHCR marked.

    Parameters
    ----------
    table : DataFrame
        Indexed by organization; the columns named.
    columns : mapping
        Heading of each measure, in the order drawn.
    source : str
        Line under the figure.
    """
    figure, panels = canvas(height=0.26 * len(table) + 1.3, columns=len(columns), sharey=True)
    for axes, (column, words) in zip(np.atleast_1d(panels), columns.items(), strict=True):
        values = table[column]
        for place, (name, value) in enumerate(values.items()):
            shade = SHADES.get(str(name), PALETTE[4])
            if pd.isna(value):
                axes.text(values.min(), place, "not known", va="center", ha="left", color=MUTED)
                continue
            axes.plot(value, place, MARKS.get(str(name), "D"), color=shade, markersize=6)
        axes.set_title(words, fontsize=SMALLEST, fontweight="normal")
        axes.grid(axis="x", color=GRID)
        axes.margins(x=0.15)
        axes.tick_params(left=False)
    np.atleast_1d(panels)[0].set_yticks(range(len(table)), list(table.index))
    np.atleast_1d(panels)[0].set_ylim(len(table) - 0.5, -0.5)
    for label in np.atleast_1d(panels)[0].get_yticklabels():
        label.set_color(SHADES.get(label.get_text(), INK))
    source_line(figure, source)
    return figure


def words_of(codes: Sequence[str]) -> dict[str, str]:
    """Return codes as words.

    Examples
    --------
    >>> words_of(["ground_moral", "new_task"])
    {'ground_moral': 'moral', 'new_task': 'new task'}
    """
    return {code: code.removeprefix("ground_").replace("_", " ") for code in codes}
