"""How well the statements of a construct hang together, and whether two constructs are two."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.measure.verdicts import CHECKS, HTMT_CUTS, level_of
from reports.documents.passages import (
    across,
    by_function,
    functions_of,
    grouped,
    in_functions,
    not_available,
    people,
    sentence_list,
    who_columns,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap
from reports.judged import judged_text
from reports.report import Block, Column, Figure, Heading, Paragraph, Table
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from reports.wording import word
from survey.language import look_up, mark, say, say_n

COEFFICIENTS = (
    Column("alpha", "Alpha", "ratio", low="conf_low", high="conf_high", reason="note"),
    Column("alpha_standardised", "Alpha, standardised", "ratio", reason="note"),
    Column("omega_total", "Omega total", "ratio", reason="omega_note"),
    Column("omega_hierarchical", "Omega hierarchical", "ratio", reason="omega_note"),
    Column("ordinal_omega_total", "Omega total, ordinal", "ratio", reason="ordinal_note"),
    Column("ordinal_omega_hierarchical", "Omega hierarchical, ordinal", "ratio", reason="ordinal_note"),
    Column("composite_reliability", "Composite reliability", "ratio", reason="omega_note"),
    Column("ave", "AVE", "ratio", reason="omega_note"),
)

BEHIND = ("alpha_standardised", "ordinal_omega_hierarchical")
"""Coefficients that stand only in the numbers behind the figure."""

MEANING = (
    mark(
        "Alpha and omega say how much of the difference between two people's scores is a difference in what the "
        "construct measures; the rest is chance. Alpha takes all statements for equally good, omega total does not; "
        "omega hierarchical counts whatever one factor leaves out as chance."
    ),
    mark(
        "Ordinal: of the views behind the few answers that could be ticked, from polychoric correlations. It says "
        "whether few answers hold reliability down, not how reliable the score is."
    ),
    mark(
        "Composite reliability and AVE (average variance extracted) are those of the statements on one scale; an AVE "
        "of .50 means that half of what a statement says is its construct. Alpha's interval takes companies as "
        "clusters; where no two people are of one company it is Feldt's."
    ),
)


def reliability(evidence: Evidence) -> list[Block]:
    """Reliability per construct and function, of the index, and how far constructs are told apart."""
    rows = evidence.measurement.reliability
    now = by_function(
        with_titles(rows[rows["wave"] == evidence.facts.latest], evidence, key="construct")
    ).reset_index(drop=True)
    title = say("How well do the statements of a construct hang together?")
    if now["alpha"].isna().all():
        return [not_available(title, str(now["note"].iloc[0]) or word("suppressed"))]
    blocks: list[Block] = [Heading(title), Paragraph(_index_in_words(evidence)), _table(now, evidence)]
    return [*blocks, _figure(now, evidence), *_told_apart(evidence)]


def _index_in_words(evidence: Evidence) -> str:
    """Say how far the index measures one thing, or why that is not known."""
    found = evidence.measurement.index
    index = in_sentence(title_of("alignment", evidence.panel))
    now = found[found["wave"] == evidence.facts.latest] if len(found) else found
    known = now[now["omega_hierarchical"].notna()] if len(now) else now
    if known.empty:
        why = str(now["note"].iloc[0]) if len(now) else ""
        return say(
            "How far {index} as a whole measures one thing is not known: {why}.",
            index=index,
            why=why or word("suppressed"),
        )
    level = level_of(float(known["omega_hierarchical"].min()), CHECKS["alpha"])
    return look_up(ONE_THING[level or "weak"]).format(
        index=index, share=sentence_list([_omega(row) for row in known.to_dict("records")])
    )


ONE_THING = {
    "good": mark(
        "Of the difference between two people's scores on {index}, what all constructs have in common makes {share} "
        "(omega hierarchical): it may be told as one number."
    ),
    "fair": mark(
        "Of the difference between two people's scores on {index}, what all constructs have in common makes {share} "
        "(omega hierarchical): it may be told as one number beside its constructs."
    ),
    "weak": mark(
        "Of the difference between two people's scores on {index}, what all constructs have in common makes {share} "
        "(omega hierarchical): one number hides much of what the constructs say."
    ),
}
"""Whether the index is one number, by what all constructs have in common."""


def _omega(row: Mapping[Hashable, Any]) -> str:
    share = interval_text(row["omega_hierarchical"], row["conf_low"], row["conf_high"], "ratio")
    if not row["function"]:
        return share
    return say("{share} for {function}", share=share, function=look_up(row["function"]))


def _table(now: pd.DataFrame, evidence: Evidence) -> Table:
    known, absent = _known(now, [column for column in COEFFICIENTS if column.key not in BEHIND])
    columns = (Column("label", "Construct"), *known)
    return Table(
        "reliability", say("Reliability of each construct"), in_functions(now), columns, people(evidence, now),
        (*map(look_up, MEANING), *absent), group=grouped(now),
    )  # fmt: skip


def _known(rows: pd.DataFrame, shown: Sequence[Column]) -> tuple[list[Column], list[str]]:
    """Return the coefficients that any row has, and why the others are not there."""
    known = [column for column in shown if rows[column.key].notna().any()]
    absent = [
        say(
            "{column} is not available: {why}.",
            column=look_up(column.heading),
            why="; ".join(filter(None, rows[column.reason].unique())),
        )
        for column in shown
        if column not in known
    ]
    return known, absent


def _figure(now: pd.DataFrame, evidence: Evidence) -> Figure:
    """Draw alpha of the latest wave; behind it stands every coefficient of every wave."""
    known = now[now["alpha"].notna()]
    lowest = known.iloc[int(known["alpha"].argmin())]
    drawn = now.rename(columns={"alpha": "estimate"})
    title = say(
        "The lowest alpha of {wave} is {least} ({where}); .70 is the usual least",
        wave=evidence.facts.latest,
        least=judged_text(lowest["alpha"], "ratio", CHECKS["alpha"]),
        where=", ".join(filter(None, (lowest["label"], look_up(lowest["function"])))),
    )
    return render(
        lambda ax: class_dots(ax, drawn, unit="ratio", label="Alpha"),
        id="reliability-dots",
        title=title,
        alt="; ".join(
            f"{row['label']} {look_up(row['function'])}: "
            f"{interval_text(row['alpha'], row['conf_low'], row['conf_high'], 'ratio')}"
            for row in now.to_dict("records")
        ),
        base=people(evidence, now),
        size=size_for(list(dict.fromkeys(now["label"])), per_row=now["class"].nunique()),
        data=_every_coefficient(evidence),
        kind="class_dots",
    )


def _every_coefficient(evidence: Evidence) -> Table:
    rows = by_function(with_titles(evidence.measurement.reliability, evidence, key="construct"))
    known, absent = _known(rows, COEFFICIENTS)
    columns = (
        Column("wave", "Wave", "year"),
        *who_columns(rows),
        *known,
        Column("n", "Respondents", "count"),
    )
    base = (
        say("Base: respondents of all waves who answered a statement of the construct.")
        if len(evidence.facts.waves) > 1
        else say(
            "Base: respondents of {wave} who answered a statement of the construct.",
            wave=evidence.facts.latest,
        )
    )
    caption = say("Reliability of each construct, function and wave")
    return Table("reliability-data", caption, rows, columns, base, tuple(absent), group="label")


def _told_apart(evidence: Evidence) -> list[Block]:
    """Show HTMT of each two constructs, or why there is none."""
    pairs, title = evidence.measurement.validity, say("Are these constructs different things?")
    if pairs.empty:
        return [not_available(title, say("the index has one construct only"))]
    if pairs["htmt"].isna().all():
        return [not_available(title, next(filter(None, pairs["note"]), word("suppressed")))]
    names = pd.unique(pairs[["construct_a", "construct_b"]].to_numpy().ravel())
    titles = {str(name): title_of(str(name), evidence.panel) for name in names}
    cells = _pair_cells(pairs, titles)
    return [Heading(title), Paragraph(_apart_in_words(cells)), _pairs_figure(cells, titles, evidence)]


def _pair_cells(pairs: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Return the lower triangle of constructs by number, of the functions the higher value."""
    order = {name: place for place, name in enumerate(titles, start=1)}
    highest = pairs.sort_values("htmt", ascending=False, na_position="last", kind="stable")
    cells = highest.drop_duplicates(["construct_a", "construct_b"]).sort_values(
        ["construct_b", "construct_a"], key=lambda names: names.map(order), ignore_index=True
    )
    levels = [level_of(value, HTMT_CUTS) for value in cells["htmt"]]
    return cells.assign(
        label=cells["construct_b"].map(lambda name: f"{order[name]} {titles[name]}"),
        check=cells["construct_a"].map(lambda name: str(order[name])),
        level=pd.Series(levels, index=cells.index, dtype="object"),
        text=[
            judged_text(value, "ratio", HTMT_CUTS) if pd.notna(value) else say("none")
            for value in cells["htmt"]
        ],
    )


