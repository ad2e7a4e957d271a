"""Words that a study's draft is made by: which headings are outcomes, background or counts; known cut-offs; labels.

General words of registers and health, Danish and English; looked for in `plain(heading)`. No data set's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Both = tuple[str, str]  # Danish, English

# What is known only afterwards.
OUTCOME: Final = (
    r"readmi|genindl|(^|_)(outcome|udfald|endpoint)(_|$)|mortal|doed|dodth|death|dead|deceased|(^|_)died|relapse|"
    r"recurr|tilbagefald"
)
# The last day on which somebody could be seen.
FOLLOWED: Final = r"(^|_)fu_?(time|days|tid)|follow_?up|opfoelg|sidst_?set|last_?(seen|contact|visit)"
# A code that says that somebody was admitted.
ADMITTED: Final = r"(?i)^(akut )?(indl[æa]g|admi(t|ss))"
COUNTS: Final = r"(^|_)(antal|number|num|count|n|times|gange)(_|$)"
MEN: Final = ("m", "mand", "male", "mænd", "man")
WOMEN: Final = ("k", "f", "kvinde", "female", "kvinder", "woman")
# Columns that every search takes into account and none searches in: what people are judged by, what changes with time.
BACKGROUND: Final[tuple[tuple[str, str, Both], ...]] = (
    (r"(^|_)race\d?(_|$)", "race", ("race", "race")),
    (r"ethnic|etnicitet", "etnicitet", ("etnicitet", "ethnicity")),
    (r"herkomst|oprindelse", "herkomst", ("herkomst", "origin")),
    (r"indkomst|income|poverty", "indkomst", ("indkomst", "income")),
    (r"^((survey|index|indeks|calendar|kalender|registrerings)_?)?(aar|year|yr)$", "aar", ("år", "year")),
)
# Thresholds that everybody measures by, with the measurement's name and article.
CUTS: Final[tuple[tuple[str, int, Both], ...]] = (
    (r"(^|_)bmi$", 30, ("en BMI", "a BMI")),
    (r"(^|_)(sbp|bp_?sys\w*|systol\w*)(_|$)", 140, ("et blodtryk", "a blood pressure")),
)
LABELS: Final[Mapping[str, Both]] = {
    "alder": ("alder", "age"), "age": ("alder", "age"), "koen": ("køn", "sex"), "sex": ("køn", "sex"),
    "civilstand": ("civilstand", "civil status"), "marital_status": ("civilstand", "civil status"),
    "uddannelse": ("uddannelse", "education"), "education": ("uddannelse", "education"),
    "vaegt": ("vægt", "weight"), "weight": ("vægt", "weight"), "hoejde": ("højde", "height"),
    "height": ("højde", "height"), "puls": ("puls", "pulse"), "pulse": ("puls", "pulse"),
    "boligtype": ("boligtype", "kind of dwelling"), "distrikt": ("distrikt", "district"),
    "indsats": ("indsats", "service"), "ydelse": ("ydelse", "service"), "tilstand": ("tilstand", "condition"),
    "niveau": ("niveau", "level"), "leverandoer": ("leverandør", "provider"), "haendelse": ("hændelse", "event"),
    "event": ("hændelse", "event"), "lovgrundlag": ("lovgrundlag", "legal ground"), "type": ("type", "kind"),
    "fald": ("fald", "fall"), "indlagt": ("indlagt", "admitted"), "udskrevet": ("udskrevet", "discharged"),
    "hjemmepleje": ("hjemmepleje", "home care"), "genoptraening": ("genoptræning", "rehabilitation"),
    "modtaget": ("modtaget", "received"), "tilbudt": ("tilbudt", "offered"), "afsluttet": ("afsluttet", "ended"),
    "diagnose": ("diagnose", "diagnosis"), "primary_diagnosis": ("aktionsdiagnose", "primary diagnosis"),
    "aktionsdiagnose": ("aktionsdiagnose", "primary diagnosis"), "antal_besoeg": ("antal besøg", "number of visits"),
}  # fmt: skip
