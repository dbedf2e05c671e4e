"""Pictures of forms in time: when they began and ended, how long two mandates ran, meetings against their schedule."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import YearLocator, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, WIDTH, canvas, drawn, source_line

TERMS: Mapping[str, str] = {"fixed": PALETTE[1], "renewable": PALETTE[3], "open": PALETTE[0], "not known": PALETTE[4]}
ENDS: Mapping[str, tuple[str, str]] = {
    "expired": ("|", "term over"), "replaced": (">", "replaced"), "merged": ("D", "merged"), "dissolved": ("X", "dissolved"),
}  # fmt: skip
STATES: Mapping[tuple[str, bool], tuple[str, float, str]] = {
    ("held", True): (PALETTE[0], 9, "known, in a year due"), ("held", False): (PALETTE[2], 9, "known, in another year"),
    ("announced", True): (PALETTE[3], 9, "announced only"), ("not known", True): (PALETTE[1], 2.5, "due, none found"),
    ("due", True): (MUTED, 2.5, "still to come"),
}  # fmt: skip
ROW = 0.148  # inches a form
DAY = pd.Timedelta(days=1)


def _joined(starts: pd.Series, stops: pd.Series, rows: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return one broken line for many bars, without those too short to be seen: a file then holds one path, not hundreds."""
    first, last = date2num(starts).round(0), date2num(stops).round(0)
    some = last - first > least
    gap = np.full(int(some.sum()), np.nan)
    x = np.column_stack([first[some], last[some], gap]).ravel()
    y = np.column_stack([rows[some], rows[some], gap]).ravel()
    return x, y


