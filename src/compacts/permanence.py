"""How long forms of migration and refugee governance lasted, and bodies that they can be compared with: frames of spells.

A spell is a unit with the time that it was watched: ``duration`` in years, ``ended`` (1) or still there when last seen (0), and
how it ended. Dates cut to a year or month stand for a range; its middle is used, and its ends give the shortest and longest life.
"""

from collections.abc import Mapping

import pandas as pd

from compendium.errors import UserError

DAYS = 365.25
ONE_DAY = 1 / DAYS
LIVES_ON = ("replaced", "merged", "succeeded", "absorbed", "became formal")  # another body goes on with the tasks
FAMILIES: Mapping[str, str] = {
    "organization": "Organizations and posts", "forum": "Forums and processes", "process": "Forums and processes",
    "network": "Networks and platforms", "platform": "Networks and platforms", "campaign": "Campaigns and reports",
    "reporting": "Campaigns and reports", "indicator framework": "Campaigns and reports", "fund": "Funds",
}  # fmt: skip
NO_RENEWAL = ("icara", "srsg_migration")  # a second conference, a new office-holder


def date_range(text: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day that a date cut to a year, month or day can mean.

    Raises
    ------
    UserError
        For a text that is no such date.

    Examples
    --------
    >>> [day.date().isoformat() for day in date_range("2018-02")]
    ['2018-02-01', '2018-02-28']
    """
    parsed = pd.to_datetime(pd.Series([text]), errors="coerce", format="ISO8601")[0]
    if pd.isna(parsed) or len(text) not in (4, 7, 10):
        raise UserError(f"date: got {text!r}, expected YYYY, YYYY-MM or YYYY-MM-DD; correct it")
    first = pd.Timestamp(parsed)
    if len(text) == 4:
        return first, first + pd.offsets.YearEnd(0)
    return first, first + pd.offsets.MonthEnd(0) if len(text) == 7 else first


def form_spells(
    forms: pd.DataFrame, bounds: pd.DataFrame, steps: pd.DataFrame, as_of: str, exclude: str = ""
) -> pd.DataFrame:
    """Return one row a form that began before a day, watched until it ended or was last seen.

    Parameters
    ----------
    forms, bounds, steps
        The tables forms, form_date_bounds and mandate_steps.
    as_of
        Nothing after this day is used: later ends are not seen.
    exclude
        Keys of forms to leave out, blank between them.

    Returns
    -------
    DataFrame
        On form_id: short_name, name, label (the name where it is short, or the short name is not the only one of its kind), compact (gcm, gcr, none), kind, family, term, dated_at_birth (its first mandate had an end,
        whatever the term is now), renewed, confidence, start_low, start, start_high, end_low, end, end_high (end of watching),
        ended (0 or 1), end_kind (ongoing where not ended), duration, shortest, longest (years, at least a day), uncertain (dates
        are bounded in form_date_bounds).

    Raises
    ------
    UserError
        If ``exclude`` names no form, or no form is left.
    """
    table = forms.set_index("form_id")
    unknown = sorted(set(exclude.split()) - set(table.index))
    if unknown:
        raise UserError(
            f"exclude: got {unknown[0]!r}, expected keys of forms, for example {table.index[0]}; correct the parameter"
        )
    table = table.drop(index=exclude.split())
    last = pd.Timestamp(as_of)
    started = _ranges(table["established_date"], _bounds_of(bounds, "start"))
    stopped = _ranges(table["ended_date"].fillna(table["status_as_of"]), _bounds_of(bounds, "end"))
    over = table["ended_date"].notna() & (stopped["middle"] <= last)
    stopped = stopped.mask(stopped > last, last)
    late = started["high"] > stopped["high"]  # nothing begins after it was seen
    started.loc[late, "high"] = stopped["high"]
    low = _ranges(table["established_date"], {})["low"]  # of the table's own date, whatever other sources allow
    started.loc[late, "middle"] = low + (stopped["high"] - low) / 2
    spells = table[["short_name", "name", "compact", "kind", "confidence"]].assign(
        family=table["kind"].map(FAMILIES),
        term=table["mandate_term"].fillna("not known"),
        label=_labels(table),
        renewed=table["renewals"].notna() & ~table.index.isin(NO_RENEWAL),
        start_low=started["low"], start=started["middle"], start_high=started["high"],
        end_low=stopped["low"], end=stopped["middle"], end_high=stopped["high"],
        ended=over.astype(int), end_kind=table["end_kind"].where(over, "ongoing"),
    )  # fmt: skip
    first = steps.sort_values("decided").groupby("form_id")["runs_until"].first().dropna().index
    spells["dated_at_birth"] = spells["term"].isin(["fixed", "renewable"]) | spells.index.isin(first)
    spells["uncertain"] = spells.index.isin(bounds["form_id"])
    for name, begin, stop in (
        ("duration", "start", "end"),
        ("shortest", "start_high", "end_low"),
        ("longest", "start_low", "end_high"),
    ):
        spells[name] = ((spells[stop] - spells[begin]).dt.days / DAYS).clip(lower=ONE_DAY)
    kept = spells[spells["start"] < last]
    if kept.empty:
        raise UserError(f"as_of: got {as_of}, expected a day after the start of the first form; choose a later one")
    return kept.copy()


def _labels(table: pd.DataFrame) -> pd.Series:
    names = table["name"].str.replace(r" \(.*\)$", "", regex=True)
    return names.where((names.str.len() <= 33) | table["short_name"].duplicated(keep=False), table["short_name"])


def _bounds_of(bounds: pd.DataFrame, which: str) -> dict[str, tuple[str, str]]:
    part = bounds[bounds["which"] == which]
    return {str(row["form_id"]): (str(row["earliest"]), str(row["latest"])) for row in part.to_dict("records")}


def _ranges(dates: pd.Series, bounds: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Return low, middle and high day of cut dates, widened by the bounds known for some."""
    rows = []
    for form_id, text in dates.items():
        low, high = date_range(text)
        middle = low + (high - low) / 2
        if form_id in bounds:
            earliest, latest = bounds[str(form_id)]
            low, high = min(low, date_range(earliest)[0]), max(high, date_range(latest)[1])
        rows.append((low, middle.normalize(), high))
    return pd.DataFrame(rows, columns=["low", "middle", "high"], index=dates.index)


def ends_counted(spells: pd.DataFrame, *, replaced_counts_as_end: bool) -> pd.Series:
    """Return whether each spell ended (0 or 1); where another body took over, only if that counts as an end.

    Examples
    --------
    >>> spells = pd.DataFrame({"ended": [1, 1, 0], "end_kind": ["replaced", "dissolved", "ongoing"]})
    >>> ends_counted(spells, replaced_counts_as_end=False).tolist()
    [0, 1, 0]
    """
    if replaced_counts_as_end:
        return spells["ended"]
    return spells["ended"].where(~spells["end_kind"].isin(LIVES_ON), 0)


def reference_classes(
    lifespans: pd.DataFrame, lists: pd.DataFrame, funds: pd.DataFrame, spells: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """Return the spells of bodies that the Compacts' forms can be compared with.

    Parameters
    ----------
    lifespans, lists, funds
        The tables organization_lifespans, lifespan_sources and trust_fund_year.
    spells
        As `form_spells` gives them: forms outside the Compacts are a class too.
    as_of
        Nothing after this day is used.

    Returns
    -------
    DataFrame
        group, body, start_year, duration, ended, end_kind, members (in the first year known), clock (age, or years since first
        seen). Lists of years count from year to year; an end in the year of the start is half a year. Left out: bodies without a
        start, bodies that ended in a year not known, missions that sum up others or lack a date, the mission known to be out of date,
        funds first seen in the last year.
    """
    limit = pd.Timestamp(as_of)
    formal = lifespans[lifespans["kind"] == "formal IGO"]
    formal = formal.assign(body=formal["name"], observed_to=formal["as_of"], members=formal["members_first"])
    informal = lists[lists["dataset"] == "iigo"].assign(
        body=lambda rows: rows["name"],
        end_kind=lambda rows: rows["fate"].fillna("alive"),
        end_year=lambda rows: rows["end_year"].fillna(rows["formal_year"]),
    )
    parts = [
        _by_year(formal, limit).assign(group="Formal IGOs", clock="age"),
        _by_year(informal, limit).assign(group="Informal IGOs", clock="age"),
        _missions(lifespans, limit).assign(group="Peacekeeping missions", clock="age"),
        _funds(funds, limit).assign(group="Trust funds", clock="since first seen"),
    ]
    others = spells[spells["compact"] == "none"]
    parts.append(
        others.assign(
            group="Forms outside the Compacts", body=others["name"], start_year=others["start"].dt.year, clock="age"
        )
    )
    columns = ["group", "body", "start_year", "duration", "ended", "end_kind", "members", "clock"]
    return pd.concat([part.reindex(columns=columns) for part in parts if len(part)], ignore_index=True)


def _by_year(bodies: pd.DataFrame, limit: pd.Timestamp) -> pd.DataFrame:
    """Spells of bodies of which years are known."""
    dated = bodies["start_year"].notna() & (bodies["end_year"].notna() | bodies["end_kind"].eq("alive"))
    rows = bodies[dated & (bodies["start_year"] < limit.year)].copy()
    watched = rows["observed_to"].str[:4].astype(int)
    watched = watched.where(watched <= limit.year, limit.year)
    over = rows["end_year"].notna() & (rows["end_year"] <= watched)
    stop = rows["end_year"].where(over, watched).astype(float)
    rows["duration"] = (stop - rows["start_year"].astype(float)).clip(lower=0.5)
    rows["ended"] = over.astype(int)
    rows["end_kind"] = rows["end_kind"].where(over, "alive")
    return rows


def _missions(lifespans: pd.DataFrame, limit: pd.Timestamp) -> pd.DataFrame:
    rows = lifespans[lifespans["kind"].eq("peacekeeping mission") & ~lifespans["aggregate"] & ~lifespans["stale"]]
    alive = rows["end_kind"].eq("alive")
    rows = rows[rows["start_date"].notna() & (rows["end_date"].notna() | alive) & (rows["start_date"] < limit)]
    watched = pd.to_datetime(rows["as_of"])
    watched = watched.where(watched <= limit, limit)
    over = rows["end_date"].notna() & (rows["end_date"] <= watched)
    stop = rows["end_date"].where(over, watched)
    return rows.assign(
        body=rows["name"],
        start_year=rows["start_date"].dt.year,
        duration=((stop - rows["start_date"]).dt.days / DAYS).clip(lower=ONE_DAY),
        ended=over.astype(int),
        end_kind=rows["end_kind"].where(over, "alive"),
    )


def _funds(funds: pd.DataFrame, limit: pd.Timestamp) -> pd.DataFrame:
    """Spells of trust funds on the clock of the list: years since a fund was first seen in it."""
    last = min(int(funds["year"].max()), limit.year)
    seen = funds[funds["year"] <= last].groupby("fund_code")["year"].agg(["min", "max"])
    seen = seen[seen["min"] < last]
    over = seen["max"] < last
    return pd.DataFrame(
        {
            "body": seen.index, "start_year": seen["min"], "ended": over.astype(int),
            "duration": (seen["max"] + over - seen["min"]).astype(float), "end_kind": over.map({True: "no longer listed", False: "alive"}),
        }
    )  # fmt: skip
