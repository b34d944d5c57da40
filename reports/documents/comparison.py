"""The page to compare yourself: one company beside a benchmark pack."""

from collections.abc import Iterator

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_constructs import distance_to_best, priorities, two_views
from reports.documents.compared_passages import base_of, interval_words, plain, probability_text, source_of
from reports.figures.drawing import render
from reports.figures.standing import standing
from reports.report import Block, Bullets, Callout, Column, Figure, Finding, Paragraph, Report, Section, Table
from reports.tables import number_text
from reports.wording import word


def comparison_report(found: Comparison) -> Report:
    """Build the report of a comparison: where the company stands, how its functions see it, what to do first."""
    whose = plain(found.company) or "Your company"
    provenance = found.pack.provenance
    return Report(
        title=f"{whose} beside {provenance.companies} companies",
        subtitle=plain(f"{provenance.title}, {provenance.wave}"),
        language="en",
        sections=(
            _where_you_stand(found), two_views(found), distance_to_best(found), priorities(found), _fuller(found),
            _how_to_read(found),
        ),
        facts=tuple(_facts(found)),
    )  # fmt: skip


def _where_you_stand(found: Comparison) -> Section:
    row, key = found.index, found.pack.benchmarks.key
    score = number_text(row["alignment"], "points")
    stage = str(row["stage"]) if key.stages else ""
    title = f"You score {score} of 100" + (f", the stage {word(stage)}" if stage else "")
    answered = ", ".join(
        f"{count} of {name}" if name else f"{count} people" for name, count in found.people.items()
    )
    lead = f"Answers that count: {answered}. " + _percentile_words(found)
    blocks: list[Block] = [_strip(found), *_findings(found), *_groups(found)]
    return Section("where-you-stand", title, "Where do you stand?", lead, tuple(blocks))


def _percentile_words(found: Comparison) -> str:
    row, companies = found.index, found.pack.benchmarks.norms["alignment"].n
    low, high = row["percentile_low"], row["percentile_high"]
    at = f"{row['percentile']:.0f}% of {companies} companies score lower"
    if pd.isna(low):
        return f"{at}; how sure that is cannot be said."
    return (
        f"{at}; with so few asked, your true place is between percentile {low:.0f} and percentile {high:.0f}."
    )


def _strip(found: Comparison) -> Figure:
    row, pack = found.index, found.pack.benchmarks
    norm = pack.norms["alignment"]
    steps = pd.DataFrame({"company": range(len(norm.steps)), "alignment": norm.steps})
    marks = [("you", "You", row["alignment"]), ("median", "Median", float(norm.quantile(0.5)))]
    if pack.best is not None and "alignment" in pack.best.profile:
        marks.append(("best in class", "Best in class", pack.best.profile["alignment"].estimate))
    frame = pd.DataFrame(marks, columns=["role", "label", "estimate"])
    index = pack.key.instrument.index[pack.key.instrument.languages[0]]
    return render(
        lambda ax: standing(
            ax, steps, marks=frame, interval=(float(row["conf_low"]), float(row["conf_high"])),
            label=f"{index}, points",
            stages=bool(pack.key.stages),
        ),
        id="standing",
        title=f"{100 - row['percentile']:.0f} of 100 companies score higher than you",
        alt=f"Your score {interval_words(row, 'alignment')}; "
        + "; ".join(f"{label} {number_text(value, 'points')}" for _, label, value in marks[1:]),
        base=f"{base_of(found)} Each point is the mean of {pack.minimum_companies} or more companies next to one "
        "another; the shaded band is the 95% interval of your score.",
        kind="standing",
    )  # fmt: skip


def _findings(found: Comparison) -> Iterator[Finding]:
    row, pack = found.index, found.pack.benchmarks
    known = pd.notna(row["conf_low"])
    wide = known and row["conf_high"] - row["conf_low"] > 20
    people = sum(found.people.values())
    yield Finding(
        "score", f"Your score is {number_text(row['alignment'], 'points')}",
        f"{interval_words(row, 'alignment')}, 95% interval",
        f"Median of all companies: {number_text(float(pack.norms['alignment'].quantile(0.5)), 'points')}.",
        "low" if wide or not known else "moderate",
        f"It rests on {people} people; others of your company may see it differently.",
        value=number_text(row["alignment"], "points"), evidence="standing",
    )  # fmt: skip
    if pd.notna(row["best_probability"]):
        share = f"{100 * pack.best_share:.0f}%"
        yield Finding(
            "best",
            f"The probability that you are among the best {share} is {probability_text(row['best_probability'])}",
            "From your score and its error, and from how far companies really differ.",
            "A company picked at random has " + share + ".",
            "moderate", "It takes your answers for those of people picked at random in your company.",
            value=probability_text(row["best_probability"]), evidence="standing",
        )  # fmt: skip
    if pd.notna(row["shrunk"]):
        text = interval_words(row, "shrunk")
        yield Finding(
            "shrunk", f"The best guess of your true score is {number_text(row['shrunk'], 'points')}", text,
            "Scores of few people are partly luck; the guess lies between your score and the usual one.",
            "moderate", "It takes your company for one like those of the study.",
            value=number_text(row["shrunk"], "points"), evidence="standing",
        )  # fmt: skip


