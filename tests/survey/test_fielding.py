import hashlib
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from survey.fielding import FORMATS, field
from survey.fielding_pages import answer_options, pages
from survey.fielding_xlsform import write_xlsform
from survey.instrument import Instrument, read_instrument
from survey.problems import InputError

ALIGNMENT = read_instrument("alignment")
XFORMS = "{http://www.w3.org/2002/xforms}"
Rows = list[dict[str, str]]


def changed(instrument: Instrument, **parts: Any) -> Instrument:
    return Instrument.model_validate(instrument.model_dump() | parts)


def sheets(path: Path) -> dict[str, Rows]:
    workbook = load_workbook(path)
    found = {}
    for sheet in workbook.worksheets:
        heading, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [
            {str(name): str(cell) for name, cell in zip(heading, row, strict=True) if cell is not None}
            for row in rows
        ]
    workbook.close()
    return found


def xform(path: Path) -> ET.Element:
    warnings: list[str] = []
    converted = convert(path, warnings=warnings)
    assert warnings == converted.warnings == []
    return ET.fromstring(converted.xform)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("form") / "alignment.xlsx"
    write_xlsform(ALIGNMENT, path)
    return path


def test_pages_ask_every_question_once_in_order(small: Instrument) -> None:
    for instrument in (ALIGNMENT, small):
        asked = [question.id for page in pages(instrument) for question in page.questions]
        assert asked == list(instrument.columns)
    layouts = {page.id: page.layout for page in pages(small)}
    assert layouts == {
        **dict.fromkeys(["firm", "department", "check", "adequate", "comment", "mood"], "single"),
        "goals": "matrix",
        "trust": "matrix",
        "win_rate": "single",
        "tools": "ticks",
    }


@pytest.mark.parametrize(
    ("en", "de", "most"),
    [
        ("Choose up to two.", "Bis zu zwei Antworten.", 2),
        ("At most 3, please.", "Höchstens 3.", 3),
        ("Choose all that apply.", "Alle zutreffenden.", None),
        ("Choose up to two.", "Alle zutreffenden.", 2),
        ("Choose up to two.", "Wählen Sie bis zu drei.", None),
        ("What has come up to date?", "Was ist aktuell?", None),
    ],
)
def test_the_wording_says_how_many_may_be_ticked(
    small: Instrument, en: str, de: str, most: int | None
) -> None:
    practices = small.model_dump()["practices"]
    practices["tools"]["text"] = {"en": en, "de": de}
    assert pages(changed(small, practices=practices))[-1].most == most


def test_a_scale_without_all_labels_offers_its_points_and_a_fine_one_a_number(small: Instrument) -> None:
    options = answer_options(small.columns["goals_1"], small.languages)
    assert options["3"] == {"en": "3", "de": "3"}
    assert options["4"] == {"en": "Agree", "de": "Stimme zu"}
    assert list(options)[-1] == "dont_know"
    assert answer_options(small.columns["mood"], small.languages) == {}


def test_statements_on_a_fine_scale_are_asked_one_by_one_with_their_stem(small: Instrument) -> None:
    practices = small.model_dump()["practices"]
    practices["tools"] |= {"answer": "scale", "scale": "points"}
    last = pages(changed(small, practices=practices))[-1]
    assert (last.id, last.layout, last.text["en"]) == ("tool_chat", "single", "Which do you use? Chat")


def test_pyxform_takes_the_form_without_a_warning(form: Path) -> None:
    root = xform(form)
    instance = root.find(f".//{XFORMS}instance/*")
    assert instance is not None
    nodes = {node.tag.partition("}")[2]: [child.tag.partition("}")[2] for child in node] for node in instance}
    assert nodes["goals"] == ["goals_1", "goals_2", "goals_3", "goals_4"]
    assert nodes["company"] == nodes["pressures"] == []
    answered = [name for key, inner in nodes.items() for name in inner or [key]]
    rest = {q.group if q.kind == "tick" else q.id for q in ALIGNMENT.columns.values()}
    assert set(answered) - {"start", "end", "instanceID"} == rest
    languages = [node.get("lang") for node in root.iter(f"{XFORMS}translation")]
    assert languages == ["English (en)", "Deutsch (de)"]


