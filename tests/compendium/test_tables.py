"""Tables: what is written is read again, equal content gives equal bytes, and each fault is named with its place."""

import gzip
import json
import os
import re
import shutil

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import notebook, tables
from compendium.errors import UserError


def resource(*fields, key="key", path="data/tables/example.csv", **constraints):
    """Describe a table of text keys and further columns, each given as (name, type)."""
    described = [{"name": "key", "type": "string", "constraints": {"required": True}}]
    described += [{"name": n, "type": t, "constraints": constraints.get(n, {})} for n, t in fields]
    return {"name": "example", "path": path, "schema": {"fields": described, "primaryKey": [key] if key else []}}


COLUMNS = {
    "integer": st.integers(-(10**17), 10**17),
    "number": st.floats(-1e300, 1e300).map(lambda value: float(f"{value:.10g}") + 0.0),
    "boolean": st.booleans(),
    "date": st.dates(),
    "string": st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1),
}
DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[us]", "string": "str"}


@st.composite
def frames(draw):
    """A frame with a column of each type, missing cells included, and unique text keys."""
    keys = draw(st.lists(COLUMNS["string"], min_size=1, max_size=6, unique=True))
    columns = {
        kind: pd.array(draw(st.lists(st.none() | values, min_size=len(keys), max_size=len(keys))), dtype=DTYPES[kind])
        for kind, values in COLUMNS.items()
    }
    return pd.DataFrame({"key": pd.array(keys, dtype="str"), **columns})


