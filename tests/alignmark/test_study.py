from pathlib import Path

import pytest
from pydantic import ValidationError

from alignmark.study import StudyFile, read_study
from survey.problems import InputError, Problem

STUDY = """\
study: tiny
instrument: alignment
seed: 1
report: {title: A tiny study}
waves:
  - {wave: 2024, file: a.csv}
  - {wave: 2025, file: b.csv}
register:
  file: companies.csv
  columns: {company: id}
outcomes:
  revenue_growth:
    file: revenue.csv
    columns: {company: id, year: year, value: revenue}
    winsorise: [0.01, 0.99]
classes:
  on_outcomes:
    outcomes: [revenue_growth, win_rate]
    best: 0.2
    laggard: 0.3
models:
  - {name: first, outcome: revenue_growth}
  - {name: second, outcome: revenue_growth}
"""


def read(folder: Path, *replacements: tuple[str, str]) -> StudyFile:
    text = STUDY
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return read_study(path)


def problems(folder: Path, *replacements: tuple[str, str]) -> tuple[Problem, ...]:
    try:
        return read(folder, *replacements).problems
    except InputError as error:
        return error.problems


def told(folder: Path, *replacements: tuple[str, str]) -> str:
    (problem,) = problems(folder, *replacements)
    return str(problem)


def row_of(part: str) -> int:
    return next(number for number, line in enumerate(STUDY.splitlines(), start=1) if part in line)


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    file = read(tmp_path)
    assert file.problems == ()
    assert file.study.disclosure.minimum_companies == 5
    assert file.study.alignment.adequate == 50
    assert file.study.models[0].regressor == "alignment"
    assert file.locate("a.csv") == tmp_path / "a.csv"


