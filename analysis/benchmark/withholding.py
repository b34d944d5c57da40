"""Crosstabs with what stands for too few companies taken out: percentages, means, and tests that would tell them."""

import pandas as pd

from analysis.benchmark.disclosure import suppress
from analysis.infer.crosstab import Crosstab

COLUMN = ["question", "head", "column"]


def withhold(table: Crosstab, *, minimum: int = 5) -> Crosstab:
    """Blank the columns of a question that stand for fewer than `minimum` companies.

    Where the columns of a head add up to the total, a second column is blanked too (`suppress`). No test with a
    blanked column stays, so that no letter tells which way it differs; numbers of respondents and companies do.

    Parameters
    ----------
    table
        The crosstab.
    minimum
        Smallest number of companies to show.

    Returns
    -------
    Crosstab
        With a column ``suppressed`` in cells and bases.

    Examples
    --------
    >>> from analysis.infer.banner import banner
    >>> from analysis.infer.crosstab import crosstab
    >>> from analysis.infer.stub import mean_of
    >>> from analysis.infer.survey_design import survey_design
    >>> frame = pd.DataFrame({"company": list("abcdefgh"), "size": list("llssssmm"), "deals": [1.0, 2] * 4})
    >>> table = crosstab(mean_of("deals", frame["deals"].to_numpy()), banner(frame, ["size"]), survey_design(frame))
    >>> withhold(table, minimum=2).cells["suppressed"].tolist()
    [False, False, False, False]
    >>> withhold(table, minimum=3).cells[["column", "suppressed"]].values.tolist()
    [['Total', False], ['l', True], ['m', True], ['s', False]]
    """
    bases = suppress(table.bases, minimum=minimum, count="companies", within=["question", "head"])
    rows = suppress(table.cells, minimum=minimum, count="companies", within=["question", "row", "head"])
    whole = table.cells[COLUMN].merge(bases[[*COLUMN, "suppressed"]], on=COLUMN, how="left")["suppressed"]
    hidden = rows["suppressed"] | whole.to_numpy()
    reason = rows["withheld"].mask(hidden & rows["withheld"].eq(""), "complementary")
    cells = rows.assign(suppressed=hidden, withheld=reason)
    floats = [str(name) for name in cells.select_dtypes("float")]
    cells[floats] = cells[floats].mask(hidden)
    return Crosstab(cells, bases, _without(table.tests, cells[hidden]))


def _without(tests: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Blank the tests of which one column is hidden."""
    keys = ["question", "row", "head"]
    gone = pd.MultiIndex.from_frame(hidden[[*keys, "letter"]])
    blank = pd.Series(False, index=tests.index)
    for side in ("a", "b"):
        blank |= pd.MultiIndex.from_frame(tests[[*keys, side]]).isin(gone)
    floats = [str(name) for name in tests.select_dtypes("float")]
    kept = tests.copy()
    kept[floats] = kept[floats].mask(blank)
    return kept
