"""What the notes on forum participation say: the eight answers of each exhibit's note, with places for its numbers."""

from collections.abc import Mapping

_VOTES = "Tables un_votes, un_roll_calls and un_members; UN Digital Library, read to {last_vote}."
_FULL = "None: a full count."
NOTES: Mapping[str, Mapping[str, str]] = {
    "votes_crossed": {
        "shown": "The {n} UN members of December 2018 by their votes on resolutions 73/195 (GCM) and 73/151 (GCR).",
        "source": "Table un_votes, from roll calls of the UN Digital Library, read to {last_vote}.",
        "observations": "{n} states, none missing; a state listed without a vote is counted as not voting.",
        "uncertainty": "None: this is a full count, not a sample; the notebook before compares two sources.",
        "comparison": "Each vote is the comparison of the other; published tallies are answered by the claims above.",
        "method": "A cross-table, drawn with names, because for states off the diagonal names say more than rates.",
        "sensitivity": "Statements made after the vote (Brazil left the GCM in 2019 and came back in 2023) would move single states.",
        "limits": "It shows votes, not reasons: absence may be protest, caution, or a delegation in another room.",
    },
    "three_votes": {
        "shown": "{n} members by three votes: the GCM (73/195), the GCR (73/151) and the format of the GCM's review forum (73/326).",
        "source": "Table un_votes; UN Digital Library, read to {last_vote}.",
        "observations": "{n} states, none missing; cells without a state are blank.",
        "uncertainty": _FULL,
        "comparison": "Each state with its own votes; published tallies are answered by the claims above.",
        "method": "A row for each pair of votes that occurs, because most of the 64 combinations are empty.",
        "sensitivity": "Absence from a sitting in the middle of July is weaker evidence than in December.",
        "limits": "The later decisions on the forum (Progress Declaration 2022) were taken by consensus and leave no roll call.",
    },
    "roll_calls": {
        "shown": "Share of the members of each UN regional group that voted yes, recorded votes on single questions.",
        "source": _VOTES,
        "observations": "{calls} roll calls of all members of the day; resolutions passed without a vote have no row.",
        "uncertainty": "None in the shares, which are full counts; a state that did not vote counts as no yes.",
        "comparison": "Groups with one another, and each group with itself on migration and development (bold), in {years}.",
        "method": "Yes votes divided by members, because dividing by votes cast would hide absence.",
        "sensitivity": "Membership of groups is that of today for all years; changes of group are not tracked.",
        "limits": "Freedom of travel is the text on universal freedom of travel and family reunification; protection of migrants is 55/92. The texts differ in content from year to year, so a rising line may be a milder text and not a milder state.",
    },
    "committee": {
        "shown": "Per cent yes on all recorded resolutions on UNHCR since the GCR, by regional group and by vote on the GCM.",
        "source": _VOTES,
        "observations": "{calls} roll calls of {n} states; resolutions of other years passed without a vote.",
        "uncertainty": "None: full counts; a state that did not vote counts as no yes.",
        "comparison": "Each group with itself from text to text; the first column is the vote with the GCR.",
        "method": "Shares of members, because shares of votes cast would hide absence.",
        "sensitivity": "The library dates both texts of 2023 to two days; order and tallies do not depend on it.",
        "limits": "Most who did not repeat their yes abstained, which is no refusal; the record does not say why: seats, candidates, or procedure.",
    },
    "attendance": {
        "shown": "Meetings of forums on migration and refugees since 2006, and the number of states that came.",
        "source": "Table forum_events, curated from pages of the organizers and news; the as-of date of each row is in that table.",
        "observations": "{meetings} meetings held, {known} with a number of states; regional reviews concern a region only; {ahead} more was only announced "
        "when its page was read.",
        "uncertainty": "How the totals are known: {basis}.",
        "comparison": "With the {n} members that could have come, and with earlier meetings of the same forum.",
        "method": "Totals as published, ranges where sources differ, nothing imputed.",
        "sensitivity": "A list of participants of any of these meetings would settle its row; see the bounds below.",
        "limits": "Delegations may include observers; a delegation may be one diplomat or a minister.",
    },
    "pledges": {
        "shown": "Published counts of pledges to the Global Refugee Forum, by the day to which they refer.",
        "source": "Table published_figures, from UNHCR pages and news quoting them; as-of date in each row.",
        "observations": "{counts} counts; no count of the IMRF's pledges was confirmed in a page that was read.",
        "uncertainty": "A triangle up is a lower bound (over), a triangle down an upper bound (almost); full hundreds are drawn as about.",
        "comparison": "The same forum on two days, and the sum of two forums with the total published later.",
        "method": "Counts as published, placed on their day; none is corrected, because the lists behind them are not kept.",
        "sensitivity": "The list behind the totals is a dashboard that changes; a dated export of it would replace this figure.",
        "limits": "The count of {last_day} may hold contributions besides pledges, so growth may be one of the unit; a pledge is no "
        "delivery, pledges differ in size, and others than states pledge too.",
    },
    "roles": {
        "shown": "Roles at forums and conferences on migration and refugees since {since}, by regional group and for states with {least} or more.",
        "source": "Table forum_roles, curated from public pages, with a source and a confidence in each row.",
        "observations": "{roles} roles of {states} states; votes are left out, as the roll calls hold them all.",
        "uncertainty": "One column counts the roles that were read in a source; others are known from elsewhere or disputed.",
        "comparison": "Groups and states with one another; groups differ in size, so see their members.",
        "method": "Counting by kind, with the kinds declared in compacts.forums.",
        "sensitivity": "The list of champion countries is that of one meeting in 2023, with confirmations; it has grown since 2020.",
        "limits": "Presence without a role, and pledges by state, are not in any source that was found.",
    },
    "bounds": {
        "shown": "Bounds of the participation index of {n} members, {facts} facts from December 2018 to December 2025.",
        "source": "Tables un_votes (all three votes) and forum_roles with forum_events (presence).",
        "observations": "{cells} facts, {known} known; the others are missing because no list of participants was found.",
        "uncertainty": "The bars are bounds, not confidence intervals: they hold whatever the missing facts are.",
        "comparison": "States with one another; two states differ for sure only where their bars do not overlap.",
        "method": "Worst-case bounds (Manski 1989), because facts are not missing at random: leaders are reported, guests are not.",
        "sensitivity": "Any list of participants narrows the bars at once; random weights are tried in the claims above.",
        "limits": "It mixes support (votes) and presence, and measures no effort; published totals name no state and are not used (with them the "
        "mean would lie between about {low} and {high} per cent); regional reviews and the GFMD are left out.",
    },
    "effects": {
        "shown": "Average marginal effects on the chance of a yes, {n} members in December 2018, in percentage points.",
        "source": "Tables un_votes, un_participation (sessions {first_session} to 72), unhcr_displacement (end of {year}), un_members.",
        "observations": "{n} states, none missing; {no_gcm} not yes on the GCM, {no_gcr} on the GCR; {not_hosts} states without a row as host "
        "and {not_origins} without one as country of origin at UNHCR count as none.",
        "uncertainty": "{level} intervals by the delta method; the last column clusters on the state; a filled mark also passes Holm's "
        "correction for all effects of its column.",
        "comparison": "Both Compacts with the same covariates, and their difference from the stacked fit.",
        "method": "Logit with Firth's penalty, because the GCR has only {per_effect:.1f} votes other than yes per effect; effects averaged "
        "over all states.",
        "sensitivity": "The next table gives four estimators; leaving out {refusers} changes the effect of agreement on the GCR, as told "
        "in the answer.",
        "limits": "Associations without control for income, size, government or migrants, which follow below; a wide interval is no proof "
        "of absence.",
    },
    "estimators": {
        "shown": "Average marginal effects on the chance of a yes by estimator, both Compacts.",
        "source": "The tables of the figure above, and nothing else.",
        "observations": "{n} states in every column.",
        "uncertainty": "The last column counts the {level} intervals (delta method) that leave out zero; Firth's are in the figure.",
        "comparison": "Logit and Firth differ by the penalty; ordered (no, abstain, not voting, yes) and multinomial (yes; no or abstain; "
        "not voting) use the other votes too.",
        "method": "Each is the textbook model for its reading of the vote; multinomial ones carry Firth's penalty where separated.",
        "sensitivity": "An effect that changes sign between columns is no finding.",
        "limits": "Ordered models assume that absence lies between abstention and yes, which hypothesis B1 suggests and nothing proves.",
    },
    "blocks": {
        "shown": "A block joins the base and the blocks before it, for each Compact. LR: likelihood ratio; p corrected: for the five blocks; "
        "p alone: added to the base only; scores: change for unseen states, below zero is better; shift: largest change of an earlier effect, points.",
        "source": "Tables of the base and country_year (covariates of {year}, parties in government to the end of {government_year}).",
        "observations": "Without product per head: {no_product}. Besides these without a regime index: {no_regime}. Besides these without "
        "coded parties: {no_parties}.",
        "uncertainty": "The test is of all effects of a block together; scores have no interval; the effects with theirs are in the next table.",
        "comparison": "Each step with the model before it on the same states, for both Compacts.",
        "method": "Firth's logit, because few states said no; for prediction its intercept is set so that the mean fits (Puhr et al. 2017).",
        "sensitivity": "Another order of blocks may tell another story: the column p alone shows how much.",
        "limits": "Parties are known where there were elections: nothing is said on populism elsewhere. Ideal points are smoothed over "
        "years and may borrow from later votes.",
    },
    "block_effects": {
        "shown": "Average marginal effects of each block's traits on a yes, percentage points with {level} intervals, at the block's step.",
        "source": "The models of the table above.",
        "observations": "The states of the block's step, the same for both Compacts.",
        "uncertainty": "Intervals by the delta method, one trait at a time; the test above is of a block.",
        "comparison": "Both Compacts with the same covariates and states.",
        "method": "Effects averaged over the states of the step.",
        "sensitivity": "Two traits of a block that go together share their effect: neither may be clear alone.",
        "limits": "A doubling, a tenth and a party in government are steps of different size: rows do not compare.",
    },
    "hypotheses": {
        "shown": "Hypotheses of the family on state endorsement (B), and F6 on informal forums.",
        "source": "Table hypotheses, with the literature that each comes from; rules in compendium.toml.",
        "observations": "{n} hypotheses; B1 lacks {no_parties} states without coded parties or product, B2 {no_migrants} without migrants "
        "or product, B3 {no_remittances} without remittances or product.",
        "uncertainty": "Each test at its own level (before correction: not rejecting after it; not robust: another coding or a single state left out changes the verdict); corrected for the family these still reject: {holds}. Undecided is no weak form of "
        "contradicted.",
        "comparison": "With the declared margin, not with zero alone; the margin is a convention that no source gives.",
        "method": "Firth's logit with controls for B1, B2, B3 and B5; Fisher's exact test with Newcombe's interval for B4 and B6.",
        "sensitivity": "The claims above give other codings of each.",
        "limits": "B6 is judged by roles only: it speaks of speeches and pledges, which no source gives by state.",
    },
}


def note_on(exhibit: str, **numbers: object) -> dict[str, str]:
    """Return the answers of an exhibit's note, with its numbers in their places.

    Examples
    --------
    >>> note_on("three_votes", n=193, last_vote="28 October 2025")["observations"]
    '193 states, none missing; cells without a state are blank.'
    """
    return {question: answer.format(**numbers) for question, answer in NOTES[exhibit].items()}
