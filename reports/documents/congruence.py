"""Does agreement itself pay? The outcome over the scores of both functions, and what a congruence effect asks."""

from collections.abc import Sequence

from analysis.benchmark.rounding import STEP, blurred, round_to
from analysis.explain.congruence_checklist import Verdict
from analysis.explain.response_surface import Surface, surface_grid
from reports.alike import means_warning
from reports.association import difference_text, slope_unit
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
from reports.report import Block, Callout, Figure, Paragraph, Section, Unit
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of

QUESTION = "Does it pay that both say the same?"
NAME = "congruence"


def does_agreement_pay(evidence: Evidence) -> Section:
    """The response surface, the checklist, the models compared, and what follows for a manager."""
    fitted = [surface for surface in evidence.surfaces if len(surface.frame)]
    if not fitted:
        reason = evidence.surfaces[0].note if evidence.surfaces else "the study has no outcome"
        block = not_available("The response surface", reason)
        return Section(NAME, "Whether agreement pays is not known", QUESTION, "", (block,))
    main = fitted[0]
    if main.companies < evidence.facts.minimum_companies:
        block = too_few("The response surface", evidence)
        return Section(NAME, "Whether agreement pays is not shown", QUESTION, "", (block,))
    outcome = in_sentence(title_of(main.specification.outcome, evidence.panel))
    where = base(
        evidence, main.companies, when=f"{number_text(main.n, 'count')} company-years, {all_waves(evidence)}"
    )
    # Agreement of two scores means something only where both functions read the questions alike.
    warned = means_warning(evidence, "function")
    beside = f"{where} {warned}" if warned else where
    blocks: list[Block] = [
        _figure(evidence, fitted, beside), Paragraph(_for_managers(evidence, main, outcome)),
        _flattened(evidence, main), *_cautions(main),
        checklist_table(main, beside), slope_table(main, outcome, beside), model_table(main, where),
        side_table(main, where), *specification_table(evidence, fitted, where), feature_table(main, where),
    ]  # fmt: skip
    lead = (
        "The scores of sales and of marketing both enter, with their squares and their product, so that their levels "
        "are told apart from their agreement; the difference of two scores cannot do that. A congruence effect is only "
        "called supported if every line of a checklist is met, in every declared set of controls."
    )
    return Section(NAME, _title(weakest(evidence.surfaces), outcome), QUESTION, lead, tuple(blocks))


def weakest(surfaces: Sequence[Surface]) -> Verdict:
    """Return the least that any of the specifications allows to be said; one that cannot be fitted tells nothing."""
    verdicts = {surface.verdict for surface in surfaces}
    if verdicts == {"supported"}:
        return "supported"
    return "not supported" if "not supported" in verdicts else "cannot be told"


def _title(verdict: Verdict, outcome: str) -> str:
    return {
        "supported": f"Where sales and marketing say the same, {outcome} is higher",
        "not supported": f"These data do not show that {outcome} goes with sales and marketing saying the same",
        "cannot be told": f"Whether {outcome} goes with sales and marketing saying the same cannot be told",
    }[verdict]


def _figure(evidence: Evidence, fitted: list[Surface], where: str) -> Figure:
    found = fitted[0]
    outcome = title_of(found.specification.outcome, evidence.panel)
    grid = surface_grid(found)
    seen = grid.loc[grid["inside"], "estimate"]
    what = _score_title(evidence, found)
    unit = slope_unit(evidence, found.specification.outcome)
    fewest = evidence.facts.minimum_companies
    kind: Unit = "growth" if unit.startswith("percentage points") else "number"
    low, high = (number_text(value, kind) for value in (seen.min(), seen.max()))
    return render(
        lambda ax: surface_map(
            ax, grid, points=blurred(found.points, ["x", "y"], fewest=fewest), origin=found.origin,
            corners=round_to(found.corners, ["x", "y"], step=STEP),
            x_label=f"{what}, sales, points", y_label=f"{what}, marketing, points", unit=kind,
        ),
        id="surface",
        title=_figure_title(fitted, outcome, weakest(evidence.surfaces), unit),
        alt=f"Map of fitted {in_sentence(outcome)} over the scores of sales and marketing, drawn within the outline of "
        f"{number_text(found.n, 'count')} company-years: from {low} to {high}. {_along(found, 'a1', 'a2')} "
        f"{_along(found, 'a3', 'a4')}",
        base=f"{where} Points to the nearest {STEP:g}. Lines join equal {in_sentence(outcome)}, controls as they "
        "are on average; none leaves the data.",
        size=(6.8, 5.6),
        kind="surface",
    )  # fmt: skip


