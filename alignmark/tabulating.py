"""Crosstab books of a study: answers with the facts and the design of their company, tabulated as declared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from alignmark.gate_rules import BOOK
from alignmark.inputs import Inputs
from alignmark.names import SEGMENTS
from alignmark.study import Study
from alignmark.table_rules import TableBook
from alignmark.weighing import DESIGN
from analysis.benchmark.classes import Classes
from analysis.benchmark.withholding import dominated_columns, withhold, without_columns
from analysis.infer.banner import Banner, banner
from analysis.infer.crosstab import crosstab
from analysis.infer.letters import letters
from analysis.infer.stub import Stub, chosen, joined, mean_of, rated, several_answers
from analysis.infer.survey_design import survey_design
from analysis.measure.panel import Panel
from reports.crosstab_book import Book
from reports.titles import title_of
from survey.instrument import Instrument, Question
from survey.language import digits, look_up, say
from survey.recoding import DONT_KNOW
from survey.responses import Responses
from survey.weighting import respondent_weights

MOST_COLUMNS = 12
"""A segment with more values than this is no head unless the study names it."""

NOT_TABLED = ("respondent", "company", "function", "started", "duration", "attention")
"""Roles of questions that are no subject of a table unless the study names them."""

HEADLINES = ("adequately_aligned", "improvement_target")
"""Roles of questions with one answer that stand beside the rated statements: a study's first figures."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Answers with what their company is, who said "don't know", and respondents of companies without a weight."""

    frame: pd.DataFrame
    unsure: pd.DataFrame | None
    instrument: Instrument
    language: str
    left_out: int

    def said(self, text: dict[str, str]) -> str:
        """Return a wording in the language of the report, or the first there is."""
        return text.get(self.language) or next(iter(text.values()), "")


@dataclass(frozen=True, slots=True, eq=False)
class Tabulated:
    """A book as it may be shown by itself, and what its columns are made of: other tables may tell more.

    Parameters
    ----------
    book
        The book.
    people
        ``company, wave, function, weight`` of each respondent.
    columns, rows
        Who stands in which column, and what each respondent says in each row.
    """

    book: Book
    people: pd.DataFrame
    columns: Banner
    rows: Stub


def crosstab_books(
    inputs: Inputs, panel: Panel, classes: dict[str, Classes], study: Study
) -> tuple[Tabulated, ...]:
    """Tabulate every book that the study declares; none where there are no answers of people."""
    if inputs.responses is None:
        return ()
    found = []
    for number, rule in enumerate(study.tables, start=1):
        sample = _sample(inputs.responses, panel, classes, study, counted=rule.counted)
        tabled = _tabled(sample, rule)
        if tabled:
            found.append(_book(sample, rule, tabled, panel=panel, study=study, name=f"{BOOK}{number}"))
    return tuple(found)


def books_shown(tabulated: Sequence[Tabulated], shown: Mapping[str, pd.DataFrame]) -> tuple[Book, ...]:
    """Return books without the columns that the other tables would give away, or that would give these away.

    Parameters
    ----------
    tabulated
        From `crosstab_books`.
    shown
        Columns of each book that have passed the gate (`alignmark.crosstab_members.BookColumns`).
    """
    found = []
    for book in (one.book for one in tabulated):
        columns = shown[book.id]
        gone = columns[columns["withheld"] != ""] if len(columns) else columns
        table = without_columns(book.table, gone) if len(gone) else book.table
        old = book.letters
        told = letters(table, levels=old.levels, method=old.method, family=old.family) if len(gone) else old
        found.append(replace(book, table=table, letters=told))
    return tuple(found)


def heads_of(rule: TableBook, frame: pd.DataFrame) -> list[str]:
    """Return the columns that head a banner: those declared, or function, wave and segments of a few values."""
    if rule.banner:
        classes = [str(name) for name in frame if str(name).startswith("class_")]
        return [head for name in rule.banner for head in (classes if name == "class" else [name])]
    known = [name for name in ("function", "wave", *SEGMENTS) if name in frame]
    return [name for name in known if 2 <= frame[name].replace("", np.nan).nunique() <= MOST_COLUMNS]


