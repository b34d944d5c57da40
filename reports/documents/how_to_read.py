"""How to read a comparison or a scorecard, and where its numbers come from."""

from collections.abc import Iterator

from reports.comparison import Comparison
from reports.documents.compared_passages import plain
from reports.report import Block, Bullets, Callout, Paragraph, Section
from survey.cleaning_log import rule_said
from survey.language import look_up, mark, say

PERCENTILE, ENDS, BEST = (
    mark("percentile {by}"), mark("ends of its interval {by}"), mark("probability to be among the best {by}"),
)  # fmt: skip
"""What a pack tells with a tolerance."""

NOT_REPEATED = {
    "careless_dropped": mark("people who answered carelessly were dropped"),
    "contradictions_out": mark("answers that contradict each other were taken out"),
    "titles_read": mark("job titles were read by a table of the study's own"),
    "set_aside": mark("companies whose people do not agree were set aside"),
}
"""What `not_repeated` of a pack can name."""


def how_to_read(found: Comparison, *, own: bool = False) -> Section:
    """Five lines on how to read it, what was left out, the terms.

    Parameters
    ----------
    found
        The company beside the norms.
    own
        Whether the reader is the company, in a study that it took part in.
    """
    pack, provenance = found.pack.benchmarks, found.pack.provenance
    blocks: list[Block] = [Bullets(tuple(_lines(found, own=own)))]
    left_out = [f"{count}: {rule_said(reason)}" for reason, count in found.dropped.items()]
    if left_out:
        blocks.append(Callout("caution", say("Answers left out"), f"{'; '.join(left_out)}."))
    if pack.key.not_repeated and not own:
        what = "; ".join(look_up(NOT_REPEATED[key]) for key in pack.key.not_repeated)
        text = say("The study did what was not done to your answers: {what}.", what=what)
        blocks.append(Callout("caution", say("Not repeated here"), text))
    if not own:
        if provenance.simulated:
            blocks.append(
                Callout(
                    "caution",
                    say("Simulated data"),
                    say("The data are simulated: the companies are invented."),
                )
            )
        what = (provenance.population or say("not described")).rstrip(".")
        texts = [
            say("Companies: {what}.", what=what), say("Terms: {what}", what=look_up(provenance.terms)),
            *provenance.limits,
        ]  # fmt: skip
        blocks += [Paragraph(plain(text)) for text in texts]
    return Section(
        "how-to-read", say("How to read this"), say("What do these numbers mean?"), "", tuple(blocks)
    )


def _lines(found: Comparison, *, own: bool) -> Iterator[str]:
    off = found.pack.benchmarks.tolerance
    known = {PERCENTILE: off.percentile, ENDS: off.percentile_interval, BEST: off.best_probability}
    parts = [look_up(text).format(by=f"{value:.0f}") for text, value in known.items() if value is not None]
    yield say("Scores run from 0 to 100: 0 is the worst answer to every statement, 100 the best.")
    yield say(
        "An interval of 95% holds what would come out if everybody were asked, 95 times of 100. Where two "
        "intervals overlap widely, take the difference for none."
    )
    if not own:
        yield say(
            "Your score, its interval, the stage and the gaps are what the full study computes from these "
            "answers."
        )
    read = say(
        "Percentiles are read off means of neighbouring companies, as no company's own value is given away."
    )
    yield (
        say(
            "{read} They differ from the exact ones by at most so many points: {parts}.",
            read=read,
            parts="; ".join(parts),
        )
        if parts
        else read
    )
    if found.pack.benchmarks.weighted:
        yield say("Companies count by the weights of the study in shares, percentiles and medians.")
    yield say("What goes with growth need not cause it: start small, and measure.")
    if own:
        yield say(
            "Of the other companies nothing is shown that stands for fewer than {least}.",
            least=found.pack.benchmarks.minimum_companies,
        )


def sources(found: Comparison) -> Iterator[tuple[str, str]]:
    """Yield what stands at the foot: study, version, data, seed."""
    provenance = found.pack.provenance
    made = say(
        "alignmark {version}, code {code}, data {data}, seed {seed}", version=provenance.code_version,
        code=provenance.code_sha256[:12], data=provenance.data_sha256[:12], seed=provenance.seed,
    )  # fmt: skip
    yield say("Study"), plain(f"{provenance.title}, {provenance.wave}")
    yield say("Made by"), made
