"""Prose: Markdown as HTML with anchored headings, maths as MathML, and links that lead from page to page."""

import html
import re
from collections.abc import Sequence
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from compendium.errors import UserError

SHORT_CODE = 24  # characters that stay on one line


class Prose:
    r"""Renders the Markdown of one page, cell after cell, and keeps its headings for the table of contents.

    Parameters
    ----------
    source : str
        Path of the file that is rendered, for error messages.
    pages : sequence of str
        Names of the notebooks that have a page: links to their ``.ipynb`` become links to their page.

    Attributes
    ----------
    headings : list of (int, str, str)
        Level, id and text of each heading below the first.

    Examples
    --------
    >>> Prose("notebooks/index.md", ["01_data"]).render("See [data](01_data.ipynb#gaps).")
    '<p>See <a href="01_data.html#gaps">data</a>.</p>\n'
    """

    def __init__(self, source: str, pages: Sequence[str] = ()) -> None:
        self.source, self.pages = source, pages
        self.headings: list[tuple[int, str, str]] = []
        self.title = ""
        self._markdown = MarkdownWithMath(renderer=_Renderer(self))

    def render(self, text: str) -> str:
        """Return the HTML of one Markdown text; its level-1 heading, when it has one, becomes ``self.title``."""
        return tidy_tables(self._markdown.render(text), "Table in the text")

    def heading(self, text: str, level: int) -> str:
        """Return a heading with an id of its own and a link to itself."""
        words = html.unescape(re.sub(r"<[^>]*>", "", text))
        if level == 1:
            if self.title:
                msg = f"{self.source}: got a second level-1 heading {words!r}, expected one a page; use ##"
                raise UserError(msg)
            self.title = words
            return ""
        before = self.headings[-1][0] if self.headings else 1
        if level > before + 1:
            msg = f"{self.source}: heading {words!r} is of level {level} below one of level {before}; use {'#' * (before + 1)}"
            raise UserError(msg)
        name = slug = re.sub(r"[^\w]+", "-", words.lower()).strip("-") or "section"
        taken, number = {anchor for _, anchor, _ in self.headings}, 2
        while name in taken:
            name, number = f"{slug}-{number}", number + 1
        self.headings.append((level, name, words))
        return f'<h{level} id="{name}"><a class="self" href="#{name}">{text}</a></h{level}>\n'

    def link(self, url: str) -> str:
        """Return where a link leads from a page."""
        notebook = re.fullmatch(r"(?:\./)?([\w-]+)\.ipynb(#.*)?", url)
        if notebook and notebook[1] in self.pages:
            return f"{notebook[1]}.html{notebook[2] or ''}"
        return url

    def maths(self, latex: str, block: bool) -> str:
        """Return LaTeX as MathML, with the LaTeX as its alternative text.

        Raises
        ------
        UserError
            For maths that cannot be turned into MathML.
        """
        latex = latex.strip()
        try:
            text = convert(latex, display="block" if block else "inline")
        except Exception:  # noqa: BLE001  (latex2mathml raises kinds of its own, without a common one)
            text = ""
        unknown_command, stray_mark = r">\\", r"&(?!#x[0-9A-F]+;)|<(?![/a-z])"
        if not text or re.search(f"{unknown_command}|{stray_mark}", text):
            msg = f"{self.source}: got maths that MathML cannot show: {latex!r}; write it in plainer LaTeX"
            raise UserError(msg)
        text = text.replace("<math ", f'<math alttext="{html.escape(latex)}" ', 1)
        if block:
            return f'<div class="maths" tabindex="0" role="group" aria-label="Formula">{text}</div>\n'
        return text


class _Renderer(IPythonRenderer):
    """nbconvert's Markdown renderer with our headings, links and maths."""

    def __init__(self, prose: Prose) -> None:
        super().__init__(escape=False)
        self.prose = prose

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return self.prose.heading(text, level)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return str(super().link(text, self.prose.link(url), title))

    def codespan(self, text: str) -> str:
        code = html.escape(text, quote=False)
        return f'<code class="short">{code}</code>' if len(text) <= SHORT_CODE else f"<code>{code}</code>"

    def block_code(self, code: str, info: str | None = None) -> str:
        text = html.escape(code.rstrip("\n"), quote=False)
        return f'<pre tabindex="0" role="group" aria-label="Commands or code"><code>{text}</code></pre>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if not text.strip():
            msg = f"{self.prose.source}: got the picture {url} without an alt text; write ![what is seen]({url})"
            raise UserError(msg)
        return str(super().image(text, url, title))

    def inline_math(self, body: str) -> str:
        return self.prose.maths(body, block=False)

    def block_math(self, body: str) -> str:
        return self.prose.maths(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self.prose.maths(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)


def tidy_tables(text: str, label: str) -> str:
    """Return HTML whose tables can be read aloud and scrolled: scoped headings, none empty, a region around each.

    Parameters
    ----------
    text : str
        HTML as pandas, statsmodels or Markdown write it.
    label : str
        What the region is called where the table has no caption.
    """
    text = re.sub(r"<style.*?</style>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<th([^>]*)>\s*</th>", r"<td></td>", text)
    text = re.sub(r' (?:border|style|align)="[^"]*"', "", text) if "<table" in text else text

    def part(found: re.Match[str]) -> str:
        scope = "col" if found[1] == "thead" else "row"
        return re.sub(r"<th(?![^>]*scope=)(?=[\s>])", f'<th scope="{scope}"', found[0])

    def region(found: re.Match[str]) -> str:
        caption = re.search(r"<caption[^>]*>(.*?)</caption>", found[0], re.DOTALL)
        name = html.escape(html.unescape(re.sub(r"<[^>]*>", "", caption[1]))) if caption else label
        return f'<div class="scroll" role="group" aria-label="{name}" tabindex="0">{found[0]}</div>'

    text = re.sub(r"(?<=>)\w+_\w+(?=</th>)", lambda name: name[0].replace("_", "_<wbr>"), text)  # names may wrap there
    text = re.sub(r"<(thead|tbody)\b.*?</\1>", part, text, flags=re.DOTALL)
    return re.sub(r"<table\b.*?</table>", region, text, flags=re.DOTALL)
