import hashlib
import json
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from survey.cleaning import CleaningLog, clean
from survey.companies import read_register, resolve
from survey.fielding import field
from survey.instrument import read_instrument
from survey.matching import MatchedExport, match
from survey.problems import InputError
from survey.readers.detect import read_export
from survey.readers.export import Export
from survey.recoding import fill_ticks, recode
from survey.responses import Responses
from survey.simulate import Settings, Simulation, simulate
from survey.simulated_exports import SHAPES, as_exports, write_study_data

ALIGNMENT = read_instrument("alignment")
PLATFORMS = ("qualtrics", "surveymonkey", "spreadsheet")
EXAMPLE = Path(__file__).parents[2] / "examples" / "alignment_study"
WAVES = dict(zip(SHAPES, range(2017, 2017 + len(SHAPES)), strict=True))
"""Year of the wave in each shape, in the study that has them all."""


@pytest.fixture(scope="module")
def study() -> Simulation:
    return simulate(ALIGNMENT, Settings(companies=25, name_variants=0.9, break_off=0.05), seed=8)


@pytest.fixture(scope="module", params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(study: Simulation, language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(language)
    written = write_study_data(study, folder, language=language)
    assert written == {wave: (f"{wave}_{platform}.{'xlsx' if platform == 'spreadsheet' else 'csv'}", platform)
                       for wave, platform in zip((2023, 2024, 2025), PLATFORMS, strict=True)}  # fmt: skip
    return folder


def read_all(folder: Path) -> list[Export]:
    return [read_export(next(folder.glob(f"*_{platform}.*"))) for platform in PLATFORMS]


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_exports_in_memory_are_those_in_the_files(study: Simulation, folder: Path, language: str) -> None:
    for read, made in zip(read_all(folder), as_exports(study, language=language), strict=True):
        assert read.frame.equals(made.frame)
        assert (read.rows == made.rows).all()
        for name in (
            "labels",
            "platform",
            "encoding",
            "header_rows",
            "file",
            "metadata",
            "stems",
        ):
            assert getattr(read, name) == getattr(made, name), name


def test_header_rows_are_those_of_the_platforms(folder: Path) -> None:
    exports = read_all(folder)
    assert [export.platform for export in exports] == list(PLATFORMS)
    assert [export.header_rows for export in exports] == [3, 2, 1]
    assert [export.rows[0] for export in exports] == [4, 3, 2]
    assert len(exports[1].stems) > 50


def test_every_answer_survives_export_reading_and_recoding(study: Simulation, language: str) -> None:
    for wave, export in zip((2023, 2024, 2025), as_exports(study, language=language), strict=True):
        columns = match(export, ALIGNMENT).columns
        rows = export.frame[columns["respondent"]] != "preview"
        assert rows.sum() == len(export) - (export.platform == "qualtrics")
        expected = study.answers[study.answers["wave"] == wave].reset_index(drop=True)
        unknown = study.dont_know[study.answers["wave"] == wave].reset_index(drop=True)
        frame = export.frame[rows].reset_index(drop=True)
        assert (frame[columns["respondent"]] == expected["respondent"]).all()
        recoded = {key: recode(frame[columns[str(key)]], ALIGNMENT.columns[str(key)]) for key in unknown}
        coded = fill_ticks(pd.DataFrame({key: found.answers for key, found in recoded.items()}), ALIGNMENT)
        for key, found in recoded.items():
            assert not found.bad.any(), key
            pd.testing.assert_series_equal(coded[key], expected[key], check_dtype=False)
            if ALIGNMENT.columns[str(key)].scale:
                assert (found.dont_know == unknown[key]).all()
        asked = ALIGNMENT.with_role("function")
        assert asked is not None
        function = recode(frame[columns["function"]], asked).answers
        assert (function == expected["function"]).all()


def test_every_spelling_resolves_to_its_company(study: Simulation, folder: Path) -> None:
    register = read_register(folder / "companies.csv")
    found = resolve(study.people["company_name"], register)
    assert (found == study.answers["company"]).all()
    names = study.answers["company"].map(register.frame["name"])
    assert (study.people["company_name"] != names).mean() > 0.5


def test_qualtrics_begins_with_a_preview_and_marks_who_stopped(study: Simulation) -> None:
    frame = as_exports(study)[0].frame
    assert frame["Status"].tolist() == ["Survey Preview"] + ["IP Address"] * (len(frame) - 1)
    stopped = study.people["stopped"][study.answers["wave"] == 2023]
    assert (frame["Finished"].iloc[1:] == "False").tolist() == stopped.tolist()
    assert stopped.any()


def test_some_percentages_carry_their_sign(study: Simulation) -> None:
    export = as_exports(study)[1]
    signed = export.frame.apply(lambda column: column.str.endswith(" %")).sum()
    assert (signed > 0).sum() >= 3
    assert signed.sum() < 0.2 * export.frame.loc[:, signed > 0].notna().to_numpy().sum()


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_study_data(simulate(ALIGNMENT, Settings(companies=6), seed=3), tmp_path / name)
        hashes.append(digest(tmp_path / name))
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 6


def test_more_waves_begin_again_with_the_first_format(tmp_path: Path) -> None:
    four = simulate(ALIGNMENT, Settings(companies=4, waves=(2021, 2023, 2024, 2026)), seed=1)
    written = write_study_data(four, tmp_path)
    assert [platform for _, platform in written.values()] == [*PLATFORMS, "qualtrics"]
    assert len({file for file, _ in written.values()}) == 4


def test_tables_and_truth_stand_beside_the_waves(study: Simulation, folder: Path) -> None:
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "companies.csv", keep_default_na=False), study.register, check_dtype=False
    )
    pd.testing.assert_frame_equal(pd.read_csv(folder / "revenue.csv"), study.revenue, check_dtype=False)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth["slope"] == study.truth.slope
    assert truth["settings"]["name_variants"] == 0.9
    assert truth["duplicated"] == list(study.truth.duplicated)


