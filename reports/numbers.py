"""The one formatter: every number and date that a person reads goes through here."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Copenhagen")
MONTHS = {
    "da": [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


class Language(StrEnum):
    """A language that people read: Danish first."""

    DA = "da"
    EN = "en"


def whole(value: int, language: Language) -> str:
    """Return an integer with the language's thousands mark: 1.187.412 in Danish, 1,187,412 in English."""
    text = f"{abs(value):,}"
    sign = "−" if value < 0 else ""
    return sign + (text.replace(",", ".") if language == Language.DA else text)


def decimal(value: float, language: Language, *, digits: int = 2) -> str:
    """Return a decimal number with a fixed number of digits and the language's decimal mark."""
    text = f"{abs(value):,.{digits}f}"
    if language == Language.DA:
        text = text.translate(str.maketrans(",.", ".,"))
    negative = value < 0 and any(character in "123456789" for character in text)
    return ("−" if negative else "") + text


def day(value: date, language: Language) -> str:
    """Return a date in words: 24. november 2026, 24 November 2026."""
    dot = "." if language == Language.DA else ""
    return f"{value.day}{dot} {MONTHS[language.value][value.month - 1]} {value.year}"


def clock(value: datetime, language: Language) -> str:
    """Return a time of day: kl. 05.42 in Danish, 05:42 in English."""
    return f"kl. {value:%H.%M}" if language == Language.DA else f"{value:%H:%M}"


def moment(value: datetime, language: Language) -> str:
    """Return date and time of day as the clock on a wall in Denmark shows them: the ledger writes UTC."""
    there = value.astimezone(HERE)
    return f"{day(there.date(), language)} {clock(there, language)}"


def seconds(value: float, language: Language) -> str:
    """Return a duration for a progress line: 1,1 s."""
    return decimal(value, language, digits=1) + " s"
