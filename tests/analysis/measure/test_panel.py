import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis.measure.agreement import agreement
from analysis.measure.panel import NO_SPREAD, Panel, build_panel, panel_from_scores
from analysis.measure.scoring import score
from survey.instrument import read_instrument
from survey.problems import InputError

NAN = float("nan")
WORD = {"en": "..."}
PRACTICES = " ".join(
    ["lean1", "lean2", *(f"perf{n}" for n in range(1, 11)), *(f"talent{n}" for n in range(1, 7))]
)


@pytest.fixture(scope="session")
def instrument(make_instrument):
    return make_instrument(
        {"trust": "t1 -t2", "goals": "g1", "weather": "w1"},
        markers=("weather",),
        questions={
            "adequate": {"text": WORD, "kind": "choice", "options": {"yes": WORD, "no": WORD}},
        },
        outcomes={
            "win_rate": {"title": WORD, "text": WORD, "unit": WORD, "range": [0, 100]},
            "growth": {"title": WORD, "unit": WORD, "range": [-100, 1000]},
        },
    )


def answers():
    """Two people in each function of X and Y in 2024; in 2025 only sales of X answered."""
    return {
        "company": ["X"] * 4 + ["Y"] * 4 + ["X"],
        "function": ["sales", "sales", "marketing", "marketing"] * 2 + ["sales"],
        "wave": [2024] * 8 + [2025],
        "t1": [2, 3, 4, 4, 1, 2, 1, 3, 5],
        "t2": [4, 3, 2, 2, 5, 4, 5, 3, 1],
        "g1": [3, 2, 5, 4, 2, 1, 2, 2, 4],
        "w1": [3, 3, 4, 2, 5, 5, 4, 5, 3],
        "adequate": ["no", "yes", "yes", "yes", "no", "no", "no", None, "yes"],
        "win_rate": [30.0, NAN, NAN, NAN, 20.0, 10.0, 40.0, NAN, 35.0],
    }


def panel_of(responses, **rules):
    return build_panel(responses, score(responses), agreement(responses), **rules)


@pytest.fixture
def panel(instrument, make_responses):
    return panel_of(make_responses(answers(), instrument))


def test_columns_and_their_order(panel):
    assert list(panel.frame) == [
        "company", "wave", "n", "n_sales", "n_marketing", "trust", "goals", "weather", "alignment",
        "alignment_sales", "alignment_marketing", "alignment_se", "gap", "abs_gap", "gap_trust", "gap_goals",
        "agreement", "d2", "elevation", "scatter", "shape", "profile_icc", "reliability", "stage",
        "adequate", "win_rate",
    ]  # fmt: skip
    assert panel.unavailable == {}
    assert panel.outcomes == ("win_rate",)


def test_values_by_hand(panel):
    x = panel.frame.iloc[0]
    assert x[["company", "wave", "n", "n_sales", "n_marketing"]].tolist() == ["X", 2024, 4, 2, 2]
    # Trust: sales (25 + 50) / 2, marketing 75; goals: sales 37.5, marketing 87.5.
    assert x[["trust", "goals", "weather"]].tolist() == [56.25, 62.5, 50.0]
    assert x[["alignment", "alignment_sales", "alignment_marketing", "gap"]].tolist() == [
        59.375,
        37.5,
        81.25,
        43.75,
    ]
    # The four indices deviate by 0, 0 and 6.25, 6.25 in X, by 12.5 and 12.5 in Y's two functions.
    assert x["stage"] == "aligned"
    assert x["adequate"] == 75.0
    assert x["win_rate"] == 30.0
    y = panel.frame.set_index(["company", "wave"]).loc[("Y", 2024)]
    assert y["adequate"] == 0.0
    assert y["win_rate"] == 27.5


def test_standard_error_and_reliability_by_hand(panel):
    both = panel.frame[panel.frame["wave"] == 2024]
    # Indices: X sales 37.5, 37.5; X marketing 87.5, 75; Y sales 12.5, 12.5; Y marketing 12.5, 37.5.
    sales, marketing = 0.0, (78.125 + 312.5) / 2
    error = (sales / 2 + marketing / 2) / 4
    assert both["alignment_se"].tolist() == pytest.approx([np.sqrt(error)] * 2)
    signal = both["alignment"].var() - error
    assert both["reliability"].tolist() == pytest.approx([signal / (signal + error)] * 2)


