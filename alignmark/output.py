"""The output folder: written beside its place and moved there whole, so that a crash leaves old or new, never half."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.problems import InputError, Problem

MARK = "manifest.json"
"""The file by which a folder is known to be ours to replace."""


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a fresh folder to write into; on success it takes the place of `target`.

    Parameters
    ----------
    target
        The folder to make or replace. It is only replaced if it is empty or holds a `MARK`.

    Raises
    ------
    InputError
        If `target` is a file or a folder with something else in it.
    """
    _refuse_foreign(target)
    partial, previous = (
        target.with_name(f".{target.name}.partial"),
        target.with_name(f".{target.name}.previous"),
    )
    _recover(target, partial, previous)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if target.exists():
        os.rename(target, previous)
    os.rename(partial, target)
    shutil.rmtree(previous, ignore_errors=True)


def _recover(target: Path, partial: Path, previous: Path) -> None:
    """Undo what an interrupted run left: the previous folder goes back, the unfinished one goes."""
    shutil.rmtree(partial, ignore_errors=True)
    if previous.exists() and not target.exists():
        os.rename(previous, target)
    shutil.rmtree(previous, ignore_errors=True)


def _refuse_foreign(target: Path) -> None:
    if target.is_file():
        raise InputError([Problem("is a file; the output needs a folder", file=str(target))])
    if target.exists() and any(target.iterdir()) and not (target / MARK).exists():
        what = "holds other files and will not be replaced"
        raise InputError(
            [Problem(what, file=str(target), allowed="an empty, new or earlier output folder (--out)")]
        )
