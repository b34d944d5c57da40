"""Flags of careless responding: planted people are found, reasons are given, and only a declared rule drops."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from survey.careless_flags import INDICES, WHO, flag_counts
from survey.careless_rules import CUTS, FEWEST_STATEMENTS, LADDER, CarelessRules
from survey.cleaning import CleaningLog, MatchedExport, Rules, clean
from survey.instrument import read_instrument
from survey.readers.export import Export
from survey.responses import Responses
from survey.simulate import Settings, Simulation, simulate

ALIGNMENT = read_instrument("alignment")
STATEMENTS = [key for key, q in ALIGNMENT.columns.items() if q.section == "construct"]
KEEP = Rules(failed_attention="keep")
PRESETS = list(LADDER)

MakeExport = Callable[..., Export]
Cleaned = tuple[Responses, CleaningLog]


def exports_of(answers: pd.DataFrame, make_export: MakeExport) -> list[MatchedExport]:
    """Write answers as text, one export a wave, every column called what it is."""
    waves = []
    for wave, rows in answers.groupby("wave"):
        text = rows.drop(columns=["wave", "file", "row"], errors="ignore").astype(object)
        cells = text.map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
        cells = cells.where(text.notna(), None)
        export = make_export({name: cells[name].tolist() for name in cells}, file=f"{wave}.csv")
        waves.append(MatchedExport(export, {name: name for name in cells}, int(str(wave))))
    return waves


@pytest.fixture(scope="module")
def study() -> Simulation:
    settings = Settings(companies=120, waves=(2024, 2025), careless=0.08, near_duplicates=0.04, duplicates=0)
    return simulate(ALIGNMENT, settings, seed=5)


@pytest.fixture(scope="module")
def waves(study: Simulation, make_export: MakeExport) -> list[MatchedExport]:
    return exports_of(study.answers, make_export)


@pytest.fixture(scope="module")
def ladder(waves: list[MatchedExport]) -> dict[str, Cleaned]:
    """Every preset, attention checks being one flag among the others."""
    return {
        preset: clean(waves, ALIGNMENT, rules=KEEP, careless=CarelessRules.model_validate({"preset": preset}))
        for preset in PRESETS
    }


def precision_and_recall(found: Sequence[str] | pd.Series, planted: Sequence[str] | pd.Series) -> list[float]:
    hits = len(set(found) & set(planted))
    return [hits / max(1, len(set(found))), hits / len(set(planted))]


@pytest.mark.parametrize(
    ("preset", "precision", "recall"),
    [("lenient", 0.98, 0.85), ("standard", 0.90, 0.97), ("strict", 0.30, 1.0)],
)
def test_planted_careless_respondents_are_found(
    study: Simulation,
    ladder: dict[str, Cleaned],
    preset: str,
    precision: float,
    recall: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = ladder[preset][0].flags
    assert flags is not None
    judged = set(flags["respondent"])
    planted = [name for name in study.truth.careless if name in judged]
    dropped = flags.loc[flags["dropped"], "respondent"]
    found = precision_and_recall(dropped, planted)
    with capsys.disabled():
        print(
            f"\n{preset}: precision {found[0]:.3f}, recall {found[1]:.3f} of {len(planted)} in {len(judged)}"
        )
    assert found[0] >= precision
    assert found[1] >= recall
    copies = study.people["near_duplicate_of"].notna()
    honest = judged - set(planted) - set(study.answers.loc[copies, "respondent"])
    wrongly = len(honest & set(dropped)) / len(honest)
    assert wrongly < {"lenient": 0.002, "standard": 0.01, "strict": 0.2}[preset]


def test_straightliners_and_random_answers_are_found_without_clock_and_check(
    study: Simulation, make_export: MakeExport, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = exports_of(study.answers.drop(columns=["attention", "duration_s"]), make_export)
    responses, _ = clean(bare, ALIGNMENT, careless=CarelessRules(preset="standard"))
    flags = responses.flags
    assert flags is not None
    assert flags["speed"].isna().all()
    assert not flags["attention"].any()
    planted = [name for name in study.truth.careless if name in set(flags["respondent"])]
    precision, recall = precision_and_recall(flags.loc[flags["dropped"], "respondent"], planted)
    with capsys.disabled():
        print(f"\nanswers alone: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.95
    assert recall >= 0.75


def test_near_duplicates_are_found_with_those_whom_they_copied(
    study: Simulation, ladder: dict[str, Cleaned], capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ladder["none"][0].flags
    assert flags is not None
    copies = study.people["near_duplicate_of"].dropna()
    pairs = {*study.answers.loc[copies.index, "respondent"], *copies} & set(flags["respondent"])
    alike = flags.loc[flags["reasons"].str.contains("percent_match") & ~flags["irv"].lt(0.05), "respondent"]
    precision, recall = precision_and_recall(alike, sorted(pairs))
    with capsys.disabled():
        print(f"\nnear-duplicates: precision {precision:.3f}, recall {recall:.3f} of {len(pairs)}")
    assert precision >= 0.98
    assert recall >= 0.88


def test_a_study_that_says_nothing_counts_flags_and_drops_nobody(ladder: dict[str, Cleaned]) -> None:
    responses, log = ladder["none"]
    flags = responses.flags
    assert flags is not None
    assert not log.frame["rule"].str.startswith("careless").any()
    assert sorted(flags["respondent"]) == sorted(responses.frame["respondent"])
    assert list(flags) == [*WHO, *INDICES, "flags", "reasons", "dropped"]
    assert not flags["dropped"].any()
    by_index = flag_counts(flags).set_index("index")
    assert by_index["known"].le(len(flags)).all()
    assert by_index["dropped"].eq(0).all()
    counts = by_index["n"]
    assert (
        counts[["longstring", "irv", "mahalanobis", "even_odd", "speed", "percent_match", "attention"]]
        .gt(0)
        .all()
    )
    np.testing.assert_array_equal(flags["flags"], flags["reasons"].str.count(r"\w+"))


@pytest.mark.parametrize("preset", PRESETS[1:])
def test_dropped_rows_stand_in_the_log_with_their_reasons(ladder: dict[str, Cleaned], preset: str) -> None:
    responses, log = ladder[preset]
    assert responses.flags is not None
    gone = responses.flags[responses.flags["dropped"]]
    assert gone["flags"].ge(LADDER[preset] or 0).all()
    logged = log.frame[log.frame["rule"].str.startswith("careless: ")].set_index(["file", "row"])["rule"]
    expected = ("careless: " + gone.set_index(["file", "row"])["reasons"]).rename("rule")
    pd.testing.assert_series_equal(logged.sort_index(), expected.sort_index())
    kept = responses.flags[~responses.flags["dropped"]]
    assert sorted(kept["respondent"]) == sorted(responses.frame["respondent"])
    counted = log.reasons().set_index("rule")["n"]
    assert counted["flagged as careless"] == len(gone)
    assert not counted.index.str.startswith("careless").any()
    assert kept["flags"].lt(LADDER[preset] or 0).all()
    rows = log.accounting[["rows_in", "rows_kept", "rows_dropped"]].sum()
    assert rows["rows_in"] == rows["rows_kept"] + rows["rows_dropped"]


def test_each_rung_of_the_ladder_drops_all_whom_the_one_below_drops(ladder: dict[str, Cleaned]) -> None:
    dropped = []
    for preset in PRESETS:
        flags = ladder[preset][0].flags
        assert flags is not None
        dropped.append(set(flags.loc[flags["dropped"], "respondent"]))
    assert all(mild < strict for mild, strict in pairwise(dropped))


def test_failed_attention_checks_stay_a_rule_of_their_own(waves: list[MatchedExport]) -> None:
    responses, log = clean(waves, ALIGNMENT, careless=CarelessRules(preset="standard"))
    assert responses.flags is not None
    assert not responses.flags["attention"].any()
    assert log.frame["rule"].eq("failed attention check").any()


@pytest.mark.parametrize("preset", ["standard", "strict"])
def test_cleaning_clean_answers_drops_nobody_more(
    ladder: dict[str, Cleaned], make_export: MakeExport, preset: str
) -> None:
    once, _ = ladder[preset]
    rules = CarelessRules.model_validate({"preset": preset})
    again, log = clean(exports_of(once.frame, make_export), ALIGNMENT, rules=KEEP, careless=rules)
    assert not log.frame["action"].eq("dropped").any()
    pd.testing.assert_frame_equal(again.frame.drop(columns="row"), once.frame.drop(columns="row"))
    assert once.flags is not None
    assert again.flags is not None
    left = once.flags[~once.flags["dropped"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(again.flags.drop(columns="row"), left.drop(columns="row"))


def test_the_order_of_rows_and_columns_does_not_matter(
    study: Simulation, ladder: dict[str, Cleaned], make_export: MakeExport
) -> None:
    rng = np.random.default_rng(1)
    mixed = study.answers.iloc[rng.permutation(len(study.answers))]
    mixed = mixed[rng.permutation(mixed.columns.to_numpy())]
    responses, _ = clean(
        exports_of(mixed, make_export), ALIGNMENT, rules=KEEP, careless=CarelessRules(preset="standard")
    )
    straight = ladder["standard"][0]
    assert straight.flags is not None
    assert responses.flags is not None
    pd.testing.assert_frame_equal(
        responses.flags.drop(columns="row"), straight.flags.drop(columns="row"), rtol=1e-9
    )


def test_a_file_is_judged_by_the_statements_it_asked(study: Simulation, make_export: MakeExport) -> None:
    """A wave that asks half as many statements is no outlier, and its runs are shares of what it asked."""
    rows = study.answers[study.answers["wave"] == 2025]
    few = rows.drop(columns=STATEMENTS[20:])
    alone, _ = clean(exports_of(few, make_export), ALIGNMENT, rules=KEEP)
    both, _ = clean(
        exports_of(study.answers[study.answers["wave"] == 2024], make_export) + exports_of(few, make_export),
        ALIGNMENT, rules=KEEP,
    )  # fmt: skip
    assert alone.flags is not None
    assert both.flags is not None
    beside = both.flags[both.flags["wave"] == 2025].reset_index(drop=True)
    pd.testing.assert_frame_equal(beside, alone.flags)
    assert alone.flags.loc[alone.flags["irv"] == 0, "longstring"].eq(1).all()


def test_few_statements_say_nothing(study: Simulation, make_export: MakeExport) -> None:
    few = study.answers.drop(columns=STATEMENTS[FEWEST_STATEMENTS - 1 :])
    flags = clean(exports_of(few, make_export), ALIGNMENT, rules=KEEP)[0].flags
    assert flags is not None
    patterns = [name for name in CUTS if name not in ("speed", "seconds")]
    assert flags[patterns].isna().all().all()
    assert flags["speed"].notna().all()


def test_nobody_left_is_no_error(make_export: MakeExport, study: Simulation) -> None:
    nobody = study.answers.head(3).assign(**dict.fromkeys(STATEMENTS))
    responses, _ = clean(exports_of(nobody, make_export), ALIGNMENT, careless=CarelessRules(preset="strict"))
    assert responses.frame.empty
    assert responses.flags is not None
    assert responses.flags.empty


@pytest.mark.parametrize("people", [1, 2, 5, 80, 230])
def test_few_respondents_are_not_held_against_each_other(
    make_export: MakeExport, study: Simulation, people: int
) -> None:
    """Covariances of few people have hardly an inverse: a fifth of 80 honest ones would be outliers."""
    rows = study.answers[study.answers["wave"] == 2025].head(people)
    flags = clean(exports_of(rows, make_export), ALIGNMENT, rules=KEEP)[0].flags
    assert flags is not None
    assert flags["irv"].notna().all()
    assert flags["mahalanobis"].notna().all() == (len(flags) >= 200)


def test_an_index_without_a_cut_off_flags_nobody(waves: list[MatchedExport]) -> None:
    without = CarelessRules.model_validate({**dict.fromkeys(CUTS), "attention": False, "preset": "strict"})
    responses, log = clean(waves, ALIGNMENT, rules=KEEP, careless=without)
    assert responses.flags is not None
    assert responses.flags["flags"].eq(0).all()
    assert responses.flags["irv"].notna().all(), "what has no cut-off is computed all the same"
    assert not log.frame["action"].eq("dropped").any() or not log.frame["rule"].str.contains("careless").any()
