"""Records of the UN Digital Library's collection of voting data, as a crawler's debug logs keep them.

A record is one Python dict literal over many lines, after a line that says ``Scraped from``. Each crawl ends with its
own count of items, which the records are held against.
"""

import ast
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from compacts.ingest.raw_file import AGAIN, decode, shown
from compendium.errors import UserError

KEYS = ("id_record", "resolution_symbol", "title", "meeting_record", "vote_date", "vote")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
_COUNT = re.compile(r"[ {]'item_scraped_count': (\d+)")
_LETTER = re.compile(r"([YNAyna]) (.+)")
_VOTES = {"Y": "yes", "N": "no", "A": "abstain"}
NO_ROLL_CALL = ("N/A",)
# the largest log has 36 MB unpacked
LARGEST = 200_000_000


@dataclass(frozen=True)
class Record:
    """One record of a vote; ``where`` is its file and line."""

    record_id: int
    symbol: str
    title: str
    meeting: str
    date: str
    vote: tuple[str, ...]
    where: str

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two readings of a record the same."""
        return self.record_id, self.symbol, self.title, self.meeting, self.date, self.vote


def read_records(path: Path) -> list[Record]:
    """Return all records of a log, or of the one log inside a zip file, in order.

    Raises
    ------
    UserError
        When the file is cut off, a record breaks off or lacks a key, or a crawl counted other items than are there.
    """
    lines = _log_text(path).split("\n")
    records: list[Record] = []
    open_record: list[str] | None = None
    start = in_crawl = 0
    last_stamped = ""
    for number, line in enumerate(lines, start=1):
        if _STAMP.match(line):
            if open_record is not None:
                records.append(_record(open_record, path, start))
                in_crawl += 1
            open_record = [] if "DEBUG: Scraped from <" in line else None
            start, last_stamped = number, line
            if "] INFO: Scrapy " in line:
                in_crawl = 0
        elif open_record is not None:
            open_record.append(line)
        elif (counted := _COUNT.match(line)) and int(counted[1]) != in_crawl:
            where = f"{shown(path)}, line {number}"
            raise UserError(
                f"{where}: got {in_crawl} records in this crawl, expected {counted[1]} as it counted; {AGAIN}"
            )
    if open_record is not None:
        records.append(_record(open_record, path, start))
    if "Spider closed" not in last_stamped:
        where = f"{shown(path)}, line {len(lines)}"
        raise UserError(f"{where}: got the end in the middle of a crawl, expected 'Spider closed'; {AGAIN}")
    return records


def unique_records(by_source: Mapping[str, Sequence[Record]]) -> Iterator[tuple[str, Record, bool]]:
    """Yield (source, record, new) in order: a record scraped again is not new.

    Raises
    ------
    UserError
        When two readings of a record differ.
    """
    seen: dict[int, Record] = {}
    for source, records in by_source.items():
        for record in records:
            first = seen.setdefault(record.record_id, record)
            if first.content != record.content:
                got = f"record {record.record_id} with another content than at {first.where}"
                raise UserError(f"{record.where}: got {got}; {AGAIN}")
            yield source, record, first is record


def votes_by_name(record: Record) -> dict[str, str]:
    """Return the vote (yes, no, abstain, not voting) by the state's name as written; no letter is not voting.

    Raises
    ------
    UserError
        When a state is listed twice.
    """
    votes: dict[str, str] = {}
    for entry in record.vote:
        text = entry.strip()
        cast = _LETTER.fullmatch(text)
        name, vote = (cast[2], _VOTES[cast[1].upper()]) if cast else (text, "not voting")
        if name in votes:
            raise UserError(f"{record.where}: got {name!r} twice in {record.symbol}, expected each state once; {AGAIN}")
        votes[name] = vote
    return votes


def _log_text(path: Path) -> str:
    if path.suffix != ".zip":
        return decode(path.read_bytes(), path)
    try:
        with zipfile.ZipFile(path) as archive:
            (member,) = archive.infolist()
            # what a zip file says of its own size need not be true
            with archive.open(member) as file:
                data = b"" if member.file_size > LARGEST else file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        got = f"{path.stat().st_size:,} bytes that are no whole zip file of one log ({str(error)[:100]})"
        raise UserError(f"{shown(path)}: got {got}; {AGAIN}") from None
    size = max(member.file_size, len(data))
    if size > LARGEST:
        got = f"{path.stat().st_size:,} bytes that unpack to {size:,} or more"
        raise UserError(f"{shown(path)}: got {got}, expected at most {LARGEST:,}; {AGAIN}")
    return decode(data, path / member.filename)


def _record(lines: list[str], path: Path, start: int) -> Record:
    where = f"{shown(path)}, line {start}"
    try:
        content = ast.literal_eval("\n".join(lines))
    except (SyntaxError, ValueError):
        got = f"a record that breaks off after {len(lines)} lines"
        raise UserError(f"{where}: got {got}, expected a whole one; {AGAIN}") from None
    lost = [key for key in KEYS if key not in content]
    if lost:
        got = f"a record without {', '.join(lost)}"
        raise UserError(f"{where}: got {got}, expected {', '.join(KEYS)}; {AGAIN}, or change its builder")
    single = {key: content[key][0] for key in KEYS[:-1]}
    day = single["vote_date"]
    try:
        if day != "N/A":
            date.fromisoformat(day)
        record_id = int(single["id_record"])
    except ValueError as error:
        raise UserError(f"{where}: got {error}, expected a record number and a date as YYYY-MM-DD; {AGAIN}") from None
    symbol, title, meeting = single["resolution_symbol"], single["title"], single["meeting_record"]
    return Record(record_id, symbol, title, meeting, day, tuple(content["vote"]), where)
