import ast
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.companies import normalise_name
from survey.instrument import Instrument, read_instrument
from survey.problems import InputError
from survey.simulate import Settings, Simulation, simulate
from survey.simulated_settings import expected_score

ALIGNMENT = read_instrument("alignment")
CLEAN = {"careless": 0.0, "duplicates": 0.0}


def text(words: str) -> dict[str, str]:
    return {"en": words}


def rated(title: str, scale: str, *, role: str = "alignment", items: int = 2) -> dict[str, object]:
    names = {f"{title}_{n}": {"text": text(f"{title} {n}"), "reverse": n == 2} for n in range(1, items + 1)}
    return {"title": text(title), "definition": text(title), "scale": scale, "role": role, "items": names}


OTHER = Instrument.model_validate(
    {
        "instrument": "other",
        "version": "1",
        "languages": ["en"],
        "title": text("Other"),
        "index": text("Index"),
        "scales": {"seven": {"min": 1, "max": 7}, "eleven": {"min": 0, "max": 10}},
        "constructs": {
            "red": rated("red", "seven"),
            "blue": rated("blue", "eleven", items=3),
            "grey": rated("grey", "seven", role="marker"),
        },
        "questions": {
            "colour": {
"text": text("Colour?"), "kind": "choice", "options": {"a": text("A"), "b": text("B")},
},
            "check": {
                "text": text("Take B."), "kind": "choice", "role": "attention", "expected": 2,
                "options": {"1": text("A"), "2": text("B"), "3": text("C")},
            },
            "remark": {"text": text("Anything else?"), "kind": "text"},
            "years": {"text": text("Years?"), "kind": "number"},
        },
    }
)  # fmt: skip
"""A questionnaire that has nothing of the shipped one: no functions, other scales, no yes or no."""


def scored(simulation: Simulation, *, honest: bool = True) -> pd.DataFrame:
    """Function means by company and wave: constructs 0-100 and the yes-no questions in per cent."""
    answers, instrument = simulation.answers, simulation.instrument
    columns: dict[str, pd.Series] = {}
    for key, construct in instrument.constructs.items():
        scale = instrument.scales[construct.scale]
        points = 100 * (answers[list(construct.items)] - scale.min) / (scale.max - scale.min)
        turned = [item for item, declared in construct.items.items() if declared.reverse]
        points[turned] = 100 - points[turned]
        columns[key] = points.mean(axis=1)
    for key in ("adequately_aligned", "improvement_target"):
        if key in answers:
            columns[key] = answers[key].map({"yes": 100.0, "no": 0.0})
    keep = ~simulation.people["careless"] if honest else slice(None)
    keys = [answers[key] for key in ("company", "wave", "function")]
    return pd.DataFrame(columns)[keep].groupby(keys).mean().unstack("function")  # noqa: PD010


def levels(means: pd.DataFrame, key: str) -> pd.Series:
    return means[key].mean(axis=1, skipna=False).dropna()


def index(means: pd.DataFrame) -> pd.Series:
    parts = [levels(means, key) for key in ALIGNMENT.alignment_constructs]
    return pd.concat(parts, axis=1).mean(axis=1, skipna=False).dropna()


def slope(x: pd.Series, y: pd.Series) -> tuple[float, float]:
    """Least-squares slope and its standard error."""
    x, y = x - x.mean(), y - y.mean()
    estimate = (x * y).sum() / (x**2).sum()
    residuals = y - estimate * x
    return estimate, np.sqrt((residuals**2).sum() / (len(x) - 2) / (x**2).sum())


def standardised(values: pd.Series, truth: float) -> float:
    values = values.dropna()
    return float((values.mean() - truth) / (values.std() / np.sqrt(len(values))))


@pytest.fixture(scope="module")
def study() -> Simulation:
    return simulate(ALIGNMENT, seed=11)


@pytest.fixture(scope="module")
def z() -> pd.DataFrame:
    """Estimates from answers minus truth, in standard errors: one row per seed."""
    rows = []
    for seed in range(60):
        simulation = simulate(ALIGNMENT, Settings(companies=80, waves=(2025,), **CLEAN), seed=seed)
        means, truth = scored(simulation), simulation.truth
        row = {
            f"level {key}": standardised(levels(means, key), truth.levels[key])
            for key in ALIGNMENT.constructs
        }
        for key in ALIGNMENT.constructs:
            row[f"gap {key}"] = standardised(means[key]["marketing"] - means[key]["sales"], truth.gaps[key])
        row["adequately aligned"] = standardised(
            levels(means, "adequately_aligned"), truth.adequately_aligned[2025]
        )
        row["improvement target"] = standardised(
            levels(means, "improvement_target"), truth.improvement_target[2025]
        )
        row["index"] = standardised(index(means), truth.alignment)
        estimate, error = slope(simulation.companies["alignment"], simulation.companies["growth"])
        row["slope"] = (10 * estimate - truth.slope) / (10 * error)
        rows.append(row)
    return pd.DataFrame(rows)


