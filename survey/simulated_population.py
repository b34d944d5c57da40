"""The companies behind a simulated study: how aligned they truly are, how they grow, what they are called."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey.instrument import Instrument
from survey.simulated_settings import (
    Settings,
    expected_score,
    functions_of,
    indexed_constructs,
    latent_means,
    question_design,
    reported_means,
    within_sd,
)

PERSISTENCE = 0.3
"""Share of the unexplained variance of growth that belongs to the company rather than to the year."""
INDUSTRIES = {
    "Chemicals": -1.0,
    "Health": 1.0,
    "Logistics": -2.0,
    "Machinery": 1.0,
    "Retail": -3.0,
    "Software": 4.0,
}
"""Industries and what each adds to growth, in points; the effects sum to zero."""
SIZES = {"under 50": 4e6, "50 to 249": 25e6, "250 and more": 180e6}
"""Size classes by employees, and the median first revenue of each."""
REGIONS = {"Isles": ("Ltd", "GBP"), "Mainland": ("GmbH", "EUR"), "Overseas": ("Inc.", "USD")}
"""Regions with the legal form and the currency of their companies."""
FIRST = """
    Brackwold Bumbleworth Cobblewick Crumbwell Driftanoo Duskenby Elmiferous Eskermoon Fandrigal Flannigrove
    Glimmick Gumdrelle Hobbenfield Humbershaw Inkelby Ixworthy Jorvaline Jumblestone Kettlequin Larkanoo
    Mumblethorpe Nettlespoon Orrifant Ozmeril Plumstow Pringlemoor Quaverley Quillmere Rumbledene Snickerby
    Tangleford Umberwisp Vantaloo Vexholme Whistleby Wimbledash Yonderlin Zanderwick Zephandra Zumblecote
    """.split()  # noqa: SIM905
SECOND = """
    Acorns Anvils Bagpipes Bellows Buttons Candles Compasses Cushions Feathers Hammocks Kites Ladders Lanterns
    Marbles Mittens Otters Pebbles Pickles Puffins Radishes Saddles Spindles Sundials Teapots Thimbles
    Trumpets Turnips Umbrellas Velvet Walnuts
    """.split()  # noqa: SIM905


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Companies with their true values, in arrays of companies x years unless said otherwise.

    Parameters
    ----------
    settings, functions, design
        What was planted, whose people are asked, and `question_design`.
    years
        Years in which a period of growth begins, from the one before the first wave to the last wave.
    members
        Who takes part: the positions `company` and `year` of every company-wave.
    factor, unexplained
        Latent alignment, and the unexplained part of growth, each as a standard normal.
    lean, own
        What the company has of its own in each function (companies x functions) and in each group of
        questions (companies x groups), standard normal.
    alignment
        True alignment score, 0-100, without sampling, halo or careless answers.
    growth
        Growth in per cent, from the year to the next.
    register, revenue
        The companies' names and features; their revenue records.
    """

    settings: Settings
    functions: tuple[str, ...]
    design: pd.DataFrame
    years: np.ndarray
    members: pd.DataFrame
    factor: np.ndarray
    unexplained: np.ndarray
    lean: np.ndarray
    own: np.ndarray
    alignment: np.ndarray
    growth: np.ndarray
    register: pd.DataFrame
    revenue: pd.DataFrame


def populate(instrument: Instrument, settings: Settings, *, seed: int) -> Population:
    """Draw the companies, their true alignment, their growth and their revenue."""
    aligning, growing, naming, recording = (np.random.default_rng([seed, part]) for part in range(4))
    functions, design = functions_of(instrument), question_design(instrument, settings)
    years = np.arange(settings.waves[0] - 1, settings.waves[-1] + 1)
    members = _members(settings, years, aligning)
    count, groups = int(members["company"].max()) + 1, design["group"].nunique()
    trait = aligning.standard_normal((count, 1))
    factor = _factor(settings, trait, aligning.standard_normal((count, 1 + len(years))))
    lean = aligning.standard_normal((count, len(functions)))
    own = aligning.standard_normal((count, groups))
    alignment = _true_alignment(instrument, settings, factor=factor, lean=lean, own=own)
    register = _register(count, naming)
    lasting, yearly = growing.standard_normal((count, 1)), growing.standard_normal((count, len(years)))
    unexplained = np.sqrt(PERSISTENCE) * lasting + np.sqrt(1 - PERSISTENCE) * yearly
    means = reported_means(instrument, settings).loc[indexed_constructs(instrument)].to_numpy()
    industry = register["industry"].map(INDUSTRIES).to_numpy(dtype=float)[:, None]
    explained = settings.growth_mean + settings.slope * (alignment - means.mean()) + industry
    growth = explained + settings.confounder * trait + settings.growth_sd * unexplained
    revenue = _revenue(settings, register, years=years, growth=growth, rng=recording)
    return Population(
        settings, functions, design, years, members, factor, unexplained, lean, own, alignment, growth,
        register, revenue,
    )  # fmt: skip


