"""Headings and question texts that ask for personal data, in the languages of the platforms."""

import re

from survey.readers.cells import heading_key
from survey.readers.export import Export
from survey.wording import wording_key

ADDED = {
    "name": """recipientlastname recipientfirstname firstname lastname username submittername
        benutzername nutzername""",
    "e-mail": "recipientemail emailaddress email emailadresse adresseemail",
    "ip address": "ipaddress ipaddr ipadresse",
    "coordinates": """locationlatitude locationlongitude locationaccuracy geolocation gps latitude longitude
        altitude precision""",
    "phone": "phonenumber",
    "other platform metadata": """externalreference externaldatareference deviceid imei subscriberid simserial
        submitterid submittedby customdata token zugangscode zugangsschlüssel accesscode refurl referrerurl audit
        attachments attachmentspresent attachmentsexpected""",
}
"""Columns that platforms add by themselves, by kind, as `heading_key` gives their headings."""

_OF_THE_BROWSER = frozenset({"browser", "version", "operatingsystem", "resolution", "useragent"})
"""What Qualtrics' question on the browser adds."""

_OF_PEOPLE = (
    r"names? of (the |your |a )?[\w ]{0,30}?(respondents?|participants?|interviewees?|persons?|people|managers?"
    r"|supervisors?|instructors?|teachers?|colleagues?|employees?|members?|contacts?|boss|superior)"
)
ASKED = {
    "e-mail": r"e ?mails?|e ?mail ?ad\w+|mailad\w+|courriel|correo( electr[oó]nico)?|posta elettronica",
    "ip address": r"ip( ad\w+)?|adresse ip|direcci[oó]n ip|indirizzo ip",
    "phone": (
        r"phone|phone numbers?|telephone( numbers?)?|cell ?phone|mobile( phone| number)?|whatsapp|fax"
        r"|telefon|telefonnummer|handy|handynummer|mobilnummer|rufnummer|durchwahl"
        r"|t[ée]l[ée]phone|num[ée]ro de portable|tel[ée]fono|m[oó]vil|cellulare|telefone|telefoon|telefoonnummer"
    ),
    "coordinates": (
        r"latitude|longitude|lat|lon|lng|gps|geo ?points?|geo ?location|coordinates"
        r"|breitengrad|l[äa]ngengrad|koordinaten|coordonn[ée]es gps|latitud|longitud|coordenadas"
    ),
    "name": (
        r"(first|last|full|given|family|middle|maiden|sur|fore|nick) ?names?|your names?|initials"
        r"|(respondent|participant|contact|person|employee|user|interviewee|enumerator|interviewer) ?s? names?"
        rf"|{_OF_PEOPLE}"
        r"|contact person|who are you"
        r"|vornamen?|nachnamen?|familiennamen?|ihr(en)? namen?|vollst[äa]ndiger name|ansprechpartner(in)?|kontaktperson"
        r"|pr[ée]noms?|nom de famille|votre nom|nom complet|nom et pr[ée]nom"
        r"|apellidos?|su nombre|nombre completo|nombre y apellidos?|cognome|nome e cognome|sobrenome|nome completo"
        r"|voornaam|achternaam|uw naam|f[öo]rnamn|efternamn|ditt namn|fornavn|etternavn|efternavn|dit navn"
        r"|imi[ęe] i nazwisko|nazwisko|ad soyad|ad[ıi]n[ıi]z|имя|фамилия|фио|ваше имя|الاسم|姓名|氏名|お名前|名前"
    ),
    "postal address": (
        r"(your|home|postal|street|mailing|private|work) address|street( address)?|post(al)? ?codes?"
        r"|zip( ?codes?)?|anschrift|ihre adresse|stra(ß|ss)e( und hausnummer)?|postleitzahl|plz|votre adresse"
        r"|code postal|su direcci[oó]n|c[oó]digo postal|domicilio|indirizzo"
    ),
    "personal number": (
        r"(employee|staff|personnel|passport|social security|national insurance|tax|id card) (id|no|nr|numbers?)|ssn"
        r"|personalnummer|mitarbeiternummer|personalausweisnummer|steuernummer|sozialversicherungsnummer"
        r"|matricule|num[ée]ro de s[ée]curit[ée] sociale|dni|codice fiscale|burgerservicenummer"
    ),
    "date of birth": (
        r"date of birth|birth ?dates?|birth ?day|dob|(date|when|day) (you )?(are|were|was) (you )?born"
        r"|geburtsdatum|geburtstag|date de naissance|fecha de nacimiento|data di nascita|geboortedatum"
    ),
}
"""Words of a heading or question text that ask for something personal, by kind."""

_ALONE = {
    "name": r"names?|namen|nom|nombre|nome|naam|contact|respondent name",
    "postal address": r"address|adresse|direcci[oó]n|adres",
}
"""Words that do so only where they are the whole heading."""

