"""How a study declares replicate weights: those that it supplies, or those to be made from its design."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from survey.declaration import Declared, Fault, InconsistencyError

FEWEST = 50
"""A bootstrap with fewer replicates has errors that are themselves off by a tenth or more."""

MOST = 10_000
"""Errors of a bootstrap with more replicates are no better, and their weights fill the memory."""

KINDS = {
    "jk1": "JK1", "jkn": "JKn", "jk2": "JK2", "brr": "BRR", "fay": "Fay", "bootstrap": "bootstrap", "acs": "ACS",
    "other": "other",
}  # fmt: skip
"""What R calls each kind of supplied replicate weights."""


def _lower(said: Any) -> Any:
    return said.lower() if isinstance(said, str) else said


class ReplicateRule(Declared):
    """Replicate weights: supplied as columns, or made by the run from strata and clusters.

    Parameters
    ----------
    columns
        Columns with one replicate each: a pattern such as ``rw_*``, or a list of headings.
    file
        Where they stand; in the register or, failing that, the firmographics if not said. `sheet` of a workbook.
    company, wave
        Headings of the company and, where weights differ by wave, the year in `file`.
    type
        Kind of the supplied weights, as R ``svrepdesign(type = )``.
    scale, rscales, fay_rho
        What the documentation of the study states; see `analysis.infer.replicate_columns`.
    combined
        Whether the columns hold whole weights, to be held against `base`; else they multiply it.
    mse
        Whether deviations are from the estimate of the sample, not from the mean of the replicates.
    make
        How the run makes them: "jackknife" (each company left out once), "bootstrap", "brr" or "fay"
        (balanced half-samples of pairs).
    number
        Replicates of the bootstrap.
    """

    columns: str | list[str] | None = None
    file: str | None = Field(default=None, min_length=1)
    sheet: str | None = None
    company: str = "company"
    wave: str | None = None
    type: (
        Annotated[
            Literal["jk1", "jkn", "jk2", "brr", "fay", "bootstrap", "acs", "other"], BeforeValidator(_lower)
        ]
        | None
    ) = None
    scale: float | None = Field(default=None, gt=0)
    rscales: float | list[float] | None = None
    fay_rho: float | None = Field(default=None, ge=0, lt=1)
    combined: bool = True
    mse: bool = False
    make: Annotated[Literal["jackknife", "bootstrap", "brr", "fay"], BeforeValidator(_lower)] | None = None
    number: int | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "ReplicateRule":
        faults = list(self.faults())
        if faults:
            raise InconsistencyError(faults)
        return self

    def faults(self) -> Iterator[Fault]:
        """Yield keys that contradict each other, and what a kind needs and did not get."""
        if (self.columns is None) == (self.make is None):
            what = "name no replicate weights" if self.make is None else "are both supplied and made"
            yield Fault(
                (),
                what,
                '`columns: "rw_*"` with their `type`, or `make: jackknife`, `bootstrap`, `brr` or `fay`',
            )
        elif self.make is None:
            yield from self._of_supplied()
        else:
            yield from self._of_made()
        fay = "fay" in (self.type, self.make)
        if fay and self.fay_rho is None:
            yield Fault(("fay_rho",), "is needed for Fay's method", "0 to below 1, such as 0.3")
        if self.fay_rho is not None and not fay:
            yield Fault(("fay_rho",), "is of no use but for Fay's method", "`type: fay` or `make: fay`")

    def _of_supplied(self) -> Iterator[Fault]:
        if self.type is None:
            yield Fault(("type",), "is not said", ", ".join(KINDS))
        if self.type == "jkn" and self.combined and self.rscales is None:
            allowed = "(n - 1) / n of the stratum of each replicate, from the documentation of the study"
            yield Fault(("rscales",), "are needed for jkn", allowed)
        if self.type == "other" and self.scale is None:
            yield Fault(
                ("scale",), "is needed for other replicate weights", "the scale that the study documents"
            )
        given = [self.rscales] if isinstance(self.rscales, float) else self.rscales
        if given is not None and not (given and min(given) >= 0 and max(given) > 0):
            yield Fault(("rscales",), "hold no scales", "numbers of 0 or more, one of them above 0")
        if self.number is not None:
            yield Fault(("number",), "is of no use where replicate weights are supplied", "leave it out")

    def _of_made(self) -> Iterator[Fault]:
        for key in ("file", "sheet", "wave", "type", "scale", "rscales"):
            if getattr(self, key) is not None:
                yield Fault((key,), "is of no use where the run makes the replicates", "leave it out")
        if self.number is not None and self.make != "bootstrap":
            what = f"is of no use: the design says how many replicates the {self.make} has"
            yield Fault(("number",), what, "leave it out, or `make: bootstrap`")
        elif self.number is not None and self.number < FEWEST:
            yield Fault(
                ("number",), f"{self.number} replicates are too few", f"{FEWEST} or more; 200 is usual"
            )
        elif self.number is not None and self.number > MOST:
            yield Fault(("number",), f"{self.number} replicates are too many", f"up to {MOST}; 200 is usual")
