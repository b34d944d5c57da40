"""A company scored against a pack gets what the run computes for it, and clear words where it cannot be."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from alignmark.compare import compare, scored_companies, scores_of
from alignmark.comparison_text import said
from reports.canonical_json import sha256_of
from reports.documents.comparison import comparison_report
from reports.documents.standing import percentile_words
from reports.writers.html import to_html
from survey.problems import InputError
from tests.alignmark.conftest import Command
from tests.alignmark.small_pack import ITEMS, Packed, make_pack

HOSTILE = (
    "<script>alert(1)</script> & \"quotes\" 'single'",
    "=HYPERLINK(\"http://evil\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)",
    "\u202egnidaer fo redro eht", "\U0001f600 Smile \U0001f4c8 Ltd", "x" * 200, "\x1b[31mred\x07",
)  # fmt: skip


PLACES = ("percentile", "percentile_low", "percentile_high", "best_probability", "conf_low", "conf_high")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return make_pack(tmp_path_factory.mktemp("packs"))


@pytest.fixture
def own(packed: Packed, tmp_path: Path) -> Callable[..., Path]:
    """Write the answers of one company, changed, and return the path."""

    def write(
        change: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows, firm: str = "Beech"
    ) -> Path:
        rows = packed.answers[packed.answers["firm"] == firm]
        path = tmp_path / "own.csv"
        change(rows.copy()).to_csv(path, index=False)
        return path

    return write


def companies(packed: Packed) -> list[str]:
    panel = packed.panel.frame
    return list(panel.loc[panel["alignment"].notna(), "company"])


def test_every_company_gets_the_numbers_of_the_run(packed: Packed) -> None:
    """From its own answers alone, one company after the other."""
    panel = packed.panel.frame.set_index("company")
    shrunk = packed.shrunk.set_index("company")
    names = companies(packed)
    assert len(names) > 20
    same = ["alignment", "alignment_se", "goals", "trust", "gap", "gap_goals", "gap_trust", "alignment_sales"]
    scores = scores_of(packed.responses, packed.pack)
    for name in names:
        found = scored_companies(scores[scores["company"] == name], packed.pack).iloc[0]
        expected = panel.loc[name, same].astype(float).tolist()
        assert found[same].astype(float).tolist() == pytest.approx(expected, abs=1e-9)
        assert str(found["stage"]) == str(panel.loc[name, "stage"])
        expected = shrunk.loc[name, ["estimate", "conf_low", "conf_high"]].astype(float).tolist()
        own_shrunk = found[["shrunk", "shrunk_low", "shrunk_high"]].astype(float).tolist()
        assert own_shrunk == pytest.approx(expected, abs=1e-9)


def test_a_file_of_its_own_gives_a_company_the_same(packed: Packed, own: Callable[..., Path]) -> None:
    panel = packed.panel.frame.set_index("company")
    for name in ("Beech", companies(packed)[-1]):
        found = compare(own(firm=name), packed.pack).index
        for column in ("alignment", "alignment_se", "goals", "gap"):
            assert found[column] == pytest.approx(panel.loc[name, column], abs=1e-9)


@pytest.mark.parametrize("heavy", [1.0, 2.0])
def test_places_are_within_the_tolerance_that_the_pack_states(
    packed: Packed, tmp_path: Path, heavy: float
) -> None:
    packed = packed if heavy == 1 else make_pack(tmp_path, heavy=heavy)
    run, tolerance = packed.positions.set_index("company"), packed.pack.benchmarks.tolerance
    found = scored_companies(scores_of(packed.responses, packed.pack), packed.pack).set_index("company")
    away = (found.loc[run.index, list(PLACES)] - run[list(PLACES)]).abs().max()
    assert tolerance.percentile is not None
    assert away["percentile"] <= tolerance.percentile < 15
    assert tolerance.percentile_interval is not None
    assert away[["percentile_low", "percentile_high"]].max() <= tolerance.percentile_interval
    assert tolerance.best_probability is not None
    assert 100 * away["best_probability"] <= tolerance.best_probability
    assert away[["conf_low", "conf_high"]].max() < 1e-9
    middle = found["percentile"].sub(50).abs().idxmin()
    rows = packed.answers[packed.answers["firm"] == middle]
    rows.to_csv(tmp_path / "own.csv", index=False)
    words = percentile_words(compare(tmp_path / "own.csv", packed.pack))
    assert ("of the weight of all 30 score lower" in words) == (heavy > 1)


def test_the_order_of_rows_and_columns_and_the_name_never_matter(
    packed: Packed, own: Callable[..., Path]
) -> None:
    first = compare(own(), packed.pack).index
    turned = compare(own(lambda rows: rows.iloc[::-1, ::-1]), packed.pack).index
    nameless = compare(own(lambda rows: rows.drop(columns="firm")), packed.pack).index
    numbers = ["alignment", "alignment_se", "percentile", "percentile_low", "shrunk"]
    assert turned[numbers].tolist() == pytest.approx(first[numbers].tolist())
    assert nameless[numbers].tolist() == pytest.approx(first[numbers].tolist())


def test_one_of_several_companies_is_picked_by_any_of_its_spellings(packed: Packed, tmp_path: Path) -> None:
    answers = packed.answers.copy()
    mine = answers["firm"] == "Beech"
    answers.loc[mine & (answers["department"] == "sales"), "firm"] = "Fagus sylvatica"
    answers.to_csv(tmp_path / "all.csv", index=False)
    found = compare(tmp_path / "all.csv", packed.pack, names=["beech", "Fagus sylvatica"])
    assert sum(found.people.values()) == mine.sum()
    alone = packed.panel.frame.set_index("company").loc["Beech", "alignment"]
    assert found.index["alignment"] == pytest.approx(alone)


def test_answers_on_another_scale_are_brought_to_that_of_the_pack(
    packed: Packed, own: Callable[..., Path]
) -> None:
    items = [name for name in packed.pack.benchmarks.key.asked if name.startswith("goals_")]
    wide = own(lambda rows: rows.assign(**{name: 21 - 5 * rows[name].astype(float) for name in items}))
    found = compare(wide, packed.pack, scales=["goals=16--4"]).index
    assert found["goals"] == pytest.approx(compare(own(), packed.pack).index["goals"])
    with pytest.raises(
        InputError, match=r"--scale: 'goals' is no scale(.|\n)*no scale and no question 'gaols'"
    ):
        compare(wide, packed.pack, scales=["goals", "gaols=1-7"])


def test_a_view_of_few_people_is_not_shown(packed: Packed, own: Callable[..., Path]) -> None:
    few = compare(own(lambda rows: rows.groupby("department").head(1)), packed.pack)
    assert few.views.empty
    page = to_html(comparison_report(few))
    assert "a view must not be one person" in page
    text = "\n".join(said(few))
    assert "not shown: fewer than 3 people" in text
    assert "marketing less sales" not in text
    many = compare(own(lambda rows: pd.concat([rows] * 3)), packed.pack)
    assert set(many.views["function"]) == {"sales", "marketing"}
    assert "marketing less sales" in "\n".join(said(many))


def test_priorities_are_behind_the_best_and_say_why(packed: Packed, own: Callable[..., Path]) -> None:
    low = compare(own(lambda rows: rows.assign(**dict.fromkeys(ITEMS, 2))), packed.pack)
    assert list(low.priorities["label"]) == ["Goals", "Trust"] or list(low.priorities["label"]) == [
        "Trust",
        "Goals",
    ]
    assert (low.priorities["distance"] < 0).all()
    assert re.search(r"\(−[^)]+\) against the best in class, beyond chance", to_html(comparison_report(low)))
    assert low.priorities["distance"].is_monotonic_increasing
    high = compare(own(lambda rows: rows.assign(**dict.fromkeys(ITEMS, 5))), packed.pack)
    assert high.priorities.empty
    assert "No subject is behind the best in class" in to_html(comparison_report(high))
    assert high.index["percentile"] > 95
    assert str(high.index["stage"]) == "integrated"


def test_hostile_names_are_read_and_shown_as_text(packed: Packed, own: Callable[..., Path]) -> None:
    written = own(
        lambda rows: pd.concat([rows] * 9).assign(
            firm=[HOSTILE[n % len(HOSTILE)] for n in range(9 * len(rows))]
        )
    )
    found = compare(written, packed.pack, names=HOSTILE)
    assert sum(found.people.values()) == 9 * (packed.answers["firm"] == "Beech").sum()
    page = to_html(comparison_report(found))
    assert HOSTILE[0] not in page
    assert "<script>" not in page
    for name in HOSTILE:
        shown = replace(found, company=name)
        assert not set("\x1b\x07\u202e") & set("\n".join(said(shown)))
    turned = to_html(comparison_report(replace(found, company="".join(HOSTILE[5:]))))
    assert not set("\x1b\x07\u202e") & set(turned)


def test_the_terminal_speaks_the_language_of_the_page(packed: Packed, own: Callable[..., Path]) -> None:
    spoken = {language: said(compare(own(), packed.pack, language=language)) for language in ("en", "de")}
    assert len(spoken["en"]) == len(spoken["de"])
    assert spoken["de"][0].startswith("Ihr Unternehmen neben 30 Unternehmen: ")
    assert any(re.fullmatch(r"Perzentil +\d+ \(plausibel: \d+ bis \d+\)", line) for line in spoken["de"])
    assert not re.search(r"\b(the|you|of|points)\b", "\n".join(spoken["de"][2:-1]))


ENGLISH = re.compile(r"\b(the|is|are|of|and|row|did|found|allowed|to do)\b", re.IGNORECASE)


# --- what cannot be compared ------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "another scale": (lambda rows: rows.assign(goals_1=9), "9"),
    "another questionnaire": (lambda rows: rows[["firm", "department"]].assign(mood=3), "answers a statement"),
    "no function": (lambda rows: rows.drop(columns="department"), "heading function, or add one"),
    "one function": (lambda rows: rows[rows["department"] == "sales"], "nobody of marketing"),
    "one respondent": (lambda rows: rows.head(1), "nobody of"),
    "half filled": (lambda rows: rows.assign(trust_1=pd.NA, trust_2=pd.NA), "Trust"),
    "hardly filled": (lambda rows: rows.assign(**dict.fromkeys(ITEMS[1:], pd.NA)), "no answer is left"),
    "nobody": (lambda rows: rows.head(0), ""),
    "inattentive": (lambda rows: rows.assign(attention=5), "failed attention check"),
    "several waves": (lambda rows: rows.assign(wave=[2024, *[2025] * (len(rows) - 1)]), "waves 2024, 2025"),
    "a function unheard of": (lambda rows: rows.assign(department="Finance"), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_answers_that_cannot_be_compared_are_refused_in_words(
    packed: Packed, own: Callable[..., Path], command: Command, tmp_path: Path, case: str
) -> None:
    change, words = REFUSED[case]
    answer = command("compare", own(change), "--pack", packed.path, "--out", tmp_path / "out")
    assert answer.code == 1
    assert words in answer.err
    assert "Traceback" not in answer.err
    assert "own.csv" in answer.err
    assert "study.yaml" not in answer.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("case", ["another scale", "no function", "half filled"])
def test_what_cannot_be_compared_is_told_in_the_language_asked_for(
    packed: Packed, own: Callable[..., Path], command: Command, case: str
) -> None:
    answer = command("compare", own(REFUSED[case][0]), "--pack", packed.path, "--language", "de")
    assert "own.csv" in answer.err
    assert "Zu tun: " in answer.err
    assert not ENGLISH.search(answer.err)


def test_several_companies_are_counted_not_named(packed: Packed, tmp_path: Path, command: Command) -> None:
    packed.answers.to_csv(tmp_path / "all.csv", index=False)
    answer = command("compare", tmp_path / "all.csv", "--pack", packed.path)
    assert answer.code == 1
    assert "30 companies" in answer.err
    assert '--company "its name"' in answer.err
    assert "Alder" not in answer.err
    unknown = command("compare", tmp_path / "all.csv", "--pack", packed.path, "--company", "Nobody Ltd")
    assert "no answer is of a company called 'Nobody Ltd'" in unknown.err
    assert "Alder" not in unknown.err


# --- packs that are none ----------------------------------------------------------------------------------


def changed(packed: Packed, change: Callable[[dict], object], *, hashed: bool) -> str:  # type: ignore[type-arg]
    content = json.loads(packed.path.read_text(encoding="utf-8"))
    change(content)
    if hashed:
        content.pop("sha256", None)
        content["sha256"] = sha256_of(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"), ("hello", "cannot be read as JSON"), ("[1, 2]", "cannot be read as JSON"),
        ("{}", "is not a benchmark pack"), ("[" * 100_000, "cannot be read as JSON"), ("\ufeff{", "cannot be read"),
        ('{"format": "alignmark benchmark pack", "schema_version": 2}', "another version"),
        ('{"format": "alignmark benchmark pack", "schema_version": 1}', "was changed"),
        ('{"format": "alignmark benchmark pack", "schema_version": 1, "x": 1e999, "sha256": ""}', "was changed"),
        ('{"format": "a", "format": "alignmark benchmark pack"}', "cannot be read as JSON"),
        ("9" * 5000, "cannot be read as JSON"),
    ],
)  # fmt: skip
def test_what_is_no_pack_is_refused_in_words(
    own: Callable[..., Path], command: Command, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "pack.json").write_text(text, encoding="utf-8")
    answer = command("compare", own(), "--pack", tmp_path / "pack.json")
    assert answer.code == 1
    assert words in answer.err
    assert "To do: " in answer.err
    assert "Traceback" not in answer.err


def test_every_changed_byte_of_content_is_noticed(
    packed: Packed, own: Callable[..., Path], tmp_path: Path, command: Command
) -> None:
    whole = packed.path.read_bytes()
    for place in range(37, len(whole) - 90, len(whole) // 5):
        other = b"7" if whole[place : place + 1] != b"7" else b"8"
        (tmp_path / "pack.json").write_bytes(whole[:place] + other + whole[place + 1 :])
        answer = command("compare", own(), "--pack", tmp_path / "pack.json")
        assert (answer.code, answer.out) == (1, "")
        assert (
            "was changed" in answer.err or "cannot be read" in answer.err or "another version" in answer.err
        )


CONTRADICTIONS: dict[str, Callable[[dict], object]] = {  # type: ignore[type-arg]
    "no norms": lambda pack: pack["benchmarks"]["norms"].pop("alignment"),
    "norms that fall": lambda pack: pack["benchmarks"]["norms"]["goals"]["steps"].reverse(),
    "norms of one": lambda pack: pack["benchmarks"]["norms"]["goals"].update(n=1, steps=[]),
    "constructs": lambda pack: pack["benchmarks"]["key"]["constructs"].append("elsewhere"),
    "covariances": lambda pack: pack["benchmarks"]["covariances"]["sales"].pop(),
    "functions": lambda pack: pack["benchmarks"]["key"].update(functions=["sales", "finance"]),
    "nodes": lambda pack: pack["benchmarks"]["shrinkage"]["nodes"]["mu"].pop(),
    "spread": lambda pack: pack["benchmarks"]["spread"]["tau"].pop(),
    "asked": lambda pack: pack["benchmarks"]["key"]["asked"].append("<b>"),
    "a language of no report": lambda pack: pack["provenance"].update(language="de-<script>"),
    "a key too many": lambda pack: pack.update(companies=["Alder"]),
    "text for a number": lambda pack: pack["benchmarks"].update(best_share="<script>"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_pack_that_contradicts_itself_is_refused_though_its_hash_fits(
    packed: Packed, own: Callable[..., Path], tmp_path: Path, command: Command, case: str
) -> None:
    text = changed(packed, CONTRADICTIONS[case], hashed=True)
    (tmp_path / "pack.json").write_text(text, encoding="utf-8")
    answer = command("compare", own(), "--pack", tmp_path / "pack.json")
    assert answer.code == 1
    assert "does not fit the format of packs" in answer.err
    assert "<script>" not in answer.err
    assert "Alder" not in answer.err


def test_a_pack_is_read_in_the_language_of_its_study(
    packed: Packed, own: Callable[..., Path], tmp_path: Path, command: Command
) -> None:
    text = changed(packed, lambda pack: pack["provenance"].update(language="de-AT"), hashed=True)
    (tmp_path / "pack.json").write_text(text, encoding="utf-8")
    place = ("--pack", tmp_path / "pack.json", "--out", tmp_path / "out")
    assert command("compare", own(), *place).out.startswith("Ihr Unternehmen neben 30 Unternehmen: ")
    assert "Zu tun: " in command("compare", own(lambda rows: rows.head(1)), *place).err


def test_hostile_texts_of_a_pack_are_shown_as_text(
    packed: Packed, own: Callable[..., Path], tmp_path: Path, command: Command
) -> None:
    def spoil(pack: dict) -> None:  # type: ignore[type-arg]
        pack["provenance"].update(
            title="<img src=x onerror=alert(1)>\x1b[2J", terms="\u202e<script>x</script>"
        )
        pack["benchmarks"]["key"]["instrument"]["constructs"]["goals"]["title"]["en"] = "<b>$\\frac{a}$</b>"

    (tmp_path / "pack.json").write_text(changed(packed, spoil, hashed=True), encoding="utf-8")
    answer = command("compare", own(), "--pack", tmp_path / "pack.json", "--out", tmp_path / "out")
    assert answer.code == 0
    assert not set("\x1b\u202e") & set(answer.out)
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "<script>" not in page
    assert not set("\x1b\u202e") & set(page)


def test_a_huge_file_is_not_read(own: Callable[..., Path], tmp_path: Path, command: Command) -> None:
    with (tmp_path / "pack.json").open("wb") as file:
        file.truncate(9_000_000)
    answer = command("compare", own(), "--pack", tmp_path / "pack.json")
    assert "is too large for a pack" in answer.err


@pytest.mark.parametrize("missing", ["answers", "pack"])
def test_a_file_that_is_not_there_is_named(
    packed: Packed, own: Callable[..., Path], command: Command, missing: str
) -> None:
    answers = Path("nowhere.csv") if missing == "answers" else own()
    answer = command(
        "compare", answers, "--pack", packed.path if missing == "answers" else Path("nowhere.json")
    )
    assert answer.code == 1
    assert "nowhere" in answer.err


def test_the_command_says_it_and_writes_the_page(
    packed: Packed, own: Callable[..., Path], tmp_path: Path, command: Command
) -> None:
    answer = command("compare", own(), "--pack", packed.path, "--company", "Beech", "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("Beech beside 30 companies: A tiny study, 2025\n")
    assert "Best in class: the " in answer.out
    assert "Terms: Only for tests." in answer.out
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    for part in (
        "Where do you stand?",
        "What now?",
        "What would a fuller survey add?",
        "How to read this",
        "Only for tests.",
    ):
        assert part in page


def test_the_command_line_answers_without_heavy_libraries() -> None:
    code = (
        "import sys, alignmark.cli; print({'pandas', 'pydantic', 'numpy', 'matplotlib'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"
