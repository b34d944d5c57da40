"""How the rows of a table were drawn: weights, strata, clusters and population, as arrays that every estimate takes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.infer.carried_replicates import REPLICATES, carried
from analysis.infer.columns import Codes, Floats, numeric
from analysis.infer.known_totals import KNOWN_TOTALS, KnownTotals, Tie, tie, tied_rows
from analysis.infer.replicates import Replicates
from survey.calibration import Calibration
from survey.problems import Problem, raise_if_any

Lonely = Literal["fail", "remove", "adjust", "average", "certainty"]
"""What a stratum with one cluster adds to a variance; the words of R ``options(survey.lonely.psu = )``."""


class Units(NamedTuple):
    """All units that were calibrated together, where rows are parts of them, or not all of them have a row.

    Parameters
    ----------
    of_row
        Unit of each row.
    strata, clusters
        Of each unit; clusters are those of the rows, and more.
    """

    of_row: Codes
    strata: Codes
    clusters: Codes


@dataclass(frozen=True, slots=True, eq=False)
class SurveyDesign:
    """A sample of clusters within strata, with a weight for each row.

    Parameters
    ----------
    weights
        What each row stands for in the population; a row outside a domain keeps its place with weight 0.
    strata, clusters
        Codes from 0 without gaps; a cluster lies in one stratum.
    population
        Clusters in the population of each stratum, infinite where the sample is no part worth mentioning.
    lonely
        What a stratum with one cluster adds to the variance: nothing ("remove", "certainty"), its square
        ("adjust", as if all strata were centred where they meet), the mean of the others ("average"), or
        an error ("fail").
    stratum_names
        What the strata are called, for messages.
    calibration
        What ties the weights of the units to known totals: estimates vary by their residuals from these alone.
    units
        What was calibrated; the rows if not said.
    replicates
        Replicate weights, relative to `weights`. Where there are some, variances come from them, and strata,
        population and calibration, which they know already, are of no account.
    """

    weights: Floats
    strata: Codes
    clusters: Codes
    population: Floats
    lonely: Lonely = "adjust"
    stratum_names: tuple[str, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    units: Units | None = None
    replicates: Replicates | None = None

    @property
    def stratum_of(self) -> Codes:
        """Stratum of each cluster, of those without a row too."""
        drawn = self if self.units is None else self.units
        found = np.zeros(int(drawn.clusters.max(initial=-1)) + 1, dtype=np.int64)
        found[drawn.clusters] = drawn.strata
        return found

    @property
    def sampled(self) -> Codes:
        """Clusters in the sample of each stratum, rows with weight 0 included."""
        counted: Codes = np.bincount(self.stratum_of, minlength=len(self.population))
        return counted

    @property
    def unsampled(self) -> Floats:
        """Share of the population's clusters in each stratum that is not in the sample; 1 where it is infinite."""
        return np.where(np.isinf(self.population), 1.0, 1 - self.sampled / np.maximum(self.population, 1e-9))

    @property
    def df(self) -> int:
        """Degrees of freedom: clusters less strata, of rows with a weight above zero (R ``survey::degf``).

        With replicate weights their rank less one.
        """
        if self.replicates is not None:
            return self.replicates.df
        used = self.weights > 0
        return len(np.unique(self.clusters[used])) - len(np.unique(self.strata[used]))

    def domain(self, inside: NDArray[np.bool_]) -> "SurveyDesign":
        """Return the design of a part of the population: rows outside keep their place with weight 0.

        The number of rows of a part is itself a matter of chance, which a sample cut down to the part would
        forget (R ``subset`` of a design does the same).

        Examples
        --------
        >>> design = survey_design(pd.DataFrame({"company": ["a", "b", "c"]}))
        >>> design.domain(np.array([True, True, False])).df
        1
        """
        replicates = None if self.replicates is None else self.replicates.domain(inside)
        return replace(self, weights=np.where(inside, self.weights, 0.0), replicates=replicates)

    def calibrated(self, found: Calibration) -> "SurveyDesign":
        """Return the design with the weights of a calibration of its rows, which its variances then know of.

        Notes
        -----
        Agrees with R ``survey::calibrate``, ``rake`` and ``postStratify`` of a design.

        Examples
        --------
        >>> from survey.calibration import poststratify
        >>> design = survey_design(pd.DataFrame({"company": ["a", "b", "c"]}))
        >>> design.calibrated(poststratify(design.weights, [0, 0, 1], [4, 6])).weights.tolist()
        [2.0, 2.0, 6.0]
        """
        return replace(self, weights=found.weights, calibration=(*self.calibration, found))

    @property
    def tie(self) -> Tie | None:
        """What known totals take out of sums of linearised values; None where none are known."""
        if not self.calibration:
            return None
        drawn = self if self.units is None else self.units
        found = tie(self.calibration, drawn.clusters, len(self.stratum_of))
        return found if self.units is None else Tie(found.loadings[self.units.of_row], found.pull)


