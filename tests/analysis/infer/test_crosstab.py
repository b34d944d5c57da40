from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.infer.banner import Banner, banner
from analysis.infer.crosstab import Crosstab, crosstab, wide
from analysis.infer.estimates import mean_estimates
from analysis.infer.letters import Family, letters
from analysis.infer.stub import Stub, joined, mean_of, rated, several_answers
from analysis.infer.survey_design import SurveyDesign, survey_design
from analysis.infer.tabulation import contrasts, means
from survey.calibration import poststratify
from survey.problems import InputError

REFERENCE = Path(__file__).parents[2] / "reference"
DATA = pd.read_csv(REFERENCE / "crosstab_data.csv")
EXPECTED = pd.read_csv(REFERENCE / "crosstab.csv")
LABELS = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}
HEADS = ["function_", "size"]


def stub_of(frame: pd.DataFrame) -> Stub:
    goals, unsure = frame["goals"].to_numpy(float), frame["unsure"].to_numpy() == 1
    tools = several_answers(
        "tools/exclude", frame[["crm", "chat"]].to_numpy(float), labels=["CRM", "Chat"], nets={"Any": [0, 1]}
    )
    shown = rated("goals/show", goals, labels=LABELS, unsure=unsure)
    return joined([rated("goals/exclude", goals, labels=LABELS), shown, tools])


def table_of(frame: pd.DataFrame) -> Crosstab:
    return crosstab(stub_of(frame), banner(frame, HEADS), survey_design(frame))


TABLE = table_of(DATA)


def test_cells_and_tests_agree_with_r_survey() -> None:
    found = {}
    for cell in TABLE.cells.to_dict("records"):
        found[f"{cell['question']}/{cell['row']}", cell["head"], cell["column"]] = cell
    columns = (
        TABLE.cells.drop_duplicates(["head", "letter"]).set_index(["head", "letter"])["column"].to_dict()
    )
    for test in TABLE.tests.to_dict("records"):
        a, b = (columns[test["head"], test[key]] for key in ("a", "b"))
        name = f"{test['question']}/{test['row']}"
        found[name, test["head"], f"{a}|{b}"] = test
        found[name, test["head"], f"{b}|{a}"] = test | {"estimate": -test["estimate"]}
    assert len(EXPECTED) == 8 * (2 + 1 + 3 + 3)
    for row in EXPECTED.to_dict("records"):
        ours = found[row["row"], row["head"], row["what"]]
        for name in ("estimate", "std_error", "df", *(["p_value"] if "|" in row["what"] else [])):
            assert ours[name] == pytest.approx(row[name], rel=1e-6), (row["row"], row["what"], name)


def test_cells_agree_with_means_and_tests_with_contrasts() -> None:
    cells = TABLE.cells
    ours = cells[
        (cells["question"] == "goals/exclude") & (cells["row"] == "Mean") & (cells["head"] == "size")
    ]
    one = means(DATA, ["goals"], by=["size"], deff="replace").set_index("size").loc[ours["column"]]
    for name, other in (("estimate", "estimate"), ("std_error", "std_error"), ("df", "df"), ("deff", "deff")):
        np.testing.assert_allclose(ours[name], one[other], rtol=1e-9)
    np.testing.assert_array_equal(ours[["n", "companies"]], one[["n", "companies"]])
    tests = TABLE.tests
    pair = tests[
        (tests["question"] == "goals/exclude") & (tests["row"] == "Mean") & (tests["head"] == "function_")
    ]
    other = contrasts(DATA, ["goals"], group="function_", a="marketing", b="sales")
    for name in ("estimate", "std_error", "df", "p_value"):
        np.testing.assert_allclose(pair[name], other[name], rtol=1e-9)


def test_known_totals_narrow_a_table_as_they_narrow_means() -> None:
    design = survey_design(DATA)
    tied = design.calibrated(
        poststratify(design.weights, pd.factorize(DATA["stratum"])[0], [90.0, 110.0, 70.0])
    )
    table = crosstab(mean_of("goals", DATA["goals"].to_numpy(float)), banner(DATA, ["size"]), tied)
    free = crosstab(
        mean_of("goals", DATA["goals"].to_numpy(float)), banner(DATA, ["size"]), without_ties(tied)
    )
    assert not np.allclose(table.cells["std_error"], free.cells["std_error"])
    np.testing.assert_allclose(table.cells["estimate"], free.cells["estimate"])
    one = mean_estimates(DATA[["goals"]].to_numpy(float), tied)
    assert table.cells["std_error"].iloc[0] == pytest.approx(one.std_error.item())


