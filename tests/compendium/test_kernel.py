"""The audit hook: which paths a notebook may read and write."""

import os
import sys
from pathlib import Path

import pytest

from compendium.kernel import VIOLATIONS, UndeclaredFileError, Watch


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    for folder in (
        "root/data",
        "root/notebooks",
        "root/src",
        "root/.compendium/cache",
        "stage/figures",
        "run",
        "elsewhere",
    ):
        (tmp_path / folder).mkdir(parents=True)
    for file in (
        "root/data/mine.csv",
        "root/data/other.csv",
        "root/notebooks/x.csv",
        "elsewhere/x.csv",
        "elsewhere/x.so",
        "root/src/a.py",
    ):
        (tmp_path / file).touch()
    rules = {
        "root": tmp_path / "root", "stage": tmp_path / "stage", "run": tmp_path / "run", "step": "02_x",
        "reads": ["data/mine.csv"], "modules": ["src/a.py"], "writes": ["figures/a.svg"],
    }  # fmt: skip
    return Watch(rules)


def path(watch: Watch, relative: str) -> str:
    return os.path.join(os.path.dirname(watch.root), relative)


@pytest.mark.parametrize(
    "allowed",
    [
        "root/data/mine.csv",
        "root/src/a.py",
        "run/k.json",
        "root/.compendium/cache/f.json",
        "root/data",
        "elsewhere/x.so",
        "root/data/not_there.csv",
    ],
)
def test_what_is_declared_and_what_is_the_systems_own_may_be_read(watch: Watch, allowed: str) -> None:
    assert watch.reading(path(watch, allowed)) is None


def test_modules_that_no_import_statement_names_and_data_beside_them_may_not_be_read(watch: Watch) -> None:
    assert watch.reading(path(watch, "root/src/__pycache__/a.cpython-311.pyc")) is None
    for hidden in ("root/src/b.py", "root/src/__pycache__/b.cpython-311.pyc"):
        assert (watch.reading(path(watch, hidden)) or "").startswith("src/b.py: 02_x imports it in a way")
    assert "src/words.txt: 02_x reads it and does not declare it" in (
        watch.reading(path(watch, "root/src/words.txt")) or ""
    )


def test_links_do_not_hide_a_file(watch: Watch) -> None:
    link = path(watch, "elsewhere/link.csv")
    os.symlink(path(watch, "root/data/other.csv"), link)
    assert "data/other.csv: 02_x reads it and does not declare it" in (watch.reading(link) or "")


@pytest.mark.parametrize("file", ["root/data/other.csv", "root/notebooks/x.csv"])
def test_other_files_of_the_checkout_may_not_be_read(watch: Watch, file: str) -> None:
    told = watch.reading(path(watch, file)) or ""
    assert told.startswith(
        file.removeprefix("root/") + ": 02_x reads it and does not declare it; add it to tables or reads"
    )


def test_data_outside_of_the_checkout_may_not_be_read(watch: Watch) -> None:
    assert "reads a file outside the checkout" in (watch.reading(path(watch, "elsewhere/x.csv")) or "")
    assert watch.reading("/etc/hosts.csv") is None
    assert watch.reading(os.path.join(sys.prefix, "data.json")) is None


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("stage/figures/a.svg", None), ("run/tmp", None), ("root/.compendium/cache/x", None), ("root/src/__pycache__/a.pyc", None),
        ("elsewhere/scratch.csv", None),
        ("stage/figures/b.svg", "figures/b.svg: 02_x writes it and does not declare it; add it to figures or exhibits"),
        ("root/data/mine.csv", "data/mine.csv: 02_x writes into the checkout; write to output_path('data/mine.csv')"),
    ],
)  # fmt: skip
def test_outputs_go_to_the_stage_under_their_declared_names(watch: Watch, file: str, told: str | None) -> None:
    got = watch.writing(path(watch, file))
    assert got is None if told is None else got is not None and got.startswith(told)


def test_events_are_read_as_python_raises_them_and_noted(watch: Watch) -> None:
    other, mine = path(watch, "root/data/other.csv"), path(watch, "root/data/mine.csv")
    watch("open", (mine, "r", os.O_RDONLY))
    watch("open", (3, "w", os.O_WRONLY))  # a file descriptor
    watch("import", ("os",))
    watch("sqlite3.connect", (":memory:",))
    refused = [
        ("open", (other, "r", os.O_RDONLY)),
        ("open", (mine, "w", os.O_WRONLY | os.O_CREAT)),
        ("os.rename", (path(watch, "run/a"), mine, -1, -1)),
        ("os.remove", (other.encode(), -1)),
        ("sqlite3.connect", (path(watch, "root/x.db"),)),
    ]
    for event, arguments in refused:
        with pytest.raises(UndeclaredFileError):
            watch(event, arguments)
    assert len(Path(watch.run, VIOLATIONS).read_text().splitlines()) == len(refused)
