"""Whether groups read a construct alike, in words: what must stand beside every gap and every trend of means."""

import pandas as pd

from analysis.measure.invariance_cutoffs import SIGNIFICANCE
from reports.evidence import Evidence
from reports.titles import title_of
from survey.language import look_up, mark, say

WORDS = {
    "holds": ("good", mark("alike")),
    "partial": ("fair", mark("mostly alike")),
    "fails": ("weak", mark("not alike")),
    "cannot be tested": (None, mark("not tested")),
}
"""Level and word of each verdict on scalar invariance, which is what means need to compare."""

OF_THE_INDEX = {
    "not alike": mark("not all alike"),
    "not tested": mark("not all tested"),
    "mostly alike": "mostly alike",
}
"""What the index is, by the worst of its constructs."""

APART = {
    "function": mark(
        "{constructs}: sales and marketing do not read the questions alike, so that a difference may be one of "
        "language (no scalar invariance)."
    ),
    "wave": mark(
        "{constructs}: the people of different waves do not read the questions alike, so that a difference may be one "
        "of language (no scalar invariance)."
    ),
}
UNTESTED = {
    "function": mark(
        "{constructs}: whether sales and marketing read the questions alike could not be tested."
    ),
    "wave": mark(
        "{constructs}: whether the people of different waves read the questions alike could not be tested."
    ),
}
"""What to say of constructs whose means may not compare over functions or waves."""

INDEX = ("alignment", "gap")
DOUBTFUL = ("not alike", "not tested")
MARK = " †"
"""Stands behind a name in a figure where means of it may not compare."""


def scalar(evidence: Evidence) -> pd.DataFrame:
    """Return the verdicts on which comparisons of means rest."""
    return evidence.invariance[evidence.invariance["level"] == "scalar"].reset_index(drop=True)


def read_alike(evidence: Evidence, comparison: str, names: pd.Series) -> pd.Series:
    """Return whether the groups of a comparison read each construct, or the index, alike, in a word."""
    by_construct = _of_constructs(evidence, comparison)
    worst = next((word for word in OF_THE_INDEX if (by_construct == word).any()), "alike")
    known = by_construct.to_dict() | dict.fromkeys(INDEX, OF_THE_INDEX.get(worst, "alike"))
    return names.map(known).fillna("not tested")


def doubtful(evidence: Evidence, comparison: str) -> dict[str, list[str]]:
    """Return the titles of the constructs whose means may not compare over the groups, by what is wrong."""
    words = _of_constructs(evidence, comparison)
    return {
        word: [title_of(name, evidence.panel) for name in words.index[words == word]] for word in DOUBTFUL
    }


def too_small_to_count(evidence: Evidence, comparison: str) -> "pd.Series[float]":
    """Return by construct the p-value of a test that finds groups different where the cut-offs do not."""
    found = evidence.invariance
    if found.empty:
        return pd.Series(dtype="float64")
    rows = found[
        found["comparison"].eq(comparison)
        & found["level"].isin(("metric", "scalar"))
        & found["verdict"].isin(("holds", "partial"))
        & found["delta_p"].lt(SIGNIFICANCE)
    ]
    return rows.groupby("construct")["delta_p"].min()


def means_warning(evidence: Evidence, comparison: str) -> str:
    """Say of which constructs means must not, or may not, be compared over the groups; "" if all compare."""
    found = doubtful(evidence, comparison)
    return " ".join(
        look_up(sentences[comparison]).format(constructs=_listed(found[word]))
        for word, sentences in (("not alike", APART), ("not tested", UNTESTED))
        if found[word]
    )


def _of_constructs(evidence: Evidence, comparison: str) -> "pd.Series[str]":
    constructs = evidence.panel.instrument.alignment_constructs
    words = pd.Series("not tested", index=pd.Index(constructs, dtype="str"), dtype="str")
    if evidence.invariance.empty:
        return words
    rows = scalar(evidence)
    verdicts = rows[rows["comparison"] == comparison].set_index("construct")["verdict"]
    told = verdicts.map({verdict: word for verdict, (_, word) in WORDS.items()})
    return told.reindex(words.index).fillna(words)


def _listed(titles: list[str]) -> str:
    if len(titles) < 2:
        return "".join(titles)
    return say("{items} and {last}", items=", ".join(titles[:-1]), last=titles[-1])
