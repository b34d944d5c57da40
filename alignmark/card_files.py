"""One report per company, in parallel, each written whole; an interrupted run goes on where it stopped."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from alignmark.file_names import file_names
from reports.report import Report
from reports.theme import Theme
from reports.writers.html import write_html
from reports.writers.pdf import write_pdf
from reports.writers.problems import without_formulas
from reports.writers.slides import write_slides
from survey.problems import InputError, Problem, raise_if_any
from survey.whole_file import write_whole

MARK = "scorecards.json"
"""The file by which a folder is known to be ours, and what has been written into it."""

INDEX = "scorecards.csv"

WRITERS: dict[str, Callable[..., None]] = {"html": write_html, "pdf": write_pdf, "pptx": write_slides}
"""Formats of a scorecard, by the ending of its file."""

TO_DO = "name formats with commas between, such as html,pdf"

Make = Callable[[str], Report]
"""Makes the report of a company, by its id."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written for every company.

    Parameters
    ----------
    make
        Makes the report of a company; a function that can be sent to another process.
    formats
        Of `WRITERS`.
    theme
        The dress.
    key
        Hash of everything that the reports depend on: what was written under another key is written anew.
    """

    make: Make
    formats: tuple[str, ...]
    theme: Theme
    key: str


def write_cards(
    order: Order, names: Mapping[str, str], folder: Path, *, workers: int, advance: Callable[[str], None],
    only: Sequence[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """Write the reports of many companies into a folder.

    Parameters
    ----------
    order
        What is to be written.
    names
        Names of the companies by id, in order.
    folder
        Empty, new, or one that was written before; files of companies that are no longer there go.
    workers
        Processes; with 1, everything happens in this one.
    advance
        Told the name of each company that is done.
    only
        Ids of those to write, all if empty; files of the others stay.

    Returns
    -------
    DataFrame
        ``company, name, files`` (with spaces between), ``status`` ("written", "was there", "failed", "not reached"),
        ``problem``; also written as `INDEX`, where no text is a formula for a spreadsheet.

    Raises
    ------
    InputError
        If the folder holds what no such run wrote, or cannot be written to.
    """
    every = _files(names, order.formats)
    files = {company: every[company] for company in only or names}
    names = {company: names[company] for company in files}
    known = [f"{Path(of_one[0]).stem}.{ending}" for of_one in every.values() for ending in WRITERS]
    _take_over(folder, order.key, _all(files), known if only else _all(files))
    missing = [
        company for company, of_one in files.items() if not all((folder / name).exists() for name in of_one)
    ]
    found = {company: ("was there", "") for company in names if company not in missing}
    for company in found:
        advance(names[company])
    try:
        for company, problem in _results(order, {name: files[name] for name in missing}, folder, workers):
            found[company] = ("failed", problem) if problem else ("written", "")
            advance(names[company])
    finally:
        rows = [
            (company, name, " ".join(files[company]), *found.get(company, ("not reached", "")))
            for company, name in names.items()
        ]
        table = pd.DataFrame(rows, columns=["company", "name", "files", "status", "problem"])
        safe = without_formulas(table.astype(str))
        write_whole(folder / INDEX, lambda path: safe.to_csv(path, index=False, lineterminator="\n"))
    return table


def formats_of(said: str) -> tuple[str, ...]:
    """Read formats from a list with commas.

    Raises
    ------
    InputError
        If one of them is none.

    Examples
    --------
    >>> formats_of("html, pdf")
    ('html', 'pdf')
    """
    formats = tuple(dict.fromkeys(part.strip().lower() for part in said.split(",") if part.strip()))
    wrong = [name for name in formats if name not in WRITERS]
    if wrong or not formats:
        what = f"there is no format {wrong[0]!r}" if wrong else "no format is named"
        raise InputError([Problem(what, column="--to", allowed=", ".join(WRITERS), to_do=TO_DO)])
    return formats


def folder_problems(folder: Path) -> list[Problem]:
    """Say why a folder cannot take scorecards; an empty list if it can: new, empty, or written by us before."""
    if folder.exists() and not folder.is_dir():
        return [
            Problem("is a file; scorecards need a folder", str(folder), to_do="name another folder by --out")
        ]
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if there and MARK not in there:
        what = f"holds what no scorecards are ({', '.join(there[:3])}) and will not be written into"
        return [Problem(what, str(folder), to_do="name another folder by --out")]
    here = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not os.access(here, os.W_OK | os.X_OK):
        return [
            Problem(
                "cannot be written to: you have no permission",
                str(here),
                to_do="name another folder by --out",
            )
        ]
    return []


def _files(names: Mapping[str, str], formats: Sequence[str]) -> dict[str, list[str]]:
    """Name the files of every company; companies of one name are told apart by their ids."""
    count = pd.Series(names).value_counts()
    told = [name if count[name] == 1 else f"{name} {company}" for company, name in names.items()]
    stems = file_names(told)
    return {
        company: [f"{stem}.{ending}" for ending in formats]
        for company, stem in zip(names, stems, strict=True)
    }


def _all(files: Mapping[str, list[str]]) -> list[str]:
    return [name for of_one in files.values() for name in of_one]


def _take_over(folder: Path, key: str, files: Sequence[str], kept: Sequence[str]) -> None:
    """Make the folder ours: what was written under another key, or is not to be kept, goes."""
    raise_if_any(folder_problems(folder))
    folder.mkdir(parents=True, exist_ok=True)
    before = _before(folder / MARK)
    gone = set(before["files"]) - (set(kept) if before["key"] == key else set())
    for name in gone:
        (folder / Path(name).name).unlink(missing_ok=True)
    foreign = sorted(name for name in set(files) - set(before["files"]) if (folder / name).exists())
    if foreign:
        what = "is there already, and was not written as a scorecard"
        raise InputError([Problem(what, str(folder / name), to_do="move it away") for name in foreign])
    ours = {*files, *before["files"]} - gone | set(files)
    said = json.dumps({"key": key, "files": sorted(ours)}, indent=1) + "\n"
    write_whole(folder / MARK, lambda path: path.write_text(said, encoding="utf-8"))


def _before(mark: Path) -> dict[str, Any]:
    """Read what an earlier run said it would write; nothing where there was none, or it cannot be read."""
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
        return {"key": str(found["key"]), "files": [str(name) for name in found["files"]]}
    except (OSError, ValueError, KeyError, TypeError):
        return {"key": "", "files": []}


def _results(
    order: Order, files: Mapping[str, list[str]], folder: Path, workers: int
) -> Iterator[tuple[str, str]]:
    """Yield each company as it is done, with what went wrong or an empty text."""
    if workers == 1 or len(files) < 2:
        yield from ((company, _written(order, company, folder, names)) for company, names in files.items())
        return
    # A fresh interpreter each: libraries with threads of their own do not survive a fork.
    pool = ProcessPoolExecutor(
        min(workers, len(files)),
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(order, folder),
    )
    try:
        waiting = {pool.submit(_in_worker, company, names): company for company, names in files.items()}
        for future in as_completed(waiting):
            error = future.exception()
            yield waiting[future], str(error) or repr(error) if error is not None else future.result()
    finally:
        pool.shutdown(cancel_futures=True)


_ORDERED: list[tuple[Order, Path]] = []
"""What a worker has been told to write, once for all its companies."""


def _begin(order: Order, folder: Path) -> None:
    _ORDERED[:] = [(order, folder)]


def _in_worker(company: str, names: list[str]) -> str:
    order, folder = _ORDERED[0]
    return _written(order, company, folder, names)


def _written(order: Order, company: str, folder: Path, names: Sequence[str]) -> str:
    """Write the files of a company; return what went wrong, or an empty text."""
    try:
        report = order.make(company)
        for name in names:
            write_whole(folder / name, partial(WRITERS[Path(name).suffix[1:]], report, theme=order.theme))
    except OSError as error:
        return error.strerror or str(error)
    except InputError as error:
        return "; ".join(str(problem) for problem in error.problems)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
