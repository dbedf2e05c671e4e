"""Published figures answered from our tables, by rules that stand beside them in ``data/coded/published_rules.csv``.

A rule names a table, the rows (``year=2019;code=COL|PAK``, with ``=``, ``>=``, ``<=`` or ``~`` for a part of a text; ``last>=2014|`` also takes an empty cell), the columns
to add up (``refugees+others_in_need``) and how: their ``sum``, the ``count`` of different values, the ``text`` itself, or either
as ``percent of`` other rows. ``times`` turns the unit of the table into that of the figure. Ours is rounded as the published
figure is; ``bound`` says that the published words give only a bound (over, under).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from compendium.errors import UserError

FILE = "data/coded/published_rules.csv"
UNANSWERED = "not answered"
BY_HAND = ("forum_events", "fund_figures")  # answers from these may come from the page that published the figure
REASONS = ("rounding", "revision", "definition", "our gap")
Read = Callable[[str], pd.DataFrame]
_CONDITION = re.compile(r"(\w+)(>=|<=|=|~)(.*)")
_COMPARE: Mapping[str, Callable[[pd.Series, str], pd.Series]] = {
    "=": lambda column, value: _words(column).isin(value.split("|")),
    "~": lambda column, value: _words(column).str.contains(value, regex=False),
    ">=": lambda column, value: (
        column.ge(float(value.rstrip("|"))).fillna(value=False) | (column.isna() & value.endswith("|"))
    ),
    "<=": lambda column, value: (
        column.le(float(value.rstrip("|"))).fillna(value=False) | (column.isna() & value.endswith("|"))
    ),
}


def answers(read: Read, only: Collection[str] = ()) -> pd.DataFrame:
    """Return the published figures that a rule answers.

    Parameters
    ----------
    read : callable
        Returns a table by name.
    only : collection of str
        Tables whose rules are wanted; all without it.

    Returns
    -------
    DataFrame
        ``figure_id``, ``statement``, ``theirs`` and ``ours`` (texts, ours rounded as theirs is), ``unit``, ``difference`` (ours
        less theirs after rounding; 0 within a bound; missing for dates that differ), ``equal``, ``reason``, ``explanation``,
        ``table``, ``made`` (from raw files, or by hand), ``confidence``, ``published_in``.

    Raises
    ------
    UserError
        For a rule that names an unknown table or column, or cannot be read: it gives the figure.
    """
    rules = read("published_rules")
    figures = read("published_figures").merge(rules, on="figure_id", validate="1:1")
    tables: dict[str, pd.DataFrame] = {}
    rows = []
    wanted = (figures["how"] != UNANSWERED) & (figures["table"].isin(list(only)) | (not only))
    for record in figures[wanted].to_dict("records"):
        rule = {str(key): value for key, value in record.items()}
        name = str(rule["table"])
        if name not in tables:
            tables[name] = read(name)
        ours = evaluate(tables[name], rule)
        rows.append(_compared(rule, ours))
    members = read("un_members")
    names = {**dict(zip(members["iso3"], members["name"], strict=True)), "EUU": "European Union"}
    return pd.DataFrame([row | {"statement": spelled_out(str(row["statement"]), names)} for row in rows])


def spelled_out(statement: str, names: Mapping[str, str]) -> str:
    """Return a statement with the codes of states as names.

    Examples
    --------
    >>> spelled_out("Contribution to UNHCR in 2015 by KWT", {"KWT": "Kuwait"})
    'Contribution to UNHCR in 2015 by Kuwait'
    """
    return re.sub(r"\b[A-Z]{3}\b", lambda code: names.get(code[0], code[0]), statement)


def unanswered(read: Read) -> pd.DataFrame:
    """Return ``figure_id``, ``statement`` and ``explanation`` of the figures that no table answers."""
    figures = read("published_figures").merge(read("published_rules"), on="figure_id", validate="1:1")
    return figures.loc[figures["how"] == UNANSWERED, ["figure_id", "statement", "explanation"]].reset_index(drop=True)


def evaluate(frame: pd.DataFrame, rule: Mapping[str, object]) -> float | str:
    """Return what a rule finds in a table.

    Raises
    ------
    UserError
        For conditions, columns or a way that the vocabulary does not have, and for a sum over no rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [1, 1, 2], "code": ["A", "B", "A"], "people": [3, 4, 5]})
    >>> evaluate(frame, {"figure_id": "f", "rows": "year=1", "columns": "people", "how": "sum", "times": 10.0})
    70.0
    >>> evaluate(frame, {"figure_id": "f", "rows": "year=1;code=A", "columns": "people", "how": "percent of year=1", "times": 1.0})
    42.857142857142854
    """
    where = f"{FILE}, {rule['figure_id']}"
    how, percent, others = str(rule["how"]).partition("percent of ")
    how = how.strip() or "sum"
    columns = str(rule["columns"]).split("+")
    lost = [column for column in columns if column not in frame.columns]
    if lost:
        raise UserError(
            f"{where}: got the column {lost[0]!r}, expected one of {', '.join(frame.columns)}; correct the rule"
        )
    chosen = select(frame, _text(rule["rows"]), where)
    if how == "text":
        if len(chosen) != 1:
            raise UserError(f"{where}: got {len(chosen)} rows, expected one; correct its rows")
        return str(_words(chosen[columns[0]]).iloc[0])
    found = _amount(chosen, columns, how, where)
    if percent:
        found = 100 * found / _amount(select(frame, others, where), columns, how, where)
    return found * float(str(rule["times"]))


def select(frame: pd.DataFrame, conditions: str, where: str) -> pd.DataFrame:
    """Return the rows that meet all conditions; see the module's text for their form."""
    for condition in conditions.split(";"):
        read = _CONDITION.fullmatch(condition)
        if not read or read[1] not in frame.columns:
            raise UserError(
                f"{where}: got the condition {condition!r}, expected COLUMN=VALUE with a column of the table; correct the rule"
            )
        frame = frame[_COMPARE[read[2]](frame[read[1]], read[3])]
    return frame


