"""Names to companies in three rules, accepted, to be reviewed, different: what both ways of resolving share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from survey.company_names import legal_form, name_with_form, names_no_company, normalise_name
from survey.company_similarity import IN_COMMON
from survey.declaration import Declared, Fault, InconsistencyError
from survey.language import digits, look_up, mark, say
from survey.places import OTHER, SAME, UNCLEAR, UNKNOWN

CANDIDATES = 5
"""Companies (at most) that are proposed for a name."""

EXACT = 1.0
"""Score of names with one normalised form."""

OTHER_FORM = 0.85
"""Highest score of two names with different legal forms, such as "Ltd" and "plc": they may be two companies."""

NEW, NONE = "new", "none"
"""Decisions other than a company: a company of its own; no company, so that its responses are dropped."""

NO_DECISIONS: Mapping[str, str] = MappingProxyType({})

ELSEWHERE = 0.4
"""Factor of the score of two names at two places: proposed where somebody decides anyway, never a reason to ask."""

AT_ONE_PLACE = 1 / 3
"""Factor of what is missing in the score of names at one place, in the order of candidates."""

AT = "\t"
"""Stands between a name and its place where decisions speak of a name at a place, or with nothing after it at none."""

_SAME_NAME = mark(
    "A name that several companies of the register bear is none of them until somebody decides."
)
_SAME_WORDS = mark("Names, even of the same words, are one company at one place only; else somebody decides.")
_EMAIL = mark(
    "Where the name tells no company, the domain of the e-mail address does, if the register has it."
)


class CompanyRules(Declared):
    """When a name is a company's, when somebody has to look, and what names no company.

    Parameters
    ----------
    accept
        At this score (0-1) or above a name is taken for the company. The default lets through names of which
        each word has its counterpart in the other name, with differences that are seldom those between two
        companies; a word left over never does, as it scores 0.8 at most. See `survey.company_similarity`.
    review
        From this score on, up to `accept`, a person decides; below it, names are different. The default is a little
        more than half of what names with a word left over can score.
    review_at_place
        The same for names at one place, or at two that contradict each other in part; 0 for all names there.
    accept_at_place
        Names at one place are taken for one company from this score on. The default lets through names of which
        one says a common word that the other does not; a word as rare as the rest ("Bosch", "Bosch Rexroth") is
        for somebody to decide. Where a company is its place (sites, branches, shops) less will do, such as 0.2.
    review_file
        CSV with what was decided; see `survey.company_review`.
    undecided
        A name in review of which nobody decided: a problem, or a company apart from those it is like. With a
        register that is an unknown company.
    same_name
        A name that several companies of the register bear: a problem, or answers with nothing but this name are
        asked about, as names in review are. Without a register "ask" says that one name may be several companies:
        only names at one place are joined, and other spellings of a name are asked about.
    no_company
        Answers that name no company, besides blank ones and those of company_words.yaml ("n/a", "test", "xxx").
        A name that the register knows is a company all the same.
    dominating
        A company with a larger share (0-1) of the responses of a wave is pointed out.
    """

    accept: float = Field(default=0.9, gt=0, le=1)
    accept_at_place: float = Field(default=0.7, gt=0, le=1)
    review: float = Field(default=0.45, gt=0, le=1)
    review_at_place: float = Field(default=0.3, ge=0, le=1)
    review_file: str = ""
    undecided: Literal["error", "apart"] = "error"
    same_name: Literal["error", "ask"] = "error"
    no_company: list[str] = Field(default_factory=list)
    dominating: float = Field(default=0.5, gt=0, le=1)

    def in_words(
        self, *, register: bool = True, emails: bool = False, places: bool = False
    ) -> tuple[str, ...]:
        """Say what happens to names, a sentence a rule.

        Parameters
        ----------
        register, emails, places
            Whether the study has a register, e-mail addresses with their domains, and places.

        Examples
        --------
        >>> CompanyRules().in_words()[2]
        'Names are taken for one company from a score of 0.9 on; from 0.45 on somebody decides.'
        """
        more = "".join(f", “{name}”" for name in self.no_company)
        shared = () if self.same_name == "error" else (_SAME_NAME if register else _SAME_WORDS,)
        accept, review, place, dominating = (
            digits(score, "g")
            for score in (self.accept, self.review, self._accept_at_place, 100 * self.dominating)
        )
        of_places = say(
            "Names at one place are one company from a score of {accept} on; names at different places are several, "
            "and where parts of two places contradict each other somebody decides.",
            accept=place,
        )
        return (
            say("Blank answers and such as “n/a”, “test” or “xxx”{more} name no company.", more=more),
            say("Names of the same words are one company, unless both say a legal form and not the same."),
            say(
                "Names are taken for one company from a score of {accept} on; from {review} on somebody decides.",
                accept=accept,
                review=review,
            ),
            say(
                "A name in between of which nobody decided counts as another company."
                if self.undecided == "apart"
                else "A name in between of which nobody decided stops the run."
            ),
            *((of_places,) if places else ()),
            *((look_up(_EMAIL),) if emails else ()),
            *map(look_up, shared),
            say(
                "A company with more than {share}% of the responses of a wave is pointed out and kept: every company "
                "counts once.",
                share=dominating,
            ),
        )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.review > self.accept:
            what = f"{self.review:g} is above {self.accept:g}, from which on names are accepted"
            raise InconsistencyError([Fault(("review",), what, f"above 0, up to {self.accept:g}")])
        for key, most in (("accept_at_place", self.accept), ("review_at_place", self._accept_at_place)):
            if key in self.model_fields_set and getattr(self, key) > most:
                what = f"{getattr(self, key):g} is above {most:g}, from which on such names are accepted"
                raise InconsistencyError([Fault((key,), what, f"up to {most:g}")])
        return self

    def thresholds(self, relation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return from which score on pairs are accepted and reviewed.

        Parameters
        ----------
        relation
            What `survey.places.compare_places` says of each pair.

        Examples
        --------
        >>> [found.tolist() for found in CompanyRules().thresholds(np.array([UNCLEAR, SAME]))]
        [[0.9, 0.7], [0.3, 0.3]]
        """
        accept = np.where(relation == SAME, self._accept_at_place, self.accept)
        near = (relation == SAME) | (relation == UNCLEAR)
        return accept, np.where(
            near, min(self.review_at_place, self.review, self._accept_at_place), self.review
        )

    @property
    def _accept_at_place(self) -> float:
        return min(self.accept_at_place, self.accept)


