"""A company beside a pack, construct by construct: two views, distance to the best, what to do first."""

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import base_of, source_of
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render, size_for
from reports.figures.dumbbells import dumbbells
from reports.report import Block, Bullets, Callout, Column, Figure, Heading, Section, Table
from reports.tables import interval_text, number_text


def two_views(found: Comparison) -> Section:
    """Sales and marketing of the company beside each other, where enough of each answered."""
    question, name = "Do sales and marketing see it alike?", "two-views"
    if len(found.pack.benchmarks.key.functions) < 2:
        text = "Not available: the questionnaire of this pack does not ask for the function."
        return Section(name, "Functions are not compared", question, text)
    least = found.pack.benchmarks.minimum_respondents
    silent = [function for function, count in found.people.items() if count < least]
    if silent or found.views.empty:
        who = " and ".join(silent) or "a function"
        text = (
            f"Not shown: fewer than {least} people of {who} answered, and a view must not be one person's. Ask more "
            "colleagues; your score already counts both functions alike."
        )
        return Section(name, "Too few people for two views", question, text)
    shown = found.constructs[found.constructs["variable"].isin(found.views["variable"])]
    clear = shown[(shown["gap_low"] > 0) | (shown["gap_high"] < 0)]
    title = f"Sales and marketing differ beyond chance on {len(clear)} of {len(shown)} subjects"
    widest = shown.iloc[int(shown["gap"].abs().argmax())]
    figure = render(
        lambda ax: dumbbells(ax, found.views, label="Mean of your people, 0 to 100 points"),
        id="views",
        title=f"{widest['label']} has the widest gap: {number_text(widest['gap'], 'difference')}",
        alt="; ".join(
            f"{row['label']}: marketing less sales {number_text(row['gap'], 'difference')}"
            for row in shown.to_dict("records")
        ),
        base=f"Base: {', '.join(f'{count} of {function}' for function, count in found.people.items())}. 95% intervals.",
        size=size_for(list(shown["label"]), extra=1.3),
        kind="dumbbells",
    )  # fmt: skip
    table = Table(
        "gaps", "Marketing minus sales, beside what is usual", shown,
        (
            Column("label", "Subject"), Column("gap", "Your gap", "difference", "gap_low", "gap_high"),
            Column("gap_usual_low", "Usual: from", "difference"), Column("gap_usual_high", "to", "difference"),
        ),
        base_of(found), ("Usual is the middle half of all companies.",),
    )  # fmt: skip
    lead = "A gap is not by itself a fault; one that is wider than usual is worth a talk."
    return Section(name, title, question, lead, (figure, table))


def distance_to_best(found: Comparison) -> Section:
    """Each construct beside median and best in class, the farthest behind first."""
    question, name = "How far are you from the best?", "distance"
    rows = found.constructs[found.constructs["variable"] != "alignment"]
    best = found.pack.benchmarks.best
    rows = rows.sort_values("distance" if best else "percentile", kind="stable", ignore_index=True)
    if best is None:
        title, lead = "Your scores beside the median", "Best in class: not available, too few companies are."
    else:
        behind = rows[rows["beyond_doubt"] & (rows["distance"] < 0)]
        title = f"Behind the best in class beyond doubt on {len(behind)} of {len(rows)} subjects"
        lead = (
            f"Best in class: companies {best.label}."
            if best.basis != "index"
            else f"Best in class: {best.label}."
        )
        lead += " A distance whose interval holds 0 may be none."
    return Section(name, title, question, lead, (_dots(found, rows, title), _distances(found, rows)))


def _dots(found: Comparison, rows: pd.DataFrame, title: str) -> Figure:
    you = rows[["label", "estimate", "conf_low", "conf_high"]].assign(**{"class": "you"})
    median = rows[["label"]].assign(**{"class": "median"}, estimate=rows["median"])
    best = rows[["label"]].assign(
        **{"class": "best in class"},
        estimate=rows["best"],
        conf_low=rows["best_low"],
        conf_high=rows["best_high"],
    )
    parts = [you, median, *([best] if rows["best"].notna().any() else [])]
    frame = pd.concat(parts, ignore_index=True)
    return render(
        lambda ax: class_dots(ax, frame, label="Points of 100"),
        id="constructs",
        title=title,
        alt="; ".join(
            f"{row['label']}: you {number_text(row['estimate'], 'points')}, "
            f"median {number_text(row['median'], 'points')}"
            for row in rows.to_dict("records")
        ),
        base=f"{base_of(found)} 95% intervals.",
        size=size_for(list(rows["label"]), per_row=3, extra=1.1),
        kind="class_dots",
    )  # fmt: skip


