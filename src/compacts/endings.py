"""Hypotheses on how forms end: shares with exact bounds, ratios of hazards, and the rules by which they are judged."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from compacts.permanence import ends_counted
from compacts.stats.hazards import HazardRatio, cox_hazard_ratio
from compacts.terms import first_ends
from compendium.errors import UserError


@dataclass(frozen=True)
class ExactShare:
    """``yes`` of ``of``, with Clopper and Pearson's bounds (shares between 0 and 1)."""

    yes: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share itself."""
        return self.yes / self.of

    @property
    def told(self) -> str:
        """The share in words."""
        return (
            f"{self.yes} of {self.of}, {100 * self.share:.0f} per cent ({100 * self.low:.0f} to {100 * self.high:.0f})"
        )

    @property
    def majority(self) -> str:
        """``supported`` when the bounds lie above one half, ``contradicted`` when below, else ``undecided``."""
        return "supported" if self.low > 0.5 else "contradicted" if self.high < 0.5 else "undecided"

    @property
    def majority_at_least(self) -> str:
        """The same where ``yes`` is a lower bound: it can support, and contradict nothing.

        Examples
        --------
        >>> exact_share(1, 10).majority, exact_share(1, 10).majority_at_least, exact_share(10, 10).majority_at_least
        ('contradicted', 'undecided', 'supported')
        """
        return "supported" if self.majority == "supported" else "undecided"


def exact_share(yes: int, of: int, confidence: float = 0.95) -> ExactShare:
    """Return a share with Clopper and Pearson's bounds.

    Raises
    ------
    UserError
        If there is nothing to count.

    Examples
    --------
    >>> exact_share(8, 10).told, exact_share(8, 10).majority
    ('8 of 10, 80 per cent (44 to 97)', 'undecided')
    """
    if not of:
        raise UserError("share: got nothing to count, expected at least one unit; widen the selection")
    bounds = binomtest(yes, of).proportion_ci(confidence, method="exact")
    return ExactShare(yes, of, float(bounds.low), float(bounds.high))


def verdict_of_ratio(found: HazardRatio, alpha: float, margin: float, *, above: bool) -> str:
    """Judge that a hazard ratio lies above one (or below).

    ``supported`` when p is below alpha on that side; ``contradicted`` when it is on the other side, or when the whole interval lies
    between 1 / margin and margin; ``undecided`` otherwise.
    """
    if found.p_value < alpha:
        return "supported" if (found.ratio > 1) == above else "contradicted"
    return "contradicted" if 1 / margin < found.low and found.high < margin else "undecided"


def verdict_of_likeness(low: float, high: float, margin: float) -> str:
    """``contradicted`` when the interval of a difference lacks zero, ``supported`` when it lies within the margin, else ``undecided``."""
    if low > 0 or high < 0:
        return "contradicted"
    return "supported" if max(abs(low), abs(high)) <= margin else "undecided"


def shares_replaced(
    spells: pd.DataFrame, successor: int, no_successor: int, confidence: float
) -> dict[str, ExactShare]:
    """Share of ends in which another body took over.

    Parameters
    ----------
    spells
        As :func:`compacts.permanence.form_spells` gives them.
    successor, no_successor
        Ends of formal intergovernmental organizations, for comparison.

    Returns
    -------
    dict
        declared (forms replaced or merged, of these and the dissolved), expired (a term that was over counts as dissolution),
        igo (formal intergovernmental organizations).
    """
    kinds = spells["end_kind"].value_counts()
    with_one, dissolved = int(kinds.reindex(["replaced", "merged"]).sum()), int(kinds.get("dissolved", 0))
    expired = int(kinds.get("expired", 0))
    return {
        "declared": exact_share(with_one, with_one + dissolved, confidence),
        "expired": exact_share(with_one, with_one + dissolved + expired, confidence),
        "igo": exact_share(successor, successor + no_successor, confidence),
    }


def shares_renewed(spells: pd.DataFrame, confidence: float) -> dict[str, ExactShare]:
    """Share of the forms with an end at birth, now behind them, that were renewed.

    Returns
    -------
    dict
        declared, fixed (without those called renewable, or open by now), lasting (without meetings held once).
    """
    first = first_ends(spells)
    parts = {"declared": first, "fixed": first[first["term"] == "fixed"], "lasting": first[first["kind"] != "forum"]}
    return {name: exact_share(int(part["renewed"].sum()), len(part), confidence) for name, part in parts.items()}


def ratios_of_size(classes: pd.DataFrame, confidence: float) -> dict[str, HazardRatio]:
    """Hazard ratio of formal intergovernmental organizations for twice the members in the first year known.

    Returns
    -------
    dict
        declared, no successor (where one took over it is no end), since 1945 (founded then or later).
    """
    known = classes[(classes["group"] == "Formal IGOs") & classes["members"].fillna(0).astype(float).gt(0)]
    late = known[known["start_year"] >= 1945]
    found = {}
    for name, part, counted in (("declared", known, True), ("no successor", known, False), ("since 1945", late, True)):
        ended = ends_counted(part, replaced_counts_as_end=counted)
        size = np.log2(part["members"].astype(float))
        found[name] = cox_hazard_ratio(part["duration"], ended, size, confidence=confidence)
    return found
