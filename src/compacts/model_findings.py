"""What the endorsement models find, in sentences: each a mapping of the arguments of a claim, which a notebook registers."""

from collections.abc import Mapping, Sequence

import pandas as pd

from compacts.stats import blocks
from compacts.stats.comparison import StackedComparison, coefficients_differ
from compacts.stats.endorsement import COMPACTS, COVARIATES, Design, label, separations
from compacts.stats.firth import likelihood_ratio
from compacts.stats.models import ChoiceModel
from compacts.verdicts import Told, effect_told, words

BASIS = ("un_votes", "un_participation", "unhcr_displacement", "un_members")
MOVES = {
    "agreement": "Ten points more agreement with the majority in earlier votes",
    "hosted": "Twice as many refugees and asylum-seekers hosted",
    "originating": "Twice as many refugees and asylum-seekers from the country",
}
POPULISM = {"populist": "a populist party in government", "against": "a party against immigration in government"}


def models_told(states: pd.DataFrame, design: Design, models: Mapping[str, Mapping[str, ChoiceModel]]) -> list[Told]:
    """Tell separation, and the tests of all effects together and of regional group alone.

    Parameters
    ----------
    states, design
        What was modelled.
    models
        By Compact and estimator.
    """
    found = separations(states, design)
    named = found[found["kind"] != "none"]
    told: list[Told] = [
        {"name": "separated_models", "value": " and ".join(named["compact"] + " " + named["model"]) or "none", "unit": "models", "kind": "verdict",
         "table": BASIS, "text": "Models without a maximum likelihood, because a trait foretells a vote without exception (separation): {value}. Separated models "
         "carry Firth's penalty, as the main model does; it draws rare outcomes towards one half."}]  # fmt: skip
    for compact in COMPACTS:
        test = likelihood_ratio(models[compact]["Firth logit"], list(design.matrix.columns[1:]))
        told.append({"name": f"{compact.lower()}_all_covariates_p", "value": test.p_value, "unit": "probability", "kind": "p-value", "digits": 3, "tolerance": 0.0005,
                     "table": BASIS, "text": f"All {test.degrees} effects on the {compact} together: p = {{value}} (penalised likelihood ratio)."})  # fmt: skip
        region = likelihood_ratio(models[compact]["Firth logit"], design.categories["un_group"])
        told.append({"name": f"{compact.lower()}_region_p", "value": region.p_value, "unit": "probability", "kind": "p-value", "digits": 2, "tolerance": 0.005,
                     "table": BASIS, "text": f"The {region.degrees} contrasts of regional groups, which are one trait: p = {{value}}."})  # fmt: skip
    scale = coefficients_differ(*(models[compact]["Firth logit"] for compact in COMPACTS))
    told.append({"name": "compacts_differ_log_odds_p", "value": scale["jackknife"], "unit": "probability", "kind": "p-value", "digits": 2, "tolerance": 0.005, "table": BASIS,
                 "text": f"That the effects are the same for both Compacts was tested in percentage points, as declared. On the scale of log odds (added later) the test gives p = {scale['sandwich']:.3f} "
                 "with the same covariance and p = {value} with a jackknife, which leaves out each state in turn and is safer where few states did not say yes."})  # fmt: skip
    return told


def associations_told(
    effects: pd.DataFrame, fragile: pd.Series, refusers: int, comparison: StackedComparison, confidence: float
) -> list[Told]:
    """Tell which traits pass the declared rule, what a few states carry, and whether the Compacts differ.

    Parameters
    ----------
    effects, comparison
        As :func:`compacts.stats.endorsement.effects_of_compacts` gives them.
    fragile
        Effect of agreement on the GCR without the refusers: estimate, low, high.
    refusers
        Their number.
    confidence
        Of the intervals; tests use one less it.
    """
    told: list[Told] = []
    number, traits = int((effects["model"] == "GCR").sum()), len(COVARIATES) + 1
    for compact in COMPACTS:
        table = effects[effects["model"] == compact]
        named = [label(covariate) for covariate in table.loc[table["associated"], "covariate"]]
        end = ": {value}." if named else ", which does not show that none matters."
        told.append({"name": f"{compact.lower()}_associated", "value": ", ".join(named) or "none", "unit": "covariates", "kind": "verdict", "table": BASIS,
                     "text": f"Of {number} effects of {traits} traits of a state (regional group, {number - len(COVARIATES)} contrasts, and {len(COVARIATES)} more) {len(named) or 'none'} "
                     f"{'pass' if len(named) > 1 else 'passes'} the declared rule for the {compact}{end}" if compact == "GCM" else f"Of the same {number} effects {len(named) or 'none'} "
                     f"{'pass' if len(named) > 1 else 'passes'} it for the {compact}{end}"})  # fmt: skip
    whole = _row(effects, "GCR", "agreement")
    carried = ": a few states carry it." if fragile["low"] <= 0 < whole["low"] else "."
    who = f"the {refusers} states" if refusers else "the states (none here)"
    told.append({**effect_told("agreement_gcr_without_refusers", fragile, confidence, BASIS),
                 "text": f"Without {who} that voted against the GCM and not for the GCR, the effect of agreement on the GCR is {{value}} points ({{low}} to {{high}}), "
                 f"with them {words(whole['estimate'])}{carried}"})  # fmt: skip
    shown = "shown" if comparison.p_value < 1 - confidence else "not shown"
    told.append({"name": "compacts_differ_p", "value": comparison.p_value, "unit": "probability", "kind": "p-value", "digits": 2, "tolerance": 0.005, "table": BASIS,
                 "text": f"That these {traits} traits (regional group, {', '.join(label(trait) for trait in COVARIATES)}) work otherwise for one Compact than for the other is {shown} (p = {{value}})."})  # fmt: skip
    return told


