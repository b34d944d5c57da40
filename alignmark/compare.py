"""compare(): the answers of one company against a benchmark pack, without the data of the study."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from alignmark.beside_norms import REACH, Beside, beside, fuller_survey, matrix
from alignmark.own_answers import LONGEST, read_own
from analysis.benchmark.standing import TrueSpread, standings
from analysis.measure.alignment import function_means, indices
from analysis.measure.index_shrinkage import IndexShrinkage, shrink_others
from analysis.measure.sampling_error import company_errors
from analysis.measure.scoring import score_frame
from analysis.measure.shrinkage import Nodes
from reports.comparison import Comparison
from reports.pack import SPREAD, Pack, Shrinkage
from reports.wording import text_in
from survey.language import digits, look_up, say, spoken
from survey.problems import Problem, raise_if_any
from survey.responses import Responses


def compare(
    path: Path, pack: Pack, *, names: Sequence[str] = (), column_map: Path | None = None,
    scales: Sequence[str] = (), language: str = "en",
) -> Comparison:  # fmt: skip
    """Compare the answers of one company with a pack.

    Parameters
    ----------
    path, pack, names, column_map, scales
        As in `read_own`.
    language
        Of the texts.

    Raises
    ------
    InputError
        As `read_own`; also if there are fewer answers than the key needs for an index.
    """
    responses, log = read_own(path, pack, names=names, column_map=column_map, scales=scales)
    scores = scores_of(responses, pack)
    table = scored_companies(scores, pack)
    raise_if_any(_too_few(path.name, scores, pack, table.iloc[0]))
    dropped = log.frame.loc[log.frame["action"] == "dropped", "rule"].value_counts()
    (part,) = beside(scores, table, pack.benchmarks, language).values()
    return comparison_of(
        names[0][:LONGEST] if names else "", pack, part, row=table.iloc[0],
        dropped={str(rule): int(count) for rule, count in dropped.items()}, language=language,
    )  # fmt: skip


def scores_of(responses: Responses, pack: Pack) -> pd.DataFrame:
    """Score respondents by the key of a pack; questions that the answers lack are missing, others are left out."""
    key = pack.benchmarks.key
    lacking = [name for name in key.asked if name not in responses.frame]
    frame = responses.frame.assign(**dict.fromkeys(lacking, np.nan))
    return score_frame(frame, key.instrument, asked=key.asked, min_answered=key.minimum_answered)


def scored_companies(scores: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Return the indices of companies as the study computes them for its own, and their place in its norms.

    Parameters
    ----------
    scores
        From `scores_of`, of one wave.
    pack
        The pack.

    Returns
    -------
    DataFrame
        The columns of `indices`, with the errors of this pack (`company_errors`), ``conf_low, conf_high``,
        ``shrunk, shrunk_low, shrunk_high`` (see `shrink_index`) and the columns of `standings`.
    """
    found, constructs = pack.benchmarks, pack.benchmarks.key.constructs
    table = indices(scores, found.key.instrument, min_share=found.key.minimum_constructs)
    pooled = {name: matrix(rows) for name, rows in found.covariances.items()}
    errors = (
        company_errors(scores, constructs, pooled=pooled).reindex(table["company"]).reset_index(drop=True)
    )
    table = table.drop(columns="alignment_se").join(errors.where(table["alignment"].notna(), axis=0))
    reach = REACH * table["alignment_se"]
    table["conf_low"], table["conf_high"] = (
        (table["alignment"] + way * reach).clip(0, 100) for way in (-1, 1)
    )
    shrunk = pd.DataFrame(index=table.index, columns=["estimate", "conf_low", "conf_high"], dtype=float)
    if found.shrinkage is not None:
        model = _model(found.shrinkage, found.key.functions)
        shrunk = shrink_others(scores, constructs, model=model)
    table["shrunk"], table["shrunk_low"], table["shrunk_high"] = (
        shrunk["estimate"], shrunk["conf_low"], shrunk["conf_high"],
    )  # fmt: skip
    spread = TrueSpread(pd.DataFrame(found.spread)[list(SPREAD)]) if found.spread else None
    score, error = (np.asarray(table[name], dtype=np.float64) for name in ("alignment", "alignment_se"))
    placed = standings(score, error, norm=found.norms["alignment"], spread=spread, best=found.best_share)
    return table.join(placed)


def _too_few(file: str, scores: pd.DataFrame, pack: Pack, row: "pd.Series[float]") -> Iterator[Problem]:
    """Say which answers an index lacks; nothing if there is one."""
    if pd.notna(row["alignment"]):
        return
    key = pack.benchmarks.key
    silent = [name for name in key.functions if name and name not in set(scores["function"])]
    if silent:
        what = say(
            "nobody of {function} is among the answers, and the index needs both sales and marketing",
            function=look_up(silent[0]),
        )
        advice = say("add answers of at least one person of {function}", function=look_up(silent[0]))
        yield Problem(what, file, to_do=advice)
        return
    means = function_means(scores, key.constructs).set_index("function")[key.constructs]
    lacking = [
        text_in(key.instrument.constructs[name].title, spoken()) for name in means if means[name].isna().any()
    ]
    what = say(
        "too few statements are answered for an index: no score for {subjects}", subjects=", ".join(lacking)
    )
    allowed = say(
        "answers to {share}% or more of the statements of each subject, from a person of each function",
        share=digits(100 * key.minimum_answered, "g"),
    )
    advice = say("fill in the rest, or add answers of more colleagues")
    yield Problem(what, file, allowed=allowed, to_do=advice)


def comparison_of(
    company: str, pack: Pack, part: Beside, *, row: "pd.Series[float]", dropped: dict[str, int], language: str
) -> Comparison:
    """Gather what is said of a company that has been scored and set beside the norms of a pack.

    Parameters
    ----------
    company
        What it is called.
    pack
        The pack.
    part
        The company beside its norms.
    row
        Its row of `scored_companies`.
    dropped
        Rows that were left out, by reason.
    language
        Of the labels.
    """
    return Comparison(
        company=company, pack=pack, people=part.people, dropped=dropped, index=row, constructs=part.constructs,
        views=part.views, groups=part.groups, practices=part.practices, priorities=part.priorities,
        fuller=fuller_survey(pack.benchmarks), language=language,
    )  # fmt: skip


def _model(found: Shrinkage, functions: Sequence[str]) -> IndexShrinkage:
    mu, tau2, sigma2 = (matrix([row])[0] for row in (found.mu, found.tau2, found.sigma2))
    nodes = Nodes(**{name: matrix(rows) for name, rows in found.nodes.items()})
    return IndexShrinkage(tuple(functions), mu, tau2, sigma2, matrix(found.true), nodes, tuple(found.notes))
