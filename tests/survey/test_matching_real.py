"""Matching and maps over real exports that ask nothing of ours, and over one whose column map is known."""

import os
import time
from pathlib import Path

import pytest

from survey.column_map import propose_map, read_map, write_map
from survey.instrument import read_instrument
from survey.matching import match
from survey.problems import InputError
from survey.readers.detect import read_export
from survey.readers.export import Export

DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
EXPORTS = (
    "google_forms/jupyter_2016_education_responses.csv",
    "kobo_xlsform/cleaningtools_raw_data.csv",
    "limesurvey/limonaid/survey_100001_R_data_file.csv",
    "qualtrics/qualtRics/sample.csv",
    "surveymonkey/538_thanksgiving-2015-poll-data.csv",
)
ALIGNMENT = read_instrument("alignment")


@pytest.fixture(params=EXPORTS, ids=lambda name: name.split("/")[0])
def export(request: pytest.FixtureRequest) -> Export:
    path = DATA / "platform_exports" / request.param
    if not path.exists():
        pytest.skip(f"real exports are not in {DATA}")
    return read_export(path)


def test_a_survey_with_none_of_our_questions_is_refused_in_few_words_and_soon(export: Export) -> None:
    begin = time.perf_counter()
    with pytest.raises(InputError) as caught:
        match(export, ALIGNMENT)
    assert time.perf_counter() - begin < 5
    messages = [str(problem) for problem in caught.value.problems]
    assert len(messages) <= 25
    assert any("no column says the company" in message for message in messages)


def test_every_real_heading_survives_a_map(export: Export, tmp_path: Path) -> None:
    proposal = propose_map(export, ALIGNMENT)
    assert set(proposal["column"]) == set(export.frame)
    path = tmp_path / "map.csv"
    write_map(path, proposal.assign(question="-"))
    assert set(read_map(path, ALIGNMENT).ignored) == {column.strip() for column in export.frame}
