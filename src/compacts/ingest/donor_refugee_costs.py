"""What donors report as aid for refugees at home: in-donor refugee costs in official development assistance (ODA)."""

from pathlib import Path

import pandas as pd

from compacts.ingest.numeric import numbers, whole_years
from compacts.ingest.raw_file import AGAIN, ingest_log, read_csv, require_unique, shown
from compendium.errors import UserError, nearest

COSTS, TOTAL, SHARES = "total_idrc_current.csv", "total_oda_current.csv", "idrc_share.csv"
ALL_DONORS = "DAC Countries, Total"
# the last year in the files was published before donors had closed their accounts
PRELIMINARY = 2022
KEYS = ["iso3", "year"]


def in_donor_refugee_costs(files: tuple[Path, ...], donor_names: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return ``oda_in_donor_refugee_costs`` and its log.

    Parameters
    ----------
    files : tuple of Path
        COSTS and TOTAL by donor and year, in million US dollars at current prices; SHARES, made from them, holds the
        sums over donors, which must be met.
    donor_names : DataFrame
        ``name``, ``iso3``.

    Returns
    -------
    dict
        ``oda_in_donor_refugee_costs``: iso3, year, donor, in_donor_refugee_costs_musd, oda_musd, share (of ODA),
        preliminary. Costs that a donor did not report are missing.

    Raises
    ------
    UserError
        When a file is missing or damaged, a donor is not known, a key comes twice, or sums over donors differ.
    """
    by_name = {path.name: path for path in files}
    for name in (COSTS, TOTAL, SHARES):
        if name not in by_name:
            raise UserError(f"dac_idrc: got no file {name}, expected it beside {', '.join(by_name)}; {AGAIN}")
    costs = _amounts(by_name[COSTS], "idrc", donor_names)
    oda = _amounts(by_name[TOTAL], "value", donor_names)
    table = oda.merge(costs.drop(columns="donor"), on=KEYS, how="outer", validate="1:1", indicator="found")
    alone = table["found"] == "right_only"
    if alone.any():
        row = table[alone].iloc[0]
        raise UserError(f"{shown(by_name[TOTAL])}: got no ODA of {row['iso3']} in {row['year']}, expected it; {AGAIN}")
    table = table.rename(columns={"idrc": "in_donor_refugee_costs_musd", "value": "oda_musd"})
    _require_sums(table, by_name[SHARES])
    table["share"] = table["in_donor_refugee_costs_musd"] / table["oda_musd"]
    table["preliminary"] = table["year"] == PRELIMINARY
    columns = ["iso3", "year", "donor", "in_donor_refugee_costs_musd", "oda_musd", "share", "preliminary"]
    name = "oda_in_donor_refugee_costs"
    log = ingest_log([
        (name, "dac_idrc", "kept", "costs reported", "donors and years", len(costs)),
        (name, "dac_idrc", "kept", "ODA with costs reported", "donors and years", int((table["found"] == "both").sum())),
        (name, "dac_idrc", "kept", "ODA only: costs not reported", "donors and years", int((table["found"] == "left_only").sum())),
        (name, "dac_idrc", "dropped", "shares made from the same numbers: used as a check", "rows", len(read_csv(by_name[SHARES], ["Donor"]))),
    ])  # fmt: skip
    return {name: table[columns].sort_values(KEYS, ignore_index=True), "ingest_in_donor_refugee_costs": log}


def _amounts(path: Path, column: str, donor_names: pd.DataFrame) -> pd.DataFrame:
    frame = read_csv(path, ["year", "donor_name", column])
    frame["year"] = whole_years(frame, "year", path, first=1960, last=2030)
    frame[column] = numbers(frame, column, path, minimum=0)
    iso3 = donor_names.set_index("name")["iso3"]
    frame["iso3"] = frame["donor_name"].map(iso3).fillna("")
    unknown = frame["iso3"] == ""
    if unknown.any():
        position = int(unknown.to_numpy().argmax())
        got = frame["donor_name"].iloc[position]
        raise UserError(
            f"{shown(path)}, row {position + 2}, column donor_name: got {got!r}{nearest(got, list(iso3.index))}, expected "
            f"a state listed in data/coded/donor_names.csv; add it there, or {AGAIN}"
        )
    require_unique(frame, KEYS, path)
    return frame.rename(columns={"donor_name": "donor"})[[*KEYS, "donor", column]]


def _require_sums(table: pd.DataFrame, path: Path) -> None:
    """Refuse donors that do not add up to the sums in the file of shares."""
    shares = read_csv(path, ["year", "idrc", "total_oda", "Donor"])
    require_unique(shares, ["Donor", "year"], path)
    total = shares[shares["Donor"] == ALL_DONORS]
    years = whole_years(total, "year", path, first=1960, last=2030)
    for column, amounts in (("idrc", "in_donor_refugee_costs_musd"), ("total_oda", "oda_musd")):
        given = pd.Series(numbers(total, column, path).to_numpy(), index=years.to_numpy())
        got = table.groupby("year")[amounts].sum()
        for year in sorted({*given.index, *got.index}):
            if abs(given.get(year, 0) - got.get(year, 0)) > 0.01:
                place = f"{shown(path)}, column {column}, {ALL_DONORS}, {year}"
                raise UserError(
                    f"{place}: got {given.get(year, 0):,.2f}, expected the sum over donors {got.get(year, 0):,.2f}; {AGAIN}"
                )
