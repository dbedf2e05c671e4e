"""Crawl logs: records are found and counted; a log that is cut, changed or mis-encoded is refused with its line."""

import zipfile
from datetime import date

import pytest

from compacts.ingest.crawl_log import read_records, unique_records, votes_by_name
from compacts.ingest.ga_session import opening_day, session_of
from compendium.errors import UserError

STAMP = "2025-01-01 10:00:00"


def record_text(number=1, symbol="A/RES/73/1", day="2018-12-01", vote=("Y ALBANIA", "N CHAD"), **changes):
    content = {
        "agenda": ["x"],
        "id_record": [str(number)],
        "resolution_symbol": [symbol],
        "title": ["On trees"],
        "meeting_record": ["A/73/PV.9"],
    }
    content |= {"vote": list(vote), "vote_date": [day]} | changes
    lines = ",\n ".join(f"{key!r}: {value!r}" for key, value in content.items() if value is not None)
    return f"{STAMP} [scrapy.core.scraper] DEBUG: Scraped from <200 https://example.org/{number}>\n{{{lines}}}\n"


def crawl(*records, counted=None, end=True):
    count = len(records) if counted is None else counted
    dump = f"{STAMP} [scrapy.statscollectors] INFO: Dumping Scrapy stats:\n{{'elapsed': 1,\n 'item_scraped_count': {count},\n 'x': 1}}\n"
    closed = f"{STAMP} [scrapy.core.engine] INFO: Spider closed (finished)\n" if end else ""
    return f"{STAMP} [scrapy.utils.log] INFO: Scrapy 2.1 started\n{''.join(records)}{dump}{closed}"


@pytest.fixture
def log(tmp_path):
    """A function that writes a log and returns its path."""

    def write(text, name="crawl.log"):
        path = tmp_path / "repository" / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_records_of_several_crawls_are_read_in_order(log):
    path = log(crawl(record_text(1), record_text(2)) + crawl(record_text(3)))
    assert [(r.record_id, r.symbol, r.date) for r in read_records(path)] == [
        (n, "A/RES/73/1", "2018-12-01") for n in (1, 2, 3)
    ]


def test_a_log_inside_a_zip_file_is_the_same_log(log):
    path = log(crawl(record_text(1)))
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "crawl.log")
    assert [r.content for r in read_records(packed)] == [r.content for r in read_records(path)]


def test_votes_have_a_letter_in_either_case_or_are_not_votes(log):
    vote = ["  Y ALBANIA", "n CHAD", "A ÅLAND", "  NORWAY", "YEMEN"]
    (record,) = read_records(log(crawl(record_text(vote=vote))))
    assert votes_by_name(record) == {
        "ALBANIA": "yes", "CHAD": "no", "ÅLAND": "abstain", "NORWAY": "not voting", "YEMEN": "not voting",
    }  # fmt: skip


def test_a_record_scraped_again_is_not_new(log):
    records = read_records(log(crawl(record_text(1)) + crawl(record_text(1), record_text(2))))
    assert [(r.record_id, new) for _, r, new in unique_records({"x": records})] == [(1, True), (1, False), (2, True)]


BROKEN = {
    "cut in a record": (
        crawl(record_text(1), record_text(2))[:-330],
        r"repository/logs/crawl.log, line \d+: got a record that breaks off after \d+ lines",
    ),
    "cut between records": (
        crawl(record_text(1), end=False),
        r"line \d+: got the end in the middle of a crawl, expected 'Spider closed'",
    ),
    "a record lost in the middle": (
        crawl(record_text(1), counted=2),
        r"line \d+: got 1 records in this crawl, expected 2",
    ),
    "a key renamed": (
        crawl(record_text(1, vote_date=None, day_of_vote=["2018-12-01"])),
        "got a record without vote_date",
    ),
    "a date in other words": (
        crawl(record_text(1, day="1 December 2018")),
        "line 2: got Invalid isoformat string: '1 December",
    ),
    "Latin-1": (
        crawl(record_text(1)).replace("trees", "Bäume").encode("latin-1"),
        r"line \d+: got the byte 0xe4, expected UTF-8",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_damaged_log_is_refused_with_its_line_and_the_remedy(log, fault):
    text, message = BROKEN[fault]
    with pytest.raises(UserError, match=message) as caught:
        read_records(log(text))
    assert "get the file again with run_all.py fetch" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_file_that_is_cut_is_refused(log):
    path = log(crawl(record_text(1)))
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "crawl.log")
    packed.write_bytes(packed.read_bytes()[:-30])
    with pytest.raises(UserError, match=r"logs/crawl.zip: got \d+ bytes that are no whole zip file"):
        read_records(packed)


def test_a_record_that_changed_between_two_readings_is_refused(log):
    records = read_records(log(crawl(record_text(1), record_text(1, day="2018-12-02"))))
    with pytest.raises(UserError, match=r"got record 1 with another content than at repository/logs/crawl.log, line 2"):
        list(unique_records({"x": records}))


def test_a_state_listed_twice_in_a_vote_is_refused(log):
    (record,) = read_records(log(crawl(record_text(vote=["Y CHAD", "N CHAD"]))))
    with pytest.raises(UserError, match="line 2: got 'CHAD' twice in A/RES/73/1"):
        votes_by_name(record)


# opening days as the United Nations announced them
OPENED = {
    60: date(2005, 9, 13), 61: date(2006, 9, 12), 62: date(2007, 9, 18), 66: date(2011, 9, 13), 70: date(2015, 9, 15),
    71: date(2016, 9, 13), 72: date(2017, 9, 12), 73: date(2018, 9, 18), 74: date(2019, 9, 17), 75: date(2020, 9, 15),
    76: date(2021, 9, 14), 77: date(2022, 9, 13), 78: date(2023, 9, 5), 79: date(2024, 9, 10), 80: date(2025, 9, 9),
}  # fmt: skip


@pytest.mark.parametrize("session", OPENED)
def test_sessions_open_on_the_day_of_the_rule(session):
    assert opening_day(session) == OPENED[session]


@pytest.mark.parametrize(
    ("symbol", "day", "session"),
    [
        ("A/RES/73/326", date(2019, 7, 19), (73, False)),
        ("A/RES/78/183 A", date(2023, 12, 19), (78, False)),
        ("A/DEC/80/506", date(2025, 9, 19), (80, False)),
        ("A/RES/ES-10/24", date(2024, 9, 18), (79, True)),
        ("A/RES/ES-11/1", date(2022, 3, 2), (76, True)),
        ("A/RES/ES-10/27", date(2025, 6, 12), (79, True)),
    ],
)
def test_a_vote_belongs_to_the_session_of_its_symbol_or_of_its_day(symbol, day, session):
    assert session_of(symbol, day) == session
