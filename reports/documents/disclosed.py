"""What the AAPOR Code asks to be disclosed with results: stated from study file and run, or said to be missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from reports.documents.passages import has_values, sentence_list
from reports.documents.questions import cited, unworded
from reports.documents.weighting import margins_met
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Heading, Table
from reports.tables import interval_text, number_text
from reports.titles import in_sentence, title_of
from reports.wording import text_in
from survey.language import look_up, mark, say, say_n, spoken

KEYS = ("company", "wave")
"""Columns of replicate weights that are no replicate."""


@dataclass(frozen=True, slots=True)
class Item:
    """One disclosure item, what is stated, the keys of ``report:`` that it needs and are empty, and what else lacks."""

    name: str
    stated: str
    missing: tuple[str, ...] = ()
    lacking: str = ""


def disclosed(evidence: Evidence) -> Iterator[Block]:
    """State the eleven items of the AAPOR Code of Professional Ethics and Practices (2021, section III A)."""
    items = list(disclosure_items(evidence))
    rows = pd.DataFrame(
        {
            "item": [item.name for item in items],
            "stated": [_stated(item) for item in items],
        }
    )
    columns = (Column("item", "Item"), Column("stated", "What this study states"))
    base = say("Source: the study file of {study}, and the run.", study=evidence.facts.title)
    yield Heading(say("What the AAPOR Code asks to be disclosed"))
    lacking = [item for item in items if item.missing or item.lacking]
    if lacking:
        yield _lacking(lacking, len(items))
    yield Table("aapor", say("Disclosure items of the AAPOR Code (2021)"), rows, columns, base)


def _lacking(items: list[Item], of: int) -> Callout:
    """Say which items are missing or told in part, and where the study file can state them."""
    names = sentence_list([in_sentence(item.name) for item in items])
    text = say("Missing or in part: {items}.", items=names)
    if keys := sentence_list([f"report.{key}" for item in items for key in item.missing]):
        text += " " + say("The study file can state them under {keys}.", keys=keys)
    title = say_n(
        len(items),
        "{n} of the {of} items is not fully disclosed",
        "{n} of the {of} items are not fully disclosed",
        n=len(items),
        of=of,
    )
    return Callout("caution", title, text)


def disclosure_items(evidence: Evidence) -> Iterator[Item]:
    """Yield the items in the order of the Code."""
    facts, said = evidence.facts, evidence.facts.disclosed
    instrument = evidence.panel.instrument
    yield _item(say("Data collection strategy"), {"strategy": said.get("strategy", "")})
    who = {"sponsor": facts.sponsor, "conductor": said.get("conductor", "")}
    funder = said.get("funder", "")
    paid = say("Funder: {funder}.", funder=funder) if funder else ""
    yield _item(say("Who sponsored and who conducted it"), who, paid)
    asked = say(
        "{title}, questionnaire {name}, version {version}.",
        title=text_in(instrument.title, spoken()), name=instrument.instrument, version=instrument.version,
    )  # fmt: skip
    yield _tools(asked, evidence)
    yield _item(say("Population under study"), {"population": facts.population})
    drawn = {name: said.get(name, "") for name in ("sample_source", "recruitment")}
    yield _item(say("How the sample was generated and recruited"), drawn)
    yield _item(say("Method and mode of data collection"), {"mode": said.get("mode", "")}, facts.fieldwork)
    yield _item(say("Dates of data collection"), {"field_dates": said.get("field_dates", "")})
    yield Item(say("Sample sizes and precision"), " ".join([*_sizes(evidence), *_precision(evidence)]))
    yield Item(say("How the data were weighted"), " ".join(_weighted(evidence)))
    dropped = say("Scores as supplied.")
    if evidence.cleaning:
        dropped = say(
            "{n} rules, listed above; every change is in cleaning_log.csv.", n=len(evidence.cleaning)
        )
    yield Item(say("How data were processed and checked"), dropped)
    yield _item(say("Limitations"), {"limits": " ".join(facts.limits)})


def _item(name: str, needed: Mapping[str, str], more: str = "") -> Item:
    called = {"sponsor": say("Sponsor: "), "conductor": say("Conducted by: ")}
    stated = [
        called.get(key, "") + text.strip().rstrip(".") + "." for key, text in needed.items() if text.strip()
    ]
    missing = tuple(key for key, text in needed.items() if not text.strip())
    return Item(name, " ".join([*stated, more] if more else stated), missing)


def _stated(item: Item) -> str:
    if not item.missing:
        return item.stated
    missing = say_n(
        len(item.missing),
        "Missing: {keys} is not stated.",
        "Missing: {keys} are not stated.",
        keys=", ".join(f"report.{key}" for key in item.missing),
    )
    return f"{item.stated} {missing}".strip()


def _tools(asked: str, evidence: Evidence) -> Item:
    """Say where the wording of each question stands that the report rests on, and of which it stands nowhere."""
    name = say("Measurement tools: questions and wording")
    tabled = {key for book in evidence.books for key in book.wordings}
    questions = cited(evidence)
    books = sum(not tabled.isdisjoint({question.id, question.group}) for question in questions)
    below = len(questions) - books
    where = [say("crosstabs.html for {n}", n=books)] if books else []
    where += [say("the table of wording below for {n}", n=below)] if below else []
    if where:
        asked += " " + say(
            "The wording of {n} questions stands in {places}.", n=len(questions), places=sentence_list(where)
        )
    lacking = ""
    if unknown := sentence_list(unworded(evidence)):
        lacking = say("Missing: the wording of the questions behind {names}.", names=unknown)
    return Item(name, f"{asked} {lacking}".strip(), lacking=lacking)


COUNTED = ("companies", "respondents", "sales", "marketing")
"""Who is counted wave by wave."""


def _sizes(evidence: Evidence) -> Iterator[str]:
    """Say how many respondents and companies each wave has."""
    for row in evidence.sample.to_dict("records"):
        told = {key: number_text(row[key], "count") for key in COUNTED if key in row} | {"wave": row["wave"]}
        if "respondents" not in row:
            yield say("{wave}: {companies} companies.", **told)
        elif "sales" in row and "marketing" in row:
            yield say(
                "{wave}: {respondents} respondents ({sales} of sales and {marketing} of marketing) in {companies} "
                "companies.", **told,
            )  # fmt: skip
        else:
            yield say("{wave}: {respondents} respondents in {companies} companies.", **told)


def _weighted(evidence: Evidence) -> Iterator[str]:
    """Say how companies were weighted, whether margins are met, and what unequal weights cost, wave by wave."""
    weights = evidence.weights
    if weights is None:
        yield say("The data are not weighted.")
        return
    yield from weights.said
    for row in weights.waves.to_dict("records"):
        adjusted = (
            say("{wave}: {method}, margins {margins}.", method=look_up(METHODS[row["method"]]),
                wave=row["wave"], margins=margins_met(row))
            if row["method"] in METHODS
            else say("{wave}: adjusted to no margins.", wave=row["wave"])
        )  # fmt: skip
        cost = say(
            "The {n} companies tell as much as {effective} of equal weight (Kish); design effect of the weights "
            "{effect}.",
            n=number_text(row["n"], "count"), effective=number_text(row["effective_n"], "number"),
            effect=number_text(row["design_effect"], "ratio"),
        )  # fmt: skip
        yield f"{adjusted} {cost}"


METHODS = {
    "raking": mark("raking"),
    "linear": mark("linear calibration"),
    "logit": mark("logit calibration"),
    "poststratification": mark("post-stratification"),
}
"""How weights meet margins, in short."""


def _precision(evidence: Evidence) -> Iterator[str]:
    """Say how precise the index and the headline shares are, in the latest wave."""
    rows = evidence.index_by_wave
    now = rows[(rows["wave"] == evidence.facts.latest) & (rows["variable"] == "alignment")]
    if now.empty or now["estimate"].isna().all():
        yield say("The index of the latest wave stands for too few companies.")
        return
    row = now.iloc[0]
    yield say(
        "{index}, mean of {n} companies in {wave}: {level} (95% interval).",
        index=title_of("alignment", evidence.panel), n=number_text(row["n"], "count"), wave=evidence.facts.latest,
        level=interval_text(row["estimate"], row["conf_low"], row["conf_high"], "points"),
    )  # fmt: skip
    yield from _median(evidence)
    yield from _shares(evidence)
    weights = evidence.weights
    replicates = 0 if weights is None else len(weights.replicates.columns.drop(list(KEYS), errors="ignore"))
    if replicates:
        yield say(
            "Intervals come from {n} replicate weights; other sources of error are not in them.", n=replicates
        )
        return
    yield say(
        "Intervals take the design, with companies as clusters; other sources of error are not in them."
    )


def _median(evidence: Evidence) -> Iterator[str]:
    """Give the median that the summary shows, as it is not the mean."""
    table, latest = evidence.norms, evidence.facts.latest
    rows = table[(table["variable"] == "alignment") & (table["wave"] == latest)]
    if has_values(rows, "median"):
        row = rows.iloc[0]
        level = interval_text(row["median"], row["median_low"], row["median_high"], "points")
        yield say("Its median, which the summary shows: {level}.", level=level)


def _shares(evidence: Evidence) -> Iterator[str]:
    """Give the shares of the headlines with their intervals."""
    said = evidence.adequacy[evidence.adequacy["definition"] == "said"]
    for row in said.to_dict("records") if has_values(said) else ():
        share = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "percent", n=row["n"])
        count = number_text(row["n"], "count")
        yield say("Adequately aligned as informants say: {share}, {n} companies.", share=share, n=count)
    for row in evidence.targets.to_dict("records") if has_values(evidence.targets) else ():
        share = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "percent", n=row["n"])
        yield say(
            "A target for improvement, {name}: {share}, {n} company-years.",
            name=look_up(row["class"]),
            share=share,
            n=number_text(row["n"], "count"),
        )
