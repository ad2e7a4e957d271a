"""Whether a column looks as if it points at one person: by its name, by what its values look like."""

from __future__ import annotations

import re

import polars as pl

from pseudonymisation import cpr
from pseudonymisation.free_text import ROAD_ENDINGS
from pseudonymisation.name_words import FIRST_NAMES, SURNAMES

_BY_NAME = {
    "cpr": "cpr cprnr cprnummer personnummer personnr pnr ssn",
    "navn": "navn fornavn fornavne efternavn mellemnavn borgernavn name firstname lastname surname fullname",
    "adresse": "adresse adr vejnavn gade bopael bopæl gadeadresse address street streetaddress",
    "telefon": "telefon tlf tlfnr telefonnr telefonnummer mobil mobilnr mobilnummer phone phonenumber mobile",
    "email": "email mail mailadresse emailadresse",
    "konto": "konto kontonr kontonummer iban",
    "nummer": "journalnr journalnummer sagsnr sagsnummer pasnr pasnummer",
}  # fmt: skip
_KIND = {name: kind for kind, names in _BY_NAME.items() for name in names.split()}
_EMAIL = r"[\w.+%-]+@[\w-]+\.[\w.-]+"
_PHONE = r"^\s*(?:\+45\s?|0045\s?)?[2-9]\d(?:[ .-]?\d\d){3}\s*$"
_ROAD = rf"(?i)(?:{'|'.join(ROAD_ENDINGS)})\.?\s\d{{1,3}}"
_PSEUDONYM = r"^p1-[0-9A-Z*~$=]{20,}$"
_FEWEST = 20  # values, before uniqueness tells anything


def identifier_kind(values: pl.Series, *, may_be_unique: bool) -> str | None:
    """Return what kind of direct identifier a column of text looks like, None where it looks like none.

    A single CPR number or e-mail address is enough; phone numbers, addresses and names must be half of the values.
    `may_be_unique`: the column will be generalised, so numbers that are all different are no matter.
    """
    kind = _KIND.get(re.sub(r"[\W_\d]+", "", values.name.lower()))
    if kind is not None:
        return kind
    known = values.drop_nulls().cast(pl.String)
    distinct = known.unique()
    if distinct.len() == 0:
        return None
    digits = cpr.normalise_column(distinct, zero_pad=False)
    whole = distinct.str.strip_chars()
    if cpr.plausible_column(digits.drop_nulls()).any() or _nine_digits(distinct) or _within(distinct):
        return "cpr"
    if distinct.str.contains(_EMAIL).any():
        return "email"
    if whole.str.contains(_PSEUDONYM).any():
        return "nummer"
    for kind, pattern in (("telefon", _PHONE), ("adresse", _ROAD)):
        if distinct.len() > 1 and distinct.len() > known.len() / 2 and _share(distinct, pattern) >= 0.5:
            return kind
    if _names(distinct) >= 0.5:
        return "navn"
    number = whole.str.contains(r"^-?\d+([.,]\d+)?$").all()
    dates = as_dates(distinct).dtype == pl.Date
    unique = known.len() >= _FEWEST and distinct.len() == known.len() and not dates
    return "nummer" if unique and not (number and (may_be_unique or whole.str.contains("[.,]").any())) else None


def as_dates(values: pl.Series) -> pl.Series:
    """Return a column of text as dates where every value is one (2024-03-31, 31-03-2024), else as it is."""
    known = values.drop_nulls()
    if known.len() == 0:
        return values
    for shape, form in (
        (r"^\d{4}-\d\d-\d\d$", "%Y-%m-%d"),
        (r"^\d\d-\d\d-\d{4}$", "%d-%m-%Y"),
        (r"^\d\d\.\d\d\.\d{4}$", "%d.%m.%Y"),
        (r"^\d\d/\d\d/\d{4}$", "%d/%m/%Y"),
    ):
        if known.str.contains(shape).all():
            dates = values.str.to_date(form, strict=False)
            return dates if dates.null_count() == values.null_count() else values
    return values


def _nine_digits(distinct: pl.Series) -> bool:
    """Return whether half of the values are CPR numbers that lost their first zero in a spreadsheet."""
    padded = cpr.normalise_column(distinct.filter(distinct.str.contains(r"^\s*\d{9}\s*$")))
    return padded.len() > 0 and 2 * int(cpr.plausible_column(padded).sum()) >= distinct.len()


def _within(distinct: pl.Series) -> bool:
    """Return whether a CPR number stands inside some longer text."""
    texts = distinct.filter((distinct.str.len_chars() > 10) & (distinct.str.count_matches(r"[0-9OolI]") >= 8))
    for text in texts:
        for start, end in cpr.find(text):
            digits = cpr.normalise(text[start:end])
            if digits is not None and cpr.is_plausible(digits):
                return True
    return False


def _share(distinct: pl.Series, pattern: str) -> float:
    return int(distinct.str.contains(pattern).sum()) / distinct.len()


def _names(distinct: pl.Series) -> float:
    """Return how many of the values are names of people: two words or more, or five different single ones."""
    words = [value.lower().replace(",", " ").split() for value in distinct]
    full = [
        len(value) > 1 and value[0] in FIRST_NAMES | SURNAMES and value[-1] in FIRST_NAMES | SURNAMES for value in words
    ]
    single = [len(value) == 1 and value[0] in FIRST_NAMES | SURNAMES for value in words]
    enough = sum(full) >= 2 or sum(single) >= 5
    return (sum(full) + sum(single)) / len(words) if enough else 0.0