def _pairs_figure(cells: pd.DataFrame, titles: dict[str, str], evidence: Evidence) -> Figure:
    pairs = evidence.measurement.validity
    known, apart = int(cells["level"].notna().sum()), int((cells["level"] == "good").sum())
    first = say("Column 1 is {construct}.", construct=next(iter(titles.values())))
    higher = (say("Of the functions the higher value counts."),) if grouped(pairs) else ()
    title = say(
        "{n} of {known} pairs of constructs are clearly two (HTMT up to {limit})",
        n=apart,
        known=known,
        limit=number_text(HTMT_CUTS[0], "ratio"),
    )
    return render(
        lambda ax: heatmap(ax, cells),
        id="discriminant",
        title=title,
        alt="; ".join(
            f"{sentence_list([titles[row['construct_a']], titles[row['construct_b']]])}: {row['text']}"
            for row in cells.to_dict("records")
        ),
        base=" ".join((people(evidence, pairs), *higher, first)),
        size=size_for(list(dict.fromkeys(cells["label"])), extra=1.0),
        data=_pairs_table(pairs, titles, evidence),
        kind="heatmap",
    )


def _apart_in_words(cells: pd.DataFrame) -> str:
    weak, limit = int((cells["level"] == "weak").sum()), number_text(HTMT_CUTS[1], "ratio")
    said = (
        say_n(
            weak,
            "{n} pair lies above {limit}: read differences between these constructs as shades of one thing, and do "
            "not rank one above the other on them alone.",
            "{n} pairs lie above {limit}: read differences between these constructs as shades of one thing, and do "
            "not rank one above the other on them alone.",
            n=weak,
            limit=limit,
        )
        if weak
        else say(
            "No pair lies above {limit}, so that differences between constructs may be read as such.",
            limit=limit,
        )
    )
    meaning = say(
        "HTMT compares how statements of two constructs go together with how statements of one do. Near 1, people "
        "answer both as if they were one."
    )
    return f"{meaning} {said}"


def _pairs_table(pairs: pd.DataFrame, titles: dict[str, str], evidence: Evidence) -> Table:
    rows = pairs.assign(a=pairs["construct_a"].map(titles), b=pairs["construct_b"].map(titles))
    columns: tuple[Column, ...] = (
        Column("htmt", "HTMT", "ratio", low="conf_low", high="conf_high", reason="note"),
        Column("htmt2", "HTMT2", "ratio", reason="note"),
    )
    if grouped(rows):
        rows, columns = across(rows, ["a", "b"], columns, by="function", called=functions_of(rows))
    note = say("Intervals by the delta method, companies as clusters. HTMT2 takes geometric means.")
    return Table(
        "discriminant-data", say("Heterotrait-monotrait ratio of each two constructs"), rows,
        (Column("b", "Construct and others"), *columns), people(evidence, pairs), (note,), group="a",
    )  # fmt: skip
