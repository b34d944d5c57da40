"""Congruence from the study file to the page of the report."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from alignmark.congruence import congruence
from alignmark.run import compute
from alignmark.study import Study, read_study
from analysis.explain.response_surface import Surface, response_surface
from analysis.explain.surface_design import SurfaceSpecification
from analysis.measure.panel import Panel
from reports.documents.congruence import does_agreement_pay, weakest
from reports.documents.few_informants import few_informants
from reports.report import Callout, Figure, Paragraph, Section, Table
from survey.instrument import read_instrument
from survey.problems import InputError


def companies(seed: int = 5, *, bend: float = -0.04, n: int = 200) -> pd.DataFrame:
    """Companies in two waves whose growth bends across the agreement of their functions."""
    rng = np.random.default_rng(seed)
    level, gap = rng.normal(55, 9, n), rng.normal(0, 12, n)
    frame = pd.DataFrame(
        {
            "company": np.repeat(np.arange(n // 2), 2), "wave": np.tile([2024, 2025], n // 2), "alignment": level,
            "alignment_sales": level - gap / 2, "alignment_marketing": level + gap / 2, "gap": gap, "goals": level,
            "gap_goals": gap, "industry": np.where(np.arange(n) // 2 % 2, "Software", "Machinery"),
        }
    )  # fmt: skip
    return frame.assign(revenue_growth=5 + bend * (gap / 2) ** 2 + rng.normal(0, 2, n))


def surfaces_of(study: Study, frame: pd.DataFrame, folder: Path, **unavailable: str) -> tuple[Surface, ...]:
    panel = Panel(frame, read_instrument(folder / "mine.yaml"), unavailable, ("revenue_growth",))
    return congruence(panel, study, across=None, errors=pd.DataFrame(), rng=np.random.default_rng(1))[0]


def surface(frame: pd.DataFrame) -> Surface:
    rule = SurfaceSpecification("planted", "revenue_growth", per=10.0)
    return response_surface(rule, frame, rng=np.random.default_rng(1), draws=200)


def figure_title(section: Section) -> str:
    (figure,) = (block for block in section.blocks if isinstance(block, Figure))
    return figure.title


def words_of(section: Section) -> str:
    texts = [block.text for block in section.blocks if isinstance(block, Callout | Paragraph)]
    return " ".join([section.title, section.lead, *texts])


def test_without_a_section_the_terms_of_the_models_are_taken(tiny: Path) -> None:
    study = read_study(tiny / "study.yaml").study
    first, second = surfaces_of(study, companies(), tiny)
    assert (first.specification.name, first.specification.effects) == ("alone", ("wave",))
    assert (second.specification.name, second.specification.effects) == ("controls", ("wave", "industry"))
    assert not first.specification.declared
    assert (first.specification.outcome, first.specification.per) == ("revenue_growth", 10.0)
    assert first.row("a4")["estimate"] == pytest.approx(-4, rel=0.2)


def test_the_section_says_what_is_fitted(spoiled: Any) -> None:
    declared = "congruence: {score: goals, centring: midpoint, effects: [], errors: HC3}"
    path = spoiled(("seed: 1", f"seed: 1\n{declared}"))
    main, *others = surfaces_of(read_study(path).study, companies(), path.parent)
    rule = main.specification
    assert (rule.x, rule.centring, rule.effects, rule.covariance) == ("goals_sales", "midpoint", (), "HC3")
    assert rule.declared
    assert [other.specification.name for other in others] == ["alone", "controls"]
    index = surfaces_of(
        read_study(path).study.model_copy(update={"congruence": None}), companies(), path.parent
    )
    alike = next(other for other in others if other.specification.name == "alone")
    assert alike.row("a4")["estimate"] == pytest.approx(index[0].row("a4")["estimate"])


def test_names_that_nothing_gives_are_problems_of_the_study(spoiled: Any) -> None:
    declared = "congruence: {score: trusst, outcome: revenue, controls: [sise]}"
    with pytest.raises(InputError) as caught:
        compute(read_study(spoiled(("seed: 1", f"seed: 1\n{declared}"))))
    said = str(caught.value)
    assert "congruence.score: 'trusst' is neither the index nor a construct" in said
    assert "congruence.outcome: 'revenue' is no column of this study" in said
    assert "'sise' is no column of this study" in said


def test_one_function_only_is_said(tiny: Path) -> None:
    frame = companies().drop(columns=["alignment_sales", "alignment_marketing", "gap", "gap_goals"])
    found = surfaces_of(
        read_study(tiny / "study.yaml").study, frame, tiny, gap="people were not asked where they work"
    )
    assert [one.note for one in found] == [
        "alignment_sales is not in the panel: people were not asked where they work"
    ] * 2


def test_the_page_of_a_run(ran: Any) -> None:
    pages = {found.id: found for found in ran.report.sections}
    section, details = pages["congruence"], pages["congruence-details"]
    tables = {block.id: block for block in details.blocks if isinstance(block, Table)}
    assert {"congruence-checklist", "congruence-slopes", "congruence-models", "congruence-sides"} <= set(
        tables
    )
    assert tables["congruence-slopes"].frame["term"].tolist()[:5] == ["a1", "a2", "a3", "a4", "a5"]
    assert sum(isinstance(block, Figure) for block in section.blocks) == 1
    said = words_of(section)
    assert "This is an association, not an effect" in said
    assert "Scores from few informants flatten the surface" in words_of(details)
    assert (ran.out / "tables" / "congruence-checklist.csv").is_file()
    growth = pages["growth-details"].blocks
    assert "few-informants" in {block.id for block in growth if isinstance(block, Table)}
    corrected = ran.evidence.corrections
    assert corrected["method"].iloc[0] == "As measured"
    assert corrected["estimate"].iloc[:5].notna().all()


def test_the_title_says_no_more_than_the_weakest_specification(ran: Any) -> None:
    good, bad = surface(companies()), surface(companies(bend=0.0))
    assert (good.verdict, bad.verdict) == ("supported", "not supported")
    open_ = replace(
        good, lines=good.lines.assign(met=good.lines["met"].mask(good.lines["scope"] == "data", "no"))
    )
    assert weakest([good, good]) == "supported"
    assert weakest([good, bad, open_]) == "not supported"
    assert weakest([good, open_]) == "cannot be told"
    titles = {
        (good,): "Where sales and marketing say the same, ",
        (good, bad): "These data do not show that ",
        (good, open_): "Whether ",
    }
    for surfaces, title in titles.items():
        section = does_agreement_pay(replace(ran.evidence, surfaces=surfaces))
        assert section.title.startswith(title)
    alone = does_agreement_pay(replace(ran.evidence, surfaces=(good,)))
    assert "take it as exploratory" not in words_of(alone)
    assert figure_title(alone).startswith(
        "20 points between the functions go with a difference in revenue growth of −"
    )
    both = figure_title(does_agreement_pay(replace(ran.evidence, surfaces=(good, bad))))
    assert both.endswith("whether they agree makes a difference under some sets of controls only")
    neither = does_agreement_pay(replace(ran.evidence, surfaces=(bad,)))
    assert figure_title(neither).endswith("whether they agree makes no clear difference")
    assert "That is not enough to say that agreement itself goes with the outcome" in words_of(neither)


@pytest.mark.parametrize(
    ("surfaces", "reason"),
    [
        ((), "the study has no outcome"),
        (
            (Surface(SurfaceSpecification("s", "growth"), note="growth does not vary"),),
            "growth does not vary",
        ),
    ],
)
def test_without_a_surface_the_page_says_why(ran: Any, surfaces: tuple[Surface, ...], reason: str) -> None:
    section = does_agreement_pay(replace(ran.evidence, surfaces=surfaces))
    assert section.title == "Whether agreement pays is not known"
    assert f"Not available: {reason}." in words_of(section)


def test_fewer_companies_than_may_be_shown_make_no_map(ran: Any) -> None:
    facts = replace(ran.evidence.facts, minimum_companies=150)
    section = does_agreement_pay(replace(ran.evidence, facts=facts, surfaces=(surface(companies()),)))
    assert not any(isinstance(block, Figure | Table) for block in section.blocks)


def test_a_correction_that_is_not_reliable_is_told_beside_its_table(ran: Any) -> None:
    corrected = ran.evidence.corrections
    doubtful = corrected.assign(
        note=corrected["note"].mask(corrected.index == 4, "the reliability is itself uncertain")
    )
    blocks = few_informants(replace(ran.evidence, corrections=doubtful))
    assert [block.title for block in blocks if isinstance(block, Callout)] == [
        "The correction is not reliable here"
    ]
    assert few_informants(replace(ran.evidence, corrections=pd.DataFrame())) == []
    for kept, said in ((1, "The corrected slope is "), (0, "")):
        fewer = doubtful.assign(estimate=[5.0] * (1 + kept) + [np.nan] * (len(doubtful) - 1 - kept))
        blocks = few_informants(replace(ran.evidence, corrections=fewer))
        (text,) = [block.text for block in blocks if isinstance(block, Callout)] or [""]
        assert text.startswith(said)
        assert bool(text) == bool(said)
    clean = corrected.assign(note="")
    assert len(few_informants(replace(ran.evidence, corrections=clean))) == 1
