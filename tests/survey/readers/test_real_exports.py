"""Every real export: rows and columns of the manifest, whatever the encoding and the delimiter."""

import csv
import io
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import xlsxwriter

from survey.readers.detect import read_export
from survey.readers.export import Export


def manifest(real: Path) -> list[dict[str, object]]:
    return json.loads((real / "manifest.json").read_text(encoding="utf-8"))


@cache
def original_of(path: Path) -> Export:
    return read_export(path)


def assert_same_cells(copy: Export, original: Export) -> None:
    pd.testing.assert_frame_equal(copy.frame, original.frame)
    pd.testing.assert_frame_equal(copy.missing, original.missing)
    np.testing.assert_array_equal(copy.rows, original.rows)
    assert copy.labels == original.labels
    assert (copy.platform, copy.header_rows) == (original.platform, original.header_rows)
    assert (copy.metadata, copy.stems, copy.multiple) == (
        original.metadata,
        original.stems,
        original.multiple,
    )


def test_rows_columns_and_encoding_are_those_of_the_manifest(real: Path) -> None:
    found, expected = [], []
    for entry in manifest(real):
        export = read_export(real / str(entry["file"]))
        encoding = "utf-8" if entry["encoding"] == "ascii" else entry["encoding"]
        expected.append([entry["file"], entry["header_rows"], entry["data_rows"], entry["columns"], encoding])
        found.append([entry["file"], export.header_rows, *export.frame.shape, export.encoding])
        assert export.frame.columns.is_unique
        assert f" by {entry['delimiter']}" in export.decisions[1]
    assert len(found) > 30
    names = ["file", "header_rows", "data_rows", "columns", "encoding"]
    pd.testing.assert_frame_equal(pd.DataFrame(found, columns=names), pd.DataFrame(expected, columns=names))


def test_platforms_are_those_of_the_folders(real: Path) -> None:
    """Tables that lie beside an export (its form, its cleaning log, its structure) are plain tables."""
    plain = ("choices.csv", "cleaning_log.csv", "sample_frame.csv", "_survey.csv", ".txt")
    for entry in manifest(real):
        folder, _, file = str(entry["file"]).partition("/")
        platform = "kobo" if folder == "kobo_xlsform" else folder
        seen = original_of(real / folder / file).platform
        assert seen == ("spreadsheet" if file.endswith(plain) else platform), file


def test_cells_are_those_that_the_standard_reader_of_csv_gives(real: Path) -> None:
    for entry in manifest(real):
        path = real / str(entry["file"])
        mark = {"comma": ",", "tab": "\t"}[str(entry["delimiter"])]
        with path.open(encoding="utf-8-sig", newline="") as stream:
            body = list(filter(None, csv.reader(stream, delimiter=mark)))[int(str(entry["header_rows"])) :]
        cells = pd.DataFrame(body, dtype="str")
        cells = cells.mask(cells.apply(lambda column: column.str.strip() == ""))
        export = original_of(path)
        together = export.frame.set_axis(range(cells.shape[1]), axis=1)
        apart = export.missing.rename(columns=dict(zip(export.frame.columns, together.columns, strict=True)))
        pd.testing.assert_frame_equal(
            together.fillna(apart.reindex(columns=together.columns)), cells, check_dtype=False
        )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_copy_in_another_encoding_reads_cell_for_cell_the_same(
    real: Path, tmp_path: Path, encoding: str
) -> None:
    for entry in manifest(real):
        path = real / str(entry["file"])
        text = path.read_bytes().decode("utf-8-sig")
        copy = tmp_path / path.name
        copy.write_bytes(text.encode(encoding))
        assert_same_cells(read_export(copy), original_of(path))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_copy_with_one_byte_for_each_letter_reads_the_same(
    real: Path, tmp_path: Path, encoding: str
) -> None:
    copied = 0
    for entry in manifest(real):
        path = real / str(entry["file"])
        text = path.read_bytes().decode("utf-8-sig")
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        copied += not text.isascii()
        copy = tmp_path / path.name
        copy.write_bytes(data)
        assert_same_cells(read_export(copy), original_of(path))
        assert_same_cells(read_export(copy, encoding=encoding), original_of(path))
    assert copied > 2


