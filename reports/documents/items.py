"""Every statement by itself: how it is answered, and how it goes with the others of its construct."""

from collections.abc import Iterator, Mapping
from functools import partial

import pandas as pd

from analysis.measure.item_analysis import NO_LOADING, NOT_TOLD_APART, against_the_others
from reports.documents.factors import unique_labels
from reports.documents.passages import by_function, grouped, people, sentence_list, who_columns
from reports.evidence import Evidence
from reports.figures.answer_bars import answer_bars
from reports.figures.drawing import render
from reports.figures.item_rows import item_size, pages
from reports.report import Block, Column, Figure, Heading, Table
from reports.tables import number_text
from reports.titles import title_of
from reports.wording import text_in
from survey.language import digits, look_up, say, say_n, spoken

HALF = 50.0
"""Per cent of the answers at one end of the scale from which on a statement hardly tells people apart."""

STATISTICS = (
    Column("item_rest", "Item-rest correlation", "ratio", reason="why"),
    Column("alpha_if_dropped", "Alpha without it", "ratio", reason="why"),
    Column("floor", "At the floor", "percent", n="n", reason="note"),
    Column("ceiling", "At the ceiling", "percent", n="n", reason="note"),
    Column("missing", "Missing", "percent", n="n"),
    Column("dont_know", "Don't know", "percent", n="n", reason="unsure"),
)


def items(evidence: Evidence) -> list[Block]:
    """Show item statistics, and how often each answer was given; nothing without answers."""
    rows = evidence.measurement.items
    if rows.empty:
        return []
    return [Heading(say("How are the statements answered?")), *_figures(evidence), _table(rows, evidence)]


def _table(rows: pd.DataFrame, evidence: Evidence) -> Table:
    """Per statement, the function in which it goes least with its construct."""
    ordered = rows.sort_values("item_rest", na_position="first", kind="stable")
    place = {item: number for number, item in enumerate(rows["item"].unique())}
    kept = ordered.drop_duplicates("item").sort_values("item", key=lambda names: names.map(place))
    shown = _named(kept, evidence)
    columns = (
        Column("text", "Statement"),
        *who_columns(rows),
        *STATISTICS,
    )
    notes = [
        say(
            "Item-rest: correlation with the sum of the other statements of the construct; above .30 is usual. Alpha "
            "without it: a statement that raises alpha when dropped does not belong. Floor and ceiling: answers "
            "exactly at the lowest and highest point, reversed statements turned; the figure counts answers between "
            "two points at the nearest."
        ),
    ]
    if against := _against(rows, evidence):
        notes.insert(0, against)
    if grouped(rows):
        notes.append(
            say(
                "Of the functions the one is shown in which the statement goes least with the others; both stand in "
                "the numbers behind the figure above."
            )
        )
    return Table(
        "items", say("The statements one by one"), shown, columns, people(evidence, rows), tuple(notes), group="group"
    )  # fmt: skip


def _against(rows: pd.DataFrame, evidence: Evidence) -> str:
    """Name the statements that go against the others of their construct; nothing if there are none."""
    names = [
        say("“{statement}”", statement=title_of(item, evidence.panel))
        for item in against_the_others(rows)["item"]
    ]
    if not names:
        return ""
    return say_n(
        len(names),
        "{names} goes against the other statements of its construct: it may be worded the other way round and not "
        "be declared so (`reverse`), or the reverse.",
        "{names} go against the other statements of their constructs: they may be worded the other way round and not "
        "be declared so (`reverse`), or the reverse.",
        names=sentence_list(names),
    )


