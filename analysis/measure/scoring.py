"""From answers to scores: constructs and single questions in per cent of the maximum possible."""

from collections.abc import Iterator, Sequence
from functools import reduce
from math import ceil
from operator import add
from typing import Any, TypeVar, cast

import narwhals.stable.v2 as nw
import pandas as pd

from survey.instrument import Instrument, Question, Scale
from survey.problems import Problem, raise_if_any
from survey.responses import STANDARD, Responses

Native = TypeVar("Native")
"""A pandas DataFrame, a polars DataFrame or a polars LazyFrame."""

ADMINISTRATIVE = ("respondent", "company", "function", "started", "duration", "attention")
"""Roles of questions that say who answered and how, and are never scored."""


def score(responses: Responses, *, min_answered: float = 0.5) -> pd.DataFrame:
    """Score every construct and every scorable question of each respondent.

    A construct score is the mean of the items answered (reversed items turned), in per cent of the maximum
    possible (POMP; Cohen, Cohen, Aiken & West 1999): ``100 * (mean - min) / (max - min)`` of its scale. The
    mean of the items answered is proration; it is done only where enough of them were.

    Parameters
    ----------
    responses
        Clean answers.
    min_answered
        Share, 0 to 1, of a construct's items that must be answered; at least one always. Items that any
        wave asked count, so that a score means the same in every wave.

    Returns
    -------
    DataFrame
        `STANDARD` columns, then each construct with items that were asked, then every other scorable
        question: scales as POMP 0-100, yes/no choices and ticks as 100 or 0, numbers as they are. NaN
        where there is no score; a choice that is neither yes nor no has none. Index as in `responses`.

    Raises
    ------
    InputError
        If `min_answered` is not a share.

    Examples
    --------
    >>> from survey.instrument import Instrument
    >>> word = {"en": "..."}
    >>> instrument = Instrument.model_validate({
    ...     "instrument": "tiny", "version": "1", "languages": ["en"], "title": word, "index": word,
    ...     "scales": {"agree": {"min": 1, "max": 5}},
    ...     "constructs": {"trust": {"title": word, "definition": word, "scale": "agree", "items": {
    ...         "t1": {"text": word}, "t2": {"text": word, "reverse": True}}}}})
    >>> frame = pd.DataFrame({"respondent": ["a", "b"], "company": "X", "function": "", "wave": 2025,
    ...                       "weight": 1.0, "t1": [5.0, 3.0], "t2": [1.0, float("nan")]})
    >>> score(Responses(frame, instrument, pd.Series(dtype=float)))["trust"].tolist()
    [100.0, 50.0]
    """
    return score_frame(
        responses.frame, responses.instrument, asked=responses.asked, min_answered=min_answered
    )


def score_frame(
    frame: Native, instrument: Instrument, *, asked: Sequence[str] | None = None, min_answered: float = 0.5
) -> Native:
    """Score a table of answers in the engine it comes in.

    The same expressions serve pandas (carried to polars and back), polars and lazy polars. Missing answers
    may be null or NaN; missing scores are NaN in pandas and null in polars.

    Parameters
    ----------
    frame
        One row per respondent, columns as in `Responses.frame`.
    instrument
        The questionnaire.
    asked
        Ids of the questions that were asked; those that `frame` has if None.
    min_answered
        As in `score`.

    Returns
    -------
    Native
        As in `score`, in the type of `frame`, with the `STANDARD` columns that `frame` has.

    Raises
    ------
    InputError
        If a question in `asked` has no column, or `min_answered` is not a share.
    """
    table: Any = nw.from_native(frame)
    columns = table.collect_schema().names()
    asked = [key for key in instrument.columns if key in columns] if asked is None else asked
    raise_if_any(_faults(columns, asked, min_answered))
    expressions = list(_expressions(instrument, asked, min_answered))
    keys = [key for key in STANDARD if key in columns]
    if not expressions:
        return cast(Native, table.select(*keys).to_native())
    answers = [key for key in asked if _is_scored(instrument.columns[key])]
    if not isinstance(frame, pd.DataFrame):
        scored = _nulled(table.select(*keys, *answers)).select(*keys, *expressions)
        return cast(Native, scored.to_native())
    carried = nw.from_native(table.select(*answers).to_polars())  # NaN arrives as null
    scores = carried.lazy().select(*expressions).collect().to_pandas().set_axis(frame.index)
    return cast(Native, pd.concat([frame[keys], scores.astype("float64")], axis=1))


def scored_questions(instrument: Instrument, asked: Sequence[str]) -> list[Question]:
    """Return the questions outside constructs that have a score of their own, in questionnaire order."""
    questions = instrument.columns.values()
    return [q for q in questions if q.id in asked and q.section != "construct" and _is_scored(q)]


def _is_scored(question: Question) -> bool:
    if question.role in ADMINISTRATIVE:
        return False
    return question.kind in ("scale", "tick", "number") or {"yes", "no"} <= set(question.options)


def _faults(columns: Sequence[str], asked: Sequence[str], min_answered: float) -> Iterator[Problem]:
    for key in asked:
        if key not in columns:
            yield Problem("the question was asked but the table has no such column", column=key)
    if not 0 <= min_answered <= 1:
        yield Problem(
            f"{min_answered:g} is not a share", column="min_answered", value=str(min_answered), allowed="0-1"
        )


def _nulled(table: Any) -> Any:
    """Turn NaN into null, which alone means missing to the expressions."""
    schema = table.collect_schema()
    return table.with_columns(nw.col(name).fill_nan(None) for name in schema if schema[name].is_float())


def _expressions(instrument: Instrument, asked: Sequence[str], min_answered: float) -> Iterator[nw.Expr]:
    for key, construct in instrument.constructs.items():
        items = [instrument.columns[item] for item in construct.items if item in asked]
        if items:
            needed = max(1, ceil(min_answered * len(items) - 1e-9))
            yield _construct_score(items, needed).alias(key)
    for question in scored_questions(instrument, asked):
        yield _question_score(question).alias(question.id)


def _construct_score(items: list[Question], needed: int) -> nw.Expr:
    scale = items[0].scale
    assert scale is not None  # every item of a construct has its scale
    # Plain additions take half the time of `sum_horizontal`, which skips nulls by itself.
    answered = len(items) - reduce(add, (_answer(item).is_null().cast(nw.Int16) for item in items))
    total = reduce(add, (_turned(item, scale).fill_null(0.0) for item in items))
    return nw.when(answered >= needed).then(_pomp(total / answered, scale))


def _question_score(question: Question) -> nw.Expr:
    if question.kind == "choice":
        chosen = nw.col(question.id).cast(nw.String)
        no = nw.when(chosen == "no").then(nw.lit(0.0))
        return nw.when(chosen == "yes").then(nw.lit(100.0)).otherwise(no)
    if question.scale is not None:
        return _pomp(_turned(question, question.scale), question.scale)
    return _answer(question) * 100 if question.kind == "tick" else _answer(question)


def _answer(question: Question) -> nw.Expr:
    return nw.col(question.id).cast(nw.Float64)


def _turned(question: Question, scale: Scale) -> nw.Expr:
    return (scale.min + scale.max) - _answer(question) if question.reverse else _answer(question)


def _pomp(value: nw.Expr, scale: Scale) -> nw.Expr:
    return (value - scale.min) * (100 / (scale.max - scale.min))
