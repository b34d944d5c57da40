"""YAML files read into declared models; what does not fit is named with file, line and key."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from survey.problems import InputError, Problem


class Declared(BaseModel):
    """Base of everything a user declares in YAML: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    label = name or path.name
    document = load_yaml(path, label)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        details = error.errors()
        raise InputError(p for d in details for p in _problems(d, document, model, label)) from None


def load_yaml(path: Path, label: str) -> Any:
    """Parse a YAML file, keeping line numbers."""
    try:
        document = YAML(typ="rt").load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError([Problem("there is no such file", file=str(path))]) from None
    except IsADirectoryError:
        raise InputError([Problem("is a folder, not a YAML file", file=str(path))]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(f"cannot be read as UTF-8 text: {error}", file=label)]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        raise InputError([Problem(f"is not valid YAML: {error.problem}", file=label, row=line)]) from None
    except YAMLError as error:
        raise InputError([Problem(f"is not valid YAML: {error}", file=label)]) from None
    if not isinstance(document, CommentedMap):
        raise InputError([Problem("does not hold keys and values", file=label)])
    return document


def _problems(
    detail: ErrorDetails, document: CommentedMap, model: type[Declared], label: str
) -> Iterator[Problem]:
    """Say in our words what the model found wrong at one place."""
    keys = [part for part in detail["loc"] if part != "[key]"]
    value = "" if isinstance(detail["input"], dict | list) else str(detail["input"])
    for fault in _faults(detail, model, keys):
        path = [*keys, *fault.keys]
        column = ".".join(map(str, path))
        yield Problem(fault.what, label, line_of(document, path), column, value, fault.allowed)


def _faults(detail: ErrorDetails, model: type[Declared], keys: list[int | str]) -> Iterable[Fault]:
    context, given = detail.get("ctx", {}), detail["input"]
    error = context.get("error")
    if isinstance(error, InconsistencyError):
        return error.faults
    if detail["type"] == "extra_forbidden":
        return [Fault((), "is not a known key", suggest(str(keys[-1]), _fields_at(model, keys[:-1])))]
    if detail["type"] == "missing":
        return [Fault((), "is missing")]
    if detail["type"] == "literal_error":
        known = [option.strip("'") for option in re.findall(r"'[^']*'", context["expected"])]
        return [Fault((), f"{given!r} is not one of the choices", suggest(str(given), known))]
    what = detail["msg"].removeprefix("Value error, ")
    found = "" if error or isinstance(given, dict | list) else f", found {given!r}"
    return [Fault((), what[0].lower() + what[1:] + found)]


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
    """List what is known, with the nearest to `word` as a question.

    Examples
    --------
    >>> suggest("agrement", ["agreement", "rating"])
    "agreement, rating (did you mean 'agreement'?)"
    """
    names = list(filter(None, known))
    close = get_close_matches(word, names, n=1)
    return ", ".join(names) + (f" (did you mean {close[0]!r}?)" if close else "")


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
