import io
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter

from survey.problems import InputError
from survey.readers import archive
from survey.readers.detect import read_export


def problem_of(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_export(path)
    (problem,) = caught.value.problems
    return str(problem)


def workbook(path: Path, cells: dict[tuple[int, int], object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for (row, column), value in cells.items():
            sheet.write(row, column, value)
    return path


SMALL = {(0, 0): "company", (0, 1): "goals", (1, 0): "Acme", (1, 1): 4}


def with_part(path: Path, name: str, content: bytes) -> Path:
    """Put another content into one part of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {part.filename: old.read(part) for part in old.infolist()}
    parts[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for key, value in parts.items():
            new.writestr(key, value)
    return path


def test_a_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = with_part(workbook(tmp_path / "a.xlsx", SMALL), "xl/media/1.png", bytes(150_000_000))
    assert "unpacks to 150 MB or more" in problem_of(path)


def test_a_bomb_whose_directory_lies_is_refused_by_counting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_LARGE", 1_000_000)
    path = with_part(workbook(tmp_path / "a.xlsx", SMALL), "xl/media/1.png", bytes(9_000_000))
    data = path.read_bytes()
    size = (9_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, (90).to_bytes(4, "little")))
    assert zipfile.ZipFile(path).getinfo("xl/media/1.png").file_size == 90
    assert "unpacks to" in problem_of(path)


def test_parts_that_share_their_bytes_are_added_up(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(20_000_000)) + packer.flush()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", bytes(20_000_000))
        for number in range(9):
            twin = zipfile.ZipInfo(f"xl/{number}.xml")
            twin.compress_type, twin.header_offset = zipfile.ZIP_DEFLATED, 0
            twin.CRC, twin.file_size, twin.compress_size = zlib.crc32(b""), 20_000_000, len(packed)
            book.filelist.append(twin)
    (tmp_path / "a.xlsx").write_bytes(stream.getvalue())
    assert "unpacks to 200 MB or more" in problem_of(tmp_path / "a.xlsx")


@pytest.mark.parametrize("place", [(1_048_575, 16_383), (900_000, 60), (99, 2_000)])
def test_a_stray_cell_far_away_is_refused(tmp_path: Path, place: tuple[int, int]) -> None:
    path = workbook(tmp_path / "a.xlsx", {**SMALL, place: "stray"})
    if (place[0] + 1) * (place[1] + 1) > 20_000_000:
        message = problem_of(path)
        assert f"as far apart as row {place[0] + 1} and column {place[1] + 1}" in message
    else:
        assert len(read_export(path)) == 99


def test_a_large_full_sheet_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_AREA", 100)
    cells = {(row, column): f"{row}/{column}" for row in range(40) for column in range(30)}
    assert read_export(workbook(tmp_path / "a.xlsx", cells)).frame.shape == (39, 30)


def test_a_sheet_that_repeats_cells_without_end_is_refused(tmp_path: Path) -> None:
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    content = f"""<?xml version="1.0"?><office:document-content xmlns:office="{office}" xmlns:table="{table}"
      xmlns:text="{text}"><office:body><office:spreadsheet><table:table table:name="S">
      <table:table-row table:number-rows-repeated="1000000000"><table:table-cell office:value-type="string"
      table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>
      </table:table></office:spreadsheet></office:body></office:document-content>"""
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    assert "cannot be opened as a workbook" in problem_of(tmp_path / "a.ods")


def test_an_archive_with_a_password_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", SMALL)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    assert "is protected by a password" in problem_of(path)


@pytest.mark.parametrize("keep", [30, 500, 2000, -300, -22])
def test_a_cut_off_workbook_is_named(tmp_path: Path, keep: int) -> None:
    path = workbook(tmp_path / "a.xlsx", SMALL)
    path.write_bytes(path.read_bytes()[:keep])
    assert "a.xlsx: cannot be opened as a workbook" in problem_of(path)


def test_parts_packed_in_another_way_are_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", SMALL)
    with zipfile.ZipFile(path) as old:
        parts = {part.filename: old.read(part) for part in old.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as new:
        for key, value in parts.items():
            new.writestr(key, value)
    assert "packed in a way that workbooks do not use" in problem_of(path)
