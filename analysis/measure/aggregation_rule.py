"""When answers of people may stand for their company, as a study declares it."""

from typing import Literal

from pydantic import Field

from analysis.measure.null_distributions import Shape
from survey.declaration import Declared


class AggregationRule(Declared):
    """From where on answers of people may be averaged to their company, and what happens to companies that fail.

    Parameters
    ----------
    null
        The answers at random that rwg(j) is measured against. LeBreton and Senter (2008, Organizational Research
        Methods 11, 815-852) ask to look at a skewed one besides the uniform.
    rwg_j
        Agreement from which informants count as agreeing. 0.70: James, Demaree and Wolf (1984); strong from 0.71
        for LeBreton and Senter (2008).
    agreeing
        Share of companies that must agree on a construct, and of constructs that a company must agree on. 0.5:
        the median, which is what studies report.
    icc1
        ICC(1) that a construct needs: companies must differ. 0.05: between the small (0.01) and the medium effect
        (0.10) of LeBreton and Senter (2008).
    significance
        Largest p-value of the F test that companies do not differ.
    icc2
        ICC(2) from which company means are reliable. 0.70: LeBreton and Senter (2008).
    largest_gap
        Points (0-100) that functions may lie apart, on average and from company to company, for one number to stand
        for both. No published cut-off; 10 is a tenth of the scale.
    failing
        What happens to a company whose informants do not agree: flag it, keep it without a mark, or set it aside.

    Examples
    --------
    >>> AggregationRule().failing
    'flag'
    """

    null: Shape = "uniform"
    rwg_j: float = Field(default=0.70, ge=0, le=1)
    agreeing: float = Field(default=0.5, gt=0, le=1)
    icc1: float = Field(default=0.05, ge=0, le=1)
    significance: float = Field(default=0.05, gt=0, lt=1)
    icc2: float = Field(default=0.70, ge=0, lt=1)
    largest_gap: float = Field(default=10.0, gt=0, le=100)
    failing: Literal["flag", "keep", "set aside"] = "flag"