def problems(read: Read) -> Iterator[str]:
    """Yield a sentence for each figure without a rule, rule without a figure, and difference without a reason."""
    figures, rules = set(read("published_figures")["figure_id"]), read("published_rules")
    for name in sorted(figures - set(rules["figure_id"])):
        yield f"{FILE}: has no row for the published figure {name}; answer it, or say why it cannot be answered"
    for name in sorted(set(rules["figure_id"]) - figures):
        yield f"{FILE}: has a row for {name}, which is no published figure; take it out"
    try:
        found = answers(read)
    except UserError as error:
        yield str(error)
        return
    for row in found.itertuples():
        if not row.equal and not (row.reason and row.explanation):
            yield f"{FILE}, {row.figure_id}: ours is {row.ours}, published is {row.theirs} {row.unit}; give the reason and the explanation"
        if row.equal and row.reason:
            yield f"{FILE}, {row.figure_id}: gives the reason {row.reason!r} for a difference that is not there; take it out"


def _amount(rows: pd.DataFrame, columns: list[str], how: str, where: str) -> float:
    if how == "count":
        return float(
            rows[columns[0]].nunique() if rows[columns[0]].dtype != "float64" else rows[columns[0]].notna().sum()
        )
    if how != "sum":
        raise UserError(f"{where}: got the way {how!r}, expected sum, count, text or percent of; correct the rule")
    numbers = rows[columns].apply(pd.to_numeric, errors="coerce")
    if not numbers.notna().to_numpy().any():
        raise UserError(f"{where}: got no numbers in {len(rows)} rows, expected at least one; correct its rows")
    return float(numbers.sum().sum())


def _words(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Return a column as the texts that stand in the file."""
    if pd.api.types.is_bool_dtype(column.dtype):
        words = column.map({True: "true", False: "false"})
    elif column.dtype.kind == "M":
        words = column.dt.strftime("%Y-%m-%d")
    elif column.dtype == "float64":
        words = column.map(lambda value: f"{value:.10g}")
    else:
        words = column
    return words.astype("str")


def _compared(rule: Mapping[str, object], ours: float | str) -> dict[str, object]:
    """Return a figure with our value, rounded as the published one is, and the difference."""
    theirs, bound = str(rule["value"]), _text(rule["bound"])
    difference: float | None = None
    if isinstance(ours, str):
        equal, told = ours == theirs, ours
        difference = 0.0 if equal else None
    else:
        decimals = _decimals(theirs)
        rounded = round(ours, decimals)
        told = f"{rounded:.{max(decimals, 0)}f}"
        held = {"over": ours >= float(theirs), "under": ours <= float(theirs)}.get(bound, False)
        difference = 0.0 if held else round(rounded - float(theirs), decimals)
        equal = difference == 0
    path = "by hand" if str(rule["table"]) in BY_HAND else "from raw files"
    return {
        "figure_id": rule["figure_id"], "statement": rule["statement"], "theirs": theirs, "ours": told, "unit": rule["unit"],
        "difference": difference, "equal": equal, "reason": _text(rule["reason"]), "explanation": _text(rule["explanation"]),
        "table": rule["table"], "made": path, "confidence": rule["confidence"], "published_in": rule["published_in"],
    }  # fmt: skip


def _decimals(published: str) -> int:
    """Return the decimals to which a number was published; from ten thousand on, zeros at its end are rounding.

    Examples
    --------
    >>> [_decimals(number) for number in ("4.20", "28", "3000", "317200")]
    [2, 0, 0, -2]
    """
    whole, point, decimals = published.partition(".")
    if point or len(whole) < 5:
        return len(decimals)
    return len(whole.rstrip("0")) - len(whole)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
