"""Planted names, addresses and numbers: in the exports of every platform, and in no byte of what a run leaves."""

import base64
import csv
import hashlib
import hmac
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from alignmark.check import check
from alignmark.inputs import read_inputs
from alignmark.output import output_problems
from alignmark.protecting import BY_HASH, BY_PLACE
from alignmark.run import run
from alignmark.study import read_study
from survey.instrument import read_instrument
from survey.problems import InputError
from survey.pseudonyms import VARIABLE
from survey.simulate import Settings, simulate
from survey.simulated_exports import SHAPES, write_study_data
from tests.alignmark.conftest import KEY, Ran

Spoil = Callable[..., Path]
Change = Callable[[pd.DataFrame], pd.DataFrame]

TRIPLES = (
    ("qualtrics", "surveymonkey", "spreadsheet"),
    ("google_forms", "limesurvey", "limesurvey_texts"),
    ("kobo", "spss", "qualtrics"),
)
HEADER_ROWS = {"qualtrics": 3, "surveymonkey": 2}
IDS = {
    "qualtrics": "ResponseId",
    "surveymonkey": "Respondent ID",
    "spreadsheet": "respondent",
    "limesurvey": "id",
    "limesurvey_texts": "Response ID",
    "kobo": "_uuid",
    "spss": "respondent",
}
CANARY = "zqcanary"
PLANTED = (CANARY, "203.0.113.", "170 5550", "48.137154", "Zqcanary")

STUDY = """\
study: planted
instrument: alignment
seed: 1
report: {title: Planted}
waves:
WAVES
register:
  file: companies.csv
  columns: {company: company, name: name, aliases: aliases, industry: industry}
cleaning: {outside_scale: missing, unknown_company: drop}
"""


def personal(n: int) -> dict[str, str]:
    """What one respondent leaves, by heading: the platforms' own and questions that nobody planned for."""
    return {
        "IPAddress": f"203.0.113.{n % 250}",
        "RecipientLastName": f"Zqcanary{n}son",
        "LocationLatitude": f"48.137154{n}",
        "Contact e-mail": f"jane{n}@{CANARY}.example",
        "Your name": f"Zqcanary Doe{n}",
        "Telefonnummer": f"+49 170 5550{n:04}",
        "Any other comments?": f"Call me, @{CANARY}{n}, on +49 170 5550{n:04}; ask Zqcanary Doe{n} of the team.",
        "Q99": f"We could do better in {CANARY}{n}, if only somebody listened to all of us here",
    }


def planted_table(platform: str, body: pd.DataFrame, answers: str = "", company: str = "") -> pd.DataFrame:
    """Give everybody personal columns and an address for an id; spoil one answer and the name of one company."""
    added = pd.DataFrame([personal(n) for n in range(len(body))], index=body.index)
    body = pd.concat([body, added], axis=1)
    if platform in IDS:
        body[IDS[platform]] = [f"person{n}@{CANARY}.example" for n in range(len(body))]
    if answers:
        body.loc[body.index[3], answers] = "ask Zqcanary Doe"
        body.loc[body.index[4], company] = f"jane@{CANARY}.example"
    return body


def plant(path: Path, platform: str) -> None:
    if path.suffix == ".sav":
        plant_spss(path)
        return
    shape, count = SHAPES[platform], HEADER_ROWS.get(platform, 1)
    if path.suffix == ".xlsx":
        sheet = pd.read_excel(path, header=None, dtype="str", keep_default_na=False, engine="calamine")
        records = sheet.to_numpy().tolist()
    else:
        with path.open(encoding=shape.encoding, newline="") as stream:
            records = list(csv.reader(stream, delimiter=shape.delimiter))
    # The first record of a matrix is blank but for its first column: what is blank is called by its place.
    names = [heading or str(place) for place, heading in enumerate(records[0])]
    body = pd.DataFrame(records[count:], columns=names)
    said = [" ".join(record[n] for record in records[:count]) for n in range(len(names))]
    asked = [names[place_of(question, said)] for question in ("goals_1", "company")]
    whole = planted_table(platform, body, *asked)
    added = [heading for heading in whole if heading not in names]
    head = [[*record, *(added if n != 1 or platform != "surveymonkey" else [""] * len(added))]
            for n, record in enumerate(records[:count])]  # fmt: skip
    rows = [*head, *whole.astype("object").fillna("").to_numpy().tolist()]
    if path.suffix == ".xlsx":
        pd.DataFrame(rows).to_excel(path, header=False, index=False, engine="xlsxwriter")
    else:
        with path.open("w", encoding=shape.encoding, newline="") as stream:
            csv.writer(stream, delimiter=shape.delimiter, quoting=csv.QUOTE_ALL).writerows(rows)


