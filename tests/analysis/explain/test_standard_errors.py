"""Errors in simulation with few clusters, what stands in for errors that cannot be had, and invariants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.explain.cr2 import cr2
from analysis.explain.errors import KINDS, read_errors
from analysis.explain.regression import Fit, fit_frame, model_terms
from analysis.explain.specification import Specification
from analysis.explain.wild_bootstrap import wild_cluster_test
from analysis.infer.columns import RESULT, Floats

STUDIES, CLUSTERS = 200, 8


def panel(seed: int, *, companies: int = 30, waves: int = 3, slope: float = 0.3) -> pd.DataFrame:
    """Companies of five industries whose growth has a known slope, with weights."""
    rng = np.random.default_rng(seed)
    company, wave = np.repeat(np.arange(companies), waves), np.tile(2023 + np.arange(waves), companies)
    n = len(company)
    frame = pd.DataFrame({"company": [f"c{c:03d}" for c in company], "wave": wave})
    frame["industry"] = rng.choice(list("abcde"), companies)[company]
    frame["size"], frame["weight"] = rng.normal(size=n), rng.uniform(0.3, 3, n)
    frame["alignment"] = 50 + rng.normal(0, 8, companies)[company] + rng.normal(0, 5, n)
    level = rng.normal(0, 4, companies)[company]
    return frame.assign(growth=slope * frame["alignment"] + frame["size"] + level + rng.normal(0, 5, n))


def few_clusters(rng: np.random.Generator) -> tuple[Floats, Floats, Floats, np.ndarray]:
    """Eight clusters of 4 to 40 rows; the regressor barely varies within them and the errors belong together."""
    clusters = np.repeat(np.arange(CLUSTERS), np.linspace(4, 40, CLUSTERS).astype(int))
    n = len(clusters)
    x = rng.normal(size=CLUSTERS)[clusters] + 0.3 * rng.normal(size=n)
    matrix = np.column_stack([x, np.ones(n)])
    outcome = 0.5 * x + rng.normal(size=CLUSTERS)[clusters] + rng.normal(size=n)
    return matrix, outcome, np.linalg.lstsq(matrix, outcome, rcond=None)[0], clusters


def test_few_clusters_are_covered_by_cr2_and_the_wild_bootstrap_and_not_by_cr1() -> None:
    rng = np.random.default_rng(5)
    held = {"CR1 by normal": 0, "CR2": 0, "wild": 0}
    for _ in range(STUDIES):
        matrix, outcome, params, clusters = few_clusters(rng)
        residuals = outcome - matrix @ params
        miss = abs(params[0] - 0.5)
        covariance, df = cr2(matrix, residuals, clusters)
        held["CR2"] += miss <= stats.t.ppf(0.975, df[0]) * np.sqrt(covariance[0, 0])
        found = wild_cluster_test(matrix, residuals, clusters, estimate=params[0], rng=rng, draws=399)
        held["wild"] += found.low <= 0.5 <= found.high
        scores = np.add.reduceat(matrix * residuals[:, None], np.flatnonzero(np.diff(clusters, prepend=-1)))
        moves = scores @ np.linalg.inv(matrix.T @ matrix)
        error = np.sqrt(CLUSTERS / (CLUSTERS - 1) * (moves[:, 0] ** 2).sum())
        held["CR1 by normal"] += miss <= 1.96 * error
    share = {name: count / STUDIES for name, count in held.items()}
    assert 0.91 <= share["CR2"] <= 0.99, share
    assert 0.91 <= share["wild"] <= 0.99, share
    assert share["CR1 by normal"] < 0.89, share


def test_cr2_is_unbiased_when_errors_are_independent() -> None:
    rng = np.random.default_rng(6)
    clusters = np.repeat(np.arange(6), [2, 3, 5, 8, 13, 21])
    matrix = np.column_stack([rng.normal(size=52) + clusters / 3, np.ones(52)])
    weights = rng.uniform(0.2, 3, 52)
    bread = np.linalg.inv(matrix.T @ (matrix * weights[:, None]))
    truth = bread @ (matrix.T @ (matrix * (weights**2)[:, None])) @ bread
    away = np.eye(52) - matrix @ bread @ (matrix * weights[:, None]).T
    # The estimate is a quadratic form of the residuals: its mean is the sum over the columns of their root.
    mean = sum(cr2(matrix, away[:, i], clusters, weights=weights)[0] for i in range(52))
    np.testing.assert_allclose(mean, truth, rtol=1e-9)


@pytest.mark.parametrize(
    "kind", [*KINDS, "cluster by company and wave", "CR2 by industry", "wild by industry"]
)
def test_every_kind_of_errors_gives_numbers_throughout(kind: str) -> None:
    fitted = fit_frame(
        Specification("m", "growth", controls=("size",), covariance=kind),
        panel(1),
        rng=np.random.default_rng(1),
    )
    assert np.isfinite(fitted.frame[list(RESULT)].to_numpy(float)).all()
    row = fitted.slope()
    assert row["conf_low"] < 0.3 < row["conf_high"]
    assert row["conf_low"] < row["estimate"] < row["conf_high"]


def test_several_kinds_share_a_fit_and_are_those_of_fits_of_their_own() -> None:
    kinds = ("HC3", "classical", "CR2", "wild", "cluster by industry")
    data = panel(2)
    base = {"name": "m", "outcome": "growth", "controls": ("size",), "weights": "weight"}
    together = fit_frame(
        Specification(**base, covariance=kinds[0], also=kinds[1:]), data, rng=np.random.default_rng(3)
    )
    for kind in kinds:
        alone = fit_frame(Specification(**base, covariance=kind), data, rng=np.random.default_rng(3))
        label = read_errors(kind).label
        rows = together.by_errors[together.by_errors["errors"] == label].drop(columns="errors")
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), alone.frame)
    assert set(model_terms([together])["errors"]) == {read_errors(kind).label for kind in kinds}


def test_chance_comes_in_as_a_generator() -> None:
    model = Specification("m", "growth", covariance="wild")
    with pytest.raises(ValueError, match="give rng"):
        fit_frame(model, panel(1))
    once, twice = (fit_frame(model, panel(1), rng=np.random.default_rng(9)).slope() for _ in range(2))
    pd.testing.assert_series_equal(once, twice)
    assert fit_frame(model, panel(1), rng=np.random.default_rng(10)).slope()["conf_low"] != once["conf_low"]


def noted(model: Specification, frame: pd.DataFrame) -> Fit:
    fitted = fit_frame(model, frame, rng=np.random.default_rng(0))
    assert not fitted.frame.empty
    assert np.isfinite(fitted.frame[["estimate", "std_error"]].to_numpy(float)).all()
    return fitted


@pytest.mark.parametrize(
    ("changes", "said", "label"),
    [
        ({"covariance": "CR2", "estimator": "quantile"}, "CR2 errors by company are for linear models: errors cl",
         "clustered by company"),
        ({"covariance": "HC3", "estimator": "robust"}, "HC3 errors are for linear models: HC1 errors instead", "HC1"),
        ({"covariance": "wild", "corrected": True}, "do not allow for the correction of sampling error: errors clust",
         "clustered by company"),
        ({"covariance": "CR2 by wave", "within": True}, "companies are in several clusters", "clustered by wave"),
        ({"covariance": "cluster by place"}, "there is one place only to cluster by: HC1 errors instead", "HC1"),
        ({"covariance": "cluster by company and place"}, "errors clustered by company instead", "clustered by company"),
        ({"covariance": "cluster by wave", "controls": ("size", "weight")}, "only 3 clusters by wave for 4 terms",
         "clustered by wave"),
    ],
)  # fmt: skip
def test_where_errors_cannot_be_had_the_nearest_stand_in_and_are_named(
    changes: dict[str, object], said: str, label: str
) -> None:
    frame = panel(3).assign(place="here", alignment_se=1.0)
    fitted = noted(Specification("m", "growth", **changes), frame)  # type: ignore[arg-type]
    assert said in fitted.note
    assert fitted.by_errors["errors"].unique().tolist() == [label]


@pytest.mark.parametrize("kind", ["classical", "HC3", "cluster", "CR2", "wild"])
def test_an_exact_fit_has_no_errors_and_says_so(kind: str) -> None:
    frame = panel(3).assign(growth=lambda f: 2 * f["alignment"] + 1)
    fitted = noted(Specification("m", "growth", covariance=kind), frame)
    assert "the fit is exact: the regressor, Intercept" in fitted.note
    assert fitted.slope()[["conf_low", "conf_high"]].tolist() == pytest.approx([2.0, 2.0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("HC4", "'HC4' is no kind of errors; allowed: classical, HC0"),
        ("clusters", r"did you mean 'cluster'\?"),
        ("HC3 by company", "HC3 errors have no clusters"),
        ("CR2 by company and wave", "names no clusters, or too many"),
        ("cluster by ", "no kind of errors"),
    ],
)
def test_errors_that_do_not_exist_are_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_errors(text)


LINEAR = st.sampled_from(["HC1", "HC3", "cluster", "CR2", "cluster by company and wave"])


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999), kind=LINEAR, within=st.booleans(), weights=st.sampled_from(["", "weight"]))
def test_errors_ignore_the_order_of_rows_and_the_unit_of_weights(
    seed: int, kind: str, within: bool, weights: str
) -> None:
    model = Specification(
        "m", "growth", controls=("size",), effects=("wave",), covariance=kind, within=within, weights=weights
    )
    data = panel(4)
    plain = fit_frame(model, data).slope()
    moved = data.sample(frac=1, random_state=seed).assign(weight=7 * data["weight"])
    np.testing.assert_allclose(fit_frame(model, moved).slope(), plain, rtol=1e-6)


@settings(deadline=None, max_examples=10)
@given(
    estimator=st.sampled_from(
        ["ols", "quantile", "robust", "random_effects", "between", "first_differences"]
    ),
    seed=st.integers(0, 99),
    factor=st.floats(0.1, 10),
)
def test_slopes_follow_the_unit_of_the_outcome_and_ignore_order(
    estimator: str, seed: int, factor: float
) -> None:
    model = Specification("m", "growth", controls=("size",), covariance="classical", estimator=estimator)  # type: ignore[arg-type]
    data = panel(5)
    plain = fit_frame(model, data).slope()
    moved = data.sample(frac=1, random_state=seed).assign(growth=data["growth"] * factor)
    found = fit_frame(model, moved).slope()
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert found[name] == pytest.approx(factor * plain[name], rel=1e-5)
