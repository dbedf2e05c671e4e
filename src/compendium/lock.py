"""One run a checkout: a second one waits, and says for whom."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compendium.errors import UserError
from compendium.stage import STATE_FOLDER


@contextmanager
def only_run(root: Path) -> Iterator[None]:
    """Hold the checkout's lock; wait for another run and say for whom.

    Raises
    ------
    UserError
        When the checkout cannot be written.
    """
    from filelock import FileLock, Timeout

    folder = root / STATE_FOLDER
    holder = folder / "running.json"
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"Waiting for the run in this folder{_holder(holder)}; Ctrl-C to stop waiting", flush=True)
            lock.acquire()
        try:
            holder.write_text(json.dumps({"pid": os.getpid(), "since": time.strftime("%H:%M:%S")}), encoding="utf-8")
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()
    except BrokenPipeError:
        raise
    except OSError as error:
        name = Path(error.filename).name if error.filename else root.name
        raise UserError(f"{name}: {error.strerror}; free space or make the checkout writable, then run again") from None


def _holder(path: Path) -> str:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return f" (process {data['pid']}, since {data['since']})"
    except (OSError, ValueError, KeyError):
        return ""
