"""Whether each statement measures its own construct: the factor model in words, loadings, what it leaves over."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from analysis.measure.verdicts import FIT_CUTS, HTMT_CUTS, level_of
from reports.documents.passages import by_function, grouped, not_available, people, sentence_list, who_columns
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.item_rows import item_label, item_size, pages
from reports.figures.loading_dots import loading_dots
from reports.judged import judged_text
from reports.report import Block, Bullets, Column, Figure, Heading, Paragraph, Table
from reports.tables import interval_text, number_text
from reports.titles import title_of

Row = Mapping[Any, Any]
"""One function's measures of fit."""

LARGE = 0.10
"""Residual correlation that is worth a word (Kline 2016, Principles and Practice of Structural Equation Modeling)."""

WEAK = 0.5
"""Loading below which a quarter or less of a statement is its construct."""

MEASURES = {"cfi": "CFI", "tli": "TLI", "rmsea": "RMSEA (90% interval)", "srmr": "SRMR"}


def factors(evidence: Evidence) -> list[Block]:
    """Show how the factor model of the questionnaire fits, its loadings and what it leaves over."""
    found = evidence.measurement
    title = "Does each statement measure its own construct?"
    if found.fit.empty:
        return []
    if found.fit["srmr"].isna().all():
        blocks: list[Block] = [not_available(title, _reasons(found.fit))]
        told = tuple(_eigenvalues(evidence))
        return [*blocks, Bullets(told)] if told else blocks
    return [
        Heading(title),
        Paragraph(_in_words(found.fit, evidence)),
        _fit_table(found.fit, evidence),
        *_figures(evidence),
        Bullets(tuple(_left_over(evidence))),
    ]


def _reasons(fit: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(note for note in fit["note"] if note)) or "too few cases to show"


def _in_words(fit: pd.DataFrame, evidence: Evidence) -> str:
    """Say what the model claims and how it fares, the worse function counting."""
    names = {"good": "fits well", "fair": "fits fairly", "weak": "fits badly"}
    levels = {name: _worst(fit, name) for name in ("cfi", "rmsea", "srmr")}
    known = [level for level in levels.values() if level]
    worst = "weak" if "weak" in known else "fair" if "fair" in known else "good"
    constructs = sentence_list(
        [title_of(name, evidence.panel) for name in evidence.measurement.loadings["construct"].unique()]
    )
    claim = (
        f"The questionnaire claims that each statement measures its own construct and no other ({constructs}), and "
        "that constructs go together."
    )
    if fit["cfi"].isna().all():
        return f"{claim} Whether that fits cannot be tested; why stands under the table."
    of_worse = "; of the functions the worse one counts" if grouped(fit) else ""
    return f"{claim} It {names[worst]} by the usual limits{of_worse}{_unparted(evidence)}."


def _unparted(evidence: Evidence) -> str:
    """Name the constructs that a model which fits does not part all the same."""
    pairs = evidence.measurement.validity
    if pairs.empty:
        return ""
    close = pairs[pairs["htmt"] > HTMT_CUTS[1]].drop_duplicates(["construct_a", "construct_b"])
    named = [
        f"{title_of(a, evidence.panel)} from {title_of(b, evidence.panel)}"
        for a, b in close[["construct_a", "construct_b"]].to_numpy().tolist()
    ]
    more = f" and {len(named) - 3} other pairs" if len(named) > 3 else ""
    return (
        f", but does not part {sentence_list(named[:3])}{more} (HTMT above {HTMT_CUTS[1]:.2f})"
        if named
        else ""
    )


def _worst(fit: pd.DataFrame, measure: str) -> str | None:
    found = [level for value in fit[measure] if (level := level_of(value, FIT_CUTS[measure]))]
    return next((level for level in ("weak", "fair", "good") if level in found), None)