def place_of(question: str, headings: list[str]) -> int:
    """Return which column asks a question, by its wording or its id as the platform cuts it."""
    wording = read_instrument("alignment").columns[question].text["en"]
    keys = (wording, question, question.replace("_", ""))
    return next(n for n, heading in enumerate(headings) if any(key in heading for key in keys))


def plant_spss(path: Path) -> None:
    frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    body = planted_table("spss", frame).rename(columns=lambda name: re.sub(r"\W", "_", name))
    pyreadstat.write_sav(
        body, str(path), column_labels={**dict.fromkeys(body), **meta.column_names_to_labels},
        variable_value_labels=meta.variable_value_labels, missing_ranges=meta.missing_ranges,
    )  # fmt: skip


ALIKE = "invariance: {across: []}\n"
"""Whether groups answer alike takes the longest and knows answers as codes alone; one study of all asks it."""


KEPT = "privacy: {keep: [Any other comments?, Any_other_comments_]}\n"
"""One free text is kept, under its name on two platforms."""


def plant_study(folder: Path, platforms: tuple[str, ...], more: str = "") -> Path:
    """Write a study of three waves with planted exports; return its path."""
    simulation = simulate(read_instrument("alignment"), Settings(companies=12), seed=5)
    written = write_study_data(simulation, folder, platforms=platforms)
    waves = "\n".join(f"  - {{wave: {wave}, file: {name}}}" for wave, (name, _) in written.items())
    for (name, _), platform in zip(written.values(), platforms, strict=True):
        plant(folder / name, platform)
    study = folder / "study.yaml"
    study.write_text(STUDY.replace("WAVES", waves) + more, encoding="utf-8")
    return study


