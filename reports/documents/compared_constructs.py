"""A company beside the norms, construct by construct: two views, distance to the best."""

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import base_of, listed, people_words, points, say
from reports.figures.class_dots import class_dots
from reports.figures.drawing import render
from reports.figures.dumbbells import dumbbells
from reports.pack import Best
from reports.report import Block, Column, Figure, Section, Table
from reports.style import WIDTH
from reports.tables import number_text
from reports.wording import text_in, word

ROW = 0.29
"""Inches of a construct: figure and table of ten of them stand on one page."""


def two_views(found: Comparison, *, more: tuple[Block, ...] = ()) -> Section:
    """Sales and marketing of the company beside each other, where enough of each answered."""
    question, name = say("views_question", found), "two-views"
    if len(found.pack.benchmarks.key.functions) < 2:
        return Section(name, say("views_none_title", found), question, say("views_none", found), more)
    least = found.pack.benchmarks.minimum_respondents
    silent = [say(f"function_{function}", found) for function, count in found.people.items() if count < least]
    views = _of_both(found.views)
    if silent or views.empty:
        who = say("and", found).join(silent) or say("a_function", found)
        few = say("views_few", found, least=least, who=who)
        return Section(name, say("views_few_title", found), question, few, more)
    shown = found.constructs[found.constructs["variable"].isin(views["variable"])]
    shown = shown.sort_values("gap", ascending=False, kind="stable")
    clear = shown[(shown["gap_low"] > 0) | (shown["gap_high"] < 0)]
    title = say("views_title" if len(clear) else "views_title_none", found, clear=len(clear), n=len(shown))
    blocks = (_dumbbells(found, views, shown), _gaps(found, shown), *more)
    return Section(name, title, question, say("views_lead", found), blocks)


def _of_both(views: pd.DataFrame) -> pd.DataFrame:
    """Keep the constructs on which enough people of both functions answered."""
    if views.empty:
        return views
    return views[views.groupby("variable")["function"].transform("nunique") > 1]


def _dumbbells(found: Comparison, views: pd.DataFrame, shown: pd.DataFrame) -> Figure:
    widest = shown.iloc[int(shown["gap"].abs().argmax())]
    gaps = {
        row["label"]: number_text(row["gap"], "difference", language=found.language)
        for row in shown.to_dict("records")
    }
    return render(
        lambda ax: dumbbells(ax, views, label=say("views_axis", found), language=found.language),
        id="views", title=say("views_figure", found, label=widest["label"], gap=gaps[widest["label"]]),
        alt="; ".join(say("views_alt", found, label=label, gap=gap) for label, gap in gaps.items()),
        base=say("views_base", found, people=people_words(found)),
        size=(WIDTH, 1.1 + ROW * len(shown)), kind="dumbbells",
    )  # fmt: skip


def _gaps(found: Comparison, shown: pd.DataFrame) -> Table:
    return Table(
        "gaps", say("gaps_caption", found), shown,
        (
            Column("label", say("subject", found)),
            Column("gap", say("gaps_yours", found), "difference", "gap_low", "gap_high"),
            Column("gap_usual_low", say("gaps_from", found), "difference"),
            Column("gap_usual_high", say("gaps_to", found), "difference"),
        ),
        base_of(found), (say("gaps_note", found),),
    )  # fmt: skip


def distance_to_best(found: Comparison) -> Section:
    """Each construct beside median and best in class, the farthest behind first."""
    question, name = say("best_question", found), "distance"
    rows = found.constructs[found.constructs["variable"] != "alignment"]
    best = found.pack.benchmarks.best
    rows = rows.sort_values("distance" if best else "percentile", kind="stable", ignore_index=True)
    if best is None:
        title, lead = say("best_none_title", found), say("best_none", found)
    else:
        behind = rows[rows["beyond_doubt"] & (rows["distance"] < 0)]
        ahead = int((rows["beyond_doubt"] & (rows["distance"] > 0)).sum())
        key = "best_title" if len(behind) else "best_title_ahead" if ahead else "best_title_nothing"
        if rows["distance_low"].isna().all():
            behind = rows[rows["distance"] < 0]
            key = "best_title_unsure" if len(behind) else "best_title_unsure_none"
        title = say(key, found, behind=len(behind), ahead=ahead, n=len(rows))
        lead = _who_is_best(best, found)
    return Section(name, title, question, lead, (_dots(found, rows, title), _distances(found, rows)))


def _who_is_best(best: Best, found: Comparison) -> str:
    """Say by what the best in class were chosen."""
    if best.basis == "index":
        return say("best_lead_index", found, n=best.profile["alignment"].companies)
    declared = found.pack.benchmarks.key.instrument.outcomes
    titles = [
        text_in(declared[name].title, found.language) if name in declared else name for name in best.outcomes
    ]
    return say(f"best_lead_{best.basis}", found, what=listed(titles, found) if titles else best.label)


def _dots(found: Comparison, rows: pd.DataFrame, title: str) -> Figure:
    you = rows[["label", "estimate", "conf_low", "conf_high"]].assign(**{"class": "you"})
    median = rows[["label"]].assign(**{"class": "median"}, estimate=rows["median"])
    best = rows[["label"]].assign(
        **{"class": "best in class"}, estimate=rows["best"], conf_low=rows["best_low"], conf_high=rows["best_high"]
    )  # fmt: skip
    parts = [you, median, *([best] if rows["best"].notna().any() else [])]
    frame = pd.concat(parts, ignore_index=True)
    said = [
        say("best_alt", found, label=label, you=points(own, found), median=points(usual, found))
        for label, own, usual in rows[["label", "estimate", "median"]].itertuples(index=False, name=None)
    ]  # fmt: skip
    return render(
        lambda ax: class_dots(ax, frame, label=say("points_of_100", found), language=found.language),
        id="constructs", title=title, alt="; ".join(said), base=f"{base_of(found)} {say('intervals', found)}",
        size=(WIDTH, 1 + ROW * len(rows)), kind="class_dots",
    )  # fmt: skip


def _distances(found: Comparison, rows: pd.DataFrame) -> Table:
    sure = {True: word("yes", found.language), False: word("no", found.language)}
    doubt = rows["beyond_doubt"].map(sure).where(rows["distance_low"].notna(), say("not_known", found))
    return Table(
        "distances", say("distances_caption", found), rows.assign(doubt=doubt),
        (
            Column("label", say("subject", found)),
            Column("estimate", say("you", found), "points", "conf_low", "conf_high"),
            Column("median", say("median", found), "points"),
            Column("best", say("best_in_class", found), "points", "best_low", "best_high"),
            Column("distance", say("distances_away", found), "difference", "distance_low", "distance_high"),
            Column("doubt", say("distances_doubt", found)),
        ),
        base_of(found), (say("distances_note", found),),
    )  # fmt: skip