@given(frames(), st.sampled_from(["example.csv", "example.csv.gz"]), st.randoms())
def test_what_is_written_is_read_again_and_the_bytes_do_not_depend_on_the_order_of_rows(
    tmp_path_factory, frame, name, order
):
    described = resource(*((kind, kind) for kind in COLUMNS))
    path = tmp_path_factory.mktemp("tables") / name
    tables.write_table(frame, path, described)
    first = path.read_bytes()
    again = tables.read_frame(path, described)
    expected = frame.sort_values("key", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(again, expected)
    rows = list(range(len(frame)))
    order.shuffle(rows)
    tables.write_table(frame.iloc[rows], path, described)
    assert path.read_bytes() == first


def test_bytes_are_as_described():
    frame = pd.DataFrame({
        "key": pd.array(["b", "a"], dtype="str"),
        "n": pd.array([None, 12], dtype="Int64"),
        "x": [-0.0, 1 / 3],
        "yes": [True, False],
        "day": pd.to_datetime(["2018-12-19", None]).astype("datetime64[us]"),
        "text": pd.array(['a "b", c', "NA"], dtype="str"),
    })  # fmt: skip
    described = resource(("n", "integer"), ("x", "number"), ("yes", "boolean"), ("day", "date"), ("text", "string"))
    assert written(frame, described, "t.csv") == (
        b"key,n,x,yes,day,text\n"
        b"a,12,0.3333333333,false,,NA\n"
        b'b,,0,true,2018-12-19,"a ""b"", c"\n'
    )  # fmt: skip


def written(frame, described, name):
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        tables.write_table(frame, f"{folder}/{name}", described)
        with open(f"{folder}/{name}", "rb") as file:
            return file.read()


def test_a_packed_table_has_neither_name_nor_time_in_its_header():
    frame = pd.DataFrame({"key": ["a"]}, dtype="str")
    packed = written(frame, resource(), "t.csv.gz")
    assert packed[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    assert gzip.decompress(packed) == b"key\na\n"


def test_the_code_of_namibia_is_a_value_and_only_the_empty_cell_is_missing(tmp_path):
    path = tmp_path / "example.csv"
    path.write_bytes(b"key,text\nNAM,NA\nXXX,\nYYY,null\n")
    assert tables.read_frame(path, resource(("text", "string")))["text"].fillna("(missing)").tolist() == [
        "NA",
        "(missing)",
        "null",
    ]


def test_required_columns_are_plain_numbers_and_truth_values(tmp_path):
    path = tmp_path / "example.csv"
    path.write_bytes(b"key,n,yes\na,9007199254740993,true\n")
    described = resource(("n", "integer"), ("yes", "boolean"), n={"required": True}, yes={"required": True})
    frame = tables.read_frame(path, described)
    assert frame.dtypes.astype(str).tolist() == ["str", "int64", "bool"]
    assert frame["n"].iloc[0] == 2**53 + 1


FAULTS = {
    "a word for a number": (b"a,1,x\nb,MMXX,y\n", "line 3, column n: got 'MMXX', expected a whole number"),
    "a decimal for a whole number": (b"a,1.5,x\n", "line 2, column n: got '1.5', expected a whole number"),
    "a number below the minimum": (b"a,1,x\nb,-1,y\n", "line 3, column n: got -1, expected at least 0"),
    "an unknown value": (b"a,1,z\n", "line 2, column text: got 'z', expected one of x, y, p"),
    "a key twice": (b"a,1,x\nb,1,x\na,2,y\n", "line 4, column key: got 'a' a second time, expected each key once"),
    "a missing required cell": (b"a,1,x\n,1,y\n", "line 3, column key: got an empty cell, expected a value"),
    "a row too long": (b"a,1,x\nb,1,y,z\n", "got a row with more cells than the header"),
    "all rows too long": (b"a,1,x,q\nb,1,y,z\n", "line 2: got more cells than the header has columns"),
    "bytes in Latin-1": ("a,1,x\nb,1,é\n".encode("latin-1"), "line 3: got the byte 0xe9, expected UTF-8"),
    "a line break in a cell above": (b'"a\na",1,x\nb,2,z\n', "line 4, column text: got 'z'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_with_file_line_and_remedy(tmp_path, fault):
    rows, expected = FAULTS[fault]
    path = tmp_path / "example.csv"
    path.write_bytes(b"key,n,text\n" + rows)
    described = resource(("n", "integer"), ("text", "string"), n={"minimum": 0}, text={"enum": ["x", "y", "p"]})
    with pytest.raises(UserError) as caught:
        tables.read_frame(path, described)
    message = str(caught.value)
    assert message.startswith("data/tables/example.csv")
    assert expected in message
    assert "; " in message
    assert "\n" not in message


def test_a_renamed_column_is_named_with_the_columns_expected(tmp_path):
    path = tmp_path / "example.csv"
    path.write_bytes(b"key,m\na,1\n")
    with pytest.raises(UserError, match=r"line 1: got no column n and the undescribed column m, expected key, n"):
        tables.read_frame(path, resource(("n", "integer")))


def test_a_packed_table_that_is_cut_off_is_told_so(tmp_path):
    described = resource(path="data/tables/example.csv.gz")
    path = tmp_path / "example.csv.gz"
    tables.write_table(pd.DataFrame({"key": [f"k{n}" for n in range(999)]}, dtype="str"), path, described)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match=r"damaged gzip file .*; rebuild it with run_all.py ingest"):
        tables.read_frame(path, described)


@pytest.fixture
def package(tmp_path):
    """A checkout with two tables, the second of which refers to the first."""
    first, second = resource(path="first.csv"), resource(("other", "string"), path="second.csv")
    first["name"], second["name"] = "first", "second"
    second["schema"]["foreignKeys"] = [{"fields": "other", "reference": {"resource": "first", "fields": "key"}}]
    (tmp_path / "data").mkdir()
    (tmp_path / "data/datapackage.json").write_text(json.dumps({"resources": [first, second]}))
    (tmp_path / "data/first.csv").write_text("key\na\n")
    (tmp_path / "data/second.csv").write_text("key,other\nx,a\ny,b\nz,\n")
    return tmp_path


def test_an_unknown_table_is_refused_with_the_nearest_name(package):
    with pytest.raises(UserError, match="got no table 'frist', did you mean first"):
        tables.read_table("frist", package)


def test_a_reference_without_its_row_is_found(package):
    (finding,) = tables.check_foreign_keys("second", package)
    assert finding.startswith("data/second.csv, column other: got 1 values without a row in first (first 'b')")


def test_a_description_that_changed_is_read_again(package):
    assert list(tables.read_table("first", package).columns) == ["key"]
    path = package / "data/datapackage.json"
    text = re.sub(r'"name": "key"', '"name": "code"', path.read_text(), count=1)
    shutil.copy(path, package / "old.json")
    path.write_text(text)
    with pytest.raises(UserError, match="no column code"):
        tables.read_table("first", package)


def test_a_notebook_may_change_what_it_read_and_reads_a_changed_file_again(package, monkeypatch):
    monkeypatch.setattr(notebook, "root", lambda: package)
    frame = notebook.read_table("first")
    frame.loc[0, "key"] = "changed"
    assert notebook.read_table("first")["key"].tolist() == ["a"]
    path = package / "data/first.csv"
    path.write_text("key\na\nc\n")
    os.utime(path, ns=(1, 1))
    assert notebook.read_table("first")["key"].tolist() == ["a", "c"]


def test_some_columns_of_a_table_are_those_of_the_whole_and_only_they_are_checked(tmp_path):
    path = tmp_path / "example.csv"
    path.write_text("key,n,day\na,1,2020-01-01\nb,,2021-05-05\n", encoding="utf-8")
    described = resource(("n", "integer"), ("day", "date"))
    whole = tables.read_frame(path, described)
    for only in (["n"], ["day", "key"]):
        part = tables.read_frame(path, described, only)
        pd.testing.assert_frame_equal(part, whole[[name for name in whole if name in only]])
    path.write_text("key,n,day\na,1,soon\na,2,2021-05-05\n", encoding="utf-8")
    assert tables.read_frame(path, described, ["n"])["n"].tolist() == [1, 2]
    with pytest.raises(UserError, match=r"line 3, column key: got 'a' a second time"):
        tables.read_frame(path, described, ["n", "key"])
    with pytest.raises(UserError, match=r"line 2, column day: got 'soon'"):
        tables.read_frame(path, described, ["day"])


def test_a_column_that_a_table_lacks_is_named(tmp_path):
    path = tmp_path / "example.csv"
    path.write_text("key,n\na,1\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"example\.csv: got no column colour, expected some of key, n"):
        tables.read_frame(path, resource(("n", "integer")), ["n", "colour"])
