"""Wordings that are nearly the same: how alike they are, and whether that is enough to take one for the other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from survey.language import say

ALIKE = 80.0
"""Similarity (0-100) from which a question is suggested."""
TAKEN = 90.0
"""Similarity (0-100) from which a question is taken, if no other comes near and the sense is the same."""
MARGIN = 5.0
"""Points by which the second candidate must stay behind the first."""
SHORTEST = 10
"""Letters below which one typing error changes too much of a wording."""

_NEGATIONS = """no not never nor none neither without cannot t nicht kein keine keinen keinem keiner keines nie
niemals ohne weder non ne pas jamais aucun aucune sans sin nunca ninguno ninguna tampoco"""
_SIDES = """sales marketing selling vertrieb vertriebs verkauf ventes vente commercial ventas we wir us uns our
unser nous nosotros they other another anderen andere anderer all some few less more weniger mehr too rarely often
always selten oft immer"""
_TELLING = frozenset(f"{_NEGATIONS} {_SIDES}".split())


class Candidate(NamedTuple):
    """A question that a column may be asking.

    `score` is the similarity of the wordings (0-100); `differs` the words in which they differ though the
    sense turns on them (negations, numbers, who it is about), empty if there is none.
    """

    target: str
    score: float
    differs: str = ""

    def __str__(self) -> str:
        """Say the question and how alike it is."""
        values = {"question": self.target, "score": f"{self.score:.0f}"}
        if not self.differs:
            return say("{question!r} ({score} of 100)", **values)
        return say("{question!r} ({score} of 100, but differs in {words})", **values, words=self.differs)


def candidates(
    readings: Mapping[str, Sequence[str]], wordings: Mapping[str, set[str]], *, cutoff: float = ALIKE
) -> dict[str, list[Candidate]]:
    """Compare what columns may be asking with the wordings of questions.

    Similarity is the normalised indel ratio of the keys: 100 times twice the letters in common, in order,
    by the letters of both. Keys shorter than `SHORTEST` must be equal.

    Parameters
    ----------
    readings
        Keys (`survey.wording.wording_key`) of what each column may be asking, by column.
    wordings
        Questions by the key of each of their wordings.
    cutoff
        Similarity below which a question is no candidate.

    Returns
    -------
    dict of str to list of Candidate
        For each column its candidates, best first; a question stands in it once, with its best wording.

    Examples
    --------
    >>> wordings = {"we share our goals": {"goals_1"}, "we share our office": {"office"}}
    >>> found = candidates({"Q1": ["we share our gaols"], "Q2": ["we do not share our goals"]}, wordings)
    >>> print(found["Q1"][0])
    'goals_1' (94 of 100)
    >>> print(found["Q2"][0])
    'goals_1' (84 of 100, but differs in 'not')
    """
    asked = [(column, key) for column, keys in readings.items() for key in set(keys) if key]
    known = [key for key in wordings if key]
    best: dict[str, dict[str, Candidate]] = {column: {} for column in readings}
    if not asked or not known:
        return {column: [] for column in readings}
    scores = process.cdist([key for _, key in asked], known, scorer=fuzz.ratio, score_cutoff=cutoff)
    for n, m in np.argwhere(scores >= cutoff):
        (column, reading), wording, score = asked[n], known[m], float(scores[n, m])
        if score < 100 and min(len(reading), len(wording)) < SHORTEST:
            continue
        for target in wordings[wording]:
            if target not in best[column] or score > best[column][target].score:
                best[column][target] = Candidate(target, score, _differences(reading, wording))
    return {
        column: sorted(found.values(), key=lambda c: (-c.score, c.target)) for column, found in best.items()
    }


def settle(
    found: Mapping[str, Sequence[Candidate]], open_targets: set[str]
) -> tuple[dict[str, Candidate], dict[str, list[Candidate]]]:
    """Decide which similar wordings can be taken for one another.

    A question is taken if its similarity reaches `TAKEN`, the words that differ do not turn its sense, the
    second candidate of the column stays behind by `MARGIN`, and no other column comes as near to it.

    Parameters
    ----------
    found
        What `candidates` returned.
    open_targets
        Questions that no column answers yet.

    Returns
    -------
    taken : dict of str to Candidate
        By column.
    ambiguous : dict of str to list of Candidate
        By column, where an open question is near enough and it is not clear which.
    """
    taken: dict[str, Candidate] = {}
    ambiguous: dict[str, list[Candidate]] = {}
    for column, ranked in found.items():
        near = [c for c in ranked if c.score >= max(TAKEN, ranked[0].score - MARGIN)]
        if not near or not open_targets & {c.target for c in near}:
            continue
        rivals = [c for c in ranked[1:] if c.score > ranked[0].score - MARGIN]
        if rivals or ranked[0].differs or _wanted_elsewhere(column, ranked[0], found):
            ambiguous[column] = [ranked[0], *rivals]
        else:
            taken[column] = ranked[0]
    return taken, ambiguous


def _wanted_elsewhere(column: str, first: Candidate, found: Mapping[str, Sequence[Candidate]]) -> bool:
    others = (c for other, ranked in found.items() if other != column for c in ranked)
    return any(c.target == first.target and c.score > first.score - MARGIN for c in others)


def _differences(reading: str, wording: str) -> str:
    """Return the telling words that stand in one of two keys only, or in another order."""
    one, two = list(_telling(reading)), list(_telling(wording))
    if one == two:
        return ""
    odd = sorted(set(one) ^ set(two)) or sorted(set(one))
    return ", ".join(map(repr, odd))


def _telling(key: str) -> Iterator[str]:
    return (word for word in key.split() if word in _TELLING or any(map(str.isdigit, word)))
