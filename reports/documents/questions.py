"""What was asked, word for word, and what the shares of yes/no questions are of."""

from collections.abc import Iterator, Sequence

import pandas as pd

from reports.documents.passages import sentence_list
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Heading, Table
from reports.tables import number_text
from survey.instrument import Kind, Question, Role, Text
from survey.language import digits, look_up, mark, say

CITED: tuple[Role, ...] = ("function", "adequately_aligned", "improvement_target", "global_rating")
"""Roles of single questions on whose answers the report rests."""

KINDS: dict[Kind, str] = {
    "scale": mark("a scale"),
    "choice": mark("a choice"),
    "tick": mark("ticked or not"),
    "number": mark("a number"),
    "text": mark("a text"),
}
"""What is answered where neither options nor a scale say it."""


def how_asked(evidence: Evidence, role: Role, *, companies: float, waves: Sequence[int]) -> Iterator[Callout]:
    """Say how the question of a headline share was put, who is in the share and who counts how much.

    Parameters
    ----------
    evidence, role
        What was found; the role of the question.
    companies
        Companies that have a share.
    waves
        The waves that the share is of.
    """
    question = evidence.panel.instrument.with_role(role)
    if question is None:
        return
    told = [
        say(
            "“{question}” Answers: {answers}.",
            question=wording(question, evidence),
            answers=answers(question, evidence),
        ),
        left_out(evidence, role, waves=waves),
        _counted(evidence, companies, years=len(waves) > 1),
    ]
    yield Callout("definition", say("The question, and what the share is of"), " ".join(filter(None, told)))


def left_out(evidence: Evidence, role: Role, *, waves: Sequence[int]) -> str:
    """Say how many informants said neither yes nor no, and that they are in no share; "" if that is not known."""
    question, table = evidence.panel.instrument.with_role(role), evidence.choices
    if question is None or table.empty:
        return ""
    rows = table[table["question"].eq(question.id) & table["wave"].isin(list(waves))]
    if rows.empty:
        return ""
    many = {
        name: number_text(rows[name].sum(), "count")
        for name in ("respondents", "yes", "no", "neither", "blank")
    }
    others = sentence_list(
        [_said(text, evidence) for key, text in question.options.items() if key not in ("yes", "no")]
    )
    when = say("{first} to {last}", first=waves[0], last=waves[-1]) if len(waves) > 1 else f"{waves[0]}"
    return say(
        "Of {respondents} informants ({when}) {yes} said yes and {no} no; {neither} said “{others}” and {blank} gave "
        "no answer: they are left out, not counted as no."
        if others
        else "Of {respondents} informants ({when}) {yes} said yes and {no} no; {blank} gave no answer: they are left "
        "out, not counted as no.",
        when=when,
        others=others,
        **many,
    )


def wordings(evidence: Evidence) -> Iterator[Block]:
    """Print the wording of every question the report rests on that no crosstab has, with its answers."""
    asked = [question for question in cited(evidence) if not _in_crosstabs(question, evidence)]
    if not asked:
        return
    rows = pd.DataFrame({
        "wording": [wording(question, evidence) for question in asked],
        "answers": [answers(question, evidence) for question in asked],
    })  # fmt: skip
    yield Heading(say("What was asked, word for word"))
    caption = (
        say("Wording of the questions, besides those in crosstabs.html")
        if evidence.books
        else say("Wording of the questions")
    )
    columns = (Column("wording", "Question"), Column("answers", "Answers"))
    yield Table(
        "wording", caption, rows, columns,
        say("Source: the questionnaire “{title}”.", title=_said(evidence.panel.instrument.title, evidence)),
    )  # fmt: skip


def cited(evidence: Evidence) -> list[Question]:
    """Return the questions whose answers are in the panel, in questionnaire order."""
    frame, columns = evidence.panel.frame, evidence.panel.instrument.columns
    split = {"function"} if "sales" in evidence.sample else set()
    return [
        q for q in columns.values()
        if q.role in split
        or ((q.group if q.section == "construct" else q.id) in frame and (q.section != "question" or q.role in CITED))
    ]  # fmt: skip


def unworded(evidence: Evidence) -> list[str]:
    """Return titles of constructs of the panel whose questions the questionnaire does not hold."""
    instrument, frame = evidence.panel.instrument, evidence.panel.frame
    return [
        _said(construct.title, evidence)
        for name, construct in instrument.constructs.items()
        if name in frame and not construct.items
    ]


def wording(question: Question, evidence: Evidence) -> str:
    """Return a question as it was put, in the language of the report if it has it."""
    stem, text = _said(question.stem, evidence), _said(question.text, evidence)
    return f"{stem.rstrip(': ')}: {text}" if stem else text


def answers(question: Question, evidence: Evidence) -> str:
    """Return the answers that a question offers."""
    if question.options:
        return "; ".join(_said(text, evidence) for text in question.options.values())
    if question.scale is not None:
        scale = question.scale
        named = [f"{code} {_said(text, evidence)}" for code, text in sorted(scale.labels.items())]
        unsure = [_said(scale.dont_know, evidence)] if scale.dont_know else []
        ends = say("{first} to {last}", first=digits(scale.min, "g"), last=digits(scale.max, "g"))
        return "; ".join([*(named or [ends]), *unsure])
    if question.range is not None:
        low, high = (digits(end, "g") for end in question.range)
        return say("a number from {low} to {high}", low=low, high=high)
    return look_up(KINDS[question.kind])


def _counted(evidence: Evidence, n: float, *, years: bool) -> str:
    """Say who counts how much in the share of companies."""
    many = number_text(n, "count")
    told = [
        say("Shares are means over {n} company-years, not shares of all informants.", n=many)
        if years
        else say("Shares are means over {n} companies, not shares of all informants.", n=many)
    ]
    if evidence.panel.instrument.with_role("function") is not None:
        told.append(
            say(
                "In each, sales and marketing count equally; where one of them said neither yes nor no, there is no "
                "share."
            )
        )
    if evidence.weights is not None:
        told.append(say("Companies count by their weights."))
    return " ".join(told)


def _in_crosstabs(question: Question, evidence: Evidence) -> bool:
    """Whether a crosstab prints the wording; of a list to tick it prints stem and options under the group."""
    return any({question.id, question.group} & set(book.wordings) for book in evidence.books)


def _said(text: Text, evidence: Evidence) -> str:
    """Return a wording in the language of the report, or the first there is."""
    language = evidence.facts.language
    return text.get(language) or text.get(language[:2].lower()) or next(iter(text.values()), "")
