import numpy as np
import pandas as pd
import pytest

from analysis.benchmark.class_gaps import class_gaps
from analysis.benchmark.classes import OutcomeClasses, classify
from analysis.benchmark.cut_sensitivity import gaps_by_cut
from analysis.benchmark.held_out import lagged
from analysis.measure.panel import Panel
from survey.instrument import read_instrument
from survey.problems import InputError


def panel() -> Panel:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"company": range(100), "wave": 2025, "revenue_growth": rng.normal(5, 10, 100)})
    return Panel(frame.assign(alignment=rng.normal(50, 9, 100)), read_instrument("alignment"), {})


def test_each_cut_is_the_gap_of_its_classes() -> None:
    definition = OutcomeClasses(("revenue_growth",), laggard=0.8)
    table = gaps_by_cut(panel(), definition, ["alignment", "revenue_growth"])
    assert table["cut"].unique().tolist() == [0.05, 0.1, 0.15, 0.2, 0.25, 0.3]
    assert table.groupby("cut")["n_a"].first().tolist() == [5, 10, 15, 20, 25, 30]
    usual = classify(panel(), OutcomeClasses(("revenue_growth",)))
    gaps = class_gaps(panel().frame, usual, ["alignment"]).query("b == 'rest'")
    here = table[(table["cut"] == 0.2) & (table["variable"] == "alignment")]
    np.testing.assert_allclose(here[["estimate", "conf_low"]], gaps[["estimate", "conf_low"]])
    assert table.set_index("variable").loc["revenue_growth", "circular"].all()
    assert gaps_by_cut(panel(), definition, ["alignment"], how=lagged)["n_a"].eq(0).all()


def test_cuts_are_made_as_the_declared_classes_are() -> None:
    rng = np.random.default_rng(2)
    waves = [panel().frame.assign(wave=wave, revenue_growth=rng.normal(5, 10, 100)) for wave in (2024, 2025)]
    study = Panel(pd.concat(waves, ignore_index=True), read_instrument("alignment"), {})
    definition = OutcomeClasses(("revenue_growth",))
    gaps = class_gaps(study.frame, lagged(study, definition), ["alignment"]).query("b == 'rest'")
    here = gaps_by_cut(study, definition, ["alignment"], cuts=[0.2], how=lagged)
    np.testing.assert_allclose(here[["estimate", "conf_low"]], gaps[["estimate", "conf_low"]])


def test_an_impossible_cut_is_refused() -> None:
    with pytest.raises(InputError, match="class shares are impossible"):
        gaps_by_cut(panel(), OutcomeClasses(("revenue_growth",)), ["alignment"], cuts=[1.2])
