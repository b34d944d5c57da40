"""The commands that write a column map and a questionnaire."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alignmark.cli import app

EXPORT = Path(__file__).resolve().parents[2] / "examples" / "alignment_study" / "2023_qualtrics.csv"


def test_match_writes_a_map_without_blanks_for_our_own_export(tmp_path: Path) -> None:
    target = tmp_path / "map.csv"
    answer = CliRunner().invoke(app, ["match", str(EXPORT), "--out", str(target)])
    assert answer.exit_code == 0, answer.output
    assert "0 without a question" in answer.output
    assert target.read_text(encoding="utf-8-sig").startswith("column,text,question")


@pytest.mark.parametrize(("to", "name"), [("xlsform", "alignment.xlsx"), ("dictionary", "datapackage.json")])
def test_field_writes_the_questionnaire(tmp_path: Path, to: str, name: str) -> None:
    answer = CliRunner().invoke(app, ["field", "alignment", "--to", to, "--out", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / name).exists()
