"""Columns of an export claimed by questions, one way of finding them after another."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from survey.instrument import Instrument, Question
from survey.language import say
from survey.matching_problems import closest, export_row
from survey.places import PLACE_COLUMNS
from survey.problems import Problem
from survey.readers.cells import heading_key
from survey.readers.export import Export
from survey.similar_wording import Candidate, candidates, settle
from survey.wording import wording_key

STANDARD_COLUMNS = (
    *("respondent", "company", "function", "wave", "weight", "started", "ended", "duration_s"),
    *("job_title", "department", "email", "language", *PLACE_COLUMNS),
)
"""What an export column can be, besides the answer to a question."""

BY_MAP_ALONE = ("email", *PLACE_COLUMNS)
"""Standard columns that are personal: they are only read where the study maps them."""

ROLE_COLUMNS = {
    "respondent": "respondent",
    "company": "company",
    "function": "function",
    "started": "started",
    "duration": "duration_s",
}
"""Standard column that the question of a role fills."""

_FROM_PLATFORM = {
    "respondent": ("responseid", "respondentid"),
    "started": ("startdate", "datestarted", "start"),
    "ended": ("enddate", "submitdate", "datesubmitted", "end"),
    "duration_s": ("durationinseconds", "interviewtime"),
    "language": ("userlanguage", "startlanguage", "startsprache"),
}
_BY_OTHER_NAMES = {
    "firma": "company", "unternehmen": "company",
    "abteilung": "department", "bereich": "department", "funktion": "department",
}  # fmt: skip
"""Standard columns as people head them in the languages of the questionnaire."""
_LAST_PART = re.compile(r"[^/.\[\]]+(?=\]?\s*$)")
_CUT = 15
"""Letters and digits from which a heading may be an id cut short, as platforms with short codes do."""
_BEGINNING = 30
"""Letters from which a wording may be one cut short, as platforms with short labels do."""
_NUMBERED = re.compile(r"\s*[A-Za-z]{0,2}\d{1,3}\s*[.):]\s*")
"""The number that a platform or a person put before a question: `7.`, `7)`, `Q7:`."""
_IN_BRACKETS = re.compile(r"(.*\S)\s*\[([^\[\]]+)\]", re.DOTALL)


@dataclass(slots=True, eq=False)
class Claims:
    """Pairs of target and export column found so far, how and how surely, and what was wrong."""

    export: Export
    targets: dict[str, Question | None]
    wordings: dict[str, set[str]]
    pairs: list[tuple[str, str]] = field(default_factory=list)
    how: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    ambiguous: dict[str, list[Candidate]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, target: str, column: str, how: str) -> None:
        """Let a question claim a column."""
        self.pairs.append((target, column))
        self.how[target] = how

    def left(self) -> list[str]:
        """Return the columns that nothing claims, that are no metadata and are not passed over."""
        gone = {column for _, column in self.pairs} | set(self.export.metadata) | set(self.ignored)
        return [column for column in map(str, self.export.frame) if column not in gone]

    def taken(self) -> set[str]:
        """Return the questions and standard columns that have a column."""
        return {target for target, _ in self.pairs}


def readings(export: Export, column: str) -> list[str]:
    """Return the keys of what a column may be asking: its whole text, its own part of a matrix, its heading."""
    label, stem = export.label(column), export.stems.get(column, "")
    own = [label[dash.end() :] for dash in re.finditer(r"\s?[-–—:]\s?", label)]
    bracket = _IN_BRACKETS.fullmatch(label.strip())
    alone = [stem] if stem and list(export.stems.values()).count(stem) == 1 else []
    number = _NUMBERED.match(label)
    bare = [label[number.end() :]] if number else []
    texts = [label, *bare, *own, *([bracket[2]] if bracket else []), *alone, column]
    return [wording_key(text) for text in texts]


def wordings(question: Question) -> list[str]:
    """Return the keys of the wordings of a question, in every language, alone and after its stem."""
    stems = {language: question.stem.get(language, "") for language in question.text}
    texts = [(text, f"{stems[language]} {text}") for language, text in question.text.items()]
    return [wording_key(text) for pair in texts for text in pair]


def begun_by(key: str, by_wording: Mapping[str, set[str]]) -> set[str]:
    """Return the questions of which a wording begins like this, if this is long enough to tell."""
    if len(key) < _BEGINNING:
        return set()
    return {target for wording, found in by_wording.items() if wording.startswith(key) for target in found}


def find(
    export: Export,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
    ignored: Collection[str] = (),
) -> Claims:
    """Claim every column that can be claimed, without asking whether the result will do; see `match`."""
    targets = _targets(instrument)
    claims = Claims(export, targets, _targets_by_wording(targets))
    _claim_mapped(claims, instrument, columns or {})
    _pass_over(claims, ignored)
    mapped = claims.taken()
    _claim_by_heading(claims)
    _claim_by_wording(claims, mapped)
    _claim_choices(claims, instrument)
    _claim_similar(claims)
    _claim_by_other_names(claims)
    _claim_metadata(claims)
    return claims


def tick_groups(instrument: Instrument) -> dict[str, list[Question]]:
    """Return the options of every tick list, by the id of the list."""
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in instrument.columns.values():
        if question.kind == "tick":
            groups[question.group].append(question)
    return dict(groups)


def _targets(instrument: Instrument) -> dict[str, Question | None]:
    """Everything that a column can be, with its question if it has one."""
    questions = {ROLE_COLUMNS.get(q.role, q.id): q for q in instrument.columns.values()}
    found = (name for name in STANDARD_COLUMNS if name not in BY_MAP_ALONE)
    return {**dict.fromkeys(found), **questions}


def _targets_by_wording(targets: Mapping[str, Question | None]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for target, question in targets.items():
        for key in wordings(question) if question else ():
            found[key].add(target)
    return dict(found)


def _claim_mapped(claims: Claims, instrument: Instrument, columns: Mapping[str, str]) -> None:
    export = claims.export
    known = {name: [name] for name in STANDARD_COLUMNS}
    known |= {q.id: [ROLE_COLUMNS.get(q.role, q.id)] for q in instrument.columns.values()}
    known |= {group: [q.id for q in options] for group, options in tick_groups(instrument).items()}
    for key, heading in columns.items():
        labelled = [column for column, label in export.labels.items() if label == heading]
        found = [heading] if heading in export.frame else labelled
        if key not in known:
            what = say("the column map names a question that the instrument does not have")
            claims.problems.append(Problem(what, export.file, None, key, key, closest(key, known)))
        elif len(found) != 1:
            several = ", ".join(map(repr, found))
            what = (
                say(
                    "is the text of several columns ({columns}), mapped to {question!r}",
                    columns=several,
                    question=key,
                )
                if found
                else say("there is no such column, mapped to {question!r}", question=key)
            )
            allowed = closest(heading, found or map(str, export.frame))
            claims.problems.append(Problem(what, export.file, export_row(export), heading, heading, allowed))
        else:
            for target in known[key]:
                claims.add(target, found[0], "map")


def _pass_over(claims: Claims, ignored: Collection[str]) -> None:
    export = claims.export
    for column in ignored:
        if column in export.frame:
            claims.ignored[column] = "the study passes over it"
        else:
            what = say("there is no such column to pass over")
            allowed = closest(column, map(str, export.frame))
            claims.problems.append(Problem(what, export.file, export_row(export), column, column, allowed))


def _claim_by_heading(claims: Claims) -> None:
    exact = {target.casefold(): target for target in claims.targets}
    exact |= {q.id.casefold(): target for target, q in claims.targets.items() if q}
    bare = [(heading_key(name), target) for name, target in exact.items()]
    taken = claims.taken()
    for column in claims.left():
        target = _named(column.strip().casefold(), exact, bare)
        if target and target not in taken:
            claims.add(target, column, "id")


def _named(heading: str, names: Mapping[str, str], bare: Sequence[tuple[str, str]]) -> str:
    """Return what a heading names: as it stands, by its last part, by its letters and digits."""
    part = _LAST_PART.search(heading)
    last = part[0] if part else heading
    if heading in names or last in names:
        return names.get(heading) or names[last]
    for key in (heading_key(heading), heading_key(last)):
        found = {target for name, target in bare if name == key}
        if not found and len(key) >= _CUT:
            found = {target for name, target in bare if name.startswith(key)}
        if len(found) == 1:
            return found.pop()
    return ""


def _claim_by_wording(claims: Claims, mapped: Collection[str]) -> None:
    for column in claims.left():
        for key in readings(claims.export, column):
            found = claims.wordings.get(key, set())
            if len(found) == 1 and not found <= set(mapped):
                claims.add(next(iter(found)), column, "wording")
                break
    for column in claims.left():
        for key in readings(claims.export, column):
            found = begun_by(key, claims.wordings)
            if len(found) == 1 and not found & claims.taken():
                claims.add(next(iter(found)), column, "wording cut short")
                break


def _claim_choices(claims: Claims, instrument: Instrument) -> None:
    """Claim columns that hold all ticks of a list; pass over those that repeat what other columns say."""
    asking = {column: readings(claims.export, column) for column in claims.left()}
    for group, options in tick_groups(instrument).items():
        names = {wording_key(group), *(wording_key(stem) for stem in options[0].stem.values())}
        found = [column for column, keys in asking.items() if names & set(keys)]
        answered = [option.id for option in options if option.id in claims.taken()]
        if len(found) == 1 and not answered:
            for option in options:
                claims.add(option.id, found[0], "several choices in one cell")
        elif len(found) == 1 and len(answered) == len(options):
            claims.ignored[found[0]] = f"repeats the ticks of {group!r}, which have columns of their own"


def _claim_similar(claims: Claims) -> None:
    asking = {column: readings(claims.export, column) for column in claims.left()}
    found = candidates(asking, claims.wordings)
    taken, claims.ambiguous = settle(found, set(claims.targets) - claims.taken())
    for column, candidate in taken.items():
        claims.add(candidate.target, column, "similar wording")
        claims.scores[candidate.target] = candidate.score


def _claim_by_other_names(claims: Claims) -> None:
    """Claim what nothing else did by the words that people head a company and a department with."""
    for column in claims.left():
        target = _BY_OTHER_NAMES.get(column.strip().casefold())
        if target and target not in claims.taken() and column not in claims.ambiguous:
            claims.add(target, column, "id")


def _claim_metadata(claims: Claims) -> None:
    taken = claims.taken()
    for target, names in _FROM_PLATFORM.items():
        columns = [column for column in claims.export.metadata if heading_key(column) in names]
        if columns and target not in taken:
            claims.add(target, columns[0], "platform")
