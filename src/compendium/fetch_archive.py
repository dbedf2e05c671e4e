"""Repository archives: a ``tar.gz`` read as a stream, of which only declared files are taken, each checked on its own."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Protocol

from compendium.errors import UserError
from compendium.fetch_list import RawFile, leads_outside

UNPACKED_LIMIT = 4 * 2**30
HEADER_LIMIT = 2**20
BLOCK = 2**18
KINDS = {
    tarfile.SYMTYPE: "a symbolic link", tarfile.LNKTYPE: "a hard link", tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device", tarfile.FIFOTYPE: "a pipe", tarfile.DIRTYPE: "a folder",
}  # fmt: skip


class ArchiveError(UserError):
    """An archive that must not be trusted, or is not whole: ``again`` tells whether another try may mend it."""

    def __init__(self, got: str, *, again: bool = False) -> None:
        super().__init__(got)
        self.again = again


class Readable(Protocol):
    """What an archive is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, none at the end."""


class _Header(tarfile.TarInfo):
    """A header whose extension, which tarfile reads into memory as a whole, is small."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> "_Header":
        header = super().frombuf(buf, encoding, errors)
        ordinary = header.type in KINDS or header.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
        if not ordinary and (header.size > HEADER_LIMIT or header.type == tarfile.GNUTYPE_SPARSE):
            raise ArchiveError(
                f"got a header of {header.size:,} bytes of the kind {header.type!r}, which no repository has"
            )
        return header


class _Unpacked:
    """The unpacked bytes, which end at a limit: a small archive may unpack without end."""

    def __init__(self, packed: Readable, limit: int) -> None:
        self.file = gzip.GzipFile(fileobj=packed, mode="rb")  # type: ignore[call-overload]
        self.left = limit
        self.after_end = 0

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self.file.read(min(size, BLOCK))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ArchiveError(f"got a damaged archive ({error})", again=True) from None
        self.left -= len(data)
        self.after_end += not data
        if self.after_end > 2:  # tarfile would read on for as long as a header's size says
            raise ArchiveError("got a damaged archive (it ends within a file)", again=True)
        if self.left < 0:
            raise ArchiveError("unpacks to more than the limit of this program")
        return data


@contextmanager
def _damage() -> Iterator[None]:
    """Say what tarfile makes of headers that no program writes: some of it is no error of its own."""
    try:
        yield
    except (tarfile.TarError, ValueError, LookupError, ArithmeticError) as error:
        raise ArchiveError(f"got a damaged archive ({error})", again=True) from None


def read_archive(
    packed: Readable, wanted: Mapping[str, RawFile], take: Callable[[RawFile, IO[bytes]], None]
) -> dict[str, str]:
    """Hand every wanted regular file of a repository archive to ``take``, and say why others were not.

    Parameters
    ----------
    packed : readable
        The ``tar.gz``, whose names begin with a folder of the archive's own.
    wanted : mapping
        Files by their path in the repository.
    take : callable
        Called with the file and its content, a stream; what it raises goes up.

    Returns
    -------
    dict of str
        The paths of wanted files that are there and are no regular file, or have another size, with what they are.

    Raises
    ------
    ArchiveError
        For a name that leads outside, bytes without end, and an archive that is damaged or breaks off.
    """
    refused: dict[str, str] = {}
    taken: set[str] = set()
    unpacked = _Unpacked(packed, UNPACKED_LIMIT)
    with _damage():
        archive = tarfile.open(fileobj=unpacked, mode="r|", bufsize=BLOCK, tarinfo=_Header)  # type: ignore[call-overload]  # noqa: SIM115
    while True:
        with _damage():
            member = archive.next()
        if member is None:
            return refused
        archive.members = []  # kept by tarfile for a second reading, which never comes
        if leads_outside(member.name):
            raise ArchiveError(f"got the member {member.name!r}, which leads outside of its folder")
        origin = member.name.partition("/")[2]
        if (file := wanted.get(origin)) is None or origin in taken:
            continue
        if member.type in KINDS or not member.isreg():
            refused[origin] = KINDS.get(member.type, f"of the kind {member.type!r}")
        elif member.size != file.size:
            refused[origin] = f"{member.size:,} bytes long"
        else:
            _take(archive, member, file, take)
            taken.add(origin)


def _take(
    archive: tarfile.TarFile, member: tarfile.TarInfo, file: RawFile, take: Callable[[RawFile, IO[bytes]], None]
) -> None:
    content = archive.extractfile(member)
    assert content is not None  # it is a regular file
    try:
        take(file, content)
    except tarfile.TarError as error:
        raise ArchiveError(f"got a damaged archive ({error})", again=True) from None
