"""A pack of a study with two constructs and 30 companies, made in a moment, beside what the study itself finds."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from alignmark.inputs import Inputs
from alignmark.measuring import Measured
from alignmark.pack_norms import pack_norms
from alignmark.packing import benchmarks_of
from alignmark.study import Study
from analysis.benchmark.position import positions as places
from analysis.measure.agreement import agreement
from analysis.measure.alignment import functions_of
from analysis.measure.panel import Panel, build_panel
from analysis.measure.scoring import score
from analysis.measure.shrinkage import shrink_index
from reports.pack import Pack, Provenance
from reports.pack_file import write_pack
from survey.cleaning import clean
from survey.companies import register_of
from survey.instrument import read_instrument
from survey.matching import MatchedExport, match
from survey.readers.detect import read_export
from survey.responses import Responses
from tests.alignmark.conftest import INSTRUMENT

ITEMS = ("goals_1", "goals_2", "trust_1", "trust_2", "meet", "share", "measure")
NAMES = [
    *(
        "Acacia",
        "Alder",
        "Aspen",
        "Beech",
        "Birch",
        "Cedar",
        "Cherry",
        "Chestnut",
        "Cypress",
        "Dogwood",
        "Elder",
        "Fig",
    ),
    *(
        "Ginkgo",
        "Hazel",
        "Hornbeam",
        "Juniper",
        "Larch",
        "Linden",
        "Magnolia",
        "Maple",
        "Mulberry",
        "Oak",
        "Olive",
    ),
    *("Poplar", "Quince", "Rowan", "Spruce", "Sycamore", "Walnut", "Yew"),
]
COMPANIES = len(NAMES)


class Packed(NamedTuple):
    """The pack with its file, the answers of the study, and what the study computes of its companies."""

    pack: Pack
    path: Path
    answers: pd.DataFrame
    responses: Responses
    panel: Panel
    positions: pd.DataFrame
    shrunk: pd.DataFrame


def answers_of_all() -> pd.DataFrame:
    """Draw one to five people of each function in every company; some leave a statement out."""
    rng = np.random.default_rng(7)
    sizes = rng.integers(1, 6, size=2 * COMPANIES)
    firm = np.repeat(np.repeat(NAMES, 2), sizes)
    people = pd.DataFrame({"firm": firm, "department": np.repeat(["sales", "marketing"] * COMPANIES, sizes)})
    people["attention"] = 2
    level = people["firm"].map(
        dict(zip(people["firm"].unique(), rng.normal(3.2, 0.7, COMPANIES), strict=True))
    )
    for item in ITEMS:
        drawn = (level + rng.normal(0, 0.8, len(people))).round().clip(1, 5)
        people[item] = drawn.where(rng.random(len(people)) > 0.06)
    return people.astype(dict.fromkeys(ITEMS, "Int64"))


def make_pack(folder: Path, *, heavy: float = 1.0) -> Packed:
    """Do by hand what a run does, as far as a pack needs it; every third company counts so many times."""
    answers = answers_of_all()
    answers.to_csv(folder / "all.csv", index=False)
    (folder / "mine.yaml").write_text(INSTRUMENT, encoding="utf-8")
    instrument = read_instrument(str(folder / "mine.yaml"))
    export = read_export(folder / "all.csv")
    columns = match(export, instrument).columns
    responses, log = clean(
        [MatchedExport(export, columns, 2025)], instrument, register=register_of(answers["firm"])
    )
    inputs = Inputs(instrument, responses, None, log, {}, [], {})
    study = Study.model_validate({
        "study": "tiny", "instrument": "mine.yaml", "seed": 1, "waves": [{"wave": 2025, "file": "all.csv"}],
        "report": {"title": "A tiny study", "terms": "Only for tests."},
    })  # fmt: skip
    scores = score(responses)
    measured = _measured(responses, scores)
    keys = measured.panel.frame[["company", "wave"]]
    if heavy > 1:
        weighted = keys.assign(weight=np.where(np.arange(len(keys)) % 3, 1.0, heavy))
        measured = replace(measured, panel=measured.panel.with_columns(weighted))
    positions = places(measured.panel, 2025, rng=np.random.default_rng(1))
    found = benchmarks_of(
        inputs, study, made=pack_norms(inputs, study, measured.panel, wave=2025), panel=measured.panel,
        measured=measured, wave=2025, classes={}, importance=pd.DataFrame(),
        published={"class_means": pd.DataFrame(), "practices": pd.DataFrame()}, positions=positions,
    )  # fmt: skip
    assert found is not None
    pack = Pack(benchmarks=found, provenance=_provenance())
    write_pack(pack, folder / "pack.json")
    return Packed(pack, folder / "pack.json", answers, responses, measured.panel, positions, measured.shrunk)


def _measured(responses: Responses, scores: pd.DataFrame) -> Measured:
    instrument = responses.instrument
    panel = build_panel(responses, scores, agreement(responses))
    shrunk = shrink_index(
        scores,
        instrument.alignment_constructs,
        functions=functions_of(instrument),
        levels=panel.frame,
    )
    return Measured(panel, pd.DataFrame(), scores=scores, shrunk=shrunk)


def _provenance() -> Provenance:
    return Provenance(
        title="A tiny study", population="Nobody was asked.", fieldwork="", sponsor="", limits=[], waves=[2025],
        wave=2025, companies=COMPANIES, respondents=120, simulated=True, seed=1, code_version="0",
        code_sha256="0" * 64, data_sha256="0" * 64, terms="Only for tests.",
    )  # fmt: skip
