"""The dictionaries: organizations that exist, nothing twice, and what the samples' own patterns find."""

import re
from collections import Counter

import pytest
from naive_matching import spelled

from compacts.text.match import Matcher

COMPACT_IDS = {"gcm", "gcr", "compact", "nyd", "crrf", "grf", "imrf", "gmg", "mptf"}
GROUPS = {
    "organization_names": None,
    "phrase_categories": "category",
    "speech_terms": "term",
    "temporal_clauses": "kind",
}


def test_every_name_belongs_to_an_organization_of_the_table_or_to_the_compacts(table):
    ids = {word for org_id in table("organization_names")["org_id"] for word in org_id.split()}
    assert ids - set(table("organizations")["org_id"]) == COMPACT_IDS | {"none"}


def test_every_target_of_the_samples_has_names(table):
    targets = set(table("target_patterns")["target"]) - {"compact"}
    assert len(targets) == 12
    assert targets <= set(table("organization_names")["org_id"])


@pytest.mark.parametrize("name", GROUPS)
def test_no_spelling_stands_twice_in_a_group(table, name):
    frame, group = table(name), GROUPS[name]
    seen = Counter(
        (row[group] if group else "", way if row["case"] == "exact" else way.lower())
        for row in frame.to_dict("records")
        for way in spelled(row["phrase"])
    )
    assert [key for key, times in seen.items() if times > 1] == []


def test_there_are_hundreds_of_phrases_in_two_layers(table):
    frame = table("phrase_categories")
    assert len(frame) > 600
    layers = frame.groupby("category")["layer"].agg(set)
    assert all(layer == {"core", "extended"} for layer in layers)
    assert {"delegated", "moral", "expert", "capacity", "convening", "demand", "service", "gratitude", "resources", "lasting"} < set(layers.index)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "org_ids"),
    [
        ("the Office of the United Nations High Commissioner for Refugees (UNHCR)", ["unhcr", "unhcr"]),
        ("the High Commissioner for Human Rights (UNHCR)", ["ohchr"]),
        ("the International Organisation for Migration", ["iom"]),
        ("the UN Migration Network", ["unnm"]),
        ("UN Migration", ["iom"]),
        ("the global compact for safe, orderly and regular migration", ["gcm"]),
        ("the Global Compact on Refugees", ["gcr"]),
        ("the global compacts on refugees and on migration", ["gcm gcr"]),
        ("the United Nations Global Compact on Migration", ["gcm"]),
        ("the United Nations Global Compact", ["none"]),
        ("a global compact with business", ["none"]),
        ("the New York Declaration for Refugees and Migrants", ["nyd"]),
        ("the New York Declaration on Forests", ["none"]),
        ("Doctors Without Borders, who came", []),
        ("the Children’s Fund and the United Nations Children's Fund", ["unicef", "unicef"]),
    ],
)
def test_names_are_told_apart(table, text, org_ids):
    frame = table("organization_names")
    assert [frame["org_id"][hit.entry] for hit in Matcher(frame).find(text)] == org_ids


def test_what_the_patterns_of_the_samples_find_the_names_find_too(table):
    frame, patterns = table("organization_names"), table("target_patterns")
    matcher = Matcher(frame)
    for target, pattern in zip(patterns["target"], patterns["pattern"], strict=True):
        # one literal form of each alternative
        plain = (
            pattern.replace(r"\b", "")
            .replace("[sz]", "z")
            .replace("u?", "u")
            .replace("(?:Emergency )?", "")
            .replace("n.s", "n’s")
        )
        for form in plain.split("|") if target != "compact" else []:
            assert re.search(pattern, form), form
            assert target in {frame["org_id"][hit.entry] for hit in matcher.find(f"the {form} here")}, form
