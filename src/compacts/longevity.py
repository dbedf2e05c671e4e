"""What spells say: how far classes last from an age on, what ends forms early, and what would move the answer."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import norm

from compacts.permanence import LIVES_ON, ends_counted
from compacts.stats.hazards import HazardRatio, cox_hazard_ratio, firth_hazard_ratio
from compacts.stats.survival import bound_if_none_ended, survival_beyond, survival_curve
from compendium.errors import UserError

ENDS = {True: "any end", False: "ends without a successor"}


def standing(classes: pd.DataFrame, age: float, ahead: float, confidence: float = 0.95) -> pd.DataFrame:
    """Share of each class that goes on for some years after an age, and mean years until then, by two meanings of an end.

    Parameters
    ----------
    classes
        As :func:`compacts.permanence.reference_classes` gives them. Classes on the clock of a list start at zero there, and
        no class is looked at further than its longest spell.
    age, ahead
        Years.

    Returns
    -------
    DataFrame
        group, ends (which count), age, ahead (years), at_risk, ended, survival, low, high, mean, mean_low, mean_high. Where nothing
        ended, low is the exact bound from the units watched to the end of the window, and high is 1.
    """
    rows = []
    for group, part in classes.groupby("group", sort=False):
        begin = age if part["clock"].iloc[0] == "age" else 0.0
        longest = float(part["duration"].max())
        reach = min(ahead, longest - begin)
        if reach <= 0:
            continue
        for counted, words in ENDS.items():
            ended = ends_counted(part, replaced_counts_as_end=counted)
            found = survival_beyond(part["duration"], ended, begin, reach, confidence=confidence)
            if not found["ended"]:
                whole = int((part["duration"] >= begin + reach).sum())
                found |= {"low": 1 - bound_if_none_ended(whole, confidence), "high": 1.0}
            rows.append({"group": group, "ends": words, "age": begin, "ahead": reach, **found})
    if rows and not any(row["ahead"] == ahead for row in rows):
        raise UserError(f"horizon: got {ahead} years, expected no more than a class is watched; choose a shorter one")
    if not rows:
        raise UserError(
            f"classes: got none with a spell longer than {age:g} years, expected one; choose an earlier day"
        )
    return pd.DataFrame(rows)


def ratio_of_terms(
    spells: pd.DataFrame, ended: pd.Series, dated: pd.Series, confidence: float, column: str = "duration"
) -> HazardRatio:
    """Hazard ratio of forms with a date in their mandate against forms without: Cox's, or Firth's where a group has no end."""
    try:
        return cox_hazard_ratio(spells[column], ended, dated, confidence=confidence)
    except UserError as error:
        if "firth" not in str(error):
            raise
        return firth_hazard_ratio(spells[column], ended, dated, confidence=confidence)


def ratio_by_choice(
    spells: pd.DataFrame, as_of: str, confidence: float, *, replaced_counts_as_end: bool
) -> pd.DataFrame:
    """Hazard ratio of forms dated at birth against the others under choices that a critic could make otherwise.

    Parameters
    ----------
    spells
        As :func:`compacts.permanence.form_spells` gives them.
    as_of
        Day to which forms that were not seen to end could have gone on.

    Returns
    -------
    DataFrame
        choice, forms, ended, ratio, low, high, p_value; first the main one. Subsets without an end or with one term are left out.
    """
    rows: list[dict[str, object]] = []
    for choice, part, ended, dated, column in _choices(spells, as_of, replaced_counts_as_end):
        try:
            found = ratio_of_terms(part, ended, dated, confidence, column)
        except UserError:
            if not rows:
                raise
            continue  # a subset without an end, or of one term only
        rows.append({"choice": choice, "forms": len(part), "ended": int(ended.sum()), "ratio": found.ratio, "low": found.low,
                     "high": found.high, "p_value": found.p_value})  # fmt: skip
    return pd.DataFrame(rows)


def _choices(
    spells: pd.DataFrame, as_of: str, counted: bool
) -> Iterator[tuple[str, pd.DataFrame, pd.Series, pd.Series, str]]:
    last = pd.Timestamp(as_of)

    def plain(part: pd.DataFrame, how: bool = counted) -> tuple[pd.DataFrame, pd.Series, pd.Series, str]:
        return _dated(part, part["dated_at_birth"], how)

    yield ("as declared: dated at birth or not", *plain(spells))
    yield ("all dates: shortest lives", *plain(spells)[:3], "shortest")
    yield ("all dates: longest lives", *plain(spells)[:3], "longest")
    alive = (last - spells["start"]).dt.days / 365.25
    yield (
        "not seen to end: alive to this day",
        *plain(spells.assign(duration=spells["duration"].where(spells["ended"] == 1, alive))),
    )
    gone = (spells["ended"] == 0) & (spells["end_high"] < last - pd.DateOffset(years=2)) & spells["term"].eq("open")
    silent = spells.assign(
        ended=spells["ended"].where(~gone, 1), end_kind=spells["end_kind"].where(~gone, "not seen since")
    )
    yield ("open, not seen for 2 years: ended", *plain(silent))
    yield (f"a successor {'is no' if counted else 'is an'} end", *plain(spells, not counted))
    now = spells["term"]
    yield ("term of now: fixed or renewable, against open", *_dated(spells, now.isin(["fixed", "renewable"]), counted))
    strict = spells[now.isin(["fixed", "open"])]  # leaves out dates that were moved, and so asks the outcome
    yield ("term of now: fixed against open", *_dated(strict, strict["term"].eq("fixed"), counted))
    yield ("organizations and posts only", *plain(spells[spells["family"] == "Organizations and posts"]))
    yield ("without one-off meetings", *plain(spells[spells["duration"] > 2.5 * (spells["kind"] == "forum")]))
    later = ["picmme", "icem", "icm"]  # their years are those of IOM, which is counted from its beginning
    yield ("IOM once, not as four bodies", *plain(spells.drop(index=later, errors="ignore")))
    yield ("verified rows only", *plain(spells[spells["confidence"] == "verified"]))
    yield ("forms of the Compacts only", *plain(spells[spells["compact"] != "none"]))


def _dated(spells: pd.DataFrame, dated: pd.Series, counted: bool) -> tuple[pd.DataFrame, pd.Series, pd.Series, str]:
    part = spells[spells["term"] != "not known"]
    return part, ends_counted(part, replaced_counts_as_end=counted), dated.loc[part.index], "duration"


def ratio_by_form(spells: pd.DataFrame, *, replaced_counts_as_end: bool) -> pd.DataFrame:
    """Hazard ratio of forms dated at birth against the others without each form, and with each disputed date at its bounds.

    Firth's ratio, because it always exists.

    Returns
    -------
    DataFrame
        form_id, what (left out, shortest, longest), ratio.
    """
    part = spells[spells["term"] != "not known"]
    ended = ends_counted(part, replaced_counts_as_end=replaced_counts_as_end)
    dated = part["dated_at_birth"]
    rows = []
    for form_id in part.index:
        rest = part.index != form_id
        found = firth_hazard_ratio(part["duration"][rest], ended[rest], dated[rest], point_only=True)
        rows.append((form_id, "left out", found.ratio))
    for form_id in part.index[part["uncertain"]]:
        for bound in ("shortest", "longest"):
            moved = part["duration"].where(part.index != form_id, part[bound])
            rows.append((form_id, bound, firth_hazard_ratio(moved, ended, dated, point_only=True).ratio))
    return pd.DataFrame(rows, columns=["form_id", "what", "ratio"])


def survival_difference(
    first: pd.DataFrame, second: pd.DataFrame, age: float, confidence: float = 0.95, *, shorten: bool = False
) -> dict[str, float]:
    """Share of one group less that of another that is still there at an age.

    The interval joins the two log-log intervals as Newcombe joins Wilson's (squares of the distances add up); where a group has no
    end by the age, its bound is that of `bound_if_none_ended`.

    Parameters
    ----------
    first, second
        duration and ended, one row a unit.
    age
        Where the two curves are compared.
    confidence
        Of the interval.
    shorten
        Take the longest age to which both groups are watched where that is less.

    Returns
    -------
    dict
        age, first, second, difference, low, high, error (standard error), detectable (true difference that would be told from none with
        probability 0.8).

    Raises
    ------
    UserError
        If no unit of a group is watched to the age.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Construction of confidence limits about effect measures, Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> group = pd.DataFrame({"duration": [1, 2, 3, 9, 9, 9], "ended": [1, 1, 1, 0, 0, 0]})
    >>> survival_difference(group, group, 5)["difference"]
    0.0
    """
    found = []
    if shorten and len(first) and len(second):
        age = min(age, float(first["duration"].max()), float(second["duration"].max()))
    for part in (first, second):
        if not len(part) or part["duration"].max() < age:
            raise UserError(
                f"groups: got none watched to age {age:g}, expected at least one unit in each; choose an earlier age"
            )
        row = (curve := survival_curve(part["duration"], part["ended"], confidence=confidence))[
            curve["time"] <= age
        ].iloc[-1]
        if row["survival"] == 1:
            whole = max(int((part["duration"] >= age).sum()), 1)
            row = row.fillna({"low": 1 - bound_if_none_ended(whole, confidence), "high": 1.0})
        found.append(row.fillna({"low": 0.0, "high": 1.0}))
    one, other = found
    gap = float(one["survival"] - other["survival"])
    error = float(np.sqrt(sum(row["survival"] ** 2 * min(row["variance"], 1e6) for row in found)))
    return {
        "age": age, "first": float(one["survival"]), "second": float(other["survival"]), "difference": gap,
        "low": gap - float(np.hypot(one["survival"] - one["low"], other["high"] - other["survival"])),
        "high": gap + float(np.hypot(one["high"] - one["survival"], other["survival"] - other["low"])),
        "error": error, "detectable": error * float(norm.ppf(0.5 + confidence / 2) + norm.ppf(0.8)),
    }  # fmt: skip


def ends_by_kind(classes: pd.DataFrame) -> pd.DataFrame:
    """Return bodies by class and how they ended: all, ended, percent ended, successor, without successor, not told."""
    over = classes[classes["ended"] == 1]
    told = ~over["end_kind"].isin(["ended", "no longer listed"])
    table = pd.DataFrame(
        {
            "bodies": classes.groupby("group", sort=False).size(),
            "ended": over.groupby("group").size(),
            "successor": over[over["end_kind"].isin(LIVES_ON)].groupby("group").size(),
            "no_successor": over[told & ~over["end_kind"].isin(LIVES_ON)].groupby("group").size(),
            "not_told": over[~told].groupby("group").size(),
        }
    )  # fmt: skip
    table = table.fillna(0).astype(int).loc[classes["group"].unique()]
    table.insert(2, "ended_percent", 100 * table["ended"] / table["bodies"])
    return table.rename_axis("class").reset_index()
