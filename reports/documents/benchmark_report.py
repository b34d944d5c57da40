"""The benchmark report: pages that answer one question each, and an appendix with what they rest on."""

from collections.abc import Callable
from importlib.metadata import version

from reports.documents.appendix import with_appendix
from reports.documents.best_in_class import best_in_class, target
from reports.documents.change import change
from reports.documents.congruence import does_agreement_pay
from reports.documents.growth import growth
from reports.documents.how_aligned import how_aligned, two_views
from reports.documents.measured import is_it_measured
from reports.documents.methods import methods
from reports.documents.norm_groups import every_norm, norms_by_group
from reports.documents.norms import norms
from reports.documents.opening import summary
from reports.documents.practices import what_the_best_do
from reports.documents.same_source import same_source
from reports.documents.told_apart import told_apart
from reports.documents.what_to_do import what_to_do
from reports.documents.who_answered import who_answered
from reports.evidence import Evidence
from reports.report import Report, Section
from reports.titles import names_of
from survey.language import say, speaking

PAGES: tuple[Callable[[Evidence], Section], ...] = (
    summary,
    how_aligned,
    norms,
    two_views,
    is_it_measured,
    best_in_class,
    target,
    what_the_best_do,
    told_apart,
    growth,
    does_agreement_pay,
    change,
    what_to_do,
    who_answered,
    methods,
    same_source,
    norms_by_group,
)


def benchmark_report(evidence: Evidence) -> Report:
    """Build the report in the order that readers of benchmark reports know.

    Where the evidence of a page does not exist, the page says why in its place.
    """
    facts = evidence.facts
    with speaking(facts.language, names=names_of(evidence.panel, facts.language)):
        return Report(
            title=facts.title,
            subtitle=facts.subtitle,
            language=facts.language,
            sections=with_appendix(page(evidence) for page in PAGES),
            annex=every_norm(evidence),
            facts=((say("Made with"), f"alignmark {version('alignmark')}"), (say("Seed"), str(facts.seed))),
        )
