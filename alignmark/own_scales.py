"""The scales on which a company asked, where they are not those of the questionnaire: `--scale agreement=1-7`."""

import re
from collections.abc import Iterable, Iterator

from survey.declaration import suggest
from survey.instrument import Instrument
from survey.language import say
from survey.problems import Problem, raise_if_any
from survey.rescaling import WaveScale

SAID = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<least>-?\d+)\s*-\s*(?P<most>-?\d+)\s*")
"""The name of a scale, and its answers from the one that means least to the one that means most."""


def read_scales(said: Iterable[str], instrument: Instrument) -> dict[str, WaveScale]:
    """Read on which scale a company asked, by the name of a scale, construct, group of practices or question.

    Raises
    ------
    InputError
        If something is no scale, or of nothing that the questionnaire has.

    Examples
    --------
    >>> from survey.instrument import read_instrument
    >>> scales = read_scales(["agreement=1-7", "trust=5-1"], read_instrument("alignment"))
    >>> {name: (scale.min, scale.max, scale.turned) for name, scale in scales.items()}
    {'agreement': (1.0, 7.0, False), 'trust': (1.0, 5.0, True)}
    """
    texts = list(said)
    raise_if_any(problem for text in texts for problem in _faults(text, instrument))
    return dict(_scale(found) for text in texts if (found := SAID.fullmatch(text)))


def _scale(found: re.Match[str]) -> tuple[str, WaveScale]:
    least, most = float(found["least"]), float(found["most"])
    return found["name"], WaveScale(min=min(least, most), max=max(least, most), turned=least > most)


def _faults(text: str, instrument: Instrument) -> Iterator[Problem]:
    found = SAID.fullmatch(text)
    known = [*instrument.scales, *instrument.constructs, *instrument.practices, *instrument.columns]
    if found is None or found["least"] == found["most"]:
        what = say("{text!r} is no scale", text=text)
        yield Problem(
            what, column="--scale", allowed="agreement=1-7, agreement=7-1", to_do=say("write it like these")
        )
    elif found["name"] not in known:
        what = say("the questionnaire has no scale and no question {name!r}", name=found["name"])
        yield Problem(what, column="--scale", allowed=suggest(found["name"], known))
