"""What UNHCR publishes of its funding under the International Aid Transparency Initiative (IATI), 2016 to 2025."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.ceb_amounts import exact_amounts, sum_by
from compacts.ingest.numeric import require_known
from compacts.ingest.raw_file import AGAIN, ingest_log, require_unique, shown
from compacts.ingest.workbooks import read_sheet
from compendium.errors import UserError, nearest

SHEET = "Sheet1"
PUBLISHER = "XM-DAC-41121"
TRANSACTIONS, BUDGETS, ACTIVITIES = "iati_transaction.xlsx", "iati_budget.xlsx", "iati_activity.xlsx"
INCOMING = "11"
# other kinds of transactions by code
OUTGOING = {"2": "outgoing commitment", "3": "disbursement", "4": "expenditure"}
EARMARKING = {
    "1": "unearmarked",
    "2": "softly earmarked",
    "3": "earmarked",
    "4": "tightly earmarked",
    "": "not stated",
}
PROVIDERS = {
    "10": "government",
    "11": "local government",
    "15": "other public sector",
    "21": "international NGO",
    "22": "national NGO",
    "40": "multilateral",
    "60": "foundation",
    "70": "private sector",
}
BUDGET_TYPES = {"1": "original", "2": "revised", "": "not stated"}
BUDGET_STATUS = {"1": "indicative", "2": "committed", "": "not stated"}
# codes of operations that are no member of the United Nations
TERRITORIES = {"ESH": "ESH", "HKG": "HKG", "KOS": "XKX"}
DONOR_KEYS = ["year", "donor", "provider_type", "earmarking"]
BUDGET_KEYS = ["file_year", "operation", "year", "budget_type", "budget_status", "valued_on", "entry"]
_TRANSACTION = {
    "iati_identifier": "activity",
    "transaction_ref": "reference",
    "transaction_humanitarian": "humanitarian",
    "transaction_type_code": "type",
    "transaction_date": "date",
    "transaction_value_currency": "currency",
    "transaction_value_date": "value_date",
    "transaction_value": "value",
    "transaction_value_USD": "amount_usd",
    "transaction_description": "description",
    "transaction_provider_org_type": "provider",
    "transaction_provider_org_ref": "provider_reference",
    "transaction_provider_org": "donor",
    "transaction_aid_type_code_1": "aid_type",
    "transaction_aid_type_code_2": "earmarking",
}
_BUDGET = {
    "iati_identifier": "activity",
    "budget_type": "budget_type",
    "budget_status": "budget_status",
    "budget_period_start": "starts",
    "budget_currency": "currency",
    "budget_value_date": "valued_on",
    "budget_value": "amount_usd",
}


def unhcr_iati(
    workbooks: tuple[Path, ...], donor_names: pd.DataFrame, un_members: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``unhcr_contributions``, ``unhcr_operation_budget`` and their log.

    Parameters
    ----------
    workbooks : tuple of Path
        Three workbooks a year in a folder ``unhcr_YYYY``: transactions, budgets, and activities (not used).
    donor_names : DataFrame
        ``name``, ``iso3``, ``kind``.
    un_members : DataFrame
        ``iso3``.

    Returns
    -------
    dict
        ``unhcr_contributions``: year (of the file), donor, donor_kind, iso3, provider_type, earmarking, amount_usd
        (exact `Decimal`), rows, duplicate_rows (equal in all columns to an earlier one), other_year_rows (dated in
        another year). ``unhcr_operation_budget``: file_year, operation, bureau, iso3, year, budget_type,
        budget_status, valued_on, entry, amount_usd.

    Raises
    ------
    UserError
        When a workbook is damaged, a donor or code is not known, a cell is not what it should be, or a key comes twice.
    """
    known = donor_names.set_index("name")
    members = {**{code: code for code in un_members["iso3"]}, **TERRITORIES}
    given = [_contributions(path, known) for path in workbooks if path.name == TRANSACTIONS]
    planned = [_budgets(path, members) for path in workbooks if path.name == BUDGETS]
    if not given or not planned:
        raise UserError(f"unhcr_iati: got no file {TRANSACTIONS} or no {BUDGETS}, expected both for each year; {AGAIN}")
    rows = pd.concat([frame for frame, _ in given], ignore_index=True)
    sums = sum_by(rows, DONOR_KEYS)[[*DONOR_KEYS, "amount_usd", "rows", "duplicate_rows"]]
    other_year = rows.groupby(DONOR_KEYS, sort=True)["other_year"].sum().to_numpy()
    sums["other_year_rows"] = other_year
    sums["donor_kind"] = sums["donor"].map(known["kind"])
    sums["iso3"] = sums["donor"].map(known["iso3"]).replace("", None)
    columns = [*DONOR_KEYS, "donor_kind", "iso3", "amount_usd", "rows", "duplicate_rows", "other_year_rows"]
    budgets = pd.concat(planned, ignore_index=True)
    others: dict[str, int] = {}
    for _, counts in given:
        for code, count in counts.items():
            others[code] = others.get(code, 0) + count
    activities = sum(path.name == ACTIVITIES for path in workbooks)
    log = [
        ("unhcr_contributions", "unhcr_iati", "kept", "incoming commitments", "transactions", len(rows)),
        *(("unhcr_contributions", "unhcr_iati", "dropped", OUTGOING[code], "transactions", count) for code, count in others.items()),
        ("unhcr_operation_budget", "unhcr_iati", "kept", "all budgets", "budgets", len(budgets)),
        ("unhcr_contributions", "unhcr_iati", "dropped", "workbooks of activities: not read", "workbooks", activities),
    ]  # fmt: skip
    return {
        "unhcr_contributions": sums[columns].sort_values(DONOR_KEYS, ignore_index=True),
        "unhcr_operation_budget": budgets.sort_values(BUDGET_KEYS, ignore_index=True),
        "ingest_unhcr_iati": ingest_log(log),
    }