def _sample(
    responses: Responses, panel: Panel, classes: dict[str, Classes], study: Study, *, counted: str
) -> Sample:
    """Join facts, classes and design of the companies to the answers; weights as the book counts, 1 on average."""
    keys, frame = ["company", "wave"], responses.frame
    taken = {*SEGMENTS, *DESIGN, *_facts(study)} - set(frame.columns.drop("weight"))
    companies = panel.frame[[*keys, *(name for name in panel.frame if name in taken)]]
    if "weight" not in companies:
        companies = companies.assign(weight=1.0)
    for basis, found in classes.items():
        named = found.frame[[*keys, "class"]].rename(columns={"class": f"class_{basis}"})
        companies = companies.merge(named, on=keys, how="left")
        companies[f"class_{basis}"] = pd.Categorical(
            companies[f"class_{basis}"], categories=list(found.names)
        )
    within = study.weights.respondents if study.weights is not None else "functions"
    shared = respondent_weights(frame, companies, within=within)
    people = frame.assign(own=frame["weight"]).drop(columns="weight")
    people = people.merge(companies, on=keys, how="left").set_axis(frame.index)
    each = people["weight"] * people["own"] if counted == "respondents" else shared
    kept = people["weight"].notna()
    people = people.assign(weight=each)[kept].drop(columns="own")
    people["weight"] /= people.loc[people["weight"] > 0, "weight"].mean()
    people["function"] = people["function"].replace("", None)
    unsure = responses.unsure[kept.to_numpy()] if responses.unsure is not None else None
    return Sample(
        people, unsure, responses.instrument, study.report.language.split("-")[0], int((~kept).sum())
    )


def _facts(study: Study) -> Iterator[str]:
    for table in (study.register_of_companies, study.firmographics):
        yield from table.columns if table is not None else ()


def _tabled(sample: Sample, rule: TableBook) -> dict[str, list[Question]]:
    """Return the questions of each table by its id: one each, or all options of a list that was ticked."""
    asked = [q for key, q in sample.instrument.columns.items() if key in sample.frame and q.kind != "text"]
    if isinstance(rule.questions, list):
        asked = [q for q in asked if q.id in rule.questions or q.group in rule.questions]
    else:
        asked = [
            q
            for q in asked
            if q.role not in NOT_TABLED
            and (rule.questions == "all" or q.kind == "scale" or q.role in HEADLINES)
        ]
    tables: dict[str, list[Question]] = {}
    for question in asked:
        tables.setdefault(question.group if question.kind == "tick" else question.id, []).append(question)
    return tables


def _book(
    sample: Sample,
    rule: TableBook,
    tabled: dict[str, list[Question]],
    *,
    panel: Panel,
    study: Study,
    name: str,
) -> Tabulated:
    stub = joined([_stub(key, questions, sample, rule) for key, questions in tabled.items()])
    rules, minimum = study.disclosure.rules, study.disclosure.minimum_companies
    columns, design = _banner(sample, rule, panel), survey_design(sample.frame)
    dominated = dominated_columns(columns, design, share=rules.largest_share)
    table = withhold(crosstab(stub, columns, design), minimum=minimum, dominated=dominated)
    found = letters(table, levels=rule.levels, method=rule.multiplicity, family=rule.family)
    wordings = {key: _wording(questions, sample) for key, questions in tabled.items()}
    groups = {key: _group(questions[0], panel, sample) for key, questions in tabled.items()}
    book = Book(
        name,
        look_up(rule.title),
        table,
        found,
        wordings,
        groups,
        _base(sample, rule, study),
        minimum,
        tuple(_said(stub, sample, rule, study)),
    )
    return Tabulated(book, sample.frame[["company", "wave", "function", "weight"]], columns, stub)


def _banner(sample: Sample, rule: TableBook, panel: Panel) -> Banner:
    heads, columns = heads_of(rule, sample.frame), sample.instrument.columns
    options = {q.id: {name: sample.said(text) for name, text in q.options.items()} for q in columns.values()}
    role = sample.instrument.with_role("function")
    options["function"] = options.get(role.id, {}) if role is not None else {}
    titles = {name: title_of(name, panel, language=sample.language) for name in heads}
    titles |= {
        name: say("Class, by outcomes" if name == "class_outcomes" else "Class, by practices")
        for name in heads
        if name.startswith("class_")
    }
    if "function" in heads:
        titles["function"] = say("Function")
    return banner(sample.frame, heads, titles=titles, labels=options)


