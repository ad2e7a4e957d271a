"""Traces of a person in free text, replaced by what they are: [CPR], [NAVN], [ADRESSE] and the others.

Text is dropped unless a contract says otherwise, for no list of rules finds every name: this makes text for use inside
the house less dangerous, never safe to hand out. Patterns find numbers; lists, cue words, surname endings and capitals
inside a sentence find names.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, overload

import polars as pl

from pseudonymisation import cpr
from pseudonymisation.names import WORD, Listed, find_names, listed_names, lower, own_names
from pseudonymisation.vocabulary import is_known, is_place, may_be_name

_MONTH = "(?:jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec)[a-zæøå]*"
_DATE = (
    rf"(?:[0-3]?\d\s?[./-]\s?[01]?\d\s?[./ -]\s?(?:(?:18|19|20)?\d\d)|(?:18|19|20)\d\d-[01]\d-[0-3]\d|"
    rf"[0-3]?\d\.?\s{_MONTH}\.?\s(?:(?:18|19|20)\d\d|\d\d)|[0-3]\d[01]\d\d\d)"
)
ROAD_ENDINGS = tuple(
    """
    vej vejen gade gaden gården gaard allé alle alleen alléen stræde strædet plads pladsen torv torvet vænge
    vænget park parken have haven boulevard boulevarden bakke bakken toft toften kær kæret eng engen vang vangen
    sti stien krog krogen lund lunden mark marken ager ageren høj højen skrænt skrænten kaj kajen kvarter
    kvarteret dal dalen strand stranden brink brinken ås åsen hegn hegnet gård stykket løkken lykken hus huse
    centret center
    """.split()  # noqa: SIM905
)
LONGEST_ENDING = 4 + max(map(len, ROAD_ENDINGS))
_NOT_ROAD = frozenset(
    ("bor", "boede", "ved", "på", "i", "til", "fra", "adresse", "adressen", "flyttet", "besøg", "hjem")
)
_DOOR = (
    r"(?:,?\s?(?:st(?:uen)?|kld?|\d{1,2})\.?(?:\s?sal)?\.?,?\s?(?:t\.?h|t\.?v|m\.?f|mf|th|tv)\b\.?"
    r"|,?\s(?:st\b|\d{1,2}\.)(?:\s?sal)?\.?)?"
)
_TOWN = r"(?:,?\s[1-9]\d{3}\s[A-ZÆØÅ][a-zæøå]+(?:\s(?:[CNSØVK]|[NS][VØ])\b)?)?"
# In order: where two could begin at one place, the first is taken. Only the group named `value…` is replaced.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("EMAIL", r"(?<![\w.+-])(?P<value>[\w.+%-]+@[\w-]+(?:\.[\w-]+)+)"),
    (
        "SAG",
        r"(?i:\b(?:sags?(?:nr|nummer|id)?|journal(?:nr|nummer)?|j\.?\s?nr|jnr|esas|kle)\b\.?:?\s{0,2}(?:nr\.?\s?)?)"
        r"(?P<value>[A-Z]{0,4}[-/]?\d[\w./-]*\d)",
    ),
    ("SAG", r"\b(?P<value>\d{2}\.\d{2}\.\d{2}-[A-ZÆØÅ]\d{2}-\d{1,6}-\d{2})\b"),
    (
        "KONTO",
        r"(?i:\b(?:konto(?:nr|nummer)?|reg(?:istrerings)?\.?\s?(?:nr|nummer)?)\b\.?:?\s{0,2})"
        r"(?P<value>\d{4}[\s./-]{0,3}(?:(?i:konto(?:nr|nummer)?\.?:?\s?))?\d[\d .-]{4,12}\d|\d{6,14})",
    ),
    ("KONTO", r"\b(?P<value>[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?)\b"),
    ("KONTO", r"(?<!\d)(?P<value>\d{4}[\s-]\d{4}[\s-]\d{4}[\s-]\d{4}|\d{4}[\s-]{1,3}\d{10}|\d{4}[\s-]\d{7})(?!\d)"),
    (
        "DATO",
        rf"(?i:\b(?:født|fødselsdag|fødselsdato|fødselsår|fødd|f\.?\s?d|f)\b\.?:?\s{{0,2}}(?:den\s|d\.\s?|i\s)?)"
        rf"(?P<value>(?i:{_DATE}|(?:18|19|20)\d\d))(?![\d])",
    ),
    ("DATO", r"(?<!\d)(?P<value>[0-3]?\d[./-][01]?\d[./-]19\d\d|19\d\d-[01]\d-[0-3]\d)(?!\d)"),
    (
        "TELEFON",
        r"(?i:\b(?:tlf|telefon|mobil|mob|tel|sms)(?:nr|nummer)?\b\.?:?\s{0,2}(?:nr\.?\s?)?)"
        r"(?P<value>\+?\d[\d .-]{3,15}\d)",
    ),
    (
        "TELEFON",
        r"(?<![\d+])(?P<value>(?:(?:\+|00)\s?45[\s-]?)?(?:[2-9]\d(?:[\s.-]?\d\d){3}|[2-9]\d{3}[\s.-]\d{4}|"
        r"[2-9]\d\d[\s.-]\d\d[\s.-]\d{3})|\+\d[\d -]{7,15}\d)(?![\d])",
    ),
    ("NUMMERPLADE", r"\b(?P<value>[A-ZÆØÅ]{2}[ -]?\d{2}[ .-]?\d{3})\b"),
    ("ADRESSE", r"\b(?P<value>(?!19|20)[1-9]\d{3}\s[A-ZÆØÅ][a-zæøå]{2,}(?:\s(?:[CNSØVK]|[NS][VØ])\b)?)"),
    (
        "INITIALER",
        r"(?:(?:(?i:mvh|vh|hilsen|sign|init|initialer|v/|ref)[.:]?|//?)\s?)(?P<value>[A-ZÆØÅ]{2,4})\b(?=[\s.,;)]|$)(?!\s?\d)",
    ),
    ("INITIALER", r"(?:^|(?<=[\s.]))/{1,2}\s?(?P<value>[A-Za-zÆØÅæøå]{2,4})\.?\s*$"),
)
# Each with the digits a text must have for it to be worth a look.
_NEEDS = {"EMAIL": 0, "INITIALER": 0, "SAG": 2, "DATO": 4, "NUMMERPLADE": 5, "TELEFON": 5, "KONTO": 6, "ADRESSE": 4}
# And, by the pattern's place, what stands in every text that it fits: looked for first, for it is found in no time.
_CUES: dict[int, tuple[str, ...]] = {
    0: ("@",),
    1: ("sag", "journal", "j", "esas", "kle"),
    3: ("konto", "reg"),
    6: ("f",),
    8: ("tlf", "telefon", "mob", "tel", "sms"),
    12: ("mvh", "vh", "hilsen", "sign", "init", "v/", "ref", "/"),
    13: ("/",),
}
_LONG = {5: 11, 9: 8}  # of one kind, these need more digits: by the pattern's place
# By the pattern's place, where alone it can begin: where a number does (of any length, of two or four digits), there or
# at a plus before it, at two letters before it. The others are looked for in the whole text.
_NUMBERS, _TWOS, _FOURS, _PLUSES, _LETTERS, _ANYWHERE = range(6)
_BEGINS = {2: _TWOS, 4: _LETTERS, 5: _FOURS, 7: _NUMBERS, 9: _PLUSES, 10: _LETTERS, 11: _FOURS}
_COMPILED = tuple(
    (kind, _LONG.get(place, _NEEDS[kind]), _CUES.get(place, ()), re.compile(pattern, re.MULTILINE))
    for place, (kind, pattern) in enumerate(_PATTERNS)
)
_MOST_NEEDED = max(needs for _, needs, _, _ in _COMPILED)
# What is worth a look in a text with so many digits, in order; where no cue is asked for, "" stands in every text.
_BY_DIGITS = tuple(
    tuple(
        (kind, words or ("",), pattern, _BEGINS.get(place, _ANYWHERE))
        for place, (kind, needs, words, pattern) in enumerate(_COMPILED)
        if needs <= digits
    )
    for digits in range(_MOST_NEEDED + 1)
)
FEWEST_OF_CPR = 3  # digits in what `cpr.find` takes for a number, letters that stand for digits aside
# A house number, its door and town; the road before it is read backwards.
_HOUSE = re.compile(rf"(?<=[^\W\d_])\.?\s\d{{1,3}}\s?(?:[A-Za-z]\b)?(?<!\s){_DOOR}{_TOWN}(?!\d)")
_ROAD = re.compile(
    r"(?:(?:[A-ZÆØÅ][\w.'’-]*|\d{1,2}\.)\s(?:(?:[A-ZÆØÅ][\w.'’-]*|af|den|det|de|og)\s){0,3})?[^\W\d_][\w'’-]*\.?\Z"
)
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\w+")
_STREET = re.compile(r"[^\d,]*[^\W\d_][^\d,]*")  # an address up to its number
NOT_INITIALS = frozenset(
    (
        "ABA",
        "APV",
        "BMI",
        "BT",
        "CPR",
        "CT",
        "DM",
        "DNR",
        "EKG",
        "EOJ",
        "FHB",
        "GOP",
        "HB",
        "HJ",
        "INR",
        "KOL",
        "MR",
        "MRSA",
        "OK",
        "PN",
        "SEL",
        "TCI",
        "UVI",
    )
)


class Trace(NamedTuple):
    """A trace of a person: where it stands and what it is."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Own:
    """Whom a text is about, and those at the same address: names and streets that are looked for first, in any case.

    A name that is an ordinary word (Maj, Storm, Bo) is one here. Made by `own_record`; compared by content.
    """

    names: frozenset[str]  # words in lower case
    streets: tuple[str, ...]  # in lower case, without numbers

    def stands_in(self, low: str) -> bool:
        """Return whether anything of it may stand in a text in lower case."""
        return any(name in low for name in self.names) or any(street in low for street in self.streets)


