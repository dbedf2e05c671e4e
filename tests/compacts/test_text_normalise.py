"""White space, hashes and sentences: the coded samples, drawn by another program, are met item by item."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compacts.text.normalise import fold, sentence_starts, sha1, split_sentences


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(" \t\n\r\x0b\x1c\x85\xa0\u2003\u2028\u3000a."))))
def test_folding_is_splitting_at_white_space_and_joining_by_blanks(text):
    assert fold(text) == " ".join(text.split())


def test_the_hash_is_that_of_the_folded_text():
    assert sha1(" a \n b ") == hashlib.sha1(b"a b", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("one. two. three", ["one. two. three"]),
        ("Mr. Grandi, Mrs. Ogata and Ms. Pope spoke. We heard.", ["Mr. Grandi, Mrs. Ogata and Ms. Pope spoke.", "We heard."]),
        ("We thank UNHCR. We also thank IOM.", ["We thank UNHCR. We also thank IOM."]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("He left. (He had to.) “Why?” we ask.", ["He left.", "(He had to.) “Why?” we ask."]),
        ("See resolution No. 73. It says so.", ["See resolution No. 73.", "It says so."]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_sentences_end_by_the_rule(text, sentences):
    assert split_sentences(text) == sentences


@given(st.text(alphabet='aB.!?”" (“Mrs\n'))
def test_sentences_joined_again_are_the_folded_text(text):
    assert " ".join(split_sentences(text)) == fold(text)
    assert len(split_sentences(text)) == (len(sentence_starts(fold(text))) if fold(text) else 0)


def test_every_sampled_sentence_is_found_at_its_place(table, raw):
    sample, folder = table("speech_sample"), raw("texts_ungdc")
    assert len(sample) == 596
    for document, items in sample.groupby("document"):
        code, session, year = document.split("_")
        path = folder / f"Session {session} - {year}" / f"{code}_{session}_{year}.txt"
        sentences = split_sentences(path.read_text(encoding="utf-8"))
        for item in items.itertuples():
            assert sha1(sentences[item.position]) == item.sha1, item.item


def test_every_sampled_paragraph_has_its_hash(table, raw):
    sample, folder = table("mandate_sample"), raw("texts_un_mandate_paragraphs")
    assert len(sample) == 403
    for document, items in sample.groupby("document"):
        paragraphs = json.loads((folder / f"{document}.json").read_text(encoding="utf-8"))
        for item in items.itertuples():
            assert sha1(paragraphs[item.position]["text"]) == item.sha1, item.item
