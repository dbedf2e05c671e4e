"""Executes one notebook: papermill, a kernel of its own over IPC, time limits, a scrubbed copy."""

import json
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.claims import Claim, claims_csv, digest, read_claims
from compendium.inputs import engine_folder
from compendium.kernel import LOG, RULES, VIOLATIONS
from compendium.plan import Notebook, Plan
from compendium.scrub import scrubbed
from compendium.stage import STATE_FOLDER

if TYPE_CHECKING:
    from nbformat import NotebookNode

FAILED = "{name}: cell {cell} failed with {error}\n{source}\n{trace}\n  The executed copy is {copy}; the earlier results stay."
CONNECTION = "connection.json"
KERNEL = "compendium"  # not "python3": that name falls back to the kernel of the machine
ALWAYS_READ = ("compendium.toml", "data/datapackage.json")


class NotebookError(Exception):
    """A notebook raised, hung, or lost its kernel; the message is for the reader of a terminal."""


#: Folders of the runs in progress: what Ctrl-C must end.
running: set[Path] = set()


def execute(
    plan: Plan,
    notebook: Notebook,
    parameters: Mapping[str, object],
    reads: Sequence[str],
    modules: Sequence[str],
    stage: Path,
) -> dict[str, float]:
    """Run ``notebook`` and leave its outputs in ``stage``; return ``peak_megabytes`` where the system tells.

    Raises
    ------
    NotebookError
        With the cell, the end of the error and the place of the executed copy.
    """
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from traitlets.config import Config

    copy = plan.root / STATE_FOLDER / "failed" / f"{notebook.name}.ipynb"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    run = Path(tempfile.mkdtemp(prefix=_prefix(plan.root)))  # short: a socket's path must stay under 107 characters
    running.add(run)
    late = threading.Event()

    def end_late() -> None:
        late.set()
        end_kernel(run)

    watchdog = threading.Timer(plan.notebook_seconds, end_late)
    watchdog.daemon = True
    watchdog.start()
    config = Config()
    config.KernelManager.connection_file = str(run / CONNECTION)
    if os.name == "posix":
        config.KernelManager.transport, config.KernelManager.ip = "ipc", str(run / "k")
    where = f"{notebook.name}: "
    try:
        papermill.execute_notebook(
            notebook.path, copy, parameters=dict(parameters), kernel_name=KERNEL, language="python", progress_bar=False,
            execution_timeout=plan.cell_seconds, config=config, request_save_on_cell_execute=False,
            shutdown_kernel="graceful",
            kernel_manager_class=_kernel_manager(_kernel_folder(plan, notebook, reads, modules, stage, run)),
        )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        raise NotebookError(_failure(plan, notebook, error, copy)) from None
    except CellTimeoutError:
        msg = f"a cell took longer than {plan.cell_seconds} s; mend it or raise cell under [limits] in compendium.toml"
        raise NotebookError(where + msg) from None
    except (DeadKernelError, RuntimeError) as error:
        if late.is_set():
            msg = f"took longer than {plan.notebook_seconds} s; mend it or raise notebook under [limits] in compendium.toml"
        else:
            last = _text(run / LOG).strip().splitlines()[-1:] or [str(error)]
            msg = f"its kernel died (out of memory?): {last[0]}; run it in JupyterLab to see where"
        raise NotebookError(where + msg) from None
    finally:
        watchdog.cancel()
        end_kernel(run)
        running.discard(run)
        violations, usage = _text(run / VIOLATIONS).splitlines(), _text(run / "usage.json")
        shutil.rmtree(run, ignore_errors=True)
    if violations:
        raise NotebookError(violations[0])
    executed = nbformat.read(copy, as_version=4)
    for number, cell in enumerate(executed.cells):  # papermill takes sys.exit(0) for success and leaves the rest out
        if any(output.get("ename") == "SystemExit" for output in cell.get("outputs", ())):
            raise NotebookError(f"{where}cell {number} ends the notebook with sys.exit; take it out")
    known = {cell.get("id") for cell in json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]}
    for number, cell in enumerate(executed.cells):  # nbformat gives random ids to cells without one
        if cell["id"] not in known:
            cell["id"] = f"cell-{number}"
    target = stage / notebook.executed
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(scrubbed(executed, plan.root, run), encoding="utf-8", newline="\n")
    _settle_claims(executed, stage / notebook.claims)
    copy.unlink()
    return json.loads(usage) if usage else {}


