"""Estimators: truth recovered, columns made of a panel, and plain words where a model cannot be had."""

import numpy as np
import pandas as pd
import pytest

from analysis.explain.formula import read_formula
from analysis.explain.panel_terms import prepare
from analysis.explain.regression import fit, fit_frame
from analysis.explain.specification import Specification
from analysis.measure.panel import Panel
from survey.instrument import read_instrument


def panel(seed: int, *, companies: int = 150, waves: int = 4) -> pd.DataFrame:
    """Slope 0.2 within companies, 0.5 between them; levels and slopes differ by company."""
    rng = np.random.default_rng(seed)
    company, wave = np.repeat(np.arange(companies), waves), np.tile(2022 + np.arange(waves), companies)
    n = len(company)
    mean = rng.normal(50, 8, companies)[company]
    own = rng.normal(0, 5, n)
    own -= (np.bincount(company, own) / waves)[company]
    slopes = rng.normal(0.2, 0.1, companies)[company]
    growth = slopes * own + 0.5 * mean + rng.normal(0, 2, companies)[company] + rng.normal(0, 3, n)
    frame = pd.DataFrame({"company": company, "wave": wave, "alignment": mean + own, "growth": growth})
    return frame.assign(industry=rng.choice(list("abc"), companies)[company], size=rng.normal(size=n))


def slopes(**changes: object) -> tuple[pd.Series, pd.Series]:
    fitted = fit_frame(Specification("m", "growth", covariance="cluster", **changes), panel(1))  # type: ignore[arg-type]
    means = fitted.frame[fitted.frame["term"] == "alignment, company mean"]
    return fitted.slope(), means.iloc[0] if len(means) else fitted.slope()


@pytest.mark.parametrize(
    ("changes", "truth"),
    [
        ({"within": True}, 0.2),
        ({"estimator": "first_differences"}, 0.2),
        ({"estimator": "within_between"}, 0.2),
        ({"estimator": "between"}, 0.5),
    ],
)
def test_what_is_within_and_what_between_companies_is_told_apart(
    changes: dict[str, object], truth: float
) -> None:
    found, means = slopes(**changes)
    assert found["conf_low"] < truth < found["conf_high"]
    assert found["std_error"] < 0.06
    if changes.get("estimator") == "within_between":
        assert means["conf_low"] < 0.5 < means["conf_high"]


def test_mixed_models_find_how_slopes_differ() -> None:
    frame = panel(2, companies=300, waves=6)
    frame["alignment"] -= frame.groupby("company")["alignment"].transform("mean")
    added = np.random.default_rng(1).normal(0, 0.3, 300)
    frame["growth"] += added[frame["company"]] * frame["alignment"]
    fitted = fit_frame(Specification("m", "growth", estimator="mixed", covariance="classical"), frame)
    assert fitted.slope()["estimate"] == pytest.approx(0.2 + added.mean(), abs=0.04)
    assert np.sqrt(fitted.measures["slopes"]) == pytest.approx(np.hypot(0.1, added.std()), abs=0.04)
    assert not fitted.note


def test_gross_errors_move_least_squares_and_not_the_robust() -> None:
    frame = panel(3).assign(growth=lambda f: 0.5 * f["alignment"] + f["size"])
    frame["growth"] += np.random.default_rng(0).normal(0, 2, len(frame))
    frame.loc[frame["alignment"].nlargest(20).index, "growth"] -= 100
    found = {
        kind: fit_frame(Specification("m", "growth", estimator=kind, covariance="classical"), frame).slope()[
            "estimate"
        ]  # type: ignore[arg-type]
        for kind in ("ols", "quantile", "robust")
    }
    assert found["ols"] < 0.3
    assert found["quantile"] == pytest.approx(0.5, abs=0.05)
    assert found["robust"] == pytest.approx(0.5, abs=0.05)


def test_the_best_share_of_each_wave_is_marked() -> None:
    frame = panel(4)
    ready = prepare(Specification("m", "growth", estimator="logistic", top=0.2), frame)
    best = ready.frame[ready.specification.outcome]
    assert best.groupby(frame["wave"]).sum().tolist() == [30.0] * 4
    assert frame["growth"][best == 1].min() > frame["growth"][best == 0].median()


def test_the_best_of_an_outcome_of_which_less_is_better_are_the_lowest() -> None:
    frame = panel(4)
    model = Specification("m", "growth", estimator="logistic", top=0.2)
    best = prepare(model, frame, less_is_better=True).frame["growth, top 20%"]
    turned = prepare(model, frame.assign(growth=-frame["growth"])).frame["growth, top 20%"]
    assert best.tolist() == turned.tolist()
    questionnaire = read_instrument("alignment")
    told = fit(model, Panel(frame, questionnaire, {}, better={"growth": "lower"})).slope()["estimate"]
    assert told < 0 < fit(model, Panel(frame, questionnaire, {})).slope()["estimate"]


