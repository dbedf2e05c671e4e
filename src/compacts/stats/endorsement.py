"""The states, outcomes and covariates of the endorsement models.

One row a member of 2018. Covariates are taken before December 2018: the roll calls that are outcomes never enter them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compacts.stats.comparison import StackedComparison, compare_outcomes
from compacts.stats.firth import fit_firth_logit
from compacts.stats.firth_multinomial import fit_firth_multinomial
from compacts.stats.margins import average_marginal_effects
from compacts.stats.models import ChoiceModel, fit_logit, fit_multinomial_logit, fit_ordered_logit
from compacts.stats.multiplicity import holm
from compacts.stats.separation import detect_separation
from compendium.errors import UserError

GCM, GCR, IMRF_FORMAT = "A/RES/73/195", "A/RES/73/151", "A/RES/73/326"
COMPACTS = {"GCM": GCM, "GCR": GCR}
VOTES = ("yes", "abstain", "no", "not voting")
# both endorsement votes fell in the 73rd session
LAST_SESSION = 72
DISPLACEMENT = ("year", "asylum_iso3", "origin_iso3", "refugees", "asylum_seekers")  # of table unhcr_displacement

COVARIATES = {
    "hosted": "Refugees and asylum-seekers hosted (doubling)",
    "originating": "Refugees and asylum-seekers from there (doubling)",
    "missed": "Earlier roll calls missed (doubling)",
    "agreement": "Agreement with the majority in earlier votes (+10 points)",
}

# from least to most support, absence between (hypothesis B1's order); and the multinomial, which sets absence apart
ORDERED = ("no", "abstain", "not voting", "yes")
UNORDERED = ("yes", "no or abstain", "not voting")


@dataclass(frozen=True)
class Design:
    """Covariates of the models.

    Attributes
    ----------
    matrix
        One row a state (index iso3): constant, an indicator a regional group but the reference, and :data:`COVARIATES`.
    categories
        The indicators of each categorical covariate, for the marginal effects.
    reference
        The regional group left out.
    """

    matrix: pd.DataFrame
    categories: dict[str, list[str]]
    reference: str


def states_before_the_votes(
    members: pd.DataFrame,
    votes: pd.DataFrame,
    participation: pd.DataFrame,
    displacement: pd.DataFrame,
    first_session: int,
    covariate_year: int,
) -> pd.DataFrame:
    """One row a member: name, group, its votes, and covariates from before them.

    Parameters
    ----------
    members, votes, participation, displacement
        Tables un_members, un_votes, un_participation, unhcr_displacement (DISPLACEMENT is enough of the last).
    first_session
        First of the sessions, up to the 72nd, whose roll calls make absence and agreement.
    covariate_year
        Year (end of) of the people hosted and originating.

    Returns
    -------
    DataFrame
        Index iso3; name, un_group, gcm, gcr, imrf_format (votes); people_hosted, people_originating; hosted, originating
        (log2(1 + people)); missed (log2(1 + roll calls without a vote)); agreement (share of votes cast with the majority, times
        ten). Doublings, because a step of ten points in participation is out of reach for the many states near 100 per cent.

    Raises
    ------
    UserError
        If the sessions would include the votes themselves, the year is not before 2018, or a covariate is missing.
    """
    if not first_session <= LAST_SESSION:
        raise UserError(
            f"first_session: got {first_session}, expected {LAST_SESSION} or earlier: the endorsement votes fell in "
            f"session {LAST_SESSION + 1}; choose an earlier session"
        )
    if covariate_year not in set(displacement["year"]) or covariate_year > 2017:
        raise UserError(
            f"covariate_year: got {covariate_year}, expected a year to 2017 that the UNHCR table has; change it"
        )
    states = members.set_index("iso3")[["name", "un_group"]].sort_index()
    for column, resolution in {"gcm": GCM, "gcr": GCR, "imrf_format": IMRF_FORMAT}.items():
        states[column] = votes.loc[votes["resolution"] == resolution].set_index("iso3")["vote"]
    people = displacement.loc[displacement["year"] == covariate_year]
    number = people["refugees"].fillna(0) + people["asylum_seekers"].fillna(0)
    for column, side in {"hosted": "asylum_iso3", "originating": "origin_iso3"}.items():
        counted = number.groupby(people[side]).sum().reindex(states.index)
        states[f"people_{column}"] = counted
        # a state without a row has nobody on UNHCR's books, which is not the same as nobody
        states[column] = np.log2(1 + counted.fillna(0))
    before = participation["session"].between(first_session, LAST_SESSION)
    sums = participation.loc[before].groupby("iso3")[["cast", "roll_calls", "agreeing", "compared"]].sum()
    states["missed"] = np.log2(1 + sums["roll_calls"] - sums["cast"])
    states["agreement"] = 10 * sums["agreeing"] / sums["compared"]
    gaps = states.drop(columns=["people_hosted", "people_originating"]).isna()
    if gaps.to_numpy().any():
        column = gaps.any()[lambda some: some].index[0]
        raise UserError(
            f"states, {column}: got no value for {', '.join(states.index[gaps[column]])}; choose other sessions"
        )
    return states


def endorsement_design(states: pd.DataFrame, reference_group: str) -> Design:
    """Design matrix of the endorsement models.

    Raises
    ------
    UserError
        If the reference is not a regional group.
    """
    groups = sorted(states["un_group"].unique())
    if reference_group not in groups:
        raise UserError(f"reference_group: got {reference_group!r}, expected one of {', '.join(groups)}; choose one")
    indicators = [group for group in groups if group != reference_group]
    matrix = pd.DataFrame({"constant": 1.0}, index=states.index)
    for group in indicators:
        matrix[group] = (states["un_group"] == group).astype(float)
    return Design(matrix.join(states[list(COVARIATES)].astype(float)), {"un_group": indicators}, reference_group)


def coded(votes: pd.Series, levels: Sequence[str]) -> pd.Series:
    """Votes as places in ``levels``; ``no or abstain`` takes both, ``not yes`` all but yes."""
    merged = {"no": "no or abstain", "abstain": "no or abstain"} if "no or abstain" in levels else {}
    if "not yes" in levels:
        merged = dict.fromkeys(set(VOTES) - {"yes"}, "not yes")
    return votes.replace(merged).map({level: place for place, level in enumerate(levels)}).astype(int)


def separations(states: pd.DataFrame, design: Design) -> pd.DataFrame:
    """What the linear programme says of each model: compact, model, kind, finding."""
    rows = []
    for compact in COMPACTS:
        for model, levels in {"binary": ("not yes", "yes"), "ordered": ORDERED, "multinomial": UNORDERED}.items():
            codes = coded(states[compact.lower()], levels)
            found = detect_separation(design.matrix, codes, model, levels)  # type: ignore[arg-type]
            rows.append({"compact": compact, "model": model, "kind": found.kind, "finding": found.sentence()})
    return pd.DataFrame(rows)


def endorsement_models(states: pd.DataFrame, design: Design, compact: str) -> dict[str, ChoiceModel]:
    """All models of one Compact's vote; maximum likelihood only where the outcomes overlap.

    Returns
    -------
    dict
        By estimator: Firth logit, logit, ordered logit, and the multinomial logit or, where it is separated, Firth's.
    """
    vote, x = states[compact.lower()], design.matrix
    binary, ordered, unordered = (coded(vote, levels) for levels in (("not yes", "yes"), ORDERED, UNORDERED))
    models = {"Firth logit": fit_firth_logit(x, binary)}
    if detect_separation(x, binary).kind == "none":
        models["logit"] = fit_logit(x, binary)
    if detect_separation(x, ordered, "ordered").kind == "none":
        models["ordered logit"] = fit_ordered_logit(x, ordered, ORDERED)
    if detect_separation(x, unordered, "multinomial").kind == "none":
        models["multinomial logit"] = fit_multinomial_logit(x, unordered, UNORDERED)
    else:
        models["Firth multinomial logit"] = fit_firth_multinomial(x, unordered, UNORDERED)
    return models


def effects_of_compacts(
    states: pd.DataFrame, design: Design, confidence: float
) -> tuple[pd.DataFrame, StackedComparison]:
    """Average marginal effects on a yes to each Compact, and their differences, in percentage points.

    Each Compact's effects carry the error of its own Firth logit; the differences that of the stacked comparison, clustered
    on the state.

    Returns
    -------
    effects
        model (GCM, GCR, GCM less GCR), covariate, estimate, std_error, low, high, p_value, p_holm (adjusted for the effects
        of the model), associated (interval without zero and p_holm below 1 - confidence).
    comparison
        With the test that no effect differs.
    """
    first, second = (fit_firth_logit(design.matrix, coded(states[c.lower()], ("not yes", "yes"))) for c in COMPACTS)
    comparison = compare_outcomes(first, second, design.categories)
    parts = [average_marginal_effects(model, design.categories) for model in (first, second)] + [comparison.difference]
    tables = []
    for name, part in zip((*COMPACTS, " less ".join(COMPACTS)), parts, strict=True):
        table = part.summary(confidence).drop(columns=["outcome", "n"])
        table["p_holm"] = holm(table["p_value"])
        table["associated"] = (table["low"] * table["high"] > 0) & (table["p_holm"] < 1 - confidence)
        tables.append(table.assign(model=name))
    return pd.concat(tables, ignore_index=True), comparison


def effect_without(
    states: pd.DataFrame, design: Design, compact: str, covariate: str, left_out: Sequence[str], confidence: float
) -> pd.Series:
    """One effect of the Firth logit without some states: estimate, std_error, low, high, p_value."""
    matrix = design.matrix.drop(index=list(left_out))
    # a group that the exclusion empties of members is no covariate any more
    matrix = matrix.loc[:, (matrix != 0).any()]
    model = fit_firth_logit(matrix, coded(states.loc[matrix.index, compact.lower()], ("not yes", "yes")))
    categories = {key: [name for name in names if name in matrix] for key, names in design.categories.items()}
    table = average_marginal_effects(model, categories).summary(confidence).set_index("covariate")
    return table[["estimate", "std_error", "low", "high", "p_value"]].T[covariate]


def effects_by_estimator(models: dict[str, ChoiceModel], design: Design, confidence: float) -> pd.DataFrame:
    """Average marginal effects on a yes by every estimator: estimator, covariate, estimate, low, high."""
    tables = [
        average_marginal_effects(model, design.categories, ["yes"]).summary(confidence).assign(estimator=name)
        for name, model in models.items()
    ]
    return pd.concat(tables, ignore_index=True)[["estimator", "covariate", "estimate", "low", "high"]]


def label(covariate: str) -> str:
    """Words for a covariate, as they stand in a sentence."""
    if covariate not in COVARIATES:
        return covariate
    words = COVARIATES[covariate].split(" (")[0]
    return words[0].lower() + words[1:]


def side_by_side(by_compact: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Effects by estimator, in percentage points.

    Returns
    -------
    DataFrame
        effect (Compact and covariate), one column an estimator, and clear: how many of their intervals leave out zero.
    """
    tables = []
    for compact, table in by_compact.items():
        # one column for the multinomial logit, with the penalty or without
        named = table.assign(estimator=table["estimator"].str.replace("Firth multinomial", "multinomial"))
        named["clear"] = named["low"] * named["high"] > 0
        order = named["covariate"].unique(), named["estimator"].unique()
        cells = named.set_index(["covariate", "estimator"])["estimate"]
        wide = cells.unstack("estimator").loc[order[0], order[1]]
        wide["clear"] = named.groupby("covariate")["clear"].sum()
        wide.insert(0, "effect", [f"{compact}: {COVARIATES.get(name, name)}" for name in wide.index])
        tables.append(wide)
    return pd.concat(tables, ignore_index=True).rename_axis(columns=None)


def verdict_table(hypotheses: pd.DataFrame, verdicts: dict[str, str], reasons: dict[str, str]) -> pd.DataFrame:
    """Hypotheses with verdict and reason, in the order of their names; without a verdict: ``not testable here``."""
    rows = hypotheses.set_index("hyp_id").loc[sorted(reasons), "claim"]
    return pd.DataFrame(
        {
            "hypothesis": [f"{name}: {claim}" for name, claim in rows.items()],
            "verdict": [verdicts.get(name, "not testable here") for name in rows.index],
            "reason": [reasons[name] for name in rows.index],
        }
    )
