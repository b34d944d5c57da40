"""The pack of a study: what it holds, and that it gives no company away."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from alignmark.benchmark_rules import PeerRule
from alignmark.gate_rules import PACK
from alignmark.measuring import Measured
from alignmark.membership import _of_pack
from alignmark.pack_norms import FEWEST, pack_norms
from alignmark.packing import NO_TERMS, benchmarks_of, best_of, pack_of
from alignmark.peering import with_peer_columns
from alignmark.study import read_study
from analysis.benchmark.position import positions as places
from analysis.benchmark.published_norms import STRICTER, norms_of
from analysis.measure.scoring import score_frame
from reports.pack import Benchmarks, Pack
from reports.pack_file import read_pack
from tests.alignmark.conftest import Ran


@pytest.fixture(scope="module")
def pack(ran: Ran) -> Pack:
    return read_pack(ran.out / "pack.json")


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from numbers_in(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
    elif isinstance(value, str):
        yield value


def test_a_run_writes_it_with_where_it_comes_from(ran: Ran, pack: Pack) -> None:
    now = ran.evidence.panel.wave(ran.evidence.facts.latest).frame
    known = now[now["alignment"].notna()]
    found = pack.provenance
    assert (found.wave, found.companies, found.respondents) == (2025, len(known), known["n"].sum())
    assert found.simulated
    assert found.terms == NO_TERMS
    manifest = json.loads((ran.out / "manifest.json").read_text(encoding="utf-8"))
    assert found.code_sha256 == manifest["code"]
    assert found.seed == manifest["seed"]


def test_it_holds_the_key_and_norms_of_every_construct(ran: Ran, pack: Pack) -> None:
    key = pack.benchmarks.key
    assert key.instrument == ran.inputs.instrument
    assert list(key.instrument.columns) == list(ran.inputs.instrument.columns)
    assert key.constructs == ran.inputs.instrument.alignment_constructs
    assert sum(key.weights) == pytest.approx(1)
    assert ran.inputs.responses is not None
    assert key.asked == ran.inputs.responses.asked
    gaps = ran.evidence.gaps.set_index("variable")["suppressed"]
    shown = {f"gap_{name}" for name in key.constructs if not gaps[name]}
    assert len(shown) >= len(key.constructs) - 1
    assert {"alignment", "gap", *key.constructs, *shown} <= set(pack.benchmarks.norms)
    assert not {f"gap_{name}" for name in gaps.index[gaps]} & set(pack.benchmarks.norms)


def test_no_index_of_a_company_stands_in_it(ran: Ran, pack: Pack) -> None:
    """Means on a coarse scale can meet a score by chance; those of an index have too many digits for that."""
    frame = ran.evidence.panel.frame
    names = [
        "alignment",
        "alignment_sales",
        "alignment_marketing",
        "alignment_se",
        "gap",
        "d2",
        "reliability",
    ]
    values = np.concatenate([frame[names].to_numpy().ravel(), ran.evidence.positions["shrunk"].to_numpy()])
    values = values[np.isfinite(values) & (np.abs(values * 100 - np.round(values * 100)) > 1e-6)]
    content = pack.benchmarks.model_dump(mode="json", exclude={"key"})
    coarse = {name for group in pack.benchmarks.key.instrument.practices.values() for name in group.items}
    content["norms"] = {name: norm for name, norm in content["norms"].items() if name not in coarse}
    written = np.array(list(numbers_in(content)))
    near = np.abs(written[:, None] - values[None]) < 1e-9
    assert not near.any(), written[near.any(axis=1)]
    assert len(values) > 200


def test_norms_hold_an_end_of_the_scale_only_where_several_companies_are_there(ran: Ran, pack: Pack) -> None:
    now = ran.evidence.panel.wave(2025).frame
    for name, norm in pack.benchmarks.norms.items():
        values = now[name].dropna()
        assert norm.n == len(values) >= FEWEST
        assert len(norm.steps) in (0, norm.n // FEWEST)
        if norm.steps:
            assert norm.steps[0] > values.min() or (values == values.min()).sum() >= FEWEST
            assert norm.steps[-1] < values.max() or (values == values.max()).sum() >= FEWEST


def test_scores_stand_on_the_same_companies(pack: Pack) -> None:
    """As far as all of them have all: sums of constructs, less that of the index, tell of those that have not."""
    scored = ["alignment", *pack.benchmarks.key.constructs]
    assert {pack.benchmarks.norms[name].n for name in scored} == {pack.provenance.companies}
    means = [pack.benchmarks.norms[name].mean for name in scored[1:]]
    assert np.mean(means) == pytest.approx(pack.benchmarks.norms["alignment"].mean)


def test_it_names_no_company_and_no_person(ran: Ran, pack: Pack) -> None:
    assert ran.inputs.responses is not None
    said = set(texts_in(pack.model_dump(mode="json")))
    frame = ran.inputs.responses.frame
    names = {*frame["company"], *frame["respondent"], *ran.evidence.positions["company"]}
    assert not said & {str(name) for name in names}
    text = pack.to_json()
    assert not [name for name in names if len(str(name)) > 4 and f'"{name}"' in text]


def test_small_groups_are_absent(ran: Ran, pack: Pack) -> None:
    now = ran.evidence.panel.wave(2025).frame
    known = now[now["alignment"].notna()]
    for group in pack.benchmarks.groups:
        assert (known[group.key] == group.value).sum() >= STRICTER * FEWEST
    assert {group.value for group in pack.benchmarks.groups} < set(known["industry"]) | set(
        known["size"]
    ) | set(known["region"])


def test_an_interval_stands_for_enough_companies(pack: Pack) -> None:
    found = pack.benchmarks
    intervals = [*(found.best.profile.values() if found.best else ()), *found.practices.values()]
    intervals += list(found.importance.slopes.values()) if found.importance else []
    assert intervals
    assert min(part.companies for part in intervals) >= FEWEST


def again(
    ran: Ran,
    *,
    rows: int,
    heavy: int = 0,
    weight: float = 1.0,
    silent: int = 0,
    with_two: int | None = None,
) -> object:
    """Make the benchmarks of the first companies of the study, some of them heavier, some without a score of goals."""
    panel, evidence, responses = ran.evidence.panel, ran.evidence, ran.inputs.responses
    assert responses is not None
    now = panel.frame[panel.frame["wave"] == 2025].dropna(subset=["alignment"]).head(rows)
    place = np.arange(len(now))
    now = now.assign(weight=np.where(place < heavy, weight, 1.0), goals=now["goals"].mask(place < silent))
    fewer = replace(panel, frame=now)
    scores = score_frame(responses.frame, responses.instrument, asked=responses.asked)
    scores = scores[scores["company"].isin(now["company"])]
    if with_two is not None:  # so many companies keep two people of a function
        place, cell = scores["company"].factorize()[0], scores.groupby(["company", "wave", "function"])
        scores = scores[cell.cumcount().lt(np.where(place < with_two, 2, 1))]
    measured = Measured(fewer, evidence.sample, scores=scores)
    positions = places(fewer, 2025, rng=np.random.default_rng(1))
    study = read_study(ran.study).study
    made = pack_norms(ran.inputs, study, fewer, wave=2025)
    return benchmarks_of(
        ran.inputs, study, made=made, panel=fewer, measured=measured, wave=2025, classes={},
        importance=evidence.importance, positions=positions,
        published={"class_means": evidence.class_means, "practices": evidence.practices},
    )  # fmt: skip


def test_too_few_companies_make_no_pack(ran: Ran) -> None:
    assert again(ran, rows=STRICTER * FEWEST - 1) is None


def test_groups_are_made_by_the_facts_that_the_study_declares(ran: Ran) -> None:
    """Also by groups of its own, and whoever is in them is known to what looks for cells that tell of few."""
    study, panel = read_study(ran.study).study, ran.evidence.panel
    every = sorted(panel.frame["industry"].dropna().unique())
    rule = {"ladder": [["sector"], []], "groups": {"sector": {"of": "industry", "groups": {"all": every}}}}
    declared = study.model_copy(update={"peers": PeerRule.model_validate(rule)})
    made = pack_norms(ran.inputs, declared, panel, wave=2025)
    known = made.known["industry"].notna().sum()
    assert [(one.key, one.value, one.norms["alignment"].n) for one in made.groups] == [
        ("sector", "all", known)
    ]
    now = panel.frame[panel.frame["wave"] == 2025]
    grouped = with_peer_columns(panel, declared.peers).frame
    members = pd.concat(_of_pack({PACK: made.cells}, grouped, now))
    assert (members["table"] == "pack sector").sum() == known


def test_how_far_people_of_a_few_companies_differ_stands_in_no_pack(ran: Ran) -> None:
    """Of one company alone it would be how its own two people differ, construct by construct."""
    found = again(ran, rows=STRICTER * FEWEST, with_two=FEWEST - 1)
    assert isinstance(found, Benchmarks)
    assert all(value is None for rows in found.covariances.values() for row in rows for value in row)
    assert not found.spread
    assert found.shrinkage is None
    assert found.tolerance.percentile is not None
    assert found.tolerance.percentile_interval is None
    many = again(ran, rows=STRICTER * FEWEST)
    assert isinstance(many, Benchmarks)
    assert many.spread
    assert many.shrinkage is not None


def test_a_weighted_report_and_a_pack_without_weights_give_no_company_away(ran: Ran) -> None:
    """Six times the one and once the others, less once everybody, is five times the one."""
    assert again(ran, rows=STRICTER * FEWEST) is not None
    assert again(ran, rows=STRICTER * FEWEST, heavy=1, weight=6.0) is None


def test_a_construct_whose_weights_tell_leaves_no_pack(ran: Ran) -> None:
    """A pack needs the norms of every construct of the index."""
    found = again(ran, rows=24, heavy=10, weight=1.2)
    assert isinstance(found, Benchmarks)
    assert found.weighted
    assert again(ran, rows=24, heavy=10, weight=1.2, silent=9) is None


def test_a_pack_of_weighted_companies_is_in_step_with_the_run(ran: Ran) -> None:
    """Norms are those of the report, and places by the pack are as near to those of the run as without weights."""
    now = ran.evidence.panel.wave(2025).frame.dropna(subset=["alignment"])
    found, plain = again(ran, rows=len(now), heavy=10, weight=1.2), again(ran, rows=len(now))
    assert isinstance(found, Benchmarks)
    assert isinstance(plain, Benchmarks)
    assert not plain.weighted
    weights = np.where(np.arange(len(now)) < 10, 1.2, 1.0)
    assert found.norms["alignment"].mean == pytest.approx(np.average(now["alignment"], weights=weights))
    for name in ("percentile", "percentile_interval", "best_probability"):
        off, usual = getattr(found.tolerance, name), getattr(plain.tolerance, name)
        assert off < usual + 10, name


def test_a_run_without_a_pack_says_why(ran: Ran) -> None:
    """Too few companies; or norms that would tell of few beside the report: without the index there is no pack."""
    study, panel = read_study(ran.study).study, ran.evidence.panel
    assert ran.evidence.no_pack == ""
    assert json.loads((ran.out / "manifest.json").read_text(encoding="utf-8"))["no_pack"] == ""
    now = panel.frame[panel.frame["wave"] == 2025].dropna(subset=["alignment"])
    few = pack_norms(ran.inputs, study, replace(panel, frame=now.head(9)), wave=2025)
    assert few.why_not == "9 companies have the index in 2025, and a pack needs 20"
    assert few.cells.empty
    made = pack_norms(ran.inputs, study, panel, wave=2025)
    shown = made.cells.assign(withheld="")
    beside = made.beside(shown, ran.evidence.gaps).norms
    withheld = ran.evidence.gaps.query("suppressed")["variable"]
    assert beside == {
        key: norm for key, norm in made.norms.items() if key not in {f"gap_{name}" for name in withheld}
    }
    for name, kept in (("alignment", False), ("goals", True), ("gap", True)):
        hidden = shown.assign(withheld=shown["variable"].eq(name).map({True: "differencing", False: ""}))
        beside = made.beside(hidden, ran.evidence.gaps)
        assert (beside.why_not == "") == kept
        assert name not in beside.norms or not kept


def test_the_same_run_gives_the_same_bytes(ran: Ran, pack: Pack) -> None:
    assert ran.evidence.pack is not None
    made = pack_of(
        ran.evidence.pack,
        ran.evidence,
        code=pack.provenance.code_sha256,
        data=pack.provenance.data_sha256,
    )
    assert (ran.out / "pack.json").read_text(encoding="utf-8") == made.to_json() + "\n"


@pytest.mark.parametrize("heaviest", [1.0, 2.0])
def test_the_highest_by_the_index_are_whole_groups_of_its_norm(heaviest: float) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"alignment": rng.normal(50, 10, 40), "goals": rng.normal(50, 10, 40)})
    frame["weight"] = rng.uniform(1, heaviest, 40)
    norm = norms_of(frame, ["alignment"], minimum=5, largest_share=0.25)["alignment"]
    found = best_of(
        frame, pd.DataFrame(), classes={}, variables=["alignment", "goals"], minimum=5, largest_share=0.25
    )
    assert found is not None
    profile = found.profile["alignment"]
    assert profile.estimate == pytest.approx(norm.steps[-1], abs=0.01)
    if heaviest == 1:
        top = frame.nlargest(5, "alignment")
        assert found.profile["goals"].estimate == pytest.approx(top["goals"].mean())
        assert profile.std_error == pytest.approx(top["alignment"].std() / np.sqrt(5))
