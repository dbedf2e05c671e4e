"""The list of raw files: every one that ``data/sources.csv`` and its list of members declare, checked before a byte is asked for."""

import csv
import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from compendium.errors import UserError, nearest
from compendium.sources import RAW_FILES, SOURCES, manifest_hash, raw_file_rows

ALONE = 40
PATTERNS = {
    "source_id": (r"\S+", "a name"),
    "repository": (r"[\w.-]+/[\w.-]+", "OWNER/REPOSITORY"),
    "commit": (r"[0-9a-f]{40}", "a commit of 40 hexadecimal digits"),
    "sha256": (r"[0-9a-f]{64}", "64 hexadecimal digits"),
    "bytes": (r"\d+", "a whole number"),
    "files": (r"[1-9]\d*", "a whole number above 0"),
}


@dataclass(frozen=True)
class RawFile:
    """One file: where it lies below the raw folder, where it comes from, what it must be, and who says so."""

    source_id: str
    path: str
    repository: str
    commit: str
    origin: str
    sha256: str
    size: int
    place: str


@dataclass(frozen=True)
class Job:
    """What one request brings: a file, or the files of an archive."""

    url: str
    files: tuple[RawFile, ...]
    archive: bool = False

    @property
    def name(self) -> str:
        """What it is called in a message."""
        first = self.files[0]
        return f"archive of {first.repository} at {first.commit[:12]}" if self.archive else first.path

    @property
    def expected(self) -> str:
        """What it must be, in words."""
        first = self.files[0]
        if self.archive:
            return f"a tar.gz with {len(self.files):,} declared files"
        return f"{first.size:,} bytes with sha256 {first.sha256} ({first.place})"


def leads_outside(path: str) -> bool:
    r"""Return whether a path could leave the folder that it is put in, on any system.

    Examples
    --------
    >>> [leads_outside(path) for path in ("a/b.csv", "../a", "/a", "a/../b", "C:/a", "a\\..\\b", "a\0")]
    [False, True, True, True, True, True, True]
    """
    parts = re.split(r"[/\\]", path)
    return "\0" in path or not parts[0] or ".." in parts or re.match(r"[A-Za-z]:", path) is not None


def _checked_path(path: str, where: str) -> str:
    """Return a path of the lists as it stands; it must be plain, relative and written one way only."""
    plain = not leads_outside(path) and "\\" not in path and posixpath.normpath(path) == path and path.isprintable()
    if not plain:
        raise UserError(
            f"{where}: got {path!r}, expected a path below the raw folder without '..'; restore it from git"
        )
    return path


def _checked(row: Mapping[str, str | None], columns: Iterable[str], where: str) -> None:
    for column in columns:
        pattern, expected = PATTERNS[column]
        got = row.get(column) or ""
        if not re.fullmatch(pattern, got, re.ASCII) or (column == "repository" and set(got.split("/")) & {".", ".."}):
            raise UserError(f"{where}, column {column}: got {got!r}, expected {expected}; correct the cell")


def declared_files(root: Path, only: Iterable[str] = ()) -> dict[str, list[RawFile]]:
    """Return the declared files by ``source_id``, of the sources named or of all.

    Raises
    ------
    UserError
        For a list that is missing or damaged, a cell that is not what it must be, a path that leads outside of the
        raw folder or is declared twice with different content, and for a source that is not declared.
    """
    try:
        with open(root / SOURCES, encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{SOURCES}: cannot be read ({error}); restore it from git") from None
    members: dict[str, list[dict[str, str]]] = {}
    for row in raw_file_rows(root):
        members.setdefault(row["source_id"], []).append(row)
    names = [row.get("source_id") or "" for row in rows]
    for name in only:
        if name not in names:
            raise UserError(
                f"--only {name}: no such source_id in {SOURCES}{nearest(name, names)}; run_all.py fetch --list names all"
            )
    wanted = set(only) or set(names)
    found = {
        row["source_id"]: _files_of(row, members.get(row["source_id"], []), f"{SOURCES}, row {number}")
        for number, row in enumerate(rows, 2)
        if row.get("source_id") in wanted
    }
    seen: dict[str, RawFile] = {}
    for file in (file for files in found.values() for file in files):
        if (other := seen.setdefault(file.path, file)).sha256 != file.sha256:
            raise UserError(
                f"{file.place}: declares {file.path} with another sha256 than {other.place}; restore both from git"
            )
    return found


def _files_of(row: Mapping[str, str], members: list[dict[str, str]], where: str) -> list[RawFile]:
    _checked(
        row, ["source_id", "repository", "commit", "sha256", "bytes"] + (["files"] if row.get("files") else []), where
    )
    base, origin = _checked_path(row["path"], where), row["origin_path"]
    origin = "" if origin == "." else _checked_path(origin, where)

    def made(path: str, origin: str, entry: Mapping[str, str], place: str) -> RawFile:
        return RawFile(
            row["source_id"],
            path,
            row["repository"],
            row["commit"],
            origin,
            entry["sha256"],
            int(entry["bytes"]),
            place,
        )

    if int(row.get("files") or 1) == 1:
        return [made(base, origin, row, where)]
    hashed = manifest_hash({member["path"]: member["sha256"] for member in members})
    if hashed != row["sha256"] or len(members) != int(row["files"]):
        raise UserError(
            f"{where}: declares {row['files']} files for {row['source_id']} whose list has sha256 {row['sha256']}, "
            f"{RAW_FILES} lists {len(members)} with {hashed}; restore both from git"
        )
    files = []
    for member in sorted(members, key=lambda member: member["path"]):
        place = f"{RAW_FILES}, {member['path']!r}"
        _checked(member, ["sha256", "bytes"], place)
        path = _checked_path(member["path"], place)
        if not path.startswith(f"{base}/"):
            raise UserError(
                f"{place}: lies outside of {base}, the folder of {row['source_id']}; restore both lists from git"
            )
        files.append(made(path, posixpath.join(origin, path.removeprefix(f"{base}/")), member, place))
    if sum(file.size for file in files) != int(row["bytes"]):
        raise UserError(
            f"{where}, column bytes: got {row['bytes']}, its files in {RAW_FILES} have {sum(f.size for f in files)}; restore both from git"
        )
    return files


def refuse_links(folder: Path, paths: Iterable[str]) -> None:
    """Raise a UserError when a folder below the raw folder is a link: files would be written to where it leads."""
    is_junction = getattr(os.path, "isjunction", lambda _: False)  # from Python 3.12, for Windows
    parents = {posixpath.dirname(path) for path in paths}
    while fresh := {posixpath.dirname(parent) for parent in parents} - parents:
        parents |= fresh
    for parent in sorted(parents - {""}):
        place = os.path.join(folder, parent)
        if os.path.islink(place) or is_junction(place):
            raise UserError(
                f"{parent}: is a link to {os.readlink(place)}, expected a folder in {folder.name}; remove the link, then run again"
            )
