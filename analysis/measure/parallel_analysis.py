"""How many factors answers hold: parallel analysis."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.language import say

Floats = NDArray[np.float64]
COLUMNS = ("factor", "eigenvalue", "random", "kept", "n", "note")


def parallel_analysis(
    answers: pd.DataFrame, *, rng: np.random.Generator, draws: int = 1_000, quantile: float = 0.95
) -> pd.DataFrame:
    """Compare the eigenvalues of the items' correlations with those of unrelated items (Horn 1965).

    A factor is kept while its eigenvalue, and that of every one before it, is beyond the quantile of what as
    many respondents and items give by chance (Glorfeld 1995). Unrelated normal items are drawn as Wishart
    matrices, so that the cost does not grow with the respondents.

    Parameters
    ----------
    answers
        Items in columns, NaN where missing: correlations are pairwise, and n is that of the pair with fewest.
    rng
        Where chance comes from.
    draws, quantile
        Random matrices, and the quantile of their eigenvalues to beat.

    Returns
    -------
    DataFrame
        factor (1 first), eigenvalue, random (the quantile), kept, n, note. One row with a note where items do
        not vary, or fewer than two are there, or too few respondents.

    Notes
    -----
    The random eigenvalues agree, up to the draws, with those of ``psych::fa.parallel(x, fa = "pc")`` in R,
    which compares with their mean.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.normal(size=(300, 1)) + rng.normal(size=(300, 4)))
    >>> parallel_analysis(answers, rng=rng)["kept"].tolist()
    [True, False, False, False]
    """
    values = answers.to_numpy(dtype=np.float64)
    present = ~np.isnan(values)
    n = int((present.T.astype(float) @ present).min()) if values.size else 0
    if why := _why_not(values, present, n):
        return pd.DataFrame([dict(zip(COLUMNS, (np.nan, np.nan, np.nan, False, n, why), strict=True))])
    observed = np.linalg.eigvalsh(answers.astype("float64").corr().to_numpy())[::-1]
    random = np.quantile(random_eigenvalues(n, values.shape[1], rng=rng, draws=draws), quantile, axis=0)
    kept = np.logical_and.accumulate(observed > random)
    table = {
        "factor": np.arange(1, len(observed) + 1),
        "eigenvalue": observed,
        "random": random,
        "kept": kept,
    }
    return pd.DataFrame(table).assign(n=n, note="")


def random_eigenvalues(n: int, n_items: int, *, rng: np.random.Generator, draws: int) -> Floats:
    """Return draws x items eigenvalues, largest first, of correlations of unrelated normal items.

    Each draw is a Wishart matrix with n - 1 degrees of freedom by Bartlett's (1933) decomposition.
    """
    lower = np.tril(rng.normal(size=(draws, n_items, n_items)), -1)
    diagonal = np.arange(n_items)
    lower[:, diagonal, diagonal] = np.sqrt(rng.chisquare(n - 1 - diagonal, size=(draws, n_items)))
    cross = lower @ lower.transpose(0, 2, 1)
    sd = np.sqrt(cross[:, diagonal, diagonal])
    return np.asarray(np.linalg.eigvalsh(cross / (sd[:, :, None] * sd[:, None, :]))[:, ::-1])


def _why_not(values: Floats, present: NDArray[np.bool_], n: int) -> str:
    if values.ndim < 2 or values.shape[1] < 2:
        return say("needs two items")
    if n <= values.shape[1]:
        return say(
            "{n} respondents who answered two items together are too few for {items} items",
            n=n,
            items=values.shape[1],
        )
    lowest = np.where(present, values, np.inf).min(axis=0)
    highest = np.where(present, values, -np.inf).max(axis=0)
    return say("all answers to an item are equal") if (lowest == highest).any() else ""
