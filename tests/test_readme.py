"""The README's path for one's own data, followed word for word."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alignmark import new_study
from alignmark.cli import main
from alignmark.output import CROSSTABS, MODEL_FILES, OUTPUTS, PACK
from alignmark.study import read_study
from survey.instrument import read_instrument
from survey.simulate import Settings, simulate
from survey.simulated_exports import write_study_data

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def commands(text: str) -> list[list[str]]:
    lines = re.findall(r"^    (alignmark .*)$", text, flags=re.MULTILINE)
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.fixture
def typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Type commands of the page in an empty folder; those that end well, and say nothing but their answer."""
    monkeypatch.chdir(tmp_path)

    def answer(arguments: list[str], *, remarks: bool = True) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        assert not ended.value.code, said.err
        assert remarks or not said.err
        return said.out

    return answer


def without(text: str, *keys: str) -> str:
    """Delete parts of a study file as a person would: the key and everything below it."""
    for key in keys:
        text = re.sub(rf"^{key}:.*\n(?:(?:[ \t].*)?\n)*", "", text, flags=re.MULTILINE)
    return text


@pytest.mark.slow
def test_bring_your_own_data(
    typed: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one process, with fewer invented companies than `init` gives: how many there are changes no step."""
    write = new_study.write_new_study
    monkeypatch.setattr(
        new_study, "write_new_study", lambda folder, **given: write(folder, **{**given, "companies": 25})
    )
    page = section("Bring your own data")
    init, first_run, match, check, run, *_ = commands(page)
    typed(init, remarks=False)
    assert typed(first_run, remarks=False).startswith("Done. Open out/mystudy/report.html\n")
    left = {path.name for path in (tmp_path / "out" / "mystudy").iterdir()}
    assert left == {*OUTPUTS, *CROSSTABS, *MODEL_FILES, PACK}

    simulation = simulate(
        read_instrument("alignment"), Settings(companies=40, waves=(2025,), name_variants=0), seed=2
    )
    written = write_study_data(simulation, tmp_path, platforms=["surveymonkey"])
    own = tmp_path / "mystudy" / "export.csv"
    export = (tmp_path / written[2025][0]).read_text(encoding="utf-8")
    own.write_text(export.replace("What is the name of your company?", "Employer"), encoding="utf-8")

    assert "without a question" in typed(match)
    path = tmp_path / "mystudy" / "map.csv"
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    (unclear,) = table.index[table["question"] == ""]
    table.loc[unclear, "question"] = "company"
    table.to_csv(path, index=False)

    study = tmp_path / "mystudy" / "study.yaml"
    (waves,) = re.findall(r"```yaml\n(waves:\n.*?)```", page, flags=re.DOTALL)
    text = without(
        study.read_text(encoding="utf-8"), "waves", "register", "outcomes", "classes", "models", "simulated"
    )
    study.write_text(f"{text}\n{waves}", encoding="utf-8")
    assert read_study(study).study.simulated is False
    assert "no errors" in typed(check)
    assert "Done. Open out/mystudy/report.html" in typed(run)
    panel = pd.read_parquet(tmp_path / "out" / "mystudy" / "panel.parquet")
    assert panel["company"].nunique() == simulation.answers["company"].nunique()


def test_what_is_typed_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = simulate(read_instrument("alignment"), Settings(companies=20, waves=(2025,)), seed=2)
    written = write_study_data(simulation, tmp_path, platforms=["surveymonkey"])
    export = tmp_path / written[2025][0]
    text = export.read_text(encoding="utf-8").replace("What is the name of your company?", "Employer")
    (tmp_path / "mystudy").mkdir()
    (tmp_path / "mystudy" / "export.csv").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (page,) = re.findall(r"```python\n(.*?)```", section("In a notebook"), flags=re.DOTALL)
    *lines, last = page.strip().splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    assert "of quota_attainment" in repr(eval(last, names))


def test_every_command_of_the_page_exists(typed: Callable[..., str]) -> None:
    named = {words[0] for words in commands(PAGE)} | set(re.findall(r"`alignmark (\w+)", PAGE))
    answer = typed(["--help"])
    assert [name for name in sorted(named) if f" {name} " not in answer] == []
