"""Scorecards: the numbers of the run, nothing of anybody else, and names that cannot do harm in any format."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader

from alignmark.beside_norms import beside
from alignmark.card_files import INDEX, Order, write_cards
from alignmark.compare import scored_companies, scores_of
from alignmark.scorecards import Cards, cards_of, report_of
from alignmark.study import read_study
from reports.documents.scorecard import scorecard
from reports.pack import Group
from reports.report import Figure, Finding, Report, Table
from reports.scorecard import Scorecard
from reports.theme import PLAIN
from reports.writers.html import to_html
from survey.problems import InputError
from tests.alignmark.conftest import Ran
from tests.alignmark.small_pack import Packed, make_pack

HOSTILE = [
    "<script>alert(1)</script> & \"quotes\" 'single'", "שלום בע״מ", "\U0001f98a Fox \U0001f4c8 Ltd", "x" * 200,
    "=HYPERLINK(\"http://evil\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "../../evil", "\u202egnidaer",
    "A B", "A/B", "#let x = [*bold*] $x$",
]  # fmt: skip
NAN = float("nan")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return make_pack(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def small_cards(ran: Ran) -> Cards:
    return cards_of(ran.evidence, ran.inputs, read_study(ran.study))


def cards_from(packed: Packed, language: str = "en", **changed: object) -> Cards:
    """Cards of the small pack, all companies with an index, without history; parts of their rows changed."""
    scores, found = scores_of(packed.responses, packed.pack), packed.pack.benchmarks
    scored = scored_companies(scores, packed.pack).assign(**changed)
    named = scored[scored["alignment"].notna()].set_index("company")
    return Cards(
        pack=packed.pack, names={name: name for name in named.index}, scored=named,
        beside=beside(scores, scored, found, language),
        kinds=pd.DataFrame(), verdicts={}, history={}, language=language, caution="",
    )  # fmt: skip


def first(cards: Cards) -> Scorecard:
    return cards.card(next(iter(cards.names)))


def all_text(report: Report) -> str:
    page = to_html(report)
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", page[page.index("<body") :], flags=re.DOTALL)


def finding(report: Report, name: str) -> Finding:
    return next(
        block for block in report.sections[0].blocks if isinstance(block, Finding) and block.id == name
    )


def table(report: Report, name: str) -> Table:
    return next(found for found in report.tables if found.id == name)


def test_every_number_is_that_of_the_run(ran: Ran, small_cards: Cards) -> None:
    companies = pd.read_csv(ran.out / "companies.csv").set_index("company")
    panel = ran.evidence.panel.frame
    panel = panel[panel["wave"] == ran.evidence.facts.latest].set_index("company")
    off = small_cards.pack.benchmarks.tolerance
    names = list(small_cards.names)
    assert set(names) == set(companies.index[companies["alignment"].notna()])
    scored = small_cards.scored.loc[names]
    for name in ("alignment", "conf_low", "conf_high"):
        np.testing.assert_allclose(scored[name], companies.loc[names, name], atol=1e-9)
    assert scored["stage"].tolist() == panel.loc[names, "stage"].tolist()
    assert off.percentile is not None
    assert (scored["percentile"] - companies.loc[names, "percentile"]).abs().max() <= off.percentile + 1e-9
    best = small_cards.pack.benchmarks.best
    assert best is not None
    assert best.basis == "outcomes"
    classes = ran.evidence.classes["outcomes"].frame
    ever = set(classes.loc[classes["class"] == "best in class", "company"])
    others = [company for company in names if company not in ever]
    for company in others[:4]:
        found = small_cards.card(company)
        constructs = found.comparison.constructs.set_index("variable")
        for name in constructs.index:
            ends = [f"distance_{name}{end}" for end in ("", "_low", "_high")]
            run = companies.loc[company, ends].astype(float)
            np.testing.assert_allclose(
                constructs.loc[name, ["distance", "distance_low", "distance_high"]].astype(float),
                run,
                atol=1e-9,
            )
        own = constructs.index.drop("alignment")
        np.testing.assert_allclose(constructs.loc[own, "estimate"], panel.loc[company, own].astype(float))
        np.testing.assert_allclose(
            constructs.loc[own, "gap"], panel.loc[company, [f"gap_{name}" for name in own]].astype(float)
        )
        history = found.history.set_index("wave")["estimate"]
        assert history[ran.evidence.facts.latest] == companies.loc[company, "alignment"]


@pytest.mark.usefixtures("undrawn")
def test_a_page_says_the_score_of_the_run(ran: Ran, small_cards: Cards) -> None:
    companies = pd.read_csv(ran.out / "companies.csv").set_index("company")
    company = next(iter(small_cards.names))
    report, row = report_of(small_cards, company), companies.loc[company]
    score = finding(report, "score")
    assert score.value == f"{row['alignment']:.0f}"
    assert (
        score.detail
        == f"{row['alignment']:.0f} points ({row['conf_low']:.0f} to {row['conf_high']:.0f}), 95% interval."
    )
    assert report.title == small_cards.names[company]
    assert len(report.sections) == 6


@pytest.mark.usefixtures("undrawn")
def test_a_page_names_no_other_company(small_cards: Cards) -> None:
    company = next(iter(small_cards.names))
    text = all_text(report_of(small_cards, company))
    others = [name for key, name in small_cards.names.items() if key != company]
    assert not [name for name in others if name in text]


@pytest.mark.usefixtures("undrawn")
def test_peers_are_the_smallest_group_of_the_norms_to_which_a_company_belongs(packed: Packed) -> None:
    """Where it belongs to none, nothing is said of peers: a place among a few companies would tell of them."""
    cards, found = cards_from(packed), packed.pack.benchmarks
    (one, another, *_), norm = cards.names, found.norms["alignment"]
    groups = [
        Group(key=key, value=value, norms={"alignment": replace(norm, n=n)})
        for key, value, n in (("industry", "Steel", 28), ("region", "North", 25), ("region", "South", 24))
    ]
    benchmarks = found.model_copy(update={"groups": groups})
    kinds = pd.DataFrame({"industry": ["Steel"], "region": ["North"]}, index=[one])
    made = replace(
        cards,
        pack=packed.pack.model_copy(update={"benchmarks": benchmarks}),
        kinds=kinds,
        beside=beside(scores_of(packed.responses, packed.pack), cards.scored.reset_index(), benchmarks, "en"),
    )
    said = finding(report_of(made, one), "peers")
    assert said.headline.startswith("Among your 24 closest peers you are at percentile ")
    place = groups[1].norms["alignment"].percentile(made.scored.loc[one, "alignment"])
    assert said.value == f"{place:.0f}"
    assert said.detail == "Peers: region North. How sure that is cannot be said."
    with pytest.raises(StopIteration):
        finding(report_of(made, another), "peers")


@pytest.mark.usefixtures("undrawn")
def test_a_function_of_too_few_people_is_not_shown(packed: Packed) -> None:
    cards, least = cards_from(packed), packed.pack.benchmarks.minimum_respondents
    counts = {name: min(part.people.values()) for name, part in cards.beside.items()}
    seen = set()
    few, enough = (
        [name for name in cards.names if (counts[name] < least) == small] for small in (True, False)
    )
    for company in [*few[:3], *enough[:3]]:
        made = replace(cards.card(company), verdict="yes")
        report = scorecard(made)
        views = next(section for section in report.sections if section.id == "two-views")
        shown = any(isinstance(block, Figure | Table) for block in views.blocks)
        assert shown <= (counts[company] >= least)
        assert ("agree enough" in all_text(report)) == (counts[company] >= least)
        seen.add(shown)
    assert seen == {True, False}


@pytest.mark.usefixtures("undrawn")
def test_a_subject_that_too_few_of_one_function_answered_is_not_shown(packed: Packed) -> None:
    cards, least = cards_from(packed), packed.pack.benchmarks.minimum_respondents
    made = cards.card(next(name for name, part in cards.beside.items() if min(part.people.values()) >= least))
    views = made.comparison.views
    fewer = views[~((views["variable"] == "trust") & (views["function"] == "sales"))]
    report = scorecard(replace(made, comparison=replace(made.comparison, views=fewer)))
    assert table(report, "gaps").frame["variable"].tolist() == ["goals"]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("language", ["en", "de-AT"])
def test_what_is_not_known_has_words(packed: Packed, language: str) -> None:
    lost = dict.fromkeys(
        ["conf_low", "conf_high", "alignment_se", "goals_se", "trust_se", "percentile_low", "percentile_high",
         "best_probability", "shrunk", "gap_goals_se", "gap_trust_se"], NAN,
    )  # fmt: skip
    report = scorecard(first(cards_from(packed, language, **lost)))
    text = all_text(report)
    assert "nan" not in text.lower().replace("financ", "")
    said = (
        "how sure that is cannot be said"
        if language == "en"
        else "wie sicher das ist, lässt sich nicht sagen"
    )
    assert said in finding(report, "score").detail
    assert "blue band" not in text
    assert "blaue Band" not in text


@pytest.mark.usefixtures("undrawn")
def test_functions_that_no_study_asked_for_are_not_missed(packed: Packed) -> None:
    made = first(cards_from(packed))
    found = made.comparison.pack
    key = found.benchmarks.key.model_copy(update={"functions": [""]})
    alone = found.model_copy(update={"benchmarks": found.benchmarks.model_copy(update={"key": key})})
    sections = [
        {section.id for section in scorecard(card).sections}
        for card in (made, replace(made, comparison=replace(made.comparison, pack=alone, people={"": 4})))
    ]
    assert sections[0] - sections[1] == {"two-views"}


@pytest.mark.usefixtures("undrawn")
def test_first_and_last_get_words_instead_of_none_or_all(packed: Packed) -> None:
    top = all_text(scorecard(first(cards_from(packed, percentile=99.8))))
    assert "Nearly all of 30 companies score lower" in top
    assert "Hardly any company scores higher than you" in top
    last = all_text(scorecard(first(cards_from(packed, percentile=0.2))))
    assert "Hardly any of 30 companies score lower" in last
    assert "Nearly all companies score higher than you" in last


@pytest.mark.usefixtures("undrawn")
def test_german_says_nothing_in_english(packed: Packed) -> None:
    text = all_text(scorecard(first(cards_from(packed, "de"))))
    words = set(re.findall(r"[a-z]+", text.lower()))
    assert not words & {"the", "your", "of", "and", "you", "with", "companies", "sales", "points", "how"}


@pytest.mark.usefixtures("undrawn")
def test_a_trend_tells_up_from_down_and_from_chance(packed: Packed) -> None:
    made = first(cards_from(packed))
    titles = {}
    for name, now, error in (
        ("up", 70.0, 3.0),
        ("down", 40.0, 3.0),
        ("same", 57.0, 3.0),
        ("unknown", 70.0, NAN),
    ):
        history = pd.DataFrame({
            "wave": [2024, 2025], "estimate": [55.0, now], "std_error": error, "everyone": [NAN, 50.0],
            "conf_low": [50.0, now - 5], "conf_high": [60.0, now + 5],
        })  # fmt: skip
        figure = next(
            found for found in scorecard(replace(made, history=history)).figures if found.id == "trend"
        )
        titles[name] = figure.title
        assert "2024: 55" in figure.alt
        assert "nan" not in figure.alt
    assert titles["up"] == "Your score went up from 55 points to 70 points, beyond chance"
    assert titles["down"] == "Your score went down from 55 points to 40 points, beyond chance"
    assert titles["same"].endswith("a change within chance")
    assert titles["unknown"].endswith("cannot be said")


def named(packed: Packed) -> Cards:
    """Cards whose companies have names that would do harm."""
    cards = cards_from(packed)
    return replace(cards, names=dict(zip(list(cards.names), HOSTILE, strict=False)))


def test_hostile_names_do_no_harm_in_any_format(packed: Packed, tmp_path: Path) -> None:
    cards = named(packed)
    template = report_of(cards, next(iter(cards.names)))
    template = replace(template, sections=template.sections[:1])
    order = Order(
        lambda company: replace(template, title=cards.names[company]), ("html", "pdf", "pptx"), PLAIN, "k"
    )
    folder = tmp_path / "cards"
    table = write_cards(order, cards.names, folder, workers=1, advance=lambda _name: None)
    assert table["problem"].tolist() == [""] * len(HOSTILE)
    assert {path.name for path in tmp_path.iterdir()} == {"cards"}
    files = [name for row in table["files"] for name in row.split(" ")]
    assert len(set(files)) == 3 * len(HOSTILE)
    for name in files:
        assert re.fullmatch(r"[a-z0-9-]{1,70}\.(html|pdf|pptx)", name)
        assert (folder / name).is_file()
    page = (folder / files[0]).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert PdfReader(folder / files[1]).metadata.title == HOSTILE[0]
    with zipfile.ZipFile(folder / files[2]) as deck:
        assert "&lt;script&gt;" in deck.read("ppt/slides/slide1.xml").decode()
    index = pd.read_csv(folder / INDEX, dtype=str)
    assert not [name for name in index["name"] if name[0] in "=+-@"]
    assert "'-2+3" in set(index["name"])


def test_a_full_disk_is_told_and_leaves_no_part_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.write_text

    def full(self: Path, data: str, *args: object, **rest: object) -> int:
        if self.suffix == ".html":
            written(self, data[:10], encoding="utf-8")
            raise OSError(28, "No space left on device")
        return written(self, data, *args, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    order = Order(lambda company: Report(company, "", "en", ()), ("html",), PLAIN, "k")
    table = write_cards(order, {"A": "A", "B": "B"}, tmp_path, workers=1, advance=lambda _name: None)
    assert table["problem"].tolist() == ["No space left on device"] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [INDEX, "scorecards.json"]


def test_a_template_that_fails_says_where(tmp_path: Path) -> None:
    (tmp_path / "report.html.j2").write_text("<p>\n{{ report.colour }}</p>", encoding="utf-8")
    (tmp_path / "report.typ").write_text('hello\n\n#let a = 1 + "x"\n', encoding="utf-8")
    order = Order(
        lambda company: Report(company, "", "en", ()),
        ("html", "pdf"),
        replace(PLAIN, templates=tmp_path),
        "k",
    )
    for formats, said in (
        (("html",), "report.html.j2, row 2: the template fails"),
        (("pdf",), "report.typ, row 3: the template fails"),
    ):
        table = write_cards(
            replace(order, formats=formats),
            {"A": "A"},
            tmp_path / formats[0],
            workers=1,
            advance=lambda _name: None,
        )
        assert said in table["problem"].item()


def test_a_study_without_norms_has_no_scorecards(ran: Ran) -> None:
    with pytest.raises(InputError, match="has no norms to set a company beside"):
        cards_of(replace(ran.evidence, pack=None), ran.inputs, read_study(ran.study))
