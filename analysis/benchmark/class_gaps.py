"""How classes of companies differ: the mean of each, and the first against the others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.benchmark.classes import ALL, REST, Classes, OutcomeClasses, with_class
from analysis.benchmark.cut_error import VALUES, Recut, recut, with_errors
from analysis.benchmark.selection import selection_alone
from analysis.infer.tabulation import contrasts, means

SELECTION = ("selection_gap", "selection_gap_low", "selection_gap_high")
"""Columns of what the selection alone gives of a gap."""


def class_means(frame: pd.DataFrame, classes: Classes, variables: Sequence[str]) -> pd.DataFrame:
    """Mean of each variable in each class, with an interval that knows where the classes were cut.

    Unequal weights leave fewer degrees of freedom than companies: those of `uneven_degrees`.

    Parameters
    ----------
    frame, classes, variables
        As in `class_gaps`.

    Returns
    -------
    DataFrame
        ``class, variable`` and the columns of `means`, of the classes that have companies.

    Examples
    --------
    >>> from analysis.benchmark.classes import classify
    >>> from analysis.measure.panel import Panel
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> classes = classify(Panel(frame, read_instrument("alignment"), {}), OutcomeClasses(("revenue_growth",)))
    >>> class_means(frame, classes, ["revenue_growth"])[["class", "estimate"]].values.tolist()
    [['average', 5.0], ['best in class', 8.5], ['laggard', 1.0]]
    """
    table = _levels(with_class(frame, classes), variables)
    return _knowing_cut(table, _recut(frame, classes, variables), a=table["class"])


def class_gaps(frame: pd.DataFrame, classes: Classes, variables: Sequence[str]) -> pd.DataFrame:
    """Compare the best class with the others, variable by variable.

    Contrasts of outcome classes: best in class less laggard, less the rest (average and laggard), less
    all. Of practice classes: world-class less the rest, less all. "All" contains the best class, as in the
    published studies; with p the best's share of all (of their weights), that difference is ``1 - p`` times
    the difference from the rest, and so are its standard error and interval, the test being the same.

    Parameters
    ----------
    frame
        Panel rows; those without a class are part of the sample alone.
    classes
        From `classify`.
    variables
        Numeric columns to compare.

    Returns
    -------
    DataFrame
        Columns of `contrasts`, and ``overlap`` (b contains a) and ``circular`` (the classes were selected
        on this variable or its kin, so the gap is guaranteed by construction); beside a circular gap
        ``selection_gap, selection_gap_low, selection_gap_high``, what the selection alone gives of it
        (`analysis.benchmark.selection.selection_gaps`), NaN beside others. For "all",
        ``mean_b``, ``n_b`` and ``companies_b`` are those of all, ``n`` and ``companies`` too. Both means have the
        ends of their intervals (``mean_a_low``, ...). Where outcomes that
        define the classes are compared, errors and intervals know that the cut was found in the same companies
        (`analysis.benchmark.cut_error`): as if classes were given, 95% intervals of a mean above its own cut
        would cover some 85%.

    Raises
    ------
    InputError
        If a column is absent or not numeric.

    Notes
    -----
    Degrees of freedom are Welch and Satterthwaite's, under weights of `uneven_degrees` of both classes. In simulation
    (a variable that correlates by 0.5 with the outcome) intervals of best less rest hold the difference 94 to 95 times
    in 100 with 20, 40 and 100 companies that count alike, 96 to 97 times where they count very differently (lognormal,
    deviation 0.7); on the number of companies alone it would be 90, 91 and 93. Of the outcome itself, with its cut
    found anew, it is 89 times with 20 companies, of which the best are four, and 94 with 40.

    Examples
    --------
    >>> from analysis.benchmark.classes import classify
    >>> from analysis.measure.panel import Panel
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> classes = classify(panel, OutcomeClasses(("revenue_growth",)))
    >>> class_gaps(frame, classes, ["revenue_growth"])[["b", "estimate", "circular"]].values.tolist()
    [['laggard', 7.5, True], ['rest', 5.0, True], ['all', 4.0, True]]
    """
    classed, best = with_class(frame, classes), classes.names[0]
    two = _best_and_rest(classed, best)
    others = [REST] if len(classes.names) == 2 else [classes.names[-1], REST]
    parts = [
        contrasts(two if other == REST else classed, variables, group="class", a=best, b=other).assign(
            overlap=False
        )
        for other in others
    ]
    levels = _every_mean(classed, two, variables)
    table = _welch(pd.concat(parts, ignore_index=True), levels)
    circular = _guaranteed(classes, variables)
    again = recut(frame, classes, circular)
    alone = [selection_alone(frame, classes, circular, again=again, b=other) for other in others]
    # The cuts of practices are given, so that errors have nothing to know of them.
    again = again if isinstance(classes.definition, OutcomeClasses) else None
    table = _knowing_cut(table, again, a=table["a"], b=table["b"])
    table = table.merge(pd.concat(alone), on=["variable", "b"], how="left")
    against_all = _against_all(table[table["b"] == REST], two, variables)
    table = pd.concat([table, against_all.assign(overlap=True)], ignore_index=True)
    cut = levels["class"].ne(ALL)
    known = _knowing_cut(levels[cut], again, a=levels["class"][cut])
    table = with_ends(table, pd.concat([known, levels[~cut]]))
    return table.assign(circular=table["variable"].isin(circular))


def rest_gaps(frame: pd.DataFrame, classes: Classes, variables: Sequence[str]) -> pd.DataFrame:
    """Compare the best class with the rest alone.

    Parameters
    ----------
    frame, classes, variables
        As in `class_gaps`.

    Returns
    -------
    DataFrame
        Columns of `contrasts`, and ``circular``: the rows of `class_gaps` of that contrast.

    Examples
    --------
    >>> from analysis.benchmark.classes import classify
    >>> from analysis.measure.panel import Panel
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": range(10)})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> classes = classify(panel, OutcomeClasses(("revenue_growth",)))
    >>> rest_gaps(frame, classes, ["revenue_growth"])[["b", "estimate"]].values.tolist()
    [['rest', 5.0]]
    """
    best = classes.names[0]
    two = _best_and_rest(with_class(frame, classes), best)
    table = contrasts(two, variables, group="class", a=best, b=REST)
    table = _knowing_cut(table, _recut(frame, classes, variables), a=table["a"], b=table["b"])
    return table.assign(circular=table["variable"].isin(classes.guaranteed))


def _best_and_rest(classed: pd.DataFrame, best: str) -> pd.DataFrame:
    """Make one class of all classes but the best."""
    one = classed["class"].isna() | classed["class"].eq(best)
    return classed.assign(**{"class": classed["class"].where(one, REST)})


def with_ends(gaps: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Add the ends of the intervals of both levels that each row compares.

    Parameters
    ----------
    gaps
        Contrasts, with ``variable, a, b``.
    levels
        ``variable, class, conf_low, conf_high``, one row each.

    Returns
    -------
    DataFrame
        With ``mean_a_low, mean_a_high, mean_b_low, mean_b_high``; NaN where a level is not known.

    Examples
    --------
    >>> gaps = pd.DataFrame({"variable": ["x"], "a": "best", "b": "rest"})
    >>> levels = pd.DataFrame({"variable": "x", "class": ["best", "rest"], "conf_low": [5, 1], "conf_high": [9, 3]})
    >>> with_ends(gaps, levels).filter(like="mean").values.tolist()
    [[5.0, 9.0, 1.0, 3.0]]
    """
    known = levels.set_index(["variable", "class"])[["conf_low", "conf_high"]]
    for side in ("a", "b"):
        ends = known.reindex(pd.MultiIndex.from_frame(gaps[["variable", side]])).to_numpy(dtype=float).T
        gaps = gaps.assign(**dict(zip((f"mean_{side}_low", f"mean_{side}_high"), ends, strict=True)))
    return gaps


