"""An attacker who reads scorecards, comparisons and packs: its own card, that of a friend, and answers that it invents.

It knows how companies are placed and how many informants each has, tries thousands of invented scores on a pack, takes
the models of a pack for equations, and looks through every format for names and numbers of others.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader

from alignmark.card_files import INDEX
from alignmark.compare import compare, scored_companies, scores_of
from alignmark.comparison_text import said
from alignmark.scorecards import Cards, cards_of, report_of, write_scorecards
from alignmark.study import read_study
from analysis.benchmark.published_norms import norms_of
from analysis.infer.columns import Floats
from analysis.measure.one_way import one_way
from analysis.measure.shrinkage import Nodes, nodes_of
from reports.documents.comparison import comparison_report
from reports.pack import Benchmarks, Pack
from reports.theme import PLAIN
from reports.writers.html import to_html, write_html
from reports.writers.pdf import write_pdf
from reports.writers.slides import write_slides
from survey.problems import InputError
from tests.alignmark.conftest import Ran
from tests.alignmark.test_attack import _digits, _numbers
from tests.alignmark.test_attack_pages import LEVELS, points_of, texts_of, told
from tests.alignmark.test_attack_pages import scores_of as levels_of

WRITERS = {"html": write_html, "pdf": write_pdf, "pptx": write_slides}


@pytest.fixture(scope="module")
def cards(ran: Ran) -> Cards:
    return cards_of(ran.evidence, ran.inputs, read_study(ran.study))


@pytest.fixture(scope="module")
def pair(cards: Cards) -> list[str]:
    """Two companies that put their cards together."""
    return [*cards.names][3:5]


@pytest.fixture(scope="module")
def handed_out(cards: Cards, pair: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write their cards in every format, and what compare says of each."""
    folder = tmp_path_factory.mktemp("cards")
    for company in pair:
        report = report_of(cards, company)
        for ending, write in WRITERS.items():
            write(report, folder / f"{company}.{ending}")
        found = cards.card(company).comparison
        write_html(comparison_report(found), folder / f"{company}-comparison.html")
        (folder / f"{company}.txt").write_text("\n".join(said(found)), encoding="utf-8")
    return folder


