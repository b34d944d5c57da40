"""The ledger is obeyed wherever waves stand side by side, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence
from reports.report import Section, Table
from tests.alignmark.conftest import computed

Spoil = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("undrawn")

MODELS = (
    "models:\n  - {name: alone, outcome: revenue_growth, effects: [wave]}\n",
    "models:\n  - {name: alone, outcome: revenue_growth}\n"
    "  - {name: trust, outcome: revenue_growth, regressor: trust}\n"
    "  - {name: wins, outcome: win_rate}\n  - {name: wins by wave, outcome: win_rate, effects: [wave]}\n",
)
"""Models without wave effects compare waves."""

SHOWN = ("cleaning:", "disclosure: {minimum_companies: 3}\ncleaning:")
"""Percentiles need four times as many companies: the tiny study has twelve."""


def changed(questions: str) -> tuple[str, str]:
    what = "what: mode, status: not comparable, reason: by telephone"
    return "register:", f"changes:\n  - {{wave: 2025, questions: [{questions}], {what}}}\nregister:"


def evidence(study: Path) -> Evidence:
    return computed(study)[0]


def section(found: Evidence, name: str) -> Section:
    return next(part for part in benchmark_report(found).sections if part.id == name)


@pytest.fixture
def found(spoiled: Spoil) -> Evidence:
    return evidence(spoiled(changed("trust_2"), MODELS, SHOWN))


def test_benchmarks_of_several_waves_stand_on_common_ground(found: Evidence) -> None:
    means = found.index_by_wave.set_index("wave")["estimate"]
    across = found.norms_by_wave.set_index("wave")["mean"]
    pd.testing.assert_series_equal(across, means, check_names=False)
    within = found.norms[found.norms["variable"] == "alignment"].set_index("wave")["mean"]
    assert (within - means).abs().max() > 0.1
    blocks = [block for part in benchmark_report(found).sections for block in part.blocks]
    (shown,) = [block for block in blocks if isinstance(block, Table) and block.id == "norms-waves"]
    assert shown.frame["mean"].tolist() == pytest.approx(means.tolist())
    assert "Without trust_2, which cannot be compared between all waves." in shown.notes


def test_all_that_shows_the_slope_shows_the_one_of_the_model(found: Evidence) -> None:
    alone, trust, *_ = (fit.slope(per=10)["estimate"] for fit in found.fits)
    assert "without trust_2" in found.fits[0].note
    rungs = found.ladder[(found.ladder["headline"] == "growth") & (found.ladder["rung"] == "declared")]
    assert rungs["estimate"].item() == pytest.approx(alone)
    first, last = found.line.iloc[0], found.line.iloc[-1]
    assert 10 * (last["estimate"] - first["estimate"]) / (last["x"] - first["x"]) == pytest.approx(alone)
    assert found.importance.set_index("variable").loc["trust", "estimate"] == pytest.approx(trust)


def test_a_construct_of_which_nothing_compares_is_no_regressor_across_waves(spoiled: Spoil) -> None:
    fits = evidence(spoiled(changed("trust"), MODELS)).fits
    trust = next(fit for fit in fits if fit.specification.name == "trust")
    assert trust.frame.empty
    assert trust.note.startswith("trust is not in the panel: cannot be compared between the waves")


def test_an_outcome_that_does_not_compare_is_modelled_within_waves_only(spoiled: Spoil) -> None:
    found = evidence(spoiled(changed("win_rate"), MODELS))
    by_name = {fit.specification.name: fit for fit in found.fits}
    assert by_name["wins"].frame.empty
    assert "win_rate is not in the panel: cannot be compared" in by_name["wins"].note
    assert by_name["wins by wave"].n == 24
    assert found.left_out == ("win_rate",)


def test_a_wave_that_cannot_be_compared_at_all_still_has_its_own_report(spoiled: Spoil) -> None:
    found = evidence(spoiled(changed(""), MODELS))
    change = section(found, "change")
    assert change.title == "Change is not known"
    assert "too few statements compare between them" in str(change.blocks[0])
    assert len(found.positions) == 12
    assert found.positions["alignment"].notna().all()


def test_many_questions_left_out_are_counted(spoiled: Spoil) -> None:
    found = evidence(spoiled(changed(""), MODELS))
    assert found.changes["left_out"].iloc[0] == "goals_1, goals_2, trust_1 and 5 more (see ledger.csv)"
    assert "without goals_1, goals_2, trust_1 and 5 more" in str(section(found, "change").blocks[1])
