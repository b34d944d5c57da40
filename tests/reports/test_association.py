"""What is said of the declared models is no stronger than the weakest of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.explain.regression import Fit, fit_frame
from analysis.explain.specification import Specification
from analysis.measure.panel import Panel
from reports.association import associated, headline, in_words, slope_text
from reports.evidence import Evidence
from survey.instrument import read_instrument

RNG = np.random.default_rng(5)
X = RNG.normal(55, 12, 200)
NOISE = RNG.normal(0, 3, 200)


def model(name: str, slope: float, **more: object) -> Fit:
    frame = pd.DataFrame(
        {
            "company": range(200),
            "alignment": X,
            "revenue_growth": slope * X + NOISE,
            "flat": 1.0,
            "wave": 2025,
        }
    )
    specification = Specification(name, str(more.pop("outcome", "revenue_growth")), **more)  # type: ignore[arg-type]
    return fit_frame(specification, frame)


def evidence(*fits: Fit) -> Evidence:
    panel = Panel(pd.DataFrame(), read_instrument("alignment"), {})
    return SimpleNamespace(panel=panel, fits=fits)  # type: ignore[return-value]


def said(*fits: Fit) -> tuple[str, str]:
    given = evidence(*fits)
    found = associated(given)
    assert found is not None
    return headline(found, given), in_words(found, given)


def unfitted(name: str) -> Fit:
    fitted = model(name, 0.2, controls=("happiness",))
    assert fitted.frame.empty
    return fitted


def test_a_slope_that_every_model_finds_is_told_with_its_range() -> None:
    title, words = said(model("alone", 0.3), model("controls", 0.2))
    assert title.startswith(
        "In all 2 declared models, companies 10 points higher on alignment had revenue growth"
    )
    assert title.endswith("percentage points a year higher")
    assert words.startswith("By “alone”, companies 10 points higher on alignment had revenue growth")
    assert "; by “controls”: " in words


@pytest.mark.parametrize(
    ("fits", "expected"),
    [
        ((0.3, 0.0), "Only 1 of 2 declared models finds a clear link between alignment and revenue growth"),
        ((0.0, 0.3), "Only 1 of 2 declared models finds a clear link between alignment and revenue growth"),
        ((0.0, 0.0), "No declared model finds a clear link between alignment and revenue growth"),
        ((0.3, 0.3, -0.3), "Declared models contradict each other: with a higher alignment, 2 find more"),
        ((-0.3,), "Companies 10 points higher on alignment had revenue growth"),
    ],
)
def test_one_model_without_a_link_takes_the_claim_away(fits: tuple[float, ...], expected: str) -> None:
    title, _ = said(*(model(f"m{place}", slope) for place, slope in enumerate(fits)))
    assert title.startswith(expected)
    assert len(fits) > 1 or title.endswith("lower")


def test_a_model_that_could_not_be_fitted_says_nothing_for_the_link() -> None:
    title, _ = said(model("alone", 0.3), unfitted("broken"))
    assert title == (
        "1 of 2 declared models finds a clear link between alignment and revenue growth; 1 could not be estimated"
    )


def test_other_outcomes_and_exploratory_models_are_no_part_of_it() -> None:
    alone = model("alone", 0.3)
    others = (model("m", 0.0, declared=False), model("flat", 0.3, outcome="flat"))
    assert said(alone, *others) == said(alone)


def test_words_name_the_weakest_model_with_its_interval_and_what_could_be_seen() -> None:
    alone, weak, top = (
        model("alone", 0.3),
        model("weak", 0.01),
        model("top", 0.3, estimator="logistic", top=0.3),
    )
    given = evidence(top, alone, weak)
    found = associated(given)
    assert found is not None
    assert (found.main, found.weakest) == (alone, weak)
    words = in_words(found, given)
    assert f"by “weak”: {slope_text(weak, given)}" in words
    row = alone.slope(per=10)
    assert f"(95% interval {row['conf_low']:.1f} to {row['conf_high']:.1f})" in words
    assert "The smallest slope that this study would have seen four times in five is " in words
    assert "percentage points of the chance to be among the best 30%" in slope_text(top, given)


def test_small_slopes_keep_the_digits_that_their_interval_carries() -> None:
    frame = pd.DataFrame({"company": range(200), "alignment": X, "share": (0.3 * X + NOISE) / 1000})
    given = evidence(fit_frame(Specification("m", "share"), frame))
    estimate = given.fits[0].slope(per=10)["estimate"]
    assert slope_text(given.fits[0], given).startswith(f"{estimate:.4f} (")


def test_nothing_is_said_where_nothing_was_fitted() -> None:
    assert associated(evidence()) is None
    assert associated(evidence(unfitted("broken"))) is None
    assert "happiness is not in the panel" in slope_text(unfitted("broken"), evidence())
