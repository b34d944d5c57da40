"""Job titles and departments read as sales, marketing or other, by a table that can be edited."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd
from pydantic import Field

from survey.declaration import Declared, read_declaration
from survey.language import mark
from survey.matching import MatchedExport
from survey.problems import Problem, raise_if_any
from survey.responses import FUNCTIONS
from survey.wording import wording_key

SHIPPED = Path(__file__).parent / "job_titles.yaml"

Function = Literal["sales", "marketing", "other"]
REVIEW = ("title", "n", "why", "words")
"""Columns of the review list."""

_ACCENTS = re.compile(r"[\u0300-\u036f]")


class TitleRule(Declared):
    """Words that say which function a title belongs to; see the comments in job_titles.yaml."""

    function: Literal["sales", "marketing", "other", "unclear"]
    priority: int = Field(default=2, ge=1)
    words: list[str] = Field(min_length=1)


class TitleTable(Declared):
    """How titles become functions.

    Parameters
    ----------
    rules
        Words and what they say; those of the smallest priority that apply decide.
    titles
        Whole titles, which decide before every rule.
    """

    rules: list[TitleRule] = Field(default_factory=list)
    titles: dict[str, Function] = Field(default_factory=dict)

    def with_titles(self, titles: Mapping[str, Function]) -> "TitleTable":
        """Return the table with further whole titles, which decide before those it has."""
        return self.model_copy(update={"titles": {**self.titles, **titles}})


class _Reading(NamedTuple):
    """What a title says: the function, or why it cannot be told; and the words that say it."""

    function: str | None
    why: str
    words: str


def read_title_table(path: Path | None = None) -> TitleTable:
    """Read a table of titles; the one that ships if no path is given.

    Raises
    ------
    InputError
        If the file does not fit, a word of a rule has no letter, or a title stands in it twice in
        different spelling with two functions.
    """
    table = _shipped() if path is None else read_declaration(path, TitleTable)
    file = SHIPPED.name if path is None else path.name
    problems = [
        Problem(
            "a word without a letter", file, column="rules", value=word, allowed="words, phrases, vertrieb*"
        )
        for rule in table.rules
        for word in rule.words
        if not title_key(word)
    ]
    keys: dict[str, str] = {}
    for title, function in table.titles.items():
        if keys.setdefault(title_key(title), function) != function:
            what = "the same title in another spelling has another function"
            problems.append(Problem(what, file, column="titles", value=title, allowed="one function a title"))
    raise_if_any(problems)
    return table


def functions_of_titles(titles: pd.Series, table: TitleTable | None = None) -> tuple[pd.Series, pd.DataFrame]:
    """Read job titles or departments as functions.

    Parameters
    ----------
    titles
        Text or NA.
    table
        Words and titles; the table that ships if None.

    Returns
    -------
    functions : pandas.Series
        "sales", "marketing", "other", or NA where the title is blank or it cannot be told.
    review : pandas.DataFrame
        Titles of which it cannot be told, most frequent first: `REVIEW`, that is the title, how often it
        is written so, why, and the words in it that speak for the one or the other.

    Examples
    --------
    >>> titles = pd.Series(["VP Sales", "Vertriebsleiterin", "CMO", "Sales & Marketing Director", "Baker"])
    >>> functions, review = functions_of_titles(titles)
    >>> functions.tolist()
    ['sales', 'sales', 'marketing', nan, nan]
    >>> review[["title", "why"]].values.tolist()
    [['Baker', 'says neither'], ['Sales & Marketing Director', 'says both']]
    """
    read = readings_of_titles(titles, table)
    functions = titles.map(dict(zip(read["title"], read["function"], strict=True))).astype("str")
    review = read[read["function"].isna()]
    return functions, review[list(REVIEW)].reset_index(drop=True)


def readings_of_titles(titles: pd.Series, table: TitleTable | None = None) -> pd.DataFrame:
    """Return title, n, function, why and words for every title as written, most frequent first."""
    table = table or _shipped()
    counts = titles.dropna().value_counts()
    whole = {title_key(title): function for title, function in table.titles.items()}
    rules = [(rule, _pattern(word)) for rule in table.rules for word in rule.words]
    known: dict[str, _Reading] = {}
    for key in {title_key(str(title)) for title in counts.index}:
        known[key] = (
            _Reading(whole[key], "the title is in the table", "") if key in whole else _read(key, rules)
        )
    read = [known[title_key(str(title))] for title in counts.index]
    frame = pd.DataFrame(
        {
            "title": counts.index.astype("str"),
            "n": counts.to_numpy(),
            "function": pd.Series([reading.function for reading in read], dtype="str"),
            "why": pd.Series([reading.why for reading in read], dtype="str"),
            "words": pd.Series([reading.words for reading in read], dtype="str"),
        }
    )
    return frame.sort_values(["n", "title"], ascending=[False, True], ignore_index=True)


def functions_of_people(
    titles: pd.Series, departments: pd.Series, table: TitleTable | None = None
) -> tuple[pd.Series, pd.Series]:
    """Read the functions of people by job title and department together.

    What says sales or marketing rules over what says something else or nothing; where title and
    department say the one and the other, it cannot be told.

    Parameters
    ----------
    titles, departments
        Text or NA, with one index.
    table
        As in `functions_of_titles`.

    Returns
    -------
    functions : pandas.Series
        "sales", "marketing", "other" or NA.
    why : pandas.Series
        Why it cannot be told; NA where it can, or where nothing is written.

    Examples
    --------
    >>> titles = pd.Series(["Regional Director", "Account Executive", None])
    >>> departments = pd.Series(["Sales", "Marketing", "Finance"])
    >>> functions_of_people(titles, departments)[0].tolist()
    ['sales', nan, 'other']
    """
    by_title, by_department = (functions_of_titles(column, table)[0] for column in (titles, departments))
    says, also = by_title.isin(FUNCTIONS), by_department.isin(FUNCTIONS)
    clash = says & also & (by_title != by_department)
    functions = by_title.where(says, by_department.where(also, by_title.fillna(by_department)))
    unsure = functions.isna() & (titles.notna() | departments.notna())
    why = pd.Series(pd.NA, index=titles.index, dtype="str")
    why = why.mask(unsure, mark("it cannot be told whether this is sales or marketing"))
    why = why.mask(clash, mark("title and department say one thing and the other"))
    return functions.mask(clash), why


def title_review(waves: Sequence[MatchedExport], table: TitleTable | None = None) -> pd.DataFrame:
    """Return how every job title and department of the files is read, those that cannot be told first.

    Returns
    -------
    pandas.DataFrame
        file, column, title, n, function (NA where it cannot be told), why, words.
    """
    parts = [
        readings_of_titles(matched.export.frame[matched.columns[key]], table).assign(
            file=matched.export.file, column=matched.columns[key]
        )
        for matched in waves
        for key in ("job_title", "department")
        if key in matched.columns
    ]
    columns = ["file", "column", "title", "n", "function", "why", "words"]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "n" else "str") for name in columns})
    frame = pd.concat(parts, ignore_index=True)[columns]
    told = frame["function"].notna().rename("told")
    return frame.loc[told.sort_values(kind="stable").index].reset_index(drop=True)


def title_key(title: str) -> str:
    """Return a title as it is compared: words without case, accents and punctuation.

    Examples
    --------
    >>> title_key("Geschäftsführer:in – Verkauf")
    'geschaftsfuhrer in verkauf'
    """
    apart = unicodedata.normalize("NFD", wording_key(title))
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def _read(key: str, rules: Sequence[tuple[TitleRule, re.Pattern[str]]]) -> _Reading:
    found = [(rule, match[0]) for rule, pattern in rules if (match := pattern.search(key))]
    if not found:
        return _Reading(None, "says neither", "")
    first = min(rule.priority for rule, _ in found)
    deciding = [(rule.function, word) for rule, word in found if rule.priority == first]
    functions = {function for function, _ in deciding}
    words = "; ".join(dict.fromkeys(word for _, word in deciding))
    if functions == {"sales", "marketing"}:
        return _Reading(None, "says both", words)
    if len(functions) > 1 or "unclear" in functions:
        return _Reading(None, "can be either", words)
    return _Reading(functions.pop(), "", words)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    """Compile a word or phrase of the table, in which "*" stands for any letters of a word."""
    tokens = (r"\w*".join(re.escape(title_key(part)) for part in token.split("*")) for token in word.split())
    return re.compile(rf"(?<!\w){' '.join(tokens)}(?!\w)")


@cache
def _shipped() -> TitleTable:
    return read_declaration(SHIPPED, TitleTable)
