"""Pictures of reporting and monitoring: what is due, who must report, what has a number."""

from collections.abc import Mapping, Sequence
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line
from compacts.monitoring import FOUND, NOT_FOUND, TO_COME
from compacts.stats.proportions import Proportion

COMPACTS: Mapping[str, str] = {"gcm": PALETTE[0], "gcr": PALETTE[1]}
_FILL = {"same": "full", "near": "left", "context": "none"}


@drawn
def cycle(schedule: pd.DataFrame, reports: pd.DataFrame, as_of: int, source: str) -> Figure:
    """Draw every report on a lane, with a mark for each year in which it was or will be due.

    Parameters
    ----------
    schedule : DataFrame
        As `compacts.monitoring.schedule` gives it.
    reports : DataFrame
        ``report_id``, ``words``, ``kind`` and ``compact``, in the order drawn; each kind gets a heading.
    as_of : int
        Year to which the record goes.
    source : str
        Line under the figure.
    """
    kinds = list(reports["kind"].drop_duplicates())
    rows = [row for kind in kinds for row in (kind, *reports[reports["kind"] == kind].to_dict("records"))]
    figure, axes = canvas(height=0.2 * len(rows) + 1.2)
    years = range(int(schedule["year"].min()), int(schedule["year"].max()) + 1)
    axes.axvspan(as_of + 0.5, years[-1] + 0.6, color="#f3f3f3", linewidth=0)
    for lane, row in enumerate(rows):
        if isinstance(row, str):
            continue
        part = schedule[schedule["report_id"] == row["report_id"]]
        axes.axhline(lane, color=GRID, linewidth=0.6, zorder=0)
        shade = COMPACTS[row["compact"]]
        for state, size, inside in ((FOUND, 6, shade), (NOT_FOUND, 6, "white"), (TO_COME, 2.5, shade)):
            at = part.loc[part["state"] == state, "year"]
            if len(at):
                axes.plot(
                    at,
                    np.full(len(at), lane),
                    "o",
                    color=shade,
                    linestyle="none",
                    markersize=size,
                    markerfacecolor=inside,
                )
    axes.set_yticks(
        range(len(rows)),
        [row if isinstance(row, str) else f"{row['words']} ({row['compact'].upper()})" for row in rows],
    )
    for row, label in zip(rows, axes.get_yticklabels(), strict=True):
        label.set_fontweight("bold" if isinstance(row, str) else "normal")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    axes.set_xticks(years[::3])
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    figure.suptitle(
        "Blue: GCM, red: GCR. Filled: an edition is in the record. Open: due, none in the record. Dot: to come.",
        x=0.008,
        ha="left",
        fontsize=SMALLEST,
    )
    source_line(figure, source)
    return figure


@drawn
def duties(found: Mapping[str, Proportion], source: str) -> Figure:
    """Draw for each group the share of paragraphs with a duty to report: the machine's, and the one corrected by readings."""
    figure, axes = canvas(height=0.62 * len(found) + 1.1)
    for place, (name, one) in enumerate(found.items()):
        axes.plot([100 * one.low, 100 * one.high], [place, place], color=PALETTE[0], linewidth=2)
        axes.plot(100 * one.share, place, "o", color=PALETTE[0], markersize=7)
        axes.plot(100 * one.naive, place, "D", color="white", markeredgecolor=PALETTE[1], markersize=6)
        told = f"{100 * one.share:.1f}" + (
            f" ({100 * one.low:.1f} to {100 * one.high:.1f})" if one.low < one.high else " (every paragraph read)"
        )
        axes.annotate(
            told, (100 * max(one.high, one.share), place), xytext=(8, 0), textcoords="offset points", va="center"
        )
        axes.annotate(
            name, (0, place), xytext=(-6, 0), textcoords="offset points", va="center", ha="right", annotation_clip=False
        )
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xlim(0, 135 * max(one.high for one in found.values()))
    axes.set_xlabel("operative paragraphs with a duty to report, %")
    axes.set_title(
        "dot: corrected by readings, with interval; open diamond: the machine alone",
        fontweight="normal",
        fontsize=SMALLEST,
    )
    axes.spines["left"].set_visible(False)
    source_line(figure, source)
    return figure


