"""What the classes hang on: where the best are cut off, what they were selected on, the wave."""

from collections.abc import Iterator

import pandas as pd

from analysis.benchmark.cut_error import draws_of
from analysis.infer.carried_replicates import REPLICATES
from reports.alike import means_warning
from reports.documents.passages import (
    all_waves,
    base,
    bounded,
    class_years,
    classed_companies,
    has_values,
    with_titles,
)
from reports.evidence import Evidence
from reports.report import Block, Column, Paragraph, Table
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from reports.wording import known_word
from survey.language import look_up, say

ENDS, ESTIMATE = ("", "_low", "_high"), ("estimate", "conf_low", "conf_high")

FEWEST_CUTS = 3
"""Cuts that a table of them shows at least: of fewer nobody can see whether the gap hangs on the cut."""


def class_checks(evidence: Evidence, basis: str) -> Iterator[Block]:
    """Tables that show what a comparison of classes rests on; those that the data allow."""
    if basis == "outcomes":
        yield from _selection(evidence)
        yield from _cuts(evidence)
    else:
        yield from _world_practices(evidence)
    yield from _trend(evidence, basis)


def _selection(evidence: Evidence) -> Iterator[Table]:
    """Beside each outcome gap the one that the sorting itself makes, and the one of classes cut on the others."""
    if not has_values(evidence.selection, "observed_gap"):
        return
    rows = with_titles(evidence.selection, evidence, key="outcome")
    held = evidence.benchmarks.held_out
    held = held[held["contrast"] == "laggard"].set_index("outcome") if len(held) else held
    names = {"estimate": "held_out", "conf_low": "held_out_low", "conf_high": "held_out_high"}
    for column, name in names.items():
        rows[name] = rows["outcome"].map(held[column]) if len(held) else float("nan")
    columns = [
        Column("label", "Outcome that defines the class"),
        bounded("observed_gap", "Gap found, best in class less laggards", "number"),
        bounded("selection_gap", "Gap that selection alone gives", "number"),
        bounded("excess", "Found less selection alone", "number"),
    ]
    if len(held):
        columns.append(bounded("held_out", "Gap if cut on the others alone", "number"))
    columns.append(Column("n", "Company-years", "count"))
    count = evidence.classes["outcomes"].frame["company"].nunique()
    yield Table(
        "selection", say("Gaps that the sorting itself makes"), rows, tuple(columns),
        base(evidence, count, when=all_waves(evidence)), tuple(_selection_notes(evidence)),
    )  # fmt: skip


def _selection_notes(evidence: Evidence) -> Iterator[str]:
    """Say what each gap is, and how its interval was made."""
    yield say(
        "Sorting companies by a result and then comparing that result proves nothing, however large the gap."
    )
    yield say(
        "Found less selection alone: other than 0 where the result does not rise evenly with the class score; it "
        "says nothing of alignment."
    )
    if REPLICATES in evidence.panel.frame:
        yield say("Intervals: the replicates of the study, sorted and cut anew in each.")
    else:
        yield say(
            "Intervals: companies drawn anew {n} times, sorted and cut anew each time.",
            n=draws_of(len(evidence.panel.frame)),
        )
    if len(evidence.benchmarks.held_out):
        yield say(
            "Cut on the others alone: this outcome took no part in making the classes, so that its gap is "
            "not guaranteed; it shows how far results go together."
        )


def _cuts(evidence: Evidence) -> Iterator[Block]:
    """The index gap of the best under other cuts than the declared one."""
    rows = evidence.benchmarks.cuts
    if not len(rows):
        return
    rows = rows.assign(
        label=[say("The best {share}", share=number_text(cut, "percent")) for cut in rows["cut"]]
    )
    index = title_of("alignment", evidence.panel)
    shown = rows["estimate"].dropna()
    if len(shown) < FEWEST_CUTS:
        hidden = say(
            "What the gap would be under other cuts cannot be shown: the best of one cut and of the next differ by "
            "fewer than {minimum} companies.",
            minimum=evidence.facts.minimum_companies,
        )
        yield _coarser(hidden, evidence, "outcomes")
        return
    clear = int(((rows["conf_low"] > 0) | (rows["conf_high"] < 0)).sum())
    columns = (
        Column("label", "Best in class are"),
        Column(
            "estimate", say("{index}: best less the rest", index=index), "difference", "conf_low", "conf_high"
        ),
        Column("n_a", "Company-years of the best", "count"),
        Column("n_b", "Of the rest", "count"),
    )
    yield Table(
        "class-cuts",
        say("{moved}; beyond chance at {clear} of {n} cuts", moved=_moved(shown), clear=clear, n=len(rows)),
        rows, columns, base(evidence, rows["companies"].max(), when=all_waves(evidence)),
        (say("The cuts share companies, so that their gaps go together."),),
    )  # fmt: skip


def _coarser(hidden: str, evidence: Evidence, basis: str) -> Paragraph:
    """Say what cannot be shown, and what is known over all waves instead."""
    return Paragraph(f"{hidden} {_over_all_waves(evidence, basis)}".strip())


def _over_all_waves(evidence: Evidence, basis: str) -> str:
    """Say in a sentence what is known of the gap on the index over all waves; nothing where that is withheld too."""
    gaps = evidence.class_gaps
    mine = gaps["basis"].eq(basis) & gaps["variable"].eq("alignment") & gaps["contrast"].eq("rest")
    for row in gaps[mine & gaps["estimate"].notna()].to_dict("records"):
        index = in_sentence(title_of("alignment", evidence.panel))
        told = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "difference")
        first = known_word(evidence.classes[basis].names[0])
        return say(
            "Over all waves together, {first} less the rest on {index} is {gap}.",
            first=first,
            index=index,
            gap=told,
        )
    return ""


