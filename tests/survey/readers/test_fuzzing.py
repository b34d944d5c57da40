"""Damaged and strange files: an export that accounts for every letter of the file, or an `InputError`.

`ALIGNMARK_FUZZ_CASES=10000 pytest tests/survey/readers/test_fuzzing.py` tries ten thousand files; a case that
fails is tried again alone with `ALIGNMARK_FUZZ_FIRST` and one case.
"""

import csv
import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.problems import InputError
from survey.readers.detect import PLATFORMS, read_export
from survey.readers.export import Export

CASES = int(os.environ.get("ALIGNMARK_FUZZ_CASES", "400"))
FIRST = int(os.environ.get("ALIGNMARK_FUZZ_FIRST", "0"))
SECONDS = 30
LONGEST = 60_000
TEXT = (".csv", ".txt", ".tsv")
QUESTIONNAIRES = (".qsf", ".lss", ".lsg")
PIECES = [b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe",
          b"\xc3", b"'", b"\\", b"sep=;\n", b'{"ImportId":"Q"}', b"ResponseId", b"1e999", b"-99", b" ", b"\xe2\x80\xa8",
          b"PK\x03\x04", b"$FL2@(#)", b"[", b"]", b"/", b"9" * 400]  # fmt: skip


@contextmanager
def no_hang(what: str) -> Iterator[None]:
    """Fail a case that takes too long."""

    def late(*_: object) -> None:
        raise TimeoutError(what)

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def assert_accounted(export: Export, data: bytes) -> None:
    """Header lines and cells together hold all letters of the file, in their order."""
    text = data.decode(export.encoding).removeprefix("\ufeff")
    together = export.frame.copy()
    for column in export.missing:
        together[column] = together[column].fillna(export.missing[column])
    cells = letters("".join("" if pd.isna(cell) else cell for cell in together.to_numpy(object).ravel()))
    above = re.split(r"\r\n|\r|\n", text)[: int(export.rows[0]) - 1]
    assert letters("".join(above)) + cells == letters(text)


def assert_whole(export: Export) -> None:
    columns = set(export.frame)
    assert export.frame.columns.is_unique
    assert set(map(str, export.frame.dtypes)) <= {"str"}
    assert len(export.rows) == len(export.frame) > 0
    assert (np.diff(export.rows) > 0).all()
    assert export.rows[0] > 0
    assert set(export.labels) == columns
    assert all(export.labels.values())
    assert {*export.metadata, *export.stems, *export.values, *export.multiple, *export.ticked} <= columns
    assert set(export.missing) <= columns
    assert all(export.decisions)


def check(path: Path, **options: object) -> bool:
    """Read a file; return whether it could be read."""
    try:
        export = read_export(path, **options)  # type: ignore[arg-type]
    except InputError as error:
        assert str(error)
        assert all(problem.what for problem in error.problems)
        return False
    assert_whole(export)
    if export.encoding not in ("xlsx", "sav", "zsav", "por", "dta", "parquet"):
        assert_accounted(export, path.read_bytes())
    return True


def qualtrics() -> list[list[str]]:
    return [
        ["StartDate", "Status", "Finished", "ResponseId", "Q1_1", "Q1_2", "Q2"],
        ["Start Date", "Response Type", "Finished", "Response ID", "Rate - trust", "Rate - goals", "Why?"],
        [f'{{"ImportId":"QID{n}"}}' for n in range(7)],
        *[["2025-03-01 10:00:00", "IP Address", "True", f"R_{n}", "Agree", "-99", "so, “so”\nhm"] for n in range(9)],
    ]  # fmt: skip


def surveymonkey() -> list[list[str]]:
    return [
        ["Respondent ID", "Collector ID", "Company?", "Rate", "", "Growth"],
        ["", "", "Open-Ended Response", "trust", "goals", "Response"],
        *[[f"{n}", "7", "Café & Söhne", "Agree", "", f"{n},5 %"] for n in range(9)],
    ]


def google_forms() -> list[list[str]]:
    tools = ["CRM, Chat", "Chat", "CRM, Email", "Email, Chat, CRM"]
    return [
        ["Timestamp", "Company?", "Rate [trust]", "Rate [goals]", "Tools"],
        *[["2025/03/01 10:00:00 AM GMT+1", "Acme", "4", "5", tool] for tool in tools],
    ]


