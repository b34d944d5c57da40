"""Invariance over the groups of a study: planted differences of language are found, and only these."""

import numpy as np
import pandas as pd
import pytest

from analysis.measure.comparable_groups import InvarianceRule, comparable_groups
from survey.instrument import Instrument
from survey.responses import Responses

WORD = {"en": "..."}
ITEMS = ("t1", "t2", "t3", "t4")


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    items = {item: {"text": WORD, "reverse": item == "t2"} for item in ITEMS}
    return Instrument.model_validate(
        {
            "instrument": "tiny", "version": "1", "languages": ["en"], "title": WORD, "index": WORD,
            "scales": {"agree": {"min": 0, "max": 100, "whole": False}},
            "constructs": {"trust": {"title": WORD, "definition": WORD, "scale": "agree", "items": items}},
        }
    )  # fmt: skip


def answers(instrument: Instrument, **shifts: float) -> Responses:
    """Simulate 900 people of both functions; marketing reads some items higher, whatever it thinks."""
    rng = np.random.default_rng(3)
    marketing = np.tile([False, True], 450)
    factor = rng.normal(size=900) + 0.5 * marketing
    frame = pd.DataFrame(
        {
            "respondent": [f"r{n}" for n in range(900)], "company": [f"C{n // 6}" for n in range(900)],
            "function": np.where(marketing, "marketing", "sales"), "wave": 2025, "weight": 1.0,
        }
    )  # fmt: skip
    for item in ITEMS:
        value = 50 + 12 * factor + rng.normal(0, 10, 900) + shifts.get(item, 0.0) * marketing
        frame[item] = 100 - value if item == "t2" else value
    return Responses(frame, instrument, pd.Series(dtype=float))


def scalar(responses: Responses, **more: pd.Series) -> pd.DataFrame:
    rule = InvarianceRule(across=("function", "wave", *more))  # type: ignore[arg-type]
    found = comparable_groups(responses, ["trust"], rule=rule, facts=more).verdicts
    return found[found["level"] == "scalar"].set_index("comparison")


def test_a_difference_of_means_is_no_difference_of_language(instrument: Instrument) -> None:
    found = scalar(answers(instrument))
    assert found["verdict"].to_dict() == {"function": "holds"}  # one wave compares with nothing


def test_one_statement_read_differently_is_named(instrument: Instrument) -> None:
    row = scalar(answers(instrument, t3=15.0)).loc["function"]
    assert row["verdict"] == "partial"
    assert "t3" in row["released"]


def test_a_reversed_statement_is_turned_before_it_is_compared(instrument: Instrument) -> None:
    row = scalar(answers(instrument, t2=15.0)).loc["function"]
    assert row["verdict"] == "partial"
    assert "t2" in row["released"]


def test_statements_that_shift_each_its_own_way_cannot_carry_a_comparison(instrument: Instrument) -> None:
    assert scalar(answers(instrument, t1=20.0, t2=-20.0, t3=40.0)).loc["function", "verdict"] == "fails"


def test_facts_of_companies_are_groups_too(instrument: Instrument) -> None:
    size = pd.Series({f"C{n}": "small" if n % 2 else "large" for n in range(150)})
    found = scalar(answers(instrument), size=size)
    assert found.loc["size", "verdict"] == "holds"
    assert found.loc["size", "n_groups"] == 2


def left_out(responses: Responses, **more: pd.Series) -> tuple[str, ...]:
    return comparable_groups(responses, ["trust"], rule=InvarianceRule(), facts=more).left_out


def test_what_is_not_known_is_not_compared_and_said(instrument: Instrument) -> None:
    told = left_out(answers(instrument))
    assert told == (
        "wave (one group only)",
        *(f"{name} (not known of the respondents)" for name in ("size", "industry", "language")),
    )


def test_small_groups_of_facts_are_left_out_and_said(instrument: Instrument) -> None:
    size = pd.Series({f"C{n}": "large" if n < 70 else "small" if n < 145 else "tiny" for n in range(150)})
    rule = InvarianceRule(across=("size",))
    found = comparable_groups(answers(instrument), ["trust"], rule=rule, facts={"size": size})
    assert found.left_out == ("size: tiny (fewer than 100 respondents)",)
    assert found.verdicts.set_index("level").loc["scalar", "n_groups"] == 2
    few = pd.Series({f"C{n}": "large" if n < 145 else "tiny" for n in range(150)})
    found = comparable_groups(answers(instrument), ["trust"], rule=rule, facts={"size": few})
    assert found.left_out == ("size (fewer than two groups have 100 respondents)",)
    assert found.verdicts.empty


@pytest.mark.parametrize("comparison", ["function", "wave", "size", "industry", "region", "language"])
def test_each_comparison_of_a_study_names_the_statement_that_was_released(
    instrument: Instrument, comparison: str
) -> None:
    responses = answers(instrument, t3=15.0)
    frame = responses.frame.assign(
        company=[f"C{n % 2}-{n // 6}" for n in range(900)],
        language=np.where(responses.frame["function"] == "sales", "en", "de"),
        wave=np.where(responses.frame["function"] == "sales", 2024, 2025),
    )
    told = Responses(frame, instrument, responses.dont_know)
    fact = frame.groupby("company")["function"].first()
    found = comparable_groups(
        told, ["trust"], rule=InvarianceRule(across=(comparison,)),  # type: ignore[arg-type]
        facts=dict.fromkeys(("size", "industry", "region"), fact),
    )  # fmt: skip
    row = found.verdicts.set_index("level").loc["scalar"]
    assert (row["comparison"], row["verdict"]) == (comparison, "partial")
    assert "t3" in row["released"]
