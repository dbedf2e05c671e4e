"""The Migration MPTF: what is known and its bounds, without and with an export of the gateway; votes, champions, verdicts."""

import numpy as np
import pandas as pd
import pytest

from compacts import finance, fund_links, funds, money_hypotheses, money_verdicts
from compacts.stats.shares import compare_shares
from compacts.stats.trend import BrokenTrend
from compendium import datapackage, tables
from compendium.errors import UserError

MADE_UP = """record_id,fund,kind,year,donor,donor_iso3,agency,programme_id,countries_iso3,amount_usd,as_of,source,confidence,note
c1,Migration MPTF,contribution,2020,Germany,DEU,,,,30000000,2026-01-31,https://example.org/export,verified,
c2,Migration MPTF,contribution,2021,Denmark,DNK,,,,10000000,2026-01-31,https://example.org/export,verified,
a1,Migration MPTF,allocation,2020,,,IOM,P1,ZAF,2000000,2026-01-31,https://example.org/export,verified,
a2,Migration MPTF,allocation,2020,,,ILO,P1,ZAF,1000000,2026-01-31,https://example.org/export,verified,
a3,Migration MPTF,allocation,2021,,,IOM,P2,CHL MEX,5000000,2026-01-31,https://example.org/export,verified,
a4,MCS00,allocation,2018,,,IOM,P0,,900000,2026-01-31,https://example.org/export,verified,
e1,Migration MPTF,expense,2021,,,IOM,P1,ZAF,500000,2026-01-31,https://example.org/export,verified,
"""


@pytest.fixture(scope="module")
def figures(table):
    return table("fund_figures")


@pytest.fixture(scope="module")
def exported(root, tmp_path_factory):
    """The made-up export, read by the ordinary reader with the committed description."""
    path = tmp_path_factory.mktemp("gateway") / "migration_mptf_gateway.csv"
    path.write_text(MADE_UP, encoding="utf-8")
    return tables.read_frame(path, datapackage.read_resource("migration_mptf_gateway", root))


@pytest.fixture(scope="module")
def empty(table):
    return table("migration_mptf_gateway").iloc[:0]


def test_the_committed_table_is_read_as_described_with_or_without_rows(root, table, exported):
    assert table("migration_mptf_gateway").dtypes.equals(exported.dtypes)
    assert tables.check_foreign_keys("migration_mptf_gateway", root) == []


@pytest.mark.parametrize(
    ("cell", "told"),
    [(("allocation,2020,,,IOM", "gift,2020,,,IOM"), "column kind"), (("2000000", "two million"), "column amount_usd"), (("CHL MEX", "Chile"), "column countries_iso3")],
)  # fmt: skip
def test_a_wrong_cell_of_an_export_is_told_with_its_line(root, tmp_path, cell, told):
    path = tmp_path / "migration_mptf_gateway.csv"
    path.write_text(MADE_UP.replace(*cell, 1), encoding="utf-8")
    with pytest.raises(UserError, match=rf"migration_mptf_gateway\.csv, line \d, {told}"):
        tables.read_frame(path, datapackage.read_resource("migration_mptf_gateway", root))


def test_a_contribution_without_a_donor_is_refused(exported):
    with pytest.raises(UserError, match="row c1, column donor: got an empty cell"):
        funds.gateway_of(exported.assign(donor=None))


def test_without_an_export_single_statements_give_bounds(figures, empty):
    found = funds.known_share(figures, empty).set_index("what")
    assert found.loc["joint programmes named", ["low", "of"]].tolist() == [10, 24]
    assert found.loc["money allocated, million US dollars", ["low", "high"]].tolist() == [12, 19.5]
    assert np.isnan(found.loc["money paid in, million US dollars", "low"])
    assert funds.contributors(figures, empty) == ["DEU", "DNK", "ESP", "GBR", "MAR", "NLD", "NOR", "USA"]
    assert {"ZAF", "CHL", "UGA"} < funds.countries_of(funds.programmes(figures, empty))


def test_statements_on_allocations_are_those_with_an_amount(figures):
    """Of October 2020: 12 million for the first six programmes; of August 2021: 7.5 million for three in Africa."""
    stated = funds.allocations_stated(figures)
    assert stated[["year", "usd"]].to_numpy().tolist() == [[2020, 12e6], [2021, 7.5e6]]


