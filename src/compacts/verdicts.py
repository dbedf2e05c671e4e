"""Hypotheses judged and told: for each the verdict by its declared rule, and sentences with their numbers.

A sentence is a mapping of the arguments of a claim (:func:`compendium.notebook.claim`), which a notebook registers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compacts.endorsers import MAIN, SIGNS
from compacts.forums import attendance_verdict
from compacts.participation import hosts_compared, hosts_without_each, leaders_compared, leaders_recoded
from compacts.stats.association import Association, verdict_of_sign
from compacts.stats.shares import SharesComparison, verdict_of_no_difference, verdict_of_smaller_share

Told = dict[str, Any]

FEW_NAMES = 6  # more are not named in a sentence
SAYS: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "B1": ("populist governments endorse the GCM less", "where populists govern, the chance of a yes differs by {value} points",
           ("un_votes", "country_year")),
    "B2": ("states with many migrants endorse it less", "from the lower to the upper quartile of migrants per inhabitant, by {value}",
           ("un_votes", "country_year")),
    "B3": ("states which receive much in remittances endorse it more", "from the lower to the upper quartile of remittances per product, by {value}",
           ("un_votes", "country_year")),
    "B5": ("champions had earlier ties to IOM", "from the lower to the upper quartile of years of membership, the chance differs by {value} points",
           ("forum_roles", "iom_membership", "finance_country_entity_year")),
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A hypothesis judged.

    Attributes
    ----------
    verdict
        By its declared rule.
    told
        Sentences.
    basis
        What it rests on, for a table.
    p_value
        Of its test, if it has one.
    turned
        Other codings, or single states left out, that change the verdict.
    caveat
        What stands beside a verdict that is not undecided; see :func:`qualified`.
    """

    verdict: str
    told: list[Told]
    basis: str
    p_value: float | None = None
    turned: int = 0
    caveat: str = ""

    @property
    def in_words(self) -> str:
        """The verdict with its caveat."""
        return f"{self.verdict}{' ' * bool(self.caveat)}{self.caveat}"


def words(number: float, decimals: int = 1) -> str:
    """Return a number as it stands in a sentence, with a true minus and no negative zero.

    Examples
    --------
    >>> words(-2.04), words(-0.04)
    ('−2.0', '0.0')
    """
    text = f"{number:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def judge_endorsers(
    tested: Mapping[str, Mapping[str, Association]], ordered: pd.Series | None, margin: float, confidence: float
) -> dict[str, Judged]:
    """Judge B1, B2, B3 and B5 by :func:`compacts.stats.association.verdict_of_sign`.

    Parameters
    ----------
    tested
        By hypothesis and coding, as :mod:`compacts.endorsers` tests them.
    ordered
        Effect by ordered logit, told beside B1.
    margin
        Percentage points.
    confidence
        Of the intervals; tests use one less it.
    """
    judged = {}
    for name, codings in tested.items():
        found, alpha = codings[MAIN], 1 - confidence
        claim_says, effect_says, tables = SAYS[name]
        verdict = verdict_of_sign(found, SIGNS[name], margin, alpha)
        others = {c: (verdict_of_sign(a, SIGNS[name], margin, alpha), a) for c, a in codings.items() if c != MAIN}
        said = [f"{c} {v} ({_effect(a.effects.iloc[0])}, {_p(a.p_value)})" for c, (v, a) in others.items()]
        if name == "B1" and ordered is not None:
            said.append(f"the ordered logit gives {_effect(ordered)}")
        key, rows = name.lower(), list(found.effects.itertuples())
        events = f"{found.events} {'champions' if name == 'B5' else 'not yes'}"
        told: list[Told] = [
            {**effect_told(f"{key}_effect", rows[0], confidence, tables),
             "text": f"{name}: {effect_says} ({{low}} to {{high}}; {found.n} states, {events})."}]  # fmt: skip
        told += [
            {**effect_told(f"{key}_{row.Index}_effect", row, confidence, tables),
             "text": "From the lower to the upper quartile of IOM's expenses it differs by {value} ({low} to {high})."}
            for row in rows[1:]]  # fmt: skip
        told.append({"name": f"{key}_verdict", "value": verdict, "unit": "verdict", "kind": "verdict", "table": (*tables, "hypotheses"),
                     "text": f"That {claim_says} is {{value}} ({_p(found.p_value)})."})  # fmt: skip
        told.append({"name": f"{key}_recoded", "value": sum(v != verdict for v, _ in others.values()), "unit": "codings", "kind": "count",
                     "table": tables, "text": f"{{value}} of {len(others)} other codings change this: {'; '.join(said)}."})  # fmt: skip
        basis = f"{' and '.join(_effect(row) for row in rows)} points, {_p(found.p_value)}, {found.n} states"
        judged[name] = Judged(verdict, told, basis, found.p_value, sum(v != verdict for v, _ in others.values()))
    return judged


