"""What CROSS asks a survey to report: each item told, in part, missing or not applicable, from study file and run."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from reports.documents.passages import has_values, sentence_list
from reports.documents.questions import cited, unworded
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Heading, Table
from survey.language import look_up, mark, say

SURVEY = ("survey", "umfrage", "befragung")
"""Words by which a first page says that it reports a survey."""

LEADS = {
    "sample_source": mark("Source of the sample: "), "sponsor": mark("Sponsor: "), "funder": mark("Funder: "),
    "consent": mark("Consent: "), "incentives": mark("Offered for answering: "), "recruitment": mark("Recruitment: "),
}  # fmt: skip
"""What stands before the words of a study, where they alone would not say what they are about."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One item of the checklist.

    Parameters
    ----------
    number, name
        As in CROSS, and what it is about.
    told
        What the study states, and where the report tells the rest.
    keys
        Keys of ``report:`` that would tell it and are empty.
    lacking
        What else lacks, and what to do about it.
    applies
        False where such a study has nothing to tell.
    """

    number: str
    name: str
    told: str = ""
    keys: tuple[str, ...] = ()
    lacking: str = ""
    applies: bool = True

    @property
    def status(self) -> str:
        """Say whether it is told: yes, in part, missing, does not apply."""
        if not self.applies:
            return mark("does not apply")
        if not (self.keys or self.lacking):
            return mark("✓ yes")
        return mark("in part") if self.told else mark("missing")

    @property
    def said(self) -> str:
        """What is told and where; then what to write into the study file."""
        keys = sentence_list([f"report.{key}" for key in self.keys])
        write = say("Write it into the study file: {keys}.", keys=keys)
        return " ".join(filter(None, (self.told, self.lacking, write if self.keys else "")))


def reported(evidence: Evidence) -> Iterator[Block]:
    """Tick the forty items of CROSS (Sharma et al. 2021, J Gen Intern Med 36, 3179-3187), or say what is missing."""
    items = list(reported_items(evidence))
    count = Counter(item.status for item in items)
    yield Heading(say("What CROSS asks to be reported"))
    if open_items := [item for item in items if item.status in ("in part", "missing")]:
        yield _open(open_items, count)
    rows = pd.DataFrame(
        [
            {"number": item.number, "item": item.name, "status": item.status, "said": item.said}
            for item in items
        ]
    )
    columns = (
        Column("number", "No."), Column("item", "Item"), Column("status", "Told?"),
        Column("said", "What this study states, where it is told, or what is missing"),
    )  # fmt: skip
    base = say("Source: the study file of {study}, and the run.", study=evidence.facts.title)
    note = say("The words are ours; CROSS is the Consensus-Based Checklist for Reporting of Survey Studies.")
    yield Table(
        "cross", say("Items of CROSS, the checklist for surveys (2021)"), rows, columns, base, (note,)
    )


def _open(items: list[Reported], count: Counter[str]) -> Callout:
    """Count the items by what is told of them, and say where the study file can tell more."""
    text = say(
        "Told: {told}; in part: {part}; missing: {missing}; without meaning for this study: {not_asked}.",
        told=count["✓ yes"], part=count["in part"], missing=count["missing"], not_asked=count["does not apply"],
    )  # fmt: skip
    if keys := dict.fromkeys(key for item in items for key in item.keys):
        named = sentence_list([f"report.{key}" for key in keys])
        text += " " + say("The study file can tell more under {keys}.", keys=named)
    title = say("{n} of the {of} items are not fully told", n=len(items), of=count.total())
    return Callout("caution", title, text)


def reported_items(evidence: Evidence) -> Iterator[Reported]:
    """Yield the items in the order of the checklist."""
    yield from _opening(evidence)
    yield from _questionnaire(evidence)
    yield from _sample(evidence)
    yield from _fieldwork(evidence)
    yield from _analysis(evidence)
    yield from _participation(evidence)
    yield from _results(evidence)
    yield from _closing(evidence)


def _stated(evidence: Evidence, number: str, name: str, *keys: str, told: str = "") -> Reported:
    """Item that the study's own words tell, after what the run tells of it."""
    facts = evidence.facts
    own = {"population": facts.population, "sponsor": facts.sponsor}
    texts = {key: (own | dict(facts.disclosed)).get(key, "").strip() for key in keys}
    stated = [f"{look_up(LEADS.get(key, ''))}{text.rstrip('.')}." for key, text in texts.items() if text]
    missing = tuple(key for key, text in texts.items() if not text)
    return Reported(number, name, " ".join(filter(None, (told, *stated))), missing)


