"""Weights of companies and respondents as a study declares them, against a planted nonresponse and by hand."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.infer.estimates import mean_estimates
from analysis.infer.known_totals import KNOWN_TOTALS, with_known_totals
from analysis.infer.survey_design import survey_design
from analysis.infer.tabulation import means
from survey.language import speaking
from survey.margins import Margin, margins_of_register
from survey.problems import InputError
from survey.response_classes import response_classes
from survey.weighting import STEPS, respondent_weights, weigh
from survey.weighting_rules import WeightRule


@pytest.fixture
def register() -> pd.DataFrame:
    """Twelve companies, eight small and four large, with design weights and staff."""
    size = ["small"] * 8 + ["large"] * 4
    index = pd.Index([f"c{n:02d}" for n in range(12)], name="company")
    facts = {
        "size": size,
        "region": ["north", "south"] * 6,
        "drawn": [2.0] * 6 + [4.0] * 6,
        "staff": [10.0] * 8 + [90.0] * 4,
    }
    return pd.DataFrame(facts, index=index)


def answered(register: pd.DataFrame, *companies: int, wave: int = 2025) -> pd.DataFrame:
    rows = register.iloc[list(companies)]
    return rows.reset_index().assign(wave=wave)


def rule(**keys: object) -> WeightRule:
    return WeightRule.model_validate(keys)


def test_every_step_is_kept(register: pd.DataFrame) -> None:
    sample = answered(register, 0, 1, 2, 6, 8, 9)
    declared = rule(
        base="drawn", nonresponse={"classes": ["size"], "minimum": 1}, margins="register", by=["size"],
        trim=[0.5, 1.2], companies={"by": "staff"},
    )  # fmt: skip
    margins = margins_of_register(register, [["size"]])
    found = weigh(sample, declared, margins=margins, register=register)
    steps = found.frame.set_index("company")[list(STEPS)]
    assert steps["base"].tolist() == [2, 2, 2, 4, 4, 4]
    assert steps["nonresponse"].tolist() == [4, 4, 4, 8, 8, 8]  # 20 of 10 drawn small, 16 of 8 drawn large
    np.testing.assert_allclose(steps["calibrated"], [1.6, 1.6, 1.6, 3.2, 2, 2])
    np.testing.assert_allclose(steps["trimmed"], [1.76, 1.76, 1.76, 2.4, 2.16, 2.16])
    np.testing.assert_allclose(steps["weight"], steps["trimmed"] * [10, 10, 10, 10, 90, 90])
    assert found.waves.loc[0, ["trimmed", "raised"]].tolist() == [1, 0]
    (told,) = [line for line in found.said if "cut" in line]
    assert told.startswith("1 weight cut to 1.2 and 0 raised to 0.5 times the mean weight")
    assert "nearly" not in told
    assert "no longer met, up to 8.0% off" in told
    assert any("scaled by 0.3333 as a whole" in line for line in found.said)
    assert not any("bounds hold" in line for line in found.said)
    bounded = weigh(
        sample, declared.model_copy(update={"bounds": (0.1, 9.0)}), margins=margins, register=register
    )
    assert any("bounds hold for what follows" in line for line in bounded.said)


def trimmed_sample(small: float) -> tuple[pd.DataFrame, list[Margin]]:
    """Nineteen small companies and one large one, of a population of 1,000."""
    sample = pd.DataFrame({"company": [f"c{n:02d}" for n in range(20)], "wave": 2025})
    sample["size"] = ["small"] * 19 + ["large"]
    cells = pd.DataFrame({"size": ["small", "large"], "count": [small, 1000 - small], "row": [2, 3]})
    return sample, [Margin(("size",), cells)]


def test_trimming_that_loses_a_margin_is_refused() -> None:
    sample, margins = trimmed_sample(700.0)
    with pytest.raises(InputError) as error:
        weigh(sample, rule(margins="register", by=["size"], trim=[0.1, 3]), margins=margins)
    told = [problem.what for problem in error.value.problems]
    assert told[0] == (
        "trimming moves size = large by 50.0%: 300 wanted, 150 obtained; 1 weight cut to 3 and 0 raised to 0.1 times "
        "the mean weight (2025)"
    )
    assert len(told) == 2
    assert all("widen trim" in problem.to_do for problem in error.value.problems)


def test_trimming_by_which_most_weights_stand_at_a_limit_is_refused() -> None:
    sample, _ = trimmed_sample(700.0)
    sample["drawn"] = [1.0] * 12 + [5.0] * 8
    with pytest.raises(InputError, match=r"the limits make the weights.*of 20 companies.*60%"):
        weigh(sample, rule(base="drawn", trim=[0.5, 4]))


@pytest.mark.parametrize(
    ("limit", "off", "near"), [(4.0, 1 / 21, False), (4.16, 2 / 210, True), (9, 0, True)]
)
def test_margins_moved_by_trimming_are_told(limit: float, off: float, near: bool) -> None:
    sample, margins = trimmed_sample(790.0)
    found = weigh(sample, rule(margins="register", by=["size"], trim=[0.1, limit]), margins=margins)
    assert found.waves.loc[0, "misfit"] == pytest.approx(off, abs=1e-12)
    assert found.calibrations[2025].misfit < 1e-9, "what ties the weights is what was met before trimming"
    assert any("nearly" in line for line in found.said) == (0 < off <= 0.02)
    assert [(p.severity, p.value) for p in found.remarks] == ([] if near else [("warning", "size = large")])


def test_without_anything_each_company_counts_once(register: pd.DataFrame) -> None:
    found = weigh(answered(register, 3, 1, 2), rule())
    assert found.frame["company"].tolist() == ["c01", "c02", "c03"]
    assert found.frame["weight"].tolist() == [1, 1, 1]
    assert found.waves.loc[0, ["effective_n", "design_effect", "method"]].tolist() == [3, 1, "none"]


def test_waves_are_weighted_one_by_one_and_their_problems_told_together(register: pd.DataFrame) -> None:
    sample = pd.concat(
        [answered(register, 0, 8), answered(register, 0, 1, wave=2024), answered(register, 9, 10, wave=2023)]
    )
    margins = margins_of_register(register, [["size"]])
    declared = rule(margins="register", by=["size"])
    with pytest.raises(InputError) as error:
        weigh(sample, declared, margins=margins)
    told = [problem.what for problem in error.value.problems]
    assert told == [
        "nobody answered in size = small, where the population has 8 (2023)",
        "nobody answered in size = large, where the population has 4 (2024)",
    ]
    both = weigh(
        pd.concat([answered(register, 0, 8), answered(register, 0, 1, 8, wave=2024)]),
        declared,
        margins=margins,
    )
    assert both.waves["wave"].tolist() == [2024, 2025]
    assert both.frame.groupby("wave")["weight"].sum().tolist() == pytest.approx([12, 12])


def test_a_category_without_a_count_is_told_once_over_waves(register: pd.DataFrame) -> None:
    sample = pd.concat([answered(register, 0, 8, wave=2024), answered(register, 0, 8, 9)])
    margins = margins_of_register(register[register["size"] == "small"], [["size"]])
    with pytest.raises(InputError) as error:
        weigh(sample, rule(margins="register", by=["size"]), margins=margins)
    (told,) = [problem.what for problem in error.value.problems]
    assert told == "1 (2024), 2 (2025) answered in size = large, which the margin does not have"


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_a_design_weight_that_is_none(register: pd.DataFrame, value: float) -> None:
    sample = answered(register, 0, 1).assign(drawn=[2.0, value])
    with pytest.raises(InputError, match=r"drawn: c01 has no design weight above 0.*To do: correct it"):
        weigh(sample, rule(base="drawn"))


def test_negative_weights_are_refused() -> None:
    sample = pd.DataFrame({"company": list("abcdef"), "wave": 2025, "p": list("xxxxyy"), "q": list("xxxyxy")})
    register = pd.DataFrame({"p": list("xxxxxxxyyy") * 4, "q": list("xyyyyyyxyy") * 4})
    margins = margins_of_register(register, [["p"], ["q"]])
    linear = rule(margins="register", by=["p", "q"], method="linear")
    with pytest.raises(
        InputError, match=r"p = y; q = x: weights come out as 0 or less, .* 1 that.*such as e"
    ):
        weigh(sample, linear, margins=margins)
    weights = weigh(sample, rule(margins="register", by=["p", "q"]), margins=margins).frame["weight"]
    assert (weights > 0).all()


def test_weights_that_explode_are_warned_of(register: pd.DataFrame) -> None:
    sample = answered(register, *range(8), 8)
    declared = rule(margins="register", by=["size"], largest=3)
    found = weigh(sample, declared, margins=margins_of_register(register, [["size"]]))
    (warning,) = found.remarks
    assert warning.severity == "warning"
    assert (
        "differ 4 times: 1 of 9 are more than 3 times the smallest; the largest is that of c08 (size = large)"
        in warning.what
    )
    assert "join" in warning.to_do


def test_small_classes_are_joined_with_the_nearest_rate_and_said(register: pd.DataFrame) -> None:
    found = response_classes(
        register, ["c00", "c02", "c04", "c06", "c01", "c08", "c09", "c10"], by=["size", "region"], minimum=2
    )
    table = found.frame.set_index(["size", "region"])
    assert table["answered"].to_dict() == {
        ("large", "north"): 2, ("large", "south"): 1, ("small", "north"): 4, ("small", "south"): 1,
    }  # fmt: skip
    assert found.said == (
        "The weighting class large x south has fewer than 2 answers; it is joined with small x south, whose response "
        "rate is nearest.",
    )
    assert table.loc[("small", "south"), "factor"] == pytest.approx(3)  # six asked, two answered
    assert found.factors["c00"] == 1
    assert found.factors.sum() == pytest.approx(len(register))


def test_classes_need_a_frame_that_holds_who_answered(register: pd.DataFrame) -> None:
    with pytest.raises(InputError) as error:
        response_classes(register, ["c00", "stranger"], by=["sector"], minimum=1)
    assert "sector: is no fact of everybody who was asked" in str(error.value)
    assert "1 answered who are not among those asked: stranger" in str(error.value)


def test_respondents_share_the_weight_of_their_company() -> None:
    people = pd.DataFrame({
        "company": list("aaabbc"), "wave": 2025, "weight": [1.0, 3.0, 1.0, 1.0, 1.0, 1.0],
        "function": ["sales", "sales", "marketing", "sales", "sales", "marketing"],
    })  # fmt: skip
    companies = pd.DataFrame({"company": ["a", "b"], "wave": 2025, "weight": [8.0, 6.0]})
    assert respondent_weights(people, companies).tolist() == [1, 3, 4, 3, 3, 0]
    equal = respondent_weights(people, companies, within="equal")
    assert equal.tolist() == pytest.approx([1.6, 4.8, 1.6, 3, 3, 0])


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"by": ["size"]}, "by is of no use without margins"),
        ({"margins": "register"}, "by does not say which facts"),
        ({"margins": {"file": "a.csv"}, "method": "logit"}, "bounds are needed for the method logit"),
        ({"margins": {"file": "a.csv"}, "bounds": [1.2, 3]}, "bounds are no bounds of a ratio"),
        (
            {"margins": {"file": "a.csv"}, "bounds": [0.2, 3], "method": "poststratification"},
            "cannot be kept",
        ),
        (
            {"margins": "register", "by": ["a", "b"], "method": "poststratification"},
            "post-stratification takes one",
        ),
        ({"trim": [2, 3]}, "trim are no limits"),
        ({"finite": True}, "finite is of no use without strata"),
        ({"metod": "raking"}, "metod"),
    ],
)
def test_declarations_that_contradict_themselves(keys: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        rule(**keys)


def test_post_stratification_takes_one_margin(register: pd.DataFrame) -> None:
    margins = margins_of_register(register, [["size"], ["region"]])
    with pytest.raises(InputError, match=r"takes one margin, and there are 2: size; region"):
        weigh(
            answered(register, 0, 8),
            rule(margins={"file": "a.csv"}, method="poststratification"),
            margins=margins,
        )


def biased_sample(
    rng: np.random.Generator, companies: int = 3000
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Draw a population in which large and retail companies answer more, and score higher."""
    size = rng.choice(["small", "medium", "large"], companies, p=[0.6, 0.3, 0.1])
    industry = rng.choice(["retail", "services"], companies, p=[0.4, 0.6])
    effect = pd.Series(size).map({"small": 0, "medium": 8, "large": 16}).to_numpy() + 5 * (
        industry == "retail"
    )
    score = 45 + effect + rng.normal(0, 8, companies)
    chance = 0.04 + 0.004 * effect
    index = pd.Index([f"c{n}" for n in range(companies)], name="company")
    register = pd.DataFrame({"size": size, "industry": industry}, index=index)
    here = rng.random(companies) < chance
    sample = register[here].reset_index().assign(wave=2025, alignment=score[here])
    return register, sample, float(score.mean())


