"""Answers as people and platforms write them, turned into the codes of the instrument."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey.instrument import Instrument, Question, Scale, Text
from survey.language import digits, say
from survey.numbers import read_numbers
from survey.wording import wording_key

DONT_KNOW = "dont_know"
"""Id of the choice option that means "don't know", and its code beside those of a scale."""

_CODE_AND_LABEL = re.compile(r"\s*([+-]?\d+)\s*[-–—:.=)]\s*(\D.*)|(.*\D)\s*\(([+-]?\d+)\)\s*", re.DOTALL)
_WHOLE = re.compile(r"^\s*(\d+)\.0+\s*$")
_NOT_TICKED = frozenset(
    {"", "0", "false", "no", "n", "n a", "nein", "non", "unchecked", "not selected", "not checked"}
    | {"not chosen", "not quoted", "nicht gewählt", "nicht ausgewählt", "nicht genannt"}
)
_TRUTH = {"true": "yes", "false": "no"}


class Recoded(NamedTuple):
    """A column of answers after recoding.

    `answers` holds codes, with NaN where there is no answer, a declared missing code, "don't know" or a
    bad value; `dont_know` and `bad` say which of these are the last two.
    """

    answers: pd.Series
    dont_know: pd.Series
    bad: pd.Series


def recode(column: pd.Series, question: Question) -> Recoded:
    """Turn the written answers to one question into its codes.

    Scales take codes ("4", "4.0", "4,5" where answers between the points are allowed), labels in any
    language of the instrument without regard to case and punctuation, and both at once ("4 - Agree",
    "Agree (4)"). Choices take option ids and labels; ticks anything that is not a no; numbers what
    `read_numbers` understands, within the range of the question.

    Parameters
    ----------
    column
        Text, or NA where nothing was answered.
    question
        The question; its kind decides.

    Returns
    -------
    Recoded
        Answers (float for scales, ticks and numbers, otherwise text), and two boolean masks.

    Examples
    --------
    >>> labels = {4: {"en": "Agree", "de": "Stimme zu"}}
    >>> scale = Scale(min=1, max=5, labels=labels, dont_know={"en": "No idea"})
    >>> question = Question("q1", "question", "q1", "scale", {"en": "We plan together."}, scale=scale)
    >>> written = pd.Series(["2", "stimme zu", "4 - Agree", "No idea", "9", None], dtype="str")
    >>> answers, dont_know, bad = recode(written, question)
    >>> answers.tolist(), dont_know.tolist().index(True), bad.tolist().index(True)
    ([2.0, 4.0, 4.0, nan, nan, nan], 3, 4)
    """
    positions, uniques = pd.factorize(column)
    found = _recode_unique([str(text) for text in uniques], question)
    kind = "float64" if question.kind in ("scale", "tick", "number") else "str"
    coded = pd.Series(np.append(found.answers, np.array([np.nan], dtype=found.answers.dtype)), dtype=kind)
    dont_know, bad = (
        pd.Series(np.append(mask, False)[positions], index=column.index)
        for mask in (found.dont_know, found.bad)
    )
    return Recoded(coded.take(positions % len(coded)).set_axis(column.index), dont_know, bad)


def allowed_answers(question: Question) -> str:
    """Say which answers a question takes, for a message about one that it does not.

    Examples
    --------
    >>> allowed_answers(Question("q", "question", "q", "number", {"en": "Growth?"}, range=(-100, 500)))
    'a number from -100 to 500'
    """
    if question.kind == "scale" and question.scale:
        scale = question.scale
        step = "" if scale.whole else say(", decimals too")
        return "; ".join([f"{scale.min:g}-{scale.max:g}{step}", *_wordings(scale)])
    if question.kind == "choice":
        return ", ".join(
            f"{option} ({' / '.join(_distinct(text))})" for option, text in question.options.items()
        )
    if question.range:
        low, high = (digits(end, "g") for end in question.range)
        return say("a number from {low} to {high}", low=low, high=high)
    return say("a number")


def fill_ticks(coded: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Turn the blanks of a tick list into 0 for all who ticked or refused at least one of its options.

    Who left a whole list blank may have skipped it, so all of it stays NaN.

    Parameters
    ----------
    coded
        Recoded answers of one export: ticks are 1, 0 or NaN.
    instrument
        The questionnaire.
    """
    groups: dict[str, list[str]] = {}
    for question in instrument.columns.values():
        if question.kind == "tick" and question.id in coded:
            groups.setdefault(question.group, []).append(question.id)
    filled: dict[str, pd.Series] = {}
    for ticks in groups.values():
        answered = coded[ticks].notna().any(axis=1)
        filled |= {tick: coded[tick].mask(coded[tick].isna() & answered, 0.0) for tick in ticks}
    return coded.assign(**filled)


