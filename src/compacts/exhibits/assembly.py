"""Pictures of what the tables hold and lack."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure

from compacts.assembly import CONFIDENCE, short_resolution
from compacts.exhibits.style import GRID, MUTED, PALETTE, SEQUENTIAL, canvas, drawn, label_ends, source_line, text_on

# dark, middle, light: their order survives a greyscale print
_CONFIDENCE_SHADES = dict(zip(CONFIDENCE, (PALETTE[0], PALETTE[2], PALETTE[3]), strict=True))


@drawn
def confidence_of_rows(counts: pd.DataFrame, source: str) -> Figure:
    """Draw the rows of each curated table by confidence, as shares with their counts.

    Parameters
    ----------
    counts : DataFrame
        Indexed by table: verified, cited, uncertain, rows.
    source : str
        Line under the figure.
    """
    figure, axes = canvas(height=0.36 * len(counts) + 1.1)
    places = range(len(counts))
    left = pd.Series(0.0, index=counts.index)
    for level in CONFIDENCE:
        width = 100 * counts[level] / counts["rows"]
        axes.barh(places, width, left=left, color=_CONFIDENCE_SHADES[level], height=0.74, edgecolor="white")
        for place, (start, share, number) in enumerate(zip(left, width, counts[level], strict=True)):
            if share >= 7:
                middle = start + share / 2
                axes.text(middle, place, number, ha="center", va="center", color=text_on(_CONFIDENCE_SHADES[level]))
        left = left + width
    for place, uncertain in enumerate(counts["uncertain"]):
        if uncertain:
            axes.text(101, place, f"{uncertain} uncertain", va="center", ha="left")
    axes.set_yticks(places, [f"{table} ({rows})" for table, rows in counts["rows"].items()])
    axes.invert_yaxis()
    first = counts.iloc[0]
    start = 0.0
    for level in CONFIDENCE[:2]:
        share = 100 * first[level] / first["rows"]
        axes.text(start, -0.6, level, ha="left", va="bottom", fontweight="bold")
        start += share
    axes.set_xlim(0, 121)
    axes.set_xticks(range(0, 101, 25))
    axes.set_xlabel("rows, %")
    _bare(axes)
    source_line(figure, source)
    return figure


@drawn
def unknown_cells(cells: pd.DataFrame, source: str) -> Figure:
    """Draw the share of cells that are empty because the fact is not known, a bar a column, grouped by table.

    Parameters
    ----------
    cells : DataFrame
        table, column, rows, empty, share; in the order drawn.
    source : str
        Line under the figure.
    """
    tables = list(cells["table"].drop_duplicates())
    figure, axes = canvas(height=0.215 * (len(cells) + 1.15 * len(tables)) + 0.9)
    place, ticks = 0.0, {}
    for table in tables:
        part = cells[cells["table"] == table]
        axes.text(-1, place, f"{table} ({part['rows'].iloc[0]} rows)", ha="right", va="center", fontweight="bold")
        place += 1
        for row in part.to_dict("records"):
            axes.barh(place, 100 * row["share"], color=PALETTE[0], height=0.7)
            axes.text(100 * row["share"] + 1, place, f"{row['empty']}", va="center", ha="left")
            ticks[place] = str(row["column"])
            place += 1
        place += 0.35
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.set_ylim(place - 0.3, -0.8)
    axes.set_xlim(0, 108)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("cells whose fact is not known, % (beside: their number)")
    _bare(axes)
    axes.grid(axis="x", color=GRID)
    source_line(figure, source)
    return figure


@drawn
def known_cells(known: pd.DataFrame, source: str) -> Figure:
    """Draw the share of members whose value is known as a grid of years and columns, fewest known on top.

    Parameters
    ----------
    known : DataFrame
        Shares from 0 to 1, a row a column of the table, a column a year.
    source : str
        Line under the figure.
    """
    figure, axes = canvas(height=0.17 * len(known) + 1.3)
    picture = axes.imshow(
        known.to_numpy(dtype=float), aspect="auto", cmap=SEQUENTIAL, vmin=0, vmax=1, interpolation="nearest"
    )
    years = list(known.columns)
    axes.set_xticks(range(0, len(years), 4), [str(year) for year in years[::4]])
    axes.set_yticks(range(len(known)), list(known.index))
    _bare(axes)
    bar = figure.colorbar(picture, ax=axes, shrink=0.25, anchor=(0.0, 1.0))
    bar.set_ticks([0, 0.5, 1], labels=["0", "50", "100"])
    bar.set_label("members with a value, %")
    source_line(figure, source)
    return figure


@drawn
def published_differences(found: pd.DataFrame, named_from: float, source: str) -> Figure:
    """Draw by how much our answers differ from published figures, a dot a figure, a band a reason.

    Parameters
    ----------
    found : DataFrame
        statement, reason (empty for the same number), percent.
    named_from : float
        Differences of at least so many per cent are named.
    source : str
        Line under the figure.
    """
    apart = found[found["reason"] != ""]
    bands = list(apart["reason"].value_counts().index)
    figure, axes = canvas(height=4.4)
    ticks, bottom = [], 0.0
    for reason in reversed(bands):
        part = apart[apart["reason"] == reason].sort_values("percent")
        bins = part["percent"].round()
        stack = bins.groupby(bins).cumcount()
        named = part[part["percent"].abs() >= named_from]
        axes.plot(bins, bottom + stack, "o", color=PALETTE[0], markersize=4.5, markeredgewidth=0)
        for row in named.to_dict("records"):
            right = row["percent"] > 50  # its text would run out of the figure
            outermost = row["percent"] in (named["percent"].min(), named["percent"].max())
            axes.annotate(
                fill(str(row["statement"]), 22), (round(row["percent"]), bottom), xytext=(0, 56 if outermost else 10),
                textcoords="offset points", ha="right" if right else "left", va="bottom",
                arrowprops={
                    "arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3, "relpos": (int(right), 0),
                },
            )  # fmt: skip
        ticks.append((bottom, f"{reason} ({len(part)})"))
        bottom += max(float(stack.max()), 4.5 if len(named) else 0) + 2
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=0)
    axes.set_yticks([place for place, _ in ticks], [label for _, label in ticks])
    axes.set_ylim(-0.8, bottom)
    axes.set_xlabel("ours less the published figure, % of it (whole per cents)")
    axes.grid(axis="x", color=GRID)
    _bare(axes)
    source_line(figure, source)
    return figure


@drawn
def votes_not_cast(shares: pd.DataFrame, names: Mapping[str, str], source: str) -> Figure:
    """Draw the share of possible votes that were not cast, a line a regional group.

    Parameters
    ----------
    shares : DataFrame
        session, un_group, share.
    names : mapping
        Label of each group, in the order of colours.
    source : str
        Line under the figure.
    """
    figure, axes = canvas(height=3.7)
    last = shares["session"].max()
    ends = []
    for shade, group in zip(PALETTE, names, strict=True):
        part = shares[shares["un_group"] == group].sort_values("session")
        axes.plot(part["session"], 100 * part["share"], color=shade, marker="o", markersize=3)
        ends.append(100 * float(part["share"].iloc[-1]))
    axes.set_ylim(-1.2, 105 * shares["share"].max())
    axes.set_xlim(shares["session"].min() - 0.3, last + 6.2)
    axes.set_xticks(range(int(shares["session"].min()), int(last) + 1, 5))
    axes.set_xlabel("session of the General Assembly (60th: 2005-06)")
    axes.set_ylabel("votes not cast, %")
    axes.grid(axis="y", color=GRID)
    source_line(figure, source)
    label_ends(axes, float(last), ends, list(names.values()), list(PALETTE), gap=18)
    return figure


@drawn
def displacement_gaps(coverage: pd.DataFrame, events: Mapping[int, str], members: int, source: str) -> Figure:
    """Draw how many UN members are in UNHCR's figures as countries of asylum, and refugees of unknown origin.

    Parameters
    ----------
    coverage : DataFrame
        year, with_refugees, with_asylum_seekers, unknown_share.
    events : mapping of int to str
        Years marked in the upper panel, with what happened; years before the first one drawn are left out.
    members : int
        Members of today, drawn as a dashed line.
    source : str
        Line under the figure.
    """
    figure, (upper, lower) = canvas(height=5.2, rows=2, sharex=True)
    last = float(coverage["year"].max())
    series = {"with_refugees": "refugees", "with_asylum_seekers": "asylum-\nseekers"}
    for shade, column in zip(PALETTE, series, strict=False):
        reported = coverage[coverage[column] > 0]
        upper.plot(reported["year"], reported[column], color=shade)
    upper.set_ylim(0, 200)
    upper.axhline(members, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    upper.text(coverage["year"].min() + 1, members - 3, f"{members} members today", va="top", color=MUTED)
    for year, text in events.items():
        if year < coverage["year"].min():
            continue
        upper.axvline(year, color=GRID, linewidth=1.2, zorder=0)
        upper.text(year - 0.8, 8, text, ha="right", va="bottom", color=MUTED)
    upper.set_title("UN members that host people in these groups", fontsize=10)
    upper.set_ylabel("members")
    lower.fill_between(coverage["year"], 100 * coverage["unknown_share"], color=PALETTE[2])
    lower.plot(coverage["year"], 100 * coverage["unknown_share"], color=PALETTE[0], linewidth=1)
    lower.set_ylim(0, 100)
    lower.set_title("Refugees whose origin is not known", fontsize=10)
    lower.set_ylabel("% of refugees")
    lower.set_xlim(coverage["year"].min(), last)
    lower.set_xticks(range(int(coverage["year"].min()) // 10 * 10 + 10, int(last), 10))
    lower.set_xlabel("end of year")
    for axes in (upper, lower):
        axes.grid(axis="y", color=GRID)
    source_line(figure, source)
    label_ends(
        upper, last, [float(coverage[c].iloc[-1]) for c in series], list(series.values()), list(PALETTE[:2]), gap=24
    )
    return figure


@drawn
def disagreements(check: pd.DataFrame, named: Sequence[str], source: str) -> Figure:
    """Draw the number of states on which two sources differ, a mark a roll call.

    Parameters
    ----------
    check : DataFrame
        resolution, date, disagree; days with roll calls without a difference are drawn as short ticks below.
    named : sequence of str
        Resolutions named in the figure.
    source : str
        Line under the figure.
    """
    figure, axes = canvas(height=3.6)
    none, some = check[check["disagree"] == 0], check[check["disagree"] > 0]
    days = none["date"].drop_duplicates()
    _stems(axes, days, pd.Series(-3.6, index=days.index), pd.Series(-1.4, index=days.index), PALETTE[4], 0.5)
    _stems(axes, some["date"], 0 * some["disagree"], some["disagree"], PALETTE[0], 1)
    axes.plot(some["date"], some["disagree"], "o", color=PALETTE[0], markersize=4)
    marked = some[some["resolution"].isin(named)].sort_values("date")
    gaps = marked["date"].shift(-1) - marked["date"]
    for row, gap in zip(marked.to_dict("records"), gaps, strict=True):
        close = gap < pd.Timedelta(days=500)  # another stem stands to the right
        axes.annotate(
            short_resolution(str(row["resolution"])),
            (row["date"], row["disagree"]),
            xytext=(-7 if close else 7, 0),
            textcoords="offset points",
            ha="right" if close else "left",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.text(check["date"].min(), -5, f"{len(none)} roll calls without any difference", va="top", color=MUTED)
    most = int(check["disagree"].max())
    axes.set_ylim(-14, 1.08 * max(10, most))
    axes.set_yticks(range(0, most + 21, 20))
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))
    axes.set_ylabel("states that differ")
    axes.set_xlabel("day of the vote")
    axes.grid(axis="y", color=GRID)
    axes.spines["bottom"].set_visible(False)
    source_line(figure, source)
    return figure


def _stems(axes: Axes, days: pd.Series, low: pd.Series, high: pd.Series, shade: str, width: float) -> None:
    """Draw upright lines as one path: a path each would make the page much larger."""
    heights = pd.concat([low, high, pd.Series(float("nan"), index=low.index)]).sort_index(kind="stable")
    axes.plot(days.loc[heights.index], heights, color=shade, linewidth=width, solid_capstyle="butt")


def _bare(axes: Axes) -> None:
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
