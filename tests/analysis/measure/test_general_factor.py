import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from analysis.measure.general_factor import INDEX_COLUMNS, _SecondOrder, general_factor, index_reliability
from analysis.measure.item_covariance import clustered_error, interval_below_one
from analysis.measure.wishart import curvature, discrepancy, gradient

NAN = float("nan")


def second_order(loadings, general, sizes):
    """Covariances of items by a second-order model, and the construct of each."""
    constructs = np.repeat([f"c{i}" for i in range(len(sizes))], sizes)
    by_item = np.repeat(general, sizes)
    same = constructs[:, None] == constructs
    load = np.array(loadings)
    return np.outer(load, load) * np.where(same, 1, np.outer(by_item, by_item)) + np.diag(
        1.2 - load**2
    ), constructs


def complete(questionnaire, function):
    table = questionnaire.assign(goals3=6 - questionnaire["goals3"])
    return table[table["function"] == function].drop(columns=["company", "function"]).dropna()


def constructs_of(answers):
    return [item.rstrip("1234") for item in answers]


@pytest.mark.parametrize("function", ["sales", "marketing"])
def test_omega_loadings_and_chi_square_agree_with_semtools(questionnaire, reliability_in_r, function):
    answers, expected = complete(questionnaire, function), reliability_in_r["all", function]
    found = general_factor(answers.cov(), constructs_of(answers))
    assert found.omega_hierarchical == pytest.approx(expected["general_omega"], abs=5e-7)
    assert len(answers) * found.discrepancy == pytest.approx(expected["general_chisq"], rel=1e-8)
    for name, loading in found.frame.set_index("construct")["loading"].items():
        assert loading == pytest.approx(expected[f"g_{name}"], abs=2e-6)
    assert found.note == ""


def test_holzinger_swineford_agrees_with_semtools(real_data, reliability_in_r):
    expected = reliability_in_r["HolzingerSwineford1939", "both"]
    answers = pd.read_csv(real_data / "psychometrics" / "HolzingerSwineford1939.csv").filter(regex=r"^x\d")
    found = general_factor(answers.cov(), np.repeat(["visual", "textual", "speed"], 3).tolist())
    assert found.omega_hierarchical == pytest.approx(expected["general_omega"], abs=5e-7)
    assert len(answers) * found.discrepancy == pytest.approx(expected["general_chisq"], rel=1e-9)
    for name, loading in found.frame.set_index("construct")["loading"].items():
        assert loading == pytest.approx(expected[f"g_{name}"], abs=5e-6)


def test_derivatives_are_those_of_the_discrepancy_and_of_omega(questionnaire):
    answers = complete(questionnaire, "sales").drop(columns="plans2")  # a construct of two items, too
    constructs, matrix = constructs_of(answers), answers.cov().to_numpy()
    rng = np.random.default_rng(1)
    structure = _SecondOrder(
        np.array([[a == b for b in dict.fromkeys(constructs)] for a in constructs], float)
    )
    values = (
        np.concatenate([np.full(13, 0.6), [0.5, 0.6, 0.7, 0.8], np.full(13, 0.7)]) + rng.normal(size=30) / 20
    )
    numeric = approx_fprime(values, discrepancy, 1e-7, structure, matrix)
    np.testing.assert_allclose(gradient(values, structure, matrix), numeric, atol=1e-4)
    second = [
        approx_fprime(values, lambda v, i=i: gradient(v, structure, matrix)[i], 1e-7) for i in range(30)
    ]
    np.testing.assert_allclose(curvature(values, structure, matrix), second, atol=1e-4)
    change = rng.normal(size=matrix.shape)
    change += change.T
    step = 1e-6
    up, down = (general_factor(matrix + s * step * change, constructs).omega_hierarchical for s in (1, -1))
    found = general_factor(matrix, constructs)
    assert (found.gradient * change).sum() == pytest.approx((up - down) / (2 * step), rel=1e-4)


@given(
    st.lists(st.floats(0.4, 1.0), min_size=11, max_size=11),
    st.lists(st.floats(0.3, 0.95), min_size=3, max_size=3),
    st.permutations(range(11)),
)
@settings(max_examples=40, deadline=None)
def test_planted_truth_comes_back_in_any_order(loadings, general, order):
    matrix, constructs = second_order(loadings, general, [3, 4, 4])
    found = general_factor(matrix[np.ix_(order, order)], constructs[order].tolist())
    common = [sum(loadings[:3]), sum(loadings[3:7]), sum(loadings[7:])]
    assert found.omega_hierarchical == pytest.approx(np.dot(general, common) ** 2 / matrix.sum(), rel=1e-6)
    assert found.omega_total == pytest.approx(1 - (1.2 * 11 - np.square(loadings).sum()) / matrix.sum())
    assert found.frame.set_index("construct").loc["c1", "loading"] == pytest.approx(general[1], rel=1e-5)


def test_two_items_are_enough_for_a_construct():
    matrix, constructs = second_order([0.7] * 8, [0.8, 0.7, 0.6], [2, 3, 3])
    found = general_factor(matrix, constructs.tolist())
    assert found.frame["common"].tolist() == pytest.approx([1.4, 2.1, 2.1])
    assert found.frame["loading"].tolist() == pytest.approx([0.8, 0.7, 0.6])


