"""A hundred seeded corruptions of each kind of raw file: refused in one sentence or harmless, never a traceback.

A reader cannot know that a digit was changed: numbers are safe because no file whose hash differs from the pinned one
makes a table. So here a frame may differ from the original only where the hash differs too.
"""

import hashlib
import io
import json
import random
import zipfile

import openpyxl
import pandas as pd
import pyreadr
import pytest

from compacts.ingest import members
from compacts.ingest.crawl_log import read_records
from compacts.ingest.json_records import NUMBER, TEXT, WHOLE, part, records
from compacts.ingest.mandate_texts import documents
from compacts.ingest.numeric import numbers, require_codes, whole_years
from compacts.ingest.old_workbook import read_old_sheet
from compacts.ingest.r_data import read_r_frame
from compacts.ingest.raw_file import read_csv, read_json, require_unique
from compacts.ingest.stata_file import read_stata
from compacts.ingest.workbooks import read_sheet
from compendium.errors import UserError

SEEDS = 100
FRAME = pd.DataFrame({
    "code": ["AUT", "CHE", "DEU", "TUR", "UGA", "VNM"],
    "year": [2018, 2018, 2019, 2019, 2020, 2020],
    "people": [12.5, 0.25, 1780000.0, 3600000.0, 1400000.0, 7.0],
    "name": ["Österreich", "Schweiz", "Deutschland", "Türkiye", "Uganda", "Việt Nam"],
})  # fmt: skip
COLUMNS = list(FRAME.columns)


def checked(frame, path):
    """What a builder does after reading: keys, codes and numbers are checked."""
    require_unique(frame, ["code", "year"], path)
    require_codes(frame, "code", path)
    frame = frame.assign(year=whole_years(frame, "year", path), people=numbers(frame, "people", path, minimum=0))
    return frame.to_csv(index=False)


def csv_bytes():
    return FRAME.to_csv(index=False).encode()


def json_bytes():
    rows = json.loads(FRAME.to_json(orient="records"))
    return json.dumps({"meta": {"year": 2018}, "nodes": rows}, indent=1, ensure_ascii=False).encode()


def r_bytes(path):
    pyreadr.write_rdata(str(path), FRAME, df_name="countries")
    return path.read_bytes()


def stata_bytes(path):
    FRAME.to_stata(path, write_index=False, version=118)
    return path.read_bytes()


def sheet_bytes():
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in [COLUMNS, *FRAME.to_numpy().tolist()]:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def log_bytes():
    stamp = "2025-01-01 10:00:00"
    content = "\n".join(
        f"{stamp} [scrapy.core.scraper] DEBUG: Scraped from <200 https://example.org/{n}>\n"
        f"{{'id_record': ['{n}'], 'resolution_symbol': ['A/RES/73/{n}'], 'title': ['On trees'],\n"
        f" 'meeting_record': ['A/73/PV.9'], 'agenda': ['x'],\n 'vote': ['Y ALBANIA', 'N CHAD'], 'vote_date': ['2018-12-01']}}"
        for n in (1, 2, 3)
    )
    return (
        f"{stamp} [scrapy.utils.log] INFO: Scrapy 2.1 started\n{content}\n"
        f"{stamp} [scrapy.statscollectors] INFO: Dumping Scrapy stats:\n{{'elapsed': 1,\n 'item_scraped_count': 3,\n 'x': 1}}\n"
        f"{stamp} [scrapy.core.engine] INFO: Spider closed (finished)\n"
    ).encode()


def zipped_log_bytes():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crawl.log", log_bytes())
    return buffer.getvalue()


def yaml_bytes():
    entries = "".join(f"  - id: {code}\n    status: member\n    joined: '1995-01-01'\n" for code in ("AT", "DE", "NO"))
    return f"name: Bloc\nincludes:\n{entries}".encode()


def paragraph_bytes():
    keys = {
        "paragraph_type": "operative",
        "paragraph_level": 1,
        "type": "paragraph",
        "links": [],
        "language": "en",
        "prefix": "1.",
    }
    return json.dumps([{"text": f"Requests the Office, {n}", **keys} for n in (1, 2)], indent=1).encode()


def read_records_of_json(path):
    content = read_json(path)
    kinds = {"code": TEXT, "year": WHOLE, "people": NUMBER}
    return records(part(content, ("nodes",), path), kinds, path, "nodes").to_csv(index=False)


TEXTS = {
    "csv": (csv_bytes, ".csv", lambda path: checked(read_csv(path, COLUMNS), path)),
    "json": (json_bytes, ".json", read_records_of_json),
    "crawl log": (log_bytes, ".log", lambda path: repr([record.content for record in read_records(path)])),
    "yaml": (yaml_bytes, ".yml", lambda path: repr(sorted(members._block(path)))),
    "paragraphs": (paragraph_bytes, ".json", lambda path: repr([texts for _, texts in documents((path,))])),
}
BINARIES = {
    "r data": (r_bytes, ".rda", lambda path: read_r_frame(path, "countries").to_csv(index=False)),
    "stata": (stata_bytes, ".dta", lambda path: checked(read_stata(path, COLUMNS), path)),
    "xlsx": (sheet_bytes, ".xlsx", lambda path: checked(read_sheet(path, "Data", COLUMNS), path)),
    "zipped crawl log": (
        zipped_log_bytes,
        ".zip",
        lambda path: repr([record.content for record in read_records(path)]),
    ),
}