@pytest.mark.parametrize("languages", [["en"], ["de"], ["en", "de", "fr"]])
def test_pyxform_takes_other_questionnaires(small: Instrument, languages: list[str], tmp_path: Path) -> None:
    def spoken(part: Any) -> Any:
        if isinstance(part, dict) and {"en", "de"} == set(part):
            return {language: part.get(language, f"{part['en']} (fr)") for language in languages}
        if isinstance(part, dict):
            return {key: spoken(value) for key, value in part.items()}
        return [spoken(value) for value in part] if isinstance(part, list) else part

    whole = spoken(small.model_dump()) | {"languages": languages}
    write_xlsform(Instrument.model_validate(whole), tmp_path / "small.xlsx")
    root = xform(tmp_path / "small.xlsx")
    assert len(list(root.iter(f"{XFORMS}translation"))) == len(languages)


@pytest.mark.slow
def test_odk_validate_takes_the_form(form: Path) -> None:
    if not shutil.which("java"):
        pytest.skip("ODK Validate needs Java")
    warnings: list[str] = []
    assert convert(form, validate=True, warnings=warnings).xform
    assert warnings == []


def test_only_company_and_function_are_required(form: Path) -> None:
    survey = sheets(form)["survey"]
    assert [row["name"] for row in survey if "required" in row] == ["company", "function"]
    for row in survey:
        assert ("required" in row) == ("required_message::Deutsch (de)" in row)


def test_numbers_and_ticks_are_limited_and_say_so(form: Path) -> None:
    limited = {row["name"]: row for row in sheets(form)["survey"] if "constraint" in row}
    numbers = [q.id for q in ALIGNMENT.columns.values() if q.kind == "number"]
    assert list(limited) == [*numbers, "pressures", "actions"]
    assert limited["revenue_growth_reported"]["constraint"] == ". >= -100 and . <= 500"
    assert limited["pressures"]["constraint"] == "count-selected(.) <= 2"
    assert "from -100 to 500" in limited["revenue_growth_reported"]["constraint_message::English (en)"]
    assert "höchstens 2" in limited["actions"]["constraint_message::Deutsch (de)"]
    assert limited["win_rate"]["hint::English (en)"] == "% of decided offers"


def test_each_construct_is_one_page_of_statements_on_one_scale(form: Path) -> None:
    survey = sheets(form)["survey"]
    starts = [n for n, row in enumerate(survey) if row["type"] == "begin_group"]
    matrices = [page for page in pages(ALIGNMENT) if page.layout == "matrix"]
    assert [survey[n]["name"] for n in starts] == [page.id for page in matrices]
    assert {survey[n]["appearance"] for n in starts} == {"field-list"}
    for start, page in zip(starts, matrices, strict=True):
        statements = survey[start + 1 : start + 1 + len(page.questions)]
        assert [row["name"] for row in statements] == [question.id for question in page.questions]
        assert len({row["type"] for row in statements}) == 1
        assert survey[start + 1 + len(page.questions)]["type"] == "end_group"


def test_wordings_and_choices_are_those_of_the_questionnaire(form: Path) -> None:
    found = sheets(form)
    labels = {row["name"]: row for row in found["survey"] if "name" in row}
    for page in pages(ALIGNMENT):
        for question in page.questions if page.layout != "ticks" else ():
            assert labels[question.id]["label::Deutsch (de)"] == question.text["de"]
    lists: dict[str, Rows] = {}
    for row in found["choices"]:
        lists.setdefault(row["list_name"], []).append(row)
    assert [row["name"] for row in lists["agreement_scale"]] == ["1", "2", "3", "4", "5", "dont_know"]
    assert lists["agreement_scale"][5]["label::Deutsch (de)"] == "Weiß nicht"
    assert [row["name"] for row in lists["enablers"]] == list(ALIGNMENT.practices["enablers"].items)
    used = {row["type"].split()[1] for row in found["survey"] if row["type"].startswith("select_")}
    assert used == set(lists)
    assert found["settings"][0]["default_language"] == "English (en)"
    assert found["settings"][0]["version"] == ALIGNMENT.version


