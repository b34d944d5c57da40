import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.benchmark.classes import OutcomeClasses, classify
from analysis.benchmark.norm_table import best_in_class_profile, norm_changes, norm_table
from analysis.benchmark.norms import norms
from analysis.infer.tabulation import changes, means, shares
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError


def panel(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"company": np.tile(np.arange(n), 2), "wave": np.repeat([2024, 2025], n)})
    frame["industry"] = np.where(frame["company"] % 3 == 0, "steel", "media")
    frame["weight"] = 1.0 + frame["company"] % 4
    frame["alignment"] = np.clip(rng.normal(55, 15, 2 * n), 0, 100)
    frame["trust"] = np.clip(frame["alignment"] + rng.normal(0, 10, 2 * n), 0, 100)
    frame.loc[5, "trust"] = np.nan
    return frame.assign(revenue_growth=rng.normal(5, 10, 2 * n))


def test_every_row_is_that_of_the_estimator_it_names() -> None:
    frame, by = panel(), ["wave", "industry"]
    table = norm_table(frame, ["trust", "alignment"], by=by)
    assert table["variable"].tolist()[:12] == ["trust"] * 12
    keyed = table.set_index([*by, "variable", "statistic"])
    key, columns = (2025, "steel", "trust"), ["estimate", "conf_low", "conf_high", "n"]
    row = keyed.loc[(*key, "mean"), columns].astype(float)
    plain = means(frame, ["trust"], by=by).set_index([*by, "variable"]).loc[key, columns].astype(float)
    np.testing.assert_allclose(row, plain)
    old = norms(frame, ["trust"], by=by).set_index([*by, "variable"]).loc[key]
    median = keyed.loc[(*key, "median")].astype(float)
    assert median[["estimate", "conf_low", "conf_high"]].tolist() == old.filter(like="median").tolist()
    reach = stats.t.ppf(0.975, median["df"]) * median["std_error"]
    assert median["conf_high"] - median["conf_low"] == pytest.approx(2 * reach)
    # Twenty companies cannot say how far the tail goes.
    assert np.isnan(keyed.loc[(*key, "p90"), "conf_high"])
    top = frame.assign(trust=frame["trust"].ge(75).astype(float).mul(100).where(frame["trust"].notna()))
    plain = shares(top, ["trust"], by=by).set_index([*by, "variable"]).loc[key, columns].astype(float)
    np.testing.assert_allclose(keyed.loc[(*key, "top-2-box"), columns].astype(float), plain)
    assert keyed.loc[(*key, "p25"), "estimate"] == pytest.approx(old["p25"])


def test_bands_add_up_and_cells_without_values_have_none() -> None:
    frame = panel().assign(trust=lambda table: table["trust"].where(table["wave"] == 2025))
    table = norm_table(frame, ["trust"])
    bands = table[table["statistic"].str.contains("under|over")]
    assert bands[bands["wave"] == 2025]["estimate"].sum() == pytest.approx(100)
    assert bands[bands["wave"] == 2025]["statistic"].tolist() == [
        "under 20", "20 to under 40", "40 to under 60", "60 to under 80", "80 and over",
    ]  # fmt: skip
    empty = table[table["wave"] == 2024]
    assert empty["estimate"].isna().all()
    assert (empty["n"] == 0).all()
    assert "top-2-box" not in set(norm_table(frame, ["trust"], top=None, bands=())["statistic"])


def test_order_of_rows_does_not_matter() -> None:
    frame = panel()
    again = norm_table(frame.sample(frac=1, random_state=3), ["trust", "alignment"], by=["industry"])
    pd.testing.assert_frame_equal(norm_table(frame, ["trust", "alignment"], by=["industry"]), again)
    with pytest.raises(InputError, match="trst: is not a column"):
        norm_table(frame, ["trst"])


def test_the_profile_of_the_best() -> None:
    frame = panel()
    now = frame[frame["wave"] == 2025]
    classes = classify(Panel(frame, read_instrument("alignment"), {}), OutcomeClasses(("revenue_growth",)))
    table = best_in_class_profile(now, classes, ["revenue_growth", "trust"])
    assert table["class"].unique().tolist() == ["best in class", "all"]
    assert table["statistic"].tolist()[:4] == ["mean", "p25", "median", "p75"]
    assert table.groupby("variable")["circular"].first().to_dict() == {"revenue_growth": True, "trust": False}
    best = now.nlargest(12, "revenue_growth")
    expected = np.average(best["revenue_growth"], weights=best["weight"])
    assert table.loc[0, "estimate"] == pytest.approx(expected)


def test_changes_per_peer_group() -> None:
    frame = panel()
    table = norm_changes(frame, ["alignment"], within=["industry"])
    assert table["industry"].tolist() == ["media", "steel"]
    steel = changes(frame[frame["industry"] == "steel"], ["alignment"])
    assert table["estimate"].iloc[1] == pytest.approx(steel["estimate"].iloc[0])
    pd.testing.assert_frame_equal(norm_changes(frame, ["alignment"]), changes(frame, ["alignment"]))
    assert norm_changes(frame[frame["wave"] == 2025], ["alignment"], within=["industry"]).empty
