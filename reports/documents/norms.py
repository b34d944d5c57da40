"""What is usual: how companies spread on each construct and result, by peer group, and how that changed."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.benchmark.disclosure import SEVERAL
from reports.alike import means_warning
from reports.documents.passages import (
    all_waves,
    base,
    bounded,
    common_ground,
    estimate_column,
    has_values,
    too_few,
    with_titles,
)
from reports.documents.reproduced import reproduced
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.spreads import spreads
from reports.report import Block, Column, Figure, Section, Table
from reports.tables import number_text
from reports.titles import in_sentence, title_of
from reports.wording import text_in, word
from survey.language import look_up, mark, say, spoken

QUARTERS = mark(
    "A quarter of the companies lie below the 25th percentile, a quarter above the 75th (type 7; see methods). "
    "A percentile or an end of an interval with too few companies at or beyond it is not shown, as it would tell of "
    "them; nor is an end where so few cannot say how far it goes."
)

FEW_BEYOND = mark("too few companies beyond it")
"""Why a percentile is missing where there are companies enough for a median."""

TOP_NOTE = mark(
    "At 75 or more: companies in the upper quarter of the scale; where there are five answers, those whose average "
    "answer is one of the upper two (a top-2-box share)."
)

SPREAD = (
    bounded("p10", "10th percentile", "points", reason="beyond"),
    bounded("p25", "25th", "points", reason="beyond"),
    bounded("median", "Median", "points"),
    bounded("p75", "75th", "points", reason="beyond"),
    bounded("p90", "90th", "points", reason="beyond"),
)


def norms(evidence: Evidence) -> Section:
    """The benchmarks themselves: percentiles of the index and each construct, of results, and the best in class."""
    question, latest = say("What is usual?"), evidence.facts.latest
    table = evidence.norms[(evidence.norms["wave"] == latest) & (evidence.norms["n"] > 0)]
    if not has_values(table, "median"):
        block = too_few(say("Norms"), evidence, times=SEVERAL)
        return Section("norms", say("Norms are not shown"), question, "", (block, _by_wave(evidence)))
    table = _with_shares(with_titles(table, evidence), evidence)
    blocks: list[Block] = [_figure(evidence, table), _constructs(evidence, table), _by_wave(evidence)]
    blocks += [*_kpis(evidence), *_practices(evidence), *_profile(evidence), *reproduced(evidence)]
    lead = say(
        "Norms say where other companies are, not where a company should be. Each stands with the number of companies "
        "behind it; by peer group they stand in the appendix, all of them in tables.xlsx."
    )
    return Section("norms", _title(evidence, table), question, lead, tuple(blocks))


def _title(evidence: Evidence, table: pd.DataFrame) -> str:
    index_rows = table[
        table["variable"].eq("alignment") & table[["p25", "median", "p75"]].notna().all(axis=1)
    ]
    if index_rows.empty:
        return say("What is usual on each construct")
    row = index_rows.iloc[0]
    index = in_sentence(title_of("alignment", evidence.panel))
    low, high = (number_text(row[name], "count") for name in ("p25", "p75"))
    if low == high:
        return say("At least half of all companies have {level} points on {index}", level=low, index=index)
    return say(
        "Half of all companies lie between {low} and {high} points on {index}",
        low=low,
        high=high,
        index=index,
    )


def _with_shares(table: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Add the share of companies at the top, and the mean of the best in class."""
    found = evidence.benchmarks.norms
    top = found[found["statistic"].eq("top-2-box") & found["segment"].eq("")] if len(found) else found
    for column, name in (("estimate", "top"), ("conf_low", "top_low"), ("conf_high", "top_high")):
        known = dict(zip(top["variable"], top[column], strict=True)) if len(top) else {}
        table[name] = table["variable"].map(known).astype("float64")
    profile = evidence.benchmarks.profile
    if len(profile):
        of = profile[(profile["basis"] == "outcomes") & (profile["class"] == "best in class")]
        table["best"] = table["variable"].map(of[of["statistic"] == "mean"].set_index("variable")["estimate"])
    return table


def _figure(evidence: Evidence, table: pd.DataFrame) -> Figure:
    rows = table.sort_values("median", ascending=False, ignore_index=True).dropna(subset=["median"])
    index, others = rows[rows["variable"] == "alignment"], rows[rows["variable"] != "alignment"]
    rows = pd.concat([index, others], ignore_index=True)
    high, low = (others if len(others) else index).iloc[[0, -1]]["label"]
    title = say("How companies spread")
    if len(others) and others["median"].iloc[0] > others["median"].iloc[-1]:
        title = say(
            "The typical company does best in {high} and worst in {low}",
            high=in_sentence(high),
            low=in_sentence(low),
        )
    return render(
        lambda ax: spreads(ax, rows, label=say("Companies, 0 to 100 points")),
        id="norms-spread",
        title=title,
        alt=say("Median and middle half: ")
        + "; ".join(
            f"{row['label']} {number_text(row['median'], 'count')}{_middle_half(row)}"
            for row in rows.to_dict("records")
        ),
        base=base(evidence, rows["n"].max()),
        size=size_for(rows["label"].tolist(), extra=1.2),
        kind="spreads",
    )


def _middle_half(row: Mapping[Hashable, Any]) -> str:
    known = pd.notna(row["p25"]) and pd.notna(row["p75"])
    return f" ({row['p25']:.0f} {word('to')} {row['p75']:.0f})" if known else ""


