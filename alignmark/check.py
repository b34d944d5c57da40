"""Check: every problem of a study in one pass, as a table that is written and printed."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from alignmark.attempts import Attempts
from alignmark.output import CHECKED, output_problems, whole_folder
from alignmark.reviewing import write_reviews
from alignmark.run import Step, compute, silent
from alignmark.study import read_study
from alignmark.theming import dress, in_language
from alignmark.weighing_problems import in_study
from analysis.measure.item_analysis import against_the_others
from reports.documents.benchmark_report import benchmark_report
from reports.writers.problems import write_problems_csv, write_problems_html
from survey.language import counted
from survey.problem_table import ProblemTable, problem_table
from survey.problems import InputError, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What a check found.

    Parameters
    ----------
    table
        Every problem: errors, warnings and notes.
    summary
        Whether the study runs, and what was read, in a few sentences.
    written
        Whether the table was written; not if its folder cannot be replaced, which is then among the errors.
    reviews
        The files in which somebody has to decide, if any were written beside it.
    """

    table: ProblemTable
    summary: str
    written: bool
    reviews: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.summary.splitlines())
        return lines + self.table._repr_html_()


def check(study: Path, target: Path, *, data: Path | None = None, step: Step = silent) -> Check:
    """Find every problem of a study and write them as a table.

    Parameters
    ----------
    study
        The YAML file.
    target
        Folder for problems.csv, problems.html and what somebody has to decide (`alignmark.reviewing`);
        replaced as a whole, or left as it was.
    data
        Folder of the data files, if they do not lie beside the study.
    step
        Told the name of each stage as it begins.
    """
    obstacles = output_problems(target, CHECKED)
    try:
        summary, found = _runs(study, data, step)
    except InputError as error:
        summary, found = "", [*error.problems, *error.remarks]
    table = problem_table([*obstacles, *found])
    reviews: tuple[str, ...] = ()
    if not obstacles:
        with whole_folder(target, CHECKED) as folder:
            write_problems_csv(table, folder / "problems.csv")
            typed = shlex.join([str(study), *(["--data", str(data)] if data else [])])
            write_problems_html(table, folder / "problems.html", study=study.name, typed=typed)
            reviews = _write_reviews(study, data, folder)
    return Check(table, _to_mend(table) if table.count("error") else summary, not obstacles, reviews)


def _write_reviews(study: Path, data: Path | None, folder: Path) -> tuple[str, ...]:
    """Write what somebody has to decide; nothing if the study itself cannot be read, which the table says."""
    file = Attempts().attempt(read_study, study, data=data)
    return () if file is None else tuple(write_reviews(file, folder))


def _runs(study: Path, data: Path | None, step: Step) -> tuple[str, list[Problem]]:
    """Compute everything that a run does; say what was found to be right, and what to look at."""
    _, file, problems = dress(read_study(study, data=data))
    evidence, inputs = compute(in_language(file, "en"), step=step, known=problems)
    benchmark_report(evidence)
    said = (
        f"{study.name}: no errors. {inputs.log.summary()}.\n"
        f"{counted(evidence.panel.frame['company'].nunique(), 'company', 'companies')} in "
        f"{counted(len(evidence.facts.waves), 'wave')}, {counted(len(evidence.fits), 'model')}, "
        f"{counted(len(evidence.classes), 'way')} to class companies."
    )
    weighting = in_study(evidence.weights.remarks, file) if evidence.weights is not None else ()
    return said, [
        *inputs.remarks,
        *weighting,
        *(Problem(note, severity="note") for note in evidence.not_asked),
        *_turned(evidence.measurement.items),
    ]


def _turned(items: pd.DataFrame) -> Iterator[Problem]:
    """Warn of statements that seem to be worded the other way round than the questionnaire says."""
    for row in against_the_others(items).to_dict("records") if len(items) else ():
        rest = f"its answers go against those to the rest of {row['construct']!r}: correlation {row['item_rest']:.2f}"
        yield Problem(
            rest, column=row["item"], to_do="if it is worded the other way round, say so: `reverse: true` in the "
            "questionnaire; if it says so already and is not, take that out; of two statements it may be either",
            severity="warning",
        )  # fmt: skip


def _to_mend(table: ProblemTable) -> str:
    return f"{counted(table.count('error'), 'problem')} to mend; no report can be written."
