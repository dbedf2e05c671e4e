"""Markup of exhibits: drawings, tables and notes as HTML without styles or ids of their own."""

import hashlib
import html
import re
from collections import Counter
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
GRID = "stroke:#d8d8d8"  # the colour of grid lines in the house style
INK = "#1a1a1a"  # of most texts: the root says it once
FONTS = "'DejaVu Sans', Verdana, sans-serif"
APART = 1_000  # thousands are set apart from here on, save in columns of years


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
    from pandas.api import types as pd_types

    head = frame.columns[0]
    shown = frame.assign(**{str(column): _in_words(frame[column]) for column in frame.columns})
    names = {column: labels.get(column, _words(column)) for column in frame.columns}
    heading = {column: markup(_heading(names[column], units.get(column, ""))) for column in frame.columns}
    table = GT(shown, rowname_col=head).tab_stubhead(heading[head])
    table = table.cols_label({column: heading[column] for column in frame.columns[1:]})
    given = (
        decimals
        if isinstance(decimals, Mapping)
        else {}
        if decimals is None
        else dict.fromkeys(frame.columns, decimals)
    )
    for column in shown.select_dtypes("number").columns:
        whole = bool((shown[column].dropna() % 1 == 0).all())
        places = 0 if pd_types.is_integer_dtype(shown[column]) else given.get(column, 0 if whole else 2)
        apart = bool(shown[column].abs().max() >= APART) and "year" not in str(column).lower()
        table = table.fmt_number([column], decimals=places, use_seps=apart)
    text = table.sub_missing(missing_text="–").as_raw_html()
    body = text[text.index("<thead>") : text.index("</table>")]
    body = re.sub(r' (?:id|headers|rowspan|colspan)="[^"]*"', "", body)
    body = re.sub(r'class="[^"]*\b(gt_left|gt_right|gt_center)\b[^"]*"', lambda c: f'class="{c[1][3:]}"', body)
    body = re.sub(r' class="gt_[^"]*"', "", re.sub(r"\n\s*", "\n", body)).strip()
    body = re.sub(r'<td class="left">(?=[^<\s]{5,12}</td>)', '<td class="left short">', body)  # dates, codes
    return f'<table class="exhibit">\n<caption>{typeset(title)}</caption>\n{body}\n</table>'


def note_html(note: Mapping[str, str], numbers: str, code: str) -> str:
    """Return a note's ten questions and answers as a ``<dl>``; `numbers` and `code` are HTML."""
    answers = {key: typeset(answer) for key, answer in note.items()} | {"numbers": numbers, "code": code}
    rows = "\n".join(f"<dt>{question}</dt><dd>{answers[key]}</dd>" for key, question in QUESTIONS.items())
    return f"<dl>\n{rows}\n</dl>"