def without_ties(design: SurveyDesign) -> SurveyDesign:
    return SurveyDesign(design.weights, design.strata, design.clusters, design.population)


def test_a_table_that_can_be_checked_by_hand() -> None:
    frame = pd.DataFrame({"company": range(8), "size": list("aaaabbbb"), "q": [1, 1, 1, 2, 2, 2, 2, 2]})
    stub = rated("q", frame["q"].to_numpy(float), labels={1: "No", 2: "Yes"}, boxes=0)
    table = crosstab(stub, banner(frame, ["size"]), survey_design(frame))
    assert wide(table.cells).to_numpy().tolist() == [[37.5, 75, 0], [62.5, 25, 100], [1.625, 1.25, 2]]
    assert wide(table.cells, "count").iloc[:2].to_numpy().tolist() == [[3, 3, 0], [5, 1, 4]]
    base = table.bases.set_index("column")
    assert base["n"].tolist() == base["effective"].tolist() == [8, 4, 4]
    # s^2 of 1, 1, 1, 2 is 0.25: the error of the difference is sqrt(0.25 / 4), and t = 0.75 / 0.25 on 3 df.
    test = table.tests[table.tests["row"] == "Mean"].iloc[0]
    for name, value in {"estimate": -0.75, "std_error": 0.25, "statistic": -3.0, "df": 3.0}.items():
        assert test[name] == pytest.approx(value)
    assert test["p_value"] == pytest.approx(0.0577, abs=1e-4)
    found = letters(table, method="none").cells
    assert found.loc[found["row"] == "Mean", ["letter", "letters"]].values.tolist() == [["B", "a"]]


def test_one_person_and_one_company_in_two_columns_are_compared_as_such() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"company": np.arange(40) % 20, "q": rng.normal(size=40)})
    members = np.column_stack([np.arange(40) < 30, np.arange(40) >= 10, np.arange(40) < 30])
    columns = pd.DataFrame(
        {"head": "h", "column": ["x", "y", "again"], "letter": ["A", "B", "C"]}, dtype="str"
    )
    table = crosstab(mean_of("q", frame["q"].to_numpy()), Banner(columns, members), survey_design(frame))
    same = table.tests.set_index(["a", "b"]).loc[("A", "C")]
    assert same["estimate"] == same["std_error"] == 0
    assert np.isnan(same["p_value"])
    z = np.zeros((20, 2))
    for place in range(2):
        inside = members[:, place]
        part = (frame["q"] - frame.loc[inside, "q"].mean()).where(inside, 0.0) / inside.sum()
        z[:, place] = part.groupby(frame["company"]).sum()
    difference = z[:, 0] - z[:, 1]
    by_hand = np.sqrt(20 / 19 * ((difference - difference.mean()) ** 2).sum())
    assert table.tests.set_index(["a", "b"]).loc[("A", "B"), "std_error"] == pytest.approx(by_hand)


def test_several_answers_add_up_to_more_than_all_and_blanks_are_no_base() -> None:
    cells = TABLE.cells[(TABLE.cells["question"] == "tools/exclude") & (TABLE.cells["head"] == "Total")]
    share = cells.set_index("row")["estimate"]
    assert share["CRM"] + share["Chat"] > share["Any"]
    assert (cells["n"] == DATA["crm"].notna().sum()).all()


def test_dont_know_is_shown_in_the_base_or_excluded_from_it() -> None:
    total = TABLE.cells[TABLE.cells["head"] == "Total"].set_index(["question", "row"])
    answered, unsure = DATA["goals"].notna().sum(), DATA["unsure"].sum()
    assert total.loc[("goals/exclude", "Agree"), "n"] == answered
    assert total.loc[("goals/show", "Agree"), "n"] == answered + unsure
    assert total.loc[("goals/show", "Mean"), "n"] == answered
    assert total.loc[("goals/show", "Don't know"), "count"] == unsure
    for question in ("goals/exclude", "goals/show"):
        part = total.loc[question]
        assert part.loc[part["kind"].isin(["answer", "unsure"]), "estimate"].sum() == pytest.approx(100)