def fragile_told(
    alone: Mapping[str, Association], verdict: str, names: pd.Series, margin: float, confidence: float
) -> list[Told]:
    """Tell how many single states turn the verdict on B1; ``alone`` as :func:`compacts.endorsers.without_each_populist` gives it."""
    turning = [
        iso3 for iso3, found in alone.items() if verdict_of_sign(found, SIGNS["B1"], margin, 1 - confidence) != verdict
    ]
    who = f": {', '.join(names[turning])}" if 0 < len(turning) < FEW_NAMES else ""
    return [{"name": "b1_turning_states", "value": len(turning), "unit": "states", "kind": "count", "table": ("un_votes", "country_year"),
             "text": f"{len(alone)} states with populists in government did not vote yes; the test on populists (B1) was made again without each of them in turn, and in {{value}} of these {len(alone)} tests the "
             f"verdict changes{who}."}]  # fmt: skip


def judge_hosts(
    states: pd.DataFrame, people: pd.Series, refusers: Sequence[str], margin: float, confidence: float
) -> Judged:
    """Judge B4: the number hosted does not foretell the vote on the GCR.

    Parameters
    ----------
    states
        gcr, name, people_hosted; index iso3.
    people
        Population, by iso3.
    refusers
        States left out once, all together.
    margin
        As a share.
    confidence
        Of the intervals.
    """

    def judged(found: SharesComparison) -> str:
        return verdict_of_no_difference(found, margin, 1 - confidence)

    hosts, fewer = (hosts_compared(part, confidence) for part in (states, states.drop(index=list(refusers))))
    upper = hosts_compared(states, confidence, cut=0.75)
    head = hosts_compared(
        states.assign(people_hosted=states["people_hosted"] / people.reindex(states.index)), confidence
    )
    alone = dict(zip(states.index, hosts_without_each(states, confidence), strict=True))
    verdict = judged(hosts)
    turning = {iso3: other for iso3, found in alone.items() if (other := judged(found)) != verdict}
    widest = max(alone.values(), key=lambda found: max(-found.low, found.high))
    one = ", ".join(states.loc[list(turning), "name"]) or "none"
    opponents = ", ".join(states.loc[list(refusers), "name"]) or "no state"
    kind: Told = {"unit": "verdict", "kind": "verdict", "table": ("un_votes", "unhcr_displacement", "hypotheses")}
    told: list[Told] = [
        _difference("b4_difference", hosts, confidence, ("un_votes", "unhcr_displacement"),
                    f"B4: of states that host more people than the median state {_share(hosts.first)} per cent backed the GCR, of the others "
                    f"{_share(hosts.second)}, a difference of {{value}} points ({{low}} to {{high}})."),
        {"name": "b4_verdict", "value": verdict, **kind,
         "text": f"That the number hosted does not predict this vote is {{value}}, by a margin of {100 * margin:g} points, which is a convention."},
        {"name": "b4_verdict_without_one", "value": " or ".join(sorted(set(turning.values()))) or verdict, **kind,
         "text": (f"This is fragile: without any one of {one} it would be {{value}}" if turning else "No single state turns this: it stays {value}")
         + f" (widest interval without one state: {_range(widest)} points); without {opponents} it would be {judged(fewer)} ({_range(fewer)}), cut at the upper quartile {judged(upper)} ({_range(upper)})."},
        {"name": "b4_verdict_per_head", "value": judged(head), **kind,
         "text": f"By people hosted per inhabitant it is {{value}} ({_share(head.first)} against {_share(head.second)} per cent, {_range(head)} points)."},
    ]  # fmt: skip
    basis = (
        f"yes to the GCR: {_share(hosts.first)} against {_share(hosts.second)} per cent, exact {_p(hosts.p_value)}; "
        f"per inhabitant: {judged(head)}; single states that turn it: {one}"
    )
    codings = sum(judged(other) != verdict for other in (fewer, upper, head))
    return Judged(verdict, told, basis, hosts.p_value, len(turning) + codings)


