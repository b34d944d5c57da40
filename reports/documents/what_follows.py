"""What a reader may do with the constructs at each level of each check of the measurement."""

from collections.abc import Iterator

import pandas as pd

from reports.documents.passages import sentence_list
from reports.numeral import missing_text
from survey.language import look_up, mark, say

FOLLOWS = {
    "alpha": {
        "good": mark("Statements of {names} hang together well: each score may be read as one thing."),
        "fair": mark(
            "Statements of {names} hang together fairly: fine for averages over companies, loose for one person."
        ),
        "weak": mark(
            "Statements of {names} hang together badly: read the statements one by one, not their mean."
        ),
    },
    "rwg_j": {
        "good": mark(
            "Informants of one company mostly agree on {names}: their mean says something of the company."
        ),
        "fair": mark(
            "Informants of one company agree on {names} only so far: look at both functions and at the spread."
        ),
        "weak": mark("Informants of one company do not agree on {names}: a mean of them hides two opinions."),
    },
    "icc2": {
        "good": mark(
            "One function's score of a single company is reliable for {names}: companies may be told apart by it."
        ),
        "fair": mark(
            "One function's score of a single company is rough for {names}: use the shrunken scores and intervals "
            "of companies.csv, and do not rank neighbours."
        ),
        "weak": mark(
            "One function's score of a single company is mostly chance for {names}: read averages over companies "
            "only, or ask more informants."
        ),
    },
    "alike": {
        "good": mark(
            "{Compared} read {names} alike: differences between {compared} may be taken at face value."
        ),
        "fair": mark(
            "{Compared} read {names} alike but for some statements: differences hold on the others, which carry them."
        ),
        "weak": mark(
            "Groups read {names} differently: a gap or a change in it may be one of language, and is marked so."
        ),
    },
}
"""What a level of a check means for somebody who uses the numbers."""

ONE_HANGS = mark("Statements of {names} hang together well: its score may be read as one thing.")
"""What the best level of alpha means where one construct has it."""

ALONE = {
    ("rwg_j", "fair"): mark("Informants of one company agree on {names} only so far: look at the spread."),
    ("icc2", "good"): mark(
        "The score of a single company is reliable for {names}: companies may be told apart by it."
    ),
    ("icc2", "fair"): mark(
        "The score of a single company is rough for {names}: use the shrunken scores and intervals of companies.csv, "
        "and do not rank neighbours."
    ),
    ("icc2", "weak"): mark(
        "The score of a single company is mostly chance for {names}: read averages over companies only, or ask more "
        "informants."
    ),
}
"""What levels mean where nobody was asked for a function."""

OPEN = {
    "alpha": mark("Whether statements hang together cannot be said of {names}: {why}."),
    "rwg_j": mark("Whether informants of one company agree cannot be said of {names}: {why}."),
    "icc2": mark("How reliable a single company's score is cannot be said of {names}: {why}."),
    "alike": mark("Whether {compared} read the questions alike cannot be said of {names}: {why}."),
}
"""What stays open where a check could not be made."""


MOST_NAMED = 4
"""Constructs that a sentence names."""


def what_follows(checks: pd.DataFrame, *, compared: str, by_function: bool) -> Iterator[str]:
    """Say for every check what the reader may do with the constructs of each level, the worst first."""
    for check, meanings in FOLLOWS.items():
        rows = checks[checks["check"] == check]
        for level in ("weak", "fair", "good"):
            own = rows.loc[rows["level"] == level, "label"].tolist()
            if own:
                text = ONE_HANGS if (check, level, len(own)) == ("alpha", "good", 1) else meanings[level]
                text = text if by_function else ALONE.get((check, level), text)
                groups = {"compared": compared, "Compared": compared[:1].upper() + compared[1:]}
                yield look_up(text).format(names=_named(own, len(rows)), **groups)
        absent = rows[rows["level"].isna()]
        for reason in absent["reason"].unique():
            names = _named(absent.loc[absent["reason"] == reason, "label"].tolist(), len(rows))
            groups = {"compared": compared or say("groups")}
            yield look_up(OPEN[check]).format(names=names, why=reason or missing_text(), **groups)


def _named(labels: list[str], of: int) -> str:
    """Name the constructs; say that they are all, or how many where names would crowd the sentence."""
    if len(labels) == of > 1:
        return say("every construct")
    if len(labels) > MOST_NAMED:
        return say("{n} of {of} constructs", n=len(labels), of=of)
    return sentence_list(labels)