def test_estimates_scatter_around_the_truth(z: pd.DataFrame) -> None:
    assert (z.mean().abs() < 3.5 / np.sqrt(len(z))).all(), z.mean()
    assert z.std().between(0.7, 1.35).all(), z.std()


@pytest.mark.parametrize("what", ["level", "gap", "adequately", "improvement", "index", "slope"])
def test_intervals_hold_the_truth_as_often_as_they_should(z: pd.DataFrame, what: str) -> None:
    values = z.filter(regex=f"^{what}")
    assert 0.88 <= (values.abs() < 1.99).to_numpy().mean() <= 0.995


def test_several_waves_scatter_around_the_truth_by_company() -> None:
    found = []
    for seed in range(16):
        simulation = simulate(ALIGNMENT, Settings(companies=80, waves=(2024, 2025), **CLEAN), seed=seed)
        per_company = index(scored(simulation)).groupby("company").mean()
        found.append(standardised(per_company, simulation.truth.alignment))
    assert abs(np.mean(found)) < 0.7
    assert 0.65 < np.std(found) < 1.4


def test_careless_answers_pull_levels_to_the_middle() -> None:
    simulation = simulate(ALIGNMENT, Settings(companies=400, waves=(2025,), careless=0.5), seed=3)
    pulled, truth = scored(simulation, honest=False), simulation.truth.levels
    high = max(ALIGNMENT.constructs, key=lambda key: truth[key])
    low = min(ALIGNMENT.constructs, key=lambda key: truth[key])
    assert standardised(levels(pulled, high), truth[high]) < -3
    assert standardised(levels(pulled, low), truth[low]) > 3


def test_halo_raises_levels_marker_and_slope() -> None:
    marker = next(key for key, construct in ALIGNMENT.constructs.items() if construct.role == "marker")
    shift = []
    for seed in range(8):
        without, coloured = (
            simulate(ALIGNMENT, Settings(companies=150, waves=(2025,), halo=halo, **CLEAN), seed=seed)
            for halo in (0.0, 5.0)
        )
        pairs = [
            (scored(s), s.companies.set_index(["company", "wave"])["growth"]) for s in (without, coloured)
        ]
        assert pairs[0][1].equals(pairs[1][1]), "growth itself does not depend on halo"
        assert coloured.truth.levels == without.truth.levels
        shift.append(
            [
                index(pairs[1][0]).mean() - index(pairs[0][0]).mean(),
                levels(pairs[1][0], marker).mean() - levels(pairs[0][0], marker).mean(),
                levels(pairs[1][0], "adequately_aligned").mean()
                - levels(pairs[0][0], "adequately_aligned").mean(),
                slope(index(pairs[1][0]), pairs[1][1])[0] - slope(index(pairs[0][0]), pairs[0][1])[0],
            ]
        )
    up = np.mean(shift, axis=0)
    assert (up > [1.5, 1.5, 1.0, 0.1]).all(), up


def test_confounder_raises_the_slope_on_true_alignment_but_not_the_truth() -> None:
    found = []
    for seed in range(20):
        simulation = simulate(ALIGNMENT, Settings(companies=150, waves=(2025,), confounder=5.0), seed=seed)
        assert simulation.truth.slope == pytest.approx(1.5)
        found.append(10 * slope(simulation.companies["alignment"], simulation.companies["growth"])[0])
    assert np.mean(found) > 1.5 + 5 * np.std(found) / np.sqrt(len(found))


def test_marker_has_nothing_to_do_with_the_company(study: Simulation) -> None:
    means = scored(study)
    marker = next(key for key, construct in ALIGNMENT.constructs.items() if construct.role == "marker")
    together = pd.concat([index(means), levels(means, marker)], axis=1).dropna()
    assert abs(together.corr().iloc[0, 1]) < 0.1
    assert study.truth.gaps[marker] == 0


