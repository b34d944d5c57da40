"""The review file: what a name could be, for somebody to decide, and the decisions read back."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from survey.company_names import name_with_form, normalise_name
from survey.entity_resolution import AT, CANDIDATES, NEW, NONE, Resolution, name_and_place, named_at
from survey.identifiers import redact, redacted
from survey.problems import Problem, first_of, raise_if_any
from survey.readers.spreadsheet import read_table

PLACED = [f"{part}_{rank}" for rank in range(1, CANDIDATES + 1) for part in ("candidate", "place", "score")]
PROPOSED = [column for column in PLACED if not column.startswith("place")]
COLUMNS = ["name", "responses", "files", *PROPOSED, "decision"]
PLACED_COLUMNS = ["name", "place", "responses", "files", *PLACED, "decision"]
"""Columns of the review file, where no places are known and where some are; others that somebody adds are kept."""

ALLOWED = 'the id or name of a company, the number of a candidate (1-5), "new" or "none"'

NEAREST = 2
"""Candidates that a message names; the review file has all."""

WITHOUT_ADDRESS = "take out of this cell what is no name of a company"

UNNAMED = (
    "company_review.csv, as a check writes it: put it beside the study and name it there with "
    "`companies: {review_file: company_review.csv}`"
)
"""Where to decide while the study names no file of decisions."""

NOTHING_SHARED: Mapping[str, str] = MappingProxyType({})

_SAYS = {"new": NEW, "none": NONE, "drop": NONE}


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What somebody decided of names.

    Parameters
    ----------
    frame
        Index ``row`` (line of the file), columns ``name``, ``place`` ("" where none is known, NA where the name is
        meant wherever it stands) and ``decision``: a company by id or name, "new" (a company of its own) or "none"
        (no company: its responses are dropped). A company that is known by its place has it after the name; see
        `survey.entity_resolution.named_at`.
    file
        Where they stand.
    """

    frame: pd.DataFrame
    file: str = ""

    @property
    def by_name(self) -> Mapping[str, str]:
        """Decision by name, with its place where the decision is about that."""
        name, place = self.frame["name"], self.frame["place"]
        return dict(zip(name.where(place.isna(), name + AT + place), self.frame["decision"], strict=True))

    def problems(
        self,
        names: pd.Series,
        known: Collection[str],
        *,
        shared: Mapping[str, str] = NOTHING_SHARED,
        places: Collection[str] = (),
    ) -> list[Problem]:
        """Find decisions for companies that do not exist; those for names that are not there do no harm.

        Parameters
        ----------
        names
            Names in the answers, normalised with their legal forms.
        known
            Normalised ids, names and aliases of the companies there are.
        shared
            What tells apart the companies that bear one name, by that name, normalised.
        places
            Names in the answers with their places, normalised: what else tells companies apart.
        """
        there = name_with_form(self.frame["name"]).isin(names)
        meant = self.frame[there & ~self.frame["decision"].isin([NEW, NONE])]
        company, place = name_and_place(meant["decision"])
        key = normalise_name(company)
        told = (place != "") & named_at(name_with_form(company), place).isin(places)
        unknown, several = ~key.isin(known) & ~key.isin(shared), key.isin(shared) & ~told
        what = {
            "{0!r} is decided to be {1!r}, which is no company of the study": (unknown, ALLOWED),
            "{0!r} is decided to be {1!r}, which several companies are called": (several, None),
        }
        return [
            Problem(said.format(name, decision), self.file, row, "decision", decision, allowed or shared[of])
            for said, (wrong, allowed) in what.items()
            for row, name, decision, of in zip(
                meant.index[wrong].tolist(), meant["name"][wrong], company[wrong], key[wrong], strict=True
            )
        ]


