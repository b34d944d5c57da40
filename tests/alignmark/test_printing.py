import pytest

from alignmark.printing import LONGEST, PER_KIND, print_table
from survey.problem_table import problem_table
from survey.problems import Problem, problems_at

WRONG = problems_at(
    "is outside the scale", [(row, 9) for row in range(2, 102)], file="a.csv", column="Q7", allowed="1-5"
)
WARNING = Problem("is a guess", "a.csv", 1, "Q8", to_do="map it", severity="warning")
NOTE = Problem("is UTF-8", "a.csv", severity="note")


def printed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    problems: list[Problem],
    *,
    width: int = 0,
) -> str:
    """Return what is printed into a pipe, or on a terminal of some width."""
    if width:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "dumb")
    print_table(problem_table(problems), "Said first.", err=False, written="all.csv")
    return capsys.readouterr().out


def test_a_pipe_gets_a_line_for_each_up_to_a_few_of_a_kind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = printed(capsys, monkeypatch, [*WRONG, WARNING, NOTE, NOTE]).splitlines()
    told = "a.csv, row {}, Q7: 9 is outside the scale. Allowed: 1-5. To do: correct this cell, or empty it"
    assert lines == [
        "Said first.",
        *(told.format(row) for row in range(2, 2 + PER_KIND)),
        f"... and {100 - PER_KIND} more like these in all.csv",
        "Besides: 1 warning and 2 notes.",
    ]


def test_without_errors_all_is_told_under_its_severity(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed(capsys, monkeypatch, [WARNING, NOTE]).splitlines() == [
        "Said first.",
        "1 warning, to look at, though the study runs:",
        "a.csv, row 1, Q8: is a guess. To do: map it",
        "1 note, decided on the way:",
        "a.csv: is UTF-8",
    ]


@pytest.mark.parametrize("width", [0, 80])
@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "a\nb\rc", "[red]x[/red]", "\u202eevil", "x" * 9000])
def test_hostile_text_does_not_steer_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, width: int
) -> None:
    problem = Problem(text, text, 3, text, text, text, text, text)
    out = printed(capsys, monkeypatch, [problem], width=width)
    assert "\x1b[31m" not in out
    assert "\u202e" not in out
    assert "\r" not in out
    assert ("[red]" in out) is text.startswith("[red]")
    assert max(map(len, out.splitlines())) <= (width or LONGEST)
    assert len(out) < 4000


def test_a_terminal_gets_a_table_that_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Problem("is odd", "a.csv", 4, "Q9", "blue", "1-5", "look", "Do you trust them?")
    out = printed(capsys, monkeypatch, [*WRONG, asked], width=80)
    assert "101 errors, to mend before anything runs" in out
    for word in (
        "Where",
        "What was found",
        "What to do",
        "row 2, Q7",
        "Allowed: 1-5",
        "'blue'",
        "Do you trust",
    ):
        assert word in out
    assert "and 95 more" in out
    assert {len(line) for line in out.splitlines()[2:]} == {80}


def test_a_table_of_notes_has_no_empty_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "What to do" not in printed(capsys, monkeypatch, [NOTE], width=80)
