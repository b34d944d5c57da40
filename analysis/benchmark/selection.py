"""What a cut guarantees by itself: the gap between classes that were selected on the gap."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.benchmark.classes import Classes
from analysis.infer.columns import numeric
from survey.problems import Problem, raise_if_any


def expected_means(k: int, r: float, *, best: float = 0.2, laggard: float = 0.3) -> pd.Series:
    """Mean of one class-defining outcome in each class, in its standard deviations, if nothing else acts.

    Classes are cut on the mean of k standardised outcomes with common correlation r, all normal. The
    outcome correlates with that score by ``sqrt((1 + (k - 1) r) / k)``; the mean of a normal score above
    its upper `best` quantile is ``phi(z) / best``, below its lower `laggard` quantile ``-phi(z) / laggard``.

    Parameters
    ----------
    k
        Number of outcomes that define the class.
    r
        Their common correlation.
    best, laggard
        Shares of the top and the bottom class.

    Returns
    -------
    Series
        ``correlation``, then ``best in class``, ``average`` and ``laggard`` in standard deviations.

    Raises
    ------
    InputError
        If k, r or the shares are impossible.

    Examples
    --------
    >>> expected_means(3, 0.3).round(2).tolist()
    [0.73, 1.02, 0.1, -0.85]
    """
    raise_if_any(_faults(k, r, best, laggard))
    correlation = float(np.sqrt((1 + (k - 1) * r) / k))
    above, below = (float(stats.norm.pdf(stats.norm.ppf(share))) for share in (best, laggard))
    between = 1 - best - laggard
    average = (below - above) / between if between > 0 else np.nan
    score = {"best in class": above / best, "average": average, "laggard": -below / laggard}
    return pd.Series(
        {"correlation": correlation} | {name: correlation * mean for name, mean in score.items()}
    )


def expected_gap(k: int, r: float, *, best: float = 0.2, laggard: float = 0.3) -> float:
    """Gap between best in class and laggards in one of k class-defining outcomes, in its standard deviations.

    As `expected_means`; with the usual shares it is 2.56 times the outcome's correlation with the score,
    whatever alignment does. An observed gap divided by it is the standard deviation that would produce the
    gap by selection alone.

    Examples
    --------
    >>> round(expected_gap(1, 0), 2), round(expected_gap(4, 0.3), 2), round(24 / expected_gap(3, 0), 1)
    (2.56, 1.76, 16.2)
    """
    means = expected_means(k, r, best=best, laggard=laggard)
    return float(means["best in class"] - means["laggard"])


def null_gaps(frame: pd.DataFrame, classes: Classes) -> pd.DataFrame:
    """Observed gap of each class-defining column, beside the gap that the selection alone guarantees.

    In each wave, over the classified companies, ``selection_gap = sd * correlation * distance``: the column's
    standard deviation, its correlation with the score that the classes were cut on, and the distance
    between the mean scores of the first and the last class in standard deviations of the score (2.56 if
    scores are normal and shares 20 and 30 per cent). For z scores of k complete outcomes the correlation
    of outcome j is ``sum_l(r_jl) / sqrt(sum_jl(r_jl))``, r being the correlations between the outcomes, so
    nothing but these and the spread enters: no alignment, no practice. The observed gap differs from it
    only as far as the column is not linear in the score, and by chance.

    Parameters
    ----------
    frame
        Panel rows.
    classes
        From `analysis.benchmark.classes.classify`.

    Returns
    -------
    DataFrame
        ``outcome, wave, a, b, observed_gap, selection_gap, sd, correlation, n_a, n_b, n``, in units of the
        column, a less b; a is the first class and b the last.

    Raises
    ------
    InputError
        If a defining column is absent.

    Examples
    --------
    >>> from analysis.benchmark.classes import OutcomeClasses, classify
    >>> from analysis.measure.panel import Panel
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> classes = classify(panel, OutcomeClasses(("revenue_growth",)))
    >>> null_gaps(frame, classes)[["observed_gap", "selection_gap"]].round(1).values.tolist()
    [[7.5, 7.5]]
    """
    columns = list(classes.selected_on)
    numeric(frame, columns, keys=("company", "wave"))
    # Outcomes go by number here: one of them may be called "score" or "value".
    numbered = frame[["company", "wave", *columns]].set_axis(
        ["company", "wave", *range(len(columns))], axis=1
    )
    kept = numbered.merge(classes.frame, on=["company", "wave"])
    long = kept.melt(["wave", "score", "class"], range(len(columns)), var_name="outcome", value_name="value")
    long = long.assign(outcome=long["outcome"].map(dict(enumerate(columns)))).dropna()
    a, b = classes.names[0], classes.names[-1]
    keys = ["outcome", "wave"]
    groups = long.groupby(keys, sort=False)
    n, spread = groups.size(), groups[["value", "score"]].std()
    centred = long[["value", "score"]] - groups[["value", "score"]].transform("mean")
    product = centred.prod(axis=1).groupby([long["outcome"], long["wave"]], sort=False).sum()
    covariance = product / (n - 1).where(n > 1)
    first, last = (long[long["class"] == name].groupby(keys)[["value", "score"]].mean() for name in (a, b))
    apart = (first - last).reindex(n.index)
    table = pd.DataFrame({"a": a, "b": b, "observed_gap": apart["value"]}, index=n.index)
    table["selection_gap"] = covariance / spread["score"].where(spread["score"] > 0) ** 2 * apart["score"]
    table["sd"] = spread["value"]
    table["correlation"] = covariance / spread.where(spread > 0).prod(axis=1, skipna=False)
    sizes = [long["class"].eq(name).groupby([long["outcome"], long["wave"]]).sum() for name in (a, b)]
    return table.assign(n_a=sizes[0], n_b=sizes[1], n=n).reset_index()


def pooled_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Average the waves of `null_gaps`, each wave counting by its classified companies.

    Returns
    -------
    DataFrame
        ``outcome, a, b, observed_gap, selection_gap, sd, correlation, n`` and, if given, ``n_a, n_b``;
        waves without a gap are left out, the counts are company-waves of the others.

    Examples
    --------
    >>> gaps = pd.DataFrame({"outcome": "growth", "wave": [1, 2], "a": "x", "b": "y",
    ...                      "observed_gap": [4.0, 8.0], "selection_gap": [3.0, 7.0],
    ...                      "sd": 1.0, "correlation": 0.5, "n": [30, 10]})
    >>> pooled_gaps(gaps)[["observed_gap", "selection_gap", "n"]].values.tolist()
    [[5.0, 4.0, 40.0]]
    """
    values = ["observed_gap", "selection_gap", "sd", "correlation"]
    known = gaps[gaps[values].notna().all(axis=1)]
    keys = ["outcome", "a", "b"]
    weighted = known[keys].join(known[values].mul(known["n"], axis=0)).join(known["n"].astype(float))
    counts = [name for name in ("n_a", "n_b") if name in known]
    sums = weighted.join(known[counts]).groupby(keys, sort=False, as_index=False).sum()
    sums[values] = sums[values].div(sums["n"], axis=0)
    return sums[[*keys, *values, "n", *counts]]


def _faults(k: int, r: float, best: float, laggard: float) -> list[Problem]:
    problems = []
    if k < 1:
        problems.append(Problem("the number of outcomes is impossible", value=str(k), allowed="1 or more"))
    lowest = -1 / (k - 1) if k > 1 else -1.0
    if not lowest <= r <= 1:
        allowed = f"{lowest:.2g} to 1 for {k} outcomes"
        problems.append(Problem("the correlation is impossible", value=f"{r:g}", allowed=allowed))
    if not (0 < best < 1 and 0 < laggard < 1 and best + laggard <= 1 + 1e-9):
        value = f"best {best:g}, laggard {laggard:g}"
        allowed = "shares above 0 that add up to at most 1"
        problems.append(Problem("the class shares are impossible", value=value, allowed=allowed))
    return problems