def test_agreement_is_the_mean_within_functions(instrument, make_responses):
    responses = make_responses(answers(), instrument)
    table = agreement(responses)
    x = table[(table["company"] == "X") & (table["wave"] == 2024) & (table["construct"] != "weather")]
    panel = panel_of(responses)
    assert panel.frame["agreement"][0] == pytest.approx(x["rwg_j"].mean())
    assert np.isnan(panel.frame.loc[panel.frame["wave"] == 2025, "agreement"].item())


def test_a_silent_function_shows_in_the_counts_and_leaves_ratings_empty(panel):
    row = panel.wave(2025).frame.iloc[0]
    assert row[["n", "n_sales", "n_marketing"]].tolist() == [1, 1, 0]
    assert row[["trust", "alignment", "gap", "adequate", "stage", "reliability"]].isna().all()
    assert row["alignment_sales"] == 87.5
    assert row["win_rate"] == 35.0


def test_the_rules_are_passed_on(instrument, make_responses):
    panel = panel_of(make_responses(answers(), instrument), require_both=False)
    assert panel.wave(2025).frame.loc[0, ["alignment", "adequate"]].tolist() == [87.5, 100.0]


def test_waves(panel):
    assert panel.waves == [2024, 2025]
    assert panel.latest == 2025
    assert panel.wave(2024).frame["company"].tolist() == ["X", "Y"]
    with pytest.raises(InputError, match=r"there is no wave 2023\. Allowed: 2024, 2025"):
        panel.wave(2023)


def test_outcomes_and_firmographics_join_by_company_or_company_and_wave(panel):
    industry = pd.DataFrame({"company": ["Y", "Z"], "industry": ["steel", "wood"]})
    growth = pd.DataFrame({"company": ["X"], "wave": [2024], "growth": [7.5], "margin": [2.0]})
    wider = panel.with_columns(industry).with_columns(growth, outcomes=("margin",))
    assert wider.frame["industry"].tolist()[2] == "steel"
    assert wider.frame["industry"].isna().tolist() == [True, True, False]
    np.testing.assert_array_equal(wider.frame["growth"], [7.5, NAN, NAN])
    assert wider.outcomes == ("win_rate", "growth", "margin")
    assert list(wider.frame)[-4:] == ["win_rate", "growth", "margin", "industry"]
    assert list(panel.frame)[-1] == "win_rate"
    assert_frame_equal(wider.frame[list(panel.frame)], panel.frame)


def test_what_cannot_be_joined_is_said_all_at_once(panel):
    frame = pd.DataFrame({"company": ["X", "X"], "gap": [1, 2]})
    with pytest.raises(InputError) as caught:
        panel.with_columns(frame, outcomes=("growth",))
    text = str(caught.value)
    assert "3 problems" in text
    assert "company: occurs more than once" in text
    assert "gap: the panel already has this column" in text
    assert "growth: is named as an outcome but not among the added columns" in text
    with pytest.raises(InputError, match="there is no company column"):
        panel.with_columns(pd.DataFrame({"firm": ["X"], "size": [3]}))
    with pytest.raises(InputError, match="is text in one table and a number in the other"):
        panel.with_columns(pd.DataFrame({"company": [1], "size": [3]}))


def test_summary_says_what_there_is_and_what_not(make_instrument, make_responses):
    instrument = make_instrument({"trust": "t1", "other": "o1"})
    panel = panel_of(make_responses({"t1": [1.0, 4.0], "function": ["sales", "marketing"]}, instrument))
    text = panel.summary()
    assert "A tiny study: 1 company, 1 wave. Index: Alignment, 0-100" in text
    assert "37.5" in text
    assert "other, gap_other (none of its items was asked)" in text
    assert repr(panel) == text
    page = panel._repr_html_()
    assert "<table" in page
    assert "none of its items was asked" in page
    nobody = panel_of(make_responses({"t1": [NAN], "o1": [NAN]}, instrument))
    assert "-" in nobody.summary().splitlines()[2]


