"""How often a state voted like others in the General Assembly, and how often it voted at all, by calendar year."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from compacts.ingest.crawl_log import NO_ROLL_CALL, Record, read_records, unique_records, votes_by_name
from compacts.ingest.raw_file import ingest_log
from compendium.errors import UserError

FIRST_YEAR, LAST_YEAR = 2000, 2024
PARTNERS = ("USA", "CHN", "HUN", "DEU")


def un_agreement(
    base: Path, update_1: Path, update_2: Path, un_members: pd.DataFrame, state_names: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``un_agreement_year`` (member x year with a roll call) and its log.

    Parameters
    ----------
    base, update_1, update_2 : Path
        Crawl logs of the UN Digital Library: the whole collection, and two updates.
    un_members, state_names : DataFrame
        Members; ISO3 of each name used in roll calls.

    Raises
    ------
    UserError
        For damaged files and unknown names of states.
    """
    sources = {"st_unga_base": base, "st_unga_upd1": update_1, "st_unga_upd2": update_2}
    read = {name: read_records(path) for name, path in sources.items()}
    counts: dict[tuple[str, str, str], int] = {}
    kept: list[Record] = []
    for source, record, new in unique_records(read):
        reason = _reason_to_drop(record, new=new)
        if reason is None:
            kept.append(record)
        key = (
            source,
            "dropped" if reason else "kept",
            reason or f"roll calls of the Assembly, {FIRST_YEAR} to {LAST_YEAR}",
        )
        counts[key] = counts.get(key, 0) + 1
    table = agreement_by_year(_votes(kept, state_names), PARTNERS)
    table = table[table["iso3"].isin(un_members["iso3"])].reset_index(drop=True)
    log = [("un_agreement_year", *key, "records", rows) for key, rows in counts.items()]
    return {"un_agreement_year": table, "ingest_agreement": ingest_log(log)}


def agreement_by_year(votes: pd.DataFrame, partners: Sequence[str]) -> pd.DataFrame:
    """Return participation and agreement with each partner by state and year.

    Agreement is the share of identical votes (yes, no or abstain) among roll calls in which both cast one. An absence
    counts neither as agreement nor as difference; an abstention beside a yes or a no is a difference.

    Parameters
    ----------
    votes : DataFrame
        ``call`` (any key of a roll call), ``year``, ``iso3``, ``vote`` (yes, no, abstain, not voting).
    partners : sequence of str
        ISO3 of the states to compare with.

    Returns
    -------
    DataFrame
        ``iso3``, ``year``, ``roll_calls``, ``cast``, ``participation`` and, by partner, ``compared_with_XXX`` and
        ``agreement_XXX`` (missing for the partner itself and without a common roll call).
    """
    by = [votes["iso3"], votes["year"]]
    cast = votes["vote"] != "not voting"
    table = pd.DataFrame({"roll_calls": cast.groupby(by).size(), "cast": cast.astype("int64").groupby(by).sum()})
    table["participation"] = table["cast"] / table["roll_calls"]
    for partner in partners:
        own = votes[(votes["iso3"] == partner) & cast].set_index("call")["vote"]
        other = votes["call"].map(own)
        common = cast & other.notna() & (votes["iso3"] != partner)
        compared = common.astype("int64").groupby(by).sum()
        same = (common & (other == votes["vote"])).astype("int64").groupby(by).sum()
        name = partner.lower()
        table[f"compared_with_{name}"] = compared
        table[f"agreement_{name}"] = (same / compared).where(compared > 0)
    return table.reset_index()


def _reason_to_drop(record: Record, *, new: bool) -> str | None:
    if not new:
        return "record scraped a second time, identical"
    if record.symbol.startswith("S/RES/"):
        return "Security Council"
    if not record.symbol.startswith("A/"):
        return "without symbol and date"
    if record.vote == NO_ROLL_CALL:
        return "adopted without a recorded vote"
    if not f"{FIRST_YEAR}-01-01" <= record.date <= f"{LAST_YEAR}-12-31":
        return f"before {FIRST_YEAR} or after {LAST_YEAR}"
    return None


def _votes(records: list[Record], state_names: pd.DataFrame) -> pd.DataFrame:
    codes = dict(zip(state_names["name"], state_names["iso3"], strict=True))
    rows: list[tuple[int, int, str, str]] = []
    for record in records:
        for name, vote in votes_by_name(record).items():
            if name not in codes:
                got = f"the state {name!r} in {record.symbol}"
                expected = "a name in data/coded/state_names.csv"
                raise UserError(f"{record.where}: got {got}, expected {expected}; add a row there")
            rows.append((record.record_id, int(record.date[:4]), codes[name], vote))
    return pd.DataFrame(rows, columns=["call", "year", "iso3", "vote"])
