"""Fixed words of every report, by language: the ones that belong to no study and no document."""

from collections.abc import Mapping

from survey.language import short, spoken

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "to": "to",
        "no_interval": "no interval",
        "at_least": "at least",
        "at_most": "at most",
        "unavailable": "not available",
        "suppressed": "too few cases to show",
        "protects": "protects other cells",
        "yes": "yes",
        "no": "no",
        "point": "point",
        "points": "points",
        "percentage_point": "percentage point",
        "percentage_points": "percentage points",
        "contents": "Contents",
        "appendix": "Appendix",
        "page": "page",
        "logo": "Logo",
        "skip": "Skip to the report",
        "figure": "Figure",
        "table": "Table",
        "numbers_behind": "The numbers behind figure",
        "numbers_behind_all": "The numbers behind the figures",
        "scroll": "scrolls sideways",
        "caution": "Read with care",
        "definition": "What this means",
        "finding": "What was found",
        "how_sure": "How sure",
        "caveat": "Keep in mind",
        "evidence": "See the evidence",
        "high": "high",
        "moderate": "moderate",
        "low": "low",
        "certainty_title": "How sure we are, in three words",
        "certainty_high": "The data settle it: the interval is narrow, or leaves no doubt about the direction of a "
        "difference, and no known weakness of the study is likely to turn it round.",
        "certainty_moderate": "The data point one way, but the interval is wide or a known weakness of the "
        "study could change the size.",
        "certainty_low": "A first indication: few cases, a wide interval or a weakness that could turn it "
        "round. Do not act on it alone.",
        "base": "Base",
        "notes": "Notes",
        "no_rows": "There is nothing to show here.",
        "no_value": "no value",
        "interval": "95% interval",
        "lower_end": "lower end",
        "upper_end": "upper end",
        "unit": "unit",
        "index": "Index",
        "sheet": "Sheet",
        "rows": "Rows",
        "back": "Back to the index",
        "sales": "Sales",
        "marketing": "Marketing",
        "gap": "Gap",
        "of": "of",
        "undefined": "undefined",
        "defined": "defined",
        "aligned": "aligned",
        "integrated": "integrated",
        "you": "you",
        "median": "Median",
        "best in class": "best in class",
        "average": "average",
        "laggard": "laggard",
        "world-class": "world-class",
        "rest": "rest",
        "published": "published",
        "good": "good",
        "fair": "fair",
        "weak": "weak",
        "with_outcome": "with",
        "without_outcome": "without",
        "declared": "declared beforehand",
        "exploratory": "exploratory",
        "fit": "fitted line with its 95% band",
        "one_company": "a company in one wave",
        "agreement": "both say the same",
        "incongruence": "same mean, further and further apart",
        "bins": "mean of a group of companies, 95% interval",
        "start_here": "Matters more, and further behind: start here",
        "chart": "chart",
        "what_chart_draws": "What the chart draws",
        "drawn_points": "points",
        "drawn_bars": "bars",
        "drawn_texts": "texts",
        "drawn_line": "guide line",
        "overview": "The answers in brief",
        "question": "Question",
        "answer": "Answer",
        "slide": "Slide",
        "findings": "What was found, and how sure it is",
        "result": "Result",
        "backup": "Backup",
        "backup_title": "Backup: how solid the numbers are",
        "backup_shown": "On the slides that follow",
        "backup_left": "In the report only",
        "sheet_of": "{title}: sheet “{sheet}” of tables.xlsx.",
        "other_rows": "The other rows stand in the report.",
        "rest_in_report": "The rest stands in the report.",
    },
    "de": {
        "to": "bis",
        "no_interval": "kein Intervall",
        "at_least": "mindestens",
        "at_most": "höchstens",
        "unavailable": "nicht verfügbar",
        "suppressed": "zu wenige Fälle",
        "protects": "schützt andere Zellen",
        "yes": "ja",
        "no": "nein",
        "point": "Punkt",
        "points": "Punkte",
        "percentage_point": "Prozentpunkt",
        "percentage_points": "Prozentpunkte",
        "contents": "Inhalt",
        "appendix": "Anhang",
        "page": "Seite",
        "logo": "Logo",
        "skip": "Direkt zum Bericht",
        "figure": "Abbildung",
        "table": "Tabelle",
        "numbers_behind": "Die Zahlen hinter Abbildung",
        "numbers_behind_all": "Die Zahlen hinter den Abbildungen",
        "scroll": "seitlich verschiebbar",
        "caution": "Mit Vorsicht zu lesen",
        "definition": "Was das bedeutet",
        "finding": "Was sich zeigt",
        "how_sure": "Wie sicher",
        "caveat": "Zu bedenken",
        "evidence": "Zum Beleg",
        "high": "hoch",
        "moderate": "mittel",
        "low": "gering",
        "certainty_title": "Wie sicher wir sind, in drei Worten",
        "certainty_high": "Die Daten entscheiden es: Das Intervall ist schmal oder lässt an der Richtung eines "
        "Unterschieds keinen Zweifel, und keine bekannte Schwäche der Studie dürfte sie umkehren.",
        "certainty_moderate": "Die Daten weisen in eine Richtung, aber das Intervall ist breit oder "
        "eine bekannte Schwäche der Studie könnte die Größe ändern.",
        "certainty_low": "Ein erster Hinweis: wenige Fälle, ein breites Intervall oder eine Schwäche, die "
        "das Ergebnis umkehren könnte. Allein darauf sollte niemand handeln.",
        "base": "Basis",
        "notes": "Anmerkungen",
        "no_rows": "Hier gibt es nichts zu zeigen.",
        "no_value": "kein Wert",
        "interval": "95-%-Intervall",
        "lower_end": "unteres Ende",
        "upper_end": "oberes Ende",
        "unit": "Einheit",
        "index": "Übersicht",
        "sheet": "Blatt",
        "rows": "Zeilen",
        "back": "Zurück zur Übersicht",
        "sales": "Vertrieb",
        "marketing": "Marketing",
        "gap": "Abstand",
        "of": "von",
        "undefined": "ungeklärt",
        "defined": "geklärt",
        "aligned": "abgestimmt",
        "integrated": "integriert",
        "you": "Sie",
        "median": "Median",
        "best in class": "Klassenbeste",
        "average": "Mittelfeld",
        "laggard": "Nachzügler",
        "world-class": "Weltklasse",
        "rest": "Übrige",
        "published": "veröffentlicht",
        "good": "gut",
        "fair": "ausreichend",
        "weak": "schwach",
        "with_outcome": "mit",
        "without_outcome": "ohne",
        "declared": "vorab festgelegt",
        "exploratory": "explorativ",
        "fit": "Regressionsgerade mit 95-%-Band",
        "one_company": "ein Unternehmen in einer Welle",
        "agreement": "beide sagen dasselbe",
        "incongruence": "gleiches Mittel, wachsender Abstand",
        "bins": "Mittelwert einer Gruppe von Unternehmen, 95-%-Intervall",
        "start_here": "Wichtiger und weiter zurück: hier anfangen",
        "chart": "Diagramm",
        "what_chart_draws": "Was das Diagramm zeigt",
        "drawn_points": "Punkte",
        "drawn_bars": "Balken",
        "drawn_texts": "Texte",
        "drawn_line": "Hilfslinie",
        "overview": "Die Antworten in Kürze",
        "question": "Frage",
        "answer": "Antwort",
        "slide": "Folie",
        "findings": "Was sich zeigt, und wie sicher es ist",
        "result": "Ergebnis",
        "backup": "Anhang",
        "backup_title": "Anhang: wie belastbar die Zahlen sind",
        "backup_shown": "Auf den folgenden Folien",
        "backup_left": "Nur im Bericht",
        "sheet_of": "{title}: Blatt „{sheet}“ in tables.xlsx.",
        "other_rows": "Die übrigen Zeilen stehen im Bericht.",
        "rest_in_report": "Alles Weitere steht im Bericht.",
    },
}
"""Wording by language, then by key; every language has every key."""


