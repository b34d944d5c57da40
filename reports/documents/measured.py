"""Whether the numbers are solid: each construct against the field's cut-offs, what follows, and the details."""

import pandas as pd

from analysis.measure.verdicts import CHECKS
from reports.alike import WORDS, read_alike
from reports.certainty import no_typical_reliability
from reports.documents.aggregation import aggregation
from reports.documents.agreement import agreement
from reports.documents.factors import factors
from reports.documents.invariance import PLURALS, invariance
from reports.documents.items import items
from reports.documents.passages import not_available, sentence_list, with_titles
from reports.documents.reliability import reliability
from reports.documents.what_follows import what_follows
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import heatmap, line_characters
from reports.judged import judged_text
from reports.numeral import missing_text
from reports.report import Block, Bullets, Column, Figure, Heading, Section, Table
from reports.tables import number_text
from survey.language import look_up, mark, say, say_n

CHECK_TITLES = {
    "alpha": mark("Statements hang together (alpha)"),
    "rwg_j": mark("Informants agree (median rwg(j), uniform null)"),
    "icc2": mark("Company score is reliable (ICC(2))"),
    "alike": mark("Groups read it alike (invariance)"),
}
"""The checks in their order, as columns of the heat map."""

COMPARED = ("function", "wave")
"""Comparisons whose means the report shows; of these the one that fares worse counts."""


def is_it_measured(evidence: Evidence) -> Section:
    """Every construct against every check in three levels, what follows for the reader, and the details."""
    question, name = say("Are these numbers solid?"), "measured"
    checks = _checks(evidence)
    if checks.empty or checks.loc[checks["check"] != "alike", "value"].isna().all():
        reason = _why_unchecked(checks, evidence)
        block = not_available(say("Checks of the measurement"), reason)
        return Section(name, say("The measurement cannot be checked"), question, "", (block,))
    details = (aggregation, invariance, reliability, agreement, factors, items)
    blocks: list[Block] = [
        _figure(checks, evidence),
        Heading(say("What follows from this")),
        Bullets(
            tuple(what_follows(checks, compared=_compared(evidence), by_function=_by_function(evidence)))
        ),
        *(block for part in details for block in part(evidence)),
    ]
    return Section(
        name, _title(checks, by_function=_by_function(evidence)), question, _lead(evidence), tuple(blocks)
    )


def _why_unchecked(checks: pd.DataFrame, evidence: Evidence) -> str:
    own = checks[checks["check"] != "alike"] if len(checks) else evidence.checks
    told = dict.fromkeys(filter(None, own["reason"])) if len(own) else ()
    return "; ".join(told) or evidence.panel.unavailable.get(
        "reliability", say("there are no answers of several people")
    )


def _checks(evidence: Evidence) -> pd.DataFrame:
    """Return one row per construct and check, in the order of `CHECK_TITLES`, with the words of each cell."""
    found = evidence.checks
    if found.empty:
        return found
    constructs = evidence.panel.instrument.alignment_constructs
    checks = with_titles(found[found["construct"].isin(constructs)], evidence, key="construct")
    checks["reason"] = checks["reason"].fillna("")
    checks["text"] = [
        judged_text(value, "ratio", CHECKS[check]) if pd.notna(value) else reason or missing_text()
        for check, value, reason in checks[["check", "value", "reason"]].to_numpy().tolist()
    ]
    table = pd.concat([checks, _alike(checks, evidence)], ignore_index=True)
    table["check_title"] = [look_up(CHECK_TITLES[check]) for check in table["check"]]
    order = {name: place for place, name in enumerate(dict.fromkeys(checks["construct"]))}
    ranks = {name: place for place, name in enumerate(CHECK_TITLES)}
    return table.sort_values(
        ["construct", "check"], key=lambda keys: keys.map({**order, **ranks}), ignore_index=True
    )


