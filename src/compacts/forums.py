"""Forums and what was published of them: meetings, attendance, pledges, and the roles that states held.

Totals are kept as their words allow: a number, or a bound. What no source says stays missing.
"""

import re

import numpy as np
import pandas as pd

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
AHEAD = "announced only"  # the basis of a meeting of which nothing was read after its day
FORWARD = ("led", "champion of the GCM", "spoke, pledged or supported")

SERIES = {
    "gfmd": "Global Forum (GFMD)",
    "hld": "UN high-level dialogues\non migration (HLD)",
    "gcm_conference": "GCM conference,\nMarrakech",
    "imrf": "Migration Review\nForum (IMRF)",
    "gcm_regional_reviews": "Regional reviews\nof the GCM",
    "grf": "Global Refugee Forum (GRF)\nand its officials' meetings",
    "hlom": "Global Refugee Forum (GRF)\nand its officials' meetings",
}
NO_MEETING = re.compile(r"^(ga_res|ga_vote|us_memo|gcm_negotiations|gcm_stocktaking)")


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
                f"forum_roles, row {place}, column role: got {role!r}, expected a role of compacts.forums.ROLE_KINDS; "
                "add it there to the kind that it belongs to"
            )
    known = roles.assign(kind=roles["role"].map(kinds)).merge(
        events[["event_id", "start_date"]], on="event_id", how="left"
    )
    recent = known["start_date"].astype(str).str[:10] >= since
    columns = ["iso3", "event_id", "role", "kind", "confidence", "date", "start_date"]
    return known.loc[recent & ~known["kind"].isin(["vote", "older process"]), columns].reset_index(drop=True)


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
        (a number given before the meeting; high missing), ``not known`` or ``announced only`` (both missing; the latter for a
        meeting that was last read of before its day, so that it is not known to have been held); people (participants, rounded).
    """
    meetings = meetings_held(events)
    meetings = meetings[meetings["form_id"].isin(SERIES) & meetings["start_date"].ge(since)]
    rows = [_attended(row) for row in meetings.to_dict("records")]
    return pd.DataFrame(rows).sort_values(["start_date", "event_id"]).reset_index(drop=True)


def _attended(event: dict) -> dict:
    note, states = str(event["note"]).lower(), event["states"]
    low = high = np.nan
    if pd.isna(states):
        read = str(event.get("as_of"))[:10]
        basis = AHEAD if read[:1].isdigit() and read < event["start_date"][: len(read)] else "not known"
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


def pledges_reported(published: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """What the published shares of May 2021 imply on pledges to the GRF 2019, as bounds that rounding allows.

    Fulfilled pledges are given as a number, those in progress and in planning as whole per cents of the pledges with an
    update; the rest of these is what is fulfilled.

    Returns
    -------
    dict
        ``updated`` (pledges with an update), ``fulfilled of updated``, ``fulfilled of all`` (per cent; all pledges counted
        by August 2020), ``under way of updated`` and ``under way of all`` (fulfilled or in progress, per cent).
    """
    value = published.set_index("figure_id")["value"].astype("string")
    done, progress, planning, total = (
        float(value[name])
        for name in (
            "grf_updates_2021_done",
            "grf_updates_2021_progress",
            "grf_updates_2021_planning",
            "grf2019_pledges_later",
        )
    )
    share = 100 - progress - planning
    low, high = share - 1, share + 1  # two numbers rounded to whole per cents
    updated = 100 * done / high, 100 * done / low
    under_way = 100 - planning - 0.5, 100 - planning + 0.5
    return {
        "updated": updated,
        "fulfilled of updated": (low, high),
        "fulfilled of all": (100 * done / total, 100 * done / total),
        "under way of updated": under_way,
        "under way of all": (under_way[0] * updated[0] / total, under_way[1] * updated[1] / total),
    }
