import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.class_gaps import class_gaps, class_means
from analysis.benchmark.classes import OutcomeClasses, PracticeClasses, classify
from analysis.benchmark.cut_error import FITTED, VALUES, recut
from analysis.infer.bootstrap_replicates import bootstrap
from analysis.infer.carried_replicates import REPLICATES, as_column
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import means
from analysis.measure.panel import Panel
from survey.instrument import read_instrument

INSTRUMENT = read_instrument("alignment")
GAP = {(VALUES, "best in class"): 1.0, (VALUES, "laggard"): -1.0}


def panel(seed: int, *, n: int = 80, waves: int = 1) -> Panel:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"company": np.tile(range(n), waves), "wave": np.repeat(range(waves), n)})
    return Panel(
        frame.assign(growth=rng.normal(5, 10, n * waves), win=rng.normal(30, 8, n * waves)), INSTRUMENT, {}
    )


def test_drawn_anew_the_classes_are_those_of_the_sample_where_nothing_changes() -> None:
    found = panel(1, n=100)
    classes = classify(found, OutcomeClasses(("growth", "win")))
    again = recut(found.frame, classes, ["growth", "win"])
    assert again is not None
    sample = dict(
        zip(again.found.keys["term"] + " " + np.tile(["growth", "win"], 8), again.found.sample, strict=True)
    )
    for row in class_means(found.frame, classes, ["growth", "win"]).to_dict("records"):
        assert sample[f"{VALUES} {row['class']} {row['variable']}"] == pytest.approx(row["estimate"])
    one = classify(found, OutcomeClasses(("growth",)))
    alone = recut(found.frame, one, ["growth"])
    assert alone is not None
    # One outcome is its own line over the score.
    assert alone.std_error({(VALUES, "laggard"): 1.0, (FITTED, "laggard"): -1.0}) == pytest.approx(
        0, abs=1e-9
    )


def test_the_error_of_a_mean_above_its_own_cut_is_that_of_theory() -> None:
    """For a normal outcome: ``(variance above the cut + (1 - p) (mean - cut) ** 2) / (n p)``."""
    errors = []
    for seed in range(12):
        found = panel(seed, n=400)
        again = recut(found.frame, classify(found, OutcomeClasses(("growth",))), ["growth"])
        assert again is not None
        errors.append(again.std_error({(VALUES, "best in class"): 1.0}).item())
    cut, mean = 0.8416, 1.3998
    expected = 10 * np.sqrt((1 + cut * mean - mean**2 + 0.8 * (mean - cut) ** 2) / 80)
    assert np.mean(errors) == pytest.approx(expected, rel=0.06)


def test_classes_with_a_fixed_cut_have_the_errors_of_means() -> None:
    found = panel(2, n=300).frame.assign(h=lambda rows: np.where(rows["win"] > 30, 100.0, 0.0))
    classes = classify(Panel(found, INSTRUMENT, {}), PracticeClasses(("win",), cut=33, share=1))
    again = recut(found, classes, ["win"])
    assert again is not None
    known = means(found.merge(classes.frame), ["win"], by=["class"]).set_index("class")["std_error"]
    for name in classes.names:
        assert again.std_error({(VALUES, name): 1.0}).item() == pytest.approx(known[name], rel=0.12)


def test_replicates_of_a_study_take_the_place_of_draws() -> None:
    found = panel(3, n=60)
    frame = found.frame.assign(weight=1.0)
    drawn = bootstrap(survey_design(frame), rng=np.random.default_rng(4), replicates=150)
    carried = frame.assign(**{REPLICATES: pd.Series(as_column(drawn), dtype=object)})
    classes = classify(found, OutcomeClasses(("growth", "win")))
    theirs, ours = (recut(table, classes, ["growth"]) for table in (carried, frame))
    assert theirs is not None
    assert ours is not None
    assert len(theirs.found.replicated) == 150
    assert theirs.std_error(GAP).item() == pytest.approx(ours.std_error(GAP).item(), rel=0.25)


def test_nobody_to_draw_leaves_the_errors_as_they_are() -> None:
    one = panel(5, n=1)
    classes = classify(one, OutcomeClasses(("growth",)))
    assert recut(one.frame, classes, ["growth"]) is None
    assert class_gaps(one.frame, classes, ["growth"])["conf_low"].isna().all()
    # Strata of one company are in every draw as they are.
    found = panel(6, n=20)
    frame = found.frame.assign(stratum=[0] * 19 + [1], weight=1.0)
    again = recut(frame, classify(found, OutcomeClasses(("growth",))), ["growth"])
    assert again is not None
    assert again.std_error(GAP).item() > 0
