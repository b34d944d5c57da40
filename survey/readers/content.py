"""The bytes of an export: the file as it lies in its folder."""

from difflib import get_close_matches
from pathlib import Path

from survey.language import say
from survey.problems import InputError, Problem, meant


def read_content(path: Path, file: str) -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    path
        The file.
    file
        How messages call it.

    Raises
    ------
    InputError
        If it is missing, a folder, no ordinary file, not readable or empty.
    """
    if path.is_dir():
        raise InputError([Problem(say("is a folder, not a file"), file=str(path))])
    if path.exists() and not path.is_file():
        raise InputError([Problem(say("is a device or a pipe, not a file"), file=str(path))])
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError([_absent(path)]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError([Problem(say("cannot be read: {reason}", reason=reason), file=str(path))]) from None
    if not data[:4096].strip() and not data.strip():
        raise InputError([Problem(say("is empty"), file=file, allowed=say("a header row and answers"))])
    return data


def _absent(path: Path) -> Problem:
    """Say that a file, or its whole folder, is not there, and which files have a similar name."""
    if not path.parent.is_dir():
        what = say("there is no folder {folder}", folder=path.parent)
        return Problem(what, file=str(path), allowed=say("a folder that exists"))
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    close = get_close_matches(path.name, names, n=3, cutoff=0.5)
    return Problem(say("there is no such file"), file=str(path), allowed=meant(*close) if close else "")
