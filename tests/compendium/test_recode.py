"""recode: a human reads the items of a declared sample, and joins the readers of its table."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny import PACKAGE, PLAN, Tiny

from compendium import recode
from compendium.codebook import outside, read_codebooks
from compendium.errors import UserError
from compendium.plan import read_plan

PLAN_MORE = """
[codebook.notes]
sample = "sample"
readings = "readings"
codes_in = "codebooks"
key = "item"
by = "kind"
shown = ["kind"]
found_at = ["place"]
constants = { main = 1 }
instrument = "INSTRUMENT.md"
passage = "tinylib.passage:passage"
raw = { letters = "letters" }
"""
PASSAGE = """
def passage(item, letters):
    return letters.read_text(encoding="utf-8").splitlines()[int(item["place"])]
"""
CODEBOOKS = """codebook,number,applies_to,code,values,meaning
notes,1,,praise,0 1,Says something good
notes,2,,words,whole number,How many words
notes,3,law,binding,yes no,Says that it binds
"""
SAMPLE = "item,kind,place\nN1,talk,0\nN2,law,1\nN3,talk,2\n"
READINGS = "item,reader,main,praise,words,binding\nN1,A,1,1,12,\nN2,A,1,,,no\nN3,A,1,0,7,\n"


def field(name: str, kind: str = "string", **limits: object) -> dict[str, object]:
    return {"name": name, "type": kind, "description": name, "constraints": limits}


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    made = Tiny(tmp_path)
    columns = {
        "codebooks": ["codebook", "number", "applies_to", "code", "values", "meaning"], "sample": ["item", "kind", "place"],
    }  # fmt: skip
    resources = [
        {"name": name, "path": f"tables/{name}.csv", "title": name, "sources": ["letters"], "schema": {"fields": [field(c) for c in names], "missingValues": [""]}}
        for name, names in columns.items()
    ]  # fmt: skip
    fields = [field("item", required=True), field("reader", required=True), field("main", "integer"), field("praise", "integer", enum=[0, 1]),
              field("words", "integer"), field("binding", enum=["yes", "no"])]  # fmt: skip
    resources.append({"name": "readings", "path": "tables/readings.csv", "title": "r", "sources": ["letters"],
                      "schema": {"fields": fields, "missingValues": [""], "primaryKey": ["item", "reader"]}})  # fmt: skip
    made.write("data/datapackage.json", json.dumps({**PACKAGE, "resources": [*PACKAGE["resources"], *resources]}))
    made.write("data/tables/codebooks.csv", CODEBOOKS)
    made.write("data/tables/sample.csv", SAMPLE)
    made.write("data/tables/readings.csv", READINGS)
    made.write("compendium.toml", PLAN + PLAN_MORE)
    made.write("src/tinylib/passage.py", PASSAGE)
    return made


def at_desk(tiny: Tiny, *, items: int | None = None, raw: bool = False) -> recode.Desk:
    plan = read_plan(tiny.root)
    return recode.Desk(plan, read_codebooks(plan)["notes"], "Ada", items, tiny.raw if raw else None)


def answering(*answers: str) -> Callable[[str], str]:
    """Return what stands for a keyboard: it ends when there is no answer left, as Ctrl-D does."""
    said: Iterator[str] = iter(answers)

    def hear(_prompt: str) -> str:
        try:
            return next(said)
        except StopIteration:
            raise EOFError from None

    return hear


def drafted(desk: recode.Desk) -> dict[str, list[str]]:
    with desk.path.open(encoding="utf-8", newline="") as file:
        return {row["item"]: [row["praise"], row["words"], row["binding"]] for row in csv.DictReader(file)}


def test_items_come_in_an_order_of_the_readers_own_and_each_is_kept_at_once(tiny: Tiny) -> None:
    desk, told = at_desk(tiny), list[str]()
    assert sorted(desk.items) == ["N1", "N2", "N3"]
    answers = {"N1": ["1", "5"], "N2": ["yes"], "N3": ["0", "6"]}
    first, second = desk.items[0], desk.items[1]
    desk.ask(answering(*answers[first], *answers[second]), told.append)
    assert set(drafted(desk)) == {first, second}
    again = at_desk(tiny)
    assert again.items == desk.items
    again.ask(answering(*answers[desk.items[2]]), told.append)
    assert drafted(again) == {"N1": ["1", "5", ""], "N2": ["", "", "yes"], "N3": ["0", "6", ""]}


def test_a_wrong_answer_is_asked_again_and_one_can_go_back_skip_and_end(tiny: Tiny) -> None:
    desk, told = at_desk(tiny), list[str]()
    desk.items = ["N1", "N2", "N3"]
    desk.ask(answering("2", "?", "1", "b", "0", "many", "5", "s", "0", "q"), told.append)
    assert drafted(desk) == {"N1": ["0", "5", ""]}
    assert "    got '2', expected one of 0, 1" in told
    assert "    got 'many', expected a whole number" in told
    assert "    Says something good" in told


def test_the_text_is_shown_where_the_raw_files_are_and_the_place_where_they_are_not(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tiny.root / "src"))
    for raw, there, not_there in ((True, "    b=2", "place 1"), (False, "place 1", "    b=2")):
        told: list[str] = []
        desk = at_desk(tiny, raw=raw)
        desk.items = ["N2"]
        desk.ask(answering(), told.append)
        assert there in "\n".join(told)
        assert not_there not in "\n".join(told)


def test_added_codes_join_the_table_and_replace_only_the_readers_own(tiny: Tiny) -> None:
    desk = at_desk(tiny)
    desk.keep({"N1": {"praise": "0", "words": "11"}, "N2": {"binding": "yes"}})
    assert desk.add() == "data/tables/readings.csv"
    desk.keep({"N1": {"praise": "1", "words": "12"}})
    desk.add()
    assert tiny.read("data/tables/readings.csv") == (
        "item,reader,main,praise,words,binding\nN1,A,1,1,12,\nN1,Ada,1,1,12,\nN2,A,1,,,no\nN2,Ada,1,,,yes\nN3,A,1,0,7,\n"
    )
    assert outside(read_plan(tiny.root)) == []


def test_a_form_goes_out_and_comes_back_filled(tiny: Tiny, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    tiny.run("recode", "notes", "--reader", "Ada", "--form", str(form), "--raw", str(tiny.raw))
    lines = form.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "item,kind,place,text,praise,words,binding"
    filled = [f"{line[:-3]},1,4," if ",talk," in line else line for line in lines]
    form.write_text("\r\n".join(filled), encoding="utf-8-sig", newline="")
    printed = tiny.run("recode", "notes", "--reader", "Ada", "--from", str(form), "--add")
    assert "2 of 3 items coded as Ada" in printed
    assert "N1,Ada,1,1,4," in tiny.read("data/tables/readings.csv")
    assert "notes: 3 items of sample; read by A 3, Ada 2" in tiny.run("recode")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("item,praise,words,binding\nN1,3,4,\n", "line 2, column praise: got '3', expected one of 0, 1"),
        (
            "item,praise,words,binding\nN1,1,4,\nN2,1,,no\n",
            "line 3, column praise: got '1', expected an empty cell: the code is not for kind law",
        ),
        ("item,praise,words,binding\nN1,1,,\n", "line 2, column words: got '', expected a whole number"),
        ("item,praise,words,binding\nN9,1,4,\n", "line 2, column item: got 'N9'"),
        ("item,praise,words,binding\nN1,1,4,\nN1,1,4,\n", "line 3, column item: got 'N1' a second time"),
        ("item,praise,words\nN1,1,4\n", "got no column 'binding'"),
        ("item,praise,words,binding,prase\nN1,1,4,,1\n", "got the column 'prase', did you mean praise?"),
    ],
)
def test_a_wrong_form_is_refused_whole_with_row_column_and_remedy(
    tiny: Tiny, tmp_path: Path, lines: str, told: str
) -> None:
    form = tmp_path / "form.csv"
    form.write_text(lines, encoding="utf-8")
    printed = tiny.run("recode", "notes", "--reader", "Ada", "--from", str(form), expect=2)
    assert told in printed
    assert len(printed.strip().splitlines()) == 1
    assert not (tiny.root / ".compendium/recode/notes-Ada.csv").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["recode", "note", "--reader", "Ada"], "did you mean notes?"),
        (["recode", "notes"], "add --reader NAME"),
        (["recode", "notes", "--reader", "A/B"], "expected a name of letters"),
        (["recode", "notes", "--reader", "Ada", "--add"], "nothing is coded as Ada yet"),
        (["recode", "notes", "--reader", "Ada", "--items", "0"], "expected a number above 0"),
        (["recode", "notes", "--reader", "Ada", "--form", "data/form.csv"], "texts must not be committed"),
        (["recode", "notes", "--reader", "Ada", "--from", "nowhere.csv"], "cannot be read"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(tiny: Tiny, words: list[str], told: str) -> None:
    printed = tiny.run(*words, expect=2)
    assert told in printed
    assert len(printed.strip().splitlines()) == 1


def test_check_names_a_committed_reading_outside_its_codebook(tiny: Tiny) -> None:
    tiny.write("data/tables/readings.csv", READINGS.replace("N3,A,1,0,7,", "N3,A,1,0,7,yes").replace("N1,A", "N8,A"))
    assert outside(read_plan(tiny.root)) == [
        "data/tables/readings.csv, line 2: got the item 'N8', which is not in sample; correct it",
        "data/tables/readings.csv, line 4, column binding: got 'yes', the codebook notes expects an empty cell: the code is not for kind talk; correct the code",
    ]  # fmt: skip


def test_a_codebook_that_is_not_declared_right_is_named(tiny: Tiny) -> None:
    for wrong, told in (
        ('sample = "smple"', "did you mean sample?"),
        ('sampel = "sample"', "got the key 'sampel'"),
        ("", "got no sample"),
    ):
        tiny.write("compendium.toml", PLAN + PLAN_MORE.replace('sample = "sample"', wrong, 1))
        with pytest.raises(UserError, match=told.replace("?", r"\?")):
            read_codebooks(read_plan(tiny.root))
