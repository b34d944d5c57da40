import pandas as pd
import pytest

from survey.cleaning_log import COLUMNS, drop, make_log

ROWS = pd.DataFrame(
    {"file": "a.csv", "row": [2, 3, 4], "respondent": ["x", "y", "z"], "wave": [2024, 2024, 2025]}
)
MASK = pd.Series([False, True, False])


def test_dropped_rows_and_kept_rows_make_the_account() -> None:
    step = drop(ROWS, MASK, "blank row")
    log = make_log(step.lines, ROWS, step.table)
    assert list(log.frame.columns) == list(COLUMNS)
    assert log.frame[["row", "respondent", "rule", "action"]].to_numpy().tolist() == [
        [3, "y", "blank row", "dropped"]
    ]
    assert log.accounting[["wave", "rows_in", "rows_kept", "rows_dropped"]].to_numpy().tolist() == [
        [2024, 2, 1, 1],
        [2025, 1, 1, 0],
    ]
    assert log.summary() == "3 rows read, 2 kept, 1 dropped; 0 values changed"
    assert log.reasons().to_dict("records") == [{"rule": "blank row", "action": "dropped", "n": 1}]


def test_an_empty_log_has_its_columns() -> None:
    log = make_log([], ROWS, ROWS)
    assert list(log.frame.columns) == list(COLUMNS)
    assert log.accounting["rows_dropped"].sum() == 0


@pytest.mark.parametrize("kept", [ROWS.iloc[:1], ROWS])
def test_a_row_that_is_lost_or_counted_twice_stops_the_run(kept: pd.DataFrame) -> None:
    step = drop(ROWS, MASK, "blank row")
    with pytest.raises(AssertionError, match="neither kept nor logged"):
        make_log(step.lines, ROWS, kept)


def test_the_log_hands_out_copies() -> None:
    step = drop(ROWS, MASK, "blank row")
    log = make_log(step.lines, ROWS, step.table)
    copy = log.to_frame()
    copy["file"] = "x"
    assert log.frame["file"].tolist() == ["a.csv"]
