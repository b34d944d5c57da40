"""What is personal taken out: of an export before it is cleaned, of the answers and of the log after."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from survey.cleaning_log import CleaningLog
from survey.identifiers import is_date, is_number, redacted
from survey.instrument import Instrument
from survey.matching import Matching
from survey.places import PLACE_COLUMNS
from survey.privacy import personal_kind, without
from survey.readers.export import Export
from survey.responses import SOURCE, Responses

SET_ASIDE = ("file", "column", "kind", "n")
"""Columns of the list of what was set aside."""
RESPONDENT_ID = "respondent id"
"""Kind of the column by which a file calls its respondents."""
CLAIMED = {"respondent": RESPONDENT_ID, "email": "e-mail"} | dict.fromkeys(
    PLACE_COLUMNS, "place of a company"
)
"""Kind of the standard columns that serve cleaning and go no further."""
REJECTED = "[text]"
"""Stands in the log for words that were no answer to the question: who wrote them may have written anything."""


class Withheld(NamedTuple):
    """What was taken out of one export.

    Parameters
    ----------
    columns
        `SET_ASIDE`: columns that go no further, with the number of cells that are not blank.
    texts
        file, row, column, text: free text that the study asks to keep, not yet reviewed. A question of the
        instrument is called by its id.
    free_text
        Columns by the name under which their free text may be kept.
    refused
        Kind of each column that the study asks to keep and that is no free text.
    people
        Answers of the columns that hold names.
    ids
        Kind of personal data that the ids of the respondents look like; empty if like none.
    own_ids
        Whether the platform counts the respondents by itself.
    """

    columns: pd.DataFrame
    texts: pd.DataFrame
    free_text: dict[str, str]
    refused: dict[str, str]
    people: tuple[str, ...]
    ids: str
    own_ids: bool


def free_text_questions(instrument: Instrument) -> list[str]:
    """Ids of the questions that are answered in free words: text questions without a role."""
    return [
        question.id
        for question in instrument.columns.values()
        if question.kind == "text" and not question.role
    ]


def withhold(
    export: Export, found: Matching, instrument: Instrument, *, keep: Collection[str] = ()
) -> tuple[Export, Withheld]:
    """Take the personal columns that no question claims out of an export, and free text aside.

    Parameters
    ----------
    export, found
        The export, and which questions its columns answer.
    instrument
        The questionnaire.
    keep
        Columns and questions whose free text the study asks to keep.

    Returns
    -------
    export : Export
        Without the columns of `found.set_aside`; those that questions claim stay until cleaning is done.
    withheld : Withheld
        What was taken out.
    """
    aside = found.set_aside
    kinds = dict(zip(aside["column"], aside["kind"], strict=True))
    asked = {key: found.columns[key] for key in free_text_questions(instrument) if key in found.columns}
    free = {column: column for column, kind in kinds.items() if kind == "free text"} | asked
    kept = {name: column for name, column in free.items() if {name, column} & set(keep)}
    dropped = kinds | dict.fromkeys(asked.values(), "free text")
    dropped = {column: kind for column, kind in dropped.items() if column not in kept.values()}
    dropped |= {
        found.columns[key]: kind
        for key, kind in CLAIMED.items()
        if key in found.columns and not (key in PLACE_COLUMNS and key in instrument.columns)
    }
    respondent = found.columns.get("respondent")
    ids = personal_kind(export, respondent) if respondent is not None else ""
    names = [column for column, kind in kinds.items() if kind == "name"]
    names += [respondent] if respondent is not None and ids == "name" else []
    withheld = Withheld(
        columns=_listed(export, dropped),
        texts=_texts(export, kept),
        free_text=free,
        refused={name: kind for name, kind in kinds.items() if name in keep and kind != "free text"},
        people=tuple(str(name) for column in names for name in export.frame[column].dropna().unique()),
        ids=ids,
        own_ids=respondent in export.metadata,
    )
    return without(export, list(aside["column"])), withheld


def without_free_text(responses: Responses) -> Responses:
    """Return answers without those in free words."""
    asked = [key for key in free_text_questions(responses.instrument) if key in responses.frame]
    return replace(
        responses,
        frame=responses.frame.drop(columns=asked),
        dont_know=responses.dont_know.drop(asked, errors="ignore"),
    )


def without_words(log: CleaningLog, instrument: Instrument) -> CleaningLog:
    """Return a log that quotes nothing personal.

    A value that was lost because it was no answer is shown where it is a number, a date or an option of the
    questionnaire; other words of a respondent become `REJECTED`. In what was understood, names of companies
    for one, identifiers are marked.

    Examples
    --------
    >>> from survey.cleaning_log import COLUMNS
    >>> from survey.instrument import read_instrument
    >>> said = ["9", "ask Jane Doe", "Acme, jane@acme.org"]
    >>> lines = pd.DataFrame({"before": said, "after": ["", "", "acme"], "action": "changed"})
    >>> lines = lines.reindex(columns=list(COLUMNS), fill_value="")
    >>> log = CleaningLog(lines, pd.DataFrame())
    >>> without_words(log, read_instrument("alignment")).frame["before"].tolist()
    ['9', '[text]', 'Acme, [e-mail]']
    """
    before, after = (log.frame[name].astype("str").fillna("") for name in ("before", "after"))
    options = {option for question in instrument.columns.values() for option in question.options}
    plain = is_number(before) | is_date(before) | before.isin({"", *options})
    lost = log.frame["action"].eq("changed") & after.eq("")
    shown = redacted(before).mask(lost & ~plain, REJECTED)
    return replace(log, frame=log.frame.assign(before=shown, after=redacted(after)))


def kept_texts(withheld: Collection[Withheld], responses: Responses) -> pd.DataFrame:
    """Return the free text that a study keeps, of the responses that cleaning kept, in the order of the files."""
    texts = pd.concat([one.texts for one in withheld], ignore_index=True)
    kept = texts.merge(responses.frame[list(SOURCE)], on=list(SOURCE))
    return kept.sort_values(["column", "file", "row"], ignore_index=True)


def _listed(export: Export, columns: Mapping[str, str]) -> pd.DataFrame:
    cells = [int(export.frame[column].count()) for column in columns]
    listed = pd.DataFrame({"column": list(columns), "kind": list(columns.values()), "n": cells})
    listed = listed.astype({"column": "str", "kind": "str", "n": "int64"})
    return listed.assign(file=export.file)[list(SET_ASIDE)]


def _texts(export: Export, columns: Mapping[str, str]) -> pd.DataFrame:
    rows = pd.Series(export.rows, index=export.frame.index)
    nothing = pd.DataFrame({name: pd.Series(dtype="str") for name in ("file", "column", "text")})
    parts = [
        pd.DataFrame(
            {"file": export.file, "row": rows, "column": name, "text": export.frame[column]}
        ).dropna()
        for name, column in columns.items()
    ]
    return pd.concat([nothing.assign(row=pd.Series(dtype="int64")), *parts], ignore_index=True)[
        ["file", "row", "column", "text"]
    ]