def test_chances_are_told_in_percentage_points_and_agree_with_the_linear_model() -> None:
    frame = panel(5)
    logit = fit_frame(
        Specification("m", "growth", estimator="logistic", top=0.2, covariance="cluster"), frame
    )
    linear = fit_frame(Specification("m", "growth", top=0.2, covariance="cluster"), frame)
    assert logit.chance
    assert logit.slope(per=10)["estimate"] == pytest.approx(linear.slope(per=10)["estimate"], rel=0.2)
    assert 5 < linear.slope(per=10)["estimate"] < 50
    assert "the chance (in %) to be among the best 20% on growth" in logit.summary()


def test_values_of_the_wave_before_are_those_of_the_company() -> None:
    frame = panel(6).sample(frac=1, random_state=1)
    frame = frame.drop(frame.index[(frame["company"] == 3) & (frame["wave"] == 2023)])
    ready = prepare(Specification("m", "growth", lagged_outcome=True, lag=1), frame).frame
    table = frame.set_index(["company", "wave"])
    row = ready[(ready["company"] == 7) & (ready["wave"] == 2024)].iloc[0]
    assert row["growth, wave before"] == table.loc[(7, 2023), "growth"]
    assert row["alignment"] == table.loc[(7, 2023), "alignment"]
    assert ready[(ready["company"] == 3) & (ready["wave"] == 2024)]["alignment"].isna().all()
    assert ready[ready["wave"] == 2022]["alignment"].isna().all()
    assert frame["alignment"].notna().all()


def test_products_are_terms() -> None:
    frame = panel(7)
    fitted = fit_frame(Specification("m", "growth", controls=("size", "alignment:size")), frame)
    made = fit_frame(
        Specification("m", "growth", controls=("size", "both")),
        frame.assign(both=frame["alignment"] * frame["size"]),
    )
    np.testing.assert_allclose(fitted.frame["estimate"], made.frame["estimate"])
    assert (
        Specification("m", "growth", controls=("alignment:size",)).formula
        == "growth ~ alignment + alignment:size"
    )


RARE = np.random.default_rng(3).normal(50, 10, 60)


def test_separation_is_said_and_firth_stands_in() -> None:
    """With one term that is yes or no Firth's estimate is that of half a row more in each cell."""
    yes = np.repeat([0.0, 1.0], [12, 10])
    outcome = np.concatenate([np.repeat([0.0, 1.0], [9, 3]), np.ones(10)])
    frame = pd.DataFrame({"company": range(22), "alignment": yes, "best": outcome})
    fitted = fit_frame(Specification("m", "best", estimator="logistic", covariance="classical"), frame)
    assert "separation" in fitted.note
    assert fitted.frame["estimate"].iloc[0] == pytest.approx(np.log(10.5 / 0.5) - np.log(3.5 / 9.5), rel=1e-6)
    assert np.isfinite(fitted.frame[["std_error", "p_value", "conf_low", "conf_high"]].to_numpy(float)).all()


def test_errors_of_vanishing_residuals_give_way_to_those_of_the_likelihood() -> None:
    """Residuals that separation takes away made the error a fifth of what the likelihood gives."""
    x = np.linspace(20, 80, 60)
    frame = pd.DataFrame({"company": np.arange(60) % 20, "alignment": x, "best": (x > 50) * 1.0})
    clustered, classical = (
        fit_frame(Specification("m", "best", estimator="logistic", covariance=kind), frame)
        for kind in ("cluster", "classical")
    )
    assert "with separation residuals vanish" in clustered.note
    assert clustered.by_errors["errors"].unique().tolist() == ["classical"]
    pd.testing.assert_frame_equal(clustered.frame, classical.frame)


def test_a_handful_of_yes_is_said_and_bears_no_robust_errors() -> None:
    frame = pd.DataFrame(
        {"company": range(60), "alignment": RARE, "best": np.isin(np.arange(60), [3, 40]) * 1.0}
    )
    fitted = fit_frame(Specification("m", "best", estimator="logistic", covariance="HC1"), frame)
    assert "the rarer outcome is that of 2 rows only, for 2 terms: take the slope as rough" in fitted.note
    assert "2 rows of the rarer outcome are too few for errors made of residuals" in fitted.note
    assert fitted.by_errors["errors"].unique().tolist() == ["classical"]


def test_half_of_the_rows_on_one_line_leave_no_robust_scale() -> None:
    frame = panel(8).assign(growth=lambda f: 2 * f["alignment"])
    frame.loc[frame.index % 3 == 0, "growth"] += frame["size"]
    fitted = fit_frame(Specification("m", "growth", estimator="robust", covariance="classical"), frame)
    assert "no robust scale: least squares instead" in fitted.note
    assert np.isfinite(fitted.slope()["std_error"])


