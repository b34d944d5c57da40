"""The declared rule: presets, what overrides them, and what cannot be declared."""

import pytest
from pydantic import ValidationError

from survey.careless_rules import CUTS, LADDER, CarelessRules


def test_presets_are_a_ladder_over_the_same_cut_offs() -> None:
    rungs = [CarelessRules.model_validate({"preset": preset}) for preset in LADDER]
    assert [rules.drop_from for rules in rungs] == [None, 3, 2, 1]
    assert all(rules.cut_offs() == CarelessRules().cut_offs() for rules in rungs)


def test_what_is_declared_goes_before_the_preset() -> None:
    rules = CarelessRules.model_validate({"preset": "strict", "drop_from": 4, "irv": None, "speed": 3})
    assert (rules.drop_from, rules.cut_offs()["speed"]) == (4, 3)
    assert set(CUTS) - set(rules.cut_offs()) == {"irv"}
    assert CarelessRules.model_validate({"preset": "strict", "drop_from": None}).drop_from is None


@pytest.mark.parametrize(
    "declared",
    [{"preset": "harsh"}, {"preset": ["none"]}, {"drop_from": 0}, {"longstring": 2}, {"longstrin": 1}],
)
def test_what_makes_no_sense_is_refused(declared: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CarelessRules.model_validate(declared)
