"""Fielding: the questionnaire written for a survey platform, or as a data dictionary."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from survey.fielding_dictionary import write_dictionary
from survey.fielding_limesurvey import write_limesurvey
from survey.fielding_pages import plain_name
from survey.fielding_qualtrics import write_qualtrics
from survey.fielding_xlsform import write_xlsform
from survey.instrument import Instrument
from survey.problems import InputError, Problem

FORMATS = {
    "xlsform": "an XLSForm for KoboToolbox and ODK",
    "limesurvey": "a LimeSurvey structure (TSV), experimental",
    "qualtrics": "Qualtrics Advanced TXT, one file per language, experimental",
    "dictionary": "a data dictionary (CSV) and a Frictionless data package",
}
"""What a questionnaire can be written as."""


def field(instrument: Instrument, folder: Path, *, to: str) -> list[Path]:
    """Write a questionnaire for a survey platform, or as a data dictionary.

    What is fielded from these files and exported by the platform reads back in without a column map.

    Parameters
    ----------
    instrument
        The questionnaire.
    folder
        Where the files go; it is made if need be. Files of the same names are replaced.
    to
        One of `FORMATS`.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    InputError
        If there is no such format, the questionnaire asks nothing, or it has ids that the format does not
        allow.

    Examples
    --------
    >>> import tempfile
    >>> from survey.instrument import read_instrument
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = field(read_instrument("alignment"), Path(folder), to="qualtrics")
    >>> [path.name for path in written]
    ['alignment_qualtrics_en.txt', 'alignment_qualtrics_de.txt']
    """
    if to not in FORMATS:
        close = get_close_matches(to, FORMATS, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise InputError([Problem(f"unknown format {to!r}", value=to, allowed=", ".join(FORMATS) + hint)])
    if to != "dictionary" and not instrument.columns:
        what = f"the questionnaire {instrument.instrument!r} asks nothing: its scores are made elsewhere"
        raise InputError([Problem(what, allowed="a questionnaire with questions, or `--to dictionary`")])
    folder.mkdir(parents=True, exist_ok=True)
    if to == "dictionary":
        return write_dictionary(instrument, folder)
    name = plain_name(instrument.instrument)
    if to == "qualtrics":
        written = [folder / f"{name}_qualtrics_{language}.txt" for language in instrument.languages]
        for path, language in zip(written, instrument.languages, strict=True):
            write_qualtrics(instrument, path, language=language)
        return written
    writers: dict[str, tuple[str, Callable[[Instrument, Path], None]]] = {
        "xlsform": (f"{name}.xlsx", write_xlsform),
        "limesurvey": (f"{name}_limesurvey.txt", write_limesurvey),
    }
    file, write = writers[to]
    write(instrument, folder / file)
    return [folder / file]
