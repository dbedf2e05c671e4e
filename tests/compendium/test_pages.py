"""Pages: what every page must be, on a small notebook written here."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_exhibits import ALT, NOTE

from compendium import exhibits, pages
from compendium.claims import COLUMNS
from compendium.errors import UserError

NOTEBOOKS = [
    {"name": "01_first", "title": "First & foremost", "question": "How much?"},
    {"name": "02_second", "title": "Second", "question": "How much more?"},
    {"name": "03_third", "title": "Third", "question": "What else?"},
]
POLICY = "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'"


def claim(name: str, text: str, **more: str) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "") | {"name": name, "text": text, "notebook": "02_second", "cell": "cell-4"}
    return row | {"value": "152", "unit": "states", "kind": "count", "tables": "votes members"} | more


CLAIMS = [
    claim("yes", "152 states, 79 % of all, voted <for> it.", low="150", high="160", interval="95 % exact"),
    claim("seats", "There are 193 seats.", figure_id="press", theirs="194", difference="-1", reason="One left."),
    claim("hidden", "Nobody displayed this."),
]


class Outline(HTMLParser):
    """Tags of a page with their attributes, ids, links, headings, and the text outside of style and code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        self.links = [attributes["href"] or "" for tag, attributes in self.tags if tag == "a"]
        self.headings = [int(tag[1]) for tag, _ in self.tags if re.fullmatch(r"h[1-6]", tag)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def output(bundle: dict[str, str], metadata: dict[str, object] | None = None) -> nbformat.NotebookNode:
    return new_output("display_data", data=bundle, metadata=metadata or {})


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one executed notebook that shows two figures, a table, claims, maths and printed text."""
    monkeypatch.setenv("COMPENDIUM_STAGE", str(tmp_path))
    shown: list[nbformat.NotebookNode] = []
    monkeypatch.setattr(exhibits, "_display", lambda bundle, metadata: shown.append(output(bundle, metadata)))
    frame = pd.DataFrame({"group": ["A", "B"], "n": [1, 2]})
    for name in ("02_bars", "02_more_bars"):
        figure = Figure(figsize=(4, 3))
        figure.subplots().plot([0, 1], [3, 1], marker="o")
        exhibits.show_figure(figure, name, title=f"Title of {name}", alt=ALT, data=frame, note=NOTE)
    exhibits.show_table(frame, "02_groups", title="Groups", note=NOTE)
    told = '<p class="claims"><span class="claim" id="claim-yes" data-tables="votes">152 states, 79 % of all, voted &lt;for&gt; it.</span> <span class="claim" id="claim-seats" data-tables="votes">There are 193 seats.</span></p>'
    pandas_table = '<div><style scoped>td {color: red}</style><table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>n</th></tr></thead><tbody><tr><th>a_b</th><td>1</td></tr></tbody></table></div>'
    cells = [
        new_markdown_cell("# First line of the notebook\n\nLead, with $x_i^2$ and [the first](01_first.ipynb#gaps)."),
        new_code_cell("as_of = '2025'", metadata={"tags": ["parameters"]}, execution_count=1),
        new_markdown_cell("## Found\n\n$$\\frac{a}{b}$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n### Found\n\n## More"),
        new_code_cell("# Draw & show both\nshow()", outputs=shown, execution_count=2),
        new_code_cell("paragraph()", outputs=[output({"text/html": told, "text/plain": "x"})], execution_count=3),
        new_code_cell("frame", execution_count=4, outputs=[output({"text/html": pandas_table, "text/plain": "x"})]),
        new_code_cell("print(1)", execution_count=5, outputs=[new_output("stream", name="stdout", text="1 < 2\n")]),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"c{number}"
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=cells), tmp_path / "results/02_second.ipynb")
    return tmp_path


def page_of(root: Path, claims: list[dict[str, str]] = CLAIMS) -> str:
    return pages.notebook_page(
        root / "results/02_second.ipynb", name="02_second", notebooks=NOTEBOOKS, claims=claims, title="All & sundry",
        tables={"votes": "tables/votes.html"}, footer="See [rights](../data/LICENSE.md).",
    )  # fmt: skip


def index_of(root: Path, text: str) -> str:
    (root / "notebooks/index.md").write_text(text, encoding="utf-8")
    source = root / "notebooks/index.md"
    return pages.text_page(source, claims=CLAIMS, notebooks=NOTEBOOKS, title="All & sundry", root=root)


INDEX = "# What was found\n\n{{yes}} And so on.\n\n## Picture\n\n![Bars](../figures/02_bars.svg)\n\n## List\n\n{{notebooks}}\n"


@pytest.fixture(params=["notebook", "front"])
def page(request: pytest.FixtureRequest, root: Path) -> str:
    return page_of(root) if request.param == "notebook" else index_of(root, INDEX)


def test_a_page_forbids_itself_every_request_and_script(page):
    outline = Outline(page)
    policies = [meta["content"] for meta in outline.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [POLICY]
    assert not outline.all("script")
    assert not outline.all("link")
    assert not re.search(r"url\((?!#)|@import|src=", page)
    assert not [name for _, attributes in outline.tags for name in attributes if name.startswith("on")]


def test_a_page_has_language_title_description_landmarks_and_a_way_past_them(page):
    outline = Outline(page)
    assert outline.all("html") == [{"lang": "en"}]
    assert "All &amp; sundry</title>" in page
    assert [meta["content"] for meta in outline.all("meta") if meta.get("name") == "description"]
    assert outline.links[0] == "#main"
    assert [main["id"] for main in outline.all("main")] == ["main"]
    assert len({nav.get("aria-label") or nav["aria-labelledby"] for nav in outline.all("nav")}) == len(
        outline.all("nav")
    )


def test_a_page_has_one_first_heading_and_skips_no_level(page):
    headings = Outline(page).headings
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))


def test_ids_are_unique_and_every_link_within_the_page_leads_somewhere(page):
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


def test_links_to_files_are_relative_and_lead_to_what_the_checkout_holds(page, root):
    for link in Outline(page).links:
        target = link.partition("#")[0]
        if target.startswith(("../figures", "../results/tables")):
            assert (root / "site" / target).resolve().is_file(), link
        assert not re.match(r"[a-z]+:|/", target), link
    assert "../notebooks/02_second.ipynb" in page or "02_second.html" in page


def test_every_picture_is_inline_and_speaks(page):
    outline = Outline(page)
    assert outline.all("svg")
    assert all(svg["role"] == "img" and svg["aria-label"] == ALT for svg in outline.all("svg"))
    assert not outline.all("img")


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(page):
    outline = Outline(page)
    boxes = [a for tag, a in outline.tags if tag == "pre" or a.get("class") in {"scroll", "plate", "maths"}]
    assert boxes
    assert all(box["tabindex"] == "0" and box["aria-label"] and box["role"] == "group" for box in boxes)


def test_the_same_notebook_gives_the_same_bytes(root):
    assert page_of(root) == page_of(root)


def test_a_heading_links_to_itself_and_is_listed_in_the_contents(root):
    page = page_of(root)
    assert '<h2 id="found"><a class="self" href="#found">Found</a></h2>' in page
    assert '<h3 id="found-2">' in page
    contents = page[page.index('<nav class="contents"') : page.index("</ol>")]
    assert re.findall(r'href="#([^"]+)">([^<]+)', contents) == [
        ("found", "Found"),
        ("found-2", "Found"),
        ("more", "More"),
        ("further-numbers", "Further numbers"),
    ]
    assert "First line of the notebook" not in page


def test_previous_next_and_other_notebooks_are_pages(root):
    page = page_of(root)
    assert '<a rel="prev" href="01_first.html"><span>Previous</span> First &amp; foremost</a>' in page
    assert '<a rel="next" href="03_third.html"><span>Next</span> Third</a>' in page
    assert '<a href="01_first.html#gaps">the first</a>' in page
    assert '<a href="../data/LICENSE.md">rights</a>' in page


def test_maths_is_mathml_that_keeps_its_latex(root):
    page = page_of(root)
    assert '<math alttext="x_i^2" xmlns=' in page
    assert re.search(
        r'<div class="maths"[^>]*><math alttext="\\frac\{a\}\{b\}"[^>]*display="block"><mrow><mfrac>', page
    )
    assert "$" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_a_claim_stands_where_its_link_points_and_one_click_shows_how_it_was_made(root):
    page = page_of(root)
    assert (
        '<span class="claim" id="claim-yes">152 states, 79\N{NO-BREAK SPACE}% of all, voted &lt;for&gt; it.'
        '<a class="mark" href="#origin-yes" aria-label="a: how this was made">a</a></span>'
    ) in page
    fold = page[page.index("How these numbers were made") :]
    fold = fold[: fold.index("</details>")]
    assert (
        '<li id="origin-yes" value="1"><strong>152</strong> states (count), 150 to 160 (95\N{NO-BREAK SPACE}% exact)'
        in fold
    )
    assert '<a href="tables/votes.html"><code>votes</code></a>, <code>members</code>' in fold
    assert "Published: 194 (<code>press</code>). Difference −1: One left." in fold
    assert "paragraph" in fold


def test_a_claim_that_no_cell_displays_still_has_its_place(root):
    page = page_of(root)
    assert '<h2 id="further-numbers">' in page
    assert 'id="claim-hidden"' in page
    assert 'id="origin-hidden" value="3"' in page


def test_a_paragraph_of_many_claims_becomes_a_list(root):
    short = [claim(f"n{number}", f"Number {number} is long enough to be read with the others.") for number in range(12)]
    page = page_of(root, CLAIMS + short)
    assert page.count('<li><span class="claim"') == 13  # the twelve and the one that no cell displays
    assert '<ul class="claims columns">' in page
    assert "<ul" not in page_of(root, CLAIMS + short[:3]).split("Further numbers")[-1].split("<ol")[0]


def test_claims_that_make_one_sentence_are_one_item_and_long_items_have_no_columns(root):
    parts = [
        claim(f"n{number}", f"{'So many words, again and again, ' * 8}end{'.' if number % 2 else ','}")
        for number in range(10)
    ]
    page = page_of(root, CLAIMS + parts)
    assert page.count("<li><span") == 6
    assert '<ul class="claims">' in page


def test_a_page_opens_with_what_was_found_and_asks_its_question_once(root):
    path = root / "results/02_second.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += f"\n\n**{NOTEBOOKS[1]['question']}** The first prose."
    notebook.cells[1].metadata.tags = ["parameters"]
    nbformat.write(notebook, path)
    page = page_of(root)
    assert page.index("Title of 02_bars") < page.index("<summary>Parameters</summary>") < page.index('id="claim-yes"')
    assert page.split("<main")[1].count(NOTEBOOKS[1]["question"]) == 1
    notebook.cells[1].metadata.tags = ["injected-parameters"]  # another run than the published one says so first
    nbformat.write(notebook, path)
    assert page_of(root).index("Parameters given to this run") < page_of(root).index("Title of 02_bars")


def test_a_claim_shown_again_keeps_its_first_place(root):
    path = root / "results/02_second.ipynb"
    notebook = nbformat.read(path, as_version=4)
    again = notebook.cells[4].copy()
    again.id = "again"
    notebook.cells.append(again)
    nbformat.write(notebook, path)
    page = page_of(root)
    assert page.count('id="claim-yes"') == page.count('id="origin-yes"') == 1
    assert page.count('href="#origin-yes" aria-label="a: how this was made">a</a>') == 2


def test_an_exhibit_is_numbered_captioned_and_told_once_with_ten_answers(root):
    page = page_of(root)
    assert re.findall(r'class="label">([^<]+)</span>', page) == ["Figure 1.", "Figure 2.", "Table 1."]
    assert page.count(NOTE.shown) == 3
    assert page.count("<dt>The code that made it</dt>") == 3
    assert page.count('<a href="#cell-c3">Cell 2 of this notebook</a>') == 3
    assert 'href="../figures/02_bars.csv"' in page
    assert 'href="../results/tables/02_groups.csv"' in page


def test_code_is_folded_but_there_and_takes_its_first_comment_as_name(root):
    page = page_of(root)
    assert '<details class="code"><summary>Code: Draw &amp; show both</summary>' in page
    assert '<details class="code"><summary>Parameters</summary>' in page
    assert page.index("Title of 02_bars") < page.index("Code: Draw")


def test_tables_of_libraries_lose_styles_and_empty_headings_and_gain_scopes(root):
    page = page_of(root)
    table = page[page.index('<table class="dataframe">') :]
    assert table.startswith('<table class="dataframe"><thead><tr><td></td><th scope="col">n</th>')
    assert '<tr><th scope="row">a_<wbr>b</th><td>1</td>' in table
    assert 'aria-label="Output of cell 4"' in page
    assert "1 &lt; 2" in page
    assert "color: red" not in page


def test_a_front_page_links_each_claim_to_its_place_and_lists_the_notebooks(root):
    page = index_of(root, INDEX)
    assert '<a class="claim" href="02_second.html#claim-yes">152 states, 79\N{NO-BREAK SPACE}% of all' in page
    assert '<a href="02_second.html#exhibit-02_bars">how it was made</a>' in page
    assert page.count('<li><a href="0') == 3
    assert "{{" not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "# A\n\n{{yess}}",
            r"notebooks/index.md, line 3: got {{yess}}, did you mean yes\?, expected the name of a claim",
        ),
        ("# A\n\n# B", "got a second level-1 heading 'B'"),
        ("# A\n\n### B", "heading 'B' is of level 3 below one of level 1; use ##"),
        ("# A\n\n$\\nonsense{x}$", r"got maths that MathML cannot show: '\\\\nonsense{x}'"),
        ("# A\n\n$\\text{a < b}$", "got maths that MathML cannot show"),
        ("# A\n\n![](x.png)", "got the picture x.png without an alt text"),
        ("# A\n\n![Bars](../figures/02_none.svg)", "figures/02_none.svg is not there"),
    ],
)
def test_a_front_page_that_cannot_be_right_is_refused(root, text, message):
    with pytest.raises(UserError, match=message):
        index_of(root, text)


def test_a_picture_without_alt_text_is_refused_and_its_cell_named(root):
    path = root / "results/02_second.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[3].outputs[0].metadata["image/svg+xml"]["alt"] = ""
    nbformat.write(notebook, path)
    with pytest.raises(UserError, match=r"notebooks/02_second.ipynb, cell c3: shows a picture without an alt text"):
        page_of(root)


def test_a_page_of_this_size_stays_under_a_fifth_of_the_limit(root):
    assert len(page_of(root).encode()) < 50_000
