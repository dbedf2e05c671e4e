"""A local server in the layout of a mirror, which can be told to misbehave, and a small raw tree that it serves."""

import gzip
import hashlib
import io
import tarfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from compendium.sources import manifest_hash

COMMIT = {name: hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest() for name in ("states", "texts", "open")}
Answer = Callable[["Handler", bytes], None]


def tar(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """Return a tar.gz of members in this order."""
    packed = io.BytesIO()
    with tarfile.open(
        fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": "0" * 40}
    ) as file:
        for member, content in members:
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def entry(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member of an archive."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member, content


class Handler(BaseHTTPRequestHandler):
    """Answers as the mirror was told to, or as it should."""

    protocol_version = "HTTP/1.1"
    server: "Mirror"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        self.server.asked.append((path, self.headers.get("Range")))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        answers = self.server.answers.get(path, [])
        content = self.server.files.get(path)
        if answers:
            answer = answers[0] if len(answers) == 1 and self.server.stubborn else answers.pop(0)
            answer(self, content or b"")
        elif content is None:
            self.send_error(404)
        else:
            good(self, content)

    def start(self, status: int, length: int | None, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def cut(self) -> None:
        """End the connection here."""
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def good(handler: Handler, content: bytes) -> None:
    """Send the content, or the rest of it that was asked for."""
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
    more = {"Content_Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
    handler.start(206 if start else 200, len(content) - start, **more)
    handler.wfile.write(content[start:])


def status(code: int, **headers: str) -> Answer:
    """Return an answer without content."""
    return lambda handler, _: handler.start(code, 0, **headers)


def instead(content: bytes) -> Answer:
    """Return an answer with other content."""
    return lambda handler, _: good(handler, content)


def half(handler: Handler, content: bytes) -> None:
    """Promise all and end the connection midway."""
    handler.start(200, len(content))
    handler.wfile.write(content[: len(content) // 2])
    handler.cut()


def whole_again(handler: Handler, content: bytes) -> None:
    """Send everything from the first byte, whatever part was asked for."""
    handler.start(200, len(content))
    handler.wfile.write(content)


def endless(handler: Handler, _: bytes) -> None:
    """Send without a length, and more than there is."""
    handler.start(200, None, Connection="close")
    try:
        for _block in range(4000):
            handler.wfile.write(b"x" * 2**16)
    except OSError:
        handler.server.hung_up += 1
    handler.close_connection = True


def mute(handler: Handler, _: bytes) -> None:
    """Say nothing at all until the mirror is let go."""
    handler.server.let_go.wait(20)
    handler.close_connection = True


def silent(handler: Handler, content: bytes) -> None:
    """Begin, then say nothing until the mirror is let go."""
    handler.start(200, len(content))
    handler.wfile.write(content[:1])
    handler.wfile.flush()
    handler.server.let_go.wait(20)
    handler.cut()


def redirect(handler: Handler, _: bytes) -> None:
    """Send to the same place again."""
    handler.start(302, 0, Location=handler.path)


class Mirror(ThreadingHTTPServer):
    """A raw tree with its lists, and a server of it.

    ``files`` are by their path on the mirror; ``answers`` are given instead of them, in turn; a stubborn mirror
    repeats the last one.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root, self.raw = folder / "checkout", folder / "raw"
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.headers: list[dict[str, str]] = []
        self.stubborn, self.hung_up, self.let_go = True, 0, threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.tree = {
            "un/states/members.csv": b"iso3\nAFG\nZWE\n",
            "un/states/data/odd name #1%.csv": b"a;b\n",
            "un/states/@old/log.txt": b"0123456789" * 20000,
            "un/states/empty.txt": b"",
            "un/open/data/few/b.csv": b"b\n",
            "un/open/data/few/a.csv": b"a\n",
        } | {f"un/texts/TXT/{number:02}.txt": f"speech {number}\n".encode() * 50 for number in range(45)}
        rows = [
            self._source("members", "un/states/members.csv", "members.csv"),
            self._source("odd", "un/states/data/odd name #1%.csv", "data/odd name #1%.csv"),
            self._source("log", "un/states/@old/log.txt", "log.txt"),
            self._source("empty", "un/states/empty.txt", "empty.txt"),
            self._source("few", "un/open/data", "data"),
            self._source("speeches", "un/texts", "."),
        ]
        (self.root / "data").mkdir(parents=True)
        self.write_sources(rows)
        with gzip.open(self.root / "data/raw_files.csv.gz", "wt", encoding="utf-8", newline="") as file:
            file.write("source_id,path,sha256,bytes\n")
            for source_id, base in (("few", "un/open/"), ("speeches", "un/texts/")):
                file.writelines(f"{source_id},{path},{sha},{size}\n" for path, sha, size in self.members(base))
        self.archive = f"un/texts/tar.gz/{COMMIT['texts']}"
        self.files[self.archive] = tar(self.archive_members())
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def members(self, base: str) -> list[tuple[str, str, int]]:
        """Return path, hash and size of the files below a folder."""
        return [(p, hashlib.sha256(c).hexdigest(), len(c)) for p, c in sorted(self.tree.items()) if p.startswith(base)]

    def archive_members(self) -> list[tuple[tarfile.TarInfo, bytes]]:
        """Return what the archive of the speeches holds, and more that nobody declared."""
        top = f"texts-{COMMIT['texts']}"
        extra = [
            entry(f"{top}/README.md", b"read me" * 9),
            entry(f"{top}/latest", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        ]
        return extra + [
            entry(path.replace("un/texts", top), content)
            for path, content in self.tree.items()
            if path.startswith("un/texts/")
        ]

    def _source(self, source_id: str, path: str, origin: str) -> list[str]:
        repository = "/".join(path.split("/")[:2])
        commit = COMMIT[repository.split("/")[1]]
        members = [(path, *rest) for path, *rest in self.members(path if path in self.tree else f"{path}/")]
        for member, _, _ in members:
            name = origin if member == path else f"{origin}/{member.removeprefix(path + '/')}".removeprefix("./")
            self.files[f"{repository}/{commit}/{name}"] = self.tree[member]
        sha = members[0][1] if path in self.tree else manifest_hash({member: sha for member, sha, _ in members})
        size = sum(size for _, _, size in members)
        return [source_id, repository, commit, path, origin, sha, str(size), str(len(members))]

    def write_sources(self, rows: list[list[str]]) -> None:
        """Write the list of sources."""
        self.rows = rows
        text = "source_id,repository,commit,path,origin_path,sha256,bytes,files\n" + "".join(
            ",".join(row) + "\n" for row in rows
        )
        (self.root / "data/sources.csv").write_text(text, encoding="utf-8", newline="\n")

    def place(self, source_id: str) -> str:
        """Return where the mirror has the file of a source."""
        row = next(row for row in self.rows if row[0] == source_id)
        return f"{row[1]}/{row[2]}/{row[4]}"

    def there(self) -> dict[str, bytes]:
        """Return the files that lie in the raw folder, and their content."""
        paths = (path for path in self.raw.rglob("*") if path.is_file() and path.name != ".fetch-lock")
        return {path.relative_to(self.raw).as_posix(): path.read_bytes() for path in paths}

    def end(self) -> None:
        """Stop serving."""
        self.let_go.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that a client ended."""
        time.sleep(0)
