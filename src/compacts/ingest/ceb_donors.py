"""Who gives to which UN system entity: the CEB's financial statistics by donor, 2013 to 2024."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.ceb_amounts import look_up, name_entities, name_types, plain, read_statistics, total
from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, require_unique, shown
from compendium.errors import UserError, nearest

GOVERNMENT = "Government"
# sums were made in floating point: what is left below the cent is noise
CENT = Decimal("0.01")
# US dollars; also refuses what is not a number, as no comparison with it holds
LARGEST = 10**13
NOT_NAMED = ("residual", "no contributor")
GOVERNMENT_FILE = {
    "government_donor": "name",
    "entity": "entity",
    "rev_type": "rev_type",
    "calendar_year": "year",
    "amount": "amount_usd",
}
DONOR_KEYS = ["donor", "entity", "year", "revenue_type"]
CHECK_KEYS = ["donor_key", "entity", "revenue_type"]
LISTED = "data/coded/donor_names.csv"


def finance_donors(
    donors: tuple[Path, ...], government_2024: Path, donor_names: pd.DataFrame, entity_codes: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``finance_donor_entity_year``, ``finance_donor_crosscheck`` and their log.

    The files by donor were put together by others from CEB's downloads by donor, the largest of which are in no public
    copy: one of these, government donors of 2024, is, and serves as a check of every cell of that year.

    Parameters
    ----------
    donors : tuple of Path
        One file a year, ``donors-YYYY.json``: donor, entity, revenue category, amount.
    government_2024 : Path
        CEB's download of government donors, 2024.
    donor_names : DataFrame
        ``name``, ``iso3``, ``kind``.
    entity_codes : DataFrame
        ``code``, ``entity``, ``sub_entity``.

    Returns
    -------
    dict
        ``finance_donor_entity_year``: donor, donor_kind, iso3, contributor_type, is_residual, entity, year,
        revenue_type, amount_usd (`Decimal`, to the cent). ``finance_donor_crosscheck``: donor_key (iso3, or the name),
        entity, revenue_type, derived_usd, download_usd, outcome.

    Raises
    ------
    UserError
        When a file is damaged, a donor, entity or category is not known, or a key comes twice.
    """
    names = donor_names.set_index("name")
    table = pd.concat([_donor_year(path, names, entity_codes) for path in donors], ignore_index=True)
    download = _government(government_2024, names, entity_codes)
    check = _compare(table[(table["year"] == 2024) & (table["contributor_type"] == GOVERNMENT)], download)
    log = [
        ("finance_donor_entity_year", "ceb_donors_derived", "kept", "all amounts", "amounts", len(table)),
        ("finance_donor_crosscheck", "ceb_govdonors_raw2024", "kept", "all rows", "rows", len(download)),
    ]
    return {
        "finance_donor_entity_year": table.sort_values(DONOR_KEYS, ignore_index=True),
        "finance_donor_crosscheck": check,
        "ingest_finance_donors": ingest_log(log),
    }


def _donor_year(path: Path, names: pd.DataFrame, entity_codes: pd.DataFrame) -> pd.DataFrame:
    """Return one year's file as a frame; donors and entities as this compendium calls them."""
    year = re.fullmatch(r"donors-([0-9]{4})\.json", path.name)
    if not year:
        raise UserError(f"{shown(path)}: got this name, expected donors-YYYY.json; {AGAIN}")
    frame = pd.DataFrame(
        _amounts(read_json(path), path), columns=["donor", "contributor_type", "entity", "category", "amount_usd"]
    )
    _known_donors(frame, names, path)
    frame["iso3"] = frame["donor"].map(names["iso3"])
    frame["donor_kind"] = frame["donor"].map(names["kind"])
    frame["is_residual"] = frame["donor_kind"].isin(NOT_NAMED)
    frame["entity"] = name_entities(frame["entity"], entity_codes, path)["entity"]
    frame["revenue_type"] = name_types(frame["category"], path, "category")
    frame["year"] = int(year.group(1))
    require_unique(frame, DONOR_KEYS, path, first_line=1)
    order = ["donor", "donor_kind", "iso3", "contributor_type", "is_residual", "entity", "year", "revenue_type"]
    return frame[[*order, "amount_usd"]]


