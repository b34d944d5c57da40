"""Classes side by side: what they achieve, and how they differ, beside what the selection itself makes of it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.benchmark.classes import Classes
from reports.documents.passages import (
    FAMILY,
    base,
    bounded,
    class_columns,
    class_years,
    classed_companies,
    family_note,
    has_values,
    sentence_list,
    side_by_side,
    with_titles,
)
from reports.evidence import Evidence
from reports.outcome_units import with_unit
from reports.report import Column, Table, Unit
from survey.language import look_up, say

SELECTED = " †"
"""Mark of variables that the classes were selected on."""

ENDS = {"estimate": "", "conf_low": "_low", "conf_high": "_high"}


def results_by_class(evidence: Evidence, basis: str) -> Iterator[Table]:
    """Mean class performance: what each class achieves, what it was selected on first; nothing without results."""
    classes, gaps = evidence.classes[basis], _gaps(evidence, basis)
    rows = _rows(evidence, basis, results=True)
    if not has_values(rows, classes.names[0]):
        return
    contrasts = list(dict.fromkeys(gaps["contrast"]))
    three = len(classes.names) > 2
    shown = contrasts[:1] if three else contrasts
    columns = [Column("label", "Result"), *class_columns(classes.names, "number")]
    if not three:
        columns.append(bounded("all", "All", "number"))
    caption = say("Mean class performance, {label}", label=classes.label)
    if not three:
        caption = say("What the world-class achieve, {label}", label=classes.label)
    columns += _less(rows, classes, shown, "number")
    notes = (*_marked(rows), *([] if three else [_with_all()]))
    yield Table(
        f"class-results-{basis}", caption, rows, tuple(columns), _based(evidence, basis), notes,
        family=look_up(FAMILY),
    )  # fmt: skip


def results_against_all(evidence: Evidence, basis: str) -> Iterator[Table]:
    """The results of three classes once more, the best against the rest and all; of two classes nothing is left."""
    classes, rows = evidence.classes[basis], _rows(evidence, basis, results=True)
    if len(classes.names) < 3 or not has_values(rows, classes.names[0]):
        return
    columns = (
        Column("label", "Result"), bounded("rest", "The rest", "number"), bounded("all", "All", "number"),
        *_less(rows, classes, ["rest", "all"], "number"), Column("companies", "Companies", "count"),
    )  # fmt: skip
    caption = say("Results of the best in class against the rest and all")
    yield Table(
        f"class-results-all-{basis}", caption, rows, columns, _based(evidence, basis),
        (*_marked(rows), _with_all(), _smallest()), family=look_up(FAMILY),
    )  # fmt: skip


def constructs_by_class(evidence: Evidence, basis: str) -> Table:
    """Index and constructs by class, with the difference of the first from the last, the rest, and all."""
    classes, gaps = evidence.classes[basis], _gaps(evidence, basis)
    rows = _rows(evidence, basis, results=False)
    contrasts = list(dict.fromkeys(gaps["contrast"]))
    columns = (
        Column("label", "What"), *class_columns(classes.names, "points"),
        *_less(rows, classes, contrasts, "difference"), Column("companies", "Companies", "count"),
    )  # fmt: skip
    caption = say(
        "{first} against the others, {label}",
        first=look_up(classes.names[0]).capitalize(),
        label=classes.label,
    )
    notes = (*_marked(rows), _with_all(), *_family(gaps, basis), _smallest())
    source = _based(evidence, basis)
    return Table(f"class-gaps-{basis}", caption, rows, columns, source, notes, family=look_up(FAMILY))


def _based(evidence: Evidence, basis: str) -> str:
    return base(evidence, classed_companies(evidence, basis), when=class_years(evidence, basis))


def _gaps(evidence: Evidence, basis: str) -> pd.DataFrame:
    return evidence.class_gaps[evidence.class_gaps["basis"] == basis]


def _rows(evidence: Evidence, basis: str, *, results: bool) -> pd.DataFrame:
    """One row per result, or per construct and the index: classes, the rest, all, and differences from these.

    Returns
    -------
    DataFrame
        `side_by_side`'s columns; ``rest, all`` and, per contrast, ``less_<contrast>`` and ``alone_<contrast>`` (what
        the selection gives of it), each with ``_low`` and ``_high``; ``circular``.
    """
    classes, means, gaps = evidence.classes[basis], evidence.class_means, _gaps(evidence, basis)
    mine = means[(means["basis"] == basis) & (means["variable"].isin(evidence.panel.outcomes) == results)]
    rows = side_by_side(with_titles(mine, evidence), classes.names, key="variable")
    for contrast, part in gaps.set_index("variable").groupby("contrast"):
        found = {f"less_{contrast}{end}": part[name] for name, end in ENDS.items()}
        found |= {f"less_{contrast}_p_adjusted": part["p_adjusted"]}
        found |= {f"alone_{contrast}{end}": part[f"selection_gap{end}"] for end in ENDS.values()}
        found |= {f"{contrast}{end}": part[f"mean_b{end}"] for end in ENDS.values()}
        rows = rows.assign(**{key: rows["variable"].map(of) for key, of in found.items() if key not in rows})
    circular = rows["variable"].isin(gaps.loc[gaps["circular"], "variable"])
    labels = [
        (with_unit(evidence, name, label) if results else label) + (SELECTED if marked else "")
        for name, label, marked in zip(rows["variable"], rows["label"], circular, strict=True)
    ]
    rows = rows.assign(
        circular=circular,
        label=pd.Series(labels, index=rows.index, dtype="str"),
        free=np.where(circular, "", say("not selected on it")),
    )
    order = [*classes.guaranteed, *evidence.panel.instrument.outcomes, *evidence.panel.outcomes]
    return (
        rows.sort_values("variable", key=lambda of: of.map(order.index), ignore_index=True)
        if results
        else rows
    )


def _less(rows: pd.DataFrame, classes: Classes, contrasts: list[str], unit: Unit) -> Iterator[Column]:
    """Columns of differences from other classes; beside each what the selection gives, where it gives any."""
    first = look_up(classes.names[0]).capitalize()
    for name in contrasts:
        yield bounded(f"less_{name}", say("{first} less {other}", first=first, other=look_up(name)), unit)
        if rows["circular"].any():
            yield bounded(f"alone_{name}", say("Of it by selection alone"), unit, reason="free")


def _marked(rows: pd.DataFrame) -> Iterator[str]:
    if rows["circular"].any():
        said = say("The classes were selected on this: the difference is guaranteed and shows nothing.")
        yield f"{SELECTED.strip()} {said}"


def _with_all() -> str:
    return say(
        "“All” contains the first class, as in the published studies, which makes differences look smaller."
    )


def _smallest() -> str:
    return say(
        "Companies: those of the smallest class; a company can be in different classes in different waves."
    )


def _family(gaps: pd.DataFrame, basis: str) -> Iterator[str]:
    if told := family_note(gaps):
        files = sentence_list([f"tables/{name}-{basis}.csv" for name in ("class-gaps", "class-results")])
        yield f"{told} {say('Results by class belong to them; each adjusted p stands in {files}.', files=files)}"