def _found(number: str, name: str, *, there: bool, told: str, otherwise: str) -> Reported:
    """Item that the run tells where it could; else what lacks."""
    return Reported(number, name, told) if there else Reported(number, name, lacking=otherwise)


def _opening(evidence: Evidence) -> Iterator[Reported]:
    facts = evidence.facts
    opening = f"{facts.title} {facts.subtitle} {facts.population} {facts.fieldwork}".lower()
    yield _found(
        "1a", say("Named as a survey at the start"), there=any(name in opening for name in SURVEY),
        told=say("First page."),
        otherwise=say("Neither title nor first page says that this is a survey: report.subtitle and "
                      "report.fieldwork can."),
    )  # fmt: skip
    yield Reported(
        "1b", say("Summary of purpose, methods, findings"), say("First page, every finding with its caveat.")
    )
    yield _stated(evidence, "2", say("Why this survey was needed"), "background")
    yield _stated(evidence, "3", say("Purpose"), "purpose")
    waves = len(evidence.facts.waves)
    how = say("{n} waves.", n=waves) if waves > 1 else say("One wave.")
    yield _stated(evidence, "4", say("Design"), "strategy", told=how)


def _questionnaire(evidence: Evidence) -> Iterator[Reported]:
    instrument, unknown = evidence.panel.instrument, unworded(evidence)
    yield Reported(
        "5a", say("Questionnaire described"),
        say(
            "{name}, version {version}: {constructs} constructs, {questions} questions.",
            name=instrument.instrument, version=instrument.version, constructs=len(instrument.constructs),
            questions=len(instrument.columns),
        ),
    )  # fmt: skip
    yield _found(
        "5b", say("Scales, their scoring, validity and reliability"), there=len(evidence.reliability) > 0,
        told=say("Page “{page}”, and the definitions above.", page=say("Are these numbers solid?")),
        otherwise=say("Scores came as they are, so that their reliability cannot be told here."),
    )  # fmt: skip
    yield _stated(evidence, "5c", say("Pretest"), "pretest")
    lacking = say("The wording of the questions behind {names} lacks.", names=sentence_list(unknown))
    worded = say("Crosstabs and table of wording.") if cited(evidence) else ""
    yield Reported("5d", say("Questionnaire in full"), worded, lacking=lacking if unknown else "")


def _sample(evidence: Evidence) -> Iterator[Reported]:
    yield _stated(evidence, "6a", say("Population, and who was eligible"), "population")
    yield _stated(evidence, "6b", say("How the sample was drawn"), "sample_source", "recruitment")
    told = say("Table of the sample.")
    yield _stated(evidence, "6c", say("Sample size, and how it was set"), "sample_size", told=told)
    known = [
        *([say("answering companies beside the register")] if len(evidence.missing.register) else []),
        *([say("margins that the weights meet")] if evidence.weights is not None else []),
    ]
    yield _found(
        "6d", say("How well the sample represents the population"), there=bool(known),
        told=f"{sentence_list(known)[:1].upper()}{sentence_list(known)[1:]}.",
        otherwise=say("Not known: `register:` or `weights:` in the study file let the run tell."),
    )  # fmt: skip


def _fieldwork(evidence: Evidence) -> Iterator[Reported]:
    duplicates = say("Rows that repeat a respondent are found and logged.") if evidence.cleaning else ""
    safe = say(
        "No cell of fewer than {n} companies is shown; respondents bear pseudonyms."
        if len(evidence.set_aside)
        else "No cell of fewer than {n} companies is shown.",
        n=evidence.facts.minimum_companies,
    )
    yield _stated(evidence, "7a", say("Mode, contacts and place"), "mode", "recruitment")
    yield _stated(evidence, "7b", say("When it was in the field"), "field_dates")
    yield _stated(evidence, "7c", say("Entry of data; nobody counted twice"), "one_answer", told=duplicates)
    yield _stated(
        evidence, "8", say("Preparation: training, announcement, incentives"), "preparation", "incentives"
    )
    yield _stated(evidence, "9a", say("Ethics approval and consent"), "ethics", "consent")
    yield _stated(evidence, "9b", say("Confidentiality, and who could see answers"), "data_access", told=safe)


