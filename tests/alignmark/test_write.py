import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from alignmark.output import CROSSTABS, MODEL_FILES, OUTPUTS, PACK
from alignmark.write import LIBRARIES
from reports.writers.workbook_charts import has_chart
from survey.responses import FUNCTIONS

if TYPE_CHECKING:
    from tests.alignmark.conftest import Ran

ROOT = Path(__file__).resolve().parents[2]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def manifest(ran: "Ran") -> dict[str, object]:
    found: dict[str, object] = json.loads((ran.out / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_a_run_leaves_everything_that_is_promised_and_nothing_else(ran: "Ran") -> None:
    assert sorted(path.name for path in ran.out.iterdir()) == sorted(
        (*OUTPUTS, *CROSSTABS, *MODEL_FILES, PACK)
    )
    assert all(content for content in contents(ran.out).values())


@pytest.mark.slow
def test_another_process_replaces_the_previous_output_by_the_same_bytes(ran: "Ran", tmp_path: Path) -> None:
    again = tmp_path / "elsewhere" / "again"
    (again / "tables").mkdir(parents=True)
    for name in ("manifest.json", "tables/old.csv"):
        (again / name).write_text("the previous one", encoding="utf-8")
    code = "import sys; from alignmark.cli import main; main(sys.argv[1:])"
    ended = subprocess.run(
        [sys.executable, "-c", code, "run", str(ran.study), "--out", str(again)],
        check=False, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "12345"},
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    first, second = contents(ran.out), contents(again)
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == ["manifest.json"]
    said = [json.loads(files["manifest.json"]) for files in (first, second)]
    assert said[0].pop("from") != said[1].pop("from")
    assert said[0] == said[1]
    assert [path.name for path in again.parent.iterdir()] == ["again"]
    assert ended.stdout.splitlines()[0] == f"Done. Open {again}/report.html"
    assert [line.split()[0] for line in ended.stdout.splitlines()[1:]] == [
        *("report.pdf", "report.pptx", "tables.xlsx", "crosstabs.xlsx", "panel.parquet", "companies.csv"),
        *(
            "profiles.csv",
            "cleaning_log.csv",
            "models.csv",
            "ledger.csv",
            "pack.json",
            "release.json",
            "manifest.json",
        ),
    ]


def test_every_table_is_a_csv_that_reads_back(ran: "Ran") -> None:
    tables = ran.report.tables
    assert sorted(path.stem for path in (ran.out / "tables").iterdir()) == sorted(
        table.id for table in tables
    )
    for table in tables:
        read = pd.read_csv(ran.out / "tables" / f"{table.id}.csv", keep_default_na=False, dtype="str")
        assert list(read) == list(table.frame), table.id
        assert len(read) == len(table.frame), table.id
        numbers = table.frame.select_dtypes("number")
        for name in numbers:
            assert pd.to_numeric(read[name]).to_numpy() == pytest.approx(
                numbers[name].to_numpy(), nan_ok=True
            )


def test_the_workbook_has_a_sheet_for_every_table(ran: "Ran") -> None:
    sheets = pd.read_excel(ran.out / "tables.xlsx", sheet_name=None, header=None, engine="calamine")
    alone = [figure for figure in ran.report.figures if has_chart(figure) and figure.data is None]
    assert len(sheets) == len(ran.report.tables) + len(alone) + 1  # and the index


def test_the_panel_has_the_standard_columns(ran: "Ran") -> None:
    panel = pd.read_parquet(ran.out / "panel.parquet")
    constructs = ran.evidence.panel.instrument.alignment_constructs
    standard = [
        *("company", "wave", "n"),
        *(f"n_{function}" for function in FUNCTIONS),
        *constructs,
        *("alignment", "alignment_se", "gap", *(f"gap_{construct}" for construct in constructs)),
        *("agreement", "reliability", "stage", "adequately_aligned", "win_rate", "revenue_growth"),
        *("industry", "size", "region"),
    ]
    assert [name for name in standard if name not in panel] == []
    assert list(panel)[:5] == standard[:5]
    assert not panel.duplicated(["company", "wave"]).any()
    pd.testing.assert_frame_equal(panel, ran.evidence.panel.frame, check_dtype=False)


def test_the_manifest_names_the_inputs_by_their_hashes(ran: "Ran", manifest: dict[str, object]) -> None:
    study = ran.study.parent
    expected = {
        name: hashlib.sha256((study / name).read_bytes()).hexdigest()
        for name in (
            *("study.yaml", "companies.csv", "revenue.csv"),
            *("2023_qualtrics.csv", "2024_surveymonkey.csv", "2025_spreadsheet.xlsx"),
        )
    }
    assert manifest["inputs"] == expected


def test_the_manifest_accounts_for_every_row(ran: "Ran", manifest: dict[str, object]) -> None:
    rows = pd.DataFrame(manifest["rows"])
    log = pd.read_csv(ran.out / "cleaning_log.csv")
    assert rows["wave"].tolist() == [2023, 2024, 2025]
    assert (rows["rows_in"] == rows["rows_kept"] + rows["rows_dropped"]).all()
    assert rows["rows_dropped"].sum() == (log["action"] == "dropped").sum() > 0
    dropped = log[log["action"] == "dropped"].groupby("file").size()
    assert rows.set_index("file")["rows_dropped"].loc[dropped.index].tolist() == dropped.tolist()
    read = pd.read_excel(ran.study.parent / "2025_spreadsheet.xlsx", engine="calamine")
    assert rows.set_index("wave").loc[2025, "rows_in"] == len(read)


def test_the_manifest_says_what_it_was_made_with(ran: "Ran", manifest: dict[str, object]) -> None:
    assert manifest["seed"] == 3
    assert manifest["study"] == "small"
    assert manifest["versions"] == {
        "python": ".".join(map(str, sys.version_info[:3])),
        **{name: version(name) for name in LIBRARIES},
    }
    names = [fit.specification.name for fit in ran.evidence.fits]
    assert [model["name"] for model in pd.DataFrame(manifest["models"]).to_dict("records")] == names


def test_outputs_name_no_place_of_the_machine(ran: "Ran") -> None:
    for name in ("report.html", "manifest.json", "cleaning_log.csv"):
        assert str(ran.study.parent) not in (ran.out / name).read_text(encoding="utf-8")


def test_the_positions_of_all_companies_are_a_file(ran: "Ran") -> None:
    companies = pd.read_csv(ran.out / "companies.csv")
    now = ran.evidence.panel.wave(2025).frame
    assert set(companies["company"]) <= set(now["company"])
    assert companies["percentile"].dropna().between(0, 100).all()
