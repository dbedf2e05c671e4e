"""The house style of figures: one font, a palette that survives greyscale, direct labels, a source line.

A drawing function is decorated with `drawn`, takes frames, makes its axes with `canvas` and returns the
figure. Figures are 7 inches wide, the width of a page's text, so 9-point text is read as 9-point text.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.rcsetup import cycler
from numpy.typing import ArrayLike

WIDTH = 7.0  # inches
SMALLEST = 9  # points
INK, MUTED, GRID = "#1a1a1a", "#595959", "#d8d8d8"

# Blue, vermilion, light blue, amber, grey: told apart with every common colour vision, and by lightness alone
# (CIE L* 31, 47, 64, 78, 57), so a greyscale print keeps them.
PALETTE = ("#1f4b7a", "#c2491d", "#5fa3d3", "#e5bd54", "#8a8a8a")
SEQUENTIAL = "cividis"
VOTES: Mapping[str, str] = {"yes": "#1f4b7a", "no": "#c2491d", "abstain": "#e5bd54", "not voting": "#dedede"}

_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same letters
    "font.size": SMALLEST,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,
    "axes.labelsize": SMALLEST,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.labelsize": SMALLEST,
    "ytick.labelsize": SMALLEST,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": SMALLEST,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "patch.linewidth": 0.6,
    "figure.facecolor": "white",
    "image.cmap": SEQUENTIAL,
}

P = ParamSpec("P")


def drawn(function: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a drawing function work in the house style and sign its figure with its own name.

    Examples
    --------
    >>> @drawn
    ... def counts(numbers: list[int]) -> Figure:
    ...     figure, axes = canvas(height=2)
    ...     _ = axes.bar(range(len(numbers)), numbers)
    ...     return figure
    >>> counts([3, 1]).get_label().endswith(".counts")
    True
    """

    @wraps(function)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with rc_context(_RC):
            figure = function(*args, **kwargs)
        figure.set_label(f"{function.__module__}.{function.__qualname__}")
        return figure

    return styled


def canvas(height: float = 4.0, rows: int = 1, columns: int = 1, **kwargs: Any) -> tuple[Figure, Any]:
    """Return a figure of the house width and its axes, without pyplot: nothing is shown by itself.

    Parameters
    ----------
    height : float
        Inches.
    rows, columns : int
        Grid of axes; one axes for 1 x 1, else an array of them.
    **kwargs
        For `matplotlib.figure.Figure.subplots`, such as ``sharex=True``.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **kwargs)


def source_line(figure: Figure, text: str) -> None:
    """Write source and as-of date under the figure, at its left edge, and keep room for it."""
    room = 0.28 / figure.get_figheight()
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, room, 1, 1 - room))
    low = 0.06 / figure.get_figheight()
    figure.text(0.008, low, text, color=MUTED, fontsize=SMALLEST, va="bottom", ha="left")


def settle(figure: Figure) -> None:
    """Lay a figure out without drawing it, which costs as much again: only then do axes know their height."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def label_ends(
    axes: Axes,
    x: float,
    heights: Sequence[float],
    texts: Sequence[str],
    colors: Sequence[str] | None = None,
    gap: float = 12.0,
) -> None:
    """Name each line beside its end instead of in a legend; labels that would touch are moved apart.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Set the limits of the y axis before: distances are reckoned from them.
    x : float
        Where the lines end, in data units.
    heights, texts, colors
        The ends in data units, their names, and their colours (the palette's order without them).
    gap : float
        Smallest distance between two labels, in points.
    """
    shades = colors or [PALETTE[i % len(PALETTE)] for i in range(len(texts))]
    figure = axes.get_figure(root=True)
    if figure is None:
        msg = "label_ends: got axes without a figure"
        raise ValueError(msg)
    settle(figure)
    bottom, top = axes.get_ylim()
    tall = axes.get_position().height * figure.get_figheight() * 72
    places = spread([(height - bottom) / (top - bottom) * tall for height in heights], gap)
    for text, height, place, shade in zip(texts, heights, places, shades, strict=True):
        shift = place - (height - bottom) / (top - bottom) * tall
        axes.annotate(
            text, (x, height), xytext=(6, shift), textcoords="offset points", va="center", ha="left",
            color=_readable(shade), fontsize=SMALLEST, annotation_clip=False,
        )  # fmt: skip


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Return places at least `gap` apart, each as near to its own as keeping their order allows.

    Pool-adjacent-violators on the places less their rank's share of the gaps: the least-squares answer.

    Examples
    --------
    >>> spread([0, 1, 50], 10)
    [-4.5, 5.5, 50.0]
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    blocks: list[list[float]] = []  # each: sum, count
    for rank, i in enumerate(order):
        blocks.append([places[i] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    level = [total / count for total, count in blocks for _ in range(int(count))]
    result = [0.0] * len(places)
    for rank, i in enumerate(order):
        result[i] = float(level[rank] + rank * gap)
    return result


def strokes(
    axes: Axes, starts: ArrayLike, ends: ArrayLike, places: ArrayLike, *, upright: bool = False, **look: Any
) -> Line2D:
    """Draw many level (or upright) strokes as one line with gaps: a page with many of them stays light.

    Parameters
    ----------
    axes
        Where to.
    starts, ends, places
        Of each stroke, along it and across; shape (strokes,).
    upright
        Along the y axis instead of the x axis.
    **look
        For `matplotlib.axes.Axes.plot`.

    Examples
    --------
    >>> _, axes = canvas()
    >>> strokes(axes, [0, 1], [2, 3], [5, 6]).get_xdata().tolist()
    [0.0, 2.0, nan, 1.0, 3.0, nan]
    """
    along, across = (
        np.column_stack([one, other, np.full(len(np.asarray(places)), np.nan)]).ravel()
        for one, other in ((starts, ends), (places, places))
    )
    (line,) = axes.plot(*((across, along) if upright else (along, across)), **look)
    return line


def text_on(color: str) -> str:
    """Return ink or white, whichever reads better on a fill of this colour."""
    return "white" if _contrast(color, "#ffffff") >= _contrast(color, INK) else INK


def _readable(color: str) -> str:
    """Return the colour when text in it reads on white (contrast 4.5), else ink."""
    return color if _contrast(color, "#ffffff") >= 4.5 else INK


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "relative luminance")."""
    from matplotlib.colors import to_rgb

    def luminance(color: str) -> float:
        channels = np.array(to_rgb(color))
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
