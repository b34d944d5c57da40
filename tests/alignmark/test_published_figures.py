"""Figures that others have published of the same data: read with their last digit, held against ours."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.published_figures import read_published_figures, reproduced
from alignmark.study import StudyFile, read_study
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError

Spoil = Callable[..., Path]

PUBLISHED = """\
published:
  file: theirs.csv
  columns: {wave: year, alignment: index, goals: goals, source: source}
models:
"""


def declared(spoiled: Spoil, table: str) -> StudyFile:
    study = spoiled(("models:\n", PUBLISHED))
    (study.parent / "theirs.csv").write_text(table, encoding="utf-8")
    return read_study(study)


def test_the_last_digit_that_was_printed_is_kept(spoiled: Spoil) -> None:
    file = declared(spoiled, "year,index,goals,source\n2024,58,61.50,First report\n2025,60.123,,\n")
    table = read_published_figures(file)
    assert table is not None
    assert table.drop(columns="unit").values.tolist() == [
        [2024, "alignment", 58.0, "First report"],
        [2025, "alignment", 60.123, ""],
        [2024, "goals", 61.5, "First report"],
    ]
    assert table["unit"].tolist() == pytest.approx([1, 0.001, 0.01])


def test_rows_without_a_year_and_words_for_numbers_are_told_together(spoiled: Spoil) -> None:
    file = declared(spoiled, "year,index,goals,source\nlast,58,61,\n2025,about 60,,\n")
    with pytest.raises(InputError, match="2 problems") as refused:
        read_published_figures(file)
    told = {(problem.row, problem.column, problem.value) for problem in refused.value.problems}
    assert told == {(2, "year", "last"), (3, "index", "about 60")}


def test_a_figure_is_met_within_its_rounding_and_absent_without_companies(spoiled: Spoil) -> None:
    assert read_published_figures(read_study(spoiled())) is None
    frame = pd.DataFrame({"company": list("abcd") * 2, "wave": [2024] * 4 + [2025] * 4})
    frame["alignment"] = [50.0, 58, 59, 70, 10, 20, 30, 40]
    said = pd.DataFrame({"wave": [2023, 2024, 2024, 2025], "variable": "alignment", "source": ""})
    said["published"], said["unit"] = [50.0, 58, 57, 25], [1.0, 1, 1, 0.1]
    panel = Panel(frame, read_instrument("alignment"), {})
    found = reproduced(panel, said, statistic="median")
    assert found["n"].tolist() == [0, 4, 4, 4]
    assert found["difference"].tolist()[1:] == [0.5, 1.5, 0]
    assert found["agrees"].tolist() == [False, True, False, True]
    few = reproduced(panel, said, statistic="median", fewest=5)
    assert few[["estimate", "difference"]].isna().all(axis=None)
    assert not few["agrees"].any()
    mean = reproduced(panel, said, statistic="mean")
    assert mean["estimate"].tolist()[1:] == [59.25, 59.25, 25]
