"""What somebody can find out about hidden cells: an outsider, or a member who knows what it contributed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import OptimizeResult, linprog

from analysis.benchmark.linked_tables import LinkedTables
from analysis.infer.columns import Floats

UNBOUNDED = 3
"""Status of linprog for a problem without a bound: the cell may be as large as one likes."""


def feasible_intervals(
    linked: LinkedTables, hidden: NDArray[np.bool_], *, targets: Sequence[int], company: object = None
) -> pd.DataFrame:
    """Find how closely hidden cells can be recovered from what is shown: the attacker's audit.

    The smallest and the largest value of each cell that agree with the shown cells, the sums between cells and what
    is known beforehand, by linear programming (Fischetti and Salazar, 2001, Management Science 47; sdcTable `attack`).

    Parameters
    ----------
    linked
        The tables.
    hidden
        Whether each cell is hidden.
    targets
        Numbers of the cells to attack.
    company
        A member that knows its own contributions, and so takes itself off; None for an outsider.

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
    down, up = rooms(linked, company)
    moving = np.flatnonzero(hidden & ~linked.cells["known"].to_numpy())
    ties = sparse.csr_array(linked.equations)[:, moving]
    ties = ties[np.flatnonzero(np.diff(sparse.csr_array(ties).indptr))]
    bounds = np.column_stack([-down[moving], up[moving]])
    value = linked.cells["value"].to_numpy()
    place = {int(cell): number for number, cell in enumerate(moving)}
    rows = [
        [_reach(ties, bounds, place[cell], sign) if cell in place else 0.0 for sign in (-1.0, 1.0)]
        for cell in targets
    ]
    moved = np.reshape(np.asarray(rows, dtype=float), (-1, 2))
    found = value[list(targets)]
    return pd.DataFrame(
        {"value": found, "low": found + moved[:, 0], "high": found + moved[:, 1]},
        index=pd.Index(list(targets), name="cell"),
    )


def rooms(linked: LinkedTables, company: object = None) -> tuple[Floats, Floats]:
    """Return how far each cell may be below and above its value for all that one knows beforehand.

    A member knows its own part: the others' parts alone leave room. A cell of its own has none.
    """
    parts = linked.members
    others = parts[parts["company"] != company] if company is not None else parts
    size = len(linked.cells)
    down = np.bincount(others["cell"], weights=others["value"] - others["low"], minlength=size)
    up = np.bincount(others["cell"], weights=others["high"] - others["value"], minlength=size)
    return down.astype(np.float64), up.astype(np.float64)


def least_cost(cost: Floats, ties: sparse.csr_array | sparse.csc_array, bounds: Floats) -> OptimizeResult:
    """Minimise `cost @ x` where `ties @ x` is zero and each x is within its bounds, by HiGHS."""
    level = np.zeros(int(ties.shape[0]))
    # The stubs of scipy know no sparse constraints; linprog takes them.
    answer: OptimizeResult = linprog(  # type: ignore[call-overload]
        cost, A_eq=ties, b_eq=level, bounds=bounds, method="highs"
    )
    return answer


def _reach(ties: sparse.csr_array, bounds: Floats, cell: int, sign: float) -> float:
    """Return how far a cell can be moved while all sums hold."""
    cost = np.zeros(len(bounds))
    cost[cell] = -sign
    answer = least_cost(cost, ties, bounds)
    if answer.status == UNBOUNDED:
        return sign * float(np.inf)
    return float(-answer.fun * sign) + 0.0 if answer.status == 0 else 0.0