NOBODY_DECIDED = Decisions(pd.DataFrame({"name": [], "place": [], "decision": []}, dtype="str"))


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
        `COLUMNS`, or `PLACED_COLUMNS` if any place is known, one line per name and place; ``candidate_1`` to
        ``candidate_5`` with their scores (0-1, two decimals).
    """
    candidates, responses = resolution.candidates, resolution.responses
    personal = redacted(candidates["name"]) != candidates["name"]
    proposed = _proposed(candidates[~personal]).join(_counted(files, responses["asked"]), on="asked")
    at = named_at(responses["full"], responses["place"]).where(responses["place"] != "")
    said = pd.concat([_counted(files, responses["full"]), _counted(files, at)])
    kept = decisions.frame.assign(full=_key(decisions.frame)).join(said, on="full")
    kept = kept[~kept["full"].isin(_key(proposed))]
    lines = pd.concat([proposed, kept], ignore_index=True)
    lines["responses"] = lines["responses"].fillna(0).astype("int64")
    lines["open"] = lines["decision"].isna()
    lines = lines.sort_values(["open", "responses", "name", "place"], ascending=[False, False, True, True])
    placed = responses["place"].ne("").any() or candidates["called_place"].ne("").any()
    placed |= decisions.frame["place"].notna().any()
    return lines.reindex(columns=PLACED_COLUMNS if placed else COLUMNS).reset_index(drop=True)


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
        candidate = named_at(_text(said, f"candidate_{rank}"), _text(said, f"place_{rank}"))
        decision = decision.mask((decision == str(rank)) & (candidate != ""), candidate)
    decision = decision.str.casefold().map(_SAYS).fillna(decision)
    place = _text(said, "place") if "place" in said else pd.NA
    parts = {"name": said["name"].str.strip(), "place": place, "decision": decision}
    frame = pd.DataFrame(parts, dtype="str")
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
    old = old.assign(key=_key(old)).dropna(subset="key").drop_duplicates("key")
    old = old.set_index("key")
    proposed = [column for column in lines if column in PLACED]
    more = [column for column in old.columns if column not in (*lines, *PLACED_COLUMNS)]
    found = old.reindex(columns=[*proposed, "decision", *more]).reindex(_key(lines)).set_axis(lines.index)
    lines = lines.assign(decision=found["decision"].fillna(lines["decision"]), **found[more])
    bare = lines["candidate_1"].isna()
    lines[proposed] = lines[proposed].mask(bare, found[proposed])
    gone = old[old["decision"].notna() & ~old.index.isin(_key(lines))].reset_index(drop=True)
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
    open_names = resolution.candidates["asked"].isin(first.index)
    problems = []
    for asked, found in resolution.candidates[open_names].groupby("asked"):
        name = found["name"].iloc[0]
        pairs = zip(found["called"].head(NEAREST), found["score"].head(NEAREST), strict=True)
        near = ", ".join(f"{called!r} ({score:.2f})" for called, score in pairs)
        at = first.loc[[str(asked)]].to_dict("records")[0]
        more = f" ({counted[str(asked)]} responses)" if counted[str(asked)] > 1 else ""
        value = redact(str(name))
        what = f"{value!r}{more} may be {redact(near)}"
        # A name with somebody's address or number is not written into the review file.
        advice = (ALLOWED, to_do) if value == name else ("the name of a company", WITHOUT_ADDRESS)
        problems.append(Problem(what, at["file"], int(at["row"]), at["column"], value, *advice))
    return first_of(problems, "more names that may be those of other companies")


def _proposed(candidates: pd.DataFrame) -> pd.DataFrame:
    """One line per name in review, with its candidates side by side."""
    lines = candidates[["asked", "name", "place"]].drop_duplicates().sort_values("asked", ignore_index=True)
    for rank, found in candidates.groupby("rank"):
        own = found.set_index("asked")[["called", "called_place", "score"]].round({"score": 2})
        own = own.set_axis([f"{part}_{rank}" for part in ("candidate", "place", "score")], axis=1)
        lines = lines.join(own, on="asked")
    return lines


def _key(lines: pd.DataFrame) -> pd.Series:
    """Name, normalised with its legal form, and place: what a line is about."""
    return named_at(name_with_form(lines["name"]), _text(lines, "place"))


def _text(table: pd.DataFrame, column: str) -> pd.Series:
    """A column that may be missing, "" where it says nothing."""
    return table.get(column, pd.Series("", index=table.index)).astype("str").fillna("").str.strip()


def _counted(files: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Number of responses and files of each name."""
    pairs = pd.DataFrame({"file": files, "name": names}).dropna()
    some = pairs.drop_duplicates().sort_values("file").groupby("name")["file"].agg("; ".join)
    return pd.DataFrame({"responses": pairs.groupby("name").size(), "files": some})


def _decided_twice(frame: pd.DataFrame, file: str) -> list[Problem]:
    key = _key(frame).fillna(frame["name"])
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
