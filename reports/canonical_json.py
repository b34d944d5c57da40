"""JSON in one form only, so that its hash means the same in every language (RFC 8785)."""

import hashlib
import json
from math import isfinite
from typing import Any


def canonical(value: Any, *, as_given: bool = False) -> str:
    """Write a JSON value as RFC 8785 says: keys sorted, no white space, numbers as ECMAScript writes them.

    Parameters
    ----------
    value
        None, booleans, numbers, strings, and lists and dicts of these.
    as_given
        Keep the keys in their order, for readers to whom it means something; no hash is made of this form.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> canonical({"b": [1.0, 1e-7, 0.1], "a": None})
    '{"a":null,"b":[1,1e-7,0.1]}'
    """
    if isinstance(value, dict):
        keys = value if as_given else sorted(value, key=_utf_16)
        return (
            "{" + ",".join(f"{_text(key)}:{canonical(value[key], as_given=as_given)}" for key in keys) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(canonical(part, as_given=as_given) for part in value) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(float(value))
    return _text(value)


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal.

    Examples
    --------
    >>> sha256_of({"a": 1})[:8], sha256_of({"a": 1.0})[:8]
    ('015abd7f', '015abd7f')
    """
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def _utf_16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _text(value: str | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Write a double as ECMA-262, 6.1.6.1.20, does: the shortest digits that read back as the same."""
    if not isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    point = int(power or 0) + len(whole) - (len(whole + part) - len(digits))
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Put the decimal point after `point` of the digits, or write an exponent where that is far away."""
    size = len(digits)
    if size <= point <= 21:
        return digits + "0" * (point - size)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    part = f".{digits[1:]}" if size > 1 else ""
    return f"{digits[0]}{part}e{point - 1:+d}"
