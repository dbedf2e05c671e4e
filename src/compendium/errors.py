"""What a user can mend is said in one sentence, never as a traceback."""

import argparse
import difflib
from collections.abc import Iterable
from typing import NoReturn


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


class Parser(argparse.ArgumentParser):
    """A parser of arguments that answers a wrong one with one sentence.

    Examples
    --------
    >>> Parser(prog="run_all.py check").parse_args(["--fast"])
    Traceback (most recent call last):
    ...
    compendium.errors.UserError: check: unrecognized arguments: --fast; run_all.py check --help tells what there is
    """

    def error(self, message: str) -> NoReturn:
        """Raise the sentence."""
        command = self.prog.removeprefix("run_all.py").strip()
        raise UserError(f"{f'{command}: ' if command else ''}{message}; {self.prog} --help tells what there is")


def jobs(text: str) -> int:
    """Return the number that ``--jobs`` asks for.

    Examples
    --------
    >>> jobs("2")
    2
    """
    if text.isdigit() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"got {text!r}, expected a whole number above 0")
