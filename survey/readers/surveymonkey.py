"""SurveyMonkey exports: questions in the first row, rows and options of each in the second."""

import re
from collections import Counter
from collections.abc import Sequence

from survey.readers.assembly import to_export
from survey.readers.cells import Cells, Platform, heading_key
from survey.readers.export import Export

METADATA = frozenset(
    """respondentid collectorid startdate enddate datecreated datemodified ipaddress emailaddress
    firstname lastname customdata
    befragtenid collectorid erstellungsdatum änderungsdatum startdatum enddatum ipadresse emailadresse vorname
    nachname benutzerdefiniertedaten
    iddurépondant idducollecteur datedecréation datedemodification datededébut datedefin adresseip adresseemail
    prénom nomdefamille donnéespersonnalisées
    iddelencuestado identificadordelencuestado iddelrecopilador identificadordelrecopilador fechadecreación
    fechademodificación direcciónip direccióndecorreoelectrónico datospersonalizados
    respondentid verzamelaarid begindatum einddatum emailadres voornaam achternaam aangepastegegevens""".split()  # noqa: SIM905
)
"""Headings that SurveyMonkey adds, in some of its languages, without case, spaces and closing number."""

_CUSTOM = re.compile(r"custom_\d+")
_PLAIN = frozenset(
    """response openendedresponse antwort offeneantwort réponse réponseouverte respuesta respuestaabierta
    reactie openantwoord antwoord""".split()  # noqa: SIM905
) | {""}
"""Sub-headings that say no more than that the answer to the question follows."""


def recognises(cells: Cells) -> int:
    """Return the number of header rows of a SurveyMonkey export: two, one, or 0.

    Below "Respondent ID" stands nothing in an export of two header rows, and a number in one of one row. In
    another language the heading is known by the numbers of respondent and collector below.
    """
    first = cells.records[0]
    if len(cells.records) < 2:
        return 0
    second = cells.records[1]
    if heading_key(first[0]) in ("respondentid", "collectorid"):
        return 1 if second[0].strip() else 2
    return 2 if _is_numbered(cells.records[:3]) else 0


def is_metadata(heading: str) -> bool:
    """Say whether SurveyMonkey adds a column of this heading."""
    return heading_key(heading).rstrip("0123456789") in METADATA or bool(_CUSTOM.fullmatch(heading.strip()))


def read(cells: Cells, header_rows: int = 0) -> Export:
    """Read a SurveyMonkey export.

    A blank cell of the first row continues the question before it. A column is called by its question
    and, where the question has several columns, its sub-heading: "question - option", which is also how
    exports with one header row call it.

    Raises
    ------
    InputError
        If there is no response below the header.
    """
    count = header_rows or recognises(cells) or 2
    if count == 1:
        labels = list(cells.records[0])
        questions = _shared(labels)
    else:
        questions = _continued(cells.records[0])
        second = cells.records[1] if len(cells.records) > 1 else [""] * len(questions)
        parts = ["" if heading_key(cell) in _PLAIN else cell.strip() for cell in second]
        labels = [
            f"{question} - {part}" if question and part else question or part
            for question, part in zip(questions, parts, strict=True)
        ]
    return to_export(
        cells,
        platform="surveymonkey",
        header_rows=count,
        headings=labels,
        labels=labels,
        stems=questions,
        metadata=[n for n, heading in enumerate(cells.records[0]) if is_metadata(heading)],
    )


def _is_numbered(records: Sequence[Sequence[str]]) -> bool:
    """Whether two numbers stand below two headings that SurveyMonkey adds, and nothing between."""
    if len(records) < 3 or len(records[0]) < 4:
        return False
    above, between, below = records
    ids = all(heading_key(heading) in METADATA for heading in above[:2])
    numbers = all(cell.isdigit() for cell in below[:2])
    return ids and numbers and not any(between[:2]) and any(between)


def _continued(headings: Sequence[str]) -> list[str]:
    """Repeat each question over the blank cells that follow it."""
    questions: list[str] = []
    for heading in headings:
        last = questions[-1] if questions else ""
        questions.append(heading.strip() or ("" if is_metadata(last) else last))
    return questions


def _shared(labels: Sequence[str]) -> list[str]:
    """Return what stands before the last dash, where several headings share it."""
    starts = [label.rpartition(" - ")[0] or label for label in labels]
    shared = Counter(starts)
    return [start if shared[start] > 1 else "" for start in starts]


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
