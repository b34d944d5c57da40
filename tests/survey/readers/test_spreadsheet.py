from pathlib import Path

import pytest

from survey.problems import InputError
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
