"""What companies' scores look like beside the norms of a pack: construct by construct, function by function."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.infer.columns import Floats
from analysis.measure.alignment import company_means, function_means
from reports.pack import Benchmarks
from reports.steps import STANDINGS, advice
from reports.wording import text_in

REACH = float(stats.norm.ppf(0.975))

MORE_PEOPLE = (2, 3, 5, 8, 12)
"""People of each function for whom is told how sure an index would be."""

PRIORITIES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """One company beside the norms of a pack.

    Parameters
    ----------
    people
        Respondents by function.
    constructs, views, groups, practices, priorities
        As in `reports.comparison.Comparison`.
    """

    people: dict[str, int]
    constructs: pd.DataFrame
    views: pd.DataFrame
    groups: pd.DataFrame
    practices: pd.DataFrame
    priorities: pd.DataFrame


def beside(scores: pd.DataFrame, scored: pd.DataFrame, found: Benchmarks, language: str) -> dict[str, Beside]:
    """Set companies beside the norms, all at once.

    Parameters
    ----------
    scores
        Of their people, from `alignmark.compare.scores_of`.
    scored
        Their indices, from `alignmark.compare.scored_companies`; companies without an index are left out.
    found
        The norms.
    language
        Of the labels.

    Returns
    -------
    dict
        By id of the company.
    """
    scored = scored[scored["alignment"].notna()]
    scores = scores[scores["company"].isin(scored["company"])]
    constructs = _constructs(scored, found, language)
    frames = (
        constructs, _views(scores, found, language), _groups(scored, found),
        _practices(scores, found, language), _priorities(constructs, found, language),
    )  # fmt: skip
    nothing = [frame.head(0).drop(columns="company") for frame in frames]
    parts = [by_company(frame) for frame in frames]
    people = _people(scores, found)
    return {
        company: Beside(
            people[company], *(part.get(company, empty) for part, empty in zip(parts, nothing, strict=True))
        )
        for company in parts[0]
    }


def by_company(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows of each company, numbered anew, without the column that names it."""
    ordered = frame.sort_values("company", kind="stable")
    bare, (names, starts) = ordered.drop(columns="company"), np.unique(ordered["company"], return_index=True)
    ends = [*starts[1:], len(bare)]
    return {
        str(name): bare.iloc[start:end].reset_index(drop=True)
        for name, start, end in zip(names, starts, ends[: len(names)], strict=True)
    }


def _people(scores: pd.DataFrame, found: Benchmarks) -> dict[str, dict[str, int]]:
    """Count the respondents of each function."""
    counted = pd.crosstab(scores["company"], scores["function"])
    counted = counted.reindex(columns=found.key.functions, fill_value=0)
    return {
        str(company): {str(name): int(n) for name, n in row.items()}
        for company, row in counted.to_dict("index").items()
    }


