"""Composites: how far ranks and classes hang on the way in which constructs are made into one index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from analysis.benchmark.composite_ways import (
    ARITHMETIC,
    COMPONENT,
    EQUAL,
    GEOMETRIC,
    PENALISED,
    RELIABILITY,
    USUAL,
    Ways,
)
from analysis.benchmark.plausible_ranks import (
    DECIMALS,
    SLACK,
    PlausibleRanks,
    ranks_of,
    relative,
)
from analysis.infer.columns import Floats, numeric
from survey.language import mark
from survey.problems import Problem, raise_if_any

CLASSES = (0.2, 0.5, 0.3)
"""Best in class, average, laggard: shares of the companies."""


@dataclass(frozen=True, slots=True, eq=False)
class Composites:
    """Indices of the same companies under all weightings and aggregations.

    Parameters
    ----------
    frame
        ``company, weighting, aggregation, index`` (0-100), ``rank`` (1 the highest, mean rank of those level),
        ``class`` (1 best, 2 average, 3 laggard), ``shift`` (places lost against the first composite).
    weights
        ``weighting, construct, weight`` (0-1, adding up to 1 within a weighting).
    unavailable
        Weightings and aggregations that cannot be had, with the reason in words.
    left_out
        Companies without a score on every construct.
    """

    frame: pd.DataFrame
    weights: pd.DataFrame
    unavailable: Mapping[str, str]
    left_out: int

    def by_composite(self) -> pd.DataFrame:
        """Compare each composite with the first.

        Returns
        -------
        DataFrame
            ``weighting, aggregation, n, rank_correlation`` (Spearman's), ``mean_shift`` (mean number of places
            moved, the OECD handbook's R_S), ``largest_shift, class_changes`` (per cent of the companies whose
            class is another one). A correlation is NaN where all companies are level.
        """
        keys, first = ["weighting", "aggregation"], self.frame.groupby("company", sort=False).first()
        away = self.frame.assign(
            moved=self.frame["shift"].abs(),
            other=self.frame["class"].to_numpy() != first["class"].reindex(self.frame["company"]).to_numpy(),
            first=first["rank"].reindex(self.frame["company"]).to_numpy(),
        )
        groups = away.groupby(keys, sort=False)
        table = groups.agg(
            n=("company", "size"), mean_shift=("moved", "mean"), largest_shift=("moved", "max")
        )
        table["class_changes"] = 100 * groups["other"].mean()
        table.insert(1, "rank_correlation", [_correlation(part["rank"], part["first"]) for _, part in groups])
        return table.reset_index()

    def by_company(self) -> pd.DataFrame:
        """Say of each company how far its rank moves over all composites.

        Returns
        -------
        DataFrame
            ``company, rank`` (under the first), ``rank_best, rank_median, rank_worst, class, class_share`` (per cent
            of the composites that give it the class of the first), sorted by company.
        """
        groups = self.frame.groupby("company", sort=True)
        table = groups.agg(rank=("rank", "first"), rank_best=("rank", "min"), rank_median=("rank", "median"),
                           rank_worst=("rank", "max"), **{"class": ("class", "first")})  # fmt: skip
        same = self.frame["class"].to_numpy() == table["class"].reindex(self.frame["company"]).to_numpy()
        table["class_share"] = 100 * pd.Series(same).groupby(self.frame["company"].to_numpy()).mean()
        return table.reset_index()

    def steadiness(self) -> pd.DataFrame:
        """Count the companies that keep their place in the order, whatever the composite.

        Returns
        -------
        DataFrame
            ``kept`` ("class", "quartile": of the rank, the best first), ``n`` (companies), ``composites``,
            ``estimate`` (per cent that have the same under all composites as under the first), ``changed`` (how many
            have not).
        """
        n = self.frame["company"].nunique()
        quartile = np.ceil(4 * self.frame["rank"] / max(n, 1))
        rows = []
        for kept, values in (("class", self.frame["class"]), ("quartile", quartile)):
            alike = values.groupby(self.frame["company"]).nunique().eq(1)
            rows.append((kept, n, len(self.frame) // max(n, 1), 100 * alike.mean(), int((~alike).sum())))
        return pd.DataFrame(rows, columns=["kept", "n", "composites", "estimate", "changed"])

    def summary(self) -> str:
        """Return how much the composites differ, as text."""
        table = self.by_composite()
        steady = (self.by_company()["class_share"] > 100 - SLACK).mean() if len(self.frame) else np.nan
        missing = "".join(f"; not available: {name} ({why})" for name, why in self.unavailable.items())
        return (
            f"{len(table)} composites of {self.frame['company'].nunique()} companies: "
            f"{100 * steady:.0f}% keep their class under all of them{missing}"
        )

    __repr__ = summary


def composites(
    frame: pd.DataFrame,
    constructs: Sequence[str],
    *,
    reliability: Mapping[str, float] | None = None,
    gaps: Mapping[str, str] | None = None,
    ways: Ways = USUAL,
    classes: Sequence[float] = CLASSES,
) -> Composites:
    """Build the index in every declared way, and rank and class the companies under each.

    The uncertainty analysis of the OECD and JRC (2008, Handbook on Constructing Composite Indicators, step
    7). Weightings: equal; in proportion to the reliability of a construct; the squared loadings of the first principal
    component of the correlations (which add up to 1). Aggregations: the weighted mean; the weighted geometric mean,
    in which a weak construct is not made good by a strong one (0 where a construct is 0); the weighted mean
    of ``level - penalty * |gap|``, not below 0. The first composite, with which the others are compared, is
    equal weights and the mean: the index of `indices`.

    Parameters
    ----------
    frame
        One row per company of one wave.
    constructs
        Columns of levels, 0-100.
    reliability
        Of each construct, 0-1, such as omega; without it that weighting is not available.
    gaps
        Column of the gap of each construct, in points; without it the penalised aggregation is not available.
    ways
        Which of these are built, weightings of one's own, and the penalty; equal weights and the mean always are.
    classes
        Shares of best in class, average and laggards, as in `OutcomeClasses`: of the weight where companies have a
        ``weight``; those level across a cut go to the middle.

    Returns
    -------
    Composites

    Raises
    ------
    InputError
        If a column is absent or not numeric, a company stands twice, or a share or penalty is impossible.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": list("abc"), "goals": [95.0, 50, 20], "trust": [10.0, 50, 30]})
    >>> found = composites(frame, ["goals", "trust"], classes=(0.34, 0.32, 0.34))
    >>> geometric = found.frame.query("weighting == 'equal' and aggregation == 'geometric'")
    >>> geometric[["company", "index", "rank", "shift"]].round(1).values.tolist()
    [['a', 30.8, 2.0, 1.0], ['b', 50.0, 1.0, -1.0], ['c', 24.5, 3.0, 0.0]]
    """
    _check(frame, constructs, ways, classes)
    table = frame.sort_values("company", ignore_index=True)
    levels = numeric(table, constructs)
    columns = [gaps[name] for name in constructs if gaps and name in gaps]
    differences = np.abs(numeric(table, columns)) if len(columns) == len(constructs) else None
    whole = np.asarray(~np.isnan(levels).any(axis=1), dtype=np.bool_)
    if differences is not None:
        whole &= np.asarray(~np.isnan(differences).any(axis=1))
        differences = differences[whole]
    levels, company = levels[whole], table["company"][whole].reset_index(drop=True)
    counts = table["weight"].to_numpy(float) if "weight" in table else np.ones(len(table))
    every, unavailable = _weightings(levels, constructs, reliability)
    chosen = {name: weights for name, weights in every.items() if name == EQUAL or name in ways.weightings}
    chosen |= {name: _shares(weights, constructs) for name, weights in ways.own.items()}
    unavailable = {name: why for name, why in unavailable.items() if name in ways.weightings}
    amounts = {ARITHMETIC: levels} | ({GEOMETRIC: levels} if GEOMETRIC in ways.aggregations else {})
    if PENALISED in ways.aggregations and differences is not None:
        amounts[PENALISED] = np.maximum(levels - ways.penalty * differences, 0)
    elif PENALISED in ways.aggregations:
        unavailable[PENALISED] = mark("the gaps between the functions are not known")
    parts = [
        _composite(company, _index(amounts[how], weights, how), classes, counts=counts[whole]).assign(
            weighting=name, aggregation=how
        )
        for (name, weights), how in product(chosen.items(), amounts)
    ]
    result = pd.concat(parts, ignore_index=True)
    result["shift"] = result["rank"] - np.tile(parts[0]["rank"].to_numpy(), len(parts))
    weights = pd.DataFrame([(name, construct, weight) for name, found in chosen.items()
                            for construct, weight in zip(constructs, found, strict=True)],
                           columns=["weighting", "construct", "weight"])  # fmt: skip
    order = ["company", "weighting", "aggregation", "index", "rank", "class", "shift"]
    return Composites(result[order], weights, unavailable, int((~whole).sum()))


def _weightings(
    levels: Floats, constructs: Sequence[str], reliability: Mapping[str, float] | None
) -> tuple[dict[str, Floats], dict[str, str]]:
    found, unavailable = {EQUAL: np.full(len(constructs), 1 / len(constructs))}, {}
    known = np.array([(reliability or {}).get(name, np.nan) for name in constructs])
    if np.all(known > 0):
        found[RELIABILITY] = known / known.sum()
    else:
        unavailable[RELIABILITY] = mark("the reliability of every construct is not known")
    if len(levels) > 2 and (levels.std(axis=0) > 0).all() and len(constructs) > 1:
        loadings = np.linalg.eigh(np.corrcoef(levels.T))[1][:, -1]
        found[COMPONENT] = loadings**2
    else:
        unavailable[COMPONENT] = mark("it needs three companies and two constructs that all vary")
    return found, unavailable


def _shares(weights: Mapping[str, float], constructs: Sequence[str]) -> Floats:
    """Weights of one's own, made to add up to 1."""
    given = np.array([weights.get(name, 0.0) for name in constructs], dtype=np.float64)
    return np.asarray(given / given.sum(), dtype=np.float64)


