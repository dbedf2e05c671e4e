"""The members of the United Nations by year: people, displacement, economy, politics, treaties, groups."""

from pathlib import Path

import pandas as pd

from compacts.ingest.agreement import PARTNERS
from compacts.ingest.economy import ratio
from compacts.ingest.income_groups import group_in_force
from compacts.ingest.iom_members import LAST_YEAR as IOM_LAST_YEAR
from compacts.ingest.migrant_stock import interpolated
from compacts.ingest.parties import carried
from compacts.ingest.raw_file import ingest_log
from compacts.ingest.regimes import democracy, ideal_points, regimes, require_all_regimes
from compacts.ingest.treaties import TREATIES, treaty_status

YEARS = list(range(2000, 2025))
GROUPS = ["un_group", "region", "subregion", "ldc", "lldc", "sids", "eu", "oecd"]
_ASYLUM = {
    "asylum_applications": "asylum_applications",
    "asylum_applications_all": "asylum_applications_all",
    "asylum_applications_in_cases": "asylum_applications_in_cases",
    "asylum_recognized": "asylum_recognized",
    "asylum_complementary": "asylum_complementary",
    "asylum_rejected": "asylum_rejected",
    "asylum_closed": "asylum_closed",
    "asylum_recognition_rate": "recognition_rate",
    "asylum_protection_rate": "protection_rate",
    "asylum_decisions_in_cases": "asylum_decisions_in_cases",
    "asylum_decisions_with_appeals": "asylum_decisions_with_appeals",
    "origin_applications": "applications_originating",
    "origin_recognition_rate": "recognition_rate_originating",
    "origin_protection_rate": "protection_rate_originating",
}
_PARTIES = {
    "election_year": "party_election_year",
    "seat_share": "government_seat_share",
    "populism": "government_populism",
    "immigration_stance": "government_immigration_stance",
    "populist_senior": "populist_senior_partner",
    "populist_any": "populist_in_government",
    "anti_immigration_senior": "anti_immigration_senior_partner",
    "anti_immigration_any": "anti_immigration_in_government",
}
_VOTES = {
    "roll_calls": "roll_calls",
    "cast": "votes_cast",
    "participation": "participation",
    **{f"agreement_{partner.lower()}": f"agreement_{partner.lower()}" for partner in PARTNERS},
}
_WHOLE = ["party_election_year", "roll_calls", "votes_cast"]