class _Found(NamedTuple):
    """`Recoded` for the distinct answers, as arrays: a few dozen of them do not repay a Series each."""

    answers: np.ndarray
    dont_know: np.ndarray
    bad: np.ndarray


def _recode_unique(texts: list[str], question: Question) -> _Found:
    nothing = np.zeros(len(texts), dtype=bool)
    if question.kind == "scale" and question.scale:
        return _on_scale(texts, question.scale)
    if question.kind == "choice":
        return _among_options(texts, question.options)
    if question.kind == "tick":
        refused = np.array([wording_key(text) in _NOT_TICKED for text in texts], dtype=bool)
        return _Found(np.where(refused | (_numbers(texts) == 0), 0.0, 1.0), nothing, nothing)
    if question.kind == "number":
        values = _numbers(texts)
        low, high = question.range or (-np.inf, np.inf)
        bad = ~((values >= low) & (values <= high))
        return _Found(np.where(bad, np.nan, values), nothing, bad)
    return _Found(np.array([text.strip() for text in texts], dtype=object), nothing, nothing)


def _numbers(texts: list[str]) -> np.ndarray:
    return read_numbers(pd.Series(texts, dtype="str"))[0].to_numpy(copy=True)


def scale_codes(texts: list[str], scale: Scale) -> np.ndarray:
    """Return the code that each text says, by number or label, on the scale or not; NaN where it says none."""
    labels = {wording_key(wording): code for code, text in scale.labels.items() for wording in text.values()}
    codes = _numbers(texts)
    for n in np.flatnonzero(np.isnan(codes)):
        label = labels.get(wording_key(texts[n]))
        codes[n] = _code_with_label(texts[n], labels, scale) if label is None else label
    return codes


def _on_scale(texts: list[str], scale: Scale) -> _Found:
    unsure = {wording_key(wording) for wording in scale.dont_know.values()}
    unsure |= {wording_key(DONT_KNOW)} if scale.dont_know else set()
    keys = [wording_key(text) for text in texts]
    codes = scale_codes(texts, scale)
    missing = np.isin(codes, scale.missing_codes)
    dont_know = np.array([key in unsure for key in keys], dtype=bool) & ~missing
    fits = (codes >= scale.min) & (codes <= scale.max) & ((codes % 1 == 0) | (not scale.whole))
    answers = np.where(fits & ~missing & ~dont_know, codes, np.nan)
    return _Found(answers, dont_know, ~(fits | missing | dont_know))


def _code_with_label(text: str, labels: Mapping[str, int], scale: Scale) -> float:
    """Read "4 - Agree" or "Agree (4)"; a code beside the label of another is no answer."""
    found = _CODE_AND_LABEL.fullmatch(text)
    if not found:
        return np.nan
    code = int(found[1] or found[4])
    label = labels.get(wording_key(found[2] or found[3]))
    agrees = label == code or (label is None and code not in scale.labels)
    return float(code) if agrees else np.nan


def _among_options(texts: list[str], options: Mapping[str, Text]) -> _Found:
    ids = {wording_key(wording): option for option, text in options.items() for wording in text.values()}
    ids |= {wording_key(option): option for option in options}
    if {"yes", "no"} <= set(options):
        ids |= _TRUTH
    found = [ids.get(wording_key(_WHOLE.sub(r"\1", text))) for text in texts]
    answers = np.array([np.nan if option is None else option for option in found], dtype=object)
    return _Found(
        answers,
        np.array([option == DONT_KNOW for option in found], dtype=bool),
        np.array([option is None for option in found], dtype=bool),
    )


def _wordings(scale: Scale) -> list[str]:
    return [" / ".join(_distinct(text)) for text in (*scale.labels.values(), scale.dont_know) if text]


def _distinct(text: Text) -> list[str]:
    return list(dict.fromkeys(text.values()))