def limesurvey() -> list[list[str]]:
    return [
        ["id", "submitdate", "lastpage", "startlanguage", "firm", "goals[g1]", "goals[g2]", "tools[crm]"],
        *[[str(n), "2025-03-01", "3", "de", "Zürich AG", "A1", "N/A", "Y"] for n in range(9)],
    ]


def kobo() -> list[list[str]]:
    return [
        [
            "start",
            "firm",
            "tools",
            "tools/crm",
            "tools/chat",
            "rate/goals",
            "_id",
            "_uuid",
            "_submission_time",
        ],
        *[["2025", "Acme", "crm chat", "1", "1", "4", str(n), f"u{n}", "2025"] for n in range(9)],
    ]


def plain() -> list[list[str]]:
    return [["company", "goals", "share"], *[["Acme Ltd", str(n), f"{n}.25"] for n in range(9)], ["", "", ""]]


def encoded(records: list[list[str]], mark: str, encoding: str, end: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=mark, lineterminator=end).writerows(records)
    return stream.getvalue().encode(encoding, errors="replace")


def synthetic(folder: Path) -> dict[str, bytes]:
    """Small files of every kind, by name."""
    files = {
        "qualtrics.csv": encoded(qualtrics(), ",", "utf-8", "\n"),
        "qualtrics2.csv": encoded(qualtrics()[:2] + qualtrics()[3:], ",", "utf-8", "\n"),
        "qualtrics.tsv": encoded(qualtrics(), "\t", "utf-16", "\r\n"),
        "surveymonkey.csv": encoded(surveymonkey(), ",", "cp1252", "\r\n"),
        "google_forms.csv": encoded(google_forms(), ",", "utf-8", "\r\n"),
        "limesurvey.csv": encoded(limesurvey(), ";", "utf-8-sig", "\r\n"),
        "kobo.csv": encoded(kobo(), ";", "utf-8-sig", "\r\n"),
        "plain.csv": encoded(plain(), ";", "latin-1", "\r"),
    }
    frame = pd.DataFrame(plain()[1:10], columns=plain()[0])
    numbers = frame.assign(goals=frame["goals"].astype(float), share=frame["share"].astype(float))
    with xlsxwriter.Workbook(folder / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, record in enumerate(surveymonkey()):
            sheet.write_row(row, 0, record)
    numbers.to_parquet(folder / "a.parquet")
    labels = {"goals": {1.0: "never", 8.0: "refused"}}
    missing = {"goals": [8]}
    pyreadstat.write_sav(numbers, str(folder / "a.sav"), variable_value_labels=labels, missing_ranges=missing)
    pyreadstat.write_sav(numbers, str(folder / "a.zsav"), compress=True)
    pyreadstat.write_dta(numbers, str(folder / "a.dta"), variable_value_labels=labels)
    pyreadstat.write_por(numbers, str(folder / "a.por"))
    files |= {path.name: path.read_bytes() for path in sorted(folder.glob("a.*"))}
    files["a.qsf"] = (
        b'{"SurveyElements":[{"Element":"SQ","Payload":{"QuestionText":"Rate","DataExportTag":"Q1","QuestionType":'
        b'"Matrix","SubSelector":"SingleAnswer","Choices":{"1":{"Display":"trust"},"2":{"Display":"goals"}},'
        b'"Answers":{"1":{"Display":"no"}},"RecodeValues":[]}}]}'
    )
    files["a.lss"] = (
        b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType><questions><rows><row><qid>1</qid><type>F</type>"
        b"<title>goals</title><question>Rate</question><language>en</language></row></rows></questions></document>"
    )
    return files


def real_files(folder: Path) -> dict[str, bytes]:
    """Beginnings of the real files, whole where a beginning would be no file of its kind."""
    files = {}
    for path in sorted(folder.rglob("*.*")):
        data = path.read_bytes()
        if path.suffix in (*TEXT, ".sav", ".dta", ".xls", ".xlsx", ".zsav", ".por", *QUESTIONNAIRES):
            cut = len(data) > LONGEST and path.suffix in TEXT
            files[str(path.relative_to(folder))] = data[: data.rfind(b"\n", 0, LONGEST) + 1] if cut else data
    return files


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, real_folder: Path) -> dict[str, bytes]:
    return {**synthetic(tmp_path_factory.mktemp("sources")), **real_files(real_folder)}


