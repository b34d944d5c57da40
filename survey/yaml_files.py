"""YAML files read with the line of every key, and what the parser stumbles over said for people."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from survey.problems import InputError, Problem


def load_yaml(path: Path, label: str) -> Any:
    """Parse a YAML file, keeping line numbers."""
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        advice = "correct the path, or make the file"
        raise InputError([Problem("there is no such file", file=str(path), to_do=advice)]) from None
    except IsADirectoryError:
        advice = "the path of the .yaml file in it"
        what, to_do = "is a folder, not a YAML file", "name the file"
        raise InputError([Problem(what, file=str(path), allowed=advice, to_do=to_do)]) from None
    except OSError as error:
        raise InputError([Problem(f"cannot be read: {error.strerror}", file=str(path))]) from None
    except (UnicodeDecodeError, ReaderError):
        advice = "a YAML file: plain text, saved as UTF-8"
        raise InputError([Problem("cannot be read as UTF-8 text", file=label, allowed=advice)]) from None
    except DuplicateKeyError as error:
        raise InputError([_said_twice(error, label)]) from None
    except MarkedYAMLError as error:
        raise InputError([_not_yaml(error, label)]) from None
    except YAMLError:
        raise InputError([Problem("is not valid YAML", file=label)]) from None
    if not isinstance(document, CommentedMap):
        advice, empty = "lines such as `study: my_study`", "is empty: it " if document is None else ""
        raise InputError([Problem(f"{empty}does not hold keys and values", file=label, allowed=advice)])
    return document


def _not_yaml(error: MarkedYAMLError, label: str) -> Problem:
    """Say what YAML stumbles over, where it begins."""
    problem = str(error.problem)
    told = next((told for part, told in _STUMBLES.items() if part in problem), None)
    what = told or problem.replace("'<stream end>'", "the end of the file")
    mark = (error.context_mark if told else None) or error.problem_mark
    advice = "YAML; look at indentation, colons, brackets and quotation marks here and in the rows beside it"
    return Problem(f"is not valid YAML: {what}", label, mark.line + 1 if mark else None, allowed=advice)


_STUMBLES = {
    "could not find expected ':'": "there is no colon after this key",
    "mapping values are not allowed here": "a colon or an indentation where none can stand",
    "cannot start any token": "a tab or a character that cannot stand here; indent with spaces",
    "expected <block end>": "the indentation does not fit what is above",
    "expected ',' or ']'": "a list in brackets lacks a comma or its closing ]",
    "expected ',' or '}'": "keys in braces lack a comma or the closing }",
    "found unexpected end of stream": "a quotation mark that opens here is never closed",
}
"""What the parser says, and the same for people."""


def _said_twice(error: DuplicateKeyError, label: str) -> Problem:
    found = re.search(r'duplicate key "(.*?)"', str(error.problem))
    key, row = found[1] if found else "", error.problem_mark.line + 1 if error.problem_mark else None
    return Problem("is a duplicate key, said above already", label, row, key, key, "each key once")


def key_path(keys: Iterable[int | str]) -> str:
    """Return the keys that lead to a place, without positions in lists: the line says which entry it is.

    Examples
    --------
    >>> key_path(["models", 0, "outcome"])
    'models.outcome'
    """
    return ".".join(key for key in keys if isinstance(key, str))


def shown(value: object) -> str:
    """Return a value as YAML writes it, or a list of values; nothing for what is neither.

    Examples
    --------
    >>> [shown(value) for value in (True, 2025, "two", None, [5, 0.2], {"a": 1})]
    ['true', '2025', 'two', '', '[5, 0.2]', '']
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        each = [shown(part) for part in value]
        return f"[{', '.join(each)}]" if all(each) else ""
    return str(value) if isinstance(value, str | int | float) else ""


def stands_at(document: Any, keys: Iterable[int | str]) -> Any:
    """Return what stands at a place of a document; None where there is no such place.

    Examples
    --------
    >>> stands_at({"weights": {"trim": [5, 0.2]}}, ["weights", "trim", 1]), stands_at({"weights": 1}, ["a"])
    (0.2, None)
    """
    node = document
    for key in keys:
        if not holds(node, key):
            return None
        node = node[key]
    return node


def holds(node: Any, key: int | str) -> bool:
    """Tell whether a part of a document has this key, or entry of a list."""
    if isinstance(node, dict):
        return key in node
    return isinstance(node, list) and isinstance(key, int) and key < len(node)


def line_of(document: Any, keys: list[int | str]) -> int | None:
    r"""Line (from 1) of the deepest of `keys` that the document knows.

    Examples
    --------
    >>> document = YAML(typ="rt").load("a: 1\nb:\n  c: 2\n")
    >>> line_of(document, ["b", "c"]), line_of(document, ["b", "missing"])
    (3, 2)
    """
    line, node = None, document
    for key in keys:
        if isinstance(node, CommentedMap) and key in node:
            line = node.lc.data[key][0] + 1 if key in (node.lc.data or {}) else line
        elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
            line = node.lc.item(key)[0] + 1
        else:
            continue
        node = node[key]
    return line
