import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.measure import invariance_ladder
from analysis.measure.invariance import invariance, invariance_of_model
from analysis.measure.invariance_cutoffs import Change, chen, cheung_rensvold
from analysis.measure.invariance_ladder import LEVELS

HS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
ITEMS = ["a", "b", "c", "d"]
LEVEL_NAMES = list(LEVELS)


def two_groups(
    *, n: int = 800, loading: float = 0.0, intercept: float = 0.0, residual: float = 0.0, seed: int = 1
) -> tuple[pd.DataFrame, pd.Series]:
    """Make four items in two functions, sales with another mean; item d differs there by what is asked for."""
    rng = np.random.default_rng(seed)
    sales = np.arange(n) % 2 == 1
    trait = rng.normal(size=n) + 0.5 * sales
    values = trait[:, None] * np.full(4, 0.8) + 0.6 * rng.normal(size=(n, 4))
    extra = np.sqrt(max(residual, 0.0)) * rng.normal(size=n)
    values[:, 3] += sales * (loading * trait + intercept + extra)
    return pd.DataFrame(values, columns=ITEMS), pd.Series(
        np.where(sales, "sales", "marketing"), name="function"
    )


def verdicts_of(frame: pd.DataFrame, group: pd.Series, **options: object) -> pd.DataFrame:
    found = invariance(frame, {"trust": ITEMS}, comparisons={"function": group}, **options)
    return found.verdicts.set_index("level")


def test_holzinger_swineford_equals_lavaan(real_data):
    folder = real_data / "psychometrics"
    known = json.loads((folder / "reference.json").read_text())["HS"]
    answers = pd.read_csv(folder / "HolzingerSwineford1939.csv")
    steps = invariance_of_model(answers, HS, groups=answers["school"]).steps
    first = steps[steps["step"] == 0].set_index("level")
    columns = ["chisq", "df", "cfi", "tli", "rmsea", "srmr"]
    for level in ("configural", "metric", "scalar"):
        expected = [known["invariance"][level][name] for name in columns]
        np.testing.assert_allclose(first.loc[level, columns].astype(float), expected, rtol=1e-5)
    for level, row in zip(("metric", "scalar"), known["invariance_LRT"][1:3], strict=True):
        assert first.loc[level, "delta_chisq"] == pytest.approx(row["Chisq diff"], rel=1e-5)
        assert first.loc[level, "delta_df"] == row["Df diff"]
        assert first.loc[level, "delta_p"] == pytest.approx(row["Pr(>Chisq)"], rel=1e-4)


def test_partial_scalar_invariance_of_holzinger_swineford_is_the_known_one(real_data):
    """Intercepts of x3 and x7 differ between the schools: 129.422 on 58 degrees of freedom."""
    answers = pd.read_csv(real_data / "psychometrics" / "HolzingerSwineford1939.csv")
    found = invariance_of_model(answers, HS, groups=answers["school"])
    scalar = found.verdicts.set_index("level").loc["scalar"]
    assert (scalar["verdict"], scalar["released"]) == ("partial", "x3, x7")
    last = found.steps[found.steps["level"] == "scalar"].iloc[-1]
    assert last["chisq"] == pytest.approx(129.422, abs=1e-3)
    assert last["df"] == 58


def test_what_is_the_same_holds():
    table = verdicts_of(*two_groups())
    assert table["verdict"].tolist() == ["holds"] * 4
    assert table["note"].tolist() == [""] * 4


@pytest.mark.parametrize(
    ("planted", "level"),
    [({"loading": 0.6}, "metric"), ({"intercept": 0.7}, "scalar"), ({"residual": 1.5}, "residual")],
)
@pytest.mark.parametrize("robust", [False, True])
def test_a_planted_difference_is_found_where_it_is(planted, level, robust):
    table = verdicts_of(*two_groups(**planted), robust=robust)
    before = LEVEL_NAMES[: LEVEL_NAMES.index(level)]
    assert (table.loc[before, "verdict"] == "holds").all()
    assert (table.loc[LEVEL_NAMES[LEVEL_NAMES.index(level) :], "verdict"] == "partial").all()
    assert (table.loc[LEVEL_NAMES[LEVEL_NAMES.index(level) :], "released"] == "d").all()