def own_record(*, names: AbstractSet[str] = frozenset(), addresses: AbstractSet[str] = frozenset()) -> Own:
    """Return what the register has of somebody, ready for her own texts."""
    roads = (_STREET.match(lower(address)) for address in addresses)
    streets = {road[0].strip(" .,") for road in roads if road is not None}
    return Own(own_names(names), tuple(sorted((road for road in streets if len(road) > 2), key=lambda r: (-len(r), r))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """Texts without the traces that were found, and how many there were of each type. UKENDT asks for a look."""

    texts: pl.Series
    counts: Mapping[str, int]


@overload
def redact(  # type: ignore[overload-overlap]  # a str is a sequence of str too
    texts: str, *, names: AbstractSet[str] = frozenset(), addresses: AbstractSet[str] = frozenset()
) -> str: ...
@overload
def redact(
    texts: pl.Series, *, names: AbstractSet[str] = frozenset(), addresses: AbstractSet[str] = frozenset()
) -> pl.Series: ...
@overload
def redact(
    texts: Sequence[str | None], *, names: AbstractSet[str] = frozenset(), addresses: AbstractSet[str] = frozenset()
) -> list[str | None]: ...


def redact(
    texts: str | pl.Series | Sequence[str | None],
    *,
    names: AbstractSet[str] = frozenset(),
    addresses: AbstractSet[str] = frozenset(),
) -> str | pl.Series | list[str | None]:
    """Return a text, or each of several, with every trace found replaced by its type in square brackets.

    `names` are full names or parts of them, `addresses` streets with or without numbers, both as the register has
    them and in any case. A run of name words is one [NAVN]. All else is kept, line breaks too; null stays null.
    """
    if isinstance(texts, str):
        return Redactor(names=names, addresses=addresses).text(texts)
    if isinstance(texts, pl.Series):
        return redact_column(texts, names=names, addresses=addresses).texts
    redactor = Redactor(names=names, addresses=addresses)
    return [None if text is None else redactor.text(text) for text in texts]


def redact_column(
    texts: pl.Series,
    *,
    names: AbstractSet[str] = frozenset(),
    addresses: AbstractSet[str] = frozenset(),
    own: Sequence[Own | None] | None = None,
) -> Redacted:
    """Return a column's texts redacted, identical texts looked at once, and how many traces of each type went.

    `own` says for each text whom it is about: that is looked for first, in any case.
    """
    redactor = Redactor(names=names, addresses=addresses)
    counts: Counter[str] = Counter()
    table: dict[str | tuple[str, Own], str] = {}
    types: dict[str | tuple[str, Own], tuple[str, ...]] = {}  # of texts with a trace
    made: list[str | None] = []
    for place, text in enumerate(texts.cast(pl.String).to_list()):
        if text is None:
            made.append(None)
            continue
        asked: str | tuple[str, Own] = text
        about = own[place] if own is not None else None
        if about is not None and about.stands_in(lower(text)):  # else the same text about others reads the same
            asked = text, about
        else:
            about = None
        done = table.get(asked)
        if done is None:
            traces = redactor.traces(text, own=about)
            done = table[asked] = replaced(text, traces)
            if traces:
                types[asked] = tuple([trace.type for trace in traces])
        made.append(done)
        for kind in types.get(asked, ()):
            counts[kind] += 1
    return Redacted(texts=pl.Series(texts.name, made, dtype=pl.String), counts=dict(sorted(counts.items())))


class Redactor:
    """Finds traces, with one set of names and addresses. `closed`: a word that it does not know is a trace too."""

    def __init__(
        self,
        *,
        names: AbstractSet[str] = frozenset(),
        addresses: AbstractSet[str] = frozenset(),
        closed: bool = False,
    ) -> None:
        self._names = _listed(frozenset(names))
        self._addresses = _by_first_word(frozenset(addresses))
        self._closed = closed

    def text(self, text: str) -> str:
        """Return the text with each trace replaced by its type."""
        return replaced(text, self.traces(text))

    def traces(self, text: str, *, own: Own | None = None) -> list[Trace]:
        """Return the traces in a text, in order; no two overlap. `own`: whom the text is about."""
        spans = [match.span() for match in _NUMBER.finditer(text)]
        digits = sum([end - start for start, end in spans])
        found = [Trace(start, end, "CPR") for start, end in cpr.find(text)] if digits >= FEWEST_OF_CPR else []
        small = text.lower()
        numbers = [start for start, _ in spans]
        twos, fours = ([start for start, end in spans if end - start == length] for length in (2, 4))
        pluses = numbers
        if "+" in text:
            pluses = sorted({*numbers, *(n - 1 for n in numbers if n and text[n - 1] == "+")})
        places = numbers, twos, fours, pluses, _letters_before(text, numbers)
        for kind, words, pattern, begins in _BY_DIGITS[min(digits, _MOST_NEEDED)]:
            for word in words:
                if word in small:
                    break
            else:
                continue
            for match in pattern.finditer(text) if begins == _ANYWHERE else _matches(pattern, text, places[begins]):
                if kind != "INITIALER" or match["value"].upper() not in NOT_INITIALS:
                    found.append(Trace(*match.span("value"), kind))
        if digits:
            found += _streets(text, numbers)
        if digits >= 10:
            found += [Trace(start, end, "UKENDT") for start, end in cpr.find_any_ten(text)]
        if self._addresses:
            found += [Trace(start, end, "ADRESSE") for start, end in self._listed_addresses(text)]
        if own is not None:
            found += _own_streets(text, own)
        kept = _apart(found) if len(found) > 1 else found
        names = find_names(
            text, listed=self._names, taken=[(trace.start, trace.end) for trace in kept],
            own=own.names if own is not None else frozenset(),
        )  # fmt: skip
        kept += [Trace(start, end, "NAVN") for start, end in names]
        if self._closed:
            kept += _unknown(text, kept)
        return sorted(kept, key=attrgetter("start")) if len(kept) > 1 else kept

    def _listed_addresses(self, text: str) -> list[tuple[int, int]]:
        words = [(match.start(), match.end(), match[0].lower()) for match in _WORD.finditer(text)]
        found = []
        for place, (start, _, word) in enumerate(words):
            for address in self._addresses.get(word, ()):
                part = words[place : place + len(address)]
                if len(part) == len(address) and all(w[2] == a for w, a in zip(part, address, strict=True)):
                    found.append((start, part[-1][1]))
        return found


def _unknown(text: str, taken: Sequence[Trace]) -> list[Trace]:
    """Return the words outside `taken` that are a place, may be a name, or stand in no vocabulary."""
    held = iter(sorted((trace.start, trace.end) for trace in taken))
    block = next(held, None)
    found = []
    for match in WORD.finditer(text):
        start, end = match.span()
        while block is not None and block[1] <= start:
            block = next(held, None)
        if block is not None and block[0] < end:
            continue
        word, low = match[0], lower(match[0])
        known = is_known(low)
        if is_place(low) and (word[0].isupper() or not known):
            found.append(Trace(start, end, "STED"))
        elif not known:
            found.append(Trace(start, end, "UKENDT"))
        elif word[0].isupper() and may_be_name(low):
            found.append(Trace(start, end, "NAVN"))
    return found


def _letters_before(text: str, numbers: Sequence[int]) -> list[int]:
    """Return where a number plate or an account's two letters may begin: two signs before a number, or three."""
    return [
        number - back
        for number in numbers
        for back in (3, 2)
        if number >= back and text[number - back].isupper() and text[number - back + 1].isupper()
    ]


def _matches(pattern: re.Pattern[str], text: str, starts: Sequence[int]) -> list[re.Match[str]]:
    """Return the matches of a pattern that begin at one of these places, in order, apart."""
    found: list[re.Match[str]] = []
    done = 0
    for start in starts:
        if start >= done:
            match = pattern.match(text, start)
            if match is not None:
                done = match.end()
                found.append(match)
    return found


def _streets(text: str, numbers: Sequence[int] | None = None) -> list[Trace]:
    """Return the addresses that a road's ending and a house number show. `numbers`: where numbers begin."""
    found, done = [], 0
    for number in [match.start() for match in _NUMBER.finditer(text)] if numbers is None else numbers:
        start = number - 2 if text[max(0, number - 2) : max(0, number - 1)] == "." else number - 1
        # Most numbers follow another word than a road's: that is seen at once, and the rest is dear.
        if start < done or not text[max(0, start - LONGEST_ENDING) : start].lower().endswith(ROAD_ENDINGS):
            continue
        match = _HOUSE.match(text, start)
        if match is None:
            continue
        done = match.end()
        road = _ROAD.search(text, max(0, match.start() - 80), match.start())
        if road is not None:
            first, _, rest = road[0].partition(" ")
            start = road.start() + (len(first) + 1 if rest and first.lower() in _NOT_ROAD else 0)
            found.append(Trace(start, match.end(), "ADRESSE"))
    return found


def _own_streets(text: str, own: Own) -> list[Trace]:
    """Return where somebody's own street stands, with a number after it or without."""
    found, small = [], lower(text)
    for street in own.streets:
        if street in small:
            pattern = rf"(?<!\w){re.escape(street)}(?!\w)(?:\s\d{{1,3}}\s?(?:[A-Za-z]\b)?)?"
            for match in re.finditer(pattern, text, re.IGNORECASE):
                found.append(Trace(match.start(), match.start() + len(match[0].rstrip()), "ADRESSE"))
    return found


def replaced(text: str, traces: Sequence[Trace]) -> str:
    """Return a text with each of its traces, in order and apart, replaced by its type."""
    if not traces:
        return text
    parts, done = [], 0
    for trace in traces:
        parts += [text[done : trace.start], f"[{trace.type}]"]
        done = trace.end
    return "".join([*parts, text[done:]])


def _apart(found: Sequence[Trace]) -> list[Trace]:
    """Return traces without overlaps: what was found first wins, the rest of another is redacted with it."""
    kept: list[Trace] = []  # in order, apart: their starts and their ends both rise
    order: list[int] = []  # when each was found
    for number, trace in enumerate(found):
        first = bisect_right(kept, trace.start, key=attrgetter("end"))
        last = bisect_left(kept, trace.end, key=attrgetter("start"))
        if first < last:
            over = range(first, last)
            start, end = min(trace.start, kept[first].start), max(trace.end, kept[last - 1].end)
            earliest = min(over, key=order.__getitem__)
            trace, number = Trace(start, end, kept[earliest].type), order[earliest]
        kept[first:last], order[first:last] = [trace], [number]
    return kept


@lru_cache(maxsize=4)
def _listed(names: frozenset[str]) -> Listed:
    return listed_names(names)


@lru_cache(maxsize=4)
def _by_first_word(addresses: frozenset[str]) -> dict[str, list[tuple[str, ...]]]:
    """Return the words of each address under its first, the longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for address in addresses:
        words = tuple(_WORD.findall(address.lower()))
        if words and (len(words) > 1 or len(words[0]) > 3):
            found.setdefault(words[0], []).append(words)
    for listed in found.values():
        listed.sort(key=len, reverse=True)
    return found
