"""The scorecard of one company of a study: two to four pages for its own eyes."""

import math
from collections.abc import Iterator

import pandas as pd

from reports.comparison import Comparison
from reports.documents.compared_constructs import distance_to_best, two_views
from reports.documents.compared_passages import base_of, plain, points, say
from reports.documents.first_steps import priorities
from reports.documents.how_to_read import how_to_read, sources
from reports.documents.standing import where_you_stand
from reports.figures.drawing import render
from reports.figures.slopes import slopes
from reports.report import Block, Callout, Figure, Finding, Heading, Paragraph, Report, Section
from reports.scorecard import Scorecard
from reports.style import WIDTH

SEGMENTS = ("industry", "size", "region")
"""Facts of a company that have a name in every language."""

REACH = 1.959963984540054
"""Standard errors in half a 95% interval."""

AGREED = {"yes": "agreed_yes", "with care": "agreed_partly", "no": "agreed_no"}


def scorecard(card: Scorecard) -> Report:
    """Build the scorecard: where you stand, two views in your house, distance to the best, three priorities."""
    found = card.comparison
    provenance = found.pack.provenance
    subtitle = say(
        "card_subtitle", found, study=plain(provenance.title), wave=provenance.wave, n=provenance.companies
    )
    return Report(
        title=plain(found.company),
        subtitle=subtitle,
        language=found.language,
        sections=(
            where_you_stand(found, peers=tuple(_peers(card))), *_two_views(card),
            distance_to_best(found), priorities(found, more=tuple(_trend(card))), how_to_read(found, own=True),
        ),
        facts=tuple(sources(found)),
    )  # fmt: skip


def _two_views(card: Scorecard) -> Iterator[Section]:
    """Compare the functions, where the study asks for them at all: else nobody misses the comparison."""
    if len(card.comparison.pack.benchmarks.key.functions) > 1:
        yield two_views(card.comparison, more=_agreement(card))


def _peers(card: Scorecard) -> Iterator[Finding]:
    """The percentile among the closest peers, where there is a group of them."""
    place, found = card.place, card.comparison
    if pd.isna(place.get("peer_percentile", float("nan"))) or not place.get("peer_group"):
        return
    at, low, high = (f"{place[f'peer_percentile{end}']:.0f}" for end in ("", "_low", "_high"))
    peers = _peer_words(str(place["peer_group"]), card)
    detail = say("peers_detail_unsure", found, peers=peers)
    if pd.notna(place["peer_percentile_low"]):
        detail = say("peers_detail", found, peers=peers, low=low, high=high)
    yield Finding(
        "peers", say("peers_headline", found, n=f"{place['peer_n']:.0f}", percentile=at), detail,
        say("peers_comparison", found),
        "low", say("peers_caveat", found), value=at, evidence="standing",
    )  # fmt: skip


def _peer_words(group: str, card: Scorecard) -> str:
    """Name the facts that peers share in the language of the reader; values stay as they are."""
    found = card.comparison
    parts = [part.split(" ", 1) for part in group.split(", ")]
    return ", ".join(
        f"{say(f'segment_{part[0]}', found)} {part[1]}"
        if part[0] in SEGMENTS and len(part) > 1
        else " ".join(part)
        for part in parts
    )


def _agreement(card: Scorecard) -> tuple[Block, ...]:
    """Say whether the people of each function agree enough for their mean to stand for them."""
    found = card.comparison
    if "agreement_verdict" not in card.place:
        return ()
    few = min(found.people.values()) < found.pack.benchmarks.minimum_respondents
    key = "agreed_unknown" if few else AGREED.get(str(card.place["agreement_verdict"]), "agreed_unknown")
    return (Heading(say("agreed_title", found)), Paragraph(say(key, found)))


def _trend(card: Scorecard) -> Iterator[Block]:
    """The score of every wave, beside the median of all companies."""
    found, history = card.comparison, card.history
    if len(history) < 2:
        yield Heading(say("trend_heading", found))
        yield Paragraph(say("trend_first", found))
        return
    yield _slope(card)
    if card.caution:
        yield Callout("caution", say("trend_caution_title", found), f"{card.caution}.")


def _slope(card: Scorecard) -> Figure:
    found, rows = card.comparison, card.history.sort_values("wave", ignore_index=True)
    lines = {say("you", found): "strong", say("median", found): "plain"}
    own, usual = lines
    frame = pd.concat(
        [
            rows[["wave", "estimate", "conf_low", "conf_high"]].assign(label=own, style="strong"),
            rows[["wave"]].assign(estimate=rows["median"], label=usual, style="plain").dropna(subset=["estimate"]),
        ],
        ignore_index=True,
    )  # fmt: skip
    base = say("trend_base", found, base=base_of(found))
    alt = "; ".join(
        say("trend_alt", found, label=label, values=_by_wave(frame[frame["label"] == label], found))
        for label in lines
    )
    return render(
        lambda ax: slopes(ax, frame, label=say("points_of_100", found), language=found.language),
        id="trend", title=_movement(card, rows), alt=alt, base=base, kind="slopes", size=(WIDTH, 1.5),
    )  # fmt: skip


def _by_wave(rows: pd.DataFrame, found: Comparison) -> str:
    return ", ".join(f"{row['wave']}: {points(row['estimate'], found)}" for row in rows.to_dict("records"))


def _movement(card: Scorecard, rows: pd.DataFrame) -> str:
    """Say how the score moved between the last two waves, and whether that is more than chance."""
    before, now = rows.iloc[-2], rows.iloc[-1]
    change = now["estimate"] - before["estimate"]
    reach = REACH * math.hypot(before["std_error"], now["std_error"])
    key = "trend_unknown" if pd.isna(reach) else "trend_same"
    if abs(change) > reach:
        key = "trend_up" if change > 0 else "trend_down"
    found = card.comparison
    return say(key, found, before=points(before["estimate"], found), now=points(now["estimate"], found))
