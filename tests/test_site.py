"""The committed site: every link leads somewhere, every claim and exhibit has its place, no page is too heavy."""

import csv
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from compendium.datapackage import read_resources
from compendium.plan import read_plan

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "site").rglob("*.html"))
LARGEST = 250_000  # bytes

NOTEBOOKS = read_plan(ROOT).notebooks
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


class Parts(HTMLParser):
    """The ids, links and pictures of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.silent = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        self.silent += tag in {"svg", "img"} and not (given.get("aria-label") or given.get("alt"))


@cache
def parts(page: Path) -> Parts:
    return Parts(page.read_text(encoding="utf-8"))


def test_the_site_holds_a_page_for_every_text_notebook_and_table():
    names = {notebook.name for notebook in NOTEBOOKS} | {path.stem for path in (ROOT / "notebooks").glob("*.md")}
    names |= {"data"} | {f"tables/{name}" for name in read_resources(ROOT)}
    assert {path.relative_to(ROOT / "site").with_suffix("").as_posix() for path in PAGES} == names


@each_page
def test_every_link_leads_to_a_file_of_the_checkout_and_to_a_place_in_it(page: Path):
    lost = []
    for link in parts(page).links:
        target, _, place = unquote(link).partition("#")
        if re.match(r"https?:|mailto:", target):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.is_file() or (place and path.suffix == ".html" and place not in parts(path).ids):
            lost.append(link)
    assert not lost


@each_page
def test_ids_are_unique_pictures_speak_and_the_weight_is_kept(page: Path):
    ids = parts(page).ids
    assert {name for name in ids if ids.count(name) > 1} == set()
    assert parts(page).silent == 0
    assert page.stat().st_size <= LARGEST


def test_every_claim_has_its_place_on_the_page_of_its_notebook():
    with open(ROOT / "results/claims.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    pages = {notebook.name: parts(ROOT / "site" / f"{notebook.name}.html").ids for notebook in NOTEBOOKS}
    assert [row["name"] for row in rows if f"claim-{row['name']}" not in pages[row["notebook"]]] == []


def test_every_declared_exhibit_has_its_place_on_the_page_of_its_notebook():
    for notebook in NOTEBOOKS:
        ids = parts(ROOT / "site" / f"{notebook.name}.html").ids
        assert [name for name in (*notebook.figures, *notebook.exhibits) if f"exhibit-{name}" not in ids] == []
