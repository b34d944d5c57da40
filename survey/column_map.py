"""A column map to edit: every column of an export with the question that it seems to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from survey.claiming import ROLE_COLUMNS, STANDARD_COLUMNS, find, readings, tick_groups
from survey.instrument import Instrument
from survey.language import say
from survey.matching_problems import closest
from survey.privacy import personal_columns
from survey.problems import InputError, Problem, raise_if_any
from survey.readers.export import Export
from survey.readers.spreadsheet import read_table
from survey.similar_wording import candidates
from survey.whole_file import write_whole

COLUMNS = ("column", "text", "question", "how", "score", "alternatives")
"""Columns of a map; only the first and the third are read back."""
PASS_OVER = "-"
"""Stands for the question of a column that no question is to claim."""

_SUGGESTED, _ALTERNATIVES = 60.0, 3


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMap:
    """What a map says, for `survey.matching.match`.

    Parameters
    ----------
    columns
        Export column by question id, standard column or id of a tick list.
    ignored
        Columns that are passed over.
    """

    columns: dict[str, str]
    ignored: tuple[str, ...]


def propose_map(
    export: Export, instrument: Instrument, *, columns: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Propose the question of every column of an export.

    Parameters
    ----------
    export
        The export.
    instrument
        The questionnaire.
    columns
        What is known already, as in `survey.matching.match`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row per column in file order: heading; question text in the file; the question, blank
        where none is found, "-" where the column is passed over or holds personal data; how it was found;
        similarity of the wordings, 0-100; up to three other questions with theirs. A column that answers two
        questions has two rows; a tick list in one cell stands under the id of the list.

    Raises
    ------
    InputError
        If `columns` names a column or question that there is not.

    Examples
    --------
    >>> import numpy as np
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"Q1": ["Acme"], "Q2": ["4"], "Q3": ["x"]}, dtype="str")
    >>> labels = {"Q1": "Your company", "Q2": "The other function respects our works.", "Q3": "Colour?"}
    >>> export = Export(frame, labels, "spreadsheet", "utf-8", 1, np.array([2]), "2025.csv")
    >>> found = propose_map(export, read_instrument("alignment"))
    >>> found[["column", "question", "how"]].values.tolist()
    [['Q1', '', ''], ['Q2', 'trust_2', 'similar wording'], ['Q3', '', '']]
    """
    claims = find(export, instrument, columns=columns)
    raise_if_any(claims.problems)
    groups = {option.id: group for group, options in tick_groups(instrument).items() for option in options}
    several = {column for _, column in claims.pairs if [c for _, c in claims.pairs].count(column) > 1}
    questions: dict[str, list[str]] = {str(column): [] for column in export.frame}
    for target, column in claims.pairs:
        name = groups.get(target, target) if column in several else target
        if name not in questions[column]:
            questions[column].append(name)
    how = {column: claims.how[target] for target, column in claims.pairs}
    scores = {column: claims.scores.get(target, 100.0) for target, column in claims.pairs}
    asking = {column: readings(export, column) for column in claims.left()}
    asking |= {column: readings(export, column) for column, score in scores.items() if score < 100}
    near = candidates(asking, claims.wordings, cutoff=_SUGGESTED)
    personal = personal_columns(export).set_index("column")["kind"]
    aside = {
        str(column): f"set aside: {kind}" for column, kind in personal.items() if not near.get(str(column))
    }
    passed = dict.fromkeys(export.metadata, "added by the platform") | aside | claims.ignored
    rows = []
    for column, found in questions.items():
        others = [c for c in near.get(column, []) if c.target not in found][:_ALTERNATIVES]
        said = found or ([PASS_OVER] if column in passed else [""])
        for question in said:
            why = how.get(column, passed.get(column, ""))
            score = scores.get(column, float("nan"))
            rows.append((column, export.label(column), question, why, score, "; ".join(map(str, others))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_map(path: Path, proposal: pd.DataFrame, *, overwrite: bool = False) -> None:
    """Write a map as CSV, for a spreadsheet or an editor.

    Parameters
    ----------
    path
        The file, ending in .csv.
    proposal
        What `propose_map` returned.
    overwrite
        Replace a file that is there already; it may hold somebody's work.

    Raises
    ------
    InputError
        If the file is there and is not to be replaced, or its name does not end in .csv.
    """
    if path.suffix.lower() != ".csv":
        raise InputError(
            [Problem("a column map is a CSV file", file=str(path), allowed="a name ending in .csv")]
        )
    if path.exists() and not overwrite:
        advice = "give another name, or delete that file first"
        raise InputError([Problem("is there already; nothing was written", file=str(path), to_do=advice)])
    text = proposal.to_csv(index=False, lineterminator="\n")
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8-sig", newline="\n"))


def read_map(path: Path, instrument: Instrument, *, name: str = "") -> ColumnMap:
    """Read a map that somebody has edited.

    Of each row the column and the question count. A blank question leaves the column to matching; "-"
    passes it over.

    Parameters
    ----------
    path
        CSV or workbook with the headings ``column`` and ``question``.
    instrument
        The questionnaire.
    name
        How messages call the file; its name if empty.

    Raises
    ------
    InputError
        If the file cannot be read, a question is none of the instrument's, a question has two columns, or
        a column is passed over and has a question; all at once, with their rows.
    """
    needed = {"column": "column", "question": "question"}
    table = read_table(path, needed, required=tuple(needed), name=name)
    file = name or path.name
    known = {*STANDARD_COLUMNS, *instrument.columns, *tick_groups(instrument)}
    known |= {ROLE_COLUMNS.get(question.role, question.id) for question in instrument.columns.values()}
    columns: dict[str, str] = {}
    ignored: list[str] = []
    problems = []
    said = table.dropna().apply(lambda cells: cells.str.strip())
    for row, column, question in zip(said.index.tolist(), said["column"], said["question"], strict=True):
        if question == PASS_OVER:
            ignored.append(column)
        elif question not in known:
            what, allowed = say("the instrument has no such question"), closest(question, sorted(known))
            problems.append(Problem(what, file, row, "question", question, allowed))
        elif columns.setdefault(question, column) != column:
            what = say(
                "{question!r} is answered by {column!r} already", question=question, column=columns[question]
            )
            allowed = say("one column for each question")
            problems.append(Problem(what, file, row, "question", question, allowed))
    both = set(ignored) & set(columns.values())
    problems += [
        Problem(
            say("is passed over in one row and has a question in another"),
            file,
            column="column",
            value=column,
        )
        for column in sorted(both)
    ]
    raise_if_any(problems)
    return ColumnMap(columns, tuple(dict.fromkeys(ignored)))
