import csv
import io
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from survey.problems import InputError
from survey.readers import columnar
from survey.readers.columnar import read_table
from survey.readers.delimited import read_records

MARKS = [",", ";", "\t", "|"]
CELL = st.text(alphabet='ab é,;"\n\u2028', max_size=5)
ANY = st.text(alphabet='ab,;"\n\r ', max_size=40)


def by_record(text: str, mark: str) -> tuple[list[list[str]], list[int]]:
    """Read as the module csv does, with the line where each record starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    records, rows, start = [], [], 1
    for record in reader:
        records.append(record)
        rows.append(start)
        start = reader.line_num + 1
    return records, rows


@settings(deadline=None, max_examples=200)
@given(ANY, st.sampled_from([",", ";"]))
@example('a,b\n"1\r\n2",3\n', ",")
@example("a,b\n\n1,2\n", ",")
def test_what_is_read_in_columns_is_what_csv_reads(text: str, mark: str) -> None:
    regular = read_table(text.encode(), mark)
    if regular is None:
        return
    table, rows = regular
    records, lines = by_record(text.rstrip("\r\n"), mark)
    width = len(records[0])
    cells = [["" if cell is None else cell for cell in row.values()] for row in table.to_pylist()]
    assert cells == [record or [""] * width for record in records]
    assert rows.tolist() == lines


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6),
    st.sampled_from(MARKS),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_regularly_is_read_in_columns(
    body: list[tuple[str, str, str]], mark: str, end: str
) -> None:
    records = [("x", "y", "z"), *body, ("end", "", "1")]
    stream = io.StringIO()
    csv.writer(stream, delimiter=mark, lineterminator=end).writerows(records)
    regular = read_table(stream.getvalue().encode(), mark)
    assert regular is not None
    rows = [tuple(cell or "" for cell in row.values()) for row in regular[0].to_pylist()]
    assert rows == records


def test_blocks_do_not_cut_quotation_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a,b\n"1\n""2""",3\n"x, y","\n\n"\n,""\n'
    expected = by_record(text, ",")
    for size in range(1, 30):
        monkeypatch.setattr(columnar, "_BLOCK", size)
        assert columnar._quoted_regularly(text.encode(), ord(","), 0, len(text))
        assert (columnar._starts(text.encode(), 0, len(text.rstrip("\n"))) + 1).tolist() == expected[1]


@pytest.mark.parametrize(
    "text",
    ['a,b\n"1"2,3\n', 'a,b\n1"2,3\n', 'a,b\n"1,2\n', "a,b\r1,2\r", "a,b\n1\n", "a,b\n1,2,3\n", "a\n1\n"],
)
def test_irregular_texts_are_not_read_in_columns(text: str) -> None:
    assert read_table(text.encode(), ",") is None


def test_empty_cells_beyond_the_header_are_left_out_and_said() -> None:
    read = read_records(b"a,b\n1,2,,\n3,4\n5,6,\n", "a.csv")
    assert read.records == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]
    assert "has empty cells beyond the last heading in 2 rows: left out" in read.decisions


def test_filled_cells_beyond_the_header_are_refused() -> None:
    with pytest.raises(InputError, match=r"row 2: 3 cell\(s\) where the header has 2"):
        read_records(b"a,b\n1,2,x\n3,4\n", "a.csv")


def test_empty_lines_between_are_said() -> None:
    read = read_records(b"a,b\n1,2,\n\n3,4\n", "a.csv")
    assert "has 1 empty line(s) between responses, the first in row 3" in " ".join(read.decisions)
    assert read.records[2] == ["", ""]
    assert read.rows.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("mark", ["", ",,", '"', "\n", "\0"])
def test_what_cannot_be_a_delimiter_is_refused(mark: str) -> None:
    with pytest.raises(InputError, match="unknown delimiter"):
        read_records(b"a,b\n", "a.csv", mark)


def test_any_other_character_can_be_a_delimiter() -> None:
    for mark in ("^", "~", "§"):
        read = read_records(f"a{mark}b\n1{mark}2\n".encode(), "a.csv", mark)
        assert [list(record) for record in read.records] == [["a", "b"], ["1", "2"]]
        assert f"separates cells by {mark!r}, as stated" in read.decisions


def test_a_first_line_that_states_the_delimiter_counts_as_a_line() -> None:
    for end in ("\n", "\r\n"):
        read = read_records(f'sep=;{end}a;b{end}1;"2{end}3"{end}4;5{end}'.encode(), "a.csv")
        assert read.rows.tolist() == [2, 3, 5]
        assert "its first line says so" in read.decisions[0]


def test_a_long_cell_is_read() -> None:
    text = "a,b\n" + f'"{"x, " * 100_000}",1\n'
    assert len(read_records(text.encode(), "a.csv").records[1][0]) == 300_000
    assert len(read_records((text + 'x"y,3\n').encode(), "a.csv").records[1][0]) == 300_000


def test_many_rows_keep_their_lines() -> None:
    rng = np.random.default_rng(1)
    cells = np.where(rng.random(20_000) < 0.1, '"two\nlines"', "one")
    text = "a,b\n" + "".join(f"{cell},{n}\n" for n, cell in enumerate(cells))
    read = read_records(text.encode(), "a.csv")
    assert read.table is not None
    starts = [m.start() for m in re.finditer(r"(?m)^(?:one|\"two)", text)]
    expected = [text.count("\n", 0, start) + 1 for start in starts[:50]]
    assert read.rows[1:51].tolist() == expected
    assert read.rows[-1] == text.count("\n")
