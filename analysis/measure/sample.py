"""Who answered: respondents and companies per wave, what they chose, and companies per segment."""

from collections.abc import Sequence

import pandas as pd

from survey.instrument import Role
from survey.language import mark
from survey.responses import FUNCTIONS, Responses


def sample_by_wave(responses: Responses) -> pd.DataFrame:
    """Count respondents and companies per wave.

    Returns
    -------
    DataFrame
        ``wave, respondents, companies`` and, where the instrument tells functions apart, ``sales,
        marketing`` (respondents) and ``both`` (companies in which both functions answered).
    """
    frame = responses.frame
    waves = frame.groupby("wave")
    table = waves.agg(respondents=("respondent", "size"), companies=("company", "nunique"))
    if responses.instrument.with_role("function") is not None:
        for function in FUNCTIONS:
            table[function] = frame["function"].eq(function).groupby(frame["wave"]).sum()
        known = frame[frame["function"].isin(FUNCTIONS)]
        answered = known.groupby(["wave", "company"])["function"].nunique()
        table["both"] = answered.eq(len(FUNCTIONS)).groupby("wave").sum().reindex(table.index, fill_value=0)
    return table.reset_index()


def choices_by_wave(responses: Responses, roles: Sequence[Role]) -> pd.DataFrame:
    """Count what respondents chose at the yes/no questions that play `roles`.

    Returns
    -------
    DataFrame
        ``question, wave, respondents, companies, yes, no, neither, blank``, one row per question and wave that
        somebody answered: respondents and companies of the wave, then respondents by their answer. `neither` is
        any other option, such as "don't know"; neither it nor `blank` has a score.
    """
    frame, asked = responses.frame, responses.asked
    known = (responses.instrument.with_role(role) for role in roles)
    tables = []
    for key in (question.id for question in known if question is not None and question.id in asked):
        chosen = frame[key]
        told = pd.DataFrame({"yes": chosen.eq("yes"), "no": chosen.eq("no"), "blank": chosen.isna()})
        told["neither"] = ~told.any(axis=1)
        waves = frame.groupby("wave")["company"].agg(respondents="size", companies="nunique")
        tables.append(waves.join(told.groupby(frame["wave"]).sum()).reset_index().assign(question=key))
    columns = ["question", "wave", "respondents", "companies", "yes", "no", "neither", "blank"]
    if not tables:
        return pd.DataFrame(columns=columns)
    table: pd.DataFrame = pd.concat(tables, ignore_index=True)[columns]
    return table[table["blank"] < table["respondents"]].reset_index(drop=True)


def not_asked(responses: Responses) -> pd.DataFrame:
    """Rated statements that the instrument has and a wave did not ask, or nobody in it answered.

    Returns
    -------
    DataFrame
        ``wave, construct, question``, one row per statement of a construct that is empty in the wave.
    """
    frame, rows = responses.frame, []
    for wave in sorted(frame["wave"].unique()):
        answered = frame.loc[frame["wave"] == wave].notna().any()
        for key, question in responses.instrument.columns.items():
            if question.section == "construct" and not answered.get(key, False):
                rows.append({"wave": int(wave), "construct": question.group, "question": key})
    return pd.DataFrame(rows, columns=["wave", "construct", "question"])


def organisations_by_wave(frame: pd.DataFrame) -> pd.DataFrame:
    """Count organisations per wave of a panel file: ``wave, companies``.

    Examples
    --------
    >>> panel = pd.DataFrame({"company": ["a", "b", "a"], "wave": [1, 1, 2]})
    >>> organisations_by_wave(panel).values.tolist()
    [[1, 2], [2, 1]]
    """
    return frame.groupby("wave")["company"].nunique().rename("companies").reset_index()


def composition(
    frame: pd.DataFrame, segments: list[str], *, most: int = 12, minimum: int = 1
) -> pd.DataFrame:
    """Companies per category of each segment variable, with their share.

    Parameters
    ----------
    frame
        Panel rows of one wave.
    segments
        Categorical columns, such as industry, size, region.
    most
        Categories shown per variable; the rest are counted together as "other".
    minimum
        Companies that a category must have to be shown by itself.

    Returns
    -------
    DataFrame
        ``variable, category, n, share`` (per cent of the companies), largest first; companies
        without an entry are the category "not stated".

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "b", "c"], "size": ["small", "small", None]})
    >>> composition(frame, ["size"]).values.tolist()
    [['size', 'small', 2, 66.66666666666667], ['size', 'not stated', 1, 33.333333333333336]]
    """
    parts = [_categories(frame[column], most, minimum).assign(variable=column) for column in segments]
    if not parts:
        return pd.DataFrame(columns=["variable", "category", "n", "share"])
    table = pd.concat(parts, ignore_index=True)
    table["share"] = 100 * table["n"] / len(frame)
    return table[["variable", "category", "n", "share"]]


def _categories(values: pd.Series, most: int, minimum: int) -> pd.DataFrame:
    counts = values.astype("object").where(values.notna(), mark("not stated")).astype(str).value_counts()
    shown = counts.iloc[: most - 1] if len(counts) > most else counts
    shown = shown[shown >= minimum]
    rest = int(counts.sum() - shown.sum())
    if rest:
        shown = pd.concat([shown, pd.Series({mark("other"): rest})])
    counts = shown
    return counts.rename_axis("category").rename("n").reset_index()
