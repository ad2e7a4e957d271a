"""One column's guess: type, role and treatment, each with its reason; what is not clear is `unknown` and a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pipelines.contract_schema import HEADING, IN_TEXT
from pipelines.init_layout import period_format
from pipelines.init_shape import Shape
from pipelines.init_words import COUNTED, CPR_STATUS, DATED, HEALTH, MINUTED, MONTH, OERE, WEEK, is_code, says, told
from pipelines.measures import CLOCK, HOURS, MINUTES

SURE = 0.9  # of the cells; below it, and above HINT, nobody knows what the column is
HINT = 0.2
FULL = 0.95  # with more bad cells than the rest, a contract's default limit ends the run
NUMBERS = 0.98  # below it, what is no number may be a code of its own
MOST_CODES = 40
LEAST = 10  # a code of fewer people is not written: it could be somebody
INITIALS = r"^[A-ZÆØÅ]{2,4}$"
RARE_SHARE = 0.01  # more rows than this with rare codes: no closed list

Facts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Note:
    """A reason or a question: a message of the catalogue below `init.`, and its facts."""

    key: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a column seems to be. Codes are here only where a draft may hold them."""

    header: str
    name: str
    type: str  # string, integer, number, date, boolean; "" where it is not clear
    role: str
    why: Note
    treatment: str = ""  # "" is the role's default
    kind: str = ""
    shape: str = ""  # of an identifier: text where it is no CPR number
    time: str = ""
    formats: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # that may mean nothing in this column, though it is a number
    optional: bool = False  # some of the register's files or sheets lack it
    codes: tuple[str, ...] = ()
    rare_rows: int = 0  # rows with codes that are too rare to be written
    required: bool = False
    question: Note | None = None
    looks_like_id: bool = False  # may be a person's number that is no CPR number

    @property
    def kept(self) -> bool:
        """Whether the column goes into the vault as something to search."""
        return self.treatment not in ("drop", "pseudonym") and self.role in (
            "quasi_identifier",
            "sensitive",
            "plain",
            "date",
        )


_IDENTIFIERS: Final[Mapping[str, tuple[str, str]]] = {  # what the heading says -> role and kind
    "email": ("direct_identifier", ""),
    "phone": ("direct_identifier", ""),
    "account": ("direct_identifier", ""),
    "address": ("direct_identifier", ""),
    "town": ("direct_identifier", ""),
    "place_name": ("direct_identifier", ""),
    "name": ("direct_identifier", ""),
    "staff": ("linking_identifier", "staff"),
    "case": ("linking_identifier", "case"),
    "household": ("linking_identifier", "household"),
    "employer": ("linking_identifier", "employer"),
}


def guess(header: str, name: str, shape: Shape) -> Guess:
    """Return the guess of one column, seen alone; pipelines/init_links.py looks at the columns together."""
    if header == HEADING:
        return Guess(
            header=header, name=name, type="date", role="date", why=Note("why.period"), required=True,
            formats=(period_format(shape.values.to_list()),),
        )  # fmt: skip
    said = told(header) or ("sex" if set(shape.values.to_list()[:3]) == {"K", "M"} else "")
    plain = Guess(header=header, name=name, type="string", role="plain", why=Note("why.codes"))
    if not shape.given:
        if said in _IDENTIFIERS:
            role, kind = _IDENTIFIERS[said]
            return replace(plain, role=role, kind=kind, treatment="drop", why=Note(f"why.heading_{said}"))
        return replace(plain, treatment="drop", why=Note("why.empty"))
    return (
        _person(plain, shape)
        or _contact(plain, shape, said)
        or _text(plain, shape, said)
        or _identifier(plain, shape, said)
        or _measure(plain, shape)
        or _date(plain, shape, said)
        or _period(plain, shape, said)
        or _number(plain, shape, said)
        or _category(plain, shape, said)
    )


def percent(share: float) -> str:
    """Return a share in whole per cent; all is 100 only where it is all."""
    return f"{99 if 0.99 < share < 1 else round(100 * share)} %"


