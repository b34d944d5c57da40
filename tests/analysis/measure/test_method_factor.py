"""The method factor: R lavaan's numbers, a planted share, and the samples that it cannot be told from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.measure.factor_fit import fit_factors
from analysis.measure.factor_model import FactorModel
from analysis.measure.factor_tables import factor_correlations, loadings, standardised_loadings
from analysis.measure.method_factor import METHOD, method_factor

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
ITEMS = {"f1": ["q1", "q2", "q3"], "f2": ["q4", "q5", "q6"], "f3": ["q7", "q8", "q9"]}
MARKER = ["k1", "k2", "k3"]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "method_factor_data.csv")


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    table = pd.read_csv(REFERENCE / "method_factor.csv", keep_default_na=False)
    return table.set_index(["set", "model"])


def known(reference: pd.DataFrame, sample: str, model: str, what: str) -> list[float]:
    rows = reference.loc[(sample, model)]
    return [float(value) for value in rows.loc[rows["what"] == what, "value"]]


@pytest.mark.parametrize("sample", ["marker", "alone"])
def test_agrees_with_lavaan(answers: pd.DataFrame, reference: pd.DataFrame, sample: str) -> None:
    found = method_factor(
        answers, ITEMS, marker=MARKER if sample == "marker" else (), clusters=answers["company"],
        crossings=("equal", "free") if sample == "marker" else ("free",),
    ).set_index("model")  # fmt: skip
    for model, row in found.iterrows():
        for what in ("chisq", "df", "p_value", "srmr", "n"):
            assert row[what] == pytest.approx(known(reference, sample, str(model), what)[0], rel=1e-4), what
        correlations = known(reference, sample, str(model), "correlation")
        assert row["correlation"] == pytest.approx(np.mean(correlations), rel=1e-4)
        if model == "none":
            continue
        share = 100 * np.mean(np.square(known(reference, sample, str(model), "loading")))
        assert row["share"] == pytest.approx(share, rel=1e-3)
        moved = np.subtract(correlations, known(reference, sample, "none", "correlation"))
        assert row["largest_change"] == pytest.approx(moved[np.argmax(np.abs(moved))], rel=1e-3)
    test = known(reference, "marker", "free", "delta_chisq")[0]
    if sample == "marker":
        assert found.loc["free", "delta_chisq"] == pytest.approx(test, rel=1e-3)
        assert found.loc["equal", "delta_chisq"] == pytest.approx(
            known(reference, "marker", "equal", "delta_chisq")[0], rel=1e-3
        )


def test_recovers_a_planted_share_and_none() -> None:
    rng = np.random.default_rng(3)
    mood, traits = rng.normal(size=(3000, 1)), np.repeat(rng.normal(size=(3000, 3)), 3, axis=1)
    noise = 0.7 * rng.normal(size=(3000, 12))
    for weight in (0.0, 0.6):
        values = np.hstack([traits + weight * mood, np.repeat(mood, 3, axis=1)]) + noise
        frame = pd.DataFrame(values, columns=[*(i for own in ITEMS.values() for i in own), *MARKER])
        row = method_factor(frame, ITEMS, marker=MARKER).iloc[1]
        truth = 100 * weight**2 / (1 + weight**2 + 0.49)
        assert row["share"] == pytest.approx(truth, abs=2.0)
        assert (row["delta_p"] < 1e-6) == (weight > 0)
        assert row["correlation"] == pytest.approx(0.0, abs=0.04)


def test_says_why_nothing_could_be_computed(answers: pd.DataFrame) -> None:
    found = method_factor(answers.head(20), ITEMS, marker=MARKER)
    assert found["chisq"].isna().all()
    assert found["note"].str.contains("too few").all()


def test_the_order_of_rows_and_columns_is_of_no_consequence(answers: pd.DataFrame) -> None:
    first = method_factor(answers, ITEMS, marker=MARKER)
    turned = answers.sample(frac=1, random_state=1)[answers.columns[::-1]]
    numbers = [name for name in first if name not in ("model", "note")]
    pd.testing.assert_frame_equal(
        first[numbers], method_factor(turned, ITEMS, marker=MARKER)[numbers], rtol=1e-4
    )


def test_without_method_the_model_is_what_it_was(answers: pd.DataFrame) -> None:
    plain, apart = FactorModel(ITEMS), FactorModel({**ITEMS, METHOD: MARKER}, method=METHOD)
    fits = [fit_factors(answers, model, missing="fiml") for model in (plain, apart)]
    found = [factor_correlations(fit).loc[list(ITEMS), list(ITEMS)] for fit in fits]
    pd.testing.assert_frame_equal(found[0], found[1], atol=1e-3)
    pd.testing.assert_series_equal(
        standardised_loadings(fits[1])["standardised"], loadings(fits[1])["standardised"]
    )


def test_equal_answers_to_every_item_give_a_reason() -> None:
    found = method_factor(pd.DataFrame(index=range(50)), {})
    assert found["model"].tolist() == ["none", "free"]
    assert (found["note"] == "there is no item whose answers differ").all()
