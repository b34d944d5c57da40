"""A file that is there whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there, so that it is never there in part.

    Parameters
    ----------
    path
        Where it belongs; its folder must exist.
    write
        Writes the file at the path that it is given.

    Raises
    ------
    OSError
        If it cannot be written, as where the disk is full; what stood at `path` before stays.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        write(partial)
        os.replace(partial, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        partial.unlink(missing_ok=True)