DEFAULT = CompanyRules()


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """What each name was taken for.

    Parameters
    ----------
    responses
        By response: ``full`` (the name, normalised with its legal form), ``place`` (in one line), ``company``
        (NA where there is none, or none that is known), ``band`` (exact, accept, review, reject, decided, e-mail,
        none), ``score`` (0-1), ``why``, and ``asked``: under which name it is in review.
    names
        The same for each distinct spelling, sorted: ``name``, ``place``, ``key`` (normalised), ``n`` (responses).
    candidates
        ``asked``, ``name``, ``place``, ``rank`` (1-5), ``company``, ``called`` (its name), ``called_place``,
        ``score``, ``why``: what each name in review could be, nearest first. Spellings that are one company
        already stand under the most frequent of them. ``asked`` is the name with its place, see `named_at`.
    """

    responses: pd.DataFrame
    names: pd.DataFrame
    candidates: pd.DataFrame

    @property
    def companies(self) -> pd.Series:
        """Company of each response."""
        return self.responses["company"]

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the names."""
        return self.names.copy()


def named_at(names: pd.Series, places: pd.Series) -> pd.Series:
    """Return names with their places after a tab, as decisions and questions speak of them; bare without a place."""
    return names.where(places == "", names + AT + places)


def name_and_place(named: pd.Series) -> tuple[pd.Series, pd.Series]:
    r"""Return what `named_at` put together.

    Examples
    --------
    >>> [part.tolist() for part in name_and_place(pd.Series(["Acme\t12 Main St", "Bolt"]))]
    [['Acme', 'Bolt'], ['12 Main St', '']]
    """
    parts = named.astype("str").str.extract(rf"(?s)^([^{AT}]*){AT}?(.*)$")
    return parts[0], parts[1]


def spellings(
    names: pd.Series, places: pd.Series, *, no_company: Collection[str] = ()
) -> tuple[pd.DataFrame, pd.Series]:
    """Count the distinct spellings of names, at each place.

    Parameters
    ----------
    names
        One name per response.
    places
        Where each response is, in one line; see `survey.places.places_of`.

    Returns
    -------
    spellings : pandas.DataFrame
        name, place and legal form ("" if not known), key (normalised), full (with the form), n, and whether
        it is ``nobody``: an answer that names no company.
    which : pandas.Series
        Line of the table by response; NA where there is no name.
    """
    written = names.astype("str").str.replace(AT, " ", regex=False).str.strip()
    table = pd.DataFrame({"name": written, "place": places})
    named = table["name"].notna().to_numpy()
    table = table[named]
    counted = table.value_counts().rename("n").reset_index().sort_values(["name", "place"], ignore_index=True)
    counted["key"] = normalise_name(counted["name"])
    counted["full"] = name_with_form(counted["name"])
    counted["form"] = counted["name"].map(legal_form).astype("str")
    counted["nobody"] = names_no_company(counted["name"], no_company)
    lines = pd.MultiIndex.from_frame(counted[["name", "place"]])
    which = pd.Series(pd.NA, index=names.index, dtype="Int64")
    which[named] = lines.get_indexer(pd.MultiIndex.from_frame(table))
    return counted, which


RESULT = ["company", "band", "score", "why", "asked"]
"""Columns that say what a name was taken for."""


def by_response(counted: pd.DataFrame, which: pd.Series) -> pd.DataFrame:
    """Return place, company, band, score and why of each response from those of its spelling."""
    found = (
        counted[["full", "place", *RESULT]].reindex(which.fillna(-1).astype("int64")).set_axis(which.index)
    )
    return found.assign(band=found["band"].fillna(NONE))


def most_frequent(counted: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Keep of each group the name with the most responses, of equals the first in the alphabet."""
    total = counted.groupby([*by, "name"])["n"].sum().reset_index()
    first = total.sort_values([*by, "n", "name"], ascending=[*(True for _ in by), False, True])
    return first.drop_duplicates(by).reset_index(drop=True)


