"""What a company's score can bear: its reliability, the score shrunk towards the mean, and a plausible interval."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.measure.one_way import CELL, Floats, OneWay, alike, one_way
from analysis.measure.variance_ratio import components, likely_nodes, moments, theta_reml
from survey.language import look_up, mark

COLUMNS = [*CELL, "company", "n", "observed", "reliability", "estimate", "std_error", "conf_low", "conf_high"]

FEW = mark("fewer than four companies: how far companies differ is not known well enough for an interval")
ALONE = mark("no company has two informants: noise cannot be told from difference")
FLAT = mark("the informants of a company never differ: there is no noise to shrink for")
SAME = mark("everybody gave the same answers")
SILENT = mark("a function did not answer every construct")


def shrink(scores: pd.DataFrame, constructs: Sequence[str], *, level: float = 0.95) -> pd.DataFrame:
    """Shrink the scores of companies towards the mean of their function and wave, as far as they are noise.

    In the one-way random-effects model the empirical-Bayes estimate of a company with n informants and mean m
    is ``mu + r (m - mu)``, with r its reliability ``n tau2 / (n tau2 + sigma2)`` and the variances by restricted
    maximum likelihood (Morris 1983). A plug-in interval is too short where tau2 is hardly known, above all
    where its estimate is 0. So the interval averages over the ratio of the variances, each value weighted by
    its restricted likelihood, which is a flat prior on the ratio: the mean of that mixture plus and minus normal
    quantiles of its standard deviation. Its centre need not be the estimate.

    Parameters
    ----------
    scores
        Scores of respondents from `score`.
    constructs
        Columns of `scores`.
    level
        Probability of the interval, 0 to 1.

    Returns
    -------
    DataFrame
        construct, function, wave, company, n (informants), observed (mean of the informants), reliability (0-1,
        of that mean), estimate (shrunk), std_error, conf_low, conf_high, note (what is absent and why, empty
        else). Companies where nobody answered have no row.

    Notes
    -----
    Estimates agree with ``ranef`` plus ``fixef`` of ``lme4::lmer(y ~ 1 + (1 | company))`` in R.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("aabbcc"), "function": "sales", "wave": 2025,
    ...                        "trust": [50.0, 60, 80, 90, 60, 70]})
    >>> shrink(scores, ["trust"])[["observed", "reliability", "estimate"]].round(2).to_numpy().tolist()
    [[55.0, 0.89, 56.43], [85.0, 0.89, 83.21], [65.0, 0.89, 65.36]]
    """
    table = shrunk(one_way(scores, constructs), level=level)
    return table[[*COLUMNS, "note"]]


def shrunk(model: OneWay, *, level: float = 0.95) -> pd.DataFrame:
    """Return the table of `shrink` from the model itself, with the variances tau2 and sigma2 and the centre."""
    theta = theta_reml(model)
    cell, n, observed = (model.companies[name].to_numpy() for name in ("cell", "n", "mean"))
    at = components(model, theta).iloc[cell].reset_index(drop=True)
    signal = n * at["tau2"]
    reliability = signal / (signal + at["sigma2"]).where(lambda total: total > 0)
    centre, error = _averaged(model)
    reach = stats.norm.ppf((1 + level) / 2) * error
    return model.companies[[*CELL, "company", "n"]].assign(
        observed=observed,
        reliability=reliability,
        estimate=at["mu"] + reliability * (observed - at["mu"]),
        std_error=error,
        conf_low=centre - reach,
        conf_high=centre + reach,
        note=cell_notes(model)[cell],
        centre=centre,
        tau2=at["tau2"],
        sigma2=at["sigma2"],
    )


def shrink_index(
    scores: pd.DataFrame,
    constructs: Sequence[str],
    *,
    functions: Sequence[str],
    levels: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Shrink the index of companies: the mean over functions of each function's shrunk mean.

    A respondent's index is the mean of the constructs. Mean and variances are those of companies that count alike
    (`alike`), so that a benchmark pack can hold them. The true means of a company's functions go together;
    their covariance c is estimated by that of the companies' levels, whose errors are independent. For functions
    with reliabilities r and s the errors of the shrunk means then have the covariance ``(1 - r)(1 - s) c``.

    Parameters
    ----------
    scores
        Scores of respondents from `score`; those without a score on every construct are left out.
    constructs
        Those that make up the index.
    functions
        From `functions_of`.
    levels
        The companies' scores as they are published: company, wave, and by function the column `published_as`; the
        means of `scores` if not said.
    level
        Probability of the interval, 0 to 1.

    Returns
    -------
    DataFrame
        wave, company, n (informants), observed, reliability (0-1, of the observed index), estimate, std_error,
        conf_low, conf_high, note. There is no value where a function is silent.

    Examples
    --------
    >>> scores = pd.DataFrame({"company": list("aabbccdd"), "function": "", "wave": 2025,
    ...                        "trust": [50.0, 60, 80, 90, 60, 70, 40, 60]})
    >>> shrink_index(scores, ["trust"], functions=("",)).round(1).loc[0, ["observed", "estimate"]].tolist()
    [55.0, 56.6]
    """
    model, means = index_model(scores, constructs, functions=functions, levels=levels)
    table = shrunk(model, level=level)
    keys = ["wave", "company"]
    index = pd.MultiIndex.from_frame(scores[keys].drop_duplicates().sort_values(keys))
    sides = [table[table["function"] == function].set_index(keys).reindex(index) for function in functions]
    wide = {
        name: pd.DataFrame({f: side[name] for f, side in zip(functions, sides, strict=True)})
        for name in (*COLUMNS[4:9], "centre", "tau2", "sigma2", "note")
    }
    value = {name: part.to_numpy(dtype=np.float64) for name, part in wide.items() if name != "note"}
    apart = {"observed": means.reindex(index).to_numpy(dtype=np.float64), "tau2": value["tau2"]}
    true = true_variances(apart, pd.factorize(index.get_level_values("wave"))[0])
    return index.to_frame(index=False).assign(
        **combined(value, true, level=level), note=_index_notes(wide["note"])
    )


