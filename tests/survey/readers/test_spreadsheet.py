from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from survey.problems import InputError
from survey.readers.detect import read_export
from survey.readers.spreadsheet import read_table


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "companies.csv"
    file.write_text("ID;Firm name;Industry\nC1;Acme Ltd;\nC2;Bolt AG;Software\n", encoding="utf-8")
    return file


def test_a_table_has_the_names_of_the_map_and_the_rows_of_the_file(path: Path) -> None:
    table = read_table(path, {"company": "ID", "industry": "Industry"}, required=("company",))
    assert list(table.columns) == ["company", "industry"]
    assert table.index.tolist() == [2, 3]
    assert table["industry"].isna().tolist() == [True, False]


def test_without_a_map_headings_are_names(path: Path) -> None:
    assert list(read_table(path).columns) == ["ID", "Firm name", "Industry"]


def test_every_missing_column_is_named_with_a_suggestion(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_table(path, {"name": "Firm nam", "size": "Employees"}, required=("company", "name"))
    texts = [str(problem) for problem in caught.value.problems]
    assert len(texts) == 3
    assert "there is no column 'company'" in texts[0]
    assert "there is no column 'Firm nam' for 'name'" in texts[1]
    assert "did you mean 'Firm name'?" in texts[1]
    assert "Employees" in texts[2]


def test_a_table_may_be_a_parquet_file(tmp_path: Path) -> None:
    pd.DataFrame({"company": ["Acme"], "revenue": [12.5]}).to_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet", {"company": "company", "value": "revenue"})
    assert table.loc[1].tolist() == ["Acme", "12.5"]


def test_a_title_above_the_headings_is_left_out_and_said(tmp_path: Path) -> None:
    rows = [["Survey of 2025"], [], ["company", "goals", "trust"], ["Acme", 4, 5], ["Bolt", 3, ""]]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    export = read_export(tmp_path / "a.xlsx")
    assert list(export.frame) == ["company", "goals", "trust"]
    assert export.rows.tolist() == [4, 5]
    assert "has a title above its headings, in row 1: 'Survey of 2025'" in export.decisions


def test_a_narrow_first_row_of_a_list_is_its_heading(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("company,\nAcme,4\nBolt,5\n", encoding="utf-8")
    assert list(read_export(tmp_path / "a.csv").frame) == ["company", "column 2"]
