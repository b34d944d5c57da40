"""The columns that a Qualtrics questionnaire (.qsf) gives rise to."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from survey.problems import InputError, Problem
from survey.readers.described import Described, plain_text

_TICK = "1"

Element = Mapping[str, Any]


def read_qsf(data: bytes, file: str) -> list[Described]:
    """List the columns of a Qualtrics survey: headings, wordings, codes of the choices.

    Headings are the export tag of the question with the numbers, recode values or export tags of its
    statements and choices. Read are choice questions (one answer or several), matrices (one answer or
    several), side-by-side tables, text entries, and whatever else has statements.

    Parameters
    ----------
    data
        Content of the file.
    file
        How messages call it.

    Raises
    ------
    InputError
        If it is no .qsf file.
    """
    try:
        elements = json.loads(data)["SurveyElements"]
        questions = [element["Payload"] for element in elements if element.get("Element") == "SQ"]
        return [column for question in questions if question for column in _columns(question, "")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"is no Qualtrics questionnaire: {type(error).__name__} {error}"
        advice = "a .qsf file, exported from Qualtrics under Tools, Import/Export"
        raise InputError([Problem(what[:200], file=file, allowed=advice)]) from None


def _columns(question: Element, above: str) -> Iterator[Described]:
    """Yield the columns of one question; `above` is the wording of the table that it is a column of."""
    tag, text = str(question.get("DataExportTag", "")), plain_text(str(question.get("QuestionText", "")))
    stem = " - ".join(filter(None, (above, text)))
    kind, selector = str(question.get("QuestionType", "")), str(question.get("Selector", ""))
    if kind == "SBS":
        for part in _items(question.get("AdditionalQuestions")).values():
            yield from _columns(part, stem)
    elif kind == "MC" and selector.startswith("MA"):
        yield from _several_answers(question, tag, stem)
    elif kind == "MC":
        values = dict(_choices(question, "Choices", recoded=True))
        yield Described((tag,), stem, values=values)
        yield from _entries(question, tag, stem)
    elif kind == "Matrix" and _items(question.get("Answers")):
        yield from _matrix(question, tag, stem)
    elif _items(question.get("Choices")):
        for names, own in _statements(question, tag):
            yield Described(names, own, stem)
    else:
        yield Described((tag, f"{tag}_TEXT"), stem)


def _several_answers(question: Element, tag: str, stem: str) -> Iterator[Described]:
    values = dict(_choices(question, "Choices", recoded=True))
    yield Described((tag,), stem, values=values, multiple=",")
    for (number, own), code in zip(_choices(question, "Choices"), values, strict=True):
        yield _tick((f"{tag}_{code}", f"{tag}_{number}"), own, stem, _ticked(values, code))
    yield from _entries(question, tag, stem)


def _matrix(question: Element, tag: str, stem: str) -> Iterator[Described]:
    answers = dict(_choices(question, "Answers", recoded=True))
    several = question.get("SubSelector") == "MultipleAnswer"
    written = question.get("Selector") == "TE"
    for names, own in _statements(question, tag):
        if not (several or written):
            yield Described(names, own, stem, values=answers)
        for (number, answer), code in zip(_choices(question, "Answers"), answers, strict=True):
            headings = tuple(f"{name}_{suffix}" for suffix in (code, number) for name in names)
            if several:
                yield _tick(headings, f"{own} - {answer}", stem, _ticked(answers, code))
            elif written:
                headings += tuple(f"{heading}_TEXT" for heading in headings)
                yield Described(headings, f"{own} - {answer}", stem)
        yield Described(tuple(f"{name}_TEXT" for name in names), f"{own} - Text", stem)


def _tick(names: tuple[str, ...], own: str, stem: str, code: str) -> Described:
    return Described(names, own, stem, values={code: own.rpartition(" - ")[2]}, ticked=code)


def _ticked(codes: Mapping[str, str], code: str) -> str:
    """Return what a ticked choice is written as: 1, or its own code where it is the only one."""
    return code if len(codes) == 1 else _TICK


def _entries(question: Element, tag: str, stem: str) -> Iterator[Described]:
    """Yield the text fields beside choices ("Other, please say")."""
    choices = _items(question.get("Choices"))
    texts = dict(_choices(question, "Choices"))
    numbers = [
        number for number, choice in choices.items() if isinstance(choice, dict) and choice.get("TextEntry")
    ]
    for number in numbers:
        names = (f"{tag}_{number}_TEXT",) + ((f"{tag}_TEXT",) if len(numbers) == 1 else ())
        yield Described(names, f"{texts[number]} - Text", stem)
    if len(numbers) > 1:
        yield Described((f"{tag}_TEXT",), "Text", stem)


def _statements(question: Element, tag: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what the column of each statement may be called, and its wording."""
    exported = _items(question.get("ChoiceDataExportTags"))
    for number, text in _choices(question, "Choices"):
        own = str(exported.get(number) or "")
        named = (f"{tag}_{own}", own, f"{tag}{own}") if own else ()
        yield (*named, f"{tag}_{number}"), text


def _choices(question: Element, key: str, *, recoded: bool = False) -> Iterable[tuple[str, str]]:
    """Return the text of each choice by its number, or by the code that exports have for it."""
    codes = _items(question.get("RecodeValues")) if recoded else {}
    for number, choice in _items(question.get(key)).items():
        text = choice.get("Display", "") if isinstance(choice, dict) else choice
        yield str(codes.get(number, number)), plain_text(str(text))


def _items(found: Any) -> dict[str, Any]:
    """Return a table of a .qsf, which writes empty ones and those numbered from 0 as lists."""
    if isinstance(found, dict):
        return {str(key): value for key, value in found.items()}
    return {str(n): value for n, value in enumerate(found)} if isinstance(found, list) else {}
