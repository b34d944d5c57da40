"""What a study declares of disclosure: how many a published cell must stand for, and how little one company in it."""

from collections.abc import Iterator

from pydantic import Field

from alignmark.checked import Checked
from analysis.benchmark.disclosure import SEVERAL
from analysis.benchmark.primary_rules import PrimaryRules
from survey.declaration import Declared, Fault
from survey.language import digits, say, say_n


class Dominance(Declared):
    """The `n` largest companies may have at most `k` per cent of the weight of a cell."""

    n: int = Field(default=2, ge=1)
    k: float = Field(default=85, gt=0, le=100)


class Disclosure(Checked):
    """Rules that every published cell must satisfy. Their defaults are customary, and no safe harbour.

    `largest_share` (0-1) is that of one company in the weight of a cell. `rounding` is the step to which published
    levels and differences are rounded. `ledger` is the ``release.json`` that the run of the last release left: what
    was published before, against which this release is held; `release` is the name that this one has there.
    """

    minimum_companies: int = Field(default=5, ge=1)
    minimum_respondents: int = Field(default=3, ge=1)
    largest_share: float = Field(default=0.25, gt=0, le=1)
    dominance: Dominance | None = None
    p_percent: float | None = Field(default=None, gt=0, le=100)
    rounding: float | None = Field(default=None, gt=0, le=50)
    ledger: str | None = Field(default=None, min_length=1)
    release: str = Field(default="", max_length=80)

    def faults(self) -> Iterator[Fault]:
        """Yield rules that no cell of the smallest size could satisfy."""
        if self.largest_share * self.minimum_companies < 1 and "largest_share" in self.model_fields_set:
            what = (
                f"no company may have more than {self.largest_share:g} of a cell, though a cell of "
                f"{self.minimum_companies} companies gives each {1 / self.minimum_companies:.3g} or more"
            )
            allowed = f"{1 / self.minimum_companies:.3g} or more, or more companies a cell"
            yield Fault(("largest_share",), what, allowed)

    @property
    def rules(self) -> PrimaryRules:
        """The rules as the analysis takes them.

        Where fewer companies make a cell than the default share takes, companies of equal weight may share it.
        """
        share = max(self.largest_share, 1 / self.minimum_companies)
        dominance = None if self.dominance is None else (self.dominance.n, self.dominance.k)
        return PrimaryRules(
            self.minimum_companies, self.minimum_respondents, share, dominance, self.p_percent or 0.0
        )

    def in_words(self) -> tuple[str, ...]:
        """Say the rules as the report tells them."""
        between = say(
            "Cells from which others could be worked out, by taking tables, classes, waves or releases off one "
            "another, are withheld too. Which ones depends on who answered, never on what was answered."
        )
        last = say(
            "These limits are customary and the study's own choice. They make it hard to tell a single company; they "
            "do not prove that nobody can, and no law calls them safe."
        )
        return (*self._of_every_cell(), *self._of_large_companies(), between, *self._of_releases(), last)

    def _of_every_cell(self) -> Iterator[str]:
        least, people = self.minimum_companies, self.minimum_respondents
        companies = say_n(least, "{n} company", "{n} companies", n=least)
        yield say(
            "A cell is shown if it stands for {companies} or more, that of a function for {respondents} or more; "
            "percentiles and curves, which follow single companies, need {several} companies.",
            companies=companies,
            respondents=say_n(people, "{n} respondent", "{n} respondents", n=people),
            several=SEVERAL * least,
        )
        yield say(
            "At or below a percentile lie {companies} or more, and at or above it, however they are weighted, and "
            "so with the ends of its interval: else it could be the first or the last of a trade, who are known.",
            companies=companies,
        )
        yield say(
            "No company may have more than {share} of the weight of a level, a share or a difference.",
            share=digits(self.rules.largest_share, ".0%"),
        )

    def _of_large_companies(self) -> Iterator[str]:
        if self.dominance is not None:
            share = digits(self.dominance.k, "g")
            yield say(
                "The {n} largest companies of a cell may have {share}% of its weight at most.",
                n=self.dominance.n,
                share=share,
            )
        if self.p_percent is not None:
            share = digits(self.p_percent, "g")
            yield say(
                "No company may work out the weighted value of another to within {share}%.", share=share
            )

    def _of_releases(self) -> Iterator[str]:
        if self.rounding is not None:
            step = digits(self.rounding, "g")
            yield say(
                "Levels, shares and differences are rounded to multiples of {step}, without their errors.",
                step=step,
            )
        if self.ledger is not None:
            yield say("What earlier releases have published is taken into account.")
