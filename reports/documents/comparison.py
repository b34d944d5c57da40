"""The page to compare yourself: one company beside a benchmark pack."""

from reports.comparison import Comparison
from reports.documents.compared_constructs import distance_to_best, two_views
from reports.documents.compared_passages import plain, points, source_of
from reports.documents.first_steps import practices, priorities
from reports.documents.how_to_read import how_to_read, sources
from reports.documents.standing import where_you_stand
from reports.report import Column, Report, Section, Table
from survey.language import say, speaking


def comparison_report(found: Comparison) -> Report:
    """Build the report of a comparison: where the company stands, how its functions see it, what to do first."""
    with speaking(found.language):
        return _report(found)


def _report(found: Comparison) -> Report:
    provenance = found.pack.provenance
    company = plain(found.company) or say("Your company")
    return Report(
        title=say("{company} beside {n} companies", company=company, n=provenance.companies),
        subtitle=f"{plain(provenance.title)}, {provenance.wave}",
        language=found.language,
        sections=(
            where_you_stand(found), two_views(found), distance_to_best(found),
            priorities(found, more=practices(found)), _fuller(found), how_to_read(found),
        ),
        facts=tuple(sources(found)),
    )  # fmt: skip


def _fuller(found: Comparison) -> Section:
    """How sure a score would be if more people were asked."""
    frame, name, question = found.fuller.dropna(), "fuller-survey", say("What would a fuller survey add?")
    if frame.empty:
        return Section(
            name,
            say("How much more people would add is not known"),
            question,
            say(
                "Not available: in the study no two people of a company answered, so how far they differ "
                "is not known."
            ),
        )
    few, many = frame.iloc[0], frame.iloc[-1]
    said = {"n": f"{many['people']:.0f}", "reach": points(many["reach"])}
    less = {"n": f"{few['people']:.0f}", "reach": points(few["reach"])}
    two = len(found.pack.benchmarks.key.functions) > 1
    people = Column("people", say("People of each function" if two else "People who answer"), "count")
    table = Table(
        "fuller", say("How sure a score is, by people asked"), frame,
        (people, Column("reach", say("Half the 95% interval"), "number")), source_of(found),
        (say("If everyone answers every statement; from how far people of one company differ in the study."),),
    )  # fmt: skip
    return Section(
        name,
        say("With {n} people of each function your score would be sure to {reach} either way", **said),
        question,
        say(
            "With {n} it is sure to {reach} either way. More people also show where colleagues differ, "
            "and let both functions' views be shown.",
            **less,
        ),
        (table,),
    )
