"""Speeches: the corpus's own counts, the coded samples, regular expressions on a sample; faults refused."""

import re

import openpyxl
import pandas as pd
import pytest

from compacts.ingest.speeches import speeches
from compacts.text.named_sentences import passes
from compacts.text.rules import RULES
from compendium.errors import UserError

PER_YEAR = [193, 194, 196, 196, 195, 193, 194, 193, 192, 192]  # 2015-2024
# speeches that name each, 2014 to 2024, by regular expressions of the study's first reading of the corpus
NAMING = {
    "unhcr": [7, 12, 5, 12, 12, 9, 9, 8, 5, 4, 4],
    "iom": [3, 2, 4, 4, 2, 2, 4, 1, 0, 4, 0],
    "gcm": [0, 0, 4, 27, 55, 17, 7, 5, 5, 4, 3],
    "gcr": [0, 0, 2, 8, 17, 3, 2, 1, 2, 1, 0],
}
# speeches that name each, 1990-2018 and 2019-2024, from the same
PERIODS = {
    "unhcr": (282, 39),
    "iom": (29, 11),
    "wfp": (97, 32),
    "unicef": (249, 41),
    "ilo": (79, 12),
    "ohchr": (336, 41),
}
TEXT = "I thank  UNHCR for its work.\nRefugees and migrants need more. UNHCR has no mandate there. The war goes on."
HEADER = ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]


@pytest.fixture
def files(tmp_path, table):
    """Two speeches and a list of speakers."""

    def write(rows=(), header=HEADER, number=None, **texts):
        texts = texts or {"USA_73_2018": TEXT, "EU_68_2013": "No name here."}
        paths = []
        for stem, text in texts.items():
            paths.append(tmp_path / f"{stem}.txt")
            paths[-1].write_bytes(text if isinstance(text, bytes) else text.encode())
        book = openpyxl.Workbook()
        book.active.title = "Sheet1"
        for row in [header, *(rows or [(2018, 73, "USA ", "United States", "Ms.  Doe", "President")])]:
            book.active.append(row)
        book.save(tmp_path / "speakers.xlsx")
        readme = tmp_path / "README.txt"
        readme.write_text(
            f"It is for the period 1946-2023. There are {number or len(texts)} speeches.", encoding="utf-8"
        )
        names = ["un_members", "organization_names", "phrase_categories", "speech_terms"]
        return {
            "texts": tuple(paths),
            "readme": readme,
            "speakers": tmp_path / "speakers.xlsx",
            **{name: table(name) for name in names},
        }

    return write


def test_a_speech_is_counted_joined_with_its_speaker_and_cut_where_it_names(files):
    made = speeches(**files())
    one = made["speeches"].set_index("document").loc["USA_73_2018"]
    assert one[["iso3", "session", "year", "speaker", "post"]].tolist() == ["USA", 73, 2018, "Ms. Doe", "President"]
    assert one[["words", "sentences", "n_refugee", "n_migrant", "n_mandate", "n_war"]].tolist() == [20, 4, 1, 1, 1, 1]
    sentences = made["speech_sentences"]
    assert sentences[["document", "position", "targets"]].to_numpy().tolist() == [
        ["USA_73_2018", 0, "unhcr"],
        ["USA_73_2018", 2, "unhcr"],
    ]
    assert sentences["kept_core"].tolist()[0] == "gratitude"
    assert "delegated" in sentences["categories"].tolist()[1]
    assert "delegated" not in str(sentences["kept"].tolist()[1])
    assert sentences["negation"].tolist() == [False, True]


def test_the_european_union_has_its_own_code_and_is_no_member(files):
    table = speeches(**files())["speeches"].set_index("document")
    assert table.loc["EU_68_2013", "iso3"] == "EUU"
    assert table["is_member"].to_dict() == {"EU_68_2013": False, "USA_73_2018": True}
    assert pd.isna(table.loc["EU_68_2013", "speaker"])


def test_texts_that_name_nothing_give_empty_tables(files):
    made = speeches(**files(USA_73_2018="We thank no one."))
    assert made["speech_sentences"].empty
    assert made["speech_phrases"].empty
    assert len(made["speeches"]) == 1


