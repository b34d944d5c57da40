"""The theme file: a report in somebody's colours and language, checked so that it can still be read."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from alignmark.checked import Checked
from alignmark.study import StudyFile
from reports.theme import COLOUR, FAMILY, PLAIN, Theme, contrast
from reports.wording import speaks
from reports.writers.html import REPLACEABLE
from reports.writers.logo import read_logo
from survey.declaration import Fault, read_declaration, suggest
from survey.language import languages
from survey.problems import InputError, Problem
from survey.yaml_files import line_of, load_yaml

WHITE = "#FFFFFF"
READABLE = 4.5
"""Contrast that text needs with its ground."""


class ThemeFile(Checked):
    """What a theme file may say; everything is optional."""

    accent: str = PLAIN.accent
    cover: str = PLAIN.cover
    cover_ink: str = PLAIN.cover_ink
    font: str = ""
    logo: str = ""
    footer: str = ""
    templates: str = ""
    language: str = ""

    def faults(self) -> Iterator[Fault]:
        """Yield colours that are none, or cannot be read on their ground; a language without fixed words."""
        if self.language and not speaks(self.language):
            what = f"there are no reports in {self.language!r}"
            yield Fault(("language",), what, suggest(self.language, languages()))
        said = {"accent": self.accent, "cover": self.cover, "cover_ink": self.cover_ink}
        wrong = [name for name, colour in said.items() if not COLOUR.fullmatch(colour)]
        for name in wrong:
            yield Fault(
                (name,), f"{said[name]!r} is no colour", "six hexadecimal digits, in quotes: '#004F86'"
            )
        if wrong:
            return
        yield from _pale("accent", self.accent, WHITE, "white")
        yield from _pale("cover_ink", self.cover_ink, self.cover, "the cover")
        if not FAMILY.fullmatch(self.font):
            yield Fault(
                ("font",), f"{self.font!r} is no name of a typeface", "letters, digits, spaces and hyphens"
            )


def _pale(name: str, colour: str, ground: str, said: str) -> Iterator[Fault]:
    found = contrast(colour, ground)
    if found < READABLE:
        what = f"{colour} on {said} has a contrast of {found:.1f}, which many people cannot read"
        yield Fault((name,), what, f"a contrast of {READABLE} or more, such as '{_readable(colour, ground)}'")


def _readable(colour: str, ground: str) -> str:
    """Return the colour nearest to one, on its way to black or to white, that can be read on a ground.

    Examples
    --------
    >>> _readable("#E8B000", "#FFFFFF")
    '#947100'
    """
    end = max(("#000000", WHITE), key=lambda limit: contrast(limit, ground))
    for step in range(101):
        pairs = ((int(c[at : at + 2], 16) for c in (colour, end)) for at in (1, 3, 5))
        mixed = "#" + "".join(f"{round(a + (b - a) * step / 100):02X}" for a, b in pairs)
        if contrast(mixed, ground) >= READABLE:
            return mixed
    return end


def read_theme(path: Path) -> Theme:
    """Read a theme file; logo and templates are looked up beside it.

    Raises
    ------
    InputError
        If the file is missing or does not fit, the logo is no picture or the templates are no folder.
    """
    said = read_declaration(path, ThemeFile)
    logo, templates = (path.parent / name if name else None for name in (said.logo, said.templates))
    problems = [*_logo_problems(path, logo), *_template_problems(path, templates)]
    if problems:
        raise InputError(problems)
    return Theme(
        said.accent, said.cover, said.cover_ink, said.font, logo, said.footer, templates, said.language
    )  # fmt: skip


def _logo_problems(path: Path, logo: Path | None) -> Iterator[Problem]:
    if logo is None:
        return
    try:
        read_logo(logo)
    except InputError as error:
        line = _line(path, "logo")
        yield from (
            replace(problem, file=path.name, row=line, column="logo", value=logo.name)
            for problem in error.problems
        )


def _template_problems(path: Path, templates: Path | None) -> Iterator[Problem]:
    """Say what of the templates could never be used: found now, not after the study has run."""
    if templates is None:
        return
    problem = partial(Problem, file=path.name, row=_line(path, "templates"), column="templates")
    if not templates.is_dir():
        allowed = "a folder beside the theme"
        yield problem("there is no such folder", value=templates.name, allowed=allowed)
        return
    ours = [templates / name for name in REPLACEABLE if (templates / name).is_file()]
    if not ours:
        what, allowed = "the folder holds none of the templates that ship", ", ".join(REPLACEABLE)
        yield problem(what, value=templates.name, allowed=allowed, to_do="give the files these names")
    for template in ours:
        content = template.read_bytes()
        if not content.strip():
            yield problem("the template is empty", value=template.name, to_do="take it out of the folder")
        elif not _is_text(content):
            what = "the template cannot be read as UTF-8 text"
            yield problem(what, value=template.name, to_do="save it as UTF-8")


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(path: Path, key: str) -> int | None:
    return line_of(load_yaml(path, path.name), [key])


def dress(file: StudyFile, path: Path | None = None) -> tuple[Theme, StudyFile, list[Problem]]:
    """Return the theme of a study, the study in its theme's language, and what is wrong with the theme.

    Parameters
    ----------
    file
        The study.
    path
        A theme file that takes the place of the one that the study names.
    """
    try:
        theme = theme_of(file, path)
    except InputError as error:
        return PLAIN, file, list(error.problems)
    return theme, in_language(file, theme.language) if theme.language else file, []


def in_language(file: StudyFile, language: str) -> StudyFile:
    """Return a study whose report is written in a language, whatever its file says."""
    report = file.study.report.model_copy(update={"language": language})
    return replace(file, study=file.study.model_copy(update={"report": report}))


def theme_of(file: StudyFile, path: Path | None = None) -> Theme:
    """Return the theme of a study: of the file given, else of the one that the study names, else the plain one."""
    named = file.study.report.theme
    if path is None and named:
        path = file.path.parent / named
    return PLAIN if path is None else read_theme(path)
