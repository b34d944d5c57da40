import json
import os
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.explain.congruence_checklist import verdict_of
from analysis.explain.response_surface import Surface, response_surface, surface_grid
from analysis.explain.surface_design import SurfaceSpecification, surface_design
from analysis.explain.surface_features import AXES, axes_of
from survey.language import speaking

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "surface_data.csv")
VALUES = pd.read_csv(REFERENCE / "surface.csv").set_index(["what", "name"])["value"]
REAL_DATA = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
A = [f"a{n}" for n in range(1, 6)]
B = [f"b{n}" for n in range(1, 6)]
CENTRINGS = ("none", "pooled", "variablewise", "midpoint")
ERRORS = ("classical", "HC3", "cluster")


def specification(**changes: object) -> SurfaceSpecification:
    fields = {"controls": ("log_size",), "effects": ("wave",), "per": 10.0}
    return SurfaceSpecification("m", "growth", "sales", "marketing", **(fields | changes))  # type: ignore[arg-type]


def fitted(frame: pd.DataFrame = DATA, *, draws: int = 50, seed: int = 1, **changes: object) -> Surface:
    return response_surface(specification(**changes), frame, rng=np.random.default_rng(seed), draws=draws)


def planted(
    seed: int, n: int = 400, *, a4: float = -0.04, a1: float = 0.1, noise: float = 3.0
) -> pd.DataFrame:
    """Companies whose outcome rises along agreement by a1 and bends across it by a4, around 60 points."""
    rng = np.random.default_rng(seed)
    level, gap = rng.normal(60, 8, n), rng.normal(0, 14, n)
    growth = 5 + a1 * (level - 60) + a4 * (gap / 2) ** 2 + rng.normal(0, noise, n)
    return pd.DataFrame(
        {"company": np.arange(n), "sales": level - gap / 2, "marketing": level + gap / 2, "growth": growth}
    )


PLAIN: dict[str, object] = {"controls": (), "effects": (), "per": 1.0}


@pytest.mark.parametrize(("centring", "weight"), list(product(CENTRINGS, ("", "weight"))))
def test_coefficients_errors_and_axes_agree_with_lm_and_sandwich(centring: str, weight: str) -> None:
    model = f"{centring} {'weighted' if weight else 'plain'}"
    for errors in ERRORS:
        found = fitted(centring=centring, weight=weight, covariance=errors)
        table = found.frame.set_index("term")
        np.testing.assert_allclose(table.loc[B, "estimate"], VALUES[model][B], rtol=1e-7)
        r = VALUES[f"{model} {errors}"]
        np.testing.assert_allclose(table.loc[B, "std_error"], r[[f"se_{b}" for b in B]], rtol=1e-7)
        for column, name in (("estimate", ""), ("std_error", "se_"), ("p_value", "p_"), ("conf_low", "low_")):
            np.testing.assert_allclose(table.loc[A, column], r[[f"{name}{a}" for a in A]], rtol=1e-6)
        tests = found.lines.set_index("term")["estimate"]
        assert tests["F, b1 to b5"] == pytest.approx(r["F_all"], rel=1e-6)
        assert tests["F, b1 = b2 = 0, b3 = b5, b4 = -2 b3"] == pytest.approx(
            r["F_squared_difference"], rel=1e-6
        )
        if errors == "classical":
            assert tests["F, four cubic terms"] == pytest.approx(r["F_cubic"], rel=1e-5)
    axes = found.axes.set_index("term")["estimate"]
    np.testing.assert_allclose(axes[list(AXES)], VALUES[model][list(AXES)], rtol=1e-6)


def test_constrained_models_agree_with_lm_and_optimise() -> None:
    models = fitted(weight="weight").models.set_index("model")
    for name, row in models.iterrows():
        assert row["log_likelihood"] == pytest.approx(VALUES["models"][f"logLik {name}"], rel=1e-9)
        assert row["aicc"] == pytest.approx(VALUES["models"][f"AICc {name}"], rel=1e-9)
    assert models["weight"].sum() == pytest.approx(1)
    assert models["delta_aicc"].iloc[0] == 0


