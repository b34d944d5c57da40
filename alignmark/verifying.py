"""Whether an output folder still says what its study gives: computed again, and held against it place by place."""

import json
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from alignmark.output import CROSSTABS, MARK, RELEASE
from alignmark.passages import DRAWING, STYLE, passages
from alignmark.run import run, silent
from alignmark.study import read_study
from alignmark.write import code_hash, file_hash, library_versions
from reports.provenance import resolve
from survey.problems import InputError, Problem
from survey.pseudonyms import VARIABLE

SAME = 1e-9
"""Numbers that differ by a smaller share are the same number."""

NO_RESULTS = ("from", "outputs", "code", "versions", "inputs")
"""Entries of a manifest that are no results: where the study was, and what is told of by itself."""

AROUND = 120
"""Of a long text, so many characters about the first difference are told."""

MOST = 100
"""Places of one file that are told one by one; a row taken out moves all those below it."""

AGAIN = "run the study again, or find out who changed this"


def verify(
    out: Path, *, study: Path | None = None, data: Path | None = None, step: Callable[[str], None] = silent
) -> list[Problem]:
    """Run a study again and list where its output folder says something else.

    Parameters
    ----------
    out
        An output folder.
    study, data
        The study file and the folder of its data; where the manifest says they were, if not given.
    step
        Told the name of each stage as it begins.

    Returns
    -------
    list of Problem
        A warning for each input, library, the secret key or the code itself if it is another than when the folder
        was written; an error for each place of each file that says something else, with both values (of more
        than `MOST` in one file, their number); for each file that is
        missing or that no run writes. Numbers that agree to nine digits are the same.

    Raises
    ------
    InputError
        If there is no manifest, it cannot be read or the study is not to be found; the problems of the study.
    """
    manifest = read_manifest(out)
    path, folder = _whence(manifest, out, study, data)
    file = read_study(path, data=folder)
    with TemporaryDirectory() as place:
        again = Path(place) / "out"
        run(file, again, step=step)
        return [
            *_changed_inputs(manifest, read_manifest(again)),
            *_another_key(out, again),
            *_another_version(manifest),
            *differences(out, again),
        ]


def read_manifest(out: Path) -> dict[str, Any]:
    """Read the manifest of an output folder.

    Raises
    ------
    InputError
        If it is missing or is no manifest.
    """
    path = out / MARK
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        to_do = "name the folder that `alignmark run` wrote, such as out/demo"
        raise InputError([Problem(f"has no {MARK}, so no run wrote it", str(out), to_do=to_do)]) from None
    except (OSError, ValueError) as error:
        what = f"cannot be read as a manifest ({error})"
        raise InputError([Problem(what, str(path), to_do=AGAIN)]) from None
    if not isinstance(found, dict) or "inputs" not in found:
        raise InputError([Problem("is no manifest of a run", str(path), to_do=AGAIN)])
    return found


def differences(out: Path, again: Path) -> Iterator[Problem]:
    """Yield each place at which the files of one folder say something else than those of another."""
    here, there = (
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        for folder in (out, again)
    )
    yield from (Problem("is missing; the run writes it", name, to_do=AGAIN) for name in sorted(there - here))
    for name in sorted(here - there):
        yield Problem("is no output of this run", name, severity="warning")
    alike = [
        name for name in sorted(here & there) if (out / name).read_bytes() == (again / name).read_bytes()
    ]
    for name in sorted(here & there - {*alike}):
        yield from _differing(name, out / name, again / name)
    yield from _other_hashes(out, alike)


def _other_hashes(out: Path, names: list[str]) -> Iterator[Problem]:
    """Yield each file that is as it should be, and of which the manifest says that it is another."""
    if not (out / MARK).is_file():
        return
    hashes = read_manifest(out).get("outputs", {})
    for name in names:
        if name != MARK and hashes.get(name) != file_hash(out / name):
            what = f"does not name the SHA-256 of {name}, which is as the study gives it"
            yield Problem(what, MARK, None, f"outputs.{name}", to_do=AGAIN)


def _differing(name: str, path: Path, other: Path) -> Iterator[Problem]:
    """Yield each place at which a file says something else; the file as a whole where none does."""
    try:
        found, due = _by_place(path), _by_place(other)
    except Exception as error:
        yield Problem(f"is damaged: it can no longer be read ({type(error).__name__})", name)
        return
    unlike = [
        (place, value, right)
        for place in dict.fromkeys([*due, *found])
        for value, right in _unlike(found.get(place, []), due.get(place, []))
    ]
    yield from (_unlike_at(name, *each) for each in unlike[:MOST])
    if len(unlike) > MOST:
        what = f"says something else at {len(unlike) - MOST:,} more places; rows or pages may be missing or moved"
        yield Problem(what, name, to_do=AGAIN)
    if not unlike and name != MARK:
        yield Problem("has other bytes, though every text and number is the same", name, severity="warning")