def test_with_an_export_the_known_share_is_that_of_its_rows(figures, exported):
    found = funds.known_share(figures, exported).set_index("what")
    assert found.loc["joint programmes named", ["low", "high"]].tolist() == [2, 2]
    assert found.loc["joint programmes with an amount", "low"] == 2
    assert found.loc["money allocated, million US dollars", ["low", "high"]].tolist() == [8, 8]
    assert found.loc["money paid in, million US dollars", ["low", "share_low"]].tolist() == pytest.approx(
        [40, 100 * 40 / 70]
    )
    assert found.loc["organizations named in programmes", "low"] == 2
    assert found.loc["states with an amount", "low"] == 2
    assert funds.countries_of(funds.programmes(figures, exported)) == {"ZAF", "CHL", "MEX"}


def test_with_an_export_bounds_of_the_share_become_points_in_its_years(table, empty, exported):
    revenue = finance.revenue_by_type(table("finance_entity_year"))
    arguments = (table("finance_nongov_donor_year"), revenue, table("finance_entity_year"), "IOM", range(2019, 2025))
    without, with_rows = (funds.share_bounds(gateway, *arguments).set_index("year") for gateway in (empty, exported))
    assert (without["low"] == 0).all()
    assert without.loc[2021, "high"] == pytest.approx(100 * 93.037367 / 2549.484557)
    assert with_rows.loc[2020, ["low", "high"]].tolist() == pytest.approx([100 * 2 / 2182.689257] * 2)
    assert with_rows.loc[2021, "low"] == with_rows.loc[2021, "high"] == pytest.approx(100 * 5 / 2549.484557)
    assert with_rows.loc[2024].equals(without.loc[2024])  # no allocation of that year: bounds stay
    with pytest.raises(
        UserError, match="got no revenue or no money of the Multi-Partner Trust Fund Office of IOM in 2012"
    ):
        funds.share_bounds(empty, *arguments[:-1], [2012])


def test_a_statement_without_a_number_is_refused(figures):
    with pytest.raises(UserError, match="got no number for mmptf_donor_deu"):
        funds.statement(figures, "mmptf_donor_deu")


def test_funds_are_ranked_by_what_they_take_a_year():
    frame = pd.DataFrame({
        "fund_code": ["A", "A", "B", "C"], "fund_name": ["a", "a", "b", "c"], "year": [1, 2, 1, 1],
        "contributions_usd": pd.array([4e6, 0, 3e6, None], dtype="Int64"), "first_year": 1, "last_year": 2,
    })  # fmt: skip
    found = funds.fund_sizes(frame)
    assert found[["fund_code", "yearly_musd", "rank"]].to_numpy().tolist() == [["B", 3.0, 1], ["A", 2.0, 2]]


def test_one_contributor_is_all_and_refunds_do_not_count():
    frame = pd.DataFrame({"fund_code": ["A", "A", "B", "B"], "iso3": ["DEU", "DEU", "DEU", None], "contributor": ["x", "x", "x", "y"],
                          "amount_usd": [5, -2, 3, -9]})  # fmt: skip
    found = funds.contributor_concentration(frame).set_index("fund_code")
    assert found["units"].tolist() == [1, 1]
    assert found["first"].tolist() == [1, 1]


def test_contributors_are_crossed_with_votes_among_givers_to_iom():
    money = pd.DataFrame(
        {
            "entity": ["IOM", "IOM", "IOM", "UNHCR"],
            "iso3": ["AAA", "BBB", "CCC", "DDD"],
            "year": 2020,
            "amount_usd": [1.0, 1, 1, 1],
        }
    )
    votes = pd.DataFrame(
        {"resolution": fund_links.GCM, "iso3": ["AAA", "BBB", "CCC", "DDD"], "vote": ["yes", "yes", "no", "yes"]}
    )
    found, crossed = fund_links.contributors_by_vote(money, votes, ["AAA", "DDD"], [2020], 0.95)  # D gave IOM nothing
    assert crossed.to_numpy().tolist() == [[1, 1], [0, 1]]
    assert found == compare_shares((1, 0), (2, 1))
    with pytest.raises(UserError, match="no state with the vote not yes"):
        fund_links.contributors_by_vote(money, votes.assign(vote="yes"), ["AAA"], [2020], 0.95)


def test_unknown_programmes_may_all_lie_outside_champion_countries():
    members = pd.DataFrame({"iso3": ["AAA", "BBB", "CCC", "DDD", "RCH"]})
    income = pd.DataFrame({"code": members["iso3"], "data_year": 2019, "income_group": ["low"] * 4 + ["high"]})
    roles = pd.DataFrame({"iso3": ["AAA", "RCH"], "role": "champion country GCM"})
    found = fund_links.programmes_by_champion(members, income, roles, {"AAA"}, 2, 0.95)
    assert (found["known"].first, found["known"].second, found["worst"].second) == (1, 0, pytest.approx(2 / 3))
    with pytest.raises(UserError, match="got 0 champions"):
        fund_links.programmes_by_champion(members, income, roles.iloc[:0], {"AAA"}, 2, 0.95)


