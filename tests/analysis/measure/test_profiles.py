import numpy as np
import pandas as pd

from analysis.measure.alignment import profile_similarity
from analysis.measure.profiles import MEASURES, measures_of, profile_moments


def test_measures_are_those_of_the_profiles():
    rng = np.random.default_rng(1)
    x, y = rng.normal(50, 10, size=(2, 30, 5))
    found = pd.DataFrame(measures_of(profile_moments(x, y)), columns=list(MEASURES))
    expected = profile_similarity(x, y)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, err_msg=name)
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(found["profile_r"], r, rtol=1e-9)
    np.testing.assert_allclose(found["d2"], found[["elevation", "scatter", "shape"]].sum(axis=1))
