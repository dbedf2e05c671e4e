"""What a user can mend is said in one sentence, never as a traceback."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something that the user can mend: one sentence with what, where, got, expected, and what to do.

    The command line prints the sentence and ends with ``exit_code``; every other exception is a fault of
    ours and shows its traceback.

    Examples
    --------
    >>> raise UserError("data/x.csv, row 3, column year: got 'MMXX', expected a whole number; correct the cell")
    Traceback (most recent call last):
    ...
    compendium.errors.UserError: data/x.csv, row 3, column year: got 'MMXX', expected a whole number; correct the cell
    """

    exit_code = 2


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint at the nearest name, or nothing.

    Examples
    --------
    >>> nearest("first_sesion", ["first_session", "seed"])
    ', did you mean first_session?'
    """
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f", did you mean {near[0]}?" if near else ""