def test_best_in_class_less_often_call_alignment_a_target() -> None:
    differences = []
    for seed in range(6):
        simulation = simulate(ALIGNMENT, seed=seed)
        target = levels(scored(simulation), "improvement_target")
        growth = simulation.companies.set_index(["company", "wave"])["growth"].reindex(target.index)
        best, laggard = growth >= growth.quantile(0.8), growth <= growth.quantile(0.3)
        differences.append(target[best].mean() - target[laggard].mean())
    assert -16 < np.mean(differences) < -2


@given(mean=st.floats(-50, 150), sd=st.floats(1, 60), categories=st.integers(2, 11), more=st.floats(0.5, 40))
def test_expected_score_rises_with_the_mean_and_mirrors_at_the_middle(
    mean: float, sd: float, categories: int, more: float
) -> None:
    def score(at: float) -> float:
        return float(expected_score(np.array([at]), np.array([sd]), np.array([categories]))[0])

    assert 0 <= score(mean) <= score(mean + more) + 1e-9
    assert score(mean) <= 100 + 1e-9
    assert score(mean) + score(100 - mean) == pytest.approx(100)


def test_expected_score_is_the_mean_of_cut_answers() -> None:
    draws = np.random.default_rng(1).normal(62, 23, 400_000)
    cut = np.clip(np.floor(draws / 100 * 6 + 0.5), 0, 6) * 100 / 6
    expected = expected_score(np.array([62.0]), np.array([23.0]), np.array([7]))[0]
    assert cut.mean() == pytest.approx(expected, abs=0.15)


def same(one: Simulation, other: Simulation) -> bool:
    tables = ("answers", "people", "dont_know", "companies", "register", "revenue")
    equal = all(getattr(one, name).equals(getattr(other, name)) for name in tables)
    return equal and one.truth.to_dict() == other.truth.to_dict()


def test_same_seed_same_study_other_seed_another() -> None:
    first, again, other = (simulate(ALIGNMENT, Settings(companies=20), seed=seed) for seed in (4, 4, 5))
    assert same(first, again)
    assert not first.answers.equals(other.answers)


def test_waves_overlap_with_attrition_and_newcomers() -> None:
    members = simulate(ALIGNMENT, Settings(companies=400), seed=2).companies
    sets = [set(group["company"]) for _, group in members.groupby("wave")]
    assert [len(companies) for companies in sets] == [400, 400, 400]
    for before, after in pairwise(sets):
        assert 0.10 < len(before - after) / 400 < 0.20
        assert len(after - before) == len(before - after)
    assert not (sets[0] - sets[1]) & sets[2], "who has left does not come back"


def test_informants_are_few_in_both_functions(study: Simulation) -> None:
    originals = study.answers[study.people["duplicate_of"].isna()]
    counts = originals.groupby(["company", "wave", "function"]).size().unstack(fill_value=0)  # noqa: PD010
    total = counts.sum(axis=1)
    assert (total.min(), total.max()) == (2, 15)
    silent = (counts == 0).any(axis=1).mean()
    assert 0.01 < silent < 0.05
    assert set(counts) == {"sales", "marketing"}


def test_attention_is_passed_by_all_who_read_and_by_one_in_five_who_do_not(study: Simulation) -> None:
    check = ALIGNMENT.with_role("attention")
    assert check is not None
    answered = study.answers[check.id].notna()
    passed = (study.answers[check.id] == check.expected)[answered]
    careless = study.people["careless"][answered]
    assert passed[~careless].all()
    assert 0.1 < passed[careless].mean() < 0.32
    assert 0.035 < study.people["careless"].mean() < 0.065


def test_half_of_the_careless_draw_a_straight_line(study: Simulation) -> None:
    items = [key for construct in ALIGNMENT.constructs.values() for key in construct.items]
    straight = study.answers[items].max(axis=1) == study.answers[items].min(axis=1)
    careless = study.people["careless"] & ~study.people["stopped"]
    assert 0.35 < straight[careless].mean() < 0.65
    assert straight[~study.people["careless"]].mean() < 0.01


def test_blanks_and_dont_knows_come_at_their_rates(study: Simulation) -> None:
    once = study.people["duplicate_of"].isna() & ~study.people["stopped"]
    items = [key for construct in ALIGNMENT.constructs.values() for key in construct.items]
    unsure, blank = study.dont_know.loc[once, items], study.answers.loc[once, items].isna()
    assert unsure.to_numpy().mean() == pytest.approx(0.97 * 0.03, abs=0.002)
    assert (blank & ~unsure).to_numpy().mean() == pytest.approx(0.03, abs=0.002)
    assert not (study.dont_know & study.answers[list(study.dont_know)].notna()).to_numpy().any()


