from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.benchmark.class_gaps import class_gaps
from analysis.benchmark.classes import (
    AVERAGE,
    BEST,
    LAGGARD,
    OutcomeClasses,
    PracticeClasses,
    classify,
    with_class,
)
from analysis.infer.columns import RESULT
from analysis.infer.tabulation import contrasts, means
from analysis.measure.panel import Panel
from survey.instrument import Instrument, read_instrument
from survey.problems import InputError

WORD = {"en": "..."}


def outcome(title: str, better: str = "higher") -> dict[str, Any]:
    return {"title": {"en": title}, "unit": {"en": "%"}, "range": [-100, 1000], "better": better}


def practices(items: list[str]) -> dict[str, Any]:
    stated = {item: {"text": WORD} for item in items}
    return {"frame": "capability", "title": WORD, "text": WORD, "answer": "tick", "items": stated}


INSTRUMENT = Instrument.model_validate(
    {
        "instrument": "tiny",
        "version": "1",
        "languages": ["en"],
        "title": WORD,
        "index": WORD,
        "constructs": {"goals": {"title": WORD, "definition": WORD}},
        "outcomes": {
            "growth": outcome("Revenue growth"),
            "quota": outcome("Quota attainment"),
            "roi": outcome("ROI of marketing"),
            "cycle": outcome("Length of the sales cycle", "lower"),
        },
        "practices": {"habits": practices([f"h{n}" for n in range(10)])},
    }
)


def panel_of(**columns: Any) -> Panel:
    size = len(next(iter(columns.values())))
    return Panel(pd.DataFrame({"company": range(size), "wave": 2025} | columns), INSTRUMENT, {})


def classes_by_company(panel: Panel, definition: OutcomeClasses | PracticeClasses) -> dict[int, str]:
    frame = classify(panel, definition).frame
    return dict(zip(frame["company"], frame["class"], strict=True))


def test_top_fifth_and_bottom_third_tenths_of_each_wave() -> None:
    frame = pd.DataFrame({"company": [*range(10), *range(10)], "wave": [2024] * 10 + [2025] * 10})
    frame["growth"] = [*range(10), *range(100, 90, -1)]
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("growth",)))
    sizes = classes.frame.groupby(["wave", "class"]).size()
    assert sizes.tolist() == [5, 2, 3, 5, 2, 3]
    later = classes.frame[classes.frame["wave"] == 2025].set_index("company")["class"]
    assert later[[0, 9]].tolist() == ["best in class", "laggard"]
    assert list(classes.frame.columns) == ["company", "wave", "score", "class"]


def test_of_an_outcome_from_records_lower_can_be_better_and_the_study_has_the_last_word() -> None:
    churn = replace(panel_of(churn=[float(i) for i in range(10)]), better={"churn": "lower"})
    assert classes_by_company(churn, OutcomeClasses(("churn",)))[0] == "best in class"
    longer = replace(panel_of(cycle=[float(i) for i in range(10)]), better={"cycle": "higher"})
    assert classes_by_company(longer, OutcomeClasses(("cycle",)))[0] == "laggard"


def test_score_is_the_mean_z_and_lower_can_be_better() -> None:
    panel = panel_of(growth=[1.0, 2.0, 6.0], cycle=[90.0, 30.0, 60.0])
    score = classify(panel, OutcomeClasses(("growth", "cycle"))).frame["score"]
    growth = (np.array([1, 2, 6]) - 3) / np.std([1, 2, 6], ddof=1)
    np.testing.assert_allclose(score, (growth + np.array([-1, 1, 0])) / 2)


def test_ties_get_one_class_and_go_to_the_middle() -> None:
    tied_at_the_top = panel_of(growth=[9.0, 9, 9, 5, 4, 3, 2, 1, 0, -1])
    assert classes_by_company(tied_at_the_top, OutcomeClasses(("growth",)))[0] == "average"
    tied_at_the_bottom = panel_of(growth=[9.0, 8, 7, 6, 5, 4, 1, 1, 1, 1])
    assert set(classes_by_company(tied_at_the_bottom, OutcomeClasses(("growth",))).values()) == {
        "best in class",
        "average",
    }
    within_the_class = panel_of(growth=[9.0, 9, 7, 6, 5, 4, 3, 1, 1, 1])
    assert list(classes_by_company(within_the_class, OutcomeClasses(("growth",))).values()) == (
        ["best in class"] * 2 + ["average"] * 5 + ["laggard"] * 3
    )


def test_an_outcome_that_does_not_vary_tells_nobody_apart() -> None:
    assert set(classes_by_company(panel_of(growth=[3.0] * 12), OutcomeClasses(("growth",))).values()) == {
        "average"
    }
    both = panel_of(growth=[float(n) for n in range(10)], quota=[50.0] * 10)
    assert classes_by_company(both, OutcomeClasses(("growth", "quota")))[9] == "best in class"


