"""The first page: what was found."""

import pandas as pd

from analysis.benchmark.disclosure import SEVERAL
from analysis.benchmark.norms import PERCENTILES
from analysis.benchmark.rounding import blurred
from reports.documents.passages import all_waves, base, has_values, too_few
from reports.evidence import Evidence
from reports.figures.drawing import render
from reports.figures.strip import strip
from reports.findings import findings
from reports.report import Block, Callout, Figure, Section
from reports.tables import number_text
from reports.titles import in_sentence, title_of
from survey.language import look_up, mark, say

SPREADS = {
    ("p10", "p90"): (
        mark("Four in five companies score between {low} and {high} on {index}"),
        mark("The median is {median}; eight in ten lie between {low} and {high}."),
    ),
    ("p25", "p75"): (
        mark("Half of all companies score between {low} and {high} on {index}"),
        mark("The median is {median}; half of them lie between {low} and {high}."),
    ),
}
"""Two percentiles, the widest apart first, and what is said of what lies between them."""


def summary(evidence: Evidence) -> Section:
    """The findings on one page, over the strip of all companies."""
    facts = evidence.facts
    companies = evidence.panel.frame["company"].nunique()
    who = say("{n} companies, {when}.", n=number_text(companies, "count"), when=all_waves(evidence))
    lead = f"{who} {facts.population} {facts.fieldwork}".strip()
    norm = evidence.norms[
        (evidence.norms["variable"] == "alignment") & (evidence.norms["wave"] == facts.latest)
    ]
    strip_block = (
        strip_figure(evidence)
        if has_values(norm, "median")
        else too_few(say("The strip of all companies"), evidence, times=SEVERAL)
    )
    blocks: list[Block] = [*_simulated(evidence), *findings(evidence), strip_block]
    return Section("summary", say("Summary"), say("What did you find?"), lead, tuple(blocks))


def _simulated(evidence: Evidence) -> list[Block]:
    if not evidence.facts.simulated:
        return []
    text = say("They were simulated to show and to test the methods.")
    return [Callout("caution", say("These data are invented"), text)]


def strip_figure(evidence: Evidence) -> Figure:
    """All companies on the index, with the median and the best in class marked."""
    facts, index = evidence.facts, title_of("alignment", evidence.panel)
    staged = evidence.panel.instrument.relationship
    now = evidence.panel.wave(facts.latest).frame
    frame = blurred(now[["company", "alignment"]], ["alignment"], fewest=facts.minimum_companies)
    if "outcomes" in evidence.classes:
        found = evidence.classes["outcomes"].frame
        frame = frame.merge(
            found.loc[found["wave"] == facts.latest, ["company", "class"]], on="company", how="left"
        )
    norm = evidence.norms[
        (evidence.norms["variable"] == "alignment") & (evidence.norms["wave"] == facts.latest)
    ]
    row = norm.iloc[0]
    marks = [{"role": "median", "label": say("Median"), "estimate": float(row["median"])}]
    best = _best_level(evidence)
    if best is not None:
        marks.append({"role": "best in class", "label": say("Best in class, all waves"), "estimate": best})
    title, spread = _spread(row, index=in_sentence(index))
    points = say(
        "Every company as a point on the {index} index from 0 to 100, over bands of the four relationship stages."
        if staged
        else "Every company as a point on the {index} index from 0 to 100.",
        index=in_sentence(index),
    )
    return render(
        lambda ax: strip(
            ax,
            frame,
            marks=pd.DataFrame(marks),
            label=say("{index}, 0 to 100 points", index=index),
            stages=staged,
        ),
        id="all-companies",
        title=title,
        alt=f"{points} {spread}",
        base=_strip_base(evidence, frame),
        size=(6.8, 2.4),
        kind="strip",
    )


def _spread(row: "pd.Series[float]", *, index: str) -> tuple[str, str]:
    """Say how companies spread, as a title and with the median: by the widest share of them that is told."""
    at = {name: f"{row[name]:.0f}" for name in PERCENTILES}
    for (low, high), (title, text) in SPREADS.items():
        if row[[low, high]].notna().all():
            ends = {"low": at[low], "high": at[high]}
            return look_up(title).format(index=index, **ends), look_up(text).format(
                median=at["median"], **ends
            )
    return say("All companies on {index}", index=index), say("The median is {median}.", median=at["median"])


def _strip_base(evidence: Evidence, frame: pd.DataFrame) -> str:
    told = [
        base(evidence, frame["alignment"].notna().sum()),
        say(
            "Points to the nearest 2; the {n} lowest stand together, as do the highest.",
            n=evidence.facts.minimum_companies,
        ),
    ]
    if "class" in frame:
        told.append(say("Diamonds: best in class in {wave}.", wave=evidence.facts.latest))
    return " ".join(told)


def _best_level(evidence: Evidence) -> float | None:
    table = evidence.class_means
    if table.empty:
        return None
    rows = table[(table["class"] == "best in class") & (table["variable"] == "alignment")]
    return None if rows.empty or rows["estimate"].isna().all() else float(rows.iloc[0]["estimate"])
