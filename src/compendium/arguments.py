"""Arguments of commands: a wrong one is answered like any other bad input, with one sentence."""

import argparse
from typing import NoReturn

from compendium.errors import UserError


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
