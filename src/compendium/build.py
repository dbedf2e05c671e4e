"""Makes tables from raw files, in processes of their own: both cores work, and a reader that crashes ends nothing else.

The engine starts ``python -m compendium.build ROOT RAW PARENT``. Such a worker makes one build after another: it reads a line of
JSON with the name of a build and a stage, and answers with a line of JSON: what went wrong and where (``reading``,
``building``, ``checking``), or what the build took.
"""

import importlib
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.datapackage import read_resources
from compendium.errors import UserError
from compendium.plan import PLAN, Build, Plan, read_plan
from compendium.sources import RawFiles

if TYPE_CHECKING:
    import pandas as pd

LARGE = 800  # megabytes: a worker that held so much is let go, as it gives nothing back

#: Workers that build, and those that wait.
running: set["subprocess.Popen[str]"] = set()
waiting: list["subprocess.Popen[str]"] = []


def build_in_child(plan: Plan, build: Build, raw: Path, stage: Path) -> dict[str, Any]:
    """Run a build in a worker and return its report.

    Returns
    -------
    dict
        ``peak_megabytes`` where the system tells; after a failure ``error``, ``fault`` (a traceback where the user cannot
        mend it) and ``phase``.

    Raises
    ------
    UserError
        When the worker dies or takes longer than a notebook may.
    """
    worker = waiting.pop() if waiting else _start(plan, raw)
    running.add(worker)
    late = threading.Timer(plan.notebook_seconds, worker.kill)
    late.daemon = True
    late.start()
    try:
        assert worker.stdin is not None
        assert worker.stdout is not None
        with suppress(BrokenPipeError):
            worker.stdin.write(json.dumps([build.name, str(stage)]) + "\n")
            worker.stdin.flush()
        answer = worker.stdout.readline()
    finally:
        out_of_time = late.finished.is_set()
        late.cancel()
        running.discard(worker)
    if not answer:
        worker.kill()
        worker.wait()
        if out_of_time:
            msg = f"took longer than {plan.notebook_seconds} s; mend it or raise notebook under [limits] in compendium.toml"
        else:
            msg = f"its process ended without a word (exit code {worker.returncode}; out of memory?); run it again with --jobs 1"
        raise UserError(f"table:{build.name}: {msg}")
    told: dict[str, Any] = json.loads(answer)
    if told.get("peak_megabytes", 0) > LARGE:
        _end(worker)
    else:
        waiting.append(worker)
    return told


def _start(plan: Plan, raw: Path) -> "subprocess.Popen[str]":
    path = [str(plan.root / "src"), str(Path(__file__).resolve().parent.parent)]
    # one thread a process: the order of additions must not depend on the number of cores
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    fixed = {"PYTHONPATH": os.pathsep.join(dict.fromkeys(path)), "PYTHONHASHSEED": "0", "TZ": "UTC", **threads}
    command = [sys.executable, "-P", "-m", "compendium.build", str(plan.root), str(raw), str(os.getpid())]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", env=os.environ | fixed)


def _end(worker: "subprocess.Popen[str]") -> None:
    worker.kill()
    worker.wait()
    for stream in (worker.stdin, worker.stdout):
        if stream:
            with suppress(OSError):
                stream.close()


def end_all_builds() -> None:
    """End all workers, those that build too."""
    for worker in list(running):
        worker.kill()  # the thread that waits for its answer closes it
    while waiting:
        _end(waiting.pop())


class BuildError(Exception):
    """A build failed by a fault of ours; the message is the traceback in its process."""


def failure(told: Mapping[str, Any]) -> Exception:
    """Return what a report tells as an exception."""
    if "fault" not in told:
        return UserError(told["error"])
    if told.get("errno"):
        return OSError(told["errno"], os.strerror(told["errno"]), told["filename"])
    return BuildError(told["fault"].rstrip())


def make_tables(plan: Plan, build: Build, raw: Path, stage: Path) -> dict[str, Any]:
    """Read, build, check and write the tables of a build below ``stage``; return the report."""
    phase = "reading"
    try:
        from compendium import tables

        frames = {name: tables.read_table(name, plan.root) for name in build.tables}
        arguments = RawFiles(plan.root, raw).arguments(build.raw, f"{PLAN} [[build]] {build.name}")
        module, _, function = build.function.partition(":")
        call = getattr(importlib.import_module(module), function)
        phase = "building"
        made = call(**arguments, **frames)
        phase = "checking"
        _write(plan, build, made, stage)
    except UserError as error:
        return {"error": str(error), "phase": phase}
    except Exception as error:  # noqa: BLE001 (told to the process that asked)
        kept = {"errno": error.errno, "filename": error.filename} if isinstance(error, OSError) else {}
        return {"error": f"{type(error).__name__}: {error}", "fault": traceback.format_exc(), "phase": phase, **kept}
    return _peak()


def _write(plan: Plan, build: Build, made: Mapping[str, "pd.DataFrame"], stage: Path) -> None:
    from compendium import tables

    if set(made) != set(build.makes):
        where = f"{PLAN} [[build]] {build.name}"
        raise UserError(
            f"{where}: got the tables {sorted(made)}, expected {sorted(build.makes)}; correct makes or the function"
        )
    known = read_resources(plan.root)
    for name in build.makes:
        path = Path(str(known[name]["path"]))
        tables.validate(made[name], known[name], path)
        tables.write_table(made[name], stage / path, known[name])


def _peak() -> dict[str, float]:
    """Return the most memory that this process held since `_forget_peak`, or ever where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return {"peak_megabytes": round(int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6)}
    with suppress(ImportError):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return {"peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)}
    return {}


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def _end_with(parent: int) -> None:
    """End this process when the one that started it has ended, even by a kill."""
    if os.name != "posix":  # there the number of the parent stays what it was
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main(root: Path, raw: Path, parent: int) -> None:
    """Make the builds that come in, one after another."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a builder prints is no answer
    _end_with(parent)
    plan = read_plan(root)
    builds = {build.name: build for build in plan.builds}
    for line in sys.stdin:
        name, stage = json.loads(line)
        _forget_peak()
        print(json.dumps(make_tables(plan, builds[name], raw, Path(stage))), file=answers, flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    except KeyboardInterrupt:
        sys.exit(130)
