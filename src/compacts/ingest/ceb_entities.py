"""What UN system entities receive, by financing instrument, and spend, by function: the CEB's financial statistics."""

from pathlib import Path

import pandas as pd

from compacts.ingest.ceb_amounts import look_up, name_entities, name_types, read_statistics, sum_by
from compacts.ingest.raw_file import ingest_log

# UN data standards for financial reporting; R02 to R04 without a letter: years before the split of 2018
INSTRUMENTS = {
    "R01": "Assessed contributions",
    "R02": "Voluntary core (un-earmarked) contributions, not split",
    "R02A": "Voluntary untied contributions",
    "R02B": "In-kind untied contributions",
    "R03": "Voluntary non-core (earmarked) contributions, not split",
    "R03A": "UN inter-agency pooled funds",
    "R03B": "Single-agency thematic funds",
    "R03C": "Global vertical funds",
    "R03D": "Local resources",
    "R03E": "Project- or programme-specific contributions",
    "R03F": "In-kind earmarked contributions",
    "R04": "Revenue from other activities, not split",
    "R04A": "Other revenue specific to the entity",
    "R04B": "Other revenue from other UN entities",
    "R04C": "Other revenue from outside the UN",
}
FUNCTIONS = {
    "Development Assistance": "development",
    "Global Agenda and Specialised Assistance": "global agenda",
    "Humanitarian Assistance": "humanitarian",
    "Other (combined Normative and Technical Cooperation)": "normative and technical",
    "Peace Operations": "peace",
}
LABELS = {**INSTRUMENTS, **{code: name for name, code in FUNCTIONS.items()}}
REVENUE = {
    "agency": "agency",
    "sub_agency": "sub_agency",
    "calendar_year": "year",
    "amount": "amount_usd",
    "sub_type_name": "instrument_name",
    "rev_type": "rev_type",
    "sub_type": "category",
}
EXPENSES = {
    "calendar_year": "year",
    "amount": "amount_usd",
    "currency": "currency",
    "agency": "agency",
    "sub_agency": "sub_agency",
    "transaction_type": "transaction_type",
}
KEYS = ["entity", "sub_entity", "year", "flow", "category"]


def finance_entities(revenue: Path, expenses: Path, entity_codes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``finance_entity_year`` and its log.

    Every raw row is in a sum: negative amounts are adjustments, and rows that look like copies are entries of different
    contributors whose names the publisher left out (totals match published ones only with them). They are counted.

    Parameters
    ----------
    revenue, expenses : Path
        CEB's files by sub-agency: revenue by instrument, expenses by function.
    entity_codes : DataFrame
        ``code``, ``entity``, ``sub_entity``.

    Returns
    -------
    dict
        ``finance_entity_year``: entity, sub_entity, year, flow (revenue, expense), category (instrument or function),
        label, revenue_type, amount_usd (exact, `Decimal`), rows, negative_rows, duplicate_rows, blank_rows.

    Raises
    ------
    UserError
        When a file is damaged or lacks a column, an amount is not a number, or an entity, type, instrument or function
        is not known.
    """
    received = read_statistics(revenue, REVENUE, blank=True)
    received["flow"] = "revenue"
    received["revenue_type"] = name_types(received["rev_type"], revenue, "rev_type")
    look_up(received["category"], INSTRUMENTS, revenue, column="sub_type", listed="compacts.ingest.ceb_entities")
    spent = read_statistics(expenses, EXPENSES)
    spent["flow"] = "expense"
    spent["category"] = look_up(
        spent["transaction_type"],
        FUNCTIONS,
        expenses,
        column="transaction_type",
        listed="compacts.ingest.ceb_entities",
    )
    rows = pd.concat(
        [_named(received, entity_codes, revenue), _named(spent, entity_codes, expenses)], ignore_index=True
    )
    types = rows[["category", "revenue_type"]].drop_duplicates()
    table = sum_by(rows, KEYS).merge(types, on="category", how="left", validate="m:1")
    table["label"] = table["category"].map(LABELS)
    blank = received["amount_usd"].isna()
    name, kept, unit = "finance_entity_year", "kept", "rows"
    log = [
        (name, "ceb_revenue_entity", kept, "an amount, copies and negative amounts among them", unit, int((~blank).sum())),
        (name, "ceb_revenue_entity", kept, "a dash or nothing for an amount: counted, adds nothing", unit, int(blank.sum())),
        (name, "ceb_expenses_function", kept, "an amount, copies and negative amounts among them", unit, len(spent)),
    ]  # fmt: skip
    order = [*KEYS, "label", "revenue_type", "amount_usd", "rows", "negative_rows", "duplicate_rows", "blank_rows"]
    return {name: table[order], "ingest_finance_entities": ingest_log(log)}


def _named(frame: pd.DataFrame, entity_codes: pd.DataFrame, path: Path) -> pd.DataFrame:
    whole = name_entities(frame["agency"], entity_codes, path, "agency")
    part = name_entities(frame["sub_agency"], entity_codes, path, "sub_agency")
    return frame.assign(entity=whole["entity"], sub_entity=part["sub_entity"])
