"""Primary rules: which cells give somebody away by themselves, why, and how far they must be hidden."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.benchmark.linked_tables import LinkedTables
from survey.problems import Problem, raise_if_any


@dataclass(frozen=True, slots=True)
class PrimaryRules:
    """What a cell must satisfy to be shown.

    Customary defaults, not a safe harbour: no rule proves that nobody can be identified.

    Parameters
    ----------
    minimum_companies
        Companies that a cell stands for at least.
    minimum_respondents
        Respondents of one function whose mean is shown at least.
    largest_share
        Share of a weighted statistic that one company may have at most, 0-1.
    dominance
        (n, k): the n largest contributions may be at most k percent of the cell; None for no such rule.
    p_percent
        The second largest company must not come closer to the largest than so many percent of its contribution;
        0 for no such rule.
    interval
        A hidden cell must stay uncertain by so many percent of its largest contribution, up and down; of the
        range of a contribution where that is bounded.

    Raises
    ------
    InputError
        If a rule is outside its range.

    Examples
    --------
    >>> PrimaryRules().minimum_companies, PrimaryRules().largest_share
    (5, 0.25)
    >>> PrimaryRules(dominance=(2, 185))
    Traceback (most recent call last):
    survey.problems.InputError: 1 problem
    dominance: is outside its range, found '(2, 185)'. Allowed: n of 1 or more, k above 0 and up to 100
    """

    minimum_companies: int = 5
    minimum_respondents: int = 3
    largest_share: float = 0.25
    dominance: tuple[int, float] | None = None
    p_percent: float = 0.0
    interval: float = 10.0

    def __post_init__(self) -> None:
        n, k = self.dominance or (1, 100.0)
        sound = {
            "minimum_companies": (self.minimum_companies >= 1, "1 or more"),
            "minimum_respondents": (self.minimum_respondents >= 1, "1 or more"),
            "largest_share": (0 < self.largest_share <= 1, "above 0 and up to 1"),
            "dominance": (n >= 1 and 0 < k <= 100, "n of 1 or more, k above 0 and up to 100"),
            "p_percent": (self.p_percent >= 0, "0 or more"),
            "interval": (0 < self.interval <= 100, "above 0 and up to 100"),
        }
        raise_if_any(
            Problem("is outside its range", column=name, value=str(getattr(self, name)), allowed=allowed)
            for name, (holds, allowed) in sound.items()
            if not holds
        )


def primary_cells(linked: LinkedTables, rules: PrimaryRules) -> pd.DataFrame:
    """Find the cells that give somebody away by themselves.

    Threshold, share of a weighted statistic, (n,k) dominance and p% (Hundepool et al., 2012, Statistical Disclosure
    Control, ch. 4; sdcTable `primarySuppression`). Where contributions are bounded (scores), share and dominance are
    those of the weight, which is the range of a contribution: a high score dominates nobody.

    Parameters
    ----------
    linked
        Cells and who is in them.
    rules
        The rules.

    Returns
    -------
    DataFrame
        One row per cell, in their order: ``companies``, ``largest`` (share of the largest contribution, 0-1),
        ``reason`` ("" if the cell may be shown, else the first rule that it breaks: "companies", "share",
        "dominance", "p%", "respondents" where cells have a column of that name, "differencing" where they are
        ``secret``) and ``width``, how far its value must stay uncertain up and down. Cells that are published in any
        case have no reason.

    Examples
    --------
    >>> from analysis.benchmark.linked_tables import link_tables
    >>> frame = pd.DataFrame({"company": range(8), "region": list("nnsssssz"), "sales": [5, 4, 29, 1, 1, 1, 1, 3]})
    >>> rules = PrimaryRules(largest_share=1, dominance=(2, 85))
    >>> cells = primary_cells(link_tables(frame, [["region"]], value="sales"), rules)
    >>> cells["reason"].tolist()
    ['companies', 'dominance', 'companies', '']
    """
    size = _sizes(linked.members)
    ranked = size.sort_values(["cell", "size"], ascending=[True, False])
    place = ranked.groupby("cell").cumcount()
    total = ranked.groupby("cell")["size"].sum()
    n, k = rules.dominance or (1, 100.0)
    top = ranked[place < n].groupby("cell")["size"].sum()
    largest = ranked[place == 0].set_index("cell")["size"]
    two = ranked[place < 2].groupby("cell")["size"].sum()
    rest = (total - two).clip(lower=0)
    companies = linked.cells["companies"]
    broken = {
        "companies": companies < rules.minimum_companies,
        "share": _above(largest, rules.largest_share * total),
        "dominance": _above(top, k / 100 * total) & (companies > n),
        "p%": rest.lt(rules.p_percent / 100 * largest * (1 - 1e-9)),
    }
    if "respondents" in linked.cells:
        broken["respondents"] = linked.cells["respondents"] < rules.minimum_respondents
    if "secret" in linked.cells:
        broken["differencing"] = linked.cells["secret"]
    reason = pd.Series("", index=linked.cells.index)
    for name, found in reversed(broken.items()):
        reason = reason.mask(found, name)
    reason = reason.mask(linked.cells["known"], "")
    widths = [
        rules.interval / 100 * largest,
        rules.p_percent / 100 * largest - rest,
        (100 / k * top - total).where(broken["dominance"], 0.0),
    ]
    needed = pd.concat(widths, axis=1).max(axis=1)
    share = (largest / total.where(total > 0)).fillna(0.0)
    return pd.DataFrame(
        {
            "companies": companies,
            "largest": share,
            "reason": reason,
            "width": needed.where(reason.ne(""), 0.0),
        }
    )


def _sizes(members: pd.DataFrame) -> pd.DataFrame:
    """Return how much of the cell each contribution is: its range where it is bounded, else its amount."""
    reach = members["high"] - members["low"]
    return members[["cell"]].assign(size=reach.where(np.isfinite(reach), members["value"].abs()))


def _above(part: pd.Series, bound: pd.Series) -> pd.Series:
    """Compare with room for the rounding of sums."""
    return part > bound * (1 + 1e-9)
