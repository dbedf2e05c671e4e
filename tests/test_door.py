"""The door: run_all.py with a lock that pins nothing and an engine that prints, so that each start is quick."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENGINE = "import sys\n\ndef main(arguments, root):\n    print('engine', sys.prefix, *arguments)\n    return 7 if 'seven' in arguments else 0\n"
BASE = getattr(sys, "_base_executable", sys.executable)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the door, an empty lock and a stand-in for the engine."""
    shutil.copy(ROOT / "run_all.py", tmp_path)
    (tmp_path / "requirements.lock").write_text("# nothing\n")
    (tmp_path / "installer.lock").write_text("# nothing\n")
    (tmp_path / "src" / "compendium").mkdir(parents=True)
    (tmp_path / "src" / "compendium" / "__init__.py").touch()
    (tmp_path / "src" / "compendium" / "cli.py").write_text(ENGINE)
    shutil.copy(ROOT / "src" / "compendium" / "__main__.py", tmp_path / "src" / "compendium")
    return tmp_path


def environment(checkout: Path, installer: str) -> dict[str, str]:
    """The environment of a start: with pip, or with a stand-in for uv that takes a second and installs nothing."""
    dropped = ("PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "COMPENDIUM_INSTALLER")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    if installer == "pip" or os.name == "nt":
        return kept | {"COMPENDIUM_INSTALLER": "pip"}
    uv = checkout / "bin" / "uv"
    uv.parent.mkdir(exist_ok=True)
    uv.write_text("#!/bin/sh\nsleep 1\n")
    uv.chmod(0o755)
    return kept | {"PATH": os.pathsep.join([str(uv.parent), kept.get("PATH", "")])}


def start(
    checkout: Path, *arguments: str, python: str = BASE, installer: str = "uv"
) -> subprocess.CompletedProcess[str]:
    command = [python, str(checkout / "run_all.py"), *arguments]
    given = environment(checkout, installer)
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=120, check=False)


def test_the_door_makes_an_environment_once_and_hands_over_arguments_and_exit_code(checkout: Path) -> None:
    first = start(checkout, "--only", "05", installer="pip")
    assert first.returncode == 0, first.stderr
    assert f"engine {checkout / '.venv'} --only 05" in first.stdout
    assert "Making .venv" in first.stdout
    second = start(checkout, "seven")
    assert second.returncode == 7
    assert "Making .venv" not in second.stdout


def test_a_changed_lock_and_a_broken_environment_of_ours_are_made_anew(checkout: Path) -> None:
    start(checkout)
    (checkout / "requirements.lock").write_text("# nothing else\n")
    assert "Making .venv" in start(checkout).stdout
    python = checkout / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.unlink()
    again = start(checkout)
    assert again.returncode == 0
    assert "Making .venv" in again.stdout


def test_a_package_lost_from_our_environment_and_a_python_that_does_not_start_are_mended_by_the_next_run(
    checkout: Path,
) -> None:
    start(checkout)
    engine = checkout / "src" / "compendium" / "cli.py"
    engine.write_text("import doit_that_is_lost\n")
    lost = start(checkout)
    assert lost.returncode == 2
    assert lost.stderr == "run_all.py: the package doit_that_is_lost is missing; run again: .venv is made anew\n"
    engine.write_text(ENGINE)
    assert "Making .venv" in start(checkout).stdout
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text("garbage")
    python.chmod(0o755)
    broken = start(checkout)
    assert broken.returncode == 2
    assert "could not be started" in broken.stderr
    assert "engine" in start(checkout).stdout


def test_a_foreign_environment_is_left_alone_and_named(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "precious.txt").write_text("mine")
    refused = start(checkout)
    assert refused.returncode == 2
    assert refused.stderr.startswith("run_all.py: .venv is there and was not made by run_all.py; move or delete it")
    assert refused.stderr.count("\n") == 1
    assert (checkout / ".venv" / "precious.txt").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_installation_is_made_anew(checkout: Path, sent: signal.Signals) -> None:
    process = subprocess.Popen(
        [BASE, str(checkout / "run_all.py")],
        env=environment(checkout, "uv"),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job may inherit it as ignored
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not (checkout / ".venv" / "pyvenv.cfg").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(sent)
    _, errors = process.communicate(timeout=60)
    if sent == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted while making .venv" in errors
    again = start(checkout)
    assert again.returncode == 0, again.stderr
    assert "Making .venv" in again.stdout


def test_a_lock_that_cannot_be_installed_is_one_sentence(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("there-is-no-such-package-zq==1.0 --hash=sha256:" + "0" * 64 + "\n")
    refused = start(checkout, installer="pip")
    assert refused.returncode == 2
    assert "could not be installed" in refused.stderr
    assert "check network and free space" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_an_active_environment_that_satisfies_the_lock_is_used_as_it_is(checkout: Path) -> None:
    if sys.prefix == sys.base_prefix:
        pytest.skip("the tests run outside of a virtual environment")
    shutil.copy(ROOT / "requirements.lock", checkout)
    used = start(checkout, python=sys.executable)
    assert used.stdout.startswith(f"engine {sys.prefix}"), used.stdout + used.stderr
    assert not (checkout / ".venv").exists()


def test_an_active_environment_with_another_version_is_not_used(checkout: Path) -> None:
    if sys.prefix == sys.base_prefix:
        pytest.skip("the tests run outside of a virtual environment")
    lock = (ROOT / "requirements.lock").read_text()
    pin = re.search(r"^pandas==(\S+)", lock, re.MULTILINE)
    assert pin
    (checkout / "requirements.lock").write_text("pandas==0.0.1 --hash=sha256:" + "0" * 64 + "\n")
    assert "could not be installed" in start(checkout, python=sys.executable, installer="pip").stderr


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_another_python_is_refused_in_one_sentence(checkout: Path, version: tuple[int, int]) -> None:
    code = f"import sys, runpy; sys.version_info = {(*version, 0, 'final', 0)}; runpy.run_path({str(checkout / 'run_all.py')!r}, run_name='__main__')"
    refused = subprocess.run([BASE, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert (
        refused.stderr
        == f"run_all.py: needs Python 3.11 to 3.13, this is {version[0]}.{version[1]}; run it with another, for example python3.12 run_all.py\n"
    )


def test_the_door_needs_the_standard_library_alone_and_fits_on_three_screens() -> None:
    text = (ROOT / "run_all.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    modules = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE)) - {"packaging", "compendium"}
    assert modules <= set(sys.stdlib_module_names)
