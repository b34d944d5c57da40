"""What is planted in a simulated study, and what it comes to on the reported scales."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from survey.instrument import Instrument, Question
from survey.problems import InputError, Problem, raise_if_any
from survey.responses import FUNCTIONS

FACET_SD = 8.0
"""How far a person's view of one construct departs from that person's general view, in points."""
OFFSETS = (0.0, 4.0, -5.0, 2.0, -3.0, 6.0)
"""How much easier the items of a construct are to agree with, in points; repeated as needed."""
MARKER_MEAN, SINGLE_MEAN, PRACTICE_MEAN = 62.0, 56.0, 55.0
SINGLE_GAP, PRACTICE_GAP = 4.0, 3.0
PRACTICE_WEIGHT = 2.0
"""How much wider companies differ in practices than in alignment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is planted in a simulated study.

    Answers come from a latent scale of 0-100 points on which the answer categories are equally wide;
    all `*_sd` are in its points. Growth is in per cent a year.

    Parameters
    ----------
    companies
        Companies that take part in each wave.
    waves
        Years of the waves, ascending.
    informants
        Fewest and most informants per company and wave, over all functions; small numbers are commoner.
    silent_function
        Share of companies with two functions of which one does not answer.
    attrition
        Share of companies that leave before the next wave; as many newcomers take their place.
    levels, gaps
        Latent mean and latent marketing minus sales, in points, of the alignment constructs in their
        order; repeated as needed. `Truth` has what they come to on the reported scale.
    company_sd, wave_sd
        Lasting and yearly differences between companies in alignment.
    construct_sd, gap_sd
        What a company has of its own in each construct, and in each function.
    respondent_sd, item_sd
        Leniency of a person over all answers, and noise of a single answer.
    adequately_aligned, improvement_target
        Share of "yes", in per cent, mean of the functions.
    growth_mean, growth_sd, slope
        Growth, its unexplained spread, and growth points per point (0-100) of true alignment.
    halo
        Points of every answer's latent mean per `growth_sd` of growth: people in growing companies
        rate everything higher, in shrinking ones lower.
    confounder
        What one SD of an unobserved trait of the company adds to its latent alignment (points) and
        to its growth (points) alike.
    careless, duplicates, break_off
        Shares of respondents who do not read, who send their answers twice, who stop on the way.
    near_duplicates
        Share of respondents who hand in a colleague's answers with a few changed.
    dont_know, missing
        Shares of single answers.
    name_variants
        Share of respondents who spell their company's name another way than the register.
    revenue_gaps
        Share of company-years without a revenue record.

    Raises
    ------
    InputError
        If a value is outside its range; all problems at once.
    """

    companies: int = 300
    waves: tuple[int, ...] = (2023, 2024, 2025)
    informants: tuple[int, int] = (2, 15)
    silent_function: float = 0.03
    attrition: float = 0.15
    levels: tuple[float, ...] = (60.0, 51.0, 57.0, 47.0, 54.0, 63.0, 49.0, 55.0, 44.0, 58.0)
    gaps: tuple[float, ...] = (7.0, 12.0, 2.0, -6.0, 0.0, 5.0, 9.0)
    company_sd: float = 9.0
    wave_sd: float = 4.0
    construct_sd: float = 6.0
    gap_sd: float = 5.0
    respondent_sd: float = 13.0
    item_sd: float = 18.0
    adequately_aligned: float = 37.0
    improvement_target: float = 60.0
    growth_mean: float = 6.0
    growth_sd: float = 10.0
    slope: float = 0.15
    halo: float = 0.0
    confounder: float = 0.0
    careless: float = 0.05
    duplicates: float = 0.02
    near_duplicates: float = 0.0
    break_off: float = 0.01
    dont_know: float = 0.03
    missing: float = 0.03
    name_variants: float = 0.2
    revenue_gaps: float = 0.08

    def __post_init__(self) -> None:
        shares = (
            "silent_function", "attrition", "careless", "duplicates", "near_duplicates", "break_off",
            "dont_know", "missing", "name_variants", "revenue_gaps",
        )  # fmt: skip
        positive = (
            "company_sd",
            "wave_sd",
            "construct_sd",
            "gap_sd",
            "respondent_sd",
            "item_sd",
            "growth_sd",
        )
        checks = [(name, 0 <= getattr(self, name) <= 1, "0 to 1") for name in shares]
        checks += [(name, getattr(self, name) > 0, "above 0") for name in positive]
        checks += [
            (name, 4 < getattr(self, name) < 96, "between 4 and 96 per cent")
            for name in ("adequately_aligned", "improvement_target")
        ]
        checks += [
            ("companies", self.companies >= 1, "1 or more"),
            ("waves", bool(self.waves) and list(self.waves) == sorted(set(self.waves)), "ascending years"),
            ("informants", 1 <= self.informants[0] <= self.informants[1], "fewest and most, 1 or more"),
            ("levels", bool(self.levels), "at least one"),
            ("gaps", bool(self.gaps), "at least one"),
            ("growth_sd", self.growth_sd <= 20, "20 or less, so that no revenue falls to nothing"),
            ("halo", np.isfinite(self.halo), "a finite number"),
            ("confounder", np.isfinite(self.confounder), "a finite number"),
        ]
        raise_if_any(
            Problem("is not possible", column=name, value=str(getattr(self, name)), allowed=allowed)
            for name, fine, allowed in checks
            if not fine
        )

    @property
    def alignment_sd(self) -> float:
        """SD of the latent alignment that a company's functions and constructs share, in points."""
        return float(np.sqrt(self.company_sd**2 + self.wave_sd**2 + self.confounder**2))