@drawn
def clauses(shares: pd.DataFrame, organs: Sequence[str], axis: str, source: str) -> Figure:
    """Draw the share of documents with a clause by decade, a panel an organ.

    Parameters
    ----------
    shares : DataFrame
        ``organ``, ``decade``, ``share``, ``low``, ``high``; a decade that an organ lacks stays empty.
    organs : sequence of str
        Panels, in order.
    axis : str
        What the shares are of.
    source : str
        Line under the figure.
    """
    figure, panels = canvas(height=2.5, columns=len(organs), sharey=True)
    decades = sorted(shares["decade"].unique(), key=lambda decade: (decade[0] != "b", decade))
    at = np.arange(len(decades))
    for axes, organ in zip(panels, organs, strict=True):
        part = shares[shares["organ"] == organ].set_index("decade").reindex(decades)
        axes.vlines(at, 100 * part["low"], 100 * part["high"], color=PALETTE[2], linewidth=1.6)
        axes.plot(at, 100 * part["share"], "o", color=PALETTE[0], markersize=4)
        axes.set_xticks(
            at, [decade.replace("before ", "<").replace("19", "").replace("20", "", 1) for decade in decades]
        )
        axes.grid(axis="y", color=GRID)
        axes.set_ylim(0, 100)
        axes.set_xlim(-0.5, len(decades) - 0.5)
        axes.set_title("\n".join(organ.split(" ", 1)), fontsize=SMALLEST)
    panels[0].set_ylabel(axis)
    source_line(figure, source)
    return figure


@drawn
def naming(shares: pd.DataFrame, source: str) -> Figure:
    """Draw for each organ the share of its documents that name a Compact, IOM, or UNHCR."""
    organs, names = list(shares["organ"].drop_duplicates()), list(shares["named"].drop_duplicates())
    figure, axes = canvas(height=0.78 * len(organs) + 1.0)
    for place, organ in enumerate(organs):
        for shift, (named, mark) in enumerate(zip(names, ("o", "s", "D"), strict=True)):
            row = shares[(shares["organ"] == organ) & (shares["named"] == named)].iloc[0]
            y = place + 0.24 * (shift - 1)
            shade = (PALETTE[1], PALETTE[0], MUTED)[shift]
            axes.plot([100 * row["low"], 100 * row["high"]], [y, y], color=shade, linewidth=1.4)
            axes.plot(100 * row["share"], y, mark, color=shade, markersize=5)
            text = f"{row['naming']}" + (f"  {named}" if not place else "")
            axes.annotate(
                text, (100 * row["high"], y), xytext=(5, 0), textcoords="offset points", va="center", color=shade
            )
    labels = [f"{organ}\n({shares.loc[shares['organ'] == organ, 'documents'].iloc[0]} documents)" for organ in organs]
    axes.set_yticks(range(len(organs)), labels)
    axes.set_ylim(len(organs) - 0.5, -0.5)
    axes.set_xlim(0, 125 * shares["high"].max())
    axes.set_xlabel("documents whose operative paragraphs name it, % (beside: their number)")
    axes.grid(axis="x", color=GRID)
    source_line(figure, source)
    return figure


