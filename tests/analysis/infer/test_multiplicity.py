from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis.infer.multiplicity import Multiplicity, adjusted, adjusted_within

EXPECTED = pd.read_csv(Path(__file__).parents[2] / "reference" / "multiplicity.csv")
P = st.floats(0, 1) | st.just(np.nan)
TABLES = arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=P)


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_adjusted_p_values_agree_with_r(method: Multiplicity) -> None:
    found = adjusted(EXPECTED["p"], method=method)
    np.testing.assert_allclose(found, EXPECTED[method].to_numpy(float), rtol=1e-10)


@given(TABLES, st.sampled_from(["holm", "bh"]))
def test_adjustment_raises_p_values_and_keeps_their_order(p: np.ndarray, method: Multiplicity) -> None:
    found = adjusted(p, method=method)
    assert np.array_equal(np.isnan(found), np.isnan(p))
    known = ~np.isnan(p)
    assert (found[known] >= p[known] * (1 - 1e-12)).all()
    assert (found[known] <= 1).all()
    for row, raised in zip(p, found, strict=True):
        assert (np.diff(raised[np.argsort(row)][: (~np.isnan(row)).sum()]) >= 0).all()


@given(TABLES, st.sampled_from(["holm", "bh"]))
def test_families_are_adjusted_apart_wherever_they_stand(p: np.ndarray, method: Multiplicity) -> None:
    np.testing.assert_array_equal(adjusted(p.T, method=method, axis=0), adjusted(p, method=method).T)
    family = np.tile(np.arange(len(p)), p.shape[1])
    found, size = adjusted_within(p.T.ravel(), family, method=method)
    np.testing.assert_array_equal(found, adjusted(p, method=method).T.ravel())
    np.testing.assert_array_equal(size, np.tile((~np.isnan(p)).sum(axis=1), p.shape[1]))


def test_false_letters_of_a_family_are_as_rare_as_declared() -> None:
    p = np.random.default_rng(1).uniform(size=(4000, 20))
    assert (p < 0.05).any(axis=1).mean() > 0.6
    for method in ("holm", "bh"):
        assert (adjusted(p, method=method) < 0.05).any(axis=1).mean() == pytest.approx(0.05, abs=0.01)


def test_no_p_value_is_outside_its_range() -> None:
    with pytest.raises(ValueError, match="outside 0-1"):
        adjusted([1.2], method="holm")
    assert adjusted([], method="bh").size == 0