@pytest.mark.slow
def test_weights_remove_planted_nonresponse_bias_and_intervals_cover() -> None:
    """Calibrated within bounds, and trimmed after raking: each with the error that its estimates have."""
    rng = np.random.default_rng(11)
    ways = {"logit": {"method": "logit", "bounds": (0.2, 3.5)}, "trimmed": {"trim": (0.3, 1.9)}}
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in ways}
    for _ in range(45):
        register, sample, truth = biased_sample(rng)
        margins = margins_of_register(register, [["size"], ["industry"]])
        for name, keys in ways.items():
            found = weigh(sample, rule(margins="register", by=["size", "industry"], **keys), margins=margins)
            frame = with_known_totals(sample.merge(found.frame), found.calibrations)
            table = means(frame, ["alignment"]).iloc[0]
            given = means(frame.drop(columns=KNOWN_TOTALS), ["alignment"]).iloc[0]
            part = means(frame[frame["size"] == "large"], ["alignment"]).iloc[0]
            covered = table["conf_low"] <= truth <= table["conf_high"]
            off, naive = table["estimate"] - truth, sample["alignment"].mean() - truth
            rows[name].append(
                (
                    naive,
                    off,
                    covered,
                    table["std_error"],
                    given["std_error"],
                    part["estimate"],
                    part["std_error"],
                )
            )
    for name, made in rows.items():
        naive, bias, covered, error, without, of_part, error_of_part = np.array(made, dtype=float).T
        assert naive.mean() > 2
        assert abs(bias.mean()) < 3 * bias.std() / np.sqrt(len(bias))
        assert covered.mean() >= 0.85, name
        assert error.mean() == pytest.approx(bias.std(), rel=0.3), name
        assert error_of_part.mean() == pytest.approx(of_part.std(), rel=0.3), name
        assert without.mean() > 1.1 * error.mean(), "without the margins the interval would be too wide"


