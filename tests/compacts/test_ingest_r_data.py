"""R data files: types are the project's, and a damaged file is refused."""

import pandas as pd
import pyreadr
import pytest

from compacts.ingest.r_data import read_r_frame
from compendium.errors import UserError

FRAME = pd.DataFrame({
    "year": [2017, 2018, 2019],
    "x": [1.5, None, -2],
    "text": ["é", "NA", None],
    "known": [True, False, True],
    "vote": pd.Categorical(["yes", "no", "yes"]),
})  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "frame.rda"


@pytest.mark.parametrize("compress", ["gzip", None])
def test_numbers_texts_truth_values_and_factors_are_read(path, compress):
    pyreadr.write_rdata(path, FRAME, df_name="frame", compress=compress)
    expected = FRAME.astype({"year": "float64", "x": "float64", "known": "boolean", "text": "str", "vote": "str"})
    got = read_r_frame(path, "frame")
    pd.testing.assert_frame_equal(got.drop(columns="text"), expected.drop(columns="text"))
    assert got["text"].tolist()[:2] == ["é", "NA"]


@pytest.mark.parametrize("kept", [0.1, 0.3, 0.9])
def test_a_file_that_is_cut_is_refused(path, kept):
    pyreadr.write_rdata(path, FRAME, df_name="frame", compress="gzip")
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(UserError, match=r"frame.rda: got \d+ bytes that break off or are no R data file"):
        read_r_frame(path, "frame")


def test_raw_files_that_are_cut_are_refused_and_whole_ones_have_the_rows_that_were_published(raw, path):
    whole = raw("st_un_roll_calls")
    data = whole.read_bytes()
    path.write_bytes(data[: int(0.999 * len(data))])
    with pytest.raises(UserError, match="break off"):
        read_r_frame(path, "un_roll_calls")
    calls = read_r_frame(whole, "un_roll_calls")
    assert len(calls) == 6203
    assert calls["date"].dtype == "datetime64[us]"


def test_a_file_of_another_kind_and_another_object_are_named(path):
    path.write_bytes(b"year,x\n1,2\n")
    with pytest.raises(UserError, match=r"frame.rda: got 11 bytes that break off or are no R data file"):
        read_r_frame(path, "frame")
    pyreadr.write_rdata(path, FRAME, df_name="other")
    with pytest.raises(UserError, match="got the objects other, expected frame"):
        read_r_frame(path, "frame")


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_changed_byte_is_found_by_the_checksum(path, place):
    pyreadr.write_rdata(path, FRAME, df_name="frame", compress="gzip")
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"frame.rda: got \d+ bytes that break off or are no R data file"):
        read_r_frame(path, "frame")
