"""A study with known truth: simulated companies, their people's answers and their revenue."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey.instrument import Instrument, Role
from survey.simulated_answers import People, draw_answers, draw_people
from survey.simulated_faults import hand_in_colleagues, leave_out, spell, with_copies
from survey.simulated_population import Population, populate
from survey.simulated_settings import Settings, indexed_constructs, reported_means

__all__ = ["Settings", "Simulation", "Truth", "simulate"]

STANDARD = ("respondent", "company", "wave", "function", "started", "duration_s")
"""Columns of the answers before the questions."""
HIDDEN = ("company_name", "careless", "stopped", "duplicate_of", "near_duplicate_of")
"""What is known of each response beside its answers."""
FIELDWORK_DAYS = 60
"""How long a wave is in the field, from 11 March; second responses may come up to nine days earlier."""
DAY = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What was planted, on the scales on which results are reported.

    The values belong to the population from which companies and people are drawn; they are exact and
    the same for every seed. They leave halo and careless answers out: what these add is bias.

    Parameters
    ----------
    seed, settings
        What the study was made from.
    adequately_aligned, improvement_target
        Expected share of "yes" in a company, in per cent, mean of the functions, by wave; empty if the
        instrument does not ask.
    alignment
        Mean alignment index, 0-100.
    levels
        Mean 0-100 score of each construct and of each other scale question, each function counting once.
    gaps
        Marketing minus sales in the same; empty if the instrument knows no functions.
    slope
        Growth points per 10 points of a company's true alignment score.
    halo, confounder
        See `Settings`.
    careless, duplicated
        Respondents who did not read the questions, and who are in the export twice.
    """

    seed: int
    settings: Settings
    adequately_aligned: dict[int, float]
    improvement_target: dict[int, float]
    alignment: float
    levels: dict[str, float]
    gaps: dict[str, float]
    slope: float
    halo: float
    confounder: float
    careless: tuple[str, ...]
    duplicated: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, numbers and text, ready for JSON; near-duplicates only if planted."""
        settings = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self.settings).items()
            if name != "near_duplicates" or value
        }
        people = {"careless": list(self.careless), "duplicated": list(self.duplicated)}
        return {**asdict(self), "settings": settings, **people}


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """A simulated study. `answers`, `people` and `dont_know` have one row per response, in one order.

    Parameters
    ----------
    instrument
        The questionnaire that was answered.
    answers
        Columns respondent, company, wave, function, started, duration_s, then one per question that is
        not one of these: scale codes as answered (reversed items not turned), choice options by id,
        ticks 1 and 0, numbers; NaN where blank or "don't know". A tick list without a tick is NaN, as
        no export can tell it from one that was passed over.
    people
        What the answers do not say: company_name (as the person wrote it), careless, stopped (left on
        the way), duplicate_of (the respondent, on the second copy of a response), near_duplicate_of (the
        respondent whose answers these are, all but a few).
    dont_know
        True where the answer was "don't know"; one column per question.
    companies
        True values by company and wave: alignment (0-100), growth (per cent, from the wave's year).
    register
        company, name, aliases, industry, size, region.
    revenue
        company, fiscal_year, revenue, currency; some company-years are missing.
    truth
        What estimates are held against.
    """

    instrument: Instrument
    answers: pd.DataFrame
    people: pd.DataFrame
    dont_know: pd.DataFrame
    companies: pd.DataFrame
    register: pd.DataFrame
    revenue: pd.DataFrame
    truth: Truth


def simulate(instrument: Instrument, settings: Settings | None = None, *, seed: int) -> Simulation:
    """Simulate a study whose truth is known.

    Each answer is a latent value cut into equally wide categories, as in the ordered probit: the
    mean of its construct and function, what the company has in common and of its own, the person's
    leniency and noise. The true alignment of a company is the mean score that endlessly many of its
    people would give; growth depends on it linearly. Missing answers are missing by chance.

    Parameters
    ----------
    instrument
        Any questionnaire in which at least one construct of the index has items.
    settings
        What is planted; the defaults if None.
    seed
        The same seed gives the same study, byte by byte. Parts that do not differ in settings do not
        differ in draws either: with and without halo, the same people answer.

    Returns
    -------
    Simulation
        Answers, records and truth.

    Raises
    ------
    InputError
        If no construct of the index has items.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> study = simulate(read_instrument("alignment"), Settings(companies=20, waves=(2025,)), seed=1)
    >>> study.truth.slope, study.truth.adequately_aligned
    (1.5, {2025: 37.0})
    >>> study.answers["company"].nunique()
    20
    """
    settings = settings or Settings()
    population = populate(instrument, settings, seed=seed)
    sampling, answering, repeating, losing, writing, copying = (
        np.random.default_rng([seed, part]) for part in range(10, 16)
    )
    people = draw_people(population, sampling)
    rows, copied = with_copies(len(people), settings, repeating)
    own = draw_answers(instrument, population, people=people, rng=answering)
    complete, source = hand_in_colleagues(own, people, settings, copying)
    answers, unknown, stopped = leave_out(
        complete.iloc[rows], instrument, settings=settings, copied=copied, rng=losing
    )
    sent = _sent(population, people, writing)
    sent["near_duplicate_of"] = sent["respondent"].iloc[source].where(source >= 0).to_numpy()
    sent = sent.iloc[rows].reset_index(drop=True)
    sent["started"] += pd.to_timedelta(_delay(copied, repeating), unit="s").astype("timedelta64[s]")
    sent["stopped"] = stopped
    sent["duplicate_of"] = sent["respondent"].where(copied)
    order = sent.sort_values(["wave", "started", "respondent"], kind="stable").index
    sent, answers, unknown = (table.loc[order].reset_index(drop=True) for table in (sent, answers, unknown))
    return Simulation(
        instrument=instrument,
        answers=pd.concat([sent[[*STANDARD]], answers], axis=1),
        people=sent[[*HIDDEN]],
        dont_know=unknown,
        companies=_companies(population),
        register=population.register,
        revenue=population.revenue,
        truth=_truth(instrument, settings, sent, seed=seed),
    )


def _sent(population: Population, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Say who sent each response, when, and under which name of the company."""
    count, register = len(people), population.register.iloc[people.company].reset_index(drop=True)
    wave = population.years[people.year]
    first = pd.to_datetime(pd.Series(wave).astype("str") + "-03-01").astype("datetime64[s]")
    moment = rng.integers(10, 10 + FIELDWORK_DAYS, count) * DAY + rng.integers(8 * 3600, 18 * 3600, count)
    minutes = np.where(people.careless, 2.5, 12.0) * rng.lognormal(0, 0.35, count)
    return pd.DataFrame(
        {
            "respondent": pd.Series(wave * 1_000_000 + np.arange(1, count + 1)).astype("str"),
            "company": register["company"],
            "wave": wave,
            "function": pd.Series(np.array(population.functions)[people.side], dtype="str"),
            "started": first + pd.to_timedelta(moment, unit="s").astype("timedelta64[s]"),
            "duration_s": (60 * minutes).astype(int),
            "company_name": spell(register["name"], register["aliases"], population.settings, rng),
            "careless": people.careless,
        }
    )


def _delay(copied: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Seconds by which a second response was sent after, or before, the first."""
    days = rng.integers(1, 10, len(copied)) * rng.choice([-1, 1], len(copied))
    return np.where(copied, days * DAY, 0)


def _truth(instrument: Instrument, settings: Settings, sent: pd.DataFrame, *, seed: int) -> Truth:
    means = reported_means(instrument, settings)
    gaps = means["marketing"] - means["sales"] if "marketing" in means else pd.Series(dtype=float)
    shares = {
        role: dict.fromkeys(settings.waves, share) if instrument.with_role(role) else {}
        for role, share in _planted(settings).items()
    }
    copied = sent["duplicate_of"].notna()
    return Truth(
        seed=seed,
        settings=settings,
        adequately_aligned=shares["adequately_aligned"],
        improvement_target=shares["improvement_target"],
        alignment=float(means.loc[indexed_constructs(instrument)].to_numpy().mean()),
        levels={str(key): float(value) for key, value in means.mean(axis=1).items()},
        gaps={str(key): float(value) for key, value in gaps.items()},
        slope=10 * settings.slope,
        halo=settings.halo,
        confounder=settings.confounder,
        careless=tuple(sent["respondent"][sent["careless"] & ~copied]),
        duplicated=tuple(sent["respondent"][copied]),
    )


def _planted(settings: Settings) -> dict[Role, float]:
    return {
        "adequately_aligned": settings.adequately_aligned,
        "improvement_target": settings.improvement_target,
    }


def _companies(population: Population) -> pd.DataFrame:
    company, year = population.members["company"].to_numpy(), population.members["year"].to_numpy()
    frame = pd.DataFrame(
        {
            "company": population.register["company"].to_numpy()[company],
            "wave": population.years[year],
            "alignment": population.alignment[company, year],
            "growth": population.growth[company, year],
        }
    )
    return frame.sort_values(["company", "wave"], ignore_index=True)
