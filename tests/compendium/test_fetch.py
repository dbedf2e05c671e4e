"""``run_all.py fetch`` against a local mirror that serves as it should, and against one that misbehaves."""

import errno
import gzip
import hashlib
import io
import os
import random
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from mirror import (
    COMMIT,
    Mirror,
    endless,
    entry,
    good,
    half,
    instead,
    mute,
    redirect,
    silent,
    status,
    tar,
    whole_again,
)
from tiny import SRC

from compendium import cli, fetch, fetch_archive, fetch_crew, fetch_file, fetch_transfer
from compendium.fetch_archive import ArchiveError, read_archive
from compendium.fetch_list import RawFile, declared_files, leads_outside

Fetch = Callable[..., str]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror of a small raw tree; pauses and patience are short."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "COMPENDIUM_RAW", "COMPENDIUM_MIRROR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(fetch_transfer, "PAUSE", 0.01)
    monkeypatch.setattr(fetch_transfer, "SILENCE", 0.4)
    server = Mirror(tmp_path)
    yield server
    server.end()


@pytest.fixture
def run(mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> Fetch:
    """A function that fetches from the mirror and returns what was printed."""

    def fetched(*arguments: str, expect: int = 0) -> str:
        given = ["fetch", "--raw", str(mirror.raw), *arguments]
        code = cli.main([*given, *([] if "--mirror" in given else ["--mirror", mirror.url])], mirror.root)
        printed = "".join(capsys.readouterr())
        assert code == expect, printed
        return printed

    return fetched


def all_but(mirror: Mirror, *paths: str) -> dict[str, bytes]:
    """Return the tree without some files, by their path or the folder above."""
    return {path: content for path, content in mirror.tree.items() if not path.startswith(paths)}


def test_everything_comes_with_its_declared_content_and_the_rest_of_the_archive_stays_out(mirror: Mirror, run: Fetch):
    printed = run()
    assert mirror.there() == mirror.tree
    assert "Fetching 51 of 51 files, 0.2 MB" in printed
    assert "1 repository archive and 6 single files" in printed
    assert f"All 51 files are there as declared. Next: run_all.py ingest --raw {mirror.raw}" in printed
    assert [path for path, _ in mirror.asked].count(mirror.archive) == 1
    assert not [path for path, _ in mirror.asked if "TXT" in path]


def test_what_is_there_and_right_is_not_asked_for_again(mirror: Mirror, run: Fetch):
    run()
    mirror.asked.clear()
    assert "Nothing to fetch: all 51 files of 6 sources" in run()
    (mirror.raw / "un/states/members.csv").write_bytes(b"iso3\nAFG\nXXX\n")
    (mirror.raw / "un/texts/TXT/07.txt").unlink()
    printed = run()
    assert "replaces un/states/members.csv, whose content is not the declared one" in printed
    assert sorted(path for path, _ in mirror.asked) == sorted(
        [mirror.place("members"), f"un/texts/{COMMIT['texts']}/TXT/07.txt"]
    )
    assert mirror.there() == mirror.tree


def test_only_fetches_the_sources_named_and_an_unknown_one_gets_the_nearest_name(mirror: Mirror, run: Fetch):
    run("--only", "few", "--only", "members")
    assert set(mirror.there()) == {"un/open/data/few/a.csv", "un/open/data/few/b.csv", "un/states/members.csv"}
    assert "no such source_id in data/sources.csv, did you mean speeches?" in run("--only", "speechs", expect=2)


@pytest.mark.parametrize("option", ["--list", "--why"])
def test_listing_says_what_is_missing_and_asks_nothing(mirror: Mirror, run: Fetch, option: str):
    run("--only", "few", "--only", "log")
    (mirror.raw / "un/open/data/few/b.csv").write_bytes(b"c\n")
    mirror.asked.clear()
    printed = run(option)
    assert "few: 1 of 2 files to fetch, 0.0 kB: un/open/data/few/b.csv" in printed
    assert "speeches: 45 of 45 files to fetch" in printed
    assert "un/open/data/few/b.csv: is there with other content than declared; fetch replaces it" in printed
    assert ("log: complete, 1 file" in printed) == (option == "--list")
    assert "1 of 6 sources complete" in printed
    assert not mirror.asked


def test_options_of_notebooks_are_refused(run: Fetch):
    for arguments in (["--force"], ["--from", "02"], ["-p", "02.a=1"]):
        assert "fetch takes --only SOURCE_ID" in run(*arguments, expect=2)


def test_a_mirror_that_is_no_address_is_refused(run: Fetch):
    assert "expected an address that begins with https:// or http://" in run("--mirror", "/srv/raw", expect=2)


@pytest.mark.parametrize(
    "passing",
    [
        status(500),
        status(503, Retry_After="0"),
        status(429, Retry_After="0"),
        status(403, Retry_After="0"),
        half,
        silent,
    ],
)
def test_what_passes_by_itself_is_tried_again(mirror: Mirror, run: Fetch, passing: Callable):
    mirror.answers[mirror.place("members")] = [passing, passing, good]
    run()
    assert mirror.there() == mirror.tree


def test_a_cut_connection_goes_on_where_it_ended(mirror: Mirror, run: Fetch):
    mirror.answers[mirror.place("log")] = [half, good]
    run("--only", "log")
    assert mirror.asked == [(mirror.place("log"), None), (mirror.place("log"), "bytes=100000-")]
    assert mirror.there() == {"un/states/@old/log.txt": mirror.tree["un/states/@old/log.txt"]}


def test_a_file_that_stays_cut_is_told_and_the_next_run_goes_on(mirror: Mirror, run: Fetch):
    mirror.answers[mirror.place("log")] = [half, status(500)]
    printed = run("--only", "log", expect=2)
    assert "un/states/@old/log.txt: got the answer 500" in printed
    assert "expected 200,000 bytes with sha256" in printed
    assert "(data/sources.csv, row 4); run fetch again later" in printed
    assert "Not fetched: 1 file" in printed
    assert set(mirror.there()) == {"un/states/@old/log.txt.part"}
    mirror.answers.clear()
    mirror.asked.clear()
    run("--only", "log")
    assert mirror.asked == [(mirror.place("log"), "bytes=100000-")]
    assert mirror.there() == {"un/states/@old/log.txt": mirror.tree["un/states/@old/log.txt"]}


@pytest.mark.parametrize(
    "answer", [whole_again, status(416), lambda handler, _: handler.start(206, 5, Content_Range="bytes 3-7/9")]
)
def test_a_host_that_cannot_go_on_is_asked_for_the_whole(mirror: Mirror, run: Fetch, answer: Callable):
    part = mirror.raw / "un/states/@old/log.txt.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"01234")
    mirror.answers[mirror.place("log")] = [answer, good]
    run("--only", "log")
    assert mirror.there() == {"un/states/@old/log.txt": mirror.tree["un/states/@old/log.txt"]}


@pytest.mark.parametrize("left", [b"junk", b"01234567890" * 20000])
def test_what_an_earlier_try_left_is_checked_too(mirror: Mirror, run: Fetch, left: bytes):
    part = mirror.raw / "un/states/@old/log.txt.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(left)
    run("--only", "log")
    assert mirror.there() == {"un/states/@old/log.txt": mirror.tree["un/states/@old/log.txt"]}


CHANGED = b"iso3\nAFG\nZWX\n"
WRONG = {
    "missing": (status(404), "got the answer 404"),
    "forbidden": (status(403), "got the answer 403"),
    "other content": (instead(CHANGED), f"got content with sha256 {hashlib.sha256(CHANGED).hexdigest()}"),
    "too short": (instead(b"iso3\n"), "got 5 bytes"),
    "too long": (instead(b"iso3\n" * 90), "got 450 bytes"),
    "without end": (endless, "got more than 13 bytes"),
    "in circles": (redirect, "got more than 5 redirects"),
    "refuses ever": (status(500), "got the answer 500"),
    "cut ever": (half, "the connection was cut"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_one_that_cannot_be_had_is_told_in_a_sentence_and_the_others_come(mirror: Mirror, run: Fetch, case: str):
    answer, told = WRONG[case]
    mirror.answers[mirror.place("members")] = [answer]
    printed = run(expect=2)
    assert printed.count("FAIL") == 1
    assert f"FAIL  un/states/members.csv: {told}" in printed
    assert f"from {mirror.url}/{mirror.place('members')}, expected 13 bytes with sha256" in printed
    assert "Fetched 50 files" in printed
    assert "Traceback" not in printed
    there = {path: content for path, content in mirror.there().items() if not path.endswith(".part")}
    assert there == all_but(mirror, "un/states/members.csv")


def test_a_stream_without_end_is_hung_up_on(mirror: Mirror, run: Fetch):
    mirror.answers[mirror.place("members")] = [endless]
    run("--only", "members", expect=2)
    deadline = time.monotonic() + 5
    while not mirror.hung_up and time.monotonic() < deadline:
        time.sleep(0.02)
    assert mirror.hung_up
    assert not mirror.there()


def test_a_wrong_content_never_replaces_what_is_there(mirror: Mirror, run: Fetch):
    path = mirror.raw / "un/states/members.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine\n")
    mirror.answers[mirror.place("members")] = [instead(CHANGED)]
    run("--only", "members", expect=2)
    assert mirror.there() == {"un/states/members.csv": b"mine\n"}


def test_several_failures_get_a_line_each(mirror: Mirror, run: Fetch):
    mirror.answers = {mirror.place(name): [status(404)] for name in ("members", "odd", "log")}
    printed = run(expect=2)
    assert printed.count("FAIL") == 3
    assert "Not fetched: 3 files; the reasons stand above" in printed


def test_a_host_that_asks_for_a_long_pause_is_left_alone(mirror: Mirror, run: Fetch):
    mirror.answers = {path: [status(429, Retry_After="3600")] for path in mirror.files}
    printed = run(expect=2)
    assert printed.count("FAIL") == 1
    assert (
        "got the answer 429 Too Many Requests: the host asks to wait 3,600 s, so nothing more is asked of it" in printed
    )
    assert len(mirror.asked) <= fetch_transfer.CONNECTIONS


def test_a_host_that_fails_again_and_again_is_left_alone(mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch_transfer, "IN_A_ROW", 2)
    monkeypatch.setattr(fetch_crew, "CONNECTIONS", 1)
    mirror.answers = {path: [status(502)] for path in mirror.files}
    printed = run(expect=2)
    assert printed.count("FAIL") == 2
    assert len(mirror.asked) == 2 * fetch_transfer.TRIES


def test_a_refused_connection_is_one_sentence(run: Fetch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    printed = run("--mirror", f"http://127.0.0.1:{port}", expect=2)
    assert printed.count("FAIL") == 1
    assert "got no connection to 127.0.0.1 (" in printed
    assert "check the network and HTTPS_PROXY" in printed
    assert "Not fetched: 51 files" in printed


def test_a_name_that_nobody_knows_is_one_sentence(run: Fetch, monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    printed = run("--mirror", "https://raw.example.org", expect=2)
    assert printed.count("FAIL") == 1
    assert "the name raw.example.org could not be resolved" in printed


def test_a_connection_that_is_not_trusted_is_one_sentence(mirror: Mirror, run: Fetch):
    printed = run("--mirror", mirror.url.replace("http:", "https:"), expect=2)
    assert printed.count("FAIL") == 1
    assert "got no trusted connection to 127.0.0.1 (" in printed
    assert not mirror.there()


def test_the_proxy_of_the_environment_is_asked(mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", mirror.url.replace("//", "//me:secret%21@"))
    run("--mirror", "http://raw.example.org/", "--only", "members")
    assert mirror.there() == {"un/states/members.csv": mirror.tree["un/states/members.csv"]}
    assert mirror.headers[0]["host"] == "raw.example.org"
    assert mirror.headers[0]["proxy-authorization"] == "Basic bWU6c2VjcmV0IQ=="
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    assert "the proxy socks5://127.0.0.1 is of no kind that works here" in run(
        "--mirror", "http://raw.example.org/", expect=2
    )


TOP = f"texts-{COMMIT['texts']}"
HOSTILE = {
    "leads up": entry(f"{TOP}/../../evil.txt", b"evil"),
    "is absolute": entry("/tmp/evil.txt", b"evil"),
    "has a drive": entry("C:/evil.txt", b"evil"),
    "leads up as Windows writes it": entry(f"{TOP}\\..\\..\\evil.txt", b"evil"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_an_archive_with_a_name_that_leads_outside_is_refused(mirror: Mirror, run: Fetch, case: str):
    member, content = HOSTILE[case]
    mirror.files[mirror.archive] = tar(
        [entry(f"{TOP}/TXT/00.txt", mirror.tree["un/texts/TXT/00.txt"]), (member, content)]
    )
    printed = run(expect=2)
    assert (
        f"FAIL  archive of un/texts at {COMMIT['texts'][:12]}: got the member {member.name!r}, which leads outside"
        in printed
    )
    assert "do not trust this archive" in printed
    assert mirror.there() == all_but(mirror, "un/texts/") | {"un/texts/TXT/00.txt": mirror.tree["un/texts/TXT/00.txt"]}
    assert not list(mirror.raw.parent.rglob("evil*"))


@pytest.mark.parametrize(
    ("kind", "told"),
    [(tarfile.SYMTYPE, "a symbolic link"), (tarfile.LNKTYPE, "a hard link"), (tarfile.CHRTYPE, "a device"), (tarfile.BLKTYPE, "a device"),
     (tarfile.FIFOTYPE, "a pipe"), (tarfile.DIRTYPE, "a folder")],
)  # fmt: skip
def test_a_declared_file_that_is_no_file_in_the_archive_is_refused_by_name(
    mirror: Mirror, run: Fetch, kind: bytes, told: str
):
    members = [
        entry(f"{TOP}/TXT/03.txt", kind=kind, link="/etc/passwd")
        if member.name.endswith("/03.txt")
        else (member, content)
        for member, content in mirror.archive_members()
    ]
    mirror.files[mirror.archive] = tar(members)
    printed = run(expect=2)
    assert f"FAIL  un/texts/TXT/03.txt: is {told} in it: got by way of {mirror.url}/{mirror.archive}" in printed
    assert mirror.there() == all_but(mirror, "un/texts/TXT/03.txt")


def test_files_that_the_archive_lacks_or_has_otherwise_are_asked_for_alone(mirror: Mirror, run: Fetch):
    members = mirror.archive_members()
    changed = {"03.txt": b"x" * len(mirror.tree["un/texts/TXT/03.txt"]), "04.txt": b"short", "05.txt": None}
    kept = [(member, changed.get(member.name[-6:], content)) for member, content in members]
    mirror.files[mirror.archive] = tar([(member, content) for member, content in kept if content is not None])
    run()
    assert mirror.there() == mirror.tree
    alone = f"un/texts/{COMMIT['texts']}/TXT"
    assert sorted(path for path, _ in mirror.asked if "TXT" in path) == [f"{alone}/{name}" for name in changed]


def test_a_changed_file_in_the_archive_that_is_no_better_alone_is_told(mirror: Mirror, run: Fetch):
    changed = b"x" * len(mirror.tree["un/texts/TXT/03.txt"])
    members = [
        (member, changed if member.name.endswith("/03.txt") else content)
        for member, content in mirror.archive_members()
    ]
    mirror.files[mirror.archive] = tar(members)
    mirror.files[f"un/texts/{COMMIT['texts']}/TXT/03.txt"] = changed
    printed = run(expect=2)
    assert f"FAIL  un/texts/TXT/03.txt: got content with sha256 {hashlib.sha256(changed).hexdigest()}" in printed
    assert mirror.there() == all_but(mirror, "un/texts/TXT/03.txt")


def test_an_archive_of_another_repository_is_one_sentence(mirror: Mirror, run: Fetch):
    mirror.files[mirror.archive] = tar([entry("other-main/README.md", b"hello")])
    printed = run(expect=2)
    assert printed.count("FAIL") == 1
    assert "got 45 files not as declared, the first un/texts/TXT/00.txt: is not in it" in printed
    assert mirror.there() == all_but(mirror, "un/texts/")


def test_an_archive_that_breaks_off_is_tried_again_for_the_rest(mirror: Mirror, run: Fetch):
    packed = mirror.files[mirror.archive]
    mirror.answers[mirror.archive] = [instead(packed[: 2 * len(packed) // 3]), half, good]
    run()
    assert mirror.there() == mirror.tree


@pytest.mark.parametrize("change", [lambda data: data[: len(data) // 2], lambda _: b"no gzip at all" * 9, lambda _: b"", lambda data: data[:700] + b"\0" * 40 + data[740:],
                                    lambda data: gzip.compress(gzip.decompress(data)[:5000])])  # fmt: skip
def test_a_damaged_archive_is_told(mirror: Mirror, run: Fetch, change: Callable[[bytes], bytes]):
    mirror.files[mirror.archive] = change(mirror.files[mirror.archive])
    printed = run(expect=2)
    assert printed.count("FAIL") == 1
    assert f"FAIL  archive of un/texts at {COMMIT['texts'][:12]}: got " in printed
    there = mirror.there()
    assert {
        path: content for path, content in there.items() if not path.endswith(".part")
    }.items() <= mirror.tree.items()
    assert there.keys() >= all_but(mirror, "un/texts/").keys()


def test_an_archive_that_unpacks_without_end_is_cut(mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch_archive, "UNPACKED_LIMIT", 2**21)
    mirror.files[mirror.archive] = tar([entry(f"{TOP}/zeros.bin", bytes(2**23)), *mirror.archive_members()])
    printed = run(expect=2)
    assert "unpacks to more than the limit of this program" in printed
    assert mirror.there() == all_but(mirror, "un/texts/")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_SPARSE])
def test_a_header_that_would_fill_the_memory_is_refused(mirror: Mirror, run: Fetch, kind: bytes):
    header = tarfile.TarInfo(f"{TOP}/huge")
    header.type, header.size = kind, 2**33
    mirror.files[mirror.archive] = gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    assert "got a header of 8,589,934,592 bytes" in run(expect=2)


def test_an_extended_header_that_no_program_writes_is_damage(mirror: Mirror, run: Fetch):
    member, content = entry(f"{TOP}/TXT/00.txt", b"x")
    member.pax_headers = {"GNU.sparse.map": "no,numbers"}
    mirror.files[mirror.archive] = tar([(member, content)])
    assert "got a damaged archive (invalid literal for int()" in run(expect=2)


def test_a_size_beyond_the_end_of_the_archive_ends_the_reading(mirror: Mirror, run: Fetch):
    header = tarfile.TarInfo(f"{TOP}/huge")
    header.size = 2**60
    mirror.files[mirror.archive] = gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    assert "got a damaged archive (it ends within a file)" in run(expect=2)


def test_a_member_larger_than_declared_is_never_written(mirror: Mirror, run: Fetch):
    members = [
        (member, bytes(2**16) if "/TXT/" in member.name else content) for member, content in mirror.archive_members()
    ]
    mirror.files[mirror.archive] = tar(members)
    assert "the first un/texts/TXT/00.txt: is 65,536 bytes long in it" in run(expect=2)
    assert mirror.there() == all_but(mirror, "un/texts/")


@pytest.mark.parametrize(
    "path",
    [
        "../evil",
        "/evil",
        "un/../evil",
        "un//evil",
        "./un",
        "C:/evil",
        "C:evil",
        "un\\..\\evil",
        "un\\evil",
        "un/evil\0",
        "un/ev\nil",
        "un/",
        "",
    ],
)
@pytest.mark.parametrize("column", [3, 4])
def test_a_path_in_the_list_that_leads_outside_is_refused_before_anything_is_asked(
    mirror: Mirror, run: Fetch, path: str, column: int
):
    rows = [list(row) for row in mirror.rows]
    rows[1][column] = f'"{path}"'
    mirror.write_sources(rows)
    printed = run(expect=2)
    assert "data/sources.csv" in printed
    assert "Traceback" not in printed
    assert not mirror.asked
    assert not mirror.raw.exists()


@pytest.mark.parametrize(
    "cell",
    [(1, "un"), (1, "../x"), (1, "un/states/x"), (2, "main"), (5, "abc"), (6, "-1"), (6, ""), (7, "0"), (7, "two")],
)
def test_a_cell_of_the_list_that_is_not_what_it_must_be_is_named(mirror: Mirror, run: Fetch, cell: tuple[int, str]):
    rows = [list(row) for row in mirror.rows]
    rows[2][cell[0]] = cell[1]
    mirror.write_sources(rows)
    assert (
        f"data/sources.csv, row 4, column {['', 'repository', 'commit', '', '', 'sha256', 'bytes', 'files'][cell[0]]}: got {cell[1]!r}"
        in run(expect=2)
    )
    assert not mirror.asked


def members(mirror: Mirror, change: Callable[[str], str]) -> None:
    """Change the list of members."""
    path = mirror.root / "data/raw_files.csv.gz"
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()).decode()).encode()))


def test_a_list_of_members_that_is_not_the_declared_one_is_refused(mirror: Mirror, run: Fetch):
    members(mirror, lambda text: text.replace("un/texts/TXT/03.txt", "un/texts/TXT/../../../evil"))
    assert "declares 45 files for speeches whose list has sha256" in run(expect=2)
    members(mirror, lambda text: "\n".join(text.splitlines()[:-1]) + "\n")
    assert "declares 45 files for speeches" in run(expect=2)
    (mirror.root / "data/raw_files.csv.gz").write_bytes(b"\x1f\x8b broken")
    assert "data/raw_files.csv.gz: cannot be read" in run(expect=2)
    assert not mirror.asked


def test_sizes_of_members_that_do_not_add_up_are_refused(mirror: Mirror, run: Fetch):
    members(mirror, lambda text: text.replace(",2\n", ",3\n"))
    assert "data/sources.csv, row 6, column bytes: got 4, its files in data/raw_files.csv.gz have 6" in run(expect=2)


def test_a_file_declared_twice_with_different_content_is_refused(mirror: Mirror, run: Fetch):
    mirror.write_sources([*mirror.rows, ["again", *mirror.rows[0][1:5], "0" * 64, "13", "1"]])
    assert (
        "data/sources.csv, row 8: declares un/states/members.csv with another sha256 than data/sources.csv, row 2"
        in run(expect=2)
    )


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_folder_that_became_a_link_is_refused_by_name(mirror: Mirror, run: Fetch, tmp_path: Path):
    (mirror.raw / "un").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (mirror.raw / "un/states").symlink_to(tmp_path / "elsewhere")
    assert f"un/states: is a link to {tmp_path / 'elsewhere'}, expected a folder" in run(expect=2)
    assert not mirror.asked
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_file_or_part_that_is_a_link_is_replaced_and_not_followed(mirror: Mirror, run: Fetch, tmp_path: Path):
    (mirror.raw / "un/states").mkdir(parents=True)
    mine = tmp_path / "mine.txt"
    mine.write_bytes(b"mine")
    (mirror.raw / "un/states/members.csv").symlink_to(mine)
    (mirror.raw / "un/states/members.csv.part").symlink_to(mine)
    run("--only", "members")
    assert mine.read_bytes() == b"mine"
    assert not (mirror.raw / "un/states/members.csv").is_symlink()
    assert mirror.there() == {"un/states/members.csv": mirror.tree["un/states/members.csv"]}


def test_a_file_where_a_folder_must_be_is_told(mirror: Mirror, run: Fetch):
    (mirror.raw / "un").mkdir(parents=True)
    (mirror.raw / "un/open").write_bytes(b"a file")
    printed = run(expect=2)
    assert printed.count("FAIL") == 2
    assert "un/open/data/few/a.csv: cannot be written (" in printed
    assert "make its folder writable, then run again" in printed
    mirror.raw.joinpath("un/open").unlink()
    run()
    assert mirror.there() == mirror.tree


def test_a_raw_folder_that_cannot_be_written_is_one_sentence(
    mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch
):
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refused)
        printed = run("--raw", str(mirror.raw / "deep"), expect=2)
    assert "Permission denied" in printed
    assert "writable" in printed
    assert not mirror.asked
    mirror.raw.write_bytes(b"")
    assert "is a file, expected a folder; name another with --raw" in run(expect=2)


def test_a_disk_without_room_is_told_before_anything_is_asked(
    mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100_000})())
    printed = run(expect=2)
    assert "has 0.1 MB free, expected 0.2 MB for 51 files; free space or name another folder with --raw" in printed
    assert not mirror.asked


class FullDisk(io.BytesIO):
    """A file on a full disk."""

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("source", ["log", "speeches"])
def test_a_disk_that_fills_up_ends_the_run_and_keeps_what_came(
    mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch, source: str
):
    run("--only", "members")

    def full(path: Path, _: str) -> io.BytesIO:
        path.write_bytes(b"half")
        return FullDisk()

    with monkeypatch.context() as patch:
        patch.setattr(fetch_file, "open", full, raising=False)
        printed = run("--only", source, expect=2)
    assert printed.count("FAIL") == 1
    assert "bytes (No space left on device); free space, then run again: what came is kept" in printed
    assert mirror.there() == {"un/states/members.csv": mirror.tree["un/states/members.csv"]}
    run()
    assert mirror.there() == mirror.tree


def test_a_fault_of_our_own_is_no_sentence(run: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch_crew, "receive", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run()


def environment(mirror: Mirror) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("COMPENDIUM_")}
    return kept | {
        "PYTHONPATH": str(SRC),
        "COMPENDIUM_MIRROR": mirror.url,
        "COMPENDIUM_RAW": str(mirror.raw),
        "NO_PROXY": "*",
    }


def command(mirror: Mirror) -> list[str]:
    return [sys.executable, "-P", "-m", "compendium", str(mirror.root), "fetch"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_keeps_what_came_and_the_next_run_goes_on(mirror: Mirror):
    mirror.answers[mirror.place("log")] = [half, mute]
    process = subprocess.Popen(
        command(mirror), env=environment(mirror), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    the_rest = (mirror.place("log"), "bytes=100000-")
    finished = [mirror.raw / path for path in all_but(mirror, "un/states/@old")]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (the_rest in mirror.asked and all(path.exists() for path in finished)):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=15)
    assert process.returncode == 130, printed
    assert "interrupted; what was finished is kept" in printed
    assert "Traceback" not in printed
    there = mirror.there()
    half_there = there.pop("un/states/@old/log.txt.part")
    assert there.keys() == all_but(mirror, "un/states/@old").keys()
    assert mirror.tree["un/states/@old/log.txt"][:100_000] == half_there
    mirror.answers.clear()
    mirror.asked.clear()
    done = subprocess.run(
        command(mirror), env=environment(mirror), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert mirror.asked == [the_rest]
    assert mirror.there() == mirror.tree


def test_two_fetches_into_one_folder_wait_for_each_other(mirror: Mirror):
    from filelock import FileLock

    mirror.raw.mkdir()
    with FileLock(mirror.raw / ".fetch-lock"):
        process = subprocess.Popen(command(mirror), env=environment(mirror), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"Waiting for another fetch into {mirror.raw}")
        assert not mirror.asked
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 0, printed
    assert mirror.there() == mirror.tree


class Terminal(io.StringIO):
    """A terminal that keeps what was shown."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_with_bytes_and_time_left(mirror: Mirror, monkeypatch: pytest.MonkeyPatch):
    mirror.answers[mirror.place("members")] = [silent, good]
    shown = Terminal()
    monkeypatch.setattr(fetch_crew.sys, "stdout", shown)
    cli.main(["fetch", "--raw", str(mirror.raw), "--mirror", mirror.url], mirror.root)
    bars = [text for text in shown.getvalue().split("\r\x1b[K") if "░" in text or "█" in text]
    assert any("0.2 of 0.2 MB, 50 of 51 files" in bar and " s left" in bar for bar in bars)
    assert shown.getvalue().rstrip().splitlines()[-1].startswith("All 51 files are there as declared.")


def test_elsewhere_a_line_now_and_then_says_how_far_it_is(mirror: Mirror, run: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch_crew, "LINE_EVERY", 0.1)
    mirror.answers[mirror.place("members")] = [silent, good]
    printed = run()
    assert "  0.2 of 0.2 MB, 50 of 51 files, " in printed
    assert "\x1b" not in printed


def test_connections_are_few(mirror: Mirror, run: Fetch):
    at_once, most, lock = 0, 0, threading.Lock()

    def counted(handler: object, content: bytes) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with lock:
            at_once -= 1
        good(handler, content)

    mirror.answers = {path: [counted] for path in mirror.files}
    for number in range(38):
        (mirror.raw / f"un/texts/TXT/{number:02}.txt").parent.mkdir(parents=True, exist_ok=True)
        (mirror.raw / f"un/texts/TXT/{number:02}.txt").write_bytes(mirror.tree[f"un/texts/TXT/{number:02}.txt"])
    run()
    assert mirror.there() == mirror.tree
    assert 1 < most <= fetch_transfer.CONNECTIONS


@pytest.mark.parametrize("path", ["a/b", "un/states/@old/log.txt", "odd name #1%.csv", "..a/b.."])
def test_odd_but_harmless_paths_are_no_way_out(path: str):
    assert not leads_outside(path)


def corrupted(packed: bytes, seed: int) -> bytes:
    """Return an archive with some bytes changed: of the packed stream, or of headers, whose check sums are made good."""
    chance = random.Random(seed)
    if seed % 4 == 0:
        data = bytearray(packed)
        for _ in range(chance.randint(1, 9)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data)
    data = bytearray(gzip.decompress(packed))
    for _ in range(chance.randint(1, 9)):
        block = 512 * chance.randrange(len(data) // 512)
        data[block + chance.choice([0, 8, 100, 124, 134, 156, 157, 257, 345])] = chance.choice(
            [0, 47, 48, 49, 55, 83, 120, 128, 255]
        )
        if seed % 2:
            data[block + 148 : block + 156] = b" " * 8
            data[block + 148 : block + 156] = f"{sum(data[block : block + 512]):06o}\0 ".encode()
    return gzip.compress(bytes(data), 1)


def test_two_hundred_corrupted_archives_are_refused_or_harmless(mirror: Mirror):
    wanted = {file.origin: file for file in declared_files(mirror.root)["speeches"]}
    sizes: list[bool] = []
    refused = 0

    def take(file: RawFile, content: IO[bytes]) -> None:
        sizes.append(len(content.read(2**20)) == file.size)

    for seed in range(200):
        try:
            read_archive(io.BytesIO(corrupted(mirror.files[mirror.archive], seed)), wanted, take)
        except ArchiveError:
            refused += 1
    assert all(sizes)
    assert sizes
    assert 0 < refused < 200
