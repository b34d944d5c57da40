"""Levels on common statements: the panel's where nothing is left out, else a hand calculation."""

import numpy as np
import pandas as pd
import pytest

from analysis.measure.alignment import indices
from analysis.measure.comparable import comparable_indices, left_out
from analysis.measure.scoring import score
from survey.instrument import Instrument
from survey.ledger import Ledger
from survey.responses import Responses

WORD = {"en": "..."}
ITEMS = ("t1", "t2", "g1", "g2")


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    declared = {
        key: {
            "title": WORD,
            "definition": WORD,
            "scale": "agree",
            "items": {f"{key[0]}{n}": {"text": WORD} for n in (1, 2)},
        }
        for key in ("trust", "goals")
    }
    return Instrument.model_validate(
        {
            "instrument": "tiny", "version": "1", "languages": ["en"], "title": WORD, "index": WORD,
            "scales": {"agree": {"min": 1, "max": 5}}, "constructs": declared,
        }
    )  # fmt: skip


def answers(instrument: Instrument, **status: str) -> Responses:
    """Twelve people in three companies and two waves; `status` is that of questions in 2025."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "respondent": [f"r{n}" for n in range(12)], "company": list("ABC") * 4, "function": "",
            "wave": [2024] * 6 + [2025] * 6, "weight": 1.0,
            **{item: rng.integers(1, 6, 12).astype(float) for item in ITEMS},
        }
    )  # fmt: skip
    rows = [
        (item, wave, "same" if wave == 2024 else status.get(item, "same"))
        for item in ITEMS
        for wave in (2024, 2025)
    ]
    ledger = Ledger(pd.DataFrame(rows, columns=["item", "wave", "status"]))
    return Responses(frame, instrument, pd.Series(dtype=float), ledger=ledger)


def test_nothing_is_left_out_where_everything_compares(instrument: Instrument) -> None:
    responses = answers(instrument, t1="reworded", t2="rescaled")
    found, without = comparable_indices(responses, [2024, 2025])
    assert without == ()
    pd.testing.assert_frame_equal(found, indices(score(responses), instrument))


def test_a_statement_that_does_not_compare_counts_in_neither_wave(instrument: Instrument) -> None:
    responses = answers(instrument, t2="not comparable")
    found, without = comparable_indices(responses, [2024, 2025])
    assert without == ("t2",)
    by_hand = responses.frame.groupby(["company", "wave"])["t1"].mean().sub(1).mul(25)
    assert found.set_index(["company", "wave"])["trust"].tolist() == pytest.approx(by_hand.tolist())
    untouched = indices(score(responses), instrument)
    assert found["goals"].tolist() == untouched["goals"].tolist()
    assert found["trust"].tolist() != untouched["trust"].tolist()


def test_a_construct_of_which_nothing_compares_is_left_out_of_the_index(instrument: Instrument) -> None:
    responses = answers(instrument, t1="not comparable", t2="not comparable")
    found, without = comparable_indices(responses, [2024, 2025])
    assert without == ("t1", "t2")
    assert "trust" not in found
    assert found["alignment"].tolist() == found["goals"].tolist()


def test_one_wave_alone_leaves_nothing_out(instrument: Instrument) -> None:
    assert left_out(answers(instrument, t2="not comparable"), [2025]) == ()


def test_without_a_ledger_a_statement_that_a_wave_lacks_is_left_out(instrument: Instrument) -> None:
    responses = answers(instrument)
    frame = responses.frame.assign(g2=responses.frame["g2"].where(responses.frame["wave"] == 2025))
    lacking = Responses(frame, instrument, responses.dont_know)
    assert left_out(lacking, [2024, 2025]) == ("g2",)
