from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.infer.columns import RESULT, numeric, result_columns
from analysis.infer.tabulation import changes, contrasts, means, shares
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "tabulation_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "tabulation.csv")
CHECKED = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]


def expected(what: str, cell: str) -> pd.DataFrame:
    rows = EXPECTED[(EXPECTED["what"] == what) & (EXPECTED["cell"] == cell)]
    return rows.set_index("variable")[CHECKED].astype(float)


def assert_agrees(table: pd.DataFrame, reference: pd.DataFrame, columns: list[str] = CHECKED) -> None:
    found = table.set_index("variable").loc[reference.index, columns]
    np.testing.assert_allclose(found.to_numpy(float), reference[columns].to_numpy(), rtol=1e-6)


def test_means_of_repeating_companies_agree_with_svymean() -> None:
    assert_agrees(means(DATA, ["alignment", "gap"]), expected("mean", "all"))
    by_size = means(DATA, ["alignment", "gap"], by=["size"])
    assert_agrees(by_size[by_size["size"] == "large"], expected("mean", "large"))


@pytest.mark.parametrize("wave", [2023, 2024, 2025])
def test_means_of_one_wave_agree_with_svymean_and_the_t_interval(wave: int) -> None:
    table = means(DATA, ["alignment", "gap"], by=["wave"])
    assert_agrees(table[table["wave"] == wave], expected("mean", str(wave)))
    values = DATA.loc[DATA["wave"] == wave, "gap"].dropna()
    row = table[(table["wave"] == wave) & (table["variable"] == "gap")].iloc[0]
    interval = stats.ttest_1samp(values, 0).confidence_interval()
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(interval))
    assert row["n"] == row["companies"] == len(values)


def test_means_have_the_columns_of_the_contract() -> None:
    table = means(DATA, ["gap", "alignment"], by=["wave", "size"])
    assert list(table.columns) == ["wave", "size", "variable", *RESULT, "companies"]
    assert list(table["variable"].iloc[:2]) == ["gap", "alignment"]
    assert len(table) == 12


def test_ignoring_the_clusters_changes_the_error() -> None:
    with_companies = means(DATA, ["alignment"])["std_error"].item()
    without = means(DATA, ["alignment"], cluster=None)["std_error"].item()
    assert without == pytest.approx(DATA["alignment"].sem())
    assert with_companies > 1.1 * without


def test_a_cell_without_values_has_n_0_and_no_estimate() -> None:
    frame = DATA.assign(gap=DATA["gap"].where(DATA["wave"] != 2024))
    table = means(frame, ["alignment", "gap"], by=["wave"]).set_index(["wave", "variable"])
    empty = table.loc[(2024, "gap")]
    assert empty["n"] == 0
    assert empty.drop(["n", "companies"]).isna().all()
    assert table.loc[(2023, "gap"), "n"] > 0
    assert means(DATA.iloc[:0], ["gap"])["n"].tolist() == [0]
    assert means(DATA.iloc[:0], ["gap"], by=["wave"]).empty


def test_one_company_has_a_mean_and_no_interval() -> None:
    one = DATA[DATA["company"] == "c01"]
    row = means(pd.concat([one, one]), ["alignment"]).iloc[0]
    assert row["estimate"] == pytest.approx(one["alignment"].mean())
    assert row[["std_error", "p_value", "conf_low", "conf_high"]].isna().all()


def test_rows_without_a_key_are_a_cell_of_their_own() -> None:
    frame = DATA.assign(size=DATA["size"].where(DATA["wave"] != 2023))
    table = means(frame, ["alignment"], by=["size"])
    assert table["size"].isna().tolist() == [False, False, True]
    assert table["n"].sum() == len(DATA)


def test_constant_values_have_a_mean_and_no_test() -> None:
    row = means(pd.DataFrame({"company": list("abc"), "y": [0.1, 0.1, 0.1]}), ["y"]).iloc[0]
    assert np.isnan(row["p_value"])
    assert row["conf_low"] == pytest.approx(0.1)


