"""How sure it is that a company belongs to the class into which its index puts it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.benchmark.classes import AVERAGE, BEST, LAGGARD, SLACK
from analysis.benchmark.plausible_ranks import (
    NO_ERROR,
    TOO_FEW,
    PlausibleRanks,
    plausible_ranks,
    ranks_of,
)
from analysis.infer.columns import Floats, numeric
from survey.problems import Problem, raise_if_any

SURE = 0.8
"""Probability from which a company is said to be in its class."""

CLASS_NAMES = (BEST, AVERAGE, LAGGARD)


def memberships(
    frame: pd.DataFrame,
    *,
    rng: np.random.Generator,
    best: float = 0.2,
    laggard: float = 0.3,
    score: str = "alignment",
    error: str = "alignment_se",
) -> pd.DataFrame:
    """Probability of each company to be in each of three classes cut on a score that has a sampling error.

    The classes are those of `classify`, cut on the score: the top share `best`, the bottom share `laggard`, of the
    weight where companies have a ``weight``, ties across a cut to the middle. True scores are drawn as in
    `plausible_ranks` and classed in each draw; the probability of a class is the share of draws that put the company
    there, so the three add up to 1.

    Parameters
    ----------
    frame
        One row per company of one wave.
    rng
        Makes the draws.
    best, laggard
        Shares of the companies, or of their weight, 0-1.
    score, error
        Columns: the score, and its standard error; without the latter nothing is known.

    Returns
    -------
    DataFrame
        ``company, class`` (by the score as it stands), ``probability`` (of that class, 0-1), ``best_probability,
        average_probability, laggard_probability, note``, one row per company with a score, sorted by company.

    Raises
    ------
    InputError
        If a column is absent or not numeric, or the shares are impossible.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abcde"), "alignment": [90.0, 60, 58, 20, 50], "alignment_se": 3.0})
    >>> table = memberships(frame, rng=np.random.default_rng(1))
    >>> table[["class", "probability"]].round(1).values.tolist()[:2]
    [['best in class', 1.0], ['average', 1.0]]
    """
    if not (0 < best < 1 and 0 < laggard < 1 and best + laggard <= 1 + SLACK):
        value, allowed = f"best {best:g}, laggard {laggard:g}", "shares above 0 that add up to at most 1"
        raise_if_any([Problem("the class shares are impossible", value=value, allowed=allowed)])
    numeric(frame, [score], keys=("company",))
    there = frame[frame[score].notna()].sort_values("company", ignore_index=True)
    values = there[score].to_numpy(dtype=float)
    errors = numeric(there, [error])[:, 0] if error in there else np.full(len(there), np.nan)
    table = pd.DataFrame({"company": there["company"]})
    if there.empty:
        return table.reindex(columns=["company", "class", "probability", *_columns(), "note"])
    weights = there["weight"].to_numpy(dtype=float) if "weight" in there else None
    ranks = plausible_ranks(values, errors, rng=rng, weights=weights)
    chances = np.where(ranks.known, _classes(ranks, best, laggard).mean(axis=1), np.nan)
    own = _classes(replace(ranks, ranks=ranks_of(values[None])), best, laggard)[:, 0].argmax(axis=0)
    table["class"] = pd.Series(np.array(CLASS_NAMES)[own], dtype="str")
    table["probability"] = chances[own, np.arange(len(own))]
    table[_columns()] = chances.T
    note = np.where(ranks.known, "", NO_ERROR if ranks.known.any() else TOO_FEW)
    return table.assign(note=pd.Series(note, dtype="str"))


def membership_summary(table: pd.DataFrame, *, sure: float = SURE) -> pd.DataFrame:
    """Count how many companies are surely in their class.

    Parameters
    ----------
    table
        From `memberships`.
    sure
        Probability above which a company counts as surely in its class.

    Returns
    -------
    DataFrame
        ``class, companies, n`` (with a probability), ``surely`` (how many above `sure`), ``estimate`` (the same in per
        cent of n), ``mean`` (probability, per cent), one row per class and one for "all".

    Examples
    --------
    >>> table = pd.DataFrame({"class": ["average", "average"], "probability": [0.9, 0.5]})
    >>> membership_summary(table)[["class", "surely", "estimate"]].values.tolist()[-1]
    ['all', 1, 50.0]
    """
    rows = []
    for name in (*CLASS_NAMES, "all"):
        part = table if name == "all" else table[table["class"] == name]
        known = part["probability"].dropna()
        surely = int((known > sure).sum())
        share = 100 * surely / len(known) if len(known) else np.nan
        rows.append((name, len(part), len(known), surely, share, 100 * known.mean()))
    return pd.DataFrame(rows, columns=["class", "companies", "n", "surely", "estimate", "mean"])


def _classes(ranks: PlausibleRanks, best: float, laggard: float) -> Floats:
    """Say, per class, draw and company, whether it is there."""
    first = ranks.not_lower <= best * ranks.size + SLACK
    last = ranks.not_higher <= laggard * ranks.size + SLACK
    return np.stack([first, ~first & ~last, last & ~first]).astype(np.float64)


def _columns() -> list[str]:
    return ["best_probability", "average_probability", "laggard_probability"]
