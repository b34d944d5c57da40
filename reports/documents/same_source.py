"""Whether one person's mood could make what goes together: checks on answers of a single source."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import (
    all_waves,
    bounded,
    has_values,
    not_available,
    sentence_list,
    with_titles,
)
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.forest import forest
from reports.report import Block, Column, Figure, Section, Table
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, mark, say

MODELS = {
    "equal": mark("Alike for all statements"),
    "free": mark("Its own for every statement"),
}
"""How a method factor acts, as the reader sees it."""

BY_PEOPLE = mark(
    "Where the same people rate alignment and report results, a good mood alone makes the two go together. These "
    "checks tell how far. Results that come from records share no mood with the ratings, though people who "
    "know them may rate by them."
)
BY_INTERVIEWER = mark(
    "One interviewer scores all statements of a company, so that one impression alone makes them go together. These "
    "checks tell how far. Results that come from records share no impression with the scores, though an interviewer "
    "who has heard of them may score by them."
)
"""What one source may do, by who scored."""

CHECKS = 4
"""Cross-informant slopes, marker, method factor and Harman's share."""


def same_source(evidence: Evidence) -> Section:
    """Cross-informant slopes first, then the marker, the method factor, and Harman's share with its warning."""
    found, interviewed = evidence.same_source, evidence.panel.instrument.scored_by == "interviewer"
    question = say("Could one impression make it?" if interviewed else "Could one mood make it?")
    if len(found.why) == CHECKS and len(set(found.why.values())) == 1:
        block = not_available(say("Checks on a common source"), next(iter(found.why.values())))
        return Section("same-source", _title(evidence), question, "", (block,), appendix=True)
    blocks: list[Block] = [*_crossed(evidence), *_marker(evidence), *_method(evidence), *_harman(evidence)]
    lead = look_up(BY_INTERVIEWER if interviewed else BY_PEOPLE)
    return Section("same-source", _title(evidence), question, lead, tuple(blocks), appendix=True)


def _title(evidence: Evidence) -> str:
    rows = evidence.same_source.crossed
    other = rows[(rows["kind"] == "other source") & rows["conf_low"].notna()] if len(rows) else rows
    if other.empty and evidence.panel.instrument.scored_by == "interviewer":
        return say("No second view of a company tells how much of its scores is the interviewer's impression")
    if other.empty:
        return say("What one function rates cannot be held against what the other reports")
    less = other["outcome"].map(evidence.panel.less_is_better).to_numpy(dtype=bool)
    rises, falls = (other["conf_low"] > 0).to_numpy(), (other["conf_high"] < 0).to_numpy()
    against = with_titles(other[(rises & less) | (falls & ~less)], evidence, key="outcome")
    names = [
        say("{outcome} ({function} rates)", outcome=row["label"], function=look_up(row["rater"]))
        for row in against.to_dict("records")
    ]
    counts = {"clear": int((falls[less]).sum() + rises[~less].sum()), "of": len(other)}
    if not names:
        return say(
            "In {clear} of {of} cases what one function rates goes with better results in the other's report, beyond "
            "chance",
            **counts,
        )
    return say(
        "In {clear} of {of} cases what one function rates goes with better results in the other's report, beyond "
        "chance; it goes the other way for {outcomes}",
        outcomes=sentence_list(names),
        **counts,
    )


def _crossed(evidence: Evidence) -> list[Block]:
    title, rows = say("One function rates, the other reports"), evidence.same_source.crossed
    if rows.empty:
        return [not_available(title, evidence.same_source.why["crossed"])]
    if not has_values(rows):
        note = next((str(text) for text in rows["note"] if text), say("too few companies to show"))
        return [not_available(title, note)]
    named = with_titles(rows, evidence, key="outcome")
    first = named[(named["outcome"] == named["outcome"].iloc[0]) & (named["kind"] != "difference")]
    figure = (_crossed_figure(first, evidence),) if has_values(first) else ()
    return [*figure, _crossed_table(named, evidence)]


