"""Who is flagged as careless and why; who is dropped for it, under the rule that a study declares."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey.careless import evenodd, irv, longstring
from survey.careless_match import percent_match
from survey.careless_rules import CUTS, FEWEST_STATEMENTS, PEOPLE_PER_STATEMENT, CarelessRules
from survey.careless_sample import mahad, mahad_p, psychant, psychsyn, relative_speed
from survey.cleaning_log import Step, drop
from survey.instrument import Instrument
from survey.matching import MatchedExport

WHO = ("respondent", "company", "wave", "file", "row")
"""Columns of the flags that say whose they are."""

INDICES = (*CUTS, "attention")
"""Columns of the flags that hold the indices."""


class Judged(NamedTuple):
    """What is left of the table, and what was found of everybody in it."""

    step: Step
    flags: pd.DataFrame


def judge(
    table: pd.DataFrame,
    waves: Sequence[MatchedExport],
    *,
    instrument: Instrument,
    rules: CarelessRules,
    failed: pd.Series,
) -> Judged:
    """Flag careless respondents and drop those whom the rule excludes.

    Several indices measure a person against the others, whom the careless distort. So the rest is
    judged again until nobody in it is to be dropped: judging it once more changes nothing.

    Parameters
    ----------
    table
        Coded answers: export, file, row, respondent, company, wave, duration_s if known, statements.
    waves
        The exports that the answers come from; each is judged by the statements it asked.
    instrument
        The questionnaire.
    rules
        Cut-offs, and how many flags exclude.
    failed
        Who failed an attention check.

    Returns
    -------
    Judged
        The table without those dropped, and a frame of flags, one row per respondent: `WHO`, `INDICES`,
        ``flags`` (their number), ``reasons`` (the indices that flag, joined by commas) and ``dropped``.
        Of those dropped it has what was found when they were.
    """
    ids = [key for key, question in instrument.columns.items() if question.section == "construct"]
    asked = {n: [key for key in ids if key in matched.columns] for n, matched in enumerate(waves)}
    left, found = table, []
    while True:
        indices = careless_indices(left, asked, instrument=instrument, rules=rules, failed=failed)
        flags = _with_reasons(left, indices, rules)
        found.append(flags[flags["dropped"]])
        if not flags["dropped"].any():
            break
        left = left[~flags["dropped"]]
    everybody = pd.concat([*found, flags]).loc[table.index]
    step = drop(table, everybody["dropped"], "careless: " + everybody["reasons"])
    order = ["wave", "company", "respondent", "file", "row"]
    return Judged(step, everybody.sort_values(order, ignore_index=True))


def careless_indices(
    table: pd.DataFrame,
    asked: Mapping[int, Sequence[str]],
    *,
    instrument: Instrument,
    rules: CarelessRules,
    failed: pd.Series,
) -> pd.DataFrame:
    """Compute every index of careless responding from the answers to the statements of the constructs.

    Respondents of files that asked the same statements are one sample; statements are in the order of the
    questionnaire. Answers are brought to 0-1 of their scale; runs are sought scale by scale, and a blank
    does not end a run.

    Parameters
    ----------
    table, instrument, rules, failed
        As for `judge`.
    asked
        Ids of the statements that each export asked.

    Returns
    -------
    pandas.DataFrame
        `INDICES` by respondent: ``longstring`` (longest run, as a share of the statements answered on one
        scale), ``irv`` (shares of the range of the scale), ``mahalanobis`` (p of the squared distance),
        ``even_odd`` (more is more careless), ``synonyms``, ``antonyms`` (correlations), ``speed`` (times as
        fast as the median of the wave), ``seconds`` (per statement), ``percent_match`` (0-1, within company
        and wave), ``attention`` (failed). NaN where an index cannot be computed.
    """
    found = pd.DataFrame(np.nan, index=table.index, columns=list(CUTS))
    for form in dict.fromkeys(tuple(ids) for ids in asked.values()):
        rows = table["export"].isin([export for export, ids in asked.items() if tuple(ids) == form])
        found.loc[rows] = _indices(table[rows], list(form), instrument=instrument, rules=rules)
    return found.assign(attention=failed.loc[table.index])


def flag(indices: pd.DataFrame, rules: CarelessRules) -> pd.DataFrame:
    """Hold indices against their cut-offs; one that is not known, or has no cut-off, flags nobody.

    Parameters
    ----------
    indices
        As `careless_indices` returns them.
    rules
        The cut-offs.

    Returns
    -------
    pandas.DataFrame of bool
        `INDICES` by respondent.

    Examples
    --------
    >>> found = pd.DataFrame({"longstring": [0.9, 0.1], "speed": [3.0, None], "attention": [False, True]})
    >>> flag(found, CarelessRules(longstring=None))[["longstring", "speed", "attention"]].to_numpy().tolist()
    [[False, True, False], [False, False, True]]
    """
    flags = {n: CUTS[n].beyond(indices[n], cut) for n, cut in rules.cut_offs().items() if n in indices}
    if rules.attention:
        flags["attention"] = indices["attention"].astype(bool)
    return pd.DataFrame(flags, index=indices.index).reindex(columns=list(INDICES), fill_value=False)


def flag_counts(flags: pd.DataFrame) -> pd.DataFrame:
    """Count respondents by flag.

    Parameters
    ----------
    flags
        As in `Judged`.

    Returns
    -------
    pandas.DataFrame
        ``index``, ``n`` flagged, ``known`` (respondents of whom the index is known), ``share`` of these in
        per cent (NaN if there are none), ``dropped`` among those flagged.

    Examples
    --------
    >>> found = pd.DataFrame({"reasons": ["irv, speed", "speed", ""], "dropped": [True, False, False]})
    >>> counts = flag_counts(found.assign(irv=[0.0, 0.3, 0.2], speed=[3.0, 2.0, None])).set_index("index")
    >>> counts.loc[["irv", "speed", "longstring"]].round(1).to_numpy().tolist()
    [[1.0, 3.0, 33.3, 1.0], [2.0, 2.0, 100.0, 1.0], [0.0, 0.0, nan, 0.0]]
    """
    named = flags["reasons"].str.split(", ")
    hit = pd.DataFrame({name: named.map(lambda said, name=name: name in said) for name in INDICES})
    known = flags.reindex(columns=list(INDICES)).notna().sum()
    n, dropped = hit.sum(), hit[flags["dropped"].astype(bool)].sum()
    share = 100 * n / known.where(known > 0)
    counts = pd.DataFrame({"n": n, "known": known, "share": share, "dropped": dropped})
    return counts.rename_axis("index").reset_index()


def _with_reasons(table: pd.DataFrame, indices: pd.DataFrame, rules: CarelessRules) -> pd.DataFrame:
    hit = flag(indices, rules)
    count = hit.sum(axis=1)
    reasons = pd.Series("", index=table.index, dtype="str")
    for name in hit:
        reasons = reasons.mask(hit[name], reasons + f", {name}")
    return table[list(WHO)].assign(
        **{str(name): indices[name] for name in indices},
        flags=count,
        reasons=reasons.str.removeprefix(", "),
        dropped=count >= rules.drop_from if rules.drop_from else False,
    )


def _indices(
    rows: pd.DataFrame, statements: list[str], *, instrument: Instrument, rules: CarelessRules
) -> pd.DataFrame:
    answered, turned = _on_0_1(rows[statements], instrument)
    wave = rows["wave"]
    company = rows.groupby(["company", "wave"], dropna=False, sort=False).ngroup()
    seconds = rows["duration_s"] if "duration_s" in rows else pd.Series(np.nan, index=rows.index)
    found = {
        "speed": relative_speed(seconds, wave),
        "seconds": seconds / max(1, len(statements)),
    }
    if len(statements) >= FEWEST_STATEMENTS:
        found |= {
            "longstring": _longest_share(rows[statements], instrument),
            "irv": irv(answered),
            "even_odd": _even_odd(turned, instrument),
            "percent_match": percent_match(answered, company),
        }
        if len(rows) >= PEOPLE_PER_STATEMENT * len(statements):
            varied = answered.loc[:, answered.max() > answered.min()]
            found |= {
                "mahalanobis": mahad_p(mahad(varied), varied.shape[1]),
                "synonyms": psychsyn(turned, critical=rules.pairs),
                "antonyms": psychant(answered, critical=rules.pairs),
            }
    return pd.DataFrame(found, index=rows.index).reindex(columns=list(CUTS))


def _on_0_1(answers: pd.DataFrame, instrument: Instrument) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the answers as shares of their scale, as answered and with reverse items turned."""
    questions = [instrument.columns[str(key)] for key in answers]
    low = np.array([q.scale.min if q.scale else 0.0 for q in questions])
    high = np.array([q.scale.max if q.scale else 1.0 for q in questions])
    reverse = np.array([q.reverse for q in questions], dtype=bool)
    values = (answers.to_numpy(dtype=float, na_value=np.nan) - low) / (high - low)
    turned = np.where(reverse, 1 - values, values)
    return (
        pd.DataFrame(values, answers.index, answers.columns),
        pd.DataFrame(turned, answers.index, answers.columns),
    )


