"""Who answered: respondents and companies per wave, and companies per segment."""

import pandas as pd

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


def organisations_by_wave(frame: pd.DataFrame) -> pd.DataFrame:
    """Count organisations per wave of a panel file: ``wave, companies``.

    Examples
    --------
    >>> panel = pd.DataFrame({"company": ["a", "b", "a"], "wave": [1, 1, 2]})
    >>> organisations_by_wave(panel).values.tolist()
    [[1, 2], [2, 1]]
    """
    return frame.groupby("wave")["company"].nunique().rename("companies").reset_index()


def composition(frame: pd.DataFrame, segments: list[str], *, most: int = 12) -> pd.DataFrame:
    """Companies per category of each segment variable, with their share.

    Parameters
    ----------
    frame
        Panel rows of one wave.
    segments
        Categorical columns, such as industry, size, region.
    most
        Categories shown per variable; the rest are counted together as "other".

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
    parts = [_categories(frame[column], most).assign(variable=column) for column in segments]
    if not parts:
        return pd.DataFrame(columns=["variable", "category", "n", "share"])
    table = pd.concat(parts, ignore_index=True)
    table["share"] = 100 * table["n"] / len(frame)
    return table[["variable", "category", "n", "share"]]


def _categories(values: pd.Series, most: int) -> pd.DataFrame:
    counts = values.astype("object").where(values.notna(), "not stated").astype(str).value_counts()
    if len(counts) > most:
        rest = int(counts.iloc[most - 1 :].sum())
        counts = pd.concat([counts.iloc[: most - 1], pd.Series({"other": rest})])
    return counts.rename_axis("category").rename("n").reset_index()
