"""Pictures of revenue, donors, earmarking and expenses: IOM and UNHCR beside peers."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from compacts.exhibits.style import (
    GRID,
    MUTED,
    PALETTE,
    SMALLEST,
    canvas,
    drawn,
    label_ends,
    source_line,
    strokes,
    text_on,
)
from compacts.finance import PAIR

Numbers = NDArray[np.float64]
SHADES = dict(zip(PAIR, (PALETTE[1], PALETTE[0]), strict=True))
DASHES = dict(zip(PAIR, ("-", (0, (4, 1.5))), strict=True))
SHORT_TYPES = {
    "voluntary earmarked": "earmarked",
    "voluntary core": "core",
    "assessed": "dues",
    "other revenue": "other",
}
TYPE_SHADES = {
    "voluntary earmarked": PALETTE[0],
    "voluntary core": PALETTE[3],
    "assessed": PALETTE[1],
    "other revenue": "#c9c9c9",
}


@drawn
def revenue(revenue: pd.DataFrame, index: pd.DataFrame, base: str, source: str) -> Figure:
    """Draw revenue by type as stacked areas, a panel an agency, and both as an index within the range of peers.

    Parameters
    ----------
    revenue
        entity, year, a column a type, total, in US dollars, as :func:`compacts.finance.revenue_by_type` gives them.
    index
        A row a year, a column an entity (the pair and peers), 100 for the base.
    base
        The base in words.
    source
        Line under the figure.
    """
    figure, panels = canvas(height=3.5, columns=3, gridspec_kw={"width_ratios": [1, 1, 1.15]})
    top = 1.1 * float(revenue.loc[revenue["entity"].isin(PAIR), "total"].max()) / 1e9
    for axes, entity in zip(panels, PAIR, strict=False):
        mine = revenue[revenue["entity"] == entity]
        floor = np.zeros(len(mine))
        for kind, shade in TYPE_SHADES.items():
            floor = _layer(axes, mine["year"].to_numpy(), floor, mine[kind].to_numpy() / 1e9, shade)
        axes.annotate(
            f"{floor[0]:.1f}",
            (mine["year"].iloc[0], max(floor[:3])),
            xytext=(2, 4),
            textcoords="offset points",
            va="bottom",
        )
        axes.annotate(f"{floor[-1]:.1f}", (mine["year"].iloc[-1], floor[-1]), xytext=(3, 0), textcoords="offset points", va="center",
                      annotation_clip=False)  # fmt: skip
        axes.set_xlim(mine["year"].iloc[0], mine["year"].iloc[-1])
        axes.set_ylim(0, top)
        axes.set_title(f"{entity}, billion $")
        _few_ticks(axes, mine["year"])
    _key(panels[0], TYPE_SHADES, SHORT_TYPES)
    others = index.drop(columns=list(PAIR))
    _band(panels[2], others.min(axis=1), others.median(axis=1), others.max(axis=1))
    for entity in PAIR:
        panels[2].plot(index.index, index[entity], color=SHADES[entity], linestyle=DASHES[entity], linewidth=2.2)
    panels[2].set_title(f"{base} = 100")
    panels[2].set_ylim(0, None)
    panels[2].annotate("grey: peers\n(dotted: median)", (0.05, 0.06), xycoords="axes fraction", color=MUTED)
    _few_ticks(panels[2], index.index)
    source_line(figure, source)
    label_ends(panels[2], float(index.index[-1]), [float(index[entity].iloc[-1]) for entity in PAIR], list(PAIR),
               [SHADES[entity] for entity in PAIR])  # fmt: skip
    return figure


def _few_ticks(axes: Axes, years: Iterable[int]) -> None:
    """Name every fourth year, and leave tick marks out: the picture stays light."""
    axes.set_xticks([year for year in years if year % 4 == 0])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.tick_params(length=0)
    axes.grid(axis="y", color=GRID)


def _band(axes: Axes, low: "pd.Series[float]", middle: "pd.Series[float]", high: "pd.Series[float]") -> None:
    """Draw the range of others in grey, their median dotted."""
    axes.fill_between(low.index, low, high, color="#e4e4e4", linewidth=0)
    axes.plot(middle.index, middle, color=MUTED, linewidth=1, linestyle=(0, (1, 1.5)))


def _layer(axes: Axes, years: Numbers, floor: Numbers, part: Numbers, shade: str) -> Numbers:
    """Draw one layer of stacked areas, and return where the next begins."""
    axes.fill_between(years, floor, floor + part, color=shade, linewidth=0)
    return np.asarray(floor + part)


def _key(axes: Axes, shades: Mapping[str, str], words: Mapping[str, str]) -> None:
    for place, (kind, shade) in enumerate(reversed(list(shades.items()))):
        high = 0.95 - 0.075 * place
        axes.plot(0.06, high, "s", color=shade, markersize=8, transform=axes.transAxes, clip_on=False)
        axes.text(0.12, high, words[kind], transform=axes.transAxes, va="center")


@drawn
def donors(curves: Mapping[str, pd.DataFrame], years: str, over_time: pd.DataFrame, source: str) -> Figure:
    """Draw Lorenz curves of both, and the Herfindahl-Hirschman index by year with and without the largest donor.

    Parameters
    ----------
    curves
        By entity the curve that :func:`compacts.stats.concentration.lorenz` gives.
    years
        Years of the curves, in words.
    over_time
        entity, year, herfindahl, herfindahl_without.
    source
        Line under the figure.
    """
    figure, (left, right) = canvas(height=3.4, columns=2)
    left.plot([0, 100], [0, 100], color=GRID, linewidth=1)
    for entity, curve in curves.items():
        left.plot(
            100 * curve["units"], 100 * curve["amount"], color=SHADES[entity], linestyle=DASHES[entity], linewidth=2
        )
    left.annotate("equal gifts", (52, 55), rotation=36, color=MUTED, ha="center", va="bottom")
    left.set_xlabel("per cent of donors, smallest first")
    left.set_ylabel("per cent of their money")
    left.set_title(f"Lorenz curves, {years}")
    for name, part in over_time.groupby("entity"):
        look = {"color": SHADES[str(name)], "linestyle": DASHES[str(name)]}
        right.plot(part["year"], part["herfindahl"], linewidth=2, **look)
        right.plot(part["year"], part["herfindahl_without"], linewidth=1, **look)
    right.set_ylim(0, 1.1 * float(over_time["herfindahl"].max()))
    right.set_title("Concentration (HHI) by year")
    right.set_xlim(over_time["year"].min(), over_time["year"].max())
    _few_ticks(right, sorted(over_time["year"].unique()))
    left.tick_params(length=0)
    left.set_xticks([0, 50, 100])
    left.set_yticks([0, 50, 100])
    source_line(figure, source)
    last = over_time[over_time["year"] == over_time["year"].max()].set_index("entity")
    places = [(entity, column) for entity in PAIR for column in ("herfindahl", "herfindahl_without")]
    label_ends(right, float(over_time["year"].max()), [last.loc[entity, column] for entity, column in places],
               [entity + ("" if column == "herfindahl" else "\nwithout\nlargest") for entity, column in places],
               [SHADES[entity] for entity, _ in places], gap=38)  # fmt: skip
    left.annotate(
        "IOM (line) and\nUNHCR (dashed)", (75, 8), xytext=(-8, 14), textcoords="offset points", ha="right", va="bottom"
    )
    return figure


@drawn
def donors_in_common(pair: pd.DataFrame, others: pd.DataFrame, source: str) -> Figure:
    """Draw how far two agencies share donors by year, within the range of all pairs of peers.

    Parameters
    ----------
    pair
        year, overlap and jaccard of IOM and UNHCR.
    others
        year, measure, low, middle, high over all other pairs.
    source
        Line under the figure.
    """
    words = {"jaccard": "Donors in common (Jaccard)", "overlap": "Shares in common (overlap)"}
    figure, panels = canvas(height=3.0, columns=2, sharey=True)
    for axes, (measure, title) in zip(panels, words.items(), strict=True):
        band = others[others["measure"] == measure]
        _band(axes, *(band.set_index("year")[end] for end in ("low", "middle", "high")))
        axes.plot(pair["year"], pair[measure], color=PALETTE[0], linewidth=2.2)
        for place in (0, -1):
            axes.annotate(f"{pair[measure].iloc[place]:.2f}", (pair["year"].iloc[place], pair[measure].iloc[place]), xytext=(0, 6),
                          textcoords="offset points", ha="right" if place else "left", va="bottom")  # fmt: skip
        axes.set_title(title, fontsize=SMALLEST)
        _few_ticks(axes, pair["year"])
    panels[0].set_ylim(0, 1)
    panels[0].annotate(
        "grey: all other pairs,\ndotted: their median", (0.04, 0.04), xycoords="axes fraction", color=MUTED
    )
    source_line(figure, source)
    return figure


@drawn
def earmarking(shares: pd.DataFrame, core: pd.DataFrame, peers: pd.DataFrame, source: str) -> Figure:
    """Draw UNHCR's contributions by earmarking, and the core share of revenue of both within the range of peers.

    Parameters
    ----------
    shares
        A row a year, a column a degree of earmarking, per cent.
    core
        A row a year, a column IOM or UNHCR: voluntary core money, per cent of revenue.
    peers
        A row a year: ``low``, ``middle``, ``high`` over the peers.
    source
        Line under the figure.
    """
    figure, (left, right) = canvas(height=3.5, columns=2, gridspec_kw={"width_ratios": [1.35, 1]})
    floor = np.zeros(len(shares))
    tones = (PALETTE[3], PALETTE[2], "#3f77ab", "#163a60", "#c9c9c9")
    for column, tone in zip(shares.columns, tones, strict=True):
        part = shares[column].to_numpy()
        if part.min() > 8:
            for place in (0, -1):
                left.annotate(f"{part[place]:.0f}", (shares.index[place], floor[place] + part[place] / 2), xytext=(-3 if place else 3, 0),
                              textcoords="offset points", ha="right" if place else "left", va="center", color=text_on(tone))  # fmt: skip
        middle = floor[-1] + part[-1] / 2
        if part[-1] > 2:
            left.annotate(column.replace(" ", "\n"), (shares.index[-1], middle), xytext=(4, 0), textcoords="offset points", va="center",
                          annotation_clip=False)  # fmt: skip
        floor = _layer(left, shares.index.to_numpy(), floor, part, tone)
    left.set_title("UNHCR: money by earmarking, %")
    left.set_xlim(shares.index[0], shares.index[-1])
    left.set_ylim(0, 100)
    _few_ticks(left, shares.index)
    _band(right, peers["low"], peers["middle"], peers["high"])
    for entity in core.columns:
        right.plot(core.index, core[entity], color=SHADES[entity], linestyle=DASHES[entity], linewidth=2.2)
        place = 2
        right.annotate(entity, (core.index[place], core[entity].iloc[place]), xytext=(0, 7), textcoords="offset points", color=SHADES[entity],
                       fontweight="bold")  # fmt: skip
    right.set_title("Core money, % of revenue")
    right.set_ylim(0, None)
    _few_ticks(right, core.index)
    right.annotate(
        "grey: peers\n(dotted: median)", (0.97, 0.97), xycoords="axes fraction", color=MUTED, ha="right", va="top"
    )
    source_line(figure, source)
    return figure


@drawn
def countries(change: pd.DataFrame, spans: tuple[str, str], source: str) -> Figure:
    """Draw expenses a year before (open) and after (filled) in chosen countries, a panel an agency.

    Parameters
    ----------
    change
        country, direction, and before and after of both, million US dollars, as :func:`compacts.finance.country_change` gives them.
    spans
        The two spans of years in words.
    source
        Line under the figure.
    """
    blocks: list[tuple[str, pd.DataFrame]] = [
        (str(name), part) for name, part in change.groupby("direction", sort=False)
    ]
    figure, panels = canvas(height=0.2 * (len(change) + 1.3 * len(blocks)) + 1.1, columns=2, sharey=True)
    ticks, names = _rows(blocks)
    heights = np.array([ticks[country] for country in change["country"]])
    for axes, entity in zip(panels, PAIR, strict=True):
        before, after = (change[f"{entity} {when}"].to_numpy() for when in ("before", "after"))
        strokes(axes, before, after, heights, color=SHADES[entity], linewidth=1.4)
        axes.plot(before, heights, "o", color="white", markeredgecolor=SHADES[entity], markersize=5)
        axes.plot(after, heights, "o", color=SHADES[entity], markersize=5.5)
        axes.set_xlabel("million US dollars a year")
        axes.set_title(entity)
        axes.grid(axis="x", color=GRID)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=0)
    panels[0].set_yticks([*ticks.values(), *names.values()], [*ticks, *names])
    for label, text in zip(panels[0].get_yticklabels(), [*ticks, *names], strict=True):
        label.set_fontweight("bold" if text in names else "normal")
    panels[0].set_ylim(min(ticks.values()) - 0.7, 0.7)
    panels[0].annotate(
        f"open: {spans[0]}\nfilled: {spans[1]}",
        (0.97, 0.02),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        color=MUTED,
    )
    source_line(figure, source)
    return figure


def _rows(blocks: Sequence[tuple[str, pd.DataFrame]]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the height of each country and of each heading."""
    ticks: dict[str, float] = {}
    names: dict[str, float] = {}
    height = 0.0
    for name, part in blocks:
        names[name] = height
        for country in part["country"]:
            height -= 1
            ticks[country] = height
        height -= 1.3
    return ticks, names
