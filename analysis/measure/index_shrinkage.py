"""What shrinks the index of a company that a study has not seen: the variances of the study, without its companies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.measure.one_way import Floats
from analysis.measure.shrinkage import (
    SILENT,
    Nodes,
    averaged,
    cell_notes,
    combined,
    index_model,
    nodes_of,
    true_variances,
)
from analysis.measure.variance_ratio import components, theta_reml
from survey.language import look_up


@dataclass(frozen=True, slots=True, eq=False)
class IndexShrinkage:
    """The one-way models of the functions of one wave, and how their true means go together.

    Parameters
    ----------
    functions
        In the order of everything below.
    mu, tau2, sigma2
        Centre, variance between companies and variance within them of each function's index.
    true
        Variances and covariances of the functions' true means, functions x functions.
    nodes
        What the intervals average over, nodes x functions.
    notes
        Why there is no interval, by function; "" where there is one.
    """

    functions: tuple[str, ...]
    mu: Floats
    tau2: Floats
    sigma2: Floats
    true: Floats
    nodes: Nodes
    notes: tuple[str, ...]


def index_shrinkage(
    scores: pd.DataFrame,
    constructs: Sequence[str],
    *,
    functions: Sequence[str],
    levels: pd.DataFrame | None = None,
) -> IndexShrinkage | None:
    """Fit the model of `analysis.measure.shrinkage.shrink_index` to one wave and keep what is not of one company.

    Parameters
    ----------
    scores
        Scores of the respondents of one wave; those without a score on every construct are left out.
    constructs
        Those that make up the index.
    functions
        From `functions_of`.
    levels
        As in `shrink_index`, of this wave.

    Returns
    -------
    IndexShrinkage or None
        None where a function has no complete answer.
    """
    model, means = index_model(scores, constructs, functions=functions, levels=levels)
    place = {name: at for at, name in enumerate(model.cells["function"])}
    known = model.companies["cell"].unique()
    if any(name not in place or place[name] not in known for name in functions):
        return None
    order = [place[name] for name in functions]
    at = components(model, theta_reml(model)).iloc[order]
    every = np.zeros(len(means), dtype=np.int64)
    tau2 = at["tau2"].to_numpy()
    apart = {
        "observed": means.to_numpy(dtype=np.float64),
        "tau2": np.asarray(np.tile(tau2, (len(means), 1))),
    }
    true = true_variances(apart, every)[0]
    nodes = Nodes(*(part[:, order] for part in nodes_of(model)))
    notes = tuple(str(note) for note in cell_notes(model)[order])
    return IndexShrinkage(
        tuple(functions), at["mu"].to_numpy(), tau2, at["sigma2"].to_numpy(), true, nodes, notes
    )


def shrink_others(
    scores: pd.DataFrame, constructs: Sequence[str], *, model: IndexShrinkage, level: float = 0.95
) -> pd.DataFrame:
    """Shrink the index of companies by the variances of a study.

    Parameters
    ----------
    scores
        Scores of the companies' respondents, of one wave.
    constructs
        Those that make up the index.
    model
        From `index_shrinkage`. Of a company of that study the result is that of `shrink_index`.
    level
        Probability of the interval, 0 to 1.

    Returns
    -------
    DataFrame
        company, then the columns of `shrink_index` from n on.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("aabbccdd"), "function": "", "wave": 2025,
    ...                        "trust": [50.0, 60, 80, 90, 60, 70, 40, 60]})
    >>> model = index_shrinkage(scores, ["trust"], functions=("",))
    >>> shrink_others(scores[:2], ["trust"], model=model).round(1).loc[0, ["observed", "estimate"]].tolist()
    [55.0, 56.6]
    """
    whole = scores[list(constructs)].astype("float64").mean(axis=1, skipna=False)
    companies = pd.Index(sorted(scores["company"].unique()), name="company")
    grouped = whole.groupby([scores["company"], scores["function"]])
    keys = pd.MultiIndex.from_product([companies, model.functions])
    shape = (len(companies), len(model.functions))
    n = grouped.count().reindex(keys).to_numpy(dtype=np.float64).reshape(shape)
    observed = grouped.mean().reindex(keys).to_numpy(dtype=np.float64).reshape(shape)
    value = _shrunk(np.asarray(np.where(n > 0, n, np.nan)), np.asarray(observed), model)
    true = np.broadcast_to(model.true, (len(companies), *model.true.shape))
    first = next((note for note in model.notes if note), "")
    note = np.where(np.isnan(observed).any(axis=1), look_up(SILENT), first)
    return pd.DataFrame({"company": companies, **combined(value, true, level=level), "note": note})


def _shrunk(n: Floats, observed: Floats, model: IndexShrinkage) -> dict[str, Floats]:
    """Return what `combined` needs, companies x functions."""
    signal = n * model.tau2
    total = signal + model.sigma2
    reliability = signal / np.where(total > 0, total, np.nan)
    size, functions = n.shape
    cell = np.tile(np.arange(functions), size)
    known = np.array([note == "" for note in model.notes])
    centre, error = (
        np.where(known, found.reshape(size, functions), np.nan)
        for found in averaged(cell, n.ravel(), observed.ravel(), model.nodes)
    )
    return {
        "n": n, "observed": observed, "reliability": reliability,
        "estimate": model.mu + reliability * (observed - model.mu), "std_error": error, "centre": centre,
        "sigma2": np.broadcast_to(model.sigma2, n.shape),
    }  # fmt: skip
