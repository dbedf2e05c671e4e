"""Pages on the data: what they tell is what stands in the descriptions and the files."""

import gzip
import json
import re
from pathlib import Path

import pytest
from tiny import PACKAGE, Tiny

from compendium.datapages import FIRST_ROWS, data_pages, glance, table_page_path
from compendium.plan import read_plan

RESOURCE = PACKAGE["resources"][0]


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)


def pages(tiny: Tiny) -> dict[str, str]:
    return data_pages(read_plan(tiny.root))


def described(tiny: Tiny, **more: object) -> None:
    tiny.write("data/datapackage.json", json.dumps({**PACKAGE, "resources": [{**RESOURCE, **more}]}))


@pytest.mark.parametrize("rows", [0, 1, FIRST_ROWS - 1, FIRST_ROWS, FIRST_ROWS + 1, 40])
@pytest.mark.parametrize("packed", [False, True])
def test_rows_are_counted_and_the_first_ones_kept(tmp_path: Path, rows: int, packed: bool):
    text = "key,value\n" + "".join(f'"k{n}\nsecond line",{n}\n' for n in range(rows))
    path = tmp_path / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    seen = glance(path)
    assert (seen.columns, seen.rows, seen.size) == (["key", "value"], rows, path.stat().st_size)
    assert seen.first == [[f"k{n}\nsecond line", str(n)] for n in range(min(rows, FIRST_ROWS))]


def test_there_is_a_list_and_a_page_for_each_table(tiny: Tiny):
    assert set(pages(tiny)) == {"site/data.html", "site/tables/numbers.html"}
    assert '<a href="tables/numbers.html">Numbers</a>' in pages(tiny)["site/data.html"]


def test_the_page_of_a_table_tells_columns_rows_origin_maker_and_readers(tiny: Tiny):
    described(
        tiny, asOf="2026-01-02", sources=[{"title": "Letters", "path": "https://example.org/letters"}],
        licenses=[{"name": "CC0-1.0", "title": "Public domain", "path": "LICENSE.md"}],
    )  # fmt: skip
    page = pages(tiny)[table_page_path("numbers")]
    for told in (
        "3 and 2", "2026-01-02", '<a href="https://example.org/letters">Letters</a>', "../../data/LICENSE.md",
        '<a href="../../data/tables/numbers.csv" download>', "src/tinylib/build.py", '<a href="../01_first.html">First</a>',
        '<th scope="row"><code>key</code></th>', "A letter", "things",
    ):  # fmt: skip
        assert told in page
    assert re.search(r'<th scope="row">c</th><td[^>]*>39</td>', page)


def test_the_page_of_a_table_pins_its_raw_files_by_their_hashes(tiny: Tiny):
    sha = re.findall("[0-9a-f]{64}", tiny.read("data/sources.csv"))[0]
    page = pages(tiny)[table_page_path("numbers")]
    assert '<h2 id="raw-files">' in page
    assert f"<code>{sha}</code>" in page


def test_what_a_file_or_description_holds_is_text_not_markup(tiny: Tiny):
    described(tiny, title="<b>Numbers</b>", description="less < more & <i>so</i>")
    tiny.write("data/tables/numbers.csv", "key,value\n<script>,1\n")
    page = pages(tiny)[table_page_path("numbers")]
    assert "<b>Numbers" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_allowed_values_and_limits_stand_with_the_meaning(tiny: Tiny):
    fields = [
        {**RESOURCE["schema"]["fields"][0], "constraints": {"enum": ["a", "b", "c"]}},
        {**RESOURCE["schema"]["fields"][1], "constraints": {"minimum": 1, "maximum": 50}},
    ]
    described(tiny, schema={**RESOURCE["schema"], "fields": fields})
    page = pages(tiny)[table_page_path("numbers")]
    assert "one of: a, b, c" in page
    assert "at least 1; at most 50" in page


def test_a_run_makes_the_pages_and_makes_them_again_when_a_description_changes(tiny: Tiny):
    tiny.write("notebooks/index.md", "# Tiny\n\n{{notebooks}}\n")
    tiny.run()
    assert (tiny.root / "site/tables/numbers.html").is_file()
    assert "Nothing changed" in tiny.run()
    described(tiny, description="Other words")
    assert "page:data" in tiny.run()
    assert "Other words" in tiny.read("site/tables/numbers.html")
