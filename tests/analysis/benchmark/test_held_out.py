import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.class_gaps import class_gaps
from analysis.benchmark.classes import OutcomeClasses, classify
from analysis.benchmark.held_out import UNKNOWN_BEFORE, held_out_gaps, lagged, split_half
from analysis.measure.panel import Panel
from survey.instrument import read_instrument

OUTCOMES = ("revenue_growth", "win_rate", "quota_attainment")


def panel(companies: int = 100, waves: tuple[int, ...] = (2023, 2024, 2025), seed: int = 1) -> Panel:
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(rng.normal(size=(companies, 3)), columns=[*OUTCOMES]).assign(
            company=range(companies), wave=wave
        )
        for wave in waves
    ]
    return Panel(pd.concat(parts, ignore_index=True), read_instrument("alignment"), {})


def test_half_of_the_outcomes_decide_and_the_others_are_not_guaranteed() -> None:
    study = panel()
    found = split_half(study, OutcomeClasses(OUTCOMES))
    assert found.selected_on == ("revenue_growth", "quota_attainment")
    gaps = class_gaps(study.frame, found, OUTCOMES)
    laggard = gaps[gaps["b"] == "laggard"].set_index("variable")
    assert laggard["circular"].to_dict() == {
        "revenue_growth": True,
        "win_rate": False,
        "quota_attainment": True,
    }
    # Outcomes drawn apart: the guaranteed gap is large, the held-out one is chance.
    assert laggard.loc["revenue_growth", "conf_low"] > 1
    assert laggard.loc["win_rate", "conf_low"] < 0 < laggard.loc["win_rate", "conf_high"]


def test_the_class_of_the_wave_before_is_worn_in_the_next() -> None:
    study = panel()
    before, found = classify(study, OutcomeClasses(OUTCOMES)), lagged(study, OutcomeClasses(OUTCOMES))
    assert found.selected_on == ()
    assert found.unclassified == {UNKNOWN_BEFORE: 100}
    earned = before.frame.assign(wave=before.frame["wave"] + 1)
    both = found.frame.merge(earned, on=["company", "wave"], suffixes=("", "_earned"))
    assert len(both) == len(found.frame) == 200
    assert (both["class"] == both["class_earned"]).all()
    gaps = class_gaps(study.frame, found, OUTCOMES)
    assert not gaps["circular"].any()
    assert gaps["estimate"].abs().max() < 0.6


def test_a_company_that_left_has_no_class_to_wear() -> None:
    frame = panel(10, (2024, 2025)).frame
    study = Panel(frame.drop(index=0), read_instrument("alignment"), {})
    found = lagged(study, OutcomeClasses(("win_rate",)))
    assert len(found.frame) == 9
    assert found.unclassified == {UNKNOWN_BEFORE: 10}
    alone = lagged(panel(10, (2025,)), OutcomeClasses(("win_rate",)))
    assert alone.frame.empty


@pytest.mark.parametrize("contrast", ["laggard", "rest"])
def test_held_out_gaps_are_those_of_classes_cut_on_the_others(contrast: str) -> None:
    study = panel(40, (2025,))
    table = held_out_gaps(study, OutcomeClasses(OUTCOMES))
    row = table[(table["outcome"] == "win_rate") & (table["contrast"] == contrast)].iloc[0]
    classes = classify(study, OutcomeClasses(("revenue_growth", "quota_attainment")))
    gaps = class_gaps(study.frame, classes, ["win_rate"])
    assert row["estimate"] == gaps.loc[gaps["b"] == contrast, "estimate"].iloc[0]
    assert not table["circular"].any()
    assert held_out_gaps(study, OutcomeClasses(("win_rate",))).empty
