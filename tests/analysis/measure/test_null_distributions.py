import numpy as np
import pytest

from analysis.measure.null_distributions import FIVE_POINTS, PRINTED, SHAPES, null_shares, null_variance
from survey.instrument import Scale


def test_null_variance_of_whole_and_continuous_scales():
    assert null_variance(Scale(min=1, max=7)) == 4.0
    assert null_variance(Scale(min=0, max=4)) == 2.0
    assert null_variance(Scale(min=0, max=100, whole=False)) == pytest.approx(10000 / 12)


@pytest.mark.parametrize("shape", [shape for shape in FIVE_POINTS if shape != "uniform"])
def test_the_printed_variances_are_those_of_the_shares_on_five_points(shape):
    shares, at = np.array(FIVE_POINTS[shape]), np.arange(5)
    assert shares.sum() == pytest.approx(1)
    assert shares @ at**2 - (shares @ at) ** 2 == pytest.approx(PRINTED[shape][0], abs=0.005)
    assert null_variance(Scale(min=1, max=5), shape) == PRINTED[shape][0]


def test_printed_values_of_the_scales_in_use():
    seven = Scale(min=1, max=7)
    assert [null_variance(seven, shape) for shape in SHAPES] == [4.0, 2.9, 2.14, 1.39, 2.1]
    assert null_variance(Scale(min=0, max=10), "triangular") == 3.32


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("points", [2, 3, 4, 5, 6, 7, 10, 11, 12, 21])
def test_shares_on_any_number_of_points(shape, points):
    shares = null_shares(points, shape)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    mean = shares @ np.arange(points) / (points - 1)
    if shape in ("uniform", "triangular"):
        assert mean == pytest.approx(0.5)
    else:
        assert mean > 0.5


@pytest.mark.parametrize("shape", SHAPES)
def test_many_points_come_near_the_continuous_scale(shape):
    many = null_variance(Scale(min=0, max=1000), shape) / 1000**2
    assert many == pytest.approx(null_variance(Scale(min=0, max=1, whole=False), shape), rel=0.005)


def test_more_skew_is_less_variance():
    for points in (4, 5, 7, 9, 15):
        scale = Scale(min=1, max=points)
        values = [null_variance(scale, s) for s in ("uniform", "slight_skew", "moderate_skew", "heavy_skew")]
        assert values == sorted(values, reverse=True)
