"""Which export column answers which question of the instrument."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from survey.claiming import STANDARD_COLUMNS, Claims, find, readings
from survey.instrument import Instrument
from survey.matching_problems import (
    ambiguities,
    claimed_twice,
    contradictions,
    export_row,
    missing,
    unclaimed,
)
from survey.privacy import NO_PERSONAL_COLUMNS, personal_columns
from survey.problems import Problem, raise_if_any
from survey.readers.export import Export
from survey.rescaling import WaveScale
from survey.similar_wording import Candidate, candidates

__all__ = ["STANDARD_COLUMNS", "MatchedExport", "Matching", "match"]


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Which column of an export answers which question, and why.

    Parameters
    ----------
    columns
        Export column by question id or standard column. A question with the role respondent, company,
        function, started or duration appears under that standard column. Where one column holds several
        choices in a cell, all options of the tick list have it.
    how
        For the same keys: "map" (the study says so), "id", "wording", "wording cut short", "similar
        wording", "several choices in one cell" or "platform".
    scores
        Similarity (0-100) of the wordings that were taken for one another without being the same.
    ignored
        Why a column is passed over, by column; what the platform adds itself is not in it.
    set_aside
        Columns with personal data that no question claims, as `survey.privacy.personal_columns` lists them.
    """

    columns: dict[str, str]
    how: dict[str, str]
    scores: dict[str, float]
    ignored: dict[str, str]
    set_aside: pd.DataFrame = field(default_factory=NO_PERSONAL_COLUMNS.copy)

    def to_frame(self) -> pd.DataFrame:
        """Return question, column, how and score (100 unless the wordings are only similar)."""
        questions = list(self.columns)
        return pd.DataFrame(
            {
                "question": questions,
                "column": list(self.columns.values()),
                "how": [self.how[key] for key in questions],
                "score": [self.scores.get(key, 100.0) for key in questions],
            }
        )

    def decisions(self, export: Export, *, keep: Collection[str] = ()) -> list[Problem]:
        """Return what was decided where it was not plain: guesses as warnings, the rest as notes.

        Parameters
        ----------
        export
            The export that was matched.
        keep
            Columns whose free text the study keeps.
        """
        guessed = {
            self.columns[key]: f"is taken for {key!r}: {how}"
            + (f", {self.scores[key]:.0f} of 100" if key in self.scores else "")
            for key, how in self.how.items()
            if how in ("similar wording", "wording cut short")
        }
        aside = self.set_aside[self.set_aside["n"] > 0][["column", "kind", "n"]]
        kept = aside["kind"].eq("free text") & aside["column"].isin(keep)
        aside["fate"] = kept.map({False: "is set aside", True: "is kept, with identifiers marked"})
        several = [self.columns[key] for key, how in self.how.items() if how == "several choices in one cell"]
        row = export_row(export)
        advice = "if it asks something else, map it under columns"
        return [
            *(Problem(what, export.file, row, column, to_do=advice, severity="warning")
              for column, what in guessed.items()),
            *(Problem("has several choices in one cell", export.file, row, column, severity="note")
              for column in dict.fromkeys(several)),
            *(Problem(f"is passed over: {why}", export.file, row, column, severity="note")
              for column, why in self.ignored.items()),
            *(Problem(f"{fate}: {kind}, in {n} cell{'s' if n != 1 else ''}", export.file, row, str(column),
                      severity="note")
              for column, kind, n, fate in aside.itertuples(index=False)),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class MatchedExport:
    """An export with the meaning of its columns.

    Parameters
    ----------
    export
        The answers as they were read.
    columns
        Export column by question id or standard column, as `Matching.columns` has it.
    wave
        The year of all its responses; None where the column matched to "wave" says it row by row.
    scales
        Scales as this file asked them, where they are not those of the instrument: by the name of the
        scale, the id of a construct or practice group, or of a question, the narrowest ruling.
    codes
        What the answers of a choice mean in this file: option by code, by question.
    """

    export: Export
    columns: dict[str, str]
    wave: int | None = None
    scales: Mapping[str, WaveScale] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def several_choices(self, group: Sequence[str]) -> bool:
        """Say whether one column holds the ticks of these options, several in a cell."""
        columns = [self.columns[key] for key in group if key in self.columns]
        return len(columns) > 1 and len(set(columns)) == 1


def match(
    export: Export,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
    ignored: Collection[str] = (),
    free_text: Collection[str] = (),
    ignore_unknown: bool = False,
) -> Matching:
    """Find the export column of every question that the export asks.

    A column is claimed, in this order: by the study's `columns`; by its heading, if that, its last part
    ("group/id", "group[id]") or its letters and digits are a question id or the name of a standard column; by
    its question text in any language of the instrument, alone or with the stem of its group, and in a matrix
    also by the part that is its own, and after the number in front of it; by the beginning of a wording, if the
    file cuts it short; by the stem or id of a tick list, if no column answers one of its options; by a similar
    wording (`survey.similar_wording.settle`); company and department by what they are called in German. What
    the platform adds itself supplies respondent, start and duration. Columns with personal data that nothing
    claims are set aside.

    Parameters
    ----------
    export
        The export.
    instrument
        The questionnaire.
    columns
        Export heading (or full question text) by question id, standard column, or id of a tick list whose
        choices stand together in one cell.
    ignored
        Columns that no question is to claim.
    free_text
        Columns and questions that the study knows to be answers in free words; a column among them that no
        question claims is set aside.
    ignore_unknown
        Pass over columns that no question claims.

    Returns
    -------
    Matching
        Columns by question, and how each was found.

    Raises
    ------
    InputError
        If `columns` names an unknown column or question, a column is claimed by nothing (unless it is
        metadata), is similar to several questions, several columns claim one question, wording and id
        contradict each other, or company, function or every question is missing; all at once.

    Examples
    --------
    >>> import numpy as np
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"Q1": ["Acme"], "Q2": ["Sales"], "Q3": ["4"]}, dtype="str")
    >>> labels = {"Q3": "The other function respects our work!"}
    >>> export = Export(frame, labels, "spreadsheet", "utf-8", 1, np.array([2]), "2025.csv")
    >>> found = match(export, read_instrument("alignment"), columns={"company": "Q1", "function": "Q2"})
    >>> found.columns
    {'company': 'Q1', 'function': 'Q2', 'trust_2': 'Q3'}
    """
    claims = find(export, instrument, columns=columns, ignored=ignored)
    claims.problems += [
        *contradictions(export, claims.pairs, claims.wordings),
        *claimed_twice(export, claims.pairs),
        *ambiguities(export, claims.ambiguous),
    ]
    near = candidates({column: readings(export, column) for column in claims.left()}, claims.wordings)
    aside = _set_aside(claims, near, free_text)
    passed = {*claims.ambiguous, *aside["column"]}
    left = [column for column in claims.left() if column not in passed]
    if ignore_unknown:
        claims.ignored |= dict.fromkeys(left, "no question has this heading or wording")
    else:
        answered = dict(claims.pairs)
        claims.problems += unclaimed(export, left, near=near, answered=answered, targets=claims.targets)
    claims.problems += missing(export, claims.taken(), standard=STANDARD_COLUMNS, instrument=instrument)
    raise_if_any(claims.problems)
    return Matching(dict(claims.pairs), claims.how, claims.scores, claims.ignored, aside)


def _set_aside(
    claims: Claims, near: Mapping[str, Sequence[Candidate]], free_text: Collection[str]
) -> pd.DataFrame:
    """List the personal columns that nothing claims, but for answers in words whose wording is near a question's."""
    claimed = {column for _, column in claims.pairs}
    found = personal_columns(claims.export, free_text=free_text)
    doubtful = [column for column, others in near.items() if others and column not in free_text]
    by_answers = found["kind"].eq("free text") & found["column"].isin([*doubtful, *claims.ambiguous])
    return found[~found["column"].isin(claimed) & ~by_answers].reset_index(drop=True)