def latent_scores(
    design: pd.DataFrame, settings: Settings, *, factor: np.ndarray, lean: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Return what a company adds to the latent means, in points; the last axis runs over questions.

    The last axis of `own` runs over groups; its others, `factor` and `lean` broadcast together.
    """
    group = pd.factorize(design["group"])[0]
    common = settings.alignment_sd * factor + settings.gap_sd * lean
    shared, special = design["shared"].to_numpy(dtype=float), design["own"].to_numpy(dtype=float)
    place: np.ndarray = common[..., None] * shared + own[..., group] * special
    return place


def _members(settings: Settings, years: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Fill a fixed number of places per wave; whoever leaves is replaced by a newcomer for good."""
    leaves = rng.random((settings.companies, len(settings.waves))) < settings.attrition
    leaves[:, 0] = False
    holder = leaves.cumsum(axis=1)
    places, wave = np.indices(holder.shape)
    company = pd.factorize((holder * settings.companies + places).T.ravel())[0]
    year = np.searchsorted(years, np.array(settings.waves))
    return pd.DataFrame({"company": company, "year": year[wave.T.ravel()]})


def _factor(settings: Settings, trait: np.ndarray, draws: np.ndarray) -> np.ndarray:
    lasting, yearly = draws[:, :1], draws[:, 1:]
    latent = settings.company_sd * lasting + settings.wave_sd * yearly + settings.confounder * trait
    return np.asarray(latent / settings.alignment_sd)


def _true_alignment(
    instrument: Instrument, settings: Settings, *, factor: np.ndarray, lean: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Mean over functions and constructs of what a company's people would score on average."""
    functions, whole = functions_of(instrument), question_design(instrument, settings)
    aligned = whole["group"].isin(indexed_constructs(instrument))
    design, own = whole[aligned], own[:, pd.factorize(whole["group"])[0][aligned]]
    weight = 1 / design.groupby("group")["group"].transform("size").to_numpy()
    own = own[:, ~design["group"].duplicated().to_numpy()]
    total = np.zeros(factor.shape)
    for column, mean in enumerate(latent_means(design, functions)):
        place = latent_scores(design, settings, factor=factor, lean=lean[:, [column]], own=own[:, None, :])
        score = expected_score(mean + place, within_sd(design, settings), design["categories"].to_numpy())
        total += score @ weight / weight.sum()
    return total / len(functions)


def _register(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Name and describe the companies; the names are made up and differ after normalisation, too."""
    pairs = len(FIRST) * len(SECOND)
    code = np.arange(count)
    pair = rng.permutation(pairs)[code % pairs]
    first = pd.Series(np.array(FIRST)[pair // len(SECOND)])
    again = pd.Series(code // pairs + 1).astype("str").radd(" ").where(code >= pairs, "")
    second = pd.Series(np.array(SECOND)[pair % len(SECOND)]) + again
    region = rng.choice(list(REGIONS), count)
    form = pd.Series(region).map({name: form for name, (form, _) in REGIONS.items()})
    joint = pd.Series(np.where(rng.random(count) < 0.3, " & ", " "))
    aliased = rng.random(count) < 0.2
    return pd.DataFrame(
        {
            "company": [f"C{number:04d}" for number in code + 1],
            "name": first + joint + second + " " + form,
            "aliases": (second + " of " + first).where(aliased, ""),
            "industry": rng.choice(list(INDUSTRIES), count),
            "size": rng.choice(list(SIZES), count, p=(0.35, 0.4, 0.25)),
            "region": region,
        }
    )


def _revenue(
    settings: Settings,
    register: pd.DataFrame,
    *,
    years: np.ndarray,
    growth: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Make yearly revenue that grows as told, rounded to thousands, with some company-years missing."""
    first = register["size"].map(SIZES).to_numpy(dtype=float) * rng.lognormal(0, 0.6, len(register))
    path = np.cumprod(1 + np.maximum(growth, -99) / 100, axis=1)
    amounts = first[:, None] * np.column_stack([np.ones(len(register)), path])
    fiscal = np.append(years, years[-1] + 1)
    records = pd.DataFrame(
        {
            "company": np.repeat(register["company"].to_numpy(), len(fiscal)),
            "fiscal_year": np.tile(fiscal, len(register)),
            "revenue": amounts.ravel().round(-3).astype("int64"),
            "currency": np.repeat([REGIONS[name][1] for name in register["region"]], len(fiscal)),
        }
    )
    kept = rng.random(len(records)) >= settings.revenue_gaps
    return records[kept].reset_index(drop=True)
