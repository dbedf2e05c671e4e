"""The command ``verify``: everything executed again in a fresh folder and compared with what is committed.

Nothing is reused: neither the state of earlier runs nor the committed results, figures and pages. The working tree is read
and never written; the report goes to ``.compendium/verify``, and with ``--record`` to ``results/verify.json``.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from compendium.arguments import Parser, jobs
from compendium.compare import Difference, Tally
from compendium.compare_pages import compare_files
from compendium.datapackage import read_resources
from compendium.errors import UserError
from compendium.plan import Plan
from compendium.reviewpages import RECORD
from compendium.sources import raw_folder
from compendium.stage import STATE_FOLDER

MADE = ("results", "figures", "site")
NOT_COMPARED = {
    "results/run.json",
    RECORD,
    "site/verify.html",
}  # what a run took differs by nature; the page tells the record
NOT_COPIED = (
    ".git",
    ".venv",
    STATE_FOLDER,
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    *MADE,
)
SHOWN = 40


def main(plan: Plan, arguments: Sequence[str]) -> int:
    """Run the command; return 1 on any difference."""
    parser = Parser(prog="run_all.py verify", description="Executes everything again in a fresh folder and compares.")
    parser.add_argument("--from-raw", action="store_true", help="start at the raw files, not at the tables")
    parser.add_argument("--raw", metavar="DIR", help="folder of raw files, for --from-raw")
    parser.add_argument("--jobs", metavar="N", type=jobs, default=2, help="notebooks at once (default 2)")
    parser.add_argument("--record", action="store_true", help=f"write the report to {RECORD} too, for the page")
    parser.add_argument("--keep", action="store_true", help="keep the fresh folder")
    options = parser.parse_args(arguments)
    raw = raw_folder(plan.root, options.raw) if options.from_raw else None
    if options.from_raw and raw is None:
        raise UserError(
            "verify --from-raw: no folder of raw files; bring them with run_all.py fetch or name it with --raw DIR"
        )
    before = stamps(plan.root)
    folder = Path(tempfile.mkdtemp(prefix="verify-"))
    try:
        report = verify(plan, folder / "fresh", raw, options.jobs)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if stamps(plan.root) != before:
        report["differences"].append(asdict(Difference("working tree", "", "", "", "changed while it was verified")))
    written = [plan.root / STATE_FOLDER / "verify" / "verify.json"] + ([plan.root / RECORD] if options.record else [])
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    print(as_text(report))
    print(
        f"The report: {written[-1].relative_to(plan.root).as_posix()}"
        + (f"; the fresh folder: {folder}" if options.keep else "")
    )
    return 1 if report["differences"] else 0


def verify(plan: Plan, fresh: Path, raw: Path | None, at_once: int) -> dict[str, Any]:
    """Execute everything in the folder ``fresh``, compare, and return the report."""
    tables = (
        {str(read_resources(plan.root)[name]["path"]) for build in plan.builds for name in build.makes}
        if raw
        else set()
    )
    shutil.copytree(plan.root, fresh, ignore=_ignored(plan.root, tables))
    if (plan.root / RECORD).is_file():  # the page for reviewers tells it
        (fresh / RECORD).parent.mkdir()
        shutil.copy(plan.root / RECORD, fresh / RECORD)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COMPENDIUM_")}
    environment["PYTHONPATH"] = (
        str(fresh / "src")
        if (fresh / "src" / "compendium").is_dir()
        else os.pathsep.join([str(fresh / "src"), str(Path(__file__).resolve().parents[1])])
    )
    command = [
        sys.executable,
        "-P",
        "-m",
        "compendium",
        str(fresh),
        "--jobs",
        str(at_once),
        *(["--raw", str(raw)] if raw else []),
    ]
    started = time.monotonic()
    done = subprocess.run(command, cwd=fresh, env=environment, check=False)
    seconds = round(time.monotonic() - started, 1)
    took = (
        json.loads((fresh / "results/run.json").read_text(encoding="utf-8"))
        if (fresh / "results/run.json").is_file()
        else {"steps": {}}
    )
    groups = compare(plan, fresh, tables if raw else None)
    packages = different_packages(plan.root)
    failed = (
        [Difference("run", "", "", f"exit code {done.returncode}: see above", "missing")] if done.returncode else []
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "started_from": "raw files" if raw else "committed tables",
        "commit": _git(plan.root, "rev-parse", "HEAD"),
        "uncommitted": len(_git(plan.root, "status", "--porcelain").splitlines()),
        "python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: version(name) for name in ("pandas", "numpy", "scipy", "statsmodels", "matplotlib")},
        "packages_as_locked": not packages,
        "seconds": seconds,
        "peak_megabytes": max((step.get("peak_megabytes", 0) for step in took["steps"].values()), default=0),
        "executed": {name: step for name, step in took["steps"].items() if not name.startswith(("page:", "claims"))},
        "reused": 0,
        "groups": {
            name: {"compared": t.compared, "equal": t.equal, "within_tolerance": t.tolerated, "different": len(t.differences)}
            for name, t in groups.items()
        },
        "differences": [asdict(one) for one in [*failed, *packages, *(d for t in groups.values() for d in t.differences)]],
    }  # fmt: skip


def compare(plan: Plan, fresh: Path, tables: Iterable[str] | None = None) -> dict[str, Tally]:
    """Compare everything that a run makes, and tables where they were made anew, by notebook."""
    made = {path for root in (plan.root, fresh) for path in made_files(root)} | set(tables or ())
    names = [
        *(notebook.name for notebook in plan.notebooks),
        "pages on data",
        *(["tables"] if tables is not None else []),
    ]
    groups = {name: Tally() for name in names}
    for path, tally in compare_files(plan.root, fresh, sorted(made)).items():
        groups[group(plan, path)].add(tally)
    return groups


def made_files(root: Path) -> set[str]:
    """Return the files that a run makes, as they are in a checkout."""
    found = {path.relative_to(root).as_posix() for part in MADE for path in (root / part).rglob("*") if path.is_file()}
    return found - NOT_COMPARED


def group(plan: Plan, path: str) -> str:
    """Return the notebook that a file belongs to, or the part of the pages or tables."""
    stem = Path(path).name.split(".")[0]
    for notebook in plan.notebooks:
        if (
            stem == notebook.name
            or stem in (*notebook.figures, *notebook.exhibits)
            or stem.split("_")[0] == notebook.name.split("_")[0]
        ):
            return notebook.name
    return "tables" if path.startswith("data/") else "pages on data"


def different_packages(root: Path) -> list[Difference]:
    """Return the packages of this environment that are not as the lock pins them."""
    from packaging.requirements import Requirement

    lock = root / "requirements.lock"
    found = []
    for line in lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else ():
        if not line[:1].isalnum():
            continue
        wanted = Requirement(line.rstrip(" \\"))
        if wanted.marker and not wanted.marker.evaluate():
            continue
        pin = str(wanted.specifier).removeprefix("==")
        try:
            here = version(wanted.name)
        except PackageNotFoundError:
            here = "not installed"
        if here != pin:
            found.append(Difference("requirements.lock", wanted.name, pin, here, "package"))
    return found


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file that a verification must leave alone."""
    found = {}
    for part in (*MADE, "data", "notebooks", "src"):
        for path in (root / part).rglob("*"):
            if path.is_file() and "raw" not in path.relative_to(root).parts[:2] and "__pycache__" not in path.parts:
                status = path.stat()
                found[path.relative_to(root).as_posix()] = (status.st_size, status.st_mtime_ns)
    return found