def _analysis(evidence: Evidence) -> Iterator[Reported]:
    page = say("Could I repeat this?")
    software = say("Page “{page}”; versions in manifest.json.", page=page)
    yield Reported("10a", say("Statistical methods and software"), software)
    changed = say("Rules of cleaning and scoring above; every change is in cleaning_log.csv.")
    yield Reported(
        "10b", say("How variables were changed"), changed if evidence.cleaning else say("Scores as supplied.")
    )
    gaps = say("Missing answers by statement, and what a score needs, are told; nothing is filled in.")
    items = gaps if len(evidence.reliability) else ""
    yield _stated(evidence, "10c", say("Missing answers, why and how handled"), "missing_answers", told=items)
    checked = [
        len(frame) for frame in (evidence.missing.late, evidence.missing.silent, evidence.missing.register)
    ]
    yield _found(
        "10d", say("What was done about non-response"), there=any(checked), told=_of_the_sample(),
        otherwise=say("Nothing to judge it by: times of answering or `register:` let the run tell."),
    )  # fmt: skip
    changes = has_values(evidence.changes)
    yield Reported(
        "10e", say("Companies lost between waves"),
        say("Changes count companies in both waves only.") if changes else "",
        lacking="" if changes else say("No companies are followed from wave to wave."),
        applies=len(evidence.facts.waves) > 1,
    )  # fmt: skip
    weighted = say("None were used." if evidence.weights is None else "See how companies were weighted.")
    yield Reported("10f", say("Weights"), weighted)
    yield _robust("10g", say("Sensitivity analyses, as planned"), evidence)


def _of_the_sample() -> str:
    return say("Page “{page}”.", page=say("Can I trust the sample?"))


def _robust(number: str, name: str, evidence: Evidence) -> Reported:
    """Whether it is shown how much results hang on choices."""
    found = {
        say("exclusion rules"): evidence.ladder,
        say("cuts of classes"): evidence.benchmarks.cuts,
        say("ways to make the index"): evidence.benchmarks.composites,
        say("corrections for few informants"): evidence.corrections,
    }
    names = [title for title, frame in found.items() if len(frame)]
    told = say("Results under other {choices}.", choices=sentence_list(names))
    otherwise = say("None could be made of these data.")
    return _found(number, name, there=bool(names), told=told, otherwise=otherwise)


def _participation(evidence: Evidence) -> Iterator[Reported]:
    flow = say("Figure of the flow of responses.") if len(evidence.accounting) else ""
    lacking = say("Organisations came as scores, without a count of people asked and dropped.")
    yield Reported("11a", say("How many at each stage"), flow, lacking="" if flow else lacking)
    dropped = say("Why rows were dropped is told.") if len(evidence.reasons) else ""
    yield _stated(evidence, "11b", say("Why people did not take part"), "nonparticipation", told=dropped)
    yield _stated(evidence, "11c", say("Response rate, and its definition"), "response_rate")
    yield _stated(evidence, "11d", say("Unique visitors of an online survey"), "one_answer")


def _results(evidence: Evidence) -> Iterator[Reported]:
    yield _found(
        "12", say("Who took part"), there=len(evidence.sample) > 0, told=_of_the_sample(),
        otherwise=say("Not known from these data."),
    )  # fmt: skip
    models = bool(evidence.fits)
    estimates = say(
        "Every estimate has its 95% interval; growth models stand as declared, with what they hold constant."
        if models
        else "Every estimate has its 95% interval."
    )
    yield Reported("13a", say("Estimates, plain and adjusted, with intervals"), estimates)
    told = say("Models as declared before the run, fit and errors: the page on growth and its details.")
    yield Reported("13b", say("Models: how built, fit, assumptions"), told if models else "", applies=models)
    yield _robust("13c", say("Results of the sensitivity analyses"), evidence)


def _closing(evidence: Evidence) -> Iterator[Reported]:
    own = bool(evidence.facts.limits)
    yield Reported(
        "14", say("Limits, and which way they may lead"),
        say("Page “{page}”, what cannot be shown.", page=say("Could I repeat this?")),
        () if own else ("limits",), "" if own else say("The study itself names none."),
    )  # fmt: skip
    yield Reported(
        "15", say("Interpretation, cautious"), say("First page; certainty and caveat of each finding.")
    )
    yield Reported("16", say("For whom it holds"), say("Who was asked, and what cannot be shown."))
    yield _stated(evidence, "17", say("Part played by who paid"), "sponsor", "funder")
    yield _stated(evidence, "18", say("Conflicts of interest"), "conflicts")
    yield _stated(evidence, "19", say("Acknowledgements"), "acknowledgements")
