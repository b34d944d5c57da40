"""Waves compared on the statements that mean the same in all of them."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.measure.alignment import indices
from analysis.measure.scoring import score
from survey.responses import Responses


def left_out(responses: Responses, waves: Sequence[int]) -> tuple[str, ...]:
    """Return the rated statements that some of the waves ask and that cannot be compared between all of them.

    Parameters
    ----------
    responses
        Clean answers with their `survey.ledger.Ledger`; without one, statements that some wave lacks.
    waves
        The waves to compare; one wave leaves nothing out.
    """
    frame = responses.frame[responses.frame["wave"].isin(waves)]
    asked = frame.groupby("wave")[_statements(responses)].count() > 0
    if len(waves) < 2:
        return ()
    if responses.ledger is None:
        kept = list(map(str, asked.columns[asked.all()]))
    else:
        kept = responses.ledger.comparable(*waves)
    return tuple(str(item) for item in asked.columns[asked.any()] if item not in kept)


def comparable_indices(
    responses: Responses, waves: Sequence[int], *, min_answered: float = 0.5, min_share: float = 1.0
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return levels and indices of some waves, scored on the statements comparable between all of them.

    A construct without one has no level, and the index is the mean of the others.

    Parameters
    ----------
    responses
        Clean answers with their ledger.
    waves
        The waves to compare.
    min_answered
        As in `analysis.measure.scoring.score`; of the statements that are compared.
    min_share
        As in `analysis.measure.alignment.indices`; of the constructs that are compared.

    Returns
    -------
    frame : DataFrame
        As `analysis.measure.alignment.indices` returns, for these waves.
    left_out : tuple of str
        The statements that were left out; see `left_out`.

    Examples
    --------
    >>> from survey.instrument import Instrument
    >>> from survey.ledger import Ledger
    >>> word = {"en": "..."}
    >>> instrument = Instrument.model_validate({
    ...     "instrument": "tiny", "version": "1", "languages": ["en"], "title": word, "index": word,
    ...     "scales": {"agree": {"min": 1, "max": 5}},
    ...     "constructs": {"trust": {"title": word, "definition": word, "scale": "agree",
    ...                              "items": {"t1": {"text": word}, "t2": {"text": word}}}}})
    >>> frame = pd.DataFrame({"respondent": ["a", "b"], "company": "X", "function": "", "wave": [2024, 2025],
    ...                       "weight": 1.0, "t1": [3.0, 3.0], "t2": [1.0, 5.0]})
    >>> ledger = Ledger(pd.DataFrame({"item": ["t1", "t2"] * 2, "wave": [2024, 2024, 2025, 2025],
    ...                               "status": ["same", "same", "same", "not comparable"]}))
    >>> answers = Responses(frame, instrument, pd.Series(dtype=float), ledger=ledger)
    >>> levels, without = comparable_indices(answers, [2024, 2025])
    >>> levels["trust"].tolist(), without
    ([50.0, 50.0], ('t2',))
    """
    without = left_out(responses, waves)
    frame = responses.frame.loc[responses.frame["wave"].isin(waves)].drop(columns=list(without))
    scores = score(replace(responses, frame=frame), min_answered=min_answered)
    return indices(scores, responses.instrument, min_share=min_share), without


def _statements(responses: Responses) -> list[str]:
    """Rated statements of the constructs that any wave asks."""
    return [key for key in responses.asked if responses.instrument.columns[key].section == "construct"]
