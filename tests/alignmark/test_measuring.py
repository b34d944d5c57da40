"""What measuring says where nothing can be measured."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alignmark.inputs import read_inputs
from alignmark.measuring import measure
from alignmark.study import read_study
from survey.problems import InputError


def only_sales(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["department"] == "sales"]


def test_a_function_that_never_answered_is_named_with_what_to_type(spoiled: Callable[..., Path]) -> None:
    study = spoiled(**{"2024": only_sales, "answers": only_sales})
    file = read_study(study)
    with pytest.raises(InputError) as raised:
        measure(read_inputs(file), file.study)
    (problem,) = raised.value.problems
    assert "nobody of marketing answered in any wave" in problem.what
    assert "job_titles" in problem.to_do
