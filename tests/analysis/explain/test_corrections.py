from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explain.corrections import AS_MEASURED, DOUBTS, corrected_slopes, doubtful, spread_of
from analysis.explain.errors_in_variables import errors_in_variables
from analysis.explain.partialled import corrected_specification, partialled
from analysis.explain.regression import fit_frame
from analysis.explain.simex import simex, simex_of_draws
from analysis.explain.specification import Specification, build_design
from survey.language import look_up, speaking

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "corrections_data.csv")
VALUES = pd.read_csv(REFERENCE / "corrections.csv").set_index(["method", "name"])["value"]
MODEL = Specification("m", "growth", controls=("log_size",), effects=("wave",), covariance="cluster")
SIMPLE = Specification("m", "growth", controls=("size",), covariance="cluster")
SEEDS = 120
SLOPE = 0.3
CURVES = ("linear", "quadratic", "nonlinear")


def study(seed: int, *, companies: int, waves: int = 2, spread: float = 8.0) -> pd.DataFrame:
    """Companies with two or three informants per function, of whom the panel knows the pooled error."""
    rng = np.random.default_rng(seed)
    company, wave = np.repeat(np.arange(companies), waves), np.tile(np.arange(waves), companies)
    n = len(company)
    size, level = rng.normal(0, 1, companies)[company], rng.normal(0, 4, companies)[company]
    truth = 60 + 3 * size + level + rng.normal(0, spread, n)
    informants = rng.integers(2, 4, n) + rng.integers(2, 4, n)
    pooled = 14**2 * rng.chisquare(4 * n) / (4 * n)
    growth = SLOPE * truth + 2 * size + rng.normal(0, 3, companies)[company] + rng.normal(0, 8, n)
    frame = pd.DataFrame({"company": company, "wave": wave, "growth": growth, "size": size})
    frame["alignment"] = truth + rng.normal(0, 14, n) / np.sqrt(informants)
    return frame.assign(alignment_se=np.sqrt(pooled / informants))


def slopes(method: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    estimators = {
        "naive": lambda frame: fit_frame(SIMPLE, frame).slope(),
        "moments": lambda frame: errors_in_variables(SIMPLE, frame).slope,
        **{
            curve: lambda frame, curve=curve: (
                simex(SIMPLE, frame, rng=np.random.default_rng(1), extrapolation=curve, draws=20).slope
            )
            for curve in CURVES
        },
    }
    return pd.DataFrame([estimators[method](frame) for frame in frames]).astype(float)


def test_corrected_moments_agree_with_their_formula_in_r() -> None:
    by_errors = errors_in_variables(MODEL, DATA).slope
    by_reliability = errors_in_variables(MODEL, DATA, reliability=0.7).slope
    for method, slope in (("errors", by_errors), ("reliability", by_reliability)):
        assert slope["estimate"] == pytest.approx(VALUES[method]["estimate"], rel=1e-8)
        assert slope["std_error"] == pytest.approx(VALUES[method]["std_error"], rel=1e-8)
        assert (slope["df"], slope["n"]) == (79, 160)


@pytest.mark.parametrize("curve", CURVES)
def test_simex_of_given_draws_agrees_with_lm_at_every_step(curve: str) -> None:
    parts = partialled(build_design(corrected_specification(MODEL), DATA))
    error = DATA[[f"error_{n}" for n in range(1, 11)]].to_numpy()
    found = simex_of_draws(parts, MODEL, error=error, extrapolation=curve)  # type: ignore[arg-type]
    steps = VALUES["steps"]
    np.testing.assert_allclose(found.trace["added"], steps.index.astype(float))
    np.testing.assert_allclose(found.trace["estimate"], steps, rtol=1e-8)
    assert found.slope["estimate"] == pytest.approx(VALUES[curve]["estimate"], rel=1e-6)


def test_equal_errors_make_all_corrections_the_same() -> None:
    frame = study(1, companies=150).assign(alignment_se=5.0)
    moments, calibrated = (
        errors_in_variables(SIMPLE, frame),
        fit_frame(replace(SIMPLE, corrected=True), frame),
    )
    assert moments.slope["estimate"] == pytest.approx(calibrated.slope()["estimate"])
    assert moments.slope["std_error"] == pytest.approx(calibrated.slope()["std_error"], rel=0.02)
    curved = simex(SIMPLE, frame, rng=np.random.default_rng(1), extrapolation="nonlinear", draws=400)
    assert curved.slope["estimate"] == pytest.approx(moments.slope["estimate"], rel=0.02)
    assert moments.reliability == pytest.approx(
        fit_frame(SIMPLE, frame).slope()["estimate"] / moments.slope["estimate"]
    )


@pytest.mark.parametrize("covariance", ["HC3", "cluster"])
@pytest.mark.parametrize("within", [False, True])
def test_without_error_nothing_changes(covariance: str, within: bool) -> None:
    model = replace(SIMPLE, covariance=covariance, within=within, controls=())  # type: ignore[arg-type]
    frame = study(2, companies=60).assign(alignment_se=0.0)
    naive = fit_frame(model, frame).slope().astype(float)
    found = [
        errors_in_variables(model, frame),
        *(simex(model, frame, rng=np.random.default_rng(1), extrapolation=curve) for curve in CURVES),
    ]  # type: ignore[arg-type]
    for corrected in found:
        # The nonlinear curve's derivatives are taken by differences.
        close = 5e-3 if "nonlinear" in corrected.method else 1e-6
        pd.testing.assert_series_equal(
            corrected.slope, naive, check_names=False, rtol=close, atol=1e-3 * (close > 1e-3)
        )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False), shift=st.floats(-50, 50))
