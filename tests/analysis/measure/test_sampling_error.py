"""Errors from covariances that are known beforehand are those that a study finds for its own companies."""

import numpy as np
import pandas as pd
import pytest

from analysis.measure.alignment import alignment_error, view_errors
from analysis.measure.sampling_error import company_errors, pooled_covariances, within_covariances

CONSTRUCTS = ["goals", "trust", "plans"]


def answers(*, companies: int = 12, seed: int = 1, missing: float = 0.1) -> pd.DataFrame:
    """Draw people of both functions, one to four of each in a company, some without a score somewhere."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, size=(companies, 2))
    company = np.repeat(np.repeat([f"C{n:02}" for n in range(companies)], 2), sizes.ravel())
    function = np.repeat(np.tile(["sales", "marketing"], companies), sizes.ravel())
    people = pd.DataFrame({"company": company, "function": function, "wave": 2025})
    level = people["company"].map(
        dict(zip(people["company"].unique(), rng.normal(55, 12, companies), strict=True))
    )
    values = level.to_numpy()[:, None] + rng.normal(0, 15, (len(people), len(CONSTRUCTS)))
    values[rng.random(values.shape) < missing] = np.nan
    return people.join(pd.DataFrame(values, columns=CONSTRUCTS))


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_a_company_of_the_study_has_the_error_that_the_study_gives_it(missing: float) -> None:
    scores = answers(missing=missing)
    pooled = within_covariances(scores, CONSTRUCTS, functions=("sales", "marketing"))
    expected = alignment_error(scores, CONSTRUCTS).droplevel("wave")
    for company in expected.index:
        own = company_errors(scores[scores["company"] == company], CONSTRUCTS, pooled=pooled)
        assert own.loc[company, "alignment_se"] == pytest.approx(expected[company], rel=1e-12)


def test_the_error_of_a_gap_is_that_of_both_views() -> None:
    scores = answers(missing=0)
    pooled = within_covariances(scores, CONSTRUCTS, functions=("sales", "marketing"))
    views = view_errors(scores, CONSTRUCTS).set_index("company")
    both = np.hypot(views["alignment_sales_se"], views["alignment_marketing_se"])
    found = company_errors(scores, CONSTRUCTS, pooled=pooled)
    assert found["gap_se"].to_numpy() == pytest.approx(both.loc[found.index].to_numpy(), rel=1e-12)
    assert found["alignment_se"].to_numpy() == pytest.approx(found["gap_se"].to_numpy() / 2)


def test_one_construct_alone_has_the_error_of_its_mean() -> None:
    scores = pd.DataFrame(
        {"company": list("xxx"), "function": ["sales", "sales", "marketing"], "trust": [10.0, 30, 50]}
    )
    found = company_errors(
        scores, ["trust"], pooled={"sales": np.array([[200.0]]), "marketing": np.array([[90.0]])}
    )
    assert found.loc["x", "trust_se"] == pytest.approx(np.sqrt(200 / 2 + 90) / 2)
    assert found.loc["x", "gap_trust_se"] == pytest.approx(np.sqrt(200 / 2 + 90))


def test_a_silent_function_leaves_no_error() -> None:
    scores = pd.DataFrame({"company": ["x"], "function": ["sales"], "trust": [10.0]})
    found = company_errors(scores, ["trust"], pooled={"sales": np.eye(1), "marketing": np.eye(1)})
    assert found.isna().all(axis=None)


def test_nothing_is_pooled_where_everybody_is_alone() -> None:
    pooled = pooled_covariances(np.array([[1.0], [2.0]]), np.array([0, 1]), np.array([0, 0]))
    assert np.isnan(pooled).all()


def test_covariances_agree_with_numpy_within_one_company() -> None:
    values = np.random.default_rng(4).normal(size=(9, 3))
    pooled = pooled_covariances(values, np.zeros(9, dtype=int), np.zeros(1, dtype=int))
    assert pooled[0] == pytest.approx(np.cov(values.T))


def test_a_covariance_of_which_one_company_is_most_is_not_told() -> None:
    sizes = [2] * 9 + [30]
    scores = pd.DataFrame({"company": np.repeat(np.arange(10), sizes), "function": ""})
    scores["trust"] = np.random.default_rng(1).normal(50, 10, len(scores))
    for rows, told in ((scores, False), (scores.groupby("company").head(10), True)):
        found = within_covariances(rows, ["trust"], functions=("",), minimum=5)[""]
        assert np.isfinite(found).all() == told