def test_a_construct_named_the_other_way_round_loads_negatively():
    matrix, constructs = second_order([0.7] * 3 + [-0.7] * 3 + [0.7] * 3, [0.8, 0.7, 0.6], [3, 3, 3])
    found = general_factor(matrix, constructs.tolist())
    assert sorted(np.sign(found.frame["loading"])) in ([-1, 1, 1], [-1, -1, 1])
    assert (found.frame["common"] > 0).all()


@pytest.mark.parametrize(
    ("loadings", "general", "sizes", "note"),
    [
        ([0.7] * 6, [0.5, 0.5], [3, 3], "a general factor needs three constructs"),
        ([0.7] * 7, [0.5] * 3, [3, 3, 1], "one item does not tell its construct from error: c2"),
        ([0.7] * 9, [1.2, 0.7, 0.3], [3, 3, 3],
         "a Heywood case: the general factor takes up more than the whole of c0"),
        ([1.1, 0.7, 0.7] + [0.7] * 6, [0.5] * 3, [3, 3, 3],
         "a Heywood case: the factor takes up more than the whole variance of an item of c0"),
        ([0.7] * 9, [0.0] * 3, [3, 3, 3], "the model of a general factor did not converge"),
        ([0.0] * 9, [0.5] * 3, [3, 3, 3], "the model of a general factor did not converge"),
        ([np.nan] * 9, [0.5] * 3, [3, 3, 3], "no respondent answered two of the items together"),
    ],
)  # fmt: skip
def test_why_there_is_none(loadings, general, sizes, note):
    matrix, constructs = second_order(loadings, general, sizes)
    found = general_factor(matrix, constructs.tolist())
    assert found.note == note
    assert np.isnan(found.omega_hierarchical)
    assert len(found.frame) == len(sizes)


def test_the_index_weighs_constructs_equally(questionnaire, as_questionnaire):
    table = index_reliability(as_questionnaire(questionnaire))
    assert tuple(table) == INDEX_COLUMNS
    assert table["note"].tolist() == ["", ""]
    rows = questionnaire[questionnaire["function"] == "sales"].assign(goals3=lambda t: 6 - t["goals3"])
    items = [item for item in rows if item not in ("company", "function")]
    constructs = [item.rstrip("1234") for item in items]
    weight = 1 / pd.Series(constructs).groupby(constructs).transform("size").to_numpy()
    by_hand = general_factor(rows[items].cov() * np.outer(weight, weight), constructs)
    sales = table.set_index("function").loc["sales"]
    assert sales["omega_hierarchical"] == pytest.approx(by_hand.omega_hierarchical, rel=1e-9)
    assert sales["conf_low"] < sales["omega_hierarchical"] < sales["conf_high"] < sales["omega_total"]
    assert sales[["n_constructs", "n_items", "n", "companies"]].tolist() == [4, 14, 210, 70]


def test_what_is_left_out_of_the_index_is_said(questionnaire, as_questionnaire):
    changed = questionnaire.assign(goals1=3, plans1=NAN)
    table = index_reliability(as_questionnaire(changed))
    expected = "left out because all its answers are equal, or there are none: goals1, plans1"
    assert table["note"].tolist() == [expected] * 2
    assert table["omega_hierarchical"].notna().all()
    flat = questionnaire.assign(trust1=1, trust2=1, trust3=1)
    table = index_reliability(as_questionnaire(flat))
    assert table["note"].tolist() == ["no item varies in trust"] * 2
    assert table["omega_hierarchical"].isna().all()


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Five-point answers from 60 companies of 4 people; the truth is that of 100,000 companies."""
    rng, place = np.random.default_rng(3), np.repeat(np.arange(4), 3)
    load, general = np.tile([0.8, 0.7, 0.6], 4), np.array([0.8, 0.7, 0.6, 0.7])

    def draw(companies):
        people = (companies, 4)
        top = np.sqrt(0.4) * rng.normal(size=(companies, 1)) + np.sqrt(0.6) * rng.normal(size=people)
        factors = top[..., None] * general + rng.normal(size=(*people, 4)) * np.sqrt(1 - general**2)
        latent = factors[..., place] * load + rng.normal(size=(*people, 12)) * np.sqrt(1 - load**2)
        return np.searchsorted([-1.2, -0.4, 0.4, 1.2], latent).reshape(-1, 12).astype(float)

    constructs, codes, held = place.astype(str).tolist(), np.arange(240) // 4, 0
    truth = general_factor(np.cov(draw(100_000), rowvar=False), constructs).omega_hierarchical
    for _ in range(200):
        answers = draw(60)
        found = general_factor(np.cov(answers, rowvar=False), constructs)
        error = clustered_error(answers, found.gradient, codes)
        low, high = interval_below_one(found.omega_hierarchical, error, companies=60)
        held += low <= truth <= high
    assert 0.9 <= held / 200 <= 0.985
