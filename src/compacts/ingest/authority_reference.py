"""What published datasets say of the authority of international organizations, in one table."""

from pathlib import Path

import pandas as pd

from compacts.ingest.authority_datasets import access_measures, long_form, stata_measures, text_measures
from compacts.ingest.raw_file import ingest_log, shown
from compendium.errors import UserError

LogEntry = tuple[str, str, str, str, str, int]
_AUTONOMY = [
    "de_facto_policy_autonomy", "de_jure_policy_autonomy", "performance", "income", "expenditures", "contributions",
]  # fmt: skip


def authority_reference(
    mia: Path,
    piip: Path,
    agg: Path,
    transaccess: Path,
    vigo: Path,
    authority_bodies: pd.DataFrame,
    authority_measures: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``authority_reference`` (dataset x body x year x measure), ``piip_year`` and their log.

    Parameters
    ----------
    mia, vigo, transaccess : Path
        Stata files: Measuring International Authority, Vitality of International Organizations, Transaccess.
    piip, agg : Path
        CSV files of the Performance of International Institutions Project and of Accountability in Global Governance.
    authority_bodies : DataFrame
        ``dataset``, ``body_id``, ``org_id``, ``ionum``: every body of these files.
    authority_measures : DataFrame
        ``dataset``, ``measure``, ``column``, ``lowest``, ``highest``: what is taken from them.

    Raises
    ------
    UserError
        When a file is damaged, holds a value outside its scale, a body year twice, or a body that is not listed.
    """
    of = {
        dataset: authority_measures[authority_measures["dataset"] == dataset]
        for dataset in ("agg", "mia", "piip", "vigo")
    }
    files = {"agg": agg, "mia": mia, "piip": piip, "transaccess": transaccess, "vigo": vigo}
    wide = {
        "agg": text_measures(agg, of["agg"]),
        "mia": stata_measures(mia, "ioname", of["mia"]),
        "piip": text_measures(piip, of["piip"]),
        "transaccess": access_measures(transaccess),
        "vigo": stata_measures(vigo, "reo", of["vigo"]),
    }
    for dataset, table in wide.items():
        listed = authority_bodies.loc[authority_bodies["dataset"] == dataset, "body_id"]
        _require_listed(table, listed, files[dataset])
    long = pd.concat([long_form(table, dataset) for dataset, table in wide.items()], ignore_index=True)
    codes = authority_bodies[["dataset", "body_id", "org_id", "ionum"]]
    long = long.merge(codes, on=["dataset", "body_id"], validate="m:1")
    long = long[["dataset", "body_id", "org_id", "ionum", "year", "measure", "value"]]
    autonomy = wide["piip"].merge(codes[codes["dataset"] == "piip"], on="body_id", validate="m:1")
    autonomy = autonomy.rename(columns={"body_id": "institution"})[["institution", "org_id", "year", *_AUTONOMY]]
    log: list[LogEntry] = [("piip_year", "piip", "kept", "as in the file", "institution-years", len(autonomy))]
    for dataset, table in wide.items():
        known = int((long["dataset"] == dataset).sum())
        cells = table.shape[0] * (table.shape[1] - 2)
        log += [
            ("authority_reference", dataset, "kept", "known value of a declared measure", "values", known),
            ("authority_reference", dataset, "dropped", "empty cell", "values", cells - known),
        ]
    return {"authority_reference": long, "piip_year": autonomy, "ingest_authority": ingest_log(log)}


def _require_listed(table: pd.DataFrame, listed: "pd.Series[str]", path: Path) -> None:
    new = sorted(set(table["body_id"]) - set(listed))
    if new:
        raise UserError(f"{shown(path)}: got the body {new[0]!r}, expected one of authority_bodies; add it there")
    gone = sorted(set(listed) - set(table["body_id"]))
    if gone:
        raise UserError(
            f"{shown(path)}: got no row of {gone[0]!r}, expected one as in authority_bodies; correct that table"
        )
