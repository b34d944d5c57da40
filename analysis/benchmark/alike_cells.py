"""Published cells that are alike: of the same values, or of values that hang together just as others do."""

import hashlib

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analysis.infer.columns import Codes


def same_values(cells: pd.DataFrame, members: pd.DataFrame) -> Codes:
    """Return for each cell the first that is made of the same values: whoever has one of them has the other.

    Parameters
    ----------
    cells, members
        As in `analysis.benchmark.overlapping_cells.withhold_cells`, each value once a cell.

    Examples
    --------
    >>> cells = pd.DataFrame({"table": ["all", "means", "part"]})
    >>> members = pd.DataFrame({"cell": [0, 0, 1, 1, 2], "company": [*"abab", "a"], "of": "trust", "weight": 1.0})
    >>> same_values(cells, members).tolist()
    [0, 0, 2]
    """
    unit = members.groupby(["company", "of"], sort=False).ngroup().to_numpy()
    drawn = np.random.default_rng(3).integers(1, 2**62, int(unit.max(initial=-1)) + 1, dtype=np.uint64)[unit]
    content = np.zeros(len(cells), dtype=np.uint64)
    falls = members["sign"].to_numpy() < 0 if "sign" in members else np.zeros(len(members), dtype=bool)
    np.add.at(content, members["cell"].to_numpy(), np.where(falls, -drawn, drawn))
    _, first, code = np.unique(content, return_index=True, return_inverse=True)
    return np.asarray(first[code], dtype=np.int64)


def joined(cells: pd.DataFrame, first: Codes) -> pd.DataFrame:
    """Return the first of each of the same cells, for all of them: ``table`` names all tables that it stands in.

    What any of them is worth would be missed with it; it is known if one of them is, and to be spared if all are.
    """
    groups = cells.assign(table=cells["table"].map(lambda name: (name,))).groupby(first)
    sums = {"table": "sum", "known": "any", "worth": "sum", "spare": "min", "secret": "any"}
    return groups.agg({name: how for name, how in sums.items() if name in cells})


def parts_of_cells(cells: pd.DataFrame, members: pd.DataFrame) -> Codes:
    """Return for each cell the set it belongs to: cells that share no kind of value, even through others, are apart."""
    of, names = pd.factorize(members["of"])
    size = len(cells) + len(names)
    graph = sparse.csr_array((np.ones(len(of)), (members["cell"], of + len(cells))), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][: len(cells)], dtype=np.int64)


def same_structure(cells: pd.DataFrame, members: pd.DataFrame) -> Codes:
    """Return for each cell the one that has its place in the first set of cells that hang together in the same way.

    Two sets are the same to whoever takes cells off one another if the same companies, with the same weights, stand
    in their cells in the same way: as in those of two questions that the same people answered.

    Parameters
    ----------
    cells
        From `joined`, numbered from 0.
    members
        As in `analysis.benchmark.overlapping_cells.withhold_cells`.
    """
    part = parts_of_cells(cells, members)
    found = np.arange(len(cells))
    seen: dict[bytes, Codes] = {}
    own = members.assign(company=pd.factorize(members["company"])[0], of=pd.factorize(members["of"])[0])
    for number, theirs in own.groupby(part[own["cell"]]):
        here = np.flatnonzero(part == number)
        found[here] = seen.setdefault(_structure(cells.iloc[here], here, theirs), here)
    return found


def _structure(cells: pd.DataFrame, places: Codes, members: pd.DataFrame) -> bytes:
    """Return what is the same for two sets of cells that hang together in the same way."""
    frame = members.assign(cell=np.searchsorted(places, members["cell"]), of=pd.factorize(members["of"])[0])
    frame = frame.sort_values(["cell", "company", "of"])
    facts = cells
    if "spare" in cells:
        facts = cells.assign(spare=pd.factorize(cells["spare"])[0], spared=cells["spare"].ne(""))
    digest = hashlib.sha256(frame.select_dtypes("number").to_numpy(dtype=np.float64).tobytes())
    digest.update(repr(facts.to_dict("list")).encode())
    return digest.digest()