def test_the_unclassified_are_counted_by_what_they_lack() -> None:
    growth = [np.nan, np.nan, *range(10)]
    quota = [np.nan, 1.0, np.nan, *range(9)]
    classes = classify(panel_of(growth=growth, quota=quota), OutcomeClasses(("growth", "quota")))
    assert classes.unclassified == {"without growth, quota": 1, "without growth": 1, "without quota": 1}
    assert len(classes.frame) == 9
    lenient = classify(
        panel_of(growth=growth, quota=quota), OutcomeClasses(("growth", "quota"), minimum_outcomes=1)
    )
    assert lenient.unclassified == {"without growth, quota": 1}
    assert "unclassified 1: without growth, quota" in lenient.summary()


def test_nobody_with_the_outcome_is_nobody_classified() -> None:
    classes = classify(panel_of(growth=[np.nan, np.nan]), OutcomeClasses(("growth",)))
    assert classes.frame.empty
    assert classes.unclassified == {"without growth": 2}
    assert class_gaps(panel_of(growth=[np.nan, np.nan]).frame, classes, ["growth"])["n"].eq(0).all()


@pytest.mark.parametrize(
    ("outcomes", "label"),
    [
        (("growth",), "selected on revenue growth"),
        (("growth", "quota"), "selected on revenue growth and quota attainment"),
        (
            ("growth", "cycle", "roi"),
            "selected on revenue growth, length of the sales cycle and ROI of marketing",
        ),
        (("growth", "quota", "roi", "cycle", "net_margin"), "selected on 5 outcomes"),
        (("net_margin",), "selected on net margin"),
    ],
)
def test_labels_say_what_the_classes_were_selected_on(outcomes: tuple[str, ...], label: str) -> None:
    values = {name: np.arange(10.0) for name in ("growth", "quota", "roi", "cycle", "net_margin")}
    classes = classify(panel_of(**values), OutcomeClasses(outcomes))
    assert classes.label == label
    assert classes.selected_on == outcomes


def habits(counts: list[int]) -> dict[str, Any]:
    """Practices in place for the first `count` of ten."""
    return {f"h{n}": [100.0 if n < count else 40.0 for count in counts] for n in range(10)}


def test_world_class_has_nine_tenths_of_its_practices_in_place() -> None:
    classes = classify(panel_of(**habits([10, 9, 8, 0])), PracticeClasses(("habits",)))
    assert classes.frame["class"].tolist() == ["world-class", "world-class", "rest", "rest"]
    assert classes.frame["score"].tolist() == [100, 90, 80, 0]
    assert classes.selected_on == tuple(f"h{n}" for n in range(10))
    assert classes.label == "selected on 10 practices"
    at_the_cut = classify(panel_of(h0=[75.0, 74.9]), PracticeClasses(("h0",), share=1))
    assert at_the_cut.frame["class"].tolist() == ["world-class", "rest"]
    shipped = replace(panel_of(goals=[80.0], alignment=[70.0]), instrument=read_instrument("alignment"))
    named = classify(shipped, PracticeClasses(("goals", "alignment")))
    assert named.label == "selected on shared goals and alignment"


def test_practices_not_answered_leave_a_company_out_unless_allowed() -> None:
    values = habits([10, 9])
    values["h3"] = [np.nan, 100.0]
    strict = classify(panel_of(**values), PracticeClasses(("habits",)))
    assert strict.unclassified == {"without h3": 1}
    lenient = classify(panel_of(**values), PracticeClasses(("habits",), minimum_practices=9))
    assert lenient.frame["score"].tolist() == [100, 90]


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (OutcomeClasses(("grwth",)), "grwth: is not a column of the table"),
        (OutcomeClasses(()), "defined on nothing"),
        (OutcomeClasses(("growth",), best=0.6, laggard=0.5), "class shares are impossible"),
        (OutcomeClasses(("growth",), minimum_outcomes=2), "minimum of known values is impossible"),
        (PracticeClasses(("growth",), share=90), "class cuts are impossible"),
    ],
)
def test_impossible_definitions_are_refused(definition: OutcomeClasses | PracticeClasses, words: str) -> None:
    with pytest.raises(InputError, match=words):
        classify(panel_of(growth=[1.0, 2.0]), definition)


def test_a_column_that_cannot_exist_is_refused_with_its_reason() -> None:
    panel = Panel(panel_of(growth=[1.0]).frame, INSTRUMENT, {"gap": "one function only"})
    with pytest.raises(
        InputError, match="gap: defines the classes but is not in the panel: one function only"
    ):
        classify(panel, OutcomeClasses(("gap",)))


