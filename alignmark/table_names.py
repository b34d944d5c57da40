"""Names that crosstab books use, checked against what the questionnaire and the files give."""

from collections.abc import Collection, Iterator, Sequence

import pandas as pd

from alignmark.names import ADMINISTRATIVE
from alignmark.study import Study, StudyFile
from survey.declaration import suggest
from survey.instrument import Instrument
from survey.problems import Problem


def table_problems(
    file: StudyFile, instrument: Instrument, asked: Collection[str] | None, facts: Sequence[pd.DataFrame]
) -> Iterator[Problem]:
    """Yield each question and each head of a banner that a book names and nothing gives.

    Parameters
    ----------
    file, instrument
        The study and its questionnaire.
    asked
        Questions that at least one wave asks; None where not every file could be read.
    facts
        Tables of facts of companies.
    """
    questions = [q for q in instrument.columns.values() if asked is None or q.id in asked]
    subjects = [name for q in questions if q.kind != "text" for name in (q.id, q.group)]
    heads = list(_heads(file.study, instrument, facts))
    heads += [q.id for q in questions if q.kind == "choice" and q.id not in heads]
    for number, book in enumerate(file.study.tables):
        declared = book.questions if isinstance(book.questions, list) else []
        for key, names, known in (("questions", declared, subjects), ("banner", book.banner, heads)):
            for place, name in enumerate(names):
                if name not in known:
                    allowed = suggest(name, dict.fromkeys(known))
                    what = f"{name!r} is nothing that a table of this study can show"
                    if key == "banner":
                        what = f"{name!r} cannot head columns of a table of this study"
                    yield file.problem(["tables", number, key, place], what, value=name, allowed=allowed)


def _heads(study: Study, instrument: Instrument, facts: Sequence[pd.DataFrame]) -> Iterator[str]:
    yield "wave"
    if instrument.with_role("function") is not None:
        yield "function"
    if study.classes.on_outcomes is not None or study.classes.on_practices is not None:
        yield "class"
    for table in facts:
        yield from (str(name) for name in table if name not in (*ADMINISTRATIVE, "wave"))
