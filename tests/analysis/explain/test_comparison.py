import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st

from analysis.explain.comparison import robustness_value, slope_difference
from analysis.explain.regression import Fit, fit_frame
from analysis.explain.specification import Specification

POOLED = Specification("pooled", "growth", effects=("wave",), covariance="cluster")
WITHIN = Specification("within", "growth", effects=("wave",), covariance="cluster", within=True)


def panel(
    rng: np.random.Generator, *, companies: int = 200, waves: int = 3, trait: float = 0.0, noise: float = 0.0
) -> pd.DataFrame:
    """Companies with a lasting trait that adds to alignment and growth alike; the slope is 0.2."""
    shape = (companies, waves)
    unobserved, lasting = rng.normal(size=(2, companies, 1))
    alignment = 50 + 8 * lasting + 8 * rng.normal(size=shape) + trait * unobserved
    growth = 0.2 * alignment + 3 * rng.normal(size=(companies, 1)) + 6 * rng.normal(size=shape)
    growth += trait * unobserved
    frame = pd.DataFrame({"company": np.repeat(np.arange(companies), waves)})
    frame["wave"] = np.tile(np.arange(2023, 2023 + waves), companies)
    frame["alignment"] = (alignment + noise * rng.normal(size=shape)).ravel()
    frame["alignment_se"] = noise
    frame["growth"] = growth.ravel()
    return frame


def corrected(specification: Specification) -> Specification:
    fields = {name: getattr(specification, name) for name in specification.__slots__}
    return Specification(**(fields | {"corrected": True}))


def test_a_difference_of_independent_samples_has_the_sum_of_the_variances() -> None:
    rng = np.random.default_rng(1)
    one, other = panel(rng), panel(rng).assign(company=lambda frame: frame["company"] + 1000)
    first, second = fit_frame(POOLED, one), fit_frame(POOLED, other)
    difference = slope_difference(first, second, per=10)
    a, b = first.slope(per=10), second.slope(per=10)
    assert difference["estimate"] == pytest.approx(a["estimate"] - b["estimate"])
    # The corrections for few clusters and for k differ by less than one per cent.
    assert difference["std_error"] == pytest.approx(np.hypot(a["std_error"], b["std_error"]), rel=0.01)
    assert difference["df"] == 199
    assert difference["n"] == 400


def test_the_difference_is_that_of_one_stacked_regression() -> None:
    """Both models under each other, every term with its own slope in each, companies as clusters across both."""
    frame = panel(np.random.default_rng(2), trait=6)
    names = ["alignment", "growth"]
    waves = pd.get_dummies(frame["wave"], dtype=float).iloc[:, 1:].add_prefix("w")
    data = frame[names].join(waves)
    moved = data - data.groupby(frame["company"]).transform("mean")
    stacked = pd.concat([data.assign(one=1.0, inside=0.0), moved.assign(one=0.0, inside=1.0)])
    terms = " + ".join(f"{name}:one + {name}:inside" for name in ("alignment", *waves))
    groups = np.tile(frame["company"].to_numpy(), 2)
    options = {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": False}}
    direct = (
        smf.ols(f"growth ~ one + {terms} - 1", stacked)
        .fit(**options)
        .t_test("alignment:one - alignment:inside = 0")
    )
    found = slope_difference(fit_frame(POOLED, frame), fit_frame(WITHIN, frame))
    companies = frame["company"].nunique()
    assert found["estimate"] == pytest.approx(direct.effect[0], rel=1e-8)
    correction = np.sqrt(companies / (companies - 1))
    assert found["std_error"] == pytest.approx(direct.sd[0, 0] * correction, rel=1e-8)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_the_interval_holds_zero_95_times_in_100_and_finds_a_lasting_trait(noise: float) -> None:
    """With 200 samples the coverage has a binomial error of 1.5 points; the bounds are 3 of them away."""
    rng = np.random.default_rng(3)
    models = (corrected(POOLED), corrected(WITHIN)) if noise else (POOLED, WITHIN)

    def differences(samples: int, trait: float) -> pd.DataFrame:
        frames = [panel(rng, trait=trait, noise=noise) for _ in range(samples)]
        return pd.DataFrame([slope_difference(*(fit_frame(m, frame) for m in models)) for frame in frames])

    without, with_trait = differences(200, 0.0), differences(20, 6.0)
    covered = (without["conf_low"] <= 0) & (without["conf_high"] >= 0)
    assert 0.905 <= covered.mean() <= 0.995
    assert (with_trait["conf_low"] > 0).mean() >= 0.9


def test_sampling_error_alone_makes_uncorrected_slopes_differ() -> None:
    rng = np.random.default_rng(4)
    frames = [panel(rng, noise=8.0) for _ in range(20)]
    raw = [slope_difference(fit_frame(POOLED, f), fit_frame(WITHIN, f))["estimate"] for f in frames]
    clean = [
        slope_difference(*(fit_frame(corrected(m), f) for m in (POOLED, WITHIN)))["estimate"] for f in frames
    ]
    assert np.mean(raw) > 0.02
    assert abs(np.mean(clean)) < 0.02


def test_a_model_that_could_not_be_fitted_has_no_difference() -> None:
    frame = panel(np.random.default_rng(5), companies=20)
    nothing = fit_frame(WITHIN, frame.drop_duplicates("company"))
    assert nothing.frame.empty
    assert slope_difference(fit_frame(POOLED, frame), nothing).isna().all()


def test_influence_sums_to_zero_and_gives_the_clustered_error() -> None:
    fitted: Fit = fit_frame(POOLED, panel(np.random.default_rng(6)))
    assert fitted.influence.sum() == pytest.approx(0, abs=1e-12)
    n, k, groups = fitted.n, 4, fitted.companies
    correction = groups / (groups - 1) * (n - 1) / (n - k)
    of_company = fitted.influence.groupby(level="company").sum()
    error = np.sqrt(correction * (of_company**2).sum())
    assert error == pytest.approx(fitted.slope()["std_error"])


@given(st.floats(0.001, 0.9), st.integers(0, 2**16))
def test_a_trait_as_strong_as_the_robustness_value_takes_the_slope_away(share: float, seed: int) -> None:
    """Build the trait that Cinelli and Hazlett speak of, and see the slope vanish."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(40, 3))
    x, e, free = np.linalg.qr(np.column_stack([np.ones(40), raw]))[0][:, 1:].T
    y = np.sqrt(share) * x + np.sqrt(1 - share) * e
    frame = pd.DataFrame({"company": range(40), "alignment": x, "growth": y})
    fitted = fit_frame(Specification("m", "growth"), frame)
    assert fitted.partial_r_squared == pytest.approx(share)
    strength = robustness_value(fitted.partial_r_squared) / 100
    # Shares `strength` of x and of what x leaves of y, and enough of a third direction to be so.
    on_x, on_e = np.sqrt(strength), np.sqrt(strength * (1 - strength))
    trait = on_x * x + on_e * e + np.sqrt(max(0.0, 1 - on_x**2 - on_e**2)) * free
    both = fit_frame(Specification("m", "growth", controls=("trait",)), frame.assign(trait=trait))
    assert both.slope()["estimate"] == pytest.approx(0, abs=1e-8)


def test_robustness_is_not_known_without_a_fit() -> None:
    assert np.isnan(robustness_value(np.nan))
