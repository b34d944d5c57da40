import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explain.binned import fitted_line
from analysis.explain.regression import Fit, fit, fit_frame
from analysis.explain.solution import least_squares
from analysis.explain.specification import Design, Specification
from analysis.infer.columns import RESULT
from analysis.measure.panel import Panel
from survey.instrument import read_instrument

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "regression_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "regression.csv")
CHECKED = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
POOLED = Specification("pooled", "growth", controls=("log_size",), effects=("wave", "industry"))
REAL_DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))


def varied(specification: Specification, **changes: object) -> Specification:
    fields = {name: getattr(specification, name) for name in specification.__slots__}
    return Specification(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("covariance", ["HC3", "cluster"])
def test_pooled_models_agree_with_lm_and_sandwich(covariance: str) -> None:
    fitted = fit_frame(varied(POOLED, covariance=covariance), DATA)
    rows = EXPECTED[(EXPECTED["model"] == "pooled") & (EXPECTED["covariance"] == covariance)]
    names = {"(Intercept)": "Intercept", "alignment": "alignment", "log_size": "log_size"}
    names |= {f"factor(wave){year}": f"wave[{year}]" for year in (2024, 2025)}
    names |= {f"industry{name}": f"industry[{name}]" for name in ("retail", "steel")}
    found = fitted.frame.set_index("term").loc[[names[term] for term in rows["term"]], CHECKED]
    assert len(found) == len(fitted.frame) == 7
    np.testing.assert_allclose(found.to_numpy(float), rows[CHECKED].to_numpy(float), rtol=1e-6)
    assert (fitted.n, fitted.companies) == (len(DATA), DATA["company"].nunique())


@pytest.mark.parametrize("covariance", ["HC3", "cluster"])
@pytest.mark.parametrize("model", ["one-way", "two-way"])
def test_within_models_agree_with_plm_and_dummies(model: str, covariance: str) -> None:
    effects = ("wave",) if model == "two-way" else ()
    within = varied(POOLED, effects=effects, within=True, covariance=covariance)
    rows = EXPECTED[(EXPECTED["model"] == model) & (EXPECTED["covariance"] == covariance)]
    found = fit_frame(within, DATA).frame.set_index("term").loc[rows["term"], CHECKED]
    np.testing.assert_allclose(found.to_numpy(float), rows[CHECKED].to_numpy(float), rtol=1e-6)


def test_the_fit_is_that_of_the_formula_in_statsmodels() -> None:
    direct = smf.ols(POOLED.formula, DATA).fit(cov_type="HC3", use_t=True)
    fitted = fit_frame(POOLED, DATA)
    ours = fitted.frame.set_index("term")
    interval = direct.conf_int().loc["alignment"]
    assert ours.loc["alignment", "estimate"] == pytest.approx(direct.params["alignment"], rel=1e-10)
    assert ours.loc["alignment", "std_error"] == pytest.approx(direct.bse["alignment"], rel=1e-8)
    assert ours.loc["alignment", ["conf_low", "conf_high"]].tolist() == pytest.approx(
        list(interval), rel=1e-8
    )
    assert fitted.r_squared == pytest.approx(direct.rsquared)
    codes = DATA["company"].astype("category").cat.codes
    clustered = smf.ols(POOLED.formula, DATA).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    row = fit_frame(varied(POOLED, covariance="cluster"), DATA).slope()
    assert row["std_error"] == pytest.approx(clustered.bse["alignment"], rel=1e-8)
    assert row["p_value"] == pytest.approx(clustered.pvalues["alignment"], rel=1e-6)


def test_within_is_the_formula_with_company_dummies() -> None:
    model = varied(POOLED, effects=("wave",), within=True)
    direct = smf.ols(model.formula, DATA).fit(cov_type="HC3", use_t=True)
    row = fit_frame(model, DATA).slope()
    assert row["estimate"] == pytest.approx(direct.params["alignment"], rel=1e-9)
    assert row["std_error"] == pytest.approx(direct.bse["alignment"], rel=1e-7)


def real(name: str) -> pd.DataFrame:
    path = REAL_DATA / "panel" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"no {path.name}: set ALIGNMARK_REAL_DATA to the folder of real data")
    return pd.read_csv(path)


