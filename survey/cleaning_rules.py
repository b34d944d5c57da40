"""What happens to rows and answers that do not fit, as a study declares it."""

from typing import Literal

from pydantic import Field

from survey.declaration import Declared


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
        go by start time where the export has one, then by file and row; they also settle equally
        complete rows.
    exclude_companies
        Reason by company (id or name).
    """

    outside_scale: Literal["error", "missing"] = "error"
    unknown_company: Literal["error", "drop"] = "error"
    unknown_function: Literal["error", "drop"] = "error"
    failed_attention: Literal["drop", "keep"] = "drop"
    duplicates: Literal["first", "last", "most_complete"] = "most_complete"
    minimum_answered: float = Field(default=0.5, ge=0, le=1)
    exclude_companies: dict[str, str] = Field(default_factory=dict)
