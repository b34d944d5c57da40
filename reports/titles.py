"""What a column is called in front of people: from the instrument, else from the column's own name."""

from analysis.measure.panel import Panel

FIXED = {
    "gap": "Gap between the functions",
    "abs_gap": "Size of the gap",
    "agreement": "Agreement within functions",
    "reliability": "Reliability of the score",
    "n": "Respondents",
    "company": "Company",
    "wave": "Wave",
}


def title_of(column: str, panel: Panel, *, language: str = "en") -> str:
    """Return the title of a panel column.

    Constructs, outcomes and the index have titles in the instrument; single questions and practices are
    known by their wording; anything else by its name with spaces for underscores.
    """
    instrument = panel.instrument
    spoken = language if language in instrument.languages else instrument.languages[0]
    if column == "alignment":
        return instrument.index[spoken]
    if column in instrument.constructs:
        return instrument.constructs[column].title[spoken]
    if column in instrument.outcomes:
        return instrument.outcomes[column].title[spoken]
    if column in instrument.practices:
        return instrument.practices[column].title[spoken]
    if column in instrument.columns:
        return instrument.columns[column].text[spoken].rstrip(".")
    return FIXED.get(column, column.replace("_", " ").capitalize())


def in_sentence(title: str) -> str:
    """Begin a title in lower case, as inside a sentence; abbreviations stay.

    Examples
    --------
    >>> in_sentence("Revenue growth"), in_sentence("ROI of marketing")
    ('revenue growth', 'ROI of marketing')
    """
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
