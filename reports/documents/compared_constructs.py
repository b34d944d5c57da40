"""A company beside the norms, construct by construct: two views, distance to the best."""

from typing import Any

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import base_of, beyond_chance, people_words, points
from reports.documents.passages import bounded, sentence_list
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render
from reports.figures.dumbbells import dumbbells
from reports.pack import Best
from reports.report import Block, Column, Figure, Section, Table
from reports.style import WIDTH
from reports.tables import number_text
from reports.wording import text_in, word
from survey.language import look_up, mark, say, spoken

FROM = {
    ("sales",): mark("from sales"),
    ("marketing",): mark("from marketing"),
    ("sales", "marketing"): mark("from sales and marketing"),
}
NOBODY = mark("from a function")
"""Whence too few people answered."""

ROW = 0.29
"""Inches of a construct: figure and table of ten of them stand on one page."""


def two_views(found: Comparison, *, more: tuple[Block, ...] = ()) -> Section:
    """Sales and marketing of the company beside each other, where enough of each answered."""
    question, name = say("Do sales and marketing see it alike?"), "two-views"
    if len(found.pack.benchmarks.key.functions) < 2:
        return Section(
            name,
            say("Functions are not compared"),
            question,
            say("Not available: the questionnaire does not ask for the function."),
            more,
        )
    least = found.pack.benchmarks.minimum_respondents
    silent = tuple(function for function, count in found.people.items() if count < least)
    views = _of_both(found.views)
    if silent or views.empty:
        who = look_up(FROM.get(silent, NOBODY))
        few = say(
            "Not shown: fewer than {least} people {who} answered, and a view must not be one person's. "
            "Ask more colleagues; your score already counts both functions alike.",
            least=least,
            who=who,
        )
        return Section(name, say("Too few people for two views"), question, few, more)
    shown = found.constructs[found.constructs["variable"].isin(views["variable"])]
    shown = shown.sort_values("gap", ascending=False, kind="stable")
    clear = shown[(shown["gap_low"] > 0) | (shown["gap_high"] < 0)]
    title = say(
        "Sales and marketing differ beyond chance on {clear} of {n} subjects"
        if len(clear)
        else "Sales and marketing differ beyond chance on none of {n} subjects",
        clear=len(clear),
        n=len(shown),
    )
    blocks = (_dumbbells(found, views, shown), _gaps(found, shown), *more)
    return Section(
        name,
        title,
        question,
        say("A gap is not by itself a fault; one that is wider than usual is worth a talk."),
        blocks,
    )


def _of_both(views: pd.DataFrame) -> pd.DataFrame:
    """Keep the constructs on which enough people of both functions answered."""
    if views.empty:
        return views
    return views[views.groupby("variable")["function"].transform("nunique") > 1]


def _dumbbells(found: Comparison, views: pd.DataFrame, shown: pd.DataFrame) -> Figure:
    widest = shown.iloc[int(shown["gap"].abs().argmax())]
    with_usual = views.merge(shown[["variable", "gap_usual_low", "gap_usual_high"]], on="variable")
    gaps = {row["label"]: number_text(row["gap"], "difference") for row in shown.to_dict("records")}
    return render(
        lambda ax: dumbbells(ax, with_usual, label=say("Mean of your people, 0 to 100 points")),
        id="views", title=_widest(widest, gaps[widest["label"]]),
        alt="; ".join(say("{label}: marketing less sales {gap}", label=label, gap=gap) for label, gap in gaps.items()),
        base=say(
            "Base: {people}. 95% intervals. Usual are the gaps of the middle half of all companies.",
            people=people_words(found),
        ),
        size=(WIDTH, 1.1 + ROW * len(shown)), kind="dumbbells",
    )  # fmt: skip


def _widest(row: "pd.Series[Any]", gap: str) -> str:
    """Say where the gap is widest, and whether that is more than chance."""
    if pd.isna(row["gap_low"]):
        return say("{label} has the widest gap: {gap}", label=row["label"], gap=gap)
    return say(
        "{label} has the widest gap: {gap}, beyond chance"
        if row["gap_low"] > 0 or row["gap_high"] < 0
        else "{label} has the widest gap: {gap}, perhaps by chance",
        label=row["label"],
        gap=gap,
    )


def _gaps(found: Comparison, shown: pd.DataFrame) -> Table:
    return Table(
        "gaps", say("Marketing minus sales, beside what is usual"), shown,
        (
            Column("label", say("Subject")),
            bounded("gap", say("Your gap"), "difference"),
            Column("gap_usual_low", say("Usual: from"), "difference"),
            Column("gap_usual_high", say("to"), "difference"),
        ),
        base_of(found), (say("Usual is the middle half of all companies."),),
    )  # fmt: skip