def _fit_table(fit: pd.DataFrame, evidence: Evidence) -> Table:
    """One row per measure, one column per function, and what is good in words."""
    shown = by_function(fit)
    rows = [
        {"label": "Respondents", **_column(shown, lambda row: number_text(row["n"], "count")), "said": ""}
    ]
    rows.append(
        {
            "label": "Chi-square, scaled",
            **_column(shown, _chi_square),
            "said": "p from .05: no misfit found; large samples find the smallest",
        }
    )
    for name, label in MEASURES.items():
        good, fair = FIT_CUTS[name]
        more = good > fair
        said = f"good {'from' if more else 'up to'} {good:.2f}, fair {'from' if more else 'up to'} {fair:.2f}"
        rows.append({"label": label, **_column(shown, partial(_measure, name=name)), "said": said})
    columns = [
        Column(str(name), name.capitalize() if name != "study" else "Value") for name in shown["class"]
    ]
    notes = [
        "CFI and TLI: how much of what statements have in common the model accounts for. RMSEA and SRMR: how much it "
        "leaves over. Maximum likelihood, robust to answers that are not normal, companies as clusters.",
        *(f"{row['who'] or 'All'}: {row['note']}." for row in shown.to_dict("records") if row["note"]),
    ]
    return Table(
        "factor-fit", "How the factor model fits", pd.DataFrame(rows),
        (Column("label", "Measure"), *columns, Column("said", "What is good")), people(evidence, fit), tuple(notes),
    )  # fmt: skip


def _column(shown: pd.DataFrame, write: Callable[[Row], str]) -> dict[str, str]:
    return {row["class"]: write(row) for row in shown.to_dict("records")}


def _chi_square(row: Row) -> str:
    if pd.isna(row["chisq"]):
        return "cannot be tested"
    return f"{row['chisq']:.0f} on {row['df']:.0f} df (p {_p_text(row['p_value'])})"


def _p_text(value: float) -> str:
    return "below 0.001" if value < 0.001 else number_text(value, "p_value")


def _measure(row: Row, name: str) -> str:
    value = row[name]
    if pd.isna(value):
        return "cannot be tested"
    text = judged_text(value, "fit", FIT_CUTS[name])
    if name == "rmsea":
        ends = [number_text(row[f"rmsea_{end}"], "fit") for end in ("low", "high")]
        text = f"{text} ({' to '.join(ends)})"
    return f"{text}, {level_of(value, FIT_CUTS[name])}"


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
    known = rows[rows["estimate"].notna()]
    strong = int((known.groupby("item")["estimate"].min() >= WEAK).sum())
    title = f"{strong} of {known['item'].nunique()} statements load {WEAK:.2f} or more on their construct"
    if grouped(rows):
        title += " in both functions" if grouped(known) else f" in {known['function'].iloc[0]}"
    parts = pages(rows)
    for number, part in enumerate(parts, start=1):
        end = f"-{number}" if number > 1 else ""
        yield render(
            partial(
 loading_dots, frame=part, weak=WEAK, label="Standardised loading with 95% interval"),
            id=f"loadings{end}",
            title=title if number == 1 else f"{title}, continued",
            alt="; ".join(
                f"{row['text']} {row['function']}: "
                f"{interval_text(row['estimate'], row['conf_low'], row['conf_high'], 'ratio', reason=row['note'])}"
                for row in part.to_dict("records")
            ),
            base=f"{people(evidence, rows)} In the band a quarter or less of a statement is its construct.",
            size=item_size(part),
            data=_loading_table(rows, evidence) if number == 1 else None,
            kind="loading_dots",
        )  # fmt: skip


def unique_labels(rows: pd.DataFrame) -> pd.Series:
    """Return the statements cut to a line; where two would look alike, with their ids."""
    labels = rows["text"].map(item_label)
    alike = rows["item"].groupby([rows["construct"], labels]).transform("nunique") > 1
    return labels.where(~alike, rows["item"])