def _amounts(content: Any, path: Path) -> Iterator[tuple[str, str, str, str, Decimal]]:
    """Yield donor, contributor type, entity, category and amount, each part checked."""
    for donor, entry in _items(content, path, "the file"):
        contributor_type = entry.get("category") if isinstance(entry, dict) else None
        if not isinstance(contributor_type, str):
            raise UserError(f"{shown(path)}, donor {donor!r}: got no text for category, expected one; {AGAIN}")
        for entity, categories in _items(entry.get("contributions"), path, f"donor {donor!r}, contributions"):
            for category, amount in _items(categories, path, f"donor {donor!r}, entity {entity!r}"):
                place = f"donor {donor!r}, entity {entity!r}, category {category!r}"
                yield donor, contributor_type, entity, category, to_cents(amount, path, place)


def _items(part: Any, path: Path, place: str) -> Any:
    if not isinstance(part, dict) or not part:
        raise UserError(f"{shown(path)}, {place}: got {str(part)[:40]!r}, expected names with values; {AGAIN}")
    return part.items()


def to_cents(amount: Any, path: Path, place: str) -> Decimal:
    """Return a number of a JSON file as `Decimal`, rounded to the cent; refuse what is not a finite number.

    Examples
    --------
    >>> to_cents(0.1 + 0.2, Path("raw/a.json"), "donor 'A'")
    Decimal('0.3')
    """
    if isinstance(amount, int | float) and not isinstance(amount, bool) and abs(amount) < LARGEST:
        return plain(Decimal(repr(amount)).quantize(CENT))
    raise UserError(f"{shown(path)}, {place}: got {str(amount)[:40]!r}, expected an amount in US dollars; {AGAIN}")


def _known_donors(frame: pd.DataFrame, names: pd.DataFrame, path: Path) -> None:
    unknown = ~frame["donor"].isin(names.index)
    lost = unknown | (
        (frame["contributor_type"] == GOVERNMENT) & ~frame["donor"].isin(names.index[names["iso3"].notna()])
    )
    if lost.any():
        donor, kind = frame.loc[lost, ["donor", "contributor_type"]].iloc[0]
        got = f"got the donor {donor!r} ({kind}){nearest(donor, list(names.index))}"
        wanted = "a name listed, with its iso3," if kind == GOVERNMENT else "a name listed"
        raise UserError(f"{shown(path)}: {got}, expected {wanted} in {LISTED}; add it there, or {AGAIN}")


def _government(path: Path, names: pd.DataFrame, entity_codes: pd.DataFrame) -> pd.DataFrame:
    frame = read_statistics(path, GOVERNMENT_FILE)
    require_unique(frame, ["name", "entity", "year", "rev_type"], path)
    look_up(frame["name"], names["kind"].to_dict(), path, column="government_donor", listed=LISTED)
    frame["donor_key"] = frame["name"].map(names["iso3"]).fillna(frame["name"])
    frame["entity"] = name_entities(frame["entity"], entity_codes, path)["entity"]
    frame["revenue_type"] = name_types(frame["rev_type"], path, "rev_type")
    return frame


def _compare(derived: pd.DataFrame, download: pd.DataFrame) -> pd.DataFrame:
    """Return derived and downloaded amounts side by side, and whether they are equal to half a dollar."""
    derived = derived.assign(donor_key=derived["iso3"].fillna(derived["donor"]))
    sides = {
        name: pd.Series({key: total(part) for key, part in frame.groupby(CHECK_KEYS)["amount_usd"]}, dtype="object")
        for name, frame in (("derived_usd", derived), ("download_usd", download))
    }
    both = pd.DataFrame(sides)
    both.index = pd.MultiIndex.from_tuples(both.index, names=CHECK_KEYS)
    both["outcome"] = [_outcome(*pair) for pair in both[["derived_usd", "download_usd"]].itertuples(index=False)]
    return both.reset_index().sort_values(CHECK_KEYS, ignore_index=True)


def _outcome(derived: Any, download: Any) -> str:
    if pd.isna(derived) or pd.isna(download):
        return "only in the download" if pd.isna(derived) else "only in the derived files"
    return "equal" if abs(derived - download) <= Decimal("0.5") else "different"
