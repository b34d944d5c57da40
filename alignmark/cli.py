"""The command line. Heavy libraries are imported inside the commands, so that --help answers at once."""

import gc
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # matrices are small: threads would only wait for one another

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PROBLEMS, FAULT = 1, 70

YOUNG = 50_000
"""Objects made before garbage is collected: a run makes thousands of frames, which die by themselves."""

STAGES = 9
"""Stages of a run, the length of the progress bar."""

REVIEWED = {
    "company_review.csv": "put it beside the study, fill in its column decision, and say in the study "
    "companies: {review_file: company_review.csv}",
    "job_titles.csv": "say in the study job_titles: {titles: {<title>: sales, marketing or other}}",
}
"""What to do with a file in which somebody has to decide."""

app = typer.Typer(
    help="Are sales and marketing aligned, how does a company compare, and does alignment go with growth?",
    epilog="Exit codes: 0 done, 1 the input has problems, 2 wrong usage, 70 a fault in alignmark itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file (YAML).")]
DataPath = Annotated[Path | None, typer.Option(help="Folder of the data files, if not beside the study.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")]


@app.command()
def run(
    study: StudyPath,
    out: Annotated[Path | None, typer.Option(help="Output folder; out/<study folder> by default.")] = None,
    data: DataPath = None,
) -> None:
    """Run a study: from exports to report."""
    from alignmark.run import run as run_study
    from alignmark.study import read_study
    from survey.problems import InputError

    target = out or Path("out") / study.resolve().parent.name
    try:
        with _progress("Running the study") as step:
            run_study(read_study(study, data=data), target, step=step)
    except InputError as error:
        where = ["--data", str(data)] if data else []
        if study.is_file():
            again = shlex.join(["alignmark", "check", str(study), *where])
            error.add_note(f"As a table, with what to do: {again}")
        raise
    _say_where(target)


@app.command()
def demo(out: Annotated[Path, typer.Option(help="Output folder.")] = Path("out/demo")) -> None:
    """Run the example study that ships, in out/demo."""
    from survey.problems import InputError, Problem

    study = EXAMPLES / "alignment_study" / "study.yaml"
    if not study.exists():
        advice = "alignmark init DIR writes a study that runs"
        raise InputError([Problem("the example study is not part of this installation", to_do=advice)])
    run(study, out=out)


@app.command()
def check(
    study: StudyPath,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the table; out/check/<study folder> by default.")
    ] = None,
    data: DataPath = None,
) -> None:
    """Find every problem of a study in one pass and write them as a table, with what has to be decided beside it."""
    from alignmark.check import check as check_study
    from alignmark.printing import print_table

    target = out or Path("out") / "check" / study.resolve().parent.name
    with _progress("Checking the study") as step:
        found = check_study(study, target, data=data, step=step)
    errors = found.table.count("error")
    print_table(found.table, found.summary, err=errors > 0, written="problems.csv" if found.written else "")
    if found.written:
        typer.echo(
            f"As a table: {target / 'problems.html'}, and for a spreadsheet problems.csv", err=errors > 0
        )
    for name in found.reviews:
        typer.echo(f"To decide: {target / name} ({REVIEWED[name]})", err=errors > 0)
    if errors:
        sys.exit(PROBLEMS)


@app.command()
def verify(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="An output folder of a run.")],
    study: Annotated[
        Path | None, typer.Option(help="The study file, if it is no longer where it was.")
    ] = None,
    data: DataPath = None,
    number: Annotated[
        str | None,
        typer.Option(
            help="Only say what stands behind one: <table>.<row>.<column>, id of a finding, or <file>#<place>."
        ),
    ] = None,
) -> None:
    """Run a study again and list every number, text and picture that the folder shows otherwise."""
    from alignmark.printing import print_table
    from alignmark.verifying import behind
    from alignmark.verifying import verify as verify_folder
    from survey.problem_table import problem_table

    if number:
        typer.echo(behind(out, number))
        return
    with _progress("Verifying") as step, _ending_in_order():
        table = problem_table(verify_folder(out, study=study, data=data, step=step))
    wrong = table.count("error")
    said = (
        f"{table.counted('error')}: {out} is not what its study gives."
        if wrong
        else f"{out} is what its study gives."
    )
    print_table(table, said, err=wrong > 0)
    if wrong:
        sys.exit(PROBLEMS)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    seed: Seed = 1,
) -> None:
    """Write a study folder that runs at once, with invented data to replace by your own."""
    from alignmark.new_study import write_new_study

    with _progress("Writing the study"):
        write_new_study(folder, companies=60, seed=seed)
    study = shlex.quote(str(folder / "study.yaml"))
    typer.echo(f"{study} is ready. Next: alignmark run {study}")
    typer.echo(f"Then put your own exports beside it, name them in it, and type: alignmark check {study}")


