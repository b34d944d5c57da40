"""Sentences of a document by key, in every language that it has."""

import string
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from survey.declaration import suggest

FOLDER = Path(__file__).parent / "sentences"


@cache
def phrases(document: str) -> dict[str, dict[str, str]]:
    """Read all sentences of a document: by key, then by language.

    Raises
    ------
    ValueError
        If a sentence lacks a language that another has, or is filled with other values in another language.
    """
    found: dict[str, dict[str, str]] = YAML(typ="safe").load(FOLDER / f"{document}.yaml")
    languages = set().union(*found.values())
    for key, texts in found.items():
        if set(texts) != languages or len({fields(text) for text in texts.values()}) > 1:
            raise ValueError(f"{document}.yaml, {key}: not the same in every language")
    return found


def fields(text: str) -> frozenset[str]:
    """Names of what is filled into a sentence.

    Examples
    --------
    >>> sorted(fields("{n} of {function}"))
    ['function', 'n']
    """
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def phrase(document: str, key: str, language: str, /, **values: object) -> str:
    """Say a sentence of a document in a language, of which the region is ignored; in English where it has no other.

    Raises
    ------
    KeyError
        If there is no such sentence.

    Examples
    --------
    >>> phrase("comparison", "people_of", "de-AT", n=3, function="Vertrieb")
    '3 aus Vertrieb'
    """
    known = phrases(document)
    if key not in known:
        raise KeyError(f"{document} has no sentence {key!r}; {suggest(key, known)}")
    texts = known[key]
    return texts.get(language.replace("_", "-").split("-")[0].lower(), texts["en"]).format(**values)
