"""Values of companies that are means of others: whoever has the mean and all parts but one has that one too."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from alignmark.cell_members import value_names
from analysis.benchmark.practices import areas_in_place, practice_areas
from analysis.benchmark.tied_cells import TIE
from analysis.measure.panel import Panel

SLACK = 1e-9
"""Points by which a mean may differ from that of its parts for floating point."""


def index_ties(
    frame: pd.DataFrame, constructs: Sequence[str], *, tag: str = "", apart: Collection[str] = ()
) -> pd.DataFrame:
    """Return how the index is made of constructs, where it is their mean.

    Parameters
    ----------
    frame
        Companies by wave.
    constructs
        Columns of the frame.
    tag, apart
        As for `alignmark.cell_members.values_of`.

    Returns
    -------
    DataFrame
        `analysis.benchmark.tied_cells.TIE`.
    """
    return _means(frame, "alignment", constructs, tag=tag, apart=apart)


def area_ties(panel: Panel) -> Iterator[pd.DataFrame]:
    """Yield how the share of the practices of an area that are in place is made of these practices."""
    placed = areas_in_place(panel.frame, panel.instrument)
    for area, practices in practice_areas(panel.frame, panel.instrument).items():
        yield _means(placed, area, practices)


def function_ties(
    views: pd.DataFrame, frame: pd.DataFrame, constructs: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Yield how the level of a construct is made of what the functions say.

    Parameters
    ----------
    views
        Functions' means by company and wave.
    frame, constructs
        As for `index_ties`.
    """
    keys = ["company", "wave"]
    keys = ["company", "wave"]
    for name in constructs if len(views) else ():
        wide = views.pivot_table(index=keys, columns="function", values=name).reset_index()
        functions = [str(column) for column in wide.columns.drop(keys)]
        tie = _means(wide.merge(frame[[*keys, name]], on=keys), name, functions)
        # What a function says of a construct is called after the construct.
        yield tie.assign(of=tie["of"].mask(tie["role"].ne(""), tie["whole"] + "|" + tie["role"]))


def _means(
    frame: pd.DataFrame, whole: str, parts: Sequence[str], *, tag: str = "", apart: Collection[str] = ()
) -> pd.DataFrame:
    """Return a column and those of which it is the mean, in the rows where it is."""
    if whole not in frame or not parts:
        return pd.DataFrame(columns=list(TIE))
    mean = frame[list(parts)].mean(axis=1)
    known = frame[np.isclose(frame[whole], mean, rtol=0, atol=SLACK)]
    long = known.melt(["company", "wave"], value_vars=[whole, *parts]).dropna(subset="value")
    named = value_names(pd.Series(whole, index=long.index), long["wave"], tag=tag, apart=apart)
    role = long["variable"].mask(long["variable"].eq(whole), "")
    of = value_names(long["variable"], long["wave"], tag=tag, apart=apart)
    return pd.DataFrame({"family": whole, "role": role, "company": long["company"], "whole": named, "of": of})
