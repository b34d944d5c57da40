"""A company's index shrunk by the variances of a study alone is the one that the study finds for it."""

import numpy as np
import pandas as pd
import pytest

from analysis.measure.index_shrinkage import index_shrinkage, shrink_others
from analysis.measure.shrinkage import SILENT, shrink_index
from tests.analysis.measure.test_sampling_error import CONSTRUCTS, answers

BOTH = ("sales", "marketing")
NUMBERS = ["observed", "reliability", "estimate", "std_error", "conf_low", "conf_high"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_company_of_the_study_gets_what_the_study_gives_it(seed: int) -> None:
    scores = answers(seed=seed)
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH)
    assert model is not None
    expected = shrink_index(scores, CONSTRUCTS, functions=BOTH).set_index("company")
    known = expected.index[expected["observed"].notna()]
    for company in known:
        own = shrink_others(scores[scores["company"] == company], CONSTRUCTS, model=model).iloc[0]
        assert own[NUMBERS].to_numpy(float) == pytest.approx(
            expected.loc[company, NUMBERS].to_numpy(float), rel=1e-10
        )
        assert own["n"] == expected.loc[company, "n"]


def test_one_function_without_a_name_serves_as_well() -> None:
    scores = answers(missing=0).assign(function="")
    model = index_shrinkage(scores, CONSTRUCTS, functions=("",))
    assert model is not None
    expected = shrink_index(scores, CONSTRUCTS, functions=("",))
    found = shrink_others(scores, CONSTRUCTS, model=model)
    assert found[NUMBERS].to_numpy() == pytest.approx(expected[NUMBERS].to_numpy(), rel=1e-10)


def test_a_silent_function_leaves_no_score_and_says_so() -> None:
    scores = answers()
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH)
    assert model is not None
    one = scores[scores["company"].eq("C01") & scores["function"].eq("sales")]
    found = shrink_others(one, CONSTRUCTS, model=model).iloc[0]
    assert np.isnan(found["estimate"])
    assert found["note"] == SILENT


def test_a_study_in_which_a_function_is_silent_has_no_model() -> None:
    scores = answers()
    assert index_shrinkage(scores[scores["function"] == "sales"], CONSTRUCTS, functions=BOTH) is None


def test_three_companies_give_no_interval() -> None:
    scores = answers(companies=3, missing=0)
    model = index_shrinkage(scores, CONSTRUCTS, functions=BOTH)
    assert model is not None
    found = shrink_others(scores, CONSTRUCTS, model=model)
    assert found["conf_low"].isna().all()
    assert (found["note"] != "").all()
    assert pd.notna(found["estimate"]).all()
