"""What is wrong with an input, said so that a person can mend it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from survey.identifiers import redact

LONGEST = 60
"""Values are quoted up to so many characters."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one input.

    Parameters
    ----------
    what
        The complaint in words: ``"9 is outside the scale"``.
    file, row, column, value
        Where it stands: file name, line number as an editor or a spreadsheet counts (from 1),
        column heading or key, and the value found. Empty where it does not apply. A value that neither
        `what` nor `column` says is told after them.
    allowed
        What would have been right, or what to do next.

    Examples
    --------
    >>> print(Problem("9 is outside the scale", file="2025.csv", row=40, column="Q7", allowed="1-5"))
    2025.csv, row 40, Q7: 9 is outside the scale. Allowed: 1-5
    """

    what: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row is not None else ""
        where = ", ".join(part for part in (self.file, row, self.column) if part)
        text = f"{where}: {self.what}" if where else self.what
        if not _says(f"{self.column} {self.what}", self.value) and len(self.value) <= LONGEST:
            text += f", found {_quoted(self.value)}"
        if self.allowed.startswith("did you mean"):
            return f"{text}; {self.allowed}"
        return f"{text}. Allowed: {self.allowed}" if self.allowed else text


class InputError(Exception):
    """Every problem found in an input, raised once.

    Examples
    --------
    >>> raise InputError([Problem("is empty", file="a.csv"), Problem("is missing", file="b.csv")])
    Traceback (most recent call last):
    survey.problems.InputError: 2 problems
    a.csv: is empty
    b.csv: is missing
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"{count} problem{'s' if count != 1 else ''}", *map(str, self.problems)]
        super().__init__("\n".join(lines))


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise `InputError` with all `problems`, or return if there are none.

    Raises
    ------
    InputError
        If at least one problem is given.

    Examples
    --------
    >>> raise_if_any([])
    """
    found = tuple(problems)
    if found:
        raise InputError(found)


def problems_at(
    what: str,
    cells: Iterable[tuple[int, object]],
    *,
    file: str = "",
    column: str = "",
    allowed: str = "",
    limit: int = 20,
) -> list[Problem]:
    """Say `what` is wrong with each of several cells of one column; past `limit`, count the rest.

    Parameters
    ----------
    what
        What follows the value: ``"is outside the scale"``.
    cells
        Row number and value of each cell.
    file, column, allowed
        As in `Problem`.
    limit
        How many cells are named one by one.

    Examples
    --------
    >>> for problem in problems_at("is outside the scale", [(40, 9), (41, 7)], column="Q7", limit=1):
    ...     print(problem)
    row 40, Q7: 9 is outside the scale
    Q7: 1 more value like this, down to row 41
    """
    found = list(cells)
    named = [
        Problem(
            f"{_quoted(value)} {what}",
            file=file,
            row=int(row),
            column=column,
            value=value,
            allowed=allowed,
        )
        for row, value in ((row, redact(str(value))) for row, value in found[:limit])
    ]
    rest = len(found) - len(named)
    if rest > 0:
        last = max(int(row) for row, _ in found)
        more = f"{rest} more value{'s' if rest > 1 else ''} like this, down to row {last}"
        named.append(Problem(more, file=file, column=column, allowed=allowed))
    return named


def _says(text: str, value: str) -> bool:
    """Whether the value stands in the text as a word of its own."""
    return not value or bool(re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", text, re.IGNORECASE))


def _quoted(value: object) -> str:
    """Numbers stand bare, text in quotes and shortened."""
    text = str(value)
    if text.lstrip("+-").replace(".", "", 1).isdigit():
        return text
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")
