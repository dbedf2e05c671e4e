"""Tables as ``data/datapackage.json`` describes them: read with types, written byte for byte, validated.

The description is a Frictionless Data Package (Data Package 1, Table Schema): one tabular resource a table, with the
meaning, unit, missing values and source of every column. Only the empty cell is missing: ``NA`` is Namibia.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.datapackage import PACKAGE, Resource, fields, keys, listed, read_resource
from compendium.errors import UserError

SIGNIFICANT_DIGITS = 10
_EXPECTED = {
    "integer": "a whole number",
    "number": "a finite number",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
    "string": "a text",
}


def read_table(name: str, root: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table, or some of its columns, with the types that its description declares, checked against it.

    Text is ``str``, whole numbers ``int64`` (``Int64`` where the column may have missing cells), numbers
    ``float64``, truth values ``bool`` (or ``boolean``), dates ``datetime64[us]``. Columns keep the declared order. Of a wide table only the columns asked for are
    parsed and checked, and the key only where it is among them.

    Raises
    ------
    UserError
        For an unknown table or column, and for a file that is not as described: file, line, column, got, expected, remedy.
    """
    resource = read_resource(name, root)
    return read_frame(Path(root) / resource["path"], resource, columns)


def read_frame(path: Path, resource: Resource, only: Sequence[str] = ()) -> pd.DataFrame:
    """Return the file at ``path`` typed and validated as ``resource`` says; see `read_table`."""
    text = _read_text(path, resource, only)
    if only:
        resource = _narrowed(resource, only)
    columns = {field["name"]: _typed(text[field["name"]], field, path, resource) for field in fields(resource)}
    frame = pd.DataFrame(columns)
    validate(frame, resource, path)
    return frame


def write_table(frame: pd.DataFrame, path: Path, resource: Resource | None = None) -> None:
    """Write a table so that equal content gives equal bytes.

    Rows are sorted by the primary key of ``resource`` (without it they keep their order), numbers have at most ten
    significant digits, whole numbers no point, truth values are ``true`` and ``false``, missing cells are empty.
    UTF-8, line feeds, and for ``.csv.gz`` a header without name and time.
    """
    if resource is not None:
        frame = frame[[field["name"] for field in fields(resource)]]
        if resource["schema"].get("primaryKey"):
            frame = frame.sort_values(keys(resource), kind="stable")
    text = pd.DataFrame({name: _written(frame[name]) for name in frame.columns})
    data = text.to_csv(index=False, lineterminator="\n").encode("utf-8")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        packed = BytesIO()
        # GzipFile writes the same header on every system; gzip.compress leaves it to the C library
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
            file.write(data)
        data = packed.getvalue()
    path.write_bytes(data)


def validate(frame: pd.DataFrame, resource: Resource, path: Path) -> None:
    """Check a typed frame against its description: columns, keys, and the constraints of each column.

    Constraints: ``required``, ``unique``, ``enum``, ``minimum``, ``maximum``, ``pattern``. Foreign keys need a second
    table and are checked by `check_foreign_keys`.

    Raises
    ------
    UserError
        With the line of the first cell that is not as described.
    """
    names = [field["name"] for field in fields(resource)]
    _same_columns(list(frame.columns), names, path, resource)
    for field in fields(resource):
        column, constraints = frame[field["name"]], field.get("constraints", {})
        present = column.dropna()
        if constraints.get("required") and len(present) < len(column):
            _fail(path, resource, column.isna(), field["name"], "an empty cell", "a value")
        for key, expected, wrong in _tests(present, constraints):
            if key in constraints and wrong().any():
                bad = wrong()
                got = repr(_plain(present[bad].iloc[0]))
                _fail(path, resource, bad.reindex(column.index, fill_value=False), field["name"], got, expected)
    key_columns = keys(resource)
    if key_columns and len(frame):
        for key in key_columns:
            if frame[key].isna().any():
                _fail(
                    path, resource, frame[key].isna(), key, "an empty cell", "a value, as the column is part of the key"
                )
        twice = frame.duplicated(key_columns)
        if twice.any():
            got = " ".join(str(_plain(value)) for value in frame.loc[twice, key_columns].iloc[0])
            _fail(path, resource, twice, "+".join(key_columns), f"{got!r} a second time", "each key once")


