from pathlib import Path

import pandas as pd

from reports.report import Column, Table
from reports.writers.latex import escaped, to_latex, write_latex

FRAME = pd.DataFrame(
    {"part": ["a", "a", "b"], "term": ["x_1 & y", "(error)", "R²"], "m": ["−0.50", "(0.20)", "<0.01"]}
)
COLUMNS = (Column("term", "Term"), Column("m", "(1) A {model}"))
TABLE = Table("t", "What goes with 10% more", FRAME, COLUMNS, "8 companies", ("A #1.",))


def test_nothing_is_read_as_a_command() -> None:
    assert escaped(r"\input{x} $5% #1_a^b~") == (
        r"\textbackslash{}input\{x\} \$5\% \#1\_a\textasciicircum{}b\textasciitilde{}"
    )


def test_rows_columns_rules_and_notes_are_written(tmp_path: Path) -> None:
    write_latex([TABLE], tmp_path / "t.tex", part="part")
    text = (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert text == to_latex(TABLE, part="part")
    assert r"\begin{tabular}{lr}" in text
    assert r"Term & (1) A \{model\} \\" in text
    assert text.count(r"\midrule") == 2
    assert r"x\_1 \& y & $-$0.50 \\" in text
    assert text.index("(0.20)") < text.rindex(r"\midrule") < text.index("$<$0.01")
    assert r"8 companies A \#1." in text
    assert to_latex(TABLE).count(r"\midrule") == 1
