"""Which questions mean the same from wave to wave, and what became of the others."""

import pandas as pd

from reports.documents.passages import not_available
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Paragraph, Table
from survey.ledger import STATUSES, Ledger, named

OTHER = "Other questions"


def comparability(evidence: Evidence) -> list[Block]:
    """Show the ledger: by construct, then every question that is not the same."""
    if evidence.ledger.empty:
        return [not_available("Comparability", "the study starts from scores, not from answers to questions")]
    ledger = Ledger(evidence.ledger)
    blocks: list[Block] = [Paragraph(f"{ledger.summary()}. {_obeyed(evidence)}"), _by_group(evidence)]
    changed = ledger.changed()
    return [*blocks, _changed(changed, evidence)] if len(changed) else blocks


def left_out_callout(evidence: Evidence) -> list[Block]:
    """Say which statements comparisons of waves leave out; nothing if there are none."""
    pairs = evidence.changes[evidence.changes["left_out"] != ""].drop_duplicates(["wave_from", "wave_to"])
    told = [
        f"{row['wave_from']:.0f} to {row['wave_to']:.0f} without {row['left_out']}"
        for row in pairs.to_dict("records")
    ]
    if evidence.left_out:
        told.append(f"all waves together without {named(evidence.left_out)}")
    if not told:
        return []
    why = "Waves are compared on the statements that mean the same in each of them"
    return [Callout("caution", "Some statements are left out of comparisons", f"{why}: {'; '.join(told)}.")]


def _obeyed(evidence: Evidence) -> str:
    if len(evidence.facts.waves) < 2:
        return "There is one wave, so nothing is compared between waves."
    if not evidence.left_out:
        return "Comparisons of waves leave none out."
    return f"Comparisons of all waves leave out {named(evidence.left_out)}."


def _by_group(evidence: Evidence) -> Table:
    """One row per construct or group of practices, one column per wave."""
    ranks = evidence.ledger["status"].map(STATUSES.index)
    worst = ranks.groupby([evidence.ledger["item"], evidence.ledger["wave"]], sort=False).max().reset_index()
    table = worst.assign(questions=_titles(worst["item"], evidence)).pivot_table(
        "status", "questions", "wave", aggfunc=_counted, fill_value="not asked", sort=False
    )
    frame = table.rename(columns=str).rename_axis(columns=None).reset_index()
    frame = frame.sort_values("questions", key=lambda titles: titles == OTHER, kind="stable")
    columns = [Column(str(wave), str(wave)) for wave in sorted(table.columns)]
    notes = (
        "Same: as in the questionnaire. Rescaled: asked on another scale, brought linearly to that of the "
        "questionnaire. Reworded: kept, with a remark. Not comparable: left out of whatever compares waves.",
    )
    return Table(
        "comparability", "How comparable the questions are, wave by wave", frame,
        (Column("questions", "Questions about"), *columns), _base(evidence), notes,
    )  # fmt: skip


def _titles(items: pd.Series, evidence: Evidence) -> pd.Series:
    """Return the title of the construct or group of practices that each question belongs to."""
    instrument = evidence.panel.instrument
    groups = {question.id: question.group for question in instrument.columns.values()}
    language = instrument.languages[0]
    titles = {key: found.title[language] for key, found in instrument.constructs.items()}
    titles |= {key: found.title[language] for key, found in instrument.practices.items()}
    return items.map(groups).map(titles).fillna(OTHER)


def _counted(ranks: "pd.Series[int]") -> str:
    counts = ranks.value_counts().sort_index()
    return ", ".join(
        f"{count} {STATUSES[int(rank)]}" for rank, count in zip(counts.index, counts, strict=True)
    )


def _changed(rows: pd.DataFrame, evidence: Evidence) -> Table:
    columns = (
        Column("item", "Question"),
        Column("wave", "Wave", "year"),
        Column("file", "File"),
        Column("status", "Status"),
        Column("reason", "Why"),
    )
    return Table(
        "changed-questions", "Questions that are not the same in a wave", rows, columns, _base(evidence)
    )


def _base(evidence: Evidence) -> str:
    files, waves = evidence.ledger["file"].nunique(), evidence.ledger["wave"].nunique()
    counts = f"{files} file{'s' if files > 1 else ''}, {waves} wave{'s' if waves > 1 else ''}"
    return f"Base: {counts}. Every question stands in ledger.csv."
