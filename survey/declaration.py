"""YAML files read into declared models; what does not fit is named with file, line and key."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap

from survey.alternatives import ALTERNATIVES, of_one_kind
from survey.language import say
from survey.problems import Problem, meant, raise_if_any
from survey.yaml_files import key_path, line_of, load_yaml, shown, stands_at

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


def read_as_meant(
    path: Path, model: type[Model], *, name: str = "", apart: Collection[str] = ()
) -> tuple[Model | None, list[Problem]]:
    """Read one YAML file into `model`, setting aside what does not fit so that what it hides is found as well.

    A key close to a known one is taken for it, any other is left out. What comes of it serves
    to look for further problems, never to go on with.

    Parameters
    ----------
    path, model, name
        As in `read_declaration`.
    apart
        Sections that can be told from the rest: where these alone have faults, what is at fault is left out.

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
            told = of_one_kind(error.errors(), meant)
            fresh = [d for d in told if (d["loc"], d["type"]) not in known]
            meant, found = _without_unknown_keys(meant, fresh, model)
            details += [d for d in fresh if d["type"] != "missing" or d["loc"] not in found]
        else:
            break
    declared = declared or _without_faults(meant, model, apart)
    return declared, [problem for d in details for problem in _problems(d, document, model, label)]


def _without_faults(meant: Any, model: type[Model], apart: Collection[str]) -> Model | None:
    """Leave out what is at fault in sections `apart`, its keys or else all of them; None if others are at fault."""
    rest = deepcopy(meant)
    # Rules over several keys are looked at once each of these is right, so each way is gone twice.
    for whole in (False, False, True, True):
        try:
            return model.model_validate(rest)
        except ValidationError as error:
            told = of_one_kind(error.errors(), rest)
        places = [[*d["loc"], *fault.keys] for d in told for fault in _faults(d, model, [*d["loc"]])]
        if any(not place or place[0] not in apart for place in places):
            return None
        for place in places:
            _leave_out(rest, place[:1] if whole else place)
    return None


def _leave_out(document: Any, place: Sequence[int | str]) -> None:
    """Take a key out, or that of the list which a place is in."""
    keys = list(place)
    while isinstance(keys[-1], int):
        keys.pop()
    above = stands_at(document, keys[:-1])
    if isinstance(above, dict):
        above.pop(keys[-1], None)


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
        value = _value(fault, path, document) if fault.keys else shown(detail["input"])
        value = "" if fault.what == UNKNOWN else value
        yield Problem(fault.what, label, line_of(document, path), key_path(path), value, fault.allowed)


def _value(fault: Fault, path: list[int | str], document: Any) -> str:
    """Show what stands at the place of a fault, if its words do not say it, or are about the key."""
    found = stands_at(document, path)
    parts = [shown(part) for part in found] if isinstance(found, list) else [shown(found)]
    said = all(part in fault.what for part in parts) or repr(path[-1]) in fault.what
    return "" if said else shown(found)


def _faults(detail: ErrorDetails, model: type[Declared], keys: list[int | str]) -> Iterable[Fault]:
    context, kind = detail.get("ctx", {}), detail["type"]
    error = context.get("error")
    if isinstance(error, InconsistencyError):
        return error.faults
    if kind == "extra_forbidden":
        return [Fault((), UNKNOWN, suggest(str(keys[-1]), _fields_at(model, keys[:-1])))]
    if kind == "missing" and isinstance(keys[-1], int):
        kind = "too_short"
    if kind == ALTERNATIVES:
        allowed = [_allowed(other, model, keys) for other in context["kinds"]]
        return [
            Fault((), "is none of what can stand here", ", or ".join(dict.fromkeys(filter(None, allowed))))
        ]
    if kind == "literal_error":
        return [Fault((), "is not one of the choices", suggest(str(detail["input"]), _choices(detail)))]
    if kind in _EXPECTED:
        example = [_example(model, keys)] if kind == "missing" else []
        return [Fault((), *_EXPECTED[kind], *example)]
    what = detail["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return [Fault((), what[0].lower() + what[1:])]


def _choices(detail: ErrorDetails) -> list[str]:
    return [option.strip("'") for option in re.findall(r"'[^']*'", detail["ctx"]["expected"])]


def _allowed(detail: ErrorDetails, model: type[Declared], keys: list[int | str]) -> str:
    """Say one of several kinds that can stand at a place."""
    kind = detail["type"]
    if kind == "literal_error":
        return " or ".join(f"`{choice}`" for choice in _choices(detail))
    if kind == "model_type":
        return f"keys and values of {', '.join(_fields_at(model, keys))}"
    return _KINDS.get(kind.split("_")[0], "")


_KINDS = {
    "string": "text", "list": "a list", "tuple": "a list", "float": "a number", "int": "a whole number",
    "bool": "true or false", "dict": "keys and values",
}  # fmt: skip
"""Kinds of values in words, by how the model begins the name of the fault."""


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
    hint = meant(close[0]) if close else ""
    if len(names) <= LISTED:
        return ", ".join(names) + (f" ({hint})" if hint else "")
    return hint or say("{names} and {n} more", names=", ".join(names[:FIRST]), n=len(names) - FIRST)


def _fields_at(model: Any, keys: list[int | str]) -> list[str]:
    """Return the field names of the nested model that `keys` lead to."""
    schema = model.model_json_schema()
    node = schema
    for key in keys:
        node = _step(node, key, schema)
    return list(_resolve(node, schema).get("properties", {}))


def _example(model: Any, keys: list[int | str]) -> str:
    """Return what could be written for a key that is missing, where its field has an example."""
    schema = model.model_json_schema()
    node = schema
    for key in keys:
        node = _step(node, key, schema)
    return f"`{keys[-1]}: {node['examples'][0]}`" if "examples" in node else ""


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