def functions_of(instrument: Instrument) -> tuple[str, ...]:
    """Return the functions whose people are asked; one without a name if the instrument knows none."""
    return FUNCTIONS if instrument.with_role("function") else ("",)


def indexed_constructs(instrument: Instrument) -> list[str]:
    """Return the constructs of the index that are asked item by item.

    Raises
    ------
    InputError
        If there is none.
    """
    asked = [key for key in instrument.alignment_constructs if instrument.constructs[key].items]
    if not asked:
        what = "no construct of the index has items, so that no answers can be simulated"
        raise InputError([Problem(what, file=instrument.instrument, column="constructs")])
    return asked


def question_design(instrument: Instrument, settings: Settings) -> pd.DataFrame:
    """Return how each scale question depends on the company and on the person.

    One row per scale question (the attention check is none) with its `group`, latent `mean` and
    `gap`, number of `categories`, lowest code `low`, `reverse`, and what weighs in it: `shared`
    multiplies the company's alignment and its function's lean, `own` the company's own part of the
    group, `style` the person's leniency, `facet` the person's own view of the group. A marker has
    nothing of the company and nothing of the leniency.
    """
    questions = [
        question
        for question in instrument.columns.values()
        if question.kind == "scale" and question.role != "attention"
    ]
    rows = [_design_row(question, instrument, settings) for question in questions]
    where = ["question", "group", "mean", "gap", "categories", "low", "reverse"]
    return pd.DataFrame(rows, columns=[*where, "shared", "own", "style", "facet"]).set_index("question")


def _design_row(question: Question, instrument: Instrument, settings: Settings) -> tuple[object, ...]:
    scale = question.scale
    assert scale is not None, "the instrument has checked that scale questions have a scale"
    aligned = instrument.alignment_constructs
    construct = instrument.constructs.get(question.group)
    item = list(construct.items).index(question.id) if construct else 0
    shared, own, style, facet = 1.0, settings.construct_sd, settings.respondent_sd, FACET_SD
    if question.group in aligned:
        n = aligned.index(question.group)
        mean, gap = settings.levels[n % len(settings.levels)], settings.gaps[n % len(settings.gaps)]
    elif construct:
        mean, gap, shared, own, style, facet = MARKER_MEAN, 0.0, 0.0, 0.0, 0.0, float(np.hypot(style, facet))
    elif question.section == "practice":
        shared, own = PRACTICE_WEIGHT, PRACTICE_WEIGHT * own
        item = list(instrument.practices[question.group].items).index(question.id)
        mean, gap = PRACTICE_MEAN, PRACTICE_GAP
    else:
        mean, gap = SINGLE_MEAN, SINGLE_GAP
    mean += OFFSETS[item % len(OFFSETS)]
    categories = int(scale.max - scale.min) + 1
    where = (question.id, question.group, mean, gap, categories, scale.min, question.reverse)
    return (*where, shared, own, style, facet)


def expected_score(mean: np.ndarray, sd: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Return the expected 0-100 score of a normal latent answer cut into equally wide categories.

    Of ``K`` categories the k-th threshold is ``100 (k - 0.5) / (K - 1)`` and every threshold passed
    adds ``100 / (K - 1)``, so that the expectation is the mean of ``Phi((mean - t_k) / sd)`` over the
    thresholds (the ordered probit of McKelvey and Zavoina 1975). The last axis runs over questions.

    Examples
    --------
    >>> middle = expected_score(np.array([50.0, 70.0]), np.array([20.0, 0.1]), np.array([5, 5]))
    >>> middle.round(6).tolist()
    [50.0, 75.0]
    """
    result = np.zeros(np.broadcast_shapes(mean.shape, sd.shape))
    spread = np.broadcast_to(sd, result.shape)
    for count in np.unique(categories):
        at = categories == count
        for threshold in 100 * (np.arange(1, count) - 0.5) / (count - 1):
            result[..., at] += ndtr((mean[..., at] - threshold) / spread[..., at]) * 100 / (count - 1)
    return result


def latent_means(design: pd.DataFrame, functions: tuple[str, ...]) -> np.ndarray:
    """Return the latent means of all people, functions x questions: marketing half a gap above sales."""
    side = np.linspace(-0.5, 0.5, len(functions)) if len(functions) > 1 else np.zeros(1)
    mean, gap = design["mean"].to_numpy(dtype=float), design["gap"].to_numpy(dtype=float)
    return np.asarray(mean + side[:, None] * gap)


def within_sd(design: pd.DataFrame, settings: Settings) -> np.ndarray:
    """Return the SD of answers within one function of one company, by question."""
    personal = design["style"] ** 2 + design["facet"] ** 2
    return np.sqrt(personal.to_numpy() + settings.item_sd**2)


def reported_means(instrument: Instrument, settings: Settings) -> pd.DataFrame:
    """Return the exact mean 0-100 score of all companies, groups of questions x functions.

    The latent answer of a random person of a random company is normal, its variance the sum of
    everything between and within companies, so `expected_score` gives the mean without sampling.
    """
    functions, design = functions_of(instrument), question_design(instrument, settings)
    between = (design["shared"] ** 2) * (settings.alignment_sd**2 + settings.gap_sd**2) + design["own"] ** 2
    total = np.hypot(within_sd(design, settings), np.sqrt(between.to_numpy()))
    scores = expected_score(latent_means(design, functions), total, design["categories"].to_numpy())
    by_question = pd.DataFrame(scores.T, index=design.index, columns=list(functions))
    return by_question.groupby(design["group"], sort=False).mean()
