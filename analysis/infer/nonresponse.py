"""Who is missing, by those who answered: the late against the early, companies with one silent function."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field
from scipy import stats

from analysis.infer.columns import RESULT
from analysis.infer.tabulation import contrasts
from survey.declaration import Declared
from survey.language import look_up, mark, say
from survey.problems import Problem, raise_if_any
from survey.responses import FUNCTIONS

TOO_FEW = mark("no interval: each group needs two companies that differ")
GROUPS = {"n_late": mark("late"), "n_early": mark("early"), "n_alone": mark("alone"), "n_both": mark("both")}
"""What is contrasted, by the column that counts it."""


class NonresponseRule(Declared):
    """How late answers are held against early ones.

    Parameters
    ----------
    margin
        Points (0-100) that would not matter, to be declared before looking. No published cut-off; 5 is a twentieth
        of the scale.
    share
        Share of each wave's respondents that is called early, and late.

    Examples
    --------
    >>> NonresponseRule().margin
    5.0
    """

    margin: float = Field(default=5.0, gt=0, le=100)
    share: float = Field(default=0.25, gt=0, le=0.5)


def early_late(
    scores: pd.DataFrame, variables: Sequence[str], *, started: pd.Series, margin: float, share: float = 0.25
) -> pd.DataFrame:
    """Compare the last to answer with the first, by an equivalence test within each wave.

    Late answers stand in for those that never came (Armstrong and Overton 1977, Journal of Marketing
    Research 14). That a difference is not significant proves nothing, so two one-sided tests ask whether it is
    smaller than `margin` (Schuirmann 1987), on Welch's t with companies as clusters (see `contrasts`).

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    variables
        Columns of scores.
    started
        When each respondent began, by the index of `scores`.
    margin
        Points that would not matter, declared before looking.
    share
        Share of the wave's respondents that is called early, and late; above 0, at most 0.5.

    Returns
    -------
    DataFrame
        wave, variable, early, late (means), `RESULT` of late less early, n_early, n_late, companies, margin,
        equivalence_low and equivalence_high (90% interval), p_equivalence (the larger of the two one-sided
        p), verdict ("equivalent", "different", "different, but by less than the margin" or "open"), note
        (what could not be computed and why; empty else). Waves without times have rows that say so.

    Raises
    ------
    InputError
        If a column is absent or not numeric, `margin` is not positive or `share` not within 0-0.5.

    Notes
    -----
    Agrees, where no company repeats, with the larger p of R ``t.test(late, early, mu = -margin, alternative
    = "greater")`` and ``t.test(late, early, mu = margin, alternative = "less")``.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": range(8), "wave": 2025, "goals": [50.0, 52, 51, 53, 52, 51, 50, 52]})
    >>> times = pd.Series(pd.date_range("2025-03-01", periods=8))
    >>> early_late(scores, ["goals"], started=times, margin=10, share=0.5).loc[0, "verdict"]
    'equivalent'
    """
    raise_if_any(_declared(margin, share))
    times = pd.to_datetime(started.reindex(scores.index))
    by_wave = times.groupby(scores["wave"])
    arrived = pd.Series("", index=scores.index)
    arrived = arrived.mask(times >= by_wave.transform("quantile", 1 - share), "late")
    arrived = arrived.mask(times <= by_wave.transform("quantile", share), "early")
    parts = [
        contrasts(rows, variables, group="arrived", a="late", b="early").assign(wave=wave)
        for wave, rows in scores.assign(arrived=arrived).groupby("wave")
    ]
    columns = ["wave", "variable", "early", "late", *RESULT, "n_early", "n_late", "companies", "margin"]
    columns += ["equivalence_low", "equivalence_high", "p_equivalence", "verdict", "note"]
    if not parts:
        return pd.DataFrame(columns=columns)
    names = {"mean_a": "late", "mean_b": "early", "n_a": "n_late", "n_b": "n_early"}
    table = pd.concat(parts, ignore_index=True).rename(columns=names)
    return _equivalence(table, margin)[columns]


def silent_functions(views: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Compare companies in which one function was silent with those in which both answered.

    Parameters
    ----------
    views
        One row per company, wave and function that answered, as `function_means` returns them.
    variables
        Columns of views.

    Returns
    -------
    DataFrame
        wave, function (that answered), silent (the other), variable, alone and both (its means in the two
        sorts of company), `RESULT` of alone less both, n_alone, n_both (companies), note (what could not be
        computed and why; empty else).

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Agrees with R ``t.test(alone, both)``.

    Examples
    --------
    >>> views = pd.DataFrame({"company": list("aabbcd"), "wave": 2025, "goals": [60.0, 50, 70, 50, 40, 44],
    ...                       "function": ["sales", "marketing"] * 2 + ["sales", "sales"]})
    >>> silent_functions(views, ["goals"])[["alone", "both", "estimate"]].values.tolist()
    [[42.0, 65.0, -23.0], [nan, 50.0, nan]]
    """
    known = views[views["function"].isin(FUNCTIONS)]
    together = known.groupby(["company", "wave"])["function"].transform("nunique") == len(FUNCTIONS)
    marked = known.assign(answered=together.map({True: "both", False: "alone"}))
    parts = [
        contrasts(rows, variables, group="answered", a="alone", b="both").assign(
            wave=wave, function=function, silent=next(f for f in FUNCTIONS if f != function)
        )
        for wave, by_wave in marked.groupby("wave")
        for function in FUNCTIONS
        if len(rows := by_wave[by_wave["function"] == function])
    ]
    columns = [
        "wave",
        "function",
        "silent",
        "variable",
        "alone",
        "both",
        *RESULT,
        "n_alone",
        "n_both",
        "note",
    ]
    if not parts:
        return pd.DataFrame(columns=columns)
    names = {"mean_a": "alone", "mean_b": "both", "n_a": "n_alone", "n_b": "n_both"}
    table = pd.concat(parts, ignore_index=True).rename(columns=names)
    notes = [_group_note(row, "n_alone", "n_both") for row in table.to_dict("records")]
    return table.assign(note=notes)[columns]