def decided(full: pd.Series, places: pd.Series, decisions: Mapping[str, str]) -> pd.Series:
    """Return what somebody decided of each name, normalised with its legal form; NA where nobody did.

    A decision about a name at its place, or at none that is known, comes before one about the name everywhere.
    """
    if not decisions:
        return pd.Series(pd.NA, index=full.index, dtype="str")
    said = pd.Series(dict(decisions), dtype="str")
    written = said.index.to_series()
    name, place = name_and_place(written)
    form = name_with_form(name)
    keys = form.where(~written.str.contains(AT, regex=False), form + AT + place)
    by_name = pd.Series(said.to_numpy(), index=keys, dtype="str")
    by_name = by_name[by_name.index.notna() & ~by_name.index.duplicated()]
    return (full + AT + places).map(by_name).astype("str").fillna(full.map(by_name).astype("str"))


def other_form(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Say of pairs of legal forms whether they are two: both are known and have no word in common.

    Examples
    --------
    >>> other_form(pd.Series(["ltd", "ltd", ""]), pd.Series(["co ltd", "plc", "plc"])).tolist()
    [False, True, False]
    """
    return _disjoint(one, other, {form: frozenset(form.split()) for form in {*one, *other}})


def _disjoint(one: pd.Series, other: pd.Series, parts: Mapping[str, frozenset[str]]) -> np.ndarray:
    """Whether both of a pair have parts, and none in common."""
    ones, others, apart = one.to_numpy(), other.to_numpy(), np.zeros(len(one), dtype=bool)
    for at in np.flatnonzero((ones != "") & (others != "")):
        first, second = parts[ones[at]], parts[others[at]]
        apart[at] = bool(first and second) and first.isdisjoint(second)
    return apart


def at_their_places(pairs: pd.DataFrame) -> pd.DataFrame:
    """Lower the score of names at two places, and say what their places tell."""
    told = {OTHER: "other place, ", UNCLEAR: "contradicting place, ", SAME: "one place, "}
    if (pairs["relation"] == UNKNOWN).all():
        return pairs
    elsewhere = pairs["relation"] == OTHER
    why = pairs["why"].mask((pairs["score"] == 0) & (pairs["why"] == IN_COMMON), "nothing in common")
    return pairs.assign(
        score=pairs["score"].where(~elsewhere, ELSEWHERE * pairs["score"]),
        why=pairs["relation"].map(told).fillna("") + why,
    )


def nearest(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the nearest `CANDIDATES` companies of each name, ranked from 1; ties by the name of the company.

    Being at one place (``relation``) counts for two thirds of what is missing in the score.
    """
    lacking = (1 - pairs["score"]) * np.where(pairs["relation"] == SAME, AT_ONE_PLACE, 1)
    order = pairs.assign(lacking=lacking).sort_values(["asked", "lacking", "called", "company"])
    order = order.drop_duplicates(["asked", "company"])
    ranked = order.assign(rank=order.groupby("asked").cumcount() + 1)
    columns = ["asked", "name", "place", "rank", "company", "called", "called_place", "score", "why"]
    return ranked.loc[ranked["rank"] <= CANDIDATES, columns].reset_index(drop=True)
