"""Regressions under a design against R svyglm and svyolr, and what must hold for any of them."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.infer.columns import RESULT
from analysis.infer.design_regression import DesignRegression, design_regression
from analysis.infer.jackknife import jackknife
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign, survey_design
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "replicates_data.csv")
FACTORS = pd.read_csv(REFERENCE / "replicates_factors.csv").set_index("company")
EXPECTED = pd.read_csv(REFERENCE / "replicates.csv")
REAL_DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
OUTCOMES = {"gaussian": "y", "logistic": "won", "poisson": "deals", "ordinal": "stage"}
WHOLE = survey_design(DATA.drop(columns="population"))


def fay() -> Replicates:
    factors = FACTORS.filter(regex=r"^Fay\d").loc[pd.unique(DATA["company"])].to_numpy()
    count = factors.shape[1]
    return Replicates(WHOLE.weights, WHOLE.clusters, factors, 1 / (count * 0.49), np.ones(count), "Fay")


DESIGNS: dict[str, SurveyDesign | Replicates] = {
    "Taylor": WHOLE,
    "Taylor_finite": survey_design(DATA),
    "Taylor_plain": survey_design(DATA.drop(columns=["stratum", "population"])),
    "JK1": jackknife(survey_design(DATA.drop(columns=["stratum", "population"]))),
    "JKn": jackknife(WHOLE),
    "Fay": fay(),
}


def fitted(kind: str, design: SurveyDesign | Replicates, frame: pd.DataFrame = DATA) -> DesignRegression:
    return design_regression(frame, OUTCOMES[kind], terms=["x", "segment"], design=design, kind=kind)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("kind", OUTCOMES)
def test_regressions_agree_with_r(kind: str, name: str) -> None:
    table = fitted(kind, DESIGNS[name]).to_frame()
    in_r = {"Intercept": "(Intercept)", "segment[south]": "segmentsouth", "segment[west]": "segmentwest"}
    rows = EXPECTED[(EXPECTED["design"] == name) & (EXPECTED["what"] == kind)].set_index("term")
    expected = rows.loc[table["term"].replace(in_r)]
    for column, digits in (("estimate", 1e-7), ("std_error", 2e-7), ("df", 0)):
        np.testing.assert_allclose(table[column], expected[column], rtol=digits, err_msg=column)


def test_the_table_has_the_columns_of_the_contract_and_accounts_for_every_row() -> None:
    found = fitted("gaussian", WHOLE)
    assert list(found.frame.columns) == ["term", *RESULT]
    assert found.dropped == {"y is missing": 6, "x is missing": 3}
    assert found.n + sum(found.dropped.values()) == len(DATA)
    assert found.frame["std_error"].tolist() == pytest.approx(np.sqrt(np.diag(found.covariance)).tolist())
    assert "segment[west]" in found.summary()


def real(name: str) -> pd.DataFrame:
    path = REAL_DATA / "survey_design" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"no {path.name}: set ALIGNMARK_REAL_DATA to the folder of real data")
    names = {"stype": "stratum", "pw": "weight", "dnum": "company", "fpc": "population"}
    frame = pd.read_csv(path).rename(columns=names)
    return frame.assign(yes=(frame["sch.wide"] == "Yes").astype(float))


MODELS = {
    "apistrat": ("apistrat", "gaussian", "api00", ["ell", "meals", "mobility"]),
    "apiclus1": ("apiclus1", "gaussian", "api00", ["ell", "meals", "mobility"]),
    "growth_on_api99_apistrat": ("apistrat", "gaussian", "growth", ["api99", "meals"]),
    "logit_apistrat": ("apistrat", "logistic", "yes", ["ell", "meals", "mobility"]),
    "logit_apiclus1": ("apiclus1", "logistic", "yes", ["ell", "meals", "mobility"]),
}


@pytest.mark.parametrize("key", MODELS)
def test_real_schools_agree_with_r(key: str) -> None:
    name, kind, outcome, terms = MODELS[key]
    frame = real(name)
    if name == "apiclus1":
        frame = frame.drop(columns="stratum")
    design = survey_design(frame, cluster="company" if name == "apiclus1" else None)
    found = design_regression(frame, outcome, terms=terms, design=design, kind=kind)
    table = found.frame.set_index("term").rename(index={"Intercept": "(Intercept)"})
    reference = json.loads((REAL_DATA / "survey_design" / "reference.json").read_text())["svyglm"][key]
    for column, numbers in (("estimate", "coef"), ("std_error", "se"), ("p_value", "p")):
        assert table[column].to_dict() == pytest.approx(reference[numbers], rel=1e-7)
    assert set(table["df"]) == {reference["df_resid"]}


def invented(rng: np.random.Generator, companies: int = 40, members: int = 5) -> pd.DataFrame:
    company = np.repeat(np.arange(companies), members)
    frame = pd.DataFrame({"company": company, "x": rng.normal(size=len(company))})
    frame["g"] = rng.choice(["a", "b", "c"], len(company))
    return frame.assign(weight=rng.uniform(0.5, 3, len(company)))


def test_planted_coefficients_are_recovered() -> None:
    rng = np.random.default_rng(11)
    frame = invented(rng, companies=800, members=5)
    eta = 0.5 + 0.7 * frame["x"] - 0.4 * (frame["g"] == "c")
    latent = eta + rng.logistic(size=len(frame))
    outcomes = {
        "gaussian": 1e9 + 1e6 * (eta + rng.normal(size=len(frame))),
        "logistic": (latent > 0).astype(float),
        "poisson": rng.poisson(np.exp(eta)).astype(float),
        "ordinal": pd.Series(np.digitize(latent, [-1, 0, 1.5])).astype(float),
    }
    for kind, outcome in outcomes.items():
        found = design_regression(
            frame.assign(y=outcome),
            "y",
            terms=["x", "g"],
            design=survey_design(frame),
            kind=kind,
        ).frame.set_index("term")
        unit = 1e6 if kind == "gaussian" else 1.0
        for term, planted in {"x": 0.7, "g[b]": 0.0, "g[c]": -0.4}.items():
            row = found.loc[term]
            assert abs(row["estimate"] / unit - planted) < 4 * row["std_error"] / unit < 0.5


@pytest.mark.parametrize("companies", [8, 50])
def test_intervals_cover_the_slope_with_few_and_many_companies(companies: int) -> None:
    rng = np.random.default_rng(companies)
    covered = []
    for _ in range(150):
        frame = invented(rng, companies=companies)
        level = rng.normal(size=companies)[frame["company"]]
        frame["y"] = 2 * frame["x"] + level + rng.normal(size=len(frame))
        row = design_regression(frame, "y", terms=["x"], design=survey_design(frame)).frame.iloc[1]
        covered.append(row["conf_low"] < 2 < row["conf_high"])
    # Linearised errors are somewhat too small with few clusters: 93% in 500 studies with eight, 92% with fifty.
    assert 0.88 < np.mean(covered) < 0.99


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(list(OUTCOMES)))
def test_order_units_and_weights_scale_do_not_matter(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    frame = invented(rng)
    frame["y"] = frame["won"] = rng.integers(0, 2, len(frame)).astype(float)
    frame["deals"], frame["stage"] = rng.poisson(2, len(frame)), rng.integers(1, 4, len(frame))

    def table(changed: pd.DataFrame) -> pd.DataFrame:
        terms, design = ["x", "g"], survey_design(changed)
        return design_regression(changed, OUTCOMES[kind], terms=terms, design=design, kind=kind).frame

    original = table(frame)
    for other in (frame.sample(frac=1, random_state=seed), frame.assign(weight=frame["weight"] * 1000)):
        pd.testing.assert_frame_equal(original, table(other.reset_index(drop=True)), rtol=1e-5, atol=1e-8)
    in_cents = table(frame.assign(x=frame["x"] * 100)).set_index("term").loc["x"]
    row = original.set_index("term").loc["x"]
    assert in_cents["estimate"] * 100 == pytest.approx(row["estimate"], rel=1e-6, abs=1e-10)
    assert in_cents["p_value"] == pytest.approx(row["p_value"], rel=1e-4)


def test_replicates_and_linearisation_are_close_and_rows_without_weight_do_not_count() -> None:
    frame = invented(np.random.default_rng(2))
    frame["y"] = frame["x"] + np.random.default_rng(3).normal(size=len(frame))
    design = survey_design(frame)
    inside = frame["x"].to_numpy() > -1
    for part in (design, design.domain(inside)):
        linear = design_regression(frame, "y", terms=["x"], design=part).frame
        replicated = design_regression(frame, "y", terms=["x"], design=jackknife(part)).frame
        np.testing.assert_allclose(linear["estimate"], replicated["estimate"])
        np.testing.assert_allclose(linear["std_error"], replicated["std_error"], rtol=0.1)
    found = design_regression(frame, "y", terms=["x"], design=design.domain(inside))
    assert found.dropped == {"the weight is 0": int((~inside).sum())}


# What cannot be fitted, and what is said


def troubled() -> pd.DataFrame:
    frame = invented(np.random.default_rng(4), companies=20, members=3)
    rng = np.random.default_rng(5)
    first = frame["g"] == "a"
    return frame.assign(
        apart=(frame["x"] > 0.2) * 1.0,
        half=np.where(first, 1.0, rng.integers(0, 2, 60)),
        none=np.where(first, 0, rng.poisson(2, 60)),
        steps=np.digitize(frame["x"], [-0.5, 0.5]),
        twice=2 * frame["x"] + 1,
        same=3.0,
        coin=rng.integers(0, 2, 60),
        grade=rng.integers(1, 5, 60),
        region=["lone", *["rest"] * 59],
        office=["one"] * 3 + ["other"] * 57,
    )


@pytest.mark.parametrize(
    ("outcome", "terms", "kind", "words"),
    [
        ("apart", ["x"], "logistic", "x separates the outcome"),
        ("half", ["x", "g"], "logistic", "g[b], g[c] separate the outcome"),
        ("none", ["x", "g"], "poisson", "g[b], g[c] separate the outcome"),
        ("steps", ["x"], "ordinal", "x separates the outcome"),
        ("same", ["x"], "gaussian", "the outcome does not vary"),
    ],
)
def test_what_has_no_maximum_is_not_fitted_and_the_term_is_named(
    outcome: str, terms: list[str], kind: str, words: str
) -> None:
    frame = troubled()
    for design in (survey_design(frame), jackknife(survey_design(frame))):
        found = design_regression(frame, outcome, terms=terms, design=design, kind=kind)
        assert found.frame.empty
        assert list(found.frame.columns) == ["term", *RESULT]
        assert words in found.note
        assert "not fitted" in found.summary()


def test_terms_that_others_determine_are_left_out_and_named() -> None:
    frame = troubled()
    design = survey_design(frame)
    found = design_regression(frame, "grade", terms=["x", "twice", "same"], design=design)
    assert found.frame["term"].tolist() == ["Intercept", "x"]
    assert "left out, as other terms determine them: twice, same" in found.note
    alone = design_regression(frame, "grade", terms=["x"], design=design)
    pd.testing.assert_frame_equal(found.frame, alone.frame)


def test_a_category_on_one_row_or_one_cluster_is_pointed_out() -> None:
    frame = troubled()
    design = survey_design(frame)
    found = design_regression(frame, "grade", terms=["region", "office"], design=design)
    assert "region: 'lone' stands on one row" in found.note
    assert "office: 'one' stands on one cluster" in found.note
    replicated = design_regression(frame, "grade", terms=["office"], design=jackknife(design))
    assert "1 of 20 replicates have no fit and are not counted" in replicated.note
    rare = frame.assign(grade=np.where(frame.index == 7, 9, frame["grade"]))
    ordinal = design_regression(rare, "grade", terms=["x"], design=design, kind="ordinal")
    assert "grade: '9' stands on one row" in ordinal.note
    assert ordinal.frame["term"].tolist() == ["x", "1|2", "2|3", "3|4", "4|9"]


def test_more_coefficients_than_clusters_leave_no_interval() -> None:
    frame = troubled()[:9]
    found = design_regression(frame, "grade", terms=["x", "weight", "coin"], design=survey_design(frame))
    assert "too few clusters for so many coefficients" in found.note
    assert found.frame[["conf_low", "conf_high", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("outcome", "terms", "kind", "words"),
    [
        ("grade", ["x"], "logistic", "grade: .* not suit a logistic regression.* Allowed: 0 to 1"),
        ("x", ["grade"], "poisson", "x: .* not suit a poisson regression.* Allowed: 0 or more"),
        ("g", ["x"], "gaussian", "g: does not hold numbers"),
        ("g", ["x"], "ordinal", "g: holds words without an order"),
        ("coin", ["x"], "ordinal", "coin: has 2 categories"),
        ("grade", ["grade"], "gaussian", "grade: stands on both sides"),
        ("grade", ["xx"], "gaussian", "xx: is not a column of the table.*did you mean 'x'"),
        ("grade", ["x"], "probit", "kind: is no kind of regression"),
    ],
)
def test_input_that_does_not_suit_is_refused(outcome: str, terms: list[str], kind: str, words: str) -> None:
    frame = troubled()
    with pytest.raises(InputError, match=words):
        design_regression(frame, outcome, terms=terms, design=survey_design(frame), kind=kind)


def test_a_table_of_other_rows_than_the_design_is_refused() -> None:
    frame = troubled()
    with pytest.raises(InputError, match="the table has 5 rows, its design 60"):
        design_regression(frame[:5], "grade", terms=["x"], design=survey_design(frame))


def test_ordered_categories_and_products_of_terms() -> None:
    frame = troubled()
    words = pd.Categorical.from_codes(frame["grade"] - 1, ["low", "some", "much", "all"], ordered=True)
    design = survey_design(frame)
    numbers = design_regression(frame, "grade", terms=["x", "g", "x:g"], design=design, kind="ordinal").frame
    named = design_regression(
        frame.assign(grade=words), "grade", terms=["x", "g", "x:g"], design=design, kind="ordinal"
    ).frame
    assert named["term"].tolist() == [
        "x", "g[b]", "g[c]", "x:g[b]", "x:g[c]", "low|some", "some|much", "much|all",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(named.drop(columns="term"), numbers.drop(columns="term"))
