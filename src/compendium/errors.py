"""What a user can mend is said in one sentence, never as a traceback."""


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