def test_data_may_lie_elsewhere_and_an_absolute_name_stays(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    file = read_study(path, data=tmp_path / "data")
    assert file.locate("a.csv") == tmp_path / "data" / "a.csv"
    assert file.locate("/elsewhere/a.csv") == Path("/elsewhere/a.csv")


def test_an_instrument_of_ones_own_lies_beside_the_study(tmp_path: Path) -> None:
    assert read(tmp_path).instrument_source == "alignment"
    file = read(tmp_path, ("instrument: alignment", "instrument: mine.yaml"))
    assert file.instrument_source == tmp_path / "mine.yaml"


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("seed: 1", "seed: -1", "seed", "should be greater than or equal to 0, found -1"),
        ("seed: 1", "seed: three", "seed", "is not a whole number, found 'three'"),
        ("seed: 1\n", "", "seed", "is missing. Allowed: `seed: 1`"),
        ("study: tiny", "study: 2025", "study", "is not text, found 2025. Allowed: text; put it in quotation marks"),
        ("{title: A tiny study}", '{title: " "}', "report.title", "is empty"),
        ("tiny study}", "tiny study, language: fr}", "report.language", "no reports in 'fr'. Allowed: en, de"),
        ("wave: 2025", "wave: 20255", "waves.wave", "should be less than or equal to 2100, found 20255"),
        ("wave: 2025, ", "", "waves", "has no wave. Allowed: either `wave: 2025` or `columns: {wave:"),
        ("b.csv}", "b.csv, columns: {wave: year}}", "waves", "has two waves, one of them a column"),
        ("b.csv", "a.csv", "waves.file", "a.csv is read more than once, so that its rows would count twice"),
        ("b.csv", '""', "waves.file", "is empty"),
        ("b.csv}", "b.csv, platform: qualtrix}", "waves.platform", "is not one of the choices, found 'qualtrix'. "),
        ("company: id}", "compny: id}", "register.columns", "which column of companies.csv holds the company"),
        ("value: revenue", "value: revenue, curency: c", "outcomes.revenue_growth.columns.curency",
         "'curency' is not part of a record. Allowed: company, year, value, currency (did you mean 'currency'?)"),
        ("year: year, ", "", "outcomes.revenue_growth.columns", "which column of revenue.csv holds the year"),
        ("revenue_growth:\n", "revenue growth:\n", "outcomes.revenue growth", "is no name for an outcome. Allowed: a"),
        ("[0.01, 0.99]", "[0.99, 0.01]", "outcomes.revenue_growth.winsorise",
         "values cannot be winsorised at 0.99 and 0.01. Allowed: two shares, the smaller first, such as [0.01, 0.99]"),
        ("[0.01, 0.99]", "[0.01]", "outcomes.revenue_growth.winsorise", "has too few entries"),
        ("[0.01, 0.99]", "5%", "outcomes.revenue_growth.winsorise", "is not a list, found '5%'"),
        ("[0.01, 0.99]", "[.nan, 0.99]", "outcomes.revenue_growth.winsorise", "is not a finite number, found 'nan'"),
        ("    winsorise", "    years: 3\n    winsorise", "outcomes.revenue_growth.years",
         "annual growth is not computed over 3 years. Allowed: 1, or `growth: compound` or `growth: log`"),
        ("best: 0.2", "best: 0.8", "classes.on_outcomes.best", "best 0.8 and laggard 0.3 add up to more than all"),
        ("best: 0.2", "best: 0", "classes.on_outcomes.best", "should be greater than 0"),
        ("best: 0.2", "minimum_outcomes: 3", "classes.on_outcomes.minimum_outcomes", "3 is more than the outcomes"),
        ("win_rate]", "revenue_growth]", "classes.on_outcomes.outcomes", "'revenue_growth' is listed twice"),
        ("[revenue_growth, win_rate]", "[]", "classes.on_outcomes.outcomes", "has too few entries"),
        ("name: second", "name: first", "models.name", "two models are called 'first'. Allowed: a name of its own"),
        ("name: second", "name: second, within: perhaps", "models.within", "is neither true nor false"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_line_and_key(
    tmp_path: Path, *, old: str, new: str, place: str, said: str
) -> None:
    (problem,) = problems(tmp_path, (old, new))
    assert problem.file == "study.yaml"
    assert problem.column == place
    assert said in str(problem)
    text = (tmp_path / "study.yaml").read_text(encoding="utf-8").splitlines()
    key = place.rsplit(".", maxsplit=1)[-1]
    assert problem.row is None or f"{key}:" in text[problem.row - 1] or key in ("waves", "columns")
    assert (problem.row is None) == ("is missing" in said)


def test_shares_that_add_up_to_one_are_fine(tmp_path: Path) -> None:
    assert read(tmp_path, ("best: 0.2", "best: 0.7")).problems == ()


def test_neither_waves_nor_a_panel_is_no_study(tmp_path: Path) -> None:
    waves = STUDY[STUDY.index("waves:") : STUDY.index("register:")]
    assert told(tmp_path, (waves, "")) == (
        "study.yaml: names no data. Allowed: either `waves` (survey exports) or `panel` (scores per organisation)"
    )
    panel = "panel: {file: p.csv, columns: {company: id, wave: year}}\nregister:"
    assert "names two kinds of data" in told(tmp_path, ("register:", panel))


def test_a_panel_says_its_company_and_wave(tmp_path: Path) -> None:
    waves = STUDY[STUDY.index("waves:") : STUDY.index("register:")]
    found = problems(tmp_path, (waves, "panel: {file: p.csv, columns: {}}\n"))
    assert [problem.what for problem in found] == [
        "does not say which column of p.csv holds the company",
        "does not say which column of p.csv holds the wave",
    ]


def test_logarithms_are_of_columns_that_are_read(tmp_path: Path) -> None:
    facts = "firmographics: {file: f.csv, columns: {company: id, staff: emp}, log: {log_staff: employees}}\nclasses:"
    said = told(tmp_path, ("classes:", facts))
    assert (
        "firmographics.log.log_staff: is the logarithm of 'employees', which is not among the columns" in said
    )


def test_all_problems_come_at_once_in_the_words_of_the_file(tmp_path: Path) -> None:
    found = problems(
        tmp_path, ("seed: 1", "seed: -1"), ("best: 0.2", "best: 2"), ("b.csv}", "b.csv, platform: x}")
    )
    assert [(problem.row, problem.column) for problem in found] == [
        (row_of("seed"), "seed"),
        (row_of("b.csv"), "waves.platform"),
        (row_of("best"), "classes.on_outcomes.best"),
    ]
    assert all("pydantic" not in str(problem) and "Input should" not in str(problem) for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "key", "meant"),
    [
        ("seed:", "sead:", "sead", "seed"),
        ("register:", "registr:", "registr", "register"),
        ("    laggard:", "    lagard:", "classes.on_outcomes.lagard", "laggard"),
        ("name: second,", "nam: second,", "models.nam", "name"),
    ],
)
def test_a_mistyped_key_is_told_once_and_taken_for_what_it_means(
    tmp_path: Path, *, old: str, new: str, key: str, meant: str
) -> None:
    file = read(tmp_path, (old, new))
    (problem,) = file.problems
    assert (problem.row, problem.column) == (row_of(old.strip()), key)
    assert "is not a known key" in problem.what
    assert f"(did you mean '{meant}'?)" in problem.allowed
    assert file.study == read(tmp_path).study


def test_a_key_that_means_nothing_is_set_aside(tmp_path: Path) -> None:
    file = read(tmp_path, ("seed: 1", "seed: 1\ncolour: blue"))
    assert [problem.column for problem in file.problems] == ["colour"]
    assert file.study == read(tmp_path).study


def test_behind_a_mistyped_key_further_problems_are_found(tmp_path: Path) -> None:
    found = problems(tmp_path, ("seed:", "sead:"), ("    best: 0.2", "    bst: 0.9"))
    assert [problem.column for problem in found] == [
        "classes.on_outcomes.bst",
        "sead",
        "classes.on_outcomes.best",
    ]


@pytest.mark.parametrize(
    ("old", "new", "row", "said"),
    [
        ("title: A tiny", 'title: "A tiny', "title", "a quotation mark that opens here is never closed"),
        (
            "{wave: 2025, file",
            "{wave: 2025 file",
            "wave: 2025",
            "keys in braces lack a comma or the closing }",
        ),
        ("[0.01, 0.99]", "[0.01, 0.99", "winsorise", "a list in brackets lacks a comma or its closing ]"),
        ("  on_outcomes:", "\ton_outcomes:", "on_outcomes", "a tab or a character that cannot stand here"),
        ("register:", "register", "register", "there is no colon after this key"),
        ("    best: 0.2", "    best: 0.2: 3", "best", "a colon or an indentation where none can stand"),
        ("seed: 1", "seed: 1\nseed: 2", "", "is a duplicate key, said above already. Allowed: each key once"),
    ],
)
def test_broken_yaml_is_told_where_it_breaks(
    tmp_path: Path, *, old: str, new: str, row: str, said: str
) -> None:
    (problem,) = problems(tmp_path, (old, new))
    assert said in str(problem)
    assert problem.row == (row_of(row) if row else row_of("seed") + 1)
    assert "ruamel" not in str(problem)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: it does not hold keys and values"),
        (b"just words", "does not hold keys and values. Allowed: lines such as `study: my_study`"),
        (b"- a\n- b", "does not hold keys and values"),
        (
            b"PK\x03\x04\x00\xff\xfe\x9c",
            "cannot be read as UTF-8 text. Allowed: a YAML file: plain text, saved as UTF-8",
        ),
        (b"study: \x00", "cannot be read as UTF-8 text"),
        ("study: größe".encode("cp1252"), "cannot be read as UTF-8 text"),
    ],
)
def test_what_is_no_yaml_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_study(path)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"study.yaml: {said}")


def test_a_missing_study_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_study(tmp_path / "study.yaml")
    with pytest.raises(
        InputError, match=r"is a folder, not a YAML file. Allowed: the path of the .yaml file in it"
    ):
        read_study(tmp_path)


def test_a_study_does_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read(tmp_path).study.seed = 2