@pytest.mark.parametrize(
    ("mark", "quoting"),
    [(",", csv.QUOTE_ALL), (";", csv.QUOTE_MINIMAL), ("\t", csv.QUOTE_ALL), ("|", csv.QUOTE_MINIMAL)],
)
def test_a_copy_with_another_delimiter_reads_cell_for_cell_the_same(
    real: Path, tmp_path: Path, mark: str, quoting: int
) -> None:
    for entry in manifest(real):
        path = real / str(entry["file"])
        text = path.read_bytes().decode("utf-8-sig")
        own = {"comma": ",", "tab": "\t"}[str(entry["delimiter"])]
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=mark, quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
        writer.writerows(csv.reader(io.StringIO(text, newline=""), delimiter=own))
        copy = tmp_path / path.name
        copy.write_text(stream.getvalue(), encoding="utf-8", newline="")
        assert_same_cells(read_export(copy), original_of(path))


def test_a_copy_in_excel_reads_the_same_answers(real: Path, tmp_path: Path) -> None:
    """But for rows, which a sheet counts without line breaks in cells."""
    path = real / "google_forms" / "jupyter_2016_education_responses.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        records = list(csv.reader(stream))
    copy = tmp_path / "copy.xlsx"
    with xlsxwriter.Workbook(copy) as book:
        sheet = book.add_worksheet()
        for row, record in enumerate(records):
            for column, cell in enumerate(record):
                sheet.write_string(row, column, cell.replace("\r\n", "\n"))
    original, read = read_export(path), read_export(copy)
    breaks = original.frame.apply(lambda column: column.str.replace("\r\n", "\n"))
    pd.testing.assert_frame_equal(read.frame, breaks)
    assert read.labels == original.labels
    assert read.rows.tolist() == list(range(2, 127))


def test_row_numbers_count_line_breaks_in_cells(real: Path) -> None:
    path = real / "google_forms" / "jupyter_2016_education_responses.csv"
    export = read_export(path)
    lines = path.read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = export.frame["Timestamp"].tolist()
    assert (pd.Series(export.rows).diff().iloc[1:] > 1).any()
    assert all(lines[row - 1].startswith(stamp) for row, stamp in zip(export.rows, starts, strict=True))


def test_every_cell_of_a_coded_column_is_a_code_of_its_questionnaire(real: Path) -> None:
    columns = 0
    for questionnaire in sorted((real / "qualtrics" / "QualtricsTools").glob("*.qsf")):
        for path in sorted(questionnaire.parent.glob(f"{questionnaire.stem}*.csv")):
            export = read_export(path, labels=questionnaire)
            for column, values in export.values.items():
                assert set(export.frame[column].dropna()) <= set(values), (path.name, column)
            columns += len(export.values)
            assert "..." not in "".join(export.labels[column] for column in export.values)
    assert columns > 200


STATISTICS = {
    "sav": pyreadstat.read_sav,
    "zsav": pyreadstat.read_sav,
    "por": pyreadstat.read_por,
    "dta": pyreadstat.read_dta,
}


def test_spss_and_stata_files_hold_what_pyreadstat_reads(real: Path) -> None:
    paths = [path for path in (real / "spss_stata").rglob("*.*") if path.suffix[1:] in STATISTICS]
    assert len(paths) > 14
    for path in paths:
        export = read_export(path)
        frame, meta = STATISTICS[path.suffix[1:]](str(path))
        assert export.frame.shape == frame.shape
        assert list(export.frame) == meta.column_names
        assert export.rows.tolist() == list(range(1, len(frame) + 1))
        for column in frame:
            expected = frame[column].replace("", None)
            assert export.frame[column].isna().equals(expected.isna()), (path.name, column)
            if pd.api.types.is_numeric_dtype(expected):
                np.testing.assert_allclose(
                    pd.to_numeric(export.frame[column]).to_numpy(float), expected.to_numpy(float)
                )
        labelled = {name: len(labels) for name, labels in meta.variable_value_labels.items()}
        assert {name: len(labels) for name, labels in export.values.items()} == labelled
