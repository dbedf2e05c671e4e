"""The command line: parts of a run, and what a run says at its end."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compendium import stage
from compendium.arguments import Parser, jobs
from compendium.errors import UserError
from compendium.inputs import FileHashes
from compendium.lock import only_run
from compendium.plan import Plan, parse_parameters, read_plan
from compendium.sources import RAW_FOLDER, raw_folder

if TYPE_CHECKING:
    from compendium.progress import Reporter
    from compendium.steps import Step

INTERRUPTED = 130


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(
        prog="run_all.py", allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Runs the compendium: everything that is not up to date.",
        epilog="exit codes: 0 all done, 1 something failed or differs, 2 the command or the machine needs your hand, 130 interrupted",
    )  # fmt: skip
    top.add_argument(
        "command", nargs="?", default="run", choices=["run", "fetch", "ingest", "check", "verify", "trace", "recode", "test", "lab"],
        help="run (default): tables, notebooks, pages; fetch: raw files from their public places, checked; ingest: tables from raw files; check: declarations against what is there; "
        "verify: everything executed again in a fresh folder and compared (verify --help); trace: from a number to public files (trace --help); recode: read texts yourself and join the readers (recode --help); "
        "test: all tests, further options go to pytest; lab: JupyterLab in this environment",
    )  # fmt: skip
    top.add_argument(
        "--only",
        metavar="NB",
        action="append",
        default=[],
        help="only this notebook and its page (name or number), with fetch: only this source_id; may be repeated",
    )
    top.add_argument("--from", metavar="NB", dest="first", help="this notebook and all after it")
    top.add_argument(
        "-p", metavar="NB.NAME=VALUE", dest="parameters", action="append", default=[], help="override a parameter"
    )
    top.add_argument(
        "--jobs",
        type=jobs,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="notebooks at once (default %(default)s)",
    )
    top.add_argument("--force", action="store_true", help="run even what is up to date")
    top.add_argument(
        "--why", action="store_true", help="say for each step what changed since its last run; run nothing"
    )
    top.add_argument("--list", action="store_true", help="list steps and parameters; run nothing")
    top.add_argument("--raw", metavar="DIR", help=f"folder of raw files (default: {RAW_FOLDER}, then data/raw)")
    top.add_argument(
        "--mirror",
        metavar="URL",
        help="fetch from URL/OWNER/REPO/COMMIT/PATH and URL/OWNER/REPO/tar.gz/COMMIT (default: COMPENDIUM_MIRROR, then GitHub)",
    )
    return top


def main(arguments: Sequence[str], root: Path) -> int:
    """Run a command in the checkout at ``root`` and return its exit code."""
    root = root.resolve()
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by the caller
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(getattr(sys, stream), "reconfigure"):
            getattr(sys, stream).reconfigure(errors="replace")  # a pipe on Windows has no arrow
    # jsonschema would import this to check IRIs, which no notebook holds; building its grammar takes 1.7 s
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    try:
        if arguments[:1] == ["test"]:
            return _test(root, arguments[1:])
        if arguments[:1] == ["verify"]:
            from compendium import verify

            return verify.main(read_plan(root), arguments[1:])
        if arguments[:1] == ["trace"]:
            from compendium import trace_text

            return trace_text.main(read_plan(root), list(arguments[1:]))
        if arguments[:1] == ["recode"]:
            from compendium import recode

            return recode.main(read_plan(root), arguments[1:])
        options = parser().parse_args(arguments)
        if options.command == "lab":
            return _lab(root)
        if options.command == "check":
            from compendium import check

            return check.main(read_plan(root))
        if options.command == "fetch":
            from compendium import fetch

            return fetch.main(root, options)
        return _run(root, options)
    except UserError as error:
        print(f"run_all.py: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # nobody reads any more: what was asked is done, its end could not be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except KeyboardInterrupt:
        for module, end_all in (("execute", "end_all_kernels"), ("build", "end_all_builds")):
            if f"compendium.{module}" in sys.modules:
                getattr(sys.modules[f"compendium.{module}"], end_all)()
        print("\nrun_all.py: interrupted; what was finished is kept, the next run goes on from there", file=sys.stderr)
        return INTERRUPTED


def _run(root: Path, options: argparse.Namespace) -> int:
    from compendium import execute, steps, tasks
    from compendium.progress import Reporter, expected_seconds

    started = time.monotonic()
    plan = read_plan(root)
    overrides = parse_parameters(plan, options.parameters)
    if options.list:
        return _list(plan)
    hashes = FileHashes(root / stage.STATE_FOLDER / "hashes.json")
    raw = raw_folder(root, options.raw)
    shop = steps.Workshop(plan, hashes, steps.environment_hash(root), overrides, raw)
    if options.command == "ingest" and (missing := steps.missing_raw(shop)):
        where = f"not in {raw.name}" if raw else f"no folder of raw files was named (--raw DIR or {RAW_FOLDER})"
        raise UserError(f"{missing}: {where}; get it with run_all.py fetch, or name the folder that has it with --raw")
    every = steps.all_steps(shop)
    chosen = _chosen(plan, every, options)
    for name in overrides:
        if name not in {step.name for step in chosen}:
            raise UserError(
                f"-p {name}: the notebook is not among the steps asked for; add --only {name} or leave -p out"
            )
    saved = tasks.saved_records(root)
    stale = {step.name: tasks.reasons(step, saved.get(step.name, {}), root, hashes) for step in chosen}
    if options.why:
        return _why(chosen, stale)
    if not options.force and not any(stale.values()):
        hashes.save()
        print(f"Nothing changed: all {len(chosen)} steps are up to date. Read site/index.html")
        return 0
    for step in _left_out(every, chosen):
        if tasks.reasons(step, saved.get(step.name, {}), root, hashes):
            print(f"  note: {step.name} is not up to date either; it is needed here and was not asked for")
    with only_run(root):
        execute.remove_left_runs(root)
        for name in stage.recover(root):
            print(f"  completed {name}, which an interrupted run had left half moved")
        if tasks.set_aside_if_broken(root / tasks.STATE):
            print(f"  {tasks.STATE} could not be read; it was set aside as state.broken, and everything runs again")
        before = _claims(plan)
        stale = {step.name: ["--force"] if options.force else stale[step.name] for step in chosen}
        reporter = Reporter(chosen, expected_seconds(chosen, stale, saved))
        changed = tasks.run(chosen, root, hashes, reporter, options.jobs, options.force)
        hashes.save()
        _write_record(root, tasks.saved_records(root))
        code = _tell(plan, reporter, changed, before, time.monotonic() - started)
        if overrides:
            print("These results hold with -p as given; the next run without -p is back at the defaults.")
        return code


def _chosen(plan: Plan, every: "list[Step]", options: argparse.Namespace) -> "list[Step]":
    """Return the steps that the options name; pages and the claims file follow their notebooks."""
    if options.command == "ingest":
        return [step for step in every if step.kind == "table"]
    names = [notebook.name for notebook in plan.notebooks]
    wanted = {plan.notebook(name).name for name in options.only}
    if options.first:
        wanted |= set(names[names.index(plan.notebook(options.first).name) :])
    if not wanted:
        return every
    follow = wanted | {f"page:{name}" for name in wanted} | {"claims", "page:index"}
    return [step for step in every if step.name in follow]


def _left_out(every: "list[Step]", chosen: "list[Step]") -> "list[Step]":
    """Return the steps that the chosen ones come after and that were not chosen."""
    names = {step.name for step in chosen}
    needed = {name for step in chosen for name in step.after if step.kind == "notebook"}
    return [step for step in every if step.name in needed - names]


def _list(plan: Plan) -> int:
    for build in plan.builds:
        print(f"table:{build.name}  makes {', '.join(build.makes)}")
    for notebook in plan.notebooks:
        print(f"{notebook.name}  {notebook.title}")
        for name, value in notebook.parameters.items():
            print(f"    -p {notebook.name}.{name}={value!r}")
    return 0


def _why(chosen: "list[Step]", stale: dict[str, list[str]]) -> int:
    likely = {name for name, reasons in stale.items() if reasons}
    for step in chosen:
        before = [name for name in step.after if name in likely]
        likely |= {step.name} if before else set()
        print(
            f"{step.name}: "
            + ("would run" if stale[step.name] else "runs if their output changes" if before else "up to date")
        )
        for reason in stale[step.name] or [f"after {name}" for name in before]:
            print(f"    {reason}")
    return 0


def _claims(plan: Plan) -> list[dict[str, str]]:
    from compendium.claims import read_claims

    try:
        return read_claims(plan.root / "results" / "claims.csv")
    except (OSError, UserError):
        return []


def _tell(
    plan: Plan, reporter: "Reporter", changed: dict[str, list[str]], before: list[dict[str, str]], seconds: float
) -> int:
    from compendium.claims import moved

    paths = [path for name in changed for path in changed[name]]
    print(f"\n{len(reporter.done)} steps ran, {len(reporter.fresh)} were up to date, in {seconds:.0f} s.")
    if paths:
        print(f"Changed files: {len(paths)}")
        for path in paths[:12]:
            print(f"    {path}")
        if len(paths) > 12:
            print(f"    and {len(paths) - 12} more")
    else:
        print("No output changed.")
    findings = moved(before, _claims(plan)) if before else []
    if findings:
        print(f"Findings that moved: {len(findings)}")
        for line in findings[:20]:
            print(f"    {line}")
    accounted = len(reporter.done) + len(reporter.fresh) + len(reporter.failed) + len(reporter.skipped)
    if reporter.failed or reporter.skipped or accounted < reporter.total:
        unheard = reporter.total - accounted
        print(
            f"Failed: {', '.join(reporter.failed) or 'none'}. Skipped: {', '.join(reporter.skipped) or 'none'}."
            + (f" Not reached: {unheard}." if unheard else "")
        )
        return 1
    print("All done. Read site/index.html")
    return 0


def _write_record(root: Path, records: dict[str, dict[str, object]]) -> None:
    """Write what differs from machine to machine, durations and versions, beside the results and outside of git."""
    from importlib.metadata import version

    packages = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "papermill", "nbconvert")
    record = {
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": {name: version(name) for name in packages},
        "steps": {
            name: {key: values[key] for key in ("seconds", "peak_megabytes") if key in values}
            for name, values in records.items()
        },
    }
    path = root / "results" / "run.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8", newline="\n")


def _test(root: Path, arguments: Sequence[str]) -> int:
    import pytest

    os.chdir(root)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the workers share the cores already
    all_of_them = not any(a.startswith(("-k", "-n", "-x", "--pdb")) or not a.startswith("-") for a in arguments)
    return int(pytest.main([*arguments, *(["-n", "auto", "--dist", "worksteal"] if all_of_them else [])]))


def _lab(root: Path) -> int:
    import subprocess

    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    return subprocess.call([sys.executable, "-m", "jupyterlab", "--notebook-dir", str(root)], cwd=root, env=environment)