def test_one_informant_and_no_functions(make_instrument, make_responses):
    instrument = make_instrument({"trust": "t1 t2", "goals": "g1"}, functions=False)
    columns = {"company": ["X", "Y"], "t1": [1, 2], "t2": [3, 4], "g1": [5, NAN]}
    panel = panel_of(make_responses(columns, instrument))
    assert list(panel.frame) == ["company", "wave", "n", "trust", "goals", "alignment", "stage"]
    assert panel.frame["alignment"].tolist() == pytest.approx([62.5, NAN], nan_ok=True)
    assert panel.unavailable["agreement"] == "every company has one informant a wave"
    assert (
        panel.unavailable["reliability"]
        == panel.unavailable["alignment_se"]
        == panel.unavailable["agreement"]
    )
    assert panel.unavailable["gap_trust"] == "the questionnaire does not ask which function people work in"
    assert {"n_sales", "n_marketing", "gap", "abs_gap", "d2", "profile_icc"} <= set(panel.unavailable)


def test_several_informants_and_no_functions(make_instrument, make_responses):
    instrument = make_instrument({"trust": "t1"}, functions=False)
    columns = {"company": list("XXYY"), "t1": [1, 2, 4, 5]}
    panel = panel_of(make_responses(columns, instrument))
    assert panel.frame["alignment_se"].tolist() == pytest.approx([12.5, 12.5])
    assert panel.frame["reliability"].between(0.8, 1).all()
    assert panel.frame["agreement"].notna().all()


def test_one_informant_in_each_function(instrument, make_responses):
    columns = {name: values[::2] for name, values in answers().items()}
    panel = panel_of(make_responses(columns, instrument))
    reason = "too few companies have two informants with complete answers in the same function"
    assert panel.unavailable == dict.fromkeys(("agreement", "alignment_se", "reliability"), reason)
    assert not {"agreement", "alignment_se", "reliability"} & set(panel.frame)
    assert panel.frame["alignment"].notna().sum() == 2


def test_one_company(instrument, make_responses):
    columns = {name: values[:4] for name, values in answers().items()}
    panel = panel_of(make_responses(columns, instrument))
    assert panel.unavailable == {"reliability": "no wave has two companies whose sampling error is known"}


def test_everybody_gave_the_same_answers(instrument, make_responses):
    columns = answers() | dict.fromkeys(("t1", "t2", "g1"), [3] * 9)
    panel = panel_of(make_responses(columns, instrument))
    assert (panel.frame["alignment_se"].dropna() == 0).all()
    assert panel.unavailable["reliability"] == NO_SPREAD


def test_only_one_function_ever_answered(instrument, make_responses):
    columns = pd.DataFrame(answers()).query("function == 'sales'").to_dict("list")
    panel = panel_of(make_responses(columns, instrument))
    assert (
        panel.unavailable["alignment"]
        == panel.unavailable["trust"]
        == "every company has answers of one function only, and a company's score needs both"
    )
    assert panel.unavailable["gap"].startswith("no company has the answers from both")
    assert panel.frame["alignment"].isna().all()
    assert "trust" not in panel.frame
    assert panel.frame["alignment_sales"].notna().all()


def test_one_construct_has_no_profile(make_instrument, make_responses):
    panel = panel_of(make_responses(
        {"t1": [1, 2, 4, 5], "function": ["sales", "sales", "marketing", "marketing"]},
        make_instrument({"trust": "t1"}),
    ))  # fmt: skip
    assert (
        panel.unavailable["profile_icc"]
        == "no company has two profiles over at least two constructs that vary"
    )
    assert panel.frame["d2"].item() == 75.0**2


def test_a_construct_nobody_answered(instrument, make_responses):
    panel = panel_of(make_responses(answers() | {"g1": [NAN] * 9}, instrument))
    assert panel.unavailable["goals"] == "no company has the answers that it needs"
    assert panel.unavailable["stage"] == panel.unavailable["alignment"] == panel.unavailable["goals"]
    assert panel.frame["alignment"].isna().all()
    assert panel.frame["trust"].notna().sum() == 2
    loose = panel_of(make_responses(answers() | {"g1": [NAN] * 9}, instrument), min_share=0.5)
    assert loose.frame["alignment"].tolist()[0] == 56.25


def test_everybody_gives_the_same_answers(instrument, make_responses):
    columns = answers() | {name: [3] * 9 for name in ("t1", "t2", "g1", "w1")}
    panel = panel_of(make_responses(columns, instrument))
    assert panel.frame["alignment"].tolist()[0] == 50.0
    assert panel.frame["alignment_se"].tolist()[0] == 0.0
    assert "reliability" in panel.unavailable
    assert panel.frame["agreement"].tolist()[0] == 1.0