_ORGANISATIONS = re.compile(
    r"\b(compan(y|ies)|firms?|organi[sz]ations?|employers?|business(es)?|institutions?|schools?|universit(y|ies)|brands?"
    r"|products?|courses?|projects?|departments?|teams?|industr(y|ies)|job|titles?|positions?|roles?|functions?"
    r"|unternehmens?|firma|firmen|arbeitgebers?|organisation|abteilung|branche|funktion|position|berufsbezeichnung"
    r"|entreprise|soci[ée]t[ée]|organisme|poste|empresa|organizaci[oó]n|puesto|azienda|bedrijf)\b"
)
"""What has a name too, and is no person."""

WRITTEN = re.compile(
    r"\b(comments?|remarks?|feedback|suggestions?|anything else|please (specify|explain|describe|elaborate|provide)"
    r"|in your own words|open ended( response)?|free text|verbatim|notes|kommentare?|anmerkung(en)?|bemerkung(en)?"
    r"|bitte (angeben|erl[äa]utern|beschreiben|nennen)|sonstiges|freitext|verbesserungsvorschl[äa]ge|commentaires?"
    r"|pr[ée]cisez|remarques|comentarios?|observaciones|especifique|osservazioni|commenti|opmerkingen|toelichting)\b"
)
"""Words of questions that are answered in free words."""

_TEXT_FIELD = re.compile(r"_TEXT$|\[(?:Other|Sonstiges|Autre|Otro)\]$|[._/](?:other|autre|otro|sonstiges)$")
"""How platforms name the field for the words of an "other" answer."""

_PEOPLE = re.compile(
    rf"(first|last|full|sur|family) ?name|vorname|nachname|pr[ée]nom|apellido|cognome|your names?\b|{_OF_PEOPLE}"
)
"""Words that ask for the name of a person, whatever organisation is named beside it."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KINDS = {kind: re.compile(rf"\b(?:{words})\b") for kind, words in ASKED.items()}
_WHOLE = {kind: re.compile(words) for kind, words in _ALONE.items()}
_ADDED_BY_KEY = {key: kind for kind, keys in ADDED.items() for key in keys.split()}


def added_kind(export: Export, column: str) -> str:
    """Return the kind of what the platform itself added about a respondent; empty if it did not."""
    last = heading_key(column.rpartition("/")[2])
    if export.platform == "qualtrics":
        ends = {heading_key(re.split(r"_| - ", text)[-1]) for text in (column, export.label(column))}
        if ends & _OF_THE_BROWSER:
            return "other platform metadata"
    if column not in export.metadata:
        return ""
    if column.strip("_X").startswith(("gps", "geopoint")) or last.endswith(("latitude", "longitude")):
        return "coordinates"
    if export.platform != "kobo" and last == "name":
        return "name"
    return _ADDED_BY_KEY.get(last.rstrip("0123456789"), _ADDED_BY_KEY.get(last.removeprefix("x"), ""))


def asked_kind(export: Export, column: str) -> str:
    """Return the kind of personal data that a heading or question text asks for; empty if it asks for none.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"ContactEmail": ["x"], "Company name": ["Acme"]}, dtype="str")
    >>> export = Export(frame, {}, "spreadsheet", "utf-8", 1, np.array([2]), "2025.csv")
    >>> asked_kind(export, "ContactEmail"), asked_kind(export, "Company name")
    ('e-mail', '')
    """
    added = _ADDED_BY_KEY.get(heading_key(column))
    if added:
        return added
    texts = {wording_key(_HUMP.sub(" ", text)) for text in (column, export.label(column))}
    for kind, pattern in _KINDS.items():
        if any(pattern.search(text) and not _of_organisations(kind, text) for text in texts):
            return kind
    return next((kind for kind, pattern in _WHOLE.items() if any(map(pattern.fullmatch, texts))), "")


def asks_for_words(export: Export, column: str) -> bool:
    """Say whether a heading or question text asks for an answer in free words."""
    texts = (column, export.label(column))
    return is_text_field(column) or any(WRITTEN.search(wording_key(_HUMP.sub(" ", text))) for text in texts)


def is_text_field(column: str) -> bool:
    """Say whether a platform names the field for the words of an "other" answer like this."""
    return _TEXT_FIELD.search(column) is not None


def is_of_organisations(export: Export, column: str) -> bool:
    """Say whether a heading or question text asks for a company, a department or a job."""
    return any(_ORGANISATIONS.search(wording_key(text)) for text in (column, export.label(column)))


def _of_organisations(kind: str, text: str) -> bool:
    """Say whether a text asks for the name or address of an organisation, and for no person beside it."""
    if kind not in ("name", "postal address") or not _ORGANISATIONS.search(text):
        return False
    return not _PEOPLE.search(text)
