"""The pictures of permanence: readable, inside the page, and the same twice."""

import pytest
from legible import drawing, illegible, shown_texts

from compacts import permanence, time_clauses
from compacts.exhibits import lifetimes, style
from compacts.exhibits import permanence as pictures

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


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_large_enough_inside_the_figure_and_apart_from_others(figures, name):
    assert illegible(figures(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_twice(figures, name):
    assert drawing(figures(name), name) == drawing(figures(name), name)


def test_every_form_is_named_once(figures):
    words = [t.get_text() for t in shown_texts(figures("compacts"))]
    assert words.count("Global Refugee Forum") == 1
    assert "ERCM ?" in words  # uncertain rows say so
