"""Personal columns: found by what platforms add, by heading and by content, and nothing else taken for one."""

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.instrument import read_instrument
from survey.privacy import personal_columns, without
from survey.readers.detect import read_export
from survey.readers.export import Export
from survey.simulate import Settings, simulate
from survey.simulated_exports import SHAPES, write_study_data

MakeExport = Callable[..., Export]

REAL = Path(os.environ.get("ALIGNMARK_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
EXPORTS = REAL / "platform_exports"

N = 30
MAILS = [f"jane{n}@acme.example" for n in range(N)]
FIRST, LAST = (
    ("Jane", "Émile", "Zoë", "Ян", "José", "Anna"),
    ("Doe", "van Dyck", "O'Brien", "Müller-Maier", "Ruiz"),
)
PEOPLE = [f"{first} {last}" for first in FIRST for last in LAST]
FIRMS, FORMS = (
    ("Acme", "Blue Sky", "Nordwind", "Kite", "Lotus"),
    ("Ltd", "Group", "Holding AG", "Systems", "Bank", "S.A."),
)
COMPANIES = [f"{name} {form}" for name in FIRMS for form in FORMS]
SCALE = (["Strongly agree", "Agree", "Disagree", "Strongly disagree", "Don't know"] * 6)[:N]


def kinds(export: Export) -> dict[str, str]:
    found = personal_columns(export)
    return dict(zip(found["column"], found["kind"], strict=True))


@pytest.mark.parametrize(
    ("heading", "cells", "kind"),
    [
        ("E-Mail-Adresse", MAILS, "e-mail"),
        ("ContactEmail", MAILS, "e-mail"),
        ("Correo electrónico", MAILS, "e-mail"),
        ("Your name", PEOPLE, "name"),
        ("first_name", ["jane", "JOE", "Zoë"] * 10, "name"),
        ("Vorname", PEOPLE, "name"),
        ("Votre nom", PEOPLE, "name"),
        ("Nombre y apellidos", PEOPLE, "name"),
        ("Name", PEOPLE, "name"),
        ("What are the names of your managers?", PEOPLE, "name"),
        ("Your full name and company", PEOPLE, "name"),
        ("Telefonnummer", ["0341 1234567"] * N, "phone"),
        ("Numéro de téléphone", ["06 12 34 56 78"] * N, "phone"),
        ("IP address", ["203.0.113.7"] * N, "ip address"),
        ("Latitude", ["48.137154"] * N, "coordinates"),
        ("Please enter your address", ["Main Street 1", "Hauptstr. 2"], "postal address"),
        ("Employee ID", [str(10000 + n) for n in range(N)], "personal number"),
        ("Personalnummer", [str(10000 + n) for n in range(N)], "personal number"),
        ("姓名", ["王小明", "李雷"], "name"),
        ("Ваше имя", ["Анна", "Ян"], "name"),
        ("Geburtsdatum", ["05.06.1988"] * N, "date of birth"),
        ("Any other comments?", ["None so far", "Too many meetings"], "free text"),
        ("Anmerkungen", ["keine", "Zu viele Besprechungen"], "free text"),
        ("Q7_TEXT", ["a friend", "a fair"], "free text"),
        ("contact/main_other", ["a friend", "a fair"], "free text"),
        ("RecipientEmail", [None] * 3, "e-mail"),
        ("deviceid", ["collect:0uAiKDfbbpq"] * N, "other platform metadata"),
    ],
)
def test_a_heading_tells(
    make_export: MakeExport, heading: str, cells: Sequence[str | None], kind: str
) -> None:
    export = make_export({"goals_1": (["4", "5"] * N)[: len(cells)], heading: cells})
    found = personal_columns(export)
    assert found[["column", "kind"]].values.tolist() == [[heading, kind]]
    assert found["n"].tolist() == [sum(cell is not None for cell in cells)]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (MAILS, "e-mail"),
        ([*MAILS[:20], *PEOPLE[:10]], "e-mail"),
        ([f"203.0.113.{n}" for n in range(N)], "ip address"),
        ([f"+49 170 55501{n:02}" for n in range(N)], "phone"),
        ([f"48.13{n:02}4, 11.57{n:02}1" for n in range(N)], "coordinates"),
        ([f"https://acme.example/{n}" for n in range(N)], "web address"),
        (PEOPLE, "name"),
        ([f"We should meet more often than {n} times a year" for n in range(N)], "free text"),
        (["yes", "no", "ask jane@acme.example"] * 10, "free text"),
    ],
)
def test_content_tells_whatever_the_heading(make_export: MakeExport, cells: Sequence[str], kind: str) -> None:
    assert kinds(make_export({"Q7": cells})) == {"Q7": kind}


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Company name", COMPANIES),
        ("Q1", COMPANIES),
        ("What is the name of your company?", PEOPLE),
        ("Name der Firma", PEOPLE),
        ("Job title", ["Head of Sales", "Marketing Manager", "Account Executive"] * 10),
        ("At what school is your course?", [f"University of Somewhere {n}" for n in range(N)]),
        ("We address problems together", SCALE),
        ("My manager gives feedback", SCALE),
        ("May we contact you by e-mail?", ["Yes", "No"] * 15),
        ("consent_telephone_number", ["yes", "no"] * 15),
        ("Do people know your name?", SCALE),
        ("Q3", SCALE),
        ("Q4", ["1", "2", "3"] * 10),
        ("revenue", [str(1234567 + n) for n in range(N)]),
        ("RespondentID", [str(3292953864 + n) for n in range(N)]),
        ("Seed", [f"{n:09}" for n in range(N)]),
        ("date_assessment", [f"05.06.20{n:02}" for n in range(N)]),
        ("started", [f"2021-07-05T10:58:{n:02}.147+0300" for n in range(N)]),
        (
            "Which sentence is better, and why?",
            ["It is good that they go there now", "It is well that they go there then"] * 15,
        ),
        ("Other (please specify)", ["Other (please specify)", None] * 15),
        ("What do you ask customers for? - Birthday", ["Birthday", None] * 15),
        ("Channels - Post code", ["Post code", None] * 15),
        ("primary.other", ["TRUE", "FALSE"] * 15),
        ("version", ["88.0.4324.41"] * N),
        ("MCMA_text_1", ["1"] * N),
        ("name", ["skip_to_end", "a_b", "my_name"] * 10),
    ],
)
def test_what_is_not_personal_is_left(
    make_export: MakeExport, heading: str, cells: Sequence[str | None]
) -> None:
    assert kinds(make_export({heading: cells})) == {}


