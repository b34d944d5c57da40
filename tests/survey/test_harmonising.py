from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import pytest

from survey.cleaning import Rules, clean
from survey.harmonising import comparability, harmonise
from survey.instrument import Instrument, read_instrument
from survey.ledger import COLUMNS, Change
from survey.matching import MatchedExport, match
from survey.problems import InputError
from survey.readers.export import Export
from survey.rescaling import WaveScale
from survey.simulate import Settings, simulate
from survey.simulated_exports import as_exports

MakeExport = Callable[..., Export]
ITEMS = ("goals_1", "goals_2", "trust_1", "trust_2")
SEVEN = {"agreement": WaveScale(min=1, max=7)}


@pytest.fixture
def wave(make_export: MakeExport) -> Callable[..., MatchedExport]:
    """Make a wave in which all give the same answers to the four items, one row per answer."""

    def make(
        year: int | None, answers: Sequence[str | None] = ("1", "5"), *, labels: dict[str, str] | None = None,
        more: dict[str, list[str]] | None = None, **declared: object,
    ) -> MatchedExport:  # fmt: skip
        n = len(answers)
        cells = {
            "company": [f"c{k}" for k in range(n)],
            "function": ["sales"] * n,
            **{key: list(answers) for key in ITEMS},
        }
        export = make_export({**cells, **(more or {})}, labels=labels, file=f"{year}.csv")
        return MatchedExport(export, {key: key for key in export.frame}, year, **declared)  # type: ignore[arg-type]

    return make


Wave = Callable[..., MatchedExport]


def statuses(
    waves: list[MatchedExport], instrument: Instrument, **options: object
) -> dict[tuple[str, int], str]:
    frame = comparability(waves, instrument, **options).frame  # type: ignore[arg-type]
    return {
        (item, year): status
        for item, year, status in zip(frame["item"], frame["wave"], frame["status"], strict=True)
    }


