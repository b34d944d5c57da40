"""Recommended steps: every construct and practice that ships has its own, every other questionnaire a general one."""

import pytest

from reports.steps import STANDINGS, advice, read_steps
from survey.instrument import read_instrument

INSTRUMENT = read_instrument("alignment")
PRACTICES = [
    name for group in INSTRUMENT.practices.values() if group.frame != "pressure" for name in group.items
]


@pytest.mark.parametrize("name", [*INSTRUMENT.alignment_constructs, *PRACTICES])
@pytest.mark.parametrize("language", ["en", "de"])
def test_everything_that_ships_has_wording_of_its_own_in_both_languages(name: str, language: str) -> None:
    found = [advice(name, INSTRUMENT, standing=standing, language=language) for standing in STANDINGS]
    for said in found:
        assert said is not None
        assert said.own
        for text in (said.why, said.step, said.worked):
            assert text.endswith((".", "?"))
            assert len(text) < 190
    steps = {said.step for said in found if said}
    assert len(steps) == (3 if name in INSTRUMENT.constructs else 1)


def test_the_two_languages_differ_and_an_unknown_one_is_english() -> None:
    english, german, other = (advice("goals", INSTRUMENT, language=code) for code in ("en", "de-AT", "fi"))
    assert english == other != german


def test_the_file_speaks_of_nothing_that_the_questionnaire_does_not_hold() -> None:
    file = read_steps().alignment
    assert set(file.constructs) == set(INSTRUMENT.alignment_constructs)
    assert set(file.practices) == set(PRACTICES)
    texts = [part.why["en"] for part in (*file.constructs.values(), *file.practices.values())]
    assert len(set(texts)) == len(texts)


def test_pressures_markers_and_strangers_have_no_step() -> None:
    assert [advice(name, INSTRUMENT) for name in ("pressure_growth", "outdoors", "no_such_thing")] == [
        None
    ] * 3


def test_another_questionnaire_keeps_its_own_steps_and_else_gets_general_ones() -> None:
    lunch = INSTRUMENT.constructs["trust"].model_copy(update={"steps": [{"en": "Have lunch together."}]})
    changed = {"instrument": "another", "constructs": INSTRUMENT.constructs | {"trust": lunch}}
    other = INSTRUMENT.model_copy(update=changed)
    trust, goals, crm = (advice(name, other, standing="strong") for name in ("trust", "goals", "enabler_crm"))
    shipped = advice("goals", INSTRUMENT, standing="strong")
    assert trust
    assert goals
    assert crm
    assert shipped
    assert trust.step == "Have lunch together."
    assert [trust.own, goals.own, crm.own] == [False] * 3
    assert goals.step != shipped.step
