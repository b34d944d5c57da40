import pandas as pd
import pytest

from analysis.measure.verdicts import ALONE, CHECKS, FIT_CUTS, HTMT_CUTS, level_of, measurement_checks

CELL = {"construct": "goals", "wave": 1}


def checks(rwg, icc2=(0.8, 0.6)):
    alpha = pd.DataFrame([{**CELL, "function": f, "alpha": a, "n": 90, "companies": 30, "note": ""}
                          for f, a in (("sales", 0.9), ("marketing", 0.75))])  # fmt: skip
    rated = pd.DataFrame(
        [{**CELL, "function": f, "rwg_j": value} for f, values in rwg.items() for value in values]
    )
    differ = pd.DataFrame({**CELL, "function": ["sales", "marketing"], "icc2": icc2, "n": 90, "groups": 30})
    differ = differ.astype({"icc2": "float64"}).assign(note=["alone" * (value is None) for value in icc2])
    return measurement_checks(alpha, rated, differ, wave=1).set_index("check")


def test_the_weaker_function_counts():
    table = checks({"sales": [0.9, 0.8, None], "marketing": [0.6, 0.55]})
    assert table.index.tolist() == list(CHECKS)
    assert table["value"].tolist() == pytest.approx([0.75, 0.575, 0.6])
    assert table["level"].tolist() == ["fair", "fair", "fair"]
    assert table["companies"].tolist() == [30, 2, 30]


def test_what_is_absent_says_why():
    table = checks({"sales": [0.9], "marketing": [None]}, icc2=(0.9, None))
    assert table.loc[["rwg_j", "icc2"], "value"].isna().all()
    assert table.loc[["rwg_j", "icc2"], "level"].isna().all()
    assert table.loc["rwg_j", "reason"] == ALONE
    assert table.loc["icc2", "reason"] == "alone"


@pytest.mark.parametrize(
    ("value", "cuts", "level"),
    [
        (0.95, FIT_CUTS["cfi"], "good"),
        (0.90, FIT_CUTS["tli"], "fair"),
        (0.89, FIT_CUTS["cfi"], "weak"),
        (0.06, FIT_CUTS["rmsea"], "good"),
        (0.10, FIT_CUTS["srmr"], "fair"),
        (0.91, HTMT_CUTS, "weak"),
        (float("nan"), HTMT_CUTS, None),
    ],
)
def test_levels(value, cuts, level):
    assert level_of(value, cuts) == level


def test_a_construct_that_nobody_varies_on_is_no_agreement():
    alpha = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "alpha": 0.75, "n": 90})
    one = pd.DataFrame(
        {"construct": ["goals"], "function": "", "wave": 1, "icc2": float("nan"), "n": 90, "groups": 30}
    )
    rated = pd.DataFrame({"construct": ["goals"], "function": "", "wave": 1, "rwg_j": 1.0})
    checks = measurement_checks(
        alpha.assign(companies=30, note=""), rated, one.assign(note="the companies do not differ"), wave=1
    ).set_index("check")
    assert pd.isna(checks.loc["rwg_j", "level"])
    assert "same answers" in checks.loc["rwg_j", "reason"]
    few = measurement_checks(
        alpha.assign(companies=30, note=""), rated, one.assign(note="", icc2=-0.4, groups=6), wave=1
    ).set_index("check")
    assert few.loc["icc2", "reason"].startswith("cannot be estimated from 6 companies")
