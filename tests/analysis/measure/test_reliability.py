import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measure.reliability import COLUMNS, cronbach_alpha, feldt_interval, reliability

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
