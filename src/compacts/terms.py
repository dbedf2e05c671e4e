"""Terms of mandates: who kept to the date, who was renewed, and how long two mandates had left when they were renewed."""

import pandas as pd

from compacts.stats.log_rank import permutation_log_rank

DAYS = 365.25


def families_compared(counted: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Compare forms dated at birth with the others in each family, by the permutation log-rank test.

    Parameters
    ----------
    counted
        family, term, dated_at_birth, duration, ended (0 or 1), one row a form; forms of unknown term are left out.
    draws, seed
        As in :func:`compacts.stats.log_rank.permutation_log_rank`.

    Returns
    -------
    DataFrame
        family, dated, dated_ended, others, others_ended (forms), p_value, smallest_p, divisions, method (all divisions, random, or why there
        is no test).
    """
    rows = []
    for family, part in counted[counted["term"] != "not known"].groupby("family", sort=False):
        dated = part["dated_at_birth"]
        row = {
            "family": family,
            "dated": int(dated.sum()), "dated_ended": int(part.loc[dated, "ended"].sum()),
            "others": int((~dated).sum()), "others_ended": int(part.loc[~dated, "ended"].sum()),
        }  # fmt: skip
        if dated.all() or not dated.any() or not part["ended"].any():
            rows.append(row | {"method": "one group, or no end"})
            continue
        test = permutation_log_rank(part["duration"], part["ended"], dated.to_numpy(), draws=draws, seed=seed)
        words = "all divisions" if test.exact else "random divisions"
        rows.append(
            row | {"p_value": test.p_value, "smallest_p": test.smallest_p, "divisions": test.divisions, "method": words}
        )
    columns = [
        "family",
        "dated",
        "dated_ended",
        "others",
        "others_ended",
        "p_value",
        "smallest_p",
        "divisions",
        "method",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)


def first_ends(spells: pd.DataFrame) -> pd.DataFrame:
    """Return the forms whose first mandate had an end that is behind them: those renewed, and those that ended.

    Examples
    --------
    >>> spells = pd.DataFrame({"dated_at_birth": [True, True, True, False], "renewed": [True, False, False, False], "ended": [0, 1, 0, 1]})
    >>> first_ends(spells)["renewed"].tolist()
    [True, False]
    """
    return spells[spells["dated_at_birth"] & (spells["renewed"] | spells["ended"].eq(1))]


def renewals(steps: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Summarise the decisions on each mandate up to a day.

    Returns
    -------
    DataFrame
        On form_id: decisions, renewals, median_added (years that a renewal added, where it set a date), least_left (years left when
        it was renewed, smallest), verified (decisions read in a source), open_since (day without a date, or missing).
    """
    rows = {}
    for form_id, part in steps[steps["decided"] <= pd.Timestamp(as_of)].groupby("form_id"):
        own = part.sort_values("decided")
        before = own["runs_until"].shift()
        added = (own["runs_until"] - before).dt.days.iloc[1:].dropna() / DAYS
        left = (before - own["decided"]).dt.days.iloc[1:].dropna() / DAYS
        rows[form_id] = {
            "decisions": len(own), "renewals": len(own) - 1, "median_added": float(added.median()), "least_left": float(left.min()),
            "verified": int(own["confidence"].eq("verified").sum()), "open_since": own.loc[own["runs_until"].isna(), "decided"].min(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")
