"""Does agreement itself pay? The outcome over the scores of both functions, and what a congruence effect asks."""

from collections.abc import Sequence

import pandas as pd

from analysis.benchmark.rounding import STEP, blurred
from analysis.explain.congruence_checklist import Verdict
from analysis.explain.response_surface import Surface, surface_grid
from analysis.explain.surface_region import outline
from reports.alike import means_warning
from reports.documents.congruence_tables import (
    checklist_table,
    feature_table,
    model_table,
    side_table,
    slope_table,
    specification_table,
)
from reports.documents.passages import all_waves, base, not_available, too_few
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.surface import surface as surface_map
from reports.outcome_units import difference_text, in_percent, slope_unit
from reports.report import Block, Callout, Figure, Heading, Paragraph, Section, Unit
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from survey.language import digits, look_up, mark, say

QUESTION = mark("Does it pay that both say the same?")
NAME = "congruence"


def does_agreement_pay(evidence: Evidence) -> Section:
    """The response surface, the checklist, the models compared, and what follows for a manager."""
    fitted = [surface for surface in evidence.surfaces if len(surface.frame)]
    if not fitted:
        reason = evidence.surfaces[0].note if evidence.surfaces else say("the study has no outcome")
        block = not_available(say("The response surface"), reason)
        return Section(NAME, say("Whether agreement pays is not known"), look_up(QUESTION), "", (block,))
    main = fitted[0]
    if main.companies < evidence.facts.minimum_companies:
        block = too_few(say("The response surface"), evidence, companies=main.companies)
        return Section(NAME, say("Whether agreement pays is not shown"), look_up(QUESTION), "", (block,))
    outcome = in_sentence(title_of(main.specification.outcome, evidence.panel))
    when = say("{n} company-years, {waves}", n=number_text(main.n, "count"), waves=all_waves(evidence))
    where = base(evidence, main.companies, when=when)
    # Agreement of two scores means something only where both functions read the questions alike.
    warned = means_warning(evidence, "function")
    beside = f"{where} {warned}" if warned else where
    blocks: list[Block] = [
        _figure(evidence, fitted, beside), Paragraph(_for_managers(evidence, main, outcome)),
        _caution(main), Heading(say("What few informants do to the surface")), _flattened(evidence, main),
        checklist_table(main, beside), slope_table(main, outcome, beside), model_table(main, where),
        side_table(main, where), *specification_table(evidence, fitted, where), feature_table(main, where),
    ]  # fmt: skip
    lead = say(
        "The scores of sales and of marketing both enter, with their squares and their product, so that their levels "
        "are told apart from their agreement; the difference of two scores cannot do that. A congruence effect is only "
        "called supported if every line of a checklist is met, in every declared set of controls."
    )
    title = look_up(TITLES[weakest(evidence.surfaces)]).format(outcome=outcome)
    return Section(NAME, title, look_up(QUESTION), lead, tuple(blocks))


def weakest(surfaces: Sequence[Surface]) -> Verdict:
    """Return the least that any of the specifications allows to be said; one that cannot be fitted tells nothing."""
    verdicts = {surface.verdict for surface in surfaces}
    if verdicts == {"supported"}:
        return "supported"
    return "not supported" if "not supported" in verdicts else "cannot be told"


TITLES: dict[Verdict, str] = {
    "supported": mark("Where sales and marketing say the same, {outcome} is higher"),
    "not supported": mark(
        "These data do not show that {outcome} goes with sales and marketing saying the same"
    ),
    "cannot be told": mark("Whether {outcome} goes with sales and marketing saying the same cannot be told"),
}
"""What the page says, by the verdict."""

MEANINGS: dict[Verdict, str] = {
    "supported": mark("Agreement itself goes with the outcome here, over and above the level."),
    "not supported": mark("That is not enough to say that agreement itself goes with the outcome."),
    "cannot be told": mark(
        "Whether agreement itself goes with the outcome cannot be told from these companies."
    ),
}
"""What that means for the bend across agreement."""


def _figure(evidence: Evidence, fitted: list[Surface], where: str) -> Figure:
    found = fitted[0]
    outcome = title_of(found.specification.outcome, evidence.panel)
    # Corners of the data are single companies: the map ends where the companies are drawn.
    points = blurred(found.points, ["x", "y"], fewest=evidence.facts.minimum_companies)
    corners = pd.DataFrame(outline(points["x"].to_numpy(), points["y"].to_numpy()), columns=["x", "y"])
    grid = surface_grid(found, corners=corners)
    seen = grid.loc[grid["inside"], "estimate"]
    what = _score_title(evidence, found)
    kind: Unit = "growth" if in_percent(evidence, found.specification.outcome) else "number"
    low, high = (number_text(value, kind) for value in (seen.min(), seen.max()))
    return render(
        lambda ax: surface_map(
            ax, grid, points=points, origin=found.origin, corners=corners,
            x_label=say("{score}, sales, points", score=what), y_label=say("{score}, marketing, points", score=what),
            unit=kind,
        ),
        id="surface",
        title=_figure_title(evidence, fitted, outcome),
        alt=" ".join((
            say(
                "Map of fitted {outcome} over the scores of sales and marketing, drawn within the outline of {n} "
                "company-years: from {low} to {high}.",
                outcome=in_sentence(outcome), n=number_text(found.n, "count"), low=low, high=high,
            ),
            say("Along agreement: {slopes}.", slopes=_slopes(found, "a1", "a2")),
            say("Across agreement: {slopes}.", slopes=_slopes(found, "a3", "a4")),
        )),
        base=where + (" " + say("Companies count by their weights.") if found.specification.weight else "") + " " + say(
            "Points to the nearest {step}. Lines join equal {outcome}, controls as they are on average; none leaves "
            "the data.",
            step=digits(STEP, "g"), outcome=in_sentence(outcome),
        ),
        size=(6.8, 4.7),
        kind="surface",
    )  # fmt: skip


