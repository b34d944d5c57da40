"""Faults of places that can hold several kinds of values, such as a word or keys: told once, by what stands there."""

from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

from survey.yaml_files import holds, stands_at

ALTERNATIVES = "alternatives"
"""Type of the one fault of a place whose value is of none of its kinds."""

Way = tuple[int | str, ...]


def of_one_kind(details: Iterable[ErrorDetails], document: Any) -> list[ErrorDetails]:
    """Tell each place once, and take the kinds that were tried there out of the ways to it.

    Pydantic tells the faults of every kind that a place can hold. Where the value is of one of them, the faults
    within it are told; where it is of none, one fault for all, with theirs as ``ctx["kinds"]``.

    Parameters
    ----------
    details
        As ``ValidationError.errors()`` has them.
    document
        What was validated.
    """
    tried: dict[Way, list[ErrorDetails]] = {}
    for detail in details:
        place, within = _split(tuple(detail["loc"]), document, lacking=detail["type"] == "missing")
        tried.setdefault(place, []).append({**detail, "loc": (*place, *within)})
    return [detail for place, told in tried.items() for detail in _of_place(place, told, document)]


def _of_place(place: Way, told: list[ErrorDetails], document: Any) -> list[ErrorDetails]:
    inside = [detail for detail in told if detail["loc"] != place]
    if inside or len(told) == 1:
        return inside or told
    one = ErrorDetails(type=ALTERNATIVES, loc=place, msg="", input=stands_at(document, place))
    return [{**one, "ctx": {"kinds": told}}]


def _split(way: Way, document: Any, *, lacking: bool) -> tuple[Way, Way]:
    """Split a way at the name of the kind that was tried; nothing comes after a place that holds one kind."""
    node = document
    for number, key in enumerate(way):
        if holds(node, key):
            node = node[key]
            continue
        absent = lacking and number + 1 == len(way)
        kind = isinstance(key, str) and key != "[key]" and not absent
        return (way[:number], way[number + 1 :]) if kind else (way, ())
    return way, ()
