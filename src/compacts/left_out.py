"""What one organization, year, genre, organ, category or reader carries: the main estimates without each in turn."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from compacts.coded_populations import Coded, change_less
from compacts.robustness import OTHERS, DocumentRows, own_words_specification, within_part
from compacts.stats.dsl import corrected_outcome
from compendium.errors import UserError

MAIN = {
    "outcome": "autonomy", "reader": "all", "compared with": "UNHCR and peers", "later from": "December 2018",
    "controls": "length and genre", "sample": "all",
}  # fmt: skip
COLUMNS = ["dimension", "left_out", "estimate", "n", "excluded"]


def own_words_without(
    rows: DocumentRows, outcome: str, dimensions: Mapping[str, str], options: Mapping[str, str] = MAIN
) -> pd.DataFrame:
    """Return the estimate of the own words' main specification without each value of each dimension.

    Parameters
    ----------
    rows
        Of :func:`compacts.robustness.document_rows`.
    outcome
        One of the curve's.
    dimensions
        Words and column of the documents; ``reader`` leaves out one reader.
    options
        The specification.

    Returns
    -------
    DataFrame
        ``dimension``, ``left_out`` (nothing in the first row), ``estimate``, ``n``, ``excluded`` (why there is none).
    """
    chosen = {**options, "outcome": outcome}
    kept = rows.samples[f"{chosen['compared with']}: {chosen['sample']}"]
    found = [_row("none", "nothing", partial(_least_squares, rows, chosen, kept))]
    for words, column in dimensions.items():
        if column == "reader":
            start = f"{outcome}, without "
            for reader in [name.removeprefix(start) for name in rows.outcomes if name.startswith(start)]:
                others = {**chosen, "reader": f"without {reader}"}
                found.append(_row(words, reader, partial(_least_squares, rows, others, kept)))
            continue
        values = rows.frame[column].to_numpy()
        for value in pd.unique(rows.frame.loc[kept, column].sort_values()):
            if value != "IOM":
                part = kept & (values != value)
                found.append(_row(words, str(value), partial(_least_squares, rows, chosen, part)))
    return pd.DataFrame(found, columns=COLUMNS)


def texts_without(
    coded: Coded, factor: float, dimensions: Mapping[str, str], others: Iterable[str] = OTHERS["UNHCR and peers"]
) -> pd.DataFrame:
    """Return the corrected change of IOM less others without each value of each dimension; columns as of `own_words_without`.

    Parameters
    ----------
    coded
        Sentences or paragraphs with both codes.
    factor
        To the unit told.
    dimensions
        Words and column of the units; only values that texts on IOM have are left out, and organizations other than IOM.
    others
        Groups whose change is taken off.
    """
    weights = change_less("IOM", list(others))

    def without(part: pd.DataFrame) -> tuple[float, int]:
        return factor * corrected_change(within_part(part), weights), len(part)

    units = coded.units
    found = [_row("none", "nothing", partial(without, units))]
    for words, column in dimensions.items():
        # a year or state without a text on IOM is one of many among the others: it cannot carry the difference
        among = units if column == "target" else units[units["group"] == "IOM"]
        for value in sorted(set(among[column]) - {"iom"}):
            part = units[units[column] != value]
            name = (
                str(int(value))
                if isinstance(value, float)
                else str(value).upper()
                if column == "target"
                else str(value)
            )
            found.append(_row(words, name, partial(without, part)))
    return pd.DataFrame(found, columns=COLUMNS)


def extremes(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each dimension the least and the largest estimate, and what was left out for them.

    Returns
    -------
    DataFrame
        ``dimension``, ``low``, ``without_low``, ``high``, ``without_high``, ``main``, ``number``; dimensions in their order.
    """
    main = float(table.loc[table["dimension"] == "none", "estimate"].iloc[0])
    rows = []
    for dimension in [name for name in dict.fromkeys(table["dimension"]) if name != "none"]:
        part = table[(table["dimension"] == dimension) & (table["excluded"] == "")]
        if part.empty:
            continue
        least, most = part.loc[part["estimate"].idxmin()], part.loc[part["estimate"].idxmax()]
        rows.append(
            (dimension, least["estimate"], least["left_out"], most["estimate"], most["left_out"], main, len(part))
        )
    return pd.DataFrame(rows, columns=["dimension", "low", "without_low", "high", "without_high", "main", "number"])


def design_arrays(
    rows: DocumentRows, options: Mapping[str, str], kept: np.ndarray
) -> tuple[pd.DataFrame, pd.Series, str]:
    """Return covariates, outcome and the treatment's name of one specification of the own words."""
    spec = own_words_specification(options)
    design = rows.design.loc[kept, [spec.treatment, *spec.controls]]
    varying = design.loc[:, (design != design.iloc[0]).any() | (design.columns == "constant")]
    if spec.treatment not in varying:
        raise UserError(f"{spec.treatment}: got one value in {len(design)} rows, expected two; leave out less")
    return varying, pd.Series(rows.outcomes[spec.outcome][kept], index=design.index), spec.treatment


def corrected_change(units: pd.DataFrame, weights: Mapping[str, float]) -> float:
    """Return the weighted sum of the cells' corrected means: the estimate of :func:`compacts.coded_populations.cells_contrast`.

    Raises
    ------
    UserError
        For a cell without texts.
    """
    value = corrected_outcome(units["machine"].astype(float), units["coded"], units["probability"])
    means = value.groupby(units["group"] + " " + units["period"]).mean()
    lost = set(weights) - set(means.index)
    if lost:
        raise UserError(f"cells: got no text of {min(lost)}, expected some; leave out less")
    return float(sum(weight * means[cell] for cell, weight in weights.items()))


def _least_squares(rows: DocumentRows, options: Mapping[str, str], kept: np.ndarray) -> tuple[float, int]:
    design, outcome, treatment = design_arrays(rows, options, kept)
    found = np.linalg.lstsq(design.to_numpy(dtype=float), outcome.to_numpy(dtype=float), rcond=None)
    if found[2] < design.shape[1]:
        raise UserError(f"{treatment}: got covariates that are not independent, expected all; leave out less")
    return float(found[0][list(design.columns).index(treatment)]), len(design)


def _row(dimension: str, left_out: str, estimate: Callable[[], tuple[float, int]]) -> tuple[Any, ...]:
    try:
        found, n = estimate()
    except UserError as error:
        return (dimension, left_out, np.nan, 0, str(error))
    return (dimension, left_out, found, n, "")
