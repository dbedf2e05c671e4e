"""All sentences and paragraphs that name an organization, each with its machine code and, where it was read, the readers' code.

The samples were drawn from populations found by other patterns than those of our tables, so that a few sentences of the tables had no
chance to be read (`Coded.beyond`): within a stratum (organization and period) those read are taken as drawn from all of the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from compacts.authority import GROUPS, PERIODS, delegated, group_of, period_of, recognised
from compacts.stats.contrasts import Contrast
from compacts.stats.dsl import DesignBased, design_based
from compendium.errors import UserError

GROUNDS = ("capacity", "convening", "delegated", "expert", "moral", "praise")
BEFORE, BETWEEN, AFTER = PERIODS


@dataclass(frozen=True)
class Coded:
    """A population with two codes.

    Attributes
    ----------
    units : DataFrame
        ``document``, ``position``, ``target``, ``group``, ``period``, ``stratum``, ``machine``, ``coded`` (missing where not read),
        ``probability``, ``cluster``.
    beyond : int
        Units of the table beyond those of the population that was sampled.
    """

    units: pd.DataFrame
    beyond: int

    @property
    def agreement(self) -> float:
        """Correlation of both codes over what was read."""
        read = self.units["coded"].notna()
        return float(self.units.loc[read, "machine"].corr(self.units.loc[read, "coded"]))


def sentences_coded(
    sentences: pd.DataFrame, sample: pd.DataFrame, readings: pd.DataFrame, code: str = "recognition",
    categories: Sequence[str] = GROUNDS, readers: Sequence[str] = (),
) -> Coded:  # fmt: skip
    """Return the sentences of speeches that name a sampled organization since 1990.

    Parameters
    ----------
    sentences, sample, readings
        The tables speech_sentences, speech_sample and speech_readings.
    code
        Of the readers, as :func:`compacts.authority.recognised` gives it.
    categories
        The machine's code is 1 where the dictionary, after its rules, keeps one of these.
    readers
        Only these; all without it.
    """
    read = recognised(sample, readings, readers)
    named = sentences.assign(target=sentences["targets"].str.split()).explode("target")
    named = named[named["target"].isin(read["target"]) & (named["year"] >= int(read["year"].min()))]
    kept = named["kept"].fillna("").str.split()
    machine = kept.map(lambda words: float(bool(set(words) & set(categories))))
    return _joined(named.assign(machine=machine, cluster=named["iso3"]), read.rename(columns={code: "coded"}))


def paragraphs_coded(
    paragraphs: pd.DataFrame, documents: pd.DataFrame, sample: pd.DataFrame, readings: pd.DataFrame, readers: Sequence[str] = ()
) -> Coded:  # fmt: skip
    """Return the operative paragraphs, dated to a period, that name a sampled organization, with the strength of their verb (0 to 5).

    Parameters
    ----------
    paragraphs, documents, sample, readings
        The tables mandate_paragraphs, mandate_documents, mandate_sample and mandate_readings.
    readers
        Only these; all without it.
    """
    read = delegated(sample, readings, readers)
    ends = {column: pd.to_datetime(documents[column]).dt.year for column in ("date_earliest", "date_latest")}
    dated = documents[["document", "series", "organ"]].assign(
        year=ends["date_earliest"], same=period_of(ends["date_earliest"]) == period_of(ends["date_latest"])
    )
    named = paragraphs.rename(columns={"organization": "target", "strength": "machine"}).merge(
        dated, on="document", validate="m:1"
    )
    named = named[named["target"].isin(read["target"]) & named["same"].fillna(value=False).astype(bool)]
    return _joined(
        named.assign(cluster=named["series"].fillna(named["document"])), read.rename(columns={"strength": "coded"})
    )


def _joined(named: pd.DataFrame, read: pd.DataFrame) -> Coded:
    key = ["document", "position", "target"]
    units = named.assign(group=group_of(named["target"]), period=period_of(named["year"]))
    columns = [*key, "year", "group", "period", "machine", "cluster"] + (["organ"] if "organ" in units else [])
    units = units[columns].drop_duplicates(key).merge(read[[*key, "coded"]], on=key, how="left", validate="1:1")
    lost = len(read) - int(units["coded"].notna().sum())
    if lost:
        raise UserError(f"readings: got {lost} texts that the table does not hold, expected none; run ingest again")
    units["stratum"] = units["target"] + " " + units["period"]
    stratum = units.groupby("stratum")["coded"]
    units["probability"] = stratum.transform("count") / stratum.transform("size")
    if (units["probability"] == 0).any():
        name = units.loc[units["probability"] == 0, "stratum"].iloc[0]
        raise UserError(f"stratum {name}: got no text that was read, expected some; merge periods")
    sizes = read.groupby("stratum")["stratum_size"].first().sum()
    return Coded(units.reset_index(drop=True), max(0, len(units) - int(sizes)))


def cell_means(coded: Coded) -> DesignBased:
    """Return the mean of the code for each group and period: corrected (DSL), by what was read alone (gold), and as the machine has it (naive).

    Covariates are named ``GROUP PERIOD``; texts of a cluster (state, or series of resolutions) may vary together.
    """
    units = coded.units
    cell = units["group"] + " " + units["period"]
    names = [f"{group} {period}" for group in GROUPS for period in PERIODS]
    lost = set(names) - set(cell)
    if lost:
        raise UserError(f"cells: got no text of {min(lost)}, expected some; choose other periods")
    design = pd.DataFrame({name: (cell == name).astype(float) for name in names})
    return design_based(
        design, units["machine"].astype(float), units["coded"], units["probability"], clusters=units["cluster"]
    )


def cells_contrast(
    found: DesignBased, weights: Mapping[str, float], estimator: str = "DSL", factor: float = 1.0
) -> Contrast:
    """Return a weighted sum of cell means, times a factor."""
    estimate, error = found.contrast(dict(weights), estimator)
    n = found.estimates[estimator].n
    return Contrast(
        factor * estimate,
        factor * error,
        n,
        0 if np.isnan(error) else found.clusters,
        f"cell means, {estimator}, covariance clustered on {found.clusters} groups",
    )


def change_less(group: str, others: Sequence[str], after: str = AFTER, before: str = BEFORE) -> dict[str, float]:
    """Return the weights of a group's change less the mean change of others.

    Examples
    --------
    >>> change_less("IOM", ["peers"], "late", "early")
    {'IOM late': 1.0, 'IOM early': -1.0, 'peers late': -1.0, 'peers early': 1.0}
    """
    weights = {f"{group} {after}": 1.0, f"{group} {before}": -1.0}
    for other in others:
        weights |= {f"{other} {after}": -1.0 / len(others), f"{other} {before}": 1.0 / len(others)}
    return weights
