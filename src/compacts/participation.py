"""How states voted and took part: roll calls crossed, the participation index, and shares of states compared.

Roll calls are known for every state. Presence at forums is not: no list of states was found for any of them, only
totals and the states that held a role. What is not known stays missing here, and becomes a bound in the index.
"""

import numpy as np
import pandas as pd

from compacts.forums import FORWARD, OUT
from compacts.stats.bounds import worst_case_bounds
from compacts.stats.endorsement import VOTES
from compacts.stats.shares import SharesComparison, compare_shares

# the facts of the participation index: votes, and presence at the forums of both Compacts
VOTE_FACTS = {"gcm": "yes to the GCM", "gcr": "yes to the GCR", "imrf_format": "yes to the IMRF's format"}
PRESENCE_FACTS = {
    "marrakech_2018": "adopted the GCM at Marrakech, 2018",
    "grf_2019": "at the GRF 2019",
    "hlom_2021": "at the officials' meeting 2021",
    "imrf_2022": "at the IMRF 2022",
    "grf_2023": "at the GRF 2023",
    "champions_accra_2023": "champion of the GCM",
    "grf_review_2025": "at the GRF progress review 2025",
}

TOPICS = {
    "freedom_of_travel": "freedom of travel",
    "gcm": "GCM",
    "gcr": "UNHCR, with the GCR",
    "gfmd": "the Global Forum (GFMD)",
    "imrf": "format of the IMRF",
    "migrants_rights": "protection of migrants",
    "migration_development": "migration, development",
    "unhcr": "UNHCR",
    "unhcr_excom": "UNHCR's committee",
}


def crossed_votes(states: pd.DataFrame, rows: str, columns: str) -> pd.DataFrame:
    """Count states by two votes: index and columns in the order yes, abstain, no, not voting."""
    counts = pd.crosstab(states[rows], states[columns])
    return counts.reindex(index=list(VOTES), columns=list(VOTES), fill_value=0)