def _unlike_at(name: str, place: str, value: str, right: str) -> Problem:
    if place.endswith((DRAWING, STYLE)):
        return Problem("is another than the study gives", name, None, place, to_do=AGAIN)
    what = "says {!r} where the study gives {!r}".format(*_about(value, right))
    return Problem(what, name, None, place, value, to_do=AGAIN)


def _about(value: str, right: str) -> tuple[str, str]:
    """Cut two long texts to what stands about the first place where they differ, so that both can be read."""
    if max(len(value), len(right)) <= AROUND:
        return value, right
    pairs = enumerate(zip(value, right, strict=False))
    differ = next((at for at, (one, two) in pairs if one != two), min(len(value), len(right)))
    start = max(differ - AROUND // 4, 0)
    one, two = (text[start : start + AROUND] + "…" * (len(text) > start + AROUND) for text in (value, right))
    return "…" * (start > 0) + one, "…" * (start > 0) + two


def _by_place(path: Path) -> dict[str, list[str]]:
    """Gather what stands at each place of a file; what a manifest says of places on a disk is left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for place, text in passages(path):
        if path.name != MARK or place.split(".")[0] not in NO_RESULTS:
            found[place].append(text)
    return found


def _unlike(found: list[str], due: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs that differ; where one list is longer, its rest against nothing."""
    length = max(len(found), len(due))
    padded = (values + [""] * (length - len(values)) for values in (found, due))
    yield from ((value, right) for value, right in zip(*padded, strict=True) if not _same(value, right))


def _same(value: str, right: str) -> bool:
    if value == right:
        return True
    try:
        return math.isclose(float(value), float(right), rel_tol=SAME)
    except ValueError:
        return False


def _whence(
    manifest: Mapping[str, Any], out: Path, study: Path | None, data: Path | None
) -> tuple[Path, Path | None]:
    """Say where the study and its data are: as given, or where they were."""
    said = manifest.get("from", {})
    path = study or out / str(said.get("study", "study.yaml"))
    if not path.is_file():
        to_do = f"name the study: alignmark verify {out} --study study.yaml"
        raise InputError([Problem("the study is not where it was", os.path.normpath(path), to_do=to_do)])
    folder = data or (out / str(said["data"]) if "data" in said and study is None else None)
    return Path(os.path.normpath(path)), folder


def _changed_inputs(manifest: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each input that is another file than it was."""
    was, now = manifest["inputs"], again["inputs"]
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield Problem("has changed since this output was written", name, severity="warning")


def _another_key(out: Path, again: Path) -> Iterator[Problem]:
    """Say if companies are hashed under another key, under which all pseudonyms are others."""
    was, now = _hashed(out / RELEASE), _hashed(again / RELEASE)
    if was and now and not was & now:
        what = "companies and people are hashed under another key than when this output was written"
        to_do = f"name the key of then as `privacy.key_file`, or in {VARIABLE}"
        yield Problem(what, RELEASE, severity="warning", to_do=to_do)


def _hashed(release: Path) -> set[str]:
    """Return the hashes of the companies of a release; none where it is missing or damaged."""
    try:
        found = json.loads(release.read_text(encoding="utf-8"))["companies"]
        return {str(name) for name in found}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _another_version(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the code and each library that is another than it was."""
    if manifest.get("code") != code_hash():
        yield Problem("the code of alignmark is another than wrote this output", severity="warning")
    was = manifest.get("versions", {})
    for name, version in library_versions().items():
        if was.get(name) != version:
            what = f"was {was.get(name, 'unknown')} when this output was written and is {version}"
            yield Problem(what, column=name, severity="warning")


def behind(out: Path, number: str) -> str:
    """Say in lines what stands behind a published number (`reports.provenance.resolve`), its row included.

    Raises
    ------
    InputError
        If the folder has no manifest, or publishes no such number.
    """
    try:
        found = resolve(read_manifest(out), number)
        said = _as_written(out, found)
    except (ValueError, OSError) as error:
        raise InputError([Problem(str(error), str(out / MARK))]) from None
    return json.dumps({**said, **found}, indent=1, ensure_ascii=False)


def _as_written(out: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the folder says at the place of a number; of a table the whole row too."""
    if "file" in found:
        told = [text for place, text in passages(out / found["file"]) if place == found["place"]]
        if not told:
            raise ValueError(f"{found['file']} has no place {found['place']!r}")
        return {"number": " ".join(told)}
    if "table" not in found:
        return {}
    path = out / "tables" / f"{found['table']}.csv"
    row = _row_of(path, found) if path.exists() else _row_of_crosstab(out / CROSSTABS[1], found)
    return {"number": row[found["column"]], "whole row": row}


def _row_of(path: Path, found: Mapping[str, Any]) -> dict[str, str]:
    row = pd.read_csv(path, dtype="str", keep_default_na=False).iloc[found["row"] - 1]
    return {str(name): str(value) for name, value in row.items()}


def _row_of_crosstab(path: Path, found: Mapping[str, Any]) -> dict[str, str]:
    place = f"{found['table']}.{found['row']}"
    label, *values = [text for at, text in passages(path) if at == place]
    return {"row": label, **dict(zip(found["columns"], values, strict=True))}
