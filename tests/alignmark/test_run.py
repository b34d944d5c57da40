import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from alignmark.compare import scored_companies, scores_of
from alignmark.inputs import read_register_of
from alignmark.new_study import write_new_study
from alignmark.output import CROSSTABS, MODEL_FILES, OUTPUTS, PACK
from alignmark.run import compute, run
from alignmark.study import read_study
from reports.evidence import Evidence
from reports.pack_file import read_pack
from survey.cleaning import clean
from survey.matching import MatchedExport, match
from survey.problems import InputError
from survey.readers.detect import read_export

EXAMPLE = Path(__file__).parents[2] / "examples" / "alignment_study" / "study.yaml"
Spoil = Callable[..., Path]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def words_of(report: Path) -> str:
    """Return what the report says, without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", report.read_text(encoding="utf-8")).split())


def without(text: str, *sections: str) -> str:
    """Leave out top-level sections of a study file."""
    for section in sections:
        text, count = re.subn(rf"(?m)^{section}:.*\n(?:[ #].*\n|\n)*", "", text)
        assert count == 1, section
    return text


def same_from_the_pack(evidence: Evidence, path: Path) -> None:
    """Score every company of the latest wave from its file and the pack alone, and find what the run found."""
    pack, study = read_pack(path), read_study(EXAMPLE)
    export = read_export(study.locate("2025_spreadsheet.xlsx"))
    columns = match(export, pack.benchmarks.key.instrument, ignore_unknown=True).columns
    responses, _ = clean(
        [MatchedExport(export, columns, 2025)],
        pack.benchmarks.key.instrument,
        register=read_register_of(study),
    )
    found = scored_companies(scores_of(responses, pack), pack).set_index("company")
    panel = evidence.panel.wave(2025).frame.set_index("company")
    assert len(panel) > 150
    shared = [name for name in found.select_dtypes("number") if name in panel]
    assert {"alignment", "alignment_se", "gap", "gap_trust", "leadership"} <= set(shared)
    assert np.allclose(found.loc[panel.index, shared], panel[shared], rtol=0, atol=1e-9, equal_nan=True)
    assert found.loc[panel.index, "stage"].astype("object").equals(panel["stage"].astype("object"))
    places = evidence.positions.set_index("company")
    here = found.loc[places.index]
    exact = ["conf_low", "conf_high", "shrunk", "shrunk_low", "shrunk_high"]
    assert np.allclose(here[exact], places[exact], rtol=0, atol=1e-9, equal_nan=True)
    tolerance = pack.benchmarks.tolerance
    assert tolerance.percentile is not None
    assert (here["percentile"] - places["percentile"]).abs().max() <= tolerance.percentile <= 3


@pytest.mark.slow
def test_the_example_study_runs(tmp_path: Path) -> None:
    stages: list[str] = []
    evidence = run(read_study(EXAMPLE), tmp_path / "out", step=stages.append)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        (*OUTPUTS, *CROSSTABS, *MODEL_FILES, PACK)
    )
    same_from_the_pack(evidence, tmp_path / "out" / "pack.json")
    assert stages[0] == "read, match, clean"
    assert stages[-2:] == ["report", "writing"]
    assert len(stages) == len(set(stages))
    said = words_of(tmp_path / "out" / "report.html")
    for page in ("Summary", "These data are invented", "Methods and limits", "What cannot be shown"):
        assert page in said
    truth = json.loads((EXAMPLE.parent / "truth.json").read_text(encoding="utf-8"))
    assert evidence.facts.waves == tuple(truth["settings"]["waves"])
    assert (
        evidence.accounting["rows_in"] == evidence.accounting[["rows_kept", "rows_dropped"]].sum(axis=1)
    ).all()


# --- studies that lack something ------------------------------------------------------------------------


def one_wave(folder: Path, study: str) -> str:
    """Take away the first wave; in the first company of the other nobody from sales answered."""
    answers = pd.read_csv(folder / "2025.csv", dtype="str")
    silent = (answers["firm"] == "C00") & (answers["department"] == "sales")
    answers[~silent].to_csv(folder / "2025.csv", index=False)
    return study.replace("  - {wave: 2024, file: 2024.csv}\n", "")


def nothing_but_answers(folder: Path, study: str) -> str:
    """Take away register, records, classes and models."""
    for name in ("companies.csv", "revenue.csv"):
        (folder / name).unlink()
    return without(study, "register", "outcomes", "classes", "models")


def a_construct_that_nobody_answers(folder: Path, study: str) -> str:
    """Blank all answers about trust in the last wave."""
    answers = pd.read_csv(folder / "2025.csv", dtype="str")
    answers.assign(trust_1=None, trust_2=None).to_csv(folder / "2025.csv", index=False)
    return study


def six_companies(folder: Path, _: str) -> str:
    """Simulate another study, with so few companies that most of it must be withheld."""
    shutil.rmtree(folder)
    write_new_study(folder, companies=6, seed=3)
    lines = (folder / "study.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if "qualtrics" not in line)


LACKING: dict[Callable[[Path, str], str], tuple[str, ...]] = {
    one_wave: ("Not available: there is one wave only",),
    nothing_but_answers: (
        "Not available: the study declares no classes",
        "Not available: the study declares none, or has no outcome",
        "Not available: the study names no outcome from records",
        "Not available: the study names no such facts",
    ),
    a_construct_that_nobody_answers: ("Wave 2025 did not ask trust_1", "the construct has no score there"),
    six_companies: ("a class has fewer than 5 companies", "too few cases to show", "These data are invented"),
}


@pytest.mark.slow
@pytest.mark.parametrize("lack", LACKING, ids=lambda lack: lack.__name__)
def test_what_is_lacking_is_said_in_the_report(
    tiny: Path, tmp_path: Path, lack: Callable[[Path, str], str]
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(tiny, folder)
    text = lack(folder, (folder / "study.yaml").read_text(encoding="utf-8"))
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    evidence = run(read_study(folder / "study.yaml"), tmp_path / "out")
    said = words_of(tmp_path / "out" / "report.html")
    assert [part for part in LACKING[lack] if part not in said] == []
    assert not re.search(r"(?<![\w-])(nan|NaN|NaT|inf)(?![\w-])", said)
    for path in (tmp_path / "out" / "tables").iterdir():
        assert len(pd.read_csv(path).columns)
    if lack is one_wave:
        (alone,) = evidence.panel.frame.query("n_sales == 0").to_dict("records")
        assert (alone["company"], alone["n_marketing"]) == ("C00", 2)
        assert pd.isna(alone["alignment"])


def test_answers_of_one_function_only_make_no_benchmark(spoiled: Spoil, tmp_path: Path) -> None:
    study = spoiled(
        ("  - {wave: 2024, file: 2024.csv}\n", ""), answers=lambda table: table.assign(department="sales")
    )
    with pytest.raises(InputError, match="no company has an index, because nobody of marketing answered"):
        run(read_study(study), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_fewer_companies_than_may_be_shown_make_no_benchmark(spoiled: Spoil) -> None:
    study = spoiled(("seed: 1", "seed: 1\ndisclosure: {minimum_companies: 30}"))
    with pytest.raises(InputError) as caught:
        compute(read_study(study))
    assert (
        "disclosure.minimum_companies: no wave has more than 12 companies with an index, so that nothing may be "
        "shown, found 30. Allowed: 1 to 12. To do: more companies" in str(caught.value)
    )


# --- a crash --------------------------------------------------------------------------------------------


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, ran: Any) -> Any:
    """Take what was computed once in the place of computing it again."""
    monkeypatch.setattr("alignmark.run.compute", lambda *_, **__: (ran.evidence, ran.inputs))
    monkeypatch.setattr("alignmark.run.benchmark_report", lambda _: ran.report)
    return ran


@pytest.mark.parametrize(
    ("writer", "fault"),
    [
        ("write_html", KeyboardInterrupt),
        ("write_workbook", MemoryError),
        ("pd.DataFrame.to_parquet", RuntimeError),
        ("manifest", KeyboardInterrupt),
    ],
)
def test_a_crash_while_writing_leaves_the_previous_output_whole(
    ready: Any, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch, writer: str, fault: type[BaseException]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise fault

    target = tmp_path / "out"
    target.mkdir()
    (target / "manifest.json").write_text("the previous one", encoding="utf-8")
    (target / "report.html").write_text("the previous one", encoding="utf-8")
    others = {"html", "pdf", "slides", "workbook", "crosstab_page", "crosstab_workbook"}
    for other in {f"write_{name}" for name in others} - {writer}:
        monkeypatch.setattr(f"alignmark.write.{other}", lambda *_, **__: None)
    monkeypatch.setattr(f"alignmark.write.{writer}", fails)
    with pytest.raises(fault):
        run(read_study(ready.study), target)
    assert contents(tmp_path) == dict.fromkeys(("out/manifest.json", "out/report.html"), b"the previous one")


def test_problems_of_the_output_folder_come_with_the_others(spoiled: Spoil, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("mine", encoding="utf-8")
    study = spoiled(("file: 2025.csv", "file: 2052.csv"))
    with pytest.raises(InputError) as caught:
        run(read_study(study), tmp_path / "out")
    first, second = map(str, caught.value.problems)
    assert "holds what no run of alignmark wrote (thesis.docx)" in first
    assert "2052.csv: there is no such file" in second
    assert contents(tmp_path / "out") == {"thesis.docx": b"mine"}


def test_a_foreign_output_folder_is_refused_before_anything_is_computed(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine", encoding="utf-8")
    steps: list[str] = []
    with pytest.raises(InputError, match=r"1 problem\n.*thesis\.docx"):
        run(read_study(tiny / "study.yaml"), tmp_path, step=steps.append)
    assert steps == ["read, match, clean"]
    assert contents(tmp_path) == {"thesis.docx": b"mine"}
