"""The errors of a model as they are declared: which kind, and by which columns rows belong together."""

from dataclasses import dataclass
from difflib import get_close_matches

from survey.language import look_up, mark, say, speaking

KINDS = {
    "classical": mark("classical"),
    "HC0": "HC0",
    "HC1": "HC1",
    "HC2": "HC2",
    "HC3": "HC3",
    "cluster": mark("clustered"),
    "CR2": "CR2",
    "wild": mark("wild cluster bootstrap"),
    "replicates": mark("from replicate weights"),
    "design": mark("design-based"),
}
"""Kinds of errors and what reports call them. Clustered ones are by company unless other columns are named; those of
the design come from the replicate weights of a study that has them."""

CLUSTERED = ("cluster", "CR2", "wild")

ALLOWED = f"{', '.join(KINDS)}; {', '.join(CLUSTERED)} also as in `cluster by industry`, `cluster by company and wave`"


@dataclass(frozen=True, slots=True)
class Errors:
    """One kind of errors.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    by
        Columns whose values make the clusters; two of them for two-way clusters, empty where rows count as
        independent.
    """

    kind: str
    by: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What reports call them.

        Examples
        --------
        >>> read_errors("cluster by company and wave").label, read_errors("HC3").label
        ('clustered by company and wave', 'HC3')
        """
        return self._by(look_up(KINDS[self.kind]))

    @property
    def name(self) -> str:
        """What data call them: the label, the same in every language.

        Examples
        --------
        >>> with speaking("de"):
        ...     read_errors("cluster").name, read_errors("cluster").label
        ('clustered by company', 'geclustert nach Unternehmen')
        """
        with speaking("en"):
            return self.label

    @property
    def in_words(self) -> str:
        """What a sentence calls them.

        Examples
        --------
        >>> read_errors("cluster").in_words, read_errors("CR2").in_words
        ('errors clustered by company', 'CR2 errors by company')
        >>> read_errors("replicates").in_words, read_errors("design").in_words
        ('errors from replicate weights', 'design-based errors')
        """
        if self.kind == "cluster":
            return self._by(say("errors clustered"))
        if self.kind == "replicates":
            return say("errors from replicate weights")
        if self.kind == "design":
            return say("design-based errors")
        return self._by(say("{kind} errors", kind=look_up(KINDS[self.kind])))

    def _by(self, what: str) -> str:
        columns = [look_up(column) for column in self.by]
        if not columns:
            return what
        if len(columns) == 1:
            return say("{errors} by {column}", errors=what, column=columns[0])
        return say("{errors} by {first} and {second}", errors=what, first=columns[0], second=columns[1])


def read_errors(text: str) -> Errors:
    """Read the declaration of errors.

    Raises
    ------
    ValueError
        If it is none of `KINDS`, or names columns where there is no choice, too many or none.

    Examples
    --------
    >>> read_errors("CR2 by industry")
    Errors(kind='CR2', by=('industry',))
    >>> read_errors("cluster")
    Errors(kind='cluster', by=('company',))
    """
    kind, said, columns = text.strip().partition(" by ")
    if kind not in KINDS:
        close = get_close_matches(kind, KINDS, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"{text!r} is no kind of errors; allowed: {ALLOWED}{hint}")
    by = tuple(name.strip() for name in columns.split(" and ")) if said else ()
    if kind not in CLUSTERED:
        if said:
            raise ValueError(f"{kind} errors have no clusters; allowed: {ALLOWED}")
        return Errors(kind)
    if said and (not all(by) or len(by) > (2 if kind == "cluster" else 1)):
        raise ValueError(f"{text!r} names no clusters, or too many; allowed: {ALLOWED}")
    return Errors(kind, by or (mark("company"),))