def published_as(function: str) -> str:
    """Return the column of a panel with the index of a function; that of all people where there are none."""
    return f"alignment_{function}" if function else "alignment"


def index_model(
    scores: pd.DataFrame,
    constructs: Sequence[str],
    *,
    functions: Sequence[str],
    levels: pd.DataFrame | None = None,
) -> tuple[OneWay, pd.DataFrame]:
    """Return the model of `shrink_index`, and the companies' levels by wave and company, a column per function."""
    whole = scores[list(constructs)].astype("float64").mean(axis=1, skipna=False)
    respondents = scores[["company", "function", "wave"]].assign(index=whole)
    model = one_way(respondents[respondents["function"].isin(functions)], ["index"])
    found = model.companies[["company", "wave", "function", "mean"]]
    if levels is not None:
        keys = ["company", "wave"]
        # A function that is silent everywhere has no level.
        given = levels.reindex(columns=[*keys, *(published_as(name) for name in functions)])
        parts = [given[keys].assign(function=name, mean=given[published_as(name)]) for name in functions]
        found = pd.concat(parts, ignore_index=True)
    wide = found.set_index(["wave", "company", "function"])["mean"].unstack("function")  # noqa: PD010
    return alike(model, found), wide.reindex(columns=list(functions))


def combined(value: Mapping[str, Floats], true: Floats, *, level: float = 0.95) -> dict[str, Floats]:
    """Make the index of companies of the shrunk means of their functions.

    Parameters
    ----------
    value
        n, observed, reliability, estimate, std_error, centre and sigma2, each companies x functions, as `shrunk`
        has them; NaN where a function is silent.
    true
        Variances and covariances of the functions' true means: companies x functions x functions.
    level
        Probability of the interval.

    Returns
    -------
    dict
        The columns of `shrink_index` after the company.
    """
    functions = true.shape[1]
    left = 1 - value["reliability"]
    shared = np.einsum("if,ifg,ig->i", left, true * (1 - np.eye(functions)), left)
    error = np.sqrt(np.maximum((value["std_error"] ** 2).sum(axis=1) + shared, 0)) / functions
    signal, noise = true.sum(axis=(1, 2)), (value["sigma2"] / value["n"]).sum(axis=1)
    centre, reach = value["centre"].mean(axis=1), stats.norm.ppf((1 + level) / 2) * error
    return {
        "n": np.nan_to_num(value["n"]).sum(axis=1).astype(np.int64),
        "observed": value["observed"].mean(axis=1),
        "reliability": signal / np.where(signal + noise > 0, signal + noise, np.nan),
        "estimate": value["estimate"].mean(axis=1),
        "std_error": error,
        "conf_low": centre - reach,
        "conf_high": centre + reach,
    }


