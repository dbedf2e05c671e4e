"""What is found on votes and forums, in sentences: each a mapping of the arguments of a claim, which a notebook registers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from compacts import forums, participation
from compacts.endorsers import CHAMPION_ROLE, roles_by_group
from compacts.stats.bounds import WeightSensitivity
from compacts.stats.endorsement import COMPACTS
from compacts.verdicts import Told

SAID = {"yes": "voted for", "no": "voted against", "abstain": "abstained on", "not voting": "did not vote on"}
YEARLY = {  # topic: words, and how the titles of the one text that returns begin
    "palestine_refugees": ("“Assistance to Palestine refugees”", "Assistance to Palestine refugees"),
    "abkhazia_idps": ("the displaced from Abkhazia, Georgia", "Status of internally displaced persons"),
}
WEST = "Western European and Others"
VOTED, ROLES = ("un_votes", "un_members"), ("forum_roles", "forum_events")
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
    held = meetings[
        ~(meetings["confidence"].eq("uncertain") & meetings["low"].isna())
    ]  # the others are known as announced only
    known = held[held["low"].notna()]
    return [
        _of("meetings_without_total", int(held["low"].isna().sum()), f"For {{value}} of {len(held)} meetings of the forums since 2006 that are known to have been held no published number of "
            f"states could be found; {int(known['basis'].eq('announced').sum())} of the other {len(known)} numbers were given beforehand.", "meetings", "count", "forum_events"),
        _of("facts_known", 100 * facts.notna().to_numpy().mean(), f"Of {facts.shape[1]} facts about a state's part in both Compacts the public record gives {{value}} per cent "
            f"on average: the {votes} votes always, the {presences.shape[1]} presences in {100 * presences.mean():.0f} per cent of cases.", "percent", "share", FACTS, digits=0),
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
        _of("gcm_yes_then_against", turned, f"Of these {later.sum()}, {'{value}' if turned else 'none'} voted against it or abstained.",
            "states", "count", "un_votes"),
    ]  # fmt: skip


def roll_calls_told(roll_calls: pd.DataFrame, shares: pd.DataFrame, in_series: int, west: pd.Series) -> list[Told]:
    """Tell the recorded votes since 2000: how many, the yearly series, and the Western group over time.

    Parameters
    ----------
    roll_calls
        Table un_roll_calls.
    shares
        As :func:`compacts.participation.yes_shares` gives them.
    in_series
        Number of roll calls in the yearly series.
    west
        Per cent yes of the Western group on migration and development, by year.
    """
    western = shares[shares["un_group"] == WEST].set_index("resolution")
    first = western.loc["A/RES/62/270"]
    told = [_of("roll_calls_since_2000", len(roll_calls), f"Since 2000 the Assembly took {{value}} recorded votes on migration and refugees, "
                f"{in_series} of them on the two subjects that return every year.", "roll calls", "count", "un_roll_calls")]  # fmt: skip
    for topic, (words, title) in YEARLY.items():
        same = roll_calls[(roll_calls["topic"] == topic) & roll_calls["title"].str.startswith(title)].sort_values(
            "date"
        )
        yes, years = 100 * same["yes"] / same["members"], same["date"].dt.year
        told.append(_of(f"{topic}_last_yes", yes.iloc[-1], f"On the text on {words} {yes.iloc[0]:.0f} per cent of the members voted yes in {years.iloc[0]}, "
                        f"{{value}} in {years.iloc[-1]}.", "percent", "share", "un_roll_calls", digits=0))  # fmt: skip
    told.append(_of("western_yes_62_270", first["yes"], f"In 2008 {{value}} of {first['members']} Western European and Other States voted yes on "
                    f"resolution 62/270, on the Global Forum (GFMD); {first['abstain']} abstained.", "states", "count", VOTED))  # fmt: skip
    told.append(_of("western_yes_migration_development", west.iloc[1], f"On the resolution on migration and development {west.iloc[0]:.0f} per cent "
                    f"of them voted yes in {west.index[0]}, {{value}} in {west.index[1]}.", "percent", "share", VOTED, digits=0))  # fmt: skip
    for compact, call in COMPACTS.items():
        told.append(_of(f"western_yes_{compact.lower()}", 100 * western["yes_share"].astype(float)[call],
                        f"Of the same group {{value}} per cent voted for the {compact} in 2018.", "percent", "share", VOTED, digits=0))  # fmt: skip
    return told


def committee_told(moved: pd.DataFrame, by_gcm: pd.DataFrame) -> list[Told]:
    """Tell the votes on UNHCR's Executive Committee beside those on UNHCR.

    ``moved`` as :func:`compacts.participation.votes_moved` gives it; ``by_gcm``: states by vote on the GCM (index) and on A.
    """
    calls, left, every = moved.columns[1:-1], moved["left"], moved.loc["All states"]
    first, before, committee = calls[0], calls[-3], calls[-2]
    kinds, refused = (by_gcm.T[vote].astype(int).to_dict() for vote in ("yes", "no"))
    return [
        _of("committee_yes", every[committee], f"{{value}} per cent of the members voted for the enlargement (A), {every[first]:.0f} for the resolution "
            f"with the GCR in 2018 and {every[before]:.0f} for that on UNHCR in {before[:4]}.", "percent", "share", VOTED, digits=0),
        _of("committee_left", left["All states"], "{value} states that voted yes in 2018 did not vote yes on A;", "states", "count", VOTED),
        _of("committee_left_africa_asia", left[["African", "Asia-Pacific"]].sum(), f"{{value}} of them are African or Asia-Pacific, {left[WEST]} "
            f"are Western European and Other States.", "states", "count", VOTED),
        _of("committee_endorsers_abstained", kinds["abstain"], f"Of the {sum(refused.values())} states that voted against the GCM {refused['yes']} voted for A; of its "
            f"{sum(kinds.values())} endorsers {kinds['yes']} did, {{value}} abstained, {kinds['not voting']} did not vote and {kinds['no']} voted no.", "states", "count", VOTED),
    ]  # fmt: skip


def contrast_told(moved: pd.DataFrame) -> list[Told]:
    """Tell in one sentence how far the yes falls on UNHCR's committee; see :func:`committee_told`."""
    every, groups = moved.loc["All states"], moved.index.str.startswith("GCM: ") | (moved.index == "All states")
    most = " and ".join(moved.loc[~groups, "left"].nlargest(2).index)
    return [_of("committee_yes_lost", every.iloc[1] - every.iloc[-3], f"On the enlargement of UNHCR's Executive Committee in {moved.columns[-3][:4]} {every['states'] * every.iloc[-3] / 100:.0f} states voted yes, {{value}} points fewer "
                f"than the {every['states'] * every.iloc[1] / 100:.0f} on the resolution with the GCR; most of those that left it are in the groups {most}.", "percentage points", "count", VOTED, digits=0)]  # fmt: skip


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
    named = roles.loc[(roles["role"] == CHAMPION_ROLE) & roles["date"].eq("2023-11-30"), "iso3"].nunique()
    told = [
        _of("marrakech_states", adopted["low"], "{low} to {high} states adopted the GCM at Marrakech.", "states", "count", "forum_events", low=adopted["low"],
            high=adopted["high"], interval="counts in different sources", figure_id="marrakech_adopters", theirs=int(theirs["marrakech_adopters"]),
            reason="" if adopted["low"] == float(theirs["marrakech_adopters"]) else "revision"),
        _of("champions_by_name", named, "{value} champion countries of 2023 can be counted by name, {theirs} were published.", "states", "count", "forum_roles",
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
    after = float(value["grf_total_2025"]) + float(
        events.set_index("event_id")["pledges_total_at_event"]["grf_review_2025"]
    )
    reported = forums.pledges_reported(published)
    middle = {name: sum(ends) / 2 for name, ends in reported.items()}
    share = reported["fulfilled of updated"]
    return [
        _of("grf2019_pledges_first_count", first, f"The first count of pledges to the GRF 2019, of {days[0]}, gave {{value}} pledges.", "pledges", "count", table),
        _of("grf2019_pledges_growth", round(100 * (later / first - 1), -1), f"A count of {days[1]}, in a round number, gave about {{value}} per cent more.",
            "percent", "share", table, digits=0),
        _of("pledges_in_forum_counts", apart, "Counted apart, the GRF of 2019 and of 2023 have about {value} pledges; the total published in 2025 is over "
            "{theirs}.", "pledges", "count", table, figure_id="grf_total_2025", theirs=int(value["grf_total_2025"]),
            reason="definition: pledges entered between the forums are in the total only"),
        _of("pledges_after_review", after, "With those of the progress review of 2025 it would be {value}; published is almost {theirs}.", "pledges", "count",
            (table, "forum_events"), figure_id="grf_total_2025_after", theirs=int(value["grf_total_2025_after"]), reason="rounding: the words are almost and over"),
        _of("pledges_updated_2021", middle["updated"], f"What is fulfilled depends on the denominator. In May 2021 {value['grf_updates_2021_done']} pledges were "
            f"fulfilled; by the shares published with that number only {{low}} to {{high}} of about {later:,.0f} had an update.", "pledges", "estimate", table,
            low=reported["updated"][0], high=reported["updated"][1], digits=0, **bounds),
        _of("pledges_fulfilled_of_all", middle["fulfilled of all"], f"So the same pledges are {share[0]:.0f} to {share[1]:.0f} per cent of those with an update "
            "and {value} per cent of all.", "percent", "share", table, digits=0),
        _of("pledges_under_way_2021", middle["under way of all"], f"Fulfilled or in progress were about {middle['under way of updated']:.0f} per cent of those with "
            f"an update in 2021, but {{low}} to {{high}} per cent of all; the {float(value['grf_share_2025']):.0f} per cent of 2025 name no base in what was read: "
            "the two do not show a fall.", "percent", "estimate", table, low=reported["under way of all"][0], high=reported["under way of all"][1], digits=0, **bounds),
    ]  # fmt: skip


def roles_told(held: pd.DataFrame, states: pd.DataFrame, since: str) -> list[Told]:
    """Tell roles, how many were read, and their spread over regional groups; ``held`` as :func:`compacts.forums.roles_by_state`."""
    groups = roles_by_group(held, states)
    told = [
        _of("roles_held", len(held), f"{{value}} roles of member states at meetings since {since} are known.", "roles", "count", ROLES),
        _of("roles_verified", 100 * held["confidence"].eq("verified").mean(), "{value} per cent of these roles were read in a source.", "percent", "share", ROLES, digits=0),
        _of("states_with_roles", held["iso3"].nunique(), f"{{value}} of {len(states)} members hold a role that is known.", "states", "count", ROLES),
    ]  # fmt: skip
    for name, place in {"most": 0, "fewest": -1}.items():
        row = groups.iloc[place]
        told.append(_of(f"roles_{name}", row["per_ten"], f"The {groups.index[place]} group has the {name}, {{value}} for ten members ({row['roles']:.0f} roles of "
                        f"{row['states']:.0f} of {row['members']:.0f} states), refusals left out.", "roles for ten members", "share", ROLES, digits=1))  # fmt: skip
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
    best = weighed.without[(weighed.without == weighed.without.max()) & (weighed.without > 0)]
    return [
        _of("index_pairs_ranked", ranked, f"Of {pairs:,} pairs of states {'{value}' if ranked else 'none'} can be ranked for sure.", *pair),
        _of("index_mean_bounds", 100 * index["lower"].mean(), f"The average state took part in something between {{low}} and {{high}} per cent of {facts} facts.",
            "percent", "share", FACTS, low=100 * index["lower"].mean(), high=100 * index["upper"].mean(), interval="worst-case bounds of the mean", digits=0),
        _of("index_pairs_median_weights", middle, f"Equal weights are a choice. Of {len(weighed.pairs):,} random weights (Dirichlet) half rank {{value}} pairs or fewer, "
            f"{100 * confidence:g} per cent {{low}} to {{high}}: a few presences with much weight make an order.", "pairs", "estimate", FACTS, low=float(low), high=float(high),
            interval=f"middle {100 * confidence:g} % of the draws", digits=0, tolerance=1),
        _of("index_pairs_turned", weighed.turned, f"{weighed.always or 'No'} pairs are ranked the same way by all weights, {{value}} one way by some and the other way by others.", *pair),
        _of("index_driving_facts", ", ".join(best.index) or "none", f"One fact left out at a time, at most {best.max() if len(best) else 0} pairs can be ranked (without: "
            "{value}): the order is hidden by presences that nobody lists.", "facts", "verdict", FACTS),
    ]  # fmt: skip


def _of(name: str, value: Any, text: str, unit: str, kind: str, table: Any, **rest: Any) -> Told:
    return {"name": name, "value": value, "text": text, "unit": unit, "kind": kind, "table": table, **_kept(rest)}


def _kept(rest: Mapping[str, Any]) -> Told:
    return {key: value for key, value in rest.items() if value is not None}