def test_too_many_differences_fail_and_stop_there():
    frame, group = two_groups(n=2000)
    sales = (group == "sales").to_numpy()
    frame = frame + sales[:, None] * np.array([0.0, 0.6, -0.6, 1.2])
    found = invariance(frame, {"trust": ITEMS}, comparisons={"function": group})
    table = found.verdicts.set_index("level")
    assert table["verdict"].tolist() == ["holds", "holds", "fails", "cannot be tested"]
    assert "CFI changes by" in table.loc["scalar", "note"]
    assert table.loc["residual", "note"] == "the scalar level fails"
    releases = found.steps.query("level == 'scalar'")
    assert releases["verdict"].tolist() == ["released", "released", "fails"]
    assert releases["delta_df"].tolist() == [3, 2, 1], "two items must stay equal"


def test_another_factor_structure_fails_at_once():
    rng = np.random.default_rng(4)
    traits = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], size=1000)
    pairs = traits[:, [0, 0, 1, 1]] + 0.7 * rng.normal(size=(1000, 4))
    group = pd.Series(np.arange(1000) % 2)
    table = verdicts_of(pd.DataFrame(pairs, columns=ITEMS), group)
    assert table["verdict"].tolist() == ["fails"] + ["cannot be tested"] * 3
    assert "does not fit: CFI" in table.loc["configural", "note"]


def test_means_compare_where_scalar_invariance_holds_at_least_in_part():
    fine, group = two_groups(intercept=0.7)
    frame = fine.assign(e=fine["a"])
    found = invariance(
        frame,
        {"trust": ITEMS, "pair": ["a", "b"]},
        comparisons={"function": group, "none": group.map(lambda _: 1)},
    )
    table = found.comparable().set_index(["construct", "comparison"])
    assert table.loc[("trust", "function"), "comparable"]
    assert not table.loc[("pair", "function"), "comparable"]
    assert "three items" in table.loc[("pair", "function"), "note"]
    assert "two groups" in table.loc[("trust", "none"), "note"]


def test_small_and_odd_groups_are_left_out_and_said():
    frame, group = two_groups()
    group = group.mask(frame.index < 5, "board").mask((frame.index >= 5) & (frame.index < 100), "flat")
    frame = frame.mask(np.outer(group == "flat", [True, False, False, False]), 3.0)
    table = verdicts_of(frame, group)
    assert (table["n_groups"] == 2).all()
    assert not table["note"].str.contains("have no group").any(), "these have one"
    assert table["note"].str.contains("flat left out: all answers are equal: a").all()
    assert table["note"].str.contains("board left out: 5 respondents are too few for 12 parameters").all()


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (two_groups()[0].iloc[:0], "not two groups"),
        (two_groups()[0].iloc[:2], "left out"),
        (two_groups()[0] * 0, "all answers are equal"),
        (two_groups()[0] * np.nan, "nobody answered"),
    ],
)
def test_what_cannot_be_tested_is_said_at_every_level(frame, why):
    table = verdicts_of(frame, two_groups()[1].loc[frame.index])
    assert table["verdict"].tolist() == ["cannot be tested"] * 4
    assert table["note"].str.contains(why).all()


def test_every_absent_number_has_its_reason():
    frame, group = two_groups()
    found = invariance(frame, {"trust": ITEMS, "three": ITEMS[:3]}, comparisons={"function": group}).steps
    measured = found[found["verdict"] != "cannot be tested"]
    assert measured[["n", "chisq", "df", "cfi", "rmsea", "srmr"]].notna().all(axis=None)
    above = measured[measured["level"] != "configural"]
    judged = above["construct"].eq("trust") | above["level"].ne("metric")
    assert above[judged].filter(like="delta").notna().all(axis=None)
    assert above[["delta_chisq", "delta_p", "delta_cfi"]].notna().all(axis=None)
    assert above.loc[~judged, "note"].str.contains("CFI and the test of the difference judge").all()


def test_three_items_cannot_fail_and_are_no_yardstick_for_rmsea_and_srmr():
    frame, group = two_groups(n=240, seed=3)
    noise = np.random.default_rng(8).normal(size=(240, 3))
    frame = frame[ITEMS[:3]] + 0.5 * noise
    table = invariance(frame, {"three": ITEMS[:3]}, comparisons={"function": group}).verdicts.set_index(
        "level"
    )
    assert table.loc["configural", "verdict"] == "cannot fail"
    assert "as many parameters as facts" in table.loc["configural", "note"]
    assert table.loc["metric", ["delta_rmsea", "delta_srmr"]].isna().all()
    assert table.loc["scalar", ["delta_rmsea", "delta_srmr"]].notna().all()


