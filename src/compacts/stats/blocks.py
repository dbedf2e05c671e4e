"""Blocks of covariates added to the endorsement models one after the other: what each adds, in the sample and out of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from compacts.stats.endorsement import COMPACTS, Design, coded
from compacts.stats.firth import fit_firth_logit, likelihood_ratio
from compacts.stats.margins import MarginalEffects, average_marginal_effects
from compacts.stats.models import ChoiceModel
from compacts.stats.multiplicity import holm
from compacts.stats.prediction import Scores, leave_one_out, score
from compendium.errors import UserError

BLOCKS: Mapping[str, Mapping[str, str]] = {
    "wealth and size": {"wealth": "Product per head (doubling)", "size": "Population (doubling)"},
    "migration": {"migrants": "Migrants per inhabitant (doubling)", "net_migration": "Net migration (+1 per 1,000 a year)"},
    "regime": {"democracy": "Electoral democracy (+0.1)"},
    "alignment": {"ideal_point": "Ideal point (+1, towards the US)"},
    "populism": {"populist": "Populists in government", "against": "Party against immigration in it"},
}  # fmt: skip
COLUMNS = (  # of table country_year
    "iso3", "year", "population", "gdp_2015usd_per_head", "migrant_stock_interpolated", "net_migration", "polyarchy", "ideal_point",
    "populist_in_government", "anti_immigration_in_government", "remittances_received_share",
)  # fmt: skip
FEW_EVENTS = 10  # votes other than yes per effect


def state_traits(country_year: pd.DataFrame, covariate_year: int, government_year: int) -> pd.DataFrame:
    """Traits of states before the votes, on iso3; missing where the source has nothing.

    Parameters
    ----------
    country_year
        Table of that name; COLUMNS are enough.
    covariate_year
        Year of all traits but government; net migration is the mean of the five years that end then.
    government_year
        Parties in government after the last election to the end of this year.

    Returns
    -------
    DataFrame
        The columns of :data:`BLOCKS`; remittances (log2 of their share of gross domestic product), much_remitted (1 from
        five per cent on); people (population).

    Raises
    ------
    UserError
        If a year is later than 2018, the year of the votes, or not in the table.
    """
    years = set(country_year["year"])
    for name, year, last in (("covariate_year", covariate_year, 2017), ("government_year", government_year, 2018)):
        if year > last or year - 4 not in years:
            raise UserError(f"{name}: got {year}, expected {min(years) + 4} to {last}; change it")
    keyed = country_year.set_index("iso3")
    now, parties = keyed[keyed["year"] == covariate_year], keyed[keyed["year"] == government_year]
    recent = keyed[keyed["year"].between(covariate_year - 4, covariate_year)]
    rate = 1000 * recent["net_migration"] / recent["population"]
    share = now["remittances_received_share"].astype(float)
    return pd.DataFrame(
        {
            "wealth": np.log2(now["gdp_2015usd_per_head"].astype(float)),
            "size": np.log2(now["population"].astype(float)),
            "migrants": np.log2(now["migrant_stock_interpolated"].astype(float) / now["population"].astype(float)),
            "net_migration": rate.astype(float).groupby(level=0).mean(),
            "democracy": 10 * now["polyarchy"].astype(float),
            "ideal_point": now["ideal_point"].astype(float),
            "populist": parties["populist_in_government"].astype("boolean").astype("Float64").astype(float),
            "against": parties["anti_immigration_in_government"].astype("boolean").astype("Float64").astype(float),
            "remittances": np.log2(share.where(share > 0)),
            "much_remitted": share.ge(0.05).astype(float).where(share.notna()),
            "people": now["population"].astype(float),
        }
    )


def blocks_added(
    states: pd.DataFrame, traits: pd.DataFrame, design: Design, confidence: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the blocks in order, for both Compacts on the same states.

    Parameters
    ----------
    states
        With the votes gcm and gcr, on iso3.
    traits
        As :func:`state_traits` gives them.
    design
        Of the base.
    confidence
        Of the intervals.

    Returns
    -------
    steps
        One row a Compact and block: compact, block, n, left_out (names of states without a value), events (not yes),
        effects (number of covariates), statistic, degrees, p_value, p_holm (over the blocks of a Compact), p_alone (added to
        the base alone), brier and log_score (change by the block, leave one out; below zero is better), shift (largest
        change of an effect that was there before, percentage points), shifted (its covariate), added (passes the declared rule:
        p_holm below 1 - confidence and a better log score).
    effects
        model (Compact), covariate, estimate, low, high (percentage points) of each block's covariates, at its own step;
        associated (its block is added by the rule).
    """
    traits, steps, effects = traits.loc[states.index], [], []
    for compact in COMPACTS:
        before: list[str] = []
        models: dict[tuple[str, ...], _Model] = {}  # by states and traits: two steps may share a model
        for block, words in BLOCKS.items():
            known = traits[[*before, *words]].notna().all(axis=1)
            sample = _sample(states, design, compact, known, words)
            row, table = _step(sample, traits, models, before, list(words), confidence)
            row["left_out"] = ", ".join(states.loc[~known, "name"])
            steps.append({"compact": compact, "block": block} | row)
            effects.append(table.assign(model=compact))
            before += words
    frame = pd.DataFrame(steps)
    for compact in COMPACTS:
        chosen = frame["compact"] == compact
        frame.loc[chosen, "p_holm"] = holm(frame.loc[chosen, "p_value"])
    frame["added"] = (frame["p_holm"] < 1 - confidence) & (frame["log_score"] < 0)
    for table, added in zip(effects, frame["added"], strict=True):
        table["associated"] = added
    return frame, pd.concat(effects, ignore_index=True)


