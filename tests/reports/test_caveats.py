from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.explain.regression import Fit, fit_frame
from analysis.explain.specification import Specification
from analysis.measure.panel import Panel
from reports.caveats import confounder_strength, growth_caveats, rescaled_waves
from survey.instrument import read_instrument

GENERAL, STRENGTH = "What this cannot show", "How strong a confounder would have to be"
HALO = "Halo: the answers seem coloured by growth"
LASTING = "A confounder: something lasting seems to drive both"


def compared(difference: float, reach: float, **more: object) -> dict[str, object]:
    """Slopes of 2 among all companies and years, with what the difference to that within companies is."""
    interval = {"estimate": difference, "conf_low": difference - reach, "conf_high": difference + reach}
    return {"robustness": 12.0, "pooled": 2.0, "within": 2.0 - difference, "corrected": True, "note": "",
            **interval, **more}  # fmt: skip


def caveats(row: dict[str, object] | None = None, *fits: Fit) -> dict[str, str]:
    panel = Panel(pd.DataFrame(), read_instrument("alignment"), {})
    confounding = pd.DataFrame() if row is None else pd.DataFrame([row])
    parts = SimpleNamespace(panel=panel, fits=fits, confounding=confounding, norms=pd.DataFrame())
    strength = confounder_strength(parts)  # type: ignore[arg-type]
    return dict(growth_caveats(parts)) | ({STRENGTH: strength} if strength else {})  # type: ignore[arg-type]


def marker(slope: float) -> Fit:
    x = np.arange(40.0)
    frame = pd.DataFrame({"company": range(40), "outdoors": x, "growth": slope * x + np.sin(x)})
    return fit_frame(Specification("outdoors", "growth", regressor="outdoors", declared=False), frame)


def test_whoever_scored_may_be_coloured() -> None:
    instrument = read_instrument("alignment").model_copy(update={"scored_by": "interviewer"})
    parts = SimpleNamespace(panel=Panel(pd.DataFrame(), instrument, {}), fits=(), confounding=pd.DataFrame())
    by_interviewer = dict(growth_caveats(parts))[GENERAL]  # type: ignore[arg-type]
    assert "Interviewers who know that a company does well may rate it better" in by_interviewer
    assert "People who know that their company does well may rate it better" in caveats()[GENERAL]


def test_halo_and_confounding_are_always_named() -> None:
    found = caveats()
    assert list(found) == [GENERAL]
    assert "halo" in found[GENERAL]
    assert "confounder" in found[GENERAL]


@pytest.mark.parametrize(("slope", "named"), [(0.5, True), (0.0, False), (-0.5, False)])
def test_an_unrelated_scale_that_rises_with_growth_is_a_sign_of_halo(slope: float, named: bool) -> None:
    found = caveats(None, marker(slope))
    assert (HALO in found) == named
    assert not named or "+5.0 (+" in found[HALO]


def test_of_costs_an_unrelated_scale_that_falls_with_them_is_a_sign_of_halo() -> None:
    x = np.arange(40.0)
    frame = pd.DataFrame({"company": range(40), "outdoors": x, "cost_of_sales": np.sin(x) - x})
    model = Specification("outdoors", "cost_of_sales", regressor="outdoors", declared=False)
    assert HALO in caveats(None, fit_frame(model, frame))
    assert HALO not in caveats(None, fit_frame(model, frame.assign(cost_of_sales=x + np.sin(x))))


def test_a_declared_model_is_no_sign_of_halo() -> None:
    x = np.arange(40.0)
    frame = pd.DataFrame({"company": range(40), "alignment": x, "growth": x + np.sin(x)})
    assert HALO not in caveats(None, fit_frame(Specification("main", "growth"), frame))


def test_a_slope_that_is_larger_within_companies_is_a_sign_of_halo() -> None:
    found = caveats(compared(-3, 1))
    assert "+3.0 (+2.0 to +4.0)" in found[HALO]
    assert next(iter(found)) == HALO
    assert LASTING not in found


def test_a_slope_that_is_smaller_within_companies_is_a_sign_of_a_confounder() -> None:
    found = caveats(compared(1.5, 1))
    assert list(found) == [LASTING, GENERAL, STRENGTH]
    assert "+1.5 (+0.5 to +2.5)" in found[LASTING]


def test_what_is_clear_neither_way_is_said_to_be_open() -> None:
    found = caveats(compared(1.5, 4))
    assert list(found) == [GENERAL, STRENGTH]
    assert "explains 12% of what the first declared model leaves of the outcome" in found[STRENGTH]
    assert "cannot be told from these data" in found[STRENGTH]


def test_a_narrow_difference_is_told_with_its_interval() -> None:
    assert "lowers the slope by +0.2 (−0.8 to +1.2)" in caveats(compared(0.2, 1))[STRENGTH]


def test_slopes_that_sampling_error_bends_prove_nothing() -> None:
    found = caveats(compared(1.5, 1, corrected=False))
    assert list(found) == [GENERAL, STRENGTH]
    assert "How exact the scores are is not known here" in found[STRENGTH]


def test_why_there_is_no_difference_is_passed_on() -> None:
    found = caveats(compared(np.nan, np.nan, note="scores do not vary within companies"))
    assert found[STRENGTH].endswith("cannot be told: scores do not vary within companies.")


def test_without_a_model_within_companies_only_the_strength_is_told() -> None:
    assert caveats({"robustness": 12.0})[STRENGTH].endswith("would account for all of the slope.")
    assert STRENGTH not in caveats({"robustness": np.nan})


@pytest.mark.parametrize(
    ("before", "after", "waves"),
    [("", "", []), ("", "1-7", [2025]), ("1-7", "1-7", []), ("1-10", "1-7", [2024, 2025])],
)
def test_waves_on_another_scale_than_each_other_are_named(before: str, after: str, waves: list[int]) -> None:
    reasons = [before, after, "1-7"]
    ledger = pd.DataFrame(
        {"item": ["trust_1", "trust_1", "outdoors_1"], "wave": [2024, 2025, 2025], "reason": reasons}
    )
    ledger["status"] = ledger["reason"].map(lambda reason: "rescaled" if reason else "same")
    panel = Panel(pd.DataFrame(), read_instrument("alignment"), {})
    assert rescaled_waves(SimpleNamespace(panel=panel, ledger=ledger), 2024, 2025) == waves  # type: ignore[arg-type]


@pytest.mark.parametrize(("p90", "named"), [(58.0, True), (62.0, False), (float("nan"), False)])
def test_a_step_longer_than_companies_differ_by_is_told(p90: float, named: bool) -> None:
    x = np.arange(40.0)
    frame = pd.DataFrame({"company": range(40), "alignment": x, "growth": x + np.sin(x)})
    parts = SimpleNamespace(
        panel=Panel(pd.DataFrame(), read_instrument("alignment"), {}), confounding=pd.DataFrame(),
        fits=(fit_frame(Specification("main", "growth"), frame),), facts=SimpleNamespace(latest=2025, language="en"),
        norms=pd.DataFrame({"variable": "alignment", "wave": [2024, 2025], "p10": [0.0, 50.0], "p90": [99.0, p90]}),
    )  # fmt: skip
    found = dict(growth_caveats(parts))  # type: ignore[arg-type]
    assert ("Ten points are more than companies differ by" in found) == named
    assert (
        not named or "within 8 points of one another" in found["Ten points are more than companies differ by"]
    )
