"""The crew: a few threads that work off what is to be fetched, and what a person sees of it meanwhile."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TextIO
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse

from compendium.errors import UserError
from compendium.fetch_archive import ArchiveError, read_archive
from compendium.fetch_file import DiskFullError, kept_bytes, part_of, receive
from compendium.fetch_list import ALONE, Job, RawFile
from compendium.fetch_transfer import CONNECTIONS, Beyond, Body, FetchError, HostDownError, Passing, Stopped, Web

LINE_EVERY = 10.0


class Crew:
    """Fetches jobs with at most ``CONNECTIONS`` at once; one that fails does not stop the others.

    Parameters
    ----------
    folder : Path
        The raw folder.
    work : sequence of Job
        What to ask for, in this order.
    alone : callable
        Returns the job of a file by itself: of one that is not in its archive as declared.

    Attributes
    ----------
    files, bytes : int
        What has come and taken its place.
    """

    def __init__(
        self, folder: Path, work: Sequence[Job], alone: Callable[[RawFile], Job], stream: TextIO | None = None
    ) -> None:
        self.folder, self.alone, self.stream = folder, alone, stream or sys.stdout
        self.files = self.bytes = self.received = 0
        self.expected = [file for job in work for file in job.files]
        self.expected_bytes = sum(file.size for file in self.expected)
        self.web = Web(self._count)
        self.fault: BaseException | None = None
        self._queue: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in work:
            self._queue.put(job)
        self._threads = min(CONNECTIONS, len(work))
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._down: set[str] = set()
        self._began = self._told = time.monotonic()

    def run(self) -> None:
        """Do all of it; an interruption goes up after the threads have let go."""
        # daemons: one that waits for a silent host must not hold up the end
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._threads)]
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                self._show()
                time.sleep(0.1)
        finally:
            self.web.stop.set()
            for thread in threads:
                thread.join(timeout=1.0)
            self._show(last=True)
        if self.fault:
            raise self.fault

    def _work(self) -> None:
        while not self.web.stop.is_set():
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return
            try:
                self._archive(job) if job.archive else self._single(job)
            except Stopped:
                return
            except HostDownError as error:
                self._host_down(urlsplit(job.url).netloc, error)
            except FetchError as error:
                self._fail(job, str(error), error.remedy)
            except DiskFullError as error:
                self._lines.put(f"  FAIL  {error}; free space, then run again: what came is kept")
                self.web.stop.set()
            except BaseException as error:  # noqa: BLE001  (a fault of ours: raised in the main thread)
                self.fault = error
                self.web.stop.set()

    def _single(self, job: Job) -> None:
        file, asked = job.files[0], 0

        def start(last: Passing | None) -> int:
            nonlocal asked
            if isinstance(last, Beyond):
                part_of(self.folder, file).unlink(missing_ok=True)
            asked = kept_bytes(self.folder, file)
            return asked

        def consume(body: Body, response: BaseHTTPResponse) -> None:
            given = response.headers.get("Content-Range", "").startswith(f"bytes {asked}-")
            if response.status == 206 and not given:
                raise Beyond("got another part than was asked for", tries=2, pause=0.0)
            length = response.headers.get("Content-Length", "")
            if response.status == 200 and length.isdecimal() and int(length) != file.size:
                raise FetchError(f"got {int(length):,} bytes")
            receive(self.folder, file, body.read, asked if response.status == 206 else 0)

        self.web.get(job.url, consume, start)
        self._good(file)

    def _archive(self, job: Job) -> None:
        left = {file.origin: file for file in job.files}
        why: dict[str, str] = {}

        def take(file: RawFile, content: IO[bytes]) -> None:
            try:
                receive(self.folder, file, content.read)
            except (FetchError, Passing) as error:
                why[file.origin] = str(error)
            else:
                del left[file.origin]
                self._good(file)

        def consume(body: Body, _: BaseHTTPResponse) -> dict[str, str]:
            try:
                return read_archive(body, dict(left), take)
            except ArchiveError as error:
                if error.again:
                    raise Passing(str(error), tries=2) from None
                raise FetchError(str(error), "do not trust this archive; name a mirror with --mirror URL") from None

        kinds = self.web.get(job.url, consume)
        why |= {origin: f"is {kind} in it" for origin, kind in kinds.items()}
        if len(left) > ALONE:
            first = next(iter(left.values()))
            got = why.get(first.origin, "is not in it")
            self._fail(job, f"got {len(left):,} files not as declared, the first {first.path}: {got}")
            return
        for file in left.values():
            alone = self.alone(file)
            if file.origin in kinds and not kinds[file.origin].endswith("long"):
                self._fail(alone, f"{why[file.origin]}: got by way of {job.url}")
            else:
                self._queue.put(alone)

    def _good(self, file: RawFile) -> None:
        with self._lock:
            self.files += 1
            self.bytes += file.size

    def _count(self, number: int) -> None:
        with self._lock:
            self.received += number

    def _fail(self, job: Job, got: str, remedy: str = FetchError("").remedy) -> None:
        self._lines.put(f"  FAIL  {job.name}: {got} from {job.url}, expected {job.expected}; {remedy}")

    def _host_down(self, host: str, error: UserError) -> None:
        with self._lock:
            if host not in self._down:
                self._down.add(host)
                self._lines.put(
                    f"  FAIL  {host}: {error}, so nothing more is asked of it; check the network and HTTPS_PROXY, "
                    "run fetch again later, or name a mirror with --mirror URL"
                )

    def _show(self, *, last: bool = False) -> None:
        """Write the lines that came up, then how far it is: a bar on a terminal, now and then a line elsewhere."""
        terminal, now = self.stream.isatty(), time.monotonic()
        text = "\r\x1b[K" if terminal else ""
        while not self._lines.empty():
            text += self._lines.get() + "\n"
        if terminal and not last:
            filled = "█" * (20 * self.bytes // max(self.expected_bytes, 1))
            text += f"  {filled:░<20} {self.progress()}"[:150]
        elif not terminal and not last and now - self._told >= LINE_EVERY:
            self._told = now
            text += f"  {self.progress()}\n"
        if text:
            self.stream.write(text)
            self.stream.flush()

    def progress(self) -> str:
        """Return how far it is, and about how long the rest will take."""
        seconds = max(time.monotonic() - self._began, 0.001)
        left = (
            f"about {seconds * (self.expected_bytes - self.bytes) / self.bytes:,.0f} s left"
            if self.bytes
            else "waiting"
        )
        return (
            f"{self.bytes / 1e6:,.1f} of {self.expected_bytes / 1e6:,.1f} MB, {self.files:,} of {len(self.expected):,} files, "
            f"{self.received / 1e6 / seconds:,.1f} MB/s, {left}"
        )
