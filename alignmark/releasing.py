"""What a release gives away together with earlier ones: their ledger, read, held against this one, written anew."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from alignmark.disclosure_rules import Disclosure
from alignmark.gate import LEVELS_ONLY, passed, passes
from alignmark.membership import LEVELS, Membership
from alignmark.output import RELEASE
from alignmark.protecting import study_key
from alignmark.study import StudyFile
from analysis.benchmark.overlapping_cells import withhold_cells
from analysis.benchmark.release_ledger import ReleaseLedger, company_codes, read_ledger
from survey.problems import InputError

WORTH = {"index_by_wave": 30.0, "norms": 30.0, "functions": 10.0, "changes": 10.0, "pack": 30.0,
         "class_means": 3.0}  # fmt: skip
"""How much more than contrasts and shares a table would be missed: what is worth less goes first."""

STATISTICS = {
    "norm_means": (["segment", "group", "variable"], ("norm_means", "norm_percentiles")),
    "profile": (["basis", "class", "variable"], ("profile",)),
}
"""Tables with several statistics of the same companies, of which the mean is a cell: by what its rows are the same,
and which tables have such rows."""

OFF = "less "
"""What stands in a ledger before a value that is taken off: the earlier one of a change."""

NO_SECRET = b"alignmark release ledger"
"""What companies are hashed under where the study has no key: whoever has a list of them can tell who is in."""


@dataclass(frozen=True, slots=True, eq=False)
class Released:
    """What earlier releases published, and the key under which companies are known there."""

    ledger: ReleaseLedger
    key: bytes = NO_SECRET


NOTHING = Released(ReleaseLedger())
"""Where nothing was published before."""


def read_released(file: StudyFile) -> Released:
    """Read the ledger that a study names.

    Raises
    ------
    InputError
        If it cannot be read, is something else, or was written under another key.
    """
    try:
        secret = study_key(file)
    except InputError:
        secret = None  # a key that cannot be read is told of where the answers are read
    key, mark = secret or NO_SECRET, key_mark(secret)
    name = file.study.disclosure.ledger
    if name is None:
        return Released(ReleaseLedger(key=mark), key)
    try:
        ledger = read_ledger(json.loads(file.locate(name).read_text(encoding="utf-8")))
        if ledger.key != mark:
            raise ValueError(_of_another_key(ledger.key, mark))
    except OSError as error:
        what = f"{name} cannot be read ({error.strerror})"
    except json.JSONDecodeError:
        what = f"{name} is no JSON"
    except ValueError as error:
        what = f"{name} {error}"
    else:
        return Released(ledger, key)
    allowed = f"the {RELEASE} that the run of the last release left"
    raise InputError([file.problem(["disclosure", "ledger"], what, allowed=allowed)])


def key_mark(secret: bytes | None) -> str:
    """Return by what a key is recognised; "" without one."""
    return company_codes(["the key"], key=secret)["the key"] if secret else ""


def _of_another_key(there: str, here: str) -> str:
    if there and here:
        return "was written under another key, so that none of its companies can be recognised"
    if there:
        return "was written under a secret key; name it as `privacy.key_file`"
    return "was written without a key; take the key out of the study, or begin a new ledger"


def tables_shown(
    published: Mapping[str, pd.DataFrame], made_of: Membership, rule: Disclosure, *, released: Released
) -> tuple[dict[str, pd.DataFrame], ReleaseLedger]:
    """Blank what tables, together and with what was released before, would give away.

    Parameters
    ----------
    published, made_of, rule, released
        As in `withheld_rows`.

    Returns
    -------
    dict
        The tables as they may be shown.
    ReleaseLedger
        What has been published once they are.
    """
    also = withheld_rows(published, made_of, rule, released=released)
    shown = {name: passed(table, name, rule, also=also.get(name)) for name, table in published.items()}
    return shown, released_with(shown, made_of, rule, released=released)


def withheld_rows(
    published: Mapping[str, pd.DataFrame], made_of: Membership, rule: Disclosure, *, released: Released
) -> dict[str, pd.Series]:
    """Say by table why rows are withheld so that nobody is given away by several tables, or by earlier releases.

    Parameters
    ----------
    published
        Tables before anything is blanked.
    made_of
        Whose values their cells are made of.
    rule
        The rules of the study.
    released
        What was published before.

    Returns
    -------
    Mapping
        Of the tables of `made_of`: "" or the reason, by row. A row that compares two groups goes with either; a
        change stays where only its levels must go, with `LEVELS_ONLY` for a reason.
    """
    cells, members = _candidates(published, made_of, rule)
    if cells.empty:
        return {}
    codes = company_codes(members["company"].unique(), key=released.key)
    known, earlier = released.ledger.cells, released.ledger.members
    every = pd.concat(
        [
            cells[["table"]].assign(
                known=cells["known"].to_numpy(),
                worth=cells["name"].map(WORTH).fillna(1.0),
                spare=_spare(cells),
            ),
            known[["table"]].assign(known=True, worth=1.0, spare=""),
        ],
        ignore_index=True,
    )
    ours = members.assign(company=members["company"].map(codes))
    off = earlier["of"].astype(str).str.startswith(OFF)
    theirs = earlier.assign(
        cell=earlier["cell"].astype("int64") + len(cells),
        of=earlier["of"].astype(str).str.removeprefix(OFF),
        sign=off.map({True: -1.0, False: 1.0}).astype(float),
    )
    weights = ours.drop_duplicates(["company", "of"]).set_index(["company", "of"])["weight"]
    at = pd.MultiIndex.from_frame(theirs[["company", "of"]])
    theirs = theirs.assign(weight=weights.reindex(at).fillna(1.0).to_numpy())
    ties = made_of.ties.assign(company=made_of.ties["company"].map(codes))
    found = withhold_cells(every, pd.concat([ours, theirs], ignore_index=True), ties=ties, rules=rule.rules)
    told = cells.assign(reason=found["reason"].to_numpy()[: len(cells)])
    level = cells["side"].isin(LEVELS)
    told["reason"] = told["reason"].mask(level & told["reason"].ne(""), LEVELS_ONLY)
    # What withholds a whole row comes before what withholds its levels, and that before nothing.
    last = told["reason"].map({"": 2, LEVELS_ONLY: 1}).fillna(0)
    worst = told.assign(last=last).sort_values(["last", "reason"], kind="stable")
    worst = worst.drop_duplicates(["name", "row"])
    return _spread(
        {str(name): rows.set_index("row")["reason"] for name, rows in worst.groupby("name")}, published
    )


def _spare(cells: pd.DataFrame) -> pd.Series:
    """Name the levels beside each change: one less the other is the change, so that they go together."""
    return (cells["name"] + " " + cells["row"].astype(str)).where(cells["side"].isin(LEVELS), "")


def _spread(reasons: dict[str, pd.Series], published: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """Give every statistic of a group the reason of its mean: they are of the same companies."""
    spread = dict(reasons)
    for of, (keys, names) in STATISTICS.items():
        if of not in reasons:
            continue
        means = published[of].loc[reasons[of].index, keys].assign(reason=reasons[of])
        for name in names:
            rows = published[name]
            if len(rows):
                found = rows[keys].merge(means, on=keys, how="left")["reason"].set_axis(rows.index)
                spread[name] = found.fillna("")
    return spread


def released_with(
    safe: Mapping[str, pd.DataFrame], made_of: Membership, rule: Disclosure, *, released: Released
) -> ReleaseLedger:
    """Return the ledger with the cells that this release shows.

    Parameters
    ----------
    safe
        Tables as they are published.
    made_of, rule, released
        As for `withheld_rows`.
    """
    told = made_of.cells
    why = {name: table["withheld"] for name, table in safe.items() if "withheld" in table}
    gone = ["companies" if name not in why else why[name].get(row, "companies")
            for name, row in zip(told["name"], told["row"], strict=True)]  # fmt: skip
    reason = pd.Series(gone, index=told.index, dtype=object)
    kept = reason.eq("") | (reason.eq(LEVELS_ONLY) & ~told["side"].isin(LEVELS))
    cells, members = _chosen(made_of, kept)
    if cells.empty:
        return released.ledger
    codes = company_codes(members["company"].unique(), key=released.key)
    number = len(released.ledger.releases) + 1
    return released.ledger.with_release(
        cells,
        members.assign(company=members["company"].map(codes), of=_marked(members)),
        release=rule.release or f"release {number}",
    )


def _marked(members: pd.DataFrame) -> pd.Series:
    """Mark in the names of values those that are taken off."""
    off = members.get("sign", pd.Series(1.0, index=members.index)) < 0
    return members["of"].mask(off, OFF + members["of"].astype(str))


def _candidates(
    published: Mapping[str, pd.DataFrame], made_of: Membership, rule: Disclosure
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells that are large enough by themselves, and their members."""
    large = {name: passes(table, name, rule) for name, table in published.items() if len(table)}
    kept = [
        row["known"] or bool(large[row["name"]].loc[row["row"]]) for row in made_of.cells.to_dict("records")
    ]
    return _chosen(made_of, pd.Series(kept, index=made_of.cells.index, dtype=bool))


def _chosen(made_of: Membership, kept: "pd.Series[bool]") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return some cells, numbered anew, and their members."""
    place = pd.Series(range(int(kept.sum())), index=kept.index[kept], dtype="int64")
    members = made_of.members[made_of.members["cell"].isin(place.index)]
    cells = made_of.cells[kept].reset_index(drop=True)
    return cells, members.assign(cell=members["cell"].map(place).astype("int64"))
