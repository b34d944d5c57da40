from reports.writers.column_widths import BOLD, LETTER, PAPER, SETTINGS, column_widths
from reports.writers.shown import Cell


def cell(text: str, *, number: bool = False, span: int = 1) -> Cell:
    return Cell(text, number, False, span)


def test_a_long_text_gets_more_room_than_a_number() -> None:
    row = [cell("a long text that explains " * 8), cell("41% (35 to 48)", number=True)]
    widths, size, *_ = column_widths(["Why", "Share"], [row])
    assert widths[0] > 3 * widths[1]
    assert widths[1] >= len("41% (35 to 48)")
    assert size == SETTINGS[0][0]


def test_many_columns_are_set_smaller_until_the_smallest() -> None:
    def size(count: int) -> float:
        return column_widths(["Share"] * count, [[cell("+41.5 (−35.2 to +48.1)", number=True)] * count])[1]

    assert [size(2), size(30)] == [SETTINGS[0][0], SETTINGS[-1][0]]
    sizes = [size(count) for count in range(2, 12)]
    assert sizes == sorted(sizes, reverse=True)


def test_a_cell_across_columns_asks_for_no_width() -> None:
    rows = [
        [cell("name"), cell("not available because of a long reason", span=2)],
        [cell("n"), cell("1"), cell("2")],
    ]
    widths, *_ = column_widths(["Name", "A", "B"], rows)
    assert widths[1] == widths[2] <= 5


def test_the_space_beside_cells_is_part_of_a_column() -> None:
    """Eighteen columns on one page: none may be narrower than its longest word and the space beside it."""
    headings = ["Statement", "Function", *(f"Answer {place}" for place in range(1, 6)), *["Correlation"] * 5]
    row = [cell("to a customer"), cell("Marketing"), *[cell("10%", number=True)] * 10]
    widths, size, beside, whole = column_widths(headings, [row])
    points = [PAPER * width / sum(widths) - beside for width in widths]
    assert all(
        room + 1e-9 >= LETTER * size * BOLD * min(max(map(len, heading.split())), whole)
        for room, heading in zip(points, headings, strict=True)
    )
