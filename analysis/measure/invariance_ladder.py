"""The levels of measurement invariance one after the other, with the releases that each needs."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.measure.difference_test import difference_test
from analysis.measure.factor_fit import FactorFit, Solution, fit_grouped
from analysis.measure.factor_model import FactorModel, layout
from analysis.measure.factor_sample import GroupedAnswers, grouped_answers, groups_alone
from analysis.measure.fit_measures import fit_measures
from analysis.measure.invariance_cutoffs import (
    CONFIGURAL_CFI,
    CONFIGURAL_SRMR,
    Change,
    chen,
    cheung_rensvold,
)
from analysis.measure.score_tests import release_tests
from survey.language import digits, look_up, mark, say

LEVELS: dict[str, tuple[str, ...]] = {
    mark("configural"): (),
    mark("metric"): ("loadings",),
    mark("scalar"): ("loadings", "intercepts"),
    mark("residual"): ("loadings", "intercepts", "residuals"),
}
STEP_COLUMNS = (
    "comparison", "level", "step", "verdict", "released", "n", "n_groups", "chisq", "df", "p_value", "cfi", "tli",
    "rmsea", "srmr", "delta_chisq", "delta_df", "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr", "chen",
    "cheung_rensvold", "note",
)  # fmt: skip
FEWEST_EQUAL = 2
"""Items of a factor that must stay equal for its scale to be common to the groups."""
FEWEST_ITEMS = 3
"""Items that a single factor must have for its parameters to be told apart."""
NOT_JUDGED = mark("against a level that cannot fail, CFI and the test of the difference judge")
"""Why changes of RMSEA and SRMR are absent after a level with as many parameters as moments."""
NO_CFI = mark("CFI is not known, of this level or the one before")
"""Why a level is not judged: the scaling factor of a robust test was not positive, say."""
Pairs = tuple[tuple[str, str], ...]
"""What is released, and of which item."""
UNTESTED, FAILS, HOLDS = mark("cannot be tested"), mark("fails"), mark("holds")
PARTIAL, RELEASED, CANNOT_FAIL = mark("partial"), mark("released"), mark("cannot fail")
"""The verdict on a configural model with as many parameters as moments: three items of one factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Rung:
    """A model fitted, its measures, and what it releases, at this level and those to come."""

    fit: FactorFit
    measures: dict[str, Any]
    released: Pairs

    @property
    def solution(self) -> Solution:
        """The solution, where there is one."""
        assert self.fit.solution is not None
        return self.fit.solution


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What all models of one comparison are fitted to."""

    data: GroupedAnswers
    robust: bool
    fiml: bool

    def rung(self, model: FactorModel, level: str, released: Pairs) -> Rung:
        """Return the model of a level fitted to these answers."""
        equal = LEVELS[level]
        own = replace(model, equal=equal, released=[pair for pair in released if pair[0] in equal])
        fit = fit_grouped(self.data, own, robust=self.robust, fiml=self.fiml)
        return Rung(fit, _used(fit), released)


def ladder(
    answers: pd.DataFrame,
    factors: Mapping[str, Sequence[str]],
    *,
    groups: pd.Series,
    clusters: pd.Series | None,
    robust: bool,
    missing: str,
) -> pd.DataFrame:
    """Return one row per model fitted, level by level; see `invariance`."""
    model = FactorModel(factors, identification="unit variance", means=True)
    comparison = "group" if groups.name is None else str(groups.name)
    kept, left_out = _able_groups(answers, model, groups, missing=missing)
    rows = groups.isin(kept) | groups.isna()
    group = groups[rows]
    if isinstance(groups.dtype, pd.CategoricalDtype):
        group = group.cat.remove_unused_categories()
    said = "; ".join(left_out)
    if len(factors) == 1 and len(model.items) < FEWEST_ITEMS:
        why = say(
            "a construct by itself needs three items to be tested, this one has {n}", n=len(model.items)
        )
        return _table(comparison, [_untested(level, why) for level in LEVELS], "")
    if len(kept) < 2:
        why = (
            say("fewer than two groups can be compared: {said}", said=said)
            if said
            else say("there are not two groups")
        )
        return _table(comparison, [_untested(level, why) for level in LEVELS], "")
    own = None if clusters is None else clusters[rows]
    data = grouped_answers(answers[rows], model.items, groups=group, clusters=own, missing=missing)
    fitted = Answers(data, robust=robust or clusters is not None, fiml=missing == "fiml")
    return _table(comparison, _climb(fitted, model), said)


def _climb(data: Answers, model: FactorModel) -> list[dict[str, object]]:
    """Return the steps of all levels; those above one that fails are not tested."""
    rows: list[dict[str, object]] = []
    before: Rung | None = None
    for level in LEVELS:
        if rows and rows[-1]["verdict"] not in (HOLDS, PARTIAL, CANNOT_FAIL):
            rows.append(_untested(level, _stopped(rows[-1])))
            continue
        steps, before = _level(data, model, level, before)
        rows += steps
    return rows


def _stopped(row: Mapping[str, object]) -> str:
    if row["verdict"] == FAILS:
        return say("the {level} level fails", level=look_up(str(row["level"])))
    return str(row["note"])


def _level(
    data: Answers, model: FactorModel, level: str, before: Rung | None
) -> tuple[list[dict[str, object]], Rung]:
    """Fit a level, releasing items until it passes or too few are left."""
    rows: list[dict[str, object]] = []
    released = before.released if before else ()
    while True:
        rung = data.rung(model, level, released)
        if rung.fit.solution is None:
            return [*rows, _untested(level, rung.fit.note)], rung
        row = _row(level, len(rows), rung, before)
        rows.append(row)
        if rung.fit.inadmissible and (before is None or row["verdict"] != FAILS):
            # A solution that no population can have is no ground to say that groups are alike; where equality
            # costs too much it may be what drove the solution out of bounds, and the cost stands.
            row["verdict"] = UNTESTED
            return rows, rung
        if row["verdict"] in (HOLDS, PARTIAL, UNTESTED) or before is None:
            return rows, rung
        item = _to_release(rung.fit, LEVELS[level][-1])
        if item is None:
            return rows, rung
        row["verdict"], row["note"] = (
            RELEASED,
            "; ".join((str(row["note"]), say("next, {item} is released", item=item))),
        )
        # What differs in relation cannot be asked to agree in level: higher levels release it too.
        kinds = LEVELS["residual"][len(LEVELS[level]) - 1 :]
        released = (*released, *((what, item) for what in kinds))


def _to_release(fit: FactorFit, what: str) -> str | None:
    """Return the item whose equality costs most, among factors that can spare one."""
    tests = release_tests(fit)
    own = tests[tests["what"] == what]
    held = {
        f: {i for i in items if (what, i) not in fit.model.released} for f, items in fit.model.factors.items()
    }
    spare = [factor for factor, items in held.items() if len(items) > FEWEST_EQUAL]
    able = own[own["factor"].isin(spare)]
    return None if able.empty else str(able["item"].iloc[0])


def _row(level: str, step: int, rung: Rung, before: Rung | None) -> dict[str, object]:
    """Return a step with what it costs and whether it passes."""
    m = rung.measures
    items = [item for what, item in rung.released if what in LEVELS[level][-1:]]
    row: dict[str, object] = {"level": level, "step": step, "released": ", ".join(items)}
    row |= {name: m[name] for name in ("n", "chisq", "df", "p_value", "cfi", "tli", "rmsea", "srmr")}
    row["n_groups"] = len(rung.fit.groups)
    if before is None:
        passes = bool(m["cfi"] >= CONFIGURAL_CFI and m["srmr"] <= CONFIGURAL_SRMR)
        why = (
            ""
            if passes
            else say(
                "the model does not fit: CFI {cfi}, SRMR {srmr}",
                cfi=digits(m["cfi"], ".3f"),
                srmr=digits(m["srmr"], ".3f"),
            )
        )
    else:
        compared, passes, why = _compared(level, rung, before)
        row |= compared
    fine = PARTIAL if items else HOLDS if rung.solution.df else CANNOT_FAIL
    row["verdict"] = fine if passes else FAILS
    judged: Any = m["cfi"] if before is None else row["delta_cfi"]
    if np.isnan(judged):
        row["verdict"], why = UNTESTED, "" if m["note"] else look_up(NO_CFI)
    row["note"] = "; ".join(part for part in (why, m["note"]) if part)
    return row


def _compared(level: str, rung: Rung, before: Rung) -> tuple[dict[str, object], bool, str]:
    """Return what a level costs against the one before, whether it passes, and why it does not."""
    change = Change(*(rung.measures[name] - before.measures[name] for name in ("cfi", "rmsea", "srmr")))
    if before.solution.df == 0:
        change = change._replace(rmsea=np.nan, srmr=np.nan)
    test = difference_test(rung.solution, before.solution)
    passes_chen = chen(change, level, n=int(rung.measures["n"]), p_value=test.p_value)
    passes = passes_chen and cheung_rensvold(change)
    row: dict[str, object] = {"delta_chisq": test.chisq, "delta_df": test.df, "delta_p": test.p_value}
    row |= {f"delta_{name}": value for name, value in change._asdict().items()}
    row |= {"chen": passes_chen, "cheung_rensvold": cheung_rensvold(change)}
    cost = "" if passes else _cost(change)
    return row, passes, "; ".join(part for part in (test.note, cost, _unjudged(change)) if part)


def _cost(change: Change) -> str:
    named = zip(("RMSEA", "SRMR"), (change.rmsea, change.srmr), strict=True)
    others = [
        say("{measure} by {change}", measure=name, change=digits(value, ".3f"))
        for name, value in named
        if not np.isnan(value)
    ]
    return ", ".join([say("CFI changes by {change}", change=digits(change.cfi, ".3f")), *others])


def _unjudged(change: Change) -> str:
    return look_up(NOT_JUDGED) if np.isnan(change.rmsea) else ""


def _used(fit: FactorFit) -> dict[str, Any]:
    """Return the measures by which levels are compared: the robust ones where the fit is robust."""
    values = {str(name): value for name, value in fit_measures(fit).iloc[0].items()}
    if fit.solution is not None and fit.solution.robust and fit.solution.df:
        robust = {name: f"{name}_robust" for name in ("cfi", "tli", "rmsea")}
        robust |= {name: f"{name}_scaled" for name in ("chisq", "p_value")}
        values |= {name: values[source] for name, source in robust.items()}
    return values


def _able_groups(
    answers: pd.DataFrame, model: FactorModel, groups: pd.Series, *, missing: str
) -> tuple[list[Hashable], list[str]]:
    """Return the groups that the model can be fitted to, and why the others cannot be compared."""
    needed = 1 + int(layout(model, 1, means=True)[0].free.max())
    kept, left_out = [], []
    found = groups_alone(answers, model.items, groups, missing=missing)
    for label in sorted(found, key=str):
        n, problems = found[label]
        if problems:
            left_out.append(say("{label} left out: {why}", label=label, why=problems[0]))
        elif n <= needed:
            left_out.append(
                say(
                    "{label} left out: {n} respondents are too few for {needed} parameters",
                    label=label,
                    n=n,
                    needed=needed,
                )
            )
        else:
            kept.append(label)
    return kept, left_out


def _untested(level: str, why: str) -> dict[str, object]:
    return {"level": level, "step": 0, "verdict": UNTESTED, "released": "", "note": why}


def _table(comparison: str, rows: list[dict[str, object]], said: str) -> pd.DataFrame:
    table = pd.DataFrame(rows).reindex(columns=list(STEP_COLUMNS)).assign(comparison=comparison)
    numbers = [
        c for c in STEP_COLUMNS if c.startswith("delta") or c in ("n", "n_groups", "chisq", "df", "cfi")
    ]
    table[numbers] = table[numbers].astype("float64")
    return table.assign(note=["; ".join(part for part in (note, said) if part) for note in table["note"]])
