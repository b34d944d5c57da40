"""The review file: what a name could be, for somebody to decide, and the decisions read back."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from survey.company_names import name_with_form, normalise_name
from survey.entity_resolution import CANDIDATES, NEW, NONE, Resolution
from survey.identifiers import redact, redacted
from survey.problems import Problem, first_of, raise_if_any
from survey.readers.spreadsheet import read_table

PROPOSED = [f"{part}_{rank}" for rank in range(1, CANDIDATES + 1) for part in ("candidate", "score")]
COLUMNS = ["name", "responses", "files", *PROPOSED, "decision"]
"""Columns of the review file; others that somebody adds are kept."""

ALLOWED = 'the id or name of a company, the number of a candidate (1-5), "new" or "none"'

NEAREST = 2
"""Candidates that a message names; the review file has all."""

UNNAMED = (
    "company_review.csv, as a check writes it: put it beside the study and name it there with "
    "`companies: {review_file: company_review.csv}`"
)
"""Where to decide while the study names no file of decisions."""

_SAYS = {"new": NEW, "none": NONE, "drop": NONE}


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What somebody decided of names.

    Parameters
    ----------
    frame
        Index ``row`` (line of the file), columns ``name`` and ``decision``: a company by id or name, "new" (a company
        of its own) or "none" (no company: its responses are dropped).
    file
        Where they stand.
    """

    frame: pd.DataFrame
    file: str = ""

    @property
    def by_name(self) -> Mapping[str, str]:
        """Decision by name."""
        return dict(zip(self.frame["name"], self.frame["decision"], strict=True))

    def problems(self, names: pd.Series, known: Collection[str]) -> list[Problem]:
        """Find decisions for companies that do not exist; those for names that are not there do no harm.

        Parameters
        ----------
        names
            Names in the answers, normalised with their legal forms.
        known
            Normalised ids, names and aliases of the companies there are.
        """
        there = name_with_form(self.frame["name"]).isin(names)
        meant = self.frame[there & ~self.frame["decision"].isin([NEW, NONE])]
        unknown = meant[~normalise_name(meant["decision"]).isin(known)]
        what = "{!r} is decided to be {!r}, which is no company of the study"
        return [
            Problem(what.format(name, decision), self.file, int(row), "decision", decision, ALLOWED)
            for row, name, decision in zip(unknown.index, unknown["name"], unknown["decision"], strict=True)
        ]


NOBODY_DECIDED = Decisions(pd.DataFrame({"name": [], "decision": []}, dtype="str"))


def company_review(
    resolution: Resolution, files: pd.Series, *, decisions: Decisions = NOBODY_DECIDED
) -> pd.DataFrame:
    """Put together what has to be decided, the names with the most responses first, then what is decided already.

    Of two names that are candidates of each other it is enough to decide one. An e-mail address or number of a
    person that stands for a company is left out: it is a problem, and not to be written down again.

    Parameters
    ----------
    resolution
        What the names were taken for.
    files
        File of each response.
    decisions
        What was decided before. Decisions for names that no longer occur are kept.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one line per name; ``candidate_1`` to ``candidate_5`` with their scores (0-1, two decimals).
    """
    candidates = resolution.candidates
    personal = redacted(candidates["name"]) != candidates["name"]
    proposed = _proposed(candidates[~personal])
    asked, full = resolution.responses["asked"], resolution.responses["full"]
    proposed = proposed.join(_counted(files, asked))
    kept = decisions.frame.assign(full=name_with_form(decisions.frame["name"]))
    kept = kept[~kept["full"].isin(name_with_form(proposed.index.to_series()))].join(
        _counted(files, full), on="full"
    )
    lines = pd.concat([proposed.rename_axis("name").reset_index(), kept], ignore_index=True)
    lines["responses"] = lines["responses"].fillna(0).astype("int64")
    lines["open"] = lines["decision"].isna()
    lines = lines.sort_values(["open", "responses", "name"], ascending=[False, False, True])
    return lines.reindex(columns=COLUMNS).reset_index(drop=True)


def read_review(path: Path, *, name: str = "") -> Decisions:
    """Read the decisions in a review file; none if there is no such file yet.

    Lines without a decision are passed over, and a file of headings alone decides nothing. The number of
    a candidate stands for it.

    Raises
    ------
    InputError
        If the file cannot be read, has no columns ``name`` and ``decision``, or decides one name in two ways.
    """
    file = name or path.name
    if not path.exists() or path.read_bytes().strip().count(b"\n") == 0:
        return Decisions(NOBODY_DECIDED.frame, file)
    table = read_table(path, None, required=("name", "decision"), name=file)
    said = table[table["name"].notna() & table["decision"].notna()]
    decision = said["decision"].str.strip()
    for rank in range(1, CANDIDATES + 1):
        candidate = said.get(f"candidate_{rank}", pd.Series(pd.NA, index=said.index, dtype="str"))
        decision = decision.mask((decision == str(rank)) & candidate.notna(), candidate)
    decision = decision.str.casefold().map(_SAYS).fillna(decision)
    frame = pd.DataFrame({"name": said["name"].str.strip(), "decision": decision}, dtype="str")
    raise_if_any(_decided_twice(frame, file))
    return Decisions(frame.rename_axis("row"), file)


