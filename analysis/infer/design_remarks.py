"""What of a design makes estimates weak: strata of one company, cells of none, weights of few."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.infer.columns import Floats, numeric
from analysis.infer.linearisation import cells_of, sums
from analysis.infer.survey_design import SurveyDesign, survey_design
from survey.problems import Problem

HEAVY = 0.5
"""A company with more of a cell's weight than this is most of what the cell says."""


def design_remarks(
    frame: pd.DataFrame, *, by: Sequence[str] = (), cluster: str = "company"
) -> tuple[Problem, ...]:
    """Find what a reader of estimates should know of their design; none of it stops an estimate.

    Parameters
    ----------
    frame
        The whole sample, with its design in the standard columns.
    by
        Key columns of the cells.
    cluster
        Column of the companies.

    Returns
    -------
    tuple of Problem
        Warnings: strata with one company, cells whose weights are all 0, cells of which one company has more
        than half the weight; a note of rows with weight 0. Each with its count and what can be done.

    Raises
    ------
    InputError
        If a key is absent or the standard columns hold no design.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abc"), "stratum": ["x", "x", "y"], "weight": [9.0, 1.0, 1.0]})
    >>> for remark in design_remarks(frame):
    ...     print(remark.what)
    has one company in the sample (c), so that nothing shows how companies differ there
    has 82% of the weight of all rows (3 companies)
    """
    numeric(frame, (), keys=(*by, cluster))
    design = survey_design(frame, cluster=cluster)
    names = _names(frame, design, cluster)
    return (*_alone(design, names), *_unweighted(design), *_cells(frame, design, by, names))


def _names(frame: pd.DataFrame, design: SurveyDesign, cluster: str) -> pd.Series:
    """Return what each cluster is called; nothing for those without a row."""
    names = np.full(len(design.stratum_of), "", dtype=object)
    names[design.clusters] = frame[cluster].astype("str").to_numpy()
    return pd.Series(names, name=cluster, dtype="str")


def _alone(design: SurveyDesign, names: pd.Series) -> Iterator[Problem]:
    for stratum in np.flatnonzero((design.sampled == 1) & (design.population > 1)):
        company = names[design.stratum_of == stratum].iloc[0]
        what = f"has one company in the sample ({company}), so that nothing shows how companies differ there"
        to_do = f"join it to a like stratum; until then it counts as lonely = {design.lonely!r} says"
        name = design.stratum_names[stratum] if design.stratum_names else str(stratum)
        yield Problem(what, column="stratum", value=name, to_do=to_do, severity="warning")


def _unweighted(design: SurveyDesign) -> Iterator[Problem]:
    rows = int((design.weights == 0).sum())
    if rows:
        what = f"is 0 in {rows} of {len(design.weights)} rows, which no estimate counts"
        yield Problem(what, column="weight", value="0", severity="note")


def _cells(
    frame: pd.DataFrame, design: SurveyDesign, by: Sequence[str], names: pd.Series
) -> Iterator[Problem]:
    cells, keys = cells_of(frame, by)
    size, companies = len(keys), len(design.stratum_of)
    held = sums(design.weights[:, None], cells * companies + design.clusters, size * companies)
    weights: Floats = held.reshape(size, companies)
    counted, total, first = (weights > 0).sum(axis=1), weights.sum(axis=1), weights.argmax(axis=1)
    labels = [", ".join(f"{key} {row[key]}" for key in by) or "all rows" for row in keys.to_dict("records")]
    for place, label in enumerate(labels):
        if not total[place] > 0:
            what = f"has no weight above 0 in {label}, so that it has no estimate"
            yield Problem(what, column="weight", to_do="join it to another cell", severity="warning")
        elif counted[place] > 1 and weights[place].max() > HEAVY * total[place]:
            share = 100 * weights[place].max() / total[place]
            what = f"has {share:.0f}% of the weight of {label} ({counted[place]} companies)"
            to_do = "trim its weight, or read the estimate as that company's own"
            name = names[first[place]]
            yield Problem(what, column=str(names.name), value=name, to_do=to_do, severity="warning")
