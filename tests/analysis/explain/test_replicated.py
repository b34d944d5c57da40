"""Models fitted anew under replicate weights against R, what stands in where they cannot be, and what must hold."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explain.binned import fitted_line
from analysis.explain.regression import Fit, fit_frame
from analysis.explain.response_surface import response_surface
from analysis.explain.specification import Specification
from analysis.explain.surface_design import SurfaceSpecification
from analysis.infer.carried_replicates import REPLICATES, as_column, relative
from analysis.infer.design_regression import design_regression
from analysis.infer.jackknife import jackknife
from analysis.infer.replicate_columns import replicate_columns
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import survey_design

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "replicated_models_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "replicated_models.csv")
SCALES = [0.0, *([0.5, 1.0, 1.5] * 5)[:13]]
FEW = ["c01", "c02", "c03", "c04", "c06", "c08"]
IN_R = {
    "Intercept": "(Intercept)",
    "industry[mining]": "industrymining",
    "industry[retail]": "industryretail",
}


def carrying(frame: pd.DataFrame, replicates: Replicates) -> pd.DataFrame:
    """Let each row carry its replicate weights."""
    return frame.assign(**{REPLICATES: pd.Series(as_column(relative(replicates)), index=frame.index)})


@cache
def table(name: str) -> pd.DataFrame:
    if name == "few":
        frame = DATA[DATA["company"].isin(FEW)]
        return carrying(frame, jackknife(survey_design(frame)))
    given = replicate_columns(
        DATA, [f"odd{number}" for number in range(1, 15)], kind="other", combined=False, scale=0.09, rscales=SCALES,
        mse=name != "odd_centred",
    )  # fmt: skip
    return carrying(DATA, given)


MODELS: dict[str, dict[str, Any]] = {
    "least squares": {"controls": ("size",)},
    "industry": {"controls": ("size", "industry")},
    "within": {"controls": ("size",), "within": True},
    "logistic": {"outcome": "better", "estimator": "logistic"},
    "median": {"controls": ("size",), "estimator": "quantile"},
    "robust": {"controls": ("size",), "estimator": "robust"},
}


def fitted(frame: pd.DataFrame, model: str, **changes: Any) -> Fit:
    said = {"outcome": "growth", "weights": "weight", "covariance": "replicates", **MODELS[model], **changes}
    return fit_frame(Specification("m", **said), frame)


@pytest.mark.parametrize(
    ("design", "model"), sorted(set(zip(EXPECTED["design"], EXPECTED["model"], strict=True)))
)
def test_models_under_odd_replicate_weights_agree_with_r(design: str, model: str) -> None:
    found = fitted(table(design), model, weights="" if design == "unweighted" else "weight")
    rows = EXPECTED[(EXPECTED["design"] == design) & (EXPECTED["model"] == model)].set_index("term")
    right = rows.loc[found.frame["term"].replace(IN_R)]
    for column, digits in (("estimate", 1e-7), ("std_error", 1e-6), ("df", 0)):
        np.testing.assert_allclose(found.frame[column], right[column], rtol=digits, err_msg=column)
    assert found.by_errors["errors"].unique().tolist() == ["from replicate weights"]
    assert ("4 of 14 replicates have no fit" in found.note) == (model == "industry")


def test_an_outcome_that_is_separated_has_the_errors_of_its_likelihood() -> None:
    frame = table("odd").assign(split=(DATA["size"] > 5).astype(float))
    found = fitted(frame, "logistic", outcome="split", controls=("size",))
    assert "with separation residuals vanish, and errors made of them: classical errors instead" in found.note
    assert np.isfinite(found.slope()["std_error"])
    assert [errors.kind for errors in found.errors] == ["classical"]


def test_a_corrected_score_has_replicates_of_its_linearised_values() -> None:
    """Without error to correct they are those of the slope, to first order."""
    frame = table("odd").assign(alignment_se=0.0)
    found = fitted(frame, "least squares", corrected=True)
    assert "the correction is not made anew in each replicate" in found.note
    assert found.by_errors["errors"].unique().tolist() == ["from replicate weights"]
    plain = fitted(frame, "least squares").slope()
    assert found.slope()["estimate"] == pytest.approx(plain["estimate"])
    assert found.slope()["std_error"] == pytest.approx(plain["std_error"], rel=0.4)


@pytest.mark.parametrize("kind", ["replicates", "design"])
def test_replicate_weights_are_the_design_of_a_table_that_has_them(kind: str) -> None:
    found = fitted(table("odd"), "least squares", covariance=kind)
    right = fitted(table("odd"), "least squares").frame
    pd.testing.assert_frame_equal(found.frame, right)
    assert "95% interval, errors from replicate weights, " in found.summary()


def test_few_clusters_leave_no_interval_and_say_so() -> None:
    found = fitted(table("few"), "least squares", controls=("size", "wave"))
    assert found.slope()["df"] == 0
    assert found.slope()[["p_value", "conf_low"]].isna().all()
    assert found.slope()["std_error"] > 0
    assert "too few clusters for so many terms: no intervals" in found.note
    assert "of growth, no interval, errors from replicate weights" in found.summary()


def test_a_median_under_the_jackknife_is_cautioned() -> None:
    assert "the jackknife is not consistent for quantiles" in fitted(table("few"), "median", controls=()).note
    assert "jackknife" not in fitted(table("odd"), "median").note


def test_errors_from_replicates_stand_beside_other_kinds_of_the_same_model() -> None:
    both = fitted(table("odd"), "least squares", also=("cluster",)).by_errors.set_index(["errors", "term"])
    cluster = fitted(table("odd"), "least squares", covariance="cluster").frame.set_index("term")
    for term in cluster.index:
        assert both.loc[("clustered by company", term), "std_error"] == cluster.loc[term, "std_error"]
        assert both.loc[("from replicate weights", term), "estimate"] == cluster.loc[term, "estimate"]


@pytest.mark.parametrize("name", ["odd", "plain"])
def test_the_line_of_a_picture_is_that_of_the_model(name: str) -> None:
    """At zero it is the intercept."""
    frame = table("odd") if name == "odd" else DATA.drop(columns="weight")
    frame = frame.assign(centred=frame["alignment"] - frame["alignment"].min())
    found = fitted_line(frame, "centred", "growth").iloc[0]
    errors = "replicates" if name == "odd" else "cluster"
    weights = "weight" if name == "odd" else ""
    model = fitted(
        frame, "least squares", controls=(), regressor="centred", covariance=errors, weights=weights
    )
    row = model.frame.set_index("term").loc["Intercept"]
    pd.testing.assert_series_equal(found[1:], row[["estimate", "conf_low", "conf_high"]], check_names=False)


@pytest.mark.parametrize("kind", ["gaussian", "logistic"])
def test_growth_models_are_the_regressions_of_the_design(kind: str) -> None:
    frame = DATA[DATA["growth"].notna()]
    jack = jackknife(survey_design(frame))
    model, outcome = ("logistic", "better") if kind == "logistic" else ("least squares", "growth")
    found = fitted(carrying(frame, jack), model, controls=("size",)).frame.set_index("term")
    right = design_regression(frame, outcome, terms=["alignment", "size"], design=jack, kind=kind)  # type: ignore[arg-type]
    table = right.frame.set_index("term").loc[found.index]
    pd.testing.assert_frame_equal(found, table, rtol=1e-7)


def test_surfaces_have_the_errors_of_the_model_of_their_terms() -> None:
    frame = table("odd").assign(other=lambda rows: 50 + 3 * rows["size"] ** 2 - rows["alignment"] / 4)
    surface = SurfaceSpecification(
        "s", "growth", x="alignment", y="other", covariance="replicates", weight="weight", per=10.0, centring="none"
    )  # fmt: skip
    found = response_surface(surface, frame, rng=np.random.default_rng(1), draws=20).frame.set_index("term")
    x, y = frame["alignment"] / 10, frame["other"] / 10
    terms = dict(zip(("b1", "b2", "b3", "b4", "b5"), (x, y, x**2, x * y, y**2), strict=True))
    model = {"regressor": "b1", "controls": tuple(terms)[1:]}
    right = fitted(frame.assign(**terms), "least squares", **model).frame.set_index("term").drop("Intercept")
    pd.testing.assert_frame_equal(found.loc[right.index], right, rtol=1e-5, check_dtype=False)
    bare = response_surface(surface, frame.drop(columns=REPLICATES), rng=np.random.default_rng(1), draws=20)
    assert bare.row("b1")["df"] == bare.companies - 1


@settings(deadline=None, max_examples=8)
@given(
    order=st.permutations(range(len(DATA))),
    model=st.sampled_from(["industry", "within", "logistic", "robust"]),
    factor=st.floats(0.01, 100),
)
def test_order_of_rows_and_unit_of_weights_are_of_no_account(
    order: list[int], model: str, factor: float
) -> None:
    frame = table("odd")
    moved = frame.iloc[order].assign(weight=lambda rows: factor * rows["weight"])
    found, plain = (fitted(rows, model).frame.set_index("term").sort_index() for rows in (moved, frame))
    pd.testing.assert_frame_equal(found, plain, rtol=1e-6)
