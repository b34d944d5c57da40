from collections.abc import Callable
from pathlib import Path

import pytest

from survey.readers.detect import read_export

WriteRecords = Callable[..., Path]
TOOLS = ["CRM, Chat", "Chat", "CRM, Email", "Email, Chat, CRM", ""]


def form(stamp: str, tools: list[str], heading: str = "Timestamp") -> list[list[str]]:
    return [
        [heading, "Email Address", "Rate [Trust]", "Rate [Goals]", "Size [people]", "Tools", "Why?"],
        *(
            [stamp, "a@example.org", "4", "5", "50", tool, f"Because, you know {n}"]
            for n, tool in enumerate(tools)
        ),
    ]


@pytest.mark.parametrize(
    ("heading", "stamp"),
    [
        ("Timestamp", "4/22/2016 19:57:50"),
        ("Timestamp", "2025/03/01 10:00:00 AM GMT+1"),
        ("Zeitstempel", "01.03.2025 10:00:00"),
        ("Marca temporal", "1/3/2025 10:00:00"),
        ("Carimbo de data/hora", "01/03/2025 10:00:00"),
        ("Timestamp", "Mar 1, 2025, 10:00:00 AM"),
        ("Tidsstempel", "01.03.2025 kl. 10.00.00"),
        ("Időbélyeg", "2025. 03. 01. 10:00:00"),
        ("Χρονική σήμανση", "1/3/2025 10:00:00"),
        ("タイムスタンプ", "2025/03/01 10:00:00"),
        ("时间戳记", "2025/3/1 上午10:00:00"),
        ("타임스탬프", "2025. 3. 1 오전 10:00:00"),
    ],
)
def test_a_time_stamp_comes_first_in_any_language(
    write_records: WriteRecords, heading: str, stamp: str
) -> None:
    export = read_export(write_records(form(stamp, TOOLS, heading)))
    assert export.platform == "google_forms"
    assert export.metadata == (heading, "Email Address")


def test_rows_of_a_grid_share_their_question(write_records: WriteRecords) -> None:
    export = read_export(write_records(form("4/22/2016 19:57:50", TOOLS)))
    assert list(export.frame)[2:5] == ["Rate [Trust]", "Rate [Goals]", "Size [people]"]
    assert [export.label(c) for c in list(export.frame)[2:5]] == [
        "Rate - Trust",
        "Rate - Goals",
        "Size [people]",
    ]
    assert export.stems == {"Rate [Trust]": "Rate", "Rate [Goals]": "Rate"}


@pytest.mark.parametrize(("between", "separator"), [(", ", ", "), (";", ";")])
def test_several_choices_in_one_cell_are_named(
    write_records: WriteRecords, between: str, separator: str
) -> None:
    tools = [tool.replace(", ", between) for tool in TOOLS]
    export = read_export(write_records(form("4/22/2016 19:57:50", tools)))
    assert export.multiple == {"Tools": separator}


def test_several_choices_of_a_real_form(real: Path) -> None:
    export = read_export(real / "google_forms" / "jupyter_2016_education_responses.csv")
    several = [
        "What field(s) is your course most related to?",
        "What language(s) will your students be using?",
        "What types of assignments do you use the notebook for?",
    ]
    single = [
        "How often is this course taught?",
        "What are the names of the course instructors?",
        "What are the biggest pain points for you in running your class?",
        "At what school (or through what organization) is your course being taught?",
    ]
    assert set(several) <= set(export.multiple)
    assert not set(single) & set(export.multiple)
