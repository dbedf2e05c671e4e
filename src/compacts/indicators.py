"""Published figures on people and remittances, and the yearly series of our tables beside them."""

import re
from collections.abc import Callable, Mapping

import pandas as pd

from compacts import published
from compendium.errors import UserError

SUBJECTS: Mapping[str, str] = {  # beginning or part of figure_id -> subject; the first that fits counts
    r"lmic_|lic_|lmi_|umi_|ldc_": "Share hosted by income group",
    r"neighbour_": "Share hosted next door",
    r"resettled_|returns_": "Resettlement and return",
    r"displaced_": "Forcibly displaced people",
    r"gt\d+_host|mid2023_host": "Refugees by host country",
    r"gt\d+_(idps|asylum|palestine|venez)|idps_|venez": "Displaced, asylum, Palestine, Venezuela",
    r"gt\d+_refugees|refugees_": "Refugees in the world",
    r"migrants_|emigrants_": "Migrants and emigrants",
    r"remit_": "Remittances",
}
SOURCES = ("world_year", "displacement_by_income_year", "displacement_year", "migrant_stock_year")
WORDS: Mapping[str, str] = {  # beginning of figure_id -> what the figure is, without its year
    "lmic_": "Share of refugees in low- and middle-income countries", "lic_": "Share of refugees in low-income countries",
    "lmi_": "Share of refugees in lower-middle-income countries", "umi_": "Share of refugees in upper-middle-income countries",
    "ldc_": "Share of refugees in least developed countries", "neighbour_": "Share of refugees next door to their country",
    "displaced_": "Forcibly displaced", "resettled_2019_countries": "States that took in resettled refugees",
    "resettled_": "Refugees resettled", "returns_": "Refugees returned", "migrants_share_": "Migrants in the world's population",
    "migrants_": "Migrants", "remit_dev": "Remittances to developing countries", "remit_lmic": "Remittances to low- and middle-income countries",
}  # fmt: skip
MOMENTS: Mapping[str, str] = {  # part of figure_id -> what the year needs
    "mid2024": "mid-2024", "2025_04": "April 2025", "2025_06": "mid-2025", "r2020": "{year}, revision of 2020",
    "r2024": "{year}, revision of 2024", "_first": "{year}, first estimate", "_final": "{year}, later estimate",
}  # fmt: skip
# panel -> heading, factor, published figures that speak of the same (a pattern of figure_id)
PANELS: Mapping[str, tuple[str, float, str]] = {
    "poorer": ("In poorer countries, %", 100, "lmic_share_(?!mid)"),
    "refugees_next_door_share": ("In neighbouring countries, %", 100, "neighbour_"),
    "all_refugees": ("Refugees, million", 1e-6, r"gt\d+_refugees$|refugees_20\d\d$"),
    "forcibly_displaced": ("Displaced, million", 1e-6, r"displaced_20\d\d$"),
    "resettled": ("Resettled, thousand", 1e-3, r"resettled_20\d\d$"),
    "returned_refugees": ("Returned, million", 1e-6, "returns_"),
    "migrants_interpolated": ("Migrants, million", 1e-6, r"migrants_20"),
    "remittances_received_low_and_middle": ("Remittances, bn US$", 1e-9, "remit_"),
    "dead_or_missing_migrants": ("Dead or missing", 1, "no figure"),
}
PUBLISHED_IN: Mapping[str, float] = {"resettled": 1e-3, "returned_refugees": 1e-6}  # factors of figures in persons
Read = Callable[[str], pd.DataFrame]


def figures_answered(read: Read) -> pd.DataFrame:
    """Return the published figures on people and remittances, answered by their rules, with ``subject`` and ``ratio``.

    Returns
    -------
    DataFrame
        As :func:`compacts.published.answers` gives it, and ``year``, ``subject`` (of SUBJECTS), ``percent`` (ours less theirs in per cent of theirs).
    """
    rules = read("published_rules")
    chosen = rules[rules["table"].isin(SOURCES)]
    figures = read("published_figures")
    kept = {"published_rules": chosen, "published_figures": figures[figures["figure_id"].isin(chosen["figure_id"])]}
    found = published.answers(lambda name: kept[name] if name in kept else read(name))
    found = found.merge(figures[["figure_id", "year"]], on="figure_id", validate="1:1")
    theirs, ours = found["theirs"].astype(float), found["ours"].astype(float)
    subject = [next((s for p, s in SUBJECTS.items() if re.match(p, name)), "Others") for name in found["figure_id"]]
    return found.assign(subject=subject, percent=100 * (ours - theirs) / theirs)


def sentence(figure: Mapping[str, object]) -> str:
    """Return a published figure in few words, with places for ``{value}`` and ``{theirs}``.

    Parameters
    ----------
    figure
        A row of :func:`figures_answered`.

    Examples
    --------
    >>> row = {"figure_id": "lmic_share_2018", "year": 2018, "unit": "percent", "equal": True, "reason": "", "statement": "..."}
    >>> sentence(row)
    'Share of refugees in low- and middle-income countries, 2018: {value} percent (published {theirs}).'
    """
    name = str(figure["figure_id"])
    what = next((words for start, words in WORDS.items() if name.startswith(start)), str(figure["statement"]))
    moment = next((text for part, text in MOMENTS.items() if part in name), "{year}").format(year=figure["year"])
    why = "" if figure["equal"] else f", {figure['reason']}"
    why += "" if figure.get("confidence", "verified") == "verified" else "; cited, not read here"
    return f"{what}, {moment}: {{value}} {figure['unit']} (published {{theirs}}{why})."


def series_and_figures(
    world: pd.DataFrame, by_income: pd.DataFrame, figures: pd.DataFrame, first_year: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return our yearly series of PANELS, and the published figures that speak of the same.

    Returns
    -------
    DataFrame, DataFrame
        ``panel``, ``year``, ``value``; and ``panel``, ``year``, ``figure_id``, ``theirs``, in the units of the panel's heading.

    Raises
    ------
    UserError
        When a panel has no value from ``first_year`` on.
    """
    poorer = by_income[
        (by_income["grouping"] == "income") & by_income["group"].isin(["low", "lower middle", "upper middle"])
    ]
    frame = world.set_index("year").assign(poorer=poorer.groupby("year")["share"].sum())
    frame["all_refugees"] = frame["refugees"] + frame["unrwa_refugees"]
    frame = frame[frame.index >= first_year]
    lines, points = [], []
    for panel, (_, factor, pattern) in PANELS.items():
        values = factor * frame[panel].astype("Float64").dropna().astype(float)
        if values.empty:
            raise UserError(
                f"series from {first_year}: got no value of {panel}, expected one at least; take an earlier first year"
            )
        lines.append(values.rename("value").reset_index().assign(panel=panel))
        rows = figures[figures["figure_id"].str.match(pattern) & (figures["year"] >= first_year)]
        theirs = rows["theirs"].astype(float) * PUBLISHED_IN.get(panel, 1)
        points.append(rows[["year", "figure_id"]].assign(panel=panel, theirs=theirs))
    return pd.concat(lines, ignore_index=True), pd.concat(points, ignore_index=True)
