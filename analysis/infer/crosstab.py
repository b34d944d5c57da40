"""Crosstabs: the rows of many questions by the columns of a banner, in one pass, under the survey design."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.banner import Banner
from analysis.infer.column_means import ColumnMeans, column_means
from analysis.infer.column_sums import columns_of, row_values
from analysis.infer.columns import Floats, result_columns
from analysis.infer.stub import Stub
from analysis.infer.survey_design import SurveyDesign

PIECE = 4_000_000
"""Numbers held at once: clusters x columns x rows of the table that are computed together."""

ROW, COLUMN = ["question", "row", "kind"], ["head", "column"]


@dataclass(frozen=True, slots=True, eq=False)
class Crosstab:
    """A crosstab with its bases and the tests of its columns against one another.

    Parameters
    ----------
    cells
        One row per row of the table and column: ``question, row, kind, head, column, letter, estimate,
        std_error, df, n, companies, count, weighted, effective, deff``. The estimate is a weighted column
        percentage or mean; n counts respondents of the row's base, ``count`` those in the row, ``weighted`` is
        the sum of weights, ``effective`` Kish's effective n, and ``deff`` the design effect.
    bases
        One row per question and column, for its percentages: ``question, head, column, n, companies, weighted,
        effective, design_effective``. The last is the smallest n over design effect of the question's rows, boxes,
        nets and mean included: no number of the column tells less than a simple random sample of that size.
    tests
        One row per row of the table and pair of lettered columns of a head: ``question, row, head, a, b`` (their
        letters), ``repeats`` as in `Stub`, ``estimate`` (a minus b), ``std_error, statistic, df, p_value``.
    """

    cells: pd.DataFrame
    bases: pd.DataFrame
    tests: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the cells."""
        return self.cells.copy()

    def summary(self) -> str:
        """Say how large the table is."""
        questions, columns = self.cells["question"].nunique(), len(self.cells[COLUMN].drop_duplicates())
        return f"{questions} questions by {columns} columns, {self.tests['p_value'].notna().sum()} tests"

    __repr__ = summary

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>" + wide(self.cells).to_html(float_format="{:.1f}".format)


def crosstab(stub: Stub, banner: Banner, design: SurveyDesign) -> Crosstab:
    """Tabulate rows by columns, and test each two columns of a head in every row.

    Two columns are compared by the difference of their means with the variance of the linearised difference:
    columns that share companies, or people, are compared as such. Degrees of freedom are Welch and
    Satterthwaite's on companies less strata, at most those of both columns together
    (`analysis.infer.tabulation.contrasts`).

    Parameters
    ----------
    stub
        The rows.
    banner
        The columns; those without a letter are not tested.
    design
        How the sample was drawn, from `analysis.infer.survey_design.survey_design`.

    Notes
    -----
    Agrees with R ``survey::svyby(~y, ~column, design, svymean, covmat = TRUE)`` and ``svycontrast`` of it, but
    for the factor for few clusters of `analysis.infer.estimates.Estimates.few`.

    Examples
    --------
    >>> from analysis.infer.banner import banner
    >>> from analysis.infer.stub import mean_of
    >>> from analysis.infer.survey_design import survey_design
    >>> frame = pd.DataFrame({"company": list("abcd"), "size": list("llss"), "deals": [4.0, 6.0, 1.0, 2.0]})
    >>> stub = mean_of("deals", frame["deals"].to_numpy())
    >>> table = crosstab(stub, banner(frame, ["size"]), survey_design(frame))
    >>> wide(table.cells).to_numpy().tolist()
    [[3.25, 5.0, 1.5]]
    >>> table.tests[["a", "b", "estimate"]].values.tolist()
    [['A', 'B', 3.5]]
    """
    cells, tests = [], []
    heads, known = [banner.of_head(head) for head in banner.heads], design.tie
    laid_out = [columns_of(banner.members[:, places], design, known) for places in heads]
    widest = max(map(len, heads))
    units = max(len(design.weights), len(design.stratum_of) * widest)
    for piece in _pieces(len(stub.rows), units):
        values = row_values(stub.values[:, piece], design)
        keys = stub.rows.iloc[piece].assign(place=range(piece.start, piece.start + values.filled.shape[1]))
        for places, members in zip(heads, laid_out, strict=True):
            columns = banner.columns.iloc[places].reset_index(drop=True)
            found = column_means(values, members, design)
            cells.append(_cells(found, keys, columns))
            tests.append(_tests(found, keys, columns))
    table = pd.concat(cells, ignore_index=True).sort_values("place", kind="stable", ignore_index=True)
    tested = pd.concat(tests, ignore_index=True).sort_values("place", kind="stable", ignore_index=True)
    bases = _bases(table)
    return Crosstab(table.drop(columns="place"), bases, tested.drop(columns="place"))


