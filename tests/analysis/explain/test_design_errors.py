"""Models under the survey design of their table: against R, beside clustered errors, corrected for few informants."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explain.comparison import slope_difference
from analysis.explain.corrections import corrected_slopes
from analysis.explain.design_errors import drawn_sample
from analysis.explain.errors_in_variables import errors_in_variables
from analysis.explain.measurement_error import calibrate
from analysis.explain.panel_terms import prepare
from analysis.explain.partialled import corrected_specification, partialled
from analysis.explain.regression import Fit, fit_frame
from analysis.explain.response_surface import response_surface
from analysis.explain.simex import simex_of_draws
from analysis.explain.specification import Specification, build_design
from analysis.explain.surface_design import SurfaceSpecification
from analysis.infer.known_totals import with_known_totals
from analysis.infer.survey_design import survey_design
from survey.calibration import Calibration, poststratify

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "design_models_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "design_models.csv")
IN_R = {"Intercept": "(Intercept)", "wave[2025]": "factor(wave)2025"}
MODELS: dict[str, dict[str, Any]] = {
    "least squares": {"controls": ("size",), "effects": ("wave",)},
    "within": {"controls": ("size",), "within": True},
    "logistic": {"outcome": "better", "estimator": "logistic"},
}
TOTALS = {"media": 120.0, "retail": 90.0, "steel": 60.0}


@cache
def table(design: str) -> pd.DataFrame:
    """Return the panel with the columns that carry one of the designs of the reference."""
    plain = DATA.drop(columns=["stratum", "population"])
    strata = {"certainty": "alone", "average": "alone"}.get(design, "stratum")
    match design:
        case "weights":
            return plain
        case "finite":
            return DATA
        case "known":
            met = {int(wave): _met(rows) for wave, rows in DATA.groupby("wave")}
            weight = pd.concat(
                [pd.Series(met[wave].weights, DATA.index[DATA["wave"] == wave]) for wave in met]
            )
            return with_known_totals(DATA.assign(weight=weight), met)
    return plain.assign(stratum=DATA[strata], **({} if design == "strata" else {"lonely": design}))


def _met(rows: pd.DataFrame) -> Calibration:
    codes = rows["industry"].map(dict(zip(TOTALS, range(3), strict=True))).to_numpy()
    return poststratify(rows["weight"].to_numpy(), codes, list(TOTALS.values()))


def fitted(frame: pd.DataFrame, model: str, **changes: Any) -> Fit:
    said = {"outcome": "growth", "weights": "weight", "covariance": "design", **MODELS[model], **changes}
    return fit_frame(Specification("m", **said), frame)


@pytest.mark.parametrize(
    ("design", "model"), sorted(set(zip(EXPECTED["design"], EXPECTED["model"], strict=True)))
)
def test_models_agree_with_svyglm(design: str, model: str) -> None:
    found = fitted(table(design), model)
    rows = EXPECTED[(EXPECTED["design"] == design) & (EXPECTED["model"] == model)].set_index("term")
    right = rows.loc[found.frame["term"].replace(IN_R)]
    for column, digits in (("estimate", 1e-8), ("std_error", 1e-7), ("df", 0)):
        np.testing.assert_allclose(found.frame[column], right[column], rtol=digits, err_msg=column)
    assert found.by_errors["errors"].unique().tolist() == ["design-based"]
    assert ", 95% interval, design-based errors, " in found.summary()


@pytest.mark.parametrize("model", list(MODELS))
def test_without_strata_they_are_clustered_errors_but_for_the_number_of_terms(model: str) -> None:
    both = fitted(table("weights"), model, also=("cluster",)).by_errors.set_index(["errors", "term"])
    design, cluster = both.loc["design-based"], both.loc["clustered by company"]
    rows, terms = design["n"].iloc[0], len(design)
    smaller = np.sqrt((rows - terms) / (rows - 1))
    np.testing.assert_allclose(design["std_error"], cluster["std_error"] * smaller, rtol=1e-3)
    assert (design["df"] < cluster["df"]).all()


def test_two_slopes_are_compared_under_the_design() -> None:
    """Of disjoint strata: their difference has the sum of their variances; of one model with itself: none."""
    frame = table("strata")
    large, others = (
        frame.assign(growth=frame["growth"].where(rows))
        for rows in (frame["stratum"] == "large", frame["stratum"] != "large")
    )
    one, other = (fitted(rows, "least squares") for rows in (large, others))
    found = slope_difference(one, other, per=10)
    apart = np.hypot(one.slope(per=10)["std_error"], other.slope(per=10)["std_error"])
    assert found["std_error"] == pytest.approx(apart)
    assert found["df"] == min(one.slope()["df"], other.slope()["df"])
    assert slope_difference(one, one)["std_error"] == 0


def test_known_totals_are_those_of_the_weights_of_the_study_alone() -> None:
    frame = table("known").assign(staff=1.0)
    bare = frame.drop(columns="known_totals")
    own, plain = (fitted(rows, "least squares", weights="staff").frame for rows in (frame, bare))
    pd.testing.assert_frame_equal(own, plain)
    assert not np.allclose(
        fitted(frame, "least squares").frame["std_error"], fitted(bare, "least squares").frame["std_error"]
    )


def test_rows_that_a_model_leaves_out_keep_their_place_in_the_sample() -> None:
    kept = np.flatnonzero(DATA["growth"].notna())
    whole, cut = (
        drawn_sample(DATA, kept, weights=""),
        drawn_sample(DATA.iloc[kept], np.arange(77), weights=""),
    )
    assert (whole.df, whole.sampled.sum()) == (cut.df, cut.sampled.sum() + 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"estimator": "mixed", "weights": ""}, "a model with random effects takes no weights, so"),
        ({"estimator": "random_effects", "weights": ""}, "a model with random effects takes no weights"),
        ({"estimator": "between", "effects": ()}, "rows that are means of several waves cannot carry the survey"),
        ({"covariance": "replicates"}, "the rows of this model have no replicate weights: errors clustered by company"),
    ],
)  # fmt: skip
def test_what_cannot_carry_the_design_says_so_and_has_clustered_errors(
    changes: dict[str, Any], said: str
) -> None:
    found = fitted(table("strata"), "least squares", **changes)
    assert said in found.note
    assert found.by_errors["errors"].unique().tolist() == ["clustered by company"]


def test_few_companies_are_cautioned_and_too_few_have_no_interval() -> None:
    few = DATA[DATA["company"].isin([f"c{n:02d}" for n in range(7, 17)])]
    assert "design-based errors rest on 10 companies that count as " in fitted(few, "logistic").note
    fewer = DATA[DATA["company"].isin([f"c{n:02d}" for n in range(7, 13)])]
    found = fitted(fewer, "least squares")
    assert "too few clusters for so many terms: no intervals" in found.note
    assert found.slope()["std_error"] > 0
    assert np.isnan(found.slope()["conf_low"])


def test_surfaces_have_the_errors_of_the_model_of_their_terms() -> None:
    frame = table("known").assign(other=lambda rows: 50 + 3 * rows["size"] ** 2 - rows["alignment"] / 4)
    surface = SurfaceSpecification(
        "s", "growth", x="alignment", y="other", covariance="design", weight="weight", per=10.0, centring="none"
    )  # fmt: skip
    found = response_surface(surface, frame, rng=np.random.default_rng(1), draws=20).frame.set_index("term")
    x, y = frame["alignment"] / 10, frame["other"] / 10
    terms = dict(zip(("b1", "b2", "b3", "b4", "b5"), (x, y, x**2, x * y, y**2), strict=True))
    model = {"regressor": "b1", "controls": tuple(terms)[1:], "effects": ()}
    right = fitted(frame.assign(**terms), "least squares", **model).frame.set_index("term").drop("Intercept")
    pd.testing.assert_frame_equal(found.loc[right.index], right, rtol=1e-5, check_dtype=False)


def test_the_best_share_is_one_of_the_weight() -> None:
    frame = pd.DataFrame(
        {
            "company": list("abcde"), "wave": 1, "alignment": range(5),
            "growth": [1.0, 2, 3, 4, 4], "weight": [5.0, 1, 2, 1, 1],
        }
    )  # fmt: skip
    model = Specification("m", "growth", top=0.4, weights="weight")

    def best(**changes: Any) -> list[float]:
        made = prepare(replace(model, **changes), frame)
        return made.frame[made.specification.outcome].tolist()

    assert best() == [0, 0, 1, 1, 1], "4 of 10 in weight are above 2"
    assert best(weights="") == [0, 0, 0, 1, 1], "2 of 5 in number are above 3"
    assert best(top=0.2) == [0, 0, 0, 1, 1]
    assert prepare(model, frame, less_is_better=True).frame["growth, top 40%"].tolist() == [1, 0, 0, 0, 0]


CORRECTED = Specification("m", "growth", controls=("size",), effects=("wave",), weights="weight")


def informed() -> pd.DataFrame:
    """Return the panel with sampling errors of its scores and whole numbers as weights."""
    known = DATA[DATA["growth"].notna()]
    rng = np.random.default_rng(4)
    return known.assign(
        alignment_se=rng.uniform(2, 5, len(known)), weight=rng.integers(1, 6, len(known)), reliability=0.8
    )


def test_corrections_with_weights_are_those_of_rows_repeated() -> None:
    """But for the leverage of the other terms: rows repeated err alike, and companies each for themselves."""
    frame = informed()
    often = frame.loc[frame.index.repeat(frame["weight"])]
    plain = replace(CORRECTED, weights="")
    found, right = (
        errors_in_variables(model, rows, reliability=0.8)
        for model, rows in ((CORRECTED, frame), (plain, often))
    )
    assert found.slope["estimate"] == pytest.approx(right.slope["estimate"])
    assert found.reliability == pytest.approx(right.reliability)
    error = np.random.default_rng(5).normal(size=(len(frame), 6))
    repeated = np.repeat(error, frame["weight"], axis=0)
    found, right = (
        simex_of_draws(
            partialled(build_design(corrected_specification(model), rows)),
            model,
            error=draws,
            extrapolation="quadratic",
        )
        for model, rows, draws in ((CORRECTED, frame, error), (plain, often, repeated))
    )
    pd.testing.assert_frame_equal(found.trace, right.trace)
    assert found.slope["estimate"] == pytest.approx(right.slope["estimate"])
    by_errors = [
        errors_in_variables(model, rows).slope["estimate"]
        for model, rows in ((CORRECTED, frame), (plain, often))
    ]
    calibrated = [
        fit_frame(replace(model, corrected=True), rows).slope()["estimate"]
        for model, rows in ((CORRECTED, frame), (plain, often))
    ]
    for values in (by_errors, calibrated):
        assert values[0] == pytest.approx(values[1], rel=0.02)


def test_what_is_left_of_the_variance_is_that_of_weighted_companies() -> None:
    """Mean over samples: weights that go with the spread of true scores make the variance theirs."""
    rng, found = np.random.default_rng(6), []
    weight = np.where(np.arange(40) % 2, 1.0, 3.0)
    for _ in range(100):
        truth = rng.normal(0, np.where(weight > 1, 6.0, 2.0))
        frame = pd.DataFrame({"company": range(40), "alignment_se": np.where(weight > 1, 3.0, 1.0)})
        frame = frame.assign(weight=weight, growth=truth, size=rng.normal(size=40))
        frame["alignment"] = truth + rng.normal(0, frame["alignment_se"])
        found.append(calibrate(frame, replace(CORRECTED, effects=())).between)
    # (3 * 36 + 4) / 4
    assert np.mean(found) == pytest.approx(28, abs=3 * np.std(found) / 10)


@pytest.mark.parametrize("within", [False, True])
def test_corrected_slopes_have_the_errors_of_the_design(within: bool) -> None:
    frame = informed().drop(columns=["stratum", "population"])
    model = replace(CORRECTED, within=within, effects=())
    design, cluster = (
        corrected_slopes(replace(model, covariance=kind), frame, rng=np.random.default_rng(1))
        for kind in ("design", "cluster")
    )
    rows, terms = len(frame) - within, 2 if within else 3
    known = design["estimate"].notna()
    assert known.sum() >= 5 - within
    pd.testing.assert_series_equal(design["estimate"], cluster["estimate"])
    np.testing.assert_allclose(
        design.loc[known, "std_error"],
        cluster.loc[known, "std_error"] * np.sqrt((rows - terms) / (rows - 1)),
        rtol=1e-3 if within else 1e-6,
    )
    strata = corrected_slopes(replace(model, covariance="design"), informed(), rng=np.random.default_rng(1))
    assert (strata.loc[known, "std_error"] < design.loc[known, "std_error"]).all(), "a finite population"
    assert strata.loc[known, "df"].unique().tolist() == [design["df"].max() - 2]


@settings(deadline=None, max_examples=8)
@given(
    order=st.permutations(range(len(DATA))), model=st.sampled_from(list(MODELS)), factor=st.floats(0.01, 100)
)
def test_order_of_rows_and_unit_of_weights_are_of_no_account(
    order: list[int], model: str, factor: float
) -> None:
    frame = DATA.assign(alignment_se=3.0)
    corrected = {"corrected": model != "logistic"}
    moved = frame.iloc[order].assign(weight=lambda rows: factor * rows["weight"])
    found, plain = (
        fitted(rows, model, **corrected).frame.set_index("term").sort_index() for rows in (moved, frame)
    )
    pd.testing.assert_frame_equal(found, plain, rtol=1e-6)
    assert survey_design(moved).df == survey_design(frame).df


def population(rng: np.random.Generator, companies: int = 4000) -> pd.DataFrame:
    """Companies in two waves; the slope of large ones is another, and all have a level of their own."""
    size, level = rng.normal(size=companies), rng.normal(0, 3, companies)
    large = size > 0.5
    waves = []
    for wave in (2024, 2025):
        score = 55 + 2 * size + rng.normal(0, 8, companies)
        growth = (0.1 + 0.25 * large) * score + 2 * size + level + rng.normal(0, 5, companies)
        waves.append(
            pd.DataFrame({"company": range(companies), "wave": wave, "alignment": score, "growth": growth})
        )
    facts = pd.DataFrame({"company": range(companies), "size": size, "stratum": large, "level": level})
    return pd.concat(waves).merge(facts, on="company")


def drawn(everybody: pd.DataFrame, companies: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw as many large companies as small ones, those with a high level more often."""
    one, found = everybody.drop_duplicates("company"), []
    for _, own in one.groupby("stratum"):
        chance = np.exp(own["level"].to_numpy() / 12)
        chance *= companies / 2 / chance.sum()
        order = rng.permutation(len(own))
        taken = order[np.searchsorted(np.cumsum(chance[order]), np.arange(companies // 2) + rng.random())]
        found.append(pd.Series(1 / chance[taken], own["company"].to_numpy()[taken]))
    weight = pd.concat(found)
    return everybody[everybody["company"].isin(weight.index)].assign(
        weight=lambda rows: rows["company"].map(weight)
    )


@pytest.mark.long
def test_the_slope_of_the_population_is_covered_where_weights_are_informative() -> None:
    rng = np.random.default_rng(8)
    everybody = population(rng)
    model = Specification("m", "growth", controls=("size",), effects=("wave",), covariance="cluster")
    truth = fit_frame(model, everybody).slope()["estimate"]
    covered: dict[tuple[int, str], list[bool]] = {}
    means: dict[str, list[float]] = {"weighted": [], "not": []}
    for companies in (16, 60):
        for _ in range(300):
            frame = drawn(everybody, companies, rng)
            plain = fit_frame(model, frame)
            weighted = fit_frame(replace(model, weights="weight", covariance="design", also=("CR2",)), frame)
            slopes = weighted.by_errors[weighted.by_errors["term"] == "alignment"]
            means["not"].append(plain.slope()["estimate"])
            means["weighted"].append(slopes["estimate"].iloc[0])
            for row in slopes.itertuples():
                met = bool(row.conf_low <= truth <= row.conf_high)
                covered.setdefault((companies, str(row.errors)), []).append(met)
    assert np.mean(means["not"]) - truth > 0.03, "large companies are drawn too often"
    assert np.mean(means["weighted"]) == pytest.approx(truth, abs=0.02)
    share = {key: np.mean(met) for key, met in covered.items()}
    # Three errors of the simulation below 95%; with few companies as narrow as svyglm, and said so.
    assert share[60, "design-based"] > 0.912
    assert 0.87 < share[16, "design-based"] < share[16, "CR2 by company"]
    assert share[16, "CR2 by company"] > 0.912
    assert share[60, "CR2 by company"] > 0.912
