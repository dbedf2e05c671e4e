"""``run_all.py fetch``: the raw files that ``data/sources.csv`` declares, from their public places into the raw folder.

A file is asked for by itself; where more than ``ALONE`` files of a source are missing, its repository comes as an
archive, once, with what else is missing of the same commit. Every file is checked for size and sha256 before it takes
its place; one that is there and right is not fetched again. A mirror has a file at ``URL/OWNER/REPO/COMMIT/PATH`` and
an archive at ``URL/OWNER/REPO/tar.gz/COMMIT``.
"""

import argparse
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from compendium import stage
from compendium.errors import UserError
from compendium.fetch_list import ALONE, Job, RawFile, declared_files, refuse_links
from compendium.inputs import FileHashes
from compendium.sources import RAW_FOLDER

MIRROR = "COMPENDIUM_MIRROR"
FILES = "https://raw.githubusercontent.com"
ARCHIVES = "https://codeload.github.com"


def main(root: Path, options: argparse.Namespace) -> int:
    """Fetch what is missing and return the exit code; with ``--list`` or ``--why`` only say what that is."""
    if options.first or options.parameters or options.force:
        raise UserError(
            "fetch takes --only SOURCE_ID, --raw, --mirror, --list and --why; to have a file again, delete it"
        )
    sources = declared_files(root, options.only)
    mirror = _mirror(options.mirror or os.environ.get(MIRROR))
    folder = raw_target(root, options.raw)
    files = list({file.path: file for of in sources.values() for file in of}.values())
    refuse_links(folder, (file.path for file in files))
    with suppress(OSError):  # without it nothing is remembered, which costs time only
        (root / stage.STATE_FOLDER).mkdir(exist_ok=True)
    hashes = FileHashes(root / stage.STATE_FOLDER / "hashes.json")
    found = {file.path: _content(hashes, folder / file.path) for file in files}
    hashes.save()
    missing = [file for file in files if found[file.path] != file.sha256]
    other = [file.path for file in missing if found[file.path] != "missing"]
    if options.list or options.why:
        return _list(sources, {file.path for file in missing}, other, folder, every=options.list)
    if not missing:
        print(
            f"Nothing to fetch: all {len(files):,} files of {_plural(len(sources), 'source')} are in {folder} as declared.{_next(root, folder)}"
        )
        return 0
    return _fetch(root, folder, jobs(missing, mirror), other, len(files), mirror)


def _content(hashes: FileHashes, path: Path) -> str:
    """Return the hash of what is there; what cannot be read counts as missing, and the writing will say why."""
    try:
        return hashes(path)
    except OSError:
        return "missing"


def raw_target(root: Path, given: str | None) -> Path:
    """Return the folder to fetch into: the one given, ``COMPENDIUM_RAW``, or ``data/raw``; it need not be there."""
    named = given or os.environ.get(RAW_FOLDER)
    folder = Path(named).expanduser().resolve() if named else root / "data" / "raw"
    if folder.exists() and not folder.is_dir():
        raise UserError(f"raw folder {named or folder.name}: is a file, expected a folder; name another with --raw")
    return folder


def jobs(missing: Sequence[RawFile], mirror: str | None) -> list[Job]:
    """Return what to ask for: archives first, the largest first, then files one by one."""
    of_source = Counter(file.source_id for file in missing)
    whole = {(file.repository, file.commit) for file in missing if of_source[file.source_id] > ALONE}
    archives: dict[tuple[str, str], dict[str, RawFile]] = {key: {} for key in sorted(whole)}
    rest: list[RawFile] = []
    for file in missing:
        of_archive = archives.get((file.repository, file.commit))
        if of_archive is None or file.origin in of_archive:
            rest.append(file)
        else:
            of_archive[file.origin] = file
    many = [
        Job(f"{mirror or ARCHIVES}/{repository}/tar.gz/{commit}", tuple(files.values()), archive=True)
        for (repository, commit), files in archives.items()
    ]
    return sorted(many, key=lambda job: -len(job.files)) + [alone(file, mirror) for file in rest]


