import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numeral import DECIMALS
from reports.report import Column, Table
from reports.tables import cells, format_cells, heading_text, interval_text, number_text
from survey.language import speaking

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (37.5, "percent", "38%"),
        (0.5, "percent", "1%"),
        (-0.2, "difference", "0 points"),
        (0.6, "difference", "+1 point"),
        (-1.0, "difference", "−1 point"),
        (61.7, "points", "62 points"),
        (4.25, "growth", "4.3%"),
        (-4.25, "growth", "−4.3%"),
        (1.0, "growth_points", "+1.0 percentage point"),
        (12.4, "percentage_points", "+12 percentage points"),
        (1234567, "count", "1,234,567"),
        (2025, "year", "2025"),
        (0.714, "ratio", "0.71"),
        (0.0312, "p_value", "0.031"),
        (0.0002, "p_value", "<0.001"),
    ],
)
def test_numbers_by_unit(value, unit, text):
    assert number_text(value, unit) == text


@pytest.mark.parametrize("missing", [NAN, math.inf, None, pd.NA, np.float64("nan")])
def test_missing_is_words(missing):
    assert number_text(missing, "points") == "not available"
    assert interval_text(missing, 1, 2, "points", reason="one informant") == "not available (one informant)"


def test_percentages_get_a_decimal_from_a_thousand_on():
    assert interval_text(37.44, 36, 38.9, "percent", n=999) == "37% (36 to 39)"
    assert interval_text(37.44, 36, 38.9, "percent", n=1000) == "37.4% (36.0 to 38.9)"


def test_estimate_without_interval_says_so():
    assert interval_text(37.0, NAN, NAN, "percent") == "37% (no interval)"
    assert interval_text(37.0, 30.0, NAN, "percent") == "37% (at least 30)"
    assert interval_text(37.0, NAN, 42.0, "percent", language="de") == "37\u00a0% (höchstens 42)"


def test_signs_of_both_ends():
    assert interval_text(4.0, -1.0, 9.0, "difference") == "+4 points (−1 to +9)"


def test_other_locale():
    assert interval_text(1234.5, 1000, 1500, "growth", language="de") == "1.234,5\xa0% (1.000,0 bis 1.500,0)"
    assert number_text(12345, "count", language="de-AT") in ("12\xa0345", "12.345")


def test_unknown_unit_and_language():
    with pytest.raises(ValueError, match="'furlongs' is no unit"):
        number_text(1.0, "furlongs")
    with pytest.raises(ValueError, match="no wording in 'fr'"):
        number_text(NAN, "points", language="fr")


@given(
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.sampled_from(sorted(DECIMALS)),
    st.sampled_from(["en", "de"]),
)
def test_no_number_is_ever_written_as_nan(estimate, end, unit, language):
    text = interval_text(estimate, end, end, unit, language=language).lower()
    assert "nan" not in text.replace("bananas", "")
    assert "inf" not in text.replace("interval", "")


class TestCells:
    FRAME = pd.DataFrame(
        {
            "stage": ["defined", "aligned", None],
            "estimate": [32.04, 46.5, NAN],
            "low": [28.0, 42.0, NAN],
            "high": [36.0, 51.0, NAN],
            "n": [1200, 1100, 12],
            "why": ["", None, "fewer than 5 companies"],
        },
        index=[7, 7, 9],
    )

    def table(self, *columns: Column, frame: pd.DataFrame | None = None) -> Table:
        return Table("t", "Stages", self.FRAME if frame is None else frame, columns, "All companies")

    def test_interval_reason_and_missing_text(self):
        cells = format_cells(
            self.table(
                Column("stage", "Stage"), Column("estimate", "Share", "percent", "low", "high", reason="why")
            )
        )
        assert cells["estimate"].tolist() == [
            "32% (28 to 36)",
            "47% (42 to 51)",
            "not available (fewer than 5 companies)",
        ]
        assert cells["stage"].tolist() == ["defined", "aligned", "not available"]

    def test_smallest_base_decides_on_the_decimals_of_the_column(self):
        column = Column("estimate", "Share", "percent", n="n")
        assert format_cells(self.table(column))["estimate"].tolist()[:2] == ["32%", "47%"]
        large = self.table(column, frame=self.FRAME.iloc[:2])
        assert format_cells(large)["estimate"].tolist() == ["32.0%", "46.5%"]

    def test_suppressed_cells_are_named(self):
        frame = self.FRAME.assign(suppressed=[False, True, False], estimate=[32.0, NAN, NAN])
        cells = format_cells(self.table(Column("estimate", "Share", "percent"), frame=frame))
        assert cells["estimate"].tolist() == ["32%", "not available (too few cases to show)", "not available"]

    def test_integers_booleans_and_nullable_columns(self):
        frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "ok": [True, False], "id": [7, 8]})
        cells = format_cells(
            self.table(Column("id", "Company"), Column("n", "n", "count"), Column("ok", "Both"), frame=frame)
        )
        assert cells.to_numpy().tolist() == [["7", "1", "yes"], ["8", "not available", "no"]]

    def test_one_column_shown_twice(self):
        columns = (Column("estimate", "Share", "percent"), Column("estimate", "Points", "points"))
        assert format_cells(self.table(*columns)).iloc[0].tolist() == ["32%", "32"]

    def test_no_rows(self):
        assert format_cells(self.table(Column("n", "n", "count"), frame=self.FRAME.iloc[:0])).shape == (0, 1)

    def test_frame_stays_as_it_was(self):
        before = self.FRAME.copy(deep=True)
        format_cells(self.table(Column("estimate", "Share", "percent", "low", "high", reason="why")))
        pd.testing.assert_frame_equal(self.FRAME, before)


def test_unit_stands_in_the_heading_once():
    assert heading_text(Column("gap", "Gap in points", "difference")) == "Gap in points"
    assert heading_text(Column("slope", "Slope", "growth_points"), "de") == "Slope (Prozentpunkte)"


def test_names_stay_as_they_are_in_every_language() -> None:
    frame = pd.DataFrame({"model": ["industry", None]})
    with speaking("de"):
        assert cells(frame, Column("model", "Name in RSA"), language="de")[0] == "Branche"
        assert cells(frame, Column("model", "Name in RSA", names=True), language="de")[0] == "industry"
