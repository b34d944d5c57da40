"""Which questions mean the same from wave to wave, and what became of the others."""

import pandas as pd

from reports.documents.passages import not_available
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Paragraph, Table
from reports.titles import title_of
from survey.language import look_up, mark, say, say_n
from survey.ledger import STATUSES, Ledger, named, reason_said

OTHER = mark("Other questions")


STATUS_WORDS = (mark("same"), mark("rescaled"), mark("reworded"), mark("not comparable"))
"""In the order of `STATUSES`."""


def comparability(evidence: Evidence) -> list[Block]:
    """Show the ledger: by construct, then every question that is not the same."""
    if evidence.ledger.empty:
        reason = say("the study starts from scores, not from answers to questions")
        return [not_available(say("Comparability"), reason)]
    ledger = Ledger(evidence.ledger)
    blocks: list[Block] = [Paragraph(f"{ledger.summary()}. {_obeyed(evidence)}"), _by_group(evidence)]
    changed = ledger.changed()
    return [*blocks, _changed(changed, evidence)] if len(changed) else blocks


def left_out_callout(evidence: Evidence) -> list[Block]:
    """Say which statements comparisons of waves leave out; nothing if there are none."""
    pairs = evidence.changes[evidence.changes["left_out"] != ""].drop_duplicates(["wave_from", "wave_to"])
    told = [
        say(
            "{first} to {last} without {questions}",
            first=f"{row['wave_from']:.0f}",
            last=f"{row['wave_to']:.0f}",
            questions=row["left_out"],
        )
        for row in pairs.to_dict("records")
    ]
    if evidence.left_out:
        told.append(say("all waves together without {questions}", questions=named(evidence.left_out)))
    if not told:
        return []
    text = say(
        "Waves are compared on the statements that mean the same in each of them: {left_out}.",
        left_out="; ".join(told),
    )
    return [Callout("caution", say("Some statements are left out of comparisons"), text)]


def _obeyed(evidence: Evidence) -> str:
    if len(evidence.facts.waves) < 2:
        return say("There is one wave, so nothing is compared between waves.")
    if not evidence.left_out:
        return say("Comparisons of waves leave none out.")
    return say("Comparisons of all waves leave out {questions}.", questions=named(evidence.left_out))


def _by_group(evidence: Evidence) -> Table:
    """One row per construct or group of practices, one column per wave."""
    ranks = evidence.ledger["status"].map(STATUSES.index)
    worst = ranks.groupby([evidence.ledger["item"], evidence.ledger["wave"]], sort=False).max().reset_index()
    table = worst.assign(questions=_titles(worst["item"], evidence)).pivot_table(
        "status", "questions", "wave", aggfunc=_counted, fill_value=say("not asked"), sort=False
    )
    frame = table.rename(columns=str).rename_axis(columns=None).reset_index()
    frame = frame.sort_values("questions", key=lambda titles: titles == OTHER, kind="stable")
    columns = [Column(str(wave), str(wave)) for wave in sorted(table.columns)]
    notes = (
        say(
            "Same: as in the questionnaire. Rescaled: asked on another scale, brought linearly to that of the "
            "questionnaire. Reworded: kept, with a remark. Not comparable: left out of whatever compares waves."
        ),
    )
    return Table(
        "comparability", say("How comparable the questions are, wave by wave"), frame,
        (Column("questions", "Questions about"), *columns), _base(evidence), notes,
    )  # fmt: skip


def _titles(items: pd.Series, evidence: Evidence) -> pd.Series:
    """Return the title of the construct or group of practices that each question belongs to."""
    instrument = evidence.panel.instrument
    groups = {question.id: question.group for question in instrument.columns.values()}
    known = (*instrument.constructs, *instrument.practices)
    titles = {key: title_of(key, evidence.panel) for key in known}
    return items.map(groups).map(titles).fillna(OTHER)


def _counted(ranks: "pd.Series[int]") -> str:
    counts = ranks.value_counts().sort_index()
    return ", ".join(
        f"{count} {look_up(STATUS_WORDS[int(rank)])}"
        for rank, count in zip(counts.index, counts, strict=True)
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
        "changed-questions",
        say("Questions that are not the same in a wave"),
        rows.assign(reason=rows["reason"].map(reason_said)),
        columns,
        _base(evidence),
    )


def _base(evidence: Evidence) -> str:
    files, waves = evidence.ledger["file"].nunique(), evidence.ledger["wave"].nunique()
    return say(
        "Base: {files}, {waves}. Every question stands in ledger.csv.",
        files=say_n(files, "{n} file", "{n} files", n=files),
        waves=say_n(waves, "{n} wave", "{n} waves", n=waves),
    )
