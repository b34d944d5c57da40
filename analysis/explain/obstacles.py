"""Why a model cannot be fitted, in the words that models of every kind share."""

from collections.abc import Mapping

from survey.language import say


def absent(name: str, unavailable: Mapping[str, str]) -> str:
    """Say that a column is not there, and why."""
    return _because(say("{name} is not in the panel", name=name), unavailable.get(name, ""))


def without_values(name: str, unavailable: Mapping[str, str]) -> str:
    """Say that a column holds nothing, and why."""
    return _because(say("{name} has no values", name=name), unavailable.get(name, ""))


def _because(said: str, why: str) -> str:
    return f"{said}: {why}" if why else said


def not_told_apart(term: str) -> str:
    """Say that a term is determined by the others."""
    return say("{regressor} cannot be told apart from the other terms", regressor=term)
