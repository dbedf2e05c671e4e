"""What a test with a known standard error could have found."""

import numpy as np
from scipy.stats import norm
from scipy.stats import t as t_distribution


def power_at(effect: float, std_error: float, alpha: float = 0.05, degrees: float = np.inf) -> float:
    """Return the chance that a two-sided test at `alpha` rejects zero where the effect is this large.

    Parameters
    ----------
    effect, std_error
        In the same unit.
    alpha
        Level of the test.
    degrees
        Degrees of freedom of the t distribution; normal without.

    Examples
    --------
    >>> round(power_at(2.8016, 1.0), 3)  # the textbook's 2.8 standard errors
    0.8
    """
    if not std_error > 0:
        return float("nan")
    if np.isinf(degrees):
        cut, shift = norm.ppf(1 - alpha / 2), effect / std_error
        return float(norm.sf(cut - shift) + norm.cdf(-cut - shift))
    from scipy.stats import nct

    cut, shift = t_distribution.ppf(1 - alpha / 2, degrees), effect / std_error
    return float(nct.sf(cut, degrees, shift) + nct.cdf(-cut, degrees, shift))


def smallest_detectable(std_error: float, alpha: float = 0.05, power: float = 0.8, degrees: float = np.inf) -> float:
    """Return the effect that a two-sided test at `alpha` finds with this power, given the standard error.

    References
    ----------
    Bloom, H. S. (1995), Minimum detectable effects, Evaluation Review 19, 547-556: 2.80 standard errors at the five per cent level and a
    power of 80 per cent.

    Examples
    --------
    >>> round(smallest_detectable(1.0), 2)
    2.8
    """
    if np.isinf(degrees):
        return float((norm.ppf(1 - alpha / 2) + norm.ppf(power)) * std_error)
    return float((t_distribution.ppf(1 - alpha / 2, degrees) + t_distribution.ppf(power, degrees)) * std_error)
