import codecs
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from survey.problems import InputError
from survey.readers.detect import read_export
from survey.readers.limesurvey_structure import read_lss, read_structure

WriteRecords = Callable[..., Path]
CODES = ["id", "submitdate", "lastpage", "startlanguage", "seed"]
TEXTS = ["Response ID", "Date submitted", "Last page", "Start language", "Seed"]
META = ["7", "2025-03-01 10:00:00", "3", "en", "123"]
OWN_CODES = ["firm", "goals[g1]", "goals[g2]", "tools[crm]", "tools[chat]", "tools[other]", "sure"]
OWN_TEXTS = [
    "Your company?",
    "Rate these [We share goals]",
    "Rate these [We quarrel]",
    "Which tools? [CRM]",
    "Which tools? [Chat]",
    "Which tools? [Other]",
    "Are you sure?",
]
STRUCTURE = [
    ["id", "class", "type/scale", "name", "text", "language", "other"],
    ["", "S", "", "language", "en", "", ""],
    ["1", "G", "0", "Page", "Page one", "en", ""],
    ["2", "Q", "S", "firm", "<p>Your company?</p>", "en", "N"],
    ["3", "Q", "F", "goals", "Rate these", "en", "N"],
    ["4", "SQ", "0", "g1", "We share goals", "en", ""],
    ["5", "SQ", "0", "g2", "We quarrel", "en", ""],
    ["6", "A", "0", "A1", "never", "en", ""],
    ["7", "A", "0", "A2", "often", "en", ""],
    ["8", "Q", "M", "tools", "Which tools?", "en", "Y"],
    ["9", "SQ", "0", "crm", "CRM", "en", ""],
    ["10", "SQ", "0", "chat", "Chat", "en", ""],
    ["11", "Q", "Y", "sure", "Are you sure?", "en", "N"],
    ["3", "Q", "F", "goals", "Bewerten Sie", "de", "N"],
    ["4", "SQ", "0", "g1", "Wir teilen Ziele", "de", ""],
    ["6", "A", "0", "A1", "nie", "de", ""],
]


def structure(tmp_path: Path) -> Path:
    stream = io.StringIO()
    csv.writer(stream, delimiter="\t", lineterminator="\r\n").writerows(STRUCTURE)
    path = tmp_path / "structure.txt"
    path.write_bytes(codecs.BOM_UTF8 + stream.getvalue().encode())
    return path


def element(name: str, **cells: str) -> str:
    rows = "".join(f"<{key}><![CDATA[{text}]]></{key}>" for key, text in cells.items())
    return f"<row>{rows}</row>" if not name else f"<{name}><rows>{rows}</rows></{name}>"


LSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<surveys><rows>{element("", language="en")}</rows></surveys>
<questions><rows>{element("", qid="1", type="F", title="goals", other="N")}
{element("", qid="4", type="M", title="tools", other="Y")}
{element("", qid="7", type="Y", title="sure", other="N")}
{element("", qid="8", type="S", title="firm")}</rows></questions>
<subquestions><rows>{element("", qid="2", parent_qid="1", title="g1", scale_id="0")}
{element("", qid="3", parent_qid="1", title="g2", scale_id="0")}
{element("", qid="5", parent_qid="4", title="crm", scale_id="0")}
{element("", qid="6", parent_qid="4", title="chat", scale_id="0")}</rows></subquestions>
<question_l10ns><rows>{element("", qid="1", question="Bewerten Sie", language="de")}
{element("", qid="1", question="Rate these", language="en")}
{element("", qid="2", question="We share goals", language="en")}
{element("", qid="3", question="We quarrel", language="en")}
{element("", qid="4", question="Which tools?", language="en")}
{element("", qid="5", question="CRM", language="en")}
{element("", qid="6", question="Chat", language="en")}
{element("", qid="7", question="Are you sure?", language="en")}
{element("", qid="8", question="Your company?", language="en")}</rows></question_l10ns>
<answers><rows>{element("", aid="1", qid="1", code="A1", scale_id="0")}
{element("", aid="2", qid="1", code="A2", scale_id="0")}</rows></answers>
<answer_l10ns><rows>{element("", aid="1", answer="never", language="en")}
{element("", aid="2", answer="often", language="en")}</rows></answer_l10ns>
</document>"""


@pytest.mark.parametrize(("meta", "own"), [(CODES, OWN_CODES), (TEXTS, OWN_TEXTS)])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_codes_and_texts_read_with_any_delimiter_and_a_mark(
    tmp_path: Path, meta: list[str], own: list[str], mark: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(
        [[*meta, *own, "interviewtime"], [*META, "Acme; Bolt", "A1", "A2", "Y", "", "", "Y", "61"]]
    )
    path = tmp_path / "results.csv"
    path.write_bytes(codecs.BOM_UTF8 + stream.getvalue().encode())
    export = read_export(path)
    assert (export.platform, export.encoding) == ("limesurvey", "utf-8-sig")
    assert export.metadata == (*meta, "interviewtime")
    assert export.frame[own[0]].tolist() == ["Acme; Bolt"]


def test_texts_become_question_and_subquestion(write_records: WriteRecords) -> None:
    texts = [*TEXTS, *OWN_TEXTS, "Values [Home][Scale 1]", "Values [Home][Scale 2]", "Group time: First page"]
    export = read_export(write_records([texts, [*META, *"1234567", "8", "9", "10"]]))
    assert export.label("Rate these [We quarrel]") == "Rate these - We quarrel"
    assert export.stems["Rate these [We quarrel]"] == "Rate these"
    assert export.label("Values [Home][Scale 2]") == "Values - Home - Scale 2"
    assert export.metadata[-1] == "Group time: First page"


def test_headings_of_code_and_text_are_called_by_their_code(write_records: WriteRecords) -> None:
    both = [f"{code}. {text}" for code, text in zip(OWN_CODES, OWN_TEXTS, strict=True)]
    export = read_export(write_records([[*CODES, *both], [*META, *"1234567"]]))
    assert list(export.frame)[5:] == OWN_CODES
    assert export.label("goals[g2]") == "Rate these - We quarrel"


def test_questions_not_shown_are_no_answers(write_records: WriteRecords) -> None:
    export = read_export(
        write_records([[*CODES, "firm", "age"], [*META, "Acme", "N/A"], [*META, "Bolt", "7"]])
    )
    assert export.frame["age"].tolist()[1:] == ["7"]
    assert export.frame["age"].isna().tolist() == [True, False]
    assert export.missing["age"].tolist()[0] == "N/A"


@pytest.mark.parametrize("kind", ["lss", "structure"])
@pytest.mark.parametrize("headings", ["codes", "texts"])
def test_a_questionnaire_gives_wordings_codes_and_ticks(
    write_records: WriteRecords, tmp_path: Path, kind: str, headings: str
) -> None:
    labels = structure(tmp_path)
    if kind == "lss":
        labels = tmp_path / "survey.lss"
        labels.write_text(LSS, encoding="utf-8")
    own = OWN_CODES if headings == "codes" else OWN_TEXTS
    meta = CODES if headings == "codes" else TEXTS
    path = write_records([[*meta, *own], [*META, "Acme", "A1", "A2", "Y", "", "Slack", "Y"]])
    export = read_export(path, labels=labels)
    assert export.values[own[1]] == {"A1": "never", "A2": "often"}
    assert export.label(own[2]) == "Rate these - We quarrel"
    assert export.ticked == {own[3]: "Y"}
    assert export.values[own[6]]["N"] == "No"
    assert export.stems[own[4]] == "Which tools?"
    assert export.decisions[-1].endswith(f"described in {labels.name}: 7 of 7 columns")
    assert own[5] not in export.values


def test_a_questionnaire_finds_columns_by_wording_in_another_language(
    write_records: WriteRecords, tmp_path: Path
) -> None:
    path = write_records([[*TEXTS, "Bewerten Sie [Wir teilen Ziele]"], [*META, "A2"]])
    export = read_export(path, labels=structure(tmp_path))
    column = "Bewerten Sie [Wir teilen Ziele]"
    assert export.values[column] == {"A1": "never", "A2": "often"}
    assert export.label(column) == column


def test_real_structures_are_read(real: Path) -> None:
    folder = real / "limesurvey" / "limonaid"
    (only,) = {
        column.label: column.values
        for column in read_structure((folder / "testing-multilingual-export.txt").read_bytes(), "a.txt")
        if column.headings == ("onlyQuestion",)
    }.items()
    assert only[0] == "This is the question text of the only question in this survey."
    assert only[1] == {"1": "This is the first answer option", "2": "This is the second answer option"}
    group = {
        column.headings[0]: column
        for column in read_lss((folder / "limesurvey_group_1370.lsg").read_bytes(), "a.lsg")
    }
    array = group["questionCode2[subQuestion3]"]
    assert array.label == "Question 2 (array) description - Sub question 3"
    assert list(array.values) == ["1", "2", "3"]
    assert set(group["questionCode1"].values) == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<document></document>", "is no LimeSurvey questionnaire"),
        ("<document>", "is not valid XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><document>&b;</document>', "holds definitions"),
        ("id\tclass\ttype/scale\tname\n", "is no LimeSurvey questionnaire"),
        ("id\tclass\ttype/scale\tname\ttext\n1\tQ\n", "describes no column"),
    ],
)
def test_a_file_that_is_no_questionnaire_is_named(
    write_records: WriteRecords, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "a.lss").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_export(write_records([[*CODES, "firm"], [*META, "Acme"]]), labels=tmp_path / "a.lss")


@pytest.mark.parametrize("added", [len(CODES), 1, 0])
def test_code_and_text_of_all_columns_are_told_apart(write_records: WriteRecords, added: int) -> None:
    """As LimeSurvey writes it: "id. Response ID" among them, however few columns were chosen."""
    both = [f"{code}. {text}" for code, text in zip(CODES + OWN_CODES, TEXTS + OWN_TEXTS, strict=True)]
    answers = [*META, "Acme", "A1", "A2", "Y", "", "", "N"]
    if added:
        chosen = [*range(added), *range(len(CODES), len(both))]
        export = read_export(write_records([[row[n] for n in chosen] for row in (both, answers)]))
        assert export.metadata == tuple(CODES[:added])
    else:
        export = read_export(write_records([both[5:], answers[5:]]), platform="limesurvey")
    assert export.platform == "limesurvey"
    assert [column for column in export.frame if column not in export.metadata] == OWN_CODES
    assert export.label("goals[g1]") == "Rate these - We share goals"


@pytest.mark.parametrize(
    "added",
    [
        ["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Zufallsstartwert"],
        ["ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ", "Seed"],
        ["ID de respuesta", "Fecha de envío", "Última página", "Lenguaje inicial", "Seed"],
        ["Antwoord ID", "Datum ingestuurd", "Laatste pagina", "Starttaal", "Seed"],
    ],
    ids=["de", "fr", "es", "nl"],
)
def test_what_limesurvey_adds_is_known_in_its_languages(
    write_records: WriteRecords, added: list[str]
) -> None:
    export = read_export(write_records([[*added, "Which firm?"], [*META, "Acme"]]))
    assert export.platform == "limesurvey"
    assert export.metadata == tuple(added)


def test_wordings_lose_their_markup_and_line_breaks(write_records: WriteRecords) -> None:
    heading = "firm. <p>Your\n<b>company</b>&nbsp;?</p>"
    export = read_export(write_records([[*CODES, heading, "n. Is 3 < 5 and 7 > 6?"], [*META, "Acme", "Y"]]))
    assert export.label("firm") == "Your company?"
    assert export.label("n") == "Is 3 < 5 and 7 > 6?"
    assert export.rows.tolist() == [3]
