"""Answer scales as a wave asked them, and their answers brought to the scale of the instrument."""

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Self

import pandas as pd
from pydantic import Field, model_validator

from survey.declaration import Declared
from survey.instrument import Instrument, Question, Scale, Text
from survey.wording import wording_key


class WaveScale(Declared):
    """A scale as one file asked it.

    Parameters
    ----------
    min, max
        Its ends.
    labels
        Wordings by code, where the answers are labels or the labels are not those of the instrument.
    dont_know, missing_codes
        As in `survey.instrument.Scale`; those of the instrument if not said, less the codes that are
        answers on this scale.
    turned
        The lowest code means the most: 1 is "strongly agree".
    """

    min: float
    max: float
    labels: dict[int, Text] = Field(default_factory=dict)
    dont_know: Text = Field(default_factory=dict)
    missing_codes: list[float] | None = None
    turned: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        Scale(min=self.min, max=self.max, labels=self.labels)
        return self


def scale_name(question: Question, instrument: Instrument) -> str:
    """Return the name under which the instrument declares the scale of a question; empty without one."""
    return next((name for name, scale in instrument.scales.items() if scale is question.scale), "")


def declared_scale(
    question: Question, scales: Mapping[str, WaveScale], instrument: Instrument
) -> WaveScale | None:
    """Return the scale that a file declares for a question: by its id, its group or its scale's name."""
    names = (question.id, question.group, scale_name(question, instrument))
    return next((scales[name] for name in names if name in scales), None)


def as_asked(question: Question, declared: WaveScale) -> Scale:
    """Return the scale on which a question was asked, with what the declaration leaves to the instrument.

    The labels of the instrument hold where the declaration gives none and both scales have the same ends.

    Examples
    --------
    >>> scale = Scale(min=1, max=5, labels={5: {"en": "Agree"}}, missing_codes=[7, -99])
    >>> question = Question("q1", "question", "q1", "scale", {"en": "We plan together."}, scale=scale)
    >>> longer = as_asked(question, WaveScale(min=1, max=7))
    >>> longer.max, longer.labels, longer.missing_codes
    (7.0, {}, [-99.0])
    """
    own = question.scale
    if own is None:
        raise ValueError(f"{question.id} is not answered on a scale")
    codes = own.missing_codes if declared.missing_codes is None else declared.missing_codes
    same = (declared.min, declared.max, declared.turned) == (own.min, own.max, False)
    return Scale(
        min=declared.min,
        max=declared.max,
        whole=own.whole,
        labels=declared.labels or (own.labels if same else {}),
        dont_know=declared.dont_know or own.dont_know,
        missing_codes=[code for code in codes if not declared.min <= code <= declared.max],
    )


def rescale(answers: pd.Series, scale: Scale, *, asked: WaveScale) -> pd.Series:
    """Bring answers from the scale they were asked on to that of the instrument, linearly.

    ``min + (x - asked.min) * (max - min) / (asked.max - asked.min)``, so that the percentage of the
    maximum possible (POMP; Cohen, Cohen, Aiken & West 1999) is the same on both.

    Parameters
    ----------
    answers
        Codes on the scale as asked, or NaN.
    scale
        The scale of the instrument.
    asked
        The scale as asked.

    Examples
    --------
    >>> rescale(pd.Series([1.0, 4.0, 7.0]), Scale(min=1, max=5), asked=WaveScale(min=1, max=7)).tolist()
    [1.0, 3.0, 5.0]
    """
    share = (answers - asked.min) / (asked.max - asked.min)
    if asked.turned:
        share = 1 - share
    return scale.min + share * (scale.max - scale.min)


def is_rescaled(scale: Scale, asked: WaveScale) -> bool:
    """Say whether answers on the scale as asked are other numbers than on that of the instrument."""
    return (scale.min, scale.max, False) != (asked.min, asked.max, asked.turned)


def runs_against(labels: Mapping[float, Collection[str]], scale: Scale, *, turned: bool = False) -> bool:
    """Say whether labels run the other way than they should, by those that the scale of the instrument has too.

    Parameters
    ----------
    labels
        Wordings by code, on the scale as asked.
    scale
        The scale of the instrument.
    turned
        Whether they are said to run the other way than the scale of the instrument.

    Examples
    --------
    >>> scale = Scale(min=1, max=5, labels={1: {"en": "Never"}, 5: {"en": "Always"}})
    >>> runs_against({1: ["always"], 7: ["never"]}, scale), runs_against({1: ["Never"], 7: ["Always"]}, scale)
    (True, False)
    """
    known = {wording_key(text): code for code, texts in scale.labels.items() for text in texts.values()}
    pairs = sorted(
        {
            (code, known[key])
            for code, texts in labels.items()
            for key in map(wording_key, texts)
            if key in known
        }
    )
    if turned:
        return len(pairs) > 1 and all(one[1] < two[1] for one, two in pairwise(pairs))
    return len(pairs) > 1 and all(one[1] > two[1] for one, two in pairwise(pairs))


def expected_answer(question: Question, asked: WaveScale | None) -> float | None:
    """Return the answer that passes an attention check, as a file asked it; None where nobody can say.

    On another scale it is the code with a label of the expected answer.

    Examples
    --------
    >>> scale = Scale(min=1, max=5, labels={2: {"en": "Disagree"}})
    >>> question = Question("check", "question", "check", "scale", {"en": "Choose Disagree."}, scale=scale,
    ...                     role="attention", expected=2)
    >>> expected_answer(question, WaveScale(min=1, max=7, labels={3: {"en": "Disagree"}}))
    3.0
    """
    scale, expected = question.scale, question.expected
    if scale is None or expected is None:
        return None
    if asked is None or not (is_rescaled(scale, asked) or asked.labels):
        return float(expected)
    meant = {wording_key(text) for text in scale.labels.get(expected, {}).values()}
    codes = [code for code, text in asked.labels.items() if meant & set(map(wording_key, text.values()))]
    if codes:
        return float(codes[0])
    return None if is_rescaled(scale, asked) else float(expected)
