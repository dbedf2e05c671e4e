"""Staging: a step writes into a folder of its own, and its outputs move into place together or not at all.

The rename of the stage to ``commit/STEP`` is the point of no return: a run that is killed while it moves files
is completed by the next run, before anything else happens.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from compendium.errors import UserError

STATE_FOLDER = ".compendium"


def new_stage(root: Path, step: str) -> Path:
    """Return an empty folder in which ``step`` writes its outputs at their paths in the checkout."""
    stage = root / STATE_FOLDER / "stage" / step.replace(":", "-")
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    return stage


def commit(root: Path, stage: Path, declared: Iterable[str]) -> list[str]:
    """Move a stage's files into place and return the paths whose content changed.

    Raises
    ------
    UserError
        When a declared output was not written, or another file was: nothing is moved then.
    """
    declared = set(declared)
    written = {path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file()}
    for missing in sorted(declared - written):
        raise UserError(f"{missing}: declared as an output in compendium.toml and not written; write it or take it out")
    for other in sorted(written - declared):
        raise UserError(
            f"{other}: written and not declared; add it to the outputs in compendium.toml or do not write it"
        )
    changed = [path for path in sorted(written) if _bytes(root / path) != _bytes(stage / path)]
    for path in written - set(changed):
        (stage / path).unlink()
    for path in changed:
        with open(stage / path, "rb+") as file:
            os.fsync(file.fileno())
    ready = root / STATE_FOLDER / "commit" / stage.name
    ready.parent.mkdir(exist_ok=True)
    os.replace(stage, ready)
    _move(root, ready)
    return changed


def recover(root: Path) -> list[str]:
    """Complete commits that an earlier run began, drop stages that it left, and return the names of the former."""
    commits = sorted((root / STATE_FOLDER / "commit").glob("*"))
    for ready in commits:
        _move(root, ready)
    shutil.rmtree(root / STATE_FOLDER / "stage", ignore_errors=True)
    return [ready.name for ready in commits]


def _move(root: Path, ready: Path) -> None:
    for path in sorted(ready.rglob("*")):
        if path.is_file():
            target = root / path.relative_to(ready)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    shutil.rmtree(ready)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
