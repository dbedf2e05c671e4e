"""verify: a second execution in a fresh folder; every tampering is found and named, and the working tree stays."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny import Tiny

from compendium.plan import read_plan
from compendium.verify import compare


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    tiny = Tiny(tmp_path_factory.mktemp("verify"))
    tiny.write("notebooks/index.md", "# Tiny\n\n{{total}}\n\n{{notebooks}}\n")
    tiny.run()
    return tiny


@pytest.fixture
def tiny(run_once: Tiny, tmp_path: Path) -> Tiny:
    return run_once.copy(tmp_path)


def tree(tiny: Tiny) -> dict[str, str]:
    files = [
        path
        for path in tiny.root.rglob("*")
        if path.is_file() and ".compendium" not in path.parts and "__pycache__" not in path.parts
    ]
    return {path.relative_to(tiny.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_what_is_committed_comes_out_again_and_the_tree_is_left_alone(tiny: Tiny):
    before = tree(tiny)
    printed = tiny.run("verify")
    assert "No difference" in printed
    assert tree(tiny) == before
    report = json.loads(tiny.read(".compendium/verify/verify.json"))
    assert report["differences"] == []
    assert set(report["executed"]) == {"01_first", "02_second", "03_third"}
    assert report["groups"]["01_first"]["compared"] > 5
    assert report["groups"]["01_first"]["equal"] == report["groups"]["01_first"]["compared"]


def test_from_raw_the_tables_are_made_again_too(tiny: Tiny):
    tiny.write("data/tables/numbers.csv", "key,value\na,1\nb,2\nc,40\n")
    printed = tiny.run("verify", "--from-raw", "--raw", str(tiny.raw), expect=1)
    assert "from the raw files" in printed
    assert "data/tables/numbers.csv, row 4, column value (numbers): committed '40', anew '39'" in printed
    counted = json.loads(tiny.read(".compendium/verify/verify.json"))["groups"]["tables"]
    assert (counted["compared"], counted["different"]) == (8, 1)


def edit(path: str, old: str, new: str) -> Callable[[Tiny], None]:
    def change(tiny: Tiny) -> None:
        text = tiny.read(path)
        assert old in text
        tiny.write(path, text.replace(old, new))

    return change


def remove(path: str) -> Callable[[Tiny], None]:
    return lambda tiny: (tiny.root / path).unlink()


TAMPERINGS = {
    "a claim": (edit("results/claims.csv", ",42,", ",43,"), "claim total"),
    "a claim's sentence": (edit("results/claims.csv", "In all 42", "In sum 42"), "claim total"),
    "a dropped claim": (edit("results/claims/01_first.csv", "total,", "totals,"), "results/claims/01_first.csv, claim totals"),
    "a tolerance": (edit("results/claims.csv", ",0.0,", ",9.0,"), "tolerance"),
    "a table": (edit("results/tables/01_sums.csv", "42", "41"), "results/tables/01_sums.csv, row 2, column total"),
    "a column": (edit("results/tables/01_sums.csv", "total", "sum"), "results/tables/01_sums.csv, columns"),
    "a page": (edit("site/01_first.html", "How much?", "How many?"), "site/01_first.html"),
    "the front page": (edit("site/index.html", "In all 42", "In all 44"), "site/index.html"),
    "a page on data": (edit("site/tables/numbers.html", "39", "38"), "site/tables/numbers.html"),
    "a pasted output": (edit("results/03_third.ipynb", "third", "fourth"), "results/03_third.ipynb"),
    "a file too many": (lambda tiny: tiny.write("results/tables/more.csv", "a\n1\n"), "results/tables/more.csv"),
    "a file too few": (remove("results/tables/01_sums.csv"), "results/tables/01_sums.csv, file (new)"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_tampering_with_what_is_committed_is_found_and_named(run_once: Tiny, tiny: Tiny, what: str):
    change, named = TAMPERINGS[what]
    change(tiny)
    found = [one for tally in compare(read_plan(tiny.root), run_once.root).values() for one in tally.differences]
    assert any(named in f"{one.file}, {one.place} ({one.kind})" for one in found)


def test_a_changed_parameter_is_found_by_what_it_moves(tiny: Tiny):
    edit("notebooks/01_first.ipynb", "factor = 1", "factor = 2")(tiny)
    printed = tiny.run("verify", expect=1)
    assert "claim total, cell cell-4, value (numbers): committed '42', anew '84'" in printed
    assert "results/tables/01_sums.csv, row 2, column total (numbers): committed '42', anew '84'" in printed


def test_a_notebook_that_fails_and_packages_that_are_not_as_locked_are_differences(tiny: Tiny):
    tiny.cells("03_third", "1 / 0")
    tiny.write(
        "requirements.lock",
        "pandas==0.1 \\\n    --hash=sha256:0\nno-such-package==1\nother==1 ; sys_platform == 'none'\n",
    )
    printed = tiny.run("verify", expect=1)
    assert "different: run" in printed
    assert "requirements.lock, pandas (package): committed '0.1'" in printed
    assert "no-such-package (package): committed '1', anew 'not installed'" in printed
    assert "other" not in printed.partition("Executed anew")[2]


def test_bad_input_is_answered_with_one_sentence(tiny: Tiny):
    assert "no folder of raw files" in tiny.run("verify", "--from-raw", expect=2)
    assert "not found" in tiny.run("verify", "--from-raw", "--raw", "nowhere", expect=2)
    for words in (["verify", "--jobs", "x"], ["verify", "--raw"], ["trace", "--bad"], ["check", "now"]):
        printed = tiny.run(*words, expect=2)
        assert len(printed.strip().splitlines()) == 1
        assert printed.strip().endswith("--help tells what there is")