@dataclass(frozen=True)
class _Model:
    """Firth's logit of a sample's votes; what is asked of it is reckoned once."""

    design: pd.DataFrame
    outcome: pd.Series
    categories: Mapping[str, Sequence[str]]

    @cached_property
    def fit(self) -> ChoiceModel:
        return fit_firth_logit(self.design, self.outcome)

    @cached_property
    def effects(self) -> MarginalEffects:
        return average_marginal_effects(self.fit, self.categories)

    @cached_property
    def scores(self) -> Scores:
        return score(leave_one_out(self.design, self.outcome, self.fit), self.outcome.to_numpy())

    def joined(self, traits: pd.DataFrame) -> "_Model":
        return replace(self, design=self.design.join(traits))


def _sample(
    states: pd.DataFrame, design: Design, compact: str, known: pd.Series, added: Iterable[str]
) -> _Model:  # fmt: skip
    """Return the model of the base alone, among the states whose traits are known."""
    outcome = coded(states.loc[known, compact.lower()], ("not yes", "yes"))
    base = design.matrix[known]
    base = base.loc[:, (base != 0).any()]  # a group whose members are all unknown is no covariate any more
    if outcome.nunique() < 2:
        raise UserError(
            f"blocks, {compact}, {', '.join(added)}: got one kind of vote in {len(base)} states, expected two"
        )
    categories = {key: [name for name in names if name in base] for key, names in design.categories.items()}
    return _Model(base, outcome, categories)


def _step(
    sample: _Model, traits: pd.DataFrame, models: dict[tuple[str, ...], _Model], before: Sequence[str], added: Sequence[str],
    confidence: float,
) -> tuple[dict[str, object], pd.DataFrame]:  # fmt: skip
    def model(names: Sequence[str]) -> _Model:
        key = (*sample.outcome.index, *names)
        if key not in models:
            models[key] = sample.joined(traits.loc[sample.outcome.index, list(names)])
        return models[key]

    smaller, larger, alone = model(before), model([*before, *added]), model(added)
    test, on_base = likelihood_ratio(larger.fit, added), likelihood_ratio(alone.fit, added)
    tables = [m.effects.summary(confidence).set_index("covariate") for m in (smaller, larger)]
    moved = (tables[1]["estimate"] - tables[0]["estimate"]).dropna()
    worst = str(moved.abs().idxmax())
    found = tables[1].loc[list(added), ["estimate", "low", "high", "p_value"]].reset_index()
    return {
        "n": len(sample.outcome), "left_out": "", "events": int((sample.outcome == 0).sum()),
        "effects": larger.design.shape[1] - 1, "statistic": test.statistic, "degrees": test.degrees, "p_value": test.p_value,
        "p_alone": on_base.p_value, "brier": larger.scores.brier - smaller.scores.brier,
        "log_score": larger.scores.log - smaller.scores.log, "shift": moved[worst], "shifted": worst,
    }, found  # fmt: skip


def blocks_table(steps: pd.DataFrame) -> pd.DataFrame:
    """Steps as a table for reading: model, n, events, effects, statistic, p_value, p_holm, p_alone, brier, log_score, shift."""
    columns = ["n", "events", "effects", "statistic", "p_value", "p_holm", "p_alone", "brier", "log_score", "shift"]
    return steps.assign(model=steps["compact"] + ", " + steps["block"])[["model", *columns]]


def effects_table(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects of the blocks' traits with their intervals, percentage points, in words: trait, and a column a Compact."""
    names = {trait: words for block in BLOCKS.values() for trait, words in block.items()}
    told = [
        f"{row.estimate:.1f} ({row.low:.1f} to {row.high:.1f})".replace("-", "\N{MINUS SIGN}")
        for row in effects.itertuples()
    ]
    wide = effects.assign(told=told).pivot(index="covariate", columns="model", values="told").loc[list(names)]
    return wide.rename(index=names).rename_axis(index="trait", columns=None)
