"""The README's commands do what it says, word for word, in a copy of the checkout."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compendium.claims import read_claims

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line]
#: the tests themselves; and what needs the raw files (tested where they are)
NOT_HERE = {"python3 run_all.py " + words for words in ("test", "fetch", "ingest", "verify --from-raw")}
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".venv-lock", ".compendium", "node_modules", "__pycache__", "raw", ".*_cache", ".hypothesis"
)


GIT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout without state, under git so that changes show."""
    folder = tmp_path_factory.mktemp("readme") / "checkout"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    subprocess.run([*GIT, "add", "-A"], cwd=folder, check=True)
    subprocess.run([*GIT, "commit", "-qm", "as it is", "--allow-empty"], cwd=folder, check=True)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader types it; ``python3`` is the environment of the tests, which satisfies the lock."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("COMPENDIUM_", "PYTEST_")) and key != "PYTHONPATH"
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return subprocess.run(
        command.split(), cwd=folder, env=kept | {"PATH": path}, capture_output=True, text=True, timeout=400, check=False
    )


def numbers(folder: Path) -> dict[str, list[str]]:
    rows = read_claims(folder / "results" / "claims.csv")
    return {row["name"]: [row["value"], row["low"], row["high"]] for row in rows}


def near(left: list[str], right: list[str]) -> bool:
    """Machines may differ in the last digits of their arithmetic, and in nothing else."""
    try:
        return [float(x or 0) for x in left] == pytest.approx([float(x or 0) for x in right], rel=1e-3, abs=1e-6)
    except ValueError:
        return left == right


def test_the_readme_shows_the_commands() -> None:
    assert COMMANDS[:2] == ["python3 run_all.py", "python3 run_all.py test"]
    assert len(COMMANDS) >= 9


def test_every_command_of_the_readme_works_in_its_order(copy: Path) -> None:
    printed: dict[str, str] = {}
    for command in [c for c in COMMANDS if c not in NOT_HERE]:
        done = run(command, copy)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        printed[command] = done.stdout
        if command == "python3 run_all.py":
            committed, now = numbers(ROOT), numbers(copy)
            assert [name for name in committed | now if not near(committed.get(name, []), now.get(name, []))] == []
            commit(copy)  # from here on this machine's own bytes count
    assert "All done. Read site/index.html" in printed["python3 run_all.py"]
    assert "-p 02_forum_participation.confidence=0.95" in printed["python3 run_all.py --list"]
    assert "up to date" in printed["python3 run_all.py --why"]
    assert "Findings that moved" in printed["python3 run_all.py -p 02_forum_participation.confidence=0.9"]
    changed = run("git status --porcelain", copy).stdout
    assert changed == "", "the plain run after -p did not bring back the committed results"
    assert "0 problems" in printed["python3 run_all.py check"]


def test_every_path_that_the_readme_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
