from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.measure.consistency import coefficients
from analysis.measure.ordinal_reliability import ordinal_reliability
from analysis.measure.polychoric import polychoric, polychorics
from analysis.measure.reliability import reliability

LOADING = 0.7


@pytest.fixture(scope="module")
def responses(make_instrument, make_responses):
    """Views of one factor cut into three answers, 600 people of each function; a4 is reversed."""
    rng = np.random.default_rng(4)
    trait = rng.normal(size=(1200, 1))
    views = LOADING * trait + np.sqrt(1 - LOADING**2) * rng.normal(size=(1200, 4))
    answers = np.digitize(views, [-0.3, 1.0]) + 1
    answers[:, 3] = 4 - answers[:, 3]
    columns = {f"a{i + 1}": answers[:, i] for i in range(4)} | {"function": ["sales", "marketing"] * 600}
    instrument = make_instrument({"a": "a1 a2 a3 -a4"}, scale={"min": 1, "max": 3})
    return make_responses(columns, instrument)


def test_the_reliability_of_the_uncut_views_is_recovered(responses):
    true = (4 * LOADING) ** 2 / ((4 * LOADING) ** 2 + 4 * (1 - LOADING**2))
    found = ordinal_reliability(responses)
    assert found["ordinal_omega_total"].tolist() == pytest.approx([true] * 2, abs=0.03)
    cut = reliability(responses)["omega_total"]
    assert (cut < true - 0.05).all()


def test_it_is_that_of_the_polychoric_matrix(responses):
    sales = responses.frame[responses.frame["function"] == "sales"]
    answers = sales[["a1", "a2", "a3"]].assign(a4=4 - sales["a4"])
    known = coefficients(polychoric(answers).correlations.to_numpy())
    row = ordinal_reliability(responses).set_index("function").loc["sales"]
    for name in ("alpha", "omega_total", "omega_hierarchical"):
        assert row[f"ordinal_{name}"] == pytest.approx(known[name].value, rel=1e-7)


def test_order_of_respondents_does_not_matter(responses):
    shuffled = replace(responses, frame=responses.frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(ordinal_reliability(shuffled), ordinal_reliability(responses), rtol=1e-7)


def test_many_tables_at_once_are_each_by_itself():
    rng = np.random.default_rng(2)
    tables = [
        pd.DataFrame(np.digitize(rng.normal(size=(80, 1)) + rng.normal(size=(80, k)), cuts))
        for k, cuts in ((2, [0.0]), (3, [-1.0, 0.0, 1.5]), (1, [0.0]), (4, [-0.5, 0.5]))
    ]
    for found, answers in zip(polychorics(tables), tables, strict=True):
        alone = polychoric(answers)
        pd.testing.assert_frame_equal(found.correlations, alone.correlations, atol=1e-8)
        pd.testing.assert_frame_equal(found.pairs, alone.pairs, atol=1e-8)
    assert polychorics([]) == []


def test_what_cannot_be_computed_says_why(make_instrument, make_responses):
    columns = {"a1": [1, 2, 1, 2, 2], "a2": [1, 2, 2, 1, 2], "b1": [1, 2, 1, 2, 1], "b2": [3] * 5}
    two = ordinal_reliability(make_responses(columns, make_instrument({"a": "a1 a2", "b": "b1 b2"})))
    rows = two.set_index("construct")
    assert rows.loc["a", "ordinal_note"] == "a factor needs three items"
    assert np.isfinite(rows.loc["a", "ordinal_alpha"])
    assert rows.loc["b", "ordinal_note"] == "fewer than two items vary"
    for scale, why in (
        ({"min": 0, "max": 100}, "more than 10 points"),
        ({"min": 1, "max": 5, "whole": False}, "answers between the points"),
    ):
        responses = make_responses(columns, make_instrument({"a": "a1 a2"}, scale=scale))
        assert ordinal_reliability(responses)["ordinal_note"].str.startswith(why).all()