@pytest.mark.parametrize("estimator", ["random_effects", "mixed", "within_between"])
def test_companies_seen_once_have_no_effects_of_their_own(estimator: str) -> None:
    once = panel(12).drop_duplicates("company")
    found = fit_frame(Specification("m", "growth", estimator=estimator), once)  # type: ignore[arg-type]
    if estimator == "within_between":
        assert found.note.startswith("alignment does not vary")
        return
    assert "least squares instead" in found.note
    plain = fit_frame(Specification("m", "growth"), once)
    np.testing.assert_allclose(found.slope(), plain.slope())


def test_a_quantile_that_all_rows_lie_on_has_no_error() -> None:
    frame = panel(13).assign(growth=lambda f: 2 * f["alignment"])
    fitted = fit_frame(Specification("m", "growth", estimator="quantile", covariance="cluster"), frame)
    assert "the fit is exact" in fitted.note
    assert fitted.slope()[["conf_low", "conf_high"]].tolist() == pytest.approx([2.0, 2.0])


@pytest.mark.parametrize(
    ("changes", "data", "words"),
    [
        ({"estimator": "logistic"}, {}, "growth is not yes or no (1 or 0), which logistic needs; `top` makes it so"),
        ({"estimator": "mixed", "within": True}, {}, "company effects are taken out of ols only, not of mixed"),
        ({"estimator": "mixed", "weights": "weight"}, {"weight": 1.0}, "mixed takes no weights"),
        ({"corrected": True, "estimator": "robust"}, {"alignment_se": 1.0}, "for ols, not for"),
        ({"estimator": "robust", "top": 0.2}, {}, "a top share is yes or no, which robust does not take"),
        ({"weights": "weight"}, {"weight": "much"}, "weight does not hold numbers"),
        ({"weights": "weight"}, {"weight": -1.0}, "too few rows: 0"),
        ({"controls": ("alignment:none",)}, {}, "none is not in the panel"),
        ({"controls": ("alignment:industry",)}, {}, "industry does not hold numbers, so that the product"),
        ({"lag": 1}, {"wave": 2025}, "a company has several rows in one wave"),
        ({"estimator": "between"}, {"growth": 1.0}, "growth does not vary"),
        ({"estimator": "first_differences"}, {"wave": np.nan}, "several rows in one wave"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_says_why(
    changes: dict[str, object], data: dict[str, object], words: str
) -> None:
    fitted = fit_frame(Specification("m", "growth", **changes), panel(9).assign(**data))  # type: ignore[arg-type]
    assert words in fitted.note
    assert fitted.frame.empty
    assert fitted.by_errors.empty


def test_rows_without_weight_are_counted() -> None:
    frame = panel(10).assign(weight=1.0)
    frame.loc[:3, "weight"] = 0.0
    frame.loc[4:6, "weight"] = np.nan
    fitted = fit_frame(Specification("m", "growth", weights="weight"), frame)
    assert fitted.dropped == {"weight is missing": 3, "weight is not above zero": 4}


def test_means_of_companies_are_those_of_the_rows_used() -> None:
    frame = panel(11)
    frame.loc[frame["wave"] == 2022, "size"] = np.nan
    fitted = fit_frame(Specification("m", "growth", controls=("size",), estimator="between"), frame)
    means = (
        frame[frame["wave"] > 2022].groupby("company")[["growth", "alignment", "size"]].mean().reset_index()
    )
    plain = fit_frame(Specification("m", "growth", controls=("size",)), means)
    assert fitted.slope()["estimate"] == pytest.approx(plain.slope()["estimate"])
    assert fitted.dropped == {"size is missing": 150}
    assert fitted.companies == fitted.n == 150


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("growth", "has an outcome, one ~ and terms"),
        ("growth ~ np.log(size)", r"'np.log\(size\)' is no column; allowed: columns"),
        ("growth ~ alignment - 1", "a model keeps its intercept"),
        ("growth ~ alignment:C(industry)", "is in a product, and categories cannot be"),
        ("growth ~ C(industry)", "needs a term that is a number"),
        ("growth + size ~ alignment", "has one outcome before its ~"),
        ("growth ~ alignment + (size", "cannot be read"),
        ("growth ~ __import__('os').getcwd()", "is no column"),
    ],
)
def test_formulas_that_cannot_serve_are_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_formula(text)


def test_formulas_name_columns_with_spaces() -> None:
    found = read_formula("growth ~ alignment + Q('log size') + C(Q('home country'))")
    assert found.controls == ("alignment", "log size")
    assert found.effects == ("home country",)
