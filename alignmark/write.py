"""What a run leaves: report, tables, panel, companies, cleaning log and manifest."""

import hashlib
import json
import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from alignmark.comparing_functions import PROFILES
from alignmark.file_records import file_records
from alignmark.inputs import Inputs
from alignmark.output import CROSSTABS, KEPT_TEXT, MARK, MODEL_FILES, PACK, RELEASE, WEIGHTS
from alignmark.packing import pack_of
from alignmark.study import StudyFile
from analysis.explain.regression import model_terms
from analysis.explain.surface_design import SurfaceSpecification
from analysis.infer.carried_replicates import REPLICATES
from analysis.infer.known_totals import KNOWN_TOTALS
from reports.canonical_json import sha256_of
from reports.evidence import Evidence
from reports.pack_file import write_pack
from reports.provenance import crosstab_records, statement_records, table_records
from reports.report import Report
from reports.theme import PLAIN, Theme
from reports.writers.crosstab_page import write_crosstab_page
from reports.writers.crosstab_workbook import write_crosstab_workbook
from reports.writers.html import write_html
from reports.writers.latex import write_latex
from reports.writers.pdf import write_pdf
from reports.writers.slides import write_slides
from reports.writers.workbook import write_workbook
from survey.language import speaking
from survey.weighted import Weighted

ROOT = Path(__file__).resolve().parents[1]

PACKAGES = ("survey", "analysis", "reports", "alignmark")

LIBRARIES = ("alignmark", "numpy", "pandas", "polars", "scipy", "statsmodels", "matplotlib", "seaborn")

UNWEIGHTED = "Companies count once each, without strata; intervals come from the variance between companies."
WEIGHTED = "Companies count as weights say; intervals know of these, of strata and of margins."
REPLICATED = "Companies count as weights say; intervals come from {count} replicates of these."


def write_results(
    report: Report, evidence: Evidence, inputs: Inputs, file: StudyFile, *, folder: Path, theme: Theme = PLAIN
) -> None:
    """Write every output of a run into `folder`.

    The same study, files, seed and versions give the same bytes.
    """
    write_html(report, folder / "report.html", theme=theme)
    write_pdf(report, folder / "report.pdf", theme=theme)
    write_slides(report, folder / "report.pptx", theme=theme)
    _write_models(report, evidence, folder)
    write_workbook(
        report.tables, folder / "tables.xlsx", title=report.title, figures=report.figures, theme=theme,
    )  # fmt: skip
    if evidence.books:
        named = {"title": report.title, "language": report.language}
        write_crosstab_workbook(evidence.books, folder / CROSSTABS[0], **named, theme=theme)
        write_crosstab_page(evidence.books, folder / CROSSTABS[1], **named, theme=theme)
    (folder / "tables").mkdir()
    for table in report.tables:
        table.frame.to_csv(folder / "tables" / f"{table.id}.csv", index=False, lineterminator="\n")
    _write_data(evidence, inputs, folder)
    if evidence.pack is not None:
        pack = pack_of(evidence.pack, evidence, code=code_hash(), data=data_hash(inputs))
        write_pack(pack, folder / PACK)
    outputs = _outputs(folder)
    said = {
        **manifest(evidence, inputs, file),
        "numbers": table_records(report) | crosstab_records(evidence.books),
        "statements": statement_records(report),
        "files": file_records([*outputs, MARK], evidence),
        "outputs": outputs,
        "from": _places(file, folder),
    }
    text = json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")


def _write_data(evidence: Evidence, inputs: Inputs, folder: Path) -> None:
    """Write the panel, companies, logs, what was released, weights and the free text that a study keeps."""
    panel = evidence.panel.frame.drop(columns=[KNOWN_TOTALS, REPLICATES], errors="ignore")
    panel.to_parquet(folder / "panel.parquet", index=False)
    evidence.positions.to_csv(folder / "companies.csv", index=False, lineterminator="\n")
    profiles = evidence.profiles.companies
    profiles = profiles if len(profiles.columns) else pd.DataFrame(columns=list(PROFILES))
    profiles.to_csv(folder / "profiles.csv", index=False, lineterminator="\n")
    inputs.log.frame.to_csv(folder / "cleaning_log.csv", index=False, lineterminator="\n")
    if inputs.responses is not None and inputs.responses.ledger is not None:
        inputs.responses.ledger.frame.to_csv(folder / "ledger.csv", index=False, lineterminator="\n")
    kept = json.dumps(evidence.release.to_json(), ensure_ascii=False, separators=(",", ":"))
    (folder / RELEASE).write_text(kept + "\n", encoding="utf-8")
    if evidence.weights is not None:
        found = evidence.weights
        for name, frame in zip(WEIGHTS, (found.frame, found.respondents, found.replicates), strict=True):
            if len(frame):
                frame.to_csv(folder / name, index=False, lineterminator="\n")
    texts = inputs.protection.texts
    if texts is not None:
        for name, frame in zip(KEPT_TEXT, (texts.frame, texts.review), strict=True):
            frame.to_csv(folder / name, index=False, lineterminator="\n")


