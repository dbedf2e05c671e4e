"""Exhibits: a figure or a table, with the note that answers a careful reader's questions about it.

A notebook calls `show_figure` and `show_table`. Each writes its files (``figures/NAME.svg``, ``.png`` and
``.csv``; ``results/tables/NAME.csv``) and displays twice: the exhibit, and its note. A code host shows both
as they are; the pages (`compendium.pages`) join them into one captioned block.
"""

import html
import io
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from compendium.errors import UserError
from compendium.markup import QUESTIONS, note_html, plain_svg, table_html

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHORTEST_ALT = 40
SVG_DPI = 72  # of matplotlib's SVG, whose unit is the point


@dataclass(frozen=True)
class Note:
    """What a careful reader asks of an exhibit; every answer is at least one sentence.

    Attributes
    ----------
    shown : str
        Unit, population, period.
    source : str
        Table, origin, as-of date.
    observations : str
        How many there are, how many are missing, and why.
    uncertainty : str
        The interval and what it covers, or why there is none.
    comparison : str
        Compared with what: before, peers, a published figure, chance.
    method : str
        The method in one sentence, and why this one.
    sensitivity : str
        What would change the answer: a bound, or where it is tried.
    limits : str
        What the exhibit does not show.

    Raises
    ------
    UserError
        When an answer is no sentence.
    """

    shown: str
    source: str
    observations: str
    uncertainty: str
    comparison: str
    method: str
    sensitivity: str
    limits: str

    def __post_init__(self) -> None:
        for field in fields(self):
            answer = getattr(self, field.name)
            if not isinstance(answer, str) or not re.search(r"\w.*\s.*\w.*[.!?]\W*$", answer, re.DOTALL):
                question = f"Note, {field.name} ({QUESTIONS[field.name]})"
                msg = f"{question}: got {answer!r}, expected a sentence; write one that ends with a full stop"
                raise UserError(msg)


def show_figure(figure: "Figure", name: str, *, title: str, alt: str, data: "pd.DataFrame", note: Note) -> None:
    """Write ``figures/NAME.svg``, ``.png`` and ``.csv`` and display the figure with its note.

    The same figure gives the same bytes: nothing of the files depends on the hour, and every ``id`` inside
    the SVG is made from `name`, so that several figures live on one page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The drawing; its label, when set, names the function that drew it.
    name : str
        Unique ``snake_case`` name in the whole compendium, as declared in ``compendium.toml``.
    title : str
        What the figure says, in one line.
    alt : str
        What a reader sees in the figure, for those who do not see it.
    data : pandas.DataFrame
        The numbers drawn, one row a mark.
    note : Note
        Answers to the reader's questions.

    Raises
    ------
    UserError
        For a bad name, a missing title, an alt text that is too short or repeats the title, or no data.

    Examples
    --------
    >>> show_figure(figure, "02_votes", title="...", alt="...", data=frame, note=Note(...))  # doctest: +SKIP
    """
    from matplotlib import rc_context

    from compendium.notebook import output_path

    where = f"figure {name}"
    _checked(where, name, title, note)
    if not hasattr(figure, "savefig"):
        got = type(figure).__name__
        raise UserError(f"{where}: got {got} to draw, expected a matplotlib Figure; pass axes.figure")
    if len(alt.strip()) < SHORTEST_ALT or alt.strip() == title.strip():
        msg = (
            f"{where}: got the alt text {alt!r}, expected at least {SHORTEST_ALT} characters that say "
            "what is seen, other than the title; describe axes, marks and pattern"
        )
        raise UserError(msg)
    if data is None or data.empty:
        raise UserError(f"{where}: got no data, expected the numbers drawn; pass data=, one row a mark")
    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        _laid_out(figure)
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=nothing)
    with rc_context({"text.hinting": "none"}):  # hinted letters are wider than the layout's
        figure.savefig(output_path(f"figures/{name}.png"), dpi=150, metadata={"Software": None})
    drawing = plain_svg(buffer.getvalue(), alt, name)
    _write(f"figures/{name}.svg", drawing)
    _write(f"figures/{name}.csv", _csv(data))
    if "matplotlib.pyplot" in sys.modules:  # else the inline backend shows the figure a second time
        sys.modules["matplotlib.pyplot"].close(figure)
    made_by = str(figure.get_label() or "")
    about = {"alt": alt, "title": title, "name": name, "note": asdict(note), "made_by": made_by}
    _display({"image/svg+xml": drawing, "text/plain": title}, {"image/svg+xml": about})
    _display_note(name, title, note, f"figures/{name}.csv", made_by)


