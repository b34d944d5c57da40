"""Replicate weights of a study: read as supplied, or made from its design, and joined to the panel."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from alignmark.study import Study, StudyFile
from alignmark.study_files import TableFile
from analysis.infer.bootstrap_replicates import bootstrap
from analysis.infer.carried_replicates import REPLICATES, as_column, relative
from analysis.infer.half_samples import balanced_half_samples
from analysis.infer.jackknife import jackknife
from analysis.infer.recalibration import MISSED, recalibration
from analysis.infer.replicate_columns import replicate_columns
from analysis.infer.replicates import Replicates
from analysis.infer.survey_design import SurveyDesign, survey_design
from analysis.measure.panel import Panel
from survey.companies import Register, register_of, resolve, unknown_companies
from survey.dates import read_years
from survey.declaration import suggest
from survey.language import look_up, mark, say
from survey.margins import EITHER_WAY
from survey.numbers import read_numbers, undecided
from survey.problems import InputError, Problem, first_of, problems_at, raise_if_any
from survey.readers.spreadsheet import read_table
from survey.replicate_rule import KINDS, ReplicateRule

KEYS = "weights: {replicates: {company: heading, wave: heading}}"

USUAL = 200
"""Replicates of a bootstrap that does not say how many."""


@dataclass(frozen=True, slots=True, eq=False)
class Supplied:
    """Replicate weights as a study supplies them.

    Parameters
    ----------
    frame
        company, wave where they differ by wave, and one column a replicate.
    columns
        Headings of the replicates, in the order of the file.
    file
        Where they stand.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    file: str


def read_replicates(file: StudyFile, companies: Register | None) -> Supplied | None:
    """Read the replicate weights that a study supplies; None where it supplies none.

    Raises
    ------
    InputError
        If no column fits, a cell holds no number or one below 0, a column holds nothing above 0, a company has two
        rows or a row has no company: each with file, row and column.
    """
    rule = file.study.weights.replicates if file.study.weights is not None else None
    if rule is None or rule.columns is None:
        return None
    source, company, table = _table(file, rule)
    columns = _columns(table, rule)
    if not columns:
        headings = ", ".join(map(str, table.columns[:20]))
        asked = rule.columns if isinstance(rule.columns, str) else ", ".join(rule.columns)
        what = (
            f"no column of {source} is one of {asked}" if source else "no table is named that could hold them"
        )
        raise InputError([file.problem(["weights", "replicates", "columns"], what, allowed=headings)])
    raise_if_any(_absent(rule, table, at=(source, company)))
    register = companies or register_of(table[company])
    found = pd.DataFrame({"company": resolve(table[company], register)})
    if rule.wave is not None:
        found["wave"] = read_years(table[rule.wave])
    strict = file.study.register_of_companies is not None
    raise_if_any(_key_faults(table, found, rule, register=register if strict else None, at=(source, company)))
    numbers = {name: read_numbers(table[name]) for name in columns}
    raise_if_any(_cell_faults(table, numbers, source))
    found = pd.concat([found, pd.DataFrame({name: values for name, (values, _) in numbers.items()})], axis=1)
    keys = [key for key in ("company", "wave") if key in found]
    twice = found[keys].notna().all(axis=1) & found.duplicated(keys)
    raise_if_any(
        Problem("has a row already", source, int(row), company, str(found.loc[row, "company"]))
        for row in found.index[twice]
    )
    known = found[found[keys].notna().all(axis=1)].reset_index(drop=True)
    known = known.astype({"wave": "int64"}) if "wave" in known else known
    return Supplied(known, tuple(columns), source)


def replicates_of(frame: pd.DataFrame, study: Study, supplied: Supplied | None) -> Replicates:
    """Return the replicate weights of the rows of a weighted panel, relative to their weights.

    Where weights meet known totals, those of each replicate meet them too (`analysis.infer.recalibration`). The
    adjustment for nonresponse, trimming and size are those of the sample in each replicate.

    Raises
    ------
    InputError
        Companies without replicate weights, and what keeps replicates from being made: the stratum with its company.
    """
    rule = study.weights.replicates if study.weights is not None else None
    assert rule is not None  # asked of studies that declare them
    design = survey_design(frame)
    try:
        if supplied is not None:
            found = _of_supplied(frame, design, supplied, study)
        else:
            found = _made(design, rule, np.random.default_rng(study.seed))
    except InputError as error:
        raise InputError(_under_replicates(error, frame, supplied)) from None
    # What the factors were calibrated to is the weight before size; size multiplies both alike.
    reached = design.calibration[-1].weights if design.calibration else design.weights
    own = relative(replace(found, weights=reached))
    return replace(own, weights=design.weights)


