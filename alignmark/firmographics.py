"""Facts of companies beside the answers, such as industry, size and region."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alignmark.names import SEGMENTS
from alignmark.study import StudyFile
from alignmark.study_files import Firmographics, TableFile
from survey.companies import Register, register_of, resolve, unknown_companies
from survey.dates import read_years
from survey.numbers import read_numbers
from survey.problems import Problem, problems_at, raise_if_any
from survey.readers.spreadsheet import read_table


def read_firmographics(file: StudyFile, companies: Register | None) -> pd.DataFrame | None:
    """Read the facts of a study by company, and wave if mapped; None if the study names no such file.

    What is a number in every row becomes one, but for segments, which may be codes. Rows of companies that
    did not answer are left out, unless a register says that they should be known.

    Raises
    ------
    InputError
        If the file cannot be read, a row has no company or year, or a company has two rows; all at once.
    """
    declared = file.study.firmographics
    if declared is None:
        return None
    table = read_table(file.locate(declared.file), declared.columns, name=declared.file)
    register = companies or register_of(table["company"])
    facts = pd.DataFrame({"company": resolve(table["company"], register)})
    if "wave" in table:
        facts["wave"] = read_years(table["wave"])
    for name in table.columns.drop(["company", "wave"], errors="ignore"):
        facts[name] = table[name] if name in SEGMENTS else _number_or_text(table[name])
    raise_if_any(_fact_problems(table, facts, declared, register, strict=file.study.register_of_companies))
    for name, source in declared.log.items():
        levels, _ = read_numbers(table[source])
        facts[name] = np.log(levels.where(levels > 0))
    known = facts[facts["company"].notna()].reset_index(drop=True)
    return known.astype({"wave": "int64"}) if "wave" in known else known


def _fact_problems(
    table: pd.DataFrame, facts: pd.DataFrame, declared: Firmographics, register: Register,
    *, strict: TableFile | None,
) -> Iterator[Problem]:  # fmt: skip
    """Find rows without a company or year, two rows for one of them, and words that need a logarithm."""
    rows, unknown = table.index.to_series(), table["company"].notna() & facts["company"].isna()
    if strict is not None:
        heading = declared.columns["company"]
        names = table.loc[unknown, "company"]
        yield from unknown_companies(names, rows[unknown], register, file=declared.file, column=heading)
    checks = [("company", table["company"].isna(), "is no company", "a name or id in every row")]
    if "wave" in facts:
        checks.append(("wave", facts["wave"].isna(), "is not a year", "the year of a wave, such as 2025"))
    for source in declared.log.values():
        wrong = read_numbers(table[source])[1]
        checks.append((source, wrong, "is not a number, so it has no logarithm", "a number, or nothing"))
    keys = [key for key in ("company", "wave") if key in facts]
    again = facts[keys].notna().all(axis=1) & facts.duplicated(keys)
    once = f"one row per {' and '.join(keys)}"
    checks.append(("company", again, "has a row already", once))
    for name, wrong, what, allowed in checks:
        cells = zip(table.index[wrong].tolist(), table.loc[wrong, name].fillna(""), strict=True)
        heading = declared.columns[name]
        yield from problems_at(what, cells, file=declared.file, column=heading, allowed=allowed)


def _number_or_text(values: pd.Series) -> pd.Series:
    numbers, wrong = read_numbers(values)
    return values if wrong.any() else numbers