def _constructs(scored: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Return the index, then each construct, of every company beside median and best in class."""
    key = found.key
    names = ["alignment", *key.constructs]
    table = pd.DataFrame({
        "company": np.repeat(scored["company"].to_numpy(), len(names)),
        "variable": np.tile(names, len(scored)),
        "label": np.tile([title(name, found, language) for name in names], len(scored)),
        "estimate": _long(scored, names), "std_error": _long(scored, [f"{name}_se" for name in names]),
    })  # fmt: skip
    table["conf_low"] = (table["estimate"] - REACH * table["std_error"]).clip(0, 100)
    table["conf_high"] = (table["estimate"] + REACH * table["std_error"]).clip(0, 100)
    known = [found.norms.get(name) for name in names]
    values = [scored[name].to_numpy(dtype=np.float64) for name in names]
    places = [
        np.full(len(scored), np.nan) if norm is None else norm.percentile(value)
        for norm, value in zip(known, values, strict=True)
    ]
    table["percentile"] = np.column_stack(places).ravel()
    medians = [np.nan if norm is None else float(norm.quantile(0.5)) for norm in known]
    table["median"] = np.tile(medians, len(scored))
    ends = np.array(
        [norm.median_ends if norm is not None and not found.weighted else (np.nan, np.nan) for norm in known]
    ).T
    table["median_low"], table["median_high"] = (np.tile(end, len(scored)) for end in ends)
    table = table.join(_distances(table, found))
    if len(key.functions) > 1:
        table = table.join(_gaps(scored, names, found))
    return table


def _long(scored: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """Return columns of every company, one after the other."""
    return scored[list(columns)].to_numpy(dtype=np.float64).ravel()


def _distances(table: pd.DataFrame, found: Benchmarks) -> pd.DataFrame:
    """Distance to the mean of the best in class, with the error of both, as `analysis.benchmark.distances` has it."""
    profile = found.best.profile if found.best is not None else {}
    rows = [profile.get(name) for name in table["variable"]]
    parts = {
        name: np.array(
            [np.nan if row is None or getattr(row, name) is None else getattr(row, name) for row in rows]
        )
        for name in ("estimate", "std_error", "df", "conf_low", "conf_high")
    }
    distance = table["estimate"].to_numpy() - parts["estimate"]
    error = np.sqrt(table["std_error"].to_numpy() ** 2 + parts["std_error"] ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = error**4 / (parts["std_error"] ** 4 / parts["df"])
    reach = stats.t.ppf(0.975, np.where(df > 0, df, np.nan)) * error
    low, high = distance - reach, distance + reach
    return pd.DataFrame({
        "best": parts["estimate"], "best_low": parts["conf_low"], "best_high": parts["conf_high"],
        "distance": distance, "distance_low": low, "distance_high": high,
    })  # fmt: skip


def _gaps(scored: pd.DataFrame, names: Sequence[str], found: Benchmarks) -> pd.DataFrame:
    columns = ["gap" if name == "alignment" else f"gap_{name}" for name in names]
    gap, error = (_long(scored, [name + end for name in columns]) for end in ("", "_se"))
    usual = [
        found.norms[name].quantile([0.25, 0.75]) if name in found.norms else (np.nan, np.nan)
        for name in columns
    ]
    low, high = np.tile(np.array(usual).T, len(scored))
    return pd.DataFrame({
        "gap": gap, "gap_low": gap - REACH * error, "gap_high": gap + REACH * error,
        "gap_usual_low": low, "gap_usual_high": high,
    })  # fmt: skip


def _views(scores: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Means of each function that has enough people for its view to be shown."""
    key = found.key
    if len(key.functions) < 2:
        return pd.DataFrame(columns=["company"])
    cell = ["company", "function"]
    long = function_means(scores, key.constructs).melt([*cell, "n"], key.constructs, "variable", "estimate")
    counted = scores.groupby(cell)[key.constructs].count().reset_index()
    long = long.merge(counted.melt(cell, key.constructs, "variable", "answered"), on=[*cell, "variable"])
    variance = {
        (function, name): value
        for function, rows in found.covariances.items()
        for name, value in zip(key.constructs, np.diag(matrix(rows)), strict=True)
    }
    within = long.set_index(["function", "variable"]).index.map(variance).to_numpy(dtype=np.float64)
    few = long["answered"].to_numpy(dtype=np.float64)
    reach = REACH * np.sqrt(np.divide(within, few, out=np.full_like(few, np.nan), where=few > 0))
    long["conf_low"], long["conf_high"] = ((long["estimate"] + way * reach).clip(0, 100) for way in (-1, 1))
    long["label"] = long["variable"].map({name: title(name, found, language) for name in key.constructs})
    shown = long[(long["n"] >= found.minimum_respondents) & (long["answered"] >= found.minimum_respondents)]
    return shown.drop(columns="answered")


def _groups(scored: pd.DataFrame, found: Benchmarks) -> pd.DataFrame:
    """Return the index of every company beside the norms of each group of companies."""
    score = scored["alignment"].to_numpy(dtype=np.float64)
    rows = [
        pd.DataFrame({
            "company": scored["company"].to_numpy(), "key": group.key, "value": group.value, "n": norm.n,
            "median": float(norm.quantile(0.5)), "percentile": norm.percentile(score),
        })
        for group in found.groups
        if (norm := group.norms.get("alignment")) is not None and norm.steps
    ]  # fmt: skip
    return (
        pd.concat(rows)
        if rows
        else pd.DataFrame(columns=["company", "key", "value", "n", "median", "percentile"])
    )


def _practices(scores: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Return the practices of every company, the furthest behind the mean of all companies first."""
    key = found.key
    names = [
        name
        for group in key.instrument.practices.values()
        for name in group.items
        if name in scores and name in found.norms
    ]
    if not names:
        return pd.DataFrame(columns=["company"])
    columns = key.instrument.columns
    known = pd.DataFrame({
        "practice": names, "label": [text_in(columns[name].text, language) for name in names],
        "mean": [found.norms[name].mean for name in names], "n": [found.norms[name].n for name in names],
        "best": [found.practices[name].estimate if name in found.practices else np.nan for name in names],
    })  # fmt: skip
    own = company_means(scores, names, functions=key.functions).reset_index()
    table = own.melt("company", names, "practice", "estimate").merge(known, on="practice")[
        ["company", "practice", "label", "estimate", "mean", "n", "best"]
    ]
    place = table["practice"].map(names.index)
    behind = table.assign(behind=table["estimate"] - table["mean"], place=place).dropna(subset=["behind"])
    return behind.sort_values(["company", "behind", "place"]).drop(columns=["behind", "place"])


def _priorities(constructs: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Constructs behind the best in class: by distance times how strongly they go with the outcome."""
    slopes = found.importance.slopes if found.importance is not None else {}
    table = constructs[(constructs["variable"] != "alignment") & (constructs["distance"] < 0)].copy()
    for column, name in (
        ("importance", "estimate"),
        ("importance_low", "conf_low"),
        ("importance_high", "conf_high"),
    ):
        values = [getattr(slopes.get(variable), name, None) for variable in table["variable"]]
        table[column] = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    weight = table["importance"].clip(lower=0).fillna(0) if slopes else 1.0
    table["priority"] = -table["distance"] * weight
    order = table.sort_values(["priority", "distance"], ascending=[False, True], kind="stable")
    first = order.groupby("company", sort=False).head(PRIORITIES)
    steps = [_step(row["variable"], row["estimate"], found, language) for row in first.to_dict("records")]
    return first.assign(step=steps)


def _step(variable: str, score: float, found: Benchmarks, language: str) -> str:
    """Return the first step for so high a score: start, strengthen or keep."""
    level = 0 if score < 50 else 1 if score < 75 else 2
    said = advice(variable, found.key.instrument, standing=STANDINGS[level], language=language)
    return said.step if said else ""


def fuller_survey(found: Benchmarks) -> pd.DataFrame:
    """Half the interval of the index, by people of each function who answer every statement."""
    one = sum(float(matrix(rows).mean()) for rows in found.covariances.values())
    reach = [REACH * np.sqrt(one / people) / len(found.key.functions) for people in MORE_PEOPLE]
    return pd.DataFrame({"people": MORE_PEOPLE, "reach": reach})


def title(name: str, found: Benchmarks, language: str) -> str:
    """Return what the index or a construct is called."""
    instrument = found.key.instrument
    texts = instrument.index if name == "alignment" else instrument.constructs[name].title
    return text_in(texts, language)


def matrix(rows: Sequence[Sequence[float | None]]) -> Floats:
    """Return a table of a pack; what it does not know is NaN."""
    return np.array(rows, dtype=np.float64)
