"""How much hangs on where the best class is cut off."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from analysis.benchmark.class_gaps import rest_gaps
from analysis.benchmark.classes import Classes, OutcomeClasses, classify
from analysis.benchmark.plausible_ranks import CUTS
from analysis.measure.panel import Panel

COLUMNS = ["estimate", "std_error", "conf_low", "conf_high", "n_a", "n_b", "n", "companies", "circular"]


def gaps_by_cut(
    panel: Panel,
    definition: OutcomeClasses,
    variables: Sequence[str],
    *,
    cuts: Sequence[float] = CUTS,
    how: Callable[[Panel, OutcomeClasses], Classes] = classify,
) -> pd.DataFrame:
    """Compare the best class with the rest, for several shares of companies that make it.

    Parameters
    ----------
    panel
        Companies of one wave, or of several.
    definition
        What the classes are cut on; its share of the best is replaced by each of the cuts.
    variables
        Numeric columns to compare.
    cuts
        Shares, 0-1; from 5 to 30 per cent by default.
    how
        How the classes are cut: `classify`, or `lagged` or `split_half` of `analysis.benchmark.held_out`.

    Returns
    -------
    DataFrame
        ``cut, variable, estimate`` (best less the rest), ``std_error, conf_low, conf_high, n_a`` (best), ``n_b``
        (rest), ``n, companies, circular``.

    Raises
    ------
    InputError
        As `classify`.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"company": range(20), "wave": 2025, "revenue_growth": range(20)})
    >>> panel = Panel(frame, read_instrument("alignment"), {})
    >>> table = gaps_by_cut(panel, OutcomeClasses(("revenue_growth",)), ["revenue_growth"], cuts=[0.1, 0.3])
    >>> table[["cut", "estimate", "n_a"]].values.tolist()
    [[0.1, 10.0, 2.0], [0.3, 10.0, 6.0]]
    """
    parts = []
    for cut in cuts:
        classes = how(panel, replace(definition, best=cut, laggard=min(definition.laggard, 1 - cut)))
        parts.append(rest_gaps(panel.frame, classes, variables).assign(cut=cut))
    return pd.concat(parts, ignore_index=True)[["cut", "variable", *COLUMNS]]
