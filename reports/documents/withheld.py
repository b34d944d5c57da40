"""What is withheld so that nobody is given away: the rules, and how many cells fell under each."""

from collections.abc import Iterator

import pandas as pd

from reports.evidence import Evidence
from reports.report import Block, Bullets, Column, Heading, Paragraph, Table
from reports.tables import number_text
from survey.language import mark, say

RULES = {
    "companies": mark("Stands for too few companies"),
    "respondents": mark("Stands for too few respondents of a function"),
    "share": mark("One company has too much of its weight"),
    "dominance": mark("A few companies have too much of its weight"),
    "p%": mark("One company could work out another"),
    "differencing": mark("Others could be worked out from it"),
    "levels": mark("Others could be worked out from the means beside a change: the change itself is shown"),
}
"""Reasons of `analysis.benchmark.overlapping_cells.withhold_cells`, as people read them, in the order of the rules."""


def withheld(evidence: Evidence) -> Iterator[Block]:
    """State the rules of disclosure and count what they withheld.

    Counts are of the whole report, never of a table: beside a table they could tell which of its cells gave reason.
    """
    yield Heading(say("What is withheld"))
    yield Bullets(evidence.disclosure)
    counts = cells_by_rule(evidence)
    if counts.empty:
        yield Paragraph(say("Nothing had to be withheld: every cell of every table is shown."))
        return
    yield Table(
        "withheld",
        say("Cells that are withheld: {n}", n=number_text(counts["cells"].sum(), "count")),
        counts.assign(why=counts["rule"].map(RULES)),
        (Column("why", "Because"), Column("cells", "Cells", "count")),
        say("Base: the rows of all tables of estimates, crosstabs included. Source: {study}.",
            study=evidence.facts.title),
        (say("A cell is a row of a table with all its numbers; in a crosstab, a column of a question. It is "
             "counted under the first rule that it falls under."),),
    )  # fmt: skip


def cells_by_rule(evidence: Evidence) -> pd.DataFrame:
    """Count withheld cells by rule: ``rule, cells``, in the order of the rules."""
    parts = [evidence.withheld[["rule", "cells"]]] if len(evidence.withheld) else []
    for book in evidence.books:
        bases = book.table.bases
        found = bases.loc[bases["suppressed"] & (bases["n"] > 0), "withheld"].value_counts()
        parts.append(pd.DataFrame({"rule": found.index.astype(str), "cells": found.to_numpy()}))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["rule", "cells"])
    sums = table.groupby("rule")["cells"].sum()
    return sums.reindex([rule for rule in RULES if rule in sums.index]).rename_axis("rule").reset_index()
