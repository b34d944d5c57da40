"""Fixed words of every report: the ones that belong to no study and no document."""

from collections.abc import Mapping
from functools import cache

from babel import Locale, UnknownLocaleError

from survey.language import languages, look_up, mark, short, speaking, spoken

WORDS: dict[str, str] = {
    "to": mark("to"),
    "no_interval": mark("no interval"),
    "at_least": mark("at least"),
    "at_most": mark("at most"),
    "unavailable": mark("not available"),
    "suppressed": mark("too few cases to show"),
    "protects": mark("protects other cells"),
    "yes": mark("yes"),
    "no": mark("no"),
    "point": mark("point"),
    "points": mark("points"),
    "percentage_point": mark("percentage point"),
    "percentage_points": mark("percentage points"),
    "contents": mark("Contents"),
    "appendix": mark("Appendix"),
    "page": mark("page"),
    "logo": mark("Logo"),
    "skip": mark("Skip to the report"),
    "figure": mark("Figure"),
    "table": mark("Table"),
    "numbers_behind": mark("The numbers behind figure"),
    "numbers_behind_all": mark("The numbers behind the figures"),
    "scroll": mark("scrolls sideways"),
    "caution": mark("Read with care"),
    "definition": mark("What this means"),
    "finding": mark("What was found"),
    "how_sure": mark("How sure"),
    "caveat": mark("Keep in mind"),
    "evidence": mark("See the evidence"),
    "high": mark("high"),
    "moderate": mark("moderate"),
    "low": mark("low"),
    "certainty_title": mark("How sure we are, in three words"),
    "certainty_high": mark(
        "The data settle it: the interval is narrow, or leaves no doubt about the direction of a "
        "difference, and no known weakness of the study is likely to turn it round."
    ),
    "certainty_moderate": mark(
        "The data point one way, but the interval is wide or a known weakness of the study could "
        "change the size."
    ),
    "certainty_low": mark(
        "A first indication: few cases, a wide interval or a weakness that could turn it round. Do "
        "not act on it alone."
    ),
    "base": mark("Base"),
    "notes": mark("Notes"),
    "no_rows": mark("There is nothing to show here."),
    "no_value": mark("no value"),
    "interval": mark("95% interval"),
    "lower_end": mark("lower end"),
    "upper_end": mark("upper end"),
    "unit": mark("unit"),
    "index": mark("Index"),
    "sheet": mark("Sheet"),
    "rows": mark("Rows"),
    "back": mark("Back to the index"),
    "sales": mark("Sales"),
    "marketing": mark("Marketing"),
    "gap": mark("Gap"),
    "of": mark("of"),
    "undefined": mark("undefined"),
    "defined": mark("defined"),
    "aligned": mark("aligned"),
    "integrated": mark("integrated"),
    "you": mark("you"),
    "median": mark("Median"),
    "best in class": mark("best in class"),
    "average": mark("average"),
    "laggard": mark("laggard"),
    "world-class": mark("world-class"),
    "rest": mark("rest"),
    "published": mark("published"),
    "good": mark("good"),
    "fair": mark("fair"),
    "weak": mark("weak"),
    "with_outcome": mark("with"),
    "without_outcome": mark("without"),
    "declared": mark("declared beforehand"),
    "exploratory": mark("exploratory"),
    "fit": mark("fitted line with its 95% band"),
    "one_company": mark("a company in one wave"),
    "agreement": mark("both say the same"),
    "incongruence": mark("same mean, further and further apart"),
    "bins": mark("mean of a group of companies, 95% interval"),
    "start_here": mark("Matters more, and further behind: start here"),
    "chart": mark("chart"),
    "what_chart_draws": mark("What the chart draws"),
    "drawn_points": mark("points"),
    "drawn_bars": mark("bars"),
    "drawn_texts": mark("texts"),
    "drawn_line": mark("guide line"),
    "overview": mark("The answers in brief"),
    "question": mark("Question"),
    "answer": mark("Answer"),
    "slide": mark("Slide"),
    "findings": mark("What was found, and how sure it is"),
    "result": mark("Result"),
    "backup": mark("Backup"),
    "backup_title": mark("Backup: how solid the numbers are"),
    "backup_shown": mark("On the slides that follow"),
    "backup_left": mark("In the report only"),
    "sheet_of": mark("{title}: sheet “{sheet}” of tables.xlsx."),
    "other_rows": mark("The other rows stand in the report."),
    "rest_in_report": mark("The rest stands in the report."),
}
"""English wording by key; other languages have theirs in the catalogues."""


@cache
def speaks(language: str) -> bool:
    """Whether there is wording in a language, and its region, if it names one, is known.

    Examples
    --------
    >>> speaks("de-AT"), speaks("de-XX"), speaks("xx")
    (True, False, False)
    """
    try:
        Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return False
    return short(language) in languages()


def word(key: str, language: str = "") -> str:
    """Return the fixed wording of `key` in `language`, of which the region is ignored.

    Raises
    ------
    ValueError
        If there is no wording in that language, or none for that key.

    Examples
    --------
    >>> word("to", "de-AT"), word("how_sure")
    ('bis', 'How sure')
    """
    wanted = language or spoken()
    if not speaks(wanted):
        raise ValueError(f"there is no wording in {language!r}; known languages are {', '.join(languages())}")
    if key not in WORDS:
        raise ValueError(f"there is no wording for {key!r}")
    with speaking(wanted, names=frozenset()):
        return look_up(WORDS[key])


def known_word(key: str, language: str = "") -> str:
    """Return the wording of `key` where there is one, else `key` itself, as for names the study gives.

    Examples
    --------
    >>> known_word("laggard", "de"), known_word("Pioneers", "de")
    ('Nachzügler', 'Pioneers')
    """
    return word(key, language) if key in WORDS else key


def text_in(texts: Mapping[str, str], language: str) -> str:
    """Return a text of a questionnaire in a language, region ignored; in its first one where it lacks it.

    Examples
    --------
    >>> text_in({"en": "Trust", "de": "Vertrauen"}, "de-AT"), text_in({"en": "Trust"}, "de")
    ('Vertrauen', 'Trust')
    """
    return texts.get(short(language)) or next(iter(texts.values()))


def letters(number: int) -> str:
    """Return the letters that a section of the appendix is called by, counted from 1.

    Examples
    --------
    >>> letters(1), letters(26), letters(28)
    ('A', 'Z', 'AB')
    """
    before, last = divmod(number - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)
