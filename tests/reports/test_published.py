from pathlib import Path

import pytest

from reports.published import SHIPPED, Measure, Published, PublishedFigure, comparable, read_published
from survey.declaration import read_declaration
from survey.problems import InputError

BOTH = ("sales", "marketing")
OURS = Measure("adequately_aligned", "yes_share", "organisation", BOTH, 2025)
TARGET = Measure(
    "improvement_target", "yes_share", "organisation", BOTH, 2025, segment="selected on outcomes"
)


@pytest.fixture(scope="module")
def figures() -> dict[str, PublishedFigure]:
    return read_published()


def known(**changes: object) -> PublishedFigure:
    """Build a figure of which everything is known and that matches `OURS`."""
    facts: dict[str, object] = {
        "title": "Adequately aligned", "measure": "adequately_aligned", "values": {"all": 40.0}, "unit": "%",
        "question_type": "yes_share", "unit_of_analysis": "organisation", "respondents": BOTH,
        "population": "firms", "n": 300, "year": 2024, "selection": "all", "source": "a study",
        "url": "example.org", "grade": "A", "caution": "none",
    }  # fmt: skip
    return PublishedFigure.model_validate(facts | changes)


SAME = Measure("adequately_aligned", "yes_share", "organisation", BOTH, 2025, population="firms")


def test_the_founding_figures_are_compared_with_caution(figures: dict[str, PublishedFigure]) -> None:
    aligned, target = comparable(figures["MH37"], OURS), comparable(figures["ABE07"], TARGET)
    assert aligned.verdict == target.verdict == "comparable with caution"
    assert "its question wording and base were not published" in aligned.reasons
    assert "its question wording and base were not published" in target.reasons
    assert figures["MH37"].values == {"all": 37}
    assert figures["ABE07"].values == {"best_in_class": 56, "laggard": 62}


def test_no_other_figure_stands_beside_ours(figures: dict[str, PublishedFigure]) -> None:
    beside = {key for key, figure in figures.items() if comparable(figure, OURS).verdict != "not comparable"}
    assert beside == {"MH37"}


def test_all_matching_is_comparable() -> None:
    assert comparable(known(), SAME).verdict == "comparable"
    assert comparable(known(), SAME).reasons == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"question_type": "unknown"}, "its question wording was not published"),
        ({"n": None}, "its base was not published"),
        ({"unit_of_analysis": "unknown"}, "its unit of analysis was not published"),
        ({"year": None}, "its year was not published"),
        ({"respondents": ()}, "who answered was not published"),
        ({"selection": "unknown"}, "how its groups were chosen was not published"),
        ({"population": "banks"}, "it describes banks"),
        ({"year": 2019}, "it is from 2019, ours from 2025"),
        ({"grade": "B"}, "it was read in a secondary source"),
    ],
)
def test_each_thing_unsaid_calls_for_caution(change: dict[str, object], reason: str) -> None:
    comparison = comparable(known(**change), SAME)
    assert comparison.verdict == "comparable with caution"
    assert comparison.reasons == (reason,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"measure": "lack_of_alignment"}, "it measures “lack of alignment”, ours “adequately aligned”"),
        ({"question_type": "top_box"}, "it is a share of the best answer, ours a share of yes"),
        ({"unit_of_analysis": "person"}, "it counts people, ours organisations"),
        ({"respondents": ("top executives",)}, "it asked top executives, ours sales and marketing"),
        (
            {"values": {"best": 60.0}, "selection": "selected on outcomes"},
            "it gives no figure for all, only groups selected on outcomes",
        ),
    ],
)
def test_each_mismatch_is_said(change: dict[str, object], reason: str) -> None:
    comparison = comparable(known(**change), SAME)
    assert comparison.verdict == "not comparable"
    assert comparison.reasons == (reason,)


def test_every_mismatch_is_said_at_once_and_cautions_are_left_out() -> None:
    comparison = comparable(known(question_type="mean", unit_of_analysis="person", n=None), SAME)
    assert len(comparison.reasons) == 2


def test_five_years_apart_needs_no_caution() -> None:
    assert comparable(known(year=2020), SAME).verdict == "comparable"


def test_classes_cut_on_practices_do_not_stand_beside_classes_cut_on_outcomes(
    figures: dict[str, PublishedFigure],
) -> None:
    practices = Measure(
        "improvement_target", "yes_share", "organisation", BOTH, 2025, segment="selected on practices"
    )
    comparison = comparable(figures["ABE07"], practices)
    assert comparison.verdict == "not comparable"
    assert comparison.reasons == ("its groups are selected on outcomes, ours selected on practices",)


def test_order_of_respondents_does_not_matter() -> None:
    assert comparable(known(respondents=BOTH[::-1]), SAME).verdict == "comparable"


def test_figures_left_out_repeat_no_value() -> None:
    left_out = read_declaration(SHIPPED, Published).not_shipped
    assert set(left_out) == {"SD", "F32", "MP36", "IDC10", "T1"}
    assert not any("%" in entry.topic + entry.reason for entry in left_out.values())


def test_missing_base_is_never_grade_a_without_a_word(figures: dict[str, PublishedFigure]) -> None:
    for key, figure in figures.items():
        if figure.grade == "C":
            assert figure.n is None, key
        assert figure.caution.strip(), key
        assert not figure.url.startswith("http"), key


def test_shares_of_one_question_add_up(figures: dict[str, PublishedFigure]) -> None:
    assert sum(figures["CSO14a"].values.values()) == pytest.approx(100, abs=0.2)
    assert figures["FOR11"].values["all"] == pytest.approx((1 * 2 + 2 * 21 + 3 * 45 + 4 * 24 + 5 * 8) / 100)


def test_unknown_question_type_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "published.yaml"
    text = SHIPPED.read_text(encoding="utf-8").replace("question_type: top_box", "question_type: topbox")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_published(path)
    (problem,) = caught.value.problems
    assert problem.column == "figures.FOR11_top.question_type"
    assert problem.row == 1 + text.splitlines().index("    question_type: topbox")
    assert "did you mean 'top_box'?" in problem.allowed