def test_nullable_and_integer_columns_are_numbers() -> None:
    frame = pd.DataFrame({"company": list("abc"), "y": pd.array([1, None, 3], dtype="Int64")})
    assert means(frame, ["y"])[["estimate", "n"]].to_numpy().tolist() == [[2.0, 2]]


def test_what_cannot_be_averaged_is_named_all_at_once() -> None:
    frame = pd.DataFrame({"company": ["a"], "words": ["x"], "y": [np.inf]})
    with pytest.raises(InputError) as error:
        means(frame, ["alignmentt", "z"])
    assert {problem.column for problem in error.value.problems} == {"alignmentt", "z"}
    with pytest.raises(InputError, match="words: does not hold numbers"):
        means(frame, ["words"])
    with pytest.raises(InputError, match="infinite"):
        numeric(frame, ["y"])


@pytest.mark.parametrize("wave", [2023, 2024, 2025])
def test_shares_agree_with_prop_test(wave: int) -> None:
    table = shares(DATA, "adequate", by=["wave"])
    row = table[table["wave"] == wave]
    assert_agrees(row, expected("share", str(wave)), ["estimate", "conf_low", "conf_high"])
    assert row["method"].tolist() == ["Wilson"]
    assert row[["statistic", "df", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize("successes", [0, 7])
def test_shares_of_none_or_all_agree_with_prop_test(successes: int) -> None:
    frame = pd.DataFrame({"company": range(7), "adequate": [100.0] * successes + [0.0] * (7 - successes)})
    columns = ["estimate", "conf_low", "conf_high"]
    found = shares(frame, "adequate")[columns].to_numpy(float)
    np.testing.assert_allclose(found, expected("share", f"{successes} of 7")[columns], rtol=1e-6, atol=1e-12)


def test_shares_of_nobody_are_empty_not_an_error() -> None:
    row = shares(pd.DataFrame({"company": ["a"], "aligned": [np.nan]}), "aligned").iloc[0]
    assert row["n"] == 0
    assert row[["estimate", "std_error", "conf_low", "conf_high"]].isna().all()


def test_shares_of_informants_are_means_and_say_so() -> None:
    frame = pd.DataFrame(
        {"company": range(5), "wave": [1, 1, 1, 1, 2], "aligned": [0.0, 5.0, 0.0, 2.0, 100.0]}
    )
    table = shares(frame.iloc[:4], "aligned")
    plain = means(frame.iloc[:4], ["aligned"])
    assert table["method"].tolist() == ["t, clipped to 0-100"]
    assert plain["conf_low"].item() < 0 == table["conf_low"].item()
    assert table["conf_high"].item() == pytest.approx(plain["conf_high"].item())


def test_shares_of_several_variables_choose_a_method_each() -> None:
    frame = pd.DataFrame({"company": range(4), "yes": [0.0, 100, 100, 0], "half": [20.0, 30, 50, 60]})
    table = shares(frame, ["yes", "half"])
    assert table["method"].tolist() == ["Wilson", "t, clipped to 0-100"]
    single = pd.concat([shares(frame, "yes"), shares(frame, "half")], ignore_index=True)
    pd.testing.assert_frame_equal(table, single)
    with pytest.raises(InputError) as error:
        shares(frame.assign(yes=2 * frame["yes"], half=[0, 1, 1, 0]), ["yes", "half"])
    assert [problem.column for problem in error.value.problems] == ["yes", "half"]


def test_a_cell_in_which_all_agree_still_has_a_width() -> None:
    frame = pd.DataFrame(
        {"company": range(6), "wave": [1, 1, 1, 2, 2, 2], "aligned": [100.0, 100, 100, 40, 50, 60]}
    )
    table = shares(frame, "aligned", by=["wave"])
    assert table["method"].tolist() == ["Wilson", "t, clipped to 0-100"]
    assert table["conf_low"].iloc[0] == pytest.approx(100 * 3 / (3 + 1.959964**2), rel=1e-6)


def test_shares_of_repeating_companies_use_an_effective_n() -> None:
    frame = pd.DataFrame({"company": np.repeat(range(8), 3), "aligned": np.repeat([100.0, 0.0] * 4, 3)})
    repeated, once = shares(frame, "aligned"), shares(frame.drop_duplicates("company"), "aligned")
    assert repeated["method"].item() == "Wilson, effective n"
    assert repeated["n"].item() == 24
    # Three copies of each company say nothing new: the effective n is 7 (the variance has the factor 8/7), and
    # with 8 companies to tell it from, t on 7 degrees of freedom stands in the place of z.
    t = stats.t.ppf(0.975, 7)
    low = 100 * (0.5 - t / (2 * np.sqrt(7 + t**2)))
    assert repeated["conf_low"].item() == pytest.approx(low, rel=1e-9)
    assert repeated["conf_low"].item() < once["conf_low"].item()
    all_yes = shares(frame.assign(aligned=100.0), "aligned")
    assert all_yes["conf_low"].item() == pytest.approx(100 * 8 / (8 + 1.959964**2), rel=1e-6)


@pytest.mark.parametrize(("values", "words"), [([0, 1, 1], "coded 0 and 1"), ([0, 130, 50], "not a share")])
def test_shares_refuse_what_is_not_in_per_cent(values: list[float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        shares(pd.DataFrame({"company": range(3), "aligned": values}), "aligned")


def test_contrasts_agree_with_welch() -> None:
    wave = DATA[DATA["wave"] == 2024]
    table = contrasts(wave, ["alignment", "gap"], group="size", a="large", b="small")
    assert_agrees(table, expected("welch", "2024"))
    assert (table["n"] == table["n_a"] + table["n_b"]).all()


def test_contrasts_of_the_same_companies_are_the_paired_t() -> None:
    both = DATA[DATA["wave"].isin([2024, 2025])].dropna(subset="gap")
    both = both[both["company"].duplicated(keep=False)]
    assert_agrees(
        contrasts(both, ["gap"], group="wave", a=2025, b=2024), expected("change", "2024-2025").loc[["gap"]]
    )


def test_contrasts_of_overlapping_companies_are_near_svycontrast() -> None:
    table = contrasts(DATA, ["alignment", "gap"], group="wave", a=2024, b=2023).set_index("variable")
    reference = expected("svycontrast", "2024-2023")
    np.testing.assert_allclose(table.loc[reference.index, "estimate"], reference["estimate"], rtol=1e-6)
    # R scales by G / (G - 1) of all companies, here each group by its own.
    np.testing.assert_allclose(table.loc[reference.index, "std_error"], reference["std_error"], rtol=0.03)


def test_contrasts_with_an_empty_or_single_group_have_no_interval() -> None:
    frame = pd.DataFrame({"company": list("abc"), "class": ["best", "rest", "rest"], "y": [9.0, 1.0, 2.0]})
    one = contrasts(frame, ["y"], group="class", a="best", b="rest").iloc[0]
    assert one["estimate"] == 7.5
    assert one[["std_error", "conf_low", "p_value"]].isna().all()
    none = contrasts(frame, ["y"], group="class", a="nobody", b="rest").iloc[0]
    assert none["n_a"] == 0
    assert np.isnan(none["estimate"])


def test_changes_agree_with_the_paired_t() -> None:
    table = changes(DATA, ["alignment", "gap"])
    latest = table[table["wave_from"] == 2024]
    assert_agrees(latest, expected("change", "2024-2025"))
    np.testing.assert_allclose(table["mean_to"] - table["mean_from"], table["estimate"])
    assert list(zip(table["wave_from"], table["wave_to"], strict=True))[::2] == [(2023, 2024), (2024, 2025)]


def test_changes_need_two_waves_and_one_row_in_each() -> None:
    one = DATA[DATA["wave"] == 2023]
    assert changes(one, ["gap"]).empty
    assert changes(DATA.iloc[:0], ["gap"]).empty
    apart = pd.DataFrame({"company": ["a", "b"], "wave": [1, 2], "y": [1.0, 2.0]})
    assert changes(apart, ["y"])["n"].tolist() == [0]
    with pytest.raises(InputError, match="more than one row in wave 2023"):
        changes(pd.concat([one, one]), ["gap"])


def test_results_without_degrees_of_freedom_have_no_interval() -> None:
    columns = result_columns(np.array([1.0]), np.array([0.5]), np.array([0.0]))
    assert tuple(columns) == RESULT[:-1]
    assert np.isnan([columns["conf_low"][0], columns["p_value"][0]]).all()


FRAMES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.floats(0, 100, width=32), st.booleans()),
    min_size=1,
    max_size=30,
).map(lambda rows: pd.DataFrame(rows, columns=["company", "cell", "y", "b"]))


@settings(deadline=None, max_examples=25)
@given(frame=FRAMES, scale=st.floats(0.1, 10), seed=st.integers(0, 99))
def test_means_ignore_row_order_and_follow_the_unit(frame: pd.DataFrame, scale: float, seed: int) -> None:
    table = means(frame, ["y"], by=["cell"])
    shuffled = means(frame.sample(frac=1, random_state=seed), ["y"], by=["cell"])
    pd.testing.assert_frame_equal(table[["cell", "n", "companies"]], shuffled[["cell", "n", "companies"]])
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(shuffled[columns], table[columns], rtol=1e-9, atol=1e-9)
    scaled = means(frame.assign(y=frame["y"] * scale), ["y"], by=["cell"])
    np.testing.assert_allclose(scaled[columns], table[columns] * scale, rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(frame=FRAMES)
def test_shares_stay_inside_and_mirror(frame: pd.DataFrame) -> None:
    yes = shares(frame.assign(b=frame["b"] * 100.0), "b", by=["cell"])
    no = shares(frame.assign(b=100 - frame["b"] * 100.0), "b", by=["cell"])
    assert ((yes["conf_low"] >= 0) & (yes["conf_high"] <= 100)).all()
    assert ((yes["conf_low"] <= yes["estimate"]) & (yes["estimate"] <= yes["conf_high"])).all()
    assert (yes["conf_high"] > yes["conf_low"]).all()
    np.testing.assert_allclose(no["conf_low"], 100 - yes["conf_high"], atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(frame=FRAMES)
def test_contrasts_turn_their_sign_with_the_groups(frame: pd.DataFrame) -> None:
    there, back = (contrasts(frame, ["y"], group="cell", a=a, b=b) for a, b in ((0, 1), (1, 0)))
    np.testing.assert_allclose(there["estimate"], -back["estimate"], atol=1e-9)
    np.testing.assert_allclose(there["std_error"], back["std_error"], atol=1e-9)


@pytest.mark.parametrize("method", [None, "logit"])
def test_a_stratum_that_is_a_census_leaves_shares_nothing_to_chance(method: Any) -> None:
    frame = pd.DataFrame({"company": range(12), "stratum": ["all"] * 4 + ["one"] * 2 + ["some"] * 6})
    frame["population"] = [4.0] * 4 + [2.0] * 2 + [60.0] * 6
    frame["yes"] = [100.0, 0, 0, 0, 100, 100, 0, 100, 0, 100, 0, 100]
    table = shares(frame, "yes", by=["stratum"], method=method).set_index("stratum")
    assert table.loc["all", ["estimate", "std_error", "conf_low", "conf_high"]].tolist() == [25, 0, 25, 25]
    assert table.loc["one", ["conf_low", "conf_high"]].tolist() == [100, 100]
    assert table.loc["some", "conf_low"] < 50 < table.loc["some", "conf_high"]
