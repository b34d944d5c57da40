"""One study from six files of six platforms in two languages, without a column map, gives the panel of plain tables."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.measuring import company_panel, with_outcomes
from alignmark.study import read_study
from survey.instrument import read_instrument
from survey.simulate import Settings, simulate
from survey.simulated_exports import write_study_data

SHAPES = {
    2020: ("qualtrics", "en"),
    2021: ("google_forms", "de"),
    2022: ("limesurvey_texts", "de"),
    2023: ("kobo", "en"),
    2024: ("surveymonkey", "de"),
    2025: ("spss", "de"),
}
STUDY = """\
study: mixed
instrument: alignment
seed: 1
simulated: true
report: {title: Six platforms and two languages}
waves:
WAVES
register:
  file: companies.csv
  columns: {company: company, name: name, aliases: aliases, industry: industry, size: size, region: region}
outcomes:
  revenue_growth:
    file: revenue.csv
    columns: {company: company, year: fiscal_year, value: revenue, currency: currency}
models:
  - {name: alone, outcome: revenue_growth, effects: [wave]}
"""


def panel(folder: Path, files: Mapping[int, str]) -> pd.DataFrame:
    waves = "\n".join(f"  - {{wave: {wave}, file: {file}}}" for wave, file in files.items())
    study = folder / "study.yaml"
    study.write_text(STUDY.replace("WAVES", waves), encoding="utf-8")
    file = read_study(study)
    inputs = read_inputs(file)
    assert inputs.responses is not None
    return with_outcomes(company_panel(inputs.responses, file.study), inputs, file.study)[0].frame


@pytest.mark.slow
def test_platforms_and_languages_mix_without_a_map(tmp_path: Path) -> None:
    settings = Settings(
        companies=12, waves=tuple(SHAPES), duplicates=0, break_off=0.05
    )  # not every platform names people
    simulation = simulate(read_instrument("alignment"), settings, seed=4)
    mixed, plain = tmp_path / "mixed", tmp_path / "plain"
    for folder in (mixed, plain):
        folder.mkdir()
    files = {}
    for language in ("en", "de"):
        folder = tmp_path / language
        folder.mkdir()
        written = write_study_data(
            simulation, folder, language=language, platforms=[s for s, _ in SHAPES.values()]
        )
        for wave, (file, _) in written.items():
            if SHAPES[wave][1] == language:
                files[wave] = file
                shutil.copy(folder / file, mixed)
    for name in ("companies.csv", "revenue.csv"):
        shutil.copy(tmp_path / "en" / name, mixed)
    tables = {
        wave: file
        for wave, (file, _) in write_study_data(simulation, plain, platforms=["spreadsheet"]).items()
    }
    assert len({Path(file).suffix for file in files.values()}) == 2
    pd.testing.assert_frame_equal(panel(mixed, dict(sorted(files.items()))), panel(plain, tables))