def _person(column: Guess, shape: Shape) -> Guess | None:
    if shape.cpr >= SURE:
        why = Note("why.cpr", {"share": percent(shape.cpr)})
        question = Note("ask.few_cpr", {"share": percent(shape.cpr)}) if shape.cpr < FULL else None
        return replace(
            column,
            role="person_identifier",
            kind="person",
            why=why,
            question=question,
            required=shape.given == shape.rows,
        )
    if shape.cpr_in_text >= SURE:
        facts = {"share": percent(shape.cpr_in_text)}
        question = Note("ask.few_cpr", facts) if shape.cpr_in_text < FULL else None
        return replace(
            column, role="person_identifier", kind="person", shape=IN_TEXT, why=Note("why.cpr_in_text", facts),
            question=question, required=shape.given == shape.rows,
        )  # fmt: skip
    if shape.cpr_rounded >= 0.02 and shape.cpr + shape.cpr_rounded >= SURE:
        facts = {"share": percent(shape.cpr_rounded)}
        return _unknown(column, Note("why.cpr_rounded", facts), Note("ask.cpr_rounded", facts))
    if shape.cpr >= HINT:
        note = Note("ask.some_cpr", {"share": percent(shape.cpr)})
        return _unknown(column, Note("why.some_cpr", {"share": percent(shape.cpr)}), note)
    return None


def _contact(column: Guess, shape: Shape, said: str) -> Guess | None:
    direct = replace(column, role="direct_identifier")
    for kind, share in (
        ("email", shape.mail),
        ("phone", shape.phone),
        ("address", shape.address),
        ("town", shape.town),
    ):
        if share >= 0.5:
            return replace(direct, why=Note(f"why.shape_{kind}", {"share": percent(share)}))
    if said not in ("text", "no_name") and shape.names >= 0.5 and shape.distinct >= 3 and shape.words < 5:
        return replace(direct, why=Note("why.shape_name", {"share": percent(shape.names)}))
    if said not in ("age", "sex") and shape.bare_phone >= SURE and shape.distinct > MOST_CODES:
        return _unknown(column, Note("why.bare_phone"), Note("ask.bare_phone"))
    return None


def _text(column: Guess, shape: Shape, said: str) -> Guess | None:
    free = replace(column, role="free_text")
    if said == "text" and (shape.words >= 2 or shape.distinct > MOST_CODES):
        return replace(free, why=Note("why.heading_text"))
    long_words = shape.words >= 4 and shape.distinct > 20 and shape.distinct > 0.1 * shape.given
    if long_words or (shape.longest > 120 and shape.words >= 2):
        return replace(free, why=Note("why.shape_text", {"words": round(shape.words)}))
    if shape.words >= 1.5 and shape.dates[1] < SURE and shape.holds_cpr:
        return replace(free, why=Note("why.text_cpr"))
    return None


def _identifier(column: Guess, shape: Shape, said: str) -> Guess | None:
    if said in _IDENTIFIERS:
        role, kind = _IDENTIFIERS[said]
        return replace(column, role=role, kind=kind, treatment="drop" if kind else "", why=Note(f"why.heading_{said}"))
    if said == "person_id":
        note = Note("ask.person_number")
        return replace(_unknown(column, Note("why.person_number"), note), looks_like_id=True)
    if said == "row_id" and shape.distinct > MOST_CODES and shape.commas + shape.points == 0:
        return replace(_unknown(column, Note("why.number_heading"), Note("ask.number")), looks_like_id=True)
    return None


def _date(column: Guess, shape: Shape, said: str) -> Guess | None:
    formats, read = shape.dates
    if shape.short_years >= 0.02 and not shape.typed_dates:
        facts = {"share": percent(shape.short_years)}
        return replace(_unknown(column, Note("why.short_years", facts), Note("ask.short_years", facts)), type="")
    if read < 0.5:
        return None
    why = Note("why.date", {"formats": ", ".join(formats)}) if formats else Note("why.typed_date")
    if read < FULL:
        facts = {"share": percent(read)}
        return replace(_unknown(column, Note("why.some_dates", facts), Note("ask.some_dates", facts)), type="")
    date = replace(column, type="date", role="date", formats=formats, why=why, required=shape.given == shape.rows)
    if shape.day_or_month_first:
        return replace(date, formats=("dd/mm/yyyy",), question=Note("ask.day_or_month"))
    if said == "birth":
        return replace(date, role="quasi_identifier", treatment="age_band", why=Note("why.birth"), time="historic")
    return date


