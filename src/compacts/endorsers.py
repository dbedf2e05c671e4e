"""Hypotheses on who endorses and who leads: B1, B2, B3 (traits of endorsers) and B5 (ties of champions to IOM).

Each hypothesis is one coding declared as the main one, and others beside it, all through
:func:`compacts.stats.association.associate`.
"""

import numpy as np
import pandas as pd

from compacts.forums import FORWARD, OUT
from compacts.stats.association import Association, associate
from compacts.stats.endorsement import ORDERED, coded
from compacts.stats.margins import average_marginal_effects
from compacts.stats.models import fit_ordered_logit
from compacts.stats.multiplicity import holm
from compacts.stats.separation import detect_separation

MAIN = "main"
SIGNS = {"B1": -1, "B2": -1, "B3": 1, "B5": 1}  # what the hypothesis expects
LAST_MEMBERSHIP = 2014  # the source of memberships ends
SPENDING_YEARS = (2016, 2017)  # the first years that hold more than two countries, to the year before the Compact
CHAMPION, CHAMPION_ROLE = "champion of the GCM", "champion country GCM"


def endorsers_tested(
    states: pd.DataFrame, traits: pd.DataFrame, earlier: pd.DataFrame, confidence: float
) -> dict[str, dict[str, Association]]:
    """Test B1, B2 and B3 on the vote on the GCM, by coding; the first coding is the declared one.

    Parameters
    ----------
    states
        gcm, un_group; index iso3.
    traits
        As :func:`compacts.stats.blocks.state_traits` gives them.
    earlier
        The same with the government of the year before.
    confidence
        Of the intervals.
    """
    yes = states["gcm"].eq("yes").astype(int)
    known, before = traits.reindex(states.index), earlier.reindex(states.index)
    both = (known["populist"] * known["against"]).to_frame("both")

    def with_controls(chosen: pd.DataFrame) -> Association:
        return associate(yes, chosen, known[["wealth"]], states["un_group"], confidence)

    def without(chosen: pd.DataFrame) -> Association:
        return associate(yes, chosen, known[[]], None, confidence)

    return {
        "B1": {
            MAIN: with_controls(known[["populist"]]),
            "with the government of the year before": with_controls(before[["populist"]]),
            "for a party against immigration": with_controls(known[["against"]]),
            "for governments with both": with_controls(both),
            "without controls": without(known[["populist"]]),
        },
        "B2": {
            MAIN: with_controls(known[["migrants"]]),
            "for net migration": with_controls(known[["net_migration"]]),
            "without controls": without(known[["migrants"]]),
        },
        "B3": {
            MAIN: with_controls(known[["remittances"]]),
            "from five per cent of product on": with_controls(known[["much_remitted"]]),
            "without controls": without(known[["remittances"]]),
        },
    }


def without_each_populist(states: pd.DataFrame, traits: pd.DataFrame, confidence: float) -> dict[str, Association]:
    """B1 without each state in turn that is governed by populists and did not say yes: those that carry an effect below zero."""
    known = traits.reindex(states.index)
    yes = states["gcm"].eq("yes").astype(int)
    carrying = states.index[(known["populist"] == 1) & (yes == 0) & known["wealth"].notna()]
    found = {}
    for iso3 in carrying:
        rest = states.index.drop(iso3)
        part = known.loc[rest]
        found[iso3] = associate(
            yes[rest], part[["populist"]], part[["wealth"]], states.loc[rest, "un_group"], confidence
        )
    return found


def ordered_effect(states: pd.DataFrame, traits: pd.DataFrame, trait: str, confidence: float) -> pd.Series | None:
    """Effect of a 0/1 trait on a yes to the GCM by ordered logit (no, abstain, not voting, yes), or None where separated.

    With the same controls as the main coding; estimate, low, high in percentage points.
    """
    known = traits.reindex(states.index)[[trait, "wealth"]].dropna()
    groups = pd.get_dummies(states.loc[known.index, "un_group"], drop_first=True, dtype=float)
    design, codes = known.join(groups), coded(states.loc[known.index, "gcm"], ORDERED)
    if detect_separation(design, codes, "ordered", ORDERED).kind != "none":
        return None
    model = fit_ordered_logit(design, codes, ORDERED)
    table = average_marginal_effects(model, {"un_group": [str(name) for name in groups]}, ["yes"]).summary(confidence)
    return table.set_index("covariate")[["estimate", "low", "high"]].T[trait]