def test_the_study_can_say_what_is_free_text(make_export: MakeExport) -> None:
    export = make_export({"Q7": ["yes", "no"], "Q8": MAILS[:2]})
    found = personal_columns(export, free_text=["Q7", "Q8"])
    assert found[["column", "kind"]].values.tolist() == [["Q7", "free text"], ["Q8", "e-mail"]]


def test_no_value_is_told(make_export: MakeExport) -> None:
    export = make_export(
        {"Q1": MAILS, "Q2": PEOPLE, "Your name": PEOPLE, "Q3": [f"{mail} is mine" for mail in MAILS]}
    )
    found = personal_columns(export)
    assert len(found) == 4
    told = found.to_csv()
    assert not [value for value in (*MAILS, *PEOPLE) if value in told]


def test_an_export_without_columns_keeps_nothing_of_them(make_export: MakeExport) -> None:
    export = make_export(
        {"a": ["1"], "b": ["2"]}, labels={"a": "A?", "b": "B?"}, stems={"b": "S"}, metadata=["b"]
    )
    left = without(export, ["b"])
    assert list(left.frame) == list(left.labels) == ["a"]
    assert not left.stems
    assert not left.metadata
    assert list(export.frame) == ["a", "b"]


PLANTED = {
    "e-mail": st.from_regex(r"[a-z]{3,9}\.[a-z]{3,9}@[a-z]{3,9}\.(de|com|org)", fullmatch=True),
    "phone": st.from_regex(r"\+[1-9][0-9] [0-9]{3} [0-9]{5,7}", fullmatch=True),
    "ip address": st.lists(st.integers(0, 255).map(str), min_size=4, max_size=4).map(".".join),
}