def problems_of(waves: list[MatchedExport], instrument: Instrument, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        comparability(waves, instrument, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def test_what_is_asked_alike_is_the_same(small: Instrument, wave: Wave) -> None:
    ledger = comparability([wave(2024), wave(2025, labels={"goals_1": "Wir haben gemeinsame Ziele."})], small)
    assert tuple(ledger.frame.columns) == COLUMNS
    assert len(ledger.frame) == 8
    assert set(ledger.frame["status"]) == {"same"}
    assert set(ledger.frame["reason"]) == {""}
    assert ledger.frame["scale_seen"].tolist() == ["1-5"] * 8
    assert ledger.frame["wording_seen"].tolist()[:2] == ["", "Wir haben gemeinsame Ziele."]
    assert ledger.comparable(2024, 2025) == list(ITEMS)
    assert ledger.changed().empty
    assert ledger.summary() == "4 questions: 4 the same in every wave"


def test_another_wording_is_kept_with_a_remark(small: Instrument, wave: Wave) -> None:
    labels = {
        "goals_1": "We really share our goals.",
        "trust_1": "Please rate: We keep promises",
        "trust_2": "v17",
    }
    ledger = comparability([wave(2024), wave(2025, labels=labels)], small)
    changed = ledger.changed()
    assert changed[["item", "wave", "status"]].to_numpy().tolist() == [["goals_1", 2025, "reworded"]]
    assert "the wording is not that of the instrument (similarity" in changed["reason"].iloc[0]
    assert ledger.comparable(2024, 2025) == list(ITEMS)


def test_another_scale_is_rescaled(small: Instrument, wave: Wave) -> None:
    ledger = comparability([wave(2024), wave(2025, ("1", "7"), scales=SEVEN)], small)
    of_2025 = ledger.frame[ledger.frame["wave"] == 2025]
    assert set(of_2025["status"]) == {"rescaled"}
    assert set(of_2025["reason"]) == {"asked on 1-7, brought linearly to 1-5"}
    assert set(of_2025["scale_seen"]) == {"1-7"}
    assert ledger.summary() == "4 questions: 0 the same in every wave; 4 rescaled in at least one"


def test_other_labels_on_the_same_scale_are_another_wording(small: Instrument, wave: Wave) -> None:
    scales = {"trust": WaveScale(min=1, max=5, labels={5: {"en": "Always"}, 1: {"en": "strongly disagree!"}})}
    found = statuses([wave(2025, scales=scales)], small)
    assert found == {
        ("goals_1", 2025): "same", ("goals_2", 2025): "same",
        ("trust_1", 2025): "reworded", ("trust_2", 2025): "reworded",
    }  # fmt: skip


def test_what_is_declared_stands_instead_of_what_is_found(small: Instrument, wave: Wave) -> None:
    changes = [
        Change(wave=2025, questions=["trust"], what="mode", status="not comparable", reason="by telephone"),
        Change(wave=2025, questions=["trust_1"], what="order", status="reworded", reason="came last"),
        Change(wave=2025, questions=["goals_1"], what="wording", status="same", reason="a matter of style"),
        Change(wave=2024, what="routing", status="reworded", reason="only managers"),
    ]
    waves = [wave(2024), wave(2025, labels={"goals_1": "We really share our goals."})]
    ledger = comparability(waves, small, changes=changes)
    found = statuses(waves, small, changes=changes)
    assert [found[item, 2025] for item in ITEMS] == ["same", "same", "not comparable", "not comparable"]
    assert {found[item, 2024] for item in ITEMS} == {"reworded"}
    assert ledger.comparable(2024, 2025) == ["goals_1", "goals_2"]
    assert ledger.comparable(2024) == list(ITEMS)
    assert ledger.comparable(2024, 2026) == []
    reasons = dict(zip(ledger.frame["item"], ledger.frame["reason"], strict=True))
    assert reasons["trust_1"] == "order: came last; mode: by telephone"
    assert reasons["goals_1"].endswith("wording: a matter of style")


def test_rescaled_cannot_be_declared_the_same(small: Instrument, wave: Wave) -> None:
    change = Change(wave=2025, what="scale", status="same", reason="nobody noticed")
    found = statuses([wave(2025, ("1", "7"), scales=SEVEN)], small, changes=[change])
    assert set(found.values()) == {"rescaled"}


def test_a_longer_scale_that_nobody_declared_is_an_error_that_says_what_to_declare(
    small: Instrument, wave: Wave
) -> None:
    seven = wave(2025, ("1", "2", "3", "4", "5", "6", "7") * 2)
    for rules in (Rules(), Rules(outside_scale="missing")):
        with pytest.raises(InputError) as caught:
            clean([wave(2024), seven], small, rules=rules)
        (message,) = [str(problem) for problem in caught.value.problems]
        assert message.startswith(
            "2025.csv, row 1, goals_1: 16 of 56 answers on the scale 'agreement' lie outside 1-5"
        )
        assert "declare for it scales: {agreement: {min: 1, max: 7}}" in message


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        (["0", "1", "2", "3", "4"] * 3, "min: 0, max: 4"),
        (["0", "5", "6", "7", "8", "9", "10"] * 3, "min: 0, max: 10"),
        (["0", "15", "40", "77", "90", "100"], "min: 0, max: 100"),
        (["2", "6", "5", "4"] * 3, "min: 1, max: 6"),
        (["1", "9"] * 20, ""),
        (["1", "6", *["5"] * 60], ""),
        (["1", "-99"] * 20, ""),
        (["1", "Don't know", "Agree"] * 20, ""),
    ],
)
def test_which_answers_speak_for_another_scale(
    small: Instrument, wave: Wave, answers: list[str], ends: str
) -> None:
    problems = harmonise([wave(2025, answers)], small).problems
    assert len(problems) == bool(ends)
    assert all(ends in problem.to_do for problem in problems)


