"""The engine on the tiny compendium: the real command, started as a user starts it."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny import CELLS, Tiny, notebook

from compendium.inputs import FileHashes
from compendium.plan import read_plan
from compendium.steps import Workshop, notebook_step


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tiny, str]:
    """A tiny compendium after its first run, and what that run printed."""
    tiny = Tiny(tmp_path_factory.mktemp("built"))
    return tiny, tiny.run()


@pytest.fixture
def tiny(built: tuple[Tiny, str], tmp_path: Path) -> Tiny:
    """A copy of the built compendium, state included; everything is up to date in it."""
    copy = built[0].copy(tmp_path)
    state = copy.root / ".compendium" / "hashes.json"
    state.unlink(missing_ok=True)
    return copy


def ran(printed: str) -> set[str]:
    return {line.split()[1] for line in printed.splitlines() if line.startswith("  done ")}


def test_a_first_run_leaves_pages_claims_and_executed_notebooks(built: tuple[Tiny, str]) -> None:
    tiny, printed = built
    assert "All done. Read site/index.html" in printed
    assert ran(printed) == {*CELLS, *(f"page:{name}" for name in CELLS), "claims"}
    outputs = tiny.outputs()
    assert {"results/01_first.ipynb", "site/01_first.html", "results/tables/01_sums.csv", "results/claims.csv"} <= set(
        outputs
    )
    assert b"total,01_first,cell-4,count,42,things" in outputs["results/claims.csv"]
    assert b"twice,02_second,cell-4,count,84,things" in outputs["results/claims.csv"]
    assert b"In all 42 things." in outputs["site/01_first.html"]


def test_executed_copies_hold_no_times_paths_or_versions(built: tuple[Tiny, str]) -> None:
    tiny, _ = built
    text = tiny.read("results/01_first.ipynb")
    assert str(tiny.root) not in text
    data = json.loads(text)
    assert set(data["metadata"]) == {"kernelspec", "language_info"}
    assert data["metadata"]["language_info"] == {"name": "python"}
    assert all(set(cell["metadata"]) <= {"tags"} for cell in data["cells"])


def test_a_second_run_runs_nothing_and_says_so(tiny: Tiny) -> None:
    assert "Nothing changed: all 7 steps are up to date" in tiny.run()


def test_forcing_everything_reproduces_every_byte(tiny: Tiny) -> None:
    before = tiny.outputs()
    printed = tiny.run("--force")
    assert "No output changed." in printed
    assert tiny.outputs() == before


def test_an_edited_module_reruns_only_the_notebooks_that_reach_it_and_why_names_the_file(tiny: Tiny) -> None:
    tiny.write("src/tinylib/base.py", "TWO = 2  # edited\n")
    why = tiny.run("--why")
    assert "02_second: would run\n    src/tinylib/base.py changed" in why
    assert "01_first: up to date" in why
    assert ran(tiny.run()) == {"02_second"}  # its output did not change, so nothing that follows it runs


def test_a_changed_module_changes_the_findings_and_the_end_says_which(tiny: Tiny) -> None:
    tiny.write("src/tinylib/base.py", "TWO = 3\n")
    printed = tiny.run()
    assert ran(printed) == {"02_second", "page:02_second", "claims"}
    assert "twice: 84 → 126" in printed


def test_resaving_a_notebook_with_outputs_and_metadata_reruns_nothing(tiny: Tiny) -> None:
    path = tiny.root / "notebooks" / "01_first.ipynb"
    data = json.loads(path.read_text())
    data["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    for cell in data["cells"]:
        cell["metadata"]["collapsed"] = True
        if cell["cell_type"] == "code":
            cell["execution_count"] = 9
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x\n"]}]
        cell["source"] = cell["source"].splitlines(keepends=True)  # as JupyterLab stores it
    path.write_text(json.dumps(data, indent=1))
    assert "Nothing changed" in tiny.run()


def test_a_changed_cell_reruns_its_notebook(tiny: Tiny) -> None:
    tiny.cells("03_third", "import time", "print('else')")
    assert ran(tiny.run()) == {"03_third", "page:03_third"}


def test_a_changed_lock_reruns_everything(tiny: Tiny) -> None:
    tiny.write("requirements.lock", "pandas==1\n")
    why = tiny.run("--why")
    assert why.count("environment changed") == 6  # the claims file is only put together


def test_a_parameter_reruns_what_it_touches_and_shows_what_moved(tiny: Tiny) -> None:
    printed = tiny.run("-p", "01_first.factor=2")
    assert ran(printed) == {"01_first", "page:01_first", "02_second", "page:02_second", "claims"}
    assert "total: 42 → 84" in printed
    assert "twice: 84 → 168" in printed
    assert "01_first: would run\n    parameters changed" in tiny.run(
        "--why"
    )  # the next plain run is back at the defaults


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-p", "01_first.no_such=1"], "01_first has no parameter 'no_such'"),
        (["-p", "01_first.facto=1"], "did you mean factor?"),
        (["-p", "01_first.factor=two"], "got 'two', expected a value of type int like 1"),
        (["-p", "factor=2"], "expected NOTEBOOK.NAME=VALUE"),
        (["--only", "04"], "the notebooks are 01_first, 02_second, 03_third"),
        (["--only", "02_secnd"], "did you mean 02_second?"),
        (["--jobs", "0"], "expected a whole number above 0"),
        (["ingest", "--raw", "nowhere"], "raw folder nowhere: not found"),
        (["ingest"], "letters.txt: no folder of raw files was named"),
    ],
)
def test_wrong_commands_are_refused_in_one_sentence_with_exit_2(tiny: Tiny, arguments: list[str], told: str) -> None:
    printed = tiny.run(*arguments, expect=2)
    assert told in printed
    assert "Traceback" not in printed


def test_only_and_from_run_their_parts(tiny: Tiny) -> None:
    assert ran(tiny.run("--force", "--only", "03")) == {"03_third", "page:03_third", "claims"}
    assert ran(tiny.run("--force", "--from", "02")) == {
        "02_second",
        "page:02_second",
        "03_third",
        "page:03_third",
        "claims",
    }


def test_a_part_says_when_what_it_needs_is_stale(tiny: Tiny) -> None:
    tiny.write("src/tinylib/adding.py", "def add(values):\n    return 1 + sum(values)\n")
    tiny.write("src/tinylib/base.py", "TWO = 3\n")
    assert "note: 01_first is not up to date either" in tiny.run("--only", "02")


def test_a_deleted_or_edited_output_is_made_again(tiny: Tiny) -> None:
    before = tiny.outputs()
    (tiny.root / "site/01_first.html").unlink()
    tiny.write("results/claims.csv", "edited by hand\n")
    why = tiny.run("--why")
    assert "site/01_first.html is missing" in why
    assert "results/claims.csv is not what the step wrote" in why
    assert ran(tiny.run()) == {"page:01_first", "claims"}
    assert tiny.outputs() == before


def test_a_failing_notebook_shows_cell_and_error_and_leaves_the_old_outputs(tiny: Tiny) -> None:
    before = tiny.outputs()
    tiny.cells("01_first", "values = [1, 2]", "values[7]")
    printed = tiny.run(expect=1)
    assert "01_first: cell 3 failed with IndexError: list index out of range" in printed
    assert "values[7]" in printed
    assert ".compendium/failed/01_first.ipynb" in printed
    assert "skip  02_second  (needs 01_first)" in printed
    assert (tiny.root / ".compendium/failed/01_first.ipynb").is_file()
    assert tiny.outputs() == before


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("open('../data/secret.csv').read()", "data/secret.csv: 03_third reads it and does not declare it"),
        ("open('../note.txt', 'w')", "note.txt: 03_third writes into the checkout"),
        (
            "try:\n    open('../data/secret.csv')\nexcept Exception:\n    pass",
            "data/secret.csv: 03_third reads it and does not declare it",
        ),
    ],
)
def test_what_is_not_declared_is_an_error_that_names_the_file(tiny: Tiny, cell: str, told: str) -> None:
    tiny.write("data/secret.csv", "a\n1\n")
    tiny.cells("03_third", cell)
    printed = tiny.run("--only", "03", expect=1)
    assert told in printed
    assert (tiny.root / "compendium.toml").is_file()
    assert not (tiny.root / "note.txt").exists()


def test_an_undeclared_read_outside_of_the_checkout_is_an_error(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a\n1\n")
    tiny.cells("03_third", f"open({str(tmp_path / 'mine.csv')!r}).read()")
    assert "03_third reads a file outside the checkout" in tiny.run("--only", "03", expect=1)


def test_a_module_imported_by_its_name_as_text_is_an_error_since_its_changes_would_go_unseen(tiny: Tiny) -> None:
    tiny.cells("03_third", "import importlib; importlib.import_module('tinylib.adding')")
    assert "src/tinylib/__init__.py: 03_third imports it in a way that cannot be seen" in tiny.run(
        "--only", "03", expect=1
    )


def test_a_notebook_that_ends_itself_early_is_an_error(tiny: Tiny) -> None:
    tiny.cells("03_third", "import sys; sys.exit(0)", "print('never')")
    assert "03_third: cell 2 ends the notebook with sys.exit" in tiny.run("--only", "03", expect=1)


def test_two_makers_of_one_file_and_parameters_of_a_notebook_not_asked_for_are_refused(tiny: Tiny) -> None:
    assert "-p 01_first: the notebook is not among the steps asked for" in tiny.run(
        "--only", "03", "-p", "01.factor=5", expect=2
    )
    plan = tiny.read("compendium.toml")
    tiny.write("compendium.toml", plan + 'exhibits = ["01_sums"]\n')
    told = "results/tables/01_sums.csv: declared by 01_first and by 03_third; a file has one maker"
    assert told in tiny.run("--why", expect=2)


def test_a_notebook_that_reads_the_claims_of_another_comes_after_it(tiny: Tiny) -> None:
    tiny.write("compendium.toml", tiny.read("compendium.toml") + 'reads = ["results/claims/01_first.csv"]\n')
    shop = Workshop(read_plan(tiny.root), FileHashes(tiny.root / "hashes.json"), "")
    assert notebook_step(shop, shop.plan.notebook("03"), {}).after == ("01_first",)


def test_a_declared_output_that_is_not_written_is_an_error(tiny: Tiny) -> None:
    tiny.cells("01_first", "1 + 1")
    assert "results/tables/01_sums.csv: declared as an output in compendium.toml and not written" in tiny.run(expect=1)


def test_a_notebook_without_parameters_cell_is_refused(tiny: Tiny) -> None:
    tiny.write("notebooks/03_third.ipynb", notebook(["# Third", "print(1)"]))
    assert "no code cell is tagged 'parameters'" in tiny.run(expect=2)


def test_a_cell_and_a_notebook_that_hang_are_ended_with_their_limit(tiny: Tiny) -> None:
    tiny.write("compendium.toml", tiny.read("compendium.toml").replace("cell = 20", "cell = 2"))
    tiny.cells("03_third", "import time; time.sleep(60)")
    assert "03_third: a cell took longer than 2 s" in tiny.run("--only", "03", expect=1)
    limits = tiny.read("compendium.toml").replace("cell = 2", "cell = 20").replace("notebook = 60", "notebook = 4")
    tiny.write("compendium.toml", limits)
    assert "03_third: took longer than 4 s" in tiny.run("--only", "03", expect=1)


def test_a_kernel_that_dies_is_told(tiny: Tiny) -> None:
    tiny.cells("03_third", "import os; os._exit(9)")
    assert "03_third: its kernel died" in tiny.run("--only", "03", expect=1)


def test_the_same_claim_in_two_notebooks_is_an_error_that_names_both(tiny: Tiny) -> None:
    tiny.cells(
        "03_third",
        CELLS["02_second"][2],
        "claim('twice', 1, unit='things', kind='count', table='numbers', text='{value}')",
    )
    assert "results/claims/03_third.csv: claim twice is also stated by 02_second" in tiny.run(expect=1)


def test_a_broken_state_file_is_set_aside_and_steps_run_again(tiny: Tiny) -> None:
    before = tiny.outputs()
    tiny.write(".compendium/state.json", '{"01_first": ')
    printed = tiny.run("--only", "03")
    assert "could not be read; it was set aside" in printed
    assert ran(printed) == {"03_third", "page:03_third", "claims"}
    assert tiny.outputs() == before
    assert "Nothing changed" in tiny.run("--only", "03")


def test_interrupting_ends_kernels_keeps_what_was_finished_and_exits_130(tiny: Tiny) -> None:
    before = tiny.outputs()
    tiny.cells("03_third", "import time", "time.sleep(600)")
    process = subprocess.Popen(
        tiny.command("--jobs", "1"),
        env=tiny.environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job may inherit it as ignored
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.STDOUT,
    )
    wait_for_kernel(process.pid)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 130, printed
    assert "interrupted" in printed
    assert "Traceback" not in printed
    assert not kernels_of(tiny)
    assert tiny.outputs() == before


def test_a_killed_run_leaves_nothing_half_written_and_the_next_run_is_right(tiny: Tiny) -> None:
    before = tiny.outputs()
    tiny.write("src/tinylib/base.py", "TWO = 2  # edited\n")
    for delay in (0.3, 1.0, 2.5, 4.0):
        process = subprocess.Popen(
            tiny.command("--force"), env=tiny.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delay)
        process.kill()
        process.wait()
        assert set(tiny.outputs()) == set(before)
    tiny.run()
    assert tiny.outputs() == before


def test_a_commit_that_was_cut_short_is_completed_by_the_next_run(tiny: Tiny) -> None:
    half = tiny.root / ".compendium" / "commit" / "01_first" / "results" / "tables"
    half.mkdir(parents=True)
    (half / "01_sums.csv").write_text("total\n43\n")
    tiny.cells("03_third", "print('so that something runs')")
    printed = tiny.run()
    assert "completed 01_first, which an interrupted run had left half moved" in printed
    assert not half.exists()


def test_two_runs_at_once_take_turns(tiny: Tiny) -> None:
    tiny.cells("03_third", "import time; time.sleep(3)")
    first = subprocess.Popen(tiny.command(), env=tiny.environment(), stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not (tiny.root / ".compendium" / "running.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    second = tiny.run()
    assert f"Waiting for the run in this folder (process {first.pid}" in second
    assert "All done" in first.communicate(timeout=60)[0]
    assert first.returncode == 0
    assert "Nothing changed" in tiny.run()


def test_ingest_rebuilds_tables_from_raw_files_byte_for_byte(tiny: Tiny) -> None:
    before = tiny.outputs()
    (tiny.root / "data/tables/numbers.csv").unlink()
    printed = tiny.run("ingest", "--raw", str(tiny.raw))
    assert ran(printed) == {"table:numbers"}
    assert tiny.outputs() == before


def test_a_broken_raw_file_is_told_with_its_row_and_the_table_stays(tiny: Tiny) -> None:
    before = tiny.outputs()
    (tiny.raw / "letters.txt").write_text("a=1\nb=x\n")
    assert "letters.txt, row 2: got 'x', expected a whole number" in tiny.run(
        "ingest", "--raw", str(tiny.raw), expect=1
    )
    (tiny.raw / "letters.txt").write_text("a=1\nb=2\nc=40\n")
    assert "data/sources.csv row 2 says" in tiny.run("ingest", "--raw", str(tiny.raw), expect=1)
    assert tiny.outputs() == before


def test_a_fault_of_our_own_shows_its_traceback(tiny: Tiny) -> None:
    tiny.write("src/tinylib/build.py", "def numbers(letters):\n    return 1 / 0\n")
    printed = tiny.run("ingest", "--raw", str(tiny.raw), expect=1)
    assert "a fault of the compendium's own code" in printed
    assert "ZeroDivisionError" in printed


def wait_for_kernel(pid: int) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if any("compendium.kernel" in line for line in commands()):
            time.sleep(1.5)
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} started no kernel")


def kernels_of(tiny: Tiny) -> list[str]:
    time.sleep(0.5)
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                b"compendium.kernel" in (folder / "cmdline").read_bytes()
                and str(tiny.root).encode() in (folder / "environ").read_bytes()
            ):
                found.append(folder.name)
        except OSError:
            continue
    return found


def commands() -> list[str]:
    return (
        subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
        if os.name == "posix"
        else []
    )


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small file system; where this machine does not allow it the test is skipped."""
    folder = tmp_path / "mounted"
    folder.mkdir()

    def mount(options: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("this machine does not let the tests mount a file system")
        return folder

    if not shutil.which("mount"):
        pytest.skip("no mount command here")
    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def test_a_full_disk_is_told_and_the_outputs_stay(tiny: Tiny, mounted: Callable[[str], Path]) -> None:
    small = tiny.copy(mounted("size=1m"))
    before = small.outputs()
    free = shutil.disk_usage(small.root).free
    (small.root.parent / "filler").write_bytes(b"x" * (free - 4096))
    printed = small.run("--force", expect=2)
    assert "No space left on device" in printed
    assert "Traceback" not in printed
    assert small.outputs() == before
    (small.root.parent / "filler").unlink()
    small.run()
    assert small.outputs() == before


def test_a_read_only_checkout_reads_and_refuses_in_one_sentence(tiny: Tiny, mounted: Callable[[str], Path]) -> None:
    folder = mounted("size=2m")
    fixed = tiny.copy(folder)
    fixed.write("src/tinylib/base.py", "TWO = 3\n")
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    assert "src/tinylib/base.py changed" in fixed.run("--why")
    refused = fixed.run(expect=2)
    assert "Read-only file system; free space or make the checkout writable" in refused
    assert refused.count("\n") == 1