def test_nothing_is_missing_when_nothing_is_planted_to_go_wrong() -> None:
    clean = Settings(
        companies=40, break_off=0, dont_know=0, missing=0, name_variants=0, revenue_gaps=0, **CLEAN
    )
    simulation = simulate(ALIGNMENT, clean, seed=1)
    asked = [q.id for q in ALIGNMENT.columns.values() if q.kind != "tick" and q.id in simulation.answers]
    assert simulation.answers[asked].notna().all(axis=None)
    names = simulation.answers["company"].map(simulation.register.set_index("company")["name"])
    assert (simulation.people["company_name"] == names).all()
    assert len(simulation.revenue) == len(simulation.register) * 5
    assert simulation.truth.careless == simulation.truth.duplicated == ()


def test_duplicates_are_the_same_person_with_the_same_answers(study: Simulation) -> None:
    copies = study.people["duplicate_of"].notna()
    assert 0.01 < copies.mean() < 0.03
    assert (study.answers["respondent"][copies] == study.people["duplicate_of"][copies]).all()
    questions = list(study.dont_know)
    second = study.answers[copies].set_index("respondent")
    first = study.answers[~copies].set_index("respondent").loc[second.index]
    assert (second["company"] == first["company"]).all()
    assert (second["started"] != first["started"]).all()
    both = first[questions].notna() & second[questions].notna()
    assert (first[questions] == second[questions]).to_numpy()[both.to_numpy()].all()
    assert second[questions].isna().mean(axis=None) > first[questions].isna().mean(axis=None)


def test_at_most_two_pressures_and_two_actions(study: Simulation) -> None:
    for key, group in ALIGNMENT.practices.items():
        if group.answer == "tick":
            ticks = study.answers[list(group.items)]
            answered = ticks.dropna()
            assert len(answered) == ticks.notna().any(axis=1).sum(), f"{key}: all of a list or nothing"
            assert answered.isin([0, 1]).all(axis=None)
            assert answered.sum(axis=1).min() == 1
            assert (answered.sum(axis=1).max() == 2) == (group.frame in ("pressure", "action"))
            assert answered.mean().between(0.05, 0.95).all()


def test_answers_stay_within_the_instrument(study: Simulation) -> None:
    for key in study.dont_know:
        question, answers = ALIGNMENT.columns[str(key)], study.answers[key].dropna()
        if question.scale:
            assert set(answers) == set(range(int(question.scale.min), int(question.scale.max) + 1))
        elif question.range:
            assert answers.between(*question.range).all()
            assert answers.nunique() > 10
        elif question.kind == "choice":
            assert set(answers) <= set(question.options)


def test_revenue_grows_as_the_truth_says(study: Simulation) -> None:
    records = study.revenue.set_index(["company", "fiscal_year"])["revenue"]
    assert study.revenue.groupby("company")["currency"].nunique().max() == 1
    assert 1 - len(records) / (5 * len(study.register)) == pytest.approx(0.08, abs=0.025)
    assert set(study.revenue["fiscal_year"]) == set(range(2022, 2027))
    keys = study.companies
    now = records.reindex(pd.MultiIndex.from_frame(keys[["company", "wave"]])).to_numpy()
    then = records.reindex(pd.MultiIndex.from_arrays([keys["company"], keys["wave"] + 1])).to_numpy()
    growth = 100 * (then / now - 1)
    known = ~np.isnan(growth)
    assert 0.8 < known.mean() < 0.9
    assert np.abs(growth - keys["growth"])[known].max() < 0.5


def test_company_names_differ_after_normalisation_and_outlast_the_word_lists() -> None:
    register = simulate(
        OTHER, Settings(companies=2500, waves=(2024, 2025), informants=(1, 2)), seed=1
    ).register
    names = pd.concat([register["name"], register["aliases"][register["aliases"] != ""]])
    assert not normalise_name(names).duplicated().any()


def test_other_questionnaires_can_be_simulated() -> None:
    simulation = simulate(OTHER, Settings(companies=150, waves=(2025,), **CLEAN), seed=6)
    truth, means = simulation.truth, scored(simulation)
    assert list(truth.levels) == ["red", "blue", "grey"]
    assert truth.gaps == truth.adequately_aligned == truth.improvement_target == {}
    assert set(simulation.answers["function"]) == {""}
    assert set(simulation.answers["blue_1"].dropna()) == set(range(11))
    assert all(abs(standardised(means[key].squeeze(), truth.levels[key])) < 3 for key in truth.levels)
    assert set(simulation.answers["check"].dropna()) == {"2"}
    assert simulation.answers["remark"].isna().all()