def alone(file: RawFile, mirror: str | None) -> Job:
    """Return what to ask for to have a file by itself."""
    return Job(f"{mirror or FILES}/{file.repository}/{file.commit}/{quote(file.origin)}", (file,))


def _mirror(given: str | None) -> str | None:
    if given and (urlsplit(given).scheme not in ("http", "https") or not urlsplit(given).netloc):
        raise UserError(
            f"mirror {given}: expected an address that begins with https:// or http://; correct --mirror or {MIRROR}"
        )
    return given.rstrip("/") if given else None


def _list(sources: dict[str, list[RawFile]], missing: set[str], other: list[str], folder: Path, *, every: bool) -> int:
    complete, bytes_left = 0, 0
    for source_id, files in sources.items():
        lost = [file for file in files if file.path in missing]
        bytes_left += sum(file.size for file in lost)
        complete += not lost
        if lost:
            which = f": {lost[0].path}" + (f" and {len(lost) - 1:,} more" if len(lost) > 1 else "")
            print(
                f"{source_id}: {len(lost):,} of {_plural(len(files), 'file')} to fetch, {_size(sum(f.size for f in lost))}{which}"
            )
        elif every:
            print(f"{source_id}: complete, {_plural(len(files), 'file')}, {_size(sum(f.size for f in files))}")
    for path in other[:20]:
        print(f"{path}: is there with other content than declared; fetch replaces it")
    print(
        f"{complete} of {_plural(len(sources), 'source')} complete in {folder}; {len(missing):,} files to fetch, {_size(bytes_left)}."
    )
    return 0


def _fetch(root: Path, folder: Path, work: list[Job], other: list[str], declared: int, mirror: str | None) -> int:
    from compendium.fetch_crew import Crew
    from compendium.lock import only_run

    wanted = [file for job in work for file in job.files]
    needed = sum(file.size for file in wanted)
    with only_run(root), _only_fetch(folder):
        if (free := shutil.disk_usage(folder).free) < needed:
            raise UserError(
                f"{folder}: has {_size(free)} free, expected {_size(needed)} for {len(wanted):,} files; free space or name another folder with --raw"
            )
        archives = sum(job.archive for job in work)
        how = f"{_plural(archives, 'repository archive')} and {_plural(len(work) - archives, 'single file')}"
        print(
            f"Fetching {len(wanted):,} of {_plural(declared, 'file')}, {_size(needed)}, into {folder}: {how}",
            flush=True,
        )
        for path in other[:20]:
            print(f"  replaces {path}, whose content is not the declared one")
        started = time.monotonic()
        crew = Crew(folder, work, lambda file: alone(file, mirror))
        crew.run()
    print(
        f"Fetched {_plural(crew.files, 'file')}, {_size(crew.bytes)}, into {folder} in {time.monotonic() - started:.0f} s."
    )
    if crew.files < len(wanted):
        print(
            f"Not fetched: {_plural(len(wanted) - crew.files, 'file')}; the reasons stand above. What came is kept: run_all.py fetch goes on from there."
        )
        return UserError.exit_code
    print(f"All {_plural(declared, 'file')} are there as declared.{_next(root, folder)}")
    return 0


@contextmanager
def _only_fetch(folder: Path) -> Iterator[None]:
    """Make the raw folder and hold its lock; a second checkout that fetches into it waits."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".fetch-lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"Waiting for another fetch into {folder}; Ctrl-C to stop waiting", flush=True)
            lock.acquire()
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be written ({error.strerror}); make it writable or name another folder with --raw"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _plural(number: int, name: str) -> str:
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def _size(number: float) -> str:
    return f"{number / 1e6:,.1f} MB" if number >= 1e5 else f"{number / 1e3:,.1f} kB"


def _next(root: Path, folder: Path) -> str:
    told = "" if folder == root / "data" / "raw" else f" --raw {folder}"
    return f" Next: run_all.py ingest{told}"
