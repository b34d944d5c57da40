from pathlib import Path

import pytest

from alignmark.names import Given, known_columns, name_problems
from alignmark.study import StudyFile, read_study
from survey.instrument import Instrument, read_instrument
from survey.problems import Problem

STUDY = """\
study: tiny
instrument: alignment
seed: 1
report: {title: A tiny study}
waves: [{wave: 2025, file: a.csv}]
register:
  file: companies.csv
  columns: {company: id, name: name, industry: sector, staff: staff, motto: motto}
outcomes:
  revenue_growth:
    file: revenue.csv
    columns: {company: id, year: year, value: revenue}
classes:
  on_outcomes:
    outcomes: [revenue_growth, win_rate]
  on_practices:
    practices: [process, organisation, trust]
models:
  - {name: first, outcome: revenue_growth, controls: [staff, motto], effects: [wave, industry]}
"""


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return read_instrument("alignment")


def study_with(folder: Path, *replacements: tuple[str, str]) -> StudyFile:
    text = STUDY
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return read_study(folder / "study.yaml")


def problems(
    folder: Path, instrument: Instrument, *replacements: tuple[str, str], given: Given | None = None
) -> list[Problem]:
    given = given or Given(words=("industry", "motto"))
    return list(name_problems(study_with(folder, *replacements), instrument, given))


def test_names_that_the_study_gives_are_known(tmp_path: Path, instrument: Instrument) -> None:
    assert problems(tmp_path, instrument) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "row", "said"),
    [
        ("first, outcome: revenue_growth", "first, outcome: revenue_grwth", "models.outcome", 19, "'revenue_growth'?"),
        ("controls: [staff", "controls: [stuff", "models.controls", 19, "'stuff' is no column of this study"),
        ("effects: [wave, industry]", "effects: [wave, name]", "models.effects", 19, "'name' is no column"),
        ("[revenue_growth, win_rate]", "[win_rat]", "classes.on_outcomes.outcomes", 15, "did you mean 'win_rate'?"),
        ("organisation, trust]", "organisation, truss]", "classes.on_practices.practices", 17, "did you mean 'trust'?"),
        ("first, outcome: revenue_growth", "first, outcome: process", "models.outcome", 19, "'process' is no column"),
        ("[revenue_growth, win_rate]", "[industry]", "classes.on_outcomes.outcomes", 15,
         "'industry' holds words, and a number is needed here"),
        ("first, outcome: revenue_growth", "first, outcome: motto", "models.outcome", 19,
         "'motto' holds words, and a number is needed here. Allowed: a number; words can be among effects"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_serve_is_told_with_its_line(
    tmp_path: Path, instrument: Instrument, *, old: str, new: str, place: str, row: int, said: str
) -> None:
    (problem,) = problems(tmp_path, instrument, (old, new))
    assert (problem.file, problem.row, problem.column) == ("study.yaml", row, place)
    assert said in str(problem)


def test_a_long_list_of_names_gives_way_to_the_nearest(tmp_path: Path, instrument: Instrument) -> None:
    (near,) = problems(tmp_path, instrument, ("outcome: revenue_growth,", "outcome: revenue_grwth,"))
    assert str(near) == (
        "study.yaml, row 19, models.outcome: 'revenue_grwth' is no column of this study; did you mean 'revenue_growth'?"
    )
    (far,) = problems(tmp_path, instrument, ("outcome: revenue_growth,", "outcome: zzz,"))
    assert str(far).endswith("more")
    assert len(str(far)) < 400


def test_questions_that_no_wave_asks_cannot_be_used(tmp_path: Path, instrument: Instrument) -> None:
    asked = {"company", "function", "trust_1", *instrument.practices["process"].items}
    found = problems(tmp_path, instrument, given=Given(asked, ("industry",)))
    assert [str(problem).split(": ", 1)[1] for problem in found] == [
        "'win_rate' is in the questionnaire, but no wave asks it. Allowed: a column that the answers give"
    ]


def test_while_some_file_cannot_be_read_nothing_counts_as_not_asked(
    tmp_path: Path, instrument: Instrument
) -> None:
    assert problems(tmp_path, instrument, given=Given(None)) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "owner"),
    [
        ("  revenue_growth:\n", "  win_rate:\n", "outcomes.win_rate", "the questionnaire"),
        ("  revenue_growth:\n", "  trust:\n", "outcomes.trust", "the questionnaire"),
        ("  revenue_growth:\n", "  stage:\n", "outcomes.stage", "the toolkit"),
        ("  revenue_growth:\n", "  staff:\n", "outcomes.staff", "this study"),
        ("motto: motto", "agreement: motto", "register.columns.agreement", "the toolkit"),
    ],
)
def test_two_columns_cannot_bear_one_name(
    tmp_path: Path, instrument: Instrument, *, old: str, new: str, place: str, owner: str
) -> None:
    others = (
        ("[staff, motto]", "[]"),
        ("outcome: revenue_growth", "outcome: win_rate"),
        ("[revenue_growth, ", "["),
    )
    (problem,) = problems(tmp_path, instrument, (old, new), *others)
    assert (problem.column, problem.allowed) == (place, "another name")
    assert problem.what.endswith(f"is the name of a column of {owner} already")


def test_a_record_may_be_called_like_an_outcome_that_is_not_asked(
    tmp_path: Path, instrument: Instrument
) -> None:
    given = Given({"company", "function", "trust_1"}, ("industry",))
    changes = (("  revenue_growth:\n", "  win_rate:\n"), ("[revenue_growth, win_rate]", "[win_rate]"))
    assert (
        problems(
            tmp_path, instrument, *changes, ("outcome: revenue_growth", "outcome: win_rate"), given=given
        )
        == []
    )


def test_more_practices_than_there_are_cannot_be_required(tmp_path: Path, instrument: Instrument) -> None:
    change = ("    practices: [process", "    minimum_practices: 99\n    practices: [process")
    (problem,) = problems(tmp_path, instrument, change)
    assert problem.column == "classes.on_practices.minimum_practices"
    count = 1 + sum(len(instrument.practices[name].items) for name in ("process", "organisation"))
    assert problem.allowed == f"1 to {count}"


def test_classes_on_practices_need_practices(tmp_path: Path, instrument: Instrument) -> None:
    bare = instrument.model_copy(update={"practices": {}})
    change = ("    practices: [process, organisation, trust]", "    cut: 75")
    (problem,) = problems(tmp_path, bare, change)
    assert problem.what == "classes cannot be cut: the questionnaire asks for no capabilities"


def test_known_columns_are_those_of_the_panel(tmp_path: Path, instrument: Instrument) -> None:
    known = known_columns(study_with(tmp_path).study, instrument, None)
    assert {
        "alignment",
        "trust",
        "gap_trust",
        "win_rate",
        "industry",
        "motto",
        "wave",
        "process_criteria",
    } <= set(known)
    assert not {"company", "name", "function", "attention", "process", "trust_1"} & set(known)
    assert len(known) == len(set(known))
