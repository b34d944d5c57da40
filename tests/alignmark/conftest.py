"""A small simulated study and a tiny one written by hand, with ways to spoil copies of them."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from alignmark.cli import main
from alignmark.inputs import Inputs
from alignmark.measuring import Measured, measure
from alignmark.new_study import write_new_study
from alignmark.output import whole_folder
from alignmark.run import compute
from alignmark.study import read_study
from alignmark.write import write_results
from reports.documents.benchmark_report import benchmark_report
from reports.evidence import Evidence
from reports.report import Report

Change = Callable[[pd.DataFrame], pd.DataFrame]
Spoil = Callable[..., Path]
Command = Callable[..., "Answer"]

CUTS = (
    ("    best: 0.2\n    laggard: 0.3\n", "    best: 0.3\n    laggard: 0.4\n"),
    (
        "    cut: 75\n    share: 0.9\n    minimum_practices: 10 ",
        "    cut: 50\n    share: 0.5\n    minimum_practices: 5 ",
    ),
)
"""Wider classes than the template's, so that each of them holds enough of 25 companies to be shown."""


class Ran(NamedTuple):
    """A study that was run, with what came of it."""

    study: Path
    out: Path
    evidence: Evidence
    inputs: Inputs
    report: Report


class Answer(NamedTuple):
    """What the command line answered."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of a session share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "studies"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def alone_at(place: Path) -> Iterator[None]:
    """Let one worker at a time make what stands at a place; who holds the lock and dies gives it back."""
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(kept: Path, make: Callable[[], Ran]) -> Ran:
    """Make what a file keeps if no worker has made it yet; return it."""
    with alone_at(kept):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
    found = pickle.loads(kept.read_bytes())
    assert isinstance(found, Ran)
    return found


@pytest.fixture(scope="session")
def small(studies: Path) -> Path:
    """Write a simulated study of 25 companies in three waves; nobody changes it."""
    folder = studies / "small"
    with alone_at(folder):
        if not folder.exists():
            write_new_study(folder, companies=25, seed=3)
            study = folder / "study.yaml"
            study.write_text(replaced(study.read_text(encoding="utf-8"), *CUTS), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def ran(small: Path, studies: Path) -> Ran:
    """Run the small study once, for all workers."""
    return made_once(studies / "ran.pickle", lambda: _run(small / "study.yaml", studies / "out"))


@pytest.fixture(scope="session")
def measured(ran: Ran) -> Measured:
    """Measure the answers of the small study anew: what the evidence does not keep."""
    return measure(ran.inputs, read_study(ran.study).study)


@pytest.fixture(scope="session")
def declared(tiny: Path, studies: Path) -> Ran:
    """Run the tiny study once, for all workers, with models, books of crosstabs and a key of its own."""
    folder = studies / "declared"
    return made_once(
        folder.with_suffix(".pickle"), lambda: _run(_declaring(tiny, folder / "study"), folder / "out")
    )


def _declaring(tiny: Path, folder: Path) -> Path:
    """Copy the tiny study, where people are known by their addresses, and declare more of it."""
    shutil.copytree(tiny, folder)
    study, instrument = folder / "study.yaml", folder / "mine.yaml"
    text = study.read_text(encoding="utf-8")
    more = (
        (MODELS, DECLARED),
        ("models:\n", BOOKS),
        ("cleaning:\n", "privacy: {key_file: secret.key}\ncleaning:\n"),
    )
    study.write_text(replaced(text, *more), encoding="utf-8")
    text = instrument.read_text(encoding="utf-8")
    instrument.write_text(replaced(text, ("\nquestions:\n", f"\n{ALIGNED}")), encoding="utf-8")
    (folder / "secret.key").write_text(KEY, encoding="utf-8")
    for wave in (2024, 2025):
        table = pd.read_csv(folder / f"{wave}.csv", dtype="str")
        said = np.resize(["yes", "no", "dont_know", "yes"], len(table))
        people = [f"p{n}@acme.example" for n in range(len(table))]
        table.assign(aligned=said, respondent=people).to_csv(folder / f"{wave}.csv", index=False)
    return study


def _run(study: Path, out: Path) -> Ran:
    """Run a study as `alignmark.run.run` does, and keep what that throws away."""
    file = read_study(study)
    evidence, inputs = compute(file)
    report = benchmark_report(evidence)
    with whole_folder(out) as folder:
        write_results(report, evidence, inputs, file, folder=folder)
    return Ran(file.path, out, evidence, inputs, report)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a study with a questionnaire of ten questions, which is quick to read; nobody changes it."""
    folder = tmp_path_factory.mktemp("studies") / "tiny"
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "mine.yaml").write_text(INSTRUMENT, encoding="utf-8")
    companies = pd.DataFrame({"company": [f"C{n:02}" for n in range(12)]})
    companies["name"] = [f"Company number {n} Ltd" for n in range(12)]
    companies["industry"] = ["Software", "Machinery"] * 6
    companies.to_csv(folder / "companies.csv", index=False)
    years = companies[["company"]].merge(pd.Series([2024, 2025, 2026], name="fiscal_year"), how="cross")
    years.assign(revenue=100 + 7 * (years.index % 5)).to_csv(folder / "revenue.csv", index=False)
    for wave in (2024, 2025):
        _answers(companies["company"], wave).to_csv(folder / f"{wave}.csv", index=False)
    return folder