def survey_design(
    frame: pd.DataFrame, *, cluster: str | None = "company", lonely: Lonely | None = None
) -> SurveyDesign:
    """Read the design that a table carries in its standard columns.

    Parameters
    ----------
    frame
        One row per unit. ``weight`` (above or equal to 0; 1 for all where absent), ``stratum`` (one where
        absent), ``population`` (clusters in the population of the row's stratum; none is finite where absent),
        ``known_totals`` (`analysis.infer.known_totals`) and ``replicates`` (`analysis.infer.carried_replicates`),
        which take the place of all of these but the weights. Where there are several in ``wave``, each is a sample of
        its own of the same population: the sampled share is that of clusters and waves.
    cluster
        Column of the clusters; with None each row is drawn by itself.
    lonely
        What a stratum with one cluster adds to the variance: what the column ``lonely`` says if not said here,
        and without one "adjust".

    Raises
    ------
    InputError
        If a weight is negative or missing, all are 0, a stratum is missing, a cluster lies in two strata, or a
        population is smaller than its sample, or rows lack replicate weights or known totals that others have.

    Notes
    -----
    Agrees with R ``survey::svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, fpc = ~population)``, and
    with ``svrepdesign(weights = , repweights = )``. A table that carries known totals is a domain of all companies of
    its waves, whatever part of them it holds.

    Examples
    --------
    >>> frame = pd.DataFrame({"company": ["a", "a", "b"], "weight": [2.0, 2.0, 1.0]})
    >>> design = survey_design(frame)
    >>> design.weights.tolist(), design.clusters.tolist(), design.df
    ([2.0, 2.0, 1.0], [0, 0, 1], 1)
    """
    raise_if_any(_faults(frame, cluster))
    rows = len(frame)
    lonely = lonely or (frame["lonely"].iloc[0] if "lonely" in frame and rows else "adjust")
    codes = np.arange(rows) if cluster is None else pd.factorize(frame[cluster], use_na_sentinel=False)[0]
    weights = numeric(frame, ["weight"])[:, 0] if "weight" in frame else np.ones(rows)
    if REPLICATES in frame and rows:
        one, endless = np.zeros(rows, dtype=np.int64), np.array([np.inf])
        given = carried(frame[REPLICATES], weights)
        return SurveyDesign(weights, one, codes.astype(np.int64), endless, lonely, replicates=given)
    if KNOWN_TOTALS in frame and rows and cluster == "company":
        return _tied(frame[KNOWN_TOTALS], weights, lonely)
    label = frame["stratum"] if "stratum" in frame else pd.Series("", index=frame.index, dtype="str")
    strata, names = pd.factorize(label, sort=True)
    design = SurveyDesign(
        weights,
        strata.astype(np.int64),
        codes.astype(np.int64),
        np.full(int(strata.max(initial=-1)) + 1, np.inf),
        lonely,
        tuple(map(str, names)),
    )
    return replace(design, population=_population(frame, design)) if "population" in frame else design


