"""Is it getting better: from wave to wave, in the companies that are in both."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pandas as pd

from reports.alike import means_warning, read_alike
from reports.caveats import rescaled_waves
from reports.documents.comparability import left_out_callout
from reports.documents.invariance import warning
from reports.documents.passages import (
    all_waves,
    base,
    estimate_column,
    has_values,
    not_available,
    sentence_list,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.slopes import slopes
from reports.outcome_units import with_unit
from reports.report import Block, Callout, Column, Section, Table
from reports.tables import number_text
from reports.titles import title_of
from survey.language import digits, look_up, mark, say

READ_ALIKE = mark(
    "Read alike: whether the people of the waves understand the questions of the construct alike (scalar invariance); "
    "where they do not, a change can be one of language."
)


def change(evidence: Evidence) -> Section:
    """From wave to wave, in the companies that are in both."""
    question, name = say("Is it getting better?"), "change"
    index = title_of("alignment", evidence.panel)
    outcomes = evidence.changes["variable"].isin(evidence.panel.outcomes)
    rows = with_titles(evidence.changes[~outcomes], evidence)
    rows = rows.assign(alike=read_alike(evidence, "wave", rows["variable"]))
    results = tuple(_results(evidence, with_titles(evidence.changes[outcomes], evidence)))
    last = rows[(rows["wave_to"] == rows["wave_to"].max()) & (rows["variable"] == "alignment")]
    if not has_values(last):
        blocks = (not_available(say("Change"), _why_unknown(evidence)), *left_out_callout(evidence), *results)
        return Section(name, say("Change is not known"), question, "", blocks)
    total = last.iloc[0]
    columns = (
        Column("label", "What"),
        Column("wave_from", "From", "year"),
        Column("wave_to", "To", "year"),
        Column("mean_from", "Before", "points"),
        Column("mean_to", "After", "points"),
        estimate_column("Change", "difference"),
        Column("companies", "Companies", "count"),
        Column("alike", "Read alike?"),
    )
    shown = rows[(rows["variable"] == "alignment") | (rows["wave_to"] == rows["wave_to"].max())]
    when = sentence_list([f"{total['wave_from']:.0f}", f"{total['wave_to']:.0f}"])
    if shown["wave_from"].min() < total["wave_from"]:
        when = say("at most, {waves}", waves=all_waves(evidence))
    table = Table(
        "changes", say("Change between consecutive waves, companies in both"), shown, columns,
        base(evidence, shown["companies"].max(), when=when), (look_up(READ_ALIKE),),
    )  # fmt: skip
    lead = say(
        "The figure shows all companies of each wave. The change counts only companies that took part in both, so that "
        "newcomers and leavers make none."
    )
    cautions = [*_rescaled(evidence, rows), *left_out_callout(evidence), *warning(evidence, "wave")]
    blocks = (*_slopes(evidence), table, *results, *cautions)
    return Section(name, _moved(index, total), question, lead, blocks)


def _results(evidence: Evidence, rows: pd.DataFrame) -> Iterator[Table]:
    """How results changed between the last two waves, each in its own unit; nothing where none is known of both."""
    rows = rows[rows["wave_to"] == evidence.facts.latest].reset_index(drop=True)
    if not has_values(rows):
        return
    units = [with_unit(evidence, name, label) for name, label in rows[["variable", "label"]].to_numpy()]
    columns = (
        Column("label", "Result"),
        Column("mean_from", "Before", "number"),
        Column("mean_to", "After", "number"),
        estimate_column("Change", "number"),
        Column("companies", "Companies", "count"),
    )
    when = sentence_list([f"{rows[wave].iloc[0]:.0f}" for wave in ("wave_from", "wave_to")])
    yield Table(
        "changes-results", say("Change of results, companies in both waves"), rows.assign(label=units), columns,
        base(evidence, rows["companies"].max(), when=when),
    )  # fmt: skip


def _moved(index: str, total: "pd.Series[Any]") -> str:
    """Say how the index moved between the last two waves."""
    waves = {"index": index, "before": f"{total['wave_from']:.0f}", "after": f"{total['wave_to']:.0f}"}
    if not (total["conf_low"] > 0 or total["conf_high"] < 0):
        return say("{index} did not change beyond chance between {before} and {after}", **waves)
    size = number_text(abs(total["estimate"]), "points")
    if total["estimate"] > 0:
        return say("{index} rose by {size} between {before} and {after}", size=size, **waves)
    return say("{index} fell by {size} between {before} and {after}", size=size, **waves)


def _why_unknown(evidence: Evidence) -> str:
    if len(evidence.facts.waves) < 2:
        return say("there is one wave only")
    if (evidence.changes["left_out"] != "").any():
        return say(
            "too few companies are in two consecutive waves, or too few statements compare between them"
        )
    scored = evidence.panel.frame.dropna(subset=["alignment"]).groupby("wave")["company"].agg(set)
    both = [len(before & after) for before, after in pairwise(scored)]
    if max(both, default=0) >= evidence.facts.minimum_companies:
        return say("beside the other tables it would give a company away")
    return say("too few companies are in two consecutive waves")


def _rescaled(evidence: Evidence, changes: pd.DataFrame) -> list[Block]:
    """Say that a change between waves on different scales may be one of the scale; nothing if there is none."""
    pairs = changes[["wave_from", "wave_to"]].drop_duplicates().itertuples(index=False)
    waves = sorted({wave for before, after in pairs for wave in rescaled_waves(evidence, before, after)})
    if not waves:
        return []
    text = say(
        "Statements of the index were asked on another scale in {waves} and brought linearly to that of the "
        "questionnaire: people use a longer or shorter scale differently, so that a change may be one of the scale "
        "alone.",
        waves=", ".join(map(str, waves)),
    )
    return [Callout("caution", say("The scale of the answers changed"), text)]


def _slopes(evidence: Evidence) -> tuple[Block, ...]:
    """Draw the index of the waves that can stand side by side; nothing where there are no two of them."""
    index = title_of("alignment", evidence.panel)
    known = evidence.index_by_wave.dropna(subset=["estimate"])
    if len(known) < 2:
        return ()
    first, last = known.iloc[0], known.iloc[-1]
    title = say(
        "All companies averaged {first} points in {first_wave} and {last} in {last_wave}",
        first=number_text(first["estimate"], "number"),
        first_wave=f"{first['wave']:.0f}",
        last=number_text(last["estimate"], "number"),
        last_wave=f"{last['wave']:.0f}",
    )
    when = say("at most, {waves}", waves=all_waves(evidence))
    source = base(evidence, known["companies"].max(), when=when)
    everyone = known.assign(label=say("{index}, all companies", index=index), style="strong")
    figure = render(
        lambda ax: slopes(ax, everyone, label=say("{index}, mean of companies", index=index)),
        id="waves",
        title=title,
        alt="; ".join(
            f"{row['wave']:.0f}: {digits(row['estimate'], '.1f')}" for row in everyone.to_dict("records")
        ),
        base=" ".join([source, *filter(None, (means_warning(evidence, "wave"),))]),
        size=(6.8, 2.8),
        kind="slopes",
    )
    return (figure,)
