"""Free text that a study keeps: what leads to a person or a company is marked before it goes anywhere."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from survey.companies import normalise_name
from survey.identifiers import PATTERNS

NAME_WORDS = 4
"""Words up to which an answer to a question for a name is taken for one."""

Mark = Callable[[str, Counter[str]], str]

_BRACKET = re.compile(rf"(\[(?:{'|'.join((*PATTERNS, 'company', 'name'))})\??\])|[\[\]]")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_TITLES = re.compile(
    r"\b((?:(?:(?:Mr|Mrs|Ms|Dr|Prof|Sr|Sra|Mme)\b\.?|Miss|Herrn?|Frau|Monsieur|Madame|Señora?|Signora?)\s+)+)"
    r"[^\W\d_a-z][\w'’-]+(?:\s[^\W\d_a-z][\w'’-]+)?"
)
_OPENING = frozenset(
    """a am an and as ask at auf bei bitte but by call contact danke das de dear dem den der des die dr e
    een ein eine el en for frau from give gli gracias hello herr herrn het hi i ich if il im in it its je la
    las le les let lo los madame maybe merci miss mit mme monsieur mr mrs ms my no nosotros not nous of on
    or our please prof see señor señora signor signora so sr sra thank thanks that the their then there they
    this to un una und une unser unsere very von we when wir with y yes you your zu""".split()  # noqa: SIM905
)
"""Words that open a sentence or a name of a thing, and are not part of a name."""


@dataclass(frozen=True, slots=True, eq=False)
class FreeText:
    """Answers in free words, with marks in the place of identifiers.

    Parameters
    ----------
    frame
        file, row, column, text: one line per answer; "[e-mail]" stands where an address stood.
    review
        file, row, column, kind, n: what was marked, and how often in the cell; never a value. A "name?" is
        two words with capitals that the other answers do not use otherwise.
    """

    frame: pd.DataFrame
    review: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the answers."""
        return self.frame.copy()


def review_free_text(
    texts: pd.DataFrame,
    *,
    companies: Iterable[str] = (),
    people: Iterable[str] = (),
    vocabulary: Iterable[str] = (),
) -> FreeText:
    """Mark identifiers in free text.

    Addresses, telephone numbers and the like are found by their form (`survey.identifiers.PATTERNS`),
    companies and people by their names, people also behind a title ("Mr", "Frau") and, as "name?", by two
    capitals in a row. A first name alone, that no other column gives, is not found: somebody has to read
    what is to be published.

    Parameters
    ----------
    texts
        file, row, column, text; no text is missing.
    companies
        Names of the companies of the study, with their aliases.
    people
        Names that other columns of the exports give.
    vocabulary
        Texts whose words are names of things, such as the questions.

    Examples
    --------
    >>> texts = pd.DataFrame({"file": "1.csv", "row": [2, 3], "column": "Q9",
    ...     "text": ["Ask Jane Doe of Acme, jane@acme.org.", "We plan together."]})
    >>> found = review_free_text(texts, companies=["Acme Ltd"])
    >>> found.frame["text"].tolist()
    ['Ask [name?] of [company], [e-mail].', 'We plan together.']
    >>> found.review[["row", "kind", "n"]].values.tolist()
    [[2, 'company', 1], [2, 'e-mail', 1], [2, 'name?', 1]]
    """
    different = [str(text) for text in texts["text"].unique()]
    words = {word for text in different for word in _WORD.findall(text)}
    common = {word for text in vocabulary for word in _WORD.findall(text.casefold())}
    common |= {word for word in words if word[0].islower()}
    marks: list[Mark] = [
        *(partial(_mark, re.compile(pattern), kind) for kind, pattern in PATTERNS.items()),
        *_named(_company_names(companies), "company", words),
        *_named(_people(people, common), "name", words),
        partial(_mark, _TITLES, "name", before=r"\1"),
        partial(_mark_capitals, common),
    ]
    done = {text: _marked(text, marks) for text in different}
    frame = texts.assign(text=texts["text"].map({text: found[0] for text, found in done.items()}))
    rows = [
        (file, row, column, kind, n)
        for file, row, column, text in texts[["file", "row", "column", "text"]].itertuples(index=False)
        for kind, n in sorted(done[text][1].items())
    ]
    review = pd.DataFrame(rows, columns=["file", "row", "column", "kind", "n"])
    return FreeText(
        frame.reset_index(drop=True),
        review.astype({"file": "str", "row": "int64", "column": "str", "kind": "str", "n": "int64"}),
    )


def _marked(text: str, marks: Iterable[Mark]) -> tuple[str, Counter[str]]:
    found: Counter[str] = Counter()
    # Square brackets are marks, which names are not looked for in; those that somebody typed become round ones.
    text = _BRACKET.sub(lambda bracket: bracket[1] or "()"[bracket[0] == "]"], text)
    for mark in marks:
        text = mark(text, found)
    return text, found


def _mark(pattern: re.Pattern[str], kind: str, text: str, found: Counter[str], *, before: str = "") -> str:
    text, n = pattern.subn(rf"{before}[{kind}]", text)
    if n:
        found[kind] += n
    return text


def _mark_capitals(common: set[str], text: str, found: Counter[str]) -> str:
    """Mark two or three words with capitals in a row, unless the last is used as an ordinary word elsewhere."""
    pieces, done = [], 0
    for start, end in _runs(text, common):
        pieces += [text[done:start], "[name?]"]
        found["name?"] += 1
        done = end
    return "".join([*pieces, text[done:]])


def _runs(text: str, common: set[str]) -> Iterator[tuple[int, int]]:
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        follows = word is not None and bool(run) and text[run[-1].end() : word.start()] == " "
        capital = word is not None and word[0][0].isupper() and any(map(str.islower, word[0]))
        if run and not (follows and capital):
            if len(run) > 1 and run[-1][0].casefold() not in common:
                yield run[0].start(), run[-1].end()
            run = []
        if word is not None and capital and (run or word[0].casefold() not in _OPENING):
            run.append(word)


def _named(names: Iterable[str], kind: str, words: set[str]) -> Iterator[Mark]:
    """Yield one mark for all names of which the first word is among the words of the texts."""
    present = {part for word in words for part in re.split(r"['’-]", word.casefold())}
    present |= {word.casefold() for word in words}
    likely = {name for name in names if (first := re.search(r"\w+", name)) and first[0].casefold() in present}
    if likely:
        longest_first = sorted(likely, key=lambda name: (-len(name), name))
        either = "|".join(r"[\W_]+".join(map(re.escape, re.findall(r"\w+", name))) for name in longest_first)
        pattern = re.compile(rf"(?<![\w\[])(?:{either})(?![\w\]])", re.IGNORECASE)
        yield partial(_mark, pattern, kind)


def _company_names(companies: Iterable[str]) -> list[str]:
    """Return names as they stand and without their legal forms, of three letters or more."""
    written = pd.Series([str(name) for name in companies], dtype="str")
    names = pd.concat([written, normalise_name(written).dropna()])
    return [name for name in names if sum(map(str.isalnum, name)) >= 3]


def _people(people: Iterable[str], common: set[str]) -> Iterator[str]:
    """Yield names, whole and word by word; a word that the texts use otherwise only stands in the whole name."""
    for name in people:
        words = _WORD.findall(name)
        if 0 < len(words) <= NAME_WORDS and len(name) >= 3:
            yield name
            yield from (
                word for word in words
                if len(word) >= 3 and word[0].isupper() and word.casefold() not in common | _OPENING
            )  # fmt: skip