def _against_all(against_rest: pd.DataFrame, classed: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    known = classed[classed["class"].notna()]
    weights = known["weight"] if "weight" in known else pd.Series(1.0, index=known.index)
    values = known[list(variables)].astype(float)
    heavy = values.notna().mul(weights, axis=0)
    every = heavy.sum().where(heavy.sum() > 0)
    rest = (heavy[known["class"] == REST].sum() / every).to_numpy()
    table = against_rest.assign(b=ALL, n_b=against_rest["n"], companies_b=against_rest["companies"])
    scaled = ["estimate", "std_error", "conf_low", "conf_high", *SELECTION]
    table[scaled] = against_rest[scaled].mul(rest, axis=0)
    table["mean_b"] = (values.mul(weights, axis=0).sum() / every).to_numpy()
    return table


def _every_mean(classed: pd.DataFrame, two: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Mean of each variable in each class, in the rest and in all, with its interval."""
    one = two.assign(**{"class": two["class"].where(two["class"].isna(), ALL)})
    table = pd.concat([_levels(rows, variables) for rows in (classed, two, one)], ignore_index=True)
    return table.drop_duplicates(["class", "variable"], ignore_index=True)


def _levels(classed: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Mean of each variable in each class, with an interval that takes the class as given."""
    table = means(classed, variables, by=["class"]).dropna(subset=["class"], ignore_index=True)
    return with_uneven_degrees(table, classed, variables)


def with_uneven_degrees(table: pd.DataFrame, classed: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Give means, keyed by ``class`` and ``variable``, no more degrees of freedom than `uneven_degrees`."""
    left = uneven_degrees(classed, variables)
    keys = ((left.index, "class"), (left.columns, "variable"))
    places = tuple(names.get_indexer_for(pd.Index(table[key])) for names, key in keys)
    degrees = np.minimum(table["df"], left.to_numpy()[places])
    return with_errors(table.assign(df=degrees), table["std_error"])


def uneven_degrees(classed: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Degrees of freedom that unequal weights leave of the variance of a mean, classes x variables.

    The variance is a sum of squares that count ``w**2``: it is as sure as one of ``sum(w**2)**2 / sum(w**4)`` that
    count alike (Satterthwaite 1946, Biometrics Bulletin 2), less 1 for the mean. Where all count alike it is n - 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"class": "all", "weight": [1.0, 1, 1, 3], "x": 0.0})
    >>> uneven_degrees(frame, ["x"]).round(2).loc["all"].tolist()
    [0.71]
    """
    weight = classed["weight"] if "weight" in classed else pd.Series(1.0, index=classed.index)
    relative = weight / weight.max()
    squares = classed[list(variables)].notna().mul(relative**2, axis=0)
    total, fourth = (part.groupby(classed["class"]).sum() for part in (squares, squares**2))
    return total**2 / fourth.where(fourth > 0) - 1


def _welch(table: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Give contrasts no more degrees of freedom than those of both levels allow."""
    known = levels.set_index(["variable", "class"])[["std_error", "df"]]
    sides = [
        known.reindex(pd.MultiIndex.from_frame(table[["variable", side]])).to_numpy() for side in ("a", "b")
    ]
    variance, df = (np.array([side[:, column] for side in sides]) for column in (0, 1))
    variance = variance**2
    with np.errstate(invalid="ignore", divide="ignore"):
        both = variance.sum(axis=0) ** 2 / (variance**2 / df).sum(axis=0)
    return with_errors(table.assign(df=np.fmin(table["df"], both)), table["std_error"])


def _recut(frame: pd.DataFrame, classes: Classes, variables: Sequence[str]) -> Recut | None:
    """Draw companies anew where outcomes are compared that define the classes; None where there are none."""
    cut = isinstance(classes.definition, OutcomeClasses)
    return recut(frame, classes, _guaranteed(classes, variables) if cut else [])


def _guaranteed(classes: Classes, variables: Sequence[str]) -> list[str]:
    return [name for name in variables if name in classes.guaranteed]


def _knowing_cut(
    table: pd.DataFrame, again: Recut | None, *, a: pd.Series, b: pd.Series | None = None
) -> pd.DataFrame:
    """Give means of outcomes that define the classes, or contrasts of them, errors that know how the cut was found."""
    if again is None:
        return table
    error = pd.Series(np.nan, index=table.index)
    for (first, second), rows in table.groupby([a, a if b is None else b]):
        weights = {(VALUES, str(first)): 1.0} | ({(VALUES, str(second)): -1.0} if b is not None else {})
        found = dict(zip(again.variables, again.std_error(weights), strict=True))
        error[rows.index] = rows["variable"].map(found)
    return with_errors(table, error)
