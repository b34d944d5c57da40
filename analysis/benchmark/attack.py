"""What somebody can find out about hidden cells: an outsider, or a member who knows what it contributed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse.csgraph import connected_components

from analysis.benchmark.linked_tables import LinkedTables
from analysis.infer.columns import Codes, Floats

UNBOUNDED = 1e6
"""A cell that may move by so many times the largest cell tied to it may be as large as one likes."""


def feasible_intervals(
    linked: LinkedTables, hidden: NDArray[np.bool_], *, targets: Sequence[int], company: object = None
) -> pd.DataFrame:
    """Find how closely hidden cells can be recovered from what is shown: the attacker's audit.

    The smallest and the largest value of each cell that agree with the shown cells, the sums between cells and what
    is known beforehand, by linear programming (Fischetti and Salazar, 2001, Management Science 47; sdcTable `attack`).
    Cells that no sum ties together are attacked in one go.

    Parameters
    ----------
    linked
        The tables.
    hidden
        Whether each cell is hidden.
    targets
        Numbers of the cells to attack.
    company
        A member that knows its own contributions, and so takes itself off; a list of members who do so together,
        or each in tables of its own; None for an outsider.

    Returns
    -------
    DataFrame
        Indexed by cell: ``value``, ``low``, ``high``. A shown cell has an interval of no width.

    Examples
    --------
    >>> from analysis.benchmark.linked_tables import link_tables
    >>> frame = pd.DataFrame({"company": list("abcd"), "region": list("nsss"), "sales": [1.0, 2.0, 4.0, 2.0]})
    >>> linked = link_tables(frame, [["region"]], value="sales")
    >>> one, two = np.array([True, False, False]), np.array([True, True, False])
    >>> feasible_intervals(linked, one, targets=[0]).loc[0].tolist()
    [1.0, 1.0, 1.0]
    >>> feasible_intervals(linked, two, targets=[0]).loc[0].tolist()
    [1.0, 0.0, 9.0]
    >>> feasible_intervals(linked, two, targets=[0], company="d").loc[0].tolist()
    [1.0, 0.0, 7.0]
    """
    cells = np.asarray(targets, dtype=np.int64)
    part = parts_of(linked)
    turn = pd.Series(part[cells]).groupby(part[cells]).cumcount().to_numpy()
    within = rooms(linked, company)
    moving = np.flatnonzero(hidden & ~linked.cells["known"].to_numpy() & np.isin(part, part[cells]))
    moved = np.zeros((len(cells), 2))
    for number in range(int(turn.max(initial=-1)) + 1):
        now = np.flatnonzero((turn == number) & np.isin(cells, moving))
        for side, sign in enumerate((-1.0, 1.0)):
            moved[now, side] = sign * _reach(linked, cells[now], moving, sign=sign, within=within)
    found = linked.cells["value"].to_numpy()[cells]
    return pd.DataFrame(
        {"value": found, "low": found + moved[:, 0], "high": found + moved[:, 1]},
        index=pd.Index(cells, name="cell"),
    )


def parts_of(linked: LinkedTables) -> Codes:
    """Number the parts of linked tables that no sum ties together: the part of each cell."""
    ties = abs(sparse.csr_array(linked.equations))
    return np.asarray(connected_components(ties.T @ ties, directed=False)[1], dtype=np.int64)


def rooms(linked: LinkedTables, company: object = None) -> tuple[Floats, Floats]:
    """Return how far each cell may be below and above its value for all that one knows beforehand.

    A member knows its own part: the others' parts alone leave room. A cell of its own has none.
    """
    parts = linked.members
    known = company if isinstance(company, list) else [company]
    others = parts[~parts["company"].isin(known)] if company is not None else parts
    size = len(linked.cells)
    down = np.bincount(others["cell"], weights=others["value"] - others["low"], minlength=size)
    up = np.bincount(others["cell"], weights=others["high"] - others["value"], minlength=size)
    return down.astype(np.float64), up.astype(np.float64)


def least_cost(cost: Floats, ties: sparse.csr_array | sparse.csc_array, bounds: Floats) -> OptimizeResult:
    """Minimise `cost @ x` where `ties @ x` is zero and each x is within its bounds, by HiGHS."""
    level = np.zeros(int(ties.shape[0]))
    # The stubs of scipy know no sparse constraints; linprog takes them.
    answer: OptimizeResult = linprog(  # type: ignore[call-overload]
        cost, A_eq=ties, b_eq=level, bounds=bounds, method="highs", options={"presolve": False}
    )
    return answer


def _reach(
    linked: LinkedTables, cells: Codes, moving: Codes, *, sign: float, within: tuple[Floats, Floats]
) -> Floats:
    """Return how far cells, one of each part, can be moved up (1) or down (-1) while all sums hold."""
    part = parts_of(linked)
    unit = np.zeros(int(part.max()) + 1)
    np.maximum.at(unit, part, np.abs(linked.cells["value"].to_numpy()))
    unit = np.where(unit > 0, unit, 1.0)
    down, up = (np.minimum(room[moving] / unit[part[moving]], UNBOUNDED) for room in within)
    ties = sparse.csr_array(linked.equations)[:, moving]
    ties = ties[np.flatnonzero(np.diff(sparse.csr_array(ties).indptr))]
    cost, at = np.zeros(len(moving)), np.searchsorted(moving, cells)
    cost[at] = -sign
    answer = least_cost(cost, ties, np.column_stack([-down, up]))
    if answer.x is None:
        return np.zeros(len(cells))
    reached = sign * answer.x[at]
    far = np.where(reached >= UNBOUNDED * 0.99, np.inf, reached)
    return np.asarray(far * unit[part[cells]] + 0.0, dtype=np.float64)
