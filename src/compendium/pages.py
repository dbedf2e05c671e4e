"""Pages: one HTML file a notebook and a front page, which need nothing but themselves.

No page asks a host for anything or runs a script: its policy (a ``Content-Security-Policy``) forbids both.
The body of a notebook's page comes from nbconvert with the template in ``templates/page``; the frame around it
is the same for all pages.
"""

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compendium.errors import UserError, nearest
from compendium.makers import makers
from compendium.markup import typeset

if TYPE_CHECKING:
    from jinja2 import Template
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "templates"


def notebook_page(
    executed: Path,
    *,
    name: str,
    notebooks: Sequence[Mapping[str, str]],
    claims: Sequence[Mapping[str, str]],
    title: str,
    tables: Mapping[str, str] | None = None,
    footer: str = "",
) -> str:
    """Return the page of an executed notebook.

    Parameters
    ----------
    executed : pathlib.Path
        The executed notebook, in ``results`` of the checkout whose ``src`` holds the functions that it calls.
    name : str
        The notebook's name: its page is ``site/NAME.html``, its source ``notebooks/NAME.ipynb``.
    notebooks : sequence of mapping
        All notebooks in order: name, title, question.
    claims : sequence of mapping
        The rows of the claims file that this notebook states.
    title : str
        The compendium's title.
    tables : mapping of str to str, optional
        Page of each table, as seen from this page; claims link to the tables that they rest on.
    footer : str
        Markdown at the foot of each page: rights, citation.

    Raises
    ------
    UserError
        For a picture without alt text, a second level-1 heading, a skipped level, or maths that MathML lacks.
    """
    import nbformat
    from nbconvert.exporters import TemplateExporter
    from traitlets.config import Config

    from compendium.article import Article
    from compendium.prose import Prose

    names = [notebook["name"] for notebook in notebooks]
    prose = Prose(f"notebooks/{name}.ipynb", names)
    notebook = nbformat.read(executed, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    made = makers([cell.source for cell in cells], executed.parent.parent)
    made_by = {cell.id: functions for cell, functions in zip(cells, made, strict=True)}
    article = Article(name, prose, {row["name"]: row for row in claims}, tables or {}, made_by)
    order = ["image/svg+xml", "text/html", "text/markdown", "image/png", "image/jpeg", "text/plain"]
    exporter = TemplateExporter(
        config=Config(NbConvertBase={"display_data_priority": order}),
        file_extension=".html",
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={
            "prose": prose.render,
            "code": article.code,
            "figure": article.figure,
            "markup": article.html,
            "plain": lambda text: html.escape(re.sub(r"\x1b\[[0-9;]*m", "", text)),
        },
    )
    question = notebooks[names.index(name)]["question"]
    notebook.cells = _answer_first(notebook.cells, question)
    body, _ = exporter.from_notebook_node(notebook)
    body += article.untold()
    here = names.index(name)
    return framed(
        site=title,
        title=notebooks[here]["title"],
        question=question,
        name=name,
        number=name.partition("_")[0],
        body=body,
        headings=prose.headings,
        before=notebooks[here - 1] if here else None,
        after=notebooks[here + 1] if here + 1 < len(notebooks) else None,
        footer=footer,
    )


def _answer_first(cells: "Sequence[NotebookNode]", question: str) -> "list[NotebookNode]":
    """Return the cells so that a page opens with what was found.

    Parameters and preparation, which show nothing, go behind the first cell that shows something; the question, which stands under the
    title, is left out where the first prose asks it again.
    """
    first = next((cell for cell in cells if cell.cell_type == "markdown"), None)
    if first is not None and question:
        again = r"\*\*" + r"\s+".join(map(re.escape, question.split())) + r"\*\*\s*"
        first.source = re.sub(again, "", first.source, count=1)
    shown = next((place for place, cell in enumerate(cells) if cell.get("outputs")), 0)
    silent = [
        cell for cell in cells[:shown]
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])
    ]  # fmt: skip
    return (
        [*(cell for cell in cells[:shown] if cell not in silent), cells[shown], *silent, *cells[shown + 1 :]]
        if cells
        else []
    )


