"""Numbers in raw files: the first wrong cell is named with its row as it stands in the file."""

from pathlib import Path

import pandas as pd
import pytest

from compacts.ingest.numeric import numbers, require_codes, require_known, whole_years
from compendium.errors import UserError

PATH = Path("raw/owner/repository/file.csv")
FAULTS = {
    "text": (["1", "two"], {}, "row 3, column v: got 'two', expected a number;"),
    "a comma for thousands": (["1,000", "2"], {}, "row 2, column v: got '1,000', expected a number;"),
    "infinite": (["1", "inf"], {}, "row 3, column v: got 'inf', expected a number;"),
    "not whole": (["1.5", "2"], {"whole": True}, "row 2, column v: got '1.5', expected a whole number;"),
    "empty": (["1", ""], {}, "row 3, column v: got an empty cell, expected a number;"),
    "too low": ([-1.0, 0.0], {"minimum": 0}, "row 2, column v: got -1.0, expected a number not below 0;"),
    "too high": ([1.0, 3.0], {"minimum": 0, "maximum": 2}, "row 3, column v: got 3.0, expected a number from 0 to 2;"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_number_is_named(fault):
    values, options, message = FAULTS[fault]
    with pytest.raises(UserError, match="owner/repository/file.csv, " + message):
        numbers(pd.DataFrame({"v": values}), "v", PATH, **options)


def test_an_empty_cell_may_be_allowed():
    assert numbers(pd.DataFrame({"v": ["", "2"]}), "v", PATH, empty=True).fillna(-1).tolist() == [-1, 2]


def test_the_row_is_that_of_the_file_after_rows_were_filtered_out():
    frame = pd.DataFrame({"v": ["1", "2", "x"]}).iloc[1:]
    with pytest.raises(UserError, match="row 4, column v"):
        numbers(frame, "v", PATH)


def test_years_are_whole_and_in_range():
    assert whole_years(pd.DataFrame({"v": [2000.0, 2001.0]}), "v", PATH).tolist() == [2000, 2001]
    with pytest.raises(UserError, match=r"got 3000.0, expected a whole number from 1400 to 2200"):
        whole_years(pd.DataFrame({"v": [3000.0]}), "v", PATH)


def test_codes_and_values_are_those_that_are_known():
    require_codes(pd.DataFrame({"v": ["KEN", "AB9"]}), "v", PATH)
    with pytest.raises(UserError, match="row 2, column v: got 'Kenya', expected a country code"):
        require_codes(pd.DataFrame({"v": ["Kenya"]}), "v", PATH)
    with pytest.raises(UserError, match="row 3, column v: got 'x', expected one of a, b"):
        require_known(pd.DataFrame({"v": ["a", "x"]}), "v", ["a", "b"], PATH)
