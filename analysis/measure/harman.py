"""Harman's single-factor share, with the warning that it proves nothing."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measure.item_covariance import cells_by_group, correlation_of, pairwise_covariance, varies
from survey.language import look_up, mark, say
from survey.responses import Responses

HARMAN_WARNING = mark(
    "Not a valid test of common method bias: the share of the first factor does not differ between studies with "
    "one and with several sources (Howard, Boudreaux and Oglesby 2024), and one below 50% is no evidence against "
    "bias. It is shown only because readers ask for it."
)


def harman_share(responses: Responses) -> pd.DataFrame:
    """Share of the first unrotated component of all items, with the warning that it proves nothing.

    Returns
    -------
    DataFrame
        function, wave, n_items (that vary), n (respondents), share (per cent of the items' variance), warning
        (`HARMAN_WARNING`), note (why there is no share; empty else).

    Notes
    -----
    Agrees with ``100 * eigen(cov2cor(cov(x, use = "pairwise")))$values[1] / ncol(x)`` in R.
    """
    rows = []
    for cells in cells_by_group(responses):
        values = np.column_stack([cell.answers.to_numpy() for cell in cells])
        values = values[:, varies(values)]
        share, note = _first_share(values)
        n = int((~np.isnan(values)).any(axis=1).sum())
        rows.append(
            (cells[0].function, cells[0].wave, values.shape[1], n, share, look_up(HARMAN_WARNING), note)
        )
    columns = ["function", "wave", "n_items", "n", "share", "warning", "note"]
    return pd.DataFrame(rows, columns=columns)


def _first_share(values: NDArray[np.float64]) -> tuple[float, str]:
    if values.shape[1] < 2:
        return np.nan, say("fewer than two items vary")
    correlation = correlation_of(pairwise_covariance(values))
    if np.isnan(correlation).any():
        return np.nan, say("no respondent answered two of the items together")
    return float(100 * np.linalg.eigvalsh(correlation)[-1] / len(correlation)), ""
