"""What to do about a construct or a practice: why it matters, the step to take, how to know that it worked."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from survey.declaration import Declared, read_declaration
from survey.instrument import Instrument, Text
from survey.language import short, spoken

SHIPPED = Path(__file__).with_name("steps.yaml")

Standing = Literal["weak", "there", "strong"]
"""How a company does in a construct: far from the best, on the way, among the best."""

STANDINGS: tuple[Standing, ...] = ("weak", "there", "strong")


class Steps(Declared):
    """What the file says of one construct or practice; a construct has a step for each of `STANDINGS`."""

    why: Text
    steps: list[Text] = Field(min_length=1, max_length=len(STANDINGS))
    worked: Text


class OfQuestionnaire(Declared):
    """What is said of one questionnaire, by construct and by practice."""

    constructs: dict[str, Steps]
    practices: dict[str, Steps]


class StepsFile(Declared):
    """The file of steps; `general` by what kind of thing it is. A pressure is nothing to be done."""

    alignment: OfQuestionnaire
    general: dict[Literal["construct", "capability", "action", "enabler"], Steps]


@cache
def read_steps() -> StepsFile:
    """Read the file of steps.

    Raises
    ------
    InputError
        If it does not fit; names line and key.
    """
    return read_declaration(SHIPPED, StepsFile)


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommended step.

    Parameters
    ----------
    why
        Why it matters, in a sentence.
    step
        What to do first.
    worked
        How to know that it worked.
    own
        True where the wording was written for this very construct or practice, false where it is general.
    """

    why: str
    step: str
    worked: str
    own: bool


def advice(
    name: str, instrument: Instrument, *, standing: Standing = "weak", language: str = ""
) -> Advice | None:
    """Return what to do about a construct or a practice.

    The wording of a construct's step is the questionnaire's own if it has `steps`; else that of the file for the
    questionnaire that ships; else a general one, by what kind of thing it is.

    Parameters
    ----------
    name
        A construct of the index, or a practice of the questionnaire.
    instrument
        The questionnaire.
    standing
        How the reader does in it; a practice has one step whatever the standing.
    language
        Code such as "de"; English where there is no such wording.

    Returns
    -------
    Advice or None
        None where nothing is to be done about it: a marker scale, a pressure, or what the questionnaire does not hold.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> instrument = read_instrument("alignment")
    >>> advice("enabler_crm", instrument).worked
    'Salespeople look into it before they call.'
    >>> advice("pressure_growth", instrument) is None
    True
    """
    found, own = _said(name, instrument)
    if found is None:
        return None
    declared = instrument.constructs[name].steps if name in instrument.constructs else []
    steps = declared or found.steps
    step = steps[min(STANDINGS.index(standing), len(steps) - 1)]
    return Advice(_spoken(found.why, language), _spoken(step, language), _spoken(found.worked, language), own)


def _said(name: str, instrument: Instrument) -> tuple[Steps | None, bool]:
    """Find what the file says, and whether it says it of this very thing."""
    file = read_steps()
    ours = file.alignment if instrument.instrument == "alignment" else None
    if name in instrument.alignment_constructs:
        found = ours.constructs.get(name) if ours else None
        return found or file.general["construct"], found is not None
    frame = next((group.frame for group in instrument.practices.values() if name in group.items), None)
    if frame is None or frame == "pressure":
        return None, False
    found = ours.practices.get(name) if ours else None
    return found or file.general[frame], found is not None


def _spoken(text: Text, language: str) -> str:
    wanted = short(language or spoken())
    return text.get(wanted) or text.get("en") or next(iter(text.values()))
