import numpy as np
import pytest

from analysis.measure.difference_test import difference_test

STEPS = [("configural", "metric"), ("metric", "scalar"), ("scalar", "residual")]


@pytest.mark.parametrize(("below", "above"), STEPS)
@pytest.mark.parametrize(
    ("setting", "method"),
    [("ml", "2001"), *[(s, m) for s in ("mlr", "fiml_mlr", "cluster") for m in ("2001", "2010")]],
)
def test_differences_equal_lavaan(setting, method, below, above, factor_fits, factor_reference):
    free, restricted = (factor_fits(f"{setting} {level}").solution for level in (below, above))
    found = difference_test(restricted, free, method=method)
    own = factor_reference[factor_reference["model"] == f"{setting} {above}"]
    known = own[own["what"] == ("difference" if setting == "ml" else method)].set_index("term")["value"]
    assert found.df == known["df"]
    assert found.chisq == pytest.approx(known["chisq"], rel=1e-4)
    assert found.p_value == pytest.approx(known["p_value"], rel=1e-3, abs=1e-9)


def test_equal_models_cannot_be_compared(factor_fits):
    same = factor_fits("ml metric").solution
    found = difference_test(same, same)
    assert np.isnan(found.chisq)
    assert "equally many parameters" in found.note
