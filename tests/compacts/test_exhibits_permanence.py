"""The pictures of permanence: readable, inside the page, and the same twice."""

import io

import pytest
from matplotlib import rc_context
from matplotlib.text import Text

from compacts import permanence, time_clauses
from compacts.exhibits import lifetimes, style
from compacts.exhibits import permanence as pictures
from compendium.markup import plain_svg

AS_OF, SOURCE = "2026-11-23", "Source, as of a day"
NAMES = ["compacts", "others", "steps", "schedule", "curves", "clauses"]


@pytest.fixture(scope="module")
def figures(table):
    forms = [table(name) for name in ("forms", "form_date_bounds", "mandate_steps")]
    spells = permanence.form_spells(*forms, AS_OF)
    clauses = time_clauses.clauses_of(table("mandate_documents"))
    families = [(name, part.index) for name, part in spells[spells["compact"] == "none"].groupby("family")]
    compacts = [(key, spells.index[spells["compact"] == key]) for key in ("gcm", "gcr")]
    chain = spells.loc[["picmme", "icem", "icm", "iom"]]
    chain = chain.assign(start=chain["start"].where(chain.index != "iom", chain.loc["icm", "end"]))
    lines = [(term, spells[spells["term"] == term], style.PALETTE[i]) for i, term in enumerate(("fixed", "open"))]

    def draw(name):
        return {
            "compacts": lambda: pictures.forms_in_time(spells, compacts, AS_OF, 2016, SOURCE),
            "others": lambda: pictures.forms_in_time(spells, families, AS_OF, 1921, SOURCE, keys=False),
            "steps": lambda: pictures.mandates_in_steps(forms[2], chain, {"unhcr": "A", "unrwa": "B"}, AS_OF, SOURCE),
            "schedule": lambda: pictures.against_schedule(
                time_clauses.schedule(table("forum_events"), table("reporting_cycle"), AS_OF), AS_OF, SOURCE
            ),
            "curves": lambda: lifetimes.survival_panels(
                [("One", lines), ("Two", [("(dashed)open", lines[1][1], lines[1][2])])], 30, 0.95, SOURCE, mark=8
            ),
            "clauses": lambda: lifetimes.clauses(
                [(by, time_clauses.clause_shares(clauses, by), by) for by in ("organ", "decade")], SOURCE
            ),
        }[name]()

    return draw


def shown_texts(figure):
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


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_large_enough_and_inside_the_figure(figures, name):
    figure = figures(name)
    for text in shown_texts(figure):
        box = text.get_window_extent()
        assert text.get_fontsize() >= style.SMALLEST, text.get_text()
        assert box.x0 >= -1, text.get_text()
        assert box.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert box.y0 >= -1, text.get_text()
        assert box.y1 <= figure.bbox.y1 + 1, text.get_text()


@pytest.mark.parametrize("name", NAMES)
def test_no_two_texts_lie_on_each_other(figures, name):
    boxes = [(t.get_text(), t.get_window_extent().padded(-2.5)) for t in shown_texts(figures(name))]
    touching = [(a, b) for i, (a, one) in enumerate(boxes) for b, two in boxes[i + 1 :] if one.overlaps(two)]
    assert touching == []


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_twice(figures, name):
    def svg():
        text = io.StringIO()
        with rc_context({"svg.hashsalt": name}):
            figures(name).savefig(text, format="svg", metadata={"Date": None})
        return plain_svg(text.getvalue(), "as the pages show it: hundredths of a point")

    assert svg() == svg()


def test_every_form_is_named_once(figures):
    words = [t.get_text() for t in shown_texts(figures("compacts"))]
    assert words.count("Global Refugee Forum") == 1
    assert "ERCM ?" in words  # uncertain rows say so