def text_page(
    source: Path,
    *,
    claims: Sequence[Mapping[str, str]],
    notebooks: Sequence[Mapping[str, str]],
    title: str,
    root: Path,
    footer: str = "",
    places: Mapping[str, str] | None = None,
) -> str:
    """Return a page of Markdown, the front page above all, in which claims, lists and figures have their places.

    ``{{claim_name}}`` becomes the claim's sentence, linked to its place; ``{{notebooks}}`` the list of notebooks;
    ``![caption](../figures/NAME.svg)`` in a paragraph of its own the figure itself.

    Parameters
    ----------
    source : pathlib.Path
        The Markdown file; its level-1 heading is the page's.
    claims, notebooks, title, footer
        As for `notebook_page`, with the claims of all notebooks.
    root : pathlib.Path
        The checkout, where figures are read.
    places : mapping of str to str, optional
        HTML for further places, each in a paragraph of its own.

    Raises
    ------
    UserError
        For a place whose name no claim has, with the nearest name and the line.
    """
    from compendium.prose import Prose

    text = source.read_text(encoding="utf-8")
    known = {row["name"]: row for row in claims}
    lists = {"notebooks": _notebook_list(notebooks), **(places or {})}
    _check_places(text, {*known, *lists}, f"notebooks/{source.name}")
    prose = Prose(f"notebooks/{source.name}", [notebook["name"] for notebook in notebooks])
    body = prose.render(text)
    body = re.sub(r"<p>\{\{(\w+)\}\}</p>", lambda place: lists.get(place[1], place[0]), body)
    body = re.sub(r"\{\{(\w+)\}\}", lambda place: _claim_link(known[place[1]]), body)
    picture = r'<p><img src="\.\./figures/(\w+)\.svg" alt="([^"]*)"\s*/?></p>'
    body = re.sub(picture, lambda found: _inline_figure(root, found[1], found[2], notebooks), body)
    return framed(
        site=title,
        title=prose.title or title,
        name=source.stem,
        body=body,
        headings=prose.headings,
        after=notebooks[0] if notebooks and source.stem == "index" else None,
        footer=footer,
    )


def _check_places(text: str, known: set[str], source: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        for name in re.findall(r"\{\{(.*?)\}\}", line):
            if name not in known:
                hint = nearest(name, known)
                msg = f"{source}, line {number}: got {{{{{name}}}}}{hint}, expected the name of a claim; correct it"
                raise UserError(msg)


def _claim_link(row: Mapping[str, str]) -> str:
    return f'<a class="claim" href="{row["notebook"]}.html#claim-{row["name"]}">{typeset(row["text"])}</a>'


def _notebook_list(notebooks: Sequence[Mapping[str, str]]) -> str:
    items = [
        f'<li><a href="{notebook["name"]}.html"><span class="number">{notebook["name"].partition("_")[0]}</span> '
        f"{html.escape(notebook['title'])}</a> <span>{html.escape(notebook['question'])}</span></li>"
        for notebook in notebooks
    ]
    return '<ol class="notebooks">\n' + "\n".join(items) + "\n</ol>"


def _inline_figure(root: Path, name: str, caption: str, notebooks: Sequence[Mapping[str, str]]) -> str:
    """Return a figure of a notebook for the front page; the drawing brings its own alt text."""
    path = root / "figures" / f"{name}.svg"
    if not path.is_file():
        raise UserError(f"notebooks/index.md: figures/{name}.svg is not there; run run_all.py or correct the name")
    number = name.partition("_")[0]
    links = [f'<a href="../figures/{name}.csv">numbers</a>']
    links += [
        f'<a href="{notebook["name"]}.html#exhibit-{name}">how it was made</a>'
        for notebook in notebooks
        if notebook["name"].partition("_")[0] == number
    ]
    return (
        f'<figure class="exhibit"><figcaption>{caption} ({", ".join(links)})</figcaption>\n'
        f'<div class="plate" tabindex="0" role="group" aria-label="Figure, scrolls sideways on a narrow screen">\n'
        f"{path.read_text(encoding='utf-8').strip()}\n</div></figure>"
    )


def framed(
    *,
    site: str,
    title: str,
    name: str,
    body: str,
    headings: Sequence[tuple[int, str, str]],
    question: str = "",
    number: str = "",
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
    footer: str = "",
) -> str:
    """Return a page: head, style and navigation around a body.

    Parameters
    ----------
    site : str
        The compendium's title.
    name : str
        The page is ``site/NAME.html``; a slash in it puts the page into a folder.
    number : str
        Number of a notebook: its page links to its files.
    footer : str
        Markdown, with links as from a page in ``site`` itself.
    """
    home = "../" * name.count("/")
    foot = _foot(footer).replace('href="../', f'href="{home}../')
    return str(
        _frame().render(
            site=site, title=title, name=name, body=body, headings=headings, question=question, number=number,
            before=before, after=after, footer=foot, home=home,
        )
    )  # fmt: skip


@cache
def _frame() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES / "page")
    frame = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return frame.get_template("frame.html.j2")


@cache
def _foot(markdown: str) -> str:
    from compendium.prose import Prose

    return Prose("compendium.toml").render(markdown)
