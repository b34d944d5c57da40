"""Whether groups understand the questions alike: the lights, and the warning beside every comparison of means."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from reports.alike import WORDS, means_warning, scalar, too_small_to_count
from reports.documents.passages import not_available, sentence_list
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap
from reports.report import Block, Bullets, Callout, Column, Figure, Heading, Paragraph, Table
from reports.tables import number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, mark, say, say_n

CHANGES = (
    Column("verdict", "Verdict"),
    Column("released", "Statements that differ"),
    Column("delta_chisq", "Chi-square of the difference", "number", reason="why"),
    Column("delta_df", "df", "count", reason="why"),
    Column("delta_p", "p", "p_value", reason="why"),
    Column("delta_cfi", "Change of CFI", "fit", reason="why"),
    Column("delta_rmsea", "Change of RMSEA", "fit", reason="unjudged"),
    Column("delta_srmr", "Change of SRMR", "fit", reason="unjudged"),
    Column("n", "Respondents", "count", reason="why"),
)
"""What a level costs against the one before."""

BASE = mark("Base: respondents of all waves; errors clustered by company.")
NOTES = (
    mark(
        "Levels: configural, the same statements; metric, equal loadings; scalar, equal intercepts, which means need "
        "to compare; residual, equal errors. A level holds within the cut-offs of Cheung and Rensvold (2002: CFI falls "
        "by .010 at most) and Chen (2007: with a fall of .010, RMSEA rises by less than .015, SRMR by less than .030, "
        "or .010 from scalar on; up to 300 respondents .005, .010, and .025 or .005). Partial: some statements differ "
        "and the rest carry the comparison; which ones was looked for in the same answers."
    ),
    mark(
        "A construct of three statements cannot fail at the configural level: it has as many parameters as facts. Its "
        "next level is judged by CFI and by the test of the difference. Where a solution is inadmissible (a negative "
        "residual variance), nothing is tested."
    ),
)

PLURALS = {
    mark("function"): mark("functions"),
    mark("wave"): mark("waves"),
    mark("size"): mark("sizes"),
    mark("industry"): mark("industries"),
    mark("region"): mark("regions"),
    mark("language"): mark("languages"),
}
"""What is compared, one and many."""


def invariance(evidence: Evidence) -> list[Block]:
    """Show the verdict on means for every construct and comparison, with all levels as a table."""
    if evidence.invariance.empty:
        return []
    title = say("Do groups understand the questions alike?")
    means = scalar(evidence)
    if (means["verdict"] == "cannot be tested").all():
        reason = str(means["note"].iloc[0]) or say("no construct has enough statements")
        return [not_available(title, reason), *_not_compared(evidence)]
    return [
        Heading(title),
        _figure(means, evidence),
        *_in_words(means, evidence),
        _means_table(means, evidence),
        *_not_compared(evidence),
    ]


def _in_words(means: pd.DataFrame, evidence: Evidence) -> list[Block]:
    """Say which statements were released, and where the test finds what the cut-offs let pass."""
    said = [
        _released(row, evidence) for row in _titled(means, evidence).to_dict("records") if row["released"]
    ]
    for comparison in means["comparison"].unique():
        found = too_small_to_count(evidence, str(comparison))
        if told := [
            f"{title_of(str(name), evidence.panel)} (p {number_text(p, 'p_value')})"
            for name, p in found.items()
        ]:
            said.append(
                say(
                    "Across {groups} the test finds a difference (a further one where statements are named above) in "
                    "{constructs}, too small for the cut-offs to count.",
                    groups=look_up(PLURALS[str(comparison)]),
                    constructs=sentence_list(told),
                )
            )
    return [Bullets(tuple(said))] if said else []


def _released(row: Mapping[Hashable, Any], evidence: Evidence) -> str:
    """Name the statements of a construct that groups do not read alike."""
    titles = [title_of(item, evidence.panel) for item in str(row["released"]).split(", ")]
    names = [say("“{statement}”", statement=title) for title in titles]
    return say_n(
        len(names),
        "{construct}, across {groups}: {statements} differs.",
        "{construct}, across {groups}: {statements} differ.",
        construct=row["label"],
        groups=look_up(PLURALS[row["comparison"]]),
        statements=sentence_list(names),
    )


def warning(evidence: Evidence, comparison: str) -> list[Block]:
    """Warn of the constructs whose means may not compare over the groups of a comparison."""
    said = means_warning(evidence, comparison)
    return [Callout("caution", say("Means that may not compare"), said)] if said else []


def _not_compared(evidence: Evidence) -> list[Block]:
    """Say which comparisons and groups are not made, and why; nothing if all are."""
    if not evidence.not_compared:
        return []
    return [Paragraph(say("Not compared: {groups}.", groups="; ".join(evidence.not_compared)))]


def _titled(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    order = {name: place for place, name in enumerate(evidence.panel.instrument.alignment_constructs)}
    titles = {name: title_of(name, evidence.panel) for name in rows["construct"].unique()}
    ordered = rows.sort_values(
        "construct", key=lambda names: names.map(order), kind="stable", ignore_index=True
    )
    across = {name: say("Across {groups}", groups=look_up(groups)) for name, groups in PLURALS.items()}
    return ordered.assign(label=ordered["construct"].map(titles), check=ordered["comparison"].map(across))


def _figure(means: pd.DataFrame, evidence: Evidence) -> Figure:
    cells = _titled(means, evidence)
    cells["level"] = cells["verdict"].map({verdict: level for verdict, (level, _) in WORDS.items()})
    cells["text"] = cells["verdict"].map({verdict: look_up(word) for verdict, (_, word) in WORDS.items()})
    tested = cells[cells["level"].notna()]
    fine = int(tested["level"].isin(("good", "fair")).sum())
    return render(
        lambda ax: heatmap(ax, cells),
        id="invariance",
        title=say(
            "In {n} of {known} comparisons groups read a construct alike, at least mostly",
            n=fine,
            known=len(tested),
        ),
        alt="; ".join(
            f"{row['label']}, {in_sentence(row['check'])}: {row['text']}" for row in cells.to_dict("records")
        ),
        base=say("Base: respondents of all waves who answered every statement of the construct."),
        size=size_for(list(dict.fromkeys(cells["label"])), extra=1.5),
        data=_table(evidence),
        kind="heatmap",
    )


def _table(evidence: Evidence) -> Table:
    rows = _titled(evidence.invariance, evidence)
    columns = (Column("comparison", "Across"), Column("level", "Level"), *CHANGES)
    caption = say("Measurement invariance, level by level")
    return Table(
        "invariance-data", caption, _with_reasons(rows), columns, look_up(BASE), _notes(), group="label"
    )


def _notes() -> tuple[str, ...]:
    return tuple(look_up(note) for note in NOTES)


def _means_table(means: pd.DataFrame, evidence: Evidence) -> Table:
    """Return what the verdicts on means rest on: scalar invariance against metric, also in print."""
    rows = _titled(means, evidence).sort_values("check", kind="stable", ignore_index=True)
    caption = say("What the verdicts on means rest on: equal intercepts against equal loadings")
    columns = (Column("label", "Construct"), *CHANGES)
    return Table(
        "invariance-means", caption, _with_reasons(rows), columns, look_up(BASE), _notes(), group="check"
    )


def _with_reasons(rows: pd.DataFrame) -> pd.DataFrame:
    """Say why changes are absent; the configural level has none before it. The notes say why some are not judged."""
    first = rows["level"] == "configural"
    note = rows["note"].where(~first, say("first level"))
    unjudged = note.mask(rows["delta_cfi"].notna() & ~first, say("not judged"))
    return rows.assign(why=note, unjudged=unjudged)
