"""Reviews: what somebody has to decide about names and job titles, written for a spreadsheet."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from alignmark.answers import read_decisions, read_exports, read_titles
from alignmark.attempts import Attempts
from alignmark.inputs import read_instrument_of, read_register_of
from alignmark.output import REVIEWS
from alignmark.study import StudyFile
from survey.company_review import write_review
from survey.identifiers import redacted
from survey.job_titles import title_review
from survey.matching import MatchedExport
from survey.naming_companies import propose_review


def write_reviews(file: StudyFile, folder: Path) -> list[str]:
    """Write the review files of a study, as far as its exports can be read; return the names of those written.

    Company names that may be those of others come with what was decided before, so that the file can take the
    place of the one that the study names. Job titles come with how each was read, those that cannot be told first.

    Parameters
    ----------
    file
        The study.
    folder
        Where the files are written; a study with nothing to review leaves none.
    """
    found = Attempts()
    instrument = found.attempt(read_instrument_of, file)
    matched = read_exports(file, instrument, found=found)
    steps = (_companies, _titles)
    return [name for step in steps if matched and (name := found.attempt(step, file, matched, folder))]


def _companies(file: StudyFile, matched: Sequence[MatchedExport], folder: Path) -> str:
    rules = file.study.companies
    review = propose_review(
        matched, read_instrument_of(file), register=read_register_of(file), rules=rules,
        decisions=read_decisions(file),
    )  # fmt: skip
    target = folder / REVIEWS[0]
    before = file.locate(rules.review_file) if rules.review_file else None
    if before is not None and before.exists():
        shutil.copyfile(before, target)
    if review.empty and not target.exists():
        return ""
    write_review(target, review)
    return target.name


def _titles(file: StudyFile, matched: Sequence[MatchedExport], folder: Path) -> str:
    review = title_review(matched, read_titles(file))
    if review.empty:
        return ""
    told = review.assign(title=redacted(review["title"]))
    told.to_csv(folder / REVIEWS[1], index=False, encoding="utf-8-sig", lineterminator="\n")
    return REVIEWS[1]
