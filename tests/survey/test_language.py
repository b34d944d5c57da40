"""Every sentence of the code stands in every catalogue, filled with the same values, and in no other place."""

import ast
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from reports.published import texts_shown
from survey.language import FOLDER, languages, look_up, say, say_n, speaking

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"say": (0,), "mark": (0,), "say_n": (1, 2), "Column": (1,), "bounded": (1,)}
"""Where a call has its sentences."""


MODULES = ("survey.language", "reports.report", "reports.documents.passages")
"""Where these calls come from."""


def literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from literals(body)
            yield from literals(other)
        case _:
            raise AssertionError(f"line {node.lineno}: {ast.unparse(node)[:60]} is no literal sentence")


def calls(path: Path) -> Iterator[tuple[str, list[ast.expr]]]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module in MODULES
        for name in node.names
    }
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in imported & set(PLACES)
        ):
            yield node.func.id, node.args


def sentences() -> set[str]:
    """Every sentence that the code says or marks; of a pair about numbers, the first."""
    found: set[str] = set()
    paths = [
        path
        for name in ("survey", "analysis", "reports", "alignmark")
        for path in (ROOT / name).rglob("*.py")
    ]
    for path in paths:
        if path.name == "language.py":
            continue
        for name, arguments in calls(path):
            place = PLACES[name][0]
            if name not in ("Column", "bounded"):
                found |= set(literals(arguments[place]))
            elif len(arguments) > 1 and isinstance(arguments[1], ast.Constant):
                found |= {str(arguments[1].value)}
    return (found | set(texts_shown())) - {""}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def messages(language: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    found = []
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    assert not message.fuzzy, message.id
                    one = (message.id,) if isinstance(message.id, str) else tuple(message.id)
                    other = (message.string,) if isinstance(message.string, str) else tuple(message.string)
                    found.append((one, other))
    return found


@pytest.mark.parametrize("language", languages()[1:])
def test_every_sentence_is_said_in_every_language(language: str) -> None:
    found = messages(language)
    twice = [text for text, times in Counter(one[0] for one, _ in found).items() if times > 1]
    assert not twice, f"in two catalogues: {twice[:5]}"
    known, needed = {one[0] for one, _ in found}, sentences()
    assert not needed - known, f"{len(needed - known)} not in the catalogue: {sorted(needed - known)[:5]}"
    assert not known - needed, f"{len(known - needed)} no longer said: {sorted(known - needed)[:5]}"
    for ids, texts in found:
        assert all(texts), f"{ids[0]}: not translated"
        assert {frozenset(fields(text)) for text in texts} <= {frozenset(fields(text)) for text in ids}, ids[
            0
        ]


def test_a_sentence_is_filled_and_looked_up_and_english_stands_by_itself() -> None:
    assert say("{n} of {total}", n=3, total="{9}") == "3 of {9}"
    assert [say_n(n, "{n} wave", "{n} waves", n=n) for n in (0, 1, 2)] == ["0 waves", "1 wave", "2 waves"]
    with speaking("de-CH"):
        assert say("Size of the gap") == "Größe des Abstands"
        assert look_up("no such sentence {x}") == "no such sentence {x}"
    assert say("Size of the gap") == "Size of the gap"


def test_what_a_study_calls_things_stays_as_it_is_where_the_code_says_the_same() -> None:
    with speaking("de", names=frozenset({"Size of the gap"})), speaking("de"):
        assert look_up("Size of the gap") == "Size of the gap"
        assert say("Size of the gap") == "Größe des Abstands"
