"""The questionnaire beside an export: a .qsf, .lss or XLSForm gives it wordings and value labels."""

from pathlib import Path

from survey.problems import InputError, Problem
from survey.readers.content import read_content
from survey.readers.described import Described
from survey.readers.limesurvey_structure import read_lss, read_structure
from survey.readers.qsf import read_qsf
from survey.readers.workbook import OLE, ZIP
from survey.readers.xlsform import read_xlsform


def read_questionnaire(path: Path) -> tuple[str, list[Described]]:
    """Read a questionnaire of any platform; its content says which.

    Parameters
    ----------
    path
        A .qsf of Qualtrics, a .lss (.lsg, .lsq) or TSV structure of LimeSurvey, or an XLSForm.

    Returns
    -------
    platform : str
        "qualtrics", "limesurvey" or "kobo".
    described : list of Described
        Every column that it gives rise to.

    Raises
    ------
    InputError
        If the file is missing or none of these.
    """
    data = read_content(path, path.name)
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if data.startswith((ZIP, OLE)):
        return "kobo", read_xlsform(data, path.name)
    if head.startswith(b"{"):
        return "qualtrics", read_qsf(data, path.name)
    if head.startswith(b"<"):
        return "limesurvey", read_lss(data, path.name)
    if b"\t" in head and b"type/scale" in head:
        return "limesurvey", read_structure(data, path.name)
    advice = "a .qsf of Qualtrics, a .lss or TSV structure of LimeSurvey, or an XLSForm workbook"
    raise InputError([Problem("is no questionnaire", file=path.name, allowed=advice)])