def iom_ties(
    states: pd.DataFrame, membership: pd.DataFrame, spending: pd.DataFrame, projects: pd.DataFrame
) -> pd.DataFrame:
    """Ties to IOM before the Compact, on the index of ``states``.

    Parameters
    ----------
    states
        Index iso3.
    membership, spending, projects
        Tables iom_membership, finance_country_entity_year, iom_projects.

    Returns
    -------
    DataFrame
        membership (years to the end of 2014 in the spell that was in force then, 0 for others), spending (log2 of 1 + IOM's
        expenses in 2016 and 2017 in thousand US$; a state without expenses has 0), projects (log2 of 1 + activities
        published by IOM that began before 2018).
    """
    in_force = membership[membership["last_year"].isna()]  # no last year: a member when the source ends
    spell = in_force.groupby("iso3")["first_year"].max()
    paid = spending[(spending["entity"] == "IOM") & spending["year"].isin(SPENDING_YEARS)]
    amount = paid.groupby("iso3")["amount_usd"].sum().clip(lower=0) / 1000
    begun = pd.to_datetime(projects["actual_start"].fillna(projects["planned_start"]))
    number = projects[begun.dt.year < 2018].groupby("iso3").size()
    return pd.DataFrame(
        {
            "membership": (LAST_MEMBERSHIP + 1 - spell).reindex(states.index).fillna(0.0).astype(float),
            "spending": np.log2(1 + amount.reindex(states.index).fillna(0.0)),
            "projects": np.log2(1 + number.reindex(states.index).fillna(0.0)),
        }
    )


def champions_tested(
    states: pd.DataFrame, roles: pd.DataFrame, ties: pd.DataFrame, size: pd.Series, confidence: float
) -> dict[str, Association]:
    """Test B5: champions of the GCM read in a source, by two ties to IOM; other codings beside it.

    Parameters
    ----------
    states
        un_group; index iso3.
    roles
        Table forum_roles.
    ties
        As :func:`iom_ties` gives them.
    size
        Control: log2 of population.
    confidence
        Of the intervals.
    """
    named = roles[roles["role"] == CHAMPION_ROLE]
    read = pd.Series(states.index.isin(named.loc[named["confidence"] == "verified", "iso3"]), states.index).astype(int)
    every = pd.Series(states.index.isin(named["iso3"]), states.index).astype(int)
    control, none, main = size.reindex(states.index).to_frame("size"), ties[[]], ["membership", "spending"]
    return {
        MAIN: associate(read, ties[main], control, states["un_group"], confidence),
        "with champions not read": associate(every, ties[main], control, states["un_group"], confidence),
        "with projects for expenses": associate(
            read, ties[["membership", "projects"]], control, states["un_group"], confidence
        ),
        "without controls": associate(read, ties[main], none, None, confidence),
    }


def roles_by_group(held: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Roles by regional group: members, roles, states (with a role), led (roles of that kind), per_ten (roles for ten members).

    ``held`` as :func:`compacts.forums.roles_by_state` gives it; declared absences are no roles here.
    """
    part = held[held["kind"].isin(FORWARD)].assign(un_group=lambda rows: rows["iso3"].map(states["un_group"]))
    by_group = part.groupby("un_group")
    table = pd.DataFrame(
        {
            "members": states["un_group"].value_counts(),
            "roles": by_group.size(),
            "states": by_group["iso3"].nunique(),
            "led": part[part["kind"] == "led"].groupby("un_group").size(),
        }
    ).fillna(0).astype(int)  # fmt: skip
    return table.assign(per_ten=10 * table["roles"] / table["members"]).sort_values("per_ten", ascending=False)


def roles_table(held: pd.DataFrame, states: pd.DataFrame, least: int) -> pd.DataFrame:
    """Roles by kind, for regional groups and for the states with ``least`` or more of them.

    Returns
    -------
    DataFrame
        Index roles_of (group or state); members (of the group; 1), states (with a role), one column a kind of role, all, read
        (roles that were read in a source), and declared refusals, which are no roles.
    """
    took = held["kind"].isin(FORWARD)

    def counted(by: pd.Series) -> pd.DataFrame:
        counts = pd.crosstab(by, held["kind"]).reindex(columns=[*FORWARD, OUT], fill_value=0)
        counts.insert(0, "states", held[took].groupby(by)["iso3"].nunique().reindex(counts.index, fill_value=0))
        counts["all"], refused = counts[list(FORWARD)].sum(axis=1), counts.pop(OUT)
        return counts.assign(read=(took & held["confidence"].eq("verified")).groupby(by).sum(), **{OUT: refused})

    groups, each = counted(held["iso3"].map(states["un_group"])), counted(held["iso3"].map(states["name"]))
    groups.insert(0, "members", states["un_group"].value_counts())
    each.insert(0, "members", 1)
    many = each[each["all"] >= least].sort_values("all", ascending=False, kind="stable")
    return pd.concat([groups, many]).rename_axis(index="roles_of", columns=None)


def pass_holm(p_values: dict[str, float], alpha: float) -> list[str]:
    """Names of the tests that still reject after Holm's correction for all of them.

    Examples
    --------
    >>> pass_holm({"one": 0.01, "two": 0.04, "three": 0.3}, 0.05)
    ['one']
    """
    adjusted = holm(list(p_values.values()))
    return [name for name, p in zip(p_values, adjusted, strict=True) if p <= alpha]
