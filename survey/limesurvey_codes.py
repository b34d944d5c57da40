"""What ids become in LimeSurvey, whose codes are short and hold letters and digits alone."""

import re
from collections.abc import Iterable

from survey.fielding_pages import answer_options, pages
from survey.instrument import Instrument, Question
from survey.recoding import DONT_KNOW

QUESTION_CODE, ANSWER_CODE = 20, 5
"""Most characters in the code of a question or subquestion, and of an answer."""
DONT_KNOW_CODE = "DK"
RESERVED = frozenset("lang sid savedid token qid gid sgq self that this time other".split())  # noqa: SIM905
"""Words that LimeSurvey keeps for itself."""

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9]")


def short_codes(ids: Iterable[str], longest: int) -> dict[str, str]:
    """Cut ids to letters and digits, beginning with a letter unless all are digits, and to a length.

    Codes differ even without regard to case; where two ids would become one, the later ends in a number.

    Examples
    --------
    >>> short_codes(["goals_1", "revenue_growth_reported", "revenue_growth_repeated", "2024_plan"], 20)
    ... # doctest: +NORMALIZE_WHITESPACE
    {'goals_1': 'goals1', 'revenue_growth_reported': 'revenuegrowthreporte',
     'revenue_growth_repeated': 'revenuegrowthrepeate', '2024_plan': 'q2024plan'}
    >>> short_codes(["marketing", "market", "5"], 5)
    {'marketing': 'marke', 'market': 'mark2', '5': '5'}
    """
    codes: dict[str, str] = {}
    taken = set(RESERVED)
    for name in ids:
        bare = _NOT_ALLOWED.sub("", name)
        if not bare or (bare[0].isdigit() and not name.isdecimal()):
            bare = f"q{bare}"
        code, number = bare[:longest], 2
        while code.casefold() in taken:
            code = f"{bare[: longest - len(str(number))]}{number}"
            number += 1
        taken.add(code.casefold())
        codes[name] = code
    return codes


def limesurvey_headings(instrument: Instrument) -> dict[str, str]:
    """Return the column heading of every question in an export with codes, by question id.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> headings = limesurvey_headings(read_instrument("alignment"))
    >>> headings["function"], headings["goals_1"], headings["pressure_growth"]
    ('function', 'goals[goals1]', 'pressures[pressuregrowth]')
    """
    asked = pages(instrument)
    outer = short_codes((page.id for page in asked), QUESTION_CODE)
    headings: dict[str, str] = {}
    for page in asked:
        inner = short_codes((question.id for question in page.questions), QUESTION_CODE)
        for question in page.questions:
            alone = page.layout == "single"
            headings[question.id] = outer[page.id] if alone else f"{outer[page.id]}[{inner[question.id]}]"
    return headings


def limesurvey_answers(question: Question) -> dict[str, str]:
    """Return the code of every answer that can be chosen, by option or point of the scale.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> questions = read_instrument("alignment").columns
    >>> limesurvey_answers(questions["function"]), limesurvey_answers(questions["adequately_aligned"])
    ({'sales': 'sales', 'marketing': 'marke'}, {'yes': 'yes', 'no': 'no', 'dont_know': 'DK'})
    """
    codes = short_codes((name for name in answer_options(question, []) if name != DONT_KNOW), ANSWER_CODE)
    return {name: codes.get(name, DONT_KNOW_CODE) for name in answer_options(question, [])}