def wide(cells: pd.DataFrame, value: str = "estimate") -> pd.DataFrame:
    """Lay a column of the cells out as people read it: questions and rows down, heads and columns across."""
    down, across = cells[["question", "row"]].drop_duplicates(), cells[COLUMN].drop_duplicates()
    table = cells.set_index(["question", "row", *COLUMN])[value].unstack(COLUMN)  # noqa: PD010 - a key is one cell
    return table.reindex(index=pd.MultiIndex.from_frame(down), columns=pd.MultiIndex.from_frame(across))


def _pieces(rows: int, size: int) -> Iterator[slice]:
    step = max(1, PIECE // max(size, 1))
    return (slice(start, start + step) for start in range(0, rows, step))


def _cells(found: ColumnMeans, keys: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Lay rows x columns out as one row each."""
    table = keys.drop(columns="repeats").loc[keys.index.repeat(len(columns))].reset_index(drop=True)
    for name in columns:
        table[name] = pd.Series(np.tile(columns[name].to_numpy(), len(keys)), dtype="str")
    arrays = {
        "estimate": found.estimate, "std_error": found.std_error, "df": found.df, "n": found.n.astype(np.int64),
        "companies": found.clusters.astype(np.int64), "count": found.count, "weighted": found.weighted,
        "effective": found.effective, "deff": found.deff,
    }  # fmt: skip
    table = table.assign(**{name: array.ravel() for name, array in arrays.items()})
    table.loc[table["kind"] == "mean", "count"] = np.nan
    return table


def _tests(found: ColumnMeans, keys: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Compare each two lettered columns in every row."""
    lettered = np.flatnonzero(columns["letter"] != "")
    first, second = np.triu_indices(len(lettered), 1)
    a, b = lettered[first], lettered[second]
    table = keys.loc[keys.index.repeat(len(a)), ["question", "row", "repeats", "place"]].reset_index(
        drop=True
    )
    letters = columns["letter"].to_numpy()
    table["head"] = columns["head"].iloc[0]
    table["a"] = pd.Series(np.tile(letters[a], len(keys)), dtype="str")
    table["b"] = pd.Series(np.tile(letters[b], len(keys)), dtype="str")
    part = found.std_error**2
    variance = part[:, a] + part[:, b] - 2 * found.covariance[:, a, b]
    # Rounding can leave a difference of equal columns a little below zero.
    std_error = np.sqrt(np.where(variance < 1e-12 * (part[:, a] + part[:, b]), 0.0, variance))
    columns_of = result_columns(found.estimate[:, a] - found.estimate[:, b], std_error, _degrees(found, a, b))
    return table.assign(
        **{name: array.ravel() for name, array in columns_of.items() if not name.startswith("conf")}
    )


def _degrees(found: ColumnMeans, a: NDArray[np.int64], b: NDArray[np.int64]) -> Floats:
    """Welch and Satterthwaite's degrees of freedom, at most those of both columns together."""
    part, df = found.std_error**2, found.df
    with np.errstate(invalid="ignore", divide="ignore"):
        welch = (part[:, a] + part[:, b]) ** 2 / (part[:, a] ** 2 / df[:, a] + part[:, b] ** 2 / df[:, b])
    return np.minimum(welch, found.both_df[:, a, b])


def _bases(cells: pd.DataFrame) -> pd.DataFrame:
    """Return what the percentages of each question stand on; the means, where it has no others."""
    keys = ["question", *COLUMN]
    first = cells["kind"].isin(["answer", "unsure"])
    without = ~first.groupby(cells["question"]).transform("any")
    table = (
        cells[first | without].groupby(keys, sort=False)[["n", "companies", "weighted", "effective"]].first()
    )
    each = cells[keys].assign(design_effective=cells["n"] / cells["deff"].where(cells["deff"] > 0))
    return table.join(each.groupby(keys)["design_effective"].min()).reset_index()