def _period(column: Guess, shape: Shape, said: str) -> Guess | None:
    """A week or a month, a workbook's day: certain where it is written so or the heading says so, else a question."""
    if said in _IDENTIFIERS or said in ("age", "row_id", "diagnosis", "district"):
        return None
    date = replace(column, type="date", role="date", required=shape.given == shape.rows)
    week, month = says(column.header, WEEK), says(column.header, MONTH)
    if shape.serials >= FULL and says(column.header, DATED) and not shape.commas + shape.points:
        return replace(date, formats=("excel",), why=Note("why.serial"))
    if shape.short_days >= FULL and says(column.header, DATED):
        facts = {"share": percent(shape.short_days)}
        return replace(_unknown(column, Note("why.short_years", facts), Note("ask.short_years", facts)), type="")
    written = shape.period
    if not written or (written in ("yyww", "yymm") and not (week or month)):
        return None
    if written in ("yymm", "yyyymm", "yyyy-mm") and week:
        written = written.replace("mm", "ww")
    found = replace(date, formats=(written,), why=Note("why.period"))
    certain = week or month or not shape.digits
    return found if certain else replace(found, question=Note("ask.period"))


def _measure(column: Guess, shape: Shape) -> Guess | None:
    """Minutes on a clock or in hours, and amounts in øre."""
    numbers = shape.integers + shape.commas + shape.points
    number = replace(column, type="number", role="plain")
    if shape.clock >= 0.02 and shape.clock + numbers >= NUMBERS:
        ways = [CLOCK, *([HOURS] if shape.commas + shape.points else []), *([MINUTES] if shape.integers else [])]
        sure = ways == [CLOCK] and says(column.header, MINUTED)
        facts = {"ways": ", ".join(ways)}
        question = None if sure else Note("ask.minutes" if len(ways) > 1 else "ask.clock", facts)
        return replace(number, formats=tuple(ways), why=Note("why.minutes", facts), question=question)
    if numbers >= NUMBERS and says(column.header, OERE):
        return replace(number, formats=("øre",), why=Note("why.oere"))
    return None


def _number(column: Guess, shape: Shape, said: str) -> Guess | None:
    numbers = shape.integers + shape.commas + shape.points
    if (
        numbers < NUMBERS
        or shape.leading_zeros
        or _yes_no(column, shape)
        or said in ("sex", "district", "no_name", "diagnosis")
    ):
        return None
    if shape.width >= 6 and shape.digits == 1.0 and shape.distinct <= MOST_CODES:
        return None  # long numbers, few of them, alike in width: the codes of something
    if shape.commas >= 0.01 and shape.points - shape.thousands >= 0.01 and not shape.number_cells:
        return replace(_unknown(column, Note("why.two_marks"), Note("ask.two_marks")), type="")
    if is_code(column.header) and shape.digits == 1.0 and shape.distinct <= 1000:
        return None
    whole = shape.integers >= SURE and shape.commas + shape.points <= 1 - SURE
    if shape.integers + 0.001 < numbers:
        whole = False
    found = replace(column, type="integer" if whole else "number", why=Note("why.number"))
    if said == "age":
        return replace(found, role="quasi_identifier", why=Note("why.age"), time="historic")
    if whole and shape.width >= 6 and shape.distinct > MOST_CODES and shape.digits == 1.0:
        return replace(
            _unknown(column, Note("why.long_digits", {"digits": shape.width}), Note("ask.number")), looks_like_id=True
        )
    if whole and shape.distinct == shape.rows > 100 and not said:
        return replace(_unknown(column, Note("why.unique"), Note("ask.number")), looks_like_id=True)
    if said == "days" and whole:
        return replace(found, why=Note("why.days"), required=shape.given == shape.rows)
    found = replace(found, role=_kind_of_fact(said))
    if shape.nines and not shape.number_cells:
        return replace(found, missing=(shape.nines,), question=Note("ask.nines"))
    return found