def every_byte(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield all that stands in an output folder: files, the parts of workbooks, pictures, rows of Parquet."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield path.name, data.decode("utf-8", "replace")
        if path.suffix == ".parquet":
            yield path.name, pd.read_parquet(path).to_csv()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                for name in book.namelist():
                    yield f"{path.name}/{name}", book.read(name).decode("utf-8", "replace")
        for picture in re.findall(rb"base64,([A-Za-z0-9+/=]+)", data):
            yield f"{path.name} picture", base64.b64decode(picture).decode("utf-8", "replace")


def found_in(folder: Path, least: int = 20) -> list[tuple[str, str]]:
    texts = list(every_byte(folder))
    assert len(texts) >= least
    return [(where, word) for where, text in texts for word in PLANTED if word in text]


@pytest.mark.slow
@pytest.mark.parametrize(
    "platforms",
    [TRIPLES[0], *(pytest.param(names, marks=pytest.mark.long) for names in TRIPLES[1:])],
    ids="-".join,
)
def test_nothing_personal_is_in_any_byte_of_the_output(
    platforms: tuple[str, ...],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of every platform; the last study keeps one free text. What figures say is the same: one study draws them."""
    first, kept = platforms == TRIPLES[0], platforms == TRIPLES[-1]
    if not first:
        request.getfixturevalue("undrawn")
    study, out = plant_study(tmp_path, platforms, "" if first else ALIKE + KEPT * kept), tmp_path / "out"
    evidence = run(read_study(study), out)
    assert found_in(out) == []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    listed = pd.DataFrame(manifest["set_aside"])
    assert set(listed["kind"]) >= {"e-mail", "name", "phone", "ip address", "coordinates", "free text"}
    assert listed.groupby("file").size().ge(len(personal(0)) - kept).tolist() == [True] * 3
    assert "What was set aside" in (out / "report.html").read_text(encoding="utf-8")
    log = pd.read_csv(out / "cleaning_log.csv")
    assert log["before"].eq("[text]").any()
    assert log["rule"].eq("company not in the register").any()
    assert log["respondent"].str.fullmatch(r"20\d\d_\w+\.\w+:\d+").all()
    assert manifest["respondents"] == BY_PLACE
    monkeypatch.setattr("alignmark.run.evidence_of", lambda *_, **__: evidence)  # the same once more
    check(study, tmp_path / "checked")
    assert found_in(tmp_path / "checked", 2) == []
    if kept:
        is_reviewed(out)


def is_reviewed(out: Path) -> None:
    """Look at the free text that a study kept."""
    texts, review = pd.read_csv(out / "free_text.csv"), pd.read_csv(out / "free_text_review.csv")
    assert set(texts["text"]) == {"Call me, [handle], on [phone]; ask [name] of the team."}
    assert texts["column"].nunique() == 2
    assert set(review["kind"]) == {"handle", "phone", "name"}
    assert len(review) == 3 * len(texts) > 100
    assert output_problems(out) == []  # what a run leaves with free text may be replaced by the next


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def keyed(spoiled: Spoil, privacy: str = "", **changes: Change) -> Path:
    """Spoil the tiny study, whose respondents are called by addresses that recur in both waves."""

    def with_ids(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(respondent=[f"p{n}@acme.example" for n in range(len(table))])

    study = spoiled(("cleaning:\n", f"{privacy}cleaning:\n"), answers=with_ids, **changes)
    other = study.parent / "2024.csv"
    with_ids(pd.read_csv(other, dtype="str")).to_csv(other, index=False)
    return study


def respondents(study: Path) -> pd.DataFrame:
    """Return the pseudonyms of both waves, in the order of the companies and functions."""
    frame = read_inputs(read_study(study)).responses.frame  # type: ignore[union-attr]
    by_wave = {wave: rows.set_index("row")["respondent"] for wave, rows in frame.groupby("wave")}
    return pd.DataFrame(by_wave).sort_index()


def test_without_a_key_people_are_called_by_the_place_of_their_first_response(spoiled: Spoil) -> None:
    names = respondents(keyed(spoiled))
    assert names[2024].tolist() == [f"2024.csv:{row}" for row in names.index]
    assert names[2025].equals(names[2024].rename(2025))


def test_a_key_links_waves_and_another_key_does_not(spoiled: Spoil, monkeypatch: pytest.MonkeyPatch) -> None:
    study = keyed(spoiled, "privacy: {key_file: secret.key}\n")
    (study.parent / "secret.key").write_text(KEY + "\n", encoding="utf-8")
    first = respondents(study)
    assert first[2025].equals(first[2024].rename(2025))
    assert first[2024].str.fullmatch("r-[0-9a-f]{16}").all()
    assert first[2024].is_unique
    digest = hmac.new(KEY.encode(), b"\0p0@acme.example", hashlib.sha256).hexdigest()
    assert first.loc[2, 2024] == f"r-{digest[:16]}"
    (study.parent / "secret.key").write_text("another " + KEY, encoding="utf-8")
    assert not set(respondents(study)[2024]) & set(first[2024])
    monkeypatch.setenv(VARIABLE, KEY)
    assert not set(respondents(study)[2024]) & set(first[2024])  # a file that is named rules
    edit(study, "privacy: {key_file: secret.key}\n", "")
    assert respondents(study).equals(first)


def test_the_key_is_in_no_output_nor_its_hash(declared: Ran) -> None:
    manifest = json.loads((declared.out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["respondents"] == BY_HASH
    told = " ".join(text for _, text in every_byte(declared.out))
    assert KEY not in told
    assert hashlib.sha256(KEY.encode()).hexdigest() not in told


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        (None, "secret.key: the key cannot be read (No such file or directory)"),
        ("short", "secret.key: the key has 5 bytes"),
    ],
)
def test_keys_that_protect_nobody_are_refused(key: str | None, complaint: str, spoiled: Spoil) -> None:
    study = keyed(spoiled, "privacy: {key_file: secret.key}\n")
    if key:
        (study.parent / "secret.key").write_text(key, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(complaint)) as caught:
        read_inputs(read_study(study))
    assert len(caught.value.problems) == 1


def test_a_key_in_the_study_itself_is_refused(spoiled: Spoil) -> None:
    study = keyed(spoiled, f"privacy: {{key: {KEY}}}\n")
    with pytest.raises(InputError, match=r"key_file"):
        read_inputs(read_study(study))


def test_personal_columns_pass_and_are_listed_while_others_are_refused(spoiled: Spoil) -> None:
    def more(table: pd.DataFrame) -> pd.DataFrame:
        mails = [f"p{n}@acme.example" for n in range(len(table))]
        return table.assign(**{"E-Mail": mails, "favourite colour": "red"})

    study = spoiled(answers=more)
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    assert [problem.column for problem in caught.value.problems] == ["favourite colour"]
    edit(study, "file: 2025.csv}", "file: 2025.csv, unknown_columns: ignore}")
    inputs = read_inputs(read_study(study))
    assert "2025.csv, row 1, E-Mail: is set aside: e-mail, in 48 cells" in map(str, inputs.remarks)
    assert inputs.protection.set_aside.values.tolist() == [["2025.csv", "E-Mail", "e-mail", 48]]


def test_ids_that_are_addresses_are_told_of(spoiled: Spoil) -> None:
    said = "\n".join(map(str, read_inputs(read_study(keyed(spoiled))).remarks))
    assert "2025.csv, respondent: calls respondents by what looks like personal data (e-mail)" in said
    assert "@" not in said


def test_a_problem_shows_no_address(spoiled: Spoil) -> None:
    def write(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[0, "goals_1"] = "see jane@acme.example"
        table.loc[1, "firm"] = "joe@bolt.example"
        return table

    with pytest.raises(InputError) as caught:
        read_inputs(read_study(spoiled(answers=write)))
    told = "\n".join(
        [*map(str, caught.value.problems), *(problem.value for problem in caught.value.problems)]
    )
    assert len(caught.value.problems) == 2
    assert "see [e-mail]" in told
    assert "@" not in told


ASKED = "  department:\n    kind: choice\n"


def commented(spoiled: Spoil, privacy: str = "") -> Path:
    """Spoil the tiny study so that its questionnaire asks for a comment, and everybody gives one."""

    def comment(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(
            comment=[f"Company number {n} Ltd: call 0170 555{n:04}" for n in range(len(table))]
        )

    study = spoiled(("cleaning:\n", f"{privacy}cleaning:\n"), answers=comment)
    edit(study.parent / "mine.yaml", ASKED, "  comment: {kind: text, text: {en: Anything else}}\n" + ASKED)
    return study


def test_text_questions_go_no_further_unless_kept(spoiled: Spoil) -> None:
    inputs = read_inputs(read_study(commented(spoiled)))
    assert inputs.responses is not None
    assert "comment" not in inputs.responses.frame
    assert inputs.protection.set_aside.values.tolist() == [["2025.csv", "comment", "free text", 48]]
    assert inputs.protection.texts is None


def test_text_questions_that_are_kept_are_reviewed(spoiled: Spoil) -> None:
    inputs = read_inputs(read_study(commented(spoiled, "privacy: {keep: [comment]}\n")))
    assert inputs.responses is not None
    assert "comment" not in inputs.responses.frame
    assert inputs.protection.set_aside.empty
    assert inputs.protection.texts is not None
    texts, review = inputs.protection.texts.frame, inputs.protection.texts.review
    assert texts["text"].iloc[:12].eq("[company]: call [phone]").all()
    assert texts["row"].tolist() == list(range(2, 50))
    assert review[review["row"] == 2][["file", "column", "kind", "n"]].values.tolist() == [
        ["2025.csv", "comment", "company", 1],
        ["2025.csv", "comment", "phone", 1],
    ]


def test_a_column_that_is_kept_is_not_called_set_aside(spoiled: Spoil) -> None:
    def told(table: pd.DataFrame) -> pd.DataFrame:
        said = [f"We plan {n} things together, and it works rather well" for n in range(len(table))]
        return table.assign(**{"Any other comments?": said})

    keep = ("cleaning:", "privacy: {keep: [Any other comments?]}\ncleaning:")
    studies = spoiled(answers=told, folder="aside"), spoiled(keep, answers=told, folder="kept")
    aside, kept = (
        {said.what for said in read_inputs(read_study(study)).decisions if said.column.startswith("Any")}
        for study in studies
    )
    assert aside == {"is set aside: free text, in 48 cells"}
    assert kept == {"is kept, with identifiers marked: free text, in 48 cells"}


def test_what_is_no_free_text_cannot_be_kept(spoiled: Spoil) -> None:
    study = commented(spoiled, "privacy: {keep: [coment, E-Mail, goals_1]}\n")
    path = study.parent / "2025.csv"
    table = pd.read_csv(path, dtype="str")
    table.assign(**{"E-Mail": [f"p{n}@acme.example" for n in range(len(table))]}).to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    assert [(problem.column, problem.what) for problem in caught.value.problems] == [
        ("privacy.keep", "'coment' is no free text of any file"),
        ("privacy.keep", "'E-Mail' holds personal data (e-mail), which is never kept"),
        ("privacy.keep", "'goals_1' is no free text of any file"),
    ]
    assert "did you mean 'comment'?" in caught.value.problems[0].allowed


def test_an_address_is_no_fact_of_a_company(spoiled: Spoil) -> None:
    def with_contacts(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(contact=[f"ceo{n}@acme.example" for n in range(len(table))])

    study = spoiled(("industry: industry}", "industry: industry, contact: contact}"), companies=with_contacts)
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(study))
    (problem,) = caught.value.problems
    assert problem.column == "register.columns.contact"
    assert "'contact' holds personal data (e-mail)" in problem.what


def test_without_a_register_an_address_is_no_company(spoiled: Spoil) -> None:
    def write(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[[0, 5], "firm"] = ["jane@acme.example", "Acme, 0341/1234567"]
        return table

    register = (
        "register:\n  file: companies.csv\n  columns: {company: company, name: name, industry: industry}\n"
    )
    with pytest.raises(InputError) as caught:
        read_inputs(read_study(spoiled((register, ""), (", industry]", "]"), answers=write)))
    assert [(problem.file, problem.row, problem.column) for problem in caught.value.problems] == [
        ("2025.csv", 2, "company"),
        ("2025.csv", 7, "company"),
    ]
    assert "jane" not in str(caught.value)
