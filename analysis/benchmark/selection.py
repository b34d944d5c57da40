"""What a cut guarantees by itself: the gap between classes that were selected on the gap."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.benchmark.classes import REST, Classes, with_class
from analysis.benchmark.cut_error import FITTED, VALUES, Recut, on_line, recut, with_errors
from analysis.infer.columns import Floats
from analysis.infer.tabulation import contrasts
from survey.problems import Problem, raise_if_any

KINDS: dict[str, dict[str, float]] = {
    "observed_gap": {VALUES: 1.0}, "selection_gap": {FITTED: 1.0}, "excess": {VALUES: 1.0, FITTED: -1.0},
}  # fmt: skip
"""What each gap is made of: the values themselves, and what the line over the score makes of them."""


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


def selection_gaps(frame: pd.DataFrame, classes: Classes) -> pd.DataFrame:
    """Observed gap of each class-defining column, beside the gap that the selection alone guarantees.

    In each wave the column is put on a line over the score that the classes were cut on, by least squares; the gap
    of selection is that of the fitted values. In one wave it is ``sd * correlation * distance``: the column's standard
    deviation, its correlation with the score, and the distance between the mean scores of the first and the last
    class in standard deviations of the score (2.56 if scores are normal and the shares 20 and 30 per cent). Of k
    outcomes with mean z as the score, the correlation is ``sum_j(r_ij) / sqrt(sum_jl(r_jl))``, r being the
    correlations between the outcomes, so nothing but these and the spread enters: no alignment, no practice. The
    observed gap differs from it only as far as the column is not linear in the score, and by chance.

    Errors are those of replicates in which standardising, cuts and lines are made anew
    (`analysis.benchmark.cut_error`); a company is one cluster over its waves.

    Parameters
    ----------
    frame
        Panel rows, with ``weight`` and the rest of a design where there is one.
    classes
        From `analysis.benchmark.classes.classify`.

    Returns
    -------
    DataFrame
        ``outcome, a, b``, then ``observed_gap, selection_gap, excess`` (the first less the second), each with
        ``_low`` and ``_high``, in units of the column, a less b, over all waves; ``n_a, n_b, n`` (company-years),
        ``companies``. a is the first class and b the last.

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
    >>> selection_gaps(frame, classes)[["observed_gap", "selection_gap", "excess"]].round(1).abs().values.tolist()
    [[7.5, 7.5, 0.0]]
    """
    names, (a, b) = list(classes.selected_on), (classes.names[0], classes.names[-1])
    values, fitted = on_line(frame, classes, names)
    left = values - fitted
    # One outcome alone is its own line, but for floating point.
    left = np.where(np.abs(left) > 1e-9 * np.nanmax(np.abs(values), initial=0.0, axis=0), left, 0 * left)
    shown = {"observed_gap": values, "selection_gap": fitted, "excess": left}
    again, table = recut(frame, classes, names), pd.DataFrame({"outcome": names, "a": a, "b": b})
    for name, columns in shown.items():
        found = _contrasts(frame, classes, columns, kinds=KINDS[name], again=again, b=b)
        table = table.assign(**_bounded(name, found))
    counts = {name: found[name] for name in ("n_a", "n_b", "companies")}
    return table.assign(**counts, n=(~np.isnan(values)).sum(axis=0))


def selection_alone(
    frame: pd.DataFrame, classes: Classes, variables: list[str], *, again: Recut | None, b: str
) -> pd.DataFrame:
    """Gap that the selection alone gives between the first class and another, or the rest, as `selection_gaps`.

    Parameters
    ----------
    frame, classes
        As there.
    variables
        Of ``classes.guaranteed``.
    again
        From `recut`, of the same variables.
    b
        Another class, or "rest".

    Returns
    -------
    DataFrame
        ``variable, b, selection_gap, selection_gap_low, selection_gap_high``.

    Examples
    --------
    >>> from analysis.benchmark.classes import OutcomeClasses, classify
    >>> from analysis.measure.panel import Panel
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> classes = classify(Panel(frame, read_instrument("alignment"), {}), OutcomeClasses(("revenue_growth",)))
    >>> selection_alone(frame, classes, ["revenue_growth"], again=None, b="rest")["selection_gap"].tolist()
    [5.0]
    """
    _, fitted = on_line(frame, classes, variables)
    found = _contrasts(frame, classes, fitted, kinds={FITTED: 1.0}, again=again, b=b)
    return pd.DataFrame({"variable": variables, "b": b, **_bounded("selection_gap", found)})


def _contrasts(
    frame: pd.DataFrame,
    classes: Classes,
    columns: Floats,
    *,
    kinds: dict[str, float],
    again: Recut | None,
    b: str,
) -> pd.DataFrame:
    """First class less b in each of some columns, with the errors of classes cut anew."""
    a, numbered = classes.names[0], pd.DataFrame(columns).add_prefix("gap ")
    classed = with_class(frame[["company", "wave"]], classes)["class"]
    if b == REST:
        classed = classed.where(classed.isna() | classed.eq(a), REST)
    design = frame.drop(columns=[*classes.guaranteed, "class"], errors="ignore").reset_index(drop=True)
    found = contrasts(design.join([classed, numbered]), [*numbered], group="class", a=a, b=b)
    if again is None:
        return found
    weights = {(kind, at): of * sign for kind, of in kinds.items() for at, sign in ((a, 1), (b, -1))}
    return with_errors(found, pd.Series(again.std_error(weights)))


def _bounded(name: str, found: pd.DataFrame) -> dict[str, pd.Series]:
    """An estimate and the ends of its interval, in columns of its name."""
    ends = (("", "estimate"), ("_low", "conf_low"), ("_high", "conf_high"))
    return {f"{name}{end}": found[of] for end, of in ends}


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
