"""Who reports on the Compacts, to whom and when."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from compendium.errors import UserError

BINDING: Mapping[str, str] = {
    "mandated": "bound", "requested": "bound", "requested once": "bound", "negotiated": "bound",
    "contractual": "practice", "internal": "practice", "practice": "practice",
    "invited": "voluntary", "voluntary": "voluntary",
}  # fmt: skip
BOUND = {
    "bound": "asked for by the Assembly, a Compact or a statute",
    "practice": "practice, contract or inner rule",
    "voluntary": "voluntary or invited",
}
NAMES: Mapping[str, str] = {  # short names for pictures
    "gcm_actionable_recs": "Advice on saving lives (once)", "gcm_ga_plenary_2024": "Plenary between two review forums",
    "gcm_gfmd": "GFMD's findings for the IMRF", "gcm_indicator_proposal": "Proposal of indicators (once)",
    "gcm_national": "National reviews (no fixed date)", "gcm_nips": "National plans (no fixed date)",
    "gcm_progress_declaration": "Progress Declaration of the IMRF", "gcm_regional": "Regional reviews",
    "gcm_sg_biennial": "Secretary-General's report", "gcm_sg_pre_imrf": "Secretary-General's, before an IMRF",
    "gcr_grf_outcome": "Outcome of the Refugee Forum", "gcr_hc_report": "High Commissioner's report",
    "gcr_hlom_outcome": "Outcome of the officials' meeting", "gcr_indicator": "GCR indicator report",
    "gcr_measuring_impact": "Measuring the impact of hosting", "gcr_omnibus": "Resolution on UNHCR's office",
    "gcr_pledge_updates": "Updates on pledges", "iom_annual_report": "IOM annual report",
    "iom_financial_report": "IOM financial report", "mmptf_annual": "Migration MPTF annual report",
    "mmptf_pipeline": "MPTF pipeline (no fixed date)", "sa_idp_report": "Special Adviser on displacement",
    "unhcr_global_report": "UNHCR Global Report", "unhcr_global_trends": "UNHCR Global Trends",
    "unnm_annual_meeting": "Network's annual meeting", "unnm_briefings": "Network Coordinator's briefings",
    "unnm_workplan": "Network's workplan",
}  # fmt: skip
_SYMBOL = re.compile(r"\bA/(?:RES/)?(\d\d)/\d+")
_ISSUED = re.compile(r"\(((?:19|20)\d\d)\)")  # the year of issue
_YEAR = re.compile(r"(?<![\d/])(?:19|20)\d\d(?!\d)")


def editions(text: object, dated: Mapping[str, int] | None = None) -> list[tuple[int, int]]:
    """Return the first and last year possible of each edition that a cell of ``known_editions`` names.

    A year in brackets is the year of issue; a symbol of the Assembly alone dates to its session, which spans two years;
    "2019 to 2024 reports" are reports on each of these years, issued in it or in the next; "2020-2021" is one edition in these.

    Examples
    --------
    >>> editions("A/75/542 (2020); A/79/590")
    [(2020, 2020), (2024, 2025)]
    >>> editions("A/79/590", {"A/79/590": 2024})  # another report, in the same document, says the year
    [(2024, 2024)]
    >>> editions("2019-2020; 2022"), editions("2019 to 2021 reports"), editions("yearly in June")
    ([(2019, 2020), (2022, 2022)], [(2019, 2020), (2020, 2021), (2021, 2022)], [])
    """
    found = []
    for part in "" if pd.isna(text) else str(text).split(";"):  # type: ignore[call-overload]
        bracket = _ISSUED.search(part)
        span = re.search(r"((?:19|20)\d\d) to ((?:19|20)\d\d)", part)
        symbol = _SYMBOL.search(part)
        year_of_issue = int(bracket[1]) if bracket else (dated or {}).get(symbol[0] if symbol else "")
        years = [year_of_issue] if year_of_issue else [int(year) for year in _YEAR.findall(part)]
        if span:
            found += [(year, year + 1) for year in range(int(span[1]), int(span[2]) + 1)]
        elif years:
            found.append((min(years), max(years)))
        elif symbol:
            found.append((1945 + int(symbol[1]), 1946 + int(symbol[1])))
    return sorted(set(found))


def years_given(reports: pd.DataFrame) -> dict[str, int]:
    """Return the year of each document whose year stands in brackets with any report: one document may answer several."""
    parts = reports["known_editions"].dropna().str.split(";").explode()
    found = ((_SYMBOL.search(part), _ISSUED.search(part)) for part in parts)
    return {symbol[0]: int(year[1]) for symbol, year in found if symbol and year}


def cycle(
    reports: pd.DataFrame, as_of: str, years: tuple[int, int], also: Mapping[str, Sequence[int]] | None = None
) -> pd.DataFrame:
    """Return a row for each due year of each report, and for each edition that answers none.

    Parameters
    ----------
    reports
        Table reporting_cycle.
    as_of
        Day to which editions were looked for; a due year after that of this day is to come.
    years
        First and last year.
    also
        By report_id, years of further editions that other tables know.

    Returns
    -------
    DataFrame
        ``report_id``, ``name`` (short), ``compact``, ``bound`` (key of BOUND), ``confidence``, ``due`` (year; missing for an edition
        between due years), ``low``, ``high`` (years of the edition; missing where none is known), ``state``: known, said to recur
        (without a date), none known, to come.

    Raises
    ------
    UserError
        For a kind of binding that has no class.
    """
    strange = set(reports["binding"]) - set(BINDING)
    if strange:
        raise UserError(
            f"reporting_cycle: got the binding {min(strange)!r}, expected one of {', '.join(BINDING)}; add it to BINDING"
        )
    rows, dated = [], years_given(reports)
    for report in reports.to_dict("records"):
        name = str(report["report_id"])
        about: dict[str, object] = {"report_id": name, "name": NAMES.get(name, str(report["report_name"]))}
        about["bound"] = BINDING[report["binding"]]
        about |= {column: report[column] for column in ("compact", "confidence")}
        months = report["periodicity_months"]
        step = 99 if pd.isna(months) else max(1, int(months) // 12)  # without a period any edition answers
        first = int(report["first_due"])
        dues = [first] if pd.isna(months) else [due for due in range(first, years[1] + 1, step) if due >= years[0]]
        found = editions(report["known_editions"], dated) + [(year, year) for year in (also or {}).get(name, ())]
        free = sorted(
            {edition for edition in found if edition[1] >= years[0] and edition[0] <= pd.Timestamp(as_of).year}
        )
        otherwise = "said to recur" if recurring(report["known_editions"]) else "none known"
        for due in dues:
            answer = next((edition for edition in free if edition[0] <= due + step - 1 and edition[1] >= due), None)
            if answer:
                free.remove(answer)
            state = "known" if answer else "to come" if due > pd.Timestamp(as_of).year else otherwise
            rows.append(about | {"due": due, "low": answer and answer[0], "high": answer and answer[1], "state": state})
        rows += [about | {"due": None, "low": low, "high": high, "state": "known"} for low, high in free]
    return pd.DataFrame(rows).astype({"due": "Int64", "low": "Int64", "high": "Int64"})


def recurring(text: object) -> bool:
    """Return whether a cell of ``known_editions`` says that editions go on, without naming them."""
    return not pd.isna(text) and bool(re.search(r"yearly|and later", str(text)))  # type: ignore[call-overload]


def regularity(
    reports: pd.DataFrame, also: Mapping[str, Sequence[int]] | None = None, first_year: int = 2018
) -> pd.DataFrame:
    """Return, for reports with a period and two known editions, shortest and longest interval between these against the period.

    Parameters
    ----------
    reports, also
        As for :func:`cycle`.
    first_year
        Year from which editions were looked for: the first of an older series is not known, and no delay is told.

    Returns
    -------
    DataFrame
        ``report_id``, ``compact``, ``name``, ``period`` (years), ``editions``, ``shortest``, ``longest`` (bounds of the mean
        interval, years), ``late_low``, ``late_high`` (first edition less first due year, bounds; missing for older series).
    """
    rows, dated = [], years_given(reports)
    for report in reports[reports["periodicity_months"].ge(12)].to_dict("records"):
        more = [(year, year) for year in (also or {}).get(report["report_id"], ()) if year >= first_year]
        known = sorted({*editions(report["known_editions"], dated), *more})
        if len(known) < 2:
            continue
        gaps, due = len(known) - 1, int(report["first_due"])
        begins = due if due >= first_year else float("nan")
        rows.append({
            "report_id": report["report_id"], "compact": report["compact"],
            "name": NAMES.get(report["report_id"], report["report_name"]),
            "period": report["periodicity_months"] / 12, "editions": len(known),
            "shortest": max(0, known[-1][0] - known[0][1]) / gaps, "longest": (known[-1][1] - known[0][0]) / gaps,
            "late_low": known[0][0] - begins, "late_high": known[0][1] - begins,
        })  # fmt: skip
    return pd.DataFrame(rows)


def alive(reports: pd.DataFrame, as_of: str, also: Mapping[str, Sequence[int]] | None = None) -> pd.DataFrame:
    """Return, for reports on a Compact that recur, whether an edition of the last period (and one year) is known.

    Parameters
    ----------
    reports, as_of, also
        As for :func:`cycle`.

    Returns
    -------
    DataFrame
        ``report_id``, ``name``, ``compact``, ``bound``, ``last`` (last year possible of the latest edition), ``alive``,
        ``said`` (also true where editions are said to recur without a date).
    """
    mine = reports[reports["compact"].ne("none") & reports["periodicity_months"].notna()]
    now, dated = pd.Timestamp(as_of).year, years_given(reports)
    known = [
        [high for low, high in editions(text, dated) if low <= now]
        + [year for year in (also or {}).get(name, ()) if year <= now]
        for name, text in zip(mine["report_id"], mine["known_editions"], strict=True)
    ]
    last = pd.Series([max(years, default=pd.NA) for years in known], index=mine.index, dtype="Int64")
    reach = now - mine["periodicity_months"].astype(float).clip(lower=12) / 12 - 1
    recent = (last.astype("Float64") >= reach).fillna(value=False).astype(bool)
    return mine[["report_id", "compact"]].assign(
        name=mine["report_id"].map(NAMES).fillna(mine["report_name"]), bound=mine["binding"].map(BINDING), last=last, alive=recent,
        said=recent | mine["known_editions"].map(recurring),
    )  # fmt: skip


def rhythm_table(reports: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return what :func:`regularity` found in words, by report: to whom, editions, declared and observed interval, delay of the first."""

    def span(low: float, high: float, digits: int) -> str:
        if pd.isna(low):
            return "older series"
        words = f"{low:.{digits}f}" if low == high else f"{low:.{digits}f} to {high:.{digits}f}"
        return words.replace("-", "\N{MINUS SIGN}")

    return pd.DataFrame(
        {
            "to": found["report_id"].map(reports.set_index("report_id")["addressed_to"]).to_numpy(),
            "editions": found["editions"].to_numpy(),
            "declared": found["period"].to_numpy(),
            "observed": [span(low, high, 1) for low, high in found[["shortest", "longest"]].to_numpy()],
            "delay": [span(low, high, 0) for low, high in found[["late_low", "late_high"]].to_numpy()],
        },
        index=pd.Index(found["name"], name="report"),
    )
