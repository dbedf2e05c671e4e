"""Raw files: what ``data/sources.csv`` says of each, and where they lie on this machine.

A source is one file, or many (``files`` above 1): then ``data/raw_files.csv.gz`` lists its members with a hash each, and
the source's own hash is that of the lines ``sha256  path`` of its members, sorted by path, as ``sha256sum`` writes them.
"""

import csv
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from compendium.errors import UserError, nearest

SOURCES = "data/sources.csv"
RAW_FILES = "data/raw_files.csv.gz"
RAW_FOLDER = "COMPENDIUM_RAW"


@dataclass(frozen=True)
class Source:
    """One source: the path of its file below the raw folder, or of the folder of its files, and the hash when the tables were made."""

    source_id: str
    path: str
    sha256: str
    row: int
    files: int = 1


def source_rows(root: Path) -> dict[str, dict[str, str]]:
    """Return the rows of ``data/sources.csv``, all columns, by ``source_id``; an empty mapping where there is no such file."""
    if not (root / SOURCES).is_file():
        return {}
    with open(root / SOURCES, encoding="utf-8-sig", newline="") as file:
        return {row["source_id"]: row for row in csv.DictReader(file)}


def read_sources(root: Path) -> dict[str, Source]:
    """Return what the engine needs of ``data/sources.csv``, by ``source_id``."""
    return {
        source_id: Source(source_id, row["path"], row["sha256"], n, int(row.get("files") or 1))
        for n, (source_id, row) in enumerate(source_rows(root).items(), 2)
    }


def raw_file_rows(root: Path) -> list[dict[str, str]]:
    """Return the rows of the list of files of the sources of many files, sorted by path.

    Raises
    ------
    UserError
        When the list is damaged.
    """
    if not (root / RAW_FILES).is_file():
        return []
    try:
        with gzip.open(root / RAW_FILES, "rt", encoding="utf-8", newline="") as file:
            columns = itemgetter("path", "source_id", "sha256")  # a column that is not there is told here
            rows = sorted(csv.DictReader(file), key=columns)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, KeyError, TypeError) as error:
        raise UserError(f"{RAW_FILES}: cannot be read ({type(error).__name__}: {error}); restore it from git") from None
    return rows


def read_members(root: Path) -> dict[str, dict[str, str]]:
    """Return path and hash of every file of the sources of many files, by ``source_id`` and sorted by path."""
    members: dict[str, dict[str, str]] = {}
    for row in raw_file_rows(root):
        members.setdefault(row["source_id"], {})[row["path"]] = row["sha256"]
    return members


def manifest_hash(members: Mapping[str, str]) -> str:
    """Return the hash of a source of many files: of its list of hashes and paths.

    Examples
    --------
    >>> manifest_hash({})[:8]
    'e3b0c442'
    """
    lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(members.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class RawFiles:
    """The declared raw files below a folder: paths by source and, for builders, by argument."""

    root: Path
    folder: Path | None

    def hashes(self, source_ids: Iterable[str], where: str) -> dict[str, dict[str, str]]:
        """Return the declared path and hash of every file of some sources, by ``source_id``.

        Raises
        ------
        UserError
            For a source that is not declared, and for one whose list of members is not the declared one.
        """
        declared, members = read_sources(self.root), dict[str, dict[str, str]]()
        found: dict[str, dict[str, str]] = {}
        for source_id in source_ids:
            if source_id not in declared:
                raise UserError(
                    f"{where}: got the source {source_id!r}{nearest(source_id, declared)}, expected a source_id of {SOURCES}; add its row"
                )
            source = declared[source_id]
            if source.files == 1:
                found[source_id] = {source.path: source.sha256}
                continue
            members = members or read_members(self.root)
            found[source_id] = members.get(source_id, {})
            if len(found[source_id]) != source.files or manifest_hash(found[source_id]) != source.sha256:
                raise UserError(
                    f"{SOURCES}, row {source.row}: declares {source.files} files for {source_id} whose list has sha256 {source.sha256}, "
                    f"{RAW_FILES} lists {len(found[source_id])} with {manifest_hash(found[source_id])}; restore both from git"
                )
        return found

    def arguments(self, raw: Mapping[str, str], where: str) -> dict[str, Path | tuple[Path, ...]]:
        """Return what a builder is given: a path for a source of one file, a tuple of paths for a source of many."""
        folder, declared = self.folder or Path(), self.hashes(raw.values(), where)
        many = {source_id: source.files > 1 for source_id, source in read_sources(self.root).items()}
        paths = {source_id: tuple(folder / path for path in files) for source_id, files in declared.items()}
        return {arg: paths[source_id] if many[source_id] else paths[source_id][0] for arg, source_id in raw.items()}

    def missing(self, source_ids: Iterable[str], where: str) -> str | None:
        """Return the path of the first declared file that is not there, None when all are."""
        for files in self.hashes(source_ids, where).values():
            for path in files:
                if self.folder is None or not (self.folder / path).is_file():
                    return path
        return None

    def wrong(self, source_ids: Iterable[str], where: str, hashed: Callable[[Path], str]) -> str | None:
        """Return a sentence on the first file whose hash is not the declared one, None when all are as declared."""
        folder, declared = self.folder or Path(), read_sources(self.root)
        for source_id, files in self.hashes(source_ids, where).items():
            source = declared[source_id]
            for path, sha256 in files.items():
                if (got := hashed(folder / path)) != sha256:
                    told = f"{SOURCES} row {source.row}" if source.files == 1 else RAW_FILES
                    return (
                        f"{path}: has sha256 {got}, {told} says {sha256}; get it again with run_all.py fetch, "
                        "or, if it is a new edition, write its sha256 and as-of date there"
                    )
        return None


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