def test_an_empty_post_is_missing_and_white_space_is_folded(files):
    table = speeches(**files([(2018, 73, "USA", "", " Ms.  Doe ", None)]))["speeches"].set_index("document")
    assert table.loc["USA_73_2018", "speaker"] == "Ms. Doe"
    assert pd.isna(table.loc["USA_73_2018", "post"])


def test_speakers_are_names(table):
    frame = table("speeches")
    assert not frame[["speaker", "post"]].isin(["nan", "None", "missing", ""]).any(axis=None)
    assert frame["speaker"].notna().sum() == 10_892
    assert frame.set_index("document").loc["EU_68_2013", "speaker"] == "Herman Van Rompuy"
    assert frame.set_index("document").loc["YMD_44_1989", "speaker"] == "AL-DALI"
    assert frame.set_index("document").loc["ZAF_71_2016", "speaker"] == "Mr. Jacob Zuma"


def test_two_speakers_of_a_text_are_none_and_the_same_row_twice_is_one(files):
    twice = [
        (2018, 73, "USA", "", "A", ""),
        (2018, 73, "USA", "", "A", ""),
        (2013, 68, "EC", "", "B", ""),
        (2013, 68, "EU", "", "C", ""),
    ]
    made = speeches(**files(twice))
    assert made["speeches"].set_index("document")["speaker"].dropna().to_dict() == {"USA_73_2018": "A"}
    log = made["ingest_speeches"].set_index("reason")["rows"]
    assert (log["the same row again"], log["two speakers, one text"], log["speaker of a speech"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"usa_73_2018": TEXT}, "expected code, session and year"),
        ({"USA_73_2019": TEXT}, "got session 73 in 2019, expected session 74"),
        ({"USA_73_2018": " \n"}, "line 1: got an empty text"),
        ({"USA_73_2018": b"One\nG\xfcnter"}, "line 2: got the byte 0xfc, expected UTF-8"),
    ],
)
def test_a_damaged_text_is_refused(files, texts, message):
    with pytest.raises(UserError, match=message):
        speeches(**files(**texts))


def test_another_number_of_texts_than_the_description_says_is_refused(files):
    with pytest.raises(UserError, match=r"got 2 texts to 2023, expected the 1,000 of the description"):
        speeches(**files(number="1,000"))
    arguments = files()
    arguments["readme"].write_text("There are speeches.", encoding="utf-8")
    with pytest.raises(UserError, match="got no number of speeches"):
        speeches(**arguments)


def test_the_same_speech_in_two_folders_is_refused(files, tmp_path):
    arguments = files()
    with pytest.raises(UserError, match="USA_73_2018 a second time"):
        speeches(**{**arguments, "texts": (arguments["texts"][0], tmp_path / "again" / "USA_73_2018.txt")})