def _moved(gaps: pd.Series) -> str:
    """Say whether the sign of a gap hangs on the cut."""
    low, high = (number_text(value, "count") for value in (gaps.abs().min(), gaps.abs().max()))
    if gaps.gt(0).all() or gaps.lt(0).all():
        return say(
            "Wherever the best are cut off, from 5% to 30%, they are ahead by {low} to {high} points"
            if gaps.iloc[0] > 0
            else "Wherever the best are cut off, from 5% to 30%, they are behind by {low} to {high} points",
            low=low,
            high=high,
        )
    return say("Whether the best are ahead hangs on where they are cut off")


def _world_practices(evidence: Evidence) -> Iterator[Table]:
    """World-class against all and the rest on each practice, beside what the sorting makes, and the trend of all."""
    found = evidence.benchmarks.world_practices
    if not has_values(found):
        return
    rest, every = (found[found["contrast"] == name].set_index("practice") for name in ("rest", "all"))
    rows = _sides(rest, every, first="world").rename_axis("practice").reset_index()
    for name in ("selection_gap", "trend"):
        for end in ENDS:
            rows[f"{name}{end}"] = rows["practice"].map(rest[f"{name}{end}"])
    rows["companies"] = rows["practice"].map(rest["companies"])
    groups = {item: key for key, group in evidence.panel.instrument.practices.items() for item in group.items}
    rows = with_titles(rows, evidence, key="practice")
    rows["area"] = [title_of(groups[name], evidence.panel) for name in rows["practice"]]
    columns = [
        Column("label", "Practice, in place"),
        bounded("world", "World-class", "percent"),
        bounded("all", "All", "percent"),
        bounded("rest", "The rest", "percent"),
        bounded("gap_all", "World-class less all", "percentage_points"),
        bounded("gap_rest", "World-class less the rest", "percentage_points"),
        bounded("selection_gap", "Of it by selection alone", "percentage_points"),
    ]
    if rows["trend"].notna().any():
        columns.append(bounded("trend", "All since the wave before", "percentage_points"))
    yield Table(
        "world-practices",
        say("World-class against all, which contains it, and against the rest, practice by practice"),
        rows, tuple(columns),
        base(evidence, classed_companies(evidence, "practices"), when=class_years(evidence, "practices")),
        (say("The classes were cut on these very practices: their gaps are guaranteed. The rest is all without the "
             "world-class."),), group="area",
    )  # fmt: skip


def _trend(evidence: Evidence, basis: str) -> Iterator[Block]:
    """The gap on the index wave by wave, against the rest and against all."""
    found = evidence.benchmarks.class_trend
    found = found[(found["basis"] == basis) & (found["variable"] == "alignment")] if len(found) else found
    if not len(found) or found["wave"].nunique() < 2:
        return
    if not has_values(found):
        hidden = say(
            "Wave by wave the classes cannot be shown: beside the other tables they would tell of fewer than {minimum} "
            "companies.",
            minimum=evidence.facts.minimum_companies,
        )
        yield _coarser(hidden, evidence, basis)
        return
    rest, every = (found[found["contrast"] == name].set_index("wave") for name in ("rest", "all"))
    rows = _sides(rest, every, first="first").rename_axis("wave").reset_index()
    first = look_up(evidence.classes[basis].names[0]).capitalize()
    index = in_sentence(title_of("alignment", evidence.panel))
    rows["n_a"], rows["n"] = rest["n_a"].to_numpy(), rest["n"].to_numpy()
    notes = [say("Classes are cut anew in each wave; the gap moves with who is in them.")]
    guaranteed = bool(rest["circular"].any())
    if guaranteed:
        for end in ENDS:
            rows[f"alone{end}"] = rest[f"selection_gap{end}"].to_numpy()
        notes.append(
            say(
                "The classes were selected on {index} or what it is made of: its gap is guaranteed.",
                index=index,
            )
        )
    yield Table(
        f"class-trend-{basis}", say("{first} on {index}, wave by wave", first=first, index=index),
        rows, _trend_columns(first, guaranteed=guaranteed),
        base(evidence, classed_companies(evidence, basis), when=class_years(evidence, basis)),
        (*notes, *filter(None, [means_warning(evidence, "wave")])),
    )  # fmt: skip


def _trend_columns(first: str, *, guaranteed: bool) -> tuple[Column, ...]:
    alone = [bounded("alone", "Of it by selection alone", "difference")] if guaranteed else []
    return (
        Column("wave", "Wave", "year"),
        bounded("first", first, "points"),
        bounded("all", "All", "points"),
        bounded("rest", "The rest", "points"),
        bounded("gap_all", "Less all", "difference"),
        bounded("gap_rest", "Less the rest", "difference"),
        *alone,
        Column("n_a", say("{first}, companies", first=first), "count"),
        Column("n", "All, companies", "count"),
    )


def _sides(rest: pd.DataFrame, every: pd.DataFrame, *, first: str) -> pd.DataFrame:
    """The first class, all and the rest side by side with the gaps from both, each with its interval, by row."""
    parts = {first: (rest, "mean_a"), "rest": (rest, "mean_b"), "all": (every, "mean_b")}
    rows = {f"{name}{end}": of[f"{column}{end}"] for name, (of, column) in parts.items() for end in ENDS}
    for name, of in (("gap_rest", rest), ("gap_all", every)):
        rows |= {f"{name}{end}": of[column] for end, column in zip(ENDS, ESTIMATE, strict=True)}
    return pd.DataFrame(rows, index=rest.index)