def test_nonresponse_classes_remove_the_bias_as_well() -> None:
    rng = np.random.default_rng(12)
    declared = rule(nonresponse={"classes": ["size", "industry"], "minimum": 5})
    found = []
    for _ in range(30):
        register, sample, truth = biased_sample(rng)
        weights = weigh(sample, declared, register=register).frame["weight"]
        ordered = sample.sort_values("company")["alignment"]
        found.append(np.average(ordered, weights=weights) - truth)
    assert abs(np.mean(found)) < 0.5


def test_a_table_carries_its_margins_whatever_its_order_and_in_its_parts() -> None:
    register, sample, _ = biased_sample(np.random.default_rng(3))
    declared = rule(margins="register", by=["size", "industry"])
    found = weigh(sample, declared, margins=margins_of_register(register, [["size"], ["industry"]]))
    frame = with_known_totals(sample.merge(found.frame), found.calibrations)
    ordered = sample.sort_values("company")
    by_hand = survey_design(ordered.assign(weight=1.0)).calibrated(found.calibrations[2025])
    cells = ordered["size"].eq("small").to_numpy(dtype=np.int64)
    expected = (
        mean_estimates(ordered[["alignment"]].to_numpy(), by_hand, cells=cells, size=2).variance[1].item()
    )
    for part in (frame, frame.sample(frac=1, random_state=1), frame[frame["size"] == "small"]):
        inside = np.where(part["size"] == "small", part["alignment"], np.nan)[:, None]
        assert mean_estimates(inside, survey_design(part)).variance.item() == pytest.approx(expected)