def gap_frame(seed: int = 0, waves: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"company": np.tile(range(40), waves), "wave": np.repeat(range(2024, 2024 + waves), 40)}
    )
    return frame.assign(growth=rng.normal(5, 10, 40 * waves), alignment=rng.normal(60, 10, 40 * waves))


def test_class_gaps_are_contrasts_with_circular_ones_marked() -> None:
    frame = gap_frame()
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("growth",)))
    table = class_gaps(frame, classes, ["growth", "alignment"])
    assert {*RESULT, "variable", "a", "b", "mean_a", "mean_b", "overlap", "circular"} <= set(table.columns)
    assert table["b"].tolist() == ["laggard"] * 2 + ["rest"] * 2 + ["all"] * 2
    assert table["circular"].tolist() == [True, False] * 3
    assert table["overlap"].tolist() == [False] * 4 + [True] * 2
    merged = frame.merge(classes.frame)
    direct = contrasts(merged, ["growth", "alignment"], group="class", a="best in class", b="laggard")
    # What the classes were cut on has wider intervals than classes that are given.
    pd.testing.assert_frame_equal(table.iloc[1:2][direct.columns], direct.iloc[1:])
    assert table.iloc[0]["estimate"] == pytest.approx(direct.iloc[0]["estimate"])
    assert table.iloc[0]["std_error"] > 1.1 * direct.iloc[0]["std_error"]
    assert table.iloc[1][["n_a", "n_b"]].tolist() == [8, 12]


def test_best_against_all_allows_for_the_overlap() -> None:
    frame = gap_frame(1)
    classes = classify(Panel(frame, INSTRUMENT, {}), OutcomeClasses(("growth",)))
    table = class_gaps(frame, classes, ["alignment"]).set_index("b")
    everyone, rest = table.loc["all"], table.loc["rest"]
    assert everyone["mean_b"] == pytest.approx(frame["alignment"].mean())
    assert everyone["estimate"] == pytest.approx(everyone["mean_a"] - everyone["mean_b"])
    assert everyone["std_error"] == pytest.approx(0.8 * rest["std_error"])
    assert everyone["p_value"] == rest["p_value"]
    assert everyone["n_b"] == 40


def test_class_gaps_weigh_companies_and_keep_those_without_a_class_in_the_sample() -> None:
    rng = np.random.default_rng(5)
    size = 30
    panel = panel_of(growth=rng.normal(size=size), y=rng.normal(50, 9, size), weight=rng.uniform(1, 5, size))
    panel.frame["stratum"] = np.arange(size) % 2
    panel.frame.loc[[3, 4], "growth"] = np.nan
    classes = classify(panel, OutcomeClasses(("growth",)))
    gaps = {str(row["b"]): row for row in class_gaps(panel.frame, classes, ["y"]).to_dict("records")}
    classed = with_class(panel.frame, classes)
    assert classed["class"].isna().sum() == 2
    for name, column in (("best in class", "mean_a"), ("laggard", "mean_b")):
        group = classed[classed["class"] == name]
        mean = np.average(group["y"], weights=group["weight"])
        assert gaps["laggard"][column] == pytest.approx(mean)
    known = classed.dropna(subset=["class"])
    every = np.average(known["y"], weights=known["weight"])
    assert gaps["all"]["mean_b"] == pytest.approx(every)
    assert gaps["all"]["estimate"] == pytest.approx(gaps["all"]["mean_a"] - every)
    assert gaps["laggard"]["df"] <= 28 - 2
    # Two companies without a class are part of the sample, as R's subset of a design has it.
    cut = contrasts(known, ["y"], group="class", a="best in class", b="laggard").iloc[0]
    assert gaps["laggard"]["estimate"] == pytest.approx(cut["estimate"])
    assert gaps["laggard"]["std_error"] != pytest.approx(cut["std_error"], rel=1e-6)


def test_few_heavy_companies_leave_fewer_degrees_of_freedom() -> None:
    rng = np.random.default_rng(3)
    panel = panel_of(growth=np.arange(40.0), y=rng.normal(size=40), weight=np.tile([1.0, 1, 1, 6], 10))
    even = replace(panel, frame=panel.frame.assign(weight=2.0))
    rest = {}
    for name, one in (("even", even), ("uneven", panel)):
        classes = classify(one, OutcomeClasses(("growth",)))
        rest[name] = class_gaps(one.frame, classes, ["y"]).set_index("b").loc["rest"]
    groups = classify(even, OutcomeClasses(("growth",))).frame["class"].eq("best in class")
    welch = stats.ttest_ind(
        *(even.frame["y"][groups.to_numpy() == best] for best in (True, False)), equal_var=False
    )
    assert rest["even"]["df"] == pytest.approx(welch.df)
    classed = with_class(panel.frame, classify(panel, OutcomeClasses(("growth",))))
    classed["class"] = np.where(classed["class"] == "best in class", "best in class", "rest")
    table = means(classed, ["y"], by=["class"])
    degrees = [(w**2).sum() ** 2 / (w**4).sum() - 1 for _, w in classed.groupby("class")["weight"]]
    variance = table["std_error"] ** 2
    assert rest["uneven"]["df"] == pytest.approx(variance.sum() ** 2 / (variance**2 / degrees).sum())
    reach = stats.t.ppf(0.975, rest["uneven"]["df"]) * rest["uneven"]["std_error"]
    assert rest["uneven"]["conf_high"] - rest["uneven"]["estimate"] == pytest.approx(reach)


