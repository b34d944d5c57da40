from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import pytest

from survey.answer_labels import (
    labels_by_code,
    platform_codes,
    scale_labels,
    spelled_out,
    value_labels,
)
from survey.instrument import Instrument
from survey.label_conflicts import conflicts
from survey.matching import MatchedExport
from survey.readers.export import Export
from survey.rescaling import WaveScale

MakeExport = Callable[..., Export]
Make = Callable[..., MatchedExport]


@pytest.fixture
def file(make_export: MakeExport) -> Make:
    """Make a file with one column, Q1, its value labels, and what it declares."""

    def make(
        key: str,
        cells: list[str],
        values: Mapping[str, str] | None = None,
        *,
        name: str = "a.sav",
        **declared: object,
    ) -> MatchedExport:
        export = replace(make_export({"Q1": cells}, file=name), values={"Q1": dict(values or {})})
        return MatchedExport(export, {key: "Q1"}, 2025, **declared)  # type: ignore[arg-type]

    return make


def messages(waves: list[MatchedExport], instrument: Instrument) -> list[str]:
    return [str(problem) for problem in conflicts(waves, instrument, seen=scale_labels(waves, instrument))]


def test_labels_of_the_instrument_in_any_language_agree(small: Instrument, file: Make) -> None:
    waves = [
        file("goals_1", ["1"], {"1": "Stimme gar nicht zu", "5.0": "strongly AGREE"}),
        file("trust_1", ["4 - Agree", "Stimme zu (4)"], name="b.csv"),
        file("department", ["1"], {"1": "Vertrieb", "2": "Marketing"}, name="c.sav"),
    ]
    assert messages(waves, small) == []


def test_a_code_with_two_labels_shows_both_and_where(small: Instrument, file: Make) -> None:
    (message,) = messages([file("goals_1", ["1"], {"4": "Disagree strongly"})], small)
    assert message.startswith(
        "a.sav, Q1: the code 4 is 'Disagree strongly' here and 'Agree' in the instrument"
    )
    assert "scales: {agreement: {min: 1, max: 5, labels: ...}}" in message


def test_a_label_with_two_codes_shows_both_and_where(small: Instrument, file: Make) -> None:
    (message,) = messages([file("trust_1", ["1"], {"3": "Stimme zu"})], small)
    assert "a.sav, Q1: 'Stimme zu' has the code 3 here and 4 in the instrument ('Agree')" in message


@pytest.mark.parametrize("other", ["trust_1", "goals_1"])
def test_two_files_are_held_against_each_other(small: Instrument, file: Make, other: str) -> None:
    one = file("goals_1", ["x", "3 - Neither"])
    two = file(other, ["1", "3 = Mixed"], name="b.csv")
    (message,) = messages([one, two], small)
    assert message.startswith("b.csv, row 3, Q1: the code 3 is 'Mixed' here and 'Neither' in a.sav, Q1")
    assert len(messages([two, one], small)) == 1


def test_what_a_file_declares_holds_for_it_alone(small: Instrument, file: Make) -> None:
    turned = {"1": "Strongly agree", "5": "Strongly disagree"}
    labels = {1: {"en": "Strongly agree"}, 5: {"en": "Strongly disagree"}}
    scales = {"agreement": WaveScale(min=1, max=5, labels=labels, turned=True)}
    assert len(messages([file("goals_1", ["1"], turned)], small)) == 2
    declared = file("goals_1", ["1"], turned, scales=scales)
    assert messages([declared, file("goals_1", ["1"], {"1": "Strongly disagree"}, name="b.sav")], small) == []
    wrong = file("goals_1", ["1"], {"1": "Disagree"}, name="c.sav", scales=scales)
    assert "'Disagree' here and 'Strongly agree'" in messages([wrong], small)[0]


