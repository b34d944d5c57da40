"""Where a company stands among the others, and how sure that is."""

from collections.abc import Iterator

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_passages import (
    bare,
    base_of,
    interval_words,
    people_words,
    points,
    probability_text,
    share,
)
from reports.figures.drawing import render
from reports.figures.standing import standing
from reports.report import Block, Column, Figure, Finding, Section, Table
from reports.style import WIDTH
from reports.wording import text_in, word
from survey.language import say, say_n

STRIP = (WIDTH, 2.5)
"""Inches of the strip: a scorecard begins with it and has to end on the same page."""

WIDE = 20
"""Points of an interval from which a score is a first indication only."""


def where_you_stand(found: Comparison, *, peers: tuple[Finding, ...] | None = None) -> Section:
    """The score on the strip of the norms, its percentile, the probability of being among the best.

    Parameters
    ----------
    found
        The company beside the norms.
    peers
        What is known of its closest peers, if anything; without it, the groups of the pack are listed.
    """
    row, key = found.index, found.pack.benchmarks.key
    score = points(row["alignment"])
    title = say("You score {score} of 100", score=score)
    if key.stages and str(row["stage"]):
        title = say(
            "You score {score} of 100: the stage “{stage}”", score=score, stage=word(str(row["stage"]))
        )
    people = say("Answers that count: {people}.", people=people_words(found))
    lead = f"{people} {percentile_words(found)}"
    others = [*_guess(found), *_groups(found)] if peers is None else list(peers)
    blocks: list[Block] = [_strip(found), *_findings(found), *others]
    return Section("where-you-stand", title, say("Where do you stand?"), lead, tuple(blocks))


def percentile_words(found: Comparison) -> str:
    """Say how many companies score lower, and between which places the company truly is."""
    row, companies = found.index, found.pack.benchmarks.norms["alignment"].n
    at = _lower(row["percentile"], companies, weighted=found.pack.benchmarks.weighted)
    low, high = row["percentile_low"], row["percentile_high"]
    if pd.isna(low):
        unsure = say("How sure that is cannot be said.")
        return f"{at} {unsure}"
    between = say(
        "As not everybody was asked, your true place is anywhere between percentile {low} and percentile "
        "{high}.",
        low=f"{low:.0f}",
        high=f"{high:.0f}",
    )
    return f"{at} {between}"


def _lower(percent: float, companies: int, *, weighted: bool) -> str:
    """Say how many score lower: nearly none or nearly all where a rounded share would say none or all."""
    if percent < 1:
        return say("Hardly any of {n} companies score lower.", n=companies)
    if percent > 99:
        return say("Nearly all of {n} companies score lower.", n=companies)
    return say(
        "Companies with {share} of the weight of all {n} score lower."
        if weighted
        else "{share} of {n} companies score lower.",
        share=share(percent),
        n=companies,
    )


def _higher(percent: float) -> str:
    """Say how many score higher, likewise."""
    if percent < 1:
        return say("Hardly any company scores higher than you")
    if percent > 99:
        return say("Nearly all companies score higher than you")
    return say("{share} of the companies score higher than you", share=share(percent))


def _strip(found: Comparison) -> Figure:
    row, pack = found.index, found.pack.benchmarks
    norm = pack.norms["alignment"]
    steps = pd.DataFrame({"company": range(len(norm.steps)), "alignment": norm.steps})
    marks = [("you", say("You"), row["alignment"])]
    marks.append(("median", say("Median"), float(norm.quantile(0.5))))
    if pack.best is not None and "alignment" in pack.best.profile:
        marks.append(("best in class", say("Best in class"), pack.best.profile["alignment"].estimate))
    frame = pd.DataFrame(marks, columns=["role", "label", "estimate"])
    index = text_in(pack.key.instrument.index, found.language)
    base = say(
        "{base} Each point is the mean of {least} or more companies next to one another.",
        base=base_of(found),
        least=pack.minimum_companies,
    )
    if pd.notna(row["conf_low"]):
        base += " " + say("The blue band is the 95% interval of your score.")
    others = "; ".join(f"{label} {points(value)}" for _, label, value in marks[1:])
    higher = 100 - row["percentile"]
    return render(
        lambda ax: standing(
            ax, steps, marks=frame, interval=(float(row["conf_low"]), float(row["conf_high"])),
            label=say("{index}, points", index=index), stages=bool(pack.key.stages), language=found.language,
        ),
        id="standing", title=_higher(higher),
        alt=say(
            "A scale from 0 to 100: your score {you}; {others}", you=interval_words(row, "alignment"), others=others
        ),
        base=base, size=STRIP, kind="standing",
    )  # fmt: skip


def _findings(found: Comparison) -> Iterator[Finding]:
    row, pack = found.index, found.pack.benchmarks
    score, people = points(row["alignment"]), sum(found.people.values())
    detail = say(
        "{interval}, 95% interval."
        if pd.notna(row["conf_low"])
        else "{interval}; how sure that is cannot be said.",
        interval=interval_words(row, "alignment"),
    )
    yield Finding(
        "score", say("Your score is {score}", score=score),
        detail,
        say("Median of all companies: {median}.", median=points(float(pack.norms["alignment"].quantile(0.5)))),
        "moderate" if row["conf_high"] - row["conf_low"] <= WIDE else "low",
        say_n(
            people, "It rests on one person; others of your company may see it differently.",
            "It rests on {n} people; others of your company may see it differently.", n=people,
        ),
        value=bare(row["alignment"]),
        evidence="standing",
    )  # fmt: skip
    if pd.notna(row["best_probability"]):
        chance = probability_text(row["best_probability"])
        best = share(100 * pack.best_share)
        yield Finding(
            "best",
            say(
                "The probability that you are among the best {share} by the index is {probability}",
                share=best, probability=chance,
            ),
            say("From your score and its error, and from how far companies really differ."),
            say("A company picked at random has {share}.", share=best), "moderate",
            say("It takes your answers for those of people picked at random in your company."), value=chance,
            evidence="standing",
        )  # fmt: skip


def _guess(found: Comparison) -> Iterator[Finding]:
    row = found.index
    if pd.notna(row["shrunk"]):
        score = points(row["shrunk"])
        yield Finding(
            "shrunk", say("The best guess of your true score is {score}", score=score), interval_words(row, "shrunk"),
            say("Scores of few people are partly luck; the guess lies between your score and the usual one."),
            "moderate",
            say("It takes your company for one like those of the study."),
            value=bare(row["shrunk"]), evidence="standing",
        )  # fmt: skip


def _groups(found: Comparison) -> Iterator[Block]:
    if found.groups.empty:
        return
    columns = (
        Column("value", say("Companies")), Column("n", say("Number"), "count"),
        Column("median", say("Median"), "points"),
        Column("percentile", say("Your percentile"), "count"),
    )  # fmt: skip
    frame = found.groups.assign(key=found.groups["key"].str.replace("_", " ").str.capitalize())
    caption, note = (
        say("Your score among companies of one kind"),
        say("Read the rows that are your own kind."),
    )
    yield Table("groups", caption, frame, columns, base_of(found), (note,), group="key")
