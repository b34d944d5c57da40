"""What is wrong with an input, said so that a person can mend it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from survey.identifiers import redact
from survey.language import look_up, mark, say, say_n, spoken

LONGEST = 60
"""Values are quoted up to so many characters."""

NAMED = 20
"""A message names so many problems of one kind one by one, and counts the rest."""

SCREEN = 50
"""A notebook shows so many lines of a message."""

MEANT = mark("did you mean")
"""How the nearest of what is allowed is told."""

Severity = Literal["error", "warning", "note"]

SEVERITIES: dict[Severity, str] = {
    "error": mark("to mend before anything runs"),
    "warning": mark("to look at, though the study runs"),
    "note": mark("decided on the way"),
}
"""From the worst down, with what each means."""


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
        What would have been right.
    to_do
        What to do next, where that is more than to put right what stands there.
    question
        The text of the question that the column answers; not told in the message.
    severity
        "error", "warning" or "note"; see `SEVERITIES`.
    rest
        The problems that this one only counts (``"22 more values like this"``); they stand for it wherever
        every one is listed.

    Examples
    --------
    >>> print(Problem("9 is outside the scale", file="2025.csv", row=40, column="Q7", allowed="1-5"))
    2025.csv, row 40, Q7: 9 is outside the scale. Allowed: 1-5
    >>> print(Problem("no column says the company", file="2025.csv", to_do="map one under columns: company"))
    2025.csv: no column says the company. To do: map one under columns: company
    """

    what: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    allowed: str = ""
    to_do: str = ""
    question: str = ""
    severity: Severity = "error"
    rest: tuple["Problem", ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        row = say("row {row}", row=self.row) if self.row is not None else ""
        where = ", ".join(part for part in (self.file, row, self.column) if part)
        text = f"{where}: {self.what}" if where else self.what
        if not _says(f"{self.column} {self.what}", self.value) and len(self.value) <= LONGEST:
            text += say(", found {value}", value=_quoted(self.value))
        if self.allowed.startswith(look_up(MEANT)):
            return f"{text}; {self.allowed}"
        text += say(". Allowed: {what}", what=self.allowed) if self.allowed else ""
        return text + (say(". To do: {what}", what=self.to_do) if self.to_do else "")


class InputError(Exception):
    """Every problem found in an input, raised once.

    Parameters
    ----------
    problems
        What nothing runs with.
    remarks
        Warnings and notes that were known by then; the message leaves them out.

    Attributes
    ----------
    language
        In which the problems are told: the one that was being written.

    Examples
    --------
    >>> raise InputError([Problem("is empty", file="a.csv"), Problem("is missing", file="b.csv")])
    Traceback (most recent call last):
    survey.problems.InputError: 2 problems
    a.csv: is empty
    b.csv: is missing
    """

    def __init__(self, problems: Iterable[Problem], *, remarks: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.remarks = tuple(remarks)
        self.language = spoken()
        count = sum(1 for _ in every_one(self.problems))
        lines = [say_n(count, "{n} problem", "{n} problems", n=count), *map(str, self.problems)]
        super().__init__("\n".join(lines))

    def _render_traceback_(self) -> list[str]:
        """Let a notebook show the message alone: the lines of code that led to it say nothing of the input."""
        first, *lines = str(self).split("\n")
        more = [f"... and {len(lines) - SCREEN} more"] if len(lines) > SCREEN else []
        return [first, *lines[:SCREEN], *more]


def meant(*names: object) -> str:
    """Ask whether one of some names was meant.

    Examples
    --------
    >>> meant("goals", "trust")
    "did you mean 'goals' or 'trust'?"
    """
    return f"{look_up(MEANT)} {say(' or ').join(map(repr, names))}?"


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


def every_one(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield every problem; where one only counts others, those others.

    Examples
    --------
    >>> found = problems_at("is outside the scale", [(40, 9), (41, 7)], column="Q7", limit=1)
    >>> [problem.row for problem in found], [problem.row for problem in every_one(found)]
    ([40, None], [40, 41])
    """
    for problem in problems:
        yield from problem.rest or (problem,)


def first_of(problems: Sequence[Problem], more: str, *, limit: int = NAMED, to_do: str = "") -> list[Problem]:
    """Name the first `limit` problems of one kind and let one more stand for the rest.

    Parameters
    ----------
    problems
        Problems of one kind in one file.
    more
        What follows the number of the rest: ``"more unknown companies, down to row 812"``.
    limit
        How many are named one by one.
    to_do
        What to do about so many; what the first of them says if empty.
    """
    rest = tuple(problems[limit:])
    if not rest:
        return list(problems)
    what = f"{len(rest)} {more}"
    column = rest[0].column if rest[0].column == rest[-1].column else ""
    to_do = to_do or rest[0].to_do
    counted = replace(rest[0], what=what, row=None, column=column, value="", to_do=to_do, rest=rest)
    return [*problems[:limit], counted]


def with_questions(problems: Iterable[Problem], questions: Mapping[tuple[str, str], str]) -> list[Problem]:
    """Give problems the text of the question that they are about.

    Parameters
    ----------
    problems
        Problems.
    questions
        Question text by file and column heading.

    Examples
    --------
    >>> told = with_questions([Problem("is blank", "a.csv", 2, "Q7")], {("a.csv", "Q7"): "Do you trust them?"})
    >>> told[0].question
    'Do you trust them?'
    """
    return [
        replace(
            problem,
            question=problem.question or questions.get((problem.file, problem.column), ""),
            rest=tuple(with_questions(problem.rest, questions)),
        )
        for problem in problems
    ]


def problems_at(
    what: str,
    cells: Iterable[tuple[int, object]],
    *,
    file: str = "",
    column: str = "",
    allowed: str = "",
    to_do: str = "",
    limit: int = NAMED,
) -> list[Problem]:
    """Say `what` is wrong with each of several cells of one column; past `limit`, count the rest.

    Parameters
    ----------
    what
        What follows the value: ``"is outside the scale"``.
    cells
        Row number and value of each cell.
    file, column, allowed, to_do
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
    found = [
        Problem(f"{_quoted(value)} {what}", file, int(row), column, value, allowed, to_do)
        for row, value in ((row, redact(str(value))) for row, value in cells)
    ]
    last = max((problem.row or 0 for problem in found), default=0)
    more = say_n(
        len(found) - limit, "more value like this, down to row {row}", "more values like this, down to row {row}",
        row=last,
    )  # fmt: skip
    return first_of(found, more, limit=limit)


def _says(text: str, value: str) -> bool:
    """Whether the value stands in the text as a word of its own."""
    bare = rf"(?<![\w.]){re.escape(value)}(?![\w.])"
    return not value or _quoted(value) in text or bool(re.search(bare, text, re.IGNORECASE))


def _quoted(value: object) -> str:
    """Numbers stand bare, text in quotes and shortened."""
    text = str(value)
    if text.lstrip("+-").replace(".", "", 1).isdigit():
        return text
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")