def show_table(
    frame: "pd.DataFrame",
    name: str,
    *,
    title: str,
    note: Note,
    units: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | int | None = None,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Write ``results/tables/NAME.csv`` and display the frame as a captioned table with its note.

    The first column heads the rows. A named index becomes the first columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        What to show; the CSV keeps its column names and full values.
    name : str
        Unique ``snake_case`` name in the whole compendium, as declared in ``compendium.toml``.
    title : str
        Caption.
    note : Note
        Answers to the reader's questions.
    units : mapping of column to str, optional
        Shown under the column's heading.
    decimals : int or mapping of column to int, optional
        Decimals of columns that hold fractions; without it 2, or none where all values are whole.
    labels : mapping of column to str, optional
        Headings; else the column's name in words.

    Raises
    ------
    UserError
        For a bad name, a missing title, an empty frame, an empty heading, or an unknown column in the mappings.
    """
    where = f"table {name}"
    _checked(where, name, title, note)
    if frame is None or frame.empty:
        raise UserError(f"{where}: got an empty frame, expected rows; say in a sentence that there are none")
    flat = _flat(frame)
    places = decimals if isinstance(decimals, Mapping) else {}
    for argument, columns in {"units": units or {}, "labels": labels or {}, "decimals": places}.items():
        strange = [column for column in columns if column not in flat.columns]
        if strange:
            known = ", ".join(map(str, flat.columns))
            msg = f"{where}, {argument}: got column {strange[0]!r}, expected one of {known}; correct it"
            raise UserError(msg)
    blank = [column for column, label in (labels or {}).items() if not label.strip()]
    if blank:
        raise UserError(
            f"{where}, labels: got an empty heading for {blank[0]}, expected words; a screen reader needs them"
        )
    _write(f"results/tables/{name}.csv", _csv(flat))
    about = {"title": title, "name": name, "note": asdict(note), "made_by": ""}
    table = table_html(flat, title, units or {}, decimals, labels or {})
    words = f"{title}\n{flat.to_string(index=False)}"
    _display({"text/html": table, "text/plain": words}, {"text/html": about})
    _display_note(name, "", note, f"results/tables/{name}.csv", "")


def _laid_out(figure: "Figure") -> None:
    """Settle the figure's layout as an SVG asks for it, once for all its files: a layout costs more than a drawing."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    engine = figure.get_layout_engine()
    if engine is None:
        return
    FigureCanvasSVG(figure)  # the layout asks the figure's canvas how wide texts are
    figure.dpi = SVG_DPI
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():  # else matplotlib measures all tick labels to place an empty one
                axis.set_label_coords(0, 0)
    engine.execute(figure)
    figure.set_layout_engine(None)  # "none" would leave a placeholder, for which matplotlib draws twice


def _checked(where: str, name: str, title: str, note: Note) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", name):
        raise UserError(f"{where}: got the name {name!r}, expected snake_case; rename it")
    if not title.strip():
        raise UserError(f"{where}: got no title, expected what it says in one line; add title=")
    if not isinstance(note, Note):
        raise UserError(f"{where}: got {type(note).__name__} as note, expected a Note; pass note=Note(...)")


def _display(bundle: dict[str, str], metadata: dict[str, Any]) -> None:
    from IPython.display import display

    display(bundle, metadata=metadata, raw=True)


def _display_note(name: str, title: str, note: Note, numbers: str, made_by: str) -> None:
    """Display the note for readers of the executed notebook; it lies in ``results/``, one folder down."""
    link = f'<a href="../{numbers}">{numbers}</a>'
    code = "The cell above" + (f", which calls <code>{html.escape(made_by)}</code>." if made_by else ".")
    heading = f"<p><strong>{html.escape(title)}</strong></p>\n" if title else ""
    answers = note_html(asdict(note), link, code)
    text = f"{heading}<details>\n<summary>About this exhibit</summary>\n{answers}\n</details>"
    plain = "\n".join(f"{QUESTIONS[key]}: {answer}" for key, answer in asdict(note).items())
    _display({"text/html": text, "text/plain": plain}, {"text/html": {"note_of": name}})


def _flat(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the frame with a meaningful index turned into columns."""
    named = any(level is not None for level in frame.index.names)
    return frame.reset_index() if named else frame.reset_index(drop=True)


def _csv(frame: "pd.DataFrame") -> str:
    """Return CSV text whose fractions keep ten significant digits: the last bits differ between machines."""
    return _flat(frame).to_csv(index=False, lineterminator="\n", float_format="%.10g")


def _write(relative: str, text: str) -> None:
    from compendium.notebook import output_path

    output_path(relative).write_text(text, encoding="utf-8", newline="\n")
