"""How long does a run take that has nothing to do?  Against plain doit with the same files as dependencies.

    python3 run_all.py && .venv/bin/python benchmarks/up_to_date.py

Both are started as whole processes, in turn, after one warm-up; the ratio is taken pair by pair. Plain doit is told
all files by hand and compares times of change; the engine finds modules by their imports, reads notebooks by their
cells, compares contents, and starts behind the door.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 7

DODO = """
def task_step():
    for n in range({steps}):
        yield {{"name": str(n), "actions": ["true"], "file_dep": {files!r}}}
"""


def seconds(command: list[str], folder: Path) -> float:
    """Return the wall time of one whole process."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the median times and the median ratio."""
    steps = json.loads((ROOT / ".compendium" / "state.json").read_text(encoding="utf-8"))
    inputs = {name for record in steps.values() for name in record["_values_:"]["inputs"]}
    files = [str(ROOT / name) for name in sorted(inputs) if (ROOT / name).is_file()]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "dodo.py").write_text(DODO.format(steps=len(steps), files=files), encoding="utf-8")
        ours = [sys.executable, str(ROOT / "run_all.py")]
        plain = [sys.executable, "-m", "doit"]
        pairs = [(seconds(ours, ROOT), seconds(plain, Path(folder))) for _ in range(PAIRS + 1)][1:]
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{len(steps)} steps, {len(files)} files, {PAIRS} pairs")
    print(f"run_all.py, nothing to do: median {statistics.median(a for a, _ in pairs):.2f} s")
    print(f"plain doit, the same:      median {statistics.median(b for _, b in pairs):.2f} s")
    print(f"ratio:                     median {ratio:.2f}")


if __name__ == "__main__":
    main()
