"""Whether the numbers are solid: each construct against the field's cut-offs, what follows, and the details."""

from collections.abc import Iterator

import pandas as pd

from analysis.measure.verdicts import CHECKS
from reports.alike import WORDS, read_alike
from reports.documents.aggregation import aggregation
from reports.documents.agreement import agreement
from reports.documents.factors import factors
from reports.documents.invariance import PLURALS, invariance
from reports.documents.items import items
from reports.documents.passages import not_available, sentence_list, with_titles
from reports.documents.reliability import reliability
from reports.evidence import Evidence
from reports.figures.drawing import render, size_for
from reports.figures.heatmap import CHARACTERS, heatmap
from reports.judged import judged_text
from reports.report import Block, Bullets, Column, Figure, Heading, Section, Table

CHECK_TITLES = {
    "alpha": "Statements hang together (alpha)",
    "rwg_j": "Informants agree (median rwg(j), uniform null)",
    "icc2": "Company score is reliable (ICC(2))",
    "alike": "Groups read it alike (invariance)",
}
"""The checks in their order, as columns of the heat map."""

COMPARED = ("function", "wave")
"""Comparisons whose means the report shows; of these the one that fares worse counts."""


def is_it_measured(evidence: Evidence) -> Section:
    """Every construct against every check in three levels, what follows for the reader, and the details."""
    question, name = "Are these numbers solid?", "measured"
    checks = _checks(evidence)
    if checks.empty or checks.loc[checks["check"] != "alike", "value"].isna().all():
        reason = _why_unchecked(checks, evidence)
        block = not_available("Checks of the measurement", reason)
        return Section(name, "The measurement cannot be checked", question, "", (block,))
    details = (aggregation, invariance, reliability, agreement, factors, items)
    blocks: list[Block] = [
        _figure(checks, evidence),
        Heading("What follows from this"),
        Bullets(tuple(_what_follows(checks, compared=_compared(evidence)))),
        *(block for part in details for block in part(evidence)),
    ]
    return Section(name, _title(checks), question, _lead(evidence), tuple(blocks))


def _why_unchecked(checks: pd.DataFrame, evidence: Evidence) -> str:
    own = checks[checks["check"] != "alike"] if len(checks) else evidence.checks
    told = dict.fromkeys(filter(None, own["reason"])) if len(own) else ()
    return "; ".join(told) or evidence.panel.unavailable.get(
        "reliability", "there are no answers of several people"
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
        judged_text(value, "ratio", CHECKS[check]) if pd.notna(value) else reason or "not available"
        for check, value, reason in checks[["check", "value", "reason"]].to_numpy().tolist()
    ]
    table = pd.concat([checks, _alike(checks, evidence)], ignore_index=True)
    table["check_title"] = table["check"].map(CHECK_TITLES)
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
        alone = "there is one group only"
        return rows.assign(check="alike", level=None, text=alone, reason=alone)
    said = pd.DataFrame({name: read_alike(evidence, name, rows["construct"]) for name in known})
    # A comparison that fails is known to; any other is worth no word while one beside it was not tested.
    worst = ["not alike", "not tested", "mostly alike", "alike"]
    text = [next(word for word in worst if word in own) for own in said.to_numpy().tolist()]
    levels: dict[str, str | None] = {word: level for level, word in WORDS.values()}
    level = pd.Series([levels[word] for word in text], index=rows.index, dtype="object")
    untested = [
        ", ".join(PLURALS[name] for name in known if own[name] == "not tested")
        for own in said.to_dict("records")
    ]
    reason = [
        f"not tested across {names}" if of is None else "" for names, of in zip(untested, level, strict=True)
    ]
    return rows.assign(
        check="alike", level=level, text=[why or word for why, word in zip(reason, text, strict=True)], reason=reason
    )  # fmt: skip


def _compared(evidence: Evidence) -> str:
    """Name the groups that were compared, of those that the report compares."""
    found = evidence.invariance
    names = [PLURALS[name] for name in COMPARED if len(found) and (found["comparison"] == name).any()]
    return sentence_list(names)


def _figure(checks: pd.DataFrame, evidence: Evidence) -> Figure:
    cells = checks.assign(check=checks["check_title"])
    weak = int((checks["level"] == "weak").sum())
    weaker = "; the weaker function counts" if "gap" in evidence.panel.frame else ""
    return render(
        lambda ax: heatmap(ax, cells),
        id="checks",
        title=f"{weak} of {checks['level'].notna().sum()} checks fall short of the field's cut-offs",
        alt="Construct by check: "
        + "; ".join(
            f"{row['label']}, {row['check']}: {row['text']}"
            + (f" ({row['level']})" if pd.notna(row["level"]) else "")
            for row in cells.to_dict("records")
        ),
        base=f"Base: respondents of {evidence.facts.latest}, of all waves in the last column{weaker}.",
        size=_size(cells),
        data=_table(checks, evidence),
        kind="heatmap",
    )  # fmt: skip


