import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.discriminant import PAIRS, _log_gradient, discriminant_validity, htmt
from analysis.measure.item_covariance import correlation_of

NAN = float("nan")


@pytest.fixture(scope="module")
def table(questionnaire, as_questionnaire):
    return discriminant_validity(as_questionnaire(questionnaire))


def test_both_ratios_agree_with_semtools(table, reliability_in_r):
    assert len(table) == 12
    for row in table.to_dict("records"):
        pair = f"{row['construct_a']} {row['construct_b']}"
        for name in ("htmt", "htmt2"):
            expected = reliability_in_r[pair, row["function"], name]
            assert row[name] == pytest.approx(expected, rel=1e-9)


def test_the_interval_holds_the_ratio(table):
    assert (table["conf_low"] < table["htmt"]).all()
    assert (table["htmt"] < table["conf_high"]).all()
    assert table["note"].eq("").all()


def test_holzinger_swineford_agrees_with_semtools(real_data):
    folder = real_data / "psychometrics"
    expected = np.array(json.loads((folder / "reference.json").read_text())["HS"]["HTMT"])
    answers = pd.read_csv(folder / "HolzingerSwineford1939.csv")[[f"x{i}" for i in range(1, 10)]]
    correlation = answers.corr().to_numpy()
    for a, b in ((0, 1), (0, 2), (1, 2)):
        kept = np.r_[3 * a : 3 * a + 3, 3 * b : 3 * b + 3]
        found = htmt(correlation[np.ix_(kept, kept)], np.arange(6) < 3, geometric=True)
        arithmetic = htmt(correlation[np.ix_(kept, kept)], np.arange(6) < 3)
        assert expected[a, b] in (pytest.approx(found, rel=1e-8), pytest.approx(arithmetic, rel=1e-8))


def test_derivatives_are_those_of_the_logarithm():
    rng = np.random.default_rng(6)
    matrix = np.cov(rng.normal(size=(5, 40)) + 0.8 * rng.normal(size=40))
    change = rng.normal(size=(5, 5))
    change += change.T
    first, step = np.arange(5) < 2, 1e-6
    up, down = (np.log(htmt(correlation_of(matrix + s * step * change), first)) for s in (1, -1))
    assert (_log_gradient(matrix, first) * change).sum() == pytest.approx((up - down) / (2 * step), rel=1e-5)


@given(st.floats(0.05, 0.95), st.lists(st.floats(0.4, 0.9), min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_htmt2_gives_back_the_correlation_of_two_factors(phi, values):
    load, first = np.array(values), np.arange(6) < 3
    between = np.where(first[:, None] == first, 1.0, phi)
    correlation = np.outer(load, load) * between
    np.fill_diagonal(correlation, 1)
    assert htmt(correlation, first, geometric=True) == pytest.approx(phi)
    turned = np.where(np.arange(6) == 1, -1.0, 1.0)
    assert htmt(correlation * np.outer(turned, turned), first) == pytest.approx(htmt(correlation, first))


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        ({"a1": [1, 2, 3], "a2": [4, 4, 4], "b1": [1, 2, 3], "b2": [1, 3, 2]},
         "each construct needs two items that vary"),
        ({"a1": [1, 2, NAN, NAN], "a2": [2, 1, NAN, NAN], "b1": [NAN, NAN, 1, 2], "b2": [NAN, NAN, 1, 3]},
         "no respondent answered two of the items together"),
        ({"a1": [1, 2, 3, 2], "a2": [2, 1, 2, 3], "b1": [1, 2, 3, 4], "b2": [1, 3, 2, 4]},
         "the items of a construct do not correlate"),
        ({"a1": [1, 2, 3, 4], "a2": [2, 1, 3, 4], "b1": [1, 2, 3, 4], "b2": [1, 3, 2, 4]},
         "an interval needs two companies"),
    ],
)  # fmt: skip
def test_why_there_is_none(make_instrument, make_responses, columns, note):
    row = discriminant_validity(make_responses(columns, make_instrument({"a": "a1 a2", "b": "b1 b2"}))).iloc[
        0
    ]
    assert row["note"] == note
    assert np.isnan(row["conf_low"])


def test_nobody(make_instrument, make_responses):
    empty = {name: pd.Series(dtype=float) for name in ("a1", "b1")}
    found = discriminant_validity(make_responses(empty, make_instrument({"a": "a1", "b": "b1"})))
    assert tuple(found) == PAIRS
    assert len(found) == 0
