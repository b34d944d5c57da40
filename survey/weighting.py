"""Weights of companies and respondents, from the design weight to the last step, each step kept and said."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from survey.margins import Margin
from survey.problems import InputError, Problem, raise_if_any
from survey.weighted import STEPS, WaveWeights, Weighted, together
from survey.weighting_rules import WeightRule
from survey.weighting_steps import weigh_wave

__all__ = ["STEPS", "Weighted", "respondent_weights", "weigh"]


def weigh(
    companies: pd.DataFrame,
    rule: WeightRule,
    *,
    margins: Sequence[Margin] = (),
    register: pd.DataFrame | None = None,
) -> Weighted:
    """Weight the companies of each wave as a study declares.

    In this order: the design weight; the adjustment for companies of the register that did not answer; scaled as a
    whole to the population, brought to the margins; trimmed; times the size, where companies count by size.

    Parameters
    ----------
    companies
        company, wave and facts: one row per company and wave that answered.
    rule
        What to do.
    margins
        Population counts, for every wave or for the wave that they name.
    register
        Facts of everybody who was asked, by company; needed for nonresponse classes.

    Raises
    ------
    InputError
        Everything that keeps companies from being weighted, in all waves, at once.

    Examples
    --------
    >>> sizes = ["small", "small", "small", "large"]
    >>> companies = pd.DataFrame({"company": list("abcd"), "wave": 2025, "size": sizes})
    >>> cells = pd.DataFrame({"size": ["small", "large"], "count": [60.0, 40.0], "row": [2, 3]})
    >>> found = weigh(companies, WeightRule(margins="register", by=["size"]), margins=[Margin(("size",), cells)])
    >>> found.frame["weight"].tolist(), found.waves[["effective_n", "design_effect"]].round(2).values.tolist()
    ([20.0, 20.0, 20.0, 40.0], [[3.57, 1.12]])
    """
    problems: list[tuple[int, Problem]] = []
    done: dict[int, tuple[pd.DataFrame, WaveWeights]] = {}
    for wave, rows in companies.sort_values(["wave", "company"]).groupby("wave"):
        year = int(str(wave))
        ours = [margin for margin in margins if margin.wave in (None, year)]
        try:
            done[year] = (rows, weigh_wave(rows, rule, ours, register))
        except InputError as error:
            problems += [(year, problem) for problem in error.problems]
    raise_if_any(_over_waves(problems))
    return together(done, largest=rule.largest)


def respondent_weights(
    responses: pd.DataFrame, companies: pd.DataFrame, *, within: str = "functions"
) -> "pd.Series[float]":
    """Give every respondent a share of the weight of the company; the shares of a company add up to its weight.

    Parameters
    ----------
    responses
        respondent, company, wave, function, weight (of the export; 1 where it has none).
    companies
        company, wave, weight.
    within
        "functions": each function of a company has the same share, however many answered, so that a respondent
        counts 1 / (functions x people of the function); "equal": every respondent 1 / people. Weights of the export
        tell people of one function, or of one company, apart.

    Returns
    -------
    Series
        By the index of `responses`; 0 for a company without a weight.

    Examples
    --------
    >>> functions = ["sales", "sales", "marketing"]
    >>> people = pd.DataFrame({"company": "a", "wave": 2025, "function": functions, "weight": 1.0})
    >>> companies = pd.DataFrame({"company": ["a"], "wave": [2025], "weight": [8.0]})
    >>> respondent_weights(people, companies).tolist()
    [2.0, 2.0, 4.0]
    """
    keys = ["company", "wave"]
    own = responses["weight"]
    groups = [*keys, "function"] if within == "functions" else keys
    share = own / own.groupby([responses[key] for key in groups]).transform("sum")
    if within == "functions":
        share = share / responses.groupby(keys)["function"].transform("nunique")
    total = responses[keys].merge(companies[[*keys, "weight"]], on=keys, how="left")["weight"].fillna(0.0)
    weights: pd.Series[float] = (share * total.to_numpy()).rename("weight")
    return weights


def _over_waves(problems: Sequence[tuple[int, Problem]]) -> Iterator[Problem]:
    """Tell a problem of several waves once, with the waves, and with the number that it begins with in each."""
    alike: dict[Problem, dict[str, list[int]]] = {}
    for year, problem in problems:
        number = first[0] if (first := re.match(r"\d+ ", problem.what)) else ""
        rest = problem.what.removeprefix(number)
        alike.setdefault(replace(problem, what=rest), {}).setdefault(number, []).append(year)
    for problem, numbers in alike.items():
        if len(numbers) == 1:
            ((number, years),) = numbers.items()
            yield replace(problem, what=f"{number}{problem.what} ({_listed(years)})")
        else:
            counts = ", ".join(f"{number}({_listed(years)})" for number, years in numbers.items())
            yield replace(problem, what=f"{counts} {problem.what}")


def _listed(years: Sequence[int]) -> str:
    return ", ".join(map(str, years))
