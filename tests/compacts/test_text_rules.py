"""Rules on phrases: what they take, what they leave, and where they are known to err."""

import pytest

from compacts.text import rules
from compacts.text.match import Hit


def at(sentence, words):
    start = sentence.index(words)
    return Hit(0, start, start + len(words))


@pytest.mark.parametrize(
    ("sentence", "phrase", "expected"),
    [
        ("UNHCR has no mandate for this", "mandate", True),
        ("It did not thank the Office", "thank", True),
        ("We cannot fully support IOM", "support", True),
        ("They don’t welcome UNHCR", "welcome", True),
        ("It acted without the mandate of the Assembly", "mandate", True),
        ("It refuses to support WFP", "support", True),
        ("We thank UNHCR", "thank", False),
        ("It has not only a mandate but means", "mandate", False),
        ("There is no doubt about its mandate", "mandate", False),
        ("We do not agree; UNHCR has a mandate", "mandate", False),
        ("No state stood aside, but we thank UNHCR", "thank", False),
        ("Not one of the many states that we saw there would thank IOM", "thank", False),  # too far: a known miss
    ],
)
def test_negation(sentence, phrase, expected):
    assert rules.negated(sentence, at(sentence, phrase)) is expected


@pytest.mark.parametrize(
    ("sentence", "phrase", "expected"),
    [
        ("IOM could play a vital role", "vital role", True),
        ("We hope that UNHCR will provide assistance", "provide assistance", True),
        ("If it had the mandate, it would act", "mandate", True),
        ("It may lead the response", "lead", True),
        ("In May IOM led the response", "led", False),
        ("IOM plays a vital role", "vital role", False),
        ("I would like to thank UNHCR", "thank", False),
        ("It may be late, but UNHCR has provided aid", "provided", False),
    ],
)
def test_hedging(sentence, phrase, expected):
    assert rules.hedged(sentence, at(sentence, phrase)) is expected


@pytest.mark.parametrize(
    ("sentence", "phrase", "expected"),
    [
        ("It spoke of a “vital role” of UNHCR", "vital role", True),
        ('It spoke of a "vital role" of UNHCR', "vital role", True),
        ("The report says: “IOM has a mandate", "mandate", True),
        ("has a mandate”, says the report", "mandate", True),
        ("“So be it”, he said of the mandate", "mandate", False),
        ("IOM’s mandate and its staff’s work", "mandate", False),
        ("The mandate, he said, is “clear”", "mandate", False),
    ],
)
def test_quotation(sentence, phrase, expected):
    assert rules.quoted(sentence, at(sentence, phrase)) is expected


@pytest.mark.parametrize(
    ("sentence", "phrase", "direction", "expected"),
    [
        ("We thank UNHCR", "thank", "after", True),
        ("We thank UNHCR", "thank", "before", False),
        ("UNHCR has provided aid", "has provided", "before", True),
        ("UNHCR has provided aid", "has provided", "either", True),
        ("We thank the hosts; UNHCR reports new arrivals", "thank", "after", False),
        ("We thank the hosts, while UNHCR reports new arrivals", "thank", "after", False),
        ("We thank one two three four five six seven eight nine ten eleven UNHCR", "thank", "after", True),
        (
            "We thank one two three four five six seven eight nine ten eleven twelve thirteen UNHCR",
            "thank",
            "after",
            False,
        ),
        ("We thank the Government, which hosts UNHCR", "thank", "after", True),  # a known error: the host is thanked
    ],
)
def test_actor(sentence, phrase, direction, expected):
    names = [at(sentence, "UNHCR")]
    assert bool(rules.actors(sentence, at(sentence, phrase), names, direction)) is expected


def test_only_names_within_reach_are_those_that_a_phrase_is_about():
    sentence = "We thank IOM and WFP; UNHCR reports"
    names = [at(sentence, name) for name in ("IOM", "WFP", "UNHCR")]
    assert rules.actors(sentence, at(sentence, "thank"), names, "either") == names[:2]


def test_words_within_a_name_are_no_phrases():
    sentence = "the Coordination of Humanitarian Affairs gave humanitarian aid"
    name = at(sentence, "Coordination of Humanitarian Affairs")
    inside, outside = at(sentence, "Humanitarian"), at(sentence, "humanitarian")
    assert rules.without_names([inside, outside], [name]) == [outside]
