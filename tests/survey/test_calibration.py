"""Calibration and raking: what must hold for any sample, and what is said when totals cannot be met. (R: see infer.)"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from survey.calibration import Method, calibrate, one_hot, poststratify, trim_ratios
from survey.problems import InputError
from survey.raking import rake
from survey.trimming import design_effect, effective_n, trim_weights

QUICK = settings(deadline=None, max_examples=40)


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Draw weights and two margins whose every crossed cell is in the sample, so that they can be met."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    more = draw(st.integers(0, 30))
    first = np.concatenate([np.repeat(np.arange(rows), columns), rng.integers(0, rows, more)])
    second = np.concatenate([np.tile(np.arange(columns), rows), rng.integers(0, columns, more)])
    table = rng.integers(1, 200, (rows, columns)).astype(float)
    return rng.uniform(0.5, 8, len(first)), [first, second], [table.sum(axis=1), table.sum(axis=0)]


def sums(weights: np.ndarray, cells: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.bincount(codes, weights=weights) for codes in cells])


@QUICK
@given(samples())
def test_raking_meets_every_margin(sample: tuple) -> None:
    weights, cells, counts = sample
    found = rake(weights, cells, counts)
    np.testing.assert_allclose(sums(found.weights, cells), np.concatenate(counts), rtol=1e-9)
    assert found.converged
    assert (found.weights > 0).all()


@QUICK
@given(samples())
def test_raking_is_calibration_with_the_raking_distance(sample: tuple) -> None:
    weights, cells, counts = sample
    raked = rake(weights, cells, counts, tolerance=1e-12)
    auxiliary = np.hstack([one_hot(codes, len(known)) for codes, known in zip(cells, counts, strict=True)])
    found = calibrate(weights, auxiliary, np.concatenate(counts), method="raking")
    np.testing.assert_allclose(found.weights, raked.weights, rtol=1e-7)


@QUICK
@given(samples())
def test_raking_twice_changes_nothing(sample: tuple) -> None:
    weights, cells, counts = sample
    once = rake(weights, cells, counts)
    twice = rake(once.weights, cells, counts)
    assert twice.iterations == 0
    np.testing.assert_array_equal(twice.weights, once.weights)


@QUICK
@given(samples(), st.randoms(use_true_random=False), st.floats(0.01, 100))
def test_order_and_scale_do_not_matter(sample: tuple, chance: object, scale: float) -> None:
    weights, cells, counts = sample
    order = list(range(len(weights)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    plain = rake(weights, cells, counts, tolerance=1e-12).weights
    mixed = rake(weights[order], [codes[order] for codes in cells], counts, tolerance=1e-12).weights
    np.testing.assert_allclose(mixed, plain[order], rtol=1e-9)
    turned = rake(weights, cells[::-1], counts[::-1], tolerance=1e-12).weights
    np.testing.assert_allclose(turned, plain, rtol=1e-9)
    np.testing.assert_allclose(
        rake(scale * weights, cells, counts, tolerance=1e-12).weights, plain, rtol=1e-9
    )
    larger = rake(weights, cells, [scale * known for known in counts], tolerance=1e-12).weights
    np.testing.assert_allclose(larger, scale * plain, rtol=1e-9)


@QUICK
@given(samples(), st.sampled_from(["linear", "raking", "logit"]))
def test_bounds_are_kept_and_totals_met(sample: tuple, method: Method) -> None:
    weights, cells, counts = sample
    auxiliary = np.hstack([one_hot(codes, len(known)) for codes, known in zip(cells, counts, strict=True)])
    start = weights * counts[0].sum() / weights.sum()
    bounds = (0.05, 12.0)
    try:
        found = calibrate(start, auxiliary, np.concatenate(counts), method=method, bounds=bounds)
    except InputError:
        assume(False)  # these margins need weights beyond the bounds
        return
    assert found.scaled == 1
    assert (found.ratios >= bounds[0] - 1e-9).all()
    assert (found.ratios <= bounds[1] + 1e-9).all()
    np.testing.assert_allclose(found.weights @ auxiliary, np.concatenate(counts), rtol=1e-8)


@QUICK
@given(samples())
def test_residuals_are_a_projection(sample: tuple) -> None:
    weights, cells, counts = sample
    found = rake(weights, cells, counts)
    influence = np.random.default_rng(1).normal(size=(len(weights), 2))
    once = found.residuals(influence)
    np.testing.assert_allclose(found.residuals(once), once, atol=1e-9)
    known = found.weights[:, None] * found.auxiliary
    np.testing.assert_allclose(found.residuals(known), 0, atol=1e-9 * found.weights.sum())


def test_poststratification_is_raking_to_one_margin() -> None:
    weights, cells = np.array([1.0, 2, 3, 4, 5]), np.array([0, 1, 1, 2, 2])
    found = poststratify(weights, cells, [10, 20, 30])
    np.testing.assert_allclose(found.weights, rake(weights, [cells], [[10, 20, 30]]).weights)
    np.testing.assert_allclose(found.weights[3:], [30 * 4 / 9, 30 * 5 / 9])


def test_weights_far_below_the_population_are_scaled_before_bounds_apply() -> None:
    members = one_hot(np.array([0, 0, 0, 1]), 2)
    found = calibrate([1, 1, 1, 1], members, [6000, 4000], method="logit", bounds=(0.5, 2))
    assert found.scaled == pytest.approx(3000)
    np.testing.assert_allclose(found.weights, [2000, 2000, 2000, 4000])


def test_trimmed_ratios_keep_the_number_of_units() -> None:
    found = poststratify(np.ones(6), [0, 0, 0, 0, 0, 1], [10, 8])
    cut = trim_ratios(found, 0.5, 4)
    assert cut.trimmed == 1
    assert cut.weights.sum() == pytest.approx(18)
    assert cut.weights.max() == pytest.approx(4)
    assert cut.misfit == pytest.approx(4 / 9)


class TestWhatIsSaid:
    def told(self, problem: pytest.ExceptionInfo[InputError]) -> str:
        return str(problem.value)

    def test_a_count_without_a_sample_and_the_other_way_round(self) -> None:
        with pytest.raises(InputError) as error:
            rake([1, 1], [[0, 2]], [[5, 5, 0]], names=[["small", "medium", "large"]])
        assert "medium: has a population count but no weight in the sample, found 5" in self.told(error)
        assert "large: is in the sample but has no population count, found 0" in self.told(error)

    def test_margins_of_different_totals(self) -> None:
        with pytest.raises(InputError, match=r"do not add up to one total: 10, 11"):
            rake([1, 1], [[0, 1], [0, 1]], [[5, 5], [5, 6]])

    def test_margins_that_contradict_empty_cells(self) -> None:
        cells, counts = [[0, 1], [0, 1]], [[8, 2], [3, 7]]
        with pytest.raises(InputError, match=r"raking did not converge in 1000 rounds") as error:
            rake([1, 1], cells, counts)
        assert "margin 1, category 1" in self.told(error)
        assert not rake([1, 1], cells, counts, force=True).converged

    def test_raking_towards_weights_of_zero_tells_only_what_is_off(self) -> None:
        cells = [[0, 0, 1, 1], [0, 1, 1, 1]]
        with pytest.raises(InputError) as error:
            rake([1, 1, 1, 1], cells, [[5, 5], [5, 5]])
        problems = error.value.problems
        assert {p.column for p in problems} == {"margin 1, category 1", "margin 1, category 2"}
        assert all("5 is the target, the weights reach " in p.what for p in problems)
        assert not any("reach 5 " in p.what for p in problems)

    def test_the_category_that_pulls_at_the_others_comes_first(self) -> None:
        members = one_hot(np.repeat([0, 1, 2], 4), 3)
        with pytest.raises(InputError) as error:
            calibrate(
                np.full(12, 100.0),
                members,
                [20, 20, 1160],
                method="logit",
                bounds=(0.8, 1.2),
                names=list("abc"),
            )
        first = error.value.problems[0]
        assert first.column == "c"
        assert "within the bounds 0.8 and 1.2, which allow 320 to 480" in first.what
        assert "1,160 is the target, the weights reach 480" in first.what

    def test_bounds_that_are_too_tight(self) -> None:
        members = one_hot(np.array([0, 0, 0, 1]), 2)
        with pytest.raises(
            InputError, match=r"not met within the bounds 0.9 and 1.1.*widen the bounds"
        ) as error:
            calibrate(
                [1, 1, 1, 1], members, [1, 3], method="linear", bounds=(0.9, 1.1), names=["small", "large"]
            )
        assert "large: the total is not met" in self.told(error)
        forced = calibrate([1, 1, 1, 1], members, [1, 3], method="linear", bounds=(0.9, 1.1), force=True)
        assert not forced.converged
        assert forced.misfit == pytest.approx((2.7 - 1) / 2)

    def test_totals_that_no_weights_meet(self) -> None:
        with pytest.raises(InputError, match=r"no weights may meet all totals"):
            calibrate([1, 1], [[1, 2], [1, 2]], [10, 30], method="raking")

    @pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
    def test_what_is_no_weight(self, bad: float) -> None:
        with pytest.raises(InputError, match=r"row 2, weight: is no weight"):
            calibrate([1, bad], [[1], [1]], [4])
        with pytest.raises(InputError, match=r"row 2, weight: is no weight"):
            rake([1, bad], [[0, 1]], [[4, 4]])

    def test_bounds_that_make_no_sense_and_missing_values(self) -> None:
        with pytest.raises(InputError) as error:
            calibrate([1, 1], [[1, np.nan], [1, 3]], [4, 9], method="logit", names=["all", "staff"])
        assert "staff: has no value in 1 rows" in self.told(error)
        assert "both finite for logit" in self.told(error)


weights_of = st.lists(st.floats(0.1, 50), min_size=3, max_size=30)


@QUICK
@given(weights_of)
def test_trimming_keeps_the_sum_and_strict_the_limits(weights: list[float]) -> None:
    w = np.array(weights)
    lower, upper = 0.6 * w.mean(), 1.5 * w.mean()
    strict = trim_weights(w, lower=lower, upper=upper, strict=True).weights
    assert strict.sum() == pytest.approx(w.sum(), rel=1e-6)
    assert strict.min() >= lower * (1 - 1e-9)
    assert strict.max() <= upper * (1 + 1e-9)
    again = trim_weights(strict, lower=lower, upper=upper, strict=True)
    np.testing.assert_allclose(again.weights, strict, rtol=1e-9)


@QUICK
@given(weights_of, st.floats(0.01, 100))
def test_effective_n_knows_no_scale(weights: list[float], scale: float) -> None:
    w = np.array(weights)
    assert effective_n(scale * w) == pytest.approx(effective_n(w))
    assert 1 <= effective_n(w) <= len(w) * (1 + 1e-12)
    assert design_effect(w) == pytest.approx(1 + w.var() / w.mean() ** 2)


def test_limits_that_leave_no_room() -> None:
    with pytest.raises(InputError, match=r"weights with a mean of 3 do not fit between 4 and 9"):
        trim_weights([2, 4], lower=4, upper=9, strict=True)
    with pytest.raises(InputError, match=r"the lower one first"):
        trim_weights([2, 4], lower=4, upper=3)
