"""Democracy indices, regimes and ideal points, by country and year, as their files have them."""

from pathlib import Path

import pandas as pd

from compacts.ingest.numeric import numbers, require_codes, require_known, whole_years
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import require_columns, require_unique
from compacts.ingest.stata_file import read_stata

REGIMES = {0: "closed autocracy", 1: "electoral autocracy", 2: "electoral democracy", 3: "liberal democracy"}
INDICES = {
    "v2x_polyarchy": "polyarchy", "v2x_polyarchy_codelow": "polyarchy_low", "v2x_polyarchy_codehigh": "polyarchy_high",
    "v2x_libdem": "liberal_democracy", "v2x_libdem_codelow": "liberal_democracy_low",
    "v2x_libdem_codehigh": "liberal_democracy_high",
}  # fmt: skip
IDEAL_POINTS = {"idealpointfp": "ideal_point", "q5fp": "ideal_point_low", "q95fp": "ideal_point_high"}
# the file keeps the code of Yugoslavia for Serbia, in all years
SERBIA = {"YUG": "SRB"}


def democracy(vdem: Path, first_year: int) -> pd.DataFrame:
    """Return V-Dem's indices of electoral and liberal democracy with their bounds, by ``iso3`` and ``year``."""
    raw = read_r_frame(vdem, "vdem_simple")
    require_columns(raw, ["country_text_id", "year", *INDICES], vdem)
    raw["year"] = whole_years(raw, "year", vdem, first_line=1, first=1789, last=2100)
    require_codes(raw, "country_text_id", vdem, first_line=1)
    require_unique(raw, ["country_text_id", "year"], vdem, first_line=1)
    for index in INDICES:
        raw[index] = numbers(raw, index, vdem, first_line=1, minimum=0, maximum=1, empty=True)
    recent = raw[raw["year"] >= first_year]
    return recent[["country_text_id", "year", *INDICES]].rename(columns={"country_text_id": "iso3", **INDICES})


def regimes(ert: Path, first_year: int) -> pd.DataFrame:
    """Return the type of regime (Regimes of the World), by ``iso3`` and ``year``."""
    raw = read_r_frame(ert, "episodes")
    require_columns(raw, ["country_text_id", "year", "v2x_regime"], ert)
    raw["year"] = whole_years(raw, "year", ert, first_line=1, first=1789, last=2100)
    require_codes(raw, "country_text_id", ert, first_line=1)
    require_unique(raw, ["country_text_id", "year"], ert, first_line=1)
    recent = raw[raw["year"] >= first_year]
    kinds = numbers(recent, "v2x_regime", ert, first_line=1, whole=True, minimum=0, maximum=3)
    return pd.DataFrame({
        "iso3": recent["country_text_id"], "year": recent["year"], "regime": kinds.astype("int64").map(REGIMES),
    })  # fmt: skip


def ideal_points(path: Path, first_year: int) -> tuple[pd.DataFrame, int]:
    """Return ideal points from final-passage votes, by ``iso3`` and ``year``, and the number of rows without a code.

    Raises
    ------
    UserError
        When the file is damaged, lacks a column or holds a state twice in a year.
    """
    raw = read_stata(path, ["ccode", "iso3c", "year", *IDEAL_POINTS])
    require_unique(raw, ["ccode", "year"], path, first_line=1)
    raw["year"] = whole_years(raw, "year", path, first_line=1, first=1946, last=2100)
    recent = raw[raw["year"] >= first_year]
    coded = recent[recent["iso3c"].notna() & (recent["iso3c"] != "")]
    require_codes(coded, "iso3c", path, first_line=1)
    table = pd.DataFrame({"iso3": coded["iso3c"].replace(SERBIA), "year": coded["year"]})
    for column, name in IDEAL_POINTS.items():
        table[name] = numbers(coded, column, path, first_line=1, minimum=-10, maximum=10, empty=True)
    require_unique(table, ["iso3", "year"], path, first_line=1)
    return table, len(recent) - len(coded)


def require_all_regimes(table: pd.DataFrame, path: Path) -> None:
    """Raise a UserError where a country and year with an index has no regime: both files are of one release."""
    require_known(
        table[table["polyarchy"].notna()].reset_index(drop=True), "regime", list(REGIMES.values()), path, first_line=1
    )
