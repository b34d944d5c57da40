"""What a column is called in front of people: from the instrument, else from the column's own name."""

import pandas as pd

from analysis.measure.panel import Panel
from survey.language import in_sentence, look_up, mark, short, spoken

__all__ = ["at_start", "in_sentence", "names_of", "title_of"]

FIXED = {
    "gap": mark("Gap between the functions"),
    "abs_gap": mark("Size of the gap"),
    "agreement": mark("Agreement within functions"),
    "reliability": mark("Reliability of the score"),
    "n": mark("Respondents"),
    "company": mark("Company"),
    "wave": mark("Wave"),
}


def title_of(column: str, panel: Panel, *, language: str = "") -> str:
    """Return the title of a panel column.

    Constructs, outcomes and the index have titles in the instrument; single questions and practices are
    known by their wording; anything else by its name with spaces for underscores.
    """
    instrument, own = panel.instrument, _language_of(panel, language)
    if column == "alignment":
        return instrument.index[own]
    if column in instrument.constructs:
        return instrument.constructs[column].title[own]
    if column in instrument.outcomes:
        return instrument.outcomes[column].title[own]
    if column in instrument.practices:
        return instrument.practices[column].title[own]
    if column in instrument.columns:
        return instrument.columns[column].text[own].rstrip(".")
    return look_up(FIXED[column]) if column in FIXED else look_up(column.replace("_", " ")).capitalize()


def names_of(panel: Panel, language: str) -> frozenset[str]:
    """Return what the study itself calls things: its constructs, practices, outcomes and the values of its facts."""
    instrument, own = panel.instrument, _language_of(panel, language)
    declared = (instrument.constructs, instrument.practices, instrument.outcomes)
    titles = {one.title[own] for group in declared for one in group.values()}
    facts: pd.DataFrame = panel.frame.select_dtypes("str")
    return frozenset(titles.union([instrument.index[own]], *(facts[name].dropna() for name in facts)))


def _language_of(panel: Panel, language: str) -> str:
    """Return the language that the titles of a study are said in: the one that is spoken, else its first."""
    wanted, known = language or spoken(), panel.instrument.languages
    return next((code for code in (wanted, short(wanted)) if code in known), known[0])


def at_start(text: str) -> str:
    """Begin a text with a capital, as a sentence or a label.

    Examples
    --------
    >>> at_start("failed attention check"), at_start("")
    ('Failed attention check', '')
    """
    return text[:1].upper() + text[1:]
