"""Raw files: what ``data/sources.csv`` says of each, and where they lie on this machine."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

from compendium.errors import UserError, nearest

SOURCES = "data/sources.csv"
RAW_FOLDER = "COMPENDIUM_RAW"


@dataclass(frozen=True)
class Source:
    """One raw file: its path below the raw folder and the hash that it had when the tables were made."""

    source_id: str
    path: str
    sha256: str
    row: int


def read_sources(root: Path) -> dict[str, Source]:
    """Return the rows of ``data/sources.csv`` by ``source_id``; an empty mapping where there is no such file."""
    if not (root / SOURCES).is_file():
        return {}
    with open(root / SOURCES, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["source_id"]: Source(row["source_id"], row["path"], row["sha256"], n) for n, row in enumerate(rows, 2)}


def source(sources: dict[str, Source], source_id: str, where: str) -> Source:
    """Return one source, or say which build names one that is not declared."""
    if source_id not in sources:
        raise UserError(
            f"{where}: got the source {source_id!r}{nearest(source_id, sources)}, expected a source_id of {SOURCES}; add its row"
        )
    return sources[source_id]


def raw_folder(root: Path, given: str | None) -> Path | None:
    """Return the folder of raw files: the one given, ``COMPENDIUM_RAW``, or ``data/raw``; None where there is none.

    Raises
    ------
    UserError
        When the folder that was named is not there.
    """
    named = given or os.environ.get(RAW_FOLDER)
    if named:
        folder = Path(named).expanduser().resolve()
        if not folder.is_dir():
            raise UserError(f"raw folder {named}: not found; name the folder that holds OWNER/REPO/PATH")
        return folder
    return root / "data" / "raw" if (root / "data" / "raw").is_dir() else None
