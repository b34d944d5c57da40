from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.consistency import COEFFICIENTS, coefficients
from analysis.measure.item_covariance import clustered_error, interval_below_one, pairwise_covariance
from analysis.measure.reliability import (
    COLUMNS,
    INTERVALS,
    cronbach_alpha,
    feldt_interval,
    reliability,
    reliability_intervals,
)

NAN = float("nan")
BFI = {"A": "-A1 A2 A3 A4 A5", "C": "C1 C2 C3 -C4 -C5", "E": "-E1 -E2 E3 E4 E5", "N": "N1 N2 N3 N4 N5",
       "O": "O1 -O2 O3 O4 -O5"}  # fmt: skip

matrices = st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=3, max_size=12)


@pytest.fixture(scope="session")
def in_r(reference):
    table = pd.read_csv(reference / "alpha.csv", dtype={"group": str})
    return table.set_index(["dataset", "scale", "group"])


def test_alpha_by_hand():
    # Variances 1 and 4/3, covariance 1: 2 * (1 - (7/3) / (13/3)).
    answers = np.array([[1, 2], [2, 2], [3, 4.0]])
    assert cronbach_alpha(answers) == pytest.approx(2 * (1 - (7 / 3) / (13 / 3)))


def test_missing_answers_cost_pairs_not_rows():
    answers = np.array([[1, 2, NAN], [2, 2, 1], [3, 4, 4], [NAN, 3, 2], [5, NAN, 5]])
    covariance = pd.DataFrame(answers).cov().to_numpy()
    expected = 1.5 * (1 - np.trace(covariance) / covariance.sum())
    assert cronbach_alpha(answers) == pytest.approx(expected)


@pytest.mark.parametrize("group", ["all", "1", "2"])
@pytest.mark.parametrize("scale", list(BFI))
def test_alpha_and_interval_agree_with_psych(
    *, make_instrument, make_responses, real_data, in_r, scale, group
):
    bfi = pd.read_csv(real_data / "psychometrics" / "bfi.csv")
    rows = bfi if group == "all" else bfi[bfi["gender"] == int(group)]
    instrument = make_instrument({scale: BFI[scale]}, functions=False, scale={"min": 1, "max": 6})
    table = reliability(make_responses(rows.to_dict("list"), instrument))
    expected = in_r.loc[("bfi", scale, group)]
    names = ["n_items", "n", "alpha", "conf_low", "conf_high"]
    np.testing.assert_allclose(table.loc[0, names].astype(float), expected[names].astype(float), rtol=1e-9)
    assert table["note"].tolist() == [""]


@pytest.mark.parametrize("scale", ["cusl", "qual"])
def test_alpha_agrees_with_psych_where_answers_are_missing(real_data, in_r, scale):
    table = pd.read_csv(real_data / "agreement" / "corporate_reputation.csv", na_values=-99)
    answers = table.filter(regex=f"^{scale}_[0-9]+$").to_numpy(dtype=float)
    expected = in_r.loc[("reputation", scale, "all")]
    assert cronbach_alpha(answers) == pytest.approx(expected["alpha"], rel=1e-10)
    interval = feldt_interval(expected["alpha"], 344, n_items=answers.shape[1])
    assert interval == pytest.approx((expected["conf_low"], expected["conf_high"]), rel=1e-9)