def judge_leaders(states: pd.DataFrame, roles: pd.DataFrame, after: str, margin: float, confidence: float) -> Judged:
    """Judge B6: states that voted no or abstained on the GCM take less part later; see :func:`judge_hosts` for the arguments."""
    found = leaders_compared(states, roles, after, confidence)
    verdict = verdict_of_smaller_share(found, margin, 1 - confidence)
    codings = leaders_recoded(states, roles, after, confidence)
    recoded = {name: verdict_of_smaller_share(one, margin, 1 - confidence) for name, one in codings.items()}
    changed = sum(other != verdict for other in recoded.values())
    tables = ("un_votes", "forum_roles", "forum_events")
    kind: Told = {"unit": "verdict", "kind": "verdict", "table": (*tables, "hypotheses")}
    said = "; ".join(
        f"{name} it is {recoded[name]} ({_share(one.first)} against {_share(one.second)} per cent, {_range(one)}, exact {_p(one.p_value)})"
        for name, one in codings.items()
    )
    told: list[Told] = [
        _difference("b6_difference", found, confidence, tables,
                    f"B6: of states that voted no or abstained on the GCM {_share(found.first)} per cent have a known role in later forums, of those "
                    f"that voted yes {_share(found.second)}, a difference of {{value}} points ({{low}} to {{high}})."),
        {"name": "b6_verdict", "value": verdict, **kind, "text": "That the former take less part in later forums is {value}."},
        {"name": "b6_verdict_recoded", "value": ", ".join(recoded.values()), **kind,
         "text": f"{changed} of {len(recoded)} other codings of a later role would change that: {said}."},
    ]  # fmt: skip
    basis = (
        f"a known role: {_share(found.first)} against {_share(found.second)} per cent, exact {_p(found.p_value)}; pledges and speeches "
        f"by state are not known; {changed} of {len(recoded)} other codings would change the verdict"
    )
    return Judged(verdict, told, basis, found.p_value, changed)


def judge_forum(meetings: pd.DataFrame, most: int) -> Judged:
    """Judge F6 by :func:`compacts.forums.attendance_verdict`."""
    verdict, known = attendance_verdict(meetings, most), meetings[meetings["low"].notna()]
    is_open = len(known) and bool(pd.isna(known["high"].iloc[-1]))
    end = "; that number is a lower bound, with which no fall can be shown." if is_open else "."
    told: list[Told] = [
        {"name": "f6_verdict", "value": verdict, "unit": "verdict", "kind": "verdict", "table": ("forum_events", "hypotheses"),
         "text": f"F6: that the GFMD lives on with fewer and fewer states is {{value}}, by the bounds of the last number known{end}"}]  # fmt: skip
    return Judged(verdict, told, f"{len(known)} of {len(meetings)} meetings have a number of states")


def effect_told(name: str, row: Any, confidence: float, tables: Sequence[str]) -> Told:
    """Return the claim of an average marginal effect, percentage points, but for its sentence; ``row`` has estimate, low and high."""
    return _points(name, (row.estimate, row.low, row.high), f"{100 * confidence:g} %, delta method", tables)


def _difference(name: str, found: SharesComparison, confidence: float, tables: Sequence[str], text: str) -> Told:
    ends = (100 * found.difference, 100 * found.low, 100 * found.high)
    return {**_points(name, ends, f"{100 * confidence:g} %, Newcombe", tables), "text": text}


def _points(name: str, ends: tuple[float, float, float], interval: str, tables: Sequence[str]) -> Told:
    value, low, high = ends
    return {
        "name": name, "value": value, "low": low, "high": high, "interval": interval, "unit": "percentage points", "kind": "estimate",
        "digits": 1, "tolerance": 0.05, "table": tables,
    }  # fmt: skip


def _effect(row: Any) -> str:
    return f"{words(row.estimate)}, {words(row.low)} to {words(row.high)}"


def _range(found: SharesComparison) -> str:
    return f"{words(100 * found.low)} to {words(100 * found.high)}"


def _p(value: float) -> str:
    return f"p = {value:.3f}" if value >= 0.001 else "p < 0.001"


def _share(share: float) -> str:
    return f"{100 * share:.0f}"


def populists_told(states: pd.DataFrame, populist: pd.Series, n: int) -> list[Told]:
    """Tell the votes on the GCM of states with and without populists in government; ``n`` of them are in the model."""
    known = populist.reindex(states.index).dropna()
    yes, ruled = states.loc[known.index, "gcm"].eq("yes"), known.eq(1)
    return [{"name": "b1_populists_yes", "value": int(yes[ruled].sum()), "unit": "states", "kind": "count", "table": ("un_votes", "country_year"),
             "text": f"Of {ruled.sum()} states with a populist party in government {{value}} voted for the GCM, of {(~ruled).sum()} without one {yes[~ruled].sum()}; {n} of these {len(known)} are in the "
             "model."}]  # fmt: skip
