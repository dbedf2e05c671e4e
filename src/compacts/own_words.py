"""What changed in organizations' own words, asked in several ways: documents found by queries are no random sample."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from compacts.authority import PERIODS, claimed, profile
from compacts.stats.standardised import standardised_difference
from compendium.errors import UserError

FIRST, *_, LAST = PERIODS
#: cells within which documents are compared, by the words for the way
CELLS = {"same genre": ["kind"], "same grid of queries": ["grid"], "same length": ["length"], "same genre and length": ["kind", "length"],
         "same genre and grid": ["kind", "grid"]}  # fmt: skip
ALL, BY_QUERY = "all documents", "queries as clusters"


def changes(
    documents: pd.DataFrame, readings: pd.DataFrame, codes: Sequence[str], groups: Sequence[str], confidence: float,
    readers: Sequence[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """Return by how much each code's share rose from the years to 2015 to those from 2019 on, each way of asking a row.

    Parameters
    ----------
    documents, readings : DataFrame
        The tables documents and document_readings.
    codes, groups : sequence of str
        Columns of `claimed`, and organizations' groups.
    confidence : float
        Of the intervals.
    readers : sequence of str
        Only these; all without it. Each alone is a way of its own where there are several.

    Returns
    -------
    DataFrame
        ``group``, ``code``, ``way``, ``difference``, ``low``, ``high``, ``error`` (standard), ``p_value``, ``used``, ``left_out`` (documents in cells without
        a match in the other period). A way without any match has no row.
    """
    frame = _with_cells(claimed(documents, readings, readers))
    names = sorted(set(readings["reader"])) if not len(readers) else list(readers)
    alone = {
        f"reader {name} alone": _with_cells(claimed(documents, readings, [name])) for name in names if len(names) > 1
    }
    parts = {
        ALL: frame, **dict.fromkeys(CELLS, frame), "press releases only": frame[frame["genre"] == "press_release"],
        "speeches only": frame[frame["genre"] == "speech"], "day known": frame[frame["date_agreement"] == "day"], **alone,
    }  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for group in groups:
        for way, part in parts.items():
            both = part[(part["group"] == group) & part["period"].isin([FIRST, LAST])]
            cells = both.groupby(CELLS[way], observed=True).ngroup() if way in CELLS else None
            for code in codes:
                try:
                    found = standardised_difference(both[code], both["period"] == LAST, cells, confidence)
                except UserError:  # no document of one period, or none that matches
                    continue
                rows.append(
                    (
                        group,
                        code,
                        way,
                        found.difference,
                        found.low,
                        found.high,
                        found.standard_error,
                        found.p_value,
                        found.used,
                        found.left_out,
                    )
                )
        rows += _by_query(frame, group, codes, confidence)
    columns = ["group", "code", "way", "difference", "low", "high", "error", "p_value", "used", "left_out"]
    return pd.DataFrame(rows, columns=columns)


def _with_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the documents with their kind (press release, speech, other) and third of length."""
    kind = frame["genre"].where(frame["genre"].isin(["press_release", "speech"]), "other")
    return frame.assign(
        kind=kind, length=pd.qcut(frame["words_read"].rank(method="first"), 3, labels=["short", "middle", "long"])
    )


def _by_query(frame: pd.DataFrame, group: str, codes: Sequence[str], confidence: float) -> list[tuple[object, ...]]:
    """Return the plain differences with documents that one query found taken as dependent."""
    table = profile(frame[(frame["group"] == group) & frame["period"].isin([FIRST, LAST])], codes, confidence)
    rows: list[tuple[object, ...]] = []
    for code in codes:
        pair = table[table["code"] == code].set_index("period").reindex([FIRST, LAST])
        if pair["share"].isna().any():
            continue
        share, error = pair["share"].to_numpy(dtype=float), float(np.hypot(*pair["error"].to_numpy(dtype=float)))
        gap, reach = float(share[1] - share[0]), error * float(norm.ppf(0.5 + confidence / 2))
        p_value = float(2 * norm.sf(abs(gap) / error)) if error else np.nan
        rows.append((group, code, BY_QUERY, gap, gap - reach, gap + reach, error, p_value, int(pair["read"].sum()), 0))
    return rows


def difference_of_changes(
    table: pd.DataFrame, code: str, one: str, other: str, confidence: float, way: str = ALL
) -> dict[str, float]:
    """Return by how much a code rose more in one group than in another, with its normal interval, in percentage points.

    Raises
    ------
    UserError
        When the way has no row for both.
    """
    rows = table[(table["code"] == code) & (table["way"] == way)].set_index("group")
    if not {one, other} <= set(rows.index):
        raise UserError(
            f"changes of {code}, {way}: got no row for {one} and {other}, expected one for each; choose another way"
        )
    pair = rows.loc[[one, other], ["difference", "error"]].to_numpy(dtype=float)
    gap, reach = pair[0, 0] - pair[1, 0], norm.ppf(0.5 + confidence / 2) * np.hypot(*pair[:, 1])
    return {"value": 100 * float(gap), "low": 100 * float(gap - reach), "high": 100 * float(gap + reach)}