def test_function_and_wave_are_kept_apart(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 a2", "b": "b1 -b2", "outside": ""})
    columns = {
        "function": ["sales"] * 3 + ["marketing"] * 3,
        "a1": [1, 2, 3, 1, 2, 3],
        "a2": [1, 2, 3, 3, 2, 1],
        "b1": [1.0, 2, 3, NAN, NAN, NAN],
        "b2": [5, 4, 3, 1, 2, 3],
    }
    table = reliability(make_responses(columns, instrument)).set_index(["construct", "function"])
    assert tuple(table.reset_index()) == COLUMNS
    assert table.loc[("a", "sales"), "alpha"] == pytest.approx(1)
    assert table.loc[("b", "sales"), "alpha"] == pytest.approx(1)
    assert (
        table.loc[("a", "marketing"), "note"]
        == "the items do not covary, or no respondent answered two of them together"
    )
    assert table.loc[("b", "marketing"), "note"] == "alpha needs two items"
    assert len(table) == 4


@pytest.mark.parametrize(
    ("a1", "a2", "n", "n_items", "note"),
    [
        ([NAN] * 3, [NAN] * 3, 0, 0, "nobody answered an item"),
        ([1, 2, 3], [NAN] * 3, 3, 1, "alpha needs two items"),
        ([1, 2, 3], [4] * 3, 3, 2, "fewer than two items vary"),
        ([1, 2, NAN], [NAN, NAN, 3], 3, 2, "fewer than two items vary"),
        ([1, 2, NAN, NAN], [NAN, NAN, 1, 2], 4, 2,
         "the items do not covary, or no respondent answered two of them together"),
    ],
)  # fmt: skip
def test_why_there_is_no_alpha(*, make_instrument, make_responses, a1, a2, n, n_items, note):
    instrument = make_instrument({"a": "a1 a2"})
    row = reliability(make_responses({"a1": a1, "a2": a2}, instrument)).iloc[0]
    assert (row["n"], row["n_items"], row["note"]) == (n, n_items, note)
    assert np.isnan([row["alpha"], row["conf_low"], row["conf_high"]]).all()


def test_a_negative_alpha_and_an_item_left_out_are_said(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 a2", "b": "b1 b2 b3"})
    columns = {"a1": [1, 2, 3, 4], "a2": [4, 3, 2, 2], "b1": [1, 2, 3, 4], "b2": [1, 2, 4, 4], "b3": [5] * 4}
    table = reliability(make_responses(columns, instrument)).set_index("construct")
    assert table.loc["a", "alpha"] < 0
    assert table.loc["a", "note"] == "negative: the items contradict each other"
    assert table.loc["b", "note"] == "left out because all its answers are equal: b3"
    assert table.loc["b", "alpha"] == pytest.approx(
        cronbach_alpha(np.array([[1, 1], [2, 2], [3, 4], [4, 4.0]]))
    )


def test_no_respondents(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 a2"})
    table = reliability(
        make_responses({"a1": pd.Series(dtype=float), "a2": pd.Series(dtype=float)}, instrument)
    )
    assert tuple(table) == COLUMNS
    assert len(table) == 0


def test_feldt_needs_two_of_both():
    assert np.isnan(feldt_interval(0.8, 1, n_items=3)).all()
    assert np.isnan(feldt_interval(0.8, 30, n_items=1)).all()
    low, high = feldt_interval(0.8, 30, n_items=3, level=0.99)
    assert low < feldt_interval(0.8, 30, n_items=3)[0] < 0.8 < feldt_interval(0.8, 30, n_items=3)[1] < high


@given(matrices, st.integers(-5, 5), st.floats(0.5, 4))
@settings(max_examples=60, deadline=None)
def test_alpha_knows_neither_origin_nor_unit_nor_order(rows, shift, factor):
    answers = np.array(rows, dtype=float)
    alpha = cronbach_alpha(answers)
    moved = cronbach_alpha(answers[::-1, ::-1] * factor + shift)
    assert moved == pytest.approx(alpha, abs=1e-8, nan_ok=True)
    assert not alpha > 1 + 1e-12


@given(matrices)
@settings(max_examples=60, deadline=None)
def test_an_item_without_variance_changes_nothing(rows):
    answers = np.array(rows, dtype=float)
    wider = np.column_stack([answers, np.full(len(answers), 3.0)])
    assert cronbach_alpha(wider) == pytest.approx(cronbach_alpha(answers), nan_ok=True)


def test_complete_answers_agree_with_semtools_and_lavaan(
    *, questionnaire, as_questionnaire, reliability_in_r
):
    for construct in ("goals", "trust", "data", "plans"):
        complete = questionnaire[questionnaire.filter(regex=rf"^{construct}\d").notna().all(axis=1)]
        responses = as_questionnaire(complete)
        table = reliability(responses).query("construct == @construct").set_index("function")
        intervals = reliability_intervals(responses).query("construct == @construct")
        intervals = intervals.set_index(["function", "coefficient"])
        assert tuple(reliability_intervals(responses)) == INTERVALS
        for function in ("sales", "marketing"):
            expected = reliability_in_r[construct, function]
            assert table.loc[function, "n"] == expected["complete_n"]
            for name in ("omega_total", "omega_hierarchical", "composite_reliability", "ave"):
                assert table.loc[function, name] == pytest.approx(expected[name], abs=5e-7)
                assert intervals.loc[(function, name), "estimate"] == table.loc[function, name]
            row = intervals.loc[(function, "omega_total")]
            assert row["std_error"] == pytest.approx(expected["omega_total_se"], rel=1e-6)
            assert row["companies"] == expected["complete_companies"]
            assert row["conf_low"] < row["estimate"] < row["conf_high"]


def test_missing_answers_and_many_companies(questionnaire, as_questionnaire):
    responses = as_questionnaire(questionnaire)
    table = reliability_intervals(responses)
    assert len(table) == 2 * 4 * len(COEFFICIENTS)
    assert table["note"].eq("").all()
    assert (table["conf_low"] < table["estimate"]).all()
    shuffled = replace(responses, frame=responses.frame.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(reliability_intervals(shuffled), table, rtol=1e-7)


def test_an_empty_value_always_has_a_reason(make_instrument, make_responses):
    instrument = make_instrument({"a": "a1 a2 a3", "b": "b1 b2", "c": "c1", "p": "p1 p2 p3", "q": "q1 q2 q3"})
    rng = np.random.default_rng(0)
    columns = {
        "company": list("xxxyyyzz"),
        **{f"a{i}": rng.integers(1, 6, 8) for i in (1, 2, 3)},
        "b1": [1, 2, 3, 4, 5, 1, 2, 3], "b2": [2, 2, 3, 4, 4, 1, 2, 2], "c1": [1, 2, 3, 4, 5, 1, 2, 3],
        "p1": [3] * 8, "p2": [NAN] * 8, "p3": [1, 2, 3, 4, 5, 1, 2, 3],
        "q1": [1, 2, 3, 4, 5, 1, 2, 3], "q2": [1, 2, 3, 4, 5, 1, 2, 3], "q3": [2, 2, 3, 4, 5, 1, 2, 3],
    }  # fmt: skip
    responses = make_responses(columns, instrument)
    table = reliability(responses).set_index("construct")
    assert (table[list(COEFFICIENTS)[3:]].isna().any(axis=1) <= (table["omega_note"] != "")).all()
    assert (table["alpha"].isna() <= (table["note"] != "")).all()
    assert table.loc["b", "omega_note"] == "a factor needs three items"
    assert table.loc["q", "omega_note"].startswith("the matrix is not positive definite")
    intervals = reliability_intervals(responses)
    assert (intervals["conf_low"].isna() == (intervals["note"] != "")).all()


def test_one_company_has_no_interval_and_says_so(make_instrument, make_responses):
    rng = np.random.default_rng(1)
    shared = rng.integers(1, 4, 30)
    columns = {f"a{i}": shared + rng.integers(0, 3, 30) for i in (1, 2, 3)}
    table = reliability_intervals(make_responses(columns, make_instrument({"a": "a1 a2 a3"})))
    assert table["note"].eq("an interval needs two companies").all()
    assert table["estimate"].notna().all()
    assert table["std_error"].isna().all()


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("within", [0.0, 0.5], ids=["independent people", "people of a company alike"])
def test_intervals_hold_the_truth_as_often_as_they_say(within):
    """Five-point answers from 60 companies of 4 people; the truth is that of 200,000 companies."""
    load, cuts = np.array([0.9, 0.8, 0.7, 0.6, 0.8]), [-1.2, -0.4, 0.4, 1.2]
    rng = np.random.default_rng(7)

    def draw(companies):
        trait = np.sqrt(within) * rng.normal(size=(companies, 1)) + np.sqrt(1 - within) * rng.normal(
            size=(companies, 4)
        )
        latent = trait[..., None] * load + rng.normal(size=(companies, 4, 5)) * np.sqrt(1.1 - load**2)
        return np.searchsorted(cuts, latent).reshape(-1, 5).astype(float)

    truth = {name: found.value for name, found in coefficients(pairwise_covariance(draw(200_000))).items()}
    held, codes, runs = (
        dict.fromkeys(("alpha", "omega_total", "omega_hierarchical"), 0),
        np.arange(240) // 4,
        600,
    )
    feldt = 0
    for _ in range(runs):
        answers = draw(60)
        found = coefficients(pairwise_covariance(answers))
        for name in held:
            error = clustered_error(answers, found[name].gradient, codes)
            low, high = interval_below_one(found[name].value, error, companies=60)
            held[name] += low <= truth[name] <= high
        low, high = feldt_interval(found["alpha"].value, 240, n_items=5)
        feldt += low <= truth["alpha"] <= high
    # 600 runs of a 95% interval lie within 0.93 to 0.97 nearly always.
    for name, count in held.items():
        assert 0.925 <= count / runs <= 0.97, name
    assert 0.9 <= feldt / runs <= 0.975


def test_alphas_interval_takes_companies_as_clusters(make_instrument, make_responses):
    rng = np.random.default_rng(4)
    company = np.repeat(np.arange(20), 10)
    trait = rng.normal(size=20)[company] + 0.3 * rng.normal(size=200)
    items = {name: np.clip(np.round(3 + trait + rng.normal(size=200)), 1, 5) for name in ("a1", "a2", "a3")}
    columns = {"company": company.astype(str).tolist(), "function": ["sales"] * 200, **items}
    responses = make_responses(columns, make_instrument({"a": "a1 a2 a3"}))
    row = reliability(responses).iloc[0]
    intervals = reliability_intervals(responses)
    own = intervals[intervals["coefficient"] == "alpha"].iloc[0]
    assert (row["conf_low"], row["conf_high"]) == (own["conf_low"], own["conf_high"])
    low, high = feldt_interval(row["alpha"], 200, n_items=3)
    assert row["conf_high"] - row["conf_low"] > high - low, "people of one company resemble each other"
