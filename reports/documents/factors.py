"""Whether each statement measures its own construct: the factor model, its loadings, what it leaves over."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from analysis.measure.verdicts import HTMT_CUTS
from reports.documents.factor_fit import fit_in_words, fit_table
from reports.documents.passages import (
    across,
    by_function,
    functions_of,
    grouped,
    not_available,
    people,
    sentence_list,
)
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.item_rows import item_label, item_size, pages
from reports.figures.loading_dots import loading_dots
from reports.report import Block, Bullets, Column, Figure, Heading, Paragraph, Table
from reports.tables import interval_text, number_text
from reports.titles import title_of
from reports.wording import word
from survey.language import look_up, say

LARGE = 0.10
"""Residual correlation that is worth a word (Kline 2016, Principles and Practice of Structural Equation Modeling)."""

WEAK = 0.5
"""Loading below which a quarter or less of a statement is its construct."""


def factors(evidence: Evidence) -> list[Block]:
    """Show how the factor model of the questionnaire fits, its loadings and what it leaves over."""
    found = evidence.measurement
    title = say("Does each statement measure its own construct?")
    if found.fit.empty:
        return []
    if found.fit["srmr"].isna().all():
        blocks: list[Block] = [not_available(title, _reasons(found.fit))]
        told = tuple(_eigenvalues(evidence))
        return [*blocks, Bullets(told)] if told else blocks
    return [
        Heading(title),
        Paragraph(fit_in_words(found.fit, evidence)),
        fit_table(found.fit, evidence),
        Bullets(tuple(_left_over(evidence))),
        *_figures(evidence),
    ]


def _reasons(fit: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(note for note in fit["note"] if note)) or word("suppressed")


def _figures(evidence: Evidence) -> Iterator[Figure]:
    """Draw the loadings, sorted within each construct, on as many pages as they need."""
    rows = by_function(evidence.measurement.loadings)
    if rows["estimate"].isna().all():
        return
    text = rows["item"].map(lambda item: title_of(item, evidence.panel))
    rows = rows.assign(text=text, group=rows["construct"].map(lambda name: title_of(name, evidence.panel)))
    rows["label"] = unique_labels(rows)
    order = rows.groupby("item")["estimate"].transform("mean")
    rows = rows.assign(order=order, place=pd.factorize(rows["construct"])[0])
    rows = rows.sort_values(["place", "order"], ascending=[True, False], na_position="last", kind="stable")
    title = _strong(rows[rows["estimate"].notna()])
    parts = pages(rows)
    for number, part in enumerate(parts, start=1):
        end = f"-{number}" if number > 1 else ""
        yield render(
            partial(
 loading_dots, frame=part, weak=WEAK, label=say("Standardised loading with 95% interval")),
            id=f"loadings{end}",
            title=title if number == 1 else say("{title}, continued", title=title),
            alt="; ".join(
                f"{row['text']} {look_up(row['function'])}: "
                f"{interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'ratio', reason=row['note'])}"
                for row in part.to_dict("records")
            ),
            base=f"{people(evidence, rows)} {say('In the band a quarter or less of a statement is its construct.')}",
            size=item_size(part),
            data=_loading_table(rows, evidence) if number == 1 else None,
            kind="loading_dots",
        )  # fmt: skip


def _strong(known: pd.DataFrame) -> str:
    """Say how many statements load well on their construct, in the functions that have loadings."""
    strong = int((known.groupby("item")["estimate"].min() >= WEAK).sum())
    counts = {"n": strong, "known": known["item"].nunique(), "least": number_text(WEAK, "ratio")}
    functions = list(known["function"].unique())
    if functions == [""]:
        return say("{n} of {known} statements load {least} or more on their construct", **counts)
    if len(functions) > 1:
        return say(
            "{n} of {known} statements load {least} or more on their construct in both functions", **counts
        )
    return say(
        "{n} of {known} statements load {least} or more on their construct in {function}",
        function=look_up(functions[0]),
        **counts,
    )


def unique_labels(rows: pd.DataFrame) -> pd.Series:
    """Return the statements cut to a line; where two would look alike, with their ids."""
    labels = rows["text"].map(item_label)
    alike = rows["item"].groupby([rows["construct"], labels]).transform("nunique") > 1
    return labels.where(~alike, rows["item"])


def _loading_table(rows: pd.DataFrame, evidence: Evidence) -> Table:
    shown = rows.drop(columns=["order", "place"]).reset_index(drop=True)
    loading = Column(
        "estimate", "Loading, standardised", "ratio", low="conf_low", high="conf_high", reason="note"
    )
    columns: tuple[Column, ...] = (loading,)
    if grouped(rows):
        keys, called = ["group", "item", "text"], functions_of(rows)
        shown, columns = across(shown, keys, columns, by="function", called=called)
    return Table(
        "loadings-data", say("Loadings of the statements on their constructs"), shown,
        (Column("text", "Statement"), *columns), people(evidence, rows), group="group",
    )  # fmt: skip


def _left_over(evidence: Evidence) -> Iterator[str]:
    """Say what the model leaves over, where it would gain most, and how many factors the answers hold."""
    misfits = evidence.measurement.misfits
    for function, rows in misfits.groupby("function", sort=False):
        residuals = rows[(rows["kind"] == "residual") & rows["size"].notna()]
        large = residuals[residuals["size"].abs() >= LARGE]
        if len(residuals):
            yield _of(str(function), _residuals(residuals, large, evidence))
        gains = rows[(rows["kind"] != "residual") & rows["size"].notna()]
        if len(gains):
            yield _of(str(function), _gain(gains.iloc[0], evidence))
    yield from _eigenvalues(evidence)


def _residuals(residuals: pd.DataFrame, large: pd.DataFrame, evidence: Evidence) -> str:
    if large.empty:
        most = number_text(residuals["size"].abs().max(), "ratio")
        return say(
            "no two statements go together otherwise than the model says by {least} or more (at most {most}).",
            least=number_text(LARGE, "ratio"),
            most=most,
        )
    told = [
        say(
            "“{item}” and “{other}” ({size})",
            item=title_of(row["item"], evidence.panel),
            other=title_of(row["other"], evidence.panel),
            size=("+" if row["size"] > 0 else "−") + number_text(abs(row["size"]), "ratio"),
        )
        for row in large.head(3).to_dict("records")
    ]
    if len(large) > 3:
        return say(
            "more (+) or less (−) in common than the model says have {pairs}, and {n} or more other pairs.",
            pairs=sentence_list(told),
            n=len(large) - 3,
        )
    return say("more (+) or less (−) in common than the model says have {pairs}.", pairs=sentence_list(told))


def _gain(row: pd.Series, evidence: Evidence) -> str:
    values = {
        "item": title_of(str(row["item"]), evidence.panel),
        "other": title_of(str(row["other"]), evidence.panel),
        "fall": number_text(row["statistic"], "count"),
        "size": number_text(row["size"], "ratio"),
    }
    if row["kind"] == "loading":
        return say(
            "the model would gain most if it let “{item}” measure {other} too (chi-square would fall by {fall}; "
            "expected size {size}). That is a question about the statement, no licence to change the model.",
            **values,
        )
    return say(
        "the model would gain most if it let “{item}” and “{other}” share more than their constructs (chi-square would "
        "fall by {fall}; expected size {size}). That is a question about the statement, no licence to change the "
        "model.",
        **values,
    )


def _eigenvalues(evidence: Evidence) -> Iterator[str]:
    table, fit = evidence.measurement.eigenvalues, evidence.measurement.fit
    known = fit[fit["factors"].notna()]
    if known.empty:
        return
    counts = [
        say("{n} in {function}", n=f"{row['factors']:.0f}", function=look_up(row["function"]))
        if row["function"]
        else f"{row['factors']:.0f}"
        for row in known.to_dict("records")
    ]
    first = table[(table["function"] == known["function"].iloc[0]) & table["eigenvalue"].notna()].head(3)
    values, random = (
        _separated([number_text(value, "ratio") for value in first[name]])
        for name in ("eigenvalue", "random")
    )
    asked = evidence.measurement.loadings["construct"].nunique()
    fewer = known["factors"].max() < asked
    said = say(
        "Parallel analysis (how many dimensions beat unrelated answers): {counts}. Largest eigenvalues {values}, "
        "against {random} by chance.",
        counts=sentence_list(counts),
        values=values,
        random=random,
    )
    yield f"{said} {_not_parted(evidence, asked)}" if fewer else said


def _separated(numbers: list[str]) -> str:
    """Join numbers: with commas, unless these are what decimals begin with."""
    return (", " if "," not in "".join(numbers) else "; ").join(numbers)


def _not_parted(evidence: Evidence, asked: int) -> str:
    """Say why answers alone show fewer dimensions than there are constructs, as far as that is known."""
    pairs = evidence.measurement.validity
    if len(pairs) and (pairs["htmt"] > HTMT_CUTS[0]).any():
        return say(
            "The questionnaire has {n} constructs: some go together so closely that answers alone do not part them "
            "all.",
            n=asked,
        )
    return say(
        "The questionnaire has {n} constructs: statements that hardly go together, few statements or few respondents "
        "keep answers alone from parting them.",
        n=asked,
    )


def _of(function: str, sentence: str) -> str:
    """Say a sentence of a function, where there are functions; what is said begins in upper case."""
    said = f"{look_up(function.capitalize())}: {sentence}" if function else sentence
    return said[:1].upper() + said[1:]
