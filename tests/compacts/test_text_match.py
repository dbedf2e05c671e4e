"""The matcher: notation, word bounds, overlaps, and equal results with a slow matcher that shares no code with it."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_matching import compiled, pattern_by_pattern, spelled

from compacts.text import match
from compacts.text.match import Hit, Matcher, expand, lowered
from compendium.errors import UserError


def entries(*phrases, case="ignore"):
    return pd.DataFrame({"phrase": list(phrases), "case": case})


def found(phrases, text, case="ignore"):
    return [text[hit.start : hit.end] for hit in Matcher(entries(*phrases, case=case)).find(text)]


def test_capitals_count_only_where_the_entry_says_so():
    assert found(["WHO"], "who asked the WHO?", case="exact") == ["WHO"]
    assert found(["WHO"], "who asked the WHO?") == ["who", "WHO"]


def test_an_entry_is_found_at_word_bounds_only():
    assert found(["ILO", "war"], "ILO's silo, ILO_2, post-war, wars, war.") == ["ILO", "war", "war"]
    assert found(["été"], "l'été, étés, été") == ["été", "été"]


def test_a_star_stands_for_the_rest_of_a_word_also_inside_a_phrase():
    assert found(["refugee*"], "Refugees, refugee, refugeehood's") == ["Refugees", "refugee", "refugeehood"]
    assert found(["work* with"], "working with, work with, works without, work  with") == ["working with", "work with"]


def test_the_longest_of_those_that_begin_first_wins():
    assert found(["refugee*", "refugee camp", "camp of UNHCR"], "a refugee camp of UNHCR") == ["refugee camp"]
    assert found(["a b", "b c d"], "a b c d") == ["a b"]


def test_an_entry_hidden_by_another_frees_what_comes_after_it():
    assert found(["a b", "b c", "c d"], "a b c d") == ["a b", "c d"]


def test_of_equal_hits_the_first_entry_wins_and_groups_do_not_compete():
    frame = entries("aid*", "aid", "aid").assign(category=["one", "one", "two"])
    assert Matcher(frame).find("aid") == [Hit(0, 0, 3)]
    assert Matcher(frame, group="category").find("aid") == [Hit(0, 0, 3), Hit(2, 0, 3)]


def test_places_hold_where_small_letters_are_longer_than_capitals():
    text = "İstanbul İ REFUGEES ŁÓDŹ"
    assert len(lowered(text)) == len(text)
    assert found(["refugee*", "łódź"], text) == ["REFUGEES", "ŁÓDŹ"]


def test_texts_do_not_run_into_one_another():
    hits = Matcher(entries("a b", "b*")).find_many(["a", "b", "", "a b", "b"])
    assert hits.to_numpy().tolist() == [[1, 1, 0, 1], [3, 0, 0, 3], [4, 1, 0, 1]]
    assert Matcher(entries("a")).find_many([]).empty


def test_chunks_change_nothing(monkeypatch):
    texts = ["refugees and migrants", "", "migrants", "UNHCR"] * 20
    matcher = Matcher(entries("migrant{s,}", "refugee*", "UNHCR"))
    whole = matcher.find_many(texts)
    monkeypatch.setattr(match, "CHUNK", 30)
    assert matcher.find_many(texts).equals(whole)


@pytest.mark.parametrize("phrase", ["", " a", "a  b", "{a", "a}", "{a,{b}}", "*", "a*b", "a **", "a *", "{a ,}"])
def test_wrong_notation_is_refused_with_the_phrase(phrase):
    with pytest.raises(UserError, match="dictionary: got the phrase"):
        expand(phrase)


def test_a_wrong_case_is_refused():
    with pytest.raises(UserError, match="expected exact or ignore"):
        Matcher(entries("a", case="upper"))


WORDS = st.sampled_from(["a", "ab", "abc", "b", "Bc", "c", "é", "a_b", "-", "’"])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
STARRED = (
    st.tuples(PHRASES, st.sampled_from(["", "", "*"])).map("".join).filter(lambda text: not text.endswith(("-*", "’*")))
)


@given(st.lists(STARRED, min_size=1, max_size=6), st.lists(TEXTS, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_results_equal_the_slow_matcher_on_made_up_words(phrases, texts, exact, apart):
    frame = entries(*phrases, case="exact" if exact else "ignore").assign(
        group=[number % 2 for number in range(len(phrases))]
    )
    groups = frame["group"].tolist() if apart else [0] * len(frame)
    hits = Matcher(frame, group="group" if apart else None).find_many(texts)
    rows = list(hits.itertuples(index=False, name=None))
    # a spelling that overlaps itself is beyond the slow one
    if not any(phrase.split()[0] == phrase.split()[-1] and " " in phrase for phrase in phrases):
        assert rows == pattern_by_pattern(compiled(frame), groups, texts)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("organization_names", None),
        ("phrase_categories", "category"),
        ("speech_terms", "term"),
        ("temporal_clauses", "kind"),
    ],
)
def test_each_entry_of_each_dictionary_is_found_in_its_own_words(table, name, group):
    frame = table(name)
    texts = [
        f"“{way.replace('*', 'xyz')}”, as {way.replace('*', '')}."
        for phrase in frame["phrase"]
        for way in spelled(phrase)
    ]
    groups = frame[group].tolist() if group else [0] * len(frame)
    sample = texts[:: max(1, len(texts) // 150)]
    rows = list(Matcher(frame, group=group).find_many(sample).itertuples(index=False, name=None))
    assert rows == pattern_by_pattern(compiled(frame), groups, sample)
    assert {row[0] for row in rows} == set(range(len(sample)))


def test_results_equal_the_slow_matcher_on_real_sentences(table, raw):
    from compacts.text.normalise import split_sentences

    folder, frame = raw("texts_ungdc"), table("phrase_categories")
    names = ["Session 71 - 2016/DEU_71_2016.txt", "Session 73 - 2018/HUN_73_2018.txt"]
    sentences = [line for name in names for line in split_sentences((folder / name).read_text(encoding="utf-8"))]
    rows = list(Matcher(frame, group="category").find_many(sentences).itertuples(index=False, name=None))
    assert len(rows) > len(sentences)
    assert rows == pattern_by_pattern(compiled(frame), frame["category"].tolist(), sentences)
