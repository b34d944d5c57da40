"""The questionnaire as a LimeSurvey structure (tab-separated values). Experimental."""

import csv
import html
from collections.abc import Iterator
from itertools import count, groupby
from pathlib import Path

from survey.fielding_pages import (
    Page,
    answer_options,
    asks_number,
    is_needed,
    number_range,
    one_line,
    pages,
    screened_from,
)
from survey.instrument import Instrument, Question, Text
from survey.limesurvey_codes import limesurvey_answers, limesurvey_headings

COLUMNS = (
    *("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language"),
    *("validation", "mandatory", "other", "default", "same_default"),
    *("max_answers", "min_num_value_n", "max_num_value_n"),
)
"""Columns of the structure; the last three are attributes of questions."""
EXPERIMENTAL = (
    "EXPERIMENTAL: written by alignmark and not checked by LimeSurvey. "
    "After importing, compare every question, language and limit with the questionnaire."
)
"""Stands in the help column of the first row, which LimeSurvey does not read."""
TYPES = {"matrix": "F", "ticks": "M"}

Row = dict[str, str]


def write_limesurvey(instrument: Instrument, path: Path) -> None:
    """Write a questionnaire as a LimeSurvey survey structure (TSV). Experimental.

    Nothing but LimeSurvey itself can check such a file, so try the imported survey before it goes out.
    Constructs and rated practices become arrays, tick lists multiple choice with their limit, numbers
    are held to their range; company and function are mandatory. Codes are those of `limesurvey_codes`:
    LimeSurvey allows letters and digits alone, twenty in a question's code and five in an answer's.

    Parameters
    ----------
    instrument
        The questionnaire, with all its languages: the first is the survey's own.
    path
        The file (.txt); an existing one is replaced.
    """
    rows = [*_settings(instrument)]
    for language in instrument.languages:
        rows += _structure(instrument, language)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="", delimiter="\t", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def _settings(instrument: Instrument) -> Iterator[Row]:
    first, *others = instrument.languages
    chosen = {"format": "G", "language": first, "additional_languages": " ".join(others), "datestamp": "Y"}
    for number, (name, value) in enumerate(chosen.items()):
        yield {"class": "S", "name": name, "text": value, "help": EXPERIMENTAL if number == 0 else ""}
    for language in instrument.languages:
        titled = {"surveyls_language": language, "surveyls_title": _markup(instrument.title, language)}
        for name, value in titled.items():
            yield {"class": "SL", "name": name, "text": value, "language": language}


def _structure(instrument: Instrument, language: str) -> Iterator[Row]:
    """Yield the rows of one language; every language has the same rows with the same numbers."""
    numbers, headings = count(1), limesurvey_headings(instrument)
    screen = screened_from(instrument)
    condition, relevant = _relevance(screen, headings), "1"
    runs = groupby(pages(instrument), lambda page: "" if page.layout == "single" else page.id)
    for group, (_, run) in enumerate(runs, start=1):
        together = list(run)
        title = instrument.title if together[0].layout == "single" else together[0].title
        yield _row("G", group, language, kind=str(group), name=one_line(title[language]), relevance="1")
        for page in together:
            question = _question(page, next(numbers), language, headings)
            yield question | {"relevance": relevant}
            yield from _parts(
                instrument, page, question, language=language, headings=headings, numbers=numbers
            )
            if screen and screen[0] in page.questions:
                relevant = condition


def _relevance(screen: tuple[Question, tuple[str, ...]] | None, headings: dict[str, str]) -> str:
    if screen is None:
        return "1"
    question, options = screen
    codes = limesurvey_answers(question)
    return " or ".join(f'{headings[question.id]}.NAOK == "{codes[option]}"' for option in options)


def _question(page: Page, number: int, language: str, headings: dict[str, str]) -> Row:
    first = page.questions[0]
    row = _row(
        "Q", number, language, kind=TYPES.get(page.layout) or _type(first),
        name=headings[first.id].partition("[")[0], text=_markup(page.text, language),
        help=_markup(page.hint, language), mandatory="Y" if is_needed(first) else "N", other="N",
    )  # fmt: skip
    if page.most is not None:
        row["max_answers"] = str(page.most)
    if page.layout == "single" and asks_number(first) and (limits := number_range(first)):
        row["min_num_value_n"], row["max_num_value_n"] = (f"{limit:g}" for limit in limits)
    return row


def _parts(
    instrument: Instrument,
    page: Page,
    question: Row,
    *,
    language: str,
    headings: dict[str, str],
    numbers: Iterator[int],
) -> Iterator[Row]:
    """Yield the statements or list entries of a question, then the answers to choose among."""
    first = page.questions[0]
    if page.layout != "single":
        for part in page.questions:
            code = headings[part.id].partition("[")[2].rstrip("]")
            wording = _markup(part.text, language)
            yield _row("SQ", next(numbers), language, kind="0", name=code, text=wording)
    if page.layout != "ticks":
        codes = limesurvey_answers(first)
        for option, text in answer_options(first, instrument.languages).items():
            yield _row(
                "A", int(question["id"]), language, kind="0", name=codes[option], text=_markup(text, language)
            )


def _type(question: Question) -> str:
    """Letter of a question type: list, number or short text."""
    if asks_number(question):
        return "N"
    return "L" if question.kind in ("choice", "scale") else "S"


def _row(class_: str, number: int, language: str, *, kind: str, **cells: str) -> Row:
    return {"id": str(number), "class": class_, "type/scale": kind, "language": language, **cells}


def _markup(text: Text, language: str) -> str:
    """Write a wording as HTML; braces would open an expression."""
    escaped = html.escape(one_line(text.get(language, "")), quote=False)
    return escaped.replace("{", "&#123;").replace("}", "&#125;")
