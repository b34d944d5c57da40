"""Checks that a study declares over coded answers: eligibility, ranges, skip logic, contradictions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from survey.cleaning_log import Step, changed, drop, noted
from survey.declaration import Declared
from survey.instrument import Instrument, Question
from survey.language import digits, look_up, mark, say
from survey.matching_problems import closest
from survey.problems import Problem

OF_PEOPLE = ("company", "function", "wave", "duration_s")
"""Standard columns that a check may look at, besides the questions."""

_NUMBERS = ("wave", "duration_s")
BOUNDS = {
    "at_least": mark("at least {bound}"),
    "at_most": mark("at most {bound}"),
    "above": mark("above {bound}"),
    "below": mark("below {bound}"),
}
"""What each bound is called."""


class Condition(Declared):
    """What an answer must be; a single value or a list of them in YAML stands for `among`.

    Parameters
    ----------
    among
        One of these codes or options.
    at_least, at_most, above, below
        Bounds of a number or scale code.
    answered
        Whether there is an answer at all.
    """

    among: list[str | float] | None = None
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    answered: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, declared: Any) -> Any:
        if isinstance(declared, Mapping | Condition):
            return declared
        return {"among": declared if isinstance(declared, list) else [declared]}

    @property
    def bounds(self) -> dict[str, float]:
        """Return the bounds that are given, by name."""
        given = {name: getattr(self, name) for name in BOUNDS}
        return {name: value for name, value in given.items() if value is not None}

    def holds(self, column: pd.Series) -> pd.Series:
        """Return in which rows a column of coded answers is so; where it has no answer, nothing is but that."""
        found = pd.Series(data=True, index=column.index)
        if self.among is not None:
            numeric = pd.api.types.is_numeric_dtype(column)
            found &= column.isin([float(v) if numeric else str(v) for v in self.among])
        for name, bound in self.bounds.items():
            compare = {"at_least": column.ge, "at_most": column.le, "above": column.gt, "below": column.lt}
            found &= compare[name](bound)
        return found if self.answered is None else found & (column.notna() == self.answered)

    def in_words(self) -> str:
        """Say the condition.

        Examples
        --------
        >>> Condition(at_least=1, below=5).in_words(), Condition.model_validate(["a", "b"]).in_words()
        ('at least 1, below 5', 'a or b')
        """
        among = [digits(value, "g") if isinstance(value, float) else value for value in self.among or ()]
        said = [say(" or ").join(among)] if among else []
        said += [
            look_up(BOUNDS[name]).format(bound=digits(bound, "g")) for name, bound in self.bounds.items()
        ]
        said += [] if self.answered is None else [say("answered" if self.answered else "not answered")]
        return ", ".join(said)


class Check(Declared):
    """One rule over the answers of a respondent.

    Parameters
    ----------
    name
        What it is called in the log and in the report, such as "has fewer than ten employees".
    when
        Conditions by question, all of which must hold.
    then
        Drop the row, blank the answers to the questions in `blank`, or only note it in the log.
    blank
        Questions whose answers are taken out; those of `when` if none are named.
    """

    name: str = Field(min_length=1)
    when: dict[str, Condition] = Field(min_length=1)
    then: Literal["drop", "blank", "note"]
    blank: list[str] = Field(default_factory=list)

    def in_words(self) -> str:
        """Say the rule in a sentence."""
        conditions = say(" and ").join(
            say("{question} is {condition}", question=name, condition=condition.in_words())
            for name, condition in self.when.items()
        )
        effect = {
            "drop": say("the row is dropped"),
            "blank": say(
                "the answers to {questions} are taken out", questions=", ".join(self.blank or self.when)
            ),
            "note": say("it is noted in the log"),
        }[self.then]
        return say(
            "{name}: where {conditions}, {effect}.", name=self.name, conditions=conditions, effect=effect
        )


def apply_check(table: pd.DataFrame, check: Check) -> Step:
    """Apply a check to coded answers; conditions on columns that no wave asks hold nowhere.

    Parameters
    ----------
    table
        Coded answers with file, row and respondent.
    check
        The rule.

    Examples
    --------
    >>> table = pd.DataFrame({"file": "a.csv", "row": [2, 3], "respondent": ["r", "s"], "staff": [4.0, 40.0]})
    >>> small = Check(name="too small", when={"staff": {"below": 10}}, then="drop")
    >>> left, lines, _ = apply_check(table, small)
    >>> left["staff"].tolist(), lines[0]["row"].tolist()
    ([40.0], [2])
    """
    meets = pd.Series(data=set(check.when) <= set(table), index=table.index)
    for name, condition in check.when.items():
        if name in table:
            meets &= condition.holds(table[name])
    if check.then == "drop":
        return drop(table, meets, check.name)
    rule, lines = check.name, []
    names = [name for name in check.blank or check.when if name in table]
    if check.then == "note":
        return Step(table, [noted(table[meets], names[0], table[meets][names[0]], rule)] if names else [], [])
    for name in names:
        lost = meets & table[name].notna()
        lines.append(changed(table[lost], name, before=written(table.loc[lost, name]), after="", rule=rule))
        table = table.assign(**{name: table[name].mask(meets)})
    return Step(table, lines, [])


def check_problems(checks: Sequence[Check], instrument: Instrument) -> Iterator[Problem]:
    """Find checks of questions, options or bounds that there cannot be."""
    known = {**dict.fromkeys(OF_PEOPLE), **instrument.columns}
    for number, check in enumerate(checks):
        place = f"checks.{number}"
        for name in (*check.when, *check.blank):
            if name not in known:
                what, allowed = (
                    "a check of a question that the instrument does not have",
                    closest(name, known),
                )
                yield Problem(what, column=place, value=name, allowed=allowed)
        for name in check.blank:
            if name in OF_PEOPLE:
                what = "cannot be blanked: it says whose answers these are"
                yield Problem(what, column=place, value=name, allowed="questions")
        for name, condition in check.when.items():
            if name in known:
                yield from _impossible(name, condition, known[name], place)


def _impossible(name: str, condition: Condition, question: Question | None, place: str) -> Iterator[Problem]:
    kind = question.kind if question else ("number" if name in _NUMBERS else "text")
    if condition.bounds and kind in ("choice", "text"):
        what = f"{name!r} holds words, which are neither above nor below a number"
        yield Problem(what, column=place, value=name, allowed="a value, a list of values, or answered: true")
    if question is None or kind != "choice":
        return
    for value in condition.among or ():
        if str(value) not in question.options:
            what = f"is no option of {name!r}"
            yield Problem(what, column=place, value=str(value), allowed=closest(str(value), question.options))


def written(values: pd.Series) -> pd.Series:
    """Return coded answers as the log writes them: "4", not "4.0".

    Examples
    --------
    >>> written(pd.Series([4.0, 2.5])).tolist()
    ['4', '2.5']
    """
    return values.map("{:g}".format).astype("str") if pd.api.types.is_numeric_dtype(values) else values
