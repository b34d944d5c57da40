"""How well the factor model of the questionnaire fits: in words, and measure by measure."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from analysis.measure.verdicts import FIT_CUTS, HTMT_CUTS, level_of
from reports.documents.passages import by_function, grouped, people, sentence_list
from reports.evidence import Evidence
from reports.judged import judged_text
from reports.report import Column, Table
from reports.tables import number_text
from reports.titles import title_of
from reports.wording import word
from survey.language import look_up, mark, say

Row = Mapping[Any, Any]
"""One function's measures of fit."""

MEASURES = {"cfi": "CFI", "tli": "TLI", "rmsea": mark("RMSEA (90% interval)"), "srmr": "SRMR"}


def fit_in_words(fit: pd.DataFrame, evidence: Evidence) -> str:
    """Say what the model claims and how it fares, the worse function counting."""
    levels = {name: _worst(fit, name) for name in ("cfi", "rmsea", "srmr")}
    known = [level for level in levels.values() if level]
    worst = "weak" if "weak" in known else "fair" if "fair" in known else "good"
    constructs = sentence_list(
        [title_of(name, evidence.panel) for name in evidence.measurement.loadings["construct"].unique()]
    )
    claim = say(
        "The questionnaire claims that each statement measures its own construct and no other ({constructs}), and "
        "that constructs go together.",
        constructs=constructs,
    )
    if fit["cfi"].isna().all():
        return f"{claim} {say('Whether that fits cannot be tested; why stands under the table.')}"
    verdict = (VERDICTS_BY_FUNCTION if grouped(fit) else VERDICTS)[worst]
    unparted = _unparted(evidence)
    if not unparted:
        return f"{claim} {say('{verdict}.', verdict=look_up(verdict))}"
    return f"{claim} {say('{verdict}, but does not part {pairs}.', verdict=look_up(verdict), pairs=unparted)}"


VERDICTS = {
    "good": mark("It fits well by the usual limits"),
    "fair": mark("It fits fairly by the usual limits"),
    "weak": mark("It fits badly by the usual limits"),
}
VERDICTS_BY_FUNCTION = {
    "good": mark("It fits well by the usual limits; of the functions the worse one counts"),
    "fair": mark("It fits fairly by the usual limits; of the functions the worse one counts"),
    "weak": mark("It fits badly by the usual limits; of the functions the worse one counts"),
}
"""How a model fares, where there is one function or none, and where there are several."""


def _unparted(evidence: Evidence) -> str:
    """Name the constructs that a model which fits does not part all the same."""
    pairs = evidence.measurement.validity
    if pairs.empty:
        return ""
    close = pairs[pairs["htmt"] > HTMT_CUTS[1]].drop_duplicates(["construct_a", "construct_b"])
    named = [
        say("{a} from {b}", a=title_of(a, evidence.panel), b=title_of(b, evidence.panel))
        for a, b in close[["construct_a", "construct_b"]].to_numpy().tolist()
    ]
    told, limit = sentence_list(named[:3]), number_text(HTMT_CUTS[1], "ratio")
    if len(named) > 3:
        return say(
            "{pairs} and {n} other pairs (HTMT above {limit})", pairs=told, n=len(named) - 3, limit=limit
        )
    return say("{pairs} (HTMT above {limit})", pairs=told, limit=limit) if named else ""


def _worst(fit: pd.DataFrame, measure: str) -> str | None:
    found = [level for value in fit[measure] if (level := level_of(value, FIT_CUTS[measure]))]
    return next((level for level in ("weak", "fair", "good") if level in found), None)


def fit_table(fit: pd.DataFrame, evidence: Evidence) -> Table:
    """One row per measure, one column per function, and what is good in words."""
    shown = by_function(fit)
    counts = _column(shown, lambda row: number_text(row["n"], "count"))
    said = say("p from .05: no misfit found; large samples find the smallest")
    rows = [
        {"label": say("Respondents"), **counts, "said": ""},
        {"label": say("Chi-square, scaled"), **_column(shown, _chi_square), "said": said},
    ]
    for name, label in MEASURES.items():
        row = _column(shown, partial(_measure, name=name))
        rows.append({"label": look_up(label), **row, "said": _limits(*FIT_CUTS[name])})
    columns = [
        Column(str(name), name.capitalize() if name != "study" else say("Value")) for name in shown["class"]
    ]
    notes = [
        say(
            "CFI and TLI: how much of what statements have in common the model accounts for. RMSEA and SRMR: how much "
            "it leaves over. Maximum likelihood, robust to answers that are not normal, companies as clusters."
        ),
        *(
            f"{look_up(row['who']) or say('All')}: {row['note']}."
            for row in shown.to_dict("records")
            if row["note"]
        ),
    ]
    return Table(
        "factor-fit", say("How the factor model fits"), pd.DataFrame(rows),
        (Column("label", "Measure"), *columns, Column("said", "What is good")), people(evidence, fit), tuple(notes),
    )  # fmt: skip


def _limits(good: float, fair: float) -> str:
    """Say in words from where on, or up to where, a measure is good and fair."""
    ends = {"good": number_text(good, "ratio"), "fair": number_text(fair, "ratio")}
    if good > fair:
        return say("good from {good}, fair from {fair}", **ends)
    return say("good up to {good}, fair up to {fair}", **ends)


def _column(shown: pd.DataFrame, write: Callable[[Row], str]) -> dict[str, str]:
    return {row["class"]: write(row) for row in shown.to_dict("records")}


def _chi_square(row: Row) -> str:
    if pd.isna(row["chisq"]):
        return say("cannot be tested")
    chisq, df = (number_text(row[name], "count") for name in ("chisq", "df"))
    if row["p_value"] < 0.001:
        return say("{chisq} on {df} df (p below {p})", chisq=chisq, df=df, p=number_text(0.001, "p_value"))
    return say("{chisq} on {df} df (p {p})", chisq=chisq, df=df, p=number_text(row["p_value"], "p_value"))


def _measure(row: Row, name: str) -> str:
    value = row[name]
    if pd.isna(value):
        return say("cannot be tested")
    text = judged_text(value, "fit", FIT_CUTS[name])
    if name == "rmsea":
        ends = [number_text(row[f"rmsea_{end}"], "fit") for end in ("low", "high")]
        text = f"{text} ({ends[0]} {word('to')} {ends[1]})"
    return f"{text}, {look_up(level_of(value, FIT_CUTS[name]) or '')}"