def _alike(checks: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Return whether groups read each construct alike, of the comparisons that the report makes the worst."""
    rows = checks.drop_duplicates("construct")[["construct", "label"]].reset_index(drop=True)
    found = evidence.invariance
    known = [name for name in COMPARED if len(found) and (found["comparison"] == name).any()]
    rows["n"] = rows["construct"].map(found.groupby("construct")["n"].max() if len(found) else {}).fillna(0)
    if not known:
        alone = say("there is one group only")
        return rows.assign(check="alike", level=None, text=alone, reason=alone)
    said = pd.DataFrame({name: read_alike(evidence, name, rows["construct"]) for name in known})
    # A comparison that fails is known to; any other is worth no word while one beside it was not tested.
    worst = ["not alike", "not tested", "mostly alike", "alike"]
    text = [next(word for word in worst if word in own) for own in said.to_numpy().tolist()]
    levels: dict[str, str | None] = {word: level for level, word in WORDS.values()}
    level = pd.Series([levels[word] for word in text], index=rows.index, dtype="object")
    untested = [
        ", ".join(look_up(PLURALS[name]) for name in known if own[name] == "not tested")
        for own in said.to_dict("records")
    ]
    reason = [
        say("not tested across {groups}", groups=names) if of is None else ""
        for names, of in zip(untested, level, strict=True)
    ]
    shown = [why or look_up(word) for why, word in zip(reason, text, strict=True)]
    return rows.assign(check="alike", level=level, text=shown, reason=reason)


def _compared(evidence: Evidence) -> str:
    """Name the groups that were compared, of those that the report compares."""
    found = evidence.invariance
    names = [name for name in COMPARED if len(found) and (found["comparison"] == name).any()]
    return sentence_list([look_up(PLURALS[name]) for name in names])


def _by_function(evidence: Evidence) -> bool:
    """Tell whether the answers come from two functions, so that each is checked by itself."""
    return "gap" in evidence.panel.frame


def _figure(checks: pd.DataFrame, evidence: Evidence) -> Figure:
    cells = checks.assign(check=checks["check_title"])
    weak, known = int((checks["level"] == "weak").sum()), int(checks["level"].notna().sum())
    told = "; ".join(
        f"{row['label']}, {row['check']}: {row['text']}"
        + (f" ({look_up(row['level'])})" if pd.notna(row["level"]) else "")
        for row in cells.to_dict("records")
    )
    title = say("{weak} of {known} checks fall short of the field's cut-offs", weak=weak, known=known)
    return render(
        lambda ax: heatmap(ax, cells),
        id="checks",
        title=title,
        alt=say("Construct by check: {told}", told=told),
        base=_figure_base(evidence),
        size=_size(cells),
        data=_table(checks, evidence),
        kind="heatmap",
    )  # fmt: skip


def _figure_base(evidence: Evidence) -> str:
    wave = evidence.facts.latest
    if not _by_function(evidence):
        return say("Base: respondents of {wave}, of all waves in the last column.", wave=wave)
    return say(
        "Base: respondents of {wave}, of all waves in the last column; the weaker function counts.", wave=wave
    )


def _size(cells: pd.DataFrame) -> tuple[float, float]:
    """Give rows the height of the longest words in a cell, which are set narrower than labels."""
    longest = max(cells["text"].str.len().max() / line_characters(cells["check"].nunique()), 1.0)
    labels = list(dict.fromkeys(cells["label"]))
    width, height = size_for(labels, extra=1.5)
    return width, max(height, 1.5 + len(labels) * (0.16 * (int(longest) + 1) + 0.1))


def _title(checks: pd.DataFrame, *, by_function: bool) -> str:
    alpha = checks[(checks["check"] == "alpha") & checks["level"].notna()]
    together, of = int((alpha["level"] != "weak").sum()), len(alpha)
    hang = (
        say_n(
            of,
            "{together} of {of} construct hangs together",
            "{together} of {of} constructs hang together",
            together=together,
            of=of,
        )
        if of
        else say("Whether statements hang together cannot be known")
    )
    return f"{hang}; {_how_many_reliable(checks, by_function=by_function)}"


def _how_many_reliable(checks: pd.DataFrame, *, by_function: bool) -> str:
    company = checks[(checks["check"] == "icc2") & checks["level"].notna()]
    if company.empty:
        return say("how reliable one company's score is cannot be known")
    return say(
        "{solid} of {known} reach .70 for one function of one company"
        if by_function
        else "{solid} of {known} reach .70 for one company",
        solid=int((company["level"] == "good").sum()),
        known=len(company),
    )


def _lead(evidence: Evidence) -> str:
    if "reliability" in evidence.panel.unavailable:
        why = evidence.panel.unavailable["reliability"]
        return say("The reliability of a company's index is not known: {why}.", why=why)
    found = evidence.checks
    apart = found.loc[found["check"].eq("alpha") & found["level"].notna(), "level"].eq("weak").any()
    averages = (
        say(
            "Averages over many companies are solid even where single company scores are not, of constructs whose "
            "statements hang together."
        )
        if apart
        else say("Averages over many companies are solid even where single company scores are not.")
    )
    return f"{averages} {_typical(evidence)}"


def _typical(evidence: Evidence) -> str:
    """Say how reliable the index of a company usually is."""
    known = evidence.panel.wave(evidence.facts.latest).frame["reliability"]
    if why := no_typical_reliability(known, evidence.facts):
        return why
    told = number_text(known.median(), "ratio")
    if not _by_function(evidence):
        return say(
            "The index as a whole, over all constructs, has a median reliability of {reliability} for a single "
            "company.",
            reliability=told,
        )
    return say(
        "The index as a whole, over all constructs and both functions, has a median reliability of {reliability} for "
        "a single company.",
        reliability=told,
    )


def _table(checks: pd.DataFrame, evidence: Evidence) -> Table:
    columns = (
        Column("check_title", "Check"),
        Column("text", "Value"),
        Column("level", "Level", reason="reason"),
        Column("n", "Respondents or groups", "count"),
    )
    weaker = say("Of the two functions the weaker one counts, with its respondents.")
    cuts = say(
        "Cut-offs, good and fair: alpha .80, .70; rwg(j) .71, .51 under the uniform null; ICC(2) .70, .50; alike: "
        "scalar invariance, partial invariance."
    )
    note = f"{cuts} {weaker}" if _by_function(evidence) else cuts
    return Table(
        "checks-data", say("Checks of the measurement"), checks, columns,
        say("Base: respondents of {wave}; of all waves for invariance.", wave=evidence.facts.latest), (note,),
        group="label",
    )  # fmt: skip
