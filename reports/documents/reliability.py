"""How well the statements of a construct hang together, and whether two constructs are two."""

import pandas as pd

from analysis.measure.verdicts import CHECKS, HTMT_CUTS, level_of
from reports.documents.passages import (
    by_function,
    grouped,
    in_functions,
    not_available,
    people,
    who_columns,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap
from reports.judged import judged_text
from reports.report import Block, Column, Figure, Heading, Paragraph, Table
from reports.tables import interval_text
from reports.titles import in_sentence, title_of

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
    "Alpha and omega say how much of the difference between two people's scores is a difference in what the "
    "construct measures; the rest is chance. Alpha takes all statements for equally good, omega total does not; omega "
    "hierarchical counts whatever one factor leaves out as chance.",
    "Ordinal: of the views behind the few answers that could be ticked, from polychoric correlations. It says whether "
    "few answers hold reliability down, not how reliable the score is.",
    "Composite reliability and AVE (average variance extracted) are those of the statements on one scale; an AVE of "
    ".50 means that half of what a statement says is its construct. Alpha's interval takes companies "
    "as clusters; where no two people are of one company it is Feldt's.",
)


def reliability(evidence: Evidence) -> list[Block]:
    """Reliability per construct and function, of the index, and how far constructs are told apart."""
    rows = evidence.measurement.reliability
    now = by_function(
        with_titles(rows[rows["wave"] == evidence.facts.latest], evidence, key="construct")
    ).reset_index(drop=True)
    title = "How well do the statements of a construct hang together?"
    if now["alpha"].isna().all():
        return [not_available(title, str(now["note"].iloc[0]) or "too few cases to show")]
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
        return (
            f"How far {index} as a whole measures one thing is not known: {why or 'too few cases to show'}."
        )
    told = [
        f"{interval_text(row['omega_hierarchical'], row['conf_low'], row['conf_high'], 'ratio')}"
        f"{' for ' + row['function'] if row['function'] else ''}"
        for row in known.to_dict("records")
    ]
    weakest = float(known["omega_hierarchical"].min())
    meaning = (
        "it may be told as one number"
        if weakest >= CHECKS["alpha"][0]
        else "it may be told as one number beside its constructs"
        if weakest >= CHECKS["alpha"][1]
        else "one number hides much of what the constructs say"
    )
    return (
        f"Of the difference between two people's scores on {index}, what all constructs have in common makes "
        f"{' and '.join(told)} (omega hierarchical): {meaning}."
    )


def _table(now: pd.DataFrame, evidence: Evidence) -> Table:
    shown = [column for column in COEFFICIENTS if column.key not in BEHIND]
    known = [column for column in shown if now[column.key].notna().any()]
    absent = [
        f"{column.heading} is not available: {'; '.join(filter(None, now[column.reason].unique()))}."
        for column in shown
        if column not in known
    ]
    columns = (Column("label", "Construct"), *known)
    return Table(
        "reliability", "Reliability of each construct", in_functions(now), columns, people(evidence, now),
        (*MEANING, *absent),
        group=grouped(now),
    )  # fmt: skip


