"""Norms by peer group: whom companies are compared with, the index and the constructs of each group, and every norm."""

import re

import pandas as pd

from analysis.benchmark.disclosure import SEVERAL
from reports.alike import means_warning
from reports.documents.norms import FEW_BEYOND, QUARTERS, TOP_NOTE
from reports.documents.passages import base, bounded, not_available, sentence_list, with_titles
from reports.evidence import Evidence
from reports.report import Block, Column, Section, Table
from reports.tables import number_text
from reports.titles import title_of
from survey.language import look_up, mark, recognise, say

SEGMENT_WORDS = {
    "industry": mark("industry"), "size": mark("size"), "region": mark("region"), "employees": mark("employees"),
}  # fmt: skip

KINDS = (mark("index"), mark("construct"), mark("outcome"), mark("practice"))
"""Kinds of what has norms."""

STATISTICS = (mark("mean"), mark("median"), mark("top-2-box"))
"""Statistics of the table of all norms, besides percentiles and bands."""

BANDS = (mark("under {high}"), mark("{low} to under {high}"), mark("{low} and over"))
"""What bands of numbers are called by `analysis.benchmark.peers.band_names`."""

MOST_GROUPS = 7
"""Groups of a fact that stand side by side; more of them are in the workbook alone."""


def norms_by_group(evidence: Evidence) -> Section:
    """Norms by industry, size, region and groups of the study's own, and whom companies are compared with."""
    name, question = "norms-groups", say("What is usual among companies like us?")
    found = evidence.benchmarks.norms
    segments = [segment for segment in dict.fromkeys(found["segment"]) if segment] if len(found) else []
    if not segments:
        block = not_available(
            say("Norms by peer group"), say("nothing is known of the companies that could group them")
        )
        return Section(name, say("There are no peer groups"), question, "", (block,), appendix=True)
    blocks: list[Block] = [_rungs(evidence), _groups(evidence)]
    for segment in segments:
        part = found[(found["segment"] == segment) & (found["statistic"] == "mean")]
        if 1 < part["group"].nunique() <= MOST_GROUPS:
            blocks.append(_side_by_side(evidence, part, segment))
    lead = say(
        "Groups of fewer companies than the disclosure rule demands are blanked, and where one of them could be "
        "found by subtraction another group or the total is blanked, too."
    )
    words = sentence_list([segment_word(segment) for segment in segments])
    return Section(
        name, say("Norms by {segments}", segments=words), question, lead, tuple(blocks), appendix=True
    )


def every_norm(evidence: Evidence) -> tuple[Table, ...]:
    """All norms of the latest wave in one long table, for the workbook."""
    found = evidence.benchmarks.norms
    if not len(found):
        return ()
    rows = with_titles(found, evidence)
    columns = (
        Column("label", "What"),
        Column("kind", "Kind"),
        Column("segment", "Peers by"),
        Column("group", "Peers"),
        Column("statistic", "Statistic"),
        Column("estimate", "Estimate", "number", "conf_low", "conf_high"),
        Column("companies", "Companies", "count"),
    )
    rows = rows.assign(
        segment=rows["segment"].where(rows["segment"].ne(""), say("all companies")),
        statistic=[recognise(name, BANDS) for name in rows["statistic"]],
        group=rows.groupby("segment")["group"].transform(group_words),
    )
    caption = say("Every norm of {wave}, of all companies and by peer group", wave=evidence.facts.latest)
    notes = (look_up(QUARTERS), look_up(TOP_NOTE))
    return (Table("norms-all", caption, rows, columns, base(evidence, found["companies"].max()), notes),)


def _rungs(evidence: Evidence) -> Block:
    """Whom companies are compared with, and on which rung of the ladder."""
    found = evidence.benchmarks.rungs
    if not len(found):
        return not_available(say("Peer groups"), say("the study knows no facts that companies share"))
    columns = (
        Column("shared", "Peers share"),
        Column("companies", "Companies compared on it", "count"),
        Column("n", "Groups", "count"),
        Column("peers", "Peers of the typical company", "number"),
    )
    return Table(
        "peer-rungs", say("The ladder: each company is compared on the closest rung with enough peers"), found, columns,
        base(evidence, found["companies"].sum()),
        (say("Enough: {n} companies or more besides the company itself. The rung of each company stands in "
             "companies.csv.", n=evidence.benchmarks.peer_minimum),),
    )  # fmt: skip


def _groups(evidence: Evidence) -> Table:
    """The index in every peer group: mean, percentiles, share at the top and the change since the wave before."""
    found = evidence.benchmarks.norms
    rows = found[(found["variable"] == "alignment") & (found["segment"] != "")]
    keys = ["segment", "group"]
    table = rows[keys].drop_duplicates().set_index(keys)
    for statistic in ("mean", "p25", "median", "p75", "top-2-box"):
        part = rows[rows["statistic"] == statistic].set_index(keys)
        for column, suffix in (("estimate", ""), ("conf_low", "_low"), ("conf_high", "_high")):
            table[f"{statistic}{suffix}"] = part[column]
    table["companies"] = rows[rows["statistic"] == "mean"].set_index(keys)["companies"]
    table = _with_changes(_in_order(table.reset_index()), evidence)
    columns = [
        Column("group", "Peers"),
        Column("companies", "Companies", "count"),
        bounded("mean", "Mean", "points"),
        bounded("p25", "25th percentile", "points", reason="reason"),
        bounded("median", "Median", "points", reason="reason"),
        bounded("p75", "75th", "points", reason="reason"),
        bounded("top-2-box", "At 75 or more", "percent"),
    ]
    warned = ""
    if table["change"].notna().any():
        columns.append(bounded("change", "Change since the wave before", "difference"))
        warned = means_warning(evidence, "wave")
    index, hidden = title_of("alignment", evidence.panel), int(table["mean"].isna().sum())
    blank = _not_listed(hidden) if hidden else ""
    notes = (look_up(QUARTERS), look_up(TOP_NOTE), *filter(None, (blank, warned)))
    return Table(
        "norms-by-group", say("{index} by peer group in {wave}", index=index, wave=evidence.facts.latest),
        _listed(table), tuple(columns),
        base(evidence, table.groupby("segment")["companies"].sum().max()), notes, group="segment",
    )  # fmt: skip


