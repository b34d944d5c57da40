"""Alpha and omega of the traits behind answers in ordered categories, from polychoric correlations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.measure.consistency import coefficients
from analysis.measure.item_covariance import ItemCell, item_cells, varies
from analysis.measure.one_factor import one_factor
from analysis.measure.polychoric import Polychoric, polychorics
from survey.language import say
from survey.responses import Responses

ORDINAL = ("alpha", "omega_total", "omega_hierarchical")
"""The coefficients of `analysis.measure.consistency` that are asked of the latent answers."""

MOST_CATEGORIES = 10
"""From more points on, answers are as good as continuous, and cells of the tables stay empty."""

COLUMNS = ("construct", "function", "wave", *(f"ordinal_{name}" for name in ORDINAL), "ordinal_note")


def ordinal_reliability(responses: Responses, constructs: Sequence[str] | None = None) -> pd.DataFrame:
    """Return alpha and omega of every construct within each function and wave, from polychoric correlations.

    The reliability of the sum of the continuous answers that people would have given, had they not been cut
    into categories (Zumbo, Gadermann and Zeisser 2007, Journal of Modern Applied Statistical Methods 6). It
    is higher than that of the answers as given: it does not say how reliable the score is that was made of
    them, but whether few categories are what holds that down (Chalmers 2018, Educational and Psychological
    Measurement 78).

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here.
    constructs
        Those to look at; all that have items if not given.

    Returns
    -------
    DataFrame
        construct, function, wave, ordinal_alpha, ordinal_omega_total, ordinal_omega_hierarchical (up to 1),
        ordinal_note (why one is absent; empty else). Items whose answers are all equal are left out.

    Notes
    -----
    Agrees with ``coefficients`` of ``lavaan::lavCor(x, ordered = names(x))`` in R; ordinal alpha with
    ``psych::alpha(psych::polychoric(x, correct = 0)$rho)``.
    """
    cells = [cell for cell in item_cells(responses) if constructs is None or cell.construct in constructs]
    reasons = [_unordered(cell, responses) for cell in cells]
    able = [cell for cell, reason in zip(cells, reasons, strict=True) if not reason]
    found = iter(polychorics([_varied(cell) for cell in able]))
    rows = [
        {**cell.keys, **(_absent(reason) if reason else _row(next(found)))}
        for cell, reason in zip(cells, reasons, strict=True)
    ]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _varied(cell: ItemCell) -> pd.DataFrame:
    return cell.answers.loc[:, varies(cell.answers.to_numpy())]


def _unordered(cell: ItemCell, responses: Responses) -> str:
    """Say why the answers of a cell are not a few ordered categories; empty if they are."""
    scale = responses.instrument.columns[str(cell.answers.columns[0])].scale
    assert scale is not None  # every item of a construct has its scale
    if not scale.whole:
        return say("answers between the points of the scale are no categories")
    if scale.max - scale.min + 1 > MOST_CATEGORIES:
        return say("more than {n} points are as good as continuous", n=MOST_CATEGORIES)
    return say("fewer than two items vary") if _varied(cell).shape[1] < 2 else ""


def _row(found: Polychoric) -> dict[str, Any]:
    matrix = found.correlations.to_numpy()
    if np.isnan(matrix).any():
        return _absent(say("no respondent answered two of the items together"))
    names = [str(item) for item in found.correlations]
    known = coefficients(matrix, one_factor(matrix, names=names))
    values = {f"ordinal_{name}": known[name].value for name in ORDINAL}
    return values | {"ordinal_note": known["omega_total"].note}


def _absent(reason: str) -> dict[str, Any]:
    return {f"ordinal_{name}": np.nan for name in ORDINAL} | {"ordinal_note": reason}
