"""Pseudonyms: what respondents are called once their ids, which may be e-mail addresses, are out of the way."""

import hashlib
import hmac
import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd

from survey.cleaning_log import CleaningLog
from survey.problems import InputError, Problem
from survey.responses import Responses

VARIABLE = "ALIGNMARK_KEY"
"""Environment variable that may hold the key."""
SHORTEST = 16
"""Bytes below which a key could be found by trying."""
DIGITS = 16
"""Hexadecimal digits of a hash that are kept: among a million people two share one once in 40 million studies."""

_ADVICE = "a secret of its own, such as `python -c 'import secrets; print(secrets.token_hex(32))'` prints"


def read_key(path: Path | None = None) -> bytes | None:
    """Return the key of a study: of a file, or else of the environment variable `VARIABLE`; None without either.

    Parameters
    ----------
    path
        A file that holds nothing but the key; space around it does not count.

    Raises
    ------
    InputError
        If the file cannot be read, or the key is shorter than `SHORTEST` bytes.
    """
    name = path.name if path else VARIABLE
    try:
        key = path.read_bytes().strip() if path else os.environ.get(VARIABLE, "").encode().strip()
    except OSError as error:
        what = f"the key cannot be read ({error.strerror})"
        raise InputError([Problem(what, name, allowed=_ADVICE)]) from None
    if len(key) < SHORTEST and (path or key):
        what = f"the key has {len(key)} bytes, so that it could be guessed"
        raise InputError([Problem(what, name, allowed=f"{SHORTEST} bytes or more; {_ADVICE}")])
    return key or None


def pseudonymise(
    responses: Responses, log: CleaningLog, *, key: bytes | None = None, own_ids: Collection[str] = ()
) -> tuple[Responses, CleaningLog]:
    """Put pseudonyms in the place of the ids of respondents.

    With a key a respondent is called by the keyed hash of the id (HMAC-SHA256, RFC 2104; the first `DIGITS`
    hexadecimal digits): the same in every file and study under that key, and nobody without it can tell
    from a list of addresses who is who, as they could from a plain hash. Without a key a respondent is called
    by the place of the first response, "2024.csv:17", which carries nothing and still links the waves of
    this study.

    Parameters
    ----------
    responses, log
        What `survey.cleaning.clean` returned: duplicates have been found by the ids as they are.
    key
        What `read_key` returned.
    own_ids
        Files whose ids the platform counts by itself: 17 in one of them is nobody known in another.

    Returns
    -------
    responses : Responses
        Sorted by wave, company, function and pseudonym; the flags of careless respondents likewise.
    log : CleaningLog
        The same lines.

    Examples
    --------
    >>> from survey.cleaning_log import make_log
    >>> from survey.instrument import read_instrument
    >>> frame = pd.DataFrame({"respondent": ["jane@acme.org"] * 2, "company": "a", "function": "sales",
    ...                       "wave": [2024, 2025], "file": ["1.csv", "2.csv"], "row": [7, 3]})
    >>> responses = Responses(frame, read_instrument("alignment"), pd.Series(dtype="float64"))
    >>> log = make_log([], frame, frame)
    >>> pseudonymise(responses, log)[0].frame["respondent"].tolist()
    ['1.csv:7', '1.csv:7']
    >>> pseudonymise(responses, log, key=b"of sixteen bytes")[0].frame["respondent"].tolist()
    ['r-0cab0fa867e5b15a', 'r-0cab0fa867e5b15a']
    """
    places = pd.concat([table.frame[["file", "row", "respondent"]] for table in (responses, log)])
    scopes = places["file"].where(places["file"].isin(own_ids), "")
    people = places.assign(scope=scopes).sort_values(["file", "row"], kind="stable")
    people = people.drop_duplicates(["scope", "respondent"]).set_index(["scope", "respondent"])
    names = _hashes(people.index, key) if key else people["file"] + ":" + people["row"].astype("str")
    frame, lines = (_named(table.frame, names, own_ids) for table in (responses, log))
    flags = None if responses.flags is None else _named(responses.flags, names, own_ids)
    order = ["wave", "company", "function", "respondent", "file", "row"]
    named = replace(
        responses,
        frame=frame.sort_values(order, ignore_index=True),
        flags=None if flags is None else flags.sort_values([*order[:2], *order[3:]], ignore_index=True),
    )
    return named, replace(log, frame=lines)


def _hashes(people: pd.Index, key: bytes) -> pd.Series:
    # The letters before the digits keep spreadsheets from reading "12e45678" as a number.
    written = [
        "r-" + hmac.new(key, "\0".join(person).encode(), hashlib.sha256).hexdigest()[:DIGITS]
        for person in people
    ]
    return pd.Series(written, index=people, dtype="str")


def _named(table: pd.DataFrame, names: pd.Series, own_ids: Collection[str]) -> pd.DataFrame:
    scopes = table["file"].where(table["file"].isin(own_ids), "")
    people = pd.MultiIndex.from_arrays([scopes, table["respondent"]])
    return table.assign(respondent=names.reindex(people).to_numpy())