def country_year(
    vdem: Path,
    ert: Path,
    votes: Path,
    un_members: pd.DataFrame,
    migrant_stock_year: pd.DataFrame,
    displacement_year: pd.DataFrame,
    asylum_year: pd.DataFrame,
    economy_year: pd.DataFrame,
    income_groups: pd.DataFrame,
    un_agreement_year: pd.DataFrame,
    governing_parties: pd.DataFrame,
    treaty_actions: pd.DataFrame,
    iom_membership: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``country_year``, 193 members x 25 years, how many of its cells are known, and the log.

    Parameters
    ----------
    vdem, ert, votes : Path
        R data files of V-Dem and of the Episodes of Regime Transformation; Stata file of ideal points.
    un_members, migrant_stock_year, displacement_year, asylum_year, economy_year, income_groups, un_agreement_year, \
governing_parties, treaty_actions, iom_membership : DataFrame
        Tables of these names.

    Raises
    ------
    UserError
        When a raw file is damaged, lacks a column or holds a key twice.
    """
    indices, kinds = democracy(vdem, YEARS[0]), regimes(ert, YEARS[0])
    points, uncoded = ideal_points(votes, YEARS[0])
    politics = indices.merge(kinds, on=["iso3", "year"], how="left", validate="1:1")
    require_all_regimes(politics, ert)
    frame = _members_by_year(un_members)
    parts = {
        "economy_year": _renamed(economy_year.drop(columns="gdp_usd").join(_remittance_shares(economy_year))),
        "migrant_stock_year": _stocks(migrant_stock_year),
        "displacement_year": _renamed(displacement_year.drop(columns="unrwa_refugees")),
        "asylum_year": _renamed(asylum_year[["code", "year", *_ASYLUM]].rename(columns=_ASYLUM)),
        "income_groups": _income(income_groups),
        "vdem_simple, ert_episodes": politics,
        "governing_parties": _renamed(carried(governing_parties, YEARS)[["code", "year", *_PARTIES]].rename(columns=_PARTIES)),
        "st_idealpoints": points,
        "un_agreement_year": un_agreement_year[["iso3", "year", *_VOTES]].rename(columns=_VOTES),
    }  # fmt: skip
    entries = [("country_year", "st_idealpoints", "dropped", "without a code of a state", "rows", uncoded)]
    for source, part in parts.items():
        recent = part[part["year"].isin(YEARS)]
        ours = recent["iso3"].isin(un_members["iso3"])
        frame = frame.merge(recent[ours], on=["iso3", "year"], how="left", validate="1:1")
        entries += [
            ("country_year", source, "kept", "members of the United Nations, 2000 to 2024", "rows", int(ours.sum())),
            ("country_year", source, "dropped", "no member of the United Nations", "rows", int((~ours).sum())),
            ("country_year", source, "dropped", "before 2000 or after 2024", "rows", len(part) - len(recent)),
        ]
    frame[_WHOLE] = frame[_WHOLE].astype("Int64")
    frame = frame.join(_treaties(treaty_actions, frame)).join(_iom(iom_membership, frame))
    frame = frame.merge(un_members[["iso3", *GROUPS]], on="iso3", how="left", validate="m:1")
    return {
        "country_year": frame,
        "country_year_coverage": coverage(frame),
        "ingest_country_year": ingest_log(entries),
    }


def coverage(frame: pd.DataFrame) -> pd.DataFrame:
    """Return, by column and year, how many members of the United Nations have a value.

    Examples
    --------
    >>> rows = pd.DataFrame({"iso3": ["KEN", "PER"], "year": 2000, "un_member": True, "population": [1, None]})
    >>> coverage(rows).to_numpy().tolist()
    [['population', 2000, 2, 1]]
    """
    members = frame[frame["un_member"]]
    measured = [column for column in frame.columns if column not in {"iso3", "year", "un_member"}]
    known = members[measured].notna().groupby(members["year"]).sum()
    long = known.reset_index().melt("year", var_name="column", value_name="known")[["column", "year", "known"]]
    long.insert(2, "members", long["year"].map(members.groupby("year").size().to_dict()))
    return long.astype({"known": "int64", "members": "int64"})


def _members_by_year(un_members: pd.DataFrame) -> pd.DataFrame:
    """Return all members and years; a state is a member in a year when it was one at the end of it."""
    frame = un_members[["iso3", "admitted"]].merge(pd.DataFrame({"year": YEARS}), how="cross")
    admitted = frame["admitted"].dt.year
    frame["un_member"] = (admitted.isna() | (admitted <= frame["year"])).astype(bool)
    return frame[["iso3", "year", "un_member"]]


def _renamed(part: pd.DataFrame) -> pd.DataFrame:
    return part.rename(columns={"code": "iso3"})


def _remittance_shares(economy: pd.DataFrame) -> pd.DataFrame:
    received, paid = economy["remittances_received"], economy["remittances_paid"]
    return pd.DataFrame({
        "remittances_received_share": ratio(received, economy["gdp_usd"]),
        "remittances_paid_share": ratio(paid, economy["gdp_usd"]),
    })  # fmt: skip


def _stocks(stocks: pd.DataFrame) -> pd.DataFrame:
    names = {"migrants": "migrant_stock", "emigrants": "emigrant_stock"}
    lines = pd.DataFrame({f"{names[column]}_interpolated": interpolated(stocks, column, YEARS) for column in names})
    observed = stocks.rename(columns={**names, "female_migrants": "migrant_stock_female"}).set_index(["code", "year"])
    observed = observed[["migrant_stock", "migrant_stock_female", "emigrant_stock"]]
    return _renamed(lines.round().astype("Int64").join(observed).reset_index())


def _income(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the group by the income of the year, and the one in force at the end of the year."""
    by_data = groups.rename(columns={"data_year": "year", "income_group": "income_group_by_data"})
    by_data = by_data[["code", "year", "income_group_by_data"]]
    return _renamed(group_in_force(groups).merge(by_data, on=["code", "year"], how="outer", validate="1:1"))


def _treaties(actions: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return treaty status in the order of ``frame``; a state that was no member is unknown unless it was bound."""
    status = treaty_status(actions, frame["iso3"].unique().tolist(), YEARS)
    rows = pd.MultiIndex.from_frame(frame[["iso3", "year"]])
    ordered = status.reindex(rows).reset_index(drop=True)
    for treaty in TREATIES:
        ordered[treaty] = ordered[treaty].where(frame["un_member"] | ordered[treaty].fillna(value=False).astype(bool))
    return ordered


def _iom(spells: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return membership in IOM to 2014, and the year in which the present membership began."""
    wide = frame[["iso3", "year"]].reset_index().merge(spells, on="iso3", how="left")
    inside = (wide["first_year"] <= wide["year"]) & (wide["last_year"].isna() | (wide["year"] <= wide["last_year"]))
    member = inside.groupby(wide["index"]).any().astype("boolean")
    open_spells = spells[spells["last_year"].isna()].set_index("iso3")["first_year"]
    known = (frame["year"] <= IOM_LAST_YEAR) & (frame["un_member"] | member)
    return pd.DataFrame({
        "iom_member": member.where(known),
        "iom_accession_year": frame["iso3"].map(open_spells).astype("Int64"),
    })  # fmt: skip
