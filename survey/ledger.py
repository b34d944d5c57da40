"""Ledger: which questions of which wave mean the same as in the instrument, and so from wave to wave."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from pydantic import Field

from survey.declaration import Declared
from survey.language import look_up, mark, recognise, say

Status = Literal["same", "rescaled", "reworded", "not comparable"]

STATUSES: tuple[Status, ...] = ("same", "rescaled", "reworded", "not comparable")
"""From the least to the most that changed."""

IN_ONE_WAVE = {
    "rescaled": mark("{n} rescaled in at least one"),
    "reworded": mark("{n} reworded in at least one"),
    "not comparable": mark("{n} not comparable in at least one"),
}
REASONS = (
    mark("the wording is not that of the instrument (similarity {alike} of 100)"),
    mark("asked on {asked}, turned round, brought linearly to {scale}"),
    mark("asked on {asked}, brought linearly to {scale}"),
    mark("the label of {code} is {label}, not {known}"),
    mark("none of {n} answers is {end}"),
    mark("wording: {reason}"),
    mark("scale: {reason}"),
    mark("labels: {reason}"),
    mark("routing: {reason}"),
    mark("mode: {reason}"),
    mark("order: {reason}"),
)
"""What the reason of a row can be; several are joined by semicolons."""

COLUMNS = ("item", "wave", "file", "column", "status", "reason", "scale_seen", "wording_seen")
"""Columns of the ledger."""

MOST_NAMED = 6
"""Questions that a sentence names one by one."""


class Change(Declared):
    """What the researcher knows to be different about questions in one wave.

    Parameters
    ----------
    wave
        The year.
    questions
        Ids of questions, constructs or practice groups; every question if empty.
    what
        What changed. Routing (who was asked), mode (how: online, by telephone) and order cannot be seen
        in an export and are known only if they are declared.
    status
        What that means for comparing the wave with others: nothing, a remark, or that it must not be done.
    reason
        Why, in words; it stands in the report.
    """

    wave: int
    questions: list[str] = Field(default_factory=list)
    what: Literal["wording", "scale", "labels", "routing", "mode", "order"]
    status: Literal["same", "reworded", "not comparable"]
    reason: str = Field(min_length=1)


def named(questions: Sequence[str]) -> str:
    """Name a few questions, and of many the first and how many more, for sentences and notes.

    Examples
    --------
    >>> named(["t1", "t2"]), named([f"t{n}" for n in range(12)])
    ('t1, t2', 't0, t1, t2 and 9 more (see ledger.csv)')
    """
    if len(questions) <= MOST_NAMED:
        return ", ".join(questions)
    return say(
        "{questions} and {n} more (see ledger.csv)",
        questions=", ".join(questions[:3]),
        n=len(questions) - 3,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """How comparable each question of each wave is.

    Parameters
    ----------
    frame
        `COLUMNS`, one row per question, wave and file that asks it, in questionnaire order. ``status`` is
        "same", "rescaled" (asked on another scale and brought linearly to that of the instrument),
        "reworded" (kept, with a remark) or "not comparable" (left out of whatever compares waves);
        ``reason`` says why; ``scale_seen`` is the span of the answers as written in the file, and
        ``wording_seen`` the question there, both empty where there is none.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table."""
        return self.frame.copy()

    def comparable(self, *waves: int) -> list[str]:
        """Return the questions that all of these waves asked and that may be compared between them.

        Examples
        --------
        >>> frame = pd.DataFrame([["t1", 2024, "same"], ["t2", 2024, "reworded"], ["t1", 2025, "same"],
        ...                       ["t2", 2025, "same"], ["t1", 2026, "not comparable"]],
        ...                      columns=["item", "wave", "status"])
        >>> Ledger(frame).comparable(2024, 2025), Ledger(frame).comparable(2025, 2026)
        (['t1', 't2'], [])
        """
        asked = self.frame[self.frame["wave"].isin(waves)]
        barred = self.barred(*waves)
        counts = asked.groupby("item", sort=False)["wave"].nunique()
        return [str(item) for item in counts.index[counts == len(set(waves))] if item not in barred]

    def barred(self, *waves: int) -> list[str]:
        """Return the questions that one of these waves asked in a way that must not be compared.

        Examples
        --------
        >>> frame = pd.DataFrame([["t1", 2024, "same"], ["t2", 2024, "not comparable"]],
        ...                      columns=["item", "wave", "status"])
        >>> Ledger(frame).barred(2024, 2025), Ledger(frame).barred(2025)
        (['t2'], [])
        """
        rows = self.frame["wave"].isin(waves) & (self.frame["status"] == "not comparable")
        return list(map(str, self.frame.loc[rows, "item"].unique()))

    def changed(self) -> pd.DataFrame:
        """Return the rows in which anything is not the same, for a report that shows no more."""
        return self.frame[self.frame["status"] != "same"].reset_index(drop=True)

    def summary(self) -> str:
        """Say in one sentence how many questions are the same in every wave, and what became of the rest.

        Examples
        --------
        >>> frame = pd.DataFrame({"item": ["t1", "t2"], "wave": 2025, "status": ["same", "reworded"]})
        >>> Ledger(frame).summary()
        '2 questions: 1 the same in every wave; 1 reworded in at least one'
        >>> frame = pd.DataFrame({"item": ["t1", "t1", "t2"], "wave": [2024, 2025, 2025], "status": "same"})
        >>> Ledger(frame).summary()
        '2 questions: 1 the same in every wave; 1 not asked in every wave'
        """
        worst = self.frame["status"].map(STATUSES.index).groupby(self.frame["item"]).max()
        counts = {status: int((worst == n).sum()) for n, status in enumerate(STATUSES)}
        waves = self.frame.groupby("item")["wave"].nunique()
        lacking = int(((worst == 0) & (waves < self.frame["wave"].nunique())).sum())
        text = say(
            "{n} questions: {same} the same in every wave", n=len(worst), same=counts.pop("same") - lacking
        )
        rest = [say("{n} not asked in every wave", n=lacking)] if lacking else []
        rest += [look_up(IN_ONE_WAVE[status]).format(n=count) for status, count in counts.items() if count]
        return "; ".join([text, *rest])

    __repr__ = summary


def reason_said(reason: str) -> str:
    """Say why a question is not the same in the language that is being written; the ledger is English.

    Examples
    --------
    >>> reason_said("asked on 1-7, brought linearly to 1-5")
    'asked on 1-7, brought linearly to 1-5'
    """
    return "; ".join(recognise(part, REASONS) for part in reason.split("; "))
