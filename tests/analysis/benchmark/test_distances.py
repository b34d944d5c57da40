import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.distances import NO_BEST, NO_ERROR, NO_SCORE, ONE_BEST, distances
from analysis.benchmark.norms import norms
from analysis.infer.tabulation import means
from survey.problems import InputError


def wave(n: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"company": [f"c{i:02d}" for i in range(n)], "goals": rng.normal(50, 12, n)})
    return frame.assign(trust=rng.normal(60, 9, n), goals_se=rng.uniform(2, 5, n), trust_se=3.0)


ERRORS = {"goals": "goals_se", "trust": "trust_se"}


def test_distances_by_hand() -> None:
    frame = wave()
    best = frame["goals"] >= frame["goals"].nlargest(6).min()
    table = distances(frame, frame[best], variables=["goals", "trust"], errors=ERRORS).set_index(
        ["company", "variable"]
    )
    outside, inside = frame[~best].iloc[0], frame[best].iloc[0]
    top = frame.loc[best, "goals"]
    row = table.loc[(outside["company"], "goals")]
    assert row["estimate"] == pytest.approx(outside["goals"] - top.mean())
    assert row["std_error"] == pytest.approx(np.sqrt(outside["goals_se"] ** 2 + top.var() / 6))
    assert row["standardised"] == pytest.approx(row["estimate"] / frame["goals"].std())
    others = top.drop(inside.name)
    row = table.loc[(inside["company"], "goals")]
    assert row["n_best"] == 5
    assert row["best"] == pytest.approx(others.mean())
    assert row["std_error"] == pytest.approx(np.sqrt(inside["goals_se"] ** 2 + others.var() / 5))
    assert (table["note"] == "").all()


def test_under_weights_the_best_are_as_in_tables_of_classes() -> None:
    frame = wave().assign(weight=np.random.default_rng(6).uniform(0.3, 4, 30))
    best = frame["goals"] >= frame["goals"].nlargest(6).min()
    table = distances(frame, frame[best], variables=["goals"], errors=ERRORS).set_index("company")
    for place in (frame[~best].index[0], frame[best].index[0]):
        row = table.loc[frame.loc[place, "company"]]
        class_mean = means(frame[best & (frame.index != place)], ["goals"]).iloc[0]
        assert row["best"] == pytest.approx(class_mean["estimate"])
        assert row["std_error"] == pytest.approx(
            np.hypot(frame.loc[place, "goals_se"], class_mean["std_error"])
        )
    spread = norms(frame.assign(wave=1), ["goals"])["sd"].item()
    assert table["standardised"].to_numpy() == pytest.approx(table["estimate"].to_numpy() / spread)


def test_the_best_of_several_waves_are_one_class_whose_companies_are_clusters() -> None:
    now, weight = wave(), np.random.default_rng(6).uniform(0.3, 4, 60)
    both = pd.concat([now, now.assign(goals=now["goals"] + np.linspace(-9, 5, 30))]).assign(weight=weight)
    best = both[both["goals"] > 60]
    assert best["company"].duplicated().any()
    table = distances(now, best, variables=["goals"], errors=ERRORS).set_index("company")
    for company in (
        best["company"].iloc[0],
        now.loc[~now["company"].isin(best["company"]), "company"].iloc[0],
    ):
        others = means(best[best["company"] != company], ["goals"]).iloc[0]
        assert table.loc[company, "n_best"] == others["companies"]
        assert table.loc[company, "best"] == pytest.approx(others["estimate"])
        own = now.loc[now["company"] == company, "goals_se"].item()
        assert table.loc[company, "std_error"] == pytest.approx(np.hypot(own, others["std_error"]))


def test_the_farthest_behind_stands_first_and_order_does_not_matter() -> None:
    frame = wave()
    best = frame["goals"] > 60
    table = distances(frame, frame[best], variables=["goals", "trust"], errors=ERRORS)
    assert (table.groupby("company")["estimate"].diff().dropna() >= 0).all()
    order = np.random.default_rng(2).permutation(len(frame))
    again = distances(frame.iloc[order], frame[best].iloc[::-1], variables=["trust", "goals"], errors=ERRORS)
    pd.testing.assert_frame_equal(table, again)
    shifted = frame.assign(goals=frame["goals"] + 10)
    moved = distances(shifted, shifted[best], variables=["goals", "trust"], errors=ERRORS)
    np.testing.assert_allclose(moved["estimate"], table["estimate"])


def test_the_interval_covers_the_true_distance() -> None:
    """The best are declared beforehand: a cut on the scores themselves would owe a part to chance."""
    rng = np.random.default_rng(9)
    best = pd.Series(np.arange(40) < 8)
    hits = []
    for _ in range(200):
        error = rng.uniform(2, 6, 40)
        true = np.where(best, 70.0, 50.0) + np.where(best, rng.normal(0, 4, 40), 0)
        frame = pd.DataFrame(
            {"company": np.arange(40), "x": true + error * rng.standard_normal(40), "se": error}
        )
        row = distances(frame, frame[best], variables=["x"], errors={"x": "se"}).set_index("company").loc[20]
        hits.append(row["conf_low"] <= 50 - 70 <= row["conf_high"])
    assert 0.91 <= np.mean(hits) <= 0.985


def test_what_cannot_be_known_is_said() -> None:
    frame = pd.DataFrame({"company": list("abcd"), "x": [90.0, 80, 40, np.nan], "se": [2.0, 2, np.nan, 2]})
    best = pd.Series([True, True, False, False])
    note = distances(frame, frame[best], variables=["x"], errors={"x": "se"}).set_index("company")["note"]
    assert note.tolist() == [ONE_BEST, ONE_BEST, NO_ERROR, NO_SCORE]
    alone = distances(frame, frame.head(1), variables=["x"]).set_index("company")
    assert alone.loc["a", "note"] == NO_BEST
    assert alone["beyond_doubt"].sum() == 0
    assert alone.loc["b", "estimate"] == -10
    alike = frame.assign(x=50.0, se=0.0)
    same = distances(alike, alike, variables=["x"], errors={"x": "se"})
    assert (same["estimate"] == 0).all()
    assert not same["beyond_doubt"].any()
    assert same["standardised"].isna().all()
    with pytest.raises(InputError, match="x: is not a column of the table"):
        distances(frame, frame[["company"]], variables=["x"])
