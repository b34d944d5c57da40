import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.measure import polychoric as room
from analysis.measure.factor_fit import fit_moments
from analysis.measure.factor_model import FactorModel
from analysis.measure.polychoric import polychoric


def ordinal(n: int, r: np.ndarray, cuts: list[float], seed: int = 1) -> pd.DataFrame:
    traits = np.random.default_rng(seed).multivariate_normal(np.zeros(len(r)), r, size=n)
    return pd.DataFrame(np.digitize(traits, cuts), columns=list("abcdef")[: len(r)])


@pytest.mark.parametrize(("what", "tolerance"), [("lavaan", 1e-6), ("psych", 2e-4)])
def test_correlations_equal_r(what, tolerance, factor_data, factor_reference):
    found = polychoric(factor_data[[f"o{i}" for i in range(1, 7)]]).pairs
    known = factor_reference[
        (factor_reference["model"] == "polychoric") & (factor_reference["what"] == what)
    ].set_index("term")["value"]
    table = found.set_index(found["other"] + " " + found["item"])["correlation"]
    np.testing.assert_allclose(table.loc[known.index], known, atol=tolerance)


def test_thresholds_equal_lavaan(factor_data, factor_reference):
    found = polychoric(factor_data[[f"o{i}" for i in range(1, 7)]]).thresholds
    known = factor_reference[factor_reference["what"] == "threshold"].set_index("term")["value"]
    names = found["item"] + "|t" + found["threshold"].astype(str)
    np.testing.assert_allclose(found["estimate"], known.loc[names], atol=1e-7)


def test_the_traits_behind_coarse_answers_are_recovered():
    r = np.array([[1, 0.6, -0.4], [0.6, 1, 0.0], [-0.4, 0.0, 1]])
    frame = ordinal(20_000, r, [-1.2, -0.3, 0.8])
    found = polychoric(frame)
    np.testing.assert_allclose(found.correlations, r, atol=0.03)
    assert abs(frame.corr().loc["a", "b"]) < 0.56, "product-moment correlations fall short"
    assert found.pairs["note"].eq("").all()


def test_standard_errors_are_the_spread_over_samples():
    r = np.array([[1, 0.5], [0.5, 1]])
    drawn = [polychoric(ordinal(400, r, [-0.5, 0.5], seed)).pairs.iloc[0] for seed in range(120)]
    spread = np.std([pair["correlation"] for pair in drawn])
    assert np.mean([pair["std_error"] for pair in drawn]) == pytest.approx(spread, rel=0.2)


def test_the_normal_integral_equals_scipy():
    rng = np.random.default_rng(2)
    for rho in (-0.95, -0.5, 0.0, 0.3, 0.9, 0.98):
        h, k = rng.normal(size=(2, 20))
        found = room._normal_cdf(h[None, None], k[None, None], np.array([rho]))[0, 0]
        law = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
        np.testing.assert_allclose(found, [law.cdf([a, b]) for a, b in zip(h, k, strict=True)], atol=1e-7)


@settings(deadline=None, max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_and_items_does_not_matter(chance):
    frame = ordinal(100, np.eye(3) * 0.5 + 0.5, [-0.5, 0.4])
    rows, columns = list(frame.index), list(frame)
    chance.shuffle(rows)
    chance.shuffle(columns)
    mixed = polychoric(frame.loc[rows, columns]).correlations
    pd.testing.assert_frame_equal(
        mixed.loc[list(frame), list(frame)], polychoric(frame).correlations, rtol=1e-7, atol=1e-9
    )


def test_labels_of_categories_do_not_matter_but_their_order_does():
    frame = ordinal(300, np.eye(2) * 0.5 + 0.5, [-0.5, 0.4])
    straight = polychoric(frame).correlations.loc["a", "b"]
    spaced = polychoric(frame.replace({0: 1, 1: 10, 2: 100})).correlations.loc["a", "b"]
    turned = polychoric(frame.assign(a=-frame["a"])).correlations.loc["a", "b"]
    assert spaced == pytest.approx(straight)
    assert turned == pytest.approx(-straight, rel=1e-6)


def test_blocks_of_pairs_do_not_show(monkeypatch, factor_data):
    frame = factor_data[[f"o{i}" for i in range(1, 7)]]
    whole = polychoric(frame).correlations
    monkeypatch.setattr(room, "BLOCK", 1)
    pd.testing.assert_frame_equal(polychoric(frame).correlations, whole, rtol=1e-9)


def test_what_cannot_be_computed_is_said():
    frame = pd.DataFrame({"a": [1, 2, 3, 1, 2], "b": [4.0] * 5, "c": [np.nan] * 5, "d": [1, 2, 3, 1, 2]})
    pairs = polychoric(frame).pairs.set_index(["item", "other"])
    assert pairs.loc[("a", "b"), "note"] == "no two different answers to b"
    assert pairs.loc[("b", "c"), "note"] == "no two different answers to b, c"
    assert "at its limit" in pairs.loc[("a", "d"), "note"]
    assert pairs["correlation"].isna().eq(pairs["note"].str.contains("no two")).all()
    apart = pd.DataFrame({"a": [1, 2, np.nan, np.nan], "b": [np.nan, np.nan, 1, 2]})
    assert polychoric(apart).pairs["note"].tolist() == ["nobody answered both"]
    assert polychoric(pd.DataFrame({"a": [1, 2]})).pairs.empty
    assert polychoric(frame.iloc[:0]).correlations.isna().all(axis=None)
    few = pd.DataFrame({"a": [1, 2, np.nan], "b": [1, np.nan, 2]})
    assert "at its limit" in polychoric(few).pairs["note"].iloc[0] or polychoric(few).pairs["n"].iloc[0] == 1


def test_the_big_five_agree_with_a_factor_model_of_them(real_data):
    answers = pd.read_csv(real_data / "psychometrics" / "bfi.csv")[[f"N{i}" for i in range(1, 6)]]
    found = polychoric(answers).correlations
    assert (found.to_numpy() >= answers.corr().to_numpy() - 1e-9).all(), "coarse answers hide correlation"
    assert fit_moments(found, FactorModel({"N": list(answers)}), n=len(answers)).solution is not None
