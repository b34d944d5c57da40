import numpy as np
import pandas as pd
import pytest

from analysis.measure.dispersion import dispersion


@pytest.fixture
def answers():
    rng = np.random.default_rng(1)
    groups = np.sort(rng.integers(0, 40, 200))
    values = rng.integers(1, 8, (200, 3)).astype(float)
    values[rng.random(values.shape) < 0.05] = np.nan
    return values, groups


def test_all_measures_are_those_of_a_loop_over_groups(answers):
    values, groups = answers
    found = dispersion(values, groups, n_groups=41, lowest=1, highest=7)
    for group in range(41):
        rows = pd.DataFrame(values[groups == group]).dropna()
        assert found.n[group] == len(rows)
        if len(rows) < 2:
            assert np.isnan([part[group] for part in found[1:]]).all()
            continue
        assert found.variance[group] == pytest.approx(rows.var().mean())
        assert found.deviation[group] == pytest.approx(rows.std().mean())
        assert found.from_mean[group] == pytest.approx((rows - rows.mean()).abs().mean().mean())
        assert found.from_median[group] == pytest.approx((rows - rows.median()).abs().mean().mean())
    assert found.n[40] == 0


def test_the_callers_answers_stay_as_they_are(answers):
    values, groups = answers
    before = values.copy()
    dispersion(values, groups, n_groups=41, lowest=1, highest=7)
    np.testing.assert_array_equal(values, before)