def test_a_solution_that_no_population_can_have_tests_nothing():
    frame, group = two_groups(n=2000)
    rng = np.random.default_rng(9)
    trait = rng.normal(size=2000)
    frame["a"] = trait + 0.9 * frame["a"] + 0.9 * frame["b"]
    frame["d"] = frame["a"] - frame["b"] + 0.1 * rng.normal(size=2000)
    table = verdicts_of(frame, group)
    assert table["verdict"].tolist() == ["cannot be tested"] * 4
    assert table["note"].str.contains("Heywood case").all()


def test_the_order_of_rows_does_not_matter():
    frame, group = two_groups(intercept=0.7, n=300)
    order = np.random.default_rng(5).permutation(len(frame))
    straight, mixed = verdicts_of(frame, group), verdicts_of(frame.iloc[order], group.iloc[order])
    pd.testing.assert_frame_equal(straight, mixed, rtol=1e-5, atol=1e-7)


def test_missing_answers_and_companies_work_throughout():
    frame, group = two_groups(intercept=0.7)
    frame = frame.mask(np.random.default_rng(6).random(frame.shape) < 0.1)
    company = pd.Series(frame.index // 8)
    table = verdicts_of(frame, group, clusters=company, missing="fiml")
    assert table["verdict"].tolist() == ["holds", "holds", "partial", "partial"]
    assert table.loc["scalar", "released"] == "d"
    assert (table["n"] == frame.notna().any(axis=1).sum()).all()


@settings(deadline=None, max_examples=25)
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(0, 40), st.integers(1, 4)),
        elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]),
    ),
    st.sampled_from(["listwise", "fiml"]),
    st.booleans(),
)
def test_any_answers_end_in_a_verdict_with_its_reason(values, missing, robust):
    frame = pd.DataFrame(values, columns=ITEMS[: values.shape[1]])
    group = pd.Series(np.arange(len(frame)) % 2, index=frame.index)
    found = invariance(
        frame, {"trust": list(frame)}, comparisons={"function": group}, missing=missing, robust=robust
    )
    table = found.verdicts
    assert table["level"].tolist() == LEVEL_NAMES
    assert table["verdict"].isin(["holds", "partial", "fails", "cannot fail", "cannot be tested"]).all()
    assert (table["note"] != "").where(table["verdict"].isin(["fails", "cannot be tested"]), True).all()


def test_three_groups_in_the_order_of_their_categories():
    frame, _ = two_groups(n=900)
    size = pd.Series(pd.Categorical.from_codes(frame.index % 3, ["small", "middle", "large"]), name="size")
    table = verdicts_of(frame, size)
    assert (table["n_groups"] == 3).all()
    assert table.loc["metric", "delta_df"] == 6


def test_cut_offs_are_those_of_the_papers():
    fine, worse = Change(-0.009, 0.02, 0.02), Change(-0.011, 0.016, 0.0)
    assert cheung_rensvold(fine)
    assert not cheung_rensvold(worse)
    assert chen(fine, "scalar", n=1000)
    assert not chen(fine, "scalar", n=300)
    assert not chen(worse, "metric", n=1000)
    assert chen(Change(-0.02, 0.0, 0.0), "metric", n=1000), "a fall of CFI alone does not fail"
    assert not chen(Change(-0.02, 0.0, 0.011), "scalar", n=1000)
    assert chen(Change(-0.02, 0.0, 0.011), "metric", n=1000)
    alone = Change(-0.011, np.nan, np.nan)
    assert chen(alone, "metric", n=1000, p_value=0.2), "the test stands in where RMSEA and SRMR cannot judge"
    assert not chen(alone, "metric", n=1000, p_value=0.01)
    assert chen(Change(-0.004, np.nan, np.nan), "metric", n=200, p_value=0.01)


def test_a_level_whose_cfi_is_not_known_is_not_judged(monkeypatch):
    real = invariance_ladder.fit_measures
    monkeypatch.setattr(
        invariance_ladder,
        "fit_measures",
        lambda fit: real(fit).assign(cfi=np.nan, cfi_robust=np.nan, note="no robust test"),
    )
    rng = np.random.default_rng(5)
    answers = pd.DataFrame(rng.normal(size=(400, 1)) + rng.normal(size=(400, 4)), columns=list("abcd"))
    groups = pd.Series(np.repeat(["sales", "marketing"], 200))
    verdicts = invariance(answers, {"trust": list("abcd")}, comparisons={"function": groups}).verdicts
    assert set(verdicts["verdict"]) == {"cannot be tested"}
    assert set(verdicts["note"]) == {"no robust test"}