def _listed(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out blank groups, and write the facts as headings."""
    shown = table[table["mean"].notna()].reset_index(drop=True)
    words = [segment_word(name) for name in shown["segment"]]
    groups = shown.groupby("segment")["group"].transform(group_words)
    return shown.assign(segment=[word[:1].upper() + word[1:] for word in words], group=groups)


def _with_changes(table: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    changes, keys = evidence.benchmarks.norm_changes, ["segment", "group"]
    minimum = SEVERAL * evidence.facts.minimum_companies
    few = say(
        "fewer than {minimum} companies: a percentile would be the score of one of them", minimum=minimum
    )
    enough = table["companies"] >= minimum
    table["reason"] = pd.Series(few, index=table.index).mask(enough, look_up(FEW_BEYOND))
    columns = {"estimate": "change", "conf_low": "change_low", "conf_high": "change_high"}
    if not len(changes):
        return table.assign(**dict.fromkeys(columns.values(), float("nan")))
    last = changes[changes["wave_to"] == evidence.facts.latest].assign(
        group=lambda rows: rows["group"].astype("str")
    )
    return table.merge(last[[*keys, *columns]].rename(columns=columns), on=keys, how="left")


def _side_by_side(evidence: Evidence, part: pd.DataFrame, segment: str) -> Table:
    """Means of constructs, results and the index in the groups of a fact."""
    rows = part[part["kind"].isin(["index", "construct"])]
    shown = rows[rows["estimate"].notna()]
    groups = sorted(dict.fromkeys(shown["group"]), key=by_size)
    blank = rows["group"].nunique() - len(groups)
    table = pd.DataFrame({"variable": list(dict.fromkeys(rows["variable"]))}).set_index("variable")
    for group in groups:
        of = rows[rows["group"] == group].set_index("variable")
        table[group] = of["estimate"]
        table[f"{group}_low"], table[f"{group}_high"] = of["conf_low"], of["conf_high"]
    table = with_titles(table.reset_index(), evidence)
    sizes = rows[rows["variable"] == "alignment"].set_index("group")["companies"]
    columns = (
        Column("label", "Construct"),
        *(
            bounded(group, f"{word} ({number_text(sizes.get(group, 0), 'count')})", "number")
            for group, word in zip(groups, group_words(pd.Series(groups, dtype="str")), strict=True)
        ),
    )
    caption = say(
        "Means by {segment} in {wave}, points", segment=segment_word(segment), wave=evidence.facts.latest
    )
    return Table(
        f"norms-by-{segment}", caption, table, columns,
        base(evidence, sizes.sum()),
        (say("In brackets: companies with an index."), *([_not_listed(blank)] if blank else [])),
    )  # fmt: skip


def _not_listed(groups: int) -> str:
    return say("{n} groups are not listed, as they or what they would give away are too small.", n=groups)


def segment_word(segment: str) -> str:
    """Name a fact of companies inside a sentence; one of the study's own by its name.

    Examples
    --------
    >>> segment_word("industry"), segment_word("sales_channel")
    ('industry', 'sales channel')
    """
    return look_up(SEGMENT_WORDS.get(segment, segment.replace("_", " ")))


def group_words(groups: "pd.Series[str]") -> "pd.Series[str]":
    """Say the bands of a number in the language of the report; groups that have names of their own keep them.

    Examples
    --------
    >>> group_words(pd.Series(["under 50", "50 and over"])).tolist()
    ['under 50', '50 and over']
    """
    known = groups.str.fullmatch(r"under \S+|\S+ to under \S+|\S+ and over").all()
    return groups.map(lambda name: recognise(name, BANDS)) if known else groups


def by_size(group: str) -> tuple[float, str]:
    """Key that sorts bands by their numbers, and other groups by their words.

    Examples
    --------
    >>> sorted(["250 and more", "50 to 249", "under 50", "Isles"], key=by_size)
    ['under 50', '50 to 249', '250 and more', 'Isles']
    """
    numbers = re.findall(r"\d+(?:\.\d+)?", group)
    if not numbers:
        return float("inf"), group
    below = group.lower().startswith(("under", "below", "less", "up to", "<"))
    return (-1.0 if below else float(numbers[0])), group


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort the groups of each fact, keeping the order of the facts."""
    first = {name: place for place, name in enumerate(dict.fromkeys(table["segment"]))}
    keys = pd.Series(list(zip(table["segment"].map(first), table["group"].map(by_size), strict=True)))
    return table.iloc[sorted(range(len(table)), key=keys.tolist().__getitem__)].reset_index(drop=True)
