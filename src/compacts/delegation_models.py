"""Models of how resolutions address IOM, UNHCR and peers: the strength of the verb, and whether as coordinator or as holder of norms."""

from collections.abc import Sequence

import pandas as pd

from compacts.authority import GROUPS, PERIODS
from compacts.coded_populations import AFTER, BEFORE, Coded
from compacts.stats.contrasts import Contrast, Fit, contrast, fit_robust

MAIN_ORGAN = "General Assembly"


def strengths_read(
    coded: Coded, sample: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row a paragraph read and reader: ``strength`` (whole), group, period, cluster, and whether it is of the General Assembly."""
    read = coded.units[coded.units["coded"].notna()]
    items = sample[["item", "document", "position", "target"]].merge(
        read[["document", "position", "target", "group", "period", "cluster", "organ"]],
        on=["document", "position", "target"], validate="1:1",
    )  # fmt: skip
    codes = readings[readings["reader"].isin(list(readers))] if len(readers) else readings
    rows = items.merge(codes[["item", "reader", "strength", "role", "autonomy"]], on="item", validate="1:m")
    return rows.assign(assembly=(rows["organ"] == MAIN_ORGAN).astype(float))


def ordered_strength(rows: pd.DataFrame) -> Fit:
    """Fit the ordered logit of the verb's strength on group, period and both together, within organs; clustered on the series."""
    return fit_robust("ordered logit", _design(rows), rows["strength"], rows["cluster"], name="strength")


def ordered_change(fit: Fit, rows: pd.DataFrame, less: Sequence[str] = ("UNHCR", "peers")) -> Contrast:
    """Return the change in expected strength towards IOM, after the Compacts against before 2016, less that of others."""
    own, other = rows[rows["group"] == "IOM"], rows[rows["group"].isin(less)]
    parts = {
        "IOM after": (_design(own.assign(period=AFTER)), 1.0), "IOM before": (_design(own.assign(period=BEFORE)), -1.0),
        "others after": (_design(other.assign(period=AFTER)), -1.0), "others before": (_design(other.assign(period=BEFORE)), 1.0),
    }  # fmt: skip
    return contrast(fit, parts if len(less) else dict(list(parts.items())[:2]))


def _design(rows: pd.DataFrame) -> pd.DataFrame:
    columns = {group: (rows["group"] == group).astype(float) for group in GROUPS[:2]}
    for period in list(PERIODS)[1:]:
        columns[period] = (rows["period"] == period).astype(float)
        for group in GROUPS[:2]:
            columns[f"{group} {period}"] = columns[group] * columns[period]
    return pd.DataFrame(columns | {"assembly": rows["assembly"]}, index=rows.index)


def coordinator_over_norms(
    rows: pd.DataFrame, group: str, coordinates: Sequence[str] = ("lead", "jointly")
) -> Contrast:
    """Return how much larger the share of paragraphs is that make a group coordinate than that which use what it knows or lays down.

    Coordinates: leads, or acts on a par with others (``coordinates``, codes of autonomy). Norms: it is the source (its data, findings or guidelines are used), the nearest code.
    """
    own = rows[rows["group"] == group]
    both = own["autonomy"].isin(list(coordinates)).astype(float) - (own["role"] == "source").astype(float)
    fit = fit_robust(
        "linear", pd.DataFrame({"constant": 1.0}, index=own.index), both, own["cluster"], name=f"D3, {group}"
    )
    return contrast(fit, {"mean": (fit.design, 1.0)})
