"""A scorecard for every company of a study, from one run of it."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from alignmark.beside_norms import REACH, Beside, beside, by_company
from alignmark.card_files import Order, folder_problems, write_cards
from alignmark.compare import comparison_of, scored_companies, scores_of
from alignmark.comparing import common_ground
from alignmark.inputs import Inputs, read_register_of
from alignmark.pack_norms import FEWEST
from alignmark.packing import pack_of
from alignmark.peering import peer_facts, with_peer_columns
from alignmark.run import compute, silent
from alignmark.study import StudyFile
from alignmark.write import code_hash, data_hash, file_hash, library_versions
from analysis.benchmark.published_norms import STRICTER
from reports.documents.scorecard import scorecard
from reports.evidence import Evidence
from reports.pack import Pack
from reports.report import Report
from reports.scorecard import Scorecard
from reports.theme import Theme
from survey.problems import InputError, Problem

Counted = Callable[[str, int], AbstractContextManager[Callable[[str], None]]]


@contextmanager
def nobody_counts(_title: str, _total: int) -> Iterator[Callable[[str], None]]:
    """Tell nobody how many are done."""
    yield silent


@dataclass(frozen=True, slots=True, eq=False)
class Cards:
    """Everything that the scorecards of a study are made from.

    Parameters
    ----------
    pack
        The norms.
    names
        What each company with an index is called, by its id.
    beside
        The companies beside the norms, by id.
    scored
        Indices of the companies and their place in the norms, by id.
    kinds
        The facts by which the norms have groups, as text, by id.
    verdicts
        Whether the informants of a company agree, by id.
    history
        Indices of all waves: ``company, wave, estimate, conf_low, conf_high, std_error, everyone``.
    language
        Code such as "en" or "de-AT".
    caution
        As in `Scorecard`.
    """

    pack: Pack
    names: dict[str, str]
    beside: dict[str, Beside]
    scored: pd.DataFrame
    kinds: pd.DataFrame
    verdicts: dict[str, str]
    history: dict[str, pd.DataFrame]
    language: str
    caution: str

    def card(self, company: str) -> Scorecard:
        """Return what the scorecard of a company says."""
        compared = comparison_of(
            self.names[company], self.pack, self.beside[company],
            row=cast("pd.Series[float]", self.scored.loc[company]), dropped={}, language=self.language,
        )  # fmt: skip
        groups = compared.groups
        kinds = dict(self.kinds.loc[company]) if company in self.kinds.index else {}
        mine = [kinds.get(key) == value for key, value in groups[["key", "value"]].to_numpy()]
        compared = replace(compared, groups=groups[np.array(mine, dtype=bool)])
        history = self.history.get(company, pd.DataFrame())
        return Scorecard(compared, self.verdicts.get(company, ""), history, self.caution)


def report_of(cards: Cards, company: str) -> Report:
    """Return the scorecard of a company as a report."""
    return scorecard(cards.card(company))


def write_scorecards(  # noqa: PLR0913 - each is an option of the command
    file: StudyFile, folder: Path, *, formats: Sequence[str], theme: Theme, companies: Sequence[str] = (),
    workers: int = 1, step: Callable[[str], None] = silent, counted: Counted = nobody_counts,
) -> pd.DataFrame:  # fmt: skip
    """Run a study once and write a scorecard for each of its companies.

    Parameters
    ----------
    file
        The study.
    folder
        Where they go; see `alignmark.card_files.write_cards`.
    formats
        Endings of files: "html", "pdf", "pptx".
    theme
        The dress.
    companies
        Ids or names of those wanted; all if empty.
    workers
        Processes.
    step
        Told the name of each stage of the run.
    counted
        Given a title and the number of scorecards; gives what is told the name of each that is done.

    Returns
    -------
    DataFrame
        As `write_cards`.

    Raises
    ------
    InputError
        If the study has problems, has no norms, a company is unknown or the folder cannot take them.
    """
    problems = folder_problems(folder)
    if problems:
        raise InputError(problems)
    evidence, inputs = compute(file, step=step)
    cards = cards_of(evidence, inputs, file)
    wanted = _wanted(cards.names, companies)
    order = Order(partial(report_of, cards), tuple(formats), theme, _key(inputs, theme))
    with counted("Scorecards", len(wanted)) as advance:
        return write_cards(
            order,
            cards.names,
            folder,
            workers=workers,
            advance=advance,
            only=list(wanted) if companies else (),
        )


def cards_of(evidence: Evidence, inputs: Inputs, file: StudyFile) -> Cards:
    """Gather what the scorecards of a study are made from.

    Raises
    ------
    InputError
        If the study has no answers of people, too few companies for norms, or weights that would tell of one.
    """
    if evidence.pack is None or inputs.responses is None:
        what = f"has no norms to set a company beside: {evidence.no_pack}"
        fewest = STRICTER * max(FEWEST, evidence.facts.minimum_companies)
        allowed = f"answers of people, from {fewest} or more companies; weights of which none stands out"
        raise InputError([Problem(what, file.path.name, allowed=allowed)])
    latest = evidence.facts.latest
    pack = pack_of(evidence.pack, evidence, code=code_hash(), data=data_hash(inputs))
    answered = inputs.responses.frame
    scores = scores_of(replace(inputs.responses, frame=answered[answered["wave"] == latest]), pack)
    table, language = scored_companies(scores, pack), evidence.facts.language
    scored = table[table["alignment"].notna()].set_index("company")
    return Cards(
        pack=pack, names=_names(scored.index, file), beside=beside(scores, table, pack.benchmarks, language),
        scored=scored, kinds=_kinds(evidence, file), verdicts=_verdicts(evidence),
        history=by_company(_history(evidence, inputs, file)), language=language, caution="; ".join(evidence.left_out),
    )  # fmt: skip


def _kinds(evidence: Evidence, file: StudyFile) -> pd.DataFrame:
    """Return the facts by which companies are compared, of those in the wave that is told, by id."""
    peers = file.study.peers
    now = with_peer_columns(evidence.panel, peers).wave(evidence.facts.latest).frame.set_index("company")
    return now[peer_facts(now, file.study)].astype("str")


def _verdicts(evidence: Evidence) -> dict[str, str]:
    """Return whether the informants of each company agree, in the words of companies.csv, by id."""
    places = evidence.positions.set_index("company")
    found = places["agreement_verdict"].dropna() if "agreement_verdict" in places else pd.Series(dtype="str")
    return {str(company): str(verdict) for company, verdict in found.items()}


def _names(companies: pd.Index, file: StudyFile) -> dict[str, str]:
    """Return what companies are called in the register; their ids where there is none."""
    register = read_register_of(file)
    called = {} if register is None else register.called.to_dict()
    return {company: str(called.get(company, company)) for company in companies}


def _history(evidence: Evidence, inputs: Inputs, file: StudyFile) -> pd.DataFrame:
    """Indices of the waves up to the one that is told, on the common ground on which the report compares them."""
    panel, waves = evidence.panel, evidence.facts.waves
    frame = common_ground(panel, inputs.responses, file.study).panel.frame
    frame = frame[frame["wave"].isin(waves[: waves.index(evidence.facts.latest) + 1])]
    frame = frame.assign(**{name: np.nan for name in ("alignment", "alignment_se") if name not in frame})
    known = frame[frame["alignment"].notna()]
    everyone = evidence.index_by_wave.set_index("wave")["estimate"]
    reach = REACH * known["alignment_se"]
    return pd.DataFrame({
        "company": known["company"], "wave": known["wave"], "estimate": known["alignment"],
        "conf_low": (known["alignment"] - reach).clip(0, 100), "conf_high": (known["alignment"] + reach).clip(0, 100),
        "std_error": known["alignment_se"], "everyone": known["wave"].map(everyone).astype(float),
    })  # fmt: skip


def _wanted(names: dict[str, str], companies: Sequence[str]) -> dict[str, str]:
    """Choose companies by id or name.

    Raises
    ------
    InputError
        For each that is not there.
    """
    if not companies:
        return names
    by_name = {name: company for company, name in names.items()}
    problems, wanted = [], {}
    for said in companies:
        company = said if said in names else by_name.get(said)
        if company is None:
            what = f"there is no company {said!r} with an index in this wave"
            problems.append(Problem(what, column="--company", allowed=_some(said, names), to_do=ONE))
        else:
            wanted[company] = names[company]
    if problems:
        raise InputError(problems)
    return wanted


ONE = "name one of them, or give its id"

SOME = 5
"""So many companies are named to whoever names none of them."""


def _some(said: str, names: dict[str, str]) -> str:
    """Name some companies with their ids, and the one that was probably meant.

    Examples
    --------
    >>> _some("Bold Ltd", {"c1": "Acme Inc", "c2": "Bolt Ltd", "c3": "c3"})
    "Acme Inc (c1); Bolt Ltd (c2); c3 (did you mean 'Bolt Ltd'?)"
    """
    called = [name if name == company else f"{name} ({company})" for company, name in names.items()]
    more = [f"{len(called) - SOME} more"] if len(called) > SOME else []
    close = get_close_matches(said, [*names, *names.values()], n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return "; ".join([*called[:SOME], *more]) + hint


def _key(inputs: Inputs, theme: Theme) -> str:
    """Hash everything that a scorecard depends on."""
    pictures = [theme.logo] if theme.logo else []
    pictures += sorted(theme.templates.rglob("*")) if theme.templates else []
    parts = [data_hash(inputs), code_hash(), repr(theme), repr(sorted(library_versions().items()))]
    parts += [file_hash(path) for path in pictures if path.is_file()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
