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
from reports.titles import title_of

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
    base = f"Source: the study file of {evidence.facts.title}, and the run."
    yield Heading("What the AAPOR Code asks to be disclosed")
    lacking = [item for item in items if item.missing or item.lacking]
    if lacking:
        keys = sentence_list([f"report.{key}" for item in lacking for key in item.missing])
        where = f" The study file can state them under {keys}." if keys else ""
        names = sentence_list([item.name[0].lower() + item.name[1:] for item in lacking])
        what = "is" if len(lacking) == 1 else "are"
        yield Callout(
            "caution",
            f"{len(lacking)} of the {len(items)} items {what} not fully disclosed",
            f"Missing or in part: {names}.{where}",
        )
    yield Table("aapor", "Disclosure items of the AAPOR Code (2021)", rows, columns, base)


def disclosure_items(evidence: Evidence) -> Iterator[Item]:
    """Yield the items in the order of the Code."""
    facts, said = evidence.facts, evidence.facts.disclosed
    instrument = evidence.panel.instrument
    yield _item("Data collection strategy", {"strategy": said.get("strategy", "")})
    who = {"sponsor": facts.sponsor, "conductor": said.get("conductor", "")}
    funder = said.get("funder", "")
    yield _item("Who sponsored and who conducted it", who, f"Funder: {funder}." if funder else "")
    title = next(iter(instrument.title.values()))
    asked = f"{title}, questionnaire {instrument.instrument}, version {instrument.version}."
    yield _tools(asked, evidence)
    yield _item("Population under study", {"population": facts.population})
    drawn = {name: said.get(name, "") for name in ("sample_source", "recruitment")}
    yield _item("How the sample was generated and recruited", drawn)
    yield _item("Method and mode of data collection", {"mode": said.get("mode", "")}, facts.fieldwork)
    yield _item("Dates of data collection", {"field_dates": said.get("field_dates", "")})
    yield Item("Sample sizes and precision", " ".join([*_sizes(evidence), *_precision(evidence)]))
    yield Item("How the data were weighted", " ".join(_weighted(evidence)))
    dropped = f"{len(evidence.cleaning)} rules, listed above; every change is in cleaning_log.csv."
    yield Item("How data were processed and checked", dropped if evidence.cleaning else "Scores as supplied.")
    yield _item("Limitations", {"limits": " ".join(facts.limits)})


def _item(name: str, needed: Mapping[str, str], more: str = "") -> Item:
    called = {"sponsor": "Sponsor: ", "conductor": "Conducted by: "}
    stated = [
        called.get(key, "") + text.strip().rstrip(".") + "." for key, text in needed.items() if text.strip()
    ]
    missing = tuple(key for key, text in needed.items() if not text.strip())
    return Item(name, " ".join([*stated, more] if more else stated), missing)


def _stated(item: Item) -> str:
    if not item.missing:
        return item.stated
    what = "is" if len(item.missing) == 1 else "are"
    return f"{item.stated} Missing: {', '.join(f'report.{key}' for key in item.missing)} {what} not stated.".strip()


def _tools(asked: str, evidence: Evidence) -> Item:
    """Say where the wording of each question stands that the report rests on, and of which it stands nowhere."""
    name = "Measurement tools: questions and wording"
    tabled = {key for book in evidence.books for key in book.wordings}
    questions = cited(evidence)
    books = sum(not tabled.isdisjoint({question.id, question.group}) for question in questions)
    where = [f"crosstabs.html for {books}"] if books else []
    where += [f"the table of wording below for {len(questions) - books}"] if len(questions) > books else []
    if where:
        asked += f" The wording of {len(questions)} questions stands in {sentence_list(where)}."
    unknown = unworded(evidence)
    lacking = f"Missing: the wording of the questions behind {sentence_list(unknown)}." if unknown else ""
    return Item(name, f"{asked} {lacking}".strip(), lacking=lacking)


def _sizes(evidence: Evidence) -> Iterator[str]:
    """Say how many respondents and companies each wave has."""
    for row in evidence.sample.to_dict("records"):
        companies = f"{number_text(row['companies'], 'count')} companies"
        if "respondents" not in row:
            yield f"{row['wave']}: {companies}."
            continue
        by = [f"{number_text(row[key], 'count')} of {key}" for key in ("sales", "marketing") if key in row]
        split = f" ({sentence_list(by)})" if by else ""
        yield f"{row['wave']}: {number_text(row['respondents'], 'count')} respondents{split} in {companies}."


def _weighted(evidence: Evidence) -> Iterator[str]:
    """Say how companies were weighted, whether margins are met, and what unequal weights cost, wave by wave."""
    weights = evidence.weights
    if weights is None:
        yield "The data are not weighted."
        return
    yield from weights.said
    for row in weights.waves.to_dict("records"):
        yield (
            f"{row['wave']}: method {row['method']}, margins {margins_met(row)}; {number_text(row['n'], 'count')} "
            f"companies tell as much as {row['effective_n']:.1f} of equal weight (Kish), design effect of the weights "
            f"{row['design_effect']:.2f}."
        )


def _precision(evidence: Evidence) -> Iterator[str]:
    """Say how precise the index and the headline shares are, in the latest wave."""
    rows = evidence.index_by_wave
    now = rows[(rows["wave"] == evidence.facts.latest) & (rows["variable"] == "alignment")]
    if now.empty or now["estimate"].isna().all():
        yield "The index of the latest wave stands for too few companies."
        return
    row, latest, index = now.iloc[0], evidence.facts.latest, title_of("alignment", evidence.panel)
    level = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "points")
    yield f"{index}, mean of {number_text(row['n'], 'count')} companies in {latest}: {level} (95% interval)."
    yield from _median(evidence)
    yield from _shares(evidence)
    weights = evidence.weights
    replicates = 0 if weights is None else len(weights.replicates.columns.drop(list(KEYS), errors="ignore"))
    how = "take the design, with companies as clusters"
    if replicates:
        how = f"come from {replicates} replicate weights"
    yield f"Intervals {how}; other sources of error are not in them."


def _median(evidence: Evidence) -> Iterator[str]:
    """Give the median that the summary shows, as it is not the mean."""
    table, latest = evidence.norms, evidence.facts.latest
    rows = table[(table["variable"] == "alignment") & (table["wave"] == latest)]
    if has_values(rows, "median"):
        row = rows.iloc[0]
        level = interval_text(row["median"], row["median_low"], row["median_high"], "points")
        yield f"Its median, which the summary shows: {level}."


def _shares(evidence: Evidence) -> Iterator[str]:
    """Give the shares of the headlines with their intervals."""
    said = evidence.adequacy[evidence.adequacy["definition"] == "said"]
    for row in said.to_dict("records") if has_values(said) else ():
        share = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "percent", n=row["n"])
        yield f"Adequately aligned as informants say: {share}, {row['n']:.0f} companies."
    for row in evidence.targets.to_dict("records") if has_values(evidence.targets) else ():
        share = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "percent", n=row["n"])
        yield f"A target for improvement, {row['class']}: {share}, {row['n']:.0f} company-years."
