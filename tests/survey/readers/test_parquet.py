from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from survey.problems import InputError
from survey.readers.detect import read_export


def test_every_type_of_column_becomes_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "company": ["Acme", " "],
            "goals": [4.0, None],
            "count": [4337954960, 7],
            "share": [12.5, 0.1],
            "ok": [True, False],
            "function": pd.Categorical(["Sales", "Marketing"]),
            "started": [datetime(2025, 3, 1, 10, 30), None],
            "day": [date(2025, 3, 1), None],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    export = read_export(tmp_path / "a.parquet")
    assert (export.platform, export.encoding, export.header_rows) == ("spreadsheet", "parquet", 0)
    assert export.rows.tolist() == [1, 2]
    first = ["Acme", "4", "4337954960", "12.5", "TRUE", "Sales", "2025-03-01 10:30:00", "2025-03-01"]
    assert export.frame.iloc[0].tolist() == first
    assert export.frame.iloc[1].isna().tolist() == [True, True, False, False, False, False, True, True]
    assert {str(kind) for kind in export.frame.dtypes} == {"str"}


@pytest.mark.parametrize("keep", [20, 200, -20])
def test_a_cut_off_file_is_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"company": ["Acme"] * 50}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"a\.parquet: cannot be read as Parquet"):
        read_export(path)


def test_a_file_without_rows_is_an_empty_wave(tmp_path: Path) -> None:
    pd.DataFrame({"company": pd.Series(dtype="str")}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="is an empty wave"):
        read_export(tmp_path / "a.parquet")


def test_a_csv_file_with_the_mark_of_parquet_is_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("PAR1,PAR2\n1,2\n", encoding="utf-8")
    assert list(read_export(tmp_path / "a.csv").frame) == ["PAR1", "PAR2"]
