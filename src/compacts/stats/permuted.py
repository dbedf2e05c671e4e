"""A group of donors against random groups: the score of one fit without the effect, and permuted labels."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from compacts.stats.panel import TRIPLE, informative
from compendium.errors import UserError


def permuted_groups(
    panel: pd.DataFrame, outcome: str, treated_rows: "pd.Series[Any]", group: "pd.Series[Any]", draws: int, seed: int
) -> float:
    """Return how often a random choice of as many donors departs at least as far from no effect as the group that is given.

    Under no effect the fixed effects are fitted once (`TRIPLE`). A donor's score is what its treated rows (such as IOM after 2018) lie
    above that fit; the statistic is the sum over the group. As the scores of all donors add up to zero, no weights are needed.

    Parameters
    ----------
    panel
        donor, the outcome and the fixed effects.
    outcome
        Name of the column that is explained.
    treated_rows
        True for rows in which the group would differ.
    group
        True or false by donor.
    draws, seed
        Number of permutations; seed of the generator.

    Returns
    -------
    float
        Two-sided p-value, the given group counted among the draws.

    References
    ----------
    Rao's score with permuted labels; Young, A. (2019), Channeling Fisher, Quarterly Journal of Economics 134, 557-598, on why.
    """
    import pyfixest

    used = informative(panel.assign(treated=treated_rows), outcome, TRIPLE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit: Any = pyfixest.fepois(f"{outcome} ~ 1 | {' + '.join(TRIPLE)}", used, separation_check=[])
    residual = used[outcome].to_numpy(dtype=float) - np.asarray(fit.predict(type="response"), dtype=float)
    score = pd.Series(np.where(used["treated"], residual, 0.0)).groupby(used["donor"].to_numpy()).sum()
    member = group.reindex(score.index).to_numpy(dtype=bool)
    if member.all() or not member.any():
        raise UserError(
            f"permuted groups: got {int(member.sum())} of {len(member)} donors in the group, expected some in and some out"
        )
    generator = np.random.default_rng(seed)
    order = generator.permuted(np.tile(np.arange(len(score)), (draws, 1)), axis=1)[:, : int(member.sum())]
    drawn = np.abs(score.to_numpy()[order].sum(axis=1))
    given = abs(float(score.to_numpy()[member].sum()))
    return float((1 + (drawn >= given * (1 - 1e-9)).sum()) / (1 + draws))
