"""Makers: a reader is led from an exhibit to the function and the file that made it."""

from pathlib import Path

from compendium.makers import makers

ROOT = Path(__file__).parents[2]
STYLE = "src/compacts/exhibits/style.py"


def test_a_call_leads_to_its_function_however_it_was_imported():
    cells = [
        "from compacts.exhibits import style\nfrom compacts.exhibits.style import spread as apart\nimport compacts.exhibits.style as s",
        "style.canvas(2)",
        "apart([1], 2)",
        "s.text_on('#000000')",
    ]
    assert makers(cells, ROOT) == [[], [("canvas", STYLE)], [("spread", STYLE)], [("text_on", STYLE)]]


def test_a_name_leads_one_step_back_to_the_cell_that_assigned_it():
    cells = [
        "from compacts.exhibits import style",
        "places = style.spread([1, 2], 3)",
        "sorted(places)",
        "x = 1",
        "print(x)",
    ]
    assert makers(cells, ROOT)[2] == [("spread", STYLE)]
    assert makers(cells, ROOT)[4] == []


def test_of_a_cell_with_many_lines_only_the_line_that_made_the_name_counts():
    cells = [
        "from compacts.exhibits import style",
        "a = style.spread([1], 2)\nb = style.text_on('#000000')",
        "print(b)",
    ]
    assert makers(cells, ROOT)[2] == [("text_on", STYLE)]


def test_libraries_the_machinery_and_magics_are_left_out():
    cells = [
        "import pandas as pd\nfrom compendium.notebook import claim",
        "%time x",
        "pd.DataFrame()\nclaim('a')\nlen([])",
    ]
    assert makers(cells, ROOT) == [[], [], []]