def _constructs(evidence: Evidence, table: pd.DataFrame) -> Table:
    columns = (
        Column("label", "Construct"),
        Column("n", "Companies", "count"),
        bounded("mean", "Mean", "points"),
        *_spread(table),
        bounded("top", "At 75 or more", "percent"),
    )
    return Table(
        "norms-constructs", say("Benchmarks in {wave}", wave=evidence.facts.latest), _with_reason(table), columns,
        base(evidence, table["n"].max()), (look_up(QUARTERS), look_up(TOP_NOTE)),
    )  # fmt: skip


def _spread(rows: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns of percentiles that any row has."""
    return tuple(column for column in SPREAD if column.key == "median" or has_values(rows, column.key))


def _with_reason(rows: pd.DataFrame) -> pd.DataFrame:
    """Say why a percentile is missing beside a median that is not."""
    few = pd.Series(look_up(FEW_BEYOND), index=rows.index)
    return rows.assign(beyond=few.where(rows["median"].notna(), ""))


def _by_wave(evidence: Evidence) -> Table:
    index, rows = title_of("alignment", evidence.panel), evidence.norms_by_wave
    warned = means_warning(evidence, "wave") if len(rows) > 1 else ""
    notes = (look_up(QUARTERS), *common_ground(evidence), *filter(None, (warned,)))
    companies = evidence.panel.frame["company"].nunique()
    columns = (Column("wave", "Wave", "year"), Column("n", "Companies", "count"), *_spread(rows))
    return Table(
        "norms-waves", say("{index} by wave: what is usual", index=index), _with_reason(rows), columns,
        base(evidence, companies, when=all_waves(evidence)), notes,
    )  # fmt: skip


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per variable with mean, median and their intervals, and the quartiles."""
    names = list(dict.fromkeys(rows["variable"]))
    table = pd.DataFrame({"variable": names}).set_index("variable")
    for statistic in ("mean", "p25", "median", "p75"):
        part = rows[rows["statistic"] == statistic].set_index("variable")
        table[statistic] = part["estimate"]
        table[f"{statistic}_low"], table[f"{statistic}_high"] = part["conf_low"], part["conf_high"]
    table["companies"] = rows[rows["statistic"] == "mean"].set_index("variable")["companies"]
    return table.reset_index()


def _kpis(evidence: Evidence) -> Iterator[Table]:
    """Results: what is usual, in their own units."""
    found = evidence.benchmarks.norms
    rows = found[(found["kind"] == "outcome") & (found["segment"] == "")] if len(found) else found
    if not has_values(rows):
        return
    table = with_titles(_wide(rows), evidence)
    units = {name: text_in(of.unit, spoken()) for name, of in evidence.panel.instrument.outcomes.items()}
    table["label"] = [
        f"{label}, {units[name]}" if name in units else label
        for name, label in zip(table["variable"], table["label"], strict=True)
    ]
    columns = (
        Column("label", "Result"),
        Column("companies", "Companies", "count"),
        bounded("mean", "Mean", "number"),
        bounded("p25", "25th percentile", "number"),
        bounded("median", "Median", "number"),
        bounded("p75", "75th", "number"),
    )
    yield Table(
        "norms-results", say("Results in {wave}: what is usual", wave=evidence.facts.latest), table, columns,
        base(evidence, table["companies"].max()), (look_up(QUARTERS),),
    )  # fmt: skip


def _practices(evidence: Evidence) -> Iterator[Table]:
    """Capabilities: how many companies have them in place."""
    found = evidence.benchmarks.norms
    if not len(found):
        return
    rows = found[
        (found["kind"] == "practice") & (found["statistic"] == "top-2-box") & (found["segment"] == "")
    ]
    if not has_values(rows):
        return
    groups = {item: key for key, group in evidence.panel.instrument.practices.items() for item in group.items}
    table = with_titles(rows, evidence)
    table["area"] = [title_of(groups[name], evidence.panel) for name in table["variable"]]
    columns = (
        Column("label", "Practice"),
        estimate_column(say("Scores 75 or more"), "percent"),
        Column("companies", "Companies", "count"),
    )
    caption = say("Capabilities in {wave}: how many companies have them", wave=evidence.facts.latest)
    yield Table(
        "norms-practices", caption, table, columns, base(evidence, table["companies"].max()),
        (say("75 points: done “mostly” or better, averaged over the informants of a company."),), group="area",
    )  # fmt: skip


def _profile(evidence: Evidence) -> Iterator[Table]:
    """The best in class beside all companies."""
    profile = evidence.benchmarks.profile
    rows = profile[profile["basis"] == "outcomes"] if len(profile) else profile
    if not len(rows) or not has_values(rows[rows["class"] == "best in class"]):
        return
    units = set(evidence.panel.instrument.outcomes) | set(evidence.panel.outcomes)
    rows = rows[~rows["variable"].isin(units)]
    best, every = (_wide(rows[rows["class"] == name]) for name in ("best in class", "all"))
    table = with_titles(best.merge(every, on="variable", suffixes=("", "_all")), evidence)
    columns = (
        Column("label", "Construct"),
        bounded("mean", "Best in class: mean", "points"),
        bounded("p25", "25th percentile", "points"),
        bounded("median", "Median", "points"),
        bounded("p75", "75th", "points"),
        bounded("median", "All: median", "points", of="_all"),
        Column("companies", "Best in class", "count"),
    )
    note = say(
        "Best in class: {label}. All: every company with a class, these included.",
        label=evidence.classes["outcomes"].label,
    )
    caption = say("Profile of the best in class in {wave}", wave=evidence.facts.latest)
    yield Table(
        "best-profile", caption, table, columns, base(evidence, table["companies_all"].max()), (note,)
    )
