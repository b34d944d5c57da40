"""Is agreement itself what goes with the outcome? The checklists of Edwards and of Humberg, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.explain.surface_region import ENOUGH
from analysis.infer.columns import Floats
from survey.language import digits, look_up, mark, say

Verdict = Literal["supported", "not supported", "cannot be told"]
VERDICTS = (mark("supported"), mark("not supported"), mark("cannot be told"))
COLUMNS = ("scope", "line", "term", "condition", "estimate", "conf_low", "conf_high", "p_value", "met")

SCOPES = ("data", "broad", "strict", "edwards")
ALPHA = 0.05

FLIPS = 0.025
"""Share of draws in which an axis points the other way from which its direction is not determined."""

SQUARED_DIFFERENCE = np.array(
    [[1.0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, -1.0], [0, 0, 2.0, 1.0, 0]]
)
"""What must be zero of b1 to b5 for the surface to be one of the squared difference."""

RIDGE = (
    ("p10", 0.0, mark("The ridge does not lie beside the line of agreement")),
    ("p11", 1.0, mark("The ridge runs along the line of agreement")),
)
BENDS = (
    ("broad", "a4", "below", mark("Away from agreement the outcome bends downwards")),
    ("broad", "a3", "holds", mark("Across agreement the outcome is best in agreement")),
    ("strict", "a1", "holds", mark("Along agreement the outcome neither rises nor falls")),
    ("strict", "a2", "holds", mark("Along agreement the outcome does not bend")),
    ("edwards", "b3", "below", mark("The first score squared lowers the outcome")),
    ("edwards", "b4", "above", mark("The product raises it")),
    ("edwards", "b5", "below", mark("The second score squared lowers it")),
)
"""Scope, term, which side of 0 its interval must lie on (or hold it), and what that says."""

SIDES = {
    "below": mark("interval below {value}"),
    "above": mark("interval above {value}"),
    "holds": mark("interval holds {value}"),
}
TESTS = {"below": mark("p below {alpha}"), "at least": mark("p at least {alpha}")}
"""What is asked of an interval, and of a test, in words."""

RESULTS = ("estimate", "conf_low", "conf_high", "p_value")

Line = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What the lines of the checklist look at.

    Parameters
    ----------
    frame
        ``term`` and results of b1 to b5 and a1 to a5.
    axes
        ``term, estimate, conf_low, conf_high, flips``.
    b, covariance, df
        b1 to b5, their covariance, and the degrees of freedom of its tests.
    cubic, cubic_covariance
        The same of the four terms one order higher.
    sides
        From `analysis.explain.surface_region.sides_of_agreement`.
    across
        From where to where the line of incongruence lies within the data, in units of x.
    """

    frame: pd.DataFrame
    axes: pd.DataFrame
    b: Floats
    covariance: Floats
    df: float
    cubic: Floats
    cubic_covariance: Floats
    sides: pd.DataFrame
    across: tuple[float, float]


def checklist(found: Estimates) -> pd.DataFrame:
    """Evaluate what a congruence effect asks of a surface.

    No single number can show that agreement matters (Humberg, Nestler and Back, 2019, Social Psychological and
    Personality Science 10). Four scopes:

    - data: enough companies differ either way (Shanock et al., 2010), and the line across agreement lies on data.
    - broad: the first principal axis is the line of congruence (p10 = 0, p11 = 1), and across it the outcome
      bends downwards (a4 < 0) with its top in agreement (a3 = 0): Humberg et al., conditions 1 to 4.
    - strict: in addition the outcome is the same at all levels of agreement (a1 = 0, a2 = 0).
    - edwards: the surface explains something, its signs and its constraints are those of the squared difference,
      and terms one order higher add nothing (Edwards, 1994, Organizational Behavior and Human Decision Processes
      58; 2002, in Drasgow and Schmitt, Measuring and analyzing behavior in organizations).

    Returns
    -------
    DataFrame
        `COLUMNS`; ``met`` is "yes", "no" or "cannot be told". Where a line asks for a value, it is met if the 95%
        interval holds it, which few companies make easy; `verdict_of` draws the lines together.
    """
    lines = pd.DataFrame(
        [*_data(found), *_ridge(found), *_slopes(found), *_tests(found)], columns=list(COLUMNS)
    )
    order = {scope: place for place, scope in enumerate(SCOPES)}
    return lines.sort_values("scope", key=lambda scopes: scopes.map(order), kind="stable", ignore_index=True)


