"""The questionnaire as a Qualtrics survey (Advanced TXT). Experimental."""

import html
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from survey.fielding_pages import Page, answer_options, one_line, pages
from survey.instrument import Instrument, Text
from survey.problems import Problem, raise_if_any

EXPERIMENTAL = "EXPERIMENTAL - written by alignmark and not checked by Qualtrics - compare every question"
"""Name of the first block: the format knows no comments, and only who edits the survey sees this."""


def write_qualtrics(instrument: Instrument, path: Path, *, language: str = "") -> None:
    """Write a questionnaire as a Qualtrics survey in one language (Advanced TXT). Experimental.

    Nothing but Qualtrics itself can check such a file, so try the imported survey before it goes out.
    The format has no place for required answers, for the range of a number, for how many of a list may
    be ticked, for who skips what, or for a second language: set these in Qualtrics. Answers on a scale
    have the codes of the scale, but "don't know" the number after them: export the answers as choice
    texts.

    Parameters
    ----------
    instrument
        The questionnaire.
    path
        The file (.txt); an existing one is replaced.
    language
        One of the instrument's; the first if empty.

    Raises
    ------
    InputError
        If the questionnaire is not worded in `language`.
    """
    language = language or instrument.languages[0]
    if language not in instrument.languages:
        what, allowed = f"is not worded in {language!r}", ", ".join(instrument.languages)
        raise_if_any([Problem(f"the questionnaire {what}", value=language, allowed=allowed)])
    blocks = [_block(run, language, instrument) for run in _runs(pages(instrument))]
    blocks[0] = [f"[[Block:{EXPERIMENTAL}]]", *blocks[0][1:]]
    lines = ["[[AdvancedFormat]]", "", *(line for block in blocks for line in block)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _runs(asked: Iterable[Page]) -> Iterator[list[Page]]:
    """Yield what fills one block: single questions that follow one another, or one matrix or list."""
    for _, run in groupby(asked, lambda page: "" if page.layout == "single" else page.id):
        yield list(run)


def _block(run: list[Page], language: str, instrument: Instrument) -> list[str]:
    title = instrument.title if run[0].layout == "single" else run[0].title
    lines = [f"[[Block:{_plain(title, language)}]]", ""]
    for page in run:
        lines += [*_question(page, language), ""]
    return lines


def _question(page: Page, language: str) -> Iterator[str]:
    first = page.questions[0]
    options = answer_options(first, [language])
    if page.layout == "matrix":
        yield "[[Question:Matrix]]"
    elif page.layout == "ticks":
        yield "[[Question:MC:MultipleAnswer:Vertical]]"
    else:
        yield "[[Question:MC:SingleAnswer:Vertical]]" if options else "[[Question:TE:SingleLine]]"
    yield f"[[ID:{page.id}]]"
    hint = f" ({_markup(page.hint, language)})" if page.hint else ""
    yield _markup(page.text, language) + hint
    if page.layout != "single":
        yield from _numbered("Choice", (question.text for question in page.questions), language)
    if options and page.layout != "ticks":
        lowest = int(first.scale.min) if first.scale else 1
        word = "Answer" if page.layout == "matrix" else "Choice"
        yield from _numbered(word, options.values(), language, start=lowest)


def _numbered(word: str, texts: Iterable[Text], language: str, *, start: int = 1) -> Iterator[str]:
    yield f"[[Advanced{word}s]]"
    for number, text in enumerate(texts, start=start):
        yield f"[[{word}:{number}]]"
        yield _markup(text, language)


def _plain(text: Text, language: str) -> str:
    """Write a name on one line, without what would end it."""
    return one_line(text[language]).replace("[", "(").replace("]", ")")


def _markup(text: Text, language: str) -> str:
    """Write a wording as HTML; brackets in pairs would open a command."""
    escaped = html.escape(one_line(text[language]), quote=False)
    return escaped.replace("[[", "&#91;&#91;").replace("]]", "&#93;&#93;")
