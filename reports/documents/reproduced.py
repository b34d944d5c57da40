"""Figures that others have published of the same data, and whether this study finds them again."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import all_waves, base, not_available, sentence_list
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Table
from reports.tables import declared_text
from reports.titles import title_of
from survey.language import say


def reproduced(evidence: Evidence) -> Iterator[Block]:
    """Figures that others have published of the same data, beside ours."""
    found = evidence.benchmarks.reproduced
    if not len(found):
        return
    ours, of_medians = found[found["estimate"].notna()], evidence.benchmarks.statistic == "median"
    title = say("The published medians, found again" if of_medians else "The published means, found again")
    few = say("too few companies to show")
    if ours.empty:
        yield not_available(title, few)
        return
    yield Callout("finding", title, " ".join(_met(ours, evidence)))
    index = found[found["variable"] == "alignment"].sort_values("wave", ignore_index=True)
    if not len(index):
        return
    reason = pd.Series(say("no company has a score"), index=index.index).where(index["n"].eq(0), few)
    own = say("Median of this study" if of_medians else "Mean of this study")
    columns = (
        Column("wave", "Wave", "year"),
        Column("published", "Published", "number"),
        Column("estimate", own, "number", reason="reason"),
        Column("difference", "Difference", "number", reason="reason"),
        Column("n", "Companies", "count"),
        Column("source", "Source"),
    )
    name = title_of("alignment", evidence.panel)
    caption = say(
        "{index}: the published median beside ours"
        if of_medians
        else "{index}: the published mean beside ours",
        index=name,
    )
    yield Table(
        "reproduced", caption, index.assign(reason=reason), columns,
        base(evidence, evidence.panel.frame["company"].nunique(), when=all_waves(evidence)),
        (say("A figure is met if ours is nearer than one unit of the last digit printed: half of it is lost in "
             "rounding the published figure, half in rounding the scores that this study starts from."),),
    )  # fmt: skip


def _met(ours: pd.DataFrame, evidence: Evidence) -> Iterator[str]:
    """Say how many figures were found again, and name the first that were not."""
    met, missed = int(ours["agrees"].sum()), ours[~ours["agrees"]]
    yield say(
        "{met} of the {n} published figures that these data can give are met within their rounding.",
        met=met, n=len(ours),
    )  # fmt: skip
    where = sentence_list([
        say("{figure} in {wave} ({published} published, {estimate} here)",
            figure=title_of(row["variable"], evidence.panel), wave=f"{row['wave']:.0f}",
            published=declared_text(row["published"]), estimate=declared_text(row["estimate"]))
        for row in missed.head(NAMED).to_dict("records")
    ])  # fmt: skip
    if len(missed) > NAMED:
        yield say("Not met: {figures}, and others.", figures=where)
    elif len(missed):
        yield say("Not met: {figures}.", figures=where)


NAMED = 3
"""Figures not found again that are named."""