def _crossed_figure(rows: pd.DataFrame, evidence: Evidence) -> Figure:
    labels = [
        say(
            "{rater} rates, {reporter} reports",
            rater=look_up(row["rater"].capitalize()),
            reporter=look_up(row["reporter"]),
        )
        for row in rows.to_dict("records")
    ]
    shown, outcome = rows.assign(label=labels), str(rows["label"].iloc[0])
    means = {kind: part["estimate"].mean() for kind, part in rows.groupby("kind")}
    same, other = (number_text(means[kind], "number") for kind in ("same source", "other source"))
    index = in_sentence(title_of("alignment", evidence.panel))
    label = say("{outcome}, with 10 points more on {index}", outcome=outcome, index=index)
    return render(
        lambda ax: forest(ax, shown, label=label, unit="number"),
        id="cross-informant",
        title=say(
            "{outcome} with 10 points more: {same} where one function does both, {other} where they are two",
            outcome=outcome, same=same, other=other,
        ),
        alt="; ".join(
            f"{row['label']}: {interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'number')}"
            for row in shown.to_dict("records")
        ),
        base=_companies_base(rows, evidence),
        size=size_for(labels),
        kind="forest",
    )  # fmt: skip


def _crossed_table(rows: pd.DataFrame, evidence: Evidence) -> Table:
    parts = {"same": "same source", "other": "other source", "apart": "difference"}
    keys = ["outcome", "label", "rater"]
    wide = rows[[*keys, "n", "companies", "note"]].drop_duplicates(keys).set_index(keys)
    for short, kind in parts.items():
        part = rows[rows["kind"] == kind].set_index(keys)
        names = {"estimate": short, "conf_low": f"{short}_low", "conf_high": f"{short}_high"}
        wide = wide.join(part[list(names)].rename(columns=names))
    shown = wide.reset_index()
    shown["who"] = shown["rater"].str.capitalize()
    shown["why"] = shown["note"].where(shown["note"] != "", say("too few companies to show"))
    columns = (
        Column("label", "Reported outcome"),
        Column("who", "Who rates alignment"),
        bounded("same", "The same function reports", "number", reason="why"),
        bounded("other", "The other reports", "number", reason="why"),
        bounded("apart", "Difference", "number", reason="why"),
        Column("n", "Company-years", "count"),
    )
    notes = [
        say(
            "Outcome, in its own unit, that goes with 10 points more on the index; waves apart, errors clustered by "
            "company. A difference above the noise is a sign that a common mood adds to what one function says. That "
            "the other function reports it too does not make it an effect."
        )
    ]
    if less := _less_is_better(rows, evidence):
        notes.append(
            say("Less is better of {outcomes}: there a number below 0 is the good one.", outcomes=less)
        )
    caption = say("Reported outcomes on the index, within a function and across")
    return Table(
        "cross-informant-table", caption, shown, columns, _companies_base(rows, evidence), tuple(notes)
    )


def _less_is_better(rows: pd.DataFrame, evidence: Evidence) -> str:
    """Name the outcomes of which less is better, "" if there are none."""
    less = rows.loc[rows["outcome"].map(evidence.panel.less_is_better).eq(True), "label"].unique()
    return sentence_list([in_sentence(str(name)) for name in less])


def _companies_base(rows: pd.DataFrame, evidence: Evidence) -> str:
    return say(
        "Base: {n} companies in which both functions answered, {waves}.",
        n=number_text(rows["companies"].max(), "count"),
        waves=all_waves(evidence),
    )


def _marker(evidence: Evidence) -> list[Block]:
    title, rows = say("Less what a marker shares with everything"), evidence.same_source.marker
    if rows.empty:
        return [not_available(title, evidence.same_source.why["marker"])]
    shown = with_titles(rows, evidence, key="outcome").assign(who=rows["function"].str.capitalize())
    shown["why"] = shown["note"].where(shown["note"] != "", say("too few companies to show"))
    columns = (
        Column("label", "Reported outcome"),
        Column("who", "Function"),
        Column("r", "Correlation with the index", "ratio", reason="why"),
        Column("marker_r", "Of it shared with the marker", "ratio", reason="why"),
        Column("adjusted", "What is left", "ratio", "conf_low", "conf_high", reason="why"),
        Column("adjusted_low", "At least", "ratio", reason="why"),
        Column("n", "Companies", "count"),
    )
    base = say("Base: companies of {wave}, as each function sees them.", wave=evidence.facts.latest)
    caption = say("Correlations of the index with reported outcomes, less what a marker shares with all")
    return [Table("marker-variable", caption, shown, columns, base, tuple(_marker_notes(shown, evidence)))]


