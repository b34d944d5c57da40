"""The output folder: written beside its place and moved there whole, so that a crash leaves old or new, never half."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from survey.problems import InputError, Problem

MARK = "manifest.json"
"""The file by which a folder is known to be ours to replace."""

RELEASE = "release.json"
"""The ledger of releases, to be named in the next study as `disclosure.ledger`."""

OUTPUTS = (
    *(
        "report.html",
        "report.pdf",
        "report.pptx",
        "tables.xlsx",
        "tables",
        "panel.parquet",
        "companies.csv",
        "profiles.csv",
    ),
    *("cleaning_log.csv", "ledger.csv", RELEASE, MARK),
)
"""Everything that a run leaves."""

KEPT_TEXT = ("free_text.csv", "free_text_review.csv")
"""What it leaves besides where a study keeps free text."""

MODEL_FILES = ("models.tex", "models.csv")
"""What it leaves besides where models could be fitted: the table of columns, and every term under all errors."""

WEIGHTS = ("weights.csv", "respondent_weights.csv", "replicate_weights.csv")
"""What it leaves besides where a study weights."""

PACK = "pack.json"
"""What it leaves besides where enough companies answered: the benchmark pack."""

CROSSTABS = ("crosstabs.xlsx", "crosstabs.html")
"""What it leaves besides where there are answers to tabulate."""

REVIEWS = ("company_review.csv", "job_titles.csv")
"""What a check leaves besides where somebody has names or job titles to decide."""

_OF_THE_SYSTEM = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers put into every folder that they show."""

CHECKED = ("problems.csv", "problems.html")
"""Everything that a check leaves; as in `OUTPUTS`, the last is the mark of the folder."""

_BESIDES = {OUTPUTS: (*KEPT_TEXT, *WEIGHTS, *CROSSTABS, *MODEL_FILES, PACK), CHECKED: REVIEWS}


@contextmanager
def whole_folder(target: Path, outputs: tuple[str, ...] = OUTPUTS) -> Iterator[Path]:
    """Give a fresh folder to write into; on success it takes the place of `target`.

    Parameters
    ----------
    target
        The folder to make or replace; of a link, the folder that it points to.
    outputs
        What is written: `OUTPUTS` or `CHECKED`.

    Raises
    ------
    InputError
        If `target` cannot be made or replaced; see `output_problems`.
    """
    target = target.resolve()
    problems = output_problems(target, outputs)
    if problems:
        raise InputError(problems)
    partial, previous = (target.with_name(f".{target.name}.{state}") for state in ("partial", "previous"))
    _recover(target, partial, previous)
    made = [folder for folder in target.parents if not folder.exists()]
    try:
        partial.mkdir(parents=True)
        yield partial
        _take_the_place(target, partial, previous)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(target)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def output_problems(target: Path, outputs: tuple[str, ...] = OUTPUTS) -> list[Problem]:
    """Say why `target` cannot become the output folder; an empty list if it can.

    It is only replaced if it is empty or holds what was left there when the same `outputs` were written
    before, and nothing else: a check does not replace a report.
    """
    target = target.resolve()
    here = next(folder for folder in (target, *target.parents) if folder.exists())
    if not here.is_dir():
        return [
            Problem("is a file; the output needs a folder", str(here), to_do="name another folder by --out")
        ]
    within = here.parent if here == target else here
    if not os.access(within, os.W_OK | os.X_OK):
        what = "cannot be written to: you have no permission"
        return [Problem(what, str(within), to_do="name another folder by --out")]
    foreign = _foreign(target, outputs) if here == target else []
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        ours = "check" if outputs == CHECKED else "run"
        names = ", ".join(foreign[:3]) + more
        what = f"holds what no {ours} of alignmark wrote ({names}) and will not be replaced"
        allowed, to_do = "an empty, new or earlier output folder", "name another folder by --out"
        return [Problem(what, str(target), allowed=allowed, to_do=to_do)]
    return []


def _foreign(target: Path, outputs: tuple[str, ...]) -> list[str]:
    """Names in a folder that are none of the outputs; all of them if it is no output folder."""
    names = sorted(entry.name for entry in target.iterdir() if entry.name not in _OF_THE_SYSTEM)
    if outputs[-1] not in names:
        return names
    tables = sorted((target / "tables").iterdir()) if (target / "tables").is_dir() else []
    others = [f"tables/{entry.name}" for entry in tables if entry.suffix != ".csv"]
    return [name for name in names if name not in (*outputs, *_BESIDES[outputs])] + others


def _take_the_place(target: Path, partial: Path, previous: Path) -> None:
    if target.exists():
        os.rename(target, previous)
    try:
        os.rename(partial, target)
    except BaseException:
        if previous.exists():
            os.rename(previous, target)
        raise


def _recover(target: Path, partial: Path, previous: Path) -> None:
    """Undo what an interrupted run left: the previous folder goes back, the unfinished one goes."""
    shutil.rmtree(partial, ignore_errors=True)
    if previous.exists() and not target.exists():
        os.rename(previous, target)
    shutil.rmtree(previous, ignore_errors=True)