def _loading_table(rows: pd.DataFrame, evidence: Evidence) -> Table:
    columns = (
        Column("text", "Statement"),
        *who_columns(rows),
        Column("estimate", "Loading, standardised", "ratio", low="conf_low", high="conf_high", reason="note"),
        Column("n", "Respondents", "count"),
    )
    shown = rows.drop(columns=["order", "place"]).reset_index(drop=True)
    return Table(
        "loadings-data", "Loadings of the statements on their constructs", shown, columns, people(evidence, rows),
        group="group",
    )  # fmt: skip


def _left_over(evidence: Evidence) -> Iterator[str]:
    """Say what the model leaves over, where it would gain most, and how many factors the answers hold."""
    misfits = evidence.measurement.misfits
    for function, rows in misfits.groupby("function", sort=False):
        who = f"{str(function).capitalize()}: " if function else ""
        residuals = rows[(rows["kind"] == "residual") & rows["size"].notna()]
        large = residuals[residuals["size"].abs() >= LARGE]
        if len(residuals):
            yield _begun(who + _residuals(residuals, large, evidence))
        gains = rows[(rows["kind"] != "residual") & rows["size"].notna()]
        if len(gains):
            yield _begun(who + _gain(gains.iloc[0], evidence))
    yield from _eigenvalues(evidence)


def _residuals(residuals: pd.DataFrame, large: pd.DataFrame, evidence: Evidence) -> str:
    if large.empty:
        most = number_text(residuals["size"].abs().max(), "ratio")
        return f"no two statements go together otherwise than the model says by {LARGE:.2f} or more (at most {most})."
    told = [
        f"“{title_of(row['item'], evidence.panel)}” and “{title_of(row['other'], evidence.panel)}” "
        f"({'+' if row['size'] > 0 else '−'}{abs(row['size']):.2f})"
        for row in large.head(3).to_dict("records")
    ]
    more = f", and {len(large) - 3} or more other pairs" if len(large) > 3 else ""
    return f"more (+) or less (−) in common than the model says have {sentence_list(told)}{more}."


def _gain(row: pd.Series, evidence: Evidence) -> str:
    item = title_of(str(row["item"]), evidence.panel)
    other = title_of(str(row["other"]), evidence.panel)
    freed = (
        f"let “{item}” measure {other} too"
        if row["kind"] == "loading"
        else f"let “{item}” and “{other}” share more than their constructs"
    )
    return (
        f"the model would gain most if it {freed} (chi-square would fall by {row['statistic']:.0f}; expected size "
        f"{number_text(row['size'], 'ratio')}). That is a question about the statement, no licence to change the model."
    )  # fmt: skip


def _eigenvalues(evidence: Evidence) -> Iterator[str]:
    table, fit = evidence.measurement.eigenvalues, evidence.measurement.fit
    known = fit[fit["factors"].notna()]
    if known.empty:
        return
    counts = [
        f"{row['factors']:.0f}{' in ' + row['function'] if row['function'] else ''}"
        for row in known.to_dict("records")
    ]
    first = table[(table["function"] == known["function"].iloc[0]) & table["eigenvalue"].notna()].head(3)
    values = ", ".join(number_text(value, "ratio") for value in first["eigenvalue"])
    random = ", ".join(number_text(value, "ratio") for value in first["random"])
    asked = evidence.measurement.loadings["construct"].nunique()
    fewer = known["factors"].max() < asked
    meaning = f" The questionnaire has {asked} constructs: {_not_parted(evidence)}." if fewer else ""
    yield (
        f"Parallel analysis (how many dimensions beat unrelated answers): {sentence_list(counts)}. "
        f"Largest eigenvalues {values}, against {random} by chance.{meaning}"
    )  # fmt: skip


def _not_parted(evidence: Evidence) -> str:
    """Say why answers alone show fewer dimensions than there are constructs, as far as that is known."""
    pairs = evidence.measurement.validity
    if len(pairs) and (pairs["htmt"] > HTMT_CUTS[0]).any():
        return "some go together so closely that answers alone do not part them all"
    return "statements that hardly go together, few statements or few respondents keep answers alone from parting them"


def _begun(sentence: str) -> str:
    """Begin a sentence in upper case."""
    return sentence[:1].upper() + sentence[1:]