def mutated(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Change a file in up to four places: bytes, pieces, slices, its end, a splice with another file."""
    for _ in range(rng.integers(1, 5)):
        at, to = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        to = min(to, at + int(rng.integers(1, 200)))
        piece = PIECES[rng.integers(len(PIECES))]
        match rng.integers(0, 9):
            case 0:
                data = data[:at] + bytes([rng.integers(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + piece + data[at:]
            case 2:
                data = data[:at] + data[to:]
            case 3:
                data = data[:at] + data[at:to] * int(rng.integers(2, 4)) + data[to:]
            case 4:
                data = data[: max(to, 1)]
            case 5:
                data = data[:at] + other[: int(rng.integers(1, 4000))] + data[at:]
            case 6:
                data = data[:at] + rng.bytes(int(rng.integers(1, 20))) + data[at:]
            case 7:
                data = (
                    data[:at] + bytes([data[at] ^ (1 << int(rng.integers(8)))]) + data[at + 1 :]
                    if at < len(data)
                    else data
                )
            case _:
                data = data.replace(PIECES[rng.integers(len(PIECES))], piece, int(rng.integers(1, 6)))
    return data


def in_another_encoding(data: bytes, rng: np.random.Generator) -> bytes:
    """Write a text in another encoding, as far as that has its letters."""
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    names = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp437"]
    return text.encode(names[rng.integers(len(names))], errors="replace")


def options_of(rng: np.random.Generator, labels: Path | None) -> dict[str, object]:
    options: dict[str, object] = {"labels": labels} if labels else {}
    if rng.random() < 0.15:
        options["platform"] = [*PLATFORMS, "spss", "stata"][rng.integers(len(PLATFORMS) + 2)]
    if rng.random() < 0.1:
        options["encoding"] = ["utf-8", "cp1252", "latin-1", "utf-16"][rng.integers(4)]
    if rng.random() < 0.1:
        options["delimiter"] = ["comma", "semicolon", "tab", "|"][rng.integers(4)]
    if rng.random() < 0.1:
        options["decimal"] = [",", "."][rng.integers(2)]
    if rng.random() < 0.1:
        options["header_rows"] = int(rng.integers(1, 4))
    return options


def test_files_as_they_are_can_be_read(sources: dict[str, bytes], tmp_path: Path) -> None:
    for name, data in sources.items():
        if not name.endswith(QUESTIONNAIRES):
            path = tmp_path / name.replace("/", "_")
            path.write_bytes(data)
            assert check(path), name


def test_changed_files_are_read_whole_or_refused(sources: dict[str, bytes], tmp_path: Path) -> None:
    names, read = list(sources), 0
    for case in range(FIRST, FIRST + CASES):
        rng = np.random.default_rng(case)
        name = names[rng.integers(len(names))]
        data = sources[name]
        if name.endswith(TEXT) and rng.random() < 0.3:
            data = in_another_encoding(data, rng)
        data = mutated(data, rng, sources[names[rng.integers(len(names))]])
        path = tmp_path / f"a{Path(name).suffix}"
        path.write_bytes(data)
        labels = None
        if name.endswith(QUESTIONNAIRES):
            labels = path
            path = tmp_path / "export.csv"
            path.write_bytes(sources["qualtrics.csv" if name.endswith("qsf") else "limesurvey.csv"])
        with no_hang(f"case {case}: {name}"):
            try:
                read += check(path, **options_of(rng, labels))
            except Exception as error:
                error.add_note(f"case {case}: {name}")
                raise
    assert CASES < 100 or CASES * 0.05 < read < CASES * 0.95


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
HEADINGS: list[Callable[[], list[list[str]]]] = [
    qualtrics,
    surveymonkey,
    google_forms,
    limesurvey,
    kobo,
    plain,
]


@settings(
    max_examples=min(CASES, 2000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from(HEADINGS),
    st.lists(st.lists(CELL, max_size=10), max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_strange_answers_are_read_whole_or_refused(
    tmp_path: Path,
    head: Callable[[], list[list[str]]],
    body: list[list[str]],
    mark: str,
    encoding: str,
    end: str,
) -> None:
    records = head()[:4]
    width = len(records[0])
    records += [(row + [""] * width)[:width] if len(row) % 2 else row for row in body]
    path = tmp_path / "a.csv"
    path.write_bytes(encoded(records, mark, encoding, end))
    with no_hang(str(records)):
        check(path)


@settings(
    max_examples=min(CASES, 2000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_read_whole_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with no_hang(str(data)):
        check(path)
