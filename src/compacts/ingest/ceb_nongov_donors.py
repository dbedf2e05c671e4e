"""What donors other than governments give to UN system entities, the Multi-Partner Trust Fund Office among them."""

from pathlib import Path

import pandas as pd

from compacts.ingest.ceb_amounts import (
    ASSESSED,
    CORE,
    EARMARKED,
    OTHER,
    TYPE_NAMES,
    look_up,
    name_entities,
    read_statistics,
    sum_by,
)
from compacts.ingest.raw_file import ingest_log

COLUMNS = {
    "amount": "amount_usd",
    "_currency": "currency",
    "entity": "entity_code",
    "calendar_year": "year",
    "rev_type": "rev_type",
    "donor": "donor_written",
    "contrib_type": "contrib_type",
}
NOT_GIVEN = "not given"
MPTF_OFFICE = "Multi-Partner Trust Fund Office"
# one donor under several names; every other name stands for itself
SAME_DONOR = {
    "Multi Donor Trust Funds": MPTF_OFFICE,
    "Multi Donor trust funds": MPTF_OFFICE,
    "UNDP Administered Trust Funds": MPTF_OFFICE,
    "Multi Partner Trust Fund Office": MPTF_OFFICE,
    "GAVI The Vaccine Alliance": "Gavi Alliance",
    "GAVI, The Vaccine Alliance": "Gavi Alliance",
    "Global Environment Facility (thru UNDP or UNEP)": "Global Environment Facility",
    "Global Fund to Fight": "The Global Fund",
    "The Global Fund to Fight AIDS Tuberculosis and Malaria - The Global  Fund": "The Global Fund",
    "The Global Fund to Fight AIDS, Tuberculosis and Malaria - The Global  Fund": "The Global Fund",
    "Private donor": "Private Donors",
    "Private Sector": "Private Donors",
    "The World Bank Group": "World Bank Group",
    "UN OCHA": "United Nations Secretariat Office for the Coordination of Humanitarian Affairs",
    "": NOT_GIVEN,
}
# R07 and R09 to R12 of early years say who gave, not for what
NOT_A_TYPE = ("R07", "R09", "R10", "R11", "R12")
_NGO, _GLOBAL_FUNDS, _IFI = "NGOs", "Multilateral - Global Funds", "Multilateral - IFIs"
_POOLED, _UN, _EU, _OTHER = "Multilateral - UN Pooled Funds", "Multilateral - UN Orgs", "European Union", "Other Contributors"  # fmt: skip
CONTRIBUTOR_TYPES = {
    "1": NOT_GIVEN,
    "2": NOT_GIVEN,
    "C02": _NGO,
    "NGO": _NGO,
    "C03": "Public Private Partnership",
    "C04A": _IFI,
    "Multilateral - International Financial Institutions": _IFI,
    "C04B": _GLOBAL_FUNDS,
    "Multilateral - Global vertical funds": _GLOBAL_FUNDS,
    "C04C": _UN,
    "Multilateral - UN organizations excluding pooled funds": _UN,
    "C04D": _POOLED,
    "Multilateral - UN Inter-agency pooled funds": _POOLED,
    "C04E": "Multilateral - Other",
    "C05": "Foundations",
    "Foundation": "Foundations",
    "C06": "Private Sector",
    "Private Sector": "Private Sector",
    "C07": "Academic",
    "C08A": _EU,
    "Other - European Commission": _EU,
    "C08B": _OTHER,
    "Other - Excluding European Commission": _OTHER,
    "C09": "No Contributor",
}
KEYS = ["donor", "donor_written", "entity", "sub_entity", "year", "category", "contributor_type"]


def finance_nongov_donors(
    donors: Path, donor_names: pd.DataFrame, entity_codes: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``finance_nongov_donor_year`` and its log.

    Years are covered unevenly (18 rows in 2009, 1,141 in 2023): a donor without a row in an early year may have given.

    Parameters
    ----------
    donors : Path
        CEB's file of non-government donors.
    donor_names : DataFrame
        ``name``, ``kind``.
    entity_codes : DataFrame
        ``code``, ``entity``, ``sub_entity``.

    Returns
    -------
    dict
        ``finance_nongov_donor_year``: donor (one name a donor), donor_written, donor_kind, entity, sub_entity, year,
        category (code, or words in years without codes), revenue_type, contributor_type, amount_usd (`Decimal`), rows,
        negative_rows, duplicate_rows, blank_rows.

    Raises
    ------
    UserError
        When the file is damaged or lacks a column, or a donor, entity, revenue or contributor type is not known.
    """
    frame = read_statistics(donors, COLUMNS, blank=True)
    kinds = {**donor_names.set_index("name")["kind"].to_dict(), "": "residual"}
    look_up(frame["donor_written"], kinds, donors, column="donor", listed="data/coded/donor_names.csv")
    frame["donor"] = frame["donor_written"].replace(SAME_DONOR)
    frame = frame.join(name_entities(frame["entity_code"], entity_codes, donors))
    frame["category"] = look_up(
        frame["rev_type"], _categories(), donors, column="rev_type", listed="compacts.ingest.ceb_nongov_donors"
    )
    frame["contributor_type"] = look_up(
        frame["contrib_type"],
        CONTRIBUTOR_TYPES,
        donors,
        column="contrib_type",
        listed="compacts.ingest.ceb_nongov_donors",
    )
    table = sum_by(frame, KEYS)
    table["donor_kind"] = table["donor_written"].map(kinds)
    table["revenue_type"] = table["category"].map(_type_of)
    table["donor_written"] = table["donor_written"].replace("", NOT_GIVEN)
    name, blank = "finance_nongov_donor_year", int(frame["amount_usd"].isna().sum())
    log = [
        (name, "ceb_nongov_donors", "kept", "an amount, copies and negative amounts among them", "rows", len(frame) - blank),
        (name, "ceb_nongov_donors", "kept", "a dash for an amount: counted, adds nothing", "rows", blank),
    ]  # fmt: skip
    order = [
        *KEYS[:2], "donor_kind", *KEYS[2:6], "revenue_type", "contributor_type", "amount_usd",
        "rows", "negative_rows", "duplicate_rows", "blank_rows",
    ]  # fmt: skip
    return {name: table[order], "ingest_finance_nongov": ingest_log(log)}


def _categories() -> dict[str, str]:
    """Return the category for each spelling of a revenue type: the code, or the broad type where words are written."""
    codes = ["R01", "R02", "R02A", "R03", *(f"R03{letter}" for letter in "ABCDEF"), "R04A", "R04B", "R04C", "R05", "R08", "R08B", *NOT_A_TYPE]  # fmt: skip
    written = {code: code for code in codes} | {"R08b": "R08B"}
    words = {
        "Assessed Contributions", "Assessed contributions", "Revenue from other activities",
        "Voluntary core (un-earmarked) contributions", "Voluntary non-core (earmarked) contributions",
    }  # fmt: skip
    return written | {name: TYPE_NAMES[name.lower()] for name in words}


def _type_of(category: str) -> str | None:
    """Return the broad revenue type of a category, or None where it does not say.

    Examples
    --------
    >>> _type_of("R03E"), _type_of("R12")
    ('voluntary earmarked', None)
    """
    if category in NOT_A_TYPE:
        return None
    broad = {"R01": ASSESSED, "R02": CORE, "R08": CORE, "R03": EARMARKED, "R04": OTHER, "R05": OTHER}
    return broad.get(category[:3], category)