@pytest.fixture
def spoiled(tiny: Path, tmp_path: Path) -> Spoil:
    """Copy the tiny study with texts of study.yaml replaced and tables changed; return the path of study.yaml."""

    def spoil(*replacements: tuple[str, str], folder: str = "study", **changes: Change) -> Path:
        copy = tmp_path / folder
        shutil.copytree(tiny, copy)
        study = copy / "study.yaml"
        study.write_text(replaced(study.read_text(encoding="utf-8"), *replacements), encoding="utf-8")
        for name, change in changes.items():
            path = copy / {"answers": "2025.csv"}.get(name, f"{name}.csv")
            change(pd.read_csv(path, dtype="str")).to_csv(path, index=False)
        return study

    return spoil


@pytest.fixture
def known(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what the tiny study comes to as known, where only what stands before and after computing is looked at."""
    evidence, _ = computed(tiny / "study.yaml")
    monkeypatch.setattr("alignmark.run.evidence_of", lambda *_, **__: evidence)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay out and write no figure, where only words and tables are read: the drawing functions still run."""
    monkeypatch.setattr("reports.figures.drawing.as_svg", lambda _axes: "<svg/>")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Type a command and read what it answers."""

    def typed(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        return Answer(int(stopped.value.code or 0), *capsys.readouterr())

    return typed


_COMPUTED: dict[tuple[tuple[str, bytes], ...], tuple[Evidence, Inputs]] = {}


def computed(study: Path) -> tuple[Evidence, Inputs]:
    """Compute a study, or take what a study with the same files came to before; nobody changes it."""
    files = tuple((path.name, path.read_bytes()) for path in sorted(study.parent.iterdir()) if path.is_file())
    if files not in _COMPUTED:
        _COMPUTED[files] = compute(read_study(study))
    return _COMPUTED[files]


def replaced(text: str, *replacements: tuple[str, str]) -> str:
    """Replace each first text by the second; every one of them must be there."""
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _answers(companies: pd.Series, wave: int) -> pd.DataFrame:
    """Two people of each function in every company; their answers differ by a fixed rule."""
    people = companies.to_frame().merge(pd.Series(["sales", "marketing"] * 2, name="department"), how="cross")
    table = pd.DataFrame({"firm": people["company"], "department": people["department"], "attention": 2})
    for place, item in enumerate(("goals_1", "goals_2", "trust_1", "trust_2", "meet", "share", "measure")):
        table[item] = 1 + (people.index * (place + 3) + people.index // 4 * place + wave) % 5
    table["win_rate"] = 20 + people.index % 7 * 5
    return table


STUDY = """\
study: tiny
instrument: mine.yaml
seed: 1
report:
  title: A tiny study
waves:
  - {wave: 2024, file: 2024.csv}
  - {wave: 2025, file: 2025.csv}
register:
  file: companies.csv
  columns: {company: company, name: name, industry: industry}
outcomes:
  revenue_growth:
    file: revenue.csv
    columns: {company: company, year: fiscal_year, value: revenue}
    winsorise: [0.01, 0.99]
cleaning:
  minimum_answered: 0.5
classes:
  on_outcomes:
    outcomes: [revenue_growth, win_rate]
    best: 0.2
    laggard: 0.3
  on_practices:
    share: 0.5
models:
  - {name: alone, outcome: revenue_growth, effects: [wave]}
  - {name: controls, outcome: revenue_growth, effects: [wave, industry]}
"""

MODELS = STUDY[STUDY.index("models:\n") :]

DECLARED = """\
models:
  - {name: alone, outcome: revenue_growth, effects: [wave], errors: [cluster, CR2, wild]}
  - {name: formula, formula: revenue_growth ~ alignment + C(wave) + C(industry), errors: CR2 by company}
  - {name: inside, outcome: revenue_growth, effects: [company, wave], errors: HC1}
  - {name: top, outcome: revenue_growth, estimator: logistic, top: 0.3}
  - {name: median, outcome: revenue_growth, estimator: quantile}
"""

BOOKS = """\
tables:
  - title: By industry
    questions: [goals, process, win_rate, aligned]
    banner: [function, industry, class]
    boxes: 1
    nets: {Middle: [2, 3, 4]}
    dont_know: show
    multiplicity: holm
    family: row
  - {title: By company, counted: companies, banner: [wave], questions: all, multiplicity: bh, family: book}
models:
"""

ALIGNED = """\
questions:
  aligned:
    kind: choice
    role: adequately_aligned
    text: {en: Are they aligned}
    options: {yes: {en: "Yes"}, no: {en: "No"}, dont_know: {en: No idea}}
"""

KEY = "of no meaning, but of more than sixteen bytes"

INSTRUMENT = """\
instrument: tiny
version: "1"
languages: [en]
title: {en: A tiny questionnaire}
index: {en: Alignment}
scales:
  agreement: {min: 1, max: 5, labels: {1: {en: Disagree}, 5: {en: Agree}}, dont_know: {en: Do not know}}
questions:
  firm: {kind: text, role: company, text: {en: Which company}}
  department:
    kind: choice
    role: function
    text: {en: Where do you work}
    options: {sales: {en: Sales}, marketing: {en: Marketing}}
  attention: {kind: scale, scale: agreement, role: attention, expected: 2, text: {en: Choose the second}}
constructs:
  goals:
    title: {en: Goals}
    definition: {en: Shared goals}
    scale: agreement
    items: {goals_1: {text: {en: We share goals}}, goals_2: {text: {en: We agree on goals}}}
  trust:
    title: {en: Trust}
    definition: {en: Reliance}
    scale: agreement
    items: {trust_1: {text: {en: We keep our word}}, trust_2: {text: {en: We rely on each other}}}
outcomes:
  revenue_growth: {title: {en: Revenue growth}, unit: {en: "%"}, range: [-100, 500]}
  win_rate: {title: {en: Win rate}, text: {en: How many offers are won}, unit: {en: "%"}, range: [0, 100]}
practices:
  process:
    frame: capability
    title: {en: Process}
    text: {en: How often do you}
    answer: scale
    scale: agreement
    items: {meet: {text: {en: meet}}, share: {text: {en: share plans}}, measure: {text: {en: measure}}}
"""
