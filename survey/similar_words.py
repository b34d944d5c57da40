"""Words of names that are likely one word: misspelt, inflected, or of one stem."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA
from scipy import sparse

ENDINGS = ("s", "es", "e", "n", "en")
"""What plurals and other forms of a word add to it."""

MISSPELT_FROM = 5
"""Letters (at least) of a word that can be told to be misspelt."""

LONGEST = 30
"""Letters (at most) of a word that is looked through for slips; what is longer is a text."""

TWO_SLIPS_FROM = 9
"""Letters (at least) of a word in which two slips still leave no doubt which word is meant."""

STEM = 5
"""Letters at the beginning by which longer words are of one stem."""

RARE = 20
"""A spelling is a slip if another is at least so many times as frequent, or if it occurs but once."""


class SimilarWords(NamedTuple):
    """Pairs of words by kind, symmetric: words x words.

    Parameters
    ----------
    inflected
        1 where one word is the other with an ending.
    misspelt
        Similarity (0-1) of two spellings, one of them likely a slip.
    related
        Similarity (0-1) of words of one stem, and of spellings that are both in use.
    """

    inflected: sparse.csr_array
    misspelt: sparse.csr_array
    related: sparse.csr_array


def similar_words(words: pd.Index, frequency: np.ndarray) -> SimilarWords:
    """Find the pairs of similar words by common deletions, without comparing all with all.

    Two words are compared if they are equal after at most one letter of each is left out (Garbe's
    symmetric delete), or begin alike. Slips are counted by optimal string alignment, where letters that changed
    places are one. The first letter has to agree: it is seldom wrong (Pollock & Zamora 1984).

    Parameters
    ----------
    words
        Distinct words.
    frequency
        In how many names each occurs.

    Examples
    --------
    >>> words = pd.Index(["credit", "credits", "technical", "techincal"])
    >>> found = similar_words(words, np.array([3, 2, 5, 1]))
    >>> found.inflected.toarray()[0].tolist(), round(float(found.misspelt[2, 3]), 2)
    ([0.0, 1.0, 0.0, 0.0], 0.89)
    """
    inflected = _inflected(words)
    pairs = pd.concat([_one_deletion_apart(words), _one_stem(words)], ignore_index=True).drop_duplicates()
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    lengths = words.str.len().to_numpy()
    slips = process.cpdist(words[one].to_list(), words[other].to_list(), scorer=OSA.distance, workers=-1)
    longer, shorter = np.maximum(lengths[one], lengths[other]), np.minimum(lengths[one], lengths[other])
    likely = np.where(shorter >= TWO_SLIPS_FROM, 2, 1)
    often, seldom = np.maximum(frequency[one], frequency[other]), np.minimum(frequency[one], frequency[other])
    slip = (slips <= likely) & (shorter >= MISSPELT_FROM) & ((seldom == 1) | (often >= RARE * seldom))
    size, places = len(words), inflected.tocoo()
    plain = np.isin(one * size + other, places.row.astype(np.int64) * size + places.col)
    alike = 1 - slips / longer
    return SimilarWords(
        inflected,
        _symmetric(one, other, np.where(slip & ~plain, alike, 0), size),
        _symmetric(one, other, np.where(~slip & ~plain, alike, 0), size),
    )


def _inflected(words: pd.Index) -> sparse.csr_array:
    place = pd.Series(np.arange(len(words)), index=words)
    stems = words[(words.str.len() >= 4) & words.str.isalpha()]
    found = [
        pd.DataFrame({"one": place[stems].to_numpy(), "other": place.reindex(stems + ending).to_numpy()})
        for ending in ENDINGS
    ]
    pairs = pd.concat(found).dropna().astype(int)
    ones = np.ones(len(pairs))
    return _symmetric(pairs["one"].to_numpy(), pairs["other"].to_numpy(), ones, len(words))


def _one_deletion_apart(words: pd.Index) -> pd.DataFrame:
    """Pairs of words that are equal after at most one letter of each is left out."""
    lengths = words.str.len()
    places = np.flatnonzero((lengths >= MISSPELT_FROM) & (lengths <= LONGEST) & words.str.isalpha())
    keys = [
        (place, word[:n] + word[n + 1 :])
        for place, word in zip(places, words[places], strict=True)
        for n in range(1, len(word) + 1)
    ]
    return _sharing(pd.DataFrame(keys, columns=["place", "key"]))


def _one_stem(words: pd.Index) -> pd.DataFrame:
    places = np.flatnonzero((words.str.len() > STEM) & words.str.isalpha())
    return _sharing(pd.DataFrame({"place": places, "key": words[places].str[:STEM]}))


def _sharing(keys: pd.DataFrame, *, most: int = 100) -> pd.DataFrame:
    """Pairs of places with a common key; keys of more than `most` places tell nothing and are left out."""
    keys = keys.drop_duplicates()
    keys = keys[keys.groupby("key")["place"].transform("size") <= most]
    both = keys.merge(keys, on="key", suffixes=("", "_other"))
    both = both[both["place"] < both["place_other"]]
    return both[["place", "place_other"]].set_axis(["one", "other"], axis=1).drop_duplicates().astype("int64")


def _symmetric(one: np.ndarray, other: np.ndarray, values: np.ndarray, size: int) -> sparse.csr_array:
    some = values > 0
    half = sparse.csr_array((values[some], (one[some], other[some])), shape=(size, size))
    return half.maximum(half.T).tocsr()