def _figure_title(evidence: Evidence, fitted: list[Surface], outcome: str) -> str:
    """Say in a sentence what the map shows: only what the intervals under every set of controls carry."""
    bends = [surface.row("a4")["conf_high"] < 0 for surface in fitted]
    if all(bends):
        values = {"outcome": in_sentence(outcome), "size": _size(evidence, fitted[0], "a4")}
        if weakest(evidence.surfaces) == "supported":
            return say(
                "20 points between the functions go with a difference in {outcome} of {size}", **values
            )
        return say(
            "20 points between the functions go with a difference in {outcome} of {size}, but the top does not lie in "
            "agreement for sure",
            **values,
        )
    rises = all(surface.row("a1")["conf_low"] > 0 for surface in fitted)
    level = (
        say("{outcome} rises with the level of both scores", outcome=outcome)
        if rises
        else say("{outcome} does not clearly rise with the level of the scores", outcome=outcome)
    )
    if any(bends):
        return say(
            "{level}; whether they agree makes a difference under some sets of controls only", level=level
        )
    return say("{level}; whether they agree makes no clear difference", level=level)


def _size(evidence: Evidence, found: Surface, term: str) -> str:
    """Write a slope or a bend in the unit of the outcome."""
    row, unit = found.row(term), slope_unit(evidence, found.specification.outcome)
    return difference_text(row["estimate"], row["conf_low"], row["conf_high"], unit)


def _slopes(found: Surface, slope: str, bend: str) -> str:
    return ", ".join(
        f"{term} {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'ratio')}"
        for term in (slope, bend)
        for row in (found.row(term),)
    )


def _for_managers(evidence: Evidence, found: Surface, outcome: str) -> str:
    """One paragraph: the sizes, in points and in the outcome's unit, and how small an effect could be missed."""
    said = say(
        "Compare companies whose functions are 20 points apart with companies of the same mean score whose functions "
        "agree: their {outcome} differs by {apart}, both directions taken together (95% intervals in brackets). Where "
        "both functions say 10 points more than the middle of the companies, it differs by {higher}.",
        outcome=outcome,
        apart=_size(evidence, found, "a4"),
        higher=_size(evidence, found, "a1"),
    )
    meaning = look_up(MEANINGS[weakest(evidence.surfaces)])
    unit = slope_unit(evidence, found.specification.outcome)
    missed = say(
        "A difference of less than {smallest} would be missed more often than one time in five with so many companies.",
        smallest=f"{number_text(found.detectable('a4'), 'number')} {unit}".strip(),
    )
    return " ".join([said, meaning, missed])


def _flattened(evidence: Evidence, found: Surface) -> Paragraph:
    """How much error flattens the surface, in words and, where errors are known, in size."""
    words = say(
        "Scores from few informants flatten the surface: slopes shrink by the reliability of the scores, bends by "
        "about its square, so that an effect of agreement is the first to vanish."
    )
    rows = evidence.flattened
    if rows.empty:
        unknown = say("How much it does so here is not known, as the errors of these scores are not.")
        return Paragraph(f"{words} {unknown}")
    row = rows[rows["term"] == "a4"].iloc[0]
    size = say(
        "Here the difference of the two scores has a reliability of about {reliability}, so that {share} of a bend "
        "across agreement is left.",
        reliability=number_text(row["left"] ** 0.5, "ratio"),
        share=number_text(100 * row["left"], "percent"),
    )
    clear = found.row("a4")["conf_high"] < 0 or found.row("a4")["conf_low"] > 0
    corrected = say(
        "Without the error (SIMEX) it would be about {bend} for 20 points of difference, a rough figure without an "
        "interval.",
        bend=number_text(row["corrected"], "slope"),
    )
    return Paragraph(" ".join([words, size, *([corrected] if clear else [])]))


def _caution(found: Surface) -> Callout:
    general = say(
        "This is an association, not an effect. Companies that grow may agree more because they grow, and something "
        "unobserved may drive both. When agreement goes with the outcome, the surface cannot say which direction of "
        "disagreement is the worse (Humberg and others, 2019)."
    )
    if not found.specification.declared:
        exploratory = say("The study did not declare this analysis beforehand: take it as exploratory.")
        general = f"{general} {exploratory}"
    if found.note:
        text = found.note.replace(found.specification.x, say("the score of sales"))
        text = text.replace(found.specification.y, say("the score of marketing"))
        general = f"{general} {text[:1].upper()}{text[1:]}."
    return Callout("caution", say("What this cannot show"), general)


def _score_title(evidence: Evidence, found: Surface) -> str:
    return title_of(found.specification.x.removesuffix("_sales"), evidence.panel)