def test_nobody_answered_at_all(instrument, make_responses):
    empty = pd.DataFrame(answers()).iloc[:0].to_dict("series")
    panel = panel_of(make_responses(empty, instrument))
    assert len(panel.frame) == 0
    assert "0 companies, 0 waves" in panel.summary()
    with pytest.raises(InputError, match="no latest wave"):
        _ = panel.latest


def test_questions_called_like_standard_columns_are_not_repeated(make_responses):
    instrument = read_instrument("alignment")
    assert {"company", "function"} <= set(instrument.columns)
    rng = np.random.default_rng(5)
    columns = {
        "company": [f"c{number // 6}" for number in range(60)],
        "function": ["sales", "marketing"] * 30,
        **{q.id: rng.integers(1, 6, 60) for q in instrument.columns.values() if q.kind == "scale"},
        **{q.id: rng.integers(0, 2, 60) for q in instrument.columns.values() if q.kind == "tick"},
    }
    frame = panel_of(make_responses(columns, instrument)).frame
    assert frame.columns.is_unique
    assert list(frame)[:5] == ["company", "wave", "n", "n_sales", "n_marketing"]
    assert frame["alignment"].between(0, 100).all()
    assert len(frame) == 10


def test_to_frame_is_a_copy(panel):
    copy = panel.to_frame()
    copy["alignment"] = -1.0
    assert (panel.frame["alignment"].dropna() >= 0).all()


@given(st.permutations(range(9)))
@settings(max_examples=6, deadline=None)
def test_the_order_of_respondents_does_not_matter(instrument, make_responses, order):
    frame = pd.DataFrame(answers())
    expected = panel_of(make_responses(frame.to_dict("list"), instrument))
    shuffled = panel_of(make_responses(frame.iloc[list(order)].to_dict("list"), instrument))
    assert_frame_equal(shuffled.frame, expected.frame)


def test_reliability_is_the_squared_correlation_with_the_truth(make_instrument, make_responses):
    rng = np.random.default_rng(11)
    companies, people = 1500, 4
    truth = rng.normal(3, 0.5, companies)
    given_by = np.repeat(truth, 2 * people) + rng.normal(0, 0.8, companies * 2 * people)
    columns = {
        "company": np.repeat([f"c{number:04}" for number in range(companies)], 2 * people),
        "function": (["sales"] * people + ["marketing"] * people) * companies,
        "t1": given_by,
    }
    scale = {"min": -3, "max": 9, "whole": False}
    panel = panel_of(make_responses(columns, make_instrument({"trust": "t1"}, scale=scale)))
    seen = np.corrcoef(panel.frame["alignment"], truth)[0, 1] ** 2
    assert panel.frame["reliability"].mean() == pytest.approx(seen, abs=0.02)
    assert seen == pytest.approx(0.25 / (0.25 + 0.64 / 8), abs=0.03)


# Panels that start from scores of organisations.


@pytest.fixture(scope="session")
def themes(make_instrument):
    return make_instrument(
        {"pay": "", "team": "", "weather": ""},
        functions=False,
        markers=("weather",),
        outcomes={"growth": {"title": WORD, "unit": WORD, "range": [-100, 1000]}},
    )


def organisations():
    return pd.DataFrame(
        {
            "wave": [2025, 2024, 2025],
            "company": ["B", "A", "A"],
            "region": ["north", "south", "south"],
            "growth": [1.0, 2.0, NAN],
            "pay": [10.0, 20.0, NAN],
            "team": [40.0, 60.0, 50.0],
            "weather": [99.0, 1.0, 2.0],
        }
    )


def test_scores_of_organisations_become_a_panel(themes):
    frame = organisations()
    panel = panel_from_scores(frame, themes)
    assert list(panel.frame) == [
        "company", "wave", "pay", "team", "weather", "alignment", "stage", "growth", "region",
    ]  # fmt: skip
    assert panel.frame["company"].tolist() == ["A", "A", "B"]
    assert panel.frame["alignment"].tolist() == pytest.approx([40.0, NAN, 25.0], nan_ok=True)
    assert panel.frame["stage"].tolist()[::2] == ["defined", "defined"]
    assert panel.outcomes == ("growth",)
    assert set(panel.unavailable.values()) == {
        "the study starts from scores of organisations, not from answers of people"
    }
    assert {"n", "gap", "agreement", "alignment_se", "reliability", "gap_pay"} <= set(panel.unavailable)
    assert_frame_equal(frame, organisations())


