"""A table of text as LaTeX, to be included in a paper that loads booktabs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from reports.report import Table
from reports.tables import format_cells
from survey.language import look_up, speaking, spoken

SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "–": "--", "×": r"$\times$",
    "²": r"\textsuperscript{2}", "<": "$<$", ">": "$>$", "…": r"\dots{}",
}  # fmt: skip


def write_latex(tables: Sequence[Table], path: Path, *, part: str = "", language: str = "") -> None:
    """Write tables one after the other, each as a LaTeX table of its own.

    Parameters
    ----------
    tables
        The first column of each names the rows, the others are right-aligned.
    path
        The file to write; its folder must exist.
    part
        Column of the frame; a rule stands where its value changes.
    language
        Locale of the digits, language of the words.
    """
    with speaking(language or spoken()):
        written = [to_latex(table, part=part, language=language) for table in tables]
    path.write_text("\n".join(written), encoding="utf-8")


def to_latex(table: Table, *, part: str = "", language: str = "") -> str:
    r"""Return a table as LaTeX for booktabs; nothing in it is read as a command.

    Examples
    --------
    >>> import pandas as pd
    >>> from reports.report import Column
    >>> frame = pd.DataFrame({"term": ["a_b"], "model": ["0.5"]})
    >>> table = Table("t", "Models", frame, (Column("term", "Term"), Column("model", "50%")), "8 companies")
    >>> print(to_latex(table).splitlines()[7])
    a\_b & 0.5 \\
    """
    cells = format_cells(table, language=language)
    parts = table.frame[part].tolist() if part else [""] * len(cells)
    body = []
    for place, row in enumerate(cells.itertuples(index=False)):
        if place and parts[place] != parts[place - 1]:
            body.append(r"\midrule")
        body.append(_row(row))
    notes = " ".join(escaped(text) for text in (table.base, *table.notes))
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(table.caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
        r"\toprule",
        _row(look_up(column.heading) for column in table.columns),
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        rf"\par\smallskip\begin{{minipage}}{{\linewidth}}\footnotesize {notes}\end{{minipage}}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Write text so that LaTeX prints it as it stands.

    Examples
    --------
    >>> print(escaped("5% & R²"))
    5\% \& R\textsuperscript{2}
    """
    return "".join(SPECIAL.get(sign, sign) for sign in text)


def _row(cells: Iterable[object]) -> str:
    return " & ".join(escaped(str(cell)) for cell in cells) + r" \\"
