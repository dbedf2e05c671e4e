"""What the hypotheses on money are judged by: broken trends, links of the fund to votes and champions, the slope on hosting."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compacts import money_verdicts
from compacts.finance import hosting_panel
from compacts.fund_links import contributors_by_vote, programmes_by_champion
from compacts.stats.panel import least_squares
from compacts.stats.rankings import overlap
from compacts.stats.shares import SharesComparison
from compacts.stats.trend import BrokenTrend, best_break, broken_trend

JOINED_UN = 2016  # the year in which IOM joined the UN system, and the cut of C1
Read = Callable[[str], pd.DataFrame]


@dataclass(frozen=True)
class Evidence:
    """What C1 and C4 to C6 are judged by.

    Attributes
    ----------
    trend, real : BrokenTrend
        Of IOM's revenue, in current prices and in those of 2015.
    last_price_year : int
        Last year with a deflator.
    peers : dict of BrokenTrend
        Of the peers' revenue.
    best_break : int
        Last year before the break of IOM's revenue that fits best.
    link, crossed
        Contributors to the fund by vote: shares compared, and the cross-table.
    champions : dict of SharesComparison
        Countries of programmes among champions and others, ``known`` and ``worst``.
    slope : DataFrame
        Effects of hosting on UNHCR's money: ``log_hosted`` and ``log_hosted_after``.
    within : Series
        The change of the slope with effects of countries.
    followed : dict
        By year how far shares of money and of people hosted overlap.
    """

    trend: BrokenTrend
    real: BrokenTrend
    last_price_year: int
    peers: dict[str, BrokenTrend]
    best_break: int
    link: SharesComparison
    crossed: pd.DataFrame
    champions: dict[str, SharesComparison]
    slope: pd.DataFrame
    within: "pd.Series[Any]"
    followed: dict[int, float]

    @property
    def above(self) -> list[str]:
        """Peers whose trend bends more than IOM's."""
        return [name for name, found in self.peers.items() if found.bend > self.trend.bend]


def evidence(
    read: Read, total: pd.DataFrame, peers: Sequence[str], money: pd.DataFrame, givers: Sequence[str], programme_countries: Collection[str],
    unknown: int, last_before: int, confidence: float,
) -> Evidence:  # fmt: skip
    """Estimate what the designs C1 and C4 to C6 declare.

    Parameters
    ----------
    read
        Returns a table by name.
    total
        Revenue, a row a year, a column an entity.
    peers
        Entities to compare the bend with.
    money
        As `compacts.finance.donor_money` gives it.
    givers, programme_countries, unknown
        Contributors to the fund (ISO3), countries of its known programmes, number of the others.
    last_before, confidence
        Cut of C5 and C6; confidence of intervals.
    """
    final, votes, income, countries = (
        int(total.index.max()),
        read("un_votes"),
        read("income_groups"),
        read("finance_country_entity_year"),
    )
    since = total.loc[2012:]
    economy = read("economy_year")
    prices = economy[economy["code"] == "USA"].set_index("year")
    deflator = (prices["gdp_usd"] / prices["gdp_2015usd"]).dropna().astype("float64")
    link, crossed = contributors_by_vote(money, votes, givers, range(last_before + 1, final + 1), confidence)
    hosting = hosting_panel(countries, read("displacement_year"), income, range(2014, final + 1), last_before)
    terms = ["log_hosted", "log_hosted_after"]
    return Evidence(
        trend=broken_trend(since["IOM"], JOINED_UN, confidence),
        real=broken_trend((since["IOM"] / deflator).dropna(), JOINED_UN, confidence),
        last_price_year=int(deflator.index.max()),
        peers={name: broken_trend(since[name], JOINED_UN, confidence) for name in peers},
        best_break=best_break(since["IOM"]),
        link=link,
        crossed=crossed,
        champions=programmes_by_champion(
            read("un_members"), income, read("forum_roles"), programme_countries, unknown, confidence
        ),
        slope=least_squares(hosting, "log_money", terms, ["year"], "iso3", confidence).effects,
        within=pd.Series(
            least_squares(hosting, "log_money", terms, ["year", "iso3"], "iso3", confidence).effects.loc[
                "log_hosted_after", :
            ]
        ),
        followed={
            int(str(year)): overlap(part.set_index("iso3")["amount_usd"], part.set_index("iso3")["hosted"])
            for year, part in hosting.groupby("year")
        },
    )


def verdicts(
    found: Evidence,
    bounds: pd.DataFrame,
    rises: Sequence[float],
    designs: Mapping[str, Mapping[str, Any]],
    confidence: float,
) -> dict[str, str]:
    """Judge C1 to C6 by their declared rules.

    Parameters
    ----------
    found
        The evidence.
    bounds
        Bounds of the fund's share, as `compacts.funds.share_bounds` gives them.
    rises
        Changes of the unearmarked shares, points.
    designs
        The declared designs by name: thresholds and margins are read from there.
    confidence
        Tests use one less it.
    """
    alpha = 1 - confidence
    return {
        "C1": money_verdicts.faster_than_trend(found.trend, found.peers, found.best_break, JOINED_UN),
        "C2": money_verdicts.small_share(bounds, float(designs["C2"]["threshold_percent"])),
        "C3": money_verdicts.earmarking_stays(rises, float(designs["C3"]["threshold_points"])),
        "C4": money_verdicts.champions_favoured(found.champions, alpha),
        "C5": money_verdicts.larger_share(found.link, float(designs["C5"]["margin_points"]) / 100, alpha),
        "C6": money_verdicts.slope_stays(found.slope.T["log_hosted_after"], float(designs["C6"]["margin"])),
    }
