"""Responses: one row per respondent and wave, in the standard columns, coded by the instrument."""

from dataclasses import dataclass, field

import pandas as pd

from survey.instrument import Instrument
from survey.language import counted
from survey.ledger import Ledger

STANDARD = ("respondent", "company", "function", "wave", "weight")
"""Columns that every respondent table has, before the instrument's own."""

FUNCTIONS = ("sales", "marketing")
"""The two functions whose views are compared."""

SOURCE = ("file", "row")
"""Where a respondent's answers stand: export file and line number."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Answers of many people in many companies, one row each.

    Parameters
    ----------
    frame
        Columns `STANDARD`, `SOURCE`, then one per instrument question that was asked. Scale
        answers are numbers as answered (reverse items not yet turned), with missing and "don't know"
        as NaN; choices are option ids; ticks are 1, 0 or NaN; numbers are floats. ``function`` is
        "sales", "marketing" or "" where the instrument knows no functions.
    instrument
        The questionnaire that the columns belong to.
    dont_know
        Share of answers that were "don't know", per question asked.
    labels
        What answers mean, by question: label by code or option.
    ledger
        Which questions may be compared between which waves; None if nobody has looked.
    flags
        Who was flagged as careless, also of those dropped for it: one row per respondent with the indices,
        the number of flags, the reasons and ``dropped`` (`survey.careless_flags.Judged`); None if nobody
        has looked.
    unsure
        Which answers were "don't know": rows of `frame` by questions asked; None if that is not known.
    """

    frame: pd.DataFrame
    instrument: Instrument
    dont_know: pd.Series
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    ledger: Ledger | None = None
    flags: pd.DataFrame | None = None
    unsure: pd.DataFrame | None = None

    @property
    def asked(self) -> list[str]:
        """Ids of the questions that at least one wave asked, in questionnaire order."""
        return [key for key in self.instrument.columns if key in self.frame]

    def items_of(self, construct: str) -> list[str]:
        """Ids of the items of one construct that were asked."""
        return [key for key in self.asked if self.instrument.columns[key].group == construct]

    def summary(self) -> str:
        """Say in one sentence whose answers to what there are.

        Examples
        --------
        >>> from survey.instrument import read_instrument
        >>> frame = pd.DataFrame({"company": ["Acme", "Acme"], "wave": 2025, "trust_1": [4.0, 5.0]})
        >>> Responses(frame, read_instrument("alignment"), pd.Series(dtype=float))
        2 responses, 1 company, wave 2025, 1 question of 'alignment'
        """
        waves = sorted(self.frame["wave"].unique())
        return (
            f"{counted(len(self.frame), 'response')}, "
            f"{counted(self.frame['company'].nunique(), 'company', 'companies')}, "
            f"{'wave' if len(waves) == 1 else 'waves'} {', '.join(map(str, waves))}, "
            f"{counted(len(set(self.asked) - {*STANDARD}), 'question')} of {self.instrument.instrument!r}"
        )

    __repr__ = summary

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()
