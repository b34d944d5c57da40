"""Same-source checks: how much of an association one person's mood may make, as far as the study can tell."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignmark.inputs import Inputs
from analysis.infer.marker_variable import marker_adjusted
from analysis.infer.same_source import cross_informant
from analysis.measure.alignment import function_means
from analysis.measure.factor_model import Crossing
from analysis.measure.harman import harman_share
from analysis.measure.item_covariance import turned, varies
from analysis.measure.method_factor import FEWEST, method_factor
from reports.checks import SameSource
from survey.instrument import Instrument
from survey.language import look_up, mark, say
from survey.responses import FUNCTIONS, Responses

NOBODY = mark("the study starts from scores, not from answers of people")
ONE_FUNCTION = mark("the answers do not come from both sales and marketing")
PER = 10
"""Points of the index that slopes are told for."""

MOST = 2000
"""Respondents that the factor models are fitted to; of more, whole companies are drawn."""


def same_source(inputs: Inputs, scores: pd.DataFrame, *, wave: int, rng: np.random.Generator) -> SameSource:
    """Run every same-source check that the questionnaire and the answers allow.

    Parameters
    ----------
    inputs
        The questionnaire and the clean answers.
    scores
        Scores of respondents.
    wave
        The wave that checks of one wave are made in.
    rng
        Draws companies where there are more respondents than the factor models need.

    Returns
    -------
    SameSource
        Before it passes the gate; `why` says what is absent.
    """
    responses = inputs.responses
    if responses is None:
        return SameSource(why=dict.fromkeys(("crossed", "marker", "method", "harman"), look_up(NOBODY)))
    views, why = index_by_function(scores, inputs.instrument), {}
    outcomes = [name for name in inputs.instrument.outcomes if name in views and views[name].notna().any()]
    marker = marker_of(inputs.instrument, scores)
    if not outcomes:
        why = dict.fromkeys(("crossed", "marker"), say("nobody was asked for any outcome"))
    if set(scores["function"]) != set(FUNCTIONS):
        why["crossed"] = look_up(ONE_FUNCTION)
    if not marker:
        why.setdefault(
            "marker", say("the questionnaire has no marker: a scale that has no reason to go with any other")
        )
    pairs = [("alignment", name) for name in outcomes]
    now = views[views["wave"] == wave]
    less = [name for name in outcomes if inputs.instrument.outcomes[name].better == "lower"]
    better = now.assign(**{name: -now[name] for name in less})
    return SameSource(
        crossed=pd.DataFrame() if "crossed" in why else _crossed(views, pairs),
        marker=pd.DataFrame() if "marker" in why else _marker(better, pairs, marker),
        method=_method(responses, marker, wave, rng),
        harman=_harman(responses, wave),
        why=why,
    )  # fmt: skip


def index_by_function(scores: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Return the means of each function of each company and wave: constructs, outcomes asked, and the index.

    The index of a function is the mean of its construct means, where it has them all.
    """
    asked = [name for name in (*instrument.constructs, *instrument.outcomes) if name in scores]
    views = function_means(scores, asked)
    return views.assign(alignment=views[_index(instrument, scores)].mean(axis=1, skipna=False))


def marker_of(instrument: Instrument, scores: pd.DataFrame) -> str:
    """Return the first marker scale that was asked, "" if none was."""
    markers = [key for key, found in instrument.constructs.items() if found.role == "marker"]
    return next((key for key in markers if key in scores and scores[key].notna().any()), "")


def _index(instrument: Instrument, scores: pd.DataFrame) -> list[str]:
    return [name for name in instrument.alignment_constructs if name in scores]


def _crossed(views: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    found = cross_informant(views, pairs)
    scaled = ["estimate", "std_error", "conf_low", "conf_high"]
    return found.assign(**{name: PER * found[name] for name in scaled})


def _marker(now: pd.DataFrame, pairs: Sequence[tuple[str, str]], marker: str) -> pd.DataFrame:
    return marker_adjusted(now, pairs, marker=marker, by=["function"])


def _method(responses: Responses, marker: str, wave: int, rng: np.random.Generator) -> pd.DataFrame:
    """Compare factor models of one wave; functions are one sample, each about its own mean."""
    everybody = responses.frame[responses.frame["wave"] == wave]
    now = drawn(everybody, rng=rng)
    items = {name: _varying(responses, name, now) for name in responses.instrument.alignment_constructs}
    constructs = {name: own for name, own in items.items() if own}
    own = _varying(responses, marker, now) if marker else []
    every = [item for found in (*constructs.values(), own) for item in found]
    answers = turned(responses, every, now)
    centred = answers - answers.groupby(now["function"]).transform("mean")
    crossings: tuple[Crossing, ...] = ("free",) if len(own) >= FEWEST else ("equal", "free")
    found = method_factor(centred, constructs, marker=own, clusters=now["company"], crossings=crossings)
    told = say("{n} of {of} respondents, whole companies drawn at random", n=len(now), of=len(everybody))
    notes = [
        text if len(now) == len(everybody) else "; ".join(filter(None, (told, text)))
        for text in found["note"]
    ]
    return found.assign(companies=float(now["company"].nunique()), note=notes)


def drawn(everybody: pd.DataFrame, *, rng: np.random.Generator, most: int = MOST) -> pd.DataFrame:
    """Return respondents of whole companies drawn at random, `most` or fewer; all where they are not more.

    Examples
    --------
    >>> people = pd.DataFrame({"company": list("aabbcc")})
    >>> sorted(drawn(people, rng=np.random.default_rng(1), most=4)["company"].value_counts())
    [2, 2]
    """
    if len(everybody) <= most:
        return everybody
    sizes = everybody["company"].value_counts().sort_index()
    shuffled = sizes.iloc[rng.permutation(len(sizes))]
    return everybody[everybody["company"].isin(shuffled.index[shuffled.cumsum() <= most])]


def _varying(responses: Responses, construct: str, now: pd.DataFrame) -> list[str]:
    items = responses.items_of(construct)
    return [item for item in items if varies(now[[item]].to_numpy(dtype=np.float64))[0]]


def _harman(responses: Responses, wave: int) -> pd.DataFrame:
    found = harman_share(responses)
    companies = responses.frame.groupby(["function", "wave"])["company"].nunique().rename("companies")
    now = found[found["wave"] == wave].join(companies, on=["function", "wave"])
    return now.reset_index(drop=True)