def distance_to_best(found: Comparison) -> Section:
    """Each construct beside median and best in class, the farthest behind first."""
    question, name = say("How far are you from the best?"), "distance"
    rows = found.constructs[found.constructs["variable"] != "alignment"]
    best = found.pack.benchmarks.best
    rows = rows.sort_values("distance" if best else "percentile", kind="stable", ignore_index=True)
    if best is None:
        title, lead = (
            say("Your scores beside the median"),
            say("Best in class: not available, too few companies are."),
        )
    else:
        title, lead = _standing(rows), who_is_best(best, found)
    return Section(name, title, question, lead, (_dots(found, rows, title), _distances(found, rows)))


def _standing(rows: pd.DataFrame) -> str:
    """Say on how many subjects the company is behind or ahead of the best in class."""
    behind, ahead = (
        int((beyond_chance(rows) & way).sum()) for way in (rows["distance"] < 0, rows["distance"] > 0)
    )
    if rows["distance_low"].isna().all():
        unsure = int((rows["distance"] < 0).sum())
        if not unsure:
            return say(
                "Behind the best in class on none of {n} subjects; how sure that is cannot be said",
                n=len(rows),
            )
        return say(
            "Behind the best in class on {behind} of {n} subjects; how sure that is cannot be said",
            behind=unsure,
            n=len(rows),
        )
    if behind:
        return say(
            "Behind the best in class beyond chance on {behind} of {n} subjects", behind=behind, n=len(rows)
        )
    return say(
        "Ahead of the best in class beyond chance on {ahead} of {n} subjects"
        if ahead
        else "Behind the best in class beyond chance on none of {n} subjects",
        ahead=ahead,
        n=len(rows),
    )


def who_is_best(best: Best, found: Comparison) -> str:
    """Say by what the best in class were chosen."""
    if best.basis == "index":
        return say(
            "Best in class: the {n} companies with the highest index. A distance whose interval holds 0 "
            "may be none.",
            n=best.profile["alignment"].companies,
        )
    declared = found.pack.benchmarks.key.instrument.outcomes
    titles = [text_in(declared[name].title, spoken()) if name in declared else name for name in best.outcomes]
    return say(
        "Best in class: the companies that did best on {what}. A distance whose interval holds 0 may be none."
        if best.basis == "outcomes"
        else "Best in class: the companies that have most practices in place. A distance whose interval "
        "holds 0 may be none.",
        what=sentence_list(titles) if titles else best.label,
    )


def _dots(found: Comparison, rows: pd.DataFrame, title: str) -> Figure:
    you = rows[["label", "estimate", "conf_low", "conf_high"]].assign(**{"class": "you"})
    median = rows[["label"]].assign(**{"class": "median"}, estimate=rows["median"])
    best = rows[["label"]].assign(
        **{"class": "best in class"}, estimate=rows["best"], conf_low=rows["best_low"], conf_high=rows["best_high"]
    )  # fmt: skip
    parts = [you, median, *([best] if rows["best"].notna().any() else [])]
    frame = pd.concat(parts, ignore_index=True)
    intervals = say("95% intervals.")
    said = [
        say("{label}: you {you}, median {median}", label=label, you=points(own), median=points(usual))
        for label, own, usual in rows[["label", "estimate", "median"]].itertuples(index=False, name=None)
    ]  # fmt: skip
    return render(
        lambda ax: class_dots(ax, frame, label=say("Points of 100")),
        id="constructs", title=title, alt="; ".join(said), base=f"{base_of(found)} {intervals}",
        size=(WIDTH, 1 + ROW * len(rows)), kind="class_dots",
    )  # fmt: skip


def _distances(found: Comparison, rows: pd.DataFrame) -> Table:
    sure = {True: word("yes"), False: word("no")}
    chance = beyond_chance(rows).map(sure).where(rows["distance_low"].notna(), say("not known"))
    return Table(
        "distances", say("You beside the median and the best in class"), rows.assign(chance=chance),
        (
            Column("label", say("Subject")),
            Column("estimate", say("You"), "points", "conf_low", "conf_high"),
            bounded("median", say("Median"), "points"),
            bounded("best", say("Best in class"), "points"),
            bounded("distance", say("You less best"), "difference"),
            Column("chance", say("Beyond chance")),
        ),
        base_of(found),
        (say("Medians are read off means of neighbouring companies. Differences are taken before rounding."),),
    )  # fmt: skip
