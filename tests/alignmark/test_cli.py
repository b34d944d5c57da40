import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from alignmark.cli import main
from alignmark.output import CHECKED
from alignmark.study import StudyFile, read_study

Spoil = Callable[..., Path]
Change = Callable[[pd.DataFrame], pd.DataFrame]
Command = Callable[..., Any]

ROOT = Path(__file__).resolve().parents[2]


def typed(
    *arguments: str | Path, folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Type a command in a process of its own, with its output going into a pipe."""
    command = [sys.executable, "-c", "from alignmark.cli import main; main()", *map(str, arguments)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environment)


def cell(row: int, column: str, value: str) -> Change:
    """Put a value into the row that an editor shows as `row`."""
    return lambda table: table.assign(**{column: table[column].mask(table.index == row - 2, value)})


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


# --- bad input ------------------------------------------------------------------------------------------

BAD: dict[str, tuple[tuple[tuple[str, str], ...], dict[str, Change], tuple[str, ...]]] = {
    "a missing file": (
        (("file: 2025.csv", "file: 2052.csv"),), {}, ("2052.csv: there is no such file", "did you mean '2025.csv'"),
    ),
    "the wrong platform": (
        (("file: 2025.csv", "platform: qualtrics, file: 2025.csv"),), {},
        ("2025.csv, row 1: wrong platform: is not a Qualtrics export", "Expected", "row 1 begins 'firm'"),
    ),
    "a column that the instrument does not know": (
        (), {"answers": lambda table: table.assign(favourite_colour="blue")}, ("2025.csv, row 1, favourite_colour: ",),
    ),
    "an answer outside its scale": (
        (), {"answers": cell(5, "trust_1", "9")}, ("2025.csv, row 5, trust_1: 9 is outside the scale", "Allowed: 1-5"),
    ),
    "an unknown company": (
        (), {"answers": cell(6, "firm", "Nobody Ltd")},
        ("2025.csv, row 6, firm: unknown company 'Nobody Ltd'. Allowed: a company of companies.csv",),
    ),
    "a function that is neither": (
        (), {"answers": cell(7, "department", "catering")},
        ("2025.csv, row 7, department: 'catering' is neither sales nor marketing. Allowed: sales", "marketing"),
    ),
    "an outcome of a year that is not there": (
        (("wave: 2025", "wave: 2035"),), {},
        ("revenue.csv, fiscal_year: no record of 2035", "Allowed: the years of the file: 2024, 2025, 2026"),
    ),
    "a record that is no number": (
        (), {"revenue": cell(4, "revenue", "plenty")}, ("revenue.csv, row 4, revenue: 'plenty' is not a number",),
    ),
    "a mistyped key": (
        (("seed:", "sead:"),), {}, ("study.yaml, row 3, sead: is not a known key. Allowed: ", "(did you mean 'seed'?)"),
    ),
    "broken YAML": (
        (("[0.01, 0.99]", "[0.01, 0.99"),), {}, ("study.yaml, row 16: is not valid YAML: a list in brackets lacks",),
    ),
    "an empty wave": (
        (), {"answers": lambda table: table.iloc[:0]},
        ("2025.csv, row 1: is an empty wave: it has a header but no responses. Allowed: at least one response",),
    ),
    "a model of an unknown column": (
        (("name: alone, outcome: revenue_growth", "name: alone, outcome: revenu_growth"),), {},
        ("study.yaml, row 27, models.outcome: 'revenu_growth' is no column", "did you mean 'revenue_growth'?"),
    ),
    "a class of an unknown outcome": (
        (("[revenue_growth, win_rate]", "[revenue_growth, win_rat]"),), {},
        ("study.yaml, row 21, classes.on_outcomes.outcomes: 'win_rat' is no column", "did you mean 'win_rate'?"),
    ),
    "a file read twice": (
        (("file: 2025.csv", "file: 2024.csv"),), {},
        ("study.yaml, row 8, waves.file: 2024.csv is read more than once",),
    ),
    "an unknown instrument": (
        (("instrument: mine.yaml", "instrument: alignmint"),), {},
        ("study.yaml, row 2, instrument: there is no instrument called 'alignmint'. Allowed: alignment",),
    ),
    "class shares that overlap": (
        (("best: 0.2", "best: 0.8"),), {},
        ("study.yaml, row 22, classes.on_outcomes.best: best 0.8 and laggard 0.3 add up to more", "Allowed: shares"),
    ),
    "a negative share": (
        (("best: 0.2", "best: -0.2"),), {},
        ("study.yaml, row 22, classes.on_outcomes.best: should be greater than 0, found -0.2",),
    ),
    "percentiles upside down": (
        (("[0.01, 0.99]", "[0.99, 0.01]"),), {},
        ("study.yaml, row 16, outcomes.revenue_growth.winsorise: values cannot be winsorised at 0.99 and 0.01",),
    ),
    "an outcome better neither way": (
        (("winsorise: [0.01, 0.99]", "better: less"),), {},
        ("study.yaml, row 16, outcomes.revenue_growth.better: ", "'less'", "higher", "lower"),
    ),
    "a company twice in the register": (
        (), {"companies": cell(4, "company", "C00")},
        ("companies.csv, row 4, company: the company 'C00' stands in row 2 already",),
    ),
    "a column that the register does not have": (
        (("name: name", "name: nam"),), {},
        ("companies.csv, nam: there is no column 'nam' for 'name'. Allowed: ", "(did you mean 'name'?)"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_and_nothing_is_written(
    spoiled: Spoil, command: Command, tmp_path: Path, *, case: str
) -> None:
    replacements, changes, expected = BAD[case]
    study = spoiled(*replacements, **changes)
    before = everything(tmp_path)
    checked = command("check", study, "--out", tmp_path / "checked")
    assert (checked.code, checked.out) == (1, "")
    first, told, *_ = checked.err.splitlines()
    assert first == "1 problem to mend; no report can be written."
    assert [part for part in expected if part not in told] == []
    assert "Traceback" not in checked.err
    assert everything(tmp_path) - before == {"checked", *(f"checked/{name}" for name in CHECKED)}
    before = everything(tmp_path)
    ended = command("run", study, "--out", tmp_path / "out")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[:2] == ["1 problem to mend; nothing was written.", told]
    assert ended.err.endswith(f"\nAs a table, with what to do: alignmark check {study}\n")
    assert everything(tmp_path) == before


def test_several_problems_come_in_one_message(spoiled: Spoil, command: Command, tmp_path: Path) -> None:
    names = (
        *("a mistyped key", "a class of an unknown outcome", "a record that is no number"),
        *("a column that the register does not have", "an outcome of a year that is not there"),
    )
    both = [BAD["an answer outside its scale"][1]["answers"], BAD["a function that is neither"][1]["answers"]]
    study = spoiled(
        *(replacement for name in names for replacement in BAD[name][0]),
        answers=lambda table: both[0](both[1](table)),
        revenue=BAD["a record that is no number"][1]["revenue"],
    )
    answer = command("run", study, "--out", tmp_path / "out")
    names = (*names, "an answer outside its scale", "a function that is neither")
    assert answer.err.splitlines()[0] == f"{len(names)} problems to mend; nothing was written."
    assert [name for name in names if BAD[name][2][0] not in answer.err] == []
    checked = command("check", study, "--out", tmp_path / "checked")
    assert checked.err.splitlines()[1:-1] == answer.err.splitlines()[1:-1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is a folder, not a YAML file"),
        (b"\xff\xfe\x00PK", "cannot be read as UTF-8 text"),
        (b"words", "does not hold keys and values"),
    ],
    ids=["a folder", "binary", "plain words"],
)
def test_a_study_that_is_none_is_refused(
    command: Command, tmp_path: Path, *, content: bytes | None, said: str
) -> None:
    study = tmp_path / "study.yaml"
    study.mkdir() if content is None else study.write_bytes(content)
    for name in ("check", "run"):
        answer = command(name, study, "--out", tmp_path / name)
        assert answer.code == 1
        assert said in answer.err
    assert everything(tmp_path) == {"study.yaml", "check", *(f"check/{name}" for name in CHECKED)}


@pytest.mark.usefixtures("known")
def test_an_output_folder_that_cannot_be_used_is_refused(
    spoiled: Spoil, command: Command, tmp_path: Path
) -> None:
    study = spoiled()
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    before = everything(tmp_path)
    file = command("run", study, "--out", tmp_path / "notes.txt")
    assert "notes.txt: is a file; the output needs a folder. To do: name another folder by --out" in file.err
    folder = command("run", study, "--out", study.parent)
    assert "holds what no run of alignmark wrote" in folder.err
    checked = command("check", study, "--out", study.parent)
    assert checked.err.splitlines()[0] == "1 problem to mend; no report can be written."
    assert "holds what no check of alignmark wrote" in checked.err
    assert (file.code, folder.code, checked.code) == (1, 1, 1)
    assert everything(tmp_path) == before


def test_a_process_answers_bad_input_with_words(
    spoiled: Spoil, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    study = spoiled(
        ("[revenue_growth, win_rate]", "[revenue_growth, win_rat]"), answers=cell(5, "trust_1", "9")
    )
    before = everything(tmp_path)
    ended = typed("run", study, folder=tmp_path)
    assert everything(tmp_path) == before
    monkeypatch.chdir(tmp_path)
    checked = command("check", study)
    assert (checked.code, checked.out) == (ended.returncode, ended.stdout) == (1, "")
    assert checked.err.splitlines()[1:-1] == ended.stderr.splitlines()[1:-1]
    assert ended.stderr.splitlines()[0] == "2 problems to mend; nothing was written."
    assert "Traceback" not in ended.stderr
    here = {f"out/check/study/{name}" for name in CHECKED}
    assert everything(tmp_path) - before == {"out", "out/check", "out/check/study", *here}


# --- the commands ---------------------------------------------------------------------------------------


def test_help_lists_the_commands_and_the_exit_codes() -> None:
    answer = typed("--help", COLUMNS="100")
    assert answer.returncode == 0
    for name in ("run", "check", "init", "demo", "simulate"):
        assert f" {name} " in answer.stdout
    assert "Exit codes: 0 done, 1 the input has problems, 2 wrong usage, 70 a fault" in answer.stdout


@pytest.mark.parametrize("name", ["run", "check", "init", "demo", "simulate"])
def test_every_command_has_help(command: Command, name: str) -> None:
    answer = command(name, "--help")
    assert answer.code == 0
    assert "Usage:" in answer.out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("perform",),
        ("run",),
        ("check", "a.yaml", "b.yaml"),
        ("run", "a.yaml", "--outt", "x"),
        ("init", "x", "--seed", "one"),
        ("init", "x", "--seed", "-1"),
        ("simulate", "x", "--companies", "3"),
        ("simulate", "x", "--halo", "-1"),
        ("simulate", "x", "--halo", "nan"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_and_writes_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = command(*arguments)
    assert answer.code == 2
    assert "Traceback" not in answer.err
    assert everything(tmp_path) == set()


@pytest.mark.usefixtures("known")
def test_data_may_lie_in_another_folder(command: Command, tiny: Path, tmp_path: Path) -> None:
    for name in ("study.yaml", "mine.yaml"):
        (tmp_path / name).write_bytes((tiny / name).read_bytes())
    answer = command("check", tmp_path / "study.yaml", "--data", tiny, "--out", tmp_path / "out")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("study.yaml: no errors. 96 rows read, 96 kept, 0 dropped; ")
    lost = command(
        "check", tmp_path / "study.yaml", "--data", tmp_path / "nowhere", "--out", tmp_path / "out"
    )
    assert lost.code == 1
    assert f"there is no folder {tmp_path / 'nowhere'}" in lost.err


def test_a_new_study_is_written_once_and_can_be_read(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """That it runs, and says nothing but where to look, is seen in tests/test_readme.py."""
    monkeypatch.chdir(tmp_path)
    made = command("init", "my study")
    assert (made.code, made.err) == (0, "")
    assert "Next: alignmark run 'my study/study.yaml'" in made.out
    assert read_study(tmp_path / "my study" / "study.yaml").study.simulated
    again = command("init", "my study")
    assert (again.code, again.out) == (1, "")
    assert "my study: holds other files. Allowed: a new or an empty folder" in again.err


def test_simulate_gives_the_same_bytes_for_the_same_seed(command: Command, tmp_path: Path) -> None:
    made = {}
    for folder, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        place = tmp_path / folder / "study"
        assert command("simulate", place, "--companies", "10", "--seed", seed, "--halo", "4").code == 0
        made[folder] = {path.name: path.read_bytes() for path in place.iterdir()}
    assert made["a"] == made["b"]
    assert made["a"]["revenue.csv"] != made["c"]["revenue.csv"]
    assert command("simulate", tmp_path / "a" / "study").code == 1


def test_demo_runs_the_example_of_the_project(
    monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    asked: list[tuple[Path, Path]] = []

    def runs(file: StudyFile, target: Path, **_: object) -> SimpleNamespace:
        asked.append((file.path, target))
        return SimpleNamespace(no_pack="")

    monkeypatch.setattr("alignmark.run.run", runs)
    assert command("demo", "--out", tmp_path / "out").code == 0
    assert asked == [(ROOT / "examples" / "alignment_study" / "study.yaml", tmp_path / "out")]


def test_demo_without_the_example_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path
) -> None:
    monkeypatch.setattr("alignmark.cli.EXAMPLES", tmp_path)
    answer = command("demo")
    assert answer.code == 1
    assert "is not part of this installation. To do: alignmark init DIR" in answer.err


def test_output_goes_beside_the_caller_under_the_name_of_the_study(
    monkeypatch: pytest.MonkeyPatch, command: Command, tiny: Path
) -> None:
    targets: list[Path] = []
    monkeypatch.setattr("alignmark.run.run", lambda _, target, **__: targets.append(target))
    command("run", tiny / "study.yaml")
    assert targets == [Path("out") / "tiny"]


# --- faults ---------------------------------------------------------------------------------------------


def fails_with(error: BaseException) -> Callable[..., None]:
    def fails(*_: object, **__: object) -> None:
        raise error

    return fails


def test_a_fault_of_the_program_is_70_and_owned_up(
    monkeypatch: pytest.MonkeyPatch, command: Command, tiny: Path
) -> None:
    monkeypatch.delenv("ALIGNMARK_DEBUG", raising=False)
    monkeypatch.setattr("alignmark.check.check", fails_with(KeyError("trust")))
    answer = command("check", tiny / "study.yaml")
    assert answer.code == 70
    assert "alignmark failed where it should not have" in answer.err
    assert "ALIGNMARK_DEBUG=1" in answer.err
    assert "Traceback" not in answer.err


def test_a_fault_is_shown_whole_to_who_looks_for_it(monkeypatch: pytest.MonkeyPatch, tiny: Path) -> None:
    monkeypatch.setenv("ALIGNMARK_DEBUG", "1")
    monkeypatch.setattr("alignmark.check.check", fails_with(KeyError("trust")))
    with pytest.raises(KeyError, match="trust"):
        main(["check", str(tiny / "study.yaml")])


def test_a_full_disk_is_told_in_words(monkeypatch: pytest.MonkeyPatch, command: Command, tiny: Path) -> None:
    error = OSError(28, "No space left on device", "out/tables.xlsx")
    monkeypatch.setattr("alignmark.run.run", fails_with(error))
    answer = command("run", tiny / "study.yaml")
    assert (answer.code, answer.err) == (
        1,
        "out/tables.xlsx: No space left on device. Nothing was written.\n",
    )


def test_an_interruption_is_130_without_a_word(
    monkeypatch: pytest.MonkeyPatch, command: Command, tiny: Path
) -> None:
    monkeypatch.setattr("alignmark.run.run", fails_with(KeyboardInterrupt()))
    answer = command("run", tiny / "study.yaml")
    assert answer.code == 130
    assert "Traceback" not in answer.err


def test_a_terminal_shows_progress(
    monkeypatch: pytest.MonkeyPatch, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def runs(*_: object, step: Callable[[str], None], **__: object) -> SimpleNamespace:
        step("score, panel")
        return SimpleNamespace(no_pack="")

    monkeypatch.setattr("alignmark.run.run", runs)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(tiny / "study.yaml")])
    assert not stopped.value.code
    assert "score, panel" in capsys.readouterr().err