@drawn
def forms_in_time(
    spells: pd.DataFrame,
    groups: Sequence[tuple[str, Sequence[str]]],
    as_of: str,
    first_year: int,
    source: str,
    *,
    keys: bool = True,
) -> Figure:
    """Draw each form from its start to its end or to the day on which it was last seen.

    Parameters
    ----------
    spells
        As :func:`compacts.permanence.form_spells` gives them.
    groups
        Heading and keys of forms of each panel; a panel without forms is left out.
    as_of
        Day at which the axis ends.
    first_year
        Year at which it begins.
    source
        Line under the figure.
    keys
        Whether the signs are explained above the figure.
    """
    panels = [(title, spells.loc[list(keys)].sort_values(["start", "end"])) for title, keys in groups if len(keys)]
    heights = [len(part) + 1.1 for _, part in panels]
    top, bottom, gap = (0.95 if keys else 0.28), 0.62, 0.36  # inches
    tall = top + bottom + ROW * sum(heights) + gap * (len(panels) - 1)
    figure, grid = canvas(
        height=tall, rows=len(panels), sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    figure.set_layout_engine(None)  # by measure: the last digits of the solver's layout differ from run to run
    letters = max(part["label"].str.len().max() for _, part in panels)
    figure.subplots_adjust(left=(0.35 + 0.066 * letters) / WIDTH, right=0.985, top=1 - top / tall, bottom=bottom / tall,
                           hspace=gap * len(panels) / (ROW * sum(heights)))  # fmt: skip
    last, begin = float(date2num(pd.Timestamp(as_of))), float(date2num(pd.Timestamp(f"{first_year}-01-01")))
    for axes, (title, part) in zip(grid[:, 0], panels, strict=True):
        _bars(axes, part, last, (last - begin) / 150)
        axes.set_title(title)
    left, right = (
        float(date2num(pd.Timestamp(f"{first_year}-01-01"))),
        last + 0.012 * (last - date2num(pd.Timestamp(f"{first_year}-01-01"))),
    )
    grid[0, 0].set_xlim(left, right)
    step = 2 if pd.Timestamp(as_of).year - first_year < 20 else 20
    years = pd.to_datetime(
        [f"{year}-01-01" for year in range(-(-first_year // step) * step, pd.Timestamp(as_of).year + 1, step)]
    )
    days = pd.Series(years)
    for axes, (_, part) in zip(grid[:, 0], panels, strict=True):
        x, y = (
            np.column_stack(columns).ravel()
            for columns in (
                (date2num(days), date2num(days), np.full(len(days), np.nan)),
                (np.full(len(days), 0.8), np.full(len(days), 0.3 - len(part)), np.full(len(days), np.nan)),
            )
        )
        axes.plot(x, y, color=GRID, linewidth=0.6, zorder=0)  # one path for all lines of a panel
        axes.tick_params(bottom=axes is grid[-1, 0], left=False)
    grid[-1, 0].set_xticks(days, [str(year.year) for year in years])
    if keys:
        figure.legend(
            handles=_keys(), loc="upper left", ncols=4, handlelength=1.6, columnspacing=1.2, borderaxespad=0.1
        )
    source_line(figure, source)
    return figure


def _bars(axes: Axes, part: pd.DataFrame, last: float, least: float) -> None:
    rows = -np.arange(len(part))
    seen = part["start_high"] + pd.Timedelta(days=round(0.6 * least))  # a form seen once gets a bar that can be seen
    sure = part["end_low"].where(part["end_low"] > seen, seen)
    once = ((part["end_kind"] == "ongoing") & (part["end_high"] <= part["start_high"] + DAY)).to_numpy()
    for term, shade in TERMS.items():
        of_term = (part["term"] == term).to_numpy()
        _marks(axes, part["start_high"], rows, of_term & once, "o", (shade, shade, 3))
        own = of_term & ~once
        for starts, stops, thick in (
            ("start_low", part["start_high"], False),
            ("start_high", sure, True),
            ("end_low", part["end_high"], False),
        ):
            x, y = _joined(part[starts][own], stops[own], rows[own], 0 if thick else least)
            style: Mapping[str, Any] = (
                {"linewidth": 4.5, "solid_capstyle": "butt"} if thick else {"linewidth": 1.2, "linestyle": (0, (1, 1))}
            )
            if len(x):
                axes.plot(x, y, color=shade, clip_on=False, **style)
    for kind, (marker, _) in ENDS.items():
        size = 9 if marker == "|" else 5  # a stroke must stand out of its bar
        _marks(axes, part["end"], rows, (part["end_kind"] == kind).to_numpy(), marker, (INK, INK, size))
    axes.axvline(last, color=MUTED, linewidth=0.8)
    names = [f"{row['label']}{' ?' if row['confidence'] == 'uncertain' else ''}" for row in part.to_dict("records")]
    axes.set_yticks(rows, names, color="black")  # black is the default, and needs no style in the file
    axes.set_ylim(-len(part) + 0.3, 0.8)
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)


def _marks(
    axes: Axes, days: pd.Series, rows: np.ndarray, chosen: np.ndarray, marker: str, look: tuple[str, str, float]
) -> None:
    if chosen.any():
        axes.plot(date2num(days)[chosen].round(0), rows[chosen], marker, color=look[0], markeredgecolor=look[1],
                  markersize=look[2], markeredgewidth=1.3, clip_on=False)  # fmt: skip


def _keys() -> list[Line2D]:
    bars = [
        Line2D([], [], color=shade, linewidth=4.5, label=f"{term} term" if term != "not known" else "term not known")
        for term, shade in TERMS.items()
    ]
    ends = [
        Line2D([], [], color=INK, marker=marker, linestyle="", markersize=5, label=words)
        for marker, words in ENDS.values()
    ]
    seen = Line2D([], [], linestyle="", label="no mark: last seen there")
    loose = Line2D([], [], color=INK, linewidth=1.2, linestyle=(0, (1, 1)), label="date in this range")
    once = Line2D([], [], color=INK, marker="o", linestyle="", markersize=3.5, label="seen on one day only")
    return [*bars, *ends, seen, once, loose]


@drawn
def mandates_in_steps(
    steps: pd.DataFrame, chain: pd.DataFrame, names: Mapping[str, str], as_of: str, source: str
) -> Figure:
    """Draw until when two mandates ran, as known at each day, and the bodies that became IOM.

    Parameters
    ----------
    steps
        form_id, decided, runs_until, confidence of the table mandate_steps.
    chain
        short_name, start, end of the bodies, one after the other.
    names
        Heading by form_id, in the order of the panels.
    as_of
        Last day drawn.
    source
        Line under the figure.
    """
    figure, grid = canvas(
        height=5.4, rows=len(names) + 1, sharex=True, gridspec_kw={"height_ratios": [3] * len(names) + [1.1]}
    )
    last = pd.Timestamp(as_of)
    for axes, (form_id, title) in zip(grid, names.items(), strict=False):
        own = steps[(steps["form_id"] == form_id) & (steps["decided"] <= last)].sort_values("decided")
        dated = own.dropna(subset="runs_until")
        open_ended = len(own) > len(dated)
        days = [*dated["decided"], own["decided"].iloc[-1] if open_ended else last]
        x = np.repeat(np.array(days, dtype="datetime64[D]"), 2)[1:-1]
        y = [
            (stop - day).days / 365.25
            for start, stop in zip(range(len(dated)), dated["runs_until"], strict=True)
            for day in days[start : start + 2]
        ]
        axes.plot(x, y, color=PALETTE[0], linewidth=1.2)
        sure = (dated["confidence"] == "verified").to_numpy()
        axes.plot(dated["decided"][sure], np.array(y[::2])[sure], "o", color=PALETTE[0], markersize=4.5)
        if open_ended:
            axes.axvspan(days[-1], last, color="#e9eef3", linewidth=0)
            axes.text(
                days[-1] + (last - days[-1]) / 2,
                3.6,
                "no date:\n“until the refugee\nproblem is solved”",
                ha="center",
                va="center",
            )
        axes.set_title(title)
        axes.set_ylim(0, 7.4)
        axes.set_ylabel("years left")
        axes.grid(axis="y", color=GRID)
    lane = grid[-1]
    for place, row in enumerate(chain.to_dict("records")):
        stop = min(row["end"], last)
        lane.plot([row["start"], stop], [0, 0], color=PALETTE[place % 2 * 2], linewidth=9, solid_capstyle="butt")
        wide = (stop - row["start"]).days > 3000
        lane.annotate(row["short_name"], (row["start"] + (stop - row["start"]) / 2 if wide else row["start"], 0), xytext=(0, 9 if wide else -15),
                      textcoords="offset points", ha="center" if wide else "left")  # fmt: skip
    lane.set_title("IOM: four bodies in a row, the last without an end")
    lane.set_ylim(-1.2, 1.6)
    lane.set_yticks([])
    lane.spines["left"].set_visible(False)
    lane.xaxis.set_major_locator(YearLocator(10))
    source_line(figure, source)
    return figure


@drawn
def against_schedule(meetings: pd.DataFrame, as_of: str, source: str) -> Figure:
    """Draw the years in which meetings and reports were due, and those in which they are known to have been.

    Parameters
    ----------
    meetings
        As :func:`compacts.time_clauses.schedule` gives them.
    as_of
        The line of today.
    source
        Line under the figure.
    """
    lanes = list(dict.fromkeys(meetings["lane"]))
    figure, axes = canvas(height=0.4 * len(lanes) + 1.0)
    meetings = meetings.assign(row=meetings["lane"].map({lane: -place for place, lane in enumerate(lanes)}))
    for (state, due), (shade, width, _) in STATES.items():
        chosen = meetings[(meetings["state"] == state) & (meetings["due"] == due)]
        if len(chosen):
            gap = np.full(len(chosen), np.nan)
            x = np.column_stack(
                [chosen["year"] - 0.36, chosen["year"] + 0.36, gap]
            ).ravel()  # one path for all marks of a kind
            axes.plot(x, chosen["row"].repeat(3), color=shade, linewidth=width, solid_capstyle="butt", clip_on=False)
    axes.set_yticks([-i for i in range(len(lanes))], lanes)
    axes.axvline(pd.Timestamp(as_of).year + pd.Timestamp(as_of).day_of_year / 366, color=MUTED, linewidth=0.8)
    axes.set_ylim(-len(lanes) + 0.5, 0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    axes.grid(axis="x", color=GRID)
    handles = [Line2D([], [], color=shade, linewidth=width, label=words) for shade, width, words in STATES.values()]
    figure.legend(
        handles=handles, loc="outside upper left", ncols=3, columnspacing=1.2, borderaxespad=0.1, fontsize=SMALLEST
    )
    axes.set_xticks(range(int(meetings["year"].min()), int(meetings["year"].max()) + 1, 4))
    source_line(figure, source)
    return figure