def _figure(now: pd.DataFrame, evidence: Evidence) -> Figure:
    """Draw alpha of the latest wave; behind it stands every coefficient of every wave."""
    known = now[now["alpha"].notna()]
    lowest = known.iloc[int(known["alpha"].argmin())]
    least = judged_text(lowest["alpha"], "ratio", CHECKS["alpha"])
    where = f"{lowest['label']}{', ' + lowest['function'] if lowest['function'] else ''}"
    drawn = now.rename(columns={"alpha": "estimate"})
    rows = by_function(with_titles(evidence.measurement.reliability, evidence, key="construct"))
    columns = (
        Column("label", "Construct"),
        *who_columns(rows),
        Column("wave", "Wave", "year"),
        Column("n_items", "Statements", "count"),
        *COEFFICIENTS,
        Column("n", "Respondents", "count"),
    )
    waves = "all waves" if len(evidence.facts.waves) > 1 else str(evidence.facts.latest)
    data = Table(
        "reliability-data", "Reliability of each construct, function and wave", rows, columns,
        f"Base: respondents of {waves} who answered a statement of the construct.",
    )  # fmt: skip
    return render(
        lambda ax: class_dots(ax, drawn, unit="ratio", label="Alpha"),
        id="reliability-dots",
        title=f"The lowest alpha of {evidence.facts.latest} is {least} ({where}); .70 is the usual least",
        alt="; ".join(
            f"{row['label']} {row['function']}: "
            f"{interval_text(row['alpha'], row['conf_low'], row['conf_high'], 'ratio')}"
            for row in now.to_dict("records")
        ),
        base=people(evidence, now),
        size=size_for(list(dict.fromkeys(now["label"])), per_row=now["class"].nunique()),
        data=data,
        kind="class_dots",
    )


def _told_apart(evidence: Evidence) -> list[Block]:
    """Show HTMT of each two constructs, or why there is none."""
    pairs, title = evidence.measurement.validity, "Are these constructs different things?"
    if pairs.empty:
        return [not_available(title, "the index has one construct only")]
    if pairs["htmt"].isna().all():
        return [not_available(title, next(filter(None, pairs["note"]), "too few cases to show"))]
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
            judged_text(value, "ratio", HTMT_CUTS) if pd.notna(value) else "none" for value in cells["htmt"]
        ],
    )


def _pairs_figure(cells: pd.DataFrame, titles: dict[str, str], evidence: Evidence) -> Figure:
    pairs = evidence.measurement.validity
    known, apart = int(cells["level"].notna().sum()), int((cells["level"] == "good").sum())
    higher = "Of the functions the higher value counts. " if grouped(pairs) else ""
    return render(
        lambda ax: heatmap(ax, cells),
        id="discriminant",
        title=f"{apart} of {known} pairs of constructs are clearly two (HTMT up to {HTMT_CUTS[0]:.2f})",
        alt="; ".join(
            f"{titles[row['construct_a']]} and {titles[row['construct_b']]}: {row['text']}"
            for row in cells.to_dict("records")
        ),
        base=f"{people(evidence, pairs)} {higher}Column 1 is {next(iter(titles.values()))}.",
        size=size_for(list(dict.fromkeys(cells["label"])), extra=1.0),
        data=_pairs_table(pairs, titles, evidence),
        kind="heatmap",
    )


def _apart_in_words(cells: pd.DataFrame) -> str:
    weak = int((cells["level"] == "weak").sum())
    said = (
        f"{weak} pair{' lies' if weak == 1 else 's lie'} above {HTMT_CUTS[1]:.2f}: read differences between these "
        "constructs as shades of one thing, and do not rank one above the other on them alone."
        if weak
        else f"No pair lies above {HTMT_CUTS[1]:.2f}, so that differences between constructs may be read as such."
    )
    return (
        "HTMT compares how statements of two constructs go together with how statements of one do. Near 1, people "
        f"answer both as if they were one. {said}"
    )


def _pairs_table(pairs: pd.DataFrame, titles: dict[str, str], evidence: Evidence) -> Table:
    rows = by_function(pairs).assign(a=pairs["construct_a"].map(titles), b=pairs["construct_b"].map(titles))
    columns = (
        Column("a", "Construct"),
        Column("b", "Other construct"),
        *who_columns(rows),
        Column("htmt", "HTMT", "ratio", low="conf_low", high="conf_high", reason="note"),
        Column("htmt2", "HTMT2", "ratio", reason="note"),
        Column("n", "Respondents", "count"),
    )
    note = "Intervals by the delta method, companies as clusters. HTMT2 takes geometric means."
    return Table(
        "discriminant-data", "Heterotrait-monotrait ratio of each two constructs", rows, columns,
        people(evidence, pairs), (note,),
    )  # fmt: skip