def _figure_title(fitted: list[Surface], outcome: str, verdict: Verdict, unit: str) -> str:
    """Say in a sentence what the map shows: only what the intervals under every set of controls carry."""
    bends = [surface.row("a4")["conf_high"] < 0 for surface in fitted]
    rises = all(surface.row("a1")["conf_low"] > 0 for surface in fitted)
    if all(bends):
        bend = fitted[0].row("a4")
        size = difference_text(bend["estimate"], bend["conf_low"], bend["conf_high"], unit)
        text = f"20 points between the functions go with a difference in {in_sentence(outcome)} of {size}"
        return text if verdict == "supported" else f"{text}, but the top does not lie in agreement for sure"
    level = (
        "rises with the level of both scores"
        if rises
        else "does not clearly rise with the level of the scores"
    )
    agreeing = (
        "makes a difference under some sets of controls only" if any(bends) else "makes no clear difference"
    )
    return f"{outcome} {level}; whether they agree {agreeing}"


def _along(found: Surface, slope: str, bend: str) -> str:
    line = "Along agreement" if slope == "a1" else "Across agreement"
    parts = [
        f"{term} {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'ratio')}"
        for term in (slope, bend)
        for row in (found.row(term),)
    ]
    return f"{line}: {parts[0]}, {parts[1]}."


def _for_managers(evidence: Evidence, found: Surface, outcome: str) -> str:
    """One paragraph: the sizes, in points and in the outcome's unit, and how small an effect could be missed."""
    bend, level = found.row("a4"), found.row("a1")
    unit = slope_unit(evidence, found.specification.outcome)
    apart, higher = (
        difference_text(row["estimate"], row["conf_low"], row["conf_high"], unit) for row in (bend, level)
    )
    said = (
        f"Compare companies whose functions are 20 points apart with companies of the same mean score whose functions "
        f"agree: their {outcome} differs by {apart}, both directions taken together (95% intervals in brackets). Where "
        f"both functions say 10 points more than the middle of the companies, it differs by {higher}."
    )
    meaning = {
        "supported": "Agreement itself goes with the outcome here, over and above the level.",
        "not supported": "That is not enough to say that agreement itself goes with the outcome.",
        "cannot be told": "Whether agreement itself goes with the outcome cannot be told from these companies.",
    }[weakest(evidence.surfaces)]
    smallest = f"{number_text(found.detectable('a4'), 'number')} {unit}".strip()
    missed = (
        f"A difference of less than {smallest} would be missed more often than one time in five "
        "with so many companies."
    )
    return " ".join([said, meaning, missed])


def _flattened(evidence: Evidence, found: Surface) -> Paragraph:
    """How much error flattens the surface, in words and, where errors are known, in size."""
    words = (
        "Scores from few informants flatten the surface: slopes shrink by the reliability of the scores, bends by "
        "about its square, so that an effect of agreement is the first to vanish."
    )
    rows = evidence.flattened
    if rows.empty:
        return Paragraph(
            f"{words} How much it does so here is not known, as the errors of these scores are not."
        )
    row = rows[rows["term"] == "a4"].iloc[0]
    size = (
        f"Here the difference of the two scores has a reliability of about {number_text(row['left'] ** 0.5, 'ratio')}, "
        f"so that {number_text(100 * row['left'], 'percent')} of a bend across agreement is left."
    )
    clear = found.row("a4")["conf_high"] < 0 or found.row("a4")["conf_low"] > 0
    corrected = (
        f"Without the error (SIMEX) it would be about {number_text(row['corrected'], 'slope')} for 20 points "
        "of difference, a rough figure without an interval."
    )
    return Paragraph(" ".join([words, size, *([corrected] if clear else [])]))


def _cautions(found: Surface) -> list[Block]:
    general = (
        "This is an association, not an effect. Companies that grow may agree more because they grow, and something "
        "unobserved may drive both. When agreement goes with the outcome, the surface cannot say which direction of "
        "disagreement is the worse (Humberg and others, 2019)."
    )
    if not found.specification.declared:
        general += " The study did not declare this analysis beforehand: take it as exploratory."
    blocks: list[Block] = [Callout("caution", "What this cannot show", general)]
    if found.note:
        text = found.note
        for column, who in ((found.specification.x, "sales"), (found.specification.y, "marketing")):
            text = text.replace(column, f"the score of {who}")
        blocks.append(
            Callout("caution", "Where the surface rests on little", f"{text[:1].upper()}{text[1:]}.")
        )
    return blocks


def _score_title(evidence: Evidence, found: Surface) -> str:
    return title_of(found.specification.x.removesuffix("_sales"), evidence.panel)