def test_instrument_without_items_is_refused() -> None:
    constructs = {"red": {"title": text("red"), "definition": text("red")}}
    scored_elsewhere = Instrument.model_validate({**OTHER.model_dump(), "constructs": constructs})
    with pytest.raises(InputError, match="no construct of the index has items"):
        simulate(scored_elsewhere, seed=1)


def test_impossible_settings_are_all_named_at_once() -> None:
    with pytest.raises(InputError) as error:
        Settings(companies=0, waves=(2025, 2024), careless=1.5, growth_sd=-1, adequately_aligned=0.37)
    named = [problem.column for problem in error.value.problems]
    assert sorted(named) == ["adequately_aligned", "careless", "companies", "growth_sd", "waves"]


@settings(max_examples=10, deadline=None)
@given(
    companies=st.integers(1, 8),
    informants=st.tuples(st.integers(1, 3), st.integers(3, 5)),
    faults=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
def test_any_setting_gives_a_study(
    companies: int, informants: tuple[int, int], faults: float, seed: int
) -> None:
    rates = dict.fromkeys(
        ("careless", "duplicates", "missing", "break_off", "dont_know", "silent_function"), faults
    )
    simulation = simulate(ALIGNMENT, Settings(companies=companies, informants=informants, **rates), seed=seed)
    lengths = {len(table) for table in (simulation.answers, simulation.people, simulation.dont_know)}
    assert len(lengths) == 1
    assert simulation.answers.groupby("wave")["company"].nunique().tolist() == [companies] * 3
    assert set(simulation.answers["company"]) == set(simulation.register["company"])


def test_some_hand_in_the_answers_of_a_colleague() -> None:
    settings = {
        "companies": 60,
        "waves": (2025,),
        "missing": 0,
        "dont_know": 0,
        "break_off": 0,
        "duplicates": 0,
    }
    honest = simulate(ALIGNMENT, Settings(**settings), seed=4)
    study = simulate(ALIGNMENT, Settings(**settings, near_duplicates=0.2), seed=4)
    copied = study.people["near_duplicate_of"].notna()
    assert 0.05 < copied.mean() < 0.2, "nobody copies what was copied, or from or as one who does not read"
    assert not (study.people["careless"] & copied).any()
    assert honest.people["near_duplicate_of"].isna().all()
    pd.testing.assert_frame_equal(study.answers[~copied], honest.answers[~copied], check_dtype=False)
    items = [key for key, question in ALIGNMENT.columns.items() if question.section == "construct"]
    by_name = study.answers.set_index("respondent")
    source = by_name.loc[study.people.loc[copied, "near_duplicate_of"]]
    copies = by_name.loc[study.answers.loc[copied, "respondent"]]
    assert (source["company"].to_numpy() == copies["company"].to_numpy()).all()
    same = (source[items].to_numpy() == copies[items].to_numpy()).mean(axis=1)
    assert 0.95 < same.mean() < 1


def test_near_duplicates_are_named_in_the_truth_only_where_planted(study: Simulation) -> None:
    assert "near_duplicates" not in study.truth.to_dict()["settings"]
    planted = simulate(ALIGNMENT, Settings(companies=3, near_duplicates=0.1), seed=1)
    assert planted.truth.to_dict()["settings"]["near_duplicates"] == 0.1


def test_truth_is_json_and_does_not_depend_on_the_seed(study: Simulation) -> None:
    plain = json.loads(json.dumps(study.truth.to_dict()))
    assert plain["adequately_aligned"] == {"2023": 37.0, "2024": 37.0, "2025": 37.0}
    assert plain["settings"]["companies"] == 300
    other = simulate(ALIGNMENT, Settings(companies=5), seed=99).truth
    assert (other.levels, other.gaps, other.alignment) == (
        study.truth.levels,
        study.truth.gaps,
        study.truth.alignment,
    )


def test_no_question_of_the_questionnaire_is_named_in_the_code() -> None:
    ids = {*ALIGNMENT.columns, *ALIGNMENT.constructs, *ALIGNMENT.practices, *ALIGNMENT.outcomes}
    ids -= {question.role for question in ALIGNMENT.columns.values()}
    for path in Path(__file__).parents[2].glob("survey/simul*.py"):
        constants = {
            node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
        }
        assert not constants & ids, path.name