def end_kernel(run: Path) -> None:
    """Kill the kernel of a run if it is still there; its number may be another process's by now, so its files tell."""
    import psutil

    pid = _text(run / "pid")
    if pid:
        with suppress(psutil.Error):
            process = psutil.Process(int(pid))
            if str(run / CONNECTION) in process.cmdline():
                process.kill()


def end_all_kernels() -> None:
    """Kill the kernels of all runs in progress and remove their folders."""
    for run in list(running):
        end_kernel(run)
        shutil.rmtree(run, ignore_errors=True)


def remove_left_runs(root: Path) -> None:
    """Remove the folders of runs that were killed; only whoever holds the checkout's lock may do this."""
    for folder in Path(tempfile.gettempdir()).glob(_prefix(root) + "*"):
        end_kernel(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(root: Path) -> str:
    return f"nb{digest(str(root))[:6]}"


def environment(plan: Plan, notebook: Notebook, stage: Path, run: Path) -> dict[str, str]:
    """Return the variables that a kernel adds to the environment: fixed where results depend on them."""
    cache = plan.root / STATE_FOLDER / "cache"
    return {
        "COMPENDIUM_STAGE": str(stage),
        "COMPENDIUM_STEP": notebook.name,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(plan.root / "src"), str(engine_folder())])),
        "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OPENBLAS_NUM_THREADS": "1",  # the order of additions must not depend on the number of cores
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "MPLCONFIGDIR": str(cache / "matplotlib"),
        "IPYTHONDIR": str(run / "ipython"),
        "JUPYTER_CONFIG_DIR": str(run / "config"),
        "JUPYTER_RUNTIME_DIR": str(run),
        "TMPDIR": str(run),
    }


def _kernel_manager(folder: str) -> type:
    """Return jupyter_client's manager, which finds kernel specs in ``folder`` and nowhere else."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    class OneFolderKernelManager(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _specs(self) -> KernelSpecManager:
            return KernelSpecManager(kernel_dirs=[folder], ensure_native_kernel=False)

    return OneFolderKernelManager


def _kernel_folder(
    plan: Plan, notebook: Notebook, reads: Sequence[str], modules: Sequence[str], stage: Path, run: Path
) -> str:
    rules = {
        "root": str(plan.root), "stage": str(stage), "run": str(run), "step": notebook.name,
        "reads": [*ALWAYS_READ, *reads], "modules": list(modules), "writes": [notebook.claims, *notebook.exhibit_files],
    }  # fmt: skip
    spec = {
        "argv": [
            sys.executable,
            "-m",
            "compendium.kernel",
            "-f",
            "{connection_file}",
            "--HistoryManager.enabled=False",
        ],
        "display_name": "Python 3",
        "language": "python",
        "env": environment(plan, notebook, stage, run) | {RULES: json.dumps(rules)},
    }
    folder = run / "kernels" / KERNEL
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    (plan.root / STATE_FOLDER / "cache" / "matplotlib").mkdir(parents=True, exist_ok=True)
    return str(folder.parent)


def _failure(plan: Plan, notebook: Notebook, error: Any, copy: Path) -> str:
    if error.ename in ("UserError", "UndeclaredFileError"):
        return str(error.evalue)
    source = error.source.splitlines()
    if len(source) > 10:
        source = [*source[:5], "...", *source[-5:]]
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback)).replace(str(plan.root), ".").splitlines()
    return FAILED.format(
        name=notebook.name, cell=error.cell_index, error=f"{error.ename}: {error.evalue}", copy=copy.relative_to(plan.root),
        source="\n".join("    " + line for line in source), trace="\n".join("  | " + line for line in trace[-8:]),
    )  # fmt: skip


def _settle_claims(executed: "NotebookNode", path: Path) -> None:
    """Put the ids of cells where the kernel could only tell their sources; write the file in any case."""
    ids = {digest(cell.source): cell["id"] for cell in executed.cells}
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        path.write_text(claims_csv([]), encoding="utf-8", newline="\n")
        return
    rows: list[dict[str, Any]] = list(read_claims(path))
    claims = [Claim(**{**row, "tables": tuple(row["tables"].split())}) for row in rows]
    settled = [replace(claim, cell=ids.get(claim.cell, claim.cell)) for claim in claims]
    path.write_text(claims_csv(settled), encoding="utf-8", newline="\n")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
