import numpy as np
import pandas as pd
import pytest

from analysis.explain.measurement_error import calibrate
from analysis.explain.regression import fit_frame
from analysis.explain.specification import Specification

SEEDS = 240
MODEL = Specification("m", "growth", controls=("size",))
CORRECTED = Specification("m", "growth", controls=("size",), corrected=True)


def study(
    seed: int, *, waves: int = 1, slope: float = 0.3, spread: float = 8.0, companies: int = 200
) -> pd.DataFrame:
    """Companies with 2-15 informants whose true index has a known slope; errors estimated as a panel does."""
    rng = np.random.default_rng(seed)
    company, wave = np.repeat(np.arange(companies), waves), np.tile(np.arange(waves), companies)
    n = len(company)
    size, level = rng.normal(0, 1, companies)[company], rng.normal(0, 5 * (waves > 1), companies)[company]
    truth = 60 + 4 * size + level + rng.normal(0, spread, n)
    informants = rng.integers(2, 16, n)
    freedom = int((informants - 1).sum())
    pooled = 12**2 * rng.chisquare(freedom) / freedom
    growth = (
        slope * truth + 2 * size + rng.normal(0, 3 * (waves > 1), companies)[company] + rng.normal(0, 10, n)
    )
    frame = pd.DataFrame({"company": company, "wave": wave, "growth": growth, "size": size})
    frame["alignment"] = truth + rng.normal(0, 12, n) / np.sqrt(informants)
    return frame.assign(alignment_se=np.sqrt(pooled / informants), truth=truth)


def test_reliability_and_calibrated_score_are_those_of_the_definition() -> None:
    frame = study(1)
    found = calibrate(frame, MODEL)
    matrix = np.column_stack([np.ones(200), frame["size"]])
    fitted = matrix @ np.linalg.lstsq(matrix, frame["alignment"], rcond=None)[0]
    residuals, hat = frame["alignment"] - fitted, np.diag(matrix @ np.linalg.pinv(matrix))
    between = ((residuals**2).sum() - ((1 - hat) * frame["alignment_se"] ** 2).sum()) / 198
    reliability = between / (between + frame["alignment_se"] ** 2)
    assert found.between == pytest.approx(between)
    np.testing.assert_allclose(found.frame["reliability"], reliability)
    np.testing.assert_allclose(found.frame["calibrated"], fitted + reliability * residuals)
    assert found.to_frame()["company"].tolist() == frame["company"].tolist()


def test_the_corrected_slope_is_least_squares_on_the_calibrated_score() -> None:
    frame = study(2)
    replaced = frame.assign(alignment=calibrate(frame, MODEL).frame["calibrated"])
    corrected, plugged_in = fit_frame(CORRECTED, frame).slope(), fit_frame(MODEL, replaced).slope()
    assert corrected["estimate"] == pytest.approx(plugged_in["estimate"])
    assert corrected["std_error"] != plugged_in["std_error"]
    assert "mean reliability 0." in fit_frame(CORRECTED, frame).note


def test_without_sampling_error_nothing_changes() -> None:
    frame = study(3).assign(alignment_se=0.0)
    naive, corrected = fit_frame(MODEL, frame).slope(), fit_frame(CORRECTED, frame).slope()
    np.testing.assert_allclose(corrected, naive, rtol=1e-9)


def test_equal_errors_divide_the_slope_by_the_reliability() -> None:
    frame = study(4).assign(alignment_se=5.0)
    naive, corrected = fit_frame(MODEL, frame).slope(), fit_frame(CORRECTED, frame).slope()
    reliability = calibrate(frame, MODEL).frame["reliability"].iloc[0]
    assert corrected["estimate"] == pytest.approx(naive["estimate"] / reliability)


def test_scores_that_are_all_error_are_not_corrected() -> None:
    fitted = fit_frame(CORRECTED, study(5).assign(alignment_se=40.0))
    assert fitted.frame.empty
    assert fitted.note.startswith(
        "no correction: given the other terms, scores vary no more than sampling error"
    )
    assert calibrate(study(5).assign(alignment_se=40.0), MODEL).between < 0


def test_an_uncertain_reliability_is_said() -> None:
    frame = study(6, companies=40, spread=3)
    residual = frame["alignment"].std()
    fitted = fit_frame(CORRECTED, frame.assign(alignment_se=0.85 * residual))
    assert "the reliability is itself uncertain" in fitted.note


def test_absent_or_missing_sampling_errors_are_said() -> None:
    frame = study(7)
    reason = {"alignment_se": "every company has one informant a wave"}
    absent = fit_frame(CORRECTED, frame.drop(columns="alignment_se"), unavailable=reason)
    assert absent.note == "alignment_se is not in the panel: every company has one informant a wave"
    assert absent.frame.empty
    assert calibrate(frame.drop(columns="alignment_se"), MODEL).note == "alignment_se is not in the panel"
    frame.loc[:9, "alignment_se"] = np.nan
    assert fit_frame(CORRECTED, frame).dropped == {"alignment_se is missing": 10}


def coverage(specification: Specification, frames: list[pd.DataFrame], slope: float) -> tuple[float, float]:
    """Share of intervals that hold the true slope, and the mean estimate."""
    slopes = pd.DataFrame([fit_frame(specification, frame).slope() for frame in frames])
    return float(slopes["estimate"].mean()), float(
        slopes["conf_low"].le(slope).mul(slopes["conf_high"].ge(slope)).mean()
    )


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "model"),
    [
        ({}, {}),
        ({"slope": 1.5, "spread": 5.0}, {}),
        ({"waves": 3}, {"effects": ("wave",), "covariance": "cluster"}),
        ({"waves": 3}, {"effects": ("wave",), "covariance": "cluster", "within": True}),
    ],
    ids=["one wave", "low reliability", "three waves", "within companies"],
)
def test_corrected_intervals_cover_the_slope_and_naive_ones_do_not(
    options: dict[str, float], model: dict[str, object]
) -> None:
    frames = [study(seed, **options) for seed in range(SEEDS)]  # type: ignore[arg-type]
    slope = options.get("slope", 0.3)
    naive, corrected = (
        Specification("m", "growth", controls=("size",), corrected=fix, **model)  # type: ignore[arg-type]
        for fix in (False, True)
    )
    attenuated, naive_coverage = coverage(naive, frames, slope)
    restored, corrected_coverage = coverage(corrected, frames, slope)
    assert attenuated < 0.85 * slope
    assert naive_coverage < 0.9
    assert restored == pytest.approx(slope, rel=0.05)
    assert 0.92 <= corrected_coverage <= 0.98


@pytest.mark.long
@pytest.mark.slow
def test_the_interval_must_carry_the_uncertainty_of_the_calibration() -> None:
    frames = [study(seed, slope=3.0, spread=5.0) for seed in range(SEEDS)]
    replaced = [frame.assign(alignment=calibrate(frame, MODEL).frame["calibrated"]) for frame in frames]
    assert coverage(MODEL, replaced, 3.0)[1] < 0.9
    assert 0.92 <= coverage(CORRECTED, frames, 3.0)[1] <= 0.98
