"""Simpler surfaces inside the full one, compared by how well they would predict: AICc."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import minimize_scalar

from analysis.explain.surface_design import SurfaceDesign, quadratic
from analysis.infer.columns import Floats
from survey.language import mark

ANGLES = 180
"""Directions tried before the best is refined; between two of them the fit hardly bends."""

LINEAR: Mapping[str, tuple[tuple[float, ...], ...]] = {
    "null": (),
    "onlyx": ((1, 0, 0, 0, 0),),
    "onlyy": ((0, 1, 0, 0, 0),),
    "mean": ((1, 1, 0, 0, 0),),
    "diff": ((1, -1, 0, 0, 0),),
    "additive": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0)),
    "IA": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 0, 1, 0)),
    "SQD": ((0, 0, 1, -2, 1),),
    "SSQD": ((1, -1, 0, 0, 0), (0, 0, 1, -2, 1)),
    "RR": ((1, 1, 0, 0, 0), (0, 0, 1, -2, 1)),
    "SRR": ((1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, -2, 1)),
    "full": tuple(tuple(row) for row in np.eye(5).tolist()),
}
"""Models by the combinations of x, y, x squared, x y and y squared that they leave free."""

TITLES: Mapping[str, str] = {
    "null": mark("Neither score matters"),
    "onlyx": mark("Only the first score matters"),
    "onlyy": mark("Only the second score matters"),
    "mean": mark("The mean of both matters"),
    "diff": mark("Their signed difference matters"),
    "additive": mark("Both matter, each by itself"),
    "IA": mark("Both matter, and each changes what the other does"),
    "SQD": mark("Their squared difference matters: agreement"),
    "SSQD": mark("Squared difference, best where they differ by some amount"),
    "SRSQD": mark("Squared difference, shifted and turned"),
    "RR": mark("Agreement and mean matter (rising ridge)"),
    "SRR": mark("Mean and shifted agreement matter (shifted rising ridge)"),
    "SRRR": mark("Mean and shifted, turned agreement matter"),
    "full": mark("Full quadratic surface"),
}
"""Models by the names of R's RSA, in words."""

