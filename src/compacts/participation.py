"""Who voted, came, led and pledged: the tables that the forum exhibits draw.

Roll calls are known for every state. Presence at forums is not: no list of states was found for any of them, only
totals and the states that held a role. What is not known stays missing here, and becomes a bound in the index.
"""

import re

import numpy as np
import pandas as pd

from compacts.stats.bounds import worst_case_bounds
from compacts.stats.endorsement import VOTES
from compacts.stats.shares import SharesComparison, compare_shares
from compendium.errors import UserError

# what a state did at an event, in four kinds; votes are left to the roll calls, which have them all
ROLE_KINDS = {
    "led": (
        "chair", "co-chair", "co-chair of champions initiative", "co-chair of dialogue 1", "co-convener", "co-facilitator",
        "co-facilitator of IMRF modalities", "co-facilitator of Progress Declaration", "co-host", "host",
        "lead state of the initiative", "president of the conference", "venue state", "chair (nationality of the PGA)",
    ),
    "champion of the GCM": ("champion country GCM",),
    "spoke, pledged or supported": (
        "announced pledge", "coalition broke over GCM, endorsed it", "convened UNECE preparatory briefing as champions",
        "head of government or special guest in general debate", "head of state or government in general debate",
        "keynote speaker state", "rejoined GCM", "stated support for the vision of GCM", "supporter",
    ),
    "stayed out or left": (
        "announced it would not join GCM", "announced withdrawal from GFMD", "deferred its decision to parliament",
        "did not attend the conference", "did not attend, deferred to parliament", "president said she would not sign",
        "walked away from GCM", "withdrew from GCM after the vote",
    ),
    "vote": ("abstained", "did not vote", "voted against"),
    "older process": ("affected state with project proposals",),
}  # fmt: skip
OUT = "stayed out or left"
FORWARD = ("led", "champion of the GCM", "spoke, pledged or supported")

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