def _contributions(path: Path, known: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the incoming commitments of one file, and how many transactions of other kinds it has."""
    year = _year(path)
    frame = read_sheet(path, SHEET, list(_TRANSACTION)).rename(columns=_TRANSACTION)
    require_known(frame, "type", [INCOMING, *OUTGOING], path)
    whole = frame.copy()
    frame["amount_usd"] = exact_amounts(_with_digits(frame), "amount_usd", path, blank=True)
    rows = frame[frame["type"] == INCOMING].copy()
    require_known(rows, "earmarking", list(EARMARKING), path)
    require_known(rows, "provider", list(PROVIDERS), path)
    unknown = ~rows["donor"].isin(known.index)
    if unknown.any():
        position = int(unknown.to_numpy().argmax())
        name = rows["donor"].iloc[position]
        place = f"{shown(path)}, row {int(rows.index[position]) + 2}, column transaction_provider_org"
        raise UserError(
            f"{place}: got the donor {name!r}{nearest(name, list(known.index))}, expected a name listed in "
            f"data/coded/donor_names.csv; add it there, or {AGAIN}"
        )
    missing = rows["amount_usd"].isna()
    if missing.any():
        place = f"{shown(path)}, row {int(rows.index[missing][0]) + 2}, column transaction_value_USD"
        raise UserError(f"{place}: got an empty cell, expected the amount of an incoming commitment; {AGAIN}")
    rows["duplicate"] = whole.duplicated()
    rows["other_year"] = _days(rows, "date", path).dt.year != year
    rows["earmarking"] = rows["earmarking"].map(EARMARKING)
    rows["provider_type"] = rows["provider"].map(PROVIDERS)
    rows["year"] = year
    others = frame.loc[frame["type"] != INCOMING, "type"].value_counts()
    columns = [*DONOR_KEYS, "amount_usd", "duplicate", "other_year"]
    return rows[columns], {str(code): int(count) for code, count in others.items()}


def _budgets(path: Path, members: dict[str, str]) -> pd.DataFrame:
    file_year = _year(path)
    frame = read_sheet(path, SHEET, list(_BUDGET)).rename(columns=_BUDGET)
    for column, codes in (
        ("budget_type", BUDGET_TYPES),
        ("budget_status", BUDGET_STATUS),
        ("currency", {"USD": "USD"}),
    ):
        require_known(frame, column, list(codes), path)
    prefix = f"{PUBLISHER}-{file_year}-"
    wrong = ~frame["activity"].str.startswith(prefix)
    if wrong.any():
        position = int(wrong.to_numpy().argmax())
        place = f"{shown(path)}, row {position + 2}, column iati_identifier"
        raise UserError(
            f"{place}: got {frame['activity'].iloc[position]!r}, expected {prefix} and an operation; {AGAIN}"
        )
    operation = frame["activity"].str.removeprefix(prefix)
    table = pd.DataFrame({
        "file_year": file_year,
        "operation": operation,
        "bureau": operation.str.partition("-")[0],
        "iso3": operation.str.rpartition("-")[2].map(members),
        "year": _days(frame, "starts", path).dt.year,
        "budget_type": frame["budget_type"].map(BUDGET_TYPES),
        "budget_status": frame["budget_status"].map(BUDGET_STATUS),
        "valued_on": _days(frame, "valued_on", path),
        "amount_usd": exact_amounts(_with_digits(frame), "amount_usd", path),
    })  # fmt: skip
    # an operation may come twice with different amounts: both stay, and are told apart
    table["entry"] = table.groupby(BUDGET_KEYS[:-1]).cumcount() + 1
    require_unique(table, [*BUDGET_KEYS[:-1], "amount_usd"], path)
    return table


def _with_digits(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with a zero before amounts that begin with their point."""
    return frame.assign(amount_usd=frame["amount_usd"].str.replace(r"^(-?)\.", r"\g<1>0.", regex=True))


def _year(path: Path) -> int:
    """Return the year in the name of the folder."""
    found = re.fullmatch(r"unhcr_([0-9]{4})", path.parent.name)
    if not found:
        raise UserError(f"{shown(path)}: got this folder, expected unhcr_YYYY; {AGAIN}")
    return int(found[1])


def _days(frame: pd.DataFrame, column: str, path: Path) -> "pd.Series[Any]":
    days = pd.to_datetime(frame[column], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    if days.isna().any():
        position = int(days.isna().to_numpy().argmax())
        place = f"{shown(path)}, row {int(frame.index[position]) + 2}, column {column}"
        raise UserError(f"{place}: got {frame[column].iloc[position]!r}, expected a day as YYYY-MM-DD; {AGAIN}")
    return days
