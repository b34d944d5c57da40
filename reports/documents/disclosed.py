"""What the AAPOR Code asks to be disclosed with results: stated from study file and run, or said to be missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from reports.documents.passages import sentence_list
from reports.evidence import Evidence
from reports.report import Block, Callout, Column, Heading, Table
from reports.tables import interval_text, number_text
from reports.titles import title_of


@dataclass(frozen=True, slots=True)
class Item:
    """One disclosure item, what is stated, and the keys of ``report:`` that are empty although it needs them."""

    name: str
    stated: str
    missing: tuple[str, ...] = ()


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
    lacking = [item for item in items if item.missing]
    if lacking:
        keys = sentence_list([f"report.{key}" for item in lacking for key in item.missing])
        names = sentence_list([item.name[0].lower() + item.name[1:] for item in lacking])
        what = "is" if len(lacking) == 1 else "are"
        yield Callout(
            "caution",
            f"{len(lacking)} of the {len(items)} items {what} not fully disclosed",
            f"Missing or in part: {names}. The study file can state them under {keys}.",
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
    shown = " crosstabs.html holds the wording of every question of its books." if evidence.books else ""
    yield Item("Measurement tools: questions and wording", asked + shown)
    yield _item("Population under study", {"population": facts.population})
    drawn = {name: said.get(name, "") for name in ("sample_source", "recruitment")}
    yield _item("How the sample was generated and recruited", drawn)
    yield _item("Method and mode of data collection", {"mode": said.get("mode", "")}, facts.fieldwork)
    yield _item("Dates of data collection", {"field_dates": said.get("field_dates", "")})
    yield Item("Sample sizes and precision", _precision(evidence))
    weighted = (
        " ".join(evidence.weights.said) if evidence.weights is not None else "The data are not weighted."
    )
    yield Item("How the data were weighted", weighted)
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
    lacking = f"Missing: {', '.join(f'report.{key}' for key in item.missing)} is not stated."
    return f"{item.stated} {lacking}".strip()


def _precision(evidence: Evidence) -> str:
    """Say how many answered in the latest wave, and how precise the index is."""
    rows = evidence.index_by_wave
    now = rows[(rows["wave"] == evidence.facts.latest) & (rows["variable"] == "alignment")]
    if now.empty or now["estimate"].isna().all():
        return "See the table of who answered; the index of the latest wave stands for too few companies."
    row = now.iloc[0]
    level = interval_text(row["estimate"], row["conf_low"], row["conf_high"], "points")
    index = title_of("alignment", evidence.panel)
    return (
        f"{number_text(row['n'], 'count')} companies in {evidence.facts.latest}. {index}: {level} (95% interval). "
        "Intervals take the design, with companies as clusters; other sources of error are not in them."
    )
