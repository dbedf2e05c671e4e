"""Small tables of texts and readings whose means are known: speeches, resolutions and documents."""

import numpy as np
import pandas as pd

from compacts.authority import CLAIMS, GROUNDS

TARGETS = {"iom": "IOM", "unhcr": "UNHCR", "wfp": "peers", "ilo": "peers"}
YEARS = {2010: "to 2015", 2017: "2016–2018", 2020: "2019 on"}
DRAWN_IN = {2010: "1990-2015", 2017: "2016-2018", 2020: "2019-2024"}


def sentences(each: int = 4, read: int = 4, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sentences of speeches on four organizations in three periods, the first `read` of each cell read by A and B."""
    rng = np.random.default_rng(seed)
    rows = [
        {"document": f"S{year}_{k}", "iso3": f"C{k % 3}{year % 2}", "year": year, "position": place, "targets": target,
         "kept": rng.choice(["praise", "moral criticism", "", "demand"])}
        for year in YEARS for place, target in enumerate(TARGETS) for k in range(each)
    ]  # fmt: skip
    table = pd.DataFrame(rows).assign(kept=lambda frame: frame["kept"].replace("", None))
    first = table["document"].str.split("_").str[1].astype(int) < read
    sample = (
        table[first]
        .reset_index(drop=True)
        .assign(
            item=lambda frame: [f"I{i:03d}" for i in range(len(frame))],
            target=lambda frame: frame["targets"],
            stratum_period=lambda frame: frame["year"].map(DRAWN_IN),
            stratum_size=each,
            sha1=lambda frame: frame["item"],
        )
    )
    sample = sample.drop(columns=["targets", "kept"])
    readings = pd.concat([sample[["item"]].assign(reader=reader) for reader in "AB"], ignore_index=True)
    codes = {name: rng.integers(0, 2, len(readings)) for name in ("recognition", "instrumental", *GROUNDS)}
    return table, sample, readings.assign(relation="supports", **codes)


def paragraphs(
    each: int = 6, read: int = 6, seed: int = 2
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Paragraphs of resolutions on the same, with the documents they stand in."""
    rng = np.random.default_rng(seed)
    rows = [
        {"document": f"R{year}_{k}", "year": year, "position": place, "organization": target, "strength": int(rng.integers(0, 6))}
        for year in YEARS for place, target in enumerate(TARGETS) for k in range(each)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    documents = table[["document", "year"]].drop_duplicates().reset_index(drop=True)
    days = pd.to_datetime(documents["year"].astype(str) + "-12-18")
    documents = documents.assign(
        date_earliest=days, date_latest=days, organ=np.where(np.arange(len(documents)) % 2, "General Assembly", "Council"),
        series=np.where(np.arange(len(documents)) % 3, documents["document"].str[-1], None),
    )  # fmt: skip
    first = table["document"].str.split("_").str[1].astype(int) < read
    sample = table[first].reset_index(drop=True)
    sample = sample.assign(
        item=[f"M{i:03d}" for i in range(len(sample))], target=sample["organization"], stratum_period=sample["year"].map(DRAWN_IN),
        stratum_size=each, sha1=[f"h{i}" for i in range(len(sample))],
    ).drop(columns=["organization", "strength"])  # fmt: skip
    readings = pd.concat([sample[["item"]].assign(reader=reader) for reader in "AB"], ignore_index=True)
    n = len(readings)
    readings = readings.assign(
        strength=rng.integers(0, 6, n), role=rng.choice(["actor", "source", "partner"], n), task="new",
        autonomy=rng.choice(["lead", "jointly", "none"], n), resources=0,
    )  # fmt: skip
    return table.drop(columns="year"), documents, sample, readings


DATES = {"before": "2014-05-02", "between": "2017-06-01", "since": "2020-03-04"}


def documents(each: int = 12, seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Documents of IOM, UNHCR and a peer in three eras, all of one length and genre, each read by A and B."""
    rng = np.random.default_rng(seed)
    rows = [(name, era, k) for name in ("IOM", "UNHCR", "WFP") for era in DATES for k in range(each)]
    table = pd.DataFrame(rows, columns=["organization", "era", "k"])
    table = table.assign(
        document_id=[f"d{i:03d}" for i in range(len(table))], date=table["era"].map(DATES), date_agreement="day",
        genre=np.array(["press_release", "speech", "report"])[table["k"] % 3], grid="G1", place=np.where(table["k"] % 2, "global", "KEN"), query_a="G1-1",
    )  # fmt: skip
    readings = pd.concat([table[["document_id", "k"]].assign(reader=reader) for reader in "AB"], ignore_index=True)
    n = len(readings)
    codes = {name: rng.integers(0, 2, n) for name in (*CLAIMS, "demand", "service", "gratitude", "resources")}
    readings = readings.assign(
        main=1, words_read=200 + 40 * (readings["k"] % 4), object=rng.choice(["refugee", "migrant", "mixed", "none"], n),
        other_io=rng.choice(["cooperate", "demarcate", "none"], n), **codes,
    )  # fmt: skip
    return table.drop(columns=["era", "k"]), readings.drop(columns="k")
