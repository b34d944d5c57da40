import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from survey.companies import read_register, resolve
from survey.instrument import read_instrument
from survey.matching import match
from survey.readers.detect import read_export
from survey.readers.export import Export
from survey.recoding import fill_ticks, recode
from survey.simulate import Settings, Simulation, simulate
from survey.simulated_exports import as_exports, write_study_data

ALIGNMENT = read_instrument("alignment")
PLATFORMS = ("qualtrics", "surveymonkey", "spreadsheet")


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
            "decisions",
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
        columns = match(export, ALIGNMENT)
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
