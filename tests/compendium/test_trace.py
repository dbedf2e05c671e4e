"""trace: from a number back to a raw file with its hash, and from a file forward to the numbers."""

import json
import re
from pathlib import Path

import pytest
from tiny import Tiny

from compendium.errors import UserError
from compendium.plan import read_plan
from compendium.trace import trace_back
from compendium.trace_text import as_text


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    made = Tiny(tmp_path_factory.mktemp("trace"))
    made.run()
    return made


def back(tiny: Tiny, name: str) -> dict:
    return trace_back(read_plan(tiny.root), name)


def forward(tiny: Tiny, name: str) -> dict:
    told: dict = json.loads(tiny.run("trace", "--forward", name, "--json"))
    return told


def test_a_claim_leads_to_cell_functions_parameters_tables_and_the_raw_file(tiny: Tiny):
    told = back(tiny, "total")
    assert (told["value"], told["notebook"]) == ("42", "notebooks/01_first.ipynb")
    assert told["parameters"] == {"factor": 1, "label": "x"}
    assert [(f["function"], f["file"], f["lines"]) for f in told["functions"]] == [
        ("add", "src/tinylib/adding.py", "1-2")
    ]
    table = told["tables"][0]
    assert table["made_by"] == {
        "build": "numbers",
        "function": "numbers",
        "file": "src/tinylib/build.py",
        "lines": "4-11",
    }
    assert [raw["sha256"] for raw in table["raw_files"]] == [
        re.findall("[0-9a-f]{64}", tiny.read("data/sources.csv"))[0]
    ]


def test_the_lines_of_a_cell_are_those_of_its_notebook_file(tmp_path: Path):
    tiny = Tiny(tmp_path)
    pretty = json.dumps(json.loads(tiny.read("notebooks/01_first.ipynb")), indent=1)
    tiny.write("notebooks/01_first.ipynb", pretty)
    tiny.run("--only", "01")
    cell = back(tiny, "total")["cell"]
    first, last = map(int, cell["lines"].split("-"))
    inside = "\n".join(pretty.splitlines()[first - 1 : last])
    assert '"cell_type": "code"' in inside
    assert "claim('total'" in inside
    assert inside.count('"cell_type"') == 1


def test_tables_exhibits_and_paths_are_traced_too(tiny: Tiny):
    assert back(tiny, "numbers")["table"] == "numbers"
    assert back(tiny, "01_sums")["files"] == ["results/tables/01_sums.csv"]
    assert back(tiny, "results/tables/01_sums.csv") == back(tiny, "01_sums")
    assert back(tiny, "data/tables/numbers.csv") == back(tiny, "numbers")


@pytest.mark.parametrize(
    "given", ["letters.txt", "letters", "numbers", "data/tables/numbers.csv", "src/tinylib/build.py"]
)
def test_forward_names_tables_notebooks_and_claims(tiny: Tiny, given: str):
    told = forward(tiny, given)
    assert told["tables"] == ["numbers"]
    assert told["notebooks"] == ["01_first"]
    assert {claim["name"] for claim in told["claims"]} == {"total", "twice"}
    assert told["exhibits"] == ["01_sums"]


def test_a_module_is_followed_through_what_imports_it(tiny: Tiny):
    told = forward(tiny, "src/tinylib/base.py")
    assert told["notebooks"] == ["02_second"]
    assert [claim["name"] for claim in told["claims"]] == ["twice"]


@pytest.mark.parametrize("name", ["totl", "numbrs", "01_sms"])
def test_an_unknown_name_is_answered_with_the_nearest(tiny: Tiny, name: str):
    near = {"totl": "total", "numbrs": "numbers", "01_sms": "01_sums"}[name]
    with pytest.raises(UserError, match=f"did you mean {near}"):
        back(tiny, name)


def test_the_command_prints_text_or_json_and_refuses_bad_input_with_one_sentence(tiny: Tiny):
    assert json.loads(tiny.run("trace", "total", "--json"))["claim"] == "total"
    assert "sha256" in tiny.run("trace", "total")
    assert "claims (2)" in tiny.run("trace", "--forward", "letters.txt")
    assert "got no raw file" in tiny.run("trace", "--forward", "src/tinylib/no_such.py", expect=2)
    for arguments in (["trace"], ["trace", "total", "--forward", "x"], ["trace", "nothing"]):
        assert len(tiny.run(*arguments, expect=2).strip().splitlines()) == 1


def test_the_vote_for_the_migration_compact_ends_at_its_roll_call_file():
    root = Path(__file__).resolve().parents[2]
    told = as_text(trace_back(read_plan(root), "gcm_yes"))
    hashed = re.search(r"source_id st_unga_base\n.*?sha256: ([0-9a-f]{64})", told, flags=re.DOTALL)
    assert hashed
    assert hashed[1] in (root / "data/sources.csv").read_text(encoding="utf-8")
