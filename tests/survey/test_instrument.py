from pathlib import Path

import pytest

from survey.instrument import Instrument, read_instrument
from survey.problems import InputError, Problem
from survey.wording import wording_key

ROOT = Path(__file__).resolve().parents[2]

SMALL = """\
instrument: small
version: "1"
languages: [en, de]
title: {en: Small, de: Klein}
index: {en: Index, de: Index}
scales:
  agreement: {min: 1, max: 5}
constructs:
  goals:
    title: {en: Goals, de: Ziele}
    definition: {en: What we want, de: Was wir wollen}
    scale: agreement
    items:
      goals_1:
        text: {en: We agree, de: Wir sind einig}
      goals_2:
        reverse: true
        text: {en: We argue, de: Wir streiten}
questions:
  function:
    kind: choice
    role: function
    text: {en: Where do you work, de: Wo arbeiten Sie}
    options: {sales: {en: Sales, de: Vertrieb}, marketing: {en: Marketing, de: Marketing}}
  attention:
    kind: scale
    scale: agreement
    expected: 2
    role: attention
    text: {en: Choose two, de: Zwei wählen}
"""


@pytest.fixture(scope="module")
def shipped() -> Instrument:
    return read_instrument("alignment")


def problems_of(tmp_path: Path, text: str) -> tuple[Problem, ...]:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_instrument(path)
    return caught.value.problems


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_small_instrument_fits(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert list(read_instrument(path).columns) == ["function", "attention", "goals_1", "goals_2"]


def test_shipped_has_ten_constructs_of_three_to_five_items(shipped: Instrument) -> None:
    sizes = {key: len(shipped.constructs[key].items) for key in shipped.alignment_constructs}
    assert len(sizes) == 10
    assert all(3 <= size <= 5 for size in sizes.values()), sizes
    assert 34 <= sum(sizes.values()) <= 40


def test_shipped_turns_around_an_item_in_half_of_the_constructs_at_least(shipped: Instrument) -> None:
    turned = [
        key
        for key in shipped.alignment_constructs
        if any(item.reverse for item in shipped.constructs[key].items.values())
    ]
    assert len(turned) >= len(shipped.alignment_constructs) / 2


def test_shipped_has_every_role_and_one_marker(shipped: Instrument) -> None:
    roles = {"company", "function", "global_rating", "adequately_aligned", "improvement_target", "attention"}
    assert {question.role for question in shipped.columns.values()} == {"", *roles}
    assert [c.role for c in shipped.constructs.values()].count("marker") == 1
    function, aligned = shipped.with_role("function"), shipped.with_role("adequately_aligned")
    assert function is not None
    assert list(function.options) == ["sales", "marketing"]
    assert aligned is not None
    assert list(aligned.options) == ["yes", "no", "dont_know"]


def test_attention_check_names_the_answer_it_expects(shipped: Instrument) -> None:
    question = shipped.with_role("attention")
    assert question is not None
    assert question.scale is not None
    assert question.expected is not None
    for language in shipped.languages:
        assert question.scale.labels[question.expected][language] in question.text[language]


def test_shipped_is_complete_in_both_languages(shipped: Instrument) -> None:
    assert shipped.languages == ["en", "de"]
    for scale in shipped.scales.values():
        assert all(set(label) == {"en", "de"} for label in [*scale.labels.values(), scale.dont_know])
        assert list(scale.labels) == [1, 2, 3, 4, 5]
    for construct in shipped.constructs.values():
        assert construct.sources
        assert not construct.steps  # what to do stands in reports/steps.yaml
    assert all(set(question.text) == {"en", "de"} for question in shipped.columns.values())


def test_no_two_questions_read_alike(shipped: Instrument) -> None:
    for language in shipped.languages:
        wordings = [wording_key(question.text[language]) for question in shipped.columns.values()]
        assert len(set(wordings)) == len(wordings)


def test_growth_from_records_is_not_asked(shipped: Instrument) -> None:
    assert "revenue_growth" in shipped.outcomes
    assert "revenue_growth" not in shipped.columns
    assert "revenue_growth_reported" in shipped.columns
    lower = {key for key, outcome in shipped.outcomes.items() if outcome.better == "lower"}
    assert lower == {"sales_cycle_days", "cost_of_sales"}


def test_practices_fill_the_four_frames_and_five_areas(shipped: Instrument) -> None:
    groups = shipped.practices.values()
    assert {group.frame for group in groups} == {"pressure", "action", "capability", "enabler"}
    assert {group.area for group in groups if group.frame == "capability"} == {
        "process", "organisation", "knowledge", "technology", "performance_management",
    }  # fmt: skip
    assert all(group.answer == ("scale" if group.frame == "capability" else "tick") for group in groups)


def test_management_practices_are_the_columns_of_the_survey() -> None:
    instrument = read_instrument(ROOT / "examples/management_practices/instrument.yaml")
    names = [
        *(f"lean{i}" for i in (1, 2)),
        *(f"perf{i}" for i in range(1, 11)),
        *(f"talent{i}" for i in range(1, 7)),
    ]
    assert list(instrument.columns) == names
    assert all(question.scale and not question.scale.whole for question in instrument.columns.values())
    assert instrument.with_role("function") is None
    assert all(len(instrument.constructs[key].steps) == 3 for key in instrument.alignment_constructs)


def test_civil_service_themes_are_scores_without_items() -> None:
    folder = ROOT / "examples/civil_service"
    instrument = read_instrument(folder / "instrument.yaml")
    assert instrument.columns == {}
    with (folder / "organisations.csv").open(encoding="utf-8") as file:
        assert set(instrument.constructs) <= set(file.readline().strip().split(","))


def test_unknown_key_names_file_line_key_and_the_nearest(tmp_path: Path) -> None:
    text = SMALL.replace("        reverse: true", "        revers: true")
    (problem,) = problems_of(tmp_path, text)
    assert problem.file == "mine.yaml"
    assert problem.row == line_with(text, "revers: true")
    assert problem.column == "constructs.goals.items.goals_2.revers"
    assert "did you mean 'reverse'?" in problem.allowed


def test_choice_typo_names_what_is_allowed(tmp_path: Path) -> None:
    text = SMALL.replace("kind: choice", "kind: chioce")
    (problem,) = problems_of(tmp_path, text)
    assert problem.row == line_with(text, "chioce")
    assert problem.allowed == "scale, choice, number, text (did you mean 'choice'?)"


def test_missing_key_is_named(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, SMALL.replace('version: "1"\n', ""))
    assert (problem.column, problem.what) == ("version", "is missing")


def test_each_inconsistency_is_a_problem_at_its_own_line(tmp_path: Path) -> None:
    text = (
        SMALL.replace("    scale: agreement\n    items", "    scale: agrement\n    items")
        .replace("de: Wir sind einig", "fr: Nous")
        .replace("  attention:", "  goals_1:")
        .replace("expected: 2", "expected: 9")
    )
    found = {problem.column: problem for problem in problems_of(tmp_path, text)}
    scale = found["constructs.goals.scale"]
    assert scale.row == line_with(text, "agrement")
    assert "did you mean 'agreement'?" in scale.allowed
    wording = found["constructs.goals.items.goals_1.text"]
    assert wording.row == line_with(text, "fr: Nous")
    assert wording.what == "has no wording in de"
    twice = found["constructs.goals.items.goals_1"]
    assert twice.row == line_with(text, "      goals_1:")
    assert "more than once, first as questions.goals_1" in twice.what
    expected = found["questions.goals_1.expected"]
    assert (expected.row, expected.allowed) == (line_with(text, "expected: 9"), "1-5")
    assert len(found) == 4


def test_ids_of_own_columns_are_refused(tmp_path: Path) -> None:
    text = SMALL.replace("  goals:", "  agreement:")
    (problem,) = problems_of(tmp_path, text)
    assert problem.column == "constructs.agreement"
    assert "a column that the toolkit makes" in problem.what


def test_function_question_names_both_functions(tmp_path: Path) -> None:
    text = SMALL.replace("marketing: {en: Marketing", "market: {en: Marketing")
    (problem,) = problems_of(tmp_path, text)
    assert problem.column == "questions.function.options"
    assert problem.allowed == "options with the ids sales and marketing"


def test_upside_down_scale_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, SMALL.replace("{min: 1, max: 5}", "{min: 5, max: 1}"))
    assert problem.row == 7
    assert problem.what == "the minimum 5 must be below the maximum 1"


def test_yaml_syntax_error_names_the_line(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, SMALL.replace("version: ", "version: ]"))
    assert (problem.file, problem.row) == ("mine.yaml", 2)
    assert problem.what.startswith("is not valid YAML")


def test_key_given_twice_names_the_second(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, SMALL.replace("index: ", "title: "))
    assert problem.row == 5
    assert "duplicate key" in problem.what


@pytest.mark.parametrize(("text", "empty"), [("", "is empty: it "), ("- a\n- b\n", ""), ("words", "")])
def test_file_without_keys_is_refused(tmp_path: Path, text: str, empty: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert problem.what == f"{empty}does not hold keys and values"


def test_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"instrument: \xff\xfe")
    with pytest.raises(InputError, match="cannot be read as UTF-8"):
        read_instrument(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.yaml: there is no such file"):
        read_instrument(tmp_path / "absent.yaml")


def test_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(InputError, match=r"no instrument called 'alinement'\. Allowed: alignment"):
        read_instrument("alinement")
