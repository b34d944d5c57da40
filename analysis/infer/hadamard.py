"""Hadamard matrices: signs whose columns are orthogonal, by which half-samples are balanced."""

import numpy as np
from scipy.linalg import hadamard as sylvester

from analysis.infer.columns import Codes


def hadamard(pairs: int) -> Codes:
    """Return the smallest Hadamard matrix in reach with more rows than `pairs`: square, of 1 and -1, row 0 all 1.

    By doubling (Sylvester, 1867) of what squares modulo a prime give (Paley, 1933, Journal of Mathematics and
    Physics 12). Orders that need other constructions (52, 92, 100, ...) are passed over for the next one.

    Examples
    --------
    >>> signs = hadamard(9)
    >>> signs.shape, bool((signs @ signs.T == 12 * np.eye(12)).all()), int(signs[0].sum())
    ((12, 12), True, 12)
    """
    order = next(n for n in range(pairs + 1, 4 * pairs + 4) if n in (1, 2) or (n % 4 == 0 and _makes(n)))
    signs = _matrix(order)
    return np.asarray(signs * signs[0])


def _matrix(order: int) -> Codes:
    if order & (order - 1) == 0:
        return np.asarray(sylvester(order), dtype=np.int64)
    if _first_kind(order):
        return _paley_one(order - 1)
    if _second_kind(order):
        return _paley_two(order // 2 - 1)
    return np.kron(np.array([[1, 1], [1, -1]]), _matrix(order // 2))


def _makes(order: int) -> bool:
    if order & (order - 1) == 0 or _first_kind(order) or _second_kind(order):
        return True
    return order % 8 == 0 and _makes(order // 2)


def _first_kind(order: int) -> bool:
    return order % 4 == 0 and _is_prime(order - 1)


def _second_kind(order: int) -> bool:
    return order % 4 == 0 and (order // 2 - 1) % 4 == 1 and _is_prime(order // 2 - 1)


def _is_prime(number: int) -> bool:
    return number > 2 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def _jacobsthal(prime: int) -> Codes:
    """Whether the difference of two indices is a square modulo the prime: 1, -1, and 0 on the diagonal."""
    character = np.full(prime, -1, dtype=np.int64)
    character[np.arange(prime) ** 2 % prime] = 1
    character[0] = 0
    differences: Codes = character[np.subtract.outer(np.arange(prime), np.arange(prime)) % prime]
    return differences


def _bordered(prime: int, corner: int) -> Codes:
    edge = np.ones((1, prime), dtype=np.int64)
    return np.block([[np.zeros((1, 1), dtype=np.int64), edge], [corner * edge.T, _jacobsthal(prime)]])


def _paley_one(prime: int) -> Codes:
    return _bordered(prime, -1) + np.eye(prime + 1, dtype=np.int64)


def _paley_two(prime: int) -> Codes:
    symmetric = _bordered(prime, 1)
    one = np.eye(prime + 1, dtype=np.int64)
    return np.kron(symmetric, np.array([[1, 1], [1, -1]])) + np.kron(one, np.array([[1, -1], [-1, -1]]))