def _longest_share(answers: pd.DataFrame, instrument: Instrument) -> pd.Series:
    """Longest run of equal answers, as a share of those given on the same scale: the largest over the scales."""
    constructs = [instrument.columns[str(key)].group for key in answers]
    scales = np.array([instrument.constructs[construct].scale for construct in constructs], dtype=str)
    shares = []
    for _, keys in answers.columns.to_series().groupby(scales, sort=False):
        given = answers[keys.tolist()]
        if len(keys) >= FEWEST_STATEMENTS:
            number = given.notna().sum(axis=1)
            shares.append(longstring(_blanks_last(given)) / number.where(number >= FEWEST_STATEMENTS))
    return pd.concat(shares, axis=1).max(axis=1) if shares else pd.Series(np.nan, answers.index)


def _blanks_last(answers: pd.DataFrame) -> pd.DataFrame:
    """Move blanks behind the answers, which keep their order."""
    values = answers.to_numpy(dtype=float, na_value=np.nan, copy=True)
    gaps = np.isnan(values).any(axis=1)
    order = np.argsort(np.isnan(values[gaps]), axis=1, kind="stable")
    values[gaps] = np.take_along_axis(values[gaps], order, axis=1)
    return pd.DataFrame(values, answers.index)


def _even_odd(turned: pd.DataFrame, instrument: Instrument) -> pd.Series:
    """Even-odd consistency over the constructs of which at least two statements were asked."""
    groups = pd.Series([instrument.columns[str(key)].group for key in turned], turned.columns)
    sizes = groups.value_counts(sort=False).loc[lambda count: count >= 2]
    if len(sizes) < 3:
        return pd.Series(np.nan, turned.index)
    return evenodd(turned[groups.index[groups.isin(sizes.index)]], sizes.tolist())