def _index(amounts: Floats, weights: Floats, aggregation: str) -> Floats:
    if aggregation != GEOMETRIC:
        return amounts @ weights
    # A construct without weight takes no part, also where it is 0.
    used = weights > 0
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log(amounts[:, used]) @ weights[used]))


def _composite(
    company: "pd.Series[str]", index: Floats, classes: Sequence[float], *, counts: Floats
) -> pd.DataFrame:
    """Rank the companies by one index, and class them by shares of what they count."""
    n, held = len(index), PlausibleRanks(ranks_of(index[None]), np.ones(len(index), bool), relative(counts))
    best = held.not_lower[0] <= classes[0] * n + SLACK
    laggard = held.not_higher[0] <= classes[2] * n + SLACK
    return pd.DataFrame({
        "company": company, "index": index, "rank": stats.rankdata(-index.round(DECIMALS)),
        "class": np.where(best, 1, np.where(laggard, 3, 2)),
    })  # fmt: skip


def _correlation(left: "pd.Series[float]", right: "pd.Series[float]") -> float:
    if left.nunique() < 2 or right.nunique() < 2:
        return np.nan
    return float(np.corrcoef(left, right)[0, 1])


def _check(frame: pd.DataFrame, constructs: Sequence[str], ways: Ways, classes: Sequence[float]) -> None:
    numeric(frame, constructs, keys=("company",))
    problems = [*ways.problems(constructs)]
    if not constructs:
        problems.append(Problem("a composite of nothing", allowed="at least one construct"))
    if frame["company"].duplicated().any():
        problems.append(Problem("a company stands twice; composites rank one wave", column="company"))
    if len(classes) != 3 or min(classes) < 0 or abs(sum(classes) - 1) > SLACK:
        allowed = "three shares that add up to 1"
        problems.append(
            Problem("the class shares are impossible", value=str(tuple(classes)), allowed=allowed)
        )
    outside = [
        name for name in constructs if name in frame and not frame[name].dropna().between(0, 100).all()
    ]
    problems += [Problem("holds levels outside the scale", column=name, allowed="0-100") for name in outside]
    raise_if_any(problems)