def typeset(text: str) -> str:
    r"""Return plain text as HTML in which a number keeps its percent sign or its equals sign on the same line.

    Examples
    --------
    >>> typeset("p = 0.4 in 5 % & more")
    'p\xa0=\xa00.4 in 5\xa0% &amp; more'
    """
    text = re.sub(r" ([=<>≤≥]) (?=[\d.−])", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)
    return html.escape(re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", text))


def plain_svg(text: str, alt: str, name: str) -> str:
    """Return matplotlib's SVG as a lean drawing with an alt text, fit to stand in a page beside others.

    Only ids that something refers to are kept, and only groups that say something; the global style becomes attributes of
    the root; coordinates keep hundredths of a point. Ids are a hash of the drawing's name and a count: matplotlib's own
    are hashes of coordinates to the last digit, which differs between processors.
    """
    text = text[text.index("<svg") :]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    salt = "f" + hashlib.sha256(name.encode()).hexdigest()[:5]
    used = {old: f"{salt}{n}" for n, old in enumerate(dict.fromkeys(re.findall(r'(?:href="#|url\(#)([^")]+)', text)))}
    text = re.sub(r' id="([^"]*)"', lambda found: f' id="{used[found[1]]}"' if found[1] in used else "", text)
    text = re.sub(r'(href="#|url\(#)([^")]+)', lambda found: found[1] + used[found[2]], text)
    text = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", text)
    text = re.sub(r' style="[^"]*"', lambda found: found[0].replace(": ", ":").replace("; ", ";"), text)
    text = text.replace("stroke-dashoffset:0;", "")
    text = re.sub(r"font-family:'DejaVu Sans';|;?font-family:'DejaVu Sans'", "", text)
    text = re.sub(r' (?:d|x|y|transform)="[^"]*"', lambda found: re.sub(r"-?\d+\.\d+", _rounded, found[0]), text)
    text = re.sub(r' d="[^"]*"', lambda found: re.sub(r"\s*([MLHVCQZz\"])\s*", r"\1", found[0]), text)
    text = re.sub(r"\n\s*", "\n", _without_idle_groups(_without_idle_styles(text)))
    text = _with_joined_lines(_with_plain_texts(text))
    sizes = Counter(re.findall(r"font-size:([^;\"]+);", text)).most_common(1)
    size = sizes[0][0] if sizes else "9px"
    text = text.replace(f"font-size:{size};", "")
    text = re.sub(rf'(<use [^>]*?) style="fill:{INK}"', r"\1", text)  # ink is what the root says
    text = re.sub(r"M(\S+ (\S+))L([-\d.]+) \2(?=[MLz\"])", r"M\1H\3", text)
    text = re.sub(r"M((\S+) \S+)L\2 ([-\d.]+)(?=[MLz\"])", r"M\1V\3", text)
    label = f'role="img" aria-label="{html.escape(alt)}" font-family="{FONTS}" font-size="{size}" fill="{INK}"'
    return text.replace("<svg ", f'<svg {label} stroke-linejoin="round" ', 1)


def _without_idle_styles(drawing: str) -> str:
    """Return an SVG in which a marker's uses do not repeat the strokes that the marker itself sets.

    A straight stroke (a tick) has nothing to fill, so its uses keep no style at all.
    """
    markers = dict(re.findall(r'<path id="(\w+)" d="([^"]*)" style="[^"]*stroke:', drawing))

    def lean(use: re.Match[str]) -> str:
        path = markers.get(use[2])
        if path is None:
            return use[0]
        straight = re.fullmatch(r"M[^MLHVCQZz]+L[^MLHVCQZz]+", path)
        kept = [] if straight else [part for part in use[3].split(";") if not part.startswith("stroke")]
        return use[1] + (f' style="{";".join(kept)}"' if kept else "")

    return re.sub(r'(<use xlink:href="#(\w+)"[^>]*?) style="([^"]*)"', lean, drawing)


def _rounded(number: re.Match[str]) -> str:
    """Return a coordinate to hundredths; rounded, not cut: a layout's last digits differ from one drawing to the next."""
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _with_plain_texts(drawing: str) -> str:
    """Return an SVG whose texts do not repeat what is the default: to start at their place, in ink."""
    drawing = re.sub(rf'(<text [^>]*?)(?:fill:{INK};?|;fill:{INK}(?="))', r"\1", drawing)
    drawing = re.sub(r"(<text [^>]*?)text-anchor:start;?", r"\1", drawing)
    return re.sub(r'(<text[^>]*?) style=""', r"\1", re.sub(r'(<text [^>]*?);"', r'\1"', drawing))


def _with_joined_lines(drawing: str) -> str:
    """Return an SVG in which open lines of one style, cut by one frame, are one path where nothing lies between them.

    Grid lines of one frame are joined wherever they stand: they lie below everything else in it.
    """
    line = re.compile(r'<path d="(M[^"z]*)" (clip-path="[^"]*") style="(fill:none;[^"]*)"/>\n')
    grids: dict[tuple[str, str], list[str]] = {}
    for path, frame, style in line.findall(drawing):
        if GRID in style:
            grids.setdefault((frame, style), []).append(path)

    def once(found: re.Match[str]) -> str:
        if GRID not in found[3]:
            return found[0]
        paths = grids.pop((found[2], found[3]), [])
        return f'<path d="{"".join(paths)}" {found[2]} style="{found[3]}"/>\n' if paths else ""

    drawing = line.sub(once, drawing)
    run = re.compile(line.pattern + r'(?:<path d="M[^"z]*" \2 style="\3"/>\n)+')
    return run.sub(
        lambda found: (
            f'<path d="{"".join(path for path, *_ in line.findall(found[0]))}" {found[2]} style="{found[3]}"/>\n'
        ),
        drawing,
    )


def _without_idle_groups(drawing: str) -> str:
    """Return an SVG without the ``<g>`` that carry no attribute."""
    idle: list[bool] = []

    def kept(tag: re.Match[str]) -> str:
        if tag[0] == "</g>":
            return "" if idle.pop() else tag[0]
        if not tag[0].endswith("/>"):
            idle.append(tag[0] == "<g>")
        return "" if tag[0] == "<g>" else tag[0]

    return re.sub(r"<g\b[^>]*>|</g>", kept, drawing)


def _in_words(column: "pd.Series") -> "pd.Series":
    """Return truth values as yes and no, and moments as days."""
    if column.dtype.kind == "b":
        return column.map({True: "yes", False: "no"})
    return column.dt.strftime("%Y-%m-%d") if column.dtype.kind == "M" else column


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