def test_a_construct_on_a_longer_scale_than_its_neighbours_is_named_alone(
    small: Instrument, wave: Wave
) -> None:
    """Or all constructs on the scale would be brought down with it, or its highest answers be lost."""
    some = ["1", "2", "3", "4", "5"] * 14
    longer = [str(1 + n % 7) for n in range(70)]
    items = {"trust_1": longer, "trust_2": longer}
    file = wave(2025, some, more=items)
    (problem,) = harmonise([file], small).problems
    assert problem.column == "trust_1"
    assert problem.what.startswith("40 of 140 answers on the scale 'trust' lie outside 1-5")
    assert "scales: {trust: {min: 1, max: 7}}" in problem.to_do
    few = wave(2025, some * 5, more={"trust_1": [*longer, *[None] * 280], "trust_2": [None] * 350})  # type: ignore[list-item]
    with pytest.raises(InputError) as caught:
        clean([few], small, rules=Rules(outside_scale="missing"))
    assert ["scales: {trust: {min: 1, max: 7}}" in problem.to_do for problem in caught.value.problems] == [
        True
    ]


def test_an_end_that_nobody_chose_is_remarked(small: Instrument, wave: Wave) -> None:
    frame = comparability([wave(2025, ["1", "2", "3", "4"] * 30)], small).frame
    assert set(frame["reason"]) == {"none of 120 answers is 5"}
    assert set(frame["status"]) == {"same"}
    assert set(frame["scale_seen"]) == {"1-4"}


def test_one_file_may_hold_several_waves(small: Instrument, wave: Wave) -> None:
    several = wave(None, ("1", "5", "2"), more={"wave": ["2024", "2025", "soon"]})
    ledger = comparability([several], small)
    assert ledger.frame["wave"].tolist() == [2024, 2025] * 4
    assert ledger.comparable(2024, 2025) == list(ITEMS)


def test_declarations_that_concern_nothing_are_refused(small: Instrument, wave: Wave) -> None:
    changes = [Change(wave=2023, questions=["golas_1"], what="mode", status="same", reason="?")]
    matched = wave(
        2025, scales={"agrement": WaveScale(min=1, max=7)},
        codes={
            "departmnt": {"1": "sales"}, "department": {"1": "sales", "2": "purchasing"},
            "wave": {"Q1": "2024", "Q2": "late"},
        },
    )  # fmt: skip
    text = "\n".join(problems_of([matched], small, changes=changes))
    for said in (
        "changes: a change is declared for a question that the instrument does not have",
        "did you mean 'goals_1'?",
        "changes: a change is declared for a wave that the study does not have",
        "2025.csv, scales: a scale is declared that the instrument does not have",
        "2025.csv, codes: codes are declared for what is no choice of the instrument",
        "2025.csv, codes.wave: a code of 'wave' is declared to stand for what it cannot be",
        "codes.department: a code of 'department' is declared to be an option that it does not have",
    ):
        assert said in text


def test_rescaled_answers_are_in_the_log_and_score_the_same(small: Instrument, wave: Wave) -> None:
    asked = wave(2025, ("1", "4", "7", None), scales=SEVEN)
    responses, log = clean([asked], small, rules=Rules(minimum_answered=0))
    assert responses.frame["goals_1"].tolist()[:3] == [1.0, 3.0, 5.0]
    changes = log.frame[log.frame["column"] == "goals_1"]
    assert changes[["row", "before", "after", "rule"]].to_numpy().tolist() == [
        [2, "1", "1.0", "rescaled from 1-7 to 1-5"],
        [3, "4", "3.0", "rescaled from 1-7 to 1-5"],
        [4, "7", "5.0", "rescaled from 1-7 to 1-5"],
    ]
    assert responses.ledger is not None
    assert set(responses.ledger.frame["status"]) == {"rescaled"}
    assert responses.labels["goals_1"]["5"] == "Strongly agree"


