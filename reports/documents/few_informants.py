"""The main slope as measured and as it would be without the error of scores from few informants."""

import numpy as np
import pandas as pd

from analysis.explain.corrections import doubtful, spread_of
from reports.documents.passages import all_waves, base
from reports.evidence import Evidence
from reports.numeral import Numeral
from reports.report import Block, Callout, Column, Table
from reports.tables import column_decimals
from survey.language import look_up, mark, say, spoken

SCALED = ["estimate", "std_error", "conf_low", "conf_high"]

METHODS = mark(
    "Regression calibration replaces a score by its best guess; SIMEX adds error, sees what it does and follows that "
    "back; errors in variables takes the error off the variances. All take the errors to be independent of the "
    "outcome, which a halo would break."
)


def few_informants(evidence: Evidence) -> list[Block]:
    """Table of the corrections side by side; nothing where the sampling errors are not known."""
    found = evidence.corrections
    if found.empty or found["estimate"].isna().all():
        return []
    rows = found.assign(**{name: 10 * found[name] for name in SCALED})
    columns = (
        Column("method", "Slope"),
        Column("estimate", "Per 10 points more", "slope", "conf_low", "conf_high", reason="note"),
        Column("p_value", "p", "p_value", reason="note"),
        Column("reliability", "Reliability, given the other terms", "ratio"),
        Column("n", "Company-years", "count"),
    )
    notes = tuple(
        f"{look_up(row['method'])}: {row['note']}." for row in rows.to_dict("records") if row["note"]
    )
    caption = say(
        "The slope of “{model}” as measured, and corrected for few informants", model=rows.iloc[0]["model"]
    )
    table = Table(
        "few-informants", caption, rows, columns,
        base(evidence, rows["companies"].max(), when=all_waves(evidence)), (look_up(METHODS), *notes),
        models=tuple(dict.fromkeys(rows["model"])),
    )  # fmt: skip
    return [table, *_unreliable(rows)]


def _unreliable(rows: pd.DataFrame) -> list[Block]:
    """Say how far the corrections lie apart, and that they cannot be relied on where they say so themselves."""
    if not doubtful(rows):
        return []
    places = column_decimals(rows, Column("estimate", "Slope", "slope", "conf_low", "conf_high"))
    found = (*spread_of(rows), rows.iloc[0]["estimate"])
    if np.isnan(found).any():
        return []
    low, high, naive = (Numeral("slope", places, spoken()).write(value) for value in found)
    text = say(
        "The corrected slopes run from {low} to {high}, as measured it is {naive}. The scores of these companies "
        "hold so much error that the size of the correction depends on the method; take the slope as measured for the "
        "least, and the corrected ones for an indication."
        if low != high
        else "The corrected slope is {low}, as measured it is {naive}. The scores of these companies hold so much "
        "error that the size of the correction is uncertain; take the slope as measured for the least, and the "
        "corrected one for an indication.",
        low=low,
        high=high,
        naive=naive,
    )
    return [Callout("caution", say("The correction is not reliable here"), text)]
