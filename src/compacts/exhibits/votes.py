"""Pictures of votes: two votes crossed, three votes crossed, roll calls by regional group."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from compacts.exhibits.style import GRID, PALETTE, SMALLEST, canvas, drawn, source_line, strokes, text_on
from compacts.stats.endorsement import VOTES as ORDER

Numbers = NDArray[np.float64]

# in three lines, narrow enough for five panels side by side
GROUPS = {
    "African": "African",
    "Asia-Pacific": "Asia-Pacific",
    "Eastern European": "Eastern\nEuropean",
    "Latin American and Caribbean": "Latin\nAmerica,\nCaribbean",
    "Western European and Others": "Western\nEuropean\nand Others",
}
# one or two states, some, many: a cell is shaded by size
SHADES = ("#e6edf4", "#9dbad6", PALETTE[0])


@drawn
def votes_crossed(states: pd.DataFrame, rows: str, columns: str, titles: tuple[str, str], source: str) -> Figure:
    """Draw two votes crossed: a tile for each pair of votes, with its count and the names of its states.

    Parameters
    ----------
    states
        One row a state: name and the two votes.
    rows, columns
        Names of the two vote columns.
    titles
        Names of the two votes, rows first.
    source
        Line under the figure.
    """
    cells = {(str(row), str(column)): sorted(part["name"]) for (row, column), part in states.groupby([rows, columns])}
    across = [vote for vote in ORDER if any((row, vote) in cells for row in ORDER)]
    widths = dict(zip(across, _widths(cells, across), strict=True))
    texts = {key: _cell_text(names, widths[key[1]], everyone=key == ("yes", "yes")) for key, names in cells.items()}
    heights = {row: max(texts.get((row, c), "").count("\n") + 2.6 for c in across) for row in ORDER}
    figure, axes = canvas(height=0.155 * sum(heights.values()) + 1.15)
    top = 0.0
    for row in ORDER:
        left = 0.0
        for column in across:
            _tile(axes, (left, top), (widths[column], heights[row]), cells.get((row, column), []), texts.get((row, column), ""),
                  row == column)  # fmt: skip
            left += widths[column] + 0.06
        total = sum(len(names) for (vote, _), names in cells.items() if vote == row)
        axes.text(-0.1, top + heights[row] / 2, f"{row}\n{total}", ha="right", va="center")
        top += heights[row] + 0.25
    left = 0.0
    for column in across:
        total = sum(len(names) for (_, vote), names in cells.items() if vote == column)
        axes.text(left, -0.3, f"{column} {total}", ha="left", va="bottom")
        left += widths[column] + 0.06
    axes.text(0, -1.75, titles[1], ha="left", va="bottom", fontweight="bold")
    axes.text(-0.1, -0.3, titles[0], ha="right", va="bottom", fontweight="bold")
    axes.set_xlim(-1.05, left)
    axes.set_ylim(top, -3)
    axes.axis("off")
    source_line(figure, source)
    return figure


def _widths(cells: Mapping[tuple[str, str], list[str]], across: Sequence[str]) -> list[float]:
    """Widths of the columns in inches: wide where names must go, at least as wide as a heading."""
    load = [max((sum(map(len, names)) for key, names in cells.items() if key[1] == column and key != ("yes", "yes")), default=0)
            for column in across]  # fmt: skip
    spare = 5.7 - 0.95 * len(across)
    return [0.95 + spare * size / max(1, sum(load)) for size in load]


def _cell_text(names: list[str], width: float, everyone: bool) -> str:
    if everyone:
        return ""
    # DejaVu Sans at 9 points takes about 0.077 inches a character
    return textwrap.fill(", ".join(names), max(12, int(width / 0.077)), break_long_words=False)


def _tile(
    axes: Axes, corner: tuple[float, float], size: tuple[float, float], names: list[str], text: str, agree: bool
) -> None:
    shade = "#dfe9f2" if agree else "#f7e3c4"
    fill = shade if names else "#f6f6f6"
    # a frame as well as a colour, so that a greyscale print keeps the diagonal apart
    frame = {"edgecolor": PALETTE[0], "linewidth": 1.4} if agree and names else {"edgecolor": "white"}
    axes.add_patch(Rectangle(corner, *size, facecolor=fill, **frame))
    if not names:
        return
    left, top = corner[0] + 0.07, corner[1]
    axes.text(left, top + 0.2, f"{len(names)}", va="top", ha="left", fontweight="bold")
    axes.text(left, top + 1.25, text, va="top", ha="left", linespacing=1.15)


@drawn
def roll_calls_by_group(
    shares: pd.DataFrame, labels: Mapping[str, str], source: str, marked: Sequence[str] = ()
) -> Figure:
    """Draw the share of each regional group that voted yes, a row a roll call and a panel a group.

    Parameters
    ----------
    shares
        resolution, date, un_group, yes_share, yes, members; in order of date.
    labels
        Name of each roll call drawn, by resolution; others are left out.
    marked
        Resolutions whose names are in bold.
    source
        Line under the figure.
    """
    drawn_calls = [call for call in shares["resolution"].drop_duplicates() if call in labels]
    figure, panels = canvas(height=0.23 * len(drawn_calls) + 1.0, columns=len(GROUPS), sharey=True)
    place = {call: -i for i, call in enumerate(drawn_calls)}
    for axes, (group, title) in zip(panels, GROUPS.items(), strict=True):
        part = shares[shares["un_group"].eq(group) & shares["resolution"].isin(place)]
        y = part["resolution"].map(place).to_numpy(dtype=float)
        ends = 100 * part["yes_share"].to_numpy()
        # a dot is a short stroke with round ends, so that a share of nought shows and all dots are one line;
        # moved to whole pixels it would have no length and vanish
        dots = strokes(
            axes, ends - 0.5, ends + 0.5, y,
            color=PALETTE[0], linewidth=5.5, solid_capstyle="round", clip_on=False, snap=False,
        )  # fmt: skip
        dots.get_path().should_simplify = False  # short strokes stay
        axes.set_title(title, fontsize=SMALLEST, fontweight="normal")
        axes.set_xlim(0, 106)
        axes.set_xticks([0, 50, 100], ["0", "50", "100"])
        axes.spines["left"].set_visible(False)
        axes.tick_params(left=False, bottom=False)
        axes.grid(axis="x", color=GRID)
    panels[0].set_yticks(list(place.values()), [labels[call] for call in place])
    for call, label in zip(place, panels[0].get_yticklabels(), strict=True):
        label.set_fontweight("bold" if call in marked else "normal")
    panels[0].set_ylim(-len(place) + 0.4, 0.6)
    panels[len(panels) // 2].set_xlabel("members that voted yes, %")
    source_line(figure, source)
    return figure


@drawn
def three_votes(
    states: pd.DataFrame, columns: tuple[str, str, str], titles: tuple[str, str, str], source: str
) -> Figure:
    """Draw three votes crossed: a row for each pair of votes on the first two, a column a vote on the third.

    Parameters
    ----------
    states
        One row a state: name and the three votes.
    columns
        Names of the columns of votes, in order of time or of interest.
    titles
        Names of the votes.
    source
        Line under the figure.
    """
    first, second, third = columns
    counts = pd.crosstab([states[first], states[second]], states[third]).reindex(columns=list(ORDER), fill_value=0)
    order = [(one, two) for one in ORDER for two in ORDER if (one, two) in counts.index]
    numbers = counts.to_numpy(dtype=int)
    figure, axes = canvas(height=0.27 * len(order) + 1.05)
    for place, pair in enumerate(order):
        row, y = numbers[counts.index.get_loc(pair)], -place
        if place == 0 or order[place - 1][0] != pair[0]:
            axes.text(-2.35, y, pair[0], ha="left", va="center", fontweight="bold")
            axes.plot([-2.35, 5.6], [y + 0.5, y + 0.5], color=GRID, linewidth=0.8)
        axes.text(-1.35, y, f"{pair[1]} {row.sum()}", ha="left", va="center")
        for step, number in enumerate(row):
            if number:
                shade = SHADES[int(number >= 3) + int(number >= 30)]
                axes.add_patch(Rectangle((step - 0.44, y - 0.42), 0.88, 0.84, facecolor=shade, edgecolor="none"))
                axes.text(step, y, str(number), ha="center", va="center", color=text_on(shade))
        names = states.loc[(states[first] == pair[0]) & (states[second] == pair[1]), "name"]
        if len(names) < 4:
            axes.text(3.6, y, ", ".join(sorted(names)), va="center")
    for x, title in ((-2.35, titles[0]), (-1.35, titles[1]), (-0.44, titles[2])):
        axes.text(x, 1.6, title, ha="left", va="center", fontweight="bold")
    for step, vote in enumerate(ORDER):
        axes.text(step, 0.85, vote, ha="center", va="center")
    axes.set_xlim(-2.4, 5.6)
    axes.set_ylim(-len(order) + 0.4, 2.1)
    axes.axis("off")
    source_line(figure, source)
    return figure
