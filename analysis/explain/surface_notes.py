"""What the reader of a response surface has to know: where it rests on little, and what is not determined."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.explain.congruence_checklist import FLIPS
from analysis.explain.covariance import FEW_CLUSTERS
from analysis.explain.design_errors import few_companies
from analysis.explain.surface_design import SurfaceDesign, SurfaceSpecification, quadratic
from analysis.explain.surface_region import ENOUGH, inside, sides_of_agreement
from analysis.infer.columns import Floats
from survey.language import digits, look_up, say

ROWS_A_TERM = 10
"""Companies for each coefficient under which a surface follows chance."""

INFLATED = 5.0
"""Variance inflation from which terms of the surface are hard to tell apart."""


def surface_notes(
    design: SurfaceDesign,
    specification: SurfaceSpecification,
    *,
    axes: pd.DataFrame,
    corners: Floats,
    across: tuple[float, float],
) -> str:
    """Return the notes of a surface, joined.

    Parameters
    ----------
    design, specification
        What was fitted.
    axes
        Stationary point and principal axes with their intervals.
    corners
        Outline of the scores.
    across
        From where to where the line of incongruence lies within it, in units of x.
    """
    notes = [*design.notes, *_few(design, specification), *_sides(design, specification)]
    if not across[0] < 0 < across[1]:
        notes.append(
            say(
                "the line of incongruence does not run through the data on both sides, so that a3 and a4 rest on none"
            )
        )
    return "; ".join([*notes, *_beyond(design, specification, axes, corners), *_inflation(design)])


def _few(design: SurfaceDesign, specification: SurfaceSpecification) -> Iterator[str]:
    wanted = ROWS_A_TERM * (5 + design.others.shape[1])
    if design.groups < wanted:
        yield say(
            "{groups} companies are few for so many terms: at least {wanted} would be usual",
            groups=design.groups,
            wanted=wanted,
        )
    if specification.covariance == "cluster" and design.groups < FEW_CLUSTERS:
        yield say(
            "errors are clustered by only {groups} companies, so intervals tend to be too narrow",
            groups=design.groups,
        )
    if specification.covariance == "design":
        yield from few_companies(design.companies, design.weight)
    if specification.covariance in ("classical", "HC3") and design.groups < len(design.x):
        yield say(
            "companies have several rows, which {covariance} errors treat as independent",
            covariance=look_up(specification.covariance),
        )
    if specification.centring == "variablewise":
        yield say("each score is centred on its own mean, so that equal centred scores are not equal scores")


def _sides(design: SurfaceDesign, s: SurfaceSpecification) -> Iterator[str]:
    sides = sides_of_agreement(design)
    share = dict(zip(sides["side"], sides["share"].astype(float), strict=True))
    raw = dict(zip(sides["side"], sides["raw"].astype(float), strict=True))
    for side, more, less in (("x higher", s.x, s.y), ("y higher", s.y, s.x)):
        if raw[side] == 0:
            yield say(
                "in no company is {more} above {less}: all lie on one side of agreement", more=more, less=less
            )
        elif share[side] < ENOUGH:
            yield say(
                "only {share}% of companies are clearly higher on {more}",
                share=digits(100 * share[side], ".0f"),
                more=more,
            )


def _beyond(
    design: SurfaceDesign, s: SurfaceSpecification, axes: pd.DataFrame, corners: Floats
) -> Iterator[str]:
    """Features of the surface that lie where there are no companies."""
    found = axes.set_index("term")[["estimate", "flips"]].astype(float).T.to_dict()
    centre = np.array([found[term]["estimate"] for term in ("x0", "y0")]) * s.per + np.array(design.origin)
    if not np.isfinite(centre).all():
        yield say("the surface has no single flat point")
    elif not inside(corners, centre[None, :])[0]:
        yield say("its flat point lies outside the data and means nothing there")
    if found["p11"]["flips"] > FLIPS or np.isnan(found["p11"]["estimate"]):
        yield say("the direction of its ridge is not determined: drawn anew, companies turn it round")


def _inflation(design: SurfaceDesign) -> Iterator[str]:
    terms = quadratic(design.x, design.y)
    if not len(terms) > terms.shape[1]:
        return
    worst = float(np.diag(np.linalg.pinv(np.corrcoef(terms.T))).max())
    if worst > INFLATED:
        yield say(
            "its terms go together so closely (variance inflation {worst}) that they are hard to tell apart",
            worst=digits(worst, ".0f"),
        )
