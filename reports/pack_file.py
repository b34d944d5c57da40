"""Packs as files: written in one form only, and read only as they were written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reports.canonical_json import sha256_of
from reports.pack import Pack
from survey.language import look_up, mark, say
from survey.problems import InputError, Problem

FORMAT = "alignmark benchmark pack"
VERSION = 1

LARGEST = 8_000_000
"""Bytes; packs are a tenth of it at most."""

ANOTHER = mark("ask whoever gave you the pack to send it again")


def write_pack(pack: Pack, path: Path) -> None:
    """Write a pack.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.write_text(pack.to_json() + "\n", encoding="utf-8", newline="\n")


def read_pack(path: Path) -> Pack:
    """Read a pack and prove that it is as it was written.

    Raises
    ------
    InputError
        If the file is missing, is no pack, is of another version, was changed since it was written, or contradicts
        itself. Its values are not quoted.
    """
    content = _content(path)
    if content.get("format") != FORMAT:
        raise _refused(path, say("is not a benchmark pack"), say("a pack.json as `alignmark run` writes it"))
    if content.get("schema_version") != VERSION:
        what = say("is a pack of another version than this alignmark reads")
        advice = say("install the alignmark that wrote it, or ask for a new pack")
        raise _refused(path, what, say("version {version}", version=VERSION), advice)
    said = content.pop("sha256", None)
    try:
        intact = said == sha256_of(content)
    except (ValueError, OverflowError, RecursionError):
        intact = False
    if not intact:
        what = say("was changed since it was written: its content and its SHA-256 do not fit")
        raise _refused(path, what)
    try:
        return Pack.model_validate(content)
    except ValidationError as error:
        raise InputError(_misfits(path, error)) from None


def _content(path: Path) -> dict[str, Any]:
    """Read the JSON object of a file, which need not be one."""
    if not path.is_file():
        what = say("is a folder, not a pack" if path.is_dir() else "there is no such file")
        raise _refused(path, what, to_do=say("name the pack by --pack, as in --pack pack.json"))
    if path.stat().st_size > LARGEST:
        raise _refused(
            path, say("is too large for a pack"), say("up to {size} MB", size=LARGEST // 1_000_000)
        )
    text = path.read_bytes()
    if not text.strip():
        raise _refused(path, say("is empty"))
    try:
        content = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        what = say("is not a benchmark pack: it cannot be read as JSON")
        raise _refused(path, what, say("a pack.json, unchanged"))
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != len({key for key, _ in pairs}):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _refused(path: Path, what: str, allowed: str = "", to_do: str = "") -> InputError:
    return InputError([Problem(what, path.name, allowed=allowed, to_do=to_do or look_up(ANOTHER))])


def _misfits(path: Path, error: ValidationError) -> Iterator[Problem]:
    """Say where a pack does not fit, the first places only."""
    for detail in error.errors(include_url=False, include_input=False)[:3]:
        where = ".".join(str(part)[:40] for part in detail["loc"][:6])
        yield Problem(
            say("does not fit the format of packs"), path.name, column=where, to_do=look_up(ANOTHER)
        )
