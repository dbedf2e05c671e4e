"""What is found on roll calls, in sentences: each a mapping of the arguments of a claim, which a notebook registers."""

from typing import Any

import pandas as pd

from compacts import participation
from compacts.stats.endorsement import COMPACTS
from compacts.verdicts import Told

# a resolution that returns under one title, so that years compare: words, and a pattern for the whole title
SAME_TEXTS = {
    "palestine_assistance": ("assistance to Palestine refugees", r"assistance to palestin(e|ian) refugees"),
    "palestine_properties": ("the properties of Palestine refugees", r"palestine refugees' properties and their revenues"),
    "abkhazia_idps": ("the displaced from Abkhazia and South Ossetia, Georgia", r"status of internally displaced persons and refugees from abkhazia, georgia,? and the .*"),
}  # fmt: skip
WEST = "Western European and Others"
VOTED = ("un_votes", "un_members")


def roll_calls_told(roll_calls: pd.DataFrame, shares: pd.DataFrame, west: pd.Series) -> list[Told]:
    """Tell the recorded votes since 2000: how many, the same yearly resolution over time, and the Western group over time.

    Parameters
    ----------
    roll_calls
        Table un_roll_calls.
    shares
        As :func:`compacts.participation.yes_shares` gives them.
    west
        Per cent yes of the Western group on migration and development, by year.
    """
    western = shares[shares["un_group"] == WEST].set_index("resolution")
    first, topics = western.loc["A/RES/62/270"], roll_calls["topic"].value_counts()
    returning = {
        "Palestine refugees": topics["palestine_refugees"],
        "the displaced from Abkhazia, Georgia": topics["abkhazia_idps"],
    }
    told = [_of("roll_calls_since_2000", len(roll_calls), f"Since 2000 the Assembly took {{value}} recorded votes on whole resolutions on migration and refugees, {sum(returning.values())} of them on two "
                f"subjects that return every year: {' and '.join(f'{words} ({number})' for words, number in returning.items())}.", "roll calls", "count", "un_roll_calls")]  # fmt: skip
    for name, (words, title) in SAME_TEXTS.items():
        every = participation.yes_on_title(roll_calls, title)
        told.append(_of(f"{name}_last_yes", every.iloc[-1], f"On {words}, the same resolution each time, {every.iloc[0]:.0f} per cent of the members voted yes in {every.index[0]}, "
                        f"{{value}} in {every.index[-1]}.", "percent", "share", "un_roll_calls", digits=0))  # fmt: skip
    told.append(_of("western_yes_62_270", first["yes"], f"In 2008 {{value}} of {first['members']} Western European and Other States voted yes on "
                    f"resolution 62/270, on the Global Forum (GFMD); {first['abstain']} abstained.", "states", "count", VOTED))  # fmt: skip
    told.append(_of("western_yes_migration_development", west.iloc[1], f"On the resolution on migration and development {west.iloc[0]:.0f} per cent "
                    f"of them voted yes in {west.index[0]}, {{value}} in {west.index[1]}.", "percent", "share", VOTED, digits=0))  # fmt: skip
    for compact, call in COMPACTS.items():
        told.append(_of(f"western_yes_{compact.lower()}", 100 * western["yes_share"].astype(float)[call],
                        f"Of the same group {{value}} per cent voted for the {compact} in 2018.", "percent", "share", VOTED, digits=0))  # fmt: skip
    return told


def committee_told(moved: pd.DataFrame, crossed: pd.DataFrame) -> list[Told]:
    """Tell the votes on UNHCR's Executive Committee beside those on UNHCR.

    Parameters
    ----------
    moved, crossed
        As :func:`compacts.participation.votes_moved` and :func:`compacts.participation.committee_crossed` give them.
    """
    calls, left, every = moved.columns[1:-1], moved["left"], moved.loc["All states"]
    first, before, committee = calls[0], calls[-3], calls[-2]
    endorsers, refusers, leavers = (crossed.T[row] for row in ("GCM: yes", "GCM: no", "left"))
    return [
        _of("committee_yes", every[committee], f"{{value}} per cent of the members voted for the enlargement (A), {every[first]:.0f} for the resolution "
            f"with the GCR in 2018 and {every[before]:.0f} for that on UNHCR in {before[:4]}.", "percent", "share", VOTED, digits=0),
        _of("committee_left", left["All states"], f"{{value}} states that voted yes in 2018 did not vote yes on A: {_split(leavers)};", "states", "count", VOTED),
        _of("committee_left_africa_asia", left[["African", "Asia-Pacific"]].sum(), f"{{value}} of them are African or Asia-Pacific, {left[WEST]} "
            f"are Western European and Other States.", "states", "count", VOTED),
        _of("committee_endorsers_yes", endorsers["yes"], f"Of the {endorsers.sum()} endorsers of the GCM {{value}} voted yes on A, {_split(endorsers)}; of the {refusers.sum()} states that voted "
            f"against it {refusers['yes']} voted yes.", "states", "count", VOTED),
    ]  # fmt: skip


def contrast_told(moved: pd.DataFrame, crossed: pd.DataFrame) -> list[Told]:
    """Tell in one sentence how far the yes falls on UNHCR's committee; see :func:`committee_told`."""
    every, leavers, together = moved.loc["All states"], crossed.T["left"], crossed.T["all"]
    return [_of("committee_yes_lost", every.iloc[1] - every.iloc[-3], f"On the enlargement of UNHCR's Executive Committee in {moved.columns[-3][:4]} the yes is {{value}} points lower "
                f"than on the resolution with the GCR ({together['yes']} states against {round(every.iloc[1] * every['states'] / 100)}); of the {leavers.sum()} that did not repeat it "
                f"{_split(leavers)}.", "percentage points", "count", VOTED, digits=0)]  # fmt: skip


def _split(votes: pd.Series) -> str:
    """Say how many abstained, did not vote and voted no; a yes is told elsewhere."""
    said = {"abstain": "abstained", "not voting": "did not vote", "no": "voted no"}
    parts = [f"{votes[vote]} {words}" for vote, words in said.items() if votes[vote]]
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else "".join(parts) or "none"


def _of(name: str, value: Any, text: str, unit: str, kind: str, table: Any, **rest: Any) -> Told:
    return {"name": name, "value": value, "text": text, "unit": unit, "kind": kind, "table": table, **rest}
