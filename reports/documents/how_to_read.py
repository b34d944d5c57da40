"""How to read a comparison or a scorecard, and where its numbers come from."""

from collections.abc import Iterator

from reports.comparison import Comparison
from reports.documents.compared_passages import plain, say
from reports.report import Block, Bullets, Callout, Paragraph, Section


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
    left_out = [f"{count}: {reason}" for reason, count in found.dropped.items()]
    if left_out:
        blocks.append(Callout("caution", say("left_out_title", found), f"{'; '.join(left_out)}."))
    if pack.key.not_repeated and not own:
        what = "; ".join(say(key, found) for key in pack.key.not_repeated)
        text = say("not_repeated", found, what=what)
        blocks.append(Callout("caution", say("not_repeated_title", found), text))
    if not own:
        if provenance.simulated:
            blocks.append(Callout("caution", say("simulated_title", found), say("simulated", found)))
        what = (provenance.population or say("not_described", found)).rstrip(".")
        texts = [
            say("companies_are", found, what=what), say("terms", found, what=provenance.terms), *provenance.limits,
        ]  # fmt: skip
        blocks += [Paragraph(plain(text)) for text in texts]
    return Section("how-to-read", say("read_title", found), say("read_question", found), "", tuple(blocks))


def _lines(found: Comparison, *, own: bool) -> Iterator[str]:
    off = found.pack.benchmarks.tolerance
    known = {"percentile": off.percentile, "ends": off.percentile_interval, "best": off.best_probability}
    parts = [
        say(f"off_{name}", found, by=f"{value:.0f}") for name, value in known.items() if value is not None
    ]
    yield say("read_scale", found)
    yield say("read_interval", found)
    if not own:
        yield say("read_same", found)
    read = say("read_percentile", found)
    yield say("read_off", found, read=read, parts=", ".join(parts)) if parts else read
    if found.pack.benchmarks.weighted:
        yield say("read_weighted", found)
    yield say("read_cause", found)
    if own:
        yield say("read_own", found, least=found.pack.benchmarks.minimum_companies)


def sources(found: Comparison) -> Iterator[tuple[str, str]]:
    """Yield what stands at the foot: study, version, data, seed."""
    provenance = found.pack.provenance
    made = say(
        "fact_made_text", found, version=provenance.code_version, code=provenance.code_sha256[:12],
        data=provenance.data_sha256[:12], seed=provenance.seed,
    )  # fmt: skip
    yield say("fact_pack", found), plain(f"{provenance.title}, {provenance.wave}")
    yield say("fact_made", found), made
