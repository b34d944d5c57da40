"""Where companies are, as people write it, and whether two of these are one place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from survey.company_words import lists, plain_words

PLACE_COLUMNS = ("place", "street", "postcode", "city", "phone")
"""What a place can be said in: all in one cell (an address or a region), or part by part."""

OTHER, UNCLEAR, UNKNOWN, SAME = -2, -1, 0, 1
"""What is known of two places: they are two; their parts contradict each other; too little; they are one."""

ALIKE = 80.0
"""Likeness (rapidfuzz, 0-100) from which two words of an address are one."""

SHORTEST_NUMBER, SHORTEST_CODE = 6, 4
"""Digits in which two telephone numbers, and characters in which two postal codes, have to agree."""

_COMPASS = {word: word[0] for word in ("north", "south", "east", "west", "n", "s", "e", "w")}
_NUMBER = re.compile(r"\d+[a-z]?")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in its parts; what is not known is empty.

    Parameters
    ----------
    numbers
        Numbers of the address in their order, the house first where it is written first.
    words
        Words of the address besides its kind of street ("avenue") and its direction ("n").
    kinds, directions
        Which these are.
    postcode, town, phone
        Letters and digits; words; digits.
    called
        The town as it is written.
    """

    numbers: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset()
    postcode: str = ""
    town: str = ""
    phone: str = ""
    called: str = ""


NOWHERE = Place()


def places_of(places: pd.Series | pd.DataFrame | None, index: pd.Index) -> tuple[pd.Series, dict[str, Place]]:
    """Say where each response is, in one line, and what each line says in parts.

    Parameters
    ----------
    places
        Text of `PLACE_COLUMNS`, or of "place" alone; None if nothing is known.
    index
        Of the responses.

    Returns
    -------
    lines : pandas.Series of str
        The parts one after another; "" where none is known.
    known : dict
        The place by line.

    Examples
    --------
    >>> said = pd.DataFrame({"street": ["12 Main St", "n/a"], "city": ["Springfield", None]})
    >>> places_of(said, said.index)[0].tolist()
    ['12 Main St, Springfield', '']
    """
    if places is None:
        return pd.Series("", index=index, dtype="str"), {"": NOWHERE}
    table = places.rename("place").to_frame() if isinstance(places, pd.Series) else places
    table = table.reindex(columns=list(PLACE_COLUMNS)).astype("str").fillna("")
    texts = {
        tuple(parts): _said(parts) for parts in table.drop_duplicates().itertuples(index=False, name=None)
    }
    known = {", ".join(filter(None, parts)): place(*parts) for parts in texts.values()}
    lines = [", ".join(filter(None, texts[parts])) for parts in table.itertuples(index=False, name=None)]
    return pd.Series(lines, index=index, dtype="str"), {"": NOWHERE} | known


def _said(parts: tuple[str, ...]) -> list[str]:
    """Return the parts without what says nothing, such as "n/a"."""
    nothing = lists().no_company | {""}
    return ["" if plain_words(part) in nothing else " ".join(part.split()) for part in parts]


def place(  # noqa: PLR0917 - in the order of PLACE_COLUMNS
    whole: str = "", street: str = "", postcode: str = "", city: str = "", phone: str = ""
) -> Place:
    """Take what is written of a place apart; `whole` without a number in it is a town or region.

    Examples
    --------
    >>> place("12 N. Main Street, Springfield").numbers, sorted(place("12 N. Main Street, Springfield").words)
    (('12',), ['main', 'springfield'])
    """
    address = street or (whole if re.search(r"\d", whole) else "")
    called = city or ("" if address == whole else whole)
    kinds = lists().street_kinds
    words = plain_words(address).split()
    numbers = tuple(word for word in words if _NUMBER.fullmatch(word))
    rest = {word for word in words if word not in numbers and word not in lists().small}
    return Place(
        numbers=numbers,
        words=frozenset(rest - _COMPASS.keys() - kinds.keys()),
        kinds=frozenset(kinds[word] for word in rest & kinds.keys()),
        directions=frozenset(_COMPASS[word] for word in rest & _COMPASS.keys()),
        postcode=re.sub(r"\.0$|[\W_]", "", postcode.casefold()),
        town=plain_words(called),
        phone=re.sub(r"\D", "", phone).lstrip("0"),
        called=called,
    )


