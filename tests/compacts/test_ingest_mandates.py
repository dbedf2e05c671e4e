"""Mandate documents: reading, dates, clauses, what paragraphs say of organizations."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from compacts.ingest.mandate_dates import dated, kind, organ, session, symbol
from compacts.ingest.mandate_documents import mandate_documents, recurring_series
from compacts.ingest.mandate_paragraphs import mandate_paragraphs
from compacts.ingest.mandate_texts import documents, operative
from compacts.text.operative import Verbs
from compendium.errors import UserError

ADOPTED = "Resolution adopted by the General Assembly on 17 December 2018"


def paragraph(text, kind="paragraph", label=None, level=None, **more):
    """A paragraph as the raw files have it."""
    return {
        "text": text,
        "type": kind,
        "paragraph_type": label,
        "paragraph_level": level,
        "prefix": None,
        "links": [],
        **more,
    }


def asked(text, level=1, **more):
    """An operative paragraph."""
    return paragraph(text, label="operative", level=level, **more)


SAMPLE = {
    "A_RES_73_900": [
        paragraph("Seventy-third session", "frontmatter"),
        paragraph(ADOPTED, "frontmatter"),
        paragraph("73/900.\tRivers", "title"),
        paragraph("Recalling its resolution 72/1,", label="preambular", links=[["A/RES/72/1", "https://undocs.org/A/RES/72/1"]]),
        asked("Decides to extend the mandate of the panel for a period of two years, until 31 December 2020;"),
        asked("Requests the International Organization  for Migration and UNHCR:", links=[["A/RES/72/1", "x"], ["A/RES/72/1", "x"]]),
        asked("To support migrants, together with UNICEF;", level=2),
        asked("Notes the Global Compact for Safe, Orderly and Regular Migration;"),
        asked("Requests the Secretary-General to submit a report at its seventy-fifth session."),
    ],
    "UNEP_EA.4_RES.90": [
        paragraph("Nairobi, 11–15 March 2019", "frontmatter"),
        paragraph("Recalling the report,", "frontmatter"),
        paragraph("Invites the World Health Organization to continue to help refugees;", "frontmatter"),
    ],
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """A function that writes documents and returns their paths."""

    def written(contents):
        for stem, content in contents.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / f"{stem}.json").write_text(text, encoding="utf-8")
        return tuple(sorted(tmp_path.glob("*.json")))

    return written


@pytest.fixture
def citations(tmp_path):
    """A file of citations with one double."""
    folder = tmp_path / "citations"
    folder.mkdir()
    row = {
        "entity": "UNEP", "cited_symbol": "A/RES/73/900", "cited_year": 2018.0, "group_title": "Rivers :",
        "newer_cited_symbols": ["A/RES/74/1"], "latest_symbol": "A/RES/74/1", "description": None,
    }  # fmt: skip
    (folder / "citations.json").write_text(json.dumps([row, row]), encoding="utf-8")
    return folder / "citations.json"


@pytest.fixture
def dictionaries(table):
    return [table(name) for name in ("organization_names", "operative_verbs", "temporal_clauses")]


def test_a_document_has_its_date_size_clauses_and_names(files, citations, dictionaries):
    made = mandate_documents(files(SAMPLE), citations, *dictionaries)
    table = made["mandate_documents"].set_index("document")
    rivers, lakes = table.loc["A_RES_73_900"], table.loc["UNEP_EA.4_RES.90"]
    assert rivers["date"] == pd.Timestamp("2018-12-17")
    assert (rivers["title"], rivers["organ"], rivers["session"], rivers["series"]) == (
        "Rivers",
        "General Assembly",
        "73",
        "Rivers",
    )
    assert (rivers["operative"], rivers["preambular"], rivers["paragraphs"]) == (5, 1, 9)
    assert (rivers["extension"], rivers["fixed_term"], rivers["reporting"], rivers["termination"]) == (1, 1, 1, 0)
    assert (rivers["term_months"], rivers["term_until"]) == (24, pd.Timestamp("2020-12-31"))
    assert rivers["organizations"] == "gcm iom unhcr unicef"
    assert pd.isna(lakes["date"])
    assert (lakes["date_earliest"], lakes["date_latest"]) == (pd.Timestamp("2019-03-11"), pd.Timestamp("2019-03-15"))
    assert (lakes["operative"], lakes["operative_by_verb"]) == (0, 1)
    assert made["mandate_citations"].to_numpy().tolist() == [["A_RES_73_900", "A/RES/72/1", 3]]
    assert made["recurring_series"]["newer_cited"].tolist() == ["A/RES/74/1"]
    log = made["ingest_mandate_documents"].set_index(["table", "outcome", "unit"])["rows"]
    assert log["recurring_series", "dropped", "citations"] == 1
    assert log["mandate_documents", "kept", "paragraphs"] == 12


def test_a_paragraph_and_organization_have_a_row(files, dictionaries):
    made = mandate_paragraphs(files(SAMPLE), *dictionaries)
    table = made["mandate_paragraphs"].set_index(["document", "position", "organization"])
    assert list(table.index) == [
        ("A_RES_73_900", 5, "iom"), ("A_RES_73_900", 5, "unhcr"), ("A_RES_73_900", 6, "unicef"), ("UNEP_EA.4_RES.90", 2, "who"),
    ]  # fmt: skip
    iom, unicef, who = table.iloc[0], table.iloc[2], table.iloc[3]
    assert (iom["verb"], iom["strength"], iom["named_with"]) == ("requests", 4, "unhcr")
    assert pd.isna(unicef["verb"])
    assert (unicef["chapeau_verb"], unicef["chapeau_strength"], unicef["role"], unicef["object"]) == (
        "requests",
        4,
        "partner",
        "migrant",
    )
    assert (who["found_by"], who["role"], who["task"], who["object"]) == ("verb", "actor", "continuing", "refugee")
    compact = made["mandate_compact_paragraphs"]
    assert compact[["compact", "verb"]].to_numpy().tolist() == [["gcm", "notes"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[{", "breaks off"),
        ("", "breaks off"),
        ("[]", "no list of paragraphs"),
        ('{"text": "a"}', "no list of paragraphs"),
        ([{"text": "a"}], "no key type, paragraph_type"),
        (["a"], "str, expected an object"),
        ([paragraph(7)], "the text 7"),
        ([paragraph("a", "image")], "the type 'image'"),
        ([paragraph("a", label="draft")], "the paragraph_type 'draft'"),
        ([paragraph("a", level="1")], "the paragraph_level '1'"),
        ([{**paragraph("a"), "links": "none"}], "the links none"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_refused_with_its_place(files, content, message):
    with pytest.raises(UserError, match=r"A_RES_1_1\.json") as error:
        list(documents(files({"A_RES_1_1": content})))
    assert message in str(error.value)


def test_latin_1_is_refused(tmp_path):
    path = tmp_path / "A_RES_1_1.json"
    path.write_bytes('[{"text": "Café"}]'.encode("latin-1"))
    with pytest.raises(UserError, match="0xe9"):
        list(documents((path,)))


@pytest.mark.parametrize("content", ["[", "{}", '[{"entity": "A"}]', "[7]"])
def test_damaged_citations_are_refused(tmp_path, content):
    path = tmp_path / "citations.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=r"citations\.json"):
        recurring_series(path)


def test_one_citation_with_two_contents_is_refused(citations):
    rows = json.loads(citations.read_text())
    rows[1]["latest_symbol"] = "A/RES/75/1"
    citations.write_text(json.dumps(rows))
    with pytest.raises(UserError, match="twice with different contents"):
        recurring_series(citations)


def first(stem, *texts):
    """The date of a document of these texts (pairs give another type than front matter)."""
    entries = [text if isinstance(text, tuple) else (text, "frontmatter") for text in texts]
    path = Path(f"{stem}.json")
    path.write_text(json.dumps([paragraph(*entry) for entry in entries]), encoding="utf-8")
    found = dated(stem, next(documents((path,)))[1])
    return found.rule, found.earliest, found.latest


@pytest.mark.parametrize(
    ("stem", "texts", "expected"),
    [
        ("A_RES_73_151", [ADOPTED], ("adoption", date(2018, 12, 17), date(2018, 12, 17))),
        ("S_RES_1591(2005)", ["Adopted by the Security Council at its 5153rd meeting, on", ("29 March 2005", "heading")], ("adoption", date(2005, 3, 29), date(2005, 3, 29))),
        # the day of issue is not the day of adoption
        ("A_RES_50_152", ["9 February 1996", ("97th plenary meeting", "backmatter"), ("21 December 1995", "backmatter")], ("meeting", date(1995, 12, 21), date(1995, 12, 21))),
        # a date that does not fit the symbol's session is another document's
        ("A_RES_73_151", ["Resolution adopted by the General Assembly on 3 May 1999"], ("assembly session", date(2018, 9, 1), date(2019, 9, 6))),
        # a scanned page begins with the end of the resolution before
        ("A_RES_217(III)", ["<!-- Page 1 -->", "177th plenary meeting,", "8 December 1948.", "217 (III). Rights", "183rd plenary meeting,", "10 December 1948."], ("meeting", date(1948, 12, 10), date(1948, 12, 10))),
        ("S_2016_488", [("Letter dated 24 May 2016 from the Secretary-General", "heading")], ("letter", date(2016, 5, 24), date(2016, 5, 24))),
        ("S_2025_14", [("Letter dated 24 December 2024 from the Secretary-General", "heading")], ("letter", date(2024, 12, 24), date(2024, 12, 24))),
        ("UNEP_EA.2_RES.9", ["Nairobi, 23–27 May 2016"], ("session", date(2016, 5, 23), date(2016, 5, 27))),
        ("S_RES_1208(1998)", ["19 November 1998"], ("issue", date(1998, 1, 1), date(1998, 11, 19))),
        ("S_RES_1208(1998)", ["no date"], ("symbol", date(1998, 1, 1), date(1998, 12, 31))),
        ("A_79_733", ["Budget for the period from 1 July 2025 to 30 June 2026"], ("assembly session", date(2024, 9, 1), date(2025, 9, 6))),
        ("CD_8_REV.10", ["Rules"], ("undated", None, None)),
    ],
)  # fmt: skip
def test_dates_are_found_by_the_first_rule_that_fits(tmp_path, monkeypatch, stem, texts, expected):
    monkeypatch.chdir(tmp_path)
    assert first(stem, *texts) == expected


def test_symbols_tell_organ_kind_and_session():
    assert [symbol(stem) for stem in ("S_RES_1325(2000)", "A_RES_118_(II)", "A_HRC_RES_35_17")] == [
        "S/RES/1325(2000)", "A/RES/118(II)", "A/HRC/RES/35/17",
    ]  # fmt: skip
    assert [session(of) for of in ("A/RES/118(II)", "A/RES/2345(XXII)", "A/RES/538(VI)", "A/RES/3234(XXIX)")] == [
        "2",
        "22",
        "6",
        "29",
    ]
    assert (organ("S/PRST/2016/4"), kind("S/PRST/2016/4")) == ("Security Council", "presidential statement")


def test_the_paragraph_above_is_that_of_the_upper_level(files, table):
    texts = [
        asked("Decides:"),
        asked("Part one:", level=2),
        asked("Part of part one;", level=3),
        asked("Requests all:"),
        asked("To go;", level=2),
    ]
    ((_, read),) = documents(files({"A_RES_1_1": texts}))
    found = operative("A_RES_1_1", read, Verbs(table("operative_verbs")))
    assert [each.chapeau.name if each.chapeau else None for each in found] == [
        None,
        "decides",
        "decides",
        None,
        "requests",
    ]
