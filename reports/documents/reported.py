"""What CROSS asks a survey to report: each item told, in part, missing or not applicable, from study file and run."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from reports.documents.passages import has_values, sentence_list
from reports.documents.questions import cited, unworded
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Heading, Table

SURVEY = ("survey", "umfrage", "befragung")
"""Words by which a first page says that it reports a survey."""

LEADS = {
    "sample_source": "Source of the sample: ", "sponsor": "Sponsor: ", "funder": "Funder: ", "consent": "Consent: ",
    "incentives": "Offered for answering: ", "recruitment": "Recruitment: ",
}  # fmt: skip
"""What stands before the words of a study, where they alone would not say what they are about."""

SAMPLE, METHODS = "Page “Can I trust the sample?”.", "Page “Could I repeat this?”"


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
            return "does not apply"
        if not (self.keys or self.lacking):
            return "✓ yes"
        return "in part" if self.told else "missing"

    @property
    def said(self) -> str:
        """What is told and where; then what to write into the study file."""
        write = f"Write it into the study file: {sentence_list([f'report.{key}' for key in self.keys])}."
        return " ".join(filter(None, (self.told, self.lacking, write if self.keys else "")))


def reported(evidence: Evidence) -> Iterator[Block]:
    """Tick the forty items of CROSS (Sharma et al. 2021, J Gen Intern Med 36, 3179-3187), or say what is missing."""
    items = list(reported_items(evidence))
    count = Counter(item.status for item in items)
    yield Heading("What CROSS asks to be reported")
    open_items = [item for item in items if item.status in ("in part", "missing")]
    if open_items:
        keys = dict.fromkeys(key for item in open_items for key in item.keys)
        where = f" The study file can tell more under {sentence_list([f'report.{key}' for key in keys])}."
        yield Callout(
            "caution",
            f"{len(open_items)} of the {len(items)} items are not fully told",
            f"Told: {count['✓ yes']}; in part: {count['in part']}; missing: {count['missing']}; without meaning for "
            f"this study: {count['does not apply']}.{where if keys else ''}",
        )
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
    base = f"Source: the study file of {evidence.facts.title}, and the run."
    note = "The words are ours; CROSS is the Consensus-Based Checklist for Reporting of Survey Studies."
    yield Table("cross", "Items of CROSS, the checklist for surveys (2021)", rows, columns, base, (note,))


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
    stated = [f"{LEADS.get(key, '')}{text.rstrip('.')}." for key, text in texts.items() if text]
    missing = tuple(key for key, text in texts.items() if not text)
    return Reported(number, name, " ".join(filter(None, (told, *stated))), missing)


def _found(number: str, name: str, *, there: bool, told: str, otherwise: str) -> Reported:
    """Item that the run tells where it could; else what lacks."""
    return Reported(number, name, told) if there else Reported(number, name, lacking=otherwise)


def _opening(evidence: Evidence) -> Iterator[Reported]:
    facts = evidence.facts
    opening = f"{facts.title} {facts.subtitle} {facts.population} {facts.fieldwork}".lower()
    yield _found(
        "1a", "Named as a survey at the start", there=any(name in opening for name in SURVEY),
        told="First page.",
        otherwise="Neither title nor first page says that this is a survey: report.subtitle and "
        "report.fieldwork can.",
    )  # fmt: skip
    yield Reported(
        "1b", "Summary of purpose, methods, findings", "First page, every finding with its caveat."
    )
    yield _stated(evidence, "2", "Why this survey was needed", "background")
    yield _stated(evidence, "3", "Purpose", "purpose")
    waves = len(evidence.facts.waves)
    how = f"{waves} waves." if waves > 1 else "One wave."
    yield _stated(evidence, "4", "Design", "strategy", told=how)


def _questionnaire(evidence: Evidence) -> Iterator[Reported]:
    instrument, unknown = evidence.panel.instrument, unworded(evidence)
    yield Reported(
        "5a", "Questionnaire described",
        f"{instrument.instrument}, version {instrument.version}: {len(instrument.constructs)} constructs, "
        f"{len(instrument.columns)} questions.",
    )  # fmt: skip
    yield _found(
        "5b", "Scales, their scoring, validity and reliability", there=len(evidence.reliability) > 0,
        told="Page “Are these numbers solid?”, and the definitions above.",
        otherwise="Scores came as they are, so that their reliability cannot be told here.",
    )  # fmt: skip
    yield _stated(evidence, "5c", "Pretest", "pretest")
    lacking = f"The wording of the questions behind {sentence_list(unknown)} lacks." if unknown else ""
    worded = "Crosstabs and table of wording." if cited(evidence) else ""
    yield Reported("5d", "Questionnaire in full", worded, lacking=lacking)


def _sample(evidence: Evidence) -> Iterator[Reported]:
    yield _stated(evidence, "6a", "Population, and who was eligible", "population")
    yield _stated(evidence, "6b", "How the sample was drawn", "sample_source", "recruitment")
    yield _stated(
        evidence, "6c", "Sample size, and how it was set", "sample_size", told="Table of the sample."
    )
    known = [
        *(["answering companies beside the register"] if len(evidence.missing.register) else []),
        *(["margins that the weights meet"] if evidence.weights is not None else []),
    ]
    yield _found(
        "6d", "How well the sample represents the population", there=bool(known),
        told=f"{sentence_list(known)[:1].upper()}{sentence_list(known)[1:]}.",
        otherwise="Not known: `register:` or `weights:` in the study file let the run tell.",
    )  # fmt: skip


def _fieldwork(evidence: Evidence) -> Iterator[Reported]:
    duplicates = "Rows that repeat a respondent are found and logged." if evidence.cleaning else ""
    shown = evidence.facts.minimum_companies
    safe = f"No cell of fewer than {shown} companies is shown"
    safe += "; respondents bear pseudonyms." if len(evidence.set_aside) else "."
    yield _stated(evidence, "7a", "Mode, contacts and place", "mode", "recruitment")
    yield _stated(evidence, "7b", "When it was in the field", "field_dates")
    yield _stated(evidence, "7c", "Entry of data; nobody counted twice", "one_answer", told=duplicates)
    yield _stated(
        evidence, "8", "Preparation: training, announcement, incentives", "preparation", "incentives"
    )
    yield _stated(evidence, "9a", "Ethics approval and consent", "ethics", "consent")
    yield _stated(evidence, "9b", "Confidentiality, and who could see answers", "data_access", told=safe)


def _analysis(evidence: Evidence) -> Iterator[Reported]:
    yield Reported("10a", "Statistical methods and software", f"{METHODS}; versions in manifest.json.")
    changed = "Rules of cleaning and scoring above; every change is in cleaning_log.csv."
    yield Reported(
        "10b", "How variables were changed", changed if evidence.cleaning else "Scores as supplied."
    )
    gaps = "Missing answers by statement, and what a score needs, are told; nothing is filled in."
    items = gaps if len(evidence.reliability) else ""
    yield _stated(evidence, "10c", "Missing answers, why and how handled", "missing_answers", told=items)
    checked = [
        len(frame) for frame in (evidence.missing.late, evidence.missing.silent, evidence.missing.register)
    ]
    yield _found(
        "10d", "What was done about non-response", there=any(checked), told=SAMPLE,
        otherwise="Nothing to judge it by: times of answering or `register:` let the run tell.",
    )  # fmt: skip
    changes = has_values(evidence.changes)
    yield Reported(
        "10e", "Companies lost between waves", "Changes count companies in both waves only." if changes else "",
        lacking="" if changes else "No companies are followed from wave to wave.",
        applies=len(evidence.facts.waves) > 1,
    )  # fmt: skip
    weighted = evidence.weights is not None
    yield Reported("10f", "Weights", "See how companies were weighted." if weighted else "None were used.")
    yield _robust("10g", "Sensitivity analyses, as planned", evidence)


def _robust(number: str, name: str, evidence: Evidence) -> Reported:
    """Whether it is shown how much results hang on choices."""
    found = {
        "exclusion rules": evidence.ladder,
        "cuts of classes": evidence.benchmarks.cuts,
        "ways to make the index": evidence.benchmarks.composites,
        "corrections for few informants": evidence.corrections,
    }
    names = [title for title, frame in found.items() if len(frame)]
    return _found(
        number, name, there=bool(names), told=f"Results under other {sentence_list(names)}.",
        otherwise="None could be made of these data.",
    )  # fmt: skip


def _participation(evidence: Evidence) -> Iterator[Reported]:
    flow = "Figure of the flow of responses." if len(evidence.accounting) else ""
    lacking = "" if flow else "Organisations came as scores, without a count of people asked and dropped."
    yield Reported("11a", "How many at each stage", flow, lacking=lacking)
    dropped = "Why rows were dropped is told." if len(evidence.reasons) else ""
    yield _stated(evidence, "11b", "Why people did not take part", "nonparticipation", told=dropped)
    yield _stated(evidence, "11c", "Response rate, and its definition", "response_rate")
    yield _stated(evidence, "11d", "Unique visitors of an online survey", "one_answer")


def _results(evidence: Evidence) -> Iterator[Reported]:
    yield _found(
        "12", "Who took part", there=len(evidence.sample) > 0, told=SAMPLE,
        otherwise="Not known from these data.",
    )  # fmt: skip
    estimates = "Every estimate has its 95% interval"
    estimates += "; growth models stand as declared, with what they hold constant." if evidence.fits else "."
    yield Reported("13a", "Estimates, plain and adjusted, with intervals", estimates)
    models = bool(evidence.fits)
    told = "Models as declared before the run, fit and errors: the page on growth and its details."
    yield Reported("13b", "Models: how built, fit, assumptions", told if models else "", applies=models)
    yield _robust("13c", "Results of the sensitivity analyses", evidence)


def _closing(evidence: Evidence) -> Iterator[Reported]:
    own = bool(evidence.facts.limits)
    yield Reported(
        "14", "Limits, and which way they may lead", f"{METHODS}, what cannot be shown.",
        () if own else ("limits",), "" if own else "The study itself names none.",
    )  # fmt: skip
    yield Reported("15", "Interpretation, cautious", "First page; certainty and caveat of each finding.")
    yield Reported("16", "For whom it holds", "Who was asked, and what cannot be shown.")
    yield _stated(evidence, "17", "Part played by who paid", "sponsor", "funder")
    yield _stated(evidence, "18", "Conflicts of interest", "conflicts")
    yield _stated(evidence, "19", "Acknowledgements", "acknowledgements")
