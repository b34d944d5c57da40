from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.infer.register_comparison import register_shares, register_tests

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "register_data.csv", index_col="company")
FACTS, ANSWERED = DATA.drop(columns="answered"), DATA.index[DATA["answered"]].tolist()
EXPECTED = pd.read_csv(REFERENCE / "same_source.csv").set_index(["check", "key"])["value"].sort_index()


def test_tests_agree_with_r() -> None:
    table = register_tests(FACTS, ANSWERED).set_index("variable")
    for name in ("size", "region"):
        assert table.loc[name, "statistic"] == pytest.approx(
            EXPECTED["chi-square", f"{name} statistic"], rel=1e-9
        )
        assert table.loc[name, "p_value"] == pytest.approx(EXPECTED["chi-square", f"{name} p"], rel=1e-8)
    for name, key in (("statistic", "statistic"), ("df", "df"), ("p_value", "p")):
        assert table.loc["revenue", name] == pytest.approx(EXPECTED["welch", key], rel=1e-8)
    assert table["n"].to_dict() == {"size": 90, "region": 90, "revenue": 88}
    assert table.loc["region", "note"].startswith("fewer than five companies are expected")


def test_standardised_differences_agree_with_r() -> None:
    table = register_shares(FACTS, ANSWERED).set_index(["variable", "category"])
    assert len(table) == 7
    for key, value in EXPECTED["difference"].items():
        name, category = str(key).split(" ", 1)
        assert table.loc[(name, category), "standardised_difference"] == pytest.approx(value, rel=1e-9)
    assert table["note"].eq("").all()


def test_shares_and_rates_by_hand() -> None:
    facts = pd.DataFrame({"size": ["s", "s", "s", "l", None]}, index=list("abcde"))
    table = register_shares(facts, ["a", "b", "e"]).set_index("category")
    assert table["answered"].to_dict() == pytest.approx({"l": 0, "not stated": 100 / 3, "s": 200 / 3})
    assert table["silent"].to_dict() == pytest.approx({"l": 50, "not stated": 0, "s": 50})
    assert table["response_rate"].to_dict() == pytest.approx({"l": 0, "not stated": 100, "s": 200 / 3})


@given(st.lists(st.tuples(st.sampled_from(["s", "m", None]), st.booleans()), min_size=1, max_size=15))
@settings(max_examples=40, deadline=None)
def test_shares_add_up_and_order_does_not_matter(rows: list[tuple[str | None, bool]]) -> None:
    facts = pd.DataFrame({"size": pd.Series([size for size, _ in rows], dtype="object")})
    answered = [company for company, (_, yes) in enumerate(rows) if yes]
    table = register_shares(facts, answered)
    for side in ("answered", "silent"):
        assert table[side].sum() == pytest.approx(100 if table[f"n_{side}"].iloc[0] else 0)
    assert (table["standardised_difference"].isna() == (table["note"] != "")).all()
    pd.testing.assert_frame_equal(register_shares(facts.iloc[::-1], answered[::-1]), table)
    tests = register_tests(facts, answered)
    assert (tests["p_value"].isna() <= (tests["note"] != "")).all()


@pytest.mark.parametrize(
    ("values", "answered", "shares_note", "tests_note"),
    [
        (["s", "s", "l"], [0, 1, 2], "every company answered",
         "needs two categories, and companies on both sides"),
        (["s", "s", "l"], [], "every company is silent", "needs two categories, and companies on both sides"),
        ([1.0, 2, 3], [0, 1], "no standardised difference: a side has one company, or neither varies",
         "needs two companies on each side, and some variation"),
        ([0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3], [0, 1],
         "no standardised difference: a side has one company, or neither varies",
         "needs two companies on each side, and some variation"),
        ([1.0, 1, 1, 1], [0, 1], "no standardised difference: a side has one company, or neither varies",
         "needs two companies on each side, and some variation"),
    ],
)  # fmt: skip
def test_what_is_absent_says_why(
    values: list[str | float], answered: list[int], shares_note: str, tests_note: str
) -> None:
    facts = pd.DataFrame({"fact": values})
    assert register_shares(facts, answered)["note"].unique().tolist() == [shares_note]
    assert register_tests(facts, answered)["note"].tolist() == [tests_note]


def test_a_side_that_does_not_vary_is_tested_against_one_that_does() -> None:
    row = register_tests(pd.DataFrame({"staff": [4.0, 4, 4, 1, 2, 6, 9]}), [0, 1, 2]).iloc[0]
    found = stats.ttest_1samp([1.0, 2, 6, 9], 4)
    assert row[["statistic", "df", "p_value"]].tolist() == pytest.approx([-found.statistic, 3, found.pvalue])


def test_no_facts() -> None:
    empty = pd.DataFrame(index=["a", "b"])
    assert len(register_shares(empty, ["a"])) == len(register_tests(empty, ["a"])) == 0
    assert np.isin(["variable", "note"], register_shares(empty, ["a"]).columns).all()
