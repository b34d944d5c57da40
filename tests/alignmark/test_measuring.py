"""What measuring says where nothing can be measured."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.measuring import company_panel, measure, with_outcomes
from alignmark.study import read_study
from survey.problems import InputError


def only_sales(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["department"] == "sales"]


def test_of_records_the_study_says_what_is_good(spoiled: Callable[..., Path]) -> None:
    file = read_study(spoiled(("winsorise: [0.01, 0.99]", "better: lower")))
    inputs = read_inputs(file)
    assert inputs.responses is not None
    panel, _, _ = with_outcomes(company_panel(inputs.responses, file.study), inputs, file.study)
    assert panel.less_is_better("revenue_growth")
    assert panel.wave(panel.latest).less_is_better("revenue_growth")
    assert not panel.less_is_better("win_rate")


def test_a_function_that_never_answered_is_named_with_what_to_type(spoiled: Callable[..., Path]) -> None:
    study = spoiled(**{"2024": only_sales, "answers": only_sales})
    file = read_study(study)
    with pytest.raises(InputError) as raised:
        measure(read_inputs(file), file.study)
    (problem,) = raised.value.problems
    assert "nobody of marketing answered in any wave" in problem.what
    assert "job_titles" in problem.to_do
