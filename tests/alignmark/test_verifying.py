"""What was changed by hand is found, in every format, and what was not is left in peace."""

import json
import re
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pandas as pd
import pytest
from lxml import html
from openpyxl import load_workbook
from pypdf import PdfWriter
from pypdf.annotations import FreeText

from alignmark.passages import passages
from alignmark.run import run
from alignmark.study import read_study
from alignmark.verifying import AROUND, MOST, _about, behind, differences, verify
from reports.provenance import resolve
from reports.writers.pdf import TEMPLATE
from survey.problems import InputError
from tests.alignmark.conftest import replaced

if TYPE_CHECKING:
    from tests.alignmark.conftest import Command, Spoil


@pytest.fixture(scope="module")
def study(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study in a dress, with a secret key, apart from its data."""
    folder = tmp_path_factory.mktemp("study")
    said = (tiny / "study.yaml").read_text(encoding="utf-8")
    dressed = replaced(said, ("report:\n", "report:\n  theme: acme.yaml\n"))
    (folder / "study.yaml").write_text(f"{dressed}privacy: {{key_file: secret.key}}\n", encoding="utf-8")
    (folder / "secret.key").write_text("0123456789abcdef" * 2, encoding="utf-8")
    (folder / "acme.yaml").write_text(
        "accent: '#7A1E5C'\nlogo: logo.svg\ntemplates: mine\n", encoding="utf-8"
    )
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"/>')
    (folder / "mine").mkdir()
    shutil.copy(TEMPLATE, folder / "mine")
    shutil.copy(tiny / "mine.yaml", folder)
    return folder / "study.yaml"


@pytest.fixture(scope="module")
def written(study: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("verified") / "out"
    run(read_study(study, data=tiny), out)
    return out


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "out"))


def told(out: Path, written: Path) -> list[str]:
    return sorted(str(problem) for problem in differences(out, written))


def test_what_nobody_changed_is_verified(written: Path, command: "Command") -> None:
    answer = command("verify", written)
    assert (answer.code, answer.out) == (0, f"{written} is what its study gives.\n"), answer.err


def test_a_number_changed_by_hand_is_found_by_its_place(copy: Path, written: Path) -> None:
    table = copy / "tables" / "adequacy-data.csv"
    frame = pd.read_csv(table, dtype="str")
    was = frame.loc[0, "estimate"]
    frame.assign(estimate=["37.25", *frame["estimate"][1:]]).to_csv(table, index=False)
    (line,) = [line for line in told(copy, written) if "estimate" in line]
    assert line.startswith(
        f"tables/adequacy-data.csv, row 1, estimate: says '37.25' where the study gives '{was}'"
    )


def test_a_cell_changed_in_the_page_is_found(copy: Path, written: Path) -> None:
    page = (copy / "report.html").read_text(encoding="utf-8")
    row = page.index('<tr id="adequacy-data.1">')
    cell = page.index("<td", row)
    shown = page[page.index("<bdi>", cell) + 5 : page.index("</bdi>", cell)]
    changed = page[:cell] + page[cell:].replace(f"<bdi>{shown}</bdi>", "<bdi>99%</bdi>", 1)
    (copy / "report.html").write_text(changed, encoding="utf-8")
    (line,) = told(copy, written)
    assert line.startswith(f"report.html, adequacy-data.1: says '99%' where the study gives '{shown}'")


def test_a_cell_changed_in_the_workbook_is_found(copy: Path, written: Path) -> None:
    book = load_workbook(copy / "tables.xlsx")
    sheet = next(
        sheet for sheet in book.worksheets if sheet["A1"].value and "adequately" in sheet["A1"].value
    )
    numbers = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float)]
    numbers[0].value = 12.375
    book.save(copy / "tables.xlsx")
    (line,) = [line for line in told(copy, written) if "the drawing" not in line]
    assert line.startswith(f"tables.xlsx, {sheet.title}!{numbers[0].coordinate}: says '12.375'")


def test_one_changed_with_its_hash_is_found_under_another_key_too(
    copy: Path, command: "Command", study: Path, tiny: Path
) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["models"][0]["n"] += 1
    path.write_text(json.dumps(manifest), encoding="utf-8")
    (copy / "companies.csv").unlink()
    elsewhere = shutil.copytree(study.parent, copy.parent / "elsewhere")
    (elsewhere / "secret.key").write_text("fedcba9876543210" * 2, encoding="utf-8")
    answer = command("verify", copy, "--study", elsewhere / "study.yaml", "--data", tiny)
    assert answer.code == 1
    assert "hashed under another key" in answer.err
    assert "manifest.json, models.1.n: says" in answer.err
    assert "companies.csv: is missing" in answer.err


@pytest.mark.long
def test_another_input_and_another_version_are_said(
    spoiled: "Spoil", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = spoiled()
    run(read_study(study), tmp_path / "out")
    answers = pd.read_csv(study.parent / "2025.csv", dtype="str")
    answers.iloc[1:].to_csv(study.parent / "2025.csv", index=False)
    monkeypatch.setattr("alignmark.verifying.code_hash", lambda: "another")
    found = [str(problem) for problem in verify(tmp_path / "out")]
    assert "2025.csv: has changed since this output was written" in found
    assert "the code of alignmark is another than wrote this output" in found
    assert any("sample.csv" in line for line in found)


def test_a_file_of_somebody_else_and_a_damaged_one_are_said(copy: Path, written: Path) -> None:
    (copy / "note.txt").write_text("mine", encoding="utf-8")
    (copy / "tables.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    lines = told(copy, written)
    assert "note.txt: is no output of this run" in lines
    assert any(line.startswith("tables.xlsx: is damaged") for line in lines)


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_what_is_no_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="manifest"):
        verify(copy)


def test_a_folder_that_no_run_wrote_and_a_study_that_moved_are_refused(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(InputError, match="no run wrote it"):
        verify(tmp_path / "nowhere")
    shutil.move(copy, tmp_path / "elsewhere" / "deep" / "out")
    with pytest.raises(InputError, match=r"the study is not where it was.*name the study"):
        verify(tmp_path / "elsewhere" / "deep" / "out")


def test_what_stands_behind_a_number_is_told(written: Path) -> None:
    found = json.loads(behind(written, "model-table.1.estimate"))
    models = pd.read_csv(written / "tables" / "model-table.csv")
    assert float(found["number"]) == models.loc[0, "estimate"]
    assert {"inputs", "code", "seed", "rows", "design"} <= set(found["run"])
    assert {model["name"] for model in found["models"]} == {"alone", "controls"}


def test_every_number_of_the_report_has_an_id_that_resolves(written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    tables = {path.stem for path in (written / "tables").iterdir()}
    assert {name for name in manifest["numbers"] if not name.startswith("book-")} == tables
    for name, record in manifest["numbers"].items():
        if name.startswith("book-"):
            continue
        frame = pd.read_csv(written / "tables" / f"{name}.csv")
        assert record["rows"] == len(frame)
        assert set(record["columns"]) <= set(frame)


@pytest.mark.parametrize(
    "number", ["nonsense", "sample.1", "none.1.n", "sample.999.companies", "sample.1.nothing"]
)
def test_a_number_that_is_not_there_is_refused_in_words(written: Path, number: str) -> None:
    with pytest.raises(InputError, match=r"no id|no table|none with the number|publishes no"):
        behind(written, number)


def test_every_row_that_a_page_shows_resolves_in_each_of_its_columns(written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    shown = 0
    for name in ("report.html", "crosstabs.html"):
        page = html.fromstring((written / name).read_text(encoding="utf-8"))
        for table in page.iter("table"):
            columns = [head.get("data-column") for head in table.iter("th") if head.get("data-column")]
            for row in (row for row in table.iter("tr") if row.get("id")):
                shown += 1
                for column in columns:
                    assert resolve(manifest, f"{row.get('id')}.{column}")["run"]["seed"] == 1
    assert shown > 50


def test_pages_figures_and_findings_resolve_to_tables(written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    page = html.fromstring((written / "report.html").read_text(encoding="utf-8"))
    ids = [part.get("id") for part in page.xpath("//section | //figure | //li[@class='finding']")]
    assert {"finding-adequate", "how-aligned", "all-companies"} & set(ids)
    assert set(ids) == set(manifest["statements"])
    for name in ids:
        found = resolve(manifest, name)
        assert set(found["tables"]) <= set(manifest["numbers"])
        assert found["tables"] or found["kind"] == "page", name
    assert json.loads(behind(written, "growth"))["models"]


def test_numbers_in_files_and_in_crosstabs_resolve(written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {path.name for path in written.iterdir() if path.is_file()}
    companies = pd.read_csv(written / "companies.csv", dtype="str")
    assert (
        json.loads(behind(written, "companies.csv#row 2, alignment"))["number"]
        == companies.loc[1, "alignment"]
    )
    book = next(name for name in manifest["numbers"] if name.startswith("book-"))
    found = json.loads(behind(written, f"{book}.1.{manifest['numbers'][book]['columns'][0]}"))
    assert found["whole row"]["row"] == "Respondents (unweighted base)"
    assert found["number"] in found["whole row"].values()
    assert "Benjamini and Hochberg" in found["family"]


@pytest.mark.parametrize(
    "number", ["none.csv#row 1, n", "companies.csv#row 999, alignment", "finding-nothing"]
)
def test_a_place_that_is_not_there_is_refused_in_words(written: Path, number: str) -> None:
    with pytest.raises(InputError, match=r"wrote no|has no place|no id"):
        behind(written, number)


PART = {
    "chart of a slide": ("report.pptx", r"ppt/charts/chart", rb"(<c:v>)\d[\d.]*(</c:v>)", "slide "),
    "text of a slide": ("report.pptx", r"ppt/slides/slide3\.xml", rb"(<a:t>)[^<]+(</a:t>)", "slide 3"),
    "notes": ("report.pptx", r"notesSlide3\.xml", rb"(<a:t>)[^<]{9,}(</a:t>)", "notes"),
    "alternative text": ("report.pptx", r"ppt/slides/slide", rb'( descr=")[^"]+(")', "what it shows"),
    "crosstab in a sheet": ("crosstabs.xlsx", r"sheet2\.xml", rb"(<v>)0\.\d+(</v>)", "!"),
}
"""File, part of it, what is changed there, and a piece of the place that is told."""


@pytest.mark.parametrize("case", PART.values(), ids=list(PART))
def test_a_number_changed_in_a_part_of_a_file_is_found(
    case: tuple[str, str, bytes, str], copy: Path, written: Path
) -> None:
    name, part, old, place = case
    _change_part(copy / name, part, old)
    lines = [line for line in told(copy, written) if "99.5" in line]
    assert lines, told(copy, written)
    assert all(line.startswith(f"{name}, ") and place in line for line in lines)


def _change_part(path: Path, part: str, old: bytes) -> None:
    with ZipFile(path) as parts:
        contents = {info: parts.read(info) for info in parts.infolist()}
    hit = next(i for i, data in contents.items() if re.search(part, i.filename) and re.search(old, data))
    contents[hit] = re.sub(old, rb"\g<1>99.5\g<2>", contents[hit], count=1)
    with ZipFile(path, "w") as parts:
        for info, data in contents.items():
            parts.writestr(info, data)


TEXT = {
    "report.html": (r'(<div class="value" aria-hidden="true">)[^<]*', r"\g<1>99.5"),
    "crosstabs.html": (r'(<td class="number-cell">)\d+', r"\g<1>99.5"),
    "models.csv": (r"(?<=,)0\.\d+", "99.5"),
    "companies.csv": (r"(?<=,)\d+\.\d+", "99.5"),
    "models.tex": (r"\d\.\d", "99.5"),
}


@pytest.mark.parametrize("name", list(TEXT))
def test_a_number_changed_in_a_text_is_found(name: str, copy: Path, written: Path) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    changed = re.sub(*TEXT[name], text, count=1)
    assert changed != text
    (copy / name).write_text(changed, encoding="utf-8")
    (line,) = told(copy, written)
    assert line.startswith(name)
    assert "99.5" in line


def test_a_style_that_hides_a_number_and_a_hash_in_the_manifest_are_found(copy: Path, written: Path) -> None:
    page = (copy / "report.html").read_text(encoding="utf-8")
    hidden = page.replace("</style>", ".value { display: none }</style>")
    (copy / "report.html").write_text(hidden, encoding="utf-8")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["outputs"]["companies.csv"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    first, second = told(copy, written)
    assert first.startswith("manifest.json, outputs.companies.csv: does not name the SHA-256")
    assert second.startswith("report.html, the style: is another than the study gives")


def test_a_chart_changed_in_the_workbook_is_found(copy: Path, written: Path) -> None:
    _change_part(copy / "tables.xlsx", r"xl/charts/chart1\.xml", rb"(<c:v>)\d[\d.]*(</c:v>)")
    (line,) = told(copy, written)
    assert line.startswith("tables.xlsx, chart1, the drawing: is another than the study gives")


def test_a_row_taken_out_is_told_without_a_thousand_lines(copy: Path, written: Path) -> None:
    companies = pd.read_csv(copy / "companies.csv", dtype="str", keep_default_na=False)
    companies.iloc[1:].to_csv(copy / "companies.csv", index=False)
    lines = told(copy, written)
    assert len(lines) == MOST + 1
    assert sum("more places" in line for line in lines) == 1


def test_a_row_of_the_panel_and_a_page_with_a_note_are_found(copy: Path, written: Path) -> None:
    panel = pd.read_parquet(copy / "panel.parquet")
    panel.loc[0, "alignment"] = 99.5
    panel.to_parquet(copy / "panel.parquet", index=False)
    pages = PdfWriter(clone_from=copy / "report.pdf")
    pages.add_annotation(0, FreeText(text="99.5%", rect=(50, 550, 200, 650)))
    pages.write(copy / "report.pdf")
    first, second = told(copy, written)
    assert first.startswith("panel.parquet, row 1, alignment: says '99.5'")
    assert second.startswith("report.pdf, page 1, note: says '99.5%'")


def test_a_full_disk_and_a_request_to_end_leave_nothing(
    written: Path, tmp_path: Path, command: "Command", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def full(_file: object, target: Path, **_: object) -> None:
        target.mkdir()
        raise OSError(28, "No space left on device", str(target))

    def told_to_end(_file: object, target: Path, **_: object) -> None:
        target.mkdir()
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    for ending, code in ((full, 1), (told_to_end, 143)):
        monkeypatch.setattr("alignmark.verifying.run", ending)
        assert command("verify", written).code == code
        assert not list(tmp_path.iterdir())
    assert signal.getsignal(signal.SIGTERM) is before


def test_pictures_count_as_what_a_page_says(tmp_path: Path) -> None:
    page = '<html lang="en"><body><figure id="f"><img src="data:{}" alt="A bar"></figure></body></html>'
    for name, picture in (("a.html", "one"), ("b.html", "two")):
        (tmp_path / name).write_text(page.format(picture), encoding="utf-8")
    first, second = (dict(passages(tmp_path / name)) for name in ("a.html", "b.html"))
    assert first["f, what the drawing shows"] == second["f, what the drawing shows"] == "A bar"
    assert first["f, the drawing"] != second["f, the drawing"]


def test_of_long_texts_both_sides_of_the_difference_are_told() -> None:
    """A changed number far inside a long sentence stands beside the right one, not cut away."""
    long = "so many words before it " * 20
    said, right = _about(f"{long}39%{long}", f"{long}37%{long}")
    assert "39%" in said
    assert "37%" in right
    assert max(len(said), len(right)) <= AROUND + 2