def as_text(report: Mapping[str, Any]) -> str:
    """Return a report as lines for a terminal."""
    packages = (
        "packages as requirements.lock pins them"
        if report["packages_as_locked"]
        else "packages that differ from requirements.lock"
    )
    lines = [
        "",
        (
            f"Executed anew from the {report['started_from']}: {len(report['executed'])} steps in {report['seconds']:.0f} s, at most "
            f"{report['peak_megabytes']:.0f} MB; nothing reused. Python {report['python']}, {packages}."
        ),
        f"{'':<28}{'compared':>10}{'equal':>10}{'within tolerance':>18}{'different':>11}",
    ]
    for name, counts in report["groups"].items():
        lines.append(
            f"{name:<28}{counts['compared']:>10,}{counts['equal']:>10,}{counts['within_tolerance']:>18,}{counts['different']:>11,}"
        )
    lines += [
        f"different: {one['file']}, {one['place']} ({one['kind']}): committed {one['committed']!r}, anew {one['anew']!r}"
        for one in report["differences"][:SHOWN]
    ]
    more = len(report["differences"]) - SHOWN
    lines += [f"and {more} more differences, all in the report"] if more > 0 else []
    total = len(report["differences"])
    lines.append(f"{total} differences." if total else "No difference: what is committed is what comes out.")
    return "\n".join(lines)


def _ignored(root: Path, tables: Iterable[str]) -> Any:
    left_out = {root / path for path in tables} | {root / "data" / "raw", root / "tests", root / "benchmarks"}
    tops = {root / name for name in NOT_COPIED}

    def ignore(folder: str, names: list[str]) -> set[str]:
        here = Path(folder)
        return {name for name in names if here / name in left_out | tops or name in NOT_COPIED[: -len(MADE)]}

    return ignore


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
