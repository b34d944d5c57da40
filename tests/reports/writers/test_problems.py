import csv
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from reports.writers.problems import PER_KIND, problems_page, write_problems_csv, write_problems_html
from survey.problem_table import HEADINGS, ProblemTable, problem_table
from survey.problems import Problem, problems_at

STUDY = {"study": "study.yaml", "typed": "'my study/study.yaml'"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</caption></table></style>",
    "{{ 7 * 7 }}",
    "a\nb\r\tc, d; \"e\" 'f'",
    "\x1b[31mred\x00\x07",
    "x" * 5000,
    "\u202eevil",
    "\ud800half",
    "=1+1",
    " =1+1",
    "+1",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
]


def hostile() -> ProblemTable:
    return problem_table(Problem(text, text, 3, text, text, text, text, text) for text in HOSTILE)


def mixed() -> ProblemTable:
    cells = [(row, 9) for row in range(2, 102)]
    wrong = problems_at("is outside the scale", cells, file="a.csv", column="Q7", allowed="1-5")
    return problem_table(
        [
            *wrong,
            Problem("is a guess", "a.csv", 1, "Q8", question="Do you trust them?", severity="warning"),
            Problem("is UTF-8", "a.csv", severity="note"),
        ]
    )


class Page(HTMLParser):
    """Elements in order, with their attributes and text; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[dict] = []
        self.elements: list[dict] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag != "meta":
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag: str) -> list[dict]:
        return [element for element in self.elements if element["tag"] == tag]


def test_the_csv_file_holds_every_problem_whole(tmp_path: Path) -> None:
    write_problems_csv(mixed(), tmp_path / "problems.csv")
    written = pd.read_csv(tmp_path / "problems.csv", dtype="str", keep_default_na=False)
    frame = mixed().frame
    assert list(written) == list(HEADINGS)
    assert written["row"].tolist() == frame["row"].astype("str").replace("<NA>", "").fillna("").tolist()
    pd.testing.assert_frame_equal(written.drop(columns="row"), frame.drop(columns="row"))


def test_the_csv_file_opens_in_a_spreadsheet_as_text(tmp_path: Path) -> None:
    path = tmp_path / "problems.csv"
    write_problems_csv(hostile(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    cells = [cell for row in rows[1:] for cell in row]
    assert {len(row) for row in rows} == {len(HEADINGS)}
    assert len(rows) == len(HOSTILE) + 1
    assert [cell for cell in cells if re.match(r"\s*[=+\-@＝]|[\t\r\n]", cell)] == []
    assert [cell for cell in cells if re.search(r"[\x00-\x08\x0e-\x1f]", cell)] == []
    values = {row[list(HEADINGS).index("value")] for row in rows[1:]}
    assert {"'=1+1", "' =1+1", "'-5", "'\t=1", "'\r=1", "x" * 5000, "\\x1b[31mred\\x00\\x07"} <= values


def test_the_same_problems_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_problems_csv(mixed(), tmp_path / f"{name}.csv")
        write_problems_html(mixed(), tmp_path / f"{name}.html", **STUDY)
    for kind in ("csv", "html"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_hostile_text_stays_text_and_is_cut(tmp_path: Path) -> None:
    write_problems_html(hostile(), tmp_path / "page.html", study="<b>{{ 1 }}.yaml", typed="<b>{{ 1 }}.yaml")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.all("script") == page.all("img") == page.all("b") == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    shown = [cell["text"].strip() for cell in page.all("td")]
    assert {
        "{{ 7 * 7 }}",
        "=1+1",
        "\\x1b[31mred\\x00\\x07",
        "\\u202eevil",
        "<script>alert(1)</script>",
    } <= set(shown)
    assert max(map(len, shown)) <= 400


def test_the_page_is_one_file_without_script() -> None:
    page = Page(problems_page(mixed(), **STUDY))
    assert page.all("script") == page.all("link") == []
    assert [link["href"] for link in page.all("a")] == ["#problems", "problems.csv"]
    assert "default-src 'none'" in next(m["content"] for m in page.all("meta") if "http-equiv" in m)


def test_tables_have_captions_and_header_cells() -> None:
    page = Page(problems_page(mixed(), **STUDY))
    captions = [caption["text"] for caption in page.all("caption")]
    assert captions == [
        "100 errors, to mend before anything runs",
        "1 warning, to look at, though the study runs",
        "1 note, decided on the way",
    ]
    assert {head["scope"] for head in page.all("th")} == {"col", "row"}
    assert len([head for head in page.all("th") if head["scope"] == "row"]) == PER_KIND + 2
    assert all(head["text"].strip() for head in page.all("th"))
    assert page.all("html")[0]["lang"] == "en"


def test_a_table_shows_no_column_that_says_nothing() -> None:
    headings = [
        head["text"] for head in Page(problems_page(mixed(), **STUDY)).all("th") if head["scope"] == "col"
    ]
    assert headings == [
        *("File", "Row", "Column and question", "Value", "What was found", "Allowed", "What to do"),
        *("File", "Row", "Column and question", "What was found"),
        *("File", "What was found"),
    ]


def test_a_severity_is_told_in_words_and_by_a_shape_not_by_colour_alone() -> None:
    headings = [heading["text"].split() for heading in Page(problems_page(mixed(), **STUDY)).all("h2")[1:]]
    assert headings == [["✖", "100", "errors"], ["▲", "1", "warning"], ["●", "1", "note"]]


def test_the_page_counts_what_only_the_csv_file_holds() -> None:
    text = problems_page(mixed(), **STUDY)
    assert f"… and {100 - PER_KIND} more like these in <bdi>a.csv</bdi>: see problems.csv" in text


@pytest.mark.parametrize(
    ("severity", "command", "silent"),
    [
        ("error", "alignmark check 'my study/study.yaml'", "alignmark run"),
        ("warning", "alignmark run 'my study/study.yaml'", "Check again"),
    ],
)
def test_what_to_do_next_depends_on_what_was_found(severity, command: str, silent: str) -> None:
    first = Page(problems_page(problem_table([Problem("x", severity=severity)]), **STUDY)).all("section")[0]
    assert command in first["text"]
    assert silent not in first["text"]


def test_a_study_without_problems_has_a_page_too() -> None:
    page = Page(problems_page(problem_table([]), **STUDY))
    assert page.all("h1")[0]["text"] == "No problems"
    assert page.all("table") == []