def _category(column: Guess, shape: Shape, said: str) -> Guess:
    if _yes_no(column, shape) and said not in ("sex", "civil"):
        yes_no = replace(column, type="boolean", formats=(shape.yes_no,), role=_kind_of_fact(said))
        if shape.yes_no == "1/2":
            return replace(yes_no, why=Note("why.one_two"), question=Note("ask.one_two"))
        return replace(yes_no, why=Note("why.yes_no"))
    if said == "district":
        road = replace(
            column, role="quasi_identifier", treatment="district", why=Note("why.road_code"), time="snapshot"
        )
        return (
            replace(road, question=Note("ask.districts")) if shape.digits >= SURE else replace(road, treatment="drop")
        )
    facts = {"values": shape.distinct}
    spoken_for = said in ("quasi", "sensitive", "article_9", "diagnosis", "organisation", "no_name")
    if shape.capitals >= (0.8 if shape.distinct > MOST_CODES else 0.5) and not spoken_for:
        return _unknown(column, Note("why.capitals", {"share": percent(shape.capitals)}), Note("ask.capitals"))
    if shape.names >= 0.15 and shape.distinct > MOST_CODES and said != "no_name":
        return _unknown(column, Note("why.some_names", {"share": percent(shape.names)}), Note("ask.capitals"))
    initials = not spoken_for and not is_code(column.header)
    if initials and shape.distinct >= 8 and shape.like(INITIALS) >= SURE:
        return _unknown(column, Note("why.initials", facts), Note("ask.initials"))
    if shape.distinct <= MOST_CODES and shape.distinct <= max(2, 0.2 * shape.given):
        found = replace(column, role=_kind_of_fact(said), why=Note("why.codes", facts))
        if said == "sex":
            found = replace(found, why=Note("why.sex"), time="historic")
        elif said == "value":
            found = replace(found, role="quasi_identifier", why=Note("why.value"))
        elif shape.share(shape.values.str.contains(HEALTH)) > 0 and _mostly(shape, HEALTH):
            found = replace(found, role="sensitive", why=Note("why.health", facts))
        return _coded(found, shape)
    for system, pattern in (
        ("ATC", r"^[A-Z]\d\d[A-Z]{2}\d\d$"),
        ("ICD-10/SKS", r"^D?[A-Z]\d\d[A-Z0-9.]{0,5}$"),
        ("ICPC-2", r"^[A-Z]\d\d$"),
    ):
        if shape.like(pattern) >= SURE:
            return replace(column, role="sensitive", why=Note("why.code_system", {"system": system}))
    if shape.one_word >= SURE and shape.distinct > 0.02 * shape.given:
        return replace(_unknown(column, Note("why.numberish", facts), Note("ask.number")), looks_like_id=True)
    codes = is_code(column.header) or (shape.one_word >= SURE and shape.distinct <= 0.02 * shape.given)
    if said or codes:
        return replace(column, role=_kind_of_fact(said), why=Note("why.many_values", facts))
    return _unknown(column, Note("why.many_values", facts), Note("ask.many_values"))


def _coded(column: Guess, shape: Shape) -> Guess:
    """Return the column with codes that a draft may hold, if enough people share them: see init_links.py."""
    names = shape.names >= 0.05 or (
        shape.capitals > 0 and told(column.header) not in ("quasi", "sensitive", "article_9", "diagnosis")
    )
    if names or shape.holds_cpr or shape.phone or shape.mail or shape.address or shape.longest > 60:
        return replace(column, codes=(), why=Note("why.codes_unwritten", {"values": shape.distinct}))
    codes = shape.common(LEAST)
    if told(column.header) == "" and set(codes) & {"01", "90"} and set(codes) <= set(CPR_STATUS):
        rare = shape.rare_rows(LEAST)
        return replace(column, codes=CPR_STATUS, rare_rows=rare, time="snapshot", why=Note("why.cpr_status"))
    return replace(column, codes=tuple(codes))


def _mostly(shape: Shape, pattern: str) -> bool:
    return 2 * int(shape.values.str.contains(pattern).sum()) >= shape.distinct


def _yes_no(column: Guess, shape: Shape) -> bool:
    return bool(shape.yes_no) and not (shape.yes_no == "1/2" and says(column.header, COUNTED))


def _kind_of_fact(said: str) -> str:
    if said in ("sex", "age", "quasi"):
        return "quasi_identifier"
    return "sensitive" if said in ("sensitive", "article_9", "diagnosis") else "plain"


def _unknown(column: Guess, why: Note, question: Note) -> Guess:
    return replace(column, role="unknown", why=why, question=question)