def test_order_of_rows_and_origin_of_scores_do_not_matter(seed: int, order: object, shift: float) -> None:
    frame = study(seed, companies=40)
    rows = list(range(len(frame)))
    order.shuffle(rows)  # type: ignore[attr-defined]
    moved = frame.iloc[rows].reset_index(drop=True)
    moved["alignment"] += shift
    for reliability in (None, 0.8):
        one, other = (errors_in_variables(SIMPLE, f, reliability=reliability) for f in (frame, moved))
        pd.testing.assert_series_equal(one.slope, other.slope, rtol=1e-6)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("companies", [150, 24], ids=["many companies", "few companies"])
def test_corrections_recover_the_slope_from_few_informants(companies: int) -> None:
    frames = [study(seed, companies=companies) for seed in range(SEEDS)]
    found = {method: slopes(method, frames) for method in ("naive", "moments", *CURVES[1:])}
    mean = {method: float(table["estimate"].mean()) for method, table in found.items()}
    covered = {
        method: float((table["conf_low"].le(SLOPE) & table["conf_high"].ge(SLOPE)).mean())
        for method, table in found.items()
    }
    assert mean["naive"] < 0.85 * SLOPE
    assert mean["naive"] < mean["quadratic"] < mean["nonlinear"]
    for method in ("moments", "nonlinear"):
        assert mean[method] == pytest.approx(SLOPE, rel=0.06 if companies > 100 else 0.15)
    for method in ("moments", "nonlinear"):
        assert 0.91 <= covered[method] <= 0.99
    # A quadratic curve corrects too little where reliability is low, as its note says.
    assert covered["naive"] < covered["quadratic"]
    if companies > 100:
        assert covered["naive"] < 0.8


def test_the_table_has_both_slopes_side_by_side() -> None:
    frame = study(3, companies=80).assign(reliability=0.75)
    table = corrected_slopes(SIMPLE, frame, rng=np.random.default_rng(1))
    assert table["method"].tolist() == [
        AS_MEASURED, "Regression calibration", "SIMEX, quadratic", "SIMEX, nonlinear", "Errors in variables",
        "Errors in variables, reliability 0.75",
    ]  # fmt: skip
    assert (table["estimate"].iloc[1:] > table["estimate"].iloc[0]).all()
    assert (table["n"] == 160).all()
    assert (table["companies"] == 80).all()
    low, high = spread_of(table)
    assert low == table["estimate"].iloc[1:].min() < table["estimate"].iloc[1:].max() == high
    again = corrected_slopes(SIMPLE, frame, rng=np.random.default_rng(1))
    pd.testing.assert_frame_equal(table, again)


def test_scores_that_are_all_error_are_not_corrected() -> None:
    frame = study(4, companies=60).assign(alignment_se=40.0)
    table = corrected_slopes(SIMPLE, frame, rng=np.random.default_rng(1)).set_index("method")
    assert table.drop(index=AS_MEASURED)["estimate"].isna().all()
    assert table.loc["Errors in variables", "note"].startswith("no correction: given the other terms")
    assert np.isfinite(table.loc[AS_MEASURED, "estimate"])
    assert (
        errors_in_variables(SIMPLE, frame)
        .summary()
        .startswith("Errors in variables: no slope, no correction")
    )


def test_an_unreliable_correction_says_so() -> None:
    frame = study(5, companies=30, spread=4.0)
    noise = (
        0.8
        * np.sqrt((fit_frame(SIMPLE, frame).n - 1) / fit_frame(SIMPLE, frame).n)
        * frame["alignment"].std()
    )
    found = errors_in_variables(SIMPLE, frame.assign(alignment_se=noise))
    assert "the correction rests on its model" in found.note
    assert "itself uncertain" in found.note
    curved = simex(SIMPLE, frame.assign(alignment_se=noise), rng=np.random.default_rng(1))
    assert "this curve corrects too little" in curved.note


def test_what_cannot_be_corrected_is_said() -> None:
    frame = study(6, companies=40)
    absent = {"alignment_se": "every company has one informant a wave"}
    for found in (
        simex(SIMPLE, frame.drop(columns="alignment_se"), rng=np.random.default_rng(1), unavailable=absent),
        errors_in_variables(SIMPLE, frame.drop(columns="alignment_se"), unavailable=absent),
    ):
        assert found.note == "alignment_se is not in the panel: every company has one informant a wave"
        assert found.slope.isna().all()
        assert found.to_frame()["estimate"].isna().all()
    inside = errors_in_variables(replace(SIMPLE, within=True, controls=()), frame, reliability=0.7)
    assert inside.note == "a reliability among companies says nothing of changes within them"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_correction_that_doubts_itself_is_seen_in_every_language(doubt: str, language: str) -> None:
    with speaking(language):
        note = look_up(doubt).format(reliability="0.40") if "{" in doubt else look_up(doubt)
        table = pd.DataFrame({"method": [AS_MEASURED, "SIMEX"], "note": ["", f"x; {note}"]})
        assert doubtful(table)
        assert not doubtful(table.assign(note=[note, "x"]))