COLUMNS = (
    "model", "title", "parameters", "log_likelihood", "aicc", "delta_aicc", "weight", "r_squared",
    "adjusted_r_squared", "p_value", *("b1", "b2", "b3", "b4", "b5"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """What least squares of any constrained surface needs: the terms without controls, as a 5 x 5 triangle."""

    triangle: Floats
    turned: Floats
    rest: float
    total: float
    rows: int
    others: int
    logs: float


def compare_surfaces(design: SurfaceDesign) -> pd.DataFrame:
    """Fit the models of `TITLES` and compare them by AICc.

    Every model keeps the controls. With K free parameters, the residual variance among them,
    ``AICc = -2 logL + 2 K n / (n - K - 1)`` (Hurvich and Tsai, 1989, Biometrika 76); a model's weight is
    its share of ``exp(-delta / 2)`` (Burnham and Anderson, 2002). SRSQD and SRRR let the line on which the outcome
    is best turn: ``(y cos t - x sin t)`` takes the place of the difference, t by least squares over all directions.
    Rows count as independent.

    Parameters
    ----------
    design
        Without an obstacle.

    Returns
    -------
    DataFrame
        `COLUMNS`, the best model first. The p value is that of F against the model with controls only.

    Notes
    -----
    Agrees with ``RSA::aictab`` in R for the models that both have; likelihood is that of least squares.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> x, y = rng.normal(size=(2, 200))
    >>> made = SurfaceDesign(x=x, y=y, outcome=x + y - (x - y) ** 2 + rng.normal(size=200), weight=np.ones(200),
    ...                      others=np.ones((200, 1)), companies=np.arange(200), rows=np.arange(200))
    >>> compare_surfaces(made)["model"].iloc[0]
    'RR'
    """
    moments = _moments(design)
    fitted: dict[str, tuple[Floats, int]] = {}
    for model, free in LINEAR.items():
        basis = np.array(free, dtype=float).reshape(-1, 5).T
        fitted[model] = _constrained(moments, basis), basis.shape[1]
    fitted["SRSQD"] = _turned(moments, lambda t: _ridge(t, own_line=True)), 3
    fitted["SRRR"] = _turned(moments, lambda t: _ridge(t, own_line=False)), 4
    rows = [_row(model, b, free, moments) for model, (b, free) in fitted.items()]
    table = pd.DataFrame(rows).sort_values(["aicc", "parameters"], kind="stable", ignore_index=True)
    delta = table["aicc"] - table["aicc"].min()
    share = np.exp(-delta / 2)
    return table.assign(delta_aicc=delta, weight=share / share.sum())[list(COLUMNS)]


def _moments(design: SurfaceDesign) -> _Moments:
    """Take the controls off terms and outcome (Frisch and Waugh, 1933)."""
    others = np.linalg.qr(design.weighted(design.others))[0]
    terms, outcome = design.weighted(quadratic(design.x, design.y)), design.weighted(design.outcome)[:, 0]
    terms, outcome = (values - others @ (others.T @ values) for values in (terms, outcome))
    orthogonal, triangle = np.linalg.qr(terms)
    logs = float(np.log(design.weight).sum()) / 2
    turned, total = orthogonal.T @ outcome, float(outcome @ outcome)
    return _Moments(
        triangle, turned, total - float(turned @ turned), total, len(outcome), others.shape[1], logs
    )


def _constrained(moments: _Moments, basis: Floats) -> Floats:
    """Return b1 to b5 of the least-squares surface in the span of `basis`, 5 x free."""
    free = np.linalg.lstsq(moments.triangle @ basis, moments.turned, rcond=None)[0]
    return np.asarray(basis @ free)


def _lack(moments: _Moments, b: Floats) -> float:
    """Sum of squares that a surface leaves beyond the full one."""
    return float(((moments.turned - moments.triangle @ b) ** 2).sum())


def _ridge(angle: float, *, own_line: bool) -> Floats:
    """Basis of a surface that bends across one direction only; with `own_line`, all of it runs along that."""
    c, s = np.cos(angle), np.sin(angle)
    bend = [0.0, 0.0, s * s, -2 * s * c, c * c]
    lines = [[-s, c, 0.0, 0.0, 0.0]] if own_line else [[1.0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0]]
    return np.array([*lines, bend]).T


def _turned(moments: _Moments, basis_at: Callable[[float], Floats]) -> Floats:
    """Return the best surface over all directions: a grid, then Brent's method around its best."""

    def lack(angle: float) -> float:
        return _lack(moments, _constrained(moments, basis_at(angle)))

    step = np.pi / ANGLES
    first = step * int(np.argmin([lack(step * place) for place in range(ANGLES)]))
    best = minimize_scalar(
        lack, bounds=(first - step, first + step), method="bounded", options={"xatol": 1e-10}
    )
    return _constrained(moments, basis_at(float(best.x)))


def _row(model: str, b: Floats, free: int, moments: _Moments) -> dict[str, object]:
    n, left = moments.rows, moments.rest + _lack(moments, b)
    spare = n - moments.others - free
    parameters = free + moments.others + 1
    likelihood = -n / 2 * (np.log(2 * np.pi * left / n) + 1) + moments.logs
    explained = 1 - left / moments.total
    f = np.nan if free == 0 else (moments.total - left) / free / (left / spare)
    return {
        "model": model, "title": TITLES[model], "parameters": parameters, "log_likelihood": likelihood,
        "aicc": -2 * likelihood + 2 * parameters * n / (n - parameters - 1), "r_squared": explained,
        "adjusted_r_squared": 1 - (1 - explained) * (n - moments.others) / spare,
        "p_value": float(stats.f.sf(f, free, spare)) if free else np.nan,
        **dict(zip(("b1", "b2", "b3", "b4", "b5"), b.tolist(), strict=True)),
    }  # fmt: skip
