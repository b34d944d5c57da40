"""The questionnaire as an XLSForm, for KoboToolbox, ODK and everything else that reads one."""

import re
from datetime import datetime
from pathlib import Path

import xlsxwriter
from babel import Locale, UnknownLocaleError

from survey.fielding_pages import (
    Page,
    answer_options,
    asks_number,
    is_needed,
    number_range,
    one_line,
    pages,
    plain_name,
    screened_from,
)
from survey.instrument import Instrument, Question, Text
from survey.problems import Problem, raise_if_any
from survey.rescaling import scale_name

CREATED = datetime(2026, 1, 1)
"""Date in the properties of the workbook, so that the same questionnaire gives the same bytes."""
RANGE = {
    "en": "Please enter a number from {low} to {high}.",
    "de": "Bitte eine Zahl von {low} bis {high} eingeben.",
}
LIMIT = {"en": "Please choose at most {most}.", "de": "Bitte höchstens {most} auswählen."}
NEEDED = {
    "en": "Your answers cannot be used without this one.",
    "de": "Ohne diese Angabe lassen sich Ihre Antworten nicht auswerten.",
}
"""What people are told, by language; in any other, numbers and signs, or English."""

Row = dict[str, str]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_TIMES = ("start", "end")


def write_xlsform(instrument: Instrument, path: Path) -> None:
    """Write a questionnaire as an XLSForm workbook: the sheets survey, choices and settings.

    Every construct and practice group is a page (`field-list`), its statements a row of points each
    (`likert`), because a table heading (`table-list`) would come back as columns that nobody answered.
    Columns, groups and options bear the ids of the questionnaire, and "don't know" is `dont_know`, so
    that what comes back is understood without a column map. Only company and function must be answered.
    Numbers are held to their range and ticks to the number that their wording allows; people of
    another function than sales and marketing see no further question.

    Parameters
    ----------
    instrument
        The questionnaire, with all its languages.
    path
        The workbook (.xlsx); an existing one is replaced.

    Raises
    ------
    InputError
        If an id cannot be a name in an XLSForm; all of them at once.
    """
    raise_if_any(_bad_names(instrument))
    sheets = {
        "survey": _survey(instrument),
        "choices": _choices(instrument),
        "settings": [_settings(instrument)],
    }
    with xlsxwriter.Workbook(path, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": CREATED})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            headings = list(dict.fromkeys(key for row in rows for key in row))
            sheet.freeze_panes(1, 0)
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading)
                for number, row in enumerate(rows, start=1):
                    if row.get(heading):
                        sheet.write_string(number, column, row[heading])


def _survey(instrument: Instrument) -> list[Row]:
    rows = [{"type": time, "name": time} for time in _TIMES if time not in instrument.columns]
    screen = screened_from(instrument)
    condition, relevant = _relevance(screen), ""
    for page in pages(instrument):
        rows += _page(instrument, page, relevant)
        if screen and screen[0] in page.questions:
            relevant = condition
    return rows


def _relevance(screen: tuple[Question, tuple[str, ...]] | None) -> str:
    if screen is None:
        return ""
    question, options = screen
    return " or ".join(f"${{{question.id}}} = '{option}'" for option in options)


def _page(instrument: Instrument, page: Page, relevant: str) -> list[Row]:
    if page.layout == "ticks":
        limit = {}
        if page.most is not None:
            said = _said(instrument, LIMIT, f"≤ {page.most}", most=page.most)
            limit = {"constraint": f"count-selected(.) <= {page.most}"}
            limit |= _translated(instrument, "constraint_message", said)
        row = {"type": f"select_multiple {page.id}", "name": page.id, "relevant": relevant}
        return [row | _translated(instrument, "label", page.text) | limit]
    if page.layout == "single":
        return [_question(instrument, page, page.questions[0]) | {"relevant": relevant}]
    begin = {"type": "begin_group", "name": page.id, "appearance": "field-list", "relevant": relevant}
    rated = [
        {"type": f"select_one {_list(instrument, question)}", "name": question.id, "appearance": "likert"}
        | _translated(instrument, "label", question.text)
        for question in page.questions
    ]
    return [begin | _translated(instrument, "label", page.text), *rated, {"type": "end_group"}]


def _question(instrument: Instrument, page: Page, question: Question) -> Row:
    row = {"type": "text", "name": question.id} | _translated(instrument, "label", page.text)
    if answer_options(question, instrument.languages):
        row["type"] = f"select_one {_list(instrument, question)}"
    elif asks_number(question):
        row |= {"type": "decimal"} | _translated(instrument, "hint", page.hint)
    limits = number_range(question) if asks_number(question) else None
    if limits:
        low, high = (f"{limit:g}" for limit in limits)
        said = _said(instrument, RANGE, f"{low} … {high}", low=low, high=high)
        row |= {"constraint": f". >= {low} and . <= {high}"}
        row |= _translated(instrument, "constraint_message", said)
    if is_needed(question):
        said = _said(instrument, NEEDED, NEEDED["en"])
        row |= {"required": "yes"} | _translated(instrument, "required_message", said)
    return row


def _choices(instrument: Instrument) -> list[Row]:
    lists: dict[str, dict[str, Text]] = {}
    for page in pages(instrument):
        if page.layout == "ticks":
            lists[page.id] = {question.id: question.text for question in page.questions}
            continue
        for question in page.questions:
            if options := answer_options(question, instrument.languages):
                lists[_list(instrument, question)] = options
    return [
        {"list_name": name, "name": option} | _translated(instrument, "label", text)
        for name, options in lists.items()
        for option, text in options.items()
    ]


def _settings(instrument: Instrument) -> Row:
    first = instrument.languages[0]
    return {
        "form_title": one_line(instrument.title[first]),
        "form_id": plain_name(instrument.instrument),
        "version": instrument.version,
        "default_language": _language(first),
        "style": "pages",
    }


def _list(instrument: Instrument, question: Question) -> str:
    """Name the list of choices: after the scale, which many questions share, or after the question."""
    scale = scale_name(question, instrument)
    return f"{scale}_scale" if scale else question.id


def _translated(instrument: Instrument, column: str, text: Text) -> Row:
    """Put each wording into the column of its language; a `${` is parted, because it opens a reference."""
    return {
        f"{column}::{_language(language)}": one_line(text[language]).replace("${", "$ {")
        for language in instrument.languages
        if language in text
    }


def _language(code: str) -> str:
    """Name a language as its speakers do, with its code: "Deutsch (de)"."""
    try:
        name = Locale.parse(code, sep="-" if "-" in code else "_").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return f"{(name or code)[:1].upper()}{(name or code)[1:]} ({code})"


def _said(instrument: Instrument, sentences: dict[str, str], otherwise: str, **values: object) -> Text:
    return {
        language: sentences[language].format(**values) if language in sentences else otherwise
        for language in instrument.languages
    }


def _bad_names(instrument: Instrument) -> list[Problem]:
    named = [page.id for page in pages(instrument)] + list(instrument.columns)
    for question in instrument.columns.values():
        named += question.options
    what = "cannot be a name in an XLSForm"
    allowed = "letters without accents, digits, _, - and ., beginning with a letter"
    return [
        Problem(f"the id {name!r} {what}", value=name, allowed=allowed)
        for name in dict.fromkeys(named)
        if not _NAME.fullmatch(name)
    ]
