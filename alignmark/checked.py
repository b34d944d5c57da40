"""Checked: declarations whose keys can contradict one another."""

from collections.abc import Iterator
from typing import Self

from pydantic import model_validator

from survey.declaration import Declared, Fault, InconsistencyError


class Checked(Declared):
    """Base of declarations whose keys can contradict one another: every fault is told at its key."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults = list(self.faults())
        if faults:
            raise InconsistencyError(faults)
        return self

    def faults(self) -> Iterator[Fault]:
        """Yield what contradicts itself."""
        yield from ()