def test_a_given_index_and_number_of_people_are_taken_as_they_are(themes):
    frame = organisations().assign(alignment=["55", "61.5", "70"], n=[12, 30, 7], file="f.csv", row=[2, 3, 4])
    panel = panel_from_scores(frame.drop(columns=["pay", "weather"]), themes)
    assert panel.frame["alignment"].tolist() == [61.5, 70.0, 55.0]
    assert panel.frame["n"].tolist() == [30, 7, 12]
    assert "pay" in panel.unavailable
    assert not {"file", "row"} & set(panel.frame)
    assert panel.summary().splitlines()[3].split()[:3] == ["2025", "2", "19"]


def test_bad_scores_are_said_all_at_once(themes):
    frame = organisations().assign(
        company=["A", "A", "A"], wave=["2025", "2024.5", "2025"], pay=["x", "-1", "101"], n=[-3, 1, 1]
    )
    with pytest.raises(InputError) as caught:
        panel_from_scores(frame.assign(file="f.csv", row=[7, 8, 9]), themes)
    found = {(problem.row, problem.column, problem.what) for problem in caught.value.problems}
    assert found == {
        (7, "pay", "x is not a number"),
        (8, "pay", "-1 is outside 0-100"),
        (9, "pay", "101 is outside 0-100"),
        (7, "n", "-3 is not a number of people"),
        (8, "wave", "2024.5 is not a year"),
        (9, "company", "A has two rows in one wave"),
    }
    assert str(caught.value.problems[0]).startswith("f.csv, row 7, pay: x is not a number")


def test_a_table_of_scores_needs_its_columns(themes):
    with pytest.raises(InputError) as caught:
        panel_from_scores(pd.DataFrame({"company": ["A"], "pay": [3.0]}), themes)
    assert [problem.column for problem in caught.value.problems] == ["wave", "team"]
    with pytest.raises(InputError, match="row 1, company: is empty"):
        panel_from_scores(organisations().iloc[:1].assign(company=None), themes)


# Real data.


def test_management_practices_have_one_informant_and_no_functions(make_instrument, make_responses, real_data):
    firms = pd.read_csv(real_data / "management_practices" / "firm_years.csv")
    instrument = make_instrument(
        {"practices": PRACTICES}, functions=False, scale={"min": 1, "max": 5, "whole": False}
    )
    columns = {"company": firms["account_id"].astype(str), "wave": firms["year"], **firms[PRACTICES.split()]}
    panel = panel_of(make_responses(columns, instrument))
    assert isinstance(panel, Panel)
    assert list(panel.frame) == ["company", "wave", "n", "practices", "alignment", "stage"]
    assert len(panel.frame) == len(firms) == 3492
    assert (panel.frame["n"] == 1).all()
    for name in ("agreement", "alignment_se", "reliability", "gap", "d2"):
        assert name in panel.unavailable
    # The authors' own management score is the mean of the practices, where all were scored.
    theirs = firms.assign(company=firms["account_id"].astype(str), wave=firms["year"])
    theirs["complete"] = firms[PRACTICES.split()].notna().all(axis=1)
    joined = panel.with_columns(
        theirs[["company", "wave", "management", "complete"]], outcomes=("management",)
    )
    complete = joined.frame[joined.frame["complete"]]
    same = np.isclose(complete["alignment"], 25 * (complete["management"] - 1), atol=0.001)
    assert len(complete) > 3000
    assert same.mean() > 0.975  # the others are interpolated between two interviews


def test_civil_service_medians_are_the_published_benchmarks(make_instrument, real_data):
    table = pd.read_csv(real_data / "civil_service_people_survey" / "csps_org_panel.csv")
    table = table[~table["uid"].isin(["CSBNCH", "CSMEAN"])]
    columns = {"uid": "company", "year": "wave", "engagement_index": "alignment"}
    instrument = make_instrument({"leadership": "", "pay": ""}, functions=False)
    panel = panel_from_scores(table.rename(columns=columns), instrument)
    published = {2009: 58, 2010: 56, 2011: 56, 2012: 58, 2013: 58, 2014: 59, 2015: 58, 2017: 61, 2018: 62}
    for year, median in published.items():
        assert panel.wave(year).frame["alignment"].median() == pytest.approx(median)