def _size(cells: pd.DataFrame) -> tuple[float, float]:
    """Give rows the height of the longest words in a cell, which are set narrower than labels."""
    longest = max(cells["text"].str.len().max() / CHARACTERS, 1.0)
    labels = list(dict.fromkeys(cells["label"]))
    width, height = size_for(labels, extra=1.5)
    return width, max(height, 1.5 + len(labels) * (0.16 * (int(longest) + 1) + 0.1))


def _title(checks: pd.DataFrame) -> str:
    alpha = checks[(checks["check"] == "alpha") & checks["level"].notna()]
    company = checks[(checks["check"] == "icc2") & checks["level"].notna()]
    together = f"{int((alpha['level'] != 'weak').sum())} of {len(alpha)} constructs hang together"
    if company.empty:
        return f"{together}; how reliable one company's score is cannot be known"
    solid = int((company["level"] == "good").sum())
    return f"{together}; {solid} of {len(company)} reach .70 for one function of one company"


def _lead(evidence: Evidence) -> str:
    if "reliability" in evidence.panel.unavailable:
        return (
            f"The reliability of a company's index is not known: {evidence.panel.unavailable['reliability']}."
        )
    found = evidence.checks
    apart = found.loc[found["check"].eq("alpha") & found["level"].notna(), "level"].eq("weak").any()
    averages = (
        "Averages over many companies are solid even where single company scores are not"
        f"{', of constructs whose statements hang together' if apart else ''}."
    )
    typical = evidence.panel.wave(evidence.facts.latest).frame["reliability"].median()
    if pd.isna(typical):
        return (
            f"{averages} How reliable the index of a single company is cannot be said for {evidence.facts.latest}: "
            "no company has two informants."
        )
    return (
        f"{averages} The index as a whole, "
        f"over all constructs and both functions, has a median reliability of {typical:.2f} for a single company."
    )


FOLLOWS = {
    "alpha": {
        "good": "Statements of {names} hang together well: {its} score may be read as one thing.",
        "fair": "Statements of {names} hang together fairly: fine for averages over companies, loose for one person.",
        "weak": "Statements of {names} hang together badly: read the statements one by one, not their mean.",
    },
    "rwg_j": {
        "good": "Informants of one company mostly agree on {names}: their mean says something of the company.",
        "fair": "Informants of one company agree on {names} only so far: look at both functions and at the spread.",
        "weak": "Informants of one company do not agree on {names}: a mean of them hides two opinions.",
    },
    "icc2": {
        "good": "One function's score of a single company is reliable for {names}: companies may be told apart by it.",
        "fair": "One function's score of a single company is rough for {names}: use the shrunken scores and intervals "
        "of companies.csv, and do not rank neighbours.",
        "weak": "One function's score of a single company is mostly chance for {names}: read averages over companies "
        "only, or ask more informants.",
    },
    "alike": {
        "good": "{Compared} read {names} alike: differences between {compared} may be taken at face value.",
        "fair": "{Compared} read {names} alike but for some statements: differences hold on the others, which carry "
        "them.",
        "weak": "Groups read {names} differently: a gap or a change in it may be one of language, and is marked so.",
    },
}
"""What a level of a check means for somebody who uses the numbers."""

OPEN = {
    "alpha": "Whether statements hang together",
    "rwg_j": "Whether informants of one company agree",
    "icc2": "How reliable one function's score of a single company is",
    "alike": "Whether {compared} read the questions alike",
}
"""What stays open where a check could not be made."""


def _what_follows(checks: pd.DataFrame, *, compared: str) -> Iterator[str]:
    """Say for every check what the reader may do with the constructs of each level, the worst first."""
    for check, meanings in FOLLOWS.items():
        rows = checks[checks["check"] == check]
        for level in ("weak", "fair", "good"):
            own = rows.loc[rows["level"] == level, "label"].tolist()
            if own:
                yield meanings[level].format(
                    names=_named(own, len(rows)), its="its" if len(own) == 1 else "each",
                    compared=compared, Compared=compared.capitalize(),
                )  # fmt: skip
        absent = rows[rows["level"].isna()]
        for reason in absent["reason"].unique():
            names = _named(absent.loc[absent["reason"] == reason, "label"].tolist(), len(rows))
            what = OPEN[check].format(compared=compared or "groups")
            yield f"{what} cannot be said of {names}: {reason or 'not available'}."


def _named(labels: list[str], of: int) -> str:
    """Name the constructs, or say that they are all."""
    return "every construct" if len(labels) == of > 1 else sentence_list(labels)


def _table(checks: pd.DataFrame, evidence: Evidence) -> Table:
    columns = (
        Column("label", "Construct"),
        Column("check_title", "Check"),
        Column("text", "Value"),
        Column("level", "Level", reason="reason"),
        Column("n", "Respondents or groups", "count"),
    )
    note = (
        "Cut-offs, good and fair: alpha .80, .70; rwg(j) .71, .51 under the uniform null; ICC(2) .70, .50; alike: "
        "scalar invariance, partial invariance. Of the two functions the weaker one counts, with its respondents."
    )
    return Table(
        "checks-data", "Checks of the measurement", checks, columns,
        f"Base: respondents of {evidence.facts.latest}; of all waves for invariance.", (note,),
    )  # fmt: skip
