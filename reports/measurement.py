"""What is published of the measurement: every table with its small cells blanked."""

from dataclasses import dataclass, field

import pandas as pd

from analysis.measure.null_distributions import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Reliability, items, factors and agreement; empty where there are no answers of people.

    Every table but `reliability` and `index` is of the wave that the levels of the report refer to, and every
    one has the column ``suppressed``.

    Parameters
    ----------
    reliability, index
        Per construct, function and wave, `analysis.measure.reliability.reliability` with the columns of
        `ordinal_reliability`; per function and wave, `index_reliability`.
    validity
        HTMT of each two constructs, by function (`discriminant_validity`).
    items, distribution, answers
        `item_statistics`; how often each point of the scale was answered (`answer_points`), by function and by all.
    fit, loadings, misfits, eigenvalues
        As in `analysis.measure.confirmatory.Confirmed`.
    curve, chance, indices
        `agreement_curve`; `significant_share` against answers at random; `typical_indices` besides rwg(j).
    agreement_cut, agreement_null
        The rwg(j) from which the study takes informants to agree, and what answers at random are like for it.
    """

    reliability: pd.DataFrame = field(default_factory=pd.DataFrame)
    index: pd.DataFrame = field(default_factory=pd.DataFrame)
    validity: pd.DataFrame = field(default_factory=pd.DataFrame)
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    distribution: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    fit: pd.DataFrame = field(default_factory=pd.DataFrame)
    loadings: pd.DataFrame = field(default_factory=pd.DataFrame)
    misfits: pd.DataFrame = field(default_factory=pd.DataFrame)
    eigenvalues: pd.DataFrame = field(default_factory=pd.DataFrame)
    curve: pd.DataFrame = field(default_factory=pd.DataFrame)
    chance: pd.DataFrame = field(default_factory=pd.DataFrame)
    indices: pd.DataFrame = field(default_factory=pd.DataFrame)
    agreement_cut: float = 0.7
    agreement_null: Shape = "uniform"
