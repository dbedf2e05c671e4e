"""All verdicts of a notebook together: what limits each, and one sentence for all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compacts.verdicts import SAYS, Judged, Told

SUBJECTS: Mapping[str, str] = {name: says for name, (says, *_) in SAYS.items()} | {
    "B4": "hosting refugees does not predict the GCR vote", "B6": "states that did not endorse take less part in later forums",
    "F6": "the informal forum GFMD lives on with fewer and fewer states",
}  # fmt: skip


def summary_told(judged: Mapping[str, Judged], p_values: Mapping[str, float], holds: Sequence[str]) -> list[Told]:
    """Tell all verdicts in one sentence, and which tests still reject after correction for all of them."""
    kinds = {
        kind: [
            f"{SUBJECTS[name]} ({name}{judged[name].caveat.replace('(', '; ').rstrip(')')})"
            for name in sorted(judged)
            if judged[name].verdict == kind
        ]
        for kind in ("supported", "contradicted", "undecided")
    }
    said = "; ".join(
        f"{kind} {'whether' if kind == 'undecided' else 'that'} {', '.join(names)}"
        for kind, names in kinds.items()
        if names
    )
    tables = ("un_votes", "country_year", "forum_roles", "hypotheses")
    return [
        {"name": "hypotheses_verdicts", "value": said, "unit": "hypotheses", "kind": "verdict", "table": tables,
         "text": "Hypotheses by declared rules: {value}."},
        {"name": "family_b_after_holm", "value": ", ".join(holds) or "none", "unit": "tests", "kind": "verdict", "table": tables,
         "text": f"Corrected for all {len(p_values)} tests on states (Holm) these still reject equality: {{value}}."},
    ]  # fmt: skip


def qualified(judged: Mapping[str, Judged], holds: Sequence[str], alpha: float) -> dict[str, Judged]:
    """Put beside each verdict that is not undecided what limits it.

    A verdict that rests on a rejection and is not among ``holds`` (the tests that reject after correction) stands ``before
    correction only``; one that another coding or a single state left out would change is ``not robust``.

    Examples
    --------
    >>> qualified({"B1": Judged("supported", [], "", 0.03, turned=2)}, [], 0.05)["B1"].in_words
    'supported (before correction only; not robust)'
    >>> qualified({"B4": Judged("supported", [], "", 0.8)}, [], 0.05)["B4"].in_words
    'supported'
    """
    found = {}
    for name, one in judged.items():
        rejects = one.p_value is not None and one.p_value < alpha
        limits = [*["before correction only"] * (rejects and name not in holds), *["not robust"] * bool(one.turned)]
        said = f"({'; '.join(limits)})" if limits and one.verdict != "undecided" else ""
        told, beside = [dict(row) for row in one.told], f"{{value}} {said}".strip()
        for row in told:
            if row["name"] == f"{name.lower()}_verdict":
                row["text"] = row["text"].replace("{value}", beside)
        found[name] = replace(one, caveat=said, told=told)
    return found
