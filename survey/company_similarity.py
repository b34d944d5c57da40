"""How much speaks for two names being one company: the words they share, by rarity, and what is left over."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse

from survey.company_names import ContentWords, content_words
from survey.company_words import sets_apart
from survey.similar_words import TWO_SLIPS_FROM, SimilarWords, similar_words

Sparse = sparse.csr_array
Rests = tuple[Sparse, Sparse]

SAME_WORDS = 0.99
"""Score of two names of the same words in the same order."""

LEFT_OVER = 0.8
"""Highest score of two names of which one says a word that the other does not say in any spelling."""

INFLECTED, MISSPELT, ABBREVIATED, TURNED = 0.01, 0.05, 0.04, 0.05
"""What each difference that leaves no word over takes off the score."""

DOUBTFUL = 0.15
"""What more a difference takes off where too little else agrees to tell a slip from another company."""

OTHER_WORDS, OTHER_LETTERS = 2, 4
"""Words that have to agree beside one that is misspelt, unless it is long; letters, beside another ending."""

COMMON = 0.005
"""Share (0-1) of the names from which on a word, in any form, is common: "Tribunals" may be, "Lloyds" is not."""

NUMBERS_COUNT = 0.25
"""Factor of the weight of numbers: to have one in common says little, many companies have a branch 2."""

ONE_SIDED = 0.5
"""Factor of the score where only one name has a number."""

LONGEST_ABBREVIATED = 8
"""Words (at most) that one word can abbreviate."""

IN_COMMON = "words in common"
"""Why two names score what they do where neither is the other in other spellings."""

CHUNK = 200_000
"""Pairs that are scored at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class NameWords:
    """Names as words, with what is known of the words.

    Parameters
    ----------
    names
        Words and initials of each name.
    vocabulary
        The distinct words.
    presence
        1 where a name has a word: names x words.
    rarity
        Weight of each word: log(1 + names / names with the word), the idf of Spärck Jones (1972); that of
        numbers times `NUMBERS_COUNT`.
    similar
        Which words are likely one.
    numbers, places
        Which words are numbers, and which places or directions: names that differ in them are apart.
    """

    names: tuple[ContentWords, ...]
    vocabulary: pd.Index
    presence: sparse.csr_array
    rarity: np.ndarray
    similar: SimilarWords
    numbers: np.ndarray
    places: np.ndarray


def words_of_names(names: Sequence[str]) -> NameWords:
    """Take names apart into words, weighted by rarity within these names."""
    taken = tuple(map(content_words, names))
    long = pd.Series([name.words for name in taken], dtype=object).explode()
    code, vocabulary = pd.factorize(long, sort=True)
    shape = (len(taken), len(vocabulary))
    counts = sparse.csr_array((np.ones(len(code)), (long.index.to_numpy(dtype=int), code)), shape=shape)
    presence = counts.minimum(counts.sign()).tocsr()
    frequency: np.ndarray = np.asarray(presence.sum(axis=0)).ravel()
    words = pd.Index(vocabulary, dtype="str")
    numbers, places = sets_apart(words)
    rarity = np.log1p(len(taken) / frequency) * np.where(numbers, NUMBERS_COUNT, 1)
    return NameWords(taken, words, presence, rarity, similar_words(words, frequency), numbers, places)


def score_pairs(table: NameWords, one: np.ndarray, other: np.ndarray) -> pd.DataFrame:
    """Score pairs of names.

    Where each word of either name has its counterpart in the other, the score is `SAME_WORDS`, less what
    its differences take off: another ending, a slip, an abbreviation spelt out, another order. This does not
    depend on what other names there are, except that a slip is a rare spelling. Otherwise the score is
    `LEFT_OVER` times the mean of two shares of the words, weighted by rarity: what is shared among all words
    of both (Jaccard), and among those of the shorter name. Names with different numbers or places score 0;
    where only one has a number, half.

    Parameters
    ----------
    table
        The names.
    one, other
        Positions of the names of each pair.

    Returns
    -------
    pandas.DataFrame
        one, other, score (0-1) and why.
    """
    parts = [
        _score(table, one[at : at + CHUNK], other[at : at + CHUNK])
        for at in range(0, max(len(one), 1), CHUNK)
    ]
    return pd.concat(parts, ignore_index=True)


