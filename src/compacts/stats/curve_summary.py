"""What a specification curve shows: its middle, its signs, and which single choice moves it most."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from compendium.errors import UserError


def summarise_curve(curve: pd.DataFrame, alpha: float = 0.05) -> pd.Series:
    """Median and spread of the estimates, shares of signs and of significant ones.

    Parameters
    ----------
    curve
        Of :mod:`compacts.stats.specification_curve`.
    alpha
        Level of significance, two-sided, each specification by itself.

    Returns
    -------
    Series
        specifications, usable, excluded; median, smallest, largest, lower_quartile, upper_quartile; share_positive;
        share_same_sign (as the median's); share_significant_positive, share_significant_negative. Shares are of the usable.

    Raises
    ------
    UserError
        If no specification has an estimate.

    Examples
    --------
    >>> curve = pd.DataFrame({"estimate": [0.1, 0.3, -0.1], "p_value": [0.2, 0.01, 0.6], "excluded": ["", "", ""]})
    >>> summarise_curve(curve)[["median", "share_positive", "share_significant_positive"]].round(2).to_dict()
    {'median': 0.1, 'share_positive': 0.67, 'share_significant_positive': 0.33}
    """
    usable = _usable(curve)
    estimate, low = usable["estimate"], usable["p_value"] < alpha
    median = estimate.median()
    return pd.Series(
        {
            "specifications": len(curve),
            "usable": len(usable),
            "excluded": len(curve) - len(usable),
            "median": median,
            "smallest": estimate.min(),
            "largest": estimate.max(),
            "lower_quartile": estimate.quantile(0.25),
            "upper_quartile": estimate.quantile(0.75),
            "share_positive": (estimate > 0).mean(),
            "share_same_sign": (np.sign(estimate) == np.sign(median)).mean(),
            "share_significant_positive": (low & (estimate > 0)).mean(),
            "share_significant_negative": (low & (estimate < 0)).mean(),
        }
    )


def influence_of_choices(curve: pd.DataFrame, choices: Sequence[str]) -> pd.DataFrame:
    """How much each single choice moves the estimate, the others held fixed.

    Two specifications are a matched pair of a choice when they differ in it and in nothing else. A choice moves the estimate
    by the mean absolute difference of its matched pairs: what a reader would see who changed this option alone.

    Parameters
    ----------
    curve
        Of :mod:`compacts.stats.specification_curve`; specifications without an estimate are left out, and pairs with them.
    choices
        Columns of the choices.

    Returns
    -------
    DataFrame
        One row a choice, the one that moves most first: choice, options, pairs, mean_difference (absolute, of pairs),
        largest_difference, sign_changes (share of pairs with estimates on both sides of nought), range_of_means (largest less
        smallest mean of an option), share_alone (variance of the options' means, as share of the variance of all estimates),
        share_total (mean variance among specifications that differ in this choice alone, as share of the same). In a
        complete grid the last two are Sobol's first-order and total index: they differ where choices interact.

    References
    ----------
    Saltelli, A. et al. (2010), Variance based sensitivity analysis of model output, Computer Physics Communications 181,
    259-270, equations 2 and 4. Matched pairs as in Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Specification
    curve analysis, Nature Human Behaviour 4, 1208-1214 (which choices matter).

    Examples
    --------
    >>> curve = pd.DataFrame(
    ...     {"outcome": [0, 0, 1, 1], "period": [0, 1, 0, 1], "estimate": [1.0, 1.1, 2.0, 2.1], "excluded": ""}
    ... )
    >>> influence_of_choices(curve, ["outcome", "period"])[["choice", "mean_difference", "share_alone"]].round(2)
        choice  mean_difference  share_alone
    0  outcome              1.0         0.99
    1   period              0.1         0.01
    """
    usable = _usable(curve)
    # options may be anything that prints: what counts is which are the same
    codes = usable[list(choices)].apply(lambda column: pd.factorize(column.map(repr))[0])
    estimate = usable["estimate"].to_numpy()
    spread = estimate.var()
    rows = []
    for choice in choices:
        others = codes.drop(columns=choice)
        label = (
            others.groupby(list(others.columns)).ngroup() if len(others.columns) else pd.Series(0, index=codes.index)
        )
        sets = [estimate[places] for places in label.reset_index(drop=True).groupby(label.to_numpy()).indices.values()]
        matched = [part for part in sets if len(part) > 1]
        pairs = np.array([pair for part in matched for pair in combinations(part, 2)]).reshape(-1, 2)
        gap = np.abs(pairs[:, 0] - pairs[:, 1])
        means = usable["estimate"].groupby(codes[choice]).mean()
        number = usable.groupby(codes[choice]).size()
        alone = float(np.average((means - estimate.mean()) ** 2, weights=number))
        within = (
            np.average([part.var() for part in matched], weights=[len(part) for part in matched]) if matched else np.nan
        )
        rows.append(
            {
                "choice": choice,
                "options": len(means),
                "pairs": len(gap),
                "mean_difference": gap.mean() if len(gap) else np.nan,
                "largest_difference": gap.max() if len(gap) else np.nan,
                "sign_changes": (pairs[:, 0] * pairs[:, 1] < 0).mean() if len(gap) else np.nan,
                "range_of_means": means.max() - means.min(),
                "share_alone": alone / spread if spread > 0 else np.nan,
                "share_total": within / spread if spread > 0 else np.nan,
            }
        )
    found = pd.DataFrame(rows)
    return found.sort_values("mean_difference", ascending=False, kind="stable", ignore_index=True)


def _usable(curve: pd.DataFrame) -> pd.DataFrame:
    usable = curve[curve["excluded"] == ""]
    if usable.empty:
        reasons = ", ".join(sorted(set(curve["excluded"]))[:3])
        raise UserError(f"specification curve: got no estimate ({reasons}), expected one or more; check the choices")
    return usable
