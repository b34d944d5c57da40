import pandas as pd
import pytest

from survey.dates import read_times, read_years


@pytest.mark.parametrize(
    ("written", "read"),
    [("31.12.2024 23:59", "2024-12-31 23:59"), ("1.3.2024", "2024-03-01"),
     ("12/31/2024 11:05:00 PM", "2024-12-31 23:05"),
     ("2024-03-05 10:11:12.5", "2024-03-05 10:11:12.5"), ("2024-03-05T10:00:00Z", "2024-03-05 10:00"),
     ("2024-03-05T00:30:00+02:00", "2024-03-04 22:30")],
)  # fmt: skip
def test_times_of_platforms(written: str, read: str) -> None:
    assert read_times(pd.Series([written])).item() == pd.Timestamp(read)


@pytest.mark.parametrize("written", ["1", "12", "2024 Q1", "Wave 1", "45352.5", "2024-13", "", "31.2.2024"])
def test_what_is_no_date_is_no_year(written: str) -> None:
    assert read_years(pd.Series([written, "2024"])).isna().tolist() == [True, False]


def test_one_column_has_one_order_of_day_and_month() -> None:
    assert read_times(pd.Series(["3/4/2024 9:00", "28/4/2024 9:00"])).dt.month.tolist() == [4, 4]
    assert read_times(pd.Series(["3/4/2024 9:00", "4/28/2024 9:00"])).dt.month.tolist() == [3, 4]


def test_rows_keep_their_places() -> None:
    written = pd.Series(["2024", None, "1.5.2022"], index=[7, 3, 5])
    pd.testing.assert_series_equal(
        read_years(written), pd.Series([2024, pd.NA, 2022], index=[7, 3, 5], dtype="Int64"), check_names=False
    )


def test_years_are_whole_and_of_our_time() -> None:
    written = pd.Series(["2004", "2004.0", "2004.5", "24", "1066", "soon", None], dtype="str")
    assert read_years(written).isna().tolist() == [False, False, True, True, True, True, True]
