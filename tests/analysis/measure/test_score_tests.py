import numpy as np
import pandas as pd
import pytest

from analysis.measure.factor_fit import fit_factors
from analysis.measure.factor_model import FactorModel
from analysis.measure.score_tests import modification_indices, release_tests


def known(reference: pd.DataFrame, model: str, what: str) -> "pd.Series[float]":
    own = reference[(reference["model"] == model) & (reference["what"] == what)]
    return own.set_index("term")["value"]


def lavaan_name(row: object) -> str:
    group = "" if row.group == "all" else f"{row.group}: "
    if row.kind == "loading":
        return f"{group}{row.factor}=~{row.item}"
    return f"{group}{row.factor}~~{row.item}"


@pytest.mark.parametrize("name", ["ml", "fiml", "ml scalar", "fiml_mlr scalar"])
def test_modification_indices_equal_lavaan(name, factor_fits, factor_reference):
    table = modification_indices(factor_fits(name))
    table.index = [lavaan_name(row) for row in table.itertuples()]
    for column, what in (("mi", "mi"), ("epc", "epc"), ("standardised", "sepc")):
        expected = known(factor_reference, name, what)
        # lavaan also lists the marker items, which stand for the scale.
        expected = expected[~expected.index.str.contains("f1=~q1|f2=~q4|f3=~q7")]
        assert set(expected.index) == set(table.index)
        np.testing.assert_allclose(table.loc[expected.index, column], expected, rtol=1e-3, atol=1e-3)
    assert table["mi"].is_monotonic_decreasing


def test_release_tests_equal_lavaan(factor_fits, factor_reference):
    table = release_tests(factor_fits("ml scalar"))
    forms = {"loadings": "{factor}=~{item}", "intercepts": "{item}~1"}
    table.index = [forms[row.what].format(factor=row.factor, item=row.item) for row in table.itertuples()]
    expected = known(factor_reference, "ml scalar", "release")
    np.testing.assert_allclose(table.loc[expected.index, "statistic"], expected, rtol=1e-3, atol=1e-4)
    assert set(table["item"].iloc[:2]) == {"q3", "q7"}, "the two that were simulated to differ come first"


def test_a_score_test_foretells_what_freeing_gains(factor_data, factor_fits):
    """Near the truth, the score test is close to the fall of chi-square."""
    held = factor_fits("ml scalar")
    table = release_tests(held)
    least = table[table["what"] == "intercepts"].iloc[-1]
    model = FactorModel(held.model.factors, held.model.equal, [("intercepts", least["item"])])
    freed = fit_factors(factor_data, model, groups=factor_data["fn"])
    gain = held.solution.chisq - freed.solution.chisq
    assert least["statistic"] == pytest.approx(gain, rel=0.1, abs=0.02)


def test_several_groups_have_a_joint_test(factor_data):
    three = pd.Series(np.arange(len(factor_data)) % 3, index=factor_data.index)
    model = FactorModel({"f1": ["q1", "q2", "q3"]}, ("loadings",), identification="unit variance")
    table = release_tests(fit_factors(factor_data, model, groups=three))
    assert table["df"].tolist() == [2, 2, 2]
    assert table["p_value"].between(0, 1).all()


def test_nothing_to_release_without_groups(factor_fits):
    assert release_tests(factor_fits("ml")).empty


def test_a_planted_covariance_is_found():
    rng = np.random.default_rng(3)
    answers = rng.normal(size=(2000, 1)) + rng.normal(size=(2000, 5))
    shared = rng.normal(size=2000)
    answers[:, 1] += shared
    answers[:, 3] += shared
    frame = pd.DataFrame(answers, columns=list("abcde"))
    found = modification_indices(fit_factors(frame, FactorModel({"f": list("abcde")}))).iloc[0]
    assert {found["factor"], found["item"]} == {"b", "d"}
    assert found["epc"] > 0
