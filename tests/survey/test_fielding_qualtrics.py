import re
from pathlib import Path

import pytest

from survey.fielding_pages import answer_options, pages
from survey.fielding_qualtrics import EXPERIMENTAL, write_qualtrics
from survey.instrument import Instrument, read_instrument
from survey.problems import InputError

ALIGNMENT = read_instrument("alignment")
COMMANDS = {
    *("AdvancedFormat", "AdvancedChoices", "AdvancedAnswers", "Question:Matrix", "Question:TE:SingleLine"),
    *("Question:MC:SingleAnswer:Vertical", "Question:MC:MultipleAnswer:Vertical"),
}


def questions_of(path: Path) -> dict[str, list[str]]:
    """Cut the file into questions, by id."""
    parts = re.split(r"\[\[Question:", path.read_text(encoding="utf-8"))[1:]
    found = {}
    for part in parts:
        lines = f"Question:{part}".partition("\n[[Block:")[0].strip().split("\n")
        lines[0] = lines[0].removesuffix("]]")
        found[lines[1].removeprefix("[[ID:").removesuffix("]]")] = lines
    return found


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_question_stands_with_its_options(language: str, tmp_path: Path) -> None:
    path = tmp_path / "alignment.txt"
    write_qualtrics(ALIGNMENT, path, language=language)
    found = questions_of(path)
    assert list(found) == [page.id for page in pages(ALIGNMENT)]
    for page in pages(ALIGNMENT):
        lines = found[page.id]
        assert lines[2].startswith(page.text[language])
        options = answer_options(page.questions[0], [language])
        expected = [text[language] for text in options.values()] if page.layout != "ticks" else []
        statements = [q.text[language] for q in page.questions] if page.layout != "single" else []
        assert [line for line in lines[3:] if not line.startswith("[[")] == [*statements, *expected]


def test_codes_of_statements_and_points_are_those_of_the_questionnaire(tmp_path: Path) -> None:
    write_qualtrics(ALIGNMENT, tmp_path / "alignment.txt")
    goals = questions_of(tmp_path / "alignment.txt")["goals"]
    agree = goals.index("Agree")
    assert goals[agree - 1] == "[[Answer:4]]"
    assert goals[goals.index(ALIGNMENT.columns["goals_3"].text["en"]) - 1] == "[[Choice:3]]"


def test_it_holds_known_commands_and_is_called_experimental(tmp_path: Path) -> None:
    write_qualtrics(ALIGNMENT, tmp_path / "alignment.txt")
    lines = (tmp_path / "alignment.txt").read_text(encoding="utf-8").split("\n")
    assert lines[0] == "[[AdvancedFormat]]"
    assert lines[2] == f"[[Block:{EXPERIMENTAL}]]"
    commands = {match[1] for line in lines if (match := re.fullmatch(r"\[\[(.+)\]\]", line))}
    rest = {name for name in commands if not re.fullmatch(r"(Choice|Answer):\d+|ID:\w+|Block:.+", name)}
    assert rest == COMMANDS
    assert not [line for line in lines if "[[" in line and not re.fullmatch(r"\[\[.+\]\]", line)]


def test_a_wording_cannot_become_a_command(small: Instrument, tmp_path: Path) -> None:
    parts = small.model_dump()
    parts["questions"]["comment"]["text"] = {"en": "[[PageBreak]]\n<b>Why?</b>", "de": "Warum?"}
    parts["constructs"]["goals"]["title"]["en"] = "Goals [new]"
    write_qualtrics(Instrument.model_validate(parts), tmp_path / "small.txt")
    text = (tmp_path / "small.txt").read_text(encoding="utf-8")
    assert "&#91;&#91;PageBreak&#93;&#93; &lt;b&gt;Why?&lt;/b&gt;\n" in text
    assert "[[Block:Goals (new)]]\n" in text


def test_a_language_that_the_questionnaire_does_not_speak_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not worded in 'fr'.*Allowed: en, de"):
        write_qualtrics(ALIGNMENT, tmp_path / "alignment.txt", language="fr")