def contents_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file; of a PDF its streams as they were before they were packed, its texts and facts."""
    yield path.read_bytes()
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        yield from (page.get_contents().get_data() for page in reader.pages if page.get_contents())
        yield "\n".join(page.extract_text() for page in reader.pages).encode()
        yield repr(reader.metadata).encode()


# --- what stands in the files -------------------------------------------------------------------------------------


def test_two_companies_learn_nothing_of_a_third(
    ran: Ran, cards: Cards, pair: list[str], handed_out: Path
) -> None:
    """No name, no number and no point of another company, in any format of a card or a comparison."""
    frame = ran.evidence.panel.frame
    contents = [content for path in sorted(handed_out.iterdir()) for content in contents_of(path)]
    texts = [text for content in contents for text in texts_of(content)]
    others = [name for key, name in cards.names.items() if key not in pair]
    assert [
        name for name in (*others, *set(cards.names) - set(pair)) if any(name in text for text in texts)
    ] == []
    assert all(any(cards.names[company] in text for text in texts) for company in pair)
    drawn = (points for text in texts for points in points_of(text))
    assert told(drawn, levels_of(ran.evidence)) == set()
    values = frame.melt("company", [*LEVELS, *ran.evidence.panel.instrument.alignment_constructs])
    mine, once = values["company"].isin(pair), ~values["value"].round(9).duplicated(keep=False)
    of_both, of_others = (
        {_digits(x) for x in values.loc[rows & once, "value"] if len(_digits(x)) > 8}
        for rows in (mine, ~mine)
    )
    assert len(of_others) > 100
    seen = {number for content in contents for number in _numbers(content)}
    assert seen & of_both
    assert seen & of_others == set()


@pytest.mark.usefixtures("undrawn")
def test_a_card_is_made_of_the_pack_and_of_what_the_company_itself_answered(
    ran: Ran, cards: Cards, pair: list[str]
) -> None:
    """Were the others others, its place among them would be another, exactly, and its card the same."""
    company, answers = pair[0], ran.inputs.responses
    assert answers is not None
    other = answers.frame["company"] != company
    items = [name for name in answers.asked if name in answers.frame.select_dtypes("number")]
    turned = answers.frame.assign(
        **{name: answers.frame[name].where(~other, 6 - answers.frame[name]) for name in items}
    )
    frame = ran.evidence.panel.frame
    levels = [name for name in frame.select_dtypes("float") if name.startswith(("alignment", "gap"))]
    moved = frame.assign(
        **{name: frame[name].where(frame["company"] == company, 100 - frame[name]) for name in levels}
    )
    places = ran.evidence.positions
    numbers = places.select_dtypes("number")
    evidence = replace(
        ran.evidence,
        panel=replace(ran.evidence.panel, frame=moved),
        positions=places.assign(**{name: 100 - numbers[name].to_numpy() for name in numbers}),
    )
    inputs = replace(ran.inputs, responses=replace(answers, frame=turned))
    made = cards_of(evidence, inputs, read_study(ran.study))
    made = replace(made, pack=cards.pack)
    assert (made.scored["alignment"] - cards.scored["alignment"]).abs().max() > 10
    assert to_html(report_of(made, company)) == to_html(report_of(cards, company))


# --- invented answers ---------------------------------------------------------------------------------------------


def kinks(pack: Pack) -> Floats:
    """Find the scores at which percentiles bend, by a sheet of invented answers for every twentieth of a point."""
    key, tried = pack.benchmarks.key, np.arange(0, 100.001, 0.05)
    people = pd.DataFrame({"company": np.repeat([f"{x:08.4f}" for x in tried], len(key.functions))})
    people["function"] = np.tile(key.functions, len(tried))
    people["wave"] = 2025
    people[key.constructs] = np.repeat(tried, len(key.functions))[:, None] * np.ones(len(key.constructs))
    bare = pack.model_copy(
        update={"benchmarks": pack.benchmarks.model_copy(update={"spread": {}, "shrinkage": None})}
    )
    found = scored_companies(people, bare)["percentile"].to_numpy()
    bends = np.abs(np.diff(found, 2)) > 1e-2
    return np.asarray(tried[1:-1][bends])


def alone_at(found: Floats, scores: Floats) -> int:
    """Count the companies whose score, and no other's, is where percentiles bend."""
    near = np.abs(found[:, None] - scores[None]) < 0.1
    return int((near.sum(axis=1) == 1).sum())


def test_percentiles_of_invented_answers_tell_no_more_than_the_pack(ran: Ran, cards: Cards) -> None:
    """They bend at the means of groups of neighbours; were they exact, they would bend at every company."""
    norm = cards.pack.benchmarks.norms["alignment"]
    now = ran.evidence.panel.wave(ran.evidence.facts.latest).frame
    found = kinks(cards.pack)
    inside = found[(found > norm.steps[0] + 0.1) & (found < norm.steps[-1] - 0.1)]
    assert len(inside)
    assert (np.abs(inside[:, None] - np.array(norm.steps)).min(axis=1) < 0.1).all()
    exact = norms_of(now, ["alignment"], minimum=1)
    open_pack = cards.pack.model_copy(
        update={
            "benchmarks": cards.pack.benchmarks.model_copy(
                update={"norms": {**cards.pack.benchmarks.norms, **exact}}
            )
        }
    )
    scores = now["alignment"].dropna().to_numpy()
    assert alone_at(kinks(open_pack), scores) > 5 > alone_at(inside, scores)


# --- the models of a pack -----------------------------------------------------------------------------------------


