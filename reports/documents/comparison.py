"""The page to compare yourself: one company beside a benchmark pack."""

from reports.comparison import Comparison
from reports.documents.compared_constructs import distance_to_best, two_views
from reports.documents.compared_passages import plain, points, say, source_of
from reports.documents.first_steps import practices, priorities
from reports.documents.how_to_read import how_to_read, sources
from reports.documents.standing import where_you_stand
from reports.report import Column, Report, Section, Table


def comparison_report(found: Comparison) -> Report:
    """Build the report of a comparison: where the company stands, how its functions see it, what to do first."""
    provenance = found.pack.provenance
    company = plain(found.company) or say("your_company", found)
    return Report(
        title=say("report_title", found, company=company, n=provenance.companies),
        subtitle=say("report_subtitle", found, study=plain(provenance.title), wave=provenance.wave),
        language=found.language,
        sections=(
            where_you_stand(found), two_views(found), distance_to_best(found),
            priorities(found, more=practices(found)), _fuller(found), how_to_read(found),
        ),
        facts=tuple(sources(found)),
    )  # fmt: skip


def _fuller(found: Comparison) -> Section:
    """How sure a score would be if more people were asked."""
    frame, name, question = found.fuller.dropna(), "fuller-survey", say("fuller_question", found)
    if frame.empty:
        return Section(name, say("fuller_none_title", found), question, say("fuller_none", found))
    few, many = frame.iloc[0], frame.iloc[-1]
    said = {"n": f"{many['people']:.0f}", "reach": points(many["reach"], found)}
    less = {"n": f"{few['people']:.0f}", "reach": points(few["reach"], found)}
    two = len(found.pack.benchmarks.key.functions) > 1
    people = Column("people", say("fuller_people_each" if two else "fuller_people", found), "count")
    table = Table(
        "fuller", say("fuller_caption", found), frame, (people, Column("reach", say("fuller_reach", found), "number")),
        source_of(found), (say("fuller_note", found),),
    )  # fmt: skip
    return Section(
        name, say("fuller_title", found, **said), question, say("fuller_lead", found, **less), (table,)
    )
