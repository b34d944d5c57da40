"""The command line. Heavy libraries are imported inside the commands, so that --help answers at once."""

import gc
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from alignmark.terminal import ADDED_UP, counted, ending_in_order, progress, resumable, say_where

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # matrices are small: threads would only wait for one another

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PROBLEMS, FAULT = 1, 70

YOUNG = 50_000
"""Objects made before garbage is collected: a run makes thousands of frames, which die by themselves."""


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
ThemePath = Annotated[
    Path | None,
    typer.Option(help="Colours, logo, typeface, footer (YAML); the one that the study names by default."),
]
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
        with progress("Running the study") as step:
            evidence = run_study(read_study(study, data=data), target, step=step)
    except InputError as error:
        where = ["--data", str(data)] if data else []
        if study.is_file():
            again = shlex.join(["alignmark", "check", str(study), *where])
            error.add_note(f"As a table, with what to do: {again}")
        raise
    say_where(target)
    if evidence.no_pack:
        typer.echo(f"No pack.json: {evidence.no_pack}.")


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
    with progress("Checking the study") as step:
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
    with progress("Verifying") as step, ending_in_order():
        table = problem_table(verify_folder(out, study=study, data=data, step=step))
    wrong = table.count("error")
    said = (
        f"{table.counted('error')}: {out} is not what its study gives."
        if wrong
        else f"{out} is what its study gives."
    )
    print_table(table, said, err=wrong > 0, whole=True)
    if wrong:
        sys.exit(PROBLEMS)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    seed: Seed = 1,
) -> None:
    """Write a study folder that runs at once, with invented data to replace by your own."""
    from alignmark.new_study import write_new_study

    with progress("Writing the study"):
        write_new_study(folder, companies=60, seed=seed)
    study = shlex.quote(str(folder / "study.yaml"))
    typer.echo(f"{study} is ready. Next: alignmark run {study}")
    typer.echo(f"Then put your own exports beside it, name them in it, and type: alignmark check {study}")


@app.command()
def compare(  # noqa: PLR0913 - each is an option
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
    scale: Annotated[
        list[str] | None, typer.Option(help="On which scale it was asked, if another: agreement=1-7.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for comparison.html.")] = Path("out/compare"),
    language: Annotated[
        str,
        typer.Option(help="en or de, with a region if you like; by default the theme's, else the pack's."),
    ] = "",
    theme: Annotated[Path | None, typer.Option(help="Colours, logo, typeface, footer (YAML).")] = None,
) -> None:
    """Compare the answers of one company with a benchmark pack; nothing leaves this machine."""
    from alignmark.compare import compare as compare_answers
    from alignmark.comparison_text import said
    from alignmark.theming import read_theme
    from reports.documents.comparison import comparison_report
    from reports.pack_file import read_pack
    from reports.theme import PLAIN
    from reports.wording import speaks
    from reports.writers.html import write_html
    from survey.declaration import suggest
    from survey.language import languages, say, speaking
    from survey.problems import InputError, Problem
    from survey.whole_file import write_whole

    if language and not speaks(language):
        what, allowed = f"there are no reports in {language!r}", suggest(language, languages())
        raise InputError([Problem(what, column="--language", allowed=allowed, to_do="name one of these")])
    with speaking(language or "en"):
        worn = PLAIN if theme is None else read_theme(theme)
    with speaking(language or worn.language or "en"):
        packed = read_pack(pack)
    said_in = language or worn.language or packed.provenance.language
    with speaking(said_in):
        found = compare_answers(
            answers, packed, names=company or (), column_map=map_, scales=scale or (), language=said_in
        )
        report = comparison_report(found)
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / "comparison.html", lambda path: write_html(report, path, theme=worn))
        typer.echo("\n".join(said(found)))
        typer.echo(say("With figures: {file}", file=out / "comparison.html"))


@app.command()
def scorecards(
    study: StudyPath,
    out: Annotated[
        Path | None, typer.Option(help="Folder for them; out/<study folder>-scorecards by default.")
    ] = None,
    to: Annotated[str, typer.Option(help="Formats: html, pdf, pptx.")] = "html,pdf",
    company: Annotated[
        list[str] | None, typer.Option(help="Id or name, once for each; all companies by default.")
    ] = None,
    theme: ThemePath = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = os.cpu_count() or 1,
    data: DataPath = None,
) -> None:
    """Write a scorecard for each company of a study; an interrupted run goes on where it stopped."""
    from alignmark.card_files import INDEX, formats_of
    from alignmark.scorecards import write_scorecards
    from alignmark.study import read_study
    from alignmark.theming import dress
    from survey.problems import raise_if_any

    target = out or Path("out") / f"{study.resolve().parent.name}-scorecards"
    worn, file, problems = dress(read_study(study, data=data), theme)
    raise_if_any(problems)
    with resumable(target), progress("Running the study") as step:
        cards = write_scorecards(
            file, target, formats=formats_of(to), theme=worn, companies=company or (),
            workers=workers, step=step, counted=counted,
        )  # fmt: skip
    count = cards["status"].value_counts()
    said = ", ".join(f"{count[status]} {words}" for status, words in ADDED_UP.items() if status in count)
    typer.echo(
        f"{len(cards)} scorecard{'' if len(cards) == 1 else 's'} in {target}: {said}. Each shows a company its own "
        "scores: confidential."
    )
    for row in cards[cards["status"] == "failed"].to_dict("records"):
        typer.echo(f"  failed: {row['name']} ({row['company']}): {row['problem']}", err=True)
    if "failed" in count:
        typer.echo(
            f"All are listed in {target / INDEX}; run again to try the failed ones once more.", err=True
        )
        sys.exit(PROBLEMS)


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

    with progress("Simulating"):
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
        from alignmark.printing import print_refused

        print_refused(error)
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
