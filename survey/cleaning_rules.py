"""What happens to rows and answers that do not fit, as a study declares it."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from survey.checks import Check
from survey.declaration import Declared
from survey.language import digits, look_up, mark, say


class Rules(Declared):
    """What happens to rows and answers that do not fit.

    Parameters
    ----------
    outside_scale
        An answer that is none of the question's: a problem, or missing (and in the log).
    unknown_company, unknown_function
        A company that the register does not know; a function that is neither sales nor marketing, or a
        job title of which this cannot be said: a problem, or the row is dropped.
    minimum_answered
        Share (0 to 1) of the rated statements of the constructs, among those the export asks, that a
        respondent must have answered. "Don't know" is no answer in this.
    failed_attention
        Rows with another than the expected answer to an attention check. One left blank is not failed.
    duplicates
        Which row stays where a respondent appears more than once in a company and wave. First and last
        go by start time where the export has one, else by file and row. Of equally complete rows the
        earlier stays; where no start time tells, the one whose answers sort first, so that the order of the
        rows is of no consequence.
    several_companies
        A respondent whose id stands in two companies of one wave: both rows are kept and noted in the log,
        both dropped, or it is a problem.
    checks
        Rules over the answers (`survey.checks.Check`), applied in this order as soon as answers are coded.
    longest_duration_h
        Hours after which the questionnaire was left open rather than answered: the duration is not known,
        as it is where a clock ran backwards or no time passed.
    exclude_companies
        Reason by company (id or name).
    """

    outside_scale: Literal["error", "missing"] = "error"
    unknown_company: Literal["error", "drop"] = "error"
    unknown_function: Literal["error", "drop"] = "error"
    failed_attention: Literal["drop", "keep"] = "drop"
    duplicates: Literal["first", "last", "most_complete"] = "most_complete"
    several_companies: Literal["keep", "drop", "error"] = "keep"
    checks: list[Check] = Field(default_factory=list)
    minimum_answered: float = Field(default=0.5, ge=0, le=1)
    longest_duration_h: float = Field(default=24, gt=0)
    exclude_companies: dict[str, str] = Field(default_factory=dict)

    def in_words(self) -> tuple[str, ...]:
        """Say what cleaning does, a sentence a rule, in the order in which it is done.

        Examples
        --------
        >>> Rules(minimum_answered=0.8).in_words()[-1]
        'Rows with less than 80% of the rated statements answered are dropped.'
        """
        return tuple(_sentences(self))


def _sentences(rules: Rules) -> Iterator[str]:
    yield say("Previews, test responses and blank rows are dropped.")
    yield say("Rows that name no company are dropped.")
    for company, reason in rules.exclude_companies.items():
        yield say("Company {company} is excluded: {reason}.", company=company, reason=reason)
    if rules.unknown_company == "drop":
        yield say("Rows of companies that the register does not know are dropped.")
    yield say(
        "Rows without a function, or of another than sales and marketing, are dropped, where functions are asked."
    )
    if rules.unknown_function == "drop":
        yield say("Rows whose function or job title cannot be told are dropped.")
    hours = digits(rules.longest_duration_h, "g")
    yield say(
        "A duration that is not above zero, or longer than {hours} hours, counts as not known.", hours=hours
    )
    if rules.outside_scale == "missing":
        yield say("Answers that are none of the question's count as missing.")
    yield from (check.in_words() for check in rules.checks)
    yield look_up(KEPT[rules.duplicates])
    yield look_up(DOUBLED[rules.several_companies])
    if rules.failed_attention == "drop":
        yield say("Rows with a failed attention check are dropped.")
    share = digits(100 * rules.minimum_answered, "g")
    yield say("Rows with less than {share}% of the rated statements answered are dropped.", share=share)


KEPT = {
    "first": mark("Of several rows of a respondent in a company and wave one is kept: the first."),
    "last": mark("Of several rows of a respondent in a company and wave one is kept: the last."),
    "most_complete": mark(
        "Of several rows of a respondent in a company and wave one is kept: the most complete."
    ),
}
"""What becomes of several rows of a respondent in one company."""

DOUBLED = {
    "keep": mark("Rows of a respondent in two companies of a wave are kept and noted."),
    "drop": mark("Rows of a respondent in two companies of a wave are dropped."),
    "error": mark("Rows of a respondent in two companies of a wave do not occur."),
}
"""What becomes of rows of a respondent in several companies."""
