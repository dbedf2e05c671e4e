"""What is found on votes and forums, in sentences: each a mapping of the arguments of a claim, which a notebook registers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from compacts import forums, participation
from compacts.endorsers import CHAMPION_ROLE, roles_by_group
from compacts.stats.bounds import WeightSensitivity
from compacts.verdicts import Told

SAID = {"yes": "voted for", "no": "voted against", "abstain": "abstained on", "not voting": "did not vote on"}
ROLES = ("forum_roles", "forum_events")
FACTS = ("un_votes", *ROLES)


def tally_told(name: str, words: str, symbol: str, votes: pd.Series, theirs: pd.Series) -> list[Told]:
    """Tell how many states gave each vote, answering the published tally where there is one.

    Parameters
    ----------
    name
        Beginning of the names of the claims.
    words
        What was voted on.
    symbol
        As in the keys of published figures, such as ``73_195``.
    votes
        A vote a state.
    theirs
        Published values, by key.
    """
    told = []
    for vote, verb in SAID.items():
        count = int((votes == vote).sum())
        row = _of(
            f"{name}_{vote.replace(' ', '_')}",
            count,
            f"{{value}} states {verb} {words}.",
            "states",
            "count",
            "un_votes",
        )
        figure = f"vote_{symbol}_{'absent' if vote == 'not voting' else vote}"
        if figure in theirs:
            row |= {"figure_id": figure, "theirs": int(theirs[figure])}
        told.append(row)
    return told


def crossing_told(crossed: pd.DataFrame) -> list[Told]:
    """Tell who voted for both Compacts and who for one; ``crossed`` has votes on the GCM as rows and on the GCR as columns."""
    tally, of_states = crossed.astype(int), ("states", "count", "un_votes")
    both, gcm, gcr = int(tally["yes"]["yes"]), int(tally.sum(axis=1)["yes"]), int(tally["yes"].sum())
    return [
        _of("both_compacts_yes", both, f"{{value}} of the {crossed.to_numpy().sum()} members voted for both Compacts.", *of_states),
        _of("gcr_yes_gcm_not", gcr - both, "{value} states backed the refugee Compact and not the migration Compact;", *of_states),
        _of("gcm_yes_gcr_not", gcm - both, "only {value} did the reverse.", *of_states),
    ]  # fmt: skip


def unknown_told(meetings: pd.DataFrame, facts: pd.DataFrame) -> list[Told]:
    """Tell what is not known of the forums: totals of states, and presences."""
    presences = facts[list(participation.PRESENCE_FACTS.values())].notna().to_numpy()
    votes = facts.shape[1] - presences.shape[1]
    held = meetings[meetings["basis"] != forums.AHEAD]
    known = held[held["low"].notna()]
    return [
        _of("meetings_without_total", len(held) - len(known), f"For {{value}} of {len(held)} meetings known to have been held since {held['start_date'].min()[:4]} ({'; '.join(held['series'].str.replace(chr(10), ' ').unique())}) no published number of "
            f"states could be found; of the {len(known)} numbers found {int(known['basis'].eq('announced').sum())} were announced beforehand.", "meetings", "count", "forum_events"),
        _of("facts_known", 100 * facts.notna().to_numpy().mean(), f"Of {facts.shape[1]} facts about a state's part in both Compacts the public record gives {{value}} per cent "
            f"on average: the {votes} votes always, the {presences.shape[1]} presences, or absences announced beforehand, in {100 * presences.mean():.0f} per cent of cases.", "percent", "share", FACTS, digits=0),
    ]  # fmt: skip


def third_vote_told(states: pd.DataFrame) -> list[Told]:
    """Tell how states behind the Compacts voted on the format of the IMRF; columns gcm, gcr, imrf_format."""
    later = participation.crossed_votes(states, "gcm", "imrf_format").loc["yes"]
    every = int((states[["gcm", "gcr", "imrf_format"]] == "yes").all(axis=1).sum())
    turned = int(later[["no", "abstain"]].to_numpy().sum())
    return [
        _of("yes_three_times", every, "{value} states voted for both Compacts and for the format.", "states", "count", "un_votes"),
        _of("gcm_yes_then_absent", later["not voting"], f"Of the {later.sum()} states that had voted for the GCM, {{value}} did not vote on the "
            "format of its review forum.", "states", "count", "un_votes"),
        _of("gcm_yes_then_against", turned, f"Of these {later.sum()}, {'{value}' if turned else 'none'} voted against it or abstained (no: {later['no']}, abstention: {later['abstain']}).",
            "states", "count", "un_votes"),
    ]  # fmt: skip


def attendance_told(
    meetings: pd.DataFrame, answered: pd.DataFrame, roles: pd.DataFrame, theirs: pd.Series
) -> list[Told]:
    """Tell who came, as published, and what of that our tables know by another way.

    Parameters
    ----------
    meetings
        As :func:`compacts.forums.attendance` gives them.
    answered
        As :func:`compacts.published.answers` gives them, for roll calls and forum_events.
    roles
        Table forum_roles.
    theirs
        Published values, by key.
    """
    adopted, published = meetings.set_index("event_id").loc["marrakech_2018"], int(theirs["champions_2023"])
    every = roles[roles["role"] == CHAMPION_ROLE]
    read, named = every[every["confidence"] == "verified"], every.loc[every["date"].eq("2023-11-30"), "iso3"].nunique()
    told = [
        _of("marrakech_states", adopted["low"], "{low} to {high} states adopted the GCM at Marrakech.", "states", "count", "forum_events", low=adopted["low"],
            high=adopted["high"], interval="counts in different sources", figure_id="marrakech_adopters", theirs=int(theirs["marrakech_adopters"]),
            reason="" if adopted["low"] == float(theirs["marrakech_adopters"]) else "revision"),
        _of("champions_by_name", named, f"{{value}} champion countries of 2023 can be counted by name, {{theirs}} were published; {every['iso3'].nunique()} have a row at any "
            f"time, {read['iso3'].nunique()} of them read in a source, which hypothesis B5 uses.", "states", "count", "forum_roles",
            figure_id="champions_2023", theirs=published, reason="" if named == published else "our gap: names that were not read"),
    ]  # fmt: skip
    kinds = ["states", "governments", "delegations", "votes"]
    chosen = answered[
        answered["unit"].isin(kinds)
        & ~answered["figure_id"].str.match("vote_|champions_2023|marrakech|omnibus|grf2023_others")
    ]
    for row in chosen.to_dict("records"):
        end = " recorded votes are found." if row["unit"] == "votes" else "."
        told.append(_of(f"published_{row['figure_id']}", int(row["ours"]), f"{row['statement']}: {{value}}{end}", str(row["unit"]), "count", str(row["table"]),
                        figure_id=row["figure_id"], theirs=int(row["theirs"]), reason=row["explanation"]))  # fmt: skip
    copied = answered[answered["made"] == "by hand"]
    told.append(_of("forum_figures_copied", len(copied), "{value} published figures on forums stand in our table by the same hand from the same pages; that "
                    f"{int(copied['equal'].sum())} are equal shows correct copying and nothing else.", "figures", "count",
                    ("forum_events", "published_figures")))  # fmt: skip
    return told


def pledges_told(
    pledges: pd.DataFrame, published: pd.DataFrame, events: pd.DataFrame, days: tuple[str, str]
) -> list[Told]:
    """Tell first and later counts of pledges and the denominators of those fulfilled.

    Parameters
    ----------
    pledges
        As :func:`compacts.forums.pledge_counts` gives them.
    published, events
        Tables published_figures and forum_events.
    days
        First and last day of the counts of 2019, in words.
    """
    value, table, bounds = (
        published.set_index("figure_id")["value"],
        "published_figures",
        {"interval": "bounds that rounded shares allow"},
    )
    first, later = (float(value[f"grf2019_pledges_{when}"]) for when in ("first", "later"))
    apart = later + pledges.loc[pledges["series"] == "GRF 2023", "low"].iloc[-1]
    at_review = float(events.set_index("event_id")["pledges_total_at_event"]["grf_review_2025"])
    before_review, progress, planning = (
        float(value[name]) for name in ("grf_total_2025", "grf_updates_2021_progress", "grf_updates_2021_planning")
    )
    reported = forums.pledges_reported(published)
    middle = {name: sum(ends) / 2 for name, ends in reported.items()}
    share = reported["fulfilled of updated"]
    return [
        _of("grf2019_pledges_first_count", first, f"The first count of pledges to the GRF 2019, of {days[0]}, gave {{value}} pledges.", "pledges", "count", table),
        _of("grf2019_pledges_growth", round(100 * (later / first - 1), -1), f"A count of {days[1]}, in a round number, gave about {{value}} per cent more; it may hold contributions of other kinds.",
            "percent", "share", table, digits=0),
        _of("pledges_in_forum_counts", apart, "Counted apart, the GRF of 2019 and of 2023 have about {value} pledges; the total published in 2025 is over "
            "{theirs}.", "pledges", "count", table, figure_id="grf_total_2025", theirs=int(value["grf_total_2025"]),
            reason="definition: pledges entered between the forums are in the total only"),
        _of("pledges_after_review", before_review + at_review, f"With those of the progress review of 2025 it would be {{value}} ({before_review:,.0f} + {at_review:.0f}); published is almost {{theirs}}.", "pledges", "count",
            (table, "forum_events"), figure_id="grf_total_2025_after", theirs=int(value["grf_total_2025_after"]), reason="rounding: the words are almost and over"),
        _of("pledges_updated_2021", middle["updated"], f"What is fulfilled depends on the denominator. In May 2021 {value['grf_updates_2021_done']} pledges were "
            f"fulfilled; the shares published with that number ({progress:.0f} per cent in progress, {planning:.0f} planned) leave {100 - progress - planning:.0f} per cent for them, "
            f"from which follow {{low}} to {{high}} of about {later:,.0f} pledges with an update.", "pledges", "estimate", table,
            low=reported["updated"][0], high=reported["updated"][1], digits=0, **bounds),
        _of("pledges_fulfilled_of_all", middle["fulfilled of all"], f"So the same pledges are, by those shares, {share[0]:.0f} to {share[1]:.0f} per cent of those with "
            "an update and {value} per cent of all.", "percent", "share", table, digits=0),
        _of("pledges_under_way_2021", middle["under way of all"], f"Fulfilled or in progress were about {middle['under way of updated']:.0f} per cent of those with "
            f"an update in 2021, but {{low}} to {{high}} per cent of all; the {float(value['grf_share_2025']):.0f} per cent of 2025 name no base in what was read: "
            "the two do not show a fall.", "percent", "estimate", table, low=reported["under way of all"][0], high=reported["under way of all"][1], digits=0, **bounds),
    ]  # fmt: skip


def roles_told(held: pd.DataFrame, states: pd.DataFrame, since: str) -> list[Told]:
    """Tell roles, how many were read, and their spread over regional groups; ``held`` as :func:`compacts.forums.roles_by_state`."""
    groups, took = roles_by_group(held, states), held[held["kind"].isin(forums.FORWARD)]
    told = [
        _of("roles_held", len(took), f"{{value}} roles and statements of member states around meetings since {since} are known; {len(held) - len(took)} more rows tell of refusals, deferrals and withdrawals.", "roles", "count", ROLES),
        _of("roles_verified", 100 * took["confidence"].eq("verified").mean(), "{value} per cent of these roles were read in a source.", "percent", "share", ROLES, digits=0),
        _of("states_with_roles", took["iso3"].nunique(), f"{{value}} of {len(states)} members hold a role that is known.", "states", "count", ROLES),
    ]  # fmt: skip
    for name, place in {"most": 0, "fewest": -1}.items():
        row = groups.iloc[place]
        told.append(_of(f"roles_{name}", row["per_ten"], f"The {groups.index[place]} group has the {name}, {{value}} for ten members ({row['roles']:.0f} roles of "
                        f"{row['states']:.0f} of {row['members']:.0f} states).", "roles for ten members", "share", ROLES, digits=1))  # fmt: skip
    return told


def index_told(index: pd.DataFrame, facts: int, weighed: WeightSensitivity, confidence: float) -> list[Told]:
    """Tell bounds of participation, the pairs that can be ranked, and what other weights would change.

    Parameters
    ----------
    index
        As :func:`compacts.participation.participation_index` gives it.
    facts
        Number of facts.
    weighed
        As :func:`compacts.stats.bounds.vary_weights` gives it.
    confidence
        Share of the draws told.
    """
    pairs, ranked, pair = (
        len(index) * (len(index) - 1) // 2,
        participation.pairs_ranked(index),
        ("pairs", "count", FACTS),
    )
    middle, (low, high) = (
        float(pd.Series(weighed.pairs).median()),
        pd.Series(weighed.pairs).quantile([0.5 - confidence / 2, 0.5 + confidence / 2]),
    )
    top, bottom = index["lower"].max(), index["upper"].min()
    tie = f"; {(index['lower'] == top).sum()} states have a lower bound of {100 * top:.0f}, {(index['upper'] == bottom).sum()} an upper bound of {100 * bottom:.0f} per cent"
    best = weighed.without[(weighed.without == weighed.without.max()) & (weighed.without > 0)]
    return [
        _of("index_pairs_ranked", ranked, f"Of {pairs:,} pairs of states {'{value}' if ranked else 'none'} can be ranked for sure{tie}: {'a tie, which one fact more or less would break' if top == bottom else 'the ends of their bars do not meet'}.", *pair),
        _of("index_mean_bounds", 100 * index["lower"].mean(), f"The average state took part in something between {{low}} and {{high}} per cent of {facts} facts.",
            "percent", "share", FACTS, low=100 * index["lower"].mean(), high=100 * index["upper"].mean(), interval="worst-case bounds of the mean", digits=0),
        _of("index_pairs_median_weights", middle, f"Equal weights are a choice. Of {len(weighed.pairs):,} random weights (Dirichlet) half rank {{value}} pairs or fewer, "
            f"{100 * confidence:g} per cent {{low}} to {{high}}: a few presences with much weight make an order.", "pairs", "estimate", FACTS, low=float(low), high=float(high),
            interval=f"middle {100 * confidence:g} % of the draws", digits=0, tolerance=1),
        _of("index_pairs_turned", weighed.turned, f"{weighed.always or 'No'} pairs are ranked the same way by all weights; {{value}} pairs are ranked one way by some weights and the other way by others.", *pair),
        _of("index_driving_facts", ", ".join(best.index) or "none", f"One fact left out at a time, at most {best.max() if len(best) else 0} pairs can be ranked (without: "
            "{value}): the order is hidden by presences that nobody lists.", "facts", "verdict", FACTS),
    ]  # fmt: skip


def _of(name: str, value: Any, text: str, unit: str, kind: str, table: Any, **rest: Any) -> Told:
    return {"name": name, "value": value, "text": text, "unit": unit, "kind": kind, "table": table, **_kept(rest)}


def _kept(rest: Mapping[str, Any]) -> Told:
    return {key: value for key, value in rest.items() if value is not None}