def speaks(language: str) -> bool:
    """Whether there is wording in a language, region ignored.

    Examples
    --------
    >>> speaks("de-AT"), speaks("xx")
    (True, False)
    """
    return language.replace("_", "-").split("-")[0].lower() in WORDS


def word(key: str, language: str = "") -> str:
    """Return the fixed wording of `key` in `language`, of which the region is ignored.

    Raises
    ------
    ValueError
        If there is no wording in that language, or none for that key.

    Examples
    --------
    >>> word("to", "de-AT"), word("how_sure")
    ('bis', 'How sure')
    """
    base = short(language or spoken())
    if base not in WORDS:
        raise ValueError(f"there is no wording in {language!r}; known languages are {', '.join(WORDS)}")
    if key not in WORDS[base]:
        raise ValueError(f"there is no wording for {key!r} in {base!r}")
    return WORDS[base][key]


def known_word(key: str, language: str = "") -> str:
    """Return the wording of `key` where there is one, else `key` itself, as for names the study gives.

    Examples
    --------
    >>> known_word("laggard", "de"), known_word("Pioneers", "de")
    ('Nachzügler', 'Pioneers')
    """
    return word(key, language) if key in WORDS["en"] else key


def text_in(texts: Mapping[str, str], language: str) -> str:
    """Return a text of a questionnaire in a language, region ignored; in its first one where it lacks it.

    Examples
    --------
    >>> text_in({"en": "Trust", "de": "Vertrauen"}, "de-AT"), text_in({"en": "Trust"}, "de")
    ('Vertrauen', 'Trust')
    """
    return texts.get(short(language)) or next(iter(texts.values()))


def letters(number: int) -> str:
    """Return the letters that a section of the appendix is called by, counted from 1.

    Examples
    --------
    >>> letters(1), letters(26), letters(28)
    ('A', 'Z', 'AB')
    """
    before, last = divmod(number - 1, 26)
    return (letters(before) if before else "") + chr(ord("A") + last)
