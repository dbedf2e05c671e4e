"""One trait of states and one outcome, with controls: the effect, its interval, a test, and a verdict by a declared rule."""

from dataclasses import dataclass

import pandas as pd

from compacts.stats.firth import fit_firth_logit, likelihood_ratio
from compacts.stats.margins import average_marginal_effects
from compendium.errors import UserError


@dataclass(frozen=True)
class Association:
    """Effects of traits on the chance of an outcome.

    Attributes
    ----------
    effects
        Index the trait; estimate, low, high in percentage points: of 0 to 1 for a trait of two values, else the slope for a step
        from the lower to the upper quartile.
    p_value
        Penalised likelihood-ratio test that all are zero.
    n, events
        States in the model, and those of the rarer outcome.
    left_out
        Index of the states with a missing value.
    """

    effects: pd.DataFrame
    p_value: float
    n: int
    events: int
    left_out: tuple[str, ...]


def associate(
    outcome: pd.Series, traits: pd.DataFrame, controls: pd.DataFrame, groups: pd.Series | None, confidence: float
) -> Association:
    """Firth's logit of a 0/1 outcome on traits, with controls and the categories of ``groups``.

    Parameters
    ----------
    outcome
        0 or 1, a row a state.
    traits
        Columns of 0 and 1, or numbers; missing values leave the state out.
    controls
        Numbers; may have no column.
    groups
        Categories, the largest is the reference; None without.
    confidence
        Of the delta-method intervals.

    Raises
    ------
    UserError
        If among the states with all values the outcome or a trait has one value only.

    Examples
    --------
    >>> outcome = pd.Series([1, 1, 1, 0, 0, 0, 1, 0])
    >>> trait = pd.DataFrame({"host": [1.0, 1, 1, 1, 0, 0, 0, 0]})
    >>> found = associate(outcome, trait, trait[[]], None, 0.95)
    >>> found.effects["estimate"].round(1).tolist(), found.n, found.events
    ([40.0], 8, 4)
    """
    known = traits.notna().all(axis=1) & controls.notna().all(axis=1)
    y, x = outcome[known].astype(int), traits[known].astype(float)
    for name, column in {"outcome": y, **dict(x.items())}.items():
        if column.nunique() < 2:
            raise UserError(
                f"association, {name}: got one value in {len(y)} states, expected two or more; test another trait"
            )
    for name in x:
        if x[name].nunique() > 2:
            step = x[name].quantile(0.75) - x[name].quantile(0.25)
            if step == 0:
                raise UserError(f"association, {name}: got equal quartiles, expected a spread; cut it into two groups")
            x[name] /= step
    design = pd.DataFrame({"constant": 1.0}, index=x.index).join(x).join(controls[known].astype(float))
    indicators: list[str] = []
    if groups is not None:
        present = groups[known].value_counts()
        indicators = sorted(str(name) for name in present.index if name != present.idxmax())
        for group in indicators:
            design[group] = (groups[known] == group).astype(float)
    model = fit_firth_logit(design, y)
    table = average_marginal_effects(model, {"group": indicators}).summary(confidence).set_index("covariate")
    return Association(
        effects=table.loc[list(x.columns), ["estimate", "low", "high"]],
        p_value=likelihood_ratio(model, list(x.columns)).p_value,
        n=len(y),
        events=int(min((y == 0).sum(), (y == 1).sum())),
        left_out=tuple(outcome.index[~known]),
    )


def verdict_of_sign(found: Association, sign: int, margin: float, alpha: float) -> str:
    """Judge that the traits go with more (``sign`` 1) or less (-1) of the outcome.

    ``supported`` when the test rejects, an interval (a single trait: the estimate) lies on the side of ``sign`` and none on
    the other; ``contradicted`` when it rejects with the sides exchanged, or when all intervals lie within the margin
    (percentage points); else ``undecided``.
    """
    sides = found.effects * sign
    if found.p_value < alpha:
        if len(sides) == 1:
            return "supported" if sides["estimate"].iloc[0] > 0 else "contradicted"
        above, below = (sides[["low", "high"]] > 0).all(axis=1).any(), (sides[["low", "high"]] < 0).all(axis=1).any()
        return "undecided" if above == below else "supported" if above else "contradicted"
    return "contradicted" if (found.effects[["low", "high"]].abs() <= margin).to_numpy().all() else "undecided"