def _named(rows: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    named = by_function(rows).assign(
        text=rows["item"].map(lambda item: title_of(item, evidence.panel)),
        group=rows["construct"].map(lambda name: title_of(name, evidence.panel)),
    )
    if "note" in rows:
        named = named.assign(why=rows["note"].map(_why), unsure=rows["note"].map(_unsure))
    return named.reset_index(drop=True)


def _why(note: str) -> str:
    """Return why a statement does not go with its construct, without what concerns other columns."""
    other = (look_up(NOT_TOLD_APART), look_up(NO_LOADING).partition("{why}")[0])
    return "; ".join(part for part in note.split("; ") if not part.startswith(other))


def _unsure(note: str) -> str:
    untold = look_up(NOT_TOLD_APART)
    return untold if untold in note else ""


def _figures(evidence: Evidence) -> Iterator[Figure]:
    """Draw the answers of all functions together; behind them stand those of each."""
    found = evidence.measurement.answers
    if found.empty or found["share"].isna().all():
        return
    rows = _named(found[found["share"].notna()], evidence)
    rows["label"] = unique_labels(rows)
    as_given = say("Answers as given, reversed statements not turned.")
    for number, part in enumerate(pages(rows), start=1):
        yield render(
            partial(answer_bars, frame=part, ends=_ends(evidence), label=say("Share of the answers")),
            id="answers" if number == 1 else f"answers-{number}",
            title=_title(rows) if number == 1 else say("{title}, continued", title=_title(rows)),
            alt=_alt(part),
            base=f"{people(evidence, evidence.measurement.items)} {as_given}",
            size=item_size(part),
            data=_data(evidence) if number == 1 else None,
            kind="answer_bars",
        )  # fmt: skip


def _title(rows: pd.DataFrame) -> str:
    """Say how many statements crowd at an end of their scale."""
    shares = rows.groupby("item")["share"]
    ends = pd.concat([shares.first(), shares.last()], axis=1).max(axis=1)
    crowded, of = int((ends > HALF).sum()), len(ends)
    if not crowded:
        return say("None of {of} statements has more than half of its answers at one end of the scale", of=of)
    return say(
        "{n} of {of} statements have more than half of their answers at one end of the scale",
        n=crowded,
        of=of,
    )


def _alt(rows: pd.DataFrame) -> str:
    answers = rows["answer"].map(lambda point: f"{digits(point, 'g')}: ") + rows["share"].map(
        lambda share: number_text(share, "percent")
    )
    told = answers.groupby(rows["text"], sort=False).agg(", ".join)
    return "; ".join(f"{text}: {shares}" for text, shares in told.items())


def _ends(evidence: Evidence) -> tuple[str, str]:
    """Return what the ends of the scale are called, where all statements have the same."""
    instrument = evidence.panel.instrument
    scales = [
        scale
        for item in evidence.measurement.answers["item"].unique()
        if (scale := instrument.columns[item].scale) is not None
    ]
    ends = {
        tuple(_label(scale.labels.get(round(point), {})) for point in (scale.min, scale.max))
        for scale in scales
    }
    low, high = ends.pop() if len(ends) == 1 else (say("lowest"), say("highest"))
    return low, high


def _label(texts: Mapping[str, str]) -> str:
    return text_in(texts, spoken()) if texts else ""


def _data(evidence: Evidence) -> Table:
    """One row per statement and function: what is known of it, and the share of each answer."""
    shares = evidence.measurement.distribution.pivot_table(
        "share", ["item", "function"], "answer", aggfunc="first", sort=True
    )
    points = {f"{point:g}": float(str(point)) for point in shares.columns}
    wide = shares.set_axis([f"answer_{name}" for name in points], axis=1).reset_index()
    rows = _named(evidence.measurement.items.merge(wide, on=["item", "function"], how="left"), evidence)
    who = who_columns(rows)
    if who:
        rows = rows.assign(group=rows["group"] + ": " + rows["text"]).sort_values(
            "item", key=lambda items: pd.factorize(items)[0], kind="stable", ignore_index=True
        )
    columns = (
        *(who or [Column("text", "Statement")]),
        *(
            Column(f"answer_{name}", say("Answer {point}", point=digits(point, "g")), "percent", n="n")
            for name, point in points.items()
        ),
        Column("mean", "Mean", "ratio"),
        Column("sd", "Standard deviation", "ratio"),
        *STATISTICS,
        Column("loading", "Loading on one factor", "ratio", reason="note"),
        Column("n", "Answers", "count"),
    )
    return Table(
        "answers-data", say("Answers to each statement, by function"), rows, columns,
        people(evidence, evidence.measurement.items),
        (say("Mean and standard deviation in points of the scale, reversed statements turned."),), group="group",
    )  # fmt: skip