@pytest.mark.parametrize("codes", [("1", "5"), ("1", "2")], ids=["ends", "any two"])
def test_labels_that_run_the_other_way_are_to_be_turned(
    small: Instrument, file: Make, codes: tuple[str, str]
) -> None:
    labels = dict(
        zip(codes, ("Strongly agree", "Agree" if codes[1] == "2" else "Strongly disagree"), strict=True)
    )
    first, *_ = messages([file("goals_1", ["1"], labels)], small)
    assert "the code 1 is 'Strongly agree' here and 'Strongly disagree' in the instrument" in first
    assert first.endswith("declare for it scales: {agreement: {min: 1, max: 5, turned: true}}")
    turned = {"agreement": WaveScale(min=1, max=5, turned=True)}
    assert messages([file("goals_1", ["1"], labels, scales=turned)], small) == []


def test_a_file_turned_against_its_own_labels_is_told_both(small: Instrument, file: Make) -> None:
    labels = {"1": "Strongly disagree", "7": "Strongly agree"}
    seven = {"agreement": WaveScale(min=1, max=7)}
    assert messages([file("goals_1", ["1"], labels, scales=seven)], small) == []
    turned = {"agreement": WaveScale(min=1, max=7, turned=True)}
    (message,) = messages([file("goals_1", ["1"], labels, scales=turned)], small)
    assert "from 1 'Strongly disagree' to 7 'Strongly agree' run the same way" in message
    assert message.endswith("declare for this file scales: {agreement: {min: 1, max: 7}}")
    (other,) = messages(
        [file("goals_1", ["1"], {"1": "Strongly agree", "7": "Disagree"}, scales=seven)], small
    )
    assert "run the other way than those of the instrument" in other
    assert other.endswith("{agreement: {min: 1, max: 7, turned: true}}")


def test_without_labels_in_the_instrument_the_first_file_says_which_way(
    small: Instrument, file: Make
) -> None:
    scales = {name: scale.model_copy(update={"labels": {}}) for name, scale in small.scales.items()}
    bare = Instrument.model_validate(
        {**small.model_dump(), "scales": {k: s.model_dump() for k, s in scales.items()}}
    )
    first = file("goals_1", ["1"], {"1": "No", "5": "Yes"})
    other = {"1": "Yes", "5": "No"}
    found = messages([first, file("goals_1", ["1"], other, name="b.sav")], bare)
    assert found[0].startswith("b.sav, Q1: the code 1 is 'Yes' here and 'No' in a.sav, Q1")
    assert all(message.endswith("scales: {agreement: {min: 1, max: 5, turned: true}}") for message in found)
    labels = {"agreement": WaveScale(min=1, max=5, labels={1: {"en": "Yes"}, 5: {"en": "No"}})}
    (message,) = messages([first, file("goals_1", ["1"], other, name="b.sav", scales=labels)], bare)
    assert "run the other way than those of a.sav, Q1, 1 'No', 5 'Yes'" in message
    turned = {"agreement": WaveScale(min=1, max=5, turned=True)}
    assert messages([first, file("goals_1", ["1"], other, name="b.sav", scales=turned)], bare) == []


def test_a_label_of_the_scale_beyond_its_end_is_one_of_a_longer_scale(small: Instrument, file: Make) -> None:
    (message,) = messages(
        [file("goals_1", ["1", "5"], {"1": "Strongly disagree", "7": "Strongly agree"})], small
    )
    assert "'Strongly agree' has the code 7 here and 5 in the instrument" in message
    assert message.endswith("declare for it scales: {agreement: {min: 1, max: 7}}")
    assert messages([file("goals_1", ["1", "5"], {"9": "Refused", "-99": "Don't know"})], small) == []


def test_one_question_of_its_own_way_is_declared_by_its_id(small: Instrument, file: Make) -> None:
    one = file("goals_1", ["1"], {"1": "Strongly disagree", "2": "Disagree"})
    export = replace(
        one.export,
        frame=one.export.frame.assign(Q2=["1"]),
        values={**one.export.values, "Q2": {"1": "Strongly agree", "2": "Agree"}},
    )
    first, *_ = messages([replace(one, export=export, columns={"goals_1": "Q1", "goals_2": "Q2"})], small)
    assert first.startswith("a.sav, Q2: the code 1 is 'Strongly agree' here")
    assert "scales: {goals_2: {min: 1, max: 5, turned: true}}" in first


