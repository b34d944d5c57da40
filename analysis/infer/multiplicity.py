"""Many tests at once: p values adjusted within their family, so that false finds stay as rare as declared."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.infer.columns import Codes, Floats
from survey.language import mark

Multiplicity = Literal["none", "holm", "bh"]
"""Control of the chance of any false find (Holm), of their share (Benjamini and Hochberg), or none."""

MULTIPLICITY_WORDS: dict[Multiplicity, str] = {
    "none": mark("not adjusted for the number of tests"),
    "holm": mark("adjusted by Holm (1979): the chance of any false letter in a family"),
    "bh": mark("adjusted by Benjamini and Hochberg (1995): the expected share of false letters in a family"),
}


def adjusted(p_values: ArrayLike, *, method: Multiplicity, axis: int = -1) -> Floats:
    """Adjust p values for the number of tests in their family.

    With p sorted upwards and m of them, Holm (1979, Scandinavian Journal of Statistics 6) has the running
    maximum of ``(m - i + 1) p_i``; Benjamini and Hochberg (1995, JRSS B 57) the running minimum from above of
    ``m p_i / i``. Neither exceeds 1.

    Parameters
    ----------
    p_values
        0 to 1; NaN where there was no test: it stays NaN and is not of the family.
    method
        "none" returns the p values.
    axis
        Along which a family lies.

    Raises
    ------
    ValueError
        If a p value is outside 0-1.

    Notes
    -----
    Agrees with R ``p.adjust(p, "holm")`` and ``p.adjust(p, "BH")``.

    Examples
    --------
    >>> adjusted([0.01, 0.04, np.nan, 0.03], method="holm").tolist()
    [0.03, 0.06, nan, 0.06]
    >>> adjusted([0.01, 0.04, np.nan, 0.03], method="bh").round(10).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    p = np.moveaxis(np.array(p_values, dtype=float), axis, -1)
    if np.any((p < 0) | (p > 1)):
        raise ValueError("p values are outside 0-1")
    if method == "none":
        return np.moveaxis(p, -1, axis)
    order = np.argsort(p, axis=-1)  # NaN come last
    ranked = np.take_along_axis(p, order, axis=-1)
    m = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    place = np.arange(1, p.shape[-1] + 1)
    if method == "holm":
        steps = np.fmax.accumulate((m - place + 1) * ranked, axis=-1)
    else:
        steps = np.fmin.accumulate((m / place * ranked)[..., ::-1], axis=-1)[..., ::-1]
    steps = np.where(np.isnan(ranked), np.nan, np.minimum(steps, 1.0))
    found = np.empty_like(p)
    np.put_along_axis(found, order, steps, axis=-1)
    return np.moveaxis(found, -1, axis)


def adjusted_within(p_values: ArrayLike, family: Codes, *, method: Multiplicity) -> tuple[Floats, Codes]:
    """Adjust p values of several families, and count the tests of each.

    Parameters
    ----------
    p_values
        One row of p values.
    family
        Code of the family of each, from 0 without gaps.

    Returns
    -------
    adjusted : ndarray
        As `adjusted` has it for each family.
    size : ndarray
        Tests in the family of each p value, NaN not counted.

    Examples
    --------
    >>> found, size = adjusted_within([0.01, 0.04, 0.03], np.array([0, 0, 1]), method="holm")
    >>> found.tolist(), size.tolist()
    ([0.02, 0.04, 0.03], [2, 2, 1])
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(family, kind="stable")
    sizes = np.bincount(family)
    place = np.arange(len(p)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(sizes), int(sizes.max(initial=0))), np.nan)
    table[family[order], place] = p[order]
    found = np.empty_like(p)
    found[order] = adjusted(table, method=method)[family[order], place]
    return found, np.sum(~np.isnan(table), axis=1).astype(np.int64)[family]


def with_family(
    table: pd.DataFrame, *, within: Sequence[str] = (), besides: str = "", method: Multiplicity = "bh"
) -> pd.DataFrame:
    """Add to a table of comparisons their adjusted p values and how many are adjusted together.

    Parameters
    ----------
    table
        One row per comparison, with ``p_value``.
    within
        Keys of the families; the whole table is one if not said.
    besides
        Column that says which rows are no comparison, such as differences that are so by construction.
    method
        How p values are adjusted.

    Returns
    -------
    DataFrame
        With ``p_adjusted``, NaN where there is no test, and ``family``.

    Examples
    --------
    >>> table = pd.DataFrame({"variable": ["goals", "trust", "gap"], "p_value": [0.01, 0.04, np.nan]})
    >>> with_family(table)[["p_adjusted", "family"]].values.tolist()
    [[0.02, 2.0], [0.04, 2.0], [nan, 2.0]]
    """
    p = table["p_value"].mask(table[besides].astype(bool)) if besides else table["p_value"]
    family = table.groupby(list(within), sort=False).ngroup().to_numpy() if within else np.zeros(len(table))
    found, size = adjusted_within(p, np.asarray(family, dtype=np.int64), method=method)
    return table.assign(p_adjusted=found, family=size)
