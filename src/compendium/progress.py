"""What a person sees of a run: a line a step with its reason, and on a terminal a bar with the time left."""

import io
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from compendium.build import BuildError
from compendium.errors import UserError
from compendium.execute import NotebookError
from compendium.steps import Step

if TYPE_CHECKING:
    from doit.exceptions import BaseFail
    from doit.task import Task


class Reporter:
    """doit's reporter: it is called as steps start, end, fail or are skipped.

    Parameters
    ----------
    expected : mapping
        Steps that are likely to run, with the seconds they took last time (or a guess).
    """

    desc = "a line a step"

    def __init__(self, steps: Sequence[Step], expected: Mapping[str, float], stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.expected = dict(expected)
        self.total = len(steps)
        self.reasons: dict[str, list[str]] = {}
        self.started: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        self.fresh: list[str] = []
        self.done: list[str] = []
        self.failed: list[str] = []
        self.skipped: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.terminal = self.stream.isatty()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._bar_shown = False

    def initialize(self, tasks: Mapping[str, "Task"], selected: Sequence[str]) -> None:
        """Start the bar (called by doit before the first step)."""
        if self.terminal and self.expected:
            threading.Thread(target=self._tick, daemon=True).start()

    def get_status(self, task: "Task") -> None:
        """Do nothing: doit asks whether a step is up to date."""

    def execute_task(self, task: "Task") -> None:
        """Say which step starts, and why (called in the step's thread)."""
        why = self.reasons.get(task.name) or []
        more = f" and {len(why) - 1} more" if len(why) > 1 else ""
        self.started[task.name] = time.monotonic()
        self._line(f"  run   {task.name}" + (f"  ({why[0]}{more})" if why else ""))

    def add_success(self, task: "Task") -> None:
        """Say that a step ended well."""
        self.seconds[task.name] = time.monotonic() - self.started.pop(task.name, time.monotonic())
        self.done.append(task.name)
        self._line(f"  done  {task.name}  {self.seconds[task.name]:.1f} s")

    def skip_uptodate(self, task: "Task") -> None:
        """Count a step that is up to date."""
        self.fresh.append(task.name)
        self.expected.pop(task.name, None)

    def skip_ignore(self, task: "Task") -> None:
        """Do nothing: no step is ever ignored."""

    def add_failure(self, task: "Task", fail: "BaseFail") -> None:
        """Say what failed, or that a step was skipped because another failed."""
        self.started.pop(task.name, None)
        if type(fail).__name__ == "UnmetDependency":
            self.skipped.append(task.name)
            self._line(f"  skip  {task.name}  (needs {fail.get_msg().strip().split()[-1]})")
            return
        self.failed.append(task.name)
        error = self.errors.get(task.name)
        if isinstance(error, (UserError, NotebookError)):
            text = str(error)
        elif isinstance(error, OSError) and error.errno in (28, 30, 13, 122):  # no space, read-only, denied, quota
            text = f"{error.filename or task.name}: {error.strerror}; free space or make the folder writable, then run again"
        else:
            told = [str(error)] if isinstance(error, BuildError) else traceback.format_exception(error) if error else []
            lines = told or [fail.get_msg()]
            text = f"{task.name}: a fault of the compendium's own code\n{''.join(lines).rstrip()}"
        self._line(f"  FAIL  {task.name}\n        " + text.replace("\n", "\n        "))

    def cleanup_error(self, exception: "BaseFail") -> None:
        """Do nothing: steps have no teardown."""

    def runtime_error(self, message: str) -> None:
        """Keep a fault of the plan, for example a circle of steps."""
        self.failed.append("plan")
        self._line(f"  FAIL  {message}")

    def teardown_task(self, task: "Task") -> None:
        """Do nothing: steps have no teardown."""

    def complete_run(self) -> None:
        """End the bar."""
        self._stop.set()
        self._clear()

    def time_left(self) -> float:
        """Return about how many seconds remain: of steps that run, the rest; of others, all of it."""
        left = 0.0
        for name, seconds in list(self.expected.items()):
            if name not in self.done and name not in self.failed and name not in self.skipped:
                left += max(seconds - (time.monotonic() - self.started[name]), 0.5) if name in self.started else seconds
        return left

    def _line(self, text: str) -> None:
        with self._lock:
            try:
                self._clear()
                self.stream.write(text + "\n")
                self.stream.flush()
            except BrokenPipeError:  # nobody reads any more; the work goes on
                self.stream = io.StringIO()

    def _clear(self) -> None:
        if self._bar_shown:
            self.stream.write("\r\x1b[K")
            self._bar_shown = False

    def _tick(self) -> None:
        while not self._stop.wait(0.5):
            ended = len(self.done) + len(self.fresh) + len(self.failed) + len(self.skipped)
            filled = "█" * (20 * ended // max(self.total, 1))
            running = ", ".join(f"{name} {time.monotonic() - at:.0f} s" for name, at in list(self.started.items()))
            with self._lock:
                if not self._stop.is_set():
                    self.stream.write(
                        f"\r\x1b[K  {filled:░<20} {ended}/{self.total}  {running}; about {self.time_left():.0f} s left"[
                            :150
                        ]
                    )
                    self.stream.flush()
                    self._bar_shown = True


def expected_seconds(
    steps: Sequence[Step], stale: Mapping[str, Sequence[Any]], saved: Mapping[str, Mapping[str, Any]]
) -> dict[str, float]:
    """Return the steps that are likely to run, with the seconds that each took last time.

    A step is likely to run when it is stale or comes after one that is.
    """
    likely: dict[str, float] = {}
    for step in steps:
        if stale[step.name] or any(name in likely for name in step.after):
            likely[step.name] = float(saved.get(step.name, {}).get("seconds", step.seconds))
    return likely