def companies_by_informants(nodes: Nodes, function: int, most: int) -> tuple[Floats, Floats, float]:
    """Take ratios of the variances for an equation each: companies of each number of informants, and their scores.

    A company of n informants weighs ``n / (1 + n theta)`` in the mean at a ratio, and the variance of the mean says how
    much all weigh together. The last number says how badly whole numbers of companies fit.
    """
    sizes = np.arange(1.0, most + 1)
    each = sizes / (1 + nodes.theta[:, [function]] * sizes)
    weight = nodes.sigma2[:, function] / nodes.mu_variance[:, function]
    counts = np.linalg.lstsq(each, weight)[0].round()
    there = counts > 0
    sums = np.linalg.lstsq(each[:, there], weight * nodes.mu[:, function])[0]
    return counts, sums, float(np.abs(each @ counts - weight).max())


def nodes_in(found: Benchmarks) -> Nodes:
    assert found.shrinkage is not None
    return Nodes(**{name: np.array(rows, dtype=float) for name, rows in found.shrinkage.nodes.items()})


def test_the_models_of_a_pack_tell_of_no_company_with_so_many_informants(ran: Ran, cards: Cards) -> None:
    """Whoever knows how many people of a company answered has to know nothing else of it."""
    answers, found = ran.inputs.responses, cards.pack.benchmarks
    assert answers is not None
    latest = answers.frame[answers.frame["wave"] == ran.evidence.facts.latest]
    scores = scores_of(replace(answers, frame=latest), cards.pack)
    whole = scores[found.key.constructs].astype(float).mean(axis=1, skipna=False)
    people = scores[["company", "function", "wave"]].assign(index=whole)
    open_nodes, packed = nodes_of(one_way(people, ["index"])), nodes_in(found)
    sides, given_away = sorted(found.key.functions), 0
    for function in found.key.functions:
        means = people[(people["function"] == function) & whole.notna()].groupby("company")["index"]
        true = means.size().value_counts().sort_index()
        counts, sums, misfit = companies_by_informants(open_nodes, sides.index(function), true.index.max())
        if misfit < 1e-6:
            assert {n + 1: int(count) for n, count in enumerate(counts) if count} == true.to_dict()
            alone = np.flatnonzero(counts[counts > 0] == 1)
            single = set(means.mean()[means.size().isin(true.index[true == 1])].round(2))
            given_away += len({round(float(sums[at]), 2) for at in alone} & single)
        assert (
            companies_by_informants(packed, found.key.functions.index(function), true.index.max())[2] > 1e-3
        )
    assert given_away
    assert np.ptp(found.spread["mu"]) < 1e-9


# --- messages and names of files ----------------------------------------------------------------------------------


def test_messages_to_whoever_compares_name_no_company_of_the_study(cards: Cards, tmp_path: Path) -> None:
    answers = pd.DataFrame({"company": ["Nobody Inc", "Somebody Inc"], "function": "sales", "goals_1": 3})
    messages = []
    for name, table in (("two", answers), ("strange", answers[["company"]]), ("empty", answers.head(0))):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        for called in ((), (next(iter(cards.names.values())),)):
            with pytest.raises(InputError) as refused:
                compare(tmp_path / f"{name}.csv", cards.pack, names=called)
            messages += [str(problem) for problem in refused.value.problems]
    first, told_of = next(iter(cards.names.values())), cards.pack.to_json() + "\n".join(messages)
    others = {*cards.names, *cards.names.values()} - {first}
    assert len(messages) >= 6
    assert [name for name in others if name in told_of] == []


def test_one_card_is_written_without_a_word_of_the_others(
    ran: Ran, cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list beside the cards is the study's own; of one company's order it holds that company."""
    monkeypatch.setattr("alignmark.scorecards.compute", lambda *_, **__: (ran.evidence, ran.inputs))
    monkeypatch.setattr("alignmark.scorecards.cards_of", lambda *_: cards)
    company = next(iter(cards.names))
    write_scorecards(
        read_study(ran.study), tmp_path / "cards", formats=["html"], theme=PLAIN, companies=[company]
    )
    texts = [path.name + path.read_text(encoding="utf-8") for path in (tmp_path / "cards").iterdir()]
    others = {*cards.names, *cards.names.values()} - {company, cards.names[company]}
    assert (tmp_path / "cards" / INDEX).exists()
    assert [name for name in others if any(name in text for text in texts)] == []