def test_effective_bases_are_those_of_kish_and_of_the_design() -> None:
    base = TABLE.bases[(TABLE.bases["question"] == "goals/exclude") & (TABLE.bases["head"] == "Total")].iloc[
        0
    ]
    w = DATA.loc[DATA["goals"].notna(), "weight"]
    assert base["effective"] == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert base["weighted"] == pytest.approx(w.sum())
    assert base["design_effective"] < base["effective"] < base["n"]


def test_no_row_of_a_question_tells_less_than_its_effective_base_says() -> None:
    # R: sum(!is.na(goals)) / deff(svymean(~y, subset(design, !is.na(goals)), deff = "replace")), y being each row.
    expected = {"Neither": 115.8575, "Top 2 box": 58.79171, "Bottom 2 box": 74.46156, "Mean": 47.09152}
    keys = ["question", "head", "column"]
    rows = TABLE.cells.assign(effective=TABLE.cells["n"] / TABLE.cells["deff"])
    smallest = rows.groupby(keys)["effective"].min()
    base = TABLE.bases.set_index(keys)["design_effective"]
    np.testing.assert_allclose(base, smallest.loc[base.index])
    total = rows[(rows["question"] == "goals/exclude") & (rows["head"] == "Total")].set_index("row")[
        "effective"
    ]
    assert total[list(expected)].to_dict() == pytest.approx(expected, rel=1e-6)
    assert base["goals/exclude", "Total", "Total"] == total["Mean"] < total.drop("Mean").min()