def write_review(path: Path, review: pd.DataFrame) -> None:
    """Write a review file for a spreadsheet; decisions and columns that are in it already stay.

    The file is written beside the old one and put in its place, so that a crash leaves the old or the new.

    Raises
    ------
    InputError
        If there is a file that cannot be read as a review file; it is left as it is.
    """
    lines = review.astype("str")
    decided = read_review(path).frame["decision"]
    if len(decided):
        lines = _with_old(lines, read_table(path).assign(decision=decided))
    beside = path.with_name(f".{path.name}.new")
    lines.to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\n")
    os.replace(beside, path)


def _with_old(lines: pd.DataFrame, old: pd.DataFrame) -> pd.DataFrame:
    """Put decisions and further columns of the old lines into the new ones; decided lines that are gone are added."""
    old = old.assign(key=name_with_form(old["name"])).dropna(subset="key").drop_duplicates("key")
    old = old.set_index("key")
    keys = name_with_form(lines["name"])
    more = [column for column in old.columns if column not in lines]
    found = old.reindex(columns=[*PROPOSED, "decision", *more]).reindex(keys).set_axis(lines.index)
    lines = lines.assign(decision=found["decision"].fillna(lines["decision"]), **found[more])
    bare = lines["candidate_1"].isna()
    lines[PROPOSED] = lines[PROPOSED].mask(bare, found[PROPOSED])
    gone = old[old["decision"].notna() & ~old.index.isin(keys)].reset_index(drop=True)
    return pd.concat([lines, gone.reindex(columns=lines.columns)], ignore_index=True)


def review_problems(resolution: Resolution, where: pd.DataFrame, *, review_file: str) -> list[Problem]:
    """Make one problem of each name that nobody has decided yet; past 20, count the rest.

    Parameters
    ----------
    resolution
        What the names were taken for.
    where
        ``file``, ``row`` and ``column`` of each response.
    review_file
        Where the decision belongs; empty if the study names no such file.
    """
    to_do = f"decide in {review_file or UNNAMED}; of two names that are like each other one is enough"
    order = where.assign(asked=resolution.responses["asked"]).sort_values(["file", "row"])
    counted = order.groupby("asked").size()
    first = order.drop_duplicates("asked").set_index("asked")
    open_names = resolution.candidates["name"].isin(first.index)
    problems = []
    for name, found in resolution.candidates[open_names].groupby("name"):
        pairs = zip(found["called"].head(NEAREST), found["score"].head(NEAREST), strict=True)
        near = ", ".join(f"{called!r} ({score:.2f})" for called, score in pairs)
        at = first.loc[[str(name)]].to_dict("records")[0]
        more = f" ({counted[str(name)]} responses)" if counted[str(name)] > 1 else ""
        what = redact(f"{str(name)!r}{more} may be {near}")
        value = redact(str(name))
        problems.append(Problem(what, at["file"], int(at["row"]), at["column"], value, ALLOWED, to_do))
    return first_of(problems, "more names that may be those of other companies")


def _proposed(candidates: pd.DataFrame) -> pd.DataFrame:
    """One line per name in review, with its candidates side by side."""
    lines = pd.DataFrame({"name": candidates["name"].drop_duplicates().sort_values()}).set_index("name")
    for rank, found in candidates.groupby("rank"):
        own = found.set_index("name")
        lines[f"candidate_{rank}"] = own["called"]
        lines[f"score_{rank}"] = own["score"].round(2)
    return lines


def _counted(files: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Number of responses and files of each name."""
    pairs = pd.DataFrame({"file": files, "name": names}).dropna()
    some = pairs.drop_duplicates().sort_values("file").groupby("name")["file"].agg("; ".join)
    return pd.DataFrame({"responses": pairs.groupby("name").size(), "files": some})


def _decided_twice(frame: pd.DataFrame, file: str) -> list[Problem]:
    key = name_with_form(frame["name"]).fillna(frame["name"])
    meant = name_with_form(frame["decision"]).fillna(frame["decision"])
    first = meant.groupby(key).transform("first")
    again = frame[meant != first]
    return [
        Problem(
            f"{name!r} is decided in another way above",
            file,
            int(row),
            "decision",
            decision,
            "one decision a name",
        )
        for row, name, decision in zip(again.index, again["name"], again["decision"], strict=True)
    ]