def _distances(found: Comparison, rows: pd.DataFrame) -> Table:
    doubt = (
        rows["beyond_doubt"].map({True: "yes", False: "no"}).where(rows["distance_low"].notna(), "not known")
    )
    return Table(
        "distances", "You beside the median and the best in class", rows.assign(doubt=doubt),
        (
            Column("label", "Subject"),
            Column("estimate", "You", "points", "conf_low", "conf_high"),
            Column("median", "Median", "points"),
            Column("best", "Best in class", "points", "best_low", "best_high"),
            Column("distance", "You less best", "difference", "distance_low", "distance_high"),
            Column("doubt", "Beyond doubt"),
        ),
        base_of(found),
        ("Medians are read off means of neighbouring companies.",),
    )  # fmt: skip


def priorities(found: Comparison) -> Section:
    """Up to three constructs to begin with, each with its reasons and a first step."""
    question, name = "What now?", "priorities"
    rows = found.priorities
    more = _practices(found)
    if rows.empty:
        text = "You are behind the best in class on nothing, or who they are is not known."
        return Section(name, "No subject is behind the best in class", question, text, more)
    labels = [str(label).lower() for label in rows["label"]]
    blocks: list[Block] = []
    for row in rows.to_dict("records"):
        blocks += [Heading(str(row["label"])), Bullets(tuple(_reasons(row, found)))]
    lead = (
        "Chosen by how far you are behind, times how strongly the subject goes with the outcome in the study. That "
        "they go together does not prove that one brings the other."
    )
    if found.pack.benchmarks.importance is None:
        lead = "Chosen by how far you are behind: the study says nothing of what goes with results."
    unsure = not rows["beyond_doubt"].any()
    if unsure:
        blocks.insert(
            0, Callout("caution", "A guess", "No distance is beyond doubt: ask more people before you act.")
        )
    title = f"Begin with {', '.join(labels[:-1])}{' and ' if len(labels) > 1 else ''}{labels[-1]}"
    return Section(name, title, question, lead, (*blocks, *more))


def _reasons(row: dict, found: Comparison) -> list[str]:  # type: ignore[type-arg]
    distance = number_text(row["distance"], "difference")
    if pd.notna(row["distance_low"]):
        distance = interval_text(row["distance"], row["distance_low"], row["distance_high"], "difference")
    sure = "beyond doubt" if row["beyond_doubt"] else "which may be chance"
    said = [
        f"Found: you score {number_text(row['estimate'], 'points')}, {distance} against the best in class, {sure}."
    ]
    importance = found.pack.benchmarks.importance
    if importance is not None and pd.notna(row["importance"]):
        slope = interval_text(row["importance"], row["importance_low"], row["importance_high"], "slope")
        clear = "beyond chance" if row["importance_low"] > 0 else "not beyond chance"
        said.append(
            f"Why: in the study 10 points more go with {slope} of {importance.title.lower()}, {clear}."
        )
    return [*said, *([f"First step: {row['step']}"] if row["step"] else [])]


def _practices(found: Comparison) -> tuple[Block, ...]:
    """Show the practices on which the company is furthest behind."""
    rows = found.practices
    rows = rows[rows["estimate"] < rows["mean"]].head(5) if len(rows) else rows
    if rows.empty:
        return ()
    columns = [
        Column("label", "Practice"), Column("estimate", "You", "points"), Column("mean", "Mean of companies", "points"),
    ]  # fmt: skip
    columns += [Column("best", "In place among the best", "percent")] if rows["best"].notna().any() else []
    note = "0 is never, 100 always; of what is ticked, the share of your people who ticked it."
    caption = "Practices on which you are furthest behind"
    table = Table("practices", caption, rows, tuple(columns), source_of(found), (note,))
    return (Heading("What you do less than others"), table)
