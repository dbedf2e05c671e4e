"""The choices behind the findings on authority, crossed: own words, speeches and resolutions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compacts.authority import GROUPS
from compacts.claim_models import documents_coded
from compacts.coded_populations import Coded, cell_means, cells_contrast, change_less, paragraphs_coded, sentences_coded
from compacts.stats.linear_curve import LinearCurve, LinearSpecification
from compacts.stats.specification_curve import run_specifications
from compendium.errors import UserError

#: choices of the own words' curve; the first option of each is the main one
OWN_WORDS: Mapping[str, Sequence[str]] = {
    "outcome": ("autonomy", "moral", "demand", "convening", "no service"),
    "reader": ("all", "either", "A", "B"),
    "compared with": ("UNHCR and peers", "UNHCR", "peers", "nobody"),
    "later from": ("December 2018", "September 2016", "2020"),
    "controls": ("length and genre", "length", "none"),
    "sample": ("all", "no speeches", "dated to the day", "200 words or more"),
}
#: choices of the curves of texts coded by machine and readers
SPEECHES: Mapping[str, Sequence[str]] = {
    "code": ("DSL", "readers alone", "dictionary alone"),
    "dictionary": ("kept", "kept_core", "categories", "categories_core"),
    "reader": ("all", "A", "B"),
    "compared with": ("UNHCR and peers", "UNHCR", "peers", "nobody"),
    "periods": ("2019 on, to 2015", "2019 on, 2016–2018", "2016–2018, to 2015"),
}
RESOLUTIONS: Mapping[str, Sequence[str]] = {
    "code": ("DSL", "readers alone", "rules alone"),
    "organ": ("all", "General Assembly"),
    "reader": ("all", "A", "B"),
    "compared with": ("UNHCR and peers", "UNHCR", "peers", "nobody"),
    "periods": ("2019 on, to 2015", "2019 on, 2016–2018", "2016–2018, to 2015"),
}
ESTIMATORS = {"DSL": "DSL", "readers alone": "gold", "dictionary alone": "naive", "rules alone": "naive"}
OTHERS = {"UNHCR and peers": ("UNHCR", "peers"), "UNHCR": ("UNHCR",), "peers": ("peers",), "nobody": ()}


@dataclass(frozen=True)
class DocumentRows:
    """Dated documents as the curve takes them.

    Attributes
    ----------
    frame, design
        Documents with their traits; columns of all specifications, same rows.
    outcomes, samples
        By name, one value a row.
    blocks
        Organization group and genre of each row: periods are dealt out anew within these.
    """

    frame: pd.DataFrame
    design: pd.DataFrame
    outcomes: dict[str, np.ndarray]
    samples: dict[str, np.ndarray]
    blocks: np.ndarray


def document_rows(documents: pd.DataFrame, readings: pd.DataFrame, entered: str, adopted: str) -> DocumentRows:
    """Return the documents of a known era with every outcome, reader, sample and control of the curve.

    Parameters
    ----------
    documents, readings
        The tables documents and document_readings.
    entered, adopted
        Days of IOM's entry into the UN system and of the Compact.
    """
    both = documents_coded(documents, readings, entered, adopted)
    frame = both[both["era"].isin(["before", "between", "since"])].reset_index(drop=True)
    if frame["group"].value_counts().reindex(GROUPS, fill_value=0).min() == 0:
        raise UserError(
            "documents: got none of IOM, UNHCR or peers in a known era, expected all three; choose other cuts"
        )
    readers = sorted(readings["reader"].unique())
    if lost := {"A", "B"} - set(readers):
        raise UserError(f"document_readings: got no reader {min(lost)}, expected A and B; restore the table")
    by_reader = {
        reader: documents_coded(documents, readings, entered, adopted, [reader])
        .set_index("document_id")
        .reindex(frame["document_id"])
        for reader in readers
    }
    outcomes: dict[str, np.ndarray] = {}
    for outcome in OWN_WORDS["outcome"]:
        column, sign = ("service", -1.0) if outcome == "no service" else (outcome, 1.0)
        codes = 100 * sign * np.array([by_reader[reader][column].to_numpy(dtype=float) for reader in readers])
        # a reader who joined later may have read some documents only
        outcomes |= {f"{outcome}, all": np.nanmean(codes, axis=0), f"{outcome}, either": np.nanmax(codes, axis=0)}
        for place, reader in enumerate(readers):
            outcomes[f"{outcome}, {reader}"] = codes[place]
            outcomes[f"{outcome}, without {reader}"] = np.nanmean(np.delete(codes, place, axis=0), axis=0)
    late = {
        "December 2018": frame["era"] == "since", "September 2016": frame["era"] != "before",
        "2020": frame["year"] >= 2020,
    }  # fmt: skip
    own = frame["group"] == "IOM"
    for name, after in late.items():
        if after[own].all() or not after[own].any():
            raise UserError(
                f"later from {name}: got documents of IOM on one side only, expected both; choose other cuts"
            )
    columns: dict[str, Any] = {"constant": np.ones(len(frame))} | {
        group: frame["group"] == group for group in GROUPS[:2]
    }
    for name, after in late.items():
        columns[f"late {name}"] = after
        columns[f"IOM late {name}"] = after & own
    design = pd.DataFrame(columns).astype(float).join(frame[["log_words", "speech", "other_genre"]])
    samples: dict[str, np.ndarray] = {}
    kept = {
        "all": np.ones(len(frame), dtype=bool), "no speeches": frame["speech"].to_numpy() == 0,
        "dated to the day": (frame["date"].str.len() == 10).to_numpy(), "200 words or more": (frame["words_read"] >= 200).to_numpy(),
    }  # fmt: skip
    for versus, groups in OTHERS.items():
        of = frame["group"].isin(["IOM", *groups]).to_numpy()
        samples |= {f"{versus}: {name}": rows & of for name, rows in kept.items()}
    return DocumentRows(frame, design, outcomes, samples, (frame["group"] + " " + frame["genre"]).to_numpy())


def own_words_specification(options: Mapping[str, Any]) -> LinearSpecification:
    """Return the regression that these options mean: IOM's change in a code, less that of the others."""
    versus, cut, sample = options["compared with"], options["later from"], options["sample"]
    controls = {"none": (), "length": ("log_words",), "length and genre": ("log_words", "speech", "other_genre")}[
        options["controls"]
    ]
    if sample == "no speeches":
        controls = tuple(name for name in controls if name != "speech")
    groups = {"UNHCR and peers": ("IOM", "UNHCR", f"late {cut}"), "nobody": ()}.get(versus, ("IOM", f"late {cut}"))
    treatment = f"late {cut}" if versus == "nobody" else f"IOM late {cut}"
    return LinearSpecification(
        f"{options['outcome']}, {options['reader']}", treatment, ("constant", *groups, *controls), f"{versus}: {sample}"
    )