PANELS = {
    "Grunfeld": ("firm", "inv", ["value", "capital"]),
    "Produc": ("state", "lg", ["lpc", "lk", "le", "unemp"]),
}


@pytest.mark.parametrize("name", PANELS)
def test_real_panels_agree_with_r(name: str) -> None:
    company, outcome, terms = PANELS[name]
    frame = real(name).rename(columns={company: "company", "year": "wave"})
    for new, old in {"lg": "gsp", "lpc": "pcap", "lk": "pc", "le": "emp"}.items():
        if old in frame:
            frame[new] = np.log(frame[old])
    reference = json.loads((REAL_DATA / "panel" / "reference.json").read_text())[name]
    model = Specification(name, outcome, regressor=terms[0], controls=tuple(terms[1:]))

    def agrees(fitted: Fit, expected: dict[str, dict[str, float]], factor: float = 1.0) -> None:
        found = fitted.frame.set_index("term")
        for term in terms:
            assert found.loc[term, "estimate"] == pytest.approx(expected[term]["b"], rel=1e-6)
            assert found.loc[term, "std_error"] == pytest.approx(expected[term]["se"] * factor, rel=1e-6)

    agrees(fit_frame(model, frame), reference["ols"]["HC3"])
    clustered = varied(model, covariance="cluster")
    agrees(fit_frame(clustered, frame), reference["ols"]["cluster_CR1_stata"])
    agrees(fit_frame(varied(clustered, within=True), frame), reference["fe_oneway"]["cluster_group_sss"])
    # plm does not count the wave effects in the correction.
    n, k, waves = len(frame), len(terms), frame["wave"].nunique()
    factor = np.sqrt((n - k) / (n - k - waves + 1))
    two_way = varied(clustered, within=True, effects=("wave",))
    agrees(fit_frame(two_way, frame), reference["fe_twoway"]["cluster_group_sss"], factor)


def test_real_firms_agree_with_statsmodels() -> None:
    path = REAL_DATA / "management_practices" / "firm_years.csv"
    if not path.exists():
        pytest.skip(f"no {path.name}: set ALIGNMARK_REAL_DATA to the folder of real data")
    frame = pd.read_csv(path).rename(columns={"account_id": "company", "year": "wave"})
    frame = frame.assign(alignment=(frame["management"] - 1) * 25, size=np.log(frame["emp"]))
    model = Specification(
        "m", "d5sales", controls=("size",), effects=("wave", "country"), covariance="cluster"
    )
    fitted = fit_frame(model, frame)
    used = frame[frame.groupby("country")["company"].transform("size") > 1]
    direct = smf.ols(model.formula, used).fit(
        cov_type="cluster", cov_kwds={"groups": used["company"].to_numpy()}, use_t=True
    )
    row = fitted.slope()
    assert fitted.n + sum(fitted.dropped.values()) == len(frame)
    assert row["estimate"] == pytest.approx(direct.params["alignment"], rel=1e-8)
    assert row["std_error"] == pytest.approx(direct.bse["alignment"], rel=1e-6)


def test_slope_per_ten_points() -> None:
    fitted = fit_frame(POOLED, DATA)
    one, ten = fitted.slope(), fitted.slope(per=10)
    assert list(ten.index) == list(RESULT)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert ten[name] == pytest.approx(10 * one[name])
    assert ten[["p_value", "df", "n"]].tolist() == one[["p_value", "df", "n"]].tolist()
    assert "10 points of alignment go with 0.80" in fitted.summary()


def test_names_that_are_not_identifiers_work() -> None:
    odd = {
        "growth": "growth, % a year",
        "log_size": "size (log)",
        "industry": "C",
        "alignment": "it's aligned",
    }
    model = Specification(
        "odd", odd["growth"], regressor=odd["alignment"], controls=(odd["log_size"],), effects=("wave", "C")
    )
    renamed = DATA.rename(columns=odd)
    fitted, plain = fit_frame(model, renamed), fit_frame(POOLED, DATA)
    np.testing.assert_allclose(fitted.frame["estimate"], plain.frame["estimate"])
    assert fitted.frame["term"].tolist()[:3] == ["it's aligned", "Intercept", "size (log)"]
    simple = varied(model, effects=())
    direct = smf.ols(simple.formula, renamed).fit()
    assert fit_frame(simple, renamed).slope()["estimate"] == pytest.approx(direct.params.iloc[1])


