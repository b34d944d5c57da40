"""The scorecard of one company of a study: two to four pages for its own eyes."""

import math
from collections.abc import Iterator

import pandas as pd

from reports.documents.compared_constructs import distance_to_best, two_views
from reports.documents.compared_passages import base_of, plain, points
from reports.documents.first_steps import priorities
from reports.documents.how_to_read import how_to_read, sources
from reports.documents.norm_groups import group_words, segment_word
from reports.documents.standing import where_you_stand
from reports.figures.drawing import render
from reports.figures.slopes import slopes
from reports.report import Block, Figure, Finding, Heading, Paragraph, Report, Section
from reports.scorecard import Scorecard
from reports.style import WIDTH
from survey.language import look_up, mark, say, speaking

REACH = 1.959963984540054
"""Standard errors in half a 95% interval."""

AGREED = {
    "yes": mark("Within the functions your people agree enough for their mean to stand for them."),
    "with care": mark(
        "Within the functions your people agree on some subjects and not on others: take single subjects "
        "with care."
    ),
    "no": mark(
        "Within the functions your people see it very differently: their mean hides more than it shows. "
        "Talk about why first."
    ),
}
"""What each verdict on agreement says."""

PEER_PLACE = mark("Among your {n} closest peers you are at percentile {percentile}")
PEER_PLACES = {
    "0": mark("Percentile {percentile}: hardly any of your {n} closest peers scores lower than you"),
    "100": mark("Percentile {percentile}: hardly any of your {n} closest peers scores higher than you"),
}
"""What is said of the ends, where a percentile would be read as all or none."""

UNKNOWN = mark("Whether the people of a function agree cannot be said, as too few of them answered.")


def scorecard(card: Scorecard) -> Report:
    """Build the scorecard: where you stand, two views in your house, distance to the best, three priorities."""
    with speaking(card.comparison.language):
        return _report(card)


def _report(card: Scorecard) -> Report:
    found = card.comparison
    provenance = found.pack.provenance
    subtitle = say(
        "Scorecard beside {n} companies. {study}, {wave}",
        study=plain(provenance.title),
        wave=provenance.wave,
        n=provenance.companies,
    )
    return Report(
        title=plain(found.company),
        subtitle=subtitle,
        language=found.language,
        sections=(
            where_you_stand(found, peers=tuple(_peers(card))), *_two_views(card),
            distance_to_best(found), priorities(found), _trend(card), how_to_read(found, own=True),
        ),
        facts=tuple(sources(found)),
    )  # fmt: skip


def _two_views(card: Scorecard) -> Iterator[Section]:
    """Compare the functions, where the study asks for them at all: else nobody misses the comparison."""
    if len(card.comparison.pack.benchmarks.key.functions) > 1:
        yield two_views(card.comparison, more=_agreement(card))


def _peers(card: Scorecard) -> Iterator[Finding]:
    """The percentile among the closest peers, where there are norms of a group of them."""
    groups = card.comparison.groups
    if groups.empty:
        return
    closest = groups.sort_values(["n", "key"], kind="stable").iloc[0]
    at = f"{closest['percentile']:.0f}"
    (group,) = group_words(pd.Series([str(closest["value"])]))
    peers = plain(f"{segment_word(str(closest['key']))} {group}")
    told = PEER_PLACES.get(at, PEER_PLACE)
    headline = look_up(told).format(n=closest["n"] - 1, percentile=at)
    yield Finding(
        "peers", headline,
        say("Peers: {peers}. How sure that is cannot be said.", peers=peers),
        say("The closest group that has enough companies is taken."),
        "low", say("In a small group a few points move a company by many places."), value=at, evidence="standing",
    )  # fmt: skip


def _agreement(card: Scorecard) -> tuple[Block, ...]:
    """Say whether the people of each function agree enough for their mean to stand for them."""
    found = card.comparison
    if not card.verdict:
        return ()
    few = min(found.people.values()) < found.pack.benchmarks.minimum_respondents
    told = UNKNOWN if few else AGREED.get(card.verdict, UNKNOWN)
    return (Heading(say("Do your people agree among themselves?")), Paragraph(look_up(told)))


def _trend(card: Scorecard) -> Section:
    """The score of every wave, beside the mean of all companies."""
    question, name, rows = say("Are you getting better?"), "history", card.history
    if len(rows) < 2:
        lead = say("You take part for the first time, so there is no trend yet.")
        if card.caution:
            lead = say("There is one score that compares with other waves, so there is no trend.")
        return Section(name, say("No trend yet"), question, lead)
    rows = rows.sort_values("wave", ignore_index=True)
    return Section(name, _movement(rows), question, _ground(card, rows), (_slope(card, rows),))


def _ground(card: Scorecard, rows: pd.DataFrame) -> str:
    """Say what the waves are compared on where that is not all of the index, so that its last score may differ."""
    if not card.caution:
        return ""
    return say(
        "Scored on what all waves have in common, which makes {now} of {score} in {wave}. Left out: {questions}.",
        now=points(rows.iloc[-1]["estimate"]),
        score=points(card.comparison.index["alignment"]),
        wave=rows.iloc[-1]["wave"],
        questions=card.caution,
    )


def _slope(card: Scorecard, rows: pd.DataFrame) -> Figure:
    lines = {say("You"): "strong", say("All companies"): "plain"}
    own, usual = lines
    frame = pd.concat(
        [
            rows[["wave", "estimate", "conf_low", "conf_high"]].assign(label=own, style="strong"),
            rows[["wave"]].assign(estimate=rows["everyone"], label=usual, style="plain").dropna(subset=["estimate"]),
        ],
        ignore_index=True,
    )  # fmt: skip
    base = say(
        "{base} All companies: their mean, wave by wave. Different people may have answered in different waves. "
        "95% intervals.",
        base=base_of(card.comparison),
    )
    told = [(label, _by_wave(frame[frame["label"] == label])) for label in lines]
    alt = "; ".join(f"{label}: {scores}" for label, scores in told if scores)
    return render(
        lambda ax: slopes(ax, frame, label=say("Points of 100")),
        id="trend", title=_movement(rows), alt=alt, base=base, kind="slopes", size=(WIDTH, 1.5),
    )  # fmt: skip


def _by_wave(rows: pd.DataFrame) -> str:
    return ", ".join(f"{row['wave']}: {points(row['estimate'])}" for row in rows.to_dict("records"))


def _movement(rows: pd.DataFrame) -> str:
    """Say how the score moved between the last two waves, and whether that is more than chance."""
    before, now = rows.iloc[-2], rows.iloc[-1]
    change = now["estimate"] - before["estimate"]
    reach = REACH * math.hypot(before["std_error"], now["std_error"])
    scores = {"before": points(before["estimate"]), "now": points(now["estimate"])}
    if pd.isna(reach):
        return say("Your score was {before} and is {now}; whether that is chance cannot be said", **scores)
    if abs(change) <= reach:
        return say("Your score was {before} and is {now}: a change within chance", **scores)
    return say(
        "Your score went up from {before} to {now}, beyond chance"
        if change > 0
        else "Your score went down from {before} to {now}, beyond chance",
        **scores,
    )
