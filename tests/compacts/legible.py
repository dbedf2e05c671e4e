"""What every figure must be: its texts large enough, inside the figure, and not on one another."""

import io

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

from compacts.exhibits.style import SMALLEST
from compendium.markup import plain_svg


def shown_texts(figure: Figure) -> list[Text]:
    """Return the texts that are drawn."""
    figure.draw_without_rendering()
    # matplotlib keeps ticks beyond the limits of an axis without drawing them
    beyond = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        for label in (tick.label1, tick.label2)
    }
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in beyond]


def illegible(figure: Figure) -> list[str]:
    """Return the texts that are too small, leave the figure, or touch another."""
    texts = shown_texts(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    small = [f"too small: {text.get_text()}" for text in texts if text.get_fontsize() < SMALLEST]
    outside = [
        f"outside: {words}" for words, box in boxes
        if box.x0 < -1 or box.x1 > figure.bbox.x1 + 1 or box.y0 < -1 or box.y1 > figure.bbox.y1 + 1
    ]  # fmt: skip
    inner = [(words, box.padded(-1.5)) for words, box in boxes]
    touching = [
        f"touching: {a} and {b}" for i, (a, one) in enumerate(inner) for b, two in inner[i + 1 :] if one.overlaps(two)
    ]
    return small + outside + touching


def drawing(figure: Figure, name: str) -> str:
    """Return a figure as pages keep it: the last digits of a layout differ from one drawing to the next, and are not kept."""
    text = io.StringIO()
    with rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return plain_svg(text.getvalue(), "What is seen", name)