class Nodes(NamedTuple):
    """Likely ratios of the variances of each cell: weight, mu, its variance and sigma2 there, nodes x cells."""

    theta: Floats
    weight: Floats
    mu: Floats
    mu_variance: Floats
    sigma2: Floats


def nodes_of(model: OneWay) -> Nodes:
    """Return the ratios over which intervals average."""
    theta, weight = likely_nodes(model)
    parts = [moments(model, row) for row in theta]
    return Nodes(theta, weight, *(np.array(part) for part in zip(*parts, strict=True)))


def averaged(cell: NDArray[np.integer], n: Floats, observed: Floats, nodes: Nodes) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each company's true score, averaged over the ratio of variances.

    Parameters
    ----------
    cell, n, observed
        Of each company: its cell, its informants there, and their mean.
    nodes
        From `nodes_of`.
    """
    mean, square = np.zeros(len(cell)), np.zeros(len(cell))
    for theta, weight, mu_of, variance_of, sigma2_of in zip(*nodes, strict=True):
        mu, mu_variance, sigma2 = mu_of[cell], variance_of[cell], sigma2_of[cell]
        left = 1 / (1 + n * theta[cell])
        here = observed + left * (mu - observed)
        spread = theta[cell] * sigma2 * left + left**2 * mu_variance
        mean += weight[cell] * here
        square += weight[cell] * (spread + (here - observed) ** 2)
    return mean, np.sqrt(np.maximum(square - (mean - observed) ** 2, 0.0))


def _averaged(model: OneWay) -> tuple[Floats, Floats]:
    """Return what `averaged` does of the model's own companies; NaN where the cell bears no interval."""
    cell, n, observed = (model.companies[name].to_numpy() for name in ("cell", "n", "mean"))
    mean, error = averaged(cell, n, observed, nodes_of(model))
    known = (cell_notes(model) == "")[cell]
    return np.where(known, mean, np.nan), np.where(known, error, np.nan)


def cell_notes(model: OneWay) -> NDArray[np.str_]:
    """Return per cell why there is no interval, or no estimate."""
    cells = model.cells
    flat, alike = (cells["within"] <= 0).to_numpy(), (cells["between"] <= 0).to_numpy()
    note = np.where(cells["groups"] < 4, look_up(FEW), "")
    note = np.where(flat, look_up(FLAT), note)
    note = np.where(cells["n"] <= cells["groups"], look_up(ALONE), note)
    return np.where(flat & alike, look_up(SAME), note)


def true_variances(value: dict[str, Floats], wave: NDArray[np.integer]) -> Floats:
    """Return for each company the variances and covariances of its functions' true means in its wave."""
    observed, variance = value["observed"], value["tau2"]
    functions = variance.shape[1]
    true = np.zeros((*variance.shape, functions))
    true[:, range(functions), range(functions)] = variance
    for f, g in combinations(range(functions), 2):
        pair = pd.DataFrame({"f": observed[:, f], "g": observed[:, g]}).dropna()
        of = wave[pair.index]
        away = pair - pair.groupby(of).transform("mean")
        products = (away["f"] * away["g"]).groupby(of).agg(["sum", "size"])
        covariance = (products["sum"] / (products["size"] - 1).clip(lower=1)).reindex(wave).to_numpy()
        most = np.sqrt(variance[:, f] * variance[:, g])
        true[:, f, g] = true[:, g, f] = np.clip(covariance, -most, most)
    return true


def _index_notes(notes: pd.DataFrame) -> "pd.Series[str]":
    """Return the first reason among the functions; a silent function comes first."""
    said = notes.fillna(look_up(SILENT))
    first = pd.Series("", index=notes.index, dtype="str")
    for name in reversed(list(said)):
        first = first.mask(said[name] != "", said[name])
    return first.mask(notes.isna().any(axis=1), look_up(SILENT)).reset_index(drop=True)
