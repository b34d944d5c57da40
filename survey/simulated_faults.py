"""What goes wrong on the way from an answer to an export: blanks, "don't know", doubles, other spellings."""

import numpy as np
import pandas as pd

from survey.instrument import Instrument
from survey.simulated_answers import People
from survey.simulated_settings import Settings

COPY_MISSING = 0.1
"""Share of answers left blank in a second response, besides the usual."""
COPY_CHANGED = 0.02
"""Share of answers that are changed where somebody hands in a colleague's."""
FORMS = {"Ltd": "Limited", "GmbH": "GMBH", "Inc.": "Incorporated"}
"""Legal forms in the register, and another way to write each."""


def with_copies(count: int, settings: Settings, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Let some of `count` people send their answers twice.

    Returns
    -------
    rows : numpy.ndarray of int
        Everybody's position, then once more that of those who send twice.
    copied : numpy.ndarray of bool
        True for the second responses.
    """
    twice = np.flatnonzero(rng.random(count) < settings.duplicates)
    rows = np.append(np.arange(count), twice)
    return rows, np.arange(len(rows)) >= count


def hand_in_colleagues(
    complete: pd.DataFrame, people: People, settings: Settings, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Put a colleague's answers, with a few of a third one's, in the place of some people's own.

    Returns
    -------
    answers : pandas.DataFrame
        One row per person, as `complete`.
    source : numpy.ndarray of int
        Position of the person whose answers these are; -1 for one's own.
    """
    source = np.full(len(people), -1)
    if not settings.near_duplicates:
        return complete, source
    before = np.arange(len(people)) - 1
    team = people.company * (people.year.max() + 1) + people.year
    copies = (team == np.roll(team, 1)) & (before >= 0) & (rng.random(len(people)) < settings.near_duplicates)
    copies &= ~people.careless & ~np.roll(people.careless | copies, 1)
    source[copies] = before[copies]
    handed_in = complete.iloc[np.where(copies, before, before + 1)].reset_index(drop=True)
    other = complete.iloc[rng.permutation(len(people))].reset_index(drop=True)
    changed = (rng.random(complete.shape) < COPY_CHANGED) & copies[:, None]
    return handed_in.mask(changed, other), source


def leave_out(
    complete: pd.DataFrame,
    instrument: Instrument,
    *,
    settings: Settings,
    copied: np.ndarray,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Blank single answers, and the rest of the questionnaire of those who stop, all by chance.

    Tick lists are left out as a whole, the attention check only by those who stop. Numbers have no
    "don't know" and are left blank instead. Second responses have more blanks.

    Returns
    -------
    answers : pandas.DataFrame
        The answers with NaN where there is none.
    dont_know : pandas.DataFrame
        True where the answer was "don't know".
    stopped : numpy.ndarray of bool
        Who stopped on the way.
    """
    answers = complete.reset_index(drop=True)
    questions = [instrument.columns[str(column)] for column in answers]
    page = pd.factorize(np.array([question.group for question in questions], dtype=str))[0]
    pages, shape = int(page.max()) + 1, answers.shape
    kinds = np.array([question.kind for question in questions])
    checked = np.array([question.role == "attention" for question in questions])
    offered = np.array([bool(question.scale and question.scale.dont_know) for question in questions])
    single, whole = rng.random(shape), rng.random((len(answers), pages))[:, page]
    unsure = (rng.random(shape) < settings.dont_know) & ~checked
    missing = settings.missing + np.where(copied, COPY_MISSING, 0)
    blank = (np.where(kinds == "tick", whole, single) < missing[:, None]) & ~checked
    stopped = rng.random(len(answers)) < settings.break_off
    reached = np.where(stopped, rng.integers(pages // 4, pages, len(answers)), pages)
    blank |= (unsure & (kinds == "number")) | (page >= reached[:, None])
    unsure &= offered & ~blank
    dont_know = pd.DataFrame(unsure, columns=answers.columns)
    return answers.mask(blank | unsure), dont_know, stopped


def spell(names: pd.Series, aliases: pd.Series, settings: Settings, rng: np.random.Generator) -> pd.Series:
    """Write some names another way: case, spaces, legal form, comma, "and" for "&", or an alias.

    Examples
    --------
    >>> names = pd.Series(["Quillmere & Teapots Ltd"] * 40)
    >>> spelt = spell(names, pd.Series([""] * 40), Settings(name_variants=1.0), np.random.default_rng(1))
    >>> sorted(set(spelt))[0], "Quillmere and Teapots Ltd" in set(spelt)
    ('  Quillmere  &  Teapots  Ltd', True)
    """
    forms = "|".join(FORMS).replace(".", r"\.")
    spelled_out = names.copy()
    for form, other in FORMS.items():
        spelled_out = spelled_out.str.replace(rf" {form}$".replace(".", r"\."), f" {other}", regex=True)
    variants = [
        names.str.upper(),
        names.str.lower(),
        "  " + names.str.replace(" ", "  "),
        spelled_out,
        names.str.replace(rf" ({forms})$", "", regex=True),
        names.str.replace(rf" ({forms})$", r", \1", regex=True),
        names.str.replace(" & ", " and "),
        aliases.where(aliases != "", names),
    ]
    kind = rng.integers(0, len(variants), len(names))
    changed = rng.random(len(names)) < settings.name_variants
    return pd.Series(np.where(changed, np.choose(kind, [v.to_numpy(dtype=object) for v in variants]), names))