def test_it_agrees_with_rsa() -> None:
    folder = REAL_DATA / "congruence"
    if not folder.is_dir():
        pytest.skip(f"the real data are not at {REAL_DATA}")
    frame = pd.read_csv(folder / "motcon.csv").reset_index(names="company")
    expected = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["motcon"]
    for centring, errors in product(CENTRINGS[:3], ERRORS[:2]):
        rule = SurfaceSpecification("m", "postVA", "ePow", "iPow", covariance=errors, centring=centring)  # type: ignore[arg-type]
        found = response_surface(rule, frame, rng=np.random.default_rng(1), draws=50)
        reference = expected[f"ols_center_{centring}"]
        table = found.frame.set_index("term")
        np.testing.assert_allclose(table["estimate"][:6], list(reference["b"].values()), rtol=1e-6)
        for ours, theirs in (("estimate", "a"), ("std_error", "se"), ("statistic", "t"), ("p_value", "p")):
            values = list(reference[errors][theirs].values())
            np.testing.assert_allclose(table.loc[A, ours], values, rtol=1e-6)
        axes = found.axes.set_index("term")["estimate"]
        for name, value in reference["stationary"].items():
            assert axes[name.lower()] == pytest.approx(value, rel=1e-6)
    models = found.models.set_index("model")
    names = {
        "log_likelihood": "LL",
        "aicc": "AICc",
        "r_squared": "R2",
        "adjusted_r_squared": "R2.adj",
        "parameters": "K",
    }
    for row in expected["RSA_aictab"]:
        # RSA searches SRRR by iteration and stops at six digits.
        assert models.loc[row["Modnames"], list(names)].tolist() == pytest.approx(
            [row[name] for name in names.values()], rel=1e-6, abs=1e-6
        )


def test_a_planted_congruence_effect_is_found_line_by_line() -> None:
    found = fitted(planted(1), **PLAIN)
    assert found.verdict == "supported"
    row = found.row("a4")
    assert row["conf_low"] < -0.04 < row["conf_high"]
    lines = found.lines.set_index("term")
    assert set(lines.loc[["p10", "p11", "a4", "a3"], "met"]) == {"yes"}
    assert lines.loc["a1", "met"] == "no"
    assert verdict_of(found.lines, scope="strict") == "not supported"
    assert found.models["model"].iloc[0] in {"RR", "SRR", "SRRR", "SRSQD"}
    strict = fitted(planted(3, a1=0.0), **PLAIN)
    assert verdict_of(strict.lines, scope="strict") == "supported"
    assert verdict_of(strict.lines, scope="edwards") == "supported"
    assert "congruence effect: supported" in strict.summary()
    assert "Across agreement the outcome is best in agreement" in strict._repr_html_()


@pytest.mark.parametrize("a1", [0.0, 0.3])
def test_levels_alone_are_no_congruence_effect(a1: float) -> None:
    assert fitted(planted(4, a4=0.0, a1=a1), **PLAIN).verdict == "not supported"


def test_a_ridge_beside_agreement_is_no_congruence_effect() -> None:
    frame = planted(5)
    beside = fitted(frame.assign(marketing=frame["marketing"] + 12), **PLAIN)
    assert beside.row("a4")["conf_high"] < 0
    assert beside.lines.set_index("term").loc[["p10", "a3"], "met"].tolist() == ["no", "no"]
    assert beside.verdict == "not supported"


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), centring=st.sampled_from(CENTRINGS), errors=st.sampled_from(ERRORS))
def test_swapping_the_scores_mirrors_the_surface(seed: int, centring: str, errors: str) -> None:
    frame = planted(seed, 60)
    options: dict[str, object] = {**PLAIN, "per": 10.0, "centring": centring, "covariance": errors}
    one = fitted(frame, **options)
    other = fitted(frame.rename(columns={"sales": "marketing", "marketing": "sales"}), **options)
    sign = np.array([1.0, 1.0, -1.0, 1.0, -1.0])
    first, second = (table.frame.set_index("term") for table in (one, other))
    np.testing.assert_allclose(
        first.loc[A, "estimate"], sign * second.loc[A, "estimate"], rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(first.loc[A, "std_error"], second.loc[A, "std_error"], rtol=1e-5)
    np.testing.assert_allclose(
        first.loc[["b1", "b3"], "estimate"], second.loc[["b2", "b5"], "estimate"], rtol=1e-5
    )
    assert one.sides["n"].tolist() == other.sides["n"].iloc[[0, 2, 1]].tolist()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), per=st.sampled_from([1.0, 10.0]), order=st.randoms(use_true_random=False))
