"""YAML files read into declared models; what does not fit is named with file, line and key."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from survey.problems import InputError, Problem, raise_if_any

LISTED, FIRST = 30, 20
"""Of lists longer than that the nearest known name is told, or so many of the first if none is near."""

UNKNOWN = "is not a known key"

MISTYPED = 0.75
"""An unknown key that is so similar (0-1) to a known one is taken for it."""


class Declared(BaseModel):
    """Base of everything a user declares in YAML: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Declared)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing in a declaration that contradicts another; `keys` lead from the model to it."""

    keys: tuple[str | int, ...]
    what: str
    allowed: str = ""


class InconsistencyError(ValueError):
    """Faults found by a validator over several keys; each becomes a `Problem` of its own.

    Examples
    --------
    >>> raise InconsistencyError([Fault(("scales", "short"), "is not used"), Fault(("title",), "is empty")])
    Traceback (most recent call last):
    survey.declaration.InconsistencyError: scales.short is not used; title is empty
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{'.'.join(map(str, f.keys))} {f.what}" for f in self.faults))


def read_declaration(path: Path, model: type[Model], *, name: str = "") -> Model:
    """Read one YAML 1.2 file into `model`.

    Parameters
    ----------
    path
        The file.
    model
        The declared model it must fit.
    name
        How messages call the file; its name if empty.

    Returns
    -------
    Model
        The validated, immutable declaration.

    Raises
    ------
    InputError
        If the file is missing, is not YAML or does not fit; all problems at once, each with file,
        line, key and what was allowed.
    """
    declared, problems = read_as_meant(path, model, name=name)
    raise_if_any(problems)
    assert declared is not None  # only problems keep a declaration from fitting
    return declared


def read_as_meant(path: Path, model: type[Model], *, name: str = "") -> tuple[Model | None, list[Problem]]:
    """Read one YAML file into `model`, setting unknown keys aside so that what they hide is found as well.

    A key close to a known one is taken for it, any other is left out. What comes of it serves
    to look for further problems, never to go on with.

    Parameters
    ----------
    path, model, name
        As in `read_declaration`.

    Returns
    -------
    declared : Model or None
        None if the file does not fit even then.
    problems : list of Problem
        What is wrong with the file as it stands.

    Raises
    ------
    InputError
        If the file is missing or is not YAML.
    """
    label = name or path.name
    document = load_yaml(path, label)
    details: list[ErrorDetails] = []
    declared, meant = None, document
    for _ in range(2):
        try:
            declared = model.model_validate(meant)
        except ValidationError as error:
            known = {(detail["loc"], detail["type"]) for detail in details}
            fresh = [d for d in error.errors() if (d["loc"], d["type"]) not in known]
            meant, found = _without_unknown_keys(document, fresh, model)
            details += [d for d in fresh if d["type"] != "missing" or d["loc"] not in found]
        else:
            break
    return declared, [problem for d in details for problem in _problems(d, document, model, label)]


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


def _without_unknown_keys(
    document: Any, details: Iterable[ErrorDetails], model: type[Declared]
) -> tuple[Any, set[tuple[int | str, ...]]]:
    """Put what stands under an unknown key where it is likely to belong, or leave it out.

    Also return the ways to the known keys that were found in this manner.
    """
    meant, found = deepcopy(document), set()
    for detail in details:
        if detail["type"] != "extra_forbidden":
            continue
        node, *path = meant, *detail["loc"]
        for key in path[:-1]:
            node = node[key]
        value = node.pop(path[-1])
        close = get_close_matches(str(path[-1]), _fields_at(model, path[:-1]), n=1, cutoff=MISTYPED)
        if close and close[0] not in node:
            node[close[0]] = value
            found.add((*path[:-1], close[0]))
    return meant, found


def _problems(
    detail: ErrorDetails, document: CommentedMap, model: type[Declared], label: str
) -> Iterator[Problem]:
    """Say in our words what the model found wrong at one place."""
    keys = [part for part in detail["loc"] if part != "[key]"]
    for fault in _faults(detail, model, keys):
        path = [*keys, *fault.keys]
        value = "" if fault.keys or fault.what == UNKNOWN else shown(detail["input"])
        yield Problem(fault.what, label, line_of(document, path), key_path(path), value, fault.allowed)


