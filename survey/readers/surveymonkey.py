"""SurveyMonkey exports: questions in the first row, rows and options of each in the second."""

from survey.readers.cells import Cells, Platform, heading_key, to_export
from survey.readers.export import Export

METADATA = frozenset(
    """respondentid collectorid startdate enddate datecreated datemodified ipaddress emailaddress
    firstname lastname customdata""".split()  # noqa: SIM905
)
"""Headings that SurveyMonkey adds, without case, spaces and closing number."""

_PLAIN = frozenset({"", "response", "openendedresponse"})
"""Sub-headings that say no more than that the answer to the question follows."""


def recognises(cells: Cells) -> bool:
    """Say whether the file has the two header rows of a SurveyMonkey export."""
    if len(cells.records) < 2:
        return False
    first, second = cells.records[:2]
    starts = heading_key(first[0]) in ("respondentid", "collectorid") and not second[0].strip()
    return starts and any(cell.strip() for cell in second)


def is_metadata(heading: str) -> bool:
    """Say whether SurveyMonkey adds a column of this heading."""
    return heading_key(heading).rstrip("0123456789") in METADATA


def read(cells: Cells) -> Export:
    """Read a SurveyMonkey export.

    A blank cell of the first row continues the question before it. A column is called by its question
    and, where the question has several columns, its sub-heading: "question - option".

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    questions = _continued(cells.records[0])
    parts = ["" if heading_key(cell) in _PLAIN else cell.strip() for cell in cells.records[1]]
    labels = [
        f"{question} - {part}" if question and part else question or part
        for question, part in zip(questions, parts, strict=True)
    ]
    return to_export(
        cells,
        platform="surveymonkey",
        header_rows=2,
        headings=labels,
        labels=labels,
        stems=questions,
        metadata=[n for n, question in enumerate(questions) if is_metadata(question)],
    )


def _continued(headings: list[str]) -> list[str]:
    """Repeat each question over the blank cells that follow it."""
    questions: list[str] = []
    for heading in headings:
        last = questions[-1] if questions else ""
        questions.append(heading.strip() or ("" if is_metadata(last) else last))
    return questions


SURVEYMONKEY = Platform(
    name="surveymonkey",
    title="a SurveyMonkey export",
    expected=(
        'two header rows: questions ("Respondent ID", "Collector ID", ...), and under them "Response", '
        '"Open-Ended Response" or the wording of an option'
    ),
    recognises=recognises,
    read=read,
)