SERIES = {
    "gfmd": "GFMD",
    "hld": "UN high-level dialogues",
    "gcm_conference": "GCM conference, Marrakech",
    "imrf": "IMRF",
    "gcm_regional_reviews": "GCM regional reviews",
    "grf": "GRF and officials' meetings",
    "hlom": "GRF and officials' meetings",
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
NO_MEETING = re.compile(r"^(ga_res|ga_vote|us_memo|gcm_negotiations|gcm_stocktaking)")


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


def yes_by_year(shares: pd.DataFrame) -> pd.DataFrame:
    """Share of yes among members, the votes of a year pooled: a row a topic and year, a column a group and ``all``."""
    dated = shares.assign(year=shares["date"].dt.year)
    groups = dated.groupby(["topic", "year", "un_group"])[["yes", "members"]].sum()
    everyone = groups.groupby(["topic", "year"]).sum()
    table = (groups["yes"] / groups["members"]).unstack("un_group")
    return table.assign(all=everyone["yes"] / everyone["members"])


def roll_call_labels(roll_calls: pd.DataFrame) -> dict[str, str]:
    """Year, subject and symbol of the roll calls on :data:`TOPICS`, by resolution, in order of date."""
    chosen = roll_calls[roll_calls["topic"].isin(TOPICS)].sort_values(["date", "resolution"])
    rows = zip(chosen["resolution"], chosen["date"].dt.year, chosen["topic"], strict=True)
    return {call: f"{year} {TOPICS[topic]} ({call.removeprefix('A/RES/')})" for call, year, topic in rows}


def roles_by_state(roles: pd.DataFrame, events: pd.DataFrame, since: str) -> pd.DataFrame:
    """Roles of states at meetings that began on or after ``since``, with their kind.

    Returns
    -------
    DataFrame
        iso3, event_id, role, kind, confidence, date (of the role, where known), start_date (of the meeting).

    Raises
    ------
    UserError
        If a role is in no kind.
    """
    kinds = {role: kind for kind, members in ROLE_KINDS.items() for role in members}
    for place, role in roles["role"].items():
        if role not in kinds:
            raise UserError(
                f"forum_roles, row {place}, column role: got {role!r}, expected a role of compacts.participation.ROLE_KINDS; "
                "add it there to the kind that it belongs to"
            )
    known = roles.assign(kind=roles["role"].map(kinds)).merge(
        events[["event_id", "start_date"]], on="event_id", how="left"
    )
    recent = known["start_date"].astype(str).str[:10] >= since
    columns = ["iso3", "event_id", "role", "kind", "confidence", "date", "start_date"]
    return known.loc[recent & ~known["kind"].isin(["vote", "older process"]), columns].reset_index(drop=True)


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
    return index.sort_values(["un_group", "lower", "upper", "name"], kind="stable")


def pairs_ranked(index: pd.DataFrame) -> int:
    """Pairs of states whose bounds do not overlap, so that one surely took more part than the other."""
    low, high = index["lower"].to_numpy(), index["upper"].to_numpy()
    return int((high[:, None] < low[None, :]).sum())


def meetings_held(events: pd.DataFrame) -> pd.DataFrame:
    """Events that are meetings: no vote, no resolution, and none of which only the year is announced."""
    day = events["start_date"].astype(str).str[:10]
    return events[~events["event_id"].str.match(NO_MEETING) & day.str.len().gt(4)].assign(start_date=day)


def attendance(events: pd.DataFrame, since: str) -> pd.DataFrame:
    """Meetings and the number of states that came, as published.

    Returns
    -------
    DataFrame
        event_id, series, start_date, low, high, basis: ``counted``, ``at least`` (high missing), ``announced``
        (a number given before the meeting; high missing) or ``not known`` (both missing); people (participants, rounded).
    """
    meetings = meetings_held(events)
    meetings = meetings[meetings["form_id"].isin(SERIES) & meetings["start_date"].ge(since)]
    rows = [_attended(row) for row in meetings.to_dict("records")]
    return pd.DataFrame(rows).sort_values(["start_date", "event_id"]).reset_index(drop=True)


def _attended(event: dict) -> dict:
    note, states = str(event["note"]).lower(), event["states"]
    low = high = np.nan
    if pd.isna(states):
        basis = "not known"
    else:
        low = float(states)
        other = re.search(r"(\d+) in some counts", note)
        high = float(other[1]) if other else low
        number = re.escape(str(int(states)))
        basis = (
            "announced" if "announced" in note else "at least" if re.search(rf"over {number}\b", note) else "counted"
        )
        high = high if basis == "counted" else np.nan
    return {
        "event_id": event["event_id"], "series": SERIES[event["form_id"]], "start_date": event["start_date"],
        "low": low, "high": high, "basis": basis, "people": event["participants_total"],
    }  # fmt: skip


def pledge_counts(published: pd.DataFrame) -> pd.DataFrame:
    """Counts of pledges by the day on which they were counted.

    Returns
    -------
    DataFrame
        figure_id, series, as_of, low, high: the bounds that the wording allows (``over`` leaves high open,
        ``almost`` leaves low open), sign (at least, at most, counted, or about: in full hundreds without such a word).
    """
    series = {"grf2019_pledges": "GRF 2019", "grf2023_pledges": "GRF 2023", "grf_total": "all since 2019"}
    rows = []
    for figure in published.to_dict("records"):
        name = next((label for stem, label in series.items() if figure["figure_id"].startswith(stem)), None)
        if name is None or figure["unit"] != "pledges":
            continue
        words, value = figure["statement"].lower(), float(figure["value"])
        over = re.search(r"\((over|more than|at least)\)", words)
        sign = "at least" if over else "at most" if "almost" in words else "about" if value % 100 == 0 else "counted"
        low, high = (np.nan if sign == "at most" else value), (np.nan if sign == "at least" else value)
        rows.append((figure["figure_id"], name, str(figure["as_of"]), low, high, sign))
    columns = ["figure_id", "series", "as_of", "low", "high", "sign"]
    return pd.DataFrame(rows, columns=columns).sort_values(["series", "as_of"]).reset_index(drop=True)


def hosts_compared(states: pd.DataFrame, confidence: float, cut: float = 0.5) -> SharesComparison:
    """Yes to the GCR among states that host more people than the state at this quantile, and among the others."""
    people = states["people_hosted"].fillna(0)
    return _yes_compared(states["gcr"].eq("yes"), people > people.quantile(cut), confidence)


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


def attendance_verdict(meetings: pd.DataFrame, most: int) -> str:
    """Judge whether a forum loses participants, so that its last number of states is below all earlier ones.

    ``supported`` when the upper bound of the last known number lies below the lower bound of every earlier one;
    ``contradicted`` when its lower bound reaches the upper bound of the first; ``undecided`` otherwise. ``most`` is the
    upper bound where none was published.
    """
    known = meetings[meetings["low"].notna()].sort_values("start_date")
    if len(known) < 2:
        return "undecided"
    low, high = known["low"], known["high"].fillna(most)
    if high.iloc[-1] < low.iloc[:-1].min():
        return "supported"
    return "contradicted" if low.iloc[-1] >= high.iloc[0] else "undecided"
