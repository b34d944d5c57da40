"""Figures that others have published of the same data, beside what this study finds."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alignmark.study import StudyFile
from analysis.measure.panel import Panel
from survey.dates import read_years
from survey.numbers import read_numbers
from survey.problems import Problem, problems_at, raise_if_any
from survey.readers.spreadsheet import read_table

KEPT = ("wave", "source")
"""Columns of the file that are no figures."""


def read_published_figures(file: StudyFile) -> pd.DataFrame | None:
    """Read the figures of a study that others have published; None if it names none.

    Returns
    -------
    DataFrame
        ``wave, variable, published, unit`` (of the last digit that was printed), ``source``, one row per figure.

    Raises
    ------
    InputError
        If the file cannot be read, a row has no year, or a figure is no number; all at once.
    """
    declared = file.study.published
    if declared is None:
        return None
    table = read_table(file.locate(declared.file), declared.columns, required=("wave",), name=declared.file)
    waves = read_years(table["wave"])
    figures = {str(name): table[name] for name in table if name not in KEPT}
    raise_if_any(_problems(table, waves, figures, file))
    source = table["source"].fillna("") if "source" in table else ""
    parts = [
        pd.DataFrame({
            "wave": waves, "variable": name, "published": read_numbers(text)[0], "unit": _last_digit(text),
            "source": source,
        })
        for name, text in figures.items()
    ]  # fmt: skip
    long = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["published"])
    return long.dropna(subset=["published"], ignore_index=True)


def reproduced(panel: Panel, published: pd.DataFrame, *, statistic: str, fewest: int = 1) -> pd.DataFrame:
    """Hold what the panel gives against what was published.

    A figure agrees if it is nearer than one unit of the last digit that was printed: half a unit may be lost in
    rounding it, and half in rounding the scores that this study starts from.

    Parameters
    ----------
    panel
        Companies by wave.
    published
        From `read_published_figures`.
    statistic
        "median" or "mean" over the companies of a wave, each counting the same.
    fewest
        Companies that a figure of ours must stand for.

    Returns
    -------
    DataFrame
        The published rows with ``estimate`` (ours; NaN of fewer companies), ``difference``, ``n`` (companies) and
        ``agrees``, by variable and wave.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": list("abc"), "wave": 2025, "alignment": [50.0, 58.4, 70.0]})
    >>> said = pd.DataFrame({"wave": [2025], "variable": "alignment", "published": [58.0], "unit": 1.0, "source": ""})
    >>> found = reproduced(Panel(frame, read_instrument("alignment"), {}), said, statistic="median")
    >>> found[["estimate", "agrees"]].values.tolist()
    [[58.4, True]]
    """
    if published.empty:
        return pd.DataFrame()
    variables = list(dict.fromkeys(published["variable"]))
    long = panel.frame.melt("wave", variables, "variable", "value").groupby(["wave", "variable"])["value"]
    ours = pd.DataFrame({"estimate": long.agg(statistic), "n": long.count()})
    ours["estimate"] = ours["estimate"].where(ours["n"] >= fewest)
    table = published.join(ours, on=["wave", "variable"])
    away = table["estimate"] - table["published"]
    table = table.assign(n=table["n"].fillna(0).astype("int64"), difference=away)
    # Half of all scores end in a half where they were rounded: a full unit is already a disagreement.
    return table.assign(agrees=away.abs() < table["unit"] - 1e-9)


def _last_digit(text: pd.Series) -> "pd.Series[float]":
    """Return the worth of the last digit that was printed: 1 for 58, 0.001 for 63.920."""
    decimals = text.astype("str").str.extract(r"[.,](\d+)\s*%?$", expand=False).str.len().fillna(0)
    return pd.Series(np.power(10.0, -decimals.to_numpy(dtype=float)), index=text.index)


def _problems(
    table: pd.DataFrame, waves: pd.Series, figures: dict[str, pd.Series], file: StudyFile
) -> Iterator[Problem]:
    declared = file.study.published
    assert declared is not None  # asked for only where it is
    wrong = {"wave": waves.isna()} | {name: read_numbers(text)[1] for name, text in figures.items()}
    for name, mask in wrong.items():
        what, allowed = (
            ("is not a year", "such as 2025") if name == "wave" else ("is not a number", "a number")
        )
        cells = zip(table.index[mask].tolist(), table.loc[mask, name].fillna(""), strict=True)
        yield from problems_at(
            what, cells, file=declared.file, column=declared.columns[name], allowed=allowed
        )