def test_world_class_gaps_and_repeating_companies() -> None:
    frame = gap_frame(2, waves=2).assign(h0=lambda t: np.where(t["growth"] > 10, 100.0, 0.0))
    classes = classify(Panel(frame, INSTRUMENT, {}), PracticeClasses(("h0",), share=1))
    table = class_gaps(frame, classes, ["alignment", "h0"])
    assert table["b"].tolist() == ["rest", "rest", "all", "all"]
    assert table["circular"].tolist() == [False, True] * 2
    assert (table["companies"] == 40).all()
    assert (table["n"] == 80).all()


@settings(deadline=None, max_examples=30)
@given(
    values=st.lists(st.integers(-40, 40), min_size=1, max_size=60, unique=True),
    seed=st.integers(0, 99),
    scale=st.floats(0.01, 100),
)
def test_class_sizes_order_of_rows_and_units(values: list[int], seed: int, scale: float) -> None:
    n = len(values)
    panel = panel_of(growth=[float(value) for value in values])
    definition = OutcomeClasses(("growth",))
    found = classes_by_company(panel, definition)
    sizes = pd.Series(found).value_counts()
    assert sizes.get("best in class", 0) == int(0.2 * n + 1e-9)
    assert sizes.get("laggard", 0) == int(0.3 * n + 1e-9)
    shuffled = Panel(panel.frame.sample(frac=1, random_state=seed), INSTRUMENT, {})
    assert classes_by_company(shuffled, definition) == found
    rescaled = Panel(panel.frame.assign(growth=panel.frame["growth"] * scale + 7), INSTRUMENT, {})
    assert classes_by_company(rescaled, definition) == found


@settings(deadline=None, max_examples=30)
@given(values=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
def test_equal_companies_get_equal_classes(values: list[tuple[int, int]]) -> None:
    growth, cycle = (list(map(float, column)) for column in zip(*values, strict=True))
    panel = panel_of(growth=growth, cycle=cycle)
    frame = panel.frame.merge(classify(panel, OutcomeClasses(("growth", "cycle"))).frame)
    assert frame.groupby(["growth", "cycle"])["class"].nunique().eq(1).all()


def test_classes_are_cut_at_shares_of_the_weight() -> None:
    frame = pd.DataFrame({"company": range(10), "wave": 2025, "revenue_growth": np.arange(10.0)})
    weight = [1.0, 1, 1, 1, 1, 1, 1, 1, 6, 6]
    panel = Panel(frame.assign(weight=weight), read_instrument("alignment"), {})
    definition = OutcomeClasses(("revenue_growth",), best=0.3, laggard=0.3)
    found = classify(panel, definition).frame["class"].tolist()
    # The best holds 6 of 20, exactly 30%; the lowest six hold the other 30%.
    assert found == [LAGGARD] * 6 + [AVERAGE] * 3 + [BEST]
    heavier = Panel(frame.assign(weight=[10 * w for w in weight]), panel.instrument, {})
    assert classify(heavier, definition).frame["class"].tolist() == found
    once = Panel(frame.assign(weight=3.0), panel.instrument, {})
    bare = Panel(frame, panel.instrument, {})
    assert classify(once, definition).frame["class"].equals(classify(bare, definition).frame["class"])


def test_a_tie_across_a_weighted_cut_goes_to_the_middle() -> None:
    frame = pd.DataFrame({"company": range(4), "wave": 2025, "revenue_growth": [0.0, 1, 2, 2]})
    panel = Panel(frame.assign(weight=[4.0, 4, 1, 1]), read_instrument("alignment"), {})
    cut = OutcomeClasses(("revenue_growth",), best=0.1, laggard=0.3)
    assert classify(panel, cut).frame["class"].tolist() == [AVERAGE] * 4
    wider = OutcomeClasses(("revenue_growth",), best=0.2, laggard=0.4)
    assert classify(panel, wider).frame["class"].tolist() == [LAGGARD, AVERAGE, BEST, BEST]
