"""Pictures of authority: how far readers agree, what is claimed, granted and delegated, and how the faces compare."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from compacts.authority import GROUPS, PERIODS, SCALES
from compacts.exhibits.style import GRID, INK, MUTED, PALETTE, SMALLEST, canvas, drawn, source_line
from compacts.stats.agreement import FIRM, TENTATIVE

SHADES: Mapping[str, str] = dict(zip(GROUPS, (PALETTE[1], PALETTE[0], MUTED), strict=True))
SHADED: Mapping[str, tuple[str, str]] = dict(
    zip(PERIODS, ((MUTED, "white"), (PALETTE[2], PALETTE[2]), (PALETTE[0], PALETTE[0])), strict=True)
)
WORDS: Mapping[str, str] = {
    "actor": "asked to act", "lead": "leads", "instrumental": "provider", "other_io": "other bodies",
    "new_task": "new task", "compact": "Compact", "reports_on": "reports",
}  # fmt: skip
MARKS: Mapping[str, str] = dict(zip(GROUPS, ("o", "s", "D"), strict=True))


@drawn
def agreement(table: pd.DataFrame, source: str) -> Figure:
    """Draw alpha with its interval for each code, a panel a set of texts; the dashed lines are Krippendorff's floors.

    Parameters
    ----------
    table : DataFrame
        ``set``, ``code`` (words), ``alpha``, ``low``, ``high``, ``flag`` and alpha in each group; undefined alphas are said to be.
    source : str
        Line under the figure.
    """
    sets = list(table["set"].drop_duplicates())
    most = table.groupby("set").size().max()
    figure, panels = canvas(height=0.25 * most + 1.4, columns=len(sets), sharex=True)
    for axes, name in zip(panels, sets, strict=True):
        part = table[table["set"] == name].sort_values("alpha", ascending=False)
        for floor in (TENTATIVE, FIRM):
            axes.axvline(floor, color=GRID, linewidth=1, linestyle=(0, (3, 2)))
        at = np.arange(len(part))
        for place in at[part["alpha"].isna()]:
            axes.text(0.03, place, "undefined", va="center", color=MUTED)
        for place, group in enumerate(GROUPS):
            top = at + 0.16 + 0.13 * place
            axes.vlines(part[group], top, top + 0.12, color=SHADES[group], linewidth=2.6)
        for chosen, shade, fill in (
            ((part["flag"] == "").to_numpy(), PALETTE[0], PALETTE[0]),
            ((part["flag"] != "").to_numpy(), PALETTE[1], "white"),
        ):
            rows = part[chosen]
            axes.hlines(at[chosen], rows["low"], rows["high"], color=shade, linewidth=1.4)
            axes.plot(rows["alpha"], at[chosen], "o", color=shade, markersize=5, markerfacecolor=fill)
        axes.set_yticks(range(len(part)), part["code"])
        axes.set_ylim(most - 0.4, -0.6)
        axes.set_xlim(0, 1.03)
        axes.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
        axes.set_title(name, fontsize=SMALLEST)
        axes.tick_params(left=False)
    panels[0].set_xlabel("Krippendorff's alpha")
    _key(figure, "Dots: all texts (open, red: no headline). Ticks below them: IOM red, UNHCR blue, peers grey.")
    source_line(figure, source)
    return figure


@drawn
def profiles(table: pd.DataFrame, codes: Mapping[str, str], source: str) -> Figure:
    """Draw a panel for each group of organizations, a row for each code, and in it the three periods with intervals.

    Parameters
    ----------
    table : DataFrame
        ``group``, ``period``, ``code``, ``share``, ``low``, ``high``; scales that are no shares are drawn as per cent of their end.
    codes : mapping
        Words for each code, in the order drawn.
    source : str
        Line under the figure.
    """
    figure, panels = canvas(height=0.36 * len(codes) + 1.15, columns=len(GROUPS), sharey=True, sharex=True)
    rows = np.arange(len(codes))
    scale = np.array([100 / SCALES.get(code, (0, 1))[1] for code in codes])
    for axes, group in zip(panels, GROUPS, strict=True):
        for shift, (period, (shade, fill)) in enumerate(SHADED.items()):
            part = table[(table["group"] == group) & (table["period"] == period)].set_index("code").reindex(list(codes))
            at = rows + 0.26 * (shift - 1)
            axes.hlines(at, scale * part["low"], scale * part["high"], color=shade, linewidth=1.2)
            axes.plot(scale * part["share"], at, "o", color=shade, markersize=4, markerfacecolor=fill)
        axes.set_title(group, fontsize=SMALLEST)
        axes.grid(axis="x", color=GRID)
        axes.tick_params(left=False)
        axes.set_xlabel("per cent")
    if table.loc[table["code"].isin(list(codes)), "low"].min() < 0:
        for axes in panels:
            axes.axvline(0, color=MUTED, linewidth=0.8)
    panels[0].set_xticks([-50, 0, 50, 100] if panels[0].get_xlim()[0] < -20 else [0, 50, 100])
    panels[0].set_yticks(rows, list(codes.values()))
    panels[0].set_ylim(len(codes) - 0.4, -0.6)
    marked = " † too little agreement." if any("†" in words for words in codes.values()) else ""
    _key(figure, "From above: open, to 2015; light, 2016–18; dark, 2019 on." + marked)
    source_line(figure, source)
    return figure


@drawn
def ways(table: pd.DataFrame, codes: Mapping[str, str], source: str) -> Figure:
    """Draw a change asked in several ways, a row a way and a panel a code, for two organizations.

    Parameters
    ----------
    table : DataFrame
        ``group``, ``code``, ``way``, ``difference``, ``low``, ``high`` (-1 to 1), ``used``.
    codes : mapping
        Words for each code, in the order drawn.
    source : str
        Line under the figure.
    """
    names = list(table["way"].drop_duplicates())
    groups = [group for group in GROUPS if group in set(table["group"])]
    figure, panels = canvas(height=0.36 * len(names) + 1.35, columns=len(codes), sharey=True)
    for axes, (code, words) in zip(np.atleast_1d(panels), codes.items(), strict=True):
        axes.axvline(0, color=MUTED, linewidth=0.8)
        for shift, group in enumerate(groups):
            part = table[(table["code"] == code) & (table["group"] == group)].set_index("way").reindex(names)
            at = np.arange(len(names)) + 0.28 * (shift - (len(groups) - 1) / 2)
            axes.hlines(at, 100 * part["low"], 100 * part["high"], color=SHADES[group], linewidth=1.3)
            axes.plot(100 * part["difference"], at, MARKS[group], color=SHADES[group], markersize=4)
        axes.set_title(words, fontsize=SMALLEST)
        axes.set_xlim(-80, 125)
        axes.set_xticks([-50, 0, 50])
        axes.set_xlabel("percentage points")
        axes.tick_params(left=False)
        axes.grid(axis="x", color=GRID)
    first = np.atleast_1d(panels)[0]
    used = table[table["code"] == next(iter(codes))].pivot_table(
        index="way", columns="group", values="used", aggfunc="first"
    )
    labels = [f"{way} ({', '.join('–' if pd.isna(n) else f'{n:.0f}' for n in used.loc[way, groups])})" for way in names]
    first.set_yticks(range(len(names)), labels)
    first.set_ylim(len(names) - 0.4, -0.6)
    _key(figure, "Red circles: IOM. Blue squares: UNHCR. In brackets: documents of IOM, of UNHCR.")
    source_line(figure, source)
    return figure


@drawn
def dictionary(scores: pd.DataFrame, biases: Mapping[str, pd.DataFrame], source: str) -> Figure:
    """Draw precision and recall of the dictionary for each code, and its bias by organization and by period.

    Parameters
    ----------
    scores : DataFrame
        ``code`` (words), ``precision``, ``recall``, ``f1``, ``prevalence`` (0 to 1).
    biases : mapping
        For the heading of a panel, ``part``, ``code``, ``bias``, ``low``, ``high``; three parts each.
    source : str
        Line under the figure.
    """
    ordered = scores.sort_values("f1", ascending=False, na_position="last")
    figure, panels = canvas(height=0.42 * len(ordered) + 1.35, columns=1 + len(biases), sharey=True)
    axes, at = panels[0], np.arange(len(ordered))
    axes.hlines(at, 100 * ordered["precision"], 100 * ordered["recall"], color=GRID, linewidth=2, zorder=0)
    axes.plot(100 * ordered["precision"], at, "o", color=PALETTE[0], markersize=6)
    axes.plot(100 * ordered["recall"], at, "D", color=PALETTE[1], markerfacecolor="white", markersize=5.5)
    labels = [f"{code}, {100 * share:.0f}" for code, share in zip(ordered["code"], ordered["prevalence"], strict=True)]
    axes.set_yticks(range(len(ordered)), labels)
    axes.set_xlim(-4, 104)
    axes.set_xlabel("per cent")
    axes.set_title("dot: precision\ndiamond: recall", fontsize=SMALLEST, fontweight="normal")
    for axes, (words, table) in zip(panels[1:], biases.items(), strict=True):
        parts = [part for part in (*GROUPS, *PERIODS) if part in set(table["part"])]
        axes.axvline(0, color=MUTED, linewidth=0.8)
        for shift, part in enumerate(parts):
            rows = table[table["part"] == part].set_index("code").reindex(ordered["code"])
            places = at + 0.24 * (shift - 1)
            shade, fill, mark = (SHADES[part], SHADES[part], MARKS[part]) if part in SHADES else (*SHADED[part], "o")
            axes.hlines(places, 100 * rows["low"], 100 * rows["high"], color=shade, linewidth=1.1)
            axes.plot(100 * rows["bias"], places, mark, color=shade, markersize=3.5, markerfacecolor=fill)
        axes.set_title(words, fontsize=SMALLEST, fontweight="normal")
        axes.set_xlabel("bias, points")
    for axes in panels:
        axes.set_ylim(len(ordered) - 0.4, -0.6)
        axes.tick_params(left=False)
        axes.grid(axis="x", color=GRID)
    _key(figure, "Beside the code: per cent of sentences that have it by the readers. Bias: dictionary less readers.")
    source_line(figure, source)
    return figure


@drawn
def faces(table: pd.DataFrame, columns: Mapping[str, str], source: str) -> Figure:
    """Draw organizations as rows and measures as panels, each on its own scale, IOM and UNHCR marked.

    Parameters
    ----------
    table : DataFrame
        Indexed by organization; the columns named, and ``NAME_low``, ``NAME_high`` where a measure has an interval.
    columns : mapping
        Heading of each measure, in the order drawn.
    source : str
        Line under the figure.
    """
    figure, panels = canvas(height=0.26 * len(table) + 1.4, columns=len(columns), sharey=True)
    for axes, (column, words) in zip(np.atleast_1d(panels), columns.items(), strict=True):
        values = table[column]
        at = np.arange(len(table))
        for place in at[values.isna()]:
            axes.text(0.03, place, "–", va="center", ha="left", color=MUTED, transform=axes.get_yaxis_transform())
        for name in (*SHADES, ""):  # the others together
            chosen = np.array([key == name if name else key not in SHADES for key in table.index])
            shade = SHADES.get(name, PALETTE[4])
            if f"{column}_low" in table:
                ends = table.loc[chosen, [f"{column}_low", f"{column}_high"]].to_numpy()
                axes.hlines(at[chosen], ends[:, 0], ends[:, 1], color=shade, linewidth=1.1)
            axes.plot(values[chosen], at[chosen], MARKS.get(name, "D"), color=shade, markersize=5)
        axes.set_title(words, fontsize=SMALLEST, fontweight="normal")
        axes.grid(axis="x", color=GRID)
        axes.margins(x=0.12)
        axes.locator_params(axis="x", nbins=3)
        axes.tick_params(left=False)
    first = np.atleast_1d(panels)[0]
    first.set_yticks(range(len(table)), list(table.index))
    first.set_ylim(len(table) - 0.5, -0.5)
    for label in first.get_yticklabels():
        label.set_color(SHADES.get(label.get_text(), INK))
    source_line(figure, source)
    return figure


def _key(figure: Figure, words: str) -> None:
    """Say above the panels what the marks are."""
    figure.suptitle(words, x=0.008, ha="left", fontsize=SMALLEST)


def words_of(codes: Sequence[str], weak: Collection[str] = ()) -> dict[str, str]:
    """Return codes as words, those with a sign that carry no headline.

    Examples
    --------
    >>> words_of(["ground_moral", "actor"], weak=["ground_moral"])
    {'ground_moral': 'moral†', 'actor': 'asked to act'}
    """
    return {
        code: WORDS.get(code, code.removeprefix("ground_").replace("_", " ")) + "†" * (code in weak) for code in codes
    }