def test_letters_without_a_difference_are_as_rare_as_declared_although_companies_repeat() -> None:
    rng = np.random.default_rng(11)
    sims, companies, people = 400, 40, 8
    company = np.repeat(np.arange(companies), people)
    frame = pd.DataFrame({"company": company, "size": np.array(list("abcd"))[company % 4]})
    level = rng.normal(size=(companies, sims))[company]
    answers = level + rng.normal(size=(len(company), sims)) > 0
    rows = pd.DataFrame(
        {"question": [f"q{i}" for i in range(sims)], "row": "Yes", "kind": "answer", "repeats": ""},
        dtype="str",
    )
    stub, columns = Stub(rows, 100.0 * answers), banner(frame, ["size"])
    table = crosstab(stub, columns, survey_design(frame))
    assert (table.tests["p_value"] < 0.05).mean() == pytest.approx(0.05, abs=0.015)
    ignoring = crosstab(stub, columns, survey_design(frame, cluster=None))
    assert (ignoring.tests["p_value"] < 0.05).mean() > 0.15
    any_letter = letters(table, levels=[0.95], method="holm", family="table").cells["question"].nunique()
    assert any_letter / sims == pytest.approx(0.05, abs=0.025)
    unadjusted = letters(table, levels=[0.95], method="none")
    assert unadjusted.cells["question"].nunique() / sims > 0.12
    assert unadjusted.given == pytest.approx(unadjusted.by_chance, rel=0.25)
    assert unadjusted.by_chance == pytest.approx(0.05 * 6 * sims)
    assert letters(table, levels=[0.95]).cells["question"].nunique() / sims == pytest.approx(0.05, abs=0.025)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_neither_the_order_of_rows_nor_the_size_of_weights_matters(seed: int) -> None:
    moved = DATA.sample(frac=1, random_state=seed).assign(weight=lambda f: f["weight"] * 7)
    other = table_of(moved)
    same = ["estimate", "std_error", "df", "n", "companies", "count", "effective", "deff"]
    np.testing.assert_allclose(other.cells[same], TABLE.cells[same], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(other.tests["p_value"], TABLE.tests["p_value"], rtol=1e-6, atol=1e-9)
    pd.testing.assert_frame_equal(letters(other).cells, letters(TABLE).cells)


def test_pieces_of_a_table_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.infer.crosstab.PIECE", 1)
    piecewise = table_of(DATA)
    pd.testing.assert_frame_equal(piecewise.cells, TABLE.cells)
    pd.testing.assert_frame_equal(piecewise.tests, TABLE.tests)


def test_letters_stand_in_the_higher_of_two_columns() -> None:
    found = letters(TABLE, levels=[0.95, 0.90], method="none")
    won = found.cells.set_index(["question", "row", "head", "letter"])["letters"]
    for test in found.tests.to_dict("records"):
        for mine, other, sign in ((test["a"], test["b"], 1), (test["b"], test["a"], -1)):
            told = won.to_dict().get((test["question"], test["row"], test["head"], mine), "")
            higher = sign * test["estimate"] > 0
            assert (other in told) == (higher and test["p_value"] < 0.05)
            assert (other.lower() in told) == (higher and 0.05 <= test["p_value"] < 0.1)


@pytest.mark.parametrize(("family", "keys"), [("row", ["question", "row", "head"]), ("table", ["question"])])
def test_the_size_of_a_family_is_the_number_of_its_tests(family: Family, keys: list[str]) -> None:
    found = letters(TABLE, method="bh", family=family)
    made = found.tests[found.tests["p_value"].notna()]
    assert (made["family"] == made.groupby(keys)["p_value"].transform("count")).all()
    assert found.sizes == (made["family"].min(), made["family"].max())
    assert len(found.cells) < len(letters(TABLE, method="none").cells)


def test_a_book_is_one_family_if_so_declared() -> None:
    # Two columns of function and three of size are four pairs in each of 20 rows; two rows are empty in a pair.
    assert letters(TABLE, method="holm", family="book").sizes == (78, 78)


@pytest.mark.parametrize("family", ["row", "table", "book"])
def test_a_net_of_one_answer_has_its_letters_and_is_no_test_of_its_own(family: Family) -> None:
    goals, columns = DATA["goals"].to_numpy(float), banner(DATA, HEADS)
    twice, once = (
        crosstab(rated("q", goals, labels=LABELS, boxes=boxes), columns, survey_design(DATA))
        for boxes in (1, 0)
    )
    ours, other = (letters(table, method="holm", family=family) for table in (twice, once))
    assert (ours.sizes, ours.made) == (other.sizes, other.made)
    by_row = ours.tests.set_index("row")
    for box, answer in (("Top box", LABELS[5]), ("Bottom box", LABELS[1])):
        np.testing.assert_array_equal(by_row.loc[box, "p_adjusted"], by_row.loc[answer, "p_adjusted"])
    kept = ours.cells[~ours.cells["row"].isin(["Top box", "Bottom box"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, other.cells)


def test_a_banner_orders_sizes_by_their_numbers_and_refuses_what_has_no_letters() -> None:
    columns = banner(DATA, ["size"], nets={"size": {"Up to 249": ["1-49", "50-249"]}}).columns
    assert columns["column"].tolist() == ["Total", "1-49", "50-249", "250+", "Up to 249"]
    assert columns["letter"].tolist() == ["", "A", "B", "C", "D"]
    with pytest.raises(InputError, match="company: cannot head columns"):
        banner(DATA, ["company"])
    with pytest.raises(InputError, match="region: is not a column"):
        banner(DATA, ["region"])


@pytest.mark.parametrize("levels", [[], [0.9, 0.95], [0.95, 0.95], [0.99, 0.95, 0.9], [1.0], [5.0]])
def test_levels_that_make_no_sense_are_refused(levels: list[float]) -> None:
    with pytest.raises(ValueError, match="levels are one or two"):
        letters(TABLE, levels=levels)


def test_columns_of_one_company_or_nobody_have_no_letters() -> None:
    frame = DATA.assign(group=np.where(DATA["company"] == "c01", "one", "rest"))
    frame.loc[frame["company"] == "c02", "group"] = "silent"
    frame.loc[frame["group"] == "silent", "goals"] = np.nan
    table = crosstab(
        mean_of("q", frame["goals"].to_numpy(float)), banner(frame, ["group"]), survey_design(frame)
    )
    assert table.tests["p_value"].isna().all()
    assert table.cells.set_index("column")["estimate"].isna().to_dict() == {
        "Total": False, "one": False, "rest": False, "silent": True
    }  # fmt: skip
    assert letters(table).cells.empty
    assert letters(table).sizes == (0, 0)
    assert len(list(combinations("abc", 2))) == len(table.tests)