def _write_models(report: Report, evidence: Evidence, folder: Path) -> None:
    """Write the models side by side as LaTeX, and every term under every kind of errors; nothing without models."""
    columns, terms = MODEL_FILES
    side_by_side = [table for table in report.tables if table.id.startswith("model-columns")]
    if side_by_side:
        write_latex(side_by_side, folder / columns, part="part", language=report.language)
    found = model_terms(evidence.fits)
    if len(found):
        found.to_csv(folder / terms, index=False, lineterminator="\n")


def manifest(evidence: Evidence, inputs: Inputs, file: StudyFile) -> dict[str, Any]:
    """Return what a reader needs to repeat the run: input hashes, versions, seed, row accounting."""
    with speaking("en"):
        decisions = list(map(str, inputs.decisions))
    return {
        "study": file.study.study,
        "seed": file.study.seed,
        "inputs": {name: file_hash(path) for name, path in inputs.files.items()},
        "decisions": decisions,
        "code": code_hash(),
        "versions": library_versions(),
        "rows": _records(inputs.log.accounting),
        "dropped_and_changed": _records(inputs.log.reasons()),
        "set_aside": _records(inputs.protection.set_aside),
        "respondents": inputs.protection.respondents,
        "dominated_by_one_company": _records(evidence.dominated),
        "companies": int(evidence.panel.frame["company"].nunique()),
        "waves": list(evidence.facts.waves),
        "models": [
            {"name": fit.specification.name, "formula": fit.specification.formula, "n": fit.n,
             "estimator": fit.specification.estimator, "weights": fit.specification.weights,
             "errors": [fit.specification.covariance, *fit.specification.also], "declared": fit.specification.declared,
             "dropped": fit.dropped, "note": fit.note}
            for fit in evidence.fits
        ],
        "surfaces": [_facts(found.specification) for found in evidence.surfaces],
        "classes": {basis: found.label for basis, found in evidence.classes.items()},
        "design": _design(evidence.weights),
        "weights": _records(evidence.weights.waves) if evidence.weights is not None else [],
        "unavailable": dict(evidence.panel.unavailable),
        "no_pack": evidence.no_pack,
    }  # fmt: skip


def _design(weights: Weighted | None) -> str:
    """Say how companies count and what intervals know of it: weights, strata, margins, kind of replicates."""
    if weights is None:
        return UNWEIGHTED
    count = len(weights.replicates.columns.drop(["company", "wave"], errors="ignore"))
    first = REPLICATED.format(count=count) if count else WEIGHTED
    return " ".join([first, *weights.said])


def code_hash() -> str:
    """SHA-256 over all files of the four packages: which code made an output, whatever its version says."""
    total = hashlib.sha256()
    for folder in PACKAGES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml", ".po", ".j2", ".css", ".typ", ".otf", ".ttf"}:
                total.update(path.relative_to(ROOT).as_posix().encode())
                total.update(path.read_bytes())
    return total.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that make the numbers and the files."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _outputs(folder: Path) -> dict[str, str]:
    """SHA-256 of every file written so far, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in paths}


def _places(file: StudyFile, folder: Path) -> dict[str, str]:
    """Where the study and its data are, seen from the output folder, so that it can be verified from there."""
    places = {"study": file.path, "data": file.data}
    if os.path.splitdrive(file.path.resolve())[0] != os.path.splitdrive(folder.resolve())[0]:
        return {}
    return {
        name: Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
        for name, path in places.items()
    }


def data_hash(inputs: Inputs) -> str:
    """SHA-256 of all files that a study read, whatever they are called."""
    return sha256_of(sorted(file_hash(path) for path in inputs.files.values()))


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _facts(specification: SurfaceSpecification) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(asdict(specification)))
    return found


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return records
