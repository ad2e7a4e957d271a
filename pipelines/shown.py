"""Names that may be shown: of files, sheets and columns, without the citizen who may stand in them."""

from __future__ import annotations

import re
import unicodedata

from pseudonymisation import cpr

LONGEST = 60
_MAIL = re.compile(r"\S+@\S+")


def names_somebody(text: str) -> bool:
    """Return whether a name holds something like a CPR number or an e-mail address."""
    return bool(cpr.find(text) or cpr.find_any_ten(text) or _MAIL.search(text))


def number_within(value: object, path: str = "") -> str | None:
    """Return where in a document, keys and escaped letters too, something like a CPR number stands; None: nowhere."""
    if isinstance(value, dict):
        for key, part in value.items():
            place = f"{path}.{key}" if path else str(key)
            found = place if _number(str(key)) else number_within(part, place)
            if found is not None:
                return found
    elif isinstance(value, list | tuple):
        return next((one for one in (number_within(part, path) for part in value) if one is not None), None)
    elif isinstance(value, str | int) and _number(str(value)):
        return path
    return None


def _number(text: str) -> bool:
    return bool(cpr.find(text) or cpr.find_any_ten(text))


def shown_name(text: str) -> str:
    """Return a name fit for an error, a log or a page: one line, not long, numbers like a CPR number as [CPR]."""
    plain = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    for start, end in sorted((*cpr.find(plain), *cpr.find_any_ten(plain)), reverse=True):
        plain = f"{plain[:start]}[CPR]{plain[end:]}"
    plain = " ".join(_MAIL.sub("[EMAIL]", plain).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