def _groups(found: Comparison) -> Iterator[Block]:
    if found.groups.empty:
        return
    columns = (
        Column("value", "Companies"), Column("n", "Number", "count"), Column("median", "Median", "points"),
        Column("percentile", "Your percentile", "count"),
    )  # fmt: skip
    frame = found.groups.assign(key=found.groups["key"].str.replace("_", " ").str.capitalize())
    yield Table(
        "groups", "Your score among companies of one kind", frame, columns, base_of(found),
        ("Read the rows that are your own kind.",), group="key",
    )  # fmt: skip


def _fuller(found: Comparison) -> Section:
    frame = found.fuller.dropna()
    question = "What would a fuller survey add?"
    if frame.empty:
        text = "Not available: in the study no two people of a company answered, so how far they differ is not known."
        return Section("fuller-survey", "How much more people would add is not known", question, text)
    few, many = frame.iloc[0], frame.iloc[-1]
    title = (
        f"With {many['people']:.0f} people of each function your score would be sure to "
        f"{number_text(many['reach'], 'points')}"
    )
    each = "of each function" if len(found.pack.benchmarks.key.functions) > 1 else "who answer"
    table = Table(
        "fuller", "How sure a score is, by people asked", frame,
        (Column("people", f"People {each}", "count"), Column("reach", "Half the 95% interval", "number")),
        source_of(found),
        ("If everyone answers every statement; from how far people of one company differ in the study.",),
    )  # fmt: skip
    lead = (
        f"With {few['people']:.0f} it is sure to {number_text(few['reach'], 'points')}. More people also show where "
        "colleagues differ, and let both functions' views be shown."
    )
    return Section("fuller-survey", title, question, lead, (table,))


def _how_to_read(found: Comparison) -> Section:
    pack, provenance = found.pack.benchmarks, found.pack.provenance
    off = pack.tolerance
    lines = [
        "Scores run from 0 to 100: 0 is the worst answer to every statement, 100 the best.",
        "An interval of 95% holds what would come out if everybody were asked, 95 times of 100. Where two intervals "
        "overlap widely, take the difference for none.",
        "Your score, its interval, the stage and the gaps are what the full study would compute from these answers.",
        "Percentiles are read off means of neighbouring companies, as no company's own value is given away. "
        f"In the study they were off by up to {_known(off.percentile)} points, interval ends by up to "
        f"{_known(off.percentile_interval)}, the probability of being among the best by up to "
        f"{_known(off.best_probability)}.",
        "What goes with growth need not cause it: start small, and measure.",
    ]
    blocks: list[Block] = [Bullets(tuple(lines))]
    left_out = [f"{count}: {reason}" for reason, count in found.dropped.items()]
    if left_out:
        blocks.append(Callout("caution", "Answers left out", f"{'; '.join(left_out)}."))
    if pack.key.not_repeated:
        said = f"The study did what was not done to your answers: {'; '.join(pack.key.not_repeated)}."
        blocks.append(Callout("caution", "Not repeated here", said))
    if provenance.simulated:
        blocks.append(Callout("caution", "Simulated data", "The companies of this pack are invented."))
    terms = [
        f"Companies: {(provenance.population or 'not described').rstrip('.')}.",
        f"Terms: {provenance.terms}",
        *provenance.limits,
    ]
    blocks += [Paragraph(plain(text)) for text in terms]
    return Section("how-to-read", "How to read this", "What do these numbers mean?", "", tuple(blocks))


def _known(value: float | None) -> str:
    return "an unknown number of" if value is None else f"{value:.0f}"


def _facts(found: Comparison) -> Iterator[tuple[str, str]]:
    provenance = found.pack.provenance
    yield "Pack", plain(f"{provenance.title}, {provenance.wave}")
    yield "Made by", f"alignmark {provenance.code_version}, code {provenance.code_sha256[:12]}"
    yield "Data", provenance.data_sha256[:12]
    yield "Seed", str(provenance.seed)
