"""Objectives of the Global Compact for Migration, and the outputs of IOM's results framework that serve them."""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from compacts.ingest.raw_file import AGAIN, decode, ingest_log, read_json, shown
from compacts.text.normalise import fold
from compendium.errors import UserError

OBJECTIVES = 23


def srf_gcm_links(objectives: Path, gcm_to_outputs: Path, outputs_to_gcm: Path) -> dict[str, pd.DataFrame]:
    """Return the table ``srf_gcm_links``, one row a pair of objective and output, and its log.

    Parameters
    ----------
    objectives : Path
        JSON: objectives, long-term and short-term outcomes, outputs of the results framework.
    gcm_to_outputs, outputs_to_gcm : Path
        JSON: the same links from either end.

    Raises
    ------
    UserError
        When a file is damaged, an output or objective is unknown, or a link comes twice.
    """
    listed = _outputs(read_json(objectives), objectives)
    places = {output: above for output, *above in reversed(listed)}
    forth = _links(gcm_to_outputs, from_output=False)
    back = _links(outputs_to_gcm, from_output=True)
    pairs = sorted(forth | back)
    for objective, output in pairs:
        if not 1 <= objective <= OBJECTIVES or output not in places:
            raise UserError(
                f"{shown(gcm_to_outputs)}: got a link of objective {objective} and output {output!r}, expected objectives 1 to {OBJECTIVES} and outputs of {shown(objectives)}; {AGAIN}"
            )
    table = pd.DataFrame([
        {
            "gcm_objective": objective, "srf_output": output, "srf_objective": places[output][0],
            "long_term_outcome": places[output][1], "short_term_outcome": places[output][2],
            "in_objective_list": (objective, output) in forth, "in_output_list": (objective, output) in back,
        }
        for objective, output in pairs
    ])  # fmt: skip
    linked = {output for _, output in pairs}
    log = ingest_log([
        ("srf_gcm_links", "texts_gcm_to_srf_outputs", "kept", "links listed by objective", "links", len(forth)),
        ("srf_gcm_links", "texts_srf_outputs_to_gcm", "kept", "links listed by output", "links", len(back)),
        ("srf_gcm_links", "texts_srf_objectives", "kept", "linked to an objective of the Compact", "outputs", len(linked)),
        ("srf_gcm_links", "texts_srf_objectives", "dropped", "linked to no objective of the Compact", "outputs", len(places) - len(linked)),
        ("srf_gcm_links", "texts_srf_objectives", "dropped", "the same code a second time, for another output", "outputs", len(listed) - len(places)),
    ])  # fmt: skip
    return {"srf_gcm_links": table, "ingest_srf_gcm_links": log}


def _outputs(content: Any, path: Path) -> list[tuple[str, str, str, str]]:
    """Return each output with the objective and the two outcomes above it."""
    try:
        return [
            (str(output["id"]), str(objective["id"]), str(long["id"]), str(short["id"]))
            for objective in content
            for long in objective["long_term_outcomes"]
            for short in long["short_term_outcomes"]
            for output in short["outputs"]
        ]
    except (TypeError, KeyError) as error:
        raise UserError(f"{shown(path)}: got no objectives with outcomes and outputs ({error}); {AGAIN}") from None


def _links(path: Path, *, from_output: bool) -> set[tuple[int, str]]:
    content = read_json(path)
    codes = content.values() if isinstance(content, dict) else [None]
    if not all(isinstance(values, list) and all(isinstance(value, str) for value in values) for values in codes):
        raise UserError(f"{shown(path)}: got no lists by code; {AGAIN}")
    pairs = [(value, key) if from_output else (key, value) for key, values in content.items() for value in values]
    bad = [objective for objective, _ in pairs if not (objective.isascii() and objective.isdigit())]
    if bad:
        raise UserError(f"{shown(path)}: got the objective {bad[0]!r}, expected a number; {AGAIN}")
    if len(set(pairs)) != len(pairs):
        twice = next(pair for pair in pairs if pairs.count(pair) > 1)
        raise UserError(f"{shown(path)}: got the link {twice} a second time, expected each once; {AGAIN}")
    return {(int(objective), output) for objective, output in pairs}


def gcm_objectives(long: Path, short: Path, srf_gcm_links: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the table ``gcm_objectives``, one row an objective of the Global Compact for Migration, and its log.

    Parameters
    ----------
    long, short : Path
        Markdown: the objectives with their actions, in full and in brief.
    srf_gcm_links : DataFrame
        ``gcm_objective``, ``srf_output``.

    Raises
    ------
    UserError
        When a file is damaged, an objective is lost or twice, or the two differ in objectives or titles.
    """
    full, brief = _objectives(long), _objectives(short)
    outputs = srf_gcm_links.groupby("gcm_objective")["srf_output"].nunique()
    for number, (title, _) in full.items():
        if title.lower() != brief[number][0].lower():
            raise UserError(
                f"{shown(short)}: got the title {brief[number][0]!r} of objective {number}, expected {title!r} as in {shown(long)}; {AGAIN}"
            )
    table = pd.DataFrame([
        {
            "gcm_objective": number, "title": title, "actions": len(actions), "words": sum(len(action.split()) for action in actions),
            "actions_brief": len(brief[number][1]), "iom_outputs": int(outputs.get(number, 0)),
        }
        for number, (title, actions) in sorted(full.items())
    ])  # fmt: skip
    log = ingest_log(
        [
            (
                "gcm_objectives",
                "texts_gcms_long",
                "kept",
                "counted by objective",
                "actions",
                int(table["actions"].sum()),
            ),
            (
                "gcm_objectives",
                "texts_gcms_short",
                "kept",
                "counted by objective",
                "actions",
                int(table["actions_brief"].sum()),
            ),
        ]
    )
    return {"gcm_objectives": table, "ingest_gcm_objectives": log}


def _objectives(path: Path) -> dict[int, tuple[str, list[str]]]:
    """Return title and actions of each objective."""
    text = decode(path.read_bytes(), path)
    parts = re.split(r"^# Objective (\d+)\s*$", text, flags=re.MULTILINE)
    found: dict[int, tuple[str, list[str]]] = {}
    for number, part in zip(map(int, parts[1::2]), parts[2::2], strict=True):
        title = re.search(r"^## Title: (.+)$", part, re.MULTILINE)
        if number in found or title is None:
            raise UserError(
                f"{shown(path)}, objective {number}: got it twice or without a title, expected each once; {AGAIN}"
            )
        found[number] = fold(title[1]), re.findall(r"^- (.+)$", part, re.MULTILINE)
    if sorted(found) != list(range(1, OBJECTIVES + 1)):
        raise UserError(f"{shown(path)}: got {len(found)} objectives, expected 1 to {OBJECTIVES}; {AGAIN}")
    return found
