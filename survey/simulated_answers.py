"""What the people of a simulated population answer, before anything is left out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from survey.instrument import Instrument, Question
from survey.simulated_population import Population, latent_scores
from survey.simulated_settings import latent_means

IDENTITY = ("respondent", "company", "function", "started", "duration")
"""Roles of questions that fill a standard column instead of one of their own."""
SHARE_GAP = 8.0
"""Marketing minus sales in the share of "yes", in points."""
SHARES = (55.0, 30.0, 35.0, 85.0)
"""Typical values of outcomes between 0 and 100, in the order in which they are asked; repeated as needed."""
ANSWER_SD = 27.0
"""Typical SD of an answer on the latent scale: what makes points of halo into SDs."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Who answers; arrays have one entry per person.

    `company`, `year` and `side` are positions in the population's companies, years and functions;
    `growth` is in SDs; `style` and `factor` are standard normal; `straight` is the point of the scale
    a straightliner marks, NaN for those who answer at random.
    """

    company: np.ndarray
    year: np.ndarray
    side: np.ndarray
    factor: np.ndarray
    unexplained: np.ndarray
    growth: np.ndarray
    style: np.ndarray
    careless: np.ndarray
    straight: np.ndarray

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.company)


def draw_people(population: Population, rng: np.random.Generator) -> People:
    """Draw the informants of every company-wave and who of them does not read the questions."""
    settings, members = population.settings, population.members
    low, high = settings.informants
    per_member = low + np.floor((high - low + 1) * rng.random(len(members)) ** 3.5).astype(int)
    member = np.repeat(np.arange(len(members)), per_member)
    order = np.arange(len(member)) - np.repeat(np.cumsum(per_member) - per_member, per_member)
    many = len(population.functions)
    side = np.where(order < many, order, rng.integers(0, many, len(member)))
    silent = (rng.random(len(members)) < settings.silent_function) & (many > 1)
    side = np.where(silent[member], rng.integers(0, many, len(members))[member], side)
    company, year = members["company"].to_numpy()[member], members["year"].to_numpy()[member]
    careless = rng.random(len(member)) < settings.careless
    straight = np.where(rng.random(len(member)) < 0.5, rng.random(len(member)), np.nan)
    return People(
        company, year, side, population.factor[company, year], population.unexplained[company, year],
        population.growth[company, year] / settings.growth_sd, rng.standard_normal(len(member)), careless,
        straight,
    )  # fmt: skip


def draw_answers(
    instrument: Instrument, population: Population, *, people: People, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw every answer before any is left out: one row per person, one column per question."""
    asked = [question for question in instrument.columns.values() if question.role not in IDENTITY]
    scales = _scale_answers(population, people, rng)
    answers: dict[str, np.ndarray | pd.Series] = {}
    shares = 0
    for question in asked:
        if question.role == "attention":
            answers[question.id] = _attention(question, people, rng)
        elif question.kind == "scale":
            answers[question.id] = scales[question.id]
        elif question.kind == "choice":
            answers[question.id] = _choice(question, population, people=people, rng=rng)
        elif question.kind == "number":
            answers[question.id] = _number(
                question,
                instrument,
                typical=SHARES[shares % len(SHARES)],
                population=population,
                people=people,
                rng=rng,
            )
            shares += _is_share(question)
        elif question.kind == "text":
            answers[question.id] = pd.Series(pd.NA, index=range(len(people)), dtype="str")
    answers |= _tick_answers(asked, instrument, population=population, people=people, rng=rng)
    return pd.DataFrame({question.id: answers[question.id] for question in asked})