@settings(max_examples=25, deadline=None)
@given(
    st.data(),
    st.sampled_from(sorted(PLANTED)),
    st.sampled_from(["Q7", "V12", "Unnamed", "goals", "Stimmung"]),
)
def test_planted_columns_are_found_in_any_order_of_rows_and_columns(
    make_export: MakeExport, data: st.DataObject, kind: str, heading: str
) -> None:
    cells = data.draw(st.lists(PLANTED[kind], min_size=1, max_size=12, unique=True))
    order = data.draw(st.permutations(range(len(cells))))
    answers = [str(n % 5) for n in range(len(cells))]
    one = make_export({heading: cells, "item": answers})
    other = make_export({"item": [answers[n] for n in order], heading: [cells[n] for n in order]})
    assert kinds(one) == {heading: kind}
    pd.testing.assert_frame_equal(personal_columns(one), personal_columns(other))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> list[Export]:
    """One wave in every shape, of the questionnaire that ships."""
    folder = tmp_path_factory.mktemp("shapes")
    exports = []
    for name in SHAPES:
        simulation = simulate(read_instrument("alignment"), Settings(companies=12, waves=(2025,)), seed=4)
        written = write_study_data(simulation, folder, platforms=[name])
        exports.append(read_export(folder / written[2025][0]))
    return exports


def test_no_question_of_ours_is_personal_on_any_platform(simulated: list[Export]) -> None:
    found = {export.file: kinds(export) for export in simulated}
    assert len(found) == len(SHAPES)
    assert {column for columns in found.values() for column in columns} <= {"_submitted_by"}


REAL_TEXT = {
    "google_forms/jupyter_2016_education_responses.csv": 9,
    "kobo_xlsform/cleaningtools_raw_data.csv": 11,
    "kobo_xlsform/cleaningtools_cleaning_log.csv": 2,
    "limesurvey/limonaid/survey_998192_R_data_file.csv": 6,
    "limesurvey/limonaid/survey_100001_R_data_file.csv": 0,
    "surveymonkey/538_comma-survey.csv": 0,
    "surveymonkey/538_thanksgiving-2015-poll-data.csv": 7,
    "surveymonkey/538_weather-check.csv": 1,
    "qualtrics/QualtricsTools/Comment_Coding__Test_Survey_for_Coded_Comments.csv": 2,
    "qualtrics/QualtricsTools/Text_Entry_Components__Questions_with_Text_Entry_Components.csv": 12,
    "qualtrics/QualtricsTools/User_Notes_Survey__Notes_Survey.csv": 0,
    "qualtrics/QualtricsTools/Better_Sample_Survey__Better_Sample_Survey.csv": 1,
    "qualtrics/qualtRics/sample.csv": 1,
    "spss_stata/efc_eurofamcare.sav": 0,
    "spss_stata/efc_eurofamcare.dta": 0,
}
"""How many columns that the platform did not add are personal in real exports, as reading them shows."""


@cache
def real(name: str) -> Export:
    path = EXPORTS / name
    if not path.exists():
        pytest.skip(f"real exports are not in {EXPORTS}")
    return read_export(path)


@pytest.mark.parametrize("name", REAL_TEXT)
def test_real_exports_hold_what_reading_them_shows(name: str) -> None:
    found = personal_columns(real(name))
    asked = found[found["why"] != "the platform adds it"]
    assert len(asked) == REAL_TEXT[name], asked.to_string()


def test_names_and_addresses_in_real_exports() -> None:
    forms = kinds(real("google_forms/jupyter_2016_education_responses.csv"))
    assert forms["What are the names of the course instructors?"] == "name"
    assert not any("school" in column or "official name" in column for column in forms)
    lime = kinds(real("limesurvey/limonaid/survey_998192_R_data_file.csv"))
    assert [kind for kind in lime.values() if kind != "free text"] == ["postal address"] * 4 + [
        "date of birth"
    ]


@pytest.mark.parametrize("name", ["raw", "fetch", "fetch2", "numeric", "text"])
def test_addresses_and_places_in_real_qualtrics_exports(name: str) -> None:
    found = personal_columns(real(f"qualtrics/excluder_qualtrics_{name}.csv"))
    assert sorted(found["kind"]) == ["coordinates"] * 2 + ["ip address"] + ["other platform metadata"] * 4
    assert found.loc[found["kind"] == "ip address", "n"].tolist() == [98]
