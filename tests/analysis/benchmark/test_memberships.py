import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.classes import OutcomeClasses, classify
from analysis.benchmark.memberships import membership_summary, memberships
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError

CHANCES = ["best_probability", "average_probability", "laggard_probability"]


def wave(n: int = 40, error: float = 5.0, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    true = rng.normal(55, 10, n)
    score = true + error * rng.standard_normal(n)
    return pd.DataFrame({"company": range(n), "wave": 2025, "alignment": score, "alignment_se": error}), true


@pytest.mark.parametrize("weighted", [False, True])
def test_the_classes_are_those_of_a_cut_on_the_score(*, weighted: bool) -> None:
    frame, _ = wave()
    if weighted:
        frame["weight"] = np.random.default_rng(4).uniform(0.2, 5, len(frame))
    frame.loc[:5, "alignment"] = 60.0  # level across no cut or several, whichever it is
    table = memberships(frame, rng=np.random.default_rng(1))
    instrument = read_instrument("alignment")
    expected = classify(Panel(frame, instrument, {}), OutcomeClasses(("alignment",))).frame
    assert table["class"].tolist() == expected.sort_values("company")["class"].tolist()
    np.testing.assert_allclose(table[CHANCES].sum(axis=1), 1)


def test_probabilities_are_frequencies() -> None:
    said, right = [], []
    for seed in range(24):
        frame, true = wave(seed=seed)
        table = memberships(frame, rng=np.random.default_rng(seed))
        classes = memberships(frame.assign(alignment=true), rng=np.random.default_rng(seed))["class"]
        said.append(table["probability"].to_numpy())
        right.append((table["class"] == classes).to_numpy())
    said_all, right_all = np.concatenate(said), np.concatenate(right)
    sure = said_all > 0.8
    assert 0.2 < sure.mean() < 0.8
    assert right_all[sure].mean() == pytest.approx(said_all[sure].mean(), abs=0.04)
    assert right_all[~sure].mean() == pytest.approx(said_all[~sure].mean(), abs=0.05)


def test_scores_without_error_are_where_they_are_and_ties_go_to_the_middle() -> None:
    frame = pd.DataFrame(
        {"company": range(10), "alignment": [90.0, 90, 90, *range(50, 56), 50], "alignment_se": 0.0}
    )
    table = memberships(frame, rng=np.random.default_rng(1))
    assert set(table["class"]) == {"average", "laggard"}  # three at the top do not fit into two places
    assert table["probability"].tolist() == [1.0] * 10


def test_without_an_error_nothing_is_known_and_shares_must_be_possible() -> None:
    frame, _ = wave(6)
    table = memberships(frame.drop(columns="alignment_se"), rng=np.random.default_rng(1))
    assert table["probability"].isna().all()
    assert table["note"].str.len().gt(0).all()
    assert membership_summary(table)["n"].eq(0).all()
    with pytest.raises(InputError, match="class shares"):
        memberships(frame, rng=np.random.default_rng(1), best=0.8, laggard=0.8)
    assert memberships(frame.head(0), rng=np.random.default_rng(1)).empty


def test_the_summary_counts_each_class_and_all() -> None:
    frame, _ = wave(60)
    table = memberships(frame, rng=np.random.default_rng(2))
    summary = membership_summary(table).set_index("class")
    assert summary.loc["all", "companies"] == 60 == summary["companies"].drop("all").sum()
    assert (
        summary.loc["all", "surely"]
        == (table["probability"] > 0.8).sum()
        == summary["surely"].drop("all").sum()
    )
