"""Who gives to the Migration MPTF, and where its programmes are: links to votes and to champion countries."""

from collections.abc import Iterable

import pandas as pd

from compacts.donor_panel import GCM
from compacts.stats.shares import SharesComparison, compare_shares
from compendium.errors import UserError


def contributors_by_vote(
    money: pd.DataFrame, votes: pd.DataFrame, contributors: Iterable[str], years: Iterable[int], confidence: float
) -> tuple[SharesComparison, pd.DataFrame]:
    """Compare the share of contributors to the fund among states that voted for the GCM and among the others.

    Parameters
    ----------
    money
        As `compacts.finance.donor_money` gives it; the states are those with money for IOM in the years.
    votes
        Table un_votes.
    contributors
        ISO3 of the states known to have contributed; one without money for IOM is not counted, or being a contributor would decide on
        being counted.
    years, confidence
        Years of the money; confidence of the interval.

    Returns
    -------
    SharesComparison, DataFrame
        Yes less others; and the cross-table: rows vote (yes, not yes), columns ``contributed`` and ``not known to``.
    """
    given = money[(money["entity"] == "IOM") & money["year"].isin(list(years)) & (money["amount_usd"] > 0)]
    said = votes[votes["resolution"] == GCM].set_index("iso3")["vote"]
    states = sorted(set(given["iso3"].dropna()) & set(said.index))
    table = pd.DataFrame(
        {"yes": said[states].eq("yes"), "contributed": [state in set(contributors) for state in states]}, index=states
    )
    groups = {name: table[table["yes"] == yes] for name, yes in {"yes": True, "not yes": False}.items()}
    for name, part in groups.items():
        if part.empty:
            raise UserError(
                f"contributors by vote: got no state with the vote {name}, expected some; choose other years"
            )
    crossed = pd.DataFrame({
        "contributed": {name: int(part["contributed"].sum()) for name, part in groups.items()},
        "not known to": {name: int((~part["contributed"]).sum()) for name, part in groups.items()},
    })  # fmt: skip
    yes = (int(groups["yes"]["contributed"].sum()), int(groups["not yes"]["contributed"].sum()))
    return compare_shares(yes, (len(groups["yes"]), len(groups["not yes"])), confidence), crossed


def programmes_by_champion(
    members: pd.DataFrame,
    income: pd.DataFrame,
    roles: pd.DataFrame,
    countries: Iterable[str],
    unknown: int,
    confidence: float,
) -> dict[str, SharesComparison]:
    """Compare the share of champion countries that a known joint programme names with that of other states not of high income.

    Parameters
    ----------
    members, income, roles
        Tables un_members, income_groups (groups by the income of 2019) and forum_roles.
    countries
        ISO3 of the countries of known programmes.
    unknown
        Programmes that are not known by country.
    confidence
        Of the intervals.

    Returns
    -------
    dict of SharesComparison
        ``known`` as it stands; ``worst``: each unknown programme in one more country that is no champion.
    """
    group = income[income["data_year"] == 2019].set_index("code")["income_group"]
    states = [iso3 for iso3 in members["iso3"] if group.get(iso3, "high") != "high"]
    champions = set(roles.loc[roles["role"] == "champion country GCM", "iso3"])
    inside = [iso3 for iso3 in states if iso3 in champions]
    others = [iso3 for iso3 in states if iso3 not in champions]
    if not inside or not others:
        raise UserError(
            f"programmes by champion: got {len(inside)} champions and {len(others)} other states, expected both"
        )
    named = set(countries)
    first, second = (sum(iso3 in named for iso3 in part) for part in (inside, others))
    of = (len(inside), len(others))
    return {
        "known": compare_shares((first, second), of, confidence),
        "worst": compare_shares((first, min(second + unknown, len(others))), of, confidence),
    }
