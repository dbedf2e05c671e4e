"""A file on its way to the raw folder: its bytes go to ``NAME.part``, and only after the check does it take its place."""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from compendium.errors import UserError
from compendium.fetch_list import RawFile
from compendium.fetch_transfer import CHUNK, FetchError, Passing

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFullError(UserError):
    """No room for more: everything stops."""


@contextmanager
def _disk(file: RawFile, part: Path) -> Iterator[None]:
    """Say what the disk refuses; of a full one, the half of a file is taken off again."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            part.unlink(missing_ok=True)
            raise DiskFullError(f"{file.path}: no room for its {file.size:,} bytes ({error.strerror})") from None
        raise FetchError(f"cannot be written ({error.strerror})", "make its folder writable, then run again") from None


def part_of(folder: Path, file: RawFile) -> Path:
    """Return the path at which a file lies until it is whole and checked."""
    return Path(folder, f"{file.path}.part")


def kept_bytes(folder: Path, file: RawFile) -> int:
    """Return how many bytes an earlier try has left, 0 where they are of no use."""
    part = part_of(folder, file)
    with _disk(file, part):
        if os.path.lexists(part) and (part.is_symlink() or part.stat().st_size >= max(file.size, 1)):
            part.unlink()
        return part.stat().st_size if part.exists() else 0


def receive(folder: Path, file: RawFile, read: Callable[[int], bytes], start: int = 0) -> None:
    """Write what ``read`` gives, from byte ``start`` on, check it, and put the file in its place.

    Raises
    ------
    FetchError
        For more bytes than declared, another hash, or a folder that cannot be written.
    DiskFullError
        When there is no room.
    Passing
        For too few bytes: what came is kept, and the next try goes on from there.
    """
    part, path = part_of(folder, file), Path(folder, file.path)
    hashed, size = hashlib.sha256(), 0
    with _disk(file, part):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "r+b" if start else "wb") as out:
            while size < start:
                data = out.read(min(CHUNK, start - size))
                hashed.update(data)
                size += len(data)
            while data := read(CHUNK):
                size += len(data)
                if size > file.size:
                    break
                hashed.update(data)
                out.write(data)
        if size < file.size:
            raise Passing(f"got {size:,} bytes")
        if size == file.size and hashed.hexdigest() == file.sha256:
            os.replace(part, path)
            return
        part.unlink()
    if start:
        raise Passing("got the end of another file than was begun", pause=0.0)
    raise FetchError(
        f"got more than {file.size:,} bytes" if size > file.size else f"got content with sha256 {hashed.hexdigest()}"
    )
