"""A formula read as the terms of a specification; nothing in it is ever run."""

import re
from dataclasses import dataclass

from patsy import ModelDesc, PatsyError

NAME = r"[^\W\d]\w*"
COLUMN = re.compile(rf"({NAME})|Q\((['\"])(.+)\2\)")
CATEGORY = re.compile(r"C\((.+)\)")
ALLOWED = "columns, Q('a name with spaces'), C(industry) for categories, a:b for products"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a formula names: an outcome, terms as they are, and columns that enter as categories."""

    outcome: str
    controls: tuple[str, ...]
    effects: tuple[str, ...]


def read_formula(text: str) -> Terms:
    """Read ``growth ~ alignment + size + C(industry) + alignment:size``.

    Parameters
    ----------
    text
        Columns, `C(column)` for categories, `a:b` for products and `a*b` for both with their product, as in R and
        statsmodels. There is always an intercept. Functions such as ``log(size)`` are refused: they are columns to
        be made beforehand.

    Raises
    ------
    ValueError
        In words, with what is allowed.

    Examples
    --------
    >>> read_formula("growth ~ alignment * size + C(industry)")
    Terms(outcome='growth', controls=('alignment', 'size', 'alignment:size'), effects=('industry',))
    >>> read_formula("growth ~ alignment - 1")
    Traceback (most recent call last):
    ValueError: a model keeps its intercept: leave out `- 1` and `0 +`
    """
    if text.count("~") != 1:
        raise ValueError("a formula has an outcome, one ~ and terms, such as `growth ~ alignment + C(wave)`")
    try:
        parsed = ModelDesc.from_formula(text)
    except PatsyError as error:
        raise ValueError(f"the formula cannot be read: {str(error).splitlines()[0]}") from None
    left = [factor.name() for term in parsed.lhs_termlist for factor in term.factors]
    if len(left) != 1:
        raise ValueError("a formula has one outcome before its ~")
    terms = [[factor.name() for factor in term.factors] for term in parsed.rhs_termlist]
    if [] not in terms:
        raise ValueError("a model keeps its intercept: leave out `- 1` and `0 +`")
    controls, effects = [], []
    for factors in filter(None, terms):
        kind = CATEGORY.fullmatch(factors[0])
        if kind and len(factors) == 1:
            effects.append(_column(kind[1]))
        else:
            controls.append(":".join(_column(factor) for factor in factors))
    if not controls:
        raise ValueError("a formula needs a term that is a number, such as alignment")
    return Terms(_column(left[0]), tuple(controls), tuple(effects))


def _column(factor: str) -> str:
    """Name of the column that a factor is."""
    if CATEGORY.fullmatch(factor):
        raise ValueError(f"{factor!r} is in a product, and categories cannot be; allowed: {ALLOWED}")
    found = COLUMN.fullmatch(factor)
    if found is None:
        raise ValueError(f"{factor!r} is no column; allowed: {ALLOWED}")
    return found[1] or found[3]
