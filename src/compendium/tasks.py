"""Steps as doit tasks: doit keeps order, skipping and the parallel run; its loader, backend and reporter are ours."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from doit.api import run_tasks
from doit.cmd_base import TaskLoader2
from doit.dependency import JsonDB
from doit.task import Task, dict_to_task

from compendium import stage
from compendium.build import end_all_builds
from compendium.errors import UserError
from compendium.inputs import FileHashes
from compendium.progress import Reporter
from compendium.steps import Step

STATE = f"{stage.STATE_FOLDER}/state.json"


class StepRecords(JsonDB):
    """doit's state, written whole and atomically at each change: a kill loses nothing that was finished.

    doit calls ``set`` several times for one finished task and ``dump`` at the end; the last of these calls for a
    task stores ``deps:``, and that is when the file is written.
    """

    def __init__(self, name: str, codec: Any, **options: Any) -> None:
        set_aside_if_broken(Path(name))
        super().__init__(name, codec, **options)

    def set(self, task_id: str, dependency: str, value: object) -> None:
        """Store one value of a task, and write all when it is the task's last."""
        super().set(task_id, dependency, value)
        if dependency == "deps:":
            self.dump()

    def dump(self) -> None:
        """Write the state beside its place and move it there."""
        partial = f"{self.name}.part"
        Path(partial).write_text(self.codec.encode(self._db), encoding="utf-8")
        os.replace(partial, self.name)


def set_aside_if_broken(path: Path) -> bool:
    """Move a state file that cannot be read out of the way, and say whether that was needed."""
    if path.exists() and not _is_state(path):
        os.replace(path, path.with_suffix(".broken"))
        return True
    return False


def _is_state(path: Path) -> bool:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return False
    return isinstance(data, dict) and all(isinstance(record, dict) for record in data.values())


def saved_records(root: Path) -> dict[str, dict[str, Any]]:
    """Return what the last runs left of each step: inputs, outputs, seconds, peak_megabytes."""
    path = root / STATE
    if not path.exists() or not _is_state(path):
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    return {name: values for name, record in data.items() if isinstance(values := record.get("_values_:"), dict)}


def reasons(step: Step, saved: Mapping[str, Any], root: Path, hashes: FileHashes) -> list[str]:
    """Return why a step is not up to date, file by file; an empty list when it is.

    Parameters
    ----------
    saved : mapping
        The step's record: ``inputs`` and ``outputs``, names and hashes when it last succeeded.
    """
    if "inputs" not in saved:
        return ["it has not run here"]
    now, before = step.inputs(), saved["inputs"]
    found = [f"{name} changed" for name in now if name in before and now[name] != before[name]]
    found += [f"{name} is new" for name in now if name not in before]
    found += [f"{name} is no longer an input" for name in before if name not in now]
    for path in step.outputs:
        current = hashes(root / path)
        if current == "missing":
            found.append(f"{path} is missing")
        elif current != saved.get("outputs", {}).get(path):
            found.append(f"{path} is not what the step wrote")
    return found


class Loader(TaskLoader2):
    """Gives doit one task a step."""

    def __init__(
        self, steps: Sequence[Step], root: Path, hashes: FileHashes, reporter: Reporter, jobs: int, force: bool
    ) -> None:
        self.steps, self.root, self.hashes, self.reporter = steps, root, hashes, reporter
        self.jobs, self.force = jobs, force
        self.cmd_options: tuple[object, ...] = ()
        self.changed: dict[str, list[str]] = {}

    def setup(self, opt_values: object) -> None:
        """Do nothing: the steps are known."""

    def load_doit_config(self) -> dict[str, object]:
        """Return doit's settings: always in threads, so that the main thread hears Ctrl-C at once."""
        return {
            "reporter": self.reporter, "outfile": sys.stdout, "backend": "records", "dep_file": str(self.root / STATE),
            "continue": True, "num_process": self.jobs, "par_type": "thread", "verbosity": 0, "always": self.force,
        }  # fmt: skip

    def load_tasks(self, cmd: object, pos_args: object) -> list[Task]:
        """Return the tasks."""
        return [self._task(step) for step in self.steps]

    def _task(self, step: Step) -> Task:
        names = {other.name for other in self.steps}

        def fresh(task: Task, values: dict[str, Any]) -> bool:
            found = ["--force"] if self.force else reasons(step, values, self.root, self.hashes)
            self.reporter.reasons[task.name] = found
            return not found

        def perform() -> dict[str, Any]:
            started, seen = time.monotonic(), step.inputs()
            try:
                folder = stage.new_stage(self.root, step.name)
                measures = dict(step.run(folder))
                self.changed[step.name] = stage.commit(self.root, folder, step.outputs)
            except Exception as error:
                self.reporter.errors[step.name] = error  # doit keeps only its text
                raise
            outputs = {path: self.hashes(self.root / path) for path in step.outputs}
            return {"inputs": seen, "outputs": outputs, "seconds": round(time.monotonic() - started, 2), **measures}

        return dict_to_task({
            "name": step.name, "actions": [(perform,)], "uptodate": [fresh], "io": {"capture": False},
            "task_dep": [name for name in step.after if name in names],
        })  # fmt: skip


def run(
    steps: Sequence[Step], root: Path, hashes: FileHashes, reporter: Reporter, jobs: int, force: bool
) -> dict[str, list[str]]:
    """Run what is not up to date and return the changed paths by step; ``reporter.failed`` tells what failed.

    Raises
    ------
    UserError
        When the state cannot be written (no space, read-only).
    """
    loader = Loader(steps, root, hashes, reporter, max(1, jobs), force)
    if not steps:
        return {}
    if any(step.kind in ("notebook", "page") for step in steps):
        # before the threads start: two that import these at once meet modules that are half made
        import nbconvert  # noqa: F401
        import papermill  # noqa: F401
    try:
        run_tasks(loader, {step.name: None for step in steps}, {"BACKEND": {"records": f"{__name__}:StepRecords"}})
    except OSError as error:
        raise UserError(
            f"{error.filename or STATE}: {error.strerror}; free space or make the folder writable, then run again"
        ) from None
    finally:
        end_all_builds()
    return loader.changed
