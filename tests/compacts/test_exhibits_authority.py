"""The pictures of authority: readable, inside the page, and the same twice; also with one reader, gaps and empty groups."""

import pytest
from legible import drawing, illegible, shown_texts

from compacts import authority, dictionary_errors, faces, own_words, reading_quality
from compacts.exhibits import authority as pictures

SOURCE = "Source, as of a day"
NAMES = [
    "agreement",
    "one reader",
    "claims",
    "recognition",
    "delegation",
    "a group missing",
    "ways",
    "dictionary",
    "faces",
]


@pytest.fixture(scope="module")
def figures(table):
    documents, own = table("documents"), table("document_readings")
    texts = {
        "own words": authority.claimed(documents, own),
        "speeches": authority.recognised(table("speech_sample"), table("speech_readings")),
        "resolutions": authority.delegated(table("mandate_sample"), table("mandate_readings")),
    }
    readings = {
        "own words": own[own["main"] == 1],
        "speeches": table("speech_readings"),
        "resolutions": table("mandate_readings"),
    }
    pairs = dictionary_errors.dictionary_codes(texts["speeches"], table("speech_sentences"))
    measures = {"autonomy": texts["own words"], "strength": texts["resolutions"]}

    def profile(name, codes, frame=None):
        found = authority.profile(texts[name] if frame is None else frame, codes, 0.95)
        return pictures.profiles(found, pictures.words_of(codes, codes[:2]), SOURCE)

    def agreement(readers):
        who = reading_quality.readers_by_set(readings, readers)
        found = reading_quality.agreement_of_sets(readings, texts, who, draws=100, seed=1, confidence=0.95)
        return pictures.agreement(found.assign(code=found["code"].map(pictures.words_of(found["code"]))), SOURCE)

    def draw(name):
        return {
            "agreement": lambda: agreement([]),
            "one reader": lambda: agreement(["A"]),
            "claims": lambda: profile("own words", [*authority.CLAIMS, *authority.STANCES, "autonomy"]),
            "recognition": lambda: profile("speeches", ["recognition", *authority.GROUNDS, *authority.RELATIONS]),
            "delegation": lambda: profile("resolutions", ["strength", "lead", "jointly"]),
            "a group missing": lambda: profile(
                "own words", ["moral", "demand"], texts["own words"][texts["own words"]["group"] != "peers"]
            ),
            "ways": lambda: pictures.ways(
                own_words.changes(documents, own, ["moral", "demand"], ["IOM", "UNHCR"], 0.95), {"moral": "moral claims", "demand": "demands"}, SOURCE
            ),
            "dictionary": lambda: pictures.dictionary(
                dictionary_errors.dictionary_scores(pairs),
                {"one": dictionary_errors.dictionary_bias(pairs, "group", 0.95), "two": dictionary_errors.dictionary_bias(pairs, "period", 0.95)},
                SOURCE,
            ),
            "faces": lambda: pictures.faces(
                faces.side_by_side(
                    measures, 100 * faces.free_money(table("finance_entity_year"), faces.ENTITIES, 2022, 2024),
                    faces.outside_measures(table("piip_year"), table("authority_reference")), 2016, 0.95,
                ),
                {"autonomy": "claimed:\nindex", "strength": "delegated:\nstrength", "free": "free, %", "mia_delegation": "MIA"}, SOURCE,
            ),
        }[name]()  # fmt: skip

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_large_enough_inside_the_figure_and_apart_from_others(figures, name):
    assert illegible(figures(name)) == []


@pytest.mark.parametrize("name", ["agreement", "claims", "ways", "dictionary", "faces"])
def test_a_figure_is_the_same_twice(figures, name):
    assert drawing(figures(name), name) == drawing(figures(name), name)


def test_codes_with_too_little_agreement_are_marked_and_the_mark_explained(figures):
    words = [text.get_text() for text in shown_texts(figures("delegation"))]
    assert "strength†" in words
    assert any("† too little agreement" in text for text in words)


def test_with_one_reader_every_alpha_is_said_to_be_undefined(figures):
    words = [text.get_text() for text in shown_texts(figures("one reader"))]
    assert words.count("undefined") == 30
