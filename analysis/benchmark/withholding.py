"""Crosstabs with what stands for too few companies taken out: percentages, means, and tests that would tell them."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.benchmark.disclosure import suppress
from analysis.infer.banner import TOTAL, Banner
from analysis.infer.crosstab import Crosstab
from analysis.infer.survey_design import SurveyDesign

COLUMN = ["question", "head", "column"]

EVERY_QUESTION = ""
"""What stands for a question where a column goes from all of them."""

SLACK = 1e-9
"""A share that equals the largest but for floating point does not pass it."""

DIFFERENCING = "differencing"
"""Why a column is withheld that is large enough: others could be found by taking it off."""


def withhold(table: Crosstab, *, minimum: int = 5, dominated: Collection[tuple[str, str]] = ()) -> Crosstab:
    """Blank the columns of a question that stand for fewer than `minimum` companies.

    The columns of a head, and whoever stands in none of them, add up to the total. Where one of these is too small,
    the smallest others are blanked as well, until at least two are blanked and together they stand for `minimum`
    companies: with one sum that is all that can be found by subtraction. No test with a blanked column stays, so
    that no letter tells which way it differs; numbers of respondents and companies do.

    Parameters
    ----------
    table
        The crosstab.
    minimum
        Smallest number of companies to show.
    dominated
        Columns (head, column) of which one company has too large a share; they are blanked in every question.

    Returns
    -------
    Crosstab
        With columns ``suppressed`` and ``withheld`` in cells and bases.

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
    bases = _safe(table.bases, ["question"], minimum=minimum, dominated=dominated)
    rows = _safe(table.cells, ["question", "row"], minimum=minimum, dominated=dominated)
    whole = table.cells[COLUMN].merge(bases[[*COLUMN, "suppressed"]], on=COLUMN, how="left")["suppressed"]
    hidden = rows["suppressed"] | whole.to_numpy()
    reason = rows["withheld"].mask(hidden & rows["withheld"].eq(""), DIFFERENCING)
    cells = rows.assign(suppressed=hidden, withheld=reason)
    floats = [str(name) for name in cells.select_dtypes("float")]
    cells[floats] = cells[floats].mask(hidden)
    return Crosstab(cells, bases, _without(table.tests, cells[hidden]))


def without_columns(table: Crosstab, columns: pd.DataFrame) -> Crosstab:
    """Blank further columns, whatever they stand for.

    Parameters
    ----------
    table
        From `withhold`.
    columns
        ``question`` (`EVERY_QUESTION` for all of them), ``head, column`` and ``withheld``, the reason.

    Returns
    -------
    Crosstab
        Without what is withheld already, which keeps its reason, and without these.
    """
    bases, cells = (_blanked(part, columns) for part in (table.bases, table.cells))
    return Crosstab(cells, bases, _without(table.tests, cells[cells["suppressed"]]))


def _blanked(part: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    every = columns["question"].eq(EVERY_QUESTION)
    reason = pd.Series("", index=part.index, dtype=object)
    for keys, some in ((COLUMN, columns[~every]), (COLUMN[1:], columns[every])):
        why = some.drop_duplicates(keys).set_index(keys)["withheld"]
        at = pd.MultiIndex.from_frame(part[keys])
        told = pd.Series(why.reindex(at).fillna("").to_numpy(), index=part.index, dtype=object)
        reason = reason.mask(reason.eq(""), told)
    reason = part["withheld"].mask(part["withheld"].eq(""), reason)
    return suppress(part, minimum=0, count="companies", also=reason)


def dominated_columns(banner: Banner, design: SurveyDesign, *, share: float) -> list[tuple[str, str]]:
    """Return the columns (head, column) of which one company has more than a share of the weight.

    Parameters
    ----------
    banner
        The columns.
    design
        Weights of the sample, and its companies as clusters.
    share
        The largest share that one may have, 0-1.

    Examples
    --------
    >>> from analysis.infer.banner import banner
    >>> from analysis.infer.survey_design import survey_design
    >>> frame = pd.DataFrame({"company": list("aabcd"), "size": list("ssssl")})
    >>> dominated_columns(banner(frame, ["size"]), survey_design(frame), share=0.4)
    [('size', 'l'), ('size', 's')]
    """
    heavy = banner.members * design.weights[:, None]
    of_company = np.zeros((int(design.clusters.max(initial=-1)) + 1, heavy.shape[1]))
    np.add.at(of_company, design.clusters, heavy)
    above = of_company.max(axis=0, initial=0) > share * of_company.sum(axis=0) * (1 + SLACK)
    rows = banner.columns.loc[above, ["head", "column"]]
    return list(rows.itertuples(index=False, name=None))


def _safe(
    table: pd.DataFrame, keys: list[str], *, minimum: int, dominated: Collection[tuple[str, str]]
) -> pd.DataFrame:
    """Blank what is small or dominated by one company, and what would give it away."""
    pairs = pd.MultiIndex.from_frame(table[["head", "column"]])
    own = pd.Series(np.where(pairs.isin(list(dominated)), "share", ""), index=table.index, dtype=object)
    own = own.mask(table["companies"] < minimum, "companies")
    further = _further(table, keys, own.ne(""), minimum)
    return suppress(
        table, minimum=minimum, count="companies", also=own.mask(own.eq("") & further, DIFFERENCING)
    )


def _further(table: pd.DataFrame, keys: list[str], open_: pd.Series, minimum: int) -> pd.Series:
    """Tell which columns of a head go because others of it, or those in no column, are too few.

    Empty columns hide nothing, so they neither count nor need hiding.
    """
    cells = table[[*keys, "head", "n", "companies"]].assign(open=open_)
    cells = cells[(cells["head"] != TOTAL) & (cells["companies"] > 0)].sort_values("companies", kind="stable")
    heads = cells.groupby([*keys, "head"], sort=False)
    rest = _in_no_column(table, heads[["n", "companies"]].sum(), keys).reindex(
        pd.MultiIndex.from_frame(cells[[*keys, "head"]])
    ).to_numpy()  # fmt: skip
    exposed = heads["open"].transform("any").to_numpy() | ((rest > 0) & (rest < minimum))
    hidden = cells["open"].astype(float)
    number = heads["open"].transform("sum") + (rest > 0)
    gone = (cells["companies"] * hidden).groupby([cells[key] for key in (*keys, "head")]).transform(
        "sum"
    ) + rest
    shown = cells[~cells["open"]]
    by = [shown[key] for key in (*keys, "head")]
    before = shown["companies"].groupby(by).cumsum() - shown["companies"]
    place = shown.groupby(by).cumcount()
    short = (number[shown.index] + place < 2) | (gone[shown.index] + before < minimum)
    needed = short & pd.Series(exposed, index=cells.index)[shown.index]
    largest = shown["companies"].where(needed).groupby(by).transform("max")
    return (shown["companies"] <= largest).reindex(table.index, fill_value=False)


def _in_no_column(table: pd.DataFrame, sums: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Count, at the least, the companies of the total that stand in no column of a head."""
    total = table[table["head"] == TOTAL].set_index(keys)[["n", "companies"]]
    left = total.reindex(sums.reset_index("head").index).set_axis(sums.index) - sums
    people = left["n"].clip(lower=0).fillna(0)
    # Companies may stand in several columns, as with functions; then people are all that can be counted.
    return left["companies"].where(left["companies"] > 0, people).where(people > 0, 0.0)


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
