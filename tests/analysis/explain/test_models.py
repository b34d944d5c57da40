"""Estimators and errors against R, on invented data beside the script, and on real panels."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.explain.errors import read_errors
from analysis.explain.mixed import mixed_model
from analysis.explain.random_effects import random_effects
from analysis.explain.regression import Fit, fit_frame
from analysis.explain.solution import least_squares
from analysis.explain.specification import Specification, build_design
from analysis.explain.wild_bootstrap import wild_cluster_test

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "models_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "models.csv", keep_default_na=False, na_values=["NA"])
REAL_DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
BASE = Specification("m", "growth", controls=("size",))
TERMS = {"(Intercept)": "Intercept"}


def spec(**changes: object) -> Specification:
    fields = {name: getattr(BASE, name) for name in BASE.__slots__}
    return Specification(**(fields | changes))  # type: ignore[arg-type]


def agrees(
    fitted: Fit, model: str, errors: str, names: dict[str, str] | None = None, rtol: float = 1e-7
) -> None:
    rows = EXPECTED[(EXPECTED["model"] == model) & (EXPECTED["errors"] == errors)]
    assert len(rows)
    label = read_errors(errors).label
    found = fitted.by_errors[fitted.by_errors["errors"] == label].set_index("term")
    found = found.loc[[(TERMS | (names or {})).get(term, term) for term in rows["term"]]]
    np.testing.assert_allclose(found["estimate"], rows["estimate"].astype(float), rtol=rtol)
    np.testing.assert_allclose(found["std_error"], rows["std_error"].astype(float), rtol=rtol)
    if rows["df"].notna().all():
        np.testing.assert_allclose(found["df"], rows["df"].astype(float), rtol=rtol)


LINEAR = {
    "pooled": spec(effects=("wave",)),
    "weighted": spec(effects=("wave",), weights="weight"),
    "within": spec(effects=("wave",), within=True),
    "within weighted": spec(effects=("wave",), within=True, weights="weight"),
}


@pytest.mark.parametrize("model", LINEAR)
def test_errors_of_least_squares_agree_with_sandwich_and_clubsandwich(model: str) -> None:
    kinds = EXPECTED.loc[(EXPECTED["model"] == model) & (EXPECTED["errors"] != ""), "errors"].unique()
    assert len(kinds) >= 7
    base = LINEAR[model]
    fitted = fit_frame(
        Specification(**{**_fields(base), "covariance": kinds[0], "also": tuple(kinds[1:])}), DATA
    )
    for kind in kinds:
        agrees(fitted, model, kind)


def _fields(specification: Specification) -> dict[str, object]:
    return {name: getattr(specification, name) for name in specification.__slots__}


@pytest.mark.parametrize(
    ("model", "changes", "kinds"),
    [
        ("random effects", {"estimator": "random_effects"}, ("classical",)),
        ("between", {"estimator": "between"}, ("classical",)),
        ("first differences", {"estimator": "first_differences"}, ("classical", "cluster")),
        ("lagged outcome", {"lagged_outcome": True}, ("HC3",)),
        ("quantile 0.50", {"estimator": "quantile"}, ("classical", "cluster")),
        ("quantile 0.75", {"estimator": "quantile", "quantile": 0.75}, ("classical", "cluster")),
        ("robust", {"estimator": "robust"}, ("classical", "HC0", "cluster")),
        ("logistic", {"estimator": "logistic", "outcome": "better"}, ("classical", "HC0", "cluster")),
        ("logistic weighted", {"estimator": "logistic", "outcome": "better", "weights": "weight"}, ("HC0",)),
        ("earlier alignment", {"lag": 1}, ("HC3",)),
    ],
)  # fmt: skip
def test_estimators_agree_with_r(model: str, changes: dict[str, object], kinds: tuple[str, ...]) -> None:
    fitted = fit_frame(spec(**changes, covariance=kinds[0], also=kinds[1:]), DATA)
    names = {"growth_before": "growth, wave before", "alignment_before": "alignment"}
    for kind in kinds:
        agrees(fitted, model, kind, names)


def _number(model: str, what: str) -> float:
    return float(EXPECTED.loc[(EXPECTED["model"] == model) & (EXPECTED["term"] == what), "estimate"].iloc[0])


def test_variance_components_agree_with_plm() -> None:
    found = random_effects(build_design(BASE, DATA)).measures
    assert found["within"] == pytest.approx(_number("random effects", "variance within"), rel=1e-8)
    assert found["between"] == pytest.approx(_number("random effects", "variance between"), rel=1e-8)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("kind", ["intercepts", "slopes"])
def test_mixed_models_agree_with_lme4(kind: str, method: str) -> None:
    design = build_design(BASE, DATA)
    model = f"mixed {kind} {method}"
    solved = mixed_model(design, slopes=kind == "slopes", reml=method == "REML")
    rows = EXPECTED[(EXPECTED["model"] == model) & (EXPECTED["errors"] == "classical")].set_index("term")
    rows = rows.rename(index={"alignment_c": "alignment"})
    for place, term in ((0, "alignment"), (2, "size")):
        error = np.sqrt(solved.classical[place, place])
        assert solved.params[place] == pytest.approx(
            float(rows.loc[term, "estimate"]), rel=1e-6, abs=5e-6 * error
        )
        assert error == pytest.approx(float(rows.loc[term, "std_error"]), rel=2e-6)
    assert solved.measures["log_likelihood"] == pytest.approx(_number(model, "log likelihood"), abs=1e-8)
    if kind == "slopes":
        assert solved.measures["slopes"] == pytest.approx(_number(model, "slope variance"), rel=2e-6)
        assert solved.measures["within"] == pytest.approx(_number(model, "residual variance"), rel=2e-6)


def test_within_between_agrees_with_lme4() -> None:
    fitted = fit_frame(spec(estimator="within_between", covariance="classical"), DATA)
    names = {"alignment_own": "alignment", "size_own": "size"}
    names |= {"alignment_mean": "alignment, company mean", "size_mean": "size, company mean"}
    agrees(fitted, "within-between", "classical", names, rtol=1e-6)
    for effects in ((), ("wave",), ("wave", "industry")):
        both = fit_frame(spec(estimator="within_between", effects=effects), DATA)
        within = fit_frame(spec(within=True, effects=effects), DATA)
        assert both.slope()["estimate"] == pytest.approx(within.slope()["estimate"], rel=1e-8)
        assert "left out" not in both.note


@pytest.mark.parametrize(("model", "weights"), [("pooled", ""), ("weighted", "weight")])
@pytest.mark.parametrize("null", [0.0, 0.1, 0.3])
def test_the_wild_bootstrap_is_that_of_refitting_every_outcome(model: str, weights: str, null: float) -> None:
    solved = least_squares(build_design(spec(effects=("wave",), weights=weights), DATA))
    found = wild_cluster_test(
        solved.matrix, solved.residuals, pd.factorize(DATA["industry"])[0], estimate=solved.params[0] - null,
        rng=np.random.default_rng(1), points="Rademacher",
    )  # fmt: skip
    assert found.complete
    assert found.draws == 2**7
    assert found.p_value == pytest.approx(_number(model, f"wild p of {null:.1f}"), abs=1e-12)


def test_the_bootstrap_rejects_outside_its_interval_only() -> None:
    solved = least_squares(build_design(spec(effects=("wave",), weights="weight"), DATA))
    companies = pd.factorize(DATA["company"])[0]

    def test(null: float) -> float:
        return wild_cluster_test(
            solved.matrix, solved.residuals, companies, estimate=solved.params[0] - null,
            rng=np.random.default_rng(3), draws=999,
        ).p_value  # fmt: skip

    found = wild_cluster_test(
        solved.matrix, solved.residuals, companies, estimate=solved.params[0], rng=np.random.default_rng(3),
        draws=999,
    )  # fmt: skip
    for end, outward in ((found.low, -1), (found.high, 1)):
        assert test(end - outward * 1e-4) > 0.05
        assert test(end + outward * 1e-2) <= 0.05


PANELS = {
    "Grunfeld": ("firm", "inv", ["value", "capital"]),
    "Produc": ("state", "lg", ["lpc", "lk", "le", "unemp"]),
}


@pytest.mark.parametrize("name", PANELS)
def test_real_panels_agree_with_r(name: str) -> None:
    folder = REAL_DATA / "panel"
    if not (folder / f"{name}.csv").exists():
        pytest.skip(f"no {name}.csv: set ALIGNMARK_REAL_DATA to the folder of real data")
    company, outcome, terms = PANELS[name]
    frame = pd.read_csv(folder / f"{name}.csv").rename(columns={company: "company", "year": "wave"})
    for new, old in {"lg": "gsp", "lpc": "pcap", "lk": "pc", "le": "emp"}.items():
        if old in frame:
            frame[new] = np.log(frame[old])
    reference = json.loads((folder / "reference.json").read_text())[name]

    def compare(
        expected: dict[str, dict[str, float]], errors: str, rtol: float = 1e-6, **changes: object
    ) -> None:
        model = Specification(
            name,
            outcome,
            terms[0],
            tuple(terms[1:]),
            covariance=errors,
            **changes,  # type: ignore[arg-type]
        )
        found = fit_frame(model, frame).frame.set_index("term").rename(index={"Intercept": "(Intercept)"})
        for term in expected:
            assert found.loc[term, "estimate"] == pytest.approx(expected[term]["b"], rel=rtol)
            assert found.loc[term, "std_error"] == pytest.approx(expected[term]["se"], rel=rtol)

    for kind in ("classical", "HC1", "HC2", "HC3"):
        compare(reference["ols"][kind], kind)
    compare(reference["ols"]["cluster_CR1_stata"], "cluster")
    cr2 = {row["Coef"]: row for row in reference["ols"]["cluster_CR2_satt"]}
    compare({term: {"b": row["beta"], "se": row["SE"]} for term, row in cr2.items()}, "CR2")
    found = fit_frame(
        Specification(name, outcome, terms[0], tuple(terms[1:]), covariance="CR2"), frame
    ).frame.set_index("term")
    for term in terms:
        assert found.loc[term, "df"] == pytest.approx(cr2[term]["df_Satt"], rel=1e-6)
        assert found.loc[term, "p_value"] == pytest.approx(cr2[term]["p_Satt"], rel=1e-5)
    compare(reference["fe_oneway"]["classical"], "classical", within=True)
    compare(reference["fe_oneway"]["cluster_group_sss"], "cluster", within=True)
    compare(reference["fe_twoway"]["classical"], "classical", within=True, effects=("wave",))
    compare(reference["re_swar"]["classical"], "classical", estimator="random_effects")
    compare(reference["between"], "classical", estimator="between")
    compare(reference["first_difference"], "classical", estimator="first_differences")
    design = build_design(Specification(name, outcome, terms[0], tuple(terms[1:])), frame)
    assert random_effects(design).measures["between"] == pytest.approx(
        reference["re_swar"]["sigma2"]["id"], rel=1e-6
    )
    for method in ("REML", "ML"):
        solved = mixed_model(design, slopes=False, reml=method == "REML")
        expected = reference[f"mixed_{method}"]
        for place, term in enumerate([terms[0], "(Intercept)", *terms[1:]]):
            error = np.sqrt(solved.classical[place, place])
            assert solved.params[place] == pytest.approx(expected["fixef"][term], rel=1e-6, abs=5e-6 * error)
            assert error == pytest.approx(expected["se"][term], rel=2e-6)
        assert solved.measures["log_likelihood"] == pytest.approx(expected["logLik"], rel=1e-9)
        assert solved.measures["between"] == pytest.approx(expected["var_group"], rel=1e-5)