def test_rows_are_dropped_by_reason_each_once() -> None:
    frame = DATA.copy()
    frame.loc[:2, "growth"] = np.nan
    frame.loc[2:4, "alignment"] = np.nan
    frame.loc[10, "log_size"] = np.inf
    frame.loc[11, "industry"] = None
    fitted = fit_frame(POOLED, frame)
    assert fitted.dropped == {
        "growth is missing": 3,
        "alignment is missing": 2,
        "log_size is infinite": 1,
        "industry is missing": 1,
    }
    assert fitted.n == len(frame) - 7


def test_a_category_of_one_row_is_left_out_and_changes_nothing() -> None:
    lone = DATA.iloc[[0]].assign(company="z", industry="mining", growth=500.0)
    with_lone = fit_frame(POOLED, pd.concat([DATA, lone]))
    assert with_lone.dropped == {"the only row of a company or category": 1}
    pd.testing.assert_frame_equal(with_lone.frame, fit_frame(POOLED, DATA).frame)
    first = fit_frame(POOLED, pd.concat([DATA, lone.assign(industry="agriculture")]))
    assert first.slope()["estimate"] == pytest.approx(with_lone.slope()["estimate"])


def test_companies_seen_once_do_not_count_within() -> None:
    once = DATA.iloc[[0]].assign(company="z", growth=500.0)
    model = varied(POOLED, effects=("wave",), within=True)
    fitted = fit_frame(model, pd.concat([DATA, once]))
    assert fitted.dropped == {"the only row of a company or category": 1}
    assert fitted.slope()["estimate"] == pytest.approx(fit_frame(model, DATA).slope()["estimate"])


def test_collinear_terms_are_left_out_and_named() -> None:
    frame = DATA.assign(twice=2 * DATA["log_size"], flat=3.0, one="x")
    model = varied(POOLED, controls=("log_size", "twice", "flat"), effects=("wave", "industry", "one"))
    fitted = fit_frame(model, frame)
    assert fitted.note.startswith(
        "one has one category only; left out, as other terms determine them: twice, flat"
    )
    pd.testing.assert_frame_equal(fitted.frame, fit_frame(POOLED, DATA).frame)
    within = fit_frame(varied(POOLED, effects=("wave", "industry"), within=True), DATA)
    assert "industry[retail], industry[steel]" in within.note


def test_controls_in_words_are_categories() -> None:
    mixed = fit_frame(varied(POOLED, controls=("log_size", "industry"), effects=("wave",)), DATA)
    assert set(mixed.frame["term"]) == set(fit_frame(POOLED, DATA).frame["term"])
    assert mixed.slope()["std_error"] == pytest.approx(fit_frame(POOLED, DATA).slope()["std_error"])