def _scale_answers(population: Population, people: People, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Cut latent answers into categories; reversed items are answered the other way round."""
    settings, design = population.settings, population.design
    shape = (len(people), len(design))
    group = pd.factorize(design["group"])[0]
    latent = latent_means(design, population.functions)[people.side] + latent_scores(
        design,
        settings,
        factor=people.factor,
        lean=population.lean[people.company, people.side],
        own=population.own[people.company],
    )
    latent += settings.halo * people.growth[:, None] + people.style[:, None] * design["style"].to_numpy()
    latent += (
        rng.standard_normal((len(people), group.max(initial=0) + 1))[:, group] * design["facet"].to_numpy()
    )
    latent += settings.item_sd * rng.standard_normal(shape)
    top = design["categories"].to_numpy() - 1
    point = np.clip(np.floor(latent / 100 * top + 0.5), 0, top)
    point = np.where(design["reverse"], top - point, point)
    mark = np.where(np.isnan(people.straight)[:, None], rng.random(shape), people.straight[:, None])
    point = np.where(people.careless[:, None], np.minimum(np.floor(mark * (top + 1)), top), point)
    codes = point + design["low"].to_numpy()
    return {question: codes[:, n] for n, question in enumerate(design.index)}


def _attention(question: Question, people: People, rng: np.random.Generator) -> pd.Series:
    """Pass all who read; of the careless one in five, by chance."""
    if question.scale is not None:
        options = pd.Series(np.arange(question.scale.min, question.scale.max + 1))
    else:
        options = pd.Series(list(question.options), dtype="str")
    right = options == (question.expected if question.scale else str(question.expected))
    passed = ~people.careless | (rng.random(len(people)) < 0.2)
    position = np.where(passed, right.argmax(), rng.choice(np.flatnonzero(~right), len(people)))
    return options.iloc[position].reset_index(drop=True)


def _choice(
    question: Question, population: Population, people: People, rng: np.random.Generator
) -> pd.Series:
    """Choose among options; the two yes-no questions with a planted share by an ordinal probit."""
    settings, options = population.settings, list(question.options)
    anything = rng.choice(options, len(people))
    planted = {
        "adequately_aligned": (settings.adequately_aligned, 0.6, 0.0, 0.3),
        "improvement_target": (settings.improvement_target, -0.08, -0.1, 0.0),
    }.get(question.role)
    if planted is None:
        return pd.Series(anything, dtype="str")
    share, aligned, growing, style = planted
    half = (
        SHARE_GAP / 2 * np.sign(np.arange(len(population.functions)) - 0.5) * (len(population.functions) > 1)
    )
    rest = np.sqrt(1 - aligned**2 - growing**2 - style**2)
    leaning = aligned * people.factor + growing * people.unexplained + style * people.style
    leaning = leaning + rest * rng.standard_normal(len(people))
    leaning += np.sign(aligned) * settings.halo * people.growth / ANSWER_SD
    yes = leaning > ndtri(1 - (share + half) / 100)[people.side]
    unsure = [option for option in options if option not in ("yes", "no")]
    said = np.where(yes, "yes", "no")
    if unsure:
        undecided = rng.random(len(people)) < settings.dont_know
        said = np.where(undecided, rng.choice(unsure, len(people)), said)
    return pd.Series(np.where(people.careless, anything, said), dtype="str")


def _is_share(question: Question) -> bool:
    return question.range is not None and question.range[0] >= 0 and question.range[1] <= 100


def _number(
    question: Question,
    instrument: Instrument,
    *,
    typical: float,
    population: Population,
    people: People,
    rng: np.random.Generator,
) -> np.ndarray:
    """Whole numbers near a value of the company; a little better where it grows and is aligned.

    A range below zero is that of a change: growth in the year before the wave. One of 0-100 is that
    of a share; any other that of an amount, a sixteenth of its top being typical. The careless give none.
    """
    low, high = question.range or (0.0, 100.0)
    outcome = instrument.outcomes.get(question.id)
    sign = -1 if outcome and outcome.better == "lower" else 1
    own = rng.standard_normal(population.factor.shape)[people.company, people.year]
    value = sign * (0.35 * people.unexplained + 0.2 * people.factor) + 0.9 * own
    heard = rng.standard_normal(len(people))
    if low < 0:
        told = population.growth[people.company, people.year - 1] + 3 * heard
    elif _is_share(question):
        told = 100 * expit(logit(typical / 100) + 0.45 * value + 0.2 * heard)
    else:
        told = high / 16 * np.exp(0.35 * value + 0.15 * heard)
    return np.where(people.careless, np.nan, np.clip(told.round(), low, high))


def _tick_answers(
    asked: list[Question],
    instrument: Instrument,
    *,
    population: Population,
    people: People,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Tick at most two of the pressures and of the actions, any of the others: 1, 0, or NaN if none."""
    ticks = [question for question in asked if question.kind == "tick"]
    answers: dict[str, np.ndarray] = {}
    for group in dict.fromkeys(question.group for question in ticks):
        names = [question.id for question in ticks if question.group == group]
        few = instrument.practices[group].frame in ("pressure", "action")
        shape = (len(people), len(names))
        appeal = 0.5 * np.cos(1 + 2.0 * np.arange(len(names)))
        usual = rng.standard_normal((len(population.factor), len(names)))[people.company]
        wish = appeal + 0.7 * usual + (0.0 if few else 0.4) * people.factor[:, None]
        wish = wish + 0.6 * rng.standard_normal(shape)
        wish = np.where(people.careless[:, None], rng.standard_normal(shape), wish)
        rank = (-wish).argsort(axis=1).argsort(axis=1)
        number = rng.choice(3, len(people), p=(0.04, 0.24, 0.72))
        ticked = rank < number[:, None] if few else wish > 0
        values = np.where(ticked.any(axis=1, keepdims=True), ticked.astype(float), np.nan)
        answers |= {name: values[:, n] for n, name in enumerate(names)}
    return answers
