"""Several choices in one cell: "CRM; Chat", as some platforms write what others spread over columns."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from survey.instrument import Question
from survey.wording import wording_key

_BETWEEN = re.compile(r"[;,|\n]")
_NONE = frozenset(
    {"none", "none of these", "none of the above", "none of them", "nichts davon", "keine davon"}
    | {"keines davon", "keines der genannten", "keine der genannten", "aucun", "aucun de ces choix"}
    | {"ninguno", "ninguno de los anteriores"}
)


class Choices(NamedTuple):
    """What the cells of one column choose.

    `ticks` has a column per option: 1 where it is chosen, 0 where the cell chooses something else or says
    "none of these", NaN where it is blank. `strange` is what in a cell is no option; NA where nothing is.
    """

    ticks: pd.DataFrame
    strange: pd.Series


def split_choices(
    column: pd.Series,
    options: Sequence[Question],
    *,
    between: str = "",
    labels: Mapping[str, str] | None = None,
) -> Choices:
    """Split cells that hold several choices into the options of a tick list.

    What stands between choices may also be part of an option: the longest run of pieces that is an option
    counts as one. Where the file does not say what stands between them, or what it says leaves a rest, it
    is semicolons, commas, bars or line breaks, and for ids also spaces.

    Parameters
    ----------
    column
        Text or NA.
    options
        The tick items of one list, all of them.
    between
        What stands between choices; empty where the file does not say.
    labels
        What codes mean in this file: wording by code.

    Examples
    --------
    >>> words = {"crm": "A CRM, or the like", "chat": "Chat"}
    >>> options = [Question(key, "practice", "tools", "tick", {"en": text}) for key, text in words.items()]
    >>> cells = pd.Series(["A CRM, or the like, Chat", "chat", "crm chat", "Chat;Slack", None], dtype="str")
    >>> ticks, strange = split_choices(cells, options)
    >>> ticks["crm"].tolist(), strange.dropna().tolist()
    ([1.0, 0.0, 1.0, 0.0, nan], ['Slack'])
    """
    names = {wording_key(text): option.id for option in options for text in option.text.values()}
    names |= {wording_key(option.id): option.id for option in options}
    meant = {wording_key(code): names.get(wording_key(label)) for code, label in (labels or {}).items()}
    names = {code: option for code, option in meant.items() if option} | names
    marks = [re.compile(re.escape(between)), _BETWEEN] if between else [_BETWEEN]
    texts = [text for option in options for text in option.text.values()]
    longest = max(len(mark.split(text)) for mark in marks for text in texts)
    positions, uniques = pd.factorize(column)
    ways = [[_parsed(mark.split(str(cell)), names, longest) for mark in marks] for cell in uniques]
    parsed = [min(found, key=lambda way: len("".join(way[1]))) for found in ways]
    chosen = np.array([[option.id in ids for option in options] for ids, _ in parsed], dtype=float)
    table = np.vstack([chosen.reshape(-1, len(options)), np.full(len(options), np.nan)])
    odd = pd.Series([*("; ".join(rest) or None for _, rest in parsed), None], dtype="str")
    return Choices(
        pd.DataFrame(table[positions], index=column.index, columns=[option.id for option in options]),
        odd.take(positions % len(odd)).set_axis(column.index),
    )


def _parsed(split: Sequence[str], names: Mapping[str, str], longest: int) -> tuple[set[str], list[str]]:
    """Return the options that the pieces of a cell name, and what else stands in it."""
    pieces = [piece for piece in split if wording_key(piece)]
    chosen: set[str] = set()
    strange: list[str] = []
    start = 0
    while start < len(pieces):
        ends = range(min(start + longest, len(pieces)), start, -1)
        keys = {end: wording_key(" ".join(pieces[start:end])) for end in ends}
        end = next((end for end, key in keys.items() if key in names), start + 1)
        words = [wording_key(word) for word in pieces[start].split()]
        if keys[end] in names:
            chosen.add(names[keys[end]])
        elif all(word in names for word in words):
            chosen |= {names[word] for word in words}
        elif keys[end] not in _NONE:
            strange.append(pieces[start].strip())
        start = end
    return chosen, strange
