from pathlib import Path

import pytest
from PIL import Image

from alignmark.inputs import read_inputs
from alignmark.study import read_study
from alignmark.theming import dress, read_theme
from reports.theme import PLAIN, Theme, contrast
from survey.problems import InputError
from tests.alignmark.conftest import Spoil


def theme(folder: Path, text: str) -> Path:
    path = folder / "theme.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_not_said_stays_plain(tmp_path: Path) -> None:
    assert read_theme(theme(tmp_path, "footer: Confidential\n")) == Theme(footer="Confidential")
    assert read_theme(theme(tmp_path, "{}\n")) == PLAIN


def test_logo_and_templates_lie_beside_the_theme(tmp_path: Path) -> None:
    Image.new("RGB", (40, 20)).save(tmp_path / "logo.png")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "report.css").write_text("body { margin: 0 }", encoding="utf-8")
    found = read_theme(theme(tmp_path, "logo: logo.png\ntemplates: ours\naccent: '#7A1F3D'\n"))
    assert (found.logo, found.templates, found.accent) == (
        tmp_path / "logo.png",
        tmp_path / "ours",
        "#7A1F3D",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accent: red\n", "accent: 'red' is no colour"),
        (
            "accent: '#FFEE00'\n",
            "which many people cannot read. Allowed: a contrast of 4.5 or more, such as '#807700'",
        ),
        ("cover: '#777777'\ncover_ink: '#888888'\n", "cover_ink: #888888 on the cover has a contrast of 1.3"),
        ("font: 'Inter; } body {'\n", "is no name of a typeface"),
        ("logo: none.png\n", "the logo cannot be read"),
        ("templates: nowhere\n", "there is no such folder"),
        ("colour: '#000000'\n", "colour"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_theme(theme(tmp_path, text))
    (problem,) = error.value.problems
    assert said in str(problem)
    assert (problem.file, problem.row) == ("theme.yaml", text.count("\n"))


def test_a_logo_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_text("not a picture", encoding="utf-8")
    with pytest.raises(InputError, match=r"theme.yaml, row 1, logo: the logo is no image"):
        read_theme(theme(tmp_path, "logo: logo.png\n"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.html.j2", b" \n", "the template is empty"),
        ("report.typ", b"\xff\xfe", "the template cannot be read as UTF-8 text"),
        ("report.html", b"<p>", "the folder holds none of the templates that ship"),
        ("problems.html.j2", b"<p>", "the folder holds none of the templates that ship"),
    ],
)
def test_templates_that_could_never_be_used_are_refused(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_theme(theme(tmp_path, "footer: x\ntemplates: ours\n"))
    (problem,) = error.value.problems
    assert said in str(problem)
    assert (problem.file, problem.row) == ("theme.yaml", 2)


def test_the_plain_theme_can_be_read() -> None:
    assert contrast(PLAIN.accent, "#FFFFFF") >= 4.5
    assert contrast(PLAIN.cover_ink, PLAIN.cover) >= 4.5


def test_a_theme_speaks_for_the_study(tiny: Path, tmp_path: Path) -> None:
    file = read_study(tiny / "study.yaml")
    found, dressed, problems = dress(file, theme(tmp_path, "language: de-AT\n"))
    assert (found.language, dressed.study.report.language, problems) == ("de-AT", "de-AT", [])
    assert file.study.report.language == "en"
    _, same, problems = dress(file, theme(tmp_path, "language: tlh\n"))
    assert same is file
    assert "there are no reports in 'tlh'" in str(problems[0])


def test_a_theme_that_the_study_names_is_looked_up_beside_it(spoiled: Spoil) -> None:
    study = spoiled(("  title: A tiny study\n", "  title: A tiny study\n  theme: ours.yaml\n"))
    assert dress(read_study(study))[2]
    theme(study.parent, "accent: '#7A1F3D'\n").rename(study.parent / "ours.yaml")
    assert dress(read_study(study))[0].accent == "#7A1F3D"
    assert read_inputs(read_study(study)).files["ours.yaml"] == study.parent / "ours.yaml"
