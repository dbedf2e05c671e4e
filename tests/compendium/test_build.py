"""Builds: sources of many files, and what a process of its own may do without harm."""

import gzip
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import Tiny

from compendium.sources import manifest_hash

MANY = """
def numbers(letters):
    rows = [line.split("=") for path in letters for line in path.read_text().splitlines()]
    return {"numbers": pd.DataFrame({"key": [row[0] for row in rows], "value": [int(row[1]) for row in rows]})}
"""


def listed(tiny: Tiny, members: dict[str, str]) -> None:
    """Write the list of members and the source's row for it."""
    with gzip.open(tiny.root / "data/raw_files.csv.gz", "wt", encoding="utf-8") as file:
        file.write("source_id,path,sha256,bytes\n")
        file.writelines(f"letters,{path},{sha256},4\n" for path, sha256 in members.items())
    row = f"letters,many,{manifest_hash(members)},{len(members)}"
    tiny.write("data/sources.csv", f"source_id,path,sha256,files\n{row}\n")


@pytest.fixture
def many(tmp_path: Path) -> Tiny:
    """The tiny compendium with a source of three files."""
    import hashlib

    tiny = Tiny(tmp_path)
    (tiny.raw / "many").mkdir()
    members = {}
    for key, value in (("c", 39), ("a", 1), ("b", 2)):
        path = tiny.raw / "many" / f"{key}.txt"
        path.write_text(f"{key}={value}\n", encoding="utf-8")
        members[f"many/{key}.txt"] = hashlib.sha256(path.read_bytes()).hexdigest()
    listed(tiny, members)
    tiny.write("src/tinylib/build.py", "import pandas as pd\n" + MANY)
    return tiny


def ingest(tiny: Tiny, expect: int = 0) -> str:
    return tiny.run("ingest", "--raw", str(tiny.raw), expect=expect)


def test_a_builder_is_given_the_files_of_a_source_in_the_order_of_their_paths(many: Tiny):
    (many.root / "data/tables/numbers.csv").unlink()
    ingest(many)
    assert many.read("data/tables/numbers.csv") == "key,value\na,1\nb,2\nc,39\n"
    assert "Nothing changed" in ingest(many)


def test_a_changed_file_among_many_is_named_and_the_table_stays(many: Tiny):
    (many.raw / "many/b.txt").write_text("b=3\n", encoding="utf-8")
    assert "many/b.txt: has sha256" in ingest(many, expect=1)
    assert many.read("data/tables/numbers.csv") == "key,value\na,1\nb,2\nc,39\n"


def test_a_file_missing_among_many_is_named(many: Tiny):
    (many.raw / "many/b.txt").unlink()
    assert "many/b.txt" in ingest(many, expect=2)


def test_a_list_of_files_that_is_not_the_declared_one_is_refused(many: Tiny):
    members = {"many/a.txt": "0" * 64}
    with gzip.open(many.root / "data/raw_files.csv.gz", "wt", encoding="utf-8") as file:
        file.write("source_id,path,sha256,bytes\n")
        file.writelines(f"letters,{path},{sha256},4\n" for path, sha256 in members.items())
    assert "declares 3 files for letters" in ingest(many, expect=2)


def test_a_damaged_list_of_files_is_told(many: Tiny):
    (many.root / "data/raw_files.csv.gz").write_bytes(b"\x1f\x8b broken")
    assert "data/raw_files.csv.gz: cannot be read" in ingest(many, expect=2)


def test_a_builder_that_stumbles_over_a_changed_file_is_no_traceback(many: Tiny):
    (many.raw / "many/b.txt").write_text("b\n", encoding="utf-8")  # the builder has no answer to a line without "="
    printed = ingest(many, expect=1)
    assert "many/b.txt: has sha256" in printed
    assert "Traceback" not in printed


def test_a_builder_without_memory_or_by_a_signal_is_told(many: Tiny):
    many.write("src/tinylib/build.py", "import os\n\ndef numbers(letters):\n    os.kill(os.getpid(), 9)\n")
    assert "its process ended without a word (exit code -9" in ingest(many, expect=1)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_build_ends_with_the_run(many: Tiny, sent: signal.Signals):
    many.write("src/tinylib/build.py", "import time\n\ndef numbers(letters):\n    time.sleep(60)\n")
    run = subprocess.Popen(
        many.command("ingest", "--raw", str(many.raw)), env=many.environment(), cwd=many.root, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not list(builds(many)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(builds(many))
    os.kill(run.pid, sent)
    printed = run.communicate(timeout=30)[0].decode()
    assert "Traceback" not in printed
    assert run.returncode == (130 if sent == signal.SIGINT else -9)
    deadline = time.monotonic() + 10
    while list(builds(many)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not list(builds(many))


def builds(tiny: Tiny) -> Iterator[int]:
    """Yield the processes that build for this checkout."""
    import psutil

    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "compendium.build" in line and str(tiny.root) in line:
            yield process.pid
