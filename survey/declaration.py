"""YAML files read into declared models; what does not fit is named with file, line and key."""

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
        problems = [_problem(detail, document, model, label) for detail in error.errors()]
        raise InputError(problems) from None


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


def _problem(detail: ErrorDetails, document: CommentedMap, model: type[Declared], label: str) -> Problem:
    keys = [part for part in detail["loc"] if part not in ("[key]",)]
    unknown = detail["type"] == "extra_forbidden"
    what = "is not a known key" if unknown else detail["msg"].removeprefix("Value error, ")
    allowed = _suggest(str(keys[-1]), _fields_at(model, keys[:-1])) if unknown else ""
    return Problem(
        what=what[0].lower() + what[1:] if not unknown else what,
        file=label,
        row=line_of(document, keys),
        column=".".join(map(str, keys)),
        value="" if isinstance(detail["input"], dict | list) else str(detail["input"]),
        allowed=allowed,
    )


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
            line = node.lc.key(key)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
            line = node.lc.item(key)[0] + 1
        else:
            continue
        node = node[key]
    return line


def _suggest(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return ", ".join(known) + hint if known else ""


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