def own_words_curve(rows: DocumentRows) -> LinearCurve:
    """Return the curve of the own words, in points (of the index: hundredths)."""
    return LinearCurve(OWN_WORDS, own_words_specification, rows.design, rows.outcomes, rows.samples)


def _contrasts(coded: Coded, factor: float) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """Return every estimator, comparison and pair of periods of one coding."""
    means = cell_means(coded)
    found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for estimator in ("DSL", "gold", "naive"):
        for versus, others in OTHERS.items():
            for periods in SPEECHES["periods"]:
                after, before = periods.split(", ")
                one = cells_contrast(means, change_less("IOM", others, after, before), estimator, factor)
                found[estimator, versus, periods] = {
                    "estimate": one.estimate, "std_error": one.std_error, "n": one.n, "clusters": means.clusters,
                    "degrees": means.clusters - 1,
                }  # fmt: skip
    return found


def speeches_curve(
    sentences: pd.DataFrame, sample: pd.DataFrame, readings: pd.DataFrame, categories: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Return the curve of standing granted in speeches, in percentage points.

    Parameters
    ----------
    sentences, sample, readings
        The tables speech_sentences, speech_sample and speech_readings.
    categories
        Of the dictionary, that count as standing.
    confidence
        Of the intervals.
    """
    found = {}
    for layer in SPEECHES["dictionary"]:
        for reader in SPEECHES["reader"]:
            with_layer = sentences.assign(kept=sentences[layer])
            readers = [] if reader == "all" else [reader]
            found[layer, reader] = _contrasts(
                sentences_coded(with_layer, sample, readings, "recognition", categories, readers), 100.0
            )

    def estimate(options: Mapping[str, Any]) -> Mapping[str, Any]:
        key = (ESTIMATORS[options["code"]], options["compared with"], options["periods"])
        return found[options["dictionary"], options["reader"]][key]

    return run_specifications(SPEECHES, estimate, _sensible("dictionary"), confidence)


def resolutions_curve(
    paragraphs: pd.DataFrame, documents: pd.DataFrame, sample: pd.DataFrame, readings: pd.DataFrame, confidence: float
) -> pd.DataFrame:  # fmt: skip
    """Return the curve of the strength of verbs towards IOM, in steps (0 to 5).

    Parameters
    ----------
    paragraphs, documents, sample, readings
        The tables mandate_paragraphs, mandate_documents, mandate_sample and mandate_readings.
    confidence
        Of the intervals.
    """
    found: dict[tuple[str, str], Mapping[tuple[str, str, str], Mapping[str, Any]] | str] = {}
    for reader in RESOLUTIONS["reader"]:
        coded = paragraphs_coded(paragraphs, documents, sample, readings, [] if reader == "all" else [reader])
        for organ in RESOLUTIONS["organ"]:
            units = coded.units if organ == "all" else coded.units[coded.units["organ"] == organ].reset_index(drop=True)
            try:
                found[organ, reader] = _contrasts(Coded(within_part(units), coded.beyond), 1.0)
            except UserError as error:
                found[organ, reader] = str(error)

    def estimate(options: Mapping[str, Any]) -> Mapping[str, Any]:
        of = found[options["organ"], options["reader"]]
        if isinstance(of, str):
            raise UserError(of)
        return of[ESTIMATORS[options["code"]], options["compared with"], options["periods"]]

    return run_specifications(RESOLUTIONS, estimate, _sensible(""), confidence)


def within_part(units: pd.DataFrame) -> pd.DataFrame:
    """Reckon probabilities anew within the strata of a part; strata of which nothing was read are left out."""
    stratum = units.groupby("stratum")["coded"]
    probability = stratum.transform("count") / stratum.transform("size")
    return units.assign(probability=probability)[probability > 0].reset_index(drop=True)


def _sensible(layer: str) -> Any:
    """Tell which combinations make sense: a machine alone has no reader, readers alone have no dictionary."""

    def allowed(options: Mapping[str, Any]) -> bool:
        if options["code"].endswith("alone") and options["code"] != "readers alone" and options["reader"] != "all":
            return False
        return not (layer and options["code"] == "readers alone" and options[layer] != SPEECHES[layer][0])

    return allowed
