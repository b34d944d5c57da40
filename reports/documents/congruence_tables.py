"""Tables of a response surface: checklist, slopes and bends, models, who agrees, specifications, axes."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from analysis.explain.congruence_checklist import verdict_of
from analysis.explain.errors import read_errors
from analysis.explain.response_surface import Surface
from reports.evidence import Evidence
from reports.numeral import absent, missing_text
from reports.report import Column, Table
from reports.tables import interval_text, number_text
from survey.language import digits, look_up, mark, say

SCOPES = {
    "data": mark("Can the data carry the question?"),
    "broad": mark("Congruence effect, broad sense (Humberg and others, 2019)"),
    "strict": mark("In addition, strict sense"),
    "edwards": mark("Squared difference (Edwards, 1994, 2002)"),
}

MEANING = {
    "a1": mark("Both say 10 points more: slope along agreement"),
    "a2": mark("Bend along agreement"),
    "a3": mark("Sales 10 more, marketing 10 less: slope across agreement"),
    "a4": mark("Bend across agreement: what 20 points apart cost if below 0"),
    "a5": mark("Turn of the ridge: 0 if neither score bends it more"),
    "b0": mark("Outcome where both scores are in the middle"),
    "b1": mark("Score of sales"),
    "b2": mark("Score of marketing"),
    "b3": mark("Score of sales, squared"),
    "b4": mark("Product of both"),
    "b5": mark("Score of marketing, squared"),
}

SIDES = {
    "agree": mark("Agree within half a standard deviation"),
    "x higher": mark("Sales clearly higher"),
    "y higher": mark("Marketing clearly higher"),
}

AXES = {
    "x0": mark("Flat point, score of sales (points)"),
    "y0": mark("Flat point, score of marketing (points)"),
    "p10": mark("First principal axis, intercept (units of 10 points)"),
    "p11": mark("First principal axis, slope"),
    "p20": mark("Second principal axis, intercept (units of 10 points)"),
    "p21": mark("Second principal axis, slope"),
}


def checklist_table(found: Surface, where: str) -> Table:
    """Every line of the checklists with its statistic and whether it is met."""
    lines = found.lines.assign(
        group=[look_up(SCOPES[scope]) for scope in found.lines["scope"]],
        found=[_found(line) for line in found.lines.to_dict("records")],
        p=[
            "–" if absent(value) else number_text(value, "p_value")
            for value in found.lines["p_value"].tolist()
        ],
    )
    verdicts = say(
        "Congruence effect, broad sense: {broad}. Strict sense: {strict}. Squared difference: {edwards}.",
        broad=look_up(verdict_of(found.lines)),
        strict=look_up(verdict_of(found.lines, scope="strict")),
        edwards=look_up(verdict_of(found.lines, scope="edwards")),
    )
    columns = (
        Column("line", "What must hold"),
        Column("term", "Statistic"),
        Column("found", "Value (95% interval)"),
        Column("p", "p"),
        Column("condition", "Needed"),
        Column("met", "Met?"),
    )
    notes = (
        verdicts,
        say(
            "Not supported means that support is missing, not that agreement does not matter. A line that asks for a "
            "value is met if the 95% interval holds it, which is easy with few companies."
        ),
    )
    return Table(
        "congruence-checklist",
        say("The checklist of a congruence effect"),
        lines,
        columns,
        where,
        notes,
        "group",
        (found.specification.name,),
    )


def _found(line: dict[Hashable, Any]) -> str:
    """Write what a line of the checklist looks at: a share, a test, or a value with its interval.

    How far the line across agreement lies on data is not written: either end hangs on the outermost companies.
    """
    term, value, low, high = (line[name] for name in ("term", "estimate", "conf_low", "conf_high"))
    if str(term).endswith("%"):
        return number_text(value, "percent")
    if str(term).startswith("F,"):
        return missing_text() if absent(value) else f"F = {number_text(value, 'ratio')}"
    if term == "y = -x":
        return "–"
    return interval_text(value, low, high, "ratio")


def slope_table(found: Surface, outcome: str, where: str) -> Table:
    """a1 to a5, then b0 to b5, with intervals."""
    groups = {"a": say("Along and across agreement"), "b": say("Coefficients of the surface")}
    rows = found.frame.assign(
        meaning=found.frame["term"].map(MEANING), group=found.frame["term"].str[0].map(groups)
    )
    rows = pd.concat([rows[rows["term"].str[0] == first] for first in "ab"], ignore_index=True)
    columns = (
        Column("term", "Term"),
        Column("meaning", "What it says"),
        Column("estimate", say("Change of {outcome}", outcome=outcome), "ratio", "conf_low", "conf_high"),
        Column("p_value", "p", "p_value"),
        Column("n", "Company-years", "count"),
    )
    caption = say("The surface: slopes and bends along and across agreement")
    return Table(
        "congruence-slopes",
        caption,
        rows,
        columns,
        where,
        (_how_fitted(found),),
        "group",
        (found.specification.name,),
    )


def _how_fitted(found: Surface) -> str:
    """Say from where scores count, which errors are used and what is held constant."""
    s = found.specification
    centre = {
        "pooled": say("Scores are counted in tens of points, from the mean of all scores of both functions."),
        "midpoint": say(
            "Scores are counted in tens of points, from the middle of the scale, {midpoint} points.",
            midpoint=digits(s.midpoint, "g"),
        ),
        "variablewise": say("Scores are counted in tens of points, each from its own mean."),
        "none": say("Scores are counted in tens of points, from 0."),
    }[s.centring]
    terms = [
        *map(look_up, s.controls),
        *(say("{variable} as categories", variable=look_up(name)) for name in s.effects),
    ]
    facts = say(
        "Errors: {errors}. Held constant: {terms}. R² {r_squared}.",
        errors=read_errors(s.covariance).label,
        terms=", ".join(terms) or say("nothing"),
        r_squared=digits(found.r_squared, ".2f"),
    )
    counted = [say("Companies count by their weights.")] if s.weight else []
    return " ".join([centre, *counted, facts])


def model_table(found: Surface, where: str) -> Table:
    """Constrained models by AICc."""
    columns = (
        Column("title", "Model"),
        Column("model", "Name in RSA", names=True),
        Column("parameters", "Parameters", "count"),
        Column("r_squared", "R²", "ratio"),
        Column("adjusted_r_squared", "Adjusted R²", "ratio"),
        Column("delta_aicc", "AICc above the best", "number"),
        Column("weight", "Weight", "ratio"),
    )
    notes = (
        say(
            "The first score is that of sales, the second that of marketing. Models that lie within 2 of the best "
            "predict about as well; the weight is a model's share of what speaks for any of them."
        ),
        say(
            "All keep the controls. R² here is the share of what the controls leave. Company-years count as "
            "independent."
        ),
    )
    return Table(
        "congruence-models",
        say("Simpler surfaces compared"),
        found.models,
        columns,
        where,
        notes,
        "",
        (found.specification.name,),
    )


def side_table(found: Surface, where: str) -> Table:
    """Who agrees, and who differs which way."""
    rows = found.sides.assign(
        label=found.sides["side"].map(SIDES), share=100 * found.sides["share"], raw=100 * found.sides["raw"]
    )
    columns = (
        Column("label", "Company-years"),
        Column("n", "Number", "count"),
        Column("share", "Share, scores standardised", "percent"),
        Column("raw", "Share, scores as they are", "percent"),
    )
    note = say(
        "Standardised: each score against its own mean and spread, apart from half a standard deviation on (Shanock "
        "and others, 2010). As they are: equal, higher, lower, without allowance."
    )
    caption = say("Who agrees, and who differs which way")
    return Table("congruence-sides", caption, rows, columns, where, (note,))


def specification_table(evidence: Evidence, fitted: list[Surface], where: str) -> tuple[Table, ...]:
    """The bend across agreement and the verdict with every declared set of controls; nothing if there is one only."""
    if len(evidence.surfaces) < 2:
        return ()
    rows = pd.DataFrame(
        [
            {
                **surface.row("a4").to_dict(), "label": surface.specification.name, "n": surface.n,
                "verdict": surface.verdict, "companies": surface.companies, "note": surface.note,
            }
            for surface in evidence.surfaces
        ]
    )  # fmt: skip
    columns = (
        Column("label", "Controls as in"),
        Column("estimate", "a4, bend across agreement", "ratio", "conf_low", "conf_high", reason="note"),
        Column("p_value", "p", "p_value", reason="note"),
        Column("companies", "Companies", "count"),
        Column("verdict", "Congruence effect, broad sense"),
    )
    note = say("The title of this page says no more than the weakest of these {n} allows.", n=len(fitted))
    caption = say("The same question under every declared set of controls")
    return (
        Table(
            "congruence-specifications",
            caption,
            rows,
            columns,
            where,
            (note,),
            models=tuple(one.specification.name for one in evidence.surfaces),
        ),
    )


def feature_table(found: Surface, where: str) -> Table:
    """Flat point and principal axes, the point in points of the score."""
    axes = found.axes.assign(label=found.axes["term"].map(AXES), undefined=100 * found.axes["undefined"])
    numbers = ["estimate", "conf_low", "conf_high"]
    for term, zero in zip(("x0", "y0"), found.origin, strict=True):
        at = axes["term"] == term
        axes.loc[at, numbers] = zero + found.specification.per * axes.loc[at, numbers]
    columns = (
        Column("label", "Feature"),
        Column("estimate", "Value", "ratio", "conf_low", "conf_high"),
        Column("flips", "Share of draws with the other sign", "ratio"),
    )
    note = say(
        "Intervals are percentiles of surfaces of companies drawn anew; these features are ratios, so that they are "
        "often not determined. Along the first principal axis, its ridge, the surface bends upwards most, or downwards "
        "least."
    )
    caption = say("Flat point and principal axes of the surface")
    return Table("congruence-axes", caption, axes, columns, where, (note,))
