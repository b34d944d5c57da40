from reports.writers.column_widths import SIZES, column_widths
from reports.writers.shown import Cell


def cell(text: str, *, number: bool = False, span: int = 1) -> Cell:
    return Cell(text, number, False, span)


def test_a_long_text_gets_more_room_than_a_number() -> None:
    row = [cell("a long text that explains " * 8), cell("41% (35 to 48)", number=True)]
    widths, size = column_widths(["Why", "Share"], [row])
    assert widths[0] > 3 * widths[1]
    assert widths[1] >= len("41% (35 to 48)")
    assert size == SIZES[0]


def test_many_columns_are_set_smaller_until_the_smallest() -> None:
    def size(count: int) -> float:
        return column_widths(["Share"] * count, [[cell("+41.5 (−35.2 to +48.1)", number=True)] * count])[1]

    assert [size(2), size(30)] == [SIZES[0], SIZES[-1]]
    sizes = [size(count) for count in range(2, 12)]
    assert sizes == sorted(sizes, reverse=True)


def test_a_cell_across_columns_asks_for_no_width() -> None:
    rows = [
        [cell("name"), cell("not available because of a long reason", span=2)],
        [cell("n"), cell("1"), cell("2")],
    ]
    widths, _ = column_widths(["Name", "A", "B"], rows)
    assert widths[1] == widths[2] <= 5
