"""Attempts: steps tried one after another, with the problems of all of them kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from survey.problems import InputError, Problem

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True)
class Attempts:
    """Problems found so far; where a step fails, the steps that can do without it are still tried."""

    problems: list[Problem] = field(default_factory=list)

    def attempt(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what `step` gives, or None and keep its problems."""
        try:
            return step(*args, **kwargs)
        except InputError as error:
            self.problems.extend(error.problems)
            return None