def test_a_damaged_list_of_speakers_is_refused(files):
    arguments = files()
    data = arguments["speakers"].read_bytes()
    for cut in (0, 10, len(data) // 2, len(data) - 30):
        arguments["speakers"].write_bytes(data[:cut])
        with pytest.raises(UserError, match="no whole workbook"):
            speeches(**arguments)
    with pytest.raises(UserError, match=r"no column 'Post'"):
        speeches(**files(header=[*HEADER[:-1], "Posts"]))
    with pytest.raises(UserError, match=r"row 2: got the year 'soon', expected four digits"):
        speeches(**files([("soon", 73, "USA", "", "A", "")]))


def test_the_table_has_the_corpus_s_own_counts(table):
    frame = table("speeches")
    years = frame["year"]
    assert (len(frame), (years <= 2023).sum()) == (10_952, 10_760)  # the second: README of the corpus, version 12
    assert [int((years == year).sum()) for year in range(2015, 2025)] == PER_YEAR
    assert [int(years.between(*span).sum()) for span in ((1946, 1989), (1990, 2018), (2019, 2024))] == [
        4430,
        5363,
        1159,
    ]
    assert round(frame["words"].sum() / 1e6, 1) == 31.9
    assert frame["iso3"].nunique() == 200


def test_every_sampled_sentence_is_in_the_table_with_its_target(table):
    frame = table("speech_sentences").set_index(["document", "position"])
    for item in table("speech_sample").itertuples():
        row = frame.loc[(item.document, item.position)]
        targets = set(row["targets"].split())
        assert row["sha1"] == item.sha1
        assert item.target in targets or (item.target == "compact" and targets & {"gcm", "gcr", "compact"}), item.item


def test_sentences_by_target_and_period_are_the_population_of_the_sample(table):
    named = table("speech_sentences").assign(target=lambda frame: frame["targets"].str.split()).explode("target")
    named["target"] = named["target"].replace({"gcm": "compact", "gcr": "compact"})
    named = named.drop_duplicates(["document", "position", "target"])
    for (target, period), size in (
        table("speech_sample").groupby(["target", "stratum_period"])["stratum_size"].first().items()
    ):
        first, last = map(int, period.split("-"))
        ours = int(((named["target"] == target) & named["year"].between(first, last)).sum())
        assert ours >= size, (target, period)
        # earlier names, capitals left aside, and WHO in letters: the dictionary says where it is wider than the patterns
        if target not in {"compact", "ocha", "unodc", "ohchr", "who"}:
            assert ours <= size * 1.05 + 3, (target, period)


def test_speeches_that_name_an_organization_agree_with_the_first_reading(table):
    named = table("speech_sentences").assign(target=lambda frame: frame["targets"].str.split()).explode("target")
    by_year = named.groupby(["target", "year"])["document"].nunique()
    for target, counts in NAMING.items():
        ours = [int(by_year.get((target, year), 0)) for year in range(2014, 2025)]
        assert all(0 <= a - b <= 3 for a, b in zip(ours, counts, strict=True)), (target, ours)
    for target, counts in PERIODS.items():
        rows = named[named["target"] == target]
        ours = [rows[rows["year"].between(*span)]["document"].nunique() for span in ((1990, 2018), (2019, 2024))]
        assert all(abs(a - b) <= 2 for a, b in zip(ours, counts, strict=True)), (target, ours)


def test_flags_and_categories_follow_from_the_phrases(table):
    sentences, phrases = table("speech_sentences"), table("speech_phrases")
    phrases["kept"] = phrases["about"].notna() & ~(phrases["negated"] | phrases["quoted"] | phrases["hedged"])
    assert passes(phrases).equals(phrases["kept"].rename(None))
    assert [int(passes(phrases, [rule]).sum()) > int(phrases["kept"].sum()) for rule in RULES] == [True] * 4
    key = ["document", "position"]
    kept = phrases[phrases["kept"]].groupby(key)["category"].agg(lambda values: " ".join(sorted(set(values))))
    assert sentences.set_index(key)["kept"].dropna().to_dict() == kept.to_dict()
    hedged = set(map(tuple, phrases.loc[phrases["hedged"], key].to_numpy()))
    assert set(map(tuple, sentences.loc[sentences["hedging"], key].to_numpy())) == hedged


def test_counts_equal_regular_expressions_on_a_sample_of_speeches(table, raw):
    frame, folder = table("speeches"), raw("texts_ungdc")
    patterns = {"n_refugee": r"\brefugees?\b", "n_climate": r"\bclimate change\b", "n_remittances": r"\bremittances?\b"}
    targets = table("target_patterns").set_index("target")["pattern"].drop("compact")
    named = table("speech_sentences").groupby("document")["targets"].agg(lambda values: set(" ".join(values).split()))
    sample = frame[frame["year"] >= 1990].iloc[::40]
    for row in sample.itertuples():
        _, session, year = row.document.split("_")
        text = (folder / f"Session {session} - {year}" / f"{row.document}.txt").read_text(encoding="utf-8")
        folded = " ".join(text.split())
        assert row.words == len(text.split())
        for column, pattern in patterns.items():
            assert getattr(row, column) == len(re.findall(pattern, folded, re.IGNORECASE)), (row.document, column)
        found = {target for target, pattern in targets.items() if re.search(pattern, folded)}
        assert found <= named.get(row.document, set()), row.document
    assert len(sample) > 150
