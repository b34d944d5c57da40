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
    say,
    share,
)
from reports.figures.drawing import render
from reports.figures.standing import standing
from reports.report import Block, Column, Figure, Finding, Section, Table
from reports.style import WIDTH
from reports.wording import text_in, word

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
    score = points(row["alignment"], found)
    title = say("stand_title", found, score=score)
    if key.stages and str(row["stage"]):
        title = say("stand_title_stage", found, score=score, stage=word(str(row["stage"]), found.language))
    lead = f"{say('stand_people', found, people=people_words(found))} {percentile_words(found)}"
    others = [*_guess(found), *_groups(found)] if peers is None else list(peers)
    blocks: list[Block] = [_strip(found), *_findings(found), *others]
    return Section("where-you-stand", title, say("stand_question", found), lead, tuple(blocks))


def percentile_words(found: Comparison) -> str:
    """Say how many companies score lower, and between which places the company truly is."""
    row, companies = found.index, found.pack.benchmarks.norms["alignment"].n
    key = _near("stand_lower", row["percentile"])
    weighted = found.pack.benchmarks.weighted and key == "stand_lower"
    words = "stand_lower_weighted" if weighted else key
    at = say(words, found, share=share(row["percentile"], found), n=companies)
    low, high = row["percentile_low"], row["percentile_high"]
    if pd.isna(low):
        return f"{at} {say('stand_unsure', found)}"
    return f"{at} {say('stand_between', found, low=f'{low:.0f}', high=f'{high:.0f}')}"


def _near(key: str, percent: float) -> str:
    """Choose the sentence that says nearly none or nearly all where a rounded share would say none or all."""
    return f"{key}_none" if percent < 1 else f"{key}_all" if percent > 99 else key


def _strip(found: Comparison) -> Figure:
    row, pack = found.index, found.pack.benchmarks
    norm = pack.norms["alignment"]
    steps = pd.DataFrame({"company": range(len(norm.steps)), "alignment": norm.steps})
    marks = [("you", say("you", found), row["alignment"])]
    marks.append(("median", say("median", found), float(norm.quantile(0.5))))
    if pack.best is not None and "alignment" in pack.best.profile:
        marks.append(("best in class", say("best_in_class", found), pack.best.profile["alignment"].estimate))
    frame = pd.DataFrame(marks, columns=["role", "label", "estimate"])
    index = text_in(pack.key.instrument.index, found.language)
    base = say("stand_base", found, base=base_of(found), least=pack.minimum_companies)
    base = f"{base} {say('stand_band', found)}" if pd.notna(row["conf_low"]) else base
    others = "; ".join(f"{label} {points(value, found)}" for _, label, value in marks[1:])
    higher = 100 - row["percentile"]
    return render(
        lambda ax: standing(
            ax, steps, marks=frame, interval=(float(row["conf_low"]), float(row["conf_high"])),
            label=say("stand_axis", found, index=index), stages=bool(pack.key.stages), language=found.language,
        ),
        id="standing", title=say(_near("stand_figure", higher), found, share=share(higher, found)),
        alt=say("stand_alt", found, you=interval_words(row, "alignment", found.language), others=others),
        base=base, size=STRIP, kind="standing",
    )  # fmt: skip


def _findings(found: Comparison) -> Iterator[Finding]:
    row, pack = found.index, found.pack.benchmarks
    score, people = points(row["alignment"], found), sum(found.people.values())
    detail = "score_detail" if pd.notna(row["conf_low"]) else "score_detail_unsure"
    yield Finding(
        "score", say("score_headline", found, score=score),
        say(detail, found, interval=interval_words(row, "alignment", found.language)),
        say("score_comparison", found, median=points(float(pack.norms["alignment"].quantile(0.5)), found)),
        "moderate" if row["conf_high"] - row["conf_low"] <= WIDE else "low",
        say("score_caveat_one" if people == 1 else "score_caveat", found, n=people),
        value=bare(row["alignment"], found),
        evidence="standing",
    )  # fmt: skip
    if pd.notna(row["best_probability"]):
        chance = probability_text(row["best_probability"], found.language)
        best = share(100 * pack.best_share, found)
        yield Finding(
            "best", say("best_headline", found, share=best, probability=chance), say("best_detail", found),
            say("best_comparison", found, share=best), "moderate", say("best_caveat", found), value=chance,
            evidence="standing",
        )  # fmt: skip


def _guess(found: Comparison) -> Iterator[Finding]:
    row = found.index
    if pd.notna(row["shrunk"]):
        score = points(row["shrunk"], found)
        yield Finding(
            "shrunk", say("guess_headline", found, score=score), interval_words(row, "shrunk", found.language),
            say("guess_comparison", found), "moderate", say("guess_caveat", found),
            value=bare(row["shrunk"], found), evidence="standing",
        )  # fmt: skip


def _groups(found: Comparison) -> Iterator[Block]:
    if found.groups.empty:
        return
    columns = (
        Column("value", say("groups_companies", found)), Column("n", say("groups_number", found), "count"),
        Column("median", say("median", found), "points"),
        Column("percentile", say("groups_percentile", found), "count"),
    )  # fmt: skip
    frame = found.groups.assign(key=found.groups["key"].str.replace("_", " ").str.capitalize())
    caption, note = say("groups_caption", found), say("groups_note", found)
    yield Table("groups", caption, frame, columns, base_of(found), (note,), group="key")