def check_foreign_keys(name: str, root: Path) -> list[str]:
    """Return a sentence for each foreign key of the table that has values without a row in the other table."""
    resource, findings = read_resource(name, root), []
    for key in resource["schema"].get("foreignKeys", []):
        own, other = listed(key["fields"]), listed(key["reference"]["fields"])
        there = read_table(key["reference"]["resource"] or name, root)[other]
        here = read_table(name, root)[own].dropna().drop_duplicates()
        lost = here.merge(there.drop_duplicates(), how="left", left_on=own, right_on=other, indicator="found")
        lost = lost.loc[lost["found"] == "left_only", own]
        if len(lost):
            first = " ".join(map(str, lost.iloc[0]))
            findings.append(
                f"{resource['path']}, column {'+'.join(own)}: got {len(lost)} values without a row in "
                f"{key['reference']['resource']} (first {first!r}); add the row or correct the value"
            )
    return findings


def _shown(path: Path, resource: Resource) -> str:
    """Return the path to name in a message: the declared one for a table of the package."""
    declared = str(resource.get("path", ""))
    return declared if declared and Path(declared).name == Path(path).name else Path(path).name


def _remedy(resource: Resource) -> str:
    made = str(resource.get("path", "")).startswith("data/tables/")
    return (
        "rebuild it with run_all.py ingest, or restore it from git" if made else "correct the cell, or its description"
    )


def _narrowed(resource: Resource, only: Sequence[str]) -> Resource:
    """Return the description of some columns of a table."""
    schema = resource["schema"]
    kept = {"fields": [field for field in schema["fields"] if field["name"] in set(only)]}
    if set(keys(resource)) <= set(only):
        kept["primaryKey"] = schema.get("primaryKey", [])
    return {**resource, "schema": kept}


def _read_text(path: Path, resource: Resource, only: Sequence[str] = ()) -> pd.DataFrame:
    where, remedy = _shown(path, resource), _remedy(resource)
    try:
        data = Path(path).read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except FileNotFoundError:
        raise UserError(f"{where}: not found, expected the table {resource['name']}; {remedy}") from None
    except (EOFError, OSError, zlib.error) as error:
        raise UserError(f"{where}: got a damaged gzip file ({error}), expected a whole one; {remedy}") from None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise UserError(
            f"{where}, line {line}: got the byte 0x{byte:02x}, expected UTF-8; save the file as UTF-8"
        ) from None
    header = next(csv.reader([data.split(b"\n", 1)[0].decode("utf-8-sig")]), [])
    _same_columns(header, [field["name"] for field in fields(resource)], path, resource)
    if strange := sorted(set(only) - set(header)):
        raise UserError(f"{where}: got no column {strange[0]}, expected some of {', '.join(header)}; correct the name")
    try:
        text = pd.read_csv(
            BytesIO(data),
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
            usecols=list(only) or None,
        )
    except pd.errors.ParserError as error:
        raise UserError(
            f"{where}: got a row with more cells than the header ({str(error).strip()}); {remedy}"
        ) from None
    if not isinstance(text.index, pd.RangeIndex):
        raise UserError(f"{where}, line 2: got more cells than the header has columns; {remedy}")
    return text


def _same_columns(got: list[str], names: list[str], path: Path, resource: Resource) -> None:
    lost, extra = [n for n in names if n not in got], [n for n in got if n not in names]
    if lost or extra:
        told = [f"no column {', '.join(lost)}"] * bool(lost) + [
            f"the undescribed column {', '.join(map(str, extra))}"
        ] * bool(extra)
        raise UserError(
            f"{_shown(path, resource)}, line 1: got {' and '.join(told)}, expected {', '.join(names)}; "
            f"rename the columns, or describe them in {PACKAGE}"
        )