def test_bad_answers_on_a_declared_scale_are_named_with_that_scale(small: Instrument, wave: Wave) -> None:
    with pytest.raises(InputError) as caught:
        clean([wave(2024), wave(2025, ("1", "9"), scales=SEVEN)], small)
    messages = [str(problem) for problem in caught.value.problems]
    assert len(messages) == 4
    assert messages[0].startswith("2025.csv, row 3, goals_1: 9 is outside the scale")
    assert "Allowed: 1-7" in messages[0]


def test_a_turned_scale_is_turned_back(small: Instrument, wave: Wave) -> None:
    scales = {"trust": WaveScale(min=1, max=5, turned=True)}
    responses, log = clean([wave(2025, ("1", "5"), scales=scales)], small)
    assert responses.frame[["goals_1", "trust_1"]].to_numpy().tolist() == [[1, 5], [5, 1]]
    assert set(log.frame["rule"]) == {"rescaled from 5-1 to 1-5"}


@pytest.mark.parametrize("turned", [False, True])
def test_declared_labels_must_run_as_it_is_said(small: Instrument, wave: Wave, turned: bool) -> None:
    """They decide what is high: "agree" must not count as "disagree" because a word was forgotten."""
    ends = ["Strongly agree", "Strongly disagree"] if turned else ["Strongly disagree", "Strongly agree"]
    labels = {1: {"en": ends[0]}, 5: {"en": ends[1]}}
    right = WaveScale(min=1, max=5, labels=labels, turned=turned)
    comparability([wave(2025, scales={"goals": right})], small)
    wrong = WaveScale(min=1, max=5, labels=labels, turned=not turned)
    (problem,) = problems_of([wave(2025, scales={"goals": wrong})], small)
    assert f"not 1 '{ends[0]}', 5 '{ends[1]}'" in problem
    assert problem.endswith("add `turned: true`" if turned else "leave out `turned: true`")


@pytest.mark.parametrize(("labels", "kept"), [({3: {"en": "Disagree"}}, ["c0"]), ({}, None)])
def test_an_attention_check_is_judged_on_the_scale_it_was_asked_on(
    small: Instrument, wave: Wave, labels: dict[int, dict[str, str]], kept: list[str] | None
) -> None:
    scales = {"agreement": WaveScale(min=1, max=7, labels=labels)}
    asked = wave(2025, ("1", "2"), more={"check": ["3", "2"]}, scales=scales)
    if kept is None:
        with pytest.raises(
            InputError,
            match=r"nobody can say which answer passes this attention check.* To do: delete the column or pass over",
        ):
            clean([asked], small)
    else:
        assert clean([asked], small)[0].frame["company"].tolist() == kept


def test_label_conflicts_stop_cleaning(small: Instrument, wave: Wave) -> None:
    one = wave(2025)
    labelled = replace(one, export=replace(one.export, values={"goals_1": {"1": "Strongly agree"}}))
    with pytest.raises(InputError, match="the code 1 is 'Strongly agree' here and 'Strongly disagree'"):
        clean([labelled], small)


def test_platforms_and_languages_mix_without_a_map() -> None:
    alignment = read_instrument("alignment")
    simulation = simulate(alignment, Settings(companies=12, name_variants=0), seed=4)
    english, german = (as_exports(simulation, language=language) for language in ("en", "de"))
    years = simulation.truth.settings.waves
    cleaned = []
    for exports in (english, [english[0], german[1], english[2]], [german[0], english[1], german[2]]):
        waves = [
            MatchedExport(e, match(e, alignment).columns, year)
            for e, year in zip(exports, years, strict=True)
        ]
        assert len({e.platform for e in exports}) == 3
        responses, _ = clean(waves, alignment)
        assert responses.ledger is not None
        assert responses.ledger.changed().empty
        assert {"company", "function", *responses.ledger.comparable(*years)} == set(responses.asked)
        cleaned.append(responses.frame)
    spoken = [set(frame.pop("language").dropna()) for frame in cleaned]
    assert spoken == [{"en"}, {"en"}, {"de"}]  # of the three platforms only the first says the language
    for other in cleaned[1:]:
        pd.testing.assert_frame_equal(cleaned[0], other)
