"""Figures that others have published of the same data, and whether this study finds them again."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import all_waves, base, sentence_list
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Table
from reports.titles import title_of


def reproduced(evidence: Evidence) -> Iterator[Block]:
    """Figures that others have published of the same data, beside ours."""
    found = evidence.benchmarks.reproduced
    if not len(found):
        return
    ours, statistic = found[found["n"] > 0], evidence.benchmarks.statistic
    met, missed = int(ours["agrees"].sum()), ours[~ours["agrees"]]
    text = (
        f"{met} of the {len(ours)} published figures that these data can give are met within their rounding."
    )
    if len(missed):
        where = [f"{title_of(row['variable'], evidence.panel)} in {row['wave']:.0f} ({row['published']:g} published, "
                 f"{row['estimate']:g} here)" for row in missed.head(3).to_dict("records")]  # fmt: skip
        text += f" Not met: {sentence_list(where)}{', and others' if len(missed) > len(where) else ''}."
    yield Callout("finding", f"The published {statistic}s, found again", text)
    index = found[found["variable"] == "alignment"].sort_values("wave", ignore_index=True)
    if not len(index):
        return
    reason = pd.Series("no company has a score", index=index.index).where(index["n"].eq(0), "")
    columns = (
        Column("wave", "Wave", "year"),
        Column("published", "Published", "number"),
        Column("estimate", f"{statistic.capitalize()} of this study", "number", reason="reason"),
        Column("difference", "Difference", "number", reason="reason"),
        Column("n", "Companies", "count"),
        Column("source", "Source"),
    )
    name = title_of("alignment", evidence.panel)
    yield Table(
        "reproduced", f"{name}: the published {statistic} beside ours", index.assign(reason=reason), columns,
        base(evidence, evidence.panel.frame["company"].nunique(), when=all_waves(evidence)),
        ("A figure is met if ours is nearer than one unit of the last digit printed: half of it is lost in rounding "
         "the published figure, half in rounding the scores that this study starts from.",),
    )  # fmt: skip
