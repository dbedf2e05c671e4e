"""Do the financial statistics agree with one another: donors, countries and goals against an entity's totals."""

from decimal import Decimal

import pandas as pd

from compacts.ingest.ceb_amounts import plain
from compacts.ingest.raw_file import ingest_log

KEYS = ["entity", "year"]
CENT = Decimal("0.01")
SOURCES = "ceb_country_expenses, ceb_donors_derived, ceb_expenses_function, ceb_expenses_sdg, ceb_revenue_entity"


def finance_reconciliation(
    finance_entity_year: pd.DataFrame,
    finance_donor_entity_year: pd.DataFrame,
    finance_country_entity_year: pd.DataFrame,
    finance_sdg_year: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``finance_reconciliation``, ``finance_type_reconciliation`` and their log.

    That donors add up to revenue is no proof: until 2020 the donor Unattributed is what was left. What named donors gave,
    and whether donors add up by revenue type, tell more. Sums of exact amounts are rounded to the cent.

    Returns
    -------
    dict
        ``finance_reconciliation``, a row an entity and year of ``finance_entity_year``: entity, year, revenue_usd and
        expenses_usd (totals), donors_usd, countries_usd, goals_usd (sums over the other tables, missing where these have
        no row), donors_difference_usd (revenue minus donors), named_donors_usd (without residuals), named_share (of
        revenue), countries_share and goals_share (of expenses). ``finance_type_reconciliation``, a row an entity, year
        since 2013 and revenue type: entity, year, revenue_type, revenue_usd, donors_usd, difference_usd.

    Examples
    --------
    >>> whole = pd.DataFrame({"entity": "IOM", "year": 2024, "flow": ["revenue", "expense"], "amount_usd": [10.0, 8.0]})
    >>> whole["revenue_type"] = ["assessed", None]
    >>> part = pd.DataFrame({"entity": ["IOM"], "year": [2024], "amount_usd": [6.0]})
    >>> donors = part.assign(is_residual=False, revenue_type="assessed")
    >>> made = finance_reconciliation(whole, donors, part, part)
    >>> made["finance_reconciliation"][["donors_difference_usd", "countries_share"]].to_numpy().tolist()
    [[Decimal('4'), 0.75]]
    >>> made["finance_type_reconciliation"]["difference_usd"].tolist()
    [Decimal('4')]
    """
    revenue = finance_entity_year[finance_entity_year["flow"] == "revenue"]
    donors = finance_donor_entity_year
    parts = {
        "revenue_usd": revenue,
        "donors_usd": donors,
        "named_donors_usd": donors[~donors["is_residual"]],
        "expenses_usd": finance_entity_year[finance_entity_year["flow"] == "expense"],
        "countries_usd": finance_country_entity_year,
        "goals_usd": finance_sdg_year,
    }
    sums = _sums(parts, KEYS)
    whole = finance_entity_year[KEYS].drop_duplicates()
    table = whole.merge(sums, on=KEYS, how="left", validate="1:1")
    table["donors_difference_usd"] = table["revenue_usd"] - table["donors_usd"]
    table["named_share"] = table["named_donors_usd"] / table["revenue_usd"]
    table["countries_share"] = table["countries_usd"] / table["expenses_usd"]
    table["goals_share"] = table["goals_usd"] / table["expenses_usd"]
    first = int(donors["year"].min())
    by_type = _sums({"revenue_usd": revenue[revenue["year"] >= first], "donors_usd": donors}, [*KEYS, "revenue_type"])
    by_type["difference_usd"] = by_type["revenue_usd"].fillna(0) - by_type["donors_usd"].fillna(0)
    order = [
        *KEYS, "revenue_usd", "donors_usd", "donors_difference_usd", "named_donors_usd", "named_share",
        "expenses_usd", "countries_usd", "countries_share", "goals_usd", "goals_share",
    ]  # fmt: skip
    lost = len(sums.merge(whole, on=KEYS, how="left", indicator="found").query("found == 'left_only'"))
    name, unit = "finance_reconciliation", "entities and years"
    log = [
        (name, SOURCES, "kept", "in finance_entity_year", unit, len(table)),
        (name, SOURCES, "dropped", "in another table only", unit, lost),
        ("finance_type_reconciliation", SOURCES, "kept", "in either table", "entities, years and types", len(by_type)),
    ]
    return {
        name: _to_the_cent(table[order]).sort_values(KEYS, ignore_index=True),
        "finance_type_reconciliation": _to_the_cent(by_type),
        "ingest_finance_reconciliation": ingest_log(log),
    }


def _sums(parts: dict[str, pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: part.groupby(keys)["amount_usd"].sum() for name, part in parts.items()}).reset_index()


def _to_the_cent(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{
        name: pd.Series(map(_cents, frame[name]), index=frame.index, dtype="object")
        for name in frame.columns if name.endswith("_usd")
    })  # fmt: skip


def _cents(amount: float) -> Decimal | None:
    return None if pd.isna(amount) else plain(Decimal(repr(float(amount))).quantize(CENT))


def finance_piip_crosscheck(
    finance_reconciliation: pd.DataFrame, piip_year: pd.DataFrame, entity_codes: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``finance_piip_crosscheck`` and its log: CEB's totals beside those of the PIIP dataset.

    The authors of the Performance of International Institutions Project (PIIP) collected income and expenditures on
    their own; where the two are equal to the thousand they may go back to the same accounts.

    Parameters
    ----------
    finance_reconciliation : DataFrame
        ``entity``, ``year``, ``revenue_usd``, ``expenses_usd``.
    piip_year : DataFrame
        ``institution``, ``year``, ``income`` and ``expenditures`` in million US dollars.
    entity_codes : DataFrame
        ``code``, ``entity``, ``sub_entity``.

    Returns
    -------
    dict
        ``finance_piip_crosscheck``: entity, year, revenue_musd, piip_income_musd, income_ratio, expenses_musd,
        piip_expenditures_musd, expenditures_ratio (PIIP over CEB), in years that both have.

    Examples
    --------
    >>> ours = pd.DataFrame({"entity": ["IOM"], "year": [2018], "revenue_usd": [2e6], "expenses_usd": [1e6]})
    >>> piip = pd.DataFrame({"institution": ["IOM", "ICRC"], "year": 2018, "income": 3.0, "expenditures": 1.0})
    >>> codes = pd.DataFrame({"code": ["IOM"], "entity": ["IOM"], "sub_entity": ["IOM"]})
    >>> made = finance_piip_crosscheck(ours, piip, codes)
    >>> made["finance_piip_crosscheck"][["entity", "income_ratio", "expenditures_ratio"]].to_numpy().tolist()
    [['IOM', 1.5, 1.0]]
    >>> made["ingest_finance_piip"]["rows"].tolist()
    [1, 1]
    """
    reporting = entity_codes[entity_codes["entity"] == entity_codes["sub_entity"]].set_index("code")["entity"]
    listed = piip_year.assign(entity=piip_year["institution"].map(reporting))
    both = listed.dropna(subset=["entity"]).merge(finance_reconciliation, on=KEYS, validate="1:1")
    table = both[KEYS].assign(
        revenue_musd=both["revenue_usd"] / 1e6,
        piip_income_musd=both["income"],
        income_ratio=1e6 * both["income"] / both["revenue_usd"],
        expenses_musd=both["expenses_usd"] / 1e6,
        piip_expenditures_musd=both["expenditures"],
        expenditures_ratio=1e6 * both["expenditures"] / both["expenses_usd"],
    )
    name, unit, other = "finance_piip_crosscheck", "institutions and years", int(listed["entity"].isna().sum())
    log = [
        (name, "piip", "kept", "the entity and year are in CEB's statistics", unit, len(table)),
        (name, "piip", "dropped", "the institution is no entity that reports to CEB", unit, other),
        (
            name,
            "piip",
            "dropped",
            "the entity or year is not in CEB's statistics",
            unit,
            len(listed) - other - len(table),
        ),
    ]
    return {name: table.sort_values(KEYS, ignore_index=True), "ingest_finance_piip": ingest_log(log)}
