"""Markup of exhibits: drawings, tables and notes as HTML without styles or ids of their own."""

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

QUESTIONS = {
    "shown": "What is shown",
    "source": "From which data",
    "observations": "How many observations, how many missing",
    "uncertainty": "How uncertain",
    "comparison": "Compared with what",
    "method": "By which method, and why",
    "sensitivity": "What would change it",
    "limits": "What it does not show",
    "numbers": "The numbers behind it",
    "code": "The code that made it",
}
FONTS = "'DejaVu Sans', Verdana, sans-serif"
APART = 10_000  # thousands are set apart in columns that reach this, so years stay years


def table_html(
    frame: "pd.DataFrame",
    title: str,
    units: Mapping[str, str],
    decimals: Mapping[str, int] | int | None,
    labels: Mapping[str, str],
) -> str:
    """Return a frame as a plain ``<table>``: a caption, scoped headings, no styles, no ids."""
    from great_tables import GT
    from great_tables import html as markup
    from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype

    head = frame.columns[0]
    truths = [column for column in frame.columns if is_bool_dtype(frame[column])]
    shown = frame.assign(**{str(column): frame[column].map({True: "yes", False: "no"}) for column in truths})
    names = {column: labels.get(column, _words(column)) for column in frame.columns}
    heading = {column: markup(_heading(names[column], units.get(column, ""))) for column in frame.columns}
    table = GT(shown, rowname_col=head).tab_stubhead(heading[head])
    table = table.cols_label({column: heading[column] for column in frame.columns[1:]})
    every = decimals if isinstance(decimals, int) else 2
    places = decimals if isinstance(decimals, Mapping) else {}
    for column in shown.columns:
        whole, fraction = is_integer_dtype(shown[column]), is_float_dtype(shown[column])
        if whole or fraction:
            apart = bool(shown[column].abs().max() >= APART)
            table = table.fmt_number([column], decimals=0 if whole else places.get(column, every), use_seps=apart)
    text = table.sub_missing(missing_text="–").as_raw_html()
    body = text[text.index("<thead>") : text.index("</table>")]
    body = re.sub(r' (?:id|headers|rowspan|colspan)="[^"]*"', "", body)
    body = re.sub(
        r'class="[^"]*\b(gt_left|gt_right|gt_center)\b[^"]*"', lambda c: f'class="{c[1][3:]}"', body
    )
    body = re.sub(r' class="gt_[^"]*"', "", re.sub(r"\n\s*", "\n", body)).strip()
    return f'<table class="exhibit">\n<caption>{html.escape(title)}</caption>\n{body}\n</table>'


def note_html(note: Mapping[str, str], numbers: str, code: str) -> str:
    """Return a note's ten questions and answers as a ``<dl>``; `numbers` and `code` are HTML."""
    answers = {key: html.escape(answer) for key, answer in note.items()} | {"numbers": numbers, "code": code}
    rows = "\n".join(f"<dt>{question}</dt><dd>{answers[key]}</dd>" for key, question in QUESTIONS.items())
    return f"<dl>\n{rows}\n</dl>"


def plain_svg(text: str, alt: str) -> str:
    """Return matplotlib's SVG as a lean drawing with an alt text, fit to stand in a page beside others.

    Only ids that something refers to are kept (these are salted; the others, such as ``figure_1``, return in
    every figure); the global style becomes attributes of the root; coordinates keep hundredths of a point.
    """
    text = text[text.index("<svg") :]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, count=1, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
    text = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", text)
    text = text.replace("font-family: 'DejaVu Sans'; ", "").replace("; font-family: 'DejaVu Sans'", "")
    text = re.sub(
        r' (?:d|x|y|transform)="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0]), text
    )
    text = re.sub(r"\n\s+", "\n", text)
    root = f'<svg role="img" aria-label="{html.escape(alt)}" font-family="{FONTS}" stroke-linejoin="round" '
    return text.replace("<svg ", root, 1)


def _heading(name: str, unit: str) -> str:
    return html.escape(name) + (f'<br><span class="unit">{html.escape(unit)}</span>' if unit else "")


def _words(column: str) -> str:
    """Return a column's name as a heading.

    Examples
    --------
    >>> _words("asylum_seekers")
    'Asylum seekers'
    """
    words = str(column).replace("_", " ").strip()
    return words[:1].upper() + words[1:]