def yes_shares(votes: pd.DataFrame, roll_calls: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Share of each regional group's members that voted yes, by roll call.

    Returns
    -------
    DataFrame
        resolution, date, topic, title, un_group, members, yes, abstain, no, not voting (counts), yes_share.
    """
    keyed = votes.merge(members[["iso3", "un_group"]], on="iso3", validate="m:1")
    counts = pd.crosstab([keyed["resolution"], keyed["un_group"]], keyed["vote"]).reindex(columns=VOTES, fill_value=0)
    counts["members"] = counts.sum(axis=1)
    counts["yes_share"] = counts["yes"] / counts["members"]
    facts = roll_calls[["resolution", "date", "topic", "title"]]
    return (
        counts.rename_axis(columns=None)
        .reset_index()
        .merge(facts, on="resolution")
        .sort_values(["date", "resolution", "un_group"])
    )


def yes_on_title(roll_calls: pd.DataFrame, title: str) -> pd.Series:
    """Per cent of members that voted yes on the roll calls with this title (a pattern for all of it), by year.

    The texts of a subject differ within a year, so only the same resolution compares years.
    """
    same = roll_calls[roll_calls["title"].str.fullmatch(title, case=False)].sort_values("date")
    return (100 * same["yes"] / same["members"]).set_axis(same["date"].dt.year)


def roll_call_labels(roll_calls: pd.DataFrame) -> dict[str, str]:
    """Year, subject and symbol of the roll calls on :data:`TOPICS`, by resolution, in order of date."""
    chosen = roll_calls[roll_calls["topic"].isin(TOPICS)].sort_values(["date", "resolution"])
    rows = zip(chosen["resolution"], chosen["date"].dt.year, chosen["topic"], strict=True)
    return {call: f"{year} {TOPICS[topic]} ({call.removeprefix('A/RES/')})" for call, year, topic in rows}


def participation_facts(states: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """What is known of each state: 1 took part, 0 did not, missing where no source says.

    A vote other than yes counts 0. A role at an event counts 1, a declared absence 0; roles marked uncertain count as
    not known. Refusals of 2017-2018 are about the Marrakech conference, wherever they are filed.

    Returns
    -------
    DataFrame
        One row a state, one column a fact of :data:`VOTE_FACTS` and :data:`PRESENCE_FACTS`.
    """
    facts = pd.DataFrame(index=states.index)
    for column, label in VOTE_FACTS.items():
        facts[label] = (states[column] == "yes").astype(float)
    sure = roles[(roles["confidence"] != "uncertain") & roles["iso3"].isin(states.index)]
    refused = sure.loc[
        sure["kind"].eq(OUT) & sure["event_id"].isin(["marrakech_2018", "gcm_negotiations_2018"]), "iso3"
    ]
    for event, label in PRESENCE_FACTS.items():
        facts[label] = np.nan
        facts.loc[sure.loc[sure["event_id"].eq(event) & sure["kind"].isin(FORWARD), "iso3"].unique(), label] = 1.0
    facts.loc[refused.unique(), PRESENCE_FACTS["marrakech_2018"]] = 0.0
    return facts


def participation_index(states: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the share of facts that hold, by state, with name and regional group, in group and rank order."""
    index = states[["name", "un_group"]].join(worst_case_bounds(facts))
    # the last digit of a mean differs between processors: equal bounds must stay equal to be ordered by name
    return index.round({"lower": 9, "upper": 9}).sort_values(["un_group", "lower", "upper", "name"], kind="stable")


def pairs_ranked(index: pd.DataFrame) -> int:
    """Pairs of states whose bounds do not overlap, so that one surely took more part than the other."""
    low, high = index["lower"].to_numpy(), index["upper"].to_numpy()
    return int((high[:, None] < low[None, :]).sum())


def hosts_compared(states: pd.DataFrame, confidence: float, cut: float = 0.5) -> SharesComparison:
    """Yes to the GCR among states that host more people than the state at this quantile, and among the others."""
    people = states["people_hosted"].fillna(0)
    return _yes_compared(states["gcr"].eq("yes"), people > people.quantile(cut), confidence)


def hosts_without_each(states: pd.DataFrame, confidence: float) -> list[SharesComparison]:
    """:func:`hosts_compared` without each state in turn, in their order."""
    people, yes = states["people_hosted"].fillna(0).to_numpy(dtype=float), states["gcr"].eq("yes").to_numpy()
    found = []
    for place in range(len(states)):
        others, said = np.delete(people, place), np.delete(yes, place)
        hosts = others > np.median(others)
        counts = int(said[hosts].sum()), int(said[~hosts].sum())
        found.append(compare_shares(counts, (int(hosts.sum()), int((~hosts).sum())), confidence))
    return found


def leaders_compared(states: pd.DataFrame, roles: pd.DataFrame, after: str, confidence: float) -> SharesComparison:
    """A known forward role after a day, among states that voted no or abstained on the GCM and those that voted yes."""
    later = roles[roles["kind"].isin(FORWARD) & roles["start_date"].astype(str).str[:10].gt(after)]
    voted = states[states["gcm"] != "not voting"]
    return _yes_compared(
        pd.Series(voted.index.isin(later["iso3"]), index=voted.index), voted["gcm"].ne("yes"), confidence
    )


def leaders_recoded(
    states: pd.DataFrame, roles: pd.DataFrame, after: str, confidence: float
) -> dict[str, SharesComparison]:
    """:func:`leaders_compared` under three other codings of a later role.

    Keyed by the coding in words. Refusers of the GCM can hardly be among its champions; a venue state only was the seat
    of a meeting; a role may be later than the meeting under which it is filed.
    """
    codings = {
        "without the GCM champions' meeting": roles[roles["event_id"] != "champions_accra_2023"],
        "without venue states": roles[roles["role"] != "venue state"],
        "dated by the role, not the meeting": roles.assign(start_date=roles["date"].fillna(roles["start_date"])),
    }
    return {name: leaders_compared(states, coded, after, confidence) for name, coded in codings.items()}


def _yes_compared(outcome: pd.Series, first: pd.Series, confidence: float) -> SharesComparison:
    yes = int(outcome[first].sum()), int(outcome[~first].sum())
    return compare_shares(yes, (int(first.sum()), int((~first).sum())), confidence)


def votes_moved(votes: pd.DataFrame, roll_calls: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Per cent yes on every roll call on UNHCR since the refugee Compact, by regional group and by vote on the GCM.

    Returns
    -------
    DataFrame
        Index states_of (group, vote on the GCM in words, or all); states; one column a roll call, named by year and symbol
        and in order of time; left (states that voted yes on the first of them and not on the enlargement of UNHCR's
        Executive Committee, A).
    """
    calls = roll_calls[roll_calls["topic"].isin(["gcr", "unhcr", "unhcr_excom"])].sort_values(["date", "resolution"])
    wide = votes.pivot(index="iso3", columns="resolution", values="vote")[calls["resolution"]].loc[states.index]
    yes = wide == "yes"
    committee = calls.loc[calls["topic"] == "unhcr_excom", "resolution"].iloc[0]
    names = [
        f"{day.year} {call.removeprefix('A/RES/')}"
        for call, day in zip(calls["resolution"], calls["date"], strict=True)
    ]
    table = yes.mul(100).set_axis(names, axis=1).assign(left=yes.iloc[:, 0] & ~yes[committee])
    how = {**dict.fromkeys(names, "mean"), "left": "sum"}
    gcm = "GCM: " + states["gcm"]
    parts = [table.groupby(by).agg(how) for by in (states["un_group"], gcm, pd.Series("All states", states.index))]
    sizes = pd.concat([states["un_group"].value_counts(), gcm.value_counts(), pd.Series({"All states": len(states)})])
    moved = pd.concat(parts).rename_axis("states_of")
    order = [*sorted(states["un_group"].unique()), *(f"GCM: {v}" for v in VOTES if f"GCM: {v}" in sizes), "All states"]
    moved.insert(0, "states", sizes)
    return moved.loc[order]


def committee_crossed(votes: pd.DataFrame, states: pd.DataFrame, resolution: str = "A/RES/78/183 A") -> pd.DataFrame:
    """Votes on the enlargement of UNHCR's committee: rows GCM: vote, ``left`` (yes with the GCR, no yes here) and ``all``; a column a vote."""
    said = votes[votes["resolution"] == resolution].set_index("iso3")["vote"].reindex(states.index)
    rows = {f"GCM: {vote}": states["gcm"] == vote for vote in VOTES}
    rows |= {"left": (states["gcr"] == "yes") & (said != "yes"), "all": pd.Series(True, states.index)}
    return pd.DataFrame(
        {name: said[chosen].value_counts().reindex(VOTES, fill_value=0) for name, chosen in rows.items()}
    ).T


def mean_with_totals(facts: pd.DataFrame, known: pd.DataFrame) -> tuple[float, float]:
    """Bounds of the mean index, per cent, when published totals of states take the place of what is not known by state.

    Totals name no state: they narrow the mean and no state's bounds. ``known`` has low and high by event_id.
    """
    counted = {PRESENCE_FACTS[event]: known.loc[event] for event in PRESENCE_FACTS if event in known.index}
    ends = []
    for end, missing in (("low", 0.0), ("high", 1.0)):
        sums = facts.fillna(missing).sum()
        for fact, row in counted.items():
            sums[fact] = row[end] if pd.notna(row[end]) else sums[fact]
        ends.append(100 * float(sums.sum()) / facts.size)
    return ends[0], ends[1]
