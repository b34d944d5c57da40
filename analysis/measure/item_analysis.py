"""Every item by itself: how it is answered, and how it goes with the others of its construct."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.measure.consistency import alphas_if_dropped, item_rest
from analysis.measure.item_covariance import (
    ItemCell,
    count_companies,
    item_cells,
    pairwise_covariance,
    varies,
)
from analysis.measure.one_factor import one_factor
from survey.instrument import Scale
from survey.language import look_up, mark, say
from survey.responses import Responses

ANSWERED = ("n", "companies", "missing", "dont_know", "mean", "sd", "floor", "ceiling")
TOGETHER = ("item_rest", "alpha_if_dropped", "loading")
NOT_TOLD_APART = mark('"don\'t know" is not told apart from missing')
BEYOND_CHANCE = 2.58
"""Standard errors from zero: at the 1% level, as many items are looked at."""
NO_LOADING = mark("no loading: {why}")


def item_statistics(responses: Responses) -> pd.DataFrame:
    """Return how each item is answered and how it goes with its construct, by function and wave.

    Parameters
    ----------
    responses
        Clean answers; reversed items are turned here, so that high means much of the construct.

    Returns
    -------
    DataFrame
        construct, function, wave, item; n (answers); companies (with an answer); missing and dont_know (per
        cent of the respondents of the cell); mean and sd (units of the scale); floor and ceiling (per cent of the
        answers at the lower and upper end of the scale); item_rest (correlation with the sum of the others),
        alpha_if_dropped, loading (of one factor, standardised); note (what could not be computed and why; empty else).

    Notes
    -----
    Agrees with ``psych::alpha(x)`` in R: item.stats (mean, sd, r.drop) and alpha.drop (raw_alpha).
    """
    tables = [_statistics(cell, _scale(responses, cell)) for cell in item_cells(responses)]
    columns = ["construct", "function", "wave", "item", *ANSWERED, *TOGETHER, "note"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def against_the_others(statistics: pd.DataFrame) -> pd.DataFrame:
    """Return the items that go against the rest of their construct beyond chance, wherever that is known.

    Such an item is mostly one that is worded the other way round and not declared so, or the reverse.

    Parameters
    ----------
    statistics
        From `item_statistics`.

    Returns
    -------
    DataFrame
        construct, item, item_rest (the highest, all below 0) and n of the answers behind it.

    Notes
    -----
    ``psych::alpha`` in R warns of items that correlate negatively with the first principal component.

    Examples
    --------
    >>> found = pd.DataFrame({"construct": "a", "item": ["x", "x", "y"], "item_rest": [-0.4, -0.3, -0.05], "n": 100})
    >>> against_the_others(found)["item"].tolist()
    ['x']
    """
    known = statistics[statistics["item_rest"].notna()]
    turned = known["item_rest"] < -BEYOND_CHANCE / np.sqrt(known["n"])
    rows: pd.DataFrame = known[turned.groupby(known["item"]).transform("all").astype(bool)]
    highest: pd.DataFrame = rows.sort_values("item_rest", ascending=False, kind="stable").drop_duplicates(
        "item"
    )
    return highest.sort_index()[["construct", "item", "item_rest", "n"]]


def construct_answers(responses: Responses) -> pd.DataFrame:
    """Return how many answers each construct has, and how many people stand at its ends.

    Floor and ceiling are the shares of people whose answers are all at the lowest, or all at the highest,
    point (McHorney and Tarlov 1995, Quality of Life Research 4); above 15% the construct no longer tells
    them apart (Terwee et al. 2007, Journal of Clinical Epidemiology 60).

    Returns
    -------
    DataFrame
        construct, function, wave; n (respondents with an answer); companies; silent (per cent of the cell's respondents
        without one); missing and dont_know (per cent of the answers due); floor and ceiling (per cent of n);
        note (what could not be computed and why; empty else).
    """
    rows = [{**cell.keys, **_of_construct(cell, _scale(responses, cell))} for cell in item_cells(responses)]
    columns = ["n", "companies", "silent", "missing", "dont_know", "floor", "ceiling", "note"]
    return pd.DataFrame(rows, columns=["construct", "function", "wave", *columns])


def answer_distribution(responses: Responses) -> pd.DataFrame:
    """Return how often each answer to each item was given, by function and wave.

    Returns
    -------
    DataFrame
        construct, function, wave, item, answer (as given: reversed items are not turned; every point of a
        scale of whole points), n, share (per cent of the item's answers), companies (with an answer to the
        item). No rows for items that nobody in the cell answered.
    """
    constructs = [key for key in responses.instrument.constructs if responses.items_of(key)]
    keys = ["construct", "function", "wave", "item", "answer", "n", "share", "companies"]
    tables = [_distribution(responses, construct) for construct in constructs]
    return pd.concat(tables, ignore_index=True)[keys] if tables else pd.DataFrame(columns=keys)


def _scale(responses: Responses, cell: ItemCell) -> Scale:
    scale = responses.instrument.columns[str(cell.answers.columns[0])].scale
    assert scale is not None  # every item of a construct has its scale
    return scale


def _statistics(cell: ItemCell, scale: Scale) -> pd.DataFrame:
    answers, due = cell.answers, max(1, len(cell.answers))
    n = answers.notna().sum()
    unsure = pd.Series(np.nan, index=answers.columns) if cell.unsure is None else cell.unsure.sum()
    table = pd.DataFrame(
        {
            "n": n,
            "companies": answers.notna().groupby(cell.companies).any().sum(),
            "missing": 100 * (len(answers) - n - unsure.fillna(0)) / due,
            "dont_know": 100 * unsure / due,
            "mean": answers.mean(),
            "sd": answers.std(),
            "floor": 100 * (answers == scale.min).sum() / n.where(n > 0),
            "ceiling": 100 * (answers == scale.max).sum() / n.where(n > 0),
        }
    ).join(_together(answers))
    apart = look_up(NOT_TOLD_APART) if cell.unsure is None else ""
    table["note"] = [_joined(note, apart) for note in table["note"]]
    table = table.rename_axis("item").reset_index()
    return table.assign(construct=cell.construct, function=cell.function, wave=cell.wave)


def _together(answers: pd.DataFrame) -> pd.DataFrame:
    """Return `TOGETHER` and a note for each item."""
    asked, varied = answers.notna().any(), varies(answers.to_numpy())
    names = [str(name) for name in answers.columns[varied]]
    covariance = pairwise_covariance(answers.to_numpy()[:, varied])
    fit = one_factor(covariance, names=names)
    spread = np.sqrt(np.diag(covariance))
    columns = (item_rest(covariance), alphas_if_dropped(covariance), fit.loadings / spread)
    table = pd.DataFrame(dict(zip(TOGETHER, columns, strict=True)), index=names).reindex(answers.columns)
    several = len(names) > 1
    missing_rest = table["item_rest"].isna() & several
    missing_alpha = table["alpha_if_dropped"].isna() & (len(names) > 2)
    notes = [
        say("nobody answered it") if not asked[name]
        else say("all its answers are equal") if name not in names
        else say("no other item varies") if not several
        else _joined(
            say("it and the others do not vary together") if missing_rest[name] else "",
            say("alpha of the others is not defined") if missing_alpha[name] else "",
            say("alpha if dropped needs three items") if len(names) < 3 else "",
            look_up(NO_LOADING).format(why=fit.note) if fit.note else "",
        )
        for name in answers.columns
    ]  # fmt: skip
    return table.assign(note=notes)


def _of_construct(cell: ItemCell, scale: Scale) -> dict[str, Any]:
    given = cell.answers.notna()
    answered = given.any(axis=1)
    n, people, due = int(answered.sum()), max(1, len(given)), max(1, given.size)
    unsure = np.nan if cell.unsure is None else float(cell.unsure.to_numpy().sum())
    blank = given.size - int(given.to_numpy().sum())
    ends = {
        name: 100 * int(((cell.answers == end) | ~given).all(axis=1)[answered].sum()) / n if n else np.nan
        for name, end in (("floor", scale.min), ("ceiling", scale.max))
    }
    return {
        "n": n,
        "companies": count_companies(cell.answers.to_numpy(), cell.companies),
        "silent": 100 * (len(given) - n) / people,
        "missing": 100 * (blank - np.nan_to_num(unsure)) / due,
        "dont_know": 100 * unsure / due,
        **ends,
        "note": _joined(
            "" if n else say("nobody answered an item"),
            look_up(NOT_TOLD_APART) if cell.unsure is None else "",
        ),
    }


def _distribution(responses: Responses, construct: str) -> pd.DataFrame:
    items = responses.items_of(construct)
    keys = ["function", "wave", "item"]
    long = responses.frame.melt(["function", "wave"], items, var_name="item", value_name="answer")
    long["item"] = pd.Categorical(long["item"], items)
    long["answer"] = pd.Categorical(long["answer"], _points(responses, items))
    counts = long.groupby([*keys, "answer"], observed=False)["answer"].size().rename("n").reset_index()
    total = counts.groupby(keys, observed=False)["n"].transform("sum")
    counts["share"] = 100 * counts["n"] / total.where(total > 0)
    given = responses.frame.groupby(["function", "wave", "company"], sort=False)[items].count() > 0
    told = given.groupby(["function", "wave"]).sum().reset_index()
    companies = told.melt(["function", "wave"], var_name="item", value_name="companies")
    known = counts[total > 0].astype({"item": "str"}).merge(companies, on=keys, how="left")
    return known.astype({"answer": "float64"}).assign(construct=construct)


def _points(responses: Responses, items: list[str]) -> list[float]:
    """Return every answer that was given, and every point of a scale of whole points."""
    scale = responses.instrument.columns[items[0]].scale
    seen = pd.unique(responses.frame[items].to_numpy(dtype=np.float64).ravel())
    declared = np.arange(scale.min, scale.max + 1).tolist() if scale is not None and scale.whole else []
    return sorted({*seen[~np.isnan(seen)].tolist(), *declared})


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def answer_points(distribution: pd.DataFrame) -> pd.DataFrame:
    """Return `answer_distribution` by whole points: answers between two of them count with the nearest.

    Returns
    -------
    DataFrame
        The same columns; n is a float, as a count of answers may be withheld where it stands for few.

    Examples
    --------
    >>> answers = pd.DataFrame({"item": "a", "answer": [2.0, 2.5, 3.0], "n": [1, 2, 1], "share": [25.0, 50, 25]})
    >>> cell = {"construct": "goals", "function": "", "wave": 2025, "companies": 4}
    >>> answer_points(answers.assign(**cell))["share"].tolist()
    [25.0, 75.0]
    """
    keys = ["construct", "function", "wave", "item", "companies", "answer"]
    whole = distribution.assign(answer=np.floor(distribution["answer"] + 0.5))
    counted = whole.groupby(keys, sort=False)[["n", "share"]].sum().reset_index()
    return counted.astype({"n": "float64"})[list(distribution.columns)]


def of_all(points: pd.DataFrame) -> pd.DataFrame:
    """Return `answer_points` of all functions together.

    Returns
    -------
    DataFrame
        The same columns, function empty; companies is that of the function with fewest, because what all
        answered, less what one function did, is what the others did.

    Examples
    --------
    >>> cell = {"construct": "goals", "wave": 2025, "item": "a", "answer": 1.0, "share": 100.0}
    >>> points = pd.DataFrame([{**cell, "function": name, "n": 2.0, "companies": 2} for name in ("sales", "marketing")])
    >>> of_all(points)[["n", "companies"]].to_numpy().tolist()
    [[4.0, 2.0]]
    """
    keys = ["construct", "wave", "item"]
    counted = points.groupby([*keys, "answer"], sort=False).agg(n=("n", "sum")).reset_index()
    counted["share"] = 100 * counted["n"] / counted.groupby(keys)["n"].transform("sum")
    fewest = points.groupby(keys)["companies"].min()
    return counted.join(fewest, on=keys).assign(function="")[list(points.columns)]