def test_centring_and_order_change_only_what_they_must(seed: int, per: float, order: object) -> None:
    frame = planted(seed, 60)
    found = {name: fitted(frame, **{**PLAIN, "per": per, "centring": name}) for name in CENTRINGS}
    pooled, points = found["pooled"], frame[["sales", "marketing"]].to_numpy()
    for other in found.values():
        same = ["a2", "a4", "a5", "b3", "b4", "b5"]
        for column in ("estimate", "std_error"):
            np.testing.assert_allclose(
                [other.row(term)[column] for term in same],
                [pooled.row(term)[column] for term in same], rtol=1e-5, atol=1e-8,
            )  # fmt: skip
        np.testing.assert_allclose(other.predict(points), pooled.predict(points), rtol=1e-6, atol=1e-6)
        assert other.r_squared == pytest.approx(pooled.r_squared)
        at = other.axes.set_index("term")["estimate"][["x0", "y0"]] * per + np.array(other.origin)
        base = pooled.axes.set_index("term")["estimate"][["x0", "y0"]] * per + np.array(pooled.origin)
        np.testing.assert_allclose(at, base, rtol=1e-3, atol=1e-3)
    rows = list(range(len(frame)))
    order.shuffle(rows)  # type: ignore[attr-defined]
    shuffled = fitted(frame.iloc[rows].reset_index(drop=True), **{**PLAIN, "per": per})
    np.testing.assert_allclose(shuffled.frame["estimate"], pooled.frame["estimate"], rtol=1e-5, atol=1e-8)
    assert shuffled.models["model"].tolist() == pooled.models["model"].tolist()


def test_the_data_of_the_caller_stay_as_they_are_and_the_seed_decides() -> None:
    before = DATA.copy()
    one, two, other = fitted(seed=3), fitted(seed=3), fitted(seed=4)
    pd.testing.assert_frame_equal(DATA, before)
    pd.testing.assert_frame_equal(one.axes, two.axes)
    assert not one.axes["conf_low"].equals(other.axes["conf_low"])
    assert one.to_frame() is not one.frame


@pytest.mark.long
def test_intervals_hold_the_truth() -> None:
    """a4 clustered over repeated companies, and the slope of the ridge, in 80 studies of 120 companies."""
    inside = {"a4": 0, "a1": 0, "p11": 0, "p10": 0}
    for seed in range(80):
        frame = planted(seed, 120, a4=-0.06)
        found = fitted(frame, draws=300, seed=seed, centring="midpoint", midpoint=60.0, **PLAIN)
        rows = pd.concat([found.frame, found.axes]).set_index("term")
        for term, truth in {"a4": -0.06, "a1": 0.1, "p11": 1.0, "p10": 0.0}.items():
            inside[term] += rows.loc[term, "conf_low"] <= truth <= rows.loc[term, "conf_high"]
    assert {term: count / 80 >= 0.88 for term, count in inside.items()} == dict.fromkeys(inside, True)


def test_the_axes_of_a_dome_are_those_of_its_form() -> None:
    turned = axes_of(
        np.array([[0.0, 0.0, -1.0, 1.0, -1.0], [2.0, 2.0, -1.0, 1.0, -1.0], [0.0, 0.0, -1.0, 0.0, -2.0]])
    )
    np.testing.assert_allclose(turned[0], [0, 0, 0, 1, 0, -1])
    np.testing.assert_allclose(turned[1], [2, 2, 0, 1, 4, -1])
    assert np.isnan(turned[2, 2:]).all()
    assert np.isnan(axes_of(np.array([1.0, 1.0, -1.0, 2.0, -1.0]))[:2]).all()  # a ridge is flat along a line


