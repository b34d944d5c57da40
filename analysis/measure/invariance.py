"""Do groups understand the questions alike? Measurement invariance, level by level, partial where need be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.measure.invariance_ladder import LEVELS, STEP_COLUMNS, ladder
from survey.language import look_up, mark

VERDICT_COLUMNS = (
    "construct", "comparison", "level", "verdict", "released", "n", "n_groups", "delta_chisq", "delta_df",
    "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr", "note",
)  # fmt: skip
COMPARABLE = ("holds", "partial")

SCALAR = mark("scalar invariance: {verdict}")


@dataclass(frozen=True, slots=True, eq=False)
class Invariance:
    """Verdicts by construct, comparison and level, and every model that was fitted on the way.

    `verdicts`: verdict is holds, partial (`released` names the items whose parameters differ), fails, cannot
    fail (configural with as many parameters as moments) or cannot be tested; note says why. `steps`: one row
    per model, release by release. What is called delta is against the level before, so absent for configural
    and for what was not fitted. `left_out`: comparisons and groups that were asked for and could not be made,
    with the reason.
    """

    verdicts: pd.DataFrame
    steps: pd.DataFrame
    left_out: tuple[str, ...] = ()

    def comparable(self) -> pd.DataFrame:
        """Return by construct and comparison whether means may be compared: scalar invariance, at least in part.

        Columns: construct, comparison, comparable, note (what to print beside a difference of means).
        """
        scalar = self.verdicts[self.verdicts["level"] == "scalar"]
        fine = scalar["verdict"].isin(COMPARABLE)
        verdicts = scalar["verdict"].map(lambda verdict: look_up(SCALAR).format(verdict=look_up(verdict)))
        note = verdicts + scalar["note"].where(scalar["note"] == "", scalar["note"].radd(": "))
        kept = scalar[["construct", "comparison"]].assign(comparable=fine, note=note)
        return kept.reset_index(drop=True)


def invariance(
    answers: pd.DataFrame,
    constructs: Mapping[str, Sequence[str]],
    *,
    comparisons: Mapping[str, pd.Series],
    clusters: pd.Series | None = None,
    robust: bool = False,
    missing: str = "listwise",
) -> Invariance:
    """Test the measurement invariance of each construct across the groups of each comparison.

    Each construct is a factor of its own. Four models, each with more in common: configural (the same
    items), metric (equal loadings: relations compare), scalar (equal intercepts: means compare), residual
    (equal residual variances). A level holds where it passes both Cheung & Rensvold (2002) and Chen (2007)
    against the level before; configural where CFI is at least 0.90 and SRMR at most 0.08. Where it fails, the
    equal parameter with the largest score test is released and the model refitted, until it passes (partial
    invariance: Byrne, Shavelson & Muthén 1989) or fewer than two items would stay equal. An item released
    at one level stays so at those above. A solution that no population can have (a negative residual variance:
    Heywood) tests nothing, nor do the levels above it. The configural model of three items cannot fail; after it
    CFI and the test of the difference judge, see `chen`.

    Parameters
    ----------
    answers
        One row per respondent, items in columns, NaN where missing; reversed items turned.
    constructs
        Items of each construct.
    comparisons
        Grouping of respondents by name: function, wave, size, industry, language. Who has no group is left
        out, as are groups too small for the model, and said.
    clusters, robust, missing
        As in `fit_factors`. Where robust, chi-square differences are scaled and CFI and RMSEA robust.

    Returns
    -------
    Invariance

    Notes
    -----
    The models agree with ``cfa(model, data, group =, group.equal =, group.partial =)`` in R lavaan. The
    releases were looked for in the same answers that they are judged on: a partial verdict is exploratory.
    """
    found = [
        ladder(
            answers, {construct: items}, groups=groups.rename(name), clusters=clusters, robust=robust, missing=missing,
        ).assign(construct=construct)
        for construct, items in constructs.items()
        for name, groups in comparisons.items()
    ]  # fmt: skip
    steps = (
        pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["construct", *STEP_COLUMNS])
    )
    return Invariance(verdicts(steps), steps[["construct", *STEP_COLUMNS]])


def invariance_of_model(
    answers: pd.DataFrame,
    factors: Mapping[str, Sequence[str]],
    *,
    groups: pd.Series,
    clusters: pd.Series | None = None,
    robust: bool = False,
    missing: str = "listwise",
) -> Invariance:
    """Test the measurement invariance of all factors in one model: construct is "all" in the result."""
    steps = ladder(answers, factors, groups=groups, clusters=clusters, robust=robust, missing=missing).assign(
        construct="all"
    )
    return Invariance(verdicts(steps), steps[["construct", *STEP_COLUMNS]])


def verdicts(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the last step of each level as its verdict."""
    if steps.empty:
        return pd.DataFrame(columns=list(VERDICT_COLUMNS))
    order = {level: number for number, level in enumerate(LEVELS)}
    keys = ["construct", "comparison", "level"]
    last = steps.drop_duplicates(keys, keep="last")
    place = last["level"].map(order)
    sorted_ = last.assign(place=place).sort_values(["construct", "comparison", "place"], kind="stable")
    return sorted_[list(VERDICT_COLUMNS)].reset_index(drop=True)