def verdict_of(lines: pd.DataFrame, *, scope: Literal["broad", "strict", "edwards"] = "broad") -> Verdict:
    """Draw the lines of a scope together.

    "cannot be told" if the data cannot carry the question or a line is open and none is broken; "supported"
    only if every line is met. "not supported" says that support is missing, not that agreement does not matter.

    Examples
    --------
    >>> lines = pd.DataFrame({"scope": ["data", "broad", "broad"], "met": ["yes", "yes", "no"]})
    >>> verdict_of(lines), verdict_of(lines.assign(met="yes")), verdict_of(lines.assign(met="no"))
    ('not supported', 'supported', 'cannot be told')
    """
    if lines.empty or (lines.loc[lines["scope"] == "data", "met"] != "yes").any():
        return "cannot be told"
    scopes = {"broad": ["broad"], "strict": ["broad", "strict"], "edwards": ["edwards"]}[scope]
    met = lines.loc[lines["scope"].isin(scopes), "met"]
    if (met == "no").any():
        return "not supported"
    return "supported" if (met == "yes").all() else "cannot be told"


def wald(b: Floats, covariance: Floats, constraints: Floats, df: float) -> tuple[float, float]:
    """Return F of ``constraints @ b = 0`` and its p value; NaN where the covariance is singular.

    Examples
    --------
    >>> f, p = wald(np.array([2.0]), np.eye(1), np.eye(1), 10)
    >>> f, round(p, 4)
    (4.0, 0.0734)
    """
    value, spread = constraints @ b, constraints @ covariance @ constraints.T
    q = len(value)
    if df < 1 or not np.isfinite(spread).all() or np.linalg.matrix_rank(spread, hermitian=True) < q:
        return np.nan, np.nan
    f = float(value @ np.linalg.solve(spread, value)) / q
    return f, float(stats.f.sf(f, q, df))


def _data(found: Estimates) -> Iterator[Line]:
    least = 100 * float(found.sides["share"].iloc[1:].min())
    yield {
        "scope": "data", "line": mark("Enough companies differ either way"), "term": mark("smaller side, %"),
        "condition": say("at least {share}", share=f"{100 * ENOUGH:.0f}"), "estimate": least,
        "met": _yes(least >= 100 * ENOUGH),
    }  # fmt: skip
    low, high = found.across
    yield {
        "scope": "data", "line": mark("The line across agreement lies on data, on both sides"), "term": "y = -x",
        "condition": say("from below 0 to above 0"), "met": _yes(low < 0 < high),
    }  # fmt: skip


def _ridge(found: Estimates) -> Iterator[Line]:
    axes = _by_term(found.axes)
    for term, value, words in RIDGE:
        row = axes[term]
        yield {
            "scope": "broad", "line": words, "term": term,
            "condition": look_up(SIDES["holds"]).format(value=f"{value:g}"),
            **{name: row[name] for name in RESULTS[:3]}, "met": _axis(row, value, axes["p11"]["flips"]),
        }  # fmt: skip


def _slopes(found: Estimates) -> Iterator[Line]:
    rows = _by_term(found.frame)
    for scope, term, side, words in BENDS:
        row = rows[term]
        low, high = row["conf_low"], row["conf_high"]
        met = {"below": high < 0, "above": low > 0, "holds": low <= 0 <= high}[side]
        yield {
            "scope": scope, "line": words, "term": term, "condition": look_up(SIDES[side]).format(value="0"),
            **{name: row[name] for name in RESULTS},
            "met": "cannot be told" if np.isnan(low) else _yes(met),
        }  # fmt: skip


def _tests(found: Estimates) -> Iterator[Line]:
    cubic = np.eye(len(found.cubic))
    for words, term, (f, p), wanted in (
        (mark("The surface explains part of the outcome"), mark("F, b1 to b5"),
         wald(found.b, found.covariance, np.eye(5), found.df), "below"),
        (mark("The constraints of the squared difference hold together"), "F, b1 = b2 = 0, b3 = b5, b4 = -2 b3",
         wald(found.b, found.covariance, SQUARED_DIFFERENCE, found.df), "at least"),
        (mark("Cubic terms add nothing"), mark("F, four cubic terms"),
         wald(found.cubic, found.cubic_covariance, cubic, found.df), "at least"),
    ):  # fmt: skip
        met = "cannot be told" if np.isnan(p) else _yes((p < ALPHA) == (wanted == "below"))
        yield {
            "scope": "edwards", "line": words, "term": term,
            "condition": look_up(TESTS[wanted]).format(alpha=digits(ALPHA, "g")),
            "estimate": f, "p_value": p, "met": met,
        }  # fmt: skip


def _by_term(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    numbers = table.set_index("term").astype(float)
    return {
        str(term): dict(zip(map(str, numbers.columns), row, strict=True))
        for term, row in zip(numbers.index, numbers.to_numpy(), strict=True)
    }


def _axis(row: dict[str, float], value: float, flips: float) -> str:
    """An axis that points anywhere among the draws says neither that it is the line nor that it is not."""
    if not np.isfinite([row["conf_low"], row["conf_high"]]).all():
        return "cannot be told"
    if not row["conf_low"] <= value <= row["conf_high"]:
        return "no"
    return "cannot be told" if flips > FLIPS else "yes"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