def compare_places(one: pd.Series, other: pd.Series, known: Mapping[str, Place]) -> np.ndarray:
    """Say of pairs of lines whether they are one place.

    Two addresses are one if they begin with the same number, none has a number that contradicts the other's,
    and most words of the shorter stand in the other. They are unclear, for somebody to look at, if they have
    that number in common and something else contradicts: the kind of street, a further number, the postal code,
    the town, the telephone. Else they are two. Where an address is missing a telephone number tells the same;
    postal codes and towns only tell that places are two.

    Returns
    -------
    numpy.ndarray of int
        `OTHER`, `UNCLEAR`, `UNKNOWN` or `SAME`.

    Examples
    --------
    >>> lines = ["12 Main Street", "12 Main St. 60601", "14 Main St", "12 Main Avenue", ""]
    >>> known = {line: place(line) for line in lines}
    >>> pairs = pd.Series([lines[0]] * 4), pd.Series(lines[1:])
    >>> compare_places(*pairs, known).tolist() == [SAME, OTHER, UNCLEAR, UNKNOWN]
    True
    """
    ones, others = one.to_numpy(), other.to_numpy()
    found = np.full(len(ones), UNKNOWN)
    for at in np.flatnonzero((ones != "") & (others != "")):
        found[at] = _relation(known[ones[at]], known[others[at]])
    return found


def meeting_points(known: Mapping[str, Place]) -> pd.DataFrame:
    """Return where to look for names at one place: ``line`` and ``point``, a house number with a word, or a telephone.

    Examples
    --------
    >>> meeting_points({"12 Main St": place("12 Main St")}).to_dict("records")
    [{'line': '12 Main St', 'point': '12 main'}]
    """
    points = [
        (line, point)
        for line, at in known.items()
        for point in (*(f"{at.numbers[0]} {word}" for word in sorted(at.words) if at.numbers), at.phone)
        if point
    ]
    return pd.DataFrame(points, columns=["line", "point"], dtype="str")


def _relation(one: Place, other: Place) -> int:
    address, phone = _addresses(one, other), _phones(one.phone, other.phone)
    elsewhere = _postcodes(one.postcode, other.postcode) == OTHER or _towns(one.town, other.town) == OTHER
    if address == OTHER:
        return UNCLEAR if phone == SAME else OTHER
    if address == UNCLEAR or SAME in (address, phone):
        contradicted = elsewhere or OTHER in (address, phone) or address == UNCLEAR
        return UNCLEAR if contradicted else SAME
    if elsewhere:
        return OTHER
    return UNCLEAR if phone == OTHER else UNKNOWN


def _addresses(one: Place, other: Place) -> int:
    if not (one.numbers and other.numbers):
        return OTHER if one.words and other.words and not _alike(one, other) else UNKNOWN
    first, second = set(one.numbers), set(other.numbers)
    within = first <= second or second <= first
    if one.numbers[0] != other.numbers[0]:
        return UNKNOWN if within else OTHER
    if not (one.words and other.words):
        return UNKNOWN if within else UNCLEAR
    if not _alike(one, other) or _apart(one.directions, other.directions):
        return OTHER
    return SAME if within and not _apart(one.kinds, other.kinds) else UNCLEAR


def _alike(one: Place, other: Place) -> bool:
    """Whether most words of the shorter address stand in the other, in some spelling."""
    fewer, more = sorted((one.words, other.words), key=len)
    found = {a for a, b in product(fewer, more) if a == b or fuzz.ratio(a, b) >= ALIKE}
    return 2 * len(found) > len(fewer)


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _phones(one: str, other: str) -> int:
    """Compare telephone numbers from their end, as codes of country and town come and go."""
    size = min(len(one), len(other))
    if size < SHORTEST_NUMBER:
        return UNKNOWN
    return SAME if one[-size:] == other[-size:] else OTHER


def _postcodes(one: str, other: str) -> int:
    """Compare postal codes from their beginning, as the last part comes and goes ("60601-1234")."""
    if not (one and other):
        return UNKNOWN
    size = max(min(len(one), len(other)), SHORTEST_CODE)
    return SAME if one[:size] == other[:size] else OTHER


def _towns(one: str, other: str) -> int:
    if not (one and other):
        return UNKNOWN
    return SAME if fuzz.token_set_ratio(one, other) >= ALIKE else OTHER