@pytest.fixture(scope="module")
def every_shape() -> Simulation:
    settings = Settings(companies=6, waves=tuple(WAVES.values()), duplicates=0, careless=0, break_off=0)
    return simulate(ALIGNMENT, settings, seed=5)


@pytest.fixture(scope="module")
def shapes(every_shape: Simulation, language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(f"shapes_{language}")
    written = write_study_data(every_shape, folder, language=language, platforms=tuple(SHAPES))
    assert list(written) == list(WAVES.values())
    return folder


def file_of(folder: Path, shape: str) -> Path:
    return folder / f"{WAVES[shape]}_{shape}.{SHAPES[shape].ending}"


@pytest.fixture(scope="module")
def read_back(shapes: Path) -> tuple[Responses, CleaningLog]:
    """Read, match and clean all files together as anybody would: without a column map."""
    matched = []
    for shape, wave in WAVES.items():
        export = read_export(file_of(shapes, shape))
        assert export.platform == SHAPES[shape].platform
        matched.append(MatchedExport(export, match(export, ALIGNMENT).columns, wave))
    return clean(matched, ALIGNMENT, register=read_register(shapes / "companies.csv"))


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_fielded_reads_back_without_a_column_map(
    every_shape: Simulation, read_back: tuple[Responses, CleaningLog], shape: str
) -> None:
    responses, _ = read_back
    of_wave = responses.frame[responses.frame["wave"] == WAVES[shape]]
    frame = of_wave.sort_values("row", ignore_index=True)
    expected = every_shape.answers[every_shape.answers["wave"] == WAVES[shape]].reset_index(drop=True)
    for column in ("company", "function", *map(str, every_shape.dont_know)):
        pd.testing.assert_series_equal(frame[column], expected[column], check_dtype=False)
    named = ~frame["respondent"].str.contains(":")
    assert (frame["respondent"] == expected["respondent"])[named].all()


@pytest.mark.parametrize("shape", SHAPES)
def test_durations_read_back_written_or_from_start_to_end(
    every_shape: Simulation, read_back: tuple[Responses, CleaningLog], shape: str
) -> None:
    frame = read_back[0].frame
    found = frame[frame["wave"] == WAVES[shape]].sort_values("row")["duration_s"].tolist()
    expected = every_shape.answers.loc[every_shape.answers["wave"] == WAVES[shape], "duration_s"].tolist()
    if shape == "google_forms":  # which says when a response was sent, but not when it was begun
        assert pd.isna(found).all()
    else:
        assert found == expected


def test_nobody_is_lost_but_the_preview(read_back: tuple[Responses, CleaningLog]) -> None:
    log = read_back[1].frame
    assert log.loc[log["action"] == "dropped", "rule"].tolist() == ["preview or test response"]


def test_dont_know_reads_back_as_such(
    every_shape: Simulation, read_back: tuple[Responses, CleaningLog]
) -> None:
    """A user-missing code of SPSS is no answer; on all other platforms "don't know" is one."""
    told = every_shape.answers["wave"] != WAVES["spss"]
    unsure = every_shape.dont_know[told].sum()
    answered = every_shape.answers[list(every_shape.dont_know)].notna().sum()
    scales = [key for key, question in ALIGNMENT.columns.items() if question.scale and key in unsure]
    expected = 100 * unsure[scales] / (unsure[scales] + answered[scales])
    pd.testing.assert_series_equal(read_back[0].dont_know[scales], expected, check_names=False)


def test_headings_are_those_of_the_platforms(shapes: Path, language: str) -> None:
    def head(shape: str) -> str:
        return file_of(shapes, shape).read_bytes()[:20_000].decode("utf-8", "ignore").split("\n")[0]

    goals = ALIGNMENT.constructs["goals"]
    bracketed = f"{goals.title[language]} [{goals.items['goals_1'].text[language]}]"
    for shape in ("google_forms", "limesurvey_texts"):
        assert bracketed in head(shape)
    assert head("limesurvey").startswith('\ufeff"id";"submitdate"')
    assert '"goals[goals1]"' in head("limesurvey")
    assert '"goals/goals_1"' in head("kobo")
    assert '"pressures";"pressures/pressure_growth"' in head("kobo")
    stem = ALIGNMENT.practices["pressures"].text[language]
    assert head("google_forms").count(stem) == 1


def test_spss_keeps_labels_and_user_missing_codes(shapes: Path, language: str) -> None:
    frame, about = pyreadstat.read_sav(file_of(shapes, "spss"), user_missing=True)
    scale = ALIGNMENT.scales["agreement"]
    expected = {float(code): text[language] for code, text in scale.labels.items()}
    assert about.variable_value_labels["goals_1"] == expected | {99.0: scale.dont_know[language]}
    assert about.missing_ranges["goals_1"] == [{"lo": 99.0, "hi": 99.0}]
    assert about.column_names_to_labels["goals_1"] == ALIGNMENT.columns["goals_1"].text[language]
    assert (frame.filter(like="goals_") == 99).any(axis=None)
    assert set(frame["function"]) == {1.0, 2.0}


def test_every_shape_has_the_same_bytes_for_the_same_seed(
    every_shape: Simulation, shapes: Path, language: str, tmp_path: Path
) -> None:
    write_study_data(every_shape, tmp_path, language=language, platforms=tuple(SHAPES))
    assert digest(tmp_path) == digest(shapes)


def test_the_default_is_the_example_that_ships(tmp_path: Path) -> None:
    write_study_data(simulate(ALIGNMENT, Settings(companies=200), seed=11), tmp_path)
    shipped = digest(EXAMPLE)
    assert {name: shipped[name] for name in digest(tmp_path)} == digest(tmp_path)


def test_an_unknown_platform_is_named(every_shape: Simulation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown platform 'typeform'"):
        write_study_data(every_shape, tmp_path, platforms=("kobo", "typeform"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("shape", "to"), [("limesurvey", "limesurvey"), ("kobo", "xlsform")])
def test_the_fielded_questionnaire_describes_every_column(
    shapes: Path, shape: str, to: str, tmp_path: Path
) -> None:
    """The files that were fielded serve as labels of what comes back."""
    form = field(ALIGNMENT, tmp_path, to=to)[0]
    bare = read_export(file_of(shapes, shape))
    export = read_export(file_of(shapes, shape), labels=form)
    columns = match(export, ALIGNMENT).columns
    assert columns == match(bare, ALIGNMENT).columns
    for key, question in ALIGNMENT.columns.items():
        assert export.label(columns[key]).endswith(question.text["en"])
    code = {"limesurvey": "marke", "kobo": "marketing"}[shape]
    assert export.values[columns["function"]] == {"sales": "Sales", code: "Marketing"}
    assert list(export.values[columns["goals_1"]].values())[-1] == "Don't know"
