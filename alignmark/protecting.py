"""What a study declares about personal data, applied to its answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from alignmark.study import StudyFile
from survey.cleaning_log import CleaningLog
from survey.companies import Register, register_of
from survey.declaration import suggest
from survey.free_text import FreeText, review_free_text
from survey.identifiers import PERSONAL, consists_of, holds
from survey.instrument import Instrument
from survey.privacy import MOST
from survey.problems import Problem, first_of
from survey.pseudonyms import pseudonymise, read_key
from survey.responses import Responses
from survey.withholding import (
    RESPONDENT_ID,
    SET_ASIDE,
    Withheld,
    kept_texts,
    without_free_text,
    without_words,
)

BY_HASH = "a hash of the id under the key of the study (HMAC-SHA256)"
BY_PLACE = "file and row of the first response under the same id"


@dataclass(frozen=True, slots=True, eq=False)
class Protection:
    """What was kept out of every output, and how.

    Parameters
    ----------
    set_aside
        file, column, kind, n: the columns that went no further, with the cells they hold; never a value.
    respondents
        What respondents are called by, in words; empty where there are none.
    texts
        Free text that the study keeps, reviewed; None if it keeps none.
    """

    set_aside: pd.DataFrame
    respondents: str = ""
    texts: FreeText | None = None


NOBODY = Protection(
    pd.DataFrame({name: pd.Series(dtype="int64" if name == "n" else "str") for name in SET_ASIDE})
)
"""Where there are no respondents, there is nobody to protect."""


def protect(
    responses: Responses, log: CleaningLog, withheld: Sequence[Withheld],
    *, key: bytes | None, register: Register | None, keep: Sequence[str],
) -> tuple[Responses, CleaningLog, Protection]:  # fmt: skip
    """Take out of clean answers and their log whatever leads to a person.

    Parameters
    ----------
    responses, log
        What cleaning returned.
    withheld
        What was taken out of the exports.
    key
        The key of the study, if it has one.
    register
        The companies of the study, whose names are marked in free text; those that answered if None.
    keep
        Columns and questions whose free text is kept.
    """
    listed = pd.concat([NOBODY.set_aside, *(one.columns for one in withheld)], ignore_index=True)
    own = {file for one in withheld if one.own_ids for file in one.columns["file"]}
    texts = _reviewed(responses, withheld, register) if keep else None
    log = without_words(log, responses.instrument)
    responses, log = pseudonymise(without_free_text(responses), log, key=key, own_ids=own)
    return responses, log, Protection(listed, BY_HASH if key else BY_PLACE, texts)


def study_key(file: StudyFile) -> bytes | None:
    """Return the key of a study, which lies beside it and never with the data; see `survey.pseudonyms.read_key`."""
    declared = file.study.privacy.key_file
    return read_key(file.path.parent / declared if declared else None)


def keep_problems(file: StudyFile, withheld: Iterable[Withheld]) -> list[Problem]:
    """Find what a study asks to keep though it is no free text of any file."""
    return list(_keep_problems(file, list(withheld)))


def company_problems(responses: Responses) -> list[Problem]:
    """Find addresses and numbers of people that stand for a company where no register says which there are."""
    found = holds(responses.frame["company"])[list(PERSONAL)]
    bad = found.any(axis=1)
    what, to_do = "an address or number of a person stands for a company", "write the name of the company"
    rows = responses.frame.loc[bad, ["file", "row"]].sort_values(["file", "row"])
    problems = [
        Problem(what, file, row, "company", to_do=to_do)
        for file, row in rows.itertuples(index=False, name=None)
    ]
    return first_of(problems, "more such cells")


def fact_problems(file: StudyFile, facts: Iterable[pd.DataFrame]) -> Iterator[Problem]:
    """Find facts of companies that are somebody's address or number: facts are written out."""
    study = file.study
    declared = {"register": study.register_of_companies, "firmographics": study.firmographics}
    for table in facts:
        for name in table.select_dtypes(exclude="number").columns.drop("company"):
            found = consists_of(pd.Series(table[name].dropna().unique(), dtype="str"))[list(PERSONAL)]
            if found.any(axis=1).mean() < MOST:
                continue
            what = f"{name!r} holds personal data ({found.sum().idxmax()}), and facts of companies are written out"
            for key, source in declared.items():
                if source is not None and name in source.columns:
                    yield file.problem(
                        [key, "columns", name], what, allowed="facts of the company, not of a person"
                    )


def id_notes(file: str, withheld: Withheld) -> Iterator[Problem]:
    """Say where a file calls its respondents by something personal."""
    if withheld.ids:
        what = f"calls respondents by what looks like personal data ({withheld.ids}); no output shows it"
        column = withheld.columns.loc[withheld.columns["kind"] == RESPONDENT_ID, "column"]
        yield Problem(what, file, column=str(column.iloc[0]), severity="note")


def _reviewed(responses: Responses, withheld: Sequence[Withheld], register: Register | None) -> FreeText:
    known = register or register_of(responses.frame["company"])
    aliases = known.frame["aliases"].str.split(";").explode().str.strip().dropna()
    return review_free_text(
        kept_texts(withheld, responses),
        companies=[*known.frame["name"], *aliases, *known.keys],
        people=[name for one in withheld for name in one.people],
        vocabulary=_wordings(responses.instrument),
    )


def _wordings(instrument: Instrument) -> Iterator[str]:
    for question in instrument.columns.values():
        for text in (question.text, question.stem, *question.options.values()):
            yield from text.values()


def _keep_problems(file: StudyFile, withheld: Sequence[Withheld]) -> Iterator[Problem]:
    known = [name for one in withheld for pair in one.free_text.items() for name in pair]
    refused = {name: kind for one in withheld for name, kind in one.refused.items()}
    for number, name in enumerate(file.study.privacy.keep):
        if name in refused:
            what, allowed = (
                f"{name!r} holds personal data ({refused[name]}), which is never kept",
                "free text",
            )
        elif name not in known:
            what, allowed = f"{name!r} is no free text of any file", suggest(name, list(dict.fromkeys(known)))
        else:
            continue
        yield file.problem(["privacy", "keep", number], what, value=name, allowed=allowed)