def unmet_totals(frame: pd.DataFrame, replicates: Replicates) -> Iterator[Problem]:
    """Say in how many replicates the weights miss the margins, because nobody is left of a category."""
    design = survey_design(frame)
    if not design.calibration:
        return
    step = design.calibration[-1]
    weights = replicates.factors * step.weights[:, None]
    known = step.totals[:, None]
    missed = np.abs(step.auxiliary.T @ weights - known) > MISSED * (1 + np.abs(known))
    if count := int(missed.any(axis=0).sum()):
        what = (
            f"in {count} of {weights.shape[1]} replicates the margins are not met, since nobody, or too few, of a "
            "category are left"
        )
        to_do = "join small categories (weights: join)"
        yield Problem(what, column="weights.replicates", to_do=to_do, severity="warning")


def with_replicates(panel: Panel, replicates: Replicates) -> Panel:
    """Give each row of a panel its replicate weights; rows are those of `replicates`."""
    keys = panel.frame[["company", "wave"]]
    return panel.with_columns(keys.assign(**{REPLICATES: pd.Series(as_column(replicates), index=keys.index)}))


def replicate_table(frame: pd.DataFrame, replicates: Replicates) -> pd.DataFrame:
    """Return company, wave and the weight of each row in each replicate, as a run leaves them."""
    weights = replicates.of_rows(slice(None))
    names = [f"replicate_{n + 1}" for n in range(weights.shape[1])]
    return pd.concat([frame[["company", "wave"]], pd.DataFrame(weights, frame.index, names)], axis=1)


def in_words(replicates: Replicates, study: Study) -> Iterator[str]:
    """Say which variance the tables of a study have."""
    rule = study.weights
    assert rule is not None  # or else there would be no replicates
    assert rule.replicates is not None
    count, tied = len(replicates.rscales), rule.margins is not None
    made = rule.replicates.make
    if made is None:
        how = say("that the study supplies (type {type})", type=KINDS[rule.replicates.type or "other"])
    else:
        how = say("made by the run: {method}", method=look_up(MADE[made]))
    centre = say("the estimate" if replicates.mse else "the mean of the replicates")
    yield say(
        "Variances come from {n} replicate weights {how}; deviations are from {centre}, and degrees of freedom are the "
        "rank of the replicate weights less one: {df} for all companies.",
        n=count, how=how, centre=centre, df=replicates.df,
    )  # fmt: skip
    if tied:
        yield say("Each replicate is brought to the population counts anew.")
    if rule.nonresponse is not None or rule.trim is not None:
        yield say("The adjustment for nonresponse and trimming are not repeated in the replicates.")


MADE = {
    "jackknife": mark("the jackknife, which leaves out each company in turn"),
    "bootstrap": mark("the bootstrap of Rao and Wu, which draws the companies of each stratum anew"),
    "brr": mark("balanced half-samples of pairs of companies (BRR)"),
    "fay": mark("balanced half-samples of pairs of companies (Fay's method)"),
}


def _table(file: StudyFile, rule: ReplicateRule) -> tuple[str, str, pd.DataFrame]:
    """Return the table that holds the columns, what it is called, and its heading of the company."""
    if rule.file is not None:
        return (
            rule.file,
            rule.company,
            read_table(file.locate(rule.file), sheet=rule.sheet, name=rule.file),
        )
    tables: list[TableFile | None] = [file.study.register_of_companies, file.study.firmographics]
    last: tuple[str, str, pd.DataFrame] = ("", rule.company, pd.DataFrame())
    for declared in tables:
        if declared is not None:
            company = declared.columns.get("company", rule.company)
            last = (declared.file, company, read_table(file.locate(declared.file), name=declared.file))
            if _columns(last[2], rule):
                break
    return last


def _columns(table: pd.DataFrame, rule: ReplicateRule) -> list[str]:
    if isinstance(rule.columns, str):
        return [str(name) for name in table if fnmatchcase(str(name), rule.columns)]
    return [name for name in rule.columns or [] if name in table]


def _absent(rule: ReplicateRule, table: pd.DataFrame, *, at: tuple[str, str]) -> Iterator[Problem]:
    """Yield names that are not among the headings: of companies and waves, then of weights."""
    source, company = at
    for name in (company, rule.wave):
        if name is not None and name not in table:
            to_do = "name it under weights: replicates: company, wave"
            yield Problem("is not among the headings", source, column=name, to_do=to_do)
    for name in rule.columns if isinstance(rule.columns, list) else ():
        if name not in table:
            allowed = suggest(name, map(str, table.columns))
            yield Problem("is not among the headings", source, column=name, value=name, allowed=allowed)