def _marker_notes(shown: pd.DataFrame, evidence: Evidence) -> Iterator[str]:
    yield say(
        "A marker is a scale that has no reason to go with anything; its smallest positive correlation is taken for "
        "what one method adds to every other (Lindell and Whitney 2001). At least: with the upper end of the 95% "
        "interval of that correlation. Positive correlations shrink; negative ones grow, as the method adds to all."
    )
    if less := _less_is_better(shown, evidence):
        yield say(
            "Less is better of {outcomes}: they are turned, so that a correlation above 0 means better results.",
            outcomes=less,
        )
    yield from sorted({f"{str(text)[:1].upper()}{str(text)[1:]}." for text in shown["note"] if text})


def _method(evidence: Evidence) -> list[Block]:
    title, rows = say("With and without a method factor"), evidence.same_source.method
    if rows.empty:
        return [not_available(title, evidence.same_source.why["method"])]
    plain, shown = rows[rows["model"] == "none"].iloc[0], rows[rows["model"] != "none"]
    if shown["chisq"].isna().all():
        return [not_available(title, str(shown["note"].iloc[0]) or say("too few companies to show"))]
    why = shown["note"].where(shown["note"] != "", str(plain["note"]) or say("too few companies to show"))
    shown = shown.assign(
        label=[look_up(MODELS[model]) for model in shown["model"]],
        srmr_without=plain["srmr"],
        correlation_without=plain["correlation"],
        why=why.where(shown["share"].isna(), ""),
    )
    # With a marker the factor has statements of its own, so that one loading for all need not be assumed.
    marked = "equal" not in set(shown["model"])
    columns = (
        Column("label", "Method factor"),
        Column("share", "Variance of statements it takes", "growth", reason="why"),
        Column("delta_p", "p that it adds nothing", "p_value", reason="why"),
        Column("srmr_without", "SRMR without", "fit", reason="why"),
        Column("srmr", "SRMR with", "fit", reason="why"),
        Column("correlation_without", "Mean correlation of constructs without", "ratio", reason="why"),
        Column("correlation", "Mean correlation with", "ratio", reason="why"),
        Column("largest_change", "Largest change of one", "ratio", reason="why"),
        Column("n", "Respondents", "count", reason="why"),
    )
    apart = "crossed" not in evidence.same_source.why
    notes = (
        say(
            "Two factor models: constructs alone, and with a factor that goes with no construct and acts on all "
            "statements. Where the questionnaire has a marker of three statements, they tell what it is (Williams, "
            "Hartman and Cavazotte 2010); without one it may hold substance as well."
        )
        + " "
        + say(
            "Full-information maximum likelihood, errors robust and clustered by company, each function about its own "
            "mean."
            if apart
            else "Full-information maximum likelihood, errors robust and clustered by company."
        ),
        *(f"{row['label']}: {row['note']}." for row in shown.to_dict("records") if row["note"]),
    )
    base = say("Base: respondents of {wave}.", wave=evidence.facts.latest)
    return [Table("method-factor", _method_caption(shown, marked=marked), shown, columns, base, notes)]


def _method_caption(shown: pd.DataFrame, *, marked: bool) -> str:
    free = shown[shown["share"].notna()]
    if free.empty:
        return say("Factor models with and without a factor that all statements share")
    share = number_text(float(free.iloc[-1]["share"]), "growth")
    if not marked:
        return say(
            "A factor of all statements takes {share} of their variance, which cannot be told from substance",
            share=share,
        )
    return say("A method factor takes {share} of the variance of the statements", share=share)


def _harman(evidence: Evidence) -> list[Block]:
    """Show Harman's share with its warning, never without."""
    rows = evidence.same_source.harman
    if rows.empty:
        return [not_available(say("Harman's share"), evidence.same_source.why["harman"])]
    who = rows["function"].str.capitalize().mask(rows["function"] == "", say("Everybody"))
    shown = rows.assign(who=who, why=rows["note"].where(rows["note"] != "", say("too few companies to show")))
    columns = (
        Column("who", "Who answered"),
        Column("share", "Share of the first component", "percent", reason="why"),
        Column("n_items", "Statements", "count"),
        Column("n", "Respondents", "count"),
    )
    base = say("Base: respondents of {wave}.", wave=evidence.facts.latest)
    warning = str(rows["warning"].iloc[0])
    caption = say("Harman's share, which is no valid test of a common source")
    return [Table("harman", caption, shown, columns, base, (warning,))]