def added_told(steps: pd.DataFrame, effects: pd.DataFrame) -> list[Told]:
    """Tell which blocks pass the declared rule, and how thin the models are; see :func:`blocks_told`."""
    chosen = steps[steps["added"]]
    adding = ", ".join(f"{row['block']} for the {row['compact']}" for row in chosen.to_dict("records"))
    beside = ""
    if len(chosen):
        found = effects[effects["associated"]]
        zero, ratio = (
            int((found["low"] * found["high"] <= 0).sum()),
            float((chosen["events"] / chosen["effects"]).min()),
        )
        thin = f" (fewer than {blocks.FEW_EVENTS} are thin)" * (ratio < blocks.FEW_EVENTS)
        beside = f" The data are few, with {ratio:.1f} votes other than yes per effect{thin}, and {'both effects' if zero == len(found) == 2 else f'{zero} of the {len(found)} effects'} added {'has an interval that includes' if zero == 1 else 'have intervals that include'} zero."
    return [{"name": "blocks_added", "value": adding or "none", "unit": "blocks", "kind": "verdict", "table": ("un_votes", "country_year"),
             "text": f"Of {len(blocks.BLOCKS)} further blocks of traits (wealth, migration, regime, alignment, populism) these improve the prediction of a vote by the declared rule: {{value}}.{beside}"}]  # fmt: skip


def effects_told(
    effects: pd.DataFrame, by_estimator: Mapping[str, pd.DataFrame], pairs: Sequence[tuple[str, str]], confidence: float
) -> list[Told]:
    """Tell single effects: the main estimate, the plain logit, and how many estimators' intervals leave out zero.

    Parameters
    ----------
    effects
        As :func:`compacts.stats.endorsement.effects_of_compacts` gives them.
    by_estimator
        By Compact, as :func:`compacts.stats.endorsement.effects_by_estimator` gives them.
    pairs
        Covariate and Compact.
    confidence
        Of the intervals.
    """
    told: list[Told] = []
    for covariate, compact in pairs:
        row = _row(effects, compact, covariate)
        others = by_estimator[compact].query("covariate == @covariate")
        clear = int((others["low"] * others["high"] > 0).sum())
        logit = others[others["estimator"] == "logit"]
        plain = "".join(
            f"the plain logit gives {words(one['estimate'])} ({words(one['low'])} to {words(one['high'])}); "
            for one in logit.to_dict("records")
        )
        told.append({**effect_told(f"{covariate}_{compact.lower()}", row, confidence, BASIS),
                     "text": f"{MOVES[covariate]} go with a change of {{value}} points in the chance of a yes to the {compact} ({{low}} to {{high}}; p after correction "
                     f"{row['p_holm']:.2f}); {plain}{clear} of the {len(others)} estimators' intervals leave out zero."})  # fmt: skip
    return told


def blocks_told(steps: pd.DataFrame, effects: pd.DataFrame, confidence: float) -> list[Told]:
    """Tell the blocks: populism for both Compacts with its effects, the best of the others, and a warning on few events.

    Parameters
    ----------
    steps, effects
        As :func:`compacts.stats.blocks.blocks_added` gives them.
    confidence
        Of the intervals.
    """
    tables, p_value = (*BASIS[:1], "country_year"), {"unit": "probability", "kind": "p-value"}
    told: list[Told] = []
    for row in steps[steps["block"] == "populism"].to_dict("records"):
        gains = f"{'gains' if row['log_score'] < 0 else 'loses'} {abs(row['log_score']):.3f}"
        told.append({"name": f"populism_{row['compact'].lower()}_p", "value": row["p_holm"], **p_value, "digits": 3, "tolerance": 0.0005, "table": tables,
                     "text": f"Populism in government, {row['n']} states: corrected p = {{value}} for the {row['compact']} (likelihood ratio {row['statistic']:.1f}); for unseen states "
                     f"the log score {gains}."})  # fmt: skip
    for compact, trait in ((compact, trait) for trait in POPULISM for compact in COMPACTS):
        told.append({**effect_told(f"{trait}_{compact.lower()}_block", _row(effects, compact, trait), confidence, tables),
                     "text": f"With {POPULISM[trait]} the chance of a yes to the {compact} differs by {{value}} points ({{low}} to {{high}})."})  # fmt: skip
    rest = steps[~((steps["block"] == "populism") & (steps["compact"] == "GCM"))]
    worse = int((rest["log_score"] > 0).sum())
    told.append({"name": "other_blocks_smallest_p", "value": rest["p_holm"].min(), **p_value, "digits": 2, "tolerance": 0.005, "table": tables,
                 "text": f"Of the {len(rest)} other steps the smallest corrected p is {{value}}; {worse} of them foretell unseen states worse."})  # fmt: skip
    thin = int((steps["events"] < blocks.FEW_EVENTS * steps["effects"]).sum())
    told.append({"name": "blocks_overstretched", "value": thin, "unit": "models", "kind": "count", "table": tables,
                 "text": f"A warning: {{value}} of the {len(steps)} models have fewer than {blocks.FEW_EVENTS} votes other than yes for each effect, one as few as "
                 f"{(steps['events'] / steps['effects']).min():.1f}: a block can matter and go unseen."})  # fmt: skip
    return told


def _row(effects: pd.DataFrame, compact: str, covariate: str) -> pd.Series:
    return effects[(effects["model"] == compact) & (effects["covariate"] == covariate)].iloc[0]
