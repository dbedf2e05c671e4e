"""The kernel that runs a notebook: ipykernel, after an audit hook that holds the notebook to what it declares.

Started by the engine as ``python -m compendium.kernel -f CONNECTION``. The rules come as JSON in the environment
variable ``COMPENDIUM_RULES``: ``root``, ``stage``, ``run`` (a folder for this run alone), ``reads`` (paths in the
checkout), ``writes`` (paths under the stage), ``modules`` (files under src that imports were found to reach).

The hook sees what Python itself opens, renames, removes or connects to (``sys.addaudithook``). It cannot see files
that compiled libraries open by themselves (HDF5, Arrow, GDAL), nor what a child process does.
"""

import json
import os
import sys
import sysconfig
import threading
from collections.abc import Mapping
from pathlib import Path

RULES = "COMPENDIUM_RULES"
VIOLATIONS, LOG = "violations.txt", "kernel.log"
#: Reading these outside the checkout is an undeclared input; other files outside are the system's own.
DATA_SUFFIXES = (
    ".csv", ".tsv", ".txt", ".json", ".xlsx", ".xls", ".parquet", ".feather", ".dta", ".rda", ".rdata", ".rds", ".sav",
    ".zip", ".gz", ".xz", ".bz2", ".sqlite", ".db", ".pkl", ".npy", ".npz", ".h5",
)  # fmt: skip
#: Events, and which of their arguments are paths.
EVENTS = {
    "open": slice(1), "os.rename": slice(2), "os.remove": slice(1), "os.truncate": slice(1), "os.link": slice(1, 2),
    "os.symlink": slice(1, 2), "sqlite3.connect": slice(1),
}  # fmt: skip
_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class UndeclaredFileError(Exception):
    """A file that the notebook reads or writes without saying so in compendium.toml."""


class Watch:
    """Decides for each path whether the notebook may read or write it.

    Parameters
    ----------
    rules : mapping
        ``root``, ``stage``, ``run``: absolute folders; ``reads``, ``modules``, ``writes``: paths relative to
        root and stage; ``step``: the notebook's name.
    """

    def __init__(self, rules: Mapping[str, object]) -> None:
        self.root, self.stage, self.run = (os.path.realpath(str(rules[key])) for key in ("root", "stage", "run"))
        self.step = str(rules["step"])
        self.reads, self.writes = set(rules["reads"]), set(rules["writes"])  # type: ignore[call-overload]
        self.modules = set(rules["modules"])  # type: ignore[call-overload]
        self.code = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values())}
        self.code = {folder for folder in self.code if not _within(self.root, {folder})}  # a checkout in /usr/src/app
        self.source = os.path.join(self.root, "src")
        self.code |= {self.source, str(Path(__file__).resolve().parent.parent)}
        self.free = {self.run, os.path.join(self.root, ".compendium", "cache")}
        self.local = threading.local()  # one flag for all threads would let another thread's opens pass

    def reading(self, path: str) -> str | None:
        """Return why ``path`` may not be read, or None."""
        path = os.path.realpath(path)
        if _within(path, self.free) or _within(path, {self.stage}):
            return None
        if _within(path, {self.source}):
            return self._importing(path)
        if _within(path, self.code):
            return None
        if _within(path, {self.root}):
            relative = os.path.relpath(path, self.root).replace(os.sep, "/")
            if relative in self.reads or os.path.isdir(path) or not os.path.exists(path):
                return None
            return f"{relative}: {self.step} reads it and does not declare it; add it to tables or reads in compendium.toml"
        if path.lower().endswith(DATA_SUFFIXES) and os.path.isfile(path) and not _system(path):
            return f"{path}: {self.step} reads a file outside the checkout; copy it into data/ and declare it"
        return None

    def _importing(self, path: str) -> str | None:
        """Return why a file under src may not be read: data that is not declared, or a module that no import names."""
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        if relative.endswith(".pyc"):
            folder, _, name = relative.rpartition("/__pycache__/")
            relative = f"{folder}/{name.split('.')[0]}.py"
        if relative.endswith(".py") and relative not in self.modules:
            return f"{relative}: {self.step} imports it in a way that cannot be seen; name it in an import statement"
        if relative.lower().endswith(DATA_SUFFIXES) and relative not in self.reads:
            return f"{relative}: {self.step} reads it and does not declare it; add it to reads in compendium.toml"
        return None

    def writing(self, path: str) -> str | None:
        """Return why ``path`` may not be written, or None."""
        path = os.path.realpath(path)
        if _within(path, self.free) or "__pycache__" in path:
            return None
        if _within(path, {self.stage}):
            relative = os.path.relpath(path, self.stage).replace(os.sep, "/")
            if relative in self.writes or os.path.isdir(path):
                return None
            return f"{relative}: {self.step} writes it and does not declare it; add it to figures or exhibits in compendium.toml"
        if _within(path, {self.root}):
            relative = os.path.relpath(path, self.root).replace(os.sep, "/")
            return (
                f"{relative}: {self.step} writes into the checkout; write to output_path({relative!r}) and declare it"
            )
        return None

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Audit hook: raise `UndeclaredFileError` and note it in the run's folder, so that hiding it does not help."""
        if event not in EVENTS or getattr(self.local, "busy", False):
            return
        named = arguments[EVENTS[event]]
        paths = [os.fsdecode(a) for a in named if isinstance(a, (str, bytes, os.PathLike))]
        if not paths:
            return
        self.local.busy = True
        try:
            if event == "open":
                flags = arguments[2] if isinstance(arguments[2], int) else 0
                reason = self.writing(paths[0]) if flags & _WRITE else self.reading(paths[0])
            elif event == "sqlite3.connect":
                reason = None if paths[0] == ":memory:" else self.reading(paths[0]) or self.writing(paths[0])
            else:
                reason = next((r for r in map(self.writing, paths) if r), None)
            if reason:
                with open(os.path.join(self.run, VIOLATIONS), "a", encoding="utf-8") as file:
                    file.write(reason + "\n")
                raise UndeclaredFileError(reason)
        finally:
            self.local.busy = False


def _within(path: str, folders: set[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def _system(path: str) -> bool:
    return path.startswith(("/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/System/", "/Library/", "C:\\Windows"))


def main() -> None:
    """Run ipykernel under the rules, and leave the peak memory of this process in the run's folder."""
    import atexit

    rules = json.loads(os.environ[RULES])
    Path(rules["run"], "pid").write_text(str(os.getpid()), encoding="utf-8")
    os.chdir(Path(rules["root"], "notebooks"))
    log = os.open(os.path.join(rules["run"], LOG), os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)  # what the kernel itself says is shown only when it dies
    os.dup2(log, 2)

    def leave_usage() -> None:
        try:
            import resource
        except ImportError:  # Windows
            return
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)
        Path(rules["run"], "usage.json").write_text(json.dumps({"peak_megabytes": peak}), encoding="utf-8")

    atexit.register(leave_usage)
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
    from ipykernel.kernelapp import launch_new_instance

    sys.addaudithook(Watch(rules))
    launch_new_instance()


if __name__ == "__main__":
    main()