def _typed(text: "pd.Series[Any]", field: Mapping[str, Any], path: Path, resource: Resource) -> "pd.Series[Any]":
    kind = field["type"]
    if kind not in _EXPECTED:
        where = f"{PACKAGE}, table {resource['name']}, column {field['name']}"
        raise UserError(f"{where}: got type {kind!r}, expected one of {', '.join(_EXPECTED)}")
    if kind == "string":
        return text.astype("str")
    # each distinct text is parsed once: columns of counts repeat a lot
    codes, distinct = pd.factorize(text)
    typed = _parsed(pd.Series(distinct), kind).reindex(codes).reset_index(drop=True)
    wrong = typed.isna() & text.notna()
    if wrong.any():
        _fail(path, resource, wrong, field["name"], repr(text[wrong].iloc[0]), _EXPECTED[kind])
    if field.get("constraints", {}).get("required") and not typed.isna().any():
        return typed.astype("int64" if kind == "integer" else "bool") if kind in ("integer", "boolean") else typed
    return typed


def _parsed(text: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    if kind == "boolean":
        return text.map({"true": True, "false": False}).astype("boolean")
    if kind == "date":
        return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    if kind == "integer":
        # through text, as a float on the way would round numbers above 2**53
        whole = text.astype("str").str.fullmatch(r"-?[0-9]{1,18}")
        return text.where(whole).map(int, na_action="ignore").astype("Int64")
    number = pd.to_numeric(text, errors="coerce").astype("float64")
    return number.where(number.abs() != float("inf"))


def _written(column: "pd.Series[Any]") -> "pd.Series[Any]":
    missing = column.isna()
    if pd.api.types.is_bool_dtype(column.dtype):
        text = column.map({True: "true", False: "false"})
    elif pd.api.types.is_float_dtype(column.dtype):
        # adding zero turns -0.0 into 0.0
        text = column.map(lambda value: f"{value + 0.0:.{SIGNIFICANT_DIGITS}g}")
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        text = column.dt.strftime("%Y-%m-%d")
    else:
        text = column.astype("str")
    return text.astype("object").where(~missing, None)


def _tests(
    present: "pd.Series[Any]", limits: Mapping[str, Any]
) -> "list[tuple[str, str, Callable[[], pd.Series[bool]]]]":
    return [
        ("unique", "each value once", present.duplicated),
        ("enum", f"one of {', '.join(map(str, limits.get('enum', [])))}", lambda: ~present.isin(limits["enum"])),
        ("minimum", f"at least {limits.get('minimum')}", lambda: present < limits["minimum"]),
        ("maximum", f"at most {limits.get('maximum')}", lambda: present > limits["maximum"]),
        ("pattern", f"the form {limits.get('pattern')}", lambda: _misshapen(present, limits["pattern"])),
    ]


def _misshapen(present: "pd.Series[Any]", pattern: str) -> "pd.Series[bool]":
    """Whether each text has another form; each distinct text is matched once, as codes repeat a lot."""
    codes, distinct = pd.factorize(present)
    right = pd.Series(distinct, dtype="str").str.fullmatch(pattern).to_numpy(dtype=bool)
    return pd.Series(~right[codes], present.index)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _fail(path: Path, resource: Resource, wrong: "pd.Series[bool]", column: str, got: str, expected: str) -> None:
    position = int(wrong.to_numpy(dtype=bool).argmax())
    raise UserError(
        f"{_shown(path, resource)}, line {_line(path, position)}, column {column}: got {got}, expected {expected}; {_remedy(resource)}"
    )


def _line(path: Path, position: int) -> int:
    """Return the line of the row at this position; quoted cells may hold line breaks, so the file is walked."""
    if not Path(path).is_file():
        return position + 2
    opened = gzip.open if Path(path).suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        for _, _ in zip(range(position + 1), rows, strict=False):
            pass
        return rows.line_num + 1
