"""What a company's scores look like beside the norms of a pack: construct by construct, function by function."""

from collections.abc import Sequence

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


def constructs_beside(row: "pd.Series[float]", found: Benchmarks, language: str) -> pd.DataFrame:
    """Return `Comparison.constructs`: the index, then each construct, beside median and best in class."""
    key = found.key
    names = ["alignment", *key.constructs]
    table = pd.DataFrame({"variable": names, "label": [title(name, found, language) for name in names]})
    table["estimate"] = [float(row[name]) for name in names]
    table["std_error"] = [float(row[f"{name}_se"]) for name in names]
    table["conf_low"] = (table["estimate"] - REACH * table["std_error"]).clip(0, 100)
    table["conf_high"] = (table["estimate"] + REACH * table["std_error"]).clip(0, 100)
    table["percentile"] = [float(found.norms[name].percentile(row[name])) for name in names]
    table["median"] = [float(found.norms[name].quantile(0.5)) for name in names]
    table = table.join(_distances(table, found))
    if len(key.functions) > 1:
        table = table.join(_gaps(row, names, found))
    return table


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
        "distance": distance, "distance_low": low, "distance_high": high, "beyond_doubt": (low > 0) | (high < 0),
    })  # fmt: skip


def _gaps(row: "pd.Series[float]", names: list[str], found: Benchmarks) -> pd.DataFrame:
    columns = ["gap" if name == "alignment" else f"gap_{name}" for name in names]
    gap, error = (np.array([float(row[name + end]) for name in columns]) for end in ("", "_se"))
    usual = [
        found.norms[name].quantile([0.25, 0.75]) if name in found.norms else (np.nan, np.nan)
        for name in columns
    ]
    low, high = np.array(usual).T
    return pd.DataFrame({
        "gap": gap, "gap_low": gap - REACH * error, "gap_high": gap + REACH * error,
        "gap_usual_low": low, "gap_usual_high": high,
    })  # fmt: skip


def views_beside(scores: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Means of each function that has enough people for its view to be shown."""
    key = found.key
    if len(key.functions) < 2:
        return pd.DataFrame()
    means = function_means(scores, key.constructs)
    long = means.melt(["function", "n"], key.constructs, "variable", "estimate")
    counted = scores.melt("function", key.constructs, "variable").dropna(subset=["value"])
    answered = counted.groupby(["function", "variable"]).size().rename("answered").reset_index()
    long = long.merge(answered, on=["function", "variable"], how="left")
    variance = {
        (function, name): value
        for function, rows in found.covariances.items()
        for name, value in zip(key.constructs, np.diag(matrix(rows)), strict=True)
    }
    within = long.set_index(["function", "variable"]).index.map(variance).to_numpy(dtype=np.float64)
    reach = REACH * np.sqrt(within / long["answered"].to_numpy(dtype=np.float64))
    long["conf_low"], long["conf_high"] = ((long["estimate"] + way * reach).clip(0, 100) for way in (-1, 1))
    long["label"] = [title(name, found, language) for name in long["variable"]]
    shown = long[(long["n"] >= found.minimum_respondents) & (long["answered"] >= found.minimum_respondents)]
    return shown.drop(columns="answered").reset_index(drop=True)


def groups_beside(score: float, found: Benchmarks) -> pd.DataFrame:
    """Return `Comparison.groups`: the index beside the norms of each group of companies."""
    rows = [
        {
            "key": group.key, "value": group.value, "n": norm.n, "median": float(norm.quantile(0.5)),
            "percentile": float(norm.percentile(score)),
        }
        for group in found.groups
        if (norm := group.norms.get("alignment")) is not None and norm.steps
    ]  # fmt: skip
    return pd.DataFrame(rows)


def practices_beside(scores: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Return `Comparison.practices`, the furthest behind the mean of all companies first."""
    key = found.key
    names = [
        name
        for group in key.instrument.practices.values()
        for name in group.items
        if name in scores and name in found.norms
    ]
    if not names:
        return pd.DataFrame()
    own = company_means(scores, names, functions=key.functions).iloc[0]
    columns = key.instrument.columns
    table = pd.DataFrame({
        "practice": names, "label": [text_in(columns[name].text, language) for name in names],
        "estimate": [float(own[name]) for name in names], "mean": [found.norms[name].mean for name in names],
        "n": [found.norms[name].n for name in names],
        "best": [found.practices[name].estimate if name in found.practices else np.nan for name in names],
    })  # fmt: skip
    behind = (table["estimate"] - table["mean"]).rename("behind")
    table = (
        table.join(behind).dropna(subset=["behind"]).sort_values("behind", kind="stable", ignore_index=True)
    )
    return table.drop(columns="behind")


def priorities_of(constructs: pd.DataFrame, found: Benchmarks, language: str) -> pd.DataFrame:
    """Constructs behind the best in class: by distance times how strongly they go with the outcome."""
    slopes = found.importance.slopes if found.importance is not None else {}
    table = constructs[constructs["variable"] != "alignment"]
    table = table[table["distance"] < 0].copy()
    for column, name in (
        ("importance", "estimate"),
        ("importance_low", "conf_low"),
        ("importance_high", "conf_high"),
    ):
        values = [getattr(slopes.get(variable), name, None) for variable in table["variable"]]
        table[column] = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    weight = table["importance"].clip(lower=0).fillna(0) if slopes else 1.0
    table["priority"] = -table["distance"] * weight
    table["step"] = [
        _step(row["variable"], row["estimate"], found, language) for row in table.to_dict("records")
    ]
    order = table.sort_values(["priority", "distance"], ascending=[False, True], kind="stable")
    return order.head(PRIORITIES).reset_index(drop=True)


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