def damage_bytes(data, chance):
    """Cut, empty, flip, blank, repeat or lengthen a file at a place that the seed chooses."""
    place = chance.randrange(len(data))
    kind = chance.choice(["cut", "empty", "flip", "flips", "nul", "blank", "repeat", "more", "mark"])
    if kind == "cut":
        return data[:place]
    if kind == "empty":
        return b""
    if kind in ("flip", "flips"):
        changed = bytearray(data)
        for _ in range(1 if kind == "flip" else 20):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if kind == "nul":
        return data[:place] + b"\0" + data[place:]
    if kind == "blank":
        return data[:place] + bytes(len(data[place : place + 50])) + data[place + 50 :]
    if kind == "repeat":
        return data[:place] + data[place : place + 60] + data[place:]
    return (b"\xef\xbb\xbf" + data) if kind == "mark" else data + chance.randbytes(200)


def damage_lines(data, chance):
    """Change a text file as an editor, a merge or another program would."""
    lines = data.decode().split("\n")
    place = chance.randrange(len(lines))
    kind = chance.choice(
        ["crlf", "latin", "drop", "rename", "twice", "row twice", "row gone", "swap", "text", "huge", "quote", "ragged"]
    )
    cells = [line.split(",") for line in lines]
    column = chance.randrange(len(cells[0]))
    if kind == "crlf":
        return data.replace(b"\n", b"\r\n")
    if kind == "latin":
        return data[:place] + "é".encode("latin-1") + data[place:]
    if kind in ("drop", "twice", "rename", "text"):
        for number, row in enumerate(cells):
            if column >= len(row):
                continue
            if kind == "drop":
                del row[column]
            elif kind == "twice":
                row.insert(column, row[column])
            elif (kind == "rename" and number == 0) or (kind == "text" and number == place):
                row[column] += " x"
        return "\n".join(",".join(row) for row in cells).encode()
    if kind == "row twice":
        lines.insert(place, lines[place])
    elif kind == "row gone":
        del lines[place]
    elif kind == "swap":
        lines[place], lines[-place - 1] = lines[-place - 1], lines[place]
    else:
        lines[place] += {"huge": "9" * 200_000, "quote": '"', "ragged": ",,,,"}[kind]
    return "\n".join(lines).encode()


def outcome(read, path):
    """What a reader makes of a file: its content, or its one-sentence refusal; anything else fails the test."""
    try:
        return read(path), ""
    except UserError as error:
        return None, str(error)


def check(read, path, data, damaged):
    path.write_bytes(data)
    original, refusal = outcome(read, path)
    assert refusal == ""
    counts = {"refused": 0, "same": 0, "changed": 0}
    for content in damaged:
        path.write_bytes(content)
        got, refusal = outcome(read, path)
        if got is None:
            assert path.name in refusal, refusal
            assert "\n" not in refusal, refusal
            assert len(refusal) < 600, refusal
            counts["refused"] += 1
        elif got == original:
            counts["same"] += 1
        else:
            assert hashlib.sha256(content).digest() != hashlib.sha256(data).digest()
            counts["changed"] += 1
    return counts


@pytest.mark.parametrize("name", TEXTS)
def test_damaged_texts_are_refused_or_harmless(name, tmp_path):
    make, suffix, read = TEXTS[name]
    data = make()
    damaged = [
        (damage_lines if seed % 2 else damage_bytes)(data, random.Random(f"{name} {seed}")) for seed in range(SEEDS)
    ]
    counts = check(read, tmp_path / f"file{suffix}", data, damaged)
    assert counts["refused"] >= 30, counts


@pytest.mark.parametrize("name", BINARIES)
def test_damaged_binary_files_are_refused_or_harmless(name, tmp_path):
    make, suffix, read = BINARIES[name]
    path = tmp_path / f"file{suffix}"
    data = make(path) if name in ("r data", "stata") else make()
    damaged = [damage_bytes(data, random.Random(f"{name} {seed}")) for seed in range(SEEDS)]
    counts = check(read, path, data, damaged)
    assert counts["refused"] >= 20, counts


def test_what_is_no_old_workbook_is_refused(tmp_path):
    path = tmp_path / "file.xls"
    for seed in range(SEEDS):
        chance = random.Random(seed)
        start = bytes.fromhex("d0cf11e0a1b11ae1") if seed % 3 else b""
        path.write_bytes(start + chance.randbytes(chance.randrange(3000)))
        with pytest.raises(UserError, match=r"file\.xls: got"):
            read_old_sheet(path, "Data", 1, COLUMNS)


def test_damaged_old_workbook_is_refused_or_harmless(raw, tmp_path):
    data = raw("iigo").read_bytes()
    columns = ["Nbr.", "Name", "Beg. Year"]

    def read(path):
        return read_old_sheet(path, "IIGO 2.0 Dataset", 5, columns).to_csv(index=False)

    damaged = [damage_bytes(data, random.Random(seed)) for seed in range(12)]
    counts = check(read, tmp_path / "file.xls", data, damaged)
    assert counts["refused"] >= 2, counts


@pytest.mark.parametrize("name", ["xlsx", "zipped crawl log"])
def test_a_zip_bomb_is_refused_with_both_sizes(name, tmp_path):
    _, suffix, read = BINARIES[name]
    path = tmp_path / f"bomb{suffix}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        member = "xl/workbook.xml" if suffix == ".xlsx" else "crawl.log"
        with archive.open(zipfile.ZipInfo(member), "w", force_zip64=True) as file:
            for _ in range(60):
                file.write(bytes(5_000_000))
    _, refusal = outcome(read, path)
    assert "bomb" in refusal
    assert "expected at most" in refusal
    assert "300," in refusal
