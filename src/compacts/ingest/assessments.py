"""Assessed contributions of the member states to the regular budget of the United Nations, and when they were paid."""

import re
from pathlib import Path

import pandas as pd

from compacts.ingest.json_records import NUMBER, TEXT, TEXT_OR_NONE, WHOLE, part, records, whole
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, require_unique, shown
from compendium.errors import UserError, nearest

STATUS = {"paid_on_time": "on time", "paid_late": "late", "not_paid_in_full": "not in full"}
_CONTRIBUTOR = {
    "name": TEXT,
    "assessment_rate": NUMBER,
    "assessment_amount": WHOLE,
    "payment_status": TEXT,
    "payment_date": TEXT_OR_NONE,
}
COLUMNS = ["iso3", "year", "rate", "amount_usd", "payment", "paid_on", "as_of", "amount_column"]


def assessed_contributions(contributors: tuple[Path, ...], donor_names: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``assessed_contribution_year`` and its log.

    Parameters
    ----------
    contributors : tuple of Path
        ``regular-budget-contributors-YYYY.json``, one a year.
    donor_names : DataFrame
        ``name``, ``iso3``.

    Returns
    -------
    dict
        ``assessed_contribution_year``: iso3, year, rate (percent), amount_usd (whole US dollars), payment (on time,
        late, not in full), paid_on, as_of (day of the list of payments), amount_column (heading in the document).

    Raises
    ------
    UserError
        When a file is damaged, a state is not known or comes twice, or amounts do not add up to the file's total.
    """
    iso3 = dict(zip(donor_names["name"], donor_names["iso3"], strict=True))
    table = pd.concat([_year(path, iso3) for path in contributors], ignore_index=True)
    log = [
        ("assessed_contribution_year", "rb_contributors", "kept", "all member states", "states and years", len(table))
    ]
    return {
        "assessed_contribution_year": table[COLUMNS].sort_values(["iso3", "year"], ignore_index=True),
        "ingest_assessed_contributions": ingest_log(log),
    }


def _year(path: Path, iso3: dict[str, str]) -> pd.DataFrame:
    name = re.fullmatch(r"regular-budget-contributors-([0-9]{4})\.json", path.name)
    if not name:
        raise UserError(f"{shown(path)}: got this name, expected regular-budget-contributors-YYYY.json; {AGAIN}")
    content = read_json(path)
    rows = records(part(content, ("contributors",), path), _CONTRIBUTOR, path, "contributors")
    rows["iso3"] = rows["name"].map(iso3).fillna("")
    unknown = rows["iso3"] == ""
    if unknown.any():
        got = rows.loc[unknown, "name"].iloc[0]
        raise UserError(
            f"{shown(path)}, contributors: got the state {got!r}{nearest(got, list(iso3))}, expected a state listed in "
            f"data/coded/donor_names.csv; add it there, or {AGAIN}"
        )
    require_unique(rows, ["iso3"], path, first_line=0)
    total = whole(content, ("meta", "assessment_total"), path)
    if int(rows["assessment_amount"].sum()) != total:
        got = f"amounts that add up to {int(rows['assessment_amount'].sum()):,}"
        raise UserError(f"{shown(path)}, meta.assessment_total: got {got}, expected {total:,}; {AGAIN}")
    wrong = ~rows["payment_status"].isin(list(STATUS))
    if wrong.any():
        got = rows.loc[wrong, "payment_status"].iloc[0]
        raise UserError(f"{shown(path)}, payment_status: got {got!r}, expected one of {', '.join(STATUS)}; {AGAIN}")
    days = rows["payment_date"].replace("", None)
    paid_on = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    if (paid_on.isna() & days.notna()).any():
        got = days[paid_on.isna() & days.notna()].iloc[0]
        raise UserError(f"{shown(path)}, payment_date: got {got!r}, expected a day as YYYY-MM-DD; {AGAIN}")
    as_of = pd.to_datetime(str(part(content, ("meta", "as_of"), path)), format="%Y-%m-%d", errors="coerce")
    if pd.isna(as_of):
        raise UserError(f"{shown(path)}, meta.as_of: got no day as YYYY-MM-DD, expected one; {AGAIN}")
    return rows.assign(
        year=int(name[1]),
        rate=rows["assessment_rate"],
        amount_usd=rows["assessment_amount"],
        payment=rows["payment_status"].map(STATUS),
        paid_on=paid_on,
        as_of=pd.Series(as_of, index=rows.index).astype("datetime64[us]"),
        amount_column=str(part(content, ("meta", "assessment_amount_column"), path)),
    )