class TestObstacles:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda f: f.assign(sales=50.0), "sales does not vary"),
            (lambda f: f.assign(growth=1.0), "growth does not vary"),
            (lambda f: f.assign(marketing=f["sales"]), "sales and marketing determine one another"),
            (lambda f: f.assign(marketing=100 - f["sales"]), "sales and marketing determine one another"),
            (lambda f: f.assign(sales=np.where(f["sales"] > 60, 75.0, 25.0)), "sales has two values only"),
            (lambda f: f.head(9), "too few rows: 9 for 6 coefficients, 11 needed"),
            (lambda f: f.drop(columns="marketing"), "marketing is not in the panel: nobody was asked"),
            (lambda f: f.assign(sales=np.nan), "sales has no values"),
            (lambda f: f.assign(sales="high"), "sales does not hold numbers"),
            (lambda f: f.assign(company=1), "errors cannot be clustered: there is one company"),
            (lambda f: f.iloc[:0], "has no values"),
        ],
    )
    def test_what_cannot_be_computed_is_said_in_words(self, change, said) -> None:  # type: ignore[no-untyped-def]
        frame = change(planted(1, 60))
        found = response_surface(
            specification(**PLAIN), frame, rng=np.random.default_rng(1), draws=20,
            unavailable={"marketing": "nobody was asked"},
        )  # fmt: skip
        assert said in found.note
        assert found.frame.empty
        assert found.verdict == "cannot be told"
        assert found.summary().startswith("m: no surface, ")
        assert surface_grid(found).empty

    def test_all_companies_on_one_side_are_told(self) -> None:
        frame = planted(1, 200)
        gap = (frame["marketing"] - frame["sales"]).abs() + 1
        found = fitted(frame.assign(marketing=frame["sales"] + gap), centring="midpoint", **PLAIN)
        assert "in no company is sales above marketing" in found.note

    def test_a_line_across_agreement_without_data_settles_nothing(self) -> None:
        far = fitted(planted(1), centring="midpoint", midpoint=5.0, **PLAIN)
        assert far.verdict == "cannot be told"
        assert "does not run through the data" in far.note
        assert fitted(planted(1), **PLAIN).verdict == "supported"

    def test_few_companies_and_rows_that_repeat_are_told(self) -> None:
        frame = planted(1, 15)
        assert "errors are clustered by only 15 companies" in fitted(frame, **PLAIN).note
        assert "which HC3 errors treat as independent" in fitted(covariance="HC3").note

    def test_weights_that_are_none_leave_their_rows_out(self) -> None:
        frame = DATA.assign(weight=DATA["weight"].where(DATA.index > 9, 0.0).where(DATA.index != 10, np.nan))
        found = fitted(frame, weight="weight")
        assert found.dropped == {"weight is missing or not above zero": 11}
        same = fitted(DATA.iloc[11:], weight="weight")
        assert found.row("a4")["estimate"] == pytest.approx(same.row("a4")["estimate"])

    def test_rows_that_lack_a_value_are_counted(self) -> None:
        frame = DATA.assign(sales=DATA["sales"].where(DATA.index > 4))
        assert surface_design(specification(), frame).dropped == {"sales is missing": 5}
        with speaking("de"):
            assert surface_design(specification(), frame).dropped == {"sales fehlt": 5}


def test_the_surface_says_nothing_beyond_its_data() -> None:
    found = fitted(planted(1), **PLAIN)
    grid = surface_grid(found, size=40)
    beyond = found.predict(grid[["x", "y"]].to_numpy())
    assert np.isnan(beyond[~grid["inside"].to_numpy(bool)]).all()
    assert np.isfinite(beyond[grid["inside"].to_numpy(bool)]).all()
    assert 0.2 < grid["inside"].mean() < 0.9
