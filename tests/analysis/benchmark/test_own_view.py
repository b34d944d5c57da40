import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.own_view import own_rows, seen_by
from analysis.benchmark.primary_rules import PrimaryRules
from analysis.benchmark.rounding import round_to
from survey.problems import InputError

COMPANIES = pd.DataFrame(
    {
        "company": ["Acme", "Acme", "Apex"],
        "wave": [2024, 2025, 2025],
        "alignment": [50.0, 60.0, 70.0],
        "n_sales": [2, 3, 9],
        "trust_sales": [41.0, 42.0, 43.0],
        "n_marketing": [4, np.nan, 9],
        "trust_marketing": [51.0, 52.0, 53.0],
    }
)


def test_a_company_sees_itself_and_no_other() -> None:
    own = own_rows(COMPANIES, "Acme")
    assert own["company"].unique().tolist() == ["Acme"]
    assert own["trust_sales"].isna().tolist() == [True, False]
    assert own["trust_marketing"].isna().tolist() == [False, True]
    assert own["alignment"].tolist() == [50.0, 60.0]
    assert own["reason"].tolist() == ["respondents", "respondents"]
    assert own_rows(COMPANIES, "Nobody").empty
    assert (
        own_rows(COMPANIES, "Apex", rules=PrimaryRules(minimum_respondents=10))["reason"].item()
        == "respondents"
    )
    assert own_rows(COMPANIES, "Apex")["reason"].item() == ""


def test_a_company_is_no_cover_for_the_others() -> None:
    cells = pd.DataFrame({"region": ["n", "s"], "median": [50.0, 60.0]})
    members = pd.DataFrame({"cell": [0] * 5 + [1] * 5, "company": [*"abcde", *"vwxyz"]})
    seen = seen_by(cells, members, company="a")
    assert seen["others"].tolist() == [4, 5]
    assert seen["median"].isna().tolist() == [True, False]
    assert seen_by(cells, members, company="?")["reason"].tolist() == ["", ""]
    assert cells["median"].notna().all()


def test_rounding_to_multiples_is_unbiased_where_it_is_random() -> None:
    table = pd.DataFrame({"n": np.full(4000, 7.0)})
    drawn = round_to(table, ["n"], step=5, rng=np.random.default_rng(1))["n"]
    assert set(drawn) == {5.0, 10.0}
    assert abs(drawn.mean() - 7) < 0.15
    assert round_to(table, ["n"], step=5)["n"].unique().tolist() == [5.0]
    np.testing.assert_array_equal(
        round_to(round_to(table, ["n"], step=3), ["n"], step=3), round_to(table, ["n"], step=3)
    )
    assert round_to(pd.DataFrame({"x": [np.nan]}), ["x"], step=1)["x"].isna().all()


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match="step: 0 is not above 0"):
        round_to(COMPANIES, ["alignment"], step=0)
    with pytest.raises(InputError, match="company: is not a column"):
        own_rows(COMPANIES.drop(columns="company"), "Acme")