def test_choices_coded_differently_in_two_files(small: Instrument, file: Make) -> None:
    one = file("department", ["1"], {"1": "Sales", "2": "Marketing"})
    two = file("department", ["1"], {"1": "Marketing", "2": "Vertrieb"}, name="b.sav")
    found = messages([one, two], small)
    assert found[0].startswith("b.sav, Q1: the code 1 is 'Marketing' here and 'Sales' in a.sav, Q1")
    assert "codes: {department: {<code>: <option>}}" in found[0]
    declared = replace(two, codes={"department": {"1": "marketing", "2": "sales"}})
    assert messages([one, declared], small) == []


def test_a_code_that_is_the_id_of_another_option_is_a_conflict(small: Instrument, file: Make) -> None:
    (message,) = messages([file("adequate", ["yes"], {"yes": "No"})], small)
    assert "the code yes is 'No' here and 'yes' in the instrument" in message


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("department", ["Vertrieb", "2", None]),
        ("comment", ["Vertrieb", "2", None]),
        ("tool_crm", ["Vertrieb", "2", None]),
        ("goals_1", ["1.0", "2", None]),
        ("win_rate", ["1.0", "2", None]),
    ],
)
def test_codes_are_spelled_out_where_they_are_no_numbers(
    small: Instrument, key: str, written: list[str | None]
) -> None:
    column = pd.Series(["1.0", "2", None], dtype="str")
    found = spelled_out(column, small.columns[key], labels={"1": "Vertrieb"}, codes={})
    assert found.fillna("-").tolist() == [text or "-" for text in written]


def test_a_code_labelled_dont_know_is_spelled_out_on_a_scale(small: Instrument) -> None:
    column = pd.Series(["4", "99"], dtype="str")
    labels = {"4": "Agree", "99": "Weiß nicht"}
    assert spelled_out(column, small.columns["goals_1"], labels=labels, codes={}).tolist() == [
        "4",
        "Weiß nicht",
    ]


def test_what_the_study_declares_rules_over_the_labels_of_the_file(small: Instrument) -> None:
    column = pd.Series(["1", "2"], dtype="str")
    found = spelled_out(column, small.columns["department"], labels={"1": "Sales"}, codes={"1.0": "other"})
    assert found.tolist() == ["other", "2"]


def test_short_codes_are_read_only_where_the_platform_has_them(
    small: Instrument, make_export: MakeExport
) -> None:
    question = small.columns["department"]
    limesurvey = make_export({"Q": ["marke"]}, platform="limesurvey")
    assert platform_codes(limesurvey, question) == {"sales": "sales", "marke": "marketing", "other": "other"}
    assert platform_codes(make_export({"Q": ["marke"]}), question) == {}
    assert platform_codes(limesurvey, small.columns["goals_1"]) == {"DK": "dont_know"}


def test_labels_survive_with_those_that_only_a_file_has(small: Instrument, file: Make) -> None:
    other = {"agreement": WaveScale(min=1, max=7, labels={7: {"en": "Entirely"}})}
    waves = [file("goals_1", ["3 - Neither"]), file("trust_1", ["7 - Entirely"], name="b.csv", scales=other)]
    labels = labels_by_code(small, seen=scale_labels(waves, small))
    assert labels["trust_2"] == {
        "1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree",
    }  # fmt: skip
    assert labels["department"] == {"marketing": "Marketing", "other": "Other", "sales": "Sales"}
    assert "comment" not in labels


def test_codes_of_labels_are_compared_as_numbers(make_export: MakeExport) -> None:
    export = replace(make_export({"Q": ["1"]}), values={"Q": {" 1.0": "Yes", "a": "No"}})
    assert value_labels(export, "Q") == {"1": "Yes", "a": "No"}
    assert value_labels(export, "R") == {}