def _key_faults(
    table: pd.DataFrame,
    found: pd.DataFrame,
    rule: ReplicateRule,
    *,
    register: Register | None,
    at: tuple[str, str],
) -> Iterator[Problem]:
    """Yield names that the register of the study does not have, and waves that are no years."""
    source, company = at
    unknown = found["company"].isna() & table[company].notna()
    if register is not None and unknown.any():
        rows = table.index.to_series()[unknown]
        yield from unknown_companies(table.loc[unknown, company], rows, register, file=source, column=company)
    if rule.wave is not None:
        wrong = found["wave"].isna()
        cells = zip(table.index[wrong].tolist(), table.loc[wrong, rule.wave].fillna(""), strict=True)
        allowed = "the year of a wave, such as 2025"
        yield from problems_at("is not a year", cells, file=source, column=rule.wave, allowed=allowed)


def _cell_faults(
    table: pd.DataFrame, numbers: dict[str, tuple[pd.Series, pd.Series]], source: str
) -> list[Problem]:
    found = []
    for name, (values, bad) in numbers.items():
        kinds = {"is no number": bad, "is missing": values.isna() & ~bad, "is negative": values < 0}
        for what, wrong in kinds.items():
            written = table[name].fillna("")[wrong]
            found += [
                Problem(what, source, int(str(row)), name, str(value), "0 or more")
                for row, value in written.items()
            ]
        if table[name].str.fullmatch(r"\s*\d+\s*", na=False).any():
            unclear, (what, allowed) = table[name][undecided(table[name])], EITHER_WAY
            found += [
                Problem(what, source, int(str(row)), name, str(value), allowed)
                for row, value in unclear.items()
            ]
        if not (values.fillna(0) != 0).any():
            allowed = "a weight above 0 for some company"
            found.append(Problem("is 0 in every row", source, column=name, allowed=allowed))
    return first_of(found, "more replicate weights at fault")


def _of_supplied(frame: pd.DataFrame, design: SurveyDesign, supplied: Supplied, study: Study) -> Replicates:
    rule = study.weights
    assert rule is not None
    assert rule.replicates is not None
    said, keys = rule.replicates, [key for key in ("company", "wave") if key in supplied.frame]
    rows = frame[["company", "wave"]].merge(supplied.frame, on=keys, how="left")
    lacking = rows[supplied.columns[0]].isna()
    raise_if_any(_without(rows[lacking], supplied))
    rows["weight"] = 1.0 if rule.base is None else frame[rule.base].to_numpy(float)
    given = replicate_columns(
        rows, supplied.columns, kind=KINDS[said.type or "other"], combined=said.combined, rho=said.fay_rho,
        scale=said.scale, rscales=said.rscales, mse=said.mse,
    )  # fmt: skip
    own, each = relative(given), np.arange(len(frame))
    tied = recalibration(own.factors, replace(design, clusters=each))
    return replace(own, recalibration=tied)


def _without(rows: pd.DataFrame, supplied: Supplied) -> list[Problem]:
    by_wave = "wave" in supplied.frame
    named = [f"{row.company} ({row.wave})" if by_wave else str(row.company) for row in rows.itertuples()]
    found = [
        Problem(
            f"{name} has no replicate weights", supplied.file, to_do="add its row, or leave the company out"
        )
        for name in dict.fromkeys(named)
    ]
    return first_of(found, "more companies without replicate weights")


def _made(design: SurveyDesign, rule: ReplicateRule, rng: np.random.Generator) -> Replicates:
    if rule.make == "jackknife":
        return jackknife(design, mse=rule.mse)
    if rule.make == "bootstrap":
        return bootstrap(design, rng=rng, replicates=rule.number or USUAL, mse=rule.mse)
    return balanced_half_samples(design, rho=rule.fay_rho or 0.0, mse=rule.mse)


def _under_replicates(error: InputError, frame: pd.DataFrame, supplied: Supplied | None) -> Iterator[Problem]:
    """Say where the study declares what failed, the file, and which companies a stratum has."""
    for problem in error.problems:
        if supplied is not None:
            declared = problem.column in ReplicateRule.model_fields
            column = f"weights.replicates.{problem.column}" if declared else problem.column
            file = problem.file or ("" if declared else supplied.file)
            yield replace(problem, file=file, column=column)
            continue
        what = problem.what
        if problem.column == "stratum" and "stratum" in frame:
            held = frame.loc[frame["stratum"].astype("str") == problem.value, "company"].unique()
            what = f"the stratum {problem.value} {what}: {', '.join(map(str, held[:5]))}"
            what += ", ..." if len(held) > 5 else ""
        yield replace(problem, what=what, column="weights.replicates.make")