@app.command()
def compare(
    answers: Annotated[
        Path, typer.Argument(metavar="ANSWERS", help="The answers of one company, any export.")
    ],
    pack: Annotated[Path, typer.Option(help="The benchmark pack (pack.json).")],
    company: Annotated[
        list[str] | None,
        typer.Option(help="Whose answers, if the file holds several; once for every way to write it."),
    ] = None,
    map_: Annotated[
        Path | None, typer.Option("--map", help="Which column answers which question (CSV).")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for comparison.html.")] = Path("out/compare"),
) -> None:
    """Compare the answers of one company with a benchmark pack; nothing leaves this machine."""
    from alignmark.compare import compare as compare_answers
    from alignmark.comparison_text import said
    from reports.documents.comparison import comparison_report
    from reports.pack_file import read_pack
    from reports.writers.html import write_html

    found = compare_answers(answers, read_pack(pack), names=company or (), column_map=map_)
    report = comparison_report(found)
    out.mkdir(parents=True, exist_ok=True)
    write_html(report, out / "comparison.html")
    typer.echo("\n".join(said(found)))
    typer.echo(f"With figures: {out / 'comparison.html'}")


@app.command()
def field(
    instrument: Annotated[
        str, typer.Argument(help="A shipped instrument such as alignment, or a .yaml file.")
    ],
    to: Annotated[str, typer.Option(help="xlsform, limesurvey, qualtrics or dictionary.")] = "xlsform",
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("out/field"),
) -> None:
    """Write a questionnaire for a survey platform, or as a data dictionary."""
    from survey.fielding import field as write_fielded
    from survey.instrument import read_instrument

    for path in write_fielded(read_instrument(instrument), out, to=to):
        typer.echo(f"Wrote {path}")


@app.command()
def match(
    export: Annotated[Path, typer.Argument(help="An export of a survey platform.")],
    instrument: Annotated[str, typer.Option(help="A shipped instrument, or a .yaml file.")] = "alignment",
    questionnaire: Annotated[
        Path | None, typer.Option(help="The platform's questionnaire: .qsf, .lss or an XLSForm.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The map to write (CSV).")] = Path("map.csv"),
) -> None:
    """Write which column of an export answers which question, as a map to check and edit."""
    from survey.column_map import propose_map, write_map
    from survey.instrument import read_instrument
    from survey.readers.detect import read_export

    proposal = propose_map(read_export(export, labels=questionnaire), read_instrument(instrument))
    write_map(out, proposal)
    open_rows = int(proposal["question"].eq("").sum())
    typer.echo(f"Wrote {out}: {len(proposal)} columns, {open_rows} without a question.")
    typer.echo(
        f"Check it, then name it in study.yaml: waves: - {{wave: 2025, file: {export.name}, map: {out.name}}}"
    )


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    companies: Annotated[int, typer.Option(min=10, help="Number of companies.")] = 300,
    seed: Seed = 1,
    halo: Annotated[
        float, typer.Option(min=0, max=50, help="Points that growth adds to every answer (0: none).")
    ] = 0.0,
    confounder: Annotated[
        float, typer.Option(min=0, max=50, help="Points that something unobserved adds to both (0: none).")
    ] = 0.0,
) -> None:
    """Write a study with invented answers and known truth (truth.json)."""
    from alignmark.new_study import write_new_study

    with _progress("Simulating"):
        write_new_study(folder, companies=companies, seed=seed, halo=halo, confounder=confounder)
    study = shlex.quote(str(folder / "study.yaml"))
    typer.echo(f"{study} is ready, with the truth in truth.json. Next: alignmark run {study}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; problems of the input come out as words, never as a traceback."""
    gc.set_threshold(YOUNG, 20, 20)
    try:
        app(args=arguments)
    except Exception as error:
        _explain(error)


def _explain(error: Exception) -> None:
    from survey.problems import InputError

    if isinstance(error, InputError):
        from alignmark.printing import print_table
        from survey.problem_table import problem_table

        table = problem_table([*error.problems, *error.remarks])
        count = table.count("error")
        said = f"{count} problem{'s' if count > 1 else ''} to mend; nothing was written."
        print_table(table, said, err=True)
        for note in getattr(error, "__notes__", []):
            typer.echo(note, err=True)
        sys.exit(PROBLEMS)
    if isinstance(error, OSError):
        where = error.filename2 or error.filename or "a file"
        typer.echo(f"{where}: {error.strerror or error}. Nothing was written.", err=True)
        sys.exit(PROBLEMS)
    if os.environ.get("ALIGNMARK_DEBUG"):
        raise error
    typer.echo(f"alignmark failed where it should not have ({type(error).__name__}: {error}).", err=True)
    typer.echo("Nothing was written. Set ALIGNMARK_DEBUG=1 and run again to see where.", err=True)
    sys.exit(FAULT)


@contextmanager
def _progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on a terminal, one step a stage; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=STAGES)
        yield lambda stage: bar.update(task, advance=1, description=f"{title}: {stage}")


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let a process that is told to end (SIGTERM) take away its temporary folder first, which holds answers."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say_where(target: Path) -> None:
    typer.echo(f"Done. Open {target}/report.html")
    for name, what in (
        ("report.pdf", "the same report, to print and to send"),
        ("report.pptx", "the same figures as slides, with charts to edit and notes"),
        ("tables.xlsx", "every table (also as CSV in tables/)"),
        ("crosstabs.xlsx", "crosstab books (also as crosstabs.html)"),
        ("panel.parquet", "one row per company and wave"),
        ("companies.csv", "every company among its peers (confidential)"),
        ("profiles.csv", "sales and marketing of every company compared (confidential)"),
        ("cleaning_log.csv", "every dropped row and changed value"),
        ("ledger.csv", "which questions compare between waves"),
        ("weights.csv", "what every company counts, step by step (confidential)"),
        ("replicate_weights.csv", "what every company counts in each replicate (confidential)"),
        ("free_text.csv", "free text that the study keeps, reviewed: see free_text_review.csv"),
        ("pack.json", "norms and scoring key to hand out: alignmark compare ANSWERS --pack pack.json"),
        ("manifest.json", "inputs, versions, seed, row accounting"),
    ):
        if (target / name).exists():
            typer.echo(f"  {name:<17} {what}")
