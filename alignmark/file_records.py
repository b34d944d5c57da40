"""What each file of an output folder holds, so that a number in it can be traced from its place."""

from collections.abc import Iterable
from typing import Any

from alignmark.output import CROSSTABS, KEPT_TEXT, MARK, MODEL_FILES, PACK, RELEASE, WEIGHTS
from reports.evidence import Evidence

REPORT = "the report: its numbers are those of the tables, rounded"

HOLDS = {
    **dict.fromkeys(("report.html", "report.pdf", "report.pptx"), REPORT),
    "tables.xlsx": "every table of the report, unrounded; the index names the id of each",
    **dict.fromkeys(CROSSTABS, "crosstabs of the answers, small columns withheld"),
    "panel.parquet": "scores, outcomes and facts of every company and wave, from its answers and records",
    "companies.csv": "place of every company of the latest wave among its peers, with 95% intervals",
    "profiles.csv": "sales and marketing of every company and wave compared, with 95% intervals",
    "cleaning_log.csv": "every row that was dropped and every value that was changed, with its reason",
    "ledger.csv": "which questions are the same in which waves",
    MODEL_FILES[0]: "the growth models side by side, rounded",
    MODEL_FILES[1]: "every term of every growth model under every kind of errors, p values one by one",
    WEIGHTS[0]: "the weight of every company and wave, step by step",
    WEIGHTS[1]: "the weight of every respondent",
    WEIGHTS[2]: "the weight of every company and wave in every replicate",
    KEPT_TEXT[0]: "answers in free words that the study keeps",
    KEPT_TEXT[1]: "what of these answers was taken out",
    PACK: "norms and scoring key to hand out, without any company's value",
    RELEASE: "what was published, of whom, and what it would give away beside an earlier release",
    MARK: "what stands behind every number",
}
"""By name; any other file is a table of the report."""


def file_records(names: Iterable[str], evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Say of each file what it holds, from which models, and within which family p values or letters are tested.

    Returns
    -------
    dict
        By name: ``caption``, ``models``, ``family`` ("" where nothing in it is tested together).
    """
    models = [fit.specification.name for fit in evidence.fits]
    books = "; ".join(f"{book.title}: {book.tested}" for book in evidence.books)
    return {
        name: {
            "caption": HOLDS[name],
            "models": models if name in MODEL_FILES else [],
            "family": books if name in CROSSTABS else "",
        }
        for name in names
        if name in HOLDS
    }
