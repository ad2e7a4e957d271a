"""What a column's heading tells: lists of Danish and English words, tried in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "é": "e", "ü": "u"})

# In order: the first that fits. They are searched in `plain(heading)`: small letters, words joined by `_`.
_HEADINGS: Final[Mapping[str, str]] = {
    "text": (
        r"bemaerk|notat|kommentar|fritekst|beskrivelse|begrundelse|(^|_)noter?(_|$)|remark|comment|"
        r"tekst$|description"
    ),
    "email": r"e_?mail|(^|_)mail|epost",
    "phone": r"telefon|(^|_)tlf|(^|_)mobil(nr|nummer|_|$)|phone|(^|_)fax",
    "account": r"konto(nr|nummer|_|$)|iban|nummerplade|registreringsnr|pasnr|pasnummer|passport|kortnr",
    "town": r"post_?(nr|nummer|distrikt|kode|code)|bynavn|(^|_)(by|zip|zipcode|city|town)$",
    "address": (
        r"adr(esse)?(_|$|s)|adresse|address|vej_?navn|(^|_)gade|street|hus_?(nr|nummer)$|(^|_)etage|"
        r"side_?doer|lokalitet|(^|_)c_?o(_|$)|koordinat|longitude|latitude|(^|_)gps"
    ),
    "place_name": r"plejecenter|plejehjem|bosted|institutionsnavn|opholdssted",
    "no_name": (
        r"(kommune|afdelings?|enheds?|ydelses?|diagnose|indsats|fil|kolonne|gruppe|type|kode|produkt|praeparat)_?navn|"
        r"(file|column|group|drug|product)_?name"
    ),
    "name": (
        r"navn$|(^|_)navn|(^|_)(first|last|full|sur|middle)?_?name$|surname|forename|paaroerende|"
        r"kontaktperson|(^|_)vaerge"
    ),
    "birth": r"foed_?(dt|dato|sels|t$|selsdag)|foedt$|(^|_)foed|birth|(^|_)dob",
    "staff": (
        r"sagsbeh|(oprettet|registreret|udfoert|godkendt|rettet|skrevet)_?af|(created|entered|changed)_?by|brugernavn|user_?name|(^|_)user(_id)?$|"
        r"medarb|behandler|visitator|ansvarlig|initialer|(^|_)laege(_|$)|ydernr|ydernummer|"
        r"staff|employee|physician|doctor"
    ),
    "case": (
        r"sags?_?(nr|nummer|id)|journal_?(nr|nummer|id)|forloebs?_?(nr|id)|henvisnings?_?(nr|id)|"
        r"kontakt_?id|encounter|(^|_)loebe?_?nr|case_?(nr|no|id|number)|episode_?id|admission_?id|(^|_)lpr_?id"
    ),
    "household": r"husstand|(adresse|bolig|hushold)s?_?(id|nr)|household|family_?id|familie_?(id|nr)",
    "employer": r"(^|_)(cvr|se)_?(nr|nummer)?$|arbejdsgiver_?(nr|id)|employer_?id",
    "person_id": (
        r"(borger|patient|person|klient|kunde|bruger|subject|participant|respondent|citizen)_?(id|nr|nbr|no|nummer|number|noegle|key)$|"
        r"(^|_)(seqn|cpr|pnr|personnummer)(_|$)"
    ),
    "article_9": (  # GDPR art. 9, beside health
        r"seksu|sex_?(orient|ever|num|age)|same_?sex|(^|_)race\d?(_|$)|ethnic|etnicitet|herkomst|oprindelse|"
        r"religion|fagforening|trosretning|union_?member"
    ),
    "diagnosis": r"(^|_)(diag|icd|sks|atc|icpc)(_|\d|$)|diagnosis_?code|diagnosekode",
    "days": r"^(days?|dag|dage|day_?(nr|no)|dag_?nr)$",
    "sex": r"(^|_)(koen|sex|gender|male|female|mand|kvinde)(_|$)",
    "age": r"^(alder|age)(_?(years?|aar|ved_.*|at_.*|i_aar))?$",
    "civil": r"civilstand|samliv|marital|maritalstatus|cohabit",
    "district": r"vej_?kode",
    "quasi": (
        r"age_?(decade|group|band|months)|alders_?(gruppe|interval)|distrikt|kommune|(^|_)sogn|region|"
        r"nationalitet|statsborger|foedeland|country|county|uddannelse|education|(^|_)erhverv|"
        r"occupation|stilling|income|indkomst|(^|_)sprog|language"
    ),
    "sensitive": (
        r"diagnos|(^|_)(icd|sks|atc|icpc|kontaktaarsag)|ydelse|indsats|laegemid|"
        r"medicin|drug|emne|niveau|funktionsn|funktionsevne|tilstand|handicap|misbrug|"
        r"pregnan|gravid|sygdom|disease|behandling|(^|_)event$|readmitted|marijuana|depress|hiv|testost|diabet|"
        r"a1c|gluc?_|metformin|insulin|blodtryk|kolesterol|alcohol|alkohol|smok(e|ing)|ryge"
    ),
    "organisation": r"(^|_)sor(_|$)|afdeling|enhed|(^|_)org|department|leverandoer|provider",
    "row_id": (
        r"^(id|nr|nummer|key|noegle|guid|uuid|index|row|raekke)$|"
        r"(^|_)(id|guid|uuid|loebenr|loebenummer|nbr|key|noegle)$"
    ),
    "value": r"^(vaerdi|value|resultat|result|svar|answer)$",
}
# Beside what a column is: words that say how its cells are to be read.
WEEK: Final = r"(^|_)(hon)?uge(nr|r)?(_|$)|week"
MONTH: Final = r"maaned|month|(^|_)(aar)?md(r)?(_|$)|periode|period"
DATED: Final = r"dato(_|$)|(^|_)dt(_|$)|date(_|$)|(^|_)dag(_|$)|(^|_)(start|slut|fra|til)(_|$)"
MINUTED: Final = r"minut|(^|_)min(_|$)|tid(_|$)|varighed|duration|timer"
OERE: Final = r"(^|_)oere(_|$)"
COUNTED: Final = r"antal|count|niveau|grad|score|klasse|trin|type|kode|level"  # 1 and 2 are no yes and no
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _HEADINGS.items())

DEATH: Final = r"doed|dodth|death|dead|deceased|(^|_)dod(s|_|$)"
# A population's date of when somebody came to live here; that of the latest address only is called so too.
ARRIVAL: Final = r"tilfly|indvandr|indrejse|indrdto|bopael|bosat|residen|immigra|arriv|move_?d?_?in"

# Words in a list of codes that tell of somebody's health.
HEALTH: Final = (
    r"(?i)indl[æa]g|udskr|ambulant|orlov|operation|diagnos|infark|apople|stroke|diabet|failure|cancer|kræft|"
    r"demens|d[øo]d"
)
# How a road ends.
ROADS: Final = (
    r"(?i)(vej|vejen|gade|gaden|allé|alle|alleen|stræde|strædet|plads|pladsen|torv|torvet|vænget|parken|park|haven|have|"
    r"boulevard|bakken|bakke|toften|engen|vang|vangen|stien|sti|krogen|lunden|lund|marken|mark|ager|høj|dal|gård|gården|"
    r"street|road|avenue|st\.|rd\.) +\d{1,3} ?[a-z]?\b"
)
# CPR's status codes: a known list is written whole, whatever a delivery happens to hold.
CPR_STATUS: Final = ("01", "03", "05", "07", "20", "30", "50", "60", "70", "80", "90")
# What people and systems write where nothing stands.
NOTHING: Final = (
    "-", "--", ".", "?", "NULL", "null", "NA", "N/A", "n/a", "NaN", "nan", "None", "Uoplyst", "uoplyst", "Ukendt",
    "ukendt", "Ikke oplyst", "ikke oplyst", "(tom)", "(blank)", "Ingen værdi", "#N/A", "#I/T", "Missing", "missing",
)  # fmt: skip
NO_DATES: Final = (  # for ever, or never
    "31-12-9999", "9999-12-31", "31.12.9999", "31/12/9999", "00000000", "000000000000",
)  # fmt: skip


def plain(heading: str) -> str:
    """Return a heading in small letters a-z, its words joined by `_`: `BorgerID`, `Borger-id` are `borger_id`."""
    words = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", "_", heading).lower().translate(_LETTERS)
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")


def told(heading: str) -> str:
    """Return what a heading says the column is, "" where it says nothing."""
    words = plain(heading)
    return next((kind for kind, pattern in _COMPILED if pattern.search(words)), "")


def says(heading: str, pattern: str) -> bool:
    """Return whether a heading has one of a pattern's words."""
    return re.search(pattern, plain(heading)) is not None


def is_code(heading: str) -> bool:
    """Return whether a heading says that its digits are a code: nothing to count with."""
    return re.search(r"kode|code|(^|_)type(_|$)|_id$", plain(heading)) is not None
