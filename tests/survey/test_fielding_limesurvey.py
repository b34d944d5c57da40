import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.fielding_limesurvey import COLUMNS, write_limesurvey
from survey.fielding_pages import answer_options, pages
from survey.instrument import Instrument, read_instrument
from survey.limesurvey_codes import RESERVED, limesurvey_answers, limesurvey_headings, short_codes

ALIGNMENT = read_instrument("alignment")
REAL = Path(os.environ.get("ALIGNMARK_REAL_DATA") or Path(__file__).parents[3] / "shared/data")
Rows = list[dict[str, str]]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    path = tmp_path_factory.mktemp("limesurvey") / "alignment.txt"
    write_limesurvey(ALIGNMENT, path)
    return rows_of(path)


def only(rows: Rows, *classes: str, language: str = "en") -> Rows:
    return [row for row in rows if row["class"] in classes and row["language"] == language]


def test_the_columns_are_those_that_limesurvey_writes() -> None:
    folder = REAL / "platform_exports" / "limesurvey" / "limonaid"
    if not folder.is_dir():
        pytest.skip(f"no LimeSurvey files: {folder} is absent")
    with (folder / "testing-multilingual-export.txt").open(encoding="utf-8-sig") as stream:
        real = stream.readline().rstrip("\n").split("\t")
    assert set(COLUMNS) <= set(real)
    assert tuple(real[: len(COLUMNS) - 3]) == COLUMNS[:-3]


def test_it_says_that_it_is_experimental_where_nobody_is_asked(rows: Rows) -> None:
    assert (rows[0]["class"], rows[0]["text"]) == ("S", "G")
    assert rows[0]["help"].startswith("EXPERIMENTAL")
    assert not [row for row in rows[1:] if "EXPERIMENTAL" in "".join(row.values())]


def test_every_language_has_the_same_rows_with_the_same_numbers(rows: Rows) -> None:
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert (settings["language"], settings["additional_languages"]) == ("en", "de")
    same = ("id", "class", "type/scale", "relevance", "mandatory", "max_answers", "min_num_value_n")
    skeletons = []
    for language in ("en", "de"):
        asked = only(rows, "G", "Q", "SQ", "A", language=language)
        names = [row["name"] for row in asked if row["class"] != "G"]
        skeletons.append(([tuple(row[key] for key in same) for row in asked], names))
        assert len(asked) > 200
    assert skeletons[0] == skeletons[1]
    numbers = [row["id"] for row in only(rows, "Q", "SQ")]
    assert len(set(numbers)) == len(numbers)


def test_every_question_and_option_is_there_under_its_heading(rows: Rows) -> None:
    headings, outer, answers = [], "", {}
    for row in only(rows, "Q", "SQ", "A"):
        if row["class"] == "Q":
            outer = row["name"]
            headings += [outer] if row["type/scale"] in "LSN" else []
        elif row["class"] == "SQ":
            headings.append(f"{outer}[{row['name']}]")
        else:
            answers.setdefault(outer, {})[row["name"]] = row["text"]
    assert headings == list(limesurvey_headings(ALIGNMENT).values())
    for page in pages(ALIGNMENT):
        first = page.questions[0]
        options = answer_options(first, ["en"])
        codes = limesurvey_answers(first)
        name = limesurvey_headings(ALIGNMENT)[first.id].partition("[")[0]
        assert answers.get(name, {}) == {codes[key]: text["en"] for key, text in options.items()}


def test_types_limits_and_duties(rows: Rows) -> None:
    asked = {row["name"]: row for row in only(rows, "Q")}
    assert [name for name, row in asked.items() if row["mandatory"] == "Y"] == ["company", "function"]
    kinds = ("company", "function", "globalrating", "winrate", "goals", "process", "pressures")
    assert "".join(asked[name]["type/scale"] for name in kinds) == "SLLNFFM"
    assert {name: row["max_answers"] for name, row in asked.items() if row["max_answers"]} == {
        "pressures": "2",
        "actions": "2",
    }
    growth = asked["revenuegrowthreporte"]
    assert (growth["min_num_value_n"], growth["max_num_value_n"]) == ("-100", "500")
    assert growth["help"] == "% a year"


def test_people_of_another_function_see_nothing_more(small: Instrument, tmp_path: Path) -> None:
    write_limesurvey(small, tmp_path / "small.txt")
    asked = {row["name"]: row["relevance"] for row in only(rows_of(tmp_path / "small.txt"), "Q")}
    condition = 'department.NAOK == "sales" or department.NAOK == "marke"'
    assert [name for name, relevance in asked.items() if relevance == "1"] == ["firm", "department"]
    assert set(asked.values()) == {"1", condition}


def test_a_wording_cannot_become_markup_or_an_expression(small: Instrument, tmp_path: Path) -> None:
    parts = small.model_dump()
    parts["questions"]["comment"]["text"] = {"en": 'A\tB & "C"\n<b>{firm}</b>', "de": "D"}
    write_limesurvey(Instrument.model_validate(parts), tmp_path / "small.txt")
    text = next(row["text"] for row in rows_of(tmp_path / "small.txt") if row["name"] == "comment")
    assert text == 'A B &amp; "C" &lt;b&gt;&#123;firm&#125;&lt;/b&gt;'


@given(st.lists(st.text(max_size=30), unique=True, max_size=40), st.integers(5, 20))
def test_codes_are_short_plain_and_differ(ids: list[str], longest: int) -> None:
    codes = short_codes(ids, longest)
    assert list(codes) == ids
    assert len({code.casefold() for code in codes.values()}) == len(ids)
    for name, code in codes.items():
        assert 1 <= len(code) <= longest
        assert code.isascii()
        assert code.isalnum()
        assert code[0].isalpha() or name.isdecimal()
        assert code.casefold() not in RESERVED
