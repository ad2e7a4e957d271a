"""How dates and yes/no are written in files: `dd-mm-yyyy hh:mm`, `Ja/Nej`."""

from __future__ import annotations

import re

DEFAULT_DATES = ("dd-mm-yyyy", "yyyy-mm-dd", "dd-mm-yyyy hh:mm", "dd-mm-yyyy hh:mm:ss", "yyyy-mm-dd hh:mm:ss")
ISO_DATES = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")  # how a cell that is a date comes out of a workbook or a Parquet file
DEFAULT_BOOLEANS = ("Ja/Nej", "J/N", "1/0", "true/false", "X/")
# A week or a month: what makes its text that of its first day, and how that is written. A year of two digits is 20yy.
PERIODS = {
    "yyww": (r"^([0-9]{2})([0-9]{2})$", "20${1}-${2}-1", "%G-%V-%u"),
    "yymm": (r"^([0-9]{2})([0-9]{2})$", "20${1}-${2}-01", "%Y-%m-%d"),
    "yyyyww": (r"^([0-9]{4})([0-9]{2})$", "${1}-${2}-1", "%G-%V-%u"),
    "yyyy-ww": (r"^([0-9]{4})-([0-9]{2})$", "${1}-${2}-1", "%G-%V-%u"),
    "yyyy-uww": (r"^([0-9]{4})-?[UuWw]([0-9]{2})$", "${1}-${2}-1", "%G-%V-%u"),
    "yyyymm": (r"^([0-9]{4})([0-9]{2})$", "${1}-${2}-01", "%Y-%m-%d"),
    "yyyy-mm": (r"^([0-9]{4})-([0-9]{2})$", "${1}-${2}-01", "%Y-%m-%d"),
    "mm-yyyy": (r"^([0-9]{2})-([0-9]{4})$", "${2}-${1}-01", "%Y-%m-%d"),
    # The CPR's uncertain dates: the day, or day and month, are zeros.
    "yyyymm00": (r"^([0-9]{4})([0-9]{2})00(?:0000)?$", "${1}-${2}-01", "%Y-%m-%d"),
    "yyyy0000": (r"^([0-9]{4})0000(?:0000)?$", "${1}-01-01", "%Y-%m-%d"),
}
SHORT = ("yyww", "yymm")  # whose first zero a workbook eats: 0407 comes as 407
SERIAL = "excel"  # days since 30 December 1899
OFFSET = "zz"  # a moment with its distance from Greenwich: 2024-10-27 02:30:00+02:00; its day is Denmark's
_CENTURY = re.compile(r"(19|20)(?:yy|åå)")
_TOKENS = {"yyyy": "%Y", "åååå": "%Y", "dd": "%d", "hh": "%H", "tt": "%H", "ss": "%S"}


def is_date_format(text: str) -> bool:
    """Return whether a text says how a date is written: day, month and a year of four digits, and nothing unknown.

    A week or a month is a date too, its first day: `yyww`, `yyyyww`, `yyyy-Uww`, `yyyymm`, `mm-yyyy`; so is an
    uncertain date of the CPR, `yyyy0000`, and a workbook's number, `excel`. Where a year has two digits, the format
    says the century: `dd-mm-20yy`.
    """
    if text.lower() in PERIODS or text.lower() == SERIAL:
        return True
    written = date_format(_CENTURY.sub("yyyy", text.lower().removesuffix(OFFSET)) if "%" not in text else text)
    rest = re.sub(r"%\.f|%[YmdHMS]|[-./ :T]", "", written)
    return not rest and all(written.count(part) == 1 for part in ("%d", "%m", "%Y"))


def date_format(text: str) -> str:
    """Return a format in strftime's letters: `dd-mm-yyyy hh:mm` as `%d-%m-%Y %H:%M`. One that has % stays as it is."""
    if "%" in text:
        return text
    out: list[str] = []
    for part in re.findall(r"yyyy|åååå|dd|hh|t(?=tt)|tt|mm|ss|\.(?:fff|000)|.", text.lower()):
        if part == "mm":
            out.append("%M" if "%H" in out else "%m")
        elif part[0] == "." and len(part) == 4:
            out.append("%.f")
        else:
            out.append(_TOKENS.get(part, part.upper() if part == "t" else part))
    return "".join(out)


def with_century(text: str) -> tuple[str, str, str] | None:
    """Return, for a format that says its century, what finds its texts, what puts the century in, and the format then.

    None for any other. `dd-mm-20yy` finds 05-01-24 and makes it 05-01-2024, a `dd-mm-yyyy`.
    """
    found = _CENTURY.search(text.lower())
    if found is None:
        return None
    before, after = text[: found.start()], text[found.end() :]
    parts = [re.sub(r"[A-Za-zÅå]{2}", r"[0-9]{2}", re.escape(part).replace("\\ ", " ")) for part in (before, after)]
    return f"^({parts[0]})([0-9]{{2}})({parts[1]})$", f"${{1}}{found[1]}${{2}}${{3}}", f"{before}yyyy{after}"


def is_boolean_format(text: str) -> bool:
    """Return whether a text says how yes and no are written: two words with a slash between, `X/` for X or nothing."""
    yes, slash, no = text.partition("/")
    return bool(slash and yes.strip() and yes.strip() != no.strip() and "/" not in no)