def _tied(cells: pd.Series, weights: Floats, lonely: Lonely) -> SurveyDesign:
    """Return the design of rows among all companies of their waves."""
    of: KnownTotals = cells.iloc[0].of
    rows = tied_rows(cells)
    whole, steps = of.of_waves(rows)
    drawn = survey_design(of.companies.iloc[whole], lonely=lonely)
    place = np.searchsorted(whole, rows)
    found = replace(drawn, weights=weights, strata=drawn.strata[place], clusters=drawn.clusters[place])
    if len(place) == len(whole) == len(np.unique(place)):
        return replace(found, calibration=tuple(step.of_rows(place) for step in steps))
    return replace(found, calibration=steps, units=Units(place, drawn.strata, drawn.clusters))


def _population(frame: pd.DataFrame, design: SurveyDesign) -> Floats:
    """Clusters in the population of each stratum, told from the sample of one wave to that of all."""
    known = pd.Series(numeric(frame, ["population"])[:, 0]).groupby(design.strata).first().to_numpy(float)
    wave = pd.factorize(frame["wave"])[0] if "wave" in frame else np.zeros(len(frame), dtype=np.int64)
    waves, strata = int(wave.max(initial=0)) + 1, len(known)
    drawn = np.unique(np.column_stack([wave * strata + design.strata, design.clusters]), axis=0)[:, 0]
    sampled = np.bincount(drawn, minlength=waves * strata).reshape(waves, strata)
    raise_if_any(
        Problem(
            f"is smaller than the sample of the stratum {design.stratum_names[stratum]}".rstrip(),
            column="population",
            value=f"{known[stratum]:g}",
            allowed=f"{sampled[:, stratum].max()} or more",
        )
        for stratum in np.flatnonzero(known < sampled.max(axis=0))
    )
    # Each wave is a sample of its own: pooled, the share that was sampled is one of companies and waves.
    share = sampled.mean(axis=0) / known
    return np.asarray(design.sampled / share, dtype=float)


def _faults(frame: pd.DataFrame, cluster: str | None) -> Iterator[Problem]:
    """Yield what keeps the standard columns from being a design."""
    if cluster is not None and cluster not in frame:
        known = ", ".join(map(str, frame.columns))
        yield Problem("is not a column of the table", column=cluster, allowed=known)
        return
    yield from _weight_faults(frame)
    for name in (REPLICATES, KNOWN_TOTALS):
        for place in np.flatnonzero(frame[name].isna()) if name in frame else ():
            yield Problem("are missing", row=int(place) + 1, column=name, allowed="some in each row")
    yield from _stratum_faults(frame, cluster)


def _weight_faults(frame: pd.DataFrame) -> Iterator[Problem]:
    if "weight" not in frame:
        return
    weights = pd.to_numeric(frame["weight"], errors="coerce").to_numpy(float, na_value=np.nan)
    for place in np.flatnonzero(~(weights >= 0) | np.isinf(weights)):
        value = str(frame["weight"].iloc[place])
        yield Problem("is no weight", row=int(place) + 1, column="weight", value=value, allowed="0 or more")
    if len(weights) and not (weights > 0).any():
        yield Problem("holds no weight above 0", column="weight", allowed="a weight above 0 for some row")


def _stratum_faults(frame: pd.DataFrame, cluster: str | None) -> Iterator[Problem]:
    for column in ("stratum", "population"):
        for place in np.flatnonzero(frame[column].isna()) if column in frame else ():
            yield Problem("is missing", row=int(place) + 1, column=column, allowed="one in each row")
    if "stratum" in frame and cluster is not None:
        pairs = frame[[cluster, "stratum"]].drop_duplicates()
        for name, strata in pairs[pairs[cluster].duplicated(keep=False)].groupby(cluster)["stratum"]:
            what = f"lies in more than one stratum ({', '.join(map(str, strata))})"
            to_do = "give each company the stratum that it was drawn from, in all waves"
            yield Problem(what, column=cluster, value=str(name), to_do=to_do)
    if "population" in frame:
        named = frame if "stratum" in frame else frame.assign(stratum="of all rows")
        ends = named.groupby("stratum")["population"].agg(["min", "max"])
        for name, low, high in ends[ends["min"] < ends["max"]].itertuples():
            what = f"differs within the stratum {name} ({low:g} to {high:g})"
            yield Problem(what, column="population", allowed="one number for each stratum")