@pytest.mark.parametrize(
    ("specification", "frame", "words"),
    [
        (Specification("m", "sales"), DATA, "sales is not in the panel"),
        (Specification("m", "growth", regressor="gap"), DATA, "gap is not in the panel"),
        (Specification("m", "growth", controls=("emp",)), DATA, "emp is not in the panel"),
        (Specification("m", "growth"), DATA.drop(columns="company"), "company is not in the panel"),
        (Specification("m", "growth"), DATA.assign(growth=np.nan), "growth has no values"),
        (Specification("m", "growth"), DATA.assign(growth=7.0), "growth does not vary"),
        (Specification("m", "growth"), DATA.assign(alignment=50.1), "alignment does not vary"),
        (Specification("m", "industry"), DATA, "industry does not hold numbers"),
        (Specification("m", "growth", controls=("growth",)), DATA, "growth stands on both sides"),
        (Specification("m", "growth"), DATA.iloc[:6], "too few rows: 6 for 2 coefficients, 7 needed"),
        (Specification("m", "growth"), DATA.iloc[:0], "growth has no values"),
        (
            Specification("m", "growth", within=True),
            DATA.assign(alignment=DATA.groupby("company")["alignment"].transform("mean")),
            "alignment does not vary within companies",
        ),
        (
            Specification("m", "growth", controls=("copy",)),
            DATA.assign(copy=DATA["alignment"] + 1),
            "alignment cannot be told apart from the other terms",
        ),
        (
            Specification("m", "growth", covariance="cluster"),
            DATA.assign(company="a"),
            "errors cannot be clustered: there is one company",
        ),
        (
            Specification("m", "growth", effects=("company",)),
            DATA.assign(alignment=DATA.groupby("company")["alignment"].transform("mean")),
            "alignment cannot be told apart from the other terms",
        ),
        (
            Specification("m", "growth", effects=("company",)),
            DATA.drop_duplicates("company"),
            "too few rows: 40 for 41 coefficients",
        ),
    ],
)
def test_what_cannot_be_fitted_says_why(
    specification: Specification, frame: pd.DataFrame, words: str
) -> None:
    fitted = fit_frame(specification, frame)
    assert words in fitted.note
    assert fitted.frame.empty
    assert list(fitted.frame.columns) == ["term", *RESULT]
    assert fitted.slope().isna().all()
    assert fitted.summary().startswith("m: not fitted, ")


def test_the_panel_says_why_a_column_is_absent() -> None:
    reason = "every company has one informant a wave"
    panel = Panel(DATA, read_instrument("alignment"), {"alignment_se": reason})
    fitted = fit(varied(POOLED, corrected=True), panel)
    assert fitted.note == f"alignment_se is not in the panel: {reason}"
    assert fit(POOLED, panel).n == len(DATA)


def test_cautions_name_what_the_errors_assume() -> None:
    assert "errors of this kind treat as independent" in fit_frame(POOLED, DATA).note
    few = DATA[DATA["company"] < "c12"]
    assert "only 11 companies" in fit_frame(Specification("m", "growth", covariance="cluster"), few).note
    assert not fit_frame(Specification("m", "growth"), DATA.drop_duplicates("company")).note


def test_numeric_waves_keep_their_order_and_readable_names() -> None:
    frame = DATA.assign(wave=DATA["wave"].map({2023: 9.0, 2024: 10.0, 2025: 11.0}))
    terms = fit_frame(POOLED, frame).frame["term"].tolist()
    assert terms[3:5] == ["wave[10]", "wave[11]"]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 999), unit=st.floats(0.01, 100), within=st.booleans())
def test_fits_ignore_row_order_and_follow_the_unit(seed: int, unit: float, within: bool) -> None:
    model = varied(POOLED, covariance="cluster", within=within, effects=("wave",))
    plain = fit_frame(model, DATA).frame.set_index("term")
    shuffled = fit_frame(model, DATA.sample(frac=1, random_state=seed)).frame.set_index("term")
    np.testing.assert_allclose(shuffled.loc[plain.index, CHECKED], plain[CHECKED], rtol=1e-7)
    scaled = fit_frame(model, DATA.assign(growth=DATA["growth"] * unit)).slope()
    np.testing.assert_allclose(scaled["conf_low"], plain.loc["alignment", "conf_low"] * unit, rtol=1e-7)


def test_the_caller_keeps_the_data() -> None:
    before = DATA.copy()
    fit_frame(varied(POOLED, within=True), DATA)
    pd.testing.assert_frame_equal(before, DATA)


def test_an_outcome_that_does_not_vary_has_a_level_line_and_no_share_explained() -> None:
    frame = pd.DataFrame({"company": range(6), "x": range(6), "y": 0.1 + 0.2})
    line = fitted_line(frame, "x", "y")
    np.testing.assert_allclose(line["estimate"], 0.3)
    ones = pd.DataFrame({"Intercept": np.ones(6)})
    design = Design(
        outcome=frame["y"].to_numpy(), regressor=np.arange(6.0), others=ones, companies=np.arange(6)
    )
    assert np.isnan(least_squares(design).r_squared)