def _score(table: NameWords, one: np.ndarray, other: np.ndarray) -> pd.DataFrame:
    first, second = table.presence[one], table.presence[other]
    common = first.multiply(second).tocsr()
    rests = (first - common).tocsr(), (second - common).tocsr()
    pairs = pd.DataFrame({"one": one, "other": other, **_differences(table, common, rests)})
    pairs["spelt_out"] = _spelt_out(table, pairs, rests)
    pairs["whole"] = (pairs["spelt_out"] > 0) | ((pairs["left"] == 0) & (pairs["left_other"] == 0))
    pairs["turned"] = _turned(table, pairs)
    words = LEFT_OVER * _shared(table, common, rests)
    words = np.where(_sides(table.numbers, rests) == 1, ONE_SIDED * words, words)
    apart = (_sides(table.numbers, rests) == 2) | (_sides(table.places, rests) == 2)
    pairs["score"] = np.where(apart, 0.0, np.where(pairs["whole"], _score_of_whole(pairs), words))
    pairs["why"] = _why(pairs, apart)
    return pairs[["one", "other", "score", "why"]]


def _differences(table: NameWords, common: Sparse, rests: Rests) -> dict[str, np.ndarray]:
    """Count the words left over on either side, and those that have a counterpart, by kind."""
    similar, lengths = table.similar, table.vocabulary.str.len().to_numpy()
    rest, rest_other = rests
    inflected = (rest_other @ similar.inflected).multiply(rest).sign()
    misspelt = (rest_other @ similar.misspelt).multiply(rest).sign()
    covered = (inflected + misspelt).sign()
    back = (rest @ (similar.inflected + similar.misspelt)).multiply(rest_other).sign()
    long = lengths >= TWO_SLIPS_FROM
    return {
        "left": _count(rest) - _count(covered),
        "left_other": _count(rest_other) - _count(back),
        "inflected": _count(inflected),
        "telling": inflected @ _telling(table),
        "misspelt": _count(misspelt),
        "short": _count(misspelt) - misspelt @ long,
        "agree": _count(common),
        "letters": common @ lengths,
    }


def _telling(table: NameWords) -> np.ndarray:
    """Say which words hardly any names have besides the two that are compared, whatever their ending."""
    frequency = np.asarray(table.presence.sum(axis=0)).ravel()
    spread = frequency + table.similar.inflected @ frequency
    telling: np.ndarray = spread - 2 < COMMON * table.presence.shape[0]
    return telling


def _count(words: Sparse) -> np.ndarray:
    return np.asarray(words.sum(axis=1)).ravel()


def _shared(table: NameWords, common: Sparse, rests: Rests) -> np.ndarray:
    """Mean of what is shared among all words of both names and among those of the shorter one, by rarity."""
    weight, similar = table.rarity, table.similar
    alike = similar.inflected.maximum(similar.misspelt).maximum(similar.related)
    same = common @ weight
    soft = [_at_most_one((theirs @ alike).multiply(own)) @ weight for own, theirs in (rests, rests[::-1])]
    sizes = [same + rest @ weight for rest in rests]
    agreed = same + (soft[0] + soft[1]) / 2
    jaccard = agreed / (sizes[0] + sizes[1] - agreed)
    contained = np.minimum(agreed / np.minimum(*sizes), 1)
    return np.asarray((jaccard + contained) / 2)


def _at_most_one(similarity: Sparse) -> Sparse:
    return similarity.minimum(similarity.sign())