@drawn
def monitored(items: pd.DataFrame, source: str) -> Figure:
    """Draw objectives and indicators as rows: is there a published number, and one of ours.

    Parameters
    ----------
    items : DataFrame
        As `compacts.monitoring.monitored` gives it.
    source : str
        Line under the figure.
    """
    parts = list(items.groupby("framework"))
    figure, grid = canvas(height=0.2 * max(len(part) for _, part in parts) + 1.2, columns=len(parts), squeeze=False)
    for axes, (name, part) in zip(grid[0], parts, strict=True):
        for place, row in enumerate(part.to_dict("records")):
            for column, key in enumerate(("theirs", "ours")):
                near = row[key]
                if near == "none":
                    axes.plot(column, place, ".", color=GRID, markersize=3)
                else:
                    axes.plot(
                        column,
                        place,
                        "o",
                        color=PALETTE[column],
                        markersize=6,
                        fillstyle=_FILL[near],
                        markerfacecoloralt="white",
                    )
        labels = [
            f"{shorten(row['label'], 36, placeholder=' …')} {row['item_code'].removeprefix('GCM').lstrip('0')}"
            for row in part.to_dict("records")
        ]
        axes.set_yticks(range(len(part)), labels)
        axes.set_ylim(max(len(p) for _, p in parts) - 0.4, -0.6)
        axes.set_xlim(-0.8, 1.8)
        axes.set_xticks([-0.2, 1.2], ["theirs", "ours"])
        axes.set_title(f"{str(name).replace(' framework', 's')} ({len(part)})", fontsize=SMALLEST, loc="right")
        axes.tick_params(left=False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
    figure.suptitle(
        "Filled: the quantity itself. Half: a part or neighbour. Open: the problem, not the action. Point: none found.",
        x=0.008,
        ha="left",
        fontsize=SMALLEST,
    )
    source_line(figure, source)
    return figure


@drawn
def indicators(series: pd.DataFrame, published: pd.DataFrame, first: int, source: str) -> Figure:
    """Draw each indicator of our tables by year, with the published values as open diamonds.

    Parameters
    ----------
    series : DataFrame
        indicator, year, value.
    published : DataFrame
        indicator, year, value, as others published them.
    first : int
        First year drawn.
    source : str
        Line under the figure.
    """
    names = list(series["indicator"].drop_duplicates())
    figure, grid = canvas(height=4.4, rows=2, columns=3, squeeze=False)
    for axes, name in zip(grid.ravel(), names, strict=True):
        part = series[(series["indicator"] == name) & (series["year"] >= first)]
        axes.plot(part["year"], part["value"], color=PALETTE[0])
        theirs = published[published["indicator"] == name]
        axes.plot(theirs["year"], theirs["value"], "D", color="white", markeredgecolor=PALETTE[1], markersize=4.5)
        axes.axvline(2018.96, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.set_ylim(0, 1.12 * max(part["value"].max(), theirs["value"].max() if len(theirs) else 0))
        axes.set_title(name, fontsize=SMALLEST, fontweight="normal")
        axes.set_xlim(first, part["year"].max() + 0.5)
        axes.set_xticks(range(first + (-first) % 10, int(part["year"].max()) + 1, 10))
        axes.grid(axis="y", color=GRID)
    source_line(figure, source)
    return figure


@drawn
def results_framework(items: pd.DataFrame, source: str) -> Figure:
    """Draw how many outputs of IOM's results framework name each objective of the GCM."""
    part = items.dropna(subset=["iom_outputs"]).sort_values(["iom_outputs", "item_code"], ascending=[False, True])
    figure, axes = canvas(height=0.2 * len(part) + 0.9)
    places = range(len(part))
    axes.barh(places, part["iom_outputs"].astype(int), color=PALETTE[0], height=0.7)
    for place, number in zip(places, part["iom_outputs"], strict=True):
        axes.text(number + 0.3, place, f"{number}", va="center", color=INK)
    axes.set_yticks(
        places,
        [f"{row['label']}  {row['item_code'].removeprefix('GCM').lstrip('0')}" for row in part.to_dict("records")],
    )
    axes.set_ylim(len(part) - 0.4, -0.6)
    axes.set_xlabel("outputs that name the objective")
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    source_line(figure, source)
    return figure