def _declared(margin: float, share: float) -> list[Problem]:
    wrong = []
    if not margin > 0:
        wrong.append(Problem("is no margin", column="margin", value=str(margin), allowed="points above 0"))
    if not 0 < share <= 0.5:
        wrong.append(Problem("is no such share", column="share", value=str(share), allowed="above 0 to 0.5"))
    return wrong


def _equivalence(table: pd.DataFrame, margin: float) -> pd.DataFrame:
    difference, error, df = (table[name].to_numpy() for name in ("estimate", "std_error", "df"))
    testable = (error > 0) & (df > 0)
    scale, degrees = np.where(testable, error, np.nan), np.where(testable, df, np.nan)
    above = stats.t.sf((difference + margin) / scale, degrees)
    below = stats.t.cdf((difference - margin) / scale, degrees)
    p = np.maximum(above, below)
    reach = stats.t.ppf(0.95, degrees) * scale
    same, apart = p < 0.05, table["p_value"].to_numpy() < 0.05
    verdict = np.select(
        [same & apart, same, apart],
        ["different, but by less than the margin", "equivalent", "different"],
        "open",
    )
    notes = [_group_note(row, "n_late", "n_early") for row in table.to_dict("records")]
    return table.assign(
        margin=margin, equivalence_low=difference - reach, equivalence_high=difference + reach,
        p_equivalence=p, verdict=verdict, note=notes,
    )  # fmt: skip


def _group_note(row: dict[Hashable, Any], first: str, second: str) -> str:
    """Say what a contrast lacks; its groups are those that `first` and `second` count."""
    empty = [look_up(GROUPS[name]) for name in (first, second) if row[name] == 0]
    if len(empty) == 2:
        return say(
            "nothing to compare: no answers in the group {first} and {second}",
            first=empty[0],
            second=empty[1],
        )
    if empty:
        return say("nothing to compare: no answers in the group {group}", group=empty[0])
    return "" if row["p_value"] >= 0 else look_up(TOO_FEW)