def _spelt_out(table: NameWords, pairs: pd.DataFrame, rests: Rests) -> np.ndarray:
    """Whether what is left of one name is the words left of the other written as one (1), or their initials (2)."""
    fewer, more = np.sort(pairs[["left", "left_other"]].to_numpy(), axis=1).T
    said = np.zeros(len(pairs), dtype=int)
    some = np.flatnonzero((fewer == 1) & (more >= 1) & (more <= LONGEST_ABBREVIATED))
    left = [
        _words_left(table, pairs[side].to_numpy()[some], rest[some])
        for side, rest in zip(("one", "other"), rests, strict=True)
    ]
    for at, first, second in zip(some, *left, strict=True):
        short, long = sorted((first, second), key=len)
        if len(short) == 1 < len(long):
            initials = "".join(word[0] for word in long)
            said[at] = 1 if short[0] == "".join(long) else 2 * (short[0] == initials)
    return said


def _words_left(table: NameWords, names: np.ndarray, rest: Sparse) -> list[list[str]]:
    """Return the words of each name that are left over, in their order."""
    words = table.vocabulary.to_numpy()[rest.indices]
    left = (set(words[start:end]) for start, end in pairwise(rest.indptr))
    return [
        [word for word in table.names[n].words if word in some] for n, some in zip(names, left, strict=True)
    ]


def _turned(table: NameWords, pairs: pd.DataFrame) -> np.ndarray:
    """How the words that two whole names share differ: 1 in their order, 2 in how often they stand there."""
    turned = np.zeros(len(pairs), dtype=int)
    some = pairs[pairs["whole"]]
    for at, one, other in zip(some.index, some["one"], some["other"], strict=True):
        first, second = table.names[one].words, table.names[other].words
        both = set(first) & set(second)
        shared = [[word for word in words if word in both] for words in (first, second)]
        turned[at] = (shared[0] != shared[1]) + (sorted(shared[0]) != sorted(shared[1]))
    return turned


def _score_of_whole(pairs: pd.DataFrame) -> np.ndarray:
    doubtful = (
        ((pairs["short"] > 0) & (pairs["agree"] < OTHER_WORDS))
        | ((pairs["inflected"] > 0) & (pairs["letters"] < OTHER_LETTERS))
        | ((pairs["telling"] > 0) & (pairs["agree"] < OTHER_WORDS))
        | ((pairs["spelt_out"] == 2) & (pairs["agree"] < OTHER_WORDS))
        | ((pairs["turned"] == 1) & (pairs["agree"] <= OTHER_WORDS))
        | (pairs["turned"] == 2)
    )
    taken = (
        INFLECTED * pairs["inflected"]
        + MISSPELT * pairs["misspelt"]
        + ABBREVIATED * (pairs["spelt_out"] > 0)
        + TURNED * (pairs["turned"] > 0)
        + DOUBTFUL * doubtful
    )
    score: np.ndarray = np.maximum((SAME_WORDS - taken).to_numpy(dtype=float), LEFT_OVER)
    return score


def _sides(kind: np.ndarray, rests: Rests) -> np.ndarray:
    """On how many sides (0-2) a word of this kind is left over."""
    sides: np.ndarray = np.add(*(np.asarray(rest @ kind > 0, dtype=int) for rest in rests))
    return sides


def _why(pairs: pd.DataFrame, apart: np.ndarray) -> np.ndarray:
    kinds = {
        "other number or place": apart,
        IN_COMMON: ~pairs["whole"].to_numpy(),
        "words written as one": (pairs["spelt_out"] == 1).to_numpy(),
        "abbreviation spelt out": (pairs["spelt_out"] == 2).to_numpy(),
        "slip in a word": (pairs["misspelt"] > 0).to_numpy(),
        "other ending": (pairs["inflected"] > 0).to_numpy(),
        "other order": (pairs["turned"] > 0).to_numpy(),
    }
    return np.select(list(kinds.values()), list(kinds), "same words")