def test_people_of_another_function_see_nothing_more(small: Instrument, form: Path, tmp_path: Path) -> None:
    write_xlsform(small, tmp_path / "small.xlsx")
    survey = sheets(tmp_path / "small.xlsx")["survey"]
    condition = "${department} = 'sales' or ${department} = 'marketing'"
    asked = [row for row in survey if row["type"] not in ("start", "end", "end_group")]
    inside = [q.id for page in pages(small) if page.layout == "matrix" for q in page.questions]
    routed = {row["name"]: row.get("relevant", "") for row in asked if row["name"] not in inside}
    assert [name for name, relevant in routed.items() if not relevant] == ["firm", "department"]
    assert set(routed.values()) == {"", condition}
    assert not [row for row in sheets(form)["survey"] if "relevant" in row]


def test_text_that_looks_like_a_reference_is_text(small: Instrument, tmp_path: Path) -> None:
    questions = small.model_dump()["questions"]
    questions["comment"]["text"] = {"en": "Why ${other}?\n <b>Why</b>", "de": "Warum = & ${andere}?"}
    write_xlsform(changed(small, questions=questions), tmp_path / "small.xlsx")
    texts = "".join(xform(tmp_path / "small.xlsx").itertext())
    assert "Why $ {other}? <b>Why</b>" in texts
    assert "Warum = & $ {andere}?" in texts


def test_every_id_that_no_form_can_have_is_named(small: Instrument, tmp_path: Path) -> None:
    parts = small.model_dump()
    parts["practices"]["tools"]["items"]["größe"] = {"text": {"en": "Size", "de": "Größe"}}
    parts["questions"]["2nd question"] = parts["questions"]["comment"]
    with pytest.raises(InputError) as error:
        write_xlsform(Instrument.model_validate(parts), tmp_path / "small.xlsx")
    assert [problem.value for problem in error.value.problems] == ["2nd question", "größe"]
    assert not (tmp_path / "small.xlsx").exists()


def test_a_number_without_range_is_not_limited(small: Instrument, tmp_path: Path) -> None:
    questions = small.model_dump()["questions"]
    questions["people"] = {"text": {"en": "How many?", "de": "Wie viele?"}, "kind": "number"}
    instrument = changed(small, questions=questions)
    write_xlsform(instrument, tmp_path / "small.xlsx")
    rows = {row.get("name", ""): row for row in sheets(tmp_path / "small.xlsx")["survey"]}
    assert rows["people"]["type"] == "decimal"
    assert "constraint" not in rows["people"]
    assert rows["mood"]["constraint"] == ". >= 0 and . <= 100"


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_questionnaire_gives_the_same_bytes(to: str, tmp_path: Path) -> None:
    hashes = []
    for name in ("one", "two"):
        written = field(ALIGNMENT, tmp_path / name, to=to)
        assert sorted(written) == sorted((tmp_path / name).iterdir())
        hashes.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in written])
    assert hashes[0] == hashes[1]


def test_an_unknown_format_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown format 'xlform'.*did you mean 'xlsform'"):
        field(ALIGNMENT, tmp_path / "out", to="xlform")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", ["xlsform", "limesurvey", "qualtrics"])
def test_a_questionnaire_that_asks_nothing_is_refused(small: Instrument, to: str, tmp_path: Path) -> None:
    said = small.model_dump() | {"questions": {}, "outcomes": {}, "practices": {}}
    said["constructs"] = {key: {**found, "items": {}} for key, found in said["constructs"].items()}
    nothing = Instrument.model_validate(said)
    with pytest.raises(InputError, match="asks nothing"):
        field(nothing, tmp_path / "new", to=to)
    assert not (tmp_path / "new").exists()
    assert field(nothing, tmp_path / "new", to="dictionary")