def _faults(detail: ErrorDetails, model: type[Declared], keys: list[int | str]) -> Iterable[Fault]:
    context, kind = detail.get("ctx", {}), detail["type"]
    error = context.get("error")
    if isinstance(error, InconsistencyError):
        return error.faults
    if kind == "extra_forbidden":
        return [Fault((), UNKNOWN, suggest(str(keys[-1]), _fields_at(model, keys[:-1])))]
    if kind == "missing" and isinstance(keys[-1], int):
        kind = "too_short"
    if kind == "literal_error":
        known = [option.strip("'") for option in re.findall(r"'[^']*'", context["expected"])]
        return [Fault((), "is not one of the choices", suggest(str(detail["input"]), known))]
    if kind in _EXPECTED:
        return [Fault((), *_EXPECTED[kind])]
    what = detail["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return [Fault((), what[0].lower() + what[1:])]


_EXPECTED = {
    "missing": ("is missing",),
    "string_type": ("is not text", 'text; put it in quotation marks: "2025"'),
    "int_type": ("is not a whole number",),
    "int_parsing": ("is not a whole number",),
    "int_from_float": ("is not a whole number",),
    "float_type": ("is not a number",),
    "float_parsing": ("is not a number",),
    "finite_number": ("is not a finite number",),
    "bool_type": ("is neither true nor false", "true, false"),
    "bool_parsing": ("is neither true nor false", "true, false"),
    "dict_type": ("does not hold keys and values", "indented lines such as `key: value`"),
    "model_type": ("does not hold keys and values", "indented lines such as `key: value`"),
    "list_type": ("is not a list", "entries in brackets, [a, b], or one a line after a dash"),
    "tuple_type": ("is not a list", "entries in brackets, such as [0.01, 0.99]"),
    "too_short": ("has too few entries",),
    "too_long": ("has too many entries",),
    "string_too_short": ("is empty",),
}
"""What is wrong, and what is allowed, by the model's name of the fault."""


def key_path(keys: Iterable[int | str]) -> str:
    """Return the keys that lead to a place, without positions in lists: the line says which entry it is.

    Examples
    --------
    >>> key_path(["models", 0, "outcome"])
    'models.outcome'
    """
    return ".".join(key for key in keys if isinstance(key, str))


def shown(value: object) -> str:
    """Return a value as YAML writes it; nothing for what is no single value.

    Examples
    --------
    >>> [shown(value) for value in (True, 2025, "two", None, [1, 2])]
    ['true', '2025', 'two', '', '']
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


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


def suggest(word: str, known: Iterable[str]) -> str:
    """List what is known, with the nearest to `word` as a question; of a long list only that, or the beginning.

    Examples
    --------
    >>> suggest("agrement", ["agreement", "rating"])
    "agreement, rating (did you mean 'agreement'?)"
    >>> suggest("Q100", [f"Q{number}" for number in range(101, 200)])
    "did you mean 'Q190'?"
    """
    names = list(filter(None, known))
    close = get_close_matches(word, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else ""
    if len(names) <= LISTED:
        return ", ".join(names) + (f" ({hint})" if hint else "")
    return hint or f"{', '.join(names[:FIRST])} and {len(names) - FIRST} more"


def _fields_at(model: Any, keys: list[int | str]) -> list[str]:
    """Return the field names of the nested model that `keys` lead to."""
    schema = model.model_json_schema()
    node = schema
    for key in keys:
        node = _step(node, key, schema)
    return list(_resolve(node, schema).get("properties", {}))


def _step(node: dict[str, Any], key: int | str, schema: dict[str, Any]) -> dict[str, Any]:
    node = _resolve(node, schema)
    if isinstance(key, int):
        return node.get("items", {}) or {}
    properties = node.get("properties", {})
    extra = node.get("additionalProperties")
    return properties.get(key) or (extra if isinstance(extra, dict) else node)


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in node.get("anyOf", []):
        if "$ref" in option or option.get("type") in ("object", "array"):
            node = option
            break
    if "$ref" in node:
        found: dict[str, Any] = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return found
    return node