def _stub(key: str, questions: Sequence[Question], sample: Sample, rule: TableBook) -> Stub:
    first, frame = questions[0], sample.frame
    if first.kind == "tick":
        ticks = frame[[q.id for q in questions]].to_numpy(dtype=float, na_value=np.nan)
        return several_answers(key, ticks, labels=[sample.said(q.text) for q in questions])
    if first.kind == "choice":
        return _choice(first, sample, rule)
    unsure = None
    if rule.dont_know == "show" and sample.unsure is not None and first.id in sample.unsure:
        unsure = sample.unsure[first.id].to_numpy(dtype=bool)
    values = frame[first.id].to_numpy(dtype=float, na_value=np.nan)
    points = _points(first, values, sample)
    if not points:
        return mean_of(key, values)
    nets = {name: members for name, members in rule.nets.items() if set(members) <= set(points)}
    called = sample.said(first.scale.dont_know) if first.scale is not None else ""
    return rated(
        key,
        values,
        labels=points,
        boxes=rule.boxes,
        nets=nets,
        unsure=unsure,
        dont_know=called or say("Don't know"),
    )


def _choice(question: Question, sample: Sample, rule: TableBook) -> Stub:
    """Return the rows of a question with one answer; "don't know" is one of its options, but no answer."""
    given = sample.frame[question.id]
    answers = [name for name in question.options if name != DONT_KNOW]
    codes = {name: float(place) for place, name in enumerate(answers)}
    shown = rule.dont_know == "show" and DONT_KNOW in question.options
    return chosen(
        question.id,
        np.asarray(given.map(codes), dtype=np.float64),
        labels={code: sample.said(question.options[name]) for name, code in codes.items()},
        unsure=given.eq(DONT_KNOW).to_numpy(dtype=bool, na_value=False) if shown else None,
        dont_know=sample.said(question.options[DONT_KNOW]) if shown else "",
    )


def _points(question: Question, values: np.ndarray, sample: Sample) -> dict[float, str]:
    """Return what each point of a scale is called; nothing where answers lie between points."""
    scale = question.scale
    if scale is None or not scale.whole or np.any(values % 1 > 0):
        return {}
    said = {code: sample.said(text) for code, text in scale.labels.items()}
    points = range(int(scale.min), int(scale.max) + 1)
    return {float(point): f"{point} {said.get(point, '')}".strip() for point in points}


def _wording(questions: Sequence[Question], sample: Sample) -> str:
    first = questions[0]
    if first.kind == "tick":
        return sample.said(first.stem)
    stem = sample.said(first.stem)
    return f"{stem.rstrip(':').rstrip()}: {sample.said(first.text)}" if stem else sample.said(first.text)


def _group(question: Question, panel: Panel, sample: Sample) -> str:
    if question.section in ("construct", "practice"):
        return title_of(question.group, panel, language=sample.language)
    return say("Single questions")


def _base(sample: Sample, rule: TableBook, study: Study) -> str:
    waves = sorted(sample.frame["wave"].unique())
    when = f"{waves[0]}"
    if len(waves) > 1:
        when = say("{first} to {last}", first=waves[0], last=waves[-1])
    counts = say("each respondent counts once")
    if rule.counted == "companies":
        counts = say("each company counts once in a wave, its respondents sharing its weight")
    elif study.weights is None and np.ptp(sample.frame["weight"]) > 0:
        counts = say("each respondent counts with the weight in the file")
    elif study.weights is not None:
        counts = say("each respondent counts with the weight of the company")
    people, companies = (digits(n, ",") for n in (len(sample.frame), sample.frame["company"].nunique()))
    return say(
        "Base: {people} respondents of {companies} companies, {when}; {counts}. Source: {study}.",
        people=people, companies=companies, when=when, counts=counts, study=study.report.title,
    )  # fmt: skip


def _said(stub: Stub, sample: Sample, rule: TableBook, study: Study) -> Iterator[str]:
    if sample.left_out:
        yield say(
            "{n} respondents are left out: their company is not in the panel or has no weight.",
            n=digits(sample.left_out, ","),
        )
    yield say(
        "“Don't know” is part of the base and shown; a mean is that of the points that were rated."
        if rule.dont_know == "show"
        else "“Don't know” is excluded from the base; a mean is that of the points that were rated."
    )
    if np.ptp(sample.frame["weight"]) > 0:
        yield say(
            "Weights are scaled to add up to the respondents of the total, with those who left the question out."
        )
    if study.weights is not None and study.weights.replicates is not None:
        yield say("Standard errors and letters come from the replicate weights of the companies.")
    elif study.weights is not None and study.weights.margins is not None:
        yield say(
            "Standard errors and letters know of unequal weights, strata and the known totals that the weights meet."
        )
    if (stub.rows.groupby("question", sort=False)["kind"].agg(set) == {"mean"}).any():
        yield say("Where answers lie between the points of a scale, the mean alone is shown.")