def bend(value: float, reach: float) -> BrokenTrend:
    return BrokenTrend(
        before=0.1, after=0.1 + value, bend=value, low=value - reach, high=value + reach, p_value=0.5, step=0, years=13
    )


@pytest.mark.parametrize(
    ("found", "peer", "best", "verdict"),
    [
        (bend(0.1, 0.05), bend(0.05, 0.1), 2016, "supported"), (bend(0.1, 0.05), bend(0.2, 0.1), 2016, "undecided"),
        (bend(0.1, 0.2), bend(0.05, 0.1), 2016, "undecided"), (bend(-0.1, 0.05), bend(0.05, 0.1), 2016, "contradicted"),
        (bend(-0.1, 0.2), bend(0.05, 0.1), 2014, "contradicted"), (bend(-0.1, 0.2), bend(0.05, 0.1), 2018, "undecided"),
    ],
)  # fmt: skip
def test_growth_beyond_the_trend_needs_a_clear_bend_larger_than_the_peers(found, peer, best, verdict):
    assert money_verdicts.faster_than_trend(found, {"WFP": peer}, best, 2016) == verdict


def test_verdicts_follow_their_rules_to_the_edge():
    bounds = pd.DataFrame({"low": [0.0], "high": [5.0]})
    assert money_verdicts.small_share(bounds, 5) == "supported"
    assert money_verdicts.small_share(bounds, 4.9) == "undecided"
    assert money_verdicts.small_share(bounds.assign(low=5.0), 4.9) == "contradicted"
    assert [money_verdicts.earmarking_stays(rises, 5) for rises in ([5, 5], [5.1, 0], [5.1, 9])] == [
        "supported",
        "undecided",
        "contradicted",
    ]
    far, reverse, near = (
        compare_shares((18, 2), (20, 20)),
        compare_shares((2, 18), (20, 20)),
        compare_shares((500, 500), (1000, 1000)),
    )
    assert [money_verdicts.larger_share(found, 0.1, 0.05) for found in (far, reverse, near)] == [
        "supported",
        "contradicted",
        "contradicted",
    ]
    assert money_verdicts.larger_share(compare_shares((5, 4), (10, 10)), 0.1, 0.05) == "undecided"
    cases = [{"known": far, "worst": far}, {"known": far, "worst": near}, {"known": reverse, "worst": reverse}]
    assert [money_verdicts.champions_favoured(found, 0.05) for found in cases] == [
        "supported",
        "undecided",
        "contradicted",
    ]
    changes = [pd.Series({"low": low, "high": high}) for low, high in ((-1, 0.09), (0.01, 0.5), (-0.1, 0.2))]
    assert [money_verdicts.slope_stays(change, 0.1) for change in changes] == ["supported", "contradicted", "undecided"]


def test_an_export_moves_the_verdicts_that_rest_on_the_fund(table, figures, exported):
    revenue = finance.revenue_by_type(table("finance_entity_year"))
    total = revenue.pivot(index="year", columns="entity", values="total")
    givers = funds.contributors(figures, exported)
    countries = funds.countries_of(funds.programmes(figures, exported))
    found = money_hypotheses.evidence(
        table,
        total,
        ["WFP", "UNFPA"],
        finance.donor_money(table("finance_donor_entity_year")),
        givers,
        countries,
        22,
        2018,
        0.95,
    )
    before = money_hypotheses.evidence(
        table,
        total,
        ["WFP", "UNFPA"],
        finance.donor_money(table("finance_donor_entity_year")),
        ["DEU"],
        {"CHL"},
        0,
        2018,
        0.95,
    )
    assert found.crossed.loc["yes", "contributed"] > before.crossed.loc["yes", "contributed"]
    assert found.champions["known"] != before.champions["known"]
    assert found.above == ["UNFPA"]
    designs = {
        "C2": {"threshold_percent": 5},
        "C3": {"threshold_points": 5},
        "C5": {"margin_points": 10},
        "C6": {"margin": 0.1},
    }
    huge = pd.DataFrame({"low": [9.0], "high": [9.0]})
    told = money_hypotheses.verdicts(found, huge, [0.0, 0.0], designs, 0.95)
    assert told["C2"] == "contradicted"
    assert set(told) == {"C1", "C2", "C3", "C4", "C5", "C6"}