def test_categories_with_more_answers_than_the_population_has_are_warned_of(register: pd.DataFrame) -> None:
    sample = answered(register, *range(12))

    def told(counts: list[float], *, shares: bool = False) -> list[str]:
        cells = pd.DataFrame({"size": ["small", "large"], "count": counts, "row": [2, 3]})
        margins = [Margin(("size",), cells, shares=shares)]
        found = weigh(sample, rule(margins="register", by=["size"]), margins=margins)
        return [problem.what for problem in found.remarks]

    assert told([6, 9]) == [
        "8 answered in size = small, where the population has 6: each stands for less than one company (2025)"
    ]
    assert told([80, 40]) == told([0.5, 0.5], shares=True) == []


def test_what_was_done_is_said_in_the_language_of_the_report() -> None:
    companies = pd.DataFrame({"company": list("abcd"), "wave": 2025, "size": list("ssll"), "industry": "x"})
    counts = {"size": ["s", "l"], "count": [3900.0, 1300.0], "row": [2, 3]}
    margins = [
        Margin(("size",), pd.DataFrame(counts)),
        Margin(("industry",), pd.DataFrame({"industry": ["x"], "count": [5202.0], "row": [4]})),
    ]
    with speaking("de"):
        said = weigh(companies, WeightRule(margins="register", by=["size", "industry"]), margins=margins).said
    assert said == (
        "Die Bestände nach Branche (5.202) werden auf die Summe nach Größe (5.200) gebracht.",
        "Alle Gewichte werden mit 1300 multipliziert, sodass sie sich zu 5.200 summieren.",
    )
